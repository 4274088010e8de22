"""The whole configuration of a run."""

from dataclasses import dataclass
from typing import Literal

from ._cell import CellConfig
from ._circuit import (
    AmplifierConfig,
    ControllerConfig,
    CrossbarConfig,
    MultiplierConfig,
    PowerConfig,
    RewriteConfig,
)
from ._converters import ADCConfig, DACConfig
from ._decoder import DecoderConfig
from ._guidance import GuidanceConfig
from ._integrator import IntegratorConfig
from ._knob import group, knob
from ._latents import LatentsConfig
from ._op_amp import OpAmpConfig
from ._points import PointsConfig
from ._process import ProcessConfig
from ._rectifier import RectifierConfig
from ._start import StartConfig
from ._static import DriverConfig, InverterConfig, SupplyConfig
from ._task import NetworkConfig, SDEConfig, TrainConfig
from ._trim import TrimConfig


@dataclass(frozen=True)
class SolveConfig:
    """The solve of the closed loop."""

    duration: float = knob(
        20e-6,
        unit="s",
        source="arXiv 2404.05648: 20 us per sample",
        role="design",
        pays="seconds, joules",
        ends=(200e-9, 2e-3),
        help="circuit time of a solve, T_solve",
    )
    longest: float | None = knob(
        None,
        unit="s",
        source="assumption: None sizes paths of noise for solve.duration",
        role="numerical",
        help="longest duration of a sweep, which all its solves are sized for: they "
        "run one program",
    )
    reset: float = knob(
        12e-6,
        unit="s",
        source="assumption: pre-charge and hand-over between samples",
        role="design",
        pays="seconds, joules",
        ends=(20e-9, 100e-6),
        help="time between solves, rounded up to whole controller cycles",
    )
    process: Literal["probability-flow", "reverse-sde"] = knob(
        "probability-flow",
        source="the paper",
        role="design",
        pays="joules",
        help="equation that the loop solves",
    )
    solver: Literal["euler", "heun", "tsit5"] = knob(
        "heun",
        source="assumption",
        role="numerical",
        help="numerical method; tsit5 adapts the steps of each sample",
    )
    num_steps: int = knob(
        200,
        source="assumption",
        role="numerical",
        help="number of steps (euler, heun); edges of held signals are added",
    )
    tolerance: float = knob(
        1e-5,
        source="assumption",
        role="numerical",
        help="relative and absolute tolerance of tsit5, in units of x",
    )
    beta_factor: float = knob(
        1.8,
        source="the paper's code takes 2",
        role="design",
        pays="error: a flow through densities that were not trained",
        ends=(0.5, 3.0),
        help="factor on beta at sampling; only 1 reverses the forward process",
    )
    score_factor: float = knob(
        1.0,
        source="off; assumption: found on a preset's chips by benchmarks score_factor",
        role="design",
        pays="error: samples are narrower than the data",
        ends=(0.8, 1.25),
        help="factor on the flow's score: above 1 it narrows what errors and noise of "
        "the circuit widen",
    )
    start_std: float = knob(
        1.0,
        source="the paper's code",
        role="design",
        pays="error: starts of another width than the noised data",
        ends=(0.2, 3.0),
        help="standard deviation of the Gaussian start x_T",
    )
    label: str = knob(
        "all",
        source="assumption: as many of each class as the data have",
        role="environment",
        help="class that a conditional network generates; all, or none for its null "
        "label",
    )
    t0: float = knob(
        1e-4,
        source="the paper's code",
        role="design",
        pays="error: the noise of t0 stays in the samples",
        ends=(1e-5, 0.1),
        help="last diffusion time",
    )
    t1: float = knob(
        1.0,
        source="the paper's code",
        role="design",
        pays="error: starts are not as wide as data noised up to t1",
        ends=(0.5, 1.0),
        help="first diffusion time",
    )
    warp: float = knob(
        1.0,
        source="assumption: linear",
        role="design",
        pays="multiplier.full_scale, error: lag where the score is steep",
        ends=(0.5, 3.0),
        help="exponent in t = t0 + (t1 - t0) (1 - tau / duration)^warp",
    )
    lead: float = knob(
        0.0,
        unit="s",
        source="off; the delay of a loop whose network was trained with train.lead",
        role="numerical",
        help="how far ahead the DAC plays the time embedding, by a shift of its table",
    )
    noise_hold: float | None = knob(
        None,
        unit="s",
        when="per sample",
        source="the firmware holds for 5 ms of 1 s",
        role="design",
        pays="joules",
        ends=(50e-9, 5e-6),
        help="hold time of the injected noise (reverse-sde); None is a Wiener process",
    )
    jitter: float = knob(
        0.0,
        unit="s",
        when="per lab time",
        source="off; assumption: 10 ps rms of a clock from a crystal",
        role="process",
        help="spread of the moment at which a solve ends",
    )
    limit_noise: bool = knob(
        False,
        source="off; a circuit has it: 1 V times multiplier.full_scale, or the rail",
        role="numerical",
        help="whether held injected noise is cut at the multiplier's full scale and "
        "amplifier.v_rail, and counted",
    )


