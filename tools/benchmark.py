"""Print how fast simulation, networks and sliders are, mostly as ratios from this one
run, beside what is wanted.

`make bench AGAINST=REVISION` also times that revision of the course, in turns with this
one. The exit code is 1 if something is missed.
"""

import importlib.util
import io
import math
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import tracemalloc
from functools import partial
from pathlib import Path

import matplotlib

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
matplotlib.use("agg")

import matplotlib.pyplot as plt
import numpy as np

import lif_helpers as lif
import lif_networks as net
import lif_notebook as nb

ROOT = Path(__file__).resolve().parents[1]
NEURON = lif.Neuron()
missed = []


def seconds(work, repeats=5):
    """The shortest of several runs."""
    return min(taken(work) for _ in range(repeats))


def taken(work):
    """The processor's time, which other programs on the machine change little."""
    begin = time.process_time()
    work()
    return time.process_time() - begin


def report(name, value, bound, unit, at_least=False):
    good = value >= bound if at_least else value <= bound
    limit = f"{'at least' if at_least else 'at most'} {bound:.3g}"
    verdict = "ok" if good else "MISSED"
    print(f"{name:58} {value:8.2f} {unit:4} {limit}: {verdict}")
    if not good:
        missed.append(name)


def plain_loop(neuron, dt, current):
    """The exact step, sample by sample, on Python's floats."""
    shrink = math.exp(-dt / neuron.tau_m)
    rest, R, V_th, V_reset = neuron.E_L, neuron.R, neuron.V_th, neuron.V_reset
    pause = round(neuron.t_ref / dt)
    V, held, trace, spikes = rest, 0, [], []
    for k, value in enumerate(current):
        trace.append(V)
        if held:
            held -= 1
            continue
        target = rest + R * value
        V = target + (V - target) * shrink
        if V >= V_th:
            spikes.append(k)
            V, held = V_reset, pause
    return trace, spikes


def tasks(helpers):
    """What is timed with two versions of the helpers, by name."""
    neuron = helpers.Neuron()
    t, long = helpers.time_grid(1000), np.arange(1_000_000) * 0.1
    noise = 0.1 + lif.white_noise(long, NEURON, 4, seed=0)
    regular = np.full(len(long), 0.316)
    currents = np.linspace(0.05, 1, 40)
    step = lif.step_current(t, 0.3, 50, 450)
    fine, starts = helpers.time_grid(200, 0.05), np.linspace(1, 190, 99)
    return {
        "noise": lambda: helpers.simulate(neuron, long, noise),
        "regular firing": lambda: helpers.simulate(neuron, long, regular),
        "a step of 1 s": lambda: helpers.simulate(neuron, t, step),
        "40 currents of an f-I curve": lambda: [
            helpers.simulate(neuron, t, current).rate for current in currents
        ],
        "40 currents as a column": lambda: helpers.simulate(
            neuron, t, currents[:, None]
        ),
        "99 pulses": lambda: helpers.pulse_current(fine, 12, starts, 0.5),
    }


def benchmark_against(revision):
    """Today's time as a share of the other's, in turns."""
    print(f"beside {revision}:")
    bounds = {"40 currents of an f-I curve": 0.65, "40 currents as a column": 0.65}
    before, now = tasks(course_of(revision)[0]), tasks(lif)
    for name in now:
        times = [(taken(before[name]), taken(now[name])) for _ in range(11)]
        other, ours = map(min, zip(*times, strict=True))
        print(f"{name}: {other * 1e3:.2f} ms there, {ours * 1e3:.2f} ms here")
        report("    share of the other's time", ours / other, bounds.get(name, 1.1), "")


