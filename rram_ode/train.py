"""`python -m rram_ode.train`: a checkpoint of a preset's network."""

import dataclasses
import pathlib
import shutil
from typing import Annotated

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import tyro
from tqdm import tqdm

from ._core._files import output_folder
from ._core._streams import RunStream, TrainingStream
from .blocks import DAC
from .chip import Ranges
from .commands import command, load_preset, print_table
from .config import apply_overrides, RunConfig, SolveConfig
from .datasets import AbstractDataset, DATASETS
from .metrics import Quality, quality
from .presets import PRESETS
from .samplers import draw_digital, Heun
from .scores import NetworkScore
from .sdes import AbstractSDE, Flow, flow_along, Prior
from .system import build_design
from .training import (
    check_plan,
    Fit,
    fit,
    forward_process,
    measure_ranges,
    save_checkpoint,
    TrainingChips,
    untrained,
    without_idle,
)


JUDGED, NUM_STEPS, NUM_SEEDS = 20_000, 200, 3


LARGEST_HISTORY = 200


METRICS = ("kl_1d", "kl_2d", "hist_l2", "sliced_wasserstein")


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Train the score network of a preset and write it as a checkpoint folder."""

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """What to train; see --list."""
    seed: int | None = None
    """Of weights, batches and noise (default train.seed of the preset)."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, e.g. train.steps=20000."""
    out: pathlib.Path | None = None
    """Folder for weights.eqx and record.json (default runs/train-PRESET)."""
    list: bool = False
    """List the presets."""


def main() -> None:
    """Run the command line."""
    arguments = tyro.cli(Arguments, prog="python -m rram_ode.train")
    if arguments.list:
        rows = [(name, text) for name, (_, text) in PRESETS.items()]
        print_table(rows, ("preset", "what"))
        return
    config = apply_overrides(load_preset(arguments.preset), arguments.set)
    if arguments.seed is not None:
        train = dataclasses.replace(config.train, seed=arguments.seed)
        config = dataclasses.replace(config, train=train)
    folder = arguments.out or pathlib.Path("runs") / f"train-{arguments.preset}"
    _train(config, folder)


def _train(config: RunConfig, folder: pathlib.Path) -> None:
    if config.data not in DATASETS:
        raise ValueError(
            f"no data set `{config.data}`; there are {', '.join(DATASETS)}."
        )
    dataset = DATASETS[config.data]()
    sde = forward_process(config.network, config.sde)
    process = flow_along(sde, config.solve.beta_factor)
    check_plan(config.train)
    score = untrained(
        dataset.dim,
        config.network,
        sde,
        key=jr.fold_in(jr.key(config.train.seed), TrainingStream.WEIGHTS),
        frequency_key=jr.key(config.train.frequency_seed),
    )
    folder = output_folder(folder)
    fitted = _fit(score, sde, dataset, config, folder)
    solve = config.solve
    ranges = measure_ranges(
        fitted.score,
        process,
        solve.t0,
        solve.t1,
        prior=Prior(solve.start_std),
        key=jr.key(0),
    )
    judged = _judge(fitted.score, process, dataset, solve)
    record = _record(config, fitted, judged)
    save_checkpoint(folder, fitted.score, ranges, record)
    shutil.rmtree(folder / ".partial", ignore_errors=True)
    _print(config, fitted, judged, ranges)
    print(f"\nwrote {folder}/weights.eqx, record.json")


def _fit(
    score: NetworkScore,
    sde: AbstractSDE,
    dataset: AbstractDataset,
    config: RunConfig,
    folder: pathlib.Path,
) -> Fit:
    with tqdm(total=config.train.steps, unit="step", desc="training") as bar:

        def report(progress):
            bar.set_postfix(
                loss=f"{progress.loss:.5f}", rate=f"{progress.learning_rate:.1e}"
            )
            bar.update(progress.step - bar.n)

        return fit(
            score,
            sde,
            dataset,
            config.train,
            chips=_chips(config),
            folder=folder,
            report=report,
        )


