"""Pages of wide tables have no contents at their side, and its room."""

from typing import Any


WIDE = ("support.md", "errors.md")


def on_page_markdown(markdown: str, page: Any, **rest: Any) -> str:
    """Hide the contents of a page of wide tables."""
    del rest
    if page.file.src_uri in WIDE:
        page.meta["hide"] = ["toc"]
    return markdown
