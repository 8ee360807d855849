"""The web page of the course: what it shows is what the notebooks hold; its sliders
move, by keyboard, to the pictures and numbers of the live figures.

A small notebook is built in each run; `make test-site` builds the course too. What
needs a browser is skipped where there is none; with LIF_BROWSER=required, as in CI,
that is an error.
"""

import base64
import functools
import gzip
import importlib.util
import io
import json
import os
import re
import shutil
import statistics
import subprocess
import tarfile
import threading
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import PIL.Image
import PIL.ImageFilter
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from jupyterlab_page import chromium, find_chromium

from notebooks import PATHS, ROOT, read, run, the_courses_style

for package in ("latex2mathml", "ziamath"):
    if not importlib.util.find_spec(package):
        pytest.skip(f"{package} is not installed", allow_module_level=True)
import build_site  # noqa: E402

WHOLE = os.environ.get("LIF_SITE") == "whole"
needs_browser = pytest.mark.skipif(
    not find_chromium() and os.environ.get("LIF_BROWSER") != "required",
    reason="no Chromium or Chrome on this machine",
)
COLOR = 9  # by so much may a colour of a page's picture differ
WIDTHS = {"wide": (1366, 768), "phone": (390, 844)}
HOW_TO = (
    "Run the cells in order with Shift+Enter. At **Predict**, decide before you move a "
    "slider. After reopening, run all again (*Run > Run All Cells*). *play* shows slow "
    "motion, *listen* sounds the spikes, and grey is the setting before."
)
COLAB = "https://colab.research.google.com/github/ada/lif/blob/main/09_small.ipynb"
DRAW = """# @title What it draws
import numpy as np
import lif_notebook as nb

nb.use_style()


def draw(ax, a, form, seed):
    t = np.linspace(0, 100, 50)
    noise = np.random.default_rng(seed).normal(0, 0.05, 50)
    y = {"line": t / 100, "parabola": (t / 100) ** 2}[form]
    ax.plot(t, a * y + noise, label="curve")
    if form == "line":
        times = [20.04, 60 + 30 * a]
        ax.vlines(times, 1.5, 1.8, label="spikes", gid="spikes")
    return {"end": (float(a), "mV", ".2f"), "noise": seed}"""
LIVE = """figure, ax = nb.new_axes("time t (ms)", "y (mV)", (0, 100), (-2, 2))
nb.explore(
    draw,
    figure,
    a=nb.slider("a", 0.5, -1, 1, 0.25, "mV"),
    form=nb.choice("", ["line", "parabola"]),
    seed=nb.NewNoise(),
)"""


# ---- the two sites -------------------------------------------------------------------


def small_notebook():
    """A notebook with one thing of each kind that a page shows."""
    picture = io.BytesIO()
    PIL.Image.new("RGB", (40, 20), "#0072B2").save(picture, "png")
    stored = nbformat.v4.new_output(
        "display_data",
        {"image/png": base64.b64encode(picture.getvalue()).decode()},
        metadata={"image/png": {"alt": 'A "blue" field.', "width": 20, "height": 10}},
    )
    said = nbformat.v4.new_output("stream", name="stdout", text="1 < 2\n")
    code = functools.partial(nbformat.v4.new_code_cell, id="x")
    text = nbformat.v4.new_markdown_cell
    folded = {"jupyter": {"source_hidden": True}}
    cells = [
        text("# 9 · A small one\n\n**What is on a page?**", id="title"),
        text(
            f"About 10 minutes. See [itself](09_small.ipynb#formulas), [it]({COLAB}), "
            "[this](program.py).",
            id="about",
        ),
        text(HOW_TO, id="how-to"),
        text("The button *listen* lets you hear.", id="listen"),
        text("## Formulas\n\n*core*\n\n$$\\boxed{\\underbrace{V}_{\\text{a < b}}}$$"),
        text("Inline $\\tau_m$, code `$x$`.\n\n| a | b |\n| --- | --- |\n| 1 | $x$ |"),
        text("A root: $\\sqrt{\\tau_m}$."),
        code("print('1 < 2')", id="print", outputs=[said]),
        code("blue = 1", id="blue", outputs=[stored]),
        text("## A live figure\n\nPredict."),
        code(DRAW, id="draw", metadata=folded),
        code(LIVE, id="live"),
        text("<details><summary>Seen</summary>\n\nA *curve*.\n\n</details>"),
        code("answer_1 = ...", id="exercise-1-answer"),
        code("nb.check('1', lambda: answer_1, 4711)", id="exercise-1-check"),
    ]
    return nbformat.v4.new_notebook(cells=cells)


