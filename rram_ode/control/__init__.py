"""The digital sequence around the analog core, and an exhaustive check of it."""

from ._controller import (
    AbstractController as AbstractController,
    Controller as Controller,
    ControllerState as ControllerState,
    Inputs as Inputs,
    Outputs as Outputs,
    Phase as Phase,
)
from ._faults import AbstractFault as AbstractFault, FAULTS as FAULTS
from ._properties import check_controller as check_controller, Verdict as Verdict
from ._sequence import Sequence as Sequence, sequence as sequence
