import dataclasses
import json
import pathlib
import shutil
import signal
import sys
import warnings

import numpy as np
import pytest
from rram_ode._core._files import DamagedWarning
from rram_ode.config import parse_axis
from rram_ode.presets import find_preset
from rram_ode.studies import (
    chip_yield,
    CostLaw,
    identify,
    open_executor,
    open_study,
    plan_study,
    planned_bytes,
    run_study,
    Study,
    StudyStore,
    summarise,
)
from rram_ode.studies.sweep import _chips, _clusters
from rram_ode.studies.sweep._lanes import Lanes
from rram_ode.system import NUM_SLOW, Repeat, System


BASE = find_preset("ring-ideal")
AXES = ("cell.write.std=0,1uS", "solve.process=probability-flow")


def study(num_chips=6, num_samples=100, axes=AXES, **more):
    parsed = tuple(parse_axis(BASE, text) for text in axes)
    return Study("ring-ideal", BASE, parsed, num_chips, num_samples, **more)


def files(folder):
    """The bits of every file of a dataset."""
    root = pathlib.Path(folder)
    paths = (p for p in root.rglob("*") if p.is_file())
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in paths}


def identity(asked):
    """What `identify` says of the study alone, without building its systems."""
    return {"study": json.loads(asked.as_text())}


def run(asked, folder, stop_after=None, progress=lambda num: None):
    """Run a study in this process; it dies after so many chips."""
    folder.mkdir(exist_ok=True)
    seen = [0]

    def count(num):
        if stop_after is not None and seen[0] >= stop_after:
            raise KeyboardInterrupt
        seen[0] += num
        progress(num)

    store = StudyStore(folder, asked, identity(asked))
    with open_executor(None, 1) as executor:
        took = run_study(asked, store, executor, count)
    return store, took


def law_of_chips(system, repeat, chip_seed):
    """A quick stand-in for a solve: numbers that settings and seeds decide."""
    rng = np.random.default_rng([repeat.seed, chip_seed, repeat.num])
    scale = 1.0 + 1e6 * system.config.cell.write.std
    return {name: scale * rng.standard_normal() for name in _chips.QUANTITIES}


RAN = []


def law_of_order(system, repeat, chip_seed):
    """A wrong one, whose numbers depend on what ran before in this process."""
    RAN.append(chip_seed)
    return dict.fromkeys(_chips.QUANTITIES, float(len(RAN)))


@pytest.mark.long
def test_a_chip_of_a_sweep_is_that_of_the_library(tmp_path):
    asked = study(num_chips=2, seed=5, chip_seed=7)
    identify(asked)
    run(asked, tmp_path)
    with open_study(tmp_path) as data:
        kept = data.sel({"cell.write.std": 1e-6}).isel({"solve.process": 0, "chip": 1})
        kept = {name: float(kept[name]) for name in ("distance", "energy", "state")}
    system = System.from_preset("ring-ideal", {"cell.write.std": "1uS"})
    own = system.sample(system.program(seed=8), 100, seed=6)
    far = system.yardstick.measure(own.x, system.data(100, seed=6), NUM_SLOW)
    assert kept["distance"] == pytest.approx(far.value, rel=1e-9)
    assert kept["energy"] == pytest.approx(own.energy.energy, rel=1e-9)
    assert kept["state"] == _chips.SOLVED
    points = summarise(asked, tmp_path, limit=1e9)
    assert [point.good and point.good.mean for point in points] == [1.0, 1.0]


@pytest.mark.long
@pytest.mark.parametrize(
    ("judge", "is_same"), [(law_of_chips, True), (law_of_order, False)]
)
def test_a_run_that_died_goes_on_bit_for_bit(tmp_path, monkeypatch, judge, is_same):
    monkeypatch.setattr(_chips, "_judge", judge)
    asked, whole, cut = study(), tmp_path / "whole", tmp_path / "cut"
    run(asked, whole)
    with pytest.raises(KeyboardInterrupt):
        run(asked, cut, stop_after=8)
    with open_study(cut) as data:
        there = int((data["state"] != _chips.PENDING).sum())
        assert np.isnan(data["distance"].values).sum() == 12 - there
    assert there == 8  # tasks of one chip: nothing but the chip in work is lost
    told = []
    _, took = run(asked, cut, progress=told.append)
    assert (told[0], took.chips) == (8, 4)
    assert (files(cut / "study.zarr") == files(whole / "study.zarr")) is is_same


