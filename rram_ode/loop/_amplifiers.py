"""Poles of the transimpedance amplifiers, which limit the cells' white noise."""

import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from .._core._arrays import scalar, scalar_or_none
from .._core._checks import positive
from .._core._types import Scalar
from ..chip import Chip
from ..noise import LabClock, OwnPoles


class AmplifierPoles(eqx.Module):
    r"""The pole at which each transimpedance amplifier filters noise of its cells.

    A column of noise gain N has the pole $f_c$ = `gbw` / N. Without a `gbw` every
    op-amp is as fast as its noise gain needs, and all columns have the pole
    `bandwidth`. A loop whose op-amps take time filters the noise itself: it has
    `bandwidth` infinite, and steps that resolve its poles.

    Each column's noise passes its own amplifier alone: what later layers take from it
    is left to fidelity `dynamic`.

    Args:
        bandwidth: Closed-loop bandwidth that infinitely fast op-amps stand for, in
            hertz: the least of any column.
        gbw: Gain-bandwidth product of all op-amps, in hertz; `None` for op-amps of
            `bandwidth`.
    """

    bandwidth: Float[Array, ""] = eqx.field(converter=scalar)
    gbw: Float[Array, ""] | None = eqx.field(converter=scalar_or_none, default=None)

    def __check_init__(self):
        positive("amplifier.bandwidth", self.bandwidth, "Hz")
        if self.gbw is not None:
            positive("op_amp.gbw", self.gbw, "Hz")

    def poles(self, chip: Chip) -> tuple[Float[Array, " cols"], ...]:
        """Of each layer's columns, in hertz."""
        if self.gbw is None:
            return tuple(
                jnp.full(cols, self.bandwidth, self.bandwidth.dtype)
                for _, cols in chip.arrays
            )
        assert chip.crossbars is not None  # as there are noisy cells
        gains = zip(chip.crossbars.noise_gains, chip.arrays, strict=True)
        return tuple(self.gbw / each[:cols] for each, (_, cols) in gains)

    def of(self, chip: Chip, hold: Scalar) -> OwnPoles:
        """The filters of all columns of `chip` for values held `hold` seconds."""
        return OwnPoles(jnp.concatenate(self.poles(chip)), hold)

    def check(self, chip: Chip, share: float, clock: LabClock) -> None:
        """Refuse holds that do not resolve noise ahead of a rectifier, and slow poles.

        The last layer's noise enters the state linearly, rails and bent multipliers
        aside: it takes any hold, but for that of a switched array. Not under `jit`.

        Args:
            chip: Whose columns to look at.
            share: The hold over the duration of a solve.
            clock: The duration.

        Raises:
            ValueError: With the number of steps, or the gain-bandwidth, that would do.
        """
        poles, least = self.poles(chip), float(self.bandwidth)
        if math.isinf(least) or not poles:
            return
        slowest = min(float(each.min()) for each in poles)
        if self.gbw is not None and slowest < least * (1 - 1e-5):
            raise ValueError(
                f"`op_amp.gbw` = {float(self.gbw):g} Hz leaves a column a pole of "
                f"{slowest:.4g} Hz, below the {least:.4g} Hz of op-amps that count as "
                f"infinitely fast: take {float(self.gbw) * least / slowest:.4g} Hz or "
                "more, None, or `fidelity` dynamic."
            )
        assert chip.crossbars is not None  # it has columns
        # A hold samples the output: what it stores is no mean over a step.
        skips = chip.crossbars.turns == 1
        hidden = [
            0.0 if skips and place.is_last else float(np.max(each))
            for place, each in zip(chip.crossbars.places, poles, strict=True)
        ]
        if not any(hidden):
            return
        layer = int(np.argmax(hidden))
        fastest, duration = hidden[layer], float(clock.duration)
        wanted = math.pi * fastest * duration
        if wanted * share > 1 + 1e-5:
            steps = math.ceil(wanted - 1e-5)
            raise ValueError(
                f"`read.white`, held {share * duration:.4g} s, does not resolve the "
                f"pole of layer {layer + 1} at {fastest:.4g} Hz, whose "
                f"{'rectifiers' if skips else 'rectifiers or holds'} see all of it: "
                f"take `solve.num_steps` = {steps} or more, or slower op-amps."
            )
