"""Which task a worker takes next: of a point that it knows, as far as there are any."""

from collections import deque
from collections.abc import Iterable

from ._study import Task


class Lanes:
    """Tasks that are not given out yet, by point.

    A point may be another program, which a worker compiles once: so a worker stays at
    its point, then begins one where nobody is, and helps at another's in the end.

    Args:
        tasks: All tasks, in the order in which points are begun.
    """

    def __init__(self, tasks: Iterable[Task]):
        self._points: dict[int, deque[Task]] = {}
        for task in tasks:
            self._points.setdefault(task.point, deque()).append(task)
        self._at: dict[str, int] = {}  # the point of each worker
        self._begun: set[int] = set()

    def __bool__(self) -> bool:
        return bool(self._points)

    def next(self, worker: str) -> Task | None:
        """The next task for a worker; `None` if all are given out."""
        if not self._points:
            return None
        point = self._at.get(worker)
        if point not in self._points:
            fresh = (p for p in self._points if p not in self._begun)
            fullest = max(self._points, key=lambda p: len(self._points[p]))
            point = next(fresh, fullest)
        self._at[worker] = point
        self._begun.add(point)
        tasks = self._points[point]
        task = tasks.popleft()
        if not tasks:
            del self._points[point]
        return task
