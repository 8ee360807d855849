"""What notebook 06 says, recomputed: numbers, formulas, directions, hints, figures."""

import ast
import itertools
import math
import re
import time
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from claims import (
    DIRECTION,
    EQUATION,
    Claims,
    levels,
    meanings,
    meanings_first,
    number,
    settings,
    sliders,
)
from latex import compute, sides

import lif_helpers as lif
import lif_networks as net
from notebooks import numbers_at, path_of, set_sliders

TEXT = Claims("06")
CELLS = TEXT.cells
NEURON = lif.Neuron()
SEEDS = range(1, 21)

pytestmark = pytest.mark.usefixtures("style")


@pytest.fixture
def notebook(runs):
    return runs(path_of("06"))


def make(g, eta, delay=1.5):
    return net.Network(N_E=400, N_I=100, g=g, f_ext=2500 * eta, delay=delay, seed=1)


def put_off(V):
    """By how many ms a kick of −2 mV puts off a spike, at 0.3 nA."""
    return 20 * math.log((-40 - (V - 2)) / (-40 - V))


MEAN, SIGMA_V = (float(x) for x in net.input_of(make(6, 2), 40.0))
MORE = make(8, 2.2)
KEPT = net.self_consistent_rate(make(8, 2)).f
ONE = float(net.rate_out(MORE, 32.4))
ALL = net.self_consistent_rate(MORE).f
SLOW = net.self_consistent_rate(make(5, 0.8)).f

# ---- Numbers: whoever changes one must change it here, where it is computed ----------

SAID = {
    "title": ["# 6 · "],
    "about": ["[01](01_", "[05](05_", "of one neuron says about 500, and"],
    "recall": ["(Notebook 04)", "0 and 1. (04)", "(04, 05)"],
    "pair": [
        f"Each gets 0.3 nA, and fires alone every "
        f"{1000 / lif.fi_curve(NEURON, 0.3):.0f} ms",
        "notebook 05 had weights in nS",
        "that of notebook 01",
        "A step k takes 0.05 ms",
    ],
    "seen-pair": ["the two end in phase, within 1 ms", "Exercise 1 shows how"],
    "exercise-1": [
        "**Exercise 1.** A kick of −2 mV reaches a neuron that gets 0.3 nA",
        "at V = −65 mV",
        "at −55 mV",
        "V0=...",
    ],
    "exercise-1-solution": [f"{put_off(-65):.2f} and {put_off(-55):.2f} ms"],
    "shared": [
        "Here 20 neurons do not know each other, but of the variance of their noise "
        "(5 mV wide)",
        r"\sqrt{1 - c}",
        "in windows of 200 ms",
        r"2\,\tau_m",
        "(\\sigma_V / R)^2\\,f'^2",
        "CV^2",
        "(notebook 04, Fano factor)",
    ],
    "seen-shared": [
        "(c = 1)",
        "with c = 0.4 it is 0.04 at 0.5 Hz, 0.22 at 4 Hz and 0.29 at 12 Hz",
    ],
    "exercise-2": ["**Exercise 2.**", "two spike trains of 1 s"],
    "build": [
        "500 neurons",
        "Brunel's (2000): 400 excitatory and 100 inhibitory neurons",
        f"V_reset = {number(net.BRUNEL.V_reset)} mV",
        "listens to 100 of the excitatory and 25 of the inhibitory",
        "J = 0.4 mV",
        "The delay is 1.5 ms",
        f"0.4 mV each. We count them by η: with η = 1, {make(5, 1).f_thr:.0f} per "
        "second",
        r"20\ \text{mV}",
    ],
    "loop-text": ["One step of 0.1 ms", "\n1. ", "\n2. ", "\n3. ", "\n4. "],
    "exercise-3": ["**Exercise 3.**", "in points 2 and 4"],
    "hold": [
        f"about {100 * 500 / 400:.0f} others",
        f"with g = {100 / 25:g} the two cancel",
    ],
    "predict-hold": ["η is 2. At g = 0 there"],
    "seen-hold": [
        "At g = 0 and 1 the network explodes: within 20 ms",
        "takes 1.5 ms to the other group, so that each neuron fires every 3 ms",
        "113 Hz at g = 4, 33 Hz at g = 8. Up to g = 2",
        "from g = 3 on",
    ],
    "exercise-4": ["**Exercise 4.**", "to 90 excitatory and 15 inhibitory"],
    "balance": [
        "In notebook 05 you did: 51 Hz of excitation against 80 Hz of inhibition",
        "τ_m = 20 ms = 0.02 s",
    ],
    "predict-inputs": ["from 20 to 80 mV", "at g = 8"],
    "seen-inputs": [
        f"Outside adds {80 - 20} mV, but at g = 8 the sum grows by 6 mV only",
        "At g = 5 it wins by little, and takes back 27 mV",
    ],
    "rate": ["(notebook 04)", r"\sigma_V^2 = \frac{\tau_m}{2}", "J^2", "g^2"],
    "exercise-5": [
        "**Exercise 5.** Take g = 6 and η = 2, that is "
        f"{make(6, 2).f_ext / 1000:g} spikes per ms",
        f"at 40 Hz, {40 / 1000:g} per ms",
    ],
    "exercise-5-solution": [
        f"−70 + 20 · (2 − 0.8) = {number(MEAN)} mV, and √{SIGMA_V**2:.0f} = "
        f"{SIGMA_V:.1f} mV. `net.input_of(make(6, 2), 40)`",
    ],
    "seen-rate": [
        "Above g = 4",
        "within 5 % of the simulation, in the worst 11 % off",
        f"(Below η = 1, where rates are low, it may be far too high: at g = 5 and η = "
        f"0.8 it says {SLOW:.1f} Hz, simulated is about 6 Hz.)",
    ],
    "exercise-6": ["**Exercise 6.**", "(notebook 03)"],
    "exercise-7": [
        f"**Exercise 7.** The network with g = 8 and η = 2 keeps up {KEPT:.1f} Hz",
        "by 10 %, to η = 2.2",
        "stay at 32.4 Hz",
    ],
    "exercise-7-solution": [f"{ONE:.1f} and {ALL:.1f} Hz"],
    "cv-notice": ["at g = 3 and 5.5", "within 5 %"],
    "cv-text": ["Two groups of 20 neurons"],
    "moods": ["**Synchrony** is 1 if", "notebook 04's", "in windows of 1 ms"],
    "seen-moods": [
        "the CV is below 0.2 at g = 3 and about 0.7 to 1.1 at g = 8",
        "With g at 5.5 or 8",
        "With g = 3",
        "never near 1: it is 10 and more",
    ],
    "exercise-8": [
        "**Exercise 8.**",
        "all 500 neurons fire as one, in 2 % of all bins of 1 ms, which are "
        f"{0.02 * 1000:.0f} Hz",
    ],
    "exercise-8-solution": [
        "The count is 500 in 2 % of the bins and else 0: mean "
        f"{500 * 0.02:.0f}, variance {500**2 * 0.02 * 0.98:.0f}",
    ],
    "common-mistakes": [
        f"= 5 per ms are {5 * 1000} Hz. A slip of 1000",
        "to 10 mV above rest",
        "multiply J by √2 for half as many",
    ],
    "challenge": [
        "at 25 Hz, within 2 Hz, with a CV above 0.8 and a synchrony below 13",
        "simulates 2 s",
    ],
    "next": ["Notebook 07", "(07_"],
}
RUN = [f"exercise-{k}-solution" for k in range(1, 9)] + ["challenge-solution"]


def test_the_cells_say_what_comes_out():
    assert TEXT.missing(SAID) == {}


def test_no_number_is_said_without_being_computed():
    assert TEXT.unsaid(SAID, run=RUN) == {}


