"""What notebook 03 says, recomputed: numbers, formulas, directions, hints, figures."""

import itertools
import math

import numpy as np
import pytest
from claims import Claims, by_name, drawn, grid, number, settings, sliders
from latex import compute, sides

import lif_helpers as lif
from notebooks import numbers_at, path_of

TEXT = Claims("03")
CELLS = TEXT.cells
NEURON = lif.Neuron()
OTHER = lif.Neuron(tau_m=8, R=60, E_L=-65, V_th=-52, V_reset=-58, t_ref=3)

pytestmark = pytest.mark.usefixtures("style")


@pytest.fixture
def notebook(runs):
    return runs(path_of("03"))


def threshold(width):
    return NEURON.rheobase / (1 - math.exp(-width / NEURON.tau_m))


def lift(tau_m):
    """How far (mV) a pulse of 2.7 pC in 1 ms lifts V, with C = 0.2 nF."""
    return 2.7 * tau_m / 0.2 * (1 - math.exp(-1 / tau_m))


def window(tau_m, lift):
    return tau_m * math.log(lift / (20 - lift))


def one_in(every, t_ref):
    """Of how many pulses one makes a spike."""
    return math.ceil(t_ref / every)


def gain(nu, tau_m=20):
    return 1 / math.hypot(1, 2 * math.pi * nu * tau_m / 1000)


def pair_ratio(tau_m):
    return (1 + math.exp(-3 / tau_m)) / (1 + math.exp(-12 / tau_m))


RATE = {every: 1000 / every / one_in(every, 10.5) for every in (5, 6, 8)}

# ---- Numbers: whoever changes one must change it here, where it is computed ----------

# Of each cell the phrases that hold numbers. What is left of the cell has none.
SAID = {
    "title": ["# 3 · "],
    "about": ["[01](01_", "[02](02_"],
    "recall": [
        "$E_L$ = −65 mV, $V_{th}$ = −50 mV and R = 50 MΩ",
        f"More than {lif.Neuron(R=50, E_L=-65).rheobase:g} nA, its rheobase",
        f"the {-50 + 65} mV from $E_L$ to $V_{{th}}$",
        "$1/t_{ref}$",
    ],
    "exercise-1": ["**Exercise 1.**", "0.3 nA have", "I = −0.3 nA", "within 1 mV"],
    "exercise-1-solution": [
        "answer_1 = 20 * np.log(30 / 1)",
        f"V to {number(-70 - 30)} mV, {100 * 0.3:g} mV below",
        f"1 mV is left after 20 ms · ln 30 = {20 * math.log(30):.0f} ms",
    ],
    "pulse": [
        f"The rheobase is {NEURON.rheobase:g} nA",
        "A step of 0.25 nA is stronger, and $E_L + R\\,I$ lies at "
        f"{number(-70 + 25)} mV",
    ],
    "exercise-2": ["**Exercise 2.**", "0.25 nA"],
    "exercise-2-solution": [
        "answer_2 = 20 * np.log((-45 + 70) / (-45 + 50))",
        f"$V_\\infty$ is {number(-70 + 25)} mV, 25 mV above $E_L$ and "
        f"{-45 + 50} mV above",
        f"20 ms · ln {25 / 5:g} = {lif.latency(NEURON, 0.25):.1f} ms",
    ],
    "exercise-3": ["**Exercise 3.**"],
    "strength-duration": [
        "(1 - e^{",
        "{1 - e^{",
        f"{NEURON.C * (NEURON.V_th - NEURON.E_L):g} pC (nA · ms = pC)",
        "in 1909",
        r"\ln 2$",
    ],
    "predict-pulse": ["a pulse of 2 ms", "one of 50 ms"],
    "seen-pulse": [
        f"1 ms needs {threshold(1) / threshold(2):.2f} times the current of one of 2 "
        "ms",
        f"25 ms needs only {threshold(25) / threshold(50):.2f} times that of 50 ms",
    ],
    "outside": [r"\ln 2$"],
    "exercise-4": ["**Exercise 4.**", "0.12 nA", f"{2 * 0.12:g} nA", "5.2 ms"],
    "exercise-4-solution": [
        "answer_4 = 5.2 / np.log(2)",
        "at 5.2 ms",
        f"τ_m ln 2. So τ_m = {5.2 / math.log(2):.1f} ms",
    ],
    "ramp": ["(1 - e^{"],
    "seen-ramp": [
        "With a rise of 0 the ramp",
        f"No ramp to more than {NEURON.rheobase:g} nA is too slow for this neuron, "
        f"and none to {NEURON.rheobase:g} nA or less",
    ],
    "exercise-5": ["**Exercise 5.**", "0.002 nA in each ms"],
    "exercise-5-solution": [
        "lag = 100 * 0.002 * 20",
        'answer_5 = {"lag": lag, "I": 0.2 + lag / 100}',
        f"R s τ_m = {100 * 0.002 * 20:g} mV",
        f"{20 + 4} mV above $E_L$: {24 / 100:g} nA, at {0.24 / 0.002:g} ms",
        f"but for {100 * math.exp(-120 / 20):.2f} %",
    ],
    "rhythm": [
        r"\frac{1}{\sqrt{1 + (2\pi\nu\tau_m)^2}}",
        r"\arctan(2\pi",
        "360° are a full cycle",
        r"= 1/(2\pi\tau_m)$",
        f"$1/\\sqrt{{2}}$, {1 / math.sqrt(2):.2f}, and the lag "
        f"{math.degrees(math.atan(1)):.0f}°",
    ],
    "exercise-6": ["**Exercise 6.**"],
    "predict-sine": ["The mean is 0.15 nA, and the swing adds and takes 0.1 nA"],
    "seen-sine": [
        f"With a mean of 0.15 nA the neuron fires up to {10**1.1:.1f} Hz; from "
        f"{10**1.2:.1f} Hz on",
        "With 0.1 nA or less",
        "With 0.21 nA or more",
        "Listen to 2 and to 10 Hz",
    ],
    "coincidence": [
        f"C stays {NEURON.C:g} nF",
        f"of 2.7 pC, lifts V by {lift(5):.0f} to {lift(50):.0f} mV",
    ],
    "predict-pairs": ["τ_m = 50 ms", "with 5 ms"],
    "seen-pairs": [
        f"the first pulse {math.floor(window(50, lift(50)))} ms later",
        f"within {math.floor(window(5, lift(5)))} ms: a **coincidence",
    ],
    "exercise-7": ["**Exercise 7.**", "τ_m = 8 ms", "20 mV above", "by 12 mV"],
    "exercise-7-solution": [
        "answer_7 = 8 * np.log(12 / 8)",
        f"brings 12 of the 20 mV, so of the first {20 - 12} mV must be left",
        "$12\\,e^{-d/\\tau_m} = 8$",
        f"d = {window(8, 12):.1f} ms",
    ],
    "predict-fast": ["10.5 ms, and a pulse comes every 8 ms", "one every 6 ms"],
    "seen-fast": [
        f"At 8 ms every other one is lost, and the neuron fires at {RATE[8]:.1f} Hz",
        f"its ceiling of {1000 / 10.5:.1f} Hz",
        f"At 6 ms it is still one in two: {RATE[6]:.1f} Hz",
        f"At 5 ms it is one in three, and the rate has fallen to {RATE[5]:.1f} Hz",
    ],
    "notice-stairs": [
        "1, 1/2, 1/3",
        "$1/t_{ref}$",
        f"At 0.3 nA the neuron alone fires at {lif.fi_curve(NEURON, 0.3):.0f} Hz",
    ],
    "notice-locking": [
        "around 37 Hz there is a step: from 32 to 40 Hz",
        "From 69 to 78 Hz one comes in every second cycle",
    ],
    "exercise-8": ["**Exercise 8.**", "250 Hz", "9 ms"],
    "exercise-8-solution": [
        "answer_8 = 250 / 3",
        f"every {1000 / 250:g} ms",
        f"those at 4 and 8 ms are lost, the one at {4 * one_in(4, 9)} ms fires",
        f"{250 / one_in(4, 9):.1f} Hz",
    ],
    "common-mistakes": [
        f"0.25 nA need {lif.latency(NEURON, 0.25):.0f} ms",
        f"From 100 to 200 ms, start included and stop excluded, it lasts "
        f"{200 - 100} ms",
        "$1/(2\\pi\\tau_m)$ with τ_m in ms is per ms. Multiply by 1000 for Hz",
    ],
    "summary": [r"$1/(2\pi\tau_m)$"],
    "challenge": [
        "(of 1 ms)",
        "3 ms apart",
        "12 ms apart",
        "15 % weaker, or 15 % stronger",
        f"C is {NEURON.C:g} nF",
        f"default of {NEURON.tau_m:g} ms",
    ],
    "challenge-solution": [
        "20 mV at 85 %",
        "at 115 %",
        "(1 + exp(−3/τ_m)) / (1 + exp(−12/τ_m))",
        f"exceed 1.15 / 0.85 = {1.15 / 0.85:.2f}",
        "for τ_m between 3.2 and 9.2 ms",
        f"at 5 ms it is {pair_ratio(5):.2f}",
        f"by {20 / 0.85 / (1 + math.exp(-3 / 5)):.1f} to "
        f"{20 / 1.15 / (1 + math.exp(-12 / 5)):.1f} mV",
    ],
    "next": ["Notebook 04", "(04_"],
}
SOURCES = {
    "Lapicque (1907), translated by Brunel and van Rossum (2007)": "97:341–349",
    "Rattay, Paredes and Leao (2012)": "214:1–13",
    "Hodgkin and Huxley (1952)": "117:500–544",
    "König, Engel and Singer (1996)": "19:130–137",
    "Gerstner, Kistler, Naud and Paninski (2014)": "section 1.3",
}
DOIS = [
    "10.1007/s00422-007-0189-6",
    "10.1016/j.neuroscience.2012.04.004",
    "10.1113/jphysiol.1952.sp004764",
    "10.1016/S0166-2236(96)80019-1",
]


