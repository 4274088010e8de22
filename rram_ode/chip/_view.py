"""What is shown of a chip: its arrays, their conductances, and what its trims left."""

from collections.abc import Iterator
from typing import Any, TYPE_CHECKING

import jax.tree_util as jtu
import numpy as np

from ..crossbar import Crossbar
from ..views import draw_cells, percent_text, quantity_text, values_of, View


if TYPE_CHECKING:
    from ._chip import Chip


MOST_ARRAYS = 6  # whose sizes are told


MOST_DRAWN = 4  # arrays


def view_chip(chip: "Chip") -> View | None:
    """The view of a chip or of a batch of chips; nothing is computed with JAX.

    It is `None` of a tree of one structure with a chip that is none: some of its arrays
    are missing, or other things stand in their places.
    """
    crossbars = _crossbars(chip)
    integrator = getattr(chip, "integrator", None)
    parts: list[Any] = [
        getattr(integrator, name, None) for name in ("offset", "v_rail")
    ]
    cells = [g for each in crossbars for g in (each.g_pos, each.g_neg)]
    if integrator is None or not all(hasattr(x, "ndim") for x in (*parts, *cells)):
        return None
    num = parts[0].shape[0] if parts[0].ndim > 1 else None
    what = "Chip" if num is None else f"Batch of {num} chips, each"
    title = f"{what}: {getattr(chip, 'num_cells', 0)} cells"
    if crossbars:
        title += f" in {len(crossbars)} array{'s' if len(crossbars) > 1 else ''}"
    rows = (
        ("rows x columns", _sizes(crossbars)),
        ("conductances", _range(cells)),
        ("R C", _time_constant(integrator, getattr(chip, "rc", None))),
        ("rail of the state", quantity_text(parts[1], "V")),
        ("trims", _trims(getattr(chip, "trims", None))),
    )
    return View(title, rows, drawings=lambda: _drawings(crossbars, num))


def _crossbars(chip: "Chip") -> list[Crossbar]:
    """All arrays that were written, as they are: trims act behind them."""
    is_array = lambda node: isinstance(node, Crossbar)
    leaves = jtu.tree_leaves(getattr(chip, "score", None), is_leaf=is_array)
    return [leaf for leaf in leaves if isinstance(leaf, Crossbar)]


def _sizes(crossbars: list[Crossbar]) -> str:
    """`rows x cols` of each array; the axis of a batch stands before these."""
    sizes = [" x ".join(map(str, each.g_pos.shape[-2:])) for each in crossbars]
    more = len(sizes) - MOST_ARRAYS
    return ", ".join(sizes[:MOST_ARRAYS] + [f"{more} more"] * (more > 0)) or "none"


def _range(cells: list[Any]) -> str:
    """The smallest and the largest conductance of all arrays."""
    found = [values_of(g) for g in cells]
    known = [g for g in found if g is not None and g.size]
    if not known:
        return "traced" if found else "none"
    ends = [end for g in known for end in (g.min(), g.max())]
    return quantity_text(ends, "S")


def _time_constant(integrator: Any, rc: Any) -> str:
    """That of the chip, or the nominal R C, multiplied on the host."""
    if rc is not None:
        return quantity_text(rc, "s")
    found = [values_of(x) for x in (integrator.resistance, integrator.capacitance)]
    known = [x for x in found if x is not None]
    return quantity_text(np.prod(known, axis=0), "s") if len(known) == 2 else "traced"


def _trims(record: Any) -> str:
    """What the trims left of errors, by name; not what was there before."""
    if record is None:
        return "none"
    left = [
        f"{name.replace('_', ' ')} {percent_text(x)}"
        for name, x in record.residues.items()
        if not name.startswith(("before", "clipped"))
    ]
    if record.stuck is not None:
        left.append(f"stuck cells {quantity_text(record.stuck, '')}")
    return f"they left {', '.join(left)}" if left else "made"


def _drawings(crossbars: list[Crossbar], num: int | None) -> Iterator[str]:
    """The first arrays of a chip, or of the first chip of a batch."""
    pairs = [(values_of(x.g_pos), values_of(x.g_neg)) for x in crossbars[:MOST_DRAWN]]
    for number, (positive, negative) in enumerate(pairs, start=1):
        if positive is None or negative is None or positive.ndim < 2:
            continue
        if num is not None:
            if not num:
                return
            positive, negative = positive[0], negative[0]
        both = np.concatenate([positive.ravel(), negative.ravel()])
        largest = float(np.max(both, initial=0.0))
        name = f"array {number}" + (" of chip 0" if num is not None else "")
        yield draw_cells(positive - negative, name, largest)
