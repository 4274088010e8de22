"""Networks of pictures that no chip here holds: recipes, files, the shipped ones.

The image accelerators are judged on them: a U-Net of handwritten digits with two
activations, and an attention network of discs and crosses with words for them.
"""

import dataclasses
import pathlib
from collections.abc import Callable
from typing import Any

import jax.random as jr

from .._core._files import output_folder
from .._core._streams import TrainingStream
from .._core._types import Key
from .._core._weights import (
    complete_record,
    pack,
    read_record,
    read_weights,
    RECORD,
    require_files,
    SHIPPED,
    unpack,
    WEIGHTS,
    write_weights,
)
from ..config import TrainConfig
from ..datasets import AbstractDataset, figures
from ..datasets.pictures import digits, DistortedPictures
from ..scores import (
    AbstractPictureScore,
    Activation,
    attention_score,
    DenoisingPreconditioning,
    NoisePreconditioning,
    unet_score,
)
from ..sdes import VPSDE
from ._fit import Progress
from ._picture_fit import fit_pictures


FORMAT = "rram_ode picture network"


BETA = 0.1, 12.0  # as `digits`, so that chip and U-Net begin from the same noise


SPREAD = 0.95  # root mean square of discs and crosses; of digits it is 0.8


PLAN = TrainConfig(
    seed=0,
    batch=128,
    learning_rate=2e-3,
    warmup=200,
    ema=0.999,
    weight_noise=0.0,
    column_noise=0.0,
    noise_draws=1,
    saturation_weight=0.0,
    t_min=1e-3,
)


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How one network is made.

    Args:
        what: What it is, in a phrase.
        data: What it learns.
        untrained: Makes the score before training from a key.
        plan: How it is trained.
    """

    what: str
    data: Callable[[], AbstractDataset]
    untrained: Callable[[Key], AbstractPictureScore]
    plan: TrainConfig


def _digits() -> AbstractDataset:
    """Digits that are moved a little at each draw, as `digits` learns them."""
    return DistortedPictures(digits(), 0.03)  # pyright: ignore[reportCallIssue]  # `dim` is a property


def _unet(
    activation: Activation, is_denoiser: bool
) -> Callable[[Key], AbstractPictureScore]:
    def untrained(key: Key) -> AbstractPictureScore:
        sde = VPSDE(*BETA)
        pre = (
            DenoisingPreconditioning(sde, 0.8)
            if is_denoiser
            else NoisePreconditioning(sde)
        )
        return unet_score(8, pre, num_classes=10, activation=activation, key=key)

    return untrained


def attention_recipe(side: int, patch: int, steps: int, batch: int) -> Recipe:
    """An attention network of figures.

    Args:
        side: Pixels a side.
        patch: Pixels a side of a token.
        steps: Number of steps of its training.
        batch: Pictures of a step.
    """

    def untrained(key: Key) -> AbstractPictureScore:
        pre = DenoisingPreconditioning(VPSDE(*BETA), SPREAD)
        words = figures(side).words
        return attention_score(side, pre, patch=patch, descriptions=words, key=key)

    plan = dataclasses.replace(PLAN, steps=steps, batch=batch)
    tokens = (side // patch) ** 2
    what = f"attention among {tokens} patches"
    return Recipe(what, lambda: figures(side), untrained, plan)


_UNET_PLAN = dataclasses.replace(PLAN, steps=3_000)


PICTURE_NETWORKS = {
    "digits-unet": Recipe(
        "U-Net of digits, SiLU", _digits, _unet("silu", False), _UNET_PLAN
    ),
    "digits-unet-relu": Recipe(
        "U-Net of digits, ReLU", _digits, _unet("relu", False), _UNET_PLAN
    ),
    "attention": attention_recipe(16, 2, 4_000, 128),
}


@dataclasses.dataclass(frozen=True)
class PictureNetwork:
    """A trained network with its record.

    Args:
        score: Its score, of all classes together; `score.of_class` gives one.
        record: All of `record.json`.
    """

    score: AbstractPictureScore
    record: dict[str, Any]


def train_picture_network(
    name: str,
    folder: pathlib.Path | str,
    *,
    plan: TrainConfig | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> PictureNetwork:
    """Train a network of `PICTURE_NETWORKS` and write it; a killed run resumes.

    Args:
        name: Its name.
        folder: Gets `weights.eqx` and `record.json`, the record last.
        plan: How to train, in place of the recipe's plan.
        report: Function that is called as the training goes on.
    """
    recipe, folder = _recipe(name), output_folder(pathlib.Path(folder))
    plan = recipe.plan if plan is None else plan
    key = jr.fold_in(jr.key(plan.seed), TrainingStream.WEIGHTS)
    score, seconds = fit_pictures(
        recipe.untrained(key), recipe.data(), plan, folder=folder, report=report
    )
    content = pack(score)
    used = ("seed", "steps", "batch", "learning_rate", "warmup", "clip", "ema")
    record = {
        "name": name,
        "what": recipe.what,
        "train": {one: getattr(plan, one) for one in used},
        "seconds": round(seconds, 1),
    }
    write_weights(folder, content, complete_record(FORMAT, content, record))
    return load_picture_network(folder)


def load_picture_network(folder: pathlib.Path | str) -> PictureNetwork:
    """Read a network, in the default precision. Nothing in it is executed.

    Raises:
        ValueError: If a file is missing, damaged or no such network's.
    """
    folder = pathlib.Path(folder)
    remedy = "`python -m rram_ode.train digits-unet`"
    require_files(folder, "picture network", remedy)
    record = read_record(folder / RECORD, FORMAT, "picture network")
    recipe = _recipe(str(record.get("name")))
    content = read_weights(folder, record)
    try:
        score = unpack(
            content, lambda: recipe.untrained(jr.key(0)), recipe.what, "network"
        )
    except ValueError as error:
        raise ValueError(f"`{folder / WEIGHTS}`: {error}.") from error
    return PictureNetwork(score, record)


def shipped_picture_network(name: str) -> PictureNetwork:
    """The shipped network `name`.

    Raises:
        ValueError: If there is none; the message lists those that exist.

    Example:
        >>> import rram_ode as rr
        >>> rr.training.shipped_picture_network("attention").score.num_tokens
        64
    """
    _recipe(name)
    return load_picture_network(SHIPPED / name)


def _recipe(name: str) -> Recipe:
    if name not in PICTURE_NETWORKS:
        raise ValueError(
            f"there is no picture network `{name}`; there are "
            f"{', '.join(PICTURE_NETWORKS)}."
        )
    return PICTURE_NETWORKS[name]