class Site:
    """A built site: its folder, and the notebooks of which it was made."""

    def __init__(self, folder, notebooks, frames):
        self.folder, self.notebooks, self.frames = folder, notebooks, frames
        self.files = sorted(folder.glob("*.html"))

    def soup(self, path):
        return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")

    def page_of(self, notebook):
        return self.folder / f"{notebook.stem}.html"


@pytest.fixture(scope="module", params=["small", "course"])
def site(request, tmp_path_factory):
    if request.param == "course":
        if not WHOLE:
            pytest.skip("the whole course: run `make test-site`")
        return Site(build_site.build(), PATHS, build_site.FRAMES)
    folder = tmp_path_factory.mktemp("small")
    path = folder / "09_small.ipynb"
    nbformat.write(small_notebook(), path)
    (folder / "program.py").write_text("E_L = -70")
    built = build_site.build([path], folder / "site", folder / "frames")
    return Site(built, [path], folder / "frames")


# ---- what a page holds ---------------------------------------------------------------


def test_all_pages_stand_in_the_contents_and_follow_each_other(site):
    names = ["index.html", *(f"{p.stem}.html" for p in site.notebooks), "glossary.html"]
    assert {path.name for path in site.files} == set(names)
    for k, name in enumerate(names):
        page = site.soup(site.folder / name)
        listed = page.select("nav.contents > details > ol > li > a")
        assert [link["href"] for link in listed] == names
        assert [link["href"] for link in page.select("[aria-current]")] == [name]
        for rel, other in (("prev", k - 1), ("next", k + 1)):
            found = [link["href"] for link in page.select(f"footer [rel={rel}]")]
            assert found == ([names[other]] if 0 <= other < len(names) else [])
        assert len(page.select("h1")) == 1
        assert build_site.version_number() in page.footer.text
    assert "minutes" in page_text(site.soup(site.page_of(site.notebooks[0])))


def test_the_start_page_has_the_notebooks_in_the_parts_of_the_readme(tmp_path):
    map_ = build_site.README_PARTS.search((ROOT / "README.md").read_text("utf-8"))
    parts = list(build_site.map_of_course(map_["map"]))
    assert [row["name"] for _, rows in parts for row in rows] == [p.name for p in PATHS]
    row = "| [0{} A](notebooks/0{}_a.ipynb) | Why? | 60 (75) | 9 | 7 |"
    rows = [row.format(n, n) for n in (1, 2)]
    for text, headings in (
        ("\n".join(rows), [""]),
        (f"**Part I: a**\n\n{rows[0]}\n\n**Part II: b**\n\n{rows[1]}",
         ["Part I: a", "Part II: b"]),
    ):  # fmt: skip
        found = list(build_site.map_of_course(text))
        assert [heading for heading, _ in found] == headings
        assert [row["number"] for _, its in found for row in its] == ["01", "02"]


def page_text(soup):
    """The words of a page, without code and data."""
    for part in soup(["script", "style", "pre", "code"]):
        part.decompose()
    return soup.text


def test_every_link_and_picture_leads_somewhere_beside_the_page(site):
    count = 0
    for path in site.files:
        page = site.soup(path)
        for part in page.select("[href], [src]"):
            target = part.get("href") or part.get("src")
            address = urlsplit(target)
            if address.scheme:  # to papers, or a picture that is no file
                assert part.name in ("a", "link", "audio"), target
                continue
            assert not target.startswith("/"), target
            other = site.folder / unquote(address.path) if address.path else path
            assert other.is_file(), (path.name, target)
            if address.fragment and other.suffix == ".html":
                ids = {each["id"] for each in site.soup(other).select("[id]")}
                assert unquote(address.fragment) in ids, (path.name, target)
            count += 1
    assert count > 20


def test_a_link_to_a_notebook_elsewhere_stays_as_it_is(site):
    for notebook in site.notebooks:
        links = {a["href"] for a in site.soup(site.page_of(notebook)).select("main a")}
        for cell in read(notebook).cells:
            if cell.cell_type == "markdown":
                wanted = re.findall(r"\]\((https?://[^)\s]+\.ipynb)\)", cell.source)
                assert set(wanted) <= links
        assert notebook.stem != "09_small" or COLAB in links


