"""Static errors of all blocks: off is exact, and fidelity `dynamic` tends to them."""

import dataclasses
import functools

import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import (
    AutoZero,
    BendSpread,
    BlockSpread,
    FeedbackIntegrator,
    MultiplierSpread,
    OpAmp,
    SupplySpread,
)
from rram_ode.chip import Blueprint, Design, OpAmps, Ranges
from rram_ode.crossbar import DifferentialPair, Wires
from rram_ode.devices import Cell
from rram_ode.loop import make_dynamic, Parasitics
from rram_ode.scores import fourier_mlp, NetworkScore
from test_dynamic import distance, quasi_static, RANGE, solve, starts


# A low gain and a large bias current, so that each shows.
AMP = OpAmp(2e3, 1e8, offset_std=2e-3, bias_current=5e-8)
ZERO = AutoZero(1e-12, 2e-16)
BEND = BendSpread(4e-3, 8e-3, 1.2, 1.0)
ERRORS = {
    "drivers": BlockSpread(2e-3, 1e-3, "driver"),
    "inverters": BlockSpread(4e-3, 1e-3, "inverter"),
    "rectifiers": BlockSpread(4e-3, 1e-3, "rectifier"),
    "supplies": SupplySpread(4e-3, 0.02),
    "multiplier": MultiplierSpread(5e-3, 2e-3, 2e-3, 1e-3, BEND),
    "op_amps": OpAmps(AMP, ZERO),
}
WIRES = Wires(3.0, 2.0, 50.0, 10.0)
SCORE = NetworkScore(fourier_mlp(2, (4, 4), key=jr.key(0)))


def design_of(wires=None, **errors):
    return Design(
        Cell(RANGE),
        DifferentialPair(RANGE),
        FeedbackIntegrator(5e4, 30e-12, 1e-8, v_rail=1.2),
        v_rail=1.2,
        v_clamp=0.2,
        offset_std=1e-3,
        mismatch_std=1e-2,
        wires=wires,
        **errors,
    )


@functools.cache
def chip_of(names=tuple(ERRORS), has_wires=False):
    errors = {name: ERRORS[name] for name in names}
    design = design_of(WIRES if has_wires else None, **errors)
    blueprint = Blueprint(SCORE, design, Ranges(3.0, (4.0, 4.0), 6.0))
    return blueprint.program(jr.key(3))


def dynamic(gbw, num_steps):
    op_amp = dataclasses.replace(AMP, gbw=gbw)
    return make_dynamic(quasi_static(num_steps), op_amp, Parasitics(), None, ZERO)


@pytest.mark.parametrize("has_wires", [False, True], ids=["cells", "wires"])
def test_dynamic_tends_to_quasi_static_at_first_order(has_wires):
    """Bandwidth x 10, 100, 1,000 with every static error on, on one grid."""
    chip, x1 = chip_of(has_wires=has_wires), starts()
    ends = [solve(dynamic(gbw, 800), chip, x1) for gbw in (1e8, 1e9, 1e10, 1e11, 1e16)]
    found = [distance(x, ends[-1]) for x in ends[:-1]]
    orders = np.log10(np.array(found[:-1]) / np.array(found[1:]))
    print(found, orders)
    slow = solve(quasi_static(800), chip, x1)
    print(distance(ends[-1], slow))
    for name in ERRORS:
        rest = tuple(n for n in ERRORS if n != name)
        print(
            name, distance(solve(quasi_static(800), chip_of(rest, has_wires), x1), slow)
        )
