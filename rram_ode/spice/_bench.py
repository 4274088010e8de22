"""A small circuit for ngspice, next to the simulator's own waveforms."""

import dataclasses
from collections.abc import Callable

import numpy as np

from ._netlist import Netlist
from ._ngspice import run_netlist


Nodes = dict[str, np.ndarray]


POINTS = 8000


EVERY = 4


@dataclasses.dataclass(frozen=True)
class Bench:
    """A deck and the same circuit in the simulator.

    Args:
        what: One line.
        netlist: The deck.
        ours: Times in seconds, and voltages of each class of nodes.
    """

    what: str
    netlist: Netlist
    ours: Callable[[], tuple[np.ndarray, Nodes]]

    def golden(self) -> Nodes:
        """What ngspice gives: `times`, every fourth of ours, and each node's volts."""
        times, waves = run_netlist(self.netlist)
        taus = self.ours()[0][::EVERY]
        found = {"times": taus}
        for name, nodes in self.netlist.nodes.items():
            for node, wave in zip(nodes, waves[name].T, strict=True):
                found[node] = np.interp(taus, times, wave).astype(np.float32)
        return found
