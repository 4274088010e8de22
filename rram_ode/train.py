"""`python -m rram_ode.train`: a checkpoint of a preset's network."""

import dataclasses
import pathlib
from typing import Annotated

import tyro

from . import commands


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Train the score network of a preset and write it as a checkpoint folder."""

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """What to train; see --list."""
    seed: int | None = None
    """Seed of weights, batches and noise (default train.seed of the preset)."""
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
        commands.print_presets()
        return
    pairs = arguments.set
    if arguments.seed is not None:
        pairs = (*pairs, f"train.seed={arguments.seed}")
    commands.run_train(
        commands.configure(arguments.preset, pairs),
        arguments.out or pathlib.Path("runs") / f"train-{arguments.preset}",
    )


if __name__ == "__main__":
    with commands.one_line_errors():
        main()
