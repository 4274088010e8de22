"""Time to start one program on a processor."""

from ..energy import Constant


GPU_LAUNCH = Constant(
    3e-6,
    6e-6,
    10e-6,
    "s",
    "assumed: kernel launches of 3 to 10 us are common; measure yours",
)


CPU_LAUNCH = Constant(
    0.2e-6, 2e-6, 10e-6, "s", "assumed: a call of a compiled or a framework's operator"
)
