"""Files that appear complete or not at all, in folders that are one run's at a time."""

import contextlib
import errno
import hashlib
import os
import pathlib
import re
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping


# Names under which files are being written: a process that is left at once removes
# them, see `_interrupts`.
UNFINISHED: set[pathlib.Path] = set()


PARTIAL = ".partial"  # folder in a run's own for what a killed run goes on from


_CLAIMED: set[str] = set()  # folders that this process has claimed


@contextlib.contextmanager
def complete_file(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A temporary name beside `path` that becomes `path` when the block succeeds.

    The folder of `path` is made. What a failed block began is removed: the file, and
    folders that were made for it.

    Raises:
        OSError: If the file cannot be written: one line that says why and what to do.
    """
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    with _new_folders() as made:
        try:
            _make(path.parent, made)
            UNFINISHED.add(temporary)
            yield temporary
            os.replace(temporary, path)
        except OSError as error:
            raise cannot_write(f"cannot write `{path}`", error) from error
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            UNFINISHED.discard(temporary)


def output_folder(path: pathlib.Path) -> pathlib.Path:
    """See that the folder `path` can be written; it is made with its first file.

    Raises:
        OSError: If the folder cannot be made or written to.
    """
    with _new_folders() as made:
        try:
            _make(path, made)
            probe = path / f".{os.getpid()}-probe"
            try:
                probe.write_bytes(b"0")
            finally:
                probe.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(
                f"cannot write to the output folder `{path}`", error
            ) from error
    return path


def _make(path: pathlib.Path, made: list[pathlib.Path]) -> None:
    """Make a folder and those above it; `made` has the new ones, the lowest first."""
    if not path.is_dir():
        if path.parent != path:
            _make(path.parent, made)
        try:
            path.mkdir()
        except FileExistsError:  # made by another process, or no folder
            if not path.is_dir():
                raise NotADirectoryError(
                    errno.ENOTDIR, f"`{path}` is there, and is no folder"
                ) from None
        else:
            made.insert(0, path)


@contextlib.contextmanager
def _new_folders() -> Iterator[list[pathlib.Path]]:
    """A list of new folders, of which the empty ones are removed in the end."""
    made: list[pathlib.Path] = []
    try:
        yield made
    finally:
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()


@contextlib.contextmanager
def claim_folder(path: pathlib.Path) -> Iterator[None]:
    """Keep `path` for this process; within it, a claim may be made again.

    What a killed run was writing there is removed. The lock is on a file in the
    system's folder of temporary files, which is locked as long as its process lives:
    nothing is left in `path`, nor locked after a kill.
    Without locks (Windows, some file systems) two runs are not told apart.

    Raises:
        ValueError: If another process has claimed it.
    """
    name = hashlib.sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:32]
    locks = pathlib.Path(tempfile.gettempdir()) / f"rram_ode-locks-{_user()}"
    file = None if name in _CLAIMED else _lock(locks / name, path)
    if file is None:
        yield
        return
    _CLAIMED.add(name)
    try:
        _remove_unfinished(path)
        yield
    finally:
        _CLAIMED.discard(name)
        with contextlib.suppress(OSError):
            (locks / name).unlink()
        os.close(file)


def _remove_unfinished(path: pathlib.Path) -> None:
    """Remove what killed runs were writing in a folder that no other run is in."""
    for folder in (path, path / PARTIAL):
        with contextlib.suppress(OSError):
            for each in folder.iterdir():
                if is_unfinished(each):
                    each.unlink()


def _user() -> int:
    return getattr(os, "getuid", lambda: 0)()


def _lock(lock: pathlib.Path, path: pathlib.Path) -> int | None:
    """The open file that locks `path`, with the number of its process in it.

    Raises:
        ValueError: If another process has locked it.
    """
    try:
        import fcntl
    except ImportError:
        return None
    while True:
        try:
            lock.parent.mkdir(mode=0o700, exist_ok=True)
            file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError:
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            owner = os.pread(file, 32, 0).decode("ascii", "replace").strip()
            os.close(file)
            who = f"process {owner}" if owner.isdigit() else "another run"
            raise ValueError(
                f"{who} is at work in `{path}`: wait for its end, or choose another "
                "folder by `--out`."
            ) from None
        except OSError:
            os.close(file)
            return None
        # Whoever had it may have removed it since it was opened here.
        if lock.exists() and os.path.samestat(os.fstat(file), lock.stat()):
            os.ftruncate(file, 0)
            os.pwrite(file, str(os.getpid()).encode(), 0)
            return file
        os.close(file)


def write_all(writers: Mapping[pathlib.Path, Callable[[pathlib.Path], object]]) -> None:
    """Write files that belong together: all of them, or none.

    Args:
        writers: What writes each file, given a temporary name.
    """
    with contextlib.ExitStack() as stack:
        for path, write in writers.items():
            write(stack.enter_context(complete_file(path)))


def is_unfinished(path: pathlib.Path) -> bool:
    """Whether a name is one that `complete_file` gives to what is not complete."""
    return re.match(r"\.\d+-", path.name) is not None


class DamagedWarning(UserWarning):
    """What a run would have gone on from is damaged: it begins again."""


def set_aside(path: pathlib.Path, error: Exception) -> None:
    """Move a damaged folder out of the way, with a `DamagedWarning` that says so.

    Of what was set aside before under that name, nothing is kept.

    Args:
        path: The folder, or what there is in its place.
        error: What is wrong with it.
    """
    aside = path.with_name(f"{path.name}-damaged")
    if aside.is_dir() and not aside.is_symlink():
        shutil.rmtree(aside)
    else:
        aside.unlink(missing_ok=True)
    os.replace(path, aside)
    said = " ".join(str(error).split()).rstrip(".")
    warnings.warn(
        f"`{path}` is damaged ({said}): it is now `{aside}`, and the run begins again.",
        DamagedWarning,
        stacklevel=3,
    )


def cannot_write(what: str, error: OSError) -> OSError:
    """An error of one line: what failed, why, and what to do."""
    if error.errno is None:  # it is such a line
        return error
    remedy = {
        errno.ENOSPC: "free some space, or choose a folder on another disk",
        errno.EDQUOT: "free some space, or choose a folder on another disk",
        errno.EFBIG: "files may not be so large here (`ulimit -f`): choose another",
        errno.EROFS: "choose a folder that can be written",
        errno.EACCES: "choose a folder that you may write to",
        errno.EPERM: "choose a folder that you may write to",
        errno.ENAMETOOLONG: "choose a shorter name",
    }.get(error.errno, "choose another folder")
    return OSError(f"{what}: {error.strerror}; {remedy}.")
