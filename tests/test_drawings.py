"""The drawings: all in proportion to what they stand for, and legible at every
setting.
"""

import itertools
import math
from dataclasses import replace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.collections import LineCollection, PolyCollection

import lif_drawings
import lif_helpers as lif
import lif_notebook as nb

NEURON = lif.Neuron()
IONS = ("K⁺", "Na⁺", "Cl⁻")
CHARGE = {"K⁺": 1, "Na⁺": 1, "Cl⁻": -1}


@pytest.fixture(autouse=True)
def close_figures():
    nb.use_style()
    yield
    plt.close("all")


def artist(ax, label):
    """The one artist of that name."""
    (found,) = (one for one in ax.get_children() if one.get_label() == label)
    return found


def polygons(ax, label):
    """The corners of all shapes of an artist, without the one that closes them."""
    return [path.vertices[:-1] for path in artist(ax, label).get_paths()]


def area(corners):
    x, y = corners.T
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def reach(ax, label):
    """From the middle of an arrow's foot to its tip, (x, y)."""
    (corners,) = polygons(ax, label)
    return corners[3] - (corners[0] + corners[6]) / 2


def strokes(ax, label):
    """How many horizontal and vertical strokes there are, and their total length²."""
    lines = np.array(artist(ax, label).get_segments()).reshape(-1, 2, 2)
    across = np.ptp(lines, axis=1)
    flat, upright = across[across[:, 1] == 0], across[across[:, 0] == 0]
    assert len(flat) + len(upright) == len(lines)
    return len(flat), len(upright), (flat**2).sum()


# ---- Legible at every setting --------------------------------------------------------


def crossing(box, segments):
    """Whether any of the segments (n, 2, 2) meets the box."""
    low, high = segments.min(axis=1), segments.max(axis=1)
    near = (low < box.max).all(axis=1) & (high > box.min).all(axis=1)
    start, end = segments[near, 0], segments[near, 1]
    along = end - start
    sides = [
        along[:, 0] * (y - start[:, 1]) - along[:, 1] * (x - start[:, 0])
        for x, y in itertools.product((box.x0, box.x1), (box.y0, box.y1))
    ]
    return bool((np.ptp(np.sign(sides), axis=0) == 2).any())


def drawn_segments(figure):
    """All lines and outlines of shapes, in pixels, (n, 2, 2)."""
    parts = [np.zeros((0, 2, 2))]
    for ax in figure.axes:
        for one in ax.get_children():
            if isinstance(one, PolyCollection | LineCollection):
                transform, paths = one.get_transform(), one.get_paths()
            elif isinstance(one, mpl.lines.Line2D):
                transform, paths = one.get_transform(), [one.get_path()]
            else:
                continue
            for path in paths:
                points = transform.transform(path.vertices)
                parts.append(np.stack([points[:-1], points[1:]], axis=1))
    return np.concatenate(parts)


def faults(figure):
    """What is wrong with the texts of a figure."""
    if figure.get_layout_engine():
        figure.draw_without_rendering()
    texts = [one for ax in figure.axes for one in shown_texts(ax)]
    boxes = [one.get_window_extent() for one in texts]
    segments, found = drawn_segments(figure), []
    for text, box in zip(texts, boxes, strict=True):
        name = repr(text.get_text())
        if not (figure.bbox.containsx(box.x0) and figure.bbox.containsx(box.x1)):
            found.append(f"{name} leaves the figure")
        if not (figure.bbox.containsy(box.y0) and figure.bbox.containsy(box.y1)):
            found.append(f"{name} leaves the figure")
        if crossing(box, segments):
            found.append(f"{name} crosses a line")
        if text.get_fontsize() < 9:
            found.append(f"{name} is too small")
    for (one, box), (other, next_box) in itertools.combinations(
        zip(texts, boxes, strict=True), 2
    ):
        if box.overlaps(next_box):
            found.append(f"{one.get_text()!r} overlaps {other.get_text()!r}")
    return found


