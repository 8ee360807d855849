"""`check`: what it says to right, likely, odd and missing answers; `progress`; the
mystery neuron.
"""

import math
import re
import warnings
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.formatters import DisplayFormatter
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import lif_exercises
import lif_helpers as lif
import lif_notebook as nb

HINTS = {200.0: "this is in pA.", 0.4: "you forgot R.", 0.23: "never reached."}
NEURONS = [(lif.Neuron(), 1.0), (lif.INHIBITORY, 2.5), (lif.Neuron(), 3.0)]


@pytest.fixture
def said(capsys):
    """What `check` says in one line."""

    def said(answer, expected=0.2, **options):
        options = {"hints": HINTS, "insight": "Well seen."} | options
        assert nb.check("7", answer, expected, **options) is None
        return capsys.readouterr().out.removesuffix("\n")

    return said


@pytest.fixture
def shown(monkeypatch):
    """The boxes that were shown."""
    boxes = []
    monkeypatch.setattr(lif_exercises, "display", boxes.append)
    return boxes


# ---- Numbers -------------------------------------------------------------------------


def test_untouched(said):
    words = "Put your answer in the place of ... and run both cells."
    assert said(lambda: ...) == f"○ Exercise 7: not answered yet. {words}"


def test_an_answer_cell_that_was_not_run(said):
    words = "There is no `answer_7`: run the cell above, and keep the name."
    assert (
        said(lambda: answer_7)  # noqa: F821
        == f"○ Exercise 7: not answered yet. {words}"
    )


@pytest.mark.parametrize(
    "answer",
    [0.2, 0.2001, np.float64(0.2), np.float32(0.2), np.array(0.2), np.array([[0.2]])],
)
def test_right(said, answer):
    assert said(lambda: answer) == "✓ Exercise 7: right. Well seen."


@pytest.mark.parametrize(
    ("answer", "expected", "head"),
    [
        (58.13, 58.128, "right."),
        (58.1, 58.128, "right."),
        (58, 58.128, "right; to more digits 58.13."),
        (1.4, 1.3679, "right; to more digits 1.368."),
        (1.37, 1.3679, "right."),
        (0.16, 0.1625, "right; to more digits 0.1625."),
        (-44.3, -44, "right; exactly −44."),
        (22, 21.972, "right."),
        (1.45, 1.3679, "not yet:"),
        (57, 58.128, "not yet:"),
        (60, 58.128, "not yet:"),  # right to one digit only
    ],
)
def test_two_digits_are_right(said, answer, expected, head):
    sign = "✓" if head.startswith("right") else "✗"
    assert said(lambda: answer, expected, hints={}).startswith(
        f"{sign} Exercise 7: {head}"
    )


def test_two_digits_are_not_right_where_a_mistake_is_near(said):
    assert said(lambda: 2.8, 2.82).startswith("✓ Exercise 7: right; to more digits")
    assert said(lambda: 2.8, 2.82, hints={2.78: "too short."}).startswith("✗")
    assert said(lambda: 2.78, 2.82, hints={2.78: "too short."}).endswith("too short.")


def test_a_distance_in_the_place_of_digits(said):
    options = {"expected": -68.5, "hints": {}, "within": 0.15}
    assert said(lambda: -68.6, **options) == "✓ Exercise 7: right. Well seen."
    assert said(lambda: -68.2, **options).startswith("✗")


def test_the_nearest_mistake_is_meant(said):
    hints = {1.00: "a.", 1.02: "b."}
    for answer, words in ((1.001, "a."), (1.009, "a."), (1.012, "b."), (1.02, "b.")):
        assert said(lambda answer=answer: answer, 5, hints=hints).endswith(words)


