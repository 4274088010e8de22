"""Draw the blocks and the loop beside this file: `python circuits/draw.py [FOLDER]`.

Needs schemdraw (`pip install -e '.[docs]'`). Names are those of the decks.
"""

import pathlib
import sys

import schemdraw
from schemdraw import dsp, elements as elm, logic


HERE = pathlib.Path(__file__).parent


def amplifier() -> schemdraw.Drawing:
    """A column: two cells of a weight, the embedding's resistor, the amplifier."""
    d = schemdraw.Drawing(show=False)
    op, x, y = _inverting(d, "m1_7", 2)
    d.add(elm.Line().at((x, y - 2.5)).toy(y + 5))
    # The cell that adds hangs on the inverted row.
    d.add(elm.ResistorVar().at((x - 3, y)).to((x, y)).label("rg3_7p"))
    d.add(elm.Line().at((x - 3, y)).left(1).label("n1_3", loc="bottom"))
    inverter = d.add(logic.Not().at((x - 4, y)).anchor("out").theta(0))
    d.add(elm.Label().at((x - 5, y + 0.5)).label("xn1_3", loc="top"))
    d.add(elm.Line().at(inverter.start).toy(y - 2.5))
    row = d.add(elm.Dot(open=True).label("r1_3", loc="left")).start
    d.add(elm.Line().at(row).tox(x - 3))
    d.add(elm.ResistorVar().to((x, y - 2.5)).label("rg3_7n"))
    d.add(elm.Dot())
    d.add(elm.Capacitor().at((x, y - 2.5)).down(2).label("cin"))
    d.add(elm.Ground())
    d.add(elm.Resistor().at((x, y + 5)).left(3).label("rw1_7 = rf"))
    d.add(elm.Dot(open=True).label("w1_7: embedding", loc="left"))
    _feedback(d, (x, y + 1.7), op.out, elm.Resistor().label("rf"))
    _feedback(d, (x, y + 3.2), op.out, elm.Capacitor().label("cf"))
    d.add(elm.Line().at(op.out).right(1))
    d.add(elm.Dot(open=True).label("t1_7", loc="right"))
    return d


def integrator() -> schemdraw.Drawing:
    """A coordinate of the state: two multipliers and the integrator."""
    d = schemdraw.Drawing(show=False)
    op, x, y = _inverting(d, "mx0", 1.5)
    d.add(elm.Line().at((x, y)).toy(y + 3.2))
    d.add(elm.Resistor().at((x - 3, y)).to((x, y)).label("rin"))
    d.add(elm.Dot(open=True).at((x - 3, y)).label("d0", loc="top"))
    plus = d.add(dsp.SumSigma().at((x - 5, y)).anchor("center"))
    d.add(dsp.Arrow().at(plus.E).tox(x - 3))
    for low, gain, signal, name in (
        (0.0, "ks", "t3_0: score", "xms0"),
        (-3.0, "kx", "x0: state", "xmx0"),
    ):
        times = d.add(dsp.Mixer().at((x - 8, y + low)).anchor("center"))
        d.add(elm.Label().at(times.N).label(name, loc="top"))
        d.add(elm.Line().at(times.W).left(1))
        d.add(elm.Dot(open=True).label(signal, loc="left"))
        d.add(elm.Line().at(times.S).down(0.5))
        d.add(elm.Dot(open=True).label(f"{gain}: the DAC", loc="bottom"))
        if low:
            d.add(elm.Line().at(times.E).tox(plus.S))
            d.add(dsp.Arrow().toy(plus.S))
        else:
            d.add(dsp.Arrow().at(times.E).tox(plus.W))
    _feedback(d, (x, y + 1.7), op.out, elm.Capacitor().label("cf, charged by .ic"))
    _feedback(d, (x, y + 3.2), op.out, elm.Resistor().label("rleak"))
    d.add(elm.Line().at(op.out).right(1))
    d.add(elm.Dot(open=True).label("x0", loc="right"))
    return d


