"""What a user holds: a system, its chips, its runs."""

from ._ageing import (
    age_chip as age_chip,
    ages_of as ages_of,
    find_stress as find_stress,
)
from ._board import board_system as board_system
from ._data import columns_of as columns_of, in_units as in_units
from ._decoding import decoding_of as decoding_of
from ._energy import area_model as area_model, circuit_parts as circuit_parts
from ._idle import Idle as Idle, idle_settings as idle_settings
from ._importing import (
    import_weights as import_weights,
    ImportedNetwork as ImportedNetwork,
)
from ._inputs import (
    find_inputs as find_inputs,
    hash_inputs as hash_inputs,
    record_inputs as record_inputs,
)
from ._judgement import (
    judge_repeats as judge_repeats,
    judge_samples as judge_samples,
    Judgement as Judgement,
)
from ._keys import chip_key as chip_key, run_key as run_key
from ._knobs import Knob as Knob, knobs as knobs
from ._latents import train_latents as train_latents, TrainedLatents as TrainedLatents
from ._netlist import (
    netlist_cases as netlist_cases,
    NetlistCase as NetlistCase,
    write_netlist as write_netlist,
)
from ._picture_judge import (
    judge_pictures as judge_pictures,
    PictureJudge as PictureJudge,
)
from ._picture_judgement import (
    Compared as Compared,
    PictureJudgement as PictureJudgement,
)
from ._pictures import (
    find_picture_judge as find_picture_judge,
    nearest_recall as nearest_recall,
    shown_pictures as shown_pictures,
)
from ._questions import question_settings as question_settings
from ._repeats import Repeat as Repeat, repeats as repeats
from ._rewriting import (
    find_rewriting as find_rewriting,
    Rewriting as Rewriting,
    shared_samples as shared_samples,
)
from ._run import (
    DigitalRun as DigitalRun,
    Run as Run,
    time_mean as time_mean,
    Trace as Trace,
)
from ._saved_chip import (
    load_chip as load_chip,
    save_chip as save_chip,
    SavedChip as SavedChip,
)
from ._store import Store as Store
from ._subcircuit import (
    check_subcircuit as check_subcircuit,
    fit_op_amp as fit_op_amp,
    part_of as part_of,
    reason_of as reason_of,
    reasons as reasons,
)
from ._system import System as System
from ._training import train_network as train_network, TrainedNetwork as TrainedNetwork
from ._trimming import trim_report as trim_report, trimming_of as trimming_of
from ._yardstick import (
    find_yardstick as find_yardstick,
    make_yardstick as make_yardstick,
    Measured as Measured,
    NUM_SLOW as NUM_SLOW,
    Yardstick as Yardstick,
)
from .build import (
    ANALOG as ANALOG,
    build_bench as build_bench,
    build_cell as build_cell,
    build_checkpoint as build_checkpoint,
    build_circuit_noise as build_circuit_noise,
    build_controller as build_controller,
    build_design as build_design,
    build_digital_side as build_digital_side,
    build_loop as build_loop,
    build_op_amp as build_op_amp,
    build_op_amp_noise as build_op_amp_noise,
    build_programming as build_programming,
    build_training_chips as build_training_chips,
    describe_points as describe_points,
    design_op_amp as design_op_amp,
    file_digest as file_digest,
    find_fit as find_fit,
    find_verified as find_verified,
    follow as follow,
    pair_area as pair_area,
    pair_capacitance as pair_capacitance,
    require_settled as require_settled,
    reset_time as reset_time,
    SOLVERS as SOLVERS,
    supply_of as supply_of,
)
from .effects import (
    Effect as Effect,
    error_table as error_table,
    ErrorTable as ErrorTable,
    LEFT_OUT as LEFT_OUT,
    Line as Line,
    Neglected as Neglected,
    PACKAGE as PACKAGE,
    Scale as Scale,
    scale_of as scale_of,
    SETTINGS as SETTINGS,
    SIMULATED as SIMULATED,
    Size as Size,
    SMALL as SMALL,
)
