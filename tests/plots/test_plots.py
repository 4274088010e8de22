import dataclasses
import io
import itertools

import jax.random as jr
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.metrics import Difference, Interval
from rram_ode.plots import _samples
from rram_ode.studies import Corners, ErrorBudget, Indices
from rram_ode.system import Trace


@pytest.fixture(scope="module")
def system():
    return rr.System.from_preset("ring-fresh", {"crossbar.headroom": 0.5})


@pytest.fixture(scope="module")
def run(system):
    return system.sample(system.program(seed=3), 40, seed=0)


@pytest.mark.lowest
def test_the_figure_shows_all_clouds_trajectories_and_radii():
    x = np.asarray(jr.normal(jr.key(0), (500, 2)))
    trace = Trace(np.linspace(0, 2e-5, 9), np.zeros((9, 2, 4)))
    clouds = {"data": x, "digital": x, "analog": 3 * x}
    figure = _samples.draw_samples(clouds, trace, "a title")
    titles = [axes.get_title() for axes in figure.axes]
    assert titles[:2] == ["data", "digital"]
    assert "outside" in titles[2]
    assert len(figure.axes[3].lines) == 4
    assert figure.axes[3].get_xlabel() == "circuit time (µs)"


def test_samples_are_drawn_with_and_without_the_digital_ones(system, run):
    alone = rr.plots.plot_samples(system, run)
    assert len(alone.axes) == 4
    twin = system.sample_digital(40)
    both = rr.plots.plot_samples(system, run, twin, data=system.data(40, seed=1))
    assert len(both.axes) == 5
    (drawn,) = both.axes[1].collections
    assert np.array_equal(drawn.get_offsets(), twin.x)


def test_a_trajectory_is_drawn_in_volts_and_microseconds(system, run):
    figure = rr.plots.plot_trajectory(run)
    first = figure.axes[0].lines[0]
    assert np.allclose(first.get_xdata(), 1e6 * run.trajectory.taus)
    assert np.allclose(first.get_ydata(), 1e3 * run.trajectory.v[:, 0, 0])
    assert np.asarray(first.get_xdata())[-1] == pytest.approx(20.0, rel=0.02)
    assert len(figure.axes) == 3


def test_clipping_is_told_by_class_and_over_time(run):
    """The mean over the times that were looked at is the fraction in the table."""
    assert run.clipped["hidden 1"]["share"] > 0
    for name, fraction in run.clipped_over_time.items():
        assert fraction.shape == run.trajectory.taus.shape
        assert fraction.mean() == pytest.approx(run.clipped[name]["share"])
    assert set(run.clipped) - set(run.clipped_over_time) == {"start DAC", "ADC"}
    figure = rr.plots.plot_clipping(run)
    bars = figure.axes[0].containers[0]
    shares = [100 * each["share"] for each in run.clipped.values()]
    assert [bar.get_width() for bar in bars] == pytest.approx(shares)
    assert len(figure.axes[1].lines) == len(run.clipped_over_time)


def test_a_speed_limit_has_intervals_and_hollow_points_that_fail():
    far, near = Interval(40.0, 30.0, 50.0), Interval(0.5, -0.2, 1.2)
    curves = {"slow": {1e-5: near, 1e-6: far}}
    figure = rr.plots.plot_speed_limit(
        curves, passing={"slow": {1e-5}}, reference=Interval(0.4, 0.1, 0.7)
    )
    axes = figure.axes[0]
    filled, hollow = [line for line in axes.lines if line.get_marker() == "o"]
    assert filled.get_xdata() == pytest.approx([10.0])
    assert hollow.get_xdata() == pytest.approx([1.0])
    assert hollow.get_markerfacecolor() == "white"
    assert axes.get_yscale() == "symlog"
    same, worse = (
        Difference(0.1, -0.2, 0.4, delta=0.5, factor=0.5),
        Difference(2.0, 1.0, 3.0, delta=0.5, factor=9.0),
    )
    axes = rr.plots.plot_speed_limit({"x": {1e-5: same, 1e-6: worse}}).axes[0]
    filled, hollow = [line for line in axes.lines if line.get_marker() == "o"]
    assert filled.get_xydata() == pytest.approx(np.array([[10.0, 0.2]]))
    assert hollow.get_xydata() == pytest.approx(np.array([[1.0, 4.0]]))
    assert "less that of the reference" in axes.get_ylabel()
    with pytest.raises(ValueError, match="differences alone; got both"):
        rr.plots.plot_speed_limit({"a": {1e-5: same}, "b": {1e-5: near}})
    with pytest.raises(ValueError, match="got neither"):
        rr.plots.plot_speed_limit({})


