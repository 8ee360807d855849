"""What notebook 05 says, recomputed: numbers, formulas, directions, hints, figures."""

import itertools
import math
import re
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from claims import (
    DIRECTION,
    EQUATION,
    Claims,
    by_name,
    drawn,
    grid,
    levels,
    meaning,
    meanings,
    meanings_first,
    number,
    settings,
    sliders,
)
from latex import compute, sides

import lif_helpers as lif
import lif_notebook as nb
from notebooks import numbers_at, path_of

TEXT = Claims("05")
CELLS = TEXT.cells
NEURON = lif.Neuron()
SEEDS = range(1, 21)

pytestmark = pytest.mark.usefixtures("style")


@pytest.fixture
def notebook(runs):
    return runs(path_of("05"))


# ---- Theory, written once more -------------------------------------------------------


def opened(neuron, g_E=0.0, g_I=0.0, E_I=-80.0):
    """The neuron with constant conductances (µS)."""
    total = neuron.g_L + g_E + g_I
    E_L = (neuron.g_L * neuron.E_L + g_I * E_I) / total
    return replace(neuron, tau_m=neuron.C / total, R=1 / total, E_L=E_L)


def free(rate_E, rate_I):
    """The bombarded neuron and its sigma_V (mV): 0.4 nS per Hz of either rate."""
    neuron = opened(NEURON, 0.0004 * rate_E, 0.0004 * rate_I)
    variance = 0
    for n, rate, w, tau, E in (
        (80, rate_E, 0.001, 5, 0),
        (20, rate_I, 0.002, 10, -80),
    ):
        of_g = n * rate / 1000 * w**2 * tau / 2
        pull = neuron.R * (E - neuron.E_L)
        variance += pull**2 * of_g * tau / (tau + neuron.tau_m)
    return neuron, math.sqrt(variance)


def bombarded_run(neuron, rate_E, rate_I, seed, duration=20_000, dt=0.2):
    """All inputs of a kind together are one Poisson train."""
    t = lif.time_grid(duration, dt)
    spikes_E = lif.poisson_spikes(80 * rate_E, duration, seed=1000 + seed)
    spikes_I = lif.poisson_spikes(20 * rate_I, duration, seed=2000 + seed)
    g_E = lif.synaptic_conductance(t, spikes_E, 0.001, 5)
    g_I = lif.synaptic_conductance(t, spikes_I, 0.002, 10)
    return lif.simulate(neuron, t, g_E=g_E, g_I=g_I)


BALANCED, BALANCED_WIDTH = free(51, 80)
DRIVEN, DRIVEN_WIDTH = free(12, 0)
INTERNEURON_RATE = lif.fi_curve(lif.INHIBITORY, 0.5)
SILENCING = 0.02 / 30 / (INTERNEURON_RATE / 1000 * 5) * 1000  # nS
SAME_NOISE = 4 * (50 / 40) * math.sqrt(20 / 10)  # mV in the interneuron
WHITE_RATE = lif.siegert_rate(BALANCED, 0, BALANCED_WIDTH)


# ---- Numbers: whoever changes one must change it here, where it is computed ----------

# Of each cell the phrases that hold numbers. What is left of the cell has none.
SAID = {
    "title": ["# 5 · "],
    "about": ["[01](01_", "[04](04_"],  # the minutes: a test of the anatomy
    "recall": [
        "R = 1/g",
        "(Notebook 01)",
        f"Its rheobase, {NEURON.rheobase:g} nA",
        "(02)",
        "nearer to 0 or to 1?",
        "To 1: rare",
        "(04)",
    ],
    "synapse": [
        "Notebook 01",
        "$E_E$ = 0 mV",
        "$E_I$ = −80 mV is the E of Cl⁻ with "
        f"{110 * math.exp(-80 / 26.73):.1f} mM inside",
        f"1 nS = {1e-9 / 1e-6:g} µS",
    ],
    "predict-event": ["at 10 ms"],
    "seen-event": ["vanishes at −80 mV"],
    "exercise-1": ["**Exercise 1.**", "V is −60 mV", "conductance is 2 nS"],
    "exercise-1-solution": [
        "answer_1 = 0.002 * (0 - (-60))",
        f"0.002 µS · 60 mV = {0.002 * 60:g} nA",
    ],
    "predict-two": [
        "from 50 to 200 ms, inhibition from 125 to 275 ms",
        "from 5 to 10 and to 20 nS",
    ],
    "seen-two": [f"above {1000 * 70 / 70 / 100:g} nS"],
    "exercise-2": [
        "**Exercise 2.**",
        "R = 100 MΩ, τ_m = 20 ms, $E_L$ = −70 mV",
        "$g_E$ = 10 nS and $g_I$ = 5 nS",
    ],
    "exercise-2-solution": [
        "with_both(lif.Neuron(), 0.010, 0.005)",
        'answer_2 = {"V": open_now.E_L, "tau": open_now.tau_m}',
        f"the leak's {1000 * NEURON.g_L:g} nS: V = (−70 · 10 + 0 · 10 − 80 · 5) / 25 = "
        f"{number(opened(NEURON, 0.01, 0.005).E_L)} mV, and 20 ms · 10 / 25 = "
        f"{opened(NEURON, 0.01, 0.005).tau_m:g} ms",
    ],
    "inhibition": [r"{1 + R\,g_I}", "V_reset is −60 mV"],
    "predict-inhibition": ["$E_I$ = −70 mV"],
    "seen-inhibition": ["With 8 mV of noise"],
    "shift-text": ["A shunt of 5 nS"],
    "exercise-3": ["**Exercise 3.**", "inhibition of 5 nS with $E_I$ = −80 mV"],
    "exercise-3-solution": [
        "answer_3 = 0.005 * (-50 - (-80))",
        f"0.005 µS · 30 mV = {0.005 * 30:g} nA",
    ],
    "bombardment": [
        "80 excitatory inputs (1 nS, τ = 5 ms) and 20 inhibitory ones "
        "(2 nS, τ = 10 ms)",
        f"80 inputs at 50 Hz bring {80 * 50} a second, as would {80 * 50} cells that "
        "fire once a second",
    ],
    "bombardment-theory": ["(notebook 04)", r"w^2\,\tau}{2}"],
    "spread-text": [r"\sigma_V^2", r"\big)^2}", r"w^2\,\tau}{2}"],
    "predict-free": [f"until {100 / math.e:.0f} % are left"],
    "exercise-4": ["**Exercise 4.**", "80 inputs at 20 Hz, each with 3 nS and 5 ms"],
    "exercise-4-solution": [
        'answer_4 = {"mean": 80 * 0.02 * 3 * 5, '
        '"std": np.sqrt(80 * 0.02 * 3**2 * 5 / 2)}',
        f"The mean is {80 * 0.02 * 3 * 5:g} nS",
        f"The variance is {80 * 0.02 * 9 * 5 / 2:g} nS²",
        f"deviation is {math.sqrt(80 * 0.02 * 9 * 5 / 2):g} nS",
    ],
    "balance": ["about 30 Hz"],
    "seen-balance": [
        "12 Hz of excitation",
        "the CV is 0.4",
        "80 Hz of inhibition it takes 51 Hz of excitation",
        "the CV is about 1",
    ],
    "balance-numbers-text": ["over 100 s"],
    "exercise-5": ["**Exercise 5.**", "(51 and 80 Hz)"],
    "exercise-5-solution": [
        "balanced = bombarded(lif.Neuron(), 51, 80)",
        "balanced_sigma = spread(lif.Neuron(), 51, 80)",
        "answer_5 = (-50 - balanced.E_L) / balanced_sigma",
        f"The mean is {number(BALANCED.E_L, 1)} mV, {-50 - BALANCED.E_L:.2f} mV below; "
        f"divided by {BALANCED_WIDTH:.2f} mV this is "
        f"{(-50 - BALANCED.E_L) / BALANCED_WIDTH:.2f}",
    ],
    "two-by-two-text": [
        f"{BALANCED_WIDTH:.1f} against {DRIVEN_WIDTH:.1f} mV",
        "about 7 ms",
        f"{BALANCED_WIDTH:.2f} mV of noise",
        "(notebook 04)",
    ],
    "four-text": ["makes 30 Hz"],
    "white-text": ["(04)"],
    "balance-note": ["0.34 to 0.73", "together make 0.98"],  # printed: tested below
    "types": ["a step of 0.8 nA, and from 250 ms on noise around 0.35 nA"],
    "adaptation": [
        f"4.0 mV wide in the pyramidal cell and {SAME_NOISE:.1f} mV in the interneuron",
        f"{lif.fi_curve(lif.EXCITATORY, 0.8):.0f} Hz simply go on",
    ],
    "dale-text": ["from 100 to 500 ms", "at 0.52 nA"],
    "predict-dale": ["between 100 and 500 ms"],
    "seen-dale": ["With weight 0", "from 1.25 nS on"],
    "exercise-6": [
        "**Exercise 6.**",
        f"fires at {INTERNEURON_RATE:.0f} Hz, and τ is 5 ms",
        f"the {0.52 - lif.EXCITATORY.rheobase:.2f} nA that",
    ],
    "exercise-6-solution": [
        "g = 0.02 / (-50 - (-80))  # µS",
        "answer_6 = 1000 * g / (0.126 * 5)",
        f"0.02 nA / 30 mV = {1000 * 0.02 / 30:.3f} nS",
        f"weight · {INTERNEURON_RATE / 1000:.3f} per ms · 5 ms: the weight is "
        f"{SILENCING:.2f} nS",
    ],
    "slow": ["(notebook 04)"],
    "exercise-7": ["**Exercise 7.**"],
    "three-rates-text": ["simulated 30 Hz", "(notebook 04)"],
    "predict-slow": [f"{BALANCED_WIDTH:.2f} mV"],
    "seen-slow": ["at 0.2 ms on 3.2 ms", "At 7 ms on 3.2 ms"],
    "circuit-text": ["opens 100 nS"],
    "predict-circuit": ["10 ms apart"],
    "seen-circuit": ["from a delay of 10 ms on"],
    "window-text": ["steps of 0.5 ms", "Without inhibition it is 17 ms"],
    "exercise-8": ["**Exercise 8.**", "a delay of 5 ms"],
    "exercise-8-solution": ["answer_8 = window(5)"],
    "common-mistakes": [
        f"**`g_E=5` for 5 nS.** That is 5 µS, {5 / NEURON.g_L:g} times the leak",
        "`0.005`",
    ],
    "challenge": [
        "at 10 Hz, within 1 Hz, with a CV above 0.9",
        "(up to 60 Hz)",
        "(up to 100 Hz)",
    ],
    "challenge-solution": ['challenge_rates = {"r_E": 44, "r_I": 80}'],
    "next": ["Notebook 06", "(06_"],
}


