"""One array in two turns: off is exact, errors are common, charges cancel."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from _guided import blueprint, guided, labels, RANGE, starts, WEIGHT
from _switched import chip_of, HOLDS, network_of, switched
from rram_ode.blocks import HoldSpread, MultiplierSpread
from rram_ode.chip import chip_at, compensate, GuidedNetwork, SwitchedNetwork
from rram_ode.crossbar import CellNoise
from rram_ode.devices import Cell, ProgrammingNoise


NOISY = Cell(RANGE, (ProgrammingNoise(1e-6),))


@eqx.filter_jit
def output(chip, x, label=3, t=0.5):
    """The network's output in its own units, of one class."""
    network = chip.of_class(label).score
    out, _ = network.nodes(network.volts_in * x, network.embedding(jnp.asarray(t)))
    return out / network.volts_out


@pytest.mark.long
def test_without_errors_the_turns_are_two_arrays():
    one, two = switched().program(jr.key(0)), blueprint().program(jr.key(0))
    assert isinstance(one.score, SwitchedNetwork)
    assert isinstance(two.score, GuidedNetwork)
    x = starts()
    assert jnp.allclose(output(one, x), output(two, x), rtol=1e-12)
    assert one.num_cells == two.num_cells // 2
    assert one.arrays == two.arrays[:3]


@pytest.mark.long
def test_each_turn_is_the_array_with_that_label():
    chip, x = switched(cell=NOISY).program(jr.key(0)), starts()
    network = network_of(chip.of_class(labels()))
    v, embedding = network.volts_in * x, network.embedding(jnp.asarray(0.4))
    none = (CellNoise(),) * (network.turns * len(network.all_layers))
    for turn, label in enumerate((labels(), jnp.asarray(-1))):
        own = network.network.of_class(label)
        wanted, _ = own.nodes(v, own.embedding(jnp.asarray(0.4)))
        found = network.turn(turn, v, embedding, none)
        assert jnp.allclose(found, wanted, rtol=1e-12)
        traced = jax.jit(lambda n: network.turn(n, v, embedding, none))(turn)
        assert jnp.allclose(traced, wanted, rtol=1e-12)


def test_without_a_weight_a_chip_has_one_array_bit_for_bit():
    plain = blueprint(0.0, NOISY).program(jr.key(0))
    chip = switched(cell=NOISY).program(jr.key(0))
    own = dataclasses.replace(chip, score=network_of(chip).network)
    same = jax.tree.map(lambda a, b: bool(jnp.array_equal(a, b)), own, plain)
    assert jax.tree.all(same)


def test_errors_of_the_array_are_common_to_both_labels():
    """(1 + w) and -w of one array's errors, and not of two arrays'."""
    one, x = blueprint(0.0, NOISY).program(jr.key(0)), starts()
    found = output(switched(cell=NOISY).program(jr.key(0)), x)
    wanted = (1 + WEIGHT) * output(one, x, 3) - WEIGHT * output(one, x, -1)
    assert jnp.allclose(found, wanted, rtol=1e-9)
    two = output(blueprint(cell=NOISY).program(jr.key(0)), x)
    assert jnp.abs(two - wanted).max() > 1e-2 * jnp.std(wanted)  # the mutant


@pytest.mark.long
def test_an_error_is_as_large_as_that_of_one_array():
    """For labels of one embedding: two arrays amplify it 3.6-fold at w = 2."""
    weight, x, small = 2.0, starts(1), Cell(RANGE, (ProgrammingNoise(1e-8),))
    kinds = (
        blueprint(0.0, small),
        switched(weight=weight, cell=small),
        blueprint(weight, small),
    )

    def spread(made):
        error = lambda key: output(made.program(key), x, -1)[:, 0]
        found = np.asarray(eqx.filter_jit(jax.lax.map)(error, jr.split(jr.key(5), 200)))
        std = found.std(axis=0, ddof=1)
        return std, std / np.sqrt(2 * (len(found) - 1))

    (one, _), (turns, _), (both, error) = map(spread, kinds)
    assert np.allclose(turns, one, rtol=1e-6)  # the same cells
    far = both - np.hypot(1 + weight, weight) * one
    assert (np.abs(far) < 5 * error).all()
    assert (np.abs(both - one) > 10 * error).all()


def test_errors_of_the_stage_are_those_of_two_arrays():
    spread = MultiplierSpread(0.01, 0.01, 0.01, 0.01)
    one, two = (
        kind(spread=spread).program(jr.key(2)) for kind in (switched, blueprint)
    )
    ours, theirs = network_of(one).stage.errors, guided(two).stage.errors
    assert ours is not None
    assert jax.tree.all(jax.tree.map(jnp.array_equal, ours, theirs))


def test_the_common_charge_of_both_labels_cancels_up_to_one():
    """Charges of both are in the guided output as that of one; of one, w + 1 times."""
    network = network_of(chip_of(HoldSpread(1e-12, injection=1e-15), label=3))
    zero = jnp.zeros((2, 4))
    both = [network.holds.opened(zero, label, None) for label in (0, 1)]
    out, _ = network.join((both[0], both[1]))
    assert jnp.allclose(out, 1e-3, rtol=1e-6)
    mutant, _ = network.join((both[0], zero))
    assert jnp.allclose(mutant, (1 + WEIGHT) * 1e-3, rtol=1e-6)


@pytest.mark.long
def test_a_population_has_holds_of_its_own():
    made = switched(HoldSpread(1e-12, injection_std=1e-15), cell=NOISY)
    keys = jr.split(jr.key(2), 2)
    chips = made.program_many(keys)
    one, alone = chip_at(chips, 1), made.program(keys[1])
    assert jnp.allclose(output(one, starts()), output(alone, starts()), rtol=1e-9)
    charges = network_of(chips).holds.charge
    assert charges is not None
    assert jnp.abs(charges[0] - charges[1]).min() > 0
    own = network_of(alone).holds.charge
    assert own is not None
    assert jnp.allclose(charges[1], own)


def test_written_cells_make_the_same_chip():
    made, key = switched(cell=NOISY), jr.key(4)
    cells = made.write(key)
    assert len(cells.positive) == 3
    again = output(made.program(key, cells=cells), starts())
    assert jnp.allclose(again, output(made.program(key), starts()), rtol=1e-12)


@pytest.mark.long
def test_power_is_the_mean_over_turns():
    network, x = network_of(chip_of(label=2)), starts(4)
    v, wave = network.volts_in * x, network.embedding(jnp.asarray(0.5))
    _, nodes = network.nodes(v, wave)
    total = 0.0
    for label in (2, -1):
        own = network.network.of_class(jnp.asarray(label))
        _, seen = own.nodes(v, own.embedding(jnp.asarray(0.5)))
        total = total + own.power(v, seen)
    assert jnp.allclose(network.power(v, nodes), total / 2)
    assert network.stressed(v, nodes).shape == (4,)


def test_a_correction_is_refused():
    made = switched()
    points = jnp.linspace(0.1, 1.0, 4), starts(4)
    with pytest.raises(ValueError, match="needs a network without guidance"):
        compensate(made.program(jr.key(0)), made, 1, points)


def test_holds_without_errors_are_exact():
    still = HOLDS.scaled(0.0)
    made = switched(still, cell=NOISY).program(jr.key(0))
    clean = switched(cell=NOISY).program(jr.key(0))
    held = jnp.ones((2, 3))
    for a, b in ((made, clean), (clean, made)):
        one, two = (network_of(c).holds.opened(held, 0, None) for c in (a, b))
        assert (one == two).all()
        assert (one == held).all()
