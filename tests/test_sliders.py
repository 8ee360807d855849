"""Live figures without a browser: what they paint, what they keep, and what they
say.
"""

import base64
import io
import re
import tracemalloc

import ipywidgets as widgets
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import lif_figures as figures
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


def fresh_pixels(figure, draw, before, values, dpi=200):
    """A figure as matplotlib alone paints it, with a setting in grey below another."""
    axes = figure.axes if len(figure.axes) > 1 else figure.axes[0]
    still = {artist for ax in figure.axes for artist in ax.get_children()}
    draw(axes, **before)
    for ax in figure.axes:
        for artist in set(ax.get_children()) - still:
            if isinstance(artist, mpl.text.Text):
                artist.remove()
            else:
                artist.set_color(nb.COLORS["before"])
                artist.set_linewidth(np.minimum(artist.get_linewidth(), 1.2))
                artist.set_label("_before")
        ax.set_prop_cycle(None)
    draw(axes, **values)
    plt.close(figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    figure.set_layout_engine("none")
    for ax in figure.axes:
        shown = figures.data_artists(ax)
        figures.name_curves(ax, [a for a in shown if a.get_label() != "_before"])
    figure.dpi = dpi
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].astype(int)


def differing(live, fresh):
    """Where a live figure differs from a fresh one."""
    return np.argwhere(np.abs(pixels(sharp(live)) - fresh).max(axis=-1) > 16)


def text(live):
    return live.text.value.removeprefix("<b>").removesuffix("</b>")


def sharp(live):
    """The picture of a live figure once it rests."""
    live.rest()
    return live.image.value


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
        nb.slider("x", 0, 0, 10, step).readout_format
        for step in (1, 5, 0.5, 0.05, 0.001, 0.25, 2.5, 0.025)
    ] == [".0f", ".0f", ".1f", ".2f", ".3f", ".2f", ".1f", ".3f"]
    assert nb.slider("x", 0, 0, 1, 0.1).description == "x"


def test_a_logarithmic_slider_takes_values_not_exponents():
    slider = nb.slider("c", 1, 0.1, 10, 0.05, "mM", log=True)
    assert (slider.value, slider.min, slider.max, slider.step) == (1, -1, 1, 0.05)


def test_a_logarithmic_sliders_readout_says_1024_and_not_1_02e3():
    powers = nb.slider("n", 8, 8, 1024, np.log10(2), log=True)
    halves = nb.slider("d", 8, 0.5, 1024, np.log10(2), log=True)
    finer = nb.slider("nu", 10, 1, 100, 0.1, "Hz", log=True)
    formats = [slider.readout_format for slider in (powers, halves, finer)]
    assert formats == [".0f", ".3g", ".3g"]
    assert format(10**powers.max, powers.readout_format) == "1024"


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


@pytest.mark.parametrize(
    ("low", "high", "step"),
    [
        (0, 10, 0.01),
        (0, 10, 2.5),
        (0.05, 0.95, 0.1),
        (0, 2 * np.pi, np.pi / 8),
        (-np.pi, np.pi, np.pi / 8),
        (0, 1, 1 / 3),
        (0, 3e-6, 1e-6),
        (0, 3e-7, 1e-7),
        (0, 1e-3, 1e-6),
        (0, 1e-3, 1e-8),
        (0, 2e-12, 1e-13),
        (0, 30_000, 1000),
    ],
)
def test_the_readout_tells_all_steps_apart(low, high, step):
    slider = nb.slider("x", low, low, high, step)
    steps = round((high - low) / step)
    values = low + np.arange(max(0, steps - 1000), steps + 1) * step
    written = [format(value, slider.readout_format) for value in values]
    assert len(set(written)) == len(values)
    errors = np.abs(np.array(written, float) - values)
    assert (errors < step / 50).all()
    assert max(map(len, written)) < 12


