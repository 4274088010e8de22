"""A decoder in hardware: states in, pictures out, one array after the other."""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from jaxtyping import Array, Float, Integer

from .._core._random import standard_normal
from .._core._streams import LabStream
from .._core._types import Scalar, State
from ..blocks import ADC, DAC, SampleHold
from ..chip import AnalogNetwork, Chip
from ..loop import even_chunk, PathSizes, sample_paths, SamplePaths
from ..noise import LabClock
from ._stages import Stage


LARGEST_CHUNK = 256  # samples of a program: their noise takes some 64 MB


class AnalogStage(eqx.Module):
    """The arrays of a stage, and the holds behind it.

    Args:
        chip: Its arrays as a chip has them; integrators and multipliers are not used.
        stage: The digital stage, for its windows.
        holds: The holds of its outputs; `None` for ideal ones, and behind the last.
    """

    chip: Chip
    stage: Stage
    holds: SampleHold | None = None

    @property
    def network(self) -> AnalogNetwork:
        """The network on its arrays."""
        network = self.chip.score
        assert isinstance(network, AnalogNetwork)  # as it was programmed
        return network


class StageSeen(NamedTuple):
    """What was seen of a stage, means over its reads and over samples.

    Args:
        cells: Power that its cells dissipate, in watts.
        rows: Current of its row drivers, in amperes.
        columns: Current of its amplifiers, in amperes.
        clipped: Fraction of rows and held outputs beyond a clamp or a rail.
    """

    cells: Scalar
    rows: Scalar
    columns: Scalar
    clipped: Scalar


class Decoded(NamedTuple):
    """Pictures of a decoder, and what was seen of each stage.

    Args:
        logits: Of each pixel as converted, `(num, height, width)`.
        stages: What was seen of each stage.
    """

    logits: Float[np.ndarray, "num height width"]
    stages: tuple[StageSeen, ...]

    @property
    def images(self) -> Float[np.ndarray, "num height width"]:
        """Brightness within [0, 1]: the logistic function of the codes, digital."""
        return 1 / (1 + np.exp(-self.logits))


class AnalogDecoder(eqx.Module):
    r"""One decoder on a chip, behind the loop.

    A DAC plays the state once. Each layer takes a read to settle; rectified outputs are
    held, and a kernel's array reads one window of what is held after the other. An ADC
    converts the logits of the pixels, read by read; the logistic function is a table.
    Pictures are decoded one in each period, while the next sample is solved.

    Amplifiers settle within a read, and their own noise is left out. Read noise is a
    process in lab time, a function of the chip's key and the number of the sample: a
    read takes its value at the end of the read's own time, so that the noise of two
    reads is as much the same as their distance in seconds makes it. Every read is made
    once. The cells stay at the age at which they were programmed.

    Args:
        stages: The arrays.
        clock: Duration of a decode, and the rest of the period.
        read_time: Time of a read, in seconds.
        dac: Plays the state.
        dac_full_scale: Its full scale, in volts.
        adc: Reads logits.
        plan: Sizes of the paths of read noise.
        shape: Height and width of a picture, in pixels.
    """

    stages: tuple[AnalogStage, ...]
    clock: LabClock
    read_time: Scalar
    dac: DAC
    dac_full_scale: Scalar
    adc: ADC
    plan: PathSizes
    shape: tuple[int, int] = eqx.field(static=True)

    @property
    def num_cells(self) -> int:
        """Number of programmed cells."""
        return sum(stage.chip.num_cells for stage in self.stages)

    def decode(
        self, x: Float[Array | np.ndarray, "num dim"], *, first: int = 0
    ) -> Decoded:
        """The pictures of states `(num, dim)`, those of samples `first` and following.

        Args:
            x: States, in the order of lab time.
            first: Number of the first sample, which sets its lab time.
        """
        x = jnp.asarray(x, float).T
        num = x.shape[1]
        chunk, logits, seen = even_chunk(num, LARGEST_CHUNK), [], []
        for done in range(0, num, chunk):
            part = x[:, done : done + chunk]
            short = chunk - part.shape[1]
            part = jnp.pad(part, ((0, 0), (0, short)), mode="edge")
            found, stages = _decode(self, part, jnp.asarray(first + done, jnp.uint32))
            logits.append(np.asarray(found.T)[: chunk - short])
            seen.append(jax.device_get(stages))
        mean = lambda *xs: np.mean(np.stack(xs))
        stages = jax.tree.map(mean, *seen)
        return Decoded(np.concatenate(logits).reshape(num, *self.shape), stages)

    def to_images(
        self, x: Float[Array | np.ndarray, "num dim"], *, first: int = 0
    ) -> Float[np.ndarray, "num height width"]:
        """The images of `decode`, brightness within [0, 1]."""
        return self.decode(x, first=first).images


