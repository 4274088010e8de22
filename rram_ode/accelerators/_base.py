"""The questions that every digital machine answers."""

import abc

from ..energy import Constant, Value, Values, Work


class AbstractMachine(abc.ABC):
    """A digital machine with its constants, named `NAME.WHAT`.

    "Operations times energy" counts what each operation costs inside a chip; "wall
    power times wall time" is what a meter on the whole processor would show. A machine
    gives one of the two, never both: they do not mean the same.
    """

    name: str
    what: str
    constants: dict[str, Constant]

    @abc.abstractmethod
    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """Seconds per sample in a batch of `batch`; `None` where no rate is known."""

    @abc.abstractmethod
    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """Operations times energy per sample by part, in joules."""

    @abc.abstractmethod
    def wall_energy(self, work: Work, batch: int, values: Values) -> Value | None:
        """Wall power times wall time per sample, in joules."""


class AbstractIdealMachine(AbstractMachine):
    """A machine whose operations are counted, and which nobody can put on a meter."""

    def wall_energy(self, work: Work, batch: int, values: Values) -> Value | None:
        """`None`."""
        del work, batch, values
        return None


def named(machine: str, **constants: Constant) -> dict[str, Constant]:
    """The constants of a machine by their full names, such as `a100.power`."""
    return {f"{machine}.{name}": constant for name, constant in constants.items()}
