"""NVIDIA Jetson Nano."""

from ..energy import Constant
from ._base import named, Processor
from ._launch import GPU_LAUNCH


_NAME = "jetson-nano"


jetson_nano = Processor(
    _NAME,
    "NVIDIA Jetson Nano, FP32",
    named(
        _NAME,
        power=Constant(5.0, 10.0, 10.0, "W", "assumed: data sheet, from memory"),
        launch=GPU_LAUNCH,
        peak=Constant(236e9, 236e9, 236e9, "op/s", "assumed: data sheet, from memory"),
        fraction=Constant(0.2, 0.5, 0.9, "1", "assumed: as larger GPUs"),
        bandwidth=Constant(
            25.6e9 * 8,
            25.6e9 * 8,
            25.6e9 * 8,
            "bit/s",
            "assumed: data sheet, from memory",
        ),
    ),
)
