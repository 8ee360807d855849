"""The page of the course: all that a notebook calls `nb.`, and the room it is in.

lif_figures    look, axes, recordings, rasters, sound
lif_live       sliders, buttons and figures that follow them
lif_exercises  checks of answers, progress, the mystery neuron
"""

from lif_exercises import MysteryNeuron, check, mystery_neuron, progress
from lif_figures import (
    COLORS,
    THEORY,
    level_line,
    listen,
    new_axes,
    new_panels,
    plot_raster,
    plot_recording,
    use_style,
    voltage_axes,
)
from lif_live import Explorer, NewNoise, choice, explore, slider

__all__ = [
    "COLORS",
    "THEORY",
    "Explorer",
    "MysteryNeuron",
    "NewNoise",
    "check",
    "choice",
    "explore",
    "level_line",
    "listen",
    "mystery_neuron",
    "new_axes",
    "new_panels",
    "plot_raster",
    "plot_recording",
    "progress",
    "slider",
    "use_style",
    "voltage_axes",
]
