"""The paper's claims of its conditional task beside what the model gives.

`letters-14-fresh` is the paper's conditional network on chips that were just written.
The steps of Euler that equal these chips are searched, and each of the three versions
of the claim is held against a digital machine that takes so many on the paper's
network, class embedding and decoder counted: an A100 at batch 1 for seconds, operations
times energy for joules. A baseline that is solved for never counts as reproduced.
"""

import math
from typing import Any

from rram_ode.accelerators import all_constants, MACHINES
from rram_ode.metrics import interval
from rram_ode.presets import find_preset
from rram_ode.studies import (
    check_claims,
    ComparisonPlan,
    DigitalResult,
    equalise,
    find_standing,
    is_paper_network,
    Referee,
)
from rram_ode.system import System
from tqdm import tqdm

from ._harness import run
from ._result import Gate, Row


RIVAL = "the digital machine that each claim is held against"
PRESET = "letters-14-fresh"
NUM_SAMPLES, NUM_CHIPS = 4000, 8
GATE = "distance of so many steps beyond the chips', end of its interval"
MARGIN = 1.0  # just-noticeable distances


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each printed figure of the conditional task."""
    num = options.num_samples or NUM_SAMPLES
    num_chips = options.num_chips or NUM_CHIPS
    system = System.from_config(find_preset(PRESET))
    network = system.checkpoint.score.network
    assert is_paper_network(network)
    assert network.classes is not None
    plan = ComparisonPlan(num, num_chips, 1, 0, 0, MARGIN, num_chips)
    referee = Referee(system, plan)
    with tqdm(unit="chip", desc="conditional_claims") as bar:
        spent, standing = run(lambda: find_standing(system, plan, referee, bar.update))
        exact, _ = equalise(
            system, standing.plan, referee, standing.analog, "euler", bar.update
        )
    steps = number_of(exact)
    processor, engine = MACHINES["a100"], MACHINES["engine-fp32"]
    held = check_claims(processor, engine, all_constants(), steps, "conditional")
    gate = Gate(high_of(exact), MARGIN, GATE)
    found = [claim_row(each, gate) for each in held if each.claim.task == "conditional"]
    first = standing.analog.first
    extra = {
        "num_samples": num,
        "num_chips": standing.plan.num_chips,
        "steps": steps,
        "verdict": str(standing.verdict),
        "distance": list(interval(standing.analog.distances.tolist())),
        "twin_distance": list(interval(standing.twin.tolist())),
        "chips_s": spent,
        "solve_s": system.config.solve.duration,
        "joules": None if first is None else first.energy.energy,
    }
    return found, extra


def number_of(result: DigitalResult) -> int | None:
    """The steps that equal the chips; `None` if not even the most do."""
    found = None if result.steps is None else result.steps.found
    return None if found is None else int(found)


def high_of(result: DigitalResult) -> float:
    """Upper end of the difference to the chips at these steps; NaN without them."""
    steps = number_of(result)
    if result.steps is None or steps is None:
        return math.nan
    return result.steps.tried[steps].high


def claim_row(held: Any, gate: Gate) -> Row:
    """One printed figure: the baseline that it asks for, and the model's."""
    claim = held.claim
    return Row(
        f"{claim.version}, {claim.quantity}",
        gate,
        details={
            **held.as_dict(),
            "asked_over_model": claim.solved / held.equal.nominal,
        },
    )
