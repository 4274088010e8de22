"""Points of one, three and eight dimensions: the network and the data say how many."""

import dataclasses
import json
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode import compare, sample
from rram_ode.chip import Ranges
from rram_ode.config import NetworkConfig, replace
from rram_ode.datasets import AbstractDataset, DATASETS
from rram_ode.loop import chunk_size
from rram_ode.presets import PRESETS
from rram_ode.samplers import draw_digital, Heun
from rram_ode.scores import GaussianScore
from rram_ode.sdes import Prior, ProbabilityFlow, VPSDE
from rram_ode.system import System
from rram_ode.training import save_checkpoint, twin_points, untrained


SDE = VPSDE(0.1, 8.0)
DIMS = [1, 3, 8]
RECORD = {
    "network": {"widths": [4, 6], "prediction": "score", "output_factor": 1.0},
    "sde": {"beta_min": 0.001, "beta_max": 0.5},
}


class Cloud1(AbstractDataset):
    """Gaussian points on the line."""

    dim: ClassVar[int] = 1
    just_noticeable: ClassVar[str] = "20 % wider"

    @eqx.filter_jit
    def sample(self, num_samples, *, key):
        return jr.normal(key, (num_samples, 1)) / 2

    def sample_noticeable(self, num_samples, *, key):
        return 1.2 * self.sample(num_samples, key=key)


class Cloud3(AbstractDataset):
    """Gaussian points in space."""

    dim: ClassVar[int] = 3
    just_noticeable: ClassVar[str] = "20 % wider"

    @eqx.filter_jit
    def sample(self, num_samples, *, key):
        return jr.normal(key, (num_samples, 3)) / 2

    def sample_noticeable(self, num_samples, *, key):
        return 1.2 * self.sample(num_samples, key=key)


@pytest.fixture
def clouds(monkeypatch):
    monkeypatch.setitem(DATASETS, "cloud-1", Cloud1)
    monkeypatch.setitem(DATASETS, "cloud-3", Cloud3)


@pytest.fixture
def folder(tmp_path):
    """The folder of a checkpoint of any dimension."""

    def _folder(dim):
        score = untrained(
            dim,
            NetworkConfig((4, 6), "score", 1.0),
            VPSDE(0.001, 0.5),
            key=jr.key(0),
            frequency_key=jr.key(1),
        )
        save_checkpoint(tmp_path / "mine", score, Ranges(4.0, (4.0, 4.0), 4.0), RECORD)
        return tmp_path / "mine"

    return _folder


@pytest.mark.parametrize("dim", DIMS)
def test_the_digital_sampler_takes_the_dimension_of_the_score(dim, getkey):
    """Gaussian data: each coordinate is its start, scaled by the flow's closed form."""
    key, stds = getkey(), np.linspace(0.3, 0.9, dim)
    score = GaussianScore(SDE, np.zeros(dim), np.diag(stds**2))
    ts = jnp.linspace(1.0, 0.01, 201)
    (x0,) = draw_digital(Heun(), ProbabilityFlow(SDE), score, ts, 50, key=key)
    x1 = Prior().sample(key, jnp.asarray(0, jnp.uint32), 50, dim)
    variances = []
    for t in (0.01, 1.0):
        mean_factor, std = (float(value) for value in SDE.marginal(jnp.asarray(t)))
        variances.append(mean_factor**2 * stds**2 + std**2)
    scale = np.sqrt(variances[0] / variances[1])
    # Heun's error falls by 4 with each halving of the step: 2e-4 at 100, 5e-5 at 200.
    np.testing.assert_allclose(x0, scale[:, None] * np.asarray(x1), rtol=1e-3)


@pytest.mark.parametrize("dim", DIMS)
def test_points_of_the_twin_have_the_dimension_of_the_score(dim):
    score = GaussianScore(SDE, np.zeros(dim), np.eye(dim))
    flow = ProbabilityFlow(SDE)
    t, x = twin_points(
        score, flow, 0.01, 1.0, num_samples=500, num_steps=8, key=jr.key(3)
    )
    assert t.shape == (9 * 500,)
    assert x.shape == (dim, 9 * 500)
    # The flow keeps unit Gaussians: each coordinate's variance over 500 starts is 1.
    variances = np.var(np.asarray(x), axis=1)
    assert np.all(np.abs(variances - 1) < 4 * np.sqrt(2 / 500))


@pytest.mark.slow
@pytest.mark.parametrize(("dim", "name"), [(1, "cloud-1"), (3, "cloud-3")])
def test_chunks_are_as_large_as_the_injected_noise_allows(
    dim, name, clouds, folder, monkeypatch
):
    config = dataclasses.replace(
        PRESETS["ring-ideal"][0], data=name, checkpoint=str(folder(dim))
    )
    config = replace(config, "solve.process", "reverse-sde")
    system = System.from_config(replace(config, "solve.beta_factor", 1.0))
    num = system.chip_loop.plan.injected
    assert num is not None
    for limit in ("PATH_BYTES", "CACHE_BYTES"):
        monkeypatch.setattr(f"rram_ode.loop._draw.{limit}", 100 * 4 * num * dim)
    assert chunk_size(system.chip_loop, system.program(0), 1000) == 100


@pytest.mark.long
@pytest.mark.parametrize(("dim", "name"), [(1, "cloud-1"), (3, "cloud-3")])
def test_a_run_in_another_dimension(dim, name, clouds, folder, tmp_path, run):
    """The chip without errors equals its twin; what the plane alone has is left out."""
    flags = ("--checkpoint", folder(dim), "--set", f"data={name}", "--num-samples", 80)
    done = run(sample.main, "ring-ideal", *flags, "--out", tmp_path / "out")
    assert done[0] == 0, done[2]
    with np.load(tmp_path / "out" / "samples.npz") as file:
        arrays = dict(file)
    assert {x.shape for x in arrays.values()} == {(80, dim)}
    assert np.abs(arrays["analog"] - arrays["digital"]).max() < 1e-8
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    for judged in report["quality"].values():
        assert judged["kl_2d"] is None
        assert judged["hist_l2"] is None
        assert set(judged["intervals"]) == {"kl_1d", "sliced_wasserstein", "mmd"}
        assert judged["sliced_wasserstein"] > 0
    for name in ("kl_2d", "hist_l2"):
        (line,) = [x for x in done[1].splitlines() if x.startswith(name)]
        assert line.split()[1:] == ["-", "-", "-"]


def test_data_and_network_of_two_dimensions_are_refused(clouds, folder, refusal):
    flags = ("--checkpoint", folder(3), "--set", "data=cloud-1")
    text = refusal(sample.main, "ring-ideal", *flags)
    assert "`cloud-1` have dim 1, but the checkpoint's network has dim 3" in text


@pytest.mark.slow
def test_a_comparison_outside_the_plane(clouds, folder, tmp_path, run):
    flags = ("--checkpoint", folder(3), "--set", "data=cloud-3", "--num-samples", 200)
    few = ("--num-chips", 2, "--most-chips", 2, "--systems", "integrated", "heun")
    rest = ("--fidelity", "ideal", "--machines", "engine-int8", "--out", tmp_path)
    done = run(compare.main, "ring-fresh", *flags, *few, *rest)
    assert done[0] == 0, done[2]
    report = json.loads((tmp_path / "compare.json").read_text())
    assert report["quality"]["difference"]["verdict"] in ("equal", "undecided")
