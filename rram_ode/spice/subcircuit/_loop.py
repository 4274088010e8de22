"""The closed loop with a user's subcircuit in place of each of our op-amps."""

import dataclasses
import re

from .._text import Netlist, number
from ._measure import Measurement
from ._part import Part


HELD = 1.0  # siemens that hold an integrator at its start


RELEASE = 1e-6  # of the duration of a solve: when integrators are let go


# Cards of a library that act on the whole deck.
OUTSIDE = (".option", ".opt", ".temp", ".global")


LEFT = (".tran", ".ic", ".nodeset")


_START = re.compile(r"v\(xi(\d+)\.xa\.x\)=(\S+)")


def with_part(
    netlist: Netlist, part: Part, found: Measurement, loads: list[float]
) -> Netlist:
    r"""`netlist` with `part` in place of our op-amps.

    Our deck has the offset, bias current and input capacitance that were measured: they
    are taken back, as the part has them itself. Each output of an integrator drives the
    conductance that the model takes as its load. Nothing is known of the nets inside:
    until a solve begins a current of `HELD` $(v_o - v_1)$ into the summing node holds
    an integrator at its start $v_1$, through the part's own feedback.

    Args:
        netlist: A deck of `write_netlist`, without noise of op-amps.
        part: The subcircuit.
        found: What was measured of it, and is in the model.
        loads: Conductance at the output of each integrator, in siemens.

    Raises:
        ValueError: If the deck has noise at the op-amps' + inputs.
    """
    stop = float(netlist.analysis[1].split()[2])
    cards, skip = [], False
    for card in netlist.cards:
        if card.startswith(".subckt op_amp_"):
            words = card.split()
            if words[2:4] != ["m", "out"] or len(words) > 5:
                raise ValueError(
                    "a deck with noise of op-amps takes no `op_amp.subcircuit`: leave "
                    "out `--noise`, `op_amp.e_n` and `op_amp.resistor_noise`."
                )
            cards += _wrapped(words[1], part, found)
            skip = True
        elif card.startswith(".ends op_amp_"):
            skip = False
        elif card.startswith(".ic "):
            cards += _held(card)
        elif not skip:
            cards.append(card)
    edge = number(RELEASE * stop)
    cards += [f"vhold hold 0 pwl( 0 1 {edge} 0 )", ".global vcc vee", *part.supplies]
    cards += [c for c in part.cards if c.lower().startswith(OUTSIDE)]
    for k, load in enumerate(loads):
        cards.append(f"rload{k} x{k} 0 {number(1 / load)}")
    return dataclasses.replace(netlist, cards=tuple(cards))


def _wrapped(called: str, part: Part, found: Measurement) -> list[str]:
    """Our op-amp's name around the part, with its library inside, whose names stay."""
    inner = [c for c in part.cards if not c.lower().startswith((*OUTSIDE, *LEFT))]
    at = {"plus": "p", "minus": "m", "high": "vcc", "low": "vee", "out": "out"}
    body = [f".subckt {called} m out offset=0", *inner]
    body += [f"vos p 0 {{offset-({number(found.offset)})}}"]
    body += [f"ibias m 0 {number(found.bias_current)}"]
    if found.c_in and called.startswith("op_amp_tia"):
        body += [f"cback m 0 {number(-found.c_in)}"]
    return [*body, part.instance(at), f".ends {called}"]


def _held(card: str) -> list[str]:
    return [
        f"bh{k} 0 mx{k} i={number(HELD)}*v(hold)*(v(x{k})-({start}))"
        for k, start in _START.findall(card)
    ]
