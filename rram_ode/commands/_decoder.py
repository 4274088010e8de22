"""Pictures that the chip itself decodes: their images, what they take, and how near."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .._core._units import format_quantity
from ..datasets.pictures import AbstractPictures
from ..decoder import AnalogDecoder, Decoded
from ..energy import EnergyEstimate
from ..latents import LatentPictures
from ..system import (
    ANALOG,
    decoding_of,
    find_picture_judge,
    NUM_SLOW,
    Repeat,
    Run,
    System,
)
from ._pictures import told
from ._tables import print_table, print_text


class OnChip(NamedTuple):
    """What the decoder of a chip made of a run.

    Args:
        images: Pictures of the first repeat.
        judged: Those of all repeats, as far as they are judged.
        report: For the report.
    """

    images: np.ndarray
    judged: np.ndarray
    report: dict[str, Any]


def has_analog_decoder(system: System) -> bool:
    """Whether the chip decodes its own samples."""
    return system.config.decoder.circuit == ANALOG


def not_counted(system: System) -> tuple[str, ...]:
    """What the joules of a sample leave out of decoding, for the notes of a report."""
    if not isinstance(system.dataset, LatentPictures):
        return ()
    if has_analog_decoder(system):
        return (
            "joules, power, area and programming of the decoder on the chip are not in "
            "this table; its own table has them, but for the programming",
        )
    return ("the digital decoder of the latents is not counted",)


def decode_on_chip(
    system: System,
    seed: int,
    repeats: Sequence[Repeat],
    runs: Sequence[Run],
    extra: int,
    solve: EnergyEstimate,
) -> OnChip:
    """Decode the samples of a chip by the decoder on its die, at their own lab time.

    Args:
        system: With an analog decoder.
        seed: Seed of the chip.
        repeats: Repeats of the run, with the number of their first sample.
        runs: What the chip made of them.
        extra: Number of samples of each that are judged.
        solve: Energy of a solve.
    """
    decoder = system.program_decoder(seed)
    found = _decode(decoder, repeats, runs)
    judged = np.concatenate([each.images[:extra] for each in found])
    states = np.concatenate([run.x[:extra] for run in runs])
    digital = _digital(system, states)
    report = decoding_of(system.config, decoder, found[0]).report
    report |= {
        "solve_energy_j": float(solve.energy),
        "energy_over_solve": report["energy_j"] / float(solve.energy),
        **_apart(judged, digital, states),
    }
    judge = find_picture_judge(system.config)
    assert judge is not None  # of pictures
    num_blocks = NUM_SLOW * len(runs)
    asked = [run.labels[:extra] for run in runs if run.labels is not None]
    labels = np.concatenate(asked) if asked else None
    beside = judge.compare(judged, digital, labels=labels, num_blocks=num_blocks)
    report["beside_digital_decode"] = {k: d.as_dict() for k, d in beside.items()}
    return OnChip(found[0].images, judged, report)


def decode_apart(
    system: System, seed: int, repeats: Sequence[Repeat], runs: Sequence[Run]
) -> dict[str, float]:
    """How far the pictures of another chip's own decoder are from a digital decode.

    Args:
        system: With an analog decoder.
        seed: Seed of the chip.
        repeats: Repeats of the run.
        runs: What the chip made of them.
    """
    found = _decode(system.program_decoder(seed), repeats, runs)
    images = np.concatenate([each.images for each in found])
    states = np.concatenate([run.x for run in runs])
    return _apart(images, _digital(system, states), states)


def _decode(
    decoder: AnalogDecoder, repeats: Sequence[Repeat], runs: Sequence[Run]
) -> list[Decoded]:
    return [
        decoder.decode(run.x, first=each.first)
        for each, run in zip(repeats, runs, strict=True)
    ]


def _digital(system: System, states: np.ndarray) -> np.ndarray:
    """Pictures of the digital decoder."""
    assert isinstance(system.dataset, AbstractPictures)  # as `System` requires
    return system.dataset.to_images(states)


def _apart(
    images: np.ndarray, digital: np.ndarray, states: np.ndarray
) -> dict[str, float]:
    """Differences of pixels, of the pictures whose states are finite."""
    apart = (images - digital)[np.isfinite(states).all(axis=1)]
    return {
        "rms_of_digital_decode": float(np.sqrt(np.mean(apart**2))),
        "largest_difference": float(np.max(np.abs(apart))),
    }


def print_decoder(report: dict[str, Any]) -> None:
    """A table of what the decoder took; nothing where decoding is digital."""
    if "decoder" not in report:
        return
    found = report["decoder"]
    rows = [
        ("time of a decode", format_quantity(found["time_s"], "s", 3)),
        ("energy", format_quantity(found["energy_j"], "J", 3)),
        ("energy over that of the solve", f"{found['energy_over_solve']:.2f}"),
        ("area", f"{1e6 * found['area_m2']:.3g} mm^2"),
        ("cells, op-amps, reads", "{cells}, {op_amps}, {reads}".format(**found)),
        ("rms difference of pixels", f"{found['rms_of_digital_decode']:.2g}"),
        ("values that are clipped", f"{max(found['clipped']):.2%}"),
    ]
    others = [chip for chip in report["chips"] if "decoder" in chip]
    rows += [
        (
            f"rms difference of pixels, chip {chip['chip_seed']}",
            f"{chip['decoder']['rms_of_digital_decode']:.2g}",
        )
        for chip in others
    ]
    print_table(rows, ("decoder on the chip", "value"))
    if others:
        print_text(
            f"Pictures and their verdicts are those of chip {report['chip_seed']}, "
            "as are the joules."
        )
    for note in found["notes"]:
        print_text(f"Decoder: {note}.")
    for kind, verdict in found["beside_digital_decode"].items():
        print_text(
            f"Beside the digital decode of the same samples, by {kind}: "
            f"{told(verdict)}."
        )
