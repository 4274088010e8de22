"""A user's deck in place of a written one."""

import re

from ._deck import quantity
from ._includes import UserFile
from ._text import Netlist


_WORDS = re.compile(r"[^\s,()=]+")


def user_netlist(file: UserFile, written: Netlist) -> Netlist:
    """A user's deck as a run whose nodes are those of the deck that was written.

    Options, temperature, parameters and starts are the user's. The `.tran` card is,
    too; it must last as long as the solve.

    Args:
        file: Cards of the deck.
        written: What `write_netlist` makes of the same machine.

    Raises:
        ValueError: If the deck has no such run, or lacks a node that is compared.
    """
    runs = [card for card in file.cards if card.lower().startswith(".tran")]
    cards = tuple(card for card in file.cards if card not in runs)
    stop = float(written.analysis[1].split()[2])
    if len(runs) != 1:
        raise ValueError(
            f"the deck has {len(runs)} `.tran` cards: give one, such as "
            f"`{written.analysis[1]}`."
        )
    words = [word.lower() for word in runs[0].split()[1:] if word.lower() != "uic"]
    numbers = [quantity(word) for word in words]
    if len(numbers) < 2 or numbers[1] < stop * (1 - 1e-6):
        raise ValueError(
            f"`{runs[0]}` ends before the solve does, at {stop:g} s: take "
            f"`{written.analysis[1]}`."
        )
    if len(numbers) > 2 and numbers[2] > 0:
        raise ValueError(f"`{runs[0]}` leaves out the start: take 0 as its third word.")
    run = " ".join([".tran", *(f"{x:.12g}" for x in numbers)])
    if any(word.lower() == "uic" for word in runs[0].split()):
        run += " uic"
    nets = {net.lower() for card in cards for net in _WORDS.findall(card)}
    for kind, nodes in written.nodes.items():
        lost = [node for node in nodes if node.lower() not in nets]
        if lost:
            raise ValueError(
                f"the deck has no node `{lost[0]}`, which is one of `{kind}`: "
                f"{len(lost)} of {len(nodes)} nodes of this class are missing; keep "
                "the names of the nodes that are compared."
            )
    return Netlist(
        "a user's deck", cards, ("* options are those above", run), written.nodes
    )
