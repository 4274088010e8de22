import gzip
import io
import os
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from rram_ode._core import _own_files
from rram_ode.datasets.pictures import (
    load_emnist,
    load_mnist,
    load_npz,
    resize,
    split_official,
)


LETTERS = [17, 30, 3, 20, 17, 43, 30]  # H U 3 K H h U in the labels of byclass


def idx(values):
    values = np.asarray(values, np.uint8)
    head = bytes([0, 0, 8, values.ndim]) + struct.pack(
        f">{values.ndim}I", *values.shape
    )
    return head + values.tobytes()


def write(path, data, is_packed):
    if is_packed:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(data))
    else:
        path.write_bytes(data)


def scans(num, side=28, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (num, side, side), np.uint8)


def write_pair(folder, stem, images, labels, is_packed=False):
    write(folder / f"{stem}-images-idx3-ubyte", idx(images), is_packed)
    write(folder / f"{stem}-labels-idx1-ubyte", idx(labels), is_packed)
    return images


def emnist(folder, split="train", labels=LETTERS, **options):
    stem = f"emnist-byclass-{split}"
    return write_pair(folder, stem, scans(len(labels)), labels, **options)


def weigh(image):
    """The authors' preparation, from the definition: 1 3 3 1 over 8, and no border."""
    rows = [
        (image[i - 1] + 3 * image[i] + 3 * image[i + 1] + image[i + 2]) / 8
        for i in range(2, 26, 2)
    ]
    return np.array(rows)


@pytest.mark.parametrize("is_packed", [False, True])
def test_emnist_is_prepared_as_the_paper_did(tmp_path, is_packed):
    images = emnist(tmp_path, is_packed=is_packed)
    data = load_emnist(tmp_path, upright=False)
    assert data.classes == ("H", "K", "U")
    assert data.labels.tolist() == [0, 2, 1, 0, 2]
    assert data.shape == (12, 12)
    assert data.split == "train"
    expected = [weigh(weigh(images[k] / 255).T).T for k in (0, 1, 3, 4, 6)]
    assert np.allclose(data.images, expected, atol=1e-6)
    upright = load_emnist(tmp_path)
    assert np.array_equal(upright.images, data.images.transpose(0, 2, 1))


def test_emnist_in_blocks_is_emnist_at_once(tmp_path, monkeypatch):
    emnist(tmp_path, is_packed=True)
    at_once = load_emnist(tmp_path)
    monkeypatch.setattr("rram_ode.datasets.pictures._idx.BLOCK", 2 * 28 * 28)
    assert np.array_equal(load_emnist(tmp_path).images, at_once.images)


def test_other_letters_and_the_test_part(tmp_path):
    emnist(tmp_path, "test")
    data = load_emnist(tmp_path, "test", letters=("h", "3", "H"))
    assert data.classes == ("h", "3", "H")
    assert data.labels.tolist() == [2, 1, 2, 0]
    assert data.split == "test"
    with pytest.raises(ValueError, match="must be one of 0, 1, .*, Z, a, .*; got `é`"):
        load_emnist(tmp_path, "test", letters=("é",))
    with pytest.raises(ValueError, match="has none of C in its part `test`. Choose"):
        load_emnist(tmp_path, "test", letters=("C",))
    with pytest.raises(ValueError, match="one of train, test, .*; got `held-out`"):
        load_emnist(tmp_path, "held-out")


def test_emnist_that_is_kept_is_what_is_in_memory(tmp_path):
    """Of 20,000 scans (16 MB), of which 3 are taken, no more than blocks are held."""
    labels = np.zeros(20_000, np.uint8)
    labels[[5, 9_000, 19_999]] = 17, 20, 30
    pixels = np.broadcast_to(np.uint8(200), (20_000, 28, 28))
    write_pair(tmp_path, "emnist-byclass-train", pixels, labels, is_packed=True)
    tracemalloc.start()
    assert len(load_emnist(tmp_path)) == 3
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 6e6


@pytest.mark.parametrize("dotted", [False, True])
def test_mnist_as_it_is_and_smaller(tmp_path, dotted):
    labels = [7, 0, 9]
    images = write_pair(tmp_path, "t10k", scans(3), labels, is_packed=not dotted)
    if dotted:
        for path in list(tmp_path.iterdir()):
            path.rename(tmp_path / path.name.replace("-idx", ".idx"))
    data = load_mnist(tmp_path, "test")
    assert data.labels.tolist() == labels
    assert np.array_equal(data.images, images.astype(np.float32) / 255)
    assert np.array_equal(
        load_mnist(tmp_path, "test", size=8).images, resize(data.images, 8)
    )


