"""Figures of what a user holds; no other part of the library imports matplotlib.

One function a question: `plot_samples` (are they like the data?), `plot_trajectory`
(what does a solve look like in volts?), `plot_clipping` (which signals meet their
limits?), `plot_speed_limit` (how fast may it run?), `plot_budget` (which error costs
what?), `plot_sweep` (how many chips are good, over a grid of settings?). Each returns a
figure that a notebook shows once, as the last line of a cell, and that `figure.savefig`
writes.
"""

from ._budget import plot_budget as plot_budget
from ._clipping import plot_clipping as plot_clipping
from ._compare import plot_comparison as plot_comparison
from ._crossover import plot_crossover as plot_crossover
from ._device_fit import plot_device_fit as plot_device_fit
from ._lead import plot_lead as plot_lead
from ._pictures import plot_latents as plot_latents, plot_pictures as plot_pictures
from ._samples import plot_samples as plot_samples
from ._speed_limit import plot_speed_limit as plot_speed_limit
from ._style import (
    COLOURS as COLOURS,
    house_style as house_style,
    new_figure as new_figure,
)
from ._sweep import plot_sweep as plot_sweep
from ._trajectory import plot_trajectory as plot_trajectory
