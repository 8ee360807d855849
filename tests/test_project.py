"""The project around the notebooks: one set of dependencies, links that lead
somewhere, clean files.
"""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import nbformat
import numpy as np
import PIL.Image
import pytest
import yaml

from notebooks import PATHS, ROOT, code_cells, exercises, read

COURSE = {"numpy", "matplotlib", "ipywidgets", "jupyterlab"}
TESTED_WITH = {"nbval", "pytest"}
PICTURES = {".png", ".gif"}
IMPORTED = {
    "ipywidgets",
    "matplotlib",
    "numpy",
    "PIL",
    "IPython",
    "traitlets",
    "matplotlib_inline",
}  # the last four come with the others
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
TARGETS = [
    "help",
    "lab",
    "test",
    "test-thorough",
    "test-oldest",
    "test-newest",
    "test-colab",
    "test-lite",
    "test-site",
    "lite",
    "site",
    "publish",
    "test-nbgrader",
    "student",
    "teacher",
    "nbgrader",
    "notebooks",
    "picture",
    "address",
    "bench",
]
git = shutil.which("git")
posix = pytest.mark.skipif(
    os.name == "nt" or not shutil.which("make"), reason="make is not on this machine"
)


def bounds(requirements):
    return dict(
        re.fullmatch(r"([\w-]+)(>=[\d.]+)?(?:;.*)?", line).groups()
        for line in requirements
    )


