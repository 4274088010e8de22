import dataclasses
import re

import jax.numpy as jnp
import numpy as np
import PIL.Image
import pytest
import scipy.ndimage
from rram_ode.datasets import pictures
from rram_ode.datasets.pictures import (
    blur,
    crop_centre,
    drop_copies,
    find_label,
    hold_out,
    LabelledImages,
    load_digits,
    load_letters,
    prepare_glyphs,
    resize,
    split_in_order,
    split_official,
    to_images,
    to_states,
)
from rram_ode.datasets.pictures._shipped import read_shipped
from rram_ode.datasets.pictures._splits import split_by
from scipy.spatial.distance import cdist


LOADERS = (load_letters, load_digits)


def make(images, labels=None, classes=("a", "b"), split="all"):
    labels = np.arange(len(images)) % len(classes) if labels is None else labels
    return LabelledImages(images, np.asarray(labels), classes, "a test", split)


def noise(num, *shape, seed=0):
    return np.random.default_rng(seed).random((num, *shape), np.float32)


def num_shared(one, other):
    """The number of images of `other` that `one` has, too."""
    rows = {tuple(image.ravel()) for image in one.images}
    return sum(tuple(image.ravel()) in rows for image in other.images)


def bitmaps():
    """The letters' 16 x 8 bitmaps, and the word, copy and letter of each."""
    arrays = read_shipped("letters.npz")
    word = np.cumsum(np.diff(arrays["copy"].astype(int), prepend=0) < 0)
    ink = np.unpackbits(arrays["bits"], axis=1).reshape(-1, 16, 8)
    return ink, word, arrays


# The shipped tables.


def test_the_letters_are_those_of_the_source():
    ink, _, arrays = bitmaps()
    letter, number = np.unique(arrays["letter"], return_counts=True)
    assert dict(zip(letter.tolist(), number.tolist(), strict=True)) == {
        7: 861,
        10: 909,
        20: 2_562,
    }
    assert len(ink) == 4_332
    assert sum(map(len, load_letters())) == len(np.unique(arrays["bits"], axis=0))


def test_the_digits_are_those_of_the_source():
    # Class counts of optdigits.tes in optdigits.names of the UCI repository.
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount(read_shipped("digits.npz")["digit"]).tolist() == counts
    parts = [list(part.counts().values()) for part in load_digits()]
    assert np.sum(parts, axis=0).tolist() == counts


@pytest.mark.parametrize("load", LOADERS)
def test_the_documented_numbers_are_those_of_the_parts(load):
    rows = re.findall(r"\| (train|held-out|test) \| (.*) \|", load.__doc__)
    documented = {
        name: [int(n.replace(",", "")) for n in numbers.split(" | ")]
        for name, numbers in rows
    }
    assert documented == {p.split: list(p.counts().values()) for p in load()}


@pytest.mark.parametrize(("load", "size"), [(load_letters, 12), (load_digits, 8)])
def test_shipped_images_are_pictures(load, size):
    for part in load():
        assert part.shape == (size, size)
        assert part.images.min() == 0
        assert part.images.max() > 0.98
        assert (part.images.max(axis=(1, 2)) > 0.5).all()
        assert part.states().shape == (size**2, len(part))


@pytest.mark.parametrize("load", LOADERS)
def test_no_image_has_a_copy_in_another_part(load):
    """Nor one that is equal but for rounding."""
    train, held_out, test = load()
    for one, other in ((train, held_out), (train, test), (held_out, test)):
        assert num_shared(one, other) == 0
        assert cdist(one.states().T, other.states().T).min() > 0.05


def test_without_dropping_copies_the_letters_have_some():
    """The check above fails for the same split of all letters, copies included."""
    ink, _, arrays = bitmaps()
    labels = np.searchsorted([7, 10, 20], arrays["letter"])
    every = make(prepare_glyphs(ink, 12), labels, ("h", "k", "u"))
    place = (arrays["copy"] + 0.5) / arrays["copies"]
    train, held_out, test = split_by(every, place > 0.8)
    assert num_shared(train, held_out) > 0
    assert num_shared(train, test) > 0


