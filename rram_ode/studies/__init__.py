"""Questions over many runs."""

from ._equal_quality import (
    Excess as Excess,
    find_fewest as find_fewest,
    not_worse as not_worse,
    Search as Search,
)
from ._yield import chip_yield as chip_yield
