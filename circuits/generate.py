"""Write the decks of the benches and their golden ngspice waveforms beside this file.

`python circuits/generate.py` needs ngspice. `tests/spice/test_circuits.py` compares.
"""

import pathlib

import jax
import numpy as np
from rram_ode.spice import benches


HERE = pathlib.Path(__file__).parent


def main() -> None:
    """Write all files."""
    jax.config.update("jax_enable_x64", True)
    for name, bench in benches().items():
        (HERE / f"{name}.cir").write_text(bench.netlist.text)
        np.savez_compressed(HERE / f"{name}.npz", **bench.golden())


if __name__ == "__main__":
    main()