def shown_texts(ax):
    """The texts in the axes, and those at them: labels, and numbers at ticks."""
    texts = list(ax.texts)
    if ax.axison:
        texts += [ax.xaxis.label, ax.yaxis.label]
        for axis in (ax.xaxis, ax.yaxis):
            low, high = axis.get_view_interval()
            ticks = axis.get_major_ticks()
            texts += [one.label1 for one in ticks if low <= one.get_loc() <= high]
    return [one for one in texts if one.get_text() and one.get_visible()]


def ends_and_random(seed, number=200, **ranges):
    """All combinations of the ends of the ranges, and random settings within."""
    yield from (
        dict(zip(ranges, ends, strict=True))
        for ends in itertools.product(*ranges.values())
    )
    rng = np.random.default_rng(seed)
    for _ in range(number):
        yield {
            name: values[rng.integers(len(values))]
            if isinstance(values[0], str)
            else rng.uniform(*values)
            for name, values in ranges.items()
        }


def changed(usual, ion, log_factor):
    return {**usual, ion: usual[ion] * 10**log_factor}


def test_the_membrane_is_legible_at_every_setting():
    figure, ax = nb.membrane_axes()
    still = set(ax.get_children())
    ranges = {"ion": IONS, "outside": (-1, 1), "inside": (-1, 1), "V": (-120, 100)}
    for setting in ends_and_random(1, **ranges):
        ion, V = setting["ion"], round(setting["V"])
        outside = changed(nb.OUTSIDE, ion, setting["outside"])
        inside = changed(nb.INSIDE, ion, setting["inside"])
        nb.draw_membrane(ax, ion, V, outside, inside)
        assert faults(figure) == [], setting
        for one in set(ax.get_children()) - still:
            one.remove()


def test_the_numbers_of_the_pulls_stand_apart():
    """One is not read as the next one's beginning: −103 and V."""
    figure, ax = nb.membrane_axes()
    nb.draw_membrane(ax, "K⁺", -110, outside=nb.OUTSIDE | {"K⁺": 3.0})
    (first,) = (text for text in ax.texts if text.get_text() == "E =")
    row = [
        text.get_window_extent()
        for text in ax.texts
        if text.get_text() and text.get_position()[1] == first.get_position()[1]
    ]
    row = sorted((box.x0, box.x1) for box in row if box.x0 > ax.bbox.width * 0.6)
    assert len(row) == 6
    room = [right[0] - left[1] for left, right in itertools.pairwise(row)]
    assert min(room[1], room[3]) > 5 * figure.dpi / 100


def test_the_circuit_is_legible_at_every_setting():
    figure, ax = nb.circuit_axes()
    still = set(ax.get_children())
    ranges = {"V": (-95, -40), "I": (-0.5, 0.5), "R": (20, 200), "C": (0.05, 0.5),
              "E_L": (-80, -61)}  # fmt: skip
    for setting in ends_and_random(2, **ranges):
        R, C = setting["R"], setting["C"]
        neuron = replace(NEURON, tau_m=R * C, R=R, E_L=setting["E_L"])
        nb.draw_circuit(ax, neuron, setting["V"], setting["I"], largest=3)
        assert faults(figure) == [], setting
        for one in set(ax.get_children()) - still:
            one.remove()


def test_the_vessel_is_legible_at_every_setting():
    levels = {"E_L": (-80, -61), "V_reset": (-90, -61), "V_th": (-60, -40)}
    rng = np.random.default_rng(3)
    for setting in ends_and_random(3, 32, **levels):
        neuron = replace(NEURON, **setting)
        figure, axes = nb.charge_axes(neuron, 100, (-100, 0))
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # its places are found
        still = set(axes[2].get_children())
        lowest = neuron.V_reset - 3
        V_and_I = [(lowest, -0.5), (lowest, 0.5), (neuron.V_th, -0.5)]
        V_and_I += [(neuron.V_th, 0.5)]
        V_and_I += [(rng.uniform(lowest, neuron.V_th), rng.uniform(-0.5, 0.5))]
        for V, I in V_and_I:
            nb.draw_charge(axes[2], neuron, V, I, spiking=V == neuron.V_th)
            assert faults(figure) == [], (setting, V, I)
            for one in set(axes[2].get_children()) - still:
                one.remove()
        plt.close(figure)


