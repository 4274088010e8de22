"""Digital number formats applied to arrays."""

from ._integer import quantise_columns as quantise_columns
