"""Gradients from a number of the hardware to the samples, by finite differences.

A gradient is taken through programming and solve at once, with respect to the logarithm
of a knob. Central differences rebuild everything from a configuration with the knob a
little larger and smaller, so that whatever follows from it moves, too. Where rounding
makes a staircase, that of waveforms to the DAC's codes, they are differences of the
same function without it. Rounding to levels makes none in these knobs: a level keeps
its number as the range moves.
"""

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array
from rram_ode.chip import Blueprint, Design
from rram_ode.config import override_all, parse_pairs, replace, RunConfig
from rram_ode.devices import AbstractConductanceDrift, ConductanceRange
from rram_ode.loop import ClosedLoop
from rram_ode.system import build_design, build_loop

from ._problem import Problem


Machine = tuple[Design, ClosedLoop]

FINE = ("cell.levels=1024", "dac.bits=12")
SMOOTH = ("dac.bits=None", "adc.bits=None", "start.bits=None")
# A range that a step does not carry beyond the device's fit; a pause that does not jump
# by cycles of the controller as the duration moves; and a leak and an offset, without
# which R C, the duration and volts per unit do nothing to an ideal circuit.
ROOM = (
    "cell.g_max=80uS",
    "controller.clock=None",
    "integrator.leak=100Mohm",
    "integrator.offset_std=1mV",
)
WITHIN = 0.02
# Per e-fold of a knob and relative to the loss: a knob that does less than this is held
# to `WITHIN` of this.
LEAST = 1e-3
STEP = 1e-4
CELLS = "the cells"
BETWEEN = " || "


class Knob(NamedTuple):
    """A number of the configuration, and the arrays that follow it.

    Args:
        name: Dotted name of the setting, or `CELLS`.
        where: Arrays in proportion to it, of design and loop; `None` for whole numbers.
        reason: Why it has no gradient; empty if it has one.
    """

    name: str
    where: Callable[[Machine], list[Array]] | None = None
    reason: str = ""


WHOLE = "a whole number has no gradient."
STUCK = "a cell is stuck or it is not: it jumps as the probability moves."
PULSES = "a cell takes a pulse or it does not: it jumps as spread or limit move."


def circuit_knobs(config: RunConfig) -> tuple[Knob, ...]:
    """Main knobs of the circuit of `config`, and all its cells."""
    clamp = config.amplifier.clamp
    return (
        Knob(CELLS),
        Knob("integrator.capacitance", lambda m: [m[0].integrator.capacitance]),
        Knob(
            "crossbar.v_max",
            lambda m: [m[0].v_max, m[0].v_clamp] if clamp else [m[0].v_max],
        ),
        Knob("cell.g_max", lambda m: [r.g_max for r in _all(m[0], ConductanceRange)]),
        Knob("solve.duration", lambda m: [m[1].clock.duration]),
    )


