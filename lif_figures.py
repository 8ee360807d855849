"""The figures of the course: its look, axes with units, recordings, rasters and
sound.
"""

import math

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import Audio

from lif_helpers import MS_PER_S

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


def new_axes(xlabel, ylabel, xlim, ylim, **options):
    """A figure and its axes, with labels and limits that stay as they are; options
    as of `Axes.set`.
    """
    figure, (ax,) = new_panels((xlabel, ylabel, xlim, ylim), stacked=True, **options)
    return figure, ax


def new_panels(*panels, stacked=False, **options):
    """A figure and its axes, side by side or stacked on one time axis; (xlabel,
    ylabel, xlim, ylim) of each.
    """
    shape = (
        {"nrows": len(panels), "sharex": True}
        if stacked
        else {"ncols": len(panels), "figsize": (9.5, 3.8)}
    )
    figure, axes = plt.subplots(**shape, squeeze=False)
    axes = axes.ravel()
    for ax, (xlabel, ylabel, xlim, ylim) in zip(axes, panels, strict=True):
        ax.set(xlabel=xlabel, ylabel=ylabel, **options)
        ax.set(xlim=xlim, ylim=ylim)
        if stacked:
            ax.label_outer()
    return figure, axes


def voltage_axes(neuron, duration, V_range=(-80, -30), I_range=None):
    """A figure and its axes: V (mV) over t (0 to `duration`, ms) with E_L and V_th,
    and below I (nA), given a range.
    """
    heights = [3] if I_range is None else [3, 1]
    figure, axes = plt.subplots(
        len(heights), sharex=True, squeeze=False, height_ratios=heights
    )
    axes = list(axes[:, 0])
    axes[0].set(xlim=(0, duration), ylim=V_range, ylabel="V (mV)")
    axes[-1].set_xlabel("time t (ms)")
    if I_range is not None:
        axes[1].set(ylim=I_range, ylabel="I (nA)")
    for value, label, style in (
        (neuron.E_L, "$E_L$", ":"),
        (neuron.V_th, "$V_{th}$", "--"),
    ):
        if V_range[0] <= value <= V_range[1]:
            level_line(axes[0], value, label, linestyle=style)
    return figure, axes


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


def plot_recording(recording, axes, **line):
    """Draw V into the first of the axes (or the only one), with spikes as marks at its
    top, and I into the second.

    The drawn line goes up to V_th at each spike and down to V_reset there; the
    recording does not change.
    """
    neuron, t, spikes = (
        recording.neuron,
        recording.t,
        _single_trial(recording).spike_times,
    )
    axes = np.atleast_1d(axes)
    corners = np.add.outer(
        spikes, [0, 0, neuron.t_ref]
    ).ravel()  # up to V_th, down to V_reset, release
    levels = np.tile([neuron.V_th, neuron.V_reset, neuron.V_reset], len(spikes))[
        corners <= t[-1]
    ]
    corners = corners[corners <= t[-1]]
    place = np.searchsorted(t, corners)
    V_line, t_line = np.insert(recording.V, place, levels), np.insert(t, place, corners)
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
