"""What is seen of a solve at a few times: voltages, clipping, power."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from .._core._types import Seconds, State
from ..blocks import hits as touches
from ..chip import Chip, Node
from ._term import LoopTerm


class Observation(eqx.Module):
    """Voltages, clipping and power of each sample at `taus`.

    Args:
        taus: Circuit times, in seconds.
        v: State voltages, `(times, dim, samples)`.
        names: Classes of nodes that have a limit.
        when: Fraction of a sample's nodes beyond the limit at each time, for each of
            the first classes; the others have no time of their own.
        share: Fraction of a sample's nodes and times beyond the limit, for each class.
        hits: Whether a sample's node of the class passes its limit at some time.
        power: Power dissipated in the cells at each time, in watts.
        stressed: Fraction of a sample's cells and times above the disturbing voltage.
        supplied: Currents supplied to row drivers and to amplifiers at each time, in
            amperes.
    """

    taus: Seconds
    v: Float[Array, "times dim samples"]
    names: tuple[str, ...] = eqx.field(static=True)
    when: Float[Array, "times timed samples"]
    share: Float[Array, "classes samples"]
    hits: Bool[Array, "classes samples"]
    power: Float[Array, "times samples"]
    supplied: Float[Array, "times 2 samples"]
    stressed: Float[Array, " samples"]

    def head(self, num: int) -> "Observation":
        """The first `num` samples, cut on the host: a slice of its own compiles."""
        v, when, share, hits, power, supplied, stressed = (
            first_columns(x, num)
            for x in (
                self.v,
                self.when,
                self.share,
                self.hits,
                self.power,
                self.supplied,
                self.stressed,
            )
        )
        return Observation(
            self.taus, v, self.names, when, share, hits, power, supplied, stressed
        )

    def beside(self, beyond: dict[str, Bool[Array, "nodes samples"]]) -> "Observation":
        """This observation with more classes of nodes, which have no time of their own.

        Args:
            beyond: Which nodes of each sample pass their limit, by name of the class.
        """
        if not beyond:
            return self
        dtype = self.share.dtype
        share = [jnp.mean(hit.astype(dtype), axis=0) for hit in beyond.values()]
        hits = [jnp.any(hit, axis=0) for hit in beyond.values()]
        return Observation(
            self.taus,
            self.v,
            (*self.names, *beyond),
            self.when,
            jnp.concatenate([self.share, jnp.stack(share)]),
            jnp.concatenate([self.hits, jnp.stack(hits)]),
            self.power,
            self.supplied,
            self.stressed,
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
        played = term.waveforms.play(tau, control)
        _, nodes = chip.score.nodes(v, played.embedding, played.noise)
        state = touches(v, chip.integrator.rails(v))
        clipped = [*(node.is_clipped for node in nodes), state]
        names[:] = [*(node.name for node in nodes), "state"]
        share = jnp.stack([jnp.mean(c.astype(v.dtype), axis=0) for c in clipped])
        return share, *load(chip, v, nodes)

    share, *loads = jax.lax.map(look, (taus, ends, vs))
    return summarise(taus, vs, names, share, *loads)


def load(chip: Chip, v: State, nodes: tuple[Node, ...]) -> tuple[Array, Array, Array]:
    """Power of the cells, supply currents, and fraction of the cells that are stressed.

    All are zero on a chip without crossbars.
    """
    network, none = chip.crossbars, jnp.zeros_like(v[0])
    if network is None:
        return none, jnp.stack([none, none]), none
    return (
        network.power(v, nodes),
        network.supplied(v, nodes),
        network.stressed(v, nodes),
    )


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
    hits, mean = jnp.any(share > 0, axis=0), jnp.mean(share, axis=0)
    stressed = jnp.mean(stressed, axis=0)
    return Observation(
        taus, v, tuple(names), share, mean, hits, power, supplied, stressed
    )


def first_columns(x: Array, num: int) -> Array:
    """The first `num` along the last axis of `x`; what has no more stays as it is."""
    if not x.ndim or x.shape[-1] <= num:
        return x
    return jnp.asarray(np.asarray(x)[..., :num])
