"""Effects of the op-amps of transimpedance amplifiers and integrators."""

import math

from scipy.constants import Boltzmann

from ..build import build_auto_zero
from ._effect import Condition, DYNAMIC, Effect, HOT, STATIC, under, WARM
from ._scale import RATE, Scale


STORE = 10e-12  # F of an auto-zero, of the examples


def _offset(s: Scale) -> float:
    """Offset that is left at an input, in volts; 0.1 mV where op-amps are ideal."""
    c = s.config.op_amp
    if c.kind == "ideal":
        return 0.1e-3
    spread = float(s.op_amp.offset_std)
    is_stored = build_auto_zero(c) is not None
    return spread / (1 + float(s.op_amp.gain)) if is_stored else spread


def _slewed(s: Scale, _: float) -> float:
    """Displacement by the time that slewing takes, where a signal needs more."""
    needed, rate = s.config.crossbar.v_max * RATE / s.duration, float(s.op_amp.slew)
    return 0.0 if needed < rate else s.of_delay(s.config.crossbar.v_max / rate)


def _johnson(s: Scale) -> float:
    """Thermal noise of a feedback resistor that the loop sees, in amperes."""
    density = 4 * Boltzmann * s.config.cell.temperature / min(s.feedbacks)
    return math.sqrt(density * s.band)


OP_AMPS = (
    Effect(
        "offset of op-amps",
        ("op_amp.offset_std", "op_amp.offset"),
        under("op_amp", "auto_zero", "static_errors"),
        ("fidelity=dynamic", "op_amp.offset_std=0.1mV"),
        STATIC,
        size=lambda s, _: s.of_inputs(_offset(s)),
    ),
    Effect(
        "charge of the auto-zero's switch",
        ("op_amp.injection",),
        example=(
            "fidelity=dynamic",
            "op_amp.auto_zero=10pF",
            "op_amp.sampled_noise=False",
            "op_amp.injection=0.1fC",
        ),
        needs=STATIC,
        size=lambda s, x: s.of_inputs(x / STORE),
    ),
    Effect(
        "noise that the auto-zero samples",
        ("op_amp.sampled_noise",),
        ("op_amp.zero_resistance",),
        (
            "fidelity=dynamic",
            "op_amp.auto_zero=10pF",
            "op_amp.injection=0C",
            "op_amp.sampled_noise=True",
        ),
        DYNAMIC,
        size=lambda s, _: s.of_inputs(math.sqrt(Boltzmann * 300 / STORE)),
        why="a new draw in each solve, which op-amps without a state do not store",
    ),
    Effect(
        "drift of offsets with temperature",
        ("process.offset_drift",),
        example=(
            "fidelity=dynamic",
            "cell.temperature=358K",
            "process.offset_drift=2e-6",
        ),
        needs=Condition(
            f"{STATIC.text}; {WARM.text}",
            lambda c: STATIC.holds(c) and WARM.holds(c),
        ),
        size=lambda s, x: s.of_inputs(HOT * x),
        why="an auto-zero before each solve takes it",
    ),
    Effect(
        "finite gain of op-amps",
        ("op_amp.gain", "op_amp.r_out"),
        under("op_amp", "subcircuit", "pins"),
        example=("fidelity=dynamic", "op_amp.gain=9e5"),
        needs=STATIC,
        size=lambda s, _: s.of_gain(max(s.noise_gains) / float(s.op_amp.gain)),
    ),
    Effect(
        "bias current of op-amps",
        ("op_amp.bias_current",),
        example=("fidelity=dynamic", "op_amp.bias_current=1nA"),
        needs=STATIC,
        size=Scale.of_currents,
        why="gates draw none; the class board has 13 nA",
    ),
    Effect(
        "bandwidth of op-amps",
        ("op_amp.gbw",),
        under("op_amp", "r_fast", "c_c", "c_load", "gm_id_1", "gm_id_2", "output"),
        ("fidelity=dynamic", "op_amp.gbw=100MHz"),
        DYNAMIC,
        size=lambda s, _: s.of_delay(sum(s.noise_gains) / (2 * math.pi * s.gbw)),
        why="op-amps without a state are infinitely fast, and quicker to simulate",
    ),
    Effect(
        "slew rate of op-amps",
        ("op_amp.slew",),
        example=("fidelity=dynamic", "op_amp.slew=100e6"),
        needs=DYNAMIC,
        size=_slewed,
        why="signals are slower by two decades",
    ),
    Effect(
        "output current of op-amps",
        ("op_amp.i_out",),
        example=("fidelity=dynamic", "op_amp.i_out=1mA"),
        needs=STATIC,
        size=lambda s, _: 0.0,
        why="an output stage on the chip is made for its load",
    ),
    Effect(
        "capacitance of summing nodes",
        ("op_amp.c_in",),
        ("op_amp.c_f",),
        ("fidelity=dynamic", "op_amp.c_in=0.1pF"),
        DYNAMIC,
        size=lambda s, x: s.of_delay(x / min(s.loads)),
        why="op-amps without a state see none",
    ),
    Effect(
        "white voltage noise of op-amps",
        ("op_amp.e_n",),
        ("op_amp.noise_bandwidth",),
        example=("fidelity=dynamic", "op_amp.e_n=4e-9"),
        needs=DYNAMIC,
        size=lambda s, x: s.of_inputs(x * math.sqrt(s.band)),
        why="needs op-amps with a state, in steps that resolve their poles",
    ),
    Effect(
        "white current noise of op-amps",
        ("op_amp.i_n",),
        example=("fidelity=dynamic", "op_amp.i_n=1e-15"),
        needs=DYNAMIC,
        size=lambda s, x: s.of_currents(x * math.sqrt(s.band)),
        why="gates have femtoamperes",
    ),
    Effect(
        "1/f noise of op-amps",
        ("op_amp.flicker",),
        under("op_amp", "flicker_min", "flicker_max"),
        ("op_amp.flicker=3uV",),
        size=lambda s, x: s.of_inputs(x * math.sqrt(s.e_folds)),
    ),
    Effect(
        "thermal noise of resistors",
        ("op_amp.resistor_noise",),
        example=("fidelity=dynamic", "op_amp.e_n=0", "op_amp.resistor_noise=True"),
        needs=DYNAMIC,
        size=lambda s, _: s.of_currents(_johnson(s)),
        why="needs op-amps with a state, in steps that resolve their poles",
    ),
    Effect(
        "rails of op-amps",
        under("op_amp", "v_rail", "v_low"),
        ("op_amp.v_ground",),
        ("fidelity=dynamic", "op_amp.v_rail=1V", "op_amp.v_low=-0.8V"),
        STATIC,
        why="a limit, whose hits are counted; those of the class are the circuit's",
    ),
    Effect(
        "rails of amplifiers, clamps of rows",
        under("amplifier", "v_rail", "clamp"),
        example=("amplifier.v_rail=1.2V",),
        why="a limit, whose hits are counted",
    ),
)
