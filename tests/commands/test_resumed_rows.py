"""Rows of a killed comparison come back from disk as they were found."""

import dataclasses
import json

import numpy as np
import pytest
from rram_ode.accelerators import all_constants
from rram_ode.energy import Constant, propagate
from rram_ode.studies import Estimate, Finding, keep_rows, Row
from rram_ode.system import Store


TABLE = all_constants()
NAMES = tuple(TABLE)[:3]


def found():
    """Two rows: one with an estimate and infinite ends, one with hardly anything."""
    model = lambda values: sum(values[name] for name in NAMES)
    joules = Estimate(propagate(model, TABLE), {name: "a source" for name in NAMES})
    first = Row(
        "pssa", "a chip", 1, (1.0, 0.5, np.inf), "equal", 10, 10, True,
        operations_energy=joules, median=(1.0, -np.inf, np.inf),
        baseline="bf16", over_baseline=joules,
    )  # fmt: skip
    return Finding([first, Row("x", "y", 64, (2.0, 1.0, 3.0), "worse")], ["doubtful"])


def never():
    raise AssertionError("it was searched again")


def kept(folder, table=TABLE, name="technique"):
    store = Store(folder, {"seed": 1})
    return lambda find: (keep_rows(store, name, table, find), store)


def test_rows_come_back_as_they_were(tmp_path):
    first, store = kept(tmp_path / "a")(found)
    for part in store._all:
        part._write_all()
    again, _ = kept(tmp_path / "a")(never)
    assert first == again == found()
    assert [row.as_dict() for row in again.rows] == [r.as_dict() for r in found().rows]


def test_another_constant_or_search_is_another_row(tmp_path):
    """Mutants: a name without the constants, or without the search."""
    _, store = kept(tmp_path / "a")(found)
    store._write_all()
    name = NAMES[0]
    moved = {**TABLE, name: dataclasses.replace(TABLE[name], nominal=TABLE[name].high)}
    for table, search in ((moved, "technique"), (TABLE, "other")):
        with pytest.raises(AssertionError, match="searched again"):
            kept(tmp_path / "a", table, search)(never)


def test_without_a_store_nothing_is_kept():
    assert keep_rows(None, "a", TABLE, found) == found()


def test_every_constant_is_plain():
    for each in TABLE.values():
        assert isinstance(each, Constant)
        json.dumps(dataclasses.asdict(each))
