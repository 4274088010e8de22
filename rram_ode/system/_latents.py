"""Train the autoencoder of a configuration and keep it as a checkpoint."""

import dataclasses
import pathlib
from collections.abc import Callable, Mapping
from typing import Any

from .._core._files import output_folder
from ..config import override_all, RunConfig
from ..datasets.pictures import SPLITS
from ..latents import (
    check_latents,
    fit_autoencoder,
    FittedAutoencoder,
    latent_pictures,
    latent_quality,
    LatentPictures,
    LatentQuality,
    LatentsProgress,
    load_autoencoder,
    save_autoencoder,
)
from ..presets import find_preset
from .build import LATENT


@dataclasses.dataclass(frozen=True)
class TrainedLatents:
    """Pictures in the latent space of a new autoencoder, and how its training went.

    Args:
        pictures: The data set that `latents.checkpoint` gives from now on.
        fitted: Losses and seconds of the training.
        quality: Accuracy and error on each part: train, held-out, test.
    """

    pictures: LatentPictures
    fitted: FittedAutoencoder
    quality: dict[str, LatentQuality]


def train_latents(
    preset: str | RunConfig = "letters",
    settings: Mapping[str, Any] | None = None,
    *,
    folder: pathlib.Path | str,
    progress: Callable[[LatentsProgress], object] = lambda progress: None,
) -> TrainedLatents:
    """Train the autoencoder behind the data of a preset, and write it to a folder.

    It is what `latents.checkpoint` takes. A training that was killed begins anew.

    Args:
        preset: A preset whose data are in a latent space, or a configuration.
        settings: Values by dotted name, such as `{"latents.dim": 8}`.
        folder: Gets `weights.eqx` and `record.json`.
        progress: Told the number and the loss of each epoch.

    Raises:
        ValueError: If the data are not in a latent space, or a setting does not suit.
    """
    config = find_preset(preset) if isinstance(preset, str) else preset
    config, folder = override_all(config, settings or {}), pathlib.Path(folder)
    if config.data not in LATENT:
        raise ValueError(
            f"the data `{config.data}` are in no latent space; those that are: "
            f"{', '.join(LATENT)}."
        )
    check_latents(config.latents)
    splits = LATENT[config.data]()
    folder = output_folder(folder)
    fitted = fit_autoencoder(splits.train, config.latents, report=progress)
    record = _record(config, fitted)
    classes = splits.train.classes
    save_autoencoder(folder, fitted.model, classes, record)
    # As it is read: in single precision.
    pictures = latent_pictures(load_autoencoder(folder), splits)
    quality = {name: latent_quality(pictures, splits, name) for name in SPLITS}
    found = {name: dataclasses.asdict(each) for name, each in quality.items()}
    save_autoencoder(folder, fitted.model, classes, {**record, "quality": found})
    return TrainedLatents(pictures, fitted, quality)


def _record(config: RunConfig, fitted: FittedAutoencoder) -> dict[str, Any]:
    """The record but for accuracies and what `save_autoencoder` adds."""
    train = dataclasses.asdict(config.latents)
    del train["checkpoint"]
    return {
        "data": config.data,
        "train": train,
        "losses": [round(loss, 4) for loss in fitted.losses],
        "seconds": round(fitted.seconds, 1),
    }
