"""Moving pictures: what an animated PNG shows, and when."""

import io

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
