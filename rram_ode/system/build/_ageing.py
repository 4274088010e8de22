"""How the chips of a configuration age, and when they are rewritten."""

import math

import equinox as eqx
import jax.numpy as jnp

from ..._core._types import Scalar
from ..._core._units import format_quantity
from ...chip import Ageing
from ...config import read, require_positive, RunConfig
from ...devices import AbstractConductanceDrift, Cell
from ...noise import FlickerReadNoise
from ._cell import acceleration
from ._controller import reset_time


NUM_LEVELS = 65  # conductances of the range at which the law's rate is looked at


RESOLUTION = 2.0**-23  # of single precision, relative


SPREADS = 6.0  # of a reference and of a row driver: one in 10^9 has more


def row_limit(config: RunConfig) -> float:
    """The largest voltage of a clamped or constant row of any chip, in volts.

    It is `crossbar.v_max` with six spreads of the reference and of the row drivers,
    which lie behind the clamps.
    """
    driver, process = config.driver, config.process
    drift = process.reference_tc * (config.cell.temperature - process.trim_temperature)
    gain = SPREADS * (config.supply.reference_std + driver.gain_std) + abs(drift)
    return config.crossbar.v_max * (1 + gain) + SPREADS * driver.offset_std


def build_ageing(config: RunConfig, cell: Cell) -> Ageing | None:
    r"""How chips age; `None` where `cell.ageing` is, or every error is off.

    A block of age spans as many e-folds as move the cells by twice `cell.ageing`, a
    root mean square at the conductance that moves most. Where reads disturb cells, a
    block has as many samples as move a cell at the top of the range by twice
    `cell.ageing`, with all rows at `row_limit` throughout.

    Change that is slower than 1/age is in the source's spread at each age: read noise
    must begin at 1/age or above, so that nothing counts twice. This holds for chips
    that stay at one age, too.

    Args:
        config: All settings of the run.
        cell: The cell of the configuration.

    Raises:
        ValueError: If a setting has no effect or no law, an age is below the law's
            first time, a slow noise counts twice, or a rewriting comes before the end
            of a solve.
    """
    if config.fidelity == "ideal":
        return None
    c, rewrite = config.cell, config.rewrite
    require_positive(config, "solve.duration", "rewrite.settle")
    rewrites = rewrite.every is not None or rewrite.monitor is not None
    if c.ageing is None:
        _require_no_need(config)
        if c.age:
            _require_counted_once("cell.age", c.age, cell)
        return None
    for name, value in (
        ("cell.ageing", c.ageing),
        ("rewrite.every", rewrite.every),
        ("rewrite.monitor", rewrite.monitor),
    ):
        if value is not None and not 0 < value < math.inf:
            raise ValueError(f"`{name}` must be positive; got {value:g}.")
    if not 0 <= c.drift.disturb < math.inf:
        raise ValueError(
            f"`cell.drift.disturb` must be 0 or more; got {c.drift.disturb:g}."
        )
    laws = [e for e in cell.errors if isinstance(e, AbstractConductanceDrift)]
    if not c.age:
        raise ValueError(
            "`cell.ageing` needs `cell.age`, the age at sample 0, in seconds; got "
            f"{c.age}: take 1s, or None for `cell.ageing`."
        )
    if not laws:
        raise ValueError(
            f"`cell.ageing` needs a law of drift at every age; `{c.device}` has none: "
            "take `cell.device` cmo-hfox, `cell.drift.law` power-law, or set "
            "`cell.ageing` to None."
        )
    least = RESOLUTION * float(cell.range.g_max)
    if c.ageing < least:
        raise ValueError(
            f"`cell.ageing` = {format_quantity(c.ageing, 'S')} is finer than single "
            "precision tells conductances apart: take "
            f"{format_quantity(least, 'S')} or more, such as 0.01uS."
        )
    law, period = laws[0], config.solve.duration + reset_time(config)
    first, speed = float(law.span[0]), acceleration(c)
    begins = {"cell.age": c.age}
    if rewrites:
        begins["rewrite.settle"] = rewrite.settle
    for name, age in begins.items():
        _require_begin(name, age, first / speed, cell)
    fastest = float(_fastest(law, cell))
    reads = None
    if c.drift.disturb:
        dose = c.drift.disturb * config.solve.duration * row_limit(config) ** 2
        reads = max(1, math.floor(2 * c.ageing / (float(cell.range.g_max) * dose)))
    return Ageing(
        age=c.age,
        period=period,
        width=2 * c.ageing / fastest if fastest else math.inf,
        acceleration=speed,
        disturb=c.drift.disturb,
        duration=config.solve.duration,
        reads=reads,
        every=_samples(config, period),
        monitor=rewrite.monitor,
        settle=rewrite.settle,
    )


@eqx.filter_jit
def _fastest(law: AbstractConductanceDrift, cell: Cell) -> Scalar:
    """The largest change of a cell of the range per e-fold of age, in siemens."""
    levels = jnp.linspace(cell.range.g_min, cell.range.g_max, NUM_LEVELS)
    return jnp.max(law.per_efold(levels))


def _require_no_need(config: RunConfig) -> None:
    """Refuse settings that act on chips that age, where none does."""
    for name in ("cell.drift.disturb", "rewrite.every", "rewrite.monitor"):
        if read(config, name):
            raise ValueError(
                f"`{name}` acts on chips that age while they sample: set "
                "`cell.ageing`, such as 0.01uS, or "
                f"`{name}` to {read(RunConfig(), name)}."
            )


def _require_begin(name: str, age: float, first: float, cell: Cell) -> None:
    if not first * (1 - 1e-6) <= age < math.inf:
        raise ValueError(
            f"`{name}` must be at least {first:.3g} s, the first time of the law of "
            f"drift; got {age:g} s."
        )
    _require_counted_once(name, age, cell)


def _require_counted_once(name: str, age: float, cell: Cell) -> None:
    """Refuse slow read noise that the spread at this age has already."""
    flicker = cell.read.flicker
    if isinstance(flicker, FlickerReadNoise):
        lowest = float(flicker.f_min)
        if lowest * age < 1 - 1e-6:
            raise ValueError(
                f"`cell.read.flicker.f_min` must be 1 / `{name}` = {1 / age:.3g} Hz or "
                "more, since the drift has all slower change already; got "
                f"{lowest:g} Hz: raise it, or take `{name}` = {1 / lowest:g}s or more."
            )


def _samples(config: RunConfig, period: float) -> int | None:
    """Samples between two writings."""
    every = config.rewrite.every
    if every is None:
        return None
    if config.rewrite.monitor is not None:
        raise ValueError(
            "`rewrite.every` and `rewrite.monitor` are two rules for one thing: set "
            "one of them to None."
        )
    if every < period * (1 - 1e-9):
        raise ValueError(
            f"`rewrite.every` must be {period:g} s or more, a solve and its reset; got "
            f"{every:g} s."
        )
    return math.floor(every / period * (1 + 1e-9))
