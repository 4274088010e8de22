"""How well the anchors tell the classes of encoded pictures apart."""

import dataclasses

import numpy as np

from ..datasets.pictures import Splits
from ._latent_pictures import LatentPictures


@dataclasses.dataclass(frozen=True)
class LatentQuality:
    """Figures of one part of the pictures.

    Args:
        accuracy: Fraction of pictures whose nearest anchor is that of their class.
        balanced_accuracy: Mean over classes of the same fraction within a class.
        recall: That fraction for each class.
        error: Mean square error per pixel of pictures that were encoded and decoded.
        mean_image_error: The same error of the mean image of the training part.
    """

    accuracy: float
    balanced_accuracy: float
    recall: dict[str, float]
    error: float
    mean_image_error: float


def latent_quality(
    pictures: LatentPictures, splits: Splits, split: str
) -> LatentQuality:
    """Accuracy of the nearest anchor, and error of decoded pictures, on one part.

    Args:
        pictures: The pictures in the latent space.
        splits: The same pictures as images.
        split: The part: train, held-out or test.
    """
    states, labels = pictures.part(split)
    images, own = splits.part(split).images, np.asarray(labels)
    is_right = pictures.nearest(states) == own
    recall = {
        name: float(is_right[own == number].mean())
        for number, name in enumerate(pictures.class_names)
        if (own == number).any()
    }
    apart = pictures.to_images(states) - images
    plain = splits.train.images.mean(axis=0) - images
    return LatentQuality(
        float(is_right.mean()),
        float(np.mean(list(recall.values()))),
        recall,
        float((apart**2).mean()),
        float((plain**2).mean()),
    )