def test_the_cells_say_what_comes_out():
    assert TEXT.missing(SAID) == {}


def test_no_number_is_said_without_being_computed():
    assert TEXT.unsaid(SAID, run=("exercise-3-solution", "challenge-solution")) == {}


# What is said in words about the sliders above it; the tests of the directions below
# show that it is so.
SENTENCES = {
    "recall": "No. The first climb begins at $E_L$; only later ones begin at "
    "$V_{reset}$.",
    "steps": "While a step of current is on, V heads for $E_L + R\\,I$. When it ends, "
    "V heads for $E_L$, with the same time constant, from wherever it is",
    "seen-step": "From above V falls back, from below it rises, never beyond $E_L$. So "
    "no spike comes after the step, however strong a negative current was.",
    "seen-pulse": "Above the curve the neuron fires, below it stays silent.",
    "ramp": "V follows $E_L + R\\,I$, but it lags behind.",
    "seen-ramp": "The slower the ramp, the later the spike, and the nearer to the "
    "rheobase is the current at that moment. In a fast ramp V lags far behind, and the "
    "current has run ahead. With a rise of 0 the ramp is a step.",
    "rhythm": "V then swings too, but less far, and later. With τ_m in seconds,",
    "seen-sine": "As they get faster, V's own swings get smaller and come later in the "
    "cycle. With a mean of 0.15 nA the neuron fires up to 12.6 Hz; from 15.8 Hz on V's "
    "crests stay below the threshold.\n\nWith 0.1 nA or less it never fires: $E_L + "
    "R\\,I$ itself never gets above the threshold. With 0.21 nA or more it fires at "
    "every frequency, as the mean alone is above the rheobase.",
    "coincidence": "One is too little, two at once are enough.",
    "seen-pairs": "The window grows with τ_m. It ends for both",
    "limit": "Each of these pulses is strong enough to fire the neuron at once. While "
    "V is held at $V_{reset}$, a pulse is lost. The next spike comes with the first "
    "pulse after that. With pulses at the frequency ν in Hz, and $t_{ref}$ in seconds, "
    "it is the k-th one:",
    "seen-fast": "While the pulses are further apart than $t_{ref}$, each gives a "
    "spike.",
    "notice-stairs": "the *ratio* of spikes to pulses is a staircase, 1, 1/2, 1/3. The "
    "*rate* is a sawtooth, which never gets beyond $1/t_{ref}$.",
    "notice-locking": "from 32 to 40 Hz exactly one spike comes in each cycle",
    "common-mistakes": "Only if the current lasts",
    "summary": "Rhythms much faster than $1/(2\\pi\\tau_m)$ are smoothed away. A slow "
    "membrane adds up what comes within its window, a fast one catches coincidences.",
}


@pytest.mark.parametrize("cell", SENTENCES)
def test_a_cell_says_what_the_tests_of_directions_show(cell):
    assert SENTENCES[cell] in CELLS[cell].source


# What else says a direction, by the test or the number that shows it.
ALSO_SHOWN = {
    "recall": ["no neuron of ours fires faster than"],  # test_pulses_faster_than_…
    "listen": ["the same in slow motion", "the figures below"],
    "seen-step": ["a step with many spikes may end below $E_L$"],
    "pulse": [", above the threshold. But"],  # −45 mV
    "bisection": [  # test_the_course_bisects_as_the_solution_does
        "If it fires the neuron, the answer lies in the lower half, else in the upper "
        "one. Take that half",
    ],
    "strength-duration": [  # test_the_strength_duration_curve
        "A short one leaves no time to leak",
        "The width at which twice the rheobase is needed",
    ],
    "outside": [  # Rattay, Paredes and Leao
        "A chronaxie measured from *outside*, with an electrode beside the cell, is",
        "It comes out shorter: such an electrode depolarises one part of the cell and "
        "hyperpolarises others.",
    ],
    "ramp": ["A **ramp** rises by s", "as mV above $E_L$"],
    "seen-ramp": [
        f"No ramp to more than {NEURON.rheobase:g} nA is too slow for this neuron, and "
        f"none to {NEURON.rheobase:g} nA or less is fast enough: only where I ends "
        "decides",
    ],
    "accommodation": [  # test_what_the_model_leaves_out
        "On a slow ramp the sodium channels of many real neurons close again before "
        "enough of them are open. Such neurons **accommodate**: below a certain slope "
        "they stay silent.",
    ],
    "rhythm": [  # test_gain_and_phase_lag, test_a_swing_at_each_setting
        "which V would have if it kept up",
        "The **phase lag** says how much later V comes",
        "Slow swings pass, fast ones are smoothed: the membrane is a **low-pass "
        "filter**.",
    ],
    "seen-sine": ["In slow swings V keeps up with $E_L + R\\,I$"],
    "coincidence": ["if this is above $V_{th}$: up to a certain distance"],
    "seen-pairs": [
        "The slow membrane still holds enough",
        "It adds up what comes within such a time",
        "The fast one fires only if the two come",
    ],
    "limit": ["round up"],
    "seen-fast": [
        f"At 8 ms every other one is lost, and the neuron fires at {RATE[8]:.1f} Hz, "
        "far below its ceiling",
        f"{RATE[6]:.1f} Hz. At 5 ms it is one in three, and the rate has fallen",
    ],
    "common-mistakes": [  # test_the_way_back_at_each_setting
        '"When a strong negative current ends, a neuron fires."** A leaky '
        "integrate-and-fire neuron does not: V comes back to $E_L$ and no further.",
        "V comes *after* the current",
    ],
    "summary": ["On a slow ramp V lags by $R\\,s\\,\\tau_m$"],
    "challenge": [
        "as above",
        "both are 15 % weaker, or 15 % stronger, than you planned",
        "how far above $E_L$ the two pairs lift V, and with their ratio",
    ],
    "challenge-solution": [  # test_where_the_challenge_can_be_met
        "must reach 20 mV at 85 %, the far one stay below at 115 %",
        "the ratio of their heights above $E_L$, (1 + exp(−3/τ_m)) / "
        "(1 + exp(−12/τ_m))",
    ],
}


