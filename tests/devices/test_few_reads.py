"""Tables of few reads: a law of the levels, and a word on how little it rests on."""

import jax.numpy as jnp
import numpy as np
import pytest
from rram_ode.devices import AbstractWriteNoise, fit, MeasuredTable
from rram_ode.devices.fitting import _groups


US = 1e-6
ENDS = np.array([1.0, 100.0])


def levels(num, reads, seed, spread=lambda g: 0.03 * g):
    """Levels from 1 to 100 uS with some reads each; a fit of them."""
    rng = np.random.default_rng([seed, num, reads])
    g = np.repeat(np.geomspace(1.0, 100.0, num), reads)
    return fit(
        MeasuredTable(g * US, (g + spread(g) * rng.standard_normal(g.size)) * US)
    )


def at_ends(found):
    law = next(e for e in found.cell.errors if isinstance(e, AbstractWriteNoise))
    return np.asarray(law.spread(jnp.asarray(ENDS * US))) / US


@pytest.mark.parametrize(("num", "reads"), [(8, 3), (5, 4), (8, 4), (16, 4)])
def test_a_spread_of_few_reads_per_level_is_that_of_the_levels(num, reads):
    """3 % of g over two decades: the median of 40 draws is within 30 % at both ends.

    One draw knows an end to 45 % at worst, so that the median's error is 9 %.
    """
    found = [levels(num, reads, seed) for seed in range(40)]
    middle = np.median([at_ends(each) for each in found], axis=0)
    assert np.abs(middle / (0.03 * ENDS) - 1).max() < 0.3
    assert sum(each.stuck.num for each in found) == 0
    # Each read of a level beyond the first is a degree of freedom of the spread.
    is_said = ["The spread rests on" in " ".join(each.warnings) for each in found]
    assert all(is_said) == any(is_said) == (num * (reads - 1) < 40)


def test_levels_in_one_bin_would_have_one_spread(monkeypatch):
    """The mutant: unlike levels in one group are ten times off at one end or both."""
    monkeypatch.setattr(_groups, "REPEATED", 5)
    monkeypatch.setattr(_groups, "ENOUGH_READS", 20)
    middle = np.median([at_ends(levels(8, 3, seed)) for seed in range(20)], axis=0)
    assert np.abs(np.log(middle / (0.03 * ENDS))).max() > np.log(5)


def test_an_open_cell_among_three_reads_is_seen():
    """40 levels of three reads know their spread: 3 open cells of 3 % are apart."""
    rng = np.random.default_rng(5)
    g = np.repeat(np.geomspace(1.0, 100.0, 40), 3)
    read = g * (1 + 0.03 * rng.standard_normal(g.size))
    read[[60, 81, 108]] = 0.01
    found = fit(MeasuredTable(g * US, read * US))
    assert found.stuck.num == 3
    assert np.abs(at_ends(found) / (0.03 * ENDS) - 1).max() < 1.2
