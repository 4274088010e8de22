"""Your own device: files in, laws out, within the standard errors of the data."""

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats as st
from rram_ode.devices import (
    DeviceFit,
    fit,
    LogarithmicDrift,
    MeasuredTable,
    PolynomialNoise,
    read_map,
    read_table,
    SystematicError,
    TabulatedNoise,
)
from rram_ode.plots import plot_device_fit


US = 1e-6
LEVELS = np.linspace(10, 80, 12)
TIMES = (1.0, 30.0, 1e3, 1e5)
SPREAD = (0.2, 0.03, -0.0002)
MEAN = (0.4, -0.01)
SHIFT = (-0.05, -0.001)
RATE = 0.06


def synthetic(seed, reads=400, times=TIMES, rate=RATE):
    """Reads of a known law, in uS and seconds: mean, spread, shift, growing spread."""
    rng = np.random.default_rng(seed)
    rows = []
    for time in times:
        log = np.log(time / times[0])
        target = np.repeat(LEVELS, reads)
        mean = target + MEAN[0] + MEAN[1] * target
        mean += (SHIFT[0] + SHIFT[1] * target) * log
        std = np.polyval(SPREAD[::-1], target)
        read = rng.normal(mean, np.hypot(std, rate * log))
        rows.append(np.stack([target, read, np.full(target.size, time)], axis=1))
    return np.concatenate(rows)


def save(rows, path, header="target_uS,read_uS,time_s"):
    np.savetxt(path, rows, delimiter=",", header=header, comments="")
    return path


@pytest.fixture(scope="module")
def fitted(tmp_path_factory) -> DeviceFit:
    return fit(save(synthetic(0), tmp_path_factory.mktemp("fit") / "cells.csv"))


def test_a_known_law_is_recovered(fitted):
    """Eight numbers within 4 standard errors, each known to better than a tenth."""
    assert fitted.spread is not None
    assert fitted.rate is not None
    for found, wanted in (
        (fitted.spread.values, SPREAD),
        (fitted.mean.values, (*MEAN, *SHIFT)),
    ):
        errors = (fitted.spread if len(wanted) == 3 else fitted.mean).errors
        assert np.abs((found - wanted) / errors).max() < 4
    rate, error = fitted.rate
    assert abs(rate - RATE) < 4 * error
    assert error < 0.1 * RATE
    # Mutant: a law that is 10 % off is outside.
    assert abs(1.1 * rate - RATE) > error
    assert (np.abs(fitted.mean.values) > 4 * fitted.mean.errors)[1:].all()


@pytest.mark.long
def test_standard_errors_are_right():
    """Over 60 data sets the deviations in standard errors have unit spread."""
    z = []
    for seed in range(60):
        rows = synthetic(seed + 1, reads=60)
        table = MeasuredTable(rows[:, 0] * US, rows[:, 1] * US, rows[:, 2])
        found = fit(table)
        assert found.spread is not None
        means = (found.mean.values - (*MEAN, *SHIFT)) / found.mean.errors
        z.append([*means, *((found.spread.values - SPREAD) / found.spread.errors)])
    z = np.array(z)
    limit = 4 / np.sqrt(2 * 60)
    assert np.abs(z.std(axis=0) - 1).max() < limit
    assert np.abs(z.mean(axis=0)).max() < 4 / np.sqrt(60)


def test_goodness_of_fit_tells_a_right_law_from_a_wrong_one(fitted, tmp_path):
    points = len(LEVELS) * len(TIMES)
    assert fitted.spread is not None
    assert st.chi2.sf(fitted.mean.chi_square * (points - 4), points - 4) > 1e-3
    assert st.chi2.sf(fitted.spread.chi_square * 9, 9) > 1e-3
    assert fitted.spread.r_square > 0.95
    assert np.abs(fitted.residuals).max() < 4.5
    path = save(synthetic(0), tmp_path / "cells.csv")
    wrong = fit(path, degree=0, tabulated=False)
    assert wrong.spread is not None
    assert wrong.spread.chi_square > 10


