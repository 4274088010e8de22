"""`python -m benchmarks NAME`: run one comparison, print a table, write its JSON."""

import dataclasses
import importlib
import os
import pathlib
import shlex
import sys
from typing import Annotated, NamedTuple

import tyro

from ._result import CannotRun, Result, RESULTS, table
from ._threads import num_cores, pin_to_one_core


class Entry(NamedTuple):
    """A comparison: what it shows, how long it takes, whether it has one core only."""

    what: str
    time: str
    one_core: bool


BENCHMARKS = {
    "torchdiffeq": Entry(
        "the digital flow: Euler, RK4, dopri5 against torchdiffeq", "2 min", True
    ),
    "noise_cost": Entry("the chip's read noise on against off", "2 min", True),
    "noise_process": Entry(
        "1/f and telegraph noise against ngspice TRNOISE", "1 min", True
    ),
    "noisy_mvm": Entry(
        "a noisy product against a NumPy draw for each cell", "1 min", True
    ),
    "bare_loop": Entry(
        "the closed loop against a hand-written lax.scan, also with narrow vectors and "
        "all cores",
        "4 min",
        True,
    ),
    "ir_drop": Entry(
        "effective conductances against badcrossbar; a solve with wires", "3 min", True
    ),
    "ngspice": Entry("the dynamic loop against ngspice", "2 min", True),
    "ngspice_check": Entry(
        "every node of the loop against ngspice: chips, op-amps, wires, noise",
        "30 min",
        False,
    ),
    "quality": Entry("ring and ring-64, digital, against the limits", "1 min", False),
    "default_chip": Entry(
        "20 whole chips of ring and ring-64, each beside its digital twin",
        "hours",
        False,
    ),
    "score_factor": Entry(
        "how much larger the score is best, for what errors of the circuit widen",
        "10 min",
        False,
    ),
    "lifetime": Entry(
        "quality from 1 s to 10 years, and the cheapest rewriting", "15 min", False
    ),
    "verdicts": Entry("verdicts on pairs of known difference", "10 min", False),
    "scale_error": Entry("additive write error alone, by scale", "5 min", False),
    "write_error": Entry(
        "write errors of 1 and 2 uS: plain and robust networks, 24 chips",
        "15 min",
        False,
    ),
    "yield_curves": Entry(
        "yield against write error, levels and read noise, 10 chips", "12 min", False
    ),
    "error_sweeps": Entry(
        "quality against each error of cell and array, 20 chips", "15 min", False
    ),
    "corners": Entry(
        "5 process corners at 4 temperatures, as fabricated and trimmed",
        "20 min",
        False,
    ),
    "corner_causes": Entry(
        "a trimmed chip at -40 C with groups of errors left out", "5 min", False
    ),
    "trims": Entry(
        "each trim alone and all: residue, costs, distance, 4 chips", "20 min", False
    ),
    "speed_limit": Entry(
        "both rings against the duration of a solve, three classes of op-amps",
        "45 min",
        False,
    ),
    "lead": Entry(
        "both rings with a network made for the delay of its loop, three classes",
        "40 min",
        False,
    ),
    "adc_bits": Entry(
        "quality against the bits of the ADC at the hand-over, 6 chips", "5 min", False
    ),
    "dac_ranges": Entry(
        "bits that step-wise full scales of the waveform DAC save, 2 chips",
        "10 min",
        False,
    ),
    "cells_per_layer": Entry(
        "cells per weight chosen by disturbing one layer at a time", "10 min", False
    ),
    "train_step": Entry(
        "a noise-aware training step against torch and aihwkit-lightning", "1 min", True
    ),
    "gradient_memory": Entry(
        "bytes of a gradient through the loop over its number of steps", "2 min", False
    ),
    "support": Entry("what combines with what, tried", "20 min", False),
    "every_knob_pays": Entry(
        "every design knob at its ends, and all cheap ends at once", "10 min", False
    ),
    "memory": Entry("peak memory of a million samples", "15 min", False),
    "crossover": Entry(
        "joules of analog and digital samples over width, time and batch",
        "1 min",
        False,
    ),
    "power": Entry(
        "24 distortions of fresh data: what the distance finds", "10 min", False
    ),
    "attention_techniques": Entry(
        "PSSA, TIPS, bit slices and Softermax on the attention network",
        "10 min",
        False,
    ),
    "attention_tokens": Entry(
        "PSSA on trained attention among 256 and 1,024 pixels", "15 min", False
    ),
    "letters": Entry(
        "letters by class: digital, and ten whole chips beside their twins",
        "15 min",
        False,
    ),
    "digits": Entry(
        "digits by class: digital, and five whole chips beside their twins",
        "30 min",
        False,
    ),
    "analog_decoder": Entry(
        "letters decoded on whole chips beside the digital decode", "5 min", False
    ),
    "growth": Entry(
        "what fails first as the network grows, and which remedy buys most",
        "30 min",
        False,
    ),
    "guidance": Entry(
        "letters by weight of guidance: accuracy, diversity, joules", "10 min", False
    ),
    "conditional_claims": Entry(
        "the paper's claims of its conditional task beside the model", "3 min", False
    ),
    "letters_noise": Entry(
        "letters with write and read noise, two trainings, two equations",
        "15 min",
        False,
    ),
    "number_formats": Entry(
        "a score network in every number format: errors, bits, operations",
        "2 min",
        False,
    ),
    "format_training": Entry(
        "training on in 3 and 4 bits: optimal clipping and its gradients",
        "8 min",
        False,
    ),
    "logarithmic_training": Entry(
        "weights stored in 6 to 12 bits alone: LNS-Madam, Adam, SGD", "10 min", False
    ),
    "denoising_similarity": Entry(
        "differences between denoising steps: errors, joules and cycles by the share "
        "in floating point",
        "2 min",
        False,
    ),
    "discrete_steps": Entry(
        "the chip's arrays with converters at every step, beside the loop: bits, steps",
        "8 min",
        False,
    ),
    "discrete_steps_digits": Entry(
        "the same on digits, two chips and few samples", "10 min", False
    ),
    "image_formats": Entry(
        "techniques of image accelerators on U-Nets of digits: errors, bits, cycles",
        "8 min",
        False,
    ),
    "distributed": Entry(
        "a population on two processes of jax.distributed against one", "5 min", False
    ),
    "device": Entry(
        "samples a second on whatever accelerator JAX shows, with and without noise",
        "5 min",
        False,
    ),
    "scale_out": Entry(
        "a sweep on two workers against one, and the plan of a sweep", "35 min", False
    ),
    "cold_start": Entry("the first run of `sample`, caches empty", "1 min", False),
}


