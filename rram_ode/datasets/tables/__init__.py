"""A user's own points: a table of numbers in a file, with or without labels."""

from ._points import (
    is_table_file as is_table_file,
    PointsFile as PointsFile,
    read_points as read_points,
)
from ._table import (
    LabelledTable as LabelledTable,
    Scaling as Scaling,
    SPREAD as SPREAD,
    Table as Table,
    table_dataset as table_dataset,
)
