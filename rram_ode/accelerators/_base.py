"""What every digital machine answers, and the three kinds of them."""

import abc
import dataclasses

import numpy as np

from ..energy import Constant, FORMATS, Value, Values, Work


class AbstractMachine(abc.ABC):
    """A machine with its constants, named `NAME.WHAT`.

    "Operations times energy" counts what each operation costs inside a chip; "wall
    power times wall time" is what a meter on the whole processor would show. A machine
    gives one of the two, never both: they do not mean the same.
    """

    name: str
    what: str
    constants: dict[str, Constant]

    @abc.abstractmethod
    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """Time a sample, `batch` of them together; `None` where it is not known."""

    @abc.abstractmethod
    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """Operations times energy of one sample by part, in joules."""

    @abc.abstractmethod
    def wall_energy(self, work: Work, batch: int, values: Values) -> Value | None:
        """Wall power times wall time of one sample, in joules."""


def named(machine: str, **constants: Constant) -> dict[str, Constant]:
    """The constants of a machine by their full names, such as `a100.power`."""
    return {f"{machine}.{name}": constant for name, constant in constants.items()}


@dataclasses.dataclass(frozen=True)
class Engine(AbstractMachine):
    """An ideal array of multipliers beside its memory: no controller, no leakage.

    Args:
        name: In tables and `--machines`.
        what: In words.
        number_format: Of weights, activations and sums.
        scale: Factor on all energies, from scaling to another node.
        constants: `macs_per_cycle` and `clock`, and the operations' energies.
    """

    name: str
    what: str
    number_format: str
    scale: float
    constants: dict[str, Constant]

    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """Products over their rate; the rest is hidden behind them."""
        del batch
        rate = values[f"{self.name}.macs_per_cycle"] * values[f"{self.name}.clock"]
        return (work.macs + work.adds + work.mults) / rate

    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """Products, other arithmetic, and words from an SRAM of 8 KB.

        Weights and tables are read once for a batch, by a machine that keeps each in a
        register while the batch passes.
        """
        form = self.number_format
        add, mult = values[f"{form}.add"], values[f"{form}.mult"]
        word = FORMATS[form] * values["sram.8kb"]
        parts = {
            "products": work.macs * (add + mult),
            "other arithmetic": work.adds * add + work.mults * mult,
            "weights": work.weight_words * word / batch,
            "tables": work.table_words * word / batch,
            "activations": work.activation_words * word,
            "random numbers": work.normals * values["random.normal"],
        }
        return {part: self.scale * energy for part, energy in parts.items()}

    def wall_energy(self, work: Work, batch: int, values: Values) -> Value | None:
        """Not known."""
        del work, batch, values
        return None


@dataclasses.dataclass(frozen=True)
class Processor(AbstractMachine):
    """A whole processor: launches one after the other, and a roofline beside them.

    Args:
        name: In tables and `--machines`.
        what: In words.
        constants: `power`, `launch`, `peak`, `fraction`, `bandwidth`.
    """

    name: str
    what: str
    constants: dict[str, Constant]

    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """(launches + the roofline of the batch) over the batch, at four bytes."""
        of = lambda key: values[f"{self.name}.{key}"]
        compute = work.operations * batch / (of("peak") * of("fraction"))
        words = work.weight_words + work.table_words + work.activation_words * batch
        memory = 32 * words / of("bandwidth")
        roof = np.maximum(compute, memory)
        return (work.launches * of("launch") + roof) / batch

    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """Not known."""
        del work, batch, values
        return None

    def wall_energy(self, work: Work, batch: int, values: Values) -> Value | None:
        """Power of the whole processor for the whole time."""
        seconds = self.seconds(work, batch, values)
        assert seconds is not None  # of a processor
        return values[f"{self.name}.power"] * seconds


@dataclasses.dataclass(frozen=True)
class PublishedChip(AbstractMachine):
    """A published chip by its best figure: joules an operation, operations a second.

    A peak: on a network this small no chip reaches it, so it is a lower bound.

    Args:
        name: In tables and `--machines`.
        what: In words.
        constants: `operation`, and `rate` where one is public.
    """

    name: str
    what: str
    constants: dict[str, Constant]

    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """Operations over the published peak rate."""
        del batch
        rate = f"{self.name}.rate"
        return work.operations / values[rate] if rate in self.constants else None

    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """Operations at the published peak efficiency."""
        del batch
        return {"operations": work.operations * values[f"{self.name}.operation"]}

    def wall_energy(self, work: Work, batch: int, values: Values) -> Value | None:
        """Not known."""
        del work, batch, values
        return None
