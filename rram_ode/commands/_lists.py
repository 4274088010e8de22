"""Lists that command lines print: presets and settings."""

import collections

from .._core._versions import versions
from ..config import RunConfig
from ..presets import PRESETS, WITHOUT_CHIP
from ._tables import print_entries, print_table, print_text


def is_without_chip(name: str) -> bool:
    """Whether `name` is a preset that `compare` alone takes."""
    return name in WITHOUT_CHIP


def print_presets() -> None:
    """Print the name of every preset and what it is."""
    print_table(
        [*((name, text) for name, (_, text) in PRESETS.items()), *WITHOUT_CHIP.items()],
        ("preset", "what"),
    )


def print_trainable() -> None:
    """Print the name of everything that `train` makes, and what it is."""
    print_table(list(_trainable().items()), ("name", "what"))


def require_trainable(name: str) -> None:
    """Raise a `ValueError` that lists all names if `train` makes nothing of `name`."""
    if name not in (known := _trainable()):
        raise ValueError(f"no preset `{name}`; there are {', '.join(known)}.")


def _trainable() -> dict[str, str]:
    """Presets, and the networks beside them, with what they are."""
    from ..readers import READERS
    from ..training import PICTURE_NETWORKS
    from ._train_latents import AUTOENCODERS

    return {
        **{name: text for name, (_, text) in PRESETS.items()},
        **{name: f"the autoencoder of `{of}`" for name, of in AUTOENCODERS.items()},
        **dict.fromkeys(READERS, "a reader, which judges pictures"),
        **{
            name: f"{own.what}; without a chip"
            for name, own in PICTURE_NETWORKS.items()
        },
    }


def print_versions() -> None:
    """Print the versions of the software that decides the numbers."""
    for name, number in versions().items():
        print(name, number)


def print_knobs(config: RunConfig) -> None:
    """Print every setting: value, when it is drawn, role, price, source."""
    from ..system import knobs

    entries = []
    for knob in knobs(config):
        texts = [knob.help]
        pays = f"; pays: {knob.pays}" if knob.pays else ""
        texts.append(f"Role: {knob.role}{pays}.")
        if knob.combines:
            texts.append(f"Combines with: {knob.combines}.")
        if knob.source:
            texts.append(f"Source: {knob.source}.")
        entries.append(((knob.name, knob.text, knob.when), texts))
    print_entries(entries)


def print_errors(config: RunConfig) -> None:
    """Print every effect on the whole chip: on, off, or neglected, with its size."""
    from ..system import error_table, SMALL

    table = error_table(config)
    counts = collections.Counter(line.state for line in table.lines)
    entries = []
    for line in table.lines:
        texts = [f"{line.value}."]
        if line.why:
            reason = line.why[0].upper() + line.why[1:]
            neglected = line.state == "neglected"  # may begin with a setting's name
            texts.append(f"Reason: {line.why}." if neglected else f"{reason}.")
        texts.append(f"Source: {line.source}.")
        entries.append(((line.state, line.name), texts))
    print_text(
        "\nEverything on the chip that is on, off (with what would turn it on) or "
        "neglected (with its size):"
    )
    print_entries(entries)
    if table.stand_in is not None:
        print_text(
            f"Sizes are those with the network of {table.stand_in}: there is no "
            f"checkpoint `{config.checkpoint}` yet."
        )
    print_text(
        f"{counts['on']} on, {counts['off']} off, {counts['neglected']} neglected. "
        f"All that is neglected moves x by {table.moves:.2g} (rms, taken as "
        f"independent); each alone may move it by {SMALL:g}."
    )
