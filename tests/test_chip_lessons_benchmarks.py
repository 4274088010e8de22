"""Ranges of the DAC and cells per layer: gates, searches and choices, reduced."""

import pathlib
import sys
from typing import cast

import numpy as np
import pytest
from rram_ode.blocks import DAC
from rram_ode.config import override_all
from rram_ode.presets import find_preset
from rram_ode.system import System


sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from benchmarks import cells_per_layer, dac_ranges
from benchmarks._harness import forget_programs


class Threshold:
    """A bench on which so many bits and more are equal."""

    def __init__(self, bits: int):
        self.bits = bits

    def tried(self, settings):
        return {"verdict": "equal" if settings["dac.bits"] >= self.bits else "worse"}


@pytest.mark.parametrize("guess", [5, 8, 11])
def test_the_search_finds_the_fewest_bits(guess):
    """From below and from above, with one trial that is not equal."""
    tries = dac_ranges.fewest(cast(dac_ranges.Bench, Threshold(8)), {}, guess)
    assert min(b for b in tries if dac_ranges.is_equal(tries, b)) == 8
    assert not dac_ranges.is_equal(tries, 7)


@pytest.mark.long
def test_what_is_played_is_within_half_a_step_of_its_range(monkeypatch):
    """On a chip of `ring-fresh`; a converter that switches early fails the gate."""
    settings = {"dac.bits": 7, "dac.ranges": 4}
    system = System.from_config(override_all(find_preset("ring-fresh"), settings))
    chip = system.program(0)
    assert 0.5 < dac_ranges.played(system, chip) < 1.001
    right = DAC.range_of
    early = lambda self, x, full_scale: right(self, x / 2, full_scale)
    monkeypatch.setattr(DAC, "range_of", early)
    forget_programs()
    assert dac_ranges.played(system, chip) > 1.5
    monkeypatch.undo()
    forget_programs()


def test_numbers_are_those_with_the_fewest_cells():
    """Sensitive small layers get the cells; equal ones per cell stay uniform."""
    cells = np.array([200, 4000, 130])
    numbers = cells_per_layer.chosen(np.array([0.02, 0.023, 0.04]), cells)
    assert numbers[1] == 1
    assert numbers[0] > 1
    assert numbers[2] > 1
    variances = np.array([0.02, 0.023, 0.04]) ** 2
    assert np.sum(variances / np.array(numbers)) <= np.sum(variances) / 2
    equal = cells_per_layer.chosen(np.ones(3), np.ones(3))
    assert sum(equal) == 6


@pytest.mark.slow
def test_errors_of_one_layer_move_the_ends_of_solves():
    """Each alone less than all together, and all as their root sum of squares."""
    settings = {"cell.devices_per_weight": 1, "solve.num_steps": 200}
    system = System.from_config(override_all(find_preset("ring-fresh"), settings))
    *alone, together = cells_per_layer.disturbed(system, 1000, 200)
    assert 0 < max(alone) < 1.3 * together
    assert together == pytest.approx(np.sqrt(np.sum(np.square(alone))), rel=0.5)