def test_the_cells_say_what_comes_out():
    assert TEXT.missing(SAID) == {}


def test_no_number_is_said_without_being_computed():
    assert TEXT.unsaid(SAID) == {}


# What is said in words about the sliders above it; the tests of the directions below
# show that it is so.
SENTENCES = {
    "synapse": [
        "Those that glutamate opens let Na⁺ and K⁺ pass; those that GABA opens, mainly "
        "Cl⁻.",
        "It counts *inward*, like the injected one: positive lifts V.",
        "$E_E$ = 0 mV lies between the E of Na⁺ and of K⁺",
    ],
    "seen-event": [
        "V is pulled *towards* the reversal potential. The IPSP vanishes at −80 mV and "
        "points up below. The EPSP grows as V falls, with its driving force; at rest "
        "it is seven times as large as the IPSP. Both fall just short of the dashed "
        "line"
    ],
    "current": ["V never passes the reversal potential"],
    "seen-two": [
        "The current's V rises in proportion, and passes $E_E$ above 10 nS. The "
        "conductance's V stays below $E_E$, gains less each time, and moves faster, "
        "the more is open. Inhibition takes away little at rest and much where V is "
        "high"
    ],
    "seen-inhibition": [
        "Without noise the dots lie on the grey curve moved to the right, nearly: "
        "steady inhibition *subtracts*",
        "$E_I$ sets how far the curve moves, and nothing else.",
        "With 8 mV of noise the slope changes too: at equal rate the curve with "
        "inhibition is less steep. In the leakier membrane the same noise makes less "
        "voltage.",
    ],
    "shift-text": ["Without noise its foot is steeper: the membrane is faster."],
    "seen-free": [
        "Excitation moves the mean up, inhibition down, and both make the membrane "
        "faster. The fluctuations do not simply grow: more input is more noise, but a "
        "leakier membrane answers less to it. A push is forgotten with $\\tau_{eff}$. "
        "V's own deviations last longer"
    ],
    "seen-balance": [
        "12 Hz of excitation alone lift the mean above the threshold: the CV is 0.4, "
        "nearer to a clock",
        "Now the mean stays *below* the threshold, fluctuations fire the neuron, and "
        "the CV is about 1, as with dice; the intervals follow each other without "
        "order.",
    ],
    "two-by-two-text": [
        "Hardly the width of its fluctuations",
        "a memory of about 7 ms, longer than the membrane's",
    ],
    "balance-note": [
        "the speed of the membrane does most",
        "The memory of the noise adds to it",
        "The fast membrane needs a lower mean for the same rate",
    ],
    "types": [
        "A **pyramidal cell** of the cortex releases glutamate and excites; an "
        "**interneuron** releases GABA and inhibits. The membrane does not make the "
        "type, it only tends to go along.",
        "*fast-spiking* interneuron: less capacitance, a shorter refractory period",
    ],
    "adaptation": [
        "which fires eight times as often",
        "It begins fast, then slows down (**adaptation**); fast-spiking interneurons "
        "hardly do.",
    ],
    "seen-dale": [
        "the second neuron fires ten times. A pyramidal cell speeds it up. An "
        "interneuron slows it down, and from 1.25 nS on silences it after one spike",
        "Trains and conductances are much alike",
    ],
    "seen-slow": [
        "The longer the memory, the lower the rate. The dots come down from the theory "
        "of white noise, at once: at 0.2 ms on 3.2 ms the rate is already a sixth "
        "lower. To the right they approach the average for slow noise.",
        "a slow membrane needs longer noise",
        "the average for slow noise is much the nearer one",
    ],
    "circuit-text": [
        "each alone is too weak to fire the pyramidal cell. The interneuron fires at "
        "least once for each"
    ],
    "seen-circuit": [
        "With a short delay inhibition wipes out what the first volley has left",
        "the cell fires only if the two arrive nearly together",
    ],
    "common-mistakes": [
        "strong noise lets it lower the slope, by less than division would",
        "It has no reversal potential, and drives V below every bound.",
    ],
    "summary": [
        "Steady inhibition subtracts from the firing rate; with noise it changes the "
        "slope as well.",
        "hold the mean below the threshold, and the fast membrane follows a noise that "
        "outlasts its memory",
        "A neuron excites or inhibits by its transmitter.",
    ],
}


def test_the_cells_say_what_the_tests_of_directions_show():
    assert TEXT.missing(SENTENCES) == {}


# What else says a direction, by the test or the number that shows it.
ALSO_SHOWN = {
    "recall": [  # what the questions suppose
        "Three questions on earlier notebooks.",
        "Twice as many leak channels are open.",
        "The mean input lies far below the rheobase, and yet the neuron fires.",
    ],
    "synapse": [
        # test_a_spike_raises_the_conductance_by_its_weight
        "each spike raises a conductance at once by a **weight**",
        "counted channels outward, $g\\,(V - E)$",  # notebook 01
    ],
    # test_postsynaptic_potentials_at_each_setting
    "seen-event": ["V uses up its driving force"],
    "current": ["the leakier membrane is *faster*"],  # test_currents_and_…
    "seen-two": ["there its driving force is larger"],
    "saturation-text": ["How far excitation lifts V, and how fast:"],
    # test_a_shunt_leaves_V_at_rest_where_it_is
    "inhibition": ["If $E_I$ lies below rest, inhibition hyperpolarises"],
    "effective-text": ["as above"],
    # test_the_two_by_two_of_speed_and_memory
    "two-by-two-text": [
        "But its membrane is fast: it has soon forgotten the last reset"
    ],
    "adaptation": ["need slow currents"],
    "slow": [  # test_the_theories_of_the_balanced_neuron
        "Here the noise lasts longer than the membrane remembers.",
        "if noise is *slow*, the neuron sees a nearly constant current for a while",
    ],
    "three-rates-text": ["The noise's own width is larger than $\\sigma_V$"],
    "circuit-text": ["a strong synapse"],
    "common-mistakes": ["Inhibition as a negative current", "so the noise is large"],
    "summary": ["Conductances saturate and make the membrane faster."],
    # test_the_free_potential_at_each_setting
    "challenge-solution": ["Much inhibition makes the membrane fast"],
}


def test_no_direction_is_said_without_being_shown():
    assert TEXT.missing(ALSO_SHOWN) == {}
    assert TEXT.unshown(SAID, SENTENCES, ALSO_SHOWN) == {}


# What is said by an equation without a number.
EQUATIONS = {"recall": ["Both halve: R = 1/g, and τ_m = R C."]}


def test_no_equation_is_said_without_being_shown():
    assert TEXT.missing(EQUATIONS) == {}
    said = TEXT.unshown(SAID, SENTENCES, ALSO_SHOWN, EQUATIONS, pattern=EQUATION)
    assert said == {}
    assert pytest.approx(1 / NEURON.g_L) == NEURON.R
    assert pytest.approx(NEURON.R * NEURON.C) == NEURON.tau_m
    doubled = opened(NEURON, NEURON.g_L)
    assert doubled.R == pytest.approx(NEURON.R / 2)
    assert doubled.tau_m == pytest.approx(NEURON.tau_m / 2)


