"""`python -m rram_ode.train`: a checkpoint of a preset's network or autoencoder."""

import dataclasses
import pathlib
from typing import Annotated

import tyro

from . import commands
from ._core._files import claim_folder


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Train the score network of a preset, or an autoencoder, and write its folder.

    RRAM_ODE_CACHE=FOLDER in the environment keeps programs for the next run.
    """

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """A preset, see --list; letters-vae, the autoencoder of the letters; a reader,
    digits-reader or letters-reader, which judges pictures; or a network that no chip
    holds: digits-unet, digits-unet-relu, attention."""
    seed: int | None = None
    """Seed of weights, batches and noise (default train.seed, latents.seed)."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, e.g. train.steps=20000."""
    out: pathlib.Path | None = None
    """Folder for weights.eqx and record.json (default runs/train-PRESET)."""
    yes: bool = False
    """Run what does not fit into memory, disk or a day, too."""
    list: bool = False
    """List presets and all other networks that can be trained."""


def main() -> None:
    """Run the command line."""
    arguments = commands.parse_arguments(Arguments, "python -m rram_ode.train")
    if arguments.list:
        commands.print_trainable()
        return
    name = arguments.preset
    folder = arguments.out or pathlib.Path("runs") / f"train-{name}"
    with claim_folder(folder):
        _train(arguments, folder)


def _train(arguments: Arguments, folder: pathlib.Path) -> None:
    name, pairs = arguments.preset, arguments.set
    if name.endswith("-reader"):
        commands.run_train_reader(name, arguments.seed, pairs, folder)
        return
    if commands.is_picture_network(name):
        commands.run_train_picture_network(name, arguments.seed, pairs, folder)
        return
    commands.require_trainable(name)
    is_latent = name in commands.AUTOENCODERS
    if arguments.seed is not None:
        group = "latents" if is_latent else "train"
        pairs = (*pairs, f"{group}.seed={arguments.seed}")
    if is_latent:
        commands.run_train_latents(name, pairs, folder)
    else:
        config = commands.configure(name, pairs, trains=True)
        commands.run_train(config, folder, yes=arguments.yes)


if __name__ == "__main__":
    with commands.one_line_errors():
        main()
