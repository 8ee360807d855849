"""Build the course as a JupyterLite site: the notebooks in a browser tab, with a Python
that runs in the browser (Pyodide), without a server and without an installation.

The site lies in build/lite/site. Its start page says what the README says; its folder
"notebooks" holds the notebooks, and the modules lie above it, as in the repository. It
asks no other machine for anything: what the notebooks import lies in it. Nothing is
done where nothing has changed.

Where Pyodide comes from is one setting, LIF_PYODIDE (make lite PYODIDE=...): a folder,
or the address of one, with Pyodide's release as its makers publish it
(pyodide-lock.json and the files that this names). The word "release" stands for the
address of the one that JupyterLite's kernel goes with. Without it the files are taken
out of a wheel of the package registry. That is for tests: the wheel is that of another
program, with a licence of its own. A site that is published names the release.
"""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import urllib.request
import zipfile
from datetime import date
from importlib import metadata
from pathlib import Path

import jinja2
import mistune
import nbformat
from packaging.utils import canonicalize_name, parse_wheel_filename
from set_address import NOTEBOOK_LINKS

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "lite"
SITE = WORK / "site"
START = Path(__file__).with_name("start_page.html")
# A wheel with Pyodide 314 and its builds of numpy and matplotlib, and where in it.
WHEEL = ("open-webui==0.12.4", "open_webui/frontend/pyodide/")
CORE = ("pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide.mjs", "python_stdlib.zip")
# What the kernel and the course's modules import, of Pyodide's own packages …
PACKAGES = ("ipython", "jedi", "matplotlib", "micropip", "numpy")
# … and what Pyodide lacks, with what each needs. The versions are those of this
# environment, from which the site takes the other half of the widgets.
WIDGETS = {
    "comm": ["traitlets"],
    "ipywidgets": ["comm", "ipython", "jupyterlab-widgets", "traitlets"],
    "jupyterlab-widgets": [],
}
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
CONFIG = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "exposeAppInBrowser": True,  # the tests drive the site by it
        "litePluginSettings": {
            KERNEL: {
                "pyodideUrl": "./static/pyodide/pyodide.mjs",
                "loadPyodideOptions": {
                    "lockFileURL": "./static/pyodide/pyodide-lock.json",
                    # Loaded with the kernel, so that no notebook has to ask for them.
                    "packages": ["ipywidgets", "matplotlib"],
                },
            }
        },
    },
}
# The list of files shows the folder of the notebook that is open.
SETTINGS = {
    "@jupyterlab/filebrowser-extension:browser": {"navigateToCurrentDirectory": True}
}
VERSION = (
    "*Version {}. Your browser keeps your copy of this notebook: to get a newer one "
    "and lose nothing, rename yours in the list of files at the left, and open the one "
    "that then stands there under the old name.*"
)


def build():
    """Build the site where something has changed, and return its folder."""
    origin = os.environ.get("LIF_PYODIDE", "")
    if origin == "release":
        origin = release()
    tools = [f"{name} {metadata.version(name)}" for name in (*WIDGETS, *jupyterlite())]
    made_with = digest(origin, *tools, Path(__file__))
    pyodide = WORK / "pyodide"
    if not is_stamped(pyodide, made_with):
        fresh = WORK / "pyodide-fresh"  # the old one may be where it comes from
        clear(fresh)
        collect_pyodide(origin, fresh)
        clear(pyodide)
        fresh.rename(pyodide)
        stamp(pyodide, made_with)
    beside = [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("notebooks/*.py")]
    course = sorted([*beside, *ROOT.glob("lif_*.py")])
    made_of = digest(made_with, version(), START, ROOT / "README.md", *course)
    if not is_stamped(SITE, made_of):
        clear(SITE)
        write_site(pyodide, course)
        stamp(SITE, made_of)
    return SITE


def release():
    """The address of the release of Pyodide that JupyterLite's kernel goes with."""
    from jupyterlite_pyodide_kernel.constants import PYODIDE_CDN_URL

    return PYODIDE_CDN_URL


def version_number():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["version"]


