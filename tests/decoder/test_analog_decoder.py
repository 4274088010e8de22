"""A decoder on crossbars beside the digital decode of the same latents."""

import dataclasses
import math

import equinox as eqx
import jax
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import ADC, FeedbackIntegrator, HoldSpread
from rram_ode.chip import Design
from rram_ode.config import idealise, override_all
from rram_ode.crossbar import DifferentialPair
from rram_ode.decoder import decoder_blueprint, Interface, stages_of
from rram_ode.devices import Cell, ConductanceRange
from rram_ode.noise import ReadNoise, WhiteReadNoise
from rram_ode.presets import find_preset
from rram_ode.system import build_design, find_picture_judge, System
from rram_ode.system.build import build_decoder, find_dataset
from scipy.constants import Boltzmann


READ_TIME = 0.5e-6


WHOLE = find_preset("letters-analog-decoder")


@pytest.fixture(scope="module")
def letters():
    return find_dataset(WHOLE)


@pytest.fixture(scope="module")
def states(letters):
    return np.asarray(letters.part("test")[0])[:40]


def quiet(**settings):
    """A chip without errors but for those of `settings`."""
    given = {name.replace("__", "."): value for name, value in settings.items()}
    config = dataclasses.replace(idealise(WHOLE), fidelity="quasi-static")
    return override_all(config, given)


def decoder(letters, config=None, seed=0):
    made = build_decoder(quiet() if config is None else config, letters)
    assert made is not None
    return made.program(jr.key(seed))


@pytest.fixture(scope="module")
def ideal(letters):
    return decoder(letters)


def replaced(decoder, number, where, value):
    """`decoder` with an array of a stage's last layer replaced by a function of it."""
    at = lambda d: where(d.stages[number].chip.score.layers[-1].crossbar)
    return eqx.tree_at(at, decoder, value(at(decoder)))


@pytest.mark.long
def test_without_errors_it_is_the_digital_decode(letters, ideal, states):
    decoded = ideal.decode(states)
    wanted = letters.to_images(states)
    np.testing.assert_allclose(decoded.images, wanted, atol=1e-6)
    assert all(seen.clipped == 0 for seen in decoded.stages)
    assert ideal.num_cells == 2 * 8 * (3 * 16 + 17 * 144 + 65 * 32 + 33 * 4)
    # Mutants on the chip: cells of a kernel exchanged, a row of biases without volts.
    for number in (1, 2):
        for name in ("g_pos", "g_neg"):
            where = lambda c, name=name: getattr(c, name)
            wrong = replaced(ideal, number, where, lambda g: g[:, ::-1])
            assert np.abs(wrong.to_images(states) - wanted).max() > 0.1
    for number in range(3):
        wrong = replaced(ideal, number, lambda c: c.v_bias, jnp.zeros_like)
        assert np.abs(wrong.to_images(states) - wanted).max() > 0.03, number


@pytest.mark.slow
def test_errors_are_of_the_chip_and_noise_is_of_the_sample(letters, states):
    """A picture is a function of the chip and of the sample's number in lab time."""
    config = quiet(
        cell__write__factor=1.0,
        cell__read__white__std=1e-6,
        decoder__hold_noise=True,
        decoder__adc_bits=8,
    )
    noisy = decoder(letters, config)
    images = noisy.to_images(states)
    np.testing.assert_array_equal(images, noisy.to_images(states))
    later = noisy.to_images(states[10:], first=10)
    np.testing.assert_allclose(later, images[10:], atol=1e-9)
    assert np.abs(noisy.to_images(states, first=1) - images).max() > 1e-3
    other = decoder(letters, config, seed=1)
    assert np.abs(other.to_images(states) - images).max() > 1e-3


def small_design(read=ReadNoise()):
    over = ConductanceRange(1e-6, 100e-6)
    integrator = FeedbackIntegrator(30e3, 100e-12)
    return Design(Cell(over, read=read), DifferentialPair(over), integrator)


