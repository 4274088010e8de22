"""The training of a reader of pictures with its table."""

import pathlib

from ..readers import ReaderPlan, READERS, train_reader
from ._tables import print_table


def run_train_reader(
    name: str, seed: int | None, pairs: tuple[str, ...], folder: pathlib.Path
) -> None:
    """Train the reader `name`, write it and print how well it reads test pictures.

    Args:
        name: One of `readers.READERS`.
        seed: Seed of the training; `None` for that of the plan.
        pairs: Texts of `--set`, of which a reader has none.
        folder: Gets `weights.eqx` and `record.json`.

    Raises:
        ValueError: If there is no such reader, or a setting is given.
    """
    if name not in READERS:
        raise ValueError(f"no reader `{name}`; there are {', '.join(READERS)}.")
    if pairs:
        raise ValueError(
            f"`{pairs[0]}` has no effect on the training of `{name}`, which has no "
            "settings but --seed: leave it out."
        )
    plan = ReaderPlan() if seed is None else ReaderPlan(seed=seed)
    trained = train_reader(READERS[name](), folder, plan)
    spans = {**trained.record["recall"], "mean": trained.record["balanced_accuracy"]}
    rows = [
        (label, f"{mean:.3f}", f"{low:.3f} to {high:.3f}")
        for label, (mean, low, high) in spans.items()
    ]
    print_table(rows, ("class", "read right", "95 % interval"))
    print(f"\nwrote {folder}/weights.eqx, record.json")
