"""What notebook 00 says: every number in its prose, hints and insights, its formulas,
figures, mistakes on purpose and directions, recomputed in closed form.
"""

import ast
import itertools
import math
import re
import traceback
from contextlib import redirect_stdout
from io import StringIO

import matplotlib.pyplot as plt
import numpy as np
import pytest
from claims import DIRECTION, Claims

import lif_helpers as lif
import lif_notebook as nb
from notebooks import FENCE, ROOT, exercises, path_of, read

CELLS = [cell.id for cell in read(path_of("00")).cells]
CODE = [cell.id for cell in read(path_of("00")).cells if cell.cell_type == "code"]
NEURON = lif.Neuron()
CURRENT = 0.3  # nA, of the whole notebook
STEP = 1  # ms


@pytest.fixture(scope="module")
def cells():
    return {cell.id: cell.source for cell in read(path_of("00")).cells}


@pytest.fixture
def namespace(runs):
    """The names after the whole notebook has run, untouched."""
    return dict(runs(path_of("00")).namespace)


# ---- The model in closed form: no loop, so that a loop can be tested by it -----------


def goal(I=CURRENT):
    return NEURON.E_L + NEURON.R * I


def part_left(steps, tau_m=NEURON.tau_m):
    """Which part of the way is still ahead after so many steps."""
    return (1 - STEP / tau_m) ** steps


def potential(steps, V=NEURON.E_L, I=CURRENT, tau_m=NEURON.tau_m):
    """V (mV) after so many steps without a threshold."""
    return goal(I) + (V - goal(I)) * part_left(steps, tau_m)


def steps_to_threshold(V, I=CURRENT, tau_m=NEURON.tau_m):
    """The steps from V to the first one that is not below the threshold."""
    if goal(I) <= NEURON.V_th:
        return math.inf
    left = (goal(I) - NEURON.V_th) / (goal(I) - V)
    return math.ceil(math.log(left) / math.log(1 - STEP / tau_m))


def spike_times(
    end, I=CURRENT, tau_m=NEURON.tau_m, rest=0, start=NEURON.E_L, reset=NEURON.V_reset
):
    """Times (ms, whole numbers) of the spikes up to `end`."""
    first = steps_to_threshold(start, I, tau_m)
    interval = steps_to_threshold(reset, I, tau_m) + rest
    return list(range(first, end + 1, interval)) if first <= end else []


def count(*arguments, **options):
    return len(spike_times(*arguments, **options))


def test_the_closed_form_is_the_rule():
    """Step by step, in fractions of the way, at 200 settings."""
    rng = np.random.default_rng(seed=1)
    for I, tau_m in rng.uniform((0.21, 2), (1, 60), (200, 2)):
        V, spikes = -70.0, []
        for t in range(1, 301):
            V += (-70 + 100 * I - V) / tau_m
            if V >= -50:
                spikes.append(t)
                V = -75.0
        assert spikes == spike_times(300, I, tau_m), (I, tau_m)


# ---- Every number in the prose -------------------------------------------------------


def mV(value, digits=6):
    return f"{value:.{digits}g} mV".replace("-", "−")


def ms(value):
    return f"{value:g} ms"


TAU, END = ms(NEURON.tau_m), 300
SPIKES = spike_times(200)
RESTED = spike_times(200, rest=2)
FIRST_STEP = potential(1) - NEURON.E_L

