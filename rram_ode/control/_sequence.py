"""The time that the controller's sequence takes, from samples that it steps through."""

import dataclasses

from ._controller import Controller, ControllerState, Inputs, Phase


SETTLING = 5  # samples until the period is the same from one to the next


@dataclasses.dataclass(frozen=True)
class Sequence:
    """Times of the controller's sequence, in clock cycles.

    Args:
        first_run: Cycles from reset to the first solve.
        period: Cycles from one solve to the next.
        latency: Cycles from the hand-over of the last sample's start to that of its
            result.
    """

    first_run: int
    period: int
    latency: int


def sequence(controller: Controller, *, wait: int = 0) -> Sequence:
    """Step the controller through a few samples, with a start always on offer.

    The core never says that it has settled: a schedule ends when its time is over.

    Args:
        controller: The controller.
        wait: Cycles for which the consumer does not take a result that is valid.
    """
    state, cycle, waited, latency = controller.start, 0, 0, 0
    taken: list[int] = []
    runs: list[int] = []
    while len(runs) < SETTLING:
        now = controller.outputs(state)
        ahead = _uneventful(state, wait - waited if now.out_valid else None)
        if ahead:
            # Only a timer moves, so its steps are taken at once.
            left = state.left and state.left - ahead
            state, cycle = state._replace(left=left), cycle + ahead
            waited += ahead
            continue
        is_taken = now.out_valid and waited >= wait
        if is_taken:
            assert isinstance(now.out_data, int)  # the number of a sample
            latency = cycle - taken[now.out_data]
        if now.in_ready:
            taken.append(cycle)
        before = state.phase
        number = len(taken) - int(now.in_ready)
        state = controller.step(state, Inputs(True, number, False, is_taken))
        cycle += 1
        waited = waited + 1 if now.out_valid and not is_taken else 0
        if state.phase == Phase.RUN and before != Phase.RUN:
            runs.append(cycle)
    return Sequence(runs[0], runs[-1] - runs[-2], latency)


def _uneventful(state: ControllerState, remaining: int | None) -> int:
    """Number of steps that move only a timer.

    `remaining` is the rest of the consumer's wait, or `None` if no result waits.
    """
    if state.phase == Phase.FULL and remaining is not None:
        return remaining
    steps = max(state.left - 1, 0)
    return steps if remaining is None else min(steps, max(remaining, 0))
