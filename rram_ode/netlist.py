"""`python -m rram_ode.netlist`: a programmed chip as a SPICE deck, and its check."""

import dataclasses
import pathlib
import re
import sys
from typing import Annotated

import jax.numpy as jnp
import tyro

from ._cli import (
    apply_overrides,
    command,
    complete_file,
    load_preset,
    output_folder,
    print_table,
)
from ._run import assemble, run_key
from ._units import format_quantity
from .build import build_loop
from .config import replace
from .devices import ReadNoise
from .samplers import DynamicLoop, starts
from .scores import Chip
from .spice import (
    check_netlist,
    Deviation,
    find_ngspice,
    INSTALL,
    Netlist,
    SpiceError,
    write_netlist,
)


CHECK_STEPS = 800  # outputs to 0.02 % of Kvaerno5's on `ring`; 200 leave 0.2 %
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclasses.dataclass(frozen=True)
class Arguments:
    """Write the closed loop of a programmed chip for SPICE."""

    preset: Annotated[str, tyro.conf.Positional] = "ring"
    """What to write; `python -m rram_ode.sample --list` names them."""
    out: pathlib.Path | None = None
    """The deck (default runs/PRESET.cir)."""
    check: bool = False
    """Run ngspice and compare every node; exit status 1 if they differ."""
    noise: bool = False
    """Play the chip's read noise during its first sample."""
    seed: int = 0
    """Of the start: that of the first sample of `rram_ode.sample`."""
    chip_seed: int = 0
    """Of the chip: write noise, faults, mismatch."""
    checkpoint: str | None = None
    """Folder that `rram_ode.train` wrote, or the name of a shipped one."""
    set: Annotated[tuple[str, ...], tyro.conf.UseAppendAction] = ()
    """PATH=VALUE: one setting by its dotted name, e.g. op_amp.kind=board."""


def main() -> None:
    """Run the command line."""
    arguments = tyro.cli(Arguments, prog="python -m rram_ode.netlist")
    out = arguments.out or pathlib.Path("runs") / f"{arguments.preset}.cir"
    if not FILE_NAME.fullmatch(out.name):
        raise ValueError(
            "the name of a deck has letters, digits, `_`, `-` and `.` alone; got "
            f"{out.name!r}."
        )
    if arguments.check and find_ngspice() is None:
        raise SpiceError(f"`--check` needs ngspice, which is not on PATH: {INSTALL}.")
    loop, chip, x1 = machine(arguments)
    title = f"{arguments.preset}, chip {arguments.chip_seed}, seed {arguments.seed}"
    netlist = write_netlist(loop, chip, x1, title=f"rram_ode: {title}")
    folder = output_folder(out.parent)
    with complete_file(folder / out.name) as path:
        path.write_text(netlist.text)
    resistors = sum(line.startswith("r") for line in netlist.cards)
    print(f"wrote {out}: {len(netlist.text.splitlines())} lines, {resistors} resistors")
    if arguments.check:
        sys.exit(run_check(loop, chip, x1, netlist))


def run_check(loop: DynamicLoop, chip: Chip, x1: jnp.ndarray, netlist: Netlist) -> int:
    """Compare `netlist` with the dynamic model, print a table; the exit status."""
    found = check_netlist(loop, chip, x1, netlist=netlist)
    print_table([_row(each) for each in found], HEADER)
    failed = [each.name for each in found if not each.passed]
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    return int(bool(failed))


HEADER = ("nodes", "full scale", "largest, %", "rms, %", "limit, %")


def _row(found: Deviation) -> tuple[str, ...]:
    return (
        found.name,
        format_quantity(found.full_scale, "V"),
        *(f"{100 * x:.4f}" for x in (found.largest, found.rms, found.limit)),
    )


def machine(arguments: Arguments) -> tuple[DynamicLoop, Chip, jnp.ndarray]:
    """The loop, the chip, and the first start."""
    config = replace(load_preset(arguments.preset), "fidelity", "dynamic")
    if arguments.checkpoint is not None:
        config = replace(config, "checkpoint", arguments.checkpoint)
    config = apply_overrides(config, arguments.set)
    if config.fidelity != "dynamic":
        raise ValueError("a netlist has op-amps that take time: `fidelity` dynamic.")
    steps = max(CHECK_STEPS, config.solve.num_steps)
    config = replace(config, "solve.num_steps", steps)
    system = assemble(config, None)
    read = system.design.cell.read if arguments.noise else ReadNoise()
    loop = build_loop(config, system.checkpoint.sde, read)
    assert isinstance(loop, DynamicLoop)  # by its fidelity
    chip = system.chip(arguments.chip_seed)
    loop.check(chip)
    first = jnp.asarray(0, jnp.uint32)
    std = jnp.asarray(config.solve.start_std, jnp.result_type(float))
    x1 = starts(run_key(arguments.seed), first, 1, chip.score.dim, std)[:, 0]
    return loop, chip, x1


if __name__ == "__main__":
    command(main)
