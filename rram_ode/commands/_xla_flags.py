"""Flags of XLA in the environment, tried before they end the command."""

import functools
import os
import re
import subprocess
import sys


# What starts XLA without jax: a tenth of a second.
START = "import jaxlib.xla_client as xla; xla.make_cpu_client()"


# How XLA begins a line about a flag: with its file that reads them.
_SAYS = re.compile(r"flags\w*\.cc:\d+\] (.+)")


def require_known_flags() -> None:
    """Refuse `XLA_FLAGS` that XLA does not know, or cannot read.

    XLA ends the process at such a flag, with a page of all that it knows. So a process
    of its own tries them, where there are any.

    Raises:
        ValueError: If XLA does not start with them.
    """
    flags = os.environ.get("XLA_FLAGS", "").strip()
    reason = _why_refused(flags) if flags else ""
    if reason:
        raise ValueError(
            f"XLA refuses `XLA_FLAGS` = {flags}: {reason}. Correct it, or unset it."
        )


@functools.cache
def _why_refused(flags: str) -> str:
    """What XLA says first of a flag as it ends; nothing where it starts."""
    tried = subprocess.run(
        [sys.executable, "-c", START],
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, "XLA_FLAGS": flags},
        check=False,
    )
    found = _SAYS.search(tried.stderr) if tried.returncode else None
    return "" if found is None else found[1].rstrip(".")
