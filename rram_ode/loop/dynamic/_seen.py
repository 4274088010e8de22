"""What is seen of the nodes of a circuit with op-amps that take time."""

import dataclasses

import jax
import jax.numpy as jnp

from ..._core._types import Seconds, State
from ...blocks import hits
from ...chip import Node
from .._observation import load, Observation, summarise
from ._circuit import Circuit
from ._state import CircuitState


def circuit_nodes(circuit: Circuit, u: CircuitState) -> tuple[State, tuple[Node, ...]]:
    """The state's voltages, and the nodes that a clamp or a rail limits."""
    chains, v = circuit.network.chains, circuit.integrator.output(u.integrator)
    nodes = [Node("input", v, chains[0].v_clamp)]
    stages = zip(circuit.places, circuit.layers, u.layers, strict=True)
    for place, stage, state in stages:
        out = stage.output(state)
        if not place.is_last:
            hidden = chains[place.chain].hidden_node(place.number + 1, out)
            nodes.append(dataclasses.replace(hidden, name=place.name))
            continue
        # At the rail an output stops, it does not pass it.
        at_rail = hits(out, stage.rails(out), 1 - 1e-6)
        limit = jnp.asarray(jnp.inf, out.dtype)
        nodes.append(Node(place.name, out, limit, at_rail))
    _, more = circuit.join(circuit.scores(u), u.guidance)
    return v, (*nodes, *more)


def observe_circuit(circuit: Circuit, taus: Seconds, kept: CircuitState) -> Observation:
    """Clipping, power and currents of the states `kept` at `taus`, a leading axis."""
    names: list[str] = []

    def look(u: CircuitState):
        v, nodes = circuit_nodes(circuit, u)
        clipped = [node.is_clipped for node in nodes]
        clipped.append(hits(v, circuit.integrator.rails(v), 1 - 1e-6))
        names[:] = [*(node.name for node in nodes), "state"]
        share = jnp.stack([jnp.mean(c.astype(v.dtype), axis=0) for c in clipped])
        return v, share, *load(circuit.chip, v, nodes)

    v, share, *loads = jax.lax.map(look, kept)
    return summarise(taus, v, names, share, *loads)
