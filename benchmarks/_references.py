"""References to the numbers of a result file, and the numbers as text.

A reference in braces, `{case; path; step; ...}`, stands for a number:

* the case is the `case` of one of the file's rows, a pattern with `*` for several of
  them, or empty for the file itself;
* the path joins keys and places in lists by dots; `*` takes all of them. A path that
  ends at a `target` or a `gate` stands for its limit, with "(missed)" if it is missed;
* a step is a factor (`1e6`), a number of digits (`.3`, instead of two), `exact` for a
  setting that has few digits, or the name of a function of all values, such as `max`.
"""

import fnmatch
import re
import statistics
from collections.abc import Callable, Iterator
from typing import Any


REFERENCE = re.compile(r"\{([^{}]*)\}")
FUNCTIONS: dict[str, Callable[[list], Any]] = {
    "len": len,
    "max": max,
    "median": statistics.median,
    "min": min,
    "sum": sum,
}


def fill(text: str, result: dict[str, Any]) -> str:
    """`text` with each of its references replaced by the number in `result`.

    Raises:
        ValueError: If a reference names nothing in `result`.
    """
    return REFERENCE.sub(lambda match: _resolve(match[1], result), text)


def places(text: str, result: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Where the numbers of `text` lie in `result`: containers and keys."""
    for match in REFERENCE.finditer(text):
        case, path, *_ = _split(match[1])
        for row in _rows(case, result):
            yield from _walk(row, path)


def number(value: float | str | None, digits: int | None = 2) -> str:
    """A value as text.

    Args:
        value: Whole numbers and words stay as they are; `None` is "none".
        digits: Significant digits of the others; `None` shows all that the value has.
    """
    if value is None or isinstance(value, str):
        return value or "none"
    if isinstance(value, int):
        return f"{value:,}"
    if digits is None:
        mantissa, _, power = f"{value:.12g}".partition("e")
        return f"{mantissa}e{int(power)}" if power else mantissa
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    places = max(digits - 1 - int(power), 0)
    if -5 < int(power) < 7:
        return f"{float(f'{mantissa}e{power}'):,.{places}f}"
    return f"{mantissa}e{int(power)}"


def _resolve(reference: str, result: dict[str, Any]) -> str:
    case, path, *steps = _split(reference)
    places = [place for row in _rows(case, result) for place in _walk(row, path)]
    values = [place[key] for place, key in places]
    is_limit = path.rpartition(".")[2] in ("target", "gate")
    if not is_limit:
        values = [v for value in values for v in _flat(value)]
    factor, digits = 1.0, 2
    for step in steps:
        if step in FUNCTIONS:
            values = [FUNCTIONS[step](values)]
        elif step == "exact":
            digits = None
        elif step.startswith("."):
            digits = int(step[1:])
        else:
            factor = _factor(step)
    if is_limit:
        own = digits if any(step.startswith(".") for step in steps) else None
        return ", ".join(_limit(value, factor, own) for value in values)
    return ", ".join(number(_times(value, factor), digits) for value in values)


def _split(reference: str) -> list[str]:
    parts = [part.strip() for part in reference.split(";")]
    if len(parts) < 2:
        raise ValueError(f"`{reference}` names no path; write `case; path`.")
    return parts


def _factor(step: str) -> float:
    try:
        return float(step)
    except ValueError as error:
        names = ", ".join(FUNCTIONS)
        raise ValueError(
            f"there is no step `{step}`; there are numbers, `exact`, {names}."
        ) from error


def _limit(value: Any, factor: float, digits: int | None) -> str:
    """The limit of a target, `[field, bound, limit, met]`, or of a gate.

    All of its digits are shown, if `digits` is `None`.
    """
    if isinstance(value, dict):
        is_least, limit, met = value["at_least"], value["limit"], value["passed"]
    else:
        _, bound, limit, met = value
        is_least = bound == ">="
    words = "at least" if is_least else "at most"
    missed = "" if met else " (missed)"
    return f"{words} {number(_times(limit, factor), digits)}{missed}"


def _times(value: Any, factor: float) -> Any:
    return value if value is None or factor == 1 else value * factor


def _flat(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _rows(case: str, result: dict[str, Any]) -> list[Any]:
    """The file itself, or its rows of that case."""
    if not case:
        return [result]
    rows = [row for row in result["rows"] if fnmatch.fnmatchcase(row["case"], case)]
    if not rows:
        raise ValueError(f"{result['name']}.json has no case `{case}`.")
    for row in rows:
        if "skipped" in row:
            raise ValueError(
                f"`{row['case']}` of {result['name']}.json was skipped: "
                f"{row['skipped']}."
            )
    return rows


def _walk(place: Any, path: str) -> Iterator[tuple[Any, Any]]:
    """Every container and key at the end of `path`."""
    first, _, rest = path.partition(".")
    keys = list(range(len(place)) if isinstance(place, list) else place)
    if first != "*":
        named = [key for key in keys if str(key) == first]
        if not named:
            raise ValueError(
                f"there is no `{first}` among {', '.join(map(str, keys))}."
            )
        keys = named
    for key in keys:
        if rest:
            yield from _walk(place[key], rest)
        else:
            yield place, key