@pytest.mark.parametrize(
    ("numbers", "log", "words"),
    [
        ((0, 0, 1, 0.3), False, "high 1 nA .* above 0 nA; next to it are 0.9 and 1.2"),
        ((1, 0.1, 9, 0.5), True, "high 9 nA .* next to it are 3.16228 and 10"),
        ((0, 0, np.inf, 1), False, "must have low <= default <= high"),
        ((0, 0, np.nan, 1), False, "must have low <= default <= high"),
        ((1, 0, 10, 0.1), True, "must have 0 < low <= default <= high"),
    ],
)
def test_a_range_that_no_step_ends_is_refused_in_words(numbers, log, words):
    with pytest.raises(ValueError, match=f"slider q.*{words}"):
        nb.slider("q", *numbers, "nA", log=log)


@pytest.mark.parametrize("number", ["0.3", [0.3], True, (0, 1)])
def test_a_sliders_numbers_must_be_numbers(number):
    with pytest.raises(TypeError, match="slider q: default must be a number, not"):
        nb.slider("q", number, 0, 1, 0.1)


def test_a_slider_without_its_name_is_told_to_have_one():
    with pytest.raises(TypeError, match=r"name: write nb.slider\(\"I\".* of 0.3"):
        nb.slider(0.3, 0, 1, 0.1)


def test_a_choice_starts_with_its_first_option():
    buttons = nb.choice("ion", ["K", "Na"])
    assert (buttons.value, buttons.description) == ("K", "ion")


# ---- Painting ------------------------------------------------------------------------


def test_a_move_paints_what_a_new_figure_would_show():
    live = make_line()
    live.sliders["height"].value = 7
    figure, _ = axes_for_line()
    fresh = fresh_pixels(figure, draw_line, {"height": 2}, {"height": 7})
    places = differing(live, fresh)
    assert len(places) < 20, (
        "only where a line meets the frame, which a new figure paints last"
    )
    assert len(set(places[:, 1])) <= 4


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
    other = make_line()
    other.sliders["height"].value = 9
    # Nothing of the values on the way is left.
    np.testing.assert_array_equal(pixels(last), pixels(other.image.value))


def test_the_rounding_of_the_browser_is_no_move():
    live = make_line()
    live.sliders["height"].value = 2.0000000000000004
    assert live.before.value == ""
    live.sliders["slope"].value = 0.30000000000000004
    assert live.setting == {"height": 2.0, "slope": 0.3}


def test_nothing_that_draw_added_stays_in_the_figure():
    live = make_line()
    before = [ax.get_children() for ax in live.axes]
    for height in range(9):
        live.sliders["height"].value = height
    assert [ax.get_children() for ax in live.axes] == before
    assert plt.get_fignums() == []


def test_every_move_starts_with_the_first_color():
    live = make_line()
    for height in (3, 4, 7):
        live.sliders["height"].value = height
        assert count(sharp(live), BLUE) > 100


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
    assert count(sharp(live), (255, 0, 0)) > 1000
    assert count(sharp(live), BLUE) == 0


def test_bars_leave_nothing_behind():
    live = make_line(lambda ax, height, slope: ax.bar([1], [9], label="h") and "")
    for height in range(9):
        live.sliders["height"].value = height
    assert len(live.axes[0].containers) == 0


def test_a_legend_of_bars_has_one_entry_at_every_move():
    entries = []

    def draw(ax, height, slope):
        ax.bar([1], [height], label="h")
        entries.append(len(ax.legend().get_texts()))

    live = make_line(draw)
    for height in range(4):
        live.sliders["height"].value = height
    assert set(entries) == {1}


def test_what_draw_adds_to_the_figure_is_painted_and_taken_out():
    def draw(ax, height, slope):
        ax.figure.text(0.4, 0.4, f"{height}", fontsize=40)

    live = make_line(draw)
    figure = live.axes[0].figure
    before, picture = len(figure.get_children()), live.image.value
    live.sliders["height"].value = 7
    assert len(figure.get_children()) == before
    assert live.image.value != picture


def test_two_live_figures_of_one_figure_paint_their_own_pictures():
    figure, _ = axes_for_line()
    sliders = [{"height": nb.slider("h", 2, -5, 9, 1)} for _ in range(2)]
    first, second = (nb.explore(draw_line, figure, **each) for each in sliders)
    first.sliders["height"].value = 7
    second.sliders["height"].value = 4
    alone = nb.explore(
        draw_line, axes_for_line()[0], height=nb.slider("h", 2, -5, 9, 1)
    )
    alone.sliders["height"].value = 7
    np.testing.assert_array_equal(pixels(first.image.value), pixels(alone.image.value))


