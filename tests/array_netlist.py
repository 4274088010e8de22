"""Arrays with wires written out node by node: as a netlist, and as a dense matrix."""

import pathlib
import subprocess
import tempfile

import numpy as np


TINY = 1e-9  # Ohms: what a netlist has in place of none.


def _paths(wires, rows, cols):
    """Places along the word and bit lines, counted from the end that is connected."""
    word = np.tile(np.arange(1, cols + 1), (rows, 1))
    bit = np.tile(np.arange(rows, 0, -1)[:, None], (1, cols))
    if wires.driving == "interleaved":
        word[1::2] = word[1::2, ::-1]
    if wires.sensing == "same":
        bit = bit[::-1]
    if wires.sensing == "interleaved":
        bit[:, 1::2] = bit[::-1, 1::2]
    return word, bit


def cell_currents(g, wires):
    """For one volt on each row in turn, `(rows, cols, rows)`: one dense system.

    `c = g (v - R_w c - R_b c)`, R the resistance that two cells' paths share.
    """
    rows, cols = g.shape
    word, bit = _paths(wires, rows, cols)
    i, j = (x.ravel() for x in np.indices(g.shape))
    word, bit, cells = word.ravel(), bit.ravel(), np.asarray(g).ravel()
    same = lambda x: x[:, None] == x[None]
    least = lambda x: np.minimum(x[:, None], x[None])
    shared = np.where(
        same(i), float(wires.driver) + float(wires.word_line) * least(word), 0.0
    )
    shared += np.where(
        same(j), float(wires.sense) + float(wires.bit_line) * least(bit), 0.0
    )
    system = np.eye(g.size) + cells[:, None] * shared
    drives = cells[:, None] * (i[:, None] == np.arange(rows))
    return np.linalg.solve(system, drives).reshape(rows, cols, rows)


def column_currents(g, wires, v, cell: str | None = None):
    """Currents into the virtual grounds that ngspice finds at the drivers' `v`.

    `cell` is the current of a cell of `{g}` siemens between nodes `{a}` and `{b}`; it
    is a resistor if not given.
    """
    g = np.asarray(g)
    rows, cols = g.shape
    word, bit = _paths(wires, rows, cols)
    lines = ["array"]

    def line(kind, number, places, segment, end):
        """Segments from the connected end `e` to the last node."""
        order = np.argsort(places)
        nodes = [f"{kind}e{number}", *(f"{kind}{number}_{k}" for k in order)]
        ohms = [max(segment + end, TINY)] + [max(segment, TINY)] * (len(places) - 1)
        for n, (a, b, r) in enumerate(zip(nodes, nodes[1:], ohms, strict=False)):
            lines.append(f"R{kind}{number}_{n} {a} {b} {r:.17g}")

    for k in range(rows):
        lines.append(f"Vw{k} we{k} 0 {float(v[k]):.17g}")
        line("w", k, word[k], float(wires.word_line), float(wires.driver))
    for k in range(cols):
        lines.append(f"Vs{k} be{k} 0 0")
        line("b", k, bit[:, k], float(wires.bit_line), float(wires.sense))
    for i, j in np.ndindex(rows, cols):
        a, b = f"w{i}_{j}", f"b{j}_{i}"
        lines.append(
            f"R{i}_{j} {a} {b} {1 / g[i, j]:.17g}"
            if cell is None
            else f"B{i}_{j} {a} {b} I={cell.format(g=float(g[i, j]), a=a, b=b)}"
        )
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.txt"
        found = " ".join(f"i(vs{k})" for k in range(cols))
        lines += [
            ".options reltol=1e-9 abstol=1e-18 vntol=1e-12",
            ".control",
            "set wr_singlescale",
            "set numdgt=15",
            "op",
            f"wrdata {out} {found}",
            "quit 0",
            ".endc",
            ".end",
        ]
        netlist = pathlib.Path(folder) / "array.cir"
        netlist.write_text("\n".join(lines) + "\n")
        run = subprocess.run(
            ["ngspice", "-b", netlist], capture_output=True, text=True, check=False
        )
        if not out.exists():
            raise RuntimeError(run.stdout[-2000:] + run.stderr[-2000:])
        numbers = np.loadtxt(out)
    assert numbers.shape == (cols + 1,), numbers.shape
    return numbers[1:]
