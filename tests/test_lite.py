"""The course in a browser tab (JupyterLite): every cell of every notebook runs, says
what is stored, and asks no other machine for anything; a slider moves its figure.

Skipped where there is no browser; with LIF_BROWSER=required, as in CI, that is an
error. `make test-lite` installs what is needed, and builds the site where it is stale.
"""

import ast
import contextlib
import functools
import hashlib
import importlib.util
import json
import os
import re
import shutil
import sys
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import build_lite
import nbformat
import pytest
from jupyterlab_page import (
    CELLS,
    LIVE,
    RUN_ALL,
    chromium,
    course_server,
    find_chromium,
)
from nbval.plugin import get_sanitize_patterns

from notebooks import PATHS, ROOT, code_cells, path_of, read

if not importlib.util.find_spec("jupyterlite_core"):
    pytest.skip("JupyterLite: run `make test-lite`", allow_module_level=True)
if not find_chromium() and os.environ.get("LIF_BROWSER") != "required":
    pytest.skip("no Chromium or Chrome on this machine", allow_module_level=True)

SANITIZE = get_sanitize_patterns(
    Path(__file__).with_name("nbval_sanitize.cfg").read_text(encoding="utf-8")
)
IGNORED = "nbval-ignore-output"  # the tag of a cell that says something else elsewhere
# What the code cells say, as {id, outputs}, without pictures.
OUTPUTS = """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells
    .filter(cell => cell.cell_type === 'code')
    .map(cell => ({id: cell.id, outputs: cell.outputs.map(output => {
        const {'text/plain': plain} = output.data ?? {};
        return {...output, data: {'text/plain': plain ?? ''}, metadata: {}};
    })}))"""
READY = """() => {
    const notebook = window.jupyterapp?.shell.currentWidget;
    return notebook?.sessionContext?.session?.kernel?.status === 'idle';
}"""
# A kernel that has died would keep a page waiting for ever.
RUN_ALL_IN_TIME = f"""() => Promise.race([
    ({RUN_ALL})(),
    new Promise((_, stop) => setTimeout(() => stop(Error('not done')), 300000)),
])"""
WRITE_AND_OPEN = """async ([name, content]) => {
    const app = window.jupyterapp;
    await app.restored;
    const model = {type: 'notebook', format: 'json', content: JSON.parse(content)};
    await app.serviceManager.contents.save(name, model);
    await app.commands.execute('docmanager:open', {path: name});
}"""


