"""What is shown of systems, their runs and what judges them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..metrics import Difference, Interval
from ..views import (
    draw_blocks,
    draw_lines,
    draw_points,
    draw_spans,
    number_text,
    percent_text,
    quantity_text,
    Span,
    span_text,
    View,
)


if TYPE_CHECKING:
    from ._judgement import Judgement
    from ._run import DigitalRun, Run, Trace
    from ._system import System
    from ._yardstick import Measured


COUNTS = ("num_samples", "outside_fraction", "non_finite_fraction")  # are no metrics


UNIT = "just-noticeable distances"


FAR = "distance to the data, 90 % intervals"


def view_system(system: "System", /) -> View:
    """What is generated, by which network, on which cells, and how it is solved."""
    config, score = system.config, system.checkpoint.score
    network = score.network
    widths = [score.dim, *network.widths, score.dim]
    number = sum(x.size for x in (*network.weights, *network.biases))
    cell, solve = system.blueprint.design.cell, config.solve
    range_text = quantity_text([cell.range.g_min, cell.range.g_max], "S")
    label = "" if solve.label == "all" else f", class {solve.label}"
    rows = (
        ("data", f"{config.data}{label}, {score.dim} coordinates"),
        (
            "network",
            f"{'-'.join(map(str, widths))}, {number} parameters, "
            f"checkpoint {config.checkpoint}",
        ),
        ("cells", f"{config.cell.device}, {range_text}"),
        (
            "solve",
            f"{quantity_text(solve.duration, 's')}, reset "
            f"{quantity_text(solve.reset, 's')}, {solve.process}, {solve.solver} with "
            f"{solve.num_steps} steps",
        ),
        ("digital sampler", type(system.sampler).__name__),
        ("settings", "rr.knobs(system) lists all"),
    )
    inputs = [score.dim, *network.widths]
    arrays = [
        f"array {number}\n{rows + 1} x {cols}"
        for number, (rows, cols) in enumerate(
            zip(inputs, widths[1:], strict=True), start=1
        )
    ]
    names = [*arrays, "multipliers\nand factors", f"integrators\n{score.dim}"]
    return View(
        f"System: {config.fidelity} chips",
        rows,
        drawings=lambda: [draw_blocks(names, "the loop", "voltages of the state")],
    )


def view_run(run: "Run", /) -> View:
    """Number, energy, clipping and failures; the samples and their trajectories."""
    num = run.num
    clipped = run.clipped if num else {}
    where = [
        f"{name} {percent_text(each['share'])}"
        for name, each in clipped.items()
        if each["samples"]
    ]
    rows = [
        ("energy", f"{quantity_text(run.energy.energy, 'J')} a sample, a model"),
        ("time", f"{quantity_text(run.energy.period_s, 's')} a sample"),
        ("clipped, of nodes and times", ", ".join(where) or "none"),
        ("steps", number_text(run.num_steps if num else np.nan)),
        *_lost(run.x),
    ]
    if run.unsolved:
        rows.append(("not solved", str(run.unsolved)))
    table = (
        ("clipped, of", "nodes and times", "samples"),
        *(
            (name, percent_text(each["share"]), percent_text(each["samples"] / num))
            for name, each in clipped.items()
        ),
    )

    def drawings() -> Iterator[str]:
        yield draw_points(run.x, "samples")
        yield from view_trace(run.trajectory).drawings()

    return View(f"Run: {_number(run.x)}", tuple(rows), table, drawings)


def view_digital_run(run: "DigitalRun", /) -> View:
    """Number of the samples, and the samples."""
    return View(
        f"DigitalRun: {_number(run.x)}",
        tuple(_lost(run.x)),
        drawings=lambda: [draw_points(run.x, "samples of the digital sampler")],
    )


def view_trace(trace: "Trace", /) -> View:
    """Times and voltages of a few trajectories."""
    times, dim, few = trace.v.shape
    rows = (
        ("circuit time", quantity_text(trace.taus, "s")),
        ("voltages", quantity_text(trace.v, "V")),
    )
    title = f"Trace: {few} samples at {times} times, {dim} coordinates"
    names = "circuit time (µs)", "volts (mV)"
    draw = lambda: [draw_lines(1e6 * trace.taus, 1e3 * trace.v[:, 0], "x1", names)]
    return View(title, rows, drawings=draw if dim else tuple)


def view_measured(found: "Measured", /) -> View:
    """A distance with its interval, beside 0 and the just-noticeable one."""
    rows = (
        ("distance", f"{span_text(found.value, found.low, found.high)} {UNIT}"),
        ("p-value of the data's law", number_text(found.p_value)),
        ("independent samples", number_text(found.effective_samples)),
    )
    spans = [Span("samples", found.value, found.low, found.high)]
    return View(
        "Measured distance to the data",
        rows,
        drawings=lambda: [draw_spans(spans, FAR, UNIT, one=True)],
    )


def view_judgement(found: "Judgement", /) -> View:
    """The verdict and the distance; the metrics beside those of fresh data."""
    far, other = found.distance, found.difference
    ours, floor = found.quality.as_dict(), found.floor.as_dict()
    table = (
        ("metric", "samples", "fresh data"),
        *(
            (
                name,
                _metric(value, found.intervals.get(name)),
                _metric(floor[name], found.floor_intervals.get(name)),
            )
            for name, value in ours.items()
            if name not in COUNTS and value is not None
        ),
    )
    rows = (
        ("distance", f"{span_text(far.value, far.low, far.high)}; 1: {found.accepted}"),
        ("less that of fresh data", _difference(other)),
        ("data", str(found.num_data)),
    )
    scale = 1 / other.delta if other.delta else np.nan
    spans = [
        Span("samples", far.value, far.low, far.high),
        Span(
            "less fresh data",
            *(scale * end for end in (other.value, other.low, other.high)),
        ),
    ]
    return View(
        f"Judgement of {found.quality.num_samples} samples: {other.verdict} beside "
        "fresh data",
        rows,
        table,
        lambda: [draw_spans(spans, FAR, UNIT, one=True)],
    )


def _number(x: np.ndarray) -> str:
    return f"{x.shape[0]} samples of {x.shape[1]} coordinates"


def _lost(x: np.ndarray) -> list[tuple[str, str]]:
    """A row for samples that are not finite, if there are any."""
    lost = int(np.sum(~np.isfinite(x).all(axis=1)))
    return [("not finite", f"{lost} samples")] if lost else []


def _metric(value: float | int | None, span: Interval | None) -> str:
    if value is None:
        return "none"
    return number_text(value) if span is None else span_text(value, *span[1:])


def _difference(found: Difference) -> str:
    """A difference in just-noticeable distances, with its interval."""
    scale = 1 / found.delta if found.delta else np.nan
    return span_text(scale * found.value, scale * found.low, scale * found.high)
