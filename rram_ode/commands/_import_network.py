"""The import of a network that was trained elsewhere, with its tables."""

import pathlib

from ..system import import_weights
from ._tables import print_text
from ._train import print_checkpoint, print_quality


def run_import_network(
    weights: pathlib.Path, layout: pathlib.Path, folder: pathlib.Path
) -> None:
    """Make a checkpoint of `weights`, and print what was read and how it samples."""
    found = import_weights(weights, layout, folder=folder)
    network = found.checkpoint.score.network
    sizes = "-".join(map(str, (network.dim, *network.widths, network.dim)))
    print_text(f"{sizes}, from {', '.join(found.weights)} of `{weights}`.")
    print()
    print_checkpoint([], found.checkpoint.ranges)
    print_quality(found.quality)
    print_text(
        "If `digital` is far above `floor` though the network was good where it came "
        "from, the layout is not its own: look at frequencies, output_factor, "
        "prediction and schedule."
    )
    print(f"\nwrote {folder}/weights.eqx, record.json")
