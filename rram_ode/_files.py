"""Files that appear complete or not at all."""

import os
import pathlib


def write_whole(path: pathlib.Path, content: bytes) -> None:
    """Write `content` under a temporary name beside `path`, then rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
