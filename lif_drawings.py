"""Things drawn as things: the charge in a vessel, a neuron and its synapses; and the
pencils that lif_membrane draws the membrane and its circuit with.

Each picture comes in two parts: `..._axes` draws what stands still, `draw_...` adds
what depends on the setting (and returns its numbers). Lengths are in hundredths of an
inch, pixels at 100 dpi: drawn smaller than they are made, the texts would collide.
"""

import functools
import itertools
import math

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from lif_figures import COLORS, ONLY_NOW

# ---- Paper and pencils ---------------------------------------------------------------

OUTSIDE_TINT, INSIDE_TINT = "#EDF4F9", "#FCF4E6"
LIPID, CELL, GREY = "#B9A58A", "#F3EBDD", "#555555"


def dark(color):
    """The color, darkened until text in it can be read on every tint."""
    return tuple(0.62 * part for part in mpl.colors.to_rgb(color))


def sheet(width, height, ax):
    """A figure and axes without a frame, whose unit is a hundredth of an inch."""
    if ax is None:
        figure = plt.figure(figsize=(width / 100, height / 100), layout="none")
        ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    ax.set_axis_off()
    return ax.figure, ax


def write(ax, x, y, text, color=GREY, size=10, **look):
    """Write a text in the ink of a color, left-aligned at (x, y) unless told."""
    look = {"va": "center", "ha": "left", **look}
    return ax.text(x, y, text, color=dark(color), fontsize=size, **look)


def fill(ax, shapes, color, label="", edge="white", width=0.8, zorder=2.0):
    """Draw filled shapes, each an array of corners (n, 2), as one artist."""
    look = {"facecolors": color, "edgecolors": edge, "linewidths": width}
    shapes = PolyCollection(shapes, label=label, zorder=zorder, **look)
    return ax.add_collection(shapes, autolim=False)


def stroke(ax, lines, color, width=1.5, label="", zorder=2.0, **look):
    """Draw lines, each an array of points (n, 2), as one artist."""
    look = {"colors": color, "linewidths": width, "label": label, **look}
    lines = LineCollection(lines, zorder=zorder, capstyle="round", **look)
    return ax.add_collection(lines, autolim=False)


def polygon(corners, turn=0.0):
    """The corners of a regular polygon of area 1 around 0; the first is on top."""
    angle = turn + np.pi / 2 + 2 * np.pi * np.arange(corners) / corners
    radius = math.sqrt(2 / (corners * math.sin(2 * np.pi / corners)))
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


