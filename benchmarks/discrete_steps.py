"""What the continuous loop buys over converters: the same chips by Euler's steps.

The arrays of whole chips, programmed as for the loop, with a DAC a row and an ADC a
column at every step and layer. Distances are those to the data less those of the loop
around the same chip, from the same starts, in just-noticeable distances, with 90 %
intervals over chips. Joules are those of the projection on one chip, for both.
"""

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
from rram_ode.accelerators import (
    AbstractConversion,
    all_constants,
    DifferenceConversion,
    PlainConversion,
)
from rram_ode.chip import Chip
from rram_ode.energy import ArrayPower, propagate, sampler_work, Spread
from rram_ode.metrics import compare_repeats, interval, LEVEL
from rram_ode.noise import ReadNoise
from rram_ode.samplers import Euler
from rram_ode.studies import run_steps, step_engine, step_machine
from rram_ode.system import Repeat, System
from tqdm import tqdm

from ._harness import run
from ._result import Gate, Row


RIVAL = "the continuous loop around the same chips"
NUM_SAMPLES, NUM_CHIPS, STEPS = 1000, 6, 50
EXACT = 1e-3  # of the end, in single precision
WHOLE = PlainConversion(8, 8)
NOISE = {"cell.read.white.std_rel": 0.05}
FINITE = "fraction of samples that are not finite"


def plain(bits: int) -> PlainConversion:
    """Whole values in so many bits."""
    return PlainConversion(bits, bits)


def delta(
    bits: int, refresh: int = 10, whole: PlainConversion = WHOLE
) -> DifferenceConversion:
    """Differences in so many bits."""
    return DifferenceConversion(bits, bits, whole, refresh)


RING: dict[str, tuple[AbstractConversion, int]] = {
    "8 bits": (WHOLE, STEPS),
    "6 bits": (plain(6), STEPS),
    "5 bits": (plain(5), STEPS),
    "4 bits": (plain(4), STEPS),
    "8 bits, 20 steps": (WHOLE, 20),
    "8 bits, 10 steps": (WHOLE, 10),
    "delta, 5 bits, 8 every 10": (delta(5), STEPS),
    "delta, 4 bits, 8 every 10": (delta(4), STEPS),
    "delta, 3 bits, 8 every 10": (delta(3), STEPS),
    "delta, 4 bits, 8 at first": (delta(4, 0), STEPS),
    "delta, 8 bits, 8 at first": (delta(8, 0), STEPS),
    "delta, 4 bits, 4 every 10": (delta(4, 10, plain(4)), STEPS),
}
RING_64 = {
    case: RING[case]
    for case in (
        "8 bits",
        "6 bits",
        "8 bits, 20 steps",
        "8 bits, 10 steps",
        "delta, 4 bits, 8 every 10",
    )
}
NOISY = {
    "8 bits": RING["8 bits"],
    "6 bits": RING["6 bits"],
    "delta, 4 bits, 8 every 10": RING["delta, 4 bits, 8 every 10"],
}