@pytest.mark.parametrize("has_indices", [False, True])
def test_a_budget_is_in_the_order_of_what_must_improve_first(has_indices):
    one = lambda mean: Interval(mean, mean - 0.1, mean + 0.1)
    budget = ErrorBudget(
        names=("small", "large"),
        corners=Corners(one(4.0), (one(1.0), one(3.0)), (one(0.5), one(2.0))),
        indices=Indices((one(0.1), one(0.7)), (one(0.2), one(0.9)), 1.0)
        if has_indices
        else None,
        distance=(one(0.0), one(4.0)),
        change=(one(1.0), one(3.0), one(4.0)),
        solver=(one(0.0), one(0.0)),
        stuck=(0, 9),
    )
    axes = rr.plots.plot_budget(budget).axes
    names = [text.get_text() for text in axes[0].get_yticklabels()]
    assert names == ["large", "small", "solver"]
    saved = [bar.get_width() for bar in axes[1].containers[0]]
    assert saved == pytest.approx([50.0, 12.5, 0.0])
    assert len(axes) == (3 if has_indices else 2)


def test_a_trajectory_says_how_many_it_shows_and_all_panels_have_its_volts(run):
    figure = rr.plots.plot_trajectory(run)
    few = run.trajectory.v.shape[2]
    assert 0 < few < run.num
    assert figure.get_suptitle() == f"{few} of 40 samples"
    named = rr.plots.plot_trajectory(run, title="a chip")
    assert named.get_suptitle() == f"a chip: {few} of 40 samples"
    first, second, plane = figure.axes
    assert "dots: ends" in plane.get_title()
    assert first.get_ylim() == second.get_ylim() == plane.get_ylim() == plane.get_xlim()
    low, high = first.get_ylim()
    volts = 1e3 * run.trajectory.v
    assert low < volts.min()
    assert volts.max() < high
    figure.draw_without_rendering()
    ticks = list(first.get_yticks())
    assert ticks == list(plane.get_xticks()) == list(plane.get_yticks())
    boxes = [label.get_window_extent() for label in plane.get_xticklabels()]
    assert not any(a.overlaps(b) for a, b in itertools.pairwise(boxes))
    assert plane.get_aspect() == 1.0


def test_a_run_without_clipping_says_so_without_axes(run):
    piece = run.piece
    none = {name: 0 * getattr(piece, name) for name in ("hits", "shares", "whens")}
    run = dataclasses.replace(run, piece=dataclasses.replace(piece, **none))
    figure = rr.plots.plot_clipping(run)
    for axes in figure.axes:
        assert not axes.axison
        (text,) = axes.texts
        assert "no node was beyond its limit" in text.get_text()
    often = figure.axes[0].texts[0].get_text().replace("\u00a0", " ")
    assert "in 40 samples" in often
    assert all(name in often.replace("\n", " ") for name in run.clipped)
    assert figure.get_figheight() < 2.0


def test_where_converters_alone_clip_the_panel_over_time_says_so(run):
    """They have no time; the panel of how often has its bars."""
    hits = np.array([int("DAC" in name) for name in run.piece.names])
    none = 0 * run.piece.whens
    piece = dataclasses.replace(run.piece, hits=hits, shares=0.5 * hits, whens=none)
    often, when = rr.plots.plot_clipping(dataclasses.replace(run, piece=piece)).axes
    assert often.axison
    assert often.get_legend() is not None
    assert not when.axison


@pytest.mark.long
@pytest.mark.parametrize("name", ["plot_trajectory", "plot_clipping"])
def test_a_figure_of_one_sample_is_a_file(name, system):
    run = system.sample(system.program(seed=3), 1)
    getattr(rr.plots, name)(run).savefig(file := io.BytesIO())
    assert file.tell() > 1000
