"""Everything that is on, off or neglected on a chip has one line, a value or a size."""

import dataclasses
import math
import re
import typing

import jax
import numpy as np
import pytest
from rram_ode.config import (
    idealisations,
    idealise,
    leaves,
    override_all,
    parse_pairs,
    read,
    replace,
    RunConfig,
)
from rram_ode.presets import find_preset, list_presets
from rram_ode.studies import ERRORS, knobs_of
from rram_ode.system import (
    error_table,
    LEFT_OUT,
    Scale,
    scale_of,
    SETTINGS,
    SIMULATED,
    SMALL,
    System,
)
from rram_ode.system.build import build_interface


EFFECTS = [effect for effects in SIMULATED.values() for effect in effects]
NEGLECTED = [one for several in LEFT_OUT.values() for one in several]
FRESH = find_preset("ring-fresh")


def owned():
    """Every setting's name once for each line or reason that has it."""
    names = [name for each in EFFECTS for name in (*each.knobs, *each.shape)]
    return names + [name for names in SETTINGS.values() for name in names]


def unlisted(names, fields):
    """Settings of a machine without a line, and lines without a setting."""
    roles = {name: field.metadata["role"] for name, field in fields.items()}
    machine = {name for name, role in roles.items() if role != "numerical"}
    return machine - set(names), set(names) - set(roles)


def by_name(config):
    return {line.name: line for line in error_table(config).lines}


def on(config):
    return {line.name for line in error_table(config).lines if line.state == "on"}


def test_every_setting_of_the_machine_belongs_to_exactly_one_line():
    names = owned()
    assert sorted(names) == sorted(set(names))
    missing, gone = unlisted(names, dict(leaves(RunConfig())))
    assert not missing, "give each a line in `system.effects`, or a reason in SETTINGS"
    assert not gone, "there is no such setting: take it out of its line"


def test_a_new_setting_and_one_that_is_gone_are_found():
    """Mutants: a line that is dropped, a setting that is."""
    names, fields = owned(), dict(leaves(RunConfig()))
    names.remove("multiplier.offset_std")
    assert unlisted(names, fields) == ({"multiplier.offset_std"}, set())
    del fields["driver.gain_std"]
    assert unlisted(owned(), fields) == (set(), {"driver.gain_std"})


def test_no_effect_is_listed_twice():
    names = [each.name for each in (*EFFECTS, *NEGLECTED)]
    assert len(set(names)) == len(names) > 100


def test_the_lines_have_all_that_other_lists_of_errors_have():
    """`idealise`, what a report takes as ideal, and the budget know no other error."""
    names = set(owned())
    errors = {name for each in EFFECTS for name in (*each.knobs, *each.shape)}
    for error in ERRORS:
        assert set(knobs_of(error, RunConfig())) <= names
    ideal = {text.partition("=")[0] for text in idealisations(idealised())}
    assert len(ideal) > 20
    assert ideal <= errors
    reset = {
        name
        for name, _ in leaves(RunConfig())
        if read(idealise(changed(name)), name) != read(changed(name), name)
    }
    assert len(reset) > 80
    # A lead answers the delay of op-amps, and a larger score noise: an ideal loop has
    # neither.
    answers = {"solve.lead", "solve.score_factor"}
    # A part of a user's own has these, and they cost joules alone.
    paid = {"op_amp.supply_current", "op_amp.supply"}
    more = {"op_amp.kind", "process.trim_temperature", "dac.fastest"}
    assert reset <= errors | answers | paid | more


def changed(name):
    """`ring-fresh` with another value of a setting, whether it makes sense or not."""
    group, _, last = name.rpartition(".")
    kind = typing.get_type_hints(type(read(FRESH, group) if group else FRESH))[last]
    value = read(FRESH, name)
    if typing.get_origin(kind) is typing.Literal:
        other = next((x for x in typing.get_args(kind) if x != value), value)
    elif isinstance(value, bool):
        other = not value
    elif isinstance(value, int | float):
        other = 2 * value + 1
    elif isinstance(value, tuple):
        other = (*value, 2)
    else:
        takes = {float: 3.0, int: 3, str: "other", tuple[float, ...]: (3.0, 2.0)}
        first = kind if kind in takes else typing.get_args(kind)[0]
        other = takes[first]
    return replace(FRESH, name, other)


