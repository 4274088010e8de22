"""The rows of an analog machine and of its own twin."""

from ...energy import Constants, Spread
from ...metrics import compare_repeats, Verdict
from ...system import System
from ._row import Estimate, estimate, Row, spread, tell
from ._runs import Standing


WHAT = {
    "board": "discrete parts on a board",
    "integrated": "one chip, a projection",
}


def analog_rows(
    system: System, standing: Standing, name: str, table: Constants
) -> list[Row]:
    """The row of an analog machine, `board` or `integrated`, and of its own twin.

    The twin is the machine's network without errors. Where the machine is better than
    its twin, the twin with the machine's blur stands beside it: then the blur helps a
    network that is not perfect, and not the machine.
    """
    chip, took = system.program(standing.plan.chip_seed), system.config.solve.duration
    model = system.energy_model(chip, standing.analog.power, name)
    rows = [
        Row(
            f"analog, {name}",
            WHAT[name],
            1,
            spread(standing.analog.distances),
            f"{tell(standing.difference)} than its twin"
            if standing.difference.verdict in (Verdict.BETTER, Verdict.WORSE)
            else f"{tell(standing.difference)} to its twin",
            None,
            Estimate(Spread(took, took, took, {}), {}),
            None,
            estimate(lambda v: model(v).energy, table),
        )
    ]
    mean, low, high = spread(standing.twin)
    short = "within one" if high <= 1 else "below one" if mean < 1 else "above one"
    rows.append(
        Row(
            "twin",
            f"the network of the {name} row without errors",
            1,
            (mean, low, high),
            f"{short} just-noticeable distance from the data",
        )
    )
    if standing.blurred is not None:
        blurred = compare_repeats(
            standing.analog.distances, standing.blurred, delta=standing.plan.margin
        )
        rows.append(
            Row(
                "twin, blurred",
                f"the same with the blur of the {name} row added",
                1,
                spread(standing.blurred),
                f"the machine beside it is {tell(blurred)}",
            )
        )
    return rows
