"""The board of a system: its network with the op-amps that the board's row pays."""

from typing import Any, Literal

from ..config import OpAmpConfig
from ._system import System


OWN = ("gain", "gbw", "slew", "i_out", "offset_std", "auto_zero", "bias_current", "e_n")


def board_system(
    system: System, fidelity: Literal["quasi-static", "dynamic"] | None = "dynamic"
) -> System:
    """`system` on a board: discrete op-amps, and the joules of the row `board`.

    All values of the op-amps are those of the part, whatever `system` sets: its
    offset is stored by no auto-zero. Capacitors of summing nodes stay.

    Args:
        system: The network and the chip.
        fidelity: That of the board; `None` keeps that of `system`. Only `dynamic`
            simulates the op-amps: a quasi-static board says so in the notes of its
            energy.

    Raises:
        ValueError: If the fidelity cannot simulate the chip's cells.

    Example:
        >>> import rram_ode as rr
        >>> board = rr.board_system(rr.System.from_preset("ring"))
        >>> board.config.op_amp.kind, board.config.fidelity, board.config.power.row
        ('board', 'dynamic', 'board')
    """
    default = OpAmpConfig()
    settings: dict[str, Any] = {
        f"op_amp.{name}": getattr(default, name) for name in OWN
    }
    settings |= {"op_amp.kind": "board", "power.row": "board"}
    if fidelity is not None:
        settings["fidelity"] = fidelity
    return system.replace(settings)
