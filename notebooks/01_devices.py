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
# # The cell: what a resistive device does to a number
#
# A weight becomes a target conductance; the cell misses it when it is written, fluctuates when it is read, and moves
# as it ages. Every law here is one object. The measured ones cite paper and figure, and refuse to be used outside the
# range in which they were measured.

# %%
import json
import pathlib
import tempfile

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import matplotlib.pyplot as plt
import numpy as np
import scipy.signal
from rram_ode.devices import (
    fit,
    measured,
    milo,
    PowerLawDrift,
    ProgrammingNoise,
    WriteVerify,
)
from rram_ode.noise import (
    FlickerReadNoise,
    LogNormal,
    LogUniform,
    TelegraphReadNoise,
    ThermalNoise,
    WhiteReadNoise,
)
from rram_ode.plots import COLOURS, house_style, plot_device_fit


US = 1e-6

# %% [markdown]
# ## Writing: eight levels, five technologies
#
# 4,000 cells a level. The widths are those of the sources: Milo et al. (IRPS 2021, Fig. 4), Wan et al. (Nature 2022,
# Extended Data Fig. 3), CMO/HfOx (Falcone et al. 2025, acceptance 0.2 % and 2 %), PCM of Joshi et al. (Nat. Commun.
# 2020, Fig. 3b).

# %%
CELLS = {
    "Milo 2021": measured("milo"),
    "Wan 2022, 1 s": measured("wan"),
    "CMO/HfOx, 0.2 %": measured("cmo-hfox"),
    "CMO/HfOx, 2 %": measured("cmo-hfox", acceptance=0.02),
    "Joshi 2020 (PCM)": measured("joshi"),
}


@eqx.filter_jit
def write(cell, g, key):
    return cell.program(g, key=key)


with house_style():
    figure, axes = plt.subplots(5, 1, figsize=(9, 8.5), sharex=True)
    for panel, (name, cell) in zip(axes, CELLS.items(), strict=True):
        low, high = float(cell.range.g_min), float(cell.range.g_max)
        levels = jnp.linspace(low, high, 8)
        g = write(cell, jnp.tile(levels, (4000, 1)), jr.key(0))
        for level in range(8):
            panel.hist(
                np.asarray(g[:, level]) / US,
                bins=80,
                histtype="stepfilled",
                alpha=0.7,
                edgecolor=f"C{level}",
            )
        panel.set(ylabel="cells", yscale="log")
        panel.set_title(name, loc="left")
    axes[-1].set(xlabel="conductance (µS)", xscale="log", xlim=(0.2, 300))
plt.close(figure)
figure

# %% [markdown]
# The spread against the target, over each source's valid range; a target outside is an error, not an extrapolation.

# %%
with house_style():
    figure, panel = plt.subplots(figsize=(9, 3.6))
    for name, cell in CELLS.items():
        g = jnp.linspace(cell.range.g_min, cell.range.g_max, 60)
        written = write(cell, jnp.tile(g, (4000, 1)), jr.key(1))
        panel.plot(g / US, jnp.std(written, axis=0) / US, ".", ms=4, label=name)
    panel.set(
        xlabel="target (µS)",
        ylabel="standard deviation (µS)",
        xscale="log",
        yscale="log",
    )
    panel.legend()
plt.close(figure)
figure

# %%
try:
    milo(g_max=300e-6)
except ValueError as error:
    print(error)

# %% [markdown]
# ## Write and verify
#
# Pulses with a spread of 2 µS, read after each one, until the cell is within the acceptance. The count of pulses is
# geometric; a narrow acceptance buys precision with time.

# %%
target = jnp.full((200, 200), 40 * US)
with house_style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2))
    for acceptance, colour in zip((4.0, 1.0, 0.25), ("C0", "C1", "C2"), strict=True):
        verify = WriteVerify(ProgrammingNoise(2 * US), acceptance * US, max_pulses=200)
        g, pulses = eqx.filter_jit(verify.write)(target, key=jr.key(2))
        left.hist(
            np.asarray(g).ravel() / US,
            bins=80,
            histtype="step",
            color=colour,
            density=True,
            label=f"± {acceptance:g} µS, {float(pulses.mean()):.1f} pulses",
        )
        counts = np.bincount(np.asarray(pulses).ravel())
        right.plot(counts / counts.sum(), ".", ms=4, color=colour)
    left.set(xlabel="conductance (µS)", ylabel="density", yscale="log")
    left.legend()
    right.set(xlabel="pulses", ylabel="share of cells", xlim=(0, 60), yscale="log")
