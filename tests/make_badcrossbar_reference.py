"""Write `badcrossbar.npz`: rows of transfer matrices that badcrossbar computed.

`apt-get install libcairo2-dev pkg-config`, `pip install '.[ir-drop]'`, then
`python tests/make_badcrossbar_reference.py`.
"""

import importlib
import pathlib

import numpy as np


PATH = pathlib.Path(__file__).with_name("badcrossbar.npz")
# Rows, columns, ohms of a word-line and of a bit-line segment.
CASES = {
    "16": (16, 16, 2.0, 2.0),
    "16, word line": (16, 16, 100.0, 0.0),
    "16, bit line": (16, 16, 0.0, 100.0),
    "16, resistive": (16, 16, 3000.0, 1000.0),
    "32": (32, 32, 0.5, 10.0),
    "40x24": (40, 24, 20.0, 5.0),
    "64": (64, 64, 10.0, 2.0),
    "128": (128, 128, 2.0, 2.0),
    "128, resistive": (128, 128, 30.0, 20.0),
}
STORED = 8  # Rows of each.


def conductances(name: str) -> np.ndarray:
    """The array of a case, 1 to 90 uS."""
    rows, cols, *_ = CASES[name]
    rng = np.random.default_rng(sum(map(ord, name)))
    return rng.uniform(1e-6, 90e-6, (rows, cols))


def stored_rows(name: str) -> np.ndarray:
    """The numbers of the rows that the file holds."""
    return np.linspace(0, CASES[name][0] - 1, STORED).astype(int)


def main() -> None:
    """Run badcrossbar on every case."""
    badcrossbar = importlib.import_module("badcrossbar")  # may be absent

    found = {}
    for name, (rows, _, word, bit) in CASES.items():
        drives = np.eye(rows)[:, stored_rows(name)]
        g = conductances(name)
        options = {"r_i_word_line": word, "r_i_bit_line": bit}
        found[name] = badcrossbar.compute(drives, 1 / g, **options).currents.output
    np.savez_compressed(PATH, **found)


if __name__ == "__main__":
    main()
