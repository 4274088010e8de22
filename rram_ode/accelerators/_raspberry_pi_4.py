"""Raspberry Pi 4."""

from ..energy import Constant
from ._base import named, Processor
from ._launch import CPU_LAUNCH


_NAME = "raspberry-pi-4"


raspberry_pi_4 = Processor(
    _NAME,
    "Raspberry Pi 4, FP32",
    named(
        _NAME,
        power=Constant(3.0, 6.0, 7.5, "W", "assumed: board power, idle to full load"),
        launch=CPU_LAUNCH,
        peak=Constant(
            24e9, 48e9, 48e9, "op/s", "assumed: 4 cores x 1.5 GHz x 8 operations"
        ),
        fraction=Constant(0.1, 0.4, 0.9, "1", "assumed"),
        bandwidth=Constant(
            3e9 * 8,
            4e9 * 8,
            12.8e9 * 8,
            "bit/s",
            "assumed: measured stream to data sheet",
        ),
    ),
)
