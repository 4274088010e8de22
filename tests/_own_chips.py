"""Chips of a user's own: one that was saved, and a map that was measured."""

import numpy as np
from rram_ode.system import save_chip


def keep_chip(system, folder, name, change):
    """A chip of seed 5 in `saved`, and its map, changed, in the file `name`.

    Args:
        system: What the chip is of.
        folder: Gets both.
        name: Of an npz file without a record.
        change: Changes the arrays, by name, in siemens, in place.
    """
    save_chip(system, 5, folder / "saved")
    maps = dict(np.load(folder / "saved" / "cells.npz"))
    change(maps)
    np.savez(folder / name, allow_pickle=False, **maps)
    return folder
