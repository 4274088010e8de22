"""What a refusal advises is accepted."""

import re

import pytest
from rram_ode.system import System


OHMS = r"(?: and `integrator.resistance` = ([\d.e+-]+))?"
ADVICE = re.compile(r"take ([\d.e+-]+) F" + OHMS)


@pytest.mark.parametrize(
    ("farads", "ohms"), [(1e-15, 5e4), (1e-13, 5e4), (1e-13, 1.5e7), (1e-15, 1.5e9)]
)
def test_a_small_capacitor_is_told_one_that_is_accepted(farads, ohms):
    """And one that can be built: 1 nF takes 1 mm^2."""
    settings = {"integrator.capacitance": farads, "integrator.resistance": ohms}
    system = System.from_preset("ring-fresh", settings)
    with pytest.raises(ValueError, match="thermal noise") as told:
        system.check(system.program(0))
    found = ADVICE.search(str(told.value))
    assert found is not None
    least = float(found[1])
    assert farads < least < 100e-12
    settings["integrator.capacitance"] = least
    if found[2] is not None:
        settings["integrator.resistance"] = float(found[2])
    better = System.from_preset("ring-fresh", settings)
    assert better.check(better.program(0)) > 0


def test_a_capacitor_that_does_not_match_is_told_one_that_does():
    with pytest.raises(ValueError, match="must be") as told:
        System.from_preset("ring-fresh", {"integrator.capacitance": 1e-16})
    found = re.search(r"must be ([\d.e+-]+) F or more", str(told.value))
    assert found is not None
    System.from_preset("ring-fresh", {"integrator.capacitance": float(found[1])})
