"""1/f and telegraph noise of 64 devices against ngspice's TRNOISE source.

131,072 steps of 1 us, as 410 consecutive samples of 320 us in lab time. TRNOISE makes
one device a run, takes no seed, and keeps its own steps at each switch; its waveform is
not written out, so what is timed is the simulation alone.
"""

import pathlib
import re
import shutil
import subprocess
import tempfile
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import jax.random as jr
import numpy as np
from rram_ode.noise import (
    AbstractNoise,
    FlickerReadNoise,
    LabClock,
    LogNormal,
    LogUniform,
    TelegraphReadNoise,
)

from ._harness import compare
from ._result import Gate, Row


RIVAL = "ngspice TRNOISE, one source a run"
STEP, NUM_STEPS, NUM_DEVICES = 1e-6, 131_072, 64
HOLDS, NUM_SAMPLES = 320, 410
HIGH, LOW = 20e-6, 30e-6
BAND = (20.0, 20e3)
SLOPE_ERROR, DWELL_ERROR, LEAST = 0.05, 0.03, 1000.0
NETLIST = f"""* 1/f and random telegraph noise of one device
v1 out 0 dc 0 trnoise(0 {STEP:g} 1 1m 1m {HIGH:g} {LOW:g})
r1 out 0 1k
.save v(out)
.tran {STEP:g} {NUM_STEPS * STEP:g} 0 {STEP:g}
.control
run
print length(time)
quit 0
.endc
.end
"""


def rows(options) -> tuple[list[Row], dict[str, Any]]:
    """One row. The rival's time is that of 64 runs, one a device; one is measured."""
    del options
    case = f"1/f and telegraph, {NUM_DEVICES} devices, {NUM_STEPS} steps"
    if shutil.which("ngspice") is None:
        return [Row(case, skipped="no ngspice on the path: `apt install ngspice`")], {}
    both, clock = laws(), LabClock(HOLDS * STEP)
    flicker, telegraph = (law.plan(clock) for law in both)
    holds = (*flicker[0][:-1], float(HOLDS))  # its values are 1 us long, as the rival's
    plans = (holds, flicker[1]), (HOLDS, telegraph[1])
    timing = compare(lambda: _ours(both, clock, plans, jr.key(0)), _theirs)
    pink, switching = (np.asarray(x) for x in timing.ours)
    found = slope(pink)
    dwells = dwell_times(switching > 0)
    errors = [
        abs(found + 1) / SLOPE_ERROR,
        *(
            abs(d / t - 1) / DWELL_ERROR
            for d, t in zip(dwells, (HIGH, LOW), strict=True)
        ),
    ]
    details = {
        **timing.details(),
        "rival_run_s": timing.rival_s,
        "slope": found,
        "dwell_high_s": dwells[0],
        "dwell_low_s": dwells[1],
        "rival_points": timing.rival,
    }
    what = "largest error of slope (in 0.05) and of either dwell time (in 3 %)"
    row = Row(
        case,
        Gate(max(errors), 1.0, what),
        timing.ours_s,
        NUM_DEVICES * timing.rival_s,
        timing.compile_s,
        ("ratio", ">=", LEAST),
        details,
    )
    return [row], {"band_hz": BAND, "dwell_s": [HIGH, LOW]}


def laws() -> tuple[AbstractNoise, AbstractNoise]:
    """Flicker between 1 Hz and 118 kHz, and telegraph noise, of unit variance."""
    dwells = LogUniform(HIGH, HIGH), LogUniform(LOW, LOW)
    return (
        FlickerReadNoise(1e-6, 1.0, 118e3),
        TelegraphReadNoise(LogNormal(0.1), *dwells),
    )


@eqx.filter_jit
def _ours(laws, clock, plans, key):
    """Both paths of each device, `(devices, steps)`."""
    paths = []
    for number, (law, plan) in enumerate(zip(laws, plans, strict=True)):
        path = law.sample_path(
            clock,
            plan,
            (NUM_DEVICES,),
            first=jnp.zeros((), jnp.uint32),
            num_samples=NUM_SAMPLES,
            key=jr.fold_in(key, number),
        )
        series = jnp.transpose(path.values, (1, 2, 0)).reshape(NUM_DEVICES, -1)
        paths.append(series[:, :NUM_STEPS])
    return paths


def _theirs() -> int:
    """Points of the waveform.

    Raises:
        RuntimeError: If there are fewer than steps.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "noise.cir"
        file.write_text(NETLIST)
        done = subprocess.run(
            ["ngspice", "-b", file.name], cwd=folder, capture_output=True, text=True
        )
    points = re.search(r"length\(time\) = ([\d.e+]+)", done.stdout)
    if points is None or float(points[1]) < NUM_STEPS:
        raise RuntimeError(f"ngspice failed: {done.stdout[-500:]}{done.stderr[-500:]}")
    return round(float(points[1]))


def slope(series: np.ndarray) -> float:
    """Of the mean density over ten logarithmic bands, on logarithmic axes."""
    window = np.hanning(series.shape[1]).astype(series.dtype)
    power = np.mean(np.abs(np.fft.rfft(series * window, axis=1)) ** 2, axis=0)
    f = np.fft.rfftfreq(series.shape[1], STEP)
    edges = np.geomspace(*BAND, 11)
    inside = [(f >= a) & (f < b) for a, b in zip(edges[:-1], edges[1:], strict=True)]
    # Power times f within a band, so that 1/f has the slope -1 whatever its width.
    flat = np.array([np.mean(power[keep] * f[keep]) for keep in inside])
    centre = np.array([np.mean(f[keep]) for keep in inside])
    return float(np.polyfit(np.log(centre), np.log(flat / centre), 1)[0])


def dwell_times(states: np.ndarray) -> tuple[float, float]:
    """Mean dwell in the high and low state, from the transitions between steps.

    The estimate of maximum likelihood; the mean run would be longer by the dwells that
    begin and end between two steps.
    """
    now, then = states[:, :-1], states[:, 1:]
    fall = np.mean(~then[now])
    rise = np.mean(then[~now])
    rate = -np.log1p(-fall - rise) / STEP
    share = rise / (rise + fall)
    return float(1 / (rate * (1 - share))), float(1 / (rate * share))
