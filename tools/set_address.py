"""Write the repository's address into all places that name it: links in the README and
the notebooks, set-up cells.

Usage: python tools/set_address.py owner/name            (make address REPO=owner/name)
       python tools/set_address.py --if-unset owner/name  where none is written yet
       python tools/set_address.py --check owner/name     says whether that is the
                                                          address; for the CI of a copy

The address stands in pyproject.toml, under [project.urls]; without it no link is shown
anywhere.
"""

import re
import sys
import tomllib
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
BRANCH = "main"
GITHUB = "https://github.com/"
UNSET = (
    "Links to the course's web page, Binder and Colab appear here once the "
    "repository's address is known: by itself after the first push to GitHub, or with "
    "`make address REPO=owner/name`."
)
URLS = re.compile(r'\[project\.urls\]\nHomepage = ".*"\nRepository = ".*"\n\n')
README_LINKS = re.compile(r"(<!-- links -->\n).*?(\n<!-- end of links -->)", re.DOTALL)
NOTEBOOK_LINKS = re.compile(r"(\A# .+\n\n\*\*.+\*\*)(\n\nOpen this notebook in .+)?")
SOURCE = re.compile(r'^source = ".*"$', re.MULTILINE)


def address(root=ROOT):
    """The address in pyproject.toml as owner/name, "" if there is none."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    return project.get("urls", {}).get("Repository", "").removeprefix(GITHUB)


def site(repo):
    """The address of the course's web page, as GitHub gives it out."""
    owner, name = repo.split("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" if name.lower() == host else f"https://{host}/{name}/"


def tab(repo, name):
    """The link that opens a notebook in a browser tab, on the course's web page."""
    return f"{site(repo)}live/lab/index.html?path=notebooks/{name}"


def binder(repo, name):
    """The link that opens a notebook in JupyterLab on Binder."""
    return f"https://mybinder.org/v2/gh/{repo}/{BRANCH}?urlpath=lab%2Ftree%2Fnotebooks%2F{name}"


def colab(repo, name):
    """The link that opens a notebook in Colab."""
    return f"https://colab.research.google.com/github/{repo}/blob/{BRANCH}/notebooks/{name}"


def rewritten(repo, root=ROOT):
    """The text of every file that names the address, with this one: {path: text}."""
    notebooks = sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))
    texts = {path: with_links(path, repo) for path in notebooks}
    project = URLS.sub("", (root / "pyproject.toml").read_text(encoding="utf-8"))
    if repo:
        homepage = f'Homepage = "{site(repo)}"'
        urls = f'[project.urls]\n{homepage}\nRepository = "{GITHUB}{repo}"\n\n'
        project = project.replace(
            "[project.optional-dependencies]", f"{urls}[project.optional-dependencies]"
        )
    texts[root / "pyproject.toml"] = project
    readme = (root / "README.md").read_text(encoding="utf-8")
    links = readme_links(repo, [path.name for path in notebooks]) if repo else UNSET
    texts[root / "README.md"] = README_LINKS.sub(
        lambda match: match[1] + links + match[2], readme
    )
    return texts


def readme_links(repo, names):
    def row(link):
        return " · ".join(f"[{name[:2]}]({link(repo, name)})" for name in names)

    return (
        f"**[Open in your browser, nothing to install]({site(repo)})**, or a single "
        f"notebook in a browser tab: {row(tab)}\n\n"
        "**Binder** (nothing to install; it takes a few minutes to start): "
        f"{row(binder)}\n\n"
        f"**Colab** (nothing to install; needs a Google account): {row(colab)}"
    )


def with_links(path, repo):
    """A notebook's text with links below its question and the helper's source in its
    set-up cell.
    """
    notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    line = elsewhere(repo, path.name) if repo else ""
    source = f"https://raw.githubusercontent.com/{repo}/{BRANCH}" if repo else ""
    for cell in notebook.cells:
        if cell.id == "title":
            cell.source = NOTEBOOK_LINKS.sub(lambda match: match[1] + line, cell.source)
        if cell.id == "setup":
            cell.source = SOURCE.sub(f'source = "{source}"', cell.source)
    return nbformat.writes(notebook, indent=1) + "\n"


def elsewhere(repo, name):
    """The line below a notebook's question that opens it elsewhere."""
    return (
        f"\n\nOpen this notebook in [a browser tab]({tab(repo, name)}), "
        f"[Binder]({binder(repo, name)}) or [Colab]({colab(repo, name)})."
    )


def write(repo, root=ROOT):
    """Write this address everywhere, and return the paths of the files that changed."""
    changed = {
        path: text
        for path, text in rewritten(repo, root).items()
        if path.read_text(encoding="utf-8") != text
    }
    for path, text in changed.items():
        path.write_text(text, encoding="utf-8", newline="\n")
    return list(changed)


def main(arguments, root=ROOT):
    option = arguments[0] if arguments[:1] in (["--check"], ["--if-unset"]) else ""
    repo = (
        arguments[-1].removeprefix(GITHUB).removesuffix("/").removesuffix(".git")
        if arguments
        else ""
    )
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repo):
        raise SystemExit(
            f'The address "{repo}" must be owner/name, as in: '
            "make address REPO=ada/lif-course"
        )
    known = address(root)
    if option == "--check":
        agrees = f"The address in pyproject.toml is {repo}, where this runs."
        differs = (
            f"::warning::The address in pyproject.toml is {known or 'not set'}, "
            f"but this is {repo}."
        )
        print(
            agrees
            if known == repo
            else f"{differs} For links that work: make address REPO={repo}"
        )
        return
    if option == "--if-unset" and known:
        print(f"The address stays {known}.")
        return
    for path in write(repo, root):
        print(f"{path.relative_to(root).as_posix()}: {repo}")


if __name__ == "__main__":
    main(sys.argv[1:])