def test_the_palette_keeps_the_colors_of_thin_and_rare_marks():
    def draw(ax, x):
        for k, color in enumerate(nb.COLORS.values()):
            ax.vlines([k + x], 1, 3, color, linewidth=1.5, antialiased=False)
            ax.plot([k + x], [4], "s", color=color, markersize=3)
            ax.fill_between([k + 0.1, k + 0.9], 6, 8, color=color, alpha=0.5)
            ax.plot([1, 9], [9, 9.2 + k / 15], color=color)

    live = nb.explore(draw, axes_for_line()[0], x=nb.slider("x", 0.6, 0, 1, 0.1))
    live.sliders["x"].value = 0.5  # a draft, which has a palette
    before, values = {"x": 0.6}, {"x": 0.5}
    wanted = fresh_pixels(axes_for_line()[0], draw, before, values, dpi=100)
    error = np.abs(pixels(live.image.value) - wanted).max(axis=-1)
    for name, color in nb.COLORS.items():
        there = (wanted == tuple(bytes.fromhex(color[1:]))).all(axis=-1)
        assert there.sum() > 20
        assert error[there].max() <= 4, name
    assert (error > 16).mean() < 0.001
    assert (error > 48).mean() < 0.0001


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
    before = count(sharp(live), GREY)
    for value in (3, 4, 5, 8):  # one gesture
        clock.wait(0.1)
        height.value = value
    assert "before, at height = 2 mV: height 2 mV" in live.before.value
    assert count(sharp(live), GREY) > before + 100
    clock.wait(1)
    height.value = 4
    assert "before, at height = 8 mV: height 8 mV" in live.before.value


def test_another_slider_begins_another_gesture(clock):
    live = make_line()
    live.sliders["height"].value = 6
    live.sliders["slope"].value = 0.3
    assert "before, at slope = 0.0: height 6 mV" in live.before.value


def test_a_slow_drawing_does_not_cut_a_gesture(clock):
    def slow(ax, height, slope):
        clock.wait(3)
        return draw_line(ax, height, slope)

    live = make_line(slow)
    live.sliders["height"].value = 5
    live.sliders["height"].value = 6
    assert "before, at height = 2 mV: height 2 mV" in live.before.value


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
    only_text = count(sharp(live), GREY)
    live.sliders["height"].value = 6
    assert count(sharp(live), GREY) == pytest.approx(
        only_text, rel=0.05
    )  # "XXXXX" stands at 6 alone


def test_the_first_move_of_a_gesture_draws_once():
    drawn = []

    def draw(ax, height, slope):
        drawn.append(height)
        return draw_line(ax, height, slope)

    live = make_line(draw)
    for height in (3, 4):
        live.sliders["height"].value = height
    assert drawn == [2, 3, 4]


def test_the_grey_setting_is_the_one_shown_when_another_has_failed(clock):
    def draw(ax, height, slope):
        if height == 9:
            raise ValueError("too high")
        return draw_line(ax, height, slope)

    live = make_line(draw)
    live.sliders["height"].value = 5
    with pytest.raises(ValueError, match="too high"):
        live.sliders["height"].value = 9
    clock.wait(1)
    live.sliders["height"].value = 7
    assert live.setting_before == {"height": 5, "slope": 0}
    figure, _ = axes_for_line()
    fresh = fresh_pixels(figure, draw_line, {"height": 5}, {"height": 7})
    assert len(differing(live, fresh)) < 20


def draw_up_to_eight(ax, height, slope=0.0):
    if height > 8:
        raise ValueError("too high")
    return draw_line(ax, height, slope)


