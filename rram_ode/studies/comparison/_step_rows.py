"""Rows of the chip's own arrays with converters at every step, in place of the loop.

Euler's method around the same chips: the same cells, errors and noise in lab time. The
row `rram-steps` converts whole values with 8 bits; `rram-steps-delta` converts
differences to the step before with 4 bits, and whole values every 10 steps. Quality,
seconds and joules of a row are those of one machine, with the bits that it names. Its
converters err by rounding alone, and its op-amps have no white noise of their own.
"""

import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from ...accelerators import (
    AbstractConversion,
    buildable,
    calibrate_steps,
    DifferenceConversion,
    draw_steps,
    PlainConversion,
    StepEngine,
    StepMachine,
)
from ...blocks import CircuitNoise
from ...chip import Chip
from ...energy import (
    ArrayPower,
    Constants,
    EnergyEstimate,
    remember,
    sampler_work,
    Value,
    Values,
)
from ...loop import ClosedLoop, DynamicLoop
from ...samplers import Euler
from ...system import circuit_parts, Repeat, run_key, System
from ._digital_rows import on_machine
from ._equivalence import Distances, find_fewest, Search
from ._plan import Referee
from ._row import middle, Row, spread, tell
from ._runs import diffusion_times, Standing


WHOLE = PlainConversion(8, 8)


STEP_SYSTEMS: dict[str, tuple[AbstractConversion, str]] = {
    "rram-steps": (WHOLE, "8-bit converters"),
    "rram-steps-delta": (
        DifferenceConversion(4, 4, WHOLE, refresh=10),
        "4-bit differences, 8 bits every 10th step",
    ),
}


WRITTEN = ("programming", "trimming")  # parts that the loop and the steps share


COUNTS = (10, 20, 50)  # steps that are tried


LARGEST_RUN = 2000  # samples of a run: its distances need no more, and stay unbiased


NUM_CALIBRATION = 512


FIRST = 2**30  # number of the first start of the calibration: no run comes so far


@dataclasses.dataclass(frozen=True)
class StepResult:
    """The machine at the quality of the loop around the same chips.

    Args:
        steps: Search over numbers of steps.
        engine: What the machine takes at the fewest steps that are as good, or at the
            most that were tried.
    """

    steps: Search
    engine: StepEngine


def find_steps(
    system: System,
    standing: Standing,
    referee: Referee,
    name: str,
    progress: Callable[[int], object],
) -> StepResult:
    """The fewest steps with which the machine `name` of `STEP_SYSTEMS` is as good."""
    plan, (conversion, what) = standing.plan, STEP_SYSTEMS[name]
    chips = [plan.chip(system, number) for number in range(plan.num_chips)]
    ours = system.energy_model(chips[0], standing.analog.power, "integrated")
    machine = step_machine(system, chips[0], conversion)
    engines: dict[int, StepEngine] = {}

    def judge(candidate: int | float) -> Distances:
        num, clouds, power = int(candidate), [], []
        for number, chip in enumerate(chips):
            runs = [run.head(LARGEST_RUN) for run in plan.runs(number)]
            x, on = run_steps(system, machine, chip, runs, num)
            clouds.append(x)
            power.append(on)
            progress(1)
        engine = step_engine(
            system, chips[0], machine, num, np.mean(power, axis=0), ours
        )
        told = f"chip, {what}"
        engines[num] = dataclasses.replace(engine, name=name, what=told)
        return np.array([referee(n, x) for n, x in enumerate(clouds)])

    search = find_fewest(
        COUNTS,
        judge,
        standing.analog.distances,
        margin=plan.margin,
        guess=COUNTS[0],
    )
    num = int(max(search.tried) if search.found is None else search.found)
    return StepResult(search, engines[num])


