"""Ideal digital engines: at 45 nm with the energies of Horowitz, and INT8 at 180 nm."""

import dataclasses

from ..energy import (
    Constant,
    FORMATS,
    OPERATIONS,
    scale_energy,
    SHARED,
    Value,
    Values,
    Work,
)
from ._base import AbstractMachine, named


@dataclasses.dataclass(frozen=True)
class Engine(AbstractMachine):
    """An ideal array of multipliers beside its memory: no controller, no leakage.

    Args:
        name: Name of the machine in tables and in `--machines`.
        what: Description of the machine.
        number_format: Format of weights, activations and sums.
        scale: Factor on all energies, from scaling to another node.
        constants: `macs_per_cycle` and `clock`, and the operations' energies.
    """

    name: str
    what: str
    number_format: str
    scale: float
    constants: dict[str, Constant]

    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """Products over their rate: memory works behind them and costs no time."""
        del batch
        rate = values[f"{self.name}.macs_per_cycle"] * values[f"{self.name}.clock"]
        return (work.macs + work.adds + work.mults) / rate

    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """Products, other arithmetic, and words from an SRAM of 8 KB.

        Weights and tables are read once per batch, by a machine that keeps each in a
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
        """`None`: an ideal engine has no wall power."""
        del work, batch, values
        return None


_ENERGIES = {name: OPERATIONS[name] for name in OPERATIONS if "dram" not in name}


def _engine(name: str, number_format: str, what: str, scale: float = 1.0) -> Engine:
    own = named(
        name,
        macs_per_cycle=Constant(
            1.0, 14.0, 252.0, "1", "assumed: one column of the widest layer"
        ),
        clock=Constant(50e6, 500e6, 1e9, "Hz", "assumed: synthesised logic at 45 nm"),
    )
    shared = {"random.normal": SHARED["random.normal"], **_ENERGIES}
    return Engine(name, what, number_format, scale, own | shared)


_OLD = scale_energy(45e-9, 0.9, 180e-9, 1.8)


ENGINES = (
    _engine("engine-fp32", "fp32", "ideal 45 nm engine, FP32"),
    _engine("engine-fp16", "fp16", "ideal 45 nm engine, FP16"),
    _engine("engine-int8", "int8", "ideal 45 nm engine, INT8"),
    _engine(
        "engine-int8-180nm",
        "int8",
        f"ideal INT8 engine at 180 nm, 1.8 V ({_OLD.note})",
        _OLD.factor,
    ),
)
