"""SPICE netlists of the simulated circuit, and their waveforms from ngspice."""

from ._bench import Bench as Bench
from ._benches import benches as benches, Drive as Drive
from ._check import (
    check_netlist as check_netlist,
    compare as compare,
    Deviation as Deviation,
    node_voltages as node_voltages,
    trace_nodes as trace_nodes,
    worst as worst,
)
from ._count import require_runnable as require_runnable
from ._includes import UserFile as UserFile
from ._layout import Layout as Layout, Value as Value
from ._layout_check import (
    read_back as read_back,
    ReadBack as ReadBack,
    require_readable as require_readable,
)
from ._netlist import write_netlist as write_netlist
from ._ngspice import (
    find_ngspice as find_ngspice,
    INSTALL as INSTALL,
    run_netlist as run_netlist,
    SpiceError as SpiceError,
    SpiceWarning as SpiceWarning,
)
from ._recognise import recognise as recognise
from ._text import name as name, Netlist as Netlist, number as number
from ._user_deck import user_netlist as user_netlist
from ._user_file import read_user_file as read_user_file