plt.close(figure)
figure

# %% [markdown]
# ## Reading: four noises, each a process in seconds
#
# A noise is a function of (key, time). Its spectrum is measured here from the path (Welch), and compared with the
# law: white noise within its band; 1/f and 1/f^a between two corners, a sum of exact Ornstein-Uhlenbeck states;
# telegraph noise with dwell times spread over a decade; thermal and shot noise as one law of the current.

# %%
DT, TIMES = 1e-6, 2**15
LAWS = {
    "white, 200 kHz": WhiteReadNoise(1 * US, 2e5),
    "1/f, 10 Hz to 100 kHz": FlickerReadNoise(1 * US, 10.0, 1e5),
    "1/f^1.3": FlickerReadNoise(1 * US, 10.0, 1e5, exponent=1.3),
    "telegraph, 20 to 200 µs": TelegraphReadNoise(
        LogNormal(0.01), LogUniform(2e-5, 2e-4), LogUniform(2e-5, 2e-4)
    ),
}


with house_style():
    figure, axes = plt.subplots(2, 4, figsize=(12, 5.4))
    for (time, panel), (name, law) in zip(axes.T, LAWS.items(), strict=True):
        walk = jax.jit(
            lambda key, law=law: law.path(key, DT * jnp.arange(1.0 * TIMES), (32,))
        )
        path = np.asarray(walk(jr.key(3)))
        time.plot(1e3 * DT * np.arange(1500), path[:1500, 0], lw=0.6)
        time.set_title(name, fontsize=9)
        time.set(xlabel="ms", ylabel="unit process" if name.startswith("white") else "")
        f, density = scipy.signal.welch(path, 1 / DT, nperseg=4096, axis=0)
        keep = slice(2, len(f) // 3)
        panel.loglog(f[keep], density[keep].mean(axis=1), lw=0.8, label="measured")
        panel.loglog(f[keep], law.psd(jnp.asarray(f[keep])), "k--", lw=1, label="law")
        panel.set(xlabel="Hz", ylabel="1/Hz" if name.startswith("white") else "")
    axes[1, 0].legend()
plt.close(figure)
figure

# %% [markdown]
# Telegraph noise up close: one trap, and how long it stays in its upper state.

# %%
trap = TelegraphReadNoise(
    LogNormal(0.02), LogUniform(3e-5, 3e-5), LogUniform(2e-5, 2e-5)
)
path = np.asarray(eqx.filter_jit(trap.path)(jr.key(4), DT * jnp.arange(2.0**19)))
upper = path > 0
edges = np.flatnonzero(np.diff(upper.astype(int)))
stays = np.diff(edges)[::2] if not upper[edges[0]] else np.diff(edges)[1::2]
with house_style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3))
    left.step(np.arange(500), path[:500], lw=0.8)
    left.set(xlabel="µs", ylabel="unit process")
    bins = np.arange(0.5, 200, 5)
    right.hist(stays, bins=bins, density=True, alpha=0.6, label=f"{stays.size} stays")
    right.plot(bins, np.exp(-bins / 30) / 30, "k--", lw=1, label="exponential, 30 µs")
    right.set(xlabel="dwell time (µs)", ylabel="density", yscale="log")
    right.legend()
plt.close(figure)
figure

# %% [markdown]
# Thermal noise at rest, shot noise at large voltage: one law, 4kTg (1 + F (x coth x − 1)) with x = qV / 2kT. At the
# 0.2 V of a read the two limits differ by less than a factor of four, and adding them would count noise twice.

# %%
v = jnp.linspace(0, 0.4, 200)
with house_style():
    figure, panel = plt.subplots(figsize=(6, 3.2))
    for fano in (0.0, 1 / 3, 1.0):
        law = ThermalNoise(300.0, 1e6, fano)
        density = law.density(jnp.asarray(50 * US), v)
        panel.plot(v, jnp.sqrt(density) * 1e12, label=f"Fano factor {fano:.2g}")
    shot = jnp.sqrt(2 * 1.602e-19 * 50 * US * v) * 1e12
    panel.plot(v, shot, "k:", lw=1, label="2 q I")
    panel.set(xlabel="V", ylabel="pA / √Hz, 50 µS")
    panel.legend()
