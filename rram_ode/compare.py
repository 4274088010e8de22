"""`python -m rram_ode.compare`: energy and speed at equal quality, in one table."""

import dataclasses
import pathlib
from typing import Annotated, Literal

import tyro

from . import commands
from ._core._files import claim_folder


SYSTEMS = {
    "board": "the chip with discrete parts on a board",
    "integrated": "the chip with everything on one die, a projection",
    "integrated-45nm": "the same at 45 nm, a projection",
    "euler": "digital sampler of first order, on every machine",
    "heun": "digital sampler of second order, two evaluations a step",
    "tsit5": "digital sampler of fifth order",
    "dpm-solver++": "digital sampler of second order, one evaluation a step",
    "guo": "differences between steps (ISSCC 2024, 20.2), any network",
    "ditto": "the same with zeros skipped, any network",
    "step-wise": "integers whose ranges follow the step (Diff-Acc), any network",
    "sq-dm": "4 bits and sparse channels, on convolutions (`digits`)",
    "pssa-tips": "pruned maps and tokens of two precisions, on `attention`",
    "softermax": "a softmax of base 2 in fixed point, on `attention`",
    "rram-steps": "the chip with converters at every step in place of the loop",
    "rram-steps-delta": "the same with differences between steps, by request",
}
SLOW = ("rram-steps-delta",)  # as the one before, once more
DEFAULT = tuple(name for name in SYSTEMS if name not in SLOW)


# Numbers by default: of points, of pictures, and of a preset without a chip, where the
# number of chips is that of independent repeats.
NUMBERS = {"num_samples": (10_000, 300, 300), "num_chips": (10, 5, 5)}


MOST_CHIPS = 40


PICTURES = ("digits",)


