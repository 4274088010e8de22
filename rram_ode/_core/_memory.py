"""The memory of this computer."""

import os


def physical_memory() -> int | None:
    """Bytes of memory of this computer, or `None` where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def require_memory(name: str, value: int, bytes_each: int, kept: str) -> None:
    """Refuse a number of what this computer can in no case hold.

    Args:
        name: Name of the number.
        value: The number.
        bytes_each: Bytes that each takes, at least.
        kept: What they are, in words.

    Raises:
        ValueError: If they take more than the memory; the text says what would fit.
    """
    memory = physical_memory()
    if memory is None or value * bytes_each <= memory:
        return
    raise ValueError(
        f"`{name}` = {value} keeps {value * bytes_each // 10**9} GB of {kept}, and "
        f"this computer has {memory // 10**9} GB: take {memory // bytes_each} or fewer."
    )
