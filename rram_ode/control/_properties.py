"""Four properties of a controller, checked in every state that it can reach."""

import dataclasses
import itertools
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from typing import Any

from ._controller import AbstractController, Inputs


Move = tuple[Inputs, Any, str]  # inputs, next state, and the breach, or "" if none


BITS = (False, True)


MOST_WAITING = 2


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Verdict on one property.

    Args:
        name: Letter of the property, `A` to `D`.
        what: The property in words.
        num_states: Number of states that were checked, each with every input.
        trace: The shortest way to break the property, one line per cycle; empty if it
            holds.
    """

    name: str
    what: str
    num_states: int
    trace: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether no state breaks the property."""
        return not self.trace

    @property
    def text(self) -> str:
        """The verdict as one line, followed by the trace if the property is broken."""
        told = "holds" if self.holds else "BROKEN"
        head = f"{self.name} {told} in {self.num_states} states: {self.what}"
        return "\n".join([head, *(f"  {line}" for line in self.trace)])


def check_controller(controller: AbstractController) -> tuple[Verdict, ...]:
    """Check four properties in every state that inputs can reach; data is one bit.

    | name | property |
    | --- | --- |
    | A | two copies with equal handshakes, and equal data where it is valid, have equal outputs |
    | B | from every state a result is handed over: a start is always offered, the consumer is ready only once a result is valid, and the core need not settle |
    | C | a result stays valid and the same until it is taken |
    | D | results are the starts, in order, none lost or made; at most two are inside |

    The core is free: `settled` is any bit in any cycle. The search is breadth-first.
    S. Dai et al., arXiv 2102.06326, check A and B of a latency-insensitive design.
    """  # noqa: E501
    return (
        _two_copies(controller),
        _progress(controller),
        _stable(controller),
        _conserved(controller),
    )


def _two_copies(controller: AbstractController) -> Verdict:
    def moves(pair: tuple[Any, Any]) -> Iterator[Move]:
        for valid, settled, ready in itertools.product(BITS, BITS, BITS):
            free = ((0, 0), (1, 1)) if valid else itertools.product((0, 1), (0, 1))
            for data in free:
                inputs = [Inputs(valid, each, settled, ready) for each in data]
                after = tuple(
                    controller.step(state, each)
                    for state, each in zip(pair, inputs, strict=True)
                )
                one, two = (controller.outputs(state) for state in after)
                broken = "" if one == two else f"outputs differ: {one} and {two}"
                yield inputs[0], after, broken

    what = "data of a start is looked at only where it is valid"
    return _search("A", what, (controller.start, controller.start), moves)


def _stable(controller: AbstractController) -> Verdict:
    def moves(state: Any) -> Iterator[Move]:
        before = controller.outputs(state)
        for inputs in _all_inputs():
            after = controller.step(state, inputs)
            now, broken = controller.outputs(after), ""
            if before.out_valid and not inputs.out_ready and now[1:] != before[1:]:
                broken = f"{before.out_data!r} was not taken; now there is {now}"
            yield inputs, after, broken

    return _search(
        "C", "a result stays the same until it is taken", controller.start, moves
    )


def _conserved(controller: AbstractController) -> Verdict:
    def moves(both: tuple[Any, tuple]) -> Iterator[Move]:
        state, inside = both
        now = controller.outputs(state)
        for inputs in _all_inputs():
            waiting, broken = inside, ""
            if now.out_valid and inputs.out_ready:
                if waiting[:1] != (now.out_data,):
                    broken = f"{now.out_data!r} comes out of {list(waiting)}"
                waiting = waiting[1:]
            if inputs.in_valid and now.in_ready:
                waiting = (*waiting, inputs.in_data)
            if len(waiting) > MOST_WAITING:
                broken = f"{len(waiting)} samples are inside"
            yield inputs, (controller.step(state, inputs), waiting), broken

    what = "results are the starts, in order; at most two are inside"
    return _search("D", what, (controller.start, ()), moves)


