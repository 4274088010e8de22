"""Write reference/golden.json: what each preset gives, so that a refactoring shows.

Run `python tests/make_golden.py`, which takes some minutes. For each preset with a
shipped checkpoint it keeps the arrays of `samples.npz`, the numbers of `compare.csv`,
the values of all elements of the deck, and the weights after 200 training steps; for
the others the weights alone. Large arrays are kept as a hash and a few numbers.

On the processor that wrote the file everything is equal to the last digit. Another one
rounds otherwise: there `tests/test_golden.py` compares the numbers within a tolerance.
"""

import csv
import hashlib
import json
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

import numpy as np


FILE = pathlib.Path(__file__).parent / "reference" / "golden.json"
SHIPPED = (
    "ring",
    "ring-ideal",
    "ring-64",
    "ring-flow",
    "ring-robust",
    "ring-64-robust",
)
UNTRAINED = ("moons", "eight-gaussians", "checkerboard", "spiral")
FEW = ("--num-samples", "240")
COMPARE = (
    *("--num-samples", "200", "--num-chips", "2", "--num-seeds", "1"),
    *("--systems", "board", "integrated", "heun", "tsit5"),
    *("--machines", "engine-int8", "a100", "jetson-nano"),
)
STEPS = 200
KEPT = 16
NUMBER = re.compile(r"(?<![A-Za-z_])[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")


def processor() -> str:
    """The processor and the versions that decide the last digits."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    names = {line.partition(":")[2].strip() for line in lines if "model name" in line}
    import jax

    return f"{platform.machine()}, {', '.join(sorted(names))}, jax {jax.__version__}"


def summary(values: np.ndarray) -> dict:
    """A hash of all `values`, their size, and some of them."""
    flat = np.ascontiguousarray(np.asarray(values, np.float64).ravel())
    picked = np.linspace(0, flat.size - 1, min(KEPT, flat.size)).astype(int)
    return {
        "size": int(flat.size),
        "sha256": hashlib.sha256(flat.tobytes()).hexdigest(),
        "norm": float(np.linalg.norm(flat[np.isfinite(flat)])),
        "some": [float(flat[i]) for i in picked],
    }


def run(module: str, *words: str) -> None:
    """One command line, in a process of its own."""
    command = [sys.executable, "-m", f"rram_ode.{module}", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-400:]}")


def samples(preset: str, folder: pathlib.Path) -> dict:
    """The arrays of `samples.npz`."""
    run("sample", preset, *FEW, "--out", str(folder))
    with np.load(folder / "samples.npz") as file:
        return {name: summary(file[name]) for name in sorted(file.files)}


def comparison(preset: str, folder: pathlib.Path) -> dict:
    """The numbers of `compare.csv`, without the rows that are timed here."""
    run("compare", preset, *COMPARE, "--out", str(folder))
    with (folder / "compare.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["seconds_basis"] == "model"]
    found: dict[str, list[float]] = {}
    for row in rows:
        for name, text in row.items():
            if NUMBER.fullmatch(text or ""):
                found.setdefault(name, []).append(float(text))
    return {name: summary(np.array(each)) for name, each in found.items()}


def deck(preset: str, folder: pathlib.Path) -> dict:
    """Every number of every card."""
    path = folder / "loop.cir"
    words = () if preset != "ring-ideal" else ("--set", "op_amp.kind=on-chip")
    run("netlist", preset, "--out", str(path), *words)
    cards = [x for x in path.read_text().splitlines() if x and x[0] not in "*.+"]
    values = [
        float(x) for card in cards for x in NUMBER.findall(card.partition(" ")[2])
    ]
    return {"values": summary(np.array(values))}


def weights(preset: str, folder: pathlib.Path) -> dict:
    """Of the network after `STEPS` steps."""
    from rram_ode.training import load_checkpoint

    run("train", preset, "--set", f"train.steps={STEPS}", "--out", str(folder))
    network = load_checkpoint(folder).score.network
    arrays = [*network.weights, *network.biases, network.frequencies]
    flat = np.concatenate([np.asarray(x, np.float64).ravel() for x in arrays])
    return {"weights": summary(flat)}


PARTS = {"samples": samples, "compare": comparison, "deck": deck, "train": weights}


def make(names: tuple[str, ...] = (*SHIPPED, *UNTRAINED)) -> dict:
    """All golden values of the presets `names`."""
    found = {}
    for preset in names:
        parts = PARTS if preset in SHIPPED else {"train": weights}
        for part, take in parts.items():
            with tempfile.TemporaryDirectory() as folder:
                print(preset, part, flush=True)
                try:
                    found.setdefault(preset, {})[part] = take(
                        preset, pathlib.Path(folder) / "out"
                    )
                except RuntimeError as error:
                    found.setdefault(preset, {})[part] = {"refused": str(error)}
                    print(f"  refused: {error}", flush=True)
    return {"processor": processor(), "presets": found}


def differences(old: dict, new: dict) -> list[str]:
    """The names of what is not the same, with the largest relative difference."""
    found = []
    for preset, parts in old["presets"].items():
        for part, arrays in parts.items():
            now = new["presets"].get(preset, {}).get(part, {})
            for name, was in arrays.items():
                label, other = f"{preset} {part} {name}", now.get(name)
                if other == was:
                    continue
                if not isinstance(other, dict) or not isinstance(was, dict):
                    found.append(f"{label}: {other!r} for {was!r}")
                    continue
                a, b = (
                    np.array([x["size"], x["norm"], *x["some"]]) for x in (was, other)
                )
                scale = np.abs(a).max() or 1.0
                largest = np.abs(a - b).max() / scale if a.shape == b.shape else np.inf
                found.append(f"{label}: {largest:.1e} of the largest")
    return found


if __name__ == "__main__":
    if "--check" in sys.argv:
        gone = differences(json.loads(FILE.read_text()), make())
        print("\n".join(gone) or "equal")
        sys.exit(bool(gone))
    FILE.write_text(json.dumps(make(), indent=1) + "\n")
