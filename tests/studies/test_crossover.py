"""A wider chip by its scaling laws against a chip that is wider; limits by hand."""

import dataclasses
import json
import math

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from benchmarks._result import RESULTS
from benchmarks.crossover import draw, NAMES
from rram_ode.chip import Blueprint, Ranges
from rram_ode.config import replace
from rram_ode.energy import (
    ArrayPower,
    capacitor_limit,
    cell_limit,
    count_parts,
    landauer_limit,
)
from rram_ode.plots import plot_crossover
from rram_ode.presets import PRESETS
from rram_ode.scores import fourier_mlp, NetworkScore
from rram_ode.sdes import VPSDE
from rram_ode.studies import crossings, MeasuredChip, widen
from rram_ode.system import build_design, build_loop


CONFIG = replace(PRESETS["ring-ideal"][0], "crossbar.scale", "layer")
DESIGN = build_design(CONFIG)
POWER = ArrayPower(1e-5, 2e-4, 3e-5)


def circuit(width, size):
    """A chip with weights that are uniform over +- `size` (but for the embedding)."""
    mlp = fourier_mlp(2, (width, width), key=jr.key(0))
    keys = jr.split(jr.key(1), 3)
    weights = tuple(
        size * jr.uniform(key, w.shape, minval=-1.0, maxval=1.0).at[0, 0].set(1.0)
        for key, w in zip(keys, mlp.weights, strict=True)
    )
    blank = tuple(jnp.zeros_like(b) for b in mlp.biases)
    mlp = dataclasses.replace(mlp, weights=weights, biases=blank)
    ranges = Ranges(3.0, (5.0, 5.0), 5.0)
    chip = Blueprint(NetworkScore(mlp), DESIGN, ranges).program(jr.key(2))
    loop = build_loop(CONFIG, VPSDE(0.1, 8.0), DESIGN.cell.read)
    return MeasuredChip(count_parts(chip, loop), POWER, chip.arrays)


@pytest.mark.slow
@pytest.mark.parametrize("exponent", [0.5, 1.0])
def test_the_laws_are_those_of_a_wider_chip(exponent):
    """Counts exactly; noise gains in sum to 3 %, which the weights' draw scatters.

    Weights of one size for the exponent 1, falling as 1 / sqrt n for 1/2; the other
    exponent is the mutant.
    """
    scale = lambda n: (n + 1) ** (exponent - 1)
    small, large = circuit(24, scale(24)), circuit(96, scale(96))
    found = widen(small, 96, exponent=exponent)
    assert found.arrays == large.arrays
    for name in ("rectifiers", "inverters", "channels", "cells", "waveform_bits"):
        assert getattr(found.parts, name) == getattr(large.parts, name), name
    for name in ("rectifier_loads", "inverter_loads"):
        sums = [math.fsum(getattr(each.parts, name)) for each in (found, large)]
        assert abs(sums[0] / sums[1] - 1) < 0.15, name
    total = lambda chip: math.fsum(chip.parts.noise_gains)
    assert abs(total(found) / total(large) - 1) < 0.03
    mutant = widen(small, 96, exponent=1.5 - exponent)
    assert abs(total(mutant) / total(large) - 1) > 0.2


@pytest.mark.long
def test_the_same_width_is_the_chip():
    chip = circuit(24, 1.0)
    same = widen(chip, 24, exponent=0.5)
    assert math.isclose(
        math.fsum(same.parts.noise_gains), math.fsum(chip.parts.noise_gains)
    )
    assert same.power == POWER
    means = ("noise_gains", "feedbacks", "rectifier_loads", "inverter_loads")
    for name in means:  # each op-amp, for what they take is not linear in it
        values = [np.sort(getattr(each.parts, name)) for each in (same, chip)]
        assert np.allclose(*values, rtol=1e-12, atol=0), name
    own = {name: getattr(chip.parts, name) for name in means}
    assert dataclasses.replace(same.parts, **own) == chip.parts


def test_tiles_share_the_gain_and_add_amplifiers():
    """k tiles: k amplifiers a column, whose gains sum to N - 1 + k."""
    chip = circuit(24, 1.0)
    whole, tiled = (widen(chip, 95, exponent=1.0, tile_rows=n) for n in (None, 32))
    # 3 tiles of 96 rows in two layers of 95 and 2 columns; 3 rows are one tile.
    assert len(tiled.parts.noise_gains) == 95 + 3 * 95 + 3 * 2
    gains = [math.fsum(x.parts.noise_gains) for x in (whole, tiled)]
    assert math.isclose(gains[1] - gains[0], 2 * (95 + 2))


def test_crossings_of_power_laws():
    """x^0.5 / 8 passes 1 at 64; a curve may pass twice; one that touches does."""
    x = np.array([1.0, 10.0, 100.0, 1000.0])
    np.testing.assert_allclose(crossings(x, x**0.5 / 8), [64.0])
    np.testing.assert_allclose(
        crossings(x, np.array([2, 0.5, 2, 4.0])), np.sqrt([10.0, 1000.0])
    )
    assert crossings(x, x + 1) == []
    np.testing.assert_allclose(crossings(x, np.array([2.0, 1.0, 3.0, 3.0])), [10.0])
    with pytest.raises(ValueError, match="must be positive"):
        crossings(x, x - 1)


