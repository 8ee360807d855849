"""Write the course for a class into a folder of its own:

student   no solutions, and what the checks know cannot be read by accident
teacher   solutions, likely mistakes and the minutes of each section, all in the open
nbgrader  a course of nbgrader, with an assignment for each notebook

Usage: python tools/make_class.py student|teacher|nbgrader [--folder FOLDER] [--exam]

With --exam the checks of nbgrader's assignments tell a student nothing.
"""

import argparse
import ast
import os
import re
import shutil
import sys
from pathlib import Path

import nbformat
import numpy as np
from reading import minutes

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import lif_helpers as lif
import lif_notebook as nb

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)
FOLD = re.compile(r"<details><summary>(.*?)</summary>\n(.*?)</details>", re.DOTALL)
SECTION = re.compile(r"## (.+)\n\n\*(core|deeper)\*")


def read(path):
    return nbformat.read(path, as_version=4)


def notebooks():
    """The paths of the course's notebooks."""
    return sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def text_cell(name, source):
    return nbformat.v4.new_markdown_cell(source, id=name)


def put_before_sections(notebook, cell):
    """Put a cell between what opens a notebook and its first section."""
    starts = [cell.source.startswith("## ") for cell in notebook.cells]
    notebook.cells.insert(starts.index(True), cell)


def part_of_exercise(cell):
    """The exercise to which a cell belongs, and as what: "answer", "check" or
    "solution"; two empty texts for any other cell.
    """
    found = re.fullmatch(r"(exercise-\d+|challenge)-(answer|check|solution)", cell.id)
    return found.groups() if found else ("", "")


def solutions(notebook):
    """The code that solves each exercise, by the exercise's name."""
    found = {}
    for cell in notebook.cells:
        name, part = part_of_exercise(cell)
        if part == "solution":
            found[name] = FENCE.search(cell.source)[1]
    return found


# ---- For students --------------------------------------------------------------------

NOTE = (
    "**For a class.** Solutions are not in this version, and what the checks know is "
    "encoded, so that nobody reads an answer by accident: a fold, and not a lock."
)


def for_students(notebook):
    """The notebook without solutions, with sealed checks and without outputs."""
    telling = cells_that_tell(notebook)
    kept = [cell for cell in notebook.cells if part_of_exercise(cell)[1] != "solution"]
    for cell in kept:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if cell.id in telling:
            cell.source = seal(cell.source)
    notebook.cells = kept
    put_before_sections(notebook, text_cell("for-a-class", NOTE))
    return notebook


def cells_that_tell(notebook):
    """The names of code cells in which an answer can be read: checks, programs whose
    lines are to be put into order, and folded functions that solve an exercise.
    """
    sources = {cell.id: cell.source for cell in notebook.cells}
    own_lines = []
    for name, solution in solutions(notebook).items():
        given = lines(sources[f"{name}-answer"])
        written = [line for line in lines(solution) if line not in given]
        if "def " in solution and written:
            own_lines.append(written)
    return {
        cell.id
        for cell in notebook.cells
        if cell.cell_type == "code"
        if part_of_exercise(cell)[1] == "check"
        or "nb.order_lines(" in cell.source
        or (is_folded(cell) and solves_one(cell.source, own_lines))
    }


def is_folded(cell):
    return cell.metadata.get("jupyter", {}).get("source_hidden", False)


def solves_one(source, own_lines):
    """Whether a function in a cell has most of the lines that a student has to write
    for one of the exercises.
    """
    tree = ast.parse(source)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            found = lines(ast.get_source_segment(source, function))
            for written in own_lines:
                if sum(line in found for line in written) > len(written) / 2:
                    return True
    return False


def lines(source):
    """The lines of a source, without spaces before and after, and without comments."""
    stripped = [line.partition("  #")[0].strip() for line in source.splitlines()]
    return [line for line in stripped if line]


def seal(source):
    """A cell that does the same, but cannot be read; its title stays."""
    title = re.match(r"# @title .+\n", source)
    title = title[0] if title else ""
    body = source.removeprefix(title)
    run = "eval" if is_expression(body) else "exec"  # a value is shown below its cell
    return f'{title}{run}(nb.unsealed("""\n{nb.sealed(body)}\n"""))'


def is_expression(source):
    try:
        compile(source, "cell", "eval")
    except SyntaxError:
        return False
    return True


# ---- For teachers --------------------------------------------------------------------


