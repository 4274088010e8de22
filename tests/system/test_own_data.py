"""A user's own points: trained, sampled and judged, in the user's units."""

import jax.random as jr
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.config import override_all
from rram_ode.datasets import AbstractFiniteDataset
from rram_ode.datasets.tables import read_points, table_dataset
from rram_ode.presets import find_preset
from rram_ode.system import follow, in_units, train_network
from rram_ode.system._data import draw_data
from rram_ode.training import find_record


QUICK = {
    "train.steps": 20,
    "train.batch": 128,
    "train.noise_draws": 1,
    "network.widths": "8,8",
}
CHIP = {"integrator.resistance": "30kohm"}


def write_points(path, dim, *, labels, num=200):
    """Three blobs, each coordinate in another unit, about 100."""
    rng = np.random.default_rng(dim)
    kind = rng.integers(0, 3, num)
    unit = np.geomspace(1e-3, 1e3, dim) if dim > 1 else np.ones(1)
    x = rng.normal(0, 0.3, (num, dim)) + (kind - 1)[:, None]
    x = 100 * unit + unit * x
    names = {"label": np.array(["a", "b", "c"])[kind]} if labels else {}
    np.savez(path, allow_pickle=False, x=x, **names)
    return x


def train(folder, dim, *, labels, **settings):
    path = folder / f"points{dim}.npz"
    x = write_points(path, dim, labels=labels)
    settings = QUICK | {"data": str(path)} | settings
    trained = train_network("ring-64-fresh", settings, folder=folder / "own")
    return x, trained


def check_run(folder, x, *, labels):
    """Digital = ideal, and both in the user's units where they leave."""
    settings = CHIP | {"checkpoint": str(folder / "own")}
    system = rr.System.from_preset("ring-ideal", settings)
    chip = system.program()
    run, digital = system.sample(chip, 48), system.sample_digital(48)
    assert np.abs(run.x - digital.x).max() < 1e-4
    own = in_units(system.dataset, run.x)
    assert np.all(np.abs(own.mean(axis=0) / x.mean(axis=0) - 1) < 0.2)
    data = in_units(system.dataset, system.data(10_000))
    assert {*map(tuple, data.round(6))} <= {*map(tuple, x.round(6))}
    found = system.judge(run.x)
    assert np.isfinite(found.distance.value)
    assert (found.quality.kl_2d is None) == (x.shape[1] != 2)
    assert "of your points 20 % wider" in found.accepted
    assert (run.labels is not None) == labels
    return system


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled")
    return folder, *train(folder, 2, labels=True)


@pytest.mark.long
def test_labelled_points_of_the_plane_end_to_end(labelled):
    folder, x, trained = labelled
    assert trained.checkpoint.score.network.classes.num_classes == 3
    system = check_run(folder, x, labels=True)
    one = system.replace({"solve.label": "b"})
    labels = one.sample_digital(5).labels
    assert labels is not None
    assert set(labels) == {1}
    assert isinstance(one.dataset, AbstractFiniteDataset)
    assert isinstance(system.dataset, AbstractFiniteDataset)
    rows = np.asarray(one.dataset.rows("test"))
    assert 5 < len(rows) < len(np.asarray(system.dataset.rows("test")))


def test_the_record_says_where_the_data_are_and_how_they_are_scaled(labelled):
    folder, x, _ = labelled
    record = find_record(str(folder / "own"))
    assert record is not None
    assert record["data"] == str((folder / "points2.npz").resolve())
    assert np.allclose(record["points"]["centre"], x.mean(axis=0))
    assert np.allclose(record["points"]["scale"], 2 * x.std(axis=0))
    assert record["quality"]["digital"][0]["kl_2d"] > 0


