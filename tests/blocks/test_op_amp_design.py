"""The two-stage op-amp against its circuit, against published designs, and limits."""

import dataclasses
import math

import numpy as np
import pytest
from rram_ode.blocks import (
    OpAmpDesign,
    OpAmpProcess,
    PAIR_AREA,
    WEAK_INVERSION,
)


# GBW (Hz), slew (V/s), C_c, C_L (F), class AB, supply current (A).
PUBLISHED = {
    # P. E. Allen and D. R. Holberg, CMOS Analog Circuit Design, 2nd ed., 2002,
    # example 6.3-1. Exercises that repeat it have its 5 MHz, 10 V/us, 10 pF, +-2.5 V
    # and 2 mW at most, 400 uA (the like with 6 MHz: ques10.com/p/36981). From memory:
    # 30 uA of tail, 95 uA in the second stage; assumed: 30 uA of bias.
    "Allen and Holberg": (5e6, 10e6, 3e-12, 10e-12, False, 155e-6),
    # R. Hogervorst et al., IEEE J. Solid-State Circuits 29, 1994, from memory and not
    # seen again: 6.4 MHz with cascoded Miller capacitors, 11 MHz/mW at 3 V and 10 pF.
    # The slew rate and the Miller capacitors (2 pF) are assumed.
    "Hogervorst": (6.4e6, 4e6, 2e-12, 10e-12, True, 6.4e6 / 11e9 / 3),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_figure_of_merit_is_near_published_designs(name):
    """GBW C_L / I within a factor of 2; a model without its second stage is not."""
    gbw, slew, c_c, c_load, is_class_ab, current = PUBLISHED[name]
    design = OpAmpDesign(gbw, slew, c_c, c_load, is_class_ab=is_class_ab)
    published = gbw * c_load / current
    assert 0.5 < design.figure_of_merit / published < 2
    mutant = gbw * c_load / (design.tail * (1 + design.bias))
    assert not 0.5 < mutant / published < 2


@pytest.mark.parametrize("g_load", [0.0, 1e-5, 2e-3])
def test_gain_and_speed_are_those_of_the_two_node_circuit(g_load):
    """Nodal analysis of both stages and the Miller capacitor, below the second pole."""
    design = OpAmpDesign(100e6, 100e6, g_load=g_load)
    gm2 = design.gm_id_2 * design.idle
    g_out = 2 * design.process.slope * design.idle + g_load
    first = design.gain / (design.gm_id_2 / (2 * design.process.slope))
    g_first = design.gm1 / first

    def gain(hertz):
        s = 2j * math.pi * hertz
        nodes = np.array(
            [
                [g_first + s * design.c_c, -s * design.c_c],
                [gm2 - s * design.c_c, g_out + s * (design.c_c + design.c_load)],
            ]
        )
        return abs(np.linalg.solve(nodes, np.array([-float(design.gm1), 0.0]))[1])

    assert gain(0.0) == pytest.approx(design.loaded_gain, rel=1e-9)
    below = 100e6 / 300
    assert gain(below) * below == pytest.approx(100e6 * design.gbw_left, rel=0.01)
    if g_load == 2e-3:  # the mutant: a load that takes nothing
        assert gain(0.0) < 0.1 * design.gain
        assert gain(below) * below < 0.9 * 100e6


def test_one_current_gives_speed_slew_and_noise():
    """I_tail by the slew rate or by gm/Id; what is simulated is I_tail / C_c."""
    slow, fast = OpAmpDesign(10e6, 100e6), OpAmpDesign(300e6, 100e6)
    assert slow.tail == pytest.approx(100e-6)
    assert slow.slew_rate == pytest.approx(100e6)
    assert fast.tail == pytest.approx(2 * 2 * math.pi * 300e6 * 1e-12 / 15)
    assert fast.slew_rate == pytest.approx(4 * math.pi * 300e6 / 15)
    quarter = dataclasses.replace(fast, gbw=75e6)
    assert quarter.noise == pytest.approx(2 * fast.noise, rel=1e-12)
    # 8 k T gamma (1 + eta) / gm1 at 1 mS: 4.2 nV/sqrt(Hz) squared, twice for the load.
    one = OpAmpDesign(1e-3 / (2 * math.pi * 1e-12)).noise
    assert one == pytest.approx(6.65e-9, rel=0.01)


def test_an_output_pays_for_its_load():
    """Class A carries its peak at all times, class AB a tenth of it."""
    for g_load, i_out in ((0.0, None), (1e-3, None), (1e-3, 5e-3)):
        a, ab = (
            OpAmpDesign(1e6, 1e6, g_load=g_load, i_out=i_out, is_class_ab=each)
            for each in (False, True)
        )
        peak = 1.2 * g_load + 1e-6 if i_out is None else i_out
        for design in (a, ab):
            assert design.largest_output >= peak * (1 - 1e-9)
        assert a.idle == pytest.approx(max(peak, a.gm2 / 15))
        assert ab.idle == pytest.approx(max(peak / 10, ab.gm2 / 15))


def test_the_pair_trades_offset_for_capacitance():
    process = OpAmpProcess()
    assert process.area(process.offset(PAIR_AREA)) == pytest.approx(PAIR_AREA)
    halved = process.area(0.5 * process.offset(PAIR_AREA))
    assert process.c_in(halved) == pytest.approx(4 * process.c_in(PAIR_AREA))
    with pytest.raises(ValueError, match="infinite area: take a positive one, or"):
        process.area(0.0)


def test_weak_inversion_is_slow_and_an_end():
    """gm/Id buys current with speed and with capacitance."""
    moderate, weak = OpAmpDesign(100e6), OpAmpDesign(100e6, gm_id_1=27.0)
    assert weak.tail < moderate.tail
    assert weak.fastest < 0.1 * moderate.fastest
    assert weak.c_in(PAIR_AREA) > moderate.c_in(PAIR_AREA)
    for name in ("gm_id_1", "gm_id_2"):
        with pytest.raises(ValueError, match=f"`op_amp.{name}` must be positive and"):
            dataclasses.replace(moderate, **{name: WEAK_INVERSION})