class Quiet(SimpleHTTPRequestHandler):
    def end_headers(self):
        # A browser would guess how long a file stays as it is; Pages says ten minutes.
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def serving(folder):
    """The address of a server of a folder's files on this machine."""
    handler = functools.partial(Quiet, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def address():
    """The site's address. As on a page of GitHub it is no host's root."""
    site = build_lite.build()
    with serving(site.parent) as host:
        yield f"{host}/{site.name}"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def tabs(address, browser):
    """Open a path of the site in a tab of its own, or take the one that is open."""
    opened = {}

    def tab(path):
        if path not in opened:
            opened[path] = open_tab(browser, f"{address}/lab/index.html{path}")
        return opened[path]

    return tab


def open_tab(browser, url):
    """A page that notes its errors and its requests to other machines."""
    page = browser.new_page(viewport={"width": 1300, "height": 1100})
    page.problems, page.strangers = [], []

    def note_message(message):
        # A browser asks every host for an icon.
        if message.type == "error" and "favicon.ico" not in message.location["url"]:
            page.problems.append(message.text)

    def note_request(request):
        address = urlsplit(request.url)
        inside = address.scheme in ("data", "blob")
        if not inside and address.netloc != urlsplit(url).netloc:
            page.strangers.append(request.url)

    page.on("console", note_message)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.context.on("request", note_request)  # those of the kernel's worker too
    page.goto(url, wait_until="commit")
    return page


def texts(outputs):
    """What a cell says: {"stdout", "stderr", "text/plain": text}, without what may
    differ between two runs.
    """
    said = {}
    for output in outputs:
        if output["output_type"] == "stream":
            kind, text = output["name"], output["text"]
        else:
            kind, text = "text/plain", output.get("data", {}).get("text/plain", "")
        said[kind] = said.get(kind, "") + "".join(text)
    for kind in said:
        for pattern, replacement in SANITIZE:
            said[kind] = re.sub(pattern, replacement, said[kind])
    return {kind: text for kind, text in said.items() if text}


def run(page, notebook):
    """Run an opened notebook, and return what is wrong with it, in words."""
    try:
        page.wait_for_function(READY, timeout=180_000)
    except Exception as error:
        raise RuntimeError(f"the kernel does not start: {page.problems}") from error
    page.evaluate(RUN_ALL_IN_TIME)
    cells = page.evaluate(CELLS)
    faults = [
        f"{cell['id']} raises {cell['errors']}" for cell in cells if cell["errors"]
    ]
    faults += [f"{cell['id']} did not run" for cell in cells if not cell["count"]]
    said = {cell["id"]: texts(cell["outputs"]) for cell in page.evaluate(OUTPUTS)}
    stored = {cell.id: texts(cell.outputs) for cell in code_cells(notebook)}
    assert list(said) == list(stored)
    for cell in code_cells(notebook):
        if IGNORED in cell.metadata.get("tags", []):
            del stored[cell.id]
    faults += [
        f"{name} says {said[name]}, stored is {stored[name]}"
        for name in stored
        if said[name] != stored[name]
    ]
    # The site's service worker repeats a request of the kernel.
    faults += [f"asks {url}" for url in dict.fromkeys(page.strangers)]
    return faults + page.problems


# A draft that is followed by the sharp picture of the same setting is no change: the
# picture is made small, and its shades few.
PIXELS = """async image => {
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [120, 80];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0, 120, 80);
    const pixels = context.getImageData(0, 0, 120, 80).data;
    return Array.from(pixels, value => value >> 6).join('');
}"""


def shown(output):
    """What a live figure shows: its picture, as text, and its numbers."""
    return {
        "picture": output.locator("img.widget-image").first.evaluate(PIXELS),
        "numbers": output.locator(".widget-html-content").first.inner_text(),
    }


def moved(output, seconds=30):
    """Move a live figure's first slider to its far end; return its picture and its
    numbers before and after, or as they are when the time is over.
    """
    handle = output.locator(".noUi-handle").first
    low, now, high = (
        float(handle.get_attribute(f"aria-value{name}"))
        for name in ("min", "now", "max")
    )
    before = after = shown(output)
    handle.focus()
    output.page.keyboard.press("End" if now < (low + high) / 2 else "Home")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and any(after[k] == before[k] for k in after):
        output.page.wait_for_timeout(100)
        after = shown(output)
    return before, after


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_runs_in_a_tab_and_says_what_is_stored(path, tabs):
    page = tabs(f"?path=notebooks/{path.name}")
    for following in PATHS[PATHS.index(path) + 1 :][:1]:
        tabs(
            f"?path=notebooks/{following.name}"
        )  # its kernel starts while this notebook runs
    notebook = read(path)
    assert run(page, notebook) == []
    if any("nb.explore(" in cell.source for cell in code_cells(notebook)):
        before, after = moved(page.locator(LIVE).first)
        assert before["picture"] != after["picture"]
        assert before["numbers"] != after["numbers"]
    assert page.problems + page.strangers == []
    page.close()


STILL = """import sys
sys.path.append("..")
import lif_notebook as nb
def draw(ax, x):
    pass
figure, ax = nb.new_axes("t (ms)", "x (mV)", (0, 10), (0, 10))
nb.explore(draw, figure, x=nb.slider("x", 2, 0, 10, 1, "mV"))"""
ASKING = """import pyodide.http
try:
    await pyodide.http.pyfetch("http://elsewhere.invalid/numbers")
except OSError:
    pass"""


def control(*cells):
    """A notebook of cells (name, source, stored text)."""
    notebook = nbformat.v4.new_notebook(metadata=read(PATHS[0]).metadata)
    for name, source, stored in cells:
        outputs = [nbformat.v4.new_output("stream", text=stored)] if stored else []
        cell = nbformat.v4.new_code_cell(source, id=name, outputs=outputs)
        cell.metadata.tags = [IGNORED] if name == "elsewhere" else []
        notebook.cells.append(cell)
    return notebook


def test_what_is_wrong_is_seen(tabs):
    notebook = control(
        ("right", "print('a neuron at 0x1f')", "a neuron at 0x2e\n"),
        ("wrong", "print('7 mV')", "8 mV\n"),
        ("silent", "V = 7", "7 mV\n"),
        ("elsewhere", "print('no NEST')", "NEST\n"),
        ("result", "7", ""),
        ("loud", "import sys; print('careful', file=sys.stderr)", ""),
        ("asking", ASKING, ""),
        ("still", STILL, ""),
        ("raising", "raise ValueError('no such neuron')", ""),
        ("late", "print('not reached')", "not reached\n"),
    )
    page = tabs("?reset")
    page.wait_for_function("window.jupyterapp")
    page.evaluate(
        WRITE_AND_OPEN, ["notebooks/control.ipynb", nbformat.writes(notebook)]
    )
    page.evaluate("console.error('an error of the page')")
    faults = run(page, notebook)
    assert faults == [
        "raising raises ['no such neuron']",
        "late did not run",
        "wrong says {'stdout': '7 mV\\n'}, stored is {'stdout': '8 mV\\n'}",
        "silent says {}, stored is {'stdout': '7 mV\\n'}",
        "result says {'text/plain': '7'}, stored is {}",
        "loud says {'stderr': 'careful\\n'}, stored is {}",
        "still says {'text/plain': 'Live figure. '}, stored is {}",
        "late says {}, stored is {'stdout': 'not reached\\n'}",
        "asks http://elsewhere.invalid/numbers",
        "an error of the page",
    ]
    before, after = moved(page.locator(LIVE), seconds=3)
    assert before == after
    page.close()


# ---- a visitor's way -----------------------------------------------------------------

FILES = """() => Array.from(document.querySelectorAll('.jp-DirListing-itemName'),
    name => name.textContent)"""
# Of a notebook that is being opened it is the empty text.
TITLE = """() => window.jupyterapp?.shell.currentWidget?.content.model?.sharedModel
    .cells.find(cell => cell.id === 'title')?.source ?? ''"""
EDIT_AND_SAVE = """async text => {
    const notebook = window.jupyterapp.shell.currentWidget;
    const cells = notebook.content.model.sharedModel.cells;
    cells.find(cell => cell.id === 'title').setSource(text);
    await notebook.context.save();
}"""


def test_the_start_page_has_the_map_and_fits_a_phone(address, browser):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{address}/")
    rows = page.locator(".map a")
    targets = rows.evaluate_all("rows => rows.map(row => row.getAttribute('href'))")
    assert targets == [f"lab/index.html?path=notebooks/{path.name}" for path in PATHS]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    parts = re.findall(r"^\*\*(Part .+)\*\*$", readme, re.MULTILINE)
    assert page.locator("h3").all_inner_texts() == parts
    for path, row in zip(PATHS, rows.all(), strict=True):
        title = next(cell for cell in read(path).cells if cell.id == "title")
        question = re.search(r"^\*\*(.+)\*\*$", title.source, re.M).group(1)
        said = row.inner_text()
        assert question in said
        assert "minutes" in said
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("document.querySelector('img').naturalWidth") > 0
    assert build_lite.version() in page.inner_text("main")


def test_a_notebook_can_be_read_on_a_phone(address, browser):
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{address}/lab/index.html?path=notebooks/{path_of('01').name}")
    width = "document.querySelector('.jp-RenderedMarkdown h1')?.clientWidth > 200"
    page.wait_for_function(width, timeout=120_000)
    page.wait_for_timeout(6000)
    assert page.evaluate(width)
    page.close()


def test_a_new_version_is_had_by_renaming_and_nothing_is_lost(
    address, browser, tmp_path
):
    site = shutil.copytree(build_lite.SITE, tmp_path / "site")
    name = path_of("01").name
    opened = f"lab/index.html?path=notebooks/{name}"
    with serving(tmp_path) as host:
        visitor = browser.new_context(viewport={"width": 1300, "height": 900})

        def visit():
            page = visitor.new_page()
            page.goto(f"{host}/site/{opened}")
            page.wait_for_selector(".jp-RenderedMarkdown h1", timeout=120_000)
            page.wait_for_selector(f".jp-DirListing-item:has-text('{name}')")
            return page

        page = visit()
        beside = [path.name for path in ROOT.glob("notebooks/*.py")]
        assert page.evaluate(FILES) == sorted([*(path.name for path in PATHS), *beside])
        assert f"*Version {build_lite.version()}. " in page.evaluate(TITLE)
        page.evaluate(EDIT_AND_SAVE, "# My own words")
        page.close()

        write_version(site / "files", "9.9.9")
        page = visit()
        assert page.evaluate(TITLE) == "# My own words"
        page.click(f".jp-DirListing-item:has-text('{name}')")
        page.keyboard.press("F2")
        page.wait_for_selector(".jp-DirListing-editor:focus")
        page.keyboard.press("Control+A")
        page.keyboard.type("mine.ipynb")
        page.keyboard.press("Enter")
        page.wait_for_selector(".jp-DirListing-item:has-text('mine.ipynb')")
        page.wait_for_selector(f".jp-DirListing-item:has-text('{name}')")
        page.dblclick(f".jp-DirListing-item:has-text('{name}')")
        page.wait_for_function(f"({TITLE})().includes('*Version 9.9.9. ')")
        page.dblclick(".jp-DirListing-item:has-text('mine.ipynb')")
        page.wait_for_function(f"({TITLE})() === '# My own words'")


def write_version(files, version):
    """Put the notebooks into a site's files as a later version would have them."""
    for path in PATHS:
        text = build_lite.with_version(path, version)
        (files / "notebooks" / path.name).write_text(text, encoding="utf-8")


FIRST_FIGURE = """async () => {
    const start = performance.now();
    window.jupyterapp.commands.execute('notebook:run-all-cells');
    const shown = () => document.querySelector('img.widget-image')?.naturalWidth > 0;
    while (!shown())
        if (performance.now() - start > 180000) throw Error('no live figure');
        else await new Promise(resolve => setTimeout(resolve, 20));
    return (performance.now() - start) / 1000;
}"""


@pytest.mark.skipif(
    not os.environ.get("LIF_THOROUGH"), reason="a timing, for a quiet machine"
)
def test_the_first_live_figure_comes_within_3_times_the_time_of_jupyterlab(
    address, browser
):
    name, seconds = path_of("01").name, {}
    with course_server() as (lab, _):
        for kind, url in {
            "JupyterLab": f"{lab}/lab/tree/notebooks/{name}",
            "tab": f"{address}/lab/index.html?path=notebooks/{name}",
        }.items():
            page = browser.new_page(viewport={"width": 1300, "height": 1100})
            page.goto(url)
            page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=120_000)
            page.wait_for_function(READY, timeout=180_000)
            seconds[kind] = page.evaluate(FIRST_FIGURE)
            page.close()
    print(f"first live figure of {name}, s: {seconds}")
    assert seconds["tab"] < 3 * seconds["JupyterLab"], seconds


