"""No silent setting: each one changes the result, is refused, or is named.

Every setting goes to another value. The fast form looks at the machine that is built:
it is another one, or is refused, or the setting is named with what would make it act.
The slow form samples each machine that is another one.
"""

import typing

import numpy as np
import pytest
from rram_ode.config import leaves, override_all, parse_pairs, read, replace, RunConfig
from rram_ode.presets import find_preset
from rram_ode.system import idle_settings, SIMULATED, System
from rram_ode.system._idle import _Machine, PLAIN
from rram_ode.system.effects import what_acts


BASE = replace(find_preset("ring-fresh"), "adc.bits", None)  # a step of it hides much


# Of settings that are off and that no effect's example turns on, by unit.
SMALL = {"s": 1e-6, "V": 1e-3, "A": 1e-9, "F": 1e-13, "C": 1e-16, "Hz": 1e6}
SMALL |= {"ohm": 10.0, "S": 1e-7, "K": 10.0, "": 0.1, "eV": 1.0}


# Texts: they name data, networks and files, and a wrong one is refused.
TEXTS = ("train.teacher", "latents.checkpoint", "cell.measurements", "solve.label")


# Rare faults, of which the chip has none at the rate of the preset.
STRONG = {"cell.stuck.lrs": 0.02, "cell.stuck.hrs": 0.02, "cell.temperature": 358.0}
STRONG |= {"solve.jitter": 1e-9}  # of 10 ps, single precision shows nothing


def examples():
    """The value that the table of effects gives each setting."""
    found = {}
    for effects in SIMULATED.values():
        for effect in effects:
            config = override_all(RunConfig(), parse_pairs(effect.example))
            for pair in effect.example:
                name = pair.partition("=")[0]
                found.setdefault(name, read(config, name))
    return found


EXAMPLES = examples()


def other_value(name, field):
    """Another value of a setting, of a size that is built."""
    value = read(BASE, name)
    kind = typing.get_type_hints(type(read(BASE, name.rpartition(".")[0])))[
        name.rpartition(".")[2]
    ]
    if name in STRONG:
        return STRONG[name]
    if isinstance(value, bool):
        return not value
    if typing.get_origin(kind) is typing.Literal:
        return next(each for each in typing.get_args(kind) if each != value)
    if isinstance(value, int) and value:
        return value + 1
    if isinstance(value, float) and value:
        return 1.25 * value if 1.25 * value != 1.0 else 0.75 * value
    if isinstance(value, tuple):
        return tuple(each + 1 for each in value)
    if EXAMPLES.get(name, value) != value:
        return EXAMPLES[name]
    kinds = typing.get_args(kind) or (kind,)
    return SMALL.get(field.metadata["unit"], 1e-6) if float in kinds else 2


SETTINGS = {
    name: other_value(name, field)
    for name, field in leaves(BASE)
    if not name.startswith(PLAIN) and name not in TEXTS
}


@pytest.fixture(scope="module")
def base():
    system = System.from_config(BASE)
    return system, _Machine.of(BASE, system.checkpoint, None)


def sort_settings(own, checkpoint, settings):
    """Settings by what became of the machine: `other`, `same`, or the refusal."""
    found = {}
    for name, value in settings.items():
        config = replace(BASE, name, value)
        try:
            machine = _Machine.of(config, checkpoint, None)
        except ValueError as error:
            found[name] = str(error)
            continue
        found[name] = "same" if own.equals(machine, name) else "other"
    return found


@pytest.fixture(scope="module")
def found(base):
    """Every fourth setting, from every group; the slow form has all."""
    system, own = base
    part = dict(list(SETTINGS.items())[::4])
    return sort_settings(own, system.checkpoint, part)


def test_every_setting_goes_to_another_value():
    assert len(SETTINGS) > 250
    for name, value in SETTINGS.items():
        assert value != read(BASE, name), name


def require_told(found):
    """What does nothing is told what would make it act; a refusal says of what."""
    for name, told in found.items():
        if told == "same":
            try:
                said = what_acts(replace(BASE, name, SETTINGS[name]), name)
            except ValueError as error:  # a command ends there: it is refused
                said = str(error)
            assert said, name
        elif told != "other":
            assert "`" in told or "valid" in told, (name, told)


@pytest.mark.long
def test_each_setting_is_another_machine_a_refusal_or_told_what_it_needs(found):
    require_told(found)
    kinds = {
        told if told in ("same", "other") else "refused" for told in found.values()
    }
    assert kinds == {"same", "other", "refused"}


@pytest.mark.long
def test_what_does_nothing_is_named_in_one_sentence(base, found):
    system, _ = base
    same = [name for name, told in found.items() if told == "same"]
    acts = [name for name in same if name.partition(".")[0] not in ("sde", "network")]
    settings = {name: SETTINGS[name] for name in acts[::9]}
    assert len(settings) > 2
    other = System.from_config(override_all(BASE, settings))
    said = idle_settings(other, BASE, system.program(0))
    assert {each.name for each in said} == set(settings)
    for each in said:
        assert each.text.startswith(f"`{each.name}` = ")
        assert each.simulated or each.acts in each.text


def test_a_setting_that_nothing_reads_would_be_found(base):
    """The mutant: a machine that forgot a setting, as one forgot `solve.start_std`."""
    system, own = base
    acts = {"solve.start_std": SETTINGS["solve.start_std"]}
    assert sort_settings(own, system.checkpoint, acts) == {"solve.start_std": "other"}
    forgetful = _Machine(BASE, own.parts)
    assert own.equals(forgetful, "solve.start_std")


# They mend chips with stuck cells, and this chip has none.
LUCKY = ["cell.stuck.remap", "trim.repair"]


@pytest.mark.slow
def test_every_setting_of_another_machine_makes_other_samples(base):
    """Sixteen samples of the chip and of its digital twin; some minutes in all."""
    system, own = base
    every = sort_settings(own, system.checkpoint, SETTINGS)
    require_told(every)
    chip = system.program(0)
    plain = system.sample(chip, 16).x, system.sample_digital(16).x
    silent = []
    for name, told in every.items():
        if told != "other":
            continue
        try:
            other = System.from_config(replace(BASE, name, SETTINGS[name]))
            its = other.program(0)
            other.check(its)
            found = other.sample(its, 16).x, other.sample_digital(16).x
        except ValueError:
            continue
        if all(np.array_equal(a, b) for a, b in zip(plain, found, strict=True)):
            silent.append(name)
    assert silent == LUCKY
