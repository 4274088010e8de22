"""The transistor in series with a cell (1T1R): resistance, spread, saturation."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float

from .._core._arrays import scalar
from .._core._checks import is_concrete, non_negative, positive
from .._core._random import normal
from .._core._types import Key
from ._iv import AbstractIV, LinearIV, PolynomialIV, SinhIV
from ._range import ConductanceRange


NEWTON_STEPS = 4  # from the linear cell's answer: rounding for a sinh up to v = 2 v0


LEAST_OVERDRIVE = 0.05  # of the nominal one, for a transistor far out in the spread


LARGEST_SHARE = 0.5  # of the verifying read's voltage, over the transistor at g_max


class AccessIV(AbstractIV):
    r"""A cell in series with a transistor that is on, $I = I_c(G, v - d) = I_t(d)$.

    $$I_t(d) = \frac{1}{R} \left(d - \frac{d^2}{2 V_\text{ov}}\right), \qquad
      d \le V_\text{ov},$$

    the square law with $k = 1 / (R V_\text{ov})$; beyond $V_\text{ov}$ the current
    stays. Without an overdrive the transistor is the resistance R. A linear cell is
    solved in closed form, a bent one by `NEWTON_STEPS` of Newton's method, which
    approach from one side since the difference of both currents is convex in d. The
    law's `g` is the slope of both at 0 V, from which the cell's own follows,
    $G = g / (1 - g R)$. The law is odd in v: that the overdrive falls as the source
    rises, when the current flows the other way, is left out.

    Args:
        cell: The cell's own law, odd in the voltage and proportional to G.
        resistance: R, of all transistors or of each, in ohms.
        overdrive: $V_\text{ov}$, gate over source less the threshold, in volts; `None`
            for no saturation.
    """

    cell: AbstractIV
    resistance: Float[Array, "..."]
    overdrive: Float[Array, "..."] | None = None

    def current(
        self, g: Float[Array, "*#cells"], v: Float[Array, "*#cells"]
    ) -> Float[Array, "*cells"]:
        """The current, in amperes."""
        own = self.own(g)
        sign = jnp.where(v < 0, -1.0, 1.0).astype(v.dtype)
        u = sign * v
        i = self.cell.current(own, u - self.drop(own, u))
        if self.overdrive is not None:
            i = jnp.minimum(i, self.overdrive / (2 * self.resistance))
        return sign * i

    def conductance(
        self, g: Float[Array, "*#cells"], v: Float[Array, "*#cells"]
    ) -> Float[Array, "*cells"]:
        """The slope, that of cell and transistor in series, in siemens."""
        own, u = self.own(g), jnp.abs(v)
        d = self.drop(own, u)
        slope = self.cell.conductance(own, u - d)
        left = self._left(d)
        return slope * left / (left + self.resistance * slope)

    def separate(self, g: Float[Array, "..."], v: Float[Array, "..."]) -> None:
        """None: no sum of products has this current."""
        del g, v

    def check_range(self, range: ConductanceRange) -> None:
        """As the cell's own law."""
        self.cell.check_range(range)

    def check(self, v_max: Float[ArrayLike, ""]) -> None:
        """As the cell's own law."""
        self.cell.check(v_max)

    def own(self, g: Float[Array, "*#cells"]) -> Float[Array, "*cells"]:
        """The cell's own conductance for the slope `g` of both, in siemens."""
        return g / (1 - g * self.resistance)

    def drop(
        self, own: Float[Array, "*#cells"], u: Float[Array, "*#cells"]
    ) -> Float[Array, "*cells"]:
        """Volts over the transistor, for `u` volts, 0 or more, over both."""
        a, r, most = own * self.resistance, self.resistance, self.overdrive
        if most is None:
            d = a * u / (1 + a)
        else:
            inner = jnp.maximum((1 + a) ** 2 - 2 * a * u / most, a**2)
            d = jnp.minimum(2 * a * u / (1 + a + jnp.sqrt(inner)), most)
        if isinstance(self.cell, LinearIV):
            return d
        for _ in range(NEWTON_STEPS):
            half = 1.0 if most is None else 1 - d / (2 * most)
            excess = r * self.cell.current(own, u - d) - d * half
            slope = r * self.cell.conductance(own, u - d) + self._left(d)
            d = d + excess / slope
            d = d if most is None else jnp.minimum(d, most)
        return d

    def _left(self, d: Float[Array, "*cells"]) -> Float[Array, "*cells"]:
        """Slope of the transistor's current at `d`, over that at 0 V."""
        return jnp.ones_like(d) if self.overdrive is None else 1 - d / self.overdrive


