"""The membrane, drawn: its ions and channels and what moves an ion through them; and
the circuit that it amounts to, with its currents and its charge.
"""

import functools
import math

import matplotlib as mpl
import numpy as np

from lif_drawings import (
    GREY,
    INSIDE_TINT,
    LIPID,
    OUTSIDE_TINT,
    arrow,
    box,
    check_current,
    dark,
    drawing,
    fill,
    polygon,
    portions,
    sheet,
    signs,
    stroke,
    write,
    written,
)
from lif_figures import COLORS

# ---- Ions and channels ---------------------------------------------------------------

RT_OVER_F = 26.73  # mV, at 37 °C
MM_PER_DOT, MV_PER_SIGN = 5.0, 10.0
# Usual concentrations of a mammalian neuron, mM. Others keep each side neutral: inside
# large anions A⁻ (proteins, phosphates), outside mostly HCO₃⁻ and other anions.
OUTSIDE = {"K⁺": 5.0, "Na⁺": 145.0, "Cl⁻": 110.0}
INSIDE = {"K⁺": 140.0, "Na⁺": 10.0, "Cl⁻": 10.0}
ION_CHARGE = {"K⁺": 1, "Na⁺": 1, "Cl⁻": -1}
OTHERS = "others"
_ION_COLOR = {
    "K⁺": COLORS["inhibition"],
    "Na⁺": COLORS["spikes"],
    "Cl⁻": COLORS["excitation"],
    OTHERS: "#8C8C8C",
}
_ION_SHAPE = {
    "K⁺": 8.1 * polygon(24),
    "Na⁺": 7.8 * polygon(3),
    "Cl⁻": 7.7 * polygon(4),
    OTHERS: 7.2 * polygon(4, np.pi / 4),
}
_CHANNEL_X = {"K⁺": 50.0, "Na⁺": 208.0, "Cl⁻": 366.0}
_SCENE, _HEIGHT, _MIDDLE = 500.0, 430.0, 215.0
_LONGEST_PULL, _WIDEST_FLOW = 142.0, 25.0  # of arrows
_PULL_X = (546.0, 624.0, 731.0)
_PULLS = ("diffusion", "voltage", "what is left")
_KEY_X = {"K⁺": 88.0, "Na⁺": 166.0, "Cl⁻": 254.0, OTHERS: 340.0}
_KEY_Y = {"outside": 416.0, "inside": 14.0}
_HEADS = np.array(
    [
        x
        for x in np.arange(9, _SCENE - 6, 13.4)
        if all(abs(x - channel) > 37 for channel in _CHANNEL_X.values())
    ]
)


