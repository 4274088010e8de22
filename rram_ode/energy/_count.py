"""Counting the parts of a chip in its loop."""

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Integer

from ..blocks import DAC
from ..chip import (
    AbstractCrossbarNetwork,
    AnalogLayer,
    Chip,
    GuidedNetwork,
    SwitchedNetwork,
)
from ..loop import AbstractLoop, DynamicLoop, SwitchedLoop, Waveforms
from ._converters import CONVERTER_BITS, DigitalSide
from ._op_amps import OpAmpTerms
from ._parts import PartCounts, UNLIMITED


POLES = 3  # of a hidden layer in a row: inverter, transimpedance amplifier, rectifier


READ_POLES = 1 + POLES  # of a decoder's layer, with the buffer behind a hold


def count_parts(
    chip: Chip,
    loop: AbstractLoop,
    op_amps: OpAmpTerms = OpAmpTerms(),
    dac: DAC | None = None,
) -> PartCounts:
    """Count the parts of `chip` in `loop`.

    Each hidden column has a rectifier; each row, the constant one included, has an
    inverter; each coordinate has an integrator, which drives a row of the first layer,
    and two multipliers. The DAC has the channels of the score's embedding and one for
    each of the two factors.

    Two arrays have all of it twice, the integrators aside, which drive the rows of
    both. Guidance adds to each coordinate a multiplier and two op-amps with resistors
    like the integrators', and to the DAC a channel for the weight. A switched array has
    all of it once, and two holds with a switch and a buffer for each coordinate; the
    DAC has channels of both embeddings, with a switch for each.

    Args:
        chip: The hardware.
        loop: The circuit around the chip.
        op_amps: What the op-amps are made of.
        dac: The DAC whose words are counted; `None` takes the loop's own. A continuous
            one has the words of the finest and fastest that is priced.
    """
    network, dim = chip.crossbars, chip.score.dim
    dac = loop.dac if dac is None else dac
    rate = DigitalSide.FASTEST if dac.update_rate is None else dac.update_rate
    dac = DAC(
        CONVERTER_BITS["dac"][1] if dac.bits is None else dac.bits,
        rate,
        ranges=dac.ranges,
    )
    guidance, turns = 0.0, dict[str, Any]()
    if isinstance(network, GuidedNetwork | SwitchedNetwork):
        guidance = float(network.stage.weight)
    taken = loop.turns if isinstance(loop, SwitchedLoop | DynamicLoop) else None
    if taken is not None and isinstance(network, SwitchedNetwork):
        turns = {
            "switching": taken.periods / float(loop.clock.duration),
            "settling": float(taken.settling(loop.times)),
            "poles": POLES * (len(network.network.layers) - 1) + 1,
            "hold_capacitance": float(network.holds.capacitance)
            / over_nominal(chip)[1],
            "switches": 2 * dim + network.num_channels,
        }
    channels = 2 + (0 if network is None else network.num_channels)
    channels += 1 if guidance else 0
    duration = float(loop.clock.duration)
    updates = dac.num_holds(duration)
    loads = _no_loads(dim) if network is None else loads_of(network)
    return PartCounts(
        duration=duration,
        reset=float(loop.clock.reset),
        capacitance=float(chip.integrator.capacitance) / over_nominal(chip)[1],
        channels=channels,
        waveform_bits=updates * channels * dac.word,
        range_changes=_range_changes(chip, loop, dac, updates),
        waveform_sets=1 + (0 if network is None else network.num_classes),
        cells=chip.num_cells,
        normals=dim * (1 + _num_injected(loop, duration)),
        op_amps=op_amps,
        guidance=guidance,
        guidance_load=1 / float(chip.integrator.resistance),
        **turns,
        **loads,
    )


def _num_injected(loop: AbstractLoop, duration: float) -> int:
    """Values of injected noise of a solve, whatever longer one it is sized for."""
    if loop.plan.injected is None:
        return 0
    return math.ceil(duration / float(loop.injected_hold) * (1 - 1e-6))


def _range_changes(chip: Chip, loop: AbstractLoop, dac: DAC, updates: int) -> int:
    """Updates of a solve and of its reset that take another full scale."""
    if dac.ranges == 1:
        return 0
    return int(_changes(loop.waveforms(chip), dac, updates))


@eqx.filter_jit
def _changes(waveforms: Waveforms, dac: DAC, updates: int) -> Integer[Array, ""]:
    taken = waveforms.ranges(dac, updates)
    return jnp.sum(taken != jnp.roll(taken, 1, axis=0))


def over_nominal(chip: Chip) -> tuple[float, float]:
    """Factors of the die's resistors and capacitors over those that are drawn.

    A slow die has the area and the op-amps of a typical one.
    """
    die = chip.die
    return (1.0, 1.0) if die is None else (float(die.resistor), float(die.capacitor))


def _no_loads(dim: int) -> dict:
    names = ("noise_gains", "feedbacks", "rectifier_loads", "inverter_loads")
    return {**dict.fromkeys(names, ()), "integrator_loads": (0.0,) * dim}


def loads_of(network: AbstractCrossbarNetwork) -> dict[str, Any]:
    """Noise gains and loads of a network's op-amps, as `PartCounts` has them."""
    gains, feedbacks, rows, inverse, constant = jax.device_get(_measure(network))
    layers, places = network.all_layers, network.places
    first = [row for place, row in zip(places, rows, strict=True) if place.is_first]
    after = [row for place, row in zip(places, rows, strict=True) if not place.is_first]
    flat = lambda parts: tuple(float(x) for part in parts for x in part)
    finite = lambda *volts: min((v for v in volts if np.isfinite(v)), default=UNLIMITED)
    v_out = finite(float(np.max(np.asarray(layers[-1].amplifier.v_rail))))
    return {
        "noise_gains": flat(gains),
        "feedbacks": flat(feedbacks),
        "rectifier_loads": flat(part[:-1] for part in after),
        "inverter_loads": flat(inverse),
        "integrator_loads": flat([np.sum(first, axis=0)[:-1]]),
        "constant_current": float(sum(constant)),
        "v_out": v_out,
        "v_row": finite(float(network.chains[0].v_clamp), v_out),
    }


@eqx.filter_jit
def _measure(network: AbstractCrossbarNetwork):
    layers = network.all_layers
    driven = [_driven(layer) for layer in layers]
    rows, inverse, feedbacks = zip(*driven, strict=True)
    constant = [
        abs(layer.crossbar.v_bias) * row[-1]
        for layer, row in zip(layers, rows, strict=True)
    ]
    return network.noise_gains, feedbacks, rows, inverse, constant


def _driven(layer: AnalogLayer):
    """Conductances of the rows, of their inverses, and at the amplifiers' outputs.

    Rows are those of the layer; inverses have those of a correction at their end, and
    so have the amplifiers, which drive its rows.
    """
    sums = lambda g: g.sum(axis=1)
    crossbar, extra = layer.crossbar, layer.correction
    rows, inverse = sums(crossbar.g_pos), sums(crossbar.g_neg)
    feedback = 1 / layer.amplifier.feedback_resistance
    if extra is None:
        return rows, inverse, feedback
    rows = rows + sums(extra.columns.g_pos)
    inverse = inverse + sums(extra.columns.g_neg)
    added = sums(extra.rows.g_pos)[: extra.rank]
    join = jax.numpy.concatenate
    return (
        rows,
        join([inverse, sums(extra.rows.g_neg)[: extra.rank]]),
        join([feedback, 1 / extra.resistance + added]),
    )