SAID = {
    "title": ["# 0 · Your first neuron", "out of ten lines of Python?"],
    "about": ["[notebook 01](01_membrane_equation.ipynb)"],
    "numbers": [f"the **resting potential**, here {mV(NEURON.E_L)}."],
    "names": [
        f"A resistance of {NEURON.R:g} MΩ and a current of {CURRENT} nA make "
        f"{mV(NEURON.R * CURRENT)}.",
        f'"E_L becomes −{-NEURON.E_L:g}".',
    ],
    "exercise-1-solution": [
        f"{mV(NEURON.E_L)} + {mV(NEURON.R * CURRENT)} is {mV(goal())}."
    ],
    "becomes": [
        f"The next cell shows −{-(NEURON.E_L + 10 + 10):g}. What will it show with a 5 "
        "for the first 10?"
    ],
    "seen-twice": [f"−{-(NEURON.E_L + 5 + 10):g}.", "`V = V + 10`"],
    "step": [
        f"V starts at {mV(NEURON.E_L)}, and its goal is {mV(goal())}. "
        f"So {mV(goal() - NEURON.E_L)} lie ahead. A twentieth of that is "
        f"{mV(FIRST_STEP)}, and after one millisecond V is {mV(potential(1))}.",
        f"dt = {ms(STEP)}, over the **membrane time constant** τ_m = {TAU}.",
    ],
    "exercise-2": [f"V is at {mV(-60)} now."],
    "exercise-2-solution": [
        f"{mV(goal() + 60)} lie ahead, and a twentieth of that is "
        f"{mV(potential(1, V=-60) + 60)}."
    ],
    "loop-notice": ["`range(3)` counts 0, 1, 2,", "`round(V, 2)` keeps two digits"],
    "exercise-4": ["takes 10 steps."],
    "rise-notice": [
        "Python counts from 0. So `rise[0]` is the start, `rise[1]` is V after one "
        "step, and `rise[20]` is V after 20 steps: at 20 ms, as a step is "
        f"{ms(STEP)} long. `rise[-1]` is the last one.",
        "Write `rise[101]` for `rise[1]`.",
        f"There are {1 + 100} numbers, but the first is number 0, and so the last is "
        "number 100. Put the 1 back.",
    ],
    "rise-picture-notice": [
        f"After {TAU}, one τ_m, {1 - part_left(20):.0%} of the way is done. ".replace(
            "%", " %"
        )
        + f"(Notebook 01 will say {1 - math.exp(-1):.0%}".replace("%", " %"),
    ],
    "exercise-5": ["What is V at 35 ms?"],
    "spike": ["by about 100 mV and is back within one or two milliseconds"],
    "if-notice": ["try V = −50.2."],
    "exercise-6": ["`range(1, 101)` begins with 1 and stops before 101."],
    "ten-lines": ["here is the whole neuron, in ten lines:"],
    "neuron-notice": [
        'from −45 to −40 mV, in "C1", the second colour',
        "`ncols=3` the columns of the legend.",
        f"the first spike comes after {ms(SPIKES[0])}, the others "
        f"{ms(SPIKES[1] - SPIKES[0])} apart",
        f"The goal, {mV(goal())}, is never reached",
        f"The curve turns at about {mV(potential(1, V=NEURON.V_reset), 2)}, not at "
        f"{mV(NEURON.V_reset)}: `append` comes before the reset, and the next V is a "
        "step further.",
    ],
    "exercise-7": [f"in {ms(END)}?"],
    "function-notice": [f"Here I is 0.1 inside and still {CURRENT} outside."],
    "exercise-9": [f"the number of spikes in {ms(END)}."],
    "predict-slow": [
        f"twice as slow, with τ_m = {ms(2 * NEURON.tau_m)}? Then write "
        f"{2 * NEURON.tau_m:g} for the {NEURON.tau_m:g}."
    ],
    "seen-slow": [
        f"Half as many: {count(END, tau_m=40)} instead of {count(END)}. V goes only a "
        "fortieth of its way"
    ],
    "exercise-10": [
        f"twice as strong, {2 * CURRENT:g} nA, with τ_m = {TAU}?",
    ],
    "exercise-11": [
        f"in steps of 0.01 nA, that makes the neuron fire within {ms(END)}, with τ_m = "
        f"{TAU}?"
    ],
    "exercise-11-solution": ["`k / 100` runs from 0 to 0.3 nA"],
    "rest": [f"the **refractory period**, {ms(NEURON.t_ref)} here."],
    "rest-notice": [
        "At first `rest` is 0, and V steps as before. A spike sets it to "
        f"{NEURON.t_ref:g}; then V waits for two rounds",
        f"So the spikes are {ms(RESTED[1] - RESTED[0])} apart instead of "
        f"{SPIKES[1] - SPIKES[0]}.",
    ],
    "exercise-12": ["if the rest lasts 10 ms?", f"in {ms(END)}?"],
    "exercise-12-solution": [
        f"Two numbers change: {200 + 1} becomes {END + 1}, and the last line of the "
        "block `rest = 10`."
    ],
    "numpy": [
        "`np.arange(0, 101)` is the array 0, 1, 2, … 100,",
        f"One line then gives {len(np.arange(0, 101))} values of a formula that "
        "notebook 01 derives",
    ],
    "exact-notice": ["`exact[0:5]` takes the first five numbers."],
    "exercise-13-solution": [f"All {len(np.arange(0, 101))} differences"],
    "course-neuron": [f"here for {ms(200)} with {CURRENT} nA."],
    "together-notice": [
        f"yours fires at {RESTED[0]}, {RESTED[1]}, {RESTED[2]} ms and so on, and each "
        "of your seven spikes is within a third of a millisecond",
        "This is what notebook 01 answers.",
    ],
    "common-mistakes": [
        "**Counting from 1.** The first number of a list is number 0, the last is "
        "`[-1]`."
    ],
    "sources": [
        "about 100 mV, 1 to 2 ms, all alike",
        "(2014) *Neuronal Dynamics*, sections 1.1 and 1.3, "
        "[doi:10.1017/CBO9781107447615](https://doi.org/10.1017/CBO9781107447615).",
        "(https://docs.python.org/3/tutorial/)*, chapters 3, 4, 5 and 8.",
    ],
    "next": ["[Notebook 01, the membrane equation](01_membrane_equation.ipynb)"],
}
HINTED = {
    2: [
        f"{mV(potential(1, V=-60) + 60)} instead of {mV(FIRST_STEP)}.",
        f"one step from {mV(NEURON.E_L)}; V begins at {mV(-60)} here.",
        f"{mV(FIRST_STEP)} was the step from {mV(NEURON.E_L)}; from {mV(-60)} it is",
    ],
    3: [],
    4: [
        f"{potential(10) - NEURON.E_L:.0f} of {mV(goal() - NEURON.E_L)} are done: less "
        f"than ten times {mV(FIRST_STEP)}, as",
        "these are 9 steps: `range(10)` makes 10, and `answer_4` comes after the last.",
        "these are 11 steps: `range(10)` makes 10.",
        f"ten equal steps of {mV(FIRST_STEP)}, but",
    ],
    5: [
        f"{potential(35) - NEURON.E_L:.0f} of the {mV(goal() - NEURON.E_L)} are done "
        f"after 35 ms. The last {mV(goal() - potential(35), 1)} take longer.",
        "V at 34 ms: `rise[0]` is V at 0 ms.",
        "V at 36 ms: `rise[0]` is V at 0 ms.",
        "V at 20 ms.",
        "at 100 ms.",
    ],
    6: [
        "the time of the last one is `spikes[-1]`.",
        "the last one is `spikes[-1]`.",
    ],
    7: [f"the number in 200 ms; the loop must go on to {END}."],
    8: [f"with another current the goal is not {mV(goal())}: use I."],
    9: [
        f"the spikes in 200 ms; {END} are asked for.",
        f"it stops at 299 ms: `range(1, 301)` goes to {END}.",
    ],
    10: [
        f"Two and a half times as many. The goal is now {mV(goal(2 * CURRENT))}, so",
        f"twice {count(END)} is a fair prediction.",
        f"the number with {CURRENT} nA.",
        f"the number with {CURRENT} nA and τ_m = {ms(2 * NEURON.tau_m)}.",
        f"the number with {2 * CURRENT:g} nA, but τ_m = {ms(2 * NEURON.tau_m)}.",
    ],
    11: [
        f"The current at which it just reaches it, {NEURON.rheobase:.2f} nA, is the "
        "neuron's rheobase: you will meet it in notebook 02.",
        f"with {NEURON.rheobase:.2f} nA the goal is {mV(NEURON.V_th)}, the threshold",
        "go down in steps of 0.01.",
        "Here `range(30)` ends",
        f"with 0.19 nA the goal is {mV(goal(0.19))}, below the threshold.",
        "the current is k / 100.",
    ],
    12: [
        f"the spikes are {10 + SPIKES[1] - SPIKES[0]} ms apart: "
        f"{ms(SPIKES[1] - SPIKES[0])} for the way up and 10 ms of rest.",
        f"this is still the number with a rest of {ms(NEURON.t_ref)} in {ms(200)}.",
        f"a rest of {ms(NEURON.t_ref)}.",
        "the number in 200 ms.",
    ],
    13: ["Less than 1 % of the way."],
}


