"""Noise as sources: the simulator's own paths, played to both simulators."""

from collections.abc import Iterator

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from scipy.constants import Boltzmann, elementary_charge

from ..blocks import StageNoise
from ..crossbar import Crossbar
from ..loop import (
    Circuit,
    DynamicLoop,
    op_amp_noise,
    op_amp_paths,
    OpAmpPaths,
    SamplePaths,
)
from ..noise import HeldPath, ThermalNoise
from ._text import card, number, pwl


Played = tuple[np.ndarray, float]  # values `(holds, channels)`, interval in seconds


EDGE = 1e-9


SHARP_EDGE = 2e-11  # where the settling of an array is compared


SMALL = 1e-3  # for smaller x, x / tanh(x) is 1 + x^2 / 3 to 2e-14


def steps(
    values: np.ndarray,
    interval: float,
    duration: float,
    *,
    from_rest: bool = False,
    late: np.ndarray | None = None,
    edge: float = EDGE,
) -> tuple[np.ndarray, np.ndarray]:
    """Times and values at the corners of a signal of steps.

    Each step has a short `edge` that begins at the update, where the simulator
    steps. With `from_rest` an edge at 0 s leads from zero to the first value.

    Args:
        values: Value of each step, `(steps, ...)`.
        interval: Duration of a step, in seconds.
        duration: Duration of the signal, in seconds.
        from_rest: Whether the signal is zero before it starts.
        late: By how much the edge at each step's begin is late, in seconds; `None` for
            on time.
        edge: Longest edge, in seconds.
    """
    edge = min(edge, interval / 100)
    starts = np.arange(1, len(values)) * interval
    starts = starts[starts < duration * (1 - 1e-6)]
    values = values[: len(starts) + 1]
    if late is not None:
        starts = starts + late[1 : len(starts) + 1]
    times = np.concatenate([[0.0], np.stack([starts, starts + edge], 1).ravel()])
    corners = np.concatenate([values[:1], np.repeat(values[1:], 2, axis=0)])
    corners[1::2] = values[:-1]
    if from_rest:
        times = np.concatenate([[0.0, edge], times[1:]])
        corners = np.concatenate([0 * values[:1], corners])
    return times, corners


def noise_cards(
    crossbars: tuple[Crossbar, ...], paths: SamplePaths, duration: float
) -> Iterator[str]:
    r"""Current sources at each summing node, and the sources of the noise they scale.

    There is one current source per column, and one per pair for noise of single pairs:
    ngspice would differentiate one expression of all cells of a column by each of them.

    | node | noise | factor in the current source |
    | --- | --- | --- |
    | `u1_7` | white noise of column 7 of layer 1 | $\sqrt{\sum_i \sigma_i^2 v_i^2}$ |
    | `z1_7` | thermal noise of a column | $\sqrt{\sum_i S(v_i) B (g^+ + g^-)}$ |
    | `f1_3_7` | flicker of a pair | $\sigma v$ of the pair |
    | `h1_3_7` | telegraph noise of a pair, in siemens | $v$ of its row |

    `s1_3` is $1 + F (x \coth x - 1)$ of a row. Telegraph noise apart, the values have
    unit variance; white noise that has the op-amps' own poles has that of its steps'
    band. The row voltages are those of the deck. Where white and thermal noise have one
    source of random numbers, the factor of `u` is the root of the sum of both
    variances.
    """
    played = {
        kind: None if path is None else (first_values(path), float(path.interval))
        for kind, path in (
            ("u", paths.white),
            ("z", paths.thermal),
            ("f", paths.flicker),
            ("h", paths.telegraph),
        )
    }
    column = cell = 0
    for layer, crossbar in enumerate(crossbars, start=1):
        rows, cols = crossbar.g_pos.shape
        thermal = crossbar.thermal if played["z"] or paths.shares_white else None
        if thermal is not None:
            yield from _row_factors(layer, rows, thermal)
        for col in range(cols):
            squares = {"u": _white(layer, col, crossbar), "z": []}
            if thermal is not None:
                kind = "u" if paths.shares_white else "z"
                squares[kind] += _thermal(layer, col, crossbar, thermal)
            at = f"{layer}_{col}"
            yield from _column_noise(at, column + col, squares, played, duration)
            yield from _pair_noise(layer, col, crossbar, cell, played, duration)
        column += cols
        cell += rows * cols


def _column_noise(
    at: str,
    channel: int,
    squares: dict[str, list[str]],
    played: dict[str, Played | None],
    duration: float,
) -> Iterator[str]:
    """White and thermal noise of a column; `squares` are terms of their variances."""
    terms = []
    for kind in "uz":
        if (of := played[kind]) is not None:
            corners = steps(of[0][:, channel], of[1], duration)
            yield from card(f"v{kind}{at}", f"{kind}{at}", "0", *pwl(*corners))
            terms += [f"-v({kind}{at})*sqrt(", *_joined(squares[kind]), ")"]
    if terms:
        yield from card(f"bn{at}", "0", f"m{at}", "i=", *terms)


