"""A chip as a SPICE deck: written, read back, and checked against ngspice."""

import pathlib
import sys
import warnings
from collections.abc import Iterable

from .._core._files import complete_file, output_folder
from .._core._units import format_quantity
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
    netlist_cases,
    NetlistCase,
    reasons,
    System,
)
from ._decoder import has_analog_decoder
from ._idle import print_questions
from ._plan import Cost, LAW, require_cells, require_fit
from ._tables import print_table, print_text


MOST_DIFFERENCES = 10
HEADER = ("nodes", "full scale", "largest, %", "rms, %", "limit, %")


def run_netlist(
    config: RunConfig,
    title: str,
    out: pathlib.Path,
    *,
    chip_seeds: range,
    seeds: range,
    noise: bool,
    check: bool,
    recognise: bool,
    deck: pathlib.Path | None,
    yes: bool = False,
) -> int:
    """Write, read back and check decks as asked for; the exit status.

    Args:
        config: All settings; its op-amps become states.
        title: First line of the deck.
        out: The deck of the first chip and start.
        chip_seeds: Seeds of the chips that are checked.
        seeds: Seeds of the starts on each chip.
        noise: Whether noise of the cells and of the blocks around them is played.
        check: Whether ngspice runs and every node is compared.
        recognise: Whether the deck is read back and every element compared.
        deck: A deck of the user's to read back, or to run, in place of a written one.
        yes: Whether to run what does not fit, too.
    """
    if check and find_ngspice() is None:
        raise SpiceError(f"`--check` needs ngspice, which is not on PATH: {INSTALL}.")
    given = None if deck is None else _read(deck)
    system = System.from_config(replace(config, "fidelity", "dynamic"))
    print_questions(system.config)
    seconds = LAW.deck * require_cells(config, system, yes=yes)
    sizes = {"--chips": chip_seeds, "--starts": seeds}
    many = {name: each.stop - each.start for name, each in sizes.items()}
    for name, num in sorted(many.items(), key=lambda each: -each[1]):
        rest = many["--chips"] * many["--starts"] // num
        cost = Cost(LAW.report, "deviations", seconds * rest)
        require_fit(name, num, cost, "fewer of the other", yes=yes)
    cases = netlist_cases(system, chip_seeds, seeds, noise=noise)
    case = next(cases)
    if recognise:
        require_readable(case.loop, case.chip)
    netlist = write_netlist(*case, title=f"rram_ode: {title}")
    if given is not None:
        failed = 0
        if recognise:
            failed = run_recognise("\n".join(["*", *given.cards]), case)
        if check:
            failed |= run_check(case, user_netlist(given, netlist))
        return failed
    folder = output_folder(out.parent)
    with complete_file(folder / out.name) as path:
        path.write_text(netlist.text)
    resistors = sum(line.startswith("r") for line in netlist.cards)
    print(f"wrote {out}: {len(netlist.text.splitlines())} lines, {resistors} resistors")
    if has_analog_decoder(system):
        print_text("The decoder on the chip is not in the deck: it follows a solve.")
    failed = 0
    if recognise:
        failed = run_recognise((folder / out.name).read_text(), case)
    if check:
        failed |= run_check(case, netlist, cases)
        if system.config.op_amp.subcircuit is not None:
            failed |= run_check_subcircuit(system.config, case)
    return failed


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
) -> int:
    """Compare a deck with the dynamic model, print a table; the exit status.

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
    print_table([_row(each) for each in found], HEADER)
    failed = [each.name for each in found if not each.passed]
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    return int(bool(failed))


def run_check_subcircuit(config: RunConfig, case: NetlistCase) -> int:
    """Compare the model with the loop of the subcircuit itself; the exit status."""
    found, measured = check_subcircuit(config, *case)
    print(f"beside the loop with {config.op_amp.subcircuit} itself:")
    print_table([_row(each) for each in found], HEADER)
    failed = [each.name for each in found if not each.passed]
    if failed:
        print(f"FAILED: {', '.join(failed)}")
        for line in reasons(config, measured):
            print_text(f"left out of the model: {line}")
    return int(bool(failed))


def _row(found: Deviation) -> tuple[str, ...]:
    return (
        found.name,
        format_quantity(found.full_scale, "V"),
        *(f"{100 * x:.4f}" for x in (found.largest, found.rms, found.limit)),
    )
