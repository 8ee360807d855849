"""Build the course as a JupyterLite site: the notebooks in a browser tab, with a Python
that runs in the browser (Pyodide), without a server and without an installation.

The site lies in build/lite/site. It asks no other machine for anything: what the
notebooks import lies in it. Nothing is done where nothing has changed.

Where Pyodide comes from is one setting, LIF_PYODIDE: a folder, or the address of one,
with Pyodide's release as its makers publish it (pyodide-lock.json and the files that
this names). Without it the files are taken out of a wheel of the package registry. That
is for tests: the wheel is that of another program, with a licence of its own. A site
that is published names the release.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "lite"
SITE = WORK / "site"
# A wheel with Pyodide 314 and its builds of numpy and matplotlib, and where in it.
WHEEL = ("open-webui==0.12.4", "open_webui/frontend/pyodide/")
CORE = (
    "package.json",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "pyodide.js",
    "pyodide.mjs",
    "python_stdlib.zip",
)
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


def build():
    """Build the site where something has changed, and return its folder."""
    origin = os.environ.get("LIF_PYODIDE", "")
    tools = [f"{name} {metadata.version(name)}" for name in (*WIDGETS, *jupyterlite())]
    made_with = digest(origin, *tools, Path(__file__))
    pyodide = WORK / "pyodide"
    if not is_stamped(pyodide, made_with):
        clear(pyodide)
        collect_pyodide(origin, pyodide)
        stamp(pyodide, made_with)
    course = [*ROOT.glob("notebooks/*.ipynb"), *ROOT.glob("lif_*.py")]
    made_of = digest(made_with, *sorted(course))
    if not is_stamped(SITE, made_of):
        clear(SITE)
        write_site(pyodide, course)
        stamp(SITE, made_of)
    return SITE


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
        files = Path(scratch) / "files"
        files.mkdir()
        for path in course:
            shutil.copy(path, files)
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--apps=lab"]
        command += ["--no-sourcemaps", "--no-unused-shared-packages"]
        command += [f"--contents={files}", f"--output-dir={SITE}"]
        result = subprocess.run(command, cwd=project, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"JupyterLite failed:\n{result.stdout}{result.stderr}")


def main():
    print(f"The site lies in {build().relative_to(ROOT)}")


if __name__ == "__main__":
    main()
