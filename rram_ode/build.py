"""Configuration to live objects: nothing below has seen a configuration."""

import dataclasses
import math

import diffrax as dfx

from .blocks import DAC, FeedbackIntegrator, Multiplier, OP_AMPS, OpAmp, Schedule
from .config import (
    CellConfig,
    IVConfig,
    OpAmpConfig,
    read,
    ReadConfig,
    RunConfig,
    StuckConfig,
    TelegraphConfig,
    WiresConfig,
    WriteConfig,
)
from .crossbar import (
    AbstractMapping,
    ColumnScale,
    DifferentialPair,
    LayerScale,
    ReferenceColumn,
    Tiling,
    Wires,
)
from .devices import (
    AbstractConductanceDrift,
    AbstractConductanceError,
    AbstractWriteNoise,
    arrhenius,
    Cell,
    DeviceToDevice,
    FixedReadNoise,
    FlickerReadNoise,
    LabClock,
    Levels,
    LogNormal,
    LogUniform,
    measured,
    PowerLawDrift,
    ProgrammingNoise,
    ProportionalNoise,
    ReadNoise,
    SinhIV,
    StuckFaults,
    SumNoise,
    TelegraphReadNoise,
    ThermalNoise,
    WhiteReadNoise,
    WriteVerify,
)
from .samplers import close_loop, Loop, LoopHeun, make_dynamic
from .scores import Design, Parasitics
from .sdes import AbstractSDE, ProbabilityFlow, ReverseSDE


SOLVERS = {"euler": dfx.Euler, "heun": LoopHeun, "tsit5": dfx.Tsit5}
PROCESSES = {"probability-flow": ProbabilityFlow, "reverse-sde": ReverseSDE}


def idealise(config: RunConfig) -> RunConfig:
    """`config` with every error off: the digital network in volts, siemens, seconds."""
    quiet = ReadConfig(
        dataclasses.replace(config.cell.read.white, std=0.0, std_rel=0.0),
        dataclasses.replace(config.cell.read.flicker, std=0.0, slope=0.0),
        dataclasses.replace(config.cell.read.fixed, std=0.0, std_rel=0.0),
        dataclasses.replace(config.cell.read.telegraph, amplitude=0.0),
        dataclasses.replace(config.cell.read.thermal, bandwidth=None),
    )
    cell: CellConfig = dataclasses.replace(
        config.cell,
        levels=None,
        age=None,
        write=WriteConfig(factor=0.0, acceptance=config.cell.write.acceptance),
        stuck=StuckConfig(lrs=0.0, hrs=0.0),
        iv=IVConfig(law="linear"),
        read=quiet,
    )
    return dataclasses.replace(
        config,
        cell=cell,
        crossbar=dataclasses.replace(
            config.crossbar, reference_mismatch=0.0, wires=WiresConfig()
        ),
        amplifier=dataclasses.replace(config.amplifier, v_rail=None, clamp=False),
        op_amp=OpAmpConfig(kind="ideal"),
        dac=dataclasses.replace(config.dac, bits=None, update_rate=None),
        integrator=dataclasses.replace(
            config.integrator,
            leak=None,
            offset_std=0.0,
            mismatch_std=0.0,
            v_rail=None,
        ),
    )