def membrane_axes(ax=None):
    """A figure and its axes (given ones, or new: 7.8 by 4.3 inches) with the
    lipid bilayer and all that `draw_membrane` leaves as it is.
    """
    figure, ax = sheet(780, _HEIGHT, ax)
    for tint, y in ((OUTSIDE_TINT, 0.75), (INSIDE_TINT, 0.25)):
        fill(ax, [box(390, _HEIGHT * y, 780, _MIDDLE)], tint, edge="none", zorder=0)
    fill(ax, [box(_SCENE / 2, _MIDDLE, _SCENE, 50)], "white", edge="none", zorder=0.5)
    tails = [
        [(x + dx, _MIDDLE + way * 20), (x + dx, _MIDDLE + way * 2)]
        for x in _HEADS
        for dx in (-2.5, 2.5)
        for way in (-1, 1)
    ]
    stroke(ax, tails, LIPID, 1.2, zorder=0.8)
    heads = [polygon(24) * 10.8 + (x, _MIDDLE + y) for x in _HEADS for y in (-24, 24)]
    fill(ax, heads, LIPID, "lipid bilayer", "none", zorder=1)
    write(ax, 85, _MIDDLE - 60, "lipid bilayer", LIPID)
    leader = [(170, _MIDDLE - 60), (176, _MIDDLE - 60), (176, _MIDDLE - 31)]
    stroke(ax, [leader], LIPID, 1)
    for side, others in (("outside", "other ions"), ("inside", "large anions A⁻")):
        write(ax, 8, _KEY_Y[side], side, weight="bold")
        for ion, shape in _ION_SHAPE.items():
            x, y = _KEY_X[ion], _KEY_Y[side]
            fill(ax, [shape + np.array([x - 10, y])], _ION_COLOR[ion])
            write(ax, x, y, others if ion == OTHERS else ion, _ION_COLOR[ion])
    for ion, x in _CHANNEL_X.items():
        write(ax, x + 35, _MIDDLE + 44, f"{ion} channel", _ION_COLOR[ion])
    stroke(ax, [[(508, _MIDDLE), (772, _MIDDLE)]], GREY, 1.2)
    write(ax, 508, _MIDDLE + 12, "out", size=9)
    write(ax, 508, _MIDDLE - 12, "in", size=9)
    write(ax, 508, 414, "the pulls, in mV, on", weight="bold")
    for x, name, symbol in zip(_PULL_X, _PULLS, ("E", "V", "V − E"), strict=True):
        write(ax, x - 8, 394, name, ha="center")
        write(ax, x, 376, f"{symbol} =", ha="right")
    write(ax, 508, 46, "current g (V − E):", COLORS["I"])
    write(ax, 508, 24, "numbers in mM, one mark for each 5 mM", size=9)
    write(ax, 508, 9, "+ − on the membrane: one per 10 mV", size=9)
    return figure, ax


@drawing
def draw_membrane(
    ax, ion, V, outside=OUTSIDE, inside=INSIDE, *, open_channels=None, largest=320.0
):
    """Draw the ions in proportion to their concentrations (mM), the channels, the pulls
    on one kind of ion at V (mV) and its net flow; return the numbers.

    A pull is counted in mV, outward above 0: diffusion −z E, voltage z V, together
    z (V − E). Other ions keep each side neutral. Only the channels of `open_channels`
    (of `ion` alone, unless given) are open. The longest arrow stands for `largest`
    (mV). Raises ValueError for a stronger pull, a concentration that is not above 0,
    more ions than there is room for, and more Cl⁻ inside than K⁺ and Na⁺ together.
    """
    z = ION_CHARGE[ion]
    E = nernst_potential(ion, outside, inside)
    if _neutral(inside)[OTHERS] < 0:
        raise ValueError("inside, Cl⁻ must not exceed K⁺ and Na⁺ together")
    open_channels = tuple([ion] if open_channels is None else open_channels)
    placed = []
    for side, amounts in (("outside", outside), ("inside", inside)):
        placed.append(_placed_ions(side, _neutral(amounts), open_channels))
        _write_concentrations(ax, side, _neutral(amounts))
    for name, color in _ION_COLOR.items():
        dots = np.concatenate([side[name] for side in placed])
        fill(ax, dots, color, name, "none")
    _draw_channels(ax, open_channels)
    _draw_pulls(ax, ion, z, E, V, largest)
    _draw_membrane_charge(ax, V)
    if ion in open_channels:
        _draw_flow(ax, ion, z * (V - E), largest)
    return {
        "E": (E, "mV", ".1f"),
        "driving force": (V - E, "mV", ".1f"),
        f"net flow of {ion}": _way(z * (V - E)),
        "current": _way(V - E, ("outward, positive", "inward, negative", "none")),
    }


def nernst_potential(ion, outside=OUTSIDE, inside=INSIDE):
    """The Nernst potential RT/(zF) ln(outside / inside) of an ion, mV, at 37 °C."""
    for side, amounts in (("outside", outside), ("inside", inside)):
        if not 0 < amounts[ion] < math.inf:
            raise ValueError(f"{ion} {side} = {amounts[ion]!r} mM must be above 0")
    return RT_OVER_F / ION_CHARGE[ion] * math.log(outside[ion] / inside[ion])


def _way(outward, words=("out", "in", "none")):
    """The direction in words; nothing to speak of below half a millivolt."""
    return words[2] if abs(outward) < 0.5 else words[0 if outward > 0 else 1]


