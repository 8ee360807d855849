"""Exercises: `check` says whether an answer is right, `progress` shows how far one has
come, a mystery neuron is one whose parameters are to be found out, and `order_lines`
has lines of a program put into order. For a class, `sealed` hides what a check knows,
and `require_right` tells it to a program that grades.

An exercise is four cells of a notebook: the question, the answer cell (`answer_3 = ...`
or a function to complete), the folded check (`nb.check("3", lambda: answer_3, ...)`),
and the solution in a fold.
"""

import base64
import copy
import html
import io
import math
import re
import textwrap
import traceback
import zlib
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, replace

import ipywidgets as widgets
import numpy as np
from IPython import get_ipython
from IPython.display import display

from lif_helpers import Neuron, generator, simulate

# ---- What a student sees -------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """How an exercise stands: its sign, its word in `progress`, and its colours."""

    sign: str
    word: str
    color: str  # white text on it, and it on a light and on a dark page, can be seen
    tint: str  # so thin that the page's own text colour stays readable on it


RIGHT = State("✓", "solved", "#1F7A47", "rgba(40, 160, 90, 0.16)")
WRONG = State("✗", "tried, not solved yet", "#C0322F", "rgba(215, 60, 55, 0.14)")
OPEN = State("○", "untouched", "#6B6B6B", "rgba(128, 128, 128, 0.13)")

_verdicts = {}  # on the exercises that were checked in this kernel, by name


class Box:
    """What `check` and `progress` show: a box where there is HTML, else one line."""

    def __init__(self, text, markup):
        self._text, self._markup = text, markup

    def __repr__(self):
        return self._text

    def _repr_html_(self):
        return self._markup


def _verdict_box(name, verdict):
    state = verdict.state
    badge = (
        "flex: none; width: 1.6em; height: 1.6em; line-height: 1.6em; "
        "border-radius: 50%; text-align: center; font-weight: bold; "
        f"color: #FFFFFF; background: {state.color}"
    )
    box = (
        "display: flex; gap: 0.7em; align-items: flex-start; max-width: 50em; "
        "margin: 4px 0; padding: 8px 12px; border-radius: 4px; "
        f"border-left: 6px solid {state.color}; background: {state.tint}"
    )
    # An exercise is called by its number, the challenge by its name.
    called = f"Exercise {name}" if str(name).isdigit() else name.capitalize()
    head = f"{called}: {verdict.head}"
    return Box(
        f"{state.sign} {head} {verdict.words}".strip(),
        f'<div style="{box}"><span style="{badge}">{state.sign}</span>'
        f'<div style="line-height: 1.6em"><b>{_marked(head)}</b> '
        f"{_marked(verdict.words)}</div></div>",
    )


def _marked(words):
    """Words as HTML, with what stands between backticks as code."""
    code = '<code style="background: none; color: inherit; padding: 0">'
    return re.sub(r"`([^`]+)`", rf"{code}\1</code>", html.escape(str(words)))


def progress(exercises):
    """Show which of a notebook's exercises, 1 to `exercises`, were solved or tried in
    this kernel: what `check` said last to each.
    """
    names = [str(number) for number in range(1, exercises + 1)]
    states = {name: _verdicts.get(name, _UNTOUCHED).state for name in names}
    words = [f"{list(states.values()).count(RIGHT)} of {exercises} exercises solved."]
    for state in (RIGHT, WRONG, OPEN):
        found = [name for name in names if states[name] is state]
        if found:
            words.append(f"{state.word.capitalize()}: {', '.join(found)}.")
    tiles = "".join(_tile(name, state) for name, state in states.items())
    row = "display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0"
    text = " ".join(words)
    display(Box(text, f'<div style="{row}">{tiles}</div><div>{text}</div>'))


def _tile(name, state):
    look = f"padding: 4px 10px; border-radius: 4px; border: 2px solid {state.color}"
    if state is not OPEN:
        look += f"; color: #FFFFFF; background: {state.color}"
    title = f"exercise {name}: {state.word}"
    return f'<span title="{title}" style="{look}">{name} {state.sign}</span>'


