"""NVIDIA Jetson Nano."""

from ..energy import Constant
from ._base import Processor
from ._launch import GPU_LAUNCH


_NAME = "jetson-nano"
jetson_nano = Processor(
    _NAME,
    "NVIDIA Jetson Nano, FP32",
    {
        f"{_NAME}.power": Constant(
            5.0, 10.0, 10.0, "W", "assumed: data sheet, from memory"
        ),
        f"{_NAME}.launch": GPU_LAUNCH,
        f"{_NAME}.peak": Constant(
            236e9, 236e9, 236e9, "op/s", "assumed: data sheet, from memory"
        ),
        f"{_NAME}.fraction": Constant(0.2, 0.5, 0.9, "1", "assumed: as larger GPUs"),
        f"{_NAME}.bandwidth": Constant(
            25.6e9 * 8,
            25.6e9 * 8,
            25.6e9 * 8,
            "bit/s",
            "assumed: data sheet, from memory",
        ),
    },
)
