"""The checkpoints that come with the package."""

import pathlib

from ._checkpoint import Checkpoint, load_checkpoint


SHIPPED = pathlib.Path(__file__).parents[1] / "checkpoints"


def shipped_names() -> list[str]:
    """Names of the shipped checkpoints."""
    return sorted(path.parent.name for path in SHIPPED.glob("*/record.json"))


def shipped_checkpoint(name: str) -> Checkpoint:
    """The shipped checkpoint `name`.

    Raises:
        ValueError: If there is none of this name, with those that exist.
    """
    if name not in shipped_names():
        raise ValueError(
            f"no shipped checkpoint `{name}`; there are {', '.join(shipped_names())}."
        )
    return load_checkpoint(SHIPPED / name)
