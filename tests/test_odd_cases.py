"""Odd things that a draw function or a slider may do."""

import math

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

import lif_helpers as lif
import lif_notebook as nb

mpl.use("agg")
GREY = tuple(bytes.fromhex(nb.COLORS["before"][1:]))


def make(draw, h=2):
    figure, _ = nb.new_axes("x", "y", (0, 10), (0, 10))
    return nb.explore(
        draw,
        figure,
        h=nb.slider("h", h, 0, 9, 1, "mV"),
        s=nb.slider("s", 0, -1, 1, 0.1),
    )


def test_bars_leave_nothing_behind():
    live = make(lambda ax, h, s: ax.bar([1, 2], [h, h], label="h") and "")
    before = len(live._axes[0].containers)
    for h in range(9):
        live.sliders["h"].value = h
    assert len(live._axes[0].containers) == before == 0


def test_a_legend_of_bars_has_one_entry_at_every_move():
    entries = []

    def draw(ax, h, s):
        ax.bar([1], [h], label="h")
        entries.append(len(ax.legend().get_texts()))

    live = make(draw)
    for h in range(4):
        live.sliders["h"].value = h
    assert set(entries) == {1}


def test_the_error_takes_the_place_of_computing(clock):
    def slow(ax, h, s):
        clock.wait(3)
        return f"{1 / h:.2f}"

    live = make(slow)
    with pytest.raises(ZeroDivisionError):
        live.sliders["h"].value = 0
    assert live.text.value == "<b>0.50</b>"  # the picture that is still shown


def test_it_says_computing_before_any_slow_work(clock):
    seen = []

    def slow(ax, h, s):
        clock.wait(3)
        if live:
            seen.append(live.text.value)
        return f"{h}"

    live = None
    live = make(slow)
    live.sliders["h"].value = 5
    assert len(seen) == 2  # the grey one and the new one
    assert all("computing" in text for text in seen)


def test_a_scatter_colored_by_value_turns_grey(clock):
    def draw(ax, h, s):
        if h == 2:
            ax.scatter([3, 6], [5, 5], s=2000, c=[0, 1], cmap="viridis")

    live = make(draw)
    live.sliders["h"].value = 3
    rgb = np.asarray(live._canvas.buffer_rgba())[..., :3].astype(int)
    assert (np.abs(rgb - GREY).max(axis=-1) < 12).sum() > 1000


def test_draw_that_adds_to_the_figure_is_refused_or_painted():
    live = make(lambda ax, h, s: ax.figure.text(0.4, 0.4, f"{h}", fontsize=40) and "")
    before, picture = len(live._axes[0].figure.get_children()), live.image.value
    live.sliders["h"].value = 7
    assert len(live._axes[0].figure.get_children()) == before
    assert live.image.value != picture


def test_draw_must_return_text():
    with pytest.raises(TypeError, match="draw must return"):
        make(lambda ax, h, s: 3.5)


def test_a_log_slider_from_zero_is_refused_in_words():
    with pytest.raises(ValueError, match="slider c"):
        nb.slider("c", 1, 0, 10, 0.1, log=True)


@pytest.mark.parametrize(
    ("step", "decimals"), [(0.25, ".2f"), (2.5, ".1f"), (0.025, ".3f")]
)
def test_the_readout_shows_every_step(step, decimals):
    assert nb.slider("x", 0, 0, 10, step).readout_format == decimals


@pytest.mark.parametrize("V_range", [(-60, -40), (-49, -40), (-45, -40)])
def test_no_level_is_labelled_outside_the_axes(V_range):
    _, axes = nb.voltage_axes(lif.Neuron(), 100, V_range=V_range)
    assert all(
        V_range[0] <= text.get_position()[1] <= V_range[1] for text in axes[0].texts
    )
    plt.close("all")


def test_listen_refuses_trials_in_words():
    recording = lif.simulate(lif.Neuron(), lif.time_grid(100), np.full((2, 1), 0.4))
    with pytest.raises(ValueError, match="single trial"):
        nb.listen(recording)
    assert math.isfinite(recording.rate.sum())
