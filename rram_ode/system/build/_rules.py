"""What a user names rules what a preset has: a checkpoint's record, a device's laws."""

from collections.abc import Collection, Mapping
from typing import Any

from ...config import override_all, RunConfig
from ._device_rules import follow_device
from ._record_rules import follow_record, Ruled


def follow(config: RunConfig, given: Collection[str]) -> Ruled:
    """`config` as the checkpoint and the device that a user names have it.

    Args:
        config: All settings.
        given: Dotted names of the settings that the user gave.

    Raises:
        ValueError: If a record or a file of measurements cannot be read.
        OSError: If there is no such file.
    """
    network = follow_record(config, given)
    device = follow_device(network.config, given)
    return Ruled(device.config, network.notes + device.notes)


def override(config: RunConfig, settings: Mapping[str, Any]) -> RunConfig:
    """`config` with other values for some settings, and what `follow` then changes.

    Raises:
        ValueError: If a name does not exist, or a value does not suit.
        OSError: If there is no file of measurements.
    """
    return follow(override_all(config, settings), settings).config
