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
# # Digits by class, in their pixels
#
# No autoencoder here: a state has 64 numbers, the pixels of an 8 x 8 digit, and the loop has 64 integrators. The paper does not
# do this. The network is 64-256-256-64, 350 times the ring's in parameters, and its arrays have columns of 256 cells. What
# fails first as the network grows, and what does training for the chip give back?

# %%
import json
import pathlib

import matplotlib.pyplot as plt
import numpy as np
import rram_ode as rr
from rram_ode.plots import COLOURS, house_style, plot_pictures


# %% [markdown]
# ## The data
#
# 1,797 digits of 13 writers, E. Alpaydin and C. Kaynak (UCI, CC BY 4.0), as scikit-learn has them. The test digits are the
# last three of fourteen forms, of other hands than the rest. One in three of the others is held out: a network that
# reads digits is trained on those alone, and judges the generated ones.

# %%
splits = rr.load_digits()
for part in splits:
    print(f"{part.split:9s} {len(part):4d} digits of {part.dim} pixels")
system = rr.System.from_preset("digits-fresh")
judge = rr.find_picture_judge(system.config)

# %% [markdown]
# ## Digitally
#
# The plain network, trained without chips, with 100 steps of Heun's method. Distances are in just-noticeable ones: 1 is the
# distance of digits with half a pixel of blur. The reader errs, too: what it reads of real test digits stands beside.

# %%
num = 400
twin = system.sample_digital(num, seed=0)
shown = system.dataset.to_images
print(judge.judge(shown(twin.x), twin.labels, num_blocks=None))

# %% [markdown]
# The nearest training digit of the first samples, by pixels: what a sampler that only copies would repeat.

# %%
train = splits.train
first = np.array([np.flatnonzero(twin.labels == label)[0] for label in range(10)])
apart = shown(twin.x[first])[:, None] - train.images[None]
nearest = np.argmin((apart**2).sum(axis=(2, 3)), axis=1)
rows = {
    "digital": (shown(twin.x[first]), twin.labels[first]),
    "nearest": (train.images[nearest], np.arange(10)),
}
plot_pictures(
    rows, splits.train.classes, "samples and their nearest digits", per_class=1
)

# %% [markdown]
# ## On chips: what training for them buys
#
# Two networks of one size on the same chips: the plain one, and that of the preset `digits`, which was trained on whole
# chips. To be quick, these chips are not whole: just written, cells of a measured device with its write error and read
# noise, one cell a weight, without wires, static errors, age and trims. Then the same with more write error. Each row with
# errors is one chip and few samples, so that only large differences count.

# %%
NETWORKS = {"plain": "digits-fresh", "for chips": "digits"}
ERRORS = {"as measured": 0.0, "0.7 µS more": 0.7e-6}
FEW = 40


def judged(name, error, x, labels, num_blocks):
    """Print how pictures are read, and how far they are from test digits."""
    found = judge.judge(shown(x), labels, num_blocks=num_blocks)
    read = found.recall.balanced
    pixels, features = (each.samples.value for each in (found.pixels, found.features))
    print(
        f"{name:10s} {error:12s} {read.mean:.2f} ({read.low:.2f} to {read.high:.2f})"
        f" {pixels:8.2f} {features:9.2f}"
    )


runs = {}
print("network    errors       read right            pixels  features")
for name, checkpoint in NETWORKS.items():
    trained = system.replace({"checkpoint": checkpoint})
    drawn = trained.sample_digital(num, seed=0)
    judged(name, "none", drawn.x, drawn.labels, None)
    for error, std in ERRORS.items():
        other = trained.replace({"cell.write.std": std})
        run = other.sample(other.program(seed=0), FEW, seed=0)
        judged(name, error, run.x, run.labels, 20)
        runs[f"{name},\n{error}"] = (shown(run.x), run.labels)

# %%
plot_pictures(
    {"data": (splits.test.images, splits.test.labels), **runs},
    splits.test.classes,
    f"digits of chips, from {FEW} of each",
    per_class=2,
)