def test_what_is_still_shown_after_a_failure_keeps_its_colors(clock):
    live = make_line(draw_up_to_eight)
    live.sliders["height"].value = 5
    clock.wait(1)
    live.sliders["height"].value = 7
    live.sliders["slope"].value = 0.1
    with pytest.raises(ValueError, match="too high"):
        live.sliders["height"].value = 9  # begins another gesture
    setting = {"height": 7, "slope": 0.1}
    figure, _ = axes_for_line()
    fresh = fresh_pixels(figure, draw_line, {"height": 7}, setting)
    assert len(differing(live, fresh)) < 20
    live.play.click()
    film = PIL.Image.open(io.BytesIO(live.image.value))
    film.seek(film.n_frames - 1)
    last = np.asarray(film.convert("RGB")).astype(int)
    assert (np.abs(last - fresh).max(axis=-1) > 40).sum() < 20


def test_the_line_before_says_where_its_sliders_stood(clock):
    ions = nb.choice("ion", ["K", "Na"])
    live = nb.explore(
        lambda ax, ion, c, E_L, seed: {"E": (-90.12, "mV")},
        axes_for_line()[0],
        ion=ions,
        c=nb.slider("c", 8, 8, 1024, np.log10(2), log=True),
        E_L=nb.slider("E_L"),
        seed=nb.NewNoise(),
    )
    live.sliders["E_L"].value = -65
    assert "before, at E_L = −70 mV: E −90.1 mV" in live.before.value
    live.sliders["c"].value = 1024
    live.sliders["seed"].click()
    assert "before, at noise number 1: E" in live.before.value
    ions.value = "Na"
    live.reset.click()
    told = "before, at ion = Na, c = 1024, E_L = −65 mV, noise number 2: E −90.1 mV"
    assert told in live.before.value


def test_only_the_last_setting_is_grey(clock):
    live = make_line(
        lambda ax, height, slope: (
            ax.plot([2, 8], [height, height], linewidth=5) and None
        )
    )
    height = live.sliders["height"]
    height.value = 3
    one = count(sharp(live), GREY)
    for value in (6, 8, 9):
        clock.wait(1)
        height.value = value
    assert one > 100
    assert count(sharp(live), GREY) == pytest.approx(one, rel=0.05)


def test_markers_and_collections_turn_grey_too(clock):
    def draw_marks(ax, height, slope, color="red"):
        if height == 2:
            ax.plot([5], [5], "o", color=color, markersize=30)
            ax.fill_between([7, 8], 1, 4, color=color)
            ax.vlines([2, 3], 1, 8, color=color, linewidth=1)

    live = make_line(draw_marks)
    assert count(sharp(live), (255, 0, 0)) > 1000
    live.sliders["height"].value = 6
    figure, ax = axes_for_line()
    draw_marks(ax, 2, 0, color=nb.COLORS["before"])
    fresh = fresh_pixels(
        figure, draw_marks, {"height": 6, "slope": 0}, {"height": 6, "slope": 0}
    )
    assert len(differing(live, fresh)) == 0


def test_a_scatter_colored_by_value_turns_grey(clock):
    def draw(ax, height, slope):
        if height == 2:
            ax.scatter([3, 6], [5, 5], s=2000, c=[0, 1], cmap="viridis")

    live = make_line(draw)
    live.sliders["height"].value = 3
    assert count(sharp(live), GREY) > 1000


def test_the_slider_moved_last_begins_a_gesture_after_a_reset(clock):
    live = make_line()
    live.sliders["height"].value = 6
    live.reset.click()
    live.sliders["height"].value = 7
    assert live.setting_before == {"height": 2, "slope": 0}


def test_a_second_reset_keeps_the_setting_before():
    live = make_line()
    live.sliders["height"].value = 6
    live.reset.click()
    picture = live.image.value
    live.reset.click()
    assert live.setting_before == {"height": 6, "slope": 0}
    assert live.image.value == picture


def test_reset_draws_anew_what_a_later_cell_has_changed():
    factor = [1]
    live = make_line(lambda ax, height, slope: f"{factor[0] * height:g}")
    factor[0] = 3
    live.reset.click()
    assert text(live) == "6"


