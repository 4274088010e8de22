"""A loop that refuses the gradient that its signals' edges would make wrong."""

from typing import TypeVar

import equinox as eqx

from .._core._arrays import without_gradient
from ._base import AbstractLoop


Loop = TypeVar("Loop", bound=AbstractLoop)


def of_fixed_duration(loop: Loop, edges: tuple[str, ...]) -> Loop:
    """`loop`; if it has signals with `edges`, its duration refuses a gradient."""
    if not edges:
        return loop
    *first, last = edges
    listed = f"{', '.join(first)} and {last}" if first else last
    reason = (
        f"`solve.duration` has no gradient with {listed}: as a solve gets longer its "
        "steps stretch, and these keep edges of their own. Close loops of several "
        "durations and compare them, or turn these off."
    )
    where = lambda loop: loop.clock.duration
    return eqx.tree_at(where, loop, without_gradient(where(loop), reason))
