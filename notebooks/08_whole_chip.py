# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The whole chip
#
# `ring` and `ring-64` have errors of all parts on: static errors of all blocks, a die of its own process corner, one
# day of age, the noise of supply, op-amps and converters; and the trims of a test bench. This notebook walks there from
# the ideal chip, a group of errors at a time, then asks what trims and a network made for the chip give back, how
# many chips are good, and what has to improve first. The last figure is about the paper's claim of co-design.
#
# A distance is in just-noticeable distances of the data (1 is a ring 20 % wider). What is shown is the chip's distance
# less that of its digital twin: the same network and the same starts, without errors.

# %%
import dataclasses
import json
import pathlib

import equinox as eqx
import jax
import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import rram_ode as rr
from rram_ode.plots import COLOURS, house_style
from rram_ode.studies import present_errors, program_weakened
from rram_ode.system import chip_key, NUM_SLOW, Repeat, run_key
from scipy.stats import binomtest


# %% [markdown]
# ## Groups of errors
#
# The names are those of `python -m rram_ode.budget`. Strength 0 takes an error away and 1 is the design's own, so that one compiled
# program serves every row of a table. All rows of a chip share its random numbers. Wires are left out here.

# %%
GROUPS = {
    "just\nwritten": (
        "write noise",
        "levels",
        "faults",
        "read noise",
        "1/f noise",
        "saturation",
        "time embedding",
        "converters",
    ),
    "static": ("op-amps", "multipliers", "row drivers", "rectifiers", "supplies"),
    "process": ("process",),
    "age": ("age",),
    "noise of\nblocks": ("circuit noise",),
}
ALL = [name for group in GROUPS.values() for name in group]
NUM, CHIPS = 400, 3


@eqx.filter_jit
def solve(machines, key, prior, run):
    """Ends of the same starts on each machine; the noise of all has one key."""
    first = jnp.zeros((), jnp.uint32)
    x1 = prior.sample(run, first, NUM, 2)

    def one(machine):
        chip, loop = machine
        return loop.solve(dataclasses.replace(chip, key=key), x1, first=first).x0.T

    return eqx.filter_vmap(one)(machines)


def beside_twin(system, rows):
    """Distances less the twin's, `(chips, rows)`, and those of fresh data, `(chips,)`."""
    names = present_errors(system.blueprint.design, system.chip_loop)
    assert set(names) == set(ALL)
    yardstick, found, floor = system.yardstick, [], []
    for seed in range(CHIPS):
        machines = []
        for row in rows:
            strengths = {name: jnp.asarray(float(name in row)) for name in names}
            machines.append(
                program_weakened(
                    system.blueprint, system.chip_loop, strengths, key=chip_key(seed)
                )
            )
        key = machines[0][0].key
        stack = lambda *x: jnp.stack(x) if eqx.is_array(x[0]) else x[0]
        machines = jax.tree.map(stack, *machines)
        clouds = np.asarray(solve(machines, key, system.prior, run_key(seed)))
        repeat = Repeat(NUM, seed)
        data = yardstick.embed(repeat.data(system))
        distance = lambda x, data=data: yardstick.distance(
            yardstick.embed(x, NUM_SLOW), data
        )
        twin = distance(repeat.digital(system))
        found.append([distance(x) - twin for x in clouds])
        floor.append(distance(repeat.fresh_data(system)))
    return np.array(found), np.array(floor)


# %% [markdown]
# ## From the ideal chip to the whole one
#
# The paper's network; a wider one as it comes from digital training; and the wider one that was trained on such chips.
# Errors add up from left to right, and the last point has the trims. The wider networks have eight cells a weight, the
# paper's has one.

# %%
NO_WIRES = {"crossbar.wires.word_line": 0.0, "crossbar.wires.bit_line": 0.0}
NETWORKS = {
    "2-14-14-2": ("ring", {}),
    "2-64-64-2": ("ring-64", {"checkpoint": "ring-64-fresh", **NO_WIRES}),
    "2-64-64-2, made for it": ("ring-64", NO_WIRES),
}
OFF = {
    "trim.rc": "off",
    "trim.scale": False,
    "trim.columns": "off",
    "trim.multipliers": False,
    "trim.repair": False,
    "trim.refit": False,
    "trim.spare_columns": 0,
    "trim.tracking": False,
}
LADDER = [[]]
for group in GROUPS.values():
    LADDER.append([*LADDER[-1], *group])
WITHOUT = [[n for n in ALL if n not in group] for group in GROUPS.values()]
bare, trimmed = {}, {}
for name, (preset, settings) in NETWORKS.items():
    system = rr.System.from_preset(preset, settings)
    bare[name], floor = beside_twin(system.replace(OFF), LADDER)
    trimmed[name], _ = beside_twin(system, [ALL, *WITHOUT])
print(
    f"fresh data of {NUM} samples: {floor.mean():+.2f}, spread {floor.std(ddof=1):.2f}"
)

# %%
STEPS = ["ideal", *("+ " + name for name in GROUPS), "trimmed"]
PALETTE = dict(zip(NETWORKS, COLOURS.values(), strict=True))
with house_style():
    figure, panel = plt.subplots(figsize=(8.5, 3.8))
    for number, name in enumerate(NETWORKS):
        values = np.concatenate([bare[name], trimmed[name][:, :1]], axis=1)
        place = np.arange(len(STEPS)) + 0.12 * (number - 1)
        for chip in values:
            panel.plot(place, chip, ".", color=PALETTE[name], alpha=0.6)
        panel.plot(
            place, np.median(values, axis=0), "-", color=PALETTE[name], label=name
        )
        shown = " ".join(f"{value:6.2f}" for value in np.median(values, axis=0))
        print(f"{name:24s} medians {shown}")
    panel.axhline(1, color="0.5", lw=1, ls="--")
    panel.set_xticks(range(len(STEPS)), STEPS)
    panel.set_yscale("symlog", linthresh=1)
    panel.set(ylabel="distance beyond the twin's")
    panel.legend()
