import numpy as np
import pytest
from rram_ode.metrics import compare_repeats, Difference, kl_2d
from rram_ode.presets import PRESETS
from rram_ode.samplers import draw_digital, Euler, Heun
from rram_ode.sdes import Prior
from rram_ode.studies import ComparisonPlan, find_fewest
from rram_ode.studies.comparison._runs import diffusion_times
from rram_ode.system import run_key, System


def draw(mean, chips=10, std=0.1, seed=0):
    """Distances of chips."""
    return np.random.default_rng(seed).normal(mean, std, chips)


def test_the_search_finds_what_a_scan_finds():
    candidates = [3, 5, 8, 10, 14, 20, 28, 40, 50, 70, 100, 200]
    reference = draw(1.0)
    for power in (0.5, 1.0, 2.0):
        run = lambda n, power=power: draw(1 + 5 * (15 / n) ** power, seed=n)
        passes = lambda n, run=run: (
            compare_repeats(run(n), reference, delta=1.0).is_as_good
        )
        passing = [n for n in candidates if passes(n)]
        got = find_fewest(candidates, run, reference, margin=1.0)
        assert got.found == (passing[0] if passing else None)
        assert len(got.tried) <= 5


def test_a_guess_changes_no_result_and_saves_runs():
    candidates = [3, 5, 8, 10, 14, 20, 28, 40, 50, 70, 100, 200]
    run, reference = lambda n: draw(1 + 5 * 15 / n, seed=n), draw(1.0)
    plain = find_fewest(candidates, run, reference, margin=1.0)
    assert plain.found is not None
    for guess in candidates:
        got = find_fewest(candidates, run, reference, margin=1.0, guess=guess)
        assert got.found == plain.found
        np.testing.assert_array_equal(got.distances, plain.distances)
    near = find_fewest(candidates, run, reference, margin=1.0, guess=int(plain.found))
    assert len(near.tried) == 2
    never = lambda n: draw(100.0, seed=n)
    for guess in candidates:
        got = find_fewest(candidates, never, reference, margin=1.0, guess=guess)
        assert got.found is None
        np.testing.assert_array_equal(got.distances, never(candidates[-1]))


def test_a_worse_reference_needs_fewer_steps():
    candidates = list(range(1, 200))
    run = lambda n: draw(1 + 50 / n, seed=n)
    found = [
        find_fewest(candidates, run, draw(worse), margin=1.0).found or 0
        for worse in (1.0, 3.0, 9.0)
    ]
    assert found[0] > found[1] > found[2]


def test_an_undecided_candidate_does_not_pass():
    """So few and noisy chips show nothing: the largest candidate fails, too."""
    noisy = lambda n: draw(1.0, chips=3, std=5.0, seed=n)
    got = find_fewest([1, 2, 3], noisy, draw(1.0, chips=3, std=5.0), margin=1.0)
    assert got.found is None
    assert str(got.tried[3].verdict) == "undecided"


def test_candidates_must_rise():
    with pytest.raises(ValueError, match="`candidates` must rise"):
        find_fewest([3, 3], draw, draw(1.0), margin=1.0)


def test_a_plan_takes_the_chips_that_a_verdict_needs():
    plan = ComparisonPlan(1000, 10, 1, 0, 0, most_chips=40)
    needs = lambda factor: plan.more(Difference(0.0, -1.0, 1.0, 0.5, factor)).num_chips
    assert needs(0.3) == 10
    assert needs(1.0) == 10
    assert needs(2.05) == 21
    assert needs(1e9) == 40
    # Beyond the margin the verdict stands, whatever the chips' spread.
    wide = lambda low, high: plan.more(Difference(0.0, low, high, 1.0, 1e9)).num_chips
    assert (wide(1.1, 30.0), wide(-30.0, -1.1)) == (10, 10)
    assert (wide(0.9, 30.0), wide(-30.0, -0.9)) == (40, 40)


@pytest.mark.slow
def test_how_many_steps_of_euler_equal_the_ideal_chip():
    """Of first order; 30 steps are not worse than the authors' flow, 20 are."""
    system, num = System.from_config(PRESETS["ring-ideal"][0]), 20_000
    solve = system.config.solve

    def quality(sampler, steps):
        process = sampler.process_along(system.checkpoint.sde, solve.beta_factor)
        each = []
        for seed in range(3):
            chunks = draw_digital(
                sampler,
                process,
                system.checkpoint.score,
                diffusion_times(system, steps),
                num,
                key=run_key(seed),
                prior=Prior(solve.start_std),
            )
            x = np.concatenate([np.asarray(chunk).T for chunk in chunks])
            each.append(kl_2d(x, system.data(num, seed=seed)))
        return np.mean(each)

    exact, authors = quality(Heun(), 200), 0.235
    excess = {steps: quality(Euler(), steps) - exact for steps in (20, 30, 50, 100)}
    assert excess[20] + exact > 1.2 * authors > excess[30] + exact
    assert excess[50] > 0.2 * exact > excess[100]
    assert excess[50] == pytest.approx(0.2 * 0.230, rel=0.2)  # theirs at 50 steps
    order = np.log(excess[30] / excess[100]) / np.log(100 / 30)
    assert 1 <= order < 2
