"""The repository's address in all places that name it, and the set-up cell of a
notebook that was opened alone.
"""

import ast
import contextlib
import functools
import http.server
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import tomllib

import nbformat
import pytest
import set_address
import yaml
from test_notebooks import RULES

from notebooks import PATHS, ROOT, read

MODULES = sorted(ROOT.glob("lif_*.py"))
ADDRESS = set_address.address()
SAMPLE = "ada/lif-course"
# A machine on which the course is not installed as a package.
NOT_INSTALLED = """import sys
sys.meta_path = [finder for finder in sys.meta_path if "editable" not in repr(finder)]
sys.path = [folder for folder in sys.path if folder != {root!r}]
"""


@pytest.fixture
def course(tmp_path):
    """A copy of all files that name the address."""
    for path in set_address.rewritten(ADDRESS):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(path, copy)
    return tmp_path


# ---- Agreement -----------------------------------------------------------------------


def test_all_files_agree_with_the_address_in_pyproject():
    for path, text in set_address.rewritten(ADDRESS).items():
        assert path.read_text(encoding="utf-8") == text, (
            f"{path.name}: make address REPO={ADDRESS or 'owner/name'}"
        )


def test_the_address_reaches_all_places_and_a_second_time_changes_nothing(course):
    set_address.write("", course)
    changed = set_address.write(SAMPLE, course)
    assert {path.name for path in changed} == {
        "README.md",
        "pyproject.toml",
        *(path.name for path in PATHS),
    }
    assert set_address.write(SAMPLE, course) == []
    assert set_address.address(course) == SAMPLE
    assert tomllib.loads((course / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]["urls"] == {
        "Homepage": "https://ada.github.io/lif-course/",
        "Repository": f"https://github.com/{SAMPLE}",
    }
    readme = (course / "README.md").read_text(encoding="utf-8")
    for path in PATHS:
        cells = {
            cell.id: cell.source
            for cell in read(course / "notebooks" / path.name).cells
        }
        links = re.findall(r"\]\((https://[^)]+)\)", cells["title"])
        assert links == [
            f"https://ada.github.io/lif-course/live/lab/index.html?path=notebooks/{path.name}",
            f"https://mybinder.org/v2/gh/{SAMPLE}/main?urlpath=lab%2Ftree%2Fnotebooks%2F{path.name}",
            f"https://colab.research.google.com/github/{SAMPLE}/blob/main/notebooks/{path.name}",
        ]
        assert all(f"({link})" in readme for link in links)
        assert (
            f'source = "https://raw.githubusercontent.com/{SAMPLE}/main"'
            in cells["setup"]
        )
    assert set_address.UNSET not in readme
    opening = readme.split("<!-- links -->\n")[1]
    assert opening.startswith(
        "**[Open in your browser, nothing to install](https://ada.github.io/lif-course/)**"
    )


@pytest.mark.parametrize(
    ("repo", "site"),
    [
        ("Ada/Neurons", "https://ada.github.io/Neurons/"),
        ("ada/ada.github.io", "https://ada.github.io/"),
    ],
)
def test_the_address_of_the_web_page_is_the_one_that_github_gives(repo, site):
    assert set_address.site(repo) == site


def test_a_changed_address_replaces_the_old_one_and_none_takes_it_away(course):
    before = {
        path: path.read_text(encoding="utf-8")
        for path in set_address.rewritten(ADDRESS, course)
    }
    set_address.write(SAMPLE, course)
    set_address.write("grace/neurons", course)
    assert not any(SAMPLE in path.read_text(encoding="utf-8") for path in before)
    set_address.write("", course)
    readme = (course / "README.md").read_text(encoding="utf-8")
    assert "mybinder.org" not in readme
    assert "colab.research" not in readme
    assert ".github.io" not in readme
    set_address.write(ADDRESS, course)
    assert {path: path.read_text(encoding="utf-8") for path in before} == before


def test_a_changed_copy_is_noticed(course):
    """The negative control of the agreement."""
    set_address.write(SAMPLE, course)
    path = course / "notebooks" / PATHS[2].name
    path.write_text(
        path.read_text(encoding="utf-8").replace(SAMPLE, "someone/else"),
        encoding="utf-8",
        newline="\n",
    )
    stale = [path for path, text in set_address.rewritten(SAMPLE, course).items()
             if path.read_text(encoding="utf-8") != text]  # fmt: skip
    assert stale == [path]


@pytest.mark.parametrize(
    "wrong",
    [[], [""], ["lif-course"], ["a/b/c"], ["https://example.org/a/b"], ["a b/c"]],
)
def test_something_that_is_no_address_is_refused(wrong):
    with pytest.raises(
        SystemExit, match="must be owner/name, as in: make address REPO="
    ):
        set_address.main(wrong)


def test_the_check_of_a_copy_says_the_command(capsys):
    set_address.main(["--check", "grace/neurons"])
    said = capsys.readouterr().out
    assert said.startswith("::warning::")
    assert "make address REPO=grace/neurons" in said
    if ADDRESS:
        set_address.main(["--check", f"https://github.com/{ADDRESS}.git"])
        assert "::warning::" not in capsys.readouterr().out


def texts(course):
    return {path: path.read_text(encoding="utf-8") for path in course.rglob("*.*")}


def test_an_address_is_set_where_none_is_and_is_kept_where_there_is_one(course, capsys):
    set_address.write("", course)
    set_address.main(["--if-unset", SAMPLE], course)
    assert set_address.address(course) == SAMPLE
    assert f"README.md: {SAMPLE}" in capsys.readouterr().out
    before = texts(course)
    set_address.main(["--if-unset", SAMPLE], course)
    set_address.main(["--if-unset", "grace/neurons"], course)  # a copy of it
    assert texts(course) == before
    assert capsys.readouterr().out == f"The address stays {SAMPLE}.\n" * 2
    set_address.main(["grace/neurons"], course)  # a person may change it
    assert set_address.address(course) == "grace/neurons"


# ---- The workflow that sets it -------------------------------------------------------


@pytest.fixture
def machine(tmp_path_factory):
    return tmp_path_factory.mktemp("machine")


@pytest.fixture
def checkout(course, machine):
    """A clone of a repository without an address, as on GitHub's machine, with a
    program `gh` that notes how it was called, and an environment that is set up.
    """
    set_address.write("", course)
    for name in ("Makefile", "tools", ".gitignore", ".github"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, course / name)
    programs = {
        course / ".venv" / "bin" / "python": f'exec "{sys.executable}" "$@"',
        machine / "bin" / "gh": f'echo "$@" >> "{machine / "asked"}"',
    }
    for path, line in programs.items():
        path.parent.mkdir(parents=True)
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
    ready = course / ".venv" / ".ready"
    ready.touch()
    os.utime(ready, (4e9, 4e9))  # whatever pyproject.toml becomes
    origin = machine / "origin.git"
    for arguments in (
        ["init", "--quiet", "--bare", origin],
        ["init", "--quiet", "--initial-branch=main"],
        ["remote", "add", "origin", origin],
        ["add", "--all"],
        [*BY_ADA, "commit", "--quiet", "--message=The course"],
        ["push", "--quiet", "origin", "main"],
    ):
        subprocess.run(["git", *arguments], cwd=course, check=True)
    return course


BY_ADA = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]