@dataclasses.dataclass(frozen=True)
class Options:
    """Run one comparison. Exit status 1 when a gate fails."""

    name: Annotated[str | None, tyro.conf.Positional] = None
    """Which one; see --list."""
    list: bool = False
    """List the comparisons."""
    num_samples: int | None = None
    """Of default_chip (20,000), speed_limit (4,000 of ring, 2,000 of ring-64),
    write_error (20,000), adc_bits (5,000), dac_ranges (1,000), letters (3,000),
    digits (900, 300 a chip), guidance (2,000), letters_noise (1,000),
    conditional_claims (4,000), corners (10,000), lifetime and trims (2,000), device
    (10,000 of ring, a 20th of ring-64, a 1,000th of digits), memory."""
    num_chips: int | None = None
    """Of default_chip (20), scale_error (10), speed_limit and adc_bits (6), write_error
    (24), dac_ranges (2), lifetime and trims (4), letters (10), digits (5), guidance
    (3), letters_noise and conditional_claims (8), distributed
    (1,000); rows with wires or noise of ngspice_check (5)."""
    readme: bool = False
    """Write the table of support and the figure of the crossover into docs."""
    presets: tuple[str, ...] = ("ring", "ring-64")
    """Presets of default_chip, dac_ranges, speed_limit and lifetime; of cells_per_layer
    (also digits); of corners and trims, which take ring-64 by default."""
    out: pathlib.Path = RESULTS
    """Folder for NAME.json."""


def main(args: list[str] | None = None) -> int:
    """The exit status of the command line `args`: 2 where nothing could be run."""
    options = tyro.cli(Options, prog="python -m benchmarks", args=args)
    if options.list or options.name is None:
        width = max(map(len, BENCHMARKS))
        for name, (what, time, one_core) in BENCHMARKS.items():
            cores = "one core" if one_core else "all cores"
            print(f"{name:{width}}  {what} ({time}, {cores})")
        return 0
    if options.name not in BENCHMARKS:
        names = ", ".join(BENCHMARKS)
        print(f"no benchmark `{options.name}`; there are {names}.", file=sys.stderr)
        return 2
    if BENCHMARKS[options.name].one_core:
        pin_to_one_core()
    script = importlib.import_module(f"{__package__}.{options.name}")
    before = os.getloadavg()[0]
    try:
        rows, extra = script.rows(options)
    except CannotRun as error:
        print(error, file=sys.stderr)
        return 2
    words = sys.argv[1:] if args is None else args
    result = Result(
        options.name,
        script.RIVAL,
        num_cores(),
        shlex.join(["python", "-m", "benchmarks", *words]),
        (before, os.getloadavg()[0]),
        rows,
        extra,
    )
    print(table(rows))
    print(f"\nload {before:.2f} before, {result.load[1]:.2f} after")
    print(f"wrote {result.write(options.out)}")
    return result.status


if __name__ == "__main__":
    sys.exit(main())
