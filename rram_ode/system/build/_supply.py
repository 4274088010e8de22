"""Whether the supply can hold the rails, the row voltages and the full scales."""

from ...config import read, require, RunConfig


SUPPLIES = {"on-chip": 3.3, "board": 5.0}  # volts from rail to rail, ground in between


HEADROOM = 0.2  # volts that an output stage needs to each rail: assumed


KNOBS = (
    "amplifier.v_rail",
    "integrator.v_rail",
    "crossbar.v_max",
    "multiplier.full_scale",
)


def supply_of(config: RunConfig) -> float:
    """Supply voltage of the analog parts from rail to rail, in volts."""
    if config.op_amp.supply is not None:
        require("op_amp.supply", config.op_amp.supply)
        return config.op_amp.supply
    is_board = config.power.row == "board" or (
        config.fidelity == "dynamic" and config.op_amp.kind == "board"
    )
    return SUPPLIES["board" if is_board else "on-chip"]


def largest_swing(config: RunConfig) -> float:
    """Volts on each side of ground that the supply allows."""
    return supply_of(config) / 2 - HEADROOM


def require_supply(config: RunConfig) -> None:
    """Refuse signals that are larger than what the supply allows.

    A multiplier's factor of 1 is a waveform of 1 V.

    Raises:
        ValueError: With the largest value that the supply allows.
    """
    supply, most = supply_of(config), largest_swing(config)
    for name in KNOBS:
        value = read(config, name)
        if value is not None and value > most * (1 + 1e-9):
            raise ValueError(
                f"`{name}` = {value:g} V is beyond the {most:g} V that a supply of "
                f"{supply:g} V allows on each side of ground: take {most:g} or less."
            )
