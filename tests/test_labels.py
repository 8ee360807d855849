"""Names at the curves: every curve has one, beside it, and none covers anything."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import picture_rules
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lif_figures
import lif_notebook as nb


@pytest.fixture(autouse=True)
def close_figures():
    with plt.rc_context():
        nb.use_style()
        yield
    plt.close("all")


def axes(xlim=(0, 10), ylim=(0, 10)):
    figure, ax = plt.subplots()
    ax.set(xlim=xlim, ylim=ylim, xlabel="x", ylabel="y")
    figure.canvas.draw()
    return ax


def walk(corners, step):
    """Points at most a step apart along an outline (a plain loop, to be sure)."""
    points = [corners[:1]]
    for start, end in itertools.pairwise(corners):
        pieces = int(np.ceil(np.abs(end - start).max() / step))
        shares = np.linspace(0, 1, max(1, min(pieces, 4000)) + 1)[1:, None]
        points.append(start + shares * (end - start))
    return np.vstack(points) if len(corners) else np.empty((0, 2))


def distance(text, artist):
    """From the text's box to the nearest point of the curve, in pixels."""
    box = text.get_window_extent()
    corners = np.vstack(lif_figures.outlines(artist))
    points = walk(corners[np.isfinite(corners).all(axis=1)], 1)
    x = np.maximum(np.maximum(box.x0 - points[:, 0], points[:, 0] - box.x1), 0)
    y = np.maximum(np.maximum(box.y0 - points[:, 1], points[:, 1] - box.y1), 0)
    return np.hypot(x, y).min()


