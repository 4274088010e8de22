"""What the analog multipliers of a chip do besides multiplying."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._draws import normal
from .._misc import columns, non_negative, scalar
from .._types import Key, State


class MultiplierErrors(eqx.Module):
    r"""Of the two multipliers (of state and of score) of each coordinate.

    $$v_\text{out} = (1 + \epsilon) k v + f_v v + f_k k + V_\text{oo}$$

    with the static terms of a multiplier's data sheet: gain error, feed-through of the
    signal (what passes at $k = 0$) and of the factor (at $v = 0$), output offset.

    Args:
        gain: $\epsilon$, `(2, dim)`.
        signal: $f_v$, in V/V.
        factor: $f_k$, in volts for a factor of 1.
        offset: $V_\text{oo}$, in volts.
    """

    gain: Float[Array, "2 dim"]
    signal: Float[Array, "2 dim"]
    factor: Float[Array, "2 dim"]
    offset: Float[Array, "2 dim"]

    def __call__(self, factors: Float[Array, "2"], v: State, v_score: State) -> State:
        """The sum of both outputs of each coordinate, in volts."""
        total = jnp.zeros_like(v)
        for n, signal in enumerate((v, v_score)):
            slope = (1 + self.gain[n]) * factors[n] + self.signal[n]
            still = self.factor[n] * factors[n] + self.offset[n]
            total = total + columns(slope, v) * signal + columns(still, v)
        return total


class MultiplierSpread(eqx.Module):
    """Spreads of a chip's `MultiplierErrors`: normal, each multiplier its own.

    Args:
        gain: Relative.
        signal: In V/V.
        factor: In volts for a factor of 1.
        offset: In volts.
    """

    gain: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    signal: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    factor: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    offset: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("multiplier.gain_std", self.gain, "V/V")
        non_negative("multiplier.signal_std", self.signal, "V/V")
        non_negative("multiplier.factor_std", self.factor, "V")
        non_negative("multiplier.offset_std", self.offset, "V")

    def fabricate(self, dim: int, *, key: Key) -> MultiplierErrors:
        """Those of one chip."""
        draws = normal(key, (4, 2, dim))
        stds = self.gain, self.signal, self.factor, self.offset
        return MultiplierErrors(*(s * x for s, x in zip(stds, draws, strict=True)))
