"""Checks of a training plan, before anything is compiled."""

import math

from ..config import TrainConfig


def check_plan(plan: TrainConfig) -> None:
    """Check every knob of `plan`.

    Raises:
        ValueError: If a knob breaks its rule, with its name, rule and value.
    """
    values = vars(plan).values()
    numbers = (value for value in values if isinstance(value, int | float))
    finite = all(map(math.isfinite, numbers))
    rules = (
        ("seed", 0 <= plan.seed < 2**32, "from 0 to 2^32 - 1"),
        ("frequency_seed", 0 <= plan.frequency_seed < 2**32, "from 0 to 2^32 - 1"),
        ("steps", plan.steps >= 1, "1 or more"),
        ("batch", plan.batch >= 1, "1 or more"),
        ("learning_rate", plan.learning_rate > 0, "positive"),
        ("warmup", 0 <= plan.warmup, "0 or more"),
        ("clip", plan.clip > 0, "positive"),
        ("weight_decay", plan.weight_decay >= 0, "0 or more"),
        ("ema", 0 <= plan.ema < 1, "at least 0 and below 1"),
        ("weight_noise", plan.weight_noise >= 0, "0 or more"),
        ("column_noise", plan.column_noise >= 0, "0 or more"),
        ("noise_draws", plan.noise_draws >= 1, "1 or more"),
        ("strength", plan.strength >= 0, "0 or more"),
        ("headroom", plan.headroom > 0, "positive"),
        ("ramp", plan.ramp >= 0, "0 or more"),
        ("w_max", plan.w_max is None or plan.w_max > 0, "positive, or None"),
        ("b_max", plan.b_max is None or plan.b_max > 0, "positive, or None"),
        ("saturation_weight", plan.saturation_weight >= 0, "0 or more"),
        ("lead", plan.lead >= 0, "0 or more, in seconds"),
        ("t_min", 0 < plan.t_min < 1, "between 0 and 1"),
    )
    for name, holds, rule in rules:
        if not holds:
            value = getattr(plan, name)
            raise ValueError(f"`train.{name}` must be {rule}; got {value}.")
    if not finite:
        raise ValueError("`train` must have finite numbers only.")
    if (plan.lead > 0) != (plan.teacher is not None):
        raise ValueError(
            "`train.lead` and `train.teacher` go together: a network is ahead of its "
            f"teacher; got {plan.lead:g} s and {plan.teacher}."
        )
    if plan.batch % plan.noise_draws:
        raise ValueError(
            "`train.batch` must be a multiple of `train.noise_draws`; got "
            f"{plan.batch} and {plan.noise_draws}."
        )
