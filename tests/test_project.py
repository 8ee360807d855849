"""The project around the notebooks: one set of dependencies, links that lead somewhere, clean files."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib

import nbformat
import pytest
import yaml

from notebooks import PATHS, ROOT

COURSE = {"numpy", "matplotlib", "ipywidgets", "jupyterlab"}
TESTED_WITH = {"nbval", "pytest"}
PICTURES = {".png", ".gif"}
IMPORTED = {"ipywidgets", "matplotlib", "numpy", "PIL", "IPython", "traitlets"}  # the last three come with the others
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TARGETS = ["help", "lab", "test", "test-oldest", "test-newest", "test-colab", "notebooks", "picture", "address", "bench"]
git = shutil.which("git")
posix = pytest.mark.skipif(os.name == "nt" or not shutil.which("make"), reason="make is not on this machine")


def bounds(requirements):
    return dict(re.fullmatch(r"([\w-]+)(>=[\d.]+)?", line).groups() for line in requirements)


def tracked_files():
    if not git or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run([git, "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.splitlines() if (ROOT / name).exists()]


def test_the_course_runs_on_four_packages():
    assert set(bounds(PROJECT["dependencies"])) == COURSE
    tree = ast.parse((ROOT / "lif_helpers.py").read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) == IMPORTED


def test_environment_yml_agrees_with_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    python, *others = environment["dependencies"]
    assert python == "python=3.12"
    assert environment["channels"] == ["conda-forge"]
    wanted = bounds(PROJECT["dependencies"])
    wanted |= {name: bound for name, bound in bounds(PROJECT["optional-dependencies"]["test"]).items()
               if name in TESTED_WITH}  # fmt: skip
    assert bounds(others) == wanted


def test_the_helper_module_can_be_read_in_a_quarter_of_an_hour():
    lines = (ROOT / "lif_helpers.py").read_text(encoding="utf-8").splitlines()
    assert sum(bool(line.strip()) for line in lines) <= 760


@pytest.mark.parametrize("path", [ROOT / "README.md", *PATHS], ids=lambda path: path.name)
def test_links_lead_to_files(path):
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n".join(cell.source for cell in nbformat.reads(text, 4).cells if cell.cell_type == "markdown")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"https?://|#", link)]
    assert [link for link in links if not (path.parent / link.split("#")[0]).exists()] == []
    assert path.name != "README.md" or links


def test_every_notebook_stands_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in PATHS if f"](notebooks/{path.name})" not in readme] == []


def unclean(text):
    """Traces of a machine: its folders, its user, its package registry, its temporary files."""
    pattern = r"/(?:root|home|Users|tmp|work|opt)/\w+|ipykernel_\d+|[A-Z]:\\\\Users|pypi\.org|files\.pythonhosted"
    return re.findall(pattern, text)


def test_files_carry_no_traces_of_a_machine():
    for path in tracked_files():
        if path.name != "test_project.py" and path.suffix not in PICTURES:
            assert unclean(path.read_text(encoding="utf-8")) == [], path.name
    assert unclean("see /home/" + "ada/x and /tmp/" + "ipykernel_42") != []


def test_no_scratch_files_are_tracked():
    allowed = {".ipynb", ".py", ".md", ".yml", ".toml", ".cfg", *PICTURES}
    bare = {"LICENSE", "Makefile", ".gitignore", "run"}
    assert [path.name for path in tracked_files() if path.suffix not in allowed and path.name not in bare] == []


@posix
def test_make_lists_its_targets():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^make (\S+)", listed, re.MULTILINE) == TARGETS


@posix
@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("#!/bin/sh\nexit 1\n", "This course needs Python 3.11 or newer"),
        ('#!/bin/sh\ncase "$2" in *venv*) exit 1;; esac\n', "The venv module of .* is missing. Install it"),
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
        ["make", "--no-print-directory", "test", f"PYTHON={python}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert result.returncode != 0
    assert re.match(sentence, result.stdout)
    assert len(result.stdout.strip().splitlines()) == 1
    assert not (tmp_path / ".venv").exists()


@posix
def test_ci_can_be_run():
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert subprocess.run(["bash", "-n", ROOT / ".ci" / "run"]).returncode == 0
