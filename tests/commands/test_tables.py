"""Tables fit their width, break no word, and end in no blanks."""

import re

import pytest
from rram_ode.commands._tables import print_entries, print_table, print_text


HEADER = ("error", "loss alone", "saved when left out", "Sobol, first order")
HEADER += ("Sobol, total", "change of distance")
ROWS = [
    ("time embedding", "2.8e-07\n(-8.4e-07 to 1.4e-06)", "19%\n(-901% to 938%)")
    + ("-0.0025\n(-0.006 to 0.0048)", "9.3e-06\n(5.6e-07 to 4.3e-05)", "+0.0009")
]


def words(text):
    return sorted(re.findall(r"\S+", text))


@pytest.fixture(autouse=True)
def width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")


def fits(text):
    """Whether no line is longer than 80 columns or ends in a blank."""
    lines = text.splitlines()
    return all(len(line) <= 80 and line == line.rstrip() for line in lines)


def test_narrow_columns_break_no_word(capsys):
    print_table(ROWS, HEADER)
    text = capsys.readouterr().out
    assert fits(text)
    lines = [line for line in text.splitlines() if set(line) != {"-"}]
    wanted = " ".join((*HEADER, *ROWS[0]))
    assert words("\n".join(lines)) == words(wanted)


def test_a_word_that_does_not_fit_is_broken_and_whole(capsys):
    long = "x" * 150
    print_table([("first", long, "12")], ("name", "what", "number"))
    text = capsys.readouterr().out
    assert fits(text)
    assert text.count("x") == 150
    assert "first" in text
    assert "12" in text


def test_short_tables_are_as_narrow_as_their_texts(capsys):
    print_table([("a", "1.5"), ("bcd", "-20")], ("name", "number"))
    text = capsys.readouterr().out
    assert text.splitlines() == ["name   number", "-------------", "a         1.5"] + [
        "bcd       -20"
    ]


def test_texts_end_in_no_blanks(capsys):
    print_text("off in this design: wires (on with, for example, --set " + "y" * 40)
    print_entries([(("head",), ["text " * 40])])
    assert fits(capsys.readouterr().out)
