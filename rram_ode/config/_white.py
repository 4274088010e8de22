"""Knobs of the white read noise of cells."""

from dataclasses import dataclass

from ._knob import knob


@dataclass(frozen=True)
class WhiteConfig:
    """White read noise within a bandwidth."""

    std: float = knob(
        0.1e-6,
        unit="S",
        when="per lab time",
        source="assumption: 0.1 uS in 1 MHz, twice the write error of the CMO/HfOx law",
        role="process",
        help="standard deviation of g within the bandwidth: the constant part",
    )
    std_rel: float = knob(
        0.0,
        when="per lab time",
        source="about 1 % for NeuRRAM (aihwkit's advice, no bandwidth)",
        role="process",
        help="the part proportional to g, relative; variances add",
    )
    bandwidth: float = knob(
        1e6,
        unit="Hz",
        when="per lab time",
        source="assumption: the transimpedance amplifier's pole",
        role="process",
        help="values are held for 1 / (2 bandwidth); at least 10 / solve.duration",
    )
    own_pole: bool = knob(
        False,
        source="off; one pole: noise bandwidth pi/2 f; quasi-static: op-amps that a "
        "solve needs (20 / solve.duration), or op_amp.gbw over the noise gain",
        role="numerical",
        help="whether each amplifier's own pole limits the noise, of a density of "
        "std^2 over the bandwidth; thermal noise keeps its bandwidth",
    )
