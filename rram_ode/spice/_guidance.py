"""The stage that guides, in a deck: one more multiplier of each coordinate."""

import math

import numpy as np

from ..chip import GuidedNetwork
from ..loop import Circuit, CircuitPaths
from ._blocks import low_pass
from ._circuit_noise import guidance_noise_cards
from ._rows import multiplier_errors, multiplier_values
from ._text import number


def guidance_block(circuit: Circuit) -> list[str]:
    """`k c n out`: $v_c + m(k, v_c - r v_n)$ between the rails; none without guidance.

    Node `d` is the difference, and `f` the multiplier's output behind its pole.
    """
    network = circuit.guiding
    if network is None:
        return []
    errors = network.stage.errors
    product, pins = "v(k)*v(d)", "k c n out ratio=1 rail=0"
    if errors is not None:
        a, b = "v(k)", "v(d)"
        if errors.bend is not None:
            a = f"{a}*({{a1}}-{{a3}}*{a}*{a})"
            b = f"{b}*({{b1}}-{{b3}}*{b}*{b})"
        product = f"{{gain}}*{a}*{b}+{{signal}}*v(d)+{{factor}}*v(k)+{{offset}}"
        pins += "".join(f" {key}=0" for key in multiplier_values(errors))
    out = "v(c)+v(f)"
    if math.isfinite(float(np.max(np.asarray(network.stage.v_rail)))):
        out = f"max(min({out},{{rail}}),-{{rail}})"
    return [
        f".subckt guidance {pins}",
        "bd d 0 v=v(c)-{ratio}*v(n)",
        *low_pass(product, circuit.pole),
        f"bout out 0 v={out}",
        ".ends guidance",
    ]


def guidance_cards(
    circuit: Circuit,
    ends: list[tuple[str, ...]],
    paths: CircuitPaths | None,
    duration: float,
) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    """The stages of all coordinates, and the source of the weight.

    Args:
        circuit: The chip.
        ends: Outputs of the array of the class, then of the null label's; or holds.
        paths: Noise of the blocks around the arrays; `None` for none.
        duration: Duration of the solve, in seconds.

    Returns:
        The cards, the nets that go on to the multipliers, and those of the stages.
    """
    network = circuit.guiding
    assert network is not None  # by the caller
    ratio = float(network.ratio) if isinstance(network, GuidedNetwork) else 1.0
    reference = 1.0 if circuit.chip.reference is None else float(circuit.chip.reference)
    weight = reference * float(network.stage.weight)
    lines = ["* guidance", f"vkg kg 0 {number(weight)}"]
    rails = np.broadcast_to(np.asarray(network.stage.v_rail, float), len(ends[0]))
    nets, outputs = [], []
    for k, (own, null) in enumerate(zip(*ends, strict=True)):
        values = f"ratio={number(ratio)}" + multiplier_errors(
            network.stage.errors, 0, k
        )
        if math.isfinite(rails[k]):
            values += f" rail={number(rails[k])}"
        lines.append(f"xg{k} kg {own} {null} h{k} guidance {values}")
        noise, net = guidance_noise_cards(paths, k, duration)
        lines += noise
        nets.append(net)
        outputs.append(f"h{k}")
    return lines, tuple(nets), tuple(outputs)
