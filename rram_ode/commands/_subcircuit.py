"""An op-amp of a user's own: what was measured of it, beside what the model takes."""

import math
from collections.abc import Mapping

from .._core._units import format_quantity
from ..config import RunConfig
from ..spice.subcircuit import Measurement
from ..system import fit_op_amp, part_of, reasons
from ._tables import print_table, print_text


HEADER = ("op-amp", "measured", "in the model")


def with_measured_op_amp(config: RunConfig, given: Mapping[str, str]) -> RunConfig:
    """`config` with what `op_amp.subcircuit` measures; prints fit and measurement.

    Args:
        config: A configuration with all settings of the command line.
        given: Texts of `--set` by dotted name: what they set stays.
    """
    if given.get("op_amp.subcircuit", "None") == "None":
        return config
    for line in part_of(config).left_out:
        print_text(f"left out: {line}")
    config, found = fit_op_amp(config, tuple(given))
    print_measured(config, found)
    return config


def print_measured(config: RunConfig, found: Measurement) -> None:
    """Print a table of measurement and model, and what the model leaves out."""
    c = config.op_amp
    held = _amount(config.amplifier.v_rail, "V") or "no limit"
    slews = tuple(_amount(x, "V/s") for x in (found.slew_up, found.slew_down))
    slew = "none" if math.isinf(min(found.slew_up, found.slew_down)) else None
    currents = tuple(_amount(x, "A") for x in (found.i_source, found.i_sink))
    i_out = "no limit" if c.i_out is None else _amount(c.i_out, "A")
    pair = lambda seen, taken, unit: (_amount(seen, unit), _amount(taken, unit))
    noise = lambda seen, taken, unit: (_amount(seen, unit), _noise(taken, unit))
    rows = [
        ("gain", f"{found.gain:.4g}", f"{c.gain:.4g}"),
        ("gain-bandwidth", *pair(found.gbw, c.gbw, "Hz")),
        ("first pole", _amount(found.poles[0], "Hz"), ""),
        ("second pole", _amount(found.poles[1], "Hz"), "none"),
        ("slew rate up", slews[0], slew or _amount(c.slew, "V/s")),
        ("slew rate down", slews[1], slew or _amount(c.slew, "V/s")),
        ("highest output", *pair(found.v_rail, c.v_rail, "V")),
        ("lowest output", *pair(found.v_low, c.v_low, "V")),
        ("swing of amplifiers", _amount(min(found.v_rail, -found.v_low), "V"), held),
        ("offset", *pair(found.offset, c.offset, "V")),
        ("current out of -", *pair(found.bias_current, c.bias_current, "A")),
        ("current out of +", _amount(found.bias_plus, "A"), "none: at ground"),
        ("output current given", currents[0], i_out),
        ("output current taken", currents[1], i_out),
        ("output resistance", *pair(found.r_out, c.r_out or 0.0, "ohm")),
        ("the same, fast", *pair(found.r_fast, c.r_fast, "ohm")),
        ("capacitance of -", *pair(found.c_in, c.c_in, "F")),
        ("supply current", *pair(found.supply_current, c.supply_current, "A")),
        ("white noise", *noise(found.e_n, c.e_n, "V/sqrt(Hz)")),
        ("1/f noise at 1 Hz", *noise(found.flicker, c.flicker, "V")),
        ("current noise", *noise(found.i_n, c.i_n, "A/sqrt(Hz)")),
    ]
    print_table(rows, HEADER)
    for line in reasons(config, found):
        print_text(f"left out of the model: {line.text}")
    if not config.op_amp.resistor_noise and found.e_n:
        print_text(
            "Noise of the op-amp is off: `--set op_amp.resistor_noise=True` turns it "
            "on, with that of resistors."
        )


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return "none" if math.isinf(value) else format_quantity(value + 0.0, unit)


def _noise(value: float | None, unit: str) -> str:
    return _amount(value, unit) if value else "off"