# ---- Checking an answer --------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """The state of an answer, a headline, and more words."""

    state: State
    head: str
    words: str = ""
    more_exactly: str = ""  # what the headline says of a right number's digits


def _right(words="", more_exactly=""):
    head = f"right; {more_exactly}." if more_exactly else "right."
    return Verdict(RIGHT, head, words, more_exactly)


def _wrong(words):
    return Verdict(WRONG, "not yet:" if words else "not yet.", words)


_UNTOUCHED = Verdict(
    OPEN,
    "not answered yet.",
    "Put your answer in the place of ... and run both cells.",
)


def check(
    name, answer, expected, *, at=None, within=None, hints=None, also=None, insight=""
):
    """Show whether the answer to an exercise is right, and if not, help; never raises.

    `answer` is a function that gives the student's answer: `lambda: answer_3`. What
    is `expected` decides what the answer has to be:

    - a number. An answer is right to three digits, and to two as well, unless a
      mistake of `hints` is that near; or, if `within` is given, up to that distance.
      `hints` maps mistakes to what to say to them, `also` other right answers to what
      to say to those.
    - a text. `hints` maps other texts to what to say.
    - a dictionary of these; `within` and `hints` are then dictionaries by entry.
    - a function, which is compared with the student's at each tuple of arguments in
      `at`; `hints` maps functions that make a mistake to what to say, `also` other
      right ones. With `within`, each number of a row (of spike times, say) may be off
      by this much.

    `insight` is said to the right answer.
    """
    try:
        with np.errstate(all="ignore"):
            verdict = _verdict_of_the_cell(answer) or _judge(
                answer, expected, at, within, hints or {}, also or {}
            )
            if verdict.state is not RIGHT:
                verdict = _without_a_name(answer, verdict)
    except Exception as error:  # whatever a student's code does
        verdict = _wrong(f"your code stops with {_described(error)}")
    if verdict.state is RIGHT:
        verdict = replace(verdict, words=f"{verdict.words} {insight}".strip())
    _verdicts[str(name)] = verdict
    display(_verdict_box(name, verdict))


def _verdict_of_the_cell(answer):
    """What to say where the cell that ran just before was to give the answer and did
    not, as it stopped with an error or asked with ==: what there is, is no answer, or
    an older one. Else None.
    """
    code, error = _cell_before()
    names = "|".join(_names_in(answer))
    asked = re.search(rf"^({names})\s*==(?!.*==)", code, re.M)
    if asked and not error:
        words = f"`==` asks whether two things are equal. Write `{asked[1]} =`"
        return _wrong(f"{words}, with one =, and run both cells again.")
    left = rf"^\s*(def\s+)?({names})\b\s*[=(]"
    right = rf"^[^#=\n]+=\s*({names})\s*$"  # the wrong way round
    if not error or not re.search(rf"{left}|{right}", code, re.M):
        return None
    words = "your cell stops. Mend it, and run both cells again."
    return _wrong(f"{words} {_described(error)}")


def _without_a_name(answer, verdict):
    """The verdict, and a word on the cell that ran just before, where that says nothing
    of the answer, as when a student has deleted or misspelt its name.
    """
    code, error = _cell_before(by_hand=True)
    names = _names_in(answer)
    if not code or error or len(names) != 1 or re.search(rf"\b{names[0]}\b", code):
        return verdict
    words = f"The cell that ran just before has no `{names[0]}` in it."
    if verdict.state is OPEN:
        words = f"{words[:-1]}: give your answer this name, and run both cells."
        return Verdict(OPEN, "not answered yet.", words)
    return replace(verdict, words=f"{verdict.words} {words}")


def _names_in(answer):
    return answer.__code__.co_names + answer.__code__.co_freevars


def _cell_before(by_hand=False):
    """The code of the cell that ran just before and its error; "" and None if there is
    none, or if only a cell of the page counts (`by_hand`) and a program sent it.
    """
    ran = getattr(get_ipython(), "last_execution_result", None)
    if not ran or (by_hand and not ran.info.store_history):
        return "", None
    return ran.info.raw_cell, ran.error_before_exec or ran.error_in_exec


