"""Decks of a user: read as ngspice reads them, compared, and never run as a program."""

import dataclasses
import functools
import os
import re
import subprocess
import time
import warnings

import numpy as np
import pytest
import rram_ode as rr
from rram_ode import netlist as line
from rram_ode.spice import (
    check_netlist,
    Netlist,
    read_back,
    read_user_file,
    recognise,
    run_netlist,
    SpiceError,
    SpiceWarning,
    user_netlist,
    write_netlist,
)
from rram_ode.spice._deck import quantity
from rram_ode.spice._ngspice import _complaints
from rram_ode.spice._user_file import strip_comment
from rram_ode.spice.subcircuit import read_part
from rram_ode.system import netlist_cases


@functools.cache
def exported():
    machine = next(netlist_cases(rr.System.from_preset("ring-fresh")))
    return write_netlist(*machine), machine


def edited(old, new):
    text = exported()[0].text
    assert text.count(old) == 1
    return text.replace(old, new)


def small(*cards, nodes=("a",)):
    run = ("* no options", ".tran 1e-06 1e-05 0 1e-06")
    return Netlist("small", cards, run, {"node": nodes})


# Comments and numbers.


@pytest.mark.parametrize(
    ("raw", "card"),
    [
        ("r1 a 0 1k $ load", "r1 a 0 1k"),
        ("r1 a 0 1k ; load", "r1 a 0 1k"),
        ("r1 a 0 1k // load", "r1 a 0 1k"),
        ("r1 a$b 0 1k", "r1 a$b 0 1k"),
        ("*#shell touch x", ""),
        ("* a comment", ""),
    ],
)
def test_comments_are_those_of_ngspice(raw, card):
    assert strip_comment(raw) == card


@pytest.mark.ngspice
@pytest.mark.parametrize("word", ["1Meg", "1M", "3kohm", "10uF", "5V", "1e3", "7a"])
def test_numbers_are_those_of_ngspice(word):
    deck = small("i1 0 a 1", "r1 a 0 {x}", f".param x={word}", "r2 a 0 1e30")
    found = run_netlist(deck)[1]["node"]
    assert np.allclose(found, quantity(word.lower()), rtol=1e-6)


def test_a_mil_is_no_number():
    """ngspice has two values of it, one in elements and one in parameters."""
    with pytest.raises(ValueError, match="is not a number"):
        quantity("2mil")


# s23: comments and control blocks are read past, and nothing runs.


@pytest.mark.long
def test_a_dollar_comment_and_a_control_block(tmp_path, run):
    mark = tmp_path / "executed"
    text = edited("\n.end\n", f"\n.control\nrun\nshell touch {mark}\n.endc\n.end\n")
    path = tmp_path / "mine.cir"
    path.write_text(text.replace("\nxi1 ", "\n* note\nxi1 ").replace("e5 0 ", "e5 0 "))
    words = ("--recognise", "--deck", path, "--out", tmp_path / "a")
    status, out, err = run(line.main, "ring-fresh", *words)
    assert (status, err) == (0, "")
    assert "the `.control` block of lines" in out
    assert "differential pair" in out
    assert not mark.exists()


def test_comments_parameters_and_temperature_are_read_back():
    _, machine = exported()
    text = edited("vr2 r2_14 0 0.2\n", "vr2 r2_14 0 {vb} $ the constant row\n")
    text = text.replace("\n.options", "\n.param vb = 200mV ; volts\n.temp 27\n.options")
    assert read_back(text, *machine).differences == ()
    wrong = text.replace("200mV", "201mV")
    assert "v_bias: vr2 has" in "".join(read_back(wrong, *machine).differences)


# s24: an edited deck is compared.


@pytest.mark.long
@pytest.mark.ngspice
def test_an_edited_deck_is_compared(tmp_path, run):
    text, path = exported()[0].text, tmp_path / "mine.cir"
    rail, there = "vr2 r2_14 0 0.2\n", tmp_path / "rail.inc"
    mark = tmp_path / "executed"
    there.write_text(f"{rail}.control\nshell touch {mark}\n.endc\n")
    path.write_text(text.replace(rail, ".include rail.inc $ beside this file\n"))
    words = ("ring-fresh", "--check", "--deck", path, "--out", tmp_path / "a")
    status, out, err = run(line.main, *words)
    assert (status, err) == (0, "")
    assert "the `.control` block of lines 2 to 4 of rail.inc" in out
    assert "hidden 2" in out
    there.write_text("vr2 r2_14 0 0.1\n")
    status, out, _ = run(line.main, *words)
    assert status == 1
    assert "FAILED" in out
    assert not mark.exists()
    assert sorted(os.listdir(tmp_path)) == ["a.json", "mine.cir", "rail.inc"]


