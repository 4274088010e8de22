"""More steps where a switched array settles, for whoever looks at its nodes there."""

import equinox as eqx
import numpy as np

from ..._core._arrays import as_float
from .._grid import with_edges
from .._switched import SwitchedLoop
from ._loop import DynamicLoop, make_dynamic


# Measured on `letters-fresh` with op-amps of 1 GHz, against ngspice, at the boundaries
# of steps: outputs in even steps of 25 ns are off by 1.8 % of full scale as the array
# settles, and by 0.07 % with these.
RATIO = 1.5
NUM_STEPS = 16


def resolve_turns(loop: DynamicLoop) -> DynamicLoop:
    """`loop` with steps that grow by half each after every switch of its array.

    Each stage sees its input as a line over a step. Where a step has a few time
    constants of the array's op-amps, outputs at its end are off, while the array
    settles; holds are closed later, and ends of a solve hardly notice. A loop without a
    switched array stays as it is.
    """
    turns = loop.turns
    if turns is None:
        return loop
    after = (1 - turns.acquisition) * RATIO ** -np.arange(1.0, NUM_STEPS + 1)
    halves = np.arange(2 * turns.periods)[:, None]
    edges = np.sort((halves + after).ravel()) / (2 * turns.periods)
    grid = with_edges(np.asarray(loop.grid, float), edges)
    closed = eqx.tree_at(lambda loop: loop.grid, loop.loop, as_float(grid))
    parts = loop.op_amp, loop.parasitics, loop.noise, loop.auto_zero, loop.pole
    # Variables of `AbstractLoop` are properties here, which pyright takes for fields.
    switched = SwitchedLoop(  # pyright: ignore[reportCallIssue]
        loop=closed, turns=turns
    )
    return make_dynamic(switched, *parts, loop.design)
