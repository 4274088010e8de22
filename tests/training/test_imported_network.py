"""Weights of another program: the same samples, or one line that says why not."""

import json
import pathlib
import pickle
import struct
import zipfile

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.samplers import Euler
from rram_ode.scores import NetworkScore
from rram_ode.sdes import flow_along
from rram_ode.training import (
    find_record,
    forward_process,
    import_network,
    load_checkpoint,
    parse_layout,
    read_layout,
    read_tensors,
    readout,
)


DIM = WIDTH = 6  # square layers, whose shapes do not tell rows from columns
SIZES = (DIM, WIDTH, 4, DIM)
BETAS = 0.1, 8.0
LAYOUT = {
    "prediction": "noise",
    "activation": "relu",
    "output_factor": 1.5,
    "frequencies": "embed.W",
    "data": "ring",
    "schedule": {"beta_min": BETAS[0], "beta_max": BETAS[1]},
}


@pytest.fixture
def state():
    """A state dict as PyTorch names and shapes it."""
    rng, found = np.random.default_rng(0), {}
    for number, (rows, cols) in enumerate(zip(SIZES[:-1], SIZES[1:], strict=True)):
        weight, bias = rng.normal(size=(cols, rows)), rng.normal(size=cols)
        found[f"net.{number}.weight"] = (0.5 * weight).astype(np.float32)
        found[f"net.{number}.bias"] = (0.2 * bias).astype(np.float32)
    found["embed.W"] = rng.normal(size=WIDTH // 2).astype(np.float32)
    return found


def plain_noise(state, t, x):
    """The network as a PyTorch user writes it: rows are samples, in doubles."""
    phase = 2 * np.pi * state["embed.W"].astype(float) * t
    for number in range(len(SIZES) - 1):
        x = x @ state[f"net.{number}.weight"].T + state[f"net.{number}.bias"]
        if number < len(SIZES) - 2:
            half = x.shape[1] // 2
            wave = np.concatenate([np.sin(phase)[:half], np.cos(phase)[:half]])
            x = np.maximum(x + wave, 0)
    return 1.5 * x


def plain_samples(state, x, ts):
    """Euler steps of the probability flow, in the words of a textbook."""
    low, high = BETAS
    for t, after in zip(ts[:-1], ts[1:], strict=True):
        beta = low + t * (high - low)
        std = np.sqrt(1 - np.exp(-(low * t + (high - low) * t**2 / 2)))
        flow = -0.5 * beta * x + 0.5 * beta * plain_noise(state, t, x) / std
        x = x + (after - t) * flow
    return x


def imported_samples(state, layout, x, ts):
    said = parse_layout(layout)
    network = import_network(state, said).network
    config = rr.System.from_preset("ring-64-fresh").config
    sde = forward_process(config.network, config.sde)
    score = NetworkScore(network, readout(config.network, sde))
    solved = Euler()(flow_along(sde, 1.0), score, jnp.asarray(x.T), jnp.asarray(ts))
    return np.asarray(solved).T


@pytest.mark.long
def test_samples_are_those_of_the_model_on_the_same_grid(state):
    x = np.asarray(jax.random.normal(jax.random.key(0), (200, DIM)))
    ts = np.linspace(1.0, 1e-3, 101)
    own = plain_samples(state, x, ts)
    assert np.abs(own).max() > 0.5
    apart = lambda state, layout: np.abs(
        imported_samples(state, layout, x, ts) - own
    ).max()
    assert apart(state, LAYOUT) < 1e-5
    # Mutants: a square layer turned over, and wrong frequencies.
    turned = {**state, "net.0.weight": state["net.0.weight"].T}
    assert apart(turned, LAYOUT) > 0.01
    for wrong in ({"frequency_factor": 2.0}, {"frequencies": [0.1, 0.2, 0.3]}):
        ignore = {"ignore": ["embed.W"]} if "frequencies" in wrong else {}
        assert apart(state, LAYOUT | wrong | ignore) > 0.01
    # The same network in other words.
    by_row = {n: a.T if a.ndim == 2 else a for n, a in state.items()}
    assert apart(by_row, LAYOUT | {"transposed": True}) < 1e-5
    slow = {**state, "embed.W": state["embed.W"] * np.float32(2 * np.pi)}
    factor = {"frequency_factor": 1 / (2 * np.pi)}
    assert apart(slow, LAYOUT | factor) < 1e-5
    swapped = dict(state)
    for number, width in enumerate(SIZES[1:-1]):
        for name, axis in (("weight", 0), ("bias", 0)):
            key = f"net.{number}.{name}"
            swapped[key] = np.roll(swapped[key], width // 2, axis)
        key = f"net.{number + 1}.weight"
        swapped[key] = np.roll(swapped[key], width // 2, 1)
    assert apart(swapped, LAYOUT | {"embedding": "cos, sin"}) < 1e-5
    assert apart(swapped, LAYOUT) > 0.01


def with_classes(state):
    """The same with a table of labels."""
    rng, rows = np.random.default_rng(2), 9  # more classes than units
    table = rng.normal(size=(rows, WIDTH)).astype(np.float32)
    return state | {"label.weight": table}


def conditional_noise(state, embedding, t, x):
    """The same network, the embedding of labels `(samples, width)` added to time's."""
    phase = 2 * np.pi * state["embed.W"].astype(float) * t
    wave = np.concatenate([np.sin(phase), np.cos(phase)]) + embedding
    half = WIDTH // 2
    for number in range(len(SIZES) - 1):
        x = x @ state[f"net.{number}.weight"].T + state[f"net.{number}.bias"]
        if number < len(SIZES) - 2:
            own = x.shape[1] // 2
            x = np.maximum(
                x + np.hstack([wave[:, :own], wave[:, half : half + own]]), 0
            )
    return 1.5 * x


@pytest.mark.long
@pytest.mark.parametrize("null", [None, 0, 8])
def test_a_conditional_network_adds_the_row_of_each_label(state, null):
    """With more classes than units, and whatever the null label adds."""
    state = with_classes(state)
    said = {"table": "label.weight"} | ({} if null is None else {"null_row": null})
    network = import_network(state, parse_layout(LAYOUT | {"classes": said})).network
    table = state["label.weight"].astype(float)
    rest = table if null is None else np.delete(table, null, axis=0)
    nothing = np.zeros(WIDTH) if null is None else table[null]
    labels = np.arange(len(rest) + 1) - 1
    added = np.vstack([nothing[None], rest])
    x = np.random.default_rng(3).normal(size=(len(labels), DIM))
    own = network.of_class(jnp.asarray(labels))(jnp.asarray(0.3), jnp.asarray(x.T)).T
    right = conditional_noise(state, added, 0.3, x)
    assert np.abs(own - right).max() < 1e-6
    assert np.abs(own - conditional_noise(state, added[::-1], 0.3, x)).max() > 0.1


def test_classes_of_two_layers_behind_a_one_hot_are_read(state):
    """Against the words of the paper's code: one-hot, dense, GELU, dense."""
    rng = np.random.default_rng(4)
    layers = {"c.0.weight": (5, 3), "c.0.bias": (5,), "c.2.weight": (WIDTH, 5)}
    layers |= {"c.2.bias": (WIDTH,)}
    given = {n: rng.normal(size=shape) for n, shape in layers.items()}
    layout = LAYOUT | {"classes": {"hidden": "c.0.weight", "output": "c.2.weight"}}
    found = import_network(state | given, parse_layout(layout)).network.classes
    assert found is not None
    for label, own in enumerate(np.asarray(found.table)):
        drive = np.eye(3)[label] @ given["c.0.weight"].T + given["c.0.bias"]
        hidden = np.asarray(jax.nn.gelu(jnp.asarray(drive), approximate=False))
        right = hidden @ given["c.2.weight"].T + given["c.2.bias"]
        assert np.abs(own - right).max() < 1e-7


def test_labels_of_a_network_with_cosines_first_turn_with_it(state):
    state = with_classes(state)
    said = {"classes": {"table": "label.weight"}, "embedding": "cos, sin"}
    turned = import_network(state, parse_layout(LAYOUT | said)).network.classes
    assert turned is not None
    right = np.roll(state["label.weight"], WIDTH // 2, axis=1)
    assert np.abs(np.asarray(turned.table) - right).max() < 1e-7


def without(state, *names):
    return {n: a for n, a in state.items() if n not in names}


@pytest.mark.parametrize(
    ("change", "layout", "message"),
    [
        (lambda s: without(s, "net.1.bias"), {}, "`net.1.weight` has no bias"),
        (
            lambda s: without(s, "embed.W"),
            {},
            "names the tensor `embed.W`, and",
        ),
        (lambda s: s | {"norm.weight": np.ones(6)}, {}, "`norm.weight` of shape"),
        (
            lambda s: {n: a.T if a.ndim == 2 else a for n, a in s.items()},
            {},
            "turned over, all shapes fit: set `transposed = true`",
        ),
        (
            lambda s: s | {"net.0.weight": np.ones((6, 12))},
            {},
            r"`net.0.weight` must have shape \(6, 6\); it has \(6, 12\).*not as inputs",
        ),
        (lambda s: s, {"frequencies": [1.0]}, "`embed.W` of shape"),
        (lambda s: without(s, "embed.W"), {"frequencies": [1.0]}, "must be 3, half of"),
        (lambda s: s, {"weights": ["a", "b"]}, "there is no tensor `a`|has no bias"),
        (lambda s: s, {"activation": "SiLU"}, "rectifiers: a network with SiLU"),
        (lambda s: s, {"activation": "gelu"}, "Put ReLU in its place"),
        (lambda s: s, {"prediction": "x0"}, "one of score, noise, velocity"),
        (lambda s: s, {"prediction": "velocity"}, "a straight path without any"),
        (lambda s: s, {"schedule": {}}, "must have `beta_min` and `beta_max`"),
        (lambda s: s, {"schedule": {"beta": 1}}, "`schedule` may have"),
        (lambda s: s, {"output_factor": "5"}, "`output_factor` must be a finite"),
        (lambda s: s, {"outputs": 5}, "no key `outputs` in a layout"),
        (with_classes, {}, "in `classes` if it is the embedding of labels"),
        (lambda s: s, {"classes": {"table": "a"}}, "there is no tensor `a`"),
        (lambda s: s, {"classes": {}}, "`classes` must have `table`"),
        (
            with_classes,
            {"classes": {"table": "label.weight", "hidden": "a"}},
            "`classes` must have `table`",
        ),
        (
            with_classes,
            {"classes": {"table": "label.weight", "null_row": 9}},
            "must be a row of `label.weight`, 0 to 8; got 9",
        ),
        (
            lambda s: s | {"label.weight": np.ones((3, 4))},
            {"classes": {"table": "label.weight"}},
            "must have 6 values, as the widest",
        ),
    ],
)
def test_a_foreign_network_is_refused_in_one_line(state, change, layout, message):
    with pytest.raises(ValueError, match=message) as caught:
        import_network(change(state), parse_layout(LAYOUT | layout))
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_missing_key_shows_a_whole_layout():
    for name in ("prediction", "activation", "frequencies", "data"):
        rest = {n: v for n, v in LAYOUT.items() if n != name}
        with pytest.raises(ValueError, match=f"must have `{name}`"):
            parse_layout(rest)


def test_layouts_are_toml_or_json(tmp_path):
    (tmp_path / "l.json").write_text(json.dumps(LAYOUT))
    (tmp_path / "l.toml").write_text(
        "prediction = 'noise'\nactivation = 'relu'\noutput_factor = 1.5\n"
        "frequencies = 'embed.W'\ndata = 'ring'\n[schedule]\nbeta_min = 0.1\n"
        "beta_max = 8\n"
    )
    assert read_layout(tmp_path / "l.json") == read_layout(tmp_path / "l.toml")
    (tmp_path / "l.toml").write_text("prediction: noise")
    with pytest.raises(ValueError, match="cannot be read as TOML"):
        read_layout(tmp_path / "l.toml")


def test_a_safetensors_file_is_read_in_the_order_of_its_layers(state, tmp_path):
    numpy = pytest.importorskip("safetensors.numpy")
    many = {f"net.{n}.bias": np.zeros(2, np.float32) for n in (10, 2, 1)}
    numpy.save_file(many, tmp_path / "a.safetensors")
    assert list(read_tensors(tmp_path / "a.safetensors")) == [
        "net.1.bias",
        "net.2.bias",
        "net.10.bias",
    ]
    (tmp_path / "b.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ValueError, match="cannot be read as safetensors"):
        read_tensors(tmp_path / "b.safetensors")


def test_a_file_of_pytorch_is_never_unpickled_by_us(tmp_path):
    class Trap:
        def __reduce__(self):
            return pathlib.Path.touch, (tmp_path / "sprung",)

    path = tmp_path / "m.pth"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ValueError, match="must be an archive as `torch.save` writes"):
        read_tensors(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("m/data.pkl", pickle.dumps(Trap()))
    with pytest.raises(ValueError, match=r"save the weights.*safetensors") as caught:
        read_tensors(path)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "sprung").exists()


def test_a_file_of_pytorch_gives_its_tensors(state, tmp_path):
    torch = pytest.importorskip("torch")
    tensors = {n: torch.tensor(a) for n, a in state.items()}
    torch.save({"state_dict": tensors}, tmp_path / "m.pth")
    found = read_tensors(tmp_path / "m.pth")
    assert list(found) == list(state)
    assert all(np.array_equal(found[n], a) for n, a in state.items())


def test_a_tensor_of_pytorch_that_is_no_plain_one_is_refused(state, tmp_path):
    torch = pytest.importorskip("torch")
    tensors = {n: torch.tensor(a) for n, a in state.items()}
    name, one = next(iter(tensors.items()))
    path = tmp_path / "m.pth"
    for other in (one.to(torch.complex64), one.to_sparse(), one.to("meta")):
        torch.save({**tensors, name: other}, path)
        with pytest.raises(ValueError, match=f"`{name}` in .* dense tensor") as caught:
            read_tensors(path)
        assert "\n" not in str(caught.value)
    turned = torch.complex(torch.zeros_like(one), one).conj().imag  # a bit says minus
    torch.save({**tensors, name: turned}, path)
    assert np.array_equal(read_tensors(path)[name], -state[name])


def test_a_file_that_holds_more_than_weights_says_what(state, tmp_path):
    torch = pytest.importorskip("torch")
    tensors = {n: torch.tensor(a) for n, a in state.items()}
    torch.save({"model": tensors, "epoch": 3}, tmp_path / "m.pth")
    with pytest.raises(ValueError, match="holds dict of model, epoch"):
        read_tensors(tmp_path / "m.pth")


def end_of_archive(path, listed):
    """`path` with an end as PyTorch writes it, of 64 bits, that claims a size."""
    whole = path.read_bytes()
    place = whole.rfind(b"PK\x05\x06")
    count, size, offset = struct.unpack("<HII", whole[place + 10 : place + 20])
    size = size if listed is None else listed
    fields = (44, 45, 45, 0, 0, count, count, size, offset)
    record = struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", *fields)
    mark = struct.pack("<4sIQI", b"PK\x06\x07", 0, place, 1)
    fields = (0, 0, count, count, 2**32 - 1, 2**32 - 1, 0)
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", *fields)
    path.write_bytes(whole[:place] + record + mark + end)


def test_an_archive_whose_end_has_64_bits(state, tmp_path):
    """As `torch.save` writes it; a list that would fill the memory stays refused."""
    np.savez(tmp_path / "m.npz", **state)
    end_of_archive(tmp_path / "m.npz", None)
    assert list(read_tensors(tmp_path / "m.npz")) == list(state)
    end_of_archive(tmp_path / "m.npz", 2**33)
    with pytest.raises(ValueError, match="lists more than"):
        read_tensors(tmp_path / "m.npz")


def test_other_files_are_told_how_to_be_saved(tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"x")
    with pytest.raises(ValueError, match="must be a state dict in .safetensors, .npz"):
        read_tensors(tmp_path / "m.onnx")


@pytest.mark.long
def test_the_result_is_a_checkpoint_whose_record_rules_the_sampling(state, tmp_path):
    """Ranges are measured, and another preset's start and betas do not act."""
    two = {n: a for n, a in state.items() if not n.startswith("net.")}
    rng = np.random.default_rng(1)
    for number, (rows, cols) in enumerate(((2, 6), (6, 4), (4, 2))):
        two[f"net.{number}.weight"] = rng.normal(size=(cols, rows)) / 4
        two[f"net.{number}.bias"] = np.zeros(cols)
    np.savez(tmp_path / "m.npz", **two)
    layout = LAYOUT | {"schedule": {**LAYOUT["schedule"], "start_std": 0.9}}
    found = rr.import_weights(tmp_path / "m.npz", layout, folder=tmp_path / "own")
    again = load_checkpoint(tmp_path / "own")
    assert again.score.network.widths == (6, 4)
    assert float(again.ranges.state) > 1
    assert found.weights == ("net.0.weight", "net.1.weight", "net.2.weight")
    record = find_record(str(tmp_path / "own"))
    assert record is not None
    assert record["imported"]["file"] == "m.npz"
    settings = {"checkpoint": str(tmp_path / "own"), "integrator.resistance": "30kohm"}
    system = rr.System.from_preset("ring-ideal", settings)
    c = system.config
    assert (c.solve.start_std, c.solve.beta_factor, c.sde.beta_max) == (0.9, 1.0, 8.0)
    apart = system.sample(system.program(), 32).x - system.sample_digital(32).x
    assert np.abs(apart).max() < 1e-4


@pytest.mark.long
def test_a_conditional_network_is_sampled_by_label(tmp_path):
    """From the import to samples of one class of a user's own data."""
    rng, state = np.random.default_rng(1), {"embed.W": np.ones(3)}
    for number, (rows, cols) in enumerate(((2, 6), (6, 4), (4, 2))):
        state[f"net.{number}.weight"] = rng.normal(size=(cols, rows)) / 4
        state[f"net.{number}.bias"] = np.zeros(cols)
    state["label.weight"] = rng.normal(size=(3, 6))
    np.savez(tmp_path / "m.npz", allow_pickle=False, **state)
    points = rng.normal(size=(400, 2)) + 4 * (np.arange(400) % 2)[:, None]
    np.savez(tmp_path / "p.npz", x=points, label=np.arange(400) % 2)
    layout = LAYOUT | {"data": str(tmp_path / "p.npz")}
    layout |= {"classes": {"table": "label.weight", "null_row": 2}}
    rr.import_weights(tmp_path / "m.npz", layout, folder=tmp_path / "own")
    ends = []
    for label in ("0", "1"):
        settings = {"checkpoint": str(tmp_path / "own"), "solve.label": label}
        settings |= {"integrator.resistance": "30kohm"}
        system = rr.System.from_preset("ring-ideal", settings)
        digital = system.sample_digital(32).x
        apart = system.sample(system.program(), 32).x - digital
        assert np.abs(apart).max() < 1e-4
        ends.append(digital)
    assert np.abs(ends[1] - ends[0]).max() > 0.1
