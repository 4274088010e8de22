"""What is shown of objects: few lines, escaped, without an exception on odd values."""

import dataclasses
import re
import time
import xml.etree.ElementTree as ElementTree

import equinox as eqx
import hypothesis
import hypothesis.extra.numpy as hnp
import hypothesis.strategies as st
import jax
import numpy as np
import pytest
import rram_ode as rr
from rram_ode.system import DigitalRun, Measured, Trace
from rram_ode.views import _drawings, _svg, Span, View


@pytest.fixture(scope="module")
def system():
    return rr.System.from_preset("ring-fresh")


@pytest.fixture(scope="module")
def chip(system):
    return system.program(seed=3)


@pytest.fixture(scope="module")
def run(system, chip):
    return system.sample(chip, 16)


@pytest.fixture(scope="module")
def shown(system, chip, run):
    judged = system.judge(run.x)
    batch = system.program_many(range(3))
    found = [run.trajectory, system.sample_digital(16), judged, judged.distance]
    laws = rr.metrics.distance(run.x, system.data(40))
    return [system, chip, batch, run, *found, laws]


def parsed(html):
    """The elements of well-formed HTML: tables, texts and drawings."""
    return ElementTree.fromstring(html)


def test_each_has_a_few_lines_and_a_table_with_a_drawing(shown):
    for thing in shown:
        text = repr(thing)
        assert 1 <= len(text.splitlines()) <= 20
        assert max(map(len, text.splitlines())) <= 88
        assert "Array" not in text
        assert "array(" not in text
        tree = parsed(thing._repr_html_())
        assert list(tree.iter("{http://www.w3.org/2000/svg}svg"))


def test_the_colours_are_those_of_the_page(shown):
    """On a dark page black text would not be read: none is black, none is white."""
    for thing in shown:
        html = thing._repr_html_()
        assert "currentColor" in html
        assert not re.search(r"#000|#fff|black|white(?!-space)|background", html)


