"""The whole configuration of a run."""

from dataclasses import dataclass
from typing import Literal

from ._cell import CellConfig
from ._circuit import (
    AmplifierConfig,
    ControllerConfig,
    CrossbarConfig,
    DACConfig,
    IntegratorConfig,
    MultiplierConfig,
    PowerConfig,
)
from ._knob import group, knob
from ._op_amp import OpAmpConfig
from ._rectifier import RectifierConfig
from ._start import StartConfig
from ._task import NetworkConfig, SDEConfig, TrainConfig


@dataclass(frozen=True)
class SolveConfig:
    """How the closed loop is run."""

    duration: float = knob(
        20e-6, "s", "never", "arXiv 2404.05648: 20 us a sample", help="T_solve"
    )
    reset: float = knob(
        12e-6,
        "s",
        "never",
        "assumption: pre-charge and hand-over between samples",
        help="sample k starts at lab time k (duration + reset), in controller cycles",
    )
    process: Literal["probability-flow", "reverse-sde"] = knob(
        "probability-flow", "", "never", "the paper", help="what the loop solves"
    )
    solver: Literal["euler", "heun", "tsit5"] = knob(
        "heun",
        "",
        "never",
        "assumption",
        help="numerical method; tsit5 has adaptive steps, one sequence a sample",
    )
    num_steps: int = knob(
        200,
        "",
        "never",
        "assumption",
        help="numerical steps (euler, heun); edges of held signals are added",
    )
    tolerance: float = knob(
        1e-5, "", "never", "assumption", help="rtol and atol of tsit5, in units of x"
    )
    beta_factor: float = knob(
        1.8,
        "",
        "never",
        "the paper's code takes 2",
        help="factor on beta at sampling; other than 1 it is no true schedule",
    )
    start_std: float = knob(
        1.0, "", "never", "the paper's code", help="std of the Gaussian start x_T"
    )
    t0: float = knob(1e-4, "", "never", "the paper's code", help="last diffusion time")
    t1: float = knob(1.0, "", "never", "the paper's code", help="first diffusion time")
    warp: float = knob(
        1.0,
        "",
        "never",
        "assumption: linear",
        help="t = t0 + (t1 - t0) (1 - tau / duration)^warp",
    )
    noise_hold: float | None = knob(
        None,
        "s",
        "per sample",
        "the firmware holds 5 ms of 1 s",
        help="reverse SDE: hold of the injected noise; None is a Wiener process",
    )


@dataclass(frozen=True)
class RunConfig:
    """What `python -m rram_ode.sample` runs."""

    data: str = knob("ring", "", "never", "the paper's code", help="data set")
    checkpoint: str = knob(
        "ring", "", "never", "this package", help="shipped checkpoint, or a folder"
    )
    fidelity: Literal["ideal", "quasi-static", "dynamic"] = knob(
        "quasi-static",
        "",
        "never",
        "design",
        help="ideal: every error off; quasi-static: op-amps infinitely fast; dynamic: "
        "every op-amp is a state",
    )
    sde: SDEConfig = group(SDEConfig, combines="the checkpoint: what it was trained on")
    network: NetworkConfig = group(
        NetworkConfig, combines="training alone: a checkpoint brings its network"
    )
    train: TrainConfig = group(TrainConfig, combines="training alone")
    cell: CellConfig = group(
        CellConfig, combines="every array; all off with fidelity=ideal"
    )
    crossbar: CrossbarConfig = group(
        CrossbarConfig,
        combines="cell range; amplifier.v_rail: volts per unit",
    )
    amplifier: AmplifierConfig = group(
        AmplifierConfig,
        combines="crossbar.headroom: what meets the limits",
    )
    rectifier: RectifierConfig = group(
        RectifierConfig,
        combines="amplifier.v_rail and crossbar.v_max: the range it sees",
    )
    op_amp: OpAmpConfig = group(
        OpAmpConfig,
        combines="fidelity=dynamic; solve.duration: the speed needed",
    )
    dac: DACConfig = group(
        DACConfig,
        combines="solve.num_steps: updates are step boundaries",
    )
    multiplier: MultiplierConfig = group(
        MultiplierConfig,
        combines="R C and solve.duration: too short a solve is refused",
    )
    integrator: IntegratorConfig = group(
        IntegratorConfig,
        combines="solve.duration and multiplier: waveforms follow R C",
    )
    start: StartConfig = group(
        StartConfig,
        combines="integrator.capacitance: volts of a charge; both fidelities",
    )
    controller: ControllerConfig = group(
        ControllerConfig,
        combines="solve.reset: load, hold and the ADC's cycles are part of it",
    )
    power: PowerConfig = group(
        PowerConfig, combines="counts of blocks and solve.duration: energy alone"
    )
    solve: SolveConfig = group(
        SolveConfig,
        combines="lab time of all noise; with R C, the multiplier's factors",
    )