# What is said in words; the tests named below show that it is so.
SENTENCES = {
    # test_two_neurons_at_every_setting
    "pair": "With a positive J the pair is excitatory, with a negative one inhibitory.",
    "seen-pair": "Excitation does not bring them together: at the end one fires a "
    "delay after the other, when the other's spike arrives, from any head start. "
    "Inhibition does. If the head start is shorter than the delay, the two end in "
    "phase, within 1 ms. If not, they fire in turn, half a period apart.\n\nSo "
    "*inhibition* can make neurons fire at the same time.",
    "exercise-1-solution": "near the threshold V climbs more slowly.",
    # test_what_neurons_share
    "seen-shared": "Less comes out than went in, unless all is shared (c = 1). And "
    "neurons that fire faster share more: with c = 0.4 it is 0.04 at 0.5 Hz, 0.22 at "
    "4 Hz and 0.29 at 12 Hz, from where on it hardly grows. The theory's straight line "
    "meets the dots while c is small.",
    # test_excitation_explodes_and_inhibition_holds_it
    "hold": "Not excitation: each spike brings V of about 125 others nearer to the "
    "threshold, and if it fires more than one of them, the next round is larger.",
    "seen-hold": "within 20 ms there are two groups that fire each other in turn. Each "
    "spike takes 1.5 ms to the other group, so that each neuron fires every 3 ms. The "
    "more inhibition, the lower the rate: 113 Hz at g = 4, 33 Hz at g = 8. Up to g = 2 "
    "more than half of all neurons fire in the busiest half of a ms, from g = 3 on "
    "less than a third.",
    # test_the_network_balances_itself
    "seen-inputs": "the network fires faster, and its inhibition, which wins over its "
    "excitation, takes the rest back. At g = 5 it wins by little, and takes back 27 mV."
    "\n\nNobody tunes this **balance**: what raises the rate raises inhibition.",
    # test_the_crossing_is_the_rate
    "seen-rate": "More inhibition lowers the crossing, more input from outside raises "
    "it. Above g = 4 the curve falls: the more the others fire, the less a neuron "
    "does. In most settings theory lies within 5 % of the simulation, in the worst "
    "11 % off.",
    # test_the_theory_of_the_cv_misses_that_trains_are_regular_not_the_waves
    "cv-text": "shifted at random: in one each *train* as a whole, which ends the "
    "waves, in the other each *spike*, which makes them Poisson:",
    "cv-notice": "at g = 3 and 5.5 the network is more regular than theory says, by "
    "more than a quarter. With Poisson input theory is right, within 5 %. With whole "
    "trains, and no waves, neurons are nearly as regular as in the network. So it is "
    "hardly the waves: regular neurons send *regular* trains, calmer than Poisson "
    "noise.",
    # test_moods
    "seen-moods": "g decides how regular a neuron is: the CV is below 0.2 at g = 3 and "
    "about 0.7 to 1.1 at g = 8. With g at 5.5 or 8 a longer delay makes the waves "
    "slower, as inhibition answers later. With g = 3 and a long delay nearly all "
    "neurons may fire as one, with a synchrony of several hundred.\n\nSynchrony is "
    "never near 1: it is 10 and more at every setting.",
    # test_common_mistakes
    "common-mistakes": "If you shrink the in-degrees, mean and width shrink too. Keep "
    "the in-degrees, as here, or give the few synapses larger weights: to keep $σ_V$, "
    "multiply J by √2 for half as many, and restore the mean by a current.",
    "summary": "With a delay, inhibition can synchronise a pair and excitation cannot. "
    "Neurons that share input share spikes, less than the input, more at higher rates. "
    "A network with strong inhibition balances itself: what raises the rate raises the "
    "inhibition. Its rate is the one at which rate in and rate out agree. Its CV is "
    "that of theory only if its neurons fire like dice.",
}


@pytest.mark.parametrize("cell", SENTENCES)
def test_a_cell_says_what_the_tests_of_directions_show(cell):
    assert SENTENCES[cell] in TEXT.source(cell)


ALSO_SHOWN = {
    "recall": [
        "Three questions on earlier notebooks",
        "The free mean of a neuron lies below the threshold, and yet it fires",
    ],
    "build": ["gets Poisson spikes from outside"],
    "loop-text": ["one delay later", "what comes from outside"],
    "simulate-text": ["does the same, faster"],  # test_simulate_network_is_faster
    "activity-notice": ["goes up and down in waves"],  # test_moods: synchrony
    "hold": ["inhibition needs a larger weight", "above it inhibition wins"],
    "balance": ["only the input from outside is given"],
    "seen-inputs": ["at g = 8 the sum grows by 6 mV only"],
    "rate": ["can keep up a rate"],
    "common-mistakes": [
        "silences a network or blows it up",
        "to 10 mV above rest",
        "One spike more changes the later ones",
    ],
}


def test_no_direction_is_said_without_being_shown():
    assert TEXT.missing(ALSO_SHOWN) == {}
    assert TEXT.unshown(SAID, ALSO_SHOWN, SENTENCES) == {}


# Units and symbols that stand in a sentence, without a number.
SYMBOLS = {
    "recall": [
        "*Spikes arrive at r per ms, and each makes V jump by a.",
        r"At $E_L + \tau_m\,r\,a$: Campbell's theorem.",
        "*What are the CVs of a clock and of dice?*\n\n<details><summary>Answer"
        "</summary>\n\n0 and 1.",
    ],
    "pair": ["V jumps at once by the weight J, in mV (a **delta synapse**;"],
    "shared": [
        "The common noise moves the rate along the f–I curve, with its slope f′ = "
        "df/dI; all noise together makes the count of one neuron vary by CV² f per ms",
    ],
    "build": [
        "an inhibitory one by −g J.",
        "they alone would take the mean of V to $V_{th}$:",
    ],
    "loop-text": [
        "1. every V relaxes towards $E_L$,",
        "3. those that fired at most $t_{ref}$ ago are held at $V_{reset}$,",
        "4. those at $V_{th}$ fire: reset, and what they send is written into a "
        "calendar, one delay later. The calendar, `arriving`, has a row for each step "
        "and a column for each neuron.",
    ],
    "exercise-3": [
        "`kicks[k]` is what comes from outside in step k, `targets[i]` are the neurons "
        "that neuron i reaches, `weights[i]` is by how much it moves V there.",
    ],
    "seen-hold": ["At g = 0 and 1 the network explodes:"],
    "activity-notice": ["**population rate**, spikes of all per neuron and time,"],
    "hold": ["While all fire at the rate f, a neuron gets from the network, in mV per"],
    "rate": ["the mean and the width of V, with all rates per ms:"],
    "exercise-5": ["Where is the mean of V (mV), and how large is $σ_V$ (mV)?"],
    "common-mistakes": [
        "**Per ms or per second.** $f_{ext}$ = 5 per ms",
        "to keep $σ_V$",
    ],
}
UNIT = re.compile(
    r"\b(per (ms|s|second|time|neuron)|in (mV|nS|ms|Hz))\b|\((mV|nA|ms|Hz|s)\)"
)


def test_no_unit_symbol_or_equation_is_changed_by_a_slip():
    assert TEXT.missing(SYMBOLS) == {}
    for pattern in (UNIT, EQUATION, re.compile(r"(?<!\$)\$[^$]+\$(?!\$)")):
        unshown = TEXT.unshown(SAID, SENTENCES, ALSO_SHOWN, SYMBOLS, pattern=pattern)
        assert unshown == {}
    free = compute(TEXT.inline("recall", 0), E_L=-70, tau_m=20, r=5, a=0.4)
    assert free == pytest.approx(net.input_of(make(0, 2), 0.0)[0])
    alone, _ = net.input_of(make(5, 1), 0.0)
    assert alone == pytest.approx(net.BRUNEL.V_th)
    clock, dice = np.full(9, 50.0), lif.poisson_spikes(50, 1e5, seed=1)
    assert clock.std() / clock.mean() == 0
    assert np.diff(dice).std() / np.diff(dice).mean() == pytest.approx(1, abs=0.03)
    network = make(5, 2)
    assert network.weights[[0, 400]].tolist() == [0.4, -5 * 0.4]


