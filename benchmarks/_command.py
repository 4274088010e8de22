"""Commands of `rram_ode`, each in a process of its own."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from typing import Any, NamedTuple


class Run(NamedTuple):
    """Seconds from start to exit, the largest resident set in bytes, the report."""

    seconds: float
    peak_bytes: int
    report: dict[str, Any]


def sample(*words: str, programs: pathlib.Path | None = None) -> Run:
    """Run `rram_ode.sample` with caches empty; its output goes to the terminal.

    Args:
        words: Its arguments.
        programs: Folder that keeps compiled programs; `None` keeps none.

    Raises:
        subprocess.CalledProcessError: If it fails.
    """
    return _run("sample", words, "report.json", programs)


def sweep(*words: str) -> Run:
    """Run `rram_ode.sweep` with caches empty; its output goes to the terminal.

    Raises:
        subprocess.CalledProcessError: If it fails.
    """
    return _run("sweep", words, "sweep.json", None)


def _run(
    command: str, words: tuple[str, ...], report: str, programs: pathlib.Path | None
) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out"
        line = [sys.executable, "-m", f"rram_ode.{command}", *words, "--out", str(out)]
        caches = (
            "JAX_COMPILATION_CACHE_DIR",
            "JAX_ENABLE_COMPILATION_CACHE",
            "RRAM_ODE_CACHE",
        )
        settings = {k: v for k, v in os.environ.items() if k not in caches}
        if programs is not None:
            settings["RRAM_ODE_CACHE"] = str(programs)
        settings["XDG_CACHE_HOME"] = folder
        settings["MPLBACKEND"] = "Agg"
        begun = time.perf_counter()
        process = subprocess.Popen(line, env=settings)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, line)
        peak = used.ru_maxrss * 1024  # kilobytes on Linux
        return Run(seconds, peak, json.loads((out / report).read_text()))
