"""Build a web page of the course, whose sliders move without Python: one page for each
notebook, a start page, a glossary, search. It lies in build/site.

The pages show what the notebooks hold, and for each live figure pictures that are
painted here, of one slider at a time. All links are relative, so the site works in any
folder, and without a server.

Where JupyterLite's site was built before (`make lite`), it is put beside the pages, and
they link to it. LIF_LIVE names another place of it, relative to the pages, or an
address. LIF_FRAMES is the number of positions of a slider, if fewer are wanted.
"""

import base64
import html
import importlib.util
import json
import os
import re
import shutil
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

import fontTools.subset
import jinja2
import nbformat
from build_lite import (
    README_PARTS,
    clear,
    digest,
    is_stamped,
    map_of_course,
    stamp,
    version_number,
)
from build_lite import SITE as LITE
from latex2mathml.converter import convert
from live_frames import MOST, PEERS, paint
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "build" / "site"
FRAMES = ROOT / "build" / "frames"
PARTS = Path(__file__).parent / "site"
TEMPLATES = jinja2.Environment(loader=jinja2.FileSystemLoader(PARTS), autoescape=False)
# Of a notebook what a page cannot do: the row of solved exercises.
LEFT_OUT = {"progress-text", "progress"}
# Letters from … to …, and where Unicode has the first of them in italics.
ITALIC = [("A", "Z", 0x1D434), ("a", "z", 0x1D44E), ("Α", "Ω", 0x1D6E2)]
ITALIC += [("α", "ω", 0x1D6FC)]
WITHOUT = (
    "This page shows what {peer} found where the notebook was run. In a browser tab "
    "{peer} is not there. Live figures do without it."
)
# What a page's script knows of a slider.
MOVES = ("start", "words", "lines", "spikes", "before")
NOT_CHECKED = "The notebook checks your answer"


def build(notebooks=None, site=SITE, frames=FRAMES):
    """Build the site, and return its folder."""
    paths = notebooks or sorted(ROOT.glob("notebooks/[0-9][0-9]_*.ipynb"))
    paint_all(paths, frames)
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    live = place_of_lite(site)
    books = [Book(path, site, frames / path.stem, live) for path in paths]
    start = start_page(books, live)
    pages = [start, *books, Glossary()]
    for k, page in enumerate(pages):
        around = {"before": pages[k - 1] if k else None}
        around["after"] = pages[k + 1] if k + 1 < len(pages) else None
        about = {"course": start.title, "version": version_number()}
        text = TEMPLATES.get_template("page.html").render(
            page=page, pages=pages, **about, **around
        )
        (site / page.file).write_text(text, encoding="utf-8")
    entries = [entry for page in pages for entry in page.entries()]
    index = json.dumps(entries, ensure_ascii=False)
    # A page that was opened from a file may load a script, and nothing else.
    (site / "search.js").write_text(f"foundIn({index})", encoding="utf-8")
    beside = {program for path in paths for program in path.parent.glob("*.py")}
    for path in (PARTS / "style.css", PARTS / "site.js", *beside):
        shutil.copy(path, site)
    formulas = re.findall("<math.*?</math>", "".join(page.html for page in pages))
    # The sign of a root is no letter of its formula.
    write_font(site / "formulas.woff", {"√", *plain("".join(formulas))})
    return site


def paint_all(paths, folder):
    """Paint the live figures of notebooks, where something has changed."""
    tools = [Path(__file__).with_name("live_frames.py"), *sorted(ROOT.glob("lif_*.py"))]
    waiting = {}
    for path in paths:
        made_of = digest(MOST, path, *tools)
        if not is_stamped(folder / path.stem, made_of):
            clear(folder / path.stem)
            waiting[path] = made_of
    # A process for each notebook, so that none sees what another one did.
    with ProcessPoolExecutor(max_tasks_per_child=1) as pool:
        tasks = {pool.submit(paint, path, folder / path.stem): path for path in waiting}
        for task in as_completed(tasks):
            path, _ = tasks[task], task.result()
            stamp(folder / path.stem, waiting[path])


def place_of_lite(site):
    """Where the pages find JupyterLite's site; "" where there is none."""
    place = os.environ.get("LIF_LIVE", "")
    if not place and LITE.exists():
        shutil.copytree(LITE, site / "live")
        place = "live/"
    return place and f"{place.rstrip('/')}/"


# ---- texts ---------------------------------------------------------------------------


class Renderer(IPythonRenderer):
    """Markdown as HTML, with its formulas as MathML, which browsers show by
    themselves; notes the headings that it meets.
    """

    def __init__(self):
        super().__init__(escape=False)
        self.sections = []

    def heading(self, text, level, **attrs):
        if level == 1:
            return f"<h1>{text}</h1>\n"
        anchor = anchor_of(text)
        if level == 2:
            self.sections.append({"anchor": anchor, "title": text})
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def block_code(self, code, info=None):
        return code_block(code) if info else text_block(code)

    def inline_math(self, body):
        return formula(body, "inline")

    def block_math(self, body):
        return f'<div class="formula wide" tabindex="0">{formula(body, "block")}</div>'

    def link(self, text, url, title=None):
        if not urlsplit(url).scheme:  # a notebook elsewhere stays one
            url = url.replace(".ipynb", ".html")
        return super().link(text, url, title)

    def html_of(self, source):
        text = MarkdownWithMath(self).render(source)
        text = text.replace("<table>", '<div class="wide" tabindex="0"><table>')
        text = text.replace("</table>", "</table></div>")
        return re.sub(
            r"<p><em>(core|deeper)</em></p>", r'<p class="\1 mark">\1</p>', text
        )


