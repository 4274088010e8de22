r"""Gradients of clipping: what $\mathrm{d}Q / \mathrm{d}x$ is beyond the range.

Each rule is a function of x with that gradient; its value does not matter. Within the
range the gradient is 1 for all three. Source: Sakr et al., "Optimal Clipping and
Magnitude-aware Differentiation for Improved Quantization-aware Training", ICML 2022,
arXiv 2206.06501; the table of the authors' toy example.
"""

import abc

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


class AbstractClipGradient(eqx.Module):
    """The gradient of a clipped and rounded number in that number."""

    @abc.abstractmethod
    def __call__(
        self, x: Float[Array, "rows cols"], scale: Float[Array, " cols"], lowest: float
    ) -> Float[Array, "rows cols"]:
        """A function of `x` that has the gradient.

        Args:
            x: The numbers.
            scale: The largest magnitude of each column.
            lowest: The lower end of the range in units of `scale`: -1, or 0 for a
                format without a sign.
        """


class StraightThrough(AbstractClipGradient):
    """1 everywhere, clipped or not (Bengio et al., arXiv 1308.3432)."""

    def __call__(
        self, x: Float[Array, "rows cols"], scale: Float[Array, " cols"], lowest: float
    ) -> Float[Array, "rows cols"]:
        """`x`."""
        del scale, lowest
        return x


class PiecewiseLinear(AbstractClipGradient):
    """0 where clipped: the gradient of the clip itself."""

    def __call__(
        self, x: Float[Array, "rows cols"], scale: Float[Array, " cols"], lowest: float
    ) -> Float[Array, "rows cols"]:
        """`x`, clipped."""
        inside = _is_inside(x, scale, lowest)
        return jnp.where(inside, x, 0.0)


class MagnitudeAware(AbstractClipGradient):
    r"""$s / |x|$ where the magnitude is clipped, the factor by which it shrinks.

    A format without a sign has the gradient 0 below zero.
    """

    def __call__(
        self, x: Float[Array, "rows cols"], scale: Float[Array, " cols"], lowest: float
    ) -> Float[Array, "rows cols"]:
        """`x` times its factor, which is taken as constant."""
        magnitude = jnp.maximum(jnp.abs(x), scale[None])
        factor = jnp.where(x < lowest * scale[None], -lowest, 1.0)
        factor = factor * scale[None] / jnp.where(magnitude > 0, magnitude, 1.0)
        return x * jax.lax.stop_gradient(factor)


def _is_inside(
    x: Float[Array, "rows cols"], scale: Float[Array, " cols"], lowest: float
) -> Array:
    """Whether each number lies in the range, ends included."""
    return (x <= scale[None]) & (x >= lowest * scale[None])
