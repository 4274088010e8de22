import numpy as np
import pytest
from rram_ode.accelerators import all_constants
from rram_ode.energy import (
    adc_constant,
    adc_energy,
    assume,
    Constant,
    NEURRAM,
    neurram_energy,
    nominals,
    scale_energy,
    UNITS,
)


TABLE = all_constants()
NEURRAM_POINTS = {  # fJ per cell: word line, neuron, input (Nature 2022, Fig. 12b)
    (4, 2): (8.270951256, 12.38674172, 3.955661604),
    (8, 6): (37.2192395, 52.48282041, 19.23892768),
}


def faults(table):
    """What is wrong with a table: the walk that the next test makes."""
    wrong = []
    for name, constant in table.items():
        if constant.unit not in UNITS:
            wrong.append(f"{name}: unit")
        if len(constant.source.strip()) < 7:
            wrong.append(f"{name}: source")
        if not 0 <= constant.low <= constant.nominal <= constant.high:
            wrong.append(f"{name}: range")
        if name.rpartition(".")[2] in ("add", "mult") and (
            constant.node is None or constant.voltage is None
        ):
            wrong.append(f"{name}: node and voltage")
    return wrong


def test_no_constant_is_without_unit_source_and_range():
    assert len(TABLE) > 80
    assert faults(TABLE) == []
    kinds = {
        "power": "W",
        "launch": "s",
        "peak": "op/s",
        "bandwidth": "bit/s",
        "clock": "Hz",
        "operation": "J",
        "add": "J",
        "mult": "J",
        "load": "F",
        "supply": "V",
    }
    for name, constant in TABLE.items():
        kind = name.rpartition(".")[2]
        assert constant.unit == kinds.get(kind, constant.unit), name


@pytest.mark.parametrize("field", ["unit", "source"])
def test_the_walk_finds_a_constant_without_it(field):
    bad = Constant(1.0, 1.0, 1.0, "J", "assumed: a mutant")
    object.__setattr__(bad, field, "")
    assert faults({"a.add": bad})


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((1.0, 1.0, 1.0, "", "Horowitz"), "needs a unit, one of"),
        ((1.0, 1.0, 1.0, "pJ", "Horowitz"), "got `pJ`"),
        ((1.0, 1.0, 1.0, "J", " "), "needs a source"),
        ((2.0, 1.0, 3.0, "J", "Horowitz"), "low <= nominal <= high"),
        ((0.0, 1.0, float("inf"), "J", "Horowitz"), "all finite"),
    ],
)
def test_a_bad_constant_is_refused(arguments, text):
    with pytest.raises(ValueError, match=text):
        Constant(*arguments)


def test_an_assumption_fixes_a_constant():
    table = assume(TABLE, ["a100.power=300W", "fp32.add=0.8pJ", "sram.8kb=0.2pJ/bit"])
    fixed = table["a100.power"]
    assert (fixed.low, fixed.nominal, fixed.high) == (300.0, 300.0, 300.0)
    assert fixed.is_assumed
    assert table["fp32.add"].nominal == pytest.approx(0.8e-12, rel=1e-12)
    assert table["v100.power"] is TABLE["v100.power"]
    assert assume(TABLE, []) == TABLE


@pytest.mark.parametrize(
    ("pair", "text"),
    [
        ("a100.power", "must have the form NAME=VALUE"),
        ("a100.volts=3V", "no constant `a100.volts`; there are a100.power"),
        ("nothing=3V", "no constant `nothing`; there are int8.add"),
        ("a100.power=300", "needs its unit, W"),
        ("a100.power=300V", "takes W"),
        ("a100.power=30W", "lies between 250 and 400 W"),
    ],
)
def test_a_bad_assumption_is_refused(pair, text):
    with pytest.raises(ValueError, match=text):
        assume(TABLE, [pair])


@pytest.mark.parametrize(
    ("node", "picojoules"),
    [(180e-9, 44.1), (130e-9, 24.0), (65e-9, 6.5), (28e-9, 1.33)],
)
def test_the_adc_fit_is_accelergys(node, picojoules):
    tolerance = 0.01 if node in (180e-9, 28e-9) else 0.02  # two printed digits
    assert adc_energy(8, node) * 1e12 == pytest.approx(picojoules, rel=tolerance)


def test_the_adc_fit_is_that_of_its_bits_and_rate():
    at = lambda bits: adc_energy(bits, 180e-9) * 1e12
    np.testing.assert_allclose([at(4), at(10)], [24, 85], rtol=0.02)
    assert adc_energy(8, 28e-9, 1e6) == adc_energy(8, 28e-9, 1e8)  # capped by bits
    assert adc_energy(8, 28e-9, 1e10) > 1.1 * adc_energy(8, 28e-9, 1e9)
    constant = adc_constant(8, 180e-9)
    assert (constant.low, constant.high) == pytest.approx((12.5e-12, 2520e-12))


@pytest.mark.parametrize(
    ("bits", "node", "rate"),
    [(3, 180e-9, 1e6), (20, 180e-9, 1e6), (8, 5e-9, 1e6), (8, 180e-9, 0.0)],
)
def test_the_adc_fit_keeps_its_range(bits, node, rate):
    with pytest.raises(ValueError, match="in the ADC fit; got"):
        adc_energy(bits, node, rate)


def test_scaling_between_nodes():
    from_45 = lambda node, volts: scale_energy(45e-9, 0.9, node, volts)
    factors = [
        from_45(*to).factor for to in ((130e-9, 1.2), (65e-9, 1.1), (32e-9, 0.9))
    ]
    np.testing.assert_allclose(factors, [6.1, 2.0, 0.64], rtol=0.02)
    assert from_45(7e-9, 0.7).factor == pytest.approx(0.057, rel=0.02)
    assert from_45(45e-9, 0.9).factor == 1.0
    assert not from_45(130e-9, 1.2).is_extrapolated
    assert from_45(130e-9, 1.2).note == ""
    old = from_45(180e-9, 1.8)
    assert old.is_extrapolated
    assert "extrapolated" in old.note
    assert old.factor == pytest.approx(
        from_45(130e-9, 1.8).factor * (180 / 130) ** 0.5, rel=1e-12
    )
    there_and_back = (
        from_45(16e-9, 0.8).factor * scale_energy(16e-9, 0.8, 45e-9, 0.9).factor
    )
    assert there_and_back == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(
    "ends",
    [(45e-9, 0.9, 300e-9, 1.8), (5e-9, 0.9, 45e-9, 0.9), (45e-9, 9.0, 45e-9, 1.0)],
)
def test_scaling_keeps_its_range(ends):
    with pytest.raises(ValueError, match="lies between"):
        scale_energy(*ends)


@pytest.mark.parametrize("point", NEURRAM_POINTS)
def test_neurram(point):
    """The input pulse is calibrated at (4, 2); the other eight numbers are not."""
    out_bits, in_bits = point
    got = neurram_energy(out_bits, in_bits, nominals(NEURRAM))
    np.testing.assert_allclose(
        np.array(list(got.values())) * 1e15, NEURRAM_POINTS[point], rtol=0.2
    )
    total = sum(got.values()) * 1e15
    assert total == pytest.approx(sum(NEURRAM_POINTS[point]), rel=0.2)


def test_a_single_phase_does_not_pass_for_neurram():
    """The mutant: 31 steps of one phase instead of 7 + 3."""
    values = nominals(NEURRAM) | {"neurram.integrate": 0.25e-12 * 31 / 10}
    got = neurram_energy(8, 6, values)["neuron"] * 1e15
    assert not np.isclose(got, NEURRAM_POINTS[8, 6][1], rtol=0.2)
