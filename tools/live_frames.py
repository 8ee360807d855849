"""Pictures of live figures for a page without a kernel: each slider at its positions,
one slider at a time, the others where they start.

What is painted is what the live figure shows where a slider is moved from its start:
the start stays in grey. Of each picture only what differs from the start is stored.
"""

import contextlib
import html
import io
import json
import math
import os
import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import PIL.Image
import PIL.ImageFilter

ROOT = Path(__file__).resolve().parents[1]
MOST = int(os.environ.get("LIF_FRAMES", 41))  # positions of a slider
PEERS = {"nest": "NEST"}  # what a notebook can do without
NOISES = 6  # of a button that draws new noise
# Shades of each colour channel. The soft edges of lines have many more, which nobody
# sees and which make a picture twice as large.
SHADES = 16
MARGIN = 8  # pixels round what differs from the start


def paint(path, folder):
    """Run a notebook, and paint its live figures into a folder, with what is said of
    them in figures.json: {id of the cell: [figure, ...]}.
    """
    import matplotlib

    matplotlib.use("agg")
    # The same pictures everywhere: simulators that not every machine has are not there.
    sys.modules.update(dict.fromkeys(PEERS))
    folder.mkdir(parents=True)
    figures = {}
    for cell_id, explorers in live_figures(path).items():
        figures[cell_id] = []
        for number, explorer in enumerate(explorers):
            name = f"{cell_id}-{number}" if number else cell_id
            (folder / name).mkdir()
            figures[cell_id].append(paint_figure(explorer, folder / name))
    about = json.dumps(figures, ensure_ascii=False)
    (folder / "figures.json").write_text(about, encoding="utf-8")


def live_figures(path):
    """Run a notebook in this process, and return its live figures by cell."""
    for folder in (path.parent, ROOT):
        sys.path.insert(0, str(folder))
    import matplotlib.pyplot as plt

    import lif_notebook as nb

    explore, found = nb.explore, {}
    namespace = {"__name__": "__main__"}
    code = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    try:
        for cell in code:

            def explore_and_note(*args, cell_id=cell.id, **sliders):
                explorer = explore(*args, **sliders)
                found.setdefault(cell_id, []).append(explorer)
                return explorer

            nb.explore = explore_and_note
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell.source, f"cell {cell.id}", "exec"), namespace)
            plt.close("all")
    finally:
        nb.explore = explore
    return found


# ---- one live figure -----------------------------------------------------------------


def paint_figure(explorer, folder):
    """Paint a live figure at its start and at each position of each slider; return
    what a page needs to know of it.
    """
    setting, start = explorer.setting, pixels(explorer)
    write(PIL.Image.fromarray(start), folder / "start.webp")
    height, width = start.shape[:2]
    if explorer.along_time:
        explorer.play.click()
        (folder / "play.png").write_bytes(explorer.image.value)
    line, heard, sliders = explorer.line, spikes(explorer), []
    for number, (name, widget) in enumerate(explorer.sliders.items()):
        label, words, settings, first = positions(name, widget)
        about = {"label": label, "kind": kind(widget), "start": first, "words": words}
        about |= {"lines": [], "spikes": [], "before": ""}
        for k, value in enumerate(settings):
            if k == first:
                about["lines"].append(line)
                about["spikes"].append(heard)
                continue
            move(explorer, name, value, setting)
            about["lines"].append(explorer.line)
            about["spikes"].append(spikes(explorer))
            about["before"] = without_tags(explorer.before.value)
            write(changes(pixels(explorer), start), folder / f"{number}-{k}.webp")
        explorer.reset.click()
        sliders.append(about)
    # Painted at twice the pixels at which it is shown.
    return {
        "folder": folder.name,
        "width": width // 2,
        "height": height // 2,
        "line": line,
        "plays": explorer.along_time,
        "spikes": heard,
        "sliders": sliders,
    }


def spikes(explorer):
    """The spikes to be heard, in tenths of a ms."""
    times, _ = explorer.heard()
    return [round(10 * time) for time in times]


def kind(widget):
    """The sort of a slider: "range", "choice" or "button"."""
    if hasattr(widget, "options"):
        return "choice"
    return "range" if hasattr(widget, "step") else "button"


def positions(name, widget):
    """A slider's label, its positions in words and as what is set, and the number of
    the one where it starts.
    """
    if kind(widget) == "choice":
        words = [str(option) for option in widget.options]
        return widget.description or name, words, list(range(len(words))), widget.index
    if kind(widget) == "button":
        settings = list(range(widget.value, widget.value + NOISES))
        return widget.description, [f"noise {k}" for k in settings], settings, 0
    base = getattr(widget, "base", None)
    count = round((widget.max - widget.min) / widget.step) + 1
    place = math.log(widget.value, base) if base else widget.value
    first = round((place - widget.min) / widget.step)
    chosen = evenly(count, first)
    places = [widget.min + k * widget.step for k in chosen]
    settings = [base**place if base else place for place in places]
    symbol, _, unit = widget.description.removesuffix(")").partition(" (")
    words = [
        f"{format(setting, widget.readout_format)} {unit}".strip().replace("-", "−")
        for setting in settings
    ]
    return symbol or name, words, settings, chosen.index(first)


def evenly(count, first):
    """Of `count` steps all, or evenly chosen ones with the first, and both ends."""
    stride = math.ceil(count / max(1, MOST - 2)) if count > MOST else 1
    return sorted({0, *range(first % stride, count, stride), count - 1})


def move(explorer, name, value, start):
    """Move one slider, so that the figure shows the setting at the start in grey."""
    widget = explorer.sliders[name]
    for _ in range(2):
        if kind(widget) == "choice":
            widget.index = value
        else:
            widget.value = value
        if explorer.setting_before == start:
            break
        # A move that comes late turns the one before it grey: go back, and once more.
        explorer.reset.click()


# ---- pictures ------------------------------------------------------------------------


def pixels(explorer):
    """What a live figure shows, with few shades, an array (height, width, 3)."""
    explorer.rest()
    picture = PIL.Image.open(io.BytesIO(explorer.image.value)).convert("RGB")
    step = 255 // (SHADES - 1)
    shades = (np.asarray(picture, np.uint16) + step // 2) // step
    return (step * shades).astype(np.uint8)


def changes(shown, start):
    """A picture that is transparent where it is as at the start, but for a margin.

    On a page it lies on the start, and both are made smaller: without a margin, what
    is covered would shine through at the edges.
    """
    new = PIL.Image.fromarray(np.any(shown != start, axis=2)).convert("L")
    blocks = new.reduce(MARGIN).point(lambda share: 255 if share else 0)
    blocks = blocks.filter(PIL.ImageFilter.MaxFilter(3))
    size = (blocks.width * MARGIN, blocks.height * MARGIN)
    opaque = np.asarray(blocks.resize(size, PIL.Image.Resampling.NEAREST))
    opaque = opaque[: shown.shape[0], : shown.shape[1]]
    seen = np.where(opaque[..., None], shown, np.uint8(0))
    return PIL.Image.fromarray(np.dstack([seen, opaque]))


def write(image, path):
    image.save(path, "webp", lossless=True, method=3, quality=60)


def without_tags(text):
    return html.unescape(re.sub(r"<[^>]*>", "", text))
