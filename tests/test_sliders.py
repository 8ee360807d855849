"""Live figures without a browser: what they paint, what they keep, and what they
say.
"""

import base64
import io
import tracemalloc

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import lif_helpers as lif
import lif_notebook as nb

GREY = tuple(bytes.fromhex(nb.COLORS["before"][1:]))
BLUE = tuple(bytes.fromhex(nb.COLORS["V"][1:]))


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        nb.use_style()
        yield


def axes_for_line():
    figure, ax = nb.new_axes("x", "y", (0, 10), (0, 10))
    nb.level_line(ax, 5, "five")
    return figure, ax


def draw_line(ax, height, slope=0.0):
    ax.plot([0, 10], [height, height + 10 * slope])
    ax.text(2, 9, f"height {height:g}")
    return f"height {height:g} mV"


def make_line(draw=draw_line):
    figure, _ = axes_for_line()
    return nb.explore(
        draw,
        figure,
        height=nb.slider("height", 2, -5, 9, 1, "mV"),
        slope=nb.slider("slope", 0, -1, 1, 0.1),
    )


def pixels(png):
    return np.asarray(PIL.Image.open(io.BytesIO(png)).convert("RGB")).astype(int)


def fresh_pixels(figure):
    """A figure as matplotlib alone paints it."""
    plt.close(figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def count(png, color):
    return int((np.abs(pixels(png) - color).max(axis=-1) < 12).sum())


# ---- Sliders -------------------------------------------------------------------------


@pytest.mark.parametrize("name", lif.PARAMETERS)
def test_a_slider_knows_a_neurons_parameter(name):
    slider, about = nb.slider(name), lif.PARAMETERS[name]
    assert (slider.min, slider.max, slider.step) == about["range"]
    assert slider.value == getattr(lif.Neuron(), name)
    assert slider.description == f"{about['symbol']} ({about['unit']})"
    assert nb.slider(name, default=slider.max).value == slider.max


def test_other_sliders_carry_symbol_unit_and_enough_decimals():
    slider = nb.slider("I", 0.25, 0, 0.5, 0.01, "nA")
    assert (slider.description, slider.value, slider.readout_format) == (
        "I (nA)",
        0.25,
        ".2f",
    )
    assert [
        nb.slider("x", 0, 0, 9, step).readout_format
        for step in (1, 5, 0.5, 0.05, 0.001)
    ] == [
        ".0f",
        ".0f",
        ".1f",
        ".2f",
        ".3f",
    ]
    assert nb.slider("x", 0, 0, 1, 0.1).description == "x"


def test_a_logarithmic_slider_takes_values_not_exponents():
    slider = nb.slider("c", 1, 0.1, 10, 0.05, "mM", log=True)
    assert (slider.value, slider.min, slider.max, slider.step) == (1, -1, 1, 0.05)


@pytest.mark.parametrize(
    "numbers",
    [(5, 0, 1, 0.1), (-1, 0, 1, 0.1), (0, 0, 1, 0), (None, 0, 1, 1), (0, 0, None, 1)],
)
def test_a_slider_with_impossible_numbers_is_refused(numbers):
    with pytest.raises(
        ValueError,
        match=r"slider q with default .*, in nA, must have low <= default <= high",
    ):
        nb.slider("q", *numbers, unit="nA")


@pytest.mark.parametrize(
    ("numbers", "log"), [((0.25, 0, 1, 0.1), False), ((0.8, 0.1, 10, 0.02), True)]
)
def test_a_default_between_the_steps_is_refused(numbers, log):
    with pytest.raises(
        ValueError,
        match=r"slider q: default .* nA must lie a whole number of steps above 0",
    ):
        nb.slider("q", *numbers, "nA", log=log)


def test_a_choice_starts_with_its_first_option():
    buttons = nb.choice("ion", ["K", "Na"])
    assert (buttons.value, buttons.description) == ("K", "ion")


# ---- Painting ------------------------------------------------------------------------


def test_a_move_paints_what_a_new_figure_would_show():
    live = make_line()
    live.sliders["height"].value = 7
    live._background = live._empty  # without the grey setting before
    live._show()
    figure, ax = axes_for_line()
    draw_line(ax, 7)
    differing = np.argwhere(
        np.abs(pixels(live.image.value) - fresh_pixels(figure)).max(axis=-1) > 2
    )
    assert len(differing) < 20, (
        "only where the line meets the frame, which a new figure paints last"
    )
    assert len(set(differing[:, 1])) <= 4


def test_numbers_and_picture_follow_and_the_last_value_wins():
    live = make_line()
    first = live.image.value
    for height in (3, 8, 1, 6, 9):
        live.sliders["height"].value = height
    assert live.text.value == "<b>height 9 mV</b>"
    assert live.image.value != first
    last = live.image.value
    live.sliders["height"].value = 9
    assert live.image.value is last  # the same value again is no move
    live._background = live._empty
    live._show()
    other = make_line()
    other.sliders["height"].value = 9
    other._background = other._empty
    other._show()
    assert (
        live.image.value == other.image.value
    )  # nothing of the values on the way is left


def test_the_rounding_of_the_browser_is_no_move():
    live = make_line()
    live.sliders["height"].value = 2.0000000000000004
    assert live.before.value == ""
    live.sliders["slope"].value = 0.30000000000000004
    assert live._shown == {"height": 2.0, "slope": 0.3}


def test_nothing_that_draw_added_stays_in_the_figure():
    live = make_line()
    before = [ax.get_children() for ax in live._axes]
    for height in range(9):
        live.sliders["height"].value = height
    assert [ax.get_children() for ax in live._axes] == before
    assert plt.get_fignums() == []


def test_every_move_starts_with_the_first_color():
    live = make_line()
    for height in (3, 4, 7):
        live.sliders["height"].value = height
        assert count(live.image.value, BLUE) > 100


def test_a_minus_in_the_numbers_is_a_minus():
    live = make_line(lambda ax, height, slope: f"V = {height:g} mV, C-14 and 1e-9")
    live.sliders["height"].value = -3
    assert live.text.value == "<b>V = −3 mV, C-14 and 1e-9</b>"


def test_numbers_are_shown_as_text_not_as_html():
    live = make_line(lambda ax, height, slope: "V < V_th & I > 0")
    assert live.text.value == "<b>V &lt; V_th &amp; I &gt; 0</b>"


def test_artists_are_painted_in_the_order_of_their_zorder():
    def draw(ax, height, slope):
        for color, zorder in (
            (nb.COLORS["V"], 2.2),
            ("red", 2.3),
            (nb.COLORS["excitation"], 2.1),
        ):
            ax.plot([2, 8], [7, 7], color=color, linewidth=20, zorder=zorder)

    live = make_line(draw)
    assert count(live.image.value, (255, 0, 0)) > 1000
    assert count(live.image.value, BLUE) == 0


def test_limits_that_nobody_set_stay_too():
    figure, ax = plt.subplots()
    live = nb.explore(
        lambda ax, x: ax.plot([0, x], [0, x]) and None,
        figure,
        x=nb.slider("x", 5, 0, 99, 1),
    )
    live.sliders["x"].value = 99
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 1), (0, 1))


