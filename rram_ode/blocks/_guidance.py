"""The stage that guides: one more multiplier of each coordinate, and its spread."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns, limited, scalar
from .._core._checks import positive
from .._core._types import Key, Scalar, State
from ._multiplier import MultiplierErrors, MultiplierSpread
from ._sample_hold import HoldSpread


class GuidanceStage(eqx.Module):
    r"""$v_\text{out} = v_c + w (v_c - v_n)$ of each coordinate, between its rails.

    A multiplier takes the difference of the outputs of two networks, of a class and of
    the null label, times the weight that a DAC plays. Its output is added to that of
    the class.

    Args:
        weight: w, a pure number.
        v_rail: Largest output in volts, of all coordinates or of each; infinite for no
            limit.
        errors: Errors of the multipliers; `None` if they have none.

    Source: Ho and Salimans 2022, arXiv 2207.12598, eq. 6.
    """

    weight: Float[Array, ""] = eqx.field(converter=scalar)
    v_rail: Float[Array, "..."] = eqx.field(converter=jnp.asarray, default=jnp.inf)
    errors: MultiplierErrors | None = None

    def product(self, difference: State, reference: Scalar | None = None) -> State:
        """What the multipliers put out, in volts.

        Args:
            difference: $v_c - v_n$, in volts.
            reference: Factor of the reference of the DAC; `None` for 1.
        """
        k = self.weight if reference is None else reference * self.weight
        return (
            k * difference if self.errors is None else self.errors(k[None], difference)
        )

    def rails(self, like: State) -> Float[Array, "..."]:
        """The largest output of each coordinate, with the axes of `like`."""
        v_rail = self.v_rail
        return v_rail if v_rail.ndim == 0 else broadcast_columns(v_rail, like)

    def clip(self, v: State) -> State:
        """The output in volts."""
        rails = self.rails(v)
        return limited(v, -rails, rails)


class GuidanceSpread(eqx.Module):
    """The guidance stages of a kind of chip.

    Args:
        weight: w, a pure number above 0: without guidance there is no stage.
        multiplier: Spreads of its multipliers; `None` if they have none.
        holds: The holds of one array that both labels share; `None` for two arrays.
    """

    weight: Float[Array, ""] = eqx.field(converter=scalar)
    multiplier: MultiplierSpread | None = None
    holds: HoldSpread | None = None

    def __check_init__(self):
        positive("guidance.weight", self.weight, "dimensionless")

    def scaled(self, by: Scalar | float) -> "GuidanceSpread":
        """The same weight and circuit, with errors times `by`."""
        own, holds = self.multiplier, self.holds
        return GuidanceSpread(
            self.weight,
            None if own is None else own.scaled(by),
            None if holds is None else holds.scaled(by),
        )

    def fabricate(self, dim: int, v_rail: Array, *, key: Key) -> GuidanceStage:
        """The stage of one chip whose output amplifiers have the rails `v_rail`."""
        errors = self.multiplier
        if errors is not None:
            errors = errors.fabricate(dim, key=key, num=1)
        return GuidanceStage(self.weight, v_rail, errors)
