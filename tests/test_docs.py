import importlib.util
import json
import pathlib
import re
import tomllib

import pytest
from benchmarks.__main__ import BENCHMARKS


ROOT = pathlib.Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]


@pytest.mark.long
def test_readme():
    text = (ROOT / "README.md").read_text()
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert blocks
    exec("\n".join(blocks), {})


@pytest.mark.notebook
@pytest.mark.parametrize("path", sorted(ROOT.glob("notebooks/*.ipynb")), ids=str)
def test_notebook(path, monkeypatch):
    """It runs; and what it shows a reader holds no error, and a figure."""
    monkeypatch.chdir(path.parent)
    cells = json.loads(path.read_text())["cells"]
    shown = [output for cell in cells for output in cell.get("outputs", [])]
    assert not [output for output in shown if output["output_type"] == "error"]
    assert [output for output in shown if "image/png" in output.get("data", {})]
    scope = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), scope)


def test_every_number_of_the_results_table_names_its_command():
    text = (ROOT / "README.md").read_text()
    table = re.search(r"## Results\n(.*?)\n## ", text, re.DOTALL)
    assert table is not None
    rows = [r for r in table[1].splitlines() if r.startswith("|")][2:]
    assert rows
    for row in rows:
        assert "`python -m " in row, row


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    targets = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    for target in targets:
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_exist(page):
    commands = re.findall(r"python -m ([\w.]+)(?: (\w+))?", page.read_text())
    assert commands or page.parent != ROOT
    for module, name in commands:
        assert importlib.util.find_spec(module), module
        assert module != "benchmarks" or name in ("", *BENCHMARKS), name


def test_citation_has_the_version_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    citation = (ROOT / "CITATION.cff").read_text()
    assert re.search(r"^cff-version: 1\.2\.0$", citation, re.MULTILINE)
    for key in ("version", "license"):
        assert re.search(rf"^{key}: {re.escape(project[key])}$", citation, re.MULTILINE)
