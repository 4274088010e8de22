"""A configuration with every error off."""

import dataclasses

from ._access import AccessConfig
from ._cell import CellConfig, ReadConfig
from ._circuit import MultiplierConfig, RewriteConfig
from ._converters import DACConfig
from ._decoder import DecoderConfig
from ._guidance import GuidanceConfig
from ._op_amp import OpAmpConfig
from ._process import ProcessConfig
from ._programming import IVConfig, StuckConfig, WriteConfig
from ._rectifier import RectifierConfig
from ._run import RunConfig
from ._static import DriverConfig, InverterConfig, SupplyConfig
from ._trim import TrimConfig
from ._wires import WiresConfig


def idealise(config: RunConfig) -> RunConfig:
    """`config` without any error: the digital network in volts, siemens and seconds."""
    quiet = ReadConfig(
        dataclasses.replace(
            config.cell.read.white, std=0.0, std_rel=0.0, own_pole=False
        ),
        dataclasses.replace(config.cell.read.flicker, std=0.0, slope=0.0),
        dataclasses.replace(config.cell.read.fixed, std=0.0, std_rel=0.0),
        dataclasses.replace(config.cell.read.telegraph, amplitude=0.0),
        dataclasses.replace(config.cell.read.thermal, bandwidth=None),
    )
    cell: CellConfig = dataclasses.replace(
        config.cell,
        levels=None,
        age=None,
        ageing=None,
        drift=dataclasses.replace(config.cell.drift, disturb=0.0),
        write=WriteConfig(factor=0.0, acceptance=config.cell.write.acceptance),
        stuck=StuckConfig(lrs=0.0, hrs=0.0),
        iv=IVConfig(law="linear"),
        access=AccessConfig(),
        read=quiet,
    )
    return dataclasses.replace(
        config,
        cell=cell,
        rewrite=RewriteConfig(),
        crossbar=dataclasses.replace(
            config.crossbar,
            v_disturb=None,
            reference_mismatch=0.0,
            wires=WiresConfig(),
        ),
        amplifier=dataclasses.replace(config.amplifier, v_rail=None, clamp=False),
        driver=DriverConfig(),
        inverter=InverterConfig(),
        supply=SupplyConfig(),
        process=ProcessConfig(),
        trim=TrimConfig(),
        rectifier=RectifierConfig(),
        start=dataclasses.replace(
            config.start, bits=None, injection=0.0, leakage=0.0, memory=0.0
        ),
        solve=dataclasses.replace(
            config.solve,
            lead=0.0,
            jitter=0.0,
            limit_noise=False,
            score_factor=1.0,
        ),
        adc=dataclasses.replace(config.adc, bits=None),
        op_amp=OpAmpConfig(kind="ideal"),
        dac=DACConfig(None, None),
        multiplier=MultiplierConfig(config.multiplier.full_scale),
        guidance=GuidanceConfig(
            config.guidance.weight,
            config.guidance.circuit,
            config.guidance.switch_rate,
            config.guidance.acquisition,
            config.guidance.hold_capacitance,
            hold_noise=False,
        ),
        decoder=DecoderConfig(
            config.decoder.circuit,
            config.decoder.read_time,
            None,
            config.decoder.hold_capacitance,
            hold_noise=False,
        ),
        integrator=dataclasses.replace(
            config.integrator,
            leak=None,
            offset_std=0.0,
            mismatch_std=0.0,
            hold_noise=False,
            v_rail=None,
        ),
    )