@pytest.mark.slow
def test_white_noise_of_a_read_has_its_variance(letters, states):
    r"""$\sigma \sqrt{\sum_i v_i^2}$ at a column, as each read of the last array adds.

    The states are all one, so that samples differ by noise alone; arrays but the last
    are made silent.
    """
    std, num = 1e-6, 4000
    law = ReadNoise(white=WhiteReadNoise(std, 1 / (2 * READ_TIME)))
    stages, x = stages_of(letters.model), jnp.asarray(letters.part("train")[0]).T
    made = decoder_blueprint(stages, small_design(law), x, Interface(READ_TIME))
    noisy = made.program(jr.key(0))
    for number in (0, 1):
        spreads = lambda d, n=number: [
            layer.crossbar.white_std for layer in d.stages[n].chip.score.layers
        ]
        noisy = eqx.tree_at(spreads, noisy, replace_fn=jnp.zeros_like)
    one = np.repeat(states[:1], num, axis=0)
    logits = noisy.decode(one).logits.reshape(num, -1)
    seen = stages.inputs(jnp.asarray(one[:1]).T)[-1][..., 0]
    network = noisy.stages[-1].network
    layer, unit = network.layers[-1], network.volts_in
    squares = jnp.sum((unit * seen) ** 2, axis=0) + layer.crossbar.v_bias**2
    amperes = math.sqrt(2) * std * jnp.sqrt(squares)  # of the two cells of a pair
    volts = layer.amplifier.feedback_resistance[:, None] * amperes[None]
    wanted = noisy.stages[-1].stage.join(volts / network.volts_out)
    found = np.std(logits, axis=0)
    # 144 pixels: five standard errors of each.
    np.testing.assert_allclose(found, wanted, rtol=5 / math.sqrt(2 * num))
    # Reads are as far apart as the noise is held, so that none share a value.
    units = (logits - logits.mean(axis=0)) / np.asarray(wanted)
    pairs = np.corrcoef(units.T)[np.triu_indices(144, 1)]
    assert np.abs(pairs).max() < 6 / math.sqrt(num)


@pytest.mark.slow
def test_holds_have_their_thermal_noise_and_charge(letters, states):
    capacitance, charge, num = 1e-12, 2e-15, 3000
    stages, x = stages_of(letters.model), jnp.asarray(letters.part("train")[0]).T
    spread = HoldSpread(capacitance, injection_std=charge, temperature=300.0)
    interface = Interface(READ_TIME, holds=spread)
    made = decoder_blueprint(stages, small_design(), x, interface).program(jr.key(0))
    for number, outputs in ((0, 144), (1, 288)):
        stored = made.stages[number].holds
        v = jnp.zeros((outputs, num))
        noise = jr.normal(jr.key(1), v.shape)
        assert stored is not None
        held = stored.opened(v, 0, noise)
        of_chip = np.std(np.mean(held, axis=1)) * capacitance
        assert of_chip == pytest.approx(charge, rel=5 / math.sqrt(2 * outputs))
        apart = np.std(held - np.mean(held, axis=1, keepdims=True))
        assert apart == pytest.approx(
            math.sqrt(Boltzmann * 300 / capacitance), rel=0.02
        )
    assert made.stages[-1].holds is None
    images = made.to_images(states)
    assert 1e-3 < np.abs(images - letters.to_images(states)).max() < 0.2


@pytest.mark.long
def test_pixels_are_codes(letters, states):
    bits = 6
    coarse = decoder(letters, quiet(decoder__adc_bits=bits, adc__noise=0.0))
    states = 3 * states  # far out, where pixels are darker than any code
    logits = coarse.decode(states).logits
    step = 16 / 2**bits
    np.testing.assert_allclose(logits / step, np.round(logits / step), atol=1e-9)
    assert logits.min() == -8  # what is darker is black
    exact = np.asarray(stages_of(letters.model)(jnp.asarray(states).T)).T
    wanted = ADC(bits, 8.0)(jnp.asarray(exact)).reshape(logits.shape)
    assert np.mean(np.abs(wanted - logits) < 1e-9) > 0.999


