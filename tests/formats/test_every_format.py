"""Every format passes one check, and wrong ones do not."""

import doctest

import jax.numpy as jnp
import pytest
from _formats import check_format
from rram_ode.formats import (
    BFloat16Format,
    ExactScale,
    FixedClip,
    FloatScale,
    IntegerScale,
    LogarithmicFormat,
    LogTable,
    MaxClip,
    MICROSCALING,
    microscaling,
    MicroscalingFormat,
    Minifloat,
    OptimalClip,
    PiecewiseLinear,
    Softermax,
    UniformFormat,
    VectorFormat,
)
from rram_ode.formats._lns import LogTable as Table
from rram_ode.formats._uniform import UniformCodes
from rram_ode.formats._vs_quant import VectorCodes
from rram_ode.scores import QuantisedScore
from rram_ode.training import hold_weights


EXACT = 1e-13  # float64
FORMATS = {
    "uniform 4": (UniformFormat(4), EXACT),
    "uniform 12 per column": (UniformFormat(12, MaxClip(per_column=True)), EXACT),
    "octav 4": (UniformFormat(4, OptimalClip(), PiecewiseLinear()), EXACT),
    "octav 3 per column": (UniformFormat(3, OptimalClip(per_column=True)), EXACT),
    "vectors 4/4": (VectorFormat(4, 16, IntegerScale(4)), EXACT),
    "vectors 8/10": (VectorFormat(8, 7, IntegerScale(10)), EXACT),
    "vectors 4/FP8": (VectorFormat(4, 16, FloatScale()), EXACT),
    "vectors 6, one level": (VectorFormat(6, 32, ExactScale()), EXACT),
    "bfloat16": (BFloat16Format(), 1e-6),  # sums in single precision
    "logarithms": (LogarithmicFormat(8, 3), 1e-3),
    "logarithms, fine": (LogarithmicFormat(8, 3, MaxClip(), LogTable(24, 23)), 2e-6),
    "mxfp8-e4m3": (microscaling("mxfp8-e4m3"), EXACT),
    "mxfp4": (microscaling("mxfp4"), EXACT),
    "mxint8": (microscaling("mxint8"), EXACT),
}


@pytest.mark.long
@pytest.mark.parametrize("name", FORMATS)
def test_a_format_passes_the_check(name):
    check_format(FORMATS[name][0], tolerance=FORMATS[name][1])


@pytest.mark.parametrize(
    "form",
    [UniformFormat(4, is_signed=False), VectorFormat(4, is_signed=False)],
    ids=["uniform", "vectors"],
)
def test_a_format_without_a_sign_passes_the_check(form):
    check_format(form, tolerance=EXACT, is_signed=False)


@pytest.mark.parametrize(
    ("name", "owner", "what", "wrong"),
    [
        ("uniform 4", UniformCodes, "dot", lambda a, b: a.value.T @ (b.value + 1e-9)),
        ("vectors 4/4", VectorCodes, "_scaled", lambda a: a.codes.reshape(48, -1)),
        ("logarithms", Table, "entries", lambda t, b: 2.0**t.bits * jnp.ones(2**b)),
        ("uniform 4", UniformFormat, "surrogate", lambda f, x: f.encode(x).value),
    ],
)
def test_a_wrong_format_fails_the_check(name, owner, what, wrong, monkeypatch):
    form, tolerance = FORMATS[name]
    monkeypatch.setattr(owner, what, wrong)
    with pytest.raises(AssertionError):
        check_format(form, tolerance=tolerance)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: UniformFormat(1), "`bits` of a format.*between 2 and 16.*got 1"),
        (lambda: UniformFormat(4.0), "between 2 and 16"),
        (lambda: UniformFormat(True), "between 2 and 16"),
        (lambda: VectorFormat(9), "between 2 and 8"),
        (lambda: VectorFormat(4, 0), "`vector` must be a whole number of rows"),
        (lambda: VectorFormat(4, 16, IntegerScale(1)), "`scale bits`.*2 and 16"),
        (lambda: MicroscalingFormat(MICROSCALING["mxfp4"], -1), "`block` must be"),
        (lambda: microscaling("mxfp5"), "one of mxfp8-e4m3, .*got `mxfp5`"),
        (lambda: LogarithmicFormat(2), "`bits` of a format.*3 and 16"),
        (lambda: LogarithmicFormat(8, 12), "`base bits`.*0 and 11"),
        (lambda: LogTable(1), "`table bits`.*2 and 24"),
        (lambda: LogTable(12, 30), "`fraction bits of the table`.*2 and 29"),
        (lambda: FixedClip(0.0), "`scale` must be positive"),
        (lambda: Minifloat(0, 0), "`exponent_bits`.* between 1 and 7; got 0"),
        (lambda: Minifloat(9, 30), "`exponent_bits`.* between 1 and 7; got 9"),
        (lambda: Minifloat(4, 30), "`mantissa_bits`.* between 0 and 23; got 30"),
        (lambda: Minifloat(2, 1, 8), "`reserved`.* between 0 and 6; got 8"),
        (lambda: UniformFormat(4).quantise(jnp.ones((0, 3))), "at least one number"),
    ],
)
def test_what_a_format_cannot_have_is_one_line(make, words):
    with pytest.raises(ValueError, match=words) as error:
        make()
    assert "\n" not in str(error.value)


@pytest.mark.long
@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        (VectorFormat(4, 16), VectorFormat(4, 8), "blocks of 16 and 8"),
        (microscaling("mxfp4"), microscaling("mxfp4", 16), "blocks of 32 and 16"),
        (LogarithmicFormat(8, 3), LogarithmicFormat(8, 4), "got 8 and 16"),
        (
            LogarithmicFormat(8, 3, MaxClip(), LogTable(12, 29)),
            LogarithmicFormat(8, 3),
            "sums of 40 terms",
        ),
    ],
)
def test_operands_that_do_not_fit_are_refused(left, right, words):
    x = jnp.ones((40, 2))
    with pytest.raises(ValueError, match=words):
        left.encode(x).dot(right.encode(x))


@pytest.mark.long
@pytest.mark.parametrize(
    "thing",
    [
        UniformFormat,
        LogarithmicFormat,
        Softermax,
        microscaling,
        QuantisedScore,
        hold_weights,
    ],
    ids=lambda thing: thing.__name__,
)
def test_examples_run(thing):
    finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner()
    (found,) = [test for test in finder.find(thing, globs={}) if test.examples]
    runner.run(found)
    assert runner.failures == 0
