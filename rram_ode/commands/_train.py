"""The training of a checkpoint with its progress and its tables."""

import pathlib

import numpy as np

from .._core._files import output_folder
from ..chip import Ranges
from ..config import RunConfig
from ..datasets.tables import is_table_file
from ..metrics import Quality
from ..system import describe_points, train_network, TrainedNetwork
from ..training import check_plan
from ..views import progress
from ._idle import print_questions
from ._plan import Cost, LAW, require_fit
from ._tables import print_table, print_text


METRICS = ("kl_1d", "kl_2d", "hist_l2", "sliced_wasserstein")


def run_train(config: RunConfig, folder: pathlib.Path, *, yes: bool = False) -> None:
    """Train the network of `config`, write its checkpoint and print how it went.

    Args:
        config: All settings.
        folder: Gets the checkpoint.
        yes: Whether to run what does not fit into this computer, too.
    """
    check_plan(config.train)  # before the bar
    plan_training(config, yes=yes)
    if is_table_file(config.data):
        print_text(describe_points(config))
    print_questions(config)
    output_folder(folder)  # before the bar, too
    with progress(config.train.steps, "step", name="training") as bar:
        trained = train_network(config, folder=folder, progress=bar)
    _print(config, trained)
    print(f"\nwrote {folder}/weights.eqx, record.json")


def plan_training(config: RunConfig, *, yes: bool) -> None:
    """Refuse sizes of a network and of its training that do not fit.

    Raises:
        ValueError: As `require_fit`.
    """
    plan, widths = config.train, config.network.widths
    sizes = (widths[0], *widths, widths[-1])
    weights = sum((a + 1) * b for a, b in zip(sizes[:-1], sizes[1:], strict=True))
    widest, batch = max(widths), plan.batch * max(plan.noise_draws, 1)
    state = Cost(LAW.weight * weights / widest, "weights and their optimiser")
    require_fit("network.widths", widest, state, "narrower layers", yes=yes)
    values = LAW.activation * sum(sizes) * max(plan.noise_draws, 1)
    cost = Cost(values, "activations of a batch")
    require_fit("train.batch", plan.batch, cost, "a narrower network", yes=yes)
    steps = Cost(LAW.loss, "losses", LAW.gradient * weights * batch + LAW.step)
    require_fit("train.steps", plan.steps, steps, "a smaller batch", yes=yes)


def _print(config: RunConfig, trained: TrainedNetwork) -> None:
    rows = [
        ("steps", str(config.train.steps)),
        ("final loss", f"{float(trained.fit.losses[-1]):.5f}"),
        ("seconds", f"{trained.fit.seconds:.1f}"),
    ]
    print_checkpoint(rows, trained.checkpoint.ranges)
    print_quality(trained.quality)


def print_checkpoint(rows: list[tuple[str, str]], ranges: Ranges) -> None:
    """A table of how a network was made, and of the ranges of its values."""
    rows = [
        *rows,
        ("largest |x|", f"{float(ranges.state):.2f}"),
        *(
            (f"largest activation {number}", f"{float(peak):.2f}")
            for number, peak in enumerate(ranges.hidden, start=1)
        ),
        ("largest |output|", f"{float(ranges.output):.2f}"),
    ]
    print_table(rows, ("network", "value"))
    print()


def print_quality(quality: dict[str, list[Quality]]) -> None:
    """Metrics of digital samples beside those of fresh data, means over seeds."""
    number = quality["digital"][0].num_samples
    names = [k for k in METRICS if getattr(quality["digital"][0], k) is not None]
    rows = [
        (name, *(f"{np.mean([getattr(q, k) for q in each]):.4f}" for k in names))
        for name, each in quality.items()
    ]
    print_table(rows, (f"{number} samples", *names))
