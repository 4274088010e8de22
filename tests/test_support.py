"""The page's table of combinations is the one that was tried, with today's names."""

import functools
import json
import pathlib

import jax.random as jr
import pytest
from benchmarks import support
from benchmarks._gradients import CELLS, circuit_knobs, compare_gradients, STRENGTHS
from benchmarks._problem import Problem, problem as trained
from rram_ode.chip import Ranges
from rram_ode.config import NetworkConfig, override_all
from rram_ode.presets import PRESETS
from rram_ode.sdes import VPSDE
from rram_ode.training import untrained


RESULT = json.loads(
    (pathlib.Path(support.__file__).parent / "results/support.json").read_text()
)


def test_the_page_shows_what_was_tried():
    text = support.PAGE.read_text()
    shown = text.split(support.BEGIN)[1].split(support.END)[0].strip()
    tried = [(row["case"], row["ways"]) for row in RESULT["rows"]]
    assert shown == support.table(tried).strip()


def test_every_error_was_tried_in_every_way():
    assert [row["case"] for row in RESULT["rows"]] == list(support.ERRORS)
    for row in RESULT["rows"]:
        assert list(row["ways"]) == list(support.WAYS)
        assert set(row["ways"].values()) & {"yes"}


@pytest.mark.long
@pytest.mark.parametrize(
    ("way", "error"),
    [
        ("Heun", "bent I-V (sinh)"),
        ("with wires", "stuck cells, rows remapped"),
        pytest.param("with wires", "bent I-V (sinh)", marks=pytest.mark.slow),
    ],
)
def test_the_table_still_holds(way, error):
    """One that works, and one that is refused, tried again."""
    settings = (*support.WAYS[way], *support.ERRORS[error])
    told, _ = support.attempt(support.clean(), way, settings)
    row = next(row for row in RESULT["rows"] if row["case"] == error)
    assert told == row["ways"][way]


def test_gradients_of_every_error_are_right():
    """Those that the page shows: each is a yes, or says why it has none."""
    for row in RESULT["rows"]:
        knobs = {k.name for k in (*KNOBS, *STRENGTHS[row["case"]])}
        assert row["gradients"].keys() == knobs
        for found in row["gradients"].values():
            head, _, reason = found["told"].partition(": ")
            assert head == "yes" or (head == "none" and reason)
        assert row["gate"]["passed"]


@functools.cache
def small() -> Problem:
    """A network and a method that compile fast."""
    sde = VPSDE(0.001, 0.5)
    keys = {"key": jr.key(1), "frequency_key": jr.key(2)}
    score = untrained(2, NetworkConfig((6, 6)), sde, **keys)
    config = override_all(
        support.clean(), {"solve.num_steps": 20, "solve.solver": "euler"}
    )
    return Problem(config, score, sde, Ranges(4.0, (4.0, 4.0), 8.0))


KNOBS = circuit_knobs(support.clean())
ERROR = "write noise"


@pytest.mark.long
def test_gradients_agree_with_differences():
    """At 12 bits and 1,024 levels, of all main knobs and of the error's strength."""
    knobs = (*KNOBS, *STRENGTHS[ERROR])
    found = compare_gradients(small(), small().config, support.ERRORS[ERROR], knobs)
    assert {name: one.told for name, one in found.items()} == {
        knob.name: "yes" for knob in knobs
    }


@pytest.mark.long
def test_a_knob_without_a_gradient_says_so():
    updates = ("dac.update_rate=1MHz",)
    knobs = tuple(k for k in KNOBS if k.name in (CELLS, "solve.duration"))
    found = compare_gradients(small(), small().config, updates, knobs)
    assert found[CELLS].told == "yes"
    assert found["solve.duration"].told.startswith(
        "none: `solve.duration` has no gradient with `dac.update_rate`: as"
    )


@pytest.mark.slow
def test_plain_rounding_is_seen(monkeypatch):
    """The mutant: a converter whose gradient is that of its staircase."""
    where = "rram_ode.blocks._converters.straight_through"
    monkeypatch.setattr(where, lambda rounded, smooth: rounded)
    knob = tuple(k for k in KNOBS if k.name == "integrator.capacitance")
    # A size of its own: a solve of known shapes would not be traced anew.
    found = compare_gradients(small(), small().config, (), knob, num_samples=7)
    one = found["integrator.capacitance"]
    assert one.told == "wrong"
    # It sees the integrator slow down, and not the waveforms that follow.
    assert one.gradient is not None
    assert one.difference is not None
    assert abs(one.gradient) > 10 * abs(one.difference)


@pytest.mark.slow
@pytest.mark.parametrize("error", support.ERRORS)
def test_all_gradients_agree_with_differences(error):
    """As the benchmark: every error on a chip of `ring`."""
    found = support.gradients(support.clean(), error)
    assert "wrong" not in {one.told for one in found.values()}


@pytest.mark.slow
def test_gradients_of_the_default_chip():
    """Everything on, with the rails and clamps and its own noise and DAC updates.

    The range, too, is that of `ROOM`: a step would leave what the device was fitted in.
    """
    config = PRESETS["ring-fresh"][0]
    found = compare_gradients(
        trained("ring"), config, (), circuit_knobs(config), num_samples=64
    )
    assert found.pop("solve.duration").told.startswith("none: ")
    assert {one.told for one in found.values()} == {"yes"}