def test_the_neuron_is_legible_at_every_setting():
    ranges = {"V": (-95, 15), "E_E": (-20, 15), "E_I": (-95, -50), "n": (0, 8)}
    for setting in ends_and_random(4, 100, **ranges):
        excitatory = round(setting["n"])
        inhibitory = round(setting["n"] * 5 / 8)
        active = (excitatory // 2, inhibitory)
        potentials = {name: round(setting[name]) for name in ("V", "E_E", "E_I")}
        figure, _ = nb.draw_neuron(None, excitatory, inhibitory, active, **potentials)
        assert faults(figure) == [], setting
        plt.close(figure)


def test_faults_are_seen():
    figure, ax = nb.membrane_axes()
    nb.draw_membrane(ax, "K⁺", -70)
    assert faults(figure) == []
    word = ax.text(8, 416, "outside", fontsize=8)
    assert any("overlaps" in fault for fault in faults(figure))
    assert any("too small" in fault for fault in faults(figure))
    word.set(position=(760, 300), text="far away")
    assert any("leaves" in fault for fault in faults(figure))
    word.set(position=(540, 215), text="struck through")
    assert any("crosses" in fault for fault in faults(figure))
    word.set(position=(560, 300), text="free", fontsize=9)
    assert faults(figure) == []


def contrast(one, other):
    """The contrast of two colours, as WCAG 2 defines it."""

    def luminance(color):
        parts = np.array(mpl.colors.to_rgb(color))
        linear = np.where(
            parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4
        )
        return linear @ [0.2126, 0.7152, 0.0722] + 0.05

    bright, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return bright / dark


def test_every_text_stands_out_from_its_ground():
    grounds = [
        "white",
        lif_drawings.OUTSIDE_TINT,
        lif_drawings.INSIDE_TINT,
        lif_drawings.CELL,
    ]
    figures = []
    for make, draw in PICTURES.values():
        figure, ax = make()
        draw(ax)
        figures.append(figure)
    texts = [text for figure in figures for text in figure.findobj(mpl.text.Text)]
    for text in texts:
        for ground in grounds:
            assert contrast(text.get_color(), ground) >= 4.5, text.get_text()
    assert contrast(nb.COLORS["I"], "white") < 4.5


# ---- Two parts: what stands still, and what depends on the setting -------------------

PICTURES = {
    "membrane": (nb.membrane_axes, lambda ax: nb.draw_membrane(ax, "Na⁺", -70)),
    "circuit": (nb.circuit_axes, lambda ax: nb.draw_circuit(ax, NEURON, -62, 0.3)),
    "charge": (
        lambda: nb.charge_axes(NEURON, 100),
        lambda axes: nb.draw_charge(axes[2], NEURON, -60, 0.3, spiking=True),
    ),
    "neuron": (nb.draw_neuron, lambda ax: None),
}


def pixels(figure):
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()).copy()


@pytest.mark.parametrize("name", PICTURES)
def test_drawing_adds_and_leaves_alone_what_stands_still(name):
    make, draw = PICTURES[name]
    figure, ax = make()
    pixels(figure)  # the first time it finds its layout
    empty, limits = pixels(figure), [one.axis() for one in figure.axes]
    before = [set(one.get_children()) for one in figure.axes]
    draw(ax)
    assert [one.axis() for one in figure.axes] == limits
    for one, still in zip(figure.axes, before, strict=True):
        assert still <= set(one.get_children())
        for added in set(one.get_children()) - still:
            assert added.get_gid() == nb.ONLY_NOW
            added.remove()
    np.testing.assert_array_equal(pixels(figure), empty)


@pytest.mark.parametrize("name", PICTURES)
def test_a_drawing_is_always_the_same(name):
    make, draw = PICTURES[name]
    images = []
    for _ in range(2):
        figure, ax = make()
        draw(ax)
        images.append(pixels(figure))
    np.testing.assert_array_equal(*images)


@pytest.mark.parametrize("name", PICTURES)
def test_drawings_fit_into_given_axes(name):
    make, draw = PICTURES[name]
    if name == "charge":
        pytest.skip("it is made of several axes")
    figure = plt.figure(figsize=(12, 8), layout="none")
    given = figure.add_axes((0, 0, 1, 1))
    _, ax = make(given)
    draw(ax)
    assert ax is given
    assert faults(figure) == []


