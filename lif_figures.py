"""The figures of the course: its look, axes with units, recordings, rasters and
sound.
"""

import math

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from IPython import get_ipython
from IPython.display import Audio
from matplotlib.colors import to_rgb
from matplotlib.patheffects import withStroke
from matplotlib_inline.backend_inline import set_matplotlib_formats

from lif_helpers import MS_PER_S, Neuron

# The palette of Okabe and Ito, which stays distinct with colour-vision deficiency; one
# colour per quantity.
COLORS = {
    "V": "#0072B2",
    "I": "#E69F00",
    "spikes": "#D55E00",
    "excitation": "#009E73",
    "inhibition": "#CC79A7",
    "approximation": "#56B4E9",
    "theory": "#000000",
    "level": "#666666",
    "before": "#B5B5B5",
}
TIME_LABEL = "time t (ms)"
# The gid of what draws a thing, and no curve: of it no grey copy of the setting before
# is wanted.
ONLY_NOW = "only now"
# Theory is thin and dashed on what is simulated, which is wide and light: both can be
# seen where they agree. A trace with much detail is fine instead.
THEORY = {"color": COLORS["theory"], "linestyle": "--", "linewidth": 1.4, "zorder": 3}
SIMULATED = {"color": "#80B8D9", "linewidth": 4, "solid_capstyle": "butt"}
FINE = {"color": COLORS["V"], "linewidth": 1.2}
MANY_TURNS = 80  # of a trace from which on it is drawn fine
LEVEL = {"color": COLORS["level"], "linewidth": 1, "zorder": 1}


def use_style():
    """Give matplotlib's figures the look of the course."""
    mpl.rcParams.update(
        {
            "figure.dpi": 100,
            "figure.figsize": (7.8, 4.2),
            "figure.constrained_layout.use": True,
            "font.size": 11,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.prop_cycle": mpl.cycler(
                color=[COLORS[name] for name in ("V", "spikes", "excitation", "I")]
            ),
            "lines.linewidth": 1.8,
        }
    )
    if get_ipython() is not None:  # with the pixels that a sharp screen needs
        set_matplotlib_formats("retina")


# One rule for axes everywhere, that of `explore` and its draw functions too: a single
# panel is its axes, several panels are a list.


def new_axes(xlabel, ylabel, xlim, ylim, **options):
    """A figure and its axes, with labels and limits that stay as they are; options
    as of `Axes.set`.
    """
    return new_panels((xlabel, ylabel, xlim, ylim), stacked=True, **options)


def new_panels(*panels, stacked=False, **options):
    """A figure and a list of its axes, side by side or stacked on one time axis;
    (xlabel, ylabel, xlim, ylim) of each. A single panel gives its axes, no list.
    """
    shape = (
        {"nrows": len(panels), "sharex": True}
        if stacked
        else {"ncols": len(panels), "figsize": (9.5, 3.8)}
    )
    figure, axes = plt.subplots(**shape, squeeze=False)
    for ax, (xlabel, ylabel, xlim, ylim) in zip(axes.flat, panels, strict=True):
        ax.set(xlabel=xlabel, ylabel=ylabel, **options)
        ax.set(xlim=xlim, ylim=ylim)
        if stacked:
            ax.label_outer()
    return figure, _one_or_list(axes)


def program_axes(program, xlabel, ylabel, xlim, ylim):
    """A figure with a program beside axes with labels and limits; both axes.

    Line k of the program, from 1 on, stands at y = k of the first axes.
    """
    lines = program.split("\n")
    figure, (left, right) = plt.subplots(ncols=2, figsize=(9, 3.2))
    left.set(xlim=(0, 1), ylim=(len(lines) + 0.6, 0.4))
    left.set_axis_off()
    for number, line in enumerate(lines, start=1):
        left.text(0.02, number, line, family="monospace", fontsize=10, va="center")
    right.set(xlabel=xlabel, ylabel=ylabel, xlim=xlim, ylim=ylim)
    return figure, [left, right]


def voltage_axes(neuron, duration, V_range=(-80, -30), I_range=None):
    """A figure and its axes: V (mV) over t (0 to `duration`, ms) with E_L and V_th.

    Given a range for the current, it is a list of two: below the first stands I (nA).
    """
    heights = [3] if I_range is None else [3, 1]
    figure, axes = plt.subplots(
        len(heights), sharex=True, squeeze=False, height_ratios=heights
    )
    upper, lower = axes[0, 0], axes[-1, 0]
    upper.set(xlim=(0, duration), ylim=V_range, ylabel="V (mV)")
    lower.set_xlabel(TIME_LABEL)
    if I_range is not None:
        lower.set(ylim=I_range, ylabel="I (nA)")
    for value, label, style in (
        (neuron.E_L, "rest $E_L$", ":"),
        (neuron.V_th, "threshold $V_{th}$", "--"),
    ):
        if V_range[0] <= value <= V_range[1]:
            level_line(upper, value, label, linestyle=style)
    return figure, _one_or_list(axes)


