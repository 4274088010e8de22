"""Realised noise of the blocks around the arrays, for any speed of op-amps."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Integer

from .._core._streams import LabStream
from .._core._types import ColumnVoltages, Scalar, State
from ..blocks import CircuitNoise, MultiplierFlicker, MultiplierNoise
from ..chip import Chip
from ..noise import HeldPath, LabClock


class CircuitSizes(eqx.Module):
    """Static sizes of the paths of a `CircuitNoise`, each `None` if it has no such law.

    Args:
        flicker: Of 1/f noise of op-amps.
        common: Of noise of supply and ground.
        multiplier: Of white noise of multipliers.
        products: Of 1/f noise of multipliers.
        guidance: Of white noise of guidance stages.
        guided: Of 1/f noise of guidance stages.
    """

    flicker: tuple | None = eqx.field(static=True, default=None)
    common: tuple | None = eqx.field(static=True, default=None)
    multiplier: tuple | None = eqx.field(static=True, default=None)
    products: tuple | None = eqx.field(static=True, default=None)
    guidance: tuple | None = eqx.field(static=True, default=None)
    guided: tuple | None = eqx.field(static=True, default=None)

    @property
    def edges(self) -> tuple[str, ...]:
        """The signals whose edges lie at seconds of their own."""
        signals = {
            "`supply.noise`": self.common,
            "`multiplier.noise`": self.multiplier,
            "`guidance.noise`": self.guidance,
        }
        return tuple(name for name, size in signals.items() if size is not None)

    def values(self, columns: int, dim: int) -> int:
        """Numbers that the paths of one sample hold."""
        total = 0
        slow = (
            (self.flicker, columns + dim),
            (self.products, dim),
            (self.guided, dim),
        )
        for size, count in slow:
            if size is not None:
                total += flicker_values(size) * count
        if self.common is not None:
            total += self.common[0] + 1
        for white in (self.multiplier, self.guidance):
            if white is not None:
                total += white[0] * dim
        return total


def flicker_values(size: tuple) -> int:
    """Numbers that the path of 1/f noise of one cell and sample takes, at most."""
    holds, _ = size
    return max(int(holds[-1]), 1) + 2 * len(holds)


class CircuitPaths(eqx.Module):
    """Paths of a `CircuitNoise`; the last axis of values is the sample.

    Args:
        flicker: Volts at the + input of each op-amp, those of the integrators last.
        common: Volts at all + inputs.
        multiplier: Volts at each integrator's input, of white noise.
        products: Volts at each integrator's input, of 1/f noise.
        widths: Number of op-amps of each layer, and of integrators.
        guidance: Volts at the outputs of guidance stages, of white noise.
        guided: Volts at the outputs of guidance stages, of 1/f noise.
    """

    flicker: HeldPath | None
    common: HeldPath | None
    multiplier: HeldPath | None
    products: HeldPath | None
    widths: tuple[int, ...] = eqx.field(static=True)
    guidance: HeldPath | None = None
    guided: HeldPath | None = None

    def within(
        self, tau0: Scalar, tau1: Scalar
    ) -> tuple[tuple[ColumnVoltages | None, ...], State | None, State | None]:
        """Volts at the + inputs of each stage, at the integrators, and of guidance.

        The steps of a loop cross no edge of a path.
        """
        over = lambda *paths: _sum([p.within(tau0, tau1) for p in paths if p])
        total = over(self.flicker, self.common)
        products = over(self.multiplier, self.products)
        guidance = over(self.guidance, self.guided)
        if total is None:
            return (None,) * len(self.widths), products, guidance
        total = jnp.broadcast_to(total, (sum(self.widths), *total.shape[1:]))
        ends = np.cumsum(self.widths)[:-1]
        return tuple(jnp.split(total, ends)), products, guidance


def _sum(found: list[Array]) -> Array | None:
    return sum(found[1:], found[0]) if found else None


def circuit_paths(
    noise: CircuitNoise,
    sizes: CircuitSizes,
    chip: Chip,
    clock: LabClock,
    *,
    first: Integer[Array, ""],
    num_samples: int,
) -> CircuitPaths | None:
    """Those of samples `first` and following on `chip`; `None` where all is off.

    They are functions of the chip's key and of lab time.
    """
    laws = noise.flicker, noise.common, noise.multiplier, noise.products
    if all(law is None for law in (*laws, noise.guidance, noise.guided)):
        return None
    dim = chip.score.dim
    widths = (*(cols for _, cols in chip.arrays), dim)
    key = lambda stream: jr.fold_in(chip.key, stream)
    which = {"first": first, "num_samples": num_samples}
    flicker = common = None
    if noise.flicker is not None and sizes.flicker is not None:
        flicker = noise.flicker.sample_path(
            clock,
            sizes.flicker,
            sum(widths),
            **which,
            key=key(LabStream.OP_AMP_FLICKER),
        )
    if noise.common is not None and sizes.common is not None:
        common = noise.common.volts(
            clock,
            sizes.common,
            **which,
            key=key(LabStream.COMMON),
            stored=key(LabStream.COMMON_STORED),
        )

    def white(law: MultiplierNoise | None, size: tuple | None, stream: LabStream):
        if law is None or size is None:
            return None
        path = law.sample_path(clock, size, (dim,), **which, key=key(stream))
        return HeldPath(law.std * path.values, path.interval)

    def slow(law: MultiplierFlicker | None, size: tuple | None, stream: LabStream):
        if law is None or size is None:
            return None
        return law.sample_path(clock, size, dim, **which, key=key(stream))

    return CircuitPaths(
        flicker,
        common,
        white(noise.multiplier, sizes.multiplier, LabStream.MULTIPLIER_NOISE),
        slow(noise.products, sizes.products, LabStream.MULTIPLIER_FLICKER),
        widths,
        white(noise.guidance, sizes.guidance, LabStream.GUIDANCE_NOISE),
        slow(noise.guided, sizes.guided, LabStream.GUIDANCE_FLICKER),
    )


def plan_circuit(
    noise: CircuitNoise, clock: LabClock
) -> tuple[CircuitSizes, dict[str, float]]:
    """Sizes of the paths, and holds in seconds by the name of the setting."""
    laws = {
        "op_amp.flicker": noise.flicker,
        "supply.noise": noise.common,
        "multiplier.noise": noise.multiplier,
        "multiplier.flicker": noise.products,
        "guidance.noise": noise.guidance,
        "guidance.flicker": noise.guided,
    }
    plans = {name: law and law.plan(clock) for name, law in laws.items()}
    holds = {
        name: float(law.interval(clock, plan))
        for (name, law), plan in zip(laws.items(), plans.values(), strict=True)
        if law is not None and plan is not None
    }
    return CircuitSizes(*plans.values()), holds
