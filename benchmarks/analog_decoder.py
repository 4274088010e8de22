"""The decoder of letters on the die of whole chips, beside the digital decode.

The same latents, those of all test letters, are decoded by each chip and digitally, so
that nothing but the decoder differs. Recall is the reader's; distances are to the test
letters, in just-noticeable ones (half a pixel of blur), less those of the digital
decode. The mutant, a decoder whose columns are not trimmed, must be seen.
"""

from typing import Any

import numpy as np
from rram_ode.config import override_all, RunConfig
from rram_ode.datasets.pictures import AbstractPictures
from rram_ode.metrics import interval
from rram_ode.presets import find_preset
from rram_ode.system import decoding_of, find_picture_judge, System

from ._harness import run
from ._result import Gate, Row


RIVAL = "the digital decode of the same latents"
PRESET = "letters-analog-decoder"
NUM_CHIPS = 5
CASES: dict[str, dict[str, Any]] = {
    "whole chip": {},
    "whole chip, one cell a weight": {"cell.devices_per_weight": 1},
}
MUTANT: dict[str, Any] = {
    "trim.columns": "off",
    "decoder.hold_capacitance": 1e-12,
}
GAP = 0.05  # of recall, as of the chips
FAR = "largest distance of a chip's pictures beyond the digital decode's, in pixels"
SEEN = "largest distance of a chip of small holds without trims of columns"


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """A row for each design, and the mutant's."""
    num_chips = options.num_chips or NUM_CHIPS
    config = find_preset(PRESET)
    found = [
        _row(case, override_all(config, settings), num_chips)
        for case, settings in CASES.items()
    ]
    found.append(_row("mutant: small holds, no trims", override_all(config, MUTANT), 1))
    return found, {"num_chips": num_chips}


def _row(case: str, config: RunConfig, num_chips: int) -> Row:
    system, judge = System.from_config(config), find_picture_judge(config)
    pictures = system.dataset
    assert judge is not None  # of pictures
    assert isinstance(pictures, AbstractPictures)
    x, labels = map(np.asarray, pictures.part("test"))
    digital = pictures.to_images(x)
    wanted = judge.judge(digital, labels, num_blocks=None)
    chips, seconds = [], []
    for seed in range(num_chips):
        decoder = system.program_decoder(seed)
        spent, decoded = run(lambda d=decoder: d.decode(x))
        found = judge.judge(decoded.images, labels, num_blocks=None)
        assert found.recall is not None  # all have a class
        taken = decoding_of(config, decoder, decoded).report
        seconds.append(spent)
        chips.append(
            {
                "recall": found.recall.balanced.mean,
                "pixels": found.pixels.samples.value - wanted.pixels.samples.value,
                "features": found.features.samples.value
                - wanted.features.samples.value,
                "rms": float(np.sqrt(np.mean((decoded.images - digital) ** 2))),
                "joules": taken["energy_j"],
                "area": taken["area_m2"],
                "time": taken["time_s"],
            }
        )
        print(f"{case}, {seed}: {chips[-1]}", flush=True)
    assert wanted.recall is not None
    means = {name: float(np.mean([c[name] for c in chips])) for name in chips[0]}
    spans = {
        name: list(interval([c[name] for c in chips])) if num_chips > 1 else None
        for name in ("recall", "pixels", "features", "rms")
    }
    far = max(abs(c["pixels"]) for c in chips)
    is_mutant = case.startswith("mutant")
    gate = Gate(far, 1.0, SEEN if is_mutant else FAR, at_least=is_mutant)
    gap = means["recall"] - wanted.recall.balanced.mean
    details = {
        "num_chips": num_chips,
        "means": means,
        "spans": spans,
        "digital_recall": wanted.recall.balanced.mean,
        "recall_gap": abs(gap),
        "chips": chips,
    }
    target = None if is_mutant else ("recall_gap", "<=", GAP)
    return Row(case, gate, float(np.median(seconds)), target=target, details=details)
