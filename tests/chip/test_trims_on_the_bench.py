"""Trims of a test bench: the algebra of each, its resolution, and what it repairs."""

import dataclasses
import functools
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import BlockSpread, FeedbackIntegrator
from rram_ode.chip import (
    _columns,
    Bench,
    Blueprint,
    ColumnTrim,
    Design,
    KnownInputs,
    Process,
    Ranges,
    RCTrim,
    Reads,
    Repair,
    ScaleTrim,
    TemperatureLaw,
    trim_columns,
)
from rram_ode.crossbar import DifferentialPair, ReferenceColumn, Wires
from rram_ode.devices import Cell, ConductanceRange, ProgrammingNoise, StuckFaults
from rram_ode.noise import FlickerReadNoise, ReadNoise, WhiteReadNoise
from rram_ode.scores import fourier_mlp, NetworkScore


RANGE = ConductanceRange(8e-6, 90e-6)
SCORE = NetworkScore(fourier_mlp(2, (6, 4), key=jr.key(0)))
RANGES = Ranges(3.0, (4.0, 4.0), 6.0)
TIMES, STATES = jr.uniform(jr.key(1), (64,)), jr.normal(jr.key(2), (2, 64))
FINE = 1e-9


def design_of(process=None, cell=Cell(RANGE), **kwargs):
    integrator = FeedbackIntegrator(5e4, 30e-12, 1e-8)
    mapping = kwargs.pop("mapping", DifferentialPair(RANGE))
    return Design(cell, mapping, integrator, process=process, **kwargs)


def program(design, tested=None, seed=3, trim=True, **trims) -> Any:
    bench = None
    if trims:
        tested = design if tested is None else tested
        bench = Bench(tested, KnownInputs(TIMES, STATES), **trims)
    blueprint = Blueprint(SCORE, design, RANGES, bench=bench)
    return blueprint.program(jr.key(seed), trim=trim)


@eqx.filter_jit
def outputs(chip):
    """What the loop makes of the chip: factors of the output, at all known inputs."""
    network = chip.score

    def run(t, x):
        return network.nodes(network.volts_in * x, network.embedding(t))[0]

    out = jax.vmap(run, in_axes=(0, 1), out_axes=1)(TIMES, STATES)
    return out / network.volts_out


def values(chip):
    return np.asarray(outputs(chip))


TWIN = np.asarray(jax.vmap(SCORE.network, in_axes=(0, 1), out_axes=1)(TIMES, STATES))


def error(chip):
    return np.abs(values(chip) - TWIN).max() / np.abs(TWIN).max()


# Part (c): the common factor of R_f G.


@pytest.mark.long
def test_scales_of_dacs_undo_a_common_factor_of_all_feedback_resistors():
    """Without clamps a chip whose R_f are 10 % off equals the nominal one."""
    slow = Process(0.1, 0.0, (1, 1))
    assert error(program(design_of())) < 1e-12
    assert error(program(design_of(slow))) > 0.05
    trimmed = program(design_of(slow), scale=ScaleTrim(FINE))
    assert error(trimmed) < 1e-8
    assert float(trimmed.trims.residues["scale"]) < 1e-8
    # Both halves of the algebra matter: waves, and constant rows.
    network = trimmed.score
    half = dataclasses.replace(
        network, volts_per_unit=program(design_of()).score.volts_per_unit
    )
    assert error(dataclasses.replace(trimmed, score=half)) > 0.05
    layers = tuple(
        dataclasses.replace(
            layer,
            crossbar=dataclasses.replace(layer.crossbar, v_bias=jnp.asarray(0.2)),
        )
        for layer in network.layers
    )
    half = dataclasses.replace(network, layers=layers)
    assert error(dataclasses.replace(trimmed, score=half)) > 0.01


@pytest.mark.parametrize("step", [0.003])
def test_the_scale_is_undone_to_its_resolution(step):
    slow = Process(0.1, 0.0, (1, 1))
    chip = program(design_of(slow), scale=ScaleTrim(step))
    assert 0 < float(chip.trims.residues["scale"]) <= step / 2
    assert error(chip) < 3 * step  # three layers


