"""Draws the samples of `noise_cost` once for each line that it reads.

It runs in another commit's tree, too: it takes only names that have been there long.
"""

import sys
import time

import jax.random as jr
import numpy as np
from rram_ode.loop import draw

from benchmarks._problem import problem


NUM_SAMPLES = 10_000


def main() -> None:
    """Print the processor time of each run, in seconds."""
    task = problem("ring-fresh")
    loop, chip = task.machine(task.config)
    for _ in sys.stdin:
        begun = time.process_time()
        for chunk in draw(loop, chip, NUM_SAMPLES, key=jr.key(1)):
            np.asarray(chunk.x0)
        print(time.process_time() - begun, flush=True)


if __name__ == "__main__":
    main()