def test_white_noise_makes_the_count_vary_by_cv2_f():
    t = lif.time_grid(100_000, 0.5)
    I = 0.16 + lif.white_noise(t, NEURON, 5, seed=3, trials=4)
    run = lif.simulate(NEURON, t, I)
    edges = np.arange(0, 100_001, 500)
    counts = [np.histogram(train, edges)[0] for train in run.spike_times]
    f = run.rate.mean() / 1000
    assert np.var(counts) / 500 == pytest.approx(run.cv.mean() ** 2 * f, rel=0.1)


def test_numbers_in_comments_and_docstrings(notebook):
    names = notebook.namespace
    ms = {
        kind: {f"{run.duration:.0f}" for run in names[kind].values()}
        for kind in ("runs", "moods")
    }
    _, ax = plt.subplots()
    trace, spikes = names["two_neurons"](2, 5, [-70, -75])
    names["draw_traces"](ax, trace)
    first, last = ax.get_lines()[0].get_xdata()[[0, -1]]
    assert max(spikes[0]) < len(trace) * 0.05 == pytest.approx(600)
    hearing = names["hear_the_same"](0.16, 0.4)
    assert len(names["seats"]) == 10 * 10
    assert TEXT.said_in_code() == {
        "opening-run": ["# in 10 rows of 10"],
        "one-step": [
            "# what a step leaves of the way to "
            f"{number(NEURON.E_L + 0.3 * NEURON.R)} mV"
        ],
        "two-neurons": [
            "V (mV) and spike times (ms) of both neurons in 600 ms; V is where they "
            "begin."
        ],
        "draw-traces": [
            f"# @title What it draws: both V in the last {last - first:.0f} ms"
        ],
        "hear-the-same": [
            f"{hearing.t[-1] / 1000:.0f} s of {len(hearing.spike_times)} neurons whose "
            "inputs have the correlation c."
        ],
        "draw-shared": [
            f"# @title What it draws: {len(hearing.spike_times)} spike trains, and "
            "what they share"
        ],
        "make": ["# whom neuron 0 reaches"],
        "draw-activity": [
            "# @title What it draws: the spikes of 30 neurons, and the population rate"
        ],
        "in-advance": [
            "# @title Simulated in advance: networks of the next three figures, "
            f"{ms['runs'].pop()} ms each"
        ],
        "shifted": [
            "What arrives (mV) in each step of 0.1 ms from 125 neurons drawn by lot."
        ],
        "hear-shifted": [
            "# @title The simulation: 20 neurons that hear what is shifted"
        ],
        "four-cvs": [
            "# @title In numbers: the CV of the network, of theory and of both groups, "
            "at η = 2.5"
        ],
        "moods-in-advance": [
            "# @title Simulated in advance: the networks of the last figure, "
            f"{ms['moods'].pop()} ms each"
        ],
        "draw-moods": ["# @title What it draws: 200 ms of a network"],
    }
    assert ms == {"runs": set(), "moods": set()}
    assert "make(weight_ratio, 2.5)" in TEXT.source("four-cvs")


SAID_BY_CHECKS = {
    "the kick lowers V, to −67 mV.",
    "the kick lowers V, to −57 mV.",
    "the entry [0, 0] is the correlation of the first train with itself; take [0, 1].",
    "this is for 100 and 25; here there are 90 and 15.",
    f"C_I is 25, so g C_I is {6 * 25}.",
    f"They would answer with {net.rate_out(make(6, 2), 40.0):.0f} Hz: the rate that it "
    "keeps up lies between.",
    "this is without the 10 %: `make(8, 2.2)`.",
    "this is when the others follow; give `rate_out` 32.4 Hz.",
    "10 % more in does not mean 10 % more out.",
    f"Alone it gains {100 * (ONE / KEPT - 1):.0f} %. Together they gain "
    f"{100 * (ALL / KEPT - 1):.0f} %: inhibition follows.",
    "this is the mean count per ms, 500 · 0.02.",
    "this is of one neuron; the count jumps by 500.",
    "the CV is 0.8 or less: try more inhibition.",
    "the synchrony is 13 or more: try less input.",
}


def test_the_checks_say_what_comes_out():
    assert TEXT.said_by_checks() == SAID_BY_CHECKS
    assert 40 < net.self_consistent_rate(make(6, 2)).f < net.rate_out(make(6, 2), 40.0)


DIRECTIONS_BY_CHECKS = {  # those without numbers
    "A late kick puts a spike off further. Of two neurons that fire nearly together, "
    "the leader is kicked later after its spike: it waits for the other.",
    "nothing comes from outside yet: add `kicks[k]`, and `arriving[k]`.",
    "upside down: the fewer inhibitory synapses, the larger g.",
    "this is how far it lies above E_L.",
    "the inhibition takes away: C_E − g C_I is negative.",
    "this is of the input from outside alone.",
    "the half of τ_m is missing.",
    "`low` moves always: where the rate out is below `middle`, the crossing lies "
    "below, and `high` must move.",
    "`high` moves always: where the rate out is above `middle`, the crossing lies "
    "above, and `low` must move.",
    "`net.self_consistent_rate` finds it too, also where the curve rises.",
    "It grows with the number of neurons: compare networks of one size.",
}


def test_the_checks_say_the_directions_that_are_shown():
    said = TEXT.said_by_checks(DIRECTION) - SAID_BY_CHECKS
    assert said == DIRECTIONS_BY_CHECKS
    for low, high in itertools.pairwise(np.arange(-69, -50, 0.5)):
        assert put_off(low) < put_off(high)
    assert (make(6, 2).C_E - 6 * make(6, 2).C_I) < 0
    rising = make(3, 2)
    f = net.self_consistent_rate(rising).f
    assert net.rate_out(rising, 20.0) < net.rate_out(rising, 100.0) <= 1.02 * f


def test_the_words_for_those_who_do_not_see_the_pictures(notebook):
    """That there are waves: test_moods."""
    source = TEXT.source("opening").replace('"\n    "', "")
    assert 'alt="100 of 500 neurons, dots that light up when they fire' in source
    shown = notebook.namespace["SHOWN"].values()
    assert sum(last - first for first, last, _ in shown) == 100
    assert notebook.namespace["opening_run"].network.N == 500
    assert notebook.namespace["opening_run"].synchrony > 8
    assert len(notebook.pictures["opening"][0]) < 150_000
    assert CELLS["activity-figure"].metadata["alt"] == (
        "30 spike trains, each irregular; the population rate goes up and down in "
        "quick waves."
    )


SOURCES = {
    "Brunel (2000)": "8:183–208",
    "van Vreeswijk, Abbott and Ermentrout (1994)": "*J. Comput. Neurosci.* 1:313–321",
    "Ernst, Pawelzik and Geisel (1995)": "74:1570",
    "de la Rocha, Doiron, Shea-Brown, Josić and Reyes (2007)": "448:802–806",
    "van Vreeswijk and Sompolinsky (1996)": "274:1724–1726",
    "Dummer, Wieland and Lindner (2014)": "8:104",
    "Jahnke, Memmesheimer and Timme (2009)": "3:13",
    "brunel_delta_nest.py": "NEST",
}
DOIS = [
    "10.1023/A:1008925309027",
    "10.1007/BF00961879",
    "10.1103/PhysRevLett.74.1570",
    "10.1038/nature06028",
    "10.1126/science.274.5293.1724",
    "10.3389/fncom.2014.00104",
    "10.3389/neuro.10.013.2009",
]


