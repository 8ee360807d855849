"""The figures: labels with units, spikes as marks, and a recording that stays as it
was.
"""

import itertools

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

import lif_helpers as lif
import lif_notebook as nb

NEURON = lif.Neuron()


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def plotted(recording, **ranges):
    _, axes = nb.voltage_axes(recording.neuron, recording.t[-1], **ranges)
    nb.plot_recording(recording, axes)
    upper = axes[0] if ranges else axes
    line = upper.get_lines()[-1]
    marks = upper.collections[-1]
    return (
        axes,
        line.get_xdata(),
        line.get_ydata(),
        [segment[0][0] for segment in marks.get_segments()],
    )


def test_the_recording_is_not_changed_however_often_it_is_plotted():
    recording = lif.simulate(NEURON, lif.time_grid(200), 0.4)
    V, t, spikes = recording.V.copy(), recording.t.copy(), recording.spike_times.copy()
    first, second = plotted(recording), plotted(recording)
    np.testing.assert_array_equal(recording.V, V)
    np.testing.assert_array_equal(recording.t, t)
    np.testing.assert_array_equal(recording.spike_times, spikes)
    np.testing.assert_array_equal(first[2], second[2])


@pytest.mark.parametrize(("dt", "current"), [(0.1, 0.4), (1, 0.4), (10, 3.0)])
def test_the_line_goes_to_threshold_and_reset_at_each_spike(dt, current):
    recording = lif.simulate(NEURON, lif.time_grid(100, dt), current)
    _, t, V, marks = plotted(recording)
    assert (np.diff(t) >= 0).all()
    np.testing.assert_allclose(marks, recording.spike_times)
    assert len(marks) > 2
    for spike in recording.spike_times:
        np.testing.assert_array_equal(V[t == spike][:2], [NEURON.V_th, NEURON.V_reset])
        held = (t > spike) & (t <= spike + NEURON.t_ref)
        assert (V[held] == NEURON.V_reset).all()
        assert held.any() or spike + NEURON.t_ref > recording.t[-1]


def test_the_line_leaves_reset_at_the_end_of_the_refractory_period_not_at_a_sample():
    recording = lif.simulate(NEURON, lif.time_grid(98, 7), 0.5)
    _, t, V, _ = plotted(recording)
    for release in recording.spike_times + NEURON.t_ref:
        if release <= recording.t[-1]:
            np.testing.assert_array_equal(V[t == release], NEURON.V_reset)


@pytest.mark.parametrize("t_ref", [0, 2])
def test_line_and_marks_stand_at_the_spikes_of_a_time_that_does_not_start_at_0(t_ref):
    neuron = lif.Neuron(t_ref=t_ref)
    recording = lif.simulate(neuron, 500 + lif.time_grid(100, 5), 2.0)
    _, t, V, marks = plotted(recording)
    np.testing.assert_allclose(marks, recording.spike_times)
    assert (np.diff(t) >= 0).all()
    assert np.isin(recording.spike_times, t[V == neuron.V_th]).all()


def test_a_spike_on_a_sample_is_drawn_up_then_down():
    t = lif.time_grid(10, 1)
    V = np.where(t < 4, -60.0, NEURON.V_reset)
    recording = lif.Recording(NEURON, t, np.zeros(11), V, np.array([4.0]))
    _, t_line, V_line, _ = plotted(recording)
    np.testing.assert_array_equal(
        V_line[t_line == 4], [NEURON.V_th, NEURON.V_reset, NEURON.V_reset]
    )


def test_without_spikes_the_line_is_V():
    recording = lif.simulate(NEURON, lif.time_grid(100), 0.1)
    _, ax = nb.voltage_axes(NEURON, 100)
    nb.plot_recording(recording, ax)
    np.testing.assert_array_equal(ax.get_lines()[-1].get_ydata(), recording.V)


def test_the_current_is_drawn_below_as_steps():
    axes, *_ = plotted(lif.simulate(NEURON, lif.time_grid(100), 0.4), I_range=(0, 1))
    line = axes[1].get_lines()[0]
    assert line.get_drawstyle() == "steps-post"
    assert mpl.colors.to_hex(line.get_color()).upper() == nb.COLORS["I"]


def test_trials_are_refused_in_words():
    recording = lif.simulate(NEURON, lif.time_grid(100), np.array([[0.1], [0.3]]))
    with pytest.raises(
        ValueError, match=r"V of shape \(2, 1001\) must be a single trial"
    ):
        nb.plot_recording(recording, plt.subplots()[1])