def prose(source):
    """A text without its fenced code, formulas, figures of LaTeX and numbering."""
    source = re.sub(r"```.*?```|\$\$.*?\$\$", " ", source, flags=re.DOTALL)
    return re.sub(r"^\*\*Exercise \d+\.\*\*", "", source)


def without(text, sentences):
    for sentence in sentences:
        assert sentence in text, f"not said: {sentence}"
        text = text.replace(sentence, " ")
    return text


def test_every_number_in_the_texts_is_recomputed():
    for cell in read(path_of("00")).cells:
        if cell.cell_type == "markdown":
            rest = without(prose(cell.source), SAID.get(cell.id, []))
            if cell.id == "about":
                rest = re.sub(r"\d+ minutes; \d+ with", " ", rest)  # see below
            assert re.findall(r".{0,30}\d.{0,30}", rest) == [], cell.id


def words_of_check(source):
    """The insight and the hints of a check, as texts."""
    call = ast.parse(source).body[0].value
    options = {option.arg: option.value for option in call.keywords}
    insight = ast.literal_eval(options["insight"])
    hints = getattr(options.get("hints"), "values", [])
    return [insight, *map(ast.literal_eval, hints)]


@pytest.mark.parametrize("number", range(1, 14))
def test_every_number_in_hints_and_insights_is_recomputed(cells, number):
    name = f"exercise-{number}-{'answer' if number == 3 else 'check'}"
    rest = without("\n".join(words_of_check(cells[name])), HINTED.get(number, []))
    assert re.findall(r".{0,30}\d.{0,30}", rest) == []


def test_units_and_values_in_the_code_are_those_of_the_course(cells):
    found = {}
    for name in ("membrane", "one-step", "if"):
        for line in cells[name].splitlines():
            match = re.fullmatch(r"(\w+) = (\S+)  # (\S+), (.+)", line)
            if match:
                found[match[1]] = (float(match[2]), match[3])
    wanted = {
        name: (getattr(NEURON, name), lif.PARAMETERS[name]["unit"])
        for name in ("E_L", "R", "tau_m", "V_th", "V_reset")
    }
    assert found == wanted | {"I": (CURRENT, "nA"), "dt": (STEP, "ms")}


# ---- Formulas ------------------------------------------------------------------------


def python_of(latex):
    """A formula as Python, without its braces' names."""
    latex = re.sub(r"_\{\\text\{[^}]*\}\}", "", latex.replace(r"\;", " "))
    latex = re.sub(r"\\underbrace\{(.*?\}|[^{}]*?)\}", r"\1", latex)
    latex = latex.replace(r"\tau_m", "tau_m").replace(r"\,", " * ")
    latex = latex.replace(r"\left", "").replace(r"\right", "")
    latex = re.sub(r"\\frac\{(\w+)\}\{(\w+)\}", r"(\1 / \2) *", latex)
    return re.sub(r"e\^\{(-t)/(tau_m)\}", r"np.exp(\1 / \2)", latex)


def settings():
    rng = np.random.default_rng(seed=2)
    names = ("V", "E_L", "R", "I", "tau_m", "dt", "t")
    for values in rng.uniform(1, 9, (200, len(names))):
        yield dict(zip(names, values, strict=True)) | {"np": np}


def test_the_rule_in_latex_is_the_line_of_code(cells):
    (formula,) = re.findall(r"\$\$(.+?)\$\$", cells["step"])
    left, right = python_of(formula).split(r"\text{ becomes }")
    line = next(line for line in cells["one-step"].splitlines() if "dt *" in line)
    assert left.strip() == "V"
    for values in settings():
        after = dict(values)
        exec(line, after)
        assert eval(right.strip(), dict(values)) == pytest.approx(after["V"])
    assert re.findall(r"_\{\\text\{(.+?)\}\}", formula) == [
        "one twentieth",
        "the way still ahead",
    ]
    assert STEP / NEURON.tau_m == 1 / 20


def test_each_loop_takes_the_same_step(cells):
    rule = "V + dt * (E_L + R * I - V) / tau_m"
    solutions = exercises(read(path_of("00"))).values()
    programs = [cells[name] for name in CODE if not name.endswith("-check")]
    steps = [
        line.strip()
        for program in [*programs, *solutions]
        for line in program.splitlines()
        if "dt *" in line
    ]
    assert len(steps) > 10
    assert set(steps) == {f"V = {rule}", f"answer_2 = {rule}"}


def test_the_exact_curve_in_latex_is_the_code_and_the_solution(cells):
    (formula,) = re.findall(r"\$\$(.+?)\$\$", cells["numpy"])
    left, right = python_of(formula).split("=", 1)
    line = next(line for line in cells["exact"].splitlines() if "exact =" in line)
    assert left.strip() == "V(t)"
    right = re.sub(r" \* +\(1", " * (1", right).strip()
    for values in settings():
        after = dict(values)
        exec(line, after)
        assert eval(right, dict(values)) == pytest.approx(after["exact"])
    t = lif.time_grid(100, 1)
    exact = lif.charging_curve(NEURON, t, CURRENT)
    after = {"t": t, "np": np, "E_L": -70, "R": 100, "I": CURRENT, "tau_m": 20}
    exec(line, after)
    assert after["exact"] == pytest.approx(exact)


# ---- The opening picture and the figures ---------------------------------------------


def test_the_opening_shows_the_ten_lines_that_are_written_later(cells, namespace):
    program = namespace["PROGRAM"]
    assert program == cells["neuron"]
    assert len(program.splitlines()) == 10
    for name in ("E_L", "R", "I", "tau_m", "dt", "V_th", "V_reset"):
        assert namespace["made"][name] == namespace[name]
    assert namespace["made"]["spikes"] == SPIKES
    assert "eight spikes" in cells["opening"]
    assert len(SPIKES) == 8
    for said in (
        mV(NEURON.V_th).removesuffix(" mV"),
        mV(NEURON.V_reset).removesuffix(" mV"),
    ):
        assert said in cells["opening"]


