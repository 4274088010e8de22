"""Every knob of the cell reaches its object, and off is off."""

import dataclasses

import jax.numpy as jnp
import jax.random as jr
import numpy as np
import pytest
from _cells import cell, config, QUIET, write
from rram_ode.config import idealise
from rram_ode.devices import (
    arrhenius,
    DeviceToDevice,
    LinearIV,
    LogarithmicDrift,
    measured,
    PolynomialIV,
    PowerLawDrift,
    PRESETS,
    SinhIV,
    WriteVerify,
)
from rram_ode.noise import FlickerReadNoise
from rram_ode.system import build_cell, build_design


US = 1e-6
DEVICES = [name for name in PRESETS if name != "custom"]


def only(cell, kind):
    (found,) = (error for error in cell.errors if isinstance(error, kind))
    return found


@pytest.mark.long
@pytest.mark.parametrize("device", DEVICES)
def test_a_device_is_named_once(device):
    """Range and law of the registry's cell; its draws are those of number 3."""
    built, own = cell(f"cell.device={device}", *QUIET), measured(device)
    assert float(built.range.g_min) == float(own.range.g_min)
    assert float(built.range.g_max) == float(own.range.g_max)
    g = jnp.linspace(own.range.g_min, own.range.g_max, 200)[None]
    law, key = own.errors[0], jr.key(3)
    wanted = law(g, key=jr.fold_in(key, 3))
    found = write(built, g, key)
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert float(jnp.std(found - g)) > 0


@pytest.mark.parametrize("device", DEVICES[:2])
def test_the_factor_scales_the_devices_law(device):
    """0 is off, bit for bit; 2 is twice the deviation, away from 0 siemens."""
    none, one, two = (
        cell(f"cell.device={device}", f"cell.write.factor={n}", *QUIET)
        for n in (0, 1, 2)
    )
    top = float(one.range.g_max)
    g, key = jnp.full((10, 10), top), jr.key(0)
    np.testing.assert_array_equal(write(none, g, key), g)
    ratio = (write(two, g, key) - g) / (write(one, g, key) - g)
    np.testing.assert_allclose(ratio, 2, rtol=1e-3)


def test_the_slope_of_the_read_noise_belongs_to_the_device():
    slow = cell().read.flicker
    assert isinstance(slow, FlickerReadNoise)
    np.testing.assert_allclose(float(slow.slope), 0.0277316483e-6, rtol=1e-6)
    assert cell("cell.device=milo").read.flicker is None
    assert cell("cell.read.flicker.slope=0").read.flicker is None
    other = cell("cell.device=joshi", "cell.read.flicker.slope=0.01uS").read.flicker
    assert isinstance(other, FlickerReadNoise)


def test_each_knob_reaches_its_error():
    found = only(cell("cell.write.device_std=1uS"), DeviceToDevice)
    assert float(found.std) == US
    found = only(cell("cell.write.device_std_rel=0.1"), DeviceToDevice)
    assert float(found.std_rel) == 0.1
    loop = only(cell("cell.write.verify=2uS", "cell.write.std=1uS"), WriteVerify)
    assert (float(loop.acceptance), loop.max_pulses) == (2 * US, 100)
    np.testing.assert_allclose(
        loop.law.spread(jnp.asarray(50 * US)),
        np.hypot(1.0, 0.00106879 * 50 + 0.00081107) * US,
        rtol=1e-6,
    )
    assert int(cell("cell.write.cycle=3").cycle) == 3
    assert cell("cell.devices_per_weight=4").parallel == 4
    drift = only(cell("cell.age=1000"), LogarithmicDrift)
    assert float(drift.age) == 1000
    power = ("cell.drift.law=power-law", "cell.drift.nu=0.05", "cell.age=1000s")
    drift = only(cell("cell.device=joshi", *power), PowerLawDrift)
    assert (float(drift.nu), float(drift.reference)) == (0.05, 27.36)
    hot = ("cell.drift.activation_energy=1", "cell.temperature=350")
    drift = only(cell("cell.device=joshi", *power, *hot), PowerLawDrift)
    np.testing.assert_allclose(drift.age, 1000 * float(arrhenius(1.0, 350.0)))
    assert isinstance(cell("cell.iv.law=sinh").iv, SinhIV)
    assert isinstance(cell().iv, LinearIV)
    narrow = ("cell.g_min=63uS", "cell.g_max=109uS")
    bent = cell("cell.device=milo", "cell.iv.law=measured", *narrow)
    assert isinstance(bent.iv, PolynomialIV)
    assert build_design(config("crossbar.rescale=True")).rescale
    assert build_design(config("cell.stuck.remap=True")).remap


