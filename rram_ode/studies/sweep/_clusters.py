"""Where a sweep finds its workers: here, at an address, or by a batch system."""

import contextlib
import logging
import shutil
import signal
from collections.abc import Iterator
from typing import Any

from ..._core._one_thread import THREADS
from ._executors import AbstractExecutor, InProcess
from ._on_cluster import OnCluster, WORKER_SECONDS


CONNECT_SECONDS = 10  # of waiting for a scheduler


# Batch systems of dask-jobqueue: its class, and the program that submits a job.
BATCH_SYSTEMS = {
    "slurm": ("SLURMCluster", "sbatch"),
    "pbs": ("PBSCluster", "qsub"),
    "sge": ("SGECluster", "qsub"),
    "lsf": ("LSFCluster", "bsub"),
    "oar": ("OARCluster", "oarsub"),
    "htcondor": ("HTCondorCluster", "condor_submit"),
}


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
    if where is not None and where not in BATCH_SYSTEMS and ":" not in where:
        raise ValueError(
            f"no dask cluster at `{where}`: give the address of a scheduler, such as "
            f"tcp://host:8786, or one of {', '.join(BATCH_SYSTEMS)}."
        )
    _require_dask()
    import distributed

    for name in [*logging.root.manager.loggerDict]:
        if name.split(".")[0] in ("distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as stack:
        seconds: float | None = WORKER_SECONDS
        if where is None:
            name, cluster = "on this computer", _on_this_computer(num_workers)
            stack.callback(_close, cluster)
        elif where in BATCH_SYSTEMS:
            name, cluster, seconds = where, _batch(where, num_workers), None
            stack.callback(_close, cluster)
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
    import dask.config
    import distributed

    # A task is not given up for the deaths of its workers: `MOST_DEATHS` counts them.
    settings = {
        "distributed.scheduler.allowed-failures": 10,
        "distributed.worker.profile.enabled": False,  # it looks 100 times a second
    }
    dask.config.set(settings)
    cluster: Any = distributed.LocalCluster
    return cluster(
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
    dask_jobqueue = _import_jobqueue()
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


def _import_jobqueue() -> Any:
    """dask-jobqueue, without what it makes of Ctrl-C: an end with status 0."""
    before = signal.getsignal(signal.SIGINT)
    try:
        import dask_jobqueue
    finally:
        signal.signal(signal.SIGINT, before)
    return dask_jobqueue


def _require_dask() -> None:
    try:
        import distributed  # noqa: F401

        _import_jobqueue()
    except ImportError as error:
        raise ValueError(
            f"workers and clusters need `{error.name}`: `pip install "
            "'rram_ode[cluster]'`."
        ) from error
