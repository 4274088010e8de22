"""Values in another unit by their size, and settings that miss what they are for."""

import math

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.config import design_knobs, override_all, parse_pairs, RunConfig
from rram_ode.devices import ProgrammingNoise, WriteVerify
from rram_ode.presets import PRESETS
from rram_ode.system import build_cell, find_verified, question_settings, SIMULATED
from rram_ode.system.build import doubtful_numbers


def ask(*pairs):
    return question_settings(override_all(RunConfig(), parse_pairs(pairs)))


@pytest.fixture(scope="module")
def nano(tmp_path_factory):
    """Cells of 4 to 20 nS, read with an error of 1 %."""
    path = tmp_path_factory.mktemp("nano") / "nano.csv"
    target = np.repeat([4.0, 8.0, 12.0, 16.0, 20.0], 40)
    reads = target * (1 + 0.01 * np.random.default_rng(0).standard_normal(target.size))
    lines = [f"{t:g},{r:.4f}" for t, r in zip(target, reads, strict=True)]
    path.write_text("\n".join(["target_nS,read_nS", *lines]))
    return path


def test_read_noise_above_the_cells_own_conductance_is_named(nano):
    """The default's 0.1 uS suits cells of 8 to 90 uS, not of 4 to 20 nS."""
    own = ("cell.device=custom", f"cell.measurements={nano}")
    (said,) = ask(*own)
    assert said.startswith(
        "`cell.read.white.std` = 100 nS is 5 times the largest conductance of a cell, "
        "20 nS: set it to 0 and `cell.read.white.std_rel`"
    )
    assert ask(*own, "cell.read.white.std=0", "cell.read.white.std_rel=1%") == ()


QUESTIONED = {
    "cell.write.std_rel=5": "is 500%: for 5 % write `5%` or 0.05",
    "cell.read.white.std_rel=2": "is 200%: for 2 % write `2%`",
    "cell.temperature=85": "is -188 degrees Celsius: for 85 degrees Celsius write `85C",
    "process.trim_temperature=27": "write `27C`",
    "cell.write.std=50uS": "0.56 times the largest conductance",
    "op_amp.slew=2": "2 V/s is unusual; 1 kV/s or more is built",
    "op_amp.gbw=50": "50 Hz is unusual",
    "op_amp.e_n=5": "5 V/sqrt(Hz) is unusual",
    "solve.duration=20": "20 s is unusual; 1 s or less is built",
    "integrator.capacitance=30": "30 F is unusual",
    "integrator.offset_std=1": "1 V is unusual",
    "cell.read.white.bandwidth=1": "1 Hz is unusual",
    "process.resistor_tc=-200": "unusual",
}


@pytest.mark.parametrize("pair", QUESTIONED)
def test_a_size_that_says_another_unit_is_questioned(pair):
    said = [line for line in ask(pair) if QUESTIONED[pair] in line]
    assert len(said) == 1
    assert pair.partition("=")[0] in said[0]


ABSURD = {
    "cell.read.white.std=5": "5 S is 5.6e+04 times the largest conductance",
    "cell.write.verify=1": "give its unit, such as `0.1uS`",
    "cell.write.std_rel=5000": "for 5 % write `5%` or 0.05",
    "cell.temperature=5000": "at which silicon melts",
}


@pytest.mark.parametrize("pair", ABSURD)
def test_what_nobody_can_mean_is_refused(pair):
    config = override_all(RunConfig(), parse_pairs([pair]))
    with pytest.raises(ValueError, match="`cell") as caught:
        build_cell(config.cell)
    assert ABSURD[pair] in str(caught.value)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_not_questioned(name):
    assert question_settings(PRESETS[name][0]) == ()


@pytest.mark.long
def test_neither_examples_of_effects_nor_ends_of_knobs_are_in_another_unit():
    """What the program itself advises is of a usual size."""
    for effects in SIMULATED.values():
        for effect in effects:
            assert ask(*effect.example) == (), effect.name
    for name, one in design_knobs().items():
        for value in one.range:
            said = doubtful_numbers(override_all(RunConfig(), {name: value}))
            assert not any("unit" in line for line in said), said