@given(
    st.lists(
        st.tuples(st.floats(0.5, 9.5), st.floats(-1, 1), st.floats(0, 3)),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=60, deadline=None)
def test_random_curves_get_names_that_cover_nothing_and_stand_near(curves):
    plt.close("all")
    ax = axes()
    x = np.linspace(0, 10, 400)
    lines = []
    for k, (height, slope, swing) in enumerate(curves):
        y = np.clip(height + slope * (x - 5) + swing * np.sin(2 * x), 0.05, 9.95)
        lines += ax.plot(x, y, label=f"curve {k}")
    names = lif_figures.name_curves(ax)
    assert [name.get_text() for name in names] == [line.get_label() for line in lines]
    assert picture_rules.problems(ax.figure) == []
    for name, line in zip(names, lines, strict=True):
        assert distance(name, line) < 90


@given(
    st.lists(st.tuples(st.floats(1, 9), st.floats(1, 9)), min_size=1, max_size=5),
    st.floats(4, 30),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_a_name_keeps_clear_of_the_whole_of_a_mark(places, size, is_scatter):
    plt.close("all")
    ax = axes()
    x, y = np.transpose(places)
    ax.plot([0, 10], [5, 5], label="line")
    if is_scatter:
        ax.scatter(x, y, s=size**2, label="marks")
    else:
        ax.plot(x, y, "o", markersize=size, label="marks")
    lif_figures.name_curves(ax)
    radius = size / 2 * ax.figure.dpi / 72
    for name in ax.texts:
        box = name.get_window_extent()
        corners = [[box.x0, box.y0], [box.x1, box.y1]]
        for centre in ax.transData.transform(places):
            gap = np.hypot(*(centre - np.clip(centre, *corners)))
            assert gap > radius - 1
    assert picture_rules.crossed(ax.figure) == []


def test_a_single_curve_has_its_name_within_a_line_of_text():
    ax = axes()
    (line,) = ax.plot([0, 10], [2, 8], label="straight")
    (name,) = lif_figures.name_curves(ax)
    assert distance(name, line) < 12


def test_each_of_two_curves_is_nearer_to_its_own_name():
    ax = axes()
    low, high = (ax.plot([0, 10], [y, y], label=f"{y}")[0] for y in (3, 7))
    for_low, for_high = lif_figures.name_curves(ax)
    assert distance(for_low, low) < distance(for_low, high)
    assert distance(for_high, high) < distance(for_high, low)


def test_artists_without_a_label_get_no_name_and_other_texts_stay_free():
    ax = axes()
    ax.plot([0, 10], [2, 2])
    ax.plot([0, 10], [5, 5], label="named")
    ax.text(7, 5.4, "a note that stands at the curve's end", ha="center")
    (name,) = lif_figures.name_curves(ax)
    assert name.get_text() == "named"
    assert picture_rules.overlapping(ax.figure) == []


def test_marks_bars_bands_and_steps_are_named_too():
    ax = axes()
    ax.plot([1, 2, 3], [8, 8, 8], "o", label="dots")
    ax.vlines([6, 7, 8], 8, 9, label="marks")
    ax.fill_between([0, 10], 1, 2, alpha=0.2, label="band")
    ax.stairs([4, 5, 4], [3, 4, 5, 6], fill=True, alpha=0.4, label="histogram")
    ax.plot([0, 2, 2.5], [4, 6, 4], drawstyle="steps-post", label="steps")
    names = {name.get_text(): name for name in lif_figures.name_curves(ax)}
    assert set(names) == {"dots", "marks", "band", "histogram", "steps"}
    artists = {
        a.get_label(): a for a in (*ax.get_lines(), *ax.collections, *ax.patches)
    }
    for label, name in names.items():
        assert distance(name, artists[label]) < 40
    assert picture_rules.problems(ax.figure) == []


def test_where_the_axes_are_full_the_name_stands_on_white():
    ax = axes()
    x = np.linspace(0, 10, 4000)
    ax.plot(x, 5 + 5 * np.sin(900 * x), linewidth=3, label="noise")
    (name,) = lif_figures.name_curves(ax)
    assert name.get_path_effects()
    assert picture_rules.cut_off(ax.figure) == []


@pytest.mark.parametrize("name", nb.COLORS)
def test_ink_can_be_read_and_keeps_its_hue(name):
    color = np.array(plt.matplotlib.colors.to_rgb(nb.COLORS[name]))
    ink = np.array(lif_figures.ink(nb.COLORS[name]))
    assert lif_figures.contrast(ink, "white") >= 4.5
    assert ink * color.max() == pytest.approx(color * ink.max(), abs=1e-9)


def test_the_contrast_is_that_of_the_standard():
    assert lif_figures.contrast("black", "white") == pytest.approx(21)
    assert lif_figures.contrast("#767676", "white") == pytest.approx(4.54, abs=0.01)
    assert lif_figures.contrast("red", "red") == 1


# ---- The rules find what breaks them -------------------------------------------------


def faulty(**changes):
    """A figure in which all is well but for one thing."""
    ax = axes()
    (line,) = ax.plot([0, 10], [2, 8], label="line")
    (name,) = lif_figures.name_curves(ax)
    ax.text(1, 9, "a note")
    for artist, change in ((line, "line"), (name, "name"), (ax.texts[-1], "note")):
        artist.set(**changes.get(change, {}))
    return ax.figure


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("nameless", {"line": {"label": "_line"}}),
        ("nameless", {"name": {"visible": False}}),
        ("nameless", {"name": {"text": "another"}}),
        ("leaving", {"line": {"ydata": [2, 10.5]}}),
        ("leaving", {"line": {"xdata": [-1, 10]}}),
        ("overlapping", {"note": {"position": (-1.2, 5)}}),
        ("overlapping", {"note": {"position": (4.8, -1.2)}}),
        ("cut_off", {"note": {"position": (9.8, 9)}}),
        ("crossed", {"note": {"position": (4.8, 4.9)}}),
        ("crossed", {"line": {"ydata": [9.2, 9.2]}}),
        ("crossed", {"line": {"marker": "o", "markersize": 200}}),
        ("pale_texts", {"note": {"color": "#E69F00"}}),
    ],
)
def test_a_rule_finds_its_fault(rule, changes):
    assert picture_rules.problems(faulty()) == []
    assert getattr(picture_rules, rule)(faulty(**changes)) != []
