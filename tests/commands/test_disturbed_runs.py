"""Runs that were killed, damaged, doubled, or have no room: what is left of them."""

import os
import re
import resource
import subprocess
import sys

import numpy as np
import pytest
from rram_ode import budget, compare, sample, train
from rram_ode.commands import _sample, one_line_errors


QUICK = ("ring-ideal", "--num-samples", 400)


def arrays(folder):
    with np.load(folder / "samples.npz") as file:
        return {name: file[name] for name in file.files}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Samples of a run that nothing disturbed, in pieces of 100."""
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rram_ode.system._store.STORED", 100)
        patch.setattr("rram_ode.loop._draw.LARGEST_CHUNK", 100)
        patch.setattr("sys.argv", ["x", *map(str, QUICK), "--out", str(folder)])
        with one_line_errors():
            sample.main()
    return arrays(folder)


@pytest.fixture
def killed(tmp_path, monkeypatch, run):
    """A folder in which a run was killed after it had kept pieces."""
    monkeypatch.setattr("rram_ode.system._store.STORED", 100)
    monkeypatch.setattr("rram_ode.loop._draw.LARGEST_CHUNK", 100)
    folder = tmp_path / "out"
    with pytest.MonkeyPatch.context() as patch:

        def stop(*judged):
            raise KeyboardInterrupt

        patch.setattr("rram_ode.commands._sample.make_report", stop)
        status, _, err = run(sample.main, *QUICK, "--out", folder)
    assert (status, [p.name for p in folder.iterdir()]) == (130, [".partial"])
    assert "Traceback" not in err
    return folder


def piece_of(folder):
    return sorted((folder / ".partial").glob("run-*.npz"))[1]


def truncate(folder):
    path = piece_of(folder)
    path.write_bytes(path.read_bytes()[:-50])


def flip(folder):
    path = piece_of(folder)
    data = bytearray(path.read_bytes())
    data[data.index(b"x.npy") + 300] ^= 4  # a bit of a sample
    path.write_bytes(data)


def empty(folder):
    piece_of(folder).write_bytes(b"")


def foreign(folder):
    np.savez(piece_of(folder), x=np.zeros((100, 2)))


def another_run(folder):
    path = piece_of(folder)
    with np.load(path) as file:
        values = dict(file)
    np.savez(path, **{**values, "owner": np.array("0" * 64)})


def lost(folder):
    sorted((folder / ".partial").glob("run-*.npz"))[0].unlink()


def no_text(folder):
    (folder / ".partial" / "identity.json").write_bytes(b"\xff\x00")


def no_identity(folder):
    (folder / ".partial" / "identity.json").unlink()


def a_file(folder):
    for path in (folder / ".partial").iterdir():
        path.unlink()
    (folder / ".partial").rmdir()
    (folder / ".partial").write_text("a file")


def a_pipe(folder):
    piece_of(folder).unlink()
    os.mkfifo(folder / ".partial" / "run-000001.npz")


DAMAGES = (truncate, flip, empty, foreign, another_run, lost, no_text, no_identity)
DAMAGES += (a_file, a_pipe)


@pytest.mark.long
@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_store_is_set_aside(damage, killed, whole, run):
    damage(killed)
    status, _, err = run(sample.main, *QUICK, "--out", killed)
    assert status == 0, err
    lines = err.replace("\r", "\n").splitlines()
    said = [line for line in lines if "is damaged" in line]
    assert len(said) == 1
    assert said[0].startswith("warning: ")
    assert "the run begins again" in said[0]
    assert (killed / ".partial-damaged").exists()
    assert not (killed / ".partial").exists()
    for name, values in arrays(killed).items():
        np.testing.assert_array_equal(values, whole[name])


def test_an_undamaged_store_is_gone_on_with(killed, whole, run):
    """The control: nothing is said, and no piece is made again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rram_ode.system._system.Piece.of", None)  # nothing is solved
        status, _, err = run(sample.main, *QUICK, "--out", killed)
    assert status == 0, err
    assert "damaged" not in err
    for name, values in arrays(killed).items():
        np.testing.assert_array_equal(values, whole[name])


@pytest.mark.long
def test_a_folder_is_one_runs_at_a_time(tmp_path, run):
    """A lock of another process: it is refused by name, and free after a kill."""
    folder = tmp_path / "out"
    code = (
        "import pathlib, time\n"
        "from rram_ode._core._files import claim_folder\n"
        f"with claim_folder(pathlib.Path({str(folder)!r})):\n"
        "    print('claimed', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as own:
        assert own.stdout is not None
        assert own.stdout.readline() == b"claimed\n"
        for command in (sample, train, compare, budget):
            status, _, err = run(command.main, "ring-ideal", "--out", folder)
            assert status == 2
            assert f"process {own.pid} is at work in `{folder}`" in err
        own.kill()
    assert not folder.exists()
    status, _, err = run(sample.main, *QUICK, "--out", folder)
    assert status == 0, err


@pytest.mark.filterwarnings("ignore:Error writing persistent compilation cache")
def test_a_full_disk_leaves_nothing(tmp_path, run):
    """Files of 8 kB at most: the samples and the figure do not fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, hard))
    try:
        status, _, err = run(sample.main, *QUICK, "--out", tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    (line,) = [x for x in err.splitlines() if "error" in x]
    assert status == 2
    assert re.search("cannot write `.*`: File too large; .*ulimit", line)
    assert not (tmp_path / "out").exists()


@pytest.mark.long
def test_a_folder_that_vanishes_is_made_again(tmp_path, monkeypatch, run):
    """The samples are not lost with it."""
    folder = tmp_path / "out"
    folder.mkdir()
    real = _sample.make_report

    def vanish(*judged):
        folder.rmdir()
        return real(*judged)

    monkeypatch.setattr(_sample, "make_report", vanish)
    assert run(sample.main, *QUICK, "--out", folder)[0] == 0
    assert (folder / "report.json").exists()
