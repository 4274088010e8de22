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
# # Letters by class, in a latent space
#
# The paper's second task: handwritten letters of a class that is asked for. An autoencoder turns a picture into two
# numbers; the analog loop generates such pairs of numbers for a class, and a digital decoder makes pictures of them.
# This notebook goes through the data, the autoencoder, the network, an ideal chip, a whole chip, and guidance.

# %%
import json
import pathlib

import jax.numpy as jnp
import matplotlib.pyplot as plt
import numpy as np
import rram_ode as rr
from rram_ode.latents import latent_quality
from rram_ode.plots import house_style, plot_latents, plot_pictures
from rram_ode.samplers import log_likelihood
from rram_ode.scores import GuidedScore, LabelledScore
from rram_ode.sdes import ProbabilityFlow


# %% [markdown]
# ## The data
#
# 4,308 letters h, k and u of 12 x 12 pixels from the OCR words of R. Kassel (MIT Spoken Language Systems), cleaned by
# B. Taskar. No writer is named, but all copies of a word come in one order of writers, so that the test letters, the last
# fifth of each word's copies, are of other hands than the others. Exact copies were dropped before. Some labels are
# wrong, and some h and k are capitals. The paper's letters are H, K and U of EMNIST, which `datasets.pictures.load_emnist`
# reads from a user's own files, prepared as the paper did.

# %%
splits = rr.load_letters()
for part in splits:
    counts = ", ".join(f"{number} {name}" for name, number in part.counts().items())
    print(f"{part.split:9s} {len(part):5d} letters: {counts}")

# %% [markdown]
# ## The autoencoder
#
# That of the paper: two convolutions, 16 units, a latent of two numbers, and their mirror. Training pulls the latents of a
# class to an anchor of its own. `python -m rram_ode.train letters-vae` repeats it. Two numbers leave the shape of a letter
# and lose its details: decoded letters are blurred. (`--set latents.dim=8` gives sharper ones, and needs a wider loop.)

# %%
system = rr.System.from_preset("letters")
letters = system.dataset
states, labels = map(np.asarray, letters.part("test"))
plot_pictures(
    {
        "data": (splits.test.images, labels),
        "decoded": (letters.to_images(states), labels),
    },
    letters.class_names,
    "test letters, and the same after the autoencoder",
    per_class=2,
)

# %% [markdown]
# The nearest anchor tells the class of a test letter nearly as often as a network that reads the pictures themselves:

# %%
judge = rr.find_picture_judge(system.config)
found = latent_quality(letters, splits, "test")
reader = judge.reader.reader.read(splits.test.images) == labels
print(f"nearest anchor right   {found.accuracy:.3f}")
print(f"reader of pictures     {reader.mean():.3f}")
print(
    f"error per pixel        {found.error:.4f}, of the mean letter {found.mean_image_error:.4f}"
)

# %% [markdown]
# ## The latent space
#
# A state is a latent over 8, as in the paper. Left: the test letters and the anchors. Right: what the decoder makes of
# points of the plane; between two anchors one letter turns into the other.

# %%
NUM, REACH = 9, 0.7
ticks = np.linspace(-REACH, REACH, NUM)
grid = np.stack(np.meshgrid(ticks, ticks[::-1]), axis=-1).reshape(-1, 2)
tiles = letters.to_images(grid).reshape(NUM, NUM, 12, 12).transpose(0, 2, 1, 3)
anchors = np.asarray(letters.anchors)
with house_style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 4.3))
    for number, name in enumerate(letters.class_names):
        left.plot(*states[labels == number].T, ".", ms=3, label=name)
    left.legend()
    half = REACH * NUM / (NUM - 1)
    mosaic = tiles.reshape(12 * NUM, 12 * NUM)
    square = (-half, half, -half, half)
    right.imshow(mosaic, cmap="gray_r", extent=square, interpolation="nearest")
    right.grid(visible=False)
    for panel in (left, right):
        for number, anchor in enumerate(anchors):
            panel.plot(*anchor, "*", ms=14, mfc=f"C{number}", mec="black")
        panel.set(
            xlim=(-half, half), ylim=(-half, half), aspect="equal", xlabel="$x_1$"
        )
    left.set(ylabel="$x_2$", title="test letters")
    right.set(title="decoded")
plt.close(figure)
figure

# %% [markdown]
# ## The network, digitally
#
# A network of 2-64-64-2 with a class embedding. The embedding is computed digitally and is added to the time embedding, so
# that the arrays do not change with the class. Each sample has a class of its own, as often as the data have it.
# The reader that judges was trained on held-out letters alone: neither the network nor the test has seen those. Distances
# are in just-noticeable ones: 1 is the distance of letters with half a pixel of blur.

# %%
num = 600
twin = system.sample_digital(num, seed=0)
print(judge.judge(letters.to_images(twin.x), twin.labels, num_blocks=None))

# %% [markdown]
# The real letters beside them are decoded ones, since the decoder is no part of what is judged.
#
# ## The same on an ideal chip
#
# With every error off the loop gives the digital samples from the same starts.

# %%
ideal = system.replace({"fidelity": "ideal"})
run = ideal.sample(ideal.program(), 60, seed=0)
same = np.array_equal(run.labels, twin.labels[:60])
print(
    f"largest difference {np.abs(run.x - twin.x[:60]).max():.1e}, same classes: {same}"
)

# %% [markdown]
# ## On a whole chip
#
# The same network, which was trained on such chips, on a die with all errors, a day old and trimmed
# ([notebook 08](08_whole_chip.ipynb) walks there). Few samples tell little, as the intervals show.

