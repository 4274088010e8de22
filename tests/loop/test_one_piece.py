"""A chip and a loop that are not of one piece are refused; silence has a name."""

import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import pytest
from rram_ode._core._identity import Identity
from rram_ode.blocks import FeedbackIntegrator, Schedule
from rram_ode.chip import (
    AnalogNetwork,
    Blueprint,
    Chip,
    chip_at,
    Design,
    no_trims,
    Ranges,
    ScoreBlock,
    TrimmedNetwork,
)
from rram_ode.config import replace
from rram_ode.crossbar import DifferentialPair
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.loop import close_loop, draw, draw_population, NetworkDrift, SILENT
from rram_ode.noise import (
    FlickerReadNoise,
    LabClock,
    LogNormal,
    LogUniform,
    ReadNoise,
    TelegraphReadNoise,
    ThermalNoise,
    WhiteReadNoise,
)
from rram_ode.presets import PRESETS
from rram_ode.scores import (
    AbstractReadout,
    fourier_mlp,
    GaussianScore,
    NetworkScore,
    NoiseReadout,
    ScoreReadout,
    VelocityReadout,
)
from rram_ode.sdes import AbstractProcess, ProbabilityFlow, VelocityFlow, VESDE, VPSDE
from rram_ode.studies import program_weakened
from rram_ode.system import System


SDE = VPSDE(0.1, 8.0)
FLOW, CLOCK = ProbabilityFlow(SDE), LabClock(20e-6, 12e-6)
RANGE = ConductanceRange(8e-6, 90e-6)
RANGES = Ranges(3.0, (4.0,), 6.0)
DWELL = LogUniform(2e-5, 1e-3)
LAWS = {
    "white": WhiteReadNoise(1e-6, 1e6),
    "flicker": FlickerReadNoise(1e-6, 1e2, 1e5),
    "telegraph": TelegraphReadNoise(LogNormal(0.1), DWELL, DWELL),
    "thermal": ThermalNoise(300.0, 2e6),
}
# The same laws, faster.
OTHERS = {
    "white": WhiteReadNoise(1e-6, 1.01e6),
    "flicker": FlickerReadNoise(1e-6, 1e2, 4e5),
    "telegraph": TelegraphReadNoise(
        LogNormal(0.1), LogUniform(1e-6, 1e-3), LogUniform(1e-6, 1e-3)
    ),
    "thermal": ThermalNoise(300.0, 2.02e6),
}


def readout_of(process: AbstractProcess) -> AbstractReadout:
    return VelocityReadout() if isinstance(process, VelocityFlow) else ScoreReadout()


def chip_of(
    read=ReadNoise(), readout: AbstractReadout = ScoreReadout(), identity=None
) -> Chip:
    network = NetworkScore(fourier_mlp(2, (4,), key=jr.key(0)), readout)
    integrator = FeedbackIntegrator(5e4, 30e-12)
    design = Design(Cell(RANGE, (), read), DifferentialPair(RANGE), integrator)
    return Blueprint(network, design, RANGES, identity).program(jr.key(3))


def loop_of(
    read,
    process: AbstractProcess = FLOW,
    clock=CLOCK,
    readout: AbstractReadout | None = None,
    **kwargs,
):
    return close_loop(
        NetworkDrift(process, readout or readout_of(process)),
        Schedule(1e-3, 1.0),
        clock,
        read=read,
        **kwargs,
    )


def x1(dim=2):
    return jnp.ones((dim, 4))


def test_a_loop_must_say_which_noise_it_has():
    """Without `read` it solved noisy chips without noise."""
    close: Callable = close_loop
    with pytest.raises(TypeError, match="read"):
        close(FLOW, Schedule(1e-3, 1.0), CLOCK)


@pytest.mark.long
@pytest.mark.parametrize("slot", LAWS)
def test_noise_that_the_loop_was_not_closed_for(slot):
    chip, loop = chip_of(ReadNoise(**{slot: LAWS[slot]})), loop_of(ReadNoise())
    message = f"this chip has `read.{slot}`.*`read=SILENT`"
    for use in (
        lambda: loop.check(chip),
        lambda: next(draw(loop, chip, 4, key=jr.key(0))),
        lambda: loop.solve(chip, x1()),
        lambda: jax.eval_shape(eqx.filter_jit(loop.solve), chip, x1()),
    ):
        with pytest.raises(ValueError, match=message) as error:
            use()
        assert "\n" not in str(error.value)
    loop_of(chip.read).check(chip)


