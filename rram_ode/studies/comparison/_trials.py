"""Networks on which techniques are tried, with the starts and the judge of each."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from ..._core._streams import TrialStream
from ...accelerators import generate, Starts
from ...energy import picture_sampler_work, sampler_work, Work
from ...samplers import Euler
from ...scores import AbstractPictureScore
from ...sdes import ProbabilityFlow
from ...system import make_yardstick, Repeat, run_key, System, Yardstick
from ...training import PICTURE_NETWORKS, shipped_picture_network
from ._plan import Referee
from ._runs import diffusion_times, Standing, STEPS
from ._technique_rows import Trial


NETWORK_OF_DATA = {"digits": "digits-unet-relu"}


FEW_STEPS = (5, 10, 20, 50)  # of networks whose evaluations take long


NUM_CALIBRATION = 1024


FEW_CALIBRATION = 64


FIRST = 2**30  # number of the first start of the calibration: no run comes so far


def own_trial(
    system: System, standing: Standing, referee: Referee, guess: int | None = None
) -> Trial:
    """The chip's own network, from the starts of the chips' runs.

    Args:
        system: The system.
        standing: The analog machine's runs.
        referee: Judge of samples.
        guess: Number of steps that is tried first, such as that of Euler's method
            without a technique; `None` for the most.
    """
    plan, score = standing.plan, system.twin.score
    beta_factor = system.config.solve.beta_factor
    per_loading = system.config.power.programming_samples

    def work(num_steps: int) -> Work:
        own = sampler_work(Euler(), num_steps, system.checkpoint.score.network)
        return dataclasses.replace(own, samples_per_loading=per_loading)

    return Trial(
        "",
        score,
        Euler().process_along(system.checkpoint.sde, beta_factor),
        # Without repeats of the last time, at which each layer would run in vain.
        lambda num_steps: diffusion_times(system, num_steps)[: num_steps + 1],
        work,
        STEPS,
        _starts(system, Repeat(NUM_CALIBRATION, plan.seed, FIRST)),
        _judged(system, standing),
        referee,
        standing.analog.distances,
        "the analog machine",
        plan.margin,
        guess,
    )


def network_trial(
    system: System, standing: Standing, referee: Referee, name: str
) -> Trial:
    """Another network of the same data, from the same starts, of the same classes."""
    score = shipped_picture_network(name).score
    own = own_trial(system, standing, referee)
    return dataclasses.replace(
        own,
        network=name,
        score=score,
        process=ProbabilityFlow(score.preconditioning.sde),
        work=lambda num_steps: picture_sampler_work(Euler(), num_steps, score),
        steps=FEW_STEPS,
        calibration=_starts(system, Repeat(FEW_CALIBRATION, standing.plan.seed, FIRST)),
        guess=None,
    )


def free_trial(
    name: str, num_samples: int, num_repeats: int, seed: int, margin: float
) -> tuple[Trial, Yardstick]:
    """A network that no chip holds, beside itself in most steps.

    Args:
        name: One of `PICTURE_NETWORKS`.
        num_samples: Samples of a repeat.
        num_repeats: Independent repeats, each with starts and data of its own.
        seed: Seed of all of them.
        margin: Difference that one would just accept, in just-noticeable distances.
    """
    dataset = PICTURE_NETWORKS[name].data()
    yardstick = make_yardstick(dataset)
    score = shipped_picture_network(name).score
    key = jr.key(seed)
    parts = [
        draw_starts(score, num_samples, jr.fold_in(jr.fold_in(key, stream), number))
        for stream, numbers in (
            (TrialStream.CALIBRATION, range(1)),
            (TrialStream.JUDGED, range(num_repeats)),
        )
        for number in numbers
    ]
    data = jr.fold_in(key, TrialStream.DATA)
    targets = [
        yardstick.embed(
            np.asarray(dataset.sample(num_samples, key=jr.fold_in(data, number)))
        )
        for number in range(num_repeats)
    ]
    own = lambda n, x: yardstick.distance(yardstick.embed(x), targets[n])
    calibration, *judged = parts
    few = Starts(
        calibration.x1[:, :FEW_CALIBRATION],
        None if calibration.labels is None else calibration.labels[:FEW_CALIBRATION],
    )
    trial = Trial(
        name,
        score,
        ProbabilityFlow(score.preconditioning.sde),
        lambda num_steps: jnp.linspace(1.0, 1e-3, num_steps + 1),
        lambda num_steps: picture_sampler_work(Euler(), num_steps, score),
        FEW_STEPS,
        few,
        judged,
        own,
        np.zeros(num_repeats),
        f"the same network in {FEW_STEPS[-1]} steps",
        margin,
    )
    best = [
        np.asarray(
            generate(
                each.asked(score), trial.process, each.x1, trial.times(FEW_STEPS[-1])
            )
        ).T
        for each in judged
    ]
    reference = np.array([own(n, x) for n, x in enumerate(best)])
    return dataclasses.replace(trial, reference=reference), yardstick


def draw_starts(score: AbstractPictureScore, num: int, key) -> Starts:
    """Starts of unit variance, and classes that are equally likely."""
    start_key, label_key = jr.split(key)
    return Starts(
        jr.normal(start_key, (score.dim, num)),
        jr.randint(label_key, (num,), 0, score.num_classes),
    )


def _judged(system: System, standing: Standing) -> list[Starts]:
    """The starts of all runs of each chip."""
    plan, found = standing.plan, []
    for number in range(plan.num_chips):
        each = [_starts(system, repeat) for repeat in plan.runs(number)]
        x1 = jnp.concatenate([one.x1 for one in each], axis=1)
        labels = [one.labels for one in each if one.labels is not None]
        found.append(Starts(x1, jnp.concatenate(labels) if labels else None))
    return found


def _starts(system: System, repeat: Repeat) -> Starts:
    """The starts of a run, and the classes that it asks for."""
    key, first = run_key(repeat.seed), jnp.asarray(repeat.first, jnp.uint32)
    dim = system.twin.score.dim
    return Starts(*_begin(system.prior, key, first, repeat.num, dim))


@eqx.filter_jit
def _begin(prior, key, first, num, dim):
    """Starts, and the classes that are asked for."""
    return prior.sample(key, first, num, dim), prior.labels(key, first, num)
