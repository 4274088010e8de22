"""Values whose size says that another unit was meant: questioned, or refused.

A spread of conductance is measured against the cell's own range, a temperature against
what electronics stand, a ratio against 1, and what is left against what is built.
"""

import math
from collections.abc import Iterator

from ..._core._units import format_quantity
from ...config import CellConfig, leaves, read, RunConfig
from ...devices import ConductanceRange


# Settings of a cell that are a spread or an error of its conductance.
SPREADS = (
    "write.std",
    "write.device_std",
    "write.verify",
    "read.white.std",
    "read.flicker.std",
    "read.fixed.std",
)


HAVE_SHARES = ("write.std", "write.device_std", "read.white.std", "read.fixed.std")


WIDE = 0.25  # of g_max: a spread that leaves four values of a cell apart; assumed
ABSURD = 1000.0  # times g_max, and times 100 %: a prefix was left out


COLDEST, HOTTEST = 200.0, 500.0  # kelvin: what electronics is used at, with margin
MELTING = 1687.0  # kelvin, of silicon


LARGEST_RATIO = 0.5  # of a relative error: half of the value itself


# Last parts of the names of errors relative to what they are an error of.
RATIOS = (
    *("std_rel", "gain_std", "signal_std", "signal_bend_std", "factor_bend_std"),
    *("mismatch_std", "reference_std", "range_error", "memory", "nu", "nu_std"),
    *("device_std_rel", "lrs", "hrs", "resistor_tolerance", "capacitor_tolerance"),
    *("amplitude", "reference_mismatch", "gain_range", "rc_resolution"),
)


# Ends of what is built, by the last part of a name, a name, or the unit of a setting.
USUAL: dict[str, tuple[float, float]] = {
    "solve.duration": (1e-10, 1.0),
    "solve.reset": (0.0, 1.0),
    "solve.jitter": (0.0, 1e-6),
    "dac.jitter": (0.0, 1e-6),
    "dac.skew": (0.0, 1e-3),
    "start.hold": (0.0, 1.0),
    "decoder.read_time": (1e-10, 1.0),
    "op_amp.gain": (10.0, 1e9),
    "op_amp.gbw": (1e3, 1e12),
    "op_amp.noise_bandwidth": (1e3, 1e13),
    "multiplier.bandwidth": (1e3, 1e12),
    "supply.bandwidth": (1.0, 1e12),
    "dac.update_rate": (1.0, 1e12),
    "controller.clock": (1e3, 1e12),
    "cell.read.white.bandwidth": (1e2, 1e12),
    "cell.read.thermal.bandwidth": (1e2, 1e13),
    "offset_std": (0.0, 0.5),
    "threshold_std": (0.0, 0.5),
    "factor_std": (0.0, 0.5),
    "flicker": (0.0, 0.5),
    "supply.noise": (0.0, 1.0),
    "supply.ground_noise": (0.0, 0.5),
    "V": (0.0, 50.0),
    "V/s": (1e3, 1e12),
    "V/sqrt(Hz)": (0.0, 1e-4),
    "A/sqrt(Hz)": (0.0, 1e-6),
    "A": (0.0, 0.1),
    "C": (0.0, 1e-9),
    "F": (1e-18, 1e-4),
    "ohm": (1e-3, 1e14),
    "eV": (0.0, 5.0),
    "1/K": (0.0, 0.05),
    "V/K": (0.0, 0.05),
}


def require_sizes(config: CellConfig, own: ConductanceRange) -> None:
    """Refuse what nobody can mean: a spread in siemens for one in microsiemens.

    Raises:
        ValueError: If a spread is `ABSURD` beside the range of the cell, or the cell
            hotter than melting silicon.
    """
    if config.temperature > MELTING:
        raise ValueError(
            f"`cell.temperature` = {config.temperature:g} K is above the {MELTING:g} K "
            "at which silicon melts."
        )
    top, usual = float(own.g_max), CellConfig()
    for name in SPREADS:
        value = read(config, name)
        if value and value > ABSURD * top and value != read(usual, name):
            raise ValueError(
                f"`cell.{name}` = {format_quantity(value, 'S')} is {value / top:.2g} "
                f"times the largest conductance of a cell, {format_quantity(top, 'S')}:"
                " give its unit, such as `0.1uS`."
            )
    for name in ("write.std_rel", "write.device_std_rel", "read.white.std_rel"):
        if read(config, name) > ABSURD:
            raise ValueError(
                f"`cell.{name}` = {read(config, name):g} is relative, "
                f"{read(config, name):.0%}: for 5 % write `5%` or 0.05."
            )


def doubtful_spreads(config: CellConfig, own: ConductanceRange) -> Iterator[str]:
    """Spreads beside the conductances of the cells themselves."""
    top = float(own.g_max)
    c = config.read.flicker
    for name in SPREADS:
        value = read(config, name)
        if not value or value <= WIDE * top:
            continue
        text = f"`cell.{name}` = {format_quantity(value, 'S')}"
        said = f"{text} is {value / top:.2g} times the largest conductance of a cell, "
        said += f"{format_quantity(top, 'S')}"
        if name in HAVE_SHARES:
            said += f": set it to 0 and `cell.{name}_rel` to a share, such as 1%"
        yield f"{said}, or give its unit if another was meant."
    total = c.std * math.sqrt(max(math.log(c.f_max / c.f_min), 0.0))
    if c.std <= WIDE * top < total:
        yield (
            f"`cell.read.flicker.std` = {format_quantity(c.std, 'S')} is that of an "
            f"e-fold of frequency, in all {format_quantity(total, 'S')}, beside a "
            f"largest conductance of {format_quantity(top, 'S')}."
        )


def doubtful_numbers(config: RunConfig) -> Iterator[str]:
    """Temperatures, ratios, and sizes of parts and times."""
    for name, field in leaves(config):
        value, unit = read(config, name), field.metadata["unit"]
        if not isinstance(value, float) or value == 0:
            continue
        if unit == "K":
            if not field.metadata["is_difference"] and not COLDEST <= value <= HOTTEST:
                yield (
                    f"`{name}` = {value:g} K is {value - 273.15:.0f} degrees Celsius: "
                    f"for {value:g} degrees Celsius write `{value:g}C`."
                )
        elif not unit and _is_ratio(name):
            if value > LARGEST_RATIO:
                yield (
                    f"`{name}` = {value:g} is {value:.0%}: for {value:g} % write "
                    f"`{value:g}%` or {value / 100:g}."
                )
        else:
            keys = (name, name.rpartition(".")[2], unit)
            low, high = next((USUAL[k] for k in keys if k in USUAL), (0.0, math.inf))
            if not low <= abs(value) <= high:
                end, more = (low, "more") if abs(value) < low else (high, "less")
                yield (
                    f"`{name}` = {format_quantity(value, unit)} is unusual; "
                    f"{format_quantity(end, unit)} or {more} is built: give its unit "
                    "if another was meant."
                )


def _is_ratio(name: str) -> bool:
    """Whether a pure number is an error relative to what it is an error of."""
    return name.rpartition(".")[2] in RATIOS or name == "supply.std"
