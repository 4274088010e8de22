"""Benches for a circuit designer: stages with op-amps, the loop, and a list of all."""

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float

from ..blocks import (
    DAC,
    FeedbackIntegrator,
    on_chip_op_amp,
    OpAmp,
    Schedule,
    Stage,
    StageState,
)
from ..chip import Blueprint, Chip, Design, Ranges
from ..crossbar import DifferentialPair
from ..devices import Cell, ConductanceRange
from ..loop import close_loop, DynamicLoop, make_dynamic, NetworkDrift
from ..noise import LabClock
from ..scores import fourier_mlp, NetworkScore
from ..sdes import ProbabilityFlow, VPSDE
from . import _blocks as blocks
from ._bench import Bench, even_times, Nodes, POINTS
from ._check import node_voltages, trace_nodes
from ._netlist import analysis, write_netlist
from ._static_benches import multiplier_bench, rectifier_bench
from ._text import card, Netlist, number, pwl


RAIL = 1.2


@dataclasses.dataclass(frozen=True)
class Drive:
    """A stage driven by lines between `times`; a step of any size is exact.

    Args:
        stage: The stage that is driven.
        start: State of the stage at the start, `(states, cols)`, in volts.
        times: Corners of the drive, in seconds.
        currents: Currents into the summing nodes, `(cols, times)`, in amperes.
    """

    stage: Stage
    start: np.ndarray
    times: np.ndarray
    currents: np.ndarray

    def __call__(self) -> tuple[np.ndarray, Nodes]:
        """Times in seconds and output voltages."""
        taus = even_times(self.times)
        drive = np.stack([np.interp(taus, self.times, x) for x in self.currents])
        inputs = (jnp.asarray(x) for x in (self.start, taus, drive))
        return taus, {"output": np.asarray(_march(self.stage, *inputs))}


def benches() -> dict[str, Bench]:
    """All benches by the name of their file in `circuits/`."""
    return {
        "tia": _tia(),
        "integrator": _integrator(),
        "crossbar_4x4": _crossbar(),
        "loop_2d": _loop(),
        "rectifiers": rectifier_bench(),
        "multipliers": multiplier_bench(),
    }


def _tia() -> Bench:
    """A transimpedance amplifier with steps into three cells, and with capacitors."""
    stage = _stage(
        on_chip_op_amp(),
        g_in=np.array([120e-6]),
        g_f=np.array([10e-6]),
        c_f=np.array([0.1e-12]),
        c_in=np.array([1e-12]),
    )
    g = np.array([[20e-6], [40e-6], [60e-6]])
    times = np.array([0, 1, 1.01, 3, 3.01, 4]) * 1e-6
    rows = np.array([0, 0, 0.1, 0.1, -0.05, -0.05]) * np.array([[1.0], [-0.5], [0.8]])
    return _columns("a transimpedance amplifier, steps", stage, g, times, rows)


def _crossbar() -> Bench:
    """A crossbar with ramps on four rows, and four columns of different noise gain."""
    low, high = 8e-6, 90e-6
    g = np.linspace(low, high, 16).reshape(4, 4)[:, [2, 0, 3, 1]]
    stage = _stage(
        on_chip_op_amp(),
        g_in=g.sum(0),
        g_f=np.array([5e-6, 10e-6, 20e-6, 40e-6]),
        c_f=np.zeros(4),
        c_in=np.zeros(4),
    )
    times = np.array([0, 0.5, 1.5, 1.52, 3, 4]) * 1e-6
    shape = np.array([0, 0, 0.05, -0.03, -0.03, 0.02])
    rows = np.array([[1.0], [-0.6], [0.3], [0.9]]) * shape
    what = "a crossbar of 4 x 4 cells with its amplifiers"
    return _columns(what, stage, g, times, rows)


def _integrator() -> Bench:
    """An integrator of 100 kOhm and 30 pF with a leak, driven by a square wave."""
    stage = _stage(
        on_chip_op_amp(),
        g_in=np.array([10e-6]),
        g_f=np.array([1e-8]),
        c_f=np.array([30e-12]),
        c_in=np.zeros(1),
        has_capacitors=True,
    )
    times = np.array([0, 5, 5.05, 12, 12.05, 20]) * 1e-6
    wave = np.array([0.2, 0.2, -0.3, -0.3, 0.1, 0.1])
    v_o = jnp.array([0.1])
    start = np.asarray(stage.charged(v_o))
    cards = [
        *blocks.op_amp("op_amp", stage.op_amp, (-RAIL, RAIL)),
        *blocks.integrator("integrator", "op_amp", stage),
        *card("vd", "d", "0", *pwl(times, wave)),
        f"xi d m out integrator c={number(stage.c_f[0])} offset=0",
        f".ic v(xi.xa.x)={number(start[0, 0])} v(m)={number(start[1, 0])}",
    ]
    title = "an integrator with a leak, square wave"
    netlist = Netlist(
        title, tuple(cards), analysis(times[-1], POINTS), {"output": ("out",)}
    )
    current = wave[None] * 10e-6
    return Bench(title, netlist, Drive(stage, start, times, current))


