"""Records of reads that are what a law describes pass; others are told, and named.

Of 40 draws of each, 2,000 reads long, the wrong ones were told in 40 and the right ones
passed in 39 or 40; here are 12 of each.
"""

import dataclasses

import numpy as np
import pytest
from rram_ode.devices import fit
from rram_ode.devices.fitting._record_doubts import doubts_of
from rram_ode.devices.fitting._record_noise import find_noise


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
