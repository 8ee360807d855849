"""The repository's address in all places that name it, and the set-up cell of a notebook that was opened alone."""

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


# ---- Agreement ------------------------------------------------------------------------------------------------------


def test_all_files_agree_with_the_address_in_pyproject():
    for path, text in set_address.rewritten(ADDRESS).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: make address REPO={ADDRESS or 'owner/name'}"


def test_the_address_reaches_all_places_and_a_second_time_changes_nothing(course):
    set_address.write("", course)
    changed = set_address.write(SAMPLE, course)
    assert {path.name for path in changed} == {"README.md", "pyproject.toml", *(path.name for path in PATHS)}
    assert set_address.write(SAMPLE, course) == []
    assert set_address.address(course) == SAMPLE
    assert tomllib.loads((course / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"] == {
        "Repository": f"https://github.com/{SAMPLE}"
    }
    readme = (course / "README.md").read_text(encoding="utf-8")
    for path in PATHS:
        cells = {cell.id: cell.source for cell in read(course / "notebooks" / path.name).cells}
        links = re.findall(r"\]\((https://[^)]+)\)", cells["title"])
        assert links == [
            f"https://mybinder.org/v2/gh/{SAMPLE}/main?urlpath=lab%2Ftree%2Fnotebooks%2F{path.name}",
            f"https://colab.research.google.com/github/{SAMPLE}/blob/main/notebooks/{path.name}",
        ]
        assert all(f"({link})" in readme for link in links)
        assert f'source = "https://raw.githubusercontent.com/{SAMPLE}/main/lif_helpers.py"' in cells["setup"]
    assert set_address.UNSET not in readme


def test_a_changed_address_replaces_the_old_one_and_none_takes_it_away(course):
    before = {path: path.read_text(encoding="utf-8") for path in set_address.rewritten(ADDRESS, course)}
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
    path.write_text(path.read_text(encoding="utf-8").replace(SAMPLE, "someone/else"), encoding="utf-8", newline="\n")
    stale = [path for path, text in set_address.rewritten(SAMPLE, course).items()
             if path.read_text(encoding="utf-8") != text]  # fmt: skip
    assert stale == [path]


@pytest.mark.parametrize("wrong", [[], [""], ["lif-course"], ["a/b/c"], ["https://example.org/a/b"], ["a b/c"]])
def test_something_that_is_no_address_is_refused(wrong):
    with pytest.raises(SystemExit, match="must be owner/name, as in: make address REPO="):
        set_address.main(wrong)


def test_the_check_of_a_copy_says_the_command(capsys):
    set_address.main(["--check", "grace/neurons"])
    said = capsys.readouterr().out
    assert said.startswith("::warning::")
    assert "make address REPO=grace/neurons" in said
    if ADDRESS:
        set_address.main(["--check", f"https://github.com/{ADDRESS}.git"])
        assert "::warning::" not in capsys.readouterr().out


# ---- The set-up cell ------------------------------------------------------------------------------------------------


def run_setup(folder, source=None):
    setup = next(cell.source for cell in read(PATHS[0]).cells if cell.id == "setup")
    if source is not None:
        setup = set_address.SOURCE.sub(f'source = "{source}"', setup)
    code = NOT_INSTALLED.format(root=str(ROOT)) + setup + "\nprint(Path(lif.__file__).resolve())"
    code = "from pathlib import Path\n" + code
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, encoding="utf-8", timeout=120
    )


@pytest.fixture
def file_server():
    """The address of a server of the course's files on this machine."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=ROOT)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_set_up_finds_the_helper_beside_and_above(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "lif_helpers.py").write_bytes((ROOT / "lif_helpers.py").read_bytes())
    for folder in (tmp_path, tmp_path / "notebooks"):
        result = run_setup(folder, "http://127.0.0.1:1/not-asked")
        assert result.returncode == 0, result.stderr
        assert result.stdout.strip() == str((tmp_path / "lif_helpers.py").resolve())
    assert not (tmp_path / "notebooks" / "lif_helpers.py").exists()


def test_set_up_of_a_notebook_that_was_opened_alone_fetches_the_helper(tmp_path, file_server):
    result = run_setup(tmp_path, f"{file_server}/lif_helpers.py")
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == str((tmp_path / "lif_helpers.py").resolve())
    assert (tmp_path / "lif_helpers.py").read_bytes() == (ROOT / "lif_helpers.py").read_bytes()


@pytest.mark.parametrize("source", ["unset", "no network", "no such file", "no such machine"])
def test_set_up_without_the_helper_ends_in_one_sentence_that_says_what_to_do(tmp_path, file_server, source):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # nobody listens there
        sources = {
            "unset": "",
            "no network": f"http://127.0.0.1:{unused.getsockname()[1]}/lif_helpers.py",
            "no such file": f"{file_server}/no/such/file.py",
            "no such machine": "https://no-such-machine.invalid/lif_helpers.py",
        }
        result = run_setup(tmp_path, sources[source])
    assert result.returncode != 0
    said = result.stderr.strip().splitlines()
    assert said[-1].startswith("FileNotFoundError: lif_helpers.py is missing: put it, from the course's repository, ")
    assert result.stderr.count("Traceback") == 1
    assert not (tmp_path / "lif_helpers.py").exists()


def test_notebooks_keep_their_form_with_an_address(course):
    set_address.write(SAMPLE, course)
    for path in PATHS:
        notebook = nbformat.read(course / "notebooks" / path.name, as_version=4)
        assert [problem for rule in RULES for problem in rule(notebook)] == []
        setup = next(cell.source for cell in notebook.cells if cell.id == "setup")
        assert max(map(len, setup.splitlines())) <= 120
