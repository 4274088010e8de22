"""The contract of `import rram_ode as rr`, on which code outside relies."""

import doctest
import inspect
import json
import pathlib
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import rram_ode as rr
from rram_ode import commands, sample


PACKAGE = pathlib.Path(rr.__file__).parent
PACKAGES = {"metrics", "plots"}  # a user calls functions: `rr.metrics.distance`
FIGURES = ("samples", "trajectory", "clipping", "speed_limit", "budget")
NAMES = sorted({name for name in dir(rr) if not name.startswith("_")} - PACKAGES)
COMMANDS = ("sample", "train", "compare", "budget", "netlist", "controller")


@pytest.fixture(scope="module")
def system():
    return rr.System.from_preset("ring-fresh")


@pytest.fixture(scope="module")
def run(system):
    return system.sample(system.program(seed=3), 300, seed=0)


def test_the_contract(system, run):
    chip = system.program(seed=3)
    twin = system.sample_digital(300, seed=0)
    assert run.x.shape == twin.x.shape == (300, 2)
    assert run.energy.energy > 0
    assert set(run.clipped) >= {"input", "output", "state"}
    assert run.trajectory.v.shape[1] == 2
    again = system.sample(chip, 300, seed=0)
    assert np.array_equal(run.x, again.x)
    # The chip's samples stay near their twins', which have the same starts.
    near = np.linalg.norm(run.x - twin.x, axis=1).mean()
    apart = np.linalg.norm(run.x - twin.x[::-1], axis=1).mean()
    assert near < apart / 3


@pytest.mark.long
def test_the_first_samples_are_those_of_the_command_line(system, tmp_path, monkeypatch):
    words = ("--num-samples", "300", "--chip-seed", "3", "--out", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["sample", "ring-fresh", *words])
    with commands.one_line_errors():
        sample.main()
    with np.load(tmp_path / "samples.npz") as file:
        analog, digital = file["analog"], file["digital"]
    assert np.array_equal(analog, system.sample(system.program(3), 300, seed=0).x)
    assert np.array_equal(digital, system.sample_digital(300, seed=0).x)
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["hardware"]["energy_j"] > 0


def test_settings_have_the_names_of_set():
    system = rr.System.from_preset(
        "ring-fresh", {"solve.duration": "10us", "cell.age": "1s"}
    )
    assert system.config.solve.duration == 1e-5
    assert system.config.cell.age == 1.0
    other = system.replace({"solve.duration": 2e-5, "dac.bits": 8})
    assert other.config.solve.duration == 2e-5
    assert other.config.dac.bits == 8
    assert other.config.cell.age == 1.0
    values = {knob.name: knob.value for knob in rr.knobs(other)}
    assert values["dac.bits"] == 8


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"solve.time": "10us"}, "no setting `solve.time`"),
        ({"solve.duration": "10uV"}, "takes s"),
        ({"dac.bits": 1.5}, "`dac.bits` takes an integer"),
        ({"fidelity": "perfect"}, "one of ideal"),
        ({"data": 3}, "`data` takes text"),
    ],
)
def test_a_wrong_setting_is_named(settings, words):
    with pytest.raises(ValueError, match="^[^\n]*$") as error:
        rr.System.from_preset("ring-fresh", settings)
    assert words in str(error.value)


@pytest.mark.long
def test_a_chip_of_another_system_is_refused(system):
    other = system.replace({"solve.reset": "20us"})  # by the program of `run`
    with pytest.raises(ValueError, match="clock"):
        other.sample(system.program(), 300)
    assert other.sample(other.program(), 300).x.shape == (300, 2)


@pytest.mark.long
def test_many_chips_are_its_chips(system):
    chips = system.program_many(range(3))
    alone, third = system.program(2), rr.chip_at(chips, 2)
    crossbars = lambda chip: [layer.crossbar.g_pos for layer in chip.score.layers]
    for one, other in zip(crossbars(alone), crossbars(third), strict=True):
        assert np.allclose(one, other, rtol=1e-5)


@pytest.mark.parametrize("num", [4, 7, 300])
def test_judge_takes_any_number_of_samples(system, run, num):
    found = system.judge(run.x[:num])
    assert found.quality.num_samples == num
    assert bool(found.intervals)
    assert str(found.difference.verdict) in str(found)
    assert found.distance.low < found.distance.value < found.distance.high


def test_three_samples_cannot_be_judged(system, run):
    with pytest.raises(ValueError, match="four samples or more; got 3"):
        system.judge(run.x[:3])


@pytest.mark.long
def test_judge_tells_a_blurred_ring_from_fresh_data(system):
    """The interval of the right sampler holds the floor; of a wrong one it does not."""
    data = system.data(4000, seed=5)
    found = system.judge(data)
    span, floor = found.intervals["sliced_wasserstein"], found.floor.sliced_wasserstein
    assert span.low < floor < span.high
    assert found.difference.verdict in ("equal", "undecided")
    assert found.distance.p_value > 0.01
    wrong = system.judge(1.3 * data)
    assert wrong.intervals["sliced_wasserstein"].low > floor
    assert wrong.difference.verdict == "worse"
    assert wrong.distance.low > 1
    assert wrong.distance.p_value < 0.01


