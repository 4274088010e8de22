"""`python -m rram_ode.compare`: energy and speed at equal quality, in one table."""

import dataclasses
import pathlib
from typing import Annotated, Literal

import tyro

from . import commands


SYSTEMS = ("board", "integrated", "integrated-45nm")
SYSTEMS += ("euler", "heun", "tsit5", "dpm-solver++", "guo", "ditto")
SYSTEMS += ("rram-steps",)
SLOW = ("rram-steps-delta",)  # as the one before, once more


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Compare a simulated analog chip with digital samplers at equal quality."""

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """What to run; see --list."""
    num_samples: int = 10_000
    """Samples per run."""
    num_chips: int = 10
    """Chips to begin with, with seeds from chip-seed on; two or more."""
    most_chips: int = 40
    """Chips to go up to where the verdict of the first lies within the margin."""
    num_seeds: int = 1
    """Runs per chip, each with fresh starts and data."""
    seed: int = 0
    """Seed of the first run."""
    chip_seed: int = 0
    """Seed of the first chip."""
    margin: float = 1.0
    """Difference that one would just accept, in just-noticeable distances."""
    batch: int = 10_000
    """Samples together on processors, beside a batch of 1."""
    systems: tuple[str, ...] = SYSTEMS
    """Rows: board, integrated, integrated-45nm, digital samplers, and techniques of
    accelerators: guo (differences between steps), ditto (zeros skipped, too); and the
    chip itself with converters at every step: rram-steps, and by request
    rram-steps-delta (differences between steps)."""
    machines: tuple[str, ...] = ()
    """Digital machines, by default all; see --list."""
    assume: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """NAME=VALUE: fix a constant of the energy model, e.g. a100.power=300W."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, as in `rram_ode.sample`."""
    fidelity: Literal["ideal", "quasi-static", "dynamic"] | None = None
    """Ideal turns every error off; dynamic makes every op-amp a state."""
    checkpoint: str | None = None
    """Folder that `rram_ode.train` wrote, or the name of a shipped one."""
    out: pathlib.Path | None = None
    """Folder for compare.csv, .json and .png (default runs/compare-PRESET)."""
    shortest: bool = False
    """Also find the shortest solve that equals 50 steps of Euler (minutes)."""
    list: bool = False
    """List presets, machines and constants with their sources."""


def main() -> None:
    """Run the command line."""
    arguments = tyro.cli(Arguments, prog="python -m rram_ode.compare")
    if arguments.list:
        commands.print_machines(arguments.assume)
        return
    _check(arguments)
    config = commands.configure(
        arguments.preset,
        arguments.set,
        fidelity=arguments.fidelity,
        checkpoint=arguments.checkpoint,
    )
    commands.run_compare(
        config,
        arguments.preset,
        arguments.out or pathlib.Path("runs") / f"compare-{arguments.preset}",
        num_samples=arguments.num_samples,
        num_chips=arguments.num_chips,
        num_seeds=arguments.num_seeds,
        seed=arguments.seed,
        chip_seed=arguments.chip_seed,
        margin=arguments.margin,
        most_chips=arguments.most_chips,
        batch=arguments.batch,
        systems=arguments.systems,
        machines=arguments.machines,
        assume=arguments.assume,
        shortest=arguments.shortest,
    )


def _check(arguments: Arguments) -> None:
    """Raise a `ValueError` for a number or a name that does not suit."""
    commands.require_at_least("num-samples", arguments.num_samples, 100)
    commands.require_at_least("num-chips", arguments.num_chips, 2)
    commands.require_at_least("num-seeds", arguments.num_seeds, 1)
    commands.require_at_least("batch", arguments.batch, 1)
    if arguments.most_chips < arguments.num_chips:
        raise ValueError(
            f"`--most-chips` must be `--num-chips` or more, {arguments.num_chips}; got "
            f"{arguments.most_chips}."
        )
    if not 0 < arguments.margin <= 100:
        raise ValueError(
            "`--margin` must be above 0, in just-noticeable distances, and 100 or "
            f"less; got {arguments.margin:g}."
        )
    if not arguments.systems:
        raise ValueError(f"`--systems` names one or more of {', '.join(SYSTEMS)}.")
    for name in arguments.systems:
        if name not in SYSTEMS + SLOW:
            known = ", ".join(SYSTEMS + SLOW)
            raise ValueError(f"no system `{name}`; there are {known}.")


if __name__ == "__main__":
    with commands.one_line_errors():
        main()