@pytest.mark.parametrize(
    ("card", "text"),
    [
        (".include ../secret.inc", "is outside the folder"),
        (".include /etc/passwd", "is outside the folder"),
        (".include link.inc", "is outside the folder"),
        (".include nothing.inc", "there is no file"),
        (".include mine.cir", "line 2 of mine.cir: `mine.cir` includes itself"),
        (".lib other.lib tt", "`other.lib` has no section `tt`; it has slow, fast"),
        (".lib plain.inc tt", "`plain.inc` has no section `tt`; it has none"),
        (".include other.lib", "has the sections slow, fast, of which one is taken"),
        (".include ring0.inc", "ring1.inc: `ring0.inc` includes itself"),
        (".include twice0.inc", "larger than the 64 MB in 1000 files"),
        (".include big0.inc", "larger than the 64 MB in 1000 files"),
        (".include deep0.inc", "more than 20 files include one another"),
        (".system touch x", "`.system` is no card of a circuit"),
        ("a1 [x0] [y] process", "code models may start a program"),
        ("!touch x", "is no element that is passed on"),
        ("rbad x0 0", "has no value"),
        ("+ x", "continues no card"),
    ],
)
def test_what_no_deck_may_have(card, text, tmp_path):
    folder = tmp_path / "decks"
    folder.mkdir()
    (tmp_path / "secret.inc").write_text("r1 a 0 1\n")
    (folder / "link.inc").symlink_to(tmp_path / "secret.inc")
    library = ".lib slow\nr1 a 0 1\n.endl\n.lib fast\nr1 a 0 2\n.endl\n"
    (folder / "other.lib").write_text(library)
    (folder / "plain.inc").write_text("r1 a 0 1\n")
    for n in range(40):
        twice = f".include twice{n + 1}.inc\n" * 2  # 2^15 files in all
        (folder / f"twice{n}.inc").write_text(twice if n < 15 else "r1 a 0 1\n")
        (folder / f"deep{n}.inc").write_text(f".include deep{n + 1}.inc\n")
        (folder / f"ring{n}.inc").write_text(f".include ring{(n + 1) % 2}.inc\n")
    (folder / "big0.inc").write_text(".include big1.inc\n" * 100)
    (folder / "big1.inc").write_text("*" * 2**20 + "\n")
    path = folder / "mine.cir"
    path.write_text(f"* title\n{card}\n.end\n")
    begun = time.monotonic()
    with pytest.raises(ValueError, match=text.replace(".", r"\.")) as caught:
        read_user_file(path, has_title=True)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - begun < 5.0


@pytest.mark.ngspice
def test_an_include_lies_beside_the_file_that_includes_it(tmp_path, monkeypatch):
    """As in ngspice, started in another folder; else beside the deck, as started there.

    The names of the resistors say which file was taken.
    """
    deck, elsewhere = tmp_path / "deck", tmp_path / "elsewhere"
    (deck / "sub").mkdir(parents=True)
    elsewhere.mkdir()
    run = ".tran 1u 10u\n.control\nrun\nprint all\nquit 0\n.endc\n.end\n"
    top = deck / "top.cir"
    top.write_text(f"* title\nv1 a 0 1\n.include sub/a.inc\n{run}")
    (deck / "sub/a.inc").write_text(".inc b.inc\n")
    near, far = deck / "sub/b.inc", deck / "b.inc"

    def ngspice(folder):
        words = ["ngspice", "-b", str(top)]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True)
        return set(re.findall(r"^(near|far) ", done.stdout, re.MULTILINE))

    def ours():
        found = read_user_file(top, has_title=True)
        return {card.split()[2] for card in found.cards if card[0] == "r"} - {
            "0"
        }, found

    for path, net in ((near, "near"), (far, "far")):
        path.write_text(f"r1 a {net} 1k\nr2 0 {net} 1k\n")
    names, found = ours()
    assert names == ngspice(elsewhere) == {"near"}
    assert [p.relative_to(deck).as_posix() for p in found.paths] == [
        "top.cir",
        "sub/a.inc",
        "sub/b.inc",
    ]
    assert "b.inc beside top.cir: line 1 of sub/a.inc includes sub/b.inc." in (
        found.left_out
    )
    near.unlink()
    names, found = ours()
    assert names == ngspice(deck) == {"far"}


def test_tabs_part_the_words_of_a_card(tmp_path):
    path = tmp_path / "my.lib"
    path.write_text(".model\tn1\tnmos\n.subckt\n.ends\n")
    assert read_user_file(path, has_title=False).cards[0] == ".model\tn1\tnmos"
    with pytest.raises(ValueError, match=r"`.subckt` without a name"):
        read_part(f"{path}:n1", "plus minus high low out", 5.0)


