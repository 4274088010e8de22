"""Static errors of the blocks of a configuration; `None` for what has none."""

import dataclasses
import math

from ...blocks import (
    BendSpread,
    BlockSpread,
    GuidanceSpread,
    HoldSpread,
    MultiplierSpread,
    SupplySpread,
)
from ...chip import OpAmps
from ...config import (
    DriverConfig,
    GuidanceConfig,
    InverterConfig,
    MultiplierConfig,
    RectifierConfig,
    require,
    require_below,
    RunConfig,
)
from ._op_amp import build_auto_zero, build_op_amp, design_op_amp, pair_capacitance
from ._supply import supply_of


SWITCH_SIZES = ("switch_rate", "acquisition", "hold_capacitance")


def build_spread(
    name: str, config: DriverConfig | InverterConfig | RectifierConfig
) -> BlockSpread | None:
    """Spreads of the blocks whose settings are the group `name`."""
    spread = BlockSpread(config.gain_std, config.offset_std, name)
    return spread if config.gain_std or config.offset_std else None


def build_supplies(config: RunConfig) -> SupplySpread | None:
    """Spreads of the reference, and of the rails, which follow half of the supply."""
    c = config.supply
    why = "so that five standard deviations leave a supply"
    require_below("supply.std", c.std, 0.2, why)
    spread = SupplySpread(c.reference_std, c.std * supply_of(config) / 2)
    return spread if c.reference_std or c.std else None


def build_static_op_amps(config: RunConfig) -> OpAmps | None:
    """The op-amps whose static errors act with infinitely fast op-amps."""
    c = config.op_amp
    if not c.static_errors:
        return None
    zero = build_auto_zero(c, config.cell.temperature)
    return OpAmps(build_op_amp(c), zero, design_op_amp(c), pair_capacitance(c))


def build_multipliers(config: RunConfig) -> MultiplierSpread | None:
    """Spreads of the multipliers, whose signals have the full scale of an amplifier."""
    return _multipliers(config, config.multiplier, config.multiplier.full_scale)


def build_guidance(config: RunConfig) -> GuidanceSpread | None:
    """The stages that guide; `None` without a weight.

    Raises:
        ValueError: If a value is below zero.
    """
    c = config.guidance
    if not math.isfinite(c.weight):
        raise ValueError(
            f"`guidance.weight` must be 0 or more and finite; got {c.weight}."
        )
    for field in dataclasses.fields(c):
        if field.name not in ("circuit", "hold_noise", *SWITCH_SIZES):
            require(f"guidance.{field.name}", getattr(c, field.name), zero=True)
    for name in SWITCH_SIZES:
        require(f"guidance.{name}", getattr(c, name))
    if not c.weight:
        return None
    errors = _multipliers(config, c, max(1.0, c.weight))
    return GuidanceSpread(c.weight, errors, _holds(config))


def _holds(config: RunConfig) -> HoldSpread | None:
    """The holds of an array that both labels share; `None` for two arrays."""
    c = config.guidance
    if c.circuit != "switched":
        return None
    return HoldSpread(
        c.hold_capacitance,
        c.switch_resistance,
        c.injection,
        c.injection_std,
        c.leakage,
        config.cell.temperature if c.hold_noise else None,
    )


def _multipliers(
    config: RunConfig, c: MultiplierConfig | GuidanceConfig, full_scale: float
) -> MultiplierSpread | None:
    """Spreads of multipliers whose factors have a full scale."""
    v_rail, bend = config.amplifier.v_rail, None
    if c.signal_bend_std or c.factor_bend_std:
        v_scale = 1.0 if v_rail is None else v_rail
        bend = BendSpread(c.signal_bend_std, c.factor_bend_std, v_scale, full_scale)
    stds = c.gain_std, c.signal_std, c.factor_std, c.offset_std
    spread = MultiplierSpread(*stds, bend)
    drift = config.process.multiplier_drift  # acts on offsets, were they all zero
    return spread if any(stds) or bend is not None or drift else None