def test_no_direction_is_said_without_being_shown():
    assert TEXT.missing(ALSO_SHOWN) == {}
    assert TEXT.unshown(SAID, ALSO_SHOWN, SENTENCES) == {}


# The texts with numbers in the cells that check an answer.
SAID_BY_CHECKS = [
    "it ends at 0: `middle` becomes `high` only if it fires the neuron.",
    f"this is the way from {number(-70 - 30)} mV to {number(-1)} mV; count from E_L.",
    "`np.log` is the natural logarithm; you used `np.log10`.",
    f"after one τ_m a factor 1/e is left, here {30 / math.e:.0f} mV.",
    "that is how long 1 of 30 mV takes; 1 mV shall be left.",
    "It is the latency of notebook 02, seen from the other side.",
    f"one τ_m brings {100 - 100 / math.e:.0f} % of {100 * 0.25:g} mV; the threshold "
    f"needs 20 mV, {100 * 20 / 25:.0f} %.",
    "this is the chronaxie; in one τ_m 63 % is reached, and here it is half.",
    "the chronaxie is τ_m ln 2, so divide by ln 2.",
    "the climb is not a straight line: solve 1 − exp(−d/τ_m) = 1/2.",
    f"this is the rheobase; V is {100 * 0.002 * 20:g} mV behind.",
    "of the first pulse's 12 mV, 8 must be left: take 12 over 8.",
    "the 8 mV are left of the first pulse's 12 mV, not of the 20 mV.",
    "this is for τ_m = 20 ms; here it is 8 ms.",
    "upside down: take the logarithm of 12 over 8.",
    "8 of the 12 mV must be left, not 8 of them lost.",
    "this is in units of τ_m; multiply by 8 ms.",
    f"Smaller pulses shorten the window; at 10 mV it is {window(8, 10):.0f}.",
    f"this is the ceiling; but a spike comes only with a pulse, every {1000 / 250:g} "
    "ms.",
    "a pulse that comes within 9 ms of a spike is lost.",
    "the second pulse comes after 4 ms, the third after 8: both too early.",
    "More pulses need not make more spikes: at 220 Hz there are "
    f"{220 / one_in(1000 / 220, 9):g}.",
    "3 ms apart, weaker",
    "12 ms apart, stronger",
]


def test_the_checks_say_what_comes_out():
    assert TEXT.said_by_checks() == set(SAID_BY_CHECKS)


# What a hint says to do leads from the wrong value beside it to the right one: by
# exercise, the texts and what they say (of exercise 6 also with the neuron's R).
LEADS = {
    "1": {
        "this is the number of time constants; multiply by τ_m.": lambda x: 20 * x,
    },
    "4": {
        "the chronaxie is τ_m ln 2, so divide by ln 2.": lambda x: (
            x / math.log(2) / math.log(2)  # it was multiplied
        ),
    },
    "5": {
        "this is s τ_m, in nA; multiply it by R.": lambda x: 100 * x,
        "this is R s, what the goal climbs in one ms; V is τ_m late.": lambda x: 20 * x,
        "this is after one τ_m; in the end all of R s τ_m is reached.": lambda x: (
            x / (1 - math.exp(-1))
        ),
        "this is the rheobase; V is 4 mV behind.": lambda x: x + 4 / 100,
        "V lags behind: the current must go beyond the rheobase.": lambda x: (
            NEURON.rheobase + (NEURON.rheobase - x)
        ),
        "the lag is R s τ_m; how much current is that?": lambda x: (
            x - 0.002 + 0.002 * 20
        ),
        "this is what is needed above the rheobase.": lambda x: NEURON.rheobase + x,
        "the lag is in mV: divide it by R before you add it.": lambda x: (
            0.2 + (x - 0.2) / 100
        ),
    },
    "6": {
        "upside down: V's amplitude stands on top.": lambda x, R: 1 / x,
        "take both from low to high, or of both the half.": lambda x, R: x / 2,
        "this is V's amplitude, in mV; divide it by that of R I.": lambda x, R: (
            x / (0.05 * R)
        ),
        "this is V from low to high, in mV; divide it by the same of R I.": (
            lambda x, R: x / (2 * 0.05 * R)
        ),
        "divide by the amplitude of R I, not of I.": lambda x, R: x / R,
    },
    "7": {
        "this is in units of τ_m; multiply by 8 ms.": lambda x: 8 * x,
        "upside down: take the logarithm of 12 over 8.": lambda x: -x,
    },
}


# The other texts without numbers: how to get on, or what has been shown.
OTHERS_BY_CHECKS = [
    "It fires when the current of one τ_m ago was the rheobase.",
    "Three to four τ_m: then the membrane has forgotten the step.",
    "A detector needs a membrane that forgets at the right speed.",
    "Formula and measurement agree at three neurons and frequencies.",
    "Forty halvings leave less than a millionth of a millionth of the range.",
    "Two thresholds are enough to measure a time constant from spikes alone.",
    "V does not climb evenly: it slows down on its way.",
    "`high` never moved: if `middle` fires, it is the new `high`, if not, the new "
    "`low`.",
    "`low` never moved: if `middle` does not fire, it is the new `low`.",
    "a spike: too strong, or kept too long.",
    "before the first spike there is no refractory period.",
    "each pulse alone is strong enough.",
    "no spike: too weak, or forgotten too soon.",
    "take both from low to high, or of both the half.",
    "the range never gets smaller: assign `middle` to `low` or to `high`, and let "
    "`return` stand after the loop, not in it.",
    "the step starts from rest, at E_L, not from V_reset.",
    "this is the default neuron's; this one is another.",
    "this is the rheobase; use d as the width of the pulse.",
]


def test_the_checks_say_nothing_else():
    hints = {text for texts in LEADS.values() for text in texts}
    words = TEXT.said_by_checks(r"[a-z] ") - set(SAID_BY_CHECKS)
    assert words == (hints - set(SAID_BY_CHECKS)) | set(OTHERS_BY_CHECKS)
    # "It fires when the current of one τ_m ago was the rheobase."
    assert 0.24 - 0.002 * 20 == pytest.approx(NEURON.rheobase)
    assert 3 < math.log(30) < 4  # "Three to four τ_m"


@pytest.mark.parametrize("exercise", LEADS)
def test_a_hint_leads_from_the_wrong_value_to_the_right_one(notebook, exercise):
    (check,) = (check for check in notebook.checks if check[0][0] == exercise)
    (_, _, right), options = check
    hints = options["hints"]
    if isinstance(right, dict):  # several answers, each with its hints
        cases = [(x, text, right[k]) for k in right for x, text in hints[k].items()]
    elif callable(right):
        neuron, nu = OTHER, 31.0
        cases = [(x(neuron, nu), text, right(neuron, nu)) for x, text in hints.items()]
    else:
        cases = [(x, text, right) for x, text in hints.items()]
    found = {text: (x, value) for x, text, value in cases}
    for text, lead in LEADS[exercise].items():
        x, value = found[text]
        led = lead(x, OTHER.R) if exercise == "6" else lead(x)
        assert led == pytest.approx(value, rel=1e-3), text