def push(checkout, machine, repo):
    """Do what the workflow does after a push, and return the commits' subjects, the
    newest first, that the repository then holds.
    """
    path = checkout / ".github" / "workflows" / "address.yml"
    (job,) = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
    environment = os.environ | {"GITHUB_REPOSITORY": repo}
    environment["PATH"] = f"{machine / 'bin'}{os.pathsep}{os.environ['PATH']}"
    for step in job["steps"]:
        if "run" in step:
            command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
            subprocess.run(
                command, cwd=checkout, env=environment, check=True, capture_output=True
            )
    return git(machine / "origin.git", "log", "--format=%s", "main")


def git(folder, *arguments):
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.splitlines()


@pytest.mark.skipif(
    os.name == "nt" or not shutil.which("make") or not shutil.which("git"),
    reason="make or git is not on this machine",
)
def test_the_workflow_sets_the_address_once_and_asks_for_the_pages(checkout, machine):
    both = ["Set the repository's address", "The course"]
    asked = machine / "asked"
    assert push(checkout, machine, SAMPLE) == both
    assert set_address.address(checkout) == SAMPLE
    assert git(checkout, "status", "--short") == []
    changed = git(checkout, "diff", "--name-only", "HEAD~1")
    names = [f"notebooks/{path.name}" for path in PATHS]
    assert changed == ["README.md", *names, "pyproject.toml"]
    assert asked.read_text() == "workflow run pages.yml --ref main\n"
    assert push(checkout, machine, SAMPLE) == both  # the next push
    assert push(checkout, machine, "grace/neurons") == both  # a copy of the repository
    assert len(asked.read_text().splitlines()) == 1


