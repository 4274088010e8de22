import os
import sys
import zlib

import jax
import jax.random as jr
import matplotlib
import pytest


jax.config.update("jax_enable_x64", True)
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")
matplotlib.use("Agg")

# After the precision is set: modules hold arrays.
from rram_ode.commands import one_line_errors
from rram_ode.spice import find_ngspice, INSTALL


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
