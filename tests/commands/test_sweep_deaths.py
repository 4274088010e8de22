"""Sweeps in processes of their own: workers, a scheduler and a disk that give up."""

import os
import pathlib
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from typing import Any

import psutil
import pytest


pytestmark = pytest.mark.slow


WORDS = ("ring-fresh", "--over", "cell.write.std=0,1uS", "--chips", "40")
WORDS += ("--samples", "400")
TASKS = 2 * 20  # of two chips


def command(out, *more, **settings):
    line = [sys.executable, "-m", "rram_ode.sweep", *WORDS, "--out", str(out), *more]
    return subprocess.Popen(
        line, stderr=subprocess.PIPE, text=True, env={**os.environ, **settings}
    )


def finish(process, status=0):
    """The last line that a command wrote on stderr."""
    _, error = process.communicate(timeout=600)
    assert process.returncode == status, error[-2000:]
    return error.replace("\r", "\n").strip().splitlines()[-1]


def files(out):
    root = out / "study.zarr"
    paths = (path for path in root.rglob("*") if path.is_file())
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in paths}


def num_done(out):
    """Tasks that are marked."""
    marks = (out / "study.zarr/checksum/c").rglob("*")
    bits = b"".join(path.read_bytes() for path in marks if path.is_file())
    return sum(bits[n : n + 4] != b"\0\0\0\0" for n in range(0, len(bits), 4))


def wait_for(what, seconds=300):
    until = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return found


def workers_of(process):
    """The processes that run tasks."""
    children = psutil.Process(process.pid).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The bits of a sweep that nothing happened to, in one process."""
    out = tmp_path_factory.mktemp("whole")
    finish(command(out, "--workers", "1"))
    return files(out)


def test_workers_that_are_killed_change_nothing(tmp_path, whole):
    process = command(tmp_path, "--workers", "2")
    for kills in range(3):
        wait_for(lambda k=kills: num_done(tmp_path) > 4 * k)
        wait_for(lambda: workers_of(process))[0].kill()
    finish(process)
    assert files(tmp_path) == whole


@pytest.fixture
def cluster():
    """The address of a scheduler with one worker, and the scheduler's process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    module = [sys.executable, "-m"]
    scheduler = subprocess.Popen(
        [*module, "distributed.cli.dask_scheduler", "--no-dashboard", "--host"]
        + [address],
        **quiet,
    )
    worker = subprocess.Popen(
        [*module, "distributed.cli.dask_worker", address, "--nthreads", "1"]
        + ["--no-dashboard", "--death-timeout", "30"],
        **quiet,
    )
    yield address, scheduler
    for process in (worker, scheduler):
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def test_a_scheduler_that_is_killed_loses_the_tasks_in_work(tmp_path, whole, cluster):
    address, scheduler = cluster
    process = command(tmp_path, "--cluster", address)
    wait_for(lambda: num_done(tmp_path) >= 3)
    scheduler.kill()
    said = finish(process, status=2)
    assert said.startswith("rram_ode: error: the cluster tcp://")
    assert "finished tasks are kept" in said
    kept = num_done(tmp_path)
    assert 3 <= kept < TASKS
    finish(command(tmp_path, "--workers", "1"))
    assert files(tmp_path) == whole


def test_a_disk_that_is_full_is_said(tmp_path, whole):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small disk takes the rights to mount one")
    try:
        said = finish(command(disk, "--workers", "1"), status=2)
        assert "No space left on device; free some space" in said
        larger = ["mount", "-o", "remount,size=8m", str(disk)]
        subprocess.run(larger, check=True)
        finish(command(disk, "--workers", "1"))
        assert files(disk) == whole
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_jobs_of_a_batch_system_give_the_same(tmp_path, whole):
    """`sbatch` here runs the job's script at once."""
    tools, out = tmp_path / "tools", tmp_path / "out"
    tools.mkdir()
    # The job's script is gone once `sbatch` has returned.
    script = '#!/bin/sh\njob=$(cat "$1")\nsh -c "$job" >/dev/null 2>&1 &\n'
    script += "echo Submitted batch job $!\n"
    for name, text in (("sbatch", script), ("scancel", '#!/bin/sh\nkill "$1"\n')):
        tool = tools / name
        tool.write_text(text)
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    settings = tmp_path / "jobqueue.yaml"
    settings.write_text(
        "jobqueue:\n  slurm:\n    cores: 1\n    memory: 2GB\n    interface: lo\n"
    )
    path = f"{tools}{os.pathsep}{os.environ['PATH']}"
    process = command(out, "--cluster", "slurm", DASK_CONFIG=str(tmp_path), PATH=path)
    finish(process)
    assert files(out) == whole


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--cluster", "tcp://127.0.0.1:9"), "no dask cluster at"),
        (("--cluster", "nowhere"), "no dask cluster at"),
        (("--cluster", "slurm"), "there is no `sbatch`"),
        (("--chips", "0"), "`--chips` must be 1 or more; got 0"),
        (("--over", "cell.nothing=1,2"), "no setting `cell.nothing`"),
    ],
)
def test_what_cannot_be_is_one_line(tmp_path, words, said):
    if words[1] == "slurm" and shutil.which("sbatch"):
        pytest.skip("there is a batch system")
    line = finish(command(tmp_path, *words), status=2)
    assert line.startswith("rram_ode: error: ")
    assert said in line
    assert not list(pathlib.Path(tmp_path).rglob("checksum/c"))
