"""The circuit blocks as subcircuits, with the parameters of the simulator's blocks.

The first line of each docstring names the pins of the subcircuit.
"""

import math

from ..blocks import (
    AbstractRectifier,
    AbstractStage,
    ClampRectifier,
    Diode,
    DiodeRectifier,
    IdealRectifier,
    MultiplierPole,
    OpAmp,
    Stage,
)
from ._text import number


POLE_GM = 1e-3  # siemens; arbitrary, as it scales only the pole's R and C


NO_RAIL = 1e6  # volts


SPICE_KELVIN = 300.15  # ngspice's temperature, 27 degrees Celsius


def op_amp(
    name: str, amplifier: OpAmp, rails: tuple[float, float], noisy: bool = False
) -> list[str]:
    """`m out`: an op-amp of one pole, with slew and `rails` where they are finite.

    Its + input is grounded. With noise the + input is a third pin, `y`.
    """
    gain, unity = float(amplifier.gain), float(amplifier.unity)
    slew, (low, high) = float(amplifier.slew), rails
    gm = number(POLE_GM)
    body = [f".subckt {name} {_pins('m out', noisy)} offset=0"]
    body += [f"vos p {'y' if noisy else '0'} {{offset}}"]
    is_railed = math.isfinite(low) or math.isfinite(high)
    if math.isinf(slew) and not is_railed:
        body += [f"gin 0 x p m {gm}", f"rx x 0 {number(gain / POLE_GM)}"]
        body += ["eout out 0 x 0 1"]
    else:
        clipped = "v(x)"
        if is_railed:
            clipped = f"max(min(v(x),{_finite(high)}),{_finite(low)})"
        drive = f"{gm}*v(p,m)-v(x)*{number(POLE_GM / gain)}"
        if not math.isinf(slew):
            most = slew * POLE_GM / unity
            drive = f"max(min({drive},{number(most)}),{number(-most)})"
        body += [f"bin 0 x i={drive}-{gm}*(v(x)-{clipped})", f"bout out 0 v={clipped}"]
    return [*body, f"cx x 0 {number(POLE_GM / unity)}", f".ends {name}"]


def _finite(volts: float) -> str:
    """A rail, or for none a voltage that no output reaches."""
    return number(volts if math.isfinite(volts) else math.copysign(NO_RAIL, volts))


def amplifier(
    name: str,
    op_amp: str,
    stage: AbstractStage,
    noisy: bool = False,
    trimmed: bool = False,
) -> list[str]:
    """`m out`: a transimpedance amplifier; its resistor and offset are parameters.

    Where it is `trimmed`, so is the current of its bias and of its trim's DAC.
    """
    pins = _pins("m out", noisy)
    own = " bias=0" if trimmed else ""
    body = [f".subckt {name} {pins} rf=1k offset=0{own}", "rf m out {rf}"]
    if stage.has_capacitors:
        body += _capacitor("cf m out", float(stage.c_f[0]))
        body += _capacitor("cin m 0", float(stage.c_in[0]))
    body += ["ib 0 m {bias}"] if trimmed else _bias(stage)
    return [*body, f"xa {pins} {op_amp} offset={{offset}}", f".ends {name}"]


def integrator(name: str, op_amp: str, stage: Stage, noisy: bool = False) -> list[str]:
    """`d m out`: an integrator with its summing node; its capacitor is a parameter."""
    pins = _pins("m out", noisy)
    body = [f".subckt {name} d {pins} c=1p offset=0"]
    body += [f"rin d m {number(1 / float(stage.g_in[0]))}", "cf m out {c}"]
    body += _capacitor("cin m 0", float(stage.c_in[0]))
    if float(stage.g_f[0]) > 0:
        body += [f"rleak m out {number(1 / float(stage.g_f[0]))}"]
    body += _bias(stage)
    return [*body, f"xa {pins} {op_amp} offset={{offset}}", f".ends {name}"]


def limiter(name: str, lowest: float, highest: float) -> list[str]:
    """`a out`: a row driver, or a rectifier where `lowest` is 0."""
    value = "v(a)"
    if math.isfinite(highest):
        value = f"min({value},{number(highest)})"
    if math.isfinite(lowest):
        value = f"max({value},{number(lowest)})"
    return [f".subckt {name} a out", f"bout out 0 v={value}", f".ends {name}"]


def erring_driver(name: str, lowest: float, highest: float) -> list[str]:
    """`a out`: a row driver with the errors of its row, behind its clip."""
    clip = limiter(name, lowest, highest)[1].partition("v=")[2]
    return [
        f".subckt {name} a out gain=1 offset=0",
        f"bout out 0 v={{gain}}*{clip}+{{offset}}",
        f".ends {name}",
    ]


def erring_rectifier(name: str, block: AbstractRectifier, v_clamp: float) -> list[str]:
    """`a out`: a ReLU with an offset at its input and a gain error, clip and driver.

    An ideal ReLU is one source with all of it. Around one of a diode there are sources
    ahead of its circuit and behind it.
    """
    pins = "a out relu_gain=1 relu_offset=0 gain=1 offset=0"
    if isinstance(block, IdealRectifier):
        inside = "{relu_gain}*(v(a)+{relu_offset})"
        if math.isfinite(v_clamp):
            inside = f"min({inside},{number(v_clamp)})"
        body = [f"bout out 0 v={{gain}}*max({inside},0)+{{offset}}"]
        return [f".subckt {name} {pins}", *body, f".ends {name}"]
    head, *body, _, end = rectifier(name, block, v_clamp)
    body = [" ".join("i" if w == "a" else w for w in line.split()) for line in body]
    bent = "{relu_gain}*v(o)"
    if math.isfinite(v_clamp):
        bent = f"max(min({bent},{number(v_clamp)}),{number(-v_clamp)})"
    return [
        head.replace(" a out", f" {pins}"),
        "bin i 0 v=v(a)+{relu_offset}",
        *body,
        f"bout out 0 v={{gain}}*{bent}+{{offset}}",
        end,
    ]


