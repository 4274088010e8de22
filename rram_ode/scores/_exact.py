"""Scores in closed form, for data whose diffused density is known: the ground truth."""

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, ArrayLike, Float, Int

from .._core._arrays import as_float, broadcast_columns
from .._core._types import Key, Points, Scalar, State
from ..sdes import AbstractSDE
from ._base import AbstractScore


class GaussianScore(AbstractScore):
    r"""The exact score of Gaussian data $N(\mu, C)$ under a diffusion.

    $p_t = N(m\mu, \Sigma_t)$ with $\Sigma_t = m^2 C + \mathrm{std}^2 I$; the score is
    $-\Sigma_t^{-1}(x - m\mu)$. $C = A\,\mathrm{diag}(v)A^T$ is kept as its principal
    axes, which are those of $\Sigma_t$ at all times. A singular $C$, down to 0 (one
    point), is fine if `std` at `t` is positive.
    """

    sde: AbstractSDE
    mean: Float[Array, " dim"]
    variances: Float[Array, " dim"]
    axes: Float[Array, "dim dim"]

    def __init__(self, sde: AbstractSDE, mean: ArrayLike, covariance: ArrayLike):
        r"""Make the score of $N(\mu, C)$.

        Args:
            sde: the forward diffusion.
            mean: $\mu$, shape `(dim,)`.
            covariance: $C$, shape `(dim, dim)`, symmetric, no negative eigenvalue.

        Raises:
            ValueError: if the shapes differ, or `covariance` is no covariance.
        """
        mean, covariance = as_float(mean), as_float(covariance)
        if mean.ndim != 1 or covariance.shape != 2 * mean.shape:
            raise ValueError(
                "`mean` and `covariance` must have shapes (dim,) and (dim, dim); got "
                f"{mean.shape} and {covariance.shape}."
            )
        self.sde, self.mean = sde, mean
        variances, self.axes = jnp.linalg.eigh(covariance)
        self.variances = jnp.maximum(variances, 0.0)
        if isinstance(covariance, Tracer):
            return
        skew = np.abs(np.asarray(covariance) - np.asarray(covariance).T).max()
        smallest, rounding = np.min(variances), 1e-6 * np.abs(variances).max()
        if skew > rounding or smallest < -rounding:
            raise ValueError(
                "`covariance` must be symmetric without negative eigenvalues; its "
                f"smallest is {smallest:.3g}. Use, e.g., a @ a.T for any square `a`."
            )

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.mean.shape[0]

    def __call__(
        self, t: Scalar, x: State, *, label: Int[Array, "..."] | None = None
    ) -> State:
        """The score, of the shape of `x`; there is one class, so `label` is unused."""
        del label
        along, variances = self._along_axes(t, x)
        return -jnp.tensordot(self.axes, along / variances, 1)

    def log_prob(self, t: Scalar, x: State) -> Float[Array, "*samples"]:
        r"""$\log p_t(x)$ in nats, shape `(*samples,)`."""
        along, variances = self._along_axes(t, x)
        return -jnp.sum(along**2 / variances + jnp.log(2 * jnp.pi * variances), 0) / 2

    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Fresh data (t = 0, no noise), shape `(num_samples, dim)`."""
        return _sample_gaussian(self.mean, self.variances, self.axes, num_samples, key)

    def _along_axes(self, t: Scalar, x: State) -> tuple[State, Float[Array, "dim ..."]]:
        """The residual along the principal axes, and the variances there, at `t`."""
        mean_factor, std = self.sde.marginal(t)
        residual = x - broadcast_columns(mean_factor * self.mean, x)
        variances = broadcast_columns(mean_factor**2 * self.variances + std**2, x)
        return jnp.tensordot(self.axes.T, residual, 1), variances


class MixtureScore(AbstractScore):
    r"""The exact score of a mixture of round Gaussians, $\sum_k w_k N(\mu_k, s_k^2 I)$.

    $p_t = \sum_k w_k N(m\mu_k, v_k I)$ with $v_k = m^2 s_k^2 + \mathrm{std}^2$, and the
    score is $\sum_k r_k(x)(m\mu_k - x)/v_k$, where $r_k$ is the probability that $x$
    came from component $k$.

    Args:
        sde: the forward diffusion.
        means: $\mu_k$, shape `(components, dim)`.
        stds: $s_k$, shape `(components,)`, not negative.
        weights: $w_k$, shape `(components,)`, positive, of sum 1.

    Raises:
        ValueError: if the shapes differ, a std is negative or the weights are none.
    """

    sde: AbstractSDE
    means: Float[Array, "components dim"] = eqx.field(converter=as_float)
    stds: Float[Array, " components"] = eqx.field(converter=as_float)
    weights: Float[Array, " components"] = eqx.field(converter=as_float)

    def __check_init__(self):
        shapes = self.means.shape[:1], self.stds.shape, self.weights.shape
        if self.means.ndim != 2 or len(set(shapes)) != 1:
            raise ValueError(
                "`means`, `stds` and `weights` must have shapes (components, dim), "
                f"(components,) and (components,); got {self.means.shape}, "
                f"{self.stds.shape} and {self.weights.shape}."
            )
        if any(isinstance(leaf, Tracer) for leaf in (self.stds, self.weights)):
            return
        stds, weights = np.asarray(self.stds), np.asarray(self.weights)
        if not (stds >= 0).all():
            raise ValueError(f"`stds` must not be negative; got {stds.tolist()}.")
        if not ((weights > 0).all() and abs(weights.sum() - 1) < 1e-5):
            raise ValueError(
                "`weights` must be positive and of sum 1; got "
                f"{weights.tolist()}. Divide them by their sum."
            )

    @property
    def dim(self) -> int:
        """Number of coordinates of the state."""
        return self.means.shape[1]

    def __call__(
        self, t: Scalar, x: State, *, label: Int[Array, "..."] | None = None
    ) -> State:
        """The score, of the shape of `x`; the mixture is unlabelled: `label` unused."""
        del label
        log_joint, pull = self._components(t, x)
        responsibility = jax.nn.softmax(log_joint, axis=0)
        return jnp.sum(responsibility[:, None] * pull, axis=0)

    def log_prob(self, t: Scalar, x: State) -> Float[Array, "*samples"]:
        r"""$\log p_t(x)$ in nats, shape `(*samples,)`."""
        return jax.nn.logsumexp(self._components(t, x)[0], axis=0)

    def sample(self, num_samples: int, *, key: Key) -> Points:
        """Fresh data (t = 0, no noise), shape `(num_samples, dim)`."""
        return _sample_mixture(self.means, self.stds, self.weights, num_samples, key)

    def _components(
        self, t: Scalar, x: State
    ) -> tuple[Float[Array, "components ..."], Float[Array, "components dim ..."]]:
        """`log w_k p_k(x)`, and the score of each component alone."""
        mean_factor, std = self.sde.marginal(t)
        variance = mean_factor**2 * self.stds**2 + std**2
        means = self.means.reshape(self.means.shape + (1,) * (x.ndim - 1))
        residual = mean_factor * means - x[None]
        pull = residual / broadcast_columns(variance, residual)
        log_norm = x.shape[0] * jnp.log(2 * jnp.pi * variance) / 2
        squares = jnp.sum(residual * pull, axis=1)
        return broadcast_columns(
            jnp.log(self.weights) - log_norm, squares
        ) - squares / 2, pull


@eqx.filter_jit
def _sample_gaussian(
    mean: Float[Array, " dim"],
    variances: Float[Array, " dim"],
    axes: Float[Array, "dim dim"],
    num_samples: int,
    key: Key,
) -> Points:
    noise = jr.normal(key, (num_samples, mean.size), mean.dtype)
    return mean[None] + (noise * jnp.sqrt(variances)[None]) @ axes.T


@eqx.filter_jit
def _sample_mixture(
    means: Float[Array, "components dim"],
    stds: Float[Array, " components"],
    weights: Float[Array, " components"],
    num_samples: int,
    key: Key,
) -> Points:
    which_key, noise_key = jr.split(key)
    which = jr.choice(which_key, weights.size, (num_samples,), p=weights)
    noise = jr.normal(noise_key, (num_samples, means.shape[1]), means.dtype)
    return means[which] + stds[which][:, None] * noise
