"""The judge of pictures: real ones pass, and each way of cheating is seen."""

import dataclasses
import json

import numpy as np
import pytest
from rram_ode.datasets.pictures import blur, load_digits, load_letters
from rram_ode.readers import shipped_reader
from rram_ode.system import judge_pictures, PictureJudge


@pytest.fixture(scope="module")
def judge():
    splits = load_digits()
    return PictureJudge.of(splits, shipped_reader(splits.test))


@pytest.fixture(scope="module")
def fresh():
    """Real pictures that no part holds: neighbours of `train`, half way between two."""
    train = load_digits().train
    return train.take(np.random.default_rng(0).permutation(len(train))[:500])


def test_real_pictures_pass(judge, fresh):
    found = judge.judge(fresh.images, fresh.labels)
    assert found.recall.balanced.low > 0.95
    assert found.pixels.difference.verdict == "equal"
    assert found.features.difference.verdict == "equal"
    assert abs(found.pixels.samples.value - found.pixels.floor.value) < 0.02
    assert found.frechet == pytest.approx(found.real_frechet, rel=0.3)
    for one, other in zip(found.manifolds, found.real_manifolds, strict=True):
        assert abs(one - other) < 0.12
    assert found.memorised.verdict == "memorised"  # they are the training pictures
    assert found.num_equal == found.num_data == 382


def test_test_pictures_are_no_copies(judge):
    test = load_digits().test
    found = judge.judge(test.images, test.labels)
    assert found.memorised.verdict == "nothing memorised"
    assert found.recall == found.real_recall
    held_out = load_digits().held_out
    other = judge.judge(held_out.images, held_out.labels)
    assert other.memorised.verdict == "nearer to held-out data"


def test_half_a_pixel_of_blur_is_one(judge, fresh):
    found = judge.judge(blur(fresh.images, 0.5), fresh.labels)
    # Beside it, the training pictures lie apart from the test pictures, too.
    assert found.pixels.samples.value == pytest.approx(1, abs=0.1)
    assert 0.7 < found.features.samples.value < 3
    assert found.pixels.difference.verdict == "worse"


def test_a_collapsed_sampler_is_read_right_and_scores_badly(judge, fresh):
    """All samples of a class are its mean picture."""
    means = np.array([fresh.images[fresh.labels == k].mean(axis=0) for k in range(10)])
    found = judge.judge(means[fresh.labels], fresh.labels)
    assert found.recall.balanced.mean > 0.95  # recall alone would let it pass
    assert found.pixels.difference.is_beyond
    assert found.features.difference.verdict == "worse"
    assert found.manifolds.recall < 0.1 * found.real_manifolds.recall
    assert found.frechet > 2 * found.real_frechet


def test_wrong_classes_are_seen_by_recall_alone(judge, fresh):
    wrong = np.where(fresh.labels == 3, 5, fresh.labels)
    found = judge.judge(fresh.images, wrong)
    assert found.recall.classes[5].high < 0.7
    assert found.recall.classes[3] is None
    assert found.recall.classes[2].mean > 0.95


def test_noise_is_worse(judge, fresh):
    noise = 0.15 * np.random.default_rng(0).normal(size=fresh.images.shape)
    found = judge.judge(fresh.images + noise, fresh.labels)
    assert found.pixels.samples.low > found.pixels.floor.high
    assert found.manifolds.precision < found.real_manifolds.precision
    verdicts = judge.compare(fresh.images + 4 * noise, fresh.images)
    assert verdicts["pixels"].verdict == verdicts["features"].verdict == "worse"


def test_one_class_is_compared_with_its_own(judge):
    three = load_digits().train.of_class("3")
    found = judge.judge(three.images, three.labels)
    assert found.num_data == 39
    assert [c is None for c in found.recall.classes] == [k != 3 for k in range(10)]
    assert found.recall.balanced == pytest.approx(found.recall.classes[3])
    assert found.pixels.difference.verdict in ("equal", "undecided")
    unlabelled = judge.judge(three.images, np.full(len(three), -1))
    assert unlabelled.recall is None
    # Beside all classes they lie apart.
    assert unlabelled.pixels.samples.low > found.pixels.samples.high


def test_pictures_that_are_not_finite_count_as_wrong(judge, fresh):
    images = fresh.images.astype(float)
    images[::2] = np.nan
    found = judge.judge(images, fresh.labels)
    assert found.non_finite == 250
    assert found.recall.balanced.mean < 0.6
    assert found.pixels.difference.verdict == "worse"
    assert judge.compare(images, fresh.images)["pixels"].verdict == "worse"


def test_the_table_and_the_report(judge, fresh):
    found = judge.judge(fresh.images[:30], fresh.labels[:30])
    assert found.frechet is None  # 30 pictures do not tell 32 features' covariance
    text = str(found)
    assert max(map(len, text.splitlines())) <= 80
    for words in ("mean of classes", "half a pixel of blur", "held-out pictures, dist"):
        assert words in text
    report = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert report["pixels"]["difference"]["verdict"] in text
    assert report["recall"]["balanced_accuracy"][0] == found.recall.balanced.mean
    assert report["memorised"]["verdict"] in text


def test_what_does_not_fit_is_refused(judge, fresh):
    with pytest.raises(ValueError, match=r"must be \(num, 8, 8\) with as many labels"):
        judge.judge(fresh.images[:, :7], fresh.labels)
    with pytest.raises(ValueError, match="which is no class, to 9; got 9 to 18"):
        judge.judge(fresh.images, fresh.labels + 9)
    with pytest.raises(ValueError, match="from -1, which is no class, to 9; got -2"):
        judge.judge(fresh.images, fresh.labels - 2)
    with pytest.raises(ValueError, match="5 finite pictures or more; got 0 of 500"):
        judge.judge(np.full((500, 8, 8), np.nan), fresh.labels)
    letters = load_letters()
    with pytest.raises(ValueError, match="must be 8 x 8 pixels"):
        judge_pictures(fresh.images, fresh.labels, letters, judge.reader)


def test_the_order_of_real_pictures_does_not_matter(judge, fresh):
    """In blocks of one class each, pictures would count as apart from themselves."""
    train = judge.splits.train
    by_class = train.take(np.argsort(train.labels, kind="stable"))
    sorted_judge = dataclasses.replace(
        judge, splits=judge.splits._replace(train=by_class)
    )
    one, other = (
        each.judge(fresh.images, fresh.labels).features.difference
        for each in (judge, sorted_judge)
    )
    assert abs(one.value - other.value) < 0.2 * one.delta
    assert other.verdict == "equal"


def test_one_class_of_a_chip_is_compared_with_its_own(judge):
    """Threes beside threes of which half became eights; the mutant has all classes.

    Against test pictures of all classes, other digits among threes are nearer.
    """
    splits = load_digits()
    three, eight = (splits.train.of_class(name).images for name in "38")
    num = min(len(three), len(eight))
    mixed = np.concatenate([three[: num - num // 2], eight[: num // 2]])
    labels = np.full(num, 3)
    against = lambda labels: judge.compare(
        mixed, three[:num], labels=labels, num_blocks=None
    )["features"]
    assert against(labels).verdict == "worse"
    assert against(None).verdict == "better"
