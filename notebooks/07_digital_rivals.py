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
# # What the digital rivals exploit
#
# Published diffusion accelerators do not compute a score network faster by more transistors alone: each finds something in the
# numbers that it need not compute, move or keep in full. Here each of these regularities is drawn on the activations of our own
# networks: a U-Net of digits and an attention network of discs and crosses, which no chip here holds, and the chip's own
# perceptron. `python -m rram_ode.compare digits` and `compare attention` turn them into rows of quality, joules and seconds.

# %%
import jax
import jax.numpy as jnp
import jax.random as jr
import matplotlib.pyplot as plt
import numpy as np
import rram_ode as rr
from rram_ode.accelerators import count_map_bits
from rram_ode.formats import MaxClip, OptimalClip, UniformFormat
from rram_ode.plots import COLOURS, house_style
from rram_ode.samplers import Euler
from rram_ode.scores import ExactArithmetic
from rram_ode.sdes import ProbabilityFlow
from rram_ode.training import shipped_picture_network


# %% [markdown]
# ## The inputs of every layer, step by step
#
# 48 digits by Euler's method in 24 steps. The input of each convolution is kept at each step.

# %%
plt.ion()  # figures stand below the cells that draw them
unet = shipped_picture_network("digits-unet-relu").score
labels = jnp.arange(48) % 10
ts = jnp.linspace(1.0, 1e-3, 25)
asked, flow = unet.of_class(labels), ProbabilityFlow(unet.preconditioning.sde)
see = jax.jit(lambda score, t, x: score.layer_inputs(t, x))
step = jax.jit(lambda score, x, pair: Euler()(flow, score, x, pair))

x, seen = jr.normal(jr.key(0), (unet.dim, labels.size)), []
for t, t_next in zip(ts[:-1], ts[1:], strict=True):
    seen.append([np.asarray(h) for h in see(asked, t, x)])
    x = step(asked, x, jnp.stack([t, t_next]))
layers = list(zip(*seen, strict=True))  # of each layer its inputs, step after step

# %% [markdown]
# ## Little changes from step to step
#
# The difference to the step before, over the spread of the input itself. `guo` and `ditto` (ISSCC 2024, 20.2, and its
# neighbours) multiply these differences, most of them in four bits. The first step has no step before.
#
# ## A layer's range is not that of the next step
#
# The largest input over the largest of all steps. One range for all steps wastes codes where the curve is low: Diff-Acc keeps
# a range for each step.

# %%
changes = np.array(
    [
        [np.std(b - a) / np.std(b) for a, b in zip(h[:-1], h[1:], strict=True)]
        for h in layers
    ]
)
ranges = np.array([[np.abs(h).max() for h in each] for each in layers])
ranges = ranges / ranges.max(axis=1, keepdims=True)
with house_style():
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2))
    for number, (change, span) in enumerate(zip(changes, ranges, strict=True)):
        shade = plt.get_cmap("viridis")(number / len(layers))
        axes[0].semilogy(ts[1:-1], change, color=shade)
        axes[1].plot(ts[:-1], span, color=shade)
    axes[0].set(
        xlabel="diffusion time t",
        ylabel="std of the difference / std",
        title="differences",
    )
    axes[1].set(
        xlabel="diffusion time t",
        ylabel="largest / largest of all steps",
        title="ranges",
    )
    for ax in axes:
        ax.invert_xaxis()
    figure.suptitle("13 convolutions, the first dark, the last light")

# %% [markdown]
# ## Behind a rectifier many numbers are zero, in some channels more than in others
#
# The share of zeros in each channel of one convolution, over the steps. SQ-DM sends channels above 30 % to a processor that
# skips zeros, and sorts them anew at every step. Here few channels cross that line from one step to the next (right), so that
# labels of the step before serve.

# %%
number = 4  # a convolution of the lower level, behind a rectifier
zeros = np.array([np.mean(h == 0, axis=(1, 2, 3)) for h in layers[number]])
order = np.argsort(zeros.mean(axis=0))
with house_style():
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), width_ratios=(2, 1))
    image = left.imshow(zeros[:, order].T, aspect="auto", cmap="magma", vmin=0, vmax=1)
    left.set(
        xlabel="step",
        ylabel="channel, sorted",
        title=f"zeros in the input of convolution {number}",
    )
    figure.colorbar(image, ax=left, label="share of zeros")
    sparse = zeros > 0.3
    flips = np.mean(sparse[1:] != sparse[:-1], axis=1)
    right.plot(sparse.mean(axis=1), color=COLOURS["digital"], label="sparse channels")
    right.plot(
        np.arange(1, len(sparse)),
        flips,
        color=COLOURS["analog"],
        label=f"labels that change, at most {flips.max():.0%}",
    )
    right.set(xlabel="step", ylim=(0, 1), title="above 30 %")
    right.legend()

