"""Numbers of cells per weight, one a layer: errors, currents, counts, files."""

import dataclasses
import json

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
import scipy.stats as st
from rram_ode.chip import AnalogNetwork, Blueprint, load_cells, save_cells
from rram_ode.config import from_dict, idealise, override_all, parse_pairs, RunConfig
from rram_ode.energy import CONSTANTS, nominals
from rram_ode.presets import PRESETS
from rram_ode.system import (
    area_model,
    build_design,
    build_training_chips,
    knobs,
    System,
)
from rram_ode.training import shipped_checkpoint


CHECKPOINT, KEY, COUNTS = shipped_checkpoint("ring"), jr.key(4), (4, 1, 3)
FRESH = PRESETS["ring-fresh"][0]
QUIET = (
    "cell.write.factor=0",
    "cell.levels=None",
    "cell.stuck.lrs=0",
    "cell.stuck.hrs=0",
)


def blueprint(*overrides: str) -> Blueprint:
    design = build_design(override_all(FRESH, parse_pairs(overrides)))
    return Blueprint(CHECKPOINT.score, design, CHECKPOINT.ranges)


def same(a, b) -> bool:
    """Whether two chips are leaf for leaf the same, their designs' numbers aside."""
    plain = lambda tree: [
        jr.key_data(x) if jnp.issubdtype(x.dtype, jax.dtypes.prng_key) else x
        for x in jax.tree.leaves(eqx.filter(tree, eqx.is_array))
    ]
    pairs = zip(plain(a), plain(b), strict=True)
    return all(np.array_equal(x, y) for x, y in pairs)


@pytest.mark.slow
@pytest.mark.parametrize(
    "more",
    [(), (("crossbar.wires.word_line=1",))],
)
def test_equal_numbers_are_one_number(more):
    """3,3,3 is 3, leaf for leaf: cells, wires, read noise and traps."""
    more = (*more, "cell.read.telegraph.amplitude=0.1")
    one = blueprint("cell.devices_per_weight=3", *more).program(KEY)
    each = blueprint("cell.devices_per_weight=3,3,3", *more).program(KEY)
    assert same(one, each)


@pytest.mark.long
def test_a_layer_has_the_first_cells_of_a_wider_chip():
    """And the current of their sum; the mutant that takes one cell of each fails."""
    wide = blueprint("cell.devices_per_weight=4").write(KEY)
    text = ",".join(map(str, COUNTS))
    made = blueprint(f"cell.devices_per_weight={text}")
    cells, chip = made.write(KEY), made.program(KEY)
    for own, all_of_them, count in zip(
        cells.arrays, wide.arrays, COUNTS * 2, strict=True
    ):
        assert np.array_equal(own, all_of_them[:count])
    assert isinstance(chip.score, AnalogNetwork)
    for layer, g in zip(chip.score.layers, cells.positive, strict=True):
        assert np.allclose(layer.crossbar.g_pos, np.sum(g, axis=0), rtol=1e-12)
        assert len(g) == 1 or not np.allclose(layer.crossbar.g_pos, g[0], rtol=0.1)


def test_errors_of_weights_fall_with_the_root_of_the_numbers():
    r"""$\sigma_w \propto 1 / \sqrt{n_l}$ in each layer, by a chi-square."""
    settings = "cell.devices_per_weight=4,1,3", *QUIET
    noisy = blueprint(*settings, "cell.write.std=0.3uS").write(KEY)
    exact = blueprint(*settings).write(KEY)
    errors = [
        np.mean(np.asarray(a - b), axis=0) / 0.3e-6
        for a, b in zip(noisy.arrays, exact.arrays, strict=True)
    ]
    for number, count in enumerate(COUNTS):
        found = np.stack(errors[number::3])
        total, num = float(np.sum(found**2)), found.size
        assert 1e-4 < st.chi2.cdf(count * total, num) < 1 - 1e-4
        wrong = 2 * count  # as of cells that are not summed with errors of their own
        assert st.chi2.cdf(wrong * total, num) > 1 - 1e-4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fidelity", "near"),
    [
        ("quasi-static", 1e-6),
        ("dynamic", 2e-3),
    ],
)
def test_without_errors_the_numbers_change_nothing(fidelity, near):
    """Cells, lines and their capacitors are in parallel, layer by layer.

    The mutant has four times the resistance of lines. In `dynamic`, input pairs and
    loads of op-amps do not grow with the cells.
    """
    clean = dataclasses.replace(idealise(FRESH), fidelity=fidelity)
    lines = {"crossbar.wires.word_line": 5.0, "crossbar.wires.bit_line": 5.0}
    if fidelity == "dynamic":
        lines |= {"op_amp.kind": "on-chip", "crossbar.wires.capacitance": 50e-15}

    def ends(**settings):
        system = System.from_config(override_all(clean, {**lines, **settings}))
        return np.asarray(system.sample(system.program(0), 20, seed=0).x)

    alone, counts = ends(), {"cell.devices_per_weight": COUNTS}
    assert np.abs(ends(**counts) - alone).max() < near
    shared = {name: 4 * ohms for name, ohms in lines.items() if name[-4:] == "line"}
    assert np.abs(ends(**counts, **shared) - alone).max() > 10 * near


