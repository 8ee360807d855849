"""Every notebook's anatomy and sliders; new notebooks are picked up by
their names.
"""

import base64
import builtins
import io
import math
import re
import statistics
import symtable
import tokenize
from dataclasses import replace

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbconvert
import nbformat
import numpy as np
import PIL.Image
import pytest
import reading

import lif_helpers as lif
import lif_notebook as nb
from notebooks import PATHS, ROOT, code_cells, exercises, read, the_courses_style

CHALLENGE = [
    "challenge",
    "challenge-answer",
    "challenge-check",
    "challenge-solution",
]
CLOSING = [
    "common-mistakes",
    "summary",
    "progress-text",
    "progress",
    "sources",
    "next",
]
each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


@pytest.fixture
def notebook(path):
    return read(path)


@pytest.fixture(autouse=True)
def style():
    with the_courses_style():
        yield


# ---- Anatomy: a rule returns what breaks it, so that a test can show that it would ---


def opening_and_closing(notebook):
    ids = [cell.id for cell in notebook.cells]
    problems = [
        f"{name} is missing"
        for name in ["setup", "imports", *CLOSING]
        if name not in ids
    ]
    closing = [name for name in ids if name not in CHALLENGE][-len(CLOSING) :]
    if ids[0] != "title" or closing != CLOSING:
        problems.append(f"begins with {ids[0]}, ends with {closing}")
    challenge = [name for name in ids if name in CHALLENGE]
    if challenge and ids[ids.index("summary") + 1 :][: len(CHALLENGE)] != CHALLENGE:
        problems.append(f"{challenge} must be {CHALLENGE}, after the summary")
    about = [cell.source for cell in notebook.cells if cell.id == "about"]
    title = "\n\n".join([notebook.cells[0].source, *about])
    parts = ("What you'll do", "What you'll learn", "What you need", "minutes")
    problems += [f"title lacks {part}" for part in parts if part not in title]
    address = r"(Open this notebook in .+\n\n)?"
    if not re.match(
        rf"# \d+ · .+\n\n\*\*.+\?\*\*\n\n{address}\*\*What you'll do", title
    ):
        problems.append("title must be '# number · name' and a question in bold")
    return problems


def number_of(notebook):
    """The notebook's number; -1 for one that has none."""
    match = re.match(r"# (\d+) ·", notebook.cells[0].source)
    return int(match[1]) if match else -1


def by_section(notebook):
    """Each cell with its section's kind: core or deeper; what has no mark is core."""
    kind = "core"
    for cell in notebook.cells:
        if cell.source.startswith("## "):
            mark = re.match(r"## .+\n\n\*(core|deeper)\*\n", cell.source)
            kind = mark[1] if mark else "core"
        yield kind, cell


def core_and_whole(notebook):
    """The cells of core, and all cells."""
    core = [cell for kind, cell in by_section(notebook) if kind == "core"]
    return core, notebook.cells


def count_words(cells):
    texts = [cell.source for cell in cells if cell.cell_type != "code"]
    return sum(len(reading.words(text)) for text in texts)


def minutes(cells):
    """What a student needs for these cells, rounded up to 5 minutes."""
    return 5 * math.ceil(sum(map(reading.minutes, cells)) / 5)


def length(notebook):
    sections = [
        cell
        for cell in notebook.cells
        if cell.source.startswith("## ") and cell.id not in CLOSING + CHALLENGE
    ]
    problems = [
        f"{cell.id}: neither *core* nor *deeper*"
        for cell in sections
        if not re.match(r"## .+\n\n\*(core|deeper)\*\n", cell.source)
    ]
    problems += [] if 4 <= len(sections) <= 7 else [f"{len(sections)} sections"]
    core, whole = map(count_words, core_and_whole(notebook))
    problems += [] if core <= 2000 else [f"{core} words of core"]
    problems += [] if 1500 <= whole <= 3000 else [f"{whole} words"]
    tasks = len(exercises(notebook))
    return problems + ([] if tasks >= 6 else [f"{tasks} exercises"])


