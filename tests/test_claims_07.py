"""What notebook 07 says, recomputed: numbers, formulas, directions, hints, figures, and
what it has on record from NEST, where NEST is installed; and its script for a cluster.
"""

import importlib.util
import itertools
import json
import math
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from claims import Claims, drawn, grid, number, settings, sliders
from latex import compute, sides
from nbval.plugin import get_sanitize_patterns
from peers import peer

import lif_helpers as lif
import lif_networks as net
from notebooks import ROOT, numbers_at, path_of, read, run

TEXT = Claims("07")
CELLS = TEXT.cells
NEURON = lif.Neuron()
OTHER = lif.Neuron(tau_m=8, R=60, E_L=-65, V_th=-52, V_reset=-58, t_ref=3)
DEFAULTS = lif.Neuron(tau_m=10, R=40, V_th=-55, V_reset=-70)  # of NEST
SCRIPT = ROOT / "notebooks" / "network_on_a_cluster.py"

pytestmark = pytest.mark.usefixtures("style")


@pytest.fixture
def notebook(runs):
    return runs(path_of("07"))


def grid_times(I, dt, duration, neuron=NEURON):
    """When a grid-bound neuron fires, by rounding its intervals up to steps."""
    first = math.ceil(lif.latency(neuron, I) / dt) * dt
    free = 1000 / lif.fi_curve(neuron, I) - neuron.t_ref
    interval = neuron.t_ref + math.ceil(free / dt) * dt
    return np.arange(first, duration + 1e-9, interval)


def exact_times(I, duration):
    return lif.simulate(NEURON, lif.time_grid(duration), I).spike_times


def lag(I, dt):
    """By how much (ms) the last spike of a second is late on the grid."""
    spikes = grid_times(I, dt, 1000)
    return spikes[-1] - exact_times(I, 1000)[len(spikes) - 1]


def width(s, hold, neuron=NEURON):
    a = math.exp(-hold / neuron.tau_m)
    return neuron.R * s * math.sqrt((1 - a) / (1 + a))


def seconds(N, D, p):
    """Of work and of talk, for a second of network."""
    return 0.002 * N / p, 1000 / D * 0.1e-3 * math.log2(p)


def best(N, D):
    return min((2**k for k in range(13)), key=lambda p: sum(seconds(N, D, p)))


# ---- Numbers: whoever changes one must change it here, where it is computed ----------

RATE = {
    (name, I): f"{lif.fi_curve(neuron, I):.1f}"
    for name, neuron in (("ours", NEURON), ("theirs", DEFAULTS))
    for I in (0.4, 0.6)
}
LATE = grid_times(0.3, 0.1, 100) - exact_times(0.3, 100)
LARGE = net.Network(seed=1)
J_SMALL = 0.4 * math.sqrt(5)
SMALL = net.Network(N_E=200, N_I=50, C_E=20, C_I=5, J=J_SMALL, seed=1)
TAKEN = {
    name: net.input_of(network, 67)[0] - net.input_of(network, 0)[0]
    for name, network in (("large", LARGE), ("small", SMALL))
}
MEASURED = TEXT.source("seconds")

