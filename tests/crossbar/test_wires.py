"""Arrays with wires against closed forms, badcrossbar, ngspice, finite differences."""

import array_netlist
import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import jax.tree_util as jtu
import make_badcrossbar_reference as reference
import numpy as np
import pytest
from _arrays import (
    conductance_of,
    EACH,
    ENDS,
    folded,
    OHMS,
    relative,
    SHAPE,
    single,
    some_cells,
    US,
    wires_of,
)
from rram_ode.crossbar import effective_conductance, Wires


@pytest.mark.long
@pytest.mark.parametrize(("sensing", "driving"), [ENDS[0], ENDS[-1]])
def test_no_resistance_is_the_cells_themselves(sensing, driving, getkey):
    """Bit for bit; and the slopes are 1, the drivers see the sums of rows."""
    g, wires = some_cells(getkey()), Wires(sensing=sensing, driving=driving)
    np.testing.assert_array_equal(conductance_of(g, wires), g)
    array = folded(g, wires)
    np.testing.assert_array_equal(array.g, g)
    np.testing.assert_array_equal(array.slope, np.ones(SHAPE))
    np.testing.assert_allclose(array.input, np.diag(g.sum(1)), rtol=1e-14)
    assert float(array.fraction) == 1


@pytest.mark.parametrize("ohms", [*OHMS][:-1])
@pytest.mark.parametrize(("sensing", "driving"), EACH)
@pytest.mark.lowest
def test_effective_conductance_by_one_dense_system(ohms, sensing, driving, getkey):
    """Also where only one of the four resistances is there.

    Measured: 5e-14. The mutant, the array with its sensed ends changed over, is off by
    more than 1e-3 wherever a bit line has a resistance.
    """
    g, wires = some_cells(getkey()), wires_of(ohms, sensing, driving)
    wanted = array_netlist.cell_currents(g, wires).sum(0).T
    assert relative(conductance_of(g, wires), wanted) < 1e-12
    if wires.bit_line > 0:
        ends = {"opposite": "same", "same": "interleaved", "interleaved": "opposite"}
        mutant = wires_of(ohms, ends[sensing], driving)
        assert relative(conductance_of(g, mutant), wanted) > 1e-3


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] * name.startswith("128,"))
        for name in reference.CASES
    ],
)
def test_effective_conductance_is_badcrossbars(name):
    """Measured: 8e-13 or less. The mutant changes word and bit lines over.

    In single precision, which a chip is made in: 3.5e-6 or less.
    """
    _, _, word, bit = reference.CASES[name]
    with np.load(reference.PATH) as file:
        wanted = file[name]
    g, rows = jnp.asarray(reference.conductances(name)), reference.stored_rows(name)
    assert relative(conductance_of(g, Wires(word, bit))[rows], wanted) < 1e-9
    if name.startswith("128"):
        low = conductance_of(*single((g, Wires(word, bit))))
        assert relative(low[rows], wanted) < 1e-5
    if word != bit:
        assert relative(conductance_of(g, Wires(bit, word))[rows], wanted) > 1e-6


@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("size", "ends"),
    [
        (16, ENDS[0]),
        (16, ENDS[-1]),
        pytest.param(64, ENDS[0], marks=pytest.mark.slow),
    ],
)
def test_effective_conductance_is_ngspices(size, ends):
    """Measured: 1e-13 of the largest current. The mutant has no driver resistance."""
    rng = np.random.default_rng(size)
    g, v = rng.uniform(US, 90 * US, (size, size - 3)), rng.uniform(-0.2, 0.2, size)
    i = array_netlist.column_currents(g, Wires(10.0, 2.0, 100.0, 50.0, *ends), v)
    found, mutant = (
        np.abs(np.asarray(conductance_of(jnp.asarray(g), wires)).T @ v - i)
        for wires in (
            Wires(10.0, 2.0, 100.0, 50.0, *ends),
            Wires(10.0, 2.0, 0.0, 50.0, *ends),
        )
    )
    assert np.max(found) < 1e-6 * np.max(np.abs(i))
    assert np.max(mutant) > 1e-3 * np.max(np.abs(i))


