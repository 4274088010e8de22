"""The pages show what the result files hold, and no number is typed by hand."""

import copy
import re

import pytest
from benchmarks import pages
from benchmarks._references import fill, number, places, REFERENCE


RESULTS = pages.load()
SOURCES = (pages.PAGE, pages.README)
REMEDY = "run `python -m benchmarks.pages`"
RESULT = {
    "name": "fake",
    "command": "python -m benchmarks fake",
    "rows": [
        {
            "case": "a, 1",
            "gate": {"value": 2.0, "limit": 3.0, "at_least": False, "passed": True},
            "target": ["ours_s", ">=", 1.5, False],
            "ours_s": 1.04,
            "each": [1.0, 4.0],
        },
        {"case": "a, 2", "ours_s": 20.96},
        {"case": "b", "skipped": "no ngspice"},
    ],
    "num": 20000,
    "found": {"x y": [None, 1e-9]},
}


def rows(page):
    """The rows with numbers of the template of `page`."""
    for line in pages.template(page).splitlines():
        cells = pages.split(line)
        if cells and cells[-1] in RESULTS:
            yield cells


def shown(text):
    """What stands between the marks of the README."""
    return text.split(pages.BEGIN)[1].split(pages.END)[0]


def test_the_page_is_what_the_files_say():
    assert pages.PAGE.read_text() == pages.results_page(RESULTS), REMEDY


def test_the_readme_is_what_the_files_say():
    text = pages.README.read_text()
    assert text == pages.readme(text, RESULTS), REMEDY


@pytest.mark.long
def test_the_page_of_errors_is_what_the_package_says():
    text = pages.ERRORS.read_text()
    assert text == pages.errors_page(), REMEDY
    assert "{" not in text
    for preset in pages.PRESETS:
        assert f"| `{preset}` |" in text


def test_the_readme_is_short():
    text = pages.README.read_text()
    assert len(text.splitlines()) <= 120
    assert len(list(rows(pages.README))) == 5
    assert len(shown(text).strip().splitlines()) == 2 + 5


def test_one_other_digit_in_the_readme_is_found():
    text = pages.README.read_text()
    start = text.index(pages.BEGIN)
    end = text.index(pages.END)
    digits = [k for k in range(start, end) if text[k].isdigit()]
    assert len(digits) > 50
    for k in digits:
        other = text[:k] + str((int(text[k]) + 1) % 10) + text[k + 1 :]
        assert other != pages.readme(other, RESULTS)


@pytest.mark.parametrize("page", SOURCES, ids=lambda page: page.name)
def test_every_number_follows_its_file(page):
    """A larger or a smaller value in the file changes the text, for each value."""
    results = copy.deepcopy(RESULTS)
    count = 0
    for *texts, name in rows(page):
        for match in REFERENCE.finditer(" ".join(texts)):
            reference, result = match[0], results[name]
            before = fill(reference, result)
            for place, key in places(reference, result):
                value, others = place[key], []
                if _scaled(value, 1000) == value:
                    continue  # a zero, or a limit of zero: no factor changes it
                for factor in (1000, 0.001):
                    place[key] = _scaled(value, factor)
                    others.append(fill(reference, result))
                place[key] = value
                assert set(others) != {before}, (name, reference)
                count += 1
    assert count > 50


def _scaled(value, factor):
    if isinstance(value, dict):  # a gate
        return {**value, "limit": value["limit"] * factor}
    if isinstance(value, list) and isinstance(value[0], str):  # a target
        return [*value[:2], value[2] * factor, value[3]]
    if isinstance(value, list):
        return [v * factor for v in value[1:]]
    if isinstance(value, str):  # a word, such as a verdict
        return f"{value} {factor}"
    return factor if value is None else value * factor


@pytest.mark.parametrize("page", SOURCES, ids=lambda page: page.name)
def test_no_number_is_typed(page):
    """Beside the references, a result holds no digit, but in a name in backticks."""
    for _, measured, beside, _ in rows(page):
        for text in (measured, beside):
            bare = re.sub("`[^`]*`", "", REFERENCE.sub("", text))
            assert not re.search(r"\d", bare.replace("A100", "")), text
        assert REFERENCE.search(measured)


def test_every_file_is_shown():
    on_page = {cells[-1] for cells in rows(pages.PAGE)}
    for name in RESULTS:
        assert ("this page" in pages.SHOWN.get(name, "this page")) == (name in on_page)
    assert set(pages.SHOWN) <= set(RESULTS)


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("{a, 1; gate.value}", "2.0"),
        ("{a, 1; gate}", "at most 3"),
        ("{a, 1; gate; 1e-3}", "at most 0.003"),
        ("{a, 1; target}", "at least 1.5 (missed)"),
        ("{a, 1; each}", "1.0, 4.0"),
        ("{a, 1; each.1; exact}", "4"),
        ("{a, 1; each; len}", "2"),
        ("{a, *; ours_s; .3}", "1.04, 21.0"),
        ("{a, *; ours_s; max; 100}", "2,100"),
        ("{; num}", "20,000"),
        ("{; found.x y.*; 1e3}", "none, 1.0e-6"),
    ],
)
def test_a_reference(reference, text):
    assert fill(f"say {reference}.", RESULT) == f"say {text}."


@pytest.mark.parametrize(
    ("reference", "match"),
    [
        ("{c; ours_s}", "no case `c`"),
        ("{a, 1; seconds}", "no `seconds` among case, gate"),
        ("{a, 1; each.2}", "no `2` among 0, 1"),
        ("{b; ours_s}", "was skipped: no ngspice"),
        ("{a, 1}", "names no path"),
        ("{a, 1; ours_s; mean}", "no step `mean`"),
    ],
)
def test_a_reference_to_nothing(reference, match):
    with pytest.raises(ValueError, match=match):
        fill(reference, RESULT)


def test_a_row_without_a_file():
    text = "| what | {a; b} | | fake |\n"
    with pytest.raises(ValueError, match="there is no result `fake`"):
        pages.render(text, RESULTS, pages.PAGE)


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.0, 2, "0.0"),
        (3, 2, "3"),
        (9.97, 2, "10"),
        (0.0997, 2, "0.10"),
        (-1.0066, 3, "-1.01"),
        (4645.3, 2, "4,600"),
        (9.6034e-13, 2, "9.6e-13"),
        (1.2e9, 2, "1.2e9"),
        (0.235, None, "0.235"),
        (1e-9, None, "1e-9"),
        (None, 2, "none"),
        ("ring", 2, "ring"),
    ],
)
def test_numbers_as_text(value, digits, text):
    assert number(value, digits) == text