def _one_or_list(axes):
    return axes.item() if axes.size == 1 else list(axes.flat)


def level_line(ax, value, label, **line):
    """Draw a thin horizontal line across the axes, with its label at the right end."""
    line = {"gid": "level", **line}
    ax.axhline(value, **{**LEVEL, **line})
    ax.text(
        1.01,
        value,
        label,
        transform=ax.get_yaxis_transform(),
        va="center",
        color=COLORS["level"],
    )


def plot_recording(recording, axes=None, **line):
    """Draw V into the first of the axes (or the only one), with spikes as marks at its
    top, and I into the second; without axes, into a new figure.

    The drawn line goes up to V_th at each spike and down to V_reset there; the
    recording does not change. Where these are unknown, the samples alone are drawn.
    """
    t, spikes = recording.t, _single_trial(recording).spike_times
    if axes is None:
        axes = _axes_for(recording)
    axes = np.atleast_1d(axes)
    t_line, V_line = t, recording.V
    if isinstance(recording.neuron, Neuron):
        t_line, V_line = _line_with_spikes(recording)
    turns = np.count_nonzero(np.diff(np.sign(np.diff(V_line))))
    look = SIMULATED if turns < MANY_TURNS else FINE
    axes[0].plot(t_line, V_line, **{**look, "label": "V", "gid": "V", **line})
    if len(spikes):
        axes[0].vlines(
            spikes,
            0.86,
            0.97,
            COLORS["spikes"],
            linewidth=2,
            transform=axes[0].get_xaxis_transform(),
            label="spikes",
            gid="spikes",
        )
    if len(axes) > 1:
        axes[1].plot(
            t, recording.I, color=COLORS["I"], drawstyle="steps-post", label="current I"
        )


def _line_with_spikes(recording):
    """Times and potentials of a line that shows each spike: up to V_th, down to
    V_reset, and release at the end of the refractory period.
    """
    neuron, t, spikes = recording.neuron, recording.t, recording.spike_times
    corners = np.add.outer(spikes, [0, 0, neuron.t_ref]).ravel()
    levels = np.tile([neuron.V_th, neuron.V_reset, neuron.V_reset], len(spikes))
    seen = corners <= t[-1]
    corners, levels = corners[seen], levels[seen]
    place = np.searchsorted(t, corners)
    return np.insert(t, place, corners), np.insert(recording.V, place, levels)


def _axes_for(recording):
    """New axes in which a recording, its spikes' marks and its current have room."""
    t, V, I = recording.t, recording.V, recording.I
    panels = []
    for x, label, above in ((V, "V (mV)", 0.4), (I, "I (nA)", 0.1)):
        size = np.ptp(x) or 1
        limits = (x.min() - 0.1 * size, x.max() + above * size)
        panels.append((TIME_LABEL, label, (t[0], t[-1]), limits))
    return new_panels(*panels, stacked=True)[1]


def _single_trial(recording):
    if recording.V.ndim != 1:
        raise ValueError(f"V of shape {recording.V.shape} must be a single trial")
    return recording


def plot_raster(spike_times, ax, **marks):
    """Draw one row of marks per spike train (a list of arrays of times, ms), the
    first at the bottom.
    """
    ax.eventplot(
        spike_times,
        **{"color": COLORS["spikes"], "linelengths": 0.8, "linewidths": 1.5, **marks},
    )


def listen(recording):
    """A player in which each spike is a click; it carries its sound, needs no file
    and no network.
    """
    t = _single_trial(recording).t
    return clicks(recording.spike_times - t[0], t[-1] - t[0])


def clicks(spike_times, duration):
    """A player of one click for each spike time (ms from the start), as in `listen`."""
    samples_per_ms = 8
    sound = np.zeros(math.ceil((duration + 20) * samples_per_ms))
    click = np.sin(np.arange(24) * 1.2) * np.exp(-np.arange(24) / 6)
    for spike in np.round(np.asarray(spike_times) * samples_per_ms).astype(int):
        sound[spike : spike + len(click)] += click
    sound[-1] = 1.5  # inaudible, but the same loudness for all
    return Audio(np.clip(sound, -1.5, 1.5), rate=samples_per_ms * MS_PER_S)


def spike_places(marks):
    """Where the marks of spikes that `plot_recording` draws stand, in pixels."""
    to_pixels = marks.get_transform().transform
    return [to_pixels(segment).mean(axis=0) for segment in marks.get_segments()]


def show():
    """Name the curves of the figures that are open, and show them."""
    for number in plt.get_fignums():
        figure = plt.figure(number)
        figure.draw_without_rendering()  # so that it is laid out
        for ax in figure.axes:
            if ax.get_legend() is None and ax.axison:  # a drawing names its things
                name_curves(ax)
    plt.show()


