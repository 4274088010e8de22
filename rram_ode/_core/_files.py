"""Files that appear complete or not at all."""

import contextlib
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


def output_folder(path: pathlib.Path) -> pathlib.Path:
    """Make the folder `path`, or fail before any work is done.

    Raises:
        OSError: If it cannot be made or written to.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / ".partial-probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise OSError(
            f"cannot write to the output folder `{path}`: {error.strerror}."
        ) from error
    return path


@contextlib.contextmanager
def complete_file(path: pathlib.Path):
    """A temporary name beside `path` that becomes `path` when the block succeeds."""
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
