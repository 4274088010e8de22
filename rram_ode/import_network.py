"""`python -m rram_ode.import_network`: a checkpoint of weights from elsewhere."""

import dataclasses
import pathlib
from typing import Annotated

import tyro

from . import commands
from ._core._files import claim_folder


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Make a checkpoint of a network that was trained elsewhere, such as in PyTorch.

    A hidden layer is relu(W h + b + (sin 2 pi w t, cos 2 pi w t)).

    The last one is output_factor (W h + b). Nothing is unpickled.
    """

    weights: Annotated[pathlib.Path, tyro.conf.Positional]
    """A state dict: safetensors, npz, or pth (its tensors alone, with PyTorch)."""
    layout: Annotated[pathlib.Path | None, tyro.conf.arg(metavar="FILE")] = None
    """TOML or JSON with prediction (score, noise, velocity), activation, frequencies
    (name of a tensor, or numbers), output_factor, data (a name, or a file of points),
    [schedule] beta_min, beta_max, beta_factor, start_std, t0, t1; and if need be
    weights and biases (names in order), transposed, embedding, frequency_factor,
    ignore, [points] centre, scale, [classes] table (or hidden, output), null_row."""
    out: Annotated[pathlib.Path | None, tyro.conf.arg(metavar="DIR")] = None
    """Folder for weights.eqx and record.json (default runs/import-WEIGHTS)."""


def main() -> None:
    """Run the command line."""
    arguments = commands.parse_arguments(Arguments, "python -m rram_ode.import_network")
    if arguments.layout is None:
        raise ValueError(
            "give `--layout FILE.toml`, which says what the tensors mean: prediction = "
            "'noise', activation = 'relu', output_factor = 1.0, frequencies = "
            "'embed.W', data = 'ring', and under [schedule] beta_min = 0.1, beta_max = "
            "8.0."
        )
    folder = arguments.out or pathlib.Path("runs") / f"import-{arguments.weights.stem}"
    with claim_folder(folder):
        commands.run_import_network(arguments.weights, arguments.layout, folder)


if __name__ == "__main__":
    with commands.one_line_errors():
        main()
