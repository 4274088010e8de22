"""NVIDIA V100."""

from ..energy import Constant
from ._base import named, Processor
from ._launch import GPU_LAUNCH


_NAME = "v100"


v100 = Processor(
    _NAME,
    "NVIDIA V100, FP32",
    named(
        _NAME,
        power=Constant(250.0, 300.0, 300.0, "W", "catalogue: 300 W"),
        launch=GPU_LAUNCH,
        peak=Constant(15.7e12, 15.7e12, 15.7e12, "op/s", "catalogue: 15.7 TFLOPS FP32"),
        fraction=Constant(
            0.3, 0.76, 0.9, "1", "transformers-benchmarks: 95 of 125 TFLOPS"
        ),
        bandwidth=Constant(
            900e9 * 8, 900e9 * 8, 900e9 * 8, "bit/s", "catalogue: 900 GB/s"
        ),
    ),
)