def test_the_sources():
    assert TEXT.misplaced(SOURCES) == []
    assert TEXT.dois() == DOIS
    others = re.findall(r"\]\((?!https://doi)(.+?)\)", TEXT.source("sources"))
    assert others == ["https://github.com/nest/nest-simulator"]


# ---- Formulas ------------------------------------------------------------------------


def plain(latex):
    """A formula without what `compute` does not know: braces above, squares, names."""
    latex = re.sub(r"\\overbrace\{(.+)\}\^\{\\text\{what.+?\}\}", r"(\1)", latex)
    latex = latex.replace(r"\sigma", "sigma").replace("f'", "slope")
    latex = latex.replace("J^2", "J J").replace("g^2", "g g").replace("CV^2", "CV CV")
    latex = latex.replace("slope^2", "slope slope").replace(r"\ ", " ")
    return latex.replace("(sigma_V / R)^2", "(sigma_V / R) (sigma_V / R)")


def right_side(cell, place=0, **symbols):
    return compute(plain(sides(TEXT.formulas(cell)[place])[1]), **symbols)


def test_mean_and_width_of_the_input():
    for g, eta, f in ((6, 2, 40.0), (3, 1, 110.0)):
        network = make(g, eta)
        symbols = {"E_L": -70, "tau_m": 20, "f_ext": 2.5 * eta, "f": f / 1000}
        symbols |= {"J": 0.4, "C_E": 100, "C_I": 25, "g": g}
        mean, sigma_V = net.input_of(network, f)
        assert right_side("rate", 0, **symbols) == pytest.approx(mean)
        assert right_side("rate", 1, **symbols) == pytest.approx(sigma_V**2)
        inputs = compute(TEXT.formulas("hold")[0], **symbols)
        outside, _ = net.input_of(network, 0.0)
        assert 20 * inputs == pytest.approx(mean - outside)
        symbols |= {"V_th": -50}
        assert right_side("build", **symbols) == pytest.approx(network.eta) == eta


def test_the_count_correlation_as_it_is_written(notebook):
    passed = notebook.namespace["passed"]
    for I in (0.06, 0.16, 0.26):
        low, f, high = lif.siegert_rate(
            NEURON, I + np.array([-1e-3, 0, 1e-3]), 5, dt=0.5
        )
        CV = lif.siegert_cv(NEURON, I, 5, dt=0.5)
        symbols = {"c": 0.2, "tau_m": 20, "sigma_V": 5, "R": 100, "CV": CV}
        symbols |= {"f": f / 1000, "slope": (high - low) / 0.002 / 1000}
        found = right_side("shared", 1, **symbols)
        assert found == pytest.approx(0.2 * passed(I), rel=0.01)
    assert TEXT.formulas("shared")[0].strip() == (
        r"I_i = \text{mean} + \underbrace{\sqrt{c}\;\text{common}}_{\text{the same for "
        r"all}} + \underbrace{\sqrt{1 - c}\;\text{own}_i}_{\text{private}}"
    )


def test_formulas_in_words():
    assert [part.strip() for part in TEXT.formulas("moods")] == [
        r"\text{synchrony} = \frac{\text{variance of the count}}{\text{mean of the "
        r"count}}"
    ]
    assert TEXT.formulas("rate")[2].strip() == (
        r"\underbrace{f}_{\text{rate in}} = \underbrace{\text{Siegert}(\text{mean}(f),"
        r"\,\sigma_V(f))}_{\text{rate out}}"
    )
    assert TEXT.formulas("pair")[0].strip() == (
        r"V(t + \underbrace{D}_{\text{delay}}) = \underbrace{V}_{\text{just before}} + "
        r"\underbrace{J}_{\text{weight}}"
    )


# ---- Two neurons ---------------------------------------------------------------------


def test_two_neurons_at_every_setting(notebook):
    two_neurons = notebook.namespace["two_neurons"]
    lags = notebook.namespace["lags"]
    for J, delay, lead in itertools.product(
        (2, 2.5, 4, -2, -2.5, -4), range(4, 8), range(1, 11)
    ):
        if (lead + 2 * delay + round(J)) % 3:  # a third of them
            continue
        ahead = float(lif.charging_curve(NEURON, lead, 0.3, V0=-75))
        _, (first, second) = two_neurons(J, delay, [ahead, -75])
        apart = lags(first, second)[-2]
        period = (first[-1] - first[-4]) / 3
        if J > 0:
            assert apart == pytest.approx(delay, abs=0.11), (J, delay, lead)
        elif lead < delay:
            assert apart < 1, (J, delay, lead)
        else:
            assert apart == pytest.approx(period / 2, abs=1.2), (J, delay, lead)


def test_two_neurons_are_those_of_simulate_network(notebook):
    two_neurons = notebook.namespace["two_neurons"]
    for J, N_E, N_I in ((2, 2, 0), (-2, 0, 2)):
        pair = net.Network(
            *(NEURON, N_E, N_I, N_E, N_I),
            J=2,
            g=1,
            delay=5,
            f_ext=0,
            I_ext=0.3,
            seed=1,
        )
        run = net.simulate_network(pair, 600, 0.05, V0=[-60, -75], seed=1)
        _, spikes = two_neurons(J, 5, [-60, -75])
        for ours, theirs in zip(spikes, run.spike_trains([0, 1]), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-6)


# ---- Shared input --------------------------------------------------------------------


def test_what_neurons_share(notebook):
    heard = {key: found for key, (_, _, found) in notebook.namespace["heard"].items()}
    rates = {key: rate for key, (_, rate, _) in notebook.namespace["heard"].items()}
    passed = notebook.namespace["passed"]
    means = (0.06, 0.11, 0.16, 0.21, 0.26)
    for I in means:
        assert heard[I, 0] == pytest.approx(0, abs=0.02)
        assert heard[I, 1] == pytest.approx(1)
        curve = [heard[I, c] for c in (0, 0.2, 0.4, 0.6, 0.8, 1)]
        assert (np.diff(curve) > 0).all()
        for c in (0.2, 0.4, 0.6, 0.8):
            assert heard[I, c] < c
        assert heard[I, 0.2] == pytest.approx(0.2 * passed(I), abs=0.03)
    for c in (0.2, 0.4, 0.6, 0.8):
        curve = [heard[I, c] for I in means]
        assert curve[0] < curve[1] < curve[2]
        assert curve[2:] == pytest.approx([curve[2]] * 3, rel=0.1)  # "hardly grows"
    for I, rate, found in (
        (0.06, "0.5", "0.04"),
        (0.11, "4", "0.22"),
        (0.16, "12", "0.29"),
    ):
        assert f"{heard[I, 0.4]:.2f}" == found
        assert f"{rates[I, 0.4]:.{len(rate.partition('.')[2])}f}" == rate


def test_the_input_correlation_is_c():
    t = lif.time_grid(200_000, 0.5)
    common = lif.white_noise(t, NEURON, 5, seed=1)
    own = lif.white_noise(t, NEURON, 5, seed=2, trials=2)
    one, two = np.sqrt(0.4) * common + np.sqrt(0.6) * own
    assert np.corrcoef(one, two)[0, 1] == pytest.approx(0.4, abs=0.01)


# ---- The loop ------------------------------------------------------------------------


def test_the_loop_of_the_solution_is_simulate_network(notebook):
    names = dict(notebook.namespace)
    exec(TEXT.solution(3), names)
    for network in (make(5, 2), make(8, 1, delay=3), make(0, 2)):
        times = names["network_spikes"](network, 60, 3)
        run = net.simulate_network(network, 60, seed=3)
        assert len(times) > 100
        np.testing.assert_allclose(times, run.spike_times, atol=1e-6)
    lines = [line for line in TEXT.solution(3).splitlines() if line.strip()]
    assert len(lines) <= 25