@pytest.mark.long
def test_damage_and_another_study_are_noticed(tmp_path, monkeypatch):
    monkeypatch.setattr(_chips, "_judge", law_of_chips)
    asked = study()
    store, _ = run(asked, tmp_path)
    good = files(tmp_path / "study.zarr")
    chunk = tmp_path / "study.zarr/distance/c/0/0/0"
    bits = bytearray(chunk.read_bytes())
    bits[8 * 3 + 2] ^= 1
    chunk.write_bytes(bits)
    with pytest.warns(DamagedWarning, match="1 tasks are run again"):
        _, took = run(asked, tmp_path)
    assert took.chips == 1
    assert files(tmp_path / "study.zarr") == good
    chunk.write_bytes(bytes(bits)[:20])  # cut short
    with pytest.warns(DamagedWarning, match="6 tasks are run again"):
        run(asked, tmp_path)
    assert files(tmp_path / "study.zarr") == good
    (tmp_path / "study.zarr/checksum/c/1/0/0").write_bytes(b"0")
    with pytest.warns(DamagedWarning, match="12 tasks are run again"):
        run(asked, tmp_path)
    assert files(tmp_path / "study.zarr") == good
    # Coordinates have no checksum, and are those of the study.
    (tmp_path / "study.zarr/chip/c/0").write_bytes(b"no numbers")
    with pytest.raises(ValueError, match=r"study.zarr` is damaged"):
        open_study(tmp_path)
    with pytest.warns(DamagedWarning, match="values of `chip` are written again"):
        run(asked, tmp_path)
    assert files(tmp_path / "study.zarr") == good
    (tmp_path / "study.zarr/distance/zarr.json").write_text("{")
    with pytest.raises(ValueError, match=r"distance` is damaged: remove"):
        run(asked, tmp_path)
    (tmp_path / "study.zarr/distance/zarr.json").write_bytes(good["distance/zarr.json"])
    assert files(tmp_path / "study.zarr") == good  # nothing was lost meanwhile
    other = dataclasses.replace(asked, num_samples=101)
    with pytest.raises(ValueError, match=r"another study \(num_samples differ\)"):
        run(other, tmp_path)
    (tmp_path / "study.zarr/zarr.json").write_text("{}")
    with pytest.raises(ValueError, match="no store of a sweep"):
        run(asked, tmp_path)
    shutil.rmtree(tmp_path / "study.zarr")
    with pytest.raises(ValueError, match="holds no study"):
        open_study(tmp_path)
    assert store.num_bytes == 0


def test_a_point_that_the_builder_refuses_is_one(tmp_path, monkeypatch):
    """Values are good one by one, or at some points; the others' chips are refused."""
    monkeypatch.setattr(_chips, "_judge", law_of_chips)
    axes = ("solve.longest=10us,30us", "solve.duration=5us,20us")
    asked = study(axes=axes)
    identify(asked)
    run(asked, tmp_path)
    points = summarise(asked, tmp_path)
    assert [point.refused for point in points] == [0, 6, 0, 0]
    assert points[1].distance is None
    assert points[1].good is not None
    assert points[1].good.mean == 0
    never = study(axes=("solve.longest=1us,30us", "solve.duration=5us,20us"))
    with pytest.raises(ValueError, match=r"`--over solve.longest` at 1e-06"):
        identify(never)


def test_a_refused_chip_is_farther_than_any(tmp_path, monkeypatch):
    """A setting that refuses its bad chips has no better median for it."""

    def refuse(system, repeat, chip_seed):
        found = law_of_chips(system, repeat, chip_seed)
        if found["distance"] > np.median(distances):
            raise ValueError("the solve diverged")
        return found

    asked = study(num_chips=9)
    system = asked.system(0)
    repeat = lambda n: Repeat(asked.num_samples, asked.seed + n)
    each = [law_of_chips(system, repeat(n), n) for n in range(9)]
    distances = [found["distance"] for found in each]
    monkeypatch.setattr(_chips, "_judge", refuse)
    run(asked, tmp_path)
    point = summarise(asked, tmp_path)[0]
    assert point.refused == 4
    assert point.distance is not None
    assert point.distance.mean == pytest.approx(np.median(distances))
    assert point.distance.high == np.inf


