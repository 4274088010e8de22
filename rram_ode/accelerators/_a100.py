"""NVIDIA A100 with 40 GB."""

from ..energy import Constant
from ._base import named, Processor
from ._launch import GPU_LAUNCH


_NAME = "a100"


a100 = Processor(
    _NAME,
    "NVIDIA A100, FP32",
    named(
        _NAME,
        power=Constant(
            250.0,
            250.0,
            400.0,
            "W",
            "catalogue: 250 W PCIe (the rival of ISSCC 2024 20.2), 400 W SXM",
        ),
        launch=GPU_LAUNCH,
        peak=Constant(19.5e12, 19.5e12, 19.5e12, "op/s", "catalogue: 19.5 TFLOPS FP32"),
        fraction=Constant(
            0.3, 0.74, 0.9, "1", "transformers-benchmarks: 230 of 312 TFLOPS"
        ),
        bandwidth=Constant(
            1555e9 * 8, 1555e9 * 8, 1555e9 * 8, "bit/s", "catalogue: 1555 GB/s"
        ),
    ),
)
