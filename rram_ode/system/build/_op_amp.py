"""Op-amps and rectifiers of a configuration."""

import dataclasses
import math

import numpy as np

from ...blocks import (
    AbstractRectifier,
    AutoZero,
    ClampRectifier,
    Diode,
    DiodeRectifier,
    IdealRectifier,
    KELVIN,
    OP_AMPS,
    OpAmp,
    OpAmpDesign,
    OpAmpNoise,
    OpAmpProcess,
    PAIR_AREA,
    SMALLEST_MILLER,
)
from ...config import OpAmpConfig, RectifierConfig, require, RunConfig, WiresConfig
from ...loop import Parasitics
from ._op_amp_rails import op_amp_rails


BOARD_NOISE = 9.3e-9  # V/sqrt(Hz), OPA835: Texas Instruments, SLOS713H


AUTO_ZERO, INJECTION = 10e-12, 1e-16  # F and C: assumed, an offset of 10 uV remains


HIGHEST_GAIN = 1e7


SMALLEST_LOAD = 3e-13  # F: assumed


BETTER = {"gain": 1, "gbw": 1, "slew": 1, "i_out": 1, "offset_std": -1}


def build_op_amp(config: OpAmpConfig) -> OpAmp:
    """An op-amp of the class, with the values that are set.

    On a chip the slew rate is what the input pair's current gives.

    Raises:
        ValueError: If the op-amp cannot exist.
    """
    base = OP_AMPS[config.kind]()
    names = ("gain", "gbw", "slew", "offset_std", "bias_current", "i_out", "offset")
    given = {n: getattr(config, n) for n in names if getattr(config, n) is not None}
    if config.offset is not None:
        given.setdefault("offset_std", 0.0)
    for name in ("gain", "gbw", "slew", "i_out"):
        require(f"op_amp.{name}", given.get(name))
    if config.kind == "board" and config.supply_current is None:
        _require_part(base, given)
    require("op_amp.supply_current", config.supply_current)
    for name in ("r_out", "r_fast"):
        require(f"op_amp.{name}", getattr(config, name), zero=True)
    if config.r_fast and config.r_out is None:
        raise ValueError("`op_amp.r_fast` goes with `op_amp.r_out`: give both.")
    if config.subcircuit is not None and config.supply_current is None:
        raise ValueError(
            f"`op_amp.subcircuit` = {config.subcircuit} is measured ahead of a run: "
            "take `config, _ = rram_ode.system.fit_op_amp(config)`."
        )
    v_low, v_rail = op_amp_rails(config)
    values = {n: getattr(base, n) for n in names} | given
    loaded = {"r_out": config.r_out, "r_fast": config.r_fast}
    op_amp = OpAmp(**values, v_rail=v_rail, v_low=v_low, **loaded)
    design = design_op_amp(config)
    if design is None:
        return op_amp
    return dataclasses.replace(op_amp, slew=design.slew_rate)


def design_op_amp(config: OpAmpConfig) -> OpAmpDesign | None:
    """Currents of the on-chip op-amp, without a load; `None` for other classes.

    Raises:
        ValueError: If the op-amp cannot exist.
    """
    if config.kind != "on-chip":
        return None
    base = OP_AMPS[config.kind]()
    for name in ("gbw", "slew", "gain", "c_c", "c_load", "i_out"):
        require(f"op_amp.{name}", getattr(config, name))
    value = lambda name: float(
        getattr(base if getattr(config, name) is None else config, name)
    )
    design = OpAmpDesign(
        gbw=value("gbw"),
        slew=value("slew"),
        c_c=config.c_c,
        c_load=config.c_load,
        i_out=config.i_out,
        gm_id_1=config.gm_id_1,
        gm_id_2=config.gm_id_2,
        is_class_ab=config.output == "class-ab",
        gain=value("gain"),
    )
    require_buildable(design)
    pair_area(config)
    return design


def require_buildable(design: OpAmpDesign) -> None:
    """Refuse an on-chip op-amp that its process cannot have.

    Raises:
        ValueError: With the value and what would fit.
    """
    least = SMALLEST_MILLER * design.c_load
    if design.gbw > design.fastest * (1 + 1e-9):
        raise ValueError(
            f"`op_amp.gbw` = {design.gbw:.4g} Hz is above the {design.fastest:.4g} Hz "
            "of a two-stage op-amp at 180 nm with this gm/Id: take less, or a smaller "
            "`op_amp.gm_id_1` and `op_amp.gm_id_2`."
        )
    if design.c_load < SMALLEST_LOAD:
        raise ValueError(
            f"`op_amp.c_load` = {design.c_load:.3g} F is less than a line and the next "
            f"input have: take {SMALLEST_LOAD:g} or more."
        )
    if design.c_c < least:
        raise ValueError(
            f"`op_amp.c_c` = {design.c_c:.3g} F is below {SMALLEST_MILLER:g} of "
            f"`op_amp.c_load`: the phase margin would be below 60 degrees; take "
            f"{least:.3g} or more."
        )
    if design.gain > HIGHEST_GAIN:
        raise ValueError(
            f"`op_amp.gain` = {design.gain:g} is more than two cascoded stages have: "
            f"take {HIGHEST_GAIN:g} or less."
        )


