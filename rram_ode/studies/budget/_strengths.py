r"""Chips whose errors have strengths between 0 (absent) and 1 (the design's own).

A strength s scales the effect of an error: the displacement of conductances by write
noise, levels and age, the spread of read noise, the fraction of stuck cells, the
resistance of wires, offsets, leak and mismatch, the errors of multipliers, row drivers,
rectifiers and supplies, the static errors of op-amps, and the differences between
waveforms, starts and ends and what converters make of them, and the volts of noise of
the blocks around the arrays. Rails and clamps stand at
1 / s times their voltage; op-amps are 1 / s times as fast.
"""

import dataclasses

import equinox as eqx
import jax
import numpy as np

from ..._core._types import Key, Scalar
from ...chip import Blueprint, Chip, Design
from ...crossbar import ReferenceColumn
from ...devices import (
    AbstractConductanceDrift,
    AbstractConductanceError,
    Cell,
    FixedReadNoise,
    Levels,
    LinearIV,
    ScaledError,
    StuckFaults,
)
from ...loop import AbstractLoop, DynamicLoop
from ...noise import ReadNoise
from ._weak_loop import closed_of, Strengths, weaken_loop


ERRORS = (
    "write noise",
    "levels",
    "faults",
    "age",
    "read noise",
    "1/f noise",
    "telegraph noise",
    "wires",
    "saturation",
    "op-amps",
    "multipliers",
    "row drivers",
    "rectifiers",
    "supplies",
    "process",
    "time embedding",
    "converters",
    "circuit noise",
)


# The parts of a design behind the static errors of blocks.
STATIC = {
    "row drivers": ("drivers", "inverters"),
    "rectifiers": ("rectifiers",),
    "supplies": ("supplies",),
    "process": ("process",),
    "op-amps": ("op_amps",),
}


def present_errors(design: Design, loop: AbstractLoop) -> tuple[str, ...]:
    """The errors that the design has, in the order of `ERRORS` (not under `jit`).

    Raises:
        ValueError: If the cells are not linear: a cell's I-V law has no strength.
    """
    if not isinstance(design.cell.iv, LinearIV):
        raise ValueError(
            "an error budget takes linear cells: set `cell.iv.law` to `linear`."
        )
    if design.access is not None:
        raise ValueError(
            "an error budget has no strength of access transistors: set "
            "`cell.access.resistance` to 0."
        )
    cell, read, dac = design.cell, design.cell.read, loop.dac
    converters = loop.converters
    found = {_kind(error) for error in cell.errors if _acts(error)}
    mapping = design.mapping
    if isinstance(mapping, ReferenceColumn) and float(mapping.mismatch) > 0:
        found.add("write noise")
    for name, laws in (
        ("read noise", (read.white, read.thermal)),
        ("1/f noise", (read.flicker,)),
        ("telegraph noise", (read.telegraph,)),
        ("wires", (design.wires,)),
        ("multipliers", (design.multiplier, *design.guidance_errors)),
        *(
            (name, [getattr(design, x) for x in parts])
            for name, parts in STATIC.items()
        ),
        ("time embedding", (dac.bits, dac.update_rate)),
        (
            "converters",
            (converters.adc.bits, converters.start.bits, converters.memory),
        ),
    ):
        if any(law is not None for law in laws):
            found.add(name)
    closed = closed_of(loop)
    if closed.jitter is not None or jax.tree.leaves(closed.circuit_noise):
        found.add("circuit noise")
    limits = design.v_rail, design.v_clamp, design.integrator.v_rail
    if any(np.isfinite(float(limit)) for limit in limits):
        found.add("saturation")
    parts = design.offset_std, design.mismatch_std, design.integrator.leak
    if isinstance(loop, DynamicLoop) or any(float(part) > 0 for part in parts):
        found.add("op-amps")
    return tuple(name for name in ERRORS if name in found)


def program_weakened(
    blueprint: Blueprint,
    loop: AbstractLoop,
    strengths: Strengths,
    *,
    key: Key,
) -> tuple[Chip, AbstractLoop]:
    """The chip of `key` and its circuit, with each error at its strength.

    An error without a strength keeps that of the design. All random numbers are those
    of the chip itself. Strengths may be traced: one program serves all of them.

    Args:
        blueprint: What all chips of the kind are made from.
        loop: The circuit around the chip.
        strengths: Strength of each error, by its name in `ERRORS`.
        key: Identity of the chip.

    Raises:
        ValueError: If a name is unknown.
    """
    for name in strengths:
        if name not in ERRORS:
            raise ValueError(f"no error `{name}`; there are {', '.join(ERRORS)}.")
    design = _weaken_design(blueprint.design, strengths)
    bench = blueprint.bench
    if bench is not None:  # it sees the same chip
        tested = _weaken_design(bench.design, strengths)
        bench = dataclasses.replace(bench, design=tested)
    chip = dataclasses.replace(blueprint, design=design, bench=bench).program(key)
    if "read noise" in strengths:
        chip = _cool(chip, strengths["read noise"])
    return chip, weaken_loop(loop, strengths)


