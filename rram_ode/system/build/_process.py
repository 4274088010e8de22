"""The process of a configuration: corner, tolerances, temperature."""

from ...chip import CORNERS, Process, TemperatureLaw
from ...config import require_positive, RunConfig


FARTHEST = 220.0  # kelvin over which coefficients are linear: -55 to 125 C and margin


USUAL = 300.0  # kelvin: 27 C


LARGEST = 0.9  # a tolerance that leaves a tenth: beyond it nothing is left of a part


def build_process(config: RunConfig) -> Process | None:
    """What all parts of a die share; `None` where all values are the nominal ones.

    Raises:
        ValueError: If a value is out of range, or no part of it is left at this
            temperature.
    """
    c, used = config.process, config.cell.temperature
    require_positive(config, "process.trim_temperature", "process.leak_doubling")
    tolerances = ("process.resistor_tolerance", "process.capacitor_tolerance")
    require_positive(config, *tolerances, zero=True)
    for name, value in zip(
        tolerances, (c.resistor_tolerance, c.capacitor_tolerance), strict=True
    ):
        if value > LARGEST:
            raise ValueError(
                f"`{name}` must be {LARGEST:g} or less, relative; got {value:g}. A "
                "foundry has 0.2."
            )
    kelvin = used - c.trim_temperature
    changes = (c.resistor_tc, c.capacitor_tc, c.reference_tc, c.cell_tc_lrs)
    changes += (c.cell_tc_hrs, c.cell_tc_std, c.wire_tc, c.offset_drift)
    changes += (c.leak_doubling, c.multiplier_drift)
    if any(changes) and abs(kelvin) > FARTHEST:
        raise ValueError(_too_far(used, c.trim_temperature))
    names = ("resistor_tc", "capacitor_tc", "reference_tc", "cell_tc_lrs")
    for name in (*names, "cell_tc_hrs", "wire_tc"):
        value = getattr(c, name)
        if 1 + value * kelvin < 1 - LARGEST:
            raise ValueError(
                f"`process.{name}` = {value:g} per kelvin leaves less than a tenth of "
                f"its part at `cell.temperature` = {used:g} K, {kelvin:g} K from "
                "`process.trim_temperature`: take a smaller coefficient."
            )
    law = TemperatureLaw(
        kelvin,
        c.resistor_tc,
        c.capacitor_tc,
        c.reference_tc,
        (c.cell_tc_hrs, c.cell_tc_lrs),
        c.cell_tc_std,
        c.wire_tc,
        c.offset_drift,
        0.0 if c.leak_doubling is None else 1 / c.leak_doubling,
        c.multiplier_drift,
    )
    if c.corner == "typical" and not (kelvin and any(changes)):
        return None
    signs = CORNERS[c.corner]
    return Process(c.resistor_tolerance, c.capacitor_tolerance, signs, law)


def _too_far(used: float, trimmed: float) -> str:
    """What is wrong with two temperatures, by the name of the one that is unusual."""
    both = {"cell.temperature": used, "process.trim_temperature": trimmed}
    name = max(both, key=lambda name: abs(both[name] - USUAL))
    other = min(both, key=lambda name: abs(both[name] - USUAL))
    return (
        f"`{name}` = {both[name]:g} K is {abs(used - trimmed):g} K from `{other}` = "
        f"{both[other]:g} K; coefficients of temperature hold over {FARTHEST:g} K: for "
        f"degrees Celsius write `{both[name]:g}C`, or take a nearer one."
    )