def test_an_official_split_of_mnist(tmp_path):
    labels = np.arange(20) % 2
    train = write_pair(tmp_path, "train", scans(20), labels)
    write_pair(tmp_path, "t10k", np.concatenate([train[:3], scans(4, seed=1)]), [0] * 7)
    pair = load_mnist(tmp_path, size=8), load_mnist(tmp_path, "test", size=8)
    assert [len(part) for part in split_official(*pair)] == [16, 4, 4]


def test_half_a_pair_is_refused(tmp_path):
    with pytest.raises(
        ValueError, match="no images `train-images-.* nor with `.gz`. P"
    ):
        load_mnist(tmp_path)
    write_pair(tmp_path, "train", scans(3), [1, 2, 3])
    labels = (tmp_path / "train-labels-idx1-ubyte").rename(tmp_path / "kept")
    with pytest.raises(ValueError, match="no labels .* with `.gz`, only the images"):
        load_mnist(tmp_path)
    labels.rename(tmp_path / "train-labels-idx1-ubyte")
    (tmp_path / "train-images-idx3-ubyte").unlink()
    with pytest.raises(ValueError, match="no images .* with `.gz`, only the labels"):
        load_mnist(tmp_path)


def spoilt(num, kind):
    """Bytes of an idx file of `num` images (or their labels) that is not right."""
    right = idx(scans(num))
    return {
        "magic": b"\0\0\x0d\x03" + right[4:],
        "labels": idx([0] * num),
        "empty file": b"",
        "no lengths": right[:9],
        "short": right[:-1],
        "long": right + b"\0",
        "none": idx(np.zeros((0, 28, 28))),
        "huge": right[:4] + struct.pack(">3I", num, 2**20, 2**20) + right[16:],
    }[kind]


@pytest.mark.parametrize("is_packed", [False, True])
@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("magic", "begin with the bytes 00 00 08 03, .* images do; got 00 00 0d 03"),
        ("labels", "begin with the bytes 00 00 08 03, .* images do; got 00 00 08 01"),
        ("empty file", "begin with the bytes 00 00 08 03, .*; got none"),
        ("no lengths", "ends before the lengths of its axes"),
        ("short", "must hold 3 x 784 bytes, as it says; it ends after 2351. Fetch"),
        ("long", "must end after 3 x 784 bytes, as it says; more follow"),
        ("none", r"holds nothing: its axes are \(0, 28, 28\)"),
        ("huge", "must hold at most 1073741824 bytes; it has 3298534883328"),
    ],
)
def test_spoilt_idx_files_are_refused(tmp_path, kind, message, is_packed):
    write_pair(tmp_path, "train", scans(3), [1, 2, 3], is_packed)
    write(tmp_path / "train-images-idx3-ubyte", spoilt(3, kind), is_packed)
    with pytest.raises(ValueError, match=message):
        load_mnist(tmp_path)


def test_spoilt_gzip_files_are_refused(tmp_path):
    write_pair(tmp_path, "train", scans(3), [1, 2, 3], is_packed=True)
    path = tmp_path / "train-images-idx3-ubyte.gz"
    right = path.read_bytes()
    for wrong in (right[:-20], idx(scans(3)), right[:40] + b"\0\0\0" + right[43:]):
        path.write_bytes(wrong)
        with pytest.raises(ValueError, match="must be a complete gzip file: .* Fetch"):
            load_mnist(tmp_path)


def test_labels_that_do_not_fit_are_refused(tmp_path):
    write_pair(tmp_path, "train", scans(3), [1, 2])
    with pytest.raises(ValueError, match="one label for each image; .* 3 images, .* 2"):
        load_mnist(tmp_path)
    write_pair(tmp_path, "train", scans(3), [1, 2, 10])
    with pytest.raises(ValueError, match="a label must be from 0 to 9; got 10"):
        load_mnist(tmp_path)


# npz


def save(folder, **arrays):
    np.savez(folder / "own.npz", **arrays)
    return folder / "own.npz"


FLOATS = np.linspace(0, 1, 36).reshape(4, 3, 3)
NUMBERS = np.array([0, 2, 1, 2])


@pytest.mark.parametrize(
    ("images", "factor"),
    [
        (FLOATS, 1),
        (np.asfortranarray(FLOATS.astype(">f4")), 1),
        ((FLOATS * 255).astype(np.uint8), 1 / 255),
        (FLOATS > 0.5, 1),
    ],
)
@pytest.mark.parametrize("packed", [np.savez, np.savez_compressed])
def test_npz_of_each_kind(tmp_path, images, factor, packed):
    packed(tmp_path / "own.npz", images=images, labels=NUMBERS.astype(np.uint8))
    data = load_npz(tmp_path / "own.npz")
    assert np.allclose(data.images, images * np.float64(factor))
    assert data.labels.tolist() == NUMBERS.tolist()
    assert data.classes == ("0", "1", "2")
    assert data.split == "all"