def test_acceptance_chooses_the_fit():
    g, key = jnp.full((1, 4), 50 * US), jr.key(0)
    tight, loose = (
        cell(f"cell.write.acceptance={a}", *QUIET).program(g, key=key) - g
        for a in (0.002, 0.02)
    )
    wanted = (0.01129027 * 50 + 0.01121854) / (0.00106879 * 50 + 0.00081107)
    np.testing.assert_allclose(loose / tight, wanted, rtol=1e-6)


def test_wan_ages_by_its_table():
    """At 1 day the law itself is another; nothing is applied on top."""
    fresh, day = (cell("cell.device=wan", f"cell.age={t}", *QUIET) for t in (1, 86400))
    g, key = jnp.full((1, 4), 23 * US), jr.key(0)
    ratio = (write(day, g, key) - g) / (write(fresh, g, key) - g)
    np.testing.assert_allclose(ratio, 3.767756 / 2.208621, rtol=1e-5)


@pytest.mark.long
def test_an_error_leaves_the_draws_of_the_others():
    """Stuck cells and write noise are the same cells and values with others on."""
    g, key = jnp.full((40, 50), 50 * US), jr.key(1)
    many = "cell.stuck.lrs=0.02", "cell.stuck.hrs=0.02"
    plain = cell("cell.levels=None", *many)
    for more in ("cell.levels=16", "cell.age=3600", "cell.write.device_std=0.1uS"):
        other = cell("cell.levels=None", *many, more)
        found, wanted = other.stuck(g.shape, key=key), plain.stuck(g.shape, key=key)
        np.testing.assert_array_equal(found, wanted)
        is_stuck = ~np.isnan(np.asarray(wanted))
        written = np.asarray(write(other, g, key))
        np.testing.assert_array_equal(written[is_stuck], np.asarray(wanted)[is_stuck])


