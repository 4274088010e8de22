"""The preset of the paper's board: what its firmware plays, and a run of it."""

import json

import numpy as np
import pytest
from rram_ode import sample
from rram_ode.presets import find_preset
from rram_ode.system import System


NUM = 8


@pytest.fixture(scope="module")
def board():
    return System.from_preset("ring-board")


def test_it_plays_what_the_firmware_does(board):
    """200 ticks of 5 ms in a solve, 12 bits, and 1.2 s from start to start."""
    loop, clock = board.chip_loop, board.chip_loop.clock
    assert float(clock.duration) == 1.0
    assert float(clock.duration + clock.reset) == pytest.approx(1.2, rel=1e-6)
    assert loop.plan.waves == 200
    assert (loop.dac.bits, board.config.start.bits) == (12, 12)


def test_its_network_and_waveforms_are_those_of_ring_fresh(board):
    """R C over the duration, and so each factor of the multipliers, to rounding."""
    fresh = find_preset("ring-fresh")
    assert board.config.checkpoint == fresh.checkpoint
    share = lambda c: (
        c.integrator.resistance * c.integrator.capacitance / c.solve.duration
    )
    assert share(board.config) == pytest.approx(share(fresh), rel=1e-12)
    for name in ("beta_factor", "start_std", "t0", "t1", "warp"):
        assert getattr(board.config.solve, name) == getattr(fresh.solve, name)


def test_its_noise_is_held_on_the_grid_of_steps(board):
    """All of it enters, one value a step or slower; cells have the density of ring."""
    white, fresh = board.config.cell.read.white, find_preset("ring-fresh")
    other = fresh.cell.read.white
    density = lambda w: w.std**2 / w.bandwidth
    assert density(white) == pytest.approx(density(other), rel=1e-12)
    step = board.config.solve.duration / board.config.solve.num_steps
    assert 0.5 / white.bandwidth == pytest.approx(step, rel=1e-12)


def test_injected_noise_is_held_for_a_tick():
    """The equation with noise is accepted as it is, with the firmware's hold."""
    loop = System.from_preset("ring-board", {"solve.process": "reverse-sde"}).chip_loop
    assert loop.plan.injected == 200


@pytest.mark.slow
def test_a_run_gives_samples_and_its_report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["sample", "ring-board", "--num-samples", str(NUM), "--out", "run"]
    monkeypatch.setattr("sys.argv", words)
    sample.main()
    report = json.loads((tmp_path / "run/report.json").read_text())
    samples = np.load(tmp_path / "run/samples.npz")["analog"]
    assert samples.shape == (NUM, 2)
    assert np.all(np.isfinite(samples))
    # A ring of 0.7, with all errors: no sample is lost on the way.
    radius = np.hypot(*samples.T)
    assert np.all(np.abs(radius - 0.7) < 0.35)
    assert report["hardware"]["solve_time_s"] == 1.0