# What a beginner needs to hear, by a pattern of what Python says; the first counts.
_IN_PLAIN_WORDS = {
    "ellipsis": "A ... is still in it.",  # as Python calls them, a student does not
    "incomplete input": "Is a bracket not closed?",  # as IPython says it
    "invalid character": "Type it anew: - is minus, * is times, >= is at least.",
    r"invalid syntax(\. Perhaps .*)?$": "Is a sign missing, such as *? Or is something "
    "too much, such as a unit?",
    "(list|array)' object is not callable": "Square brackets take a number out of it.",
    "not callable": "Is a * missing before a bracket?",
    "cannot assign": "The name stands on the left of the =, its value on the right.",
    "(function|method|type).* subscriptable": "After a function stand round brackets.",
    "not subscriptable": "Square brackets take something out of a list; this is none.",
    "list index out of range": "The list is shorter, or still empty.",
    "indices must be integers": "A place in a list is a whole number.",
    "as an integer": "Whole numbers are needed here, without a point.",
    "not iterable": "A loop goes through a list or a range, such as `range(10)`.",
    "(attribute|name) 'append'": "`append` stands after the name of a list and a point,"
    " and changes the list itself: no = before it.",
    "positional argument": "A call needs as many values as there are names in the "
    "brackets after `def`; 0,6 are two values.",
    "'function'": "A function is called with brackets and what it needs.",
    "truth value of an array": "One number is needed: take it out, as in `I[k]`.",
    "local variable": "Inside a function it needs a value before it is used.",
}
_OF_NUMPY = {"exp", "log", "sqrt", "pi", "mean", "std", "arange", "array"}


def _described(error):
    words = _said_by_python(error)
    stop = "" if words.endswith(("?", ".")) else "."
    help_ = _in_plain_words(error, words)
    return f"{words}{stop} {help_}" if help_ else words


def _in_plain_words(error, words):
    if isinstance(error, NameError) and error.name in _OF_NUMPY:
        return f"It belongs to numpy: `np.{error.name}`."
    for pattern, help_ in _IN_PLAIN_WORDS.items():
        if re.search(pattern, words):
            return help_
    if isinstance(error, NameError):
        return "Is it spelt right, did its cell run, or does a text lack its quotes?"
    return ""


def _said_by_python(error):
    return traceback.format_exception_only(error)[-1].strip()


def _judge(answer, expected, at, within, hints, also):
    try:
        given = answer()
    except NameError as error:
        words = f"There is no `{error.name}`: run the cell above, and keep the name."
        return Verdict(OPEN, "not answered yet.", words)
    if given is ...:
        return _UNTOUCHED
    if callable(expected):
        return _judge_function(given, expected, at, within, hints, also)
    if isinstance(expected, dict):
        return _judge_entries(given, expected, within or {}, hints)
    if isinstance(expected, str):
        return _judge_text(given, expected, hints)
    return _judge_number(given, expected, within, hints, also)


# ---- Numbers -------------------------------------------------------------------------


def _judge_number(given, expected, within, hints, also):
    problem = _wrong_form(given)
    if problem:
        return _wrong(problem)
    number = _as_number(given)
    rivals = [*hints, *also]
    if _agree(number, expected, 3, within, rivals):
        return _right()
    if within is None and _agree(number, expected, 2, within, rivals):
        exact = expected == _rounded(expected, 2)
        kind = "exactly" if exact else "to more digits"
        return _right(more_exactly=f"{kind} {_written(expected)}")
    for other, remark in also.items():
        if _agree(number, other, 2, None, [expected, *hints]):
            return _right(remark)
    made = [
        mistake for mistake in hints if _agree(number, mistake, 2, None, [expected])
    ]
    if made:
        return _wrong(hints[min(made, key=lambda mistake: abs(number - mistake))])
    return _wrong(_general_hint(number, expected, within, rivals))


