"""The probability flow by diffrax, features first, against torchdiffeq.

Same network, same weights, same starts, float32, one core. Both take the method's plain
form: a fixed grid of 100 steps, or one step size for the whole batch. torchdiffeq's
`rk4` is Kutta's 3/8 rule, so ours is too. Of dopri5 both have the same first step and
end on the last time, and their controllers agree otherwise: both take the same steps.
(At this tolerance each is 1e-2 off the exact flow in the worst sample: the network has
kinks, and one mean over the batch judges a step.)

`own_steps` in the file is no comparison, for torchdiffeq has no such call: dopri5 with
an error estimate and steps of each sample's own.
"""

import importlib
from collections.abc import Callable
from typing import Any, ClassVar

import diffrax as dfx
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from rram_ode.scores import AbstractScore
from rram_ode.sdes import ProbabilityFlow

from ._harness import compare, missing
from ._problem import Problem, problem, starts
from ._result import Gate, Row


RIVAL = "torchdiffeq 0.2.5 on torch 2.13.0"
SIZES = (1_000, 10_000)
NUM_STEPS = 100
FINE = 2_000
TOLERANCE = 1e-5
FIRST_STEP = 0.01
LIMIT = 1e-4
LEAST = 6.0
METHODS = ("euler", "rk4", "dopri5")


class Kutta38(dfx.AbstractERK):
    """Kutta's 3/8 rule, of fourth order, for fixed steps (it has no error estimate)."""

    tableau: ClassVar[dfx.ButcherTableau] = dfx.ButcherTableau(
        a_lower=(
            np.array([1 / 3]),
            np.array([-1 / 3, 1.0]),
            np.array([1.0, -1.0, 1.0]),
        ),
        b_sol=np.array([1 / 8, 3 / 8, 3 / 8, 1 / 8]),
        b_error=np.zeros(4),
        c=np.array([1 / 3, 2 / 3, 1.0]),
    )
    interpolation_cls: ClassVar[Callable[..., Any]] = dfx.Heun.interpolation_cls

    def order(self, terms) -> int:
        """4."""
        del terms
        return 4


