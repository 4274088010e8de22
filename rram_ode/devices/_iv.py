"""The current of one cell at read voltages: linear, sinh, or a measured polynomial.

A cell is described by its conductance at small voltages, `g`; the laws say how the
current departs from `g v` as the voltage grows.
"""

import abc
import math

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float

from .._core._arrays import as_float, scalar
from .._core._checks import is_concrete
from ._range import ConductanceRange


class AbstractIV(eqx.Module):
    """Current and differential conductance of a cell; `g` and `v` broadcast."""

    @abc.abstractmethod
    def current(
        self, g: Float[Array, "*#cells"], v: Float[Array, "*#cells"]
    ) -> Float[Array, "*cells"]:
        """The current in amperes at `v` volts; `g` is the slope at 0 V, in siemens."""

    @abc.abstractmethod
    def conductance(
        self, g: Float[Array, "*#cells"], v: Float[Array, "*#cells"]
    ) -> Float[Array, "*cells"]:
        """The slope of the current at `v` volts, in siemens: what Newton needs."""

    @abc.abstractmethod
    def separate(
        self, g: Float[Array, "..."], v: Float[Array, "..."]
    ) -> tuple[tuple[Float[Array, "..."], Float[Array, "..."]], ...] | None:
        """Pairs of a(g) and b(v) whose products add up to `current`.

        With them a column's current is a few matrix products for any number of samples.
        `None` for a law that has none: currents are then added cell by cell.
        """

    @abc.abstractmethod
    def check_range(self, range: ConductanceRange) -> None:
        """Raise a `ValueError` if the law is not known over all of `range`."""

    @abc.abstractmethod
    def check(self, v_max: Float[ArrayLike, ""]) -> None:
        """Raise a `ValueError` if cells see more volts than the law is valid for."""


class LinearIV(AbstractIV):
    """$I = g v$ at every voltage."""

    def current(
        self, g: Float[Array, "*#cells"], v: Float[Array, "*#cells"]
    ) -> Float[Array, "*cells"]:
        """The current `g v`, in amperes."""
        return g * v

    def conductance(
        self, g: Float[Array, "*#cells"], v: Float[Array, "*#cells"]
    ) -> Float[Array, "*cells"]:
        """The conductance `g` itself, in siemens."""
        return jnp.broadcast_to(g, jnp.broadcast_shapes(g.shape, v.shape))

    def separate(
        self, g: Float[Array, "..."], v: Float[Array, "..."]
    ) -> tuple[tuple[Float[Array, "..."], Float[Array, "..."]], ...]:
        """The one pair of `g` and `v`."""
        return ((g, v),)

    def check_range(self, range: ConductanceRange) -> None:
        """Accept every range."""
        del range

    def check(self, v_max: Float[ArrayLike, ""]) -> None:
        """Accept every voltage."""
        del v_max


class SinhIV(AbstractIV):
    r"""$I = g v_0 \sinh(v / v_0)$, the law of hopping or of a tunnelling gap.

    It is odd in the voltage. At $v = v_0$ the current is 17.5 % above the linear one.

    Args:
        v0: $v_0$, in volts; a smaller one is more nonlinear.
        v_max: Largest voltage at which `v0` was fitted, in volts.
    """

    v0: Float[Array, ""] = eqx.field(converter=scalar)
    v_max: Float[Array, ""] = eqx.field(converter=scalar, default=math.inf)

    def __check_init__(self):
        if is_concrete(self.v0) and not 0 < float(self.v0) < math.inf:
            raise ValueError(
                "`iv.v0` must be positive and finite, in volts; got "
                f"{float(self.v0):g}. For a linear cell take `LinearIV`."
            )

    def current(
        self, g: Float[Array, "*#cells"], v: Float[Array, "*#cells"]
    ) -> Float[Array, "*cells"]:
        """The current, in amperes."""
        return g * (self.v0 * jnp.sinh(v / self.v0))

    def conductance(
        self, g: Float[Array, "*#cells"], v: Float[Array, "*#cells"]
    ) -> Float[Array, "*cells"]:
        r"""$g \cosh(v / v_0)$, in siemens."""
        return g * jnp.cosh(v / self.v0)

    def separate(
        self, g: Float[Array, "..."], v: Float[Array, "..."]
    ) -> tuple[tuple[Float[Array, "..."], Float[Array, "..."]], ...]:
        r"""The one pair of `g` and $v_0 \sinh(v / v_0)$."""
        return ((g, self.v0 * jnp.sinh(v / self.v0)),)

    def check_range(self, range: ConductanceRange) -> None:
        """Accept every range: the shape does not depend on the conductance."""
        del range

    def check(self, v_max: Float[ArrayLike, ""]) -> None:
        """Raise a `ValueError` if `v_max` is beyond that of the fit."""
        _check_volts(v_max, self.v_max)


