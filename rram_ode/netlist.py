"""`python -m rram_ode.netlist`: a programmed chip as a SPICE deck, and its check."""

import dataclasses
import pathlib
import re
import sys
from typing import Annotated

import tyro

from . import commands
from .config import parse_pairs, RunConfig


REPEATED = ("preset", "check", "chips", "starts", "recognise", "noise")
REPEATED += ("seed", "chip_seed")


FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Write the closed loop of a programmed chip for SPICE."""

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """What to write; `python -m rram_ode.sample --list` names them."""
    out: pathlib.Path | None = None
    """The deck (default runs/PRESET.cir); OUT.json is the record of a check."""
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
    chip: pathlib.Path | None = None
    """Take the cells of this saved chip, or measured map (folder, npz), as they are, as
    `rram_ode.sample` does."""
    config: pathlib.Path | None = None
    """Repeat the check of this record (OUT.json), if its files are those of then."""
    checkpoint: str | None = None
    """Folder that `rram_ode.train` wrote, or the name of a shipped one."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, e.g. op_amp.kind=board."""


def main() -> None:
    """Run the command line."""
    arguments = commands.parse_arguments(Arguments, "python -m rram_ode.netlist")
    base: str | RunConfig = arguments.preset
    if arguments.config is not None:
        names = ("checkpoint", "chip", "deck")
        given = [name for name in names if getattr(arguments, name) is not None]
        given += parse_pairs(arguments.set)
        base, report = commands.load_config(arguments.config, given)
        arguments = commands.repeat_arguments(
            arguments, arguments.config, report, REPEATED
        )
        then = {name: report[name] for name in ("chip", "deck") if report.get(name)}
        own = {n: pathlib.Path(file) for n, file in then.items() if n not in given}
        arguments = dataclasses.replace(arguments, **own)
    name = f"{arguments.preset}.cir" if arguments.deck is None else arguments.deck.name
    out = arguments.out or pathlib.Path("runs") / name
    if arguments.deck is None and not FILE_NAME.fullmatch(out.name):
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
    if arguments.chip is not None and arguments.chips > 1:
        raise ValueError("`--chip` is one chip: leave `--chips` at 1.")
    if arguments.chips * arguments.starts > 1 and not arguments.check:
        raise ValueError("`--chips` and `--starts` go with `--check`.")
    asked = parse_pairs(arguments.set).get("fidelity", "dynamic")
    if asked != "dynamic":
        raise ValueError(
            f"a netlist has op-amps that take time, `fidelity` dynamic; got {asked}."
        )
    config = commands.configure(
        base, arguments.set, fidelity="dynamic", checkpoint=arguments.checkpoint
    )
    status = commands.run_netlist(
        config,
        {name: getattr(arguments, name) for name in REPEATED},
        out,
        deck=arguments.deck,
        chip_file=arguments.chip,
        yes=arguments.yes,
    )
    if status:
        sys.exit(status)


if __name__ == "__main__":
    with commands.one_line_errors():
        main()
