"""The code of the pages: Python is run, and commands are read as their programs do."""

import doctest
import importlib
import pathlib
import re
import shlex
import shutil

import numpy as np
import pytest
import tyro
from rram_ode.config import override_all, parse_pairs
from rram_ode.presets import find_preset, WITHOUT_CHIP
from rram_ode.system import find_yardstick
from rram_ode.training import shipped_checkpoint


ROOT = pathlib.Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md"))
# What takes seconds here; all else is run by `pytest -m slow`.
CALLS = {"latents.fit_autoencoder"}  # a function, no setting
QUICK = ("verdict", "volts", "noise", "extend", "own-device")
QUICK += ("duration", "netlist", "mend-a-chip")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
SMALL = {
    "sample": ("--num-samples", "64"),
    "train": ("--set", "train.steps=20", "--set", "train.batch=64"),
    "compare": ("--num-samples", "200", "--num-chips", "2", "--systems", "euler"),
    "budget": ("--num-samples", "100", "--num-chips", "2", "--points", "2"),
}


def blocks(page, *kinds):
    """The blocks of these languages, in order."""
    return [text for kind, text in FENCE.findall(page.read_text()) if kind in kinds]


def commands(page):
    """The words of each command of the package on a page."""
    for text in blocks(page, "bash"):
        for line in text.replace("\\\n", " ").splitlines():
            if line.startswith("python -m rram_ode."):
                yield shlex.split(line)[2:]


def with_block(*kinds):
    """The pages that have such blocks, the slow ones marked."""
    for page in PAGES:
        if blocks(page, *kinds):
            marks = () if page.stem in QUICK else (pytest.mark.slow,)
            yield pytest.param(page, marks=marks, id=page.stem)


def test_every_block_has_a_language_that_is_checked():
    kinds = {kind for page in PAGES for kind, _ in FENCE.findall(page.read_text())}
    assert kinds <= {"bash", "python", "pycon", "toml", "text"}


@pytest.mark.long
@pytest.mark.parametrize("page", list(with_block("python", "pycon")))
def test_python_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scope = {}
    for text in blocks(page, "python"):
        exec(compile(text, str(page), "exec"), scope)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    lines = doctest.DocTestParser().get_doctest(
        "\n".join(blocks(page, "pycon")), {}, page.stem, str(page), 0
    )
    runner = doctest.DocTestRunner(optionflags=flags)
    runner.run(lines)
    assert runner.failures == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_of_a_page_are_understood(page):
    """Flags by the program's own parser; settings by their names and units."""
    for module, *words in commands(page):
        arguments = tyro.cli(importlib.import_module(module).Arguments, args=words)
        preset = getattr(arguments, "preset", "ring")
        if preset not in WITHOUT_CHIP and not preset.endswith(("-vae", "-reader")):
            find_preset(preset)
            override_all(
                find_preset(preset), parse_pairs(getattr(arguments, "set", ()))
            )


def prepare(folder):
    """The files that a reader is told to have."""
    rng = np.random.default_rng(0)
    target = np.repeat([20.0, 50.0, 80.0], 40)
    cells = np.column_stack([target, target + rng.normal(0, 1, 120)])
    header = "target_uS,read_uS"
    np.savetxt(
        folder / "my_cells.csv", cells, delimiter=",", header=header, comments=""
    )
    np.savetxt(folder / "points.csv", rng.normal(size=(200, 2)), delimiter=",")
    shutil.copytree(ROOT / "circuits", folder / "circuits")


@pytest.mark.slow
@pytest.mark.ngspice
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if any(commands(page)) and page.stem != "own-network"],
    ids=lambda page: page.stem,
)
def test_commands_of_a_page_run(page, tmp_path, monkeypatch, run):
    """In the order of the page, with few samples and few steps."""
    monkeypatch.chdir(tmp_path)
    prepare(tmp_path)
    if page.stem == "commands":  # its run is that of the start
        run(importlib.import_module("rram_ode.sample").main, "ring", *SMALL["sample"])
    for module, *words in commands(page):
        program = importlib.import_module(module)
        name = module.removeprefix("rram_ode.")
        extra = () if "--config" in words else SMALL.get(name, ())
        status, _, error = run(program.main, *words, *extra)
        assert status == 0, (words, error)