def test_the_sources():
    assert TEXT.misplaced(SOURCES) == []
    assert TEXT.dois() == DOIS


# ---- Formulas: what stands in the text is computed -----------------------------------


@pytest.mark.parametrize("neuron", [NEURON, OTHER])
def test_the_way_back_is_exponential(neuron):
    symbols = {"E_L": neuron.E_L, "tau_m": neuron.tau_m}
    membrane = lif.Neuron(neuron.tau_m, neuron.R, neuron.E_L, V_th=math.inf)
    t = lif.time_grid(40)
    for V_stop in (-90, -50):
        V = lif.simulate(membrane, t, V0=V_stop).V
        for k in (0, 100, 400):
            said = TEXT.right_side(
                "steps", **symbols, V_stop=V_stop, t=t[k] + 7, t_stop=7
            )
            assert said == pytest.approx(V[k])


def plain(formula):
    """The formula with commands that only look, or that `compute` does not know."""
    for written, meant in (
        (r"\overbrace{I_\text{rh}}^{\text{rheobase}}", "I_rh"),
        (r"\left(", "("),
        (r"\right)", ")"),
        (r"\sqrt{1 + (2\pi\nu\tau_m)^2}", "root"),
        (r"2\pi\nu\tau_m", "angle"),
        (r"\nu", "nu"),
        (r"\Delta", "Delta"),
        (r"\arctan", "atan"),
    ):
        formula = formula.replace(written, meant)
    return formula


def test_the_strength_duration_curve():
    formula = plain(sides(TEXT.formulas("strength-duration")[0])[1])
    for neuron, d in itertools.product((NEURON, OTHER), (0.5, 5, 50)):
        found = compute(formula, I_rh=neuron.rheobase, d=d, tau_m=neuron.tau_m)
        assert found == pytest.approx(lif.strength_duration(neuron, d))
        assert fires(neuron, 1.001 * found, d)
        assert not fires(neuron, 0.999 * found, d)
    chronaxie = NEURON.tau_m * math.log(2)
    assert lif.strength_duration(NEURON, chronaxie) == pytest.approx(0.4)
    assert TEXT.inline("strength-duration", 0) == r"R\,I\,(1 - e^{-d/\tau_m})"
    assert TEXT.inline("strength-duration", 4) == r"\tau_m \ln 2"
    assert TEXT.inline("outside", 0) == r"\tau_m \ln 2"


def fires(neuron, I, d):
    t = lif.time_grid(d + 20, 0.1)
    return len(lif.simulate(neuron, t, lif.step_current(t, I, 0, d)).spike_times) > 0


@pytest.mark.parametrize("neuron", [NEURON, OTHER])
def test_the_lag_on_a_ramp(notebook, neuron):
    formula = plain(sides(TEXT.formulas("ramp")[0])[1])
    membrane = lif.Neuron(neuron.tau_m, neuron.R, neuron.E_L, V_th=math.inf)
    t = lif.time_grid(100, 0.01)
    for s in (0.001, 0.01):
        V = lif.simulate(membrane, t, lif.ramp_current(t, 100 * s)).V
        for k in (500, 3000, 10_000):
            lag = neuron.E_L + neuron.R * s * t[k] - V[k]
            symbols = {"R": neuron.R, "s": s, "tau_m": neuron.tau_m, "t": t[k]}
            assert compute(formula, **symbols) == pytest.approx(lag, rel=1e-4)
            above = notebook.namespace["on_a_ramp"](neuron, t[k], s)
            assert above == pytest.approx(V[k] - neuron.E_L, rel=1e-4)


@pytest.mark.parametrize("tau_m", [8, 20])
def test_gain_and_phase_lag(tau_m):
    gains, lags = (plain(sides(part)[1]) for part in TEXT.formulas("rhythm"))
    for nu in (1, 8, 60):
        angle = 2 * math.pi * nu * tau_m / 1000
        found = compute(gains, root=math.hypot(1, angle))
        expected, phase = lif.gain_and_phase(lif.Neuron(tau_m=tau_m), nu)
        assert found == pytest.approx(expected)
        assert lags.strip() == "atan(angle)"
        assert math.atan(angle) == pytest.approx(-phase)
    cut_off = 1000 / (2 * math.pi * tau_m)
    g, phase = lif.gain_and_phase(lif.Neuron(tau_m=tau_m), cut_off)
    assert g == pytest.approx(1 / math.sqrt(2))
    assert math.degrees(-phase) == pytest.approx(45)
    assert r"$\nu_c = 1/(2\pi\tau_m)$ the gain is $1/\sqrt{2}$" in TEXT.source("rhythm")


def test_the_highest_V_of_a_pair(notebook):
    formula = plain(TEXT.formulas("coincidence")[0].split("=")[1])
    for tau_m, d in itertools.product((5, 20, 50), (0, 3, 20)):
        V = notebook.namespace["pair"](d, tau_m, V_th=math.inf).V
        Delta = lift(tau_m)
        found = compute(formula, E_L=-70, Delta=Delta, d=d, tau_m=tau_m)
        assert found == pytest.approx(V.max())
        assert notebook.namespace["highest"](Delta, d, tau_m) == pytest.approx(found)
        assert notebook.namespace["one_pulse"](tau_m) == pytest.approx(Delta)
    for tau_m in (5, 20, 50):
        inside = notebook.namespace["window"](lift(tau_m), tau_m)
        assert inside == pytest.approx(window(tau_m, lift(tau_m)))


def test_one_spike_in_k_pulses():
    """With ν in Hz and t_ref in seconds: a spike in how many pulses, and the rate."""
    for nu, t_ref in ((125, 10.5), (200, 10.5), (250, 9), (60, 10.5)):
        assert math.ceil(nu * t_ref / 1000) == one_in(1000 / nu, t_ref)
    first, second = TEXT.formulas("limit")
    assert first.strip() == r"k = \lceil \nu\,t_\text{ref} \rceil"
    assert plain(sides(second)[1]).strip().startswith(r"\underbrace{nu / k}")


# ---- Directions: on the whole range of the sliders -----------------------------------


def test_the_way_back_at_each_setting(notebook):
    explorer = notebook.explorers["explore-step"]
    for setting in settings(explorer):
        I, stop = setting["I"], 30 + setting["duration"]
        neuron = lif.Neuron(V_reset=setting["V_reset"])
        t = lif.time_grid(300)
        recording = lif.simulate(neuron, t, lif.step_current(t, I, 30, stop))
        assert (recording.spike_times <= stop).all()  # none comes after the step
        left = recording.part(0, stop).refractory_left
        after = recording.V[t >= stop + left + 1e-9] + 70
        before = recording.part(0, stop).V[-1] + 70
        assert (np.sign(after.round(9)) == np.sign(round(before, 9))).all()
        assert (np.diff(np.abs(after)) <= 1e-9).all()
        assert after[0] == pytest.approx(before, abs=0.11 * abs(before) / 20 + 0.01)
        # What was before the last spike does not count.
        if len(recording.spike_times) > 1:
            last = recording.spike_times[-1]
            since = stop - last - neuron.t_ref
            expected = neuron.V_reset
            if since > 0:
                expected = lif.charging_curve(neuron, since, I, V0=neuron.V_reset)
            assert before - 70 == pytest.approx(expected)
    # "a step with many spikes may end below E_L"
    for duration in (90, 105):
        shown = numbers_at(explorer, I=0.4, duration=duration)
        assert shown["spikes"] > 4
        assert shown["V when the step ends"] < -70
    for d in (5, 150):
        assert numbers_at(explorer, I=-0.3, duration=d)["spikes"] == 0


