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

import jax.random as jr
import matplotlib.pyplot as plt
import numpy as np
from rram_ode.chip import Blueprint
from rram_ode.datasets import DATASETS
from rram_ode.loop import draw
from rram_ode.plots import COLOURS, house_style, plot_samples
from rram_ode.presets import PRESETS
from rram_ode.samplers import draw_digital, Heun
from rram_ode.sdes import Prior, ProbabilityFlow
from rram_ode.system import build_design, build_loop
from rram_ode.training import shipped_checkpoint


# %% [markdown]
# ## Program a chip
#
# A preset is inert data; `build` makes live objects of it. The chip's key is its identity: write noise, stuck cells,
# mismatch, and the noise that goes on in lab time.

# %%
config, what = PRESETS["ring"]
checkpoint = shipped_checkpoint("ring")
design = build_design(config)
loop = build_loop(config, checkpoint.sde, design.cell.read)
chip = Blueprint(checkpoint.score, design, checkpoint.ranges).program(jr.key(0))
print(what)
for name, volts in zip(
    ("state", "hidden 1", "hidden 2", "output"), chip.score.volts, strict=True
):
    print(f"{name:9s} {float(volts) * 1e3:7.2f} mV per unit")
print(f"largest multiplier factor {loop.check(chip):.3f} of full scale 1")

# %% [markdown]
# Each weight is a pair of cells, each column has its own scale. What is on the chip differs from what was meant by
# the write error of a measured device (CMO/HfOx, 0.2 % acceptance) and by 1,024 levels:

# %%
layer = chip.score.layers[1]
with house_style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
    shown = left.imshow(
        np.asarray(layer.crossbar.g_pos - layer.crossbar.g_neg) * 1e6,
        cmap="RdBu_r",
        vmin=-82,
        vmax=82,
    )
    left.set(
        title="second layer, g+ − g− (µS)",
        xlabel="column (output)",
        ylabel="row (input)",
    )
    left.grid(visible=False)
    figure.colorbar(shown, ax=left)
    right.plot(np.asarray(layer.amplifier.feedback_resistance) * 1e-3, "o")
    right.set(
        title="feedback resistors, one a column",
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
num, key, prior = 4000, jr.key(1), Prior(config.solve.start_std)
runs = list(draw(loop, chip, num, key=key, prior=prior, num_observed=33))
analog = np.concatenate([run.x0.T for run in runs])
flow = ProbabilityFlow(checkpoint.sde, config.solve.beta_factor)
ts = loop.schedule(loop.times, loop.clock.duration)
digital = np.concatenate(
    [
        x.T
        for x in draw_digital(
            Heun(), flow, checkpoint.score, ts, num, key=key, prior=prior
        )
    ]
)
data = np.asarray(DATASETS["ring"]().sample(num, key=jr.key(2)))
seen = runs[0].observation
plot_samples(
    {"data": data, "digital": digital, "analog": analog},
    np.asarray(seen.taus),
    np.asarray(seen.v[..., :24]),
    "one chip, 20 µs a sample",
)

# %% [markdown]
# ## How much write error does it stand?
#
# An additive error of the same spread on every cell, all other errors off, and ten chips a point:
# `python -m benchmarks scale_error` measures, this cell only draws. The height is the sliced Wasserstein distance
# to the data beyond that of fresh data, sqrt(W² − floor²). One scale for a whole layer lets small weights drown; a
# scale (a feedback resistor) for each column saves most of them.

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
        twin = next(
            r["digital_excess"] for r in result["rows"] if r["preset"] == preset
        )
        panel.axhline(twin, ls=":", color="k", lw=1, label="digital")
        panel.set(
            xscale="log", yscale="log", title=preset, xlabel="additive write error (µS)"
        )
        panel.legend(title="scale a …")
    axes[0].set_ylabel("distance beyond fresh data")
plt.close(figure)
figure

# %% [markdown]
# The shaded bands span the quartiles of ten chips; what drops out below is not told from fresh data; the dotted line is the digital sampler. both networks were
# trained with 1 % of each column's largest weight added as noise, `ring` with the paper's multiplicative noise too.
