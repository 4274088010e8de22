"""Values of the circuit's settings that cannot be are refused, each in one line."""

import pytest
from rram_ode.config import override_all
from rram_ode.loop import ClosedLoop
from rram_ode.presets import find_preset
from rram_ode.system import System


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"trim.rc": "beta", "trim.rc_resolution": "5"}, "trim.rc_resolution"),
        ({"trim.columns": "gains", "trim.gain_range": "1.5"}, "trim.gain_range"),
        (
            {"trim.multipliers": "True", "trim.multiplier_range": "0"},
            "trim.multiplier_range",
        ),
        ({"solve.score_factor": "-1"}, "solve.score_factor"),
        (
            {"solve.score_factor": "0", "trim.columns": "gains"},
            "solve.score_factor",
        ),
        ({"crossbar.wires.capacitance": "-1fF"}, "crossbar.wires.capacitance"),
        ({"supply.std": "2"}, "supply.std"),
        ({"solve.jitter": "100us"}, "solve.jitter"),
        ({"dac.skew": "1us"}, "dac.skew"),
        ({"rewrite.settle": "-1s"}, "rewrite.settle"),
        ({"multiplier.signal_bend_std": "-1"}, "multiplier.signal_bend_std"),
    ],
)
def test_what_cannot_be_is_refused(settings, name):
    config = override_all(find_preset("ring-fresh"), settings)
    with pytest.raises(ValueError, match=rf"`{name}` must be .*; got ") as error:
        System.from_config(config)
    assert "\n" not in str(error.value)


def test_what_a_chip_may_have_is_taken():
    """The largest that the whole chip is expected to have."""
    settings = {
        "supply.std": "0.01",
        "solve.jitter": "10ps",
        "dac.skew": "100ps",
        "dac.glitch": "1pV s",
        "trim.rc": "beta",
    }
    system = System.from_config(override_all(find_preset("ring-fresh"), settings))
    loop = system.chip_loop
    assert isinstance(loop, ClosedLoop)
    assert loop.updates is not None
    assert loop.jitter is not None
    assert loop.updates.skew is not None
    assert loop.updates.glitch is not None
    assert float(loop.jitter) == pytest.approx(10e-12)
    assert float(loop.updates.skew) == pytest.approx(100e-12)
    assert float(loop.updates.glitch) == pytest.approx(1e-12)