def _agree(number, value, digits, within, rivals):
    """Whether a number is a value: to so many digits, or `within` a distance, if that
    is given; and any rival, a value that means something else, is twice as far away.
    """
    allowed = _rounding(value, digits) if within is None else within
    room = min((abs(rival - value) / 3 for rival in rivals), default=math.inf)
    return abs(number - value) <= min(allowed, room)


def _rounding(value, digits):
    """How far a number may be from a value that it gives to so many digits."""
    of_this_value = abs(_rounded(value, digits) - value) * (1 + 1e-9)
    return max(of_this_value, 10.0**-digits * abs(value), 1e-12)


def _rounded(value, digits):
    return float(f"{value:.{digits - 1}e}")


def _written(number):
    return f"{number:.4g}".replace("-", "−")


def _general_hint(number, expected, within, rivals):
    """What to say to a wrong number that no hint foresaw."""

    def is_right(changed):
        return _agree(changed, expected, 2, within, rivals)

    if is_right(-number):
        return "the size is right, the sign is not."
    if is_right(number * 1000) or is_right(number / 1000):
        return _FACTOR_1000
    if 0 < expected < 1 and is_right(number / 100):
        return "this is in percent; give the share itself, from 0 to 1."
    return f"{_written(number)} is not it."


_FACTOR_1000 = (
    "off by a factor of 1000. Check the units: ms or s, mV or V, nA or pA, µS or nS."
)


def _as_number(given):
    return float(np.asarray(given).item())


def _wrong_form(given):
    """What to say to an answer that is not one number, or None if it is."""
    if given is None:
        return (
            "your answer is None, which is nothing. `print` shows a number, but "
            "gives none."
        )
    if isinstance(given, str):
        return _wrong_text(given)
    if isinstance(given, tuple):
        return _wrong_tuple(given)
    if isinstance(given, list | set | frozenset | Mapping):
        return "one number, without brackets."
    if callable(given):
        return "this is a function. Call it, with brackets and what it needs."
    array = np.asarray(given)
    if array.size != 1:
        return f"one number is asked for, and this is an array of {array.size}."
    if array.dtype.kind == "b":
        return "a number is asked for, and not True or False."
    if array.dtype.kind == "c":
        return "a real number is asked for, and this one is complex."
    try:
        number = _as_number(array)
    except (TypeError, ValueError, OverflowError):
        return f"one number is asked for, and this is of type {type(given).__name__}."
    if math.isfinite(number):
        return None
    return f"your number came out as {number}: was something divided by zero?"


def _wrong_text(text):
    found = re.fullmatch(r"\s*([-+−]?\d*[.,]?\d+(?:e[-+]?\d+)?)\s*(.*?)\s*", text)
    if not found:
        return "a number is asked for, and not a text."
    number, unit = found.groups()
    faults = ["without quotation marks"]
    if unit:
        faults.append("without the unit")
    if "," in number:
        faults.append("with a point, not a comma")
    number = number.replace(",", ".").replace("−", "-")
    return f"a number, {' and '.join(faults)}: {number}"


def _wrong_tuple(parts):
    """What to say to a tuple, which is what Python makes of 0,2."""
    if len(parts) == 1:
        return "one number, without the comma after it."
    if len(parts) == 2 and all(type(part) is int for part in parts):
        read = f"Python reads two numbers, {parts[0]} and {parts[1]}"
        return f"a point, not a comma, in a decimal: {read}."
    return f"one number, and not {len(parts)}."


# ---- Texts and dictionaries ----------------------------------------------------------


def _judge_text(given, expected, hints, known=()):
    if not isinstance(given, str):
        return _wrong("a text is asked for, in quotation marks.")
    text = given.strip().lower()
    if text == expected:
        return _right()
    if known and text not in known:
        quoted = " or ".join(f'"{word}"' for word in known)
        return _wrong(f"write {quoted}")
    return _wrong(hints.get(text, ""))


