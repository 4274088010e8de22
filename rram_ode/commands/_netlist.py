"""A chip as a SPICE deck: written, read back, and checked against ngspice."""

import dataclasses
import pathlib
import re
import sys
import warnings
from collections.abc import Iterable, Sequence
from typing import Any

from .._core._files import complete_file, output_folder
from .._core._units import format_quantity
from .._core._versions import versions
from ..config import replace, RunConfig
from ..spice import (
    check_netlist,
    Deviation,
    find_ngspice,
    INSTALL,
    Netlist,
    read_back,
    read_user_file,
    require_readable,
    require_runnable,
    SpiceError,
    SpiceWarning,
    user_netlist,
    UserFile,
    worst,
    write_netlist,
)
from ..system import (
    check_subcircuit,
    load_chip,
    netlist_cases,
    NetlistCase,
    reason_of,
    reasons,
    record_inputs,
    System,
)
from ._decoder import has_analog_decoder
from ._files import write_json
from ._idle import print_questions
from ._plan import Cost, LAW, require_cells, require_fit
from ._saved_chip import print_saved
from ._tables import print_table, print_text


MOST_DIFFERENCES = 10
HEADER = ("nodes", "full scale", "largest, %", "rms, %", "limit, %")


def run_netlist(
    config: RunConfig,
    numbers: dict[str, Any],
    out: pathlib.Path,
    *,
    deck: pathlib.Path | None = None,
    chip_file: pathlib.Path | None = None,
    yes: bool = False,
) -> int:
    """Write, read back and check decks as asked for; the exit status.

    Args:
        config: All settings; its op-amps become states.
        numbers: What was asked for: `preset`; `seed` and `chip_seed` of the first start
            and chip, of which there are `starts` and `chips`; `noise`, whether that of
            the cells and of the blocks around them is played; `check`, whether ngspice
            runs and every node is compared; `recognise`, whether the deck is read back
            and every element compared.
        out: The deck of the first chip and start; a record of the check lies beside.
        deck: A deck of the user's to read back, or to run, in place of a written one.
        chip_file: A saved chip, or a map of conductances; `None` programs the chips.
        yes: Whether to run what does not fit, too.
    """
    check, recognise = numbers["check"], numbers["recognise"]
    if check and find_ngspice() is None:
        raise SpiceError(f"`--check` needs ngspice, which is not on PATH: {INSTALL}.")
    given = None if deck is None else _read(deck)
    system = System.from_config(replace(config, "fidelity", "dynamic"))
    print_questions(system.config)
    saved = None
    if chip_file is not None:
        saved = load_chip(system, chip_file, numbers["chip_seed"])
        numbers = {**numbers, "chip_seed": saved.seed}
    seconds = LAW.deck * require_cells(config, system, yes=yes)
    many = {f"--{name}": numbers[name] for name in ("chips", "starts")}
    for name, num in sorted(many.items(), key=lambda each: -each[1]):
        rest = many["--chips"] * many["--starts"] // num
        cost = Cost(LAW.report, "deviations", seconds * rest)
        require_fit(name, num, cost, "fewer of the other", yes=yes)
    ranges = (
        range(numbers[first], numbers[first] + numbers[number])
        for first, number in (("chip_seed", "chips"), ("seed", "starts"))
    )
    cases = netlist_cases(system, *ranges, noise=numbers["noise"], saved=saved)
    case = next(cases)
    if saved is not None and chip_file is not None:
        print_saved(system, chip_file, saved, case.chip)
    if recognise:
        require_readable(case.loop, case.chip)
    netlist = write_netlist(*case, title=_title(numbers, chip_file))
    folder = output_folder(out.parent)
    if given is None:
        with complete_file(folder / out.name) as path:
            path.write_text(netlist.text)
        _print_written(out, netlist)
        if has_analog_decoder(system):
            print_text(
                "The decoder on the chip is not in the deck: it follows a solve."
            )
    failed, found = 0, []
    if recognise:
        text = (folder / out.name).read_text() if given is None else given.text
        failed = run_recognise(text, case)
    if check and given is not None:
        found = run_check(case, user_netlist(given, netlist))
        print_text(
            "A deck of your own is compared at one start: an element whose row is "
            "dead there moves no node. `--recognise` compares every element."
        )
    elif check:
        found = run_check(case, netlist, cases)
    own = []
    if check and given is None and config.op_amp.subcircuit is not None:
        own = run_check_subcircuit(config, case)
    failed |= not all(each.passed for each in (*found, *own))
    if check or recognise:
        record = {
            **numbers,
            "chip": None if chip_file is None else str(chip_file),
            "deck": None if deck is None else str(deck),
            "config": dataclasses.asdict(config),
            "files": record_inputs(config, folder, chip=chip_file, deck=deck),
            "versions": versions(),
            "passed": not failed,
            "nodes": [dataclasses.asdict(each) for each in found],
            "nodes_with_subcircuit": [dataclasses.asdict(each) for each in own],
        }
        write_json(folder / f"{out.name}.json", record)
    return int(failed)


