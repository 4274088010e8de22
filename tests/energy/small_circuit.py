"""A circuit of a few parts, by hand, and the power of its arrays."""

from rram_ode.energy import ArrayPower, CONSTANTS, nominals, PartCounts


VALUES = nominals(CONSTANTS)
POWER = ArrayPower(cells=30e-6, rows=500e-6, columns=100e-6)
CIRCUIT = PartCounts(
    duration=20e-6,
    reset=12e-6,
    noise_gains=(20.0, 30.0, 10.0),
    feedbacks=(1e-5, 1e-5, 1e-5),
    rectifier_loads=(1e-3, 1e-3),
    inverter_loads=(1e-3,) * 5,
    integrator_loads=(1e-3, 1e-3),
    capacitance=30e-12,
    channels=4,
    waveform_bits=9600,
    cells=40,
    normals=2,
)
