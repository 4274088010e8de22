"""Static errors of the blocks of a configuration; `None` for what has none."""

from ...blocks import BendSpread, BlockSpread, MultiplierSpread, SupplySpread
from ...chip import OpAmps
from ...config import (
    DriverConfig,
    InverterConfig,
    RectifierConfig,
    require_below,
    RunConfig,
)
from ._op_amp import build_auto_zero, build_op_amp, design_op_amp, pair_capacitance
from ._supply import supply_of


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
    c, v_rail = config.multiplier, config.amplifier.v_rail
    bend = None
    if c.signal_bend_std or c.factor_bend_std:
        v_scale = 1.0 if v_rail is None else v_rail
        bend = BendSpread(c.signal_bend_std, c.factor_bend_std, v_scale, c.full_scale)
    stds = c.gain_std, c.signal_std, c.factor_std, c.offset_std
    spread = MultiplierSpread(*stds, bend)
    drift = config.process.multiplier_drift  # acts on offsets, were they all zero
    return spread if any(stds) or bend is not None or drift else None
