"""Counts and sizes of a circuit's parts."""

import dataclasses

import equinox as eqx
import jax
import numpy as np

from ..blocks import DAC
from ..chip import AbstractCrossbarNetwork, AnalogLayer, Chip, GuidedNetwork
from ..loop import AbstractLoop
from ._constant import Value, Values
from ._converters import CONVERTER_BITS, DigitalSide
from ._op_amps import needed_bandwidth, OpAmpDuty, OpAmpTerms, REJECTED


MULTIPLIER_POLE = 100e6  # hertz, of `multiplier.power`: assumed


UNLIMITED = 1.0  # volts that op-amps reach where no rail is set: assumed


@dataclasses.dataclass(frozen=True)
class PartCounts:
    r"""Counts and sizes that energy depends on, as plain numbers.

    Args:
        duration: Duration of the solve, in seconds.
        reset: Time between two solves, in seconds.
        noise_gains: Noise gain of each transimpedance amplifier,
            $1 + G_\text{total} / g_f$, with all resistors at its summing node.
        feedbacks: Conductance at each one's output, in siemens.
        rectifier_loads: Conductance of the row that each rectifier drives, in siemens;
            one rectifier per hidden column.
        inverter_loads: The same of each inverter, one per row: the subtracted
            conductance needs the row's voltage at the opposite sign.
        integrator_loads: The same of each integrator, which has two multipliers.
        capacitance: Capacitance of an integrator, in farads.
        channels: Number of channels of the DAC.
        waveform_bits: Bits that are read from memory during a solve.
        cells: Number of programmed cells.
        normals: Normal random numbers per sample, for starts and injected noise.
        constant_current: Current into the constant rows, in amperes.
        v_out: Largest output of a transimpedance amplifier, in volts.
        v_row: Largest voltage of a row, in volts.
        full_scale: Largest factor of a multiplier.
        multiplier_pole: Bandwidth of the multipliers that was simulated, in hertz;
            `None` where they were infinitely fast.
        op_amps: What the op-amps are made of.
        guidance: Weight of guidance, the full scale of one more multiplier of each
            coordinate; 0 for none.
        guidance_load: Conductance at each output of the stages that guide, in siemens.
    """

    duration: float
    reset: float
    noise_gains: tuple[float, ...]
    feedbacks: tuple[float, ...]
    rectifier_loads: tuple[float, ...]
    inverter_loads: tuple[float, ...]
    integrator_loads: tuple[float, ...]
    capacitance: float
    channels: int
    waveform_bits: int
    cells: int
    normals: int
    constant_current: float = 0.0
    v_out: float = UNLIMITED
    v_row: float = UNLIMITED
    full_scale: float = 1.0
    multiplier_pole: float | None = None
    op_amps: OpAmpTerms = OpAmpTerms()
    guidance: float = 0.0
    guidance_load: float = 0.0

    @property
    def multipliers(self) -> int:
        """Number of multipliers."""
        return (3 if self.guidance else 2) * self.dim

    @property
    def scales(self) -> float:
        """Sum of the full scales of all multipliers."""
        return (2 * self.full_scale + self.guidance) * self.dim

    @property
    def guides(self) -> int:
        """Number of op-amps that guide: of each coordinate a difference and a sum."""
        return 2 * self.dim if self.guidance else 0

    @property
    def rectifiers(self) -> int:
        """Number of rectifiers."""
        return len(self.rectifier_loads)

    @property
    def inverters(self) -> int:
        """Number of inverters."""
        return len(self.inverter_loads)

    @property
    def dim(self) -> int:
        """Number of integrators."""
        return len(self.integrator_loads)

    @property
    def amplifiers(self) -> int:
        """Number of op-amps of all kinds."""
        rows = self.rectifiers + self.inverters + self.dim
        return len(self.noise_gains) + rows + self.guides

    @property
    def duties(self) -> dict[str, OpAmpDuty]:
        """What the op-amps of each kind must do.

        An integrator's op-amp sees its own input over the capacitor: a smaller one
        needs a faster op-amp, whose load is both in series.
        """
        c_in = self.op_amps.c_in
        gain = 1 + c_in / self.capacitance
        equal = lambda loads: (REJECTED,) * len(loads)
        rows = self.rectifier_loads, self.inverter_loads
        guides = {}
        if self.guides:
            loads = (self.guidance_load,) * self.guides
            guides["guidance"] = OpAmpDuty(equal(loads), loads, self.v_out)
        return {
            "transimpedance amplifiers": OpAmpDuty(
                self.noise_gains, self.feedbacks, self.v_out
            ),
            "rectifiers": OpAmpDuty(equal(rows[0]), rows[0], self.v_row),
            "inverters": OpAmpDuty(equal(rows[1]), rows[1], self.v_row),
            "integrators": OpAmpDuty(
                (gain,) * self.dim, self.integrator_loads, self.v_row, c_in / gain
            ),
            **guides,
        }