# ---- In proportion -------------------------------------------------------------------


def dots(ax, side):
    """For each kind of ion the areas of its dots on one side."""
    middle = np.mean(ax.get_ylim())
    found = {}
    for ion in (*IONS, "others"):
        shapes = polygons(ax, ion)
        found[ion] = [
            area(shape)
            for shape in shapes
            if (shape[:, 1].mean() > middle) == (side == "outside")
        ]
    return found


RNG = np.random.default_rng(5)
SETTINGS = [(ion, *RNG.uniform(-1, 1, 2), RNG.uniform(-120, 100)) for ion in IONS * 8]


@pytest.mark.parametrize(("ion", "log_out", "log_in", "V"), SETTINGS)
def test_dots_are_in_proportion_to_concentrations(ion, log_out, log_in, V):
    sides = {
        "outside": changed(nb.OUTSIDE, ion, log_out),
        "inside": changed(nb.INSIDE, ion, log_in),
    }
    _, ax = nb.membrane_axes()
    nb.draw_membrane(ax, ion, V, sides["outside"], sides["inside"])
    whole = {name: max(map(area, polygons(ax, name))) for name in (*IONS, "others")}
    for side, amounts in sides.items():
        found = dots(ax, side)
        marks = {name: sum(areas) / whole[name] for name, areas in found.items()}
        for name in IONS:
            # A kind of which there is no whole dot has none to compare with.
            if max(sides[one][name] for one in sides) >= 5:
                assert marks[name] == pytest.approx(amounts[name] / 5, rel=1e-6)
            assert len(found[name]) == math.ceil(amounts[name] / 5 - 1e-6)
        charge = sum(CHARGE[name] * amounts[name] for name in IONS)
        assert marks["others"] == pytest.approx(abs(charge) / 5, rel=1e-6)


def test_the_usual_concentrations_are_neutral_on_both_sides():
    _, ax = nb.membrane_axes()
    nb.draw_membrane(ax, "K⁺", -70)
    assert {ion: len(areas) for ion, areas in dots(ax, "inside").items()} == {
        "K⁺": 28, "Na⁺": 2, "Cl⁻": 2, "others": 28}  # fmt: skip
    assert {ion: len(areas) for ion, areas in dots(ax, "outside").items()} == {
        "K⁺": 1, "Na⁺": 29, "Cl⁻": 22, "others": 8}  # fmt: skip


def test_no_dot_covers_another_or_a_name():
    for ion, log_out, log_in in (("K⁺", 1, 1), ("Na⁺", 1, 1), ("Cl⁻", 1, 1)):
        _, ax = nb.membrane_axes()
        sides = changed(nb.OUTSIDE, ion, log_out), changed(nb.INSIDE, ion, log_in)
        nb.draw_membrane(ax, ion, -70, *sides)
        centres = np.array(
            [
                shape.mean(axis=0)
                for name in (*IONS, "others")
                for shape in polygons(ax, name)
            ]
        )
        apart = np.linalg.norm(centres[:, None] - centres, axis=2)
        assert apart[~np.eye(len(centres), dtype=bool)].min() > 9


def test_a_little_more_of_an_ion_leaves_nearly_all_dots_in_place():
    def places(amount):
        _, ax = nb.membrane_axes()
        nb.draw_membrane(ax, "K⁺", -70, inside={**nb.INSIDE, "K⁺": amount})
        return {
            tuple(np.round(shape.mean(axis=0), 6)) for shape in polygons(ax, "Na⁺")
        } | {tuple(np.round(shape.mean(axis=0), 6)) for shape in polygons(ax, "K⁺")}

    for amount in (50, 140, 300):
        assert len(places(amount + 5) - places(amount)) <= 3