def test_the_checks_say_directions_that_come_out():
    words = TEXT.said_by_checks(DIRECTION.pattern)
    assert {text for text in words if not re.search(r"\d", text)} == {
        "E_E − V is positive: the current lifts V.",
        "below counts as positive here: V_th − mean.",
        "the variance has a factor of one half.",
        "this is the new rheobase; the question is by how much it rises.",
        "The f–I curve is zero at first and then rises: the mean of the rates is more "
        "than the rate at the mean current, if that lies below the rheobase.",
    }


# The alt texts. What they say of numbers and directions: the test below.
ALT = {
    "neuron-figure": "A neuron with round excitatory synapses on its dendrites and "
    "square inhibitory ones at its soma; beside it a scale on which excitation pulls V "
    "from −65 mV up towards 0 mV, and inhibition down towards −80 mV.",
    "trains-figure": "A row of marks for the spikes of each of 100 inputs, excitatory "
    "and inhibitory, and below the membrane potential that they cause together.",
    "four-figure": "Four neurons that fire at 30 Hz: that with a slow membrane and "
    "white noise fires most evenly, that with a fast membrane and noise that lasts "
    "most unevenly.",
    "types-figure": "A pyramidal cell and an interneuron get the same step of current "
    "and the same noise: the interneuron fires sooner and more often.",
    "window-figure": "The longest time between two volleys at which the neuron still "
    "fires grows with the delay of the inhibition, below the time at which it arrives, "
    "up to 17 ms.",
}


def test_the_alt_texts():
    said = {
        cell.id: cell.metadata["alt"]
        for cell in CELLS.values()
        if "alt" in cell.metadata
    }
    assert said == ALT
    for cell, text in ALT.items():
        (output,) = CELLS[cell].outputs
        assert output.metadata["image/png"]["alt"] == text
    opening = "".join(re.findall(r'"(.*?)"', CELLS["opening"].source.split("alt=")[1]))
    assert opening == (
        "A neuron is excited all the time and fires; inhibition comes in three waves, "
        "pulls V down and silences it."
    )
    assert "draw_neuron(active=(2, 1), V=-65)" in CELLS["neuron-figure"].source


def test_the_pictures_are_as_their_alt_texts_say(notebook):
    names = notebook.namespace
    assert len(names["waves"]) == 3
    opening = names["opening_recording"]
    for first in names["waves"][:, 0]:
        wave = opening.part(first + 20, first + 60)
        assert len(wave.spike_times) == 0
        assert wave.V[-1] < -58
        assert len(opening.part(first - 50, first).spike_times) > 0
    assert len(names["example_trains"]) == 100
    cvs = re.findall(r"CV (\d\.\d\d)", notebook.printed["two-by-two"])
    assert cvs == sorted(cvs)
    kinds = {name: kind[1] for name, kind in names["TYPES"].items()}
    assert kinds == {"pyramidal cell": "excitation", "interneuron": "inhibition"}
    pyramidal, inter = (
        lif.simulate(neuron, names["types_t"], names["types_input"])
        for neuron in (lif.EXCITATORY, lif.INHIBITORY)
    )
    for part in ((50, 150), (250, 500)):
        slow, fast = pyramidal.part(*part), inter.part(*part)
        assert fast.spike_times[0] < slow.spike_times[0]
        assert len(fast.spike_times) > len(slow.spike_times)
    delays, windows = names["delays"], np.array(names["windows"])
    assert (np.diff(windows) > 0).all()
    assert (windows < names["arrival"] + delays).all()
    assert windows[-1] == 17


def test_the_checks_say_what_comes_out():
    window_hint = "A little less than delay and latency together, 7.2 ms: the second "
    assert TEXT.said_by_checks() == {
        "More than half the rheobase of the default neuron, from 2 nS: a fifth of its "
        "leak conductance.",
        f"1 nS = {1e-9 / 1e-6:g} µS, and µS times mV is nA.",
        "this is the current at rest; V is −60 mV.",
        "this is inhibition's reversal potential; E_E is 0 mV.",
        "the driving force is E_E − V, and E_E is 0 mV.",
        f"do not forget the leak, which pulls towards E_L with {1000 / 100:g} nS.",
        f"do not forget the leak, which is open too, with {1000 / 100:g} nS.",
        "more conductance makes it faster: divide by 1 + R (g_E + g_I).",
        "this is the current at rest; at the threshold of −50 mV the driving force is "
        "larger.",
        "this is the shift for a shunt, with E_I = −70 mV.",
        f"20 Hz are {20 / 1000:g} per ms.",
        f"the rate of 20 Hz is {20 / 1000:g} per ms.",
        "each spike brings 3 nS.",
        "the conductance lasts: multiply by the time constant of 5 ms.",
        f"{80 * 0.02 * 9 * 5 / 2:g} nS² is the variance; take its root.",
        "this is with the driving force at rest; at V_th it is 30 mV.",
        "each spike's conductance lasts: divide by the 5 ms too.",
        "only the 0.02 nA above the rheobase must be carried away.",
        "the driving force is V_th − E_I, 30 mV, not V_th − E_E.",
        "The simulation takes 1.12 nS: the conductance swings about its mean.",
        "values below the rheobase count too, with a rate of 0.",
        f"{window_hint}volley needs time to act.",
        "its CV is 0.9 or less. Is the membrane fast?",
        "r_E goes from 0 to 60 Hz, and r_I from 0 to 100 Hz.",
    }


INSIGHTS = {  # those without a number
    "exercise-2-check": [
        "the mean of E_L, E_E and E_I, weighted by their conductances."
    ],
    "exercise-3-check": ["In general: g_I (V_th − E_I)."],
    "exercise-4-check": ["The fluctuations are a quarter of the mean"],
    "exercise-5-check": ["Less than one: the fluctuations reach the threshold"],
    "exercise-7-check": ["more than the rate at the mean current, if that lies below"],
}


def test_the_insights():
    assert TEXT.missing(INSIGHTS) == {}
    neuron = opened(NEURON, 0.01, 0.005)
    assert neuron.E_L == pytest.approx((10 * -70 + 10 * 0 + 5 * -80) / 25)
    shift = opened(NEURON, g_I=0.005).rheobase - NEURON.rheobase
    assert shift == pytest.approx(0.005 * (NEURON.V_th + 80))
    assert 6 / 24 == 1 / 4
    assert 0 < (-50 - BALANCED.E_L) / BALANCED_WIDTH < 1
    currents = np.array([0.05, 0.15, 0.3])
    assert currents.mean() < NEURON.rheobase
    rates = lif.fi_curve(NEURON, currents)
    assert rates.mean() > lif.fi_curve(NEURON, currents.mean())


def test_the_sources():
    text = CELLS["sources"].source
    sources = {
        "Gerstner, Kistler, Naud and Paninski (2014)": "chapters 3 and 8",
        "Holt and Koch (1997)": "9:1001–1013",
        "Kuhn, Aertsen and Rotter (2004)": "24:2345–2356",
        "Shadlen and Newsome (1994)": "4:569–579",
        "van Vreeswijk and Sompolinsky (1996)": "274:1724–1726",
        "Moreno-Bote and Parga (2010)": "22:1528–1572",
        "Wang (2002)": "36:955–968",
        "McCormick and others (1985)": "54:782–806",
        "Pouille and Scanziani (2001)": "293:1159–1163",
    }
    assert TEXT.misplaced(sources) == []
    assert "with $E_I$ = −70 mV" in text  # in Wang's paper
    assert TEXT.dois() == [
        "10.1017/CBO9781107447615",
        "10.1162/neco.1997.9.5.1001",
        "10.1073/pnas.0337591100",
        "10.1523/JNEUROSCI.3349-03.2004",
        "10.1016/0959-4388(94)90059-0",
        "10.1126/science.274.5293.1724",
        "10.1162/neco.2010.06-09-1036",
        "10.1016/S0896-6273(02)01092-9",
        "10.1152/jn.1985.54.4.782",
        "10.1126/science.1060342",
    ]


# ---- Formulas ------------------------------------------------------------------------


def test_the_synaptic_current_is_that_of_the_simulation():
    symbols = {"g_E": 0.003, "g_I": 0.004, "E_E": 0, "E_I": -80, "V": -62}
    current = TEXT.right_side("synapse", **symbols)
    t = np.arange(3) * 1e-4
    moved = lif.simulate(lif.MEMBRANE, t, g_E=0.003, g_I=0.004, V0=-62).V
    slope = (moved[1] - moved[0]) / 1e-4
    assert slope == pytest.approx((8 * -0.1 * 0 + -8 / 100 + current) / 0.2, rel=1e-3)


def test_what_a_shunt_leaves_of_R():
    found = TEXT.right_side("inhibition", R=100, g_I=0.005)
    assert found == pytest.approx(opened(NEURON, g_I=0.005).R)


