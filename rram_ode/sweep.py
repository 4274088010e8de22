"""`python -m rram_ode.sweep`: many chips at every point of a grid of settings."""

import dataclasses
import pathlib
from typing import Annotated, Literal

import tyro

from . import commands
from ._core._files import claim_folder
from ._core._one_thread import use_one_thread


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Sample and judge many chips at every point of a grid of settings.

    RRAM_ODE_CACHE=FOLDER in the environment keeps programs for the next run.
    """

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """What to run; `python -m rram_ode.sample --list` names them."""
    over: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=a:b:N, PATH=a:b:Nlog or PATH=a,b,c: values of one setting, with units."""
    chips: int = 20
    """Chips at every point, with seeds from chip-seed on."""
    samples: int = 2000
    """Samples of a chip."""
    seed: int = 0
    """Seed of the samples of the first chip; the others count on."""
    chip_seed: int = 0
    """Seed of the first chip."""
    limit: float = 1.0
    """Distance up to which a chip is good, in just-noticeable distances."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, as in `rram_ode.sample`."""
    fidelity: Literal["ideal", "quasi-static", "dynamic"] | None = None
    """As in `rram_ode.sample`."""
    checkpoint: str | None = None
    """Folder that `rram_ode.train` wrote, or the name of a shipped one."""
    workers: int | None = None
    """Processes (default: one a core); 1 is this process. Jobs of a batch system."""
    cluster: str | None = None
    """Address of a dask scheduler, or slurm, pbs, sge, lsf, oar, htcondor."""
    dry_run: bool = False
    """Time a few chips and print what the sweep takes."""
    yes: bool = False
    """Run what does not fit into memory, disk or a day, too."""
    out: pathlib.Path | None = None
    """Folder for study.zarr, sweep.csv, .json, .png (default runs/sweep-PRESET)."""


def main() -> None:
    """Run the command line."""
    use_one_thread()  # before anything imports jax or numpy
    arguments = commands.parse_arguments(Arguments, "python -m rram_ode.sweep")
    commands.require_at_least("chips", arguments.chips, 1)
    commands.require_at_least("samples", arguments.samples, 100)
    if arguments.workers is not None:
        commands.require_at_least("workers", arguments.workers, 1)
    config, axes = commands.configure_sweep(
        arguments.preset,
        arguments.over,
        arguments.set,
        fidelity=arguments.fidelity,
        checkpoint=arguments.checkpoint,
    )
    folder = arguments.out or pathlib.Path("runs") / f"sweep-{arguments.preset}"
    with claim_folder(folder):
        commands.run_sweep(
            config,
            axes,
            folder,
            preset=arguments.preset,
            num_chips=arguments.chips,
            num_samples=arguments.samples,
            seed=arguments.seed,
            chip_seed=arguments.chip_seed,
            limit=arguments.limit,
            cluster=arguments.cluster,
            num_workers=arguments.workers,
            is_dry=arguments.dry_run,
            yes=arguments.yes,
        )


if __name__ == "__main__":
    with commands.one_line_errors():
        main()
