"""The notebooks as the tests see them: their cells, their exercises, a run of their
code in this process, and their live figures' numbers.
"""

import math
import re
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field, replace
from io import BytesIO, StringIO
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter

import lif_notebook as nb

ROOT = Path(__file__).resolve().parents[1]
PATHS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def read(path):
    return nbformat.read(path, as_version=4)


def path_of(number):
    """The path of a notebook by its number, such as "04"."""
    return next(path for path in PATHS if path.name.startswith(number))


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def solutions(notebook):
    """The code that solves each exercise and the challenge, by its name."""
    return {
        cell.id.removesuffix("-solution"): FENCE.search(cell.source).group(1)
        for cell in notebook.cells
        if re.fullmatch(r"(exercise-\d+|challenge)-solution", cell.id)
    }


def exercises(notebook):
    """The exercises' solutions: {id of the answer cell: source that solves it}."""
    return {
        f"{name}-answer": code
        for name, code in solutions(notebook).items()
        if name != "challenge"
    }


@dataclass
class Run:
    """What a notebook did: by cell its live figures, their first view (data by type),
    printed text and pictures (PNG, also of live figures); its checks' arguments; its
    names.
    """

    explorers: dict = field(default_factory=dict)
    views: dict = field(default_factory=dict)
    printed: dict = field(default_factory=dict)
    pictures: dict = field(default_factory=dict)
    checks: list = field(default_factory=list)
    namespace: dict = field(default_factory=lambda: {"__name__": "__main__"})

    def execute(self, cell_id, source):
        """Run one cell after those before, also once more; return what it printed."""
        explore, check, animate = nb.explore, nb.check, nb.animate

        def explore_and_note(*args, **sliders):
            explorer = self.explorers[cell_id] = explore(*args, **sliders)
            view, _ = DisplayFormatter().format(explorer)
            self.views[cell_id] = view
            return explorer

        def check_and_note(*args, **options):
            self.checks.append((args, options))
            return check(*args, **options)

        def animate_and_note(*args, **options):
            moving = animate(*args, **options)
            self.pictures.setdefault(cell_id, []).append(moving.png)
            return moving

        def show_and_note():
            for number in plt.get_fignums():
                figure, png = plt.figure(number), BytesIO()
                # As the kernel's inline backend does, for sharp screens.
                figure.savefig(png, dpi=2 * figure.dpi, bbox_inches="tight")
                self.pictures.setdefault(cell_id, []).append(png.getvalue())
            plt.close("all")

        self.pictures.pop(cell_id, None)
        with pytest.MonkeyPatch.context() as patch, the_courses_style():
            patch.setattr(nb, "explore", explore_and_note)
            patch.setattr(nb, "check", check_and_note)
            patch.setattr(nb, "animate", animate_and_note)
            patch.setattr(plt, "show", show_and_note)
            patch.syspath_prepend(ROOT)  # restores sys.path, which the set-up changes
            patch.chdir(ROOT / "notebooks")
            with redirect_stdout(StringIO()) as printed:
                exec(compile(source, f"cell {cell_id}", "exec"), self.namespace)
            # A figure without plt.show() appears at the end of its cell.
            show_and_note()
        self.printed[cell_id] = printed.getvalue()
        return self.printed[cell_id]

    def branch(self):
        """A run that goes on from here and leaves this one as it is."""
        return replace(
            self,
            explorers=dict(self.explorers),
            views=dict(self.views),
            printed=dict(self.printed),
            pictures=dict(self.pictures),
            checks=list(self.checks),
            namespace=dict(self.namespace),
        )


def run(notebook, replaced=()):
    """Run the code cells in order in one namespace, with some cells' source
    replaced.
    """
    result = Run()
    sources = {cell.id: cell.source for cell in code_cells(notebook)} | dict(replaced)
    for cell_id, source in sources.items():
        result.execute(cell_id, source)
    return result


@contextmanager
def the_courses_style():
    """Figures look as in a notebook, and as before when it is left."""
    with plt.rc_context():
        nb.use_style()
        yield


def set_sliders(explorer, **values):
    """Move sliders to values that a hand can reach: within their range, on a step."""
    for name, value in values.items():
        widget = explorer.sliders[name]
        if hasattr(widget, "step"):
            place = math.log(value, widget.base) if hasattr(widget, "base") else value
            steps = (place - widget.min) / widget.step
            assert widget.min - 1e-9 <= place <= widget.max + 1e-9, (name, value)
            assert steps == pytest.approx(round(steps), abs=1e-6), (name, value)
        widget.value = value


def numbers_at(explorer, **values):
    """The numbers, by name, that a live figure shows at one setting; it is reset
    before and after.
    """
    explorer.reset.click()
    try:
        set_sliders(explorer, **values)
        return dict(explorer.numbers)
    finally:
        explorer.reset.click()
