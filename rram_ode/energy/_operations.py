r"""Energy of digital operations and of moving bits, and its scaling between nodes.

Operations, at 45 nm and 0.9 V: M. Horowitz, "Computing's energy problem", ISSCC 2014,
as quoted by stillwater-sc/esim; 32-bit rows also by PMC8934428, table 3; 8 KB and DRAM
by stillwater-sc/universal. LPDDR4: Accelergy's CACTI plug-in. The slide gives no
spread: 0.7 to 1.5 is an assumption for all of its rows.

Scaling of a switching event: A. Stillmaker and B. Baas, Integration 58 (2017) 74-81, as
quoted by Accelergy's `techscaling.py`: $E = a V^2 + b V + c$ at 130 to 7 nm. Above
130 nm the quoted code takes the square root of the ratio of nodes; a result that rests
on this extrapolation says so.
"""

import dataclasses

import numpy as np

from ._constant import Constant, sourced


HOROWITZ = "Horowitz, ISSCC 2014 (range assumed)"


UNSEEN = "Horowitz, ISSCC 2014, from memory and not seen again (range assumed)"


ACCELERGY = "Accelergy's CACTI plug-in (range assumed)"


NODE, VOLTAGE = 45e-9, 0.9


def _horowitz(picojoules: float, unit: str = "J", source: str = HOROWITZ) -> Constant:
    return sourced(
        picojoules * 1e-12, unit, source, span=(0.7, 1.5), node=NODE, voltage=VOLTAGE
    )


OPERATIONS: dict[str, Constant] = {
    "int8.add": _horowitz(0.03),
    "int8.mult": _horowitz(0.2),
    "int16.add": _horowitz(0.05),
    "int32.add": _horowitz(0.1),
    "int32.mult": _horowitz(3.1),
    "fp16.add": _horowitz(0.4),
    "fp16.mult": _horowitz(1.1),
    "fp32.add": _horowitz(0.9),
    "fp32.mult": _horowitz(3.7),
    "bf16.add": Constant(
        0.25e-12,
        0.4e-12,
        0.9e-12,
        "J",
        "assumed: as FP16; high end FP32",
        NODE,
        VOLTAGE,
    ),
    "bf16.mult": Constant(
        0.25e-12,
        0.58e-12,
        1.1e-12,
        "J",
        "assumed: between INT8 and FP16, high end FP16",
        NODE,
        VOLTAGE,
    ),
    "sram.8kb": _horowitz(10 / 64, "J/bit"),
    "sram.32kb": _horowitz(20 / 64, "J/bit", UNSEEN),
    "sram.1mb": _horowitz(100 / 64, "J/bit", UNSEEN),
    "dram": Constant(
        8e-12,
        1.3e-9 / 64,
        2.6e-9 / 64,
        "J/bit",
        "Horowitz, ISSCC 2014, as quoted by github.com/stillwater-sc/universal, "
        "generic_45nm.hpp: 1.3 to 2.6 nJ per 64 bits, the low one for words in "
        "sequence (assumed); low end LPDDR4 by Accelergy's CACTI plug-in",
    ),
    "dram.lpddr4": sourced(8e-12, "J/bit", ACCELERGY, span=(0.5, 2.0)),
    "dram.hbm2": sourced(3.9e-12, "J/bit", ACCELERGY, span=(0.5, 2.0)),
    "dram.gddr5": sourced(14e-12, "J/bit", ACCELERGY, span=(0.5, 2.0)),
}


FORMATS: dict[str, int] = {"int8": 8, "bf16": 16, "fp16": 16, "fp32": 32}


_FITS = {
    7e-9: (0.1776, -0.09097, 0.02447),
    10e-9: (0.2068, -0.09311, 0.02375),
    14e-9: (0.2363, -0.09675, 0.02239),
    16e-9: (0.2958, -0.1241, 0.03024),
    20e-9: (0.373, -0.1582, 0.04104),
    32e-9: (0.9559, -0.7823, 0.471),
    45e-9: (1.103, -0.362, 0.2767),
    65e-9: (3.755, -4.398, 1.975),
    90e-9: (4.762, -4.781, 2.092),
    130e-9: (7.171, -6.709, 2.904),
}


NODES = tuple(_FITS)


LARGEST = 250e-9


@dataclasses.dataclass(frozen=True)
class Scaling:
    """A factor on energy, and whether a node lies outside the fit."""

    factor: float
    is_extrapolated: bool

    @property
    def note(self) -> str:
        """A remark for tables; empty inside the fit's range."""
        if not self.is_extrapolated:
            return ""
        return f"extrapolated: the fit covers {NODES[0]:g} to {NODES[-1]:g} m"


def scale_energy(
    node: float, voltage: float, to_node: float, to_voltage: float
) -> Scaling:
    """Energy at `to_node` and `to_voltage` over that at `node` and `voltage`.

    Args:
        node: Node that the energy is known at, in metres, 7 to 250 nm.
        voltage: Supply voltage that it is known at, in volts.
        to_node: Node that it is scaled to, in metres.
        to_voltage: Supply voltage that it is scaled to, in volts.

    Raises:
        ValueError: If a node or a voltage is out of range.
    """
    for value in (node, to_node):
        if not NODES[0] <= value <= LARGEST:
            raise ValueError(
                f"a node lies between {NODES[0]:g} and {LARGEST:g} m; got {value:g}."
            )
    for value in (voltage, to_voltage):
        if not 0.4 <= value <= 5:
            raise ValueError(f"a supply lies between 0.4 and 5 V; got {value:g}.")
    factor = _energy(to_node, to_voltage) / _energy(node, voltage)
    return Scaling(factor, max(node, to_node) > NODES[-1])


def _energy(node: float, voltage: float) -> float:
    """Energy of a switching event in the fit's own unit, linear between nodes."""
    fits = [a * voltage**2 + b * voltage + c for a, b, c in _FITS.values()]
    beyond = max(node / NODES[-1], 1.0) ** 0.5
    return float(np.interp(node, NODES, fits)) * beyond
