"""White noise of cells behind each amplifier's own pole: exact limits, and its law."""

import dataclasses
import re

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from _spectra import density_ratio
from rram_ode.blocks import OpAmp
from rram_ode.config import override_all, RunConfig
from rram_ode.loop import AmplifierPoles, ClosedLoop, make_dynamic
from rram_ode.loop._signals import sample_paths
from rram_ode.noise import OwnPoles, ReadNoise, WhiteReadNoise
from rram_ode.sdes import VPSDE
from rram_ode.system import build_loop, build_training_chips
from test_dynamic import chip_of, CLOCK, quasi_static, solve, starts


STEPS, HOLD = 200, 1e-7
ONE = AmplifierPoles(1e6)


def white(std=1e-6, bandwidth=1e6, own_pole=True):
    return ReadNoise(WhiteReadNoise(std, bandwidth, own_pole=own_pole))


def chip_with(read):
    """The chip, whose cells get the spread of the noise."""
    chip = dataclasses.replace(chip_of(), read=read)
    where = lambda c: [layer.crossbar.white_std for layer in c.score.layers]
    return eqx.tree_at(
        where, chip, [jnp.full_like(x, read.white.std) for x in where(chip)]
    )


def noisy(read=None, num_steps=STEPS, amplifiers: AmplifierPoles | None = ONE):
    read = white() if read is None else read
    return quasi_static(num_steps, read=read, amplifiers=amplifiers)


# The law.


@pytest.mark.slow
def test_density_of_each_column():
    """A periodogram against the law; the mutant has poles 1.3 times as high.

    The third pole is above what the holds resolve.
    """
    law = OwnPoles(jnp.array([2e5, 2e6, 4e7]), jnp.asarray(HOLD))
    normals = jr.normal(jr.key(0), (2**13, 3, 48))
    paths = np.moveaxis(np.asarray(law(normals)), 0, 2)
    bands = np.array([2e4, 1e5, 3e5, 1e6, 3e6])

    class Column:
        def __init__(self, law, n):
            self.psd = lambda f: law.psd(f)[:, n]

    mutant = OwnPoles(1.3 * law.poles, law.hold)
    for n in range(3):
        ratio, error = density_ratio(Column(law, n), paths[n], HOLD, bands)
        assert np.all(np.abs(ratio - 1) < 4 * error), n
        other, error = density_ratio(Column(mutant, n), paths[n], HOLD, bands)
        assert (n == 2) == bool(np.all(np.abs(other - 1) < 4 * error)), n


@pytest.mark.long
def test_the_law_is_that_of_a_pole():
    """Variance and density at low frequency in closed form, at any hold.

    Up to the pole the density is the pole's, within 3 % where 16 holds fit its period.
    """
    hold = 1 / 16e5
    law = OwnPoles(jnp.array([1e5, 1e7]), jnp.asarray(hold))
    band = np.pi / 2 * 1e5
    assert np.allclose(law.bandwidth, [band, 0.5 / hold], rtol=1e-6)
    assert np.allclose(law.psd(jnp.array([1.0])), 1.0, rtol=1e-5)
    f = jnp.linspace(1e3, 1e5, 50)
    pole = 1 / (1 + (f / 1e5) ** 2)
    assert np.allclose(law.psd(f)[:, 0] / pole, 1.0, atol=0.03)
    values = law(jr.normal(jr.key(1), (40, 2, 20_000)))
    found = np.var(np.asarray(values[-1]), axis=-1) / np.asarray(law.bandwidth)
    assert np.all(np.abs(found - 1) < 4 * np.sqrt(2 / 20_000))
    assert not np.allclose(law.memory[0], 0.0)
    assert float(law.memory[1]) == 0.0


# In a loop.


@pytest.mark.long
def test_off_is_exact():
    """No strength, or a pole whose noise bandwidth is that of one value a step."""
    x1 = starts()
    zero = white(0.0)
    still = solve(quasi_static(), chip_of(), x1)
    assert np.array_equal(solve(noisy(zero), chip_with(zero), x1), still)
    band = STEPS / 2 / float(CLOCK.duration)
    own, plain = white(1e-6, band), white(1e-6, band, own_pole=False)
    same = AmplifierPoles(band * 2 / np.pi)
    found = solve(noisy(own, amplifiers=same), chip_with(own), x1)
    wanted = solve(noisy(plain, amplifiers=None), chip_with(plain), x1)
    assert np.allclose(found, wanted, rtol=1e-6)
    assert np.abs(found - still).max() > 1e-3
    slower = solve(noisy(own), chip_with(own), x1)
    assert np.abs(slower - wanted).max() > 1e-3


@pytest.mark.long
@pytest.mark.parametrize("gbw", [None, 6e6])
def test_columns_have_the_spread_of_their_own_pole(gbw):
    r"""$\sqrt{\pi f_c / 2 B}$, with the pole of its noise gain."""
    chip, amplifiers = chip_with(white()), AmplifierPoles(1e6, gbw)
    assert chip.crossbars is not None
    loop = noisy(amplifiers=amplifiers)
    paths = sample_paths(
        chip,
        CLOCK,
        loop.plan,
        jnp.asarray(1.0),
        2,
        first=jnp.uint32(0),
        num_samples=4000,
        key=jr.key(0),
        amplifiers=amplifiers,
    )
    assert paths.white is not None
    gains = np.concatenate(chip.crossbars.noise_gains)
    pole = 1e6 if gbw is None else gbw / gains
    wanted = np.pi / 2 * pole / 1e6 * np.ones(gains.size)
    found = np.var(np.asarray(paths.white.values[-1]), axis=1)
    assert np.all(np.abs(found / wanted - 1) < 4.5 * np.sqrt(2 / 4000))
    if gbw is not None:
        assert gains.max() > 2 * gains.min()


