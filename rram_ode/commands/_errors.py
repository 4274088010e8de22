"""What a user did wrong is one line and exit status 2."""

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator

from .._core._at_once import STATUS
from .._core._interrupts import tidy_at_interrupt
from .._core._memory import share_arena
from ._cache import keep_programs, trouble_with_cache
from ._xla_flags import require_known_flags


# First words of what XLA says where memory is short.
NO_MEMORY = ("RESOURCE_EXHAUSTED", "Out of memory", "Unable to allocate")


# First words of what jax says where a platform does not start.
NO_BACKEND = "Unable to initialize backend"


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn what a user can mend into one line on stderr and exit status 2.

    Here all commands begin: compiled programs are kept where the environment says so.

    That is a `ValueError` or an `OSError`, memory that is short, and a platform of jax
    that is not there. A warning is one line, too. Ctrl-C is exit status 130, without a
    word.
    """
    try:
        _open_streams()
        os.environ["MPLBACKEND"] = "agg"  # figures are files: whatever it was set to
        with tidy_at_interrupt(), warnings.catch_warnings():
            warnings.showwarning = _Warnings()
            share_arena()
            require_known_flags()
            keep_programs()
            yield
            sys.stdout.flush()  # a full disk says so here, not as Python ends
    except BrokenPipeError:  # whoever reads the output has read enough
        _mute()
        sys.exit(2)
    except OSError as error:
        is_plain = error.errno is None or error.filename is None
        what = f"cannot use `{error.filename}`: {error.strerror}."
        _refuse(str(error) if is_plain else what)
    except ValueError as error:
        _refuse(str(error))
    except MemoryError as error:
        _refuse(_of_memory(str(error)))
    except (RuntimeError, AssertionError) as error:
        said = str(error)
        if said.startswith(NO_MEMORY):
            _refuse(_of_memory(said.partition("\n")[0]))
        if said.startswith(NO_BACKEND):
            _refuse(
                f"jax cannot start: {said.splitlines()[0].rstrip('.')}. Look at "
                "`JAX_PLATFORMS` and `JAX_NUM_CPU_DEVICES` in the environment, or "
                "unset them."
            )
        if _has_platform():
            raise
        _refuse(
            f"`JAX_PLATFORMS` = {os.environ['JAX_PLATFORMS']} is no platform that jax "
            "finds on this computer: unset it, or set it to cpu."
        )
    except KeyboardInterrupt:
        sys.exit(STATUS)


def _open_streams() -> None:
    """Give what the shell has closed (`>&-`) a place to write to: nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))


class _Warnings:
    """Each warning in one line; one line for all trouble with the kept programs."""

    def __init__(self):
        self._is_told = False

    def __call__(self, message: Warning | str, *where: object, **more: object) -> None:
        from tqdm import tqdm  # here, so that a wrong flag need not wait for it

        del where, more
        text = " ".join(str(message).split())
        trouble = trouble_with_cache(text)
        if trouble is not None:
            if self._is_told:
                return
            self._is_told, text = True, trouble
        tqdm.write(f"warning: {text}", file=sys.stderr)  # beside bars, not in one


def _refuse(said: str) -> None:
    print(f"rram_ode: error: {' '.join(said.split())}", file=sys.stderr)
    try:
        sys.stdout.flush()
    except OSError:
        _mute()
    sys.exit(2)


def _has_platform() -> bool:
    """Whether the platform that `JAX_PLATFORMS` asks for is there."""
    if not os.environ.get("JAX_PLATFORMS") or "jax" not in sys.modules:
        return True
    try:
        return bool(sys.modules["jax"].devices())
    except (RuntimeError, AssertionError):
        return False


def _of_memory(said: str) -> str:
    return (
        f"this computer has too little memory ({said or 'none is left'}): take fewer "
        "samples, chips or cells."
    )


def _mute() -> None:
    """Send what is left of the output nowhere, so that Python ends without a word."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with contextlib.suppress(OSError, ValueError):
        os.dup2(nowhere, sys.stdout.fileno())
