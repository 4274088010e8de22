"""The chips of a training have the errors that the trims of a run leave."""

from rram_ode.config import idealise, read, replace
from rram_ode.presets import PRESETS
from rram_ode.system.build._training_chips import (
    GAINS,
    left_by_trims,
    OFFSETS,
    STUCK,
    WIRES,
)


def test_what_trims_take_off_is_not_learnt_and_what_they_leave_is():
    whole = PRESETS["ring-64"][0]
    left = left_by_trims(whole)
    assert set(left) == {*OFFSETS, *GAINS, *STUCK, *WIRES}
    for name, value in left.items():
        assert value == read(idealise(whole), name), name
    assert "process.resistor_tolerance" not in left
    assert left_by_trims(PRESETS["ring-fresh"][0]) == {}
    offsets = replace(PRESETS["ring-fresh"][0], "trim.columns", "offsets")
    assert left_by_trims(offsets) == OFFSETS
