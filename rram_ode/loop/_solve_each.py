"""Adaptive steps: each sample has a sequence of its own, and its own error estimate."""

from collections.abc import Callable
from typing import Any

import diffrax as dfx
import jax
import jax.tree_util as jtu
import numpy as np
from jaxtyping import Array, PyTree, Shaped

from .._core._types import Scalar, Seconds


def solve_each(
    term: Callable[[Any], dfx.AbstractTerm],
    solver: dfx.AbstractSolver,
    controller: dfx.AbstractAdaptiveStepSizeController,
    dt0: Scalar,
    start: PyTree[Array],
    paths: PyTree,
    times: Seconds,
    at: np.ndarray,
    max_steps: int,
    adjoint: dfx.AbstractAdjoint = dfx.RecursiveCheckpointAdjoint(),
) -> tuple[PyTree[Array], PyTree[Array], Shaped[Array, " _"], Shaped[Array, " _"]]:
    """Solve all samples from `times[0]` to the last of `times`.

    Args:
        term: The equation of one sample, for its paths.
        solver: A method of diffrax.
        controller: Chooses the steps.
        dt0: The first step, in seconds.
        start: States; samples on the last axis.
        paths: The noise of all samples; samples on the last axis.
        times: Times of the steps, in seconds.
        at: Numbers of the times at which states are kept.
        max_steps: The most steps that a sample may take.
        adjoint: How gradients are taken.

    Returns:
        The last states, those at the times numbered `at` (a leading axis), the number
        of steps and whether the end was reached.
    """
    subs = [dfx.SubSaveAt(t1=True)]
    if at.size:
        subs.append(dfx.SubSaveAt(ts=times[at]))

    def one(start: PyTree[Array], paths: PyTree) -> tuple[Any, ...]:
        solution = dfx.diffeqsolve(
            term(paths),
            solver,
            times[0],
            times[-1],
            dt0,
            start,
            stepsize_controller=controller,
            saveat=dfx.SaveAt(subs=subs),
            adjoint=adjoint,
            max_steps=max_steps,
            throw=False,
        )
        ys = solution.ys
        assert ys is not None  # by `saveat`
        end = jtu.tree_map(lambda y: y[0], ys[0])
        kept = ys[1] if at.size else jtu.tree_map(lambda y: y[:0], ys[0])
        is_solved = solution.result == dfx.RESULTS.successful
        return end, kept, solution.stats["num_steps"], is_solved

    axes = jtu.tree_map(lambda leaf: -1 if leaf.ndim else None, paths)
    return jax.vmap(one, in_axes=(-1, axes), out_axes=(-1, -1, 0, 0))(start, paths)
