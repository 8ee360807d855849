"""Live figures that explain themselves: at every setting each line has its name, and
nothing leaves, covers or crosses anything.
"""

import os
import random

import ipywidgets as widgets
import picture_rules
import pytest

from notebooks import PATHS, code_cells, read, the_courses_style

# Drawings of things name their parts themselves; test_drawings.py looks at them.
DRAWINGS = {("01", "explore-ions"), ("01", "explore-circuit")}
FIGURES = [
    (path, cell.id)
    for path in PATHS
    for cell in code_cells(read(path))
    if "nb.explore(" in cell.source and (path.name[:2], cell.id) not in DRAWINGS
]
RANDOM_SETTINGS = 50 if os.environ.get("LIF_THOROUGH") else 3


def positions(widget):
    """What a slider can be moved to: its ends and its middle, or all its options."""
    if isinstance(widget, widgets.FloatSlider | widgets.FloatLogSlider):
        steps = round((widget.max - widget.min) / widget.step)
        return [at(widget, step) for step in (0, steps // 2, steps)]
    if hasattr(widget, "options"):
        return list(widget.options)
    return [1, 2, 3]


def at(widget, step):
    """The value of a slider at one of its steps."""
    value = widget.min + step * widget.step
    return 10**value if isinstance(widget, widgets.FloatLogSlider) else value


def anywhere(widget, rng):
    if isinstance(widget, widgets.FloatSlider | widgets.FloatLogSlider):
        return at(
            widget, rng.randint(0, round((widget.max - widget.min) / widget.step))
        )
    return rng.choice(
        positions(widget) + ([4, 5, 6] if not hasattr(widget, "options") else [])
    )


def settings(live):
    """The default, each slider at its ends and middle, all at once, random ones."""
    names = list(live.sliders)
    yield {}
    for name in names:
        for value in positions(live.sliders[name]):
            yield {name: value}
    for end in (0, -1):
        yield {name: positions(live.sliders[name])[end] for name in names}
    rng = random.Random(1)
    for _ in range(RANDOM_SETTINGS):
        yield {name: anywhere(live.sliders[name], rng) for name in names}


def faults(live):
    """What is wrong with a live figure, by setting."""
    found = {}
    for setting in settings(live):
        live.reset.click()
        for name, value in setting.items():
            live.sliders[name].value = value
        with live.opened() as figure:
            problems = picture_rules.problems(figure)
        if problems:
            found[str(live.setting)] = problems
    live.reset.click()
    return found


@pytest.mark.parametrize(
    ("path", "cell"), FIGURES, ids=lambda part: getattr(part, "stem", part)
)
def test_a_live_figure_explains_itself_at_every_setting(path, cell, runs):
    live = runs(path).explorers[cell]
    with the_courses_style():
        assert faults(live) == {}