@pytest.mark.long
@pytest.mark.parametrize(
    ("ohms", "ends"),
    [
        ("all", ENDS[-1]),
        pytest.param("all", ENDS[0], marks=pytest.mark.slow),
        pytest.param("resistive", ENDS[0], marks=pytest.mark.slow),
        ("none", ENDS[0]),
    ],
)
def test_gradient_by_finite_differences(ohms, ends, getkey):
    """Of a random sum, in random directions of cells and resistances.

    Central differences with steps of 1e-4, relative: their own error is about 1e-8.
    The mutant holds the wires' share fixed.
    """
    g = some_cells(getkey(), (16, 12))
    # With no resistance at all, only the cells may move both ways.
    wires = wires_of(ohms, *ends)
    sums, direction = jr.normal(getkey(), g.shape), jr.uniform(getkey(), g.shape)
    along = (direction * g, jtu.tree_map(lambda r: 0.7 * r, wires))

    total = lambda g, wires: jnp.sum(sums * conductance_of(g, wires))
    step = 1e-4
    at = []
    for sign in (step, -step):
        change = jtu.tree_map(lambda x, sign=sign: sign * x, along)
        at.append(total(*eqx.apply_updates((g, wires), change)))
    wanted = (at[0] - at[1]) / (2 * step)
    slopes = jax.grad(total, argnums=(0, 1))(g, wires)
    products = jtu.tree_map(lambda a, b: jnp.sum(a * b), slopes, along)
    found = sum(jtu.tree_leaves(products))
    scale = sum(abs(x) for x in jtu.tree_leaves(products))
    assert abs(found - wanted) < 1e-6 * scale
    if ohms != "none":
        share = conductance_of(g, wires) / g
        assert abs(jnp.sum(sums * share * along[0]) - wanted) > 1e-3 * scale


@pytest.mark.slow
@pytest.mark.parametrize("ends", [ENDS[0], ENDS[-1]], ids="-".join)
def test_gradient_in_resistance_from_nothing(ends, getkey):
    """The one-sided difference at zero ohms, where a naive form divides by zero."""
    g = some_cells(getkey())
    total = lambda wires: jnp.sum(conductance_of(g, wires) ** 2)
    slopes = jax.grad(total)(Wires(0.0, 0.0, 0.0, 0.0, *ends))
    for name in ("word_line", "bit_line", "driver", "sense"):
        base = Wires(0.0, 0.0, 0.0, 0.0, *ends)
        at = [
            total(eqx.tree_at(lambda w, n=name: getattr(w, n), base, jnp.array(r)))
            for r in (0.0, 1e-2, 2e-2)
        ]
        wanted = (4 * at[1] - 3 * at[0] - at[2]) / 2e-2
        assert np.isclose(getattr(slopes, name), wanted, rtol=1e-5), name


def test_chips_by_vmap_and_one_trace(getkey):
    """An axis of chips is each chip; new resistances are no new program."""
    g = jax.vmap(some_cells)(jr.split(getkey(), 3))
    traced = eqx.debug.assert_max_traces(effective_conductance, max_traces=1)
    compute = eqx.filter_jit(traced)
    each = jnp.stack([compute(one, wires_of("all")) for one in g])
    compute(g[0], wires_of("sense"))
    many = jax.jit(jax.vmap(effective_conductance, (0, None)))(g, wires_of("all"))
    assert relative(many, each) < 1e-12


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"word_line": -1.0}, "`wires.word_line` must be 0 or more, in ohm; got -1"),
        ({"sense": np.inf}, "`wires.sense` must be 0 or more, in ohm; got inf"),
        ({"sensing": "left"}, "`wires.sensing` must be one of opposite, same"),
        ({"driving": "top"}, "`wires.driving` must be one of left, interleaved"),
    ],
)
def test_impossible_wires(options, text):
    with pytest.raises(ValueError, match=text):
        Wires(**options)