def test_simulate_network_is_faster(notebook):
    names = dict(notebook.namespace)
    exec(TEXT.solution(3), names)

    def seconds(function):
        begin = time.process_time()
        function()
        return time.process_time() - begin

    network = make(5, 2)
    loop = seconds(lambda: names["network_spikes"](network, 200, 1))
    blocks = min(
        seconds(lambda: net.simulate_network(network, 200, seed=1)) for _ in range(3)
    )
    assert blocks < loop


# ---- Excitation, inhibition, balance -------------------------------------------------


def busiest(run):
    """The largest share (%) of all neurons that fire within half a ms, after 80 ms."""
    t, rate = run.population_rate(0.5)
    return 100 * rate[t > 80].max() * 0.5 / 1000


def test_excitation_explodes_and_inhibition_holds_it(notebook):
    explorer = notebook.explorers["explore-hold"]
    lines = [numbers_at(explorer, g=g) for g in range(9)]
    rates = np.array([line["rate"] for line in lines])
    assert (np.diff(rates) < 0.5).all()
    assert (np.diff(rates[1:]) < 0).all()
    assert [f"{rates[g]:.0f}" for g in (4, 8)] == ["113", "33"]
    assert rates[:2] == pytest.approx(1000 / 3, rel=0.01)
    shares = [line["busiest 0.5 ms"] for line in lines]
    runs = notebook.namespace["runs"]
    assert shares == pytest.approx([busiest(runs[g, 2]) for g in range(9)])
    assert min(shares[:3]) > 50
    assert max(shares[3:]) < 100 / 3
    for seed in (2, 3):  # other inputs
        for g in (0, 1):
            run = net.simulate_network(make(g, 2), 120, warm_up=20, seed=seed)
            assert run.rate == pytest.approx(1000 / 3, rel=0.02)
            # Two groups: one of them every 1.5 ms.
            late = run.spike_times[run.spike_times > 20]
            assert abs(np.exp(2j * np.pi * late / 1.5).mean()) > 0.9
            alone = np.diff(run.spike_trains([0])[0][7:])
            np.testing.assert_allclose(alone, 3, atol=0.31)
    targets = make(5, 2).connections()
    assert np.mean([len(reached) for reached in targets[:400]]) == pytest.approx(
        125, abs=1
    )


def told(notebook, function, **setting):
    """The bare numbers that a drawing function of one axes tells."""
    _, ax = plt.subplots()
    answer = notebook.namespace[function](ax, **setting)
    plt.close()
    return {name: entry[0] for name, entry in answer.items()}


def test_the_network_balances_itself(notebook):
    mean_inputs = notebook.namespace["mean_inputs"]
    lines = {
        (g, eta): told(notebook, "draw_inputs", g=g, eta=eta)
        for g, eta in itertools.product((5, 6, 7, 8), (1, 2, 4))
    }
    for (g, eta), shown in lines.items():
        mean, _ = net.input_of(make(g, eta), shown["rate"])
        assert shown["sum"] == pytest.approx(mean + 70)
        outside, excitation, inhibition = mean_inputs(g, eta, shown["rate"])
        assert outside == pytest.approx(20 * eta) == shown["from outside"]
        assert -inhibition > excitation
    grown = {g: lines[g, 4]["sum"] - lines[g, 1]["sum"] for g in (5, 6, 7, 8)}
    assert f"{grown[8]:.0f}" == "6"
    assert f"{60 - grown[5]:.0f}" == "27"
    for g in (5, 6, 7, 8):
        rates = [lines[g, eta]["rate"] for eta in (1, 2, 4)]
        assert (np.diff(rates) > 0).all()


# ---- The rate, and the CV ------------------------------------------------------------


def test_the_crossing_is_the_rate(notebook):
    lines = {
        (g, eta): told(notebook, "draw_rate", g=g, eta=eta)
        for g, eta in itertools.product(range(3, 9), (1, 2, 4))
    }
    errors = [abs(line["theory is off by"]) for line in lines.values()]
    assert np.mean([error <= 5 for error in errors]) > 0.6  # "most"
    assert f"{max(errors):.0f}" == "11"
    for key, line in lines.items():
        theory = line["theory"]
        assert net.rate_out(make(*key), theory) == pytest.approx(theory, rel=1e-6)
        assert line["simulated"] == pytest.approx(theory, rel=0.13)
        off = 100 * (theory / line["simulated"] - 1)
        assert line["theory is off by"] == pytest.approx(off)
    for eta in (1, 2, 4):
        assert (np.diff([lines[g, eta]["theory"] for g in range(3, 9)]) < 0).all()
        assert (np.diff([lines[g, eta]["simulated"] for g in range(3, 9)]) < 0).all()
    for g in range(3, 9):
        assert (np.diff([lines[g, eta]["theory"] for eta in (1, 2, 4)]) > 0).all()
        if g > 4:
            for eta in (1, 2, 4):
                out = net.rate_out(make(g, eta), np.geomspace(4, 400, 100))
                assert (np.diff(out) < 0.006).all()
    slow = net.simulate_network(make(5, 0.8), 3000, seed=1)
    assert slow.rate == pytest.approx(6, abs=0.5)


def test_the_theory_of_the_cv_misses_that_trains_are_regular_not_the_waves(notebook):
    found = {}
    for line in notebook.printed["four-cvs"].splitlines():
        g, *cvs = map(float, re.findall(r"\d+(?:\.\d+)?", line))
        found[g] = cvs
    assert list(found) == [3, 5.5, 8]
    for g, (simulated, theory, trains, spikes) in found.items():
        run = net.simulate_network(make(g, 2.5), 2000, seed=1)
        kept = net.self_consistent_rate(run.network)
        I = (kept.mean + 70) / 100
        cv = lif.siegert_cv(net.BRUNEL, I, kept.sigma_V)
        assert theory == pytest.approx(cv, abs=0.006)
        assert simulated == pytest.approx(run.cv, abs=0.006)
        assert spikes == pytest.approx(theory, rel=0.05)
        assert (simulated < 0.75 * theory) == (g < 8)
        # What theory is off by comes, for the most part, with the trains.
        if g < 8:
            assert theory - trains > 0.6 * (theory - simulated)
        else:  # like dice
            assert trains == pytest.approx(theory, rel=0.1)


def arrivals(kind, run, rng):
    """What 20 neurons get in each 0.1 ms from as many others as in the network, mV:
    spikes of its population rate without the order in trains, or the intervals of its
    neurons in an order drawn by lot.
    """
    network, steps = run.network, round(run.duration / 0.1)
    if kind == "waves of Poisson spikes":
        rates = [
            np.roll(run.population_rate(0.1, kind)[1] / 10_000, 15)
            for kind in (slice(0, 400), slice(400, 500))
        ]
        E, I = (
            rng.poisson(C * rate, (20, steps))
            for C, rate in zip((100, 25), rates, strict=True)
        )
        return network.J * (E - network.g * I)
    arrives = np.zeros((20, steps))
    trains = run.spike_trains(range(500))
    for row in arrives:
        for i in (*rng.permutation(400)[:100], *rng.permutation(100)[:25] + 400):
            order = rng.permutation(np.diff(trains[i]))
            times = (rng.uniform(0, run.duration) + np.cumsum(order)) % run.duration
            np.add.at(row, (times / 0.1).astype(int), network.weights[i])
    return arrives