plt.close(figure)
figure

# %% [markdown]
# ## How many chips are good
#
# A chip is good that lies at most one just-noticeable distance farther from the data than its twin. `python -m benchmarks
# default_chip` has more chips, and enough samples to tell one from another. Intervals are Wilson's, of 95 %.

# %%
path = pathlib.Path("../benchmarks/results/default_chip.json")
result = json.loads(path.read_text())
print(f"{result['num_samples']:,} samples a chip")
with house_style():
    figure, panel = plt.subplots(figsize=(6.4, 3.0))
    for row in result["rows"]:
        beyond = np.sort(np.array(row["chips"]) - np.array(row["twins"]))
        good = int((beyond <= 1).sum())
        low, high = binomtest(good, beyond.size).proportion_ci(0.95, method="wilson")
        print(
            f"{row['case']:16s} {good} of {beyond.size} good, {good / beyond.size:.0%} "
            f"({low:.0%} to {high:.0%})"
        )
        share = np.arange(1, beyond.size + 1) / beyond.size
        panel.step(beyond, 100 * share, where="post", label=row["case"])
    panel.axvline(1, color="0.5", lw=1, ls="--")
    panel.set_xscale("symlog", linthresh=1)
    panel.set(xlabel="distance beyond the twin's", ylabel="chips (%)", ylim=(0, 103))
    panel.legend()
plt.close(figure)
figure

# %% [markdown]
# ## What has to improve first
#
# The whole chip, trimmed, without one group. The trims see the chip without it, too. A group whose absence does not
# shorten the bar is not worth more accuracy: trims take it off already, or another one rules.

# %%
CASES = ["whole", *("no " + name.replace("\n", " ") for name in GROUPS)]
with house_style():
    figure, axes = plt.subplots(1, len(NETWORKS), figsize=(10, 3.0), sharey=True)
    for panel, name in zip(axes, NETWORKS, strict=True):
        values = trimmed[name]
        panel.barh(CASES, values.mean(axis=0), color=PALETTE[name], alpha=0.5)
        for chip in values:
            panel.plot(chip, CASES, ".", color=PALETTE[name])
        panel.set(title=name, xlabel="distance beyond the twin's")
        saved = values[:, :1] - values[:, 1:]
        best = int(saved.mean(axis=0).argmax())
        gain, error = saved[:, best].mean(), saved[:, best].std(ddof=1) / np.sqrt(CHIPS)
        print(f"{name:24s} {CASES[1 + best]}: {gain:.2f} +- {error:.2f} nearer")
    axes[0].invert_yaxis()
plt.close(figure)
figure

# %% [markdown]
# ## Co-design: noise, training and equation
#
# The paper trains with noise on the weights and says that the analog solver is then robust. Four machines in the same
# cells, 20 to 80 µS against a fixed reference: a network trained without noise and one trained on chips with write error;
# each by the probability-flow ODE and by the reverse SDE, whose injected noise makes it forget its earlier errors. Write
# error stays for the life of a chip, read noise returns in each solve and is told in a band of 1 MHz. Distances to the
# data, not less a twin's, since the two equations have different twins.

# %%
NOISES = {"cell.write.std": (0, 0.5, 1, 2), "cell.read.white.std": (0, 1, 3, 10)}
TRAINED = {"ring-64-fresh": "trained without", "ring-64-robust": "trained on chips"}
EQUATIONS = {"probability-flow": ("ODE", "-"), "reverse-sde": ("SDE", "--")}
LABELS = {"cell.write.std": "write error", "cell.read.white.std": "read noise"}
QUIET = 1e-9  # S, in place of none: one program for all


def distance_at(checkpoint, process, name, value):
    """Distances of two chips to their data, in just-noticeable distances."""
    noise = {each: QUIET for each in NOISES} | {name: max(value * 1e-6, QUIET)}
    system = rr.System.from_preset(
        "ring-64-robust",
        {"checkpoint": checkpoint, "solve.process": process, **noise},
    )
    found = []
    for seed in range(2):
        repeat = Repeat(2 * NUM, seed)
        x = repeat.analog(system, system.program(seed)).x
        data = repeat.data(system)
        found.append(system.yardstick.measure(x, data, NUM_SLOW).value)
    return found


with house_style():
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
    for panel, (name, values) in zip(axes, NOISES.items(), strict=True):
        for checkpoint, trained in TRAINED.items():
            colour = COLOURS["digital" if checkpoint == "ring-64-fresh" else "analog"]
            for process, (equation, dash) in EQUATIONS.items():
                found = np.array(
                    [distance_at(checkpoint, process, name, v) for v in values]
                )
                label = f"{trained}, {equation}"
                panel.plot(values, found.mean(axis=1), dash, color=colour, label=label)
                panel.plot(values, found, ".", color=colour)
                shown = " ".join(f"{mean:7.2f}" for mean in found.mean(axis=1))
                print(f"{name:20s} {label:22s} {shown}")
        panel.set(xlabel=f"{LABELS[name]} (µS)")
        panel.set_yscale("symlog", linthresh=1)
        panel.axhline(1, color="0.5", lw=1, ls=":")
    axes[0].set_ylabel("just-noticeable distances")
    axes[0].legend()
plt.close(figure)
figure

# %% [markdown]
# Read noise is fast beside a solve, and the integrators average it: a cell may have more of it than of write error, which
# stays. Training on chips carries over from the noise that it met to the one that it did not. On noisy cells the training
# decides, and not the equation: a noise that is injected on purpose does not undo a score that is wrong.
