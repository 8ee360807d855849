"""Drag a slider in JupyterLab in Chromium, and write what is seen as the animated
picture of the README.
"""

import io
from pathlib import Path

import numpy as np
import PIL.Image
from jupyterlab_page import LIVE, chromium, course_server, run_notebook

NOTEBOOK = "02_constant_input.ipynb"
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "slider.gif"
VIEWPORT = {"width": 960, "height": 800}
WIDTH = 800  # pixels
FRAME_MS, LAST_MS = 90, 1500
COLORS = 128
# Screenshots do not hold the mouse pointer: an arrow of our own follows it.
POINTER = """() => {
    const arrow = document.createElement('div');
    const path = '<path d="M1 1v20l5-5 4 9 4-2-4-8h7z" fill="#000" stroke="#fff"/>';
    arrow.innerHTML = '<svg width="18" height="26">' + path + '</svg>';
    arrow.style.cssText = 'position:fixed; z-index:99999; pointer-events:none';
    document.body.append(arrow);
    document.addEventListener('mousemove', event => {
        arrow.style.left = event.clientX + 'px';
        arrow.style.top = event.clientY + 'px';
    }, true);
}"""


def shots(page, output):
    """Screenshots of JupyterLab while the first slider of a live figure is dragged
    up and down.
    """
    handle, track = (
        output.locator(".noUi-handle").first,
        output.locator(".noUi-target").first.bounding_box(),
    )
    knob = handle.bounding_box()
    begin, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    low, high = track["x"] + 0.2 * track["width"], track["x"] + 0.95 * track["width"]
    page.mouse.move(begin, y)
    page.mouse.down()
    for x in (*np.linspace(begin, high, 15), *np.linspace(high, low, 25)):
        page.mouse.move(x, y)
        page.wait_for_timeout(120)
        yield PIL.Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.mouse.up()


def main():
    with course_server() as (address, _), chromium() as browser:
        page = browser.new_page(viewport=VIEWPORT)
        run_notebook(page, address, NOTEBOOK)
        output = page.locator(LIVE).first
        output.locator("img.widget-image[src]").wait_for()
        output.evaluate("output => output.scrollIntoView({block: 'end'})")
        page.wait_for_timeout(2000)
        page.evaluate(POINTER)
        frames = list(shots(page, output))
    height = round(frames[0].height * WIDTH / frames[0].width)
    frames = [
        frame.resize((WIDTH, height), PIL.Image.Resampling.LANCZOS) for frame in frames
    ]
    # One palette for all, in which a thin mark counts as much as a wide area.
    colors = np.unique(
        np.concatenate(
            [np.asarray(frame).reshape(-1, 3) // 8 for frame in frames[::6]]
        ),
        axis=0,
    )
    palette = PIL.Image.fromarray((colors[None] * 8 + 4).astype(np.uint8)).quantize(
        COLORS - 2
    )
    values = palette.getpalette()[: 3 * (COLORS - 2)] + [255] * 3 + [0] * 3
    palette.putpalette(values)
    frames = [
        frame.quantize(palette=palette, dither=PIL.Image.Dither.NONE)
        for frame in frames
    ]
    PICTURE.parent.mkdir(exist_ok=True)
    durations = [FRAME_MS] * (len(frames) - 1) + [LAST_MS]
    frames[0].save(
        PICTURE,
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        optimize=True,
    )
    print(
        f"{PICTURE.name}: {len(frames)} frames, {PICTURE.stat().st_size / 1000:.0f} kB"
    )


if __name__ == "__main__":
    main()
