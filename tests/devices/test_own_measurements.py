"""What a fit makes of reads as they come: cells, devices, records, pulses, sweeps.

Each truth is one of the numbers that the data were drawn with; tolerances are four
standard errors of the draw, and each check has a mutant that it tells from the truth.
"""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.devices import (
    AbstractWriteNoise,
    DeviceToDevice,
    fit,
    LogarithmicDrift,
    MeasuredTable,
    SinhIV,
    TabulatedError,
    TabulatedNoise,
    UnevenLevels,
)
from rram_ode.devices.fitting._record_noise import find_noise


US = 1e-6


def table(g, error, time=None, device=None):
    return MeasuredTable(g * US, (g + error) * US, time, device)


def law_of(found):
    """The law of the spread."""
    laws = [e for e in found.cell.errors if isinstance(e, AbstractWriteNoise)]
    assert len(laws) == 1
    return laws[0]


def test_times_that_jitter_are_those_of_the_schedule():
    """2 % of jitter change no law: drift and growth within 4 standard errors."""
    rng = np.random.default_rng(9)
    g = np.tile(np.repeat([15.0, 30, 45, 60, 75], 40), 3)
    plan = np.repeat([1.0, 100.0, 1e4], 200)
    log = np.log(plan)
    error = -0.2 * log + np.hypot(0.5, 0.15 * log) * rng.standard_normal(g.size)
    sharp = fit(table(g, error, plan))
    loose = fit(table(g, error, plan * rng.uniform(0.98, 1.02, g.size)))
    np.testing.assert_allclose(np.unique(loose.groups.time), [1, 100, 1e4], rtol=0.01)
    np.testing.assert_allclose(loose.groups.count, sharp.groups.count)
    for found in (sharp, loose):
        m0, m1 = found.mean.values[2:]
        assert abs(m0 + 45 * m1 + 0.2) < 4 * found.mean.errors[2]
        assert found.rate is not None
        assert abs(found.rate[0] - 0.15) < 4 * found.rate[1] < 0.15


def test_continuous_targets_give_a_law_by_regression():
    """Spread to 4 / sqrt(800), mean to 4 s / sqrt(400); a slope is no spread."""
    rng = np.random.default_rng(10)
    g = rng.uniform(5, 75, 400)
    found = fit(table(g, 0.3 - 0.1 * g + rng.normal(0, 0.8, 400)))
    law = law_of(found)
    middle = float(law.spread(jnp.array(40 * US))) / US
    assert abs(middle / 0.8 - 1) < 4 / np.sqrt(800)
    at = found.mean.values[0] + 40 * found.mean.values[1]
    assert abs(at + 3.7) < 4 * 0.8 / 20
    assert found.levels is None
    assert not found.warnings


def test_single_cells_followed_in_time():
    """The slope is known by the scatter of each cell, not by that between cells.

    A cell's own programming error of 1 uS moves its whole line: the slope of 6 cells
    and 8 times is known to 0.05 / sqrt(48 var(L)) all the same.
    """
    rng = np.random.default_rng(11)
    time = np.tile(np.geomspace(1, 1e5, 8), 6)
    g = np.repeat([5.0, 15, 30, 45, 60, 75], 8)
    own = np.repeat(rng.normal(0, 0.3, 6), 8)
    found = fit(table(g + 5, own - 0.3 * np.log(time) + rng.normal(0, 0.05, 48), time))
    slope = found.mean.values[2] + 40 * found.mean.values[3]
    exact = 0.05 / np.sqrt(48 * np.var(np.log(time)))
    assert abs(slope + 0.3) < 6 * exact
    assert any(isinstance(e, LogarithmicDrift) for e in found.cell.errors)
    # The mean error is that of six cells, not of 48.
    assert found.mean.errors[0] > 0.3 / np.sqrt(6)


def test_sorted_reads_are_not_those_of_the_same_cells():
    """Sorted, they are alike in their places; the mutant in one order is followed."""
    rng = np.random.default_rng(18)
    g = np.tile(np.repeat([15.0, 30, 45, 60], 25), 4)
    time = np.repeat([1.0, 10, 100, 1e3], 100)
    own = np.tile(rng.normal(0, 0.5, 100), 4) + rng.normal(0, 0.05, 400)
    other = rng.normal(0, 0.5, (4, 4, 25))
    for error, wanted in (
        (own, True),
        (other.ravel(), False),
        (np.sort(other, axis=2).ravel(), False),
    ):
        said = " ".join(fit(table(g, error - 0.1 * np.log(time), time)).notes)
        assert ("the same cells" in said) == wanted


