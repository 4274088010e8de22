"""Noise of op-amps and resistors as sources: the simulator's own draws."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ..blocks import StageNoise
from ..loop import Circuit, DynamicLoop, op_amp_noise, op_amp_paths, OpAmpPaths
from ._noise import steps
from ._text import card, pwl


def op_amp_noise_cards(
    loop: DynamicLoop, circuit: Circuit, paths: OpAmpPaths
) -> list[str]:
    r"""A voltage at each + input, a current into each summing node, of sample 0.

    `vy1_7` plays $e_n$ (and what auto-zeroing kept) to amplifier 7 of layer 1, `iy1_7`
    $i_n$ and the resistors' noise; `vyx0` and `iyx0` are those of an integrator. They
    begin behind an edge: the solve starts from rest without them.
    """
    interval, duration = float(paths.law.interval), float(loop.clock.duration)
    num = int(np.ceil(duration / interval * (1 - 1e-6)))
    stages = _drawn(circuit, paths, num)
    last = len(stages) - 1
    lines = ["* noise of op-amps and resistors"]
    for layer, noise in enumerate(stages):
        is_integrator = layer == last
        volts, amperes = (np.asarray(x, float) for x in (noise.volts, noise.amperes))
        for col in range(volts.shape[1]):
            at = f"x{col}" if is_integrator else f"{layer + 1}_{col}"
            node = f"mx{col}" if is_integrator else f"m{at}"
            for kind, pins, values in (
                ("v", (f"y{at}", "0"), volts[:, col]),
                ("i", ("0", node), amperes[:, col]),
            ):
                corners = steps(values, interval, duration, from_rest=True)
                lines += card(f"{kind}y{at}", *pins, *pwl(*corners))
    return lines


@eqx.filter_jit
def first_paths(loop: DynamicLoop, circuit: Circuit) -> OpAmpPaths | None:
    """Noise of the op-amps during the first sample; `None` without."""
    return op_amp_paths(loop.noise, circuit, 0, 1, loop.auto_zero)


def start_volts(
    circuit: Circuit, x1: np.ndarray, paths: OpAmpPaths | None
) -> jax.Array:
    """Of the integrators, `(dim,)`, with what a switch left on them."""
    v1 = jnp.asarray(
        x1 * float(circuit.score.volts_in), circuit.integrator.offset.dtype
    )
    v1 = circuit.chip.precharged(v1)
    return v1 if paths is None else v1 + paths.start(circuit)[:, 0]


@eqx.filter_jit
def _drawn(circuit: Circuit, paths: OpAmpPaths, num: int) -> tuple[StageNoise, ...]:
    """Of each stage `(holds, cols)`."""
    interval = paths.law.interval

    def hold(n):
        noise = op_amp_noise(paths, circuit, n * interval, (n + 1) * interval)
        assert noise is not None  # by `paths`
        return jax.tree.map(lambda x: x[:, 0], noise)

    return jax.lax.map(hold, jnp.arange(num, dtype=interval.dtype))