def test_the_cell_holds_the_laws(fitted):
    mean, law, drift = fitted.cell.errors
    assert isinstance(mean, SystematicError)
    assert isinstance(law, PolynomialNoise)
    assert isinstance(drift, LogarithmicDrift)
    g = np.array([20.0, 60.0])
    assert fitted.spread is not None
    wanted = np.polyval(fitted.spread.values[::-1], g)
    np.testing.assert_allclose(law.spread(jnp.asarray(g * US)) / US, wanted, rtol=1e-9)
    m = fitted.mean.values
    shift = np.polyval(np.asarray(drift.shift)[::-1], g * US) / US
    np.testing.assert_allclose(shift, m[2] + m[3] * g, rtol=1e-9)
    assert float(drift.age) == 0
    assert float(fitted.cell.range.g_min) == pytest.approx(10 * US)
    assert float(fitted.cell.range.g_max) == pytest.approx(80 * US)


def test_a_second_fit_of_what_the_cell_writes_gives_the_cell(fitted, getkey):
    """The loop closes: program, read, fit; within standard errors of both."""
    targets = np.repeat(LEVELS, 2000) * US
    written = fitted.cell.program(jnp.asarray(targets[None]), key=getkey())
    again = fit(MeasuredTable(targets, np.asarray(written[0])))
    assert again.rate is None
    assert again.spread is not None
    assert fitted.spread is not None
    z = (again.mean.values - fitted.mean.values[:2]) / again.mean.errors
    assert np.abs(z).max() < 4
    z = (again.spread.values - fitted.spread.values) / again.spread.errors
    assert np.abs(z).max() < 4


def test_a_table_keeps_the_measured_spreads(tmp_path):
    rows = synthetic(3, times=(1.0,))
    found = fit(save(rows, tmp_path / "cells.csv"), tabulated=True)
    law = found.cell.errors[1]
    assert isinstance(law, TabulatedNoise)
    assert found.spread is None
    for level in LEVELS:
        read = rows[rows[:, 0] == level, 1]
        spread = float(law.spread(jnp.asarray(level * US))) / US
        np.testing.assert_allclose(spread, read.std(ddof=1), rtol=1e-6)


@pytest.mark.lowest
def test_units_order_and_formats_do_not_matter(tmp_path):
    rows = synthetic(4, reads=10)
    csv = read_table(save(rows, tmp_path / "a.csv"))
    other = rows[:, [2, 1, 0]] * [1e3, 1e-6, 1e3]
    header = "# a comment\n\ntime_ms, read_S ,target_nS"
    swapped = read_table(save(other, tmp_path / "b.csv", header))
    np.savez(tmp_path / "c.npz", target_uS=rows[:, 0], read_uS=rows[:, 1], x=[1])
    npz = read_table(tmp_path / "c.npz")
    for name in ("target", "read"):
        np.testing.assert_allclose(getattr(swapped, name), getattr(csv, name))
        np.testing.assert_allclose(getattr(npz, name), getattr(csv, name))
    assert swapped.time is not None
    assert csv.time is not None
    np.testing.assert_allclose(swapped.time, csv.time)
    assert npz.time is None