def test_reset_restores_all_defaults_in_one_drawing(clock):
    drawn = []

    def draw(ax, height, slope):
        drawn.append((height, slope))
        return draw_line(ax, height, slope)

    live = make_line(draw)
    live.sliders["height"].value, live.sliders["slope"].value = 6, 0.5
    drawn.clear()
    live.reset.click()
    assert drawn == [(2, 0)]
    assert (live.sliders["height"].value, live.sliders["slope"].value) == (2, 0)
    assert "before, at height = 6 mV, slope = 0.5: height 6 mV" in live.before.value
    live.sliders["height"].value = 3  # the sliders still work
    assert live.text.value == "<b>height 3 mV</b>"


# ---- Errors --------------------------------------------------------------------------


def test_an_error_is_shown_in_words_and_raised_and_the_next_move_recovers():
    def draw(ax, height, slope):
        ax.plot([0, 1], [0, 1])
        lif.Neuron(V_reset=-75, V_th=-75 + height)
        return draw_line(ax, height, slope)

    live = make_line(draw)
    picture, children = live.image.value, live.axes[0].get_children()
    with pytest.raises(
        ValueError, match="V_reset = -75 mV must lie below V_th = -76 mV"
    ):
        live.sliders["height"].value = -1
    assert (
        "With height = −1 mV, slope = 0.0: V_reset = −75 mV must lie below V_th"
        in live.error.value
    )
    assert "#B00020" in live.error.value
    assert live.image.value is picture
    assert live.axes[0].get_children() == children
    live.sliders["height"].value = 2  # back to what is still shown
    assert live.error.value == ""
    live.sliders["height"].value = 4
    assert live.text.value == "<b>height 4 mV</b>"


def test_an_error_is_shown_too_when_the_setting_before_would_fail():
    """As after `del` of a name that draw uses, or a restarted kernel's missing cell."""
    shared = {"gain": 1}

    def draw(ax, height, slope):
        return f"{shared['gain'] * height:g}"

    live = make_line(draw)
    del shared["gain"]
    for height in (3, 4):
        with pytest.raises(KeyError):
            live.sliders["height"].value = height
        assert f"With height = {height} mV, slope = 0.0: KeyError" in live.error.value
        assert text(live) == "2"
    shared["gain"] = 1
    live.sliders["height"].value = 5
    assert (text(live), live.error.value) == ("5", "")


def test_an_interrupted_drawing_says_so(clock):
    def draw(ax, height, slope):
        clock.wait(3)
        if height == 3:
            raise KeyboardInterrupt
        return f"{height}"

    live = make_line(draw)
    with pytest.raises(KeyboardInterrupt):
        live.sliders["height"].value = 3
    assert "With height = 3 mV, slope = 0.0: KeyboardInterrupt<" in live.error.value
    assert text(live) == "2.0"
    live.sliders["height"].value = 4
    assert (text(live), live.error.value) == ("4.0", "")


def test_the_error_takes_the_place_of_computing(clock):
    def slow(ax, height, slope):
        clock.wait(3)
        return f"{1 / height:.2f}"

    live = make_line(slow)
    with pytest.raises(ZeroDivisionError):
        live.sliders["height"].value = 0
    assert text(live) == "0.50"  # of the picture that is still shown
    assert "ZeroDivisionError: float division by zero" in live.error.value


def test_it_says_computing_before_slow_work(clock):
    seen = []

    def slow(ax, height, slope):
        clock.wait(3)
        if live:
            seen.append(live.text.value)
        return f"{height}"

    live = None
    live = make_line(slow)
    live.sliders["height"].value = 5
    assert seen == ["<i>computing, about 3 s …</i>"]


def luminance(color):
    srgb = np.array(bytearray.fromhex(color[1:])) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return linear @ (0.2126, 0.7152, 0.0722)


def test_an_error_is_readable_on_any_page():
    live = make_line(lambda ax, height, slope: f"{1 / height:.1f}")
    with pytest.raises(ZeroDivisionError):
        live.sliders["height"].value = 0
    words, paper = re.findall(r"#[0-9A-F]{6}", live.error.value)
    assert (luminance(paper) + 0.05) / (luminance(words) + 0.05) > 4.5
    assert int(words[1:3], 16) > 3 * max(int(words[3:5], 16), int(words[5:], 16))