def test_another_right_answer(said):
    options = {"expected": 54.9, "also": {54.0: "This is a count."}, "hints": {}}
    assert said(lambda: 54, **options) == (
        "✓ Exercise 7: right. This is a count. Well seen."
    )
    assert said(lambda: 54.9, **options) == "✓ Exercise 7: right. Well seen."
    assert said(lambda: 55, **options).startswith("✓ Exercise 7: right; to more")
    assert said(lambda: 53, **options).startswith("✗")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (200, "this is in pA."),
        (0.4, "you forgot R."),
        (0.401, "you forgot R."),
        (-0.2, "the size is right, the sign is not."),
        (0.0002, "off by a factor of 1000. Check the units"),
        (20, "this is in percent; give the share itself, from 0 to 1."),
        (0.25, "0.25 is not it."),
        (-1234.56, "−1235 is not it."),
        (math.nan, "your number came out as nan: was something divided by zero?"),
        (math.inf, "your number came out as inf: was something divided by zero?"),
        (None, "your answer is None, which is nothing. `print` shows a number, but"),
        ([0.2], "one number, without brackets."),
        ([1, 2], "one number, without brackets."),
        ({0.2}, "one number, without brackets."),
        ({"I": 0.2}, "one number, without brackets."),
        (
            (0, 2),
            "a point, not a comma, in a decimal: Python reads two numbers, 0 and 2.",
        ),
        (
            (-70 + 100 * 0, 3),  # not −70.3
            "a point, not a comma, in a decimal: Python reads two numbers, -70 and 3.",
        ),
        ((0.2,), "one number, without the comma after it."),
        ((1, 2, 3), "one number, and not 3."),
        ((0.1, 0.2), "one number, and not 2."),
        (np.array([1, 2]), "one number is asked for, and this is an array of 2."),
        (np.array([]), "one number is asked for, and this is an array of 0."),
        ("0.2", "a number, without quotation marks: 0.2"),
        ("0,2", "a number, without quotation marks and with a point, not a comma: 0.2"),
        ("0.2 nA", "a number, without quotation marks and without the unit: 0.2"),
        ("−0.2", "a number, without quotation marks: -0.2"),
        ("higher", "a number is asked for, and not a text."),
        ("", "a number is asked for, and not a text."),
        (True, "a number is asked for, and not True or False."),
        (np.array([True]), "a number is asked for, and not True or False."),
        (np.complex128(0.2 + 5j), "a real number is asked for, and this one is"),
        (len, "this is a function. Call it, with brackets and what it needs."),
        (object(), "one number is asked for, and this is of type object."),
    ],
)
def test_wrong(said, answer, words):
    assert said(lambda: answer).startswith(f"✗ Exercise 7: not yet: {words}")


def test_code_that_stops(said):
    words = "your code stops with ZeroDivisionError: division by zero"
    assert said(lambda: 1 / 0) == f"✗ Exercise 7: not yet: {words}"


def test_zero_can_be_right(said):
    assert said(lambda: 1e-15, 0).startswith("✓")
    assert said(lambda: 1e-5, 0).startswith("✗")


# ---- Texts and dictionaries ----------------------------------------------------------


def test_texts(said):
    options = {"expected": "up", "hints": {"down": "it is longer."}}
    assert said(lambda: " UP", **options).startswith("✓")
    assert said(lambda: "down", **options) == "✗ Exercise 7: not yet: it is longer."
    assert said(lambda: "else", **options) == "✗ Exercise 7: not yet."
    assert said(lambda: 3, **options) == (
        "✗ Exercise 7: not yet: a text is asked for, in quotation marks."
    )


