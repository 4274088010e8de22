"""The report of a run, on disk and on the screen."""

import dataclasses
import math
from typing import Any

import numpy as np

from .._core._units import format_quantity
from .._core._versions import versions
from ..chip import Chip
from ..config import idealisations
from ..datasets import AbstractFiniteDataset
from ..energy import CONSTANTS, nominals
from ..system import (
    ages_of,
    area_model,
    build_programming,
    find_rewriting,
    judge_repeats,
    NUM_SLOW,
    reset_time,
    Rewriting,
    Run,
    shared_samples,
    System,
    trim_report,
)
from ._decoder import not_counted
from ._pictures import print_labelled
from ._tables import print_table, print_text
from ._warnings import heat, warn


def judged(pairs: list[tuple[np.ndarray, np.ndarray]]) -> dict:
    """Quality of samples against data; intervals over all pairs (fresh seeds)."""
    first, found = judge_repeats(pairs)
    intervals = {name: span._asdict() for name, span in found.items()}
    return {**first.as_dict(), "intervals": intervals, "num_seeds": len(pairs)}


def make_report(
    numbers: dict[str, int | str | None],
    system: System,
    chip: Chip,
    run: Run,
    peak: float,
    clouds: dict[str, list[np.ndarray]],
) -> dict:
    """The report but for `chips` and `wall`.

    Args:
        numbers: Preset, seeds, counts, sampler: what was asked for.
        system: The run.
        chip: The first chip.
        run: Its samples and what was seen of its nodes.
        peak: The largest multiplier factor.
        clouds: What is judged: `analog`, `digital`, `data` and `fresh` data, one array
            a seed.
    """
    config = system.config
    area = area_model(config, system.loop_of(chip), chip)(nominals(CONSTANTS))
    pace = 1.0 if chip.clock is None else float(chip.clock)
    cut = {name: np.concatenate(each) for name, each in clouds.items()}
    is_finite = isinstance(system.dataset, AbstractFiniteDataset)
    if is_finite:  # each seed has the same rows in another order: each row counts once
        cut |= {name: clouds[name][0] for name in ("data", "fresh")}
    yardstick, slow = system.yardstick, NUM_SLOW * len(clouds["analog"])
    blocks = {"analog": slow, "digital": None, "fresh": None}
    beside = yardstick.compare(cut["analog"], cut["digital"], cut["data"], slow)
    quality = {
        name: judged(list(zip(clouds[samples], clouds["data"], strict=True)))
        for name, samples in (
            ("analog", "analog"),
            ("digital", "digital"),
            ("floor", "fresh"),
        )
    }
    return {
        **numbers,
        "config": dataclasses.asdict(config),
        "versions": versions(),
        "quality": quality,
        "distance": {
            "accepted": yardstick.accepted,
            "just_noticeable_distance": yardstick.delta,
            **{
                name: dataclasses.asdict(
                    yardstick.measure(cut[name], cut["data"], num_blocks)
                )
                for name, num_blocks in blocks.items()
            },
            "analog_beside_digital": beside.as_dict(),
            "fresh_is": "training set" if is_finite else "fresh data",
            "ends_apart": yardstick.paired(cut["analog"], cut["digital"]),
            "guidance": config.guidance.weight,
            # The test pictures are as many as they are.
            "samples_to_decide": None
            if is_finite
            else math.ceil(len(cut["analog"]) * beside.factor),
        },
        "hardware": {
            "solve_time_s": pace * config.solve.duration,
            "energy_j": run.energy.energy,
            "power_w": run.energy.power,
            "breakdown_j": run.energy.breakdown,
            "area_m2": sum(area.values()),
            "breakdown_m2": area,
            "programming": _programming(
                system, chip, run.num + sum(map(len, clouds["analog"][1:]))
            ),
            "taken_as_ideal": list(idealisations(config)),
            "energy_model": f"{config.power.row}; see rram_ode/energy/_analog.py",
            "period_s": pace * (config.solve.duration + reset_time(config))
            + float(run.energy.pause),
            "energy_notes": [*run.energy.notes, *not_counted(system)],
            "saturated_fraction": run.saturated_fraction,
            "clipped": run.clipped,
            "read_disturb_share": run.stressed_fraction,
            "unsolved": run.unsolved,
            "num_steps": run.num_steps,
            "multiplier_peak": peak,
            "trims": trim_report(config, chip, run.energy),
            "volts_per_unit": [float(np.asarray(v).max()) for v in chip.score.volts],
        },
    }


def _programming(system: System, chip: Chip, num: int) -> dict[str, Any]:
    """What writing the chip takes, and over how many samples of what age it is spread.

    A cell is written after the other.

    Args:
        system: What the chip belongs to.
        chip: The hardware.
        num: Number of all samples that the quality is of, in consecutive lab time.
    """
    config = system.config
    values, made = nominals(CONSTANTS), build_programming(config.cell)
    period = config.solve.duration + reset_time(config)
    rewriting = find_rewriting(config, chip)
    samples = shared_samples(config, rewriting)
    begun = (config.cell.age or 0.0) if rewriting is None else rewriting.settle
    return {
        "pulses_per_cell": float(made.pulses(values)),
        "energy_j": float(made.energy(values)) * chip.num_cells,
        "time_s": float(made.duration(values)) * chip.num_cells,
        "samples": samples,
        "age_at_last_sample_s": begun + samples * period,
        "age_of_quality_s": ages_of(system, chip, num)["last_s"],
        "ages": ages_of(system, chip, num),
        "rewriting": None if rewriting is None else _rewriting(rewriting),
    }


def _rewriting(found: Rewriting) -> dict[str, Any]:
    return {
        **dataclasses.asdict(found),
        "cycles_in_ten_years": found.cycles,
        "endurance_used": found.worn,
    }


