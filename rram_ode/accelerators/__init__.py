"""Published digital machines as data, one file each."""

from ..energy import Constant, CONSTANTS
from ._a100 import a100 as a100
from ._afpr import afpr as afpr
from ._base import (
    AbstractMachine as AbstractMachine,
    Engine as Engine,
    Processor as Processor,
    PublishedChip as PublishedChip,
)
from ._choi import choi as choi
from ._diff_acc import diff_acc as diff_acc
from ._guo import guo as guo
from ._horowitz import engines as engines
from ._jetson_nano import jetson_nano as jetson_nano
from ._keller import keller as keller
from ._neurram import neurram as neurram
from ._picasso import picasso as picasso
from ._raspberry_pi_4 import raspberry_pi_4 as raspberry_pi_4
from ._rtx3090 import rtx3090 as rtx3090
from ._rtx4090 import rtx4090 as rtx4090
from ._v100 import v100 as v100
from ._xeon import xeon as xeon


MACHINES: dict[str, AbstractMachine] = {
    machine.name: machine
    for machine in (
        *engines,
        a100,
        v100,
        rtx3090,
        rtx4090,
        xeon,
        jetson_nano,
        raspberry_pi_4,
        diff_acc,
        guo,
        keller,
        picasso,
        choi,
        afpr,
        neurram,
    )
}


def all_constants() -> dict[str, Constant]:
    """Every constant of the energy model and of all machines."""
    table = dict(CONSTANTS)
    for machine in MACHINES.values():
        table.update(machine.constants)
    return table


def find_machines(names: tuple[str, ...]) -> list[AbstractMachine]:
    """The machines of these names.

    Raises:
        ValueError: If one does not exist, with those that do.
    """
    for name in names:
        if name not in MACHINES:
            raise ValueError(f"no machine `{name}`; there are {', '.join(MACHINES)}.")
    return [MACHINES[name] for name in names]