def multiplier_share(circuit: PartCounts, values: Values) -> Value:
    r"""Power of a multiplier over that of one of `MULTIPLIER_POLE` at its full scale.

    A Gilbert cell of a given gain has its pole at $B = g_m / (2 \pi C_L)$, so its
    current is in proportion to B (P. R. Gray et al., Analysis and Design of Analog
    Integrated Circuits, 4th ed., Wiley 2001, section 10.3); half of the power is
    assumed to be that of its biases and of the buffers of its factor. Infinitely fast
    multipliers are paid as those of `MULTIPLIER_POLE`, or as fast as the solve needs.
    """
    pole = circuit.multiplier_pole
    if pole is None:
        needed = needed_bandwidth(circuit.duration, values)
        pole = np.maximum(needed, MULTIPLIER_POLE)
        pole = float(pole) if np.ndim(pole) == 0 else pole
    return 0.5 + 0.5 * pole / MULTIPLIER_POLE


def fastest_needed(circuit: PartCounts, values: Values) -> float:
    """Largest gain-bandwidth of the op-amps at plain values, in hertz."""
    terms = circuit.op_amps
    if terms.gbw is not None:
        return terms.gbw
    gains = [max(duty.noise_gains, default=0.0) for duty in circuit.duties.values()]
    return max(gains) * float(np.median(needed_bandwidth(circuit.duration, values)))


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
    like the integrators', and to the DAC a channel for the weight.

    Args:
        chip: The hardware.
        loop: The circuit around the chip.
        op_amps: What the op-amps are made of.
        dac: The DAC whose words are counted; `None` takes the loop's own. A continuous
            one has the words of the finest and fastest that is priced.
    """
    network, dim = chip.crossbars, chip.score.dim
    dac = loop.dac if dac is None else dac
    dac = DAC(
        CONVERTER_BITS["dac"][1] if dac.bits is None else dac.bits,
        DigitalSide.FASTEST if dac.update_rate is None else dac.update_rate,
    )
    guidance = 0.0
    if isinstance(network, GuidedNetwork):
        guidance = float(network.stage.weight)
    channels = 2 + (0 if network is None else network.num_channels)
    channels += 1 if guidance else 0
    duration = float(loop.clock.duration)
    updates = dac.num_holds(duration)
    loads = _no_loads(dim) if network is None else _loads(network)
    return PartCounts(
        duration=duration,
        reset=float(loop.clock.reset),
        capacitance=float(chip.integrator.capacitance) / over_nominal(chip)[1],
        channels=channels,
        waveform_bits=updates * channels * (dac.bits or 0),
        cells=chip.num_cells,
        normals=dim * (1 + (loop.plan.injected or 0)),
        op_amps=op_amps,
        guidance=guidance,
        guidance_load=1 / float(chip.integrator.resistance),
        **loads,
    )


def over_nominal(chip: Chip) -> tuple[float, float]:
    """Factors of the die's resistors and capacitors over those that are drawn.

    A slow die has the area and the op-amps of a typical one.
    """
    die = chip.die
    return (1.0, 1.0) if die is None else (float(die.resistor), float(die.capacitor))


def _no_loads(dim: int) -> dict:
    names = ("noise_gains", "feedbacks", "rectifier_loads", "inverter_loads")
    return {**dict.fromkeys(names, ()), "integrator_loads": (0.0,) * dim}


def _loads(network: AbstractCrossbarNetwork) -> dict:
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