def _judge_entries(given, expected, within, hints):
    form = ", ".join(f'"{key}": ...' for key in expected)
    if not isinstance(given, Mapping) or not set(expected) & set(given):
        return _wrong(f"keep the form of the answer, {{{form}}}")
    known = _texts(expected, hints)
    verdicts = {
        key: _judge_entry(
            given.get(key, ...), value, within.get(key), hints.get(key, {}), known
        )
        for key, value in expected.items()
    }
    return _together(verdicts)


def _together(verdicts):
    """One verdict of those on the entries of a dictionary."""
    right, wrong, still_open = (
        {key: found for key, found in verdicts.items() if found.state is state}
        for state in (RIGHT, WRONG, OPEN)
    )
    if len(still_open) == len(verdicts):
        return _UNTOUCHED
    if len(right) == len(verdicts):
        digits = {key: found.more_exactly for key, found in right.items()}
        more = [f"{key} {said}" for key, said in digits.items() if said]
        return _right(more_exactly=", ".join(more))
    are = "is" if len(right) == 1 else "are"
    count = f"{len(right)} of {len(verdicts)} {are} right"
    to_do = f" Still open: {', '.join(still_open)}." if still_open else ""
    if not wrong:
        return Verdict(OPEN, "not finished:", f"{count}.{to_do}")
    help_ = [
        f"{key}: {found.words.removesuffix('.')}" if found.words else key
        for key, found in wrong.items()
    ]
    where = "; at ".join(help_)
    end = "" if where.endswith("?") else "."
    return _wrong(f"{count}; look again at {where}{end}{to_do}")


def _texts(expected, hints):
    """The texts that may be answers: those expected and those foreseen in hints."""
    texts = [value for value in expected.values() if isinstance(value, str)]
    texts += [text for said in hints.values() for text in said if isinstance(text, str)]
    return sorted(set(texts))


def _judge_entry(given, expected, within, hints, known):
    if given is ...:
        return _UNTOUCHED
    if isinstance(expected, str):
        return _judge_text(given, expected, hints, known)
    return _judge_number(given, expected, within, hints, {})


# ---- Functions -----------------------------------------------------------------------


def _judge_function(given, expected, at, within, hints, also):
    if not callable(given):
        return _wrong("a function is asked for: keep the line with `def`.")
    found = [given(*copy.deepcopy(arguments)) for arguments in at]
    right = [expected(*arguments) for arguments in at]
    if any(value is ... for value in found):
        return Verdict(OPEN, "not answered yet.", "Your function still returns ...")
    if all(value is None for value in found):
        return _wrong("your function returns nothing: `return` is missing.")
    if any(value is None for value in found):
        words = "your function returns nothing for some inputs: does `return` stand in "
        return _wrong(words + "the block of an `if` or of a loop?")
    for value, wanted in zip(found, right, strict=True):
        problem = _wrong_result(value, wanted, within)
        if problem:
            return _wrong(f"what your function returns: {problem}")
    if _all_same(found, right, within):
        return _right()
    for foreseen, verdict in ((also, _right), (hints, _wrong)):
        for function, words in foreseen.items():
            if _all_same(found, [function(*arguments) for arguments in at], within):
                return verdict(words)
    if not _same(given(*copy.deepcopy(at[0])), found[0], within):
        words = "called twice with the same, it gives something else. Does it go on "
        return _wrong(words + "with a list from outside?")
    return _wrong(_general_hint_to_function(found, right, within))


def _general_hint_to_function(found, right, within):
    """What to say to wrong results that no hint foresaw."""
    pairs = list(zip(found, right, strict=True))
    same = [_same(value, wanted, within) for value, wanted in pairs]
    if any(same):
        return (
            f"right at {sum(same)} of {len(same)} inputs. Does it use the numbers of "
            "one example in the place of its arguments?"
        )
    for value, wanted in pairs:
        size, right_size = np.size(value), np.size(wanted)
        if size != right_size:
            plural = "" if size == 1 else "s"
            return f"it gives {size} number{plural} where {right_size} are right."
    if _all_same([np.negative(value) for value in found], right, within):
        return "the size is right, the sign is not."
    for factor in (1000, 0.001):
        if _all_same([np.multiply(value, factor) for value in found], right, within):
            return _FACTOR_1000
    return "its values are not the right ones."


