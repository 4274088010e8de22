"""`python -m rram_ode.sample` in a process of its own."""

import json
import os
import pathlib
import resource
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
    """Run the command with caches empty; its output goes to the terminal.

    Args:
        words: Its arguments.
        programs: Folder that keeps compiled programs; `None` keeps none.

    Raises:
        subprocess.CalledProcessError: If it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out"
        line = [sys.executable, "-m", "rram_ode.sample", *words, "--out", str(out)]
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
        subprocess.run(line, env=settings, check=True)
        seconds = time.perf_counter() - begun
        # Kilobytes on Linux; the largest of all children so far, of which this is one.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        return Run(seconds, peak, json.loads((out / "report.json").read_text()))
