"""A sweep on one worker and on two, each with a core of its own; the plan of a sweep.

The gate of the first row is the number of files of the two datasets that differ. The
second row is 1/1,000 of 10^5 chips of 10^4 samples: its gate is how far time, memory or
disk were from what `--dry-run` said before.
"""

import contextlib
import json
import os
import pathlib
import resource
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from ._result import CannotRun, Gate, Row


RIVAL = "one worker"
NUM_CHIPS, NUM_SAMPLES = 1000, 1000
EFFICIENCY = 0.9
PLANNED = ("ring-fresh", "--chips", "100", "--samples", "10000", "--workers", "1")
PLAN_ERROR = 0.2
QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Scale-out, and the plan beside what it took."""
    chips = options.num_chips or NUM_CHIPS
    samples = options.num_samples or NUM_SAMPLES
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise CannotRun("scale_out takes two cores")
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        words = ("ring-fresh", "--chips", str(chips), "--samples", str(samples))
        one = _on_workers(cores[:1], root / "one", words)
        two = _on_workers(cores[:2], root / "two", words)
        differ = _differ(root / "one", root / "two")
        plan, took = _plan_and_run(root / "plan")
    efficiency = one["seconds"] / (2 * two["seconds"])
    errors = {name: plan[name] / took[name] - 1 for name in took}
    found = [
        Row(
            f"{chips} chips, two workers",
            Gate(differ, 0, "files of the dataset that differ"),
            two["seconds"],
            one["seconds"],
            None,
            ("efficiency", ">=", EFFICIENCY),
            {"efficiency": efficiency, "one": one, "two": two},
        ),
        Row(
            "plan of 100 chips of 10,000 samples",
            Gate(max(map(abs, errors.values())), PLAN_ERROR, "error of the plan"),
            took["core_seconds"],
            None,
            None,
            None,
            {"plan": plan, "took": took, "errors": errors},
        ),
    ]
    return found, {"num_chips": chips, "num_samples": samples}


def _on_workers(
    cores: list[int], out: pathlib.Path, words: tuple[str, ...]
) -> dict[str, Any]:
    """What a sweep took on dask workers that are pinned to one core each."""
    with _cluster(cores) as address:
        _sweep(*words, "--cluster", address, "--out", str(out))
    return json.loads((out / "sweep.json").read_text())["took"]


@contextlib.contextmanager
def _cluster(cores: list[int]) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    module = [sys.executable, "-m"]
    line = [*module, "distributed.cli.dask_scheduler", "--host", address]
    started = [subprocess.Popen([*line, "--no-dashboard"], **QUIET)]
    for core in cores:
        line = [*module, "distributed.cli.dask_worker", address, "--nthreads", "1"]
        line += ["--no-dashboard", "--memory-limit", "0"]
        pin = lambda core=core: os.sched_setaffinity(0, {core})
        started.append(subprocess.Popen(line, preexec_fn=pin, **QUIET))
    try:
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(60)


def _plan_and_run(out: pathlib.Path) -> tuple[dict[str, float], dict[str, float]]:
    """What `--dry-run` says of a sweep, and what it takes then."""
    _sweep(*PLANNED, "--dry-run", "--out", str(out))
    plan = json.loads((out / "plan.json").read_text())
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _sweep(*PLANNED, "--out", str(out))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = json.loads((out / "sweep.json").read_text())["took"]
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    names = ("core_seconds", "memory", "disk")
    found = {"core_seconds": spent, "memory": took["peak"], "disk": took["disk"]}
    return {name: plan[name] for name in names}, found


def _sweep(*words: str) -> None:
    """Run the command; its output goes to the terminal."""
    cache = ("JAX_COMPILATION_CACHE_DIR", "JAX_ENABLE_COMPILATION_CACHE")
    settings = {k: v for k, v in os.environ.items() if k not in cache}
    line = [sys.executable, "-m", "rram_ode.sweep", *words]
    subprocess.run(line, env=settings, check=True)


def _differ(a: pathlib.Path, b: pathlib.Path) -> int:
    """Files of two datasets that are not the same bits, or only in one."""
    read = lambda out: {
        path.relative_to(out): path.read_bytes()
        for path in (out / "study.zarr").rglob("*")
        if path.is_file()
    }
    first, second = read(a), read(b)
    return sum(first.get(name) != second.get(name) for name in first | second)