# ---- Names at the curves -------------------------------------------------------------

CELL = 4  # pixels (at 100 dpi) of the grid in which a free place is looked for
BLANK = 2  # cells between a name and what is beside it
NEAR = (1, 2, 3, 5, 8, 12, 20, 40)  # cells: how far a name may stand from its curve
CONTRAST = 4.5  # of a text on white


def ink(color):
    """The colour (RGB), darkened until a text in it can be read on white."""
    rgb = np.array(to_rgb(color))
    while contrast(rgb, (1, 1, 1)) < CONTRAST:
        rgb = 0.96 * rgb
    return tuple(rgb)


def contrast(color, other):
    """The contrast of two colours, from 1 to 21; WCAG 2.1, section 1.4.3."""
    high, low = sorted(map(_luminance, (color, other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(color):
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def name_curves(ax, artists=None, places=None):
    """Write the label of each labelled artist beside it, and return these texts.

    Lines, bars, bands and marks of the axes are named in the order in which they were
    drawn; a label that begins with "_" is none, and a level has its name already. A
    name stands where it covers nothing; it takes the place that is nearest to its own
    artist and, where there is one, further from every other.

    `artists` are those to name and to keep free, if not all that the axes hold. Names
    that have a place (0 to 1 across the axes) in the dictionary `places` just go there.
    """
    if artists is None:
        artists = data_artists(ax)
    shown = [a for a in artists if not isinstance(a, mpl.text.Text)]
    named = [artist for artist in shown if _label(artist)]
    if places is not None and {_label(artist) for artist in named} <= set(places):
        return [_name(ax, artist, places[_label(artist)]) for artist in named]
    if not named:
        return []
    grid = _Grid(ax)
    shapes = {artist: grid.cells(artist) for artist in shown}
    curves = sum(shapes.values())
    texts = sum((grid.box(a) for a in artists if a not in shown), 0 * curves)
    names = []
    for artist in named:
        name = _name(ax, artist, (0, 0))
        name.set_position(grid.place(name, shapes[artist], curves, texts))
        texts = texts + grid.box(name)
        names.append(name)
    return names


DATA = mpl.lines.Line2D, mpl.collections.Collection, mpl.patches.Patch, mpl.text.Text


def data_artists(ax):
    """The artists of the axes that carry data, and the texts in them."""
    return [*ax.get_lines(), *ax.collections, *ax.patches, *ax.texts]


def _name(ax, artist, place):
    options = {"color": ink(_color(artist)), "zorder": 6, "transform": ax.transAxes}
    return ax.text(*place, _label(artist), **options)


def _label(artist):
    label = artist.get_label()
    return "" if not label or str(label).startswith("_") else str(label)


def _color(artist):
    if isinstance(artist, mpl.lines.Line2D):
        color = artist.get_color()
        return COLORS["V"] if color == SIMULATED["color"] else color
    for colors in (artist.get_edgecolor(), artist.get_facecolor()):
        colors = np.atleast_2d(colors)
        if colors.size and colors[0, -1] > 0:
            return colors[0, :3]
    return "black"


class _Grid:
    """The axes as a grid of cells, in which what is drawn takes places."""

    def __init__(self, ax):
        self.ax, self.renderer = ax, ax.figure.canvas.get_renderer()
        self.cell = CELL * ax.figure.dpi / 100
        box = ax.bbox
        self.corner = np.array([box.x0, box.y0])
        self.size = np.array([box.width, box.height])
        self.shape = np.maximum(1, (self.size // self.cell).astype(int))

    def cells(self, artist):
        """How often the artist touches each cell, at most once; shape of the grid."""
        taken = np.zeros(self.shape, int)
        for corners in outlines(artist):
            corners = corners[np.isfinite(corners).all(axis=1)]
            # In cells; what lies far outside is moved to just outside.
            at = np.clip((corners - self.corner) / self.cell, -2, self.shape + 2)
            moves = np.ones(len(at), bool)
            moves[1:-1] = (np.floor(at[1:-1]) != np.floor(at[:-2])).any(axis=1)
            at = np.floor(_dense(at[moves], 0.9)).astype(int)
            inside = ((at >= 0) & (at < self.shape)).all(axis=1)
            taken[tuple(at[inside].T)] = 1
        for box in marks(artist):
            taken[self._covered(box)] = 1
        return taken

    def _covered(self, box):
        """The slices of the cells that a box, [low, high] in pixels, touches."""
        low = np.floor((box[0] - self.corner) / self.cell)
        high = np.ceil((box[1] - self.corner) / self.cell)
        low, high = np.clip([low, high], 0, self.shape).astype(int)
        return slice(low[0], high[0]), slice(low[1], high[1])

    def box(self, text):
        """The cells that a text covers, with a blank before and after it."""
        taken = np.zeros(self.shape, int)
        box = text.get_window_extent(self.renderer).get_points()
        blank = np.array([BLANK * self.cell, 0])
        taken[self._covered([box[0] - blank, box[1] + blank])] = 1
        return taken

    def place(self, text, own, curves, texts):
        """Where in the axes (0 to 1) the text goes, given what takes up cells: its own
        curve, all curves, and other texts.
        """
        taken, others = curves + texts, curves + texts - own
        extent = text.get_window_extent(self.renderer)
        size = np.ceil(np.array([extent.width, extent.height]) / self.cell).astype(int)
        room = self.shape - size - 1
        if (room < 1).any():
            return 0.02, 0.06
        free = _within(taken, size, 1, room) == 0
        for near in NEAR:
            close = free & (_within(own, size, near, room) > 0)
            alone = close & (_within(others, size, near, room) == 0)
            for places in (alone, close):
                if places.any():
                    at = np.argwhere(places)
                    best = at[np.argmax(at @ (1, 0.25))]  # to the right, then high
                    return tuple((best * self.cell + self._rest(text)) / self.size)
        # It is full: the name stands where it covers least, on a piece of white.
        text.set_path_effects([withStroke(linewidth=4, foreground="white")])
        covered = _within(taken, size, 0, room) + 1000 * _within(texts, size, 1, room)
        best = np.array(np.unravel_index(covered.argmin(), covered.shape))
        return tuple((best * self.cell + self._rest(text)) / self.size)

    def _rest(self, text):
        """From the corner of the text's box to its anchor."""
        box = text.get_window_extent(self.renderer)
        x, y = text.get_transform().transform(text.get_position())
        return np.array([x - box.x0, y - box.y0])


def _within(taken, size, margin, room):
    """How many taken cells lie in a box of this size and margin, at each place."""
    total = np.pad(
        np.pad(taken, margin).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0))
    )
    width, height = size + 2 * margin
    counts = (
        total[width:, height:]
        - total[:-width, height:]
        - total[width:, :-height]
        + total[:-width, :-height]
    )
    return counts[: room[0], : room[1]]


def outlines(artist):
    """The artist's outlines in pixels, each of shape (corners, 2)."""
    if isinstance(artist, mpl.lines.Line2D):
        x, y = artist.get_data(orig=False)
        drawstyle = artist.get_drawstyle()
        if drawstyle != "default" and len(x):
            x, y = mpl.cbook.STEP_LOOKUP_MAP[drawstyle](x, y)
        return [artist.get_transform().transform(np.column_stack([x, y]))]
    if isinstance(artist, mpl.collections.Collection):
        transform, centres = artist.get_transform(), artist.get_offsets()
        if len(centres) > 1 or np.any(centres):  # a scatter
            return [_centres(artist)]
        return [_corners(path, transform) for path in artist.get_paths()]
    return [_corners(artist.get_path(), artist.get_transform())]


def marks(artist):
    """A square round each mark of a line or a scatter: [low, high], in pixels."""
    points = artist.figure.dpi / 72
    if isinstance(artist, mpl.lines.Line2D):
        if artist.get_marker() in ("None", "none", None, "", " "):
            return []
        places = artist.get_transform().transform(artist.get_xydata())
        sizes = np.full(len(places), artist.get_markersize())
    elif isinstance(artist, mpl.collections.PathCollection):
        places = _centres(artist)
        sizes = np.resize(np.sqrt(artist.get_sizes()), len(places))
    else:
        return []
    seen = np.isfinite(places).all(axis=1)
    reach = points * sizes[seen, None] / 2
    return np.stack([places[seen] - reach, places[seen] + reach], axis=1)


def _centres(scatter):
    """The centres of its marks in pixels; NaN where there is none."""
    centres = np.ma.filled(scatter.get_offsets().astype(float), np.nan)
    return scatter.get_offset_transform().transform(centres)


def _corners(path, transform):
    """The corners of a path in pixels, without its curves' control points."""
    pieces = transform.transform_path(path).iter_segments(curves=False, simplify=False)
    return np.array([corner[-2:] for corner, _ in pieces if len(corner)]).reshape(-1, 2)


def _dense(corners, step):
    """Points at most a step apart along an outline."""
    if len(corners) < 2:
        return corners
    lengths = np.abs(np.diff(corners, axis=0)).max(axis=1)
    pieces = np.maximum(1, np.ceil(lengths / step)).astype(int)
    first = np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = (np.arange(pieces.sum()) - first) / np.repeat(pieces, pieces)
    start, way = corners[:-1], np.diff(corners, axis=0)
    along = np.repeat(start, pieces, axis=0) + share[:, None] * np.repeat(
        way, pieces, axis=0
    )
    return np.vstack([along, corners[-1:]])