# %%
chip = system.program(seed=0)
run = system.sample(chip, 200, seed=0)
print(judge.judge(letters.to_images(run.x), run.labels))
print(
    f"energy of a letter {run.energy.energy * 1e6:.0f} µJ without its decoding, a model"
)

# %%
shown = {
    "data": (letters.to_images(states), labels),
    "digital": (letters.to_images(twin.x), twin.labels),
    "analog": (letters.to_images(run.x), run.labels),
}
plot_pictures(shown, letters.class_names, "letters of a whole chip", per_class=2)

# %%
clouds = {
    "data": (states, labels),
    "digital": (twin.x, twin.labels),
    "analog": (run.x, run.labels),
}
plot_latents(clouds, anchors, letters.class_names, "states")

# %% [markdown]
# `python -m benchmarks letters` has ten chips with more samples, each beside its digital twin from the same starts. Distances
# in the latent space, beyond the twin's:

# %%
RESULTS = pathlib.Path("../benchmarks/results")


def measured(name):
    """Rows of a benchmark, none before it was run."""
    path = RESULTS / f"{name}.json"
    if not path.exists():
        print(f"not measured yet: `python -m benchmarks {name}`")
        return []
    return json.loads(path.read_text())["rows"]


for row in measured("letters"):
    if "num_chips" not in row:
        continue
    print(f"{row['case']}: {row['num_chips']} chips of {row['num_samples']} letters")
    for side, words in (("recall", "read right"), ("twin_recall", "digital twins")):
        mean, low, high = row["recall"]["balanced_accuracy"][side]
        print(f"  {words:15s} {mean:.3f} ({low:.3f} to {high:.3f})")
    mean, low, high = row["apart"]["states"]
    print(f"  distance beyond {mean:.2f} ({low:.2f} to {high:.2f}), ", end="")
    print(f"below 1 for {row['num_near']['states']} chips")

# %% [markdown]
# ## Guidance narrows
#
# Guidance follows $(1 + w)\, s(\mathrm{class}) - w\, s(\varnothing)$. The null label is an embedding of zeros, as in the training
# of the paper; the paper's sampling code passes class 0 in its place, which does no harm for $w = 0$ alone. More guidance makes
# letters that are read right more often, soon more often than real ones, and that differ less from each other: recall is
# the share of real letters that the samples reach. On a chip it takes two arrays, one for each score, since a continuous loop cannot evaluate one network
# twice (`sample letters --guidance 1.5`).

# %%
WEIGHTS = (0.0, 0.5, 1.5, 4.0)
guided = {}
print("weight  read right  distance  recall")
for weight in WEIGHTS:
    other = system.replace({"guidance.weight": weight})
    drawn = other.sample_digital(num, seed=0)
    seen = judge.judge(letters.to_images(drawn.x), drawn.labels, num_blocks=None)
    guided[f"w = {weight:g}"] = (drawn.x, drawn.labels)
    print(
        f"{weight:6g} {seen.recall.balanced.mean:11.3f} {seen.pixels.samples.value:9.3f} "
        f"{seen.manifolds.recall:7.2f}"
    )
plot_latents(guided, anchors, letters.class_names, "the same starts, digital")

# %% [markdown]
# Whole chips of two arrays amplify the errors of both: `python -m benchmarks guidance` compares them with their digital twins.

# %%
for row in measured("guidance"):
    sides = (row["digital"], {name: each[0] for name, each in row["chips"].items()})
    read, reached = ([side[name] for side in sides] for name in ("accuracy", "reached"))
    print(
        f"w {row['weight']:3g}: read right {read[0]:.3f}, on chips {read[1]:.3f}; real "
        f"letters reached {reached[0]:.2f}, on chips {reached[1]:.2f}; "
        f"{row['chips']['joules'][0] * 1e6:.0f} µJ"
    )

# %% [markdown]
# With $w > 0$ the flow is the probability flow of no process. A likelihood along it would be a number without a meaning, and
# is refused:

# %%
flow = ProbabilityFlow(system.checkpoint.sde)
score = GuidedScore(system.checkpoint.score, 1.5)
try:
    log_likelihood(
        flow,
        LabelledScore(score, jnp.asarray(0)),
        lambda x: -jnp.sum(x**2, axis=0) / 2,
        jnp.zeros((2, 1)),
        system.config.solve.t0,
        system.config.solve.t1,
    )
except ValueError as error:
    print(error)

# %% [markdown]
# ## What the paper tells, and what is ours
#
# | | the paper and its code | here |
# | --- | --- | --- |
# | letters | H, K, U of EMNIST, 18,222 and 2,905 | h, k, u of another source, 2,761, 688 and 859 |
# | autoencoder | two numbers, anchors of radius 4, latents over 8 | the same, on moved copies of the letters, classes with equal weight |
# | network | 2-14-14-2, predicts the score | 2-64-64-2, predicts the noise; the paper's is `letters-14-fresh` |
# | process | beta up to 0.5, times 1.5 at sampling | beta up to 8; `letters-14-fresh` as the paper, times 1.7 |
# | class | digital embedding, added to that of time | the same |
# | guidance | told as a formula; the published runs have $w = 0$ | two arrays, with errors, noise, energy and area of their own |
# | judging | pictures to look at | a reader trained on neither side, distances with intervals, copies |
#
# The paper's claims of speed and energy for this task are set beside the model by `python -m rram_ode.compare letters`.