@pytest.mark.long
@pytest.mark.parametrize(
    "device",
    [pytest.param(d, marks=[pytest.mark.slow] * (d != "cmo-hfox")) for d in DEVICES],
)
def test_ideal_turns_the_device_off(device):
    """Every error at once, then none: the targets come back bit for bit."""
    noisy = config(
        f"cell.device={device}",
        "cell.write.std=1uS",
        "cell.write.std_rel=0.1",
        "cell.write.device_std=1uS",
        "cell.write.device_std_rel=0.1",
        "cell.write.verify=1uS",
        "cell.write.cycle=2",
        "cell.drift.law=power-law",
        "cell.drift.nu=0.1",
        "cell.drift.nu_std=0.1",
        "cell.age=1000s",
        "cell.iv.law=sinh",
    )
    loud, quiet = build_cell(noisy.cell), build_cell(idealise(noisy).cell)
    g = jnp.linspace(loud.range.g_min, loud.range.g_max, 50)[None]
    assert jnp.all(write(loud, g, jr.key(0)) != g)
    np.testing.assert_array_equal(write(quiet, g, jr.key(0)), g)
    assert isinstance(quiet.iv, LinearIV)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Reads of a device that misses its target by 2 + g / 50 uS, and scatters by 1."""
    rng = np.random.default_rng(0)
    target = np.repeat(np.linspace(10, 60, 6), 500)
    rows = [
        np.stack([target, rng.normal(1.02 * target + shift, std), 0 * target + time], 1)
        for time, shift, std in ((1.0, 2.0, 1.0), (1e4, 5.0, 2.0))
    ]
    path = tmp_path_factory.mktemp("device") / "cells.csv"
    header = "target_uS,read_uS,time_s"
    np.savetxt(path, np.concatenate(rows), delimiter=",", header=header, comments="")
    return path


@pytest.mark.long
def test_your_own_measurements_are_a_device(table):
    """Range, mean error, spread and drift come back; a factor of 0 leaves the target.

    The fit knows mean and spread to 1 and 5 % of the spread; the mutant has no mean
    error.
    """
    own = ("cell.device=custom", f"cell.measurements={table}", *QUIET)
    g = jnp.tile(jnp.linspace(10, 60, 6) * US, (20_000, 1))
    for age, shift, std in ((0, 2.0, 1.0), (1e4, 5.0, 2.0)):
        found = cell(*own, f"cell.age={age}s")
        span = float(found.range.g_min), float(found.range.g_max)
        np.testing.assert_allclose(span, (10 * US, 60 * US))
        missed = write(found, g, jr.key(0)) - g
        wanted = shift + 0.02 * np.linspace(10, 60, 6)
        off = jnp.abs(jnp.mean(missed, axis=0) / US - wanted)
        assert jnp.max(off) < 0.15 * std < jnp.min(wanted)
        assert jnp.max(jnp.abs(jnp.std(missed, axis=0) / US / std - 1)) < 0.1
    quiet = cell(*own, "cell.write.factor=0")
    np.testing.assert_array_equal(write(quiet, g[:9], jr.key(0)), g[:9])
    narrow = cell(*own, "cell.g_min=20uS", "cell.g_max=50uS")
    assert np.isclose(float(narrow.range.g_min), 20 * US)


def test_measurements_that_cannot_be_used(table):
    own = ("cell.device=custom", f"cell.measurements={table}")
    for pairs, message in (
        ((*own, "cell.g_min=5uS"), "fits are valid from 10 to 60 uS; got 5 to 60"),
        ((own[1],), "set `cell.device` to `custom`, not to `cmo-hfox`"),
        ((*own, "cell.iv.law=measured"), "has no I-V"),
        ((*own, "cell.write.acceptance=0.02"), "no acceptance"),
        ((*own, "cell.age=0.5s"), "at least 1 s"),
    ):
        with pytest.raises(ValueError, match=message):
            build_design(config(*pairs))
    with pytest.raises(OSError, match="nowhere"):
        build_design(config("cell.device=custom", "cell.measurements=nowhere.csv"))


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["cell.g_max=100uS"], "CMO/HfOx fits are valid from 8 to 90 uS; got 8 to 100"),
        (["cell.device=milo", "cell.g_min=8uS"], "Milo fits are valid from 50"),
        (["cell.device=milo", "cell.age=60s"], "`milo` has no measured `age`"),
        (["cell.device=wan", "cell.age=1kg"], "takes s"),
        (["cell.device=wan", "cell.age=3600s"], "nothing between is known"),
        (["cell.device=custom"], "`custom` needs `cell.g_min`"),
        (["cell.device=hynix"], "takes one of cmo-hfox, milo"),
        (["cell.write.acceptance=0.1"], r"`acceptance` must be one of \[0.002, 0.02\]"),
        (["cell.write.factor=-1"], "`cell.write.factor` must be 0 or more; got -1"),
        (["cell.age=1us"], "at least 5.53e-05 s .* got 1e-06 s"),
        (["cell.age=-1s"], "`cell.age` must be None or 0"),
        (["cell.temperature=0", "cell.age=60s"], "`cell.temperature` must be positive"),
        (["cell.iv.law=measured"], "`cmo-hfox` has no measured `measured_iv`"),
        (["cell.iv.law=sinh", "cell.iv.v0=0"], "`iv.v0` must be positive"),
        (["cell.devices_per_weight=0"], "`cell.devices_per_weight` must be 1 or more"),
        (
            ["cell.device=milo", "cell.iv.law=measured"],
            "I-V fit is valid from 62.5 to 110 uS; got a cell of 50 to 225 uS",
        ),
        (
            [
                "cell.device=milo",
                "cell.iv.law=measured",
                "cell.g_min=63uS",
                "cell.g_max=109uS",
                "crossbar.v_max=0.6V",
                "crossbar.v_disturb=None",
            ],
            "valid to 0.5 V; got voltages to 0.6 V",
        ),
        (
            [
                "cell.device=milo",
                "cell.iv.law=measured",
                "cell.g_min=63uS",
                "cell.g_max=109uS",
                "cell.devices_per_weight=2",
            ],
            "`cell.devices_per_weight` must be 1 for a measured I-V",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_is_refused(pairs, message):
    with pytest.raises(ValueError, match=message):
        build_design(config(*pairs))


def test_an_ideal_run_of_any_device_is_the_digital_network():
    """`fidelity` ideal drops the laws but keeps the range."""
    for device in DEVICES:
        design = build_design(
            dataclasses.replace(config(f"cell.device={device}"), fidelity="ideal")
        )
        assert float(design.cell.range.g_max) == float(measured(device).range.g_max)
