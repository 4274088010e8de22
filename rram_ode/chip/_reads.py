"""The cells' own noise in the reads of a test bench."""

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
from jaxtyping import Array, Float

from .._core._arrays import root
from .._core._random import normal
from .._core._streams import BenchStream
from .._core._types import Key, Scalar
from ..crossbar import CellNoise
from ..noise import ReadNoise


class Reads(eqx.Module):
    r"""Reads that are means over `time` seconds, with the noise of the cells.

    White, thermal and shot noise are new in each read. A column is read once for each
    of N known inputs, one read after the other: the mean of its 1/f noise over all of
    them, with the variance of a mean over $N t$, is common to its reads, and what is
    left of the variance of a mean over t is new in each. A read-back of single cells
    has their white, 1/f and telegraph noise, the latter as a normal deviate; reads of
    columns leave telegraph noise out.

    Args:
        noise: Laws of the cells on the bench.
        time: t, in seconds.
    """

    noise: ReadNoise
    time: Scalar

    def of_cells(
        self, g: Float[Array, "*cells"], *, key: Key
    ) -> Float[Array, "*cells"]:
        """Cells of conductance `g` as one read each finds them, in siemens."""
        variance = self.noise.averaged(g, self.time)
        return g if variance is None else g + root(variance) * normal(key, g.shape)

    def of_columns(
        self, shape: tuple[int, int], num: int, number: int, *, key: Key
    ) -> CellNoise | None:
        """Noise of `num` reads of the array of a layer; `None` without noise.

        Args:
            shape: Rows, with the constant one, and columns.
            num: Number of reads of each column.
            number: Number of the layer.
            key: That of `ChipStream.TEST_CELLS`.

        Returns:
            Arrays whose last axis is that of reads.
        """
        laws, (_, cols) = self.noise, shape
        draw = lambda stream, *sizes: normal(
            jr.fold_in(jr.fold_in(key, stream), number), sizes
        )
        white = thermal = flicker = None
        if laws.white is not None:
            unit = draw(BenchStream.WHITE, cols, num)
            white = root(laws.white.averaged(self.time)) * unit
        if laws.thermal is not None:
            unit = draw(BenchStream.THERMAL, cols, num)
            thermal = root(laws.thermal.averaged(self.time)) * unit
        if laws.flicker is not None:
            together = laws.flicker.averaged(num * self.time)
            apart = jnp.maximum(laws.flicker.averaged(self.time) - together, 0.0)
            flicker = root(together) * draw(BenchStream.TOGETHER, *shape, 1)
            flicker = flicker + root(apart) * draw(BenchStream.APART, *shape, num)
        if white is None and thermal is None and flicker is None:
            return None
        return CellNoise(white, flicker, None, thermal)