@pytest.mark.long
def test_tracking_follows_the_temperature_and_a_trim_at_27_c_does_not():
    law = TemperatureLaw(100.0, -1e-3, cells=(-2e-4, -2e-4))
    hot = Process(0.1, 0.0, (1, 1), law)
    tested = design_of(hot.at_trim())
    kwargs = {"scale": ScaleTrim(FINE), "rc": RCTrim(FINE)}
    once = program(design_of(hot), tested, **kwargs)
    tracked = program(design_of(hot), tested, tracks=True, **kwargs)
    assert error(tracked) < 1e-8
    # R_f falls by a tenth, and the cells' conductance by a fiftieth.
    factor = 0.9 * 0.98
    assert np.isclose(float(once.trims.residues["scale"]), 1 - factor, rtol=1e-6)
    assert error(once) > 0.05
    assert np.isclose(float(once.trims.residues["rc"]), -0.1, rtol=1e-6)
    assert abs(float(tracked.trims.residues["rc"])) < 1e-8


@pytest.mark.slow
def test_reference_columns_see_the_wires_that_the_array_has():
    """Wires are warm by a third: columns lose more, and so do those of reference."""
    wires = Wires(3.0, 3.0)
    law = TemperatureLaw(100.0, wires=3.3e-3)
    hot = Process(0.0, 0.0, (1, 1), law)
    design, tested = (
        design_of(process, wires=wires) for process in (hot, hot.at_trim())
    )
    trims: Any = {"scale": ScaleTrim(FINE), "columns": columns()}
    once = error(program(design, tested, **trims))
    tracked = error(program(design, tested, tracks=True, **trims))
    assert error(program(tested, tested, **trims)) < 0.5 * once
    assert tracked < 0.7 * once


def test_all_reference_columns_have_the_rows_of_the_largest_array():
    """Three cells alone would rule the first layer's common factor."""
    bare = program(design_of())
    more = program(design_of(), scale=ScaleTrim(FINE)).num_cells - bare.num_cells
    longest = max(rows for rows, _ in bare.score.arrays)
    assert more == 2 * len(bare.score.arrays) * longest


# Part (b): R C.


@pytest.mark.parametrize("step", [1e-4])
def test_r_c_is_known_to_its_resolution(step):
    process = Process(0.2, 0.15, (1, -1))
    chip = program(design_of(process), rc=RCTrim(step))
    real = float(chip.integrator.time_constant)
    assert np.isclose(real, 5e4 * 30e-12 * 1.2 * 0.85)
    assert abs(float(chip.rc) / (5e4 * 30e-12) - 1.2 * 0.85) <= step / 2 * 1.0001
    assert chip.clock is None
    paced = program(design_of(process), rc=RCTrim(step, by_clock=True))
    assert np.isclose(float(paced.clock), float(chip.rc) / (5e4 * 30e-12))
    blind = program(design_of(process))
    assert np.isclose(float(blind.rc), 5e4 * 30e-12)


# Parts (a) and (d): columns.


BLOCKS: dict[str, Any] = {
    "drivers": BlockSpread(1e-3, 1e-3, "driver"),
    "inverters": BlockSpread(4e-3, 2e-3, "inverter"),
    "rectifiers": BlockSpread(0.0, 1e-3, "rectifier"),
}
WRITE = Cell(RANGE, (ProgrammingNoise(1e-6),))


def columns(kind="gains", **kwargs):
    bits = 14 if kind == "gains" else None
    return ColumnTrim(0.2, 0.3, offset_bits=14, gain_bits=bits, **kwargs)


def median_error(design, **trims):
    """Of eight chips of one program."""
    bench = Bench(design, KnownInputs(TIMES, STATES), **trims) if trims else None
    blueprint = Blueprint(SCORE, design, RANGES, bench=bench)
    chips = blueprint.program_many(jr.split(jr.key(9), 8))
    found = np.asarray(eqx.filter_vmap(outputs)(chips))
    gaps = np.abs(found - TWIN[None]).max(axis=(1, 2)) / np.abs(TWIN).max()
    return np.median(gaps)


@pytest.mark.long
def test_a_regression_of_every_layer_beats_offsets_alone_and_both_beat_none():
    design = design_of(cell=WRITE, **BLOCKS)
    bare = median_error(design)
    some = median_error(design, columns=columns("offsets"))
    full = median_error(design, columns=columns())
    assert full < 0.6 * some < 0.6 * bare
    chip = program(design, columns=columns())
    record = chip.trims.residues
    assert float(record["columns"]) < 0.6 * float(record["before_columns"])
    assert program(design, columns=columns(), trim=False).trims is None