def test_npz_names_its_classes(tmp_path):
    path = save(tmp_path, images=FLOATS, labels=NUMBERS, classes=list("huk"), other=1)
    assert load_npz(path).counts() == {"h": 1, "u": 1, "k": 2}


NAN = np.where(np.eye(3), np.nan, FLOATS)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"images": FLOATS}, "must hold `labels` beside its `images`; it holds images"),
        ({"labels": NUMBERS}, "must hold `images` beside its `labels`; it holds lab"),
        ({"x": FLOATS}, "must hold `images`; it holds none of images, labels, classes"),
        ({"images": NAN, "labels": NUMBERS}, "not be NaN; 12 values do not, such as n"),
        ({"images": 2 * FLOATS, "labels": NUMBERS}, "within .0, 1. .*18 values do not"),
        ({"images": FLOATS, "labels": NUMBERS[:3]}, "got 3 labels and 4 images"),
        ({"images": FLOATS[0], "labels": NUMBERS}, "the shape .number, height, width"),
        ({"images": FLOATS, "labels": 0.5 * NUMBERS}, "whole numbers; got float64"),
        ({"images": FLOATS, "labels": NUMBERS - 1}, "must be one of 0 .0., .*; got -1"),
        ({"images": FLOATS, "labels": NUMBERS, "classes": ["h", "k"]}, r"\(k\); got 2"),
        ({"images": FLOATS, "labels": NUMBERS, "classes": [1, 2]}, "text; got int64"),
        ({"images": FLOATS, "labels": 999 * NUMBERS}, "below 1000 where .*; got 1998"),
        ({"images": 255 * FLOATS.astype(int), "labels": NUMBERS}, "int64, whose white"),
        (
            {"images": (16 * FLOATS).astype(np.uint8), "labels": NUMBERS},
            "must be 32 or more of 255, .*; got 16. Divide",
        ),
        ({"images": FLOATS.astype(complex), "labels": NUMBERS}, "got complex128"),
        ({"images": np.array([None]), "labels": NUMBERS}, "holds Python objects"),
    ],
)
def test_npz_refusals(tmp_path, arrays, message):
    with pytest.raises(ValueError, match=message) as refusal:
        load_npz(save(tmp_path, **arrays))
    assert str(tmp_path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def npy(head, data=b""):
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, head)
    return file.getvalue() + data


def lying(folder, member):
    path = folder / "own.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("images.npy", member)
    return path


def test_a_head_that_lies_is_refused_before_there_is_memory(tmp_path):
    head = {"descr": "<f8", "fortran_order": False, "shape": (2**40, 3, 3)}
    with pytest.raises(ValueError, match="`images` ends before its"):
        load_npz(lying(tmp_path, npy(head, bytes(100))))
    with pytest.raises(ValueError, match="`images` must be an array as `np.savez`"):
        load_npz(lying(tmp_path, b"\x93NUMPY\x09\x09" + bytes(100)))
    with pytest.raises(ValueError, match="`images` must be an array as `np.savez`"):
        load_npz(lying(tmp_path, b"not an array"))


def test_large_files_are_refused_packed_or_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(_own_files, "LARGEST", 5_000)
    zeros = np.zeros((1_000, 1, 1))
    np.savez_compressed(tmp_path / "own.npz", images=zeros, labels=np.zeros(1_000, int))
    assert (tmp_path / "own.npz").stat().st_size < 5_000
    with pytest.raises(ValueError, match="at most 5000 bytes; it has 16256, packed or"):
        load_npz(tmp_path / "own.npz")
    np.savez(tmp_path / "own.npz", images=zeros, labels=np.zeros(1_000, int))
    with pytest.raises(ValueError, match="at most 5000 bytes; it has 16"):
        load_npz(tmp_path / "own.npz")


def test_only_plain_npz_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    for path in (tmp_path, tmp_path / "pipe.npz", "/dev/zero"):
        with pytest.raises(ValueError, match="must be a plain file; it is a folder, a"):
            load_npz(path)
    with pytest.raises(OSError, match="cannot read `.*no.npz`: No such file.* Give"):
        load_npz(tmp_path / "no.npz")
    (tmp_path / "text.npz").write_text("images, labels")
    with pytest.raises(ValueError, match="must be an npz file, .*: File is not a zip"):
        load_npz(tmp_path / "text.npz")


def test_a_truncated_or_changed_npz_is_refused(tmp_path):
    path = save(tmp_path, images=FLOATS, labels=NUMBERS)
    right = path.read_bytes()
    for wrong in (right[:-40], right[:300] + b"\xff\xff" + right[302:]):
        path.write_bytes(wrong)
        with pytest.raises(ValueError, match="must be an npz file, as `np.savez` wri"):
            load_npz(path)
