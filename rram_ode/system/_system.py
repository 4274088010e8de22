"""One run: the analog machine and its digital twin on the same problem."""

import dataclasses
import pathlib
from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np

from .._core._streams import SeedStream
from .._core._types import Key, Times
from ..chip import Blueprint, Chip, Design, WrittenCells
from ..config import RunConfig
from ..datasets import AbstractDataset, DATASETS
from ..loop import draw, Loop
from ..metrics import Interval, interval, Quality, quality
from ..samplers import AbstractDigitalSampler, DIGITAL_SAMPLERS, draw_digital
from ..sdes import AbstractProcess, AbstractSDE, Prior, VPSDE
from ..training import (
    Checkpoint,
    load_checkpoint,
    require_no_beta,
    shipped_checkpoint,
    shipped_names,
)
from ._run import AnalogRun, combine, NUM_OBSERVED
from ._store import Store
from .build import build_design, build_identity, build_loop


JUDGED = 20_000


NUM_SEEDS = 3


@dataclasses.dataclass(frozen=True)
class System:
    """Everything that a run needs, built from its configuration."""

    config: RunConfig
    dataset: AbstractDataset
    checkpoint: Checkpoint
    design: Design
    loop: Loop
    sampler: AbstractDigitalSampler
    process: AbstractProcess

    def chip(self, seed: int, cells: WrittenCells | None = None) -> Chip:
        """The chip with this seed; with `cells` in the place of those it would have."""
        return self.blueprint.program(chip_key(seed), cells=cells)

    def write(self, seed: int) -> WrittenCells:
        """The cells of the chip with this seed."""
        return self.blueprint.write(chip_key(seed))

    def stuck(self, seed: int) -> WrittenCells:
        """What the cells of the chip with this seed are stuck at; NaN if they move."""
        return self.blueprint.stuck(chip_key(seed))

    @property
    def blueprint(self) -> Blueprint:
        """What all chips of this system are made from."""
        return Blueprint(
            self.checkpoint.score,
            self.design,
            self.checkpoint.ranges,
            self.loop.identity,
        )


def assemble(config: RunConfig, sampler: str | None) -> System:
    """The live objects of `config`; everything that can be refused is refused here."""
    if config.data not in DATASETS:
        raise ValueError(
            f"no data set `{config.data}`; there are {', '.join(DATASETS)}."
        )
    dataset, checkpoint = DATASETS[config.data](), find_checkpoint(config)
    if dataset.dim != checkpoint.score.dim:
        raise ValueError(
            f"the data `{config.data}` have dim {dataset.dim}, but the checkpoint's "
            f"network has dim {checkpoint.score.dim}: `data` and `checkpoint` must be "
            "of one dimension."
        )
    sde = checkpoint.sde
    _check_betas(config, sde)
    design = build_design(config)
    identity = build_identity(config, checkpoint.record)
    loop = build_loop(config, sde, design.cell.read, identity=identity)
    default = "heun" if config.solve.process == "probability-flow" else "euler-maruyama"
    name = sampler or default
    if name not in DIGITAL_SAMPLERS:
        raise ValueError(
            f"no sampler `{name}`; there are {', '.join(DIGITAL_SAMPLERS)}."
        )
    method = DIGITAL_SAMPLERS[name]()
    process = method.process_along(sde, config.solve.beta_factor)
    method.check(process)
    return System(config, dataset, checkpoint, design, loop, method, process)


def _check_betas(config: RunConfig, sde: AbstractSDE) -> None:
    """Refuse betas that are not those of the training."""
    if not isinstance(sde, VPSDE):
        require_no_beta(config.sde)
        return
    trained = {"beta_min": float(sde.beta_min), "beta_max": float(sde.beta_max)}
    for name, value in trained.items():
        if not np.isclose(value, getattr(config.sde, name), rtol=1e-5, atol=0):
            raise ValueError(
                f"`sde.{name}` is {getattr(config.sde, name):g}, but the checkpoint "
                f"was trained with {value:g}: it acts on training alone."
            )


