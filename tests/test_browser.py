"""The notebooks in JupyterLab in Chromium: they run, sliders are dragged, pictures and
numbers follow.

Skipped where there is no browser; with LIF_BROWSER=required, as in CI, that is an
error.
"""

import base64
import io
import os
import re
from urllib.parse import urlsplit

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import PIL.Image
import pytest
from jupyterlab_page import (
    LIVE,
    chromium,
    course_server,
    find_chromium,
    run_notebook,
    write_notebook,
)

from notebooks import PATHS, exercises, path_of, read

pytest.importorskip("playwright", reason="playwright is not installed")
if not find_chromium() and os.environ.get("LIF_BROWSER") != "required":
    pytest.skip("no Chromium or Chrome on this machine", allow_module_level=True)

# What a live figure shows once its kernel has nothing left to do, its picture is the
# sharp one of a figure at rest, and nothing has changed for some looks; first, if a
# picture is given, once it shows another.
SETTLE = """async (output, {picture, looks}) => {
    const session = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const look = () => {
        const [numbers, before, error] =
            [...output.querySelectorAll('.widget-html-content')].map(x => x.innerText);
        const readouts = [...output.querySelectorAll('.widget-readout')];
        return {numbers, before, error,
                picture: output.querySelector('img.widget-image').src,
                readouts: readouts.map(readout => readout.innerText)};
    };
    let calm = 0, shown = null;
    for (const deadline = Date.now() + 20000; calm < looks;) {
        await new Promise(resolve => setTimeout(resolve, 25));
        const now = look();
        const same = JSON.stringify(now) === JSON.stringify(shown);
        const image = output.querySelector('img.widget-image');
        const sharp = image.complete && image.naturalWidth > 1.9 * image.clientWidth;
        const idle = session.kernel.status === 'idle';
        const settled = idle && sharp && now.picture !== picture;
        calm = same && settled ? calm + 1 : 0;
        shown = now;
        if (Date.now() > deadline)
            throw Error('not settled: ' + JSON.stringify(shown));
    }
    return shown;
}"""
PICTURE = """async output => {
    const response = await fetch(output.querySelector('img.widget-image').src);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
}"""
# A track's ends in pixels, and which of them is further from where the slider stands.
FURTHER_END = """handle => {
    const track = handle.closest('.noUi-target').getBoundingClientRect();
    const [now, low, high] = ['now', 'min', 'max'].map(
        name => +handle.getAttribute('aria-value' + name));
    return now * 2 > low + high ? -0.2 : 1.2;
}"""
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
    page = browser.new_page(viewport={"width": 1366, "height": 768})
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


def settle(output, changed_from=None, looks=4):
    """What the live figure shows once the kernel has nothing left to do; first wait
    until its picture is another one. There are 40 looks in a second.
    """
    picture = changed_from and changed_from["picture"]
    return output.evaluate(SETTLE, {"picture": picture, "looks": looks})


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
    controls = output.locator(".noUi-handle, button:visible")
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


# How high a live figure and the question before it are, and the page that shows them.
HEIGHTS = """output => {
    const cell = output.closest('.jp-Cell');
    const question = cell.previousElementSibling;
    const page = output.closest('.jp-WindowedPanel-outer');
    const top = question.getBoundingClientRect().top;
    return [output.getBoundingClientRect().bottom - top, page.clientHeight];
}"""