def _title(numbers: dict[str, Any], chip_file: pathlib.Path | None) -> str:
    """First line of a deck."""
    chip = str(numbers["chip_seed"])
    if chip_file is not None:
        chip = "of " + re.sub(r"[^\w.-]", "_", chip_file.name)
    return f"rram_ode: {numbers['preset']}, chip {chip}, seed {numbers['seed']}"


def _print_written(out: pathlib.Path, netlist: Netlist) -> None:
    resistors = sum(line.startswith("r") for line in netlist.cards)
    print(f"wrote {out}: {len(netlist.text.splitlines())} lines, {resistors} resistors")


def _read(deck: pathlib.Path) -> UserFile:
    """The cards of a user's deck; what is left out is printed."""
    given = read_user_file(deck, has_title=True)
    require_runnable(given.cards)
    for line in given.left_out:
        print_text(f"left out: {line}")
    return given


def run_recognise(text: str, case: NetlistCase) -> int:
    """Read a deck back, print its blocks and what differs; the exit status."""
    found = read_back(text, *case)
    rows = [(kind, *map(str, count)) for kind, count in found.layout.blocks.items()]
    print_table(rows, ("block", "found", "elements"))
    shapes = " ".join(f"{w.shape[0]}x{w.shape[1]}" for w in found.weights)
    times = ", ".join(format_quantity(float(t), "s") for t in found.time_constants)
    print(f"crossbars (rows x columns): {shapes or 'none'}; R C: {times or 'none'}")
    print(f"largest deviation of a weight: {found.deviation:.2g} of the largest")
    for line in found.differences[:MOST_DIFFERENCES]:
        print(f"DIFFERS: {line}")
    if len(found.differences) > MOST_DIFFERENCES:
        print(f"and {len(found.differences) - MOST_DIFFERENCES} more")
    return int(bool(found.differences))


def run_check(
    case: NetlistCase, netlist: Netlist, others: Iterable[NetlistCase] = ()
) -> list[Deviation]:
    """Compare a deck with the dynamic model, print a table; the worst deviations.

    Args:
        case: What the deck describes.
        netlist: The deck.
        others: More cases, compared by decks of their own; the table has the worst.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SpiceWarning)
        runs = [check_netlist(*case, netlist=netlist)]
        runs += [check_netlist(*each) for each in others]
    for line in dict.fromkeys(str(each.message) for each in caught):
        print(f"warning: {line}", file=sys.stderr)
    if len(runs) > 1:
        print(f"the worst of {len(runs)} runs:")
    found = worst(runs)
    _print_deviations(found)
    return found


def run_check_subcircuit(config: RunConfig, case: NetlistCase) -> list[Deviation]:
    """Compare the model with the loop of the subcircuit itself; the deviations."""
    found, measured = check_subcircuit(config, *case)
    print(f"beside the loop with {config.op_amp.subcircuit} itself:")
    if _print_deviations(found, [reason_of(x, config, measured) for x in found]):
        for line in reasons(config, measured):
            print_text(f"left out of the model: {line.text}")
    return found


def _print_deviations(found: list[Deviation], why: Sequence[str] = ()) -> bool:
    """A table of nodes; whether one of them is beyond its limit.

    Args:
        found: Deviations by class of nodes.
        why: A reason for each that is beyond its limit, if any is known.
    """
    rows, header = [_row(each) for each in found], HEADER
    if any(why):
        header = (*HEADER, "reason")
        rows = [(*row, text) for row, text in zip(rows, why, strict=True)]
    print_table(rows, header)
    failed = [each.name for each in found if not each.passed]
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    return bool(failed)


def _row(found: Deviation) -> tuple[str, ...]:
    return (
        found.name,
        format_quantity(found.full_scale, "V"),
        *(f"{100 * x:.4f}" for x in (found.largest, found.rms, found.limit)),
    )
