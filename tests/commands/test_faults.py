"""Faults from outside: each is one line, exit status 2, and nothing that stays."""

import bz2
import io
import json
import os
import pathlib
import pickle
import re
import socket
import sys
import time
import zipfile
import zlib

import numpy as np
import psutil
import pytest
import rram_ode as rr
from hypothesis import given, HealthCheck, settings, strategies as hs
from rram_ode import (
    budget,
    commands,
    compare,
    controller,
    import_network,
    netlist,
    sample,
    sweep,
    train,
)
from rram_ode.commands import one_line_errors


COMMANDS = (budget, compare, controller, import_network, netlist, sample, sweep, train)
SECONDS, BYTES = 10.0, 2**30
HUGE, LONG = str(10**12), "1" + "0" * 400
MANY = str(10**30)
DEEP = "[" * 100_000
LAYOUT = """prediction = "noise"
activation = "relu"
frequencies = "w"
data = "ring"
[schedule]
beta_min = 0.1
beta_max = 8.0
"""


class Trap:
    """What would make a file if it were unpickled."""

    def __reduce__(self):
        return pathlib.Path.touch, (pathlib.Path("sprung"),)


def npy(shape=(4,), data=b"", descr="<f8"):
    """An npy file whose header may say anything."""
    file = io.BytesIO()
    header = {"descr": descr, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue() + data


def packed(path, members, method=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", method) as file:
        for name, data in members.items():
            file.writestr(name, data)


def bomb(path):
    """An npz of zeros that says that it unpacks to 3 GB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        with file.open("x.npy", "w", force_zip64=True) as member:
            member.write(npy((2**20,)))
    data = path.read_bytes()
    place = data.index(b"PK\x01\x02")
    size = (3 * 2**30).to_bytes(4, "little")
    path.write_bytes(data[: place + 24] + size + data[place + 28 :])


def liar(path):
    """An npz that says 128 bytes, and unpacks to 1 GB."""
    pack = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = b"".join(pack.compress(bytes(2**24)) for _ in range(64)) + pack.flush()
    packed(path, {"x.npy": b""}, zipfile.ZIP_DEFLATED)
    head = path.read_bytes()
    local, central = head.index(b"PK\x03\x04"), head.index(b"PK\x01\x02")
    old = int.from_bytes(head[local + 18 : local + 22], "little")
    sizes = len(body).to_bytes(4, "little") + (128).to_bytes(4, "little")
    start = head[: local + 18] + sizes + head[local + 26 : central - old] + body
    listed = head[central : central + 20] + sizes + head[central + 28 :]
    end = listed.index(b"PK\x05\x06")
    place = len(start).to_bytes(4, "little")
    path.write_bytes(start + listed[: end + 16] + place + listed[end + 20 :])


def make_files(folder):
    """Files of all kinds that nobody should read to their end."""
    os.mkfifo(folder / "fifo")
    for name in ("fifo.npz", "fifo.csv", "fifo.toml", "fifo.json", "fifo.lib"):
        os.mkfifo(folder / name)
    (folder / "folder.npz").mkdir()
    (folder / "empty").mkdir()
    place = os.getcwd()
    os.chdir(folder)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as each:
        each.bind("socket.npz")
    os.chdir(place)
    for ending in ("npz", "npy", "csv", "json", "toml", "safetensors", "pth", "lib"):
        (folder / f"nothing.{ending}").write_bytes(b"")
        (folder / f"noise.{ending}").write_bytes(np.random.default_rng(0).bytes(5_000))
    bomb(folder / "bomb.npz")
    liar(folder / "liar.npz")
    (folder / "liar.npy").write_bytes(npy((10**13,)))
    packed(folder / "shape.npz", {"x.npy": npy((10**13,))})
    packed(folder / "bz2.npz", {"x.npy": bytes(2**20)}, zipfile.ZIP_BZIP2)
    packed(folder / "many.npz", {f"{n}.npy": b"" for n in range(10_001)})
    np.savez(folder / "pickle.npz", x=np.array([Trap()], object))
    (folder / "pickle.pth").write_bytes(pickle.dumps(Trap()))
    np.savez(folder / "good.npz", x=np.zeros((3, 3)))
    whole = (folder / "good.npz").read_bytes()
    (folder / "cut.npz").write_bytes(whole[:-30])
    (folder / "deep.json").write_text(DEEP)
    (folder / "list.json").write_text("[1, 2]")
    (folder / "long.json").write_text(f'{{"a": {"1" * 5000}}}')
    (folder / "deep.toml").write_text("a = " + DEEP)
    (folder / "layout.toml").write_text(LAYOUT)
    for name, record in (
        ("record-deep", DEEP),
        ("record-list", "[]"),
        ("record-type", '{"format": 3}'),
        ("record-size", '{"format": "rram_ode checkpoint", "format_version": "x"}'),
    ):
        (folder / name).mkdir()
        (folder / name / "record.json").write_text(record)
        (folder / name / "weights.eqx").write_bytes(b"abc")
    (folder / "record-fifo").mkdir()
    os.mkfifo(folder / "record-fifo" / "record.json")
    (folder / "record-fifo" / "weights.eqx").write_bytes(b"abc")
    (folder / "chip-deep").mkdir()
    (folder / "chip-deep" / "chip.json").write_text(DEEP)
    np.savez(folder / "chip-deep" / "cells.npz", x=np.zeros(3))
    bodies = [".subckt a0 1", "r1 1 0 1k", ".ends"]
    for n in range(1, 8):
        calls = [f"x{k} 1 a{n - 1}" for k in range(10)]
        bodies += [f".subckt a{n} 1", *calls, ".ends"]
    (folder / "huge.cir").write_text("\n".join(["*", *bodies, "x1 1 a7", ".end"]))
    loop = ["*", ".subckt a 1", "x1 1 b", ".ends", ".subckt b 1", "x1 1 a", ".ends"]
    (folder / "loop.cir").write_text("\n".join([*loop, "x1 1 a", ".end"]))
    (folder / "noise.cir").write_bytes(np.random.default_rng(1).bytes(5_000))
    make_long_files(folder)


def make_long_files(folder):
    """Files that are short on a disk, and long when they are read."""
    (folder / "rows.csv").write_text("1,2\n" * (2**20 + 1))
    (folder / "blank.csv").write_text("\n" * (2**22))
    (folder / "cells.csv").write_text(f"{'1,' * 500}1\n" * 10_000)
    (folder / "line.csv").write_text("1," * 3_000_000)
    (folder / "columns.csv").write_text(f"{'1 ' * 300_000}\n")
    (folder / "spaces.csv").write_text(f"a b\n1{' ' * 10**6}[\n")
    (folder / "digits.csv").write_text(f"a,b\n{'1' * 10**6}x,2\n")
    (folder / "blank.cir").write_text("\n" * 2_000_000)
    (folder / "dots.toml").write_text(f"{'a.' * 30_000}a = 1\n{LAYOUT}")
    os.symlink("circle.cir", folder / "circle.cir")
    (folder / "includes.cir").write_text("*\n.include circle.cir\n.end\n")
    with (folder / "zeros.npy").open("wb") as file:
        file.truncate(900 * 10**6)
    header = npy().partition(b"\n")[0][10:] + b" " * 60_000 + b"\n"
    length = len(header).to_bytes(4, "little")
    (folder / "header.npy").write_bytes(b"\x93NUMPY\x02\x00" + length + header)
    packed(folder / "header.npz", {"x.npy": (folder / "header.npy").read_bytes()})


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    make_files(folder)
    assert commands.run_sample  # jax and matplotlib come before the time runs
    return folder


KINDS = ("fifo.npz", "folder.npz", "socket.npz", "bomb.npz", "liar.npz", "shape.npz")
KINDS += ("bz2.npz", "many.npz", "pickle.npz", "cut.npz", "nothing.npz", "noise.npz")
KINDS += ("missing.npz",)


LONG_TABLES = (
    ("rows", "more than the 1048576 lines"),
    ("blank", "more than the 1048576 lines"),
    ("cells", "more than the 5000000 cells"),
    ("line", "more than the 8192 columns"),
    ("columns", "more than the 8192 columns"),
)


TABLE = [
    # Sizes
    (sample, "--num-samples 0", "must be 2 or more"),
    (sample, "--num-samples -5", "must be 2 or more"),
    (sample, f"--num-samples {HUGE}", "take [0-9]+ or fewer.*`--yes`"),
    (sample, f"--num-samples {LONG}", "take [0-9]+ or fewer"),
    (sample, "--num-samples 1000000000 --yes", "each sample has a number of 32 bits"),
    (sample, f"--num-chips {MANY}", "`--num-chips` 1.*take [0-9]+ or fewer"),
    (sample, "--num-chips 0", "must be 1 or more"),
    (sample, "--seed 4294967295", "`--seed` must be from 0 to 4294967293"),
    (sample, "--seed -1", "`--seed` must be from 0"),
    (sample, f"--seed {LONG}", "`--seed` must be from 0"),
    (sample, "--chip-seed 4294967296", "`--chip-seed` must be from 0"),
    (sample, "--set cell.devices_per_weight=1000000", "take [0-9]+ or fewer.*`--yes`"),
    (sample, f"--set cell.devices_per_weight={MANY}", "take [0-9]+ or fewer"),
    (sample, f"--set solve.num_steps={HUGE}", "take [0-9]+ or fewer"),
    (sample, "--set cell.ageing=1e-30", "finer than single precision"),
    (sample, "--set rewrite.every=1e-30", "`rewrite.every` must be"),
    (sample, "--set process.trim_temperature=20", "`process.trim_temperature` = 20 K"),
    (sample, "--set process.trim_temperature=1e6", "`process.trim_temperature` = 1e"),
    (sample, "--set cell.temperature=1e6", "`cell.temperature`"),
    (sample, "--set cell.temperature=nan", "`cell.temperature`"),
    (train, f"--set train.steps={HUGE}", "`train.steps` 1.*take [0-9]+ or fewer"),
    (train, f"--set train.batch={HUGE}", "`train.batch` 1.*take [0-9]+ or fewer"),
    (train, "--set network.widths=1000000,1000000", "`network.widths`.*`--yes`"),
    (train, "--set train.steps=0", "`train.steps` must be 1 or more"),
    (compare, f"--num-samples {HUGE}", "take [0-9]+ or fewer"),
    (compare, f"--num-chips {MANY}", "`--num-chips` 1.*take [0-9]+ or fewer"),
    (compare, f"--most-chips {MANY}", "`--most-chips` 1.*take [0-9]+ or fewer"),
    (compare, "--num-seeds 0", "must be 1 or more"),
    (compare, "--seed 4294967295", "`--seed` must be from 0"),
    (budget, f"--num-samples {HUGE}", "take [0-9]+ or fewer"),
    (budget, f"--num-chips {MANY}", "`--num-chips` 1.*take [0-9]+ or fewer"),
    (budget, f"--points {2**60}", "`--points` 1.*take [0-9]+ or fewer"),
    (netlist, f"--check --chips {MANY}", "`--chips` 1.*take [0-9]+ or fewer"),
    (netlist, f"--check --starts {MANY}", "`--starts` 1.*take [0-9]+ or fewer"),
    (netlist, "--set cell.devices_per_weight=1000000", "take [0-9]+ or fewer"),
    (controller, "--set controller.load=1000000000", "no time to pre-charge"),
    (controller, "--set solve.duration=1000s", "too many states to visit"),
    (controller, "nothing", "no preset `nothing`"),
    # Names and values
    (sample, "nothing", "no preset `nothing`"),
    (sample, "--set nothing", "must have the form PATH=VALUE"),
    (sample, "--set nothing=1", "no setting `nothing`"),
    (sample, "--set cell.levels=one", "`cell.levels`"),
    (sample, f"--set cell.levels={'9' * 5000}", "99"),
    (sample, "--set cell.levels=10000000000", "`levels` must be at most 16777216"),
    (sample, f"--set cell.levels={'9' * 25}", "`levels` must be at most 16777216"),
    (sample, "--sampler nothing", "no sampler `nothing`|`sampler`"),
    (sample, "--label h", "`solve.label`"),
    (sample, "--guidance 1", "`guidance.weight`"),
    (compare, "--systems nothing", "no system `nothing`"),
    (compare, "--assume a100.power", "must have the form NAME=VALUE"),
    (compare, "--margin nan", "`--margin` must be above 0"),
    (netlist, "--deck missing.cir --check", "there is no file|cannot read"),
    (netlist, "--chips 2", "go with `--check`"),
    (train, "nothing", "no preset `nothing`"),
    # Folders and files that are none
    (sample, "--checkpoint {}/missing", "there is no|no checkpoint folder"),
    (sample, "--checkpoint {}/empty", "holds no `record.json`"),
    (sample, "--checkpoint {}/record-deep", "is no record of a checkpoint"),
    (sample, "--checkpoint {}/record-list", "is no record of a checkpoint"),
    (sample, "--checkpoint {}/record-type", "is no record of a checkpoint"),
    (sample, "--checkpoint {}/record-size", "record"),
    (sample, "--checkpoint {}/record-fifo", "holds no `record.json`"),
    (sample, "--checkpoint {}/fifo", "no checkpoint folder|holds no"),
    (sample, "--chip {}/empty", "holds neither"),
    (sample, "--chip {}/chip-deep", "is no record of a chip"),
    (sample, "--chip /dev/zero", "must be a plain file"),
    (sample, "--chip {}/liar.npy", "ends before its"),
    *((sample, f"--chip {{}}/{name}", "\\.npz`|missing") for name in KINDS),
    *(
        (sample, f"--config {{}}/{name}.json", "`.*json`")
        for name in (
            "fifo",
            "nothing",
            "noise",
            "deep",
            "list",
            "long",
            "missing",
        )
    ),
    *((sample, f"--set data={{}}/{name}", "\\.npz") for name in KINDS),
    (sample, "--set data={}/fifo.csv", "must be a plain file"),
    *((sample, f"--set cell.measurements={{}}/{name}", "\\.npz`") for name in KINDS),
    (sample, "--set cell.measurements={}/fifo.csv", "must be a plain file"),
    (sample, "--set cell.measurements={}/noise.csv", "is not text|header|one row"),
    (sample, "--set op_amp.subcircuit={}/fifo.lib:A", "no file|plain file"),
    (sample, "--set op_amp.subcircuit={}/noise.lib:A", "noise.lib"),
    (train, "--set data={}/fifo.csv", "must be a plain file"),
    (train, "--set data={}/bomb.npz", "at most 1073741824 bytes"),
    (netlist, "--check --deck {}/fifo", "no file|plain file"),
    (netlist, "--check --deck {}/noise.cir", "noise.cir"),
    (netlist, "--recognise --deck {}/huge.cir", "10000000 elements"),
    (netlist, "--recognise --deck {}/loop.cir", "calls itself"),
    (netlist, "--check --deck {}/huge.cir", "10000000 elements"),
    *(
        (import_network, f"{{}}/{name} --layout {{}}/layout.toml", "\\.npz`|missing")
        for name in KINDS
    ),
    *(
        (import_network, f"{{}}/{name} --layout {{}}/layout.toml", name)
        for name in (
            "nothing.safetensors",
            "noise.safetensors",
            "pickle.pth",
            "noise.pth",
            "nothing.pth",
        )
    ),
    *(
        (import_network, f"{{}}/good.npz --layout {{}}/{name}", name)
        for name in (
            "fifo.toml",
            "deep.toml",
            "noise.toml",
            "nothing.toml",
            "deep.json",
            "missing.toml",
            "fifo.json",
            "list.json",
        )
    ),
    (import_network, "{}/good.npz", "give `--layout FILE.toml`"),
    # Files that are long when they are read
    *((train, f"--set data={{}}/{name}.csv", text) for name, text in LONG_TABLES),
    *(
        (sample, f"--set cell.measurements={{}}/{name}.csv", text)
        for name, text in LONG_TABLES
    ),
    (train, "--set data={}/spaces.csv", "spaces.csv"),
    (train, "--set data={}/digits.csv", "digits.csv"),
    (train, "--set data={}/zeros.npy", "does not begin as one"),
    *(
        (train, f"--set data={{}}/header.{ending}", "has a header of 6[0-9]+ bytes")
        for ending in ("npy", "npz")
    ),
    (sample, "--set cell.measurements={}/header.npz", "a header of 6[0-9]+ bytes"),
    (sample, "--chip {}/header.npy", "a header of 6[0-9]+ bytes"),
    (netlist, "--check --deck {}/blank.cir", "more than 1000000 lines"),
    (netlist, "--check --deck {}/circle.cir", "cannot read .*symbolic links"),
    (netlist, "--check --deck {}/includes.cir", "cannot read .*symbolic links"),
    (sample, "--set op_amp.subcircuit={}/circle.cir:A", "cannot read"),
    (netlist, "--check --deck {}/folder.npz", "must be a plain file"),
    (netlist, "--check --deck {}/fifo", "must be a plain file"),
    (import_network, "{}/good.npz --layout {}/dots.toml", "16384 characters"),
    # Words that are no flags, or no values of one
    (sample, "ring --num-samples 0x20", "num-samples: .*0x20.*; see `.* --help`"),
    (sample, "ring --num-samples", "Missing value for argument '--num-samples'"),
    (sample, "ring --fidelity idea", "invalid choice 'idea'"),
    (train, "ring --nonsense", "Unrecognized options: --nonsense"),
    (compare, "ring --num-chip 5", "perhaps you meant --num-chips"),
    (budget, "ring extra", "Unrecognized options: extra"),
    (controller, "ring --out x", "Unrecognized options: --out, x"),
    (netlist, "ring --seed one", "'one'"),
    (import_network, "--layout", "layout"),
    # A controller of settings that have no chip
    (controller, "ring-fresh --set solve.duration=0", "must be positive; got 0"),
    (controller, "ring-fresh --set cell.levels=-1", "at least 2"),
]


def test_the_table_is_long():
    assert len(TABLE) >= 80
    assert {row[0] for row in TABLE} >= {
        sample,
        train,
        compare,
        netlist,
        controller,
        budget,
        import_network,
    }


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    ("command", "words", "text"),
    TABLE,
    ids=[f"{row[0].__name__[9:]} {row[1][:60]}" for row in TABLE],
)
def test_a_fault_is_one_line(command, words, text, files, tmp_path, run, monkeypatch):
    """Status 2, one line that says what is wrong; within 10 s and 1 GB of memory.

    Seconds are those of this process: others may keep it waiting.
    """
    monkeypatch.chdir(tmp_path)
    arguments = words.replace("{}", str(files)).split()
    begun, before = time.process_time(), psutil.Process().memory_info().rss
    status, _, err = run(command.main, *arguments)
    lines = [x for x in err.splitlines() if not x.startswith(("warning:", "note:"))]
    lines = [x for x in lines if not x.startswith("read:")]
    assert status == 2, err
    assert len(lines) == 1, err
    assert lines[0].startswith("rram_ode: error: ")
    assert re.search(text, lines[0]), lines[0][:500]
    assert "Traceback" not in err
    assert time.process_time() - begun < SECONDS
    assert psutil.Process().memory_info().rss - before < BYTES
    assert not list(tmp_path.iterdir())
    assert not (files / "sprung").exists()


def test_a_row_that_lies_far_below_is_not_walked_to(tmp_path, run):
    """Excel's own last row is read, and the one below it is not."""
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "a.xlsx"
    for place, is_read in ((2**20, True), (2 * 10**9, False)):
        book = openpyxl.Workbook()
        book.active.append([1, 2])
        book.active.append([3, 4])
        book.save(path)
        with zipfile.ZipFile(path) as file:
            members = {each: file.read(each) for each in file.namelist()}
        sheet = "xl/worksheets/sheet1.xml"
        place = str(place).encode()
        changed = members[sheet].replace(b'<row r="2"', b'<row r="%b"' % place)
        assert changed != members[sheet]
        packed(path, {**members, sheet: changed})
        begun = time.process_time()
        status, _, err = run(train.main, "--set", f"data={path}")
        assert status == 2
        assert ("more than the 1048576 rows" in err) != is_read, err
        assert time.process_time() - begun < SECONDS


def test_a_folder_is_looked_at_before_the_bar(files, run):
    """Also where a file stands in its place, which is said."""
    (files / "file").write_text("")
    for preset in ("ring-ideal", "letters-vae"):
        status, _, err = run(train.main, preset, "--out", files / "file" / "x")
        assert status == 2
        assert err.count("\n") == 1, err
        assert f"`{files / 'file'}` is there, and is no folder; choose" in err


def test_the_two_bombs_are_ones(files):
    """What unpacks them without a limit takes gigabytes."""
    with zipfile.ZipFile(files / "bomb.npz") as file:
        assert file.infolist()[0].file_size == 3 * 2**30
    data = (files / "liar.npz").read_bytes()
    assert len(data) < 2 * 2**20
    with zipfile.ZipFile(files / "liar.npz") as file:
        (member,) = file.infolist()
        assert member.file_size == 128
    body = data[data.index(b"x.npy") + 5 :]
    unpack = zlib.decompressobj(-15)
    assert len(unpack.decompress(body, 2**26)) == 2**26  # and there is more


@pytest.mark.long
@pytest.mark.parametrize(
    "out", ["/proc/nothing/x", "/dev/null/x", "/sys/x", "{}/" + "x" * 300, "{}/fifo"]
)
@pytest.mark.parametrize("command", [sample, train, compare, budget, netlist])
def test_a_folder_that_cannot_be_written(command, out, files, run):
    name = f"{out}/a.cir" if command is netlist else out
    preset = "ring-ideal" if command in (sample, train) else "ring-fresh"
    words = (preset, "--out", name.replace("{}", str(files)))
    status, _, err = run(command.main, *words)
    lines = [x for x in err.splitlines() if x.startswith("rram_ode: error")]
    assert status == 2
    assert len(lines) == 1
    assert "cannot write" in lines[0]
    assert "Traceback" not in err


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    with pytest.MonkeyPatch.context() as patch:
        words = ["ring-ideal", "--num-samples", "60", "--out", str(folder)]
        patch.setattr("sys.argv", ["x", *words])
        with one_line_errors():
            sample.main()
    return json.loads((folder / "report.json").read_text())


WRONG = hs.one_of(
    hs.none(),
    hs.booleans(),
    hs.integers(),
    hs.floats(),
    hs.text(max_size=5),
    hs.lists(hs.integers(), max_size=2),
    hs.dictionaries(hs.text(max_size=2), hs.none()),
)
READ = ("config", "preset", "seed", "chip_seed", "num_samples", "num_chips", "sampler")
READ += ("chip", "files")


@pytest.mark.long
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=hs.data())
def test_a_report_with_wrong_types_is_one_line(data, report, files, monkeypatch, run):
    """Any value where one is read: the run is repeated, or one line says why not."""
    monkeypatch.setattr(commands, "run_sample", lambda *words, **more: None)
    changed = json.loads(json.dumps(report))
    place, key = changed, data.draw(hs.sampled_from(READ))
    while isinstance(place.get(key), dict) and place[key] and data.draw(hs.booleans()):
        place, key = place[key], data.draw(hs.sampled_from(sorted(place[key])))
    place[key] = data.draw(WRONG)
    path = files / "changed.json"
    path.write_text(json.dumps(changed))
    status, _, err = run(sample.main, "--config", path)
    assert status in (0, 2), err
    assert err.count("rram_ode: error") == int(status == 2)
    assert "Traceback" not in err


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    changes=hs.lists(
        hs.tuples(hs.integers(0, 10**6), hs.integers(0, 255)), min_size=1, max_size=8
    ),
    cut=hs.integers(0, 40),
)
def test_a_changed_archive_is_read_or_refused(changes, cut, files):
    from rram_ode._core._archives import load_npz, read_npz

    data = bytearray((files / "good.npz").read_bytes())
    for place, value in changes:
        data[place % len(data)] = value
    path = files / "changed.npz"
    path.write_bytes(data[: len(data) - cut])
    for read in (read_npz, load_npz):
        try:
            read(path)
        except ValueError as error:
            said = str(error)
        else:
            continue
        assert "\n" not in said


