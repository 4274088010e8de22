"""The op-amps of one chip: what is drawn of them, and the stages that they make."""

import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float, Integer

from .._core._arrays import as_float, scalar
from .._core._random import normal
from .._core._streams import LabStream
from .._core._types import Key, Scalar, Voltages
from ..blocks import (
    AutoZero,
    FeedbackIntegrator,
    OpAmp,
    OpAmpDesign,
    StaticOpAmps,
)
from ._layer import AnalogLayer
from ._process import Die


# Of the offsets, of what auto-zero leaves, and of the drift with temperature.
Draws = tuple[Float[Array, " cols"], Float[Array, " cols"], Float[Array, " cols"]]


# Highest outputs, and lowest ones; `None` for the same below ground.
Rails = tuple[Voltages, Voltages | None]


def _as_arrays(design: OpAmpDesign | None) -> OpAmpDesign | None:
    """`design` with arrays for numbers: a number would be part of the program."""
    return jax.tree_util.tree_map(as_float, design)


def _key(key: Key, stream: int, number: int | Integer[Array, ""]) -> Key:
    return jr.fold_in(jr.fold_in(key, stream), number)


class OpAmps(eqx.Module):
    """The op-amps of transimpedance amplifiers and integrators of a kind of chip.

    Args:
        op_amp: The op-amp, without a load.
        auto_zero: Auto-zeroing of all op-amps; `None` for none.
        design: What loads take from the op-amps' gain; `None` for nothing.
        c_pair: Input of an op-amp to ground, in farads.
        drift: Spread of what each offset moved with temperature, ahead of auto-zero, in
            volts; `None` for nothing.
    """

    op_amp: OpAmp
    auto_zero: AutoZero | None = None
    design: OpAmpDesign | None = eqx.field(converter=_as_arrays, default=None)
    c_pair: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    drift: Scalar | None = None

    def on(self, die: Die | None) -> "OpAmps":
        """The op-amps of this die: its capacitors and the drift of its offsets.

        Speed and slew rate of an op-amp on the chip fall as its Miller capacitor rises;
        the current that charges it is taken as exact.
        """
        if die is None:
            return self
        op_amp = self.op_amp
        if self.design is not None:
            gbw, slew = op_amp.gbw / die.capacitor, op_amp.slew / die.capacitor
            op_amp = dataclasses.replace(op_amp, gbw=gbw, slew=slew)
        return dataclasses.replace(
            self,
            op_amp=op_amp,
            auto_zero=die.auto_zero(self.auto_zero),
            drift=die.drift,
        )

    def drifted(self, offset: Voltages, unit: Float[Array, " cols"]) -> Voltages:
        """Offsets at the temperature of use, ahead of auto-zero, for normals `unit`."""
        return offset if self.drift is None else offset + self.drift * unit

    def scaled(self, by: Scalar | float) -> "OpAmps":
        """The op-amps with static errors `by` times as large; with 0 they have none."""
        op_amp, zero = self.op_amp, self.auto_zero
        op_amp = dataclasses.replace(
            op_amp,
            gain=op_amp.gain / by,
            offset_std=by * op_amp.offset_std,
            bias_current=by * op_amp.bias_current,
            offset=by * op_amp.offset,
        )
        if zero is not None:
            zero = dataclasses.replace(zero, injection=by * zero.injection)
        drift = None if self.drift is None else by * self.drift
        return dataclasses.replace(self, op_amp=op_amp, auto_zero=zero, drift=drift)

    def draw(self, number: int | Integer[Array, ""], width: int, *, key: Key) -> Draws:
        """Standard normals of stage `number` of the chip whose `Chip.key` is `key`."""
        own = lambda stream: normal(_key(key, stream, number), (width,))
        unit, none = own(LabStream.OP_AMP_OFFSETS), jnp.zeros(width)
        left = none if self.auto_zero is None else own(LabStream.AUTO_ZERO_RESIDUALS)
        drift = none if self.drift is None else own(LabStream.OFFSET_DRIFTS)
        return unit, left, drift

    def draw_all(self, widths: tuple[int, ...], *, key: Key) -> list[Draws]:
        """`draw` of all stages by one program for all, which compiles faster."""
        numbers = jnp.arange(len(widths), dtype=jnp.uint32)
        # The first numbers of a longer block are those of a shorter one.
        found = jax.vmap(lambda n: self.draw(n, max(widths), key=key))(numbers)
        cut = lambda n: (
            found[0][n, : widths[n]],
            found[1][n, : widths[n]],
            found[2][n, : widths[n]],
        )
        return [cut(number) for number in range(len(widths))]

    def of_layer(self, layer: AnalogLayer, draws: Draws) -> StaticOpAmps:
        """The op-amps of a layer's amplifiers, for its `draws`."""
        g_f = 1 / layer.amplifier.feedback_resistance
        drawn = self.op_amp.offset + self.op_amp.offset_std * draws[0]
        offset = self.drifted(drawn, draws[2])
        offset = self.zeroed(offset, draws[1])
        return StaticOpAmps(self.loaded(g_f), offset, self.c_pair)

    def of_integrators(
        self,
        integrator: FeedbackIntegrator,
        loads: Float[Array, " dim"],
        draws: Draws,
    ) -> StaticOpAmps:
        """The op-amps of a chip's integrators, which drive `loads`, in siemens.

        Their offsets ahead of auto-zero are the integrator's own, on top of the one
        that every op-amp has.
        """
        own = self.op_amp.offset + integrator.offset
        offset = jnp.broadcast_to(own, loads.shape)
        zeroed = self.zeroed(self.drifted(offset, draws[2]), draws[1])
        return StaticOpAmps(self.loaded(loads), zeroed, self.c_pair)

    def loaded(self, g_load: Float[Array, " cols"]) -> OpAmp:
        """The op-amp with the gain and speed that the largest of `g_load` leaves it."""
        if self.design is None or self.op_amp.r_out is not None:
            return self.op_amp.loaded(g_load)
        left = dataclasses.replace(self.design, g_load=jnp.max(g_load))
        gain, gbw = (
            self.op_amp.gain * left.gain_left,
            self.op_amp.gbw * left.gbw_left,
        )
        return eqx.tree_at(lambda each: (each.gain, each.gbw), self.op_amp, (gain, gbw))

    def zeroed(self, offset: Voltages, unit: Voltages) -> Voltages:
        """Offsets after auto-zeroing, for standard normals `unit`."""
        if self.auto_zero is None:
            return offset
        return self.auto_zero.residual(offset, self.op_amp, unit)

    def amplifier_rails(self, layer: AnalogLayer) -> Rails:
        """Outputs of each amplifier up to rails, or to what its current can drive."""
        g_f = 1 / layer.amplifier.feedback_resistance
        v_rail = layer.amplifier.v_rail
        return self._both(lambda own: self._rails(own, v_rail, g_f))

    def integrator_rails(
        self,
        integrator: FeedbackIntegrator,
        loads: Float[Array, " dim"],
        v_clamp: Scalar,
    ) -> Rails:
        """Outputs of each integrator; a row is driven up to its clamp alone."""
        rows, v_rail = loads, integrator.v_rail
        enough = self.op_amp.i_out >= jnp.minimum(v_clamp, v_rail) * rows

        def magnitude(own: Array) -> Voltages:
            lower = jnp.minimum(own, v_rail)
            return jnp.where(enough, lower, self._rails(own, v_rail, rows))

        return self._both(magnitude)

    def _both(self, magnitude: Callable[[Array], Voltages]) -> Rails:
        """Highest and lowest outputs, for what a rail of the op-amp's own leaves."""
        op_amp = self.op_amp
        low = None if op_amp.v_low is None else -magnitude(-op_amp.v_low)
        return magnitude(op_amp.v_rail), low

    def _rails(
        self, own: Array, v_rail: Array, g_load: Float[Array, " cols"]
    ) -> Voltages:
        lower, i_out = jnp.minimum(own, v_rail), self.op_amp.i_out
        # An infinite current over a load has no finite gradient in the load.
        is_free = jnp.isinf(i_out)
        driven = jnp.where(is_free, 1.0, i_out) / g_load
        return jnp.minimum(lower, jnp.where(is_free, jnp.inf, driven))


def integrator_loads(*firsts: AnalogLayer) -> Float[Array, " dim"]:
    """Conductance of the rows of first layers at each integrator, in siemens."""
    each = [jnp.sum(layer.crossbar.g_pos, axis=1)[:-1] for layer in firsts]
    return sum(each[1:], each[0])
