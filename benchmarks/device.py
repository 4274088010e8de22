"""Samples a second on whatever accelerator JAX shows, behind a gate.

An ideal chip has to draw the digital sampler's samples. A chip with all its noise has
to draw those that it draws on a CPU: all random numbers are integers first, which are
the same on every device. Products of short floats, which GPUs and TPUs take by default
and this package does not, fail the gates.
"""

import statistics
from typing import Any

import jax
import numpy as np
from rram_ode.loop import draw
from rram_ode.system import run_key, System

from ._harness import compile_seconds, FEWEST, run
from ._result import Gate, Row


RIVAL = "none: the digital sampler and the CPU are gates"
# Presets, and by how many times fewer samples than of the first are drawn.
FEWER = {"ring-fresh": 1, "ring-64-fresh": 20, "digits-fresh": 1_000}
NUM_SAMPLES = 10_000
NUM_CHECKED = 200  # samples, or fewer where fewer are timed
LIMITS = {"ideal": 1e-4, "all noise": 1e-3}


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """Each preset without an error, and as it is."""
    num = options.num_samples or NUM_SAMPLES
    found = [
        row(preset, kind, max(num // fewer, 2))
        for preset, fewer in FEWER.items()
        for kind in ("ideal", "all noise")
    ]
    device = jax.devices()[0]
    return found, {
        "platform": device.platform,
        "device": device.device_kind,
        "num_devices": len(jax.devices()),
        "matmul_precision": str(jax.config.values["jax_default_matmul_precision"]),
    }


def row(preset: str, kind: str, num: int) -> Row:
    """Time `num` samples of a chip of `preset`, and compare the first ones."""
    settings = {"fidelity": "ideal"} if kind == "ideal" else {}
    system = System.from_preset(preset, settings)
    chip = system.program(3)

    def samples(num: int) -> np.ndarray:
        chunks = draw(
            system.loop_of(chip), chip, num, key=run_key(0), prior=system.prior
        )
        return np.concatenate([np.asarray(each.x0).T for each in chunks])

    compile_s = compile_seconds(lambda: samples(num))
    seconds = statistics.median(run(lambda: samples(num))[0] for _ in range(FEWEST))
    checked = min(num, NUM_CHECKED)
    found = samples(num)[:checked]
    if kind == "ideal":
        wanted, whose = system.sample_digital(checked, seed=0).x, "digital sampler"
    else:
        wanted, whose = _on_a_cpu(preset, settings, checked), "CPU"
    scale = max(float(np.max(np.abs(wanted))), 1.0)
    return Row(
        f"{preset}, {kind}, {num} samples",
        Gate(
            float(np.max(np.abs(found - wanted))) / scale,
            LIMITS[kind],
            f"largest difference from the {whose}, over the largest sample",
        ),
        seconds,
        compile_s=compile_s,
        details={"samples_per_second": num / seconds, "num_checked": checked},
    )


def _on_a_cpu(preset: str, settings: dict[str, Any], num: int) -> np.ndarray:
    """The samples of the same chip, made and solved on a CPU from the beginning."""
    with jax.default_device(jax.devices("cpu")[0]):
        system = System.from_preset(preset, settings)
        chip = system.program(3)
        chunks = draw(
            system.loop_of(chip), chip, num, key=run_key(0), prior=system.prior
        )
        return np.concatenate([np.asarray(each.x0).T for each in chunks])
