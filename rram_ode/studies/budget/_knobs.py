"""The settings behind each error of a budget, and settings that would turn it on."""

from ...config import read, RunConfig
from ._strengths import ERRORS


MULTIPLIER = ("gain_std", "signal_std", "factor_std", "offset_std")


MULTIPLIER += ("signal_bend_std", "factor_bend_std")


STAGES = ("multiplier", "guidance")


HOLDS = tuple(
    f"guidance.{name}"
    for name in (
        "switch_resistance",
        "injection",
        "injection_std",
        "leakage",
        "hold_noise",
    )
)


WIRES = tuple(f"crossbar.wires.{n}" for n in ("word_line", "bit_line"))


PROCESS = ("corner", "resistor_tolerance", "capacitor_tolerance", "resistor_tc")


PROCESS += ("capacitor_tc", "reference_tc", "cell_tc_lrs", "cell_tc_hrs")


PROCESS += ("cell_tc_std", "wire_tc", "offset_drift", "multiplier_drift")


PROCESS += ("leak_doubling",)


KNOBS = {
    "write noise": (
        "cell.write.factor",
        "cell.write.std",
        "cell.write.std_rel",
        "cell.write.device_std",
        "cell.write.device_std_rel",
        "crossbar.reference_mismatch",
    ),
    "levels": ("cell.levels",),
    "faults": ("cell.stuck.lrs", "cell.stuck.hrs"),
    "age": ("cell.age",),
    "read noise": (
        "cell.read.white.std",
        "cell.read.white.std_rel",
        "cell.read.thermal.bandwidth",
    ),
    "1/f noise": (
        "cell.read.flicker.std",
        "cell.read.flicker.slope",
        "cell.read.fixed.std",
        "cell.read.fixed.std_rel",
    ),
    "telegraph noise": ("cell.read.telegraph.amplitude",),
    "wires": (*WIRES, "crossbar.wires.driver", "crossbar.wires.sense"),
    "saturation": (
        "amplifier.v_rail",
        "amplifier.clamp",
        "integrator.v_rail",
        "solve.limit_noise",
    ),
    "op-amps": (
        "integrator.offset_std",
        "integrator.mismatch_std",
        "integrator.leak",
        "integrator.hold_noise",
        "op_amp.static_errors",
    ),
    "multipliers": (*(f"{g}.{n}" for g in STAGES for n in MULTIPLIER), *HOLDS),
    "row drivers": (
        "driver.offset_std",
        "driver.gain_std",
        "inverter.offset_std",
        "inverter.gain_std",
    ),
    "rectifiers": ("rectifier.offset_std", "rectifier.gain_std"),
    "supplies": ("supply.reference_std", "supply.std"),
    "process": (*(f"process.{n}" for n in PROCESS), "cell.temperature"),
    "time embedding": (
        "dac.bits",
        "dac.update_rate",
        "dac.ranges",
        "dac.range_error",
        "dac.glitch",
        "dac.skew",
        "dac.jitter",
    ),
    "converters": (
        "adc.bits",
        "adc.noise",
        "adc.full_scale",
        "start.bits",
        "start.full_scale",
        "start.memory",
    ),
    "circuit noise": (
        "op_amp.flicker",
        "supply.noise",
        "supply.ground_noise",
        "multiplier.noise",
        "multiplier.flicker",
        "guidance.noise",
        "guidance.flicker",
        "solve.jitter",
    ),
    "solver": ("solve.solver", "solve.num_steps"),
}


OP_AMP_KNOBS = ("op_amp.kind", "op_amp.gbw", "op_amp.slew", "op_amp.offset_std")


EXAMPLES = {
    "write noise": ("cell.write.std=0.1uS",),
    "levels": ("cell.levels=64",),
    "faults": ("cell.stuck.lrs=1e-3", "cell.stuck.hrs=1e-3"),
    "age": ("cell.age=1e4s",),
    "read noise": ("cell.read.white.std=0.1uS",),
    "1/f noise": ("cell.read.flicker.std=0.03uS",),
    "telegraph noise": ("cell.read.telegraph.amplitude=0.01",),
    "wires": tuple(f"{name}=1ohm" for name in WIRES),
    "saturation": ("amplifier.v_rail=1.2V",),
    "op-amps": ("integrator.offset_std=20uV",),
    "multipliers": ("multiplier.gain_std=0.01",),
    "row drivers": ("driver.offset_std=20uV", "inverter.gain_std=0.001"),
    "rectifiers": ("rectifier.offset_std=20uV",),
    "supplies": ("supply.reference_std=0.001",),
    "process": ("process.corner=monte-carlo",),
    "time embedding": ("dac.bits=12", "dac.update_rate=10MHz"),
    "converters": ("adc.bits=10", "start.bits=12"),
    "circuit noise": ("op_amp.flicker=3uV", "supply.ground_noise=1uV"),
}


def off_errors(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Settings that would turn on each error that the design does not have."""
    return {name: EXAMPLES[name] for name in ERRORS if name not in names}


def knobs_of(name: str, config: RunConfig) -> dict[str, object]:
    """Names and values of the settings behind an error, which are its strength 1."""
    names = KNOBS[name]
    if name == "op-amps" and config.fidelity == "dynamic":
        names = (*names, *OP_AMP_KNOBS)
    values = {knob: read(config, knob) for knob in names}
    slope = "cell.read.flicker.slope"
    if slope in values and values[slope] is None:
        values[slope] = "the device's"
    return values
