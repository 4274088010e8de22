"""Ctrl-C while a command line imports its modules: it leaves at once.

This file imports next to nothing, so that hardly a moment passes before it acts.
"""

import os
import signal


STATUS = 130  # of a process that Ctrl-C ended, by the convention of shells: 128 + 2


_IS_COMMAND = False  # whether this process is a command line of this package


def leave_at_interrupt() -> None:
    """Leave at once at Ctrl-C: for a command line that imports its modules.

    A process that ignores Ctrl-C, as in the background of a script, still does.
    """
    global _IS_COMMAND
    _IS_COMMAND = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
    if _IS_COMMAND:
        signal.signal(signal.SIGINT, lambda number, frame: os._exit(STATUS))


def is_command() -> bool:
    """Whether this process is a command line of this package that Ctrl-C ends."""
    return _IS_COMMAND