def tracked_files():
    if not git or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        [git, "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).exists()]


MODULES = sorted(ROOT.glob("lif_*.py"))
# Which room of the course may use which: the neuron knows nothing of the page.
ROOMS = {
    "lif_checks": set(),
    "lif_helpers": {"lif_checks"},
    "lif_networks": {"lif_checks", "lif_helpers"},
    "lif_figures": {"lif_helpers"},
    "lif_drawings": {"lif_figures"},
    "lif_membrane": {"lif_drawings", "lif_figures"},
    "lif_pictures": {"lif_figures"},
    "lif_live": {"lif_helpers", "lif_figures", "lif_pictures"},
    "lif_exercises": {"lif_helpers"},
    "lif_notebook": {
        "lif_figures",
        "lif_drawings",
        "lif_membrane",
        "lif_pictures",
        "lif_live",
        "lif_exercises",
    },
}


def imports(path):
    """The top-level names of all modules that a file imports."""
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    names = set()
    for node in tree:
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
    return names


def test_the_course_runs_on_four_packages():
    assert set(bounds(PROJECT["dependencies"])) == COURSE
    found = set().union(*map(imports, MODULES))
    assert found - sys.stdlib_module_names - set(ROOMS) == IMPORTED
    for room in ("lif_checks", "lif_helpers", "lif_networks"):
        needs = imports(ROOT / f"{room}.py") - sys.stdlib_module_names
        assert needs - ROOMS[room] == {"numpy"}


def test_the_rooms_are_known_everywhere_and_no_arrow_runs_back():
    assert {path.stem: imports(path) & set(ROOMS) for path in MODULES} == ROOMS
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert set(setup["tool"]["setuptools"]["py-modules"]) == set(ROOMS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_can_be_read_in_a_quarter_of_an_hour(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert sum(bool(line.strip()) for line in lines) <= 620
    assert max(map(len, lines)) <= 88


def test_environment_yml_agrees_with_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, *others = environment["dependencies"]
    assert python == "python=3.12"
    assert environment["channels"] == ["conda-forge"]
    wanted = bounds(PROJECT["dependencies"])
    tools = bounds(PROJECT["optional-dependencies"]["test"])
    wanted |= {name: bound for name, bound in tools.items() if name in TESTED_WITH}
    assert bounds(others) == wanted


@pytest.mark.parametrize(
    "path", [ROOT / "README.md", *PATHS], ids=lambda path: path.name
)
def test_links_lead_to_files(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join(
            cell.source
            for cell in nbformat.reads(text, 4).cells
            if cell.cell_type == "markdown"
        )
    links = [
        link
        for link in re.findall(r"\]\(([^)\s]+)\)", text)
        if not re.match(r"https?://|#", link)
    ]
    assert [
        link for link in links if not (path.parent / link.split("#")[0]).exists()
    ] == []
    assert path.name != "README.md" or links


def test_every_notebook_stands_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [
        path.name for path in PATHS if f"](notebooks/{path.name})" not in readme
    ] == []


def test_the_readmes_map_of_the_course_is_true():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| \[\d\d .+?\]\(notebooks/(.+?)\)"
        r" \| (.+?) \| (\d+(?: \(\d+\))?) \| (\d+) \| (\d+) \|$",
        readme,
        re.MULTILINE,
    )
    said = {
        name: (question, minutes, *map(int, numbers))
        for name, question, minutes, *numbers in rows
    }
    assert list(said) == [path.name for path in PATHS]
    for path in PATHS:
        notebook = read(path)
        texts = [
            cell.source for cell in notebook.cells if cell.id in ("title", "about")
        ]
        title = "\n\n".join(texts)
        question = re.search(r"^\*\*(.+\?)\*\*$", title, re.MULTILINE).group(1)
        core, whole = re.search(r"bout (\d+) minutes(?:; (\d+) with)?", title).groups()
        minutes = f"{core} ({whole})" if whole else core
        live = sum("nb.explore(" in cell.source for cell in code_cells(notebook))
        assert said[path.name] == (question, minutes, len(exercises(notebook)), live)


def test_the_readmes_commands_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(
        re.findall(r"(?:^    |`)make ([a-z]+(?:-[a-z]+)?)\b(?= |`|$)", readme, re.M)
    ) <= set(TARGETS)
    pip = re.search(r"pip install (.+)", readme).group(1).split()
    assert set(pip) == COURSE
    code = re.search(r"```python\n(.*?)```", readme, re.DOTALL).group(1)
    exec(compile(code, "README", "exec"), {})


def test_who_has_never_programmed_is_told_what_to_click():
    """From the download to the first cell; `make lab` opens the notebook it says."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    opening = readme.split("## Open it\n")[1].split("\n## ")[0]
    steps = [
        "Download ZIP",
        "open a terminal",
        "make lab",
        "notebook 00",
        "Shift+Enter",
    ]
    places = [opening.index(step) for step in steps]
    assert places == sorted(places)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    opened = re.search(r"^NOTEBOOK \?= notebooks/(.+)$", makefile, re.M).group(1)
    number = re.search(r"opens JupyterLab on notebook (\d\d)", opening).group(1)
    assert opened == PATHS[int(number)].name == PATHS[0].name


def test_the_animated_picture_moves_and_is_small():
    path = ROOT / "docs" / "slider.gif"
    assert path.stat().st_size < 1_500_000
    with PIL.Image.open(path) as picture:
        assert picture.n_frames > 20
        first = np.asarray(picture.convert("L"), dtype=int)
        picture.seek(picture.n_frames // 3)
        assert np.abs(np.asarray(picture.convert("L"), dtype=int) - first).mean() > 1


def test_pictures_in_the_readme_have_words():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pictures = re.findall(r"!\[([^]]*)\]", readme)
    assert pictures
    assert all(len(words) > 20 or words in ("Binder", "Colab") for words in pictures)


# ---- Binder and GitHub ---------------------------------------------------------------


def test_binder_finds_the_environment_and_its_python():
    pytest.importorskip("repo2docker", reason="jupyter-repo2docker is not installed")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)]
    result = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=120
    )
    said = result.stdout + result.stderr
    assert result.returncode == 0, said
    assert "Building conda environment for python=3.12" in said
    assert re.search(r"COPY .*environment\.yml", said)
    # What would make Binder ignore environment.yml, or do more than it says.
    others = (
        "binder",
        ".binder",
        "requirements.txt",
        "Dockerfile",
        "runtime.txt",
        "setup.py",
        "Pipfile",
        "apt.txt",
    )
    assert [name for name in others if (ROOT / name).exists()] == []


WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
SCHEMATIC = [  # a file, its schema, and a word without which it breaks the schema
    *((path, "github-workflows", "runs-on") for path in WORKFLOWS),
    *((path, "github-issue-forms", "body") for path in FORMS),
    (ROOT / "CITATION.cff", "citation-file-format", "authors"),
]


def breaks_schema(path, schema):
    """What a file has that its schema forbids; nothing if it is valid."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
    result = subprocess.run(
        [*command, f"vendor.{schema}", str(path)], capture_output=True, text=True
    )
    return result.stdout if result.returncode else ""


@pytest.mark.parametrize(
    ("path", "schema", "word"),
    SCHEMATIC,
    ids=lambda part: getattr(part, "name", part),
)
def test_files_follow_their_schema(path, schema, word, tmp_path):
    pytest.importorskip("check_jsonschema", reason="check-jsonschema is not installed")
    assert breaks_schema(path, schema) == ""
    text = path.read_text(encoding="utf-8")
    assert word in text
    broken = tmp_path / path.name  # the schema does notice
    broken.write_text(text.replace(word, "another-word"), encoding="utf-8")
    assert breaks_schema(broken, schema)


def test_the_citation_is_of_this_version_and_names_the_place_for_the_authors():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert yaml.safe_load(text)["version"] == PROJECT["version"]
    assert text.count("A PERSON FILLS THIS IN") == 1


def test_a_container_installs_what_the_tests_need():
    path = ROOT / ".devcontainer" / "devcontainer.json"
    container = json.loads(path.read_text(encoding="utf-8"))
    assert container["image"].startswith("mcr.microsoft.com/devcontainers/python:3.")
    assert "--editable '.[test]'" in container["postCreateCommand"]


def test_workflows_run_on_all_systems_and_versions():
    path = ROOT / ".github" / "workflows" / "tests.yml"
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert {"push", "pull_request", "schedule", "workflow_dispatch"} == set(
        workflow[True]
    )  # "on", to YAML
    versions = ["3.11", "3.12", "3.13", "3.14"]
    jobs = workflow["jobs"]
    assert jobs["make"]["strategy"]["matrix"] == {
        "os": ["ubuntu-latest", "macos-latest"],
        "python": versions,
    }
    assert jobs["windows"]["strategy"]["matrix"]["python"] == versions
    variants = jobs["variants"]["strategy"]["matrix"]["variant"]
    others = [name for name in TARGETS if name.startswith("test-")]
    assert variants == [name for name in others if name != "test-thorough"]
    assert PROJECT["requires-python"] == f">={versions[0]}"


def unclean(text):
    """Traces of a machine: its folders, its user, its package registry, its
    temporary files.
    """
    pattern = (
        r"/(?:root|home|Users|tmp|work|opt)/\w+|ipykernel_\d+|[A-Z]:\\\\Users"
        r"|pypi\.org|files\.pythonhosted"
    )
    return re.findall(pattern, text)


def test_files_carry_no_traces_of_a_machine():
    for path in tracked_files():
        if path.name != "test_project.py" and path.suffix not in PICTURES:
            assert unclean(path.read_text(encoding="utf-8")) == [], path.name
    assert unclean("see /home/" + "ada/x and /tmp/" + "ipykernel_42") != []


def test_no_scratch_files_are_tracked():
    code = {".ipynb", ".py", ".html", ".css", ".js"}
    settings = {".yml", ".toml", ".cfg", ".txt", ".json", ".cff"}
    allowed = {*code, *settings, *PICTURES, ".md"}
    licences = {"LICENSE", "LICENSE-CC-BY"}
    bare = {*licences, "Makefile", ".gitignore", ".gitattributes", "run"}
    assert [
        path.name
        for path in tracked_files()
        if path.suffix not in allowed and path.name not in bare
    ] == []


@posix
def test_make_lists_its_targets():
    listed = subprocess.run(
        ["make"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert re.findall(r"^make (\S+)", listed, re.MULTILINE) == TARGETS


@posix
def test_what_is_published_has_the_live_notebooks_once_and_after_they_are_made():
    command = ["make", "--dry-run", "publish", "PYODIDE=folder"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.findall(r"^.*tools/.*|^cp .*", done.stdout, re.MULTILINE) == [
        ".venv-lite/bin/python tools/build_lite.py",
        ".venv/bin/python tools/build_site.py",  # takes what the line before it made
        "cp -R build/site build/pages",
    ]


@posix
@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("#!/bin/sh\nexit 1\n", "This course needs Python 3.11 or newer"),
        (
            '#!/bin/sh\ncase "$2" in *venv*) exit 1;; esac\n',
            "The venv module of .* is missing. Install it",
        ),
    ],
    ids=["old Python", "no venv"],
)
def test_a_missing_prerequisite_gives_one_clear_sentence(tmp_path, script, sentence):
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    python = tmp_path / "python"
    python.write_text(script)
    python.chmod(0o755)
    result = subprocess.run(
        ["make", "--no-print-directory", "test", f"PYTHON={python}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert result.returncode != 0
    assert re.match(sentence, result.stdout)
    assert len(result.stdout.strip().splitlines()) == 1
    assert not (tmp_path / ".venv").exists()


@posix
def test_ci_can_be_run():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"]).returncode == 0
