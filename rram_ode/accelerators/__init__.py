"""Published digital machines as data, and techniques of accelerators that run."""

from ..energy import Constant, CONSTANTS
from ._attention_technique import (
    AttentionEngine as AttentionEngine,
    PssaTechnique as PssaTechnique,
    SoftermaxTechnique as SoftermaxTechnique,
)
from ._attention_work import (
    CHOI_REPORTED as CHOI_REPORTED,
    count_attention as count_attention,
    map_bits as map_bits,
)
from ._base import AbstractMachine as AbstractMachine
from ._bit_engine import (
    BIT_ENGINES as BIT_ENGINES,
    BitEngine as BitEngine,
    Fpga as Fpga,
    sq_dm_work as sq_dm_work,
    step_wise_work as step_wise_work,
)
from ._bit_slice import (
    coarse as coarse,
    multiply_slices as multiply_slices,
    SlicedProduct as SlicedProduct,
)
from ._channel_cycles import (
    bursts as bursts,
    ChannelEngines as ChannelEngines,
    detector_operations as detector_operations,
    foreseen as foreseen,
    held as held,
    lagged as lagged,
    skipped_zeros as skipped_zeros,
    speed_up as speed_up,
)
from ._channel_split import (
    channel_zeros as channel_zeros,
    split_dot as split_dot,
    SplitScore as SplitScore,
)
from ._conversions import (
    AbstractConversion as AbstractConversion,
    DifferenceConversion as DifferenceConversion,
    PlainConversion as PlainConversion,
)
from ._denoising_similarity import (
    calibrate_differences as calibrate_differences,
    DifferenceRun as DifferenceRun,
    generate_differences as generate_differences,
    in_bfloat16 as in_bfloat16,
)
from ._difference_engine import CORES as CORES, DifferenceEngine as DifferenceEngine
from ._difference_score import DifferenceScore as DifferenceScore
from ._difference_technique import DifferenceTechnique as DifferenceTechnique
from ._discrete_steps import (
    calibrate_steps as calibrate_steps,
    draw_steps as draw_steps,
    StepRun as StepRun,
)
from ._engines import Engine as Engine, ENGINES as ENGINES
from ._integer_techniques import (
    SqDmTechnique as SqDmTechnique,
    StepWiseTechnique as StepWiseTechnique,
)
from ._plain_technique import (
    generate as generate,
    PLAIN_TECHNIQUES as PLAIN_TECHNIQUES,
    PlainTechnique as PlainTechnique,
)
from ._processors import Processor as Processor, PROCESSORS as PROCESSORS
from ._pssa import (
    changes as changes,
    choose_threshold as choose_threshold,
    count_map_bits as count_map_bits,
    MapBits as MapBits,
    PSSA as PSSA,
)
from ._pssa_code import (
    decode_map as decode_map,
    encode_map as encode_map,
    EncodedMap as EncodedMap,
)
from ._published_chips import (
    PUBLISHED_CHIPS as PUBLISHED_CHIPS,
    PublishedChip as PublishedChip,
)
from ._references import (
    AbstractReference as AbstractReference,
    ClosedReference as ClosedReference,
    OpenReference as OpenReference,
)
from ._sq_dm import (
    block_sensitivity as block_sensitivity,
    linear_cost as linear_cost,
    low_share as low_share,
    most_sensitive as most_sensitive,
    require_channels as require_channels,
    signed_inputs as signed_inputs,
    sq_dm_score as sq_dm_score,
)
from ._step_engine import buildable as buildable, StepEngine as StepEngine
from ._step_machine import StepMachine as StepMachine
from ._step_noise import StepNoise as StepNoise, StepTiming as StepTiming
from ._step_wise import StepWiseScore as StepWiseScore
from ._step_wise_run import (
    calibrate_step_wise as calibrate_step_wise,
    run_step_wise as run_step_wise,
    StepWiseRun as StepWiseRun,
)
from ._technique import (
    AbstractTechnique as AbstractTechnique,
    Outcome as Outcome,
    Starts as Starts,
)
from ._technique_score import (
    AbstractAttentionTechnique as AbstractAttentionTechnique,
    CountedRun as CountedRun,
    generate_counted as generate_counted,
    noise_error as noise_error,
    RescaledSoftermax as RescaledSoftermax,
    TechniqueScore as TechniqueScore,
)
from ._tips import (
    AbstractTokenRule as AbstractTokenRule,
    AttendsToStart as AttendsToStart,
    TIPS as TIPS,
)


MACHINES: dict[str, AbstractMachine] = {
    machine.name: machine for machine in (*ENGINES, *PROCESSORS, *PUBLISHED_CHIPS)
}


TECHNIQUES: tuple[AbstractTechnique, ...] = (
    DifferenceTechnique(),
    StepWiseTechnique(),
    SqDmTechnique(),
    PssaTechnique(),
    SoftermaxTechnique(),
)


def all_constants() -> dict[str, Constant]:
    """Every constant of the energy model and of all machines."""
    table = {**CONSTANTS, **CORES, **BIT_ENGINES}
    for machine in MACHINES.values():
        table.update(machine.constants)
    return table


def find_machines(names: tuple[str, ...]) -> list[AbstractMachine]:
    """The machines of these names.

    Raises:
        ValueError: If a name does not exist; the message lists those that do.
    """
    for name in names:
        if name not in MACHINES:
            raise ValueError(f"no machine `{name}`; there are {', '.join(MACHINES)}.")
    return [MACHINES[name] for name in names]
