import json
import os
import subprocess
import sys

import numpy as np
import pytest
from rram_ode import sample
from rram_ode.system import Store


def samples(folder):
    """The arrays of a run; the file is closed."""
    with np.load(folder / "samples.npz") as file:
        return dict(file)


def in_a_process(folder, *words):
    """A run in a process of its own, float32, with its compilations counted."""
    words = ["sample", *words, "--num-samples", "600", "--out", str(folder)]
    script = (
        "import sys, jax, rram_ode.sample as s; n = []; "
        "jax.monitoring.register_event_duration_secs_listener("
        "lambda e, d, **k: n.append(1) if 'backend_compile' in e else None); "
        f"sys.argv = {words!r}; s.main(); print('compilations', len(n))"
    )
    environment = {k: v for k, v in os.environ.items() if k != "JAX_ENABLE_X64"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def default(tmp_path_factory):
    """The folder, the text and the messages of the default run."""
    folder = tmp_path_factory.mktemp("default")
    return folder, *in_a_process(folder)


def test_the_default_run_keeps_the_contract(default):
    folder, out, err = default
    assert "sample" in err  # progress
    assert "kl_1d" in out
    arrays = samples(folder)
    for name in ("analog", "digital", "data"):
        assert arrays[name].shape == (600, 2)
        assert arrays[name].dtype == np.float32
    assert len(arrays) == 3  # points without classes have no labels, and no images
    report = json.loads((folder / "report.json").read_text())
    assert (report["preset"], report["seed"], report["num_samples"]) == ("ring", 0, 600)
    assert "classes" not in report
    for system in ("analog", "digital", "floor"):
        for metric in ("kl_1d", "kl_2d", "hist_l2", "sliced_wasserstein"):
            assert report["quality"][system][metric] >= 0
        assert report["quality"][system]["num_samples"] == 600
    found = report["distance"]
    for system in ("analog", "digital", "fresh"):
        assert found[system]["low"] < found[system]["value"] < found[system]["high"]
        assert 0 < found[system]["effective_samples"] <= 3 * 600
    assert found["analog_beside_digital"]["verdict"] == "worse"
    assert "This chip beside its digital twin" in out
    hardware = report["hardware"]
    assert hardware["solve_time_s"] == 20e-6
    assert sum(hardware["breakdown_j"].values()) == pytest.approx(hardware["energy_j"])
    assert 0 <= hardware["saturated_fraction"] <= 1
    assert sum(hardware["breakdown_m2"].values()) == pytest.approx(hardware["area_m2"])
    assert 1e-8 < hardware["area_m2"] < 1e-4
    # A million samples of 32 us, on a chip that is a day old.
    programming = hardware["programming"]
    assert programming["age_at_last_sample_s"] == pytest.approx(86_400 + 32.0)
    assert programming["age_of_quality_s"] == pytest.approx(86_400, rel=1e-5)
    assert "crossbar.wires.word_line=0.0" in hardware["taken_as_ideal"]
    assert report["wall"]["compile_s"] > 0
    assert (folder / "samples.png").stat().st_size > 10_000
    assert sorted(p.name for p in folder.iterdir()) == [
        "report.json",
        "samples.npz",
        "samples.png",
    ]


def compilations(out):
    return int(out.rsplit("compilations", 1)[1])


@pytest.mark.slow
def test_a_run_compiles_little(default, tmp_path):
    """A whole chip has a bench, which measures, mends and trims: a quarter more."""
    assert compilations(in_a_process(tmp_path, "ring-fresh")[0]) <= 40
    assert compilations(default[1]) <= 52


@pytest.mark.long
@pytest.mark.parametrize(
    "preset", ["ring-fresh", pytest.param("ring", marks=pytest.mark.slow)]
)
def test_the_same_seed_gives_the_same_samples_and_a_report_repeats(
    tmp_path, run, preset
):
    common = (preset, "--num-samples", 300, "--seed", 3, "--chip-seed", 5)
    for name in ("a", "b"):
        done = run(sample.main, *common, "--out", tmp_path / name)
        assert done[0] == 0, done[2]
    report = tmp_path / "a" / "report.json"
    done = run(sample.main, "--config", report, "--out", tmp_path / "c")
    assert done[0] == 0, done[2]
    other = run(sample.main, *common[:5], "--chip-seed", 6, "--out", tmp_path / "d")
    assert other[0] == 0
    load = lambda name: samples(tmp_path / name)
    for name in ("analog", "digital", "data"):
        np.testing.assert_array_equal(load("a")[name], load("b")[name])
        np.testing.assert_array_equal(load("a")[name], load("c")[name])
    np.testing.assert_array_equal(load("a")["digital"], load("d")["digital"])
    assert np.abs(load("a")["analog"] - load("d")["analog"]).max() > 1e-4


@pytest.mark.long
def test_off_is_exact(tmp_path, run):
    done = run(sample.main, "ring-ideal", "--num-samples", 250, "--out", tmp_path)
    assert done[0] == 0, done[2]
    arrays = samples(tmp_path)
    assert np.abs(arrays["analog"] - arrays["digital"]).max() < 1e-8


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["nothing"], "no preset `nothing`; there are ring"),
        (
            ["--set", "cell.nothing=1"],
            "no setting `cell.nothing`; there are cell.device, cell.measurements",
        ),
        (["--num-samples", "0"], "`--num-samples` must be 2 or more"),
        (["--num-samples", "-5"], "`--num-samples` must be 2 or more"),
        (["--num-chips", "0"], "`--num-chips` must be 1 or more"),
        (["--set", "cell.g_min=90uS"], "`g_min` must be at least 0 and below `g_max`"),
        (["--set", "cell.write.std=-1uS"], "`write.std` must be 0 or more"),
        (["--set", "cell.read.white.std=-1uS"], "`read.white.std` must be 0 or more"),
        (["--set", "cell.g_max=100uS"], "fits are valid from 8 to 90 uS; got 8 to 100"),
        (["--set", "cell.age=1us"], "`cell.age` must be None or 0 for a fresh chip"),
        (
            ["ring-fresh", "--set", "cell.ageing=0.01uS"],
            "`cell.ageing` needs `cell.age`",
        ),
        (
            [
                *("--set", "cell.age=1s", "--set", "cell.ageing=0.01uS"),
                *("--set", "rewrite.every=10us"),
            ],
            "`rewrite.every` must be 3.2e-05 s or more",
        ),
        (["--set", "cell.write.acceptance=0.1"], "`acceptance` must be one of"),
        (["--set", "cell.levels=1"], "`levels` must be at least 2"),
        (["--set", "solve.duration=0"], "`solve.duration` must be positive"),
        (["--set", "solve.duration=-1us"], "`solve.duration` must be positive"),
        (["--set", "solve.duration=1ns"], "holds in a solve"),
        (["ring-fresh", "--set", "solve.num_steps=10"], "does not resolve `read."),
        (["--set", "solve.num_steps=10"], "`multiplier.noise` takes one value a step"),
        (
            ["ring-fresh", "--set", "integrator.resistance=10Mohm"],
            "`solve.duration` = ",
        ),
        (["--set", "data=nothing"], "no data set `nothing`"),
        (["--sampler", "nothing"], "no sampler `nothing`; there are euler"),
        (["--sampler", "dpm-solver++"], "no probability flow of any process"),
        (["--checkpoint", "/nothing/here"], "/nothing/here"),
        (["--config", "/nothing.json"], "/nothing.json"),
        (["--set", "sde.beta_max=3"], "acts on training alone"),
        (["moons"], "python -m rram_ode.train moons"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_clear_line(arguments, text, refusal):
    assert text in refusal(sample.main, *arguments)


@pytest.mark.lowest
def test_a_wrong_flag_exits_with_2(run):
    assert run(sample.main, "--nothing")[0] == 2


@pytest.mark.long
@pytest.mark.lowest
def test_lists(run):
    assert "ring-64" in run(sample.main, "--list")[1]
    assert "rram_ode" in run(sample.main, "--version")[1]
    table = run(sample.main, "ring-fresh", "--describe")[1]
    assert "cell.read.white.std" in table
    assert "100 nS" in table
    assert max(map(len, table.splitlines())) <= 80
    rows = table.partition("solve.duration ")[2].partition("solve.reset ")
    assert "Role: design; pays: seconds, joules." in rows[0]
    assert "Role: numerical." in table.partition("solve.num_steps ")[2][:400]
    errors = table.partition("Everything on the chip")[2]
    assert "on         programming noise" in errors
    row = errors.partition("off        random telegraph noise")[2][:300]
    assert "cell.read.telegraph.amplitude=0." in row
    assert "On by cell.read.telegraph.amplitude=0.01, which moves x by" in row
    row = errors.partition("neglected  a cell's own heat")[2][:400]
    assert "3.6 uW x 1e+06 K/W = 3.6 K" in row
    assert "Source: assumption" in row
    assert "neglected. All that is neglected moves x by" in " ".join(errors.split())
    moons = " ".join(run(sample.main, "moons", "--describe")[1].split())
    assert "Sizes are those with the network of ring" in moons


@pytest.mark.long
def test_a_killed_run_goes_on_where_it_was(tmp_path, monkeypatch, run):
    monkeypatch.setattr("rram_ode.system._store.STORED", 100)
    monkeypatch.setattr("rram_ode.loop._draw.LARGEST_CHUNK", 250)
    common = ("ring-ideal", "--num-samples", 1000)
    done = run(sample.main, *common, "--out", tmp_path / "whole")
    assert done[0] == 0, done[2]

    real, count = Store.save, []

    def killed(self, pieces):
        count.append(1)
        if len(count) == 3:
            raise KeyboardInterrupt
        return real(self, pieces)

    monkeypatch.setattr(Store, "save", killed)
    assert run(sample.main, *common, "--out", tmp_path / "cut")[0] == 130
    assert sorted(p.name for p in (tmp_path / "cut").iterdir()) == [".partial"]
    assert run(sample.main, *common, "--out", tmp_path / "cut")[0] == 0
    whole = samples(tmp_path / "whole")["analog"]
    again = samples(tmp_path / "cut")["analog"]
    np.testing.assert_array_equal(whole, again)
    assert not (tmp_path / "cut" / ".partial").exists()