def benchmark_simulation():
    n = 1_000_000
    t = np.arange(n) * 0.1
    noise = 0.1 + lif.white_noise(t, NEURON, 4, seed=0)
    regular = np.full(n, 0.316)  # 40 Hz
    g_E = lif.synaptic_conductance(t, lif.poisson_spikes(800, n / 10, seed=1), 0.002, 5)
    g_I = lif.synaptic_conductance(
        t, lif.poisson_spikes(400, n / 10, seed=2), 0.004, 10
    )
    short = np.arange(10_000) * 0.1
    trials = 0.1 + lif.white_noise(short, NEURON, 4, seed=0, trials=1000)
    values = {"noise": noise[: n // 5].tolist(), "regular": regular[: n // 5].tolist()}
    loops = {
        name: seconds(lambda x=x: plain_loop(NEURON, 0.1, x)) / len(x)
        for name, x in values.items()
    }
    for name, loop in loops.items():
        print(f"plain Python loop, {name}: {loop * 1e9:.0f} ns per sample")
    for name, loop, grid, inputs, wanted in (
        ("noise, few spikes", "noise", t, {"I": noise}, 9),
        ("regular firing", "regular", t, {"I": regular}, 3.5),
        ("conductances", "noise", t, {"g_E": g_E, "g_I": g_I}, 2),
        ("1000 trials of 10 000 samples", "noise", short, {"I": trials}, 6),
    ):
        recording = lif.simulate(NEURON, grid, **inputs)
        ours = seconds(
            lambda grid=grid, inputs=inputs: lif.simulate(NEURON, grid, **inputs)
        )
        ours /= recording.V.size
        rate = np.mean(recording.rate)
        print(f"simulate, {name} ({rate:.1f} Hz): {ours * 1e9:.1f} ns per sample")
        faster = loops[loop] / ours
        report("    times faster than the loop", faster, wanted, "", at_least=True)
    currents = np.linspace(0, 0.5, 100)
    one_run = seconds(lambda: lif.simulate(NEURON, short, trials[0]))
    for theory in (lif.siegert_rate, lif.siegert_cv):
        share = (
            seconds(lambda theory=theory: theory(NEURON, currents, 4)) / 100 / one_run
        )
        report(f"{theory.__name__}, per current, share of a run of 1 s", share, 0.5, "")
    tracemalloc.start()
    recording = lif.simulate(NEURON, np.arange(n) * 0.1, g_E=g_E, g_I=g_I)
    report(
        "simulate, peak memory",
        tracemalloc.get_traced_memory()[1] / recording.V.nbytes,
        8,
        "× V",
    )
    tracemalloc.stop()


def benchmark_networks():
    """Time per second of networks like Brunel's, and NEST's on one thread."""
    # Smaller by ten, with weights that keep the standard deviation of the input.
    J = 0.1 * math.sqrt(10)
    small = net.Network(J=J, J_ext=J, f_ext=2 * 20 / (J * 0.02), seed=1)
    large = net.Network(
        N_E=10_000,
        N_I=2500,
        C_E=1000,
        C_I=250,
        J=0.1,
        J_ext=0.1,
        f_ext=20_000,
        seed=1,
    )
    ours = {}
    for network, duration, bound in ((small, 1000, 0.7), (large, 300, 12)):
        print(f"connections of {network.N}: {taken(network.connections):.2f} s")
        run = partial(net.simulate_network, network, duration, seed=2)
        recording = run()
        ours[network.N] = seconds(run, 3) / duration * 1000
        print(f"simulate_network, {recording.rate:.1f} Hz, CV {recording.cv:.2f}")
        name = f"    {network.N} neurons, per second of theirs"
        report(name, ours[network.N], bound, "s")
    if importlib.util.find_spec("nest"):
        share = ours[small.N] / min(nest_seconds(small, 1000) for _ in range(3))
        report("    share of NEST's time, on one thread", share, 1, "")
    else:
        print("NEST is not installed: not compared")


def nest_seconds(network, duration):
    """NEST's time per second of the network, without that of building it."""
    import nest

    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution = 0.1
    neuron = network.neuron
    about = {"tau_m": neuron.tau_m, "C_m": 1000 * neuron.C, "t_ref": neuron.t_ref}
    about |= {"V_th": neuron.V_th, "V_reset": neuron.V_reset, "E_L": neuron.E_L}
    everyone = nest.Create("iaf_psc_delta", network.N, {**about, "V_m": neuron.E_L})
    groups = (
        (everyone[: network.N_E], network.C_E, network.J),
        (everyone[network.N_E :], network.C_I, -network.g * network.J),
    )
    for group, in_degree, weight in groups:
        rule = {"rule": "fixed_indegree", "indegree": in_degree}
        synapse = {"weight": weight, "delay": network.delay}
        nest.Connect(group, everyone, rule, synapse)
    outside = nest.Create("poisson_generator", params={"rate": network.f_ext})
    nest.Connect(outside, everyone, syn_spec={"weight": network.J_ext, "delay": 0.1})
    recorder = nest.Create("spike_recorder")
    nest.Connect(everyone, recorder)
    nest.Prepare()
    time_taken = taken(partial(nest.Run, duration)) / duration * 1000
    nest.Cleanup()
    rate = recorder.n_events / network.N / duration * 1000
    print(f"NEST, {rate:.1f} Hz: {time_taken:.2f} s per second")
    return time_taken


def benchmark_sliders(against=None):
    """Moves of a two-panel figure beside new figures, and beside the moves of another
    revision of the course, of which `against` is the hash.
    """
    pages = {"explore": (lif, nb)}
    if against:
        pages[f"explore of {against}"] = course_of(against)
    lives = {name: two_panels(*page) for name, page in pages.items()}
    moves, begins = {name: [] for name in pages}, {name: [] for name in pages}
    anew = []
    for k, current in enumerate(np.linspace(0.05, 0.55, 60)):
        for name, live in lives.items():
            # Each second move begins a gesture, as it is another slider's.
            live.sliders["V_th"].value = -50 + k % 2
            begins[name].append(seconds(partial(set_value, live, "I", current), 1))
            moves[name].append(
                seconds(partial(set_value, live, "I", current + 1e-3), 1)
            )
        anew.append(seconds(partial(new_figure, current), 1))
    move, new = statistics.median(moves["explore"]), statistics.median(anew)
    begin = statistics.median(begins["explore"])
    print(f"a new figure: {new * 1000:.0f} ms")
    report("explore, work in the kernel per move (median)", move * 1000, 20, "ms")
    report("    share of a new figure", move / new, 1 / 3, "")
    for name in list(pages)[1:]:
        old, old_begin = (statistics.median(times[name]) for times in (moves, begins))
        print(f"{name}: {old * 1000:.1f} ms, first of a gesture {old_begin * 1000:.1f}")
        report("    share of its time", move / old, 1, "")
        report("    share of its time, first of a gesture", begin / old_begin, 1, "")


def set_value(live, name, value):
    live.sliders[name].value = value


def draw_step(lif, nb, axes, I, V_th):
    t = np.arange(5000) * 0.1
    neuron = lif.Neuron(V_th=V_th)
    recording = lif.simulate(neuron, t, lif.step_current(t, I, 50, 450))
    nb.plot_recording(recording, axes)
    return f"{recording.rate:.1f} Hz"


def two_panels(lif, nb):
    """A live figure of V and I, drawn by these modules."""
    nb.use_style()
    figure, _ = nb.voltage_axes(lif.Neuron(), 500, I_range=(-0.1, 0.7))
    return nb.explore(
        partial(draw_step, lif, nb),
        figure,
        I=nb.slider("I", 0.3, 0, 0.6, 0.001, "nA"),
        V_th=nb.slider("V_th"),
    )


def new_figure(current):
    figure, axes = nb.voltage_axes(NEURON, 500, I_range=(-0.1, 0.7))
    draw_step(lif, nb, axes, current, -50)
    figure.canvas.print_png(io.BytesIO())
    plt.close(figure)


def course_of(revision):
    """The science and the page of another revision, imported beside today's."""
    today = {name: sys.modules.pop(name) for name in list(sys.modules) if is_ours(name)}
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(
            ["git", "archive", revision], cwd=ROOT, stdout=subprocess.PIPE, check=True
        ).stdout
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        sys.path.insert(0, folder)
        science = importlib.import_module("lif_helpers")
        page = science  # once the two were one
        if Path(folder, "lif_notebook.py").exists():
            page = importlib.import_module("lif_notebook")
        sys.path.remove(folder)
    for name in filter(is_ours, list(sys.modules)):
        del sys.modules[name]
    sys.modules.update(today)
    return science, page


def is_ours(name):
    return name.startswith("lif_")


benchmark_simulation()
benchmark_networks()
if os.environ.get("AGAINST"):
    benchmark_against(os.environ["AGAINST"])
benchmark_sliders(os.environ.get("AGAINST"))
sys.exit(bool(missed))
