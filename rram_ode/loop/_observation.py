"""What is seen of a solve at a few times: voltages, clipping, power."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from .._core._types import Seconds, State
from ..chip import AbstractAnalogScore, Node
from ._term import LoopTerm


class Observation(eqx.Module):
    """Voltages, clipping and power of each sample at `taus`.

    Args:
        taus: Circuit times, in seconds.
        v: State voltages, `(times, dim, samples)`.
        names: Classes of nodes that have a limit.
        share: Of a sample's nodes and times beyond the limit, for each class.
        hits: Whether a sample's node of the class passes its limit at some time.
        power: Of the cells at each time, in watts.
        stressed: Share of a sample's cells and times above the disturbing voltage.
        supplied: Currents of row drivers and of amplifiers at each time, in amperes.
    """

    taus: Seconds
    v: Float[Array, "times dim samples"]
    names: tuple[str, ...] = eqx.field(static=True)
    share: Float[Array, "classes samples"]
    hits: Bool[Array, "classes samples"]
    power: Float[Array, "times samples"]
    supplied: Float[Array, "times 2 samples"]
    stressed: Float[Array, " samples"]

    def head(self, num: int) -> "Observation":
        """The first `num` samples, cut on the host: a slice of its own compiles."""
        v, share, hits, power, supplied, stressed = (
            first_columns(x, num)
            for x in (
                self.v,
                self.share,
                self.hits,
                self.power,
                self.supplied,
                self.stressed,
            )
        )
        return Observation(
            self.taus, v, self.names, share, hits, power, supplied, stressed
        )


def observe(
    term: LoopTerm,
    taus: Seconds,
    ends: Seconds,
    vs: Float[Array, "times dim samples"],
) -> Observation:
    """Evaluate every node at `taus`, with the noise of the steps that end at `ends`."""
    chip = term.waveforms.chip
    names: list[str] = []

    def look(inputs):
        tau, end, v = inputs
        control = term.contr(tau, end)
        waves = term.waveforms.at(tau, control.waves)
        _, nodes = chip.score.nodes(v, waves[:-2], control.noise)
        state = jnp.abs(v) >= chip.integrator.v_rail
        clipped = [*(node.is_clipped for node in nodes), state]
        names[:] = [*(node.name for node in nodes), "state"]
        share = jnp.stack([jnp.mean(c.astype(v.dtype), axis=0) for c in clipped])
        return share, *load(chip.score, v, nodes)

    share, *loads = jax.lax.map(look, (taus, ends, vs))
    return summarise(taus, vs, names, share, *loads)


def load(
    score: AbstractAnalogScore, v: State, nodes: tuple[Node, ...]
) -> tuple[Array, Array, Array]:
    """Power of the cells, supply currents, and share of stressed cells."""
    return score.power(v, nodes), score.supplied(v, nodes), score.stressed(v, nodes)


def summarise(
    taus: Seconds,
    v: Float[Array, "times dim samples"],
    names: list[str],
    share: Float[Array, "times classes samples"],
    power: Float[Array, "times samples"],
    supplied: Float[Array, "times 2 samples"],
    stressed: Float[Array, "times samples"],
) -> Observation:
    """An observation of what was seen at each of `taus`."""
    hits, share = jnp.any(share > 0, axis=0), jnp.mean(share, axis=0)
    stressed = jnp.mean(stressed, axis=0)
    return Observation(taus, v, tuple(names), share, hits, power, supplied, stressed)


def first_columns(x: Array, num: int) -> Array:
    """The first `num` along the last axis of `x`; a scalar as it is."""
    return jnp.asarray(np.asarray(x)[..., :num]) if x.ndim else x
