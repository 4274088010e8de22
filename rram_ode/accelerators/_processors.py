r"""Whole processors by power, launches and roofline: GPUs, CPUs and one FPGA.

At batch 1 the network is far too small for the machine, and two assumptions rule the
figure. `launch` is the time from one dependent program to the next: at its high end a
framework starts each, at its low end one fused program does the whole sampler and only
waits at a barrier. `idle` is the fraction of the full power that the processor draws
while it waits: all of it at the high end, and at the low end the little that remains
after the power of an idle machine is subtracted. With b the fraction of the time that
the roofline needs, the power is

$$P = P_\text{full}\,(\text{idle} + (1 - \text{idle})\, b).$$
"""

import dataclasses

import numpy as np

from ..energy import Constant, MEGABYTE, sourced, Value, Values, Work
from ._base import AbstractMachine, named


WORD = 32  # bits


@dataclasses.dataclass(frozen=True)
class Processor(AbstractMachine):
    """A whole processor: launches one after the other, and a roofline beside them.

    Args:
        name: Name of the machine in tables and in `--machines`.
        what: Description of the machine.
        constants: `power`, `idle`, `launch`, `peak`, `fraction`, `bandwidth`, `cache`.
    """

    name: str
    what: str
    constants: dict[str, Constant]

    def seconds(self, work: Work, batch: int, values: Values) -> Value | None:
        """Launches and roofline of a batch over the batch, at four bytes per word."""
        waiting = work.launches * values[f"{self.name}.launch"]
        return (waiting + self._roofline(work, batch, values)) / batch

    def operations_energy(
        self, work: Work, batch: int, values: Values
    ) -> dict[str, Value] | None:
        """`None`: nobody published the energy of a processor's operations."""
        del work, batch, values
        return None

    def wall_energy(self, work: Work, batch: int, values: Values) -> Value | None:
        """Full power while the roofline lasts, a part of it between launches."""
        waiting = work.launches * values[f"{self.name}.launch"]
        idle = waiting * values[f"{self.name}.idle"]
        full = idle + self._roofline(work, batch, values)
        return values[f"{self.name}.power"] * full / batch

    def ends(self) -> tuple[dict[str, float], dict[str, float]]:
        """The constants of one fused program, idle power subtracted, and of the worst.

        The worst is a framework that launches each program on its own, at full power
        throughout. Both leave all other constants as they are.
        """
        names = [f"{self.name}.{what}" for what in ("launch", "idle")]
        low = {name: self.constants[name].low for name in names}
        high = {name: self.constants[name].high for name in names}
        return low, high

    def _roofline(self, work: Work, batch: int, values: Values) -> Value:
        """Seconds of a batch by arithmetic or by memory, whichever takes longer.

        Weights and tables that fit into the cache are read from memory once.
        """
        of = lambda key: values[f"{self.name}.{key}"]
        compute = work.operations * batch / (of("peak") * of("fraction"))
        stored = work.stored_words + work.stored_table_words
        read = work.weight_words + work.table_words
        once = np.where(WORD * stored <= of("cache"), min(stored, read), read)
        words = once + work.activation_words * batch
        return np.maximum(compute, WORD * words / of("bandwidth"))


_GPU_LAUNCH = Constant(
    0.1e-6,
    6e-6,
    10e-6,
    "s",
    "assumed: 3 to 10 us for a kernel's launch; low end one fused kernel, 100 ns for a "
    "barrier and the latency of shared memory",
)


_CPU_LAUNCH = Constant(
    0.02e-6,
    2e-6,
    10e-6,
    "s",
    "assumed: a call of a framework's operator; low end one compiled loop, 20 ns from "
    "one layer to the next",
)


_IDLE = Constant(
    0.05,
    0.3,
    1.0,
    "1",
    "assumed: power between launches over full power; low end the power above idle, "
    "high end full power throughout",
)


_DATA_SHEET = "assumed: data sheet, from memory"


def _processor(name: str, what: str, **constants: Constant) -> Processor:
    return Processor(name, what, named(name, **constants))