def honest_minutes(notebook):
    core, whole = map(minutes, core_and_whole(notebook))
    about = "".join(cell.source for cell in notebook.cells if cell.id == "about")
    said = re.search(r"bout (\d+) minutes(?:; (\d+) with)?", about)
    found = (int(said[1]), int(said[2] or said[1])) if said else None
    problems = [] if found == (core, whole) else [f"{found}, not {(core, whole)}"]
    return problems + ([] if core <= 60 else [f"{core} minutes of core"])


def recall_and_challenge(notebook):
    ids = [cell.id for cell in notebook.cells]
    wanted = ["recall"] if number_of(notebook) >= 2 else []
    wanted += CHALLENGE if number_of(notebook) != 0 else []
    problems = [f"{name} is missing" for name in wanted if name not in ids]
    for cell in notebook.cells:
        if cell.id == "recall" and cell.source.count("<details>") != 3:
            problems.append(f"{cell.source.count('<details>')} questions to recall")
    return problems


# Of the tokens of a notebook's cells: the median and 90th percentile of the open ones,
# and the most of a folded one.
SIZES = (40, 100, 170)
TOKENS_BEFORE_THE_FIRST_FIGURE = 150


def tokens(source):
    """The number of tokens of Python code, without comments and layout; a text in
    quotation marks is one.
    """
    layout = {"COMMENT", "NL", "NEWLINE", "INDENT", "DEDENT", "ENDMARKER"}
    count = depth = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        name = tokenize.tok_name[token.type]
        if name == "FSTRING_END":  # Python 3.12 and later takes f-strings apart
            depth -= 1
        count += depth == 0 and name not in layout
        depth += name == "FSTRING_START"
    return count


def is_folded(cell):
    return cell.metadata.get("jupyter", {}).get("source_hidden", False)


def cell_sizes(notebook):
    """Of all cells but those of the exercises and the set-up."""
    median, ninth_decile, folded = SIZES
    cells = [
        cell
        for cell in code_cells(notebook)
        if cell.id != "setup" and not cell.id.startswith("exercise-")
    ]
    problems = [
        f"{cell.id}: {tokens(cell.source)} tokens"
        for cell in cells
        if is_folded(cell) and tokens(cell.source) > folded
    ]
    seen = [cell for cell in cells if not is_folded(cell)]
    sizes = [tokens(cell.source) for cell in seen]
    if statistics.median(sizes) > median:
        problems.append(f"median of {statistics.median(sizes):g} tokens")
    found = statistics.quantiles(sizes, n=10, method="inclusive")[-1]
    if found > ninth_decile:
        problems.append(f"90th percentile of {found:g} tokens")
    before_figure = 0
    for cell in cells:
        before_figure += 0 if is_folded(cell) else tokens(cell.source)
        if any("image/png" in output.get("data", {}) for output in cell.outputs):
            break
    if before_figure > TOKENS_BEFORE_THE_FIRST_FIGURE:
        problems.append(f"first figure after {before_figure} tokens of code")
    return problems


def assigned(source):
    """The names that a cell gives a value at its top level."""
    table = symtable.symtable(source, "cell", "exec")
    names = [name for name in table.get_symbols() if name.is_assigned()]
    return {name.get_name() for name in names}


def taken_from_elsewhere(source):
    """The names that a cell reads and does not assign."""

    def read_globally(table, top):
        found = {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_referenced() and (top or symbol.is_global())
        }
        return found.union(
            *(read_globally(child, False) for child in table.get_children())
        )

    read = read_globally(symtable.symtable(source, "cell", "exec"), True)
    return read - assigned(source) - imported(source) - set(dir(builtins))


def imported(source):
    table = symtable.symtable(source, "cell", "exec")
    return {name.get_name() for name in table.get_symbols() if name.is_imported()}


# What a student calls things: such a name must have its value from the cell that uses
# it, or an answer given earlier changes what a later figure shows.
STUDENTS_NAMES = set(
    "neuron membrane recording trace t dt V I C R E g E_L g_L g_E g_I tau tau_m "  # noqa: SIM905
    "tau_eff V_th V_reset V_inf t_ref current currents rate rates spikes spike_times "
    "isi interval intervals latency cv mean std sigma_V noise gain phase times f x y n "
    "low high middle answer value right result".split()
)


