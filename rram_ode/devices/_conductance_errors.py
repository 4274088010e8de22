"""Errors made once, at programming, other than write noise and conductance drift."""

from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, ArrayLike, Float, Integer

from .._core._arrays import as_float, as_integer, root, scalar, straight_through
from .._core._checks import is_concrete, non_negative
from .._core._random import normal
from .._core._types import Conductances, Key, Scalar
from ._base import AbstractConductanceError
from ._range import ConductanceRange


# Levels that single precision, of 24 bits, tells apart.
MOST_LEVELS = 2**24


class ScaledError(AbstractConductanceError):
    r"""$g \leftarrow s\,e(g) + (1 - s)\,g$: a fraction s of an error's displacement.

    A fraction of 0 is no error and 1 is the error itself, both exactly. It does not
    suit `StuckFaults`, which displace a cell by all or nothing: change their
    probabilities.

    Args:
        error: $e$. The result is redrawn in each cycle if this error is.
        fraction: $s$, from 0 to 1.
    """

    # A property, since it depends on the error; other classes have a constant.
    is_redrawn: ClassVar[Any] = property(lambda self: self.error.is_redrawn)

    error: AbstractConductanceError
    fraction: Float[Array, ""] = eqx.field(converter=scalar)

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Displace `g`, shape `(rows, cols)`, in siemens."""
        return self.fraction * self.error(g, key=key) + (1 - self.fraction) * g


def _number_of_levels(num: ArrayLike) -> Integer[Array, ""]:
    if not isinstance(num, Tracer) and int(np.max(num)) > MOST_LEVELS:
        raise ValueError(
            f"`levels` must be at most {MOST_LEVELS}, which single precision tells "
            f"apart; got {num}. Take None for any conductance of the range."
        )
    return as_integer(num)


class Levels(AbstractConductanceError):
    r"""The nearest of `num` conductances spaced evenly over the range.

    $g \leftarrow g_\text{min} + \Delta\,\mathrm{round}((g - g_\text{min}) / \Delta)$,
    $\Delta = (g_\text{max} - g_\text{min}) / (num - 1)$, clipped to the range. In the
    gradient the whole number is taken for what was rounded to it (straight-through;
    Bengio et al., arXiv 1308.3432): 1 in $g$ within the range, 0 beyond it; where the
    range moves and a target with it, the level keeps its number, and moves as it does.

    Args:
        num: Number of levels, from 2 to `MOST_LEVELS`; an array, so that a sweep over
            it runs one program.
        range: Lowest and highest level.
    """

    is_redrawn: ClassVar[bool] = False

    num: Integer[Array, ""] = eqx.field(converter=_number_of_levels)
    range: ConductanceRange

    def __check_init__(self):
        if is_concrete(self.num) and int(self.num) < 2:
            raise ValueError(
                f"`levels` must be at least 2, or None for continuous; got {self.num}."
            )

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """The levels nearest to `g`, shape `(rows, cols)`, in siemens."""
        del key
        low, top = self.range.g_min, (self.num - 1).astype(g.dtype)
        step = self.range.span / top
        place = (g - low) / step
        index = jnp.clip(jnp.round(place), 0, top)
        smooth = straight_through(index, jnp.clip(place, 0, top))
        return straight_through(g + (low + step * index - g), low + step * smooth)


class DeviceToDevice(AbstractConductanceError):
    r"""Device-to-device error, $g (1 + \sigma_r\epsilon_1) + \sigma\epsilon_2 \ge 0$.

    Gain and offset of each cell belong to the chip: every programming of the same chip
    errs in the same way, which a calibration can learn. These are the errors that
    remain after write-verify.

    Args:
        std: $\sigma$, spread of the offset, in siemens.
        std_rel: $\sigma_r$, spread of the gain.
    """

    is_redrawn: ClassVar[bool] = False

    std: Float[Array, ""] = eqx.field(converter=scalar)
    std_rel: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("write.device_std", self.std, "S")
        non_negative("write.device_std_rel", self.std_rel, "of g")

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Perturb `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        gain, offset = normal(key, (2, *g.shape))
        return jnp.maximum(g + (self.std_rel * g * gain + self.std * offset), 0.0)


class SystematicError(AbstractConductanceError):
    r"""An error that all cells have alike, $g \leftarrow \max(g + \sum_k c_k g^k, 0)$.

    Args:
        coefficients: $c_0, c_1, \dots$, in S, 1, 1/S, ...: lowest power first.
    """

    is_redrawn: ClassVar[bool] = False

    coefficients: Float[Array, " powers"] = eqx.field(converter=as_float)

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Shift `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        del key
        return jnp.maximum(g + jnp.polyval(self.coefficients[::-1], g), 0.0)

    def scaled(self, factor: Scalar | float) -> "SystematicError":
        """The same law with `factor` times the error."""
        return SystematicError(factor * self.coefficients)


class StuckFaults(AbstractConductanceError):
    """Cells that are stuck at LRS (`g_max`) or at HRS (`g_min`).

    Which cells are stuck is drawn once per chip, independently for each cell. A cell is
    stuck or not, so that the gradient in the probabilities is 0, whatever their effect.

    Args:
        lrs: Probability that a cell is stuck at `g_max`.
        hrs: Probability that a cell is stuck at `g_min`.
        range: Range of the cell, with `g_min` and `g_max`.
    """

    is_redrawn: ClassVar[bool] = False

    lrs: Float[Array, ""] = eqx.field(converter=scalar)
    hrs: Float[Array, ""] = eqx.field(converter=scalar)
    range: ConductanceRange

    def __check_init__(self):
        if not is_concrete(self.lrs, self.hrs):
            return
        lrs, hrs = float(self.lrs), float(self.hrs)
        if not (lrs >= 0 and hrs >= 0 and lrs + hrs <= 1):
            raise ValueError(
                "`stuck.lrs` and `stuck.hrs` must be 0 or more, and 1 at most in sum; "
                f"got {lrs:g} and {hrs:g}."
            )

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Replace the stuck cells of `g`, shape `(rows, cols)`, in siemens."""
        u = jr.uniform(key, g.shape, g.dtype)
        g = jnp.where(u < self.lrs, self.range.g_max, g)
        return jnp.where(u >= 1 - self.hrs, self.range.g_min, g)


class FixedReadNoise(AbstractConductanceError):
    r"""Fixed read error, $g + \sqrt{\sigma^2 + (\sigma_r g)^2}\,\epsilon$, 0 or more.

    One draw per chip: the limit of a read noise whose upper corner frequency is far
    below one over the length of the run.

    Args:
        std: $\sigma$, in siemens.
        std_rel: $\sigma_r$, relative to the conductance.
    """

    is_redrawn: ClassVar[bool] = False

    std: Float[Array, ""] = eqx.field(converter=scalar)
    std_rel: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)

    def __check_init__(self):
        non_negative("read.fixed.std", self.std, "S")
        non_negative("read.fixed.std_rel", self.std_rel, "of g")

    def __call__(self, g: Conductances, *, key: Key) -> Conductances:
        """Perturb `g`, shape `(rows, cols)`, in siemens; the result is never < 0."""
        std = root(self.std**2 + (self.std_rel * g) ** 2)
        return jnp.maximum(g + std * normal(key, g.shape), 0.0)