def assert_on_one_screen(output):
    """Question, sliders, picture and numbers are seen at once on a laptop's screen,
    with and without the file browser beside them.
    """
    for _ in ("file browser closed", "open"):
        needed, there = output.evaluate(HEIGHTS)
        assert needed <= there
        output.page.evaluate(
            "() => window.jupyterapp.commands.execute('application:toggle-left-area')"
        )
        output.page.wait_for_timeout(100)


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
    assert live >= (0 if path.name.startswith("00") else 4)
    outputs = page.locator(LIVE)
    if live:  # widgets appear after the cell has run
        outputs.nth(live - 1).locator("img.widget-image[src]").wait_for()
    assert outputs.count() == live
    for output in outputs.all():
        assert output.locator("img.widget-image").evaluate(NOT_BLANK)
        default = settle(output)
        assert_on_one_screen(output)
        reached, controls = reached_by_tab(output)
        assert reached == controls
        shown = default
        for k, handle in enumerate(output.locator(".noUi-handle").all()):
            end = handle.evaluate(FURTHER_END)
            drag(page, handle, end)
            dragged = settle(output, shown)
            assert dragged["readouts"][k] != shown["readouts"][k]
            inwards, back = ("ArrowLeft", "ArrowRight")
            if end < 0:
                inwards, back = back, inwards
            page.keyboard.press(inwards)
            stepped = settle(output, dragged)
            assert stepped["readouts"][k] != dragged["readouts"][k]
            # The last value wins: the same setting, reached by a single step, gives the
            # numbers of the quick drag.
            page.keyboard.press(back)
            shown = settle(output, stepped)
            assert shown["readouts"] == dragged["readouts"]
            assert shown["numbers"] == dragged["numbers"]
            assert not shown["error"]
        output.get_by_role("button", name="reset").click()
        restored = settle(output, shown)
        for what in ("readouts", "numbers"):
            assert restored[what] == default[what]
        for button in output.get_by_role("button", name="new noise").all():
            button.click()
            once = settle(output, restored)
            button.click()
            twice = settle(output, once)
            # Rounded, the numbers of two noises may agree, but not of three.
            assert {once["numbers"], twice["numbers"]} != {restored["numbers"]}
    assert page.problems == []
    assert page.strangers == []


RUN_LAST = """async () => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.deselectAll();
    notebook.activeCellIndex = notebook.widgets.length - 1;
    await window.jupyterapp.commands.execute('notebook:run-cell');
}"""
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


THEME = """async theme => {
    const {commands} = window.jupyterapp;
    await commands.execute('apputils:change-theme', {theme});
    while (document.body.dataset.jpThemeName !== theme)
        await new Promise(resolve => setTimeout(resolve, 25));
}"""
# The colour of a text, and those of the papers behind it, the nearest first, as red,
# green, blue and opacity.
COLORS = """(output, place) => {
    const parse = color => color.match(/[\\d.]+/g).map(Number).concat(1).slice(0, 4);
    let element = output.querySelectorAll('.widget-html-content')[place];
    element = element.querySelector('b, span') || element;
    const text = parse(getComputedStyle(element).color);
    const papers = [];
    for (; element; element = element.parentElement) {
        const style = getComputedStyle(element);
        text[3] *= style.opacity;
        papers.push(parse(style.backgroundColor));
    }
    return [text, ...papers];
}"""