@dataclass(frozen=True)
class RunConfig:
    """The whole configuration of a run."""

    data: str = knob(
        "ring",
        source="the paper's code",
        role="environment",
        help="name of the data set, or a file of your points: csv, npz, npy",
    )
    checkpoint: str = knob(
        "ring",
        source="this package",
        role="environment",
        help="name of a shipped checkpoint, or a folder",
    )
    fidelity: Literal["ideal", "quasi-static", "dynamic"] = knob(
        "quasi-static",
        source="design",
        role="numerical",
        help="ideal: every error is off; quasi-static: op-amps are infinitely fast; "
        "dynamic: every op-amp has a state",
    )
    points: PointsConfig = group(PointsConfig, combines="a file of points in `data`")
    sde: SDEConfig = group(
        SDEConfig, combines="the checkpoint, which was trained on it"
    )
    network: NetworkConfig = group(
        NetworkConfig, combines="training alone: a checkpoint has its own network"
    )
    train: TrainConfig = group(TrainConfig, combines="training alone")
    latents: LatentsConfig = group(
        LatentsConfig,
        combines="training of the autoencoder alone, but for its `checkpoint`",
    )
    decoder: DecoderConfig = group(
        DecoderConfig,
        combines="data in a latent space; cells, crossbars, blocks and trims are those "
        "of the chip",
    )
    cell: CellConfig = group(
        CellConfig, combines="every array; fidelity=ideal turns all errors off"
    )
    crossbar: CrossbarConfig = group(
        CrossbarConfig,
        combines="cell range; amplifier.v_rail: volts per unit",
    )
    amplifier: AmplifierConfig = group(
        AmplifierConfig,
        combines="crossbar.headroom: how often signals meet the limits",
    )
    driver: DriverConfig = group(
        DriverConfig,
        combines="volts per unit of activation (crossbar.v_max over the ranges)",
    )
    inverter: InverterConfig = group(
        InverterConfig,
        combines="the cells that add, which lie on inverted rows",
    )
    rectifier: RectifierConfig = group(
        RectifierConfig,
        combines="amplifier.v_rail and crossbar.v_max: the range of its input",
    )
    op_amp: OpAmpConfig = group(
        OpAmpConfig,
        combines="fidelity=dynamic; solve.duration: the speed that is needed",
    )
    dac: DACConfig = group(
        DACConfig,
        combines="solve.num_steps: updates are step boundaries",
    )
    adc: ADCConfig = group(
        ADCConfig,
        combines="crossbar.v_max: its full scale; controller.clock: its cycles",
    )
    multiplier: MultiplierConfig = group(
        MultiplierConfig,
        combines="R C and solve.duration: too short a solve is refused",
    )
    guidance: GuidanceConfig = group(
        GuidanceConfig,
        combines="a conditional network; errors of its arrays, which it amplifies",
    )
    integrator: IntegratorConfig = group(
        IntegratorConfig,
        combines="solve.duration and multiplier: waveforms follow R C",
    )
    start: StartConfig = group(
        StartConfig,
        combines="integrator.capacitance: volts per charge, and the time to settle",
    )
    supply: SupplyConfig = group(
        SupplyConfig,
        combines="all blocks at once: no trim of a column sees it alone",
    )
    process: ProcessConfig = group(
        ProcessConfig,
        combines="cell.temperature, at which the chip is used; trim.*: what is undone",
    )
    trim: TrimConfig = group(
        TrimConfig,
        combines="process.* and cell.age: the bench sees the chip before both act",
    )
    controller: ControllerConfig = group(
        ControllerConfig,
        combines="solve.reset, which holds the cycles of load, hold and ADC",
    )
    rewrite: RewriteConfig = group(
        RewriteConfig,
        combines="cell.ageing; it takes the place of power.programming_samples",
    )
    power: PowerConfig = group(
        PowerConfig, combines="energy alone: counts of blocks, solve.duration"
    )
    solve: SolveConfig = group(
        SolveConfig,
        combines="lab time of all noise; R C: the multiplier's factors",
    )
