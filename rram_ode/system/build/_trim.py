"""The test bench of a configuration: which trims it does, and on what it does them."""

import dataclasses
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from ..._core._types import Scalar, Times
from ...blocks import Schedule
from ...chip import (
    Bench,
    ColumnTrim,
    KnownInputs,
    MultiplierTrim,
    RCTrim,
    Repair,
    ScaleTrim,
)
from ...config import require_below, require_positive, RunConfig
from ...loop import AbstractDrift
from ...scores import NetworkScore, NULL
from ...sdes import Flow, flow_along, Prior
from ...training import Checkpoint, twin_points
from ._design import build_design
from ._lead import find_teacher
from ._loop import build_drift, build_schedule


STEPS, SEED = 32, 14  # of the twin's solves that give known inputs: assumed


FEWEST_READS = 8  # a regression on fewer follows noise alone


MOST_READS = 2**16  # assumed: 1.3 s a column at 20 us for each


def has_trims(config: RunConfig) -> bool:
    """Whether the test bench does anything."""
    c = config.trim
    return c.rc != "off" or c.scale or c.columns != "off" or c.multipliers or c.repair


def build_bench(config: RunConfig, checkpoint: Checkpoint) -> Bench | None:
    """The test bench; `None` without trims, or where there is no error to trim.

    Args:
        config: All settings.
        checkpoint: The digital twin, whose values are known.

    Raises:
        ValueError: If a trim has no DAC, or needs another one, or a layer has more
            spare columns than columns.
    """
    require_trims(config)
    c = config.trim
    widest = max(weight.shape[1] for weight in checkpoint.score.network.weights)
    if c.spare_columns > widest:
        raise ValueError(
            f"`trim.spare_columns` must be at most {widest}, the columns of the widest "
            f"layer, since none is replaced twice; got {c.spare_columns}: take "
            f"{widest} or fewer."
        )
    if config.fidelity == "ideal" or not has_trims(config):
        return None
    solve = config.solve
    score = (find_teacher(config, checkpoint) or checkpoint).score
    inputs = _known_inputs(config, score, flow_along(checkpoint.sde, solve.beta_factor))
    drift = build_drift(config, checkpoint.sde, score.readout)
    duration = jnp.asarray(solve.duration)
    rates = drift_rates(drift, build_schedule(solve), duration, inputs.t)
    return bench_on(config, inputs, rates)


def _known_inputs(config: RunConfig, score: NetworkScore, flow: Flow) -> KnownInputs:
    """What the digital twin meets; as much of each class, and of the null label."""
    solve, reads, classes = config.solve, config.trim.reads, score.network.classes
    points = lambda score, num, seed: twin_points(
        score,
        flow,
        solve.t0,
        solve.t1,
        prior=Prior(solve.start_std),
        num_samples=math.ceil(num / STEPS),
        num_steps=STEPS,
        num_points=num,
        key=jr.key(seed),
    )
    if classes is None:
        return KnownInputs(*points(score, reads, SEED))
    labels = range(NULL, classes.num_classes)
    each = math.ceil(reads / len(labels))
    found = [points(score.of_class(n), each, SEED + n - NULL) for n in labels]
    t, x = (jnp.concatenate(parts, axis=-1) for parts in zip(*found, strict=True))
    label = jnp.repeat(jnp.arange(NULL, classes.num_classes), each)
    return KnownInputs(t[:reads], x[:, :reads], label[:reads])


@eqx.filter_jit
def drift_rates(
    drift: AbstractDrift, schedule: Schedule, duration: Scalar, times: Times
) -> Float[Array, "2 inputs"]:
    """What the multipliers play at diffusion `times`; see `MultiplierTrim`, in 1/s."""
    done = (times - schedule.t0) / (schedule.t1 - schedule.t0)
    taus = duration * (1 - jnp.clip(done, 0.0, 1.0) ** (1 / schedule.warp))
    scales = -schedule.rate(taus, duration)
    return jnp.stack(
        [jax.vmap(drift.linear)(times, scales), jax.vmap(drift.gain)(times, scales)]
    )


