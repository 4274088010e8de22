import functools

import pytest
from rram_ode import train
from rram_ode.commands import _train_reader
from rram_ode.readers import load_reader, ReaderPlan, READERS


@pytest.mark.long
def test_the_command_trains_a_reader(run, refusal, tmp_path, monkeypatch):
    assert set(READERS) == {"digits-reader", "letters-reader"}
    short = functools.partial(ReaderPlan, steps=20, batch=32)
    monkeypatch.setattr(_train_reader, "ReaderPlan", short)
    words = ("digits-reader", "--out", tmp_path / "reader", "--seed", "3")
    status, out, _ = run(train.main, *words)
    assert status == 0
    assert "read right" in out
    assert load_reader(tmp_path / "reader").record["plan"]["seed"] == 3
    assert "no reader `cats-reader`; there are" in refusal(train.main, "cats-reader")
    words = ("letters-reader", "--set", "train.steps=3")
    assert "`train.steps=3` has no effect" in refusal(train.main, *words)