@pytest.mark.slow
def test_silence_by_name_is_a_chip_without_noise():
    noisy, still = chip_of(ReadNoise(white=LAWS["white"])), chip_of()
    silent, quiet = loop_of(SILENT, num_steps=20), loop_of(ReadNoise(), num_steps=20)
    silent.check(noisy)
    solve = eqx.filter_jit(lambda loop, chip: loop.solve(chip, x1()).x0)
    assert jnp.array_equal(solve(silent, noisy), solve(quiet, still))
    noise = solve(loop_of(noisy.read, num_steps=40), noisy)
    assert jnp.abs(noise - solve(loop_of(SILENT, num_steps=40), noisy)).max() > 1e-3


@pytest.mark.parametrize("slot", LAWS)
def test_another_bandwidth(slot):
    """Its path ended before the solve, and the last value stayed."""
    loop = loop_of(ReadNoise(**{slot: LAWS[slot]}))
    chip = chip_of(ReadNoise(**{slot: OTHERS[slot]}))
    with pytest.raises(ValueError, match=rf"`read.{slot}` takes holds of") as error:
        loop.check(chip)
    assert "\n" not in str(error.value)
    loop_of(chip.read).check(chip)


def test_the_strength_of_a_noise_belongs_to_the_chip():
    stronger = WhiteReadNoise(2e-6, LAWS["white"].bandwidth)
    loop, read = loop_of(ReadNoise(white=LAWS["white"])), ReadNoise(white=stronger)
    assert loop.check(chip_of(read)) > 0


def test_shared_draws_need_both_noises():
    """In this loop thermal noise has no path of its own."""
    both = ReadNoise(white=LAWS["white"], thermal=ThermalNoise(300.0, 1e6))
    chip = chip_of(ReadNoise(thermal=both.thermal))
    with pytest.raises(ValueError, match="`read.thermal` shares the draws"):
        loop_of(both).check(chip)
    loop_of(both).check(chip_of(both))


def test_another_clock():
    """Steps at the edges of 20 us are none at the edges of 20.1 us."""
    read = ReadNoise(white=LAWS["white"])
    loop, chip = loop_of(read), chip_of(read)
    longer = eqx.tree_at(lambda loop: loop.clock.duration, loop, jnp.array(20.1e-6))
    with pytest.raises(ValueError, match="`read.white`.*this clock"):
        longer.check(chip)
    loop_of(read, clock=LabClock(20.1e-6, 12e-6)).check(chip)
    # Without noise no edge lies at a time of its own.
    still = loop_of(ReadNoise())
    eqx.tree_at(lambda loop: loop.clock.duration, still, jnp.array(2e-5)).check(
        chip_of()
    )


@pytest.mark.parametrize("is_trimmed", [False, True])
@pytest.mark.parametrize(
    ("readout", "process", "message"),
    [
        (ScoreReadout(), VelocityFlow(), "drives a `ProbabilityFlow`.*VelocityFlow"),
        (NoiseReadout(SDE), VelocityFlow(), "drives a `ProbabilityFlow`"),
        (VelocityReadout(), FLOW, "drives a `VelocityFlow`; got ProbabilityFlow"),
        (NoiseReadout(SDE), ProbabilityFlow(VPSDE(0.1, 4.0)), r"\(0.1, 4\)"),
        (NoiseReadout(SDE), ProbabilityFlow(VESDE(0.01, 5.0)), "got VESDE"),
    ],
)
def test_another_process(readout, process, message, is_trimmed):
    chip, loop = chip_of(readout=readout), loop_of(ReadNoise(), process)
    if is_trimmed:
        assert isinstance(chip.score, AnalogNetwork)
        trims = no_trims(chip.score, jnp.linspace(0.0, 1.0, 3))
        chip = dataclasses.replace(chip, score=TrimmedNetwork(chip.score, trims))
    with pytest.raises(ValueError, match=message) as error:
        loop.check(chip)
    assert "\n" not in str(error.value)
    own = VelocityFlow() if isinstance(readout, VelocityReadout) else FLOW
    loop_of(ReadNoise(), own, readout=readout).check(chip)
    with pytest.raises(ValueError, match=message):
        NetworkDrift(process, readout)


@pytest.mark.parametrize(
    ("mine", "other"),
    [(NoiseReadout(SDE), ScoreReadout()), (ScoreReadout(), NoiseReadout(SDE))],
)
def test_another_readout_of_the_same_process(mine, other):
    """A network that predicts the noise, in a loop that was closed for the score."""
    chip = chip_of(readout=mine)
    with pytest.raises(ValueError, match=f"this chip's is a {type(mine).__name__}"):
        loop_of(ReadNoise(), readout=other).check(chip)


def test_the_process_is_checked_in_a_trace():
    chip, loop = chip_of(readout=VelocityReadout()), loop_of(ReadNoise())
    with pytest.raises(ValueError, match="drives a `VelocityFlow`"):
        jax.eval_shape(eqx.filter_jit(loop.solve), chip, x1())