@pytest.mark.parametrize("g", [3, 5.5])
def test_regular_trains_lower_the_cv_and_waves_do_not(g):
    """Each alone, and by other means than those of the notebook."""
    run = net.simulate_network(make(g, 2.5), 2000, seed=2)
    kept = net.self_consistent_rate(run.network)
    theory = lif.siegert_cv(net.BRUNEL, (kept.mean + 70) / 100, kept.sigma_V)
    cvs = {}
    for kind in ("waves of Poisson spikes", "regular trains without waves"):
        rng = np.random.default_rng(4)
        kicks = arrivals(kind, run, rng)
        kicks += run.network.J_ext * rng.poisson(0.625, kicks.shape)
        t = lif.time_grid(2000)[:-1]
        heard = lif.simulate(net.BRUNEL, t, kicks * net.BRUNEL.C / 0.1)
        cvs[kind] = heard.cv.mean()
    waves, trains = cvs.values()
    assert waves == pytest.approx(theory, rel=0.06)
    assert trains == pytest.approx(run.cv, rel=0.12)
    assert theory - trains > 4 * (theory - waves)


def test_shifted_trains_have_no_waves_but_their_rhythm(notebook):
    """The two groups hear what the text says: of trains the intervals, of spikes none
    of the order; of both the mean that the network hears.
    """
    run = net.simulate_network(make(3, 2.5), 1000, seed=1)
    names = notebook.namespace
    trains = run.spike_trains(range(500))
    for each_spike, like_dice in ((False, False), (True, True)):
        rng = np.random.default_rng(1)
        heard = names["shifted"](run, trains, each_spike, rng)
        rate = run.rate / 1000
        assert heard.sum() / 1000 == pytest.approx(rate * 0.4 * (100 - 3 * 25), rel=0.1)
        # The same with one kind of neuron alone, so that counts can be read off.
        alone = replace(run, network=replace(run.network, g=0))
        counts = names["shifted"](alone, trains, each_spike, np.random.default_rng(1))
        counts = counts[:10_000].reshape(-1, 100).sum(axis=1) / 0.4  # in 10 ms
        fano = counts.var() / counts.mean()
        assert (fano > 0.5) == like_dice, fano


# ---- Moods ---------------------------------------------------------------------------


def rhythm(run):
    """The frequency (Hz) of the population rate's strongest waves."""
    t, rate = run.population_rate(1)
    rate = rate[t > run.warm_up]
    power = np.abs(np.fft.rfft(rate - rate.mean())) ** 2
    frequency = np.fft.rfftfreq(len(rate), 0.001)
    power = np.convolve(power, np.ones(9), "same")
    return frequency[np.argmax(power)]


def test_moods(notebook):
    moods = notebook.namespace["moods"]
    assert len(moods) == 27
    for (g, _, _), run in moods.items():
        if g == 3:
            assert run.cv < 0.2
        if g == 8:
            assert 0.68 < run.cv < 1.12
        assert run.synchrony > 10
    for eta, delay in itertools.product((1.5, 2.5, 3.5), (1.5, 3, 6)):
        cvs = [moods[g, eta, delay].cv for g in (3, 5.5, 8)]
        assert cvs[0] < cvs[1] < cvs[2]
    for g, eta in itertools.product((5.5, 8), (1.5, 2.5, 3.5)):
        waves = [rhythm(moods[g, eta, delay]) for delay in (1.5, 3, 6)]
        assert waves[0] > waves[1] > waves[2], (g, eta)
    together = [key for key, run in moods.items() if run.synchrony > 200]
    assert len(together) >= 3
    assert all(g == 3 and delay > 1.5 for g, _, delay in together)
    for key in together:
        assert moods[key].population_rate(1)[1].max() > 900


def test_synchrony_is_the_fano_factor_of_all_spikes(notebook):
    run = notebook.namespace["network_run"]
    edges = np.arange(200, 1001)
    counts = np.histogram(run.spike_times - 1e-6, edges)[0]
    assert run.synchrony == pytest.approx(counts.var() / counts.mean())
    shown = numbers_at(notebook.explorers["explore-moods"])
    default = notebook.namespace["moods"][5.5, 2.5, 1.5]
    assert shown["synchrony"] == default.synchrony


# ---- Common mistakes -----------------------------------------------------------------


def test_common_mistakes():
    small = net.Network(N_E=80, N_I=20, C_E=40, C_I=10, seed=1)
    run = net.simulate_network(replace(small, f_ext=5), 100, V0=-70, seed=1)
    assert len(run.spike_times) == 0
    run = net.simulate_network(replace(small, f_ext=5e6), 100, V0=-70, seed=1)
    assert run.rate > 300
    half = net.Network(C_E=50, C_I=12, seed=1)
    whole = net.Network(C_E=100, C_I=24, seed=1)
    rest = net.input_of(whole, 0.0)

    def added(network):
        mean, sigma_V = net.input_of(network, 50.0)
        return mean - rest[0], sigma_V**2 - rest[1] ** 2

    assert added(half) == pytest.approx(np.array(added(whole)) / 2)
    heavier = replace(half, J=0.4 * math.sqrt(2))
    assert added(heavier)[1] == pytest.approx(added(whole)[1])
    lost = added(whole)[0] - added(heavier)[0]
    assert abs(lost) > 1
    restored = replace(heavier, I_ext=lost / heavier.neuron.R)
    assert net.input_of(restored, 50.0) == pytest.approx(net.input_of(whole, 50.0))
    assert net.BRUNEL.V_reset - net.BRUNEL.E_L == 10
    other = replace(make(5, 2), neuron=lif.Neuron(V_reset=-70))
    run = net.simulate_network(other, 400, seed=1)
    assert abs(run.rate / 69 - 1) > 0.1


def test_one_spike_more_changes_the_later_ones():
    start = make(5, 2).start(seed=1)
    moved = start.copy()
    moved[0] = -50.001  # fires at once
    one, two = (
        net.simulate_network(make(5, 2), 150, V0=V, seed=1) for V in (start, moved)
    )
    for neurons in (range(1, 21),):
        late = [
            np.concatenate([train[train > 100] for train in run.spike_trains(neurons)])
            for run in (one, two)
        ]
        assert len(late[0]) != len(late[1]) or (late[0] != late[1]).mean() > 0.5


# ---- Figures -------------------------------------------------------------------------


def test_the_sliders(notebook):
    log2 = pytest.approx(math.log10(2))
    assert sliders(notebook) == {
        "explore-pair": {
            "kind": ("pair", ("excitatory", "inhibitory")),
            "weight": ("weight (mV)", 2, 2, 4, 0.5),
            "delay": ("delay (ms)", 5, 4, 7, 1),
            "lead": ("head start (ms)", 3, 1, 10, 1),
        },
        "explore-shared": {
            "c": ("c", 0.4, 0, 1, 0.2),
            "I": ("mean I (nA)", 0.11, 0.06, 0.26, 0.05),
        },
        "explore-hold": {"g": ("g", 0, 0, 8, 1)},
        "explore-inputs": {
            "g": ("g", 8, 5, 8, 1),
            "eta": ("η", 1, 0, pytest.approx(math.log10(4)), log2),
        },
        "explore-rate": {
            "g": ("g", 5, 3, 8, 1),
            "eta": ("η", 2, 0, pytest.approx(math.log10(4)), log2),
        },
        "explore-moods": {
            "g": ("g", 5.5, 3, 8, 2.5),
            "eta": ("η", 2.5, 1.5, 3.5, 1),
            "delay": (
                "delay (ms)",
                1.5,
                pytest.approx(math.log10(1.5)),
                pytest.approx(math.log10(6)),
                log2,
            ),
        },
    }