def test_a_pulse_at_each_setting(notebook):
    explorer = notebook.explorers["explore-pulse"]
    for setting in settings(explorer, 100):
        d, I = setting["d"], setting["I"]
        t = lif.time_grid(70, 0.05)
        fired = len(
            lif.simulate(NEURON, t, lif.step_current(t, I, 5, 5 + d)).spike_times
        )
        if abs(I / threshold(d) - 1) > 1e-6:
            assert (fired > 0) == (I > threshold(d))
    for setting in settings(explorer, 10)[::6]:
        d, I = setting["d"], setting["I"]
        shown = numbers_at(explorer, **setting)
        assert shown["the neuron"] == ("fires" if I > threshold(d) else "stays silent")
        assert shown["threshold current"] == pytest.approx(threshold(d))
        assert shown["charge"] == pytest.approx(I * d)
    # "nearly C (V_th − E_L)"
    for d in (0.5, 1, 2):
        assert 4 < d * threshold(d) < 4.21
    assert threshold(50) < 0.22


def on_a_ramp(I, rise):
    """Time (ms) of the first spike and the current (nA) then, or None."""
    t = lif.time_grid(300)
    current = lif.ramp_current(t, I, 20, 20 + rise)
    spikes = lif.simulate(NEURON, t, current).spike_times - 20
    if len(spikes) == 0:
        return None
    return spikes[0], I * min(1, spikes[0] / rise) if rise else I


def test_ramps_at_each_setting(notebook):
    explorer = notebook.explorers["explore-ramp"]
    assert grid(explorer, "rise")[0] == 0
    rises = grid(explorer, "rise", 9)
    for I in grid(explorer, "I", 10**6):
        found = [on_a_ramp(I, rise) for rise in rises]
        if I < 0.2 + 1e-9:
            assert found == [None] * len(rises)
            continue
        for (early, high), (late, low) in itertools.pairwise(found):
            assert late > early
            assert low <= high + 1e-9
        # Without a rise it is a step.
        assert found[0][0] == pytest.approx(lif.latency(NEURON, I))
    # The slower, the nearer to the rheobase; in a fast one it has run ahead.
    assert on_a_ramp(0.4, 20)[1] > 0.39
    assert on_a_ramp(0.4, 200)[1] < 0.25
    for I, rise in ((0.4, 200), (0.25, 50), (0.3, 0)):
        shown = numbers_at(explorer, I=I, rise=rise)
        spike, then = on_a_ramp(I, rise)
        assert shown["first spike"] == pytest.approx(spike)
        assert shown["I then"] == pytest.approx(then)
    assert numbers_at(explorer, I=0.2, rise=0)["first spike"] == "none"


def test_a_ramp_has_no_threshold_for_its_slope():
    for s in (0.00002, 0.0002, 0.02):
        t = lif.time_grid(0.21 / s, 0.5)
        spikes = lif.simulate(NEURON, t, lif.ramp_current(t, 0.21)).spike_times
        if s < 0.01:
            assert len(spikes) > 0
    # Of exercise 5: where the lag is complete, the neuron fires at rheobase + s τ_m.
    t = lif.time_grid(200)
    first = lif.simulate(NEURON, t, lif.ramp_current(t, 0.4)).spike_times[0]
    assert 0.002 * first == pytest.approx(0.24, rel=1e-3)
    assert 0.002 * (first - 20) == pytest.approx(NEURON.rheobase, rel=1e-3)


def swinging_spikes(nu, mean):
    t = lif.time_grid(600, 0.2)
    I = mean + lif.sine_current(t, 0.1, nu)
    return len(lif.simulate(NEURON, t, I).spike_times)


def test_a_swing_at_each_setting(notebook):
    explorer = notebook.explorers["explore-sine"]
    frequencies = grid(explorer, "nu", 10**6)
    assert 10**1.1 == pytest.approx(frequencies[11])
    for nu in frequencies:
        assert (swinging_spikes(nu, 0.15) > 0) == (nu < 13)
    for setting in settings(explorer):
        nu, mean = setting["nu"], setting["mean"]
        if mean <= 0.1 + 1e-9:
            assert swinging_spikes(nu, mean) == 0
        if mean >= 0.21 - 1e-9:
            assert swinging_spikes(nu, mean) > 0
    gains = [numbers_at(explorer, nu=nu)["gain"] for nu in frequencies[::4]]
    lags = [numbers_at(explorer, nu=nu)["lag"] for nu in frequencies[::4]]
    assert (np.diff(gains) < 0).all()
    assert (np.diff(lags) > 0).all()
    for nu, mean in ((1, 0.3), (10**0.3, 0.15), (100, 0.05)):
        shown = numbers_at(explorer, nu=nu, mean=mean)
        assert shown["gain"] == pytest.approx(gain(nu))
        lag = math.degrees(math.atan(2 * math.pi * nu * 0.02))
        assert shown["lag"] == pytest.approx(lag)
        assert shown["spikes"] == swinging_spikes(nu, mean)
    # V comes after the current, and faster means smaller.
    V, RI = notebook.namespace["swing"](NEURON, 20.0)
    assert np.argmax(V) > np.argmax(RI)


def test_pairs_at_each_setting(notebook):
    explorer = notebook.explorers["explore-pairs"]
    pair = notebook.namespace["pair"]
    for setting in settings(explorer):
        d, tau_m = setting["d"], setting["tau_m"]
        size = lift(tau_m)
        assert 12 < size < 13.5
        spikes = len(pair(d, tau_m).spike_times)
        assert spikes == (1 if d < window(tau_m, size) else 0)
    for d, tau_m in ((0, 5), (2, 5), (3, 5), (35, 50), (36, 50), (40, 20)):
        shown = numbers_at(explorer, d=d, tau_m=tau_m)
        assert shown["spikes"] == len(pair(d, tau_m).spike_times)
        assert shown["window"] == pytest.approx(window(tau_m, lift(tau_m)))
    windows = [window(tau, lift(tau)) for tau in grid(explorer, "tau_m", 10**6)]
    assert (np.diff(windows) > 0).all()
    assert windows[-1] < grid(explorer, "d")[-1]  # its end can be seen
    for tau_m in (5, 50):
        assert len(pair(0, tau_m).spike_times) == 1  # two at once


def test_pulses_faster_than_the_refractory_period(notebook):
    explorer = notebook.explorers["explore-fast"]
    t = lif.time_grid(200, 0.05)
    for every in grid(explorer, "every", 10**6):
        starts = np.arange(10, 195, every)
        I = lif.pulse_current(t, 60, starts, 0.1)
        for t_ref in grid(explorer, "t_ref", 10**6):
            spikes = lif.simulate(lif.Neuron(t_ref=t_ref), t, I).spike_times
            k = one_in(every, t_ref)
            assert len(spikes) == len(starts[::k])
            # At once: within the pulse.
            assert spikes == pytest.approx(starts[::k], abs=0.1)
            assert 1000 / every / k <= 1000 / t_ref
    for every, t_ref in ((8, 10.5), (3, 20.5), (25, 2.5), (5, 10.5)):
        shown = numbers_at(explorer, every=every, t_ref=t_ref)
        k = one_in(every, t_ref)
        assert shown["pulses"] == pytest.approx(1000 / every)
        assert shown["spikes"] == pytest.approx(1000 / every / k, rel=1e-3)
        assert shown["pulses per spike"] == pytest.approx(k, rel=1e-3)
        assert shown["1/t_ref"] == pytest.approx(1000 / t_ref)