def pair_area(config: OpAmpConfig) -> float | None:
    """Area of an input transistor of an on-chip op-amp, in m^2; `None` for others."""
    if config.kind != "on-chip":
        return None
    if config.offset_std is None:
        return PAIR_AREA
    require("op_amp.offset_std", config.offset_std, zero=True)
    return OpAmpProcess().area(config.offset_std)


def pair_capacitance(config: OpAmpConfig) -> float:
    """Input capacitance of an on-chip op-amp in farads; 0 for others."""
    area, design = pair_area(config), design_op_amp(config)
    return 0.0 if area is None or design is None else design.c_in(area)


def build_parasitics(
    config: OpAmpConfig, wires: WiresConfig, parallel: int | tuple[int, ...] = 1
) -> Parasitics:
    """Capacitors of the summing nodes: bit lines, input pairs and feedback.

    Args:
        config: The op-amps.
        wires: The lines of one array.
        parallel: Number of arrays, one for each cell of a weight, of all layers or of
            each.
    """
    if not (math.isfinite(wires.capacitance) and wires.capacitance >= 0):
        raise ValueError(
            "`crossbar.wires.capacitance` must be 0 or more, in F; got "
            f"{wires.capacitance:g}."
        )
    for name in ("c_in", "c_f"):
        require(f"op_amp.{name}", getattr(config, name), zero=True)
    pair = pair_capacitance(config)
    c_in = config.c_in + pair
    c_line = np.asarray(parallel) * wires.capacitance
    ohms = wires.word_line + wires.driver
    has_capacitors = c_in + config.c_f + wires.capacitance > 0
    has_delay = wires.capacitance > 0 and ohms > 0
    return Parasitics(c_in, config.c_f, has_capacitors, pair, c_line, has_delay)


def build_op_amp_noise(config: RunConfig) -> OpAmpNoise | None:
    """White noise of op-amps and resistors; `None` where all of it is off."""
    c, solve = config.op_amp, config.solve
    if not (c.e_n or c.i_n or c.resistor_noise):
        return None
    e_n = c.e_n
    if e_n is None:
        e_n = own_noise(c) if c.resistor_noise else 0.0
    bandwidth = c.noise_bandwidth
    if bandwidth is None:
        bandwidth = solve.num_steps / (2 * solve.duration)
    temperature = config.cell.temperature if c.resistor_noise else 0.0
    return OpAmpNoise(e_n, c.i_n, temperature, bandwidth)


def build_auto_zero(
    config: OpAmpConfig, temperature: float = KELVIN
) -> AutoZero | None:
    """What takes up the offsets; `None` for nothing.

    Args:
        config: The op-amps.
        temperature: Temperature of the switches, in kelvin.
    """
    capacitance = config.auto_zero
    if capacitance is None:
        given = config.offset is not None or config.offset_std is not None
        if config.kind != "on-chip" or given:
            return None
        capacitance = AUTO_ZERO
    _require_quiet_pair(config)
    injection = INJECTION if config.injection is None else config.injection
    noisy, e_n = config.sampled_noise, config.e_n
    if e_n is None:
        e_n = own_noise(config)
    return AutoZero(
        capacitance,
        injection,
        config.zero_resistance,
        temperature if noisy else 0.0,
        e_n if noisy else 0.0,
        noisy,
    )


def _require_quiet_pair(config: OpAmpConfig) -> None:
    """Refuse a pair that auto-zero makes small without a word on its 1/f noise.

    Input-referred 1/f noise goes with 1 / (W L) of the pair, as its offset does; a
    stored offset takes the second away, and the first only below the reset's rate.

    Raises:
        ValueError: If the offset is larger than that of the class.
    """
    if config.kind != "on-chip" or config.offset_std is None or config.flicker:
        return
    largest = OpAmpProcess().offset(PAIR_AREA)
    if config.offset_std > largest * (1 + 1e-6):
        raise ValueError(
            f"`op_amp.offset_std` = {config.offset_std:g} V with `op_amp.auto_zero` is "
            "an input pair so small that its 1/f noise is no detail: take "
            f"{largest:.3g} V or less, no auto-zero, or state it by `op_amp.flicker`."
        )


def own_noise(config: OpAmpConfig) -> float:
    """White noise of the op-amp's own input pair, in V/sqrt(Hz)."""
    design = design_op_amp(config)
    return BOARD_NOISE if design is None else float(design.noise)


def _require_part(part: OpAmp, given: dict[str, float]) -> None:
    """Refuse values that are better than those of the board's part."""
    for name, sign in BETTER.items():
        limit = float(getattr(part, name))
        if name in given and sign * given[name] > sign * limit * (1 + 1e-6 * sign):
            raise ValueError(
                f"`op_amp.{name}` = {given[name]:g} is better than the {limit:g} of "
                "the board's part, whose power would not be paid: take that, or a "
                "worse value, or `op_amp.kind` on-chip."
            )


def build_rectifier(config: RectifierConfig) -> AbstractRectifier:
    """The ReLU of a kind.

    Raises:
        ValueError: If a value is out of range.
    """
    for key in ("gain", "resistance", "saturation", "ideality"):
        require(f"rectifier.{key}", getattr(config, key))
    diode = Diode(config.saturation, config.ideality)
    made: dict[str, AbstractRectifier] = {
        "ideal": IdealRectifier(),
        "diode": DiodeRectifier(diode, config.resistance),
        "precision": DiodeRectifier(diode, config.resistance, config.gain),
        "clamp": ClampRectifier(diode, config.resistance),
    }
    return made[config.kind]
