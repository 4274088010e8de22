"""Rows of `compare` on the screen: what each of them must say, in 80 columns."""

import dataclasses

import pytest
from rram_ode._core._files import write_all
from rram_ode.commands import write_csv, write_json
from rram_ode.commands._comparison import NOT_EQUAL, print_rows
from rram_ode.energy import Spread
from rram_ode.studies import Estimate, Row, STEP_SYSTEMS


COST = Estimate(Spread(1e-6, 5e-7, 2e-6, {}), {})
ROW = Row(
    "guo",
    "INT4 and BF16 cores",
    1,
    (0.92, 0.44, 1.41),
    "equal (+0.05, -0.05 to +0.14) beside the analog machine",
    20,
    20,
    True,
    COST,
    COST,
    median=(0.92, float("-inf"), float("inf")),
)


@pytest.fixture
def shown(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")

    def _shown(*rows):
        print_rows(list(rows))
        return capsys.readouterr().out

    return _shown


def test_a_row_says_its_steps_once_and_no_number_twice(shown):
    text = shown(ROW)
    assert "distance 0.92 (0.44 to 1.41) in 20 steps; equal" in text
    assert "median" not in text
    assert NOT_EQUAL not in " ".join(text.split())
    assert "median 0.80 (0.5" in shown(dataclasses.replace(ROW, median=(0.8, 0.5, 1.0)))
    assert "median 0.80\n" in shown(
        dataclasses.replace(ROW, median=(0.8, float("-inf"), float("inf")))
    )


def test_a_row_that_no_number_of_steps_made_equal_says_so(shown):
    text = shown(dataclasses.replace(ROW, is_as_good=False))
    assert NOT_EQUAL in " ".join(text.split())
    assert dataclasses.replace(ROW, is_as_good=False).as_dict()["is_as_good"] is False
    assert ROW.as_dict()["steps"] == 20


def test_a_row_without_seconds_says_why(shown):
    assert "rate of this machine is not known" in shown(
        dataclasses.replace(ROW, seconds=None)
    )
    assert "rate of this" not in shown(ROW)
    twin = dataclasses.replace(ROW, seconds=None, operations_energy=None)
    assert "rate of this" not in shown(twin)


def test_every_line_fits_80_columns(shown):
    """Those of steps beside a batch of 10,000 lined up in 88 columns."""
    steps = [
        dataclasses.replace(ROW, system=name, machine=f"chip, {what}")
        for name, (_, what) in STEP_SYSTEMS.items()
    ]
    batch = dataclasses.replace(ROW, machine="a100", batch=10_000)
    text = shown(ROW, batch, *steps)
    assert max(map(len, text.splitlines())) <= 80
    long = dataclasses.replace(ROW, system="step-wise on digits-unet-relu")
    long = dataclasses.replace(long, machine="12 and 6 bits, maps pruned at 1/128 " * 2)
    text = shown(long, batch)
    assert max(map(len, text.splitlines())) <= 80
    assert "guo  a100  batch 10000" in text


def test_files_that_belong_together_are_all_there_or_none(tmp_path):
    good, bad = tmp_path / "a.csv", tmp_path / "b.json"
    table = lambda path: write_csv(path, [{"x": 1}], ["x"])
    wrong = lambda path: write_json(path, {"x": float("nan")})
    with pytest.raises(ValueError, match="JSON"):
        write_all({good: table, bad: wrong})
    assert not list(tmp_path.iterdir())
    write_all({good: table, bad: lambda path: write_json(path, {"x": 1.0})})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "b.json"]
