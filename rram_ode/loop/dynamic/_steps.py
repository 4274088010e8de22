"""Whether a step resolves the poles of the op-amps."""

import math

import numpy as np

from ...blocks import Modes
from ...noise import LabClock
from ._circuit import Circuit


ENOUGH_STEPS = 50


RESOLVED = 0.3


DAMPED = 3.0


def require_resolved(circuit: Circuit, step: float, clock: LabClock) -> None:
    """Refuse a march with steps of `step` seconds that is wrong by half a percent.

    A stage's own response is exact at any step. What a coarse step loses is how it
    moves within the step. Measured on the preset `ring` against Kvaerno5 (largest error
    of a sample over the largest sample): 50 steps a solve suffice for every op-amp
    (0.08 %); fewer do where 0.3 time constants of the slowest pole are a step or more
    (0.2 %). A pair that rings through a step is never resolved by it.

    Raises:
        ValueError: With the pole and the number of steps that would do.
    """
    duration = float(clock.duration)
    modes = [stage.modes for stage in circuit.layers]
    where = [(n, col) for n, each in enumerate(modes, 1) for col in each.column]
    decay, ring = (
        np.concatenate([getattr(each, name) for each in modes])
        for name in ("decay", "ring")
    )
    # Steps from 1 / ring to 3 / decay alias a mode that rings.
    ring = np.where(DAMPED * ring > decay, ring, 0.0)
    if np.any((ring * step > 1 + 1e-5) & (decay * step < DAMPED)):
        layer, column = where[int(np.argmax(ring))]
        raise ValueError(
            f"steps of {step:.3g} s do not resolve the pole pair of layer {layer}, "
            f"column {column}, which rings at {ring.max() / 2 / math.pi:.3g} Hz: take "
            f"`solve.num_steps` = {math.ceil(duration * ring.max())} or more, or a "
            "larger `op_amp.c_f`."
        )
    layer, column = where[int(np.argmin(decay))]
    wanted = min(ENOUGH_STEPS, math.ceil(duration * decay.min() / RESOLVED))
    if step > duration / wanted * (1 + 1e-5):
        raise ValueError(
            f"steps of {step:.3g} s are too coarse for the pole of layer {layer}, "
            f"column {column}, at {decay.min() / 2 / math.pi:.3g} Hz: take "
            f"`solve.num_steps` = {wanted} or more."
        )


def require_noise_resolved(
    circuit: Circuit, hold: float, clock: LabClock, whose: str, remedy: str = ""
) -> None:
    """Refuse white noise held so long that a layer's pole sees less of it.

    What passes a rectifier depends on the noise's power within the amplifier's band,
    so that a mode of every column has to be resolved: the slower one of two real ones,
    or both of a pair that rings. The faster of two real modes is that of the summing
    node, whose capacitor is small. What it adds at an output lies behind the slower
    pole, and only lowers what faster noise does there. The integrators' fast mode is
    not asked for: what they make of faster noise, at most the noise of an op-amp at
    gain 1, reaches the next layer through a pole that is.

    Args:
        circuit: The chip.
        hold: Time for which the noise holds a value, in seconds.
        clock: Duration of a solve.
        whose: What has the noise, in the plural.
        remedy: A setting that also does, to which the bandwidth in hertz is added.

    Raises:
        ValueError: With the pole, and the number of steps or the bandwidth that do.
    """
    modes = [_audible(stage.modes, len(stage.g_f)) for stage in circuit.layers]
    rates = [np.hypot(each.decay, each.ring) for each in modes]
    layer = int(np.argmax([rate.max() for rate in rates]))
    column = int(modes[layer].column[np.argmax(rates[layer])])
    rate = float(rates[layer].max())
    if rate * hold > RESOLVED * (1 + 1e-5):
        wanted = RESOLVED / rate
        raise ValueError(
            f"noise of the {whose}, held {hold:.3g} s, does not resolve the pole of "
            f"layer {layer + 1}, column {column}, at {rate / 2 / math.pi:.3g} Hz: take "
            f"`solve.num_steps` = {math.ceil(float(clock.duration) / wanted)} or more"
            + (f", or {remedy} = {0.5 / wanted:.4g} Hz." if remedy else ".")
        )


def _audible(modes: Modes, cols: int) -> Modes:
    """The modes that pass noise on: one or a ringing pair for each of `cols` columns.

    Of a layer with capacitors there are two modes per column. Those of summing nodes
    are the fastest real ones.
    """
    spare = len(modes.decay) - cols
    if spare == 0:
        return modes
    rings = modes.ring > 0
    real = np.flatnonzero(~rings)
    kept = len(real) - (spare - np.count_nonzero(rings) // 2)
    slow = real[np.argsort(modes.decay[real])][:kept]
    chosen = np.sort(np.concatenate([np.flatnonzero(rings), slow]))
    return Modes(*(each[chosen] for each in modes))
