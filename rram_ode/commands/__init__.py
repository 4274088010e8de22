"""What the command lines share: errors, flags, tables, reports."""

from ._budget import (
    budget_report as budget_report,
    print_budget as print_budget,
    write_budget as write_budget,
)
from ._command_line import (
    command as command,
    load_config as load_config,
    load_preset as load_preset,
)
from ._comparison import (
    AXES as AXES,
    draw_comparison as draw_comparison,
    print_comparison as print_comparison,
    print_lists as print_lists,
)
from ._describe import print_knobs as print_knobs
from ._report import (
    judged as judged,
    make_report as make_report,
    print_report as print_report,
    versions as versions,
)
from ._tables import print_table as print_table