class AccessTransistor(eqx.Module):
    r"""The transistors of a kind of chip: one in series with each cell.

    The resistance of one is $R V_\text{ov} / (V_\text{ov} - \delta)$ with the
    deviation $\delta$ of its threshold. Where write-verify reads through the
    transistor, what is programmed is the current at `v_read` volts over that voltage:
    there it is exact whatever the transistor is, and levels, write errors, age and read
    noise are those of both in series, as they were measured. Elsewhere they are the
    cell's own, and the transistor takes its share.

    Args:
        resistance: R at small voltages, in ohms.
        overdrive: $V_\text{ov}$, nominal, in volts.
        threshold_std: Spread of $\delta$ over cells, in volts.
        verified: Whether write-verify reads through the transistor.
        saturates: Whether the transistor follows the square law; else it is ohmic.

    Raises:
        ValueError: If the resistance or the overdrive is not positive, or the spread is
            negative.
    """

    resistance: Float[Array, ""] = eqx.field(converter=scalar)
    overdrive: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)
    threshold_std: Float[Array, ""] = eqx.field(converter=scalar, default=0.0)
    verified: bool = eqx.field(static=True, default=True)
    saturates: bool = eqx.field(static=True, default=False)

    def __check_init__(self):
        non_negative("cell.access.resistance", self.resistance, "ohm")
        positive("cell.access.overdrive", self.overdrive, "V")
        non_negative("cell.access.threshold_std", self.threshold_std, "V")

    def is_linear(self, cell: AbstractIV) -> bool:
        """Whether cells of this law with their transistors are linear."""
        return isinstance(cell, LinearIV) and not self.saturates

    def scaled(self, by: Float[Array, ""]) -> "AccessTransistor":
        """Transistors with resistance and spread `by` times as large."""
        more = self.resistance * by, self.overdrive, self.threshold_std * by
        return AccessTransistor(*more, self.verified, self.saturates)

    def fabricate(
        self, cell: AbstractIV, shape: tuple[int, ...], *, key: Key
    ) -> AccessIV:
        """The law of cells with transistors of one chip, one for each of `shape`.

        A threshold far out leaves `LEAST_OVERDRIVE` of the overdrive: an assumption.
        """
        off = self.threshold_std * normal(key, shape)
        left = jnp.maximum(self.overdrive - off, LEAST_OVERDRIVE * self.overdrive)
        ohms = self.resistance * self.overdrive / left
        return AccessIV(cell, ohms, left if self.saturates else None)

    def series(
        self,
        written: Float[Array, "*cells"],
        law: AccessIV,
        v_read: Float[Array, ""] | float,
    ) -> Float[Array, "*cells"]:
        r"""Slopes at 0 V of cells with their transistors, in siemens.

        Args:
            written: What programming gave, in siemens: of both at `v_read`, or of the
                cell alone.
            law: What `fabricate` gave.
            v_read: Voltage of the verifying read, in volts.
        """
        if not self.verified:
            return written / (1 + written * law.resistance)
        if self.is_linear(law.cell):
            return written
        i = written * v_read
        d = i * law.resistance
        if law.overdrive is not None:
            inner = jnp.maximum(1 - 2 * d / law.overdrive, 0.0)
            d = 2 * d / (1 + jnp.sqrt(inner))
        volts = jnp.maximum(v_read - d, 1e-3 * jnp.asarray(v_read))
        own = i / law.cell.current(jnp.ones_like(i), volts)
        return own / (1 + own * law.resistance)

    def check(
        self, cell: AbstractIV, top: Float[Array, ""], v_read: Float[Array, ""]
    ) -> None:
        """Raise a `ValueError` if a transistor takes too much of the read, or twice.

        Args:
            cell: The cell's own law.
            top: Largest conductance that is programmed, in siemens.
            v_read: Voltage of the verifying read, in volts.
        """
        if isinstance(cell, PolynomialIV):
            raise ValueError(
                "a measured I-V has its own access device in it: set "
                "`cell.access.resistance` to 0, or `cell.iv.law` to linear or sinh."
            )
        assert isinstance(cell, LinearIV | SinhIV)
        ohms = self.resistance
        if not self.verified or not is_concrete(ohms, self.overdrive, top, v_read):
            return
        d, volts = float(top) * float(v_read) * float(ohms), float(v_read)
        if self.saturates:
            most = float(self.overdrive)
            d = most if 2 * d > most else most * (1 - (1 - 2 * d / most) ** 0.5)
        if d > LARGEST_SHARE * volts:
            largest = LARGEST_SHARE / float(top)
            raise ValueError(
                f"`cell.access.resistance` = {float(ohms):g} ohm takes {d:.3g} V of "
                f"the {volts:g} V of a verifying read at `cell.g_max`, more than "
                f"{LARGEST_SHARE:.0%}: take less than {largest:.3g} ohm, a smaller "
                "`cell.g_max`, or a larger `cell.access.overdrive`."
            )
