"""What a system is asked for: all classes, one, or none; and what it refuses."""

import functools

import numpy as np
import pytest
from rram_ode.datasets import seven_modes
from rram_ode.system import System


@functools.cache
def system(label="all"):
    settings = {"fidelity": "ideal", "solve.num_steps": 60, "solve.label": label}
    return System.from_preset("modes-7", settings)


def nearest(x):
    centres = np.asarray(seven_modes().centres)
    return np.linalg.norm(x[:, None] - centres[None], axis=2).argmin(axis=1)


@pytest.mark.long
def test_samples_are_of_the_classes_that_they_are_asked_for():
    """An ideal chip is its twin, with the same labels; both follow them."""
    run = system().sample(system().program(), 96, seed=3)
    digital = system().sample_digital(96, seed=3)
    assert run.labels is not None
    assert digital.labels is not None
    assert np.array_equal(run.labels, digital.labels)
    assert set(run.labels) == set(range(7))
    assert np.abs(run.x - digital.x).max() < 1e-4
    assert np.mean(nearest(run.x) == run.labels) > 0.9
    # The mutant: labels of other samples.
    assert np.mean(nearest(run.x) == np.roll(run.labels, 1)) < 0.5


@pytest.mark.long
def test_a_run_goes_on_with_the_classes_of_its_numbers():
    whole = system().sample_digital(40, seed=3)
    part = system().sample_digital(15, seed=3, first=25)
    assert whole.labels is not None
    assert part.labels is not None
    assert np.array_equal(whole.labels[25:], part.labels)
    np.testing.assert_allclose(whole.x[25:], part.x, atol=1e-5)


@pytest.mark.long
@pytest.mark.parametrize(("label", "number"), [("c", 2), ("none", -1)])
def test_one_class_or_none(label, number):
    own = system(label)
    run = own.sample_digital(60)
    assert np.all(run.labels == number)
    counts = np.bincount(nearest(run.x), minlength=7) / 60
    if number < 0:
        assert counts.max() < 0.5
    else:
        assert counts[number] > 0.9
        # Data and just-noticeable distance are those of the class.
        assert np.all(nearest(own.data(50)) == number)
        assert own.yardstick.delta != system().yardstick.delta


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"solve.label": "z"}, "must be a, b, c, d, e, f, g, all for all"),
        ({"data": "ring"}, "a network of 7 classes needs data with labels"),
        ({"data": "modes-9"}, "must be the number of classes of the data, 9"),
        ({"checkpoint": "ring-64", "solve.label": "a"}, "knows no labels"),
    ],
)
def test_refusals(settings, message):
    with pytest.raises(ValueError, match=message):
        System.from_preset("modes-7", {"fidelity": "ideal", **settings})


def test_an_unconditional_network_has_no_labels():
    own = System.from_preset("modes-7", {"fidelity": "ideal", "checkpoint": "ring-64"})
    assert own.sample_digital(4).labels is None
