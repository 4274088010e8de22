"""Write the tables of letters and digits that the package ships.

Run `python tests/make_pictures.py LETTERS.npz SCIKIT_LEARN.whl`. The first file holds
all 52,152 letters of the OCR data set in their order: `x`, the packed bits of 16 x 8
pixels, and `y`, the letter's number. The second is a wheel of scikit-learn.
"""

import gzip
import io
import pathlib
import sys
import zipfile

import numpy as np


FOLDER = pathlib.Path(__file__).parents[1] / "rram_ode" / "datasets" / "pictures"
KEPT = "hku"
LONGEST = 20  # letters of a word


def words(text: str) -> list[tuple[str, int]]:
    """The words of `text` with the number of their copies, which follow each other."""
    found, start = [], 0
    while start < len(text):
        word = next(
            text[start : start + n]
            for n in range(2, LONGEST)
            if text[start:].startswith(3 * text[start : start + n])
            and len(set(text[start : start + n])) > 1
        )
        copies = 0
        while text.startswith(word, start):
            start, copies = start + len(word), copies + 1
        found.append((word, copies))
    return found


def main(letters: str, wheel: str) -> None:
    """Write `letters.npz` and `digits.npz`."""
    with np.load(letters) as file:
        bits, letter = file["x"], file["y"]
    found = words("".join(chr(ord("a") + n) for n in letter))
    assert len(found) == 55
    copy = np.concatenate([np.repeat(np.arange(n), len(w)) for w, n in found])
    copies = np.concatenate([np.full(n * len(w), n) for w, n in found])
    rows = np.isin(letter, [ord(c) - ord("a") for c in KEPT])
    np.savez_compressed(
        FOLDER / "letters.npz",
        allow_pickle=False,
        bits=bits[rows],
        letter=letter[rows],
        copy=copy[rows].astype(np.uint8),
        copies=copies[rows].astype(np.uint8),
    )
    with zipfile.ZipFile(wheel) as file:
        text = gzip.decompress(file.read("sklearn/datasets/data/digits.csv.gz"))
    table = np.loadtxt(io.StringIO(text.decode()), delimiter=",").astype(np.uint8)
    np.savez_compressed(
        FOLDER / "digits.npz",
        allow_pickle=False,
        counts=table[:, :-1],
        digit=table[:, -1],
    )
    for name in ("letters.npz", "digits.npz"):
        print(name, (FOLDER / name).stat().st_size, "bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
