"""Times in the names of columns: what is read, what is refused, and that all counts."""

import math

import hypothesis.strategies as hs
import pytest
from hypothesis import given
from rram_ode.devices.fitting._header_times import header_time


UNITS = {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "day": 86400.0}
UNITS |= {"days": 86400.0, "weeks": 604800.0, "hours": 3600.0, "µs": 1e-6}
READ = [
    ("10^4 s", 1e4),
    ("10**2 s", 100.0),
    ("10³ s", 1000.0),
    ("10⁻³ s", 1e-3),
    ("10^(-3) s", 1e-3),
    ("1x10^3 s", 1000.0),
    ("3 × 10³ s", 3000.0),
    ("1e3 s", 1000.0),
    ("1E+03 s", 1000.0),
    ("2.5e-3s", 2.5e-3),
    ("read_1e3s", 1000.0),
    ("3 600 s", 3600.0),
    ("3\u202f600 s", 3600.0),
    ("3'600 s", 3600.0),
    ("3’600 s", 3600.0),
    ("3_600 s", 3600.0),
    ("after 3 600 s", 3600.0),
    ("1,234,567 s", 1234567.0),
    ("1.234.567 s", 1234567.0),
    ("1,234.5 s", 1234.5),
    ("1.234,5 s", 1234.5),
    ("2,5 h", 9000.0),
    ("0,5 h", 1800.0),
    ("0,500 h", 1800.0),
    ("24,0 h", 86400.0),
    ("1.234 h", 4442.4),
    (".5 h", 1800.0),
    ("0:30 h", 1800.0),
    ("2:30 h", 9000.0),
    ("0:01:30 h", 90.0),
    ("1:30 min", 90.0),
    ("0:00:10", 10.0),
    ("1 day, 0:00:00", 86400.0),
    ("0 days 00:00:01", 1.0),
    ("1/2 h", 1800.0),
    ("3/2 h", 5400.0),
    ("½ h", 1800.0),
    ("1½ h", 5400.0),
    ("1 1/2 h", 5400.0),
    ("1h30min", 5400.0),
    ("1 h 30 min", 5400.0),
    ("1 d 2 h", 93600.0),
    ("1 week", 604800.0),
    ("2 wks", 1209600.0),
    ("t=10s", 10.0),
    ("t1=10s", 10.0),
    ("read1 1 s", 1.0),
    ("read-10s", 10.0),
    ("read - 10 s", 10.0),
    ("10s_read", 10.0),
    ("+10 s", 10.0),
    ("~10 s", 10.0),
    ("(10 s)", 10.0),
    ("(G) 10 s", 10.0),
    ("as programmed", 0.0),
]
DOUBTS = [
    ("3,600 s", "may be 3600 or 3.600"),
    ("86,400 s", "may be 86400"),
    ("-10 s", "before programming"),
    ("−10 s", "before programming"),
    ("- 10 s", "before programming"),
    ("read -10 s", "before programming"),
    ("t=-10 s", "before programming"),
    ("1 month", "no even length"),
    ("10 years", "no even length"),
    ("1 m", "minutes or months"),
    ("0-1 s", "no time that can be read"),
    ("1–10 s", "no time that can be read"),
    ("300 1 h", "no time that can be read"),
    ("read_1_10s", "no time that can be read"),
    ("12 34 s", "no time that can be read"),
    ("1.5.2 s", "no time that can be read"),
    ("10^0.5 s", "no time that can be read"),
    ("10^400 s", "no time that can be read"),
    ("1/0 h", "no time that can be read"),
    ("0:75 h", "no time that can be read"),
    ("0:30 s", "no time that can be read"),
    ("1h90min", "no time that can be read"),
    ("30min1h", "no time that can be read"),
    ("0:30", "hours or minutes"),
    ("read 1 600 s", "number of the read"),
    ("read_1_600s", "number of the read"),
    (">1 h", "bound"),
    ("<1 day", "bound"),
]
OTHERS = ["± 1 s", "σ 1 s", "Δ 1 s", "% 1 s", "sigma 1 s", "1 s std", "std_1s"]
OTHERS += ["initial", "1 H", "1 S", "1h30", "10", "s 10", "pulse 10 ns", "10 V", "x3"]


@pytest.mark.parametrize(("name", "seconds"), READ)
def test_what_has_one_meaning_is_read(name, seconds):
    found = header_time(name)
    assert found is not None
    assert found.doubt == ""
    assert found.seconds == pytest.approx(seconds, rel=1e-12)


@pytest.mark.parametrize(("name", "text"), DOUBTS)
def test_what_has_two_meanings_or_none_is_in_doubt(name, text):
    found = header_time(name)
    assert found is not None
    assert text in found.doubt
    assert math.isnan(found.seconds)


@pytest.mark.parametrize("name", OTHERS)
def test_other_names_are_no_times(name):
    assert header_time(name) is None


def test_a_point_may_part_thousands_beside_decimal_commas():
    found = header_time("3.600 s", comma=True)
    assert found is not None
    assert "may be 3600 or 3.600" in found.doubt
    assert header_time("3.600 s") == (3.6, "")


@given(
    whole=hs.integers(0, 10**7),
    tenth=hs.integers(0, 9),
    unit=hs.sampled_from(sorted(UNITS)),
    style=hs.sampled_from(
        ["{0}.{1}", "{0},{1}", "{2}.{1}", "{3}.{1}", "{4},{1}", "{0}{1}e-1"]
    ),
    name=hs.sampled_from(["{} {}", "t={}{}", "G@{}{}", "read_{}{}", "after {} {}"]),
)
def test_all_ways_to_write_a_number_are_one(whole, tenth, unit, style, name):
    parted = [f"{whole:,}".replace(",", mark) for mark in "'_ "]
    if name.startswith("read_"):  # where an underscore or a space may part two numbers
        parted = [parted[0]] * 3
    number = style.format(whole, tenth, *parted)
    found = header_time(name.format(number, unit))
    assert found is not None
    assert found.doubt == ""
    wanted = (whole + tenth / 10) * UNITS[unit]
    assert found.seconds == pytest.approx(wanted, rel=1e-9)


def changed_digits(name):
    """`name` with another digit in each place, but for the numbers of words."""
    for n, sign in enumerate(name):
        if sign.isascii() and sign.isdigit() and name[n - 1 : n] not in ("t", "d"):
            yield f"{name[:n]}{(int(sign) + 1) % 10}{name[n + 1 :]}"


@pytest.mark.parametrize(("name", "seconds"), READ)
def test_each_digit_counts(name, seconds):
    """Another digit in any place is another time, or none."""
    for changed in changed_digits(name):
        other = header_time(changed)
        assert other is None or other.doubt or other.seconds != seconds, changed


@given(
    text=hs.text("0123456789.,:/^*'_ -+eEx×", min_size=1, max_size=12),
    unit=hs.sampled_from(sorted(UNITS)),
)
def test_no_digit_of_any_text_is_passed_over(text, unit):
    found = header_time(f"{text} {unit}")
    if found is None or found.doubt or not found.seconds:
        return
    for changed in changed_digits(f"{text} {unit}"):
        other = header_time(changed)
        assert other is None or other.doubt or other.seconds != found.seconds, changed


@pytest.mark.parametrize("sign", list("123456789-−–^*/.,'%±σΔ<>²³½&"))
@pytest.mark.parametrize("name", ["10 s", "1 h", "2.5 min"])
def test_no_sign_before_a_time_is_passed_over(sign, name):
    plain, found = header_time(name), header_time(sign + name)
    assert plain is not None
    assert found is None or found.doubt or found.seconds != plain.seconds
