"""The closed loop of a programmed chip as a SPICE deck."""

import dataclasses

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from ..blocks import AbstractStage
from ..chip import AnalogNetwork, Chip
from ..loop import Circuit, CircuitPaths, DynamicLoop, of_first_sample, SamplePaths
from . import _blocks as blocks
from ._arrays import array_cards
from ._circuit_noise import (
    ground_cards,
    ground_starts,
    moves_grounds,
    product_cards,
)
from ._dac import dac_cards
from ._guidance import guidance_block, guidance_cards
from ._holds import hold_cards, MULTIPLEXED, turn_cards
from ._noise import first_paths, noise_cards, op_amp_noise_cards, start_volts
from ._rows import (
    multiplier_errors,
    row_blocks,
    row_cards,
    trim_of,
    wave_channel,
    wave_scales,
)
from ._text import card, name, Netlist, number


Kind = tuple[float, float, float]


Ends = tuple[float, float]


FEWEST_POINTS = 1000


OPTIONS = ".options reltol=1e-5 vntol=1e-9 abstol=1e-14 method=gear maxord=2"


def write_netlist(
    loop: DynamicLoop, chip: Chip, x1: Float[Array, " dim"], *, title: str = "rram_ode"
) -> Netlist:
    r"""The deck of a solve of `chip` from `x1`, its first sample, with the loop's noise.

    | node | meaning |
    | --- | --- |
    | `x0`, `mx0` | output of an integrator (a coordinate of the state), and its summing node |
    | `r1_3`, `n1_3` | row 3 of layer 1 and its inverse; the last row is the constant |
    | `m1_7`, `t1_7` | summing node and output of the amplifier of column 7 |
    | `e5`, `kx`, `ks` | channels of the DAC: embedding and factors |
    | `w1_7` | an embedding scaled for column 7 of layer 1 |
    | `y1_7`, `common` | + input of an amplifier, and what noise moves all of them by |
    | `kg`, `h0` | weight of guidance, and the guided output of a coordinate |
    | `turn`, `mux5` | 1 in turns of the null label, and the channel that an array gets |
    | `on0`, `hc0`, `hn0` | 1 while the class's holds are closed; holds of both labels |

    The layers of a null label's array follow those of the class's; so do its channels.
    An array that is switched has its holds for the second one, see `hold_cards`.

    Element `rg3_7p` of `xl1` is the positive cell of row 3 and column 7 of layer 1;
    `array_cards` names its wires.

    Args:
        loop: The circuit around the chip.
        chip: The hardware.
        x1: The start, dimensionless.
        title: The first line of the deck.

    Raises:
        ValueError: If the loop solves the reverse SDE.
    """  # noqa: E501
    if loop.plan.injected is not None:
        raise ValueError(
            "a netlist has no injected noise: take `solve.process` probability-flow."
        )
    if any(not character.isprintable() for character in title):
        raise ValueError(f"the title of a netlist is one line; got {title!r}.")
    circuit = circuit_of(loop, chip)
    paths, played = first_paths(loop, circuit), _read_paths(loop, chip, x1)
    is_moved, duration = moves_grounds(played.circuit), float(loop.clock.duration)
    noisy = paths is not None or is_moved
    nodes = {"state": tuple(f"x{k}" for k in range(chip.score.dim))}
    cards = [*_subcircuits(circuit, noisy), *dac_cards(loop, chip)]
    cards += turn_cards(loop, circuit)
    ends, previous = [], nodes["state"]
    for layer, place in enumerate(circuit.places, start=1):
        previous = nodes["state"] if place.is_first else previous
        cards += _layer(circuit, layer, previous, noisy)
        previous = tuple(
            f"t{layer}_{j}" for j in range(circuit.layers[layer - 1].g_f.size)
        )
        nodes[place.name] = previous
        if place.is_last:
            ends.append(previous)
    if circuit.switched is not None:
        lines, ends = hold_cards(loop, circuit, chip, x1, previous)
        cards, nodes["held"] = [*cards, *lines], (*ends[0], *ends[1])
    if circuit.guiding is not None:
        lines, previous, nodes["guided"] = guidance_cards(
            circuit, ends, played.circuit, duration
        )
        cards += lines
    start = start_volts(loop, circuit, np.asarray(x1), paths)
    cards += _integrators(circuit, previous, start, noisy, played.circuit, duration)
    cards += _noise(circuit, played, duration)
    below = "y" if paths is None else "g"
    cards += ground_cards(played.circuit, duration, below=below)
    if paths is not None:
        cards += op_amp_noise_cards(loop, circuit, paths, is_moved=is_moved)
    for text in (t for group in nodes.values() for t in group):
        name(text)
    run = analysis(duration, loop.grid.size - 1)
    return Netlist(title, tuple(cards), run, nodes)


