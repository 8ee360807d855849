"""Live figures whose sliders move in several threads at once, as in JupyterLab, which
sends sliders to one thread and buttons to another.
"""

import contextlib
import io
import random
import threading

import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
import pytest

import lif_helpers as lif
import lif_notebook as nb

T = lif.time_grid(300)
MOVES, THREADS = 200, 4


@pytest.fixture(autouse=True)
def style():
    with plt.rc_context():
        nb.use_style()
        plt.rc("figure", figsize=(4, 3))
        yield


def draw_spikes(axes, I, V_th, seed):
    neuron = lif.Neuron(V_th=V_th)
    recording = lif.simulate(neuron, T, lif.step_current(T, I, 50, 250))
    nb.plot_recording(recording, axes)
    axes[0].axhline(V_th, **nb.THEORY)
    axes[0].text(20, -35, rf"$I = {I:.2f}$, $V_{{th}} = {V_th:.0f}$, {seed}")
    return {"spikes": len(recording.spike_times), "I": (I, "nA", ".2f"), "noise": seed}


def draw_surface(axes, I, V_th, seed):
    """Meshes and texts, which are never painted in grey."""
    axes[0].pcolormesh([0, 300 * I, 300], [-80, V_th, -30], [[I, 1], [0, seed / 200]])
    axes[0].text(20, -35, rf"$I = {I:.2f}$, $V_{{th}} = {V_th:.0f}$, {seed}")
    return f"{I:.2f}, {V_th:.0f}, {seed}"


def make(draw, I=0.3, V_th=-50.0, seed=1):
    figure, _ = nb.voltage_axes(lif.Neuron(), 300, I_range=(-0.1, 0.6))
    noise = nb.NewNoise()
    noise.value = seed
    return nb.explore(
        draw,
        figure,
        I=nb.slider("I", I, 0, 0.5, 0.01, "nA"),
        V_th=nb.slider("V_th", V_th),
        seed=noise,
    )


def pixels(live):
    live.rest()  # so that it is as sharp as a new one
    return np.asarray(PIL.Image.open(io.BytesIO(live.image.value)).convert("RGB"))


def values(live):
    return {name: round(widget.value, 6) for name, widget in live.sliders.items()}


def move_at_random(figures, seed, moves):
    """Moves of sliders, clicks on *new noise* and on *reset*, without a pause."""
    rng = random.Random(seed)
    for _ in range(moves):
        live = rng.choice(figures)
        kind = rng.random()
        if kind < 0.1:
            live.reset.click()
        elif kind < 0.3:
            live.sliders["seed"].click()
        elif kind < 0.65:
            live.sliders["I"].value = rng.randrange(51) / 100
        else:
            live.sliders["V_th"].value = rng.randrange(-60, -39)


def in_threads(*works):
    """Run functions in threads of their own; raise what one of them raises."""
    errors, start = [], threading.Barrier(len(works))

    def run(work):
        start.wait()
        try:
            work()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def race(figures, seed):
    in_threads(
        *(
            lambda k=k: move_at_random(figures, 10 * seed + k, MOVES // THREADS)
            for k in range(THREADS)
        )
    )


@pytest.mark.parametrize("count", [1, 2])
def test_surfaces_after_a_race_are_those_of_the_last_values(count):
    figures = [make(draw_surface) for _ in range(count)]
    race(figures, seed=count)
    for live in figures:
        alone = make(draw_surface, **values(live))
        assert live.text.value == alone.text.value
        np.testing.assert_array_equal(pixels(live), pixels(alone))


@pytest.mark.parametrize("count", [1, 2])
def test_traces_after_a_race_are_those_of_the_last_values(count):
    figures = [make(draw_spikes) for _ in range(count)]
    race(figures, seed=count)
    for live in figures:
        assert live.setting == values(live)
        assert live.numbers["I"] == live.setting["I"]
        assert live.numbers["noise"] == live.setting["seed"]
        alone = make(draw_spikes, **live.setting)
        for name, value in live.setting_before.items():
            alone.sliders[name].value = value
        alone.reset.click()  # now the same two settings, one of them in grey
        assert alone.setting_before == live.setting_before
        assert live.text.value == alone.text.value
        assert live.before.value == alone.before.value
        np.testing.assert_array_equal(pixels(live), pixels(alone))


def test_a_move_during_a_painting_is_followed_and_others_on_the_way_are_not():
    painted, started, go_on = [], threading.Event(), threading.Event()

    def draw(axes, I, V_th, seed):
        painted.append((I, V_th))
        if I == 0.1:
            started.set()
            go_on.wait(20)
        return f"{I:.2f} {V_th:.0f}"

    live = make(draw)
    painted.clear()

    def first():
        live.sliders["I"].value = 0.1

    def others():
        started.wait(20)
        for value in (-55, -45):
            thread = threading.Thread(
                target=lambda value=value: setattr(live.sliders["V_th"], "value", value)
            )
            thread.start()
            waiting.append(thread)
            while live.sliders["V_th"].value != value:
                pass
        go_on.set()

    waiting = []
    in_threads(first, others)
    for thread in waiting:
        thread.join()
    assert painted == [(0.1, -50), (0.1, -45)]
    assert live.text.value == "<b>0.10 −45</b>"


def test_a_failing_drawing_in_one_thread_leaves_the_figure_to_the_others():
    def draw(axes, I, V_th, seed):
        if I > 0.3:
            raise ValueError("too strong")
        axes[0].text(20, -35, f"{I:.2f}, {V_th:.0f}")
        return f"{I:.2f}"

    live = make(draw)

    def move(name, values):
        for value in values:
            # The error reaches whichever thread paints.
            with contextlib.suppress(ValueError):
                live.sliders[name].value = value

    in_threads(
        lambda: move("I", [0.31 + k % 10 / 100 for k in range(30)]),
        lambda: move("V_th", [-55 + k % 10 for k in range(30)]),
    )
    assert "too strong" in live.error.value
    live.sliders["I"].value = 0.2
    assert live.error.value == ""
    alone = make(draw, **values(live))
    np.testing.assert_array_equal(pixels(live), pixels(alone))


def test_pages_without_a_kernel_get_a_picture_and_numbers_of_one_setting():
    def draw(axes, I, V_th, seed):
        axes[0].text(20, -35, f"{I:.2f}", fontsize=40)
        return f"{I:.2f}"

    live = make(draw)
    seen = []

    def show():
        for _ in range(50):
            seen.append(live._repr_mimebundle_())

    in_threads(lambda: move_at_random([live], 1, 50), show)
    pictures = {}
    for bundle, _ in seen:
        pictures.setdefault(bundle["text/plain"], set()).add(bundle["image/png"])
    assert all(len(set(group)) == 1 for group in pictures.values())
