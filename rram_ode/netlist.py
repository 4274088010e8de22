"""`python -m rram_ode.netlist`: a programmed chip as a SPICE deck, and its check."""

import dataclasses
import pathlib
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Annotated

import jax.numpy as jnp
import tyro

from ._core._files import complete_file, output_folder
from ._core._units import format_quantity
from .chip import Chip
from .commands import command, load_preset, print_table
from .config import apply_overrides, replace
from .loop import DynamicLoop, SILENT
from .sdes import Prior
from .spice import (
    check_netlist,
    Deviation,
    find_ngspice,
    INSTALL,
    Netlist,
    read_back,
    require_readable,
    SpiceError,
    worst,
    write_netlist,
)
from .system import assemble, build_loop, run_key


Machine = tuple[DynamicLoop, Chip, jnp.ndarray]


CHECK_STEPS = 800  # outputs to 0.02 % of Kvaerno5's on `ring`; 200 leave 0.2 %


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
    deck: pathlib.Path | None = None
    """With --recognise: read this deck, and write none."""
    noise: bool = False
    """Play the cells' read noise during the first sample; that of op-amps and resistors
    is played wherever it is set."""
    seed: int = 0
    """Of the start: that of the first sample of `rram_ode.sample`."""
    chip_seed: int = 0
    """Of the chip: write noise, faults, mismatch."""
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
    if arguments.check and find_ngspice() is None:
        raise SpiceError(f"`--check` needs ngspice, which is not on PATH: {INSTALL}.")
    if arguments.recognise and arguments.noise:
        raise ValueError(
            "`--recognise` reads decks without read noise: drop `--noise`."
        )
    if arguments.deck is not None and (arguments.check or not arguments.recognise):
        raise ValueError("`--deck` goes with `--recognise`, and without `--check`.")
    if min(arguments.chips, arguments.starts) < 1:
        raise ValueError("`--chips` and `--starts` must be 1 or more.")
    if arguments.chips * arguments.starts > 1 and not arguments.check:
        raise ValueError("`--chips` and `--starts` go with `--check`.")
    given = None if arguments.deck is None else arguments.deck.read_text()
    every = machines(arguments)
    loop, chip, x1 = next(every)
    if arguments.recognise:
        require_readable(loop, chip)
    if given is not None:
        sys.exit(run_recognise(given, loop, chip, x1))
    title = f"{arguments.preset}, chip {arguments.chip_seed}, seed {arguments.seed}"
    netlist = write_netlist(loop, chip, x1, title=f"rram_ode: {title}")
    folder = output_folder(out.parent)
    with complete_file(folder / out.name) as path:
        path.write_text(netlist.text)
    resistors = sum(line.startswith("r") for line in netlist.cards)
    print(f"wrote {out}: {len(netlist.text.splitlines())} lines, {resistors} resistors")
    failed = 0
    if arguments.recognise:
        failed = run_recognise((folder / out.name).read_text(), loop, chip, x1)
    if arguments.check:
        failed |= run_check(loop, chip, x1, netlist, every)
    if failed:
        sys.exit(failed)


def run_recognise(
    text: str, loop: DynamicLoop, chip: Chip, x1: jnp.ndarray, shown: int = 10
) -> int:
    """Read a deck back, print its blocks and what differs; the exit status."""
    found = read_back(text, loop, chip, x1)
    rows = [(kind, *map(str, count)) for kind, count in found.layout.blocks.items()]
    print_table(rows, ("block", "found", "elements"))
    shapes = " ".join(f"{w.shape[0]}x{w.shape[1]}" for w in found.weights)
    times = ", ".join(format_quantity(float(t), "s") for t in found.time_constants)
    print(f"crossbars (rows x columns): {shapes or 'none'}; R C: {times or 'none'}")
    print(f"largest deviation of a weight: {found.deviation:.2g} of the largest")
    for line in found.differences[:shown]:
        print(f"DIFFERS: {line}")
    if len(found.differences) > shown:
        print(f"and {len(found.differences) - shown} more")
    return int(bool(found.differences))


def run_check(
    loop: DynamicLoop,
    chip: Chip,
    x1: jnp.ndarray,
    netlist: Netlist,
    others: Iterable[Machine] = (),
) -> int:
    """Compare `netlist` with the dynamic model, print a table; the exit status.

    `others` are compared by decks of their own; the table has the worst of all.
    """
    runs = [check_netlist(loop, chip, x1, netlist=netlist)]
    runs += [check_netlist(*machine) for machine in others]
    if len(runs) > 1:
        print(f"the worst of {len(runs)} runs:")
    found = worst(runs)
    print_table([_row(each) for each in found], HEADER)
    failed = [each.name for each in found if not each.passed]
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    return int(bool(failed))


HEADER = ("nodes", "full scale", "largest, %", "rms, %", "limit, %")


def _row(found: Deviation) -> tuple[str, ...]:
    return (
        found.name,
        format_quantity(found.full_scale, "V"),
        *(f"{100 * x:.4f}" for x in (found.largest, found.rms, found.limit)),
    )


def machine(arguments: Arguments) -> Machine:
    """The loop, the chip, and the first start."""
    return next(machines(arguments))


def machines(arguments: Arguments) -> Iterator[Machine]:
    """Each chip with each start; a start is the first sample of its seed."""
    config = replace(load_preset(arguments.preset), "fidelity", "dynamic")
    if arguments.checkpoint is not None:
        config = replace(config, "checkpoint", arguments.checkpoint)
    config = apply_overrides(config, arguments.set)
    if config.fidelity != "dynamic":
        raise ValueError("a netlist has op-amps that take time: `fidelity` dynamic.")
    steps = max(CHECK_STEPS, config.solve.num_steps)
    config = replace(config, "solve.num_steps", steps)
    system = assemble(config, None)
    read = system.design.cell.read if arguments.noise else SILENT
    identity = system.loop.identity
    loop = build_loop(config, system.checkpoint.sde, read, identity=identity)
    assert isinstance(loop, DynamicLoop)  # by its fidelity
    first = jnp.asarray(0, jnp.uint32)
    prior = Prior(config.solve.start_std)
    for number in range(arguments.chips):
        chip = system.chip(arguments.chip_seed + number)
        loop.check(chip)
        for seed in range(arguments.seed, arguments.seed + arguments.starts):
            x1 = prior.sample(run_key(seed), first, 1, chip.score.dim)[:, 0]
            yield loop, chip, x1


if __name__ == "__main__":
    command(main)
