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
from rram_ode.accelerators import all_constants
from rram_ode.energy import CONSTANTS, nominals, propagate
from rram_ode.plots import COLOURS, house_style, plot_crossover
from rram_ode.presets import PRESETS
from rram_ode.system import System


# %% [markdown]
# ## One sample of the default chip, part by part
#
# The cells' own share is integrated along the trajectories of a run; the rest is the static power of its parts, sized
# for the solve. Two machines that are never mixed: one chip (a projection) and a board of discrete parts.

# %%
system = System.from_config(PRESETS["ring"][0])
chip = system.program(0)
seen = system.sample(chip, 2000, seed=0).array_power
models = {row: system.energy_model(chip, seen, row) for row in ("integrated", "board")}
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
# ## Does analog win on a wider network, in other times, against a batch?
#
# With n inputs a column's noise gain grows as n if weights keep their size, as √n if they shrink as 1 / √n; each
# op-amp's bandwidth grows with it, and so does the row that it drives. Products go as n², and the energy of a weight
# grows with the memory that holds them all. The chip `ring-64` was run; the rest are these laws
# (`python -m benchmarks crossover`). Digital: six steps of Heun, the number that equals the chip `ring`; engines:
# operations times energy, GPU: wall power times wall time. A ring marks where the chip begins to take less, its bar the
# interval; where the line is dotted, the process has no op-amps that fast. In the middle the same chip is redesigned for
# each duration. On the right digital machines share launches and weights among a batch.

# %%
result = json.loads(pathlib.Path("../benchmarks/results/crossover.json").read_text())
RIVALS = {
    "engine-int8": "45 nm INT8 engine, one memory",
    "engine-int8-stationary": "the same, weights in banks of 8 KB",
    "engine-int8-180nm": "180 nm INT8 engine, one memory",
    "a100": "A100 (left: batch 1)",
}
figure = plot_crossover(result, RIVALS)
figure.set_dpi(72)
figure

# %%
for law, each in result["crossings"].items():
    for pair, crossing in each.items():
        at = ", ".join(f"{width:.0f}" for width in crossing["widths"]) or "no width"
        high = "beyond 16384" if crossing["high"] is None else f"{crossing['high']:.0f}"
        print(f"{law:42} {pair:40} {at:>9} ({crossing['low']:.0f} to {high})")
print(
    "the law over the chip `ring` at 14 wide:",
    {k: round(v, 2) for k, v in result["law_over_chip_14"].items()},
)

# %% [markdown]
# The answer depends on the rival. A GPU at batch 1 loses at every width, even as one fused kernel. A small engine wins on
# a network as small as the paper's. On wide ones it depends on its memory: one that reads all weights from a single large
# memory loses, one that keeps them in small banks beside its multipliers may not. The GPU's column counts a whole
# processor, the engine's an ideal array; neither is the other.

# %%
constants = all_constants()
assumed = [name for name, constant in constants.items() if "assumed" in constant.source]
print(f"{len(constants)} constants, {len(assumed)} of them assumed")
