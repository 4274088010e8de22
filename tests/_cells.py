"""A configuration, a cell of it, and what the cell writes, for tests of the system."""

import equinox as eqx
from rram_ode.config import override_all, parse_pairs, RunConfig
from rram_ode.system import build_cell


QUIET = ("cell.levels=None", "cell.stuck.lrs=0", "cell.stuck.hrs=0")


def config(*pairs):
    """The default configuration with `NAME=VALUE` set."""
    return override_all(RunConfig(), parse_pairs(pairs))


def cell(*pairs):
    """The cell of such a configuration."""
    return build_cell(config(*pairs).cell)


@eqx.filter_jit
def write(cell, g, key):
    """What a cell has after it was programmed to `g`."""
    return cell.program(g, key=key)
