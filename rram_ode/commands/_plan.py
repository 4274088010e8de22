"""What a run takes before it begins: memory, time, disk; what does not fit is refused.

The laws are linear and meant to tell an hour from a year: seconds are those of two
cores of a server, see `Law`. Another computer may be some times faster or slower;
memory and disk do not depend on it.
"""

import dataclasses
import math
import pathlib
import shutil
import sys

from .._core._memory import physical_memory
from ..config import RunConfig
from ..system import System


LONGEST = 24 * 3600.0  # seconds that a run takes without being asked again; assumed


HUGE = 10**60  # numbers above it are not told apart


MOST_SAMPLES = 2**31  # numbers of samples and seeds have 32 bits, of which a run uses


@dataclasses.dataclass(frozen=True)
class Cost:
    """What each unit of a flag's value takes.

    Args:
        num_bytes: Memory that is kept for it, at least.
        kept: What is kept, in words.
        seconds: Time.
        disk: Bytes that are written.
    """

    num_bytes: float | int
    kept: str
    seconds: float | int = 0.0
    disk: float | int = 0.0


@dataclasses.dataclass(frozen=True)
class Law:
    """Constants of the laws.

    Measured in seconds of a CPU: samples of `ring-fresh` took 1.8e-4 and of `ring`
    3.0e-4 each, with 564 cells and 200 steps of two products; programming `ring` 14
    with 2 and 25 with 6 cells a weight, most of it XLA's, which compiles an array for
    each; 1.7 million cells of `ring-fresh` took 102 bytes each. What follows from
    arrays is counted; `gradient`, `step`, `chip` and `deck` are assumed.

    Args:
        cell: Bytes of a cell of a chip, with its errors and trims, as it is programmed.
        copy: Seconds to program one cell a weight.
        product: Seconds of one product of a cell with its voltage, in a solve.
        sample: Bytes of a coordinate of a sample in `sample`: chip, twin, data, fresh
            data, what is compared of them, and what is written.
        disk: Bytes of a coordinate of a sample in files.
        gradient: Seconds of one weight for one sample of a training step.
        chip: Seconds that a chip takes besides.
        report: Bytes that a report keeps of a chip.
        weight: Bytes of a weight in a training: itself, its mean, two of the optimiser.
        activation: Bytes of an activation of a sample of a batch, with its gradient.
        loss: Bytes of a step's loss: one of single precision for 50 steps.
        step: Seconds of a step besides.
        deck: Seconds of a cell in a run of ngspice, with the model beside it.
    """

    cell: float = 200.0
    copy: float = 3.0
    product: float = 1.5e-9
    sample: float = 100.0
    disk: float = 40.0
    gradient: float = 1e-9
    chip: float = 0.05
    report: float = 2000.0
    weight: float = 24.0
    activation: float = 12.0
    loss: float = 0.08
    step: float = 5e-5
    deck: float = 3e-3


LAW = Law()


def require_fit(
    name: str,
    value: int,
    cost: Cost,
    remedy: str,
    *,
    yes: bool = False,
    folder: pathlib.Path | None = None,
) -> None:
    """Refuse a number with which a run does not fit into this computer, or a day.

    Args:
        name: Flag or setting of the number, as a user writes it.
        value: The number.
        cost: What each takes.
        remedy: What else helps, in words.
        yes: Whether to go on all the same, with a warning.
        folder: Where files are written.

    Raises:
        ValueError: If it does not fit; the text says what would.
    """
    memory, free = physical_memory(), free_disk(folder)
    asked, value = value, min(value, HUGE)
    limits = [
        (
            cost.num_bytes,
            memory,
            f"keeps {value * cost.num_bytes / 1e9:,.0f} GB ({cost.kept}), above the "
            f"{(memory or 0) / 1e9:,.0f} GB of this computer",
        ),
        (
            cost.disk,
            free,
            f"writes {value * cost.disk / 1e9:,.0f} GB, and {(free or 0) / 1e9:,.0f} "
            "GB are free",
        ),
        (
            cost.seconds,
            LONGEST,
            f"takes about {_duration(value * cost.seconds)} here, above "
            f"{_duration(LONGEST)}",
        ),
    ]
    too_large = [
        (int(most // each), said)
        for each, most, said in limits
        if most is not None and each > 0 and value > most / each
    ]
    if not too_large:
        return
    _, said = too_large[0]
    most = rounded_down(min(number for number, _ in too_large))
    less = f"take {most} or fewer, or {remedy}" if most else remedy
    text = f"`{name}` {asked} {said}: {less}"
    if not yes:
        raise ValueError(f"{text}; `--yes` runs it all the same.")
    print(f"warning: {text}.", file=sys.stderr)


def require_numbers(
    num_samples: int, seeds: dict[str, tuple[int, int]], runs: int = 1
) -> None:
    """Refuse numbers that the streams of random numbers do not have.

    Args:
        num_samples: Value of `--num-samples`.
        seeds: First seed and number of seeds, by flag.
        runs: Runs of a chip, one after the other in lab time.

    Raises:
        ValueError: If a number passes 32 bits.
    """
    if num_samples * runs > MOST_SAMPLES:
        raise ValueError(
            f"`--num-samples` must be {MOST_SAMPLES // runs} or fewer, so that each "
            f"sample has a number of 32 bits; got {num_samples}."
        )
    for flag, (first, num) in seeds.items():
        if not 0 <= first <= first + num <= 2**32:
            raise ValueError(
                f"`--{flag}` must be from 0 to {max(2**32 - num, 0)}, as this run "
                f"takes {num} seeds of 32 bits from it on; got {first}."
            )


def require_cells(config: RunConfig, system: System, *, yes: bool) -> int:
    """Refuse a chip that does not fit; the number of its cells.

    Raises:
        ValueError: As `require_fit`.
    """
    devices = config.cell.devices_per_weight
    arrays = weights_of(system)
    many = devices if isinstance(devices, tuple) else (devices,) * len(arrays)
    cells = [2 * weights * each for weights, each in zip(arrays, many, strict=False)]
    each = 2 * sum(arrays)
    require_fit(
        "cell.devices_per_weight",
        max(many),
        Cost(LAW.cell * each, "the cells of a chip", LAW.copy),
        "a smaller network",
        yes=yes,
    )
    return sum(cells)


def solve_seconds(config: RunConfig, cells: int) -> float:
    """Seconds of a sample's solve on a chip of so many cells."""
    return LAW.product * cells * config.solve.num_steps * 2


def weights_of(system: System) -> tuple[int, ...]:
    """Number of weights and biases of each layer of a system's network."""
    network = system.checkpoint.score.network
    sizes = (network.dim, *network.widths, network.dim)
    return tuple((a + 1) * b for a, b in zip(sizes[:-1], sizes[1:], strict=True))


def free_disk(folder: pathlib.Path | None) -> int | None:
    """Bytes that are free where `folder` is or will be; `None` if nobody says."""
    if folder is None:
        return None
    for each in (folder, *folder.absolute().parents):
        try:
            found = shutil.disk_usage(each)
        except OSError:
            continue
        return found.free if found.total else None  # /proc is on no disk
    return None


def rounded_down(number: int) -> int:
    """The first digit of a number, and zeros."""
    unit = 10 ** (len(str(number)) - 1)
    return number // unit * unit


def _duration(seconds: float) -> str:
    for name, length in (("years", 365 * 86400), ("days", 86400), ("hours", 3600)):
        if seconds >= 2 * length or name == "hours":
            return f"{seconds / length:,.3g} {name}"
    return f"{math.ceil(seconds)} s"
