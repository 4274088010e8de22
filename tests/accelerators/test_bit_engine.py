"""Joules and seconds by bits: by hand, monotone, additive; an FPGA by its numbers."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.accelerators import (
    all_constants,
    BitEngine,
    ChannelEngines,
    Fpga,
    signed_inputs,
    skipped_zeros,
    sq_dm_score,
    sq_dm_work,
    step_wise_work,
    StepWiseScore,
)
from rram_ode.energy import nominals, sampler_work, Work
from rram_ode.samplers import Euler
from rram_ode.training import shipped_picture_network


VALUES = nominals(all_constants())
SCORE = rr.System.from_preset("ring-64-fresh").checkpoint.score
STEPS = 50
WORK = sampler_work(Euler(), STEPS, SCORE.network)
STEP_WISE = StepWiseScore(
    SCORE, jnp.linspace(1, 0.02, STEPS), jnp.ones((STEPS, 3)), jnp.zeros(3, bool)
)


def parts(bit_work, values=VALUES):
    found = BitEngine("own", "", bit_work, 100.0).operations_energy(WORK, 1, values)
    assert found is not None
    return found


def of(**fields):
    return step_wise_work(dataclasses.replace(STEP_WISE, **fields), STEPS)


def test_products_by_hand():
    """8 x 12 bits for the state, 8 x 6 for others; sums as wide as all products."""
    int8 = VALUES["int8.mult"], VALUES["int8.add"]
    wanted = 0.0
    for terms, cols, bits in ((2, 64, 12), (64, 64, 6), (64, 2, 6)):
        wide = 8 + bits + int(np.log2(terms))
        wanted += terms * cols * (int8[0] * 8 * bits / 64 + int8[1] * wide / 8)
    over = parts(of(bits=6))["products"] / (STEPS * wanted)
    regulated = parts(of(bits=6))["other arithmetic"] / (
        WORK.adds * VALUES["bf16.add"] + WORK.mults * VALUES["bf16.mult"]
    )
    assert over == pytest.approx(regulated, rel=1e-12)


def multiply(a, b):
    return VALUES["int8.mult"] * a * b / 64


def add(bits):
    return VALUES["int8.add"] * bits / 8


def regulation():
    """What losses of regulators multiply joules by."""
    plain = WORK.adds * VALUES["bf16.add"] + WORK.mults * VALUES["bf16.mult"]
    return parts(of())["other arithmetic"] / plain


def test_scaling_by_hand():
    """One product of each sum with 16 bits; the row of the table is read each time."""
    wanted = sum(
        cols * multiply(8 + 6 + int(np.log2(terms)) + 6 * (terms == 2), 16)
        for terms, cols in ((2, 64), (64, 64), (64, 2))
    )
    found = parts(of(bits=6))["scaling"]
    assert found == pytest.approx(STEPS * wanted * regulation(), rel=1e-12)
    own = of()
    without = dataclasses.replace(own, row_bits=0)
    ratio = parts(own)["tables"] / parts(without)["tables"]
    words = 16 * WORK.table_words
    assert ratio == pytest.approx((STEPS * 32 + words) / words, rel=1e-12)


@pytest.mark.long
def test_products_and_scaling_of_vectors_by_hand():
    """Per vector of 16: a product of 8-bit scales, one with the sum, and an addition.

    Blocks of 32 in MXINT8: an addition of exponents, a shift and an addition.
    """
    score = shipped_picture_network("digits-unet-relu").score
    wide = (0, 12)
    made = sq_dm_score(score, wide, (True,) * len(score.layers))
    found, products, scaling, kept = parts(sq_dm_work(made, {}, 3)), 0.0, 0.0, 0
    for number, (layer, size) in enumerate(
        zip(score.layers, score.sizes(), strict=True)
    ):
        rows = layer.weights.shape[0]
        if number in wide:
            blocks = -(-rows // 32)
            products += size.products * (multiply(8, 8) + add(24))
            each = blocks * (add(8) + add(24) + add(24)) + multiply(24, 16)
        else:
            vectors = -(-rows // 16)
            last = 12 + 16 + max(vectors - 1, 1).bit_length()
            products += size.products * (multiply(4, 4) + add(12))
            each = vectors * (multiply(8, 8) + multiply(12, 16) + add(last))
            each += multiply(last, 16)
        scaling += size.sums * each
    assert found["products"] == pytest.approx(3 * products * regulation(), rel=1e-12)
    assert found["scaling"] == pytest.approx(3 * scaling * regulation(), rel=1e-12)
    shape = score.shapes()[1]
    kept = sq_dm_work(made, {}, 3).layers[1].kept_bits
    values, vectors = np.prod(shape), -(-shape[0] // 16) * np.prod(shape[1:])
    assert kept == 4 * values + 8 * vectors + 16 * np.prod(shape[1:])


def test_products_without_weights_are_charged():
    """Attention's own, in bfloat16, and at the rate of the others."""
    work = dataclasses.replace(WORK, macs=WORK.macs + 1000, free_macs=1000)
    machine = BitEngine("own", "", of(), 5e6)
    found = machine.operations_energy(work, 1, VALUES)
    assert found is not None
    both = VALUES["bf16.add"] + VALUES["bf16.mult"]
    wanted = pytest.approx(1000 * both * regulation(), rel=1e-12)
    assert found["products without weights"] == wanted
    longer, plain = (machine.seconds(each, 1, VALUES) for each in (work, WORK))
    assert longer is not None
    assert plain is not None
    assert longer / plain == pytest.approx(work.macs / WORK.macs, rel=1e-12)


