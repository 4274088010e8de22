"""Pictures that a system generates: their images, and what judges them."""

import functools

import numpy as np

from ..config import RunConfig
from ..datasets import Modes
from ..datasets.pictures import AbstractPictures, LabelledImages, SPLITS, Splits
from ..latents import LatentPictures
from ..metrics import class_recall, Recall
from ..readers import shipped_reader
from ._picture_judge import PictureJudge
from .build import dataset_key, dataset_of, DatasetKey, find_dataset


def find_picture_judge(config: RunConfig) -> PictureJudge | None:
    """What judges the pictures of `config`; `None` for data that are no pictures.

    The real pictures beside them are those of all classes, as the data show them: where
    states are latents, as the autoencoder decodes them.

    Raises:
        ValueError: If no reader of such pictures is shipped.

    Example:
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("letters-fresh", {"solve.num_steps": 40})
        >>> run = system.sample_digital(60, seed=0)
        >>> judge = rr.find_picture_judge(system.config)
        >>> found = judge.judge(system.dataset.to_images(run.x), run.labels)
        >>> found.recall.balanced.mean > 0.8  # of the letters are read as asked
        True
        >>> rr.find_picture_judge(rr.System.from_preset("ring").config) is None
        True
    """
    return _judge_of(dataset_key(config))


@functools.lru_cache(maxsize=4)
def _judge_of(key: DatasetKey) -> PictureJudge | None:
    dataset = dataset_of(key)
    if not isinstance(dataset, AbstractPictures):
        return None
    splits = shown_pictures(dataset)
    return PictureJudge.of(splits, shipped_reader(splits.train))


def shown_pictures(dataset: AbstractPictures) -> Splits:
    """The real pictures of all parts, as `to_images` shows their states."""

    def shown(split: str) -> LabelledImages:
        states, labels = dataset.part(split)
        images = np.clip(dataset.to_images(np.asarray(states)), 0.0, 1.0)
        source = f"{type(dataset).__name__} of {', '.join(dataset.class_names)}"
        return LabelledImages(
            images, np.asarray(labels), dataset.class_names, source, split
        )

    return Splits(*map(shown, SPLITS))


def nearest_recall(
    config: RunConfig, x: np.ndarray, labels: np.ndarray
) -> Recall | None:
    """How many points lie nearest to the middle of the class that they were asked for.

    The middle is the centre of a mode, or the anchor of a class of latents.

    Args:
        config: All settings; the result is `None` for data without such middles.
        x: Samples, `(num, dim)`.
        labels: The class of each; the result is `None` if one is the null label.
    """
    dataset = find_dataset(config)
    if not isinstance(dataset, Modes | LatentPictures) or np.any(labels < 0):
        return None
    finite = np.asarray(np.isfinite(x).all(axis=1))
    read = dataset.nearest(np.where(finite[:, None], x, 0.0))
    read = np.where(finite, read, -1)
    return class_recall(labels, read, len(dataset.class_names))
