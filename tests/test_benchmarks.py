import json
import math
import os
import pathlib
import subprocess
import sys
import types

import jax.numpy as jnp
import numpy as np
import pytest


ROOT = pathlib.Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import __main__ as line
from benchmarks._harness import compare, compile_seconds, missing, run
from benchmarks._result import Gate, Result, Row, table


def result(*rows):
    return Result("fake", "nobody", 1, "python -m benchmarks fake", (0.0, 0.0), [*rows])


@pytest.fixture
def fake(monkeypatch, tmp_path):
    """Run `python -m benchmarks fake` on given rows: the exit status and the file."""

    def _fake(*rows):
        script = types.SimpleNamespace(
            RIVAL="nobody", rows=lambda options: ([*rows], {"curve": [1.0, math.nan]})
        )
        monkeypatch.setitem(sys.modules, "benchmarks.fake", script)
        monkeypatch.setitem(line.BENCHMARKS, "fake", line.Entry("a test", "0 s", False))
        status = line.main(["fake", "--out", str(tmp_path)])
        assert os.listdir(tmp_path) == ["fake.json"]
        return status, json.loads((tmp_path / "fake.json").read_text())

    return _fake


def test_medians_of_turns():
    """Each side is called once a turn, in turn; the outputs are those of the last."""
    calls = []
    timing = compare(
        lambda: calls.append("a") or len(calls),
        lambda: calls.append("b") or len(calls),
        budget=0.0,
    )
    timed = calls[-2 * timing.repeats :]
    assert timed == ["a", "b"] * timing.repeats
    assert (timing.ours, timing.rival) == (len(calls) - 1, len(calls))
    assert timing.ours_s > 0
    assert timing.spread[0] <= timing.spread[1] <= timing.spread[2]


def test_median_is_not_moved_by_one_slow_call(monkeypatch):
    seconds = iter([9.0, 9.0, 9.0, 1.0, 8.0, 2.0, 4.0, 100.0, 8.0, 3.0, 6.0, 2.0, 4.0])
    monkeypatch.setattr("benchmarks._harness.run", lambda call: (next(seconds), call()))
    timing = compare(lambda: "ours", lambda: "rival", budget=0.0)
    assert (timing.ours_s, timing.rival_s, timing.repeats) == (2.0, 6.0, 5)


def test_time_includes_the_wait_for_the_result():
    seconds, out = run(lambda: jnp.ones(3) + 1.0)
    assert seconds > 0
    assert np.array_equal(out, [2.0, 2.0, 2.0])


def test_compiling_is_counted_once():
    import equinox as eqx

    call = eqx.filter_jit(lambda x: jnp.sin(x) * 3.0)
    x = jnp.ones(7)
    assert compile_seconds(lambda: call(x)) > 0
    assert compile_seconds(lambda: call(x)) == 0


@pytest.mark.parametrize(
    ("value", "at_least", "passed"),
    [
        (0.5, False, True),
        (1.0, False, True),
        (1.5, False, False),
        (1.5, True, True),
        (0.5, True, False),
        (math.nan, False, False),
        (math.nan, True, False),
        (-math.inf, False, False),
        (None, False, False),
    ],
)
def test_gate(value, at_least, passed):
    assert Gate(value, 1.0, "a number", at_least).passed == passed


def test_passed_gate(fake):
    row = Row("a", Gate(0.5, 1.0, "n"), 1.0, 2.0, 3.0, ("ratio", ">=", 4.0), {"n": 7})
    status, file = fake(row)
    assert status == 0
    assert file["name"] == "fake"
    assert {"versions", "cores", "command", "load_average"} <= set(file)
    assert file["command"].startswith("python -m benchmarks fake --out ")
    assert file["curve"] == [1.0, None]
    (found,) = file["rows"]
    assert found["gate"] == {
        "value": 0.5,
        "limit": 1.0,
        "passed": True,
        "what": "n",
        "at_least": False,
    }
    assert (found["ours_s"], found["rival_s"], found["compile_s"]) == (1.0, 2.0, 3.0)
    assert (found["ratio"], found["n"]) == (2.0, 7)
    assert found["target"] == ["ratio", ">=", 4.0, False]  # a target is no gate


