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
# # The speed limit: how fast may the chip run?
#
# Here every op-amp takes time. A transimpedance amplifier divides its gain-bandwidth by its noise gain, which is
# hundreds where many cells meet one virtual ground, so that 100 MHz become about 1 MHz. A solve much longer than that
# does not notice; a short one ends somewhere else.

# %%
import dataclasses
import json
import pathlib
from collections import defaultdict

import equinox as eqx
import jax.random as jr
import matplotlib.pyplot as plt
import numpy as np
import rram_ode as rr
from rram_ode.chip import Blueprint
from rram_ode.config import idealise, replace
from rram_ode.metrics import Interval
from rram_ode.plots import house_style
from rram_ode.presets import PRESETS
from rram_ode.system import build_design, build_loop
from rram_ode.training import shipped_checkpoint


checkpoint = shipped_checkpoint("ring")
base = replace(idealise(PRESETS["ring-fresh"][0]), "op_amp.kind", "on-chip")
base = dataclasses.replace(base, fidelity="quasi-static")

# %% [markdown]
# ## The same samples in 20, 2 and 0.5 µs
#
# A chip without any other error. The multipliers' factors grow as the solve shrinks; the amplifiers stay as they are.
# Each line is one sample's first coordinate, over the share of the solve that has passed. Dashed: op-amps that take no
# time.

# %%
trace = eqx.filter_jit(lambda loop, chip, x1: loop.trace(chip, x1))
watch = eqx.filter_jit(
    lambda loop, chip, x1: loop.solve(chip, x1, num_observed=50).observation
)
x1 = base.solve.start_std * jr.normal(jr.key(1), (2, 7))
with house_style():
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.6), sharey=True)
    for panel, duration in zip(axes, (2e-5, 2e-6, 5e-7), strict=True):
        config = replace(base, "solve.duration", duration)
        config = replace(config, "integrator.capacitance", 30e-12 * duration / 2e-5)
        design = build_design(config)
        scaled = Blueprint(checkpoint.score, design, checkpoint.ranges).program(
            jr.key(0)
        )
        loop, slow = (
            build_loop(
                dataclasses.replace(config, fidelity=fidelity),
                checkpoint.sde,
                design.cell.read,
            )
            for fidelity in ("quasi-static", "dynamic")
        )
        every = trace(slow, scaled, x1)
        share = np.asarray(slow.grid)
        for sample in range(x1.shape[1]):
            panel.plot(share, 1e3 * every.integrator[:, 0, 0, sample], lw=1)
        seen = watch(loop, scaled, x1)
        panel.plot(seen.taus / duration, 1e3 * seen.v[:, 0], "k--", lw=0.7)
        panel.set(title=f"{duration * 1e6:g} µs", xlabel="share of the solve")
    axes[0].set_ylabel("integrator (mV)")
plt.close(figure)
figure

# %% [markdown]
# ## Quality against the duration of a solve
#
# Two rings with all their errors, the same starts, from 500 ns to 100 µs; `python -m benchmarks speed_limit` measured
# it. Three classes of op-amps; a duration is reached by scaling the integrators' capacitors, or the multipliers'
# factors. Bars: 90 % interval of the mean over chips; band: the chips with infinitely fast op-amps at 20 µs. Filled:
# equal or better within one just-noticeable distance (a ring 20 % wider).

# %%
result = json.loads(pathlib.Path("../benchmarks/results/speed_limit.json").read_text())
rows = [row for row in result["rows"] if row.get("op_amp")]
presets = result["presets"]


def speed_limit_of(preset):
    """Distances by op-amps and duration, those that pass, and infinitely fast ones."""
    curves, passing = defaultdict(dict), defaultdict(set)
    for row in (row for row in rows if row["preset"] == preset):
        name = f"{row['op_amp']}, {row['scaling']}"
        curves[name][row["duration_s"]] = Interval(**row["distance"])
        if row["is_as_good"]:
            passing[name].add(row["duration_s"])
    reference = Interval(**presets[preset]["reference_distance"])
    return rr.plots.plot_speed_limit(
        curves, reference=reference, passing=passing, level=0.9, title=preset
    )


