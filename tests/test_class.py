"""The course for a class: no answer can be read in the student's version, and its
checks say what those of the course say; the teacher's version has it all in the open.
"""

import ast
import functools
import os
import re
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO

import make_class
import nbformat
import pytest
from answers import checked, leaks, lines, mistakes, solutions, sources
from nbclient import NotebookClient
from test_notebooks import minutes

from notebooks import PATHS, ROOT, code_cells, read, run

each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
MODULES = sorted(path.name for path in ROOT.glob("lif_*.py"))


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    folder = tmp_path_factory.mktemp("student")
    make_class.write_class("student", folder)
    return folder


@pytest.fixture(scope="module")
def teacher(tmp_path_factory):
    folder = tmp_path_factory.mktemp("teacher")
    make_class.write_class("teacher", folder)
    return folder


@pytest.fixture(scope="module")
def ran(student):
    """One run of a notebook's student's version for all tests, by the notebook."""
    return functools.cache(lambda path: run(read(student / path.name)))


# ---- What can be read in the student's version ---------------------------------------


@each_notebook
def test_no_answer_can_be_read(path, student):
    text = (student / path.name).read_text(encoding="utf-8")
    assert leaks(path, text) == {}
    for word in ("nb.check(", "hints=", "insight=", "<summary>Solution"):
        assert word not in text


@each_notebook
def test_an_answer_that_can_be_read_is_found(path, student):
    """A check or a solution that is put back gives itself away."""
    for cell in read(path).cells:
        if re.fullmatch(r"(exercise-\d+|challenge)-(check|solution)", cell.id):
            version = read(student / path.name)
            version.cells.append(nbformat.v4.new_markdown_cell(cell.source))
            found = leaks(path, nbformat.writes(version)).values()
            assert cell.id.rpartition("-")[0] in found