SOLVERS: dict[str, dfx.AbstractSolver] = {
    "euler": dfx.Euler(),
    "rk4": Kutta38(),
    "dopri5": dfx.Dopri5(),
}


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Euler-100, RK4-100 and dopri5, each for 1,000 and 10,000 samples."""
    del options
    cases = [f"{method}, {size} samples" for method in METHODS for size in SIZES]
    reason = missing("torch", "torchdiffeq")
    if reason is not None:
        return [Row(case, skipped=reason) for case in cases], {}
    task = problem("ring-fresh")
    found = [_row(task, method, size) for method in METHODS for size in SIZES]
    own = [_row(task, "dopri5", size, own_steps=True).as_dict() for size in SIZES]
    return found, {
        "steps": NUM_STEPS,
        "tolerance": TOLERANCE,
        "own_steps": [{k: v for k, v in row.items() if k != "gate"} for row in own],
    }


def _row(task: Problem, method: str, size: int, *, own_steps: bool = False) -> Row:
    x1 = starts(size)
    t0 = jnp.asarray(task.config.solve.t0)
    ours = _ours_each if own_steps else _ours
    rival = _torch_flow(task, method, np.asarray(x1).T)
    timing = compare(
        lambda: ours(task.process, task.score, t0, x1, method=method),
        rival,
    )
    x0, evaluations = timing.ours
    theirs, rival_evaluations = timing.rival
    gate = Gate(
        float(np.max(np.abs(np.asarray(x0).T - theirs.numpy()))),
        LIMIT,
        "largest difference of the samples",
    )
    errors = {}
    if method == "dopri5":
        exact = np.asarray(_fine(task.process, task.score, t0, x1))
        distance = np.asarray(x0) - exact, theirs.numpy().T - exact
        names = ("error", "rival_error")
        for name, d in zip(names, distance, strict=True):
            errors[f"rms_{name}"] = float(np.sqrt(np.mean(d**2)))
            errors[f"largest_{name}"] = float(np.max(np.abs(d)))
    return Row(
        f"{method}{', own steps' if own_steps else ''}, {size} samples",
        gate,
        timing.ours_s,
        timing.rival_s,
        timing.compile_s,
        None if own_steps else ("ratio", ">=", LEAST),
        {
            **timing.details(),
            "num_evaluations": float(jnp.mean(evaluations)),
            "rival_num_evaluations": rival_evaluations,
            **errors,
        },
    )


def _solve(
    process: ProbabilityFlow,
    score: AbstractScore,
    t0,
    x1,
    method: str,
    num_steps: int = NUM_STEPS,
):
    """Samples and evaluations of the score, by one call of diffrax."""
    if method == "dopri5":
        controller = dfx.PIDController(rtol=TOLERANCE, atol=TOLERANCE)
        dt0 = -FIRST_STEP
    else:
        dt0 = None
        controller = dfx.StepTo(ts=jnp.linspace(1.0, t0, num_steps + 1))
    solution = dfx.diffeqsolve(
        dfx.ODETerm(lambda t, x, args: process.velocity(score, jnp.asarray(t), x)),
        SOLVERS[method],
        1.0,
        t0,
        dt0,
        x1,
        stepsize_controller=controller,
        saveat=dfx.SaveAt(t1=True),
        adjoint=dfx.ForwardMode(),
        max_steps=None,
    )
    # First same as last: six evaluations a step of dopri5, and the very first one.
    stages, extra = {"euler": (1, 0), "rk4": (4, 0), "dopri5": (6, 1)}[method]
    assert solution.ys is not None
    return solution.ys[0], stages * solution.stats["num_steps"] + extra


@eqx.filter_jit
def _ours(process, score, t0, x1, *, method):
    return _solve(process, score, t0, x1, method)


@eqx.filter_jit
def _ours_each(process, score, t0, x1, *, method):
    one = lambda x1: _solve(process, score, t0, x1, method)
    return jax.vmap(one, in_axes=-1, out_axes=(-1, 0))(x1)


@eqx.filter_jit
def _fine(process, score, t0, x1):
    return _solve(process, score, t0, x1, "rk4", FINE)[0]


def _torch_flow(task: Problem, method: str, x1: np.ndarray) -> Callable[[], Any]:
    """The same flow in torch, samples first."""
    torch = importlib.import_module("torch")  # the rival need not be installed
    odeint = importlib.import_module("torchdiffeq").odeint

    torch.set_num_threads(1)
    tensor = lambda x: torch.tensor(np.asarray(x, np.float32))
    network = task.score.network
    layers = [
        (tensor(w).T.contiguous(), tensor(b))
        for w, b in zip(network.weights, network.biases, strict=True)
    ]
    frequencies = tensor(2 * np.pi * network.frequencies)
    factor, k = float(network.output_factor), float(task.process.beta_factor)
    low, high = float(task.config.sde.beta_min), float(task.config.sde.beta_max)
    num_evaluations = 0

    def velocity(t, x):
        nonlocal num_evaluations
        num_evaluations += 1
        phase = frequencies * t
        embedding = torch.cat([torch.sin(phase), torch.cos(phase)])
        h = x
        for w, b in layers[:-1]:
            h = torch.relu(torch.nn.functional.linear(h, w, b + embedding))
        output = torch.nn.functional.linear(h, *layers[-1])
        beta = k * (low + (high - low) * t)
        return -0.5 * beta * (x + factor * output)

    start, ts = tensor(x1), tensor([1.0, task.config.solve.t0])
    grid = torch.linspace(1.0, task.config.solve.t0, NUM_STEPS + 1)
    settings: dict[str, Any] = {"method": method}
    if method == "dopri5":
        options = {"first_step": FIRST_STEP, "step_t": ts[1:]}
        settings |= {"rtol": TOLERANCE, "atol": TOLERANCE, "options": options}
    else:
        settings["options"] = {"grid_constructor": lambda func, y0, t: grid}

    def solve():
        nonlocal num_evaluations
        num_evaluations = 0
        with torch.inference_mode():
            x0 = odeint(velocity, start, ts, **settings)[-1]
        return x0, num_evaluations

    return solve