@eqx.filter_jit
def _decode(
    decoder: AnalogDecoder, x: State, first: Integer[Array, ""]
) -> tuple[Float[Array, "pixels samples"], tuple[StageSeen, ...]]:
    """Logits of the pictures of states `(dim, samples)`, and what was seen."""
    samples = x.shape[1]
    indices = first + jnp.arange(samples, dtype=first.dtype)
    head, end = decoder.stages[0].network, decoder.stages[-1]
    v = decoder.dac.quantise(head.volts_in * x, decoder.dac_full_scale)
    v, seen, done = head.referred(v), [], 0
    for stage in decoder.stages:
        paths = sample_paths(
            stage.chip,
            decoder.clock,
            decoder.plan,
            decoder.clock.duration,
            x.shape[0],
            first=first,
            num_samples=samples,
            key=stage.chip.key,
        )
        done += stage.stage.depth - 1
        v, own = _read_all(stage, v, paths, done, decoder.read_time, stage is end)
        done += stage.stage.num_reads
        seen.append(own)
        if stage.holds is not None:
            key = jr.fold_in(stage.chip.key, LabStream.HOLD)
            noise = standard_normal(key, indices, v.shape[:1])
            v = stage.holds.opened(v, 0, noise)
    last, unit = end.chip, end.network.volts_out
    logits = last.read_against_reference(v) / unit
    normals = None
    if decoder.adc.noise is not None:
        key = jr.fold_in(last.key, LabStream.HAND_OVER)
        normals = standard_normal(key, indices, logits.shape[:1])
    return decoder.adc(logits, normals), tuple(seen)


def _read_all(
    stage: AnalogStage,
    v: Float[Array, "units samples"],
    paths: SamplePaths,
    done: int,
    read_time: Scalar,
    is_last: bool,
) -> tuple[Float[Array, "outputs samples"], StageSeen]:
    """The outputs of all reads of a stage, in volts: rectified, but for the last's.

    Args:
        stage: Its arrays.
        v: What was held for it, in volts.
        paths: Its read noise.
        done: Number of reads before its last layer's first.
        read_time: Time of a read, in seconds.
        is_last: Whether no rectifiers follow.
    """
    network, rows = stage.network, stage.stage.rows(v)
    wave = network.embedding(jnp.zeros(()))

    def read(step):
        number, v = step
        tau = (done + number.astype(read_time.dtype)) * read_time
        noise = paths.signals(tau, tau + read_time, None).noise
        out, nodes = network.nodes(v, wave, noise)
        if not is_last:
            held = network.hidden_node(len(network.layers), nodes[-1].v)
            out, nodes = held.clipped, (*nodes[:-1], held)
            limited = nodes
        else:
            limited = nodes[:-1]  # beyond the last rails a pixel is black or white
        clipped = [jnp.mean(node.is_clipped, dtype=float) for node in limited]
        rows, columns = jnp.mean(network.supplied(v, nodes), axis=1)
        power = jnp.mean(network.power(v, nodes))
        return out, StageSeen(power, rows, columns, jnp.mean(jnp.stack(clipped)))

    numbers = jnp.arange(rows.shape[1])
    outs, seen = jax.lax.map(read, (numbers, jnp.moveaxis(rows, 1, 0)))
    joined = stage.stage.join(jnp.moveaxis(outs, 0, 1))
    return joined, jax.tree.map(jnp.mean, seen)