def _wrong_result(value, wanted, within):
    """What to say to a result that has not the form of the wanted one, or None. A row
    that is judged `within` a distance may be longer or shorter.
    """
    if np.ndim(wanted) == 0:
        return _wrong_form(value)
    array = np.asarray(value)
    if array.dtype.kind not in "iuf":
        return "an array of numbers is asked for."
    rows = within is not None and array.ndim == np.ndim(wanted) == 1
    if array.shape != np.shape(wanted) and not rows:
        return f"{_form(wanted)} is asked for, and this is {_form(array)}."
    return None


def _form(values):
    if np.ndim(values) == 0:
        return "one number"
    if np.ndim(values) == 1:
        return f"a row of {len(values)} numbers"
    return f"an array of shape {np.shape(values)}"


def _all_same(found, wanted, within):
    return all(_same(*pair, within) for pair in zip(found, wanted, strict=True))


def _same(value, wanted, within):
    """Whether a result is another one, up to rounding or `within` a distance."""
    relative, absolute = (1e-6, 1e-9) if within is None else (0, within)
    same_size = np.size(value) == np.size(wanted)
    return same_size and np.allclose(
        np.ravel(value), np.ravel(wanted), rtol=relative, atol=absolute
    )


# ---- A neuron to be found out --------------------------------------------------------


class MysteryNeuron:
    """A neuron of unknown parameters; all that one can do is inject currents and
    record, and in the end `reveal` it.
    """

    def __init__(self, seed):
        rng = generator(seed)
        E_L = rng.uniform(-76, -64)
        potentials = {
            "E_L": E_L,
            "V_th": E_L + rng.uniform(12, 24),
            "V_reset": E_L - rng.uniform(3, 9),
        }
        hidden = Neuron(
            rng.uniform(10, 40),
            rng.uniform(50, 200),
            **potentials,
            t_ref=rng.uniform(2, 6),
        )
        self.record = lambda t, I=0.0: replace(simulate(hidden, t, I), neuron=self)
        self.reveal = lambda: hidden


def mystery_neuron(seed):
    """A MysteryNeuron: the same one for the same whole number."""
    return MysteryNeuron(seed)


# ---- Lines to be put into order ------------------------------------------------------


def order_lines(name, program, given=None, insight=""):
    """Show a program's lines as buttons, shuffled; clicks put them into order.

    `program` is a text whose lines stand in a right order; in any order it has to come
    to an end. `given` are names that it may use, with their values. After the last
    click the student's order is run: it is right if it prints what the program prints,
    and leaves the same names with the same values (numbers, texts, lists). `insight` is
    said to the right order.
    """
    return LinesToOrder(name, program.strip("\n").split("\n"), given or {}, insight)