E_L, R, TAU = -68.5, 95.02, 16.76
PARAMETERS = {"E_L": E_L, "R": R, "tau_m": TAU}
FORM = 'not yet: keep the form of the answer, {"E_L": ..., "R": ..., "tau_m": ...}'


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (PARAMETERS, "✓ right. Well seen."),
        (
            {"R": 95, "E_L": E_L, "tau_m": 17, "note": "x"},
            "✓ right; tau_m to more digits 16.76. Well seen.",
        ),
        (dict.fromkeys(PARAMETERS, ...), "○ not answered yet. Put your answer"),
        (
            {"E_L": E_L, "R": R, "tau_m": ...},
            "○ not finished: 2 of 3 are right. Still open: tau_m.",
        ),
        (
            {"E_L": E_L, "R": R},
            "○ not finished: 2 of 3 are right. Still open: tau_m.",
        ),
        (
            {"E_L": E_L, "R": R, "tau_m": 11.6},
            "✗ not yet: 2 of 3 are right; look again at tau_m: this is the half-life.",
        ),
        (
            {"E_L": 68.5, "R": 0.09502, "tau_m": TAU},
            "✗ not yet: 1 of 3 is right; look again at E_L: the size is right, the sign"
            " is not; at R: off by a factor of 1000. Check the units",
        ),
        (
            {"E_L": (-68, 5), "R": "95 MΩ", "tau_m": ...},
            "✗ not yet: 0 of 3 are right; look again at E_L: a point, not a comma, "
            "in a decimal: Python reads two numbers, -68 and 5; at R: a number, "
            "without quotation marks and without the unit: 95. Still open: tau_m.",
        ),
        ([E_L, R, TAU], f"✗ {FORM}"),
        ({"e_l": 1}, f"✗ {FORM}"),
        (3, f"✗ {FORM}"),
        (None, f"✗ {FORM}"),
    ],
)
def test_dictionaries(said, answer, words):
    text = said(
        lambda: answer,
        PARAMETERS,
        within={"E_L": 0.15},
        hints={"tau_m": {11.62: "this is the half-life."}},
    )
    assert text.replace("Exercise 7: ", "", 1).startswith(words)


def test_dictionaries_of_texts(said):
    expected = {"R": "up", "C": "down", "L": "up"}
    options = {"expected": expected, "hints": {"C": {"same": "it stands in tau_m."}}}
    start = "✗ Exercise 7: not yet: "
    assert said(lambda: {"R": "Up", "C": "down", "L": "up"}, **options).startswith("✓")
    assert said(lambda: {"R": "down", "C": "same", "L": "up"}, **options) == (
        f"{start}1 of 3 is right; look again at R; at C: it stands in tau_m."
    )
    assert said(lambda: {"R": "larger", "C": "down", "L": 1}, **options) == (
        f'{start}1 of 3 is right; look again at R: write "down" or "same" or "up"; '
        "at L: a text is asked for, in quotation marks."
    )
    options["hints"] = {"C": {"same": "does it stand in tau_m?"}}  # no "?."
    assert said(lambda: {"R": "up", "C": "same", "L": "up"}, **options) == (
        f"{start}2 of 3 are right; look again at C: does it stand in tau_m?"
    )


# ---- Functions -----------------------------------------------------------------------


def potential(neuron, I):
    return neuron.E_L + neuron.R * I


@pytest.fixture
def function_said(said):
    def said_to(function, expected=potential, at=NEURONS, **options):
        hints = {lambda neuron, I: neuron.R * I: "this is the change; add it to E_L."}
        return said(lambda: function, expected, at=at, **({"hints": hints} | options))

    return said_to


def print_only(neuron, I):
    neuron.E_L + neuron.R * I


CALLS = []


def counts_on(neuron, I):
    CALLS.append(I)
    return len(CALLS)


