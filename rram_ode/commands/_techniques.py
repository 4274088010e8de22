"""Published techniques on networks: rows of those that apply, and why others do not."""

import dataclasses
import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..accelerators import AbstractTechnique, PLAIN_TECHNIQUES, TECHNIQUES
from ..energy import Constants, Values
from ..scores import AbstractLayeredScore
from ..studies import Finding, keep_rows, Row, technique_rows, Trial
from ..system import Store
from ..views import progress


@dataclasses.dataclass(frozen=True)
class TechniquePlan:
    """Techniques that are asked for, by the networks that they apply to.

    Args:
        jobs: Network, technique and names of rows, in the order of the rows.
        left_out: A sentence for each technique that does not apply to a network.
    """

    jobs: tuple[tuple[str, AbstractTechnique, tuple[str, ...]], ...]
    left_out: tuple[str, ...]


def plan_techniques(
    networks: Mapping[str, AbstractLayeredScore], systems: Sequence[str]
) -> TechniquePlan:
    """Find which techniques apply to which networks; nothing runs.

    A network that is not the chip's own has rows without a technique, too, beside the
    techniques that apply to it.

    Args:
        networks: Scores by the name of the network; that of the chip has no name.
        systems: Names of rows.
    """
    jobs: list[tuple[str, AbstractTechnique, tuple[str, ...]]] = []
    left_out: list[str] = []
    for network, score in networks.items():
        apply: list[tuple[str, AbstractTechnique, tuple[str, ...]]] = []
        for one in TECHNIQUES:
            names = tuple(name for name in one.names if name in systems)
            if not names:
                continue
            if (reason := one.refusal(score)) is None:
                apply.append((network, one, names))
                continue
            where = f" on {network}" if network else ""
            left_out.append(f"{', '.join(names)}{where} is left out: {reason}.")
        if network and apply:
            jobs += [(network, one, one.names) for one in PLAIN_TECHNIQUES]
        jobs += apply
    return TechniquePlan(tuple(jobs), tuple(left_out))


def try_techniques(
    plan: TechniquePlan,
    trials: Sequence[Trial],
    table: Constants,
    ours: Callable[[Values], Any] | None,
    store: Store,
) -> list[Row]:
    """The rows of a plan; what makes one doubtful is printed as a warning.

    Args:
        plan: What runs.
        trials: The networks of the plan.
        table: Constants of the energy model.
        ours: Joules of the analog machine; `None` where there is none.
        store: Keeps the rows of each technique, so that a killed comparison goes on.
    """
    of_network = {trial.network: trial for trial in trials}
    rows: list[Row] = []
    warnings: list[str] = []
    if plan.jobs:
        with progress(unit="search step", name="techniques") as bar:
            for network, one, names in plan.jobs:
                trial = of_network[network]
                find = functools.partial(_find, trial, one, names, table, ours, bar)
                own = "-".join(("technique", network or "own", *names))
                found = keep_rows(store, own, table, find)
                rows += found.rows
                warnings += found.warnings
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return rows


def _find(
    trial: Trial,
    one: AbstractTechnique,
    names: tuple[str, ...],
    table: Constants,
    ours: Callable[[Values], Any] | None,
    bar: Callable[[int], object],
) -> Finding:
    warnings: list[str] = []
    rows = technique_rows(trial, one, names, table, ours, bar, warnings.append)
    return Finding(rows, warnings)


def refuse_all(preset: str, reasons: Sequence[str]) -> ValueError:
    """The error of a set of systems of which none can run on a preset."""
    return ValueError(
        f"no system of `--systems` can run on `{preset}`: {' '.join(reasons)} Name "
        "another one; `--list` has all of them."
    )
