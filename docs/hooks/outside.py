"""Bring files from outside `docs` into the site: notebooks, texts, and what is linked.

The sources of the pages link to files of the repository, as they lie there. A link to a
text or a notebook becomes one to its page; a link to any other file becomes one to a
copy of it. A link to nothing, or to a folder, stops the build.
"""

import os
import pathlib
import posixpath
import re

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from notebook import as_page, Picture


ROOT = pathlib.Path(__file__).parents[2]
TEXTS = {
    "CHANGELOG.md": "changes.md",
    "CONTRIBUTING.md": "contributing.md",
    "circuits/README.md": "circuits.md",
}
HOME = {"README.md": "index.md"}
NOTEBOOKS = {
    f"notebooks/{path.name}": f"notebooks/{path.stem}.md"
    for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
}
PAGES = {**TEXTS, **HOME, **NOTEBOOKS}
LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)\s#]+)(#[^)\s]*)?(?=\))")
CODE = re.compile(r"(^```.*?^```$|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
# Stands for the part of README.md below a heading.
PART = re.compile(r"<!-- README\.md: (.+?) -->")
UNSEARCHED = "---\nsearch:\n  exclude: true\n---\n"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of texts and notebooks."""
    for source, place in TEXTS.items():
        # A changelog has every word, and answers no question.
        head = UNSEARCHED if source == "CHANGELOG.md" else ""
        text = head + (ROOT / source).read_text()
        files.append(File.generated(config, place, content=text))
    for source, place in NOTEBOOKS.items():
        text, pictures = as_page(ROOT / source)
        files.append(File.generated(config, place, content=text))
        for picture in pictures:
            files.append(_picture(config, place, picture))
    return files


def on_page_markdown(
    markdown: str, page: Page, config: MkDocsConfig, files: Files
) -> str:
    """Put in parts of the README, and make its links those of the site."""
    markdown = PART.sub(lambda match: _part(match[1]), markdown)
    place = page.file.src_uri
    source = {site: repo for repo, site in PAGES.items()}.get(place, f"docs/{place}")
    if place == "index.md":
        source = "docs/index.md"
    folder = posixpath.dirname(source)

    def lead(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, match[1]))
        if folder == posixpath.dirname(f"docs/{place}") and target.startswith("docs/"):
            return match[0]  # from page to page: MkDocs checks it
        return _lead(target, place, config, files) + (match[2] or "")

    parts = CODE.split(markdown)
    parts[::2] = [LINK.sub(lead, part) for part in parts[::2]]
    return "".join(parts)


def _part(heading: str) -> str:
    """What stands below a heading of README.md, as a page beside it would say it."""
    text = (ROOT / "README.md").read_text()
    found = re.search(rf"^## {heading}\n(.*?)^## ", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise PluginError(f"README.md has no part `{heading}`.")
    return found[1].replace("](docs/", "](").strip()


def _lead(target: str, place: str, config: MkDocsConfig, files: Files) -> str:
    """The address of a file of the repository, seen from the page `place`."""
    if target in PAGES:
        address = PAGES[target]
    elif target.startswith("docs/"):
        address = target.removeprefix("docs/")
    elif (ROOT / target).is_file():
        address = f"files/{target}"
        if files.get_file_from_path(address) is None:
            path = str(ROOT / target)
            files.append(File.generated(config, address, abs_src_path=path))
    elif (ROOT / target).exists():
        raise PluginError(f"{place}: `{target}` is a folder; link to a file in it.")
    elif not target.startswith(("../", "notebooks/")):
        raise PluginError(f"{place}: there is no file `{target}`.")
    else:
        address = target  # a picture of a notebook
    return os.path.relpath(address, posixpath.dirname(place) or ".").replace("\\", "/")


def _picture(config: MkDocsConfig, place: str, picture: Picture) -> File:
    """A picture of a notebook beside its page."""
    address = posixpath.join(posixpath.dirname(place), picture.name)
    return File.generated(config, address, content=picture.content)
