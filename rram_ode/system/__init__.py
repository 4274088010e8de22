"""What a user holds: a system, its chips, its runs."""

from ._energy import energy_model as energy_model, energy_of as energy_of
from ._repeats import Repeat as Repeat, repeats as repeats
from ._run import AnalogRun as AnalogRun
from ._saved_chip import load_chip as load_chip, save_chip as save_chip
from ._store import Store as Store
from ._system import (
    assemble as assemble,
    chip_key as chip_key,
    judge as judge,
    JUDGED as JUDGED,
    NUM_SEEDS as NUM_SEEDS,
    run_key as run_key,
    System as System,
)
from .build import (
    build_controller as build_controller,
    build_design as build_design,
    build_loop as build_loop,
    reset_time as reset_time,
)