def test_axes_and_units(notebook):
    assert TEXT.axes_said(notebook, "explore-pair") == [
        ("time t (ms)", "V (mV)", (500, 600), (-83, -42)),
        ("time t (ms)", "time between spikes (ms)", (0, 600), (-0.8, 18)),
    ]
    assert TEXT.axes_said(notebook, "explore-shared") == [
        ("time t (ms)", "neuron", (0, 1000), (-1, 24)),
        ("correlation in, c", "correlation out, ρ", (-0.05, 1.05), (-0.08, 1.08)),
    ]
    for cell, first, last, highest in (
        ("explore-hold", 0, 80, 1400),
        ("explore-moods", 500, 700, 780),
        ("activity-figure", 500, 700, 400),
    ):
        assert TEXT.axes_said(notebook, cell) == [
            ("", "neuron", (first, last), (-1, 38)),
            ("time t (ms)", "rate (Hz)", (first, last), (-10, highest)),
        ]
    with notebook.explorers["explore-rate"].opened() as figure:
        (ax,) = figure.axes
        assert ax.get_xlabel() == "rate in (Hz)"
        assert ax.get_ylabel() == "rate out (Hz)"
        assert ax.get_xlim() == ax.get_ylim() == (4, 400)
    assert TEXT.axes_said(notebook, "explore-inputs") == [
        ("", "mean of V − $E_L$ (mV)", (-0.7, 3.7), (-175, 175)),
    ]
    units = {
        "explore-pair": "period 25.3 ms · apart at the end 5.0 ms",
        "explore-inputs": "rate 11 Hz · from outside 20 mV · sum 11.5 mV",
    }
    for cell, line in units.items():
        notebook.explorers[cell].reset.click()
        assert notebook.explorers[cell].line == line
    assert re.fullmatch(
        r"simulated [\d.]+ Hz · theory [\d.]+ Hz · theory is off by [−+]\d+ %",
        notebook.explorers["explore-rate"].line,
    )


def test_every_setting_has_been_simulated(notebook):
    for cell in ("explore-shared", "explore-hold", "explore-moods"):
        explorer = notebook.explorers[cell]
        for setting in settings(explorer, 3)[::7]:
            set_sliders(explorer, **setting)
            assert not explorer.error.value
        explorer.reset.click()


def shown(notebook, cell, **setting):
    """What a live figure's axes show at a setting: artists by label."""
    explorer = notebook.explorers[cell]
    set_sliders(explorer, **setting)
    with explorer.opened() as figure:
        found = {}
        for ax in figure.axes:
            for artist in (*ax.get_lines(), *ax.collections, *ax.patches):
                found[artist.get_label()] = artist
    explorer.reset.click()
    return found


def test_the_choice_of_the_pair_is_the_sign_of_its_weight(notebook):
    explorer = notebook.explorers["explore-pair"]
    assert numbers_at(explorer)["apart at the end"] == pytest.approx(5, abs=0.11)
    inhibitory = numbers_at(explorer, kind="inhibitory")
    assert inhibitory["apart at the end"] < 1


def test_curves_of_two_neurons(notebook):
    artists = shown(notebook, "explore-pair", kind="inhibitory", lead=9)
    ahead = float(lif.charging_curve(NEURON, 9, 0.3, V0=-75))
    trace, (first, second) = notebook.namespace["two_neurons"](-2, 5, [ahead, -75])
    for label, V in zip(("one neuron", "the other"), trace.T, strict=True):
        t, drawn = artists[label].get_xydata().T
        np.testing.assert_allclose(drawn, V[np.round(t / 0.05).astype(int)])
    times, apart = artists["time between their spikes"].get_xydata().T
    np.testing.assert_allclose(times, second)
    np.testing.assert_allclose(
        apart, [min(abs(time - np.array(first))) for time in second], atol=1e-9
    )
    period = np.diff(first)[-3:].mean()
    assert artists["half a period"].get_ydata() == pytest.approx([period / 2] * 2)


def test_curves_of_what_neurons_share(notebook):
    artists = shown(notebook, "explore-shared", c=0.2, I=0.16)
    heard = notebook.namespace["heard"]
    dots = artists["simulated"].get_xydata()
    assert dots.tolist() == [[c, heard[0.16, c][2]] for c in (0, 0.2, 0.4, 0.6, 0.8, 1)]
    assert artists["this c"].get_xydata().tolist() == [[0.2, heard[0.16, 0.2][2]]]
    theory = 0.6 * notebook.namespace["passed"](0.16)
    assert artists["theory: small c"].get_xydata().ravel() == pytest.approx(
        [0, 0, 0.6, theory]
    )
    assert artists["as much as went in"].get_xydata().tolist() == [[0, 0], [1, 1]]
    count = sum(len(train) for train in heard[0.16, 0.2][0])
    assert len(artists["spikes"].get_segments()) == pytest.approx(count, abs=1)


def test_bars_of_the_inputs(notebook):
    artists = shown(notebook, "explore-inputs", g=6, eta=4)
    rate = notebook.namespace["runs"][6, 4].rate
    heights = [80, 0.8 * rate, -1.2 * rate]
    names = ["from outside", "excitation", "inhibition", "sum"]
    found = [artists[name].get_height() for name in names]
    assert found == pytest.approx([*heights, sum(heights)])


KINDS = {
    "24 excitatory": "excitation",
    "6 inhibitory": "inhibition",
    "population rate": "spikes",
}
MEANINGS = {
    "explore-pair": {
        "one neuron": "V",
        "the other": "approximation",
        "time between their spikes": "spikes",
        "half a period": "theory",
    },
    "explore-shared": {
        "spikes": "spikes",
        "as much as went in": "level",
        "simulated": "V",
        "this c": "spikes",
        "theory: small c": "theory",
    },
    "explore-hold": KINDS,
    "explore-inputs": {
        "from outside": "I",
        "excitation": "excitation",
        "inhibition": "inhibition",
        "sum": "V",
    },
    "explore-rate": {
        "in = out": "level",
        "simulated": "V",
        "theory: crossing": "theory",
        "theory: rate out": "theory",
    },
    "explore-moods": KINDS,
}


@pytest.mark.parametrize("cell", MEANINGS)
def test_the_colours_are_those_of_what_is_drawn(notebook, cell):
    assert meanings_first(notebook.explorers[cell]) == MEANINGS[cell]


def test_the_colours_of_pictures(notebook):
    assert meanings(*TEXT.axes(notebook, "activity-figure")) == KINDS
    names, network = notebook.namespace, notebook.namespace["opening_run"].network
    assert names["SHOWN"] == {
        "excitatory": (0, 80, "excitation"),
        "inhibitory": (network.N_E, network.N_E + 20, "inhibition"),
    }
    figure = names["opening_axes"]()
    names["draw_network"](figure.axes, 60)
    assert list(meanings(*figure.axes).values()) == [
        "spikes",
        "excitation",
        "inhibition",
    ]


def test_the_levels_and_ticks(notebook):
    threshold = net.BRUNEL.V_th
    assert levels(*TEXT.axes(notebook, "explore-pair")) == [(threshold, "$V_{th}$")]
    above_rest = threshold - net.BRUNEL.E_L
    assert levels(*TEXT.axes(notebook, "explore-inputs")) == [(above_rest, "$V_{th}$")]
    ax = notebook.namespace["rate_axes"]().axes[0]
    for axis in (ax.xaxis, ax.yaxis):
        labels = [label.get_text() for label in axis.get_ticklabels()]
        assert list(map(float, labels)) == list(axis.get_ticklocs())


@pytest.mark.parametrize(
    ("cell", "setting", "bin"),
    [("explore-hold", {"g": 4}, 0.5), ("explore-moods", {"g": 8, "delay": 3}, 2)],
)
def test_curves_of_a_network(notebook, cell, setting, bin):
    run = notebook.namespace["runs"][4, 2]
    if cell == "explore-moods":
        run = notebook.namespace["moods"][8, 2.5, 3]
    artists = shown(notebook, cell, **setting)
    t, rate = artists["population rate"].get_xydata().T
    times, rates = run.population_rate(bin)
    np.testing.assert_allclose(rate, rates[np.searchsorted(times, t - 1e-6)])
    trains = run.raster(30)
    for label, part in (("24 excitatory", trains[:24]), ("6 inhibitory", trains[24:])):
        spikes = np.concatenate(part)
        seen = np.sum((spikes > t[0] - bin / 2) & (spikes < t[-1] + bin / 2))
        assert len(artists[label].get_segments()) == pytest.approx(seen, abs=1)


