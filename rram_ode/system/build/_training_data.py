"""What a network is trained on: the data, or pictures that are moved a little."""

from ...config import RunConfig
from ...datasets import AbstractDataset
from ...datasets.pictures import DistortedPictures, PixelPictures


def build_training_data(config: RunConfig, dataset: AbstractDataset) -> AbstractDataset:
    """`dataset`, with the maps of `train.distortion` at each draw of pictures.

    Raises:
        ValueError: If there is a distortion, and the data are no pictures of pixels.
    """
    amount = config.train.distortion
    if not amount:
        return dataset
    if not isinstance(dataset, PixelPictures):
        raise ValueError(
            f"`train.distortion` {amount:g} moves the pixels of pictures, and the data "
            f"`{config.data}` are none: set it to 0."
        )
    return DistortedPictures(dataset, amount)  # pyright: ignore[reportCallIssue]  # `dim` is a property
