"""Compiled programs that are kept on disk, for all command lines."""

import os
import pathlib
import sys


SETTING = "RRAM_ODE_CACHE"


TROUBLE = ("Error reading persistent compilation", "Error writing persistent")


def keep_programs() -> None:
    """Keep compiled programs in the folder that `SETTING` names, if it names one.

    All of them, however small: a run has some forty. JAX names a program by a hash of
    itself, its options, its version and the processor, so that a stale one is never
    taken. One folder serves many runs at a time.

    Raises:
        OSError: If the folder cannot be made or written.
    """
    named = os.environ.get(SETTING)
    if not named:
        return
    folder = pathlib.Path(named).expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(13, "it cannot be written", str(folder))
    wanted = {
        "jax_compilation_cache_dir": str(folder),
        "jax_persistent_cache_min_compile_time_secs": 0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    # JAX reads its environment as it is imported, which `--help` need not wait for.
    os.environ |= {name.upper(): str(value) for name, value in wanted.items()}
    if "jax" in sys.modules:
        for name, value in wanted.items():
            sys.modules["jax"].config.update(name, value)


def trouble_with_cache(text: str) -> str | None:
    """What a warning of JAX says of the folder; `None` for other warnings."""
    if not text.startswith(TROUBLE):
        return None
    verb = "read" if text.startswith(TROUBLE[0]) else "write"
    return (
        f"cannot {verb} all compiled programs in `{SETTING}` = "
        f"{os.environ.get(SETTING)} ({text.rpartition(': ')[2]}): the run compiles "
        "them anew; empty the folder, or make room."
    )
