"""Count the pictures that follow a drag in JupyterLab: nb.explore against interact
and plt.show, in one page.
"""

import statistics

from jupyterlab_page import chromium, course_server, run_notebook, write_notebook

SETUP = """import sys
sys.path.append("..")
import ipywidgets, matplotlib.pyplot as plt, lif_helpers as lif, lif_notebook as nb
nb.use_style()
t = lif.time_grid(499.9)
def record(I):
    return lif.simulate(lif.Neuron(), t, lif.step_current(t, I, 50, 450))"""
EXPLORE = """figure, _ = nb.voltage_axes(lif.Neuron(), 500, I_range=(-0.1, 0.7))
nb.explore(lambda axes, I: nb.plot_recording(record(I), axes), figure, I=nb.slider("I", 0.3, 0, 0.6, 0.01, "nA"))"""
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
        const image = cell.querySelector('.jp-OutputArea img'), text = cell.querySelector('.widget-readout').innerText;
        if (text !== readout) { readout = text; log.readouts.push(performance.now()); }
        if (image && image.complete && image.naturalWidth && image.src !== source) {
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


with course_server() as (address, course), chromium() as browser:
    write_notebook(course / "notebooks" / "frames.ipynb", SETUP, EXPLORE, INTERACT)
    page = browser.new_page(viewport={"width": 1300, "height": 2400})
    run_notebook(page, address, "frames.ipynb")
    page.wait_for_timeout(3000)
    results = {}
    for name, index in (("nb.explore", 1), ("interact + plt.show", 2)):
        results[name] = measure(page, page.locator(".jp-CodeCell").nth(index))
        frames, delay = results[name]
        print(
            f"{name:20} {frames:3d} pictures in {MOVES} moves, {delay:4.0f} ms from move to picture"
        )
    ratio = results["nb.explore"][0] / max(1, results["interact + plt.show"][0])
    print(
        f"{ratio:.1f} times as many pictures; at least 3 times are wanted: {'ok' if ratio >= 3 else 'MISSED'}"
    )
