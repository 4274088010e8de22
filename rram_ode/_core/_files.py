"""Files that appear complete or not at all."""

import contextlib
import os
import pathlib
from collections.abc import Iterator


@contextlib.contextmanager
def complete_file(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A temporary name beside `path` that becomes `path` when the block succeeds.

    The folder of `path` is made; the file that a failed block began is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def output_folder(path: pathlib.Path) -> pathlib.Path:
    """Make the folder `path`; a folder that cannot be written fails before any work.

    Raises:
        OSError: If the folder cannot be made or written to.
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
