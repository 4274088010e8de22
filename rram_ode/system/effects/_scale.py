"""The scale of a configuration's circuit, by which a small error is a displacement."""

import dataclasses
import math
import pathlib

import numpy as np

from ...blocks import OpAmp
from ...chip import Blueprint
from ...config import RunConfig
from ...presets import ring, ring_64
from ...training import Checkpoint, shipped_checkpoint, shipped_names
from ..build import (
    build_checkpoint,
    build_design,
    build_op_amp,
    own_noise,
)


# Displacement of the ends, rms over samples in each coordinate, per unit of the error,
# as 200 samples of two chips of `ring-fresh` and of `ring-64-fresh` have it within a
# factor of 2.3; delays: `python -m benchmarks speed_limit`, 0.25 and 0.6 at 1 and 2 us.
PER_ACTIVATION = 1.2  # for an offset in all rows, in units of activation


PER_COLUMN = 0.5  # for an offset of all columns of a layer, in units of activation


REFERENCE_WIDTH = 14  # of the network of both; those of a wider one add as its root


PER_GAIN = 0.7  # for a relative error of gains


PER_DELAY = 0.6  # for a delay of the loop over the duration of a solve


RATE = 30.0  # of the loop, over the duration of a solve: where beta reaches 8


PEAK = 3.0  # the largest signal over the rms of a signal: assumed


PITCH = 2e-6  # metres from cell to cell, as NeuroSim's wires of 0.4 fF: assumed


WHOLE = ring()  # the whole chip, whose coefficients effects have that are off


LINE = ring_64().crossbar.wires.bit_line  # ohms from cell to cell


STAND_IN = "ring"  # whose network stands where there is no trained one


@dataclasses.dataclass(frozen=True)
class Scale:
    """Numbers of a circuit as designed, without errors.

    Args:
        config: All settings.
        op_amp: The op-amp, that of a chip where the configuration has ideal ones.
        e_n: Its white noise, in V/sqrt(Hz).
        rows: Number of rows of each layer, the constant one included.
        cols: Number of columns of each layer.
        noise_gains: Noise gain of each layer's amplifiers, rms over columns.
        feedbacks: Feedback resistor of each layer, rms over columns, in ohms.
        loads: Largest conductance at a summing node of each layer, in siemens.
        returned: Current of all amplifiers at the rms of their outputs, in amperes.
        volts: Volts per unit of the state, of each hidden layer, and of the output.
        g_max: Conductance of a cell at the top of the range, in siemens.
        span: Conductance from the bottom to the top of the range, in siemens.
        parallel: Number of arrays of each layer, one for each cell of a weight.
    """

    config: RunConfig
    op_amp: OpAmp
    e_n: float
    rows: tuple[int, ...]
    cols: tuple[int, ...]
    noise_gains: tuple[float, ...]
    feedbacks: tuple[float, ...]
    loads: tuple[float, ...]
    returned: float
    volts: tuple[float, ...]
    g_max: float
    span: float
    parallel: tuple[int, ...]

    @property
    def line_load(self) -> float:
        """Largest conductance of a bit line of one array, in siemens."""
        return max(g / n for g, n in zip(self.loads, self.parallel, strict=True))

    @property
    def duration(self) -> float:
        """Duration of a solve, in seconds."""
        return self.config.solve.duration

    @property
    def gbw(self) -> float:
        """Gain-bandwidth of the op-amps, in hertz."""
        return float(self.op_amp.gbw)

    @property
    def v_rms(self) -> float:
        """Voltage of a row, rms, in volts."""
        return self.config.crossbar.v_max / PEAK

    @property
    def band(self) -> float:
        r"""Bandwidth in which the loop sees white noise, in hertz.

        That of a pole at the loop's rate, $\frac{\pi}{2} \frac{1}{2 \pi} 30 / T$.
        """
        return RATE / (4 * self.duration)

    @property
    def e_folds(self) -> float:
        """Width of the band of the 1/f noise of op-amps and multipliers."""
        c = self.config.op_amp
        return math.log(c.flicker_max / c.flicker_min)

    @property
    def amplifiers(self) -> int:
        """Number of op-amps: amplifiers, rectifiers, inverters, integrators."""
        return 2 * sum(self.cols) + sum(self.rows)

    @property
    def breadth(self) -> float:
        """Independent errors of a layer of this width over those of 14 columns."""
        return math.sqrt(max(self.cols) / REFERENCE_WIDTH)

    @property
    def kelvin(self) -> float:
        """Temperature of use above that of the trims, in kelvin."""
        return self.config.cell.temperature - self.config.process.trim_temperature

    def of_state(self, volts: float) -> float:
        """Displacement of the state for an error of its voltage."""
        return volts / self.volts[0]

    def of_rows(self, volts: float) -> float:
        """Displacement for an independent error of the voltage of every row."""
        return PER_ACTIVATION * self.breadth * volts / min(self.volts[:-1])

    def of_inputs(self, volts: float) -> float:
        """Displacement for an error at the inputs of all hidden layers' op-amps."""
        pairs = zip(self.noise_gains[:-1], self.volts[1:-1], strict=True)
        return (
            PER_COLUMN * self.breadth * volts * max(gain / unit for gain, unit in pairs)
        )

    def of_currents(self, amperes: float) -> float:
        """Displacement for an error of the current of every column."""
        pairs = zip(self.feedbacks[:-1], self.volts[1:-1], strict=True)
        return (
            PER_COLUMN
            * self.breadth
            * amperes
            * max(ohms / unit for ohms, unit in pairs)
        )

    def of_cells(self, siemens: float) -> float:
        """Displacement for independent errors of all cells, rms."""
        cells = 2 * sum(self.rows[:-1]) / len(self.rows[:-1])
        return self.of_currents(siemens * self.v_rms * math.sqrt(cells))

    def of_integrand(self, volts: float) -> float:
        r"""Displacement for a constant error of an integrator's input voltage.

        It is $V T / (R C)$ volts of the state.
        """
        c = self.config.integrator
        return self.of_state(volts * self.duration / (c.resistance * c.capacitance))

    def of_gain(self, relative: float) -> float:
        """Displacement for a relative error of gains."""
        return PER_GAIN * relative

    def of_delay(self, seconds: float) -> float:
        """Displacement for a delay of the loop."""
        return PER_DELAY * seconds / self.duration