def test_draw_may_move_another_slider_and_the_picture_follows():
    def draw(ax, height, slope):
        if live and height > 5:
            live.sliders["slope"].value = 0.5
        ax.plot([0, 10], [height, height + 10 * slope])
        return f"{height:g}, {slope:g}"

    live = None
    live = make_line(draw)
    live.sliders["height"].value = 6
    assert text(live) == "6, 0.5"
    assert live.setting == {"height": 6, "slope": 0.5}


def test_draw_that_moves_its_sliders_without_end_is_told():
    def draw(ax, height, slope):
        if live:
            live.sliders["slope"].value = -slope or 0.1

    live = None
    live = make_line(draw)
    with pytest.raises(RuntimeError, match="moves its own sliders without end"):
        live.sliders["height"].value = 6
    assert "without end" in live.error.value


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
    assert live.axes[0].get_ylim() == (0, 10)
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
    assert live.axes[0].get_ylim() == (0, 10)
    live.sliders["height"].value = 4
    assert live.text.value == "<b>height 4 mV</b>"


HABITS = {
    "clear": (lambda ax: ax.clear(), "must not clear the axes"),
    "cla": (lambda ax: ax.cla(), "must not clear the axes"),
    "title": (lambda ax: ax.set_title("now"), "titles and labels"),
    "xlabel": (lambda ax: ax.set_xlabel("now"), "titles and labels"),
    "ylabel": (lambda ax: ax.set(ylabel="now"), "titles and labels"),
    "xlim": (lambda ax: ax.set_xlim(0, 99), "limits of the axes; set them before"),
    "log": (lambda ax: ax.set_yscale("log"), "limits of the axes"),
    "autoscale": (
        lambda ax: (ax.plot([0, 99], [0, 99]), ax.autoscale()),
        "limits of the axes",
    ),
}


@pytest.mark.parametrize("habit", HABITS)
def test_what_would_not_be_seen_or_would_stay_is_refused_in_words(habit):
    act, words = HABITS[habit]

    def draw(ax, height, slope):
        if height > 5:
            act(ax)
        return draw_line(ax, height, slope)

    live = make_line(draw)
    ax = live.axes[0]
    before = ax.axis(), ax.get_yscale(), ax.get_xlabel()
    picture = live.image.value
    with pytest.raises(RuntimeError, match=words):
        live.sliders["height"].value = 6
    assert words in live.error.value
    assert live.image.value is picture
    if "clear" in words:  # nothing can bring back what is gone
        with pytest.raises(RuntimeError, match="run this cell again"):
            live.sliders["height"].value = 4
    else:
        assert (ax.axis(), ax.get_yscale(), ax.get_xlabel()) == before
        live.sliders["height"].value = 4
        assert text(live) == "height 4 mV"


@pytest.mark.parametrize(
    "act",
    [
        lambda: plt.plot([0, 1]),
        lambda: plt.figure(),
        lambda: plt.subplots(),
        lambda: plt.title("now"),
    ],
)
def test_pyplot_in_draw_is_refused_in_words_and_leaves_no_figure(act):
    others = plt.get_fignums()
    with pytest.raises(RuntimeError, match=r"ax.plot\(…\) in place of plt.plot"):
        make_line(lambda ax, height, slope: act() and "")
    assert plt.get_fignums() == others


def test_figures_that_stood_before_stay():
    other = plt.figure()
    make_line()
    assert plt.fignum_exists(other.number)
    plt.close(other)


