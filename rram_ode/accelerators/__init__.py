"""Published digital machines as data, and techniques of accelerators that run."""

from ..energy import Constant, CONSTANTS
from ._attention_work import (
    CHOI_REPORTED as CHOI_REPORTED,
    count_attention as count_attention,
    map_bits as map_bits,
)
from ._base import AbstractMachine as AbstractMachine
from ._bit_slice import (
    coarse as coarse,
    multiply_slices as multiply_slices,
    SlicedProduct as SlicedProduct,
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
from ._engines import Engine as Engine, ENGINES as ENGINES
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


TECHNIQUES: tuple[AbstractTechnique, ...] = (DifferenceTechnique(),)


def all_constants() -> dict[str, Constant]:
    """Every constant of the energy model and of all machines."""
    table = {**CONSTANTS, **CORES}
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
