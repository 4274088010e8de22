"""A population of chips on two processes of `jax.distributed` against one.

Each process has one core, and each draws the whole population twice: the second time is
measured, from programmed chips to all samples in every process. One process and two
take turns; the efficiency is the median of the pairs, for a single pair may be off by a
quarter on a machine that does something else as well.
"""

import argparse
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from typing import Any

import numpy as np

from ._result import CannotRun, Gate, Row
from ._threads import VARIABLES


RIVAL = "one process on one core"
PRESET = "ring-fresh"
NUM_CHIPS, NUM_SAMPLES = 1_000, 100
EFFICIENCY = 0.9
PROCESSES, PAIRS = 2, 5


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Medians of the pairs, and whether all processes have the same bytes."""
    num_chips = options.num_chips or NUM_CHIPS
    num_samples = options.num_samples or NUM_SAMPLES
    if (cores := os.cpu_count() or 1) < PROCESSES:
        raise CannotRun(f"two processes need two cores; this computer has {cores}.")
    alone, several = [], []
    for _ in range(PAIRS):
        alone += measure(1, num_chips, num_samples)
        several.append(measure(PROCESSES, num_chips, num_samples))
    found = {
        what: np.array(
            [
                (one[what], max(each[what] for each in many))
                for one, many in zip(alone, several, strict=True)
            ]
        )
        for what in ("seconds", "cpu_s")
    }
    of = {what: pairs[:, 0] / pairs[:, 1] / PROCESSES for what, pairs in found.items()}
    rival_s, seconds = np.median(found["seconds"], axis=0).tolist()
    digest = alone[0]["digest"]
    wrong = sum(each["digest"] != digest for many in [alone, *several] for each in many)
    row = Row(
        f"{num_chips} chips, {num_samples} samples each",
        Gate(wrong, 0.0, "processes whose samples are not the bytes of one process"),
        seconds,
        rival_s,
        target=("efficiency", ">=", EFFICIENCY),
        details={
            "efficiency": float(np.median(of["seconds"])),
            "efficiency_range": [float(f(of["seconds"])) for f in (np.min, np.max)],
            "cpu_efficiency": float(np.median(of["cpu_s"])),
            "processes": PROCESSES,
            "pairs": PAIRS,
        },
    )
    return [row], {"preset": PRESET}


def measure(num: int, num_chips: int, num_samples: int) -> list[dict[str, Any]]:
    """Seconds and digest of the samples, of each of `num` processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    env = {**os.environ, **dict.fromkeys(VARIABLES, "1"), "JAX_PLATFORMS": "cpu"}
    sizes = ["--chips", str(num_chips), "--samples", str(num_samples)]
    shared = [sys.executable, "-m", __name__, address, *sizes, "--of", str(num)]
    running = [
        subprocess.Popen(
            [*shared, "--own", str(own)], env=env, stdout=subprocess.PIPE, text=True
        )
        for own in range(num)
    ]
    said = [each.communicate()[0] for each in running]
    if any(each.returncode for each in running):
        raise CannotRun(f"a process of {num} failed; its error stands above.")
    return [json.loads(text.splitlines()[-1]) for text in said]


def _main() -> None:
    """Draw the population as one of several processes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    for name in ("--chips", "--samples", "--of", "--own"):
        parser.add_argument(name, type=int)
    asked = parser.parse_args()
    os.sched_setaffinity(0, {asked.own})

    import jax
    import jax.random as jr
    import rram_ode as rr

    from ._harness import run

    if asked.of > 1:
        jax.distributed.initialize(asked.address, asked.of, asked.own)
    system = rr.System.from_preset(PRESET)
    chips = system.program_many(range(asked.chips))
    draw = lambda: rr.draw_population(
        system.chip_loop, chips, asked.samples, key=jr.key(0), prior=system.prior
    )
    draw()
    begun = time.process_time()
    seconds, samples = run(draw)
    cpu_s = time.process_time() - begun
    digest = hashlib.sha256(np.asarray(samples).tobytes()).hexdigest()
    print(json.dumps({"seconds": seconds, "cpu_s": cpu_s, "digest": digest}))


if __name__ == "__main__":
    _main()
