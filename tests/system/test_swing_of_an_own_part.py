"""Volts that a measured op-amp reaches are those that its stages are made for."""

import dataclasses
import math
from typing import Any

import pytest
from rram_ode.config import override_all
from rram_ode.presets import find_preset
from rram_ode.spice.subcircuit import Measurement
from rram_ode.system._subcircuit import fitted


def measurement(**values):
    """A part without any limit but those of `values`."""
    names = [field.name for field in dataclasses.fields(Measurement)]
    zeros: dict[str, Any] = dict.fromkeys(names, 0.0)
    zeros |= {"poles": (10.0, math.inf), "gain": 1e5}
    zeros |= dict.fromkeys(("slew_up", "slew_down", "i_source", "i_sink"), math.inf)
    return Measurement(**{**zeros, "gbw": 1e6, "v_rail": 2.4, **values})


@pytest.mark.parametrize(
    ("low", "settings", "swing"),
    [
        (-0.6, {}, 0.6),  # the narrower side
        (-2.5, {}, 2.3),  # 5 V less 0.2 V at each rail
        (-2.5, {"op_amp.supply": "3V"}, 1.3),
        (-2.5, {"fidelity": "quasi-static"}, 1.45),  # of the chip's 3.3 V
    ],
)
def test_the_swing_is_that_of_the_part(low, settings, swing):
    config = override_all(find_preset("ring-fresh"), {"fidelity": "dynamic"} | settings)
    values = fitted(config, measurement(v_low=low))
    assert values["amplifier.v_rail"] == pytest.approx(swing)
    assert values["integrator.v_rail"] == pytest.approx(swing)
    assert values["op_amp.v_low"] == low  # as it was measured
