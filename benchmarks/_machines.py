"""A design, its knobs one by one, and what each machine costs and errs."""

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from rram_ode.config import design_knobs, override_all, read, replace, RunConfig
from rram_ode.energy import CONSTANTS, nominals
from rram_ode.latents import LatentPictures
from rram_ode.presets import find_preset
from rram_ode.system import (
    ANALOG,
    area_model,
    build_programming,
    decoding_of,
    find_rewriting,
    reset_time,
    shared_samples,
    System,
    trim_report,
)

from ._harness import forget_programs


NUM_SAMPLES = 256
FORGET_AFTER = 40  # machines, before the maps of their programs are too many


# A design in which every knob acts, with no more of anything than its error needs: what
# a default has to spare a search would save. It is where a long walk ended, of single
# knobs and of pairs. Both machines have its few steps.
BASE: dict[str, Any] = {
    "adc.noise": 0.397,
    "amplifier.v_rail": 0.8,
    "cell.g_max": 80e-6,
    "cell.g_min": 10e-6,
    "cell.write.acceptance": 0.002,
    "cell.write.factor": 2.54,
    "controller.clock": 20e6,
    "controller.load": 1,
    "crossbar.bias": "fitted",
    "crossbar.headroom": 0.6,
    "crossbar.v_max": 0.24,
    "dac.bits": 9,
    "dac.update_rate": 850e3,
    "integrator.capacitance": 2.1e-12,
    "integrator.resistance": 850e3,
    "multiplier.full_scale": 0.238,
    "solve.num_steps": 40,
    "solve.reset": 1.87e-6,
    "solve.solver": "euler",
    "solve.t0": 1.2e-3,
    "start.bits": 11,
    "start.resistance": 20e3,
}


FAULTY: dict[str, Any] = {"cell.stuck.lrs": 0.01, "cell.stuck.hrs": 0.01}


# What a bench has to take off.
RESISTORS: dict[str, Any] = {
    "process.corner": "monte-carlo",
    "process.resistor_tolerance": 0.2,
}
OFFSETS: dict[str, Any] = {"op_amp.static_errors": True, "op_amp.offset_std": 0.3e-3}


# A conditional network, and one array that both labels share in turn.
TURNS: dict[str, Any] = {
    "data": "modes-7",
    "checkpoint": "modes-7",
    "network.classes": 7,
    "network.widths": (64, 64),
    "network.prediction": "noise",
    "network.output_factor": 1.0,
    "sde.beta_min": 0.1,
    "sde.beta_max": 8.0,
    "guidance.weight": 1.0,
    "crossbar.headroom": 1.1,
    "integrator.capacitance": 4e-12,
    "integrator.resistance": 100e3,
    "multiplier.full_scale": 1.45,
    "solve.beta_factor": 1.0,
    "solve.num_steps": 80,
    "solve.solver": "heun",
    "solve.start_std": 1.0,
    "guidance.circuit": "switched",
    "guidance.switch_rate": 0.4e6,
    "guidance.injection_std": 1e-16,
    "solve.reset": 2.5e-6,
}


# Multipliers whose errors a bench can take off.
BENT: dict[str, Any] = {"multiplier.offset_std": 3e-3, "multiplier.gain_std": 0.01}


# What a knob acts with, where the base has it off.
WITH: dict[str, dict[str, Any]] = {
    "cell.write.verify": {"cell.write.std": 1e-6},
    "cell.write.max_pulses": {"cell.write.std": 1e-6, "cell.write.verify": 0.02e-6},
    "cell.stuck.remap": FAULTY,
    "crossbar.tile_rows": {"crossbar.wires.bit_line": 2.0},
    "crossbar.tile_cols": {"crossbar.wires.word_line": 2.0},
    "crossbar.wires.sensing": {"crossbar.wires.bit_line": 2.0},
    "crossbar.wires.driving": {"crossbar.wires.word_line": 20.0},
    "rectifier.resistance": {"rectifier.kind": "precision"},
    "trim.rc_resolution": {"trim.rc": "beta"},
    "trim.scale_bits": {**RESISTORS, "trim.scale": True},
    **{
        f"trim.{name}": {**OFFSETS, "trim.columns": "gains"}
        for name in ("gain_bits", "gain_range", "reads")
    },
    **{
        f"trim.{name}": {**OFFSETS, "trim.columns": "offsets"}
        for name in ("offset_bits", "offset_range")
    },
    "trim.multipliers": BENT,
    "trim.multiplier_range": {**BENT, "trim.multipliers": True},
    **{
        f"guidance.{name}": TURNS
        for name in ("circuit", "switch_rate", "acquisition", "hold_capacitance")
    },
    "trim.repair": FAULTY,
    "trim.refit": {**FAULTY, "trim.repair": True},
    "trim.spare_columns": {**FAULTY, "trim.repair": True},
    "trim.tracking": {"trim.rc": "beta", "trim.scale": True},
    "solve.noise_hold": {
        "solve.process": "reverse-sde",
        "solve.noise_hold": 0.5e-6,
        "multiplier.full_scale": 1.45,
    },
}


# Knobs of the decoder act on pictures of a latent space.
PICTURES, DECODING = "letters-fresh", {"decoder.circuit": "analog"}


