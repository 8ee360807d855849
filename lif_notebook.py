"""The page of the course: all that a notebook calls `nb.`, and the room it is in.

lif_figures    look, axes, recordings, rasters, sound
lif_drawings   things drawn as things: charge in a vessel, a neuron and its synapses
lif_membrane   the membrane drawn: ions and channels, the circuit
lif_live       sliders, buttons and figures that follow them
lif_exercises  checks of answers, progress, the mystery neuron
"""

from lif_drawings import ONLY_NOW, charge_axes, draw_charge, draw_neuron
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
from lif_membrane import (
    INSIDE,
    OUTSIDE,
    circuit_axes,
    draw_circuit,
    draw_membrane,
    membrane_axes,
    nernst_potential,
)

__all__ = [
    "COLORS",
    "INSIDE",
    "ONLY_NOW",
    "OUTSIDE",
    "THEORY",
    "Explorer",
    "MysteryNeuron",
    "NewNoise",
    "charge_axes",
    "check",
    "choice",
    "circuit_axes",
    "draw_charge",
    "draw_circuit",
    "draw_membrane",
    "draw_neuron",
    "explore",
    "level_line",
    "listen",
    "membrane_axes",
    "mystery_neuron",
    "nernst_potential",
    "new_axes",
    "new_panels",
    "plot_raster",
    "plot_recording",
    "progress",
    "slider",
    "use_style",
    "voltage_axes",
]
