"""The dynamic model against ngspice, node by node."""

import dataclasses

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from ..samplers import DynamicLoop
from ..scores import Chip
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
    ours = trace_nodes(loop, chip, x1)
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


def trace_nodes(
    loop: DynamicLoop, chip: Chip, x1: Float[Array, " dim"]
) -> dict[str, np.ndarray]:
    """Voltages of each class of nodes at the loop's times, `(times, nodes)`."""
    states = _trace(loop, chip, x1)
    names = [f"hidden {n}" for n in range(1, len(states.layers))] + ["output"]
    found = {"state": np.asarray(states.integrator[:, 0, :, 0], float)}
    for name, layer in zip(names, states.layers, strict=True):
        found[name] = np.asarray(layer[:, 0, :, 0], float)
    return found


@eqx.filter_jit
def _trace(loop, chip, x1):
    return loop.trace(chip, x1[:, None])