@pytest.mark.parametrize(
    ("preset", "settings", "message"),
    [
        ("ring-fresh", {}, "decodes latents, and the data `ring` are in no latent"),
        ("digits-fresh", {}, "the data `digits` are in no latent space"),
        ("letters", {"decoder.read_time": "1us"}, "take 6.81e-07 s or less"),
        (
            "letters",
            {"decoder.read_time": "0s"},
            "read_time` must be positive; got 0",
        ),
        ("letters", {"decoder.adc_bits": 20}, "`decoder.adc_bits` must be between 4"),
        ("letters", {"decoder.injection": -1.0}, "`decoder.injection` must be 0 or"),
        (
            "letters",
            {"power.row": "board"},
            "on the chip; got `power.row`",
        ),
        ("letters", {"rewrite.every": 1e4}, "are never rewritten: set `rewrite.every`"),
        ("letters", {"cell.read.white.own_pole": True}, "amplifiers settle: set"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(preset, settings, message):
    config = override_all(
        find_preset(preset), {"decoder.circuit": "analog", **settings}
    )
    with pytest.raises(ValueError, match=message) as caught:
        build_decoder(config, find_dataset(config))
    assert "\n" not in str(caught.value)


def test_the_system_refuses_early_and_a_digital_one_has_no_decoder():
    with pytest.raises(ValueError, match="the data `ring` are in no latent space"):
        System.from_preset("ring-fresh", {"decoder.circuit": "analog"})
    system = System.from_preset("letters-fresh")
    with pytest.raises(ValueError, match="this system decodes digitally"):
        system.program_decoder(0)


@pytest.mark.slow
def test_the_decoder_is_on_the_die_of_the_chip(letters):
    """One reference and one corner for both; noise and cells of its own."""
    settings = {"decoder.circuit": "analog", "process.corner": "monte-carlo"}
    settings |= {"supply.reference_std": 1e-2, "process.resistor_tolerance": 0.2}
    settings |= {"fidelity": "quasi-static"}
    system = System.from_preset("letters-fresh", settings)
    chip, made = system.program(3), system.program_decoder(3)
    assert chip.die is not None
    for stage in made.stages:
        assert stage.chip.reference == chip.reference
        assert stage.chip.die is not None
        assert float(stage.chip.die.resistor) == float(chip.die.resistor)
    keys = [jax.random.key_data(s.chip.key).tolist() for s in made.stages]
    keys.append(jax.random.key_data(chip.key).tolist())
    assert len({tuple(key) for key in keys}) == 4
    assert build_design(system.config).supplies is not None


@pytest.mark.slow
def test_a_whole_chip_decodes_as_well_as_the_digital_decoder(letters):
    """Five chips, a day old, trimmed: recall, distance, and pixels beside a mutant."""
    system = System.from_config(WHOLE)
    judge = find_picture_judge(WHOLE)
    assert judge is not None
    x, labels = map(np.asarray, letters.part("test"))
    digital = letters.to_images(x)
    real = judge.judge(digital, labels, num_blocks=None)
    assert real.recall is not None
    for seed in range(5):
        images = system.program_decoder(seed).to_images(x)
        found = judge.judge(images, labels, num_blocks=None)
        assert found.recall is not None
        assert np.sqrt(np.mean((images - digital) ** 2)) < 0.012, seed
        assert abs(found.recall.balanced.mean - real.recall.balanced.mean) < 0.01
        far = found.pixels.samples.value - real.pixels.samples.value
        assert abs(far) < 0.1, seed  # of half a pixel of blur
        beside = judge.compare(images, digital, num_blocks=None)
        assert beside["pixels"].verdict == "equal", seed
