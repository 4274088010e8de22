"""NVIDIA RTX 3090."""

from ..energy import Constant
from ._base import named, Processor
from ._launch import GPU_LAUNCH


_NAME = "rtx3090"


rtx3090 = Processor(
    _NAME,
    "NVIDIA RTX 3090, FP32",
    named(
        _NAME,
        power=Constant(
            150.0, 350.0, 350.0, "W", "catalogue: 350 W; low end assumed, at light load"
        ),
        launch=GPU_LAUNCH,
        peak=Constant(35.6e12, 35.6e12, 35.6e12, "op/s", "catalogue: 35.6 TFLOPS FP32"),
        fraction=Constant(
            0.3, 0.51, 0.9, "1", "transformers-benchmarks: 81 of 160 TFLOPS, 3090 Ti"
        ),
        bandwidth=Constant(
            936e9 * 8, 936e9 * 8, 936e9 * 8, "bit/s", "catalogue: 936 GB/s"
        ),
    ),
)
