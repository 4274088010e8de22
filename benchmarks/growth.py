"""What fails first as the network grows, and which remedy buys most per joule.

Three networks, from the paper's to one with some 350 times its cells, none of them
trained for chips, on chips of one kind, with one cell a weight. First each error of the
whole chip stands alone, at its strength there and without trims. Then all errors act,
and remedies are tried: trims, more cells a weight, a calibration, smaller tiles, and a
network that was trained for such chips. The height of a row is the root mean square by
which the ends of solves leave those of the digital twin from the same starts, over the
spread of the twin's samples: networks of any size and data can be compared by it. It
counts what moves a sample, not only what changes the law of samples: distances to the
data of chips and of their twins, in just-noticeable ones, stand beside it. A network
that was trained for chips has another twin, which may be farther from the data. What a
remedy buys is the fall of the displacement over the joules that it adds; one that adds
none is free.

Op-amps of finite bandwidth are compared with infinitely fast ones that have the same
offsets and gains; paid for are those that a solve needs.
"""

import dataclasses
from typing import Any, NamedTuple

import numpy as np
from rram_ode.config import (
    idealise,
    override_all,
    read,
    replace,
    replace_all,
    RunConfig,
    TrimConfig,
)
from rram_ode.metrics import interval
from rram_ode.presets import find_preset
from rram_ode.studies import knobs_of
from rram_ode.system import NUM_SLOW, Repeat, System
from tqdm import tqdm

from ._harness import forget_programs, run
from ._remedies import CALIBRATED, NO_REMEDY, Remedy
from ._result import Gate, Row


RIVAL = "the digital twin: same network, same starts"
NUM_SAMPLES, NUM_CHIPS = 100, 3
EXACT = "largest difference of a chip without errors to the twin"
FINITE = "share of samples that are not finite"


class Size(NamedTuple):
    """A network: the preset of whole chips, and the plain network of this size.

    Where both have one network, none was trained for chips.
    """

    preset: str
    plain: str

    @property
    def is_trained(self) -> bool:
        """Whether there is a network that was trained for chips."""
        return self.preset != self.plain


SIZES = {
    "2-14-14-2": Size("ring", "ring"),
    "2-64-64-2": Size("ring-64", "ring-64-fresh"),
    "64-256-256-64": Size("digits", "digits-fresh"),
}


# What all chips of this study have in common.
COMMON: dict[str, Any] = {
    "cell.devices_per_weight": 1,
    "crossbar.headroom": 1.8,
    "crossbar.wires.word_line": 0.18,
    "crossbar.wires.bit_line": 0.18,
    "solve.score_factor": 1.0,  # one for all samples is no error of a circuit
}


# Names of this study, and of the errors of `budget` that each has.
ERRORS: dict[str, tuple[str, ...]] = {
    "levels": ("levels",),
    "programming noise": ("write noise",),
    "stuck cells": ("faults",),
    "age of a day": ("age",),
    "read noise": ("read noise", "1/f noise"),
    "wires": ("wires",),
    "offsets and gains of op-amps": ("op-amps", "row drivers", "rectifiers"),
    "multipliers": ("multipliers",),
    "process": ("process",),
    "supplies": ("supplies",),
}


BANDWIDTH = "bandwidth of op-amps"


FAST: dict[str, Any] = {
    "op_amp.kind": "on-chip",
    "op_amp.sampled_noise": False,
    "op_amp.static_errors": True,
}


DYNAMIC = "fidelity", "dynamic"


UNTRIMMED: dict[str, Any] = {
    f"trim.{name}": value for name, value in dataclasses.asdict(TrimConfig()).items()
}


class Case(NamedTuple):
    """Whole chips with a remedy.

    Args:
        settings: On top of the trimmed chip of one cell a weight.
        remedy: What is added to a programmed chip.
        is_trained: Whether the network is the one that was trained for chips.
    """

    settings: dict[str, Any]
    remedy: Remedy = NO_REMEDY
    is_trained: bool = False


BASE = "as fabricated"