def version():
    """The course's version, with day and name of its last commit where there is git."""
    number = version_number()
    # Other commits do not change what a student sees.
    command = ["git", "log", "-1", "--format=%cs %h", "--", "notebooks", "lif_*.py"]
    try:
        git = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        day, name = git.stdout.split()
    except (OSError, ValueError):
        return number
    day = date.fromisoformat(day)
    return f"{number} of {day.day} {day:%B %Y} ({name})"


def jupyterlite():
    """The names of JupyterLite's installed packages."""
    return ("jupyterlite-core", "jupyterlite-pyodide-kernel")


# ---- what need not be made again -----------------------------------------------------


def digest(*parts):
    """One number for texts and the contents of files."""
    total = hashlib.sha256()
    for part in parts:
        name, content = str(part).encode(), b""
        if isinstance(part, Path):
            name, content = part.name.encode(), part.read_bytes()
        total.update(b"%d %d " % (len(name), len(content)) + name + content)
    return total.hexdigest()


def stamp_of(folder):
    return folder.with_name(f"{folder.name}.stamp")


def is_stamped(folder, made_from):
    path = stamp_of(folder)
    return folder.exists() and path.exists() and path.read_text() == made_from


def clear(folder):
    """Remove a folder and what it was made from, so that one half done is not kept."""
    stamp_of(folder).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def stamp(folder, made_from):
    """Note what a finished folder was made from."""
    stamp_of(folder).write_text(made_from)


# ---- Pyodide -------------------------------------------------------------------------


def collect_pyodide(origin, folder):
    """Fill a folder with Pyodide and the packages that the course needs.

    Raises OSError where a file cannot be had, and ValueError where it is not the one
    that Pyodide's makers name.
    """
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        if not origin:
            origin = unpack_wheel(Path(scratch))
        for name in CORE:
            (folder / name).write_bytes(read(origin, name))
        lock = json.loads(read(origin, "pyodide-lock.json"))
        lock["packages"] = needed(lock["packages"])
        missing = []
        for package in lock["packages"].values():
            try:
                content = read(origin, package["file_name"])
            except OSError:
                missing.append(f"{package['name']}=={package['version']}")
                continue
            if hashlib.sha256(content).hexdigest() != package["sha256"]:
                raise ValueError(f"{package['file_name']} is not the file of Pyodide")
            (folder / package["file_name"]).write_bytes(content)
        missing += [f"{name}=={metadata.version(name)}" for name in WIDGETS]
        download(folder, *missing, "--python-version=3.14")
        add_wheels(folder, lock["packages"])
    (folder / "pyodide-lock.json").write_text(json.dumps(lock))


def read(origin, name):
    """The content of a file in a folder or at an address."""
    if "://" not in str(origin):
        return (Path(origin) / name).read_bytes()
    with urllib.request.urlopen(f"{origin.rstrip('/')}/{name}", timeout=60) as page:
        return page.read()


def unpack_wheel(scratch):
    """Fetch the wheel that holds a Pyodide, and return the folder of its files."""
    requirement, inside = WHEEL
    download(scratch, requirement, "--python-version=3.11")
    (path,) = scratch.glob("*.whl")
    with zipfile.ZipFile(path) as wheel:
        names = [name for name in wheel.namelist() if name.startswith(inside)]
        wheel.extractall(scratch, names)
    return scratch / inside


def download(folder, *options):
    """Fetch wheels that run everywhere, without what they depend on."""
    command = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps"]
    command += ["--disable-pip-version-check", "--only-binary=:all:"]
    command += ["--platform=any", f"--dest={folder}"]
    subprocess.run([*command, *options], check=True)


def needed(packages):
    """Of Pyodide's packages those that the course needs, and what they depend on."""
    found, pending = {}, list(PACKAGES)
    while pending:
        name = canonicalize_name(pending.pop())
        if name not in found:
            found[name] = packages[name]
            pending += packages[name]["depends"]
    return found


