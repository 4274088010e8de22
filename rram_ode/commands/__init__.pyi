from ._arguments import parse_arguments as parse_arguments
from ._budget import run_budget as run_budget
from ._compare import print_machines as print_machines, run_compare as run_compare
from ._compare_network import run_compare_network as run_compare_network
from ._configuration import (
    configure as configure,
    configure_sweep as configure_sweep,
    load_config as load_config,
    repeat_arguments as repeat_arguments,
    require_at_least as require_at_least,
)
from ._controller import run_controller as run_controller
from ._errors import one_line_errors as one_line_errors
from ._files import (
    write_csv as write_csv,
    write_figure as write_figure,
    write_json as write_json,
)
from ._idle import print_idle as print_idle
from ._import_network import run_import_network as run_import_network
from ._lists import (
    is_without_chip as is_without_chip,
    print_errors as print_errors,
    print_knobs as print_knobs,
    print_presets as print_presets,
    print_trainable as print_trainable,
    print_versions as print_versions,
    require_trainable as require_trainable,
)
from ._netlist import run_netlist as run_netlist
from ._sample import run_sample as run_sample
from ._sweep import run_sweep as run_sweep
from ._tables import print_table as print_table
from ._train import run_train as run_train
from ._train_latents import (
    AUTOENCODERS as AUTOENCODERS,
    run_train_latents as run_train_latents,
)
from ._train_picture_network import (
    is_picture_network as is_picture_network,
    run_train_picture_network as run_train_picture_network,
)
from ._train_reader import run_train_reader as run_train_reader
