"""The analog multipliers that apply the schedule's factors."""

import equinox as eqx
from jaxtyping import Array, Float

from .._misc import positive, scalar


class Multiplier(eqx.Module):
    r"""$v_\text{out} = k(\tau) v$ with $|k| \le$ `full_scale`.

    The factor is a waveform from a DAC. A factor above full scale cannot be played: the
    solve is too fast for the integrator's R C.

    Args:
        full_scale: The largest factor, a pure number.
    """

    full_scale: Float[Array, ""] = eqx.field(converter=scalar, default=1.0)

    def __check_init__(self):
        positive("multiplier.full_scale", self.full_scale, "V/V")

    def check(self, peak: float, duration: float) -> None:
        """Refuse a peak factor above full scale.

        Args:
            peak: Largest |k| of a solve.
            duration: Of that solve, in seconds; k falls in proportion to it.

        Raises:
            ValueError: With the shortest solve that the multipliers can play.
        """
        if peak > float(self.full_scale) * (1 + 1e-5):
            shortest = duration * peak / float(self.full_scale)
            raise ValueError(
                f"a solve of {duration:g} s needs a multiplier factor of {peak:.4g}, "
                f"above `multiplier.full_scale` = {float(self.full_scale):g}: take "
                f"`solve.duration` = {shortest:.4g} s or more, or a smaller "
                "`integrator.resistance` or `integrator.capacitance`."
            )
