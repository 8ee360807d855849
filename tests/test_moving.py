"""Moving pictures: what an animated PNG shows, and when."""

import io
import struct
import zlib

import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

import lif_helpers as lif
import lif_notebook as nb
import lif_pictures


def pixels(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def frames(png):
    """The pictures that a browser plays, and the one for who plays none."""
    with PIL.Image.open(io.BytesIO(png)) as picture:
        assert picture.info["default_image"]
        assert picture.info["loop"] == 1
        shown = []
        for k in range(picture.n_frames):
            picture.seek(k)
            shown.append(np.asarray(picture.convert("RGB")).astype(int))
    return shown[0], shown[1:]


@pytest.fixture(scope="module")
def setting():
    """A figure with a recording, its pixels with and without it, and its film."""
    with plt.rc_context():
        nb.use_style()
        neuron, t = lif.Neuron(), lif.time_grid(200)
        recording = lif.simulate(neuron, t, 0.3)
        figure, axes = nb.voltage_axes(neuron, 200, I_range=(0, 0.6))
        empty = pixels(figure)
        nb.plot_recording(recording, axes)
        finished = pixels(figure)
        shown = {ax: [*ax.get_lines(), *ax.collections] for ax in axes}
        film = lif_pictures.slow_motion(shown, finished, empty)
        plt.close(figure)
    return axes, recording, empty, finished, film


def alike(one, other, limit=40):
    """Whether no pixel differs by more than a palette's rounding."""
    return np.abs(one.astype(int) - other.astype(int)).max() < limit


def test_it_ends_with_the_whole_picture_which_also_stands_for_it(setting):
    *_, finished, film = setting
    still, played = frames(film)
    assert alike(still, finished)
    assert alike(played[-1], finished)


def test_the_picture_is_uncovered_from_left_to_right(setting):
    axes, _, empty, finished, film = setting
    _, played = frames(film)
    left, right = axes[0].bbox.x0, axes[0].bbox.x1
    for k in (10, 30, 50):
        column = left + (right - left) * k / 59
        before, after = (
            slice(int(left), int(column) - 8),
            slice(int(column) + 8, int(right)),
        )
        assert alike(played[k][:, before], finished[:, before])
        assert alike(played[k][:, after], empty[:, after])


def test_a_ball_runs_at_V(setting):
    axes, recording, _, finished, film = setting
    _, played = frames(film)
    blue = np.array(nb.ink(nb.COLORS["V"])) * 255
    for k in (5, 12, 33):
        time = 200 * k / 59
        V = np.interp(time, recording.t, recording.V)
        x, y = axes[0].transData.transform((time, V))
        row, column = finished.shape[0] - int(y), int(x)
        around = played[k][row - 3 : row + 4, column - 3 : column + 4]
        assert np.abs(around - blue).max() < 12


def test_a_spike_flashes_when_it_is_reached(setting):
    _, recording, _, _, film = setting
    _, played = frames(film)
    red = np.array(plt.matplotlib.colors.to_rgb(nb.COLORS["spikes"])) * 255
    for spike in recording.spike_times:
        k = int(np.ceil(spike / 200 * 59))
        counts = [
            (np.abs(played[j] - red).max(axis=2) < 12).sum() for j in (k - 1, k, k + 3)
        ]
        assert counts[1] > counts[0] + 150
        assert counts[1] > counts[2]


def test_colors_are_kept_and_few():
    rng = np.random.default_rng(0)
    picture = np.full((60, 80, 3), 255, np.uint8)
    picture[10:50, 40] = (213, 94, 0)
    picture[20:23] = (0, 114, 178)
    picture[55:] = rng.integers(0, 255, (5, 80, 3))
    (image,) = lif_pictures.few_colors([picture])
    shown = np.asarray(image.convert("RGB"))
    assert (shown[:54] == picture[:54]).all()
    assert len(np.unique(shown.reshape(-1, 3), axis=0)) <= lif_pictures.FILM_COLORS


# ---- A film of what changes ----------------------------------------------------------


def chunks(png):
    """Name and content of each chunk of a PNG."""
    place = 8
    while place < len(png):
        length, name = struct.unpack(">I4s", png[place : place + 8])
        yield name, png[place + 8 : place + 8 + length]
        place += length + 12


def chunk(name, content):
    checksum = zlib.crc32(name + content)
    return (
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)
    )


def played(png):
    """The pictures of a film, put together as a browser does: each frame is laid over
    those before.
    """
    head, common, frames = b"", [], []
    for name, content in chunks(png):
        if name == b"IHDR":
            head = content
        elif name in (b"PLTE", b"tRNS"):
            common.append(chunk(name, content))
        elif name == b"fcTL":
            _, width, height, x, y, _, _, disposal, blend = struct.unpack(
                ">5I2H2B", content
            )
            assert disposal == 0
            assert blend == 1
            frames.append([width, height, x, y, b""])
        elif name == b"fdAT":
            frames[-1][-1] += content[4:]
    shown = PIL.Image.new("RGBA", struct.unpack(">2I", head[:8]))
    pictures = []
    for width, height, x, y, data in frames:
        parts = [chunk(b"IHDR", struct.pack(">2I", width, height) + head[8:]), *common]
        parts += [chunk(b"IDAT", data), chunk(b"IEND", b"")]
        image = PIL.Image.open(io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"".join(parts)))
        shown.alpha_composite(image.convert("RGBA"), (x, y))
        pictures.append(np.asarray(shown.convert("RGB")).astype(int))
    return pictures


def moving(draw, times):
    with plt.rc_context():
        nb.use_style()
        figure, _ = nb.new_axes("x", "y", (0, 10), (0, 10))
        return nb.animate(draw, figure, times, alt="A curve grows.")


def test_a_film_shows_each_time_and_stops_at_the_last():
    def draw(ax, time):
        x = np.linspace(0, time, 50)
        ax.plot(x, 5 + 4 * np.sin(x), label="a curve")
        ax.text(1, 9, f"{time:.1f}")

    times = [1, 2.5, 4, 7, 7.5, 9]
    pictures = played(moving(draw, times).png)
    assert len(pictures) == len(times)
    # Up to a name, which stands where it does in the whole picture.
    for picture, time in zip(pictures, times, strict=True):
        alone = played(moving(draw, [time]).png)[0]
        differing = np.abs(picture - alone).max(axis=2) > 60
        assert differing.mean() < 0.02
    whole = played(moving(draw, times[-1:]).png)[0]
    assert alike(pictures[-1], whole, 60)
    still = np.asarray(
        PIL.Image.open(io.BytesIO(moving(draw, times).png)).convert("RGB")
    )
    assert alike(still, pictures[-1])


def test_what_comes_and_goes_is_gone_and_a_film_is_small():
    def draw(ax, time):
        ax.plot([0, 10], [2, 2], label="a level")
        if time % 2:
            ax.plot([time], [5], "o", label="a dot")

    times = range(10)
    film = moving(draw, times)
    pictures = played(film.png)
    assert alike(pictures[0], pictures[8])
    assert not alike(pictures[0], pictures[1])
    assert not alike(pictures[1], pictures[3])
    assert len(film.png) < 45_000
