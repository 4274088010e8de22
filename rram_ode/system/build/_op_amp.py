"""Op-amps and rectifiers of a configuration."""

from ...blocks import (
    AbstractRectifier,
    AutoZero,
    ClampRectifier,
    Diode,
    DiodeRectifier,
    IdealRectifier,
    OP_AMPS,
    OpAmp,
    OpAmpNoise,
)
from ...config import OpAmpConfig, RectifierConfig, require, RunConfig


def build_op_amp(config: OpAmpConfig) -> OpAmp:
    """An op-amp of the class, with the values that are set."""
    base = OP_AMPS[config.kind]()
    names = ("gain", "gbw", "slew", "offset_std", "bias_current")
    given = {n: getattr(config, n) for n in names if getattr(config, n) is not None}
    return OpAmp(**{**{n: getattr(base, n) for n in names}, **given})


def build_op_amp_noise(config: RunConfig) -> OpAmpNoise | None:
    """White noise of op-amps and resistors; `None` where all of it is off."""
    c, solve = config.op_amp, config.solve
    if not (c.e_n or c.i_n or c.resistor_noise):
        return None
    bandwidth = c.noise_bandwidth
    if bandwidth is None:
        bandwidth = solve.num_steps / (2 * solve.duration)
    temperature = config.cell.temperature if c.resistor_noise else 0.0
    return OpAmpNoise(c.e_n, c.i_n, temperature, bandwidth)


def build_auto_zero(config: OpAmpConfig) -> AutoZero | None:
    """What takes up the offsets; `None` for nothing."""
    if config.auto_zero is None:
        return None
    if not config.resistor_noise:
        raise ValueError(
            "`op_amp.auto_zero` samples the k T / C of its switch in each solve: "
            "`op_amp.resistor_noise` must be True with it; got False. Set it, or leave "
            "out `op_amp.auto_zero`."
        )
    return AutoZero(config.auto_zero, config.injection)


def build_rectifier(config: RectifierConfig) -> AbstractRectifier:
    """The ReLU of a kind.

    Raises:
        ValueError: If a value is out of range.
    """
    for key in ("gain", "resistance", "saturation", "ideality"):
        require(f"rectifier.{key}", getattr(config, key))
    diode = Diode(config.saturation, config.ideality)
    made: dict[str, AbstractRectifier] = {
        "ideal": IdealRectifier(),
        "diode": DiodeRectifier(diode, config.resistance),
        "precision": DiodeRectifier(diode, config.resistance, config.gain),
        "clamp": ClampRectifier(diode, config.resistance),
    }
    return made[config.kind]