def test_several_axes_come_as_a_list():
    figure, _ = nb.voltage_axes(lif.Neuron(), 100, I_range=(0, 1))
    seen = []
    nb.explore(
        lambda axes, I: seen.append(axes), figure, I=nb.slider("I", 0, 0, 1, 0.1, "nA")
    )
    assert [ax.get_ylabel() for ax in seen[0]] == ["V (mV)", "I (nA)"]


# ---- The setting before --------------------------------------------------------------


def test_the_setting_that_was_let_go_of_turns_grey(clock):
    live = make_line()
    height = live.sliders["height"]
    assert "before" not in live.before.value
    before = count(live.image.value, GREY)
    for value in (3, 4, 5, 8):  # one gesture
        clock.wait(0.1)
        height.value = value
    assert "before: height 2 mV" in live.before.value
    assert count(live.image.value, GREY) > before + 100
    clock.wait(1)
    height.value = 4
    assert "before: height 8 mV" in live.before.value


def test_another_slider_begins_another_gesture(clock):
    live = make_line()
    live.sliders["height"].value = 6
    live.sliders["slope"].value = 0.3
    assert "before: height 6 mV" in live.before.value


def test_a_slow_drawing_does_not_cut_a_gesture(clock):
    def slow(ax, height, slope):
        clock.wait(3)
        return draw_line(ax, height, slope)

    live = make_line(slow)
    live.sliders["height"].value = 5
    live.sliders["height"].value = 6
    assert "before: height 2 mV" in live.before.value


def test_a_slow_drawing_says_that_it_computes(clock):
    said = []

    def slow(ax, height, slope):
        clock.wait(3)
        return draw_line(ax, height, slope)

    live = make_line(slow)
    live.text.observe(lambda change: said.append(change.new), "value")
    live.sliders["height"].value = 5
    assert said == ["<i>computing, about 3 s …</i>", "<b>height 5 mV</b>"]


