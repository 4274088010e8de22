"""`python -m rram_ode.train`, killed again and again, writes the same checkpoint."""

import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

import pytest


SETTINGS = ("train.steps=6000", "train.batch=256", "train.noise_draws=2")


def start(folder):
    """The command in a process of its own, from where `folder` stands."""
    line = [sys.executable, "-m", "rram_ode.train", "ring-fresh", "--out", str(folder)]
    for setting in SETTINGS:
        line += ["--set", setting]
    root = pathlib.Path(__file__).parents[2]
    path = os.pathsep.join((str(root), os.environ.get("PYTHONPATH", "")))
    return subprocess.Popen(
        line,
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.slow
def test_three_kills_change_no_bit(tmp_path):
    """SIGKILL at three seeded moments, counted from when a state was first kept.

    A state is kept every 5 s at most, so each kill loses work; the checkpoint is that
    of a run that was left alone.
    """
    assert start(tmp_path / "whole").wait() == 0
    folder, moments, kept = tmp_path / "killed", random.Random(5), []
    state = folder / ".partial" / "state.eqx"
    for _ in range(3):
        process = start(folder)
        before = state.stat().st_mtime_ns if state.exists() else 0
        until = time.monotonic() + 300
        while process.poll() is None and time.monotonic() < until:
            if state.exists() and state.stat().st_mtime_ns != before:
                break
            time.sleep(0.02)
        time.sleep(moments.uniform(0.0, 0.5))
        if process.poll() is not None:
            break  # it finished first: the machine is fast
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert not (folder / "record.json").exists()
        kept.append(state.stat().st_size)
    assert kept  # it was killed at least once after it had kept a state
    assert start(folder).wait() == 0
    one, other = tmp_path / "whole", folder
    assert (one / "weights.eqx").read_bytes() == (other / "weights.eqx").read_bytes()
    records = [json.loads((f / "record.json").read_text()) for f in (one, other)]
    for record in records:
        del record["seconds"]
    assert records[0] == records[1]
    assert not (folder / ".partial").exists()
