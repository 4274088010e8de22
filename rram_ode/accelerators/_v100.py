"""NVIDIA V100."""

from ..energy import Constant
from ._base import Processor
from ._launch import GPU_LAUNCH


_NAME = "v100"
v100 = Processor(
    _NAME,
    "NVIDIA V100, FP32",
    {
        f"{_NAME}.power": Constant(250.0, 300.0, 300.0, "W", "catalogue: 300 W"),
        f"{_NAME}.launch": GPU_LAUNCH,
        f"{_NAME}.peak": Constant(
            15.7e12, 15.7e12, 15.7e12, "op/s", "catalogue: 15.7 TFLOPS FP32"
        ),
        f"{_NAME}.fraction": Constant(
            0.3, 0.76, 0.9, "1", "transformers-benchmarks: 95 of 125 TFLOPS"
        ),
        f"{_NAME}.bandwidth": Constant(
            900e9 * 8, 900e9 * 8, 900e9 * 8, "bit/s", "catalogue: 900 GB/s"
        ),
    },
)
