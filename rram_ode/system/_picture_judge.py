"""The judge of pictures: read right, near to real ones, varied, and no copies."""

import dataclasses

import numpy as np
from jaxtyping import Float, Int

from ..datasets.pictures import blur, LabelledImages, Splits
from ..metrics import (
    class_recall,
    Difference,
    frechet,
    memorised,
    precision_recall,
)
from ..readers import TrainedReader
from ._picture_judgement import Compared, PictureJudgement
from ._yardstick import finite_yardstick, NUM_SLOW, Yardstick


BLUR, ACCEPTED = 0.5, "half a pixel of blur"  # pixels, assumed, as of `PixelPictures`


FEWEST = 5  # pictures of which precision and recall are defined


_SEED = 0  # of the order of real pictures, of which the first are taken


AnyImages = Float[np.ndarray, "num height width"]


AnyLabels = Int[np.ndarray, " num"]


@dataclasses.dataclass(frozen=True)
class PictureJudge:
    """What pictures of one set are judged by, made once; `of` makes it.

    Args:
        splits: Real pictures.
        reader: What reads pictures, trained on none that is compared.
        pixels: Yardstick of pixels.
        features: Yardstick of the reader's features.

    Example:
        >>> import rram_ode as rr
        >>> from rram_ode.readers import shipped_reader
        >>> splits = rr.load_letters()
        >>> judge = rr.PictureJudge.of(splits, shipped_reader(splits.train))
        >>> real = splits.test.of_class("k")
        >>> found = judge.judge(real.images, real.labels, num_blocks=None)
        >>> str(found.pixels.difference.verdict), str(found.memorised.verdict)
        ('equal', 'nothing memorised')
    """

    splits: Splits
    reader: TrainedReader
    pixels: Yardstick
    features: Yardstick

    @staticmethod
    def of(splits: Splits, reader: TrainedReader) -> "PictureJudge":
        """The judge of pictures such as `splits`.

        Raises:
            ValueError: If the reader reads other classes or another size.
        """
        shape, classes = tuple(reader.record["shape"]), splits.train.classes
        splits.train.check_shape(*shape)
        if reader.classes != classes:
            raise ValueError(
                f"the reader knows the classes {', '.join(reader.classes)}; the "
                f"pictures have {', '.join(classes)}. Train one for them."
            )
        train, held_out = splits.train.images, splits.held_out.images
        blurred, features = blur(train, BLUR), reader.reader.features
        return PictureJudge(
            splits,
            reader,
            *(
                finite_yardstick(of(held_out), of(train), of(blurred), ACCEPTED)
                for of in (_states, features)
            ),
        )

    def judge(
        self, images: AnyImages, labels: AnyLabels, *, num_blocks: int | None = NUM_SLOW
    ) -> PictureJudgement:
        """Judge generated pictures.

        Args:
            images: Brightness, `(num, height, width)`, in the order of lab time; real
                ones lie within [0, 1].
            labels: The class that each was asked for, -1 for none, `(num,)`.
            num_blocks: Number of blocks of lab time; `None` for independent pictures.

        Raises:
            ValueError: If shapes do not fit, or fewer than five pictures are finite.
        """
        images, labels = np.asarray(images, float), np.asarray(labels)
        finite = self._check(images, labels)
        read = np.full(len(images), -1)
        read[finite] = self.reader.reader.read(images[finite])
        asked = labels >= 0
        num_classes = len(self.reader.classes)
        recall = None
        if asked.any():
            recall = class_recall(labels[asked], read[asked], num_classes)
        kept = self._kept(labels)
        train, held_out, test = (_of_classes(part, kept) for part in self.splits)
        features = self.reader.reader.features
        own = np.full((len(images), self.features.kernel.dim), np.nan)
        own[finite] = features(images[finite])
        others = features(train.images), features(test.images)
        num = min(int(finite.sum()), len(train), len(test))
        first = own[finite][:num]
        rng = np.random.default_rng(_SEED)
        fresh, data = (x[rng.permutation(len(x))[:num]] for x in others)
        has_frechet = num > first.shape[1]
        pixels = _states(train.images), _states(test.images)
        return PictureJudgement(
            self.reader.classes,
            len(images),
            len(test),
            int(np.sum(~finite)),
            recall,
            class_recall(
                test.labels, self.reader.reader.read(test.images), num_classes
            ),
            _compare(self.pixels, _states(images), *pixels, num_blocks),
            _compare(self.features, own, *others, num_blocks),
            num,
            precision_recall(first, data) if num >= FEWEST else None,
            precision_recall(fresh, data) if num >= FEWEST else None,
            frechet(first, data) if has_frechet else None,
            frechet(fresh, data) if has_frechet else None,
            memorised(
                _states(images[finite]),
                _states(train.images),
                _states(held_out.images),
            ),
            self.reader.record["trained_on"],
            ACCEPTED,
        )

    def compare(
        self,
        a: AnyImages,
        b: AnyImages,
        *,
        labels: AnyLabels | None = None,
        num_blocks: int | None = NUM_SLOW,
    ) -> dict[str, Difference]:
        """Pictures `a` beside pictures `b`, against the test pictures.

        Args:
            a: Pictures in the order of lab time, such as those of a chip.
            b: Others, such as those of its digital twin from the same starts.
            labels: The class that both were asked for: those of one class alone are
                compared with test pictures of it; `None` for all classes.
            num_blocks: Number of blocks of lab time; `None` for independent pictures.

        Returns:
            Verdicts by `pixels` and by `features`.
        """
        a, b = np.asarray(a, float), np.asarray(b, float)
        kept = np.arange(len(self.reader.classes))
        kept = kept if labels is None else self._kept(labels)
        test = _of_classes(self.splits.test, kept).images.astype(float)
        return {
            name: yardstick.compare(of(a), of(b), of(test), num_blocks)
            for name, yardstick, of in (
                ("pixels", self.pixels, _states),
                ("features", self.features, self._features),
            )
        }

    def _kept(self, labels: AnyLabels) -> np.ndarray:
        """Classes of the real pictures: the one that was asked for alone, or all."""
        found = np.unique(labels)
        is_one = len(found) == 1 and found[0] >= 0
        return found if is_one else np.arange(len(self.reader.classes))

    def _features(self, images: AnyImages) -> np.ndarray:
        finite = np.isfinite(images).all(axis=(1, 2))
        found = np.full((len(images), self.features.kernel.dim), np.nan)
        found[finite] = self.reader.reader.features(images[finite])
        return found

    def _check(self, images: np.ndarray, labels: np.ndarray) -> np.ndarray:
        """Which pictures are finite."""
        shape, num_classes = self.splits.test.shape, len(self.reader.classes)
        if images.ndim != 3 or images.shape[1:] != shape or len(labels) != len(images):
            raise ValueError(
                f"`images` must be (num, {shape[0]}, {shape[1]}) with as many labels; "
                f"got {images.shape} and {len(labels)} labels."
            )
        has_classes = labels.dtype.kind in "iu" and np.all(labels >= -1)
        if not has_classes or np.any(labels >= num_classes):
            raise ValueError(
                f"`labels` must be whole numbers from -1, which is no class, to "
                f"{num_classes - 1}; got {labels.min()} to {labels.max()}."
            )
        finite = np.asarray(np.isfinite(images).all(axis=(1, 2)))
        if finite.sum() < FEWEST:
            raise ValueError(
                f"`images` must hold {FEWEST} finite pictures or more; got "
                f"{finite.sum()} of {len(images)}."
            )
        return finite