def names_of_their_own(notebook):
    """No cell depends on a name that a student may have used for something else, and
    none takes away a name that an exercise before it reads.

    In 00 a student learns what names are, and gives these names in its cells.
    """
    teaches_names = notebook.cells[0].source.startswith("# 0 ·")
    students_names = set() if teaches_names else STUDENTS_NAMES
    problems = []
    exercise_reads = {}
    solutions = exercises(notebook)
    for cell in code_cells(notebook):
        of_exercise = cell.id.startswith("exercise-")
        sources = [cell.source, *filter(None, [solutions.get(cell.id)])]
        if of_exercise:
            for source in sources:
                for name in taken_from_elsewhere(source):
                    exercise_reads.setdefault(name, cell.id)
        else:
            problems += [
                f"{cell.id}: takes {name} from another cell"
                for name in sorted(taken_from_elsewhere(cell.source) & students_names)
            ]
            problems += [
                f"{cell.id}: assigns {name}, which {exercise_reads[name]} reads"
                for name in sorted(assigned(cell.source) & exercise_reads.keys())
            ]
    return problems


def sliders_only_for_explore(notebook):
    """A slider is an argument of `explore`, each on a line of its own."""
    widget = r"nb\.(?:slider|choice|NewNoise)\("
    problems = []
    for cell in code_cells(notebook):
        for line in cell.source.splitlines():
            count = len(re.findall(widget, line))
            argument = re.match(rf"(    |nb\.explore\(.*)\w+={widget}", line)
            if count > 1 or (count == 1 and not argument):
                problems.append(f"{cell.id}: {line.strip()}")
    return problems


def sentences_before_code(notebook):
    """A cell may continue its neighbour; three open ones in a row want a sentence."""
    problems = []
    in_a_row = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            in_a_row = []
        elif not is_folded(cell):
            in_a_row.append(cell.id)
        if len(in_a_row) == 3:
            problems.append(f"{', '.join(in_a_row)} without a sentence")
    return problems


def sliders_framed(notebook):
    problems = []
    for before, cell, after in zip(
        notebook.cells, notebook.cells[1:], notebook.cells[2:], strict=False
    ):
        if cell.cell_type == "code" and "nb.explore(" in cell.source:
            if "**Predict.**" not in before.source:
                problems.append(f"{cell.id}: no prediction before")
            if (
                "<details><summary>What you should have seen</summary>"
                not in after.source
            ):
                problems.append(f"{cell.id}: no fold after")
    return problems


def clean_code(notebook):
    banned = {
        "import *": r"import \*",
        "a magic": r"^\s*[%!]",
        "a download": r"urlopen|urlretrieve|requests|https?://",
        "the global generator": r"np\.random\.(?!default_rng)",
        "a semicolon": r";\s*$",
    }
    problems = []
    for cell in code_cells(notebook):
        found = [
            name
            for name, pattern in banned.items()
            if re.search(pattern, cell.source, re.MULTILINE)
        ]
        problems += [
            f"{cell.id}: {name}"
            for name in found
            if (cell.id, name) != ("setup", "a download")
        ]
    return problems


def clean_outputs(notebook):
    problems = []
    cells = code_cells(notebook)
    if [cell.execution_count for cell in cells] != list(range(1, len(cells) + 1)):
        problems.append("not run once from top to bottom")
    if (
        "widgets" in notebook.metadata
        or "application/vnd.jupyter.widget" in nbformat.writes(notebook)
    ):
        problems.append("holds widget state or views")
    for cell in cells:
        texts = [
            output.get("text", output.get("data", {}).get("text/plain", ""))
            for output in cell.outputs
        ]
        problems += [
            f"{cell.id}: {output.output_type} {output.get('name', '')}"
            for output in cell.outputs
            if output.output_type == "error" or output.get("name") == "stderr"
        ]
        problems += [
            f"{cell.id}: {number} has more than 6 digits"
            for text in texts
            for number in raw_numbers(text)
        ]
        pictures = [
            output.data["image/png"]
            for output in cell.outputs
            if "image/png" in output.get("data", {})
        ]
        if ("nb.explore(" in cell.source or "plt.show()" in cell.source) and len(
            pictures
        ) != 1:
            problems.append(f"{cell.id}: {len(pictures)} pictures")
        problems += [
            f"{cell.id}: blank or small picture"
            for png in pictures
            if not drawn(base64.b64decode(png))
        ]
    return problems