def test_the_opening_marks_the_block_of_the_if_at_spikes_only(namespace):
    times = namespace["times"]
    assert times[-1] == 200
    halves = {int(time) for time in times if time != int(time)}
    assert sorted(halves) == SPIKES
    for time in set(times):
        figure, axes = plt.subplots(2)
        namespace["draw_program"](axes, time)
        marked = axes[0].patches[0].get_extents()
        corners = axes[0].transData.inverted().transform(marked.get_points())
        last_line = round(corners[:, 1].max() - 0.5)
        assert last_line == (9 if time in np.add(SPIKES, 0.5) else 7), time
        shown, ball = axes[1].get_lines()
        assert len(shown.get_ydata()) == int(time) + 1
        assert ball.get_xydata().tolist() == [[int(time), shown.get_ydata()[-1]]]
        marks = axes[1].collections[0].get_segments()
        assert len(marks) == sum(spike <= time for spike in SPIKES)
        plt.close(figure)
    lines = namespace["PROGRAM"].splitlines()
    assert lines[3].startswith("for ")  # lines 4 to 7 are marked, and to 9 at a spike
    assert lines[6].strip().startswith("if ")
    assert [line[:8] for line in lines[7:9]] == [" " * 8] * 2


@pytest.fixture
def drawn(cells, namespace, monkeypatch):
    """The axes of a cell's figure."""
    monkeypatch.setattr(plt, "show", lambda: None)

    def drawn(name, *before):
        plt.close("all")
        with redirect_stdout(StringIO()):
            for cell in before:
                exec(cells[cell], namespace)
            exec(cells[name], namespace)
        return plt.gca()

    yield drawn
    plt.close("all")


def names_in(ax):
    """The legend's names with their colours and widths."""
    legend = ax.get_legend()
    handles = legend.legend_handles
    return [text.get_text() for text in legend.get_texts()], handles


