"""What a run warns of besides its tables."""

import pytest
from rram_ode.commands._warnings import heat, warn
from rram_ode.system import System


def report(watts, reached=1.0, judged=1.0):
    written = {
        "samples": 1e6,
        "age_at_last_sample_s": reached,
        "age_of_quality_s": judged,
    }
    return {
        "hardware": {"power_w": watts, "programming": written},
        "quality": {"analog": {"non_finite_fraction": 0.0}},
    }


@pytest.fixture(scope="module")
def run():
    system = System.from_preset("ring-fresh")
    return system.sample(system.program(0), 8, seed=0)


def test_a_hot_die_is_named_and_a_cool_one_is_not(run, capsys):
    warn(report(0.05), run)
    quiet = capsys.readouterr()
    assert (quiet.out, quiet.err) == ("", "")
    warn(report(3.0), run)
    assert "the die would be 150 K warmer" in capsys.readouterr().err
    assert heat(3.0) == "3 W, which warms the die by 150 K"
    assert heat(0.05) == "50 mW, which warms the die by 2.5 K"


def test_other_ages_than_those_of_the_quality_are_named(run, capsys):
    warn(report(0.05, reached=32.0, judged=0.0), run)
    text = capsys.readouterr().out
    assert "the last at an age of 32 s" in text
    assert "ages up to 0 s" in text
