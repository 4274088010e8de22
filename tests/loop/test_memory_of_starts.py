"""What a start keeps of the sample before, and injected noise at its limit."""

import dataclasses

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from rram_ode.blocks import DAC
from rram_ode.config import override_all, RunConfig
from rram_ode.loop import (
    close_loop,
    ClosedLoop,
    Converters,
    draw,
    NetworkDrift,
    solve_chunk,
)
from rram_ode.noise import ReadNoise
from rram_ode.sdes import Prior, ReverseSDE, VPSDE
from rram_ode.system import build_loop, System
from scipy.stats import norm
from test_dynamic import chip_of, CLOCK, loop_of, quasi_static, SCHEDULE, SDE


KEY, PRIOR = jr.key(5), Prior()


def keeping(share, **kwargs):
    return quasi_static(100, converters=Converters(memory=share, **kwargs))


def chunk(loop, first, num=6, chip=None):
    chip = chip_of() if chip is None else chip
    first = jnp.asarray(first, jnp.uint32)
    return np.asarray(solve_chunk(loop, chip, KEY, PRIOR, first, num, 0).x0)


@pytest.mark.long
def test_no_memory_is_exact():
    plain = chunk(quasi_static(100), 0)
    assert np.array_equal(chunk(keeping(0.0), 0), plain)
    assert np.abs(chunk(keeping(0.1), 0) - plain)[:, 1:].min() > 1e-6
    assert np.array_equal(chunk(keeping(0.1), 0)[:, 0], plain[:, 0])
    assert System.from_preset("ring-fresh").chip_loop.converters.memory is None


def injecting(limit, hold=1e-6, **kwargs):
    return close_loop(
        NetworkDrift(ReverseSDE(SDE)),
        SCHEDULE,
        CLOCK,
        read=ReadNoise(),
        num_steps=100,
        noise_hold=hold,
        noise_limit=limit,
        dac=DAC(),
        **kwargs,
    )


KEEP = Converters(memory=0.1)
LOOPS = {
    "quasi-static": lambda: keeping(0.1),
    "injected noise": lambda: injecting(None, converters=KEEP),
    "dynamic": lambda: loop_of(converters=KEEP),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LOOPS)
def test_memory_does_not_know_the_chunks(name):
    loop = LOOPS[name]()
    whole = chunk(loop, 0)
    num = 2 if name == "quasi-static" else 6  # another size is another program
    assert np.allclose(whole[:, 4:], chunk(loop, 4, num)[:, :2], rtol=1e-9)
    assert np.allclose(whole[:, 1:3], chunk(loop, 1, num)[:, :2], rtol=1e-9)
    if name == "quasi-static":
        parts = [np.asarray(t.x0) for t in draw(loop, chip_of(), 6, key=KEY)]
        assert np.allclose(np.concatenate(parts, axis=1), whole, rtol=1e-12)


@pytest.mark.slow
def test_what_is_kept_is_of_a_solve_without_noise():
    """So noise reaches the next start only through what a run without it has.

    The mutant keeps the noisy end, which differs by more than rounding.
    """
    settings = {"start.memory": 0.01, "adc.bits": None, "start.bits": None}
    settings |= {"solve.solver": "euler"}
    system = System.from_preset("ring-fresh", settings)
    loop, chip = system.chip_loop, system.program(0)
    assert isinstance(loop, ClosedLoop)
    x1 = PRIOR.sample(KEY, jnp.uint32(0), 6, 2)
    quiet = loop.silenced()
    plain = eqx.tree_at(
        lambda loop: loop.converters.memory, loop, None, is_leaf=lambda x: x is None
    )
    found = chunk(loop, 0, chip=chip)
    ends_of = eqx.filter_jit(lambda loop, chip: loop.solve(chip, x1).x0)
    noisy, silent = (ends_of(each, chip) for each in (plain, quiet))
    assert np.abs(noisy - silent).max() > 1e-3

    def following(ends):
        before = jnp.roll(ends, 1, axis=1)
        kept = 0.01 * chip.score.volts_in * (before - x1)
        kept = jnp.where(jnp.arange(6)[None] > 0, kept, 0.0)
        start = kept if chip.start is None else chip.start[:, None] + kept
        own = dataclasses.replace(chip, start=start)
        return np.asarray(ends_of(plain, own))

    assert np.allclose(found, following(silent), rtol=0, atol=1e-6)
    assert not np.allclose(found, following(noisy), rtol=0, atol=1e-6)