def step_row(
    system: System, standing: Standing, result: StepResult, table: Constants
) -> Row:
    """The row of a machine that steps."""
    engine, chip = result.engine, standing.plan.chip(system)
    ours = remember(
        system.energy_model(chip, standing.analog.power, "integrated"), table
    )
    work = sampler_work(Euler(), engine.num_steps, system.checkpoint.score.network)
    difference = result.steps.tried[engine.num_steps]
    row = Row(
        engine.name,
        engine.what,
        1,
        spread(result.steps.distances),
        f"{tell(difference)} beside the analog machine",
        engine.num_steps,
        engine.num_steps,
        result.steps.found is not None,
        solve=engine.solve_time,
        median=middle(result.steps.distances),
    )
    return on_machine(row, engine, work, ours, table)


def step_machine(
    system: System, chip: Chip, conversion: AbstractConversion
) -> StepMachine:
    """The machine around the chips of a system, without ranges.

    Its amplifiers settle to the most bits of the ADCs, as fast as the process lets
    them.
    """
    design, ranges = system.blueprint.design, system.blueprint.ranges
    machine = StepMachine(
        system.blueprint.score,
        conversion,
        design.v_max,
        design.headroom * ranges.state,
        design.headroom,
    )
    circuit = circuit_parts(system.config, system.loop_of(chip), chip)
    bits = max(kind.adc_bits or 0 for kind in conversion.kinds(1))
    timing = buildable(machine.timing, circuit, bits)
    return dataclasses.replace(machine, timing=timing)


def step_engine(
    system: System,
    chip: Chip,
    machine: StepMachine,
    num_steps: int,
    on: Float[np.ndarray, "3"],
    ours: Callable[[Values], EnergyEstimate],
) -> StepEngine:
    """What a machine takes.

    Args:
        system: Its chips have the cells.
        chip: One of them.
        machine: The machine that ran.
        num_steps: Number of its steps.
        on: What the run saw, as `StepRun` has it.
        ours: Energy of the loop around the same chip, of which the machine has the
            joules of writing and trimming cells.
    """

    def held(values: Values) -> dict[str, Value]:
        parts = ours(values).breakdown
        return {part: parts[part] for part in WRITTEN if part in parts}

    return StepEngine(
        "rram-steps",
        "the same chip by steps",
        machine.conversion,
        machine.timing,
        num_steps,
        chip.arrays,
        ArrayPower(*map(float, on)),
        circuit_parts(system.config, system.loop_of(chip), chip),
        held,
    )


def run_steps(
    system: System, machine: StepMachine, chip: Chip, runs: list[Repeat], num_steps: int
) -> tuple[np.ndarray, np.ndarray]:
    """Samples of all runs, `(samples, dim)`, and power and currents of the arrays."""
    process = Euler().process_along(
        system.checkpoint.sde, system.config.solve.beta_factor
    )
    ts = diffusion_times(system, num_steps)[: num_steps + 1]
    dim, prior = system.checkpoint.score.network.dim, system.prior
    first = jnp.asarray(FIRST, jnp.uint32)
    x1, labels = _begin(prior, run_key(runs[0].seed), first, NUM_CALIBRATION, dim)
    asked = machine
    if labels is not None:
        asked = dataclasses.replace(machine, score=machine.score.of_class(labels))
    scales = calibrate_steps(asked, chip, process, x1, ts).scales
    machine, found = dataclasses.replace(machine, scales=scales), []
    for run in runs:
        found.append(
            draw_steps(
                machine,
                chip,
                process,
                ts,
                run.num,
                key=run_key(run.seed),
                prior=prior,
                first=run.first,
                circuit=circuit_noise(system),
            )
        )
    x = np.concatenate([np.asarray(each.x).T for each in found])
    return x, np.mean([np.asarray(each.on) for each in found], axis=0)


def circuit_noise(system: System) -> CircuitNoise:
    """The noise of blocks around the arrays that a system's loop has."""
    loop = system.chip_loop
    loop = loop.loop if isinstance(loop, DynamicLoop) else loop
    assert isinstance(loop, ClosedLoop)  # guidance is refused by `ports_of`
    return loop.circuit_noise


@eqx.filter_jit
def _begin(prior, key, first, num, dim):
    """Starts, and the classes that are asked for."""
    return prior.sample(key, first, num, dim), prior.labels(key, first, num)
