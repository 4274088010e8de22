"""The energy of the arrays against ngspice's own power of every cell."""

import re
import subprocess

import equinox as eqx
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.spice import write_netlist
from rram_ode.system import netlist_cases, time_mean


def column_energies(netlist, folder):
    """Joules of the cells of each column over the deck's run, as ngspice has them.

    It gives a resistor's power as `@r.xl1.rg3_7p[p]`, integrated by `meas`.
    """
    columns = {}
    cell = re.compile(r"(rg\d+_(\d+)[pn]) ")
    layer = 0
    for card in netlist.cards:
        if card.startswith(".subckt crossbar"):
            layer = int(card.split()[1].removeprefix("crossbar"))
        if found := cell.match(card):
            place = layer, int(found[2])
            columns.setdefault(place, []).append(f"@r.xl{layer}.{found[1]}[p]")
    lines = [f"* {netlist.title}", *netlist.cards, *netlist.analysis, ".control"]
    lines += [f"save {power}" for powers in columns.values() for power in powers]
    lines.append("run")
    for (layer, column), powers in columns.items():
        name = f"p{layer}_{column}"
        lines.append(f"let {name} = 0")
        lines += [f"let {name} = {name} + {power}" for power in powers]
        lines += [f"meas tran e{name} integ {name}", f"echo $&e{name} >> energy.txt"]
    (folder / "deck.cir").write_text("\n".join([*lines, "quit 0", ".endc", ".end\n"]))
    done = subprocess.run(
        ["ngspice", "-b", "deck.cir"], cwd=folder, capture_output=True, text=True
    )
    result = folder / "energy.txt"
    assert result.exists(), done.stdout[-2000:] + done.stderr[-2000:]
    values = [float(word) for word in result.read_text().split()]
    return dict(zip(columns, values, strict=True)), sum(map(len, columns.values()))


def array_energy(loop, chip, x1):
    """Joules of all cells over the solve from `x1`, as a report has them."""
    solve = eqx.filter_jit(lambda chip: loop.solve(chip, x1[:, None], num_observed=201))
    seen = solve(chip).observation
    power = time_mean(np.asarray(seen.taus), np.asarray(seen.power))[0]
    return power * float(loop.clock.duration)


@pytest.mark.slow
@pytest.mark.ngspice
def test_ngspice_integrates_the_power_of_every_cell_of_the_loop(tmp_path):
    """A whole solve of `ring` on the exported deck, op-amps and all, within 1 %.

    Measured: 0.77 nJ, 0.015 % apart. Ours takes the summing nodes at ground.
    """
    loop, chip, x1 = next(netlist_cases(rr.System.from_preset("ring-fresh")))
    columns, cells = column_energies(write_netlist(loop, chip, x1), tmp_path)
    assert cells == 2 * sum(rows * cols for rows, cols in chip.arrays)
    spice, ours = sum(columns.values()), array_energy(loop, chip, x1)
    assert ours == pytest.approx(spice, rel=0.01)
    # The mutants: a column left out, and cells of 2 % more conductance.
    for energy in sorted(columns.values())[-10:]:
        assert ours != pytest.approx(spice - energy, rel=0.01)
    assert 1.02 * ours != pytest.approx(spice, rel=0.01)
