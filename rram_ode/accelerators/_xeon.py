"""One socket of an Intel Xeon; Diff-Acc does not name its model."""

from ..energy import Constant
from ._base import named, Processor
from ._launch import CPU_LAUNCH


_NAME = "xeon"


xeon = Processor(
    _NAME,
    "Intel Xeon, one socket, FP32",
    named(
        _NAME,
        power=Constant(
            80.0, 150.0, 250.0, "W", "assumed: thermal design power of a server socket"
        ),
        launch=CPU_LAUNCH,
        peak=Constant(
            0.5e12, 1.5e12, 4e12, "op/s", "assumed: 8 to 40 cores with AVX-512"
        ),
        fraction=Constant(0.1, 0.5, 0.9, "1", "assumed"),
        bandwidth=Constant(
            60e9 * 8, 120e9 * 8, 250e9 * 8, "bit/s", "assumed: 6 to 8 memory channels"
        ),
    ),
)