def print_report(report: dict, run: Run) -> None:
    """Tables of quality, chips and hardware; warnings on stderr."""
    names = ("kl_1d", "kl_2d", "hist_l2", "sliced_wasserstein")
    _print_distance(report["distance"])
    rows = [
        (name, *(_with_interval(values, name) for values in report["quality"].values()))
        for name in names
    ]
    print_table(rows, ("quality", *report["quality"]))
    seeds = report["quality"]["analog"]["num_seeds"]
    print(f"Means over {seeds} seeds, +- half of their 95 % interval.")
    print()
    if report["num_chips"] > 1:
        rows = [
            (str(chip["chip_seed"]), *(_number(chip[name]) for name in names))
            for chip in report["chips"]
        ]
        print_table(rows, ("chip", *names))
        print()
    if "classes" in report:
        print_labelled(report["classes"])
    hardware = report["hardware"]
    volts = [format_quantity(v, "V", 3) for v in hardware["volts_per_unit"]]
    row, fidelity = report["config"]["power"]["row"], report["config"]["fidelity"]
    rows = [
        ("solve time", format_quantity(hardware["solve_time_s"], "s")),
        ("period, solve and reset", format_quantity(hardware["period_s"], "s")),
        (f"energy, {row}, {fidelity}", format_quantity(hardware["energy_j"], "J")),
        ("power", heat(hardware["power_w"])),
        (f"area, {row}", f"{1e6 * hardware['area_m2']:.3g} mm^2"),
        ("programming", _written(hardware["programming"])),
        *_age_rows(hardware["programming"]),
        *_trims(hardware["trims"]),
        ("taken as ideal", ", ".join(hardware["taken_as_ideal"]) or "nothing"),
        ("volts per unit, state to output", ", ".join(volts)),
        ("saturated samples", f"{hardware['saturated_fraction']:.2%}"),
        ("solver steps", f"{hardware['num_steps']:.0f}"),
        ("compiling", f"{report['wall']['compile_s']:.1f} s"),
        ("of it, tracing", f"{report['wall']['trace_s']:.1f} s"),
        ("running", f"{report['wall']['run_s']:.1f} s"),
    ]
    print_table(rows, ("hardware", "value"))
    for note in hardware["energy_notes"]:
        print_text(f"Energy: {note}.")
    warn(report, run)


def _age_rows(programming: dict[str, Any]) -> list[tuple[str, str]]:
    """Ages of a chip that ages while it samples, and its rewriting; else nothing."""
    rows, ages = [], programming["ages"]
    if ages["ageing"]:
        first, last = (
            format_quantity(ages[end], "s", 6) for end in ("first_s", "last_s")
        )
        blocks = f"{ages['blocks']} blocks of age"
        rows.append(("age, first to last sample", f"{first} to {last}, {blocks}"))
    if (found := programming["rewriting"]) is not None:
        used = found["endurance_used"]
        rows.append(
            (
                "rewriting",
                f"every {found['samples']:,.0f} samples; ten years take "
                f"{found['cycles_in_ten_years']:.3g} cycles, "
                f"{used['nominal']:.3g} of the endurance "
                f"({used['best']:.2g} to {used['worst']:.2g})",
            )
        )
    return rows


def _trims(found: dict | None) -> list[tuple[str, str]]:
    """A line for each trim that acted, with what it left."""
    if found is None:
        return []
    lines = [(f"trim: {name}", text) for name, text in found["lines"].items()]
    spent = f"{format_quantity(found['energy_j'], 'J', 3)}, "
    spent += format_quantity(found["time_s"], "s", 3)
    return [*lines, ("trims, once", spent)]


def _written(programming: dict[str, float]) -> str:
    """What programming takes, in one line."""
    energy, time = programming["energy_j"], programming["time_s"]
    return (
        f"{programming['pulses_per_cell']:.3g} pulses per cell, "
        f"{format_quantity(energy, 'J', 3)}, {format_quantity(time, 's', 3)}"
    )


def _print_distance(found: dict) -> None:
    """The distances that decide, and the verdict on the chip beside its twin."""
    sides = {"analog": "analog", "digital": "digital", "fresh": found["fresh_is"]}
    each = {name: found[key] for key, name in sides.items()}
    text = lambda d: f"{d['value']:.2f} +- {(d['high'] - d['low']) / 2:.2f}"
    rows = [
        ("distance", *map(text, each.values())),
        (
            "effective samples",
            *(f"{d['effective_samples']:.0f}" for d in each.values()),
        ),
    ]
    print_table(rows, ("quality", *each))
    beside = found["analog_beside_digital"]
    print(f"Distances to the data, 90 % intervals; 1 is {found['accepted']}.")
    print(
        f"This chip beside its digital twin: {beside['verdict']} "
        f"({beside['difference']:+.2f}, {beside['low']:+.2f} to {beside['high']:+.2f})."
    )
    if beside["verdict"] == "undecided" and found["samples_to_decide"] is not None:
        print(f"Some {found['samples_to_decide']} samples would decide.")
    if found["guidance"]:
        print_text(
            f"Guidance of weight {found['guidance']:g} moves samples away from the "
            "data, the digital ones, too. From its twin, start by start, the chip lies "
            f"{found['ends_apart']:.2f} apart."
        )
    print()


def _with_interval(values: dict, name: str) -> str:
    """The mean over the seeds with half the width of its interval."""
    span = values["intervals"].get(name)
    if span is None:
        return _number(values[name])
    return f"{span['mean']:.4f} +- {span['high'] - span['mean']:.4f}"


def _number(value: float | None) -> str:
    """A metric in a table; `-` for one that this dimension does not have."""
    return "-" if value is None else f"{value:.4f}"
