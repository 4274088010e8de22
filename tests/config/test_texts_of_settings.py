"""Settings are read in the units of engineers, and what may mean two things is not."""

import re

import pytest
from rram_ode.commands import configure
from rram_ode.config import override_all, read, readings, RunConfig


READ = {
    "op_amp.slew=2V/us": 2e6,
    "op_amp.e_n=5nV/rtHz": 5e-9,
    "op_amp.gain=100dB": 1e5,
    "op_amp.gain=100V/mV": 1e5,
    "integrator.resistance=100k": 1e5,
    "integrator.resistance=100kΩ": 1e5,
    "integrator.resistance=1Meg": 1e6,
    "integrator.capacitance=30p": 30e-12,
    "cell.write.std_rel=5%": 0.05,
    "cell.age=24h": 86_400.0,
    "cell.temperature=85C": 358.15,
    "process.leak_doubling=10C": 10.0,
    "solve.num_steps=1k": 1000,
    "solve.num_steps=1e3": 1000,
    "cell.levels=None": None,
}


@pytest.mark.parametrize("pair", READ)
def test_units_of_engineers_are_read(pair):
    name, _, text = pair.partition("=")
    assert read(override_all(RunConfig(), {name: text}), name) == READ[pair]


REFUSED = {
    "cell.write.std=0,5uS": "write `0.5uS` for decimals",
    "cell.write.std=5%": "`cell.write.std_rel` takes one",
    "cell.g_max=12.5kohm": "is `80uS`",
    "cell.age=5m": "write ms, min or d",
    "solve.num_steps=1.5": "takes an integer",
    "dac.bits=20dB": "takes an integer",
}


@pytest.mark.parametrize("pair", REFUSED)
def test_what_is_not_read_says_what_to_write(pair):
    name, _, text = pair.partition("=")
    with pytest.raises(ValueError, match=re.escape(REFUSED[pair])) as caught:
        override_all(RunConfig(), {name: text})
    assert f"`{name}`" in str(caught.value)


def test_a_temperature_in_celsius_is_said_on_stderr(capsys):
    config = configure("ring-fresh", ("cell.temperature=85C", "cell.age=24h"))
    assert config.cell.temperature == 358.15
    said = capsys.readouterr()
    assert said.err.splitlines() == [
        "read: `cell.temperature`: `85C`, in degrees Celsius, is 358.15 K."
    ]
    assert readings(config, {"cell.temperature": "358.15K"}) == ()