def judge_pictures(
    images: AnyImages, labels: AnyLabels, splits: Splits, reader: TrainedReader
) -> PictureJudgement:
    """Judge generated pictures once; for many runs make one `PictureJudge`.

    Args:
        images: Brightness, `(num, height, width)`.
        labels: The class that each was asked for, -1 for none, `(num,)`.
        splits: Real pictures.
        reader: What reads pictures, such as `readers.shipped_reader` gives.
    """
    return PictureJudge.of(splits, reader).judge(images, labels)


def _compare(
    yardstick: Yardstick,
    samples: np.ndarray,
    fresh: np.ndarray,
    data: np.ndarray,
    num_blocks: int | None,
) -> Compared:
    # Blocks are independent only if the pictures are in no order of writers or classes.
    fresh = np.random.default_rng(_SEED).permutation(fresh)
    return Compared(
        yardstick.measure(samples, data, num_blocks),
        yardstick.measure(fresh, data),
        yardstick.compare(samples, fresh, data, num_blocks),
    )


def _of_classes(data: LabelledImages, kept: np.ndarray) -> LabelledImages:
    if len(kept) == len(data.classes):
        return data
    return data.take(np.flatnonzero(np.isin(data.labels, kept)))


def _states(images: np.ndarray) -> np.ndarray:
    """States of pixels, `(num, dim)`, within [-1, 1] for real pictures."""
    return 2 * images.reshape(len(images), -1).astype(float) - 1
