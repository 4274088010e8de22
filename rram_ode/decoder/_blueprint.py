"""What all decoders of one kind are made from, and how one is made of it."""

import dataclasses
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._arrays import scalar
from .._core._checks import positive
from .._core._random import normal
from .._core._streams import ChipStream, LabStream
from .._core._types import Key, State
from ..blocks import ADC, BlockSpread, DAC, HoldSpread, SampleHold
from ..chip import AnalogNetwork, Bench, Blueprint, Design, KnownInputs, OnDie, Ranges
from ..loop import PathSizes
from ..noise import LabClock
from ._analog import AnalogDecoder, AnalogStage
from ._reads import plan_reads
from ._stages import Stages


LOGIT = 8.0  # of a pixel of 0.9997, beyond which the last amplifiers may stop: assumed


class Interface(eqx.Module):
    """What stands between the numbers of a picture and the arrays of a decoder.

    Args:
        read_time: Time of a read, in seconds; a layer settles in one.
        reset: Rest of the period of the samples, in seconds.
        dac: Plays the state, once per sample.
        dac_full_scale: Full scale of `dac`, in volts.
        adc: Reads the logits of pixels; its full scale is `LOGIT`.
        holds: Hold what later stages read; `None` for holds without errors.
    """

    read_time: Float[Array, ""] = eqx.field(converter=scalar)
    reset: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    dac: DAC = DAC()
    dac_full_scale: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    adc: ADC = ADC(full_scale=LOGIT)
    holds: HoldSpread | None = None

    def __check_init__(self):
        positive("decoder.read_time", self.read_time, "s")

    def clock(self, num_reads: int) -> LabClock:
        """Lab time of decodes: one in each period of the samples."""
        return LabClock(num_reads * self.read_time, self.reset)


class DecoderBlueprint(eqx.Module):
    """What all decoders of one kind are made from: each stage as a chip's arrays are.

    Args:
        stages: The digital decoder.
        blueprints: What the arrays of each stage are made from.
        interface: Converters, holds and the time of a read.
        plan: Sizes of the paths of read noise.
    """

    stages: Stages
    blueprints: tuple[Blueprint, ...]
    interface: Interface
    plan: PathSizes

    def program(self, key: Key) -> AnalogDecoder:
        """The decoder on the die of the chip `key`, with cells of its own.

        It shares process corner, supplies and reference with that chip, whether or not
        the chip is programmed.

        Raises:
            ValueError: If the wires leave too small a fraction of an array's current.
        """
        made, factor = [], jnp.ones(())
        own, lab = (
            jr.fold_in(key, s) for s in (ChipStream.DECODER, ChipStream.LAB_TIME)
        )
        lab = jr.fold_in(lab, LabStream.DECODER)
        num = len(self.blueprints)
        for number, blueprint in enumerate(self.blueprints):
            stage = self.stages.parts[number]
            place = OnDie(key, jr.fold_in(lab, number))
            identity = jr.fold_in(own, number)
            chip = blueprint.program_beside(identity, place)
            network = chip.score
            assert isinstance(network, AnalogNetwork)  # as it was programmed
            factor, network = _at_scale(network, blueprint, factor)
            holds = None
            if number + 1 < num:
                network = _rectified(network, blueprint.design, identity)
                holds = self._holds(number, identity)
            chip = dataclasses.replace(chip, score=network)
            made.append(AnalogStage(chip, stage, holds))
        clock = self.interface.clock(self.stages.num_reads)
        return AnalogDecoder(
            tuple(made),
            clock,
            self.interface.read_time,
            self.interface.dac,
            self.interface.dac_full_scale,
            self.interface.adc,
            self.plan,
            self.stages.shape,
        )

    def _holds(self, number: int, identity: Key) -> SampleHold | None:
        """The holds behind stage `number`, but for what they have in common.

        `None` for ideal ones.
        """
        spread = self.interface.holds
        if spread is None:
            return None
        stage = self.stages.parts[number]
        outputs = stage.score.network.biases[-1].shape[0] * stage.num_reads
        apart = dataclasses.replace(spread, injection=0.0, leakage=0.0)
        return apart.fabricate(outputs, key=jr.fold_in(identity, ChipStream.HOLDS))


