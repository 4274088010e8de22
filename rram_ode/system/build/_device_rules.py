"""A device without a law of drift rules the age of its chips: they have none."""

from collections.abc import Collection
from typing import Any

from ...config import read, replace, replace_all, RunConfig
from ...devices import AbstractConductanceDrift, has_age
from ._cell import measured_device
from ._measurements import find_fit
from ._record_rules import Ruled


DEVICES = ("cell.device", "cell.measurements")


def follow_device(config: RunConfig, given: Collection[str]) -> Ruled:
    """`config` without the ageing of its preset, where a user's device has no such law.

    A preset of a whole chip ages by the law of its own device. Where a user names
    another device, what that one does not have is off, but for the settings that the
    user names, too; those are refused later.

    Args:
        config: All settings.
        given: Dotted names of the settings that the user gave.

    Raises:
        ValueError: If a file of measurements cannot be read.
        OSError: If there is no such file.
    """
    cell = config.cell
    named = [name for name in DEVICES if name in given and read(config, name)]
    if not named or cell.drift.law != "device" or not cell.age:
        return Ruled(config, ())
    off: dict[str, Any] = {"cell.ageing": None, "cell.drift.disturb": 0.0}
    if (found := find_fit(cell)) is not None:
        if any(isinstance(e, AbstractConductanceDrift) for e in found.cell.errors):
            return Ruled(config, ())
        off["cell.age"] = None
    elif not has_age(cell.device):
        off["cell.age"] = None
    elif _drifts(config):
        return Ruled(config, ())
    stops = {n: v for n, v in off.items() if n not in given and read(config, n) != v}
    if not stops:
        return Ruled(config, ())
    source = f"`{cell.measurements or cell.device}`"
    said = ", ".join(f"{name}={value}" for name, value in stops.items())
    note = (
        f"{source} has no law of drift at every age, so that its chips do not age as "
        f"those of the preset: taken with {said}; `cell.drift.law=power-law` gives it "
        "a law."
    )
    return Ruled(replace_all(config, stops), (note,))


def _drifts(config: RunConfig) -> bool:
    """Whether the device has a law at every age."""
    fresh = replace(config, "cell.age", 1.0).cell
    laws = measured_device(fresh).errors
    return any(isinstance(law, AbstractConductanceDrift) for law in laws)
