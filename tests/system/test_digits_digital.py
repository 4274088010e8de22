"""The shipped network of digits, sampled digitally and judged."""

import numpy as np
import pytest
import rram_ode as rr
from rram_ode.datasets.pictures import load_digits, PixelPictures
from rram_ode.readers import shipped_reader
from rram_ode.system import PictureJudge


@pytest.mark.slow
def test_digital_digits_are_read_right_and_lie_near_to_real_ones():
    system = rr.System.from_preset("digits-fresh")
    run = system.sample_digital(940)
    splits = load_digits()
    assert isinstance(system.dataset, PixelPictures)
    judge = PictureJudge.of(splits, shipped_reader(splits.test))
    images = system.dataset.to_images(run.x)
    found = judge.judge(images, np.asarray(run.labels, int))
    assert found.non_finite == 0
    assert found.recall is not None
    assert found.recall.balanced.mean > found.real_recall.balanced.mean - 0.05
    assert found.pixels.difference.verdict == "equal"
    assert found.features.difference.verdict == "equal"
    # Labels that are asked for in another order are seen.
    mixed = judge.judge(images, np.asarray(run.labels, int)[::-1])
    assert mixed.recall is not None
    assert mixed.recall.balanced.high < 0.3
