"""`python -m rram_ode.budget`: which error costs what of a chip's quality."""

import dataclasses
import pathlib
from typing import Annotated, Literal

import tyro

from . import commands
from ._core._files import claim_folder


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Attribute the loss of a simulated analog chip to its errors.

    RRAM_ODE_CACHE=FOLDER in the environment keeps programs for the next run.
    """

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """What to run; `python -m rram_ode.sample --list` names them."""
    num_samples: int = 4000
    """Samples per solve."""
    num_chips: int = 10
    """Chips, with seeds from chip-seed on; two or more."""
    seed: int = 0
    """Seed of the samples: starts, data, injected noise."""
    chip_seed: int = 0
    """Seed of the first chip."""
    points: int = 64
    """Points of the Sobol sequence, a power of 2: more narrows the intervals."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, as in `rram_ode.sample`."""
    fidelity: Literal["ideal", "quasi-static", "dynamic"] | None = None
    """Dynamic makes every op-amp a state; ideal leaves nothing to attribute."""
    checkpoint: str | None = None
    """Folder that `rram_ode.train` wrote, or the name of a shipped one."""
    yes: bool = False
    """Run what does not fit into memory, disk or a day, too."""
    out: pathlib.Path | None = None
    """Folder for budget.csv, .json and .png (default runs/budget-PRESET)."""


def main() -> None:
    """Run the command line."""
    arguments = commands.parse_arguments(Arguments, "python -m rram_ode.budget")
    commands.require_at_least("num-samples", arguments.num_samples, 100)
    commands.require_at_least("num-chips", arguments.num_chips, 2)
    points = arguments.points
    if points < 2 or points & (points - 1):
        raise ValueError(f"`--points` must be a power of 2, 2 or more; got {points}.")
    config = commands.configure(
        arguments.preset,
        arguments.set,
        fidelity=arguments.fidelity,
        checkpoint=arguments.checkpoint,
    )
    folder = arguments.out or pathlib.Path("runs") / f"budget-{arguments.preset}"
    with claim_folder(folder):
        commands.run_budget(
            config,
            arguments.preset,
            folder,
            num_samples=arguments.num_samples,
            num_chips=arguments.num_chips,
            seed=arguments.seed,
            chip_seed=arguments.chip_seed,
            points=points,
            yes=arguments.yes,
        )


if __name__ == "__main__":
    with commands.one_line_errors():
        main()