def _progress(controller: AbstractController) -> Verdict:
    """Property B: no state may be stuck, whatever the core does."""
    parents = _reach(controller)
    offers = {state: _fair(controller, state) for state in parents}
    stuck = _stuck(offers)
    trace: list[str] = []
    # The first state is the nearest to the reset.
    if (state := next((s for s in parents if s in stuck), None)) is not None:
        trace = _way(parents, state)
        seen: set[Hashable] = set()
        while state not in seen:
            seen.add(state)
            inputs, state = next(m for m in offers[state] if m[1] in stuck)
            trace.append(_line(len(trace), inputs, state))
        trace.append("and so on for ever: no result is handed over")
    what = "a result is handed over, however long the core takes"
    return Verdict("B", what, len(parents), tuple(trace))


def _reach(controller: AbstractController) -> dict[Hashable, tuple | None]:
    """Every state that inputs can reach, with the state and inputs before it."""
    parents: dict[Hashable, tuple | None] = {controller.start: None}
    queue = deque([controller.start])
    while queue:
        state = queue.popleft()
        for inputs in _all_inputs():
            after = controller.step(state, inputs)
            if after not in parents:
                parents[after] = (state, inputs)
                queue.append(after)
    return parents


def _stuck(offers: dict[Hashable, list[tuple[Inputs, Any]]]) -> set[Hashable]:
    """States from which some run never hands a result over.

    A state is good if a result is handed over in it, or if all its next states are
    good: a fixed point, found backwards.
    """
    left = {
        state: {after for _, after in moves if after is not None}
        for state, moves in offers.items()
    }
    back: dict[Hashable, list[Hashable]] = {state: [] for state in offers}
    for state, after in left.items():
        for each in after:
            back[each].append(state)
    good = deque(state for state, after in left.items() if not after)
    stuck = set(offers)
    while good:
        state = good.popleft()
        stuck.discard(state)
        for before in back[state]:
            if state in left[before]:
                left[before].discard(state)
                if not left[before]:
                    good.append(before)
    return stuck


def _fair(controller: AbstractController, state: Any) -> list[tuple[Inputs, Any]]:
    """Moves of a fair environment; the next state is `None` at a hand-over."""
    is_valid = controller.outputs(state).out_valid
    moves = []
    for data, settled in itertools.product((0, 1), BITS):
        inputs = Inputs(True, data, settled, is_valid)
        moves.append((inputs, None if is_valid else controller.step(state, inputs)))
    return moves


def _search(
    name: str, what: str, start: Any, moves: Callable[[Any], Iterator[Move]]
) -> Verdict:
    parents: dict[Hashable, tuple | None] = {start: None}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        for inputs, after, broken in moves(state):
            if broken:
                trace = _way(parents, state)
                trace += [_line(len(trace), inputs, after), f"broken: {broken}"]
                return Verdict(name, what, len(parents), tuple(trace))
            if after not in parents:
                parents[after] = (state, inputs)
                queue.append(after)
    return Verdict(name, what, len(parents), ())


def _way(parents: dict[Hashable, tuple | None], state: Hashable) -> list[str]:
    """The shortest way from reset to `state`."""
    steps = []
    while (step := parents[state]) is not None:
        before, inputs = step
        steps.append((inputs, state))
        state = before
    return [_line(n, *step) for n, step in enumerate(reversed(steps))]


def _line(cycle: int, inputs: Inputs, state: Any) -> str:
    bits = " ".join(
        f"{name}={int(value) if isinstance(value, bool) else value}"
        for name, value in zip(inputs._fields, inputs, strict=True)
    )
    return f"cycle {cycle}: {bits} -> {state}"


def _all_inputs() -> Iterator[Inputs]:
    for valid, data, settled, ready in itertools.product(BITS, (0, 1), BITS, BITS):
        yield Inputs(valid, data, settled, ready)