def analysis(duration: float, num_points: int = 0) -> tuple[str, str]:
    """Lines for a transient run of `duration` seconds in 1000 steps or more."""
    most = number(duration / max(FEWEST_POINTS, num_points))
    return OPTIONS, f".tran {most} {number(duration)} 0 {most}"


def _subcircuits(circuit: Circuit, noisy: bool) -> list[str]:
    integrator, lines, stages = circuit.integrator, [], []
    for (kind, rails), end in _kinds(circuit).items():
        stage = next(s for s in circuit.layers if kind in _gains(s))
        op_amp = f"op_amp_tia{end}"
        own = dataclasses.replace(stage.op_amp, gain=kind[0], gbw=kind[1])
        lines += blocks.op_amp(op_amp, own, rails, noisy)
        trimmed = circuit.network.all_layers[0].trim is not None
        stages += blocks.amplifier(f"tia{end}", op_amp, stage, noisy, trimmed)
    for (kind, rails), end in _integrator_names(circuit).items():
        op_amp = f"op_amp_int{end}"
        own = dataclasses.replace(integrator.op_amp, gain=kind[0], gbw=kind[1])
        lines += blocks.op_amp(op_amp, own, rails, noisy)
        stages += blocks.integrator(f"integrator{end}", op_amp, integrator, noisy)
    return [
        *lines,
        *stages,
        *row_blocks(circuit.network),
        *_multiplier(circuit),
        *guidance_block(circuit),
    ]


def _kinds(circuit: Circuit) -> dict[tuple[Kind, Ends], str]:
    """End of the name of each kind of amplifier, by its gain, speed and rails."""
    kinds: dict[tuple[Kind, Ends], str] = {}
    for stage in circuit.layers:
        for kind in zip(_gains(stage), _rails(stage), strict=True):
            end = f"_{len(kinds) + 1}" if kinds else ""
            kinds.setdefault(kind, end)
    return kinds


def _integrator_names(circuit: Circuit) -> dict[tuple[Kind, Ends], str]:
    """End of the name of each kind of integrator, by its gain, speed and rails."""
    names: dict[tuple[Kind, Ends], str] = {}
    stage = circuit.integrator
    for kind in zip(_gains(stage), _rails(stage), strict=True):
        names.setdefault(kind, f"_{len(names) + 1}" if names else "")
    return names


def _gains(stage: AbstractStage) -> list[Kind]:
    """Gain and speed of each column, with the capacitor of the summing nodes."""
    each = (np.asarray(x, float) for x in (stage.op_amp.gain, stage.op_amp.gbw))
    gains, gbws = (np.broadcast_to(x, stage.g_f.shape).tolist() for x in each)
    return [(*both, float(stage.c_in[0])) for both in zip(gains, gbws, strict=True)]


def _rails(stage: AbstractStage) -> list[Ends]:
    """Lowest and highest output of each column, in volts."""
    ends = [np.asarray(v, float) for v in stage.rails(stage.g_f)]
    wide = [np.broadcast_to(v, stage.g_f.shape).tolist() for v in ends]
    return [*zip(*wide, strict=True)]