def find_scale(config: RunConfig) -> tuple[Scale, str | None]:
    """The scale of the circuit, and the network that stands for a missing one.

    Where the network of `config` is not trained yet, that of `STAND_IN` has its place.

    Raises:
        ValueError: If the circuit cannot be.
    """
    name = config.checkpoint
    if name in shipped_names() or pathlib.Path(name).exists():
        return scale_of(config, build_checkpoint(config)), None
    return scale_of(config, shipped_checkpoint(STAND_IN)), STAND_IN


def scale_of(config: RunConfig, checkpoint: Checkpoint) -> Scale:
    """The scale of the circuit of a trained network."""
    design = build_design(config)
    targets = Blueprint(checkpoint.score, design, checkpoint.ranges).targets
    counts = design.cell.parallel_of(len(targets.g))
    volts = tuple(float(u) for u in targets.volts)
    rows, cols, gains, ohms, loads, returned = [], [], [], [], [], 0.0
    v_rms = config.crossbar.v_max / PEAK
    v_last = (config.amplifier.v_rail or 1.0) / PEAK
    for number, ((g_pos, g_neg), siemens) in enumerate(
        zip(targets.g, targets.siemens, strict=True)
    ):
        parallel = counts[number]
        g = parallel * np.sum(np.asarray(g_pos) + np.asarray(g_neg), axis=0)
        u_in, u_out = volts[number : number + 2]
        feedback = u_out / (u_in * parallel * np.asarray(siemens))
        rows.append(g_pos.shape[0])
        cols.append(g_pos.shape[1])
        gains.append(float(np.sqrt(np.mean((1 + g * feedback) ** 2))))
        ohms.append(float(np.sqrt(np.mean(feedback**2))))
        loads.append(float(np.max(g)))
        v_out = v_rms if number + 1 < len(targets.g) else v_last
        returned += v_out * float(np.sum(1 / feedback))
    c = config.op_amp
    if c.kind == "ideal":
        c = dataclasses.replace(c, kind="on-chip")
    return Scale(
        config,
        build_op_amp(c),
        own_noise(c),
        tuple(rows),
        tuple(cols),
        tuple(gains),
        tuple(ohms),
        tuple(loads),
        returned,
        volts,
        float(design.cell.range.g_max),
        float(design.cell.range.g_max - design.cell.range.g_min),
        counts,
    )


def root_sum(moves: list[float]) -> float:
    """The displacement by independent ones."""
    return math.sqrt(math.fsum(each**2 for each in moves))