def test_a_section_of_a_library(tmp_path):
    library = ".lib slow\nr1 a 0 1\n.endl\n.lib fast\nr1 a 0 2\n.endl\n"
    (tmp_path / "my.lib").write_text(library)
    path = tmp_path / "mine.cir"
    path.write_text("* title\n.lib 'my.lib' FAST\n.control\nquit")
    found = read_user_file(path, has_title=True)
    assert found.cards == ("r1 a 0 2",)
    assert found.left_out == (
        "the `.control` block of lines 3 to 4 of mine.cir is not run.",
    )


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("\n.tran ", "\n.tran 1n 2n 0 1n $", "ends before the solve"),
        ("\n.tran ", "\n.ac dec 10 1 2 $", "has 0 `.tran` cards"),
    ],
)
def test_a_deck_without_the_run(old, new, text, tmp_path):
    path = tmp_path / "mine.cir"
    path.write_text(edited(old, new))
    with pytest.raises(ValueError, match=text):
        user_netlist(read_user_file(path, has_title=True), exported()[0])


def test_a_deck_whose_nodes_have_other_names(tmp_path):
    path = tmp_path / "mine.cir"
    path.write_text(exported()[0].text.replace(" t2_3 ", " foo "))
    with pytest.raises(ValueError, match="no node `t2_3`, which is one of `hidden 2`"):
        user_netlist(read_user_file(path, has_title=True), exported()[0])


def test_expressions_are_not_read_back():
    with pytest.raises(ValueError, match="no expressions"):
        recognise("* title\nr1 a 0 {2*x}\n")


# s21: a run is judged by its waveforms.


@pytest.mark.long
@pytest.mark.ngspice
def test_a_search_for_the_operating_point_is_no_failure():
    """With 2 V/us ngspice meets a singular matrix, steps gmin, and finds the point."""
    system = rr.System.from_preset("ring-fresh").replace({"op_amp.slew": 2e6})
    case = next(netlist_cases(system))
    deck = write_netlist(*case)
    found = check_netlist(*case, netlist=deck)
    assert all(each.passed for each in found)
    lost = dataclasses.replace(deck, cards=(*deck.cards, "vbad x0 0 1"))
    with pytest.raises(SpiceError, match="wrote no waveforms|stopped at"):
        run_netlist(lost)


def test_what_the_log_says():
    """Lines of ngspice 39: a changed element is fatal, an unknown warning is kept."""
    searched = ["Warning: singular matrix:  check node c", "Warning: Dynamic gmin step"]
    assert _complaints(["Circuit: * error", "error_amp   0.5", *searched]) == (None, [])
    for fatal in (
        ["Warning: r1: resistance to low, set to 1 mOhm"],
        ["Note: v1: has no value, DC 0 assumed"],
        ["Warning: Model issue on line 4 :", ".model m nmos ...", "zork - ignored"],
        ["Error on line 3 or its substitute:", "r1 a 0 1k foo=3"],
    ):
        assert _complaints(fatal)[0] is not None
    assert _complaints(["Warning: odd weather"]) == (None, ["Warning: odd weather"])


@pytest.mark.ngspice
def test_an_unknown_warning_is_shown(monkeypatch):
    deck = small("v1 a 0 1", "r1 a 0 1k")
    monkeypatch.setattr(
        "rram_ode.spice._ngspice._complaints", lambda log: (None, ["Warning: odd"])
    )
    with pytest.warns(SpiceWarning, match="odd"):
        run_netlist(deck)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert run_netlist(deck)[1]["node"].shape[1] == 1


def test_what_is_wrong_with_a_file_is_said_with_a_remedy(tmp_path):
    """Also of a link in a circle, on which `resolve` of Python raises."""
    os.symlink("b.cir", tmp_path / "a.cir")
    os.symlink("a.cir", tmp_path / "b.cir")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero.cir").write_bytes(b"*\nr1 1 0 \0k\n")
    (tmp_path / "long.cir").write_text("*\n" + "\n\r\v\f" * 250_000)
    for name, text in (
        ("a.cir", "cannot read `.*/a.cir`: .*symbolic links. Give the path of a file"),
        ("nothing", "there is no file `.*/nothing`: give the path of one"),
        ("pipe", "must be a plain file; .* Give the path of a file"),
        (".", "must be a plain file; .* Give the path of a file"),
        ("zero.cir", "`zero.cir` is no text, as it has a byte of 0: save it as text"),
        ("long.cir", "`long.cir` .* or has more than 1000000 lines: leave out what"),
    ):
        with pytest.raises((ValueError, OSError), match=text) as refusal:
            read_user_file(tmp_path / name, has_title=True)
        assert "\n" not in str(refusal.value)
