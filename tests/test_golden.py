"""What each preset gives is what it gave when reference/golden.json was written.

On the processor that wrote the file: to the last digit. Another one adds in another
order and fuses other products: there within the tolerances of `make_golden`.
"""

import copy
import json

import make_golden
import pytest


OLD = json.loads(make_golden.FILE.read_text())


@pytest.mark.slow
@pytest.mark.parametrize("preset", list(OLD["presets"]))
def test_each_preset_gives_what_it_gave(preset):
    old = {"presets": {preset: OLD["presets"][preset]}}
    here = make_golden.processor() == OLD["processor"]
    new = make_golden.make((preset,))
    tolerances = None if here else make_golden.TOLERANCES
    assert make_golden.differences(old, new, tolerances) == []


def changed(preset, part, name, change):
    """The golden values after `change` of one array."""
    new = copy.deepcopy(OLD)
    change(new["presets"][preset][part][name])
    return new


def test_the_same_is_equal():
    assert make_golden.differences(OLD, copy.deepcopy(OLD)) == []


def test_a_change_anywhere_shows():
    """Also between the values that are kept: the hash has all of them."""

    def change(kept):
        kept["sha256"] = kept["sha256"][::-1]

    new = changed("ring-fresh", "samples", "analog", change)
    (line,) = make_golden.differences(OLD, new)
    assert line.startswith("ring-fresh samples analog: 0.0e+00")


@pytest.mark.parametrize("part", list(make_golden.TOLERANCES))
def test_a_digit_beyond_the_tolerance_shows(part):
    name = next(iter(OLD["presets"]["ring-fresh"][part]))
    tolerance = make_golden.TOLERANCES[part]
    for factor, lines in ((0.5, 0), (2.0, 1)):

        def change(kept, factor=factor):
            scale = max(map(abs, kept["some"]))
            place = list(map(abs, kept["some"])).index(scale)
            kept["some"][place] += factor * tolerance * scale
            kept["sha256"] = ""

        new = changed("ring-fresh", part, name, change)
        assert len(make_golden.differences(OLD, new)) == 1
        found = make_golden.differences(OLD, new, make_golden.TOLERANCES)
        assert len(found) == lines


@pytest.mark.parametrize(
    "change",
    [
        lambda kept: kept.update(size=kept["size"] + 1),
        lambda kept: kept["some"].__setitem__(0, float("nan")),
        lambda kept: kept.update(norm=float("inf")),
    ],
    ids=["size", "nan", "inf"],
)
def test_no_tolerance_hides_another_shape_or_what_is_not_finite(change):
    new = changed("ring-fresh", "train", "weights", change)
    (line,) = make_golden.differences(OLD, new, make_golden.TOLERANCES)
    assert "inf" in line or "nan" in line


def test_an_array_that_is_gone_or_new_shows():
    new = copy.deepcopy(OLD)
    arrays = new["presets"]["ring-fresh"]["samples"]
    arrays["other"] = arrays.pop("analog")
    names = [x.split(":")[0] for x in make_golden.differences(OLD, new)]
    assert names == ["ring-fresh samples analog", "ring-fresh samples other"]


def test_a_small_element_of_a_deck_shows():
    """Each element has its own scale: the largest are pulses' times and resistors."""

    def change(kept):
        kept["some"][-1] *= 1.001

    new = changed("ring-fresh", "deck", "values", change)
    assert len(make_golden.differences(OLD, new, make_golden.TOLERANCES)) == 1
