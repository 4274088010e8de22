"""Rows that a killed comparison does not search again."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from typing import Any

from ...energy import Constants, Spread
from ...system import Store
from ._row import Estimate, Row


@dataclasses.dataclass(frozen=True)
class Finding:
    """What a search ends with.

    Args:
        rows: Its rows, none of them with a tally.
        warnings: What makes them doubtful.
    """

    rows: list[Row]
    warnings: list[str] = dataclasses.field(default_factory=list)


def keep_rows(
    store: Store | None, name: str, table: Constants, find: Callable[[], Finding]
) -> Finding:
    """What `find` returned before the comparison was killed, or returns now.

    Args:
        store: Where it is kept; `None` keeps nothing.
        name: Name of the search.
        table: Constants of the energy model, which joules of a row depend on.
        find: The search.
    """
    if store is None:
        return find()
    constants = {key: dataclasses.asdict(each) for key, each in table.items()}
    text = json.dumps(constants, sort_keys=True)
    what = f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    kept = store.remember(what, lambda: dataclasses.asdict(find()))
    return Finding([_row(each) for each in kept["rows"]], kept["warnings"])


def _row(plain: dict[str, Any]) -> Row:
    """The row whose fields `plain` has, as they come back from JSON."""
    if plain["tally"] is not None:
        raise ValueError(f"a kept row must have no tally; `{plain['system']}` has one.")
    return Row(**{name: _field(value) for name, value in plain.items()})


def _field(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if not isinstance(value, dict):
        return value
    spread = value["spread"]
    swings = {name: tuple(ends) for name, ends in spread["swings"].items()}
    made = Spread(**{**spread, "swings": swings, "used": tuple(spread["used"])})
    return Estimate(made, value["sources"])