def test_a_score_in_closed_form_fits_every_process():
    block = ScoreBlock(GaussianScore(SDE, jnp.zeros(2), jnp.eye(2)), 2)
    chip = dataclasses.replace(chip_of(), score=block)
    for process in (FLOW, VelocityFlow(), ProbabilityFlow(VPSDE(0.1, 4.0))):
        assert loop_of(ReadNoise(), process).check(chip) > 0


def test_another_dimension():
    with pytest.raises(ValueError, match="chip's 2 coordinates; got 3"):
        loop_of(ReadNoise()).solve(chip_of(), x1(3))


# Identities.

PARTS = {"network": "abc", "clock": {"duration": 2e-5, "reset": 0}, "cell": [1, None]}


def test_an_identity_names_what_differs():
    one = Identity(PARTS)
    assert one.differences(Identity(PARTS)) == []
    same = {**PARTS, "clock": {"reset": 0.0, "duration": 20e-6}, "cell": (1.0, None)}
    assert one.differences(Identity(same)) == []
    assert one.differences(Identity({**PARTS, "cell": [True, None]})) == ["cell"]
    other = {"network": "abd", "clock": PARTS["clock"], "more": 1}
    assert one.differences(Identity(other)) == ["network", "cell", "more"]


def differences(one, other):
    """Of a chip's or a loop's identity and another's."""
    assert isinstance(one.identity, Identity)
    return one.identity.differences(other.identity)


def test_another_identity_costs_no_compilation():
    @eqx.filter_jit
    @eqx.debug.assert_max_traces(max_traces=1)
    def look(identity):
        return identity.parts + jnp.uint32(1)

    look(Identity(PARTS))
    look(Identity({**PARTS, "network": "other"}))


def test_a_chip_of_another_system():
    identity, other = Identity(PARTS), Identity({**PARTS, "network": 1, "cell": 2})
    loop = loop_of(ReadNoise(), identity=identity)
    message = "differ in `network`, `cell`: program the chip anew with this system"
    with pytest.raises(ValueError, match=message):
        loop.check(chip_of(identity=other))
    for fits in (identity, None):
        loop.check(chip_of(identity=fits))
    loop_of(ReadNoise()).check(chip_of(identity=other))


@pytest.mark.slow
def test_a_population_has_one_identity():
    identity, other = Identity(PARTS), Identity({**PARTS, "clock": 0})
    network = NetworkScore(fourier_mlp(2, (4,), key=jr.key(0)))
    integrator = FeedbackIntegrator(5e4, 30e-12)
    design = Design(Cell(RANGE), DifferentialPair(RANGE), integrator)
    keys = jr.split(jr.key(1), 3)
    chips = Blueprint(network, design, RANGES, identity=identity).program_many(keys)
    loop = loop_of(ReadNoise(), identity=identity, num_steps=10)
    assert differences(chip_at(chips, 2), loop) == []
    assert draw_population(loop, chips, 4, key=jr.key(2)).shape == (3, 2, 4)
    with pytest.raises(ValueError, match="differ in `clock`"):
        draw_population(loop_of(ReadNoise(), identity=other), chips, 4, key=jr.key(2))


def system_of(**settings):
    config = replace(PRESETS["ring-fresh"][0], "solve.num_steps", 40)
    for name, value in settings.items():
        config = replace(config, name.replace("__", "."), value)
    return System.from_config(config)


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("solve__duration", 10e-6, "clock"),
        ("solve__warp", 1.5, "clock"),
        ("solve__beta_factor", 1.5, "process"),
        ("cell__write__std", 2e-6, "cell"),
        ("crossbar__headroom", 1.5, "circuit"),
        ("fidelity", "ideal", "circuit"),
    ],
)
def test_a_system_refuses_the_chips_of_another(name, value, part):
    system, other = system_of(), system_of(**{name: value})
    assert part in differences(other.chip_loop, system.chip_loop)
    chip = dataclasses.replace(chip_of(), identity=system.chip_loop.identity)
    with pytest.raises(ValueError, match=f"`{part}`"):
        other.chip_loop.check(chip)


def test_numerics_and_costs_are_no_part_of_a_system():
    system = system_of()
    other = system_of(
        solve__num_steps=80,
        solve__solver="tsit5",
        power__programming_samples=1e5,
        train__steps=7,
    )
    assert differences(other.chip_loop, system.chip_loop) == []


def test_the_chips_of_a_system_fit_its_loop():
    """One programmed, one written elsewhere, one with weaker errors on purpose."""
    system = system_of()
    chip = system.program(0)
    assert differences(chip, system.chip_loop) == []
    system.chip_loop.check(chip)
    system.chip_loop.check(system.program(1, cells=system.blueprint.write(jr.key(0))))
    named = {"write noise": jnp.array(0.5)}
    weak, loop = program_weakened(
        system.blueprint, system.chip_loop, named, key=jr.key(0)
    )
    assert weak.identity is not None
    loop.check(weak)