def test_the_staircase_and_the_sawtooth(notebook):
    pulses = notebook.namespace["pulse_rates"]
    spikes = np.array(notebook.namespace["spike_rates"])
    k = np.ceil(pulses * 10 / 1000)
    assert spikes == pytest.approx(pulses / k, rel=1e-3)
    assert set(k) == {1, 2, 3}
    assert spikes.max() < 100
    falls = np.diff(spikes) < 0
    assert falls.sum() == 2
    ratio, rate = TEXT.axes(notebook, "stairs-figure")
    assert ratio.get_ylabel() == "spikes per pulse"
    assert ratio.get_lines()[0].get_ydata() == pytest.approx(1 / k, rel=1e-3)
    assert rate.get_lines()[0].get_ydata() == pytest.approx(spikes)
    labels = [[line.get_label() for line in ax.get_lines()[:2]] for ax in (ratio, rate)]
    assert labels == [["simulated", "theory: 1/k"], ["simulated", "theory: ν/k"]]
    x, y = ratio.get_lines()[1].get_data()
    assert y == pytest.approx(1 / np.ceil(x / 100))
    x, y = rate.get_lines()[1].get_data()
    assert y == pytest.approx(x / np.ceil(x / 100))
    alt = CELLS["stairs-figure"].metadata["alt"]
    assert "t_ref = 10 ms" in alt
    assert "from 1 to 1/2 to 1/3" in alt
    assert "rises to 100 Hz and falls back" in alt


def test_the_spikes_lock_to_a_swing(notebook):
    cycles = notebook.namespace["cycles"]
    found = np.array(notebook.namespace["per_cycle"])
    locked = cycles[np.abs(found - 1) < 0.002]
    assert (locked[0], locked[-1]) == (32, 40)
    assert len(locked) == 9
    locked = cycles[np.abs(found - 0.5) < 0.001]
    assert (locked[0], locked[-1], len(locked)) == (69, 78, 10)
    assert "stay at 1 from 32 to 40 Hz" in CELLS["locking-figure"].metadata["alt"]
    alone = lif.fi_curve(NEURON, 0.3)
    (ax,) = TEXT.axes(notebook, "locking-figure")
    dots, theory = ax.get_lines()[:2]
    assert dots.get_ydata() == pytest.approx(found)
    assert (dots.get_label(), theory.get_label()) == (
        "simulated",
        "theory: without the swing",
    )
    assert theory.get_ydata() == pytest.approx(alone / theory.get_xdata())
    t = lif.time_grid(2000)
    for nu in (32, 36, 40):
        I = 0.3 + lif.sine_current(t, 0.1, nu)
        spikes = lif.simulate(NEURON, t, I).part(1000).spike_times
        assert len(set(np.floor(spikes * nu / 1000))) == len(spikes)


def spikes_of_the_squid(current, duration):
    """Spikes in the equations of Hodgkin and Huxley (1952), as they wrote them: V in mV
    above rest, `current(t)` in µA per cm²; by Euler's method.
    """
    dt, exp = 0.01, math.exp
    V, m, h, n, spikes, up = 0.0, 0.0529, 0.5961, 0.3177, 0, False
    for k in range(round(duration / dt)):
        flow = 120 * m**3 * h * (V - 115) + 36 * n**4 * (V + 12) + 0.3 * (V - 10.613)
        open_m, close_m = 0.1 * (25 - V) / (exp((25 - V) / 10) - 1), 4 * exp(-V / 18)
        open_h, close_h = 0.07 * exp(-V / 20), 1 / (exp((30 - V) / 10) + 1)
        open_n = 0.01 * (10 - V) / (exp((10 - V) / 10) - 1)
        close_n = 0.125 * exp(-V / 80)
        m += dt * (open_m * (1 - m) - close_m * m)
        h += dt * (open_h * (1 - h) - close_h * h)
        n += dt * (open_n * (1 - n) - close_n * n)
        V += dt * (current(k * dt) - flow)
        spikes += V > 60 and not up
        up = V > 60 or (up and V > 20)
    return spikes


def test_what_the_model_leaves_out():
    """A spike when a hyperpolarising current ends, and accommodation."""
    assert spikes_of_the_squid(lambda t: -10 if t < 30 else 0, 30) == 0
    assert spikes_of_the_squid(lambda t: -10 if t < 30 else 0, 60) == 1
    assert spikes_of_the_squid(lambda t: 5 * min(t / 1, 1), 60) == 1
    assert spikes_of_the_squid(lambda t: 5 * min(t / 50, 1), 110) == 0


def test_slow_swings_pass():
    assert gain(1) > 0.99  # "V keeps up"
    cut_off = 1000 / (2 * math.pi * 20)
    assert swinging_spikes(10**1.1, 0.15) > 0  # a little faster: not smoothed away
    assert cut_off < 10**1.1
    assert gain(10 * cut_off) < 0.1


def test_the_opening_picture(notebook):
    """Three pulses of the same charge, of which the first fires the neuron."""
    recording = notebook.namespace["answered"]
    assert len(recording.spike_times) == 1
    assert 10 < recording.spike_times[0] < 12
    edges = [(0, 50), (50, 110), (110, 170)]
    charges = [0.1 * recording.part(*edge).I[:-1].sum() for edge in edges]
    assert charges == pytest.approx([4.4] * 3)
    assert "the same charge, 4.4 pC" in CELLS["opening-draw"].source


# ---- Printed and drawn ---------------------------------------------------------------


def test_what_the_cells_print(notebook):
    lines = [
        f"d = {d:2} ms: {threshold(d):.3f} nA, charge {d * threshold(d):.2f} pC\n"
        for d in (1, 2, 25, 50)
    ]
    assert notebook.printed["pulse-numbers"] == "".join(lines)
    lines = [
        f"τ_m = {tau:2} ms: window {window(tau, lift(tau)):.1f} ms\n"
        for tau in (5, 20, 50)
    ]
    assert notebook.printed["windows"] == "".join(lines)


FIGURES = {
    "explore-step": [
        ("", "V (mV)", (0, 300), (-104, -38)),
        ("time t (ms)", "I (nA)", (0, 300), (-0.4, 0.5)),
    ],
    "explore-ramp": [
        ("", "V (mV)", (0, 300), (-80, -22)),
        ("time t (ms)", "I (nA)", (0, 300), (-0.05, 0.45)),
    ],
    "explore-pairs": [
        ("time t (ms)", "V (mV)", (0, 80), (-78, -36)),
        ("distance d (ms)", "highest V without threshold (mV)", (-1, 41), (-78, -36)),
    ],
    "explore-fast": [
        ("", "V (mV)", (0, 200), (-80, -40)),
        ("time t (ms)", "I (nA)", (0, 200), (-5, 95)),
    ],
    "stairs-figure": [
        ("pulses ν (Hz)", "spikes per pulse", (0, 300), (0, 1.25)),
        ("pulses ν (Hz)", "rate f (Hz)", (0, 300), (0, 130)),
    ],
    "locking-figure": [
        ("frequency ν (Hz)", "spikes per cycle", pytest.approx((17, 83)), (0, 2)),
    ],
}
PANELS = {  # of the functions that make the axes of a live figure
    "pulse_panels": [
        ("time t (ms)", "V (mV)", (0, 70), (-78, -42)),
        ("width d (ms)", "current I (nA)", (0.4, 65), (0.08, 13)),
    ],
    "sine_panels": [
        ("time t (ms)", "V (mV)", (0, 600), (-78, -20)),
        ("frequency ν (Hz)", "gain", (0.8, 125), (0, 1.1)),
    ],
}
LEVELS = {  # of these axes: the heights of the levels and their names
    "pulse_panels": [
        {-50: "$V_{th}$"},
        {NEURON.rheobase: "rheobase", 2 * NEURON.rheobase: "2 × rheobase"},
    ],
    "sine_panels": [{-50: "$V_{th}$"}, {}],
}


