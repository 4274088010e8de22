"""Energy of digital operations and of moving bits, at 45 nm and 0.9 V.

Source: M. Horowitz, "Computing's energy problem", ISSCC 2014, as quoted by
stillwater-sc/esim; 32-bit rows also by PMC8934428, table 3. DRAM: Accelergy's CACTI
plug-in. The slide gives no spread: 0.7 to 1.5 is an assumption for all of its rows.
"""

from ._constant import Constant, sourced


HOROWITZ = "Horowitz, ISSCC 2014 (range assumed)"


UNSEEN = "Horowitz, ISSCC 2014, from memory and not seen again (range assumed)"


ACCELERGY = "Accelergy's CACTI plug-in (range assumed)"


NODE, VOLTAGE = 45e-9, 0.9


def _horowitz(picojoules: float, unit: str = "J", source: str = HOROWITZ) -> Constant:
    return sourced(
        picojoules * 1e-12, unit, source, span=(0.7, 1.5), node=NODE, voltage=VOLTAGE
    )


OPERATIONS: dict[str, Constant] = {
    "int8.add": _horowitz(0.03),
    "int8.mult": _horowitz(0.2),
    "int16.add": _horowitz(0.05),
    "int32.add": _horowitz(0.1),
    "int32.mult": _horowitz(3.1),
    "fp16.add": _horowitz(0.4),
    "fp16.mult": _horowitz(1.1),
    "fp32.add": _horowitz(0.9),
    "fp32.mult": _horowitz(3.7),
    "sram.8kb": _horowitz(10 / 64, "J/bit"),
    "sram.32kb": _horowitz(20 / 64, "J/bit", UNSEEN),
    "sram.1mb": _horowitz(100 / 64, "J/bit", UNSEEN),
    "dram": Constant(20e-12, 30e-12, 40e-12, "J/bit", UNSEEN.partition(" (")[0]),
    "dram.lpddr4": sourced(8e-12, "J/bit", ACCELERGY, span=(0.5, 2.0)),
    "dram.hbm2": sourced(3.9e-12, "J/bit", ACCELERGY, span=(0.5, 2.0)),
    "dram.gddr5": sourced(14e-12, "J/bit", ACCELERGY, span=(0.5, 2.0)),
}


FORMATS: dict[str, int] = {"int8": 8, "fp16": 16, "fp32": 32}