def test_cells_area_and_files_follow_the_numbers(tmp_path):
    """Counted by hand; a saved chip has the maps of each layer's own cells."""
    config = override_all(FRESH, {"cell.devices_per_weight": "4,1,3"})
    system = System.from_config(config)
    chip, values = system.program(0), nominals(CONSTANTS)
    wanted = 2 * (4 * 3 * 14 + 1 * 15 * 14 + 3 * 15 * 2)
    assert chip.num_cells == wanted
    area = area_model(config, system.chip_loop, chip)(values)["cells"]
    assert float(area) == pytest.approx(float(values["area.cell"]) * wanted)
    cells = blueprint("cell.devices_per_weight=4,1,3").write(KEY)
    save_cells(tmp_path, cells, {})
    back = load_cells(tmp_path, cells)
    for a, b in zip(cells.arrays, back.arrays, strict=True):
        assert np.array_equal(a, b)
    named = cells.named()
    assert "layer1_pos_4" in named
    assert "layer2_pos_2" not in named
    assert "layer3_neg_3" in named
    other = blueprint("cell.devices_per_weight=1,4,3").write(KEY)
    with pytest.raises(ValueError, match="must hold"):
        load_cells(tmp_path, other)


@pytest.mark.slow
def test_trims_count_the_cells_of_their_layers():
    """Reference columns of the largest array's rows, and one spare column a layer."""
    config = override_all(PRESETS["ring"][0], {"cell.devices_per_weight": "2,1,3"})
    chip = System.from_config(config).program(0)
    own = 2 * 3 * 14 + 1 * 15 * 14 + 3 * 15 * 2
    added = (2 + 1 + 3) * 15 + 2 * 3 + 1 * 15 + 3 * 15
    assert chip.num_cells == 2 * (own + added)


@pytest.mark.long
def test_training_averages_each_layer_by_its_own_number():
    """One cell of layer l stands for n_l: its errors are theirs by the root."""
    config = override_all(
        FRESH, {"train.chips": True, "cell.devices_per_weight": "4,1,16"}
    )
    made = build_training_chips(config)
    assert made is not None
    assert np.allclose(made.of_cells(jnp.array(1.0)), [0.5, 1.0, 0.25])
    score, ranges = CHECKPOINT.score, CHECKPOINT.ranges
    one = dataclasses.replace(made, averaging=1.0)
    draw = lambda chips, s: chips.program(score, ranges, jnp.array(s), key=KEY)
    gaps = {}
    for name, chips in (("each", made), ("one", one)):
        zero, full = draw(chips, 0.0), draw(chips, 1.0)
        gaps[name] = [
            float(jnp.std(b.crossbar.g_pos - a.crossbar.g_pos))
            for a, b in zip(zero.layers, full.layers, strict=True)
        ]
    assert np.allclose(np.divide(gaps["one"], gaps["each"]), [2.0, 1.0, 4.0], rtol=1e-3)


def test_settings_are_read_shown_and_stored():
    """From text, in what is described, and through JSON."""
    config = override_all(RunConfig(), {"cell.devices_per_weight": "4,1,4"})
    assert config.cell.devices_per_weight == (4, 1, 4)
    assert override_all(config, {"cell.devices_per_weight": "2"}).cell == (
        dataclasses.replace(config.cell, devices_per_weight=2)
    )
    (shown,) = (k for k in knobs(config) if k.name == "cell.devices_per_weight")
    assert shown.text == "(4, 1, 4)"
    stored = json.loads(json.dumps(dataclasses.asdict(config)))
    assert from_dict(RunConfig, stored) == config


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("4,1", "one for each of the network's 3 layers; got 4,1"),
        ("4", None),
        ("4,0,4", "must be 1 or more; got 4,0,4"),
        ("4,x,4", "takes an integer, or integers joined by commas; got `4,x,4`"),
        ("1.5", "takes an integer, or integers joined by commas; got `1.5`"),
    ],
)
def test_a_wrong_number_of_layers_is_one_clear_line(text, message):
    make = lambda: blueprint(f"cell.devices_per_weight={text}").targets
    if message is None:
        make()
        return
    with pytest.raises(ValueError, match=message) as error:
        make()
    assert "\n" not in str(error.value)
