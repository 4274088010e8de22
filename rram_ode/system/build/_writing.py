"""What writing the cells takes, and how many never come within write-verify."""

import dataclasses
import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.special import erf

from ..._core._streams import CellStream
from ...config import CellConfig
from ...devices import ConductanceRange, SumNoise
from ...energy import Programming
from ._cell import measured_device, write_laws


NUM_TARGETS = 65


HALF = 0.5  # of the variance of a try: more is the device's


FAULT_MAP = 2.0  # pulses: each cell is driven to both ends of its range and read


@dataclasses.dataclass(frozen=True)
class Verified:
    """How write-verify ends, as a mean over the range of targets.

    Args:
        tries: Number of tries for a cell.
        is_pulse: Whether a try is one pulse. It is not where its error is mostly that
            of the device's own law, which holds after the device's write-verify.
        open_fraction: Share of the cells that no pulse brings within the acceptance:
            they keep what the last one left.
    """

    tries: float
    is_pulse: bool
    open_fraction: float


def build_programming(config: CellConfig) -> Programming:
    """What writing the cells takes; the device as it is before it ages."""
    top, spread, _ = _spread_of(config)
    verified = find_verified(config)
    return Programming(
        float(spread.mean()) / top,
        config.levels,
        1.0 if verified is None else verified.tries,
        verified is not None and verified.is_pulse,
        FAULT_MAP if config.stuck.remap else 0.0,
    )


def find_verified(config: CellConfig) -> Verified | None:
    """How `cell.write.verify` ends; `None` where there is no write-verify."""
    write = config.write
    if write.verify is None:
        return None
    _, spread, own = _spread_of(config)
    # The mean of a geometric number that is cut at `max_pulses`.
    with np.errstate(divide="ignore"):
        ratio = write.verify / (math.sqrt(2) * spread)
    misses = 1 - erf(np.nan_to_num(ratio, nan=0.0, posinf=np.inf))
    powers = misses[:, None] ** np.arange(write.max_pulses)
    return Verified(
        float(np.mean(np.sum(powers, axis=1))),
        bool(np.mean(own**2) < HALF * np.mean(spread**2)),
        float(np.mean(misses**write.max_pulses)),
    )


def _spread_of(config: CellConfig) -> tuple[float, np.ndarray, np.ndarray]:
    """The largest conductance, the spread of one try at targets, the device's own."""
    device = measured_device(dataclasses.replace(config, age=None))
    laws = write_laws(config.write, device)
    own = [law for stream, law in laws.items() if stream == CellStream.DEVICE_WRITE]
    spread, of_device = (
        np.asarray(_spread(SumNoise(tuple(found)), device.range), float)
        if found
        else np.zeros(NUM_TARGETS)
        for found in (list(laws.values()), own)
    )
    return float(device.range.g_max), spread, of_device


@eqx.filter_jit
def _spread(law: SumNoise, over: ConductanceRange) -> Float[Array, " targets"]:
    """Spread of the write noise at targets over a range, in siemens."""
    return law.spread(jnp.linspace(over.g_min, over.g_max, NUM_TARGETS))