# ---- the parts of the site -----------------------------------------------------------


def test_the_site_is_built_anew_where_the_course_has_changed(
    address, monkeypatch, tmp_path
):
    work, setting = tmp_path / "work", os.environ.get("LIF_PYODIDE", "")
    shutil.copytree(build_lite.WORK / "pyodide", work / "pyodide")
    shutil.copy(build_lite.WORK / "pyodide.stamp", work)
    monkeypatch.setattr(build_lite, "ROOT", tmp_path)
    monkeypatch.setattr(build_lite, "WORK", work)
    monkeypatch.setattr(build_lite, "SITE", work / "site")
    monkeypatch.setattr(build_lite, "write_start_page", lambda *_: None)
    shutil.copy(ROOT / "README.md", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    module, other = tmp_path / "lif_one.py", tmp_path / "lif_other.py"
    module.write_text("C = 1")
    other.write_text("R = 100")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "program.py").write_text("E_L = -70")
    files, mark = build_lite.build() / "files", work / "site" / "mark"
    assert {path.relative_to(files).as_posix() for path in files.rglob("*.py")} == {
        "lif_one.py",
        "lif_other.py",
        "notebooks/program.py",
    }
    mark.touch()
    build_lite.build()
    assert mark.exists()  # nothing has changed, nothing is done
    monkeypatch.setenv("LIF_PYODIDE", str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match="nowhere"):
        build_lite.build()
    monkeypatch.setenv("LIF_PYODIDE", setting)
    module.write_text("C = 2")
    other.unlink()
    build_lite.build()  # also after one that failed
    assert (work / "site" / "static" / "pyodide" / "pyodide.mjs").exists()
    assert not mark.exists()
    assert [path.name for path in files.glob("*.py")] == ["lif_one.py"]
    assert (files / "lif_one.py").read_text() == "C = 2"
    monkeypatch.setenv("LIF_PYODIDE", str(work / "pyodide"))
    build_lite.build()  # from its own folder
    assert (work / "site" / "static" / "pyodide" / "pyodide.mjs").exists()


