"""What a user holds: a configuration made live, its chips and its samples."""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from .._core._types import Times
from ..chip import Blueprint, Chip, WrittenCells
from ..config import RunConfig
from ..datasets import AbstractDataset
from ..decoder import AnalogDecoder
from ..energy import ArrayPower, CONSTANTS, EnergyEstimate, nominals, Values
from ..formats import IntegerFormat
from ..loop import AbstractLoop
from ..presets import find_preset
from ..samplers import AbstractDigitalSampler
from ..sdes import AbstractProcess, Prior
from ..training import Checkpoint
from ..views import AbstractViewed
from ._ageing import draw_run
from ._asked import require_dim, require_judgeable, require_number, require_one_chip
from ._data import draw_data
from ._decoding import program_decoder
from ._energy import energy_model, require_op_amps
from ._judgement import judge_samples, Judgement
from ._keys import chip_key, data_key, FRESH, JUDGING, run_key
from ._run import combine, DigitalRun, Piece, Run
from ._run_labels import run_labels
from ._store import Store
from ._twin import run_twin
from ._views import view_system
from ._yardstick import find_yardstick, Yardstick
from .build import (
    build_blueprint,
    build_checkpoint,
    build_classes,
    build_identity,
    build_loop_of,
    build_sampler,
    find_dataset,
    find_teacher,
    override,
    require_decoder,
)