def build_design(config: RunConfig) -> Design:
    """What all chips of the configuration share."""
    if config.fidelity == "ideal":
        config = idealise(config)
    c, amplifier, integrator = config.crossbar, config.amplifier, config.integrator
    _require_positive(config, "crossbar.v_max", "crossbar.headroom")
    _require_positive(config, "amplifier.v_rail", "integrator.leak")
    _require_positive(config, "integrator.offset_std", zero=True)
    _require_positive(config, "integrator.mismatch_std", zero=True)
    cell = build_cell(config.cell)
    cell.iv.check(c.v_max if amplifier.clamp else math.inf)
    mapping: AbstractMapping = DifferentialPair(cell.range)
    if c.mapping == "reference":
        mapping = ReferenceColumn(cell.range, c.reference_mismatch)
    return Design(
        cell,
        mapping,
        FeedbackIntegrator(
            integrator.resistance,
            integrator.capacitance,
            0.0 if integrator.leak is None else 1 / integrator.leak,
            _limit(integrator.v_rail),
        ),
        ColumnScale() if c.scale == "column" else LayerScale(),
        v_max=c.v_max,
        headroom=c.headroom,
        v_rail=_limit(amplifier.v_rail),
        v_clamp=c.v_max if amplifier.clamp else math.inf,
        v_out=1.0 if amplifier.v_rail is None else amplifier.v_rail,
        offset_std=integrator.offset_std,
        mismatch_std=integrator.mismatch_std,
        wires=_wires(c.wires),
        tiling=Tiling(c.tile_rows, c.tile_cols),
        rescale=c.rescale,
        remap=config.cell.stuck.remap,
    )


def _wires(config: WiresConfig) -> Wires | None:
    """`None` where no wire has a resistance."""
    wires = Wires(**dataclasses.asdict(config))
    ohms = (config.word_line, config.bit_line, config.driver, config.sense)
    return wires if any(ohms) else None


def build_cell(config: CellConfig) -> Cell:
    """A cell with an object an error; read noise of strength zero is left out."""
    device, fixed = _measured(config), config.read.fixed
    white, flicker = config.read.white, config.read.flicker
    telegraph = _telegraph(config.read.telegraph)
    errors: dict[int, AbstractConductanceError] = {}
    if config.levels is not None:
        errors[0] = Levels(config.levels, device.range)
    errors |= _write_errors(config.write, device)
    errors |= _drift(config, device)
    errors[4] = StuckFaults(config.stuck.lrs, config.stuck.hrs, device.range)
    errors[5] = FixedReadNoise(fixed.std, fixed.std_rel)
    slope = flicker.slope
    if slope is None:
        found = device.read.flicker
        slope = float(found.slope) if isinstance(found, FlickerReadNoise) else 0.0
    fast = WhiteReadNoise(white.std, white.bandwidth, white.std_rel or None)
    slow = FlickerReadNoise(
        flicker.std,
        flicker.f_min,
        flicker.f_max,
        slope,
        None if flicker.exponent == 1 else flicker.exponent,
    )
    noise = ReadNoise(
        fast if white.std or white.std_rel else None,
        slow if flicker.std or slope else None,
        telegraph if config.read.telegraph.amplitude else None,
        _thermal(config),
    )
    return Cell(
        device.range,
        tuple(errors.values()),
        noise,
        SinhIV(config.iv.v0) if config.iv.law == "sinh" else device.iv,
        config.write.cycle,
        config.devices_per_weight,
        tuple(errors),
    )


def _measured(config: CellConfig) -> Cell:
    """The device's own range and laws."""
    if config.drift.law == "device" and config.age:
        age = config.age * _acceleration(config)
    else:
        age = None
    return measured(
        config.device,
        g_min=config.g_min,
        g_max=config.g_max,
        acceptance=config.write.acceptance,
        measured_iv=True if config.iv.law == "measured" else None,
        age=age,
    )


def _write_errors(
    config: WriteConfig, device: Cell
) -> dict[int, AbstractConductanceError]:
    """Errors of programming by the number that chooses their draws."""
    _require("cell.write.factor", config.factor, zero=True)
    laws: dict[int, AbstractWriteNoise] = {
        1: ProgrammingNoise(config.std),
        2: ProportionalNoise(config.std_rel),
    }
    for law in device.errors:
        if isinstance(law, AbstractWriteNoise):
            laws[3] = law.scaled(config.factor)
    errors: dict[int, AbstractConductanceError] = {**laws}
    if config.verify is not None:
        pulse = SumNoise(tuple(laws.values()))
        errors = {3: WriteVerify(pulse, config.verify, config.max_pulses)}
    return {**errors, 6: DeviceToDevice(config.device_std, config.device_std_rel)}


