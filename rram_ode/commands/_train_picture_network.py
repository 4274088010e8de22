"""The training of a picture network with its progress and its table."""

import dataclasses
import pathlib

from .._core._files import output_folder
from ..training import PICTURE_NETWORKS, Progress, train_picture_network
from ..views import progress
from ._tables import print_table


def is_picture_network(name: str) -> bool:
    """Whether `name` is one of `PICTURE_NETWORKS`."""
    return name in PICTURE_NETWORKS


def run_train_picture_network(
    name: str, seed: int | None, pairs: tuple[str, ...], folder: pathlib.Path
) -> None:
    """Train a network of `PICTURE_NETWORKS`, write it and print how it went.

    Args:
        name: Its name.
        seed: Seed of the training; `None` for that of the recipe.
        pairs: Texts of `--set`, of which such a network has none.
        folder: Gets `weights.eqx` and `record.json`.

    Raises:
        ValueError: If a setting is given.
    """
    if pairs:
        raise ValueError(
            f"`{pairs[0]}` has no effect on the training of `{name}`, which has no "
            "settings but --seed: leave it out."
        )
    plan = PICTURE_NETWORKS[name].plan
    plan = plan if seed is None else dataclasses.replace(plan, seed=seed)
    last: list[Progress] = []
    output_folder(folder)  # before the bar
    with progress(plan.steps, "step", name="training") as bar:

        def report(step: Progress) -> None:
            bar(step)
            last[:] = [step]

        found = train_picture_network(name, folder, plan=plan, report=report)
    rows = [
        ("steps", str(plan.steps)),
        *(("loss of the last steps", f"{each.loss:.5f}") for each in last),
        ("seconds", f"{found.record['seconds']:.1f}"),
    ]
    print_table(rows, ("training", "value"))
    print(f"\nwrote {folder}/weights.eqx, record.json")
