"""Clipping, scales per vector, logarithms and Softermax, each beside its own law."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from rram_ode.formats import (
    AbstractFormat,
    base_2_softmax,
    FixedClip,
    IntegerScale,
    LogarithmicFormat,
    MaxClip,
    optimal_clip,
    relative_error,
    Softermax,
    UniformFormat,
    VectorFormat,
)

from ._f1 import Draw, Fixture, key_of, NUM_CALIBRATION
from ._result import Gate, Row


GRID, NUM_LAW = 250, 20_000


def second_layer(fixture: Fixture) -> tuple[Any, Any]:
    """Weights of the second layer, and its inputs for data of the judge."""
    batch = fixture.batch(NUM_CALIBRATION, key_of(Draw.JUDGE))
    network = fixture.score.network
    hidden = jax.vmap(network.activations, in_axes=(0, 1), out_axes=1)
    return network.weights[1], hidden(batch.t, batch.x)[0]


def clip_rows(fixture: Fixture) -> list[Row]:
    """The optimal range of each law beside the best of a grid."""
    w, h = second_layer(fixture)
    key = key_of(Draw.DATA, 1)
    laws = {
        "gauss": (jr.normal(key, (NUM_LAW, 1)), True),
        "laplace": (jr.laplace(key, (NUM_LAW, 1)), True),
        "Student's t, 3": (jr.t(key, 3.0, (NUM_LAW, 1)), True),
        "weights of F1": (w.reshape(-1, 1), True),
        "activations of F1": (h.reshape(-1, 1)[:NUM_LAW], False),
    }
    found = []
    for name, (x, is_signed) in laws.items():
        gaps, steps, gains = [], [], []
        for bits in (4, 6, 8):
            gap, step, gain = clip_gap(x, bits, is_signed)
            gaps, steps, gains = [*gaps, gap], [*steps, step], [*gains, gain]
        what = "error of the optimal range over the least of a grid, less one"
        gate = Gate(max(map(abs, gaps)), 0.02, what)
        details = {"gaps": gaps, "newton_steps": steps, "max_over_best": gains}
        found.append(Row(f"clip, {name}", gate, details=details))
    return found


def clip_gap(x: Any, bits: int, is_signed: bool) -> tuple[float, int, float]:
    """Excess of the optimum, Newton's steps, and the error of the maximum over it."""
    form = UniformFormat(bits, is_signed=is_signed)
    found = optimal_clip(x, 1 / (12 * form.top.astype(x.dtype) ** 2))
    scales = jnp.linspace(0.02, 1.0, GRID) * jnp.max(jnp.abs(x))
    scales = jnp.concatenate([scales, found.scale])
    errors = np.asarray(_square_errors(x, scales, form))
    best = errors[:-1].min()
    return float(errors[-1] / best - 1), int(found.steps), float(errors[-2] / best)


@eqx.filter_jit
def _square_errors(x: Any, scales: Any, form: UniformFormat) -> Any:
    def one(scale: Any) -> Any:
        own = eqx.tree_at(lambda f: f.clip, form, FixedClip(scale))
        return jnp.mean((own.quantise(x) - x) ** 2)

    return jax.lax.map(one, scales)


def sqnr(x: Any, form: AbstractFormat) -> float:
    """Signal over error, in decibels."""
    error = jnp.sum((x - form.quantise(x)) ** 2)
    return float(10 * jnp.log10(jnp.sum(x**2) / error))


def vector_rows(fixture: Fixture) -> list[Row]:
    """Gains of scales per vector at 4 bits, in decibels."""
    w, h = second_layer(fixture)
    found = []
    for name, x, is_column, limit in (
        ("weights", w, True, 2.0),
        ("activations", h, False, 6.0),
    ):
        plain = sqnr(x, UniformFormat(4, MaxClip(is_column)))
        form = lambda v: VectorFormat(4, v, IntegerScale(4))
        by_length = {str(v): sqnr(x, form(v)) for v in (16, 32, 64)}
        beside = "one scale per column" if is_column else "one scale"
        gate = Gate(by_length["16"] - plain, limit, f"decibels over {beside}", True)
        details = {"plain_db": plain, "by_length_db": by_length}
        found.append(Row(f"vectors of 4 bits, {name}", gate, details=details))
    return found


def logarithm_rows() -> list[Row]:
    """The law of rounding, and the error of a dot product in bins."""
    x = jnp.exp2(-8 * jr.uniform(key_of(Draw.DATA, 2), (200_000, 1)))
    found = []
    for base_bits in (1, 3, 4):
        form = LogarithmicFormat(16, base_bits, FixedClip(1.0))
        error = np.asarray(form.quantise(x) / x - 1, float)
        largest = 2 ** (1 / 2 ** (base_bits + 1)) - 1
        gate = Gate(float(error.max()), 1.0001 * largest, "largest relative error")
        law = relative_error(2.0**base_bits)
        details = {"rms": float(np.sqrt(np.mean(error**2))), "law": law}
        found.append(
            Row(f"logarithms, base factor {2**base_bits}", gate, details=details)
        )
    w = jr.normal(key_of(Draw.DATA, 3), (64, 64))
    h = jr.normal(key_of(Draw.DATA, 4), (64, 100))
    form = LogarithmicFormat(8, 3)
    left, right = form.encode(w), form.encode(h)
    error = left.dot(right) - left.value.T @ right.value
    norm = jnp.sqrt((left.value**2).T @ right.value**2)
    rms = float(jnp.sqrt(jnp.mean((error / norm) ** 2)))
    gate = Gate(rms, 2e-4, "rms error over the root of the sum of squared terms")
    found.append(Row("logarithms, sums in 8 bins, table of 12 bits", gate))
    return found


def softermax_row() -> Row:
    """Errors of 64 random scores; networks with attention are not here yet."""
    x = 3 * jr.normal(key_of(Draw.DATA, 5), (500, 64))
    found, wanted = Softermax()(x), base_2_softmax(x)
    sums = np.asarray(jnp.sum(found, axis=1))
    gate = Gate(float(jnp.mean(jnp.abs(found - wanted))), 0.003, "mean absolute error")
    agree = jnp.mean((found.argmax(1) == wanted.argmax(1)).astype(x.dtype))
    details = {
        "largest": float(jnp.max(jnp.abs(found - wanted))),
        "row_sums": [float(sums.min()), float(sums.max())],
        "agreement": float(agree),
        "operations": [op._asdict() for op in Softermax().counts(64)],
    }
    return Row("softermax, 64 scores", gate, details=details)
