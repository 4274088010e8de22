"""Knobs of the autoencoder behind data in a latent space."""

from dataclasses import dataclass

from ._knob import knob


_CODE = "the paper's code"


@dataclass(frozen=True)
class LatentsConfig:
    """The variational autoencoder whose latents are the data, and its training."""

    checkpoint: str = knob(
        "letters-vae",
        source="this package",
        role="environment",
        help="name of a shipped autoencoder, or its folder; for data in latent space",
    )
    dim: int = knob(
        2,
        source=_CODE,
        role="numerical",
        help="number of coordinates of a latent",
    )
    seed: int = knob(
        0,
        source="assumption",
        role="numerical",
        help="seed of weights, batches and noise",
    )
    epochs: int = knob(
        200,
        source="assumption: our data are a fifth of the paper's (20 epochs)",
        role="numerical",
        help="number of passes over the images",
    )
    batch: int = knob(
        64, source=_CODE, role="numerical", help="number of images per step"
    )
    learning_rate: float = knob(
        3e-3,
        source="assumption (the paper: 1e-3 throughout)",
        role="numerical",
        help="learning rate of Adam at the start; a cosine lowers it to 0",
    )
    kl_weight: float = knob(
        3.0,
        source=_CODE,
        role="numerical",
        help="weight of the divergence from the prior, beside the cross-entropy",
    )
    balance: float = knob(
        1.0,
        source="assumption (the paper: 0)",
        role="numerical",
        help="exponent of a class's weight in the number of its images, downwards: 0 "
        "is one weight for all images, 1 one for all classes",
    )
    distortion: float = knob(
        0.15,
        source="assumption (the paper: 0)",
        role="numerical",
        help="random stretch, turn and shift of images at the start of the training, "
        "over half their size; it falls evenly to 0",
    )