speed_limit_of("ring")

# %%
speed_limit_of("ring-64")

# %%
for preset, found in presets.items():
    for case, (shortest, longest) in found["bands_s"].items():
        if shortest is None:
            text = f"fails at {found['around_s'] * 1e6:g} µs"
        else:
            text = f"{shortest * 1e6:g} to {longest * 1e6:g} µs"
        print(f"{preset:8} {case:31} {text}")

# %% [markdown]
# A solve that counts as good although its loop has less than 30 degrees of phase margin, or although its op-amps move the
# samples by more than the ring is wide, must say why.

# %%
suspects = [row for row in rows if row["is_suspect"]]
for row in suspects:
    print(f"{row['case']}: {row['reason']}")
print(f"{len(suspects)} of {sum(row['is_as_good'] for row in rows)} good rows")

# %% [markdown]
# ## Which block breaks first?
#
# Each alone, on one chip: how far it moves the end of a trajectory, root mean square over samples and coordinates, in
# units of x. The ring is 0.04 wide.

# %%
with house_style():
    figure, panels = plt.subplots(
        1, 2, figsize=(12, 4), sharey=True, layout="constrained"
    )
    for panel, (preset, found) in zip(panels, presets.items(), strict=True):
        blocks = found["blocks"]
        for number, name in enumerate(n for n in blocks[0] if n != "duration_s"):
            # A block that a short solve is refused for has no value there.
            known = [b for b in blocks if (b[name] or 0) > 0]
            x = [1e6 * b["duration_s"] for b in known]
            y = [b[name] for b in known]
            if known:
                panel.plot(x, y, "o-", ms=3, color=f"C{number}", label=name)
        panel.axhline(0.04, color="k", ls=":", lw=1)
        panel.set(xscale="log", yscale="log", ylim=(1e-5, None), title=preset)
        panel.set(xlabel="duration of a solve (µs)")
    panels[0].set_ylabel("rms shift of x")
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4
    )
plt.close(figure)
figure

# %% [markdown]
# ## The loop against the poles
#
# The fastest contraction of the flow is a loop of the integrator and three amplifiers. Its rate goes as one over the
# duration, the amplifiers' poles do not: where the phase margin is gone, the loop rings.

# %%
with house_style():
    figure, panels = plt.subplots(1, 2, figsize=(12, 3.6), sharey=True)
    for panel, (preset, found) in zip(panels, presets.items(), strict=True):
        for name, loop in found["stability"].items():
            panel.plot(
                1e6 * np.array(loop["durations_s"]),
                loop["margin_deg"],
                "o-",
                ms=3,
                label=name,
            )
            poles = ", ".join(f"{pole / 1e6:.2g}" for pole in loop["poles_hz"])
            rate = loop["rates_hz"][loop["durations_s"].index(found["around_s"])]
            print(
                f"{preset:8} {name:18} rate {rate / 1e3:.0f} kHz at 20 µs, "
                f"poles {poles} MHz"
            )
        panel.axhline(0, color="k", lw=0.6)
        panel.set(xscale="log", xlabel="duration of a solve (µs)", title=preset)
        panel.legend()
    panels[0].set_ylabel("phase margin (degrees)")
plt.close(figure)
figure

# %% [markdown]
# On these assumptions the on-chip class of 100 MHz needs the 20 µs of the design for `ring`: at 10 µs the lag of its
# amplifiers is seen in the samples, though the phase margin is still wide; at 1 µs the margin is nearly gone, and the
# samples are far off. Ten times the bandwidth reach 2 µs. `ring-64` has noise gains that are several times as large: in
# 20 µs op-amps of 100 MHz are not as good as infinitely fast ones, in 100 µs they are, and 1 GHz reach 5 µs. The board
# class fails at every speed, by an offset that its noise gains multiply: it needs auto-zero (`op_amp.auto_zero`), not
# speed. The ends of a band are durations that were tried.
