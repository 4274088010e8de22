"""The table of everything that is on, off or neglected on a chip."""

import dataclasses
import functools
from typing import Any

from ..._core._units import format_quantity
from ...config import idealise, leaves, RunConfig
from . import (
    _blocks,
    _cells,
    _decoder,
    _neglected_arrays,
    _neglected_blocks,
    _neglected_chip,
    _neglected_op_amps,
    _op_amps,
    _signals,
)
from ._effect import Effect
from ._neglected import Neglected
from ._scale import find_scale, root_sum, Scale, WHOLE
from ._values import values_of


SMALL = 0.01  # of a unit of x: what a run may leave out; widens the ring by 3 %


ON, OFF, NEGLECTED = "on", "off", "neglected"


SIMULATED: dict[str, tuple[Effect, ...]] = {
    "cells": _cells.CELLS,
    "wires": _cells.WIRES,
    "op-amps": _op_amps.OP_AMPS,
    "drivers, rectifiers, multipliers": _blocks.BLOCKS,
    "guidance": _blocks.GUIDANCE,
    "decoder": _decoder.DECODER,
    "integrators": _blocks.INTEGRATORS,
    "converters and clock": _signals.CONVERTERS,
    "supply and reference": _signals.SUPPLY,
    "die": _signals.PROCESS,
    "remedies": _signals.REMEDIES,
}


LEFT_OUT: dict[str, tuple[Neglected, ...]] = {
    "cells": _neglected_arrays.CELLS,
    "wires": _neglected_arrays.WIRES,
    "op-amps": _neglected_op_amps.OP_AMPS,
    "drivers, rectifiers, multipliers": _neglected_blocks.BLOCKS,
    "integrators": _neglected_blocks.INTEGRATORS,
    "converters and clock": _neglected_chip.CONVERTERS,
    "supply and reference": _neglected_chip.SUPPLY,
    "die": _neglected_chip.DIE,
    "decoder": _decoder.LEFT_OUT,
}


@dataclasses.dataclass(frozen=True)
class Line:
    """One effect of the whole chip, as it stands in a configuration.

    Args:
        place: The part of the chip.
        name: The effect.
        state: `on`, `off` or `neglected`.
        value: Settings with their values; of a neglected one, its size.
        why: Of one that is on, nothing; of one that is off, what would turn it on, its
            size, and the reason; of a neglected one, why it may be left out.
        source: Where the values come from.
        knobs: Dotted names of the settings that turn it on; none for a neglected one.
        moves: Displacement of the ends by a neglected one, in units of x; `None` for
            what moves no sample, or is simulated.
    """

    place: str
    name: str
    state: str
    value: str
    why: str
    source: str
    knobs: tuple[str, ...] = ()
    moves: float | None = None


@dataclasses.dataclass(frozen=True)
class ErrorTable:
    """All effects of a chip.

    Args:
        lines: The effects, those of one part together.
        moves: Displacement by all neglected ones, taken as independent, in units of x.
        stand_in: Preset whose network gave the sizes, where there is no trained one.
    """

    lines: tuple[Line, ...]
    moves: float
    stand_in: str | None


def error_table(config: RunConfig) -> ErrorTable:
    """Everything that is on, off or neglected on the chips of `config`.

    Example:
        >>> from rram_ode.presets import find_preset
        >>> from rram_ode.system import error_table
        >>> table = error_table(find_preset("ring-ideal"))
        >>> sorted({line.state for line in table.lines})
        ['neglected', 'off']

    Raises:
        ValueError: If the circuit cannot be.
    """
    scale, stand_in = find_scale(config)
    simulated = lines_of(config, scale)
    lines, moves = [], []
    for place in SIMULATED:
        lines += simulated[place]
        for one in LEFT_OUT.get(place, ()):
            size = one.size(scale)
            text = size.text
            if size.moves is not None:
                moves.append(size.moves)
                text += f"; {_moved(size.moves)}"
            lines.append(
                Line(
                    place,
                    one.name,
                    NEGLECTED,
                    text,
                    one.why,
                    one.source,
                    moves=size.moves,
                )
            )
    return ErrorTable(tuple(lines), root_sum(moves), stand_in)


def lines_of(config: RunConfig, scale: Scale) -> dict[str, list[Line]]:
    """The lines of all simulated effects, by place."""
    if config.fidelity == "ideal":
        config = idealise(config)
    values = values_of(config)
    neutral = values_of(idealise(config))
    fields = dict(leaves(config))

    def line(place: str, effect: Effect) -> Line:
        is_set = any(differs(values[n], neutral[n]) for n in effect.knobs)
        acts = effect.needs is None or effect.needs.holds(config)
        text = lambda name: f"{name}={_text(values[name], fields[name])}"
        shown = effect.knobs
        if is_set and acts:
            shown = tuple(n for n in effect.knobs if differs(values[n], neutral[n]))
            named = (*shown, *effect.shape)
            why = ""
        else:
            named = effect.knobs
            size = effect.moves(scale)
            moved = "" if size is None else _moved(size)
            if is_set and effect.needs is not None:
                why = f"needs {effect.needs.text}"
                where = effect.example[0]
                when = "then it" if where in why else f"with {where} it"
                why += f"; {when} {moved}" if moved else ""
            else:
                why = f"on by {', '.join(effect.example)}"
                why += f", which {moved}" if moved else ""
            why += f"; {effect.why or _of_whole_chip(effect)}"
        return Line(
            place,
            effect.name,
            ON if is_set and acts else OFF,
            ", ".join(map(text, named)),
            why,
            _sources(shown, fields),
            effect.knobs,
        )

    return {
        place: [line(place, each) for each in effects]
        for place, effects in SIMULATED.items()
    }


@functools.cache
def _whole_chip() -> tuple[dict[str, Any], dict[str, Any]]:
    """All settings of a whole chip, and without any error."""
    return values_of(WHOLE), values_of(idealise(WHOLE))


def _of_whole_chip(effect: Effect) -> str:
    """Whether the preset of a whole chip has the effect."""
    values, neutral = _whole_chip()
    if any(differs(values[name], neutral[name]) for name in effect.knobs):
        return "a whole chip has it"
    return "the presets of whole chips leave it off, too"


def _moved(by: float) -> str:
    """A displacement in words."""
    text = f"moves x by {float(f'{by:.2g}'):g}"
    return f"{text}, NOT small: above {SMALL:g}" if by > SMALL else text


def _sources(names: tuple[str, ...], fields: dict[str, dataclasses.Field]) -> str:
    """The sources of settings, each told once, with names where they differ."""
    owners: dict[str, list[str]] = {}
    for name in names:
        source = fields[name].metadata["source"]
        owners.setdefault(source, []).append(name.rpartition(".")[2])
    if len(owners) == 1:
        return next(iter(owners))
    return "; ".join(f"{', '.join(own)}: {source}" for source, own in owners.items())


def differs(value: Any, neutral: Any) -> bool:
    """Whether a setting has an effect; 0, `None` and `False` are one and the same."""
    return value != neutral and bool(value or neutral)


def _text(value: Any, field: dataclasses.Field) -> str:
    if isinstance(value, float):
        return format_quantity(value, field.metadata["unit"])
    return str(value)
