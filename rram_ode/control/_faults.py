"""Controllers with one fault each: what a check of the four properties must find."""

import dataclasses
from collections.abc import Callable
from typing import Any

from ._controller import AbstractController, Inputs, Outputs, Phase


def _stays(state: Any, inputs: Inputs) -> Any:
    return state._replace(out=None) if inputs.out_ready else state


@dataclasses.dataclass(frozen=True)
class AbstractFault(AbstractController):
    """A controller with one fault between it and its ports.

    Args:
        inner: A sound one.
    """

    inner: AbstractController

    @property
    def start(self) -> Any:
        """That of the sound one."""
        return self.inner.start

    def outputs(self, state: Any) -> Outputs:
        """Those of the sound one."""
        return self.inner.outputs(state)

    def step(self, state: Any, inputs: Inputs) -> Any:
        """That of the sound one."""
        return self.inner.step(state, inputs)


@dataclasses.dataclass(frozen=True)
class IgnoresValid(AbstractFault):
    """Takes whatever lies at its input as soon as it is idle."""

    def step(self, state: Any, inputs: Inputs) -> Any:
        """With the fault."""
        return self.inner.step(state, inputs._replace(in_valid=True))


@dataclasses.dataclass(frozen=True)
class Peeks(AbstractFault):
    """Runs its pre-charge longer where the input lines show a 1, valid or not."""

    def step(self, state: Any, inputs: Inputs) -> Any:
        """With the fault."""
        if state.phase == Phase.PRECHARGE and inputs.in_data:
            return _stays(state, inputs)
        return self.inner.step(state, inputs)


@dataclasses.dataclass(frozen=True)
class NoTimeOut(AbstractFault):
    """Waits for a core that need not settle."""

    def step(self, state: Any, inputs: Inputs) -> Any:
        """With the fault."""
        if state.phase == Phase.RUN and not inputs.settled:
            return _stays(state, inputs)
        return self.inner.step(state, inputs)


@dataclasses.dataclass(frozen=True)
class ReadyFirst(AbstractFault):
    """Shows a result only to a consumer that was ready in the cycle before."""

    @property
    def start(self) -> Any:
        """And whether the consumer was ready."""
        return self.inner.start, False

    def outputs(self, state: Any) -> Outputs:
        """With the fault."""
        now = self.inner.outputs(state[0])
        return now if state[1] else Outputs(now.in_ready, False, None)

    def step(self, state: Any, inputs: Inputs) -> Any:
        """With the fault."""
        taken = inputs._replace(out_ready=inputs.out_ready and state[1])
        return self.inner.step(state[0], taken), inputs.out_ready


@dataclasses.dataclass(frozen=True)
class Overwrites(AbstractFault):
    """A sample that is converted replaces the one that waits."""

    def step(self, state: Any, inputs: Inputs) -> Any:
        """With the fault."""
        if state.phase == Phase.CONVERT:
            inputs = inputs._replace(out_ready=True)
        return self.inner.step(state, inputs)


@dataclasses.dataclass(frozen=True)
class AlwaysReady(AbstractFault):
    """Says that it takes starts while it is busy."""

    def outputs(self, state: Any) -> Outputs:
        """With the fault."""
        return self.inner.outputs(state)._replace(in_ready=True)


@dataclasses.dataclass(frozen=True)
class Twice(AbstractFault):
    """A result stays for a second consumer if the core is busy."""

    def step(self, state: Any, inputs: Inputs) -> Any:
        """With the fault."""
        after = self.inner.step(state, inputs)
        if state.phase == Phase.RUN and after.phase == Phase.RUN:
            return after._replace(out=state.out)
        return after


FAULTS: dict[str, Callable[[AbstractController], AbstractFault]] = {
    "ignores-valid": IgnoresValid,
    "peeks": Peeks,
    "no-time-out": NoTimeOut,
    "ready-first": ReadyFirst,
    "overwrites": Overwrites,
    "always-ready": AlwaysReady,
    "twice": Twice,
}