FIGURES = {
    "rise-picture": (("rise",), ["V", "goal"]),
    "neuron-picture": (("neuron",), ["V", "threshold", "spikes"]),
    "exact-picture": (("rise", "exact"), ["your loop", "theory: the exact V"]),
    "together": (
        ("with-rest", "simulate"),
        ["the course", "you, with a rest", "threshold"],
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_names_its_curves_and_units_and_holds_them(drawn, name):
    before, names = FIGURES[name]
    ax = drawn(name, *before)
    assert ax.get_xlabel() == "time t (ms)"
    assert ax.get_ylabel() == "membrane potential V (mV)"
    assert names_in(ax)[0] == names
    (x0, x1), (y0, y1) = ax.get_xlim(), ax.get_ylim()
    for line in ax.get_lines():
        x, y = line.get_data()
        if len(x) > 2:
            assert x0 <= min(x) <= max(x) <= x1
        assert y0 <= min(y) <= max(y) <= y1
    box = ax.get_legend().get_window_extent()
    for line in ax.get_lines():
        points = ax.transData.transform(np.column_stack(line.get_data()))
        if len(points) > 2:
            assert not any(box.contains(*point) for point in points)


def test_what_the_figures_show(drawn):
    rise, target = drawn("rise-picture", "rise").get_lines()
    assert rise.get_ydata() == pytest.approx(potential(np.arange(101)))
    assert set(target.get_ydata()) == {goal()}
    ax = drawn("neuron-picture", "neuron")
    trace, threshold = ax.get_lines()
    assert set(threshold.get_ydata()) == {NEURON.V_th}
    marks = ax.collections[0].get_segments()
    assert [mark[0][0] for mark in marks] == SPIKES
    assert all(mark[:, 1].tolist() == [-45, -40] for mark in marks)
    above = np.flatnonzero(trace.get_ydata() >= NEURON.V_th)
    assert above.tolist() == SPIKES
    assert max(trace.get_ydata()) < goal()
    assert round(min(trace.get_ydata())) == -73  # as its alt text says
    loop, exact = drawn("exact-picture", "rise", "exact").get_lines()
    assert exact.get_linestyle() == "--"
    assert exact.get_color() == "black"
    assert loop.get_linewidth() > 3 * exact.get_linewidth()
    assert np.all(loop.get_ydata() >= exact.get_ydata())
    course, yours, _ = drawn("together", "with-rest", "simulate").get_lines()
    reference = lif.simulate(NEURON, lif.time_grid(200), CURRENT)
    assert course.get_ydata() == pytest.approx(reference.V)
    assert np.count_nonzero(np.array(yours.get_ydata()) >= NEURON.V_th) == 7


def test_alt_texts():
    alt = {
        cell.id: cell.metadata["alt"]
        for cell in read(path_of("00")).cells
        if "alt" in cell.metadata
    }
    assert set(alt) == set(FIGURES)
    assert f"towards a dashed line at {mV(goal())}, the goal" in alt["rise-picture"]
    assert f"from {mV(NEURON.E_L)} it rises" in alt["rise-picture"]
    assert f"the threshold of {mV(NEURON.V_th)}" in alt["neuron-picture"]
    assert "about −73 mV" in alt["neuron-picture"]
    assert "eight times" in alt["neuron-picture"]
    assert f"from {mV(NEURON.E_L)} towards {mV(goal())}" in alt["exact-picture"]
    assert "seven spikes each" in alt["together"]


# ---- What is said of directions and comparisons --------------------------------------

STEPS = np.arange(101)
EXACT = goal() + (NEURON.E_L - goal()) * np.exp(-STEPS / NEURON.tau_m)
DIRECTIONS = [
    # the cell, its words, and whether they are true
    ("numbers", "makes it less negative", goal() > NEURON.E_L),
    ("exercise-2-check", "nearer the goal, the smaller", potential(1, V=-60) < -58.5),
    ("exercise-4-check", "less than ten times", potential(10) + 70 < 10 * FIRST_STEP),
    ("exercise-5-check", "mV take longer", potential(2 * 35) < goal() - 0.5),
    (
        "rise-picture-notice",
        "V rises steeply at first. The less is left of the way, the slower it gets.",
        np.all(np.diff(potential(STEPS)) > 0) and np.all(np.diff(EXACT, 2) < 0),
    ),
    ("neuron-notice", "V_reset, which is lower", NEURON.V_reset < NEURON.E_L),
    ("neuron-notice", "the threshold comes first", NEURON.V_th < goal()),
    ("exercise-10-check", "Two and a half times", count(300, 0.6) == 2.5 * count(300)),
    ("exercise-10-check", "much larger all the way", goal(0.6) > goal() + 20),
    ("seen-slow", "Half as many", count(300, tau_m=40) == count(300) / 2),
    ("seen-slow", "takes about twice as long", spike_times(300, tau_m=40)[0] == 44),
    ("exercise-11-check", "goal must lie above the threshold", count(300, 0.2) == 0),
    (
        "exercise-11-check",
        "comes ever closer and never",
        potential(10**4, I=0.2) <= -50,
    ),
    ("rest-notice", "its block runs when the condition is *not* met", True),
    ("exact-notice", "runs a little ahead of them", np.all(potential(STEPS) >= EXACT)),
    ("exercise-13-check", "With shorter steps it would be less still", True),  # below
    (
        "summary",
        "A current fires the neuron only if its goal lies above the threshold.",
        all(count(300, I) == 0 for I in (0, 0.1, 0.19, NEURON.rheobase)),
    ),
    (
        "summary",
        "When it reaches the threshold, the neuron fires and V is put back",
        True,
    ),
]


# What else says a direction: what a word means, and what a test of code shows.
ALSO_SHOWN = {
    "numbers": ["inside minus outside", "it **depolarises** the cell"],
    "loop-notice": ["begin four spaces further to the right"],
    "spike": ["V shoots up"],
    "exercise-6-solution": ["stands four spaces further in"],
    "function-notice": ["a name that holds, inside the block"],
    "exercise-9-solution": ["comes after the loop, and still inside the function"],
    "numpy": ["below it is used as times"],
    "exact-notice": ["printed below the exact values"],
}
SHOWN_BY_CHECKS = [
    "the steps shrink",
    "much larger all the way up",
    "weaker ones fire it too",
    "one step weaker still fires it",
    "it fires at every step once V is above V_th",
    "V went on from an earlier cell",
    "`return` must stand outside the loop",
    "or the step outside it?",
    "is the `if` outside the loop?",
    "the differences are negative that way round",
]


def test_no_direction_is_said_without_being_shown():
    text = Claims("00")
    assert text.missing(ALSO_SHOWN) == {}
    shown = {cell: [*SAID.get(cell, []), *ALSO_SHOWN.get(cell, [])] for cell in CELLS}
    for cell, words, _ in DIRECTIONS:
        shown[cell].append(words)
    assert text.unshown(shown) == {}
    phrases = [*itertools.chain(*HINTED.values()), *SHOWN_BY_CHECKS]
    phrases += [words for _, words, _ in DIRECTIONS]
    for said in text.said_by_checks(DIRECTION):
        rest = said
        for phrase in sorted(phrases, key=len, reverse=True):
            rest = rest.replace(phrase, "")
        assert not DIRECTION.search(rest), said


@pytest.mark.parametrize(("cell", "words", "true"), DIRECTIONS)
def test_a_direction_is_said_rightly(cells, cell, words, true):
    text = (
        cells[cell] if "check" not in cell else "\n".join(words_of_check(cells[cell]))
    )
    assert words in text
    assert true


def test_the_steps_shrink_on_the_way(namespace):
    rise = np.array(namespace["rise"])
    assert np.all(np.diff(rise) > 0)
    assert np.all(np.diff(rise, 2) < 0)
    assert rise.max() < goal()
    assert potential(10) - NEURON.E_L < 10 * FIRST_STEP
    # The last 5 mV take longer than the 25 before them.
    assert potential(35 + 35) < goal() - 0.5


def test_the_first_spike_comes_earlier_as_it_starts_higher():
    assert NEURON.V_reset < NEURON.E_L
    assert SPIKES[0] < SPIKES[1] - SPIKES[0]
    assert len(set(np.diff(SPIKES))) == 1


def test_a_slow_membrane_and_a_strong_current():
    assert count(END, tau_m=40) * 2 == count(END)
    assert spike_times(END, tau_m=40)[0] == 2 * SPIKES[0]
    assert count(END, I=2 * CURRENT) == 2.5 * count(END)
    for V in np.linspace(NEURON.V_reset, NEURON.V_th, 51):
        assert potential(1, V, 0.6) - V > 1.4 * (potential(1, V) - V)


def test_a_current_fires_the_neuron_only_if_its_goal_is_above_the_threshold(namespace):
    rng = np.random.default_rng(seed=3)
    for I, tau_m in rng.uniform((0, 5), (0.6, 50), (200, 2)):
        fires = namespace["spike_count"](I, tau_m) > 0
        assert not fires or goal(I) > NEURON.V_th
    assert namespace["spike_count"](NEURON.rheobase, 20) == 0
    assert goal(NEURON.rheobase) == NEURON.V_th
    counts = [namespace["spike_count"](k / 100, 20) > 0 for k in range(31)]
    assert counts.index(True) == 21
    assert all(counts[21:])  # 0.22 and 0.25 fire it too
    assert "0.19" not in [f"{k / 100:g}" for k in range(31) if counts[k]]


def test_the_given_function_is_the_neuron(namespace):
    rng = np.random.default_rng(seed=4)
    for I, tau_m in rng.uniform((0, 5), (0.9, 50), (200, 2)):
        assert namespace["spike_count"](I, tau_m) == count(END, I, tau_m)


def test_v_never_lands_on_the_threshold():
    """At 1000 currents, to a billionth of a mV."""
    for I in np.linspace(0.201, 0.9, 1000):
        steps = np.arange(1, 301)
        assert not np.any(np.abs(potential(steps, I=I) - NEURON.V_th) < 1e-9)


def test_your_neuron_and_the_courses(namespace):
    yours = namespace["my_spikes"]
    course = namespace["recording"].spike_times
    assert yours == RESTED
    assert len(yours) == len(course) == 7
    assert np.abs(course - yours).max() < 1 / 3
    assert np.abs(course - yours).max() > 0
    assert namespace["neuron"] == NEURON
    assert np.diff(course) == pytest.approx(2 + 20 * math.log(35 / 10))


def test_shorter_steps_are_nearer_to_the_exact_curve():
    errors = []
    for dt in (1, 0.5, 0.2, 0.1):
        steps = np.arange(round(100 / dt) + 1)
        loop = -40 - 30 * (1 - dt / 20) ** steps
        errors.append(np.abs(loop - (-40 - 30 * np.exp(-steps * dt / 20))).max())
    assert errors == sorted(errors, reverse=True)
    assert errors[0] < 0.01 * 30


# ---- Mistakes on purpose -------------------------------------------------------------

MADE = {
    # the text's cell: what it asks for, the cell in which, old and new code
    "misspelt": ("write a small `v`", "one-step", "V = V + dt", "V = v + dt"),
    "loop-notice": ("Delete the colon", "three-steps", "range(3):", "range(3)"),
    "rise-notice": ("`rise[101]` for `rise[1]`", "look", "rise[1]", "rise[101]"),
    "if-notice": ("Write `=` for `>=`", "if", "if V >= V_th", "if V = V_th"),
}


@pytest.mark.parametrize("name", MADE)
def test_python_answers_a_mistake_as_the_text_says(cells, namespace, name):
    asked, cell, right, wrong = MADE[name]
    assert "**A mistake on purpose.**" in cells[name]
    assert asked in cells[name]
    assert cells[cell].count(right) == 1
    source = cells[cell].replace(right, wrong)
    kinds = (NameError, SyntaxError, IndexError)
    with pytest.raises(kinds) as caught, redirect_stdout(StringIO()):
        exec(compile(source, "cell", "exec"), namespace)
    error, lines = caught.value, source.splitlines()
    shown = re.search(r"```\n(.*?)\n```", cells[name], re.DOTALL)[1].splitlines()
    assert shown[-1] == traceback.format_exception_only(error)[-1].strip()
    if isinstance(error, SyntaxError):
        line = lines[error.lineno - 1]
        assert shown[0] == "    " + line.strip()
        indent = len(line) - len(line.lstrip())
        assert shown[1].index("^") == 4 + error.offset - 1 - indent
    else:
        number = traceback.extract_tb(error.__traceback__)[-1].lineno
        assert shown[0] == f"----> {number} {lines[number - 1]}"
        for line in shown[1:-2]:
            number += 1
            assert line == f"      {number} {lines[number - 1]}"


def test_a_function_without_return_is_silent(cells, namespace):
    assert "Delete the word `return`" in cells["function-notice"]
    source = cells["goal"].replace("return ", "")
    exec(source, namespace)
    assert namespace["goal"](0.1) is None
    exec(cells["goal"], namespace)
    assert namespace["goal"](0.1) == goal(0.1)
    assert namespace["I"] == CURRENT


# ---- The exercises: right answers, and mistakes as students make them ----------------

RIGHT = {
    1: goal(),
    2: potential(1, V=-60),
    4: potential(10),
    5: potential(35),
    6: spike_times(100)[-1],
    7: count(300),
    10: count(300, I=0.6),
    11: 0.21,
    12: count(300, rest=10),
    13: np.max(
        potential(np.arange(101)) - (goal() - 30 * np.exp(-np.arange(101) / 20))
    ),
}
LOOP = "V = E_L\nfor step in range({}):\n    V = V + dt * (E_L + R * I - V) / tau_m\n"
FIRE = """\
V = E_L
spikes = []
for t in range(1, {end} + 1):
    V = V + dt * (E_L + R * I - V) / tau_m
    if V >= V_th:
        {block}
"""
WHOLE = """\
def my_neuron(I, tau_m):
    V = E_L
    spikes = []
    for t in range(1, {end}):
        V = V + dt * (E_L + R * I - V) / tau_m
        if V >= V_th:
            spikes.append(t)
            {reset}
{indent}return len(spikes)
"""
RESTING = """\
V = E_L
spikes = []
rest = 0
for t in range(1, {end} + 1):
    if rest > 0:
        rest = rest - 1
    else:
        V = V + dt * (E_L + R * I - V) / tau_m
    if V >= V_th:
        spikes.append(t)
        V = V_reset
        rest = {rest}
"""
PUT_BACK = "spikes.append(t); V = V_reset"


def fire(block=PUT_BACK, end=100):
    return FIRE.format(block=block, end=end)


def whole(end=301, reset="V = V_reset", indent="    "):
    return WHOLE.format(end=end, reset=reset, indent=indent)


MISTAKES = {
    # exercise: (how the words begin, the student's code)
    1: [
        ("this is R I alone", "answer_1 = R * I"),
        ("add: the goal", "answer_1 = E_L - R * I"),
        ("without brackets", "answer_1 = (E_L + R) * I"),
        ("multiply the", "answer_1 = E_L + R + I"),
    ],
    2: [
        (words, f"V = -60\nanswer_2 = {line}")
        for words, line in [
            ("this is one step from", "E_L + dt * (E_L + R * I - E_L) / tau_m"),
            ("this is the step alone", "dt * (E_L + R * I - V) / tau_m"),
            ("V moves towards", "V - dt * (E_L + R * I - V) / tau_m"),
            ("this is the goal. Go", "V + dt * (E_L + R * I - V)"),
            ("the brackets", "V + dt * E_L + R * I - V / tau_m"),
            ("the way ahead is the", "V + dt * (E_L + R * I) / tau_m"),
            ("subtract V in", "V + dt * (E_L + R * I + V) / tau_m"),
            ("1.5 mV was the step", "V + 1.5"),
            ("this is where V was", "V"),
        ]
    ],
    4: [
        ("these are 9 steps", LOOP.format(9) + "answer_4 = V"),
        ("these are 11 steps", LOOP.format(11) + "answer_4 = V"),
        (
            "V went on where",
            LOOP.format(3)
            + 2 * LOOP.format(10).removeprefix("V = E_L\n")
            + "answer_4 = V",
        ),
        (
            "V went on from",
            LOOP.format(3) + LOOP.format(10).removeprefix("V = E_L\n") + "answer_4 = V",
        ),
        (
            "this is one step",
            LOOP.format(10).replace("    V =", "    V = E_L\n    V =") + "answer_4 = V",
        ),
        ("these are ten equal", "answer_4 = E_L + 10 * 1.5"),
        (
            "this is where V starts",
            "V = E_L\nfor step in range(10):\n    print(V)\nanswer_4 = V",
        ),
    ],
    5: [
        ("this is V at 34 ms", "answer_5 = rise[34]"),
        ("this is V at 36 ms", "answer_5 = rise[36]"),
        ("this is the place", "answer_5 = 35"),
        ("this is V at 20 ms", "answer_5 = rise[20]"),
        ("this is the last value", "answer_5 = rise[-1]"),
    ],
    6: [
        ("either V is not put", fire("spikes.append(t)") + "answer_6 = spikes[-1]"),
        (
            "put V back to V_reset",
            fire("spikes.append(t); V = E_L") + "answer_6 = spikes[-1]",
        ),
        ("this is the number of spikes", fire() + "answer_6 = len(spikes)"),
        ("this is the first spike", fire() + "answer_6 = spikes[0]"),
        (
            "append the time t",
            fire("spikes.append(V); V = V_reset") + "answer_6 = spikes[-1]",
        ),
        (
            "this is V_reset",
            fire("V = V_reset; spikes.append(V)") + "answer_6 = spikes[-1]",
        ),
    ],
    7: [
        (
            "still no spike",
            fire("spikes.append(t)", 300) + "    V = V_reset\nanswer_7 = len(spikes)",
        ),
        (
            "now nothing puts V back",
            fire("spikes.append(t)", 300) + "answer_7 = len(spikes)",
        ),
        (
            "put V back to V_reset",
            fire("spikes.append(t); V = E_L", 300) + "answer_7 = len(spikes)",
        ),
        ("this is the number in 200 ms", fire(end=200) + "answer_7 = len(spikes)"),
        ("this is the time of the last", fire(end=300) + "answer_7 = spikes[-1]"),
        (
            "only one spike",
            fire(end=300).replace("\n    if", "\nif").replace("\n        ", "\n    ")
            + "answer_7 = len(spikes)",
        ),
    ],
    8: [
        ("the way ahead is", "def way_ahead(V, I):\n    return V - (E_L + R * I)"),
        ("this is the goal", "def way_ahead(V, I):\n    return E_L + R * I"),
        (
            "this is one step",
            "def way_ahead(V, I):\n    return dt * (E_L + R * I - V) / tau_m",
        ),
        ("with another current", "def way_ahead(V, I):\n    return -40 - V"),
    ],
    9: [
        ("these are the spikes in 200", whole(end=201)),
        ("it stops at 299 ms", whole(end=300)),
        ("V is not put back", whole(reset="pass")),
        ("put V back to V_reset", whole(reset="V = E_L")),
        ("it counts no spike", whole(indent="        ")),
    ],
    10: [
        ("twice 12", "answer_10 = 2 * spike_count(0.3, 20)"),
        ("this is the number with 0.3 nA.", "answer_10 = spike_count(0.3, 20)"),
        ("this is the number with 0.3 nA and", "answer_10 = spike_count(0.3, 40)"),
        ("this is the number with 0.6 nA", "answer_10 = spike_count(0.6, 40)"),
        ("a spike at each step", "answer_10 = spike_count(20, 0.6)"),
    ],
    11: [
        ("with 0.20 nA", "answer_11 = (V_th - E_L) / R"),
        ("one step weaker", "answer_11 = 0.22"),
        ("weaker ones fire it too: go", "answer_11 = 0.25"),
        ("with 0.19 nA", "answer_11 = 0.19"),
        (
            "weaker ones fire it too. Here",
            "for k in range(30):\n    if spike_count(k / 100, 20) > 0:\n"
            "        answer_11 = k / 100",
        ),
        (
            "weaker ones fire it too. In a loop",
            "for k in range(31):\n    if spike_count(k / 100, 20) > 0:\n"
            "        answer_11 = k / 100",
        ),
        ("this is the number of spikes", "answer_11 = spike_count(0.21, 20)"),
        ("this is k", "answer_11 = 21"),
    ],
    12: [
        (words, RESTING.format(end=end, rest=rest) + f"answer_12 = {answer}")
        for words, end, rest, answer in [
            ("this is still the number", 200, 2, "len(spikes)"),
            ("this is the number without", 300, 0, "len(spikes)"),
            ("this is the number with", 300, 2, "len(spikes)"),
            ("this is the number in 200", 200, 10, "len(spikes)"),
            ("this is the time of", 300, 10, "spikes[-1]"),
        ]
    ]
    + [
        (
            "this is with a rest at",
            RESTING.format(end=300, rest=2).replace("rest = 0", "rest = 10")
            + "answer_12 = len(spikes)",
        )
    ],
    13: [
        ("the differences are", "answer_13 = np.max(exact - rise)"),
        ("this is their mean", "answer_13 = np.mean(np.abs(np.array(rise) - exact))"),
        ("this is their sum", "answer_13 = np.sum(np.abs(np.array(rise) - exact))"),
    ],
}


def verdict(cells, namespace, number, code):
    """What the check of an exercise says to a student's code, in one line."""
    with redirect_stdout(StringIO()) as printed:
        exec(code, namespace)
        exec(cells[f"exercise-{number}-check"], namespace)
    return printed.getvalue().strip().splitlines()[-1]


@pytest.mark.parametrize("number", RIGHT)
def test_right_answers_are_those_of_the_model(cells, namespace, number):
    answers = exercises(read(path_of("00")))
    code = answers[f"exercise-{number}-answer"]
    with redirect_stdout(StringIO()):
        exec(code, namespace)
    assert namespace[f"answer_{number}"] == pytest.approx(RIGHT[number])
    truth = f"answer_{number} = {RIGHT[number]!r}".replace("np.float64", "float")
    text = verdict(cells, namespace, number, truth)
    assert text.startswith("✓"), text


def test_right_functions_are_those_of_the_model(cells, namespace):
    answers = exercises(read(path_of("00")))
    for number in (8, 9):
        exec(answers[f"exercise-{number}-answer"], namespace)
    for I, tau_m in itertools.product((0.1, 0.22, 0.3, 0.6), (10, 20, 35)):
        assert namespace["my_neuron"](I, tau_m) == count(END, I, tau_m)
    for V, I in itertools.product((-75, -60.5, -50), (0, 0.2, 0.45)):
        assert namespace["way_ahead"](V, I) == pytest.approx(goal(I) - V)
    text = verdict(cells, namespace, 8, "def way_ahead(V, I):\n    return goal(I) - V")
    assert text.startswith("✓")  # as its solution says


@pytest.mark.parametrize("number", MISTAKES)
def test_a_students_mistake_gets_its_hint(cells, namespace, number):
    _, *hints = words_of_check(cells[f"exercise-{number}-check"])
    for start, code in MISTAKES[number]:
        text = verdict(cells, namespace, number, code)
        (hint,) = [hint for hint in hints if hint.startswith(start)]
        assert text == f"✗ Exercise {number}: not yet: {hint}", code
        hints.remove(hint)
    assert hints == [], "a hint without a mistake"


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        # What beginners also type.
        (1, "answer_1 = '−40 mV'", "without quotation marks"),
        (4, "answer_4 = [V]", "without brackets"),
        (
            6,
            fire().replace("\n    if", "\nif").replace("\n        ", "\n    ")
            + "answer_6 = spikes[-1]",
            "or the `if` stands after the loop",
        ),
        (8, "def way_ahead(V, I):\n    E_L + R * I - V", "`return` is missing"),
        (
            9,
            whole().replace("return len(spikes)", "print(len(spikes))"),
            "returns nothing",
        ),
        (9, whole().replace("(I, tau_m):", "(I, tau):"), "right at 3 of 5"),
        (9, whole().replace("    V = E_L\n", ""), "it needs a value before"),
        (9, whole().replace("    spikes = []\n", ""), "a list from outside?"),
        (9, whole(indent="            "), "the block of an `if` or of a loop?"),
        (9, whole().replace("return len(spikes)", "return spikes"), "one number"),
        # The mistake of exercise 7 once more, and pA for nA.
        (
            9,
            whole().replace("            V = V_reset", "        V = V_reset"),
            "`V = V_reset` in the block of the `if`",
        ),
        (10, "answer_10 = spike_count(600, 20)", "in nA"),
        (11, "answer_11 = 0,21", "a point, not a comma"),
    ],
)
def test_a_beginners_form_is_answered_in_words(cells, namespace, number, code, words):
    text = verdict(cells, namespace, number, code)
    assert text.startswith("✗")
    assert words in text