def test_what_a_page_cannot_do_is_not_asked_for(site):
    for notebook in site.notebooks:
        words = " ".join(page_text(site.soup(site.page_of(notebook))).split())
        assert not re.search(r"Shift\+Enter|Run All Cells", words)
        has_play = bool(site.soup(site.page_of(notebook)).select("figure .play"))
        assert has_play or not re.search(r"play shows|button listen", words)
        if notebook.stem == "09_small":
            asked = "At Predict, decide before you move a slider."
            assert f"{asked} play shows slow motion, listen sounds" in words


def test_every_formula_is_shown_and_none_is_left_as_it_was_typed(site):
    for notebook in site.notebooks:
        page = site.soup(site.page_of(notebook))
        texts = [c.source for c in read(notebook).cells if c.cell_type == "markdown"]
        typed = re.sub(r"```.*?```|`[^`\n]*`", "", "\n\n".join(texts), flags=re.DOTALL)
        formulas = re.findall(r"\$\$.+?\$\$|\$[^$\n]+\$", typed, re.DOTALL)
        assert len(page.select("main math")) == len(formulas)
        words = page_text(page)
        assert re.findall(r"\$\S|\\[a-z]{2,}|merror", words) == []


def test_the_font_has_each_sign_of_the_formulas_and_that_of_roots(site):
    with TTFont(site.folder / "formulas.woff") as font:
        known = {chr(code) for code in font.getBestCmap()}
    roots = 0
    for path in site.files:
        for formula in site.soup(path).select("main math"):
            roots += len(formula.select("msqrt, mroot"))
            assert set(formula.text.replace("\u2061", "")) - known <= set(" \n\xa0")
    assert roots
    assert "√" in known


def test_every_picture_has_words(site):
    for path in site.files:
        for picture in site.soup(path).select("img"):
            assert len(picture["alt"].split()) >= 3, picture["src"]
            assert picture["width"]
            assert picture["height"]


def test_stored_pictures_and_printed_texts_are_on_the_page(site):
    for notebook in site.notebooks:
        page = site.soup(site.page_of(notebook))
        shown = {
            (site.folder / each["src"]).read_bytes(): each["alt"]
            for each in page.select("p.picture img")
        }
        stored, pre = {}, [each.text.strip() for each in page.select("pre")]
        live = [each["data-folder"].split("/")[-1] for each in page.select(".live")]
        for cell in read(notebook).cells:
            if cell.cell_type != "code" or cell.id == "progress":
                continue
            if cell.id.endswith("-check"):
                assert cell.source.strip() not in pre
                continue
            assert cell.source.strip() in pre
            for output in cell.outputs:
                if output.output_type == "stream":
                    assert output.text.strip() in pre
                elif "image/png" in output.data and cell.id not in live:
                    data = base64.b64decode(output.data["image/png"])
                    stored[data] = output.metadata["image/png"]["alt"]
        assert shown == stored
        live_cells = [c.id for c in read(notebook).cells if "nb.explore(" in c.source]
        assert live == live_cells


def test_what_is_folded_in_the_notebook_is_folded_on_the_page(site):
    for notebook in site.notebooks:
        page = site.soup(site.page_of(notebook))
        folded = {each.text.strip() for each in page.select("main details pre.code")}
        for cell in read(notebook).cells:
            hidden = cell.metadata.get("jupyter", {}).get("source_hidden", False)
            if cell.cell_type == "code" and not cell.id.endswith("-check"):
                known = cell.id == "progress" or cell.source.strip() in folded
                assert known == hidden or cell.id == "progress", cell.id


# ---- live figures --------------------------------------------------------------------


def figures(site):
    """The live figures of a site: notebook, cell, folder of pictures, and data."""
    for notebook in site.notebooks:
        for element in site.soup(site.page_of(notebook)).select("figure.live"):
            folder = site.folder / element["data-folder"]
            yield notebook, folder.name, folder, json.loads(element.script.text)


def shown_on_the_page(folder, name):
    """What the page shows: a picture that lies on that of the start."""
    picture = PIL.Image.open(folder / "start.webp").convert("RGBA")
    if name:
        picture.alpha_composite(PIL.Image.open(folder / name).convert("RGBA"))
    return np.asarray(picture.convert("RGB"), dtype=int)


def shown_by(explorer):
    explorer.rest()
    picture = PIL.Image.open(io.BytesIO(explorer.image.value)).convert("RGB")
    return np.asarray(picture, dtype=int)