def test_a_refused_chip_is_counted_and_its_reason_kept(tmp_path, monkeypatch):
    def refuse(system, repeat, chip_seed):
        if chip_seed % 4 == 0:
            raise ValueError("the solve diverged")
        return law_of_chips(system, repeat, chip_seed)

    monkeypatch.setattr(_chips, "_judge", refuse)
    asked = study()
    store, _ = run(asked, tmp_path)
    points = summarise(asked, tmp_path, limit=1e9)
    assert [point.refused for point in points] == [2, 2]
    expected = chip_yield([0.0] * 4 + [float("nan")] * 2, 1.0)
    assert points[0].good == expected
    assert store.refusals() == dict.fromkeys((0, 1), "the solve diverged")


def test_a_worker_stays_at_its_point_until_all_are_begun():
    lanes = Lanes(study(num_chips=32, axes=("cell.levels=4,8,16",)).tasks())
    point_of = lambda worker: getattr(lanes.next(worker), "point", None)
    assert (point_of("a"), point_of("b")) == (0, 1)
    assert {point_of("a") for _ in range(15)} == {0}
    assert point_of("a") == 2
    assert {point_of("b") for _ in range(30)} == {1, 2}
    assert lanes.next("b") is None
    assert not lanes


def test_the_plan_adds_up_what_was_measured(tmp_path, monkeypatch):
    monkeypatch.setattr(_chips, "_judge", law_of_chips)
    asked = study(num_chips=32)
    small = (9e8, 5e8, 1e7, 0.1)
    law = CostLaw(10.0, 2.0, (4.0, 2.0), (5.0, 0.0), (2, 1), 0.7, *small)
    plan = plan_study(asked, law, num_workers=2, num_bytes=7)
    wide = study(num_chips=32, axes=("cell.write.std=0:1uS:10", AXES[1]))
    many = dataclasses.replace(law, programs=(10, 1))
    steps = [plan_study(wide, each, num_workers=2, num_bytes=7) for each in (law, many)]
    # A worker compiles the other of two programs, or four more of the ten.
    begun, alone = 20 + 8 * 0.7 + 2 * 5, 160 * 0.1 + 3.0
    assert steps[0].core_seconds == pytest.approx(begun + 320 * 3.0 + alone)
    more = steps[1].core_seconds - steps[0].core_seconds
    assert more == pytest.approx((2 * 4 - 2) * 5.0)
    # Two points, each begun by a worker of its own; a chip takes 2 to 4 s.
    alone = 32 * 0.1 + 3.0
    assert plan.core_seconds == pytest.approx(2 * 10 + 2 * 32 * 3.0 + alone)
    assert plan.seconds == pytest.approx((2 * 10 + 2 * 32 * 3.0) / 2 + alone)
    small = study()
    empty = StudyStore(tmp_path, small, identity(small)).num_bytes
    store, _ = run(small, tmp_path)
    assert store.num_bytes == planned_bytes(small, empty)


def test_a_full_disk_is_said_and_nothing_is_lost(tmp_path, monkeypatch):
    import resource

    monkeypatch.setattr(_chips, "_judge", law_of_chips)
    asked = study(num_chips=2000, axes=())
    store = StudyStore(tmp_path, asked, identity(asked))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (7_000, hard))
    try:
        with (
            open_executor(None, 1) as executor,
            pytest.raises(OSError, match="cannot write .*study.zarr"),
        ):
            run_study(asked, store, executor, lambda num: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, took = run(asked, tmp_path)
    assert took.chips == 2000


@pytest.mark.long
def test_ctrl_c_is_what_it_was_after_the_packages_are_imported(monkeypatch):
    """dask-jobqueue ends its process with status 0 at Ctrl-C, as it is imported."""
    for name in [name for name in sys.modules if name.startswith("dask_jobqueue")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(_clusters, "CONNECT_SECONDS", 0.1)
    before = signal.getsignal(signal.SIGINT)
    try:
        with pytest.raises(OSError, match="no dask cluster at"):
            open_executor("tcp://127.0.0.1:1", 1).__enter__()
        assert "dask_jobqueue.runner" in sys.modules
        assert signal.getsignal(signal.SIGINT) is before
    finally:
        signal.signal(signal.SIGINT, before)
