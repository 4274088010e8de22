"""The resistive cell of a configuration."""

import math

from ..._core._streams import CellStream
from ...config import CellConfig, require, TelegraphConfig, WriteConfig
from ...devices import (
    AbstractConductanceDrift,
    AbstractConductanceError,
    AbstractWriteNoise,
    AccessTransistor,
    arrhenius,
    Cell,
    FixedReadNoise,
    measured,
    PowerLawDrift,
    ProgrammingNoise,
    ProportionalNoise,
    SinhIV,
    SumNoise,
    SystematicError,
    TabulatedError,
    WriteVerify,
)
from ...noise import (
    FlickerReadNoise,
    LogNormal,
    LogUniform,
    ReadNoise,
    TelegraphReadNoise,
    ThermalNoise,
    WhiteReadNoise,
)
from ._measurements import build_between, build_levels, build_stuck, find_fit, own_cell
from ._sizes import require_sizes


OLDEST = 3e12  # s, assumed: far beyond what any law of a device was fitted to


def build_cell(config: CellConfig) -> Cell:
    """A cell with an object an error; read noise of strength zero is left out.

    Raises:
        ValueError: If its age is no age that a chip can have, or a value is out of
            range.
    """
    if config.age is not None and config.age > OLDEST:
        raise ValueError(
            f"`cell.age` must be at most {OLDEST:g} s, about a hundred thousand years; "
            f"got {config.age:g}."
        )
    found = find_fit(config)
    device, fixed = measured_device(config), config.read.fixed
    white, flicker = config.read.white, config.read.flicker
    require_sizes(config, device.range)
    telegraph = _telegraph(config.read.telegraph)
    errors: dict[int, AbstractConductanceError] = {}
    if config.levels is not None:
        levels = build_levels(config.levels, device.range, found)
        errors[CellStream.LEVELS] = levels
    errors |= _write_errors(config.write, device)
    errors |= _drift(config, device)
    errors[CellStream.STUCK] = build_stuck(config.stuck, device.range, found)
    errors[CellStream.FIXED] = FixedReadNoise(fixed.std, fixed.std_rel)
    slope = flicker.slope
    if slope is None:
        found = device.read.flicker
        slope = float(found.slope) if isinstance(found, FlickerReadNoise) else 0.0
    fast = WhiteReadNoise(
        white.std, white.bandwidth, white.std_rel or None, white.own_pole
    )
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


def measured_device(config: CellConfig) -> Cell:
    """The device's own range and laws."""
    if config.drift.law == "device" and config.age:
        age = config.age * acceleration(config)
    else:
        age = None
    found = find_fit(config)
    if found is not None:
        return own_cell(found, config, age)
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
    laws = write_laws(config, device)
    errors: dict[int, AbstractConductanceError] = {}
    for law in device.errors:
        if isinstance(law, SystematicError | TabulatedError):
            errors[CellStream.SYSTEMATIC] = law.scaled(config.factor)
    errors |= laws
    if config.verify is not None:
        pulse = SumNoise(tuple(laws.values()))
        verify = WriteVerify(pulse, config.verify, config.max_pulses)
        errors = {CellStream.DEVICE_WRITE: verify}
    spread = build_between(
        config.device_std, config.device_std_rel, device, config.factor
    )
    return {**errors, CellStream.DEVICE_TO_DEVICE: spread}


def write_laws(config: WriteConfig, device: Cell) -> dict[int, AbstractWriteNoise]:
    """Write noise by the number that chooses its draws."""
    require("cell.write.factor", config.factor, zero=True)
    laws: dict[int, AbstractWriteNoise] = {
        CellStream.WRITE: ProgrammingNoise(config.std),
        CellStream.WRITE_RELATIVE: ProportionalNoise(config.std_rel),
    }
    for law in device.errors:
        if isinstance(law, AbstractWriteNoise):
            # A product that changes nothing would compile a program of its own.
            own = law if config.factor == 1 else law.scaled(config.factor)
            laws[CellStream.DEVICE_WRITE] = own
    return laws


def build_access(config: CellConfig) -> AccessTransistor | None:
    """The transistors in series with the cells; `None` where there are none.

    Raises:
        ValueError: If settings of transistors are without effect.
    """
    c = config.access
    if not c.resistance:
        if c.threshold_std:
            raise ValueError(
                "`cell.access.threshold_std` is that of transistors with a "
                "resistance: set `cell.access.resistance`, or the spread to 0."
            )
        return None
    if c.verified and not c.saturates and config.iv.law == "linear":
        raise ValueError(
            "`cell.access.resistance` has no effect where write-verify reads through "
            "an ohmic transistor and a linear cell: set `cell.access.saturates` to "
            "True, `cell.access.verified` to False, or the resistance to 0."
        )
    return AccessTransistor(
        c.resistance, c.overdrive, c.threshold_std, c.verified, c.saturates
    )


def _drift(config: CellConfig, device: Cell) -> dict[int, AbstractConductanceError]:
    """What the age does to cells beyond the programming law (wan has it all there)."""
    drift = config.drift
    if not config.age:
        return {}
    if drift.law == "power-law":
        age = config.age * acceleration(config)
        law = PowerLawDrift(drift.nu, drift.nu_std, drift.reference, age)
        return {CellStream.DRIFT: law}
    for error in device.errors:
        if isinstance(error, AbstractConductanceDrift):
            return {CellStream.DRIFT: error}
    return {}


def acceleration(config: CellConfig) -> float:
    """Age that the law of drift sees over the age in seconds, by temperature."""
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
    require("cell.read.telegraph.dwell_ratio", config.dwell_ratio)
    high, low = (
        LogUniform(config.dwell_min * factor, config.dwell_max * factor)
        for factor in (math.sqrt(config.dwell_ratio), 1 / math.sqrt(config.dwell_ratio))
    )
    return TelegraphReadNoise(
        LogNormal(config.amplitude, config.amplitude_sigma),
        high,
        low,
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
