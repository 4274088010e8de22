"""Conductance drift: what seconds to years since programming do to a cell.

A chip has one age for the whole run; change within a run is read noise. Not to be
confused with the drift of an SDE.
"""

import math
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import as_float, scalar
from .._core._checks import is_concrete, non_negative
from .._core._random import normal
from .._core._types import Conductances, Key, Scalar
from ._base import AbstractConductanceError


BOLTZMANN_EV = 8.617333262e-5  # eV/K: SI 2019, exact to the digits given


class AbstractConductanceDrift(AbstractConductanceError):
    """A change of all cells with their age; an age of 0 is a fresh chip, exactly."""


class PowerLawDrift(AbstractConductanceDrift):
    r"""$g (t / t_\text{ref})^{-\nu}$ with an exponent of its own for each cell.

    The form of phase-change memory (structural relaxation). The exponent
    $\nu \sim N(\bar\nu, \sigma_\nu^2)$ belongs to the cell: the same at every age and
    after every programming.

    Args:
        nu: $\bar\nu$.
        nu_std: $\sigma_\nu$.
        reference: $t_\text{ref}$, when the conductance was read that the programming
            law describes, in seconds after programming.
        age: $t$, in seconds; 0 is fresh, otherwise `reference` or more.
    """

    is_redrawn: ClassVar[bool] = False

    nu: Float[Array, ""] = eqx.field(converter=scalar)
    nu_std: Float[Array, ""] = eqx.field(converter=scalar)
    reference: Float[Array, ""] = eqx.field(converter=scalar)
    age: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("drift.nu_std", self.nu_std, "of the exponent")
        if is_concrete(self.reference) and not 0 < float(self.reference) < math.inf:
            raise ValueError(
                "`drift.reference` must be positive, in seconds; got "
                f"{float(self.reference):g}."
            )
        _check_age(self.age, self.reference, "`drift.reference`")

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """The conductances at `age`, shape `(rows, cols)`, in siemens."""
        nu = self.nu + self.nu_std * normal(key, g.shape)
        is_fresh = self.age == 0
        time = jnp.where(is_fresh, 1.0, self.age / self.reference)
        return jnp.where(is_fresh, g, g * jnp.exp(-nu * jnp.log(time)))


class LogarithmicDrift(AbstractConductanceDrift):
    r"""$g + m(g) \ln\frac{t}{t_1} + (s(g) + r(g) \ln\frac{t}{t_1})\,\epsilon$, not < 0.

    A relaxation whose mean and spread move evenly on a logarithmic axis of time; $m$,
    $s$ and $r$ are polynomials in the conductance. A cell keeps its $\epsilon$ at all
    ages, so a cell's drift is one line over ln t; programming draws it afresh.

    Args:
        shift: Coefficients of $m$, in S, 1, 1/S, ...: lowest power first.
        spread: Coefficients of $s$, likewise.
        rate: Coefficients of $r$, likewise.
        age: t, in seconds; 0 is fresh.
        first: Smallest age at which the law holds, in seconds.
        unit: $t_1$, in seconds.
    """

    is_redrawn: ClassVar[bool] = True

    shift: Float[Array, " _"] = eqx.field(converter=as_float)
    spread: Float[Array, " _"] = eqx.field(converter=as_float)
    rate: Float[Array, " _"] = eqx.field(converter=as_float)
    age: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    first: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    unit: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)

    def __check_init__(self):
        _check_age(self.age, self.first, "the law's first time")

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """The conductances at `age`, shape `(rows, cols)`, in siemens."""
        at = lambda coefficients: jnp.polyval(coefficients[::-1], g)
        is_fresh = self.age == 0
        log = jnp.log(jnp.where(is_fresh, 1.0, self.age / self.unit))
        std = jnp.maximum(at(self.spread) + at(self.rate) * log, 0.0)
        aged = g + (at(self.shift) * log + std * normal(key, g.shape))
        return jnp.where(is_fresh, g, jnp.maximum(aged, 0.0))


def arrhenius(
    activation_energy: Scalar | float,
    temperature: Scalar | float,
    reference: Scalar | float = 300.0,
) -> Scalar:
    r"""How many times faster a change runs than at the temperature of its law.

    $\exp\left(\frac{E_a}{k} \left(\frac{1}{T_\text{ref}} - \frac{1}{T}\right)\right)$;
    1 for an energy of 0 or at the reference. An age is multiplied by it.

    Args:
        activation_energy: $E_a$, in electronvolts (the one unit here that is not SI).
        temperature: $T$, in kelvin.
        reference: $T_\text{ref}$, in kelvin.

    Raises:
        ValueError: If the energy is negative, or a temperature not positive.
    """
    energy, hot, cold = map(scalar, (activation_energy, temperature, reference))
    non_negative("drift.activation_energy", energy, "eV")
    for name, value in (("cell.temperature", hot), ("drift.temperature", cold)):
        if is_concrete(value) and not 0 < float(value) < math.inf:
            raise ValueError(
                f"`{name}` must be positive, in kelvin; got {float(value):g}."
            )
    return jnp.exp(energy / BOLTZMANN_EV * (1 / cold - 1 / hot))


def _check_age(age: Array, first: Array, name: str) -> None:
    if not is_concrete(age, first):
        return
    seconds, least = float(age), float(first)
    if seconds == 0:
        return
    if not least * (1 - 1e-6) <= seconds < math.inf:
        raise ValueError(
            f"`cell.age` must be None or 0 for a fresh chip, or at least {least:g} s "
            f"({name}); got {seconds:g} s."
        )