STRENGTHS: dict[str, tuple[Knob, ...]] = {
    "levels": (Knob("cell.levels", reason=WHOLE),),
    "write noise": (Knob("cell.write.std", lambda m: [m[0].cell.errors[1].std]),),
    "write-verify": (
        Knob("cell.write.std", lambda m: [m[0].cell.errors[1].law.laws[0].std], PULSES),
        Knob("cell.write.verify", lambda m: [m[0].cell.errors[1].acceptance], PULSES),
    ),
    "4 cells a weight": (Knob("cell.write.std", lambda m: [m[0].cell.errors[1].std]),),
    "age": (
        Knob(
            "cell.age",
            lambda m: [x.age for x in _all(m[0], AbstractConductanceDrift)],
        ),
    ),
    "white read noise": (
        Knob("cell.read.white.std", lambda m: [m[0].cell.read.white.std]),
    ),
    "1/f read noise": (
        Knob("cell.read.flicker.std", lambda m: [m[0].cell.read.flicker.std]),
    ),
    "telegraph noise": (
        Knob(
            "cell.read.telegraph.amplitude",
            lambda m: [m[0].cell.read.telegraph.amplitude.median],
        ),
    ),
    "thermal and shot noise": (
        Knob("cell.temperature", lambda m: [m[0].cell.read.thermal.temperature]),
    ),
    "bent I-V (sinh)": (Knob("cell.iv.v0", lambda m: [m[0].cell.iv.v0]),),
    "access transistors": (
        Knob("cell.access.overdrive", lambda m: [m[0].access.overdrive]),
        Knob("cell.access.threshold_std", lambda m: [m[0].access.threshold_std]),
    ),
    "access transistors that no read verifies": (
        Knob("cell.access.resistance", lambda m: [m[0].access.resistance]),
        Knob("cell.access.threshold_std", lambda m: [m[0].access.threshold_std]),
    ),
    "wires": (Knob("crossbar.wires.word_line", lambda m: [m[0].wires.word_line]),),
    "tiles": (Knob("crossbar.tile_rows", reason=WHOLE),),
    "DAC": (Knob("dac.bits", reason=WHOLE),),
    "leak, offset, mismatch": (
        Knob("integrator.offset_std", lambda m: [m[0].offset_std]),
        Knob("integrator.mismatch_std", lambda m: [m[0].mismatch_std]),
    ),
    "row drivers and inverters": (
        Knob("driver.offset_std", lambda m: [m[0].drivers.offset]),
        Knob("inverter.gain_std", lambda m: [m[0].inverters.gain]),
    ),
    "rectifiers": (
        Knob("rectifier.offset_std", lambda m: [m[0].rectifiers.offset]),
        Knob("rectifier.gain_std", lambda m: [m[0].rectifiers.gain]),
    ),
    "multipliers": (
        Knob("multiplier.offset_std", lambda m: [m[0].multiplier.offset]),
        Knob("multiplier.signal_bend_std", lambda m: [m[0].multiplier.bend.signal]),
        Knob("multiplier.factor_bend_std", lambda m: [m[0].multiplier.bend.factor]),
    ),
    "reference and supply": (
        Knob("supply.reference_std", lambda m: [m[0].supplies.reference]),
    ),
    "static errors of op-amps": (
        Knob("op_amp.offset_std", lambda m: [m[0].op_amps.op_amp.offset_std]),
    ),
    "1/f noise of op-amps": (
        Knob("op_amp.flicker", lambda m: [m[1].circuit_noise.flicker.volts]),
    ),
    "noise of supply and ground": (
        Knob("supply.noise", lambda m: [m[1].circuit_noise.common.supply]),
        Knob("supply.ground_noise", lambda m: [m[1].circuit_noise.common.ground]),
    ),
    "noise of multipliers": (
        Knob("multiplier.noise", lambda m: [m[1].circuit_noise.multiplier.density]),
    ),
}
for _name in ("stuck cells", "stuck cells, rows remapped"):
    STRENGTHS[_name] = (
        Knob("cell.stuck.lrs", lambda m: [_faults(m).lrs], STUCK),
        Knob("cell.stuck.hrs", lambda m: [_faults(m).hrs], STUCK),
    )


class Found(NamedTuple):
    """What became of one knob; numbers are per e-fold of it, relative to the loss.

    Args:
        told: `yes`, `none: ` with the reason, or `wrong`.
        gradient: By automatic differentiation, or `None`.
        difference: By central differences, or `None`.
    """

    told: str
    gradient: float | None = None
    difference: float | None = None


def compare_gradients(
    problem: Problem,
    base: RunConfig,
    settings: Iterable[str],
    knobs: tuple[Knob, ...],
    *,
    num_samples: int = 16,
) -> dict[str, Found]:
    """Every knob's gradient of the samples' mean square beside its difference.

    Args:
        problem: A trained network.
        base: The configuration around it.
        settings: What differs from it, as `--set` takes it.
        knobs: What to differentiate with respect to.
        num_samples: Samples of one chip.
    """
    rough = override_all(base, parse_pairs((*ROOM, *settings, *FINE)))
    smooth = override_all(rough, parse_pairs(SMOOTH))
    loss = _loss(problem, num_samples)
    machine = _machine(problem, rough)
    found: dict[str, Found] = {}
    open_knobs = []
    # All together first, by one trace: who refuses is asked where one does.
    whole = tuple(k for k in knobs if k.where is not None or k.name == CELLS)
    is_open = _refusal(loss, machine, whole) is None
    for knob in knobs:
        is_whole = knob in whole
        refused = None if is_open and is_whole else _refusal(loss, machine, (knob,))
        if refused is not None:
            found[knob.name] = Found(f"none: {refused}")
        else:
            open_knobs.append(knob)
    size, gradients = _gradients(loss, machine, tuple(open_knobs))
    # One program for all differences: what moves are arrays.
    value = eqx.filter_jit(loss)
    for knob in open_knobs:
        gradient = float(gradients[knob.name]) / size
        if knob.reason:
            # Nothing may pretend to be one.
            told = f"none: {knob.reason}" if gradient == 0 else "wrong"
            found[knob.name] = Found(told, _finite(gradient))
            continue
        differences = [
            _difference(value, problem, smooth, knob, step) / size
            for step in (STEP, STEP / 2)
        ]
        wanted = differences[1]
        margin = WITHIN * max(abs(wanted), LEAST)
        # The step is small enough if half of it gives the same.
        is_settled = abs(differences[0] - wanted) < margin / 4
        is_right = is_settled and abs(gradient - wanted) < margin
        told = "yes" if is_right else "wrong"
        found[knob.name] = Found(told, _finite(gradient), _finite(wanted))
    return {knob.name: found[knob.name] for knob in knobs}