SAID = {
    "title": ["# 7 · "],
    "about": ["[01](01_", "[02](02_", "[04](04_", "[06](06_"],
    "recall": [
        "0.3 nA flow",
        "(02)",
        f"After {lif.latency(NEURON, 0.3):.1f} ms: τ_m ln(30 / 10)",
        f"a goal {NEURON.R * 0.3:g} mV above",
        f"lies {NEURON.V_th - NEURON.E_L:g} mV above",
        "(04)",
        "square root of 2",
        "(06)",
    ],
    "units": [r"\underbrace{1000}"],
    "mistakes": ["τ_m = 10 ms, C_m = 250 pF, V_th = −55 mV"],
    "predict-mistakes": ["0.3 nA"],
    "seen-mistakes": [
        f"within {NEURON.R * 0.6 / 1000:g} mV of rest",
        "R is 100 000 MΩ",
        f"its ceiling of {1000 / NEURON.t_ref:g} Hz",
        "At 0.3 nA their neuron is silent",
        f"At 0.4 nA it fires at {RATE['theirs', 0.4]} Hz in place of "
        f"{RATE['ours', 0.4]} Hz, and at 0.6 nA at {RATE['theirs', 0.6]} in place of "
        f"{RATE['ours', 0.6]} Hz",
    ],
    "exercise-1": ["**Exercise 1.**", "τ_m = 12 ms and R = 80 MΩ", "0.4 nA"],
    "exercise-2": [
        "**Exercise 2.**",
        "τ_m = 10 ms, C_m = 250 pF, E_L = −70 mV, V_th = −55 mV",
    ],
    "exercise-2-solution": [
        f"{-55 + 70} mV over {10 / 0.25:g} MΩ are {DEFAULTS.rheobase:g} nA"
    ],
    "precise": [
        "$10^{-9}$ ms",
        f"late: by {LATE[0]:.2f} ms, then {LATE[1]:.2f}, then {LATE[2]:.2f}",
    ],
    "predict-grid": ["1 ms", "0.3 nA", "less than 1 ms"],
    "seen-grid": [
        f"At 0.3 nA and 1 ms, the last spike of the second comes {lag(0.3, 1):.0f} ms "
        f"late. At 0.1 ms it is {lag(0.3, 0.1):.1f} ms",
    ],
    "exercise-3": [
        "**Exercise 3.**",
        f"at 0.3 nA fires first after {lif.latency(NEURON, 0.3):.2f} ms, then every "
        f"{1000 / lif.fi_curve(NEURON, 0.3):.2f} ms",
        "takes 2 ms",
        "10th spike, with a time step of 0.5 ms",
    ],
    "exercise-3-solution": [
        "21.97 becomes 22 ms, and 27.06 becomes 27.5 ms: 22 + 247.5 = "
        f"{grid_times(0.3, 0.5, 300)[9]:g} ms",
        f"exact 10th spike comes at {exact_times(0.3, 300)[9]:.1f} ms",
    ],
    "noise": [
        "fluctuations of 5 mV",
        "notebook 04",
        r"\frac{2\,\tau_m}{dt}",
        "h is 1 ms unless",
        r"\frac{1 - a}{1 + a}",
    ],
    "predict-held": ["steps of 0.1 ms"],
    "seen-held": [
        "At h = 0.1 ms",
        f"At NEST's default of 1 ms it is {math.sqrt(10):.2f} times as much, "
        f"{width(5 / 100 * math.sqrt(400), 1):.1f} mV for 5 mV",
    ],
    "exercise-4": [
        "**Exercise 4.**",
        "default of 1 ms",
        "5 mV",
        "(τ_m = 20 ms, R = 100 MΩ)",
    ],
    "exercise-4-solution": [
        "h = 1 ms",
        f"{1000 * 5 / 100:g} pA · √40 = {50 * math.sqrt(40):.0f} pA",
        f"{100 * (5 / width(1, 1) / (0.05 * math.sqrt(40)) - 1):.2f} % more",
    ],
    "network": [
        "notebook 06",
        f"{LARGE.N_E} excitatory and {LARGE.N_I} inhibitory neurons, each of which "
        f"listens to {LARGE.C_E} and {LARGE.C_I} others",
    ],
    "measured-alike": ["in 06"],
    "errors": ["√20"],
    "exercise-5": [
        "**Exercise 5.**",
        "100 000 neurons",
        "10 000 others",
        "50 bytes",
        "$10^9$",
    ],
    "delay": [
        "(06)",
        r"\frac{1000\text{ ms}}{D}",
        r"\log_2 p",
        "w = 2 ms",
        "c = 0.1 ms",
    ],
    "seen-time": [
        f"With 10 000 neurons and 1.5 ms the best number of machines drawn is "
        f"{best(10_000, 1.5)}. With 0.1 ms there are 10 000 conversations in each "
        f"second of network, and it is {best(10_000, 0.1)}",
    ],
    "notice-seconds": ["with 1250 neurons"],
    "exercise-6": ["**Exercise 6.**", "0.8 ms and 20 ms", "10 s"],
    "cluster": [
        "--neurons 1250 --threads 2 --seed 1",
        "-n 4",
        "--neurons 12500",
        "$10^8$ neurons with $10^{12}$ synapses on the K computer (Helias et al. 2012)",
        "(Jordan et al. 2018)",
        "The 100 000 neurons below 1 mm² ran faster than real time on one machine with "
        "128 processor cores, and 1.7 times faster than real time on two (Kurth et al. "
        "2021)",
    ],
    "exercise-7": ["**Exercise 7.**", "126 s", "6 s", "20 machines"],
    "challenge": [
        f"has {LARGE.N} neurons, with {LARGE.C_E} excitatory and {LARGE.C_I} "
        "inhibitory inputs each",
        "about 67 Hz, with a CV of 0.53",
        "200 and 50 neurons with 20 and 5 inputs each",
        "within 3 Hz, and within 0.04 in CV",
        "(0.4 mV in the large one; inhibition is −5 J)",
        "(0 nA there)",
        "fires at 90 Hz with a CV of 0.26",
    ],
    "challenge-solution": [
        f"√5, to {J_SMALL:.3f} mV",
        "shrunk by √5",
        f"no longer takes {-TAKEN['large']:.1f} mV away but {-TAKEN['small']:.1f} mV",
        f"A current of {number((TAKEN['large'] - TAKEN['small']) / 100, 3)} nA",
    ],
    "next": ["[Notebook 00](00_"],
}
SOLVED = [f"exercise-{k}-solution" for k in range(1, 8)] + ["challenge-solution"]
SOURCES = {
    "Gewaltig and Diesmann (2007)": "2(4):1430",
    "Helias et al. (2012)": "6:26",
    "Jordan et al. (2018)": "12:2",
    "Kurth et al. (2021)": "record/894269",
    "van Albada, Helias and Diesmann (2015)": "11:e1004490",
}
DOIS = [
    "10.4249/scholarpedia.1430",
    "10.3389/fninf.2012.00026",
    "10.3389/fninf.2018.00002",
    "10.1371/journal.pcbi.1004490",
]


