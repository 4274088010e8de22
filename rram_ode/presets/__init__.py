"""Configurations by name: one file a system."""

from ..config import RunConfig
from ._digits import digits as digits, fresh_digits as fresh_digits
from ._letters import (
    fresh_letters as fresh_letters,
    fresh_letters_14 as fresh_letters_14,
    letters as letters,
    letters_analog_decoder as letters_analog_decoder,
)
from ._modes import modes as modes
from ._ring import fresh_ring as fresh_ring
from ._ring_64 import fresh_ring_64 as fresh_ring_64
from ._ring_board import ring_board as ring_board
from ._ring_flow import ring_flow as ring_flow
from ._robust import ring_64_robust as ring_64_robust, ring_robust as ring_robust
from ._shapes import shape as shape
from ._whole_chip import (
    ring as ring,
    ring_64 as ring_64,
    whole_chip as whole_chip,
)


PRESETS: dict[str, tuple[RunConfig, str]] = {
    "ring": (ring(), "the paper's 2-14-14-2 network on a whole chip, a day old"),
    "ring-ideal": (
        fresh_ring(fidelity="ideal"),
        "the network of ring with every error off",
    ),
    "ring-64": (ring_64(), "2-64-64-2, trained for a whole chip: 8 cells a weight"),
    "ring-fresh": (
        fresh_ring(),
        "the network of ring, just written on a typical die, without trims",
    ),
    "ring-64-fresh": (
        fresh_ring_64(),
        "2-64-64-2, trained without chips, just written on a typical die",
    ),
    "ring-board": (ring_board(), "the paper's board: 1 s a solve, DACs at 200 Hz"),
    "ring-flow": (ring_flow(), "2-64-64-2, flow matching: a velocity, no schedule"),
    "ring-robust": (ring_robust(), "2-14-14-2, trained on chips with 1 uS write error"),
    "ring-64-robust": (
        ring_64_robust(),
        "2-64-64-2, trained on chips with 1 uS write error",
    ),
    "modes-7": (modes(7), "seven modes, each a class; the chip of ring-64"),
    "modes-9": (modes(9), "nine modes, each a class; the chip of ring-64"),
    "letters": (
        letters(),
        "letters h, k, u in a latent space, 2-64-64-2, trained for a whole chip",
    ),
    "letters-analog-decoder": (
        letters_analog_decoder(),
        "the chip of letters, and on the same die a decoder of its latents",
    ),
    "letters-fresh": (
        fresh_letters(),
        "the same trained without chips, just written on a typical die",
    ),
    "letters-14-fresh": (
        fresh_letters_14(),
        "letters with the paper's 2-14-14-2, just written on a typical die",
    ),
    "digits": (
        digits(),
        "8 x 8 digits by class on a whole chip of tiles of 128 x 128 cells",
    ),
    "digits-fresh": (
        fresh_digits(),
        "8 x 8 digits by class, 64-256-256-64 in pixels, trained without chips",
    ),
    "moons": (shape("moons"), "two half circles (train it first)"),
    "eight-gaussians": (shape("eight-gaussians"), "eight modes (train it first)"),
    "checkerboard": (shape("checkerboard"), "eight squares (train it first)"),
    "spiral": (shape("spiral"), "one arm (train it first)"),
}


# Networks that no chip here holds: `compare` alone takes them.
WITHOUT_CHIP = {
    "attention": "attention among 64 patches of discs and crosses, without a chip"
}


def find_preset(name: str) -> RunConfig:
    """The configuration of a preset.

    Raises:
        ValueError: If there is none of this name, with the names that there are; or it
            has no chip.
    """
    if name in WITHOUT_CHIP:
        raise ValueError(
            f"`{name}` has no chip to run; `python -m rram_ode.compare {name}` tries "
            "published techniques on its network."
        )
    if name not in PRESETS:
        raise ValueError(
            f"no preset `{name}`; there are {', '.join(PRESETS)}, and for `compare` "
            f"alone {', '.join(WITHOUT_CHIP)}."
        )
    return PRESETS[name][0]


def list_presets() -> tuple[str, ...]:
    """The names of all presets, for `rr.System.from_preset`.

    Example:
        >>> import rram_ode as rr
        >>> "ring" in rr.list_presets()
        True
    """
    return tuple(PRESETS)
