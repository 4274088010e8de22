"""Counts and sizes of a circuit's parts, and what the parts must do."""

import dataclasses

import numpy as np
from scipy.special import gammainccinv

from ._constant import Value, Values
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
        waveform_sets: Number of sets of waveforms in memory: one for each class and one
            for the null label.
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
        switching: Rate at which one array is switched between two labels, in hertz; 0
            for none.
        settling: Time in which the array settles after each switching, in seconds.
        poles: Number of poles in a row through which it settles.
        hold_capacitance: Capacitance of each hold of such an array, in farads.
        switches: Number of switches: of the holds, and of the multiplexers between the
            DAC's channels and the array.
        range_changes: Number of updates of the DAC that take another full scale, of all
            channels in a solve and its reset.
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
    waveform_sets: int = 1
    v_out: float = UNLIMITED
    v_row: float = UNLIMITED
    full_scale: float = 1.0
    multiplier_pole: float | None = None
    op_amps: OpAmpTerms = OpAmpTerms()
    guidance: float = 0.0
    guidance_load: float = 0.0
    switching: float = 0.0
    settling: float = 0.0
    poles: int = 1
    hold_capacitance: float = 0.0
    switches: int = 0
    range_changes: int = 0

    @property
    def stored_bits(self) -> int:
        """Bits of all waveforms in memory."""
        return self.waveform_sets * self.waveform_bits

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
    def holds(self) -> int:
        """Number of holds with their buffers: of each coordinate one a label."""
        return 2 * self.dim if self.switching else 0

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
        return len(self.noise_gains) + rows + self.guides + self.holds

    @property
    def duties(self) -> dict[str, OpAmpDuty]:
        """What the op-amps of each kind must do.

        An integrator's op-amp sees its own input over the capacitor: a smaller one
        needs a faster op-amp, whose load is both in series. The last amplifiers of a
        switched array drive a hold, too.
        """
        c_in = self.op_amps.c_in
        gain = 1 + c_in / self.capacitance
        equal = lambda loads: (REJECTED,) * len(loads)
        rows = self.rectifier_loads, self.inverter_loads
        guides = {}
        if self.guides:
            loads = (self.guidance_load,) * self.guides
            guides["guidance"] = OpAmpDuty(equal(loads), loads, self.v_out)
        gains, feedbacks = self.noise_gains, self.feedbacks
        if self.holds:
            last, into = gains[-self.dim :], feedbacks[-self.dim :]
            gains, feedbacks = gains[: -self.dim], feedbacks[: -self.dim]
            guides["hold drivers"] = OpAmpDuty(
                last, into, self.v_out, self.hold_capacitance
            )
            loads = (self.guidance_load,) * self.holds
            guides["hold buffers"] = OpAmpDuty((1.0,) * self.holds, loads, self.v_out)
        return {
            "transimpedance amplifiers": OpAmpDuty(gains, feedbacks, self.v_out),
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
        needed = bandwidth_of(circuit, values)
        pole = np.maximum(needed, MULTIPLIER_POLE)
        pole = float(pole) if np.ndim(pole) == 0 else pole
    return 0.5 + 0.5 * pole / MULTIPLIER_POLE


def fastest_needed(circuit: PartCounts, values: Values) -> float:
    """Largest gain-bandwidth of the op-amps at plain values, in hertz."""
    terms = circuit.op_amps
    if terms.gbw is not None:
        return terms.gbw
    gains = [max(duty.noise_gains, default=0.0) for duty in circuit.duties.values()]
    return max(gains) * float(np.median(bandwidth_of(circuit, values)))


def bandwidth_of(circuit: PartCounts, values: Values) -> Value:
    """Closed-loop bandwidth for which a solve takes op-amps as infinitely fast.

    An array that is switched must settle in each turn, before its hold is closed.
    """
    needed = needed_bandwidth(circuit.duration, values)
    if not circuit.switching:
        return needed
    own = settling_bandwidth(circuit.poles, circuit.settling, values)
    return np.maximum(needed, own)


def settling_bandwidth(poles: int, seconds: float, values: Values) -> Value:
    r"""Bandwidth with which n equal poles in a row settle in time, in hertz.

    They miss the fraction $Q(n, 2 \pi B t)$ of a step after the time t, with the
    regularised upper incomplete gamma function Q; `switch.residue` may be missed.
    """
    constants = gammainccinv(poles, values["switch.residue"])
    return constants / (2 * np.pi * seconds)