def test_the_cells_say_what_comes_out():
    assert TEXT.missing(SAID) == {}


def test_no_number_is_said_without_being_computed():
    assert TEXT.unsaid(SAID, run=SOLVED) == {}


def test_the_sources():
    lines = TEXT.source("sources").splitlines()
    for work, place in SOURCES.items():
        assert any(work in line and place in line for line in lines), work
    assert TEXT.dois() == DOIS


# Every text with a number in the cells that check an answer.
SAID_BY_CHECKS = [
    "this is in nF; a nF has 1000 pF.",
    "this is in nA; a nA has 1000 pA.",
    "the other way: a nA has 1000 pA.",
    "this is with V_th = −50 mV; here it is −55 mV.",
    f"R is 10 ms / 0.25 nF = {10 / 0.25:g} MΩ; divide {-55 + 70} mV by it.",
    "this is with R = 100 MΩ; here it is τ_m over C.",
    f"V_th − E_L is {-55 + 70} mV; the threshold alone is no distance.",
    "Your 300 pA would stay below it: silence, and no error.",
    "the first spike comes after 22 ms, which is no full interval.",
    "to the 10th spike there are nine intervals.",
    "27.06 ms becomes 27.5 ms: the next step of 0.5 ms.",
    f"It is {269.5 - exact_times(0.3, 300)[9]:.0f} ms late: eight steps, though none "
    "was rounded by more than one.",
    "this is for a current held for 0.1 ms; NEST's default is 1 ms.",
    f"s falls with the root of h: from {1000 * 0.05 * math.sqrt(400):.0f} pA by √10.",
    "a factor is missing under the root: 2 τ_m over h.",
    "the longer it is held, the smaller s: divide by √10.",
    "A third of what the time step of 0.1 ms would suggest.",
    "a neuron does not listen to all 100 000, but to 10 000.",
    "each of the neurons has its own 10 000: multiply.",
    "a neuron listens to 10 000 others, not to 100 000.",
    "a spike may arrive after 0.8 ms already: the shortest delay counts.",
    "not after each step of 0.1 ms: once in the shortest delay.",
    "this is in one second; it is simulated for 10 s.",
    f"10 s are {10 * 1000:_} ms.".replace("_", " "),
    "the 6 s are not shared: only the other 120 s are.",
    "these are the shared 120 s on 20 machines; add what is not shared.",
    f"the 6 s are part of the 126 s: only {126 - 6} s can be shared.",
    "compare with all 126 s, not with the shared 120 s.",
    "this is on 20 machines; how fast is it on endlessly many?",
    "these are the seconds that stay; 126 s over them.",
    f"Twenty machines, and only {126 / (6 + 120 / 20):g} times faster.",
]


