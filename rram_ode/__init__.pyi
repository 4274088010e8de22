from . import metrics as metrics, plots as plots
from ._core._versions import __version__ as __version__
from .chip import (
    Blueprint as Blueprint,
    Chip as Chip,
    chip_at as chip_at,
    compensate as compensate,
)
from .datasets.pictures import (
    load_digits as load_digits,
    load_letters as load_letters,
)
from .devices import fit_device as fit_device, list_devices as list_devices
from .loop import draw_population as draw_population
from .metrics import Quality as Quality
from .presets import list_presets as list_presets
from .studies import chip_yield as chip_yield
from .system import (
    board_system as board_system,
    find_picture_judge as find_picture_judge,
    import_weights as import_weights,
    Judgement as Judgement,
    Knob as Knob,
    knobs as knobs,
    load_chip as load_chip,
    PictureJudge as PictureJudge,
    repeats as repeats,
    Run as Run,
    save_chip as save_chip,
    System as System,
    train_network as train_network,
    write_netlist as write_netlist,
)
from .training import (
    calibrate as calibrate,
    load_checkpoint as load_checkpoint,
    tune as tune,
)
from .views import progress as progress