def idealised(**changes):
    """A chip of the quasi-static rung without any error."""
    return dataclasses.replace(idealise(FRESH), fidelity="quasi-static", **changes)


def test_an_ideal_chip_has_everything_off():
    assert on(idealised()) == set()
    assert on(find_preset("ring-ideal")) == set()
    assert on(dataclasses.replace(FRESH, fidelity="ideal")) == set()


@pytest.mark.long
@pytest.mark.parametrize("effect", EFFECTS, ids=lambda each: each.name)
def test_an_example_turns_its_own_line_on(effect):
    """And its own settings alone do: without them, the other lines stay as they are."""
    config = override_all(idealised(), parse_pairs(effect.example))
    without = config
    ideal = idealise(FRESH)
    for name in effect.knobs:
        without = replace(without, name, read(ideal, name))
    if effect.needs is not None:
        assert effect.needs.holds(config)
    table = {line.name: line for line in lines(config)}
    assert table[effect.name].state == "on"
    assert table[effect.name].value
    others = {line.name for line in lines(without) if line.state == "on"}
    assert {n for n, x in table.items() if x.state == "on"} == others | {effect.name}


LINES_OF_FRESH = by_name(FRESH)
OFF_ON_FRESH = [
    effect
    for effect in EFFECTS
    if LINES_OF_FRESH[effect.name].state == "off"
    and effect not in SIMULATED["remedies"]
]


@pytest.mark.slow
@pytest.mark.parametrize("effect", OFF_ON_FRESH, ids=lambda each: each.name)
def test_an_example_is_a_chip_that_differs(effect):
    """What a line advises is no refused setting, and design or circuit change by it."""
    # Guidance needs a network that knows classes.
    base = find_preset("modes-7") if effect in SIMULATED["guidance"] else FRESH
    if effect in SIMULATED["decoder"]:
        base = find_preset("letters-fresh")
    config = override_all(base, parse_pairs(effect.example))
    without = config
    for name in effect.knobs:
        without = replace(without, name, read(FRESH, name))
    if values(config) == values(without):  # `ring-fresh` has it: fidelity turns it on
        without = base
    assert values(config) != values(without)


def values(config):
    """All numbers and static parts of the chips and their circuit."""
    system = System.from_config(config)
    parts = system.blueprint.design, system.blueprint.ageing, system.chip_loop
    if config.decoder.circuit == "analog":
        parts = *parts, build_interface(config, 47)
    kept, structure = jax.tree.flatten(parts)
    # The hashes of an identity change with every setting, and with nothing else.
    found = [x for x in map(np.asarray, kept) if x.dtype != np.uint32]
    return repr([x.tolist() for x in found]), str(structure)


def lines(config):
    from rram_ode.system.effects._table import lines_of

    return [x for each in lines_of(config, SCALE).values() for x in each]


SCALE = scale_of(FRESH, System.from_config(FRESH).checkpoint)


@pytest.mark.long
@pytest.mark.parametrize("name", list_presets())
def test_every_line_has_a_value_and_a_source_or_a_size_and_a_reason(name):
    table = error_table(find_preset(name))
    assert len(table.lines) == len(EFFECTS) + len(NEGLECTED)
    for line in table.lines:
        assert line.value
        assert line.source
        assert line.state in ("on", "off", "neglected")
        assert bool(line.why) == (line.state != "on"), line.name
        if line.moves is not None:
            assert 0 <= line.moves < 1
            assert ("NOT small" in line.value) == (line.moves > SMALL), line.name
        if line.state == "neglected":
            assert "nan" not in line.value
            assert any(c.isdigit() for c in line.value) or line.moves == 0
    assert table.moves == pytest.approx(
        math.sqrt(sum((line.moves or 0) ** 2 for line in table.lines))
    )
    untrained = {"moons", "eight-gaussians", "checkerboard", "spiral"}
    assert (table.stand_in is None) == (name not in untrained)