def test_limits_by_the_noise_they_allow():
    """Simulated: a capacitor of that energy rounds with the variance of its noise."""
    k, bits, volts = 1.380649e-23, 6.0, 1.5
    energy = capacitor_limit(1, bits)
    variance = k * 300 / (energy / volts**2)
    steps = np.random.default_rng(0).uniform(0, volts, 200_000)
    quantum = volts / 2**bits
    rounding = np.var(steps - np.round(steps / quantum) * quantum)
    assert abs(variance / rounding - 1) < 4 * math.sqrt(0.8 / steps.size)
    # A column of conductance g at v over T: signal over noise is 2^b.
    g, v, duration, speed = 1e-3, 0.1, 2e-5, 20.0
    noise = math.sqrt(4 * k * 300 * g * speed / duration)
    found = math.log2(g * v / noise)
    assert math.isclose(cell_limit(1, found, speed), g * v**2 * duration)
    assert math.isclose(landauer_limit(1.0, 1.0), 2.87098e-21, rel_tol=1e-5)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"width": 0}, "must be 1 or more; got 0"),
        ({"width": 8, "tile_rows": 0}, "must be 1 or more; got 8 and 0"),
    ],
)
def test_bad_values(options, text):
    chip = MeasuredChip(circuit(24, 1.0).parts, POWER, ((3, 24), (25, 24), (25, 2)))
    with pytest.raises(ValueError, match=text):
        widen(chip, exponent=1.0, **options)
    uneven = dataclasses.replace(chip, arrays=((3, 24), (25, 8), (9, 2)))
    with pytest.raises(ValueError, match="must have one width"):
        widen(uneven, 8, exponent=1.0)


@pytest.fixture(scope="module")
def stored():
    return json.loads((RESULTS / "crossover.json").read_text())


@pytest.mark.long
def test_the_figure_is_that_of_the_stored_result(tmp_path, stored):
    """Both laws, all rivals, limits and crossings; time and batch beside them."""
    path = tmp_path / "crossover.png"
    draw(stored, path)
    assert [file.name for file in tmp_path.iterdir()] == ["crossover.png"]
    width, time, batch = plot_crossover(stored, NAMES).axes
    plain = [law for law in stored["crossings"] if "tiles" not in law]
    marks = [
        at
        for law in plain
        for rival in NAMES
        for at in stored["crossings"][law][rival]["widths"]
    ]
    assert marks
    rings = [
        np.asarray(line.get_xdata(), float)
        for line in width.lines
        if line.get_marker() == "o"
    ]
    np.testing.assert_allclose(np.sort(np.concatenate(rings)), np.sort(marks))
    laws, limits = 2 * len(plain), 3  # a law's line goes on dotted
    assert len(width.lines) == laws + len(NAMES) + limits + 2 * len(marks)
    assert (len(time.lines), len(batch.lines)) == (1, len(NAMES))
    first = [row for row in stored["rows"] if row["law"] == plain[0]]
    drawn = np.concatenate([line.get_ydata() for line in width.lines[:2]])
    want = [row["analog_j"]["nominal"] for row in first]
    assert sorted(set(drawn)) == pytest.approx(sorted(set(want)))


def test_the_stored_crossings_are_those_of_the_stored_rows(stored):
    """The ratio passes 1 between the rows around each crossing, and nowhere else."""
    for law, each in stored["crossings"].items():
        rows = [row for row in stored["rows"] if row["law"] == law]
        widths = np.array([row["width"] for row in rows])
        for pair, crossing in each.items():
            ratio = np.array([row["ratio"][pair]["nominal"] for row in rows])
            changes = np.flatnonzero(np.diff(np.sign(np.log(ratio))))
            assert len(changes) == len(crossing["widths"]), (law, pair)
            for k, at in zip(changes, crossing["widths"], strict=True):
                assert widths[k] <= at <= widths[k + 1], (law, pair)
                high = math.inf if crossing["high"] is None else crossing["high"]
                assert crossing["low"] <= at <= high, (law, pair)


def test_the_stored_engine_pays_for_its_memory(stored):
    """16 MB cost 40 times as much per word as 8 KB; the mutant prices all as 8 KB."""
    costs = {m["kilobytes"]: m["per_64_bits_j"] * 1e12 for m in stored["memories"]}
    assert costs == pytest.approx({8: 10, 512: 72.478, 16384: 400}, rel=1e-4)
    for memory in stored["memories"]:
        ends = memory["weights_j"]
        assert ends["low"] < ends["nominal"] < ends["high"]
        assert memory["sources"]
    wide = next(row for row in stored["rows"] if row["width"] == 4096)
    joules = {name: each["nominal"] for name, each in wide["digital_j"].items()}
    assert joules["engine-int8"] > 20 * joules["engine-int8-stationary"]
    low, high = wide["gpu_ends_j"].values()
    assert low < joules["a100"] < high
