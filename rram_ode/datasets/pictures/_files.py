"""Files of a user's own, looked at before they are opened."""

import pathlib
import stat


LARGEST = 2**30  # bytes of a file, and of its arrays; EMNIST has 547 MB (assumed)


def check_file(path: pathlib.Path) -> int:
    """The size of `path` in bytes, if it is a plain file of at most 1 GiB.

    Raises:
        ValueError: If it is another thing, such as a folder or a pipe, or is larger.
        OSError: If there is no such file, or it cannot be looked at.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise OSError(
            f"cannot read `{path}`: {error.strerror}. Give the path of a file."
        ) from error
    if not stat.S_ISREG(found.st_mode):
        raise ValueError(
            f"`{path}` must be a plain file; it is a folder, a pipe or a device. Give "
            "the path of a file."
        )
    check_size(path, found.st_size)
    return found.st_size


def check_size(path: pathlib.Path, num_bytes: int) -> None:
    """Refuse a file, or arrays in it, of more than 1 GiB.

    Raises:
        ValueError: If it is larger.
    """
    if num_bytes > LARGEST:
        raise ValueError(
            f"`{path}` must hold at most {LARGEST} bytes; it has {num_bytes}, packed "
            "or unpacked. Give a part of it."
        )
