"""Noise of the blocks around the arrays as sources: the simulator's own paths."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from ..loop import CircuitPaths
from ..noise import HeldPath
from ._noise import first_values, steps
from ._text import card, pwl


COMMON = "common"  # the net of noise of supply and ground


def moves_grounds(paths: CircuitPaths | None) -> bool:
    """Whether some noise is at the op-amps' + inputs."""
    return paths is not None and (paths.flicker is not None or paths.common is not None)


def ground_cards(
    paths: CircuitPaths | None, duration: float, *, below: str
) -> Iterator[str]:
    r"""Voltages at the + inputs that the circuit's noise moves, of sample 0.

    `vg1_7` plays the 1/f noise of amplifier 7 of layer 1, `vgx0` that of an integrator;
    all stand on the one net of supply and ground noise, which `vcommon` drives. The
    circuit settles with the first values before a solve starts.

    Args:
        paths: The paths; `None` for none.
        duration: Duration of the solve, in seconds.
        below: First letter of the nets: `y`, the + inputs themselves, or `g` where
            white noise of the op-amps is on top.
    """
    if paths is None or not moves_grounds(paths):
        return
    yield "* noise of op-amps at low frequency, of supply and ground"
    foot = "0"
    if paths.common is not None:
        foot = COMMON
        yield from _source(f"v{COMMON}", COMMON, "0", paths.common, 0, duration)
    *widths, dim = paths.widths
    layers = enumerate(widths, start=1)
    names = [f"{layer}_{col}" for layer, cols in layers for col in range(cols)]
    for channel, at in enumerate([*names, *(f"x{k}" for k in range(dim))]):
        if paths.flicker is None:
            yield f"vg{at} {below}{at} {foot} 0"
            continue
        net = f"{below}{at}"
        yield from _source(f"vg{at}", net, foot, paths.flicker, channel, duration)


def ground_starts(
    paths: CircuitPaths | None, dim: int
) -> Float[np.ndarray, " dim"] | float:
    """Volts at the integrators' + inputs as a solve begins."""
    if paths is None or not moves_grounds(paths):
        return 0.0
    found = [path for path in (paths.flicker, paths.common) if path is not None]
    return sum(first_values(path)[0, -dim:] for path in found)


def product_cards(
    paths: CircuitPaths | None, number: int, duration: float
) -> tuple[list[str], str]:
    """Noise of the multipliers between `d0` and the resistor of integrator `number`.

    The inverting integrator's multipliers put out the negative of what moves the state,
    and so does the noise: each source takes its value from the net before it.

    Returns:
        The cards, and the net behind them.
    """
    net, lines = f"d{number}", []
    if paths is None:
        return lines, net
    for kind, path in (("w", paths.multiplier), ("f", paths.products)):
        if path is None:
            continue
        behind = f"q{kind}{number}"
        lines += _source(f"v{behind}", net, behind, path, number, duration)
        net = behind
    return lines, net


def guidance_noise_cards(
    paths: CircuitPaths | None, number: int, duration: float
) -> tuple[list[str], str]:
    """Noise of the stage that guides coordinate `number`, on top of its output `h0`.

    Returns:
        The cards, and the net behind them.
    """
    net, lines = f"h{number}", []
    if paths is None:
        return lines, net
    for kind, path in (("w", paths.guidance), ("f", paths.guided)):
        if path is None:
            continue
        behind = f"h{kind}{number}"
        lines += _source(f"v{behind}", behind, net, path, number, duration)
        net = behind
    return lines, net


def _source(
    name: str, high: str, low: str, path: HeldPath, channel: int, duration: float
) -> Iterator[str]:
    values = first_values(path)[:, channel]
    corners = steps(values, float(path.interval), duration)
    return card(name, high, low, *pwl(*corners))