def raw_numbers(text):
    """The decimal numbers in a text with more than 6 significant digits."""
    return [
        number
        for number in re.findall(r"\d+\.\d+", text)
        if len(number.replace(".", "").lstrip("0")) > 6
    ]


def described_pictures(notebook):
    """Every picture has words for those who do not see it: in the text its alt text, a
    figure one sentence in its cell's metadata ("alt"), a live one its numbers.
    """
    problems = [
        f"{cell.id}: a picture without words"
        for cell in code_cells(notebook)
        for output in cell.outputs
        if "image/png" in output.get("data", {})
        and len(output.metadata.get("image/png", {}).get("alt", "").split()) < 4
    ]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            tags = re.findall(r"!\[\s*\]|<img\b[^>]*>", cell.source)
            problems += [
                f"{cell.id}: {tag} without alt text"
                for tag in tags
                if not re.search(r'alt="[^"]+"', tag)
            ]
    return problems


def drawn(png):
    """Whether a picture has a sensible size and something on it."""
    image = PIL.Image.open(io.BytesIO(png)).convert("L")
    return min(image.size) > 200 and np.asarray(image).std() > 5


# By the name under which README ("Add a notebook") explains them.
RULES = {
    "Order": opening_and_closing,
    "Recall and challenge": recall_and_challenge,
    "Length": length,
    "Minutes": honest_minutes,
    "Size of code": cell_sizes,
    "Names": names_of_their_own,
    "Sliders": sliders_only_for_explore,
    "Sentences": sentences_before_code,
    "Predict and see": sliders_framed,
    "Clean code": clean_code,
    "Clean outputs": clean_outputs,
    "Words for pictures": described_pictures,
}