def test_axes_carry_units_limits_and_levels():
    _, axes = nb.voltage_axes(NEURON, 250, V_range=(-90, -20), I_range=(-1, 1))
    assert [ax.get_ylabel() for ax in axes] == ["V (mV)", "I (nA)"]
    assert axes[1].get_xlabel() == "time t (ms)"
    assert (axes[0].get_xlim(), axes[0].get_ylim()) == ((0, 250), (-90, -20))
    assert [text.get_text() for text in axes[0].texts] == [
        "rest $E_L$",
        "threshold $V_{th}$",
    ]
    assert [text.get_position()[1] for text in axes[0].texts] == [
        NEURON.E_L,
        NEURON.V_th,
    ]
    passive = lif.Neuron(V_th=np.inf)
    assert [text.get_text() for text in nb.voltage_axes(passive, 9)[1].texts] == [
        "rest $E_L$"
    ]


def test_new_axes_keep_limits_given_with_a_scale():
    _, ax = nb.new_axes(
        "dt (ms)", "error (mV)", (0.01, 10), (0.1, 1), xscale="log", yscale="log"
    )
    assert (ax.get_xlim(), ax.get_ylim(), ax.get_xscale()) == (
        (0.01, 10),
        (0.1, 1),
        "log",
    )
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("dt (ms)", "error (mV)")


@pytest.mark.parametrize("V_range", [(-60, -40), (-49, -40), (-45, -40)])
def test_no_level_is_labelled_outside_the_axes(V_range):
    _, ax = nb.voltage_axes(NEURON, 100, V_range=V_range)
    assert all(V_range[0] <= text.get_position()[1] <= V_range[1] for text in ax.texts)


def test_a_single_panel_is_its_axes_and_several_are_a_list():
    panel = ("x", "y", (0, 1), (0, 1))
    single = [
        nb.new_axes(*panel),
        nb.new_panels(panel),
        nb.new_panels(panel, stacked=True),
        nb.voltage_axes(NEURON, 100),
    ]
    assert all(isinstance(ax, mpl.axes.Axes) for _, ax in single)
    several = [
        nb.new_panels(panel, panel),
        nb.new_panels(panel, panel, panel, stacked=True),
        nb.voltage_axes(NEURON, 100, I_range=(0, 1)),
    ]
    assert [len(axes) for _, axes in several] == [2, 3, 2]
    assert all(type(axes) is list for _, axes in several)
    seen = []
    for figure, axes in single + several:
        nb.explore(lambda given, x: seen.append(given), figure, x=nb.choice("x", [1]))
        assert seen[-1] == axes
        recording = lif.simulate(NEURON, lif.time_grid(100), 0.4)
        nb.plot_recording(recording, axes)
        assert len(np.atleast_1d(axes)[0].get_lines()) > 0


def test_a_recording_makes_its_own_axes():
    t = 50 + lif.time_grid(200)
    recording = lif.simulate(NEURON, t, lif.step_current(t, 0.4, 100, 200))
    assert nb.plot_recording(recording) is None
    upper, lower = plt.gcf().axes
    assert (upper.get_ylabel(), lower.get_ylabel()) == ("V (mV)", "I (nA)")
    assert (upper.get_xlabel(), lower.get_xlabel()) == ("", "time t (ms)")
    assert lower.get_xlim() == (50, 250)
    V, I = upper.get_lines()[0].get_ydata(), lower.get_lines()[0].get_ydata()
    np.testing.assert_array_equal(I, recording.I)
    for ax, values in ((upper, V), (lower, I)):
        low, high = ax.get_ylim()
        assert low < values.min()
        assert values.max() < high
    # The marks of the spikes, at 0.86 of the height, stay clear of the line.
    low, high = upper.get_ylim()
    assert V.max() < low + 0.85 * (high - low)


def test_a_recording_that_stands_still_makes_its_own_axes():
    nb.plot_recording(lif.simulate(NEURON, lif.time_grid(100), 0))
    assert [np.ptp(ax.get_ylim()) > 0.1 for ax in plt.gcf().axes] == [True, True]


def test_a_mystery_neurons_recording_is_drawn_as_it_was_sampled():
    t = lif.time_grid(300)
    recording = nb.mystery_neuron(seed=7).record(t, 0.8)
    nb.plot_recording(recording)
    upper = plt.gcf().axes[0]
    np.testing.assert_array_equal(upper.get_lines()[0].get_ydata(), recording.V)
    marks = [segment[0][0] for segment in upper.collections[0].get_segments()]
    assert len(marks) > 2
    np.testing.assert_allclose(marks, recording.spike_times)