@pytest.mark.slow
def test_op_amps_that_take_time_filter_it_alike():
    r"""A column's noise is $R_f \sigma_i \sqrt{\pi f_c / 2 B}$ in fidelity `dynamic`.

    Where only the first layer has noise, seen early, as the state has hardly moved. The
    mutant law has no pole but the steps' band.
    """
    num, gbw, std = 200, 2e7, 3e-7
    read = white(std)
    chip = chip_with(read)
    where = lambda c: [layer.crossbar.white_std for layer in c.score.layers[1:]]
    chip = eqx.tree_at(where, chip, [jnp.zeros_like(x) for x in where(chip)])
    loop = noisy(read, 6000, amplifiers=AmplifierPoles(jnp.inf))
    loop = make_dynamic(loop, OpAmp(1e9, gbw))
    loop.check(chip)
    x1 = jnp.tile(jnp.array([[0.3], [-0.7]]), (1, num))
    layers = eqx.filter_jit(lambda: loop.trace(chip, x1).layers)()
    seen = np.asarray(layers[0][300:1200:20, 0])
    layer, v = chip.score.layers[0], chip.score.volts_in * x1[:, 0]
    squares = float(jnp.sum(v**2) + layer.crossbar.v_bias**2)
    ohms = np.asarray(layer.amplifier.feedback_resistance)
    pole = gbw / np.asarray(layer.noise_gains(1.0))
    wanted = (ohms * std) ** 2 * squares * np.pi / 2 * pole / 1e6
    each = np.var(seen, axis=2, ddof=1).mean(axis=0) / wanted
    error = np.sqrt(2 / (num * seen.shape[0]))
    assert np.all(np.abs(each - 1) < 4 * error + 0.02)
    band = 6000 / 2 / 20e-6
    assert not np.any(np.abs(each * pole * np.pi / 2 / band - 1) < 0.3)


# What is refused.


def test_the_refusal_names_a_number_of_steps_that_does():
    chip, fast = chip_with(white()), AmplifierPoles(1e5, 1e8)
    with pytest.raises(ValueError, match="does not resolve the pole of layer") as error:
        noisy(amplifiers=fast).check(chip)
    number = int(re.findall(r"num_steps` = (\d+)", str(error.value))[0])
    noisy(num_steps=number, amplifiers=fast).check(chip)
    with pytest.raises(ValueError, match="does not resolve"):
        noisy(num_steps=number - 1, amplifiers=fast).check(chip)


def test_a_machine_slower_than_what_is_paid_for_is_refused():
    chip = chip_with(white())
    with pytest.raises(ValueError, match=r"op-amps that count as infinitely") as error:
        noisy(num_steps=5000, amplifiers=AmplifierPoles(1e7, 2e7)).check(chip)
    gbw = float(re.findall(r"take ([\d.e+]+) Hz", str(error.value))[0])
    noisy(num_steps=50_000, amplifiers=AmplifierPoles(1e7, 1.001 * gbw)).check(chip)


def test_dynamic_steps_must_resolve_the_op_amps():
    loop = make_dynamic(noisy(amplifiers=AmplifierPoles(jnp.inf)), OpAmp(1e6, 50e6))
    with pytest.raises(ValueError, match="noise of the cells, held 1e-07 s, does not"):
        loop.check(chip_with(white()))


def test_a_chip_and_a_loop_of_one_piece():
    plain = white(own_pole=False)
    with pytest.raises(ValueError, match=r"`read.white.own_pole` of this chip is True"):
        solve(noisy(plain, amplifiers=None), chip_with(white()), starts())
    with pytest.raises(ValueError, match=r"own_pole` is noise behind the amplifiers'"):
        noisy(amplifiers=None)


def test_settings_reach_the_loop():
    def make(**settings):
        own = {"cell.read.white.own_pole": True, **settings}
        config = override_all(RunConfig(), own)
        law = WhiteReadNoise(1e-7, 1e6, own_pole=config.cell.read.white.own_pole)
        return build_loop(config, VPSDE(0.1, 8.0), ReadNoise(law))

    loop = make()
    assert isinstance(loop, ClosedLoop)
    assert loop.amplifiers is not None
    assert float(loop.amplifiers.bandwidth) == pytest.approx(20 / 20e-6)
    assert loop.amplifiers.gbw is None
    fast = make(**{"op_amp.gbw": 80e6})
    assert isinstance(fast, ClosedLoop)
    assert fast.amplifiers is not None
    assert fast.amplifiers.gbw is not None
    assert float(fast.amplifiers.gbw) == 80e6
    off = make(**{"cell.read.white.own_pole": False})
    assert isinstance(off, ClosedLoop)
    assert off.amplifiers is None
    assert not off.plan.own_pole


def test_training_sees_it_behind_the_op_amps_that_a_solve_needs():
    """A spread in the noise bandwidth of 1 MHz, pi / 2 of it; off is as it was."""
    own = {"train.chips": True, "cell.read.white.std": 1e-7}
    law = {}
    for is_on in (False, True):
        config = override_all(RunConfig(), {**own, "cell.read.white.own_pole": is_on})
        chips = build_training_chips(config)
        assert chips is not None
        law[is_on] = chips.design.cell.read.white
        assert isinstance(law[is_on], WhiteReadNoise)
        assert not law[is_on].own_pole
    assert float(law[False].std) == pytest.approx(1e-7)
    assert float(law[True].std) == pytest.approx(1e-7 * np.sqrt(np.pi / 2))
