r"""A transposed convolution as one small array that is read once per input pixel.

With stride s, output pixel $(s a + p, s b + q)$ takes taps of the input pixels
$(a + d, b + e)$ alone, whose kernel's places are $s d - p + l$ and $s e - q + l$ for a
lead l of kernel size - 1 - padding. So the $s^2$ phases p, q of all output channels are
columns of one matrix, and the few offsets d, e of all input channels its rows: one read
of a window gives $s \times s$ output pixels. Unrolled over all pixels the same kernel
takes as many cells as it has reads times over, and more: of 3 x 3 and stride 2, 9 of
the 16 weights of a window are taps, of the unrolled matrix of 6 x 6 pixels 1 in 16.
"""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from .._core._types import Weights


class Windows(eqx.Module):
    """The windows of a map that the rows of a kernel's array see, read by read.

    A row whose pixel lies outside the map is grounded.

    Args:
        places: Number of the pixel of each offset in each read; beyond the last pixel
            for none.
        shape: Height and width of the map, in pixels.
        stride: Output pixels for each input pixel, along a side.
    """

    places: Int[Array, "offsets reads"]
    shape: tuple[int, int] = eqx.field(static=True)
    stride: int = eqx.field(static=True)

    @property
    def num_reads(self) -> int:
        """Number of reads: one for each pixel of the map."""
        return self.places.shape[1]

    def rows(
        self, units: Float[Array, "units ..."]
    ) -> Float[Array, "rows reads *samples"]:
        """What the rows see of the map of all channels, in each read."""
        maps = units.reshape(-1, self.num_reads, *units.shape[1:])
        none = jnp.zeros_like(maps[:, :1])
        seen = jnp.concatenate([maps, none], axis=1)[:, self.places]
        return seen.reshape(-1, self.num_reads, *units.shape[1:])

    def join(
        self, columns: Float[Array, "cols reads *samples"]
    ) -> Float[Array, "units ..."]:
        """The map of all output channels that the reads give."""
        (height, width), side, samples = self.shape, self.stride, columns.shape[2:]
        phases = columns.reshape(-1, side, side, height, width, *samples)
        order = (0, 3, 1, 4, 2, *range(5, phases.ndim))
        return phases.transpose(order).reshape(-1, *samples)


class Kernel(NamedTuple):
    """A transposed convolution as a matrix, and the windows that its rows see."""

    weights: Weights
    biases: Float[Array, " cols"]
    windows: Windows


def kernel_of(conv: eqx.nn.ConvTranspose2d, shape: tuple[int, int]) -> Kernel:
    """The array of a transposed convolution, inputs on rows.

    Args:
        conv: A convolution without dilation and groups, of equal sides.
        shape: Height and width of its input, in pixels.

    Raises:
        ValueError: If it does not give `stride` times the pixels along each side, or is
            of another kind.
    """
    (size, *sizes), (side, *sides) = conv.kernel_size, conv.stride
    (low, high), *others = (tuple(map(int, pair)) for pair in conv.padding)
    alike = (
        {*sizes} == {size}
        and {*sides} == {side}
        and {*others} == {(low, high)}
        and {*conv.dilation} == {1}
        and conv.groups == 1
    )
    grown = {size - low - high + more for more in conv.output_padding}
    if not alike or grown != {side}:
        raise ValueError(
            "a kernel on an array must be a transposed convolution of equal sides, "
            "without dilation and groups, that gives `stride` times the pixels: "
            "kernel size - padding + output padding = stride; got kernel "
            f"{conv.kernel_size}, stride {conv.stride}, padding {conv.padding}, output "
            f"padding {conv.output_padding}."
        )
    lead = size - 1 - low
    offsets = sorted(
        {
            (p + k - lead) // side
            for p in range(side)
            for k in range(size)
            if (p + k - lead) % side == 0
        }
    )
    taps = np.zeros((len(offsets), side, size))
    for n, d in enumerate(offsets):
        for p in range(side):
            if 0 <= (k := side * d - p + lead) < size:
                taps[n, p, k] = 1.0
    taps = jnp.asarray(taps, conv.weight.dtype)
    weights = jnp.einsum("ocyx,dpy,eqx->cdeopq", conv.weight, taps, taps)
    rows = conv.weight.shape[1] * len(offsets) ** 2
    biases = jnp.zeros(conv.weight.shape[0]) if conv.bias is None else conv.bias.ravel()
    return Kernel(
        weights.reshape(rows, -1),
        jnp.repeat(biases, side**2),
        Windows(jnp.asarray(_places(offsets, shape)), shape, side),
    )


def _places(
    offsets: list[int], shape: tuple[int, int]
) -> Int[np.ndarray, "offsets reads"]:
    """The pixel of each pair of offsets in each read, in the order of the rows."""
    height, width = shape
    down, across = np.indices(shape).reshape(2, -1)
    found = []
    for d in offsets:
        for e in offsets:
            y, x = down + d, across + e
            inside = (0 <= y) & (y < height) & (0 <= x) & (x < width)
            found.append(np.where(inside, y * width + x, height * width))
    return np.stack(found)