def test_a_current_that_a_student_has_changed_does_not_matter_later(cells, namespace):
    """Who tries currents by hand, as exercise 11 asks, may leave `I` at another one."""
    code = exercises(read(path_of("00")))["exercise-12-answer"]
    text = verdict(cells, namespace, 12, f"I = 0.21\n{code}")
    assert text.startswith("✓"), text
    assert namespace["I"] == CURRENT
    assert "run the cells again that name them" in cells["rest"]


# ---- Lines to be put into order ------------------------------------------------------


def test_the_lines_have_one_right_order_which_is_the_solution(cells):
    puzzle = eval(
        compile(
            ast.Expression(ast.parse(cells["exercise-3-answer"]).body[0].value),
            "cell",
            "eval",
        ),
        {"nb": nb},
    )
    lines = [button.description for button in puzzle.lines]
    right = []
    for order in itertools.permutations(range(len(lines))):
        puzzle.again.click()
        for k in order:
            puzzle.lines[k].click()
        if "right." in puzzle.verdict.value:
            right.append("\n".join(lines[k] for k in order))
    assert right == [FENCE.search(cells["exercise-3-solution"])[1].strip()]
    assert right[0] != "\n".join(lines)


# ---- The first steps in the page -----------------------------------------------------


def test_what_is_to_be_predicted_does_not_stand_below():
    """The notebook is opened with its outputs."""
    shown = {cell.id: cell for cell in read(path_of("00")).cells}
    for question, cell, fold in (
        ("becomes", "twice", "seen-twice"),
        ("predict-slow", "slow", "seen-slow"),
    ):
        assert "**Predict.**" in shown[question].source
        answer = re.search(r"(?<=\n\n)\D*?(−?\d+)", shown[fold].source)[1]
        (output,) = shown[cell].outputs
        assert answer.replace("−", "-") != output.data["text/plain"]


