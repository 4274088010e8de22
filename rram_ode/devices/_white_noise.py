"""White read noise within a bandwidth."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._misc import non_negative, positive, root, scalar
from ._base import AbstractReadNoise
from ._held_noise import AbstractHeldNoise


class WhiteReadNoise(AbstractHeldNoise, AbstractReadNoise):
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

    slot: ClassVar[str] = "read.white"

    std: Float[Array, ""] = eqx.field(converter=scalar)
    bandwidth: Float[Array, ""] = eqx.field(converter=scalar)
    std_rel: Float[Array, ""] | None = eqx.field(
        converter=lambda x: None if x is None else scalar(x), default=None
    )

    def __check_init__(self):
        non_negative("read.white.std", self.std, "S")
        if self.std_rel is not None:
            non_negative("read.white.std_rel", self.std_rel, "of g")
        positive("read.white.bandwidth", self.bandwidth, "Hz")

    def spread(self, g: Float[Array, "..."]) -> Float[Array, "..."]:
        """Standard deviation at conductance `g`, both in siemens."""
        if self.std_rel is None:
            return jnp.broadcast_to(self.std, g.shape)
        return root(self.std**2 + (self.std_rel * g) ** 2)