def bench_on(
    config: RunConfig, inputs: KnownInputs, rates: Float[Array, "2 inputs"]
) -> Bench | None:
    """The test bench with known inputs; `None` without trims or errors.

    Args:
        config: All settings, whose trims are possible.
        inputs: Known inputs.
        rates: Of the drift at the known inputs' times, in 1/s.
    """
    c = config.trim
    if config.fidelity == "ideal" or not has_trims(config):
        return None
    v_rail = config.amplifier.v_rail or 1.0
    read_std = 2 * v_rail / 2**c.adc_bits / math.sqrt(12)
    columns = multipliers = None
    dacs = ColumnTrim(
        c.offset_range, c.gain_range, read_std, c.offset_bits or 0, c.gain_bits
    )
    if c.columns != "off":
        own = {} if c.columns == "gains" else {"gain_bits": None}
        columns = dataclasses.replace(dacs, **own)
    design = build_design(on_bench(config))
    if c.multipliers and design.multiplier is not None:
        span = jnp.asarray(c.multiplier_range)
        own_dacs = dataclasses.replace(dacs, offset_range=span)
        multipliers = MultiplierTrim(
            rates,
            c.averaging,
            own_dacs,
            config.multiplier.noise,
            config.integrator.v_rail or math.inf,
        )
    trims = (
        RCTrim(c.rc_resolution, c.rc == "clock") if c.rc != "off" else None,
        ScaleTrim(2.0 ** (1 - (c.scale_bits or 0))) if c.scale else None,
        columns,
        Repair(c.fault_threshold, c.refit, c.spare_columns) if c.repair else None,
        multipliers,
    )
    if all(trim is None for trim in trims):
        return None
    return Bench(design, inputs, *trims, c.tracking, c.averaging)


def on_bench(config: RunConfig) -> RunConfig:
    """The configuration of the chips on the bench: fresh, at the trims' temperature."""
    temperature = config.process.trim_temperature
    cell = dataclasses.replace(config.cell, age=None, temperature=temperature)
    return dataclasses.replace(config, cell=cell)


def require_trims(config: RunConfig) -> None:
    """Refuse trims that nothing in the circuit can set.

    Raises:
        ValueError: With the missing DAC, or the trim that another one needs.
    """
    c = config.trim
    require_below("trim.rc_resolution", c.rc_resolution, 0.5, "a step of R C")
    require_below("trim.gain_range", c.gain_range, 1.0, "so that resistors stay")
    for name, is_on, bits in (
        ("scale", c.scale, "scale_bits"),
        ("columns", c.columns != "off", "offset_bits"),
        ("columns", c.columns == "gains", "gain_bits"),
        ("multipliers", c.multipliers, "offset_bits"),
        ("multipliers", c.multipliers, "gain_bits"),
    ):
        if is_on and getattr(c, bits) is None:
            raise ValueError(
                f"`trim.{name}` = {getattr(c, name)} has no DAC that could set it: "
                f"`trim.{bits}` is None. Give it bits, such as 10, or turn the trim "
                "off."
            )
    for name in ("scale_bits", "offset_bits", "gain_bits", "adc_bits"):
        bits = getattr(c, name)
        if bits is not None and not 4 <= bits <= 14:
            raise ValueError(
                f"`trim.{name}` must be between 4 and 14, which the area of a "
                f"converter covers; got {bits}."
            )
    for name in ("refit", "spare_columns"):
        if getattr(c, name) and not c.repair:
            raise ValueError(
                f"`trim.{name}` = {getattr(c, name)} mends columns with stuck cells, "
                "and `trim.repair` is False: set that to True, or `trim.refit` to "
                "False and `trim.spare_columns` to 0."
            )
    if c.tracking and c.rc == "off" and not c.scale:
        raise ValueError(
            "`trim.tracking` follows `trim.rc` and `trim.scale`, and both are off: "
            "set one of them."
        )
    if c.spare_columns < 0:
        raise ValueError(
            f"`trim.spare_columns` must be 0 or more; got {c.spare_columns}."
        )
    if not FEWEST_READS <= c.reads <= MOST_READS:
        raise ValueError(
            f"`trim.reads` must be from {FEWEST_READS} to {MOST_READS}; got {c.reads}."
        )
    names = ("rc_resolution", "offset_range", "averaging", "fault_threshold")
    names += ("multiplier_range",)
    require_positive(config, *(f"trim.{name}" for name in names))
    require_positive(config, "trim.gain_range", zero=True)