def _layer(
    circuit: Circuit, layer: int, previous: tuple[str, ...], noisy: bool
) -> list[str]:
    """Row drivers, crossbar, amplifiers and the embedding's resistors of one layer."""
    own, stage = circuit.network.all_layers[layer - 1], circuit.layers[layer - 1]
    place, crossbar = circuit.places[layer - 1], own.crossbar
    chain = circuit.network.chains[place.chain]
    assert isinstance(chain, AnalogNetwork)  # by `wire_up`
    scales = None if place.is_last else -wave_scales(chain, place.number + 1)
    rows, cols = crossbar.g_pos.shape
    kinds = _kinds(circuit)
    each = [*zip(_gains(stage), _rails(stage), strict=True)]
    lines = [f"* layer {layer}", *row_cards(circuit, layer, previous)]
    nodes = [f"{kind}{layer}_{row}" for kind in "rn" for row in range(rows)]
    nodes += [f"m{layer}_{col}" for col in range(cols)]
    lines += array_cards(f"crossbar{layer}", crossbar)
    lines += card(f"xl{layer}", *nodes, f"crossbar{layer}")
    for col in range(cols):
        at = f"{layer}_{col}"
        resistance = number(1 / float(stage.g_f[col]))
        offset = number(stage.offset[col]) + trim_of(own, stage, col)
        pins = f"m{at} t{at} y{at}" if noisy else f"m{at} t{at}"
        kind = f"tia{kinds[each[col]]}"
        lines.append(f"xa{at} {pins} {kind} rf={resistance} offset={offset}")
        if scales is not None:
            wave = wave_channel(place.chain, chain.frequencies.size, cols, col)
            wave = wave if circuit.switched is None else MULTIPLEXED + wave[1:]
            lines.append(f"ew{at} w{at} 0 {wave} 0 {number(scales[col])}")
            lines.append(f"rw{at} w{at} m{at} {resistance}")
    return lines


def _integrators(
    circuit: Circuit,
    scores: tuple[str, ...],
    v1: Float[Array, " dim"],
    noisy: bool,
    paths: CircuitPaths | None,
    duration: float,
) -> list[str]:
    stage = circuit.integrator
    start = np.array(stage.charged(v1), float)
    start[1] += ground_starts(paths, len(scores))
    lines, names = ["* integrators"], _integrator_names(circuit)
    own = [*zip(_gains(stage), _rails(stage), strict=True)]
    errors = circuit.chip.multipliers
    for k, score in enumerate(scores):
        values = f"c={number(stage.c_f[k])} offset={number(stage.offset[k])}"
        kind = f"integrator{names[own[k]]}"
        noise, net = product_cards(paths, k, duration)
        lines += [
            f"xmx{k} kx x{k} 0 p{k} multiplier{multiplier_errors(errors, 0, k)}",
            f"xms{k} ks {score} p{k} d{k} multiplier{multiplier_errors(errors, 1, k)}",
            *noise,
            f"xi{k} {net} mx{k} x{k} {f'yx{k} ' if noisy else ''}{kind} {values}",
            f".ic v(xi{k}.xa.x)={number(start[0, k])} v(mx{k})={number(start[1, k])}",
        ]
    return lines


def _multiplier(circuit: Circuit) -> list[str]:
    errors = circuit.chip.multipliers
    if errors is None:
        return blocks.multiplier("multiplier", circuit.pole)
    is_bent = errors.bend is not None
    block = blocks.bent_multiplier if is_bent else blocks.erring_multiplier
    return block("multiplier", circuit.pole)


def _noise(circuit: Circuit, paths: SamplePaths, duration: float) -> list[str]:
    laws = paths.white, paths.flicker, paths.telegraph, paths.thermal
    if all(law is None for law in laws):
        return []
    crossbars = tuple(layer.crossbar for layer in circuit.network.all_layers)
    return ["* read noise", *noise_cards(crossbars, paths, duration)]


@eqx.filter_jit
def circuit_of(loop: DynamicLoop, chip: Chip) -> Circuit:
    """The circuit of `chip` with its op-amps, as it is in the first sample."""
    return of_first_sample(loop.circuit(chip), loop.noise, loop.auto_zero)


@eqx.filter_jit
def _read_paths(loop, chip, x1):
    return loop.loop.term(chip, x1[:, None]).paths