def test_listen_refuses_trials_in_words():
    recording = lif.simulate(NEURON, lif.time_grid(100), np.full((2, 1), 0.4))
    with pytest.raises(ValueError, match="single trial"):
        nb.listen(recording)


# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.01182, 0.04294, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.3039],
    ],
}
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]


def lab(color, vision="normal"):
    """A colour in CIELAB, as it is seen with a deficiency."""
    srgb = np.array(mpl.colors.to_rgb(color))
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(VISION[vision]) @ linear, 0, 1)
    xyz = np.array(TO_XYZ) @ seen / (0.9505, 1, 1.089)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
def test_colors_of_quantities_differ_for_every_eye(vision):
    quantities = ["V", "I", "spikes", "excitation", "inhibition", "theory", "level"]
    for first, second in itertools.combinations(quantities, 2):
        difference = np.linalg.norm(
            lab(nb.COLORS[first], vision) - lab(nb.COLORS[second], vision)
        )
        assert difference > 10, f"{first} and {second}: {difference:.1f}"


@pytest.mark.parametrize(
    ("first", "second"),
    [("V", "before"), ("V", "approximation"), ("spikes", "before"), ("theory", "V"),
     ("theory", "spikes"),
     ("theory", "excitation"), ("theory", "inhibition"), ("level", "before")],
)  # fmt: skip
def test_colors_that_share_a_panel_differ_in_grey(first, second):
    assert abs(lab(nb.COLORS[first])[0] - lab(nb.COLORS[second])[0]) > 15


@pytest.mark.parametrize("name", nb.COLORS)
def test_every_color_stands_out_from_the_paper(name):
    lightness = lab(nb.COLORS[name])[0]
    assert lightness < (76 if name == "before" else 72), (
        f"{name}: {lightness:.0f} of 100"
    )


def test_the_measure_of_colors_is_right():
    assert lab("white") == pytest.approx([100, 0, 0], abs=0.1)
    assert lab("#808080")[0] == pytest.approx(53.6, abs=0.1)
    red, green = (
        lab(color, "deuteranopia") for color in ("#B00000", "#506000")
    )  # they look alike to such eyes
    assert (
        np.linalg.norm(red - green)
        < np.linalg.norm(lab("#B00000") - lab("#506000")) / 2
    )


def test_the_charging_curve_solves_the_equation():
    t = np.linspace(0, 100, 100_001)
    V = lif.charging_curve(NEURON, t, 0.15, V0=-60)
    slope = np.gradient(V, t, edge_order=2)
    np.testing.assert_allclose(20 * slope, -(V + 70) + 15, atol=1e-5)
    assert V[0] == -60
    assert V[20_000] == pytest.approx(-60 + (1 - np.exp(-1)) * 5)


def test_panels_stand_side_by_side_or_share_their_time_axis():
    panels = (
        ("time t (ms)", "V (mV)", (1, 10), (-80, -40)),
        ("time t (ms)", "g (nS)", (1, 10), (1, 5)),
    )
    figure, axes = nb.new_panels(*panels)
    for ax, (xlabel, ylabel, xlim, ylim) in zip(axes, panels, strict=True):
        assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xlim(), ax.get_ylim()) == (
            xlabel,
            ylabel,
            xlim,
            ylim,
        )
    assert axes[0].get_position().y0 == axes[1].get_position().y0
    _, stacked = nb.new_panels(*panels, stacked=True, xscale="log")
    assert [ax.get_xlabel() for ax in stacked] == ["", "time t (ms)"]
    assert stacked[0].get_xscale() == stacked[1].get_xscale() == "log"
    assert stacked[0].get_position().x0 == stacked[1].get_position().x0
    assert figure.get_size_inches()[0] > stacked[0].figure.get_size_inches()[0]


def test_a_raster_has_a_row_of_marks_per_train():
    _, ax = nb.new_axes("t (ms)", "trial", (0, 100), (-1, 3))
    trains = [np.array([1.0, 50.0]), np.array([]), np.array([7.0])]
    nb.plot_raster(trains, ax)
    assert [row.get_positions() for row in ax.collections] == [[1, 50], [], [7]]
    plt.close("all")


def test_listen_plays_each_spike_where_it_is():
    recording = lif.simulate(NEURON, lif.time_grid(500), 0.3)
    audio = nb.listen(recording)
    sound = np.frombuffer(audio.data[44:], dtype="<i2")[:-1]
    assert len(sound) == 520 * 8 - 1
    loud = np.flatnonzero(np.abs(sound) > 2000)
    starts = loud[np.diff(loud, prepend=-999) > 50] / 8
    np.testing.assert_allclose(starts, recording.spike_times, atol=0.3)
    assert audio.autoplay is False
