"""The decoder of a configuration on crossbars."""

import jax.numpy as jnp

from ...blocks import ADC, DAC, HoldSpread
from ...chip import KnownInputs
from ...config import idealise, require_positive, RunConfig
from ...datasets import AbstractDataset
from ...decoder import (
    decoder_blueprint,
    DecoderBlueprint,
    Interface,
    LOGIT,
    stages_of,
)
from ...energy import CONVERTER_BITS
from ...latents import LatentPictures
from ._controller import reset_time
from ._design import build_design
from ._trim import bench_on


ANALOG = "analog"


def require_decoder(config: RunConfig, dataset: AbstractDataset) -> None:
    """Refuse a decoder of data that need none, or that no machine is priced with.

    Raises:
        ValueError: With the setting that would do.
    """
    if config.decoder.circuit != ANALOG:
        return
    if not isinstance(dataset, LatentPictures):
        raise ValueError(
            f"`decoder.circuit` = {ANALOG} decodes latents, and the data "
            f"`{config.data}` are in no latent space: set it to digital, or take "
            "`data` letters."
        )
    if config.power.row != "integrated":
        raise ValueError(
            f"`decoder.circuit` = {ANALOG} is a decoder on the chip; got `power.row` = "
            f"{config.power.row}: take integrated, or decode digitally."
        )
    if config.rewrite.every is not None or config.rewrite.monitor is not None:
        raise ValueError(
            f"the cells of `decoder.circuit` = {ANALOG} are never rewritten: set "
            "`rewrite.every` and `rewrite.monitor` to None, or decode digitally."
        )
    if isinstance(config.cell.devices_per_weight, tuple):
        raise ValueError(
            f"the layers of `decoder.circuit` = {ANALOG} are others than those of the "
            "score network: set `cell.devices_per_weight` to one number, or decode "
            "digitally."
        )
    require_positive(config, "decoder.read_time", "decoder.hold_capacitance")
    for name in ("injection", "injection_std", "leakage"):
        require_positive(config, f"decoder.{name}", zero=True)
    bits, (low, high) = config.decoder.adc_bits, CONVERTER_BITS["adc"]
    if bits is not None and not low <= bits <= high:
        raise ValueError(
            f"`decoder.adc_bits` must be between {low} and {high}, which the energy of "
            f"a conversion covers, or None for continuous; got {bits}."
        )
    build_interface(config, stages_of(dataset.model).num_reads)


def build_decoder(
    config: RunConfig, dataset: AbstractDataset
) -> DecoderBlueprint | None:
    """What decoders of the configuration are made from; `None` for a digital one.

    Raises:
        ValueError: If the data are in no latent space, a setting is out of range, or a
            decode takes longer than the period of the samples.
    """
    require_decoder(config, dataset)
    if config.decoder.circuit != ANALOG or not isinstance(dataset, LatentPictures):
        return None
    stages = stages_of(dataset.model)
    interface = build_interface(config, stages.num_reads)
    known = KnownInputs(jnp.zeros(1), jnp.zeros((1, 1)))
    states = jnp.asarray(dataset.part("train")[0], float).T
    return decoder_blueprint(
        stages,
        build_design(config),
        states,
        interface,
        bench=bench_on(config, known, jnp.zeros((2, 1))),
        num_known=config.trim.reads,
    )


def build_interface(config: RunConfig, num_reads: int) -> Interface:
    """Converters, holds and times of a decoder that takes `num_reads` reads.

    Raises:
        ValueError: If a decode takes longer than the period of the samples.
    """
    if config.fidelity == "ideal":
        config = idealise(config)
    c, solve = config.decoder, config.solve
    period, busy = solve.duration + reset_time(config), num_reads * c.read_time
    if busy > period * (1 + 1e-9):
        raise ValueError(
            f"`decoder.read_time` = {c.read_time:g} s makes a decode of {num_reads} "
            f"reads longer than the {period:g} s from sample to sample: take "
            f"{period / num_reads:.3g} s or less."
        )
    noise = config.adc.noise if c.adc_bits is not None else 0.0
    charges = c.injection, c.injection_std, c.leakage
    holds = None
    if c.hold_noise or any(charges):
        temperature = config.cell.temperature if c.hold_noise else None
        holds = HoldSpread(c.hold_capacitance, 0.0, *charges, temperature)
    return Interface(
        c.read_time,
        max(period - busy, 0.0),
        DAC(config.start.bits),
        config.start.full_scale * config.crossbar.v_max,
        ADC(c.adc_bits, LOGIT, noise=noise or None),
        holds,
    )
