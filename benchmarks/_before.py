"""Another commit of this repository, timed in a process of its own.

A worktree of the commit is made in a temporary folder and removed afterwards.
"""

import os
import pathlib
import subprocess
import sys
import tempfile


ROOT = pathlib.Path(__file__).parents[1]
WORKER = pathlib.Path(__file__).with_name("_noise_worker.py")


class CannotCheckOut(Exception):
    """The commit is not here; the message is one line for the user."""


class Before:
    """A process that runs the samples of `noise_cost` on request.

    Args:
        commit: The commit whose code it runs; `None` for the code around this file.

    Raises:
        CannotCheckOut: On entry, if there is no such commit or no git.
    """

    def __init__(self, commit: str | None):
        self.commit = commit

    def __enter__(self) -> "Before":
        self._folder = tempfile.TemporaryDirectory(prefix="rram_ode_before_")
        tree = ROOT
        if self.commit is not None:
            tree = pathlib.Path(self._folder.name) / "tree"
            try:
                self._git("worktree", "add", "--detach", str(tree), self.commit)
            except (subprocess.CalledProcessError, OSError) as error:
                self._folder.cleanup()
                raise CannotCheckOut(
                    f"commit {self.commit} cannot be checked out ({error}): run this "
                    "in a clone with its history"
                ) from error
        self._tree = tree
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER.read_text()],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": str(tree)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.seconds()  # compiles
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin is not None  # a pipe, by the call above
        self._process.stdin.close()
        self._process.wait()
        if self.commit is not None:
            self._git("worktree", "remove", "--force", str(self._tree))
        self._folder.cleanup()

    def seconds(self) -> float:
        """Processor time of all samples, in seconds."""
        process = self._process
        assert process.stdin is not None  # pipes, by the call above
        assert process.stdout is not None
        process.stdin.write("run\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the process of commit {self.commit} ended early.")
        return float(answer)

    @staticmethod
    def _git(*words: str) -> None:
        subprocess.run(
            ["git", "-C", str(ROOT), *words], check=True, capture_output=True
        )
