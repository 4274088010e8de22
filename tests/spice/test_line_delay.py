"""The pole of a word line against lines with all of their resistors and capacitors."""

import pathlib
import subprocess

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.crossbar import fold, line_delays, Tiling, Wires


CELL = 1e-15


def transient(tmp_path, g, wires, row, duration, num=2000):
    """Times and the sum of all columns' currents for a step of one row, by ngspice.

    Every place of every line has its capacitor. The far ends are open.
    """
    rows, cols = g.shape
    lines = ["ladder"]
    for i in range(rows):
        source = "pulse(0 1 0 1f 1f 1 2)" if i == row else "0"
        lines.append(f"v{i} d{i}_0 0 {source}")
        for j in range(cols):
            ohms = float(wires.word_line) + (float(wires.driver) if j == 0 else 0.0)
            lines.append(f"rw{i}_{j} d{i}_{j} d{i}_{j + 1} {ohms}")
            lines.append(f"cw{i}_{j} d{i}_{j + 1} 0 {CELL}")
            lines.append(f"rg{i}_{j} d{i}_{j + 1} b{i}_{j} {1 / float(g[i, j])}")
            ohms = float(wires.bit_line) + (float(wires.sense) if i == rows - 1 else 0)
            end = f"b{i + 1}_{j}" if i < rows - 1 else f"m{j}"
            lines.append(f"rb{i}_{j} b{i}_{j} {end} {ohms}")
            lines.append(f"cb{i}_{j} b{i}_{j} 0 {CELL}")
    lines += [f"vm{j} m{j} 0 0" for j in range(cols)]
    out = tmp_path / "out.txt"
    total = "+".join(f"i(vm{j})" for j in range(cols))
    lines += [
        ".options reltol=1e-6 abstol=1e-15 vntol=1e-9 method=gear",
        ".control",
        "set wr_singlescale",
        "set numdgt=12",
        f"tran {duration / num} {duration} 0 {duration / num}",
        f"wrdata {out} {total}",
        "quit 0",
        ".endc",
        ".end",
    ]
    deck = pathlib.Path(tmp_path) / "ladder.cir"
    deck.write_text("\n".join(lines) + "\n")
    subprocess.run(["ngspice", "-b", str(deck)], capture_output=True, check=False)
    found = np.loadtxt(out)
    return found[:, 0], found[:, 1]


@pytest.mark.slow
@pytest.mark.ngspice
@pytest.mark.parametrize(
    ("wires", "shape_error"),
    [(Wires(20.0, 20.0, 2e3, 100.0), 0.09), (Wires(200.0, 200.0), 0.17)],
    ids=["driver", "lines"],
)
def test_delay_is_that_of_the_whole_ladder(tmp_path, wires, shape_error):
    """First moment within 1 %; the edge within 9 % of a step, or 17 % without a driver.

    Lines are not of first order: the edge, latest at its onset, is what a pole lacks.
    Mutants: the delay without the cells' load, and without the bit lines.
    """
    g = jr.uniform(jr.key(0), (8, 8), minval=20e-6, maxval=90e-6)
    delay = line_delays(g, wires, jnp.asarray(CELL))
    t, i = transient(tmp_path, g, wires, 3, 12 * float(delay[3]))
    last = float(jnp.sum(fold(g, wires).g[3]))
    assert np.isclose(i[-1], last, rtol=1e-3)
    missing = 1 - i / i[-1]
    found = float(np.sum((missing[1:] + missing[:-1]) / 2 * np.diff(t)))
    assert np.isclose(found, delay[3], rtol=0.01)
    edge = 1 - np.exp(-t / float(delay[3]))
    assert np.max(np.abs(i / i[-1] - edge)) < shape_error
    free = line_delays(1e-6 * g, wires, jnp.asarray(CELL))
    rigid = Wires(wires.word_line, 0.0, wires.driver, 0.0)
    alone = line_delays(g, rigid, jnp.asarray(CELL))
    if float(wires.driver):
        assert abs(float(free[3]) / found - 1) > 0.1
    else:
        assert abs(float(alone[3]) / found - 1) > 0.1


@pytest.mark.long
def test_without_loads_the_delay_is_in_closed_form():
    """Driver and segments; tiles shorten lines; no capacitance has no delay."""
    g, c, n = jnp.full((3, 5), 1e-12), jnp.asarray(2e-15), 5
    found = line_delays(g, Wires(7.0, 0.0, 30.0, 0.0), c)
    wanted = 2e-15 * (30 * n + 7 * (n + 1) * (2 * n + 1) / 6)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    both = line_delays(g, Wires(7.0, 5.0, 30.0, 11.0), c)
    bit = 2e-15 * (11 * 3 + 5 * 4 * 7 / 6)
    np.testing.assert_allclose(both, wanted + bit, rtol=1e-6)
    tiles = line_delays(g, Wires(7.0, 0.0, 30.0, 0.0), c, Tiling(cols=1))
    np.testing.assert_allclose(tiles, 2e-15 * 37, rtol=1e-6)
    assert not np.any(line_delays(g, Wires(7.0, 5.0, 30.0, 11.0), 0 * c))