def uses_before_it_gives(neuron, I):
    V = V + neuron.R * I  # noqa: F821
    return V


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda n, I: n.E_L + I * n.R, "✓ right. Well seen."),
        (lambda n, I: [np.float64(potential(n, I))][0], "✓ right. Well seen."),
        (lambda n, I: ..., "○ not answered yet. Your function still returns ..."),
        (print_only, "✗ not yet: your function returns nothing: `return` is missing."),
        (
            lambda n, I: n.E_L if I > 2 else None,
            "✗ not yet: your function returns nothing for some inputs: does `return` "
            "stand in the block of an `if` or of a loop?",
        ),
        (
            counts_on,
            "✗ not yet: called twice with the same, it gives something else. Does it "
            "go on with a list from outside?",
        ),
        (lambda n, I: n.R * I, "✗ not yet: this is the change; add it to E_L."),
        (lambda n, I: -70 + 100 * I, "✗ not yet: right at 2 of 3 inputs. Does it use"),
        (lambda n, I: 30.0, "✗ not yet: right at 1 of 3 inputs. Does it use"),
        (lambda n, I: -potential(n, I), "✗ not yet: the size is right, the sign is"),
        (lambda n, I: potential(n, I) / 1000, "✗ not yet: off by a factor of 1000."),
        (lambda n, I: I, "✗ not yet: its values are not the right ones."),
        (
            lambda n, I: [potential(n, I)],
            "✗ not yet: what your function returns: one number, without brackets.",
        ),
        (lambda n: 3, "✗ not yet: your code stops with TypeError: "),
        (
            lambda n, I: ... * 2,
            "✗ not yet: your code stops with TypeError: unsupported operand type(s) for"
            " *: 'ellipsis' and 'int'. A ... is still in it.",
        ),
        (
            uses_before_it_gives,
            "✗ not yet: your code stops with UnboundLocalError: cannot access local "
            "variable 'V' where it is not associated with a value. Inside a function "
            "it needs a value before it is used.",
        ),
        (
            lambda n, I: unknown,  # noqa: F821
            "✗ not yet: your code stops with NameError: name 'unknown' is not defined",
        ),
        (3.0, "✗ not yet: a function is asked for: keep the line with `def`."),
    ],
)
def test_functions(function_said, function, words):
    text = function_said(function)
    assert text.replace("Exercise 7: ", "", 1).startswith(words)


def test_a_function_that_is_not_there(said):
    text = said(lambda: interval, potential, at=NEURONS)  # noqa: F821
    assert text.startswith("○ Exercise 7: not answered yet. There is no `interval`:")


def test_functions_of_arrays(function_said):
    def total(x):
        x *= 2  # a student may write into what the function is given
        return np.cumsum(x) / 2

    at = [(np.array([1.0, 2, 3]),), (np.array([4.0, 5, 7]),)]
    options = {"expected": np.cumsum, "at": at, "hints": {}}
    assert function_said(total, **options).startswith("✓")
    assert function_said(lambda x: list(np.cumsum(x)), **options).startswith("✓")
    for function, words in (
        (np.sum, "a row of 3 numbers is asked for, and this is one number."),
        (str, "an array of numbers is asked for."),
    ):
        assert function_said(function, **options).endswith(
            f"what your function returns: {words}"
        )
    assert at[0][0].tolist() == [1, 2, 3]


def test_another_right_function(function_said):
    also = {lambda n, I: n.E_L: "This is its limit."}
    assert function_said(lambda n, I: n.E_L, also=also) == (
        "✓ Exercise 7: right. This is its limit. Well seen."
    )


# ---- It never raises -----------------------------------------------------------------


class Awkward:
    def __eq__(self, other):
        raise RuntimeError("do not compare me")

    __hash__ = None

    def __repr__(self):
        raise RuntimeError("do not show me")

    def __array__(self, *args, **kwargs):
        raise RuntimeError("no array")


class Speechless(Exception):
    def __str__(self):
        raise RuntimeError


def speechless(*_):
    raise Speechless


endless = []
endless.append(endless)

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(),
    st.binary(),
    st.decimals(),
    st.fractions(),
    st.dates(),
    st.lists(st.one_of(st.floats(), st.text(), st.lists(st.integers()))),
    st.tuples(st.integers(), st.integers()),
    st.dictionaries(st.sampled_from(["a", "b", "c"]), st.floats() | st.text()),
    st.sampled_from(
        [
            Awkward(),
            object(),
            np.array([1, None], object),
            np.array("0.2"),
            np.array("2026", "M8"),
            np.ma.masked,
            np.zeros((0, 3)),
            [[1], [1, 2]],
            10**400,
            1e308,
            print,
            int,
            speechless,
            {1, 2},
            slice(1),
            endless,
            {"a": Awkward(), "b": endless},
            {"a": ..., "b": [...]},
        ]
    ),
)
right_ones = st.sampled_from(
    [0.2, -1e308, 0, "up", {"a": 1.0, "b": "up"}, lambda x: x, lambda x: np.arange(3)]
)


