"""White noise behind the pole of each amplifier, at any step of a solve."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from .._core._arrays import broadcast_columns
from .._core._types import Scalar


class OwnPoles(eqx.Module):
    r"""White noise behind poles $f_c$, one for each column, in holds of $\Delta$.

    Through its pole a white density $S$ has the variance $S B$ with the noise bandwidth
    $B = \tfrac{\pi}{2} f_c$. Values held for $\Delta$ follow

    $$x_n = \phi\, x_{n - 1} + \sqrt{1 - \phi^2}\, \epsilon_n, \qquad
      \phi = \max\left(\frac{u - 1}{u + 1},\, 0\right), \qquad
      u = \frac{1}{\pi f_c \Delta} = \frac{1}{2 B \Delta},$$

    the bilinear image of the pole: with holds of $1 / (2B)$ or less the variance is
    $S B$, the density at low frequency S, both exactly; at $1 / (2B)$ the values are
    independent. Longer holds do not resolve the pole: the values are independent, with
    the variance $S / (2 \Delta)$ that keeps the density below the rate of holds. That
    is exact for what enters the state linearly, and wrong ahead of a rectifier, which
    sees the variance.

    Args:
        poles: $f_c$ of each column, in hertz; infinite for no pole.
        hold: $\Delta$, in seconds.
    """

    poles: Float[Array, " cols"]
    hold: Scalar

    @property
    def bandwidth(self) -> Float[Array, " cols"]:
        """Variance over density of each column, in hertz."""
        return jnp.minimum(0.5 * jnp.pi * self.poles, 0.5 / self.hold)

    @property
    def memory(self) -> Float[Array, " cols"]:
        r"""$\phi$, the correlation of one value with the next."""
        u = 1 / (jnp.pi * self.poles * self.hold)
        return jnp.maximum((u - 1) / (u + 1), 0.0)

    def psd(self, f: Float[Array, " freq"]) -> Float[Array, "freq cols"]:
        r"""One-sided density at `f` hertz over $S$, a pure number.

        $2 \Delta \,\mathrm{sinc}^2(f \Delta) B_h (1 - \phi^2) / (1 + \phi^2 -
        2 \phi \cos 2 \pi f \Delta)$, with $B_h$ the `bandwidth`.
        """
        phi, x = self.memory[None], (f * self.hold)[:, None]
        shape = (1 - phi**2) / (1 + phi**2 - 2 * phi * jnp.cos(2 * jnp.pi * x))
        return 2 * self.hold * self.bandwidth[None] * jnp.sinc(x) ** 2 * shape

    def __call__(
        self, normals: Float[Array, "holds cols samples"]
    ) -> Float[Array, "holds cols samples"]:
        """Paths of white noise of unit density, from independent standard normals."""
        phi = broadcast_columns(self.memory, normals[0])
        fresh = jnp.sqrt(1 - phi**2)

        def step(x, normal):
            x = phi * x + fresh * normal
            return x, x

        first, rest = normals[0], normals[1:]
        _, later = jax.lax.scan(step, first, rest)
        values = jnp.concatenate([first[None], later])
        return broadcast_columns(jnp.sqrt(self.bandwidth), first)[None] * values