def test_all_that_the_course_imports_is_locked(address):
    folder = build_lite.SITE / "static" / "pyodide"
    lock = json.loads((folder / "pyodide-lock.json").read_text())["packages"]
    for package in lock.values():
        content = (folder / package["file_name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == package["sha256"]
        assert set(package["depends"]) <= set(lock)
    importable = {name for package in lock.values() for name in package["imports"]}
    importable |= {name.replace("-", "_") for name in lock}
    files = build_lite.SITE / "files"
    modules = list(files.glob("*.py"))
    texts = [path.read_text(encoding="utf-8") for path in modules]
    for path in files.glob("notebooks/*.ipynb"):
        texts += [cell.source for cell in code_cells(read(path))]
    missing = imported(texts) - sys.stdlib_module_names - importable
    assert missing - {path.stem for path in modules} == set()


def imported(texts):
    """The top-level names of the modules that programs import, but for those without
    which they go on.
    """
    names = set()
    for text in texts:
        optional, tree = set(), ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.Try) and any(map(is_without, node.handlers)):
                optional |= {each for line in node.body for each in ast.walk(line)}
        for node in set(ast.walk(tree)) - optional:
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module.split(".")[0])
    return names


def is_without(handler):
    """Whether an `except` is for a module that is not there."""
    return ast.unparse(handler.type or ast.Name("")) in (
        "ImportError",
        "ModuleNotFoundError",
    )


