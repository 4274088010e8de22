"""Training with weights that are stored in few bits alone: LNS-Madam and its rivals.

F1 is trained from the start: logarithmic weights by LNS-Madam, integers by Adam and by
SGD. No copy of higher precision is kept. Learning rate, range and base factor of each
are tuned on a seed and data of their own; three other seeds judge.
"""

import dataclasses
import itertools
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from rram_ode.formats import (
    LogarithmicFormat,
    round_gradient,
)
from rram_ode.scores import QuantisedScore
from tqdm import tqdm

from ._f1 import (
    BATCH,
    Draw,
    Fixture,
    judged,
    key_of,
    loss,
    NUM_JUDGE,
    starting_weights,
    train,
    untrained_f1,
)
from ._harness import run
from ._held_weights import candidates, OPTIMISERS, Setting
from ._result import Gate, Row


RIVAL = "Adam in single precision; Adam and SGD on integers of as many bits"
NUM_SEEDS = 3
STEPS = 2000
NO_WORSE = 1.10  # of the loss of Adam in single precision
BITS = (12, 10, 8, 6)
PAPER = {  # bits, logarithm of the base factor, whether it has to be worse
    "12 bits, base factor 128": (12, 7, False),
    "10 bits, base factor 128": (10, 7, False),
    "8 bits, base factor 8": (8, 3, True),
}
PAPER_RATE, PAPER_BOUND, PAPER_STEPS = 1 / 128, 3.0, 6000
GRADIENTS = ((5, 0), (5, 1))  # bits and logarithm of the base factor
WHAT = "loss over that of Adam in single precision"


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Rows by bits, of the paper's constants, of a coarse base, of short gradients."""
    del options
    fixture, params = untrained_f1(), starting_weights(NUM_SEEDS)
    keys = jnp.stack([key_of(Draw.TRAINING, seed) for seed in range(NUM_SEEDS)])
    names = [("single", 16), *itertools.product(("LNS-Madam", "Adam", "SGD"), BITS)]
    total = len(names) + 1 + len(PAPER) + len(GRADIENTS)
    with tqdm(total=total, unit="training", desc="logarithmic_training") as bar:
        found = {}
        for name, bits in names:
            found[name, bits] = held(name, bits, fixture, params, keys)
            bar.update()
        single = found["single", 16]
        best = {bits: found["LNS-Madam", bits].setting for bits in BITS}
        made = [by_bits(found, bits) for bits in BITS]
        run_long = lambda name, setting: judged_setting(
            name, setting, fixture, params, keys, PAPER_STEPS
        )
        long = run_long("single", found["single", 16].setting)
        bar.update()
        for case, (bits, base_bits, is_worse) in PAPER.items():
            values = PAPER_RATE, PAPER_BOUND, bits, base_bits
            one = run_long("constant", Setting(*map(jnp.asarray, values)))
            made.append(one.row(f"the paper's rate and bound, {case}", long, is_worse))
            bar.update()
        for gradients in GRADIENTS:
            one = short_gradients(fixture, best[12], params, keys, gradients)
            bits, base_bits = gradients
            case = f"8-bit forward, {bits}-bit gradients of base factor {2**base_bits}"
            made.append(one.row(case, single))
            bar.update()
    tuned = {
        f"{name}, {bits} bits": {k: float(v) for k, v in each.setting._asdict().items()}
        for (name, bits), each in found.items()
    }
    steps = {"tuned": STEPS, "paper": PAPER_STEPS}
    return made, {"num_seeds": NUM_SEEDS, "steps": steps, "tuned": tuned}


class Held(NamedTuple):
    """What one setting reached: the loss of each seed, and the seconds it took."""

    setting: Setting
    losses: np.ndarray
    seconds: float

    @property
    def mean(self) -> float:
        """Over the seeds."""
        return float(self.losses.mean())

    def row(self, case: str, single: "Held", is_worse: bool = False) -> Row:
        """A row beside Adam in single precision; a control has to be worse."""
        gate = Gate(self.mean / single.mean, NO_WORSE, WHAT, is_worse)
        details = {"loss": self.mean, "seeds": self.losses.tolist()}
        return Row(case, gate, self.seconds, details=details)


