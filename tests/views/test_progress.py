"""Bars of progress: in a terminal, and in a kernel as Jupyter runs it."""

import io
import os
import pathlib

import pytest
import rram_ode as rr
from rram_ode.training import Progress
from rram_ode.views import ProgressBar
from tqdm.std import tqdm


ROOT = pathlib.Path(__file__).parents[2]


def bar_on(file, total):
    return ProgressBar(tqdm(total=total, file=file, mininterval=0.0, unit="step"))


def test_a_bar_counts_numbers_and_closes_at_its_total():
    bar = bar_on(file := io.StringIO(), 10)
    bar(4)
    assert "4/10" in file.getvalue()
    bar(6)
    assert file.getvalue().endswith("\n")  # closed: what is printed next is below it
    bar(3)
    assert "13/10" not in file.getvalue()


def test_a_bar_follows_a_training_and_shows_its_numbers():
    with bar_on(file := io.StringIO(), 1000) as bar:
        bar(Progress(500, 0.25, 1e-3))
        bar(Progress(750, 0.125, 1e-4))
    last = file.getvalue().split("\r")[-1]
    assert "750/1000" in last
    assert "loss=0.12500" in last
    assert "rate=1.0e-04" in last


@pytest.mark.long
def test_sampling_tells_the_bar_of_all_samples(capsys):
    system = rr.System.from_preset("ring-ideal")
    system.sample(system.program(), 8, progress=rr.progress(8, name="analog"))
    last = capsys.readouterr().err.strip().split("\r")[-1]
    assert last.startswith("analog: 100%")
    assert "8/8" in last


@pytest.mark.slow
def test_a_kernel_shows_the_bar_the_view_and_a_figure_once(tmp_path):
    """In a kernel as Jupyter starts it, with or without ipywidgets."""
    nbclient, nbformat = (pytest.importorskip(x) for x in ("nbclient", "nbformat"))
    pytest.importorskip("ipykernel")
    cells = [
        "import rram_ode as rr\n"
        "system = rr.System.from_preset('ring-ideal')\n"
        "chip = system.program()\n"
        "run = system.sample(chip, 8, progress=rr.progress(8, name='analog'))",
        "chip",
        "rr.plots.plot_trajectory(run)",
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells]
    )
    environment = {k: v for k, v in os.environ.items() if k != "MPLBACKEND"}
    environment["PYTHONPATH"] = str(ROOT)
    client = nbclient.NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {}}
    )
    client.execute(cwd=str(tmp_path), env=environment)
    bar, view, figure = (cell["outputs"] for cell in notebook.cells)
    text = "".join(str(output.get("text", output.get("data", ""))) for output in bar)
    assert "analog: 100%" in text or "analog" in text and "HBox" in text
    assert "Warning" not in text
    (shown,) = view
    assert "<svg" in shown["data"]["text/html"]
    assert shown["data"]["text/plain"].startswith("Chip: ")
    pictures = [each for each in figure if "image/png" in each.get("data", {})]
    assert len(pictures) == len(figure) == 1