def explained():
    """README's rules for notebooks: {name: text}."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    section = text.partition("## Add a notebook")[2].partition("\n## ")[0]
    found = re.findall(r"^- \*\*(.+?)\.\*\* (.+(?:\n  .+)*)", section, re.MULTILINE)
    return {name: " ".join(words.split()) for name, words in found}


def test_every_rule_is_explained():
    assert explained().keys() == RULES.keys()


@each_notebook
@pytest.mark.parametrize("name", RULES)
def test_anatomy(notebook, name):
    problems = RULES[name](notebook)
    assert problems == [], f"The rule is: {explained()[name]}"


@each_notebook
def test_format_and_size(path, notebook):
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.language_info == {"name": "python"}
    assert path.stat().st_size < 1_000_000
    assert all(re.fullmatch(r"[a-z][a-z0-9-]+", cell.id) for cell in notebook.cells)
    assert "](http" not in "".join(
        re.findall(r"!\[[^]]*\]\([^)]*\)", nbformat.writes(notebook))
    )


def test_the_set_up_cell_is_the_same_everywhere_and_short():
    for name, lines in (("setup", 35), ("imports", 6)):
        cells = {cell.source for path in PATHS for cell in read(path).cells
                 if cell.id == name}  # fmt: skip
        assert len(cells) == 1
        source = cells.pop()
        assert sum(bool(line.strip()) for line in source.splitlines()) <= lines
    assert source.endswith("nb.use_style()")


def test_the_rules_find_what_breaks_them():
    """A notebook without any of the anatomy breaks every rule."""
    cells = [
        nbformat.v4.new_code_cell("nb.explore(draw);", execution_count=3),
        nbformat.v4.new_code_cell("\n".join(["x = 1"] * 200)),
        nbformat.v4.new_code_cell('I = nb.slider("I", 0, 0, 1, 0.1)\nprint(neuron)'),
        nbformat.v4.new_markdown_cell("too short ![](circuit.png)"),
    ]
    bad = nbformat.v4.new_notebook(cells=cells)
    for name, cell in zip("abcd", cells, strict=True):
        cell.id = name
    bad.cells = [nbformat.v4.new_markdown_cell("# no title"), *cells]
    for name, rule in RULES.items():
        assert rule(bad), name


@pytest.mark.parametrize(
    "source",
    [
        "from numpy import *",
        "%matplotlib inline",
        "!pip install numpy",
        "requests.get(x)",
        'x = "http://a.b"',
        "np.random.seed(1)",
        "x = 1;",
    ],
)
def test_unclean_code_is_found(source):
    cells = [nbformat.v4.new_code_cell(f"y = 2\n{source}\nz = 3")]
    assert len(clean_code(nbformat.v4.new_notebook(cells=cells))) == 1


def test_tokens_are_counted_alike_in_every_python():
    assert tokens("a = 1  # one\n\nif a:\n    print(a, 'b c')\n") == 12
    assert tokens('print(f"{a:.1f} and {b[0]} {f(c)}" f"x")') == 5


def test_names_that_meet_are_found():
    """An exercise reads `trace` and `k`; later cells reuse one, and take another that
    a student may have used.
    """
    sources = {
        "first": "trace = 3\nk = 4",
        "exercise-1-answer": "answer_1 = ...",
        "exercise-1-solution": "```python\nanswer_1 = trace + k\n```",
        "later": "def f(k):\n    return k\n\n\ntrace = f(2)",
        "figure": "neuron = 1\nprint(neuron, rate)",
    }
    cells = []
    for name, source in sources.items():
        new = "markdown" if name.endswith("solution") else "code"
        cells.append(getattr(nbformat.v4, f"new_{new}_cell")(source, id=name))
    cells.append(nbformat.v4.new_markdown_cell("x", id="exercise-1"))
    assert names_of_their_own(nbformat.v4.new_notebook(cells=cells)) == [
        "later: assigns trace, which exercise-1-answer reads",
        "figure: takes rate from another cell",
    ]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('nb.explore(\n    draw,\n    figure,\n    I=nb.slider("I"),\n)', 0),
        ('nb.explore(draw, figure, I=nb.slider("I"))', 0),
        ('nb.explore(draw, figure, I=nb.slider("I"), V=nb.slider("V"))', 1),
        ('I = nb.slider("I")\nnb.explore(draw, figure, I=I)', 1),
        ('sliders = {\n    "I": nb.slider("I"),\n}', 1),
        ("seed = nb.NewNoise()", 1),
    ],
)
def test_sliders_with_a_name_are_found(source, found):
    cells = [nbformat.v4.new_code_cell(source)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    assert len(sliders_only_for_explore(notebook)) == found


def test_digits_are_counted_without_leading_zeros():
    assert raw_numbers("0.00012345 and 0.123456 and 1234.56 ms") == []
    assert raw_numbers("0.1234567 and 1.234567e-05 and 1234.5678 ms") == [
        "0.1234567",
        "1.234567",
        "1234.5678",
    ]


@each_notebook
def test_a_reader_without_a_kernel_sees_every_figure(path, notebook):
    exporter = nbconvert.HTMLExporter()
    page, _ = exporter.from_notebook_node(notebook)
    figures = [
        cell
        for cell in code_cells(notebook)
        if any("image/png" in o.get("data", {}) for o in cell.outputs)
    ]
    assert {
        cell.id for cell in code_cells(notebook) if "nb.explore(" in cell.source
    } <= {cell.id for cell in figures}
    assert page.count('src="data:image/png;base64,') == len(figures)
    for trace in ("VBox(", "widget-view", "widget-state", "Live figure."):
        assert trace not in page


# ---- Sliders -------------------------------------------------------------------------


def positions(widget):
    """The ends and the middle of a slider, all options of a choice, or the next
    seeds.
    """
    if isinstance(widget, nb.NewNoise):
        return [widget.value, widget.value + 1, widget.value + 2]
    if hasattr(widget, "options"):
        return list(widget.options)
    low, high = widget.min, widget.max
    values = [low, low + round((high - low) / 2 / widget.step) * widget.step, high]
    return (
        [widget.base**value for value in values] if hasattr(widget, "base") else values
    )


def problems_shown(explorer):
    """What a live figure shows that it must not."""
    problems = []
    if explorer.error.value:
        problems.append(explorer.error.value)
    if re.search(r"\b(nan|inf)\b", explorer.text.value):
        problems.append(explorer.text.value)
    if not explorer.numbers:
        problems.append("no numbers")
    if not drawn(explorer.image.value):
        problems.append("no picture")
    return problems


@each_notebook
def test_every_slider_at_its_ends_and_in_the_middle(path, runs):
    explorers = runs(path).explorers
    assert len(explorers) >= (0 if path.name.startswith("00") else 4)
    for cell, explorer in explorers.items():
        explorer.reset.click()
        default_numbers = dict(explorer.numbers)
        size = PIL.Image.open(io.BytesIO(explorer.image.value)).size
        for name, widget in explorer.sliders.items():
            pictures = set()
            for value in positions(widget):
                widget.value = value
                assert problems_shown(explorer) == [], f"{cell}: {name} = {value}"
                assert PIL.Image.open(io.BytesIO(explorer.image.value)).size == size
                pictures.add(explorer.image.value)
            assert len(pictures) > 1, f"{cell}: {name} changes no picture"
            explorer.reset.click()
            assert explorer.numbers == default_numbers
        for end in (0, -1):
            for widget in explorer.sliders.values():
                widget.value = positions(widget)[end]
            assert problems_shown(explorer) == [], f"{cell}: all sliders at end {end}"
        explorer.reset.click()


# ---- Stored outputs ------------------------------------------------------------------


@each_notebook
def test_stored_numbers_are_those_of_the_default_setting(path, notebook, runs):
    stored = {cell.id: cell.outputs for cell in code_cells(notebook)}
    for cell, fresh in runs(path).views.items():
        assert stored[cell][0].data["text/plain"] == fresh["text/plain"]


@each_notebook
def test_stored_pictures_are_those_the_code_draws(path, notebook, runs):
    result = runs(path)
    pairs = {}
    for cell in code_cells(notebook):
        old = [
            base64.b64decode(output.data["image/png"])
            for output in cell.outputs
            if "image/png" in output.get("data", {})
        ]
        new = result.pictures.get(cell.id, [])
        if cell.id in result.views:
            new = [base64.b64decode(result.views[cell.id]["image/png"]), *new]
        assert len(old) == len(new), f"{cell.id}: {len(old)} stored, {len(new)} drawn"
        if old:
            pairs[cell.id] = (old[0], new[0])
    # Another version of matplotlib leaves other room for letters, so that curves and
    # their names stand elsewhere: then no picture tells whether it is stale.
    if not same_version(pairs):
        pytest.skip("the pictures were drawn by another version of matplotlib")
    assert stale(pairs) == []


# Stored pictures have fewer colours, and another version of matplotlib writes letters
# otherwise and makes a little more or less room for them. So what is coloured (traces,
# spikes) must stand in its place within 3 pixels; and where most of a notebook's
# pictures are the same in every pixel, this version draws as that of the stored ones,
# and all must be.
LOST_PIXELS = 40  # of one colour
OTHER_PIXELS = 5
PALETTE = [
    color
    for color in (
        np.array(mpl.colors.to_rgb(c)) * 255
        for c in (*nb.COLORS.values(), nb.SIMULATED["color"])
    )
    if np.ptp(color) > 60
]


def stale(pairs):
    """Which of the pictures, {name: (stored, drawn)}, differ in more than version."""
    same = same_version(pairs)
    return [
        name
        for name, pair in pairs.items()
        if (same and other_pixels(*pair) > OTHER_PIXELS)
        or lost_pixels(*pair) > LOST_PIXELS
    ]


def same_version(pairs):
    """Whether most of the pictures are the same in every pixel."""
    other = [other_pixels(*pair) for pair in pairs.values()]
    return statistics.median([*other, OTHER_PIXELS]) <= OTHER_PIXELS


def pixels(png):
    """The picture at the size at which it is shown: half of its pixels each way."""
    picture = PIL.Image.open(io.BytesIO(png)).convert("RGB").reduce(2)
    return np.asarray(picture).astype(np.int16)


def other_pixels(png, other):
    """The number of pixels that differ by more than a palette does."""
    one, two = pixels(png), pixels(other)
    if one.shape != two.shape:
        return one.size
    return int((np.abs(one - two).max(axis=2) > 90).sum())


def lost_pixels(png, other):
    """The number of pixels of one of the course's colours in one picture, that have
    none like them within 3 pixels in the other.
    """
    one, two = pixels(png), pixels(other)
    if one.shape != two.shape:
        return one.size
    counts = [0]
    for color in PALETTE:
        far_one, far_two = (np.abs(x - color).max(axis=2) for x in (one, two))
        counts.append(int(((far_one < 50) & ~near(far_two < 110)).sum()))
        counts.append(int(((far_two < 50) & ~near(far_one < 110)).sum()))
    return max(counts)


def near(mask, distance=3):
    """The mask, grown by a distance to all sides."""
    for axis in (0, 1):
        grown = mask.copy()
        for shift in range(1, distance + 1):
            ahead, behind = ([slice(None)] * 2 for _ in range(2))
            ahead[axis], behind[axis] = slice(shift, None), slice(None, -shift)
            grown[tuple(ahead)] |= mask[tuple(behind)]
            grown[tuple(behind)] |= mask[tuple(ahead)]
        mask = grown
    return mask


def figure_png(V_th=-50.0, ylabel="V (mV)", xlabel="time t (ms)", spikes=7, higher=0):
    """A neuron that fires, as a figure in a notebook shows it."""
    t = lif.time_grid(300)
    recording = lif.simulate(lif.Neuron(), t, lif.step_current(t, 0.3, 50, 250))
    assert len(recording.spike_times) == 7
    figure, axes = nb.voltage_axes(lif.Neuron(V_th=V_th), 300, I_range=(0, 0.4))
    V = recording.V + higher
    few = replace(recording, V=V, spike_times=recording.spike_times[:spikes])
    nb.plot_recording(few, axes)
    axes[0].set_ylabel(ylabel)
    axes[1].set_xlabel(xlabel)
    png = io.BytesIO()
    figure.savefig(png, dpi=200)
    plt.close(figure)
    return png.getvalue()


def with_fewer_colors(png):
    picture = io.BytesIO()
    PIL.Image.open(io.BytesIO(png)).convert("RGB").quantize(64).save(picture, "png")
    return picture.getvalue()


@pytest.mark.parametrize(
    "fault",
    [
        {"spikes": 6},
        {"V_th": -49},
        {"higher": 0.5},
        {"ylabel": "V (nV)"},
        {"xlabel": "time t (s)"},
    ],
    ids=str,
)
def test_a_stale_picture_is_noticed(fault):
    good, bad = figure_png(), figure_png(**fault)
    good_pairs = {name: (with_fewer_colors(good), good) for name in "abc"}
    assert stale(good_pairs) == []
    assert stale(good_pairs | {"d": (with_fewer_colors(good), bad)}) == ["d"]


@pytest.mark.parametrize("fault", [{"spikes": 6}, {"higher": 3}], ids=str)
def test_a_stale_picture_is_noticed_in_another_version_of_matplotlib(fault):
    """One that writes all letters otherwise."""
    good, bad = figure_png(), figure_png(**fault)
    with plt.rc_context({"font.size": 10.7, "text.hinting": "none"}):
        others = [figure_png(), figure_png(**fault)]
    assert stale({name: (good, others[0]) for name in "abc"}) == []
    pairs = {"a": (good, others[0]), "b": (good, others[1]), "c": (bad, others[0])}
    assert stale(pairs) == ["b", "c"]
