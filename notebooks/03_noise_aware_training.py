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
# # Training for the chip, on the chip
#
# Real write error is additive in conductance: a cell misses its target by about a microsiemens, whatever the target.
# `train.chips=True` takes each step of the optimiser through chips that were just programmed, by the code that
# `sample` uses: levels with straight-through gradients, programming law, faults, wires, clamps, read noise.

# %%
import json
import pathlib

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import matplotlib.pyplot as plt
import numpy as np
from rram_ode.chip import Blueprint
from rram_ode.plots import COLOURS, house_style
from rram_ode.presets import PRESETS
from rram_ode.system import build_design
from rram_ode.training import shipped_checkpoint


# %% [markdown]
# ## What the training changed
#
# Cells of 20 to 80 µS against a fixed reference, each missing by 1 µS. The error of a network's output on such a
# chip, over forty chips and the points of a circle outside the ring: the plain network, and the one that was trained on chips.

# %%
design = build_design(PRESETS["ring-64-robust"][0])
angle = jnp.linspace(0, 2 * jnp.pi, 64, endpoint=False)
circle = jnp.stack([jnp.cos(angle), jnp.sin(angle)])
time = jnp.asarray(0.1)


@eqx.filter_jit
def output_error(score, ranges, keys):
    """Of the output on each chip, relative to its rms: `(chips, 2, samples)`."""
    chips = Blueprint(score, design, ranges).program_many(keys)

    def output(chip):
        analog = chip.score
        out, _ = analog.nodes(analog.volts_in * circle, analog.embedding(time))
        return out / analog.volts_out

    digital = score.network(time, circle)
    errors = jax.vmap(lambda y: y - digital)(eqx.filter_vmap(output)(chips))
    return errors / jnp.sqrt(jnp.mean(digital**2))


keys, bins = jr.split(jr.key(1), 40), np.geomspace(0.01, 1.0, 31)
with house_style():
    figure, panel = plt.subplots(figsize=(6.4, 3.2))
    for name, colour in (("ring-64-fresh", "digital"), ("ring-64-robust", "analog")):
        found = shipped_checkpoint(name)
        errors = np.asarray(output_error(found.score, found.ranges, keys))
        spread = np.sqrt((errors**2).mean(axis=(1, 2)))
        panel.hist(spread, bins, alpha=0.6, color=COLOURS[colour], label=name)
        print(f"{name}: rms error of the output {np.sqrt((spread**2).mean()):.3f}")
    panel.set(xscale="log", xlabel="error of the output over its rms", ylabel="chips")
    panel.legend()
plt.close(figure)
figure

# %% [markdown]
# ## What it costs the samples
#
# `python -m benchmarks write_error` draws 20,000 samples on chips that no training saw; this cell shows every chip. `plain` has one scale a layer; then a scale for each column; then voltages as low as weights and biases
# allow, which needs no training; `robust` was trained on chips, too. Two remedies come after programming, each chip its
# own: four more columns and rows a layer that hold the leading singular vectors of its error, with their own write
# error, and a calibration of amplifiers and waveforms that writes no cell.

# %%
result = json.loads(pathlib.Path("../benchmarks/results/write_error.json").read_text())
LABELS = {
    "plain": "plain",
    "plain, scale per column": "column",
    "plain, scale per column, fitted volts": "low volts",
    "plain, fitted volts, rank 4": "low volts\n+ rank 4",
    "plain, fitted volts, rank 4, calibrated": "low volts\n+ both",
    "robust": "robust",
    "robust, rank 4": "robust\n+ rank 4",
    "robust, calibrated": "robust\n+ calibr.",
    "robust, rank 4, calibrated": "robust\n+ both",
}
with house_style():
    figure, axes = plt.subplots(2, 2, figsize=(11, 5.6), sharex="col", sharey="row")
    for column, network in enumerate(("2-14-14-2", "2-64-64-2")):
        for row, metric in enumerate(("distance", "kl_1d")):
            panel = axes[row, column]
            cases = [r for r in result["rows"] if r["network"] == network]
            for sigma, colour in ((1.0, COLOURS["analog"]), (2.0, COLOURS["digital"])):
                for place, case in enumerate(
                    [r for r in cases if r["sigma_us"] == sigma]
                ):
                    values = np.asarray(case[f"{metric}_chips"])
                    shift = place + (0.12 if sigma == 2 else -0.12)
                    label = f"{sigma:g} µS" if place == 0 else None
                    jitter = shift + 0.08 * np.linspace(-1, 1, values.size)
                    panel.plot(jitter, values, ".", ms=3, color=colour, label=label)
                    panel.plot(
                        [shift - 0.1, shift + 0.1],
                        [values.mean()] * 2,
                        "-",
                        color=colour,
                        lw=2,
                    )
            panel.set(yscale="log", title=f"{network}, {metric}")
            labels = [LABELS[r["training"]] for r in cases if r["sigma_us"] == 1.0]
            panel.set_xticks(range(len(labels)), labels, fontsize=6)
    axes[0, 0].set_ylabel("just-noticeable distances")
    axes[1, 0].set_ylabel("nats")
    axes[0, 0].legend()
plt.close(figure)
figure

# %% [markdown]
# ## Yield
#
# The share of chips that lie at most one just-noticeable distance farther from the data than their digital twin, with
# Clopper and Pearson's 95 % limits.

# %%
for case in result["rows"]:
    found = case["yields"]
    share = f"{found['mean']:.0%} ({found['low']:.0%} to {found['high']:.0%})"
    print(f"{case['case']:58s} {share:22s} within {found['limit']:.1f}")

# %% [markdown]
# ## Yield curves
#
# `python -m benchmarks yield_curves`: the same ten chips, one error at a time, 2-14-14-2. `multiplicative` is the paper's
# training; `low volts` is the same network with voltages as low as it allows; `robust` was trained on chips. Compensated
# and calibrated are the two remedies above. A chip is good as above.

# %%
curves = json.loads(pathlib.Path("../benchmarks/results/yield_curves.json").read_text())
paths = list(dict.fromkeys(row["path"] for row in curves["rows"]))
trainings = list(dict.fromkeys(row["training"] for row in curves["rows"]))
with house_style():
    figure, axes = plt.subplots(1, len(paths), figsize=(11, 3.4), sharey=True)
    for panel, path in zip(axes, paths, strict=True):
        for number, training in enumerate(trainings):
            mine = [
                r
                for r in curves["rows"]
                if (r["path"], r["training"]) == (path, training)
            ]
            found = [[r["yields"][k] for k in ("mean", "low", "high")] for r in mine]
            # Moved apart, so that intervals can be seen.
            x = np.array([r["value"] for r in mine]) * 1.03 ** (number - 2.5)
            mean, low, high = 100 * np.array(found).T
            panel.errorbar(
                x,
                mean,
                (mean - low, high - mean),
                marker="o",
                ms=3,
                lw=1,
                label=training,
            )
        panel.set(xscale="log", xlabel=mine[0]["label"], ylim=(-3, 103))
        ticks = sorted({r["value"] for r in curves["rows"] if r["path"] == path})
        panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        panel.minorticks_off()
    axes[0].set_ylabel("good chips (%)")
    figure.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3
    )
plt.close(figure)
figure
