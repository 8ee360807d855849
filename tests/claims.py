"""What the tests of a notebook's claims share: its texts and their numbers, formulas,
figures and checks, and the settings of its sliders.

A test of claims writes each number where it is computed; `Claims.unsaid` shows that no
number stands in the text without.
"""

import ast
import io
import itertools
import re
import tokenize

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from latex import compute, sides
from matplotlib.colors import to_hex, to_rgba, to_rgba_array
from picture_rules import is_level

import lif_notebook as nb
from notebooks import FENCE, path_of, read

# Words that a slip can turn round, and the sentence then says the opposite.
DIRECTION = re.compile(
    r"\b(higher|lower|raises?|lowers|rises?|falls?|climbs?|"
    r"longer|shorter|slow|slower|slowly|slowest|quick|fast|faster|fastest|"
    r"sooner|soon|later|earlier|above|below|up|down|larger?|smaller|"
    r"strong|stronger|weak|weaker|further|nearer|negative|positive|"
    r"inward|outward|inside|outside|shrinks?|grows?|rarer|twice|half|"
    r"depolarises?|hyperpolarises?)\b"
)
EQUATION = re.compile(r" = ")  # in a sentence, not in a displayed formula


def number(value, decimals=0):
    """A number as the course writes it."""
    return f"{value:.{decimals}f}".replace("-", "−")


def cell_of(exercise):
    """The name of the cell that asks an exercise, or the challenge."""
    return exercise if exercise == "challenge" else f"exercise-{exercise}"


class Claims:
    """A notebook's text and code by cell, and what tests ask of them."""

    def __init__(self, notebook_number):
        self.number = notebook_number
        self.cells = {cell.id: cell for cell in read(path_of(notebook_number)).cells}

    def source(self, cell):
        return self.cells[cell].source

    def texts(self):
        """The cells of prose: {cell: text}."""
        return {
            name: cell.source
            for name, cell in self.cells.items()
            if cell.cell_type == "markdown"
        }

    # ---- Numbers ---------------------------------------------------------------------

    def missing(self, said):
        """The phrases that should stand in the cells, {cell: phrases}, and do not."""
        return {
            cell: absent
            for cell, phrases in said.items()
            if (absent := [text for text in phrases if text not in self.source(cell)])
        }

    def unsaid(self, said, run=()):
        """The numbers that stand in the prose, but in none of the phrases. Solutions
        that other tests run are named; minutes and sources have tests of their own.
        """
        found = {}
        for cell, text in self.texts().items():
            if cell == "sources":
                continue
            if cell in run:
                text = re.sub(FENCE, "", text)
            for phrase in sorted(said.get(cell, []), key=len, reverse=True):
                text = text.replace(phrase, "")
            if cell == "about":
                text = re.sub(r"About \d+ minutes; \d+ with", "", text)
            if numbers := re.findall(r".{0,20}\d.{0,20}", text):
                found[cell] = numbers
        return found

    def said_by_checks(self, pattern=r"\d"):
        """The texts with a number, or a pattern, in the cells that check answers."""
        texts = {
            node.value
            for name, cell in self.cells.items()
            if name.endswith("-check")
            for node in ast.walk(ast.parse(cell.source))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        return {text for text in texts if re.search(pattern, text) and len(text) > 2}

    def said_in_code(self, pattern=r"\d"):
        """The comments and docstrings with a number, or a pattern: {cell: texts}. Those
        of the set-up, of exercises and of their checks are left out.
        """
        found = {}
        for name, cell in self.cells.items():
            if cell.cell_type != "code" or re.match("setup|exercise-|challenge", name):
                continue
            tokens = tokenize.generate_tokens(io.StringIO(cell.source).readline)
            texts = [token.string for token in tokens if token.type == tokenize.COMMENT]
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.FunctionDef):
                    texts.append(ast.get_docstring(node) or "")
            if texts := [text for text in texts if re.search(pattern, text)]:
                found[name] = texts
        return found

    def misplaced(self, sources):
        """Of {work: place}, the works whose (first) line of the sources lacks it."""
        lines = self.source("sources").splitlines()
        return [
            work
            for work, place in sources.items()
            if place not in next((line for line in lines if work in line), "")
        ]

    def dois(self):
        """The sources' DOIs, each of which its link repeats."""
        return re.findall(
            r"\[doi:(.+?)\]\(https://doi.org/\1\)", self.source("sources")
        )

    # ---- Formulas --------------------------------------------------------------------

    def formulas(self, cell):
        """The displayed formulas of a cell; those side by side are taken apart."""
        shown = re.findall(r"\$\$(.+?)\$\$", self.source(cell), flags=re.DOTALL)
        return [part for formula in shown for part in formula.split(r"\qquad")]

    def inline(self, cell, place):
        """A formula within a sentence, by its place in the cell."""
        return re.findall(r"(?<!\$)\$([^$]+)\$(?!\$)", self.source(cell))[place]

    def right_side(self, cell, place=0, **symbols):
        """The value of a displayed formula's right side."""
        return compute(sides(self.formulas(cell)[place])[1], **symbols)

    # ---- Figures ---------------------------------------------------------------------

    def axes(self, run, cell):
        """The axes of a cell's figure, made once more."""
        again = run.branch()
        again.execute(cell, self.source(cell))
        return again.namespace["figure"].axes

    def axes_said(self, run, cell):
        """Of each axes of a cell's figure: labels and limits of x and y."""
        return [
            (ax.get_xlabel(), ax.get_ylabel(), ax.get_xlim(), ax.get_ylim())
            for ax in self.axes(run, cell)
        ]

    # ---- Exercises -------------------------------------------------------------------

    def solution(self, exercise):
        """The code of an exercise's solution, or of the challenge's."""
        return FENCE.search(self.source(f"{cell_of(exercise)}-solution")).group(1)

    def verdict(self, run, exercise, code, capsys):
        """What the check of an exercise, or of the challenge, says to an answer."""
        name = cell_of(exercise)
        again = run.branch()
        again.execute(f"{name}-answer", code)
        again.execute(f"{name}-check", self.source(f"{name}-check"))
        return again.printed[f"{name}-check"] + capsys.readouterr().out

    # ---- Words -----------------------------------------------------------------------

    def unshown(self, *said, pattern=DIRECTION):
        """The words of direction, or what else a pattern finds, that stand in the
        prose, but in none of the phrases: {cell: phrases} or {cell: phrase}. Questions
        and tasks claim nothing.
        """
        claim_nothing = r"title|about|how-to|sources|next|predict-.+|exercise-\d+"
        found = {}
        for cell, text in self.texts().items():
            if re.fullmatch(claim_nothing, cell):
                continue
            given = [each[cell] for each in said if cell in each]
            phrases = [[each] if isinstance(each, str) else each for each in given]
            for phrase in sorted(itertools.chain(*phrases), key=len, reverse=True):
                text = text.replace(phrase, "")
            text = re.sub(r"```[^`]*```|`[^`\n]*`|\$\$[^$]*\$\$", "", text)
            text = re.sub(r"^#.*|[^.:\n]*\?", "", text, flags=re.MULTILINE)
            if words := [
                text[max(match.start() - 20, 0) : match.end() + 20]
                for match in pattern.finditer(text)
            ]:
                found[cell] = words
        return found

    def explained(self):
        """The words in bold, each of which the prose explains where it stands."""
        texts = self.texts()
        return {
            word
            for name in texts.keys() - {"common-mistakes", "about", "sources"}
            for word in re.findall(r"\*\*([a-zé][^*]+)\*\*", texts[name])
        }


