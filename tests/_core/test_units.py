import contextlib
import math
import re

import pytest
from hypothesis import given, strategies as st
from rram_ode._core._quantities import parse_quantity, read_quantity, SCALES
from rram_ode._core._units import format_quantity, PREFIXES


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("20us", "s", 2e-5),
        ("50 uS", "S", 5e-5),
        ("1e-6", "S", 1e-6),
        ("1.5 kohm", "ohm", 1500.0),
        ("10MHz", "Hz", 1e7),
        ("3", "", 3.0),
        ("-2mV", "V", -2e-3),
        ("1nV s", "V s", 1e-9),
        ("1 nV s", "V s", 1e-9),
        # As data sheets, SPICE and people write them.
        ("2V/us", "V/s", 2e6),
        ("30 kV/ms", "V/s", 3e7),
        ("100k", "ohm", 1e5),
        ("100kΩ", "ohm", 1e5),
        ("100 k\N{OHM SIGN}", "ohm", 1e5),
        ("100kOhm", "ohm", 1e5),
        ("4k7", "ohm", 4700.0),
        ("4R7", "ohm", 4.7),
        ("2n2", "F", 2.2e-9),
        ("1V8", "V", 1.8),
        ("30p", "F", 30e-12),
        ("30pf", "F", 30e-12),
        ("1Meg", "ohm", 1e6),
        ("1MEGohm", "ohm", 1e6),
        ("5u", "s", 5e-6),
        ("5µs", "s", 5e-6),
        ("5\N{GREEK SMALL LETTER MU}s", "s", 5e-6),
        ("5%", "", 0.05),
        ("30 ppm", "", 3e-5),
        ("100k", "", 1e5),
        ("100V/mV", "", 1e5),
        ("60dB", "", 1000.0),
        ("24h", "s", 86_400.0),
        ("30min", "s", 1800.0),
        ("7 d", "s", 604_800.0),
        ("10y", "s", 315_576_000.0),
        ("5nV/rtHz", "V/sqrt(Hz)", 5e-9),
        ("5 nV/√Hz", "V/sqrt(Hz)", 5e-9),
        ("1fA/sqrt(Hz)", "A/sqrt(Hz)", 1e-15),
        ("85C", "K", 358.15),
        ("-40 °C", "K", 233.15),
        ("300K", "K", 300.0),
        ("2uV/C", "V/K", 2e-6),
        ("30ppm/°C", "1/K", 3e-5),
        ("50MHZ", "Hz", 5e7),
        ("\N{MINUS SIGN}2mV", "V", -2e-3),
        ("5 um^2", "m^2", 5e-12),
    ],
)
def test_quantities(text, unit, value):
    assert parse_quantity(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        *[("20uV", "s"), ("abc", "s"), ("inf", "s"), ("1 2", ""), ("3 V", "")],
        *[("5us", "S"), ("60dB", "V"), ("5%", "S"), ("85k", "K"), ("9999dB", "")],
    ],
)
def test_bad_quantities_are_refused(text, unit):
    with pytest.raises(ValueError, match=text.split()[0]):
        parse_quantity(text, unit)


@pytest.mark.parametrize(
    ("text", "unit", "remedy"),
    [
        ("0,5uS", "S", "write `0.5uS` for decimals"),
        ("1,000", "ohm", "or `1000`"),
        ("1.000,5V", "V", "write `1000.5V`"),
        ("5m", "s", "write ms, min or d"),
        ("1M", "s", "write ms, min or d"),
        ("50mhz", "Hz", "write MHz or mHz"),
        ("185F", "K", "write `358.15K`"),
        ("12.5kohm", "S", "1 / `12.5kohm` is `80uS`"),
        ("0.1us", "Hz", "1 / `0.1us` is `10MHz`"),
    ],
)
def test_what_may_mean_two_things_is_refused_with_what_to_write(text, unit, remedy):
    with pytest.raises(ValueError, match=re.escape(remedy)):
        parse_quantity(text, unit)


def test_a_reading_that_could_be_another_is_said():
    """A temperature in C, decibels, and the M that SPICE takes for milli."""
    assert "is 358.15 K" in read_quantity("85C", "K").said
    assert read_quantity("10C", "K", is_difference=True).value == 10.0
    assert "of 1000" in read_quantity("60dB", "").said
    assert read_quantity("1M", "ohm").value == 1e6
    assert "SPICE reads a milli" in read_quantity("1M", "ohm").said
    for text in ("1Meg", "1Mohm", "100k", "30p"):
        assert read_quantity(text, "ohm" if text[-1] != "p" else "F").said == ""


@given(
    st.floats(min_value=1e-14, max_value=9e11),
    st.sampled_from(["s", "S", "ohm", "Hz", "F"]),
)
@pytest.mark.lowest
def test_what_is_printed_can_be_read_back(value, unit):
    assert parse_quantity(format_quantity(value, unit, 15), unit) == pytest.approx(
        value, rel=1e-12
    )


DIMENSIONS = ("s", "S", "ohm", "Hz", "F", "V", "A", "C")


@given(
    st.floats(min_value=1e-3, max_value=999.0).map(lambda x: float(f"{x:.9g}")),
    st.sampled_from(sorted(SCALES)),
    st.sampled_from(DIMENSIONS),
    st.sampled_from(DIMENSIONS),
    st.sampled_from(["", " "]),
)
@pytest.mark.lowest
def test_a_text_is_read_as_its_own_unit_or_not_at_all(number, prefix, own, unit, gap):
    """Of all units that a value could take, no other one reads the text."""
    text = f"{number!r}{gap}{prefix}{own}"
    if own == unit:
        assert parse_quantity(text, unit) == pytest.approx(number * SCALES[prefix])
    else:
        with pytest.raises(ValueError, match="has the unit|may be"):
            parse_quantity(text, unit)


@given(st.text(alphabet="0123456789.,eE+-kKMmunpfGgTRVFSsHzhdyC%°Ωµ/√ \t", max_size=9))
@pytest.mark.lowest
def test_any_text_is_a_finite_number_or_refused(text):
    for unit in (*DIMENSIONS, "", "K", "V/s", "V/sqrt(Hz)", "1/K", "V s"):
        with contextlib.suppress(ValueError):  # and nothing else
            assert math.isfinite(parse_quantity(text, unit))


def test_prefixes_are_powers_of_a_thousand():
    assert sorted(set(PREFIXES.values()))[0] == 1e-15
    assert format_quantity(0.0, "V") == "0 V"