def test_a_repr_takes_no_time_and_compiles_nothing(shown):
    """The best of three, as the machine may be busy."""
    with jax.log_compiles(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("jax._src.compiler.backend_compile_and_load", refuse)
        for thing in shown:
            for show, limit in ((thing.__repr__, 0.05), (thing._repr_html_, 1.0)):
                spent = []
                for _ in range(3):
                    begin = time.perf_counter()
                    show()
                    spent.append(time.perf_counter() - begin)
                assert min(spent) < limit


def refuse(*args, **kwargs):
    raise AssertionError("a view compiles nothing")


def test_all_fields_of_a_chip_stay_at_hand(chip):
    assert repr(chip).startswith("Chip: 564 cells in 3 arrays\n")
    dump = eqx.tree_pformat(chip)
    assert dump.startswith("Chip(\n  score=AnalogNetwork(")
    assert "g_pos=f" in dump


def test_what_has_the_structure_of_a_chip_but_is_none_shows_its_fields(chip):
    """As equinox does itself: in errors, in trees of axes, shapes or booleans."""
    trees = [
        eqx.filter(chip, eqx.is_array, inverse=True),
        jax.tree_util.tree_map(lambda _: 0, chip),
        jax.tree_util.tree_map(lambda _: True, chip),
        object.__new__(rr.Chip),
    ]
    for tree in trees:
        assert repr(tree) == eqx.tree_pformat(tree)
        assert tree._repr_html_() is None
    shapes = eqx.filter_eval_shape(lambda: chip)
    assert "traced" in repr(shapes)
    assert parsed(shapes._repr_html_()) is not None


def test_a_chip_inside_jit_and_vmap(system, chip):
    seen = []

    @eqx.filter_jit
    def look(chip):
        seen.append((repr(chip), chip._repr_html_()))
        return chip.integrator.offset

    look(chip)
    batch = system.program_many(range(3))
    assert eqx.filter_vmap(look)(batch).shape == (3, 2)
    for text, html in seen:
        assert text.startswith("Chip: 564 cells in 3 arrays\n")
        assert "conductances: traced" in text
        assert "R C: traced" in text
        assert parsed(html) is not None


def test_an_error_of_equinox_with_a_chip_in_it_is_its_own(chip):
    with pytest.raises(RuntimeError, match="too large"):
        eqx.filter_jit(
            lambda c: eqx.error_if(
                c.integrator.offset, c.integrator.offset < 9, "too large"
            )
        )(chip)
    with pytest.raises(TypeError):
        jax.jit(lambda c: c)(dataclasses.replace(chip, rc=object()))


def test_a_batch_says_how_many(system):
    batch = system.program_many(range(3))
    assert repr(batch).startswith("Batch of 3 chips, each: 564 cells in 3 arrays\n")
    none = jax.tree_util.tree_map(lambda x: x[:0] if eqx.is_array(x) else x, batch)
    assert repr(none).startswith("Batch of 0 chips")
    assert parsed(none._repr_html_()) is not None


def test_a_name_from_a_file_cannot_inject_html(system):
    evil = "<script>alert('1')</script>\n&\"</td>"
    config = dataclasses.replace(system.config, data=evil, checkpoint=evil)
    odd = dataclasses.replace(system, config=config)
    html = odd._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    texts = "".join(parsed(html).itertext())
    assert "<script>alert('1')</script>" in texts
    assert len(repr(odd).splitlines()) == 7
    drawn = _drawings.draw_spans([Span(evil, 0.0, -1.0, 1.0)], evil, evil)
    drawn += _drawings.draw_blocks([evil], evil, evil)
    assert "<script" not in drawn


def test_html_that_is_not_escaped_would_be_found(system):
    """The mutant of the test above."""
    evil = "<script>alert('1')</script>"
    view = dataclasses.replace(system._view(), title=evil)
    assert "<script" not in view.html()
    assert "<script" in view.html().replace("&lt;", "<")


def test_a_run_without_samples_and_with_lost_ones(run):
    piece = run.piece
    none = dataclasses.replace(run, piece=dataclasses.replace(piece, x=piece.x[:0]))
    assert repr(none).startswith("Run: 0 samples of 2 coordinates")
    assert parsed(none._repr_html_()) is not None
    lost = np.where(np.arange(16)[:, None] < 3, np.nan, piece.x)
    some = dataclasses.replace(
        run, piece=dataclasses.replace(piece, x=lost, unsolved=2, v=piece.v * np.nan)
    )
    assert "not finite: 3 samples" in repr(some)
    assert "not solved: 2" in repr(some)
    assert parsed(some._repr_html_()) is not None


def test_a_span_is_drawn_at_its_numbers():
    """Pixels are linear in the numbers: 0, 1, both ends and the middle tell the law."""
    spans = [Span("one", 2.0, 0.5, 4.5), Span("two", -1.0, -3.0, 1.5)]
    html = _drawings.draw_spans(spans, "title", "unit", one=True)
    bars = re.findall(r'd="M([\d.]+) [\d.]+H([\d.]+)" stroke="#', html)
    dots = re.findall(r'cx="([\d.]+)"', html)
    marks = re.findall(r'd="M([\d.]+) [\d.]+V[\d.]+" stroke="currentColor"', html)
    zero, one = map(float, marks)
    for span, ends, dot in zip(spans, bars, dots, strict=True):
        found = [(float(x) - zero) / (one - zero) for x in (dot, *ends)]
        assert found == pytest.approx(span[1:], abs=0.02)


def test_lines_and_points_are_drawn_at_their_numbers(run):
    lines = _drawings.draw_lines(
        np.arange(3.0), np.array([[0.0], [2.0], [1.0]]), "title", ("x", "y")
    )
    (path,) = re.findall(r'd="(M[^"]*)" fill="none" stroke="#', lines)
    x, y = np.array(re.findall(r"[ML]([\d.]+) ([\d.]+)", path), float).T
    assert (x[1] - x[0]) / (x[2] - x[0]) == pytest.approx(0.5, abs=0.01)
    assert (y[2] - y[0]) / (y[1] - y[0]) == pytest.approx(0.5, abs=0.01)
    assert y[1] < y[0]  # up is up
    points = _drawings.draw_points(run.x, "title")
    assert len(re.findall("h0", points)) == len(run.x)


def pixels(drawing):
    """The points of a drawing, `(num, 2)`."""
    return np.array(re.findall(r"M([-\d.]+) ([-\d.]+)h0", drawing), float)


@pytest.mark.parametrize(("across", "up"), [(1.0, 1.0), (3.0, 1.0), (1.0, 5.0)])
def test_a_ring_is_drawn_round_whatever_its_points(across, up):
    """Corners of a rectangle keep its shape, and one of its sides fills the axes."""
    angles = np.linspace(0, 2 * np.pi, 60)
    ring = np.stack([across * np.cos(angles), up * np.sin(angles)], axis=-1)
    drawn = pixels(_drawings.draw_points(ring, "title"))
    wide, high = np.ptp(drawn, axis=0) / np.ptp(ring, axis=0)
    assert wide == pytest.approx(high, rel=0.01)
    sides = np.ptp(drawn, axis=0) / (_svg.ACROSS, _svg.UP)
    assert max(sides) == pytest.approx(1 / 1.08, rel=0.01)
    line = pixels(_drawings.draw_points(ring[:, :1], "title"))  # over their number
    assert np.ptp(line, axis=0) / (_svg.ACROSS, _svg.UP) == pytest.approx(
        [1 / 1.08] * 2, rel=0.01
    )


def texts_of(drawing):
    """Each text of a drawing with where it stands and which end of it stands there."""
    found = re.findall(
        r'<text x="([\d.]+)" y="[\d.]+" text-anchor="(\w+)".*?>(.*?)<', drawing
    )
    return {text: (float(x), anchor) for x, anchor, text in found}


@pytest.mark.parametrize(("span", "texts"), [(2.0, ["0", "1"]), (90.0, ["0 and 1"])])
def test_lines_at_0_and_1_have_their_numbers_and_names_stand_beside(span, texts):
    spans = [Span("samples", span, 0.0, span), Span("less fresh data", 0.1, 0.0, 0.2)]
    drawing = _drawings.draw_spans(spans, "title", "unit", one=True)
    marks = re.findall(r'd="M([\d.]+) [\d.]+V[\d.]+" stroke="currentColor"', drawing)
    marks = np.array(marks, float)
    stand = texts_of(drawing)
    want = marks if len(texts) == 2 else [marks.mean()]
    assert [stand[text][0] for text in texts] == pytest.approx(want, abs=0.1)
    assert all(stand[text][1] == "middle" for text in texts)
    for one in spans:  # to the left of all that is drawn
        x, anchor = stand[one.name]
        assert anchor == "end"
        assert x < marks.min()
        assert x > 5.0 * len(one.name)  # and not beyond the drawing's edge
    alone = texts_of(_drawings.draw_spans(spans, "title", "unit"))
    assert "0" in alone
    assert not {"1", "0 and 1"} & set(alone)


def test_the_table_of_a_run_says_that_it_is_of_clipping(run):
    head = next(parsed(run._repr_html_()).iter("thead"))
    assert " ".join(head.itertext()) == "clipped, of nodes and times samples"


def test_the_colours_of_cells_are_those_of_their_signs():
    g = np.array([[1.0, -1.0, 0.0], [0.5, 0.0, 0.0]])
    html = _drawings.draw_cells(g, "title", 1.0)
    found = re.findall(r'd="([^"]*)" fill="(#\w+)" fill-opacity="([\d.]+)"', html)
    drawn = sorted((c, float(o), path.count("M")) for path, c, o in found)
    orange, blue = "#d9690f", "#2b8cc4"
    assert drawn == sorted([(blue, 1.0, 1), (orange, 1.0, 1), (orange, 0.5, 1)])


ODD = st.floats(allow_nan=True, allow_infinity=True, width=64)
SIZES = st.tuples(st.integers(0, 5), st.integers(1, 4))


@hypothesis.settings(deadline=None, max_examples=60)
@hypothesis.given(
    x=SIZES.flatmap(lambda shape: hnp.arrays(float, shape, elements=ODD)),
    numbers=st.tuples(*[ODD] * 5),
    text=st.text("az09 <>&;\"'/\\µ∞é𝛺", max_size=9),
)
def test_any_numbers_have_a_view(x, numbers, text):
    with np.errstate(all="ignore"):
        things = [DigitalRun(x), Measured(*numbers)]
        things.append(Trace(x[:, 0], np.stack([x, -x], axis=-1)))
        for thing in things:
            assert repr(thing)
            assert parsed(thing._repr_html_()) is not None
        cells = _drawings.draw_cells(x, text, numbers[0])
        assert parsed(cells) is not None
        view = View(text, ((text, text),), ((text,), (text,)), lambda: [cells])
        assert parsed(view.html()) is not None
        assert len(view.text().splitlines()) <= 7
