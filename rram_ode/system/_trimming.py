"""What the trims of a system's chips take, counted from the chip."""

from typing import Any

import jax
import numpy as np

from ..chip import Chip
from ..config import RunConfig
from ..energy import CONSTANTS, EnergyEstimate, nominals, Trimming
from ._rewriting import find_rewriting, trimmed_samples
from .build import build_programming, has_trims


RAMPS = 10.0  # time constants of the ramp that measures R C: assumed


REFERENCE_CLOCK = 10e6  # of a sequence without a clock of its own, in hertz


def trimming_of(config: RunConfig, chip: Chip) -> Trimming:
    """What the trims of `config` take on `chip`; nothing on a chip as fabricated.

    A bench reads one column after the other. R C is timed by a counter of the chip's
    clock, over a ramp or as many cycles as the resolution asks for.
    """
    c, network = config.trim, chip.crossbars
    if chip.trims is None or network is None or not has_trims(config):
        return Trimming()
    layers = network.all_layers
    shapes = [layer.crossbar.g_pos.shape for layer in layers]
    columns, longest = sum(n for _, n in shapes), max(n for n, _ in shapes)
    clock = config.controller.clock or REFERENCE_CLOCK
    ohms = [
        np.asarray(jax.device_get(layer.amplifier.feedback_resistance))
        for layer in layers
    ]
    found: dict[str, Any] = {"bits": c.adc_bits}
    reads = seconds = 0.0
    if c.rc != "off":
        nominal = config.integrator.resistance * config.integrator.capacitance
        seconds += max(RAMPS * nominal, 1 / (c.rc_resolution * clock))
        reads += chip.score.dim
        found |= {"counters": 2 if c.rc == "clock" else 1}
    if c.scale:
        cells = longest * len(layers)
        reads += cells
        seconds += cells * c.averaging
        found |= {"scale_dacs": 2 * len(layers), "scale_bits": c.scale_bits or 0}
    if c.columns != "off":
        known = c.reads if c.columns == "gains" else 1
        reads += known * columns
        seconds += known * columns * c.averaging
        amperes = sum(float(np.sum(c.offset_range / each)) for each in ohms)
        found |= {
            "offset_dacs": columns,
            "offset_bits": c.offset_bits or 0,
            "offset_amperes": amperes,
        }
    if c.columns == "gains":
        found |= {
            "gain_dacs": columns,
            "gain_bits": c.gain_bits or 0,
            "gain_ohms": c.gain_range * sum(float(each.sum()) for each in ohms),
        }
    trims_multipliers = "multipliers" in chip.trims.residues
    if trims_multipliers:
        dim, resistance = chip.score.dim, config.integrator.resistance
        reads += 3 * c.reads * dim  # each multiplier alone, and both
        seconds += 3 * c.reads * dim * c.averaging
        found["offset_bits"], found["gain_bits"] = c.offset_bits or 0, c.gain_bits or 0
        for name, more in (
            ("offset_dacs", 5 * dim),
            ("offset_amperes", 5 * dim * c.multiplier_range / resistance),
            ("gain_dacs", 2 * dim),
            ("gain_ohms", c.gain_range * 2 * dim * resistance),
        ):
            found[name] = found.get(name, 0) + more
    if c.repair:
        cells = chip.num_cells
        reads += cells
        seconds += cells * c.averaging
        rewritten = chip.trims.rewritten
        found["rewritten"] = 0.0 if rewritten is None else float(rewritten)
        found["spares"] = sum(min(c.spare_columns, n) for _, n in shapes)
    if c.tracking:
        found["tracked"] = len(layers) if c.scale else 0
        if trims_multipliers:
            found["tracked"] += chip.score.dim
        found["clock"] = clock if c.rc != "off" else 0.0
    return Trimming(**found, conversions=reads, seconds=seconds)


def trim_report(
    config: RunConfig, chip: Chip, energy: EnergyEstimate
) -> dict[str, Any] | None:
    """The trims of `chip` for a report: residues, lines of text, joules and seconds.

    The joules are those of one stay on the bench: its reads, the cells that it writes
    again and the chip's static power meanwhile.

    Args:
        config: All settings of the run.
        chip: The hardware.
        energy: Of a sample of a run of this chip.

    Returns:
        `None` for a chip as fabricated.
    """
    trims = chip.trims
    if trims is None:
        return None
    left = {name: float(value) for name, value in trims.residues.items()}
    c, lines = config.trim, {}
    if "rc" in left:
        lines["R C"] = f"{left['rc']:+.2g} left, by {c.rc}"
    if "scale" in left:
        lines["common scale"] = f"{left['scale']:.2g} left of R_f G"
    if "columns" in left:
        lines["columns"] = (
            f"{c.columns}, rms {left['before_columns']:.2g} to {left['columns']:.2g}"
            + _at_ends(left["clipped_columns"])
        )
    if "multipliers" in left:
        before, after = left["before_multipliers"], left["multipliers"]
        lines["multipliers"] = (
            f"rms {before:.2g} to {after:.2g} of the integrators' inputs"
            + _at_ends(left["clipped_multipliers"])
        )
    if trims.stuck is not None:
        lines["stuck cells"] = (
            f"{float(trims.stuck):.0f} found, worst column "
            f"{left['before repair']:.2g} to {left['repair']:.2g}, as predicted"
        )
    if c.tracking:
        lines["tracking"] = (
            "R C, scale and multipliers follow temperature, and age up to the run"
        )
    spent = trimming_of(config, chip)
    pulses = float(build_programming(config.cell).duration(nominals(CONSTANTS)))
    shared = trimmed_samples(config, find_rewriting(config, chip))
    return {
        "residues": left,
        "lines": lines,
        "stuck": None if trims.stuck is None else float(trims.stuck),
        "rewritten": None if trims.rewritten is None else float(trims.rewritten),
        "energy_j": float(energy.breakdown.get("trimming", 0.0)) * shared,
        "time_s": spent.seconds + pulses * spent.rewritten,
    }


def _at_ends(num: float) -> str:
    """What a line says of codes at an end of their range, which trim too little."""
    return f", {int(num)} codes at an end of their range" if num else ""
