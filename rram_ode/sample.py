"""`python -m rram_ode.sample`: samples of a simulated chip and its digital twin."""

import dataclasses
import json
import pathlib
import time
from typing import Annotated, Literal

import jax
import numpy as np
import tyro
from tqdm import tqdm

from ._core._files import complete_file, output_folder
from ._core._units import format_quantity
from .commands import (
    command,
    judged,
    load_config,
    load_preset,
    make_report,
    print_knobs,
    print_report,
    print_table,
    versions,
)
from .config import apply_overrides, RunConfig
from .plots import plot_samples
from .presets import PRESETS
from .system import (
    assemble,
    JUDGED,
    load_chip,
    NUM_SEEDS,
    Repeat,
    repeats,
    save_chip,
    Store,
    System,
)


REPEATED = ("preset", "seed", "chip_seed", "num_samples", "num_chips", "sampler")


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Draw samples from a simulated analog chip, beside its digital twin."""

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """What to run; see --list."""
    num_samples: int = 5000
    """Samples to draw."""
    seed: int = 0
    """Of the samples: starts, data, injected noise."""
    chip_seed: int = 0
    """Of the chip: write noise, faults, mismatch, read noise."""
    num_chips: int = 1
    """Chips to judge, with seeds from chip-seed on; the files hold the first."""
    sampler: str | None = None
    """Digital: euler, heun, tsit5, dpm-solver++, euler-maruyama, ancestral."""
    fidelity: Literal["ideal", "quasi-static", "dynamic"] | None = None
    """Ideal: every error off. Quasi-static: op-amps infinitely fast. Dynamic: not."""
    checkpoint: str | None = None
    """Folder that `rram_ode.train` wrote, or the name of a shipped one."""
    chip: pathlib.Path | None = None
    """Take the cells of this saved chip, or measured map (folder, npz), as they are."""
    save_chip: pathlib.Path | None = None
    """Folder for the chip: cells as npz and CSV, faults, seeds, versions."""
    config: pathlib.Path | None = None
    """Repeat the run of this report.json."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, e.g. solve.duration=20us."""
    out: pathlib.Path | None = None
    """Folder for samples.npz, samples.png, report.json (default runs/PRESET)."""
    list: bool = False
    """List the presets."""
    describe: bool = False
    """Print every setting: value, unit, when it is drawn, source."""
    version: bool = False
    """Print the versions."""


def main() -> None:
    """Run the command line."""
    arguments = tyro.cli(Arguments, prog="python -m rram_ode.sample")
    if arguments.version:
        print("\n".join(f"{name} {number}" for name, number in versions().items()))
    elif arguments.list:
        print_table(
            [(name, text) for name, (_, text) in PRESETS.items()], ("preset", "what")
        )
    elif arguments.describe:
        print_knobs(_resolve(arguments)[1])
    else:
        _sample(*_resolve(arguments))


def _resolve(arguments: Arguments) -> tuple[Arguments, RunConfig]:
    """The arguments with a report's values filled in, and the configuration."""
    if arguments.config is None:
        config = load_preset(arguments.preset)
    else:
        config, report = load_config(arguments.config)
        asked = {name: report[name] for name in REPEATED}
        if arguments.chip is None and report.get("chip") is not None:
            asked["chip"] = pathlib.Path(report["chip"])
        arguments = dataclasses.replace(arguments, **asked)
    if arguments.fidelity is not None:
        config = dataclasses.replace(config, fidelity=arguments.fidelity)
    if arguments.checkpoint is not None:
        config = dataclasses.replace(config, checkpoint=arguments.checkpoint)
    config = apply_overrides(config, arguments.set)
    for name in ("num_samples", "num_chips"):
        if getattr(arguments, name) < 1:
            flag = name.replace("_", "-")
            raise ValueError(
                f"`--{flag}` must be 1 or more; got {getattr(arguments, name)}."
            )
    if arguments.chip is not None and arguments.num_chips > 1:
        raise ValueError("`--chip` is one chip: leave `--num-chips` at 1.")
    if arguments.chip is not None and arguments.save_chip is not None:
        raise ValueError("`--chip` is saved already: leave out `--save-chip`.")
    return arguments, config


