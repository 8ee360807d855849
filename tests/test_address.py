"""The repository's address in all places that name it, and the set-up cell of a
notebook that was opened alone.
"""

import ast
import contextlib
import functools
import http.server
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
    ]["urls"] == {"Repository": f"https://github.com/{SAMPLE}"}
    readme = (course / "README.md").read_text(encoding="utf-8")
    for path in PATHS:
        cells = {
            cell.id: cell.source
            for cell in read(course / "notebooks" / path.name).cells
        }
        links = re.findall(r"\]\((https://[^)]+)\)", cells["title"])
        assert links == [
            f"https://mybinder.org/v2/gh/{SAMPLE}/main?urlpath=lab%2Ftree%2Fnotebooks%2F{path.name}",
            f"https://colab.research.google.com/github/{SAMPLE}/blob/main/notebooks/{path.name}",
        ]
        assert all(f"({link})" in readme for link in links)
        assert (
            f'source = "https://raw.githubusercontent.com/{SAMPLE}/main"'
            in cells["setup"]
        )
    assert set_address.UNSET not in readme


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
        code += "print(Path(sys.modules[name].__file__).resolve())"
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
        assert [problem for rule in RULES for problem in rule(notebook)] == []
        setup = next(cell.source for cell in notebook.cells if cell.id == "setup")
        assert max(map(len, setup.splitlines())) <= 88
