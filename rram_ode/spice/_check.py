"""The dynamic model against ngspice, node by node."""

import dataclasses

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from ..chip import Chip
from ..loop import CircuitState, DynamicLoop
from ._netlist import Netlist, write_netlist
from ._ngspice import run_netlist


LIMIT = 0.005


STATE_LIMIT = 0.001


@dataclasses.dataclass(frozen=True)
class Deviation:
    """Of one class of nodes over the whole trajectory.

    Args:
        name: Of the class.
        largest: Largest difference over full scale.
        rms: Root mean square over nodes and times, over full scale.
        full_scale: Largest voltage that ngspice gives a node of the class, in volts.
        limit: That `largest` must not pass.
    """

    name: str
    largest: float
    rms: float
    full_scale: float
    limit: float

    @property
    def passed(self) -> bool:
        """Whether the class agrees."""
        return self.largest <= self.limit


def check_netlist(
    loop: DynamicLoop,
    chip: Chip,
    x1: Float[Array, " dim"],
    *,
    netlist: Netlist | None = None,
) -> list[Deviation]:
    """Run one solve in both simulators.

    Args:
        loop: The circuit around the chip.
        chip: The hardware.
        x1: The start, dimensionless.
        netlist: Run this deck in place of the one that `write_netlist` makes: a test
            changes a resistor in it.

    Raises:
        SpiceError: If ngspice does not deliver.
    """
    netlist = write_netlist(loop, chip, x1) if netlist is None else netlist
    times, spice = run_netlist(netlist)
    ours = node_voltages(trace_nodes(loop, chip, x1), 0)
    taus = np.asarray(loop.times, float)
    return [
        compare(name, times, spice[name], taus, ours[name]) for name in netlist.nodes
    ]


def compare(
    name: str,
    times: np.ndarray,
    spice: np.ndarray,
    taus: np.ndarray,
    ours: np.ndarray,
) -> Deviation:
    """`ours` at `taus` against the line through `spice` at `times`."""
    there = np.stack([np.interp(taus, times, node) for node in spice.T], axis=1)
    full_scale = float(np.abs(spice).max())
    difference = np.abs(there - ours) / full_scale
    limit = STATE_LIMIT if name == "state" else LIMIT
    return Deviation(
        name,
        float(difference.max()),
        float(np.sqrt(np.mean(difference**2))),
        full_scale,
        limit,
    )


def worst(runs: list[list[Deviation]]) -> list[Deviation]:
    """Of each class the run with the largest deviation, and the largest rms of all."""
    found = []
    for same in zip(*runs, strict=True):
        most = max(same, key=lambda each: each.largest)
        found.append(dataclasses.replace(most, rms=max(each.rms for each in same)))
    return found


def node_voltages(states: CircuitState, sample: int) -> dict[str, np.ndarray]:
    """Of each class of nodes in one sample of a trace, `(times, nodes)`, in volts."""
    names = [f"hidden {n}" for n in range(1, len(states.layers))] + ["output"]
    found = {"state": np.asarray(states.integrator[:, 0, :, sample], float)}
    for name, layer in zip(names, states.layers, strict=True):
        found[name] = np.asarray(layer[:, 0, :, sample], float)
    return found


@eqx.filter_jit
def trace_nodes(
    loop: DynamicLoop, chip: Chip, x1: Float[Array, " dim"]
) -> CircuitState:
    """Every op-amp at every step boundary of one solve."""
    return loop.trace(chip, x1[:, None])