def _neutral(amounts):
    """The concentrations, and that of the other ions: anions, below 0 cations."""
    charge = sum(ION_CHARGE[ion] * amounts[ion] for ion in ION_CHARGE)
    return {**{ion: amounts[ion] for ion in ION_CHARGE}, OTHERS: charge}


def _write_concentrations(ax, side, amounts):
    shift = {"K⁺": 22, "Na⁺": 31, "Cl⁻": 27, OTHERS: 75 if side == "outside" else 114}
    for ion, amount in amounts.items():
        number = written(abs(amount), 1 if abs(amount) < 9.95 else 0)
        number = number.removesuffix(".0")
        if ion == OTHERS and side == "outside":
            number += " (−)" if amount >= 0 else " (+)"
        write(ax, _KEY_X[ion] + shift[ion], _KEY_Y[side], number, _ION_COLOR[ion])


def _placed_ions(side, amounts, open_channels):
    """The dots of one side, for each kind of ion: their corners (dots, n, 2)."""
    places, orders = _sites(side, open_channels)
    sizes = {ion: portions(abs(mM), MM_PER_DOT) for ion, mM in amounts.items()}
    needed = sum(map(len, sizes.values()))
    if needed > len(places):
        raise ValueError(
            f"{needed * MM_PER_DOT:g} mM {side}, with the ions that keep it neutral, "
            f"are more than the {len(places) * MM_PER_DOT:g} mM there is room for"
        )
    free, taken = [True] * len(places), {ion: [] for ion in amounts}
    orders = {ion: iter(order) for ion, order in orders.items()}
    # All kinds take turns, so that a dot more of one hardly moves the others.
    for k in range(max(map(len, sizes.values()))):
        for ion, areas in sizes.items():
            if k < len(areas):
                place = next(place for place in orders[ion] if free[place])
                free[place] = False
                taken[ion].append(place)
    return {
        ion: _ION_SHAPE[ion] * np.sqrt(areas)[:, None, None] + places[taken[ion], None]
        for ion, areas in sizes.items()
    }


@functools.lru_cache
def _sites(side, open_channels):
    """The places (n, 2) where dots may stand, clear of channels and names, and for each
    kind of ion the order in which it takes them.
    """
    pitch, way, rng = 10.5, 1 if side == "outside" else -1, np.random.default_rng(4)
    x, height = np.meshgrid(
        np.arange(9, _SCENE - 12, pitch),
        np.arange(37, 188, pitch * math.sqrt(3) / 2),
    )
    x[1::2] += pitch / 2
    x, height = x.ravel(), height.ravel()
    clear = height > 35
    for ion, channel in _CHANNEL_X.items():
        is_open = ion in open_channels
        clear &= (abs(x - channel) > 33) | (height > 45)
        clear &= (abs(x - channel) > 22) | (height > 84) | (not is_open)
        # The names of the channels, and of the flow.
        beside = (x > channel) & (x < channel + (145 if side == "outside" else 90))
        clear &= ~beside | (height > (79 if is_open and side == "outside" else 61))
    if side == "inside":  # the name of the bilayer
        clear &= (abs(x - 128) > 54) | (height > 78)
    x, height = x[clear], height[clear]
    places = np.column_stack([x, _MIDDLE + way * height])
    places += rng.uniform(-0.4, 0.4, places.shape)
    # The usual ions are dealt out evenly, what comes to them by chance.
    usual = _neutral(OUTSIDE if side == "outside" else INSIDE)
    marks = [ion for ion, mM in usual.items() for _ in portions(mM, MM_PER_DOT)]
    edge = np.minimum.reduce([x, _SCENE - x, height - 30, 194 - height])
    first = _far_apart(places, len(marks), 2 * edge, rng)
    rest = np.setdiff1d(np.arange(len(places)), first)
    dealt = {ion: rng.permutation(rest).tolist() for ion in _ION_SHAPE}
    for ion, place in zip(rng.permutation(marks)[::-1], first[::-1], strict=True):
        dealt[ion].insert(0, place)
    return places, dealt