class LinesToOrder:
    """The widgets of lines that are put into order: `lines`, a button each, `undo`,
    `again`, `program`, the order so far, and `verdict`, all in `box`.
    """

    def __init__(self, name, right, given, insight):
        self._name, self._given, self._insight = name, given, insight
        self._wanted = _outcome(right, given)
        self._clicked = []
        # From the end every other line, then those between: never the right order.
        shuffled = right[::-2] + right[-2::-2]
        self.lines = [_line_button(line) for line in shuffled]
        self.undo = widgets.Button(description="undo", layout={"width": "80px"})
        self.again = widgets.Button(
            description="start again", layout={"width": "110px"}
        )
        self.program, self.verdict = widgets.HTML(), widgets.HTML()
        for button in self.lines:
            button.on_click(self._take)
        self.undo.on_click(self._take_back)
        self.again.on_click(self._begin)
        choices = widgets.VBox([widgets.HTML(_LINES_LOOK), *self.lines])
        choices.add_class("lif-lines")
        steps = widgets.HBox([self.undo, self.again])
        below = widgets.VBox([self.program, steps])
        row = widgets.HBox([choices, below], layout={"flex_flow": "row wrap"})
        self.box = widgets.VBox([row, self.verdict])
        _verdicts[str(name)] = _UNTOUCHED  # a cell that is run again begins again
        self._show()

    def _repr_mimebundle_(self, **kwargs):
        """The widgets; and for a page without a kernel the lines."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.box.model_id}
        lines = "".join(f"\n    {button.description}" for button in self.lines)
        return {
            "text/plain": f"Lines to be put into order:{lines}",
            "application/vnd.jupyter.widget-view+json": view,
        }

    def _take(self, button):
        if button not in self._clicked:
            self._clicked.append(button)
        self._show()

    def _take_back(self, _button):
        self._clicked = self._clicked[:-1]
        self._show()

    def _begin(self, _button):
        self._clicked = []
        self._show()

    def _show(self):
        for button in self.lines:  # not disabled: that would take the focus away
            button.remove_class("lif-used")
        for button in self._clicked:
            button.add_class("lif-used")
        order = [button.description for button in self._clicked]
        left = len(self.lines) - len(order)
        rows = [html.escape(line) for line in order] + ["·"] * left
        numbered = "\n".join(f"{k}  {row}" for k, row in enumerate(rows, start=1))
        self.program.value = f'<pre style="margin: 2px 12px">{numbered}</pre>'
        self.verdict.value = "" if left else self._judged(order)

    def _judged(self, order):
        """The box that says whether the order is right."""
        printed, names, error = _outcome(order, self._given)
        if (printed, names, error) == self._wanted:
            verdict = _right(self._insight)
        elif error:
            verdict = _wrong(f"Python stops. {error}")
        elif printed != self._wanted[0]:
            said = ", ".join(printed.splitlines()) or "nothing"
            verdict = _wrong(
                f"it runs, but prints: {said}. Go through it line by line."
            )
        else:
            verdict = _wrong("it runs, but a name ends with another value.")
        _verdicts[str(self._name)] = verdict
        return _verdict_box(self._name, verdict)._repr_html_()


# A line keeps its spaces, begins at the left, looks like code, and fades when used.
_LINES_LOOK = (
    "<style>.lif-lines button {font-family: monospace; white-space: pre; "
    "text-align: left} .lif-lines button.lif-used {opacity: 0.4}</style>"
)


def _line_button(line):
    return widgets.Button(description=line, layout={"width": "auto"})


def _outcome(lines, given):
    """What a program prints, the names that it leaves with their values, and its error
    in words, "" if there is none.
    """
    names, printed, error = dict(given), io.StringIO(), ""
    try:
        with redirect_stdout(printed):
            exec(compile("\n".join(lines), "program", "exec"), names)
    except SyntaxError as problem:
        error = f"{_said_by_python(problem)} (line {problem.lineno})."
        if isinstance(problem, IndentationError):
            error += " Lines that begin with spaces belong below a line with a colon."
    except Exception as problem:
        line = traceback.extract_tb(problem.__traceback__)[-1].lineno
        error = f"{_said_by_python(problem)} (line {line})."
    names.pop("__builtins__", None)
    return printed.getvalue(), names, error


# ---- For a class ---------------------------------------------------------------------


def sealed(source):
    """The source of a cell as a text that nobody reads by accident: a fold, not a lock.

    `unsealed` gives the source back. `tools/make_class.py` uses it.
    """
    packed = base64.b64encode(zlib.compress(source.encode(), 9)).decode()
    return "\n".join(textwrap.wrap(packed, 76))


def unsealed(text):
    """The source that `sealed` has made a text of, for `exec` or `eval` in a cell."""
    return zlib.decompress(base64.b64decode(text)).decode()


def require_right(name):
    """Raise AssertionError, with what `check` said last to an exercise, unless it was
    right: for programs that grade, as `check` itself never raises.
    """
    verdict = _verdicts.get(str(name), _UNTOUCHED)
    if verdict.state is not RIGHT:
        raise AssertionError(repr(_verdict_box(name, verdict)))