def test_reads_at_zero_seconds_say_how_early_the_drift_began():
    """Mean over age comes back: at 0 s, and from the first time on."""
    rng = np.random.default_rng(12)
    time = np.repeat([0.0, 1.0, 100.0, 1e4], 600)
    g = np.tile(np.repeat(np.linspace(10, 60, 6), 100), 4)
    shift = np.where(time > 0, -0.3 * np.log(np.maximum(time, 1) / 0.01), 0.0)
    found = fit(table(g, shift + rng.normal(0, 0.3, g.size), time))
    drift = next(e for e in found.cell.errors if isinstance(e, LogarithmicDrift))
    assert float(drift.first) == 1.0
    targets = jnp.full((200, 200), 40 * US)
    for age, wanted in (
        (0.0, 0.0),
        (1.0, -0.3 * np.log(100)),
        (1e4, -0.9 * np.log(100)),
    ):
        aged = drift.at(age)(targets, key=jr.key(0))
        assert abs(float(jnp.mean(aged - targets)) / US - wanted) < 0.06
    assert not found.warnings


def test_stuck_cells_are_apart_from_the_law():
    """1 % at the lower end: the law of the rest, and the share to 4 standard errors."""
    rng = np.random.default_rng(13)
    g = np.repeat(np.linspace(5, 75, 8), 250)
    error = rng.normal(0, 1, g.size)
    is_stuck = rng.random(g.size) < 0.01
    error = np.where(is_stuck, 0.5 - g, error)
    found = fit(table(g, error))
    law = law_of(found)
    spread = np.asarray(law.spread(jnp.asarray([20.0, 40, 60]) * US)) / US
    assert np.abs(spread - 1).max() < 4 / np.sqrt(2 * 300)
    visible = np.mean(is_stuck[g > 20])
    assert abs(found.stuck.hrs - visible) < 0.003
    assert found.stuck.lrs == found.stuck.elsewhere == 0
    assert "cell.stuck.hrs" in found.settings
    assert "lie apart from the law" in " ".join(found.notes)
    # The mutant, a spread that takes them in, is four times as large.
    assert np.std(error[g == 75]) > 4


def test_far_reads_that_are_no_stuck_cells_are_warned_of():
    rng = np.random.default_rng(14)
    g = np.repeat(np.linspace(5, 75, 8), 100)
    error = rng.normal(0, 0.5, g.size)
    error[rng.random(g.size) < 0.02] += 12
    found = fit(table(g, error))
    assert found.stuck.elsewhere > 0.01
    assert "no stuck cells" in " ".join(found.warnings)


def test_devices_are_told_apart_from_cycles():
    """0.3 uS from cycle to cycle; devices 0.9 uS, which eight of them know to 27 %."""
    rng = np.random.default_rng(15)
    device = np.repeat(np.arange(8), 60)
    g = np.tile(np.repeat([5.0, 15, 30, 45, 60, 75], 10), 8)
    offset = rng.normal(0, 0.9, 8)
    error = offset[device] + rng.normal(0, 0.3, g.size)
    found = fit(table(g, error, None, device))
    law = law_of(found)
    assert abs(float(law.spread(jnp.array(40 * US))) / US / 0.3 - 1) < 4 / np.sqrt(864)
    between = next(e for e in found.cell.errors if isinstance(e, DeviceToDevice))
    whole = np.hypot(float(between.std) / US, float(between.std_rel) * 40)
    assert abs(whole / offset.std(ddof=1) - 1) < 0.05
    assert found.mean.errors[0] > 0.9 * 0.5 / np.sqrt(8)
    pooled = fit(table(g, error))
    assert float(law_of(pooled).spread(jnp.array(40 * US))) > 0.6 * US


def test_a_bent_mean_and_a_bent_spread_are_tables():
    rng = np.random.default_rng(16)
    g = np.repeat(np.linspace(5, 75, 8), 300)
    bend, width = 2 * np.sin(g / 10), 0.3 + np.exp(-(((g - 35) / 8) ** 2))
    found = fit(table(g, bend + width * rng.standard_normal(g.size)))
    mean, law = found.cell.errors
    assert isinstance(mean, TabulatedError)
    assert isinstance(law, TabulatedNoise)
    targets = jnp.linspace(5, 75, 8)[None] * US
    written = mean(targets, key=jr.key(0)) - targets
    wanted = 2 * np.sin(np.linspace(0.5, 7.5, 8))
    assert np.abs(np.asarray(written[0]) / US - wanted).max() < 4 * 1.3 / np.sqrt(300)
    said = " ".join(found.warnings)
    assert "no straight line" in said
    assert "no polynomial" in said
    halved = mean.scaled(0.5)(targets, key=jr.key(0)) - targets
    np.testing.assert_allclose(halved, written / 2, atol=1e-11)


