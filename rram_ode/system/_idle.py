"""Settings that a user gave and that do nothing in this run, found from the machine.

A setting acts on samples if the machine, built with its value of the base in place of
its own, is another one: another design, loop, ageing, bench or digital sampler. It acts
on costs if the joules or the area of the same machine are others.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp

from ..chip import Chip, KnownInputs
from ..config import leaves, read, replace, RunConfig
from ..energy import ArrayPower, CONSTANTS, nominals
from ..training import Checkpoint
from ._energy import area_model, energy_model
from ._knobs import knobs
from ._system import System
from .build import (
    ANALOG,
    bench_on,
    build_ageing,
    build_design,
    build_interface,
    build_loop,
    build_sampler,
    dataset_key,
    require_trims,
)
from .effects import what_acts


# What these are for is said by their names: data, networks and costs.
PLAIN = ("fidelity", "checkpoint", "data", "points.", "power.")


# What these say is in the settings that their test benches set.
PLAIN += ("op_amp.subcircuit", "op_amp.pins", "op_amp.supply")


# Op-amps with static errors carry these into the machine, where nothing asks for them.
UNASKED = {"quasi-static": ("op_amp.slew", "op_amp.e_n", "op_amp.sampled_noise")}


# Settings that stand in the machine, and when they change no sample.
EXACT: dict[str, Callable[[RunConfig], bool]] = {
    **dict.fromkeys(
        ("crossbar.tile_rows", "crossbar.tile_cols"),
        lambda c: not any(read(c, name) for name in WIRES),
    ),
    **dict.fromkeys(("adc.full_scale", "adc.noise"), lambda c: c.adc.bits is None),
    **dict.fromkeys(
        ("cell.stuck.remap", "trim.repair"),
        lambda c: not (c.cell.stuck.lrs or c.cell.stuck.hrs),
    ),
    "trim.rc": lambda c: (
        c.process.corner == "typical"
        and c.cell.temperature == c.process.trim_temperature
    ),
    "crossbar.v_disturb": lambda c: True,  # a limit: what is refused is not named
    "solve.limit_noise": lambda c: c.solve.process == "probability-flow",
}
WIRES = tuple(
    f"crossbar.wires.{part}" for part in ("word_line", "bit_line", "driver", "sense")
)


SEEN = ArrayPower(1e-4, 1e-3, 1e-3)  # any power of arrays: its value does not matter


@dataclasses.dataclass(frozen=True)
class Idle:
    """A setting that does not act on the samples of a run.

    Args:
        name: Dotted name.
        value: What the user gave, in words.
        fidelity: Of the run.
        moves: The costs that it moves: `joules`, `area`; empty for none.
        simulated: Whether fidelity `dynamic` simulates it.
        acts: What would make it act, as it follows a colon; empty if unknown.
    """

    name: str
    value: str
    fidelity: str
    moves: tuple[str, ...]
    simulated: bool
    acts: str = ""

    @property
    def text(self) -> str:
        """One sentence for a user."""
        costs = " and ".join(self.moves)
        said = f"moves {costs}, not the samples" if costs else "has no effect"
        more = f": {self.acts}" if self.acts else ""
        if self.simulated:
            more = "; `fidelity` dynamic simulates it"
        return (
            f"`{self.name}` = {self.value} {said}, in fidelity {self.fidelity}{more}."
        )


def idle_settings(system: System, base: RunConfig, chip: Chip) -> tuple[Idle, ...]:
    """Settings in which `system` differs from `base` and that do not act on samples.

    Args:
        system: The run.
        base: The preset that the user started from.
        chip: A chip of `system`, for its costs.
    """
    config, checkpoint = system.config, system.checkpoint
    given = {
        name: read(base, name)
        for name, _ in leaves(config)
        if read(config, name) != read(base, name) and not name.startswith(PLAIN)
    }
    if not given:
        return ()
    own = _Machine.of(config, checkpoint, system.sampler_name)
    costs, found = _costs(config, own, chip), []
    fast, texts = None, {knob.name: knob.text for knob in knobs(config)}
    for name, value in given.items():
        other = _replaced(config, {name: value}, checkpoint, system.sampler_name)
        if other is None or not own.equals(other, name):
            continue
        moved = _costs(other.config, other, chip)
        moves = tuple(what for what in costs if costs[what] != moved[what])
        fidelity, simulated = config.fidelity, False
        if fidelity == "quasi-static":
            args = checkpoint, system.sampler_name
            if fast is None:
                fast = _replaced(config, {"fidelity": "dynamic"}, *args)
            there = _replaced(config, {"fidelity": "dynamic", name: value}, *args)
            if fast is not None and there is not None:
                simulated = not fast.equals(there, name)
        acts = what_acts(config, name)
        found.append(Idle(name, texts[name], fidelity, moves, simulated, acts))
    return tuple(found)


@dataclasses.dataclass(frozen=True)
class _Machine:
    """What makes the samples of a configuration, but for the network."""

    config: RunConfig
    parts: tuple[Any, ...]

    @staticmethod
    def of(
        config: RunConfig, checkpoint: Checkpoint, sampler: str | None
    ) -> "_Machine":
        require_trims(config)
        design = build_design(config)
        loop = build_loop(
            config, checkpoint.sde, design.cell.read, readout=checkpoint.score.readout
        )
        c = config.trim
        is_known = c.columns != "off" or c.repair or c.multipliers
        num = c.reads if is_known else 1
        zeros = jnp.zeros((2, num))
        bench = bench_on(config, KnownInputs(zeros[0], zeros[:1]), zeros)
        digital = build_sampler(config, checkpoint.sde, sampler)
        ageing = build_ageing(config, design.cell)
        solve = config.solve
        asked = dataset_key(config), solve.label, solve.start_std, _decodes(config)
        return _Machine(config, (design, loop, ageing, bench, digital, asked))

    def equals(self, other: "_Machine", name: str) -> bool:
        """Whether both make the same samples; they differ in the setting `name`."""
        if name in UNASKED.get(self.config.fidelity, ()):
            return True
        if name in EXACT and EXACT[name](self.config):
            return True
        return bool(eqx.tree_equal(self.parts, other.parts))


def _decodes(config: RunConfig) -> Any:
    """What stands around the arrays of an analog decoder; `None` for a digital one."""
    c = config.decoder
    if c.circuit != ANALOG:
        return None
    return build_interface(config, 1), c.hold_capacitance


def _replaced(
    config: RunConfig,
    settings: Mapping[str, Any],
    checkpoint: Checkpoint,
    sampler: str | None,
) -> _Machine | None:
    """The machine with other settings; `None` where they cannot be."""
    for name, value in settings.items():
        config = replace(config, name, value)
    try:
        return _Machine.of(config, checkpoint, sampler)
    except ValueError:
        return None


def _costs(config: RunConfig, machine: _Machine, chip: Chip) -> dict[str, Any]:
    """Joules and area by part; the reason where a row has none."""
    loop, values, found = machine.parts[1], nominals(CONSTANTS), {}
    for what, model in (
        ("joules", lambda: energy_model(config, loop, chip, SEEN)(values).breakdown),
        ("area", lambda: area_model(config, loop, chip)(values)),
    ):
        try:
            found[what] = {part: float(value) for part, value in model().items()}
        except ValueError as error:
            found[what] = str(error)
    return found