def add_wheels(folder, packages):
    """Enter the wheels of a folder into Pyodide's list of packages."""
    for path in folder.glob("*.whl"):
        name, version, *_ = parse_wheel_filename(path.name)
        about = {
            "name": name,
            "version": str(version),
            "install_dir": "site",
            "package_type": "package",
            "imports": [name.replace("-", "_")],
            "depends": WIDGETS.get(name, []),
            "unvendored_tests": False,
        }
        package = packages.setdefault(name, about)
        package["file_name"] = path.name
        package["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        # Pyodide finds a package by its normalised name alone, and without one that
        # another depends on the kernel would end without a word.
        package["depends"] = [canonicalize_name(each) for each in package["depends"]]


# ---- the site ------------------------------------------------------------------------


def write_site(pyodide, course):
    """Put the course beside JupyterLite and Pyodide; all its files lie in one folder.

    Raises RuntimeError with the words of JupyterLite where it cannot build the site.
    """
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch) / "project"
        (project / "static").mkdir(parents=True)
        (project / "jupyter-lite.json").write_text(json.dumps(CONFIG))
        shutil.copytree(pyodide, project / "static" / "pyodide")
        (project / "overrides.json").write_text(json.dumps(SETTINGS))
        files = Path(scratch) / "files"
        write_course(files, course, version())
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--apps=lab"]
        command += ["--no-sourcemaps", "--no-unused-shared-packages"]
        command += [f"--contents={files}", f"--output-dir={SITE}"]
        result = subprocess.run(command, cwd=project, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"JupyterLite failed:\n{result.stdout}{result.stderr}")
    write_start_page(SITE, version())


def write_course(folder, course, version):
    """Put the course's files into a folder as they lie in the repository, with the
    version in the title cell of each notebook.
    """
    (folder / "notebooks").mkdir(parents=True, exist_ok=True)
    for path in course:
        if path.suffix == ".ipynb":
            text = with_version(path, version)
            (folder / "notebooks" / path.name).write_text(text, encoding="utf-8")
        else:
            shutil.copy(path, folder / path.relative_to(ROOT))


def with_version(path, version):
    """A notebook's text that says, below its question, which version it is of; there
    stand elsewhere the links that open it in a browser.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.id == "title":
            cell.source = NOTEBOOK_LINKS.sub(
                lambda match: f"{match[1]}\n\n{VERSION.format(version)}", cell.source
            )
    return nbformat.writes(notebook) + "\n"


# ---- the start page ------------------------------------------------------------------

README_PARTS = re.compile(
    r"\A# (?P<title>.+)\n\n(?P<about>.+?)\n\n!.+?"
    r"^\| --- .+?\n(?P<table>.+?)\n\n(?P<begin>.+?)\n\n",
    re.DOTALL | re.MULTILINE,
)
README_ROW = re.compile(
    r"^\| \[(?P<number>\d\d) (?P<title>.+?)\]\(notebooks/(?P<name>.+?)\)"
    r" \| (?P<question>.+?) \| (?P<minutes>.+?) \| (?P<exercises>\d+)"
    r" \| (?P<figures>\d+) \|$",
    re.MULTILINE,
)


def write_start_page(site, version):
    """Write the site's first page: the words and the table of the README, and the
    moving picture with which notebook 01 begins.
    """
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    parts = README_PARTS.search(readme).groupdict()
    (first,) = ROOT.glob("notebooks/01_*.ipynb")
    png, alt = moving_picture(first)
    (site / "start.png").write_bytes(png)
    templates = jinja2.Environment(autoescape=True, trim_blocks=True)
    page = templates.from_string(START.read_text(encoding="utf-8")).render(
        title=parts["title"],
        about=mistune.html(parts["about"]),
        begin=mistune.html(parts["begin"]),
        rows=[row.groupdict() for row in README_ROW.finditer(parts["table"])],
        alt=alt,
        version=version,
    )
    (site / "index.html").write_text(page, encoding="utf-8")


def moving_picture(path):
    """The first picture in a notebook's outputs, and what it shows, in words."""
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                png = base64.b64decode(output["data"]["image/png"])
                return png, output["metadata"]["image/png"]["alt"]
    raise ValueError(f"{path.name} has no picture")


def main():
    print(f"The site lies in {build().relative_to(ROOT)}")


if __name__ == "__main__":
    main()