def _far_apart(places, number, distance, rng):
    """Some of the places, each as far as can be from those before it and, given its
    distance, from the edge.
    """
    chosen = []
    for _ in range(number):
        chosen.append(int(np.argmax(distance * rng.uniform(0.7, 1, len(places)))))
        away = np.linalg.norm(places - places[chosen[-1]], axis=1)
        distance = np.minimum(distance, away)
    return chosen


def _draw_channels(ax, open_channels):
    shapes, tints, edges = [], [], []
    for ion, x in _CHANNEL_X.items():
        is_open, color = ion in open_channels, _ION_COLOR[ion]
        gap = 13 if is_open else 1
        half = [(30, 34), (26, 38), (17, 38), (13, 33), (gap, 9)]
        half += [(dx, -dy) for dx, dy in half[::-1]]
        shapes += [np.array(half) * (way, 1) + (x, _MIDDLE) for way in (-1, 1)]
        tints += 2 * [0.55 + 0.45 * np.array(mpl.colors.to_rgb(color))]
        edges += 2 * [dark(color)]
        write(ax, x + 35, _MIDDLE - 42, "open" if is_open else "closed", color)
    fill(ax, shapes, tints, "channels", edges, 1.4)


def _draw_membrane_charge(ax, V):
    """Signs on both faces of the membrane, in proportion to V."""
    areas = portions(abs(V), MV_PER_SIGN)
    if len(areas) > len(_HEADS):
        raise ValueError(
            f"V = {V:g} mV is beyond the {len(_HEADS) * MV_PER_SIGN:g} mV "
            "there is room for on the membrane"
        )
    x = np.random.default_rng(2).permutation(_HEADS)[: len(areas)]
    for side, way in (("outside", 1), ("inside", -1)):
        places = np.column_stack([x, np.full(len(x), _MIDDLE + way * 24)])
        strokes = signs(places, 8 * np.sqrt(areas), -way * V)
        stroke(ax, strokes, "black", 1.5, f"charge {side}")


def _draw_flow(ax, ion, outward, largest):
    """The net flow through the open channel; the arrow's width is in proportion."""
    x, way = _CHANNEL_X[ion], _way(outward)
    if way != "none":
        reach = math.copysign(76, outward)
        width = _WIDEST_FLOW / largest * abs(outward)
        shape = arrow((x, _MIDDLE - reach), (x, _MIDDLE + reach), width, 13, 8)
        fill(ax, [shape], COLORS["I"], f"net flow of {ion}", "none", 0, 3)
    words = "no net flow" if way == "none" else f"net flow: {way}"
    write(ax, x + 35, _MIDDLE + 60, words, COLORS["I"], weight="bold")


def _draw_pulls(ax, ion, z, E, V, largest):
    """Two arrows, the second from the tip of the first, and what is left of both."""
    pulls = np.array([-z * E, z * V, z * (V - E)])
    if not np.abs(pulls).max() <= largest:
        raise ValueError(
            f"the pulls on {ion}, up to {np.abs(pulls).max():.0f} mV, are larger than "
            f"largest = {largest:g} mV, for which the longest arrow stands"
        )
    scale = _LONGEST_PULL / largest
    starts = _MIDDLE + scale * np.array([0, pulls[0], 0])
    tips = starts + scale * pulls
    colors = (_ION_COLOR[ion], COLORS["V"], COLORS["I"])
    for k, x in enumerate(_PULL_X):
        shape = arrow((x, starts[k]), (x, tips[k]), 9)
        fill(ax, [shape], colors[k], _PULLS[k], "none", zorder=3)
        write(ax, x + 4, 376, written((E, V, V - E)[k]), colors[k], weight="bold")
        write(ax, x, 66, _way(pulls[k]), colors[k], ha="center", weight="bold")
    links = [[(_PULL_X[k], tips[k]), (_PULL_X[k + 1], tips[k])] for k in (0, 1)]
    stroke(ax, links, GREY, 0.8, "carried over", 1.5, linestyle=":")
    write(ax, 666, 414, ion, _ION_COLOR[ion], weight="bold")
    current = _way(V - E, ("out (+)", "in (−)", "none"))
    write(ax, 640, 46, current, COLORS["I"], weight="bold")