@pytest.mark.parametrize(("ion", "log_out", "log_in", "V"), SETTINGS)
def test_the_pulls_are_in_proportion(ion, log_out, log_in, V):
    outside = changed(nb.OUTSIDE, ion, log_out)
    inside = changed(nb.INSIDE, ion, log_in)
    z = CHARGE[ion]
    E = 26.73 / z * math.log(outside[ion] / inside[ion])
    _, ax = nb.membrane_axes()
    numbers = nb.draw_membrane(ax, ion, V, outside, inside)
    expected = {"diffusion": -z * E, "voltage": z * V, "what is left": z * (V - E)}
    _, other = nb.membrane_axes()
    nb.draw_membrane(other, "K⁺", 100, changed(nb.OUTSIDE, "K⁺", math.log10(28)))
    _, per_mV = reach(other, "voltage") / 100
    for name, pull in expected.items():
        x, y = reach(ax, name)
        assert x == 0
        assert y == pytest.approx(pull * per_mV, abs=1e-9)
    assert numbers["E"][0] == pytest.approx(E)
    assert numbers["driving force"][0] == pytest.approx(V - E)
    outward = z * (V - E)
    if abs(outward) < 0.5:
        return
    assert numbers[f"net flow of {ion}"] == ("out" if outward > 0 else "in")
    assert numbers["current"].startswith("outward" if V > E else "inward")
    (flow,) = polygons(ax, f"net flow of {ion}")
    assert np.sign(reach(ax, f"net flow of {ion}")[1]) == np.sign(outward)
    assert np.ptp(flow[[0, 6], 0]) == pytest.approx(25 / 320 * abs(outward), rel=1e-6)


def test_chloride_flows_against_its_current():
    _, ax = nb.membrane_axes()
    numbers = nb.draw_membrane(ax, "Cl⁻", -70)
    assert numbers["net flow of Cl⁻"] == "out"
    assert numbers["current"] == "inward, negative"
    assert "out" in texts_of(ax)
    assert "in (−)" in texts_of(ax)


def texts_of(ax):
    return [text.get_text() for text in ax.texts]


def test_at_the_nernst_potential_nothing_flows():
    _, ax = nb.membrane_axes()
    E = nb.nernst_potential("Na⁺")
    numbers = nb.draw_membrane(ax, "Na⁺", E)
    assert numbers["net flow of Na⁺"] == numbers["current"] == "none"
    assert "no net flow" in texts_of(ax)
    assert [
        one for one in ax.get_children() if "net flow" in str(one.get_label())
    ] == []


def test_channels_are_open_or_closed():
    _, ax = nb.membrane_axes()
    nb.draw_membrane(ax, "K⁺", -70, open_channels=("K⁺", "Cl⁻"))
    assert [word for word in texts_of(ax) if word in ("open", "closed")] == [
        "open", "closed", "open"]  # fmt: skip
    shapes = polygons(ax, "channels")
    gaps = [
        right[:, 0].min() - left[:, 0].max()
        for left, right in zip(shapes[::2], shapes[1::2], strict=True)
    ]
    assert gaps == pytest.approx([26, 2, 26])


@pytest.mark.parametrize("V", [-120, -70, -3, 0, 40, 100])
def test_signs_on_the_membrane_are_in_proportion_to_V(V):
    _, ax = nb.membrane_axes()
    nb.draw_membrane(ax, "K⁺", V)
    for side, way in (("outside", 1), ("inside", -1)):
        flat, upright, squares = strokes(ax, f"charge {side}")
        assert flat == math.ceil(abs(V) / 10)
        assert upright == (flat if way * V < 0 else 0)
        assert squares / 64 == pytest.approx(abs(V) / 10)


@pytest.mark.parametrize(
    ("V", "I", "R", "C", "E_L"),
    [(-62, 0.3, 100, 0.2, -70), (-80, -0.1, 100, 0.2, -70), (-50, 0, 40, 0.5, -65),
     (-90, 0.4, 20, 0.05, -61), (0, 0.1, 200, 0.3, -70), (-70, 0, 100, 0.2, -70)],
)  # fmt: skip
def test_currents_and_charge_are_in_proportion(V, I, R, C, E_L):
    neuron = replace(NEURON, tau_m=R * C, R=R, E_L=E_L)
    _, ax = nb.circuit_axes()
    numbers = nb.draw_circuit(ax, neuron, V, I, largest=2)
    leak = (V - E_L) / R
    upward = {"injected": I, "leak": -leak, "capacitive": -(I - leak)}
    for name, current in upward.items():
        _, y = reach(ax, f"{name} current")
        assert y == pytest.approx(190 / 2 * current, abs=1e-9)
    assert numbers["I"][0] == pytest.approx(numbers["leak"][0] + numbers["C dV/dt"][0])
    assert numbers["Q"][0] == pytest.approx(C * V)
    for side, way in (("inside", 1), ("outside", -1)):
        flat, upright, squares = strokes(ax, f"charge {side}")
        assert squares / 49 == pytest.approx(abs(C * V) / 2)
        assert upright == (flat if way * V > 0 else 0)