def by_bits(found: dict[tuple[str, int], Held], bits: int) -> Row:
    """LNS-Madam of `bits` beside both rivals of as many."""
    ours, adam, sgd = (found[name, bits] for name in ("LNS-Madam", "Adam", "SGD"))
    row = ours.row(f"LNS-Madam, {bits} bits", found["single", 16])
    details = {
        **row.details,
        "single": found["single", 16].mean,
        "adam": adam.mean,
        "adam_seeds": adam.losses.tolist(),
        "sgd": sgd.mean,
        "sgd_seeds": sgd.losses.tolist(),
        "over_adam": ours.mean / adam.mean,
        "over_sgd": ours.mean / sgd.mean,
        "over_rivals": ours.mean / min(adam.mean, sgd.mean),
    }
    target = "over_rivals", "<=", 1.0
    return dataclasses.replace(row, target=target, details=details)


@eqx.filter_jit
def held_losses(
    name: str,
    fixture: Fixture,
    settings: Setting,
    params: Any,
    keys: Any,
    judge: Any,
    steps: int,
    batch: int = BATCH,
):
    """Losses of one training for each setting, start and key."""
    data = fixture.batch(NUM_JUDGE, judge)

    def one(each):
        setting, start, key = each
        optimiser = OPTIMISERS[name](setting, steps)
        build = fixture.with_parameters
        after = train(fixture, start, build, optimiser, steps, batch, key)
        return loss(build(after), data)

    return jax.lax.map(one, (settings, params, keys), batch_size=4)


def repeated(tree: Any, num: int) -> Any:
    """`tree` stacked so many times."""
    return jax.tree.map(lambda x: jnp.broadcast_to(x, (num, *x.shape)), tree)


def tune(name: str, bits: int, fixture: Fixture, steps: int) -> Setting:
    """The candidate with the least loss, on a seed and data that judge nothing."""
    settings = candidates(name, bits)
    num = settings.rate.size
    start = jax.tree.map(lambda x: x[0], starting_weights(1, first=NUM_SEEDS))
    keys = jnp.stack([key_of(Draw.TUNING)] * num)
    losses = held_losses(
        name,
        fixture,
        settings,
        repeated(start, num),
        keys,
        key_of(Draw.TUNING_JUDGE),
        steps,
    )
    best = int(np.nanargmin(np.asarray(losses)))
    return jax.tree.map(lambda x: x[best], settings)


def held(name: str, bits: int, fixture: Fixture, params: Any, keys: Any) -> Held:
    """Tune, then judge on other seeds and other data."""
    return judged_setting(name, tune(name, bits, fixture, STEPS), fixture, params, keys)


def judged_setting(
    name: str,
    setting: Setting,
    fixture: Fixture,
    params: Any,
    keys: Any,
    steps: int = STEPS,
) -> Held:
    """The losses of all seeds."""
    many, judge = repeated(setting, NUM_SEEDS), key_of(Draw.JUDGE)
    call = lambda: held_losses(name, fixture, many, params, keys, judge, steps)
    seconds, losses = run(call)
    return Held(setting, np.asarray(losses), seconds)


def short_gradients(
    fixture: Fixture, setting: Setting, params: Any, keys: Any, bits: tuple[int, int]
) -> Held:
    """The losses in the forward formats after training with short gradients."""
    call = lambda: low_precision(fixture, setting, params, keys, bits, STEPS)
    seconds, losses = run(call)
    return Held(setting, np.asarray(losses), seconds)


@eqx.filter_jit
def low_precision(
    fixture: Fixture,
    setting: Setting,
    params: Any,
    keys: Any,
    gradients: tuple[int, int],
    steps: int,
    batch: int = BATCH,
):
    """Losses in the forward formats after training with gradients of few bits.

    Weights and inputs of all layers have 8 bits and base factor 8 in the forward pass;
    gradients of sums and of weights have `gradients` bits and base bits; weights are
    stored as `setting` says.
    """
    form, backward = LogarithmicFormat(8, 3), LogarithmicFormat(*gradients)

    def build(p):
        p = jax.tree.map(lambda x: round_gradient(x, backward), p)
        score = fixture.with_parameters(p)
        return QuantisedScore(score, (form,) * 3, (form,) * 3, backward)

    def one(pair):
        start, key = pair
        optimiser = OPTIMISERS["LNS-Madam"](setting, steps)
        return train(fixture, start, build, optimiser, steps, batch, key)

    after = jax.lax.map(one, (params, keys), batch_size=4)
    return judged(fixture, after, build)