@settings(deadline=None)
@given(odd, right_ones)
def test_it_never_raises(answer, expected):
    if isinstance(expected, dict):
        hints = {"a": {0.3: "no."}, "b": {"down": "no."}}
    elif isinstance(expected, str):
        hints = {"down": "no."}
    elif callable(expected):
        hints = {lambda x: -x: "no."}
    else:
        hints = {0.3: "no."}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nb.check("1", lambda: answer, expected, at=[(0.5,), (1.5,)], hints=hints)


@pytest.mark.parametrize("answer", [speechless, lambda: None + 1, lambda: endless[9]])
def test_code_that_stops_is_no_error_of_the_check(said, answer):
    assert said(answer).startswith("✗ Exercise 7: not yet: your code stops with ")


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_far_from_the_right_one_is_never_right(number):
    boxes = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lif_exercises, "display", boxes.append)
        nb.check("1", lambda: number, 0.1625, hints={0.2: "default."})
    near = abs(number - 0.1625) <= 0.0025 + 1e-12
    assert repr(boxes[0]).startswith("✓") == near


# ---- An answer cell that stops -------------------------------------------------------


@pytest.fixture
def run_cell(monkeypatch):
    """Runs the code of a cell as a kernel does."""
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    monkeypatch.setattr(lif_exercises, "get_ipython", lambda: shell)

    def run_cell(code):
        with redirect_stdout(StringIO()):
            shell.run_cell(code, store_history=True)

    return run_cell


