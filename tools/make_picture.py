"""Drag a slider in JupyterLab in Chromium, and write what is seen as the animated picture of the README."""

import io
from pathlib import Path

import PIL.Image
from jupyterlab_page import chromium, course_server, run_notebook

NOTEBOOK = "02_constant_input.ipynb"
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "slider.gif"
LIVE = ".jp-OutputArea-output:has(img.widget-image)"
WIDTH = 760  # pixels
FRAMES, FRAME_MS, LAST_MS = 40, 90, 1500
COLORS = 48


def shots(page, output):
    """Screenshots of a live figure while its first slider is dragged up, down, and back."""
    handle, track = output.locator(".noUi-handle").first, output.locator(".noUi-target").first.bounding_box()
    knob = handle.bounding_box()
    begin, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    low, high = track["x"] + 0.2 * track["width"], track["x"] + 0.95 * track["width"]
    way = [begin + (high - begin) * k / 14 for k in range(15)] + [high + (low - high) * k / 24 for k in range(1, 25)]
    box = output.bounding_box()
    # The mouse pointer is not in a screenshot: the knob, which lights up, shows where the hand is.
    clip = {"x": box["x"], "y": box["y"], "width": min(box["width"], 840), "height": box["height"]}
    page.mouse.move(begin, y)
    page.mouse.down()
    for x in way[:FRAMES]:
        page.mouse.move(x, y)
        page.wait_for_timeout(120)
        yield PIL.Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
    page.mouse.up()


def main():
    with course_server() as (address, _), chromium() as browser:
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        run_notebook(page, address, NOTEBOOK)
        output = page.locator(LIVE).first
        output.locator("img.widget-image[src]").wait_for()
        output.scroll_into_view_if_needed()
        page.wait_for_timeout(2000)
        frames = list(shots(page, output))
    height = round(frames[0].height * WIDTH / frames[0].width)
    frames = [frame.resize((WIDTH, height), PIL.Image.Resampling.LANCZOS) for frame in frames]
    palette = frames[len(frames) // 2].quantize(COLORS, dither=PIL.Image.Dither.NONE)
    frames = [frame.quantize(palette=palette, dither=PIL.Image.Dither.NONE) for frame in frames]
    PICTURE.parent.mkdir(exist_ok=True)
    durations = [FRAME_MS] * (len(frames) - 1) + [LAST_MS]
    frames[0].save(PICTURE, save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=True)
    print(f"{PICTURE.name}: {len(frames)} frames, {PICTURE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