GOOD = "target_uS,read_uS,time_s\n10,10.1,1\n20,19.9,1\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace("19.9", "nan").replace("10.1", ""), "no row has both a target"),
        (GOOD.replace("19.9", "-1"), "line 3, `read_uS`: a value must be 0 or more"),
        (GOOD.replace("19.9", "x"), "line 3, `read_uS`: `x` is not a number"),
        (GOOD.replace("19.9,", ""), "line 3 has 2 values, the header has 3"),
        (GOOD.replace("read_uS", "found_uS"), "no column `read_uS`.* it has target_uS"),
        (
            GOOD.replace("read_uS", "read"),
            "`read` must name its unit, such as `read_uS",
        ),
        (GOOD.replace("read_uS", "read_uV"), "`read_uV` must name its unit"),
        (GOOD.replace("read_uS", "target_S"), "has `target` twice"),
        (GOOD.replace("_uS", "_S"), "line 2, `target_S`: .* beyond 0.1 S: is the unit"),
        (GOOD.replace(",1\n", ",-1\n"), "line 2, `time_s`: a value must be 0 or more"),
        ("target_uS,read_uS\n", "header and at least one line"),
        ("", "header and at least one line"),
        (GOOD, "has 2 reads; a spread needs 5 or more"),
        (GOOD.replace("20,19.9", "10,9.9") * 3, "`target_uS` is not a number"),
        (GOOD + "10,10,1\n" * 9, None),
        (
            "target_uS,read_uS\n" + "10,10.1\n" * 9,
            "all targets are 10 uS: a cell",
        ),
        (GOOD.replace("read_uS", "read_us"), "`read_us` must name its unit"),
        (GOOD.replace("read_uS", "read_uA"), "is a current: name its voltage"),
        (GOOD.replace("read_uS", "read_nS"), "times `target_uS` in the middle"),
        (GOOD.replace("10.1", "1,5"), "line 2 has 4 values, the header has 3"),
        (GOOD.partition("\n")[2], "has no header: a first line must name"),
    ],
)
def test_a_bad_table_says_what_and_where(text, message, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    if message is None:
        assert fit(path).groups.count.sum() == 11
        return
    with pytest.raises(ValueError, match=message):
        fit(path)


def test_pickles_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", target_uS=np.array([{}], object))
    with pytest.raises(ValueError, match="not an npz file of plain arrays"):
        fit(tmp_path / "a.npz")
    (tmp_path / "b.npz").write_bytes(b"not a zip")
    with pytest.raises(ValueError, match="not an npz file of plain arrays"):
        fit(tmp_path / "b.npz")
    np.savez(tmp_path / "c.npz", target_uS=np.array(["a"]), read_uS=[1.0])
    with pytest.raises(ValueError, match="`target_uS` must hold real numbers"):
        fit(tmp_path / "c.npz")


def test_maps_are_read(tmp_path):
    g = np.random.default_rng(0).uniform(8, 90, (5, 3))
    save(g, tmp_path / "a.csv", "g_uS")
    np.savez(tmp_path / "b.npz", layer0_pos_uS=g, layer0_neg_S=g * US)
    np.testing.assert_allclose(read_map(tmp_path / "a.csv")["g"], g * US)
    maps = read_map(tmp_path / "b.npz")
    assert sorted(maps) == ["layer0_neg", "layer0_pos"]
    for found in maps.values():
        np.testing.assert_allclose(found, g * US)


def test_the_offset_of_a_meter_is_an_open_cell_and_counted(tmp_path):
    """At most 1 % of the largest: the mutant beside it is a factor 2 beyond."""
    (tmp_path / "a.csv").write_text("g_uS\n100,-0.8\n-0.1,50\n")
    notes = []
    found = read_map(tmp_path / "a.csv", notes.append)["g"]
    np.testing.assert_allclose(found, np.array([[100, 0], [0, 50]]) * US)
    assert len(notes) == 1
    assert notes[0].startswith("2 of 4 cells of `g_uS` below 0, to -800 nS")
    (tmp_path / "a.csv").write_text("g_uS\n100,-1.8\n-0.1,50\n")
    with pytest.raises(ValueError, match=r"offset of 1 uS at most; got -1\.8"):
        read_map(tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("g_uS\n1,2\n3\n", "bad.csv`: line 3 has 1 values, line 2 has 2"),
        ("g_uS\n1,2\n3,nan\n", "line 3, column 2, `g_uS`: a value must be a finite"),
        ("g_uS\n1,-2\n3,4\n", "line 2, column 2, `g_uS`: a value must be 0 or more"),
        ("g_S\n50,50\n", "line 2, column 1, `g_S`: .* beyond 0.1 S: is the unit"),
        (
            "1,2\n3,4\n",
            "first line, or the name of the file, must be the map's name with its unit",
        ),
        ("g\n3,4\n", "`g` must name its unit, such as `g_uS`"),
    ],
)
def test_a_bad_map_says_what_and_where(text, message, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_map(path)


def test_a_map_needs_two_axes(tmp_path):
    np.savez(tmp_path / "a.npz", g_uS=np.ones(4))
    with pytest.raises(ValueError, match="`g_uS` must have rows and columns"):
        read_map(tmp_path / "a.npz")


def test_the_plot_shows_data_and_law(fitted):
    groups = fitted.groups
    law = fitted.cell.errors[1]
    assert isinstance(law, PolynomialNoise)
    figure = plot_device_fit(
        groups.target,
        groups.time,
        groups.count,
        groups.mean,
        groups.spread,
        curve=np.asarray(law.spread(jnp.linspace(10, 80, 50) * US)),
        title="cells.csv",
    )
    assert len(figure.axes) == 2
    assert figure.axes[1].get_lines()
