"""Tasks on the workers of a dask cluster, which may come, go and die meanwhile."""

import contextlib
import time
from collections.abc import Callable, Sequence
from typing import Any, TYPE_CHECKING

from ..._core._one_thread import call_in_one_thread
from ..._core._versions import versions
from ._chips import Outcome
from ._executors import AbstractExecutor, Take
from ._lanes import Lanes
from ._study import Study, Task
from ._worker import Done


if TYPE_CHECKING:
    from distributed import Client, Future


POLL = 0.5  # seconds between two looks at who is there


WORKER_SECONDS = 60.0  # of waiting for a worker


MOST_DEATHS = 3  # times that the scheduler gives a task up, each after several deaths


_WORKER = f"{__package__}._worker"


class OnCluster(AbstractExecutor):
    """Tasks on the workers of a dask cluster, which may come, go and die meanwhile.

    Args:
        client: Connected to the cluster.
        where: What the cluster is called in messages.
    """

    def __init__(self, client: "Client", where: str):
        self._client, self._where = client, where

    def run(
        self,
        study: Study,
        tasks: Sequence[Task],
        take: Take,
        progress: Callable[[int], object],
    ) -> None:
        """Give every worker as many tasks as it has threads, until all are done.

        Raises:
            OSError: If the scheduler or all workers are gone, or a task ends every
                worker that it runs on.
        """
        lanes, text = Lanes(tasks), study.as_text()
        flying: dict[Future, tuple[Task, str]] = {}
        deaths: dict[Task, int] = {}
        seen = time.monotonic()
        while lanes or flying:
            workers = self._workers()
            if workers:
                seen = time.monotonic()
            elif time.monotonic() - seen > WORKER_SECONDS:
                raise OSError(self._kept("has no worker left"))
            for address, threads in workers.items():
                while sum(at == address for _, at in flying.values()) < threads:
                    task = lanes.next(address)
                    if task is None:
                        break
                    flying[self._submit(text, task, address)] = task, address
            for future in self._finished(list(flying)):
                task, address = flying.pop(future)
                done = self._result(future, task, deaths)
                if done is None:  # it is tried again, on any worker
                    flying[self._submit(text, task, address)] = task, address
                    continue
                take(task, done)
                progress(task.num)

    def call(self, function: str, *args: Any) -> Any:
        """What the function returns on a worker."""
        return self._client.submit(
            call_in_one_thread, function, *args, pure=False
        ).result()

    @property
    def num_workers(self) -> int:
        """Threads of all workers."""
        return sum(self._workers().values())

    def wait_for_workers(self, seconds: float | None) -> None:
        """Wait until a worker is there.

        Raises:
            OSError: If none comes.
        """
        until = None if seconds is None else time.monotonic() + seconds
        while not self._workers():
            if until is not None and time.monotonic() > until:
                raise OSError(
                    f"the cluster {self._where} has no worker: start one, with "
                    f"`dask worker {self._where}`."
                )
            time.sleep(POLL)

    def _submit(self, text: str, task: Task, address: str) -> "Future":
        plain = (task.point, task.first, task.stop)
        return self._client.submit(
            call_in_one_thread,
            f"{_WORKER}:run_plain",
            text,
            plain,
            versions(),
            workers=[address],
            allow_other_workers=True,
            pure=False,
        )

    def _workers(self) -> dict[str, int]:
        """Threads of each worker, by address."""
        if self._client.status != "running":
            raise OSError(self._kept("does not answer any more"))
        try:
            found: Any = self._client.nthreads()
            return dict(found)
        except (OSError, TimeoutError) as error:
            raise OSError(self._kept("does not answer any more")) from error

    def _finished(self, futures: Sequence["Future"]) -> list["Future"]:
        import distributed

        if not futures:
            time.sleep(POLL)
            return []
        gone = (TimeoutError, distributed.TimeoutError, distributed.CancelledError)
        with self._client.as_current(), contextlib.suppress(*gone):
            distributed.wait(futures, timeout=POLL, return_when="FIRST_COMPLETED")
        return [future for future in futures if future.status != "pending"]

    def _result(
        self, future: "Future", task: Task, deaths: dict[Task, int]
    ) -> Done | None:
        """What a task gave; `None` if its workers died and it is to be tried again."""
        import distributed

        if future.status in ("cancelled", "lost"):
            raise OSError(self._kept("lost its scheduler"))
        if future.status == "finished":
            outcome, seconds, peak = future.result()
            return Done(Outcome(*outcome), seconds, peak)
        error: Any = future.exception()
        if not isinstance(error, distributed.KilledWorker):
            raise error
        deaths[task] = deaths.get(task, 0) + 1
        if deaths[task] >= MOST_DEATHS:
            raise OSError(
                f"chips {task.first} to {task.stop - 1} of point {task.point} ended "
                f"every worker that they ran on ({error.last_worker.address} last): "
                "is its memory too small?"
            )
        return None

    def _kept(self, what: str) -> str:
        return (
            f"the cluster {self._where} {what}: finished tasks are kept, and the same "
            "command goes on from there."
        )
