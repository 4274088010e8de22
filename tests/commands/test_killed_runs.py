"""Commands that are killed again and again end as if they were left alone."""

import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest


pytestmark = pytest.mark.slow


ROOT = pathlib.Path(__file__).parents[2]


MOMENTS = int(os.environ.get("RRAM_ODE_KILLS", "50"))  # for each command


COMMANDS = {
    "sample": ("ring-fresh", "--num-samples", "20000"),
    "train": ("ring-fresh", "--set", "train.steps=2000", "--set", "train.batch=64"),
    "compare": ("ring-fresh", "--num-samples", "500", "--num-chips", "3")
    + ("--most-chips", "3", "--systems", "integrated", "euler"),
}


FILES = {"sample": "samples.npz", "train": "weights.eqx", "compare": "compare.csv"}


def start(name, folder):
    """The command in a process of its own, as `python -m` starts it."""
    path = os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))
    words = (sys.executable, "-m", f"rram_ode.{name}", *COMMANDS[name])
    return subprocess.Popen(
        [*words, "--out", str(folder)],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def content(name, folder):
    """What must be equal: all but seconds and moments."""
    path = folder / FILES[name]
    if name != "sample":
        return path.read_bytes()
    with np.load(path) as file:
        return {key: file[key].tobytes() for key in file.files}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_kill_changes_a_bit(name, tmp_path):
    """SIGKILL and SIGINT by turns, at moments over the whole of a run."""
    begun = time.monotonic()
    whole = start(name, tmp_path / "whole")
    assert whole.wait() == 0, whole.communicate()[1]
    seconds = time.monotonic() - begun
    folder, moments = tmp_path / "killed", random.Random(7)
    done, quiet = 0, 0
    for number in range(MOMENTS):
        process = start(name, folder)
        time.sleep(moments.uniform(0.0, seconds))
        kind = (signal.SIGKILL, signal.SIGINT)[number % 2]
        process.send_signal(kind)
        err = process.communicate()[1]
        if process.returncode == 0:
            done += 1  # it was over
            assert content(name, folder) == content(name, tmp_path / "whole")
            for each in folder.iterdir():
                each.unlink()
            continue
        assert process.returncode == (-9 if kind == signal.SIGKILL else 130), err
        assert "Traceback" not in err
        quiet += kind == signal.SIGINT
        left = {p.name for p in folder.iterdir()} if folder.exists() else {".partial"}
        assert left, "an empty folder stays"
        unfinished = {n for n in left if n.startswith(".") and n != ".partial"}
        assert kind == signal.SIGKILL or not unfinished
        written = {p.name for p in (tmp_path / "whole").iterdir()}
        assert left - unfinished <= {".partial", *written}
    assert done < MOMENTS
    assert quiet > 0
    assert start(name, folder).wait() == 0
    assert content(name, folder) == content(name, tmp_path / "whole")
    assert not (folder / ".partial").exists()
