"""Write the decks of the benches and their golden ngspice waveforms beside this file.

`python circuits/generate.py` needs ngspice. `tests/test_circuits.py` compares.
"""

import pathlib

import jax
import numpy as np
from rram_ode.spice import Bench, benches, run_netlist


HERE = pathlib.Path(__file__).parent
EVERY = 4


def golden(bench: Bench) -> dict[str, np.ndarray]:
    """What ngspice gives at every fourth time of ours: `times`, then a node each."""
    times, waves = run_netlist(bench.netlist)
    taus = bench.ours()[0][::EVERY]
    found = {"times": taus}
    for name, nodes in bench.netlist.nodes.items():
        for node, wave in zip(nodes, waves[name].T, strict=True):
            found[node] = np.interp(taus, times, wave).astype(np.float32)
    return found


def main() -> None:
    """Write all files."""
    jax.config.update("jax_enable_x64", True)
    for name, bench in benches().items():
        (HERE / f"{name}.cir").write_text(bench.netlist.text)
        np.savez_compressed(HERE / f"{name}.npz", **golden(bench))


if __name__ == "__main__":
    main()
