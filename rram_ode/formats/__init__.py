"""Digital number formats, on arrays."""

from ._integer import quantise_columns as quantise_columns
