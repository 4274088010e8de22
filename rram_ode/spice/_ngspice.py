"""ngspice as a process that turns a deck into waveforms."""

import pathlib
import shutil
import subprocess
import tempfile

import numpy as np

from ._text import card, Netlist


INSTALL = "`apt-get install ngspice` (Debian, Ubuntu) or `brew install ngspice`"


# "circuit:" begins the line that repeats the deck's title.
HARMLESS = ("note:", "circuit:", "warning: can't find the initialization file")


class SpiceError(ValueError):
    """ngspice did not complete a run; the message quotes its log."""


def find_ngspice() -> str | None:
    """The path of the program, or `None`."""
    return shutil.which("ngspice")


def run_netlist(
    netlist: Netlist, *, timeout: float = 600.0
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Run a deck; returns times in seconds and the voltages of each class of nodes.

    Voltages have the shape `(times, nodes)`. ngspice runs in a temporary folder. The
    data file and the log decide whether the run succeeded, never the exit status: it is
    1 after a good run and 0 after a bad one.

    Raises:
        SpiceError: If ngspice is not installed, complains, or stops early.
    """
    program = find_ngspice()
    if program is None:
        raise SpiceError(f"there is no ngspice on PATH: {INSTALL}.")
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
    table = _run(program, text, timeout)
    stop = float(netlist.analysis[1].split()[2])
    if table.shape[1] != 1 + len(nodes) or not np.isfinite(table).all():
        raise SpiceError("ngspice wrote incomplete waveforms.")
    if table[-1, 0] < stop * (1 - 1e-6):
        raise SpiceError(f"ngspice stopped at {table[-1, 0]:g} s of {stop:g} s.")
    ends = np.cumsum([len(group) for group in netlist.nodes.values()])[:-1]
    parts = np.split(table[:, 1:], ends, axis=1)
    return table[:, 0], dict(zip(netlist.nodes, parts, strict=True))


def _run(program: str, text: str, timeout: float) -> np.ndarray:
    """Run a deck in a temporary folder; returns rows of a time and all voltages."""
    with tempfile.TemporaryDirectory(prefix="rram_ode-") as folder:
        deck = pathlib.Path(folder) / "deck.cir"
        deck.write_text(text)
        done = subprocess.run(
            [program, "-b", deck.name],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        complaint = _complaint(done.stdout + "\n" + done.stderr)
        if complaint is not None:
            raise SpiceError(f"ngspice refused the deck: {complaint}")
        data = pathlib.Path(folder) / "waves.txt"
        if not data.exists() or data.stat().st_size == 0:
            raise SpiceError("ngspice wrote no waveforms: the run did not finish.")
        return np.loadtxt(data, skiprows=1, ndmin=2)


def _complaint(log: str) -> str | None:
    """The first line of the log that is an error or an unknown warning.

    A line that ends with a colon comes with the line that follows it.
    """
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        low = line.lower()
        if low.startswith(HARMLESS):
            continue
        if any(word in low for word in ("error", "warning", "singular", "too small")):
            return f"{line} {after}" if line.endswith(":") else line
    return None
