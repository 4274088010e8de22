"""The processor that a figure was measured on, beyond a name like "AMD EPYC"."""

import pathlib
import platform
from typing import Any


# What decides the width of a vector, and whether products and sums are one instruction.
WIDTHS = ("sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_bf16", "neon", "asimd")
CPU_INFO = pathlib.Path("/proc/cpuinfo")
CACHES = pathlib.Path("/sys/devices/system/cpu/cpu0/cache")


def processor() -> dict[str, Any]:
    """Name, family, model, stepping, vector instructions and caches; plain data.

    What this system does not tell is left out.
    """
    said = _cpu_info()
    flags = said.get("flags", said.get("Features", "")).split()
    found: dict[str, Any] = {
        "machine": platform.machine(),
        "name": said.get("model name", platform.machine()),
    }
    for ours, theirs in {
        "vendor": "vendor_id",
        "family": "cpu family",
        "model": "model",
        "stepping": "stepping",
    }.items():
        if theirs in said:
            found[ours] = said[theirs]
    return {
        **found,
        "vectors": [flag for flag in WIDTHS if flag in flags],
        "caches": _caches(),
    }


def _cpu_info() -> dict[str, str]:
    """The lines of the first core."""
    try:
        first, *_ = CPU_INFO.read_text().split("\n\n")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _caches() -> dict[str, str]:
    """Size by level and kind, as the first core sees them."""
    found = {}
    for folder in sorted(CACHES.glob("index*")):
        read = lambda name, at=folder: (at / name).read_text().strip()
        try:
            found[f"L{read('level')} {read('type').lower()}"] = read("size")
        except OSError:
            continue
    return found