@pytest.mark.parametrize("value", [1.5, math.nan])
def test_failed_gate_is_status_1_and_still_written(value, fake):
    good = Row("good", Gate(0.5, 1.0, "n"), 1.0, 2.0)
    status, file = fake(good, Row("bad", Gate(value, 1.0, "n"), 1.0, 2.0))
    assert status == 1
    assert [row["gate"]["passed"] for row in file["rows"]] == [True, False]


def test_row_without_gate_fails():
    assert result(Row("a", None, 1.0)).status == 1


def test_skipped_row_is_no_failure(fake, capsys):
    status, file = fake(Row("a", skipped="no such package"))
    assert status == 0
    assert file["rows"] == [{"case": "a", "skipped": "no such package"}]
    assert "skipped: no such package" in capsys.readouterr().out


def test_missing_rival(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torchdiffeq", None)
    reason = missing("json", "torchdiffeq")
    assert reason is not None
    assert "bench" in reason
    from benchmarks import torchdiffeq

    rows, _ = torchdiffeq.rows(None)
    assert len(rows) == 6
    assert all(row.skipped for row in rows)
    path = result(*rows).write(tmp_path)
    file = json.loads(path.read_text())
    assert all("ratio" not in row for row in file["rows"])
    assert result(*rows).status == 0


def test_interrupted_write_leaves_nothing(tmp_path, monkeypatch):
    def fail(source, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(KeyboardInterrupt):
        result(Row("a", skipped="x")).write(tmp_path)
    assert os.listdir(tmp_path) == []


def test_table_says_what_failed():
    bad = Row("bad", Gate(2.0, 1.0, "n"), 1.0, 2.0, 0.5, ("ratio", ">=", 4.0))
    text = table([bad, Row("none", skipped="why")])
    assert "GATE FAILED; ratio 2, target >= 4 missed" in text
    assert "skipped: why" in text


@pytest.mark.parametrize("name", ["ngspice", "bare_loop", "gradient_memory"])
def test_no_random_network_stands_in_for_a_checkpoint(
    name, monkeypatch, tmp_path, capsys
):
    """A checkpoint that does not load ends a benchmark, in one line."""
    from benchmarks import _problem

    def damaged(config):
        raise ValueError("`weights.eqx` is not the file\nof its record.")

    monkeypatch.setattr(_problem, "build_checkpoint", damaged)
    entry = line.BENCHMARKS[name]._replace(one_core=False)
    monkeypatch.setitem(line.BENCHMARKS, name, entry)
    assert line.main([name, "--out", str(tmp_path)]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "the checkpoint of `ring-fresh` does not load" in err
    assert "`weights.eqx` is not the file of its record." in err
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
def test_noise_draws_are_counted():
    """White: 40 holds of 30 columns. Flicker: 36 values of each of 282 cells."""
    from benchmarks import noise_cost
    from benchmarks._problem import problem

    task = problem("ring-fresh")
    white = noise_cost._without(task.config, "flicker")
    assert noise_cost.num_draws(*task.machine(white), 10) == 10 * 40 * 30
    flicker = noise_cost._without(task.config, "white")
    loop, chip = task.machine(flicker)
    assert loop.plan.flicker is not None
    assert noise_cost.num_draws(loop, chip, 1) == sum(loop.plan.flicker[0]) * 282
    off = noise_cost._without(task.config, "white", "flicker")
    assert noise_cost.num_draws(*task.machine(off), 10) == 0


@pytest.mark.parametrize("scale", [1.0, 1.01])
def test_law_gate_of_the_generator(scale):
    from benchmarks.noise_cost import worst_deviation

    z = scale * np.random.default_rng(0).standard_normal(2**21)
    assert (worst_deviation(z) < 4) == (scale == 1)


def test_command_line():
    command = [sys.executable, "-m", "benchmarks"]
    call = lambda *words: subprocess.run(
        [*command, *words], cwd=ROOT, capture_output=True, text=True
    )
    listed = call("--list")
    assert listed.returncode == 0
    for name in line.BENCHMARKS:
        assert name in listed.stdout
        assert (ROOT / "benchmarks" / f"{name}.py").exists()
    wrong = call("nothing")
    assert wrong.returncode == 2
    assert "torchdiffeq" in wrong.stderr
