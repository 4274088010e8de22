"""Configuration to live objects: nothing below has seen a configuration."""

from ._ageing import build_ageing as build_ageing, row_limit as row_limit
from ._amplifiers import build_amplifiers as build_amplifiers
from ._blueprint import (
    build_blueprint as build_blueprint,
    build_loop_of as build_loop_of,
)
from ._cell import acceleration as acceleration, build_cell as build_cell
from ._circuit_noise import build_circuit_noise as build_circuit_noise
from ._classes import (
    ALL as ALL,
    build_classes as build_classes,
    find_class as find_class,
    NONE as NONE,
    require_classes as require_classes,
)
from ._controller import (
    build_controller as build_controller,
    require_settled as require_settled,
    reset_time as reset_time,
)
from ._converters import (
    build_converters as build_converters,
    build_dac as build_dac,
    build_digital_side as build_digital_side,
)
from ._dataset import (
    dataset_key as dataset_key,
    dataset_of as dataset_of,
    DatasetKey as DatasetKey,
    find_dataset as find_dataset,
    LATENT as LATENT,
)
from ._decoder import (
    ANALOG as ANALOG,
    build_decoder as build_decoder,
    build_interface as build_interface,
    require_decoder as require_decoder,
)
from ._design import build_design as build_design
from ._guided import build_guided_score as build_guided_score
from ._identity import build_identity as build_identity
from ._lead import (
    build_lead_points as build_lead_points,
    build_teacher as build_teacher,
    find_teacher as find_teacher,
    lead_record as lead_record,
)
from ._loop import (
    build_loop as build_loop,
    paced as paced,
    SOLVERS as SOLVERS,
)
from ._measurements import find_fit as find_fit
from ._network import (
    build_checkpoint as build_checkpoint,
    build_sampler as build_sampler,
    find_checkpoint as find_checkpoint,
)
from ._op_amp import (
    build_auto_zero as build_auto_zero,
    build_op_amp as build_op_amp,
    build_op_amp_noise as build_op_amp_noise,
    build_parasitics as build_parasitics,
    design_op_amp as design_op_amp,
    own_noise as own_noise,
    pair_area as pair_area,
    pair_capacitance as pair_capacitance,
    require_buildable as require_buildable,
)
from ._points import (
    describe_points as describe_points,
    file_digest as file_digest,
)
from ._record_rules import Ruled as Ruled, SAMPLING as SAMPLING
from ._rules import follow as follow, override as override
from ._sizes import (
    doubtful_numbers as doubtful_numbers,
    doubtful_spreads as doubtful_spreads,
)
from ._supply import (
    largest_swing as largest_swing,
    require_supply as require_supply,
    supply_of as supply_of,
)
from ._training_chips import build_training_chips as build_training_chips
from ._training_data import build_training_data as build_training_data
from ._trim import (
    bench_on as bench_on,
    build_bench as build_bench,
    has_trims as has_trims,
    on_bench as on_bench,
    require_trims as require_trims,
)
from ._writing import (
    build_programming as build_programming,
    find_verified as find_verified,
    Verified as Verified,
)