# ---- The circuit ---------------------------------------------------------------------

PC_PER_SIGN = 2.0
_TOP, _BOTTOM = 318.0, 92.0
_BRANCH_X = {"injected": 126.0, "leak": 356.0, "capacitive": 586.0}
_TERM_X = (280.0, 392.0, 522.0)
_LONGEST_CURRENT, _PLATE = 190.0, 58.0
_CURRENT_COLOR = {
    "injected": COLORS["I"],
    "leak": COLORS["level"],
    "capacitive": COLORS["V"],
}


def circuit_axes(ax=None):
    """A figure and its axes (given ones, or new: 7.8 by 3.8 inches) with the wires and
    parts of the membrane's circuit.
    """
    figure, ax = sheet(780, 380, ax)
    middle = (_TOP + _BOTTOM) / 2
    source, leak, capacitor = _BRANCH_X.values()
    fill(ax, [box(390, (380 + _TOP) / 2, 780, 380 - _TOP)], INSIDE_TINT, edge="none")
    fill(ax, [box(390, _BOTTOM / 2, 780, _BOTTOM)], OUTSIDE_TINT, edge="none")
    wires = [[(source, y), (capacitor, y)] for y in (_TOP, _BOTTOM)]
    for x, *gaps in (
        (source, middle + 26, middle - 26),
        (leak, 280, 216, 160, 148),
        (capacitor, middle + 8, middle - 8),
    ):
        ends = [(x, y) for y in (_TOP, *gaps, _BOTTOM)]
        wires += [ends[k : k + 2] for k in range(0, len(ends), 2)]
    stroke(ax, wires, "black", 1.6, "wires")
    plates = [[(capacitor + x, middle + y) for x in (-_PLATE, _PLATE)] for y in (-8, 8)]
    stroke(ax, plates, "black", 3, "capacitor")
    fill(ax, [box(leak, 248, 26, 64)], "white", "resistor", "black", 1.6, 3)
    circle = 46 * polygon(40) + (source, middle)
    fill(ax, [circle], "white", "current source", dark(COLORS["I"]), 1.8, 3)
    write(ax, source, middle, "I", COLORS["I"], 13, ha="center", weight="bold")
    for x, y, part in (
        (source + 32, middle, "electrode"),
        (leak + 22, 256, "leak channels"),
        (leak + 30, 162, "battery"),
        (leak + 30, 145, "$E_L$"),
        (capacitor + 66, middle + 28, "lipid bilayer"),
        (capacitor + 66, middle - 10, "charge inside:"),
    ):
        write(ax, x, y, part)
    for x, term in zip(_TERM_X, ("I", "(V − $E_L$)/R", "C dV/dt"), strict=True):
        write(ax, x, 362, term, size=11, ha="center")
    for (name, x), way in zip(_BRANCH_X.items(), ("in", "out", "out"), strict=True):
        words = f"{name} current (+ is {way})"
        write(ax, x, 56, words, _CURRENT_COLOR[name], ha="center")
    for x, sign in ((_TERM_X[0] + 53, "="), (_TERM_X[1] + 65, "+")):
        write(ax, x, 362, sign, size=11, ha="center")
        write(ax, x, 340, sign, size=11, ha="center")
    write(ax, 12, _BOTTOM - 13, "outside: 0 mV", weight="bold")
    write(ax, 12, _TOP + 14, "inside: V =", COLORS["V"], weight="bold")
    write(ax, capacitor + 8, 18, "V changes by", COLORS["V"], ha="right")
    write(ax, _TERM_X[2] + 32, 340, "nA", size=11)
    return figure, ax


