"""Pictures of digital samplers and of chips, judged with targets, and of bad samplers.

A target is a list of a field's name, a bound, a limit, and whether it is met, as that
of a row, beside the value; so the pages say what is missed.
"""

import dataclasses
from typing import Any, NamedTuple

import numpy as np
from rram_ode.config import RunConfig
from rram_ode.datasets.pictures import AbstractPictures
from rram_ode.metrics import class_recall, Difference, Recall
from rram_ode.system import find_picture_judge, NUM_SLOW, PictureJudge, System


WORST_SCORE = 3.0  # standard errors above half, beyond which samples are copies


class Bench(NamedTuple):
    """A system of pictures and what judges them.

    Args:
        system: With pictures as data.
        pictures: Its data.
        judge: What judges the images.
    """

    system: System
    pictures: AbstractPictures
    judge: PictureJudge

    @staticmethod
    def of(config: RunConfig) -> "Bench":
        """The bench of a configuration.

        Raises:
            ValueError: If its data are no pictures.
        """
        system, judge = System.from_config(config), find_picture_judge(config)
        if judge is None or not isinstance(system.dataset, AbstractPictures):
            raise ValueError(
                f"`data` must be pictures; got `{config.data}`: take letters or digits."
            )
        return Bench(system, system.dataset, judge)

    @property
    def names(self) -> tuple[str, ...]:
        """What the classes are called."""
        return self.pictures.class_names

    def part(self, split: str) -> np.ndarray:
        """States of the real pictures of a part, `(num, dim)`, shuffled.

        Blocks of pictures in the order of their file would be of one writer and class,
        and a comparison leaves pairs within a block out.
        """
        return shuffled(np.asarray(self.pictures.part(split)[0], float))

    def digital(self, num: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Samples of the digital sampler and the class of each."""
        run = self.system.sample_digital(num, seed=seed)
        assert run.labels is not None  # all presets of pictures have classes
        return run.x, run.labels

    def recall(self, x: np.ndarray, labels: np.ndarray) -> Recall:
        """How many samples the reader reads as what was asked for."""
        finite = np.isfinite(x).all(axis=1)
        read = np.full(len(x), -1)
        images = self.pictures.to_images(x[finite])
        read[finite] = self.judge.reader.reader.read(images)
        return class_recall(labels, read, len(self.names))

    def judged(
        self, x: np.ndarray, labels: np.ndarray, num_blocks: int | None = None
    ) -> dict[str, Any]:
        """What is known of samples beside real pictures, as plain numbers.

        Distances are those of `states`, `pixels` and `features`, each in its own
        just-noticeable distances. `recall_gap` is the largest difference of a class's
        recall to that of test pictures.
        """
        images = self.pictures.to_images(x)
        judgement = self.judge.judge(images, labels, num_blocks=num_blocks)
        test, train = self.part("test"), self.part("train")
        yardstick = self.system.yardstick
        states = {
            "samples": dataclasses.asdict(yardstick.measure(x, test, num_blocks)),
            "floor": dataclasses.asdict(yardstick.measure(train, test)),
            "difference": yardstick.compare(x, train, test, num_blocks).as_dict(),
        }
        assert judgement.recall is not None  # each sample has a class
        gaps = _gaps(judgement.recall, judgement.real_recall)
        return {
            **judgement.as_dict(),
            "states": states,
            "balanced": judgement.recall.balanced.mean,
            "recall_gap": max(map(abs, gaps.values())),
            "memorised_score": max(judgement.memorised.scores),
        }

    def beside(self, x: np.ndarray, twin: np.ndarray) -> dict[str, Difference]:
        """Samples of a chip beside those of its twin from the same starts, by kind."""
        shown = self.pictures.to_images
        states = self.system.yardstick.compare(x, twin, self.part("test"), NUM_SLOW)
        return {"states": states, **self.judge.compare(shown(x), shown(twin))}

    def bad_samplers(self, labels: np.ndarray) -> dict[str, np.ndarray]:
        """Samples of three samplers that must be found out, as many as `labels`."""
        states, classes = (np.asarray(part) for part in self.pictures.part("train"))
        rng = np.random.default_rng(0)

        def of(asked: np.ndarray) -> np.ndarray:
            """A training picture of each class that was asked for."""
            rows = [rng.choice(np.flatnonzero(classes == label)) for label in asked]
            return states[rows].astype(float)

        num = len(self.names)
        middle = np.stack([states[classes == k].mean(axis=0) for k in range(num)])
        return {
            "one picture a class": middle[labels].astype(float),
            "training pictures": of(labels),
            "the wrong class": of((labels + 1) % num),
        }


def shuffled(rows: np.ndarray) -> np.ndarray:
    """The rows in another order, always the same one."""
    return rows[np.random.default_rng(0).permutation(len(rows))]


def target(value: float, bound: str, limit: float) -> dict[str, Any]:
    """A value with its target, and whether it is met; NaN meets none."""
    met = value <= limit if bound == "<=" else value >= limit
    return {"value": value, "target": ["value", bound, limit, bool(met)]}


def num_missed(targets: dict[str, dict[str, Any]]) -> int:
    """How many targets are missed."""
    return sum(not each["target"][3] for each in targets.values())


def _gaps(ours: Recall, real: Recall) -> dict[int, float]:
    """By how much the recall of each class differs from that of real pictures."""
    pairs = enumerate(zip(ours.classes, real.classes, strict=True))
    return {
        k: one.mean - other.mean
        for k, (one, other) in pairs
        if one is not None and other is not None
    }