def test_what_does_not_act_in_this_rung_says_what_it_needs():
    line = by_name(FRESH)["bandwidth of op-amps"]
    assert line.state == "off"
    assert line.why.startswith("needs fidelity=dynamic; then it moves x")
    dynamic = by_name(dataclasses.replace(FRESH, fidelity="dynamic"))
    assert dynamic["bandwidth of op-amps"].state == "on"
    assert dynamic["bandwidth of op-amps"].value.startswith("op_amp.gbw=100 MHz")
    warm = {"process.resistor_tc": -1e-3}
    line = by_name(override_all(FRESH, warm))["resistors over temperature"]
    assert line.state == "off"
    assert "needs cell.temperature other than" in line.why
    hot = {**warm, "cell.temperature": 358.0}
    assert "resistors over temperature" in on(override_all(FRESH, hot))


def test_the_scale_is_that_of_a_chip_without_errors():
    """Volts per unit, noise gains and resistors as `program` gives them."""
    system = System.from_config(idealised())
    scale = scale_of(system.config, system.checkpoint)
    network = system.program(0).crossbars
    assert network is not None
    rms = lambda xs: float(np.sqrt(np.mean(np.square(np.asarray(xs)))))
    for own, layer, gains in zip(
        scale.feedbacks, network.all_layers, scale.noise_gains, strict=True
    ):
        ohms = layer.amplifier.feedback_resistance
        assert own == pytest.approx(rms(ohms), rel=1e-5)
        assert gains == pytest.approx(rms(layer.noise_gains()), rel=1e-5)
    assert scale.volts == pytest.approx(list(map(float, network.volts)), rel=1e-5)
    assert scale.rows == (3, 15, 15)


@pytest.mark.parametrize(
    ("name", "moves"),
    [
        # 90 uS x (0.2 V)^2 x 1e6 K/W x 0.5e-3 / K / 9, gains.
        ("a cell's own heat", 0.7 * 3.6 * 0.5e-3 / 9),
        # 7.6 ppm/V (gf180mcu, MIM2, 1.5 fF/um^2) x 0.2 V, gains.
        ("bend of capacitors", 0.7 * 1.52e-6),
        # -200 ppm/V (gf180mcu, SAB RES2, 1 kohm) x 1.2 V / 3, gains.
        ("bend of resistors", 0.7 * 8e-5),
        # 3.33 uV of 55.9 mV per unit of the state.
        ("charge of the switch at hand-over", 1e-16 / 30e-12 / 0.05589),
        # 11 cycles of 0.1 us over 30 ms.
        ("droop of a held end", 1.1e-6 / 30e-3),
        # 15 op-amps' delay of 1.59 ns in 20 us.
        ("bandwidth of row drivers, rectifiers, inverters", 0.6 * 23.87e-9 / 20e-6),
        # 2^-10 of 0.2 V.
        ("uneven steps of the ADC", 0.2 / 1024 / 0.05589),
    ],
)
def test_a_size_by_hand(name, moves):
    assert by_name(FRESH)[name].moves == pytest.approx(moves, rel=2e-3)


@pytest.mark.parametrize(
    ("name", "setting", "factor"),
    [
        ("bandwidth of row drivers, rectifiers, inverters", "solve.duration=40us", 0.5),
        ("inductance of lines", "solve.duration=40us", 0.5),
        ("uneven steps of the ADC", "adc.bits=9", 2.0),
        ("uneven steps of the waveforms' DAC", "dac.bits=11", 2.0),
        ("charge of the switch at hand-over", "integrator.capacitance=15pF", 2.0),
        ("a cell's own heat", "crossbar.v_max=0.1V", 0.25),
    ],
)
def test_a_size_follows_the_settings(name, setting, factor):
    other = override_all(FRESH, parse_pairs([setting]))
    before, after = by_name(FRESH)[name].moves, by_name(other)[name].moves
    assert before
    assert after == pytest.approx(factor * before, rel=1e-6)


