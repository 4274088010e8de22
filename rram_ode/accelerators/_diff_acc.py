"""Diff-Acc, an FPGA accelerator (Tang et al.): a Zynq UltraScale+ XCZU9EG.

Its power, clock and number of multipliers are not public: all three are assumptions,
so this row is a machine of that kind, not the published one.
"""

from ..energy import Constant
from ._base import named, Processor


_NAME = "diff-acc"


diff_acc = Processor(
    _NAME,
    "FPGA of Diff-Acc's kind (Zynq ZU9EG), INT8, assumed",
    named(
        _NAME,
        power=Constant(
            5.0, 10.0, 20.0, "W", "assumed: not public; typical of ZU9EG designs"
        ),
        launch=Constant(
            0.05e-6, 0.1e-6, 0.5e-6, "s", "assumed: pipeline fill of 20 cycles a layer"
        ),
        peak=Constant(
            0.5e12, 1e12, 3e12, "op/s", "assumed: 2,520 DSPs x 2 x 2 x 100 to 300 MHz"
        ),
        fraction=Constant(0.1, 0.5, 0.9, "1", "assumed"),
        bandwidth=Constant(
            19.2e9 * 8, 19.2e9 * 8, 19.2e9 * 8, "bit/s", "assumed: DDR4-2400, 64 bits"
        ),
    ),
)
