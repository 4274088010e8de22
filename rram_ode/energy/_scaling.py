r"""Energy of one switching event between technology nodes and supply voltages.

Source: A. Stillmaker and B. Baas, Integration 58 (2017) 74-81, as quoted by Accelergy's
`techscaling.py`: $E = a V^2 + b V + c$ at 130 to 7 nm. Above 130 nm the quoted code
takes the square root of the ratio of nodes; that is an extrapolation, and said so.
"""

import dataclasses

import numpy as np


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
    """A factor on energy, and whether the table held both ends."""

    factor: float
    is_extrapolated: bool

    @property
    def note(self) -> str:
        """For a table: empty inside the fit's range."""
        if not self.is_extrapolated:
            return ""
        return f"extrapolated: the fit covers {NODES[0]:g} to {NODES[-1]:g} m"


def scale_energy(
    node: float, voltage: float, to_node: float, to_voltage: float
) -> Scaling:
    """Energy at `to_node` and `to_voltage` over that at `node` and `voltage`.

    Args:
        node: In metres, 7 to 250 nm.
        voltage: In volts.
        to_node: In metres.
        to_voltage: In volts.

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
    """In the fit's own unit; linear between nodes."""
    fits = [a * voltage**2 + b * voltage + c for a, b, c in _FITS.values()]
    beyond = max(node / NODES[-1], 1.0) ** 0.5
    return float(np.interp(node, NODES, fits)) * beyond