# %% [markdown]
# ## Neighbouring patches attend to nearly the same places
#
# The attention network draws a disc or a cross from three words. Its map of weights among 64 patches, pruned at 1/128, and
# what is left of the bits when each patch is compared with its neighbour (PSSA): fewer ones have to be stored. Whether fewer bits
# have to be stored depends on the index of the ones, whose size is printed below for each code: PSSA takes far fewer than sparse
# rows (`csr`) or sparse patches (`local`), but with 64 tokens a plain bitmap, one bit for each weight, takes no more than PSSA.


# %%
class Maps(ExactArithmetic):
    """Keeps the weights of every attention."""

    def __init__(self):
        self.maps = []

    def softmax(self, number, scores):
        weights = super().softmax(number, scores)
        self.maps.append(weights)
        return weights


attention = shipped_picture_network("attention").score


@jax.jit
def maps_of(t, x):
    seen = Maps()
    attention.of_class(jnp.arange(x.shape[1]) % 8).evaluate(t, x, seen)
    return seen.maps


data = rr.datasets.figures()
clean = data.sample(8, key=jr.key(1)).T
mean, std = attention.preconditioning.sde.marginal(jnp.asarray(0.3))
noised = mean * clean + std * jr.normal(jr.key(2), clean.shape)
weights = np.asarray(maps_of(jnp.asarray(0.3), noised)[0][0])
bits = weights >= 1 / 128
blocks = bits.reshape(8, 8, 8, 8).transpose(0, 2, 1, 3)  # patches of one image row each
changed = blocks.copy()
changed[:, 1:] = blocks[:, 1:] ^ blocks[:, :-1]
with house_style():
    figure, axes = plt.subplots(1, 3, figsize=(9, 3.2))
    axes[0].imshow(weights, cmap="magma")
    axes[1].imshow(bits, cmap="gray")
    axes[2].imshow(changed.transpose(0, 2, 1, 3).reshape(64, 64), cmap="gray")
    titles = (
        "weights",
        f"kept: {bits.mean():.0%}",
        f"differs from its neighbour: {changed.mean():.0%}",
    )
    for ax, title in zip(axes, titles, strict=True):
        ticks = range(0, 64, 16)
        ax.set(title=title, xlabel="patch attended to", xticks=ticks, yticks=ticks)
        ax.grid(visible=False)
    axes[0].set_ylabel("patch that attends")
each = count_map_bits(64, 8, bits.sum(), changed.sum())
for code in ("csr", "local", "pssa", "bitmap"):
    print(f"index bits, {code}: {getattr(each, code):,.0f}")

# %% [markdown]
# ## Where to clip
#
# Four bits on the second layer of the chip's own network: the error over the range, the range of the maximum, and the one that
# OCTAV finds by Newton's method. The chip's DACs face the same question.

# %%
network = rr.System.from_preset("ring-64-fresh").checkpoint.score.network
w = network.weights[1]
spans = np.linspace(0.1, 1.0, 60) * float(jnp.abs(w).max())
square = lambda s: float(
    jnp.mean((jnp.clip(jnp.round(w / (s / 7)), -7, 7) * (s / 7) - w) ** 2)
)
found = {
    "maximum": float(UniformFormat(4, MaxClip()).scale(w.reshape(-1, 1))[0]),
    "OCTAV": float(UniformFormat(4, OptimalClip()).scale(w.reshape(-1, 1))[0]),
}
with house_style():
    figure, ax = plt.subplots(figsize=(5, 3.2))
    ax.semilogy(spans, [square(s) for s in spans], color=COLOURS["digital"])
    for (name, s), colour in zip(
        found.items(), (COLOURS["data"], COLOURS["analog"]), strict=True
    ):
        ax.plot(s, square(s), "o", color=colour, label=name)
    ax.set(xlabel="range s", ylabel="mean square error", title="weights in 4 bits")
    ax.legend()

# %% [markdown]
# ## What the chip takes from them
#
# `dac.ranges` gives the waveform DAC several full scales, `cell.devices_per_weight` a number of cells for each layer, and
# `rram-steps` puts converters around the same arrays at every step. The [results](../docs/results.md) say what each bought.
