"""The page's table of combinations is the one that was tried, with today's names."""

import json
import pathlib

import pytest
from benchmarks import support


RESULT = json.loads(
    (pathlib.Path(support.__file__).parent / "results/support.json").read_text()
)


def test_the_page_shows_what_was_tried():
    text = support.PAGE.read_text()
    shown = text.split(support.BEGIN)[1].split(support.END)[0].strip()
    tried = [(row["case"], row["ways"]) for row in RESULT["rows"]]
    assert shown == support.table(tried).strip()


def test_every_error_was_tried_in_every_way():
    assert [row["case"] for row in RESULT["rows"]] == list(support.ERRORS)
    for row in RESULT["rows"]:
        assert list(row["ways"]) == list(support.WAYS)
        assert set(row["ways"].values()) & {"yes"}


@pytest.mark.parametrize(
    ("way", "error"),
    [("Heun", "bent I-V (sinh)"), ("with wires", "bent I-V (sinh)")],
)
def test_the_table_still_holds(way, error):
    """One that works, and one that is refused, tried again."""
    settings = (*support.WAYS[way], *support.ERRORS[error])
    told, _ = support.attempt(support.clean(), way, settings)
    row = next(row for row in RESULT["rows"] if row["case"] == error)
    assert told == row["ways"][way]
