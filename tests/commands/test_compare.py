import csv
import json
import sys

import numpy as np
import pytest
from rram_ode import compare
from rram_ode.accelerators import MACHINES


SMALL = ("--num-samples", "1000", "--num-chips", "3", "--most-chips", "3")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    systems = ("--systems", "board", "integrated", "integrated-45nm", "heun")
    systems += ("dpm-solver++", "guo", "ditto")
    arguments = ("ring-ideal", *SMALL, "--margin", "10", *systems, "--out", str(folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["compare", *arguments])
        compare.main()
    return folder, json.loads((folder / "compare.json").read_text())


def test_it_writes_what_it_promises(made):
    folder, report = made
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["compare.csv", "compare.json", "compare.png"]
    with (folder / "compare.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(report["rows"])
    assert {row["machine"] for row in rows} >= set(MACHINES)
    assert (folder / "compare.png").stat().st_size > 10_000


def test_every_row_has_quality_joules_and_sources(made):
    for row in made[1]["rows"]:
        assert row["distance_low"] <= row["distance"] <= row["distance_high"]
        if row["system"].startswith("twin"):
            continue  # no machine
        kinds = [row["operations_energy_j"], row["wall_energy_j"]]
        assert sum(kind is not None for kind in kinds) == 1
        assert row["sources"]
        for name in ("seconds", "operations_energy_j", "wall_energy_j"):
            if row[name] is not None:
                ends = row[f"{name}_low"], row[f"{name}_high"]
                assert ends[0] <= row[name] <= ends[1]
    assert all(c["source"] and c["unit"] for c in made[1]["constants"].values())


def test_analog_rows_count_their_chips(made):
    """Chips without errors are as good as their twins, all three of them."""
    rows = [r for r in made[1]["rows"] if r["system"].startswith("analog")]
    assert len(rows) == 3
    for row in rows:
        assert row["good_fraction"] == 1.0
        assert row["good_fraction_low"] == pytest.approx(0.05 ** (1 / 3))
        assert row["worse_chips"] == 0
        assert abs(row["median_difference"]) < 0.01
        assert row["median_difference_low"] is None  # three chips are too few
    twin = next(r for r in made[1]["rows"] if r["system"] == "twin")
    assert twin["median_distance"] is not None
    assert twin["good_fraction"] is None


def test_rows_by_differences_share_quality_and_differ_in_joules(made):
    rows = {r["system"]: r for r in made[1]["rows"] if r["system"] in ("guo", "ditto")}
    guo, ditto = rows["guo"], rows["ditto"]
    assert guo["distance"] == ditto["distance"]
    assert guo["evaluations"] == ditto["evaluations"]
    assert ditto["operations_energy_j"] < 0.9 * guo["operations_energy_j"]
    assert "difference.serial" in guo["sources"]


def test_rows_that_search_steps_say_how_many(made):
    for row in made[1]["rows"]:
        if row["system"].startswith(("analog", "twin")):
            assert row["steps"] is None
            assert row["is_as_good"] is None
        else:
            assert row["steps"] >= 1
            assert row["is_as_good"] in (True, False)
            order = 2 if row["system"].startswith("heun") else 1
            assert row["evaluations"] == order * row["steps"]


def test_the_measured_rows_are_labelled(made):
    measured = [r for r in made[1]["rows"] if r["seconds_basis"] == "measured here"]
    assert {row["batch"] for row in measured} == {1, 10_000}
    assert all("this machine" in row["machine"] for row in measured)


def test_who_wins_depends_on_the_baseline(made):
    """An ideal engine beats the reported 7.2 uJ; a GPU at batch 1 loses by far."""
    rows = {(r["machine"], r["batch"]): r for r in made[1]["rows"]}
    assert rows["engine-int8", 1]["operations_energy_j"] < 7.2e-6 / 50
    assert rows["a100", 1]["wall_energy_j"] > 500 * 7.2e-6
    assert rows["a100", 1]["wall_energy_j_low"] > 7.2e-6
    assert rows["a100", 1]["wall_energy_j_high"] > 1e3 * 7.2e-6
    board = rows["discrete parts on a board", 1]["wall_energy_j"]
    projection = rows["one chip, a projection", 1]["wall_energy_j"]
    assert board > projection
    # Each at the other's node, which the row says.
    shrunk = rows["the same chip at 45 nm, a projection", 1]["wall_energy_j"]
    assert shrunk < projection
    old, new = (
        rows[name, 1]["operations_energy_j"]
        for name in ("engine-int8-180nm", "engine-int8")
    )
    assert old > 10 * new


def test_verdicts_and_claims(made):
    report = made[1]
    verdicts = {v["sampler"]: v for v in report["samplers"]}
    assert "no probability flow" in verdicts["dpm-solver++"]["refused"]
    heun = verdicts["heun"]
    assert heun["evaluations"] == 2 * heun["steps"]
    assert heun["tried"][str(heun["steps"])]["verdict"] in ("equal", "better")
    assert heun["verdict"] == heun["tried"][str(heun["steps"])]["verdict"]
    assert len(report["claims"]) == 10
    assert all(c["reproduced"].startswith("no") for c in report["claims"])
    assert report["claims"][0]["solved"] == pytest.approx(1.296e-3, rel=1e-12)
    swings = next(iter(report["tornado"].values()))
    spans = [abs(np.log(high / low)) for low, high in swings.values()]
    assert spans == sorted(spans, reverse=True)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nothing"], "no preset `nothing`; there are ring"),
        (["--machines", "b200"], "no machine `b200`; there are engine-fp32"),
        (["--systems", "b200"], "no system `b200`; there are board"),
        (["--systems"], "`--systems` names one or more of board"),
        (["--assume", "a100.power=30W"], "lies between 250 and 400 W"),
        (["--assume", "a100.power=300"], "needs its unit, W"),
        (["--assume", "a100.volts=3V"], "no constant `a100.volts`"),
        (["--assume", "a100.power"], "must have the form NAME=VALUE"),
        (["--num-chips", "1"], "`--num-chips` must be 2 or more"),
        (["--num-samples", "100000000000"], "64,000 GB (chips and twins, up to 40"),
        (["--margin", "-1"], "`--margin` must be above 0"),
        (["--margin", "0"], "`--margin` must be above 0"),
        (["--margin", "nan"], "`--margin` must be above 0"),
        (["--most-chips", "3"], "`--most-chips` must be `--num-chips` or more, 10"),
        (["--set", "adc.bits=30"], "`adc.bits` must be between 4 and 14"),
        (["--set", "power.adc_bits=8"], "`power.adc_bits` is now `adc.bits`"),
        (["ring-fresh", "--set", "power.programming_samples=0"], "must be positive"),
        (["modes-7", "--set", "guidance.weight=1"], "`guidance.weight` 0 alone"),
        (["moons"], "python -m rram_ode.train moons"),
        (["nothing"], ", and for `compare` alone attention."),
        (
            ["--systems", "sq-dm", "pssa-tips", "softermax"],
            "no system of `--systems` can run on `ring`: sq-dm is left out: it divides",
        ),
        (["ring-ideal", "--systems", "dpm-solver++"], "no probability flow"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_clear_line(arguments, text, refusal):
    assert text in refusal(compare.main, *arguments)


@pytest.mark.slow
def test_the_claims_are_about_the_papers_networks_whatever_the_preset(
    made, tmp_path, run
):
    """`ring-64` prints the claims, of 2-14-14-2, with an assumed number of steps."""
    few = ("--systems", "board", "--fidelity", "ideal", "--out", tmp_path)
    done = run(compare.main, "ring-64-fresh", *SMALL, *few)
    assert done[0] == 0, done[2]
    other = json.loads((tmp_path / "compare.json").read_text())["claims"]
    own = made[1]["claims"]
    assert len(other) == len(own) == 10
    for one, same in zip(other, own, strict=True):
        assert one["at_authors_steps"] == same["at_authors_steps"]
        assert one["network"].startswith("2-14-14-2")
        assert one["steps_equal_quality_from"].startswith("assumed")
    assert "The claims of the paper" in done[1]
    assert "decoder 2-16-144-8-1" in done[1]


@pytest.mark.slow
def test_op_amps_that_take_time(tmp_path, run):
    """Slow ones are worse, and the rows are those of the same circuit."""
    few = ("--systems", "board", "integrated", "--machines", "engine-int8")
    slow = ("--fidelity", "dynamic", "--set", "op_amp.gbw=1MHz")
    means = []
    for more in ((), slow):
        out = tmp_path / str(len(more))
        done = run(compare.main, "ring-fresh", *SMALL, *few, *more, "--out", out)
        assert done[0] == 0, done[2]
        report = json.loads((out / "compare.json").read_text())
        means.append(report["quality"]["analog"]["mean"])
    assert report["config"]["fidelity"] == "dynamic"
    assert means[1] > means[0] + 1


def test_the_list_names_every_source(run):
    status, out, _ = run(compare.main, "--list")
    assert status == 0
    for text in (
        "a100.launch",
        "\nsq-dm ",
        "\nrram-steps-delta ",
        "engine-int8-180nm",
        "Horowitz, ISSCC 2014",
        "fp32.mult",
    ):
        assert text in out


@pytest.mark.slow
def test_the_shortest_solve(tmp_path, run):
    """The multipliers of the ring refuse less than 9 us, and the answer says so."""
    few = ("--systems", "integrated", "--machines", "engine-int8", "--margin", "10")
    done = run(
        compare.main, "ring-ideal", *SMALL, *few, "--shortest", "--out", tmp_path
    )
    assert done[0] == 0, done[2]
    got = json.loads((tmp_path / "compare.json").read_text())["shortest_solve"]
    assert 9e-6 < got["seconds"] < 20e-6
    assert "multiplier.full_scale" in got["limit"]
    assert "shortest solve" in done[1]