def anchor_of(heading):
    return re.sub(r"\W+", "-", plain(heading).lower()).strip("-")


def formula(latex, display):
    """A formula as MathML, with the spaces of TeX round its functions and strokes."""
    text = convert(latex, display=display)
    text = text.replace("<mo>&#x0002F;</mo>", '<mo lspace="0" rspace="0">/</mo>')
    thin = '<mspace width="0.17em"/>'
    return re.sub(r"<mi>(ln|arctan)</mi>(?!<mo[^>]*>&#x00028;)", rf"\g<0>{thin}", text)


def code_block(code):
    colored = highlight(code, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip()
    return f'<pre class="code" tabindex="0"><code>{colored}</code></pre>\n'


def text_block(text):
    return f'<pre tabindex="0">{html.escape(text.rstrip(), quote=False)}</pre>\n'


def plain(text):
    """The words of HTML."""
    text = re.sub(r"</?(?:a|code|em|span|strong)\b[^>]*>", "", text)  # within a word
    return " ".join(html.unescape(re.sub(r"</?[a-z][^>]*>", " ", text)).split())


# ---- pages ---------------------------------------------------------------------------


class Page:
    """A page: its file, title, name in the contents, question, HTML and sections."""

    def __init__(self, file, title, question="", name=""):
        self.file, self.title, self.question = file, title, question
        self.name = name or title
        self.html, self.sections = "", []

    def entries(self):
        """What the search knows: [page, anchor, heading, words] for each section."""
        no_words = r"<(script|math|pre)\b.*?</\1>"
        text = re.sub(no_words, " ", self.html, flags=re.DOTALL)
        parts = re.split(r'<h2 id="([^"]+)">(.*?)</h2>', text)
        entries = [[self.file, "", self.name, plain(parts[0])]]
        for anchor, title, words in zip(*[iter(parts[1:])] * 3, strict=True):
            heading = f"{self.name}: {plain(title)}"
            entries.append([self.file, anchor, heading, plain(words)])
        return entries


def start_page(books, live):
    """The start page: what the README says first, and the map of the course."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    title, intro = re.match(r"# (.+)\n\n((?:.+\n)+)", readme).groups()
    rows = map_of_course(README_PARTS.search(readme)["map"])
    part_of = {row["name"]: heading for heading, rows in rows for row in rows}
    parts = groupby(books, lambda book: part_of.get(book.notebook, ""))
    page = Page("index.html", title, plain(Renderer().html_of(intro)), "Start")
    page.html = TEMPLATES.get_template("start.html").render(
        parts=[(heading, list(its)) for heading, its in parts],
        live=live,
        course=title,
        intro=Renderer().html_of(intro),
    )
    return page


class Glossary(Page):
    """The page of the words, each of which the search knows."""

    def __init__(self):
        super().__init__("glossary.html", "Glossary", "The words of the course")
        text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
        self.html = re.sub(
            r"<li>(<strong>(.+?)</strong>)",
            lambda word: f'<li id="{anchor_of(word[2])}">{word[1]}',
            Renderer().html_of(text),
        )

    def entries(self):
        found = re.findall(
            r'<li id="(.+?)"><strong>(.+?)</strong>(.+?)</li>', self.html
        )
        return [
            [self.file, anchor, f"Glossary: {plain(word)}", plain(said).lstrip(": ")]
            for anchor, word, said in found
        ]


class Book(Page):
    """The page of a notebook."""

    def __init__(self, path, site, frames, live):
        cells = nbformat.read(path, as_version=4).cells
        title = re.search(r"^# (.+)$", cells[0].source, re.MULTILINE).group(1)
        question = re.search(r"^\*\*(.+)\*\*$", cells[0].source, re.MULTILINE)
        number, _, words = title.partition(" · ")
        name = f"{path.name[:2]} {words or number}"
        super().__init__(f"{path.stem}.html", title, question.group(1), name)
        self.notebook = path.name
        said = "\n".join(cell.source for cell in cells)
        times = re.search(r"bout (\d+) minutes(?:; (\d+) with)?", said)
        self.minutes, self.whole = times.groups() if times else (None, None)
        ids = [cell.id for cell in cells]
        self.exercises = sum(bool(re.fullmatch(r"exercise-\d+", id)) for id in ids)
        self.site, self.live = site, live
        self.pictures = Path("pictures") / path.stem
        shutil.copytree(frames, site / self.pictures)
        about = site / self.pictures / "figures.json"
        self.live_figures = json.loads(about.read_text(encoding="utf-8"))
        about.unlink()
        self.figures = sum(map(len, self.live_figures.values()))
        renderer = Renderer()
        self.html = "\n".join(
            renderer.html_of(self.text_of(cell))
            if cell.cell_type == "markdown"
            else self.code_cell(cell)
            for cell in cells
            if cell.id not in LEFT_OUT
        )
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        top = self.facts() + "".join(
            f'<p class="facts">{WITHOUT.format(peer=peer)}</p>'
            for module, peer in PEERS.items()
            if re.search(rf"^\s*import {module}\b", code, re.MULTILINE)
        )
        self.html = self.html.replace("</h1>", f"</h1>\n{top}", 1)
        self.sections = renderer.sections

    def live_link(self):
        return self.live and f"{self.live}lab/index.html?path=notebooks/{self.notebook}"

    def facts(self):
        """The line below the title."""
        facts = [f"version {version_number()}"]
        if self.minutes:
            whole = f" ({self.whole} with what is marked deeper)" if self.whole else ""
            facts.insert(0, f"about {self.minutes} minutes{whole}")
        if self.live:
            facts.append(f'<a href="{self.live_link()}">open live</a>')
        return f'<p class="facts">{" · ".join(facts)}</p>'

    def text_of(self, cell):
        """A cell's text; how to use a notebook is not how to use a page."""
        if cell.id != "how-to":
            return cell.source
        predict = re.search(r"[^.\n]*\*\*Predict\*\*[^.]*\.", cell.source)
        play = re.search(r"[^.\n]*\*play\*[^.]*\.", cell.source)
        grey = "Grey is the setting before." if self.figures else ""
        return f"{predict[0].strip() if predict else ''} {play[0] if play else grey}"

    def code_cell(self, cell):
        """A cell's code, in a fold where the notebook folds it, and what it shows."""
        if cell.id.endswith("-check"):
            return self.where_checked()
        code = code_block(cell.source)
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            title = re.match(r"# @title (.+)\n", cell.source)
            words = html.escape(f"Code: {title.group(1)}" if title else "Code")
            code = f"<details><summary>{words}</summary>\n{code}</details>"
        if cell.id in self.live_figures:
            figures = self.live_figures[cell.id]
            return "".join(self.live_figure(cell.id, each) for each in figures) + code
        shown = [self.output(cell.id, k, each) for k, each in enumerate(cell.outputs)]
        return "\n".join([code, *shown])

    def where_checked(self):
        if not self.live:
            return f'<p class="check">{NOT_CHECKED}.</p>'
        link = f'<a href="{self.live_link()}">open it live</a>'
        return f'<p class="check">{NOT_CHECKED}: {link}.</p>'

    def output(self, cell_id, k, output):
        data = output.get("data", {})
        if "image/png" in data:
            name = self.pictures / f"{cell_id}-{k}.png"
            (self.site / name).write_bytes(base64.b64decode(data["image/png"]))
            about = output.metadata["image/png"]
            words = html.escape(about["alt"])
            size = f'width="{about["width"]}" height="{about["height"]}"'
            source = f'src="{name.as_posix()}" alt="{words}" {size} loading="lazy"'
            return f'<p class="picture"><img {source}></p>'
        if "text/html" in data:
            return f'<div class="wide" tabindex="0">{data["text/html"]}</div>'
        return text_block(output.get("text") or data.get("text/plain", ""))

    def live_figure(self, cell_id, figure):
        sliders = figure["sliders"]
        data = {
            "line": figure["line"],
            "spikes": figure["spikes"],
            "sliders": [{key: each[key] for key in MOVES} for each in sliders],
        }
        return TEMPLATES.get_template("live.html").render(
            figure=figure | {"id": figure["folder"]},
            folder=(self.pictures / figure["folder"]).as_posix(),
            live=self.live_link(),
            # Within a script only this sign would end it.
            data=json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
        )


# ---- the font of the formulas --------------------------------------------------------


def write_font(path, letters):
    """Write the part of a font with which formulas are set that has these letters, and
    what grows from them: braces, roots.

    Many machines have no such font. This one, STIX Two Math, comes with ziamath; its
    licence (SIL Open Font License) stands in it.
    """
    (place,) = importlib.util.find_spec("ziamath").submodule_search_locations
    source = Path(place) / "fonts" / "STIXTwoMath-Regular.ttf"
    options = fontTools.subset.Options(flavor="woff", name_IDs=["*"])
    subsetter = fontTools.subset.Subsetter(options)
    slanted = {italic(letter) for letter in letters}
    subsetter.populate(text="".join(letters | slanted))
    with fontTools.subset.load_font(source, options) as font:
        subsetter.subset(font)
        fontTools.subset.save_font(font, path, options)


def italic(letter):
    """The letter that a browser shows for a letter of a formula."""
    if letter == "h":
        return "\N{PLANCK CONSTANT}"
    for first, last, shown in ITALIC:
        if first <= letter <= last:
            return chr(shown + ord(letter) - ord(first))
    return letter


def main():
    site = build()
    size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
    print(f"The site lies in {site.relative_to(ROOT)}: {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