OF_CHIPS = ("most_chips", "num_seeds", "chip_seed", "batch", "machines", "set")
OF_CHIPS += (
    "fidelity",
    "checkpoint",
    "shortest",
    "chip",
)  # what no network without a chip has


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Compare a simulated analog chip with digital samplers at equal quality.

    RRAM_ODE_CACHE=FOLDER in the environment keeps programs for the next run.
    """

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """What to run; see --list."""
    num_samples: int | None = None
    """Samples per run (default 10,000; of pictures 300)."""
    num_chips: int | None = None
    """Chips to begin with, with seeds from chip-seed on, two or more (default 10; of
    pictures 5). With --chip: repeats on that chip. Without a chip: independent
    repeats."""
    most_chips: int | None = None
    """Chips to go up to where the verdict of the first lies within the margin (default
    40; of pictures as many as num-chips). Not for attention."""
    num_seeds: int = 1
    """Runs per chip, each with fresh starts and data. Not for attention."""
    seed: int = 0
    """Seed of the first run."""
    chip_seed: int = 0
    """Seed of the first chip. Not for attention."""
    chip: pathlib.Path | None = None
    """Compare this saved chip, or measured map (folder, npz), as `rram_ode.sample`
    takes it, in place of the chips of the seeds; intervals are those of its samples.
    Not for attention."""
    margin: float = 1.0
    """Difference that one would just accept, in just-noticeable distances."""
    batch: int = 10_000
    """Samples together on processors, beside a batch of 1. Not for attention."""
    systems: tuple[str, ...] = DEFAULT
    """Rows: board, integrated, integrated-45nm, digital samplers, and techniques of
    accelerators: guo (differences between steps), ditto (zeros skipped, too), step-wise
    (ranges by step), sq-dm (4 bits, sparse channels), pssa-tips and softermax
    (attention); and the chip itself with converters at every step: rram-steps, and by
    request rram-steps-delta (differences between steps). On attention the techniques
    alone; see --list."""
    machines: tuple[str, ...] = ()
    """Digital machines, by default all; see --list. Not for attention."""
    assume: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """NAME=VALUE: fix a constant of the energy model, e.g. a100.power=300W."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, as in `rram_ode.sample`. Not for
    attention."""
    fidelity: Literal["ideal", "quasi-static", "dynamic"] | None = None
    """Ideal turns every error off; dynamic makes every op-amp a state. Not for
    attention."""
    checkpoint: str | None = None
    """Folder that `rram_ode.train` wrote, or the name of a shipped one. Not for
    attention."""
    out: pathlib.Path | None = None
    """Folder for compare.csv, .json and .png (default runs/compare-PRESET)."""
    shortest: bool = False
    """Also find the shortest solve that equals 50 steps of Euler (minutes). Not for
    attention."""
    yes: bool = False
    """Run what does not fit into memory, disk or a day, too."""
    list: bool = False
    """List presets, systems, machines and constants with their sources."""


def main() -> None:
    """Run the command line."""
    arguments = commands.parse_arguments(Arguments, "python -m rram_ode.compare")
    if arguments.list:
        commands.print_machines(SYSTEMS, arguments.assume)
        return
    name = arguments.preset
    folder = arguments.out or pathlib.Path("runs") / f"compare-{name}"
    with claim_folder(folder):
        _compare(arguments, folder)


def _compare(arguments: Arguments, folder: pathlib.Path) -> None:
    """Check the numbers and compare, with a chip or without."""
    name = arguments.preset
    if commands.is_without_chip(name):
        _refuse_chips(arguments)
        num_samples, num_chips = _numbers(arguments, 2)
        _check(arguments, num_samples, num_chips, num_chips)
        commands.run_compare_network(
            name,
            folder,
            num_samples=num_samples,
            num_repeats=num_chips,
            seed=arguments.seed,
            margin=arguments.margin,
            systems=arguments.systems,
            assume=arguments.assume,
        )
        return
    config = commands.configure(
        name,
        arguments.set,
        fidelity=arguments.fidelity,
        checkpoint=arguments.checkpoint,
    )
    is_picture = config.data in PICTURES
    num_samples, num_chips = _numbers(arguments, int(is_picture))
    most = num_chips if is_picture else max(MOST_CHIPS, num_chips)
    most = most if arguments.most_chips is None else arguments.most_chips
    _check(arguments, num_samples, num_chips, most)
    commands.run_compare(
        config,
        name,
        folder,
        num_samples=num_samples,
        num_chips=num_chips,
        num_seeds=arguments.num_seeds,
        seed=arguments.seed,
        chip_seed=arguments.chip_seed,
        margin=arguments.margin,
        most_chips=most,
        batch=arguments.batch,
        systems=arguments.systems,
        machines=arguments.machines,
        assume=arguments.assume,
        shortest=arguments.shortest,
        chip_file=arguments.chip,
        yes=arguments.yes,
    )


def _numbers(arguments: Arguments, kind: int) -> tuple[int, int]:
    """Numbers of samples and of chips, as given or by default."""
    samples, chips = (
        defaults[kind] if (given := getattr(arguments, name)) is None else given
        for name, defaults in NUMBERS.items()
    )
    return samples, chips


def _refuse_chips(arguments: Arguments) -> None:
    """Raise a `ValueError` for a flag that a preset without a chip has no use for."""
    for name in OF_CHIPS:
        if getattr(arguments, name) != getattr(Arguments, name):
            raise ValueError(
                f"`--{name.replace('_', '-')}` has no effect on `{arguments.preset}`, "
                "which has no chip: leave it out."
            )


def _check(
    arguments: Arguments, num_samples: int, num_chips: int, most_chips: int
) -> None:
    """Raise a `ValueError` for a number or a name that does not suit."""
    commands.require_at_least("num-samples", num_samples, 100)
    commands.require_at_least("num-chips", num_chips, 2)
    commands.require_at_least("num-seeds", arguments.num_seeds, 1)
    commands.require_at_least("batch", arguments.batch, 1)
    if most_chips < num_chips:
        raise ValueError(
            f"`--most-chips` must be `--num-chips` or more, {num_chips}; got "
            f"{most_chips}."
        )
    if not 0 < arguments.margin <= 100:
        raise ValueError(
            "`--margin` must be above 0, in just-noticeable distances, and 100 or "
            f"less; got {arguments.margin:g}."
        )
    if not arguments.systems:
        raise ValueError(f"`--systems` names one or more of {', '.join(SYSTEMS)}.")
    for name in arguments.systems:
        if name not in SYSTEMS:
            raise ValueError(f"no system `{name}`; there are {', '.join(SYSTEMS)}.")


if __name__ == "__main__":
    with commands.one_line_errors():
        main()