def test_a_hot_chip_says_what_is_not_small():
    """Leakage doubles each 10 K: at 125 C it is no detail, and the table says so."""
    assert not [n for n, x in by_name(FRESH).items() if (x.moves or 0) > SMALL]
    hot = by_name(override_all(FRESH, {"cell.temperature": 398.0}))
    large = {name for name, x in hot.items() if (x.moves or 0) > SMALL}
    assert "leakage of closed transistors and junctions" in large
    assert "multipliers over temperature" in large
    assert "NOT small" in hot["multipliers over temperature"].value


MEASURED = [
    ({"cell.read.fixed.std": 0.1e-6}, lambda s: s.of_cells(0.1e-6)),
    ({"driver.offset_std": 1e-3}, lambda s: s.of_rows(1e-3)),
    (
        {
            "op_amp.kind": "on-chip",
            "op_amp.static_errors": True,
            "op_amp.offset_std": 0.1e-3,
        },
        lambda s: s.of_inputs(0.1e-3),
    ),
    ({"multiplier.offset_std": 1e-3}, lambda s: s.of_integrand(1e-3)),
]


@pytest.mark.slow
@pytest.mark.parametrize("preset", ["ring-fresh", "ring-64-fresh"])
def test_displacements_are_those_of_solves(preset):
    """Of the same chips and starts with and without one error, within a factor 2.3."""
    clean = dataclasses.replace(idealise(find_preset(preset)), fidelity="quasi-static")
    base = System.from_config(clean)
    scale = scale_of(clean, base.checkpoint)
    for settings, expected in MEASURED:
        other = System.from_config(override_all(clean, settings))
        moved = [displacement(base, other, seed) for seed in (0, 1)]
        ratio = math.sqrt(np.mean(np.square(moved))) / expected(scale)
        assert 1 / 2.3 < ratio < 2.3, settings


def displacement(base, other, seed, num=200):
    x, y = (s.sample(s.program(seed), num, seed=0).x for s in (base, other))
    return float(np.sqrt(np.mean(np.square(np.asarray(x) - np.asarray(y)))))


def test_a_whole_chip_takes_what_settings_say_that_it_does():
    """The word in a setting's source, and what a line says, are those of the preset."""
    whole, said = find_preset("ring"), {}
    for name, field in leaves(whole):
        words = re.search(r"a whole chip takes ([^\s:,]+)", field.metadata["source"])
        if words is not None:
            said[name] = words[1]
    given = override_all(RunConfig(), said)
    assert len(said) > 15
    assert {n: read(given, n) for n in said} == {n: read(whole, n) for n in said}
    fresh, there = (error_table(find_preset(n)).lines for n in ("ring-fresh", "ring"))
    claims = {
        one.name: other.state
        for one, other in zip(fresh, there, strict=True)
        if one.why.endswith("a whole chip has it") and not one.why.startswith("needs")
    }
    acting = {name for name, state in claims.items() if state == "on"}
    # What acts over temperature waits for a temperature, and guidance for a weight.
    waits = {one.name for one in SIMULATED["guidance"]}
    assert all("temperature" in name or name in waits for name in set(claims) - acting)
    assert len(acting) > 20


def test_a_scale_holds_plain_numbers():
    assert isinstance(SCALE, Scale)
    assert SCALE.band == pytest.approx(375e3)
    assert SCALE.amplifiers == 2 * 30 + 33


def test_chips_are_compared_by_what_they_are_made_of():
    """A coefficient of temperature without another temperature changes no number."""
    assert values(FRESH) == values(replace(FRESH, "process.resistor_tc", -1e-3))
    assert values(FRESH) != values(replace(FRESH, "driver.gain_std", 1e-4))