def test_campbells_theorem_for_a_conductance():
    mean, variance = (sides(part)[1] for part in TEXT.formulas("bombardment-theory"))
    symbols = {"n": 80, "r": 0.02, "w": 3, "tau": 5}
    assert compute(mean, **symbols) == pytest.approx(24)
    text = variance.replace("w^2", "w w")
    assert compute(text, **symbols) == pytest.approx(36)
    t = lif.time_grid(100_000, 0.2)
    spikes = lif.poisson_spikes(1600, 100_000, seed=1)
    g = lif.synaptic_conductance(t, spikes, 3, 5)[500:]
    assert g.mean() == pytest.approx(24, rel=0.01)
    assert g.std() == pytest.approx(6, rel=0.03)


def test_the_formula_of_the_width_has_the_parts_of_the_theory():
    (formula,) = TEXT.formulas("spread-text")
    for part in (
        r"\big(R_{eff}\,(E - \bar V)\big)^2",
        r"\frac{n\,r\,w^2\,\tau}{2}",
        r"\frac{\tau}{\tau + \tau_{eff}}",
        r"\sum_{E,\,I}",
    ):
        assert part in formula


# ---- Directions ----------------------------------------------------------------------


def test_a_spike_raises_the_conductance_by_its_weight():
    t = lif.time_grid(30)
    g = lif.synaptic_conductance(t, [10, 12], 0.002, 5)
    assert g[t < 10].max() == 0
    assert g[100] == pytest.approx(0.002, rel=0.02)
    left = math.exp(-5 / 5) + math.exp(-3 / 5)
    assert g[150] == pytest.approx(0.002 * left, rel=0.02)


def test_a_shunt_leaves_V_at_rest_where_it_is():
    assert opened(NEURON, g_I=0.005).E_L < NEURON.E_L
    shunted = opened(NEURON, g_I=0.005, E_I=NEURON.E_L)
    assert shunted.E_L == pytest.approx(NEURON.E_L)
    t = lif.time_grid(50)
    V = lif.simulate(NEURON, t, g_I=0.005, E_I=NEURON.E_L).V
    assert pytest.approx(NEURON.E_L) == V


def test_postsynaptic_potentials_at_each_setting(notebook):
    explorer = notebook.explorers["explore-event"]
    event = notebook.namespace["event"]
    fixed = notebook.namespace["fixed_force"]
    for setting in settings(explorer, 40):
        w, tau, V = setting["weight"], setting["tau"], setting["V_before"]
        for synapse, E in (("g_E", 0), ("g_I", -80)):
            t, _, change = event(synapse, w, tau, V)
            peak = max(change, key=abs)
            theory = max(fixed(t, w, tau, E - V), key=abs)
            assert np.sign(round(peak, 9)) == np.sign(E - V)
            assert abs(peak) <= abs(theory) + 1e-6
        lower = max(event("g_E", w, tau, V - 5)[2])
        assert lower > max(event("g_E", w, tau, V)[2])
    for w, tau in itertools.product((0.25, 1, 3), (1, 5, 10)):
        EPSP = max(event("g_E", w, tau, -70)[2])
        assert pytest.approx(-7 * min(event("g_I", w, tau, -70)[2])) == EPSP
    shown = numbers_at(explorer, weight=1, V_before=-90)
    assert shown["E_E − V"] == 90
    assert shown["E_I − V"] == 10
    assert shown["IPSP"] == pytest.approx(max(event("g_I", 1, 5, -90)[2]))
    # For small weights the theory is the simulation.
    t, _, change = event("g_E", 0.01, 5, -70)
    assert change == pytest.approx(fixed(t, 0.01, 5, 70), abs=1e-3)


def test_currents_and_conductances_at_each_setting(notebook):
    explorer = notebook.explorers["explore-two"]
    two_ways = notebook.namespace["two_ways"]
    for setting in settings(explorer, 20):
        g_E, g_I = setting["g_E"] / 1000, setting["g_I"] / 1000
        t, current, conductance = two_ways(g_E, g_I)
        assert conductance.max() < 0
        assert conductance.min() > -80
        assert (current.max() > 0) == (setting["g_E"] > 10)
        rise = current[np.searchsorted(t, 125)] + 70
        assert rise == pytest.approx(100 * g_E * 70 * (1 - math.exp(-75 / 20)), abs=0.1)
        theory = np.interp(t, *notebook.namespace["pieces"](g_E, g_I))
        assert conductance == pytest.approx(theory, abs=0.4)
        shown = numbers_at(explorer, **setting) if setting["g_E"] in (0, 20) else None
        if shown:
            both = opened(NEURON, g_E, g_I)
            assert shown["V_∞ with both"] == pytest.approx(both.E_L)
            assert shown["time constant with both"] == pytest.approx(both.tau_m)
    heights = [opened(NEURON, g).E_L for g in (0, 0.005, 0.01, 0.02)]
    assert (np.diff(heights, 2) < 0).all()
    taken = [  # by inhibition of 10 nS, without and with excitation of 20 nS
        opened(NEURON, g).E_L - opened(NEURON, g, 0.01).E_L for g in (0, 0.02)
    ]
    assert taken[1] > 2.5 * taken[0]
    printed = notebook.printed["saturation"].splitlines()
    for line, g in zip(printed, (1, 5, 10, 20), strict=True):
        excited = opened(NEURON, g / 1000)
        assert f"current {7 * g:5.1f} mV" in line
        assert (
            f"conductance {excited.E_L + 70:4.1f} mV, {excited.tau_m:4.1f} ms" in line
        )


def at_equal_rate(neuron, rate, sigma_V):
    """The current (nA) for a rate, and the slope of the curve there."""
    fine = np.linspace(-0.2, 1.4, 20_001 if sigma_V == 0 else 401)
    rates = lif.fi_curve(neuron, fine)
    if sigma_V > 0:
        rates = lif.siegert_rate(neuron, fine, sigma_V)
    I = np.interp([rate - 5, rate, rate + 5], rates, fine)
    return I[1], 10 / (I[2] - I[0])


@pytest.mark.parametrize("g", [0.0005, 0.005, 0.01])
def test_steady_inhibition_shifts_the_curve_and_noise_lowers_its_slope(g):
    neuron = lif.Neuron(V_reset=-60)
    inhibited = opened(neuron, g_I=g, E_I=-70)
    left = math.sqrt(inhibited.R / neuron.R)
    factor = neuron.R / inhibited.R
    for rate in (20, 50, 100):
        plain, steep = at_equal_rate(neuron, rate, 0)
        I, slope = at_equal_rate(inhibited, rate, 0)
        assert slope > 0.99 * steep  # never divided
        assert I - plain == pytest.approx(g * 15, rel=0.36)
        _, steep = at_equal_rate(neuron, rate, 8)
        _, slope = at_equal_rate(inhibited, rate, 8 * left)
        assert 1 / factor < slope / steep < 1
    assert 8 * left < 8
    for E_I in (-90, -77):  # a shift of the whole curve
        I = np.linspace(0, 1, 51)
        other = opened(neuron, g_I=g, E_I=E_I)
        for sigma_V in (0, 8):
            moved = lif.siegert_rate(other, I + g * (-70 - E_I), sigma_V * left)
            there = lif.siegert_rate(inhibited, I, sigma_V * left)
            assert moved == pytest.approx(there, abs=1e-6)
    assert inhibited.tau_m < neuron.tau_m


def test_the_dots_lie_on_the_theory_of_the_inhibited_neuron(notebook):
    for g_I, E_I, sigma_V in ((5, -70, 0), (10, -90, 0), (5, -80, 8), (10, -70, 4)):
        curves = drawn(
            notebook, "draw_inhibition", 1, g_I=g_I, E_I=E_I, sigma_V=sigma_V
        )
        x, dots = curves["with inhibition"]
        inhibited = opened(lif.Neuron(V_reset=-60), g_I=g_I / 1000, E_I=E_I)
        left = sigma_V * math.sqrt(inhibited.R / 100)
        there = lif.siegert_rate(inhibited, x, left)
        assert dots == pytest.approx(there, rel=0.1, abs=5)
        fine, theory = curves["theory: another neuron"]
        assert theory == pytest.approx(lif.siegert_rate(inhibited, fine, left))
        plain = lif.siegert_rate(lif.Neuron(V_reset=-60), fine, sigma_V)
        assert curves["without inhibition"][1] == pytest.approx(plain)
        divided = plain / (1 + 100 * g_I / 1000)
        assert curves["divided"][1] == pytest.approx(divided)
    shown = numbers_at(notebook.explorers["explore-inhibition"], g_I=5, E_I=-80)
    assert shown["rheobase"] == pytest.approx(0.2 + 0.005 * 30)
    assert shown["without inhibition"] == pytest.approx(0.2)
    for g_I, E_I, sigma_V in ((5, -70, 0), (8, -80, 8)):
        shown = numbers_at(
            notebook.explorers["explore-inhibition"], g_I=g_I, E_I=E_I, sigma_V=sigma_V
        )
        inhibited = opened(lif.Neuron(V_reset=-60), g_I=g_I / 1000, E_I=E_I)
        left = sigma_V * math.sqrt(inhibited.R / 100)
        _, less = at_equal_rate(inhibited, 50, left)
        _, steep = at_equal_rate(lif.Neuron(V_reset=-60), 50, sigma_V)
        assert shown["slope at 50 Hz"] == pytest.approx(less / steep, rel=0.03)
    lines = notebook.printed["shift"].splitlines()
    for line, (sigma_V, rate) in zip(
        lines, itertools.product((0, 8), (20, 50, 100)), strict=True
    ):
        neuron = lif.Neuron(V_reset=-60)
        shunted = opened(neuron, g_I=0.005, E_I=-70)
        more, slope = (float(x) for x in re.findall(r"\d\.\d+", line))
        left = sigma_V * math.sqrt(2 / 3)
        plain, steep = at_equal_rate(neuron, rate, sigma_V)
        I, less = at_equal_rate(shunted, rate, left)
        assert more == pytest.approx(I - plain, abs=0.002)
        assert slope == pytest.approx(less / steep, abs=0.06)
        assert (slope > 1) == (sigma_V == 0)