def test_the_cells_above_the_first_text_are_named_there(cells):
    """They are folded, and a click opens them, the checks with the answers too."""
    assert CELLS.index("how-to") > CELLS.index("imports")
    assert "**Begin at the top:** click the title" in cells["how-to"]
    assert "a click opens one" in cells["how-to"].lower()
    assert "one after the other: yours, and the folded" in cells["exercise-1"]
    assert "Shift+Enter" not in cells["exercise-1"]  # which the web page has not


# ---- Words ---------------------------------------------------------------------------


def test_the_words_that_are_explained_are_in_the_glossary(cells):
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    terms = re.findall(r"^- \*\*(.+?)\*\*.*\(00\)$", text, re.MULTILINE)
    explained = {
        word.removesuffix("s")
        for name, source in cells.items()
        if name not in {*CODE, "about", "common-mistakes"}
        for word in re.findall(r"\*\*([a-z][\w -]+)\*\*", source)
        if len(word.split()) <= 3
    }
    assert len(explained) > 15
    assert explained - set(terms) == set()


# ---- Only what the step needs --------------------------------------------------------


def test_the_code_that_is_read_uses_what_has_been_explained():
    """No class, comprehension, tuple or f-string, and neither numpy nor the course's
    modules before the last section.
    """
    notebook = read(path_of("00"))
    advanced = (ast.ClassDef, ast.ListComp, ast.GeneratorExp, ast.Tuple, ast.JoinedStr)
    last_section = False
    for cell in notebook.cells:
        last_section |= cell.id == "rest"
        folded = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        if cell.cell_type == "code" and not folded:
            tree = list(ast.walk(ast.parse(cell.source)))
            assert not [node for node in tree if isinstance(node, advanced)], cell.id
            names = {node.id for node in tree if isinstance(node, ast.Name)}
            modules = names & {"np", "lif", "nb"}
            assert not modules or last_section, cell.id
