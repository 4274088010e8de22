"""White read noise within a bandwidth."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Integer

from .._misc import non_negative, root, scalar
from .._types import Key, ProcessValues, Scalar, Seconds
from ._base import AbstractReadNoise
from ._clock import LabClock
from ._held_normals import (
    check_bandwidth,
    held_at,
    held_psd,
    held_samples,
    num_holds,
)
from ._path import HeldPath


class WhiteReadNoise(AbstractReadNoise):
    r"""Independent values held $\Delta = 1 / (2B)$.

    $\sigma^2 = \sigma_0^2 + (\sigma_r g)^2 = S / (2\Delta) = S B$, with the one-sided
    density $S \,\mathrm{sinc}^2(f \Delta)$: white below $B$, gone above.

    It is much faster than the voltages of a column, so that one draw a column and hold,
    with the variance $\sum_i v_i^2 \sigma_i^2$, has the law of one draw a cell. This
    takes at least 20 holds a solve; for slower noise take `FlickerReadNoise`.

    Args:
        std: $\sigma_0$, in siemens.
        bandwidth: $B$, in hertz.
        std_rel: $\sigma_r$, relative to the conductance; `None` for none, which is
            cheaper than 0: all columns then share one spread.
    """

    std: Float[Array, ""] = eqx.field(converter=scalar)
    bandwidth: Float[Array, ""] = eqx.field(converter=scalar)
    std_rel: Float[Array, ""] | None = eqx.field(
        converter=lambda x: None if x is None else scalar(x), default=None
    )

    def __check_init__(self):
        non_negative("read.white.std", self.std, "S")
        if self.std_rel is not None:
            non_negative("read.white.std_rel", self.std_rel, "of g")
        check_bandwidth("read.white.bandwidth", self.bandwidth)

    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """Standard deviation at conductance `g`, both in siemens."""
        if self.std_rel is None:
            return jnp.broadcast_to(self.std, g.shape)
        return root(self.std**2 + (self.std_rel * g) ** 2)

    def psd(self, f: Float[Array, " freq"]) -> Float[Array, " freq"]:
        """One-sided density of the unit process, in 1/Hz."""
        return held_psd(f, self.bandwidth)

    def plan(self, clock: LabClock) -> tuple[int]:
        """The number of holds in a solve.

        Raises:
            ValueError: If there are fewer than 20.
        """
        remedy = ", or describe the noise by `read.flicker` or `read.fixed`"
        return (num_holds("read.white.bandwidth", self.bandwidth, clock, remedy),)

    def interval(self, clock: LabClock, plan: tuple[int]) -> Scalar:
        """The hold, 1 / (2 bandwidth), in seconds."""
        del clock, plan
        return 0.5 / self.bandwidth

    def sample_path(
        self,
        clock: LabClock,
        plan: tuple[int],
        shape: tuple[int, ...],
        *,
        first: Integer[Array, ""],
        num_samples: int,
        key: Key,
    ) -> HeldPath:
        """Independent standard normals, `(holds, *shape, num_samples)`."""
        del clock
        return held_samples(
            key,
            self.bandwidth,
            (*plan, *shape),
            first=first,
            num_samples=num_samples,
        )

    def path(
        self, key: Key, taus: Seconds, shape: tuple[int, ...] = ()
    ) -> ProcessValues:
        """The held values at `taus`, in seconds; the first hold begins at `taus[0]`."""
        return held_at(key, self.bandwidth, taus, shape)
