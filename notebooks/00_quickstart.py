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
# # A ring from a simulated analog chip
#
# A score network of 282 parameters is written onto resistive cells. An analog loop of crossbars, amplifiers and
# integrators then solves the probability-flow ODE in 20 µs of circuit time, from a Gaussian start to a sample.
# This notebook programs one chip, looks at what is on it, runs it beside the digital sampler, and asks how much
# write error it stands.

# %%
import json
import pathlib

import matplotlib.pyplot as plt
import numpy as np
import rram_ode as rr
from rram_ode.plots import COLOURS, house_style


# %% [markdown]
# ## Program a chip
#
# A system is a network, the kind of chip that holds it, and the loop around the chip. The chip's seed is its
# identity: write noise, stuck cells, mismatch, and the noise that goes on in lab time.

# %%
system = rr.System.from_preset("ring")
system

# %%
chip = system.program(seed=0)
peak = system.check(chip)
print(f"largest multiplier factor {peak:.3f} of full scale 1")
chip

# %% [markdown]
# Each weight is a pair of cells, each column has its own scale. What is on the chip differs from what was meant by
# the relaxation of a measured device (CMO/HfOx) over one day, its write error and 1,024 levels. Units of activation
# become volts, and currents volts again by a feedback resistor per column:

# %%
layer = chip.score.layers[1]
with house_style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
    for name, volts in zip(
        ("hidden 1", "hidden 2"), chip.score.volts[1:3], strict=True
    ):
        left.plot(1e3 * np.asarray(volts), "o", label=name)
    left.set(title="volts per unit of activation", xlabel="column", ylabel="mV")
    left.set_ylim(0, None)
    left.legend()
    right.plot(np.asarray(layer.amplifier.feedback_resistance) * 1e-3, "o")
    right.set(
        title="feedback resistors of the second layer, one per column",
        xlabel="column",
        ylabel="kΩ",
        ylim=(0, None),
    )
plt.close(figure)
figure

# %% [markdown]
# ## Run it beside its digital twin
#
# Both start from the same Gaussian points. The chip's read noise is a process in lab time: sample 1,000 meets the
# 1/f noise that sample 999 left behind.

# %%
num = 4000
run = system.sample(chip, num, seed=0)  # progress=rr.progress(num) shows a bar
twin = system.sample_digital(num, seed=0)
rr.plots.plot_samples(system, run, twin, title="one chip, 20 µs per sample")

# %% [markdown]
# A run says what it took, and which signals met their limits:

# %%
run

# %% [markdown]
# How near the chip and its digital twin come to data, with 95 % intervals, beside fresh data:

# %%
system.judge(run.x)

# %%
system.judge(twin.x)

# %% [markdown]
# ## How much write error does it stand?
#
# An additive error of the same spread on every cell, all other errors off, and ten chips per point:
# `python -m benchmarks scale_error` measures, this cell only draws. The height is the distance to the
# data, where 1 is the distance of a ring 20 % wider. One scale for a whole layer lets small weights drown; a scale (a
# feedback resistor) for each column saves most of them.

# %%
result = json.loads(pathlib.Path("../benchmarks/results/scale_error.json").read_text())
with house_style():
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
    for panel, preset in zip(axes, ("ring", "ring-64"), strict=True):
        for scale, colour in (
            ("column", COLOURS["analog"]),
            ("layer", COLOURS["digital"]),
        ):
            rows = [
                r
                for r in result["rows"]
                if r["preset"] == preset and r["scale"] == scale
            ]
            std_us = [r["std_s"] * 1e6 for r in rows]
            panel.plot(
                std_us, [r["median"] for r in rows], "o-", color=colour, label=scale
            )
            panel.fill_between(
                std_us,
                [r["low"] for r in rows],
                [r["high"] for r in rows],
                alpha=0.2,
                color=colour,
            )
        twin = next(r["digital"] for r in result["rows"] if r["preset"] == preset)
        panel.axhline(twin, ls=":", color="k", lw=1, label="digital")
        panel.set(
            xscale="log", yscale="log", title=preset, xlabel="additive write error (µS)"
        )
        panel.legend(title="one scale per …")
    axes[0].set_ylabel("distance (just noticeable: 1)")
plt.close(figure)
figure

# %% [markdown]
# The shaded bands span the quartiles of ten chips; the dotted line is the digital sampler. Both networks were
# trained with 1 % of each column's largest weight added as noise, `ring` with the paper's multiplicative noise too;
# the wide one is that of `ring-64-fresh`.
