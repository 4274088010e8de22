"""A network's arrays as bytes: single precision, NumPy's format without pickle."""

import io

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from .._misc import as_float
from ..config import NetworkConfig
from ..scores import FourierMLP
from ._untrained import untrained_network


def pack(network: FourierMLP) -> bytes:
    """The arrays of `network` in single precision.

    Raises:
        ValueError: If one of them is not finite.
    """
    single = jax.tree.map(lambda leaf: leaf.astype(jnp.float32), network)
    _require_finite(single)
    stream = io.BytesIO()
    eqx.tree_serialise_leaves(stream, single)
    return stream.getvalue()


def unpack(content: bytes, dim: int, config: NetworkConfig) -> FourierMLP:
    """The network of these bytes, in the default precision.

    Args:
        content: What `pack` gave.
        dim: Coordinates of the state.
        config: Of the network.

    Raises:
        ValueError: If the bytes hold another network, none, or a NaN.
    """
    draw = lambda: untrained_network(dim, config, key=jr.key(0))
    single = lambda leaf: jax.ShapeDtypeStruct(leaf.shape, jnp.float32)
    # Shapes alone: a record that claims a huge network allocates nothing.
    like = jax.tree.map(single, eqx.filter_eval_shape(draw))
    stream = io.BytesIO(content)
    try:
        network = eqx.tree_deserialise_leaves(stream, like)
    except (RuntimeError, ValueError, EOFError, OSError) as error:
        sizes = "-".join(map(str, (dim, *config.widths, dim)))
        raise ValueError(
            f"it does not hold the {sizes} network of its record in single precision"
        ) from error
    if stream.read(1):
        raise ValueError("it holds more than the network of its record")
    _require_finite(network)
    return jax.tree.map(as_float, network)


def _require_finite(network: FourierMLP) -> None:
    if not all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(network)):
        raise ValueError("a weight is NaN or infinite; train it again")
