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
# # The array: wires, ends and cells that do not obey Ohm
#
# A column's current should be the product of voltages and conductances. Wires take their share of every volt. With
# linear cells and virtual grounds the loss is a linear map: it is solved once, when the chip is programmed, and each
# read stays one product.

# %%
import json
import pathlib

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import matplotlib.pyplot as plt
import numpy as np
from rram_ode.crossbar import (
    cell_voltages,
    effective_conductance,
    port_matrix,
    solve_nonlinear,
    Wires,
)
from rram_ode.devices import SinhIV
from rram_ode.plots import COLOURS, house_style


US = 1e-6
g = US * jr.uniform(jr.key(0), (64, 64), minval=8.0, maxval=90.0)

# %% [markdown]
# ## Where the volts go
#
# Effective conductance over programmed conductance, for 64 × 64 cells of 8 to 90 µS and 2 Ω a segment; drivers are at
# the left, sensed ends below or in turn. The far corner delivers the least; driving and sensing from alternate ends
# spreads the loss.

# %%
ENDS = {
    "left, below": Wires(2.0, 2.0),
    "left, above": Wires(2.0, 2.0, sensing="same"),
    "alternate": Wires(2.0, 2.0, sensing="interleaved", driving="interleaved"),
}
folded = eqx.filter_jit(effective_conductance)
with house_style():
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
    for panel, (name, wires) in zip(axes, ENDS.items(), strict=True):
        ratio = np.asarray(folded(g, wires) / g)
        shown = panel.imshow(ratio, cmap="viridis", vmin=0.6, vmax=1.0)
        panel.set(title=f"{name}: mean {ratio.mean():.3f}", xlabel="column")
        panel.grid(visible=False)
    axes[0].set_ylabel("row")
    figure.colorbar(shown, ax=axes, label="effective / programmed")
plt.close(figure)
figure

# %% [markdown]
# The voltage that each cell really sees when all rows are at 0.2 V:

# %%
u = eqx.filter_jit(cell_voltages)(g, ENDS["left, below"])
volts = np.asarray(u[..., :64].sum(axis=-1)) * 0.2
with house_style():
    figure, panel = plt.subplots(figsize=(4.6, 3.6))
    shown = panel.imshow(volts * 1e3, cmap="magma")
    panel.set(title="cell voltage (mV), rows at 200 mV", xlabel="column", ylabel="row")
    panel.grid(visible=False)
    figure.colorbar(shown)
plt.close(figure)
figure

# %% [markdown]
# ## How large may an array be?
#
# The relative error of a column's current, root mean square over columns, for random row voltages: against the size,
# for several wire resistances. It is a systematic error, of which a share is a mere gain.

# %%
SIZES = (8, 16, 32, 64, 128)
OHMS = (0.3, 1.0, 3.0)


@eqx.filter_jit
def current_error(g, v, wires):
    ideal, real = v @ g, v @ effective_conductance(g, wires)
    gain = jnp.vdot(real, ideal) / jnp.vdot(real, real)
    rms = lambda x: jnp.sqrt(jnp.mean(x**2))
    return rms(real - ideal) / rms(ideal), rms(gain * real - ideal) / rms(ideal)


with house_style():
    figure, panel = plt.subplots(figsize=(6.4, 3.6))
    for ohm, colour in zip(OHMS, ("C0", "C1", "C2"), strict=True):
        errors = []
        for size in SIZES:
            part = US * jr.uniform(jr.key(1), (size, size), minval=8.0, maxval=90.0)
            v = 0.2 * jr.uniform(jr.key(2), (size,))
            errors.append([float(e) for e in current_error(part, v, Wires(ohm, ohm))])
        whole, rest = zip(*errors, strict=True)
        panel.loglog(SIZES, whole, "o-", color=colour, label=f"{ohm:g} Ω a segment")
        panel.loglog(SIZES, rest, "o--", color=colour, mfc="none")
    panel.set(xlabel="rows and columns", ylabel="relative error of the currents")
    panel.legend(title="solid: all; dashed: after one gain")
plt.close(figure)
figure

# %% [markdown]
# ## All ends of an array
#
# Where virtual grounds move (op-amps of finite speed), the array is its port matrix. It is symmetric, and no voltage
# draws negative power:

# %%
ports = eqx.filter_jit(port_matrix)(g[:16, :16], Wires(2.0, 2.0, 50.0, 20.0))
matrix = np.asarray(ports.matrix, np.float64)
print(
    "largest asymmetry / largest entry:", np.abs(matrix - matrix.T).max() / matrix.max()
)
print(
    "smallest eigenvalue / largest:",
    np.linalg.eigvalsh(matrix)[[0, -1]] @ [1, 0] / np.linalg.eigvalsh(matrix)[-1],
)

# %% [markdown]
# ## Cells that do not obey Ohm
#
# A sinh law carries more current at high voltage than its small-signal conductance says. With wires the network is
# solved by Newton's method; the deviation grows with the read voltage, which is why reads stay at 0.2 V.

# %%
law = SinhIV(0.3)
read_volts = np.linspace(0.02, 0.5, 13)


@eqx.filter_jit
@jax.vmap
def sweep(volt):
    rows = volt * jnp.ones(16)
    part = g[:16, :16]
    ohmic = rows @ part
    bent = jnp.sum(law.current(part, rows[:, None]), axis=0)
    both = solve_nonlinear(part, law.current, rows, Wires(2.0, 2.0)).i
    wired = rows @ effective_conductance(part, Wires(2.0, 2.0))
    return jnp.stack([bent / ohmic, wired / ohmic, both / ohmic]).mean(axis=-1)


ratios = np.asarray(sweep(jnp.asarray(read_volts)))
with house_style():
    figure, panel = plt.subplots(figsize=(6.4, 3.4))
    for column, name in enumerate(("sinh cells", "wires", "sinh cells and wires")):
        panel.plot(read_volts, ratios[:, column], "o-", ms=3, label=name)
    panel.axhline(1.0, color="k", lw=0.8)
    panel.set(xlabel="row voltage (V)", ylabel="current / ohmic current")
    panel.legend()
plt.close(figure)
figure

# %% [markdown]
# ## What it costs the samples
#
# Wires of the network's own small arrays (3 × 14, 15 × 14, 15 × 2), on twenty chips of the preset `ring`, all other
# errors off: `python -m benchmarks error_sweeps` measures, this cell draws.

# %%
result = json.loads(pathlib.Path("../benchmarks/results/error_sweeps.json").read_text())
rows = [row for row in result["rows"] if row["error"] == "wires"]
with house_style():
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2))
    for panel, name in zip(axes, ("distance", "kl_1d"), strict=True):
        x = [row["value"] for row in rows]
        mean, low, high = (
            [row[name][part] for row in rows] for part in ("mean", "low", "high")
        )
        panel.plot(x, mean, "o-", color=COLOURS["analog"], label="analog")
        panel.fill_between(x, low, high, alpha=0.25, color=COLOURS["analog"])
        panel.axhline(
            result["digital"][name]["mean"], ls=":", color="k", lw=1, label="digital"
        )
        panel.set(xscale="log", xlabel="Ω a segment", title=name)
    axes[0].set_ylabel("just-noticeable distances")
    axes[1].set_ylabel("nats")
    axes[0].legend()
plt.close(figure)
figure
