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
    slews = tuple(_amount(x, "V/s") for x in (found.slew_up, found.slew_down))
    slew = "none" if math.isinf(min(found.slew_up, found.slew_down)) else None
    currents = tuple(_amount(x, "A") for x in (found.i_source, found.i_sink))
    i_out = "no limit" if c.i_out is None else _amount(c.i_out, "A")
    rows = [
        ("gain", f"{found.gain:.4g}", f"{c.gain:.4g}"),
        ("gain-bandwidth", _amount(found.gbw, "Hz"), _amount(c.gbw, "Hz")),
        ("first pole", _amount(found.poles[0], "Hz"), ""),
        ("second pole", _amount(found.poles[1], "Hz"), "none"),
        ("slew rate up", slews[0], slew or _amount(c.slew, "V/s")),
        ("slew rate down", slews[1], slew or _amount(c.slew, "V/s")),
        ("highest output", _amount(found.v_rail, "V"), _amount(c.v_rail, "V")),
        ("lowest output", _amount(found.v_low, "V"), _amount(c.v_low, "V")),
        ("offset", _amount(found.offset, "V"), _amount(c.offset, "V")),
        ("current out of -", _amount(found.bias_current, "A"), _amount(c.bias_current, "A")),
        ("current out of +", _amount(found.bias_plus, "A"), "none: at ground"),
        ("output current given", currents[0], i_out),
        ("output current taken", currents[1], i_out),
        ("output resistance", _amount(found.r_out, "ohm"), _amount(c.r_out or 0.0, "ohm")),
        ("capacitance of -", _amount(found.c_in, "F"), _amount(c.c_in, "F")),
        ("supply current", _amount(found.supply_current, "A"), _amount(c.supply_current, "A")),
        ("white noise", _amount(found.e_n, "V/sqrt(Hz)"), _noise(c.e_n, "V/sqrt(Hz)")),
        ("1/f noise at 1 Hz", _amount(found.flicker, "V"), _noise(c.flicker, "V")),
        ("current noise", _amount(found.i_n, "A/sqrt(Hz)"), _noise(c.i_n, "A/sqrt(Hz)")),
    ]  # fmt: skip
    print_table(rows, HEADER)
    for line in reasons(found):
        print_text(f"left out of the model: {line}")
    if not config.op_amp.resistor_noise and found.e_n:
        print_text(
            "Noise of the op-amp is off: `--set op_amp.resistor_noise=True` turns it "
            "on, with that of resistors."
        )


def _amount(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return "none" if math.isinf(value) else format_quantity(value, unit)


def _noise(value: float | None, unit: str) -> str:
    return _amount(value, unit) if value else "off"
