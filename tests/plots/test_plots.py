import jax.random as jr
import numpy as np
import pytest
from rram_ode.plots import plot_samples


@pytest.mark.lowest
def test_the_figure_shows_all_clouds_trajectories_and_radii():
    x = np.asarray(jr.normal(jr.key(0), (500, 2)))
    taus, v = np.linspace(0, 2e-5, 9), np.zeros((9, 2, 4))
    clouds = {"data": x, "digital": x, "analog": 3 * x}
    figure = plot_samples(clouds, taus, v, "a title")
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:2] == ["data", "digital"]
    assert "outside" in titles[2]
    assert len(figure.axes[3].lines) == 4
    assert figure.axes[3].get_xlabel() == "circuit time (µs)"