# ---- The set-up cell -----------------------------------------------------------------


def setup_cells():
    """The folded cell that finds the modules, and the open one that imports them."""
    cells = {cell.id: cell.source for cell in read(PATHS[0]).cells}
    return cells["setup"], cells["imports"]


def run_setup(folder, source=None, until="imports"):
    """Run the set-up in a folder; print where each module of the course lies."""
    setup, imports = setup_cells()
    if source is not None:
        setup = set_address.SOURCE.sub(f'source = "{source}"', setup)
    code = NOT_INSTALLED.format(root=str(ROOT)) + setup
    if until == "imports":
        code += f"\n{imports}\nfor name in modules:\n    "
        code += "print(Path(importlib.util.find_spec(name).origin).resolve())"
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


@pytest.fixture
def file_server():
    """The address of a server of the course's files on this machine."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with serving(functools.partial(Quiet, directory=ROOT)) as address:
        yield address


@contextlib.contextmanager
def serving(handler):
    """The address of a server on this machine that answers as the handler says."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def copy_modules(folder):
    for module in MODULES:
        shutil.copy(module, folder)


def places(folder):
    return [str((folder / module.name).resolve()) for module in MODULES]


def test_the_set_up_names_all_modules_of_the_course():
    line = re.search(r"^modules = (\[.+?\])$", setup_cells()[0], re.M | re.S).group(1)
    assert sorted(ast.literal_eval(line)) == [module.stem for module in MODULES]


def test_set_up_finds_the_modules_beside_and_above(tmp_path):
    (tmp_path / "notebooks").mkdir()
    copy_modules(tmp_path)
    for folder in (tmp_path, tmp_path / "notebooks"):
        result = run_setup(folder, "http://127.0.0.1:1/not-asked")
        assert result.returncode == 0, result.stderr
        assert sorted(result.stdout.split("\n")[:-1]) == places(tmp_path)
    assert list((tmp_path / "notebooks").iterdir()) == []


def test_set_up_of_a_notebook_that_was_opened_alone_fetches_the_modules(
    tmp_path, file_server
):
    result = run_setup(tmp_path, file_server)
    assert result.returncode == 0, result.stderr
    assert sorted(result.stdout.split("\n")[:-1]) == places(tmp_path)
    for module in MODULES:
        assert (tmp_path / module.name).read_bytes() == module.read_bytes()


@pytest.fixture
def broken_server():
    """A server that breaks off in the middle of the last module."""

    class Broken(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            text = (ROOT / self.path.strip("/")).read_bytes()
            self.send_response(200)
            if self.path.endswith("/lif_exercises.py"):
                self.send_header("Content-Length", str(len(text)))
                text = text[: len(text) // 2]
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    with serving(Broken) as address:
        yield address


@pytest.fixture
def portal():
    """A server that answers everything with a page that asks for a password."""

    class Portal(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>Please log in to the network.</html>")

        def log_message(self, *_):
            pass

    with serving(Portal) as address:
        yield address


SOURCES = [
    "unset",
    "no network",
    "no such file",
    "no such machine",
    "broken off",
    "a page that asks for a password",
]


@pytest.mark.parametrize("source", SOURCES)
def test_set_up_without_the_modules_ends_in_one_sentence_that_says_what_to_do(
    tmp_path, file_server, broken_server, portal, source
):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # nobody listens there
        sources = {
            "unset": "",
            "no network": f"http://127.0.0.1:{unused.getsockname()[1]}",
            "no such file": f"{file_server}/no/such/folder",
            "no such machine": "https://no-such-machine.invalid",
            "broken off": broken_server,
            "a page that asks for a password": portal,
        }
        result = run_setup(tmp_path, sources[source])
    assert result.returncode != 0
    said = result.stderr.strip().splitlines()
    assert re.match(
        r"FileNotFoundError: lif_\w+\.py is missing and could not be fetched: put the "
        "files lif_.+, from the course's repository, in this folder$",
        said[-1],
    )
    assert result.stderr.count("Traceback") == 1
    assert list(tmp_path.iterdir()) == []


def test_notebooks_keep_their_form_with_an_address(course):
    set_address.write(SAMPLE, course)
    for path in PATHS:
        notebook = nbformat.read(course / "notebooks" / path.name, as_version=4)
        assert [problem for rule in RULES.values() for problem in rule(notebook)] == []
        setup = next(cell.source for cell in notebook.cells if cell.id == "setup")
        assert max(map(len, setup.splitlines())) <= 88
