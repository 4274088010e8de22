"""An ideal 45 nm engine with the energies of Horowitz, and the INT8 one at 180 nm."""

from ..energy import Constant, OPERATIONS, scale_energy, SHARED
from ._base import Engine


_ENERGIES = {name: OPERATIONS[name] for name in OPERATIONS if "dram" not in name}


def _engine(name: str, number_format: str, what: str, scale: float = 1.0) -> Engine:
    return Engine(
        name,
        what,
        number_format,
        scale,
        {
            f"{name}.macs_per_cycle": Constant(
                1.0, 14.0, 252.0, "1", "assumed: one column of the widest layer"
            ),
            f"{name}.clock": Constant(
                50e6, 500e6, 1e9, "Hz", "assumed: synthesised logic at 45 nm"
            ),
            "random.normal": SHARED["random.normal"],
            **_ENERGIES,
        },
    )


_OLD = scale_energy(45e-9, 0.9, 180e-9, 1.8)


engines = (
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
