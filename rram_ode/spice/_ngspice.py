"""ngspice as a process that turns a deck into waveforms."""

import math
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import warnings

import numpy as np

from .._core._files import UNFINISHED
from .._core._interrupts import CHILDREN
from ._count import require_runnable
from ._text import card, Netlist


INSTALL = "`apt-get install ngspice` (Debian, Ubuntu) or `brew install ngspice`"


LIMIT = "RRAM_ODE_NGSPICE_SECONDS"  # time limit of a deck, in the environment


# "circuit:" begins the line that repeats the deck's title.
HARMLESS = ("circuit:", "warning: can't find the initialization file")


# Words of lines after which ngspice has stopped, or runs another circuit: one without
# an element, or with a value that nobody gave.
CHANGED = ("no value", "set to", "assumed", "ignored", "can't find", "unrecognized")


CHANGED += ("error", "undefined", "unknown", "could not", "not enough")


# Words of the search for an operating point, which a complete run has found.
SEARCHED = ("singular matrix", "gmin", "source stepping", "timestep too small")


SEARCHED += ("no such vector",)  # after a run without an operating point, too


# A node and its voltage at the operating point, whatever the node is called.
_ROW = re.compile(r"\S+\s+[-+0-9.e]+")


class SpiceError(ValueError):
    """ngspice did not complete a run; the message quotes its log."""


class SpiceWarning(UserWarning):
    """ngspice completed a run, and warns of something."""


def find_ngspice() -> str | None:
    """The path of the program, or `None`."""
    return shutil.which("ngspice")


def run_netlist(
    netlist: Netlist, *, timeout: float | None = None
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Run a deck; returns times in seconds and the voltages of each class of nodes.

    Voltages have the shape `(times, nodes)`. ngspice runs in a temporary folder. The
    waveforms decide whether the run succeeded, never the exit status: it is 1 after a
    good run and 0 after a bad one. A line of the log that says that an element is
    another than in the deck is fatal; any other warning is a `SpiceWarning`.

    Raises:
        SpiceError: If ngspice is not installed, complains, or stops early.
    """
    nodes = [node for group in netlist.nodes.values() for node in group]
    control = [
        ".control",
        "set wr_singlescale",
        "set wr_vecnames",
        "set numdgt=12",
        "run",
        *card("wrdata waves.txt", *(f"v({node})" for node in nodes)),
        "quit 0",
        ".endc",
        ".end",
    ]
    text = netlist.text.removesuffix(".end\n") + "\n".join(control) + "\n"
    table, log = run_text(text, timeout=timeout)
    stop = float(netlist.analysis[1].split()[2])
    if table.shape[1] != 1 + len(nodes) or not np.isfinite(table).all():
        raise SpiceError("ngspice wrote incomplete waveforms.")
    if table[-1, 0] < stop * (1 - 1e-6):
        said = next((x for x in log if "too small" in x.lower()), "")
        raise SpiceError(
            f"ngspice stopped at {table[-1, 0]:g} s of {stop:g} s. {said}".rstrip()
        )
    ends = np.cumsum([len(group) for group in netlist.nodes.values()])[:-1]
    parts = np.split(table[:, 1:], ends, axis=1)
    return table[:, 0], dict(zip(netlist.nodes, parts, strict=True))


def run_text(
    text: str, *, timeout: float | None = None
) -> tuple[np.ndarray, list[str]]:
    """Run a deck whose own control block writes the table `waves.txt`.

    Returns:
        The rows of the table, and the lines of the log.

    Raises:
        SpiceError: If ngspice is not installed, an element is not that of the deck, or
            there is no table.
    """
    program = find_ngspice()
    if program is None:
        raise SpiceError(f"there is no ngspice on PATH: {INSTALL}.")
    require_runnable(text.splitlines()[1:])
    timeout = time_limit() if timeout is None else timeout
    with tempfile.TemporaryDirectory(prefix="rram_ode-") as folder:
        deck = pathlib.Path(folder) / "deck.cir"
        deck.write_text(text)
        UNFINISHED.add(pathlib.Path(folder))
        lines = _run([program, "-n", "-b", deck.name], folder, timeout)
        UNFINISHED.discard(pathlib.Path(folder))
        log = [line.strip() for line in lines if line.strip()]
        changed, warned = _complaints(log)
        if changed is not None:
            raise SpiceError(f"ngspice refused the deck: {changed}")
        data = pathlib.Path(folder) / "waves.txt"
        if not data.exists() or data.stat().st_size == 0:
            searched = (x for x in log if any(word in x.lower() for word in SEARCHED))
            said = [*warned, *searched, "the run did not finish."][0]
            raise SpiceError(f"ngspice wrote no waveforms: {said}")
        for line in warned:
            warnings.warn(f"ngspice says: {line}", SpiceWarning, stacklevel=3)
        return np.loadtxt(data, skiprows=1, ndmin=2), log


def time_limit() -> float:
    """Seconds that ngspice may take for a deck: 600, or those of the environment.

    Raises:
        SpiceError: If `RRAM_ODE_NGSPICE_SECONDS` is no positive number.
    """
    text = os.environ.get(LIMIT, "600")
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise SpiceError(f"`{LIMIT}` must be a positive number of seconds; got {text}.")
    return seconds


def _run(command: list[str], folder: str, timeout: float) -> list[str]:
    """The lines of what a program says; it ends with this process, or at its limit."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=folder, stdout=pipe, stderr=pipe, text=True, errors="replace"
    ) as child:
        CHILDREN.add(child)
        try:
            said = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise SpiceError(
                f"ngspice took more than {timeout:g} s, and was stopped: take a "
                "shorter run, a longer step of `.tran`, or fewer elements; or give it "
                f"more seconds by the environment variable {LIMIT}."
            ) from None
        finally:
            child.kill()
            CHILDREN.discard(child)
    return "\n".join(said).splitlines()


def _complaints(log: list[str]) -> tuple[str | None, list[str]]:
    """The first line that says that the circuit is another, and other warnings.

    A line that ends with a colon or dots comes with those that follow it.
    """
    warned: list[str] = []
    for n, line in enumerate(log):
        if _ROW.fullmatch(line):
            continue
        low = line.lower()
        said, more = line, n + 1
        while said.endswith((":", "...")) and more < min(n + 3, len(log)):
            said, more = f"{said} {log[more]}", more + 1
        is_note = low.startswith("note:") and "no value" not in low
        if low.startswith(HARMLESS) or is_note:
            continue
        if "no. of" in low or any(word in low for word in SEARCHED):
            continue
        if any(word in low for word in CHANGED):
            return said, []
        if "warning" in low and any(word in said.lower() for word in CHANGED):
            return said, []
        if "warning" in low:
            warned.append(said)
    return None, list(dict.fromkeys(warned))
