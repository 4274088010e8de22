"""The teacher of a network that is ahead by the delay of its loop."""

import math
from typing import Any

import jax.random as jr

from ...blocks import Schedule
from ...config import RunConfig
from ...sdes import flow_along, Prior
from ...training import Batch, Checkpoint, lead_points
from ._network import find_checkpoint


SCHEDULE = ("t0", "t1", "warp")


def build_teacher(config: RunConfig) -> Checkpoint | None:
    """The checkpoint that `train.teacher` names; `None` without a lead.

    Raises:
        ValueError: If there is none, its network or its diffusion is another one, or it
            has a lead itself.
    """
    plan = config.train
    if not plan.lead:
        return None
    assert plan.teacher is not None  # by `check_plan`
    if config.network.classes:
        raise ValueError(
            "`train.lead` is for unconditional networks: leave it at 0, or set "
            "`network.classes` to 0."
        )
    found = find_checkpoint(plan.teacher)
    if "lead" in found.record:
        raise ValueError(
            f"`train.teacher` = {plan.teacher} has a lead itself: take its own "
            f"teacher, `train.teacher={found.record['lead']['teacher']}`."
        )
    for name in ("network", "sde"):
        own = vars(getattr(config, name))
        if any(own[k] != _plain(v) for k, v in found.record[name].items()):
            raise ValueError(
                f"`train.teacher` = {plan.teacher} was trained with another `{name}`, "
                f"{found.record[name]}: a network with a lead begins as its teacher."
            )
    return found


def build_lead_points(config: RunConfig, teacher: Checkpoint) -> Batch:
    """The points that a network with the lead of `config` learns."""
    solve = config.solve
    return lead_points(
        teacher.score,
        flow_along(teacher.sde, solve.beta_factor),
        teacher.sde,
        Schedule(solve.t0, solve.t1, solve.warp),
        config.train.lead / solve.duration,
        prior=Prior(solve.start_std),
        key=jr.key(config.train.seed),
    )


def lead_record(config: RunConfig, teacher: Checkpoint) -> dict[str, Any]:
    """What the record of a network says of its lead."""
    solve = config.solve
    return {
        "seconds": config.train.lead,
        "duration": solve.duration,
        **{name: getattr(solve, name) for name in SCHEDULE},
        "teacher": config.train.teacher,
        "teacher_sha256": teacher.record["sha256"],
    }


def find_teacher(config: RunConfig, checkpoint: Checkpoint) -> Checkpoint | None:
    """The teacher of `checkpoint`, whose flow its loop solves; `None` without a lead.

    Raises:
        ValueError: If the loop of `config` has no delay or another schedule, or the
            teacher is not to be found or has changed.
    """
    lead = checkpoint.record.get("lead")
    if lead is None:
        return None
    name = lead["teacher"]
    if config.fidelity != "dynamic":
        raise ValueError(
            f"the network of `{config.checkpoint}` is {lead['seconds']:g} s ahead of "
            f"`{name}`, for op-amps that delay it by as much; with `fidelity` "
            f"{config.fidelity} nothing does, and it solves another equation: take "
            f"`fidelity` dynamic, or the checkpoint `{name}`."
        )
    for knob in SCHEDULE:
        value = getattr(config.solve, knob)
        if not math.isclose(value, lead[knob], rel_tol=1e-6):
            raise ValueError(
                f"`solve.{knob}` is {value:g}, but the network of "
                f"`{config.checkpoint}` is ahead along a solve with {lead[knob]:g}."
            )
    teacher = find_checkpoint(name)
    if teacher.record["sha256"] != lead["teacher_sha256"]:
        raise ValueError(
            f"`{name}` is not the teacher that the network of `{config.checkpoint}` is "
            "ahead of: its weights are others. Train the network with the lead again."
        )
    return teacher


def _plain(value: Any) -> Any:
    """A value of a record, as a configuration has it."""
    return tuple(value) if isinstance(value, list) else value