PROCESSORS = (
    _processor(
        "a100",  # with 40 GB
        "NVIDIA A100, FP32",
        power=Constant(
            250.0,
            250.0,
            400.0,
            "W",
            "catalogue: 250 W PCIe (the rival of ISSCC 2024 20.2), 400 W SXM",
        ),
        cache=sourced(40 * MEGABYTE, "bit", _DATA_SHEET),
        idle=_IDLE,
        launch=_GPU_LAUNCH,
        peak=sourced(19.5e12, "op/s", "catalogue: 19.5 TFLOPS FP32"),
        fraction=Constant(
            0.3, 0.74, 0.9, "1", "transformers-benchmarks: 230 of 312 TFLOPS"
        ),
        bandwidth=sourced(1555e9 * 8, "bit/s", "catalogue: 1555 GB/s"),
    ),
    _processor(
        "v100",
        "NVIDIA V100, FP32",
        power=Constant(250.0, 300.0, 300.0, "W", "catalogue: 300 W"),
        cache=sourced(6 * MEGABYTE, "bit", _DATA_SHEET),
        idle=_IDLE,
        launch=_GPU_LAUNCH,
        peak=sourced(15.7e12, "op/s", "catalogue: 15.7 TFLOPS FP32"),
        fraction=Constant(
            0.3, 0.76, 0.9, "1", "transformers-benchmarks: 95 of 125 TFLOPS"
        ),
        bandwidth=sourced(900e9 * 8, "bit/s", "catalogue: 900 GB/s"),
    ),
    _processor(
        "rtx3090",
        "NVIDIA RTX 3090, FP32",
        power=Constant(
            150.0, 350.0, 350.0, "W", "catalogue: 350 W; low end assumed, at light load"
        ),
        cache=sourced(6 * MEGABYTE, "bit", _DATA_SHEET),
        idle=_IDLE,
        launch=_GPU_LAUNCH,
        peak=sourced(35.6e12, "op/s", "catalogue: 35.6 TFLOPS FP32"),
        fraction=Constant(
            0.3, 0.51, 0.9, "1", "transformers-benchmarks: 81 of 160 TFLOPS, 3090 Ti"
        ),
        bandwidth=sourced(936e9 * 8, "bit/s", "catalogue: 936 GB/s"),
    ),
    _processor(
        "rtx4090",
        "NVIDIA RTX 4090, FP32",
        power=Constant(
            150.0, 450.0, 450.0, "W", "catalogue: 450 W; low end assumed, at light load"
        ),
        cache=sourced(72 * MEGABYTE, "bit", _DATA_SHEET),
        idle=_IDLE,
        launch=_GPU_LAUNCH,
        peak=sourced(82.6e12, "op/s", "catalogue: 82.6 TFLOPS FP32"),
        fraction=Constant(0.3, 0.5, 0.9, "1", "assumed: as the RTX 3090 Ti"),
        bandwidth=sourced(1008e9 * 8, "bit/s", "catalogue: 1008 GB/s"),
    ),
    _processor(
        "xeon",  # Diff-Acc does not name its model
        "Intel Xeon, one socket, FP32",
        power=Constant(
            80.0, 150.0, 250.0, "W", "assumed: thermal design power of a server socket"
        ),
        cache=Constant(
            16 * MEGABYTE, 32 * MEGABYTE, 64 * MEGABYTE, "bit", "assumed: third level"
        ),
        idle=_IDLE,
        launch=_CPU_LAUNCH,
        peak=Constant(
            0.5e12, 1.5e12, 4e12, "op/s", "assumed: 8 to 40 cores with AVX-512"
        ),
        fraction=Constant(0.1, 0.5, 0.9, "1", "assumed"),
        bandwidth=Constant(
            60e9 * 8, 120e9 * 8, 250e9 * 8, "bit/s", "assumed: 6 to 8 memory channels"
        ),
    ),
    _processor(
        "jetson-nano",
        "NVIDIA Jetson Nano, FP32",
        power=Constant(5.0, 10.0, 10.0, "W", _DATA_SHEET),
        cache=sourced(0.25 * MEGABYTE, "bit", _DATA_SHEET),
        idle=_IDLE,
        launch=_GPU_LAUNCH,
        peak=sourced(236e9, "op/s", _DATA_SHEET),
        fraction=Constant(0.2, 0.5, 0.9, "1", "assumed: as larger GPUs"),
        bandwidth=sourced(25.6e9 * 8, "bit/s", _DATA_SHEET),
    ),
    _processor(
        "raspberry-pi-4",
        "Raspberry Pi 4, FP32",
        power=Constant(3.0, 6.0, 7.5, "W", "assumed: board power, idle to full load"),
        cache=sourced(1 * MEGABYTE, "bit", _DATA_SHEET),
        idle=_IDLE,
        launch=_CPU_LAUNCH,
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
    # Diff-Acc (Tang et al.) publishes neither power nor clock nor the number of its
    # multipliers: all three are assumptions, so this row is a machine of its kind.
    _processor(
        "diff-acc",
        "FPGA of Diff-Acc's kind (Zynq ZU9EG), INT8, assumed",
        power=Constant(
            5.0, 10.0, 20.0, "W", "assumed: not public; typical of ZU9EG designs"
        ),
        cache=sourced(4 * MEGABYTE, "bit", _DATA_SHEET),
        idle=_IDLE,
        launch=Constant(
            0.05e-6,
            0.1e-6,
            0.5e-6,
            "s",
            "assumed: pipeline fill of 20 cycles per layer",
        ),
        peak=Constant(
            0.5e12, 1e12, 3e12, "op/s", "assumed: 2,520 DSPs x 2 x 2 x 100 to 300 MHz"
        ),
        fraction=Constant(0.1, 0.5, 0.9, "1", "assumed"),
        bandwidth=sourced(19.2e9 * 8, "bit/s", "assumed: DDR4-2400, 64 bits"),
    ),
)