def test_the_library_refuses_what_cannot_be_held():
    with pytest.raises(ValueError, match="`cell.devices_per_weight` = 1.* or fewer"):
        rr.System.from_preset("ring-ideal", {"cell.devices_per_weight": 10**12})
    with pytest.raises(ValueError, match="`solve.num_steps` = 1.* or fewer"):
        rr.System.from_preset("ring-ideal", {"solve.num_steps": 10**12})
    system = rr.System.from_preset("ring-ideal")
    for call in (
        lambda: system.sample(system.program(), 10**12),
        lambda: system.sample_digital(10**30),
        lambda: system.data(10**12),
    ):
        with pytest.raises(ValueError, match="`num_samples` = 1.* or fewer"):
            call()
    with pytest.raises(ValueError, match="a seed must be an integer"):
        system.program(10**12)


@pytest.mark.parametrize("name", KINDS)
def test_the_library_reads_plain_files_alone(name, files, tmp_path):
    system = rr.System.from_preset("ring-ideal")
    for read in (
        lambda path: rr.load_chip(system, path, 0),
        lambda path: rr.System.from_preset("ring", {"data": str(path)}),
        lambda path: rr.import_weights(path, files / "layout.toml", folder=tmp_path),
    ):
        with pytest.raises((ValueError, OSError), match="npz") as refusal:
            read(files / name)
        assert "\n" not in str(refusal.value)