@contextmanager
def moved_to_end(explorer, slider, last):
    """A live figure, one of whose sliders was moved from its start to an end."""
    widget = explorer.sliders[slider]
    explorer.reset.click()
    if hasattr(widget, "options"):
        widget.index = len(widget.options) - 1 if last else 0
    elif hasattr(widget, "base"):
        widget.value = widget.base ** (widget.max if last else widget.min)
    elif hasattr(widget, "step"):
        widget.value = widget.max if last else widget.min
    elif last:
        widget.click()
    yield
    explorer.reset.click()
    plt.close("all")


def test_pictures_and_numbers_are_those_of_the_live_figure(site):
    explorers = {path: run(read(path)).explorers for path in site.notebooks}
    changed = 0
    with the_courses_style():
        for notebook, cell_id, folder, data in figures(site):
            explorer = explorers[notebook][cell_id]
            start = shown_on_the_page(folder, None)
            assert data["line"] == explorer.line
            assert np.abs(start - shown_by(explorer)).max() <= COLOR
            assert data["spikes"] == spikes_of(explorer)
            for about in data["sliders"]:
                assert about["lines"][about["start"]] == explorer.line
                assert about["spikes"][about["start"]] == spikes_of(explorer)
            for k, place, last in ends(data["sliders"]):
                name, about = list(explorer.sliders)[k], data["sliders"][k]
                with moved_to_end(explorer, name, last):
                    where = (cell_id, name, place)
                    assert about["lines"][place] == explorer.line, where
                    assert about["spikes"][place] == spikes_of(explorer), where
                    page = shown_on_the_page(folder, f"{k}-{place}.webp")
                    assert np.abs(page - shown_by(explorer)).max() <= COLOR, where
                    before = BeautifulSoup(explorer.before.value, "html.parser").text
                    assert about["before"] == before
                changed += np.abs(page - start).max() > 50
    assert changed


def spikes_of(explorer):
    """The spikes that stand in a live figure along time, in tenths of a ms."""
    if not explorer.along_time:
        return []
    with explorer.opened() as figure:
        marks = [
            m for ax in figure.axes for m in ax.findobj() if m.get_gid() == "spikes"
        ]
        if not marks:
            return []
        left, _ = marks[0].axes.get_xlim()
        places = [segment[0][0] for segment in marks[0].get_segments()]
    return [round(10 * (place - left)) for place in places]


def test_a_figure_along_time_has_its_film(site):
    explorers = {path: run(read(path)).explorers for path in site.notebooks}
    found = set()
    with the_courses_style():
        for notebook, cell_id, folder, _ in figures(site):
            explorer = explorers[notebook][cell_id]
            page = site.soup(site.page_of(notebook))
            (element,) = page.select(f"figure[data-folder$='/{folder.name}']")
            film = folder / "play.png"
            for button in (".play", ".listen"):
                assert bool(element.select(button)) == explorer.along_time, cell_id
            assert film.exists() == explorer.along_time, cell_id
            found.add(explorer.along_time)
            if not explorer.along_time:
                continue
            with PIL.Image.open(film) as picture:
                assert picture.n_frames > 20
                picture.seek(picture.n_frames - 1)
                last = np.asarray(picture.convert("RGB"), dtype=int)
            start = shown_on_the_page(folder, None)
            assert np.abs(last - start).mean() < 1, cell_id
    assert True in found


def ends(sliders):
    """Both ends of each slider but for its start: its number, position, which end."""
    for k, about in enumerate(sliders):
        is_button = about["words"][0].startswith("noise")
        # A click on the button is one step.
        last = 1 if is_button else len(about["words"]) - 1
        for place in {0, last} - {about["start"]}:
            yield k, place, place == last


def test_a_slider_has_its_start_both_ends_and_no_more_positions_than_wanted(site):
    for _, _, folder, data in figures(site):
        for k, about in enumerate(data["sliders"]):
            places = set(range(len(about["words"])))
            painted = {p.stem for p in folder.glob(f"{k}-*.webp")}
            assert painted == {f"{k}-{place}" for place in places - {about["start"]}}
            assert len(about["lines"]) == len(places) <= 43


def test_figures_are_painted_again_only_where_something_has_changed(tmp_path, site):
    if len(site.notebooks) > 1:
        pytest.skip("once is enough")
    marks = {path: path.stat().st_mtime_ns for path in site.frames.rglob("*.webp")}
    build_site.build(site.notebooks, tmp_path / "site", site.frames)
    assert marks == {path: path.stat().st_mtime_ns for path in marks}
    assert marks


