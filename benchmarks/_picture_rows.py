"""Rows of pictures by class: digital, and whole chips beside their twins.

Digital samples stand beside real test pictures: how many a reader reads as what was
asked for, distances less those of the training pictures, whether they are copies. Each
whole chip stands beside its digital twin from the same starts, with the network that
was trained for such chips and with the plain one on the same chips. Distances are in
just-noticeable ones, half a pixel of blur. Intervals of chips are Student's over
independent chips, given the test pictures, which all share. Three bad samplers must be
found out by the same targets.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from rram_ode.config import replace
from rram_ode.metrics import interval, LEVEL
from rram_ode.presets import find_preset

from ._harness import run
from ._pictures import Bench, num_missed, target, WORST_SCORE
from ._result import Gate, Row


RIVAL = "real test pictures; of chips the digital twin: same network, same starts"
KINDS = ("states", "pixels", "features")
FINITE = "share of samples that are not finite"
FOUND = "targets of digital pictures that it misses"
NEAR = 1.0  # just-noticeable distances


class Task(NamedTuple):
    """A preset, the plain network beside it, how much is run, and what is aimed at.

    Args:
        preset: Of whole chips, with a network that was trained for them.
        plain: Checkpoint of a network that was not.
        num_samples: Of the digital sampler.
        num_each: Of each chip.
        num_chips: How many of the preset's.
        num_plain: How many with the plain network.
        gap: Largest difference of a class's recall to that of test pictures.
        balanced: Least balanced accuracy of digital pictures; `None` if the gap counts.
        kinds: Whose distances count.
        share_near: Least share of chips within one just-noticeable distance of their
            twin; `None` where the mean of the chips counts.
        chip_limit: Largest mean difference of chips to twins.
    """

    preset: str
    plain: str
    num_samples: int
    num_each: int
    num_chips: int
    num_plain: int
    gap: float
    balanced: float | None
    kinds: tuple[str, ...]
    share_near: float | None
    chip_limit: float


def task_rows(task: Task, options) -> tuple[list[Row], dict[str, Any]]:
    """Rows of a preset: digital, bad samplers, chips, and the plain network's."""
    num, chips = options.num_samples, options.num_chips
    task = task._replace(
        num_samples=num or task.num_samples,
        num_each=num or task.num_each,
        num_chips=chips or task.num_chips,
        num_plain=chips or task.num_plain,
    )
    config = find_preset(task.preset)
    bench = Bench.of(config)
    plain = Bench.of(replace(config, "checkpoint", task.plain))
    found = [
        digital_row("digital", task, bench),
        digital_row("plain, digital", task, plain),
        *bad_rows(task, bench),
        chips_row("chips", task, bench, task.num_chips),
        chips_row("plain, chips", task, plain, task.num_plain),
    ]
    return found, {"task": task._asdict()}


def digital_row(case: str, task: Task, bench: Bench) -> Row:
    """The digital sampler beside real pictures."""
    seconds, (x, labels) = run(lambda: bench.digital(task.num_samples, 0))
    found = bench.judged(x, labels)
    targets = _targets(task, found)
    lost = found["non_finite"] / len(x)
    print(_line(case, found, targets), flush=True)
    return Row(
        case,
        Gate(lost, 0.0, FINITE),
        seconds,
        target=("missed", "<=", 0),
        details={**found, "targets": targets, "missed": num_missed(targets)},
    )


def bad_rows(task: Task, bench: Bench) -> list[Row]:
    """Samplers that the targets of digital pictures must find out."""
    _, labels = bench.digital(task.num_samples, 0)
    found = []
    for name, x in bench.bad_samplers(labels).items():
        judged = bench.judged(x, labels)
        targets = _targets(task, judged)
        case = f"mutant: {name}"
        print(_line(case, judged, targets), flush=True)
        gate = Gate(num_missed(targets), 1, FOUND, at_least=True)
        found.append(Row(case, gate, details={**judged, "targets": targets}))
    return found


