"""NVIDIA RTX 4090."""

from ..energy import Constant
from ._base import named, Processor
from ._launch import GPU_LAUNCH


_NAME = "rtx4090"


rtx4090 = Processor(
    _NAME,
    "NVIDIA RTX 4090, FP32",
    named(
        _NAME,
        power=Constant(
            150.0, 450.0, 450.0, "W", "catalogue: 450 W; low end assumed, at light load"
        ),
        launch=GPU_LAUNCH,
        peak=Constant(82.6e12, 82.6e12, 82.6e12, "op/s", "catalogue: 82.6 TFLOPS FP32"),
        fraction=Constant(0.3, 0.5, 0.9, "1", "assumed: as the RTX 3090 Ti"),
        bandwidth=Constant(
            1008e9 * 8, 1008e9 * 8, 1008e9 * 8, "bit/s", "catalogue: 1008 GB/s"
        ),
    ),
)
