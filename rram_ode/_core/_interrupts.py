"""Ctrl-C ends a command: quietly, with status 130, and never swallowed.

While modules are imported there is nothing to tidy up, and the process leaves at once
(`_at_once`). Later `KeyboardInterrupt` is raised, so that files that were begun are
removed. It may be lost on its way: in a callback, or while compiled code runs, which
takes minutes. A thread waits for that, and leaves.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

from ._at_once import is_command, STATUS
from ._files import UNFINISHED


GRACE = 3.0  # seconds in which a command removes what it began


# Programs that run for this process, which end with it.
CHILDREN: set[subprocess.Popen] = set()


@contextlib.contextmanager
def tidy_at_interrupt() -> Iterator[None]:
    """Within a command line, tidy up before it leaves at Ctrl-C.

    In any other process this does nothing: `KeyboardInterrupt` is its own.
    """
    if not is_command():
        yield
        return
    waiting, told = os.pipe()
    os.set_blocking(told, False)
    threading.Thread(target=_wait, args=(waiting,), daemon=True).start()
    before = signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    at_once = signal.signal(signal.SIGINT, _interrupted)
    try:
        yield
    except KeyboardInterrupt:
        leave()
    finally:
        signal.signal(signal.SIGINT, at_once)
        signal.set_wakeup_fd(before)


def leave() -> None:
    """End this process and its programs, and remove the files that it began."""
    for child in list(CHILDREN):
        with contextlib.suppress(OSError):
            child.kill()
    for path in list(UNFINISHED):
        with contextlib.suppress(OSError):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    os._exit(STATUS)


def _interrupted(number: int, frame: object) -> None:
    del number, frame
    signal.signal(signal.SIGINT, lambda number, frame: leave())  # asked for twice
    sys.unraisablehook = lambda unraisable: None  # whatever loses it stays quiet
    raise KeyboardInterrupt


def _wait(waiting: int) -> None:
    """Leave some time after an interrupt that the main thread did not take up."""
    while True:
        number = os.read(waiting, 1)
        if number == bytes([signal.SIGINT]):
            threading.Event().wait(GRACE)
            leave()
