"""Your own device on a chip: levels, stuck cells, devices, age, what is refused."""

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from _cells import cell, config, QUIET, write
from rram_ode.devices import PolynomialNoise
from rram_ode.system import build_cell, build_design


US = 1e-6


def saved(path, *columns, header="target_uS,read_uS"):
    np.savetxt(path, np.stack(columns, 1), delimiter=",", header=header, comments="")
    return ("cell.device=custom", f"cell.measurements={path}")


@pytest.mark.long
def test_a_file_of_as_many_levels_gives_the_measured_ones(tmp_path):
    """Eight uneven levels are on the chip, and even ones where there are others."""
    levels = np.array([1.0, 2, 4, 9, 19, 38, 80, 120])
    target = np.repeat(levels, 20)
    read = target * np.random.default_rng(0).normal(1, 0.02, target.size)
    own = saved(tmp_path / "a.csv", target, read)
    off = ("cell.write.factor=0", "cell.stuck.lrs=0", "cell.stuck.hrs=0", *QUIET)
    g = jnp.linspace(1, 120, 4000)[None] * US
    for num, wanted in ((8, levels), (5, np.linspace(1, 120, 5))):
        written = write(cell(*own, *off, f"cell.levels={num}"), g, jr.key(0))
        found = np.unique(np.round(np.asarray(written) / US, 3))
        np.testing.assert_allclose(found, wanted, rtol=1e-4)


@pytest.mark.long
def test_stuck_cells_and_devices_of_a_file_are_on_the_chip(tmp_path):
    """1 % stuck at g_min unless it is set; devices repeat their error in each cycle."""
    rng = np.random.default_rng(1)
    device = np.tile(np.arange(20), 200)
    target = np.repeat(np.linspace(10, 80, 8), 500)
    offset = rng.normal(0, 1.0, 20)
    read = target + offset[device] + rng.normal(0, 0.3, target.size)
    read = np.where(rng.random(target.size) < 0.01, 0.5, read)
    own = saved(
        tmp_path / "a.csv", device, target, read, header="device,target_uS,read_uS"
    )
    g = jnp.full((300, 300), 60 * US)
    quiet = [pair for pair in QUIET if "stuck" not in pair]
    for pairs, share in (((), 0.01), (("cell.stuck.hrs=0", "cell.stuck.lrs=0"), 0)):
        found = write(cell(*own, *quiet, "cell.levels=None", *pairs), g, jr.key(0))
        stuck = float(jnp.mean(found < 10.5 * US))
        assert abs(stuck - share) < 4 * np.sqrt(0.01 / 300**2) + 0.003
    setup = (*own, *quiet, "cell.levels=None", "cell.stuck.hrs=0", "cell.stuck.lrs=0")
    first, again = (
        write(cell(*setup, f"cell.write.cycle={n}"), g, jr.key(0)) - g for n in (0, 1)
    )
    both = float(jnp.mean(first * again)) / US**2
    assert both == pytest.approx(float(jnp.var(first)) / US**2 - 0.09, rel=0.05)
    assert both == pytest.approx(offset.var(ddof=1), rel=0.15)


def test_a_file_that_tells_nothing_of_writing_names_what_it_tells(tmp_path):
    rng = np.random.default_rng(2)
    own = saved(
        tmp_path / "a.csv",
        np.arange(400) * 1e-3,
        rng.normal(30, 0.05, 400),
        header="time_s,read_uS",
    )
    with pytest.raises(ValueError, match=r"nothing of how cells are.*--set cell"):
        build_design(config(*own))


def test_an_age_needs_reads_at_several_times(tmp_path):
    target = np.repeat(np.linspace(10, 60, 6), 20)
    own = saved(tmp_path / "a.csv", target, target + np.tile([0.1, -0.1], 60))
    with pytest.raises(ValueError, match="has no reads at several times"):
        build_design(config(*own, "cell.age=10s"))


def test_a_changed_file_is_read_again(tmp_path):
    target = np.repeat(np.linspace(10, 60, 6), 20)
    for spread in (0.1, 0.2):
        own = saved(tmp_path / "a.csv", target, target + np.tile([spread, -spread], 60))
        law = build_cell(config(*own).cell).errors
        found = [e for e in law if isinstance(e, PolynomialNoise)]
        std = float(found[0].spread(jnp.array(30 * US))) / US
        assert std == pytest.approx(spread, rel=0.1)
