"""The notebooks as the tests see them: their cells, their exercises, and a run of
their code in this process.
"""

import os
import re
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat

import lif_notebook as nb

ROOT = Path(__file__).resolve().parents[1]
PATHS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def read(path):
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def exercises(notebook):
    """The exercises' solutions: {id of the answer cell: source that solves it}."""
    sources = {cell.id: cell.source for cell in notebook.cells}
    names = [cell_id for cell_id in sources if re.fullmatch(r"exercise-\d+", cell_id)]
    return {
        f"{name}-answer": FENCE.search(sources[f"{name}-solution"]).group(1)
        for name in names
    }


@dataclass
class Run:
    """What a notebook did: live figures, printed text and static pictures by cell;
    its checks' arguments; its names.
    """

    explorers: dict
    checks: list
    printed: dict
    pictures: dict
    namespace: dict


def run(notebook, monkeypatch, replaced=()):
    """Run the code cells in order in one namespace, with some cells' source
    replaced.
    """
    result = Run({}, [], {}, {}, {"__name__": "__main__"})
    current = ""
    explore, check = nb.explore, nb.check

    def explore_and_note(*args, **sliders):
        result.explorers[current] = explore(*args, **sliders)
        return result.explorers[current]

    def check_and_note(*args, **options):
        result.checks.append((args, options))
        check(*args, **options)

    def show_and_note():
        for number in plt.get_fignums():
            figure, png = plt.figure(number), BytesIO()
            figure.savefig(
                png, dpi=figure.dpi, bbox_inches="tight"
            )  # as the kernel's inline backend does
            result.pictures.setdefault(current, []).append(png.getvalue())
        plt.close("all")

    monkeypatch.setattr(nb, "explore", explore_and_note)
    monkeypatch.setattr(nb, "check", check_and_note)
    monkeypatch.setattr(plt, "show", show_and_note)
    monkeypatch.syspath_prepend(
        str(ROOT)
    )  # restores sys.path, which the set-up cell changes
    folder = os.getcwd()
    os.chdir(ROOT / "notebooks")
    try:
        for cell in code_cells(notebook):
            current = cell.id
            with redirect_stdout(StringIO()) as printed:
                source = dict(replaced).get(cell.id, cell.source)
                exec(compile(source, f"cell {cell.id}", "exec"), result.namespace)
            result.printed[cell.id] = printed.getvalue()
            show_and_note()  # a figure without plt.show() appears at the end of its cell
    finally:
        os.chdir(folder)
        plt.close("all")
        monkeypatch.undo()
    return result