def _loop() -> Bench:
    """The closed loop of an untrained 2-4-4-2 network."""
    sde, g = VPSDE(0.1, 8.0), ConductanceRange(8e-6, 90e-6)
    network = NetworkScore(fourier_mlp(2, (4, 4), key=jr.key(0)))
    design = Design(
        Cell(g),
        DifferentialPair(g),
        FeedbackIntegrator(5e4, 30e-12, 1e-8, v_rail=RAIL),
        v_rail=RAIL,
        v_clamp=0.2,
    )
    chip = Blueprint(network, design, Ranges(3.0, (4.0, 4.0), 6.0)).program(jr.key(3))
    loop = make_dynamic(
        close_loop(
            NetworkDrift(ProbabilityFlow(sde)),
            Schedule(1e-3, 1.0),
            LabClock(20e-6),
            read=chip.read,
            dac=DAC(12, 10e6),
            num_steps=800,
        ),
        OpAmp(9e5, 100e6, slew=100e6),
    )
    x1 = jnp.array([0.7, -1.1])
    what = "the closed loop of a 2-4-4-2 network"
    netlist = write_netlist(loop, chip, x1, title=what)
    return Bench(what, netlist, lambda: _solve(loop, chip, x1))


def _columns(
    what: str, stage: Stage, g: np.ndarray, times: np.ndarray, v: np.ndarray
) -> Bench:
    """Cells whose rows are driven by lines, with one amplifier per column."""
    cards = [
        *blocks.op_amp("op_amp", stage.op_amp, (-RAIL, RAIL)),
        *blocks.amplifier("tia", "op_amp", stage),
    ]
    for row, wave in enumerate(v):
        cards += card(f"vr{row}", f"r{row}", "0", *pwl(times, wave))
    for row in range(g.shape[0]):
        for col in range(g.shape[1]):
            cards.append(f"rg{row}_{col} r{row} m{col} {number(1 / g[row, col])}")
    outputs = tuple(f"t{col}" for col in range(g.shape[1]))
    for col, node in enumerate(outputs):
        ohms = number(1 / stage.g_f[col])
        cards.append(f"xa{col} m{col} {node} tia rf={ohms} offset=0")
    netlist = Netlist(
        what, tuple(cards), analysis(times[-1], POINTS), {"output": outputs}
    )
    start = np.asarray(stage.settled(jnp.asarray(g.T @ v[:, 0])))
    return Bench(what, netlist, Drive(stage, start, times, g.T @ v))


def _stage(op_amp: OpAmp, has_capacitors: bool | None = None, **values) -> Stage:
    arrays = {k: jnp.asarray(v, jnp.result_type(float)) for k, v in values.items()}
    if has_capacitors is None:
        has_capacitors = bool(np.any(values["c_f"] + values["c_in"] > 0))
    return Stage(
        op_amp,
        **arrays,
        offset=jnp.zeros_like(arrays["g_f"]),
        v_rail=jnp.asarray(RAIL, jnp.result_type(float)),
        has_capacitors=has_capacitors,
    )


@eqx.filter_jit
def _march(
    stage: Stage,
    u: StageState,
    taus: Float[Array, " times"],
    drive: Float[Array, "cols times"],
) -> Float[Array, "times cols"]:
    def step(u, inputs):
        dt, i0, i1 = inputs
        after, _ = stage.advance(stage.propagator(dt), dt, u, (i0 + i1) / 2, i1)
        return after, stage.output(after)

    inputs = jnp.diff(taus), drive.T[:-1], drive.T[1:]
    _, rest = jax.lax.scan(step, u, inputs)
    return jnp.concatenate([stage.output(u)[None], rest])


def _solve(
    loop: DynamicLoop, chip: Chip, x1: Float[Array, " dim"]
) -> tuple[np.ndarray, Nodes]:
    nodes = node_voltages(trace_nodes(loop, chip, x1), 0, chip)
    return np.asarray(loop.times, float), nodes
