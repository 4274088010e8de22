import json
import sys

import pytest
from rram_ode import compare


def run(*arguments):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["compare", *arguments])
        patch.setattr("rram_ode.studies.comparison._trials.FEW_STEPS", (2, 4))
        patch.setattr("rram_ode.studies.comparison._trials.FEW_CALIBRATION", 16)
        compare.main()


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare")
    numbers = "--num-samples", "100", "--num-chips", "2"
    run(
        "attention",
        *numbers,
        "--systems",
        "guo",
        "ditto",
        "sq-dm",
        "euler",
        "--out",
        str(folder),
    )
    assert sorted(path.name for path in folder.iterdir()) == [
        "compare.csv",
        "compare.json",
        "compare.png",
    ]
    return json.loads((folder / "compare.json").read_text())


@pytest.mark.slow
def test_each_row_has_quality_joules_and_a_baseline(report):
    rows = {row["system"].partition(" ")[0]: row for row in report["rows"]}
    assert list(rows) == ["fp32", "bf16", "guo", "ditto"]
    for row in rows.values():
        assert row["system"].endswith("on attention")
        assert row["distance_low"] <= row["distance"] <= row["distance_high"]
        assert row["operations_energy_j"] > 0
        assert row["energy_over_analog"] is None
        assert row["sources"]
        assert row["steps"] == row["evaluations"]
        assert row["is_as_good"] in (True, False)
    assert rows["bf16"]["energy_over_baseline"] == pytest.approx(1.0)
    assert rows["ditto"]["operations_energy_j"] < rows["guo"]["operations_energy_j"]
    assert "the same network in 4 steps" in rows["guo"]["verdict"]
    assert report["left_out"] == [
        "sq-dm on attention is left out: it divides the channels of convolutions, and "
        "this network has none.",
        "Left out: euler, whose rows stand beside a chip: techniques here run by "
        "Euler's steps.",
    ]


@pytest.mark.slow
def test_single_precision_in_as_many_steps_is_the_reference(report):
    row = report["rows"][0]
    if row["evaluations"] == 4:
        assert "+0.00" in row["verdict"]
    else:
        assert row["verdict"].startswith(("equal", "better"))


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--chip-seed", "3"], "`--chip-seed` has no effect on `attention`"),
        (["--set", "cell.levels=16"], "`--set` has no effect on `attention`"),
        (["--num-chips", "1"], "`--num-chips` must be 2 or more"),
        (["--systems", "b200"], "no system `b200`"),
        (
            ["--systems", "board", "euler", "heun"],
            r"can run on `attention`: Left out: board, as no chip holds this network; "
            r"euler, heun, whose rows stand beside a chip: techniques here run",
        ),
        (["--systems", "sq-dm"], "it divides the channels of convolutions"),
    ],
)
def test_what_does_not_act_is_refused(arguments, text, tmp_path):
    """Before any work, and nothing is left."""
    out = tmp_path / "out"
    with pytest.raises(ValueError, match=text) as error:
        run("attention", *arguments, "--out", str(out))
    assert "\n" not in str(error.value)
    assert not out.exists()


def test_the_help_names_every_flag_that_has_no_effect_on_attention(capsys):
    with pytest.raises(SystemExit):
        run("--help")
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert text.count("Not for attention.") == len(compare.OF_CHIPS)
