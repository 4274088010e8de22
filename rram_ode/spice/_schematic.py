"""The schematic of a deck: the numbers that the dynamic model solves with."""

import dataclasses

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ..blocks import AbstractStage, MultiplierErrors
from ..chip import AnalogNetwork, Chip
from ..loop import Circuit, DynamicLoop
from ..scores import for_width
from ._dac import dac_waves
from ._netlist import circuit_of
from ._rows import (
    inverter_values,
    multiplier_values,
    row_values,
    trim_currents,
    wave_scales,
)


@dataclasses.dataclass(frozen=True)
class SchematicLayer:
    """One layer of the model.

    Args:
        g_pos: Positive cells, `(rows, cols)`, in siemens; the constant row last.
        g_neg: Negative cells.
        columns: Values of the columns, each `(cols,)`, by the keys of `Column.values`.
        rows: Values of each row, the constant one last, by the keys of `Row.values`.
        waves: Embedding of each column, `(corners, cols)`; `None` in the last layer.
    """

    g_pos: np.ndarray
    g_neg: np.ndarray
    columns: dict[str, np.ndarray]
    rows: tuple[dict[str, float], ...]
    waves: np.ndarray | None

    @property
    def weights(self) -> np.ndarray:
        r"""$(G_+ - G_-) R_f$, `(rows, cols)`."""
        return (self.g_pos - self.g_neg) * self.columns["r_f"]


@dataclasses.dataclass(frozen=True)
class Schematic:
    """The model's circuit in double precision, from the simulator's own objects.

    Args:
        layers: Layers in the order of the signal.
        integrators: Values of the integrators, each `(dim,)`, by the keys of
            `Integrator.values`.
        times: Times of the corners of all waves, in seconds.
        factors: Waves of the two multipliers, `(corners, 2)`.
    """

    layers: tuple[SchematicLayer, ...]
    integrators: dict[str, np.ndarray]
    times: np.ndarray
    factors: np.ndarray


def schematic(loop: DynamicLoop, chip: Chip, x1: Float[Array, " dim"]) -> Schematic:
    """The schematic of a solve of `chip` from `x1`."""
    circuit = circuit_of(loop, chip)
    times, waves = dac_waves(loop, chip)
    layers = tuple(
        _layer(circuit, number, waves[:, :-2]) for number in range(len(circuit.layers))
    )
    stage = circuit.integrator
    x1 = jnp.asarray(x1, stage.offset.dtype)
    start = np.asarray(stage.charged(loop.loop.start_volts(chip, x1)), float)
    values = _op_amps(stage) | {
        "r_in": 1 / np.asarray(stage.g_in, float),
        "r_leak": _inverse(stage.g_f),
        "c_f": np.asarray(stage.c_f, float),
        "c_in": np.asarray(stage.c_in, float),
        "start_output": start[0],
        "start_summing": start[1],
        **_multipliers(chip),
    }
    return Schematic(layers, values, times, waves[:, -2:])


def _layer(circuit: Circuit, number: int, embedding: np.ndarray) -> SchematicLayer:
    stage, score = circuit.layers[number], circuit.network
    assert isinstance(score, AnalogNetwork)  # by `require_readable`
    crossbar = score.layers[number].crossbar
    width = stage.g_f.shape[0]
    r_f = 1 / np.asarray(stage.g_f, float)
    columns = _op_amps(stage) | {"r_f": r_f}
    trim = trim_currents(score.layers[number], stage)
    if trim is not None:
        columns["bias_current"] = trim
    for key in ("c_f", "c_in"):
        values = np.asarray(getattr(stage, key), float)
        columns[key] = values if stage.has_capacitors else np.zeros(width)
    waves = None
    if number + 1 < len(circuit.layers):
        columns |= {"scale": -wave_scales(score, number + 1), "r_w": r_f}
        channels = for_width(jnp.arange(embedding.shape[1], dtype=float), width)
        waves = embedding[:, np.asarray(channels, int)]
    return SchematicLayer(
        np.asarray(crossbar.g_pos, float),
        np.asarray(crossbar.g_neg, float),
        columns,
        _rows(score, number),
        waves,
    )


def _rows(score: AnalogNetwork, number: int) -> tuple[dict[str, float], ...]:
    """Values of the rows of layer `number`; those of ideal blocks where none errs."""
    layer, clamp = score.layers[number], float(score.v_clamp)
    before = score.layers[number - 1].rectifiers if number else None
    ideal = {"gain": 1.0, "offset": 0.0, "relu_gain": 1.0, "relu_offset": 0.0}
    ideal |= {"v_low": 0.0 if number else -clamp, "v_high": clamp}
    errors, inverse = row_values(layer, before), inverter_values(layer.crossbar)
    num = layer.crossbar.g_pos.shape[0]
    found = []
    for row in range(num):
        own = {"v_bias": float(layer.crossbar.v_bias)}
        if row + 1 < num:
            own = ideal | {key: float(x[row]) for key, x in errors.items()}
        values = {"gain": 1.0, "offset": 0.0}
        values |= {key: float(x[row]) for key, x in inverse.items()}
        own |= {f"inverse_{key}": value for key, value in values.items()}
        found.append(own)
    return tuple(found)


def _multipliers(chip: Chip) -> dict[str, np.ndarray]:
    """Errors of the multipliers of the state and of the score, each `(dim,)`."""
    dim, errors = chip.score.dim, chip.multipliers
    if errors is None:
        none = jnp.zeros((2, dim))
        errors = MultiplierErrors(none, none, none, none)
    straight = {"a1": 1.0, "a3": 0.0, "b1": 1.0, "b3": 0.0}
    values = {key: np.full((2, dim), x) for key, x in straight.items()}
    values |= multiplier_values(errors)
    return {
        f"{source}_{key}": both[n]
        for n, source in enumerate(("state", "score"))
        for key, both in values.items()
    }


def _op_amps(stage: AbstractStage) -> dict[str, np.ndarray]:
    op_amp, (low, high) = stage.op_amp, stage.rails(stage.g_f)
    each = {
        "gain": op_amp.gain,
        "unity": op_amp.unity,
        "slew": op_amp.slew,
        "v_rail": high,
        "v_low": low,
        "bias_current": op_amp.bias_current,
        "offset": stage.offset,
    }
    width = stage.g_f.shape[0]
    return {k: np.broadcast_to(np.asarray(x, float), width) for k, x in each.items()}


def _inverse(g: Float[Array, " cols"]) -> np.ndarray:
    """Resistances in ohms; a conductance of 0 gives an infinite one."""
    siemens = np.asarray(g, float)
    return np.divide(1, siemens, out=np.full(siemens.shape, np.inf), where=siemens > 0)
