"""Ctrl-C during imports: a command leaves at once, another program keeps its own."""

import signal
import subprocess
import sys


# Where these tests run in the background Ctrl-C is ignored, which a child inherits.
HEED = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)


def python(*words, cwd):
    command = [sys.executable, "-c", HEED, *words]
    return subprocess.Popen(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_command_that_imports_leaves_quietly(tmp_path):
    with python("-X", "importtime", "-m", "rram_ode.sample", cwd=tmp_path) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "rram_ode._core._at_once" in lines[-2:][0]:
                break  # one module later: the handler is the command's
        # The mutant, a handler in a file that imports more, comes too late.
        assert not any("hashlib" in line or "tempfile" in line for line in lines)
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait() == 130
    assert "Traceback" not in rest
    assert not (tmp_path / "runs").exists()


def test_another_package_keeps_its_own(tmp_path):
    (tmp_path / "other").mkdir()
    text = "import rram_ode, signal\nprint(signal.getsignal(signal.SIGINT).__name__)\n"
    (tmp_path / "other/__init__.py").write_text(text)
    (tmp_path / "other/__main__.py").write_text("")
    with python("-m", "other", cwd=tmp_path) as process:
        out, err = process.communicate()
    assert out == "default_int_handler\n", err