def _pair_noise(
    layer: int,
    col: int,
    crossbar: Crossbar,
    first: int,
    played: dict[str, Played | None],
    duration: float,
) -> Iterator[str]:
    """Flicker and telegraph noise of a column's pairs; the layer begins at `first`."""
    rows, cols = crossbar.g_pos.shape
    flicker = np.asarray(crossbar.flicker_std, float)
    for row in range(rows):
        terms = []
        for kind in "fh":
            if (of := played[kind]) is None:
                continue
            node = f"{kind}{layer}_{row}_{col}"
            corners = steps(of[0][:, first + row * cols + col], of[1], duration)
            yield from card(f"v{node}", node, "0", *pwl(*corners))
            scale = flicker[row, col] if kind == "f" else 1.0
            terms.append(f"{number(scale)}*v({node})")
        if terms:
            value = f"i=-v(r{layer}_{row})*({'+'.join(terms)})"
            yield from card(f"bc{layer}_{row}_{col}", "0", f"m{layer}_{col}", value)


def _white(layer: int, col: int, crossbar: Crossbar) -> list[str]:
    """Terms of the variance of a column's white noise, in A^2."""
    shape = crossbar.g_pos.shape
    variance = np.broadcast_to(np.asarray(crossbar.white_std, float) ** 2, shape)[
        :, col
    ]
    if crossbar.white_gain is not None:
        variance = variance * float(crossbar.white_gain[col]) ** 2
    row = [f"v(r{layer}_{n})" for n in range(shape[0])]
    return [f"{number(x)}*{v}*{v}" for x, v in zip(variance, row, strict=True)]


def _thermal(layer: int, col: int, crossbar: Crossbar, law: ThermalNoise) -> list[str]:
    """Terms of the variance of a column's thermal noise, in A^2."""
    power = 4 * Boltzmann * float(law.temperature) * float(law.bandwidth)
    g = np.asarray(crossbar.g_pos + crossbar.g_neg, float)[:, col]
    return [f"{number(power * x)}*v(s{layer}_{n})" for n, x in enumerate(g)]


def _row_factors(layer: int, rows: int, law: ThermalNoise) -> Iterator[str]:
    scale = number(elementary_charge / (2 * Boltzmann * float(law.temperature)))
    for row in range(rows):
        x = f"({scale}*v(r{layer}_{row}))"
        ratio = f"(abs{x}<{SMALL}?1+{x}*{x}/3:{x}/tanh{x})"
        value = f"v=1+{number(law.fano)}*({ratio}-1)"
        yield from card(f"bs{layer}_{row}", f"s{layer}_{row}", "0", value)


def first_values(path: HeldPath) -> np.ndarray:
    """Values `(holds, channels)` of the first sample."""
    return np.asarray(path.values[..., 0], float)


def _joined(terms: list[str]) -> list[str]:
    return [terms[0], *(f"+{term}" for term in terms[1:])]


def op_amp_noise_cards(
    loop: DynamicLoop, circuit: Circuit, paths: OpAmpPaths, *, is_moved: bool = False
) -> list[str]:
    r"""Noise of sample 0: a voltage at each + input, a current into each summing node.

    `vy1_7` plays $e_n$ (and the voltage that auto-zeroing stored) to amplifier 7 of
    layer 1, `iy1_7` plays $i_n$ and the noise of the resistors; `vyx0` and `iyx0` are
    those of an integrator. They begin with an edge: the solve starts from rest without
    them. Where other noise moves the + inputs, `y1_7` stands on `g1_7`.
    """
    assert loop.noise is not None  # by `first_paths`
    interval, duration = float(loop.noise.interval), float(loop.clock.duration)
    num = int(np.ceil(duration / interval * (1 - 1e-6)))
    stages = _noise_holds(circuit, paths, num)
    last = len(stages) - 1
    lines = ["* noise of op-amps and resistors"]
    for layer, noise in enumerate(stages):
        is_integrator = layer == last
        volts, amperes = (np.asarray(x, float) for x in (noise.volts, noise.amperes))
        for col in range(volts.shape[1]):
            at = f"x{col}" if is_integrator else f"{layer + 1}_{col}"
            node = f"mx{col}" if is_integrator else f"m{at}"
            foot = f"g{at}" if is_moved else "0"
            for kind, pins, values in (
                ("v", (f"y{at}", foot), volts[:, col]),
                ("i", ("0", node), amperes[:, col]),
            ):
                corners = steps(values, interval, duration, from_rest=True)
                lines += card(f"{kind}y{at}", *pins, *pwl(*corners))
    return lines


@eqx.filter_jit
def first_paths(loop: DynamicLoop, circuit: Circuit) -> OpAmpPaths | None:
    """Noise of the op-amps during the first sample, or `None` if they have none."""
    if loop.noise is None:  # what is held alone is part of the circuit
        return None
    return op_amp_paths(loop.noise, circuit, 0, 1, loop.auto_zero)


def start_volts(
    loop: DynamicLoop, circuit: Circuit, x1: np.ndarray, paths: OpAmpPaths | None
) -> jax.Array:
    """Start voltages of the integrators, `(dim,)`, after their switches have opened."""
    start = jnp.asarray(x1, circuit.integrator.offset.dtype)
    v1 = loop.loop.start_volts(circuit.chip, start)
    if paths is None or paths.white is None:
        return v1
    return v1 + paths.white.start(circuit)[:, 0]


@eqx.filter_jit
def _noise_holds(
    circuit: Circuit, paths: OpAmpPaths, num: int
) -> tuple[StageNoise, ...]:
    """Noise of each stage at each hold, `(holds, cols)`."""
    assert paths.white is not None  # by `first_paths`
    interval = paths.white.law.interval

    def hold(n):
        noise = op_amp_noise(paths, circuit, n * interval, (n + 1) * interval)
        assert noise is not None  # as there are paths
        return jax.tree.map(lambda x: x[:, 0], noise)

    return jax.lax.map(hold, jnp.arange(num, dtype=interval.dtype))
