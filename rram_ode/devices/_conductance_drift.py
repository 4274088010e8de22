"""Conductance drift: the change of a cell in seconds to years after programming.

A chip has one age for the whole run, or ages in blocks (`rram_ode.chip.Ageing`); change
that is faster is read noise. Conductance drift has nothing to do with the drift of an
SDE.
"""

import abc
import dataclasses
import math
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float
from scipy.constants import Boltzmann, elementary_charge

from .._core._arrays import as_float, scalar
from .._core._checks import is_concrete, non_negative
from .._core._random import normal
from .._core._types import Conductances, Key, Scalar
from ._base import AbstractConductanceError


class AbstractConductanceDrift(AbstractConductanceError):
    """A change of all cells with their age; at age 0 the chip is fresh, exactly."""

    @property
    @abc.abstractmethod
    def span(self) -> tuple[Scalar, Scalar]:
        """First age at which the law holds, and last at which it was measured, in s."""

    @abc.abstractmethod
    def at(self, age: Scalar | float) -> "AbstractConductanceDrift":
        """The same law at another age, in seconds; a cell keeps its deviate."""

    @abc.abstractmethod
    def per_efold(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """Root mean square change of cells written to `g` per e-fold of age, in S."""


class PowerLawDrift(AbstractConductanceDrift):
    r"""Drift by a power law, $g (t / t_\text{ref})^{-\nu}$, with $\nu$ of each cell.

    Phase-change memory drifts in this form (structural relaxation). The exponent
    $\nu \sim N(\bar\nu, \sigma_\nu^2)$ belongs to the cell: the same at every age and
    after every programming.

    Args:
        nu: $\bar\nu$, the mean exponent.
        nu_std: $\sigma_\nu$, the spread of the exponent over cells.
        reference: $t_\text{ref}$, the time after programming at which the conductance
            was read that the programming law describes, in seconds.
        age: $t$, in seconds: 0 for a fresh chip, otherwise `reference` or more.
        last: Largest age at which the law was measured, in seconds.
    """

    is_redrawn: ClassVar[bool] = False

    nu: Float[Array, ""] = eqx.field(converter=scalar)
    nu_std: Float[Array, ""] = eqx.field(converter=scalar)
    reference: Float[Array, ""] = eqx.field(converter=scalar)
    age: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    last: Float[Array, ""] = eqx.field(converter=scalar, default=math.inf)

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

    @property
    def span(self) -> tuple[Scalar, Scalar]:
        """The reference, before which the programming law says nothing, and `last`."""
        return self.reference, self.last

    def at(self, age: Scalar | float) -> "AbstractConductanceDrift":
        """The same law at another age, in seconds."""
        return dataclasses.replace(self, age=age)

    def per_efold(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        r"""$g \sqrt{\bar\nu^2 + \sigma_\nu^2}$: the change at the reference."""
        return g * jnp.sqrt(self.nu**2 + self.nu_std**2)


class LogarithmicDrift(AbstractConductanceDrift):
    r"""Drift over ln t: $g + m(g) L + (s(g) + r(g) L)\,\epsilon$, $L = \ln(t / t_1)$.

    Mean and spread of this relaxation move evenly on a logarithmic axis of time; $m$,
    $s$ and $r$ are polynomials in the conductance, and the result is 0 or more. A cell
    keeps its $\epsilon$ at all ages, so that its drift is a straight line over ln t;
    programming draws $\epsilon$ afresh. That one deviate joins a cell's ages is an
    assumption: sources give mean and spread at each age, and this keeps both.

    Args:
        shift: Coefficients of $m$, in S, 1, 1/S, ...: lowest power first.
        spread: Coefficients of $s$, in the same units and order.
        rate: Coefficients of $r$, in the same units and order.
        age: $t$, in seconds; 0 for a fresh chip.
        first: Smallest age at which the law holds, in seconds.
        unit: $t_1$, in seconds.
        last: Largest age at which the law was measured, in seconds.
    """

    is_redrawn: ClassVar[bool] = True

    shift: Float[Array, " _"] = eqx.field(converter=as_float)
    spread: Float[Array, " _"] = eqx.field(converter=as_float)
    rate: Float[Array, " _"] = eqx.field(converter=as_float)
    age: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    first: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    unit: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    last: Float[Array, ""] = eqx.field(converter=scalar, default=math.inf)

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

    @property
    def span(self) -> tuple[Scalar, Scalar]:
        """`first` and `last`."""
        return self.first, self.last

    def at(self, age: Scalar | float) -> "AbstractConductanceDrift":
        """The same law at another age, in seconds."""
        return dataclasses.replace(self, age=age)

    def per_efold(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        r"""$\sqrt{m(g)^2 + r(g)^2}$, at every age."""
        at = lambda coefficients: jnp.polyval(coefficients[::-1], g)
        return jnp.sqrt(at(self.shift) ** 2 + at(self.rate) ** 2)


def arrhenius(
    activation_energy: Scalar | float,
    temperature: Scalar | float,
    reference: Scalar | float = 300.0,
) -> Scalar:
    r"""Factor by which heat speeds up a change, relative to the temperature of its law.

    $\exp\left(\frac{E_a}{k} \left(\frac{1}{T_\text{ref}} - \frac{1}{T}\right)\right)$;
    The factor multiplies an age; it is 1 for an energy of 0 or at the reference.

    Args:
        activation_energy: $E_a$, in electronvolts (the one unit here that is not SI).
        temperature: $T$, in kelvin.
        reference: $T_\text{ref}$, the temperature at which the law was measured, in
            kelvin.

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
    return _arrhenius(energy, hot, cold)


@jax.jit
def _arrhenius(energy: Scalar, hot: Scalar, cold: Scalar) -> Scalar:
    return jnp.exp(energy * (elementary_charge / Boltzmann) * (1 / cold - 1 / hot))


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
