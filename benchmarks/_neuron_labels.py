"""Labels of SQ-DM on F1, where a neuron of a hidden layer stands for a channel."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from rram_ode.accelerators import ChannelEngines, foreseen, held, lagged, speed_up
from rram_ode.formats import UniformFormat
from rram_ode.samplers import Euler
from rram_ode.scores import QuantisedScore

from ._f1 import FIRST, STATE
from ._result import Gate, Row
from ._step_wise_rows import Plane


BATCH = 64  # samples that share labels
LOW = UniformFormat(4, is_signed=False)  # behind a ReLU
GAIN = 1.1


def label_row(plane: Plane) -> Row:
    """Speed-up with the labels of the step before, over that with the first step's."""
    own = plane.fixture.score
    others = len(own.network.weights) - 1
    weights = (FIRST, *[UniformFormat(4)] * others)
    score = QuantisedScore(own, weights, (STATE, *[LOW] * others))
    middle = jnp.full((plane.calibration.shape[1],), 0.5, plane.ts.dtype)
    score = score.calibrated(middle, plane.calibration)
    found = _zeros(score, plane.flow, plane.starts, plane.ts)
    apart = lambda z: np.asarray(z).reshape(*z.shape[:2], -1, BATCH).mean(axis=-1)
    zeros = {number: apart(z) for number, z in enumerate(found, start=1)}
    speeds = {
        rule.__name__: speed_up(zeros, own.sizes(), ChannelEngines(4, 4), rule)
        for rule in (lagged, held, foreseen)
    }
    gate = Gate(
        speeds["lagged"] / speeds["held"],
        GAIN,
        "speed-up over that with the labels of the first step",
        at_least=True,
    )
    means = {str(number): float(z.mean()) for number, z in zeros.items()}
    details = {
        "batch": BATCH,
        "speed_ups": speeds,
        "foreseen_over_held": speeds["foreseen"] / speeds["held"],
        "zeros": means,
    }
    return Row("SQ-DM, labels, F1", gate, details=details)


@eqx.filter_jit
def _zeros(score, flow, x1, ts):
    """Zero codes in front of each layer but the first, `(steps, neurons, samples)`."""

    def step(x, times):
        inputs = zip(score.inputs[1:], score.layer_inputs(times[0], x)[1:], strict=True)
        zeros = tuple((form.quantise(h) == 0).astype(x.dtype) for form, h in inputs)
        return Euler()(flow, score, x, times), zeros

    return lax.scan(step, x1, jnp.stack([ts[:-1], ts[1:]], axis=1))[1]
