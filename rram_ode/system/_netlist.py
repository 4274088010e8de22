"""The closed loop of a system's chips as SPICE decks."""

import pathlib
from collections.abc import Iterator
from typing import NamedTuple

import jax.numpy as jnp

from .._core._files import complete_file, output_folder
from ..chip import Chip
from ..loop import DynamicLoop, resolve_turns, SILENT, with_labels
from ..spice import Netlist, write_netlist as deck_of
from ._keys import run_key
from ._saved_chip import SavedChip
from ._system import System
from .build import build_loop


CHECK_STEPS = 800  # outputs to 0.02 % of Kvaerno5's on `ring`; 200 leave 0.2 %


class NetlistCase(NamedTuple):
    """What a deck describes: one start on one chip in its loop.

    Args:
        loop: The loop, with op-amps as states.
        chip: The chip.
        x1: The start, `(dim,)`, dimensionless.
    """

    loop: DynamicLoop
    chip: Chip
    x1: jnp.ndarray


def netlist_cases(
    system: System,
    chip_seeds: range = range(1),
    seeds: range = range(1),
    *,
    noise: bool = False,
    saved: SavedChip | None = None,
) -> Iterator[NetlistCase]:
    """Each chip with each start; a start is the first sample of its seed.

    Args:
        system: Any system; its op-amps become states (`fidelity` dynamic).
        chip_seeds: Seeds of the chips.
        seeds: Seeds of the starts.
        noise: Whether noise of the cells and of the blocks around them is played.
        saved: A saved chip or a measured map, in place of the chips of `chip_seeds`.

    Raises:
        ValueError: If a circuit cannot be built, or a saved chip does not suit.
    """
    steps = max(CHECK_STEPS, system.config.solve.num_steps)
    system = system.replace({"fidelity": "dynamic", "solve.num_steps": steps})
    cell = system.blueprint.design.cell
    loop = build_loop(
        system.config,
        system.checkpoint.sde,
        cell.read if noise else SILENT,
        readout=system.checkpoint.score.readout,
        identity=system.chip_loop.identity,
    )
    assert isinstance(loop, DynamicLoop)  # by its fidelity
    if not noise and loop.noise is None:  # whose sources have edges of 1 ns
        loop = resolve_turns(loop)
    if saved is None:
        chips = (system.program(chip_seed) for chip_seed in chip_seeds)
    else:
        chips = iter([saved.on(system)])
    for chip in chips:
        loop.check(chip)
        for seed in seeds:
            first = jnp.asarray(0, jnp.uint32)
            x1 = system.prior.sample(run_key(seed), first, 1, chip.score.dim)
            asked = system.prior.labels(run_key(seed), first, 1)
            label = None if asked is None else asked.reshape(-1)[0]
            yield NetlistCase(loop, with_labels(chip, label), x1[:, 0])


def write_netlist(
    system: System,
    path: pathlib.Path | str,
    *,
    chip_seed: int = 0,
    seed: int = 0,
    noise: bool = False,
    saved: SavedChip | None = None,
    title: str = "closed loop",
) -> Netlist:
    """Write the closed loop of one chip, at one start, as a deck for ngspice.

    Args:
        system: Any system; its op-amps become states (`fidelity` dynamic).
        path: The deck.
        chip_seed: Seed of the chip.
        seed: The start is the first sample of this seed.
        noise: Whether noise of the cells and of the blocks around them is played.
        saved: A chip of `load_chip` in place of that of `chip_seed`.
        title: First line of the deck.

    Example:
        >>> import pathlib, tempfile
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-fresh")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     deck = rr.write_netlist(system, pathlib.Path(folder) / "ring.cir")
        >>> sum(card.startswith("r") for card in deck.cards) > 500
        True
    """
    path = pathlib.Path(path)
    one = range(chip_seed, chip_seed + 1), range(seed, seed + 1)
    case = next(netlist_cases(system, *one, noise=noise, saved=saved))
    netlist = deck_of(*case, title=f"rram_ode: {title}")
    with complete_file(output_folder(path.parent) / path.name) as temporary:
        temporary.write_text(netlist.text)
    return netlist
