"""Digital number formats: what they round, exactly; what they cost is in `energy`."""

from ._integer import (
    BITS as BITS,
    FixedPoint as FixedPoint,
    IntegerFormat as IntegerFormat,
)
from ._wide import exact_product as exact_product, WideInteger as WideInteger