@pytest.mark.slow
def test_offsets_of_blocks_alone_are_gone_after_the_trim_of_offsets():
    """Inverters and rectifiers without gain errors, on perfect cells."""
    blocks: Any = {
        name: BlockSpread(0.0, 1e-3, name[:-1]) for name in ("inverters", "rectifiers")
    }
    chip = program(design_of(**blocks), columns=columns("offsets"))
    assert error(chip) < 0.05 * error(program(design_of(**blocks)))


@pytest.mark.slow
def test_reads_with_more_error_leave_more():
    design = design_of(cell=WRITE, **BLOCKS)
    found = [
        error(program(design, columns=columns(read_std=std))) for std in (0.0, 0.1)
    ]
    assert found[1] > 1.5 * found[0]


def found_gains(read_std):
    """Gains of the columns of 32 benches that met one exact chip."""
    network = program(design_of()).score
    trim = ColumnTrim(0.2, 0.9, read_std, offset_bits=20, gain_bits=20)

    def gains(key):
        codes, _ = trim_columns(
            network, SCORE, KnownInputs(TIMES, STATES), trim, key=key
        )
        return jnp.concatenate(codes.gains)

    return np.asarray(jax.jit(jax.vmap(gains))(jr.split(jr.key(11), 32)))


@pytest.mark.long
def test_noise_of_reads_does_not_shrink_the_gains(monkeypatch):
    """Their mean over benches is 1; of the regression the other way it is below."""
    exact, noisy = found_gains(0.0), found_gains(3e-3)
    np.testing.assert_allclose(exact, 1.0, atol=1e-5)
    spread = noisy.std(axis=0)
    assert (spread > 1e-3).sum() > 8
    error = spread / np.sqrt(len(noisy))
    # One over a slope is larger by the square of the slope's own spread.
    bias = np.abs(noisy.mean(axis=0) - 1) - 2 * spread**2
    assert (bias < 4 * error + 1e-5).all()

    def mutant(layer, trim, wanted, read, key, noise):
        read = read + trim.read_std * jr.normal(key, read.shape)
        mean, aim = read.mean(axis=1), wanted.mean(axis=1)
        centred = read - mean[:, None]
        power = jnp.mean(centred**2, axis=1)
        gain = jnp.mean(centred * (wanted - aim[:, None]), axis=1) / power
        return trim.gain(gain), trim.offset(aim - gain * mean)

    monkeypatch.setattr(_columns, "_found", mutant)
    noisy = found_gains(3e-3)
    error = noisy.std(axis=0) / np.sqrt(len(noisy))
    assert (noisy.mean(axis=0) < 1 - 8 * error - 1e-3).any()


def test_a_resistor_without_range_stays_and_codes_at_an_end_are_counted():
    design = design_of(cell=WRITE, **BLOCKS)
    fixed = columns("gains")
    still = dataclasses.replace(fixed, gain_range=jnp.zeros(()))
    chip = program(design, columns=still)
    assert np.isfinite(values(chip)).all()
    assert float(chip.trims.residues["clipped_columns"]) == 0
    bare = program(design).score.layers[0].amplifier.feedback_resistance
    np.testing.assert_array_equal(
        chip.score.layers[0].amplifier.feedback_resistance, bare
    )
    short = dataclasses.replace(fixed, offset_range=jnp.asarray(1e-9))
    chip = program(design, columns=short)
    num = sum(cols for _, cols in chip.arrays)
    assert float(chip.trims.residues["clipped_columns"]) == num


# The cells' own noise in the reads.


