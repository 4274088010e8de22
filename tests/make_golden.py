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
    "ring-fresh",
    "ring-ideal",
    "ring-64-fresh",
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
TINY = np.finfo(float).tiny

# Relative differences between processors, from U, the unit of rounding of float32. A
# solve evaluates its network 400 times (200 steps of Heun) and rounds the state each
# time: at most 400 U where the flow brings samples together, as it does here. Training
# has 200 steps; an element of a deck is a few operations from a weight. With another
# set of instructions (XLA_FLAGS=--xla_cpu_max_isa=SSE4_2) the preset ring differs by
# 3 U in its samples, 5 U in its weights, 2 U in its deck and 0.1 U in its comparison,
# whose scores are counts: equal unless a sample lies that close to the edge of a bin.
U = 2.0**-24
TOLERANCES = {"samples": 400 * U, "compare": 400 * U, "deck": 32 * U, "train": 400 * U}
NUMBER = re.compile(r"(?<![A-Za-z_])[-+]?\d+\.?\d*(?:[eE][-+]?\d+)?")


def processor() -> str:
    """The processor and the versions that decide the last digits."""
    import jax

    file = pathlib.Path("/proc/cpuinfo")
    lines = file.read_text().splitlines() if file.exists() else []
    names = {line.partition(":")[2].strip() for line in lines if "model name" in line}

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


def numbers(kept: dict) -> np.ndarray:
    """The root mean square of an array that `summary` kept, and some of its values."""
    return np.array([kept["norm"] / max(kept["size"], 1) ** 0.5, *kept["some"]])


def distance(was: dict, now: dict, part: str) -> float:
    """The largest difference of two kept arrays, relative to their largest value.

    Relative to each value where values have many units: in decks and comparisons.
    """
    if was["size"] != now["size"]:
        return np.inf
    a, b = numbers(was), numbers(now)
    finite = np.isfinite(a) & np.isfinite(b)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return np.inf
    a, gap = np.abs(a[finite]), np.abs(a - b)[finite]
    scale = a if part in ("compare", "deck") else np.full_like(a, a.max(initial=0.0))
    return float((gap[gap > 0] / np.maximum(scale[gap > 0], TINY)).max(initial=0.0))


def differences(old: dict, new: dict, tolerances: dict | None = None) -> list[str]:
    """The names of what is not the same, with the largest relative difference.

    Equal is equal to the last digit; with `tolerances`, by part, a `distance` up to the
    part's tolerance is equal too.
    """
    found = []
    for preset, parts in old["presets"].items():
        for part, arrays in parts.items():
            now = new["presets"].get(preset, {}).get(part, {})
            for name in sorted(arrays.keys() | now.keys()):
                label = f"{preset} {part} {name}"
                was, other = arrays.get(name), now.get(name)
                if other == was:
                    continue
                if not isinstance(other, dict) or not isinstance(was, dict):
                    found.append(f"{label}: {other!r} for {was!r}")
                    continue
                largest = distance(was, other, part)
                if tolerances is None or not largest <= tolerances[part]:
                    found.append(f"{label}: {largest:.1e} relative")
    return found


if __name__ == "__main__":
    if "--check" in sys.argv:
        gone = differences(json.loads(FILE.read_text()), make())
        print("\n".join(gone) or "equal")
        sys.exit(bool(gone))
    FILE.write_text(json.dumps(make(), indent=1) + "\n")