def functions(source):
    """The lines of a source's functions, written in one and the same style."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            found += lines(ast.unparse(node))
    return found


@each_notebook
def test_no_folded_function_has_most_of_a_solution(path, student):
    version = read(student / path.name)
    seen = 0
    for notebook in (version, read(path)):
        for name, code in solutions(read(path)).items():
            given = functions(sources(version)[f"{name}-answer"])
            own = [line for line in functions(code) if line not in given]
            for cell in code_cells(notebook):
                if own and cell.metadata.get("jupyter", {}).get("source_hidden"):
                    found = [line for line in own if line in functions(cell.source)]
                    seen += len(found) > len(own) / 2
        assert notebook is not version or seen == 0
    assert seen >= SOLVED_IN_A_FOLD.get(path.stem[:2], 0)


# At least so many folded cells of the course have the solution of an exercise, for
# those who could not do it.
SOLVED_IN_A_FOLD = {"00": 1, "01": 1}


@each_notebook
def test_the_rest_is_the_courses(path, student):
    course, version = read(path), read(student / path.name)
    nbformat.validate(version)
    names = [cell.id for cell in version.cells]
    assert [name for name in names if name != "for-a-class"] == [
        cell.id for cell in course.cells if not cell.id.endswith("-solution")
    ]
    said = sources(version)
    for cell in course.cells:
        if cell.cell_type == "markdown" and cell.id in said:
            assert said[cell.id] == cell.source
    assert "a fold, and not a lock" in said["for-a-class"]
    assert names.index("for-a-class") < names.index("exercise-1")
    for cell in code_cells(version):
        assert (cell.outputs, cell.execution_count) == ([], None)
    sealed = [cell for cell in code_cells(version) if "nb.unsealed(" in cell.source]
    for cell in sealed:
        assert cell.metadata.jupyter.source_hidden
        title = cell.source.splitlines()[0]
        assert title == sources(course)[cell.id].splitlines()[0]
        assert title.startswith("# @title")


# ---- What its checks say -------------------------------------------------------------


ALL = [(path, name) for path in PATHS for name in checked(path)]
each_exercise = pytest.mark.parametrize(
    ("path", "name"), ALL, ids=[f"{path.stem[:2]}/{name}" for path, name in ALL]
)


def said(namespace, *cells):
    """What the last of these cells prints, run one after the other."""
    namespace = dict(namespace)
    for source in cells:
        with redirect_stdout(StringIO()) as printed:
            exec(source, namespace)
    return printed.getvalue()


@each_exercise
def test_checks_say_what_those_of_the_course_say(path, name, student, ran):
    course, version = sources(read(path)), sources(read(student / path.name))
    namespace, check = ran(path).namespace, version[f"{name}-check"]
    called = name.capitalize().replace("-", " ") if "-" in name else name
    untouched = ran(path).printed[f"{name}-check"]
    assert untouched.startswith("○ ")
    assert f"{called}: not answered yet." in untouched or name == "challenge"
    right = solutions(read(path))[name]
    assert said(namespace, right, check).startswith("✓ ")
    if name == "challenge":
        return  # its answer is judged by a simulation, which no mistake names
    (answer,) = re.findall(r"lambda: (\w+)", course[f"{name}-check"])
    foreseen = list(mistakes(course[f"{name}-check"]))
    assert foreseen
    for wrong, words in foreseen:
        text = said(namespace, f"{answer} = {wrong}", check)
        assert text.startswith("✗ "), wrong
        assert words in text
    for source in ([], [right], [f"{answer} = {foreseen[0][0]}"]):
        before = said(namespace, *source, course[f"{name}-check"])
        assert said(namespace, *source, check) == before


@each_notebook
def test_lines_are_still_put_into_order(path, student, ran):
    for name, source in sources(read(student / path.name)).items():
        if name.endswith("-answer") and "nb.unsealed(" in source:
            puzzle = eval(source, dict(ran(path).namespace))
            right = lines(solutions(read(path))[name.removesuffix("-answer")])
            for order, sign in ((right, "✓"), (right[::-1], "✗")):
                puzzle.again.click()
                for line in order:
                    (button,) = [
                        button
                        for button in puzzle.lines
                        if button.description.strip() == line
                    ]
                    button.click()
                assert sign in puzzle.verdict.value


# ---- The folders ---------------------------------------------------------------------


def test_the_students_folder_works_alone(student, tmp_path):
    """In a kernel that finds the modules nowhere else."""
    folder = tmp_path / "copied"
    shutil.copytree(student, folder)
    path = folder / PATHS[0].name
    notebook = read(path)
    where = "import lif_exercises\nprint(lif_exercises.__file__)"
    notebook.cells.append(nbformat.v4.new_code_cell(where))
    client = NotebookClient(notebook, timeout=120, kernel_name="python3",
                            resources={"metadata": {"path": folder}})  # fmt: skip
    client.execute()
    assert notebook.cells[-1].outputs[0].text.startswith(str(folder))
    assert "not answered yet" in nbformat.writes(notebook)


@pytest.mark.parametrize("kind", ["student", "teacher", "nbgrader"])
def test_a_folder_has_all_that_it_needs(kind, tmp_path):
    folder = tmp_path / "class"
    command = [sys.executable, "tools/make_class.py", kind, "--folder", str(folder)]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    texts = [folder / "README.md", *folder.glob("docs/*.md"), *folder.rglob("*.ipynb")]
    assert len(texts) > len(PATHS)
    for path in texts:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            assert sorted(file.name for file in path.parent.glob("lif_*")) == MODULES
            text = "\n".join(
                cell.source
                for cell in nbformat.reads(text, 4).cells
                if cell.cell_type == "markdown"
            )
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            if kind != "nbgrader" and not re.match(r"https?://|#", link):
                assert (path.parent / link.split("#")[0]).exists(), link
    for name in ("LICENSE", "LICENSE-CC-BY"):
        assert (folder / name).read_bytes() == (ROOT / name).read_bytes()


def test_what_else_is_in_a_folder_stays(tmp_path):
    """Answers of students, their grades, and how a teacher has set nbgrader up."""
    kept = ["submitted/ada/answer.ipynb", "gradebook.db", "nbgrader_config.py"]
    for name in kept:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    make_class.write_class("nbgrader", tmp_path)
    assert [(tmp_path / name).read_text() for name in kept] == ["mine"] * len(kept)


def test_a_program_beside_the_notebooks_comes_with_them(tmp_path, monkeypatch):
    course, folder = tmp_path / "course", tmp_path / "class"
    shutil.copytree(ROOT / "notebooks", course / "notebooks")
    (course / "notebooks" / "program.py").write_text("E_L = -70")
    for name in ("LICENSE", "LICENSE-CC-BY"):
        shutil.copy(ROOT / name, course)
    monkeypatch.setattr(make_class, "ROOT", course)
    for kind in ("student", "nbgrader"):
        make_class.write_class(kind, folder / kind)
    for path in folder.rglob("*.ipynb"):
        assert (path.parent / "program.py").read_text() == "E_L = -70"


# ---- The teacher's version -----------------------------------------------------------


@each_notebook
def test_a_teacher_sees_everything_open(path, teacher):
    course, version = read(path), read(teacher / path.name)
    text = "\n".join(sources(version).values())
    assert "<details>" not in text
    assert "</details>" not in text
    for cell in course.cells:
        for summary, inside in re.findall(
            r"<details><summary>(.*?)</summary>(.*?)</details>", cell.source, re.DOTALL
        ):
            assert summary in sources(version)[cell.id]
            assert inside.strip() in sources(version)[cell.id]
        if cell.cell_type == "code":
            assert sources(version)[cell.id] == cell.source
    for link in ("docs/ten_questions.md", "docs/watch_a_student.md"):
        assert f"]({link})" in sources(version)["for-teachers"]


@each_exercise
def test_a_teacher_reads_each_mistake_beside_its_exercise(path, name, teacher):
    version = read(teacher / path.name)
    names = [cell.id for cell in version.cells]
    assert names.index(f"{name}-mistakes") == names.index(f"{name}-solution") + 1
    text = sources(version)[f"{name}-mistakes"].replace("\\", "")
    if name == "challenge":
        return
    for wrong, words in mistakes(sources(read(path))[f"{name}-check"]):
        assert words in text
        if re.fullmatch(r"-?[\d.]+", wrong):
            assert f"- `{float(wrong):.4g}`: {words}" in text


@each_notebook
def test_minutes_stand_beside_each_section_and_add_up(path, teacher):
    version = read(teacher / path.name)
    rows = re.findall(
        r"^\| (\d+) \| (.+?) \| (core|deeper|) \| (\d+) \|$",
        sources(version)["for-teachers"],
        re.MULTILINE,
    )
    beside = [
        (title, kind, took)
        for cell in version.cells
        for title, kind, took in re.findall(
            r"^## (.+)\n\n\*(core|deeper)\* · (\d+) minutes$", cell.source, re.MULTILINE
        )
    ]
    assert beside == [(title, kind, took) for _, title, kind, took in rows if kind]
    now = 0
    for start, _, _, took in rows:
        assert int(start) == now
        now += int(took)
    assert 0 <= minutes(read(path).cells) - now < 6