def _sample(arguments: Arguments, config: RunConfig) -> None:
    clock = _Stopwatch()
    system = assemble(config, arguments.sampler)
    cells, cells_hash = None, None
    if arguments.chip is not None:
        cells, seed, cells_hash = load_chip(system, arguments.chip, arguments.chip_seed)
        arguments = dataclasses.replace(arguments, chip_seed=seed)
    chip = system.chip(arguments.chip_seed, cells)
    peak = system.loop.check(chip)
    folder = output_folder(arguments.out or pathlib.Path("runs") / arguments.preset)
    num, seed = arguments.num_samples, arguments.seed
    identity = {
        "config": dataclasses.asdict(config),
        "versions": versions(),
        "checkpoint": system.checkpoint.record["sha256"],
        "numbers": [num, seed, arguments.chip_seed],
        "cells": cells_hash,
    }
    if arguments.save_chip is not None:
        target = output_folder(arguments.save_chip)
        save_chip(system, arguments.chip_seed, target, versions())
    store = Store(folder / ".partial", identity)
    extra = min(num, JUDGED)
    total = (
        num + (NUM_SEEDS - 1) * extra + NUM_SEEDS * extra * (arguments.num_chips - 1)
    )
    runs = repeats(num, seed, NUM_SEEDS, extra=extra)
    data = [each.data(system) for each in runs]
    with tqdm(total=total, unit="sample", desc="analog", mininterval=0.5) as bar:
        run = runs[0].analog(system, chip, store=store, progress=bar.update)
        more = [each.analog(system, chip, progress=bar.update) for each in runs[1:]]
        short = [each.head(extra) for each in runs], [x[:extra] for x in data]
        others = [
            _other_chip(system, arguments.chip_seed + number, *short, bar)
            for number in range(1, arguments.num_chips)
        ]
    digital = [each.digital(system) for each in runs]
    clouds = {
        "analog": [run.x, *(each.x for each in more)],
        "digital": digital,
        "data": data,
        "fresh": [each.fresh_data(system) for each in runs],
    }
    cut = {name: [x[:extra] for x in xs] for name, xs in clouds.items()}
    asked = {name: getattr(arguments, name) for name in REPEATED}
    report = make_report(asked, system, chip, run, peak, cut)
    report["chips"] = [
        {"chip_seed": arguments.chip_seed, **report["quality"]["analog"]},
        *others,
    ]
    report["chip"] = None if arguments.chip is None else str(arguments.chip)
    report["cells_sha256"] = cells_hash
    report["wall"] = clock.read()
    figure = plot_samples(
        {"data": data[0], "digital": digital[0], "analog": run.x},
        run.taus,
        run.v,
        f"{arguments.preset}: {num} samples, {config.fidelity} chip "
        f"{arguments.chip_seed}, {format_quantity(config.solve.duration, 's')} a solve",
    )
    with complete_file(folder / "samples.npz") as path:
        with path.open("wb") as file:
            np.savez(file, analog=run.x, digital=digital[0], data=data[0])
    with complete_file(folder / "samples.png") as path:
        figure.savefig(path, format="png")
    report["wall"] = clock.read()
    with complete_file(folder / "report.json") as path:
        path.write_text(json.dumps(report, indent=2, allow_nan=False) + "\n")
    store.clear()
    print_report(report, run, folder)


def _other_chip(
    system: System, seed: int, runs: list[Repeat], data: list[np.ndarray], bar: tqdm
) -> dict:
    """Quality of the chip with this seed, from the starts of the first chip."""
    chip = system.chip(seed)
    clouds = [each.analog(system, chip, progress=bar.update).x for each in runs]
    return {"chip_seed": seed, **judged(list(zip(clouds, data, strict=True)))}


class _Stopwatch:
    """Seconds since the start, and those that JAX spent compiling."""

    def __init__(self):
        self._start = time.perf_counter()
        self._compile = 0.0
        jax.monitoring.register_event_duration_secs_listener(self._listen)

    def _listen(self, event: str, duration_secs: float, **kwargs: str | int) -> None:
        del kwargs
        if event.startswith("/jax/core/compile/"):
            self._compile += duration_secs

    def read(self) -> dict[str, float]:
        """Compiling (tracing and lowering included) and the rest, in seconds."""
        total = time.perf_counter() - self._start
        return {"compile_s": self._compile, "run_s": total - self._compile}


if __name__ == "__main__":
    command(main)
