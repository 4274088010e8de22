"""The built site: no warning, no dead link, and the page that a question asks for."""

import html.parser
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tomllib
import urllib.parse

import pytest
import rram_ode as rr


ROOT = pathlib.Path(__file__).parents[2]
HERE = pathlib.Path(__file__).parent
QUESTIONS = tomllib.loads((HERE / "questions.toml").read_text())["question"]
TEXTS = [question["text"] for question in QUESTIONS]
FIRST = 3

pytestmark = pytest.mark.site


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built with every warning an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", folder]
    quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}  # an advertisement
    done = subprocess.run(command, cwd=ROOT, env=quiet, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


def ask(site, questions):
    """The pages that the site's own search finds for each question, best first."""
    assert shutil.which("node"), "the search runs in node: install nodejs"
    done = subprocess.run(
        ["node", HERE / "search.mjs", site],
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    return [list(dict.fromkeys(each)) for each in found]


def address(question):
    """Where the page of a question is; the first page is the site's own address."""
    return "" if question["page"] == "index" else f"{question['page']}/"


def test_twenty_questions_are_asked():
    assert len(set(TEXTS)) >= 20


def test_a_question_finds_its_page(site):
    missed = [
        (question["text"], found[:FIRST])
        for question, found in zip(QUESTIONS, ask(site, TEXTS), strict=True)
        if address(question) not in found[:FIRST]
    ]
    assert not missed


def test_a_search_that_takes_signs_for_operators_is_seen(site, tmp_path):
    """The mutant: the theme's own worker, without what is put ahead of it."""
    plain = tmp_path / "plain"
    shutil.copytree(site, plain)
    (worker,) = (plain / "assets/javascripts/workers").glob("search.*.js")
    ahead = (ROOT / "docs/assets/question.js").read_text()
    worker.write_text(worker.read_text().removeprefix(ahead))
    found = ask(plain, TEXTS)
    pages = [address(question) for question in QUESTIONS]
    assert sum(p in f[:FIRST] for p, f in zip(pages, found, strict=True)) < len(TEXTS)


class Reader(html.parser.HTMLParser):
    """The links of a page, and the names of its places."""

    def __init__(self):
        super().__init__()
        self.links, self.places = [], set()

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.places |= {found[name] for name in ("id", "name") if found.get(name)}
        for name in ("href", "src"):
            if found.get(name):
                self.links.append((tag, found[name]))


@pytest.fixture(scope="module")
def pages(site):
    """Each page of the site, read."""
    found = {}
    for path in sorted(site.rglob("*.html")):
        found[path] = reader = Reader()
        reader.feed(path.read_text())
    return found


def test_no_link_is_dead(site, pages):
    dead = []
    for path, page in pages.items():
        if path.name == "404.html":  # its links begin at the root of a host
            continue
        for _, link in page.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / urllib.parse.unquote(parts.path)).resolve()
            target = target / "index.html" if target.is_dir() else target
            target = path if not parts.path else target
            if not target.is_file() or site not in target.parents:
                dead.append((path.relative_to(site), link))
            elif parts.fragment and target in pages:
                if urllib.parse.unquote(parts.fragment) not in pages[target].places:
                    dead.append((path.relative_to(site), link))
    assert not dead


def test_nothing_is_loaded_from_another_host(pages):
    for page in pages.values():
        for tag, link in page.links:
            assert tag == "a" or "//" not in link, link


def test_every_setting_and_every_name_has_its_place(site, pages):
    settings = pages[site / "reference/settings/index.html"].places
    missing = {k.name for k in rr.knobs(rr.System.from_preset("ring").config)}
    assert not missing - settings
    names = {name for name in dir(rr) if not name.startswith("_")}
    names -= {"metrics", "plots"}  # packages
    places = pages[site / "reference/api/index.html"].places
    assert not {f"rram_ode.{name}" for name in names} - places


def test_formulas_are_drawn(site):
    """No formula stays as it was typed."""
    for path in site.rglob("*.html"):
        assert 'class="arithmatex"' not in path.read_text(), path
    assert "<math" in (site / "physics/circuit/index.html").read_text()
