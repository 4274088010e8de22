"""What a comparison found: rows with gates, a table, a JSON file that is whole."""

import dataclasses
import math
import pathlib
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from rram_ode import commands

from ._processor import processor


RESULTS = pathlib.Path(__file__).parent / "results"
PACKAGES = (
    "rram_ode",
    "jax",
    "equinox",
    "diffrax",
    "numpy",
    "torch",
    "torchdiffeq",
    "aihwkit-lightning",
    "badcrossbar",
)


class CannotRun(Exception):
    """What a benchmark needs is not there; the message is one line for the user."""


@dataclasses.dataclass(frozen=True)
class Gate:
    """A number that must not pass `limit`; NaN and `None` do not pass.

    Args:
        value: From the output of the call that was timed.
        limit: The largest value that passes, or the smallest if `at_least`.
        what: What `value` is.
        at_least: Whether `limit` is a lower bound.
    """

    value: float | None
    limit: float
    what: str
    at_least: bool = False

    @property
    def passed(self) -> bool:
        """Whether the row counts."""
        if self.value is None or not math.isfinite(self.value):
            return False
        if self.at_least:
            return self.value >= self.limit
        return self.value <= self.limit

    def as_dict(self) -> dict[str, Any]:
        """Plain data, with `passed`."""
        return {**dataclasses.asdict(self), "passed": self.passed}


@dataclasses.dataclass(frozen=True)
class Row:
    """One case: a gate, seconds of both sides, and what else is known.

    Args:
        case: Its name.
        gate: `None` only where `skipped`.
        ours_s: Median seconds of ours, or of the only side.
        rival_s: Median seconds of the rival's.
        compile_s: Seconds that JAX spent tracing, lowering and compiling ours.
        target: What the project aims at: name of a field, bound, value. No gate.
        details: Anything else, plain data.
        skipped: Why the case did not run.
    """

    case: str
    gate: Gate | None = None
    ours_s: float | None = None
    rival_s: float | None = None
    compile_s: float | None = None
    target: tuple[str, str, float] | None = None
    details: dict[str, Any] = dataclasses.field(default_factory=dict)
    skipped: str | None = None

    @property
    def ratio(self) -> float | None:
        """`rival_s / ours_s`: above 1 where ours is the faster."""
        if self.ours_s is None or self.rival_s is None:
            return None
        return self.rival_s / self.ours_s

    @property
    def is_on_target(self) -> bool | None:
        """Whether the target is met; `None` without one."""
        if self.target is None or self.skipped:
            return None
        name, bound, limit = self.target
        value = self.as_dict(False)[name]
        return value <= limit if bound == "<=" else value >= limit

    def as_dict(self, with_target: bool = True) -> dict[str, Any]:
        """Plain data for the file."""
        if self.skipped is not None:
            return {"case": self.case, "skipped": self.skipped}
        row: dict[str, Any] = {
            "case": self.case,
            "gate": None if self.gate is None else self.gate.as_dict(),
            "ours_s": self.ours_s,
            "rival_s": self.rival_s,
            "ratio": self.ratio,
            "compile_s": self.compile_s,
            **self.details,
        }
        if with_target and self.target is not None:
            row["target"] = [*self.target, self.is_on_target]
        return _strict(row)


@dataclasses.dataclass(frozen=True)
class Result:
    """One comparison's rows and the conditions that they were measured in.

    Args:
        name: Of the script.
        rival: What it is compared with, in words.
        cores: That the timed calls could use.
        command: To type again.
        load: Load averages over one minute, before and after.
        rows: The cases.
        extra: Curves and settings for a notebook, plain data.
    """

    name: str
    rival: str
    cores: int
    command: str
    load: tuple[float, float]
    rows: list[Row]
    extra: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def status(self) -> int:
        """Exit status: 1 when a gate failed."""
        ran = [row for row in self.rows if row.skipped is None]
        return int(any(row.gate is None or not row.gate.passed for row in ran))

    def write(self, folder: pathlib.Path = RESULTS) -> pathlib.Path:
        """`folder/NAME.json`, complete or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        data = {
            "name": self.name,
            "rival": self.rival,
            "versions": versions(),
            "cores": self.cores,
            "cpu": processor()["name"],
            "processor": processor(),
            "command": self.command,
            "load_average": list(self.load),
            "rows": [row.as_dict() for row in self.rows],
            **_strict(self.extra),
        }
        commands.write_json(path, data)
        return path


def versions() -> dict[str, str]:
    """Of Python and of the packages that are installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def table(rows: list[Row]) -> str:
    """Rows as text, for the terminal."""
    header = ("case", "gate", "limit", "ours s", "rival s", "ratio", "compile s", "")
    lines = [header, *map(_line, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = []
    for cells in lines:
        first, *others = [c.ljust(w) for c, w in zip(cells, widths, strict=True)]
        text.append("  ".join([first, *others]).rstrip())
    text.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(text)


def _line(row: Row) -> tuple[str, ...]:
    if row.skipped is not None:
        return (row.case, *("",) * 6, f"skipped: {row.skipped}")
    gate = row.gate
    value = "" if gate is None or gate.value is None else f"{gate.value:.3g}"
    limit, note = "", []
    if gate is not None:
        limit = f"{'>=' if gate.at_least else '<='} {gate.limit:.3g}"
        note += [] if gate.passed else ["GATE FAILED"]
    if row.target is not None:
        name, bound, goal = row.target
        verdict = "met" if row.is_on_target else "missed"
        number = row.as_dict(False)[name]
        note.append(f"{name} {number:.3g}, target {bound} {goal:g} {verdict}")
    times = (row.ours_s, row.rival_s, row.ratio, row.compile_s)
    cells = ["" if t is None else f"{t:.4g}" for t in times]
    return (row.case, value, limit, *cells, "; ".join(note))


def _strict(value: Any) -> Any:
    """Plain data without NaN or infinity, which strict JSON has no word for."""
    if isinstance(value, dict):
        return {str(k): _strict(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(v) for v in value]
    if isinstance(value, bool | str | int) or value is None:
        return value
    number = float(value)
    return number if math.isfinite(number) else None
