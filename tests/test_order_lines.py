"""`order_lines`: lines of a program that are put into order by clicks."""

import html
import itertools
import re

import pytest
from IPython.core.formatters import DisplayFormatter

import lif_notebook as nb

LINES = [
    "total = start",
    "for k in range(3):",
    "    total = total + k",
    "    print(total)",
    'print("<done>")',
]


PROGRAM = "\n".join(LINES)


def puzzle(program=PROGRAM, given=None, name="7"):
    given = {"start": 2} if given is None else given
    return nb.order_lines(name, program, given=given, insight="Well seen.")


def click(puzzle, lines):
    """Click these lines; of equal ones the first that is not in the program yet."""
    for line in lines:
        used = [
            text.split("  ", 1)[1:] for text in plain(puzzle.program.value).split("\n")
        ]
        buttons = [button for button in puzzle.lines if button.description == line]
        buttons[used.count([line])].click()


def plain(markup):
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


@pytest.mark.parametrize("number", range(2, 10))
def test_lines_are_shuffled_and_always_alike(number):
    program = [f"x = {k}" for k in range(number)]
    shown = [button.description for button in puzzle("\n".join(program)).lines]
    assert sorted(shown) == program
    assert shown != program
    assert shown == [b.description for b in puzzle("\n".join(program)).lines]


def test_the_right_order():
    shown = puzzle()
    click(shown, LINES)
    assert plain(shown.verdict.value) == "✓Exercise 7: right. Well seen."
    assert plain(shown.program.value) == "\n".join(
        f"{number}  {line}" for number, line in enumerate(LINES, start=1)
    )


def test_every_order_that_does_the_same_is_right():
    program = "a = 1\nb = 2\nprint(a + b)\nprint('-')\nprint('-')"
    right = 0
    for order in itertools.permutations(range(5)):
        shown = puzzle(program)
        for k in order:
            shown.lines[k].click()
        right += "right." in shown.verdict.value
    assert right == 2 * 2  # a and b in two orders, the equal lines in two


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ((4, 0, 1, 2, 3), "it runs, but prints: <done>, 2, 3, 5. Go through it line"),
        ((0, 1, 3, 2, 4), "it runs, but prints: 2, 2, 3, <done>. Go through it line"),
        (
            (1, 2, 3, 0, 4),
            "Python stops. NameError: name 'total' is not defined (line 2).",
        ),
        ((0, 1, 4, 2, 3), "Python stops. IndentationError: expected an indented block"),
        (
            (0, 2, 1, 3, 4),
            "Python stops. IndentationError: unexpected indent (line 2). Lines that "
            "begin with spaces belong below a line with a colon.",
        ),
    ],
)
def test_a_wrong_order_gets_words(order, words):
    shown = puzzle()
    click(shown, [LINES[k] for k in order])
    text = plain(shown.verdict.value)
    assert text.startswith(f"✗Exercise 7: not yet: {words}")


def test_a_program_that_prints_nothing_or_ends_with_other_values():
    shown = puzzle("a = 1\na = 2")
    click(shown, ["a = 2", "a = 1"])
    assert "it runs, but a name ends with another value." in plain(shown.verdict.value)
    shown = puzzle("a = 1\nif a:\n    print(a)\na = 0")
    click(shown, ["a = 1", "a = 0", "if a:", "    print(a)"])
    assert "it runs, but prints: nothing." in plain(shown.verdict.value)


def test_undo_and_start_again():
    shown = puzzle()
    shown.undo.click()
    click(shown, [LINES[1], LINES[0]])
    assert (
        plain(shown.program.value) == f"1  {LINES[1]}\n2  {LINES[0]}\n3  ·\n4  ·\n5  ·"
    )
    shown.undo.click()
    assert plain(shown.program.value).startswith(f"1  {LINES[1]}\n2  ·")
    shown.again.click()
    shown.again.click()
    shown.undo.click()
    click(shown, LINES)
    assert "right." in shown.verdict.value
    shown.undo.click()
    assert shown.verdict.value == ""
    click(shown, LINES[-1:])
    assert "right." in shown.verdict.value


def test_a_line_that_stands_in_the_program_is_not_taken_twice():
    shown = puzzle()
    for _ in range(2):
        shown.lines[0].click()
    assert plain(shown.program.value).count(shown.lines[0].description) == 1


def test_lines_count_in_progress(capsys):
    def progress():
        nb.progress(90)
        said = capsys.readouterr().out
        return [
            word
            for word in ("Solved", "Tried", "Untouched")
            if re.search(rf"{word}[^:]*:[^.]*\b90\b", said)
        ]

    shown = puzzle(name="90")
    assert progress() == ["Untouched"]
    click(shown, LINES[1:])
    assert progress() == ["Untouched"]
    click(shown, LINES[:1])
    assert progress() == ["Tried"]
    shown.again.click()
    click(shown, LINES)
    assert progress() == ["Solved"]


def test_lines_on_a_page_without_a_kernel():
    shown = puzzle()
    data, _ = DisplayFormatter().format(shown)
    lines = [f"    {button.description}" for button in shown.lines]
    assert data["text/plain"].splitlines() == ["Lines to be put into order:", *lines]
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"]


def test_the_lines_run_in_a_world_of_their_own(capsys):
    """Nothing is printed into the notebook, and no name of the student's is touched."""
    given = {"start": 2}
    click(puzzle(given=given), LINES)
    assert given == {"start": 2}
    assert capsys.readouterr().out == ""