def test_the_grey_setting_has_lines_in_grey_and_no_text(clock):
    live = make_line(
        lambda ax, height, slope: (
            ax.text(3, height, "XXXXX", color=nb.COLORS["before"]) and None
        )
    )
    only_text = count(live.image.value, GREY)
    live.sliders["height"].value = 6
    assert count(live.image.value, GREY) == pytest.approx(
        only_text, rel=0.05
    )  # "XXXXX" stands at 6 alone


def test_only_the_last_setting_is_grey(clock):
    live = make_line(
        lambda ax, height, slope: (
            ax.plot([2, 8], [height, height], linewidth=5) and None
        )
    )
    height = live.sliders["height"]
    height.value = 3
    one = count(live.image.value, GREY)
    for value in (6, 8, 9):
        clock.wait(1)
        height.value = value
    assert one > 100
    assert count(live.image.value, GREY) == pytest.approx(one, rel=0.05)


def test_markers_and_collections_turn_grey_too(clock):
    def draw(ax, height, slope):
        if height == 2:
            ax.plot(
                [5],
                [5],
                "o",
                markersize=30,
                markerfacecolor="red",
                markeredgecolor="red",
            )
            ax.vlines([2], 1, 4, "red", linewidth=5)
            ax.fill_between([7, 8], 1, 4, color="red")

    live = make_line(draw)
    red = count(live.image.value, (255, 0, 0))
    live.sliders["height"].value = 6
    assert red > 1000
    assert count(live.image.value, (255, 0, 0)) == 0
    assert count(live.image.value, GREY) == pytest.approx(red, rel=0.02)


def test_reset_restores_all_defaults_in_one_drawing(clock):
    drawn = []

    def draw(ax, height, slope):
        drawn.append((height, slope))
        return draw_line(ax, height, slope)

    live = make_line(draw)
    live.sliders["height"].value, live.sliders["slope"].value = 6, 0.5
    drawn.clear()
    live.reset.click()
    assert drawn == [(6, 0.5), (2, 0)]  # the one before in grey, then the default
    assert (live.sliders["height"].value, live.sliders["slope"].value) == (2, 0)
    assert "before: height 6 mV" in live.before.value
    live.sliders["height"].value = 3  # the sliders still work
    assert live.text.value == "<b>height 3 mV</b>"


# ---- Errors --------------------------------------------------------------------------


def test_an_error_is_shown_in_words_and_raised_and_the_next_move_recovers():
    def draw(ax, height, slope):
        ax.plot([0, 1], [0, 1])
        lif.Neuron(V_reset=-75, V_th=-75 + height)
        return draw_line(ax, height, slope)

    live = make_line(draw)
    picture, children = live.image.value, live._axes[0].get_children()
    with pytest.raises(
        ValueError, match="V_reset = -75 mV must lie below V_th = -76 mV"
    ):
        live.sliders["height"].value = -1
    assert (
        "With height = -1, slope = 0: V_reset = -75 mV must lie below V_th = -76 mV"
        in live.error.value
    )
    assert "#B00020" in live.error.value
    assert live.image.value is picture
    assert live._axes[0].get_children() == children
    live.sliders["height"].value = 2  # back to what is still shown
    assert live.error.value == ""
    live.sliders["height"].value = 4
    assert live.text.value == "<b>height 4 mV</b>"


def test_an_error_at_the_default_setting_is_an_ordinary_error():
    with pytest.raises(ZeroDivisionError):
        make_line(lambda ax, height, slope: 1 / slope)


def test_an_error_after_a_change_of_limits_is_the_one_that_is_shown():
    def draw(ax, height, slope):
        if height > 5:
            ax.set_ylim(0, 99)
            raise ValueError("height > 5")

    live = make_line(draw)
    with pytest.raises(ValueError, match="height > 5"):
        live.sliders["height"].value = 6
    assert live._axes[0].get_ylim() == (0, 10)
    assert "height &gt; 5" in live.error.value  # as text, not as HTML


def test_draw_must_leave_the_limits_alone():
    def draw(ax, height, slope):
        if height > 5:
            ax.set_ylim(0, 99)
        return draw_line(ax, height, slope)

    live = make_line(draw)
    with pytest.raises(
        RuntimeError, match="draw must not change the limits of the axes"
    ):
        live.sliders["height"].value = 6
    assert live._axes[0].get_ylim() == (0, 10)
    live.sliders["height"].value = 4
    assert live.text.value == "<b>height 4 mV</b>"


# ---- The output cell -----------------------------------------------------------------