def box(x, y, width, height):
    """The corners of a rectangle around (x, y)."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2
    return np.array([x, y]) + corners * [width, height]


def arrow(start, end, width, head=8.0, barb=5.5):
    """The corners of an arrow from `start` to `end`, exactly as long as they say; a
    short one has a smaller head.
    """
    start, end = np.asarray(start, float), np.asarray(end, float)
    length = math.hypot(*(end - start))
    head = min(0.7 * width + head, length)
    along = (end - start) / length if length else np.zeros(2)
    across = np.array([-along[1], along[0]])
    neck, half = length - head, min(width / 2, length / 2)
    barb = half + min(barb, 0.4 * length)
    outline = [(0, half), (neck, half), (neck, barb), (length, 0)]
    outline += [(neck, -barb), (neck, -half), (0, -half)]
    return start + np.array([x * along + y * across for x, y in outline])


def signs(places, sizes, sign):
    """The strokes of a plus or a minus at each place; its size is the length."""
    strokes = [[(-0.5, 0), (0.5, 0)], [(0, -0.5), (0, 0.5)]][: 2 if sign > 0 else 1]
    return [
        place + size * np.array(stroke)
        for place, size in zip(places, sizes, strict=True)
        for stroke in strokes
    ]


def portions(amount, per_mark):
    """The areas of the marks that stand for an amount: whole marks, and a last one
    with the area of the rest.

    Raises ValueError for an amount below 0.
    """
    if not amount >= 0:
        raise ValueError(f"amount = {amount!r} must be 0 or above")
    marks = amount / per_mark
    whole = math.floor(marks + 1e-9)
    rest = marks - whole
    return np.append(np.ones(whole), [rest] if rest > 1e-6 else [])


def spread(values, least):
    """The values, moved apart as little as needed to stand `least` apart."""
    order, moved = np.argsort(values, kind="stable"), np.array(values, float)
    for _ in range(50):
        for low, high in itertools.pairwise(order):
            lacking = least - (moved[high] - moved[low])
            if lacking > 0:
                moved[low] -= lacking / 2
                moved[high] += lacking / 2
    return moved


def written(value, decimals=0):
    """The number as it is written in a picture: with a minus sign, and no −0."""
    return f"{value:z.{decimals}f}".replace("-", "−")


def check_current(name, current, largest):
    """Raise ValueError for a current (nA) whose arrow would be too long."""
    if not abs(current) <= largest * (1 + 1e-9):
        raise ValueError(
            f"the {name} current {current:.3g} nA is larger than largest = "
            f"{largest:g} nA, for which the longest arrow stands"
        )


def drawing(draw):
    """Mark all that a drawing function adds as belonging to this setting only."""

    @functools.wraps(draw)
    def marked(ax, *args, **kwargs):
        before = set(ax.get_children())
        numbers = draw(ax, *args, **kwargs)
        for artist in set(ax.get_children()) - before:
            artist.set_gid(ONLY_NOW)
        return numbers

    return marked


# ---- The charge in a vessel ----------------------------------------------------------

_LONGEST_STREAM, _VESSEL_X, _VESSEL_HALF = 60.0, -0.15, 0.42


def charge_axes(neuron, duration, V_range=(-80, -30), I_range=(-0.1, 0.5)):
    """A figure and its axes: V (mV) over time t (0 to `duration`, ms), I (nA) below it,
    and right of V the vessel that `draw_charge` fills.

    The vessel stands at the height of V_reset and reaches up to V_th. Raises
    ValueError unless both are well within `V_range`.
    """
    span = V_range[1] - V_range[0]
    low, high = V_range[0] + 0.08 * span, V_range[1] - 0.35 * span
    if not low <= neuron.V_reset < neuron.V_th <= high:
        raise ValueError(
            f"V_range = {V_range} mV must leave room below V_reset = "
            f"{neuron.V_reset:g} mV and above V_th = {neuron.V_th:g} mV: these must "
            f"lie between {low:g} and {high:g} mV"
        )
    figure = plt.figure(layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=[1.6, 1], height_ratios=[3, 1])
    trace = figure.add_subplot(grid[0, 0])
    current = figure.add_subplot(grid[1, 0], sharex=trace)
    vessel = figure.add_subplot(grid[0, 1], sharey=trace)
    trace.set(xlim=(0, duration), ylim=V_range, ylabel="V (mV)")
    trace.tick_params(labelbottom=False)
    current.set(ylim=I_range, ylabel="I (nA)", xlabel="time t (ms)")
    vessel.set(xlim=(-1, 1))
    vessel.set_axis_off()
    names = ("reset $V_{reset}$", "rest $E_L$", "threshold $V_{th}$")
    levels = (neuron.V_reset, neuron.E_L, neuron.V_th)
    heights = spread(levels, 0.07 * span)
    styles = (":", ":", "--")
    for level, height, name, style in zip(levels, heights, names, styles, strict=True):
        trace.axhline(level, color=COLORS["level"], lw=1, ls=style, zorder=1)
        write(trace, 1.01, height, name, transform=trace.get_yaxis_transform())
    below = (_VESSEL_X, V_range[0])
    _write_at(vessel, below, (0, -14), "blue area = charge above reset", ha="center")
    _write_at(vessel, below, (0, -32), "= C (V − $V_{reset}$)", ha="center")
    return figure, [trace, current, vessel]


@drawing
def draw_charge(ax, neuron, V, I, *, spiking=False, largest=0.5, widest=None):
    """Fill the vessel of `charge_axes` with the charge above reset, C (V − V_reset), at
    V (mV); draw the injected I (nA), the leak, and a flash when spiking.

    The filled height is V − V_reset and the width C, so that the area is the charge;
    below V_reset what is missing is an outline under the floor. A vessel of full width
    stands for `widest` (nF; the neuron's C, unless given), an arrow of full length for
    `largest` (nA). Raises ValueError for more.
    """
    widest = neuron.C if widest is None else widest
    leak = (V - neuron.E_L) / neuron.R
    check_current("injected", I, largest)
    check_current("leak", leak, largest)
    if not neuron.C <= widest * (1 + 1e-9):
        raise ValueError(f"C = {neuron.C:g} nF is more than widest = {widest:g} nF")
    floor, rim = neuron.V_reset, neuron.V_th
    x, half = _VESSEL_X, _VESSEL_HALF * neuron.C / widest
    fill(ax, _vessel(neuron, half, ax.get_ylim()), LIPID, "membrane", "none")
    filled = box(x, (floor + V) / 2, 2 * half, V - floor)
    if V >= floor:
        water = 0.5 + 0.5 * np.array(mpl.colors.to_rgb(COLORS["V"]))
        fill(ax, [filled], [water], "charge above reset", "none")
    else:
        look = {"label": "charge missing below reset", "linestyle": ":"}
        stroke(ax, [filled[[0, 3, 2, 1]]], COLORS["V"], 1.5, **look)
    scale, gap = _LONGEST_STREAM / largest, 4
    poured = [(0, gap + max(scale * I, 0)), (0, gap + max(-scale * I, 0))]
    _fill_at(ax, (x, rim), [arrow(*poured, 12)], COLORS["I"], "injected current")
    leaked = [(gap + max(-scale * leak, 0), 0), (gap + max(scale * leak, 0), 0)]
    hole = (x + half + 0.06, neuron.E_L)
    _fill_at(ax, hole, [arrow(*leaked, 12)], COLORS["level"], "leak current")
    _write_at(ax, hole, (gap, -18), f"leak\n{written(leak, 2)} nA", va="top")
    words = f"injected I = {written(I, 2)} nA"
    _write_at(ax, (x, ax.get_ylim()[1]), (0, -8), words, COLORS["I"], ha="center")
    if spiking:
        star = 0.5 * polygon(16) * np.where(np.arange(16) % 2, 0.45, 1)[:, None]
        _fill_at(ax, (x - half, rim), [46 * star + (0, 28)], COLORS["spikes"], "spike")
        look = {"ha": "right", "weight": "bold"}
        _write_at(ax, (x - half, rim), (-16, 28), "spike", COLORS["spikes"], **look)
    charge = neuron.C * (V - floor)
    words = f"{neuron.C:.3g} nF × {written(V - floor, 1)} mV = {written(charge, 2)} pC"
    look = {"ha": "center", "weight": "bold"}
    _write_at(ax, (x, ax.get_ylim()[0]), (0, -50), words, COLORS["V"], **look)
    return {"V": (V, "mV", ".1f"), "charge above reset": (charge, "pC", ".2f")}


def _vessel(neuron, half, V_range):
    """The walls and the floor of the vessel, with a hole for the leak at E_L."""
    x, floor, rim = _VESSEL_X, neuron.V_reset, neuron.V_th
    thick = 0.008 * (V_range[1] - V_range[0])
    low, high = np.clip([neuron.E_L - thick, neuron.E_L + thick], floor, rim)
    left, right = x - half - 0.03, x + half + 0.03
    return [
        box(left, (floor + rim) / 2, 0.06, rim - floor),
        box(right, (floor + low) / 2, 0.06, low - floor),
        box(right, (high + rim) / 2, 0.06, rim - high),
        box(x, floor - thick, 2 * half + 0.12, 2 * thick),
    ]


def _near(ax, place, shift=(0, 0)):
    """A transform from hundredths of an inch, around a place in the axes."""
    inches = ax.figure.dpi_scale_trans
    here = mpl.transforms.ScaledTranslation(*place, ax.transData)
    return mpl.transforms.Affine2D().translate(*shift).scale(0.01) + inches + here


def _fill_at(ax, place, shapes, color, label):
    """Draw shapes in hundredths of an inch around a place in the axes."""
    fill(ax, shapes, color, label, "none", zorder=3).set_transform(_near(ax, place))


def _write_at(ax, place, shift, text, color=GREY, **look):
    """A text that stands `shift` hundredths of an inch from a place in the axes."""
    look |= {"transform": _near(ax, place, shift), "in_layout": False}
    return write(ax, 0, 0, text, color, **look)


# ---- A neuron and its synapses -------------------------------------------------------

_SOMA, _SOMA_RADIUS = np.array([330.0, 168.0]), 47.0
# Of each dendrite: where it bends and where it ends.
_DENDRITES = [
    [(262, 250), (128, 292)],
    [(230, 190), (70, 196)],
    [(250, 120), (110, 92)],
    [(318, 70), (210, 34)],
]
# Of each twig: the dendrite, the place along it and the end.
_TWIGS = [
    (0, 0.5, (100, 244)),
    (0, 0.7, (212, 318)),
    (1, 0.5, (96, 156)),
    (2, 0.55, (84, 54)),
    (3, 0.4, (284, 18)),
]
# Of each excitatory synapse: dendrite, place along it (0 to 1) and side of it.
_ON_DENDRITE = [(0, 0.9, 1), (1, 0.95, 1), (2, 0.93, 1), (3, 0.9, 1)]
_ON_DENDRITE += [(0, 0.52, 1), (1, 0.55, 1), (3, 0.3, -1), (2, 0.42, 1)]
_ON_SOMA = (1.35, 0.85, 1.85, -1.0, -0.5)  # of inhibitory ones: angle on the soma, rad
_SCALE_X, _LOWEST, _HIGHEST = 660.0, -100.0, 20.0


def draw_neuron(
    ax=None, excitatory=6, inhibitory=3, active=(2, 1), *, V=-65.0, E_E=0.0, E_I=-80.0
):
    """Draw a neuron with numbers of excitatory and inhibitory synapses, of which some
    are active, and how both pull on V (mV); return the figure and its axes.

    The axes are given ones, or new: 7.8 by 3.4 inches. Active synapses are filled;
    an arrow reaches from V as far as the reversal potential E_E or E_I (mV). Raises
    ValueError for more than 8 and 5 synapses, more active ones than there are, and
    potentials outside −100 to 20 mV.
    """
    counts = ((excitatory, 8, active[0]), (inhibitory, 5, active[1]))
    for number, most, busy in counts:
        if not 0 <= busy <= number <= most:
            raise ValueError(
                f"{busy} active of {number} synapses: there can be 0 to {most}, "
                "and no more active ones than there are"
            )
    figure, ax = sheet(780, 340, ax)
    _draw_cell(ax)
    on_dendrites = [_on_dendrite(*place) for place in _ON_DENDRITE[:excitatory]]
    on_soma = []
    for angle in _ON_SOMA[:inhibitory]:
        outward = np.array([math.cos(angle), math.sin(angle)])
        on_soma.append((_SOMA + (_SOMA_RADIUS + 10) * outward, outward))
    _draw_synapses(ax, "excitation", on_dendrites, active[0], 1)
    _draw_synapses(ax, "inhibition", on_soma, active[1], -1)
    _draw_reversals(ax, V, E_E, E_I)
    return figure, ax


def _curve(start, bend, end, points=40):
    """Points (n, 2) on the curve from start to end that leans towards the bend."""
    s = np.linspace(0, 1, points)[:, None]
    start, bend, end = map(np.array, (start, bend, end))
    return (1 - s) ** 2 * start + 2 * s * (1 - s) * bend + s**2 * end


def _branch(bend, end):
    """The curve of a branch from a little inside the soma on, (n, 2)."""
    curve = _curve(_SOMA, bend, end, 100)
    return curve[np.linalg.norm(curve - _SOMA, axis=1) > 0.8 * _SOMA_RADIUS]


def _normals(curve):
    along = np.gradient(curve, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    return np.column_stack([-along[:, 1], along[:, 0]])


def _tapered(curve, wide, narrow):
    """The outline of a branch along a curve, `wide` at its start."""
    half = np.linspace(wide, narrow, len(curve))[:, None] / 2 * _normals(curve)
    return np.concatenate([curve + half, (curve - half)[::-1]])


def _draw_cell(ax):
    axon = _branch((415, 150), (492, 166))
    parts = [_tapered(_branch(*dendrite), 26, 5) for dendrite in _DENDRITES]
    for dendrite, along, end in _TWIGS:
        curve = _branch(*_DENDRITES[dendrite])
        start = curve[round(along * (len(curve) - 1))]
        bend = 0.6 * start + 0.4 * np.array(end) + (0, 6)
        parts.append(_tapered(_curve(start, bend, end), 11, 4))
    parts += [
        _tapered(axon, 22, 6),
        _SOMA + math.sqrt(np.pi) * _SOMA_RADIUS * polygon(60),
    ]
    # First with an edge, then without: the outline of the whole.
    fill(ax, parts, CELL, edge=dark(LIPID), width=3, zorder=1)
    fill(ax, parts, CELL, "neuron", edge="none", zorder=1.1)
    write(ax, *_SOMA, "soma", ha="center", weight="bold")
    write(ax, 8, 132, "dendrites", weight="bold")
    write(ax, 440, 138, "axon", weight="bold")
    spikes = [[(x, 180), (x, 204)] for x in (410, 432, 454)]
    stroke(ax, spikes, COLORS["spikes"], 2.2, "spikes")
    fill(ax, [arrow((464, 192), (492, 192), 4)], COLORS["spikes"], edge="none")
    write(ax, 408, 216, "spikes leave", COLORS["spikes"])


def _on_dendrite(dendrite, along, side):
    """The place of a synapse beside a dendrite, and the direction away from it."""
    curve = _branch(*_DENDRITES[dendrite])
    k = round(along * (len(curve) - 1))
    outward = -side * _normals(curve)[k]
    half_width = 13 - 10.5 * along
    return curve[k] + (half_width + 8) * outward, outward


def _draw_synapses(ax, kind, synapses, active, sign):
    color, round_or_square = COLORS[kind], polygon(30 if sign > 0 else 4, np.pi / 4)
    fibres = [[place, place + 30 * outward] for place, outward in synapses]
    stroke(ax, fibres, color, 2.2, f"{kind}: fibres", 2)
    for number, filled in ((slice(active), True), (slice(active, None), False)):
        places = [place for place, _ in synapses[number]]
        shapes = [place + 15 * round_or_square for place in places]
        face, mark = (color, "black") if filled else ("white", dark(color))
        name = f"{kind}: {'active' if filled else 'silent'}"
        fill(ax, shapes, face, name, dark(color), 1.5, 3)
        stroke(ax, signs(places, [8] * len(places), sign), mark, 1.8, zorder=4)


def _draw_reversals(ax, V, E_E, E_I):
    """A scale of potentials, and on it how far each kind of synapse pulls V."""
    potentials = {"V": V, "$E_E$": E_E, "$E_I$": E_I}
    if not all(_LOWEST <= value <= _HIGHEST for value in potentials.values()):
        raise ValueError(
            f"V = {V:g}, E_E = {E_E:g} and E_I = {E_I:g} mV must lie between "
            f"{_LOWEST:g} and {_HIGHEST:g} mV"
        )
    colors = (COLORS["V"], COLORS["excitation"], COLORS["inhibition"])
    heights = [26 + 2.35 * (value - _LOWEST) for value in potentials.values()]
    stroke(ax, [[(_SCALE_X, 20), (_SCALE_X, 316)]], "black", 1.5, "scale of potentials")
    ticks = [[(_SCALE_X - 4, y), (_SCALE_X + 4, y)] for y in heights]
    stroke(ax, ticks, "black", 1.5)
    texts = spread(heights, 17)
    for (name, value), y, color in zip(potentials.items(), texts, colors, strict=True):
        write(ax, _SCALE_X + 10, y, f"{name} = {written(value)} mV", color)
    middles = spread([(heights[0] + end) / 2 for end in heights[1:]], 38)
    for k, kind in enumerate(("excitation (+)", "inhibition (−)")):
        x, color = _SCALE_X - 44 + 20 * k, colors[k + 1]
        shape = arrow((x, heights[0]), (x, heights[k + 1]), 9)
        fill(ax, [shape], color, f"pull of {kind}", "none", zorder=3)
        words = f"{kind}\n{written((E_E, E_I)[k] - V)} mV"
        write(ax, _SCALE_X - 58, middles[k], words, color, ha="right")
    write(ax, 8, 318, "excitatory (+)\nglutamate", colors[1], weight="bold")
    write(ax, 396, 276, "inhibitory (−)\nGABA", colors[2], weight="bold")
    write(ax, 8, 12, "filled: active now; hollow: silent", size=9)
    write(ax, _SCALE_X - 90, 328, "how they pull on V", weight="bold")