@pytest.mark.parametrize("rates", [(4, 5), (8, 20), (20, 60), (51, 80), (60, 100)])
def test_the_theory_of_the_bombarded_membrane(notebook, rates):
    neuron, sigma_V = free(*rates)
    names = notebook.namespace
    found = names["bombarded"](NEURON, *rates)
    assert (found.E_L, found.tau_m) == pytest.approx((neuron.E_L, neuron.tau_m))
    assert names["spread"](NEURON, *rates) == pytest.approx(sigma_V)
    V = np.concatenate(
        [bombarded_run(lif.MEMBRANE, *rates, seed).V[500:] for seed in range(4)]
    )
    assert V.mean() == pytest.approx(neuron.E_L, abs=0.3)
    assert V.std() == pytest.approx(sigma_V, rel=0.05)


def test_the_free_potential_at_each_setting(notebook):
    explorer = notebook.explorers["explore-free"]
    for setting in settings(explorer, 40):
        rates = setting["rate_E"], setting["rate_I"]
        neuron, _ = free(*rates)
        more_E, _ = free(rates[0] + 1, rates[1])
        more_I, _ = free(rates[0], rates[1] + 1)
        assert more_I.E_L < neuron.E_L < more_E.E_L
        assert max(more_E.tau_m, more_I.tau_m) < neuron.tau_m
    for rates in ((4, 1), (60, 100), (4, 100), (51, 80)):
        neuron, sigma_V = free(*rates)
        shown = numbers_at(explorer, rate_E=rates[0], rate_I=rates[1])
        assert shown["τ_eff"] == pytest.approx(neuron.tau_m)
        assert shown["memory of V"] > 1.2 * neuron.tau_m
        assert shown["mean"] == pytest.approx(neuron.E_L, abs=0.5)
        assert shown["σ_V"] == pytest.approx(sigma_V, rel=0.15)
        explorer.sliders["rate_E"].value, explorer.sliders["rate_I"].value = rates
        assert f"(theory {number(neuron.E_L, 1)})" in explorer.line
        assert f"(theory {sigma_V:.2f})" in explorer.line
        explorer.reset.click()
    widths = [free(*rates)[1] for rates in ((6, 3), (14, 25), (38, 90))]
    means = [free(*rates)[0].E_L for rates in ((6, 3), (14, 25), (38, 90))]
    assert widths[0] < widths[1] > widths[2]
    assert np.ptp(means) < 0.1
    lines = notebook.printed["free-numbers"].splitlines()
    for line, rates in zip(lines, ((6, 3), (14, 25), (38, 90)), strict=True):
        neuron, sigma_V = free(*rates)
        for words in (
            f"mean {neuron.E_L:.1f} mV",
            f"sigma_V {sigma_V:.2f} mV",
            f"tau_eff {neuron.tau_m:.1f} ms",
        ):
            assert words in line


def test_a_push_is_forgotten_with_the_effective_time_constant(notebook):
    names = notebook.namespace
    for rates in ((4, 1), (8, 20), (51, 80)):
        V = names["free_run"](*rates, 1)
        left = names["left_of_a_push"](V, names["free_run"](*rates, 1, push=5))
        area = left.sum() * 0.2
        assert area == pytest.approx(free(*rates)[0].tau_m, rel=0.15)


def test_the_two_neurons_of_the_balance_for_twenty_seeds():
    for rates, rate, cv in (((12, 0), (27, 30), (0.36, 0.47)),
                            ((51, 80), (27, 33), (0.85, 1.1))):  # fmt: skip
        trials = [bombarded_run(NEURON, *rates, seed, 30_000) for seed in SEEDS]
        for trial in trials:
            assert rate[0] < trial.rate < rate[1]
            assert cv[0] < trial.cv < cv[1]
        # Without order: short intervals do not follow short ones.
        pairs = np.hstack([[trial.isi[:-1], trial.isi[1:]] for trial in trials])
        assert abs(np.corrcoef(pairs)[0, 1]) < 0.06
    assert DRIVEN.E_L > -50 > BALANCED.E_L


def test_the_numbers_of_the_balance(notebook):
    lines = notebook.printed["balance-numbers"].splitlines()
    for line, rates in zip(lines, ((12, 0), (51, 80)), strict=True):
        neuron, sigma_V = free(*rates)
        assert re.match(r"(29|30) Hz, CV 0\.(4\d|9\d);", line)
        assert f"free mean {neuron.E_L:.1f} mV, sigma_V {sigma_V:.1f} mV" in line
        assert f"tau_eff {neuron.tau_m:.1f} ms" in line
    explorer = notebook.explorers["explore-balance"]
    for rates in ((12, 0), (51, 80), (1, 100), (60, 0)):
        neuron, sigma_V = free(*rates)
        shown = numbers_at(explorer, rate_E=rates[0], rate_I=rates[1])
        assert shown["free mean"] == pytest.approx(neuron.E_L)
        assert shown["σ_V"] == pytest.approx(sigma_V)
        assert shown["τ_eff"] == pytest.approx(neuron.tau_m)
        distance = (-50 - neuron.E_L) / sigma_V
        assert shown["V_th − mean"] == pytest.approx(distance)


def four(tau, memory, mean, seed, duration=20_000):
    neuron, t = lif.Neuron(tau_m=tau), lif.time_grid(duration)
    noise = lif.white_noise(t, neuron, 3.03, seed=seed)
    if memory:
        std = 3.03 / 100 * math.sqrt((memory + tau) / memory)
        noise = lif.ou_noise(t, std, memory, seed=seed)
    return lif.simulate(neuron, t, (mean + 70) / 100 + noise)


def test_the_two_by_two_of_speed_and_memory(notebook):
    settings_ = [(13.5, 0, -48.4), (13.5, 7, -46.8), (3.2, 0, -55.0), (3.2, 7, -52.2)]
    assert notebook.namespace["FOUR"] == settings_
    printed = re.findall(r"(\d+) Hz, CV (\d\.\d\d)", notebook.printed["two-by-two"])
    assert [rate for rate, _ in printed] == ["30"] * 4
    note = CELLS["balance-note"].source
    assert f"{printed[0][1]} to {printed[2][1]}" in note
    assert f"make {printed[3][1]}" in note
    trials = [[four(*s, seed) for seed in range(2, 8)] for s in settings_]
    rates = [np.mean([trial.rate for trial in four_]) for four_ in trials]
    assert rates == pytest.approx([30] * 4, abs=1)
    cvs = [np.mean([trial.cv for trial in four_]) for four_ in trials]
    assert cvs == pytest.approx([float(cv) for _, cv in printed], abs=0.03)
    assert cvs[2] - cvs[0] > 2 * (cvs[1] - cvs[0])  # speed does most
    assert cvs[3] > cvs[2] + 0.2  # memory adds
    assert settings_[2][2] < settings_[0][2]
    theory = re.findall(r"CV (\d\.\d\d)", notebook.printed["white"])
    for (tau, _, mean), said in zip(settings_[::2], theory, strict=True):
        I = (mean + 70) / 100
        cv = lif.siegert_cv(lif.Neuron(tau_m=tau), I, 3.03, dt=0.1)
        assert said == f"{cv:.2f}"
    tau_eff = BALANCED.tau_m
    assert tau_eff == pytest.approx(3.2, abs=0.05)
    assert pytest.approx(DRIVEN.tau_m, abs=0.05) == 13.5
    # The synapses' 5 and 10 ms, each with its part in the noise, make about 7 ms: so
    # long a memory lets as large a part of the variance pass.
    of_E = 80 * 0.051 * 0.001**2 * 5 / 2 * BALANCED.E_L**2
    of_I = 20 * 0.080 * 0.002**2 * 10 / 2 * (BALANCED.E_L + 80) ** 2
    passes = (of_E * 5 / (5 + tau_eff) + of_I * 10 / (10 + tau_eff)) / (of_E + of_I)
    assert tau_eff * passes / (1 - passes) == pytest.approx(7, abs=0.5)


