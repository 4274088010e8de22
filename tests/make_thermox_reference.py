"""Write reference/thermox.npz: the exact law of a linear system in 16 dimensions.

`pip install --no-deps thermox==0.0.6 fmmax==1.1.1`, then run this file. Time is in
units of one solve. thermox's covariance holds where D^-1/2 A D^1/2 is symmetric, so the
drift is made from such a matrix; it is not symmetric itself, and D is not even.
"""

import importlib
import pathlib

import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg as sl


jax.config.update("jax_enable_x64", True)

FILE = pathlib.Path(__file__).parent / "reference" / "thermox.npz"
DIM = 16


def system():
    """A, D and the start."""
    rng = np.random.default_rng(0)
    noise = 0.02 * rng.uniform(0.5, 2.0, DIM)
    random = rng.standard_normal((DIM, DIM)) / np.sqrt(DIM)
    symmetric = 2.5 * np.eye(DIM) + 0.6 * (random + random.T)
    root = np.sqrt(noise)
    drift = root[:, None] * symmetric / root
    return drift, np.diag(noise), rng.uniform(-1.0, 1.0, DIM)


def van_loan(drift, diffusion, time):
    """The covariance by another way: C. Van Loan, IEEE TAC 23, 395, 1978."""
    block = np.block([[-drift, diffusion], [np.zeros_like(drift), drift.T]])
    parts = sl.expm(time * block)
    return parts[:DIM, DIM:] @ parts[:DIM, :DIM].T


if __name__ == "__main__":
    thermox = importlib.import_module("thermox")  # type checking needs none
    drift, diffusion, start = map(jnp.asarray, system())
    zero = jnp.zeros(DIM)
    mean = np.asarray(thermox.conditional.mean(1.0, start, drift, zero, diffusion))
    covariance = np.asarray(thermox.conditional.covariance(1.0, drift, diffusion))
    assert np.allclose(mean, sl.expm(-drift) @ start, rtol=1e-9)
    assert np.allclose(covariance, van_loan(drift, diffusion, 1.0), rtol=1e-6)
    np.savez(
        FILE,
        drift=drift,
        diffusion=diffusion,
        start=start,
        mean=mean,
        covariance=covariance,
    )