@drawing
def draw_circuit(ax, neuron, V, I, *, largest=0.5):
    """Draw the currents of the circuit at V (mV) and injected I (nA) as arrows, and the
    charge C V on the capacitor as signs; return the numbers.

    Injected I counts inward, the leak (V − E_L)/R and the capacitive current C dV/dt
    outward: I is the sum of the two. An arrow of full length stands for `largest` (nA).
    Raises ValueError for a current above it, and for more charge than there is room
    for.
    """
    leak = (V - neuron.E_L) / neuron.R
    currents = {"injected": I, "leak": leak, "capacitive": I - leak}
    shown = [round(I, 2), round(leak, 2)]
    shown.append(shown[0] - shown[1])  # so that the sum is right as it is written
    for k, (name, current) in enumerate(currents.items()):
        check_current(name, current, largest)
        upward = current if name == "injected" else -current
        reach = upward * _LONGEST_CURRENT / largest / 2
        x, middle, color = _BRANCH_X[name], (_TOP + _BOTTOM) / 2, _CURRENT_COLOR[name]
        shape = arrow((x - 84, middle - reach), (x - 84, middle + reach), 10)
        fill(ax, [shape], color, f"{name} current", "none", 0, 3)
        value, look = written(shown[k], 2), {"ha": "center", "weight": "bold"}
        write(ax, _TERM_X[k], 340, value, color, 11, **look)
        way = "in" if upward > 0 else "out"
        words = f"{value} nA, {way}" if abs(shown[k]) > 0.005 else "none"
        write(ax, x, 37, words, color, **look)
    write(ax, 101, _TOP + 14, f"{written(V, 1)} mV", COLORS["V"], weight="bold")
    slope = f"{written((I - leak) / neuron.C, 2)} mV/ms"
    write(ax, _BRANCH_X["capacitive"] + 14, 18, slope, COLORS["V"])
    _draw_battery(ax, neuron)
    _draw_plates(ax, neuron, V)
    return {
        "I": (I, "nA"),
        "leak": (leak, "nA", ".3f"),
        "C dV/dt": (I - leak, "nA", ".3f"),
        "Q": (neuron.C * V, "pC", ".1f"),
    }


def _draw_battery(ax, neuron):
    """The battery E_L, its longer line at the positive pole."""
    x, middle = _BRANCH_X["leak"], 154
    positive = math.copysign(6, neuron.E_L)
    long = [(x - 22, middle + positive), (x + 22, middle + positive)]
    short = [(x - 11, middle - positive), (x + 11, middle - positive)]
    stroke(ax, [long], "black", 1.6, "battery, positive pole")
    stroke(ax, [short], "black", 3.4, "battery, negative pole")
    for sign in (1, -1):
        place = np.array([x - 32, middle + sign * 3 * positive])
        stroke(ax, signs([place], [8], sign), "black", 1.4)
    write(ax, x + 48, 145, f"= {written(neuron.E_L)} mV")
    write(ax, x + 22, 239, f"R = {neuron.R:.4g} MΩ")


def _draw_plates(ax, neuron, V):
    """The charge C V of the inside on the upper plate, its opposite on the lower."""
    x, middle = _BRANCH_X["capacitive"], (_TOP + _BOTTOM) / 2
    charge = neuron.C * V
    areas = portions(abs(charge), PC_PER_SIGN)
    if len(areas) > 70:
        raise ValueError(
            f"C V = {charge:.0f} pC is more than the {70 * PC_PER_SIGN:g} pC "
            "there is room for on the capacitor"
        )
    row, column = np.divmod(np.arange(len(areas)), 10)
    across = (11 * (column // 2) + 9) * np.where(column % 2, 1, -1)
    for side, way in (("inside", 1), ("outside", -1)):
        places = np.column_stack([x + across, middle + way * (18 + 10 * row)])
        strokes = signs(places, 7 * np.sqrt(areas), way * V)
        stroke(ax, strokes, COLORS["V"], 1.6, f"charge {side}")
    write(ax, x + 66, middle + 11, f"C = {neuron.C:.3g} nF")
    words = f"C V = {written(charge, 1)} pC"
    write(ax, x + 66, middle - 27, words, COLORS["V"])
