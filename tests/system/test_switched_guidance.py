"""Systems with guidance by one array in turns: twins, refusals, costs, saved chips."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import rram_ode as rr
from _guided import save_untrained
from rram_ode.chip import CellState, SwitchedNetwork
from rram_ode.commands import one_line_errors
from rram_ode.config import override_all
from rram_ode.energy import CONSTANTS, nominals
from rram_ode.loop import ClosedLoop, DynamicLoop, SwitchedLoop
from rram_ode.presets import find_preset
from rram_ode.samplers import loop_log_likelihood
from rram_ode.spice import write_netlist
from rram_ode.system import age_chip, area_model, idle_settings, netlist_cases, System
from rram_ode.system.build import build_loop, paced


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A conditional network with random weights."""
    return save_untrained(tmp_path_factory.mktemp("modes"))


def config_of(checkpoint, base="ring-fresh", **settings):
    own = {
        "data": "modes-7",
        "checkpoint": checkpoint,
        "network.classes": 7,
        "solve.num_steps": 80,
        "guidance.weight": 1.5,
        "guidance.circuit": "switched",
        "guidance.switch_rate": 1e6,
    }
    return override_all(find_preset(base), {**own, **settings})


def system_of(*args, **settings):
    return System.from_config(config_of(*args, **settings))


@pytest.mark.slow
def test_an_ideal_system_tends_to_two_arrays_at_first_order(checkpoint):
    """Of 20 and 40 periods; the mutant tends to another weight."""
    found = lambda **settings: (
        (system := system_of(checkpoint, fidelity="ideal", **settings))
        .sample(system.program(), 14)
        .x
    )
    wanted = found(**{"guidance.circuit": "two-arrays"})
    ends = [found(**{"guidance.switch_rate": rate}) for rate in (1e6, 2e6)]
    off = [np.abs(x - wanted).max() for x in ends]
    assert 1.7 < off[0] / off[1] < 2.3
    other = found(**{"guidance.circuit": "two-arrays", "guidance.weight": 1.0})
    far = [np.abs(x - other).max() for x in ends]
    assert far[1] > 3 * off[1]
    assert not 1.7 < far[0] / far[1] < 2.3


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"guidance.switch_rate": 1.23e6}, "must be a whole number of periods"),
        ({"guidance.switch_rate": 0.0}, "`guidance.switch_rate` must be positive"),
        ({"guidance.acquisition": 1.0}, "`guidance.acquisition` must be 0 or more and"),
        ({"guidance.hold_capacitance": 0.0}, "`guidance.hold_capacitance` must be pos"),
        ({"guidance.leakage": -1e-12}, "`guidance.leakage` must be 0 or more"),
        ({"solve.solver": "euler"}, "`solve.solver` must be heun"),
    ],
    ids=lambda value: next(iter(value), "") if isinstance(value, dict) else "",
)
def test_what_cannot_be_is_one_line_and_status_2(checkpoint, settings, said, capsys):
    with pytest.raises(SystemExit) as left, one_line_errors():
        system_of(checkpoint, **settings)
    assert left.value.code == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert said in line


DYNAMIC = {"fidelity": "dynamic", "op_amp.gbw": 2e8}


@pytest.mark.slow
def test_a_dynamic_system_takes_turns(checkpoint):
    """Its op-amps, which are as fast as they are set, are those that are paid for."""
    system = system_of(checkpoint, **DYNAMIC)
    loop = system.chip_loop
    assert isinstance(loop, DynamicLoop)
    assert loop.turns is not None
    assert loop.turns.periods == 20
    found, still = (
        each.sample(each.program(), 14)
        for each in (system, system_of(checkpoint, fidelity="quasi-static"))
    )
    assert 1e-5 < np.abs(found.x - still.x).max() < 0.05 * np.abs(still.x).max()
    assert found.energy.breakdown["switches"] == still.energy.breakdown["switches"]
    assert found.energy.breakdown["hold buffers"] > 0


@pytest.mark.slow
def test_a_system_of_turns_has_a_deck(checkpoint):
    case = next(netlist_cases(system_of(checkpoint, **DYNAMIC)))
    assert case.loop.turns is not None
    assert case.loop.grid.size > 801  # more of them where the array settles
    deck = write_netlist(*case)
    assert deck.nodes["held"] == ("hc0", "hc1", "hn0", "hn1")


def test_a_likelihood_refuses_turns(checkpoint):
    system = system_of(checkpoint, fidelity="ideal")
    loop, base = system.chip_loop, (lambda x: -jnp.sum(x**2, axis=0) / 2)
    assert isinstance(loop, SwitchedLoop)
    assert isinstance(loop.loop, ClosedLoop)
    with pytest.raises(ValueError, match=r"`guidance.weight` 0; got 1.5"):
        loop_log_likelihood(loop.loop, system.program(), base, jnp.zeros((2, 1)))