def test_a_module_without_which_a_program_goes_on_need_not_be_there():
    program = "import numpy\ntry:\n    import nest\nexcept {}:\n    nest = None"
    assert imported([program.format("ImportError")]) == {"numpy"}
    assert imported([program.format("KeyError")]) == {"numpy", "nest"}


@pytest.mark.parametrize("kind", ["folder", "address"])
def test_pyodide_comes_from_a_folder_or_an_address(kind, address, tmp_path):
    made = build_lite.WORK / "pyodide"
    origin = str(made) if kind == "folder" else urljoin(address, "pyodide/")
    build_lite.collect_pyodide(origin, tmp_path / "pyodide")
    assert contents(tmp_path / "pyodide") == contents(made)


def contents(folder):
    lock = json.loads((folder / "pyodide-lock.json").read_text())
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    del files["pyodide-lock.json"]  # whose order may differ
    return lock, files


def test_a_file_that_is_not_pyodides_is_refused(address, tmp_path):
    origin = tmp_path / "origin"
    shutil.copytree(build_lite.WORK / "pyodide", origin)
    (wheel,) = origin.glob("numpy-*.whl")
    wheel.write_bytes(wheel.read_bytes()[:-1])
    with pytest.raises(ValueError, match=r"numpy-.*\.whl is not the file of Pyodide"):
        build_lite.collect_pyodide(str(origin), tmp_path / "pyodide")
