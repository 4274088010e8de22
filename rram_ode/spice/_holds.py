"""An array that is switched between two labels, in a deck: multiplexers and holds."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Integer

from .._core._types import State
from ..chip import AnalogNetwork, Chip, SwitchedNetwork
from ..loop import Circuit, DynamicLoop
from ._noise import EDGE
from ._text import card, number, pwl


MULTIPLEXED = "mux"  # ahead of the number of a channel that an array gets


# Of a switch without resistance: with a hold of 1 pF it has 1 ps.
CLOSED_OHMS = 1.0


# A switch opens in a tenth of the edge at which the array is switched, and leaves its
# charge in the next tenth: the array's output has not moved yet.
OPENING = 0.1


def turn_cards(loop: DynamicLoop, circuit: Circuit) -> list[str]:
    """Clocks of the multiplexers and of both labels' holds, and the multiplexers.

    `turn` goes up to 1 V for the null label's turns, `on0` while the class's holds are
    closed, `on1` while the null label's are. Without a switched array there are none.
    """
    turns, network = loop.turns, circuit.network
    if turns is None:
        return []
    assert isinstance(network, AnalogNetwork)  # the array, by `wire_up`
    half, halves = _half(loop), np.arange(2 * turns.periods)
    # At 0 s the turn of the null label ends.
    corners = _switching(halves * half, halves % 2, _edge(loop))
    lines = ["* turns", *card("vturn", "turn", "0", *pwl(*corners))]
    for label in (0, 1):
        closes = (halves[label::2] + 1 - turns.acquisition) * half
        at = np.sort(np.concatenate([closes, halves[1 - label :: 2] * half]))
        corners = _switching(at, np.isin(at, closes), OPENING * _edge(loop))
        lines += card(f"von{label}", f"on{label}", "0", *pwl(*corners))
    pairs = 2 * network.frequencies.size
    for n in range(pairs):
        value = f"v=v(e{n})+v(turn)*(v(e{n + pairs})-v(e{n}))"
        lines.append(f"b{MULTIPLEXED}{n} {MULTIPLEXED}{n} 0 {value}")
    return lines


def hold_cards(
    loop: DynamicLoop,
    circuit: Circuit,
    chip: Chip,
    x1: Float[np.ndarray | Array, " dim"],
    outputs: tuple[str, ...],
) -> tuple[list[str], list[tuple[str, ...]]]:
    r"""The holds of both labels: `hc0` of the class, `hn0` of the null label.

    `bhc0` is the switch: from the array's output to the hold flows $v(\text{on}) \Delta
    v / R$. `chc0` is the capacitor, and `ihc0` its leakage with the charges that its
    switch leaves, of injection and of thermal noise. Edges begin at the boundaries of
    the simulator's steps, where both are compared: both are as they were ahead of the
    edge. The stage that guides takes no current.

    Args:
        loop: The circuit around the chip.
        circuit: The circuit of the array.
        chip: The hardware.
        x1: The start, dimensionless.
        outputs: Nets of the array's output.

    Returns:
        The cards, and the nets of both labels.
    """
    network = circuit.switched
    assert network is not None  # by the caller
    holds, last = network.holds, []
    farads, ohms = float(holds.capacitance), float(holds.resistance)
    siemens = number(1 / max(ohms, CLOSED_OHMS))
    start = np.asarray(_starts(loop, chip, jnp.asarray(x1)), float)
    charges = farads * np.asarray(_stored(loop, chip, network), float)
    edge = OPENING * _edge(loop)
    lines = ["* holds"]
    for label, letter in enumerate("cn"):
        nets = tuple(f"h{letter}{k}" for k in range(len(outputs)))
        at = np.arange(1 - label, len(charges), 2)
        for k, (net, output) in enumerate(zip(nets, outputs, strict=True)):
            lines += [
                f"b{net} {output} {net} i=v(on{label})*v({output},{net})*{siemens}",
                f"c{net} {net} 0 {number(farads)}",
            ]
            times, amperes = _pulses(at * _half(loop) + edge, charges[at, k], edge)
            amperes = amperes - float(holds.leakage)
            if amperes.any():
                lines += card(f"i{net}", "0", net, *pwl(times, amperes))
            lines.append(f".ic v({net})={number(start[label, k])}")
        last.append(nets)
    return lines, last


Corners = tuple[np.ndarray, np.ndarray]  # times in seconds, values


def _switching(at: np.ndarray, is_on: np.ndarray, edge: float) -> Corners:
    """A signal that turns at `at`, in an edge that begins then, to 1 where `is_on`."""
    is_on = is_on.astype(float)
    before = np.concatenate([1 - is_on[:1], is_on[:-1]])
    times = np.stack([at, at + edge], axis=1).ravel()
    return _from_zero(times, np.stack([before, is_on], axis=1).ravel())


def _pulses(at: np.ndarray, charges: np.ndarray, width: float) -> Corners:
    """Triangles of current that begin at `at` and have these `charges`, in coulombs."""
    times = at[:, None] + width * np.array([0.0, 0.5, 1.0])
    values = 2 * charges[:, None] / width * np.array([0.0, 1.0, 0.0])
    return _from_zero(times.ravel(), values.ravel())


def _from_zero(times: np.ndarray, values: np.ndarray) -> Corners:
    """The same corners; the first value holds from 0 s on."""
    if times[0] == 0:
        return times, values
    return np.append(0.0, times), np.append(values[0], values)


def _half(loop: DynamicLoop) -> float:
    """Half a period, in seconds."""
    assert loop.turns is not None  # by the callers
    return float(loop.turns.half(loop.clock))


def _edge(loop: DynamicLoop) -> float:
    """The edge at which the array is switched, in seconds."""
    return min(EDGE, _half(loop) / 100) / 10


@eqx.filter_jit
def _starts(loop: DynamicLoop, chip: Chip, x1: Float[Array, " dim"]) -> State:
    """Both labels' holds as a solve begins, `(2, dim)`, in volts."""
    held = loop.start(chip, x1[:, None]).held
    assert held is not None  # of a switched array
    return held[..., 0]


@eqx.filter_jit
def _stored(
    loop: DynamicLoop, chip: Chip, network: SwitchedNetwork
) -> Float[Array, "halves dim"]:
    """What a hold gains as it opens at the beginning of each half, in volts."""
    paths = loop.hold_paths(chip, 0, 1)
    assert paths is not None  # of a switched array
    none = jnp.zeros((network.dim, 1), network.holds.capacitance.dtype)

    def gained(half: Integer[Array, ""]) -> State:
        normal = None if paths.normals is None else paths.normals[half + 1]
        return network.holds.opened(none, (half + 1) % 2, normal)

    return jax.lax.map(gained, jnp.arange(2 * paths.turns.periods))[..., 0]
