"""What all chips of a configuration share."""

import dataclasses
import math

from ...blocks import FeedbackIntegrator, StartHold
from ...chip import Design
from ...config import (
    idealise,
    limit,
    require,
    require_positive,
    RunConfig,
    StartConfig,
    WiresConfig,
)
from ...crossbar import (
    AbstractMapping,
    ColumnScale,
    DifferentialPair,
    LayerScale,
    ReferenceColumn,
    Tiling,
    Wires,
)
from ._cell import build_access, build_cell
from ._op_amp import build_rectifier
from ._possible import require_possible
from ._process import build_process
from ._static import (
    build_guidance,
    build_multipliers,
    build_spread,
    build_static_op_amps,
    build_supplies,
)
from ._supply import require_supply


def build_design(config: RunConfig) -> Design:
    """What all chips of the configuration share."""
    if config.fidelity == "ideal":
        config = idealise(config)
    else:
        require_supply(config)
        require_possible(config)
    c, amplifier, integrator = config.crossbar, config.amplifier, config.integrator
    require_positive(
        config, "crossbar.v_max", "crossbar.headroom", "crossbar.v_disturb"
    )
    require_positive(config, "amplifier.v_rail", "integrator.leak")
    require_positive(config, "integrator.offset_std", zero=True)
    require_positive(config, "integrator.mismatch_std", zero=True)
    cell = build_cell(config.cell)
    cell.iv.check(c.v_max if amplifier.clamp else math.inf)
    mapping: AbstractMapping = DifferentialPair(cell.range)
    if c.mapping == "reference":
        mapping = ReferenceColumn(cell.range, c.reference_mismatch)
    return Design(
        cell,
        mapping,
        FeedbackIntegrator(
            integrator.resistance,
            integrator.capacitance,
            0.0 if integrator.leak is None else 1 / integrator.leak,
            limit(integrator.v_rail),
            temperature=config.cell.temperature if integrator.hold_noise else None,
        ),
        ColumnScale() if c.scale == "column" else LayerScale(),
        v_max=c.v_max,
        v_disturb=limit(c.v_disturb),
        headroom=c.headroom,
        v_rail=limit(amplifier.v_rail),
        v_clamp=c.v_max if amplifier.clamp else math.inf,
        v_out=1.0 if amplifier.v_rail is None else amplifier.v_rail,
        offset_std=integrator.offset_std,
        mismatch_std=integrator.mismatch_std,
        rectifier=build_rectifier(config.rectifier),
        multiplier=build_multipliers(config),
        guidance=build_guidance(config),
        drivers=build_spread("driver", config.driver),
        inverters=build_spread("inverter", config.inverter),
        rectifiers=build_spread("rectifier", config.rectifier),
        supplies=build_supplies(config),
        op_amps=build_static_op_amps(config),
        process=build_process(config),
        start=_start(config.start),
        access=build_access(config.cell),
        wires=_wires(c.wires),
        tiling=Tiling(c.tile_rows, c.tile_cols),
        rescale=c.rescale,
        remap=config.cell.stuck.remap,
        fit_bias=c.bias == "fitted",
    )


def _start(c: StartConfig) -> StartHold | None:
    """`None` where a start is what the DAC gave."""
    hold = StartHold(c.injection, c.leakage, c.hold)
    return hold if c.injection or c.leakage * c.hold else None


def _wires(config: WiresConfig) -> Wires | None:
    """`None` where no wire has a resistance."""
    require("crossbar.wires.capacitance", config.capacitance, zero=True)
    values = dataclasses.asdict(config)
    del values["capacitance"]  # which acts in fidelity `dynamic` alone
    wires = Wires(**values)
    ohms = (config.word_line, config.bit_line, config.driver, config.sense)
    return wires if any(ohms) else None
