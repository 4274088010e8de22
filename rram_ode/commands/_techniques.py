"""Published techniques on networks: rows of those that apply, and why others do not."""

from collections.abc import Callable, Sequence
from typing import Any

from tqdm import tqdm

from ..accelerators import AbstractTechnique, PLAIN_TECHNIQUES, TECHNIQUES
from ..energy import Constants, Values
from ..studies import Row, technique_rows, Trial


def try_techniques(
    trials: Sequence[Trial],
    systems: Sequence[str],
    table: Constants,
    ours: Callable[[Values], Any] | None,
) -> tuple[list[Row], list[str]]:
    """Rows of all techniques that are asked for, and a line for each that is left out.

    A network that is not the chip's own has rows without a technique, too.

    Args:
        trials: The networks.
        systems: Names of rows.
        table: Constants of the energy model.
        ours: Joules of the analog machine; `None` where there is none.
    """
    asked = [one for one in TECHNIQUES if any(name in systems for name in one.names)]
    jobs: list[tuple[Trial, AbstractTechnique, Sequence[str]]] = []
    left_out: list[str] = []
    for trial in trials:
        if trial.network and asked:
            jobs += [(trial, one, one.names) for one in PLAIN_TECHNIQUES]
        for one in asked:
            if (reason := one.refusal(trial.score)) is None:
                jobs.append((trial, one, systems))
                continue
            where = f" on {trial.network}" if trial.network else ""
            names = ", ".join(name for name in one.names if name in systems)
            left_out.append(f"{names}{where} is left out: {reason}.")
    rows: list[Row] = []
    if jobs:
        with tqdm(unit="search step", desc="techniques") as bar:
            for trial, one, names in jobs:
                rows += technique_rows(
                    trial, one, names, table, ours, bar.update, left_out.append
                )
    return rows, left_out
