"""`make nbgrader` with nbgrader itself: what it hands out, and the points that it gives
to right, wrong and missing answers.

`make test-nbgrader` installs what is needed.
"""

import importlib.util
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import make_class
import nbformat
import pytest
from answers import checked, leaks, mistakes, solutions, sources

from notebooks import PATHS, read

if not importlib.util.find_spec("nbgrader"):
    pytest.skip("nbgrader: run `make test-nbgrader`", allow_module_level=True)

each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def nbgrader(folder, *arguments):
    """Do what a teacher types in the folder of the course."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    programs = [str(Path(sys.executable).parent), os.environ["PATH"]]
    changed = {
        "PATH": os.pathsep.join(programs),  # nbgrader calls alembic by its name
        "HOME": str(folder),  # the settings of this machine's user have no say
        "JUPYTER_PLATFORM_DIRS": "1",
    }
    result = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | changed,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert result.returncode == 0, result.stderr


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of nbgrader."""
    folder = tmp_path_factory.mktemp("nbgrader")
    make_class.write_class("nbgrader", folder)
    return folder


def released(folder, path):
    """The notebook that is handed out, made where it is not there yet."""
    place = folder / "release" / path.stem / path.name
    if not place.exists():
        nbgrader(folder, "generate_assignment", path.stem)
    return place


def answers(path, student):
    """What a student writes into the answer cells: {name of the exercise: source}."""
    if student == "nobody":
        return {}
    found = solutions(read(path))
    if student == "wrong":
        for name in checked(path):
            check = sources(read(path))[f"{name}-check"]
            for answer in re.findall(r"lambda: (\w+),", check):
                found[name] = f"{answer} = {first_mistake(check)[0]}"
            if name == "challenge":
                del found[name]
    return {name: found[name] for name in checked(path) if name in found}


def first_mistake(check):
    return next(mistakes(check))


def submit(folder, path, student):
    """Hand in: the assignment as it was given out, with a student's answers."""
    place = folder / "submitted" / student / path.stem
    shutil.copytree(released(folder, path).parent, place)
    notebook = read(place / path.name)
    for cell in notebook.cells:
        name = cell.id.removesuffix("-answer")
        if name != cell.id and name in answers(path, student):
            cell.source = answers(path, student)[name]
    nbformat.write(notebook, place / path.name)


def points(folder, path, student):
    """The points that nbgrader's database has for each test cell."""
    query = """
        SELECT base_cell.name, grade.auto_score FROM grade
        JOIN base_cell ON grade.cell_id = base_cell.id
        JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id
        JOIN submitted_assignment
            ON submitted_notebook.assignment_id = submitted_assignment.id
        JOIN notebook ON submitted_notebook.notebook_id = notebook.id
        WHERE notebook.name = ? AND submitted_assignment.student_id = ?
    """
    with sqlite3.connect(folder / "gradebook.db") as database:
        return dict(database.execute(query, (path.stem, student)))


@each_notebook
def test_what_is_handed_out_tells_no_answer(path, course):
    text = released(course, path).read_text(encoding="utf-8")
    assert leaks(path, text) == {}
    for word in ("SOLUTION", "HIDDEN", "require_right", "NotImplementedError"):
        assert word not in text
    handed_out = sources(read(released(course, path)))
    for name in checked(path):
        answer = sources(read(path))[f"{name}-answer"]
        assert handed_out[f"{name}-answer"].rstrip() == answer


@each_notebook
def test_points(path, course):
    for student in ("right", "wrong"):
        submit(course, path, student)
    nbgrader(course, "autograde", path.stem)
    tests = [f"{name}-check" for name in checked(path)]
    assert points(course, path, "right") == dict.fromkeys(tests, 1)
    assert points(course, path, "wrong") == dict.fromkeys(tests, 0)
    place = course / "autograded" / "wrong" / path.stem / path.name
    for cell in read(place).cells:
        if cell.id in tests and cell.id != "challenge-check":
            (error,) = [out for out in cell.outputs if out.output_type == "error"]
            _, words = first_mistake(sources(read(path))[cell.id])
            assert error.ename == "AssertionError"
            assert words in error.evalue


def test_no_answer_gives_no_point(course):
    path = PATHS[0]
    submit(course, path, "nobody")
    nbgrader(course, "autograde", path.stem, "--student=nobody")
    assert set(points(course, path, "nobody").values()) == {0}
    text = (course / "autograded/nobody" / path.stem / path.name).read_text("utf-8")
    assert text.count('"ename": "AssertionError"') == len(checked(path))


def test_in_an_exam_checks_say_nothing(tmp_path):
    path = PATHS[1]
    make_class.write_class("nbgrader", tmp_path, exam=True)
    assert leaks(path, released(tmp_path, path).read_text(encoding="utf-8")) == {}
    handed_out = sources(read(released(tmp_path, path)))
    for name in checked(path):
        assert re.fullmatch(r"# @title .+\n*", handed_out[f"{name}-check"])
    for student in ("right", "wrong"):
        submit(tmp_path, path, student)
    nbgrader(tmp_path, "autograde", path.stem)
    assert set(points(tmp_path, path, "right").values()) == {1}
    assert set(points(tmp_path, path, "wrong").values()) == {0}
