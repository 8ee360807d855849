"""What a figure must keep, so that a reader who sees the picture alone knows each line.

Each rule takes a painted figure and returns the list of what breaks it.
"""

import itertools

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgba

from lif_figures import contrast, marks, outlines

SLACK = 1.5  # pixels at 100 dpi by which a line's edge or a text's box may reach over


def data_artists(figure):
    """The visible artists that carry data, with their axes."""
    for ax in figure.axes:
        for artist in (*ax.get_lines(), *ax.collections, *ax.patches, *ax.images):
            if artist.get_visible():
                yield ax, artist


def texts(figure):
    """The visible texts that are not empty, with the boxes that they cover."""
    renderer = figure.canvas.get_renderer()
    found = [text for text in figure.findobj(mpl.text.Text) if text.get_text().strip()]
    hidden = {
        label
        for ax in figure.axes
        for axis in (ax.xaxis, ax.yaxis)
        for label in unused_tick_labels(ax, axis)
    }
    return [
        (text, text.get_window_extent(renderer))
        for text in found
        if text.get_visible() and text not in hidden
    ]


def unused_tick_labels(ax, axis):
    """Tick labels that are not painted: outside the limits, or switched off."""
    low, high = sorted(axis.get_view_interval())
    for tick in (*axis.majorTicks, *axis.minorTicks):
        outside = not low - 1e-9 <= tick.get_loc() <= high + 1e-9
        for label in (tick.label1, tick.label2):
            if outside or not ax.axison:
                yield label


def nameless(figure):
    """Whatever carries data carries a name that stands in the picture."""
    written = {text.get_text() for text, _ in texts(figure)}
    problems = []
    for ax, artist in data_artists(figure):
        label = str(artist.get_label())
        if is_level(artist):
            if not any(stands_at(text, ax, artist) for text in ax.texts):
                problems.append(f"the level {artist.get_ydata()[0]:g} has no name")
        elif label.startswith("_") or not label:
            problems.append(f"{artist} in {ax.get_ylabel()!r} has no name")
        elif label not in written:
            problems.append(f"the name {label!r} does not stand in the picture")
    return problems


def is_level(artist):
    """A level's name stands at its end, outside the axes."""
    return artist.get_gid() == "level"


def stands_at(text, ax, level):
    """Whether a text stands at the right end of a level, beside the axes."""
    x, y = text.get_transform().transform(text.get_position())
    _, height = ax.transData.transform((0, level.get_ydata()[0]))
    return text.get_visible() and x >= ax.bbox.x1 and abs(y - height) < 10


def leaving(figure):
    """No line or mark leaves its axes, unless it says so with the gid "may leave"."""
    problems = []
    slack = SLACK * figure.dpi / 100
    for ax, artist in data_artists(figure):
        if artist.get_gid() == "may leave" or isinstance(artist, mpl.image.AxesImage):
            continue
        box = ax.bbox
        for corners in outlines(artist):
            corners = corners[np.isfinite(corners).all(axis=1)]
            if not len(corners):
                continue
            low, high = corners.min(axis=0), corners.max(axis=0)
            if (low < (box.x0 - slack, box.y0 - slack)).any() or (
                high > (box.x1 + slack, box.y1 + slack)
            ).any():
                problems.append(f"{artist.get_label()!r} leaves its axes")
                break
    return problems


def overlapping(figure):
    """No text stands on another."""
    problems = []
    for (one, box), (other, second) in itertools.combinations(texts(figure), 2):
        width = min(box.x1, second.x1) - max(box.x0, second.x0)
        height = min(box.y1, second.y1) - max(box.y0, second.y0)
        if min(width, height) > SLACK * figure.dpi / 100:
            problems.append(f"{one.get_text()!r} overlaps {other.get_text()!r}")
    return problems


def cut_off(figure):
    """No text leaves the figure."""
    page, slack = figure.bbox, SLACK * figure.dpi / 100
    return [
        f"{text.get_text()!r} leaves the figure"
        for text, box in texts(figure)
        if box.x0 < page.x0 - slack
        or box.y0 < page.y0 - slack
        or box.x1 > page.x1 + slack
        or box.y1 > page.y1 + slack
    ]


def crossed(figure):
    """No text of an axes stands on a line or a mark; it may stand on a pale area."""
    problems = []
    for ax, artist in data_artists(figure):
        if is_pale(artist):
            continue
        paths = [
            mpl.path.Path(corners[np.isfinite(corners).all(axis=1)])
            for corners in outlines(artist)
        ]
        paths = [path for path in paths if len(path.vertices)]
        points = [mpl.transforms.Bbox(corners) for corners in marks(artist)]
        for text, box in texts(figure):
            shrunk = box.padded(-SLACK)
            on_line = any(path.intersects_bbox(shrunk, filled=False) for path in paths)
            on_mark = any(shrunk.overlaps(point) for point in points)
            if text in ax.texts and (on_line or on_mark):
                name = f"{artist.get_label()!r}"
                problems.append(f"{text.get_text()!r} stands on {name}")
    return sorted(set(problems))


def is_pale(artist):
    """A filled area in so light a colour that black text on it can be read."""
    if isinstance(artist, mpl.lines.Line2D | mpl.collections.LineCollection):
        return False
    faces = np.atleast_2d(artist.get_facecolor())
    if not len(faces):
        return False
    alpha = faces[0, -1]
    mixed = alpha * faces[0, :3] + (1 - alpha)
    return contrast(mixed, (0, 0, 0)) > 9


def pale_texts(figure):
    """Every text has a contrast of at least 4.5 on white."""
    return [
        f"{text.get_text()!r} has a contrast of {contrast(color[:3], 'white'):.1f}"
        for text, _ in texts(figure)
        if contrast((color := to_rgba(text.get_color()))[:3], "white") < 4.5
    ]


RULES = [nameless, leaving, overlapping, cut_off, crossed, pale_texts]


def problems(figure):
    """All that breaks a rule in a painted figure."""
    return [problem for rule in RULES for problem in rule(figure)]