def test_the_written_currents_add_up():
    _, ax = nb.circuit_axes()
    still = len(ax.texts)
    for V in np.linspace(-75, -50, 60):
        nb.draw_circuit(ax, NEURON, V, 0.306)
        new = ax.texts[still:]
        terms = [one for one in new if one.get_position()[1] == 340]
        I, leak, rest = (float(one.get_text().replace("−", "-")) for one in terms)
        assert pytest.approx(leak + rest) == I
        assert rest == pytest.approx(0.306 - (V + 70) / 100, abs=0.0101)
        for one in new:
            one.remove()


def test_the_battery_has_its_positive_pole_outside_when_E_L_is_negative():
    for E_L, outside in ((-70, True), (10, False)):
        _, ax = nb.circuit_axes()
        nb.draw_circuit(ax, replace(NEURON, E_L=E_L, V_th=50), E_L, 0)
        (positive,), (negative,) = (
            artist(ax, f"battery, {pole} pole").get_segments()
            for pole in ("positive", "negative")
        )
        assert (positive[0, 1] < negative[0, 1]) == outside
        assert np.ptp(positive[:, 0]) > np.ptp(negative[:, 0])


@pytest.mark.parametrize("V", [-75, -74.9, -62, -50])
@pytest.mark.parametrize("C", [0.1, 0.2, 0.4])
def test_the_filled_area_is_the_charge_above_reset(V, C):
    neuron = replace(NEURON, tau_m=100 * C)
    _, axes = nb.charge_axes(neuron, 100)
    numbers = nb.draw_charge(axes[2], neuron, V, 0.3, widest=0.4)
    (filled,) = polygons(axes[2], "charge above reset")
    assert numbers["charge above reset"][0] == pytest.approx(C * (V + 75))
    # At the widest, 0.84 of the axes' half width stands for 0.4 nF.
    assert area(filled) / 0.84 * 0.4 == pytest.approx(C * (V + 75), abs=1e-9)
    assert filled[:, 1].max() == pytest.approx(V)
    assert axes[2].get_ylim() == axes[0].get_ylim()


def test_charge_missing_below_reset_is_an_outline():
    _, axes = nb.charge_axes(NEURON, 100)
    nb.draw_charge(axes[2], NEURON, -78, -0.1)
    (outline,) = artist(axes[2], "charge missing below reset").get_segments()
    assert outline[:, 1].min() == -78
    assert outline[:, 1].max() == NEURON.V_reset
    assert "0.2 nF × −3.0 mV = −0.60 pC" in texts_of(axes[2])


@pytest.mark.parametrize(("V", "I"), [(-60, 0.3), (-75, 0.5), (-72, -0.2), (-70, 0)])
def test_what_is_poured_and_what_leaks_is_in_proportion(V, I):
    _, axes = nb.charge_axes(NEURON, 100)
    nb.draw_charge(axes[2], NEURON, V, I)
    assert reach(axes[2], "injected current") == pytest.approx((0, -120 * I))
    assert reach(axes[2], "leak current") == pytest.approx((120 * (V + 70) / 100, 0))


def test_a_spike_flashes():
    _, axes = nb.charge_axes(NEURON, 100)
    for spiking in (False, True):
        nb.draw_charge(axes[2], NEURON, NEURON.V_th, 0.3, spiking=spiking)
        assert ("spike" in texts_of(axes[2])) == spiking