def test_a_record_rules_its_sampling_and_what_it_changes_is_named(labelled):
    """The preset's 1.7 and 0.8 are those of its own network; a user's word counts."""
    folder, _, _ = labelled
    base = {"checkpoint": str(folder / "own")}
    config, notes = follow(override_all(find_preset("ring-fresh"), base), base)
    assert (config.solve.beta_factor, config.solve.start_std) == (1.0, 1.0)
    assert (config.sde.beta_min, config.sde.beta_max) == (0.1, 8.0)
    assert config.data.endswith("points2.npz")
    assert len(notes) == 1
    for text in ("solve.beta_factor 1 (not 1.7)", "sde.beta_max 8 (not 0.5)"):
        assert text in notes[0]
    given = base | {"solve.start_std": 0.9}
    config, notes = follow(override_all(find_preset("ring-fresh"), given), given)
    assert config.solve.start_std == 0.9
    assert "start_std" not in notes[0]
    preset = find_preset("ring-fresh")  # its own network: nothing is followed
    assert follow(preset, {"solve.start_std": 0.9}) == (preset, ())


def test_a_file_that_changed_keeps_the_scaling_of_the_training(labelled, tmp_path):
    folder, x, _ = labelled
    other = tmp_path / "other.npz"
    np.savez(other, x=3 * x, label=np.array(list("abc"))[np.arange(len(x)) % 3])
    given = {"checkpoint": str(folder / "own"), "data": str(other)}
    config, notes = follow(override_all(find_preset("ring-fresh"), given), given)
    assert config.points.centre is not None
    assert np.allclose(config.points.centre, x.mean(axis=0))
    assert "is not the file that" in notes[-1]
    given["data"] = str(tmp_path / "gone.npz")
    with pytest.raises(ValueError, match="which is not there any more.*data=PATH"):
        follow(override_all(find_preset("ring-fresh"), given), given)


@pytest.mark.slow
def test_points_on_a_line_end_to_end(tmp_path):
    x, trained = train(tmp_path, 1, labels=False)
    assert trained.checkpoint.score.network.classes is None
    check_run(tmp_path, x, labels=False)


@pytest.mark.slow
@pytest.mark.parametrize("labels", [False, True])
@pytest.mark.parametrize("dim", [1, 2, 8, 64])
def test_every_dimension_end_to_end(dim, labels, tmp_path):
    wide = {"train.steps": 200, "network.widths": "64,64"}
    x, _ = train(tmp_path, dim, labels=labels, **wide)
    check_run(tmp_path, x, labels=labels)


@pytest.mark.long
def test_a_checkpoint_is_written_before_it_is_judged(tmp_path, monkeypatch):
    def fail(*args):
        raise ValueError("the solve diverged")

    monkeypatch.setattr("rram_ode.system._training.judge_network", fail)
    with pytest.raises(ValueError, match="diverged"):
        train(tmp_path, 2, labels=False)
    record = find_record(str(tmp_path / "own"))
    assert record is not None
    assert "quality" not in record
    assert rr.load_checkpoint(tmp_path / "own").score.dim == 2


def test_classes_without_labels_are_refused_before_the_training(tmp_path):
    settings = QUICK | {"network.classes": 3}
    with pytest.raises(ValueError, match="= 3 needs data with labels"):
        train_network("ring-64-fresh", settings, folder=tmp_path)
    assert not (tmp_path / "record.json").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"data": "nowhere.csv"}, "cannot read `data` = nowhere.csv"),
        ({"data": "points.parquet"}, "or the path of a file of points"),
        ({"points.centre": "1,2"}, "go together: set both"),
        ({"points.centre": "1,2", "points.scale": "1,2,3"}, "got 2 and 3"),
        ({"points.centre": "1,2", "points.scale": "1,0"}, "must be positive"),
        ({"points.centre": "1,2,3", "points.scale": "1,1,1"}, "have 2: give data of"),
    ],
)
def test_bad_data_are_refused_in_one_line(settings, message, tmp_path):
    write_points(tmp_path / "p.npz", 2, labels=False)
    settings = QUICK | {"data": str(tmp_path / "p.npz")} | settings
    with pytest.raises((ValueError, OSError), match=message):
        train_network("ring-64-fresh", settings, folder=tmp_path / "own")
    assert not (tmp_path / "own" / "record.json").exists()


def test_rows_of_a_file_count_once(tmp_path):
    write_points(tmp_path / "p.npz", 2, labels=False)
    table = table_dataset(read_points(tmp_path / "p.npz"))
    drawn = draw_data(table, 10_000, "test", key=jr.key(0))
    assert len(drawn) == len({*map(tuple, drawn)}) == 50