@dataclasses.dataclass(frozen=True, repr=False)
class System(AbstractViewed):
    """A network, the kind of chip that holds it, and the loop around the chip.

    Make one with `from_preset` or `from_config`; `replace` gives another one with other
    settings. All settings have the names of `--set`, and `rr.knobs` lists them.

    Attributes:
        config: All settings.
        dataset: What the network generates: all classes, or that of `solve.label`.
        checkpoint: The trained network and its record.
        blueprint: What all chips of this system are programmed from.
        chip_loop: The circuit around a chip, whose `solve(chip, x1, key=key)` JAX maps.
        prior: Where solves start, and the classes that samples are asked for.
        sampler: The digital sampler beside the chip.
        process: What the digital sampler integrates.
        sampler_name: The sampler that was asked for; `None` for the default.
        teacher: The network whose flow is solved if `checkpoint` leads (`train.lead`).

    Example:
        >>> import rram_ode as rr
        >>> system = rr.System.from_preset("ring-fresh", {"solve.duration": "10us"})
        >>> run = system.sample(system.program(seed=3), 16, seed=0)
        >>> run.x.shape, system.config.solve.duration
        ((16, 2), 1e-05)
    """

    config: RunConfig
    dataset: AbstractDataset
    checkpoint: Checkpoint
    blueprint: Blueprint
    chip_loop: AbstractLoop
    prior: Prior
    sampler: AbstractDigitalSampler
    process: AbstractProcess
    sampler_name: str | None = None
    teacher: Checkpoint | None = None

    @staticmethod
    def from_preset(
        name: str = "ring",
        settings: Mapping[str, Any] | None = None,
        *,
        sampler: str | None = None,
    ) -> "System":
        """The system of a preset, with other values for some settings.

        Args:
            name: One of `rr.list_presets()`.
            settings: Values by dotted name: text as for `--set`, with a unit if you
                like, or plain values in SI base units.
            sampler: Digital sampler; `None` takes Heun's, of an SDE Euler-Maruyama.

        Raises:
            ValueError: If a name does not exist, or a value does not suit.
        """
        config = override(find_preset(name), settings or {})
        return System.from_config(config, sampler=sampler)

    @staticmethod
    def from_config(config: RunConfig, *, sampler: str | None = None) -> "System":
        """The system that `config` describes; everything wrong with it is refused."""
        dataset, checkpoint = find_dataset(config), build_checkpoint(config)
        require_dim(config.data, dataset.dim, checkpoint.score.dim)
        require_decoder(config, dataset)
        asked = build_classes(config.solve.label, dataset, checkpoint.score)
        identity = build_identity(config, checkpoint.record)
        blueprint = build_blueprint(config, checkpoint, identity)
        loop = build_loop_of(config, checkpoint, blueprint)
        return System(
            config,
            asked.dataset,
            checkpoint,
            blueprint,
            loop,
            Prior(config.solve.start_std, asked.classes),
            *build_sampler(config, checkpoint.sde, sampler),
            sampler_name=sampler,
            teacher=find_teacher(config, checkpoint),
        )

    def replace(self, settings: Mapping[str, Any]) -> "System":
        """This system with other values for some settings, as in `from_preset`.

        Chips of this system do not fit the other one: program them anew. The same seed
        gives the same die.
        """
        config = override(self.config, settings)
        return System.from_config(config, sampler=self.sampler_name)

    def program(
        self, seed: int = 0, *, cells: WrittenCells | None = None, trim: bool = True
    ) -> Chip:
        """One die: the chip with this seed; `cells`, if given, replace its own.

        With `trim` it has the trims of `trim.*`; without, it is as fabricated.
        """
        return self.blueprint.program(chip_key(seed), cells=cells, trim=trim)

    def program_decoder(self, seed: int = 0) -> AnalogDecoder:
        """The decoder on the die with this seed, where `decoder.circuit` is analog."""
        return program_decoder(self.config, self.dataset, seed)

    def loop_of(self, chip: Chip) -> AbstractLoop:
        """The circuit around `chip`, at the clock that its trims gave it."""
        if chip.clock is None:
            return self.chip_loop
        return build_loop_of(self.config, self.checkpoint, self.blueprint, chip)

    def program_many(self, seeds: Iterable[int]) -> Chip:
        """A batch of chips, one for each seed: one chip with a leading axis.

        `rr.chip_at(chips, n)` takes one out; `rr.draw_population` samples all.
        """
        if not (keys := [chip_key(seed) for seed in seeds]):
            raise ValueError("`seeds` must hold one seed or more; got none.")
        return self.blueprint.program_many(jnp.stack(keys))

    def sample(
        self,
        chip: Chip,
        num_samples: int,
        *,
        seed: int = 0,
        first: int = 0,
        store: Store | None = None,
        progress: Callable[[int], object] = lambda num: None,
    ) -> Run:
        """Samples of `chip` with their energy, and what was seen of its nodes.

        Sample i runs at lab time (first + i) (duration + reset). Another run from the
        same `first` meets the same read noise; with `cell.ageing` the chip ages.

        Args:
            chip: A chip of this system.
            num_samples: How many.
            seed: Seed of starts and of injected noise.
            first: Number of the first sample.
            store: Keeps what is done, so that a killed run goes on.
            progress: Told the number of samples of each chunk; `rr.progress` is a bar.

        Raises:
            ValueError: If the chip is none of this system's, or no sample is finite.
        """
        require_number(num_samples, self.dataset.dim)
        require_one_chip(chip)
        loop = self.loop_of(chip)
        require_op_amps(self.config, loop, chip)
        pieces = [] if store is None else store.load()
        progress(done := sum(piece.num for piece in pieces))
        key = run_key(seed)
        for trajectory in draw_run(self, chip, num_samples, key, first, done):
            pieces.append(Piece.of(trajectory))
            progress(pieces[-1].num)
            if store is not None:
                store.save(pieces)
        piece = combine(pieces)
        piece.require_finite()
        model = self.energy_model(chip, piece.array_power)
        classes = run_labels(self.prior, piece.num, key=key, first=first)
        return Run(piece, model(nominals(CONSTANTS)), classes)

    def sample_digital(
        self,
        num_samples: int,
        *,
        seed: int = 0,
        first: int = 0,
        ts: Times | None = None,
        form: IntegerFormat | None = None,
    ) -> DigitalRun:
        """Samples of the digital sampler from the starts of `sample`.

        Args:
            num_samples: How many.
            seed: Seed of starts, and of a stochastic sampler's noise.
            first: Number of the first sample.
            ts: Falling diffusion times; `None` takes those of the chip's solve.
            form: Integer format of the network and the state; `None` is floating point.
        """
        require_number(num_samples, self.dataset.dim)
        if ts is None:
            ts = self.chip_loop.diffusion_times(self.config.solve.num_steps)
        return run_twin(
            self.sampler,
            self.process,
            self.twin,
            ts,
            num_samples,
            key=run_key(seed),
            prior=self.prior,
            first=first,
            form=form,
            config=self.config,
        )

    def energy_model(
        self, chip: Chip, seen: ArrayPower, row: str | None = None
    ) -> Callable[[Values], EnergyEstimate]:
        """Energy of one sample by part, as a function of the constants' values.

        Args:
            chip: The hardware.
            seen: What a run saw of the chip's arrays, `run.array_power`.
            row: `board` or `integrated`; `None` takes that of `power.row`.
        """
        return energy_model(self.config, self.loop_of(chip), chip, seen, row)

    def check(self, chip: Chip) -> float:
        """The largest multiplier factor of `chip`, as `chip_loop.check`.

        Raises:
            ValueError: If the circuit cannot be, or leaves out a noise that matters.
        """
        loop = self.loop_of(chip)
        require_op_amps(self.config, loop, chip)
        return loop.check(chip)

    def data(
        self, num_samples: int, *, seed: int = 0, stream: int = 0, split: str = "test"
    ) -> np.ndarray:
        """Data, `(num_samples, dim)`, fresh for each `stream`; see `draw_data`."""
        require_number(num_samples, self.dataset.dim)
        return draw_data(self.dataset, num_samples, split, key=data_key(seed, stream))

    @property
    def twin(self) -> Checkpoint:
        """The network of the digital twin: what the loop solves, without its delay."""
        return self.teacher or self.checkpoint

    @property
    def yardstick(self) -> Yardstick:
        """What samples of this system's data set are measured with."""
        return find_yardstick(self.config)

    def judge(self, x: np.ndarray, *, seed: int = 0) -> Judgement:
        """How near samples come to fresh data, with intervals, beside fresh data.

        Args:
            x: Samples, `(num, dim)`, four or more, in the order of lab time.
            seed: Seed of the data.

        Raises:
            ValueError: If there are fewer than four samples, or none is finite.
        """
        require_judgeable(x)
        fresh = self.data(len(x), seed=seed, stream=FRESH, split="train")
        data = self.data(len(x), seed=seed, stream=JUDGING)
        return judge_samples(np.asarray(x), data, fresh, self.yardstick)

    _view = view_system
