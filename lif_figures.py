"""The figures of the course: its look, axes with units, recordings, rasters and
sound.
"""

import math

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Audio

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
THEORY = {"color": COLORS["theory"], "linestyle": "--", "linewidth": 1.4, "zorder": 3}


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
        (neuron.E_L, "$E_L$", ":"),
        (neuron.V_th, "$V_{th}$", "--"),
    ):
        if V_range[0] <= value <= V_range[1]:
            level_line(upper, value, label, linestyle=style)
    return figure, _one_or_list(axes)


def _one_or_list(axes):
    return axes.item() if axes.size == 1 else list(axes.flat)


def level_line(ax, value, label, **line):
    """Draw a thin horizontal line across the axes, with its label at the right end."""
    ax.axhline(value, **{"color": COLORS["level"], "linewidth": 1, "zorder": 1, **line})
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
    axes[0].plot(t_line, V_line, **{"color": COLORS["V"], **line})
    axes[0].vlines(
        spikes,
        0.86,
        0.97,
        COLORS["spikes"],
        linewidth=2,
        transform=axes[0].get_xaxis_transform(),
    )
    if len(axes) > 1:
        axes[1].plot(t, recording.I, color=COLORS["I"], drawstyle="steps-post")


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
    samples_per_ms, t = 8, _single_trial(recording).t
    sound = np.zeros(math.ceil((t[-1] - t[0] + 20) * samples_per_ms))
    click = np.sin(np.arange(24) * 1.2) * np.exp(-np.arange(24) / 6)
    for spike in np.round((recording.spike_times - t[0]) * samples_per_ms).astype(int):
        sound[spike : spike + len(click)] += click
    sound[-1] = 1.5  # inaudible, but the same loudness for all
    return Audio(np.clip(sound, -1.5, 1.5), rate=samples_per_ms * MS_PER_S)
