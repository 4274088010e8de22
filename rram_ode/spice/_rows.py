"""Row drivers, rectifiers, inverters and multipliers of a deck, with their errors."""

import numpy as np
from jaxtyping import Array, Float

from ..blocks import AbstractStage, BlockErrors, MultiplierErrors
from ..chip import AbstractCrossbarNetwork, AnalogLayer, AnalogNetwork
from ..crossbar import Crossbar
from ..loop import Circuit
from . import _blocks as blocks
from ._text import number


LINE_OHMS = 1e3  # arbitrary: it scales the C of a word line's pole


def row_blocks(network: AbstractCrossbarNetwork) -> list[str]:
    """The subcircuits of row drivers, rectifiers and inverters.

    Those without errors are the ideal ones.
    """
    first, layers = network.chains[0], network.all_layers
    v_clamp = float(first.v_clamp)
    has_drivers = any(layer.drivers is not None for layer in layers)
    has_rectifiers = any(layer.rectifiers is not None for layer in layers)
    has_inverters = any(layer.crossbar.inverters is not None for layer in layers)
    driver = blocks.erring_driver if has_drivers else blocks.limiter
    erring = has_drivers or has_rectifiers
    relu = blocks.erring_rectifier if erring else blocks.rectifier
    inverter = blocks.erring_inverter if has_inverters else blocks.inverter
    return [
        *driver("driver", -v_clamp, v_clamp),
        *relu("relu", first.rectifier, v_clamp),
        *inverter("inverter"),
    ]


def row_cards(circuit: Circuit, layer: int, previous: tuple[str, ...]) -> list[str]:
    """Drivers and inverters of the rows of a layer, and the constant row's source.

    Where word lines take time, `o1_3` is the driver's output, `l1_3` the net with the
    line's capacitor, and the row follows it.
    """
    layers, is_first = circuit.network.all_layers, circuit.places[layer - 1].is_first
    own, crossbar = layers[layer - 1], layers[layer - 1].crossbar
    block = "driver" if is_first else "relu"
    before = None if is_first else layers[layer - 2].rectifiers
    rows, lines = crossbar.g_pos.shape[0], []
    for row, node in enumerate(previous):
        errors, at = row_errors(own, before, row), f"{layer}_{row}"
        if circuit.lines is None:
            lines.append(f"xr{at} {node} r{at} {block}{errors}")
            continue
        farads = float(circuit.lines[layer - 1].delay[row]) / LINE_OHMS
        lines += [
            f"xr{at} {node} o{at} {block}{errors}",
            f"rl{at} o{at} l{at} {number(LINE_OHMS)}",
            f"cl{at} l{at} 0 {number(farads)}",
            f"el{at} r{at} 0 l{at} 0 1",
        ]
    lines.append(f"vr{layer} r{layer}_{rows - 1} 0 {number(crossbar.v_bias)}")
    for row in range(rows):
        errors, at = inverter_errors(crossbar, row), f"{layer}_{row}"
        lines.append(f"xn{at} r{at} n{at} inverter{errors}")
    return lines


def row_values(
    layer: AnalogLayer, rectifiers: BlockErrors | None
) -> dict[str, Float[np.ndarray, " rows"]]:
    """Errors of the drivers of a layer's rows, and of the rectifiers ahead of them.

    Args:
        layer: The layer whose rows are driven.
        rectifiers: Errors of the rectifiers of the layer before; `None` for none.
    """
    found = {}
    if layer.drivers is not None:
        found |= _values(layer.drivers.gain, layer.drivers.offset, "")
    if rectifiers is not None:
        found |= _values(rectifiers.gain, rectifiers.offset, "relu_")
    return found


def row_errors(layer: AnalogLayer, rectifiers: BlockErrors | None, row: int) -> str:
    """Parameters of the driver, or of the rectifier with its driver, of one row."""
    return _parameters(row_values(layer, rectifiers), row)


def inverter_values(crossbar: Crossbar) -> dict[str, Float[np.ndarray, " rows"]]:
    """Gain and offset of the inverters of all rows; nothing for ideal ones."""
    errors = crossbar.inverters
    return {} if errors is None else _values(errors.gain, errors.offset, "")


def inverter_errors(crossbar: Crossbar, row: int) -> str:
    """Parameters of the inverter of one row."""
    return _parameters(inverter_values(crossbar), row)


def multiplier_values(
    errors: MultiplierErrors,
) -> dict[str, Float[np.ndarray, "parts dim"]]:
    """Parameters of the multipliers of states and of scores, or of those that guide."""
    found = {
        "gain": 1 + np.asarray(errors.gain, float),
        "signal": np.asarray(errors.signal, float),
        "factor": np.asarray(errors.factor, float),
        "offset": np.asarray(errors.offset, float),
    }
    if errors.bend is not None:
        both = errors.bend.factor_coefficients, errors.bend.signal_coefficients
        for pin, (linear, cubic) in zip("ab", both, strict=True):
            found[f"{pin}1"] = np.asarray(linear, float)
            found[f"{pin}3"] = np.asarray(cubic, float)
    return found


def multiplier_errors(errors: MultiplierErrors | None, which: int, k: int) -> str:
    """Parameters of multiplier `which` of coordinate k: of state, then of score."""
    if errors is None:
        return ""
    values = {key: x[which, k] for key, x in multiplier_values(errors).items()}
    return "".join(f" {key}={number(value)}" for key, value in values.items())


def _values(
    gain: Float[Array, " rows"], offset: Float[Array, " rows"], prefix: str
) -> dict[str, Float[np.ndarray, " rows"]]:
    gains = 1 + np.asarray(gain, float)
    return {f"{prefix}gain": gains, f"{prefix}offset": np.asarray(offset, float)}


def _parameters(values: dict[str, Float[np.ndarray, " rows"]], row: int) -> str:
    return "".join(f" {key}={number(x[row])}" for key, x in values.items())


def wave_scales(network: AnalogNetwork, number: int) -> Float[np.ndarray, " cols"]:
    """Volts that 1 V of a channel adds to each column of hidden layer `number`.

    Layers count from 1, as those of `hidden_node`.
    """
    cols = network.arrays[number - 1][1]
    volts = np.broadcast_to(np.asarray(network.volts[number], float), cols)
    return volts if network.peak is None else float(network.peak) * volts


def wave_channel(chain: int, pairs: int, cols: int, col: int) -> str:
    """Channel of column `col`: the first half are sines, the other half cosines.

    Those of an array follow those of the array before.
    """
    own = col if col < cols // 2 else pairs + col - cols // 2
    return f"e{2 * pairs * chain + own}"


def trim_currents(
    layer: AnalogLayer, stage: AbstractStage
) -> Float[np.ndarray, " cols"] | None:
    """Bias and trim into each summing node, in amperes; `None` without a trim."""
    if layer.trim is None:
        return None
    trim = np.asarray(layer.trim, float) * np.asarray(stage.g_f, float)
    return float(stage.op_amp.bias_current) - trim


def trim_of(layer: AnalogLayer, stage: AbstractStage, col: int) -> str:
    """The parameter of column `col` of a layer whose columns are trimmed."""
    currents = trim_currents(layer, stage)
    return "" if currents is None else f" bias={number(currents[col])}"
