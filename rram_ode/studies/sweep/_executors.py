"""Who runs the tasks of a sweep: this process, or the workers of a dask cluster."""

import abc
import contextlib
import logging
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TYPE_CHECKING

from ..._core._one_thread import call_in_one_thread, THREADS
from ..._core._versions import versions
from ._chips import Outcome
from ._lanes import Lanes
from ._study import Study, Task
from ._worker import Done, run_task


if TYPE_CHECKING:
    from distributed import Client, Future


POLL = 0.5  # seconds between two looks at who is there


CONNECT_SECONDS, WORKER_SECONDS = 10, 60  # of waiting for a scheduler, for a worker


MOST_DEATHS = 3  # times that the scheduler gives a task up, each after several deaths


# Batch systems of dask-jobqueue: its class, and the program that submits a job.
BATCH_SYSTEMS = {
    "slurm": ("SLURMCluster", "sbatch"),
    "pbs": ("PBSCluster", "qsub"),
    "sge": ("SGECluster", "qsub"),
    "lsf": ("LSFCluster", "bsub"),
    "oar": ("OARCluster", "oarsub"),
    "htcondor": ("HTCondorCluster", "condor_submit"),
}


_WORKER = f"{__package__}._worker"


Take = Callable[[Task, Done], object]


class AbstractExecutor(abc.ABC):
    """What runs tasks and hands over what they found, in any order."""

    @abc.abstractmethod
    def run(
        self,
        study: Study,
        tasks: Sequence[Task],
        take: Take,
        progress: Callable[[int], object],
    ) -> None:
        """Run tasks of a study.

        Args:
            study: What is asked.
            tasks: Which of its tasks.
            take: Called with each task and what it gave.
            progress: Told numbers of chips.
        """

    @abc.abstractmethod
    def call(self, function: str, *args: Any) -> Any:
        """What a function of `_worker` or of its kind returns, where tasks run."""

    @property
    @abc.abstractmethod
    def num_workers(self) -> int:
        """Number of tasks that run at once."""


class InProcess(AbstractExecutor):
    """Tasks one after the other, in this process."""

    def run(
        self,
        study: Study,
        tasks: Sequence[Task],
        take: Take,
        progress: Callable[[int], object],
    ) -> None:
        """Run them in order."""
        text = study.as_text()
        for task in tasks:
            take(task, run_task(text, task, progress))

    def call(self, function: str, *args: Any) -> Any:
        """What the function returns here."""
        return call_in_one_thread(function, *args)

    @property
    def num_workers(self) -> int:
        """One."""
        return 1


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
            return dict(self._client.nthreads())
        except (OSError, TimeoutError) as error:
            raise OSError(self._kept("does not answer any more")) from error

    def _finished(self, futures: Sequence["Future"]) -> list["Future"]:
        import distributed

        if not futures:
            time.sleep(POLL)
            return []
        with contextlib.suppress(TimeoutError, distributed.TimeoutError):
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
        error = future.exception()
        if not isinstance(error, distributed.KilledWorker):
            assert error is not None  # by its status
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


@contextlib.contextmanager
def open_executor(where: str | None, num_workers: int) -> Iterator[AbstractExecutor]:
    """What runs the tasks, for as long as the block lasts.

    Args:
        where: Address of a scheduler, or a batch system of `BATCH_SYSTEMS`; `None` for
            this computer.
        num_workers: Number of worker processes; on this computer 1 is this process
            itself. A cluster at an address has its own.

    Raises:
        ValueError: If there is no such cluster, or dask is not installed.
        OSError: If the cluster does not answer, or has no workers.
    """
    if where is None and num_workers == 1:
        yield InProcess()
        return
    _require_dask()
    import distributed

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as stack:
        seconds: float | None = WORKER_SECONDS
        if where is None:
            name, cluster = "on this computer", _on_this_computer(num_workers)
            stack.callback(_close, cluster)
        elif where in BATCH_SYSTEMS:
            name, cluster, seconds = where, _batch(where, num_workers), None
            stack.callback(_close, cluster)
            print(f"waiting for a job of {where}", file=sys.stderr)
        else:
            name = cluster = where
        try:
            client = distributed.Client(
                cluster, timeout=CONNECT_SECONDS, set_as_default=False
            )
        except (OSError, ValueError, TypeError) as error:
            raise OSError(
                f"no dask cluster at `{where}`: give the address of a scheduler, such "
                "as tcp://host:8786, or slurm."
            ) from error
        stack.callback(_close, client)
        found = OnCluster(client, name)
        found.wait_for_workers(seconds)
        yield found


def _on_this_computer(num_workers: int) -> Any:
    import dask
    import distributed

    # A task is not given up for the deaths of its workers: `MOST_DEATHS` counts them.
    dask.config.set({"distributed.scheduler.allowed-failures": 10})
    return distributed.LocalCluster(
        n_workers=num_workers,
        threads_per_worker=1,
        processes=True,
        memory_limit=0,
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
        env=dict.fromkeys(THREADS, "1"),
    )


def _batch(name: str, num_workers: int) -> Any:
    """A cluster whose workers are jobs of a batch system.

    Raises:
        ValueError: If the batch system, or its configuration, is not there.
    """
    kind, submit = BATCH_SYSTEMS[name]
    if shutil.which(submit) is None:
        raise ValueError(
            f"`--cluster {name}`: there is no `{submit}` on this computer."
        )
    import dask_jobqueue

    lines = [f"export {variable}=1" for variable in THREADS]
    try:
        cluster = getattr(dask_jobqueue, kind)(job_script_prologue=lines)
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(
            f"`--cluster {name}`: {error}; say it in ~/.config/dask/jobqueue.yaml."
        ) from error
    cluster.scale(n=num_workers)
    return cluster


def _close(what: Any) -> None:
    """Close a client or a cluster; one that is gone already is no error."""
    with contextlib.suppress(Exception):
        what.close(timeout=CONNECT_SECONDS)


def _require_dask() -> None:
    try:
        import dask_jobqueue  # noqa: F401
        import distributed  # noqa: F401
    except ImportError as error:
        raise ValueError(
            f"workers and clusters need `{error.name}`: `pip install "
            "'rram_ode[cluster]'`."
        ) from error