# Settings of the computation that an end needs, which cost nothing.
ALONG: dict[tuple[str, Any], dict[str, Any]] = {
    ("solve.duration", 2e-3): {"solve.num_steps": 4000},
}


# More slew than the input pair has for its speed is not needed here.
DYNAMIC: dict[str, Any] = {
    "fidelity": "dynamic",
    "solve.num_steps": 400,
    "op_amp.slew": 1e6,
    "op_amp.gbw": 60e6,
    "op_amp.c_c": 1e-12,
    "op_amp.auto_zero": 10e-12,
    "multiplier.bandwidth": 3e6,
}


# A converter, or a target, that counts as continuous is priced as the finest.
CONTINUOUS = ("cell.levels", "adc.bits", "dac.bits", "start.bits")


@dataclasses.dataclass(frozen=True)
class Figures:
    """What a machine costs, and how far it is from the ideal one.

    Args:
        joules: Energy of one sample.
        seconds: Time of one sample, its part of the programming included.
        area: Area in m^2.
        error: Mean distance of a sample, or of its picture, from that of the ideal
            machine.
    """

    joules: float
    seconds: float
    area: float
    error: float


COSTS = ("joules", "seconds", "area")


# The smallest relative changes that count: costs are exact, and the distance is paired.
LEAST = {"joules": 1e-4, "seconds": 1e-4, "area": 1e-4, "error": 0.02}


def rises(before: Figures, after: Figures) -> tuple[str, ...]:
    """The names of the figures that are worse after a change."""
    return tuple(
        name
        for name, least in LEAST.items()
        if not getattr(after, name) <= (1 + least) * getattr(before, name)
    )


def falls(before: Figures, after: Figures) -> tuple[str, ...]:
    """The names of the figures that are better after a change."""
    return rises(after, before)


def verdict(before: Figures, after: Figures | str) -> str:
    """`refused`, `pays` and what rises, `no gain`, or `free` and what falls."""
    if isinstance(after, str):
        return "refused"
    if worse := rises(before, after):
        return "pays " + ", ".join(worse)
    better = falls(before, after)
    return "free " + ", ".join(better) if better else "no gain"


class Bench:
    """Machines from one design, each with its figures.

    Args:
        settings: Values by dotted name, over those of the preset.
        preset: Name of the preset.
    """

    def __init__(self, settings: Mapping[str, Any], preset: str = "ring-fresh"):
        self.config = override_all(find_preset(preset), settings)
        if self.config.solve.process == "probability-flow":
            # By Euler's method in the same steps; the ideal machine equals it.
            twin = System.from_config(self.config, sampler="euler")
            self.x = twin.sample_digital(NUM_SAMPLES).x
        else:
            ideal = dataclasses.replace(self.config, fidelity="ideal")
            machine = System.from_config(ideal)
            self.x = machine.sample(machine.program(0), NUM_SAMPLES).x
        # What decodes the samples of the ideal machine.
        self.digital = System.from_config(
            replace(self.config, "decoder.circuit", "digital")
        )
        self.num_machines = 0

    def figures(self, settings: Mapping[str, Any]) -> Figures | str:
        """The figures of the design with other `settings`, or why it is refused."""
        self.num_machines += 1
        if self.num_machines % FORGET_AFTER == 0:
            forget_programs()
        try:
            system = System.from_config(override_all(self.config, settings))
            chip = system.program(0)
            system.check(chip)
            run = system.sample(chip, NUM_SAMPLES)
            decoded = _decode(system, run.x)
        except ValueError as error:
            return " ".join(str(error).split())
        values, config = nominals(CONSTANTS), system.config
        written = build_programming(config.cell).duration(values) * chip.num_cells
        trims = trim_report(config, chip, run.energy)
        tested = 0.0 if trims is None else trims["time_s"]
        period = config.solve.duration + reset_time(config)
        shared = shared_samples(config, find_rewriting(config, chip))
        area = float(sum(area_model(config, system.chip_loop, chip)(values).values()))
        gaps = np.linalg.norm(decoded.x - _decode(self.digital, self.x).x, axis=1)
        return Figures(
            float(run.energy.energy) + decoded.joules,
            period + decoded.seconds + (float(written) + tested) / shared,
            area + decoded.area,
            float(np.mean(np.where(np.isfinite(gaps), gaps, np.inf))),
        )


class Decoded(NamedTuple):
    """Samples as they are used, and what their decoder on the chip takes."""

    x: np.ndarray
    joules: float = 0.0
    seconds: float = 0.0
    area: float = 0.0


def _decode(system: System, x: np.ndarray) -> Decoded:
    """Samples of a plain space as they are; latents as pictures, `(num, pixels)`."""
    if not isinstance(system.dataset, LatentPictures):
        return Decoded(x)
    if system.config.decoder.circuit != ANALOG:
        return Decoded(system.dataset.to_images(x).reshape(len(x), -1))
    decoder = system.program_decoder(0)
    found = decoder.decode(x)
    report = decoding_of(system.config, decoder, found).report
    images = found.images.reshape(len(x), -1)
    return Decoded(images, report["energy_j"], report["time_s"], report["area_m2"])


def ends(config: RunConfig, name: str) -> list[Any]:
    """The ends of a knob, or all values of a choice, but for its value in `config`."""
    found = [v for v in design_knobs()[name].range if v != read(config, name)]
    return [*found, None] if name in CONTINUOUS else found
