"""The state machine that runs the core: one sample in it, one waiting behind it."""

import abc
import dataclasses
import enum
from collections.abc import Hashable
from typing import Any, NamedTuple


class Phase(enum.IntEnum):
    """Phase of the core's work on a sample."""

    IDLE = 0
    LOAD = 1
    PRECHARGE = 2
    RUN = 3
    HOLD = 4
    CONVERT = 5
    FULL = 6


class Inputs(NamedTuple):
    """Inputs of the controller in one clock cycle.

    Args:
        in_valid: Whether a start is offered.
        in_data: The start that is offered; undefined while `in_valid` is low.
        settled: Whether the core says that it has settled.
        out_ready: Whether the consumer takes a result if there is one.
    """

    in_valid: bool
    in_data: Hashable
    settled: bool
    out_ready: bool


class Outputs(NamedTuple):
    """Outputs of the controller in one clock cycle; the state alone sets them.

    Args:
        in_ready: Whether the controller takes a start that is offered.
        out_valid: Whether there is a result.
        out_data: The result, or `None` if there is none.
    """

    in_ready: bool
    out_valid: bool
    out_data: Hashable


class ControllerState(NamedTuple):
    """Registers of `Controller`.

    Args:
        phase: Phase of the core.
        left: Cycles that are left of the phase, this one included; 0 without a timer.
        data: The sample in the core, or `None`.
        out: The result that waits to be taken, or `None`.
    """

    phase: Phase
    left: int
    data: Hashable
    out: Hashable

    def __repr__(self) -> str:
        timer = f"({self.left})" if self.left else ""
        return f"{self.phase.name}{timer} data={self.data} out={self.out}"


class AbstractController(abc.ABC):
    """A clocked machine with a ready/valid port on either side."""

    @property
    @abc.abstractmethod
    def start(self) -> Any:
        """The state after a reset, which is hashable."""

    @abc.abstractmethod
    def outputs(self, state: Any) -> Outputs:
        """Outputs in the cycle that has this state."""

    @abc.abstractmethod
    def step(self, state: Any, inputs: Inputs) -> Any:
        """The state in the next cycle."""


@dataclasses.dataclass(frozen=True)
class Controller(AbstractController):
    """A controller that repeats IDLE, LOAD, PRECHARGE, RUN, HOLD and CONVERT.

    It takes a start in IDLE. RUN ends when the core settles, or at the latest after
    `run` cycles. A result goes to an output register as soon as that is free, so that
    the next sample runs while the result waits; while the register is not free, the
    core stays FULL.

    Args:
        load: Cycles to load the DACs of the starts.
        precharge: Cycles to charge the integrators.
        run: Largest number of cycles of a solve, after which RUN times out.
        hold: Cycles from the end of a solve to its conversion.
        convert: Cycles of the ADC.
    """

    load: int
    precharge: int
    run: int
    hold: int
    convert: int

    def __post_init__(self):
        for field in dataclasses.fields(self):
            cycles = getattr(self, field.name)
            if cycles < 1:
                raise ValueError(
                    f"`controller.{field.name}` must be 1 cycle or more; got {cycles}."
                )

    @property
    def start(self) -> ControllerState:
        """The idle state without a result."""
        return ControllerState(Phase.IDLE, 0, None, None)

    @property
    def busy(self) -> int:
        """Cycles from one start to the next without RUN, if nothing has to wait."""
        return 1 + self.load + self.precharge + self.hold + self.convert

    def outputs(self, state: ControllerState) -> Outputs:
        """Ready for a start in IDLE; a result is valid while its register is full."""
        return Outputs(state.phase == Phase.IDLE, state.out is not None, state.out)

    def step(self, state: ControllerState, inputs: Inputs) -> ControllerState:
        """The state in the next cycle."""
        phase, left, data, out = state
        if inputs.out_ready:
            out = None
        if phase == Phase.IDLE:
            if not inputs.in_valid:
                return ControllerState(phase, 0, None, out)
            return ControllerState(Phase.LOAD, self.load, inputs.in_data, out)
        if phase == Phase.FULL or (phase == Phase.CONVERT and left == 1):
            if out is None:
                return ControllerState(Phase.IDLE, 0, None, data)
            return ControllerState(Phase.FULL, 0, data, out)
        if left > 1 and not (phase == Phase.RUN and inputs.settled):
            return ControllerState(phase, left - 1, data, out)
        after = {
            Phase.LOAD: (Phase.PRECHARGE, self.precharge),
            Phase.PRECHARGE: (Phase.RUN, self.run),
            Phase.RUN: (Phase.HOLD, self.hold),
            Phase.HOLD: (Phase.CONVERT, self.convert),
        }
        return ControllerState(*after[phase], data, out)