def _chips(config: RunConfig) -> TrainingChips | None:
    plan = config.train
    if not plan.chips:
        return None
    design, dac = without_idle(build_design(config)), DAC(config.dac.bits)
    return TrainingChips(design, plan.strength, plan.ramp, dac)


def _judge(
    score: NetworkScore,
    process: Flow,
    dataset: AbstractDataset,
    solve: SolveConfig,
) -> dict[str, list[Quality]]:
    """Digital samples by Heun against fresh data, and data against data."""
    ts = jnp.linspace(solve.t1, solve.t0, NUM_STEPS + 1)
    digital, floor = [], []
    for seed in range(NUM_SEEDS):
        chunks = draw_digital(
            Heun(),
            process,
            score,
            ts,
            JUDGED,
            key=jr.key(seed),
            prior=Prior(solve.start_std),
        )
        samples = np.concatenate([np.asarray(x).T for x in chunks])
        one, other = (
            dataset.sample(JUDGED, key=jr.fold_in(jr.key(seed), stream))
            for stream in (RunStream.JUDGING_DATA, RunStream.FLOOR_DATA)
        )
        digital.append(quality(samples, one))
        floor.append(quality(other, one))
    return {"digital": digital, "floor": floor}


def _record(config: RunConfig, fitted: Fit, judged: dict[str, list[Quality]]) -> dict:
    """The record but for what `save_checkpoint` adds."""
    solve, losses = config.solve, np.asarray(fitted.losses)
    names = ("beta_factor", "start_std", "t0", "t1")
    return {
        "data": config.data,
        "network": dataclasses.asdict(config.network),
        "sde": dataclasses.asdict(config.sde),
        "train": dataclasses.asdict(config.train),
        "seed": config.train.seed,
        "steps": config.train.steps,
        "final_loss": float(losses[-1]),
        "seconds": round(fitted.seconds, 1),
        "sampling": {name: getattr(solve, name) for name in names},
        "quality": {
            "sampler": f"heun, {NUM_STEPS} steps",
            "num_samples": JUDGED,
            **{
                name: [{k: getattr(q, k) for k in ("kl_1d", "kl_2d")} for q in each]
                for name, each in judged.items()
            },
        },
        "losses": _thin(losses),
    }


def _thin(losses: np.ndarray) -> list[float]:
    """At most `LARGEST_HISTORY` means over equal numbers of chunks."""
    group = -(-len(losses) // LARGEST_HISTORY)
    means = [losses[i : i + group].mean() for i in range(0, len(losses), group)]
    return [round(float(mean), 6) for mean in means]


def _print(
    config: RunConfig, fitted: Fit, judged: dict[str, list[Quality]], ranges: Ranges
) -> None:
    rows = [
        ("steps", str(config.train.steps)),
        ("final loss", f"{float(fitted.losses[-1]):.5f}"),
        ("seconds", f"{fitted.seconds:.1f}"),
        ("largest |x|", f"{float(ranges.state):.2f}"),
        *(
            (f"largest activation {number}", f"{float(peak):.2f}")
            for number, peak in enumerate(ranges.hidden, start=1)
        ),
        ("largest |output|", f"{float(ranges.output):.2f}"),
    ]
    print_table(rows, ("training", "value"))
    print()
    rows = [
        (name, *(_mean([getattr(q, k) for q in each]) for k in METRICS))
        for name, each in judged.items()
    ]
    print_table(rows, (f"{JUDGED} samples, mean of {NUM_SEEDS} seeds", *METRICS))


def _mean(values: list[float | None]) -> str:
    """The mean over seeds; `-` for a metric that this dimension does not have."""
    known = [value for value in values if value is not None]
    return f"{np.mean(known):.4f}" if known else "-"


if __name__ == "__main__":
    command(main)