def _drift(config: CellConfig, device: Cell) -> dict[int, AbstractConductanceError]:
    """What the age does to cells beyond the programming law (wan has it all there)."""
    drift = config.drift
    if not config.age:
        return {}
    if drift.law == "power-law":
        age = config.age * _acceleration(config)
        return {7: PowerLawDrift(drift.nu, drift.nu_std, drift.reference, age)}
    for error in device.errors:
        if isinstance(error, AbstractConductanceDrift):
            return {7: error}
    return {}


def _acceleration(config: CellConfig) -> float:
    drift = config.drift
    return float(
        arrhenius(drift.activation_energy, config.temperature, drift.temperature)
    )


def _telegraph(config: TelegraphConfig) -> TelegraphReadNoise:
    if not 0 < config.dwell_min <= config.dwell_max:
        raise ValueError(
            "`cell.read.telegraph.dwell_min` must be positive and not above "
            f"`dwell_max`, in s; got {config.dwell_min:g} and {config.dwell_max:g}."
        )
    dwell = LogUniform(config.dwell_min, config.dwell_max)
    return TelegraphReadNoise(
        LogNormal(config.amplitude, config.amplitude_sigma),
        dwell,
        dwell,
        config.traps,
        config.share,
        config.exponent,
        config.g_ref,
    )


def _thermal(config: CellConfig) -> ThermalNoise | None:
    thermal = config.read.thermal
    bandwidth = math.inf if thermal.bandwidth is None else thermal.bandwidth
    law = ThermalNoise(config.temperature, bandwidth, thermal.fano)
    return None if thermal.bandwidth is None else law


def build_loop(config: RunConfig, sde: AbstractSDE, noise: ReadNoise) -> Loop:
    """The circuit around the chips, for the noise laws of their cells."""
    if config.fidelity == "ideal":
        config = idealise(config)
    _require_positive(config, "solve.duration", "solve.start_std", "solve.tolerance")
    _require_positive(config, "solve.reset", zero=True)
    solve = config.solve
    loop = close_loop(
        PROCESSES[solve.process](sde, solve.beta_factor),
        Schedule(solve.t0, solve.t1, solve.warp),
        LabClock(solve.duration, solve.reset),
        read=noise,
        multiplier=Multiplier(config.multiplier.full_scale),
        dac=DAC(config.dac.bits, config.dac.update_rate),
        solver=SOLVERS[solve.solver](),
        num_steps=solve.num_steps,
        tolerance=solve.tolerance if solve.solver == "tsit5" else None,
        noise_hold=solve.noise_hold,
    )
    if config.fidelity != "dynamic":
        return loop
    _require_positive(config, "op_amp.c_in", "op_amp.c_f", zero=True)
    c_in, c_f = config.op_amp.c_in, config.op_amp.c_f
    return make_dynamic(
        loop, build_op_amp(config.op_amp), Parasitics(c_in, c_f, c_in + c_f > 0)
    )


def build_op_amp(config: OpAmpConfig) -> OpAmp:
    """An op-amp of the class, with the values that are set."""
    base = OP_AMPS[config.kind]()
    names = ("gain", "gbw", "slew", "offset_std", "bias_current")
    given = {n: getattr(config, n) for n in names if getattr(config, n) is not None}
    return OpAmp(**{**{n: getattr(base, n) for n in names}, **given})


def _require_positive(config: RunConfig, *names: str, zero: bool = False) -> None:
    for name in names:
        _require(name, read(config, name), zero)


def _require(name: str, value: float | None, zero: bool = False) -> None:
    if value is not None and not (value > 0 or (zero and value == 0)):
        rule = "0 or more" if zero else "positive"
        raise ValueError(f"`{name}` must be {rule}; got {value:g}.")


def _limit(volts: float | None) -> float:
    return math.inf if volts is None else volts
