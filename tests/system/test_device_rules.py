"""A device that a user names keeps its own law of drift, or none."""

import numpy as np
import pytest
import rram_ode as rr
from rram_ode.config import override_all
from rram_ode.presets import find_preset
from rram_ode.system import follow


def ruled(given):
    """The settings of `ring`, a whole chip that ages, as `given` rules them."""
    found = follow(override_all(find_preset("ring"), given), given)
    cell = found.config.cell
    return (cell.age, cell.ageing, cell.drift.disturb), found.notes


AGES = ruled({})[0]


def own_file(folder, times):
    """Reads of five levels; at several times if there are some."""
    rng, path = np.random.default_rng(0), folder / "cells.csv"
    target = np.tile(np.repeat([5.0, 20.0, 40.0, 60.0, 80.0], 20), len(times))
    time = np.repeat(times, 100)
    read = target - 0.3 * np.log(time) + rng.normal(size=target.size)
    columns = [target, read] + ([time] if len(times) > 1 else [])
    header = "target_uS,read_uS" + (",time_s" if len(times) > 1 else "")
    np.savetxt(path, np.column_stack(columns), delimiter=",", header=header)
    return {"cell.device": "custom", "cell.measurements": str(path)}


def test_the_preset_ages():
    assert all(AGES)
    assert ruled({"cell.device": "cmo-hfox"}) == (AGES, ())
    assert ruled({"cell.temperature": 310.0}) == (AGES, ())


def test_a_device_without_a_law_does_not_age_and_says_so():
    for device in ("milo", "joshi", "macro-180nm"):
        (age, ageing, disturb), (note,) = ruled({"cell.device": device})
        assert (age, ageing, disturb) == (None, None, 0.0)
        assert note.startswith(f"`{device}` has no law of drift at every age")
        assert "cell.age=None" in note
    # Measured at an age, but at no other: the age stays, the ageing goes.
    (age, ageing, disturb), (note,) = ruled({"cell.device": "wan"})
    assert (age, ageing, disturb) == (AGES[0], None, 0.0)
    assert "cell.age=" not in note


def test_a_file_without_times_does_not_age_and_one_with_times_does(tmp_path):
    assert ruled(own_file(tmp_path, [1.0]))[0] == (None, None, 0.0)
    assert ruled(own_file(tmp_path, [1.0, 100.0, 1e4]))[0] == AGES


def test_a_law_of_the_settings_serves_any_device(tmp_path):
    law = {"cell.drift.law": "power-law"}
    assert ruled({"cell.device": "milo"} | law) == (AGES, ())
    assert ruled(own_file(tmp_path, [1.0]) | law) == (AGES, ())


def test_an_age_that_is_asked_for_is_refused():
    given = {"cell.device": "milo", "cell.age": 1e7}
    assert ruled(given)[0] == (1e7, None, 0.0)
    with pytest.raises(ValueError, match="`milo` has no measured `age`"):
        rr.System.from_preset("ring", given)


def test_the_system_is_built_from_what_was_ruled(tmp_path):
    system = rr.System.from_preset("ring", own_file(tmp_path, [1.0]))
    assert system.config.cell.age is None
    assert system.blueprint.ageing is None