def contrast(output, place):
    """The contrast (1 to 21) of a live figure's text with what is behind it."""
    number = ("numbers", "before", "error").index(place)
    text, *papers = output.evaluate(COLORS, number)
    behind = np.zeros(3)
    for *color, opacity in reversed(papers):
        behind += opacity * (np.array(color) - behind)
    front = behind + text[3] * (np.array(text[:3]) - behind)
    light, dark = sorted(map(luminance, (front, behind)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color):
    srgb = np.array(color) / 255
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return linear @ (0.2126, 0.7152, 0.0722)


def test_an_error_appears_in_red_and_the_next_move_recovers(page, server):
    address, course = server
    write_notebook(course / "notebooks" / "failing.ipynb", FAILING)
    run_notebook(page, address, "failing.ipynb")
    output = page.locator(LIVE)
    first = settle(output)
    page.evaluate("() => document.querySelector('.noUi-handle').focus()")
    page.keyboard.press("ArrowRight")
    good = settle(output, first)  # with a setting before
    drag(page, output.locator(".noUi-handle"), 1.0)
    # The picture of a drag that fails at once stays.
    page.wait_for_function(
        "() => document.body.innerText.includes('x must stay below 7 mV')"
    )
    shown = settle(output)
    words = r"With x = (8|9|10) mV: x must stay below 7 mV"
    assert re.fullmatch(words, shown["error"])
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate(THEME, theme)
        for place in ("numbers", "before", "error"):
            ratio = contrast(output, place)
            assert ratio >= 4.5, f"{theme}, {place}: {ratio:.1f}"
    red, green, blue, _ = output.evaluate(COLORS, 2)[0]
    assert red > 3 * max(green, blue)
    drag(page, output.locator(".noUi-handle"), 0.5)
    shown = settle(output, shown)
    assert shown["error"] == ""
    assert shown["numbers"] == "x = 5 mV"
    assert shown["picture"] != good["picture"]
    assert page.strangers == []


PLAYING = """import sys
sys.path.append("..")
import lif_helpers as lif
import lif_notebook as nb

nb.use_style()


def draw(axes, I):
    t = lif.time_grid(300)
    recording = lif.simulate(lif.Neuron(), t, lif.step_current(t, I, 50, 250))
    nb.plot_recording(recording, axes)
    return {"spikes": len(recording.spike_times)}


figure, _ = nb.voltage_axes(lif.Neuron(), 300, I_range=(0, 0.6))
nb.explore(draw, figure, I=nb.slider("I", 0.3, 0, 0.5, 0.01, "nA"))"""
# What the page's player of sound holds.
SOUND = """output => new Promise(resolve => {
    const player = output.querySelector('audio');
    const told = () => resolve([player.duration, player.paused]);
    if (player.readyState > 0) told(); else player.onloadedmetadata = told;
})"""


def moves(output):
    """Whether the picture is an animated PNG."""
    return b"acTL" in base64.b64decode(output.evaluate(PICTURE))


def test_a_figure_along_time_plays_until_the_next_move_and_can_be_heard(page, server):
    address, course = server
    write_notebook(course / "notebooks" / "playing.ipynb", PLAYING)
    run_notebook(page, address, "playing.ipynb")
    output = page.locator(LIVE)
    still = settle(output)
    assert not moves(output)
    play = output.get_by_role("button", name="play")
    seen = still
    for _ in range(2):  # a second press lets it run once more
        play.focus()
        page.keyboard.press("Enter")
        again = settle(output, seen)
        assert moves(output)
        assert again["picture"] != seen["picture"]
        assert again["numbers"] == still["numbers"]
        seen = again
    listen = output.get_by_role("button", name="listen")
    listen.click()
    output.locator("audio[src]").wait_for()
    duration, _ = output.evaluate(SOUND)
    assert 0.3 < duration < 0.4
    handle = output.locator(".noUi-handle")
    handle.focus()
    page.keyboard.press("Home")
    silent = settle(output, seen)
    assert not moves(output)
    assert silent["numbers"] == "spikes 0"
    assert listen.count() == 0  # hidden, where there is nothing to hear
    assert page.problems == []
    assert page.strangers == []


# A figure whose drawing is slow enough that two at once would be mixed up.
SLOW = """import sys
sys.path.append("..")
import threading, time
import lif_helpers as lif
import lif_notebook as nb

nb.use_style()
threads = set()


def draw(axes, I, V_th, t_ref, seed):
    threads.add(threading.current_thread())
    neuron, t = lif.Neuron(V_th=V_th, t_ref=t_ref), lif.time_grid(300)
    noise = lif.white_noise(t, neuron, 2, seed=int(seed))
    recording = lif.simulate(neuron, t, lif.step_current(t, I, 50, 250) + noise)
    nb.plot_recording(recording, axes)
    time.sleep(0.03)
    axes[0].axhline(V_th, **nb.THEORY)
    axes[0].text(2, V_th + 1, f"$V_{{th}} = {V_th:.0f}$")
    return f"I {I:.2f} V_th {V_th:.0f} t_ref {t_ref:.1f} seed {seed:.0f}"


def make(I=0.3, V_th=None, t_ref=None, seed=1):
    ranges = {"V_range": (-92, 0), "I_range": (-0.2, 0.7)}
    figure, _ = nb.voltage_axes(lif.Neuron(V_th=float("inf")), 300, **ranges)
    noise = nb.NewNoise()
    noise.value = int(seed)
    return nb.explore(
        draw,
        figure,
        I=nb.slider("I", I, 0, 0.5, 0.01, "nA"),
        V_th=nb.slider("V_th", V_th),
        t_ref=nb.slider("t_ref", t_ref),
        seed=noise,
    )


live = make()
live"""
SETTING = re.compile(r"I (\S+) V_th (\S+) t_ref (\S+) seed (\d+)")


def setting(line):
    """The setting in a line of numbers, None where there is none."""
    found = SETTING.search(line.replace("−", "-"))
    return found and dict(
        zip(("I", "V_th", "t_ref", "seed"), map(float, found.groups()), strict=True)
    )


def pixels(png):
    return np.asarray(PIL.Image.open(io.BytesIO(png)).convert("RGB"))


def assert_one_setting(output, make):
    """The sliders, the numbers and the picture are those of one setting, and the grey
    those of the setting before.
    """
    shown = settle(output, looks=24)
    assert shown["error"] == ""
    now, before = setting(shown["numbers"]), setting(shown["before"])
    readouts = [float(x.replace("−", "-").split()[0]) for x in shown["readouts"]]
    assert readouts == [now["I"], now["V_th"], now["t_ref"]]
    alone = make(**now)
    if before:
        for name, value in before.items():
            alone.sliders[name].value = value
        alone.reset.click()
    alone.rest()
    picture = base64.b64decode(output.evaluate(PICTURE))
    np.testing.assert_array_equal(pixels(picture), pixels(alone.image.value))


def test_moves_without_a_pause_leave_one_picture(page, server, monkeypatch):
    """Sliders and buttons come in different threads of the kernel."""
    address, course = server
    count = "print(len(threads))"
    write_notebook(course / "notebooks" / "slow.ipynb", SLOW, count)
    run_notebook(page, address, "slow.ipynb")
    monkeypatch.syspath_prepend(str(course))
    with plt.rc_context():
        here = {}
        exec(SLOW, here)
        output = page.locator(LIVE)
        output.locator("img.widget-image[src]").wait_for()
        assert_one_setting(output, here["make"])
        handles = output.locator(".noUi-handle").all()
        noise = output.get_by_role("button", name="new noise")
        reset = output.get_by_role("button", name="reset")

        def press(handle, key):
            handle.evaluate("handle => handle.focus()")
            page.keyboard.press(key)

        def click(button):
            button.evaluate("button => button.click()")

        for turn in range(3):
            for handle in handles:
                press(handle, "End")
            click(reset)
            press(handles[0], "Home")
            assert_one_setting(output, here["make"])
            press(handles[turn], "ArrowRight")
            click(noise)
            press(handles[turn - 1], "ArrowLeft")
            assert_one_setting(output, here["make"])
            drag(page, handles[0], 0.2 + 0.2 * turn)
            page.wait_for_timeout(350)
            click((reset, noise)[turn % 2])
            assert_one_setting(output, here["make"])
    page.evaluate(RUN_LAST)
    counted = page.locator(".jp-OutputArea-output pre").last
    assert int(counted.inner_text()) >= 2  # or this page has tested nothing
    assert page.strangers == []


def test_a_reset_undoes_all_moves_before_it(page, server):
    """Also those that the kernel has not come to when *reset* is pressed."""
    address, course = server
    write_notebook(course / "notebooks" / "hurry.ipynb", SLOW)
    run_notebook(page, address, "hurry.ipynb")
    output = page.locator(LIVE)
    output.locator("img.widget-image[src]").wait_for()
    default = settle(output)
    handles = output.locator(".noUi-handle").all()
    for _ in range(2):  # the first moves find other threads than later ones
        for handle in handles:
            handle.evaluate("handle => handle.focus()")
            page.keyboard.press("End")
        for name in ("play", "reset"):
            button = output.get_by_role("button", name=name)
            button.evaluate("button => button.click()")
        shown = settle(output, default, looks=24)
        for what in ("readouts", "numbers"):
            assert shown[what] == default[what]
    assert page.problems == []


@pytest.mark.parametrize("hand", ["mouse", "keyboard"])
def test_lines_are_put_into_order(hand, page, server):
    path = path_of("00")
    lines = exercises(read(path))["exercise-3-answer"].splitlines()
    cells = run_notebook(page, server[0], path.name)
    assert [cell for cell in cells if cell["errors"]] == []
    output = page.locator(".jp-OutputArea-output:has(.lif-lines)")
    buttons = output.locator(".lif-lines button")
    shown = buttons.all_text_contents()
    assert sorted(shown) == sorted(lines)
    at = 0
    buttons.first.focus()
    for number, line in enumerate(lines, start=1):
        if hand == "mouse":
            buttons.nth(shown.index(line)).click()
        else:
            way = shown.index(line) - at
            for _ in range(abs(way)):
                page.keyboard.press("Tab" if way > 0 else "Shift+Tab")
            at += way
            page.keyboard.press("Space" if number % 2 else "Enter")
        output.get_by_text(f"{number}  {line}").wait_for()
    output.get_by_text("Exercise 3: right.").wait_for()
    output.get_by_role("button", name="start again").click()
    output.get_by_text("Exercise 3: right.").wait_for(state="detached")
