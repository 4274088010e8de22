"""`sample` with labels and pictures: its files, its report, and what it refuses."""

import json

import jax.random as jr
import numpy as np
import pytest
from rram_ode import sample
from rram_ode.latents import save_autoencoder, untrained_autoencoder


LETTERS = ("letters", "--fidelity", "ideal", "--set", "solve.num_steps=8")


def drawn(run, folder, *words):
    """The arrays and the report of a run, strict JSON, and what it printed."""
    status, out, err = run(sample.main, *words, "--out", folder)
    assert status == 0, err
    with np.load(folder / "samples.npz") as file:
        arrays = dict(file)

    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    text = (folder / "report.json").read_text()
    return arrays, json.loads(text, parse_constant=refuse), out


@pytest.mark.slow
def test_letters_of_all_classes(run, tmp_path):
    arrays, report, out = drawn(run, tmp_path, *LETTERS, "--num-samples", "30")
    shapes = {name: values.shape for name, values in arrays.items()}
    assert shapes == {
        **dict.fromkeys(("analog", "digital", "data"), (30, 2)),
        **dict.fromkeys(("images", "digital_images"), (30, 12, 12)),
        "labels": (30,),
    }
    assert set(arrays["labels"]) == {0, 1, 2}
    assert np.abs(arrays["images"] - arrays["digital_images"]).max() < 1e-4
    assert arrays["images"].min() >= 0
    assert arrays["images"].max() <= 1
    found = report["classes"]
    assert (found["label"], found["guidance"]) == ("all", 0)
    assert found["names"] == ["h", "k", "u"]
    assert sum(found["asked"].values()) == 3 * 30  # of three seeds
    for side in ("analog", "digital"):
        judged = found["pictures"][side]
        assert judged["num_samples"] == 90
        assert judged["recall"]["balanced_accuracy"][0] > 0.7
    for verdict in found["pictures"]["analog_beside_digital"].values():
        assert verdict["verdict"] == "equal"
    assert "read as h" in out
    assert "half a pixel of blur" in out
    for name in ("samples.png", "pictures.png", "latents.png"):
        assert (tmp_path / name).stat().st_size > 10_000, name


@pytest.mark.slow
def test_one_letter_with_guidance(run, tmp_path):
    """All samples, and the data beside them, are of the class that was asked for."""
    words = (*LETTERS, "--num-samples", "12", "--label", "h", "--guidance", "1.5")
    arrays, report, _ = drawn(run, tmp_path, *words)
    assert set(arrays["labels"]) == {0}
    found = report["classes"]
    assert (found["label"], found["guidance"]) == ("h", 1.5)
    assert found["asked"] == {"h": 36}
    assert found["pictures"]["analog"]["recall"]["h"][0] > 0.9
    # Letters h lie to the right, k to the left, u below.
    assert np.median(arrays["data"][:, 0]) > 0.25
    assert np.median(arrays["analog"][:, 0]) > 0.25


@pytest.mark.slow
def test_no_label_at_all(run, tmp_path):
    words = (*LETTERS, "--num-samples", "12", "--label", "none")
    arrays, report, out = drawn(run, tmp_path, *words)
    assert set(arrays["labels"]) == {-1}
    found = report["classes"]
    assert (found["label"], found["asked"]) == ("none", {})
    assert found["pictures"]["analog"]["recall"] is None
    assert found["pictures"]["analog"]["real_recall"]["h"][0] > 0.9
    assert "pictures.png" in out


@pytest.mark.slow
def test_digits_in_pixels(run, tmp_path):
    words = ("digits-fresh", "--fidelity", "ideal", "--set", "solve.num_steps=4")
    arrays, report, out = drawn(run, tmp_path, *words, "--num-samples", "10")
    assert arrays["analog"].shape == (10, 64)
    for side, images in (("analog", "images"), ("digital", "digital_images")):
        shown = (arrays[side].reshape(10, 8, 8) + 1) / 2
        np.testing.assert_allclose(arrays[images], shown, atol=1e-6)
    assert report["classes"]["names"] == [*"0123456789"]
    assert "latents.png" not in out
    assert (tmp_path / "pictures.png").stat().st_size > 10_000


@pytest.mark.slow
def test_points_by_class_have_labels_and_no_images(run, tmp_path):
    words = ("modes-7", *LETTERS[1:], "--num-samples", "14")
    arrays, report, out = drawn(run, tmp_path, *words)
    assert set(arrays) == {"analog", "digital", "data", "labels"}
    assert report["classes"]["names"] == [*"abcdefg"]
    assert "pictures" not in report["classes"]
    assert report["classes"]["analog_balanced_accuracy"][0] > 0.7
    assert "samples lie nearest to the middle of the class" in " ".join(out.split())
    assert not (tmp_path / "pictures.png").exists()


@pytest.mark.slow
def test_a_report_repeats_its_label_and_its_guidance(run, tmp_path):
    words = (*LETTERS, "--num-samples", "8", "--label", "k", "--guidance", "0.5")
    first, _, _ = drawn(run, tmp_path / "a", *words)
    words = ("--config", tmp_path / "a" / "report.json")
    again, report, _ = drawn(run, tmp_path / "b", *words)
    assert report["classes"]["label"] == "k"
    for name, values in first.items():
        np.testing.assert_array_equal(values, again[name])


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["letters", "--label", "z"], "must be h, k, u, all for all of them or none"),
        (
            ["digits-fresh", "--label", "ten"],
            "must be 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, all",
        ),
        (
            ["letters", "--guidance", "-1"],
            "weight` must be 0 or more; got -1",
        ),
        (["ring", "--label", "h"], "this network is unconditional and knows no labels"),
        (["ring", "--guidance", "1"], "the network of `ring` is unconditional; got 1"),
        (
            ["letters", "--label", "none", "--guidance", "1"],
            "guides to a class, and `solve.label` is none",
        ),
        (["letters", "--set", "data=digits"], "the data `digits` have dim 64"),
        (["letters", "--set", "data=ring"], "3 classes needs data with labels"),
        (["letters", "--set", "data=modes-7"], "must be the number of classes of the"),
        (["letters", "--set", "latents.checkpoint=letters"], "there is no folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_clear_line(words, text, refusal):
    assert text in refusal(sample.main, *words)


@pytest.mark.long
@pytest.mark.parametrize(
    ("dim", "side", "classes", "text"),
    [
        (2, 16, "hku", "the autoencoder takes images of 16 x 16 pixels; got 12 x 12"),
        (2, 12, "abc", "the autoencoder knows the classes a, b, c; the images have h"),
        (8, 12, "hku", "the data `letters` have dim 8, but the checkpoint's network"),
    ],
)
def test_an_autoencoder_of_others_is_refused(
    refusal, tmp_path, dim, side, classes, text
):
    model = untrained_autoencoder(dim, (side, side), key=jr.key(0))
    save_autoencoder(tmp_path / "own", model, classes, {})
    words = ("letters", "--set", f"latents.checkpoint={tmp_path / 'own'}")
    assert text in refusal(sample.main, *words)