def test_the_checks_say_what_comes_out():
    assert TEXT.said_by_checks() == set(SAID_BY_CHECKS)


# How each foreseen mistake comes about, and so that its hint is about it.
MISTAKES = {
    ("1", "C_m"): {
        12 / 80: "in nF",
        12 * 80: "not times",
        1000 * 80 / 12: "upside down",
        1000 * NEURON.C: "the default neuron's",
        1000 * DEFAULTS.C: "NEST's default",
    },
    ("1", "I_e"): {0.4: "in nA", 0.4 / 1000: "other way", 80 * 0.4: "R I"},
    ("2", None): {
        DEFAULTS.rheobase: "in nA",
        1000 * NEURON.rheobase: "the course's default",
        1000 * 20 / 40: "V_th = −50",
        15 * 40: "divide",
        1000 * 15 / 100: "R = 100",
        1000 * 55 / 40: "no distance",
    },
    ("3", None): {
        21.972 + 9 * 27.055: "the exact one",
        0.5 * math.ceil((21.972 + 9 * 27.055) / 0.5): "not only the last",
        10 * 27.5: "no full interval",
        22 + 10 * 27.5: "nine intervals",
        22 + 9 * 27: "not to the nearest",
        22 + 9 * 28: "the next step",
    },
    ("4", None): {
        0.05 * math.sqrt(40): "in nA",
        50 * math.sqrt(400): "0.1 ms",
        50 * math.sqrt(400) / 10: "root of h",
        50: "σ_V / R",
        50 * math.sqrt(20): "a factor",
        50 * math.sqrt(4000): "the longer",
    },
    ("5", "synapses"): {
        100_000**2: "not listen to all",
        100_000 + 10_000: "multiply",
        100_000 * 10_000 / 2: "one synapse",
        2 * 100_000 * 10_000: "only there",
    },
    ("5", "GB"): {
        50e9: "in bytes",
        50e3: "in MB",
        0.05: "in TB",
        50 * 1e10 / 1e9: "not to 100 000",
        50 * 100_000 / 1e9: "not the neurons",
    },
    ("6", None): {
        10_000 / 20: "already",
        10_000 / ((0.8 + 20) / 2): "mean delay",
        10_000 / 0.1: "each step",
        1000 / 0.8: "one second",
        10 / 0.8: "10 s are",
        10_000 / (20 - 0.8): "span",
    },
    ("7", "seconds"): {
        126 / 20: "not shared",
        120 / 20: "add",
        6 + 126 / 20: "part of",
    },
    ("7", "times"): {120 / 6: "all 126", 126 / 12: "on 20", 6: "seconds that stay"},
}


def test_each_hint_is_about_the_mistake_that_leads_to_its_number(notebook):
    for exercise, entry in MISTAKES:
        (check,) = (check for check in notebook.checks if check[0][0] == exercise)
        hints = check[1]["hints"]
        hints = hints if entry is None else hints[entry]
        found = MISTAKES[exercise, entry]
        assert len(hints) == len(found)
        for (value, words), (made, about) in zip(
            sorted(hints.items()), sorted(found.items()), strict=True
        ):
            assert value == pytest.approx(made, rel=2e-3)
            assert about in words


@pytest.mark.parametrize("exercise", range(1, 8))
def test_solutions_are_right(notebook, exercise, capsys):
    code = TEXT.solution(exercise)
    assert "right" in TEXT.verdict(notebook, exercise, code, capsys)


# ---- Directions ----------------------------------------------------------------------

# What else says a direction, by the test or the source that shows it.
ALSO_SHOWN = {}


def test_no_direction_is_said_without_being_shown():
    assert TEXT.missing(ALSO_SHOWN) == {}
    assert TEXT.unshown(SAID, ALSO_SHOWN) == {}
