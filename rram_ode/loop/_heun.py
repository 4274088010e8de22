"""Heun's method for a loop with much noise: the control of a step is made once."""

from collections.abc import Callable
from typing import Any, ClassVar

import diffrax as dfx

from .._core._types import State


class LoopHeun(dfx.AbstractStratonovichSolver):
    r"""$k_1 = f(\tau_0, v)$, $k_2 = f(\tau_1, v + k_1)$, $v + (k_1 + k_2) / 2$.

    Equal to `diffrax.Heun` on fixed steps, to rounding. That one runs its two stages in
    a loop, which carries, and so copies, the control: all noise of a step, for every
    cell and sample. It has an error estimate for adaptive steps; this one has none.
    """

    term_structure: ClassVar = dfx.AbstractTerm
    interpolation_cls: ClassVar[Callable[..., Any]] = dfx.LocalLinearInterpolation

    def order(self, terms: dfx.AbstractTerm) -> int:
        """2."""
        del terms
        return 2

    def strong_order(self, terms: dfx.AbstractTerm) -> float:
        """1/2, for noise that does not commute."""
        del terms
        return 0.5

    def init(self, terms: dfx.AbstractTerm, t0, t1, y0: State, args: object) -> None:
        """No state."""
        del terms, t0, t1, y0, args

    def step(
        self,
        terms: dfx.AbstractTerm,
        t0,
        t1,
        y0: State,
        args: object,
        solver_state: None,
        made_jump: object,
    ) -> tuple:
        """The state after the step; no error estimate."""
        del solver_state, made_jump
        control = terms.contr(t0, t1)
        k1 = terms.vf_prod(t0, y0, args, control)
        k2 = terms.vf_prod(t1, y0 + k1, args, control)
        y1 = y0 + (k1 + k2) / 2
        return y1, None, {"y0": y0, "y1": y1}, None, dfx.RESULTS.successful

    def func(self, terms: dfx.AbstractTerm, t0, y0: State, args: object) -> Any:
        """The vector field."""
        return terms.vf(t0, y0, args)
