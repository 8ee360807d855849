"""JupyterLab in a real browser: a server of its own on this machine, and a page with
a notebook that has run.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = (
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_RUNTIME_DIR",
    "JUPYTERLAB_SETTINGS_DIR",
    "JUPYTERLAB_WORKSPACES_DIR",
    "IPYTHONDIR",
)
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LIVE = ".jp-OutputArea-output:has(img.widget-image)"  # the output of a live figure
# JupyterLab's toolbar shows an idle kernel before it is connected; cells run then would
# be lost.
RUN_ALL = """async () => {
    const app = window.jupyterapp;
    await app.restored;
    const context = app.shell.currentWidget.sessionContext;
    await context.ready;
    const kernel = context.session.kernel;
    await kernel.info;
    const deadline = Date.now() + 60000;
    while (kernel.connectionStatus !== 'connected' || kernel.status !== 'idle')
        if (Date.now() > deadline) throw Error('the kernel does not become ready');
        else await new Promise(resolve => setTimeout(resolve, 50));
    await app.commands.execute('notebook:run-all-cells');
}"""
CELLS = """() => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells
    .filter(cell => cell.cell_type === 'code')
    .map(cell => ({
        id: cell.id, count: cell.execution_count,
        errors: cell.outputs.filter(output => output.output_type === 'error')
            .map(output => output.evalue)}))
"""


def find_chromium():
    """The path of a Chromium or Chrome on this machine, or None."""
    names = (
        os.environ.get("LIF_CHROMIUM"),
        "chromium",
        "chromium-browser",
        "google-chrome",
    )
    return next((path for name in names if name and (path := shutil.which(name))), None)


@contextlib.contextmanager
def course_server():
    """Start JupyterLab on a copy of the course; give its address and its folder;
    stop it again.
    """
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        socket.socket() as probe,
    ):
        course = Path(folder) / "course"
        shutil.copytree(ROOT / "notebooks", course / "notebooks")
        for module in ROOT.glob("lif_*.py"):
            shutil.copy(module, course)
        environment = os.environ | {name: str(Path(folder) / name) for name in FOLDERS}
        write_settings(Path(folder) / "JUPYTERLAB_SETTINGS_DIR" / "@jupyterlab")
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        options = [
            "--no-browser",
            "--allow-root",
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={port}",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            "--ServerApp.password=",
            f"--ServerApp.root_dir={course}",
            "--LabApp.expose_app_in_browser=True",
        ]
        address = f"http://127.0.0.1:{port}"
        with (Path(folder) / "log").open("w+") as log:
            command = [sys.executable, "-m", "jupyterlab", *options]
            server = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, start_new_session=True
            )
            try:
                wait_for(address, server, log)
                yield address, course
            finally:
                if os.name == "nt":
                    server.terminate()
                else:
                    os.killpg(server.pid, signal.SIGTERM)  # its kernels too
                server.wait(20)


def write_settings(folder):
    """No news from the network, and every cell in the page, also those that are far
    from the visible ones.
    """
    settings = {
        "apputils-extension/notification": {
            "fetchNews": "false",
            "checkForUpdates": False,
        },
        "notebook-extension/tracker": {"windowingMode": "none"},
    }
    for name, values in settings.items():
        path = folder / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(values))


def wait_for(address, server, log):
    for _ in range(300):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{address}/api", timeout=5).close()
            return
        if server.poll() is not None:
            break
        time.sleep(0.2)
    log.seek(0)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read()}")


def write_notebook(path, *sources):
    """Write a notebook with these code cells."""
    kernel = {
        "name": "python3",
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
    }  # or JupyterLab asks
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path
    )


@contextlib.contextmanager
def chromium():
    """A headless browser (of Playwright)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_FLAGS
        )
        try:
            yield browser
        finally:
            browser.close()


def run_notebook(page, address, name):
    """Open a notebook of the course, run all its cells, and return them as {id,
    count, errors}.
    """
    # A workspace of its own, or JupyterLab would open the notebooks of earlier pages
    # too.
    page.goto(f"{address}/lab/workspaces/{uuid.uuid4().hex}/tree/notebooks/{name}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.evaluate(RUN_ALL)
    page.evaluate(
        "() => window.jupyterapp.commands.execute('application:toggle-left-area')"
    )
    return page.evaluate(CELLS)