class Bench:
    """Chips of a system, the samples of the loop around each, and what judges them.

    Args:
        system: The system.
        name: What its rows begin with.
        num_samples: Number of samples of a chip.
        num_chips: Number of chips.
    """

    def __init__(self, system: System, name: str, num_samples: int, num_chips: int):
        self.system, self.name = system, name
        self.runs = [Repeat(num_samples, seed) for seed in range(num_chips)]
        self.chips = [system.program(seed) for seed in range(num_chips)]
        drawn = [
            each.analog(system, chip)
            for each, chip in zip(self.runs, self.chips, strict=True)
        ]
        power = [dataclasses.astuple(each.array_power) for each in drawn]
        self.power = ArrayPower(*map(float, np.mean(power, axis=0)))
        self.loop = [each.x for each in drawn]
        self.data = [each.data(system) for each in self.runs]
        self.loop_distances = self.distances(self.loop)

    def distances(self, clouds: list[np.ndarray]) -> np.ndarray:
        """Distances to the data, one for each chip."""
        measure = self.system.yardstick.measure
        pairs = zip(clouds, self.data, strict=True)
        return np.array([measure(x, data).value for x, data in pairs])

    def loop_row(self) -> Row:
        """The loop itself."""
        ours = self.system.energy_model(self.chips[0], self.power, "integrated")
        clock = self.system.chip_loop.clock
        found = {
            "distance": list(interval(self.loop_distances.tolist(), level=LEVEL)),
            "joules": spread_of(propagate(lambda v: ours(v).energy, all_constants())),
            "seconds": float(clock.duration + clock.reset),
            "solve_s": float(clock.duration),
        }
        return Row(f"{self.name}, loop", self._finite(self.loop), details=found)

    def row(self, case: str, conversion: AbstractConversion, steps: int) -> Row:
        """A machine that steps, beside the loop."""
        system, chips, table = self.system, self.chips, all_constants()
        machine = step_machine(system, chips[0], conversion)
        draw = lambda: [
            run_steps(system, machine, chip, [each], steps)
            for chip, each in zip(chips, self.runs, strict=True)
        ]
        seconds, drawn = run(draw)
        clouds = [x for x, _ in drawn]
        on = np.mean([each for _, each in drawn], axis=0)
        ours = system.energy_model(chips[0], self.power, "integrated")
        engine = step_engine(system, chips[0], machine, steps, on, ours)
        work = sampler_work(Euler(), steps, system.checkpoint.score.network)
        parts = lambda v: engine.operations_energy(work, 1, v) or {}
        total = lambda v: sum(parts(v).values())
        distances = self.distances(clouds)
        beside = compare_repeats(distances, self.loop_distances, delta=1.0)
        nominal = {name: constant.nominal for name, constant in table.items()}
        moved = [x - y for x, y in zip(clouds, self.loop, strict=True)]
        found = {
            "distance": list(interval(distances.tolist(), level=LEVEL)),
            "difference": [beside.value, beside.low, beside.high],
            "verdict": str(beside.verdict),
            "displacement": float(np.sqrt(np.mean(np.concatenate(moved) ** 2))),
            "steps": steps,
            "joules": spread_of(propagate(total, table)),
            "joules_over_loop": spread_of(
                propagate(lambda v: total(v) / ours(v).energy, table)
            ),
            "parts": {part: float(joules) for part, joules in parts(nominal).items()},
            "seconds": engine.solve_time,
            "settle_s": machine.timing.settle,
            "conversions": list(engine.conversions),
        }
        print(
            f"{self.name}, {case}: {beside.value:+.3g} ({beside.verdict})", flush=True
        )
        return Row(f"{self.name}, {case}", self._finite(clouds), seconds, details=found)

    def _finite(self, clouds: list[np.ndarray]) -> Gate:
        lost = np.mean(~np.isfinite(np.concatenate(clouds)).all(axis=1))
        return Gate(float(lost), 0.0, FINITE)


def spread_of(spread: Spread) -> list[float]:
    """Nominal value, low and high."""
    return [spread.nominal, spread.low, spread.high]


def gate_rows(system: System, num: int) -> list[Row]:
    """Without bits, errors and noise it is Euler's method on the network itself."""
    ideal = system.replace({"fidelity": "ideal"})
    chip = silent(ideal.program(0))
    runs, found = [Repeat(num, 0)], []
    ts = ideal.chip_loop.schedule(
        jnp.linspace(0, 1, STEPS + 1) * ideal.chip_loop.clock.duration,
        ideal.chip_loop.clock.duration,
    )
    beta_factor = system.config.solve.beta_factor
    twin = dataclasses.replace(
        ideal,
        sampler=Euler(),
        process=Euler().process_along(system.checkpoint.sde, beta_factor),
    )
    exact = runs[0].digital(twin, ts)
    for case, conversion in (
        ("whole values", PlainConversion()),
        ("differences", DifferenceConversion()),
    ):
        machine = step_machine(ideal, chip, conversion)
        machine = dataclasses.replace(machine, state_bits=None)
        x, _ = run_steps(ideal, machine, chip, runs, STEPS)
        off = float(np.sqrt(np.mean((x - exact) ** 2)))
        gate = Gate(off, EXACT, "end error without bits and errors beside Euler")
        found.append(Row(f"exact, {case}", gate))
    return found


def silent(chip: Chip) -> Chip:
    """The chip without noise of its cells."""
    return dataclasses.replace(chip, read=ReadNoise(), traps=None)


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Rows of the gate, of `ring`, with 5 % of read noise, too, and of `ring-64`."""
    num, chips = options.num_samples or NUM_SAMPLES, options.num_chips or NUM_CHIPS
    system = System.from_preset("ring")
    noisy = system.replace(NOISE)
    found = [
        *gate_rows(system, num),
        *table_of(Bench(system, "ring", num, chips), RING),
        *table_of(Bench(noisy, "ring, 5 % noise", num, chips), NOISY),
        *table_of(Bench(System.from_preset("ring-64"), "ring-64", num, chips), RING_64),
    ]
    return found, {"num_samples": num, "num_chips": chips}


def table_of(
    bench: Bench, cases: dict[str, tuple[AbstractConversion, int]]
) -> list[Row]:
    """The loop, then each machine that steps."""
    made = [
        bench.row(case, *what)
        for case, what in tqdm(cases.items(), unit="machine", desc=bench.name)
    ]
    return [bench.loop_row(), *made]
