"""The settings of the test run itself."""

import functools
import os
import types
from typing import Any

import conftest
import jax
import jax.numpy as jnp
import psutil
import pytest


@pytest.mark.parametrize(
    ("cores", "gigabytes", "workers"),
    [(8, 7.9, 3), (8, 64, 8), (2, 1.0, 1), (1, 64, 1)],
)
def test_workers_are_bounded_by_memory(monkeypatch, cores, gigabytes, workers):
    class Memory:
        available = int(gigabytes * 2**30)

    monkeypatch.delenv("PYTEST_XDIST_AUTO_NUM_WORKERS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(psutil, "virtual_memory", Memory)
    assert conftest.pytest_xdist_auto_num_workers(None) == workers


def test_a_number_of_workers_in_the_environment_wins(monkeypatch):
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "5")
    assert conftest.pytest_xdist_auto_num_workers(None) is None


def test_a_file_leaves_no_program_and_no_cache():
    module = types.SimpleNamespace(kept=functools.cache(lambda n: jnp.ones(n)))
    compiled: Any = jax.jit(lambda x: x + 1)
    compiled(module.kept(3))
    assert (module.kept.cache_info().currsize, compiled._cache_size()) == (1, 1)
    conftest.forget(module)
    assert (module.kept.cache_info().currsize, compiled._cache_size()) == (0, 0)