def _kind(error: AbstractConductanceError) -> str:
    for kind, name in (
        (Levels, "levels"),
        (StuckFaults, "faults"),
        (AbstractConductanceDrift, "age"),
        (FixedReadNoise, "1/f noise"),
    ):
        if isinstance(error, kind):
            return name
    return "write noise"


def _acts(error: AbstractConductanceError) -> bool:
    """Whether the error can move a cell: a spread or a fraction of zero cannot."""
    if isinstance(error, StuckFaults):
        return float(error.lrs) + float(error.hrs) > 0
    if isinstance(error, Levels | AbstractConductanceDrift):
        return True
    return any(np.any(np.asarray(leaf)) for leaf in jax.tree.leaves(error))


def _weaken_design(design: Design, s: Strengths) -> Design:
    integrator, mapping, wires = design.integrator, design.mapping, design.wires
    changes: dict[str, object] = {"cell": _weaken_cell(design.cell, s)}
    if "wires" in s and wires is not None:
        lines = ("word_line", "bit_line", "driver", "sense")
        changes["wires"] = dataclasses.replace(
            wires, **{name: s["wires"] * getattr(wires, name) for name in lines}
        )
    if "write noise" in s and isinstance(mapping, ReferenceColumn):
        mismatch = s["write noise"] * mapping.mismatch
        changes["mapping"] = dataclasses.replace(mapping, mismatch=mismatch)
    if "multipliers" in s and design.multiplier is not None:
        changes["multiplier"] = design.multiplier.scaled(s["multipliers"])
    if "multipliers" in s and design.guidance is not None:
        changes["guidance"] = design.guidance.scaled(s["multipliers"])
    if "saturation" in s:
        changes["v_rail"] = design.v_rail / s["saturation"]
        changes["v_clamp"] = design.v_clamp / s["saturation"]
        v_rail = integrator.v_rail / s["saturation"]
        integrator = dataclasses.replace(integrator, v_rail=v_rail)
    if "op-amps" in s:
        changes["offset_std"] = s["op-amps"] * design.offset_std
        changes["mismatch_std"] = s["op-amps"] * design.mismatch_std
        leak = s["op-amps"] * integrator.leak
        integrator = dataclasses.replace(integrator, leak=leak)
        if integrator.temperature is not None:
            kelvin = s["op-amps"] ** 2 * integrator.temperature
            integrator = dataclasses.replace(integrator, temperature=kelvin)
    design = dataclasses.replace(design, integrator=integrator, **changes)
    for name, parts in STATIC.items():
        if name in s:
            design = design.with_static(s[name], *parts)
    return design


def _weaken_cell(cell: Cell, s: Strengths) -> Cell:
    errors = []
    for error in cell.errors:
        name = _kind(error)
        if name not in s:
            errors.append(error)
        elif isinstance(error, StuckFaults):
            lrs, hrs = s[name] * error.lrs, s[name] * error.hrs
            errors.append(StuckFaults(lrs, hrs, error.range))
        else:
            errors.append(ScaledError(error, s[name]))
    read = _weaken_leaves(cell.read, s)
    return dataclasses.replace(cell, errors=tuple(errors), read=read)


def _weaken_leaves(read: ReadNoise, s: Strengths) -> ReadNoise:
    """Read noise with its spreads times their strengths."""
    scaled = {
        "read noise": lambda r: (r.white.std, r.white.std_rel) if r.white else (),
        "1/f noise": lambda r: (r.flicker.std, r.flicker.slope) if r.flicker else (),
        "telegraph noise": lambda r: (
            (r.telegraph.amplitude.median,) if r.telegraph else ()
        ),
    }
    for name, where in scaled.items():
        if name in s:
            some = lambda r, where=where: tuple(x for x in where(r) if x is not None)
            if leaves := some(read):
                scale = tuple(s[name] * leaf for leaf in leaves)
                read = eqx.tree_at(some, read, scale)
    return read


def _cool(chip: Chip, s: Scalar) -> Chip:
    """Scale thermal currents by `s`; their variance is proportional to bandwidth."""
    where = lambda c: tuple(
        layer.crossbar.thermal.bandwidth
        for chain in c.score.chains
        for layer in chain.layers
        if layer.crossbar.thermal is not None
    )
    found = where(chip)
    if not found:
        return chip
    return eqx.tree_at(where, chip, tuple(s**2 * bandwidth for bandwidth in found))