@pytest.mark.parametrize("cell", FIGURES)
def test_axes_have_their_quantity_and_unit(notebook, cell):
    assert TEXT.axes_said(notebook, cell) == FIGURES[cell]


@pytest.mark.parametrize("function", PANELS)
def test_panels_have_their_quantity_and_unit(notebook, function):
    axes = notebook.namespace[function]().axes
    found = [(a.get_xlabel(), a.get_ylabel(), a.get_xlim(), a.get_ylim()) for a in axes]
    assert found == PANELS[function]
    for ax, levels in zip(axes, LEVELS[function], strict=True):
        lines = [line for line in ax.get_lines() if line.get_gid() == "level"]
        assert [line.get_ydata()[0] for line in lines] == pytest.approx(list(levels))
        assert [text.get_text() for text in ax.texts] == list(levels.values())


SLIDERS = {  # label, default, low, high, step
    "explore-step": {
        "I": ("I (nA)", 0.3, -0.3, 0.4, 0.01),
        "duration": ("duration (ms)", 100, 5, 150, 5),
        "V_reset": ("V_reset (mV)", -75, -90, -64, 1),
    },
    "explore-pulse": {  # in decades
        "d": ("d (ms)", 5, math.log10(0.5), math.log10(50), 0.1),
        "I": ("I (nA)", 1, -1, 1, 0.05),
    },
    "explore-ramp": {
        "I": ("I (nA)", 0.3, 0.1, 0.4, 0.01),
        "rise": ("rise (ms)", 100, 0, 200, 5),
    },
    "explore-sine": {
        "nu": ("ν (Hz)", 10, 0, 2, 0.1),
        "mean": ("mean I (nA)", 0.15, 0.05, 0.3, 0.01),
    },
    "explore-pairs": {
        "d": ("d (ms)", 8, 0, 40, 1),
        "tau_m": ("τ_m (ms)", 20, 5, 50, 1),
    },
    "explore-fast": {
        "every": ("interval (ms)", 15, 3, 25, 1),
        "t_ref": ("t_ref (ms)", 10.5, 2.5, 20.5, 1),
    },
}


def test_sliders_have_their_quantity_unit_and_range(notebook):
    assert sliders(notebook) == SLIDERS


LINES = {
    "explore-step": "spikes 3 · V when the step ends −51.7 mV",
    "explore-pulse": f"the neuron fires · threshold current {threshold(5):.3f} nA · "
    "charge 5.00 pC",
    "explore-ramp": "first spike 86.4 ms after the start · I then 0.259 nA",
    "explore-sine": f"gain {gain(10):.3f} · lag 51° · spikes 5",
    "explore-pairs": f"spikes 1 · window {window(20, lift(20)):.1f} ms",
    "explore-fast": "pulses 66.7 Hz · spikes 66.7 Hz · pulses per spike 1 · "
    "1/t_ref 95.2 Hz",
}


@pytest.mark.parametrize("cell", LINES)
def test_the_numbers_of_a_figure_have_names_and_units(notebook, cell):
    notebook.explorers[cell].reset.click()
    assert LINES[cell] in notebook.explorers[cell].text.value


def test_the_way_back_is_drawn_on_the_simulation(notebook):
    for I, duration, V_reset in ((0.4, 150, -90), (-0.3, 5, -75), (0.3, 25, -64)):
        setting = {"I": I, "duration": duration, "V_reset": V_reset}
        curves = drawn(notebook, "draw_step", 2, **setting)
        x, y = curves["theory: back to $E_L$"]
        assert x[0] >= 30 + duration
        assert x[-1] == 300
        assert np.interp(x, *curves["V"]) == pytest.approx(y, abs=0.02)
        assert curves["current I"][1].sum() == pytest.approx(10 * duration * I)


def test_the_strength_duration_plane(notebook):
    curves = by_name(notebook.namespace["pulse_panels"]().axes[1])
    for name, points in (("by bisection", 9), ("theory: threshold", 50)):
        widths, currents = curves[name]
        assert len(widths) == points
        assert currents == pytest.approx([threshold(d) for d in widths], abs=1e-4)
        assert (widths[0], widths[-1]) == pytest.approx((0.5, 50))
    for I, answer in ((1, "fires"), (0.8, "stays silent")):
        assert drawn(notebook, "draw_pulse", 2, d=5, I=I)[answer].tolist() == [[5], [I]]


def test_V_on_a_ramp_is_drawn_on_the_simulation(notebook):
    for I, rise in ((0.4, 200), (0.3, 0), (0.15, 50)):
        curves = drawn(notebook, "draw_ramp", 2, I=I, rise=rise)
        x, y = curves["theory: on a ramp"]
        assert np.interp(x, *curves["V"]) == pytest.approx(y, abs=0.02)
        goal = curves[r"$E_L + R\,I$"][1]
        assert goal == pytest.approx(-70 + 100 * curves["current I"][1])


def test_gain_as_it_is_drawn(notebook):
    curves = by_name(notebook.namespace["sine_panels"]().axes[1])
    for name, points in (("measured", 11), ("theory: gain", 50)):
        nu, gains = curves[name]
        assert len(nu) == points
        assert gains == pytest.approx([gain(x) for x in nu], rel=1e-3)
    curves = drawn(notebook, "draw_sine", 2, nu=4, mean=0.1)
    assert curves["here"].ravel() == pytest.approx([4, gain(4)])
    goal = curves[r"$E_L + R\,I$"][1]
    assert (goal.min(), goal.max()) == pytest.approx((-70, -50), abs=0.01)


def test_a_pair_as_it_is_drawn(notebook):
    for d, tau_m in ((12, 20), (3, 5), (30, 50)):
        curves = drawn(notebook, "draw_pairs", 2, d=d, tau_m=tau_m)
        assert curves["here"][0] == [d]
        assert curves["here"][1] == pytest.approx(curves["without threshold"][1].max())
        assert np.interp(d, *curves["theory: highest V"]) == pytest.approx(
            curves["here"][1], abs=0.1
        )
        x, y = curves["theory: highest V"]
        size = lift(tau_m)
        assert y == pytest.approx(-70 + size + size * np.exp(-x / tau_m))


# ---- Exercises: wrong answers as a student comes to them -----------------------------

