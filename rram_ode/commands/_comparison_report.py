"""What the searches of a comparison found, as plain data for its report."""

from typing import Any

from ..studies import ComparisonPlan, DigitalResult, find_shortest, finite, Referee
from ..system import System
from ..views import progress


JUST_NOTICEABLE = 1.0  # the unit of a comparison, whatever its margin


def report_shortest(
    system: System, plan: ComparisonPlan, referee: Referee
) -> dict[str, Any]:
    """The shortest solve of equal quality, and all durations that were tried."""
    with progress(unit="chip", name="shorter solves") as bar:
        found = find_shortest(system, plan, referee, bar)
    return {
        "seconds": found.search.found,
        "tried": {
            f"{seconds:g}": {
                **difference.as_dict(JUST_NOTICEABLE),
                "margin_deg": finite(found.attempts[seconds].stability.margin_deg),
                "displacement": found.attempts[seconds].displacement,
            }
            for seconds, difference in sorted(found.search.tried.items())
        },
        "limit": found.limit,
    }


def report_sampler(result: DigitalResult) -> dict[str, Any]:
    """What the search found, with every step count that was tried."""
    difference, sampler = result.difference, result.sampler
    if difference is None or sampler is None or result.steps is None:
        return {"sampler": result.name, "refused": result.refused}
    steps, bits = result.num_steps, result.bits
    return {
        "sampler": result.label,
        "steps": steps,
        "evaluations": None if steps is None else sampler.num_evaluations(steps),
        "integer_bits": None if bits is None else bits.found,
        **difference.as_dict(JUST_NOTICEABLE),
        "tried": {
            str(n): each.as_dict(JUST_NOTICEABLE)
            for n, each in sorted(result.steps.tried.items())
        },
    }
