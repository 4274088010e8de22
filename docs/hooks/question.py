"""Let the search take questions as they are typed: see `docs/assets/question.js`."""

import pathlib

from mkdocs.config.defaults import MkDocsConfig


SCRIPT = pathlib.Path(__file__).parents[1] / "assets/question.js"


def on_post_build(config: MkDocsConfig) -> None:
    """Put the script ahead of the worker."""
    folder = pathlib.Path(config.site_dir) / "assets/javascripts/workers"
    (worker,) = folder.glob("search.*.js")
    worker.write_text(SCRIPT.read_text() + worker.read_text())
