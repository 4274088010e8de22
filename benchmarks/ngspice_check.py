"""Every node of the loop against ngspice, all chips, starts, op-amps, wires and noise.

No times: each row is the worst of its runs, the gate its largest deviation over its
limit. Noise is the cells' (white, 1/f, telegraph, thermal); that of op-amps and
resistors has a row of its own with slow op-amps, because it must resolve every pole of
the amplifiers. Every static error of all blocks is on in rows of their own, and the
whole chip has one.

The last rows are mutants, at which the check must fail: one resistor off by 2 % in the
deck alone, and each static error at three times the limit that the deck leaves out.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import rram_ode as rr
from rram_ode.config import parse_pairs
from rram_ode.spice import (
    check_netlist,
    Deviation,
    find_ngspice,
    INSTALL,
    Netlist,
    number,
    worst,
    write_netlist,
)
from rram_ode.system import netlist_cases, NetlistCase
from tqdm import tqdm

from ._result import Gate, Row, table
from ._static_errors import left_out, names, STATIC


RIVAL = "ngspice on the exported deck"
NUM_CHIPS, NUM_STARTS = 5, 3
WIRES = (
    "crossbar.wires.word_line=2ohm",
    "crossbar.wires.bit_line=2ohm",
    "crossbar.wires.driver=50ohm",
    "crossbar.wires.sense=5ohm",
)
NOISE = (
    "cell.read.white.std=0.3uS",
    "cell.read.flicker.std=0.3uS",
    "cell.read.telegraph.amplitude=0.05",
    "cell.read.thermal.bandwidth=2MHz",
)
SLOW = (
    "op_amp.gbw=3MHz",
    "op_amp.e_n=20e-9",
    "op_amp.i_n=2e-12",
    "op_amp.resistor_noise=True",
)


class Case(NamedTuple):
    """Settings of a preset, and how many chips and starts are checked with them."""

    set: tuple[str, ...] = ()
    preset: str = "ring-fresh"
    noise: bool = False
    chips: int = 1
    starts: int = 1

    def cases(self) -> Iterator[NetlistCase]:
        """Each chip with each start."""
        system = rr.System.from_preset(self.preset, parse_pairs(self.set))
        ranges = range(self.chips), range(self.starts)
        return netlist_cases(system, *ranges, noise=self.noise)


def cases(num_chips: int = NUM_CHIPS) -> dict[str, Case]:
    """All rows but the mutants': `num_chips` in those with wires or noise.

    Those with noise have one start a chip: it is the same path for each start.
    """
    found = {}
    for kind in ("on-chip", "board"):
        for wires in ((), WIRES):
            for noise in ((), NOISE):
                words = [f"{kind} op-amps", "wires" if wires else "no wires"]
                words.append("noise of the cells" if noise else "no noise")
                settings = (f"op_amp.kind={kind}", *wires, *noise)
                found[", ".join(words)] = Case(
                    set=settings,
                    noise=bool(noise),
                    chips=num_chips if noise or wires else NUM_CHIPS,
                    starts=1 if noise else NUM_STARTS,
                )
        for wires in ((), WIRES):
            words = f"{kind} op-amps, {'wires, ' if wires else ''}every static error"
            found[words] = Case(
                set=(f"op_amp.kind={kind}", *wires, *STATIC),
                chips=num_chips if wires else NUM_CHIPS,
                starts=NUM_STARTS,
            )
    found["slow op-amps, wires, all noise"] = Case(
        set=(*SLOW, *WIRES, *NOISE), noise=True, chips=num_chips
    )
    found["the whole chip of `ring`, a day old and trimmed"] = Case(
        preset="ring", chips=NUM_CHIPS, starts=NUM_STARTS
    )
    return found


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """One a case, the worst of its runs."""
    if find_ngspice() is None:
        return [Row("all", skipped=f"no ngspice on PATH: {INSTALL}")], {}
    found = []
    tried = cases(options.num_chips or NUM_CHIPS)
    for name, arguments in tried.items():
        total = arguments.chips * arguments.starts
        every = tqdm(arguments.cases(), total=total, desc=name)
        runs = [check_netlist(*each) for each in every]
        found.append(Row(name, _gate(worst(runs)), details=_details(runs)))
        tqdm.write(table(found[-1:]))
    found += [_mutant(), *_left_out()]
    return found, {"set": {k: list(v.set) for k, v in tried.items()}}


def _gate(found: list[Deviation]) -> Gate:
    share = max(each.largest / each.limit for each in found)
    return Gate(share, 1.0, "largest deviation of a class of nodes, over its limit")


def _details(runs: list[list[Deviation]]) -> dict[str, Any]:
    nodes = {each.name: dataclasses.asdict(each) for each in worst(runs)}
    return {"runs": len(runs), "nodes": nodes}


def _mutant() -> Row:
    loop, chip, x1 = next(Case().cases())
    deck = write_netlist(loop, chip, x1)
    found = check_netlist(loop, chip, x1, netlist=one_resistor_off(deck, 1.02))
    share = max(each.largest / each.limit for each in found)
    gate = Gate(share, 1.0, "the same, of a deck with one resistor off by 2 %", True)
    return Row("mutant", gate, details=_details([found]))


def _left_out() -> list[Row]:
    """A row for each static error that the deck leaves out; the board has them all."""
    case = next(Case(set=("op_amp.kind=board", *STATIC)).cases())
    what = "the same, of a deck without an error at three times the limit"
    found = []
    for name in tqdm(names(case), desc="static errors left out"):
        share, factor = left_out(case, name)
        details = {"times": factor}
        found.append(
            Row(f"without {name}", Gate(share, 1.0, what, True), details=details)
        )
    return found


def one_resistor_off(deck: Netlist, factor: float) -> Netlist:
    """The smallest resistor of the first crossbar but the constant row's, changed.

    Its rows are the states: one behind a ReLU that stays at zero would change nothing.
    """
    cards = list(deck.cards)
    begin = next(n for n, c in enumerate(cards) if c.startswith(".subckt crossbar1"))
    end = cards.index(".ends crossbar1")
    body = cards[begin:end]
    last = max(int(c.split("_")[0][2:]) for c in body if c.startswith("rg"))
    cells = [
        n
        for n in range(begin, end)
        if cards[n].startswith("rg") and not cards[n].startswith(f"rg{last}_")
    ]
    ohms = [float(cards[n].split()[-1]) for n in cells]
    at = cells[int(np.argmin(ohms))]
    cards[at] = " ".join([*cards[at].split()[:-1], number(min(ohms) * factor)])
    return dataclasses.replace(deck, cards=tuple(cards))