plt.close(figure)
figure

# %% [markdown]
# ## Ageing
#
# The CMO/HfOx fit relaxes with the logarithm of time and widens; a power law (phase-change memory) fans out because
# each cell has an exponent of its own. One cell keeps its line: the fan is over cells.

# %%
ages = np.logspace(0, 7, 15)
start = jnp.tile(jnp.linspace(20, 80, 4) * US, (300, 1))
with house_style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True)
    for panel, title in ((left, "CMO/HfOx (Falcone et al.)"), (right, "power law")):
        fan = []
        for age in ages:
            if panel is left:
                cell = measured("cmo-hfox", age=float(age))
            else:
                cell = PowerLawDrift(0.03, 0.01, 1.0, float(age))
            apply = cell.program if panel is left else cell
            fan.append(np.asarray(eqx.filter_jit(apply)(start, key=jr.key(5))) / US)
        fan = np.stack(fan)
        for level in range(4):
            low, middle, high = np.quantile(fan[:, :, level], [0.05, 0.5, 0.95], axis=1)
            panel.fill_between(ages, low, high, alpha=0.3)
            panel.plot(ages, middle)
        panel.set(xscale="log", xlabel="age (s)", title=title)
    left.set_ylabel("conductance (µS)")
plt.close(figure)
figure

# %% [markdown]
# ## Your own device
#
# A CSV or npz of `target_uS`, `read_uS` and, if it was recorded, `time_s` becomes a cell: mean error, spread and
# relaxation by weighted least squares. Here a made-up device of twelve levels, read 400 times at four times. On the
# command line: `--set cell.device=custom --set cell.measurements=cells.csv`.

# %%
rng = np.random.default_rng(0)
asked = np.repeat(np.linspace(10, 80, 12), 400)
table = [
    np.stack(
        [
            asked,
            rng.normal(asked + 0.4 - 0.05 * log, 0.2 + 0.02 * asked + 0.06 * log),
            0 * asked + time,
        ],
        axis=1,
    )
    for time in (1.0, 30.0, 1e3, 1e5)
    for log in (np.log(time),)
]
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "cells.csv"
    np.savetxt(
        path,
        np.concatenate(table),
        delimiter=",",
        header="target_uS,read_uS,time_s",
        comments="",
    )
    fitted = fit(path)
names = "1 (µS)", "g", "ln t (µS)", "g ln t"
for name, value, error in zip(
    names, fitted.mean.values, fitted.mean.errors, strict=True
):
    print(f"mean error over {name:>9}: {value:7.4f} ± {error:.4f}")
print(f"chi-square of the means: {fitted.mean.chi_square:.2f} per degree of freedom")

# %%
groups, law = fitted.groups, fitted.cell.errors[1]
curve = law.spread(jnp.linspace(groups.target.min(), groups.target.max(), 50))
plot_device_fit(
    groups.target,
    groups.time,
    groups.count,
    groups.mean,
    groups.spread,
    curve=np.asarray(curve),
    title="cells.csv",
)

# %% [markdown]
# ## What each error costs
#
# Every error alone on twenty chips of the preset `ring`, all others off: `python -m benchmarks error_sweeps`
# measures, this cell draws. Height: distance to the data, where 1 is a ring 20 % wider; band: 95 % interval of the mean.

# %%
result = json.loads(pathlib.Path("../benchmarks/results/error_sweeps.json").read_text())
errors = list(dict.fromkeys(row["error"] for row in result["rows"]))
with house_style():
    figure, axes = plt.subplots(2, 4, figsize=(12, 5.6), sharey=True)
    for panel, error in zip(axes.ravel(), errors, strict=True):
        rows = [row for row in result["rows"] if row["error"] == error]
        x = [row["value"] for row in rows]
        mean, low, high = (
            np.maximum([row["distance"][name] for row in rows], 0.1)
            for name in ("mean", "low", "high")
        )
        panel.plot(x, mean, "o-", color=COLOURS["analog"])
        panel.fill_between(x, low, high, alpha=0.25, color=COLOURS["analog"])
        panel.axhline(result["digital"]["distance"]["mean"], ls=":", color="k", lw=1)
        panel.set(xscale="log", yscale="log", title=error, xlabel=rows[0]["unit"])
    for panel in axes[:, 0]:
        panel.set_ylabel("distance (just noticeable: 1)")
plt.close(figure)
figure