def cell_of(found: dict[str, Found]) -> str:
    """All knobs in one cell of the table: `yes`, and what has none, with its reason.

    Parts are joined by `BETWEEN`.
    """
    wrong = [name for name, one in found.items() if one.told == "wrong"]
    parts = [f"wrong: {', '.join(wrong)}"] if wrong else ["yes"]
    reasons: dict[str, list[str]] = {}
    for name, one in found.items():
        head, _, reason = one.told.partition(": ")
        if head == "none":
            reasons.setdefault(reason, []).append(f"`{name}`")
    parts += [f"none in {', '.join(n)}: {why}" for why, n in reasons.items()]
    return BETWEEN.join(parts)


def _machine(problem: Problem, config: RunConfig) -> Machine:
    design = build_design(config)
    readout = problem.score.readout
    loop = build_loop(config, problem.sde, design.cell.read, readout=readout)
    assert isinstance(loop, ClosedLoop)  # no op-amps that take time
    return design, loop


def _loss(problem: Problem, num_samples: int) -> Callable[[Machine, Array], Array]:
    """The mean square of the samples, of a machine and a shift of all its cells."""
    x1 = jr.normal(jr.key(1), (2, num_samples))
    cells = lambda chip: [layer.crossbar.g_pos for layer in chip.score.layers]

    def loss(machine: Machine, shift: Array) -> Array:
        design, loop = machine
        chip = Blueprint(problem.score, design, problem.ranges).program(jr.key(3))
        moved = [
            g * (1 + shift * jr.uniform(jr.key(number), g.shape))
            for number, g in enumerate(cells(chip))
        ]
        chip = eqx.tree_at(cells, chip, moved)
        return jnp.mean(loop.solve(chip, x1, key=jr.key(2)).x0 ** 2)

    return loss


def _along(loss: Callable, machine: Machine, knobs: tuple[Knob, ...]) -> Callable:
    """The loss as a function of relative shifts of `knobs`."""

    def along(shifts: dict[str, Array]) -> Array:
        moved = machine
        for knob in knobs:
            if knob.where is not None:
                arrays = [x * (1 + shifts[knob.name]) for x in knob.where(moved)]
                moved = eqx.tree_at(knob.where, moved, arrays)
        return loss(moved, shifts.get(CELLS, jnp.zeros(())))

    return along


def _gradients(
    loss: Callable, machine: Machine, knobs: tuple[Knob, ...]
) -> tuple[float, dict[str, Any]]:
    """The loss, and its gradient in each knob, by one pass."""
    along = _along(loss, machine, knobs)
    zeros = {knob.name: jnp.zeros(()) for knob in knobs}
    value, gradients = jax.jit(jax.value_and_grad(along))(zeros)
    return float(value), gradients


def _refusal(loss: Callable, machine: Machine, knobs: tuple[Knob, ...]) -> str | None:
    """Why one of the knobs has no gradient at all; `None` if all of them have one."""
    for knob in knobs:
        if knob.where is None and knob.name != CELLS:
            return knob.reason
    gradient = jax.grad(_along(loss, machine, knobs))
    try:
        jax.eval_shape(gradient, {knob.name: jnp.zeros(()) for knob in knobs})
    except ValueError as error:
        return " ".join(str(error).split())
    return None


def _difference(
    value: Callable, problem: Problem, config: RunConfig, knob: Knob, step: float
) -> float:
    """A central difference over a relative `step`."""

    def at(factor: float) -> float:
        if knob.name == CELLS:
            shift = jnp.asarray(factor - 1)
            return float(value(_machine(problem, config), shift))
        moved = replace(config, knob.name, factor * _setting(config, knob.name))
        return float(value(_machine(problem, moved), jnp.zeros(())))

    return (at(1 + step) - at(1 - step)) / (2 * step)


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None


def _setting(config: RunConfig, name: str) -> float:
    value: Any = config
    for part in name.split("."):
        value = getattr(value, part)
    return value


def _all(tree: Any, kind: type) -> list[Any]:
    """Every object of a class in a tree."""
    is_one = lambda x: isinstance(x, kind)
    return [x for x in jax.tree.leaves(tree, is_leaf=is_one) if is_one(x)]


def _faults(machine: Machine) -> Any:
    return machine[0].cell.errors[-2]