def test_a_bz2_bomb_is_not_unpacked(tmp_path):
    """Its kilobytes would be gigabytes at the first read."""
    from rram_ode._core._archives import read_npz

    path = tmp_path / "a.npz"
    packed(path, {"x.npy": bytes(2**20)}, zipfile.ZIP_BZIP2)
    assert len(bz2.compress(bytes(2**24))) < 1000
    with pytest.raises(ValueError, match="packs `x.npy` by method 12"):
        read_npz(path)


@pytest.mark.long
def test_a_million_samples_of_ring_need_no_question(tmp_path, run, monkeypatch):
    """The plan lets it through, and ten thousand times as many it does not."""
    from rram_ode.commands import _sample

    def stop(*words):
        raise ValueError("it was let through")

    monkeypatch.setattr(_sample, "print_measurements", stop)
    for number, text in ((10**6, "let through"), (10**10, "or fewer")):
        words = ("--num-samples", number, "--out", tmp_path)
        assert text in run(sample.main, "ring", *words)[2]


def test_a_platform_that_does_not_start_is_one_line(run):
    def main():
        raise RuntimeError("Unable to initialize backend 'cpu': INTERNAL: no\nmore")

    status, _, err = run(main)
    assert status == 2
    assert err.count("\n") == 1
    assert "jax cannot start: Unable to initialize" in err
    assert "JAX_NUM_CPU_DEVICES" in err


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ("--xla_cpu_nonsense=1", "Unknown flag"),
        ("--xla_cpu_use_fusion_emitters=perhaps", "interpret value perhaps"),
        ("no/such/file", "Could not open file"),
        ("--xla_cpu_use_fusion_emitters=true", None),
    ],
)
def test_flags_that_xla_refuses_are_one_line(flags, text, run, monkeypatch):
    """XLA itself ends the process, with a page of all flags that it knows."""
    monkeypatch.setenv("XLA_FLAGS", flags)
    reached = []
    status, _, err = run(lambda: reached.append(flags))
    if text is None:
        assert (status, reached) == (0, [flags])
        return
    assert (status, reached) == (2, [])
    assert err.count("\n") == 1
    assert f"XLA refuses `XLA_FLAGS` = {flags}: " in err
    assert text in err


def test_a_stream_that_is_closed_takes_everything(monkeypatch):
    """`>&-` and `2>&-`: Python has no such stream, and `flush` would be a traceback."""
    for name in ("stdout", "stderr"):
        with monkeypatch.context() as patch:
            patch.setattr(sys, name, None)
            with one_line_errors():
                print("what nobody reads │", file=getattr(sys, name))
            opened = getattr(sys, name)
            assert opened.name == os.devnull
            opened.close()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda module: module.__name__)
def test_help_fits_a_terminal(command, run, monkeypatch):
    """Of 80 columns, where nothing tells how wide it is."""
    monkeypatch.setenv("COLUMNS", "80")
    status, out, err = run(command.main, "--help")
    assert (status, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