WAIT_AND_FAIL = """import os, time
deadline = time.monotonic() + 60
while not os.path.exists({stamp!r}) and time.monotonic() < deadline:
    time.sleep(0.1)
raise ValueError("no such neuron")"""


def test_what_is_painted_is_kept_when_another_notebook_fails(tmp_path):
    frames = tmp_path / "frames"
    wait_and_fail = WAIT_AND_FAIL.format(stamp=str(frames / "07_good.stamp"))
    paths = [tmp_path / "06_bad.ipynb", tmp_path / "07_good.ipynb"]
    for path, source in zip(paths, (wait_and_fail, "1 + 1"), strict=True):
        cells = [nbformat.v4.new_code_cell(source)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    with pytest.raises(ValueError, match="no such neuron"):
        build_site.paint_all(paths, frames)
    made = {path.name for path in frames.glob("*.stamp")}
    assert made == {"07_good.stamp"}


WITHOUT_NEST = """try:
    import nest
except ImportError:
    nest = None
assert nest is None"""


def test_a_page_does_without_a_simulator_that_not_all_have_and_says_so(tmp_path):
    (tmp_path / "nest.py").touch()
    path = tmp_path / "08_peer.ipynb"
    title = nbformat.v4.new_markdown_cell("# 8 · Peer\n\n**Who?**", id="title")
    code = nbformat.v4.new_code_cell(WITHOUT_NEST, id="nest")
    nbformat.write(nbformat.v4.new_notebook(cells=[title, code]), path)
    built = build_site.build([path], tmp_path / "site", tmp_path / "frames")
    page = (built / "08_peer.html").read_text(encoding="utf-8")
    assert "NEST is not there" in page


def test_each_control_of_a_live_figure_has_a_name(site):
    for notebook in site.notebooks:
        page = site.soup(site.page_of(notebook))
        assert "NEST is not there" not in page.text or "import nest" in page.text
        for control in page.select("[data-slider]"):
            if control.name == "button":
                assert control.text.strip()
            else:
                (label,) = page.select(f"label[for='{control['id']}']")
                value = label.select(".value")
                assert label.text.removesuffix(value[0].text if value else "").strip()


def test_pages_lead_to_the_live_notebook_where_there_is_one(
    tmp_path, site, monkeypatch
):
    if len(site.notebooks) > 1:
        pytest.skip("once is enough")
    (notebook,) = site.notebooks
    monkeypatch.setattr(build_site, "LITE", tmp_path / "nowhere")
    wanted = f"lab/index.html?path=notebooks/{notebook.name}"
    for place, prefix in (("", None), ("../lab", "../lab/"), ("", "live/")):
        monkeypatch.setenv("LIF_LIVE", place)
        if prefix == "live/":
            (tmp_path / "lite" / "lab").mkdir(parents=True)
            (tmp_path / "lite" / "lab" / "index.html").touch()
            monkeypatch.setattr(build_site, "LITE", tmp_path / "lite")
        built = build_site.build([notebook], tmp_path / "site", site.frames)
        page = site.soup(built / f"{notebook.stem}.html")
        links = {a["href"] for a in page.select("a[href*='lab/']")}
        assert links == ({prefix + wanted} if prefix else set())
        assert ("Open live" in page.text) == bool(prefix)
    assert (built / "live" / "lab" / "index.html").exists()


# ---- in a browser --------------------------------------------------------------------


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address(site):
    """The site's address; as on a page of GitHub it is no host's root."""
    handler = functools.partial(Quiet, directory=site.folder.parent)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/{site.folder.name}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser():
    with chromium() as opened:
        yield opened


@contextmanager
def opened(browser, url, size="wide", **options):
    """A page that notes its errors and what it asks for."""
    width, height = WIDTHS[size]
    view = {"width": width, "height": height}
    page = browser.new_page(viewport=view, **options)
    page.problems, page.asked = [], []
    page.on("console", lambda m: m.type == "error" and page.problems.append(m.text))
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(url)
    yield page
    assert page.problems == []
    host = urlsplit(url).netloc
    strangers = {urlsplit(each).netloc for each in page.asked if each[:5] != "data:"}
    assert strangers == {host}
    page.close()


# The time from a move of a slider until its picture is there, to be painted next.
TIME_OF_MOVE = """async ([figure, slider, position]) => {
    const {live} = document.querySelectorAll('figure.live')[figure];
    const control = live.controls[slider];
    await live.load();
    control.value = position;
    const begin = performance.now();
    control.dispatchEvent(new Event('input'));
    const picture = live.picture(slider, position);
    while (!picture.isConnected) await new Promise(done => setTimeout(done));
    return performance.now() - begin;
}"""
SHOWN = """figure => ({
    numbers: figure.querySelector('.numbers').innerText,
    alt: figure.querySelector('.picture img').alt,
    above: figure.querySelector('.picture img + img')?.src.split('/').pop() ?? ''})"""


def wait_until_shown(figure, above):
    """Wait until a figure shows this picture on that of the start."""
    script = """([figure, above]) => {
        const picture = figure.querySelector('.picture img + img');
        return (picture?.src.split('/').pop() ?? '') === above;
    }"""
    figure.page.wait_for_function(script, arg=[figure.element_handle(), above])


@needs_browser
def test_every_slider_moves_by_keyboard(site, address, browser):
    data = {}
    for notebook, cell_id, _, about in figures(site):
        data.setdefault(notebook, []).append((cell_id, about))
    for notebook, its_figures in data.items():
        with opened(browser, f"{address}/{notebook.stem}.html") as page:
            for n, (_, about) in enumerate(its_figures):
                move_all_sliders(page.locator("figure.live").nth(n), about)


def move_all_sliders(figure, about):
    figure.scroll_into_view_if_needed()
    for k, slider in enumerate(about["sliders"]):
        # A key that leads where the slider stands leaves the picture of another one.
        figure.locator(".reset").click()
        control = figure.locator(f"[data-slider='{k}']")
        last, start = len(slider["words"]) - 1, slider["start"]
        control.focus()
        if control.evaluate("control => control.tagName") == "BUTTON":
            moves = [("Enter", 1)]
        elif control.evaluate("control => control.tagName") == "SELECT":
            moves = [("End", last), ("Home", 0)]
        else:
            moves = [("End", last), ("Home", 0), ("ArrowRight", min(1, last))]
        for key, place in moves:
            control.press(key)
            above = "" if place == start else f"{k}-{place}.webp"
            wait_until_shown(figure, above)
            line = slider["lines"][place]
            shown = figure.evaluate(SHOWN)
            assert shown["numbers"] == line, (k, key)
            assert shown["alt"] == f"Live figure. {line}".strip()
            if control.get_attribute("aria-valuetext"):
                words = control.get_attribute("aria-valuetext")
                assert words == slider["words"][place]
                assert words in figure.locator("label").all_inner_texts()[k]
    figure.locator(".reset").click()
    wait_until_shown(figure, "")
    assert figure.evaluate(SHOWN)["numbers"] == about["line"]


# Of what is played, the samples at which a click begins, and whether it was stopped.
LISTEN = """() => {
    window.played = [];
    const start = AudioBufferSourceNode.prototype.start;
    AudioBufferSourceNode.prototype.start = function () {
        const wave = this.buffer.getChannelData(0), begins = [];
        for (let k = 1; k < wave.length; k += 1)
            if (wave[k] > 0 && wave[k - 1] === 0) begins.push(k - 1);
        const played = {begins, rate: this.buffer.sampleRate, stopped: false};
        const stop = this.stop;
        this.stop = () => { played.stopped = true; stop.call(this); };
        window.played.push(played);
        start.call(this);
    };
}"""


@needs_browser
def test_the_spikes_of_a_setting_are_heard_until_the_next_move(site, address, browser):
    heard = set()
    for notebook, cell_id, folder, about in figures(site):
        if not plays(folder):
            continue
        with opened(browser, f"{address}/{notebook.stem}.html") as page:
            page.evaluate(LISTEN)
            figure = page.locator(f"figure[data-folder$='/{cell_id}']")
            heard.add(what_is_heard(figure, about["spikes"]))
            for k, slider in enumerate(about["sliders"]):
                for key, place in (("End", len(slider["words"]) - 1), ("Home", 0)):
                    control = figure.locator(f"[data-slider='{k}']")
                    if control.evaluate("control => control.tagName") == "BUTTON":
                        key, place = "Enter", 1
                    figure.locator(".reset").click()
                    control.press(key)
                    same = place == slider["start"]
                    wait_until_shown(figure, "" if same else f"{k}-{place}.webp")
                    assert page.evaluate("window.played.every(each => each.stopped)")
                    heard.add(what_is_heard(figure, slider["spikes"][place]))
    assert () in heard
    assert len(heard) > 3


def what_is_heard(figure, spikes):
    """Press *listen*, where there is something to be heard; return the spikes."""
    listen = figure.locator(".listen")
    assert listen.is_visible() == bool(spikes)
    if spikes:
        listen.click()
        played = figure.page.evaluate("window.played.at(-1)")
        assert played["rate"] == 8000
        assert not played["stopped"]
        begins = np.array(played["begins"]) / 0.8
        # Clicks last 3 ms; two that lie nearer cannot be told apart.
        apart = np.diff(spikes, prepend=-1000) > 32
        np.testing.assert_allclose(begins, np.array(spikes)[apart], atol=0.7)
    return tuple(spikes)


@needs_browser
def test_a_figure_plays_from_its_start_until_the_next_move(site, address, browser):
    notebook, _, _, data = next(each for each in figures(site) if plays(each[2]))
    with opened(browser, f"{address}/{notebook.stem}.html") as page:
        figure = page.locator("figure.live").filter(has=page.locator(".play")).first
        figure.locator("[data-slider='0']").press("End")
        place = len(data["sliders"][0]["words"]) - 1
        wait_until_shown(figure, f"0-{place}.webp")
        shots = {}
        for count in ("1", "2"):
            figure.locator(".play").click()
            wait_until_shown(figure, f"play.png?{count}")
            assert figure.evaluate(SHOWN)["numbers"] == data["line"]
            picture = figure.locator(".picture")
            shots[count] = picture.screenshot()
            page.wait_for_timeout(700)
            assert picture.screenshot() != shots[count], "it does not move"
        figure.locator("[data-slider='0']").press("End")
        wait_until_shown(figure, f"0-{place}.webp")


def plays(folder):
    return (folder / "play.png").exists()


@needs_browser
def test_a_moved_picture_is_seen_and_nothing_of_the_start_shines_through(
    site, address, browser
):
    notebook, _, folder, data = next(figures(site))
    place = len(data["sliders"][0]["words"]) - 1
    scaled = {}
    with opened(browser, f"{address}/{notebook.stem}.html") as page:
        figure = page.locator("figure.live").first
        figure.scroll_into_view_if_needed()
        page.wait_for_function("() => document.querySelector('.live img').complete")
        for name in ("", f"0-{place}.webp"):
            figure.locator("[data-slider='0']").press("End") if name else None
            wait_until_shown(figure, name)
            shot = figure.locator(".picture").screenshot()
            scaled[name] = PIL.Image.open(io.BytesIO(shot)).convert("RGB")
            wanted = PIL.Image.fromarray(
                shown_on_the_page(folder, name).astype(np.uint8)
            ).resize(scaled[name].size, PIL.Image.Resampling.BOX)
            differs = np.abs(np.subtract(scaled[name], wanted, dtype=int))
            assert differs.mean() < 6, name
            # Paper with nothing near it: there a rest of the start would be seen.
            bare = wanted.convert("L").filter(PIL.ImageFilter.MinFilter(5))
            shown = np.asarray(scaled[name].convert("L"))[np.asarray(bare) >= 254]
            assert shown.size > 10_000
            assert shown.min() >= 250, name
    assert np.abs(np.subtract(*scaled.values(), dtype=int)).max() > 100


@needs_browser
def test_a_move_shows_within_30_ms(site, address, browser):
    notebook, _, _, data = next(figures(site))
    places = set(range(len(data["sliders"][0]["words"])))
    places -= {data["sliders"][0]["start"]}
    with opened(browser, f"{address}/{notebook.stem}.html") as page:
        page.locator("figure.live").first.scroll_into_view_if_needed()
        times = [page.evaluate(TIME_OF_MOVE, [0, 0, place]) for place in places]
    quick = statistics.quantiles(times, n=4)[0]  # the rest may wait for other programs
    assert quick < 30, times


@needs_browser
def test_the_first_figure_moves_before_a_megabyte_is_there(site, address, browser):
    for notebook in site.notebooks:
        if not site.soup(site.page_of(notebook)).select("figure.live"):
            continue
        with opened(browser, f"{address}/{notebook.stem}.html") as page:
            figure = page.locator("figure.live").first
            figure.scroll_into_view_if_needed()
            page.wait_for_load_state("networkidle")  # more than a hand waits for
            control = figure.locator("[data-slider]").first
            control.press(
                "Enter" if control.get_attribute("type") == "button" else "End"
            )
            figure.locator(".picture img + img").wait_for()
            files = {unquote(urlsplit(url).path) for url in page.asked}
            paths = [site.folder.parent / name.lstrip("/") for name in files if name]
            sizes = {path.name: compressed(path) for path in paths if path.is_file()}
        assert "start.webp" in sizes
        assert sum(sizes.values()) < 1e6, (notebook.name, sizes)


def compressed(path):
    """The bytes of a file on its way: servers compress what is text."""
    content = path.read_bytes()
    is_text = path.suffix in (".html", ".css", ".js")
    return len(gzip.compress(content) if is_text else content)


@needs_browser
@pytest.mark.parametrize("size", WIDTHS)
def test_no_page_scrolls_sideways(site, address, browser, size):
    for path in site.files:
        with opened(browser, f"{address}/{path.name}", size) as page:
            page.evaluate(
                "() => document.querySelectorAll('details').forEach(d => d.open = true)"
            )
            page.mouse.wheel(400, 0)
            width = page.evaluate("() => document.documentElement.scrollWidth")
            assert width <= WIDTHS[size][0], path.name
            # Nor is anything cut off.
            cut = page.evaluate(
                """() => [...document.querySelectorAll('main *')]
                .filter(each => each.getBoundingClientRect().right > innerWidth + 1)
                .filter(each => !each.closest('pre, .wide'))
                .map(each => each.outerHTML.slice(0, 80))"""
            )
            assert cut == [], path.name


@needs_browser
def test_search_finds_sections_and_leads_to_them(site, address, browser):
    known = (site.folder / "search.js").read_text(encoding="utf-8")
    entries = json.loads(known.removeprefix("foundIn(").removesuffix(")"))
    text = " ".join(entry[-1] for entry in entries)
    with opened(browser, f"{address}/index.html") as page:
        assert not any("search.js" in url for url in page.asked)
        page.locator("#search").fill("action potential")
        page.locator(".found a").first.wait_for()
        words = page.locator(".search [role=status]").inner_text()
        assert re.fullmatch(r"\d+ found", words)
        first = page.locator(".found a").first.get_attribute("href")
        page.locator("#search").press("Enter")
        page.wait_for_url(f"**/{first}")
        page.locator("#search").fill("xyzzy")
        page.get_by_text("0 found").wait_for()
        page.locator("#search").fill("rheobase")
        page.get_by_text("Glossary: rheobase").wait_for()
        first = page.locator(".found li").first
        assert first.locator("a").get_attribute("href") == "glossary.html#rheobase"
        for found in page.locator(".found li").all_inner_texts():
            assert "rheobase" in found.lower()
            around = found.splitlines()[-1].removeprefix("… ").removesuffix(" …")
            assert f" {around} " in f" {text} "  # whole words


@needs_browser
def test_the_pages_work_without_a_server(site, browser):
    notebook, *_ = next(figures(site))
    with opened(browser, site.page_of(notebook).as_uri()) as page:
        figure = page.locator("figure.live").first
        figure.scroll_into_view_if_needed()
        figure.locator("[data-slider]").first.press("End")
        figure.locator(".picture img + img").wait_for()
        page.locator("#search").fill("figure")
        page.locator(".found a").first.wait_for()


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """The source of axe-core, which tests whether everybody can use a page."""
    if not WHOLE:
        pytest.skip("it needs a registry: run `make test-site`")
    folder, npm = tmp_path_factory.mktemp("axe"), shutil.which("npm")
    if not npm:
        pytest.skip("npm is not on this machine, with which axe-core comes")
    command = [npm, "pack", "axe-core@4", "--silent"]
    packed = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if packed.returncode:
        pytest.skip(f"axe-core cannot be had: {packed.stderr[:200]}")
    with tarfile.open(folder / packed.stdout.split()[-1]) as files:
        return files.extractfile("package/axe.min.js").read().decode()


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(site, address, browser, axe, scheme):
    for path in site.files:
        url = f"{address}/{path.name}"
        with opened(browser, url, color_scheme=scheme) as page:
            page.evaluate(
                "() => document.querySelectorAll('details').forEach(d => d.open = true)"
            )
            page.evaluate(axe)
            found = page.evaluate("() => axe.run()")["violations"]
        serious = [
            (each["id"], each["nodes"][0]["html"][:200], len(each["nodes"]))
            for each in found
            if each["impact"] in ("serious", "critical")
        ]
        assert serious == [], path.name