def test_plt_show_in_draw_is_refused_in_words():
    def draw(ax, height, slope):
        ax.plot([0, 10], [height, height])
        plt.show()

    with pytest.raises(TypeError, match=r"draw must not call plt\.show"):
        make_line(draw)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((0, 1, 0.1), r'x=nb.slider\("x", default, low, high, step, unit\)'),
        (0.3, r'x=nb.slider\("x", .*or set x within draw'),
        (widgets.fixed(3), "or set x within draw"),
        (["K", "Na"], r"x=nb.choice\(\"x\", \['K', 'Na'\]\)"),
        ({"K": 1, "Na": 2}, r"x=nb.choice\(\"x\", \['K', 'Na'\]\)"),
        ("K", r"x=nb.choice\(\"x\", \['K'\]\)"),
        (True, r'x=nb.choice\("x", \[True, False\]\)'),
        (nb.NewNoise, r"x=nb.NewNoise\(\), with brackets"),
        (None, "or set x within draw"),
    ],
)
def test_what_is_no_slider_is_told_what_to_write(given, words):
    with pytest.raises(TypeError, match=rf"x = .* is no slider: .*{words}"):
        nb.explore(lambda ax, x: "", axes_for_line()[0], x=given)
    plt.close("all")


def test_a_slider_without_a_name_is_told_so():
    slider = nb.slider("I", 0, 0, 1, 0.1)
    with pytest.raises(TypeError, match="each slider needs a name"):
        nb.explore(lambda ax, I: "", axes_for_line()[0], slider)
    plt.close("all")


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (lambda height, slope: "", r"def <lambda>\(axes, height, slope\)"),
        (lambda ax, height: "", r"\(axes, height, slope\)"),
        (lambda ax, height, slope, R: "", r"\(ax, height, slope, R\) and the sliders"),
        (lambda: "", "do not fit together"),
        ("height 2 mV", "its name without brackets"),
        (None, "its name without brackets"),
    ],
)
def test_a_draw_that_does_not_fit_its_sliders_is_told_so(draw, words):
    with pytest.raises(TypeError, match=words):
        make_line(draw)
    plt.close("all")


def test_draw_may_take_any_sliders_and_have_arguments_of_its_own():
    assert text(make_line(lambda ax, R=5, **values: f"{R} {sorted(values)}")) == (
        "5 [&#x27;height&#x27;, &#x27;slope&#x27;]"
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: axes_for_line()[1], "give the figure, not its axes"),
        (lambda: [axes_for_line()[1]], "give the figure, not its axes"),
        (axes_for_line, "first then|write figure, axes = nb.new_axes"),
        (lambda: draw_line, "first comes the function that draws, then the figure"),
        (lambda: None, "make one with figure, axes = nb.new_axes"),
    ],
)
def test_what_is_no_figure_is_told_so(wrong, words):
    figure = wrong() if wrong is not axes_for_line else axes_for_line()
    with pytest.raises(TypeError, match=f"explore needs a figure, not .*: .*{words}"):
        nb.explore(draw_line, figure, height=nb.slider("height", 2, -5, 9, 1))
    plt.close("all")


def test_a_figure_without_axes_is_told_so():
    with pytest.raises(ValueError, match="a figure with axes"):
        nb.explore(draw_line, plt.figure(), height=nb.slider("height", 2, -5, 9, 1))
    plt.close("all")


# ---- Named numbers -------------------------------------------------------------------


def shown(answer):
    live = make_line(lambda ax, height, slope: answer)
    return text(live), live.numbers


def test_named_numbers_are_written_and_can_be_asked_for():
    line, numbers = shown(
        {
            "rate": (12.345, "Hz"),
            "spikes": 7,
            "CV": (0.4567, "", ".2f"),
            "first spike": "none",
            "E": (-70.04, "mV"),
            "phase": (-29.7, "°", ".0f"),
        }
    )
    assert line == (
        "rate 12.3 Hz · spikes 7 · CV 0.46 · first spike none · E −70.0 mV · phase −30°"
    )
    assert numbers == {
        "rate": 12.345,
        "spikes": 7,
        "CV": 0.4567,
        "first spike": "none",
        "E": -70.04,
        "phase": -29.7,
    }


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (7, "7"),
        (1234567, "1234567"),
        (np.int64(12), "12"),
        (0.0, "0"),
        (-0.0, "0"),
        (12.0, "12.0"),
        (9.999, "10.0"),
        (99.96, "100"),
        (123.45, "123"),
        (1234.5678, "1235"),
        (0.0123456, "0.0123"),
        (0.000123456, "0.000123"),
        (-1.5, "−1.50"),
        (np.float32(2.5), "2.50"),
        (np.array(2.5), "2.50"),
        (1.234e-7, "1.23e-07"),
        (123456789.0, "1.23e+08"),
    ],
)
def test_a_number_is_written_with_three_digits(number, written):
    assert shown({"x": number})[0] == f"x {written}"