def test_write_verify_that_does_not_converge_says_how_many_and_the_pulses():
    """Against a write of 40,000 cells, within four standard errors."""
    pairs = ("cell.write.factor=0", "cell.write.std=2uS", "cell.write.verify=0.02uS")
    config = override_all(RunConfig(), parse_pairs(pairs)).cell
    found = find_verified(config)
    assert found is not None
    g, key = jnp.full((200, 200), 40e-6), jr.key(0)
    written, pulses = WriteVerify(ProgrammingNoise(2e-6), 0.02e-6, 100).write(
        g, key=key
    )
    share = float((abs(written - g) > 0.02e-6).mean())
    error = math.sqrt(share * (1 - share) / g.size)
    assert abs(found.open_fraction - share) < 4 * error + 2e-3  # float32 at the limit
    spread = float(pulses.std()) / math.sqrt(g.size)
    assert abs(found.tries - float(pulses.mean())) < 4 * spread + 0.2
    (said,) = ask(*pairs)
    assert f"{found.open_fraction:.2%} of the cells are never inside" in said
    assert f"({found.tries:.3g} pulses a cell, on average)" in said
    # Its mutant: a loop that has the pulses that it needs.
    assert ask(*pairs[:2], "cell.write.verify=2uS") == ()


def test_an_age_and_a_temperature_that_move_no_cell_are_named():
    law = "cell.drift.law=power-law"
    (said,) = ask(law, "cell.age=1h")
    assert "changes no cell" in said
    assert "`cell.drift.nu` is 0" in said
    assert ask(law, "cell.age=1h", "cell.drift.nu=0.05") == ()
    warm = ("cell.age=1h", "cell.temperature=85C")
    (said,) = ask(*warm)
    assert "does not speed the drift: `cell.drift.activation_energy` is 0" in said
    (said,) = ask(*warm, "cell.drift.activation_energy=1eV")
    assert "1.923 Ms for the law, lies beyond" in said  # 22 days, measured: an hour
    assert ask(*warm, "cell.drift.activation_energy=0.3eV") == ()
    (said,) = ask("cell.temperature=85C")
    assert "acts on the noise of the circuit alone" in said
    assert ask("cell.temperature=85C", "process.resistor_tc=100ppm/C") == ()


def test_an_age_of_measurements_without_times_is_refused(tmp_path):
    path, random = tmp_path / "reads.csv", np.random.default_rng(0)
    target = np.repeat(np.linspace(10, 90, 5), 50)
    reads = target + random.standard_normal(target.size)
    lines = [f"{t:g},{r:.4f}" for t, r in zip(target, reads, strict=True)]
    path.write_text("\n".join(["target_uS,read_uS", *lines]))
    own = ("cell.device=custom", f"cell.measurements={path}")
    build_cell(override_all(RunConfig(), parse_pairs(own)).cell)
    config = override_all(RunConfig(), parse_pairs((*own, "cell.age=1e7s")))
    with pytest.raises(ValueError, match=r"no reads at several times.*power-law"):
        build_cell(config.cell)
    power = ("cell.drift.law=power-law", "cell.drift.nu=0.05")
    aged = override_all(RunConfig(), parse_pairs((*own, "cell.age=1e7s", *power)))
    build_cell(aged.cell)


def test_an_age_beyond_the_last_measured_one_is_named(tmp_path):
    """Reads up to 100 h say nothing of ten years; those of the settings have no end."""
    rng, times = np.random.default_rng(0), np.array([1.0, 1e3, 3.6e5])
    target = np.tile(np.repeat([10.0, 40.0, 80.0], 30), len(times))
    time = np.repeat(times, 90)
    read = target - 0.3 * np.log(time) + rng.normal(size=target.size)
    path = tmp_path / "cells.csv"
    header = "target_uS,read_uS,time_s"
    np.savetxt(path, np.column_stack([target, read, time]), "%g", ",", header=header)
    own = ("cell.device=custom", f"cell.measurements={path}")
    assert not [s for s in ask(*own, "cell.age=100h") if "extrapolation" in s]
    (said,) = (s for s in ask(*own, "cell.age=10y") if "extrapolation" in s)
    assert "lies beyond the last measured age, 360 ks" in said
    law = ("cell.drift.law=power-law", "cell.drift.nu=0.01", "cell.age=10y")
    assert not [s for s in ask(*law) if "extrapolation" in s]
    published = "cell.device=cmo-hfox"  # measured up to an hour
    assert not [s for s in ask(published, "cell.age=24h") if "extrapolation" in s]
    assert [s for s in ask(published, "cell.age=10y") if "extrapolation" in s]
