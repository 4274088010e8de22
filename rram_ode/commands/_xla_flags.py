"""Flags of XLA in the environment, tried before they end the command."""

import functools
import os
import subprocess
import sys


# What starts XLA without jax: a tenth of a second.
START = "import jaxlib.xla_client as xla; xla.make_cpu_client()"


# The file of XLA's that speaks of its flags.
READER = "parse_flags_from_env.cc"


def require_known_flags() -> None:
    """Refuse `XLA_FLAGS` that XLA does not know, or cannot read.

    XLA ends the process at such a flag, with a page of all that it knows. So a process
    of its own tries them, where there are any.

    Raises:
        ValueError: if XLA does not start with them.
    """
    flags = os.environ.get("XLA_FLAGS", "").strip()
    reason = _why_refused(flags) if flags else ""
    if reason:
        raise ValueError(
            f"XLA refuses `XLA_FLAGS` = {flags}: {reason}. Correct it, or unset it."
        )


@functools.cache
def _why_refused(flags: str) -> str:
    """The first line of what XLA says; nothing where it starts."""
    tried = subprocess.run(
        [sys.executable, "-c", START],
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, "XLA_FLAGS": flags},
        check=False,
    )
    if tried.returncode == 0 or READER not in tried.stderr:
        return ""
    return tried.stderr.splitlines()[0].partition("] ")[2].rstrip(".")
