"""Effects of converters, supply and process; trims and rewriting, which undo some."""

import math

from ._effect import Condition, Effect, HOT, ROUND, under, WARM
from ._scale import Scale


def _step(s: Scale, bits: int) -> float:
    """Step of a converter between both ends of the rows' range, in volts."""
    return 2 * s.config.crossbar.v_max / 2**bits


_HELD = Condition("dac.update_rate", lambda c: c.dac.update_rate is not None)


CONVERTERS = (
    Effect(
        "rounding of starts",
        ("start.bits",),
        ("start.full_scale",),
        ("start.bits=12",),
        size=lambda s: s.of_state(_step(s, 12) / ROUND),
    ),
    Effect(
        "charge left on a start",
        ("start.injection",),
        example=("start.injection=0.1fC",),
        size=lambda s: s.of_state(0.1e-15 / s.config.integrator.capacitance),
        why="small beside k T / C of the same switch",
    ),
    Effect(
        "droop of a held start",
        ("start.leakage",),
        ("start.hold",),
        ("start.leakage=1pA",),
        Condition("start.hold", lambda c: c.start.hold > 0),
        size=lambda s: s.of_state(1e-12 * 1e-6 / s.config.integrator.capacitance),
        why="a start is held for ten cycles",
    ),
    Effect(
        "memory of the sample before",
        ("start.memory",),
        example=("start.memory=1e-3",),
        size=lambda s: 1e-3,
    ),
    Effect(
        "rounding of waveforms",
        ("dac.bits",),
        example=("dac.bits=12",),
        size=lambda s: s.of_gain(2.0**-12 / ROUND),
    ),
    Effect(
        "waveforms held between updates",
        ("dac.update_rate",),
        example=("dac.update_rate=10MHz",),
        size=lambda s: s.of_delay(0.5 / 10e6),
    ),
    Effect(
        "glitches of the DAC",
        ("dac.glitch",),
        example=("dac.bits=12", "dac.update_rate=10MHz", "dac.glitch=1pV s"),
        needs=Condition(
            "dac.update_rate and dac.bits",
            lambda c: _HELD.holds(c) and c.dac.bits is not None,
        ),
        size=lambda s: s.of_gain(1e-12 * 10e6),
    ),
    Effect(
        "skew of the DAC's channels",
        ("dac.skew",),
        example=("dac.update_rate=10MHz", "dac.skew=100ps"),
        needs=_HELD,
        size=lambda s: s.of_delay(100e-12),
    ),
    Effect(
        "jitter of the DAC's updates",
        ("dac.jitter",),
        example=("dac.update_rate=10MHz", "dac.jitter=10ps"),
        needs=_HELD,
        # Independent steps of slope, which in sum are as a delay of all of it.
        size=lambda s: s.of_delay(10e-12 / math.sqrt(s.duration * 10e6)),
    ),
    Effect(
        "rounding of ends",
        ("adc.bits",),
        ("adc.full_scale",),
        ("adc.noise=0", "adc.bits=10"),
        size=lambda s: s.of_state(_step(s, 10) / ROUND),
    ),
    Effect(
        "noise of the ADC",
        ("adc.noise",),
        example=("adc.bits=10", "adc.noise=0.3"),
        needs=Condition("adc.bits", lambda c: c.adc.bits is not None),
        size=lambda s: s.of_state(0.3 * _step(s, 10)),
    ),
    Effect(
        "jitter of the clock",
        ("solve.jitter",),
        example=("solve.jitter=10ps",),
        size=lambda s: s.of_delay(10e-12),
    ),
)


SUPPLY = (
    Effect(
        "tolerance of the reference",
        ("supply.reference_std",),
        example=("supply.reference_std=1e-3",),
        size=lambda s: s.of_gain(1e-3),
    ),
    Effect(
        "reference over temperature",
        ("process.reference_tc",),
        example=("cell.temperature=358K", "process.reference_tc=30e-6"),
        needs=WARM,
        size=lambda s: s.of_gain(HOT * 30e-6),
    ),
    Effect(
        "tolerance of the supply",
        ("supply.std",),
        example=("supply.std=0.01", "amplifier.v_rail=1.2V"),
    ),
    Effect(
        "noise of the supply",
        ("supply.noise",),
        under("supply", "rejection", "bandwidth"),
        ("supply.noise=100uV",),
        size=lambda s: s.of_inputs(100e-6 / 1e3 * math.sqrt(s.band / 1e6)),
    ),
    Effect(
        "noise of the ground",
        ("supply.ground_noise",),
        example=("supply.ground_noise=1uV",),
        size=lambda s: s.of_inputs(1e-6 * math.sqrt(s.band / 1e6)),
    ),
)


PROCESS = (
    Effect(
        "corner of resistors and capacitors",
        ("process.corner",),
        under("process", "resistor_tolerance", "capacitor_tolerance"),
        ("process.corner=monte-carlo",),
        size=lambda s: s.of_gain(math.hypot(0.2, 0.15) / 3),
    ),
    Effect(
        "resistors over temperature",
        ("process.resistor_tc",),
        example=("cell.temperature=358K", "process.resistor_tc=-1e-3"),
        needs=WARM,
        size=lambda s: s.of_gain(HOT * 1e-3),
    ),
    Effect(
        "capacitors over temperature",
        ("process.capacitor_tc",),
        example=("cell.temperature=358K", "process.capacitor_tc=13e-6"),
        needs=WARM,
        size=lambda s: s.of_gain(HOT * 13e-6),
    ),
)


REMEDIES = (
    Effect("trim of R C", ("trim.rc",), ("trim.rc_resolution",), ("trim.rc=beta",)),
    Effect(
        "trim of the common factor of R_f G",
        ("trim.scale",),
        ("trim.scale_bits",),
        ("trim.scale=True",),
    ),
    Effect(
        "trim of columns",
        ("trim.columns",),
        under(
            "trim",
            *("offset_bits", "offset_range", "gain_bits", "gain_range", "reads"),
            *("averaging", "adc_bits"),
        ),
        ("trim.columns=gains",),
    ),
    Effect(
        "repair of stuck cells",
        ("trim.repair",),
        under("trim", "fault_threshold", "refit", "spare_columns"),
        ("trim.repair=True",),
    ),
    Effect(
        "circuits that follow temperature",
        ("trim.tracking",),
        example=("trim.rc=beta", "trim.tracking=True"),
    ),
    Effect(
        "rewriting of aged cells",
        under("rewrite", "every", "monitor"),
        ("rewrite.settle",),
        ("cell.age=1s", "cell.ageing=0.01uS", "rewrite.every=1000s"),
        Condition("cell.ageing", lambda c: c.cell.ageing is not None),
        why="a policy of use: python -m benchmarks lifetime compares them",
    ),
)