@pytest.mark.slow
def test_the_layout_of_the_page_is_read(tmp_path, monkeypatch, run):
    """`own-network`: its TOML as it stands, with weights of its form."""
    monkeypatch.chdir(tmp_path)
    page = DOCS / "how-to/own-network.md"
    (layout,) = blocks(page, "toml")
    pathlib.Path("model.toml").write_text(layout)
    rng, state = np.random.default_rng(0), {"embed.W": np.ones(4)}
    for n, (i, o) in enumerate(((2, 8), (8, 8), (8, 2))):
        state |= {f"{n}.weight": rng.normal(size=(o, i)) / 4, f"{n}.bias": np.zeros(o)}
    np.savez("model.npz", allow_pickle=False, **state)
    for module, *words in commands(page):
        words = [word.replace(".safetensors", ".npz") for word in words]
        # Weights that were not trained have states too small for the capacitors.
        extra = ("--fidelity", "ideal", *SMALL["sample"]) if "ring" in words[0] else ()
        status, _, error = run(importlib.import_module(module).main, *words, *extra)
        assert status == 0, error


def test_numbers_of_the_pages_are_those_of_the_package():
    """Values in sentences, which no code on the page computes."""
    ring, wide = find_preset("ring"), find_preset("ring-64")
    score = shipped_checkpoint("ring").score
    widths = "two hidden layers of {} neurons and {} outputs"
    age = {86400.0: "is a day old"}.get(ring.cell.age or 0.0, "none")
    parts = {
        "start": (widths.format(score.network.widths[0], score.dim), age),
        "how-to/mend-a-chip": (f"`ring-64` takes {wide.solve.score_factor}",),
        "physics/circuit": (f"$t_1 = {ring.solve.t1:g}$",),
        "physics/verdict": (f"a {find_yardstick(ring).accepted}",),
    }
    for name, texts in parts.items():
        page = " ".join((DOCS / f"{name}.md").read_text().split())
        for text in texts:
            assert text in page, (name, text)


def test_files_that_are_named_exist():
    """Paths in backticks, on the page of what to touch and on all others."""
    named = re.compile(
        r"`((?:rram_ode|tests|circuits|notebooks|benchmarks|docs)/[\w./-]+)`"
    )
    found = [(p, path) for p in PAGES for path in named.findall(p.read_text())]
    assert len(found) > 30
    assert not [each for each in found if not (ROOT / each[1]).exists()]


def test_settings_that_are_named_exist():
    """Dotted names in backticks whose first part is a group of settings."""
    from rram_ode.config import leaves

    names = {name for name, _ in leaves(find_preset("ring"))}
    groups = {name.split(".")[0] for name in names if "." in name}
    pages = [
        page for page in PAGES if page.stem not in ("errors", "results", "support")
    ]
    for page in pages:
        for name in re.findall(
            r"`([a-z_]+\.[a-z_.0-9]+(?:\.\*)?)(?:=[^`]*)?`", page.read_text()
        ):
            if name.split(".")[0] not in groups or name in CALLS:
                continue
            stem = name.removesuffix(".*")
            known = stem in names or any(n.startswith(stem + ".") for n in names)
            assert known, (page.stem, name)


def test_drawings_are_those_of_the_script(tmp_path):
    """The script makes the drawings that are there, and each is on a page."""
    import runpy

    script = DOCS / "drawings/draw.py"
    runpy.run_path(str(script))["main"](tmp_path)
    kept = {path.name for path in script.parent.glob("*.svg")}
    assert {path.name for path in tmp_path.iterdir()} == kept
    text = "".join(page.read_text() for page in PAGES)
    assert all(f"drawings/{name})" in text for name in kept)
