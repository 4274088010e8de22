"""Controllers with one fault each: what a check of the four properties must find."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

from ._controller import AbstractController, Inputs, Outputs, Phase


Step = Callable[[AbstractController, Any, Inputs], Any]


Show = Callable[[AbstractController, Any], Outputs]


@dataclasses.dataclass(frozen=True)
class FaultyController(AbstractController):
    """A sound controller with one fault between it and its ports.

    Args:
        inner: The sound controller.
        faulty_step: Next state from `inner`, the state and the inputs.
        faulty_outputs: Outputs from `inner` and the state.
        faulty_start: State after a reset, from `inner`.
    """

    inner: AbstractController
    faulty_step: Step = lambda inner, state, inputs: inner.step(state, inputs)
    faulty_outputs: Show = lambda inner, state: inner.outputs(state)
    faulty_start: Callable[[AbstractController], Any] = lambda inner: inner.start

    @property
    def start(self) -> Any:
        """The state after a reset."""
        return self.faulty_start(self.inner)

    def outputs(self, state: Any) -> Outputs:
        """Outputs in the cycle that has this state."""
        return self.faulty_outputs(self.inner, state)

    def step(self, state: Any, inputs: Inputs) -> Any:
        """The state in the next cycle."""
        return self.faulty_step(self.inner, state, inputs)


def _ignore_valid(inner: AbstractController, state: Any, inputs: Inputs) -> Any:
    """Take whatever lies at the input as soon as the core is idle."""
    return inner.step(state, inputs._replace(in_valid=True))


def _peek(inner: AbstractController, state: Any, inputs: Inputs) -> Any:
    """Stay in pre-charge while the input lines show a 1, valid or not."""
    if state.phase == Phase.PRECHARGE and inputs.in_data:
        return _stay(state, inputs)
    return inner.step(state, inputs)


def _wait_for_settling(inner: AbstractController, state: Any, inputs: Inputs) -> Any:
    """Wait without a time-out for a core that need not settle."""
    if state.phase == Phase.RUN and not inputs.settled:
        return _stay(state, inputs)
    return inner.step(state, inputs)


def _stay(state: Any, inputs: Inputs) -> Any:
    return state._replace(out=None) if inputs.out_ready else state


def _show_to_the_ready(inner: AbstractController, state: Any) -> Outputs:
    """Show a result only to a consumer that was ready in the cycle before."""
    now = inner.outputs(state[0])
    return now if state[1] else Outputs(now.in_ready, False, None)


def _note_ready(inner: AbstractController, state: Any, inputs: Inputs) -> Any:
    """Note whether the consumer was ready, beside the sound state."""
    taken = inputs._replace(out_ready=inputs.out_ready and state[1])
    return inner.step(state[0], taken), inputs.out_ready


def _overwrite(inner: AbstractController, state: Any, inputs: Inputs) -> Any:
    """Replace the result that waits by the sample that is converted."""
    if state.phase == Phase.CONVERT:
        inputs = inputs._replace(out_ready=True)
    return inner.step(state, inputs)


def _claim_ready(inner: AbstractController, state: Any) -> Outputs:
    """Offer to take a start while the core is busy."""
    return inner.outputs(state)._replace(in_ready=True)


def _repeat(inner: AbstractController, state: Any, inputs: Inputs) -> Any:
    """Keep a result for a second consumer while the core runs."""
    after = inner.step(state, inputs)
    if state.phase == Phase.RUN and after.phase == Phase.RUN:
        return after._replace(out=state.out)
    return after


FAULTS: dict[str, Callable[[AbstractController], FaultyController]] = {
    name: functools.partial(FaultyController, **faults)
    for name, faults in {
        "ignores-valid": {"faulty_step": _ignore_valid},
        "peeks": {"faulty_step": _peek},
        "no-time-out": {"faulty_step": _wait_for_settling},
        "ready-first": {
            "faulty_step": _note_ready,
            "faulty_outputs": _show_to_the_ready,
            "faulty_start": lambda inner: (inner.start, False),
        },
        "overwrites": {"faulty_step": _overwrite},
        "always-ready": {"faulty_outputs": _claim_ready},
        "twice": {"faulty_step": _repeat},
    }.items()
}
