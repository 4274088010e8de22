import dataclasses
import json
import subprocess
import sys
from typing import Any

import pytest
from rram_ode.config import (
    combines,
    design_knobs,
    from_dict,
    leaves,
    override_all,
    parse_pairs,
    read,
    replace,
    RunConfig,
)
from rram_ode.config._knob import COSTS, knob, ROLES, WHEN
from rram_ode.config._overrides import ADDED
from rram_ode.presets import PRESETS


NAMES = [name for name, _ in leaves(RunConfig())]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.lowest
def test_a_configuration_survives_its_report(preset):
    config = PRESETS[preset][0]
    plain = json.loads(json.dumps(dataclasses.asdict(config)))
    assert from_dict(RunConfig, plain) == config


def test_a_configuration_of_an_older_version_is_the_same_run():
    """Without what was added since, which is off; anything else is missed."""
    config = replace(RunConfig(), "solve.duration", 30e-6)
    plain: dict[str, Any] = dataclasses.asdict(config)
    for name in ADDED:
        inside = plain
        *groups, last = name.split(".")
        for group in groups:
            inside = inside[group]
        del inside[last]
    assert from_dict(RunConfig, plain) == config
    del plain["op_amp"]["gbw"]
    with pytest.raises(ValueError, match="`op_amp.` must have"):
        from_dict(RunConfig, plain)


BOOLEANS = [name for name, field in leaves(RunConfig()) if field.type is bool]


@pytest.mark.parametrize("name", BOOLEANS)
@pytest.mark.parametrize(
    ("texts", "value"),
    [(("true", "True", "TRUE", "yes", "on"), True), (("false", "No", "off"), False)],
)
def test_truth_is_read_as_people_write_it(name, texts, value):
    for text in texts:
        assert read(override_all(RunConfig(), {name: text}), name) is value


def test_the_contracts_names_exist():
    for name in (
        "solve.duration",
        "cell.g_min",
        "cell.g_max",
        "cell.levels",
        "cell.write.std",
        "cell.read.white.std",
    ):
        assert name in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_knob_tells_unit_time_company_and_source(name):
    meta = dict(leaves(RunConfig()))[name].metadata
    assert meta["when"] in WHEN
    assert meta["source"]
    assert meta["help"]
    assert combines(RunConfig(), name) or "." not in name
    assert isinstance(meta["unit"], str)


@pytest.mark.parametrize("name", NAMES)
def test_every_knob_has_a_role_and_a_design_knob_pays(name):
    meta = dict(leaves(RunConfig()))[name].metadata
    assert meta["role"] in ROLES
    assert bool(meta["pays"]) == (meta["role"] == "design")
    for price in filter(None, meta["pays"].split(", ")):
        words = price.removeprefix("error: ")
        assert price in (*COSTS, *NAMES) or len(words.split()) >= 4 and words != price
    # What is drawn is nobody's choice, unless the choice is how well it is verified.
    if meta["when"] != "never" and meta["role"] == "design":
        assert set(meta["pays"].split(", ")) & set(COSTS)


@pytest.mark.parametrize("missing", ["role", "pays"])
def test_a_knob_without_role_or_price_is_refused(missing):
    given: dict[str, Any] = {"role": "design", "pays": "area"}
    given |= {"source": "a", "help": "b"}
    knob(1.0, **given)
    del given[missing]
    with pytest.raises((TypeError, AssertionError)):
        knob(1.0, **given)


def test_design_knobs_are_those_that_a_search_may_move():
    found = design_knobs()
    fields = dict(leaves(RunConfig()))
    assert found.keys() == {
        n for n, f in fields.items() if f.metadata["role"] == "design"
    }
    # Found free from outside: what a search must not move, and what it may.
    for name in (
        "power.programming_samples",
        "cell.age",
        "cell.temperature",
        "integrator.leak",
        "integrator.mismatch_std",
        "crossbar.wires.word_line",
        "crossbar.v_disturb",
        "solve.solver",
        "solve.num_steps",
        "solve.tolerance",
    ):
        assert name not in found
    assert found["solve.duration"].pays == ("seconds", "joules")
    assert found["crossbar.scale"].range == ("column", "layer")
    for name, one in found.items():
        for value in one.range:
            assert read(override_all(RunConfig(), {name: value}), name) == value
        if one.is_number:
            low, high = map(float, one.range)
            assert low < high
        else:
            assert len(set(one.range)) >= 2
            assert "ideal" not in one.range


@pytest.mark.parametrize("name", NAMES)
def test_every_knob_can_be_set_to_its_own_value(name):
    config = RunConfig()
    value = read(config, name)
    text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
    assert override_all(config, parse_pairs([f"{name}={text}"])) == config


@pytest.mark.lowest
def test_an_override_changes_one_knob():
    config = override_all(RunConfig(), parse_pairs(["cell.read.white.std=0.3uS"]))
    assert read(config, "cell.read.white.std") == 3e-7
    assert replace(config, "cell.read.white.std", 1e-7) == RunConfig()


@pytest.mark.parametrize(
    ("pair", "text"),
    [
        ("cell.level=3", "cell.levels"),
        ("nothing", "PATH=VALUE"),
        ("cell.levels=many", "an integer, or None"),
        ("solve.duration=10uV", "takes s"),
        ("crossbar.scale=row", "column, layer"),
        ("amplifier.clamp=maybe", "true or false"),
        ("network.widths=a", "integers"),
        ("solve.duration=nan", "not a number"),
    ],
)
def test_a_wrong_override_says_what_would_be_right(pair, text):
    with pytest.raises(ValueError, match=text):
        override_all(RunConfig(), parse_pairs([pair]))


@pytest.mark.parametrize("change", ["drop", "extra", "type"])
def test_a_foreign_configuration_is_refused(change):
    plain = dataclasses.asdict(RunConfig())
    if change == "drop":
        del plain["cell"]["g_min"]
    if change == "extra":
        plain["cell"]["g_mid"] = 1.0
    if change == "type":
        plain["cell"]["g_min"] = "small"
    with pytest.raises(ValueError, match="g_min"):
        from_dict(RunConfig, plain)


def test_configurations_and_presets_load_without_jax():
    code = (
        "import sys, rram_ode.config, rram_ode.presets; sys.exit('jax' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False)
    assert done.returncode == 0
