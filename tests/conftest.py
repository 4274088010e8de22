import ctypes
import gc
import os
import pathlib
import shutil
import sys
import tempfile
import zlib

import equinox as eqx
import jax
import jax.random as jr
import matplotlib
import psutil
import pytest


jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")
matplotlib.use("Agg")
# Most of the time here is XLA's, for programs that run once: these take a third off it,
# and programs take up to twice as long to run, which is less. A JAX that is newer may
# not know them; `XLA_FLAGS` of one's own, empty too, are left as they are.
if jax.__version_info__ < (0, 11):
    os.environ.setdefault(
        "XLA_FLAGS",
        "--xla_backend_optimization_level=1 --xla_cpu_use_fusion_emitters=false",
    )

# After the precision is set: modules hold arrays.
from rram_ode.commands import one_line_errors
from rram_ode.spice import find_ngspice, INSTALL


WORKER_BYTES = 2 * 2**30
# Above these a worker forgets what it compiled: Linux gives a process 65,530 maps, and
# a program takes a few.
KEPT_BYTES = 3 * 2**29
KEPT_MAPS = 20_000


def pytest_xdist_auto_num_workers(config):
    """`-n auto`: one worker per core, as far as the available memory goes."""
    del config
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None  # xdist reads it
    memory = psutil.virtual_memory().available // WORKER_BYTES
    return max(1, min(os.cpu_count() or 1, memory))


def pytest_configure(config):
    """One cache of compiled programs for all workers and commands of this run.

    A user's own folder, `JAX_COMPILATION_CACHE_DIR`, is left as it is.
    """
    # Workers start after this: one thread each for NumPy, or they wait for each other.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if hasattr(config, "workerinput") or os.environ.get("JAX_COMPILATION_CACHE_DIR"):
        return
    folder = tempfile.mkdtemp(prefix="rram_ode_compiled_")
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    options = {
        "jax_compilation_cache_dir": folder,
        "jax_persistent_cache_min_compile_time_secs": 0,
        "jax_persistent_cache_min_entry_size_bytes": -1,
    }
    for name, value in options.items():
        os.environ[name.upper()] = str(value)
        jax.config.update(name, value)


# Files that take longest: they come first, so that no worker begins one as the other
# has nothing left to do (`--dist loadfile` gives out whole files in this order).
LONGEST = (
    "test_public_surface.py",
    "test_support.py",
    "test_compare.py",
    "test_sample.py",
    "test_converters.py",
    "test_closed_loop.py",
    "test_training.py",
    "test_training_on_chips.py",
    "test_flow_matching.py",
    "test_spice.py",
    "test_integer_formats.py",
    "test_format_training_benchmarks.py",
    "test_format_benchmarks.py",
    "test_every_format.py",
    "test_dimensions.py",
    "test_remedies.py",
    "test_checkpoints.py",
    "test_docs.py",
)


def pytest_collection_modifyitems(items):
    """The longest files first; the others, and the tests of a file, stay in order."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))


def pytest_collection_finish(session):
    """What the imports left lives on: the garbage collector need not look at it."""
    del session
    gc.collect()
    gc.freeze()


def forget(module):
    """Free what the tests of `module` compiled and kept, and hand the memory back."""
    for value in vars(module).values():
        if callable(clear := getattr(value, "cache_clear", None)):
            clear()
    eqx.clear_caches()
    jax.clear_caches()
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc alone has it
        if trim is not None:
            trim(0)


def is_full():
    """Whether this worker holds more than its share of memory or of memory maps."""
    process = psutil.Process()
    if process.memory_info().rss > KEPT_BYTES:
        return True
    maps = pathlib.Path("/proc/self/maps")
    return maps.exists() and maps.read_bytes().count(b"\n") > KEPT_MAPS


@pytest.fixture(scope="module", autouse=True)
def _forget(request):
    """Programs and caches are kept for the files to come, as long as they are small."""
    yield
    if is_full():
        forget(request.module)


@pytest.fixture
def getkey(request):
    """Fresh keys, seeded by the test's own name."""
    key = jr.key(zlib.crc32(request.node.nodeid.encode()))

    def _getkey():
        nonlocal key
        key, sub = jr.split(key)
        return sub

    return _getkey


def pytest_runtest_setup(item):
    """Tests marked `ngspice` are skipped without it, unless it has to be there."""
    if item.get_closest_marker("ngspice") is None or find_ngspice() is not None:
        return
    reason = f"ngspice is not on PATH: {INSTALL}"
    if os.environ.get("RRAM_ODE_REQUIRE_NGSPICE"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture
def run(capsys, monkeypatch):
    """Exit status, stdout and stderr of a command's `main`, in this process."""

    def _run(main, *arguments):
        monkeypatch.setattr(sys, "argv", ["rram_ode", *map(str, arguments)])
        status = 0
        try:
            with one_line_errors():
                main()
        except SystemExit as stop:
            status = stop.code
        return status, *capsys.readouterr()

    return _run


@pytest.fixture
def refusal(run, tmp_path):
    """The one line with which a command refuses; status 2, and nothing is left."""

    def _refusal(main, *arguments):
        out = tmp_path / "out"
        status, _, err = run(main, *arguments, "--out", out)
        assert status == 2
        assert err.count("\n") == 1
        assert not out.exists()
        return err

    return _refusal
