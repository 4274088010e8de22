"""Steps to the times of a grid, whose number need not be part of the program."""

from typing import Any

import diffrax as dfx
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Integer, Shaped

from .._core._types import Seconds, State
from ._term import LoopTerm


class Steps(eqx.Module):
    """The boundaries of all steps of a solve, in circuit time.

    Args:
        times: The boundaries; those after `num` steps repeat the last one.
        num: Number of steps; `None` for as many as there are.
    """

    times: Seconds
    num: Integer[Array, ""] | None = None

    @property
    def last(self) -> Seconds:
        """Start and end of the last step."""
        if self.num is None:
            return self.times[-2:]
        return jax.lax.dynamic_slice_in_dim(self.times, self.num - 1, 2)

    def seen(self, num: int) -> Integer[np.ndarray, " seen"] | Integer[Array, " seen"]:
        """Numbers of `num` steps that are spread over the solve."""
        if self.num is None:
            return np.linspace(0, self.times.size - 2, num).round().astype(int)
        gaps = max(num - 1, 1)
        places = jnp.arange(num, dtype=self.num.dtype) * (self.num - 1)
        whole, rest = places // gaps, 2 * (places % gaps)
        is_up = (rest > gaps) | ((rest == gaps) & (whole % 2 == 1))  # as NumPy rounds
        return whole + is_up.astype(whole.dtype)


class _Along(dfx.AbstractStepSizeController[Any, None]):
    """Steps to `times`, as `diffrax.StepTo`.

    That one wants them to rise to the end, which it checks by a callback to Python: a
    program with one is never kept on disk (`RRAM_ODE_CACHE`).
    """

    times: Seconds

    def wrap(self, direction: Any) -> "_Along":
        """Itself, as circuit time rises."""
        del direction
        return self

    def init(self, terms, t0, t1, y0, dt0, args, func, error_order) -> tuple:
        """End of the first step, and the number of the next boundary."""
        del terms, t0, t1, y0, dt0, args, func, error_order
        return self.times[1], jnp.asarray(2)

    def adapt_step_size(
        self, t0, t1, y0, y1_candidate, args, y_error, error_order, controller_state
    ) -> tuple:
        """The next step; each is kept."""
        del t0, y0, y1_candidate, args, y_error, error_order
        after = self.times[controller_state]
        return True, t1, after, False, controller_state + 1, dfx.RESULTS.successful


def solve_along(
    term: LoopTerm,
    solver: dfx.AbstractSolver,
    steps: Steps,
    v1: State,
    num_seen: int,
    adjoint: dfx.AbstractAdjoint,
) -> dict[str, Any]:
    """Arguments of `diffrax.diffeqsolve` that take all samples as one state.

    Args:
        term: The differential equation.
        solver: A method of diffrax.
        steps: Where it steps.
        v1: Start, in volts.
        num_seen: Number of the steps whose first states are kept.
        adjoint: How gradients are taken.
    """
    times = steps.times
    return {
        "terms": term,
        "solver": solver,
        "t0": times[0],
        "t1": steps.last[1],
        "dt0": None,
        "y0": v1,
        "stepsize_controller": _Along(times),
        # Every state is kept: cheaper to compile than dense output at a few times.
        "saveat": dfx.SaveAt(t0=True, steps=True) if num_seen else dfx.SaveAt(t1=True),
        "adjoint": adjoint,
        "max_steps": times.size - 1,
        "throw": False,
    }


def ends_along(
    solution: dfx.Solution,
    steps: Steps,
    at: Shaped[Array, " seen"] | Shaped[np.ndarray, " seen"],
) -> tuple[State, Float[Array, "seen dim ..."], Integer[Array, ""], Array]:
    """The last state, those kept at steps `at`, how many steps, and if the end is met.

    Args:
        solution: With the arguments of `solve_along`.
        steps: Where it stepped.
        at: Numbers of the steps whose first states are kept.
    """
    vs, num = solution.ys, solution.stats["num_steps"]
    assert vs is not None  # by `saveat`
    is_solved = solution.result == dfx.RESULTS.successful
    end = vs[-1] if steps.num is None or not at.size else vs[steps.num]
    return end, vs[at] if at.size else vs[:0], num, is_solved


def pad_grid(grid: np.ndarray, most: int) -> np.ndarray:
    """`grid` from 0 to 1 with repeats of its end, for `most` steps."""
    return np.pad(grid, (0, most + 1 - grid.size), constant_values=1.0)
