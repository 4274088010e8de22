"""Settings that take a part as ideal, so that a report can name them."""

from ._overrides import read
from ._run import RunConfig


# Values that no designer can buy, by name; each stands for a part without its error.
IDEAL: dict[str, object] = {
    "cell.levels": None,
    "cell.write.factor": 0.0,
    "cell.access.resistance": 0.0,
    "crossbar.wires.word_line": 0.0,
    "crossbar.wires.bit_line": 0.0,
    "crossbar.wires.driver": 0.0,
    "crossbar.wires.sense": 0.0,
    "crossbar.wires.capacitance": 0.0,
    "crossbar.v_disturb": None,
    "amplifier.v_rail": None,
    "amplifier.clamp": False,
    "rectifier.kind": "ideal",
    "rectifier.offset_std": 0.0,
    "driver.offset_std": 0.0,
    "inverter.gain_std": 0.0,
    "supply.reference_std": 0.0,
    "process.corner": "typical",
    "adc.bits": None,
    "dac.bits": None,
    "start.bits": None,
    "dac.update_rate": None,
    "op_amp.sampled_noise": False,
    "integrator.leak": None,
    "integrator.offset_std": 0.0,
    "integrator.mismatch_std": 0.0,
    "integrator.hold_noise": False,
    "integrator.v_rail": None,
    "multiplier.bandwidth": None,
}


def idealisations(config: RunConfig) -> tuple[str, ...]:
    """The settings of `config` that take a part as ideal, as `NAME=VALUE`.

    With fidelity `ideal` every part is, and the one entry says so.
    """
    if config.fidelity == "ideal":
        return ("fidelity=ideal",)
    return tuple(
        f"{name}={read(config, name)}"
        for name, ideal in IDEAL.items()
        if read(config, name) == ideal
    )