def test_joules_fall_with_bits_and_grow_with_the_table():
    total = lambda work: sum(parts(work).values())
    joules = [float(total(of(bits=bits))) for bits in (4, 6, 8, 12)]
    assert np.all(np.diff(joules) > 0)
    assert of(group=1).table_bits == STEPS * of(group=STEPS).table_bits
    assert total(of(group=STEPS)) <= total(of(group=1))
    assert of().row_bits == 32
    # The mutant: weights that are stored in 8 bits whatever they have.
    assert parts(of(weight_bits=4))["weights"] < 0.6 * parts(of())["weights"]


@pytest.mark.slow
def test_zeros_save_products_alone():
    score = shipped_picture_network("digits-unet-relu").score
    x, t = jnp.ones((64, 1)), jnp.asarray(0.5)
    made = sq_dm_score(score, (0, 12), signed_inputs(score, t, x))
    zeros = {n: np.full((4, score.shapes()[n][0], 1), 0.5) for n in range(1, 12)}
    engines = ChannelEngines(10, 10)
    skipped = skipped_zeros(zeros, engines)
    # Half of the products, but in the first step, which has no labels yet.
    plain, own = (parts(sq_dm_work(made, z, 4)) for z in ({}, skipped))
    sizes = score.sizes()
    low = sum(size.products for size in sizes[1:12])
    assert (
        0.5
        < own["products"] / plain["products"]
        < 1 - 0.3 * low / (low + sizes[0].products + sizes[12].products)
    )
    assert own["weights"] == plain["weights"]
    assert plain["detector"] == 0 < own["detector"] < 0.1 * own["products"]
    dense = skipped_zeros(zeros, ChannelEngines(10, 10, threshold=0.6))
    assert parts(sq_dm_work(made, dense, 4))["products"] == plain["products"]


def test_an_fpga_takes_what_was_measured():
    own = Fpga("fpga", "", 1000, 0.5, 200e6, 4.0, 1e4, 1e9)
    work = Work(macs=10**6)
    assert own.seconds(work, 1, {}) == pytest.approx(1e6 / 1e11 + 1e-5)
    assert own.wall_energy(work, 1, {}) == pytest.approx(4 * (1e-5 + 1e-5))
    assert own.operations_energy(work, 1, {}) is None
    assert own.constants == {}
    for name, bad in (("power", 0.0), ("clock", -1.0), ("efficiency", 0.0)):
        with pytest.raises(ValueError, match=f"`{name}` of an FPGA must be positive"):
            dataclasses.replace(own, **{name: bad})
    with pytest.raises(ValueError, match="`efficiency` of an FPGA is at most 1"):
        dataclasses.replace(own, efficiency=1.5)


def test_seconds_are_cycles():
    own = BitEngine("own", "", of(), 5e6)
    assert own.seconds(WORK, 1, VALUES) == pytest.approx(5e6 / VALUES["bits.clock"])
    assert own.wall_energy(WORK, 1, VALUES) is None