NOISY = ReadNoise(WhiteReadNoise(2e-6, 1e6), FlickerReadNoise(1e-6, 1.0, 1e5))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gains", "offsets"])
def test_without_noise_of_cells_the_time_of_a_read_does_not_matter(kind):
    """Laws of no strength, or no laws: bit for bit."""
    silent = ReadNoise(WhiteReadNoise(0.0, 1e6), FlickerReadNoise(0.0, 1.0, 1e5))
    chips = [
        program(
            design_of(cell=Cell(RANGE, (ProgrammingNoise(1e-6),), read)),
            columns=columns(kind, read_std=1e-3),
            repair=Repair(2e-6, True, 1),
            scale=ScaleTrim(1e-3),
            averaging=time,
        )
        for read, time in ((ReadNoise(), 20e-6), (ReadNoise(), 1e-6), (silent, 1e-6))
    ]
    for other in chips[1:]:
        for a, b in zip(chips[0].score.layers, other.score.layers, strict=True):
            assert np.array_equal(
                a.amplifier.feedback_resistance, b.amplifier.feedback_resistance
            )
            assert np.array_equal(a.trim, b.trim)
            assert np.array_equal(a.crossbar.g_pos, b.crossbar.g_pos)


@pytest.mark.parametrize("law", ["white", "flicker"])
def test_offsets_of_a_column_spread_as_its_reads_do(law):
    r"""In the first layer, against the regression's own algebra.

    The mean of N reads of a column has the variance of the mean over N t of the cells'
    1/f noise times the mean voltages squared, or that of N reads of white noise.
    """
    time, num = 20e-6, TIMES.size
    read: Any = ReadNoise(**{law: getattr(NOISY, law)})
    design = design_of(cell=Cell(RANGE, (), read))
    chip: Any = program(design)
    layer = chip.score.layers[0]
    reads = Reads(read, jnp.asarray(time))

    def mean(key):
        (noise,) = reads.of_columns([layer.crossbar.g_pos.shape], num, key=key)
        one = lambda x, noise: layer.crossbar(chip.score.volts_in * x, noise)
        return jnp.mean(jax.vmap(one, in_axes=(1, -1), out_axes=1)(STATES, noise), 1)

    found = np.std(jax.jit(jax.vmap(mean))(jr.split(jr.key(5), 1500)), axis=0)
    v = np.asarray(chip.score.volts_in * STATES)
    v = np.concatenate([v, np.full((1, num), float(layer.crossbar.v_bias))])
    if law == "white":
        # 40 holds in a read; both cells of a pair.
        part = (1 / 40 - 1 / 4800) / num
        wanted = np.sqrt(2 * part * 4e-12 * np.mean(np.sum(v**2, axis=0)))
    else:
        f = np.geomspace(1e-2, 1e7, 400_001)
        psd = np.asarray(read.flicker.psd(jnp.asarray(f)))
        over = lambda t: np.trapezoid(psd * np.sinc(f * t) ** 2 * f, np.log(f))
        together, apart = over(num * time), over(time) - over(num * time)
        squares = together * np.sum(v.mean(axis=1) ** 2)
        squares += apart * np.mean(np.sum(v**2, axis=0)) / num
        wanted = np.sqrt(2 * 1e-12 * np.log(1e5) * squares)
    assert np.allclose(found, wanted, rtol=4 / np.sqrt(2 * 1500))


def test_cells_that_are_noisy_at_read_back_count_as_stuck():
    """With a threshold of one spread of a read, a share 0.317 of sound cells."""
    read = ReadNoise(WhiteReadNoise(2e-6, 1e6))
    spread = 2e-6 * np.sqrt(1 / 40 - 1 / 4800)
    design = design_of(cell=Cell(RANGE, (), read))
    chips = [
        program(design, repair=Repair(spread, False), averaging=time)
        for time in (20e-6, 1e-2)
    ]
    num = chips[0].num_cells
    error = np.sqrt(num * 0.317 * 0.683)
    assert abs(float(chips[0].trims.stuck) - 0.3173 * num) < 4 * error
    assert float(chips[1].trims.stuck) == 0  # the mean over 10 ms is quiet


def test_a_reference_column_is_read_with_the_noise_of_its_cells():
    design = design_of(cell=Cell(RANGE, (), NOISY))
    left = [
        float(
            program(design, scale=ScaleTrim(FINE), averaging=t).trims.residues["scale"]
        )
        for t in (20e-6, 1e4)
    ]
    assert left[0] > 1e-3
    assert left[1] < 0.1 * left[0]


# Part (e): stuck cells.


FAULTS = Cell(RANGE, (StuckFaults(0.04, 0.04, RANGE),), numbers=(4,))