def test_curves_of_the_rate(notebook):
    explorer = notebook.explorers["explore-rate"]
    set_sliders(explorer, g=6, eta=2)
    with explorer.opened() as figure:
        (ax,) = figure.axes
        lines = {line.get_label(): line.get_xydata().T for line in ax.get_lines()}
    explorer.reset.click()
    f, out = lines["theory: rate out"]
    np.testing.assert_allclose(out, net.rate_out(make(6, 2), f))
    kept = net.self_consistent_rate(make(6, 2)).f
    np.testing.assert_allclose(lines["theory: crossing"].ravel(), kept)
    rate = notebook.namespace["runs"][6, 2].rate
    np.testing.assert_allclose(lines["simulated"].ravel(), rate)


# ---- Exercises -----------------------------------------------------------------------

WRONG = {
    1: {
        "def after(V, kick): return lif.latency(lif.Neuron(), 0.3, V0=V + kick)\n"
        'answer_1 = {"early": after(-65, 0) - after(-65, 2), '
        '"late": after(-55, 0) - after(-55, 2)}': "the kick lowers V, to −67 mV",
        "def after(V): return lif.latency(lif.Neuron(), 0.3, V0=V - 2)\n"
        'answer_1 = {"early": after(-65), "late": after(-55)}': "compare both times",
    },
    2: {
        "def count_correlation(first, second, window):\n"
        "    edges = np.arange(0, 1001, window)\n"
        "    one = np.histogram(first, edges)[0]\n"
        "    return np.cov(one, np.histogram(second, edges)[0])[0, 1]": "covariance",
    },
    4: {"answer_4 = 15 / 90": "upside down", "answer_4 = 100 / 25": "for 100 and 25"},
    5: {
        "mean = -70 + 20 * (5 * 0.4 + 0.04 * 0.4 * (100 + 6 * 25))\n"
        'answer_5 = {"mean": mean, "sigma_V": 72**0.5}': "the inhibition takes away",
        "variance = 10 * (5 * 0.4**2 + 0.04 * 0.4**2 * (100 + 6 * 25))\n"
        'answer_5 = {"mean": -46, "sigma_V": np.sqrt(variance)}': "by their square",
        "variance = 20 * (5 * 0.4**2 + 0.04 * 0.4**2 * (100 + 6**2 * 25))\n"
        'answer_5 = {"mean": -46, "sigma_V": np.sqrt(variance)}': "the half of τ_m",
    },
    7: {
        "more = net.self_consistent_rate(make(8, 2.2)).f\n"
        'answer_7 = {"one": more, "all": more}': "when the others follow",
        'answer_7 = {"one": 43.78, "all": net.rate_out(make(8, 2.2), 32.4)}': (
            "look for the crossing"
        ),
    },
    8: {
        "count = np.repeat([500, 0], [20, 980])\n"
        "answer_8 = count.std() / count.mean()": "not the standard deviation",
        "answer_8 = 0.02 * 500**2 * 0.98": "divide it by the mean",
        "answer_8 = 0.02 * 500**2 / (0.02 * 500)": "take mean² away",
    },
}


@pytest.mark.parametrize(
    ("exercise", "code"), [(k, code) for k, codes in WRONG.items() for code in codes]
)
def test_a_likely_mistake_gets_its_hint(notebook, capsys, exercise, code):
    answer = TEXT.verdict(notebook, exercise, code, capsys)
    assert answer.startswith("✗"), answer
    assert WRONG[exercise][code] in answer, answer


MORE_WRONG = {
    1: [
        "def late(V): return lif.latency(lif.Neuron(), 0.3, V0=V)\n"
        'answer_1 = {"early": late(-65), "late": late(-55)}'
    ],
    4: ["answer_4 = 90 / (90 + 15)"],
    5: [
        'answer_5 = {"mean": 20 * (2 + 0.016 * (100 - 6 * 25)), "sigma_V": 72}',
        'answer_5 = {"mean": -70 + 20 * 2, "sigma_V": np.sqrt(10 * 5 * 0.4**2)}',
        'answer_5 = {"mean": -70 + 20 * (2 + 0.016 * (100 - 6)), "sigma_V": 72}',
    ],
    7: [
        "before = net.self_consistent_rate(make(8, 2)).f\n"
        'answer_7 = {"one": before, "all": before}',
        'answer_7 = {"one": 32.4 * 1.1, "all": 32.4 * 1.1}',
    ],
    8: [
        "answer_8 = 1",
        "answer_8 = 0.02 * 500",
        "answer_8 = np.repeat([500, 0], [20, 980]).std()",
        "one = np.repeat([1, 0], [20, 980])\nanswer_8 = one.var() / one.mean()",
    ],
}


@pytest.mark.parametrize("exercise", MORE_WRONG)
def test_each_hint_is_given_to_a_mistake_that_leads_there(notebook, capsys, exercise):
    codes = [*WRONG[exercise], *MORE_WRONG[exercise]]
    said = " ".join(TEXT.verdict(notebook, exercise, code, capsys) for code in codes)
    (call,) = ast.parse(TEXT.source(f"exercise-{exercise}-check")).body
    (hints,) = [word for word in call.value.keywords if word.arg == "hints"]
    for key, value in eval(ast.unparse(hints.value), {"np": np}).items():
        parts = value.values() if isinstance(value, dict) else [value]
        for words in parts:
            begins = f"{key}: " if isinstance(value, dict) else ""
            assert begins + words.removesuffix(".") in said, words


def test_a_calendar_that_is_read_too_late(notebook, capsys):
    """The likeliest slips in the loop, each with its hint."""
    right = TEXT.solution(3)
    slips = {
        right.replace(" + arriving[k]", ""): "nothing arrives from the network yet",
        right.replace("arriving[k + delay, targets[i]] += weights[i]", "pass"): (
            "nothing arrives from the network yet"
        ),
        right.replace("V + kicks[k] + arriving[k]", "V"): "nothing comes from outside",
        right.replace("k + delay,", "k + delay - 1,"): "a step early",
        right.replace("+ delay, network.N", "+ delay + 1, network.N").replace(
            "k + delay,", "k + delay + 1,"
        ): "a step late",
        right.replace("+= weights[i]", "+= network.J"): "✗",
    }
    for code, words in slips.items():
        assert code != right
        said = TEXT.verdict(notebook, 3, code, capsys)
        assert said.startswith("✗"), said
        assert words in said, said


def test_a_bisection_that_goes_the_wrong_way(notebook, capsys):
    right = TEXT.solution(6)
    said = TEXT.verdict(notebook, 6, right.replace("> middle:", "< middle:"), capsys)
    assert "moves always" in said
    for end in ("low", "middle"):
        code = right.replace("return high", f"return {end}")
        assert TEXT.verdict(notebook, 6, code, capsys).startswith("✓")


def test_the_challenge_is_met_by_its_solution_and_not_by_less(notebook, capsys):
    def verdict(code):
        return TEXT.verdict(notebook, "challenge", code, capsys)

    assert verdict(TEXT.solution("challenge")).startswith("✓")
    regular = verdict('crowd = {"g": 5.5, "eta": 1.25, "delay": 1.5}')
    assert "try more inhibition" in regular
    together = verdict('crowd = {"g": 8, "eta": 3.5, "delay": 1.5}')
    assert "look again at rate" in together
    assert "try less input" in together
    assert verdict(CELLS["challenge-answer"].source).startswith("○")


def test_the_solution_of_the_challenge_holds_for_other_seeds():
    for seed in (2, 3):
        run = net.simulate_network(make(8, 1.7), 2000, seed=seed)
        assert 23 < run.rate < 27
        assert run.cv > 0.8
        assert run.synchrony < 13
