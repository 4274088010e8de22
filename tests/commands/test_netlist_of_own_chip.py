"""`python -m rram_ode.netlist --chip FILE`, and the record by which a check repeats."""

import json
import shutil

import numpy as np
import pytest
import rram_ode as rr
from _own_chips import keep_chip
from rram_ode import netlist as line
from rram_ode.spice import check_netlist, write_netlist
from rram_ode.system import load_chip, netlist_cases


@pytest.fixture(scope="module")
def system():
    return rr.System.from_preset("ring-fresh")


@pytest.fixture(scope="module")
def folder(system, tmp_path_factory):
    """A chip of seed 5, saved, and a map of it without a record, one cell changed."""

    def change(maps):
        maps["layer2_pos_S"][3, 4] = 71e-6

    return keep_chip(system, tmp_path_factory.mktemp("own"), "map.npz", change)


def resistances(deck):
    """Ohms of all cells of a deck, by the name of their element."""
    cards = (card.split() for card in deck.cards if card[0] == "r" and "{" not in card)
    return {words[0]: float(words[3]) for words in cards}


def test_a_saved_chip_is_the_deck_of_its_seed(system, folder, tmp_path):
    saved = load_chip(system, folder / "saved")
    one = rr.write_netlist(system, tmp_path / "a.cir", saved=saved)
    two = rr.write_netlist(system, tmp_path / "b.cir", chip_seed=5)
    assert one.cards == two.cards


def test_a_measured_map_is_in_the_deck_cell_by_cell(system, folder, tmp_path):
    own = load_chip(system, folder / "map.npz", 5)
    one = resistances(rr.write_netlist(system, tmp_path / "a.cir", saved=own))
    two = resistances(rr.write_netlist(system, tmp_path / "b.cir", chip_seed=5))
    (changed,) = (name for name, ohms in one.items() if ohms != two[name])
    assert one[changed] == pytest.approx(1 / 71e-6, rel=1e-6)


@pytest.mark.long
@pytest.mark.ngspice
def test_the_deck_of_an_own_chip_is_checked(system, folder, tmp_path, run):
    """Every node of the map's deck agrees; another cell's deck does not."""
    words = ("ring-fresh", "--out", tmp_path / "own.cir", "--check", "--recognise")
    chip = folder / "map.npz"
    status, out, err = run(line.main, *words, "--chip", chip, "--chip-seed", 5)
    assert (status, err) == (0, "")
    assert "hidden 2" in out
    head = (tmp_path / "own.cir").read_text().splitlines()[0]
    assert head == "* rram_ode: ring-fresh, chip of map.npz, seed 0"
    record = json.loads((tmp_path / "own.cir.json").read_text())
    assert record["passed"] is True
    assert record["chip_seed"] == 5
    assert record["files"]["chip"]["sha256"]
    assert {each["name"] for each in record["nodes"]} >= {"state", "hidden 2"}
    (case,) = netlist_cases(system, saved=load_chip(system, chip, 5))
    (other,) = netlist_cases(system, range(5, 6))
    mutant = check_netlist(*case, netlist=write_netlist(*other))
    assert not all(each.passed for each in mutant)


def test_what_an_own_chip_refuses(folder, tmp_path, run):
    chip = ("--chip", folder / "saved", "--out", tmp_path / "a.cir")
    for words, text in (
        (("ring-fresh", *chip, "--chips", 2, "--check"), "`--chip` is one chip"),
        (("ring-64-fresh", *chip), "was written with another checkpoint"),
        (("ring-fresh", *chip, "--set", "cell.g_max=80uS"), "mean other weights"),
        (("ring-fresh", "--chip", tmp_path / "none"), "there is no chip and no map"),
    ):
        status, _, err = run(line.main, *words)
        assert status == 2
        assert text in err
        assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_a_check_repeats_with_the_files_of_then(system, folder, tmp_path, run):
    """A deck, what it includes, and a chip: each is named where it changed."""
    chip, deck = tmp_path / "map.npz", tmp_path / "decks" / "mine.cir"
    shutil.copy(folder / "map.npz", chip)
    deck.parent.mkdir()
    own = rr.write_netlist(system, deck, saved=load_chip(system, chip, 5))
    rail = "vr2 r2_14 0 0.2\n"
    (deck.parent / "rail.inc").write_text(rail)
    deck.write_text(own.text.replace(rail, ".include rail.inc\n"))
    words = ("--chip", chip, "--chip-seed", 5, "--deck", deck, "--recognise")
    status, out, err = run(line.main, "ring-fresh", *words, "--out", tmp_path / "a")
    assert (status, err) == (0, ""), out
    record = tmp_path / "a.json"
    again = ("--config", record, "--out", tmp_path / "b")
    status, out, err = run(line.main, *again)
    assert (status, err) == (0, "")
    assert json.loads((tmp_path / "b.json").read_text())["chip_seed"] == 5
    (deck.parent / "rail.inc").write_text(rail + "* another one\n")
    status, _, err = run(line.main, *again)
    assert status == 2
    assert "`rail.inc`, which `deck` = " in err
    (deck.parent / "rail.inc").write_text(rail)
    maps = dict(np.load(chip))
    np.savez(chip, allow_pickle=False, **{k: 1.01 * v for k, v in maps.items()})
    status, _, err = run(line.main, *again)
    assert status == 2
    assert "`chip` has changed since" in err
    status, out, _ = run(line.main, *again, "--chip", folder / "map.npz")
    assert status == 0
    status, _, err = run(line.main, *again, "--seed", 3, "--chip", folder / "map.npz")
    assert status == 2
    assert "`--config` repeats a run with its own `--seed`, 0" in err