def _at_scale(
    network: AnalogNetwork, blueprint: Blueprint, factor: Float[Array, ""]
) -> tuple[Float[Array, ""], AnalogNetwork]:
    """The network for inputs `factor` times the nominal ones, and that of its outputs.

    Trims leave a stage's outputs a scale of their own. What follows is made for it: its
    constant rows are at as many times their voltage, as `ScaleTrim` has it in a chip.
    """
    design, ranges = blueprint.design, blueprint.ranges
    nominal = design.v_out / (design.headroom * ranges.output)
    layers = tuple(
        eqx.tree_at(lambda x: x.crossbar.v_bias, x, factor * x.crossbar.v_bias)
        for x in network.layers
    )
    volts = tuple(factor * v for v in network.volts_per_unit)
    scaled = dataclasses.replace(network, layers=layers, volts_per_unit=volts)
    return volts[-1] / nominal, scaled


def _rectified(network: AnalogNetwork, design: Design, identity: Key) -> AnalogNetwork:
    """`network` with errors of the rectifiers behind its last layer, too."""
    if design.rectifiers is None:
        return network
    *others, last = network.layers
    key = jr.fold_in(identity, ChipStream.HOLD_RECTIFIERS)
    units = normal(key, (2, last.crossbar.g_pos.shape[1]))
    last = dataclasses.replace(last, rectifiers=design.rectifiers.fabricate(units))
    return dataclasses.replace(network, layers=(*others, last))


def decoder_blueprint(
    stages: Stages,
    design: Design,
    states: State,
    interface: Interface,
    *,
    bench: Bench | None = None,
    num_known: int = 512,
) -> DecoderBlueprint:
    """The blueprint of a decoder whose chips share `design`.

    Volts per unit follow from the largest values that `states` meet. Outputs that are
    held are scaled for the rows that they drive; those that are converted reach
    `design.v_out` over the headroom at a logit of `LOGIT`.

    Args:
        stages: The digital decoder.
        design: Of the chips of the system; parts that the decoder has not are left out.
        states: States that it meets, `(dim, num)`.
        interface: Converters, holds and the time of a read.
        bench: The test bench of these chips, whose trims the decoder's arrays get as
            far as they have the parts; `None` for arrays as fabricated.
        num_known: Number of known inputs of each stage on the bench.

    Raises:
        ValueError: If a decode is too short for the band of a read noise, or white
            noise is that behind amplifiers' own poles.
    """
    inputs, outputs, blueprints = stages.inputs(states), stages.outputs(states), []
    for number, (stage, seen) in enumerate(zip(stages.parts, inputs, strict=True)):
        *hidden, _ = stage.activations(seen)
        is_last = number + 1 == len(stages.parts)
        peak = lambda x: jnp.max(jnp.abs(x))
        output = jnp.asarray(LOGIT) if is_last else jnp.max(outputs[number])
        ranges = Ranges(peak(seen), tuple(map(peak, hidden)), output)
        around: dict[str, Any] = {"multiplier": None, "start": None, "guidance": None}
        if not is_last:
            around["v_out"] = design.v_max
        if number:
            around["drivers"] = _on_holds(design.drivers, interface, stages.num_reads)
        own = None
        if bench is not None:
            own = dataclasses.replace(
                bench,
                design=dataclasses.replace(bench.design, **around),
                inputs=_known(seen, num_known),
                rc=None,
                multipliers=None,
            )
        mine = dataclasses.replace(design, **around)
        blueprints.append(Blueprint(stage.score, mine, ranges, bench=own))
    clock = interface.clock(stages.num_reads)
    plan = plan_reads(design.cell.read, clock)
    return DecoderBlueprint(stages, tuple(blueprints), interface, plan)


def _on_holds(
    drivers: BlockSpread | None, interface: Interface, num_reads: int
) -> BlockSpread | None:
    """Row drivers whose inputs are holds: all rows, grounded and constant ones, too.

    What charge and droop have in common is then an offset of all rows, which the bench
    sees: it plays its known inputs through the holds. A droop lasts as long as the
    decode, which none does.
    """
    holds = interface.holds
    if holds is None:
        return drivers
    lost = holds.leakage * num_reads * interface.read_time
    mean = (holds.injection - lost) / holds.capacitance
    drivers = BlockSpread(name="driver") if drivers is None else drivers
    return dataclasses.replace(drivers, mean=mean)


def _known(seen: Float[Array, "rows reads samples"], num: int) -> KnownInputs:
    """`num` inputs of a stage, spread evenly over its reads and over all samples."""
    _, reads, samples = seen.shape
    numbers = jnp.arange(num)
    chosen = seen[:, numbers % reads, (numbers * samples // num) % samples]
    return KnownInputs(jnp.zeros(num), chosen)
