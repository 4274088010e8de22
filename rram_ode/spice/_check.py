"""Comparison of the dynamic model with ngspice, node by node."""

import dataclasses

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from .._core._arrays import as_float
from ..blocks import ADC
from ..chip import Chip, GuidedNetwork, SwitchedNetwork
from ..loop import CircuitState, DynamicLoop
from ._netlist import write_netlist
from ._ngspice import run_netlist
from ._text import Netlist


LIMIT = 0.005  # of full scale


STATE_LIMIT = 0.001  # of full scale


@dataclasses.dataclass(frozen=True)
class Deviation:
    """Deviation of one class of nodes over the whole trajectory.

    Args:
        name: Name of the class; `hand-over` is what the ADC reads at the end.
        largest: Largest difference over full scale.
        rms: Root mean square difference over nodes and times, over full scale.
        full_scale: Largest voltage that ngspice gives a node of the class, in volts.
        limit: Largest value of `largest` that is allowed.
    """

    name: str
    largest: float
    rms: float
    full_scale: float
    limit: float

    @property
    def passed(self) -> bool:
        """Whether the two simulators agree within the limit."""
        return self.largest <= self.limit


def check_netlist(
    loop: DynamicLoop,
    chip: Chip,
    x1: Float[Array, " dim"],
    *,
    netlist: Netlist | None = None,
) -> list[Deviation]:
    """Deviations of one solve between both simulators, by class of nodes.

    Args:
        loop: The circuit around the chip.
        chip: The hardware.
        x1: The start, dimensionless.
        netlist: Deck to run in place of the one that `write_netlist` makes, such as one
            with a changed resistor.

    Raises:
        SpiceError: If ngspice does not complete the run.
    """
    netlist = write_netlist(loop, chip, x1) if netlist is None else netlist
    times, spice = run_netlist(netlist)
    ours = node_voltages(trace_nodes(loop, chip, x1), 0, chip)
    taus = np.asarray(loop.times, float)
    found = [
        compare(name, times, spice[name], taus, ours[name]) for name in netlist.nodes
    ]
    return [*found, *_hand_over(loop.converters.adc, spice["state"], ours["state"])]


def _hand_over(adc: ADC, spice: np.ndarray, ours: np.ndarray) -> list[Deviation]:
    """Deviation of what the ADC, without its noise, reads from both last states.

    Two states that agree within the limit of their class may lie on either side of a
    threshold: the limit is a code more than theirs.
    """
    if adc.bits is None:
        return []
    full_scale = float(adc.full_scale)
    both = np.asarray(adc(as_float(np.stack([spice[-1], ours[-1]], axis=1))), float)
    difference = np.abs(both[:, 0] - both[:, 1]) / full_scale
    return [
        Deviation(
            "hand-over",
            float(difference.max()),
            float(np.sqrt(np.mean(difference**2))),
            full_scale,
            STATE_LIMIT + 2.0 ** (1 - adc.bits),
        )
    ]


def compare(
    name: str,
    times: np.ndarray,
    spice: np.ndarray,
    taus: np.ndarray,
    ours: np.ndarray,
) -> Deviation:
    """Deviation of `ours` at `taus` from the lines through `spice` at `times`."""
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
    """Largest deviation of each class over runs, with the largest rms of all runs."""
    found = []
    for same in zip(*runs, strict=True):
        most = max(same, key=lambda each: each.largest)
        found.append(dataclasses.replace(most, rms=max(each.rms for each in same)))
    return found


def node_voltages(
    states: CircuitState, sample: int, chip: Chip
) -> dict[str, np.ndarray]:
    """Voltages of each class of nodes in a sample of a trace, `(times, nodes)`.

    Args:
        states: The trace, with a leading axis of times.
        sample: Number of the sample in it.
        chip: The hardware.
    """
    network = chip.crossbars
    assert network is not None  # a `DynamicLoop` takes no other
    found = {"state": np.asarray(states.integrator[:, 0, :, sample], float)}
    ends = []
    for place, layer in zip(network.places, states.layers, strict=True):
        found[place.name] = np.asarray(layer[:, 0, :, sample], float)
        if place.is_last:
            ends.append(layer[:, 0, :, sample].T)
    if states.held is not None:
        held = states.held[..., sample]
        found["held"] = np.asarray(held.reshape(held.shape[0], -1), float)
        ends = [held[:, label].T for label in (0, 1)]
    if isinstance(network, GuidedNetwork | SwitchedNetwork):
        product = network.product(tuple(ends))
        if states.guidance is not None:
            product = states.guidance[:, :, sample].T
        guided, _ = network.joined(tuple(ends), product)
        found["guided"] = np.asarray(guided.T, float)
    return found


@eqx.filter_jit
def trace_nodes(
    loop: DynamicLoop, chip: Chip, x1: Float[Array, " dim"]
) -> CircuitState:
    """States of every op-amp at every step boundary of one solve."""
    return loop.trace(chip, x1[:, None])