@pytest.mark.parametrize(
    ("cell", "error"),
    [
        (
            "answer_7 = 0.2 nA",
            "SyntaxError: invalid syntax. Is a sign missing, such as *? Or is something"
            " too much, such as a unit?",
        ),
        (
            "answer_7 = −0.2",
            "SyntaxError: invalid character '−' (U+2212). Type it anew: - is minus, * "
            "is times, >= is at least.",
        ),
        (
            "answer_7 = (3 + 4",
            "SyntaxError: incomplete input. Is a bracket not closed?",
        ),
        ("for k in range(3)\n    answer_7 = k", "SyntaxError: expected ':'"),
        (
            "x = 1\nanswer_7 = X",
            "NameError: name 'X' is not defined. Is it spelt right, did its cell run, "
            "or does a text lack its quotes?",
        ),
        (
            "answer_7 = 1 + exp(-1)",
            "NameError: name 'exp' is not defined. It belongs to numpy: `np.exp`.",
        ),
        (
            "spikes = []\nanswer_7 = spikes[-1]",
            "IndexError: list index out of range. The list is shorter, or still empty.",
        ),
        (
            "answer_7 = 0.2\nprint(X)",
            "NameError: name 'X' is not defined. Is it spelt right, did its cell run, "
            "or does a text lack its quotes?",
        ),
        (
            "dt = 1\nanswer_7 = dt(3 + 4)",
            "TypeError: 'int' object is not callable. Is a * missing before a bracket?",
        ),
        (
            "rise = [1, 2]\nanswer_7 = rise(1)",
            "TypeError: 'list' object is not callable. Square brackets take a number "
            "out of it.",
        ),
        (
            "answer_7 = len[3]",
            "TypeError: 'builtin_function_or_method' object is not subscriptable. After"
            " a function stand round brackets.",
        ),
        (
            "rise = 3\nanswer_7 = rise[0]",
            "TypeError: 'int' object is not subscriptable. Square brackets take "
            "something out of a list; this is none.",
        ),
        (
            "rise = [1, 2]\nanswer_7 = rise[0.5]",
            "TypeError: list indices must be integers or slices, not float. A place in "
            "a list is a whole number.",
        ),
        (
            "for k in range(0.3): pass\nanswer_7 = k",
            "TypeError: 'float' object cannot be interpreted as an integer. Whole "
            "numbers are needed here, without a point.",
        ),
        (
            "for k in 3: pass\nanswer_7 = k",
            "TypeError: 'int' object is not iterable. A loop goes through a list or a "
            "range, such as `range(10)`.",
        ),
        (
            "x = []\nx = x.append(1)\nx.append(2)\nanswer_7 = x",
            "AttributeError: 'NoneType' object has no attribute 'append'. `append` "
            "stands after the name of a list and a point, and changes the list itself: "
            "no = before it.",
        ),
        (
            "x = []\nappend(2)\nanswer_7 = x",
            "NameError: name 'append' is not defined. `append` stands after the name of"
            " a list and a point, and changes the list itself: no = before it.",
        ),
        (
            "def f(x, y):\n    return x\n\n\nanswer_7 = f(0,6, 20)",
            "TypeError: f() takes 2 positional arguments but 3 were given. A call needs"
            " as many values as there are names in the brackets after `def`; 0,6 are "
            "two values.",
        ),
        (
            "def f(x):\n    return x\n\n\nanswer_7 = f - 2",
            "TypeError: unsupported operand type(s) for -: 'function' and 'int'. A "
            "function is called with brackets and what it needs.",
        ),
        ("def answer_7(x)\n    return x", "SyntaxError: expected ':'"),
    ],
)
def test_a_cell_that_stops_gives_no_answer(run_cell, said, cell, error):
    run_cell("answer_7 = 0.2")
    answer_7 = 0.2  # what an earlier run of the cell has left
    run_cell(cell)
    assert said(lambda: answer_7) == (
        "✗ Exercise 7: not yet: your cell stops. Mend it, and run both cells again. "
        f"{error}"
    )
    run_cell("answer_7 = 0.2")
    assert said(lambda: answer_7).startswith("✓ Exercise 7: right.")


@pytest.mark.parametrize(
    "cell",
    [
        "print(X)",
        "print(answer_7 + X)",
        "answer_77 = X",
        "if answer_7 == X: pass",
        "# answer_7 = X\nX",
    ],
)
def test_another_cell_that_stops_does_not_matter(run_cell, said, cell):
    answer_7 = 0.2
    run_cell(cell)
    assert said(lambda: answer_7).startswith("✓ Exercise 7: right.")


def test_an_answer_on_the_wrong_side(run_cell, said):
    answer_7 = 0.2
    run_cell("2 + 3 = answer_7")
    assert said(lambda: answer_7).startswith("✗ Exercise 7: not yet: your cell stops.")
    assert said(lambda: answer_7).endswith(
        "The name stands on the left of the =, its value on the right."
    )


@pytest.mark.parametrize("cell", ["0.2", "answer7 = 0.2", "x = 3  # answer"])
def test_a_cell_that_has_lost_the_name_of_the_answer(run_cell, said, cell):
    run_cell(cell)
    there = "The cell that ran just before has no `answer_7` in it"
    answer_7 = ...
    assert said(lambda: answer_7) == (
        f"○ Exercise 7: not answered yet. {there}: give your answer this name, and run "
        "both cells."
    )
    answer_7 = 0.3  # of before: its own hint stays
    assert said(lambda: answer_7) == f"✗ Exercise 7: not yet: 0.3 is not it. {there}."
    answer_7 = 0.2
    assert said(lambda: answer_7).startswith("✓")  # run again after another cell
    answer_7 = 0.3
    run_cell('print("7", lambda: answer_7, 0.2)')  # a check that is run twice
    assert said(lambda: answer_7) == "✗ Exercise 7: not yet: 0.3 is not it."