def test_a_text_has_no_numbers_and_nothing_is_an_empty_line():
    assert shown("all quiet") == ("all quiet", {})
    assert shown(None) == ("", {})
    assert shown({}) == ("", {})


@pytest.mark.parametrize("answer", [3.5, [1, 2], ("rate", 3)])
def test_an_answer_of_another_kind_is_refused_in_words(answer):
    with pytest.raises(TypeError, match="draw must return its numbers by name"):
        make_line(lambda ax, height, slope: answer)


@pytest.mark.parametrize("entry", [[1], None, True, 1j, np.zeros(2), (None, "Hz")])
def test_a_number_of_another_kind_is_refused_by_its_name(entry):
    with pytest.raises(TypeError, match='the number "rate" of draw must be a number'):
        make_line(lambda ax, height, slope: {"rate": entry})


def test_a_setting_with_a_wrong_answer_is_not_painted():
    live = make_line(lambda ax, height, slope: height if height > 5 else f"{height:g}")
    picture = live.image.value
    with pytest.raises(TypeError, match="draw must return"):
        live.sliders["height"].value = 6
    assert (live.image.value, text(live)) == (picture, "2")


def test_values_with_many_digits_reach_draw():
    slider = nb.slider("x", 0, 0, 2, 0.0001)
    live = nb.explore(lambda ax, x: {"x": (x, "", ".4f")}, axes_for_line()[0], x=slider)
    slider.value = 1.2347
    assert live.numbers == {"x": 1.2347}
    assert text(live) == "x 1.2347"


# ---- The output cell -----------------------------------------------------------------


def test_the_output_holds_widgets_and_the_picture_for_pages_without_a_kernel():
    live = make_line()
    bundle, about = live._repr_mimebundle_()
    words = {"alt": "Live figure. height 2 mV", "width": 780, "height": 420}
    assert about == {"image/png": words}
    assert (
        bundle["application/vnd.jupyter.widget-view+json"]["model_id"]
        == live.box.model_id
    )
    assert base64.b64decode(bundle["image/png"]) == live.image.value
    assert bundle["text/plain"] == "Live figure. height 2 mV"


def test_picture_and_numbers_of_a_later_display_belong_together():
    live = make_line()
    live.sliders["height"].value = 7
    bundle, about = live._repr_mimebundle_()
    assert bundle["text/plain"] == "Live figure. height 7 mV"
    assert about["image/png"]["alt"] == "Live figure. height 7 mV"
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
    fresh = fresh_pixels(new_axes()[0], draw, {"I": 0.3}, {"I": current})
    assert len(differing(live, fresh)) < 60, "only where a line meets the frame"


def test_a_recording_is_painted_as_in_a_static_figure():
    neuron, t = lif.Neuron(), lif.time_grid(300)

    def draw(axes, I):
        nb.plot_recording(lif.simulate(neuron, t, I), axes)
        return f"I = {I:.2f} nA"

    figure, _ = nb.voltage_axes(neuron, 300, I_range=(0, 0.6))
    live = nb.explore(draw, figure, I=nb.slider("I", 0.3, 0, 0.5, 0.01, "nA"))
    spikes = tuple(bytes.fromhex(nb.COLORS["spikes"][1:]))
    assert count(sharp(live), spikes) > 100
    live.sliders["I"].value = 0.1
    assert count(sharp(live), spikes) == 0


def inside(box):
    """All widgets in a box, and in those in it."""
    for child in getattr(box, "children", ()):
        yield child
        yield from inside(child)


def test_only_widgets_that_ipywidgets_7_has_too():
    live = make_line()
    kinds = {
        type(w)
        for w in [
            *live.sliders.values(),
            live.box,
            *inside(live.box),
            nb.choice("c", ["a"]),
        ]
    }
    assert kinds <= {
        widgets.Audio,
        widgets.Box,
        widgets.Button,
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
