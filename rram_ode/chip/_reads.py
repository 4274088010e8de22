"""The cells' own noise in the reads of a test bench."""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array

from .._core._arrays import root
from .._core._random import fold_in_each, normals
from .._core._streams import BenchStream
from .._core._types import Cells, Key, Scalar
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

    def of_cells(self, arrays: list[Cells], *, key: Key) -> list[Cells]:
        """Cells of `arrays` as one read each finds them, in siemens."""
        if not arrays or self.noise.averaged(arrays[0], self.time) is None:
            return arrays
        keys = fold_in_each(key, np.arange(len(arrays)))
        units = normals(keys, [g.shape for g in arrays])
        flat = jnp.concatenate([g.reshape(-1) for g in arrays])
        unit = jnp.concatenate([each.reshape(-1) for each in units])
        variance = self.noise.averaged(flat, self.time)
        assert variance is not None  # as for the first array
        read, found, at = flat + root(variance) * unit, [], 0
        for g in arrays:
            found.append(read[at : at + g.size].reshape(g.shape))
            at += g.size
        return found

    def of_columns(
        self, shapes: Sequence[tuple[int, int]], num: int, *, key: Key
    ) -> list[CellNoise | None]:
        """Noise of `num` reads of each layer's array; `None` without noise.

        Args:
            shapes: Of each layer: rows, with the constant one, and columns.
            num: Number of reads of each column.
            key: That of `ChipStream.TEST_CELLS`.

        Returns:
            Arrays whose last axis is that of reads.
        """
        laws, wanted = self.noise, []
        for number, (rows, cols) in enumerate(shapes):
            if laws.white is not None:
                wanted.append((BenchStream.WHITE, number, (cols, num)))
            if laws.thermal is not None:
                wanted.append((BenchStream.THERMAL, number, (cols, num)))
            if laws.flicker is not None:
                wanted.append((BenchStream.TOGETHER, number, (rows, cols, 1)))
                wanted.append((BenchStream.APART, number, (rows, cols, num)))
        if not wanted:
            return [None] * len(shapes)
        streams, numbers = (np.array([each[n] for each in wanted]) for n in (0, 1))
        keys = jax.vmap(jr.fold_in)(fold_in_each(key, streams), numbers)
        found = normals(keys, [shape for *_, shape in wanted])
        names = [each[:2] for each in wanted]
        units = dict(zip(names, found, strict=True))
        return [self._of_layer(units, number) for number in range(len(shapes))]

    def _of_layer(
        self, units: dict[tuple[BenchStream, int], Array], number: int
    ) -> CellNoise:
        """Noise of reads of one layer, from its standard normals."""
        laws, white, thermal, flicker = self.noise, None, None, None
        if laws.white is not None:
            std = root(laws.white.averaged(self.time))
            white = std * units[BenchStream.WHITE, number]
        if laws.thermal is not None:
            std = root(laws.thermal.averaged(self.time))
            thermal = std * units[BenchStream.THERMAL, number]
        if laws.flicker is not None:
            unit = units[BenchStream.TOGETHER, number]
            num = units[BenchStream.APART, number].shape[-1]
            together = laws.flicker.averaged(num * self.time)
            apart = jnp.maximum(laws.flicker.averaged(self.time) - together, 0.0)
            flicker = root(together) * unit
            flicker = flicker + root(apart) * units[BenchStream.APART, number]
        return CellNoise(white, flicker, None, thermal)
