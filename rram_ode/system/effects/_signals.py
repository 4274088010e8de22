"""Effects of converters, supply and process; trims and rewriting, which undo some."""

import math

from ._effect import Condition, Effect, HOT, ROUND, under, WARM
from ._scale import Scale


def _step(s: Scale, bits: int) -> float:
    """Step of a converter between both ends of the rows' range, in volts."""
    return 2 * s.config.crossbar.v_max / 2**bits


def _heard(s: Scale, volts: float) -> float:
    """Noise of supply or ground within the loop's band, in volts."""
    return volts * math.sqrt(s.band / s.config.supply.bandwidth)


def _corner(s: Scale) -> float:
    """Spread of R C of a Monte Carlo die: a tolerance is three of them."""
    c = s.config.process
    return math.hypot(c.resistor_tolerance, c.capacitor_tolerance) / 3


UPDATES = 10e6  # hertz, of the examples


_HELD = Condition("dac.update_rate", lambda c: c.dac.update_rate is not None)


CONVERTERS = (
    Effect(
        "rounding of starts",
        ("start.bits",),
        ("start.full_scale",),
        ("start.bits=12",),
        size=lambda s, x: s.of_state(_step(s, x) / ROUND),
    ),
    Effect(
        "charge left on a start",
        ("start.injection",),
        example=("start.injection=0.1fC",),
        size=lambda s, x: s.of_state(x / s.config.integrator.capacitance),
        why="small beside k T / C of the same switch",
    ),
    Effect(
        "droop of a held start",
        ("start.leakage",),
        ("start.hold",),
        ("start.leakage=1pA",),
        Condition("start.hold", lambda c: c.start.hold > 0),
        size=lambda s, x: s.of_state(
            x * s.config.start.hold / s.config.integrator.capacitance
        ),
        why="a start is held for ten cycles",
    ),
    Effect(
        "memory of the sample before",
        ("start.memory",),
        example=("start.memory=1e-3",),
        size=lambda s, x: x,
    ),
    Effect(
        "rounding of waveforms",
        ("dac.bits",),
        ("dac.ranges",),
        ("dac.bits=12",),
        size=lambda s, x: s.of_gain(2.0**-x / ROUND),
    ),
    Effect(
        "waveforms held between updates",
        ("dac.update_rate",),
        example=("dac.update_rate=10MHz",),
        size=lambda s, x: s.of_delay(0.5 / x),
    ),
    Effect(
        "errors of the DAC's smaller full scales",
        ("dac.range_error",),
        example=("dac.bits=12", "dac.ranges=4", "dac.range_error=1e-3"),
        needs=Condition("dac.ranges above 1", lambda c: c.dac.ranges > 1),
        size=Scale.of_gain,
    ),
    Effect(
        "glitches of the DAC",
        ("dac.glitch",),
        example=("dac.bits=12", "dac.update_rate=10MHz", "dac.glitch=1pV s"),
        needs=Condition(
            "dac.update_rate and dac.bits",
            lambda c: _HELD.holds(c) and c.dac.bits is not None,
        ),
        size=lambda s, x: s.of_gain(x * UPDATES),
    ),
    Effect(
        "skew of the DAC's channels",
        ("dac.skew",),
        example=("dac.update_rate=10MHz", "dac.skew=100ps"),
        needs=_HELD,
        size=Scale.of_delay,
    ),
    Effect(
        "jitter of the DAC's updates",
        ("dac.jitter",),
        example=("dac.update_rate=10MHz", "dac.jitter=10ps"),
        needs=_HELD,
        # Independent steps of slope, which in sum are as a delay of all of it.
        size=lambda s, x: s.of_delay(x / math.sqrt(s.duration * UPDATES)),
    ),
    Effect(
        "rounding of ends",
        ("adc.bits",),
        ("adc.full_scale",),
        ("adc.noise=0", "adc.bits=10"),
        size=lambda s, x: s.of_state(_step(s, x) / ROUND),
    ),
    Effect(
        "noise of the ADC",
        ("adc.noise",),
        example=("adc.bits=10", "adc.noise=0.3"),
        needs=Condition("adc.bits", lambda c: c.adc.bits is not None),
        size=lambda s, x: s.of_state(x * _step(s, 10)),
    ),
    Effect(
        "jitter of the clock",
        ("solve.jitter",),
        example=("solve.jitter=10ps",),
        size=Scale.of_delay,
    ),
)


SUPPLY = (
    Effect(
        "tolerance of the reference",
        ("supply.reference_std",),
        example=("supply.reference_std=1e-3",),
        size=Scale.of_gain,
    ),
    Effect(
        "reference over temperature",
        ("process.reference_tc",),
        example=("cell.temperature=358K", "process.reference_tc=30e-6"),
        needs=WARM,
        size=lambda s, x: s.of_gain(HOT * x),
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
        size=lambda s, x: s.of_inputs(_heard(s, x) / s.config.supply.rejection),
    ),
    Effect(
        "noise of the ground",
        ("supply.ground_noise",),
        example=("supply.ground_noise=1uV",),
        size=lambda s, x: s.of_inputs(_heard(s, x)),
    ),
)


PROCESS = (
    Effect(
        "corner of resistors and capacitors",
        ("process.corner",),
        under("process", "resistor_tolerance", "capacitor_tolerance"),
        ("process.corner=monte-carlo",),
        size=lambda s, _: s.of_gain(_corner(s)),
    ),
    Effect(
        "resistors over temperature",
        ("process.resistor_tc",),
        example=("cell.temperature=358K", "process.resistor_tc=-1e-3"),
        needs=WARM,
        size=lambda s, x: s.of_gain(HOT * abs(x)),
    ),
    Effect(
        "capacitors over temperature",
        ("process.capacitor_tc",),
        example=("cell.temperature=358K", "process.capacitor_tc=13e-6"),
        needs=WARM,
        size=lambda s, x: s.of_gain(HOT * x),
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
        "trim of multipliers",
        ("trim.multipliers",),
        ("trim.multiplier_range",),
        example=("trim.multipliers=True",),
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
