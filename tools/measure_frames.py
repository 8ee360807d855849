"""Count the pictures that follow a drag in JupyterLab: nb.explore against interact
and plt.show, in one page; and, given the hash of a revision, against its explore.
"""

import io
import statistics
import subprocess
import sys
import tarfile

from jupyterlab_page import (
    ROOT,
    chromium,
    course_server,
    run_notebook,
    write_notebook,
)

SETUP = """import sys
sys.path.insert(0, FOLDER)
import ipywidgets, matplotlib.pyplot as plt, lif_helpers as lif
try:
    import lif_notebook as nb
except ModuleNotFoundError:  # once the two were one
    nb = lif
nb.use_style()
t = lif.time_grid(499.9)
def record(I):
    return lif.simulate(lif.Neuron(), t, lif.step_current(t, I, 50, 450))"""
EXPLORE = """figure, _ = nb.voltage_axes(lif.Neuron(), 500, I_range=(-0.1, 0.7))
def draw(axes, I):
    nb.plot_recording(record(I), axes)
nb.explore(draw, figure, I=nb.slider("I", 0.3, 0, 0.6, 0.01, "nA"))"""
INTERACT = """def show(I):
    _, axes = nb.voltage_axes(lif.Neuron(), 500, I_range=(-0.1, 0.7))
    nb.plot_recording(record(I), axes)
    plt.show()
_ = ipywidgets.interact(show, I=nb.slider("I", 0.3, 0, 0.6, 0.01, "nA"))"""
# Notes when the readout changes and when a new picture has been decoded, until told to
# stop.
WATCH = """cell => {
    const log = window.log = {readouts: [], pictures: [], on: true};
    let readout = null, source = null;
    const look = () => {
        const image = cell.querySelector('.jp-OutputArea img');
        const text = cell.querySelector('.widget-readout').innerText;
        if (text !== readout) { readout = text; log.readouts.push(performance.now()); }
        const there = image && image.complete && image.naturalWidth;
        if (there && image.src !== source) {
            source = image.src; log.pictures.push(performance.now());
        }
        if (log.on) requestAnimationFrame(look);
    };
    look();
}"""
MOVES = 60


def measure(page, cell):
    """Pictures during a drag of a second, and the median time (ms) from a single
    move to its picture.
    """
    handle = cell.locator(".noUi-handle")
    track = cell.locator(".noUi-target").bounding_box()
    knob = handle.bounding_box()
    y = knob["y"] + knob["height"] / 2
    page.mouse.move(knob["x"] + knob["width"] / 2, y)
    page.mouse.down()
    cell.evaluate(WATCH)
    for k in range(MOVES):
        page.mouse.move(track["x"] + track["width"] * (0.1 + 0.8 * k / MOVES), y)
        page.wait_for_timeout(1000 / 60)
    frames = page.evaluate("() => window.log.pictures.length - 1")
    page.mouse.up()
    page.wait_for_timeout(3000)
    page.evaluate("() => { window.log.on = false; }")
    delays = []
    handle.focus()
    for _ in range(12):
        page.wait_for_timeout(700)
        cell.evaluate(WATCH)
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(700)
        log = page.evaluate("() => { window.log.on = false; return window.log; }")
        delays.append(log["pictures"][-1] - log["readouts"][-1])
    return frames, statistics.median(delays)


def measure_notebook(browser, address, course, folder, *cells):
    """Measure the live figure of each cell in a page of its own notebook."""
    setup = SETUP.replace("FOLDER", repr(folder))
    write_notebook(course / "notebooks" / "frames.ipynb", setup, *cells)
    page = browser.new_page(viewport={"width": 1300, "height": 2400})
    run_notebook(page, address, "frames.ipynb")
    page.wait_for_timeout(3000)
    code_cells = page.locator(".jp-CodeCell")
    results = [measure(page, code_cells.nth(k + 1)) for k in range(len(cells))]
    page.close()
    return results


def extract(revision, folder):
    """Write the files of a revision into a folder."""
    archive = subprocess.run(
        ["git", "archive", revision], cwd=ROOT, stdout=subprocess.PIPE, check=True
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")


def report(name, frames, delay):
    pictures = f"{frames:3d} pictures in {MOVES} moves"
    print(f"{name:20} {pictures}, {delay:4.0f} ms from move to picture")


def main(against=None):
    with course_server() as (address, course), chromium() as browser:
        ours, usual = measure_notebook(
            browser, address, course, "..", EXPLORE, INTERACT
        )
        report("nb.explore", *ours)
        report("interact + plt.show", *usual)
        if against:
            extract(against, course / "against")
            (old,) = measure_notebook(browser, address, course, "../against", EXPLORE)
            report(f"explore of {against}", *old)
    ratio = ours[0] / max(1, usual[0])
    good = "ok" if ratio >= 3 else "MISSED"
    print(f"{ratio:.1f} times as many pictures; at least 3 times are wanted: {good}")


if __name__ == "__main__":
    main(*sys.argv[1:])