@pytest.mark.parametrize("answer", [..., 0.2, 0.3])
def test_an_answer_that_is_asked_for_in_the_place_of_given(run_cell, said, answer):
    run_cell("answer_7 = 3\nanswer_7 == 0.2")
    answer_7 = answer
    assert said(lambda: answer_7).startswith(
        "✗ Exercise 7: not yet: `==` asks whether two things are equal. Write "
        "`answer_7 =`, with one =, and run both cells again."
    )


# ---- Boxes ---------------------------------------------------------------------------


def formats(box):
    """What a notebook gets of a box, by mime type."""
    return DisplayFormatter().format(box)[0]


def test_a_box_is_html_and_one_line_of_text(shown):
    nb.check("7", lambda: 0.2, 0.2, insight="Well seen.")
    nb.progress(1)
    assert [set(formats(box)) for box in shown] == 2 * [{"text/plain", "text/html"}]
    assert formats(shown[0])["text/plain"] == "✓ Exercise 7: right. Well seen."
    assert not any("\n" in formats(box)["text/plain"] for box in shown)


def luminance(rgb):
    """Relative luminance (WCAG 2.2) of a colour of three parts from 0 to 255."""
    parts = np.asarray(rgb) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_contrast_of_black_and_white():
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)


ANSWERS = {"✓": 0.2, "✗": 0.4, "○": ...}
LAB = [(255, 255, 255), (17, 17, 17)]  # its pages, light and dark
COLAB_DARK = (56, 56, 56)


@pytest.mark.parametrize("sign", ANSWERS)
def test_a_box_has_sign_words_and_enough_contrast(shown, sign):
    nb.check("7", lambda: ANSWERS[sign], 0.2, hints=HINTS, insight="Well seen.")
    markup = formats(shown[0])["text/html"]
    words = re.sub(r"<[^>]+>", " ", markup)
    assert " ".join(words.split()).replace(" :", ":") == repr(shown[0])
    (badge,) = re.findall(r"color: #FFFFFF; background: #(\w{6})", markup)
    color = tuple(bytes.fromhex(badge))
    assert contrast(color, (255, 255, 255)) > 4.5
    (tint,) = re.findall(r"background: rgba\(([^)]+)\)", markup)
    *over, alpha = map(float, tint.split(","))
    for page in (*LAB, COLAB_DARK):
        text = (221, 221, 221) if max(page) < 128 else (33, 33, 33)
        surface = alpha * np.array(over) + (1 - alpha) * np.array(page)
        assert contrast(text, surface) > 4.5
    assert all(contrast(color, page) > 3 for page in LAB)


def test_three_states_have_three_colours(shown):
    for answer in ANSWERS.values():
        nb.check("7", lambda answer=answer: answer, 0.2, hints=HINTS)
    assert (
        len({re.search("#[0-9A-F]{6}", formats(box)["text/html"])[0] for box in shown})
        == 3
    )


def test_what_a_student_wrote_is_no_markup(shown):
    def stop():
        raise ValueError("<img src=x onerror=alert(1)> & `code`")

    nb.check("<7>", stop, 0.2)
    markup = formats(shown[0])["text/html"]
    assert "<img" not in markup
    assert "<7>" not in markup
    assert "&lt;img src=x" in markup
    assert re.search(r"<code[^>]*>code</code>", markup)


def test_the_challenge_is_called_by_its_name(shown):
    for name, called in (("challenge", "Challenge"), ("12", "Exercise 12")):
        nb.check(name, lambda: 0.2, 0.2)
        assert repr(shown[-1]) == f"✓ {called}: right."
        assert f"<b>{called}: right.</b>" in shown[-1]._repr_html_()


# ---- Progress ------------------------------------------------------------------------


