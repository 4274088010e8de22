"""The rows of an analog machine and of its own twin."""

from ...energy import Constants, Spread
from ...metrics import compare_repeats, Verdict
from ...system import area_model, find_rewriting, System
from ._row import Estimate, estimate, middle, Row, spread, tell
from ._runs import Standing


ANALOG = ("integrated", "integrated-45nm", "board")


NO_AREA = ("integrated-45nm",)  # the densities are those of 180 nm


WHAT = {
    "board": "discrete parts on a board",
    "integrated": "one chip, a projection",
    "integrated-45nm": "the same chip at 45 nm, a projection",
}


def analog_row(system: System, standing: Standing, name: str, table: Constants) -> Row:
    """The row of an analog machine: quality and joules of one and the same circuit.

    Args:
        system: The machine; that of the board has the board's op-amps.
        standing: Its runs.
        name: `board`, `integrated` or `integrated-45nm`.
        table: The constants of the energy model.
    """
    chip, clock = standing.plan.chip(system), system.chip_loop.clock
    model = system.energy_model(chip, standing.analog.power, name)
    period, area = float(clock.duration) + float(clock.reset), None
    if name not in NO_AREA:
        parts = area_model(system.config, system.chip_loop, chip, name)
        area = estimate(lambda v: sum(parts(v).values()), table)
    seconds = Estimate(Spread(period, period, period, {}), {})
    if find_rewriting(system.config, chip) is not None:
        seconds = estimate(lambda v: model(v).period_s, table)
    is_told = standing.verdict in (Verdict.BETTER, Verdict.WORSE)
    told = standing.tally.tell(standing.difference)
    return Row(
        f"analog, {name}",
        WHAT[name],
        1,
        spread(standing.analog.distances),
        f"{told} {'than' if is_told else 'to'} its twin",
        seconds=seconds,
        wall_energy=estimate(lambda v: model(v).energy, table),
        solve=float(clock.duration),
        area=area,
        median=middle(standing.analog.distances),
        # Repeats on one chip are no fraction of chips.
        tally=standing.tally if standing.plan.saved is None else None,
    )


def twin_rows(standing: Standing) -> list[Row]:
    """The network without errors: what no chip of it can be expected to surpass.

    Where a machine is better than its twin, the twin with the machine's blur stands
    beside it: then the blur helps a network that is not perfect.
    """
    twin = spread(standing.twin)
    if twin.high <= 1:
        short = "within one just-noticeable distance of the data"
    else:
        short = (
            f"the network itself misses the data by {max(twin.mean - 1, 0.0):.2f} more "
            "than one would just accept"
        )
    what, median = "the network without errors", middle(standing.twin)
    rows = [Row("twin", what, 1, twin, short, median=median)]
    if standing.blurred is not None:
        beside = compare_repeats(
            standing.analog.distances, standing.blurred, delta=standing.plan.margin
        )
        text = f"the machine is {tell(beside)} beside it: the blur helps the network"
        rows.append(
            Row(
                "twin, blurred",
                "the same with the machine's blur added",
                1,
                spread(standing.blurred),
                text,
                median=middle(standing.blurred),
            )
        )
    return rows
