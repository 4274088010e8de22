"""The converters of a configuration, and what the energy model is told of them."""

from ...blocks import ADC, DAC
from ...config import DACConfig, require, require_positive, RunConfig
from ...energy import CONVERTER_BITS, DigitalSide, effective_bits
from ...loop import Converters


REFERENCE_CLOCK = 10e6  # of a sequence without a clock of its own, in hertz


def build_converters(config: RunConfig) -> Converters:
    """The DAC of the starts and the ADC of the ends."""
    require_positive(config, "adc.full_scale", "start.full_scale", "start.resistance")
    require_positive(config, "adc.noise", zero=True)
    adc, start, v_max = config.adc, config.start, config.crossbar.v_max
    return Converters(
        ADC(adc.bits, adc.full_scale * v_max, noise=adc.noise or None),
        DAC(start.bits),
        start.full_scale * v_max,
        memory=config.start.memory or None,
    )


def build_dac(config: DACConfig) -> DAC:
    """The DAC of the waveforms; errors of ranges where there is more than one."""
    std = config.range_error if config.ranges > 1 else 0.0
    require("dac.range_error", config.range_error, zero=True)
    return DAC(
        config.bits,
        config.update_rate,
        fastest=None if config.update_rate is None else config.fastest,
        ranges=config.ranges,
        range_std=std or None,
    )


def require_priced(config: RunConfig) -> None:
    """Refuse converters that the energy model does not cover.

    Raises:
        ValueError: If a number of bits or a rate is beyond what it covers.
    """
    for name, bits in (
        ("adc.bits", config.adc.bits),
        ("dac.bits", config.dac.bits),
        ("start.bits", config.start.bits),
    ):
        low, high = CONVERTER_BITS[name.partition(".")[0]]
        if bits is not None and not low <= bits <= high:
            raise ValueError(
                f"`{name}` must be between {low} and {high}, which the energy of a "
                f"conversion covers, or None for continuous (priced as {high}); got "
                f"{bits}."
            )
    require("dac.update_rate", config.dac.update_rate)
    require("dac.fastest", config.dac.fastest)
    rate = config.dac.update_rate
    if rate is not None and rate > DigitalSide.FASTEST:
        raise ValueError(
            f"`dac.update_rate` must be at most {DigitalSide.FASTEST:g} Hz, or None "
            f"for continuous (priced as that); got {rate:g}."
        )


def build_digital_side(config: RunConfig) -> DigitalSide:
    """Bits and rates that converters and controller are paid for.

    With `fidelity` ideal they are those of the configuration: the machine is the same,
    and only its errors are off. A continuous converter is priced as the finest that the
    model covers, and a sequence without a clock as one of `REFERENCE_CLOCK`.
    """
    finest = lambda name, bits: CONVERTER_BITS[name][1] if bits is None else bits
    adc, dac = config.adc, config.dac
    bits = finest("adc", adc.bits)
    rate = DigitalSide.FASTEST if dac.update_rate is None else dac.update_rate
    clock = config.controller.clock or REFERENCE_CLOCK
    noise_rate = 0.0
    if config.solve.process == "reverse-sde":
        hold = config.solve.noise_hold
        noise_rate = rate if hold is None else 1 / hold
    return DigitalSide(
        adc_bits=effective_bits(bits, 0.0 if adc.bits is None else adc.noise),
        conversion_rate=clock / (bits + 2),
        dac_bits=finest("dac", dac.bits),
        dac_ranges=dac.ranges,
        update_rate=rate,
        noise_rate=noise_rate,
        start_bits=finest("start", config.start.bits),
        start_resistance=config.start.resistance,
        clock=clock,
        adc_volts=adc.full_scale * config.crossbar.v_max,
    )
