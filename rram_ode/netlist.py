"""`python -m rram_ode.netlist`: a programmed chip as a SPICE deck, and its check."""

import dataclasses
import pathlib
import re
import sys
from typing import Annotated

import tyro

from . import commands
from .config import parse_pairs


FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Write the closed loop of a programmed chip for SPICE."""

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """What to write; `python -m rram_ode.sample --list` names them."""
    out: pathlib.Path | None = None
    """The deck (default runs/PRESET.cir)."""
    check: bool = False
    """Run ngspice and compare every node; exit status 1 if they differ."""
    chips: int = 1
    """With --check: number of chips, from --chip-seed on; the deck is the first's."""
    starts: int = 1
    """With --check: number of starts on each chip, from --seed on."""
    recognise: bool = False
    """Read the deck back, find its blocks, compare every element with the model; exit
    status 1 if they differ."""
    yes: bool = False
    """Run what does not fit into memory or a day, too."""
    deck: pathlib.Path | None = None
    """With --recognise: read this deck; with --check: run it; none is written. A
    `.control` block is left out, files that it includes lie beside it."""
    noise: bool = False
    """Play noise of cells, supply, ground and multipliers, and 1/f noise, during the
    first sample; white noise of op-amps is played wherever it is set."""
    seed: int = 0
    """Seed of the start, which is the first sample of `rram_ode.sample`."""
    chip_seed: int = 0
    """Seed of the chip: write noise, faults, mismatch."""
    checkpoint: str | None = None
    """Folder that `rram_ode.train` wrote, or the name of a shipped one."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, e.g. op_amp.kind=board."""


def main() -> None:
    """Run the command line."""
    arguments = tyro.cli(Arguments, prog="python -m rram_ode.netlist")
    out = arguments.out or pathlib.Path("runs") / f"{arguments.preset}.cir"
    if not FILE_NAME.fullmatch(out.name):
        raise ValueError(
            "the name of a deck has letters, digits, `_`, `-` and `.` alone; got "
            f"{out.name!r}."
        )
    if arguments.recognise and arguments.noise:
        raise ValueError(
            "`--recognise` reads decks without read noise: drop `--noise`."
        )
    if arguments.deck is not None and not (arguments.check or arguments.recognise):
        raise ValueError("`--deck` goes with `--recognise` or `--check`.")
    if arguments.deck is not None and arguments.chips * arguments.starts > 1:
        raise ValueError("`--deck` is one chip and one start: leave out the others.")
    if min(arguments.chips, arguments.starts) < 1:
        raise ValueError("`--chips` and `--starts` must be 1 or more.")
    if arguments.chips * arguments.starts > 1 and not arguments.check:
        raise ValueError("`--chips` and `--starts` go with `--check`.")
    asked = parse_pairs(arguments.set).get("fidelity", "dynamic")
    if asked != "dynamic":
        raise ValueError(
            f"a netlist has op-amps that take time, `fidelity` dynamic; got {asked}."
        )
    config = commands.configure(
        arguments.preset, arguments.set, checkpoint=arguments.checkpoint
    )
    status = commands.run_netlist(
        config,
        f"{arguments.preset}, chip {arguments.chip_seed}, seed {arguments.seed}",
        out,
        chip_seeds=range(arguments.chip_seed, arguments.chip_seed + arguments.chips),
        seeds=range(arguments.seed, arguments.seed + arguments.starts),
        noise=arguments.noise,
        check=arguments.check,
        recognise=arguments.recognise,
        deck=arguments.deck,
        yes=arguments.yes,
    )
    if status:
        sys.exit(status)


if __name__ == "__main__":
    with commands.one_line_errors():
        main()
