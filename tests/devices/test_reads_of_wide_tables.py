"""Wide tables whose reads, voltages and rows may be taken for others."""

import numpy as np
import pytest
from rram_ode.devices import fit


SECONDS = (1, 10, 100, 1000)
TARGETS = np.repeat([20.0, 50.0, 80.0], 40)


def reads(seed=0):
    """In uS: a spread of 1 uS, and a drift of -0.5 uS for each factor e of time."""
    noise = np.random.default_rng(seed).normal(0, 1, (4, TARGETS.size))
    return (TARGETS + noise - 0.5 * np.log(SECONDS)[:, None]).T


def write(path, head, values, more=None, last=()):
    """A csv of targets and reads; `more` is the name and the words of a column."""
    rows = [["target_uS", *(head.format(s) for s in SECONDS)]]
    rows += [
        [f"{t:g}", *map("{:.5f}".format, v)]
        for t, v in zip(TARGETS, values, strict=True)
    ]
    if more is not None:
        rows = [
            [*row, str(x)] for row, x in zip(rows, [more[0], *more[1]], strict=True)
        ]
    path.write_text("\n".join(",".join(row) for row in [*rows, *last]) + "\n")
    return path


@pytest.fixture
def table(tmp_path):
    return tmp_path / "cells.csv"


@pytest.mark.parametrize("voltage", ["write_voltage_V", "V_program (V)", "gate_V"])
def test_a_voltage_of_writing_is_not_that_of_the_reads(table, voltage):
    write(table, "I_{}s_uA", 0.2 * reads(), (voltage, [1.5] * 120))
    with pytest.raises(ValueError, match="name its voltage"):
        fit(table)


def test_the_voltage_of_the_reads_is_used(table):
    write(table, "I_{}s_uA", 0.2 * reads(), ("Vread_V", [0.2] * 120))
    assert fit(table).warnings == ()


@pytest.mark.parametrize(
    ("head", "changed", "said"),
    [
        ("read_{}s_uS", lambda g: 0.1 * g, "change by 0.1 where"),
        ("read_{}s_uS", lambda g: 10 * g, "change by 10 where"),
        ("read_{}s_uS", lambda g: 100 - g, "do not rise"),
        ("read_{}s_uA@0.2V", lambda g: 0.02 * g, "change by 0.1 where"),
        ("read_{}s_uS", lambda g: np.random.default_rng(1).permutation(g), "not rise"),
    ],
)
def test_reads_that_do_not_follow_their_targets_are_warned_of(
    table, head, changed, said
):
    assert any(
        said in text for text in fit(write(table, head, changed(reads()))).warnings
    )


@pytest.mark.parametrize("seed", range(5))
def test_cells_of_which_many_are_stuck_follow_their_targets(table, seed):
    values, rng = reads(seed), np.random.default_rng(seed)
    values[rng.random(120) < 0.3] = 0.1
    found = fit(write(table, "read_{}s_uS", values)).warnings
    assert not any("order of the rows" in text for text in found)


@pytest.mark.parametrize("head", ["I_{}s", "current {}s", "R_{}s", "I_{}s@0.5V"])
def test_the_name_of_another_quantity_takes_no_siemens(table, head):
    with pytest.raises(ValueError, match="in another unit than the targets"):
        fit(write(table, head, 0.8 * reads()))


@pytest.mark.parametrize(
    "head", ["read_uS_{}s", "G/uS ({}s)", "G / µS @ t = {}s", "G_{}s"]
)
def test_a_unit_before_the_time_is_read(table, head):
    found = fit(write(table, head, reads()))
    assert found.warnings == ()
    assert any(f"= {SECONDS[-1]} s" in note for note in found.notes)


def test_a_time_with_three_zeros_after_a_point_may_be_two(table):
    with pytest.raises(ValueError, match="`1.000 s` may be 1000 or 1.000"):
        fit(write(table, "{}.000 s", reads()))


@pytest.mark.parametrize(
    ("words", "num", "last"),
    [
        (np.repeat(["low", "median", "high"], 40), 120, ()),
        (["CV", "PV"] * 60, 120, ()),
        (["y", "n", "n"] * 40, 120, [["50", "49", "49", "49", "49", "mean"]]),
    ],
)
def test_states_are_no_means(table, words, num, last):
    found = fit(write(table, "{} s", reads(), ("state", words), last))
    assert any(f"{4 * num} reads" in note for note in found.notes), found.notes


@pytest.mark.parametrize("name", ["write_time_us", "pulse width time (ns)"])
def test_a_duration_of_writing_is_no_time_of_reads(table, name):
    found = fit(write(table, "{} s", reads(), (name, [3] * 120)))
    assert found.warnings == ()
    assert any(f"`{name}` is no time of reads" in note for note in found.notes)