class PolynomialIV(AbstractIV):
    r"""$I = g v + N_2(g) v^2 + N_3(g) v^3$, a cubic fitted to measured curves.

    $N_2, N_3$ are polynomials in $\log_{10}(g / 1\,S)$. A conductance outside
    the fit, where write noise takes some cells, has the coefficients of the nearest
    end. $N_2$ makes the two directions of the current unequal, so that a differential
    pair is not exactly antisymmetric.

    Args:
        quadratic: Coefficients of $N_2$, in A/V^2: lowest power first.
        cubic: Coefficients of $N_3$, in A/V^3: lowest power first.
        range: Conductances that the fit covers.
        v_max: Largest magnitude of the voltages that the fit covers, in volts.
    """

    quadratic: Float[Array, " powers"] = eqx.field(converter=as_float)
    cubic: Float[Array, " _"] = eqx.field(converter=as_float)
    range: ConductanceRange
    v_max: Float[Array, ""] = eqx.field(converter=scalar)

    def current(
        self, g: Float[Array, "*#cells"], v: Float[Array, "*#cells"]
    ) -> Float[Array, "*cells"]:
        """The current, in amperes."""
        n2, n3 = self.coefficients(g)
        return v * (g + v * (n2 + v * n3))

    def conductance(
        self, g: Float[Array, "*#cells"], v: Float[Array, "*#cells"]
    ) -> Float[Array, "*cells"]:
        """$g + 2 N_2 v + 3 N_3 v^2$, in siemens."""
        n2, n3 = self.coefficients(g)
        return g + v * (2 * n2 + v * (3 * n3))

    def separate(
        self, g: Float[Array, "..."], v: Float[Array, "..."]
    ) -> tuple[tuple[Float[Array, "..."], Float[Array, "..."]], ...]:
        """Three pairs: `g` and `v`, $N_2$ and the square, $N_3$ and the cube of `v`."""
        n2, n3 = self.coefficients(g)
        return (g, v), (n2, v**2), (n3, v**3)

    def check_range(self, range: ConductanceRange) -> None:
        """Raise a `ValueError` unless `range` lies within that of the fit."""
        mine, asked = self.range, range
        if not is_concrete(mine.g_min, mine.g_max, asked.g_min, asked.g_max):
            return
        low, high = float(mine.g_min) * 1e6, float(mine.g_max) * 1e6
        bottom, top = float(asked.g_min) * 1e6, float(asked.g_max) * 1e6
        if bottom < low * (1 - 1e-6) or top > high * (1 + 1e-6):
            raise ValueError(
                f"the I-V fit is valid from {low:g} to {high:g} uS; got a cell of "
                f"{bottom:g} to {top:g} uS: set `cell.g_min` and `cell.g_max`, or take "
                "a linear cell."
            )

    def check(self, v_max: Float[ArrayLike, ""]) -> None:
        """Raise a `ValueError` if `v_max` is beyond that of the fit."""
        _check_volts(v_max, self.v_max)

    def coefficients(self, g: Float[Array, "..."]) -> tuple[Array, Array]:
        """$N_2$ and $N_3$ at `g`, in A/V^2 and A/V^3."""
        decades = jnp.log10(jnp.clip(g, self.range.g_min, self.range.g_max))
        n2 = jnp.polyval(self.quadratic[::-1], decades)
        return n2, jnp.polyval(self.cubic[::-1], decades)


def _check_volts(asked: Float[ArrayLike, ""], valid: Float[Array, ""]) -> None:
    volts = scalar(asked)
    if not is_concrete(volts, valid):
        return
    if not float(volts) <= float(valid) * (1 + 1e-6):
        raise ValueError(
            f"the cell's I-V law is valid to {float(valid):g} V; got voltages to "
            f"{float(volts):g} V: lower `crossbar.v_max`, keep `amplifier.clamp`, or "
            "take a linear cell."
        )
