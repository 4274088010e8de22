"""Compiled programs that commands keep in a folder (`RRAM_ODE_CACHE`)."""

import os
import pathlib
import sys
import warnings
from typing import Any

import diffrax as dfx
import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import pytest
from rram_ode import System
from rram_ode.commands import one_line_errors


SETTINGS = (
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A folder of programs; JAX's own settings come back."""
    from jax.experimental.compilation_cache import compilation_cache

    before = {name: getattr(jax.config, name) for name in SETTINGS}
    environment = dict(os.environ)
    folder = tmp_path / "programs"
    monkeypatch.setenv("RRAM_ODE_CACHE", str(folder))
    compilation_cache.reset_cache()
    yield folder
    for name, value in before.items():
        jax.config.update(name, value)
    os.environ.clear()
    os.environ.update(environment)
    compilation_cache.reset_cache()


def compiled(number):
    """A new program each time, which JAX has not in memory."""
    return float(jax.jit(lambda x: x + number)(jnp.asarray(1.0)))


def test_a_program_is_kept_and_a_damaged_one_is_a_line(kept, capsys):
    with one_line_errors():
        assert compiled(3.0) == 4.0
    files = [path for path in kept.iterdir() if path.name.endswith("-cache")]
    assert files
    for path in files:
        path.write_bytes(b"no program")
    with one_line_errors():
        warnings.simplefilter("always")  # in tests they are errors
        assert compiled(3.0) == compiled(3.0) == 4.0
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("warning: cannot read all compiled programs in")
    assert str(kept) in said[0]


def test_a_full_disk_is_told_once(kept, capsys):
    text = "Error writing persistent compilation cache entry for 'jit_f': OSError: "
    with one_line_errors():
        warnings.simplefilter("always")
        for _ in range(2):
            warnings.warn(f"{text}[Errno 28] No space left on device", stacklevel=1)
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert "No space left on device" in said[0]
    assert "make room" in said[0]


def test_a_folder_that_is_a_file_is_refused(kept, capsys):
    pathlib.Path(kept).write_text("")
    with pytest.raises(SystemExit) as left, one_line_errors():
        pass
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_without_the_setting_nothing_changes(monkeypatch):
    monkeypatch.delenv("RRAM_ODE_CACHE", raising=False)
    before = {name: getattr(jax.config, name) for name in SETTINGS}
    with one_line_errors():
        pass
    assert before == {name: getattr(jax.config, name) for name in SETTINGS}
    assert "jax" in sys.modules


def lowered(settings):
    """What XLA is given of a solve."""
    system = System.from_preset("ring-fresh", settings)
    chip = system.program(1)
    loop = system.loop_of(chip)

    solve: Any = eqx.filter_jit(
        lambda loop, chip, x1, key: loop.solve(chip, x1, key=key).x0
    )
    return solve.lower(loop, chip, jnp.ones((2, 3)), jr.key(0)).as_text()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        pytest.param({"solve.process": "reverse-sde"}, marks=pytest.mark.slow),
        pytest.param({"fidelity": "dynamic"}, marks=pytest.mark.slow),
        pytest.param({"solve.longest": "50us"}, marks=pytest.mark.slow),
    ],
)
def test_a_solve_can_be_kept(settings):
    """A program that calls Python is compiled anew in each process."""
    assert "callback" not in lowered(settings)


@pytest.mark.slow
def test_a_check_in_python_shows(monkeypatch):
    """The mutant: diffrax's own steps look at their times while they run."""
    monkeypatch.setattr("rram_ode.loop._steps._Along", dfx.StepTo)
    assert "callback" in lowered({})
