"""Figures of runs and studies; no other part of the library imports matplotlib."""

from ._budget import plot_budget as plot_budget
from ._compare import plot_comparison as plot_comparison
from ._crossover import plot_crossover as plot_crossover
from ._device_fit import plot_device_fit as plot_device_fit
from ._lead import plot_lead as plot_lead
from ._pictures import plot_latents as plot_latents, plot_pictures as plot_pictures
from ._samples import plot_samples as plot_samples
from ._style import (
    COLOURS as COLOURS,
    house_style as house_style,
    new_figure as new_figure,
)