REMEDIES = {
    BASE: Case(UNTRIMMED),
    "trims": Case({}),
    "trims, four cells a weight": Case({"cell.devices_per_weight": 4}),
    "trims, eight cells a weight": Case({"cell.devices_per_weight": 8}),
    "trims, calibrated": Case({}, CALIBRATED),
    "trims, tiles of 32": Case({"crossbar.tile_rows": 32, "crossbar.tile_cols": 32}),
    "trims, trained": Case({}, is_trained=True),
    "trims, trained, eight cells": Case(
        {"cell.devices_per_weight": 8}, is_trained=True
    ),
}


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each network and error, then for each network and remedy."""
    num = options.num_samples or NUM_SAMPLES
    num_chips = options.num_chips or NUM_CHIPS
    found: list[Row] = []
    cases = sum(len(ERRORS) + 1 + len(remedies(size)) for size in SIZES.values())
    total = cases * num_chips
    with tqdm(total=total, unit="chip", desc="growth") as bar:
        for name, size in SIZES.items():
            found += error_rows(name, size, num, num_chips, bar)
        for name, size in SIZES.items():
            found += remedy_rows(name, size, num, num_chips, bar)
    return found, {"num_samples": num, "num_chips": num_chips, **_summary(found)}


def whole(size: Size, *, is_trained: bool = False) -> RunConfig:
    """Whole chips of a size with one cell a weight, of the plain network by default."""
    config = override_all(find_preset(size.preset), COMMON)
    return config if is_trained else replace(config, "checkpoint", size.plain)


def remedies(size: Size) -> dict[str, Case]:
    """The remedies that there are for a size."""
    return {
        name: case
        for name, case in REMEDIES.items()
        if size.is_trained or not case.is_trained
    }


def quiet(config: RunConfig) -> RunConfig:
    """The same chips without any error, by the design that they have."""
    return dataclasses.replace(idealise(config), fidelity="quasi-static")


def alone(config: RunConfig, error: str) -> RunConfig:
    """The same chips with one error of `ERRORS`, at its strength there."""
    settings = {
        knob: read(config, knob)
        for name in ERRORS[error]
        for knob in knobs_of(name, config)
    }
    if "op_amp.static_errors" in settings:
        settings["op_amp.kind"] = config.op_amp.kind
    return replace_all(quiet(config), settings)


def error_rows(name: str, size: Size, num: int, num_chips: int, bar: tqdm) -> list[Row]:
    """Each error alone; the gate is a chip without any."""
    config = whole(size)
    clean = System.from_config(quiet(config))
    twins = [Repeat(num, seed).digital(clean) for seed in range(num_chips)]
    still = Repeat(num, 0).analog(clean, clean.program(0)).x
    gate = Gate(float(np.abs(still - twins[0]).max()), 1e-3, EXACT)
    found = []
    for error in (*ERRORS, BANDWIDTH):
        forget_programs()
        if error == BANDWIDTH:
            fast = override_all(quiet(config), FAST)
            beside, own = _ends(fast, num, num_chips)[0], replace(fast, *DYNAMIC)
        else:
            beside, own = twins, alone(config, error)
        ends, seconds = _ends(own, num, num_chips, bar)
        moved = [_moved(x, y) for x, y in zip(ends, beside, strict=True)]
        found.append(
            Row(
                f"{name}, {error}",
                gate,
                float(np.median(seconds)),
                details={
                    "network": name,
                    "error": error,
                    "moved": list(interval(moved)),
                    "chips": moved,
                },
            )
        )
    return found


def remedy_rows(
    name: str, size: Size, num: int, num_chips: int, bar: tqdm
) -> list[Row]:
    """All errors, with each remedy, and what a sample takes."""
    found: list[Row] = []
    for remedy, case in remedies(size).items():
        forget_programs()
        config = override_all(whole(size, is_trained=case.is_trained), case.settings)
        system = System.from_config(config)
        treat = case.remedy.of(system)
        moved, ours, theirs, joules, seconds, lost = [], [], [], [], [], []
        yardstick = system.yardstick
        for seed in range(num_chips):
            repeat = Repeat(num, seed)
            twin, chip = repeat.digital(system), treat(system.program(seed))
            spent, drawn = run(lambda r=repeat, c=chip, s=system: r.analog(s, c))
            data = yardstick.embed(repeat.data(system))
            moved.append(_moved(drawn.x, twin))
            x = yardstick.embed(drawn.x, NUM_SLOW)
            ours.append(yardstick.distance(x, data))
            theirs.append(yardstick.distance(yardstick.embed(twin), data))
            joules.append(drawn.energy.energy)
            seconds.append(spent)
            lost.append(float(np.mean(~np.isfinite(drawn.x).all(axis=1))))
            bar.update()
        found.append(
            Row(
                f"{name}, {remedy}",
                Gate(max(lost), 0.0, FINITE),
                float(np.median(seconds)),
                details={
                    "network": name,
                    "remedy": remedy,
                    "moved": list(interval(moved)),
                    "distance": list(interval(ours)),
                    "twin_distance": list(interval(theirs)),
                    "joules": float(np.mean(joules)),
                },
            )
        )
    return found


def _ends(
    config: RunConfig, num: int, num_chips: int, bar: tqdm | None = None
) -> tuple[list[np.ndarray], list[float]]:
    """Samples of each chip, and the seconds that each took."""
    system = System.from_config(config)
    ends, seconds = [], []
    for seed in range(num_chips):
        chip, repeat = system.program(seed), Repeat(num, seed)
        spent, drawn = run(lambda r=repeat, c=chip: r.analog(system, c))
        ends.append(drawn.x)
        seconds.append(spent)
        if bar is not None:
            bar.update()
    return ends, seconds


def _moved(x: np.ndarray, y: np.ndarray) -> float:
    """By how much samples leave others, over the spread of those; root mean square."""
    return float(np.sqrt(np.mean((x - y) ** 2)) / np.std(y))


def _summary(found: list[Row]) -> dict[str, Any]:
    """Per network: the largest error alone, and what each remedy buys per joule."""
    first, bought = {}, {}
    for name in SIZES:
        own = [row.details for row in found if row.details["network"] == name]
        errors = {each["error"]: each["moved"][0] for each in own if "error" in each}
        first[name] = sorted(errors, key=lambda error: -errors[error])
        tried = {each["remedy"]: each for each in own if "remedy" in each}
        base = tried[BASE]
        bought[name] = {
            remedy: _bought(base, each)
            for remedy, each in tried.items()
            if remedy != BASE
        }
    return {"first": first, "bought": bought}


def _bought(base: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The fall of the displacement, the joules added, and the first over the second."""
    saved = base["moved"][0] - after["moved"][0]
    added = after["joules"] - base["joules"]
    return {
        "saved": saved,
        "added_joules": added,
        "saved_per_microjoule": saved / (1e6 * added) if added > 0 else None,
    }
