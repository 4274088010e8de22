"""Decks of trimmed chips: the current DACs of columns are there, and are read back."""

import dataclasses
from typing import Any

import jax.numpy as jnp
import pytest
import test_spice
from rram_ode.chip import Die, TemperatureLaw, with_column_trim, with_scales
from rram_ode.spice import read_back, write_netlist


def trimmed() -> Any:
    """The machine with offsets on a slow die, whose columns and scales are trimmed."""
    loop, chip = test_spice.machine("offsets")
    own: Any = chip.score
    network = with_scales(own, [jnp.asarray(1.1)] * len(own.layers))
    count = lambda layer: jnp.arange(layer.crossbar.g_pos.shape[1], dtype=float)
    layers = tuple(
        with_column_trim(layer, 1 + 0.01 * count(layer), 1e-3 * (1 + count(layer)))
        for layer in network.layers
    )
    network = dataclasses.replace(network, layers=layers)
    die = Die(jnp.asarray(1.2), jnp.asarray(1.15), TemperatureLaw(), chip.key)
    chip = dataclasses.replace(
        chip,
        score=network,
        die=die,
        integrator=die.integrator(chip.integrator),
        rc=chip.integrator.time_constant,
    )
    return loop, chip


@pytest.mark.long
def test_a_deck_of_a_trimmed_chip_on_a_slow_die_is_read_back():
    loop, chip = trimmed()
    text = write_netlist(loop, chip, test_spice.START).text
    found = read_back(text, loop, chip, test_spice.START)
    assert found.differences == ()
    assert found.deviation < 1e-9
    # The mutants: a chip without a trim, or another die, is another circuit.
    network = chip.score
    for other in (
        dataclasses.replace(layer, trim=-layer.trim) for layer in network.layers[:1]
    ):
        layers = (other, *network.layers[1:])
        mutant = dataclasses.replace(network, layers=layers)
        mutant = dataclasses.replace(chip, score=mutant)
        assert read_back(text, loop, mutant, test_spice.START).differences
    plain = test_spice.machine("offsets")[1].integrator
    mutant = dataclasses.replace(chip, integrator=plain)
    assert read_back(text, loop, mutant, test_spice.START).differences