def test_the_two_types(notebook):
    for neuron, line in zip(
        (lif.EXCITATORY, lif.INHIBITORY),
        notebook.printed["types-step"].splitlines(),
        strict=True,
    ):
        assert line == (
            f"rheobase {neuron.rheobase:.1f} nA; step: {lif.latency(neuron, 0.8):.1f} "
            f"ms, {lif.fi_curve(neuron, 0.8):.0f} Hz"
        )
    assert lif.INHIBITORY.C < lif.EXCITATORY.C
    assert lif.INHIBITORY.t_ref < lif.EXCITATORY.t_ref
    t = lif.time_grid(50_000)
    noise = lif.white_noise(t, lif.EXCITATORY, 4, seed=11)
    for neuron, width in ((lif.EXCITATORY, 4), (lif.INHIBITORY, SAME_NOISE)):
        V = lif.simulate(replace(neuron, V_th=math.inf), t, noise).V
        assert V.std() == pytest.approx(width, rel=0.05)
    rates = re.findall(r"(\d+) Hz", notebook.printed["types-noise"])
    assert float(rates[1]) / float(rates[0]) == pytest.approx(8, abs=0.6)
    widths = re.findall(r"sigma_V (\d\.\d) mV", notebook.printed["types-noise"])
    assert widths == ["4.0", f"{SAME_NOISE:.1f}"]


def test_the_first_neuron_excites_or_silences_the_second(notebook):
    explorer = notebook.explorers["explore-dale"]
    weights = grid(explorer, "weight", 10**6)
    counts = {}
    for first in ("pyramidal cell", "interneuron"):
        for weight in weights:
            _, _, second = notebook.namespace["second_neuron"](first, weight)
            counts[first, weight] = len(second.part(100, 500).spike_times)
        assert counts[first, 0] == 10
    up = [counts["pyramidal cell", weight] for weight in weights]
    down = [counts["interneuron", weight] for weight in weights]
    assert (np.diff(up) >= 0).all()
    assert up[1] > up[0]
    assert (np.diff(down) <= 0).all()
    assert down[1] < down[0]
    for weight, count in zip(weights, down, strict=True):
        assert (count == 1) == (weight >= 1.25)
    _, _, silenced = notebook.namespace["second_neuron"]("interneuron", 1.25)
    assert 100 < silenced.part(100, 500).spike_times[0] < 125
    rates = [
        numbers_at(explorer, first=first, weight=2)["first"]
        for first in ("pyramidal cell", "interneuron")
    ]
    assert rates == pytest.approx([112, 126], abs=0.6)
    shown = numbers_at(explorer, first="interneuron", weight=1)
    assert shown["spikes of the second"] == counts["interneuron", 1]


def test_the_weight_that_silences_in_theory_and_in_the_simulation():
    t = lif.time_grid(5000)
    spikes = lif.simulate(lif.INHIBITORY, t, 0.5).spike_times
    for weight, silent in ((1.10, False), (1.12, True)):
        g_I = lif.synaptic_conductance(t, spikes, weight / 1000, 5)
        second = lif.simulate(lif.EXCITATORY, t, 0.52, g_I=g_I).part(1000)
        assert (len(second.spike_times) == 0) == silent
    assert SILENCING == pytest.approx(1.0582, abs=0.001)


def slow_average(neuron, I, std):
    z = np.linspace(-6, 6, 2001)
    weights = np.exp(-z * z / 2)
    return np.average(lif.fi_curve(neuron, I + std * z), weights=weights)


def test_the_theories_of_the_balanced_neuron(notebook):
    std = BALANCED_WIDTH * math.sqrt((7 + BALANCED.tau_m) / 7) / BALANCED.R
    slow = slow_average(BALANCED, 0, std)
    assert notebook.printed["three-rates"] == (
        f"theory of white noise {WHITE_RATE:.0f} Hz, "
        f"average for slow noise {slow:.0f} Hz\n"
    )
    simulated = np.mean([bombarded_run(NEURON, 51, 80, s).rate for s in range(6)])
    assert simulated == pytest.approx(30, abs=1)
    assert BALANCED.tau_m < 5  # the noise lasts longer than the membrane remembers
    assert std * BALANCED.R > BALANCED_WIDTH
    assert abs(simulated - slow) < 0.2 * abs(simulated - WHITE_RATE)


def test_the_rate_falls_with_the_memory_of_the_noise(notebook):
    explorer = notebook.explorers["explore-slow"]
    for mean, tau in itertools.product(grid(explorer, "mean"), (2, 3.2, 11, 20)):
        neuron, I = lif.Neuron(tau_m=tau), (mean + 70) / 100
        rates = notebook.namespace["simulated_rates"](neuron, I)
        white = lif.siegert_rate(neuron, I, 3.03)
        assert (np.diff(rates) < 0.2).all()
        assert rates[0] < white
        std = 3.03 / 100 * math.sqrt((50 + tau) / 50)
        assert abs(rates[-1] - slow_average(neuron, I, std)) < 0.3 * (white - rates[-1])
    curves = drawn(notebook, "draw_slow", 1, mean=-52.2, tau=3.2)
    x, y = curves["simulated"]
    _, white = curves["theory: white noise"]
    assert white[0] == pytest.approx(
        lif.siegert_rate(lif.Neuron(tau_m=3.2), 0.178, 3.03)
    )
    assert x[0] == 0.2
    assert y[0] / white[0] == pytest.approx(5 / 6, abs=0.03)
    memory, slow = curves["theory: slow noise"]
    for k in (0, 10, -1):
        std = 3.03 / 100 * math.sqrt((memory[k] + 3.2) / memory[k])
        there = slow_average(lif.Neuron(tau_m=3.2), 0.178, std)
        assert slow[k] == pytest.approx(there, rel=0.01)
    shown = numbers_at(explorer)
    near = abs(shown["simulated at 7 ms"] - shown["slow noise of 7 ms"])
    assert near < 0.2 * abs(shown["simulated at 7 ms"] - shown["white noise"])


def test_late_inhibition_sets_a_window_that_grows_with_the_delay(notebook):
    def spikes(apart, delay, **weight):
        recording, _ = notebook.namespace["circuit"](apart, delay, **weight)
        return len(recording.spike_times)

    explorer = notebook.explorers["explore-circuit"]
    for delay in grid(explorer, "delay", 10**6):
        assert (spikes(10, delay) > 0) == (delay >= 10)
    assert spikes(10, 2, weight_I=0) > 0
    assert spikes(40, 2, weight_I=0) == 0  # each volley alone is too weak
    t = lif.time_grid(80, 0.05)
    for apart in grid(explorer, "apart"):
        found = notebook.namespace["interneuron_spikes"](t, [10, 10 + apart])
        assert (found < 20).any()
        assert (found > 10 + apart).any()
    for delay, verdict in ((9.5, "stays silent"), (10, "fires")):
        numbers = numbers_at(explorer, delay=delay, apart=10)
        assert numbers["pyramidal cell"] == verdict
        assert numbers["without inhibition"] == "fires"
    windows = [notebook.namespace["window"](delay) for delay in (2, 5, 8, 12, 20)]
    assert (np.diff(windows) > 0).all()
    assert windows[1] == 5.5
    distances = np.arange(0, 25, 0.5)
    assert windows[-1] == 17
    assert windows[-1] == max(x for x in distances if spikes(x, 2, weight_I=0))
    arrival = notebook.namespace["arrival"]
    assert 5 + arrival == pytest.approx(7.16, abs=0.06)
    assert windows[0] < 2 + arrival
    assert notebook.printed["print-windows"] == "delay 2 ms: 2.5 ms, 8 ms: 8.5 ms\n"


def test_five_for_five_nanosiemens_warns_and_nails_V():
    with pytest.warns(UserWarning, match="nS"):
        V = lif.simulate(lif.MEMBRANE, lif.time_grid(100), g_E=5.0).V
    assert -0.2 < V[-1] < 0


# ---- Figures -------------------------------------------------------------------------

FIGURES = {
    "explore-event": [
        ("", "g (nS)", (0, 120), (0, 4)),
        ("", "EPSP (mV)", (0, 120), (-0.5, 8)),
        ("time t (ms)", "IPSP (mV)", (0, 120), (-2.2, 1.4)),
    ],
    "explore-two": [("time t (ms)", "V (mV)", (0, 350), (-105, 85))],
    "explore-inhibition": [("current I (nA)", "rate (Hz)", (0, 1), (0, 250))],
    "trains-figure": [
        ("", "", (0, 500), (-1, 100)),
        ("time t (ms)", "V (mV)", (0, 500), (-74, -52)),
    ],
    "explore-free": [
        ("V (mV)", "density (1/mV)", (-84, -10), (0, 0.42)),
        ("time after (ms)", "share left", (0, 40), (-0.25, 1.05)),
    ],
    "explore-balance": [("time t (ms)", "V (mV)", (0, 400), (-80, -8))],
    "types-figure": [
        ("", "V (mV)", (0, 500), (-74, -38)),
        ("time t (ms)", "V (mV)", (0, 500), (-74, -38)),
    ],
    "explore-dale": [
        ("", "V of the second (mV)", (0, 600), (-76, -36)),
        ("time t (ms)", "g (nS)", (0, 600), (0, 7.5)),
    ],
    "explore-slow": [("memory of the noise (ms)", "rate (Hz)", (0.15, 65), (0, 180))],
    "explore-circuit": [
        ("", "V (mV)", (0, 80), (-82, -36)),
        ("time t (ms)", "$g_I$ (nS)", (0, 80), (0, 300)),
    ],
    "window-figure": [("delay (ms)", "window (ms)", (0, 21), (0, 30))],
}