def test_progress(shown):
    for name, answer in (("1", 0.2), ("2", 0.4), ("3", ...), ("4", 0.2), ("5", ...)):
        nb.check(name, lambda answer=answer: answer, 0.2, hints=HINTS)
    del shown[:]
    nb.progress(5)
    assert repr(shown[0]) == (
        "2 of 5 exercises solved. Solved: 1, 4. Tried, not solved yet: 2. "
        "Untouched: 3, 5."
    )
    markup = formats(shown[0])["text/html"]
    tiles = re.findall(r'title="exercise (\d): ([^"]+)"[^>]*>(\d) (.)<', markup)
    assert tiles == [
        ("1", "solved", "1", "✓"),
        ("2", "tried, not solved yet", "2", "✗"),
        ("3", "untouched", "3", "○"),
        ("4", "solved", "4", "✓"),
        ("5", "untouched", "5", "○"),
    ]
    assert repr(shown[0]) in markup


def test_progress_knows_what_was_said_last_and_is_harmless(shown):
    def solved():
        nb.progress(1)
        return repr(shown[-1]).startswith("1 of 1")

    for answer, expected in ((0.4, False), (0.2, True), (0.2, True), (..., False)):
        nb.check("1", lambda answer=answer: answer, 0.2)
        assert solved() == solved() == expected


# ---- The mystery neuron --------------------------------------------------------------


def test_the_mystery_neuron_is_the_same_for_the_same_seed():
    one, same, other = (nb.mystery_neuron(seed).reveal() for seed in (7, 7, 8))
    assert one == same != other


def test_the_ranges_of_mystery_neurons():
    hidden = [nb.mystery_neuron(seed).reveal() for seed in range(500)]
    for name, low, high in (
        ("tau_m", 10, 40),
        ("R", 50, 200),
        ("E_L", -76, -64),
        ("t_ref", 2, 6),
    ):
        values = np.array([getattr(neuron, name) for neuron in hidden])
        assert low <= values.min() < low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) < values.max() <= high
    above = np.array([neuron.V_th - neuron.E_L for neuron in hidden])
    below = np.array([neuron.E_L - neuron.V_reset for neuron in hidden])
    assert (12 <= above.min()) & (above.max() <= 24)
    assert (3 <= below.min()) & (below.max() <= 9)


def test_a_recording_of_it_does_not_tell_its_parameters():
    mystery, t = nb.mystery_neuron(7), lif.time_grid(100)
    recording = mystery.record(t, 0.8)
    assert recording.neuron is mystery
    assert not set(vars(recording.neuron)) & set(lif.PARAMETERS)
    hidden = mystery.reveal()
    assert np.array_equal(recording.V, lif.simulate(hidden, t, 0.8).V)


# ---- For a class ---------------------------------------------------------------------


@given(st.text())
def test_a_sealed_source_comes_back(source):
    assert nb.unsealed(nb.sealed(source)) == source


def test_a_sealed_check_cannot_be_read_and_works_as_before(capsys):
    source = 'nb.check("7", lambda: answer_7, 41.25, hints={3: "too small."})'
    text = nb.sealed(source)
    assert not {"nb", "check", "answer", "41.25", "small"} & set(
        re.findall(r"\w+", text)
    )
    assert max(map(len, text.splitlines())) <= 76
    for answer, words in ((3, "not yet: too small."), (41.25, "right.")):
        eval(nb.unsealed(text), {"nb": nb, "answer_7": answer})
        assert capsys.readouterr().out.endswith(f"Exercise 7: {words}\n")


def test_a_program_that_grades_learns_what_the_last_check_said(said):
    said(lambda: 0.2)
    nb.require_right("7")
    nb.require_right(7)
    for answer in (200.0, 77, ..., "0,2", None):
        words = said(lambda answer=answer: answer)
        with pytest.raises(AssertionError) as error:
            nb.require_right("7")
        assert str(error.value) == words
    said(lambda: 0.2)
    nb.require_right("7")


def test_an_exercise_that_was_not_checked_is_not_right():
    with pytest.raises(AssertionError, match="Never checked: not answered yet"):
        nb.require_right("never checked")