@functools.cache
def faulty(mapping="pair", **repair) -> Any:
    maps = {"pair": DifferentialPair(RANGE), "reference": ReferenceColumn(RANGE)}
    design = design_of(cell=FAULTS, mapping=maps[mapping])
    if not repair:
        return program(design)
    return program(design, repair=Repair(2e-6, bool(repair.pop("refits")), **repair))


def net(chip):
    return [np.asarray(c.g_pos - c.g_neg) for c in crossbars(chip)]


def crossbars(chip):
    return [layer.crossbar for layer in chip.score.layers]


@pytest.mark.long
def test_the_partner_of_a_stuck_cell_holds_the_weight_as_far_as_it_reaches():
    blueprint = Blueprint(SCORE, design_of(cell=FAULTS), RANGES)
    stuck = blueprint.stuck(jr.key(3))
    perfect, first, mended = net(program(design_of())), net(faulty()), faulty(refits=0)
    hit = restored = 0
    for number, (wanted, before, after) in enumerate(
        zip(perfect, first, net(mended), strict=True)
    ):
        held = [
            np.asarray(half[number][0]) for half in (stuck.positive, stuck.negative)
        ]
        at = [~np.isnan(g) for g in held]
        partner = np.where(at[0], held[0] - wanted, held[1] + wanted)
        inside = (partner > 8e-6 - 1e-12) & (partner < 90e-6 + 1e-12)
        # Of a cell that is stuck where it should be, the partner stays.
        within = (at[0] ^ at[1]) & inside
        assert np.allclose(after[within], wanted[within], rtol=0, atol=1e-12)
        apart = np.abs(before - wanted) > 2e-6
        hit += np.sum(apart)
        restored += np.sum(within & apart)
        assert np.array_equal(after[~(at[0] | at[1])], before[~(at[0] | at[1])])
        assert np.all(np.abs(after - wanted) <= np.abs(before - wanted) + 1e-12)
    assert 0 < restored < hit
    assert float(mended.trims.stuck) == hit
    assert error(mended) < error(faulty())


@pytest.mark.slow
def test_the_other_weights_take_what_the_partner_cannot():
    once, fitted = faulty(refits=0), faulty(refits=1)
    assert float(fitted.trims.residues["repair"]) < float(once.trims.residues["repair"])
    assert error(fitted) < error(once)
    # A single cell against a reference has no partner, and is fitted around.
    bare, fitted = faulty("reference"), faulty("reference", refits=1)
    assert error(fitted) < 0.7 * error(bare)


@pytest.mark.slow
def test_spare_columns_take_the_worst_and_are_cells_that_are_paid():
    once, spare = faulty(refits=0), faulty(refits=0, spares=2)
    assert float(spare.trims.residues["repair"]) < float(once.trims.residues["repair"])
    rows = sum(rows for rows, _ in once.arrays)
    assert spare.num_cells == once.num_cells + 2 * 2 * rows


@pytest.mark.long
def test_repair_of_a_chip_without_stuck_cells_changes_nothing():
    plain = program(design_of(cell=WRITE))
    mended = program(design_of(cell=WRITE), repair=Repair(1e-5, True, 1))
    for a, b in zip(crossbars(plain), crossbars(mended), strict=True):
        assert np.array_equal(a.g_pos, b.g_pos)
        assert np.array_equal(a.g_neg, b.g_neg)
    assert float(mended.trims.rewritten) == 0


@pytest.mark.slow
def test_many_trimmed_chips_are_their_chips():
    design = design_of(Process(0.2, 0.15, None), FAULTS, **BLOCKS)
    trims = {
        "rc": RCTrim(1e-3),
        "scale": ScaleTrim(1e-3),
        "columns": columns(),
        "repair": Repair(2e-6, True, 1),
    }
    blueprint = Blueprint(
        SCORE, design, RANGES, bench=Bench(design, KnownInputs(TIMES, STATES), **trims)
    )
    keys = jr.split(jr.key(7), 2)
    many, one = blueprint.program_many(keys), blueprint.program(keys[1])
    pairs = zip(jax.tree.leaves(many), jax.tree.leaves(one), strict=True)
    for a, b in pairs:
        if jnp.issubdtype(b.dtype, jax.dtypes.prng_key):
            continue
        assert np.allclose(a[1], b, rtol=1e-6, atol=1e-12)