def test_uneven_levels_are_the_nearest_measured_ones():
    levels = UnevenLevels(jnp.array([1.0, 2, 4, 9, 19, 38, 80, 120]) * US)
    g = jnp.array([[0.2, 1.4, 1.6, 6.4, 6.6, 100.1, 300]]) * US
    found = levels(g, key=jr.key(0)) / US
    np.testing.assert_allclose(found, [[1, 1, 2, 4, 9, 120, 120]], rtol=1e-6)
    for bad in ([1.0], [2.0, 1.0]):
        with pytest.raises(ValueError, match="levels"):
            UnevenLevels(jnp.array(bad))


def chain(rng, num, low, high):
    """A trap's states; mean dwell times in reads."""
    state, found = 0, np.zeros(num, int)
    jump = rng.random(num)
    for n in range(num):
        state = 1 - state if jump[n] < 1 / (high if state else low) else state
        found[n] = state
    return found


def trap(rng, num, low, high):
    """Reads of a trap in continuous time; mean dwell times in reads."""
    rate = 1 / low + 1 / high
    moved = 1 - np.exp(-rate)
    up, down = moved / low / rate, moved / high / rate
    state, found, luck = 0, np.zeros(num, int), rng.random(num)
    for n in range(num):
        state = 1 - state if luck[n] < (down if state else up) else state
        found[n] = state
    return found