def erring_inverter(name: str) -> list[str]:
    """`a out`: an inverter with a gain error and an offset at its output."""
    return [
        f".subckt {name} a out gain=1 offset=0",
        "bout out 0 v={offset}-{gain}*v(a)",
        f".ends {name}",
    ]


def rectifier(name: str, block: AbstractRectifier, v_clamp: float) -> list[str]:
    """`a out`: a ReLU and the clamp of its row, of `v_clamp` volts.

    An ideal op-amp drives `a`; a source follows the diode's node `o`, and clips.

    Raises:
        ValueError: If no netlist circuit exists for the block.
    """
    if isinstance(block, IdealRectifier):
        return limiter(name, 0.0, v_clamp)
    if not isinstance(block, DiodeRectifier | ClampRectifier):
        raise ValueError(f"a netlist has no circuit of a {type(block).__name__}.")
    ohms = number(block.resistance)
    if isinstance(block, ClampRectifier):
        body = [f"r0 a o {ohms}", "d0 0 o dm"]
    elif block.gain is None:
        body = ["d0 a o dm", f"r0 o 0 {ohms}"]
    else:
        body = [f"e0 q 0 a o {number(block.gain)}", "d0 q o dm", f"r0 o 0 {ohms}"]
    _, *inside, end = limiter(name, -v_clamp, v_clamp)
    inside = [line.replace("v(a)", "v(o)") for line in inside]
    return [f".subckt {name} a out", _model(block.diode), *body, *inside, end]


def _model(diode: Diode) -> str:
    """Model card of a diode; its temperature enters through the ideality.

    At SPICE's temperature, a hotter diode is one of larger ideality.
    """
    ideality = float(diode.ideality * diode.temperature) / SPICE_KELVIN
    return f".model dm d(is={number(diode.saturation)} n={number(ideality)})"


def inverter(name: str) -> list[str]:
    """`a out`: an ideal inverter."""
    return [f".subckt {name} a out", "eout out 0 a 0 -1", f".ends {name}"]


def multiplier(name: str, pole: MultiplierPole | None = None) -> list[str]:
    """`a b z out`: z - a b / 1 V, ideal; the sign is the inverting integrator's."""
    return [f".subckt {name} a b z out", *_product("v(a)*v(b)", pole), f".ends {name}"]


def erring_multiplier(name: str, pole: MultiplierPole | None = None) -> list[str]:
    """`a b z out`: a `multiplier` with the errors of `MultiplierErrors`."""
    product = "{gain}*v(a)*v(b)+{signal}*v(b)+{factor}*v(a)+{offset}"
    if pole is None:
        product = product.replace("+", "-")
    pins = "a b z out gain=1 signal=0 factor=0 offset=0"
    return [f".subckt {name} {pins}", *_product(product, pole), f".ends {name}"]


def bent_multiplier(name: str, pole: MultiplierPole | None = None) -> list[str]:
    """`a b z out`: an `erring_multiplier` whose inputs bend as `MultiplierBend`."""
    bent = {x: f"v({x})*({{{x}1}}-{{{x}3}}*v({x})*v({x}))" for x in "ab"}
    product = f"{{gain}}*{bent['a']}*{bent['b']}"
    sign = "-" if pole is None else "+"
    for term in ("{signal}*v(b)", "{factor}*v(a)", "{offset}"):
        product = f"{product}{sign}{term}"
    pins = "a b z out gain=1 signal=0 factor=0 offset=0 a1=1 a3=0 b1=1 b3=0"
    return [f".subckt {name} {pins}", *_product(product, pole), f".ends {name}"]


def _product(product: str, pole: MultiplierPole | None) -> list[str]:
    """Source of `out`: z less a product, which passes a pole at node `f` if given."""
    if pole is None:
        return [f"bout out 0 v=v(z)-{product}"]
    return [*low_pass(product, pole), "bout out 0 v=v(z)-v(f)"]


def low_pass(product: str, pole: MultiplierPole | None) -> list[str]:
    """Source of node `f`: a product, behind a pole if there is one."""
    if pole is None:
        return [f"bf f 0 v={product}"]
    farads = number(POLE_GM / float(pole.decay))
    return [
        f"bq q 0 v={product}",
        f"rf q f {number(1 / POLE_GM)}",
        f"cf f 0 {farads}",
    ]


def _capacitor(pins: str, farads: float) -> list[str]:
    return [f"{pins} {number(farads)}"] if farads > 0 else []


def _pins(pins: str, noisy: bool) -> str:
    return f"{pins} y" if noisy else pins


def _bias(stage: AbstractStage) -> list[str]:
    amperes = float(stage.op_amp.bias_current)
    return [f"ib 0 m {number(amperes)}"] if amperes else []
