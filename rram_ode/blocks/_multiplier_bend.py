"""Nonlinearities of multipliers at both inputs."""

import math

import equinox as eqx
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns, scalar
from .._core._checks import non_negative
from .._core._types import Scalar, State


class MultiplierBend(eqx.Module):
    r"""Nonlinearities of the multipliers of each coordinate, at both inputs.

    An input $u$ of full scale $F$ acts as

    $$u + d F c(u / F), \qquad c(z) = \tfrac{3 \sqrt 3}{2} (z - z^3),$$

    the cubic that is exact at 0 and at both ends and deviates by at most $d F$ between.
    A data sheet states the largest deviation; the cubic form is an assumption, that of
    a differential pair to its first order.

    Args:
        signal: $d$ of the signal's input, relative to full scale.
        factor: $d$ of the factor's input, relative to full scale.
        v_scale: Full scale of the signal, in volts.
        k_scale: Full scale of the factor, a pure number.
    """

    signal: Float[Array, "parts dim"]
    factor: Float[Array, "parts dim"]
    v_scale: Float[Array, ""] = eqx.field(converter=scalar)
    k_scale: Float[Array, ""] = eqx.field(converter=scalar)

    def of_signal(self, which: int, v: State) -> State:
        """What the signal `v`, in volts, acts as in the multiplier `which`."""
        linear, cubic = (
            broadcast_columns(x[which], v) for x in self.signal_coefficients
        )
        return v * (linear - cubic * v**2)

    def of_factor(
        self, which: int, k: Float[Array, "*samples"]
    ) -> Float[Array, "dim ..."]:
        """What the factor `k` acts as in the multiplier `which` of each coordinate."""
        linear, cubic = (beside(x[which], k) for x in self.factor_coefficients)
        k = k[None] if k.ndim else k
        return k * (linear - cubic * k**2)

    @property
    def signal_coefficients(
        self,
    ) -> tuple[Float[Array, "parts dim"], Float[Array, "parts dim"]]:
        """A and b of $u (a - b u^2)$ for the signal; b in 1/V^2."""
        return _cubic(self.signal, self.v_scale)

    @property
    def factor_coefficients(
        self,
    ) -> tuple[Float[Array, "parts dim"], Float[Array, "parts dim"]]:
        """A and b of $u (a - b u^2)$ for the factor."""
        return _cubic(self.factor, self.k_scale)


class BendSpread(eqx.Module):
    """Spreads of the `MultiplierBend` of a chip, which are normal and independent.

    Args:
        signal: Spread of the largest deviation of the signal's input over full scale.
        factor: Spread of the largest deviation of the factor's input over full scale.
        v_scale: Full scale of the signal, in volts.
        k_scale: Full scale of the factor, a pure number.
    """

    signal: Float[Array, ""] = eqx.field(converter=scalar)
    factor: Float[Array, ""] = eqx.field(converter=scalar)
    v_scale: Float[Array, ""] = eqx.field(converter=scalar)
    k_scale: Float[Array, ""] = eqx.field(converter=scalar)

    def __check_init__(self):
        non_negative("multiplier.signal_bend_std", self.signal, "V/V")
        non_negative("multiplier.factor_bend_std", self.factor, "V/V")

    def fabricate(self, units: Float[Array, "2 parts dim"]) -> MultiplierBend:
        """The nonlinearities of one chip, for standard normals of both inputs."""
        return MultiplierBend(
            self.signal * units[0], self.factor * units[1], self.v_scale, self.k_scale
        )


def _cubic(
    d: Float[Array, "parts dim"], scale: Scalar
) -> tuple[Float[Array, "parts dim"], Float[Array, "parts dim"]]:
    most = 1.5 * math.sqrt(3.0) * d
    return 1 + most, most / scale**2


def beside(x: Float[Array, " dim"], k: Array) -> Float[Array, "dim ..."]:
    """`x` of each coordinate, with the axes of the factor `k` behind its own."""
    return x.reshape(x.shape + (1,) * k.ndim)