@pytest.mark.slow
def test_settings_of_turns_are_named_where_there_are_none(checkpoint):
    own = {"guidance.circuit": "two-arrays"}
    base = config_of(checkpoint, **own)
    given = {
        "guidance.switch_rate": 2e6,
        "guidance.injection": 1e-15,
        "guidance.hold_noise": False,
    }
    system = System.from_config(override_all(base, given))
    idle = idle_settings(system, base, system.program())
    assert {each.name for each in idle} == given.keys()
    turns = config_of(checkpoint)
    system = System.from_config(override_all(turns, given))
    assert not idle_settings(system, turns, system.program())


@pytest.mark.slow
def test_turns_are_paid_for(checkpoint):
    """One array, holds with their buffers, switches, and op-amps that settle."""
    costs = []
    for settings in (
        {"guidance.circuit": "two-arrays"},
        {},
        {"guidance.switch_rate": 2e6},
        {"guidance.acquisition": 0.8},
        {"guidance.hold_capacitance": 10e-12},
    ):
        system = system_of(checkpoint, **settings)
        chip = system.program()
        run = system.sample(chip, 14)
        area = area_model(system.config, system.chip_loop, chip)(nominals(CONSTANTS))
        costs.append((run.energy.breakdown, area))
    (two, two_area), (one, area), (fast, _), (short, _), (large, large_area) = costs
    assert area["cells"] == pytest.approx(two_area["cells"] / 2)
    assert area["row drivers"] == pytest.approx(two_area["row drivers"] / 2)
    assert one["dac"] == pytest.approx(two["dac"])
    assert one["programming"] == pytest.approx(two["programming"] / 2, rel=0.05)
    assert "switches" not in two
    assert fast["switches"] == pytest.approx(2 * one["switches"])
    assert area["switches"] > 0
    for slow in ("rectifiers", "hold buffers", "hold drivers", "inverters"):
        assert fast[slow] > 1.2 * one[slow], slow
        assert short[slow] > 1.2 * one[slow], slow
    assert large["hold drivers"] > one["hold drivers"]
    grown = large_area["capacitors"] - area["capacitors"]
    assert grown == pytest.approx(4 * 9e-12 / 1.5e-3, rel=1e-5)


@pytest.mark.long
def test_a_chip_is_saved_and_loaded(checkpoint, tmp_path):
    system = system_of(checkpoint, **{"guidance.injection_std": 1e-16})
    rr.save_chip(system, 5, tmp_path)
    assert not (tmp_path / "layer4_pos.csv").exists()
    chip = rr.load_chip(system, tmp_path).on(system)
    assert isinstance(chip.score, SwitchedNetwork)
    wanted = system.program(5)
    same = jax.tree.map(lambda a, b: bool(jnp.all(a == b)), chip, wanted)
    assert jax.tree.all(same)
    two = system.replace({"guidance.circuit": "two-arrays"})
    with pytest.raises(ValueError, match="a map of this chip must hold"):
        rr.load_chip(two, tmp_path)


def test_a_slow_clock_switches_slowly(checkpoint):
    """A chip whose clock is trimmed has as many periods."""
    config = config_of(checkpoint)
    slow = paced(config, 1.1)
    system = System.from_config(config)
    loop = build_loop(slow, system.checkpoint.sde, system.blueprint.design.cell.read)
    assert isinstance(loop, SwitchedLoop)
    assert loop.turns.periods == 20
    assert float(loop.turns.half(loop.clock)) == pytest.approx(1.1 * 0.5e-6)


@pytest.mark.slow
def test_a_whole_chip_takes_turns_and_is_trimmed(checkpoint):
    """The preset `ring`: dies, static errors, noise, ageing, trims."""
    system = system_of(checkpoint, "ring", **{"solve.label": "b"})
    chip, bare = system.program(), system.program(trim=False)
    assert isinstance(chip.score, SwitchedNetwork)
    assert chip.score.network.layers[0].trim is not None
    assert chip.die is not None
    assert chip.score.holds.capacitance == 1e-12 * chip.die.capacitor
    found = system.sample(chip, 32)
    assert np.isfinite(found.x).all()
    twin = system.replace({"fidelity": "ideal"})
    ideal = twin.sample(twin.program(), 32).x
    off = [
        np.sqrt(np.mean((x - ideal) ** 2)) for x in (found.x, system.sample(bare, 32).x)
    ]
    assert off[0] < off[1]
    old = age_chip(system, chip, CellState(1e7))
    assert isinstance(old.score, SwitchedNetwork)
    moved = (
        old.score.network.layers[0].crossbar.g_pos
        - chip.score.network.layers[0].crossbar.g_pos
    )
    assert jnp.abs(moved).max() > 0
