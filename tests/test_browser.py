"""The notebooks in JupyterLab in Chromium: they run, sliders are dragged, pictures and
numbers follow.

Skipped where there is no browser; with LIF_BROWSER=required, as in CI, that is an
error.
"""

import os
import re
import time
from urllib.parse import urlsplit

import nbformat
import pytest
from jupyterlab_page import (
    LIVE,
    chromium,
    course_server,
    find_chromium,
    run_notebook,
    write_notebook,
)

from notebooks import PATHS

pytest.importorskip("playwright", reason="playwright is not installed")
if not find_chromium() and os.environ.get("LIF_BROWSER") != "required":
    pytest.skip("no Chromium or Chrome on this machine", allow_module_level=True)

READ = """output => ({
    numbers: output.querySelectorAll('.widget-html-content')[0].innerText,
    error: output.querySelectorAll('.widget-html-content')[2].innerText,
    picture: output.querySelector('img.widget-image').src,
    idle: window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle',
    readouts: [...output.querySelectorAll('.widget-readout')].map(readout => readout.innerText),
})"""
NOT_BLANK = """async image => {
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.some(value => value < 128);
}"""


@pytest.fixture(scope="module")
def server():
    with course_server() as address_and_folder:
        yield address_and_folder


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(server, browser):
    page = browser.new_page(viewport={"width": 1300, "height": 1100})
    page.problems, page.strangers = [], []
    page.on(
        "console",
        lambda message: (
            page.problems.append(message.text) if message.type == "error" else None
        ),
    )
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on(
        "request",
        lambda request: (
            page.strangers.append(request.url) if foreign(request.url) else None
        ),
    )
    yield page
    page.close()


def foreign(url):
    return (
        urlsplit(url).scheme not in ("data", "blob")
        and urlsplit(url).hostname != "127.0.0.1"
    )


def settle(output, changed_from=None):
    """What the live figure shows once the kernel has nothing left to do; first wait
    until it is something else.
    """
    deadline, calm, before = time.monotonic() + 20, 0, None
    while calm < 2:
        assert time.monotonic() < deadline, f"still {before} after 20 s"
        output.page.wait_for_timeout(50)
        shown = output.evaluate(READ)
        waiting = changed_from and shown["picture"] == changed_from["picture"]
        calm = calm + 1 if shown == before and shown["idle"] and not waiting else 0
        before = shown
    return shown


def drag(page, handle, share):
    """Drag a slider's handle to a share (0 to 1) of its track, in ten quick moves."""
    handle.scroll_into_view_if_needed()
    box = handle.locator(
        "xpath=ancestor::*[contains(@class, 'noUi-target')]"
    ).bounding_box()
    knob = handle.bounding_box()
    page.mouse.move(knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2)
    page.mouse.down()
    page.mouse.move(
        box["x"] + box["width"] * share, knob["y"] + knob["height"] / 2, steps=10
    )
    page.mouse.up()


def reached_by_tab(output):
    """How many of a live figure's sliders and buttons the Tab key reaches from the
    first, and how many there are.
    """
    controls = output.locator(".noUi-handle, button")
    controls.first.focus()
    reached = {0}
    for _ in range(
        3 * controls.count()
    ):  # readouts, which can be edited, are stops too
        output.page.keyboard.press("Tab")
        reached.add(
            controls.evaluate_all(
                "controls => controls.indexOf(document.activeElement)"
            )
        )
    return len(reached - {-1}), controls.count()


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_runs_and_its_sliders_follow_the_hand(path, page, server):
    cells = run_notebook(page, server[0], path.name)
    assert [cell for cell in cells if cell["errors"]] == []
    assert [cell["count"] for cell in cells] == list(range(1, len(cells) + 1))
    sources = [
        cell.source
        for cell in nbformat.read(path, as_version=4).cells
        if cell.cell_type == "code"
    ]
    live = sum("nb.explore(" in source for source in sources)
    assert live >= 4
    outputs = page.locator(LIVE)
    outputs.nth(live - 1).locator(
        "img.widget-image[src]"
    ).wait_for()  # widgets appear after the cell has run
    assert outputs.count() == live
    for output in outputs.all():
        assert output.locator("img.widget-image").evaluate(NOT_BLANK)
        default = settle(output)
        reached, controls = reached_by_tab(output)
        assert reached == controls
        for k, handle in enumerate(output.locator(".noUi-handle").all()):
            # First to the end that is further away, as the slider may stand at one.
            low_first = handle.evaluate(
                "handle => handle.getAttribute('aria-valuenow') * 2 > "
                "+handle.getAttribute('aria-valuemin') + +handle.getAttribute('aria-valuemax')"
            )
            seen = [default]
            for share in (-0.2, 1.2) if low_first else (1.2, -0.2):
                drag(page, handle, share)
                seen.append(settle(output, seen[-1]))
                assert seen[-1]["readouts"][k] != seen[-2]["readouts"][k]
            inwards, back = (
                ("ArrowLeft", "ArrowRight")
                if low_first
                else ("ArrowRight", "ArrowLeft")
            )
            handle.focus()
            page.keyboard.press(inwards)
            stepped = settle(output, seen[-1])
            assert stepped["readouts"][k] != seen[-1]["readouts"][k]
            # The last value wins: the same setting, reached by a single step, gives the
            # numbers of the quick drag.
            page.keyboard.press(back)
            again = settle(output, stepped)
            assert again["readouts"] == seen[-1]["readouts"]
            assert again["numbers"] == seen[-1]["numbers"]
            assert not again["error"]
            output.get_by_role("button", name="reset").click()
            restored = settle(
                output, again if again["readouts"] != default["readouts"] else None
            )
            assert (restored["readouts"], restored["numbers"]) == (
                default["readouts"],
                default["numbers"],
            )
        for button in output.get_by_role("button", name="new noise").all():
            button.click()
            assert settle(output, default)["numbers"] != default["numbers"]
            output.get_by_role("button", name="reset").click()
    assert page.problems == []
    assert page.strangers == []


FAILING = """import sys
sys.path.append("..")
import lif_helpers as lif
import lif_notebook as nb
def draw(ax, x):
    if x > 7:
        raise ValueError("x must stay below 7 mV")
    ax.plot([0, 10], [x, x])
    return f"x = {x:.0f} mV"
figure, ax = nb.new_axes("t (ms)", "x (mV)", (0, 10), (0, 10))
nb.explore(draw, figure, x=nb.slider("x", 2, 0, 10, 1, "mV"))"""


def test_an_error_appears_in_red_and_the_next_move_recovers(page, server):
    address, course = server
    write_notebook(course / "notebooks" / "failing.ipynb", FAILING)
    run_notebook(page, address, "failing.ipynb")
    output = page.locator(LIVE)
    good = settle(output)
    drag(page, output.locator(".noUi-handle"), 1.0)
    shown = settle(output, good)
    assert re.fullmatch(r"With x = (8|9|10): x must stay below 7 mV", shown["error"])
    color = output.locator(".widget-html-content b").last.evaluate(
        "text => getComputedStyle(text).color"
    )
    assert color == "rgb(176, 0, 32)"
    drag(page, output.locator(".noUi-handle"), 0.5)
    shown = settle(output, shown)
    assert shown["error"] == ""
    assert shown["numbers"] == "x = 5 mV"
    assert shown["picture"] != good["picture"]
    assert page.strangers == []
