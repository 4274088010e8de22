"""Whether the noise found in a record is that of the record: tests of what is left.

Of a law that describes a record the scores are independent and normal (see
`FittedRecord`). So their spectrum is flat: the powers at n frequencies are exponential
and independent, and their sum has a gamma law, whose normal score is squared and summed
over bins, which are even in ln(f). A single frequency far above its neighbours is a
line. Skewness and kurtosis have the standard errors sqrt(6 / N) and sqrt(24 / N).
"""

import numpy as np
from scipy.special import gammainc, gammaincc, ndtri
from scipy.stats import binom, chi2

from ..._core._units import format_quantity
from ._record_noise import find_noise, FittedRecord


RARE = 1e-3  # chance of a false warning of one test of one right record
FAR = 6.0  # robust standard deviations: a read beyond is a spike, if there are few
FEW = 0.05  # of the reads: more are a state
ROBUST = 1.4826  # standard deviation of a normal law over its median deviation
BIN = 1.25  # ratio of the frequencies of a bin of the spectrum
FEWEST = 4  # frequencies in a bin
APART = 2, 12  # numbers of the nearest and of the farthest neighbour of a line
NEIGHBOURS = 2 * (APART[1] - APART[0] + 1)
SHAPE = 5.0  # standard errors of skewness and kurtosis


def doubts_of(found: FittedRecord, interval: float) -> list[str]:
    """What a record has that its law has not, in sentences.

    Args:
        found: The law of the record.
        interval: Seconds from read to read.
    """
    z = found.scores
    if not z.any():
        return []
    spikes = _spikes(found.rest)
    if spikes:
        return [spikes]
    texts, noise = [], found.noise
    if noise.unresolved:
        texts.append(
            "The reads lie around two states "
            f"{format_quantity(noise.unresolved, 'S', 3)} apart, whose jumps are "
            f"faster than a read every {format_quantity(interval, 's', 3)} can tell: "
            "they are taken as white noise. Read faster to see their dwell times"
        )
    # What is named first is why the others are off.
    line = _line(found, interval) or _levels(found, interval)
    texts += [line] if line else [_colour(found, interval), _shape(found)]
    return [text for text in texts if text]


def _spikes(rest: np.ndarray) -> str:
    off = np.abs(rest - np.median(rest))
    spread = ROBUST * float(np.median(off))
    is_far = off > FAR * spread
    num, share = int(is_far.sum()), float(is_far.mean())
    # Of a normal law 2e-9 of the reads are as far.
    if not num or share > FEW or binom.sf(num - 1, rest.size, 2e-9) > RARE:
        return ""
    return (
        f"{num} of {rest.size} reads ({share:.2%}) are spikes, more than "
        f"{FAR:g} standard deviations off: they are in the noise above, and the other "
        f"reads scatter by {format_quantity(float(rest[~is_far].std()), 'S', 3)}. "
        "Leave them out of the file, if they are of the instrument"
    )


def _levels(found: FittedRecord, interval: float) -> str:
    """Two states in what a trap leaves, which are those of another one."""
    if not found.noise.jump:
        return ""
    left = find_noise(found.rest, interval).noise
    apart = left.jump or left.unresolved or left.step
    if not apart:
        return ""
    return (
        "The reads have more than two levels: around both states they lie at two more, "
        f"{format_quantity(apart, 'S', 3)} apart. The record holds several traps, and "
        "the law above has one: take a cell, or a shorter record, with one"
    )


def _line(found: FittedRecord, interval: float) -> str:
    """One frequency far above its neighbours, in the reads or in the scores."""
    far = APART[1]
    ratios = np.stack([_over_neighbours(x) for x in (found.reads, found.scores)])
    if ratios.shape[1] <= 2 * far:
        return ""
    # The ratio to the mean of m powers has the law F(2, 2 m), if all are exponential.
    chance = (1 + ratios / NEIGHBOURS) ** -NEIGHBOURS
    # There, traps and 1/f noise are steeper than a mean of neighbours follows.
    chance[0, :far] = 1.0
    which, best = np.unravel_index(int(np.argmin(chance)), chance.shape)
    if chance[which, best] * chance.size > RARE:
        return ""
    frequency = (best + 1) / (found.scores.size * interval)
    size = np.abs(np.fft.rfft(found.reads - found.reads.mean()))[best + 1]
    amplitude = 2 * float(size) / found.reads.size
    return (
        f"The record has a line at {format_quantity(float(frequency), 'Hz', 3)} (hum?) "
        f"of about {format_quantity(amplitude, 'S', 3)}, "
        f"{ratios[which, best]:.3g} times its neighbours in the spectrum: no law here "
        "has lines, so that the noise above is not that of the cell. Filter it, or "
        "shield the setup"
    )


def _over_neighbours(x: np.ndarray) -> np.ndarray:
    """Powers over the mean of those of `NEIGHBOURS` frequencies near."""
    power = _power(x)
    near, far = APART
    around = np.pad(power, far, mode="wrap")
    shifts = [shift for n in range(near, far + 1) for shift in (n, -n)]
    level = np.mean([np.roll(around, shift) for shift in shifts], axis=0)[far:-far]
    return power / np.maximum(level, 1e-300)


def _colour(found: FittedRecord, interval: float) -> str:
    power = _power(found.scores)
    edges = [0]
    while power.size - edges[-1] >= FEWEST:
        wide = int((edges[-1] + 1) * BIN) - edges[-1]
        edges.append(min(edges[-1] + max(wide, FEWEST), power.size))
    num = np.diff(edges)
    total = np.add.reduceat(power, edges[:-1])[: num.size]
    low, high = gammainc(num, total), gammaincc(num, total)
    score = np.where(low < 0.5, ndtri(np.maximum(low, 1e-300)),
                     -ndtri(np.maximum(high, 1e-300)))  # fmt: skip
    degrees = num.size - (2 if found.noise.flicker else 1)
    value = float(np.sum(score**2))
    if degrees < 1 or chi2.sf(value, degrees) > RARE:
        return ""
    worst = int(np.argmax(np.abs(score)))
    at = 0.5 * (edges[worst] + 1 + edges[worst + 1])
    frequency = at / (found.scores.size * interval)
    return (
        f"The spectrum is not that of the law: chi-square {value:.0f} for {degrees} "
        f"degrees of freedom; around {format_quantity(frequency, 'Hz', 3)} the record "
        f"has {total[worst] / num[worst]:.2g} times the power of the law"
    )


def _shape(found: FittedRecord) -> str:
    z = found.scores - found.scores.mean()
    moments = [float(np.mean(z**n)) for n in (2, 3, 4)]
    skewness, kurtosis = moments[1] / moments[0] ** 1.5, moments[2] / moments[0] ** 2
    off = skewness / np.sqrt(6 / z.size), (kurtosis - 3) / np.sqrt(24 / z.size)
    if max(map(abs, off)) < SHAPE:
        return ""
    return (
        "What the law leaves is not normal, as it must be: skewness "
        f"{skewness:.2f} +- {np.sqrt(6 / z.size):.2f}, kurtosis {kurtosis:.2f} +- "
        f"{np.sqrt(24 / z.size):.2f} (0 and 3): the cell has other states, or the "
        "range of the instrument ends"
    )


def _power(z: np.ndarray) -> np.ndarray:
    """Powers of scores at the frequencies above zero, without the highest one."""
    size = np.abs(np.fft.rfft(z - z.mean())) ** 2 / z.size
    return size[1 : (z.size + 1) // 2]
