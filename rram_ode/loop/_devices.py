"""The devices that share the chips of a population, of one process or of several."""

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Float


Device = Any  # `jax.Device`, which is a variable to a type checker


@dataclasses.dataclass(frozen=True)
class Devices:
    """Devices in a row, each of which takes a run of a population's chips.

    The first devices take `share` chips each; the last may take fewer or none. With the
    devices of several processes, every process makes the same calls with the same
    arguments, and each gets all results.

    Args:
        members: Devices of JAX.

    Raises:
        ValueError: If none of them belongs to this process.

    Example:
        >>> from rram_ode.loop import Devices
        >>> devices = Devices.all()
        >>> devices.share(7 * len(devices.members))
        7
    """

    members: tuple[Device, ...]

    def __post_init__(self):
        if not self.mine:
            raise ValueError(
                "`members` must hold a device of this process; got "
                f"{list(self.members)}: `Devices.all()` takes those that JAX shows."
            )

    @staticmethod
    def all() -> "Devices":
        """All devices: behind `jax.distributed.initialize`, those of all processes."""
        return Devices(tuple(jax.devices()))

    @staticmethod
    def here() -> "Devices":
        """The devices of this process alone."""
        return Devices(tuple(jax.local_devices()))

    @property
    def mine(self) -> tuple[int, ...]:
        """The places in the row whose devices this process drives."""
        own = jax.process_index()
        return tuple(
            place
            for place, device in enumerate(self.members)
            if device.process_index == own
        )

    def share(self, num: int) -> int:
        """The most of `num` chips that a device takes."""
        return -(-num // len(self.members))

    def run(self, place: int, num: int) -> range:
        """The numbers of those of `num` chips that the device at `place` takes."""
        share = self.share(num)
        return range(min(place * share, num), min((place + 1) * share, num))

    def map(
        self,
        work: Callable[[range, Device], Float[Array, "..."]],
        num: int,
    ) -> Float[Array, "..."]:
        """What `work` makes of each run of `num` chips, on all devices at once.

        Every device has the same program for itself, as if it were the only one: a
        program that XLA partitions for several rounds in another way than that of one.

        Args:
            work: Gets the numbers of the chips, and the device on which its result has
                to be. The result has `share` rows, of which those beyond its chips are
                not used.
            num: How many chips.

        Returns:
            One row a chip.
        """
        on = lambda place: work(self.run(place, num), self.members[place])
        with ThreadPoolExecutor(len(self.mine)) as pool:  # all compile at once, too
            parts = list(pool.map(on, self.mine))
        shape = (self.share(num) * len(self.members), *parts[0].shape[1:])
        along = NamedSharding(self.mesh, PartitionSpec(*self.mesh.axis_names))
        spread = jax.make_array_from_single_device_arrays(shape, along, parts)
        if not spread.is_fully_addressable:
            spread = jnp.asarray(multihost_utils.process_allgather(spread, tiled=True))
        return spread[:num]

    @property
    def mesh(self) -> Mesh:
        """The devices as an axis of chips."""
        return Mesh(np.array(self.members), ("chips",))
