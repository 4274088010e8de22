"""Handwritten letters h, k and u in the latent space of an autoencoder.

The paper's conditional task (arXiv 2404.05648), on other letters than the paper's. The
autoencoder is that of `python -m rram_ode.train letters-vae`.
"""

import dataclasses

from ..config import override_all, RunConfig
from ._ring import fresh_ring
from ._ring_64 import fresh_ring_64
from ._whole_chip import ring_64


CLASSES = 3  # h, k and u


def letters() -> RunConfig:
    """The run of `letters`: a network that was trained on chips as `ring-64` was.

    What their age hides was off in training: `python -m rram_ode.train letters
    --set cell.write.factor=0 --set cell.read.flicker.slope=0`.
    """
    return _on(ring_64(), "letters")


def letters_analog_decoder() -> RunConfig:
    """The run of `letters-analog-decoder`: the chip of `letters` decodes, too."""
    return override_all(
        letters(),
        {
            "decoder.circuit": "analog",
            "decoder.injection": 1e-15,
            "decoder.injection_std": 0.1e-15,
            "decoder.leakage": 1e-12,
        },
    )


def fresh_letters() -> RunConfig:
    """The run of `letters-fresh`, with the chip and the training of `ring-64-fresh`."""
    return _on(fresh_ring_64(), "letters-fresh")


def fresh_letters_14() -> RunConfig:
    """The run of `letters-14-fresh`: the paper's 2-14-14-2 and its factor on beta.

    The factor, 1.7, and starts of N(0, I) are the best of a grid by the digital flow's
    distance to the test letters (the paper's code takes 1.5).
    """
    base = _on(fresh_ring(), "letters-14-fresh")
    solve = dataclasses.replace(base.solve, beta_factor=1.7, start_std=1.0)
    return dataclasses.replace(base, solve=solve)


def _on(base: RunConfig, checkpoint: str) -> RunConfig:
    """The run of `base` with a conditional network and the letters as data."""
    network = dataclasses.replace(base.network, classes=CLASSES)
    return dataclasses.replace(
        base, data="letters", checkpoint=checkpoint, network=network
    )
