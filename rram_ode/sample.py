"""`python -m rram_ode.sample`: samples of a simulated chip and its digital twin."""

import dataclasses
import pathlib
from typing import Annotated, Literal

import tyro

from . import commands
from ._core._files import claim_folder
from .config import parse_pairs, RunConfig


REPEATED = ("preset", "seed", "chip_seed", "num_samples", "num_chips", "sampler")


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Draw samples from a simulated analog chip, beside its digital twin.

    RRAM_ODE_CACHE=FOLDER in the environment keeps programs for the next run.
    """

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """What to run; see --list."""
    num_samples: int = 5000
    """Number of samples."""
    seed: int = 0
    """Seed of the samples: starts, data, injected noise."""
    chip_seed: int = 0
    """Seed of the chip: write noise, faults, mismatch, read noise."""
    num_chips: int = 1
    """Chips to judge, with seeds from chip-seed on; the files hold the first."""
    sampler: str | None = None
    """Digital: euler, heun, tsit5, dpm-solver++, euler-maruyama, ancestral."""
    fidelity: Literal["ideal", "quasi-static", "dynamic"] | None = None
    """Ideal: every error off. Quasi-static: op-amps infinitely fast. Dynamic: not."""
    label: str | None = None
    """Class that a conditional network generates; all, or none for no class."""
    guidance: float | None = None
    """Weight w of guidance, 0 or more: (1 + w) s(class) - w s(null label)."""
    checkpoint: str | None = None
    """Folder that `rram_ode.train` wrote, or the name of a shipped one."""
    chip: pathlib.Path | None = None
    """Take the cells of this saved chip, or measured map (folder, npz), as they are."""
    save_chip: pathlib.Path | None = None
    """Folder that keeps the chip: cells as npz and CSV, faults, seeds, versions."""
    config: pathlib.Path | None = None
    """Repeat the run of this report.json."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, e.g. solve.duration=20us."""
    out: pathlib.Path | None = None
    """Folder for samples.npz, samples.png, report.json (default runs/PRESET)."""
    yes: bool = False
    """Run what does not fit into memory, disk or a day, too."""
    list: bool = False
    """List the presets."""
    describe: bool = False
    """Print every setting with its source, then all errors: on, off or neglected."""
    version: bool = False
    """Print the versions."""


def main() -> None:
    """Run the command line."""
    arguments = commands.parse_arguments(Arguments, "python -m rram_ode.sample")
    if arguments.version:
        commands.print_versions()
        return
    if arguments.list:
        commands.print_presets()
        return
    arguments, config = _resolve(arguments)
    if arguments.describe:
        commands.print_knobs(config)
        commands.print_errors(config)
        return
    folder = arguments.out or pathlib.Path("runs") / arguments.preset
    with claim_folder(folder):
        commands.run_sample(
            config,
            {name: getattr(arguments, name) for name in REPEATED},
            folder,
            chip_file=arguments.chip,
            save_to=arguments.save_chip,
            yes=arguments.yes,
        )


def _resolve(arguments: Arguments) -> tuple[Arguments, RunConfig]:
    """The arguments with a report's values filled in, and the configuration."""
    base: str | RunConfig = arguments.preset
    if arguments.config is not None:
        anew = {"checkpoint": arguments.checkpoint, "chip": arguments.chip}
        given = [name for name, value in anew.items() if value is not None]
        given += parse_pairs(arguments.set)
        path = arguments.config
        base, report = commands.load_config(path, given)
        arguments = commands.repeat_arguments(arguments, path, report, REPEATED)
        if arguments.chip is None and report.get("chip") is not None:
            own = pathlib.Path(report["chip"])
            arguments = dataclasses.replace(arguments, chip=own)
    config = commands.configure(
        base,
        arguments.set,
        fidelity=arguments.fidelity,
        checkpoint=arguments.checkpoint,
        label=arguments.label,
        guidance=arguments.guidance,
    )
    commands.require_at_least("num-samples", arguments.num_samples, 2)
    commands.require_at_least("num-chips", arguments.num_chips, 1)
    if arguments.chip is not None and arguments.num_chips > 1:
        raise ValueError("`--chip` is one chip: leave `--num-chips` at 1.")
    if arguments.chip is not None and arguments.save_chip is not None:
        raise ValueError("`--chip` is saved already: leave out `--save-chip`.")
    return arguments, config


if __name__ == "__main__":
    with commands.one_line_errors():
        main()
