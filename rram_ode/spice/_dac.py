"""What the DAC plays, as sources of a deck."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..chip import Chip
from ..loop import DynamicLoop
from ._noise import EDGE, SHARP_EDGE, steps
from ._text import card, pwl


def dac_waves(loop: DynamicLoop, chip: Chip) -> tuple[np.ndarray, np.ndarray]:
    """Times and voltages that the DAC plays.

    A DAC that holds plays steps with edges, which jitter moves to where they are in the
    first sample; another one plays lines. The last two columns
    are the factors of the multipliers, the rest is the embedding. The chip's reference
    is in all of them.
    """
    waves, dac = loop.loop.waveforms(chip), loop.dac
    reference = 1.0 if chip.reference is None else float(chip.reference)
    if dac.update_rate is None:
        played = np.asarray(_sampled(waves, loop.times))
        return np.asarray(loop.times, float), reference * played
    duration = float(loop.clock.duration)
    num, interval = dac.num_holds(duration), float(dac.interval)
    held, late = np.asarray(_held(waves, num)), None
    if loop.plan.late is not None:
        late = interval * np.asarray(_late(waves, num, interval), float)
    # Voltages are compared sooner after an update where an array is switched at it.
    edge = EDGE if loop.turns is None else SHARP_EDGE
    return steps(reference * held, interval, duration, late=late, edge=edge)


def dac_cards(loop: DynamicLoop, chip: Chip) -> list[str]:
    """A source of each channel of the DAC, and of each factor of the multipliers."""
    times, values = dac_waves(loop, chip)
    names = [*(f"e{n}" for n in range(values.shape[1] - 2)), "kx", "ks"]
    lines = ["* waveforms of the DAC, volts"]
    for node, column in zip(names, values.T, strict=True):
        lines += card(f"v{node}", node, "0", *pwl(times, column))
    return lines


@eqx.filter_jit
def _held(waves, num):
    return waves.held(num).values


@eqx.filter_jit
def _late(waves, num, interval):
    key, first = waves.chip.key, jnp.uint32(0)
    path = waves.updates.late(
        num, jnp.asarray(interval), first=first, num_samples=1, key=key
    )
    return path.values[:, 0]


@eqx.filter_jit
def _sampled(waves, times):
    return jax.vmap(waves)(times)
