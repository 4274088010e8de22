"""Joules and seconds, counted from the objects that are simulated.

Every number is a `Constant` with a range, a unit and a source. A model is a function of
the constants' values, each a number or an array of samples from its range.
"""

from ._analog import (
    AbstractAnalogRow as AbstractAnalogRow,
    analog_energy as analog_energy,
    ArrayPower as ArrayPower,
    EnergyEstimate as EnergyEstimate,
    HALF as HALF,
)
from ._analog_rows import (
    BOARD as BOARD,
    Board as Board,
    INTEGRATED as INTEGRATED,
    Integrated as Integrated,
    SHARED as SHARED,
)
from ._area import (
    AREA as AREA,
    chip_area as chip_area,
    converter_area as converter_area,
    measure_parts as measure_parts,
    PartSizes as PartSizes,
)
from ._attention import AttentionWork as AttentionWork
from ._bit_work import BitWork as BitWork, LayerBits as LayerBits
from ._constant import (
    assume as assume,
    Constant as Constant,
    Constants as Constants,
    nominals as nominals,
    sourced as sourced,
    UNITS as UNITS,
    Value as Value,
    Values as Values,
)
from ._converters import (
    adc_constant as adc_constant,
    adc_energy as adc_energy,
    buffer_share as buffer_share,
    CONVERTER_BITS as CONVERTER_BITS,
    dac_power as dac_power,
    DigitalSide as DigitalSide,
    effective_bits as effective_bits,
)
from ._count import count_parts as count_parts
from ._decode import (
    decode_energy as decode_energy,
    decoder_area as decoder_area,
    decoder_parts as decoder_parts,
    DecoderParts as DecoderParts,
)
from ._differences import (
    count_differences as count_differences,
    DifferenceWork as DifferenceWork,
    LayerDifferences as LayerDifferences,
)
from ._limits import (
    capacitor_limit as capacitor_limit,
    cell_limit as cell_limit,
    landauer_limit as landauer_limit,
)
from ._memories import (
    KILOBYTE as KILOBYTE,
    MEGABYTE as MEGABYTE,
    MEMORIES as MEMORIES,
    Memory as Memory,
)
from ._neurram import NEURRAM as NEURRAM, neurram_energy as neurram_energy
from ._nodes import (
    ANALOG_NODE as ANALOG_NODE,
    DIGITAL_NODE as DIGITAL_NODE,
    Node as Node,
    OVERHEADS as OVERHEADS,
    regulate as regulate,
)
from ._op_amps import OpAmpDuty as OpAmpDuty, OpAmpTerms as OpAmpTerms
from ._operations import (
    FORMATS as FORMATS,
    OPERATIONS as OPERATIONS,
    scale_energy as scale_energy,
    Scaling as Scaling,
)
from ._parts import (
    fastest_needed as fastest_needed,
    PartCounts as PartCounts,
)
from ._picture_work import (
    picture_sampler_work as picture_sampler_work,
    picture_work as picture_work,
)
from ._programming import PROGRAMMING as PROGRAMMING, Programming as Programming
from ._propagate import (
    draw as draw,
    propagate as propagate,
    remember as remember,
    Spread as Spread,
    used_constants as used_constants,
)
from ._shrunk import SHRUNK as SHRUNK, Shrunk as Shrunk
from ._trimming import TRIMMING as TRIMMING, Trimming as Trimming
from ._widths import (
    add_energy as add_energy,
    multiply_energy as multiply_energy,
    operation_energy as operation_energy,
    WIDTHS as WIDTHS,
)
from ._work import (
    evaluation_work as evaluation_work,
    sampler_work as sampler_work,
    Work as Work,
)


CONSTANTS: dict[str, Constant] = {
    **OPERATIONS,
    **WIDTHS,
    **MEMORIES,
    **OVERHEADS,
    **INTEGRATED,
    **SHRUNK,
    **BOARD,
    **SHARED,
    **PROGRAMMING,
    **AREA,
    **TRIMMING,
    **NEURRAM,
}