def find_checkpoint(config: RunConfig) -> Checkpoint:
    """The shipped checkpoint of this name, or the folder at this path."""
    name = config.checkpoint
    if name in shipped_names():
        return shipped_checkpoint(name)
    folder = pathlib.Path(name)
    if not folder.exists() and folder.name == name:
        raise ValueError(
            f"there is no shipped checkpoint `{name}`: train one with `python -m "
            f"rram_ode.train {name}`, then add `--checkpoint runs/train-{name}`."
        )
    return load_checkpoint(folder)


def run_analog(
    system: System,
    chip: Chip,
    num_samples: int,
    seed: int,
    *,
    first: int = 0,
    store: Store | None = None,
    progress: Callable[[int], object] = lambda num: None,
) -> AnalogRun:
    """Draw `num_samples` samples of `chip`, from number `first` on.

    Args:
        system: The run.
        chip: The hardware.
        num_samples: How many.
        seed: Of starts and of injected noise.
        first: Number of the first sample; sets its lab time.
        store: Keeps what is done, so that a killed run goes on.
        progress: Told the number of samples of each chunk.

    Raises:
        ValueError: If no sample is finite, with the node that clips most.
    """
    pieces = [] if store is None else store.load()
    done = sum(piece.num for piece in pieces)
    progress(done)
    for trajectory in draw(
        system.loop,
        chip,
        num_samples,
        key=run_key(seed),
        prior=Prior(system.config.solve.start_std),
        first=first,
        skip=done,
        num_observed=NUM_OBSERVED,
    ):
        pieces.append(AnalogRun.of(trajectory))
        progress(pieces[-1].num)
        if store is not None:
            pieces = store.save(pieces)
    run = combine(pieces)
    run.require_finite()
    return run


def run_digital(
    system: System,
    num_samples: int,
    seed: int,
    *,
    first: int = 0,
    ts: Times | None = None,
) -> np.ndarray:
    """The digital twin's samples from the same starts, `(num, dim)`.

    Falls through the diffusion times `ts`, or through those of the loop.
    """
    if ts is None:
        ts = _diffusion_times(system.loop, system.config.solve.num_steps)
    chunks = draw_digital(
        system.sampler,
        system.process,
        system.checkpoint.score,
        ts,
        num_samples,
        key=run_key(seed),
        prior=Prior(system.config.solve.start_std),
        first=first,
    )
    return np.concatenate([np.asarray(x).T for x in chunks])


def run_data(system: System, num_samples: int, seed: int, stream: int) -> np.ndarray:
    """Fresh data; each `stream` of a seed is another draw."""
    key = jr.fold_in(jr.fold_in(jr.key(seed), SeedStream.DATA), stream)
    return np.asarray(system.dataset.sample(num_samples, key=key))


def judge(pairs: list[tuple[np.ndarray, np.ndarray]]) -> tuple[Quality, dict]:
    """The quality of the first pair, and intervals over all pairs (fresh seeds).

    A metric that the dimension of the points does not have is `None`, without interval.
    """
    each = [quality(samples, data) for samples, data in pairs]
    values = [q.as_dict() for q in each]
    intervals: dict[str, Interval] = {}
    for name in values[0]:
        numbers = [x for v in values if (x := v[name]) is not None]
        is_share = name in ("outside_fraction", "non_finite_fraction")
        if numbers and not is_share and name != "num_samples":
            intervals[name] = interval(numbers)
    return each[0], {name: i._asdict() for name, i in intervals.items()}


@eqx.filter_jit
def _diffusion_times(loop: Loop, num_steps: int) -> Times:
    """The loop's own grid; where its steps adapt, `num_steps` even ones."""
    grid = loop.grid if loop.tolerance is None else jnp.linspace(0, 1, num_steps + 1)
    return loop.schedule(grid * loop.clock.duration, loop.clock.duration)


def run_key(seed: int) -> Key:
    """Of the starts and the injected noise of a run."""
    return jr.fold_in(jr.key(seed), SeedStream.RUN)


def chip_key(seed: int) -> Key:
    """Of the chip with this seed."""
    return jr.fold_in(jr.key(seed), SeedStream.CHIP)
