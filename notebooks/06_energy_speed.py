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
# # Energy and speed: what does a sample cost, and who wins where?
#
# Every number here is a model of stated constants, each with a range and a source or the word "assumed"; intervals are
# 90 % over those ranges. `python -m rram_ode.compare` makes the whole table at equal quality.

# %%
import json
import pathlib

import matplotlib.pyplot as plt
import numpy as np
from rram_ode._run import assemble, energy_model, run_analog
from rram_ode.accelerators import all_constants
from rram_ode.energy import CONSTANTS, nominals, propagate
from rram_ode.plots import COLOURS, house_style
from rram_ode.presets import PRESETS


# %% [markdown]
# ## One sample of the default chip, part by part
#
# The cells' own share is integrated along the trajectories of a run; the rest is the static power of its parts, sized
# for the solve. Two machines that are never mixed: one chip (a projection) and a board of discrete parts.

# %%
system = assemble(PRESETS["ring"][0], None)
chip = system.chip(0)
seen = run_analog(system, chip, 2000, 0).array_power
models = {row: energy_model(system, chip, seen, row) for row in ("integrated", "board")}
with house_style():
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.2))
    for panel, (row, model) in zip(axes, models.items(), strict=True):
        parts = model(nominals(CONSTANTS)).breakdown
        names = sorted(parts, key=lambda name: parts[name])
        panel.barh(
            names, [parts[name] * 1e9 for name in names], color=COLOURS["analog"]
        )
        panel.set(xscale="log", xlabel="nJ a sample", title=row)
plt.close(figure)
figure

# %% [markdown]
# ## Which assumption moves it most
#
# The energy of the integrated chip with one constant at the ends of its range, all others nominal.

# %%
total = lambda values: models["integrated"](values).energy
spread = propagate(total, CONSTANTS)
with house_style():
    figure, panel = plt.subplots(figsize=(8, 3.6))
    for place, (low, high) in enumerate(list(spread.swings.values())[:8]):
        panel.plot(
            [low * 1e6, high * 1e6], [place, place], lw=8, color=COLOURS["analog"]
        )
    panel.set_yticks(range(8), list(spread.swings)[:8])
    panel.axvline(spread.nominal * 1e6, color="k", lw=1)
    panel.invert_yaxis()
    panel.set(xscale="log", xlabel="µJ a sample")
plt.close(figure)
figure

# %%
print(
    f"{spread.nominal * 1e6:.2f} µJ ({spread.low * 1e6:.2f} to {spread.high * 1e6:.2f}), of {len(spread.used)} constants"
)

# %% [markdown]
# ## Does analog win on a wider network?
#
# With n inputs a column's noise gain grows as n if weights keep their size, as √n if they shrink as 1 / √n; each
# op-amp's bandwidth grows with it, so that a layer's static power goes as n² or n^1.5. Products go as n². The chip
# `ring-64` was run; the rest are these laws (`python -m benchmarks crossover`). Digital: six steps of Heun, the number
# that equals the chip `ring`; engine: operations times energy, GPU: wall power times wall time at batch 1.

# %%
result = json.loads(pathlib.Path("../benchmarks/results/crossover.json").read_text())
rows = [row for row in result["rows"] if "tiles" not in row["law"]]
laws = list(dict.fromkeys(row["law"] for row in rows))
RIVALS = {"engine-int8": "ideal 45 nm INT8 engine", "a100": "A100, batch 1"}


def band(panel, x, numbers, **style):
    nominal, low, high = (
        np.array([n[k] for n in numbers]) for k in ("nominal", "low", "high")
    )
    (line,) = panel.plot(x, nominal, **style)
    panel.fill_between(x, low, high, color=line.get_color(), alpha=0.15)


def crossover(panel):
    for number, law in enumerate(laws):
        some = [row for row in rows if row["law"] == law]
        x = [row["width"] for row in some]
        band(
            panel,
            x,
            [row["analog_j"] for row in some],
            color=f"C{number}",
            label=f"one chip, {law}",
        )
    for number, (rival, name) in enumerate(RIVALS.items(), start=2):
        band(
            panel,
            x,
            [row["digital_j"][rival] for row in some],
            color=f"C{number}",
            label=name,
        )
    for name, style in zip(some[0]["limits_j"], (":", "--", "-."), strict=True):
        panel.plot(
            x, [row["limits_j"][name] for row in some], f"k{style}", lw=0.9, label=name
        )
    panel.set(
        xscale="log",
        yscale="log",
        xlabel="hidden units a layer",
        ylabel="joules a sample",
    )
    panel.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8)


with house_style():
    figure, panel = plt.subplots(figsize=(9.5, 4.6))
    crossover(panel)
plt.close(figure)
figure

# %%
for law, each in result["crossings"].items():
    for rival, widths in each.items():
        print(
            f"{law:42} {RIVALS[rival]:26} crosses at {widths or 'no width from 8 to 4096'}"
        )
print(
    "the law over the chip `ring` at 14 wide:",
    {k: round(v, 2) for k, v in result["law_over_chip_14"].items()},
)

# %% [markdown]
# ## Solve time and batch
#
# Left: the same chip redesigned for each duration; its op-amps cost an energy that does not depend on it, what is
# always on costs its power. Right: digital machines share launches and weights among a batch.

# %%
with house_style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8))
    times = result["times"]
    band(
        left,
        [t["duration_s"] * 1e6 for t in times],
        [t["analog_j"] for t in times],
        color=COLOURS["analog"],
    )
    left.set(
        xscale="log",
        yscale="log",
        xlabel="duration of a solve (µs)",
        ylabel="joules a sample, `ring-64`",
    )
    for number, (rival, name) in enumerate(RIVALS.items(), start=2):
        batches = result["batches"]
        label = name.removesuffix(", batch 1")
        band(
            right,
            [b["batch"] for b in batches],
            [b[rival] for b in batches],
            color=f"C{number}",
            label=label,
        )
    right.set(
        xscale="log", yscale="log", xlabel="batch", ylabel="joules a sample, 64 wide"
    )
    right.legend()
plt.close(figure)
figure

# %% [markdown]
# On this network the paper's fair rival is neither a GPU that starts one tiny program after another, which loses by
# orders of magnitude, nor 10,000 Euler steps: it is a small engine, which on these constants needs less than the chip
# at every width drawn. The GPU's column counts a whole processor, the engine's an ideal array; neither is the other.

# %%
constants = all_constants()
assumed = [name for name, constant in constants.items() if "assumed" in constant.source]
print(f"{len(constants)} constants, {len(assumed)} of them assumed")