# Two settings off the default for each drawing: a line that stands still is noticed.
@pytest.mark.parametrize(("weight", "tau", "V_before"), [(1, 8, -90), (3, 2, -60)])
def test_the_lines_of_one_event_follow_the_sliders(notebook, weight, tau, V_before):
    t = lif.time_grid(120)
    g = lif.synaptic_conductance(t, [10], weight / 1000, tau)
    hold = (V_before + 70) / 100
    for name, synapse, E in (("EPSP", "g_E", 0), ("IPSP", "g_I", -80)):
        curves = drawn(
            notebook, "draw_psp", 1,
            name=name, weight=weight, tau=tau, V_before=V_before,
        )  # fmt: skip
        V = lif.simulate(lif.MEMBRANE, t, hold, V0=V_before, **{synapse: g}).V
        assert curves[name][1] == pytest.approx(V - V_before, abs=1e-6)
        fixed = lif.simulate(lif.MEMBRANE, t, g * (E - V_before)).V + 70
        theory = curves["theory: fixed driving force"][1]
        assert theory == pytest.approx(fixed, abs=0.03 * abs(fixed).max())
    curves = drawn(notebook, "draw_event", 3, weight=weight, tau=tau, V_before=V_before)
    assert curves["g of either synapse"][1] == pytest.approx(1000 * g)


@pytest.mark.parametrize(("g_E", "g_I"), [(20, 2), (3, 20)])
def test_the_lines_of_both_ways_follow_the_sliders(notebook, g_E, g_I):
    t = lif.time_grid(350)
    curves = drawn(notebook, "draw_two", 1, g_E=g_E, g_I=g_I)
    E = lif.step_current(t, g_E / 1000, 50, 200)
    I = lif.step_current(t, g_I / 1000, 125, 275)
    V = lif.simulate(lif.MEMBRANE, t, g_E=E, g_I=I).V
    assert curves["as conductances"][1] == pytest.approx(V, abs=1e-6)
    V = lif.simulate(lif.MEMBRANE, t, 70 * E - 10 * I).V
    assert curves["as currents"][1] == pytest.approx(V, abs=1e-6)
    theory = np.interp(t, *curves["theory: another neuron"])
    assert curves["as conductances"][1] == pytest.approx(theory, abs=0.4)


@pytest.mark.parametrize("rates", [(20, 60), (5, 2)])
def test_the_lines_of_the_bombarded_membrane_follow_the_sliders(notebook, rates):
    neuron, sigma_V = free(*rates)
    setting = {"rate_E": rates[0], "rate_I": rates[1], "seed": 1}
    _, axes = plt.subplots(2)
    shown = notebook.namespace["draw_free"](axes, **setting)
    curves = by_name(*axes)
    V, density = curves["theory: Gaussian"]
    bell = np.exp(-(((V - neuron.E_L) / sigma_V) ** 2) / 2)
    assert density == pytest.approx(bell / sigma_V / math.sqrt(2 * math.pi))
    lag, left = curves["theory: $τ_{eff}$"]
    assert left == pytest.approx(np.exp(-lag / neuron.tau_m))
    assert curves["of a push"][1] == pytest.approx(left, abs=0.12)
    lag, own = curves["of a deviation"]
    assert (own[5:50] > left[5:50]).all()
    assert shown["memory of V"][0] == lag[own < 1 / math.e][0]  # "until 37 % are left"
    curves = drawn(notebook, "draw_balance", 1, **setting)
    assert curves["theory: free mean"][1] == pytest.approx(neuron.E_L)
    t = lif.time_grid(20_000, 0.2)
    g_E, g_I = notebook.namespace["bombard"](t, *rates, 1)
    V = lif.simulate(NEURON, t, g_E=g_E, g_I=g_I).V
    time, shown = curves["V"]
    assert np.interp(t[:2000], time, shown) == pytest.approx(V[:2000], abs=1e-6)


def test_the_lines_of_two_neurons_follow_the_choice_and_the_slider(notebook):
    for first, name, color in (
        ("pyramidal cell", "$g_E$", "excitation"),
        ("interneuron", "$g_I$", "inhibition"),
    ):
        for weight in (0.75, 3):
            spikes, g, second = notebook.namespace["second_neuron"](first, weight)
            _, axes = plt.subplots(2)
            notebook.namespace["draw_dale"](axes, first, weight)
            lines = {line.get_label(): line for ax in axes for line in ax.get_lines()}
            assert lines[name].get_ydata() == pytest.approx(1000 * g)
            assert lines[name].get_color() == nb.COLORS[color]
            t = lif.time_grid(600)
            of_spikes = lif.synaptic_conductance(t, spikes, weight / 1000, 5)
            assert g == pytest.approx(of_spikes)
            synapse = {name.strip("$"): g}
            V = lif.simulate(lif.EXCITATORY, t, 0.52, **synapse).V
            assert second.V == pytest.approx(V)


@pytest.mark.parametrize(("mean", "tau"), [(-50, 10), (-55, 2.4)])
def test_the_lines_of_slow_noise_follow_the_sliders(notebook, mean, tau):
    neuron, I = lif.Neuron(tau_m=tau), (mean + 70) / 100
    curves = drawn(notebook, "draw_slow", 1, mean=mean, tau=tau)
    _, white = curves["theory: white noise"]
    assert white == pytest.approx(lif.siegert_rate(neuron, I, 3.03))
    memory, slow = curves["theory: slow noise"]
    for k in (0, 12, -1):
        std = 3.03 / 100 * math.sqrt((memory[k] + tau) / memory[k])
        assert slow[k] == pytest.approx(slow_average(neuron, I, std), rel=0.01)
    rates = notebook.namespace["simulated_rates"](neuron, I)
    assert curves["simulated"][1] == pytest.approx(rates)
    shown = numbers_at(notebook.explorers["explore-slow"], mean=mean, tau=tau)
    assert shown["white noise"] == pytest.approx(white[0])
    assert shown["simulated at 7 ms"] == pytest.approx(rates[3])
    std = 3.03 / 100 * math.sqrt((7 + tau) / 7)
    average = slow_average(neuron, I, std)
    assert shown["slow noise of 7 ms"] == pytest.approx(average, rel=0.01)


@pytest.mark.parametrize(("delay", "apart"), [(12, 4), (2, 20)])
def test_the_lines_of_the_circuit_follow_the_sliders(notebook, delay, apart):
    curves = drawn(notebook, "draw_circuit", 2, delay=delay, apart=apart)
    circuit = notebook.namespace["circuit"]
    recording, g_I = circuit(apart, delay)
    alone, none = circuit(apart, delay, weight_I=0)
    assert none.max() == 0
    assert curves["V without inhibition"][1] == pytest.approx(alone.V)
    assert curves["$g_I$"][1] == pytest.approx(1000 * g_I)
    t, V = curves["V"]
    assert np.interp(recording.t, t, V) == pytest.approx(recording.V, abs=1e-6)


def test_the_window_is_drawn_beside_the_time_at_which_the_inhibition_arrives(notebook):
    again = notebook.branch()
    again.namespace["window"] = lambda delay: delay / 2
    again.execute("window-figure", CELLS["window-figure"].source)
    (ax,) = again.namespace["figure"].axes
    curves = {line.get_label(): line.get_xydata().T for line in ax.get_lines()}
    delay, windows = curves["simulated"]
    assert windows == pytest.approx(delay / 2)
    delay, arrival = curves["theory: inhibition arrives"]
    assert arrival - delay == pytest.approx(2.16, abs=0.06)


@pytest.mark.parametrize("cell", FIGURES)
def test_axes_have_their_quantity_and_unit(notebook, cell):
    assert TEXT.axes_said(notebook, cell) == FIGURES[cell]


E_E, E_I, THRESHOLD = (0, "$E_E$"), (-80, "$E_I$"), (-50, "$V_{th}$")
LEVELS = {
    "opening": [THRESHOLD, E_I],
    "explore-two": [E_E, E_I],
    "explore-balance": [(-70, "rest $E_L$"), (-50, "threshold $V_{th}$")],
    "four-figure": [THRESHOLD, THRESHOLD],
    "types-figure": [THRESHOLD, THRESHOLD],
    "explore-dale": [THRESHOLD],
    "explore-circuit": [THRESHOLD],
}


