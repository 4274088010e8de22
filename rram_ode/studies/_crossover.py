r"""Growth of a sample's energy with the network, extrapolated from a measured chip.

A column of n cells has the noise gain $N = 1 + R_f \sum g$, with $R_f = u' / (u s)$ and
$s = (g_\max - g_\min) / w_\max$ siemens per unit of weight. At fixed volts per unit

$$N - 1 \propto w_\max\, n,$$

which is n for weights of one size, and $\sqrt n$ for weights that shrink as
$1 / \sqrt n$. Each of n op-amps needs the gain-bandwidth $N / T$, so the static power
of a layer goes as $n^2$ or $n^{1.5}$, the cells' own as $n^2$, and the digital products
as $n^2$: the winner at large n is the smaller factor, not the smaller exponent.
"""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from ..energy import ArrayPower, PartCounts


@dataclasses.dataclass(frozen=True)
class MeasuredChip:
    """Parts of a chip, power of its arrays in a run, and the shapes of its arrays.

    Args:
        parts: Parts of the chip, counted.
        power: Power and currents of its arrays.
        arrays: Shape `(rows, cols)` of each layer, the constant row included.
    """

    parts: PartCounts
    power: ArrayPower
    arrays: tuple[tuple[int, int], ...]

    @property
    def num_cells(self) -> int:
        """Number of differential pairs in all layers."""
        return sum(rows * cols for rows, cols in self.arrays)


def widen(
    chip: MeasuredChip, width: int, *, exponent: float, tile_rows: int | None = None
) -> MeasuredChip:
    r"""`chip` with hidden layers of `width` columns instead of its own.

    A noise gain less 1 grows as $\text{rows}^e$, with e the `exponent`, the sum of the
    column currents as $\text{cells} / \text{rows}^e$, everything else with its count.
    Volts per unit, conductances, integrators and the schedule stay. Op-amps of a layer
    keep the distribution of their gains and loads: what they take is not linear in it.

    Args:
        chip: A measured chip whose hidden layers all have one width.
        width: Number of columns of each hidden layer.
        exponent: 1 for weights of one size, 1/2 for those that shrink as
            $1 / \sqrt n$.
        tile_rows: Largest number of rows behind one amplifier; the outputs of the
            tiles are then summed. `None` for one amplifier per column.

    Raises:
        ValueError: If `width` or `tile_rows` is below 1, or the chip has no hidden
            layer of one width.
    """
    if width < 1 or (tile_rows is not None and tile_rows < 1):
        raise ValueError(
            f"`width` and `tile_rows` must be 1 or more; got {width} and {tile_rows}."
        )
    widths = {cols for _, cols in chip.arrays[:-1]}
    if len(widths) != 1:
        raise ValueError(
            f"all hidden layers must have one width; got {sorted(widths)}."
        )
    arrays = _widened(chip.arrays, width)
    gains: list[float] = []
    last = len(arrays) - 1
    columns = _columns(chip, arrays)
    for number, ((rows, _), (more_rows, _), at) in enumerate(
        zip(chip.arrays, arrays, columns, strict=True)
    ):
        growth = (more_rows / rows) ** exponent
        tiles = 1 if tile_rows is None else math.ceil(more_rows / tile_rows)
        # The embedding's resistor, at one of the tiles' amplifiers, does not grow.
        embedding = 0.0 if number == last else 1.0
        own = np.asarray(chip.parts.noise_gains)[at]
        excess = embedding + growth * (own - 1 - embedding)
        gains += (1 + excess / tiles).tolist() * tiles
    new = MeasuredChip(chip.parts, chip.power, arrays)
    cells = new.num_cells / chip.num_cells
    depth = sum(r for r, _ in arrays) / sum(r for r, _ in chip.arrays)
    channels = width + chip.parts.channels - max(widths)
    parts = dataclasses.replace(
        chip.parts,
        noise_gains=tuple(gains),
        **_loads(chip, arrays, columns, exponent, tile_rows),
        channels=channels,
        waveform_bits=round(chip.parts.waveform_bits * channels / chip.parts.channels),
        range_changes=round(chip.parts.range_changes * channels / chip.parts.channels),
        cells=round(chip.parts.cells * cells),
        constant_current=chip.parts.constant_current * cells,
    )
    power = ArrayPower(
        chip.power.cells * cells,
        chip.power.rows * cells,
        chip.power.columns * cells / depth**exponent,
    )
    return MeasuredChip(parts, power, arrays)


