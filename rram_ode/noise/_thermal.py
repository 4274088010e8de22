"""Thermal and shot noise of a conductor, by one law of its current."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float
from scipy.constants import Boltzmann, elementary_charge

from .._core._arrays import scalar
from .._core._checks import is_concrete, positive
from ._white import AbstractHeldNoise


class ThermalNoise(AbstractHeldNoise):
    r"""Noise current of a cell at voltage $v$, with $I = g v$ and a Fano factor $F$.

    $$S_I = 4 k T g
        + F \left(2 q I \coth\frac{q v}{2 k T} - 4 k T g\right)
      = 4 k T g \left(1 + F (x \coth x - 1)\right), \qquad x = \frac{q v}{2 k T},$$

    one-sided: $4 k T g$ in equilibrium and for $F = 0$, $2 q F I$ at large voltage (Y.
    Blanter and M. Buttiker, Phys. Rep. 336, 2000, for a transmission that does not
    depend on energy). Thermal and shot noise are its two limits, not two terms.

    The factor in parentheses depends on the row alone, so that the current of a
    column has the variance $B \sum_i S_I / g_{ij} \cdot (g^+_{ij} + g^-_{ij})$: one
    product. The noise is Gaussian and far faster than any amplifier; its values are
    held for $1 / (2B)$ in the amplifier's band $B$. References are conductors, too.

    Args:
        temperature: $T$ of the cells, in kelvin.
        bandwidth: $B$ of the amplifier, in hertz.
        fano: $F$ from 0 (many inelastic scatterings: a macroscopic resistor) over 1/3
            (a diffusive wire) to 1 (one tunnel barrier).
    """

    slot: ClassVar[str] = "read.thermal"
    follows_steps: ClassVar[bool] = False

    temperature: Float[Array, ""] = eqx.field(converter=scalar)
    bandwidth: Float[Array, ""] = eqx.field(converter=scalar)
    fano: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)

    def __check_init__(self):
        positive("read.thermal.bandwidth", self.bandwidth, "Hz")
        positive("cell.temperature", self.temperature, "K")
        if is_concrete(self.fano) and not 0 <= float(self.fano) <= 1:
            raise ValueError(
                f"`read.thermal.fano` must be from 0 to 1; got {float(self.fano):g}."
            )

    def density(
        self, g: Float[Array, "..."], v: Float[Array, "..."]
    ) -> Float[Array, "..."]:
        """$S_I$ of conductance `g` at voltage `v`, in A^2/Hz."""
        return g * (4 * Boltzmann * self.temperature * self._excess(v))

    def variance(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        r"""$S_I B / g$ at voltage `v`: the current's variance per siemens, in A^2/S."""
        # Another order of the factors would underflow in single precision.
        power = 4 * Boltzmann * self.temperature * self.bandwidth
        return power * self._excess(v)

    def _excess(self, v: Float[Array, "..."]) -> Float[Array, "..."]:
        r"""$1 + F (x \coth x - 1)$."""
        x = v * (elementary_charge / (2 * Boltzmann) / self.temperature)
        # In the small branch the series' next term, x^4 / 45, is below one rounding.
        small = jnp.abs(x) < jnp.finfo(x.dtype).eps ** 0.25
        safe = jnp.where(small, 1.0, x)
        return 1 + self.fano * jnp.where(small, x**2 / 3, safe / jnp.tanh(safe) - 1)
