"""Commands that are killed again and again end as if they were left alone."""

import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest


pytestmark = pytest.mark.slow


ROOT = pathlib.Path(__file__).parents[2]


MOMENTS = int(os.environ.get("RRAM_ODE_KILLS", "50"))  # for each command


SECONDS = 10.0  # until all processes of a killed command are gone


COMMANDS = {
    "sample": ("ring-fresh", "--num-samples", "20000"),
    "train": ("ring-fresh", "--set", "train.steps=2000", "--set", "train.batch=64"),
    "compare": ("ring-fresh", "--num-samples", "500", "--num-chips", "3")
    + ("--most-chips", "3", "--systems", "integrated", "euler"),
    "sweep": ("ring-fresh", "--over", "cell.write.std=0,1uS", "--chips", "40")
    + ("--samples", "400", "--workers", "2"),
}


FILES = {"sample": "samples.npz", "train": "weights.eqx", "compare": "compare.csv"}
FILES["sweep"] = "study.zarr"


UNFINISHED = {"sweep": "study.zarr"}  # others write what is done to `.partial`


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


def finish(name, folder):
    """The command, left alone."""
    process = start(name, folder)
    err = process.communicate()[1]
    assert process.returncode == 0, err


def content(name, folder):
    """What must be equal: all but seconds and moments."""
    path = folder / FILES[name]
    if name == "sweep":
        files = [each for each in path.rglob("*") if each.is_file()]
        return {each.relative_to(path): each.read_bytes() for each in files}
    if name != "sample":
        return path.read_bytes()
    with np.load(path) as file:
        return {key: file[key].tobytes() for key in file.files}


@pytest.fixture(autouse=True)
def ctrl_c():
    """Commands here end at Ctrl-C, also where a script started the tests with `&`."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("name", COMMANDS)
def test_no_kill_changes_a_bit(name, tmp_path):
    """SIGKILL and SIGINT by turns, at moments over the whole of a run."""
    begun = time.monotonic()
    finish(name, tmp_path / "whole")
    seconds = time.monotonic() - begun
    folder, moments = tmp_path / "killed", random.Random(7)
    done, quiet = 0, 0
    for number in range(MOMENTS):
        process = start(name, folder)
        moment = moments.uniform(0.0, seconds)
        time.sleep(moment)
        kind = (signal.SIGKILL, signal.SIGINT)[number % 2]
        process.send_signal(kind)
        ends = time.monotonic() + SECONDS
        err = process.communicate()[1]  # its workers write there, too
        assert time.monotonic() < ends, (moment, kind, process.returncode, err)
        if process.returncode == 0:
            done += 1  # it was over
            assert content(name, folder) == content(name, tmp_path / "whole")
            shutil.rmtree(folder)
            continue
        assert process.returncode == (-9 if kind == signal.SIGKILL else 130), err
        assert "Traceback" not in err
        quiet += kind == signal.SIGINT
        partial = UNFINISHED.get(name, ".partial")
        left = {p.name for p in folder.iterdir()} if folder.exists() else {partial}
        assert left, "an empty folder stays"
        unfinished = {n for n in left if n.startswith(".") and n != partial}
        assert kind == signal.SIGKILL or not unfinished
        written = {p.name for p in (tmp_path / "whole").iterdir()}
        assert left - unfinished <= {partial, *written}
    assert done < MOMENTS
    assert quiet > 0
    finish(name, folder)
    assert content(name, folder) == content(name, tmp_path / "whole")
    assert not (folder / ".partial").exists()
