"""A small circuit for ngspice beside the simulator's own waveforms."""

import dataclasses
from collections.abc import Callable

import numpy as np

from ._ngspice import run_netlist
from ._text import Netlist


Nodes = dict[str, np.ndarray]


POINTS = 8000


EVERY = 4


@dataclasses.dataclass(frozen=True)
class Bench:
    """A deck and the same circuit in the simulator.

    Args:
        what: Description in one line.
        netlist: The deck.
        ours: Function that returns the simulator's times in seconds, and the voltages
            of each class of nodes.
    """

    what: str
    netlist: Netlist
    ours: Callable[[], tuple[np.ndarray, Nodes]]

    def golden(self) -> Nodes:
        """Voltages of ngspice at each node, at every fourth of the times of `ours`."""
        times, waves = run_netlist(self.netlist)
        taus = self.ours()[0][::EVERY]
        found = {"times": taus}
        for name, nodes in self.netlist.nodes.items():
            for node, wave in zip(nodes, waves[name].T, strict=True):
                found[node] = np.interp(taus, times, wave).astype(np.float32)
        return found


def even_times(corners: np.ndarray) -> np.ndarray:
    """801 even times up to the last corner of a waveform, and its corners."""
    even = np.linspace(0, corners[-1], 801)
    return np.union1d(np.round(even, 12), np.round(corners, 12))