@pytest.mark.long
def test_noise_is_no_improvement(system):
    """Data with a blur as wide as the ring lie farther away, whatever their number."""
    data = system.data(8000, seed=6)
    blur = 0.04 * np.random.default_rng(0).standard_normal(data.shape)
    clean, blurred = (system.judge(x).distance for x in (data, data + blur))
    assert blurred.low > clean.high
    assert blurred.low > 0


@pytest.mark.long
def test_a_sample_that_is_not_finite_is_far_away(system):
    data = system.data(4000, seed=7)
    lost = data.copy()
    lost[::10] = np.nan
    whole, part = (system.judge(x) for x in (data, lost))
    assert part.distance.low > whole.distance.high
    assert part.difference.verdict == "worse"


def test_metrics_are_at_hand(system):
    """`rr.metrics.distance` needs no import of its own."""
    found = rr.metrics.distance(system.data(500), system.data(500, seed=1))
    assert found.value < 5 * found.standard_error


@pytest.mark.slow
def test_the_jackknife_has_the_spread_of_fresh_samples(system):
    """Its half width over Student's quantile is the deviation over fresh seeds."""
    found = [system.judge(system.data(1000, seed=s), seed=s + 50) for s in range(12)]
    values = np.array([each.quality.sliced_wasserstein for each in found])
    halves = [each.intervals["sliced_wasserstein"] for each in found]
    errors = np.array([(span.high - span.low) / 2 / 2.262 for span in halves])
    ratio = np.sqrt((errors**2).mean()) / values.std(ddof=1)
    # 12 values: the deviation of their deviation is 21 %; the jackknife leans high.
    assert 0.5 < ratio < 2.5


@pytest.mark.long
def test_the_jax_objects_beneath_are_differentiable(system):
    chip, loop = system.program(), system.chip_loop
    x1 = jnp.ones((2, 3))

    def mean(scale):
        return jnp.mean(loop.solve(chip, scale * x1).x0)

    assert np.isfinite(float(jax.jit(jax.grad(mean))(1.0)))


def test_no_public_name_is_a_module_or_a_folder():
    modules = {p.stem for p in PACKAGE.iterdir()}
    assert not modules & set(NAMES)


def test_some_25_names():
    assert 20 <= len(NAMES) <= 30


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_each_name_has_an_example_that_runs(name):
    require_examples(getattr(rr, name), f"rr.{name}")


@pytest.mark.long
@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_has_an_example_that_runs(name):
    require_examples(getattr(rr.plots, f"plot_{name}"), f"rr.plots.plot_{name}")


def require_examples(thing, name):
    found = doctest.DocTestFinder(recurse=False).find(thing, name, globs={})
    examples = [test for test in found if test.examples]
    assert examples, f"`{name}` shows no example"
    runner = doctest.DocTestRunner(
        optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    for test in examples:
        runner.run(test)
    assert runner.failures == 0


@pytest.mark.parametrize("name", NAMES)
def test_each_function_is_typed(name):
    thing = getattr(rr, name)
    if inspect.isclass(thing):
        return
    signature = inspect.signature(thing)
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty


def _loaded(code):
    show = "; import sys; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    command = [sys.executable, "-c", code + show]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.long
def test_import_loads_neither_jax_nor_matplotlib():
    assert not {"jax", "matplotlib", "numpy"} & _loaded("import rram_ode as rr")
    assert "jax" in _loaded("import rram_ode as rr; rr.System")
    assert "matplotlib" not in _loaded(
        "import rram_ode as rr; rr.System.from_preset()._repr_html_(); rr.progress(1)"
    )
    assert "matplotlib" in _loaded("import rram_ode as rr; rr.plots.plot_samples")


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("flag", ["--help", "--nonsense"])
def test_help_and_a_wrong_flag_load_no_jax(name, flag):
    code = (
        f"import runpy, sys; sys.argv = ['x', {flag!r}]\n"
        f"try: runpy.run_module('rram_ode.{name}', run_name='__main__')\n"
        "except SystemExit as stop: print('status', stop.code)\n"
        "print('jax' in sys.modules, 'matplotlib' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert lines[-1] == "False False"
    assert lines[-2] == f"status {0 if flag == '--help' else 2}"


def test_versions_agree():
    assert rr.__version__ == "0.1.0"
    assert (PACKAGE / "py.typed").exists()


@pytest.mark.long
@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda s: rr.chip_at(s.program_many(range(2)), 9), "chip 9; got 2 chips"),
        (lambda s: rr.chip_at(s.program(), 0), "got one chip"),
        (lambda s: s.sample(s.program_many(range(2)), 4), "rr.draw_population"),
        (lambda s: s.sample_digital(0), "`num_samples` must be an integer of 1"),
        (lambda s: s.data(0), "`num_samples` must be an integer of 1"),
        (lambda s: s.program_many([]), "`seeds` must hold one seed or more"),
        (lambda s: s.program(seed=2**32), "a seed must be an integer from 0 to"),
        (lambda s: s.program(seed=-1), "a seed must be an integer from 0 to"),
        (lambda s: rr.repeats(10, 0, 0), "`num` and `count` must be 1 or more"),
    ],
)
def test_a_wrong_call_is_one_clear_line(call, words, system):
    with pytest.raises(ValueError, match="^[^\n]*$") as error:
        call(system)
    assert words in str(error.value)
