"""Settings of a machine that are no error: what it is for, made of, and asked."""

from ._effect import under


# The reason why settings belong to no effect, and their dotted names.
SETTINGS: dict[str, tuple[str, ...]] = {
    "the task, and what the chip is asked": (
        "data",
        "checkpoint",
        "latents.checkpoint",
        *under(
            "solve", "duration", "reset", "process", "beta_factor", "start_std", "warp"
        ),
        *under("solve", "t0", "t1", "score_factor", "label"),
        "guidance.weight",
        "decoder.circuit",
        "decoder.read_time",
    ),
    "the device, its range and the cells of a weight": (
        *under("cell", "device", "measurements", "g_min", "g_max"),
        "cell.devices_per_weight",
    ),
    "the temperatures, by which the coefficients of the effects act": (
        "cell.temperature",
        "process.trim_temperature",
    ),
    "the mapping, and the voltages of the rows": (
        *under("crossbar", "mapping", "scale", "bias", "v_max", "headroom"),
        *under("crossbar", "tile_rows", "tile_cols"),
        "guidance.circuit",
        *under("guidance", "switch_rate", "acquisition", "hold_capacitance"),
    ),
    "sizes of parts, whose tolerances are effects": (
        "op_amp.kind",
        *under("integrator", "resistance", "capacitance"),
        "multiplier.full_scale",
        "start.resistance",
    ),
    "the sequence around the core": under(
        "controller", "clock", "load", "hold", "wait"
    ),
    "energy alone": (
        *under("power", "row", "programming_samples"),
        *under("op_amp", "supply_current", "supply"),
    ),
}
