"""What notebook 07 says, recomputed: numbers, formulas, directions, hints, figures, and
what it has on record from NEST, where NEST is installed; and its script for a cluster.
"""

import ast
import importlib.util
import itertools
import json
import math
import os
import re
import shlex
import subprocess
import sys
import warnings
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from claims import (
    Claims,
    drawn,
    grid,
    levels,
    meanings_first,
    number,
    settings,
    sliders,
)
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
    return 0.001 * N / p, 1000 / D * 0.1e-3 * math.log2(p)


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


def stored(cell, name):
    """The numbers of an entry of a table that the notebook keeps as text."""
    table = ast.parse(TEXT.source(cell)).body[0].value
    return np.array(ast.literal_eval(table)[name].split(), float)


NEEDED = 1000 * stored("seconds", "NEST, 1 thread") / stored("seconds", "neurons")  # ms

SAID = {
    "title": ["# 7 · "],
    "opening": ['"time in the network (ms)", ""', "send each other their spikes"],
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
    "units": [
        r"\frac{\overbrace{\tau_m}^{\text{ms}}}{\underbrace{C}_{\text{nF}}}",
        r"C_m = \underbrace{1000}_{\text{pF per nF}}\,C",
    ],
    "to-nest": ["1000 * neuron.C,  # pF", "# where V starts"],
    "mistakes": ["τ_m = 10 ms, C_m = 250 pF, V_th = −55 mV, V_reset = −70 mV"],
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
        f"{grid_times(0.3, 0.5, 300)[9]:g} ms, "
        f"{grid_times(0.3, 0.5, 300)[9] - exact_times(0.3, 300)[9]:.0f} ms after the "
        "exact one",
    ],
    "noise": [
        "fluctuations of 5 mV",
        "notebook 04",
        r"\frac{2\,\tau_m}{dt}",
        "h is 1 ms unless",
        r"\frac{1 - a}{1 + a}",
        r"\underbrace{e^{-h/\tau_m}}_{\text{left of V after h}}",
    ],
    "noisy-group": [
        "each with noise of s = 1 nA",
        '"std": 1000.0, "dt": hold}  # pA, ms',
    ],
    "connect": ['{"weight": weight, "delay": delay}  # mV, ms'],
    "time-model": ["0.001 * N / p  # s", "* np.log2(p)  # s"],
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
    "notice-seconds": ["with 1250 neurons two threads need 0.6 of the time of one"],
    "exercise-5": [
        "**Exercise 5.**",
        "100 000 neurons",
        "10 000 others",
        "50 bytes",
        "$10^9$",
    ],
    "delay": [
        "(06)",
        r"\underbrace{\frac{w\,N}{p}}_{\text{work}}",
        r"\underbrace{\frac{1000\text{ ms}}{D}\;c\,\log_2 p}_{\text{talk}}",
        f"w = 1 ms (in the measurement below NEST needed {min(NEEDED):.1f} to "
        f"{max(NEEDED):.1f})",
        "c = 0.1 ms",
    ],
    "seen-time": [
        f"With 8000 neurons and 1.5 ms the best number of machines drawn is "
        f"{best(8000, 1.5)}. With 0.1 ms there are 10 000 conversations in each second "
        f"of network, and it is {best(8000, 0.1)}",
    ],
    "exercise-6": ["**Exercise 6.**", "0.8 ms and 20 ms", "10 s"],
    "cluster": [
        r"\underbrace{a}_{\text{cannot be shared}} + "
        r"\underbrace{\frac{b}{p}}_{\text{shared}}",
        "--neurons 1250 --threads 2 --seed 1",
        "-n 4",
        "--neurons 12500",
        "On the K computer NEST could simulate $10^8$ neurons with $10^{12}$ synapses "
        "(Helias et al. 2012)",
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


NEST_DOCS = "https://nest-simulator.readthedocs.io/en/stable"
LINKS = {  # that are no DOIs
    "Simulations with precise spike times": f"{NEST_DOCS}/neurons/"
    "simulations_with_precise_spike_times.html",
    "noise_generator": f"{NEST_DOCS}/models/noise_generator.html",
    "abstract of a poster": "https://juser.fz-juelich.de/record/894269",
    "abstract": "https://juser.fz-juelich.de/record/889327",
}


def test_the_cells_say_what_comes_out():
    assert TEXT.missing(SAID) == {}


def test_no_number_is_said_without_being_computed():
    assert TEXT.unsaid(SAID, run=SOLVED) == {}


def test_no_word_in_a_formula_is_left_out():
    for cell in TEXT.texts():
        text = "".join(TEXT.formulas(cell))
        for phrase in SAID.get(cell, []):
            text = text.replace(phrase, "")
        assert "\\text" not in text, cell


def test_the_sources():
    assert TEXT.misplaced(SOURCES) == []
    assert TEXT.dois() == DOIS
    links = re.findall(r"\[([^\]]+)\]\((http[^)]+)\)", TEXT.source("sources"))
    assert {text: link for text, link in links if "doi" not in link} == LINKS


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
        10 * 27.5: "no full interval",
        22 + 10 * 27.5: "nine intervals",
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
ALSO_SHOWN = {
    "recall": [
        "By the square root of 2; otherwise σ_V becomes smaller."
    ],  # test_held_noise
    "precise": [  # test_the_grid_bound_neuron_at_each_setting
        "It rounds each spike *up* to a step, and the next interval begins there.",
    ],
    "seen-grid": [
        "the lag grows along a straight line",
        "Never does the grid-bound neuron fire faster than the exact one.",
    ],
    "noise": ["What is held longer moves V further:"],  # test_held_noise
    "seen-held": [  # 10² times the variance, over 10
        "Each push is ten times as large, but there are ten times fewer, and random "
        "pushes add up in their squares.",
    ],
    "network": ["or twice to the same neuron"],
    "delay": [
        "One machine is soon too small, or too slow.",
        "whatever a neuron fires arrives a delay D later",
        "the smallest counts",
    ],
    "seen-time": [  # test_work_and_talk_at_each_setting
        "Work shrinks with each machine, talk grows. Where the sum is smallest, more "
        "machines only make it slower.",
        "Twice as many neurons are worth twice as many machines, half the delay half "
        "as many.",
    ],
    "notice-seconds": [  # test_what_was_measured
        "and with more neurons about half: then each has more to do between two",
    ],
    "cluster": [  # the script's tests, Jordan et al., test_amdahl
        "look at its result later",
        "it builds the network above",
        "So compare statistics, as above, not spikes.",
        "prepared it for still larger machines, without losing speed on small ones",
        "however many machines you have, you never get below a",
    ],
    "common-mistakes": [
        '"Twice the machines, half the time."',
        "**A smaller network as a stand-in.** With fewer inputs it is another network",
    ],
    "challenge": [
        "A network too large for your machine",
        "five times smaller",
        "the input from outside stays as it is",
    ],
    "challenge-solution": ["so J grows by √5"],
}


def test_no_direction_is_said_without_being_shown():
    assert TEXT.missing(ALSO_SHOWN) == {}
    assert TEXT.unshown(SAID, ALSO_SHOWN) == {}


# Words that a "not" more or less turns round.
TURNED = re.compile(r"\b(drifts?|never|cannot|not|no|least|agrees?)\b")
ALSO_DENIED = {
    "units": [
        "It has no R: it takes τ_m and C",
        "you do not give keeps NEST's default",
    ],
    "mistakes": ["NEST cannot know what you meant"],
    "seen-mistakes": ["there you would not see it"],  # 84.7 and 85.4 Hz
    "precise": [  # test_nests_precise_neuron_is_ours_and_the_other_one_our_loop
        "The precise model agrees with yours to",
        "So it does not err by at most one step: it drifts.",  # 4 ms at steps of 0.5 ms
    ],
    "noisy-in-nest": ["neurons that cannot fire"],
    "errors": [  # test_twenty_seeds_agree
        "so no spike is the same",
        "The error of a difference is the root of the sum of both squares. Two means "
        "agree if they lie within two or three such errors.",
    ],
    "delay": ["Within one delay no machine needs news from the others."],
    "notice-seconds": ["needs least at every size that was tried"],
    "cluster": [
        "networks would run that do not know each other",
        "Some of a program cannot be shared: reading, starting, writing.",
    ],
    "common-mistakes": [
        "nA for pA, nF for pF: NEST cannot notice.",
        "Of one spike. Over many, a grid-bound neuron drifts.",
        "They also talk, and part of the work cannot be shared.",
    ],
    "summary": [
        "Two programs agree if their spikes do, where nothing is left to chance, and "
        "if their means do within standard errors, where something is.",
        "NEST's precise neuron is yours; the grid-bound one drifts.",
    ],
}


def test_nothing_is_denied_without_being_shown():
    assert TEXT.missing(ALSO_DENIED) == {}
    assert TEXT.unshown(SAID, ALSO_SHOWN, ALSO_DENIED, pattern=TURNED) == {}


SLIDERS = {
    "explore-mistakes": {
        "mistake": ("", ("none", "nA for pA", "nF for pF", "defaults left")),
        "I": ("I (nA)", 0.3, 0.1, 0.6, 0.01),
    },
    "explore-grid": {
        "I": ("I (nA)", 0.3, 0.22, 0.5, 0.01),
        "dt": ("dt (ms)", (0.1, 0.2, 0.5, 1.0)),
    },
    "explore-held": {
        "wanted": ("wanted (mV)", 5, 1, 5, 0.5),
        "hold": ("h (ms)", (0.1, 0.2, 0.5, 1.0)),
    },
    "explore-time": {
        "N": ("N", 8000, 3, math.log10(64_000), math.log10(2)),
        "D": ("D (ms)", 1.5, 0.1, 2, 0.1),
    },
}


def test_the_sliders(notebook):
    assert sliders(notebook) == SLIDERS


FIGURES = {  # of each axes: labels and limits of x and y
    "explore-mistakes": [("time t (ms)", "V (mV)", (0, 150), (-80, -40))],
    "explore-grid": [
        ("time t (ms)", "V (mV)", (0, 150), (-80, -44)),
        ("time t (ms)", "grid-bound spike late by (ms)", (0, 1000), (-3, 72)),
    ],
    "explore-held": [
        ("time t (ms)", "V without threshold (mV)", (0, 500), (-132, -8)),
        ("current held for h (ms)", "$σ_V$ (mV)", (0.08, 1.25), (0.8, 30)),
    ],
    "explore-time": [
        ("machines p", "s for 1 s of network", (0.8, 5200), (0.0002, 400)),
    ],
    "seconds-figure": [
        (
            "neurons, each with 125 inputs",
            "s for 1 s of network",
            (1000, 45_000),
            (0.1, 30),
        )
    ],
}
LEVELS = {
    "explore-mistakes": [(-50, "your $V_{th}$")],
    "explore-grid": [(-50, "$V_{th}$")],
    "explore-time": [(1, "real time")],
    "seconds-figure": [(1, "real time")],
}
MEANINGS = {  # of the colours
    "explore-mistakes": {"V": "V", "spikes": "spikes", "what you meant": "theory"},
    "explore-grid": {"exact V": "V", "grid-bound V": "spikes", "late by": "spikes"},
    "explore-held": {
        "−70 mV ± wanted $σ_V$": None,
        "V": "V",
        "NEST": "V",
        "theory": "theory",
        "here": "spikes",
    },
    "explore-time": {
        "work and talk": "V",
        "work": "V",
        "talk": "spikes",
        "best": "theory",
    },
}
READ_OUTS = {
    "explore-mistakes": f"R in NEST {NEURON.R:g} MΩ · rate in NEST 37.0 Hz · "
    f"rate that you meant {lif.fi_curve(NEURON, 0.3):.1f} Hz",
    "explore-grid": f"exact rate {lif.fi_curve(NEURON, 0.3):.2f} Hz · grid-bound rate "
    f"{1000 / np.diff(grid_times(0.3, 0.1, 1000))[0]:.2f} Hz · last spike late by "
    f"{lag(0.3, 0.1):.2f} ms",
    "explore-held": "σ_V wanted 5.0 mV · σ_V here 4.9 mV · theory "
    f"{width(1, 0.1):.1f} mV",
    "explore-time": f"conversations {1000 / 1.5:.0f} per s of network · best p "
    f"{best(8000, 1.5)} · time with it {sum(seconds(8000, 1.5, 64)):.2g} s · times "
    f"faster {8 / sum(seconds(8000, 1.5, 64)):.3g}",
}


def test_words_for_pictures_say_what_is_drawn(notebook):
    crowd, trains = (notebook.namespace[name] for name in ("crowd", "trains"))
    (call,) = (
        node
        for node in ast.walk(ast.parse(TEXT.source("opening")))
        if isinstance(node, ast.keyword) and node.arg == "alt"
    )
    assert len(trains) == 4 * 12
    assert call.value.value == (
        "Four machines each simulate twelve neurons of one network; each works alone "
        f"for {crowd.delay:g} ms, waits for the slowest, and then all send each other "
        "their spikes."
    )
    # test_twenty_seeds_agree
    assert CELLS["seeds-figure"].metadata["alt"] == (
        "Rate, CV and synchrony of twenty runs each in lif_networks and in NEST; the "
        "means agree within their errors."
    )
    # test_what_was_measured
    assert CELLS["seconds-figure"].metadata["alt"] == (
        "Seconds for a second of network against the number of neurons: NEST with one "
        "thread needs most, with two threads about half of it, and lif_networks least."
    )


def test_the_machines_of_the_opening_wait_for_each_other(notebook):
    reached = notebook.namespace["reached"]
    for frame in range(48):
        times = [reached(machine, frame) for machine in range(4)]
        assert 3 * (frame // 4) < min(times) <= max(times) <= 3 * (frame // 4 + 1)
        assert (min(times) == 3 * (frame // 4 + 1)) == (frame % 4 == 3)


@pytest.mark.parametrize("cell", FIGURES)
def test_axes_have_their_quantity_and_unit(notebook, cell):
    assert TEXT.axes_said(notebook, cell) == FIGURES[cell]


@pytest.mark.parametrize("cell", LEVELS)
def test_levels_stand_where_they_are_named(notebook, cell):
    assert levels(*TEXT.axes(notebook, cell)) == LEVELS[cell]


@pytest.mark.parametrize("cell", MEANINGS)
def test_the_colours_are_those_of_what_is_drawn(notebook, cell):
    assert meanings_first(notebook.explorers[cell]) == MEANINGS[cell]


@pytest.mark.parametrize("cell", READ_OUTS)
def test_read_outs_have_their_units(notebook, cell):
    shown = notebook.views[cell]["text/plain"]
    assert shown == f"Live figure. {READ_OUTS[cell]}"


def at_times(curve, recording):
    return np.interp(recording.t, *curve)


@pytest.mark.parametrize("mistake", ["none", "defaults left"])
def test_the_mistake_is_drawn_beside_what_was_meant(notebook, mistake):
    curves = drawn(notebook, "draw_mistake", 1, mistake=mistake, I=0.45)
    theirs = DEFAULTS if mistake == "defaults left" else NEURON
    for name, neuron in (("V", theirs), ("what you meant", NEURON)):
        run_ = lif.simulate(neuron, lif.time_grid(150), 0.45)
        assert at_times(curves[name], run_) == pytest.approx(run_.V, abs=1e-6)


def test_the_lines_on_the_grid_follow_the_sliders(notebook):
    curves = drawn(notebook, "draw_grid", 2, I=0.4, dt=0.5)
    run_ = lif.simulate(NEURON, lif.time_grid(1000), 0.4)
    t, V = curves["exact V"]
    assert V == pytest.approx(run_.V[: len(V)])
    _, trace = notebook.namespace["on_the_grid"](NEURON, 0.4, 0.5, 1000)
    t, V = curves["grid-bound V"]
    assert t == pytest.approx(np.arange(0, 150.1, 0.5))
    assert V == pytest.approx(trace[:301])
    t, late = curves["late by"]
    assert t == pytest.approx(grid_times(0.4, 0.5, 1000))
    assert late == pytest.approx(t - run_.spike_times[: len(t)])


def test_what_is_held_follows_the_sliders(notebook):
    _, axes = plt.subplots(2)
    notebook.namespace["draw_held"](axes, wanted=3, hold=0.5)
    (band,) = axes[0].patches
    assert band.get_y() == -73
    assert band.get_height() == 6
    curves = drawn(notebook, "draw_held", 2, wanted=3, hold=0.5)
    h, widths = curves["NEST"]
    assert h.tolist() == [0.1, 0.2, 0.5, 1.0]
    assert widths == pytest.approx(0.6 * stored("record", "widths"), abs=1e-4)
    h, theory = curves["theory"]
    assert theory == pytest.approx([width(0.6, hold) for hold in h])
    h, here = curves["here"]
    assert h.tolist() == [0.5]
    assert here == pytest.approx(width(0.6, 0.5), rel=0.07)


def test_work_and_talk_follow_the_sliders(notebook):
    curves = drawn(notebook, "draw_time", 1, N=4000, D=0.5)
    p, both = curves["work and talk"]
    assert p.tolist() == [2**k for k in range(13)]
    parts = np.array([seconds(4000, 0.5, machines) for machines in p])
    assert both == pytest.approx(parts.sum(axis=1))
    assert curves["work"][1] == pytest.approx(parts[:, 0])
    assert curves["talk"][1] == pytest.approx(parts[1:, 1])
    assert curves["best"][:, 0] == pytest.approx(
        [best(4000, 0.5), sum(seconds(4000, 0.5, best(4000, 0.5)))]
    )


def test_each_mistake_at_each_current(notebook):
    explorer = notebook.explorers["explore-mistakes"]
    has = notebook.namespace["what_nest_has"]
    for I in grid(explorer, "I", 51):
        silent, current = has("nA for pA", I)
        assert silent.R * current <= 0.06 + 1e-12
        fast, current = has("nF for pF", I)
        assert fast.R == pytest.approx(20 / 0.2e-3)  # 0.2 pF
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # I may have been given in pA
            assert 480 < lif.fi_curve(fast, current) < 500
        wrong, current = has("defaults left", I)
        rate, meant = lif.fi_curve(wrong, current), lif.fi_curve(NEURON, I)
        assert rate <= meant
        assert (rate == 0) == (I <= DEFAULTS.rheobase)
    assert wrong == DEFAULTS
    shown = numbers_at(explorer, mistake="defaults left", I=0.4)
    assert f"{shown['rate in NEST']:.1f}" == RATE["theirs", 0.4]
    assert f"{shown['rate that you meant']:.1f}" == RATE["ours", 0.4]
    assert shown["R in NEST"] == 40


def test_the_grid_bound_neuron_at_each_setting(notebook):
    explorer = notebook.explorers["explore-grid"]
    on_the_grid = notebook.namespace["on_the_grid"]
    for I, dt in itertools.product(grid(explorer, "I", 29), (0.1, 0.2, 0.5, 1.0)):
        spikes, _ = on_the_grid(NEURON, I, dt, 1000)
        np.testing.assert_allclose(spikes, grid_times(I, dt, 1000), atol=1e-6)
        late = spikes - exact_times(I, 1000)[: len(spikes)]
        assert (late > 0).all()
        assert np.diff(late) == pytest.approx(np.diff(late)[0], abs=1e-6)
        assert 0 < np.diff(late)[0] < dt
        assert late.max() < 72
    for I, dt in ((0.3, 1.0), (0.5, 0.1)):
        shown = numbers_at(explorer, I=I, dt=dt)
        assert shown["last spike late by"] == pytest.approx(lag(I, dt))
        assert shown["exact rate"] == pytest.approx(lif.fi_curve(NEURON, I))
        assert shown["grid-bound rate"] < shown["exact rate"]


def plain(formula):
    """The formula with commands that only look, or that `compute` does not know."""
    for written, meant in (
        (r"\\overbrace\{(.+?)\}\^\{\\text\{ms\}\}", r"\1"),
        (r"\\sqrt\{(\\frac\{[^{}]+\}\{[^{}]+\})\}", r"(\1)**0.5"),
        (r"\\sigma", "sigma"),
        (r"\\text\{ ms\}", ""),
        (r"\\log_2 p", "L"),
    ):
        formula = re.sub(written, meant, formula)
    return formula


@pytest.mark.parametrize("neuron", [NEURON, OTHER])
def test_held_noise(notebook, neuron):
    asked, held, left = (plain(sides(part)[1]) for part in TEXT.formulas("noise"))
    for hold, s in itertools.product((0.1, 1.0), (0.3, 2)):
        a = math.exp(-hold / neuron.tau_m)
        assert compute(left, h=hold, tau_m=neuron.tau_m) == pytest.approx(a)
        found = compute(held, R=neuron.R, s=s, a=a)
        assert found == pytest.approx(width(s, hold, neuron))
        assert found == pytest.approx(notebook.namespace["width"](s, hold, neuron))
        assert width(s, hold / 2, neuron) < found
        symbols = {"R": neuron.R, "tau_m": neuron.tau_m, "dt": hold}
        enough = compute(asked, sigma_V=5, **symbols)
        assert width(enough, hold, neuron) == pytest.approx(5, rel=2e-3)


def test_held_noise_in_the_figure(notebook):
    explorer = notebook.explorers["explore-held"]
    for wanted, hold in itertools.product((1, 5), (0.1, 0.2, 0.5, 1.0)):
        shown = numbers_at(explorer, wanted=wanted, hold=hold)
        s = wanted / 100 * math.sqrt(400)
        assert shown["theory"] == pytest.approx(width(s, hold))
        # 990 independent looks: 3 standard errors are 7 %.
        assert shown["σ_V here"] == pytest.approx(shown["theory"], rel=0.07)
    curves = drawn(notebook, "draw_held", 2, wanted=5, hold=1.0)
    assert curves["theory"][1][-1] == pytest.approx(width(1, 1.0))
    assert abs(curves["V"][1] + 70).max() < 62
    widths = stored("record", "widths")
    for hold, found in zip((0.1, 0.2, 0.5, 1.0), widths, strict=True):
        assert found == pytest.approx(width(1, hold), rel=0.03)


def test_work_and_talk_at_each_setting(notebook):
    explorer = notebook.explorers["explore-time"]
    formula = plain(sides(TEXT.formulas("delay")[0])[1])
    symbols = {"w": 0.001, "N": 8000, "p": 4, "D": 1.5, "c": 1e-4, "L": 2}
    assert compute(formula, **symbols) == pytest.approx(sum(seconds(8000, 1.5, 4)))
    for setting in settings(explorer, 20):
        N, D = setting["N"], setting["D"]
        total = [sum(seconds(N, D, 2**k)) for k in range(13)]
        least = int(np.argmin(total))
        assert all(np.diff(total)[least:] > -1e-12)
        assert all(np.diff(total)[:least] < 1e-12)
        assert least < 12  # inside of what is drawn
        tie = np.sort(total)[1] - min(total) < 1e-9
        if not tie and least > 0:
            assert best(2 * N, D) == 2 ** (least + 1)
            assert best(N, D / 2) == 2 ** (least - 1)
    shown = numbers_at(explorer, N=8000, D=0.1)
    assert shown["best p"] == best(8000, 0.1)
    assert shown["conversations"] == pytest.approx(10_000)
    assert shown["time with it"] == pytest.approx(sum(seconds(8000, 0.1, 4)))
    work, talk = (notebook.namespace[name] for name in ("work", "talk"))
    assert (work(8000, 4), talk(1.5, 4)) == pytest.approx(seconds(8000, 1.5, 4))


def test_what_was_measured():
    ours, one, two = (
        stored("seconds", name)
        for name in ("lif_networks", "NEST, 1 thread", "NEST, 2 threads")
    )
    assert (ours < two).all()
    assert (two < one).all()
    shares = two / one
    assert f"two threads need {shares[0]:.1f} of the time of one" in TEXT.source(
        "notice-seconds"
    )
    np.testing.assert_allclose(shares[1:], 0.5, atol=0.06)  # "about half"
    for times in (ours, one):
        assert (np.diff(times) > 0).all()


def test_twenty_seeds_agree(notebook):
    said = notebook.printed["compare"]
    for measure in ("rate", "CV", "synchrony"):
        ours, theirs = (
            notebook.namespace["twenty"](program, measure)
            for program in ("ours", "NEST")
        )
        error = math.sqrt((ours.var(ddof=1) + theirs.var(ddof=1)) / 20)
        apart = abs(ours.mean() - theirs.mean()) / error
        assert f"{measure}: {apart:.1f} standard errors apart" in said
        assert apart < 2


def test_twenty_seeds_of_ours_are_those_that_are_stored(notebook):
    for seed in (14,):
        network = net.Network(seed=seed)
        run_ = net.simulate_network(network, 1000, V0=-70, warm_up=200, seed=seed)
        for measure, decimals in (("rate", 1), ("CV", 3), ("synchrony", 1)):
            value = run_.numbers[measure][0]
            table = notebook.namespace["twenty"]("ours", measure)
            assert table[seed - 1] == pytest.approx(value, abs=0.51 * 10**-decimals)


def test_units_and_amdahl(notebook):
    first, second = (plain(sides(part)[1]) for part in TEXT.formulas("units"))
    for neuron in (NEURON, OTHER):
        assert compute(first, tau_m=neuron.tau_m, C=neuron.C) == pytest.approx(neuron.R)
        C_m = compute(second, C=neuron.C)
        assert notebook.namespace["to_nest"](neuron)["C_m"] == pytest.approx(C_m)
    formula = sides(TEXT.formulas("cluster")[0])[1]
    assert compute(formula, a=6, b=120, p=20) == pytest.approx(12)
    assert compute(formula, a=6, b=120, p=1e9) == pytest.approx(6, abs=1e-6)
    assert compute(formula, a=6, b=120, p=1e3) > 6


# ---- The challenge -------------------------------------------------------------------


def challenge(notebook, J, I_ext, capsys):
    code = f'challenge_small = {{"J": {J}, "I_ext": {I_ext}}}'
    return TEXT.verdict(notebook, "challenge", code, capsys)


def test_the_challenge(notebook, capsys):
    right = TEXT.verdict(notebook, "challenge", TEXT.solution("challenge"), capsys)
    assert "right" in right
    for J, I_ext, words in (
        (0.4, 0, "what became of C J²"),
        (J_SMALL, 0, "now keep the mean"),
        (J_SMALL, 0.074, "must be negative"),
        (2.0, 0, "the variance counts C J²"),
    ):
        assert words in challenge(notebook, J, I_ext, capsys)


def test_the_large_network_and_the_small_one_fire_as_said():
    large = net.simulate_network(LARGE, 800, seed=1)
    assert large.rate == pytest.approx(67, abs=1)
    assert large.cv == pytest.approx(0.53, abs=0.01)
    alone = net.Network(N_E=200, N_I=50, C_E=20, C_I=5, seed=1)
    small = net.simulate_network(alone, 800, seed=1)
    assert small.rate == pytest.approx(90, abs=1)
    assert small.cv == pytest.approx(0.26, abs=0.01)
    # "Synchrony falls with the number of neurons."
    shrunk = net.simulate_network(SMALL, 800, seed=1)
    assert shrunk.synchrony < 0.4 * large.synchrony


# ---- Without NEST --------------------------------------------------------------------


@pytest.fixture(scope="module")
def without():
    """A run of the notebook where `import nest` fails."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "nest", None)
        return run(read(path_of("07")), {"opening": "pass"})


def test_without_nest_it_runs_and_says_how_to_get_it(without):
    said = without.printed["nest-or-not"]
    assert said.startswith("NEST is not here: ")
    assert said.count("\n") == 1
    for word in ("Linux", "Colab", "Binder", "macOS", "Windows", "3.14"):
        assert word in said
    for cell in ("two-programs", "widths-found", "network-found"):
        assert "On record, from NEST 3.10:" in without.printed[cell]
        assert "Computed" not in without.printed[cell]


def test_what_it_says_is_what_is_stored_but_for_where_it_comes_from(without):
    """As nbval and the test in a browser tab compare it."""
    sanitize = ROOT / "tests" / "nbval_sanitize.cfg"
    patterns = get_sanitize_patterns(sanitize.read_text(encoding="utf-8"))

    def sanitized(text):
        for pattern, replacement in patterns:
            text = re.sub(pattern, replacement, text)
        return text

    for name, cell in CELLS.items():
        kept = [o.text for o in cell.get("outputs", []) if o.output_type == "stream"]
        if kept:
            assert sanitized(without.printed[name]) == sanitized("".join(kept)), name
    assert without.printed["nest-or-not"] != CELLS["nest-or-not"].outputs[0].text


# ---- With NEST -----------------------------------------------------------------------

with_nest = pytest.mark.filterwarnings("ignore")  # of NEST itself


@with_nest
def test_nest_finds_what_is_on_record(notebook):
    peer("nest")
    for name in ("two-programs", "widths-found", "network-found"):
        assert "Computed here, by NEST" in notebook.printed[name]
    widths = notebook.namespace["found_widths"]
    np.testing.assert_allclose(widths, stored("record", "widths"), atol=1e-4)
    found = notebook.namespace["found"]
    np.testing.assert_allclose(found, stored("record", "network"), atol=1e-3)


@with_nest
@pytest.mark.parametrize("neuron", [NEURON, OTHER])
def test_nests_precise_neuron_is_ours_and_the_other_one_our_loop(notebook, neuron):
    peer("nest")
    names = notebook.namespace
    for model, I in itertools.product(
        ("iaf_psc_delta_ps", "iaf_psc_delta"), (1.2, 1.6)
    ):
        I = I * neuron.rheobase
        found = names["from_nest"]("", names["nest_spikes"], model, neuron, I, 900)
        t = lif.time_grid(900)
        ours = lif.simulate(neuron, t, I).spike_times
        if model == "iaf_psc_delta":
            ours, _ = names["on_the_grid"](neuron, I, 0.1, 900)
        assert len(found) == len(ours) > 10
        np.testing.assert_allclose(found, ours, rtol=0, atol=1e-9)


@with_nest
def test_nests_defaults_are_those_that_are_said(notebook):
    nest = peer("nest")
    default = nest.GetDefaults("iaf_psc_delta")
    said = {"tau_m": 10, "C_m": 250, "V_th": -55, "E_L": -70, "V_reset": -70}
    assert {name: default[name] for name in said} == said
    assert default["t_ref"] == DEFAULTS.t_ref
    assert DEFAULTS.C == pytest.approx(0.25)
    assert nest.GetDefaults("noise_generator")["dt"] == 1.0
    assert len(nest.node_models) == pytest.approx(100, abs=15)  # "about a hundred"
    # Each mistake of the figure is what NEST makes of it.
    names, I = notebook.namespace, 0.45
    right = names["to_nest"](NEURON)
    given = {
        "nA for pA": right | {"I_e": I},
        "nF for pF": right | {"C_m": NEURON.C, "I_e": 1000 * I},
        "defaults left": {"I_e": 1000 * I},
    }
    for mistake, parameters in given.items():
        theirs, current = names["what_nest_has"](mistake, I)
        nest.ResetKernel()
        cell = nest.Create("iaf_psc_delta_ps", params=parameters)
        recorder = nest.Create("spike_recorder")
        nest.Connect(cell, recorder)
        nest.Simulate(150)
        expected = lif.simulate(theirs, lif.time_grid(150), current).spike_times
        found = recorder.events["times"]
        assert len(found) == len(expected)
        np.testing.assert_allclose(found, expected, atol=1e-6)


@with_nest
def test_a_network_in_nest_is_wired_as_said(notebook):
    nest = peer("nest")
    names = notebook.namespace
    inputs = {"J": 0.5, "g": 4, "delay": 2, "f_ext": 4000, "J_ext": 0.3}
    network = net.Network(N_E=60, N_I=20, C_E=12, C_I=6, **inputs, seed=1)
    nest.ResetKernel()
    E, I = names["populations"](network)
    names["wire_up"](network, E, I)
    for kind, C, weight in ((E, 12, 0.5), (I, 6, -2.0)):
        found = nest.GetConnections(kind, E + I).get(["source", "target", "weight"])
        pairs = list(zip(found["source"], found["target"], strict=True))
        assert len(pairs) == len(set(pairs)) == 80 * C  # no multapses
        assert all(source != target for source, target in pairs)  # no autapses
        assert np.bincount(found["target"])[1:81].tolist() == [C] * 80
        assert set(found["weight"]) == {weight}
    (outside,) = (node for node in nest.GetNodes() if node.model == "poisson_generator")
    assert outside.rate == 4000
    found = nest.GetConnections(outside).get(["target", "weight", "delay"])
    assert sorted(found["target"]) == list(range(1, 81))
    assert set(found["weight"]) == {0.3}
    assert set(found["delay"]) == {nest.min_delay} == {2}


# ---- The script for a cluster --------------------------------------------------------


def start(folder, *words, **environment):
    peer("nest")
    return subprocess.run(
        [sys.executable, SCRIPT, *words],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"OMP_WAIT_POLICY": "passive"} | environment,
    )


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Of the script with one thread and with two."""
    folder = tmp_path_factory.mktemp("cluster")
    found = []
    for threads in ("1", "2"):
        words = ("--duration", "600", "--threads", threads)
        done = start(folder, *words, "--result", f"{threads}.json")
        assert done.returncode == 0, done.stderr
        assert "rate" in done.stdout
        found.append(json.loads((folder / f"{threads}.json").read_text("utf-8")))
    assert sorted(path.name for path in folder.iterdir()) == ["1.json", "2.json"]
    return found


def test_one_thread_and_two_give_the_same_statistics(results):
    one, two = (result["statistics"] for result in results)
    assert one != two  # other random numbers
    ours = net.simulate_network(LARGE, 600, V0=-70, warm_up=200, seed=1).numbers
    # Over seeds the standard deviations are about 1 Hz, 0.006 and 2.4; of a difference
    # 4 of them.
    for other in (two, {name: value[0] for name, value in ours.items()}):
        for name, spread in (("rate", 1), ("CV", 0.006), ("synchrony", 2.4)):
            assert one[name] == pytest.approx(other[name], abs=4 * 1.41 * spread)


def test_a_result_tells_where_it_comes_from(results):
    for threads, result in enumerate(results, start=1):
        assert result["threads"] == threads
        assert result["processes"] == 1
        assert result["seed"] == 1
        assert result["neurons"] == 1250
        assert set(result["versions"]) == {"nest", "numpy", "python"}
        assert result["connections"] == 1250 * (125 + 1 + 1)  # input and recorder too
        assert set(result["seconds"]) == {"build", "simulate", "processors"}
    neuron = LARGE.neuron
    about = results[0]["neuron"] | {"I_e": 0}
    assert about["C_m"] == pytest.approx(1000 * neuron.C)
    for name in ("tau_m", "E_L", "V_th", "V_reset", "t_ref"):
        assert about[name] == getattr(neuron, name)
    for name, value in results[0]["network"].items():
        assert value == getattr(LARGE, name)


@pytest.fixture
def script():
    peer("nest")
    spec = importlib.util.spec_from_file_location("network_on_a_cluster", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def said_in_it(line):
    """The words of a command as a shell reads them, after the name of the script."""
    return shlex.split(line.partition(SCRIPT.name)[2])


def test_the_commands_that_are_said_can_be_given(script):
    """Also in the batch file, where each thread gets a processor."""
    lines = f"{script.__doc__}\n{TEXT.source('cluster')}".splitlines()
    commands = [line for line in lines if f"python {SCRIPT.name}" in line]
    for command in commands:
        words = said_in_it(command)
        chosen = vars(script.options(words))
        assert {word[2:] for word in words if word.startswith("--")} <= set(chosen)
    assert len(commands) == 5
    (batch,) = (command for command in commands if "srun" in command)
    asked = re.findall(r"--cpus-per-task=(\d+)", script.__doc__)
    assert asked == 2 * [str(script.options(said_in_it(batch)).threads)]
    assert f"--cpus-per-task={asked[0]} python" in batch  # srun takes no other's


def test_what_the_script_does_if_it_is_told_nothing(script):
    chosen = vars(script.options([]))
    assert chosen | {"result": str(chosen["result"])} == {
        "neurons": LARGE.N,
        "threads": 1,
        "seed": 1,
        "duration": 1000,
        "result": "result.json",
    }


# What its words say of units and of what it measures, by the test that shows it.
SCRIPT_SAYS = [
    "# Units of NEST: mV, ms, pF, and Hz.",  # test_a_result_tells_where_it_comes_from
    "DT = 0.1  # ms",
    "WARM_UP = 200.0  # ms",
    '"J": 0.4,  # mV',
    '"delay": 1.5,  # ms',
    '"f_ext": 5000.0,  # Hz',
    '"J_ext": 0.4,  # mV',
    'help="four fifths excite"',  # test_the_script_builds_the_same_network
    "the spikes per second and\nneuron (rate), the CV, the synchrony, and the seconds",
    '"""Rate (Hz), mean CV, and synchrony',  # test_the_script_measures_as_...
]


def test_the_script_says_its_units():
    text = SCRIPT.read_text(encoding="utf-8")
    assert [words for words in SCRIPT_SAYS if words not in text] == []


@with_nest
def test_the_script_builds_the_same_network(script):
    nest = script.nest
    nest.ResetKernel()
    everyone, _ = script.build(150)
    E, I = everyone[:120], everyone[120:]
    for kind, C, weight in ((E, 100, LARGE.J), (I, 25, -LARGE.g * LARGE.J)):
        found = nest.GetConnections(kind, everyone).get(["target", "weight", "delay"])
        assert np.bincount(found["target"])[1:151].tolist() == [C] * 150
        assert set(found["weight"]) == {weight}
        assert set(found["delay"]) == {LARGE.delay}


@pytest.mark.parametrize("duration", [700, 350])  # in the latter few fire 11 times
def test_the_script_measures_as_the_course_does(script, duration):
    recording = net.simulate_network(SMALL, duration, warm_up=200, seed=2)
    spikes = recording.spike_times, recording.senders + 1
    found = script.statistics(*spikes, SMALL.N, duration)
    assert found == pytest.approx({k: v[0] for k, v in recording.numbers.items()})
    quiet = script.statistics(np.empty(0), np.empty(0, int), 250, 700)
    assert quiet["rate"] == 0
    assert math.isnan(quiet["CV"])


def test_the_first_process_gathers_the_parts_of_all(script, tmp_path, monkeypatch):
    """As if there were three processes, of which the first comes last. NEST counts only
    the connections of a process itself.
    """
    times, senders = np.arange(30.0), np.arange(30) % 7
    other = tmp_path / "other-part-0.npz"  # of another job in this folder
    other.write_bytes(b"")
    for rank in (2, 1, 0):
        of_this = {"Rank": lambda rank=rank: rank, "num_processes": 3}
        of_this |= {"SyncProcesses": lambda: None, "num_connections": 100 + rank}
        monkeypatch.setattr(script, "nest", SimpleNamespace(**of_this))
        own = senders % 3 == rank
        events = {"times": times[own], "senders": senders[own]}
        recorder = SimpleNamespace(events=events)
        found = script.gathered(recorder, tmp_path / "result.json")
        assert (found is None) == (rank > 0)
    order = np.argsort(found[0])
    np.testing.assert_array_equal(found[0][order], times)
    np.testing.assert_array_equal(found[1][order], senders)
    assert found[2] == 303
    assert list(tmp_path.iterdir()) == [other]
    assert other.read_bytes() == b""


@pytest.mark.parametrize(
    ("words", "environment", "sentence"),
    [
        (["--duration", "200"], {}, "--duration must exceed the warm-up of 200 ms"),
        (["--neurons", "100"], {}, "--neurons must be 130 at least"),
        (["--result", "none/1.json"], {}, "--result: there is no folder none"),
        *(
            ([], {name: "4"}, "4 processes were started, but this NEST was built")
            for name in ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_NTASKS")
        ),
    ],
)
def test_the_script_says_what_is_wrong(tmp_path, words, environment, sentence):
    nest = peer("nest")
    if environment and nest.build_info["have_mpi"]:
        pytest.skip("this NEST has MPI")
    done = start(tmp_path, *words, **environment)
    assert done.returncode != 0
    assert sentence in done.stderr
    assert list(tmp_path.iterdir()) == []
