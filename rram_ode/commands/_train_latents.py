"""The training of an autoencoder with its progress and its table."""

import pathlib
from collections.abc import Mapping

from .._core._files import output_folder
from ..config import override_all, parse_pairs, RunConfig
from ..latents import check_latents
from ..presets import find_preset
from ..system import train_latents, TrainedLatents
from ..views import progress
from ._tables import print_table


# Presets whose data an autoencoder makes, by the name of its training.
AUTOENCODERS: Mapping[str, str] = {"letters-vae": "letters"}


def run_train_latents(name: str, pairs: tuple[str, ...], folder: pathlib.Path) -> None:
    """Train the autoencoder `name`, write it and print how it went.

    Args:
        name: One of `AUTOENCODERS`.
        pairs: Texts `PATH=VALUE` of `--set`, of `latents` alone.
        folder: Gets the checkpoint.

    Raises:
        ValueError: If a setting is not one of the autoencoder's training.
    """
    config = _configure(name, pairs)
    check_latents(config.latents)  # before the bar
    output_folder(folder)  # before the bar
    with progress(config.latents.epochs, "epoch", name="training") as bar:
        trained = train_latents(config, folder=folder, progress=bar)
    _print(config, trained)
    print(f"\nwrote {folder}/weights.eqx, record.json")


def _configure(name: str, pairs: tuple[str, ...]) -> RunConfig:
    """The configuration of the training; what would not act on it is refused."""
    settings = parse_pairs(pairs)
    for setting in settings:
        if not setting.startswith("latents.") or setting == "latents.checkpoint":
            raise ValueError(
                f"`{setting}` has no effect on the training of `{name}`, which has "
                "settings of `latents` alone, but for `latents.checkpoint`: leave it "
                "out."
            )
    return override_all(find_preset(AUTOENCODERS[name]), settings)


def _print(config: RunConfig, trained: TrainedLatents) -> None:
    names = trained.pictures.class_names
    rows = [
        ("coordinates", str(config.latents.dim)),
        ("epochs", str(config.latents.epochs)),
        ("final loss", f"{trained.fitted.losses[-1]:.2f}"),
        ("seconds", f"{trained.fitted.seconds:.1f}"),
    ]
    print_table(rows, ("training", "value"))
    print()
    rows = [
        (
            split,
            f"{found.accuracy:.3f}",
            f"{found.balanced_accuracy:.3f}",
            *(f"{found.recall[name]:.3f}" for name in names),
            f"{found.error:.4f}",
            f"{found.mean_image_error:.4f}",
        )
        for split, found in trained.quality.items()
    ]
    header = ("nearest anchor", "accuracy", "balanced", *names, "error", "mean image")
    print_table(rows, header)
