"""Records of reads that are what a law describes pass; others are told, and named.

Of 40 draws of each, 2,000 reads long, the wrong ones were told in 40 and the right ones
passed in 39 or 40; here are 12 of each.
"""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from rram_ode.config import CellConfig, override_all, RunConfig
from rram_ode.devices import fit
from rram_ode.devices.fitting._record_doubts import doubts_of
from rram_ode.devices.fitting._record_noise import find_noise
from rram_ode.system import build_cell


DRAWS, NUM = 12, 2000
TIME = np.arange(NUM)


def trap(rng, low, high):
    """Reads of a trap in continuous time; mean dwell times in reads."""
    rate = 1 / low + 1 / high
    moved = 1 - np.exp(-rate)
    up, down = moved / low / rate, moved / high / rate
    state, found, luck = 0, np.zeros(NUM, int), rng.random(NUM)
    for n in range(NUM):
        state = 1 - state if luck[n] < (down if state else up) else state
        found[n] = state
    return found


def pink(rng, per_root_efold):
    k = np.arange(1, NUM // 2 + 1)
    parts = rng.standard_normal((2, k.size)) * per_root_efold / np.sqrt(4 * k)
    return np.fft.irfft(np.concatenate([[0], (parts[0] + 1j * parts[1]) * NUM]), NUM)


RIGHT = {
    "white": lambda rng: rng.normal(0, 0.1, NUM),
    "1/f": lambda rng: rng.normal(0, 0.05, NUM) + pink(rng, 0.02),
    "mostly 1/f": lambda rng: rng.normal(0, 0.02, NUM) + pink(rng, 0.05),
    "trap": lambda rng: rng.normal(0, 0.05, NUM) + 0.2 * trap(rng, 60, 40),
    "near trap": lambda rng: rng.normal(0, 0.1, NUM) + 0.2 * trap(rng, 60, 30),
}
WRONG = {
    "two traps": (
        lambda rng: (
            rng.normal(0, 0.2, NUM) + 2 * trap(rng, 40, 40) + 3.5 * trap(rng, 60, 60)
        ),
        "more than two levels",
    ),
    "spikes": (
        lambda rng: np.where(TIME % 100, rng.normal(0, 0.1, NUM), 30.0),
        "20 of 2000 reads (1.00%) are spikes",
    ),
    "hum": (
        lambda rng: (
            rng.normal(0, 0.05, NUM)
            + 0.5 * np.sin(2 * np.pi * 0.05 * TIME + rng.uniform(0, 6))
        ),
        "a line at 50 Hz",
    ),
    "faint hum": (
        lambda rng: rng.normal(0, 0.05, NUM) + 0.03 * np.sin(2 * np.pi * 0.05 * TIME),
        "a line at 50 Hz",
    ),
    "resonance": (
        lambda rng: np.convolve(
            rng.normal(0, 0.1, NUM + 40),
            np.exp(-np.arange(41) / 8) * np.cos(2 * np.pi * 0.2 * np.arange(41)),
            mode="valid",
        ),
        "The spectrum is not that of the law",
    ),
    "clipped": (
        lambda rng: np.clip(rng.normal(0, 0.1, NUM), -0.15, 0.05),
        "What the law leaves is not normal",
    ),
}


def draws(make):
    for seed in range(DRAWS):
        reads = 30e-6 + 1e-6 * make(np.random.default_rng(seed))
        found = find_noise(reads, 1e-3)
        yield found, doubts_of(found, 1e-3)


@pytest.mark.long
@pytest.mark.parametrize("name", RIGHT)
def test_a_record_of_the_law_passes(name):
    passed = []
    for found, doubts in draws(RIGHT[name]):
        passed.append(not doubts)
        noise = found.noise
        assert not (noise.drift)
        assert not (noise.steps)
        assert bool(noise.flicker) == ("1/f" in name)
        assert bool(noise.jump) == ("trap" in name)
    assert np.sum(passed) >= DRAWS - 1


@pytest.mark.long
@pytest.mark.parametrize("name", WRONG)
def test_a_record_that_is_not_of_the_law_is_told(name):
    make, words = WRONG[name]
    for _, doubts in draws(make):
        assert any(words in text for text in doubts), doubts


def test_the_spectrum_of_another_law_is_told():
    """The mutant: the reads of 1/f noise taken as those of white noise."""
    for found, _ in draws(RIGHT["mostly 1/f"]):
        white = dataclasses.replace(
            found,
            noise=dataclasses.replace(found.noise, flicker=0.0),
            scores=found.rest / found.rest.std(),
        )
        (said,) = doubts_of(white, 1e-3)
        assert "Hz" in said
        assert "times" in said


@pytest.mark.parametrize("drift", [-1e-3 * TIME, -0.1 * np.log(TIME + 1)])
def test_a_drift_is_no_trap(drift):
    """White noise to 4 standard errors, and the drift to as many of its own."""
    for found, _ in draws(lambda rng: rng.normal(0, 0.1, NUM) + drift):
        noise = found.noise
        assert noise.white == pytest.approx(0.1e-6, rel=4 / np.sqrt(2 * NUM))
        assert noise.jump == noise.flicker == noise.steps == 0
        # A line's ends have twice the standard error of a mean; a logarithm's more.
        assert noise.drift == pytest.approx(1e-6 * (drift[-1] - drift[0]), abs=0.2e-6)


@pytest.mark.long
def test_a_step_is_no_trap():
    for found, _ in draws(lambda rng: rng.normal(0, 0.1, NUM) + (TIME > 900)):
        noise = found.noise
        assert noise.white == pytest.approx(0.1e-6, rel=4 / np.sqrt(2 * NUM))
        assert (noise.steps, noise.jump, noise.drift) == (1, 0, 0)
        assert noise.step == pytest.approx(1e-6, abs=4 * 0.1e-6 * np.sqrt(4 / NUM))


def record(tmp_path, time, reads):
    path = tmp_path / "record.csv"
    rows = np.stack([time, 30 + reads], axis=1)
    np.savetxt(path, rows, delimiter=",", header="time_s,read_uS", comments="")
    return fit(path)


def test_a_record_says_what_it_has(tmp_path):
    rng = np.random.default_rng(0)
    drifts = record(tmp_path, TIME * 1e-3, rng.normal(0, 0.1, NUM) - 2e-3 * TIME)
    assert "The reads drift by -4" in drifts.warnings[0]
    steps = record(tmp_path, TIME * 1e-3, rng.normal(0, 0.1, NUM) + (TIME > 900))
    assert "The reads step once by " in steps.warnings[0]
    assert "cell.read.telegraph.amplitude" not in steps.settings
    spikes = record(tmp_path, TIME * 1e-3, WRONG["spikes"][0](rng))
    assert len(spikes.warnings) == 1
    assert "are spikes" in spikes.warnings[0]


def test_missing_reads_are_counted_and_leave_the_dwell_times(tmp_path):
    """A tenth of the reads without value: the dwell times are those of the trap."""
    rng = np.random.default_rng(4)
    reads = rng.normal(0, 0.05, NUM) + 0.2 * trap(rng, 20, 20)
    reads[rng.random(NUM) < 0.1] = np.nan
    found = record(tmp_path, TIME * 1e-3, reads)
    lost = int(np.isnan(reads[1:-1]).sum())
    notes = " ".join(found.notes)
    assert f"{lost} reads are missing between others" in notes
    assert "one every 1.116 ms" in notes
    for name in ("dwell_min", "dwell_max"):  # 100 jumps, to four standard errors
        dwell = found.settings[f"cell.read.telegraph.{name}"]
        assert dwell == pytest.approx(20e-3, rel=4 / np.sqrt(50))


def test_a_long_gap_ends_a_record(tmp_path):
    rng = np.random.default_rng(5)
    time = TIME * 1e-3 + 3600.0 * (TIME > 600)
    found = record(tmp_path, time, rng.normal(0, 0.1, NUM))
    notes = " ".join(found.notes)
    assert "the longest is used: 601 reads were left out" in notes
    assert "a record of 1399 reads" in notes
    assert "one every 1 ms" in notes
    with pytest.raises(ValueError, match="but for missing reads; .* no multiple of"):
        record(tmp_path, TIME * 1e-3 + rng.uniform(0, 1e-3, NUM), np.ones(NUM))


@pytest.mark.parametrize(("low", "high"), [(20, 80), (80, 20)])
def test_the_settings_of_a_trap_are_its_law(low, high, tmp_path):
    """Which state lasts longer, too; the mutant has both in one law of dwell times."""
    rng = np.random.default_rng(6)
    reads = rng.normal(0, 0.05, NUM) + 0.2 * trap(rng, low, high)
    found = record(tmp_path, TIME * 1e-3, reads)
    fitted = found.cell.read.telegraph
    config = override_all(RunConfig(), found.settings)
    built = build_cell(config.cell).read.telegraph
    assert built is not None
    assert fitted is not None
    for name in ("high", "low"):
        law, wanted = getattr(built, name), float(getattr(fitted, name).low)
        for end in (law.low, law.high):
            assert float(end) == pytest.approx(wanted, rel=1e-5)
    assert (float(built.high.low) > float(built.low.high)) == (high > low)
    level = jnp.array(30.1e-6)
    assert float(built.spread(level)) == pytest.approx(
        float(fitted.spread(level)), rel=1e-4
    )


def test_doubts_come_with_the_settings(tmp_path):
    record(tmp_path, TIME * 1e-3, WRONG["spikes"][0](np.random.default_rng(0)))
    path = str(tmp_path / "record.csv")
    config = CellConfig(device="custom", measurements=path)
    with pytest.raises(ValueError, match="take what it measures by .* are spikes"):
        build_cell(config)
