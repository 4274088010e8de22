"""An array that is switched between two labels, in a deck: multiplexers and holds."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Integer

from .._core._types import State
from ..chip import AnalogNetwork, Chip, SwitchedNetwork
from ..loop import Circuit, DynamicLoop
from ._noise import SHARP_EDGE
from ._text import card, number, pwl


MULTIPLEXED = "mux"  # ahead of the number of a channel that an array gets


# Of a switch without resistance: with a hold of 1 pF it has 1 ps.
CLOSED_OHMS = 1.0


# A switch opens in a tenth of the edge at which the array is switched, ahead of it.
OPENING = 0.1


# Of a solve, by which charges and closing switches are late: more than single
# precision rounds a time by. The boundaries of steps, where voltages are compared, lie
# in the middle of the array's edges.
LATE = 2.0**-22


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
    edge = _edge(loop)
    # At 0 s the turn of the null label ends.
    corners = _switching(halves * half - edge / 2, edge, halves % 2)
    lines = ["* turns", *card("vturn", "turn", "0", *pwl(*corners))]
    for label in (0, 1):
        closes = (halves[label::2] + 1 - turns.acquisition) * half + _late(loop)
        opens = halves[1 - label :: 2] * half - (0.5 + OPENING) * edge
        at = np.sort(np.concatenate([closes, opens]))
        corners = _switching(at, OPENING * edge, np.isin(at, closes))
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
    switch leaves, of injection and of thermal noise. Voltages are compared at the
    boundaries of the simulator's steps, as they are ahead of an edge: there a switch
    has opened and left no charge yet, and the array's multiplexers are half way, which
    the array has not noticed. The stage that guides takes no current. Leakage flows
    through a closed switch, too, which `SampleHold` leaves out: 10 nV for 1 pA and
    10 kohm.

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
    edge = _edge(loop)
    lines = ["* holds"]
    for label, letter in enumerate("cn"):
        nets = tuple(f"h{letter}{k}" for k in range(len(outputs)))
        at = np.arange(1 - label, len(charges), 2)
        for k, (net, output) in enumerate(zip(nets, outputs, strict=True)):
            lines += [
                f"b{net} {output} {net} i=v(on{label})*v({output},{net})*{siemens}",
                f"c{net} {net} 0 {number(farads)}",
            ]
            begins = at * _half(loop) + _late(loop) + OPENING * edge
            times, amperes = _pulses(begins, charges[at, k], edge)
            amperes = amperes - float(holds.leakage)
            if amperes.any():
                lines += card(f"i{net}", "0", net, *pwl(times, amperes))
            lines.append(f".ic v({net})={number(start[label, k])}")
        last.append(nets)
    return lines, last


Corners = tuple[np.ndarray, np.ndarray]  # times in seconds, values


def _switching(at: np.ndarray, edge: float, is_on: np.ndarray) -> Corners:
    """A signal that turns at `at`, in an edge that begins then, to 1 where `is_on`.

    An edge that would begin ahead of a solve is a short one at its start.
    """
    is_on = is_on.astype(float)
    before = np.concatenate([1 - is_on[:1], is_on[:-1]])
    ends = np.where(at < 0, OPENING * edge, at + edge)
    times = np.stack([np.maximum(at, 0.0), ends], axis=1).ravel()
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


def _late(loop: DynamicLoop) -> float:
    """How late holds get charges and close, in seconds."""
    return max(OPENING * _edge(loop), LATE * float(loop.clock.duration))


def _edge(loop: DynamicLoop) -> float:
    """The edge at which the array is switched, in seconds."""
    return min(SHARP_EDGE, _half(loop) / 5000)


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