def crossings(
    x: Float[np.ndarray, " points"], ratio: Float[np.ndarray, " points"]
) -> list[float]:
    """Points where `ratio` passes 1, by straight lines in log x and log ratio.

    Args:
        x: Positive and rising numbers, such as widths.
        ratio: Positive numbers, such as analog over digital joules.

    Raises:
        ValueError: If a value is not positive or `x` does not rise.
    """
    if not (np.all(x > 0) and np.all(ratio > 0) and np.all(np.diff(x) > 0)):
        raise ValueError("`x` must be positive and rise, and `ratio` be positive.")
    u, v = np.log(x), np.log(ratio)
    signs = np.sign(v)
    found = [float(x[k]) for k in np.flatnonzero(signs == 0)]
    for k in np.flatnonzero(signs[:-1] * signs[1:] < 0):
        fraction = v[k] / (v[k] - v[k + 1])
        found.append(float(np.exp(u[k] + fraction * (u[k + 1] - u[k]))))
    return sorted(found)


def _widened(
    arrays: tuple[tuple[int, int], ...], width: int
) -> tuple[tuple[int, int], ...]:
    last = len(arrays) - 1
    return tuple(
        (rows if k == 0 else width + 1, cols if k == last else width)
        for k, (rows, cols) in enumerate(arrays)
    )


def _columns(
    chip: MeasuredChip, arrays: tuple[tuple[int, int], ...]
) -> list[Int[np.ndarray, " _"]]:
    """For each column of each layer of `arrays`, the column of `chip` it is like.

    Columns are the quantiles of those of the chip, in the order of their noise gains.
    """
    found, first = [], 0
    for (_, cols), (_, more_cols) in zip(chip.arrays, arrays, strict=True):
        own = np.asarray(chip.parts.noise_gains[first : first + cols])
        found.append(
            first + np.argsort(own, kind="stable")[_quantiles(cols, more_cols)]
        )
        first += cols
    return found


def _quantiles(num: int, wanted: int) -> Int[np.ndarray, " wanted"]:
    """Which of `num` sorted values `wanted` values of one distribution are."""
    return (2 * np.arange(wanted) + 1) * num // (2 * wanted)


def _like(own: Sequence[float], wanted: int, factor: float) -> list[float]:
    """`wanted` loads with `factor` times the distribution of `own`."""
    return (factor * np.sort(own)[_quantiles(len(own), wanted)]).tolist()


def _loads(
    chip: MeasuredChip,
    arrays: tuple[tuple[int, int], ...],
    columns: list[Int[np.ndarray, " _"]],
    exponent: float,
    tile_rows: int | None,
) -> dict[str, tuple[float, ...]]:
    r"""What the op-amps of a wider chip drive.

    A row's conductance grows with the columns; a feedback conductance, the sum of a
    column's over the noise gain less 1, as $\text{rows}^{1 - e}$.
    """
    parts = chip.parts
    feedbacks: list[float] = []
    rectifiers: list[float] = []
    inverters: list[float] = []
    integrators: list[float] = []
    driven = row = 0
    for number, ((rows, cols), (more_rows, more_cols), at) in enumerate(
        zip(chip.arrays, arrays, columns, strict=True)
    ):
        tiles = 1 if tile_rows is None else math.ceil(more_rows / tile_rows)
        less = (more_rows / rows) ** (1 - exponent)
        feedbacks += (less * np.asarray(parts.feedbacks)[at]).tolist() * tiles
        wider = more_cols / cols
        inverters += _like(parts.inverter_loads[row : row + rows], more_rows, wider)
        if number:
            own = parts.rectifier_loads[driven : driven + rows - 1]
            driven += rows - 1
            rectifiers += _like(own, more_rows - 1, wider)
        else:
            integrators += [wider * load for load in parts.integrator_loads]
        row += rows
    return {
        "feedbacks": tuple(feedbacks),
        "rectifier_loads": tuple(rectifiers),
        "inverter_loads": tuple(inverters),
        "integrator_loads": tuple(integrators),
    }
