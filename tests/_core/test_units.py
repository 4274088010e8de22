import pytest
from hypothesis import given, strategies as st
from rram_ode._core._units import format_quantity, parse_quantity, PREFIXES


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
    ],
)
def test_quantities(text, unit, value):
    assert parse_quantity(text, unit) == value


@pytest.mark.parametrize(
    ("text", "unit"),
    [("20uV", "s"), ("abc", "s"), ("inf", "s"), ("5u", "s"), ("1 2", ""), ("3 V", "")],
)
def test_bad_quantities_are_refused(text, unit):
    with pytest.raises(ValueError, match=text.split()[0]):
        parse_quantity(text, unit)


@given(
    st.floats(min_value=1e-14, max_value=9e11),
    st.sampled_from(["s", "S", "ohm", "Hz", "F"]),
)
@pytest.mark.lowest
def test_what_is_printed_can_be_read_back(value, unit):
    assert parse_quantity(format_quantity(value, unit, 15), unit) == pytest.approx(
        value, rel=1e-12
    )


def test_prefixes_are_powers_of_a_thousand():
    assert sorted(set(PREFIXES.values()))[0] == 1e-15
    assert format_quantity(0.0, "V") == "0 V"