def for_teachers(notebook):
    """The notebook with open folds, minutes, and what each check says to mistakes."""
    schedule = timetable(notebook)
    said = mistakes(notebook)
    kept = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = FOLD.sub(opened, cell.source)
            section = SECTION.match(cell.source)
            if section:
                needed = schedule[section[1]][1]
                cell.source = SECTION.sub(rf"\g<0> · {needed} minutes", cell.source)
        kept.append(cell)
        name, part = part_of_exercise(cell)
        if part == "solution" and name in said:
            kept.append(text_cell(f"{name}-mistakes", said[name]))
    notebook.cells = kept
    put_before_sections(notebook, text_cell("for-teachers", briefing(schedule)))
    return notebook


def opened(fold):
    return f"**{fold[1]}**\n{fold[2].rstrip()}"


def timetable(notebook):
    """By title, when each section begins, how long it takes, and what it is.

    Beginnings are rounded, so that rounded minutes add up to the whole.
    """
    title, kind, now = "Opening", "", 0.0
    starts = {title: (now, kind)}
    for cell in notebook.cells:
        heading = re.match(r"## (.+)", cell.source)
        if heading:
            section = SECTION.match(cell.source)
            kind = section[2] if section else ""
            title = heading[1] if section else "Closing"
            starts.setdefault(title, (now, kind))
        now += minutes(cell)
    ends = [*(start for start, _ in starts.values()), now][1:]
    return {
        title: (round(start), round(end) - round(start), kind)
        for (title, (start, kind)), end in zip(starts.items(), ends, strict=True)
    }


def briefing(schedule):
    """What a teacher reads first."""
    rows = [
        f"| {start} | {title} | {kind} | {needed} |"
        for title, (start, needed, kind) in schedule.items()
    ]
    return "\n".join(
        [
            "**The teacher's version.** Solutions and what students should have seen "
            "stand open. Below each solution are the likely mistakes with the belief "
            "behind each, in the words of the check.",
            "",
            "| from minute | section | | minutes |",
            "| ---: | --- | --- | ---: |",
            *rows,
            "",
            "These are the minutes of one student alone. Add time to vote before each "
            "slider (*Predict*), and to compare.",
            "",
            "For a first class: [ten questions](docs/ten_questions.md) for before and "
            "after the course, and [a sheet](docs/watch_a_student.md) for watching one "
            "student.",
        ]
    )


def mistakes(notebook):
    """What the check of each exercise says to right and to mistaken answers: texts by
    the exercise's name.
    """
    found = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for call in ast.walk(ast.parse(cell.source)):
                if isinstance(call, ast.Call) and is_check(call.func):
                    found[part_of_exercise(cell)[0]] = what_it_says(call)
    return found


def is_check(function):
    return ast.unparse(function) in ("nb.check", "nb.order_lines")


def what_it_says(call):
    options = {option.arg: option.value for option in call.keywords}
    said = []
    for option, opening in (("hints", "Likely mistakes"), ("also", "Right as well")):
        if option in options:
            rows = remarks(options[option])
            said.append("\n".join([f"**{opening}**, and what the check says:", *rows]))
    if "insight" in options:
        said.append(f"**To the right answer:** {plain(value(options['insight']))}")
    return "\n\n".join(said)


def remarks(foreseen, entry=""):
    """Lines of a list: each answer that a check foresees, and its words."""
    rows = []
    for answer, said in zip(foreseen.keys, foreseen.values, strict=True):
        if isinstance(said, ast.Dict):  # the hints to one entry of a dictionary
            rows += remarks(said, f"{value(answer)}: ")
        else:
            rows.append(f"- {entry}`{written(answer)}`: {plain(value(said))}")
    return rows


def value(node):
    """What an expression in a check comes to; it may use numpy and the course."""
    return eval(ast.unparse(node), {"np": np, "lif": lif})


def written(node):
    """An answer as a teacher reads it: a number to four digits, what a function
    returns in code.
    """
    if isinstance(node, ast.Lambda):
        return ast.unparse(node.body)
    answer = value(node)
    if isinstance(answer, str):
        return f'"{answer}"'
    return ast.unparse(node) if callable(answer) else f"{answer:.4g}"


def plain(words):
    """Words whose signs Markdown leaves alone; what stands in backticks is code."""
    parts = re.split(r"(`[^`]+`)", words)
    parts[::2] = [re.sub(r"([\\*_$<\[])", r"\\\1", part) for part in parts[::2]]
    return "".join(parts)


# ---- For nbgrader --------------------------------------------------------------------

CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "lif"
# An answer cell keeps its three dots; nothing stands in the place of the solution.
c.ClearSolutions.code_stub = {"python": ""}
# A challenge may simulate for a while.
c.Execute.timeout = 300
"""


def for_nbgrader(notebook, exam=False):
    """The notebook as nbgrader's source: solutions in the answer cells, a point for
    each exercise that is checked, and for the challenge.
    """
    solved = solutions(notebook)
    checks = {cell.id: cell.source for cell in notebook.cells}
    notebook = for_students(notebook)
    for cell in notebook.cells:
        name, part = part_of_exercise(cell)
        if part == "answer" and f"{name}-check" in checks:
            cell.source += f"\n### BEGIN SOLUTION\n{solved[name]}### END SOLUTION"
            cell.metadata["nbgrader"] = role(cell.id, solution=True)
        elif part == "check":
            cell.source = graded(name, cell.source, checks[cell.id], exam)
            cell.metadata["nbgrader"] = role(cell.id, grade=True, locked=True, points=1)
    return notebook


def graded(name, sealed_check, check, exam):
    """A check that helps a student and, hidden, raises an error unless it says right.

    In an exam the student's version has no check at all.
    """
    called = name.removeprefix("exercise-")
    hidden = f'nb.require_right("{called}")'
    if exam:
        title, _, check = check.partition("\n")
        sealed_check, hidden = title, f"{check}\n{hidden}"
    return f"{sealed_check}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"


def role(name, grade=False, solution=False, locked=False, **points):
    """What a cell is to nbgrader."""
    return {
        "schema_version": 3,
        "cell_type": "code",
        "grade_id": name,
        "grade": grade,
        "solution": solution,
        "locked": locked,
        "task": False,
        **points,
    }


# ---- Folders -------------------------------------------------------------------------

OPEN = """\
This folder works alone: copy it anywhere. With Python 3.11 or newer,

    python -m pip install numpy matplotlib ipywidgets jupyterlab
    python -m jupyter lab

and open a notebook.
"""
READMES = {
    "student": f"""\
# The leaky integrate-and-fire neuron, for students

{OPEN}
Solutions are not in it. What the checks know is encoded, so that nobody reads an answer
by accident: a fold, and not a lock.
""",
    "teacher": f"""\
# The leaky integrate-and-fire neuron, for teachers

{OPEN}
Solutions stand open, with the likely mistakes behind wrong answers below each, and the
minutes beside each section. For a first class: [ten questions](docs/ten_questions.md)
for before and after, and [a sheet](docs/watch_a_student.md) for watching a student.
""",
    "nbgrader": """\
# The leaky integrate-and-fire neuron, for nbgrader

This folder is a course of nbgrader (0.9.6 was tried, with JupyterLab 4.6): install
numpy, matplotlib, ipywidgets, jupyterlab and nbgrader, and in this folder say

    nbgrader generate_assignment 01_membrane_equation
    nbgrader autograde 01_membrane_equation

the first before you hand out `release/`, the second once the answers lie in
`submitted/STUDENT/01_membrane_equation/`. Each exercise that has a check, and the
challenge, gives one point. Lines that are clicked into order give none: no program can
click them. An answer that is not right leaves the check's words as the error.
""",
}


def write_class(kind, folder, exam=False):
    """Write one of the three versions into a folder. What else is there stays: a
    teacher may have answers of students and grades in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in notebooks():
        place = folder
        notebook = read(path)
        if kind == "student":
            notebook = for_students(notebook)
        elif kind == "teacher":
            notebook = for_teachers(notebook)
        else:
            notebook = for_nbgrader(notebook, exam)
            place = folder / "source" / path.stem
        nbformat.validate(notebook)
        place.mkdir(parents=True, exist_ok=True)
        write(place / path.name, nbformat.writes(notebook, indent=1) + "\n")
        for program in (*ROOT.glob("lif_*.py"), *path.parent.glob("*.py")):
            shutil.copy(program, place)
    for name in ("LICENSE", "LICENSE-CC-BY"):
        shutil.copy(ROOT / name, folder)
    write(folder / "README.md", READMES[kind])
    config = folder / "nbgrader_config.py"
    if kind == "nbgrader" and not config.exists():
        write(config, CONFIG)
    if kind == "teacher":
        (folder / "docs").mkdir(exist_ok=True)
        for name in ("ten_questions.md", "watch_a_student.md"):
            shutil.copy(ROOT / "docs" / name, folder / "docs")


def write(path, text):
    path.write_text(text, encoding="utf-8", newline="\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("kind", choices=["student", "teacher", "nbgrader"])
    parser.add_argument("--folder", type=Path, help="build/KIND, if it is not named")
    parser.add_argument("--exam", action="store_true")
    options = parser.parse_args()
    folder = options.folder or ROOT / "build" / options.kind
    write_class(options.kind, folder, options.exam)
    print(f"Written: {os.path.relpath(folder)}")


if __name__ == "__main__":
    main()