# ---- Sliders -------------------------------------------------------------------------


def grid(explorer, name, steps=5):
    """So many values of a slider, from end to end, on its steps."""
    widget = explorer.sliders[name]
    if hasattr(widget, "options"):
        return list(widget.options)
    number_of_steps = round((widget.max - widget.min) / widget.step)
    places = np.unique(np.linspace(0, number_of_steps, steps).round())
    values = [widget.min + place * widget.step for place in places]
    if hasattr(widget, "base"):  # a logarithmic slider
        values = [widget.base**value for value in values]
    # 0.3, not 0.30000000000000004; of a power all digits that a step is judged by.
    return [float(f"{value:.12g}") for value in values]


def movable(explorer):
    """The sliders and choices of a live figure by name, without its buttons."""
    return {
        name: widget
        for name, widget in explorer.sliders.items()
        if hasattr(widget, "options") or hasattr(widget, "step")
    }


def settings(explorer, randomly=200):
    """Each pair of sliders at 5 times 5 values, the others at their defaults, and 200
    settings at random, the same at each call. Buttons are left out.
    """
    rng = np.random.default_rng(1)
    names = list(movable(explorer))
    default = {name: explorer.sliders[name].value for name in names}
    found = [default]
    for pair in itertools.combinations(names, min(2, len(names))):
        values = itertools.product(*(grid(explorer, name) for name in pair))
        found += [default | dict(zip(pair, value, strict=True)) for value in values]
    every = {name: grid(explorer, name, 10**6) for name in names}
    found += [
        {name: every[name][rng.integers(len(every[name]))] for name in names}
        for _ in range(randomly)
    ]
    return found


def about(slider):
    """A slider's label and options, or its label, value, ends and step."""
    if hasattr(slider, "options"):
        return slider.description, tuple(slider.options)
    return slider.description, slider.value, slider.min, slider.max, slider.step


def sliders(run):
    """What each live figure can be moved by: {cell: {name: about the slider}}."""
    return {
        cell: {name: about(widget) for name, widget in movable(explorer).items()}
        for cell, explorer in run.explorers.items()
    }


def drawn(run, function, panels, **setting):
    """The curves of a drawing function by name: x and y."""
    _, axes = plt.subplots(panels)
    run.namespace[function](axes, **setting)
    return by_name(*np.atleast_1d(axes))


def by_name(*axes):
    """The curves in axes by name: x and y."""
    lines = [line for ax in axes for line in ax.get_lines()]
    return {line.get_label(): line.get_xydata().T for line in lines}


# ---- Colours and levels --------------------------------------------------------------

MEANINGS = {to_hex(nb.SIMULATED["color"]): "V"} | {
    to_hex(color): name for name, color in nb.COLORS.items()
}


def meaning(artist):
    """What an artist's colour stands for: "V", "excitation", "theory" ..."""
    if isinstance(artist, mpl.lines.Line2D):
        colors = [artist.get_color()]
    else:
        both = artist.get_edgecolor(), artist.get_facecolor()
        colors = itertools.chain(*map(to_rgba_array, both))
    return next(MEANINGS.get(to_hex(color)) for color in colors if to_rgba(color)[3])


def meanings(*axes):
    """The names of what is drawn in axes, each with what its colour stands for."""
    return {
        artist.get_label(): meaning(artist)
        for ax in axes
        for artist in (*ax.get_lines(), *ax.collections, *ax.patches)
        if not is_level(artist)
    }


def meanings_first(explorer):
    """The `meanings` of what a live figure draws before a slider is moved."""
    explorer.reset.click()
    with explorer.opened() as figure:
        return meanings(*figure.axes)


def levels(*axes):
    """The height of each level in axes, and the name that stands at its end."""
    return [
        (height, name.get_text())
        for ax in axes
        for height in [line.get_ydata()[0] for line in ax.get_lines() if is_level(line)]
        for name in ax.texts
        if name.get_position() == (1.01, height)
    ]