def test_the_output_holds_widgets_and_the_picture_for_pages_without_a_kernel():
    live = make_line()
    bundle = live._repr_mimebundle_()
    assert (
        bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
        == live.box.model_id
    )
    assert base64.b64decode(bundle["image/png"]) == live.image.value
    assert bundle["text/plain"] == "Live figure. height 2 mV"


def test_picture_and_numbers_of_a_later_display_belong_together():
    live = make_line()
    live.sliders["height"].value = 7
    bundle = live._repr_mimebundle_()
    assert bundle["text/plain"] == "Live figure. height 7 mV"
    assert base64.b64decode(bundle["image/png"]) == live.image.value


def test_memory_does_not_grow_with_moves():
    live = make_line()
    slider = live.sliders["height"]
    for value in (3, 4):
        slider.value = value
    tracemalloc.start()
    for k in range(200):
        slider.value = k % 9
    grown = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert grown < 2_000_000


@pytest.mark.parametrize("current", [0.1, 0.4])
def test_both_panels_of_a_recording_are_painted_as_in_a_new_figure(current):
    neuron, t = lif.Neuron(), lif.time_grid(300)

    def new_axes():
        return nb.voltage_axes(neuron, 300, V_range=(-80, -40), I_range=(-0.1, 0.6))

    def draw(axes, I):
        nb.plot_recording(
            lif.simulate(neuron, t, lif.step_current(t, I, 50, 250)), axes
        )

    live = nb.explore(draw, new_axes()[0], I=nb.slider("I", 0.3, 0, 0.5, 0.01, "nA"))
    live.sliders["I"].value = current
    live._background = live._empty
    live._show()
    figure, axes = new_axes()
    draw(axes, current)
    differing = np.abs(pixels(live.image.value) - fresh_pixels(figure)).max(axis=-1) > 2
    assert differing.sum() < 40, "only where a line meets the frame"


def test_a_recording_is_painted_as_in_a_static_figure():
    neuron, t = lif.Neuron(), lif.time_grid(300)

    def draw(axes, I):
        nb.plot_recording(lif.simulate(neuron, t, I), axes)
        return f"I = {I:.2f} nA"

    figure, _ = nb.voltage_axes(neuron, 300, I_range=(0, 0.6))
    live = nb.explore(draw, figure, I=nb.slider("I", 0.3, 0, 0.5, 0.01, "nA"))
    spikes = tuple(bytes.fromhex(nb.COLORS["spikes"][1:]))
    assert count(live.image.value, spikes) > 100
    live.sliders["I"].value = 0.1
    live._background = live._empty
    live._show()
    assert count(live.image.value, spikes) == 0


def test_only_widgets_that_ipywidgets_7_has_too():
    live = make_line()
    kinds = {
        type(w)
        for w in [
            *live.sliders.values(),
            live.box,
            *live.box.children,
            nb.choice("c", ["a"]),
        ]
    }
    assert kinds <= {
        widgets.FloatSlider,
        widgets.VBox,
        widgets.HBox,
        widgets.Image,
        widgets.HTML,
        widgets.ToggleButtons,
    }


# ---- New noise -----------------------------------------------------------------------


def draw_noise(ax, sigma_V, seed):
    noise = np.random.default_rng(seed).standard_normal(11)
    ax.plot(range(11), 5 + sigma_V * noise)
    return f"{noise[0]:.6f} times {sigma_V:.1f}"


def test_only_the_button_draws_new_noise_and_reset_brings_back_the_first():
    sliders = {"sigma_V": nb.slider("σ_V", 1, 0, 2, 0.1, "mV"), "seed": nb.NewNoise()}
    live = nb.explore(draw_noise, axes_for_line()[0], **sliders)
    first, first_picture = live.text.value, live.image.value
    live.sliders["sigma_V"].value = 2.0
    assert live.text.value.split(" times")[0] == first.split(" times")[0]
    live.sliders["sigma_V"].value = 1.0
    seen = {first}
    for _ in range(3):
        live.sliders["seed"].click()
        assert live.text.value not in seen
        assert (
            first.removeprefix("<b>").removesuffix("</b>") in live.before.value
            or len(seen) > 1
        )
        seen.add(live.text.value)
    live.reset.click()
    assert live.text.value == first
    assert live.sliders["seed"].value == 1
    live.sliders["seed"].click()
    assert live.text.value in seen  # the second noise is always the same too
    assert live.image.value != first_picture


def test_an_option_that_a_widget_does_not_know_is_an_error():
    """Older ipywidgets, as in Colab, only warn and drop it: the tests there turn the
    warning into an error.
    """
    with pytest.raises(
        (DeprecationWarning, TypeError), match=r"[Pp]assing unrecognized arguments"
    ):
        widgets.FloatSlider(colour="red")