def chips_row(case: str, task: Task, bench: Bench, num_chips: int) -> Row:
    """Whole chips, each beside its digital twin."""
    chips = [_chip(case, task, bench, seed) for seed in range(num_chips)]
    apart = {
        kind: interval([c["apart"][kind][0] for c in chips], level=LEVEL)
        for kind in KINDS
    }
    near = {kind: sum(c["apart"][kind][2] < NEAR for c in chips) for kind in task.kinds}
    recall = {
        name: {
            side: list(interval([c[side][name] for c in chips]))
            for side in ("recall", "twin_recall", "recall_beyond")
        }
        for name in ("balanced_accuracy", *bench.names)
    }
    beyond = {name: abs(each["recall_beyond"][0]) for name, each in recall.items()}
    targets = {}
    if task.share_near is None:
        targets["balanced"] = target(beyond["balanced_accuracy"], "<=", task.gap)
        for kind in task.kinds:
            targets[kind] = target(apart[kind].high, "<=", task.chip_limit)
    else:
        targets["recall"] = target(max(beyond.values()), "<=", task.gap)
        (kind,) = task.kinds
        targets[kind] = target(near[kind] / len(chips), ">=", task.share_near)
    return Row(
        case,
        Gate(max(c["lost"] for c in chips), 0.0, FINITE),
        float(np.median([c["seconds"] for c in chips])),
        float(np.median([c["twin_seconds"] for c in chips])),
        target=("missed", "<=", 0),
        details={
            "num_samples": task.num_each,
            "num_chips": len(chips),
            "apart": {kind: list(each) for kind, each in apart.items()},
            "num_near": near,
            "recall": recall,
            "largest_recall_beyond": max(beyond.values()),
            "joules": list(interval([c["joules"] for c in chips])),
            "targets": targets,
            "missed": num_missed(targets),
            "chips": chips,
        },
    )


def _chip(case: str, task: Task, bench: Bench, seed: int) -> dict[str, Any]:
    """One chip beside its twin, plain numbers."""
    system = bench.system
    twin_s, (twin, labels) = run(lambda: bench.digital(task.num_each, seed))
    chip = system.program(seed)
    seconds, drawn = run(lambda: system.sample(chip, task.num_each, seed=seed))
    ours, theirs = (
        {"balanced_accuracy": each.balanced.mean}
        | {
            name: math.nan if one is None else one.mean
            for name, one in zip(bench.names, each.classes, strict=True)
        }
        for each in (bench.recall(x, labels) for x in (drawn.x, twin))
    )
    apart = bench.beside(drawn.x, twin)
    found = {
        "seed": seed,
        "seconds": seconds,
        "twin_seconds": twin_s,
        "lost": float(np.mean(~np.isfinite(drawn.x).all(axis=1))),
        "joules": drawn.energy.energy,
        "recall": ours,
        "twin_recall": theirs,
        "recall_beyond": {name: ours[name] - theirs[name] for name in ours},
        "apart": {
            kind: [value / each.delta for value in (each.value, each.low, each.high)]
            for kind, each in apart.items()
        },
    }
    shown = ", ".join(
        f"{kind} {mean:.3f} ({low:.3f} to {high:.3f})"
        for kind, (mean, low, high) in found["apart"].items()
    )
    print(
        f"{case}, {seed}: read right {ours['balanced_accuracy']:.3f}, twin "
        f"{theirs['balanced_accuracy']:.3f}; apart: {shown}; {seconds:.0f} s",
        flush=True,
    )
    return found


def _targets(task: Task, found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Those of digital pictures: the upper ends of differences count."""
    read = {"recall": target(found["recall_gap"], "<=", task.gap)}
    if task.balanced is not None:
        read = {"balanced": target(found["balanced"], ">=", task.balanced)}
    far = {
        kind: target(found[kind]["difference"]["high"], "<=", NEAR)
        for kind in task.kinds
    }
    copies = {"memorised": target(found["memorised_score"], "<=", WORST_SCORE)}
    return {**read, **far, **copies}


def _line(case: str, found: dict[str, Any], targets: dict[str, dict[str, Any]]) -> str:
    """What is printed while the others run."""
    each = ", ".join(
        f"{name} {one['value']:.3g} ({'met' if one['target'][3] else 'missed'})"
        for name, one in targets.items()
    )
    return f"{case}: read right {found['balanced']:.3f}; {each}"