def test_copies_of_a_word_follow_one_order_of_writers():
    """Slants correlate between words, unless the copies are shuffled."""
    ink, word, arrays = bitmaps()
    row, col = np.arange(16) - 7.5, np.arange(8)
    weight = ink.sum(axis=(1, 2))
    row_mean = ink.sum(axis=2) @ row / weight
    apart = row - row_mean[:, None]
    slant = ((ink @ col) * apart).sum(axis=1) / ((ink.sum(axis=2)) * apart**2).sum(1)

    def agreement(rng):
        profiles = []
        for each in range(word.max() + 1):
            inside = word == each
            values, copy = slant[inside], arrays["copy"][inside].astype(int)
            copies = int(arrays["copies"][inside][0])
            order = np.arange(copies) if rng is None else rng.permutation(copies)
            profiles.append(
                scipy.ndimage.mean(values, order[copy] * 12 // copies, np.arange(12))
            )
        pairs = np.corrcoef(profiles)
        return pairs[np.triu_indices(len(pairs), 1)].mean()

    rng = np.random.default_rng(0)
    shuffled = [agreement(rng) for _ in range(20)]
    assert agreement(None) > 0.3
    assert abs(np.mean(shuffled)) < 0.05
    assert agreement(None) > np.mean(shuffled) + 10 * np.std(shuffled)


def test_forms_of_digits_are_of_different_hands():
    arrays = read_shipped("digits.npz")
    starts = [0, 130, 256, 386, 516, 646, 776, 906, 1029, 1157, 1287, 1415, 1545, 1667]
    form = np.searchsorted(starts, np.arange(1_797), "right") - 1
    apart = cdist(arrays["counts"], arrays["counts"])
    apart[arrays["digit"][:, None] != arrays["digit"]] = np.inf
    np.fill_diagonal(apart, np.inf)
    nearest = form[apart.argmin(axis=1)]
    share = np.array([np.bincount(nearest[form == f], minlength=14) for f in range(14)])
    share = share / share.sum(axis=1, keepdims=True)
    others = share - np.diag(np.diag(share))
    assert (np.diag(share) > 2 * others.max(axis=1)).all()
    assert abs((nearest == form).mean() - 0.54) < 0.005
    # A form begins where the test does: three runs of the ten digits.
    test = load_digits().test
    assert test.labels[:30].tolist() == 3 * list(range(10))
    assert len(test) == 1_797 - 1_415


@pytest.mark.parametrize("load", LOADERS)
def test_held_out_images_are_like_those_of_the_training(load):
    """Images of other hands lie as often nearer to either of two equal halves."""
    train, held_out, test = load()
    rng = np.random.default_rng(0)
    rows = [
        rng.choice(np.flatnonzero(train.labels == label), number, replace=False)
        for label, number in enumerate(held_out.counts().values())
    ]
    half = train.take(np.concatenate(rows))
    near = [
        cdist(test.states().T, part.states().T).min(axis=1) for part in (half, held_out)
    ]
    share = np.mean(near[0] < near[1])
    assert abs(share - 0.5) < 3 * 0.5 / np.sqrt(len(test))


# Sizes and edges.


def test_box_resize_is_the_mean_over_equal_parts():
    """By repeating each pixel 12 times and averaging blocks of the square's side."""
    ink = bitmaps()[0][::200]
    for bitmap, image in zip(ink, prepare_glyphs(ink, 12, blur_std=0.0), strict=True):
        rows, cols = (np.flatnonzero(bitmap.any(axis=axis)) for axis in (1, 0))
        glyph = bitmap[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        side = max(glyph.shape)
        fine = np.kron(glyph, np.ones((24, 24)))  # even, so that margins are equal
        top, left = ((24 * side - n) // 2 for n in fine.shape)
        square = np.pad(
            fine,
            [
                (top, 24 * side - len(fine) - top),
                (left, 24 * side - fine.shape[1] - left),
            ],
        )
        blocks = square.reshape(12, 2 * side, 12, 2 * side).mean(axis=(1, 3))
        assert np.allclose(image, blocks, atol=1e-6)


def test_a_glyph_is_prepared_alike_wherever_it_stands():
    glyph = noise(1, 6, 5)[0] > 0.4
    glyph[0, 0] = glyph[-1, -1] = True
    many = np.zeros((4, 16, 16), bool)
    for page, (top, left) in zip(many, [(0, 0), (10, 11), (3, 4), (0, 7)], strict=True):
        page[top : top + 6, left : left + 5] = glyph
    images = prepare_glyphs(many, 12)
    assert np.allclose(images[1:], images[:1], atol=1e-6)
    turned = prepare_glyphs(many.transpose(0, 2, 1), 12)
    assert np.allclose(turned, images.transpose(0, 2, 1), atol=1e-6)


def test_a_bar_of_ink_is_centred():
    """Four of 16 pixels are three of 12, from 4.5 to 7.5."""
    bar = np.zeros((1, 16, 8))
    bar[0, :, 1:5] = 1
    image = prepare_glyphs(bar, 12, blur_std=0.0)[0]
    row = [0, 0, 0, 0, 0.5, 1, 1, 0.5, 0, 0, 0, 0]
    assert np.allclose(image, np.tile(row, (12, 1)))


def test_a_bitmap_without_ink_is_refused():
    with pytest.raises(ValueError, match="must have ink; number 1 has none. Drop it"):
        prepare_glyphs(np.stack([np.ones((3, 3)), np.zeros((3, 3))]), 12)


@pytest.mark.parametrize("std", [0.3, 0.5, 1.5])
def test_blur_is_that_of_scipy(std):
    images = noise(3, 9, 7).astype(float)
    expected = scipy.ndimage.gaussian_filter(
        images, (0, std, std), mode="constant", truncate=8
    )
    assert np.allclose(blur(images, std), expected, atol=1e-6)


def test_blur_of_nothing_is_exact():
    images = noise(3, 9, 7)
    assert blur(images, 0.0) is images
    with pytest.raises(ValueError, match="`std` must be 0 or more, in pixels; got -1"):
        blur(images, -1.0)


@pytest.mark.parametrize("size", [14, 12, 28, 40, 1])
def test_resize_is_that_of_pillow(size):
    """Pillow's bilinear filter is the triangle that torchvision copied."""
    images = noise(2, 28, 20)
    expected = []
    for image in images:
        small = PIL.Image.fromarray(image).resize(
            (size, size), PIL.Image.Resampling.BILINEAR
        )
        expected.append(np.frombuffer(small.tobytes(), np.float32).reshape(size, size))
    assert np.allclose(resize(images, size), expected, atol=1e-5)


def test_half_the_size_weighs_neighbours_by_1_3_3_1():
    point = np.zeros((1, 28, 28), np.float32)
    point[0, 11, 14] = 1
    row, col = np.zeros((2, 14))
    row[[5, 6]] = 3 / 8, 1 / 8
    col[[6, 7]] = 1 / 8, 3 / 8
    assert np.allclose(resize(point, 14)[0], np.outer(row, col), atol=1e-7)


def test_crop_centre():
    images = noise(2, 14, 14)
    assert np.array_equal(crop_centre(images, 12), images[:, 1:13, 1:13])
    assert np.array_equal(crop_centre(images, 14), images)
    with pytest.raises(ValueError, match="`size` must be from 1 to 14.* got 15"):
        crop_centre(images, 15)
    with pytest.raises(ValueError, match="`size` must be 1 pixel or more; got 0"):
        resize(images, 0)


# Labelled images and their states.


def test_states_come_back_as_images():
    images = noise(5, 3, 4)
    states = make(images).states()
    assert states.shape == (12, 5)
    assert states.dtype == jnp.result_type(float)
    assert np.allclose(states[:, 2], 2 * images[2].ravel() - 1)
    assert np.allclose(to_images(states, (3, 4)), images)
    assert (to_images(2 * to_states(np.ones((1, 3, 4))), (3, 4)) == 1.5).all()
    with pytest.raises(ValueError, match="must have 20 rows .* 5 x 4 pixels; got 12"):
        to_images(states, (5, 4))


def test_classes_and_rows():
    data = make(noise(7, 3, 3), [0, 1, 1, 0, 1, 1, 1], ("h", "k", "u"))
    assert len(data) == 7
    assert data.dim == 9
    assert data.counts() == {"h": 2, "k": 5, "u": 0}
    k = data.of_class("k")
    assert np.array_equal(k.images, data.images[[1, 2, 4, 5, 6]])
    assert (k.labels == 1).all()
    assert data.take(np.array([3, 0]), "some").split == "some"
    with pytest.raises(ValueError, match="no image of the class `u` .*'h': 2, 'k': 5"):
        data.of_class("u")


def test_a_label_that_does_not_exist_lists_those_that_do():
    assert find_label("u", ("h", "k", "u")) == 2
    with pytest.raises(ValueError, match="must be one of h, k, u; got `q`"):
        find_label("q", ("h", "k", "u"))
    with pytest.raises(ValueError, match="must be one of 0, 1, .*, 9; got `10`"):
        load_digits().test.of_class("10")


def test_the_parts_have_names():
    assert load_letters().part("held-out") is load_letters().held_out
    with pytest.raises(ValueError, match="one of train, held-out, test; got `all`"):
        load_letters().part("all")


def test_arrays_cannot_be_written_to():
    data = load_letters().train
    for values in (data.images, data.labels):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.split = "test"  # pyright: ignore[reportAttributeAccessIssue]


def test_images_of_another_size_are_refused():
    load_digits().test.check_shape(8, 8)
    with pytest.raises(ValueError, match="must be 12 x 12 pixels; .* are 8 x 8. Res"):
        load_digits().test.check_shape(12, 12)


GOOD = np.full((2, 3, 3), 0.5)


@pytest.mark.parametrize(
    ("images", "labels", "classes", "message"),
    [
        (GOOD[0], [0, 1], "ab", r"the shape \(number, height, width\).* got \(3, 3\)"),
        (GOOD[:0], [], "ab", r"none of them 0; got \(0, 3, 3\)"),
        (GOOD.astype(int), [0, 1], "ab", "must be floats .*; got int64. Divide"),
        (GOOD + 0.6, [0, 1], "ab", "18 values do not, such as 1.1. Divide"),
        (GOOD - 0.6, [0, 1], "ab", "18 values do not, such as -0.1. Divide"),
        (np.where(np.eye(3), np.nan, GOOD), [0, 1], "ab", "6 values do not, such as n"),
        (np.where(np.eye(3), np.inf, GOOD), [0, 1], "ab", "6 values do not, such as i"),
        (GOOD, [0], "ab", "one for each image; got 1 labels and 2 images"),
        (GOOD, [0.0, 1.0], "ab", "must be whole numbers .* got float64"),
        (GOOD, [[0], [1]], "ab", r"of the shape \(number,\); got .* \(2, 1\)"),
        (GOOD, [0, 2], "ab", r"must be one of 0 \(a\), 1 \(b\); got 2"),
        (GOOD, [0, -1], "ab", r"must be one of 0 \(a\), 1 \(b\); got -1"),
        (GOOD, [0, 0], "aa", "must be different names"),
        (GOOD, [0, 0], "", "must be different names, one or more"),
    ],
)
def test_refusals(images, labels, classes, message):
    labels = np.array(labels) if labels else np.zeros(0, int)
    with pytest.raises(ValueError, match=message):
        LabelledImages(images, labels, tuple(classes), "a test", "all")


# Parts.


def test_copies_are_dropped_whatever_their_labels():
    images = noise(6, 3, 3).copy()
    images[3], images[5] = images[0], images[1]
    images[2, 0, 0] = 0
    images[4] = images[2]
    images[4, 0, 0] = -0.0
    data = make(images, [0, 0, 0, 0, 1, 1])
    assert np.array_equal(drop_copies(data).images, images[:3])
    other = make(images[:2], [1, 1])
    assert np.array_equal(drop_copies(data, [other]).images, images[2:3])
    with pytest.raises(ValueError, match="every image of the part `all` of a test"):
        drop_copies(other, [data])


def test_an_official_split_loses_its_copies():
    images = noise(42, 2, 2)
    train = make(np.concatenate([images[:30], images[:10]]), split="train")
    test = make(images[20:], split="test")
    splits = split_official(train, test)
    assert [len(part) for part in splits] == [24, 6, 12]
    assert [part.split for part in splits] == list(pictures.SPLITS)
    assert num_shared(splits.train, splits.test) == 0
    assert num_shared(train, test) > 0
    assert np.array_equal(splits.test.images, images[30:])
    with pytest.raises(ValueError, match="`images` must be 2 x 2 pixels"):
        split_official(train, make(noise(9, 3, 3)))
    with pytest.raises(ValueError, match="the classes of `train`; got b, a and a, b"):
        split_official(train, make(images, classes=("b", "a")))


def test_one_in_five_of_each_class_is_held_out():
    data = make(noise(100, 2, 2), np.repeat([1, 0], [20, 80]))
    train, held_out = hold_out(data)
    assert (train.counts(), held_out.counts()) == (
        {"a": 64, "b": 16},
        {"a": 16, "b": 4},
    )
    assert num_shared(train, held_out) == 0
    assert np.array_equal(held_out.images[0], data.images[4])
    with pytest.raises(ValueError, match="5 images or more, .*{'a': 4, 'b': 4}"):
        hold_out(make(noise(8, 2, 2)))


def test_the_end_of_a_file_is_for_tests():
    images = noise(110, 2, 2).copy()
    images[100:] = images[:10]
    splits = split_in_order(make(images))
    assert [len(part) for part in splits] == [64, 16, 20]
    assert np.array_equal(splits.test.images, images[80:100])
    with pytest.raises(
        ValueError, match="to train on and to test with.*'a': 1, 'b': 1"
    ):
        split_in_order(make(noise(2, 2, 2)))