def rectifiers() -> schemdraw.Drawing:
    """The ReLU of a diode in an op-amp's loop, and the clamp of the rows."""
    d = schemdraw.Drawing(show=False)
    op = d.add(elm.Opamp(leads=True))
    d.add(elm.Line().at(op.in2).left(0.5))
    d.add(elm.Dot(open=True).label("t1_7", loc="left"))
    d.add(elm.Diode().at(op.out).right(2).label("d1"))
    out = d.add(elm.Dot()).start
    d.add(elm.Line().at(out).up(2))
    d.add(elm.Line().tox(op.in1))
    d.add(elm.Line().toy(op.in1))
    d.add(elm.Resistor().at(out).down(2.5).label("r1"))
    d.add(elm.Ground())
    d.add(elm.Resistor().at(out).right(3).label("r2"))
    row = d.add(elm.Dot()).start
    d.add(elm.Diode().at(row).down(2).label("d2"))
    d.add(elm.SourceV().down(2).reverse().label("clamp", loc="bottom"))
    d.add(elm.Ground())
    d.add(elm.Line().at(row).right(1))
    d.add(elm.Dot(open=True).label("r2_7", loc="right"))
    return d


def loop() -> schemdraw.Drawing:
    """All blocks in the order of the signal."""
    d = schemdraw.Drawing(show=False)
    names = (
        "integrators\nx0, x1",
        "row drivers\nr1, n1",
        "crossbar xl1\n+ TIAs t1",
        "ReLUs\nr2, n2",
        "crossbar xl2\n+ TIAs t2",
        "ReLUs\nr3, n3",
        "crossbar xl3\n+ TIAs t3",
        "multipliers\nxmx, xms",
    )
    boxes = []
    for number, name in enumerate(names):
        box = dsp.Box(w=2.9, h=1.6).label(name, fontsize=11)
        if number:
            d.add(dsp.Arrow().at(boxes[-1].E).right(0.7))
            box = box.anchor("W")
        boxes.append(d.add(box.right()))
    dac = d.add(
        dsp.Box(w=2.9, h=1.6).label("DAC", fontsize=11).at((boxes[4].N[0], 3.2))
    )
    for target, text in ((2, "e (embedding)"), (4, ""), (7, "kx, ks")):
        x = boxes[target].N[0]
        if target == 4:
            d.add(dsp.Arrow().at(dac.S).toy(boxes[4].N))
            continue
        d.add(elm.Line().at(dac.W if target == 2 else dac.E).tox(x).label(text))
        d.add(dsp.Arrow().toy(boxes[target].N))
    low = boxes[0].S[1] - 1.4
    d.add(elm.Line().at(boxes[7].S).toy(low))
    d.add(elm.Line().tox(boxes[0].S).label("d0, d1: to the integrators"))
    d.add(dsp.Arrow().toy(boxes[0].S))
    own = d.add(elm.Line().at((boxes[0].S[0] + 1, boxes[0].S[1])).down(0.7)).end
    d.add(elm.Line().at(own).tox(boxes[7].S[0] - 1).label("x0, x1"))
    d.add(dsp.Arrow().toy(boxes[7].S))
    return d


def _inverting(
    d: schemdraw.Drawing, node: str, length: float
) -> tuple[elm.Opamp, float, float]:
    """An op-amp with its + input at ground, and where its summing node is."""
    op = d.add(elm.Opamp(leads=True))
    x, y = op.in1[0] - length, op.in1[1]
    d.add(elm.Line().at(op.in1).tox(x))
    d.add(elm.Dot().at((x, y)).label(node, loc="bottom", ofst=(0.6, 0)))
    d.add(elm.Ground().at(op.in2))
    return op, x, y


def _feedback(d: schemdraw.Drawing, start, out, part) -> None:
    """`part` from above the summing node to the output."""
    d.add(elm.Dot().at(start))
    d.add(part.at(start).to((out[0], start[1])))
    d.add(elm.Line().toy(out).dot())


DRAWINGS = {
    "amplifier": amplifier,
    "integrator": integrator,
    "rectifiers": rectifiers,
    "loop": loop,
}


def main(folder: pathlib.Path) -> None:
    """Write all drawings, as SVG."""
    schemdraw.use("svg")
    folder.mkdir(exist_ok=True)
    for name, draw in DRAWINGS.items():
        (folder / f"{name}.svg").write_bytes(draw().get_imagedata("svg"))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "drawings")