def test_a_neuron_has_the_synapses_asked_for():
    _, ax = nb.draw_neuron(None, 7, 4, (3, 1))
    counts = {
        f"{kind}: {state}": len(polygons(ax, f"{kind}: {state}"))
        for kind in ("excitation", "inhibition")
        for state in ("active", "silent")
    }
    assert list(counts.values()) == [3, 4, 1, 3]
    corners = [
        len(polygons(ax, f"{kind}: active")[0]) for kind in ("excitation", "inhibition")
    ]
    assert corners[0] != corners[1]  # not told by colour alone


@pytest.mark.parametrize(
    ("V", "E_E", "E_I"), [(-65, 0, -80), (-85, 0, -80), (0, 0, -70)]
)
def test_synapses_pull_V_to_their_reversal_potentials(V, E_E, E_I):
    _, ax = nb.draw_neuron(V=V, E_E=E_E, E_I=E_I)
    assert reach(ax, "pull of excitation (+)")[1] == pytest.approx(2.35 * (E_E - V))
    assert reach(ax, "pull of inhibition (−)")[1] == pytest.approx(2.35 * (E_I - V))
    for kind, E in (("excitation (+)", E_E), ("inhibition (−)", E_I)):
        number = f"{E - V:.0f}".replace("-", "−")
        assert f"{kind}\n{number} mV" in texts_of(ax)


# ---- Names, colours, errors ----------------------------------------------------------


def test_kinds_of_ions_differ_by_shape_too():
    _, ax = nb.membrane_axes()
    nb.draw_membrane(ax, "K⁺", -70)
    shapes = [polygons(ax, name)[0] for name in (*IONS, "others")]
    looks = {(len(shape), np.ptp(shape[:, 0]).round(1)) for shape in shapes}
    assert len(looks) == 4
    known = {mpl.colors.to_rgb(color) for color in nb.COLORS.values()}
    colors = [tuple(artist(ax, name).get_facecolor()[0][:3]) for name in IONS]
    assert len(set(colors)) == 3
    assert set(colors) <= known


@pytest.mark.parametrize("name", PICTURES)
def test_what_depends_on_the_setting_has_a_name(name):
    make, draw = PICTURES[name]
    figure, ax = make()
    draw(ax)
    for one in figure.findobj(PolyCollection) + figure.findobj(LineCollection):
        if one.get_gid() == nb.ONLY_NOW:
            assert one.get_label()


def membrane_with(ax, side, ion, amount):
    usual = {"outside": nb.OUTSIDE, "inside": nb.INSIDE}[side]
    nb.draw_membrane(ax, "K⁺", -70, **{side: {**usual, ion: amount}})


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda ax: membrane_with(ax, "outside", "K⁺", 0), "K⁺ outside = 0 mM"),
        (lambda ax: membrane_with(ax, "inside", "K⁺", 3000), "room for"),
        (lambda ax: membrane_with(ax, "inside", "Cl⁻", 200), "exceed"),
        (lambda ax: nb.draw_membrane(ax, "K⁺", -400), "larger than largest = 320 mV"),
        (lambda ax: nb.draw_membrane(ax, "K⁺", math.nan), "nan"),
        (lambda ax: nb.draw_circuit(ax, NEURON, -60, 0.6), "injected current 0.6 nA"),
        (lambda ax: nb.draw_circuit(ax, NEURON, 10, 0), "leak current 0.8 nA"),
        (lambda ax: nb.draw_circuit(ax, NEURON, 900, 0, largest=20), "room for"),
        (lambda ax: nb.draw_charge(ax, NEURON, -60, -0.7), "injected current -0.7 nA"),
        (lambda ax: nb.draw_charge(ax, NEURON, -60, 0, widest=0.1), "more than widest"),
        (lambda ax: nb.charge_axes(NEURON, 100, (-76, -30)), "must leave room"),
        (lambda ax: nb.charge_axes(lif.Neuron(V_th=np.inf), 100), "must leave room"),
        (lambda ax: nb.draw_neuron(excitatory=9), "0 to 8"),
        (lambda ax: nb.draw_neuron(active=(7, 0)), "7 active of 6"),
        (lambda ax: nb.draw_neuron(V=-120), "must lie between"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused_in_words(call, words):
    _, ax = plt.subplots()
    with pytest.raises(ValueError, match=words):
        call(ax)
