"""Chips whose one array is switched between labels, and their loops."""

import dataclasses

import equinox as eqx
import jax.random as jr
from _guided import blueprint, CLOCK, labels, loop_of, WEIGHT
from rram_ode.blocks import HoldSpread
from rram_ode.chip import SwitchedNetwork
from rram_ode.loop import switch_loop


HOLDS = HoldSpread(1e-12)  # of 1 pF, without errors


def switched(holds=HOLDS, weight=WEIGHT, **design):
    """A blueprint of chips with one array in turns."""
    made = blueprint(weight, **design)
    assert made.design.guidance is not None  # by its weight
    guidance = dataclasses.replace(made.design.guidance, holds=holds)
    return dataclasses.replace(
        made, design=dataclasses.replace(made.design, guidance=guidance)
    )


def chip_of(holds=HOLDS, seed=0, label=None, **design):
    """A chip that is guided to each class, or to one."""
    chip = switched(holds, **design).program(jr.key(seed))
    return chip.of_class(labels() if label is None else label)


def switched_loop(periods, **how):
    """With as many steps as the switches need, and 100 at least."""
    how = {"num_steps": max(100, 4 * periods), **how}
    return switch_loop(loop_of(**how), periods / float(CLOCK.duration))


def network_of(chip):
    assert isinstance(chip.score, SwitchedNetwork)
    return chip.score


@eqx.filter_jit
def solve(loop, chip, x1):
    return loop.solve(chip, x1).x0