def pink(rng, num, per_efold):
    k = np.arange(1, num // 2 + 1)
    parts = rng.standard_normal((2, k.size)) * np.sqrt(per_efold / k / 2)
    spectrum = np.concatenate([[0], (parts[0] + 1j * parts[1]) * num / np.sqrt(2)])
    return np.fft.irfft(spectrum, num)


def record(tmp_path, x, interval):
    path = tmp_path / "trace.csv"
    rows = np.stack([np.arange(x.size) * interval, 30 + x], axis=1)
    np.savetxt(path, rows, delimiter=",", header="time_s,read_uS", comments="")
    return fit(path)


@pytest.mark.long
@pytest.mark.parametrize("has_trap", [False, True])
@pytest.mark.parametrize("has_flicker", [False, True])
def test_a_record_gives_the_read_noise_that_is_there(has_trap, has_flicker, tmp_path):
    """White and a jump to 5 and 10 %, dwells to 4 / sqrt(jumps / 2)."""
    rng, num = np.random.default_rng(3), 8000
    x = rng.normal(0, 0.05, num)
    x += 0.2 * chain(rng, num, 100, 40) if has_trap else 0
    x += pink(rng, num, 0.02**2) if has_flicker else 0
    found = record(tmp_path, x, 2.5e-3)
    s = found.settings
    assert s["cell.read.white.std"] == pytest.approx(0.05 * US, rel=0.05)
    assert s["cell.read.white.bandwidth"] == pytest.approx(200)
    assert ("cell.read.flicker.std" in s) == has_flicker
    assert ("cell.read.telegraph.amplitude" in s) == has_trap
    if has_flicker:
        assert s["cell.read.flicker.std"] == pytest.approx(0.02 * US, rel=0.2)
    if has_trap:
        assert s["cell.read.telegraph.amplitude"] == pytest.approx(0.2 / 30, rel=0.1)
        low_high = np.sqrt(0.1 * 0.25)
        assert s["cell.read.telegraph.dwell_min"] == pytest.approx(low_high, rel=0.4)
        assert s["cell.read.telegraph.dwell_max"] == s["cell.read.telegraph.dwell_min"]
        assert s["cell.read.telegraph.dwell_ratio"] == pytest.approx(0.4, rel=0.4)
        assert found.cell.read.telegraph is not None
    assert not found.is_writing
    assert "without targets" in " ".join(found.notes)


@pytest.mark.parametrize("dwell", [(2.5, 2.5), (5.0, 1.5), (1.0, 1.0)])
def test_dwell_times_of_a_few_reads_are_those_of_the_trap(dwell):
    """To 10 % in the mean of four records, where a jump back hides between two reads.

    The mutant takes the probability to be elsewhere as that of having left.
    """
    found, naive = [], []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        x = 30 + 0.2 * trap(rng, 4000, *dwell) + rng.normal(0, 0.05, 4000)
        noise = find_noise(x, 1.0).noise
        found.append([noise.low, noise.high])
        rate = 1 / noise.low + 1 / noise.high
        leave = -np.expm1(-rate) / rate / np.array(found[-1])
        naive.append(-1 / np.log1p(-leave))
    np.testing.assert_allclose(np.mean(found, axis=0), dwell, rtol=0.1)
    assert np.max(np.mean(naive, axis=0) / dwell) > 1.2


@pytest.mark.long
def test_jumps_that_a_record_does_not_resolve_are_said(tmp_path):
    rng = np.random.default_rng(5)
    reads = 0.2 * rng.integers(0, 2, 4000) + rng.normal(0, 0.03, 4000)
    fast = record(tmp_path, reads, 1e-3)
    assert "cell.read.telegraph.amplitude" not in fast.settings
    assert fast.settings["cell.read.white.std"] == pytest.approx(reads.std() * US)
    assert "two states 2" in fast.warnings[0]
    assert "jumps are faster than a read every 1 ms" in fast.warnings[0]
    short = 0.2 * trap(rng, 4000, 3, 0.7) + rng.normal(0, 0.03, 4000)
    assert "lasts less than the 1 ms" in record(tmp_path, short, 1e-3).warnings[0]
    near = 0.2 * trap(rng, 4000, 60, 60) + rng.normal(0, 0.2, 4000)
    said = record(tmp_path, near, 1e-3).warnings
    assert "1.0 standard deviations of the noise apart" in said[0]
    clear = 0.2 * trap(rng, 4000, 60, 60) + rng.normal(0, 0.05, 4000)
    assert not record(tmp_path, clear, 1e-3).warnings


def test_a_record_that_is_none_says_so(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("time_s,read_uS\n" + "".join(f"{n},30\n" for n in range(20)))
    with pytest.raises(ValueError, match="needs 50 reads or more.*`target_uS`"):
        fit(path)
    path.write_text("time_s,read_uS\n" + "".join(f"{n**2},30\n" for n in range(90)))
    with pytest.raises(ValueError, match="must be evenly spaced"):
        fit(path)


def test_pulse_curves_are_the_steps_of_write_verify(tmp_path):
    """A loop of single pulses ends evenly within half a step: simulated here."""
    n = np.arange(1, 41)
    up = 10 + 50 * (1 - np.exp(-n / 12))
    down = 60 - 50 * (1 - np.exp(-n / 12))
    path = tmp_path / "pulses.tsv"
    rows = np.stack([n, up, down], axis=1)
    np.savetxt(path, rows, delimiter="\t", header="pulse\tLTP_uS\tLTD_uS", comments="")
    found = fit(path)
    (said,) = (note for note in found.notes if "write-verify" in note)
    assert "by a step over the root of 12" in said
    assert "not by the pulses of a curve" in said
    law = law_of(found)
    low, high = (
        float(g) / US for g in (found.cell.range.g_min, found.cell.range.g_max)
    )
    assert (low, high) == pytest.approx((max(up[0], down[-1]), min(up[-1], down[0])))
    for middle in (25.0, 35.0, 45.0):
        targets = np.random.default_rng(0).uniform(middle - 3, middle + 3, 20_000)
        misses = [
            np.min(np.abs(curve[:, None] - targets), axis=0) for curve in (up, down)
        ]
        wanted = np.sqrt(np.mean(np.square(misses)))
        spread = float(law.spread(jnp.array(middle * US))) / US
        assert spread == pytest.approx(wanted, rel=0.1)
    path.write_text("pulse,g_uS\n1,1\n2,2\n")
    with pytest.raises(ValueError, match="2 values; a pulse curve needs 4"):
        fit(path)


def test_sweeps_of_the_voltage_give_the_bend_of_the_current(tmp_path):
    rng = np.random.default_rng(4)
    v = np.tile(np.linspace(-0.5, 0.5, 21), 3)
    device = np.repeat([0, 1, 2], 21)
    g = np.array([10.0, 30.0, 80.0])[device]
    path = tmp_path / "iv.csv"
    header = "device,voltage_V,current_uA"
    for v0 in (0.35, None):
        i = g * (v if v0 is None else v0 * np.sinh(v / v0))
        rows = np.stack([device, v, i * rng.normal(1, 0.01, 63)], axis=1)
        np.savetxt(path, rows, delimiter=",", header=header, comments="")
        found = fit(path)
        span = float(found.cell.range.g_min) / US, float(found.cell.range.g_max) / US
        np.testing.assert_allclose(span, (10, 80), rtol=0.03)
        if v0 is None:
            assert found.settings == {"cell.iv.law": "linear"}
        else:
            assert isinstance(found.cell.iv, SinhIV)
            assert found.settings["cell.iv.v0"] == pytest.approx(v0, rel=0.03)
        assert not found.warnings
    rows[:, 2] = np.sign(v) * np.where(device == 1, 5, 20 * np.abs(v))
    np.savetxt(path, rows, delimiter=",", header=header, comments="")
    assert "does not describe the data" in fit(path).warnings[0]