@pytest.mark.long
def test_memory_is_that_of_the_sample_before():
    """Against samples solved one after the other, to the first order in the share.

    The mutant takes the end of the sample itself.
    """
    chip, plain = chip_of(), quasi_static(100)
    x1 = np.asarray(PRIOR.sample(KEY, jnp.uint32(0), 6, 2))

    @eqx.filter_jit
    def end(start):
        return plain.solve(chip, start).x0

    def in_turn(share):
        ends = [end(x1[:, :1])]
        for k in range(1, 6):
            own = x1[:, k : k + 1]
            ends.append(end(own + share * (ends[-1] - own)))
        return np.concatenate(ends, axis=1)

    errors = [np.abs(chunk(keeping(m), 0) - in_turn(m)).max() for m in (0.02, 0.005)]
    without = in_turn(0.0)
    effect = np.abs(in_turn(0.005) - without).max()
    assert errors[1] < 0.05 * effect
    assert errors[1] < errors[0] / 8  # of the second order: a sixteenth
    late = x1 + 0.005 * (np.asarray(without) - x1)
    mutant = np.abs(np.asarray(end(jnp.asarray(late))) - in_turn(0.005)).max()
    assert mutant > 0.5 * effect


@pytest.mark.parametrize("share", [-0.1, 1.0])
def test_a_share_beyond_the_whole_is_refused(share):
    with pytest.raises(ValueError, match="`start.memory` must be 0 or more and below"):
        System.from_preset("ring-fresh", {"start.memory": share})


# Injected noise.


@eqx.filter_jit
def reverse(loop, num=400):
    return loop.solve(chip_of(), jnp.zeros((2, num)), key=KEY, num_observed=2)


@pytest.mark.slow
def test_injected_noise_is_cut_at_its_limit_and_counted():
    """A limit that nothing meets changes nothing; the share is that of the values."""
    free, wide = reverse(injecting(None)), reverse(injecting(1e3))
    assert np.allclose(free.x0, wide.x0, rtol=1e-12)
    assert "injected noise" not in free.observation.names
    assert np.all(wide.observation.share[-1] == 0)
    limit = 0.05
    cut = reverse(injecting(limit))
    assert not np.allclose(cut.x0, free.x0, rtol=1e-3)
    assert cut.observation.names[-1] == "injected noise"
    loop = injecting(limit)
    waves = loop.waveforms(chip_of())
    middles = (np.arange(20) + 0.5) * 1e-6
    spread = np.array([float(waves.injection(jnp.asarray(m))) for m in middles]) / 1e-3

    each = 2 * norm.sf(limit / spread)
    wanted = each.mean()
    error = np.sqrt(np.mean(each * (1 - each)) / (20 * 2 * 400))
    found = float(np.mean(cut.observation.share[-1]))
    assert abs(found - wanted) < 4 * error
    halved = (2 * norm.sf(limit / (spread / np.sqrt(2)))).mean()
    assert abs(found - halved) > 4 * error


def test_a_wiener_process_has_no_limit():
    settings = {"solve.process": "reverse-sde", "solve.limit_noise": True}
    config = override_all(RunConfig(), settings)
    with pytest.raises(
        ValueError, match="`solve.limit_noise` needs noise that is held"
    ):
        build_loop(config, VPSDE(0.1, 8.0), ReadNoise())
    config = override_all(config, {"solve.noise_hold": 1e-6})
    loop = build_loop(config, VPSDE(0.1, 8.0), ReadNoise())
    assert isinstance(loop, ClosedLoop)
    assert loop.noise_limit is not None
    assert float(loop.noise_limit) == pytest.approx(1.0)
