"""The page of the course: all that a notebook calls `nb.`, and the room it is in.

lif_figures    look, axes, recordings, rasters, sound, names at the curves
lif_drawings   the charge of the membrane, a neuron with its synapses
lif_membrane   the membrane with its ions, its circuit
lif_pictures   pictures that move by themselves
lif_live       sliders, buttons and figures that follow them
lif_exercises  checks of answers, the mystery neuron
"""

from lif_drawings import charge_axes, draw_charge, draw_neuron
from lif_exercises import (
    LinesToOrder,
    MysteryNeuron,
    check,
    mystery_neuron,
    order_lines,
    progress,
    require_right,
    sealed,
    unsealed,
)
from lif_figures import (
    COLORS,
    FINE,
    LEVEL,
    ONLY_NOW,
    SIMULATED,
    THEORY,
    ink,
    level_line,
    listen,
    name_curves,
    new_axes,
    new_panels,
    plot_raster,
    plot_recording,
    program_axes,
    show,
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
from lif_pictures import animate

__all__ = [
    "COLORS",
    "FINE",
    "INSIDE",
    "LEVEL",
    "ONLY_NOW",
    "OUTSIDE",
    "SIMULATED",
    "THEORY",
    "Explorer",
    "LinesToOrder",
    "MysteryNeuron",
    "NewNoise",
    "animate",
    "charge_axes",
    "check",
    "choice",
    "circuit_axes",
    "draw_charge",
    "draw_circuit",
    "draw_membrane",
    "draw_neuron",
    "explore",
    "ink",
    "level_line",
    "listen",
    "membrane_axes",
    "mystery_neuron",
    "name_curves",
    "nernst_potential",
    "new_axes",
    "new_panels",
    "order_lines",
    "plot_raster",
    "plot_recording",
    "program_axes",
    "progress",
    "require_right",
    "sealed",
    "show",
    "slider",
    "unsealed",
    "use_style",
    "voltage_axes",
]