# %% [markdown]
# The digits of the plain network cannot be told from data, and are lost first: errors of 256 cells add up in each column, and
# those of three layers follow one another. Training on chips costs some sharpness without errors, and keeps the digits.
#
# ## Whole chips
#
# The preset `digits` has all errors, one day of age, wires, and all trims, on tiles of 128 x 128 cells with one cell a weight.
# Writing and trimming one takes a minute, so that `python -m benchmarks digits` does it, for several chips, each
# beside its digital twin from the same starts; `python -m rram_ode.sample digits` does it for one.

# %%
path = pathlib.Path("../benchmarks/results/digits.json")
found = json.loads(path.read_text())["rows"] if path.exists() else []
if not found:
    print("not measured yet: `python -m benchmarks digits`")
for row in found:
    if "num_chips" not in row:
        continue
    print(f"{row['case']}: {row['num_chips']} chips of {row['num_samples']} digits")
    for side, words in (
        ("recall", "read right, chip"),
        ("twin_recall", "digital twin"),
    ):
        mean, low, high = row["recall"]["balanced_accuracy"][side]
        print(f"  {words:30s} {mean:.3f} ({low:.3f} to {high:.3f})")
    for kind in ("pixels", "features"):
        mean, low, high = row["apart"][kind]
        print(f"  beyond its twin, {kind:13s} {mean:.2f} ({low:.2f} to {high:.2f})")

# %% [markdown]
# ## What fails first as the network grows
#
# Three networks that were not trained for chips, on chips of one kind with one cell a weight: each error of the whole chip alone, at
# its strength there and without trims. The bars are the root mean square by which the ends of solves leave those of the digital twin
# from the same starts, over the spread of its samples. `python -m benchmarks growth` measures them, and what remedies buy.

# %%
path = pathlib.Path("../benchmarks/results/growth.json")
grown = json.loads(path.read_text())["rows"] if path.exists() else []
if not grown:
    print("not measured yet: `python -m benchmarks growth`")
moved = {
    (row["error"], row["network"]): row["moved"][0] for row in grown if "error" in row
}
errors = list(dict.fromkeys(error for error, _ in moved))
networks = list(dict.fromkeys(network for _, network in moved))
with house_style():
    figure, panel = plt.subplots(figsize=(6.4, 4.2))
    for number, (network, shade) in enumerate(zip(networks, COLOURS, strict=False)):
        panel.barh(
            np.arange(len(errors)) + 0.27 * (number - 1),
            [max(moved[error, network], 1e-4) for error in errors],
            0.27,
            color=COLOURS[shade],
            label=network,
        )
    panel.set_yticks(np.arange(len(errors)), errors)
    panel.set(xscale="log", xlim=(1e-4, None), xlabel="rms displacement / spread")
    panel.invert_yaxis()
    if networks:
        panel.legend(loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=3)
plt.close(figure)
figure

# %%
print("all errors, with the remedy  network        moved    µJ")
for row in grown:
    if "remedy" in row:
        print(
            f"{row['remedy']:28s} {row['network']:13s} {row['moved'][0]:6.2f}"
            f" {row['joules'] * 1e6:5.0f}"
        )

# %% [markdown]
# ## What one digit costs
#
# The model of a just-written chip: 64 integrators and 576 columns, whose amplifiers run through all of the solve, however
# little the cells take. No decoder follows. The whole chip has spare columns, converters of its trims and regulators:
# `sample digits` prints its table.

# %%
energy = run.energy
parts = sorted(energy.breakdown.items(), key=lambda each: -each[1])[:8]
print(f"{energy.energy * 1e6:.0f} µJ a digit, of which")
with house_style():
    figure, panel = plt.subplots(figsize=(6.4, 2.6))
    names, joules = zip(*parts, strict=True)
    panel.barh(names, np.array(joules) * 1e6, color=COLOURS["analog"])
    panel.invert_yaxis()
    panel.set(xlabel="µJ a digit")
for name, joule in parts:
    print(f"  {name:28s} {joule * 1e6:7.2f} µJ")
plt.close(figure)
figure
