"""Bars of progress that a terminal and a notebook show alike."""

import warnings
from typing import Protocol, runtime_checkable

from tqdm import TqdmWarning
from tqdm.std import tqdm as Bar


REFRESH = 0.5  # seconds between two drawings of a bar


@runtime_checkable
class _Report(Protocol):
    """What a training tells of itself: a part done, and numbers beside the bar."""

    @property
    def done(self) -> int:
        """Steps or epochs done since the beginning."""
        ...

    @property
    def numbers(self) -> dict[str, str]:
        """Texts of the numbers beside the bar, by name."""
        ...


class ProgressBar:
    """A bar that is the `progress` of `System.sample`, trainings and studies.

    It closes itself at its total, or at the end of its `with`. Make one by `progress`.

    Args:
        bar: The bar of tqdm that it moves.
    """

    def __init__(self, bar: Bar):
        self._bar = bar

    def __call__(self, done: int | _Report) -> None:
        """Move on by a number, or to what a training reports."""
        if isinstance(done, _Report):
            self._bar.set_postfix(done.numbers, refresh=False)
            self._bar.update(done.done - self._bar.n)
        else:
            self._bar.update(done)
        total = self._bar.total
        if total is not None and self._bar.n >= total:
            self.close()

    def close(self) -> None:
        """Draw the bar a last time; it then stays as it is."""
        self._bar.close()

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


def progress(
    total: int | None = None, unit: str = "sample", *, name: str = ""
) -> ProgressBar:
    """A bar of progress for a terminal or a notebook: give it as `progress`.

    In a notebook it is a widget if ipywidgets is installed, else a line of text. It
    goes to stderr, as those of the command lines.

    Args:
        total: Number of samples, steps or parts; `None` counts without an end.
        unit: What is counted.
        name: Text before the bar.

    Example:
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-ideal")
        >>> run = system.sample(system.program(), 8, progress=rr.progress(8))
    """
    with warnings.catch_warnings():  # that ipywidgets is not installed: see above
        warnings.simplefilter("ignore", TqdmWarning)
        from tqdm.auto import tqdm

    return ProgressBar(tqdm(total=total, unit=unit, desc=name, mininterval=REFRESH))