@pytest.mark.parametrize("cell", LEVELS)
def test_reversal_potentials_and_thresholds_are_marked(notebook, cell):
    assert levels(*TEXT.axes(notebook, cell)) == LEVELS[cell]


MEANINGS = {  # of the colours
    "explore-event": {
        "g of either synapse": "level",
        "EPSP": "V",
        "IPSP": "V",
        "theory: fixed driving force": "theory",
    },
    "explore-two": {
        "as currents": "I",
        "as conductances": "V",
        "theory: another neuron": "theory",
    },
    "explore-inhibition": {
        "without inhibition": "level",
        "divided": "level",
        "with inhibition": "inhibition",
        "theory: another neuron": "theory",
    },
    "explore-free": {
        "free V": "V",
        "theory: Gaussian": "theory",
        "of a push": "V",
        "of a deviation": "spikes",
        "theory: $τ_{eff}$": "theory",
    },
    "explore-balance": {"V": "V", "spikes": "spikes", "theory: free mean": "theory"},
    "explore-dale": {
        "V": "V",
        "spikes": "spikes",
        "$g_E$": "excitation",
        "spikes of the first": "level",
    },
    "explore-slow": {
        "simulated": "spikes",
        "theory: white noise": "theory",
        "theory: slow noise": "level",
    },
    "explore-circuit": {
        "V without inhibition": "excitation",
        "V": "V",
        "$g_I$": "inhibition",
    },
}


@pytest.mark.parametrize("cell", MEANINGS)
def test_the_colours_are_those_of_what_is_drawn(notebook, cell):
    assert meanings_first(notebook.explorers[cell]) == MEANINGS[cell]


def test_the_kinds_of_inputs_keep_their_colours(notebook):
    _, axes = plt.subplots(2)
    notebook.namespace["draw_until"](axes, 600)
    assert meanings(axes[1]) == {"$g_E$": "excitation", "$g_I$": "inhibition"}
    kinds = 80 * ["excitation"] + 20 * ["inhibition"]
    raster, _ = TEXT.axes(notebook, "trains-figure")
    assert [meaning(row) for row in raster.collections] == kinds
    labels = [label.get_text() for label in raster.get_yticklabels()]
    at = dict(zip(labels, raster.get_yticks(), strict=True))
    assert 0 <= at["excitatory"] < 80 <= at["inhibitory"] < 100


def test_sliders_have_their_quantity_unit_and_range(notebook):
    assert sliders(notebook) == {
        "explore-event": {
            "weight": ("weight (nS)", 2, 0.25, 3, 0.25),
            "tau": ("τ (ms)", 5, 1, 10, 1),
            "V_before": ("V before (mV)", -70, -95, -55, 1),
        },
        "explore-two": {
            "g_E": ("g_E (nS)", 5, 0, 20, 0.5),
            "g_I": ("g_I (nS)", 10, 0, 20, 0.5),
        },
        "explore-inhibition": {
            "g_I": ("g_I (nS)", 5, 0, 10, 0.5),
            "E_I": ("E_I (mV)", -70, -90, -70, 1),
            "sigma_V": ("σ_V (mV)", 0, 0, 8, 1),
        },
        "explore-free": {
            "rate_E": ("r_E (Hz)", 8, 4, 60, 1),
            "rate_I": ("r_I (Hz)", 20, 1, 100, 1),
        },
        "explore-balance": {
            "rate_E": ("r_E (Hz)", 12, 1, 60, 1),
            "rate_I": ("r_I (Hz)", 0, 0, 100, 1),
        },
        "explore-dale": {
            "first": ("first neuron", ("pyramidal cell", "interneuron")),
            "weight": ("weight (nS)", 2, 0, 4, 0.25),
        },
        "explore-slow": {
            "mean": ("free mean (mV)", -52.2, -56, -48, 0.2),
            "tau": ("τ (ms)", 3.2, 2, 20, 0.2),
        },
        "explore-circuit": {
            "delay": ("delay (ms)", 4, 2, 20, 0.5),
            "apart": ("apart (ms)", 10, 0, 20, 0.5),
        },
    }


# ---- Exercises: wrong answers as a student comes to them -----------------------------

WRONG = {
    1: {
        "answer_1 = 2 * 60": "1 nS = 0.001 µS",
        "answer_1 = 0.002 * (-60 - 0)": "the current lifts V",
        "answer_1 = 0.002 * 70": "V is −60 mV",
        "answer_1 = 0.002 * (-80 + 60)": "E_E is 0 mV",
    },
    2: {
        'answer_2 = {"V": -70 + 70 - 5, "tau": 20}': "driving forces change",
        'answer_2 = {"V": (0 * 10 - 80 * 5) / 15, "tau": 200 / 15}': "the leak",
        'answer_2 = {"V": (-70 + 0 - 80) / 3, "tau": 20 * 2.5}': "divide by 1 + R",
    },
    3: {
        "answer_3 = 0.005 * (-70 + 80)": "the current at rest",
        "answer_3 = 0.005 * (-50 + 70)": "for a shunt",
        "answer_3 = 0.2 + 0.005 * 30": "the new rheobase",
        "answer_3 = 5 * 30": "1 nS = 0.001 µS",
        "answer_3 = 0.005 * (0 + 50)": "not to E_E",
    },
    4: {
        'answer_4 = {"mean": 80 * 20 * 3 * 5, "std": 36}': "20 Hz are 0.02 per ms",
        'answer_4 = {"mean": 80 * 0.02 * 5, "std": np.sqrt(80*0.02*9*5)}': "one half",
        'answer_4 = {"mean": 80 * 0.02 * 3, "std": np.sqrt(80*0.02*3*5/2)}': "squared",
    },
    5: {
        "answer_5 = -50 - balanced.E_L": "divide by sigma_V",
        "answer_5 = (balanced.E_L + 50) / balanced_sigma": "counts as positive",
        "answer_5 = (-50 - balanced.E_L) / balanced_sigma**2": "not by the variance",
        "answer_5 = (-50 + 70) / balanced_sigma": "the distance from rest",
    },
    6: {
        "answer_6 = 1000 * 0.02 / 30": "which weight makes it",
        "answer_6 = 1000 * 0.02 / 10 / (0.126 * 5)": "driving force at rest",
        "answer_6 = 1000 * 0.02 / 30 / 0.126": "divide by the 5 ms",
        "answer_6 = 1000 * 0.52 / 30 / (0.126 * 5)": "above the rheobase",
        "answer_6 = 1000 * 0.02 / 50 / (0.126 * 5)": "not V_th − E_E",
        "answer_6 = 0.02 / 30 / (0.126 * 5)": "factor of 1000",
    },
    7: {
        "def slow_rate(neuron, currents):\n    "
        "return lif.fi_curve(neuron, np.mean(currents))": "average the rates",
        "def slow_rate(neuron, currents):\n    "
        "return lif.fi_curve(neuron, currents)": "one number",
        "def slow_rate(neuron, currents):\n    "
        "return lif.fi_curve(neuron, currents).sum()": "divide by their number",
        "def slow_rate(neuron, currents):\n    r = lif.fi_curve(neuron, currents)\n"
        "    return r[r > 0].mean()": "with a rate of 0",
    },
    8: {
        "answer_8 = window(30)": "without inhibition",
        "answer_8 = 5": "the delay alone",
        "answer_8 = 5 + arrival": "needs time to act",
    },
}


@pytest.mark.parametrize(
    ("exercise", "code"), [(k, code) for k, codes in WRONG.items() for code in codes]
)
def test_a_likely_mistake_gets_its_hint(notebook, capsys, exercise, code):
    given = ""
    if exercise == 5:
        given = CELLS["exercise-5-answer"].source.replace("answer_5 = ...", "")
    answer = TEXT.verdict(notebook, exercise, given + code, capsys)
    assert answer.startswith("✗"), answer
    assert WRONG[exercise][code] in answer, answer


def test_the_challenge_is_met_by_its_solution_and_not_by_less(notebook, capsys):
    def verdict(code):
        return TEXT.verdict(notebook, "challenge", code, capsys)

    assert verdict(TEXT.solution("challenge")).startswith("✓")
    even = verdict('challenge_rates = {"r_E": 9, "r_I": 0}')
    assert "Is the membrane fast?" in even
    often = verdict('challenge_rates = {"r_E": 51, "r_I": 80}')
    assert "look again at rate" in often
    for beyond in ('{"r_E": 61, "r_I": 80}', '{"r_E": 44, "r_I": 101}'):
        assert "goes from 0 to 60 Hz" in verdict(f"challenge_rates = {beyond}")
    assert verdict(CELLS["challenge-answer"].source).startswith("○")


def test_the_solution_of_the_challenge_holds_for_twenty_seeds():
    for seed in SEEDS:
        trial = bombarded_run(NEURON, 44, 80, seed, 200_000, dt=0.5)
        assert 9 < trial.rate < 11
        assert trial.cv > 0.9
