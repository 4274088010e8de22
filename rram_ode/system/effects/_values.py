"""The values of settings, with those of a class or device where one stands for them."""

from typing import Any

from ...config import leaves, read, RunConfig
from ...noise import FlickerReadNoise
from ..build import (
    build_auto_zero,
    build_cell,
    build_op_amp,
    build_op_amp_noise,
    pair_capacitance,
)


def values_of(config: RunConfig) -> dict[str, Any]:
    """Every setting's value, with the class's own where `None` stands for that."""
    values = {name: read(config, name) for name, _ in leaves(config)}
    c = config.op_amp
    op_amp, zero = build_op_amp(c), build_auto_zero(c, config.cell.temperature)
    noise, cell = build_op_amp_noise(config), build_cell(config.cell)
    for name in ("gain", "gbw", "slew", "offset_std", "bias_current", "i_out"):
        values[f"op_amp.{name}"] = float(getattr(op_amp, name))
    flicker = cell.read.flicker
    slope = flicker.slope if isinstance(flicker, FlickerReadNoise) else 0.0
    return values | {
        "cell.g_min": float(cell.range.g_min),
        "cell.g_max": float(cell.range.g_max),
        "cell.read.flicker.slope": float(slope),
        "op_amp.auto_zero": None if zero is None else float(zero.capacitance),
        "op_amp.injection": 0.0 if zero is None else float(zero.injection),
        "op_amp.sampled_noise": zero is not None and zero.is_noisy,
        "op_amp.c_in": c.c_in + pair_capacitance(c),
        "op_amp.e_n": 0.0 if noise is None else float(noise.e_n),
        "adc.noise": 0.0 if config.adc.bits is None else config.adc.noise,
    }