GAIN = "def measured_gain(neuron, nu):\n    V, RI = swing(neuron, nu)\n    return "
WRONG_VALUES = {
    1: {
        "answer_1 = 20 * np.log(100)": ["count from E_L"],
        "answer_1 = 20 * np.log10(30)": ["you used `np.log10`"],
        "answer_1 = np.log(30)": ["number of time constants"],
        "answer_1 = 20": ["a factor 1/e is left"],
        "answer_1 = 20 * np.log(30 / 29)": ["1 mV shall be left"],
        "answer_1 = -20 * np.log(30)": ["the sign is not"],
    },
    2: {
        "answer_2 = 20 * np.log(30 / 5)": ["not from V_reset"],
        "answer_2 = 2 + 20 * np.log(25 / 5)": ["no refractory period"],
        "answer_2 = 20 * np.log10(25 / 5)": ["you used `np.log10`"],
        "answer_2 = 20": ["one τ_m brings 63 %"],
        "answer_2 = 20 * 0.2 / 0.25": ["does not climb evenly"],
        "answer_2 = lif.latency(lif.Neuron(), 0.25, V0=-75)": ["not from V_reset"],
    },
    4: {
        "answer_4 = 5.2": ["here it is half"],
        "answer_4 = 5.2 * np.log(2)": ["divide by ln 2"],
        "answer_4 = 5.2 * 2": ["not a straight line"],
        "answer_4 = 5.2 / np.log10(2)": ["you used `np.log10`"],
        "answer_4 = lif.Neuron().tau_m": ["this one is another"],
    },
    5: {
        'answer_5 = {"lag": 0.002 * 20, "I": 0.2}': ["by R", "this is the rheobase"],
        'answer_5 = {"lag": 100 * 0.002, "I": 0.2 - 0.04}': [
            "V is τ_m late",
            "go beyond the rheobase",
        ],
        'answer_5 = {"lag": 4 * (1 - np.exp(-1)), "I": 0.2 + 0.002}': [
            "after one τ_m",
            "how much current",
        ],
        'answer_5 = {"lag": 4, "I": 0.04}': ["1 of 2 is right", "above the rheobase"],
        'answer_5 = {"lag": 4, "I": 0.2 + 4}': ["divide it by R"],
    },
    6: {
        GAIN + "(RI.max() - RI.min()) / (V.max() - V.min())": ["upside down"],
        GAIN + "(V.max() - V.min()) / RI.max()": ["or of both the half"],
        GAIN + "(V.max() - V.min()) / 2": ["this is V's amplitude"],
        GAIN + "V.max() - V.min()": ["from low to high, in mV"],
        GAIN + "V.max() / 0.05": ["not of I"],
        GAIN + "V / RI": ["one number is asked for"],
        GAIN + "1 / np.hypot(1, 2 * np.pi * nu * 0.02)": ["right at 1 of 3"],
    },
    7: {
        "answer_7 = np.log(12 / 8)": ["multiply by 8 ms"],
        "answer_7 = 8 * np.log10(12 / 8)": ["you used `np.log10`"],
        "answer_7 = 8 * np.log(8 / 12)": ["upside down"],
        "answer_7 = 8 * np.log(20 / 12)": ["take 12 over 8"],
        "answer_7 = 8 * np.log(20 / 8)": ["not of the 20 mV"],
        "answer_7 = 20 * np.log(12 / 8)": ["here it is 8 ms"],
        "answer_7 = 8 * np.log(12 / 4)": ["not 8 of them lost"],
        "answer_7 = window(12, 20)": ["here it is 8 ms"],
    },
    8: {
        "answer_8 = 1000 / 9": ["this is the ceiling"],
        "answer_8 = 250": ["is lost"],
        "answer_8 = 250 / 2": ["both too early"],
    },
}


@pytest.mark.parametrize(
    ("exercise", "code"),
    [(exercise, code) for exercise, codes in WRONG_VALUES.items() for code in codes],
)
def test_a_likely_mistake_gets_its_hint(notebook, capsys, exercise, code):
    answer = TEXT.verdict(notebook, exercise, code, capsys)
    assert answer.startswith("✗"), answer
    for words in WRONG_VALUES[exercise][code]:
        assert words in answer, answer


BISECTIONS = [  # changes of the solution: (from, to, what is said)
    ("            low = middle\n", "            pass\n", "`low` never moved"),
    ("            high = middle\n", "            pass\n", "`high` never moved"),
    ("return high", "return middle_of_nothing", "middle_of_nothing"),
    ("    return high", "        return middle", "after the loop, not in it"),
    ("    return high\n", "", "`return` is missing"),
    ("fires(neuron, middle, d)", "fires(lif.Neuron(), middle, d)", "right at 2 of 3"),
    ("fires(neuron, middle, d)", "fires(neuron, middle, 5.0)", "right at 1 of 3"),
    (
        "if fires(neuron, middle, d)",
        "if not fires(neuron, middle, d)",
        "`high` never moved",
    ),
    ("fires(neuron, middle, d)", "False", "`high` never moved"),
    ("fires(neuron, middle, d)", "True", "it ends at 0"),
    ("fires(neuron, middle, d)", "middle > neuron.rheobase", "this is the rheobase"),
]


@pytest.mark.parametrize("change", BISECTIONS)
def test_a_mistake_in_the_bisection_is_named(notebook, capsys, change):
    right, wrong, words = change
    code = TEXT.solution(3)
    assert right in code
    answer = TEXT.verdict(notebook, 3, code.replace(right, wrong), capsys)
    assert words in answer, answer
    assert not answer.startswith("✓")


def test_other_right_bisections(notebook, capsys):
    for right, same in (("return high", "return low"), ("range(40)", "range(60)")):
        code = TEXT.solution(3).replace(right, same)
        assert TEXT.verdict(notebook, 3, code, capsys).startswith("✓")
    assert TEXT.verdict(notebook, 6, GAIN + "V.max() / RI.max()", capsys).startswith(
        "✓"
    )


def test_the_course_bisects_as_the_solution_does(notebook):
    solved = notebook.branch()
    solved.execute("exercise-3-answer", TEXT.solution(3))
    for d in (0.5, 7, 50):
        course = notebook.namespace["course_threshold"](d)
        student = solved.namespace["threshold_current"](NEURON, d)
        assert course == pytest.approx(student, abs=1e-4)
    assert 2.0**-40 < 1e-12  # "less than a millionth of a millionth of the range"


# ---- The challenge -------------------------------------------------------------------


def test_the_challenge_is_met_by_its_solution_and_not_by_less(notebook, capsys):
    def verdict(code):
        return TEXT.verdict(notebook, "challenge", code, capsys)

    assert verdict(TEXT.solution("challenge")).startswith("✓")
    assert verdict(CELLS["challenge-answer"].source).startswith("○")
    detector = 'challenge_detector = {{"tau_m": {}, "I": {}}}'.format
    assert "kept too long" in verdict(detector(20, 2.7))
    assert "too weak" in verdict(detector(5, 3.2))
    assert "each pulse alone" in verdict(detector(5, 6))
    assert verdict(detector(-5, 3)).startswith("✗")


def current_for(tau_m, lift):
    return lift / (tau_m / 0.2 * (1 - math.exp(-1 / tau_m)))


def does_it(tau_m, I):
    neuron = lif.Neuron(tau_m=tau_m, R=tau_m / 0.2)
    t = lif.time_grid(100)

    def spikes(d, size):
        pulses = lif.pulse_current(t, size * I, [10, 10 + d], 1)
        return len(lif.simulate(neuron, t, pulses).spike_times)

    return spikes(3, 0.85) == 1 and spikes(12, 1.15) == 0


def test_where_the_challenge_can_be_met():
    for tau_m in np.arange(1, 31, 0.1):
        low = 20 / 0.85 / (1 + math.exp(-3 / tau_m))
        high = 20 / 1.15 / (1 + math.exp(-12 / tau_m))
        possible = pair_ratio(tau_m) > 1.15 / 0.85
        assert possible == (low < high)
        if 3.2 <= round(tau_m, 1) <= 9.2:
            assert possible
            middle = current_for(tau_m, (low + high) / 2)
            assert does_it(tau_m, middle)
            # Also right for weaker and stronger ones in between, and for one alone.
            assert 1.15 * (low + high) / 2 < 20
    assert pair_ratio(3.1) < 1.15 / 0.85
    assert pair_ratio(9.3) < 1.15 / 0.85
    lifts = np.arange(8, 20, 0.05)
    assert not any(does_it(20, current_for(20, size)) for size in lifts)
    for size in (15.25, 15.9):
        assert does_it(5, current_for(5, size))
    for size in (15.1, 16.0):
        assert not does_it(5, current_for(5, size))
