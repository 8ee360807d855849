"""What notebook 04 says, recomputed: numbers, formulas, directions, hints, figures."""

import ast
import itertools
import math
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from claims import (
    DIRECTION,
    EQUATION,
    Claims,
    drawn,
    grid,
    meaning,
    meanings_first,
    number,
    settings,
    sliders,
)
from latex import compute, sides

import lif_helpers as lif
from notebooks import numbers_at, path_of

TEXT = Claims("04")
CELLS = TEXT.cells
NEURON = lif.Neuron()
CHERNOFF = 0.5826  # minus zeta(1/2) over the root of 2 pi: see test_noise_theory.py
SEEDS = range(1, 21)

pytestmark = pytest.mark.usefixtures("style")


@pytest.fixture
def notebook(runs):
    return runs(path_of("04"))


def width(n, c, m=0.1):
    """The relative width of the count of n inputs."""
    return math.sqrt((1 + (n - 1) * c) / (n * m))


def ratio(I, sigma_V):
    return (NEURON.V_th - NEURON.E_L - NEURON.R * I) / sigma_V


def passes(tau):
    """The share of a noise's standard deviation that the membrane lets pass."""
    return math.sqrt(tau / (tau + NEURON.tau_m))


def sigma_for(rate, I):
    """The sigma_V (mV) with which the neuron fires at a rate (Hz)."""
    low, high = 0.1, 20.0
    for _ in range(50):
        middle = (low + high) / 2
        if lif.siegert_rate(NEURON, I, middle) > rate:
            high = middle
        else:
            low = middle
    return high


GAIN, PHASE = lif.gain_and_phase(NEURON, 2)
CREST = -60 + 0.06 * NEURON.R * GAIN  # mV

# ---- Numbers: whoever changes one must change it here, where it is computed ----------

SAID = {
    "title": ["# 4 · "],
    "about": ["[01](01_", "[03](03_"],
    "recall": [
        f"0.15 nA flow into the default neuron. Where does V go, and does it fire? "
        f"(01, 02)</summary>\n\nTo E_L + R I = {number(-70 + 100 * 0.15)} mV. V_th = "
        f"−50 mV is not reached: the rheobase is {NEURON.rheobase:g} nA.",
        "V is 10 mV from where it is heading. How far is it one τ_m later? (01)",
        f"{10 / math.e:.1f} mV: {100 / math.e:.0f} % of the distance is left",
        "passes a value? (03)",
    ],
    "rain": [
        f"An input of 5 Hz brings on average m = {5 * 20 / 1000:g} spikes into a "
        "window of 20 ms",
        "$1/\\sqrt{n\\,m}$",
        "{1 + (n - 1)\\,c}",
    ],
    "predict-counts": ["From 8 independent inputs to 1024", "with c = 0.1"],
    "seen-counts": [
        f"from {math.sqrt(0.8):.1f} to {math.sqrt(102.4):.0f}.",
        f"from {width(8, 0):.2f} to {width(1024, 0):.2f}.",
        f"With c = 0.1 the input comes in volleys. The relative width ends at "
        f"{math.sqrt(0.1 / 0.1):.0f}, however many",
        f"in theory it is {width(256, 0.1):.2f} with 256, and {width(256, 0):.2f} if",
    ],
    "exercise-1": [
        "**Exercise 1.**",
        "800 independent inputs at 5 Hz each. How many spikes arrive in 5 ms",
    ],
    "exercise-2": ["**Exercise 2.**", "have c = 0.2"],
    "exercise-2-solution": [
        "answer_2 = 20 / (1 + (20 - 1) * 0.2)",
        "so n / (1 + (n − 1) c) must be",
        f"20 / {1 + 19 * 0.2:g} = {20 / (1 + 19 * 0.2):.1f}",
    ],
    "campbell": [r"\sigma_V^2", r"\frac{\tau_m}{2}", "a_E^2", "a_I^2"],
    "seen-jumps": ["Notebook 05"],
    "exercise-3": [
        "**Exercise 3.**",
        "4 excitatory spikes per ms make jumps of 0.5 mV, and 3 inhibitory ones per ms "
        f"jumps of −0.5 mV; τ_m = {NEURON.tau_m:g} ms",
    ],
    "dt": [r"\frac{2\,\tau_m}{dt}", "agree at dt = 0.8 ms"],
    "seen-dt": [
        f"from 5 mV at 0.8 ms to {5 * math.sqrt(0.05 / 0.8):.2f} mV at 0.05 ms",
        "keeps its 5 mV",
    ],
    "exercise-4": ["**Exercise 4.**"],
    "firing-figure": ["0 for a clock, 1 for dice", "from 50 intervals", "from 60 s"],
    "predict-firing": ["At 0.25 nA, raise $σ_V$ from 0 to 8 mV", "at 0.15 nA"],
    "seen-firing": [
        f"At 0.25 nA the neuron fires at {lif.fi_curve(NEURON, 0.25):.0f} Hz without",
        f"(CV about {lif.siegert_cv(NEURON, 0.25, 8, dt=0.2):.1f} at 8 mV)",
        "At 0.15 nA it is silent without noise and fires at about "
        f"{lif.siegert_rate(NEURON, 0.15, 8, dt=0.2):.0f} Hz with 8 mV",
        f"at 2 mV are more irregular (CV about "
        f"{lif.siegert_cv(NEURON, 0.15, 2, dt=0.2):.1f}) than those at 4 mV (about "
        f"{lif.siegert_cv(NEURON, 0.15, 4, dt=0.2):.1f})",
    ],
    "irregular": ["It is 0 for a clock and 1 for a Poisson process"],
    "exercise-5": ["**Exercise 5.**"],
    "clock-and-dice": ["3 s of spikes", "intervals of 100 s"],
    "predict-isi": ["0.26 nA with 2 mV, then to 0.12 nA with 5 mV"],
    "seen-isi": [
        "0.26 nA with 2 mV is the clock",
        "At 2.5 and above",
        "(CV above 0.85)",
        "At −2 and below",
        "(CV below 0.3)",
    ],
    "fi": ["the rate was 1 over", r"\frac{1}{t_{ref}", "Siegert (1951)"],
    "seen-fi": ["on average by up to 1.3 Hz"],
    "exercise-6": [
        "**Exercise 6.**",
        "fire at 5 Hz when the mean current is 0.15 nA",
    ],
    "reliable": [
        "Sejnowski (1995)",
        f"Here are 20 trials: the same mean of {0.22:g} nA",
        "in bins of 5 ms",
    ],
    "predict-trials": ["(frozen noise 0)", "5 mV of frozen noise"],
    "seen-trials": ["With 5 mV of frozen noise"],
    "deeper": [
        r"$\sqrt 2\,\sigma_V$",
        r"\frac{\sqrt 2\,f",
        "e^{-y^2}",
        "e^{u^2}",
        "0 at",
    ],
    "seen-density": ["falls to 0", "At a ratio of 3 and more", "reach 0 at"],
    "unseen": ["looked at every 0.8 ms"],
    "chernoff": [f"{{{CHERNOFF}}}", r"{2\,dt}"],
    "gap-text": ["a simulation of 400 s"],
    "exercise-7": [
        "**Exercise 7.**",
        "$σ_V$ = 5 mV, dt = 0.1 ms and τ_m = 20 ms",
    ],
    "memory": [f"after τ, {100 / math.e:.0f} % of a deviation is left"],
    "predict-ou": ["Hold σ_V at 4 mV"],
    "seen-ou": [
        "at 0.2 nA the CV rises from 0.5 to 1.4",
        "At 0.3 nA the CV stays near 0.3",
        f"from {6 * passes(2):.1f} to {6 * passes(128):.1f} mV",
    ],
    "exercise-8": [
        "**Exercise 8.**",
        "standard deviation of 0.06 nA and a correlation time of 5 ms",
    ],
    "fano": ["1 for a Poisson process", "CV^2"],
    "fano-notice": ["it is near 1 whatever"],
    "exercise-9": [
        "**Exercise 9.**",
        "40 spikes on average in windows of 10 s; the variance of the count is 14.4",
    ],
    "useful": [
        "A sine with an amplitude of 0.06 nA and ν = 2 Hz, around 0.1 nA, takes V to "
        f"{number(CREST)} mV at most",
        "20 trials of it",
    ],
    "predict-sine": ["from 0 to 12 mV"],
    "seen-sine": [
        "At about 5 mV",
        "(correlation about 0.8)",
        "(about 0.7 at 12 mV, over many noises)",
    ],
    "common-mistakes": ["$1/\\sqrt{dt}$", "\\sqrt 2\\,σ_V"],
    "challenge": [
        "at 10 Hz, within 1 Hz; the CV is below 0.45 with the first and above 0.75 "
        "with the second. $σ_V$ is at least 1 mV (less counts as 1).",
        "The check simulates 400 s of each",
    ],
    "next": ["Notebook 05", "(05_"],
}
RUN = [f"exercise-{k}-solution" for k in range(1, 10)] + ["challenge-solution"]
SOURCES = {
    "Gerstner, Kistler, Naud and Paninski (2014)": "chapters 7 and 8; the stationary "
    "density: chapter 13",
    "Staude, Rotter and Grün (2010)": "29:327–350",
    "Siegert (1951)": "81:617–623",
    "Brunel (2000)": "8:183–208",
    "Chernoff (1965)": "36:55–68",
    "Broadie, Glasserman and Kou (1997)": "7:325–348",
    "Mainen and Sejnowski (1995)": "268:1503–1506",
    "Rajdl, Lansky and Kostal (2020)": "14,",
    "McDonnell and Abbott (2009)": "5:e1000348",
}
DOIS = [
    "10.1007/s10827-009-0195-x",
    "10.1103/PhysRev.81.617",
    "10.1023/A:1008925309027",
    "10.1214/aoms/1177700270",
    "10.1111/1467-9965.00035",
    "10.1126/science.7770778",
    "10.3389/fncom.2020.569049",
    "10.1371/journal.pcbi.1000348",
]


def test_the_cells_say_what_comes_out():
    assert TEXT.missing(SAID) == {}


def test_no_number_is_said_without_being_computed():
    assert TEXT.unsaid(SAID, run=RUN) == {}


# What is said in words; the tests of the directions below show that it is so.
SENTENCES = {
    "rain": "equal to the mean.",
    "seen-counts": "Independent inputs: the standard deviation grows, from 0.9 to 10. "
    "The mean grows faster, so the relative width shrinks, from 1.12 to 0.10.",
    "campbell": "Excitation (E) has a positive a, inhibition (I) a negative one.",
    "seen-jumps": "More inhibition lowers the mean and widens the fluctuations: in the "
    "square the minus sign is lost. (For currents. Notebook 05 shows what else an "
    "inhibitory conductance does.) Jumps of half the size halve $σ_V$, and bring the "
    "mean half as far from $E_L$. V follows a **Gaussian**, the bell curve.",
    "dt": "as dt shrinks, nothing is left. The right recipe makes the current larger",
    "seen-dt": "The tempting recipe leaves a quarter of the fluctuations: from 5 mV at "
    "0.8 ms to 1.25 mV at 0.05 ms, in proportion to the root of dt. With the right "
    "recipe V keeps its 5 mV, and even its shape.",
    "predict-dt": "You make dt sixteen times smaller.",
    "firing": "lies above $V_{th}$, the neuron fires without any noise: it is "
    "**mean-driven**. If it lies below, only a fluctuation can take V there: it is "
    "**fluctuation-driven**.",
    "seen-firing": "At 0.25 nA the neuron fires at 26 Hz without noise, like a clock. "
    "Noise makes it irregular (CV about 0.5 at 8 mV), and only somewhat faster.",
    "irregular": "Their standard deviation over their mean is the **coefficient of "
    "variation**",
    "seen-isi": "0.26 nA with 2 mV is the clock. The ratio decides. At 2.5 and above "
    "spikes are rare, each forgets the one before, and the intervals follow the law of "
    "dice (CV above 0.85). Only very short ones stay rarer: V needs time to climb from "
    "$V_{reset}$. At −2 and below the histogram is a narrow peak (CV below 0.3).",
    "seen-fi": "Noise turns the corner at the rheobase into a smooth curve. It raises "
    "the rate most at the rheobase; far above, the curves come together. With much "
    "noise the simulated rates lie a little low",
    "seen-trials": "With constant current the first spikes come together. Then errors "
    "add up, and after a few spikes the columns dissolve. With 5 mV of frozen noise "
    "they stand again: where V rises steeply through the threshold the private noise "
    "has little time to matter. Irregular spikes come back at the same times. Without "
    "private noise all trials are one.",
    "reliable": "they came back within less than a millisecond",
    "seen-density": "Rarely: towards $V_{th}$ the density falls to 0, as what comes "
    "there is taken away. At a ratio of 3 and more it is the bell still, as the "
    "threshold is hardly ever met. When the mean lies above $V_{th}$ nothing is left "
    "of the bell: V climbs from $V_{reset}$ to $V_{th}$ again and again.",
    "corner-text": "Where the mean does, with little noise, V passes the threshold "
    "once and for all, and the plain rate is nearer",
    "memory": "The membrane passes slow noise better than fast noise",
    "seen-ou": "longer memory makes firing more irregular as long as its fluctuations "
    "can stop the neuron",
    "fano-notice": "with white noise each spike forgets the past, and F falls to CV² "
    "in long windows. In short ones it is near 1 whatever the neuron does: a window "
    "that holds one spike or none looks like dice. Slow noise outlives the spikes: "
    "intervals are no longer independent, and F grows far above CV².",
    "seen-sine": "With little noise there are hardly any spikes.",
    "common-mistakes": "Independent inhibitory currents raise them.",
    "summary": "With its mean below the threshold a neuron fires by fluctuations, "
    "irregularly; with the mean far above, like a clock: the ratio of distance to "
    "width decides. Noise smooths the f–I curve. And noise that is the same on every "
    "trial makes spikes reliable.",
}


@pytest.mark.parametrize("cell", SENTENCES)
def test_a_cell_says_what_the_tests_of_directions_show(cell):
    assert SENTENCES[cell] in TEXT.source(cell)


ALSO_SHOWN = {
    "recall": ["the middle of a range, keeps the half that holds the answer"],
    "rain": [  # test_counts_of_independent_and_of_correlated_inputs
        "How many fall into a window",
        "The variances of *independent* inputs add up",
    ],
    "campbell": [  # test_campbells_theorem_in_a_simulation
        "Means add up. So do variances, in which each jump counts by its square. (The "
        "square leaks away twice as fast: hence the half.)",
    ],
    "dt": ["dt much shorter than τ_m"],  # test_the_right_scaling_with_dt
    "firing": ["Negative means mean-driven"],  # ratio(0.26, 3)
    "clock-and-dice": ["below them the intervals"],
    "fi": [  # test_ratio_rate_chernoff_and_what_passes
        "Without noise the rate was 1 over refractory period plus climb. With noise "
        "the climb takes now this long, now that long, and its mean counts",
    ],
    "deeper": ["the integral is a sum from the threshold down"],  # test_where_v_is
    "chernoff": ["This works as if the threshold stood higher, by"],
    "memory": [
        "networks swing more slowly still",
        "In noise that is very slow the neuron fires at each moment as if the current "
        "were constant",
    ],
    "seen-ou": ["standard deviation held, σ_V grows with τ"],
    "seen-sine": ["a weak signal passes best with some noise"],
    "common-mistakes": [
        '"Inhibition lowers the fluctuations."** Independent inhibitory currents raise',
        '"Above the rheobase the fluctuations are small."** $σ_V$ may be as large; '
        "firing is regular where the mean lies several $σ_V$ above the threshold",
    ],
    "summary": ["Many small inputs add up to a mean current and noise"],
    "challenge-solution": [
        "Little noise and a mean just below the threshold make the clock, much noise "
        "and a low mean the dice",
        "the simulation fires a little less often than Siegert's rate",
    ],
}


def test_no_direction_is_said_without_being_shown():
    assert TEXT.missing(ALSO_SHOWN) == {}
    assert TEXT.unshown(SAID, ALSO_SHOWN, SENTENCES) == {}


# What is said by an equation without a number.
EQUATIONS = {  # test_inhibition_lowers_the_mean_and_widens_the_fluctuations
    "campbell": ["In the figure, $a_E$ = a and $a_I$ = −a."],
}


def test_no_equation_is_said_without_being_shown():
    assert TEXT.missing(EQUATIONS) == {}
    said = TEXT.unshown(SAID, SENTENCES, ALSO_SHOWN, EQUATIONS, pattern=EQUATION)
    assert said == {}


SAID_BY_CHECKS = {
    "5 ms are 0.005 s.",
    "this is in one second; the window has 5 ms.",
    "20 ms was the figure's window; this one has 5 ms.",
    "20 is the variance; the standard deviation is its square root.",
    "this is for one input; the variances of all 800 add up.",
    f"It fluctuates by {100 * math.sqrt(20) / 20:.0f} % of the mean, with 800 inputs.",
    "this is the factor 1 + (n − 1) c by which the variance grows.",
    "correlated inputs count for fewer: divide by 1 + (n − 1) c.",
    "compare what stands under the root: n / (1 + (n − 1) c).",
    "an input has n − 1 partners, not n: it is none of its own.",
    "1/c is what very many inputs count for; here there are 20.",
    f"However many there are, they count for fewer than 1/c = {1 / 0.2:g}.",
    f"{10 * 7 * 0.5**2:g} mV² is the variance; take its root.",
    f"the jumps are squared: 0.5 mV · 0.5 mV = {0.5**2:g} mV².",
    "take the square root of 2 tau_m / dt.",
    "a factor of 2 is missing under the root.",
    f"At dt = 0.1 ms the std is {math.sqrt(2 * 20 / 0.1):.0f} times sigma_V / R: the "
    "membrane tames it.",
    "sigma_V is the free potential's std, without a factor of √2.",
    "this is with `dt=0.1`; leave `dt` out.",
    "5 Hz is the rate; the answer is a sigma_V.",
    "this is an end of your range: a higher sigma_V gives a higher rate, so where the "
    "rate is above 5 Hz `high` must move.",
    f"V_th is {ratio(0.15, sigma_for(5, 0.15)):.1f} sigma_V above the mean; V gets "
    "there 5 times a second.",
    "take the square root of 2 dt / tau_m.",
    "upside down: 2 dt stands on top.",
    "this is right for very slow noise; 5 ms is shorter than τ_m.",
    "Less than half of it passes: the low-pass filter of notebook 03.",
    "its CV is 0.45 or more: less noise, more mean.",
    "its CV is 0.75 or less: more noise, less mean.",
    "(With `ddof=1`, which matters only for few intervals.)",
}


def test_the_checks_say_what_comes_out():
    assert TEXT.said_by_checks() == SAID_BY_CHECKS


DIRECTIONS_BY_CHECKS = {  # those without numbers
    "the variances add up, not the standard deviations.",
    "this is the mean itself; how far does it lie above E_L?",
    "inhibitory jumps are negative: in the mean they take away.",
    "the half stands in the variance only.",
    "the variance has a factor of one half, and variances add.",
    "This is exact at any dt, also at large ones.",
    "upside down: the current must grow as dt shrinks.",
    "upside down: standard deviation over mean.",
    "upside down: dt stands on top.",
    "this is the root for a current; here it is upside down.",
    "below the line stands τ + τ_m, not τ_m alone.",
    "upside down: variance over mean.",
}


def test_the_checks_say_the_directions_that_are_shown():
    said = TEXT.said_by_checks(DIRECTION) - SAID_BY_CHECKS
    assert said == DIRECTIONS_BY_CHECKS


INSIGHTS = [
    f"It fluctuates by {100 * math.sqrt(20) / 20:.0f} % of the mean, with 800 inputs.",
    "However many there are, they count for fewer than 1/c = 5.",
    "Inhibition cancels three quarters of the mean, and none of the noise.",
    "At dt = 0.1 ms the std is 20 times sigma_V / R: the membrane tames it.",
    "The CV has no unit: it compares the spread with the mean.",
    "V_th is 1.8 sigma_V above the mean; V gets there 5 times a second.",
    "Little, but at low rates it costs several percent of the spikes.",
    "Less than half of it passes: the low-pass filter of notebook 03.",
    "From counts alone you know how irregular the intervals are.",
    "A rate alone does not tell whether mean or fluctuations make it.",
]


def test_the_insights():
    said = [
        keyword.value.value
        for name, cell in CELLS.items()
        if name.endswith("-check")
        for keyword in ast.walk(ast.parse(cell.source))
        if isinstance(keyword, ast.keyword) and keyword.arg == "insight"
    ]
    assert said == INSIGHTS
    for n in (20, 1000, 10**6):
        assert n / (1 + (n - 1) * 0.2) < 5
    assert (3 * 0.5) / (4 * 0.5) == 3 / 4
    lost = [
        1 - lif.siegert_rate(NEURON, I, 5, dt=0.1) / lif.siegert_rate(NEURON, I, 5)
        for I in (0.05, 0.1, 0.15)
    ]
    assert all(0.03 < share < 0.15 for share in lost)
    assert 0.4 < passes(5) < 0.5


def test_the_words_for_those_who_do_not_see_the_pictures(notebook):
    inputs = len(notebook.namespace["rain_E"] + notebook.namespace["rain_I"])
    source = TEXT.source("opening").replace('"\n    "', "")
    assert f'alt="Spikes of {inputs} inputs rain down at random; V wanders below' in (
        source
    )
    # Shown by test_the_fano_factor.
    assert CELLS["fano-figure"].metadata["alt"] == (
        "With white noise the Fano factor falls from near 1 to the squared CV; with "
        "slow noise it rises again, far above it."
    )


def test_the_sources():
    assert TEXT.misplaced(SOURCES) == []
    assert TEXT.dois() == DOIS


# ---- Formulas ------------------------------------------------------------------------


def plain(latex):
    """A formula without what `compute` does not know: braces above, roots, squares."""
    latex = re.sub(r"\\overbrace\{(.+?)\}\^\{\\text\{.+?\}\}", r"(\1)", latex)
    latex = latex.replace(r"\sigma", "sigma")
    for _ in range(latex.count(r"\sqrt{")):
        start = latex.index(r"\sqrt{") + len(r"\sqrt")
        depth, end = 1, start + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(latex[end], 0)
            end += 1
        inner = latex[start + 1 : end - 1]
        latex = f"{latex[: start - 5]} exp(0.5 * log({inner})) {latex[end:]}"
    return re.sub(r"(\w+_\w)\^2", r"\1 \1", latex)


def right_side(cell, place=0, **symbols):
    return compute(plain(sides(TEXT.formulas(cell)[place])[1]), **symbols)


def test_the_relative_width():
    for n, c in ((8, 0), (256, 0.1), (20, 0.2)):
        found = right_side("rain", n=n, c=c, m=0.1)
        assert found == pytest.approx(width(n, c))
    assert r"$1/\sqrt{n\,m}$" in TEXT.source("rain")


def test_campbells_theorem_in_a_simulation():
    """Both formulas against jumps of unequal sizes."""
    rates, sizes = (4, 1.5), (0.25, -0.6)
    symbols = {"E_L": -70, "tau_m": 20, "r_E": 4, "r_I": 1.5, "a_E": 0.25, "a_I": -0.6}
    rng = np.random.default_rng(1)
    t = lif.time_grid(100_000)
    jumps = sum(
        a * rng.poisson(0.1 * r, len(t)) for r, a in zip(rates, sizes, strict=True)
    )
    V = lif.simulate(lif.MEMBRANE, t, jumps * lif.MEMBRANE.C / 0.1).V[2000:]
    assert right_side("campbell", 0, **symbols) == pytest.approx(V.mean(), abs=0.15)
    variance = right_side("campbell", 1, **symbols)
    assert math.sqrt(variance) == pytest.approx(V.std(), rel=0.04)


def test_the_right_scaling_with_dt():
    for dt, sigma_V, neuron in ((0.1, 5, NEURON), (0.02, 3, lif.Neuron(10, 50))):
        symbols = {"sigma_V": sigma_V, "R": neuron.R, "tau_m": neuron.tau_m, "dt": dt}
        exact = sigma_V / neuron.R / math.sqrt(math.tanh(dt / (2 * neuron.tau_m)))
        assert right_side("dt", **symbols) == pytest.approx(exact, rel=1e-4)


def test_ratio_rate_chernoff_and_what_passes():
    symbols = {"V_th": -50, "E_L": -70, "R": 100, "I": 0.12, "sigma_V": 4}
    assert right_side("firing", **symbols) == pytest.approx(ratio(0.12, 4))
    f = lif.siegert_rate(NEURON, 0.15, 4)
    T = 1000 / f - 2
    found = compute(sides(TEXT.formulas("fi")[0])[1], t_ref=2, T=T)
    assert 1000 * found == pytest.approx(f)
    intervals = white(100_000, 0.15, 4, 1).isi
    assert 1000 / (2 + (intervals - 2).mean()) == pytest.approx(f, rel=0.1)
    formula = TEXT.formulas("chernoff")[0].replace("0.5826", "(0.5826)")
    shift = compute(plain(formula), sigma_V=5, dt=0.1, tau_m=20)
    raised = lif.Neuron(V_th=-50 + shift)
    expected = lif.siegert_rate(raised, 0.15, 5)
    assert lif.siegert_rate(NEURON, 0.15, 5, dt=0.1) == pytest.approx(expected)
    formula = TEXT.formulas("memory")[0].replace(r"\text{std}", "std")
    found = compute(plain(sides(formula)[1]), R=100, std=0.06, tau=5, tau_m=20)
    assert found == pytest.approx(6 * passes(5))
    assert [part.strip() for part in TEXT.formulas("fano")] == ["F = CV^2"]


def test_the_density_as_it_is_written():
    assert [part.strip() for part in TEXT.formulas("deeper")] == [
        r"p(V) = \underbrace{\frac{\sqrt 2\,f\,\tau_m}{\sigma_V}}_{f\text{: Siegert's "
        r"rate}}\;\underbrace{e^{-y^2}}_{\text{bell}}\;\underbrace{\int_{\max(y,\,"
        r"y_r)}^{y_{th}} e^{u^2}\,du}_{\text{0 at the threshold}}"
    ]


# ---- Directions: on the whole range of the sliders -----------------------------------


def white(duration, I, sigma_V, seed, dt=0.1):
    t = lif.time_grid(duration, dt)
    noise = lif.white_noise(t, NEURON, sigma_V, seed=seed)
    return lif.simulate(NEURON, t, I + noise)


def slow(duration, I, sigma_V, tau, seed):
    """With noise of correlation time tau (ms) that makes the free width sigma_V."""
    t = lif.time_grid(duration, 0.2)
    noise = lif.ou_noise(t, sigma_V / 100 / passes(tau), tau, seed=seed)
    return lif.simulate(NEURON, t, I + noise)


def test_counts_of_independent_and_of_correlated_inputs(notebook):
    explorer = notebook.explorers["explore-counts"]
    counts = notebook.namespace["spike_counts"]
    assert grid(explorer, "n", 10**6) == pytest.approx(list(2.0 ** np.arange(3, 11)))
    for c in (1e-6, 0.05, 0.1, 0.2):
        for n in (8, 256, 1024):
            found = counts(n, c)
            assert found.mean() == pytest.approx(0.1 * n, rel=0.08)
            assert found.std() / (0.1 * n) == pytest.approx(width(n, c), rel=0.08)
    # Each input is a Poisson process, and c is the correlation of any two.
    rng = np.random.default_rng(1)
    for c in (0.05, 0.2):
        events = rng.poisson(0.1 / c, 400_000)
        one, two = rng.binomial(events, c), rng.binomial(events, c)
        assert one.var() == pytest.approx(one.mean(), rel=0.02)
        assert np.corrcoef(one, two)[0, 1] == pytest.approx(c, abs=0.01)
    inputs = 2 ** np.arange(3, 11)
    independent = np.array([width(n, 0) for n in inputs])
    assert (np.diff(independent) < 0).all()
    assert (np.diff(independent * inputs) > 0).all()  # the standard deviation
    for setting in settings(explorer, 10)[::4]:
        n, c = float(f"{setting['n']:.6g}"), setting["c"]
        shown = numbers_at(explorer, n=n, c=c)
        assert shown["theory"] == pytest.approx(width(n, c), rel=1e-3)
        assert shown["relative width"] == pytest.approx(shown["theory"], rel=0.1)
    for value in (1024, 10**6):
        assert width(value, 0.1) == pytest.approx(1, abs=0.01)  # "ends at 1"
    assert float(notebook.printed["shared"].split()[-1]) == pytest.approx(1, abs=0.06)


def test_inhibition_lowers_the_mean_and_widens_the_fluctuations(notebook):
    explorer = notebook.explorers["explore-jumps"]
    for setting in settings(explorer, 15)[::12]:
        shown = numbers_at(explorer, **setting)
        r_E, r_I, a = setting["r_E"], setting["r_I"], setting["a"]
        assert shown["mean (theory)"] == pytest.approx(-70 + 20 * (r_E - r_I) * a)
        assert shown["σ_V (theory)"] == pytest.approx(math.sqrt(10 * (r_E + r_I)) * a)
        assert shown["mean"] == pytest.approx(shown["mean (theory)"], abs=0.5)
        assert shown["std of V"] == pytest.approx(shown["σ_V (theory)"], rel=0.08)
    lines = [numbers_at(explorer, r_I=value) for value in (0, 1, 2, 3, 4)]
    assert (np.diff([line["mean"] for line in lines]) < 0).all()
    assert (np.diff([line["std of V"] for line in lines]) > 0).all()
    V = notebook.namespace["jumping_membrane"](5, 2, 0.3)
    z = (V - V.mean()) / V.std()
    assert np.mean(np.abs(z) < 1) == pytest.approx(0.683, abs=0.03)


def test_the_tempting_noise_vanishes_with_dt_and_the_right_one_stays(notebook):
    explorer = notebook.explorers["explore-dt"]
    for dt in 0.05 * 2.0 ** np.arange(7):
        shown = numbers_at(explorer, dt=dt)
        tempting = 5 * math.sqrt(dt / 0.8)
        assert shown["theory"] == pytest.approx(tempting)
        assert shown["tempting: std of V"] == pytest.approx(tempting, rel=0.05)
        assert shown["right: std of V"] == pytest.approx(5, rel=0.05)
    curves = [
        drawn(notebook, "draw_dt", 2, dt=dt)["V, right recipe"] for dt in (0.1, 0.8)
    ]
    fine, coarse = curves
    again = np.interp(coarse[0], *fine)
    assert np.corrcoef(again, coarse[1])[0, 1] > 0.98  # "even its shape"
    printed = notebook.printed["white"]
    assert float(re.search(r"([\d.]+) nA", printed).group(1)) == pytest.approx(
        1, abs=0.03
    )


def test_mean_and_fluctuations_make_the_neuron_fire():
    for I in np.arange(0, 0.301, 0.01).round(2):
        spikes = lif.simulate(NEURON, lif.time_grid(2000), I).spike_times
        assert (len(spikes) > 0) == (I > 0.2)
    found = {
        (I, sigma_V): [white(60_000, I, sigma_V, seed, 0.2) for seed in SEEDS]
        for I, sigma_V in ((0.25, 8), (0.15, 8), (0.15, 2), (0.15, 4))
    }
    cvs = {key: np.array([run.cv for run in runs]) for key, runs in found.items()}
    assert cvs[0.25, 8] == pytest.approx(0.5, abs=0.06)
    assert cvs[0.15, 4] == pytest.approx(0.66, abs=0.14)
    assert cvs[0.15, 2] == pytest.approx(0.9, abs=0.35)
    assert cvs[0.15, 2].mean() == pytest.approx(0.9, abs=0.06)
    assert np.mean(cvs[0.15, 2] > cvs[0.15, 4]) > 0.9
    rates = np.array([run.rate for run in found[0.15, 8]])
    assert rates == pytest.approx(17, abs=1.1)
    faster = np.array([run.rate for run in found[0.25, 8]])
    assert (faster > lif.fi_curve(NEURON, 0.25)).all()
    assert (faster < 1.4 * lif.fi_curve(NEURON, 0.25)).all()  # "only somewhat"
    assert all(len(run.isi) >= 50 for run in found[0.15, 4])


def test_the_firing_figure(notebook):
    explorer = notebook.explorers["explore-firing"]
    shown = numbers_at(explorer)
    assert shown["ratio"] == pytest.approx(ratio(0.15, 4))
    assert shown["rate"] == pytest.approx(lif.siegert_rate(NEURON, 0.15, 4), rel=0.2)
    assert numbers_at(explorer, sigma_V=0)["ratio"] == "no noise"
    assert numbers_at(explorer, I=0, sigma_V=2)["CV"] == "from 50 intervals on"
    assert numbers_at(explorer, I=0.25, sigma_V=0)["CV"] == pytest.approx(0, abs=1e-6)
    curves = drawn(notebook, "draw_firing", 1, I=0.13, sigma_V=3, seed=2)
    assert curves["theory: free mean"][1] == pytest.approx(-57)
    assert band_of(plt.gca()) == pytest.approx((-60, -54))
    x, y = curves["V"]  # with the jumps to V_reset
    V = white(1000, 0.13, 3, 2).V
    assert np.isin(V, y).all()
    assert (x[0], x[-1]) == (0, 1000)


def test_the_ratio_decides_how_irregular_firing_is(notebook):
    explorer = notebook.explorers["explore-isi"]
    for I in grid(explorer, "I", 10**6):
        for sigma_V in grid(explorer, "sigma_V", 10**6):
            for dt in (0, 0.25):
                cv = lif.siegert_cv(NEURON, I, sigma_V, dt=dt)
                if ratio(I, sigma_V) >= 2.5:
                    assert cv > 0.85
                    assert lif.siegert_rate(NEURON, I, sigma_V) < 2.5
                if ratio(I, sigma_V) <= -2:
                    assert cv < 0.3
    assert ratio(0.26, 3) == -2
    for I, sigma_V in ((0.26, 2), (0.26, 3), (0.12, 5), (0.16, 8), (0.08, 4.5)):
        shown = numbers_at(explorer, I=I, sigma_V=sigma_V)
        assert shown["ratio"] == pytest.approx(ratio(I, sigma_V))
        theory = lif.siegert_cv(NEURON, I, sigma_V)
        assert shown["CV (theory)"] == pytest.approx(theory)
        assert shown["CV"] == pytest.approx(theory, rel=0.12)
    clock, dice = (lif.siegert_cv(NEURON, *x) for x in ((0.26, 2), (0.12, 5)))
    assert clock < 0.2
    assert dice > 0.7
    rare = white(600_000, 0.08, 4.5, 5, 0.25).isi
    shares = rare / rare.mean()
    assert np.mean(shares < 0.05) < 0.6 * (1 - math.exp(-0.05))
    for longer in (0.5, 1, 2):
        assert np.mean(shares > longer) == pytest.approx(math.exp(-longer), abs=0.06)
    for seed in SEEDS:
        assert white(20_000, 0.26, 3, seed, 0.25).cv < 0.3


def test_noise_raises_the_rate_most_at_the_rheobase(notebook):
    explorer = notebook.explorers["explore-fi"]
    currents = np.linspace(0, 1, 201)
    for sigma_V in grid(explorer, "sigma_V", 10**6)[1:]:
        lift = lif.siegert_rate(NEURON, currents, sigma_V) - lif.fi_curve(
            NEURON, currents
        )
        assert abs(currents[lift.argmax()] - NEURON.rheobase) < 0.011
        assert lift[-1] < 0.2 * lift.max()
        assert (lift > -1e-9).all()
    shown_at = np.arange(0.05, 0.36, 0.05)
    gap = lif.siegert_rate(NEURON, shown_at, 8)
    gap = gap - lif.siegert_rate(NEURON, shown_at, 8, dt=0.1)
    assert gap.max() == pytest.approx(1.3, abs=0.05)
    assert gap.argmax() == len(shown_at) - 1
    for sigma_V in (0, 4, 8):
        shown = numbers_at(explorer, sigma_V=sigma_V)
        theory = lif.siegert_rate(NEURON, 0.15, sigma_V)
        assert shown["theory"] == pytest.approx(theory)
        assert shown["rate"] == pytest.approx(theory, rel=0.2)
    curves = drawn(notebook, "draw_fi", 1, sigma_V=6, seed=1)
    x, y = curves["simulated"]
    assert y == pytest.approx(lif.siegert_rate(NEURON, x, 6, dt=0.1), abs=2.5)
    x, y = curves["theory: Siegert"]
    assert y == pytest.approx(lif.siegert_rate(NEURON, x, 6))
    x, y = curves["without noise"]
    assert y == pytest.approx(lif.fi_curve(NEURON, x))
    printed = notebook.printed["siegert"]
    assert printed == f"{lif.siegert_rate(NEURON, 0.15, 4):.1f} Hz\n"


def test_frozen_and_private_noise_are_independent(notebook, monkeypatch):
    made = []

    def white_noise(t, neuron, sigma_V, seed, trials=None):
        made.append((sigma_V, seed, trials))
        return genuine(t, neuron, sigma_V, seed=seed, trials=trials)

    genuine = lif.white_noise
    monkeypatch.setattr(lif, "white_noise", white_noise)
    _, axes = plt.subplots(2)
    notebook.namespace["draw_trials"](axes, frozen=5, private=2, seed=3)
    assert [(sigma_V, trials) for sigma_V, _, trials in made] == [(2, 20), (5, None)]
    assert made[0][1] != made[1][1]


def test_trials_drift_apart_and_frozen_noise_brings_them_together(notebook):
    t = lif.time_grid(1000)
    for seed in SEEDS:
        own = lif.white_noise(t, NEURON, 1, seed=seed, trials=20)
        frozen = lif.white_noise(t, NEURON, 5, seed=1000 + seed)
        constant = lif.simulate(NEURON, t, 0.22 + own).spike_times
        first, fifth = (np.std([train[k] for train in constant]) for k in (0, 4))
        assert first < 13
        assert fifth > 1.3 * first
        highest = {}
        for name, trains in (
            ("constant", constant),
            ("frozen", lif.simulate(NEURON, t, 0.22 + own + frozen).spike_times),
        ):
            counts = np.histogram(np.concatenate(trains), np.arange(500, 1001, 5))[0]
            highest[name] = counts.max() / 20 / 0.005
        assert highest["frozen"] > 1.8 * highest["constant"]
    same = lif.simulate(NEURON, t, 0.22 + frozen + 0 * own).spike_times
    assert all(np.array_equal(train, same[0]) for train in same)
    assert np.diff(same[0]).std() / np.diff(same[0]).mean() > 0.3  # irregular
    explorer = notebook.explorers["explore-trials"]
    together = numbers_at(explorer, frozen=5)["highest bin after 500 ms"]
    assert together > 1.8 * numbers_at(explorer)["highest bin after 500 ms"]


def test_the_highest_bin_is_one_after_500_ms(notebook):
    for seed, frozen in itertools.product(range(1, 6), (0, 5)):
        _, axes = plt.subplots(2)
        shown = notebook.namespace["draw_trials"](axes, frozen, 1, seed)
        bars = axes[1].patches[-1].get_data()
        late = bars.values[bars.edges[:-1] >= 500]
        assert shown["highest bin after 500 ms"][0] == late.max()


def test_where_v_is(notebook):
    density = notebook.namespace["stationary_density"]
    bell = notebook.namespace["bell"]
    V = np.arange(-103.99, -50, 0.02)
    explorer = notebook.explorers["explore-density"]
    for I in grid(explorer, "I", 10):
        for sigma_V in grid(explorer, "sigma_V", 7):
            found = density(V, I, sigma_V)
            f = lif.siegert_rate(NEURON, I, sigma_V)
            # With the refractory periods it fills all of the time.
            assert found.sum() * 0.02 + f * 0.002 == pytest.approx(1, abs=2e-3)
            assert found[-1] < 0.02 * found.max()  # "falls to 0"
            free = bell(V, -70 + 100 * I, sigma_V)
            if ratio(I, sigma_V) >= 3:
                assert found == pytest.approx(free, abs=0.03 * free.max())
    # Against the integral itself, and against a simulation.
    for I, sigma_V, at in ((0.15, 5, -60.01), (0.26, 3, -76.01), (0.2, 4, -52.01)):
        unit = math.sqrt(2) * sigma_V
        y, y_th = (at + 70 - 100 * I) / unit, (20 - 100 * I) / unit
        u = np.linspace(max(y, (-5 - 100 * I) / unit), y_th, 200_001)
        values = np.exp(u**2)
        integral = (values.sum() - values[[0, -1]].mean()) * (u[1] - u[0])
        f = lif.siegert_rate(NEURON, I, sigma_V) / 1000
        exact = math.sqrt(2) * f * 20 / sigma_V * math.exp(-(y**2)) * integral
        found = np.interp(at, V, density(V, I, sigma_V))
        assert found == pytest.approx(exact, rel=5e-3)
    long = white(200_000, 0.2, 4, 1, 0.05).V
    edges = np.arange(-80, -51.9, 2)
    shares = np.histogram(long[long != -75], edges)[0] / len(long)
    theory = [
        0.02 * density(V, 0.2, 4)[(low <= V) & (low + 2 > V)].sum()
        for low in edges[:-1]
    ]
    assert shares == pytest.approx(theory, abs=0.008)
    for I, sigma_V in ((0.15, 4), (0.26, 2), (0.08, 8)):
        shown = numbers_at(explorer, I=I, sigma_V=sigma_V)
        assert shown["mean of V"] == pytest.approx(shown["theory"], abs=0.6)
        assert shown["ratio"] == pytest.approx(ratio(I, sigma_V))


def test_crossings_that_nobody_sees(notebook):
    path = notebook.namespace["path"]
    samples = path[::40]
    assert samples.max() < -50 < path.max()
    between = {int(k) // 40 for k in np.flatnonzero(path > -50)}
    assert len(between) == 4
    assert "four times between samples" in CELLS["unseen-path"].metadata["alt"]
    line = notebook.printed["chernoff-rate"]
    raised = lif.siegert_rate(NEURON, 0.3, 8, dt=0.1)
    assert line == f"raised threshold: {raised:.2f} Hz\n"
    printed = notebook.printed["gap"]
    plain_rate = lif.siegert_rate(NEURON, 0.3, 8)
    assert printed.startswith(f"plain theory {plain_rate:.2f} Hz\n")
    rows = re.findall(
        r"dt = ([\d.]+) ms: simulated ([\d.]+) Hz, raised threshold ([\d.]+) Hz",
        printed,
    )
    assert [float(dt) for dt, _, _ in rows] == [0.8, 0.4, 0.2, 0.1]
    for dt, simulated, raised in rows:
        expected = lif.siegert_rate(NEURON, 0.3, 8, dt=float(dt))
        assert float(raised) == pytest.approx(expected, abs=0.006)
        assert float(simulated) == pytest.approx(expected, rel=0.01)
        assert float(simulated) < plain_rate - 0.8
    simulated, plain_rate, raised = map(
        float, re.findall(r"([\d.]+) Hz", notebook.printed["corner"])
    )
    assert simulated == pytest.approx(47.94, abs=0.06)
    assert plain_rate == pytest.approx(48.11, abs=0.006)
    assert raised == pytest.approx(47.63, abs=0.006)
    assert abs(simulated - plain_rate) < abs(simulated - raised)
    assert "0.36 nA, 1 mV, dt = 0.8 ms" in notebook.printed["corner"]


def test_noise_with_a_memory(notebook):
    cvs = {
        tau: np.array([slow(60_000, 0.2, 4, tau, seed).cv for seed in SEEDS])
        for tau in (2, 16, 128)
    }
    assert cvs[2] == pytest.approx(0.5, abs=0.07)
    assert cvs[128].mean() == pytest.approx(1.4, abs=0.1)
    assert (cvs[2] < cvs[16]).all()
    assert (cvs[16] < cvs[128]).all()
    for tau in (2, 16, 128):
        steady = [slow(60_000, 0.3, 4, tau, seed).cv for seed in (1, 2, 3)]
        assert steady == pytest.approx([0.3] * 3, abs=0.07)
    explorer = notebook.explorers["explore-ou"]
    for tau in (2, 128):
        shown = numbers_at(explorer, held="std of I", tau=tau)
        assert shown["σ_V (theory)"] == pytest.approx(6 * passes(tau))
        assert shown["ratio"] == pytest.approx(ratio(0.15, 6 * passes(tau)))
        shown = numbers_at(explorer, held="σ_V", tau=tau)
        assert shown["σ_V (theory)"] == pytest.approx(4)
    # Very slow noise: the f–I curve averaged, by numbers drawn at random.
    drawn_currents = 0.25 + 0.06 * np.random.default_rng(1).standard_normal(200_000)
    expected = lif.fi_curve(NEURON, drawn_currents).mean()
    limit = notebook.namespace["slow_limit"](0.25, 0.06)
    assert limit == pytest.approx(expected, rel=0.01)
    t = lif.time_grid(1_000_000, 0.2)
    noise = lif.ou_noise(t, 0.06, 1000, seed=1)
    as_if_constant = lif.fi_curve(NEURON, 0.25 + noise[::50]).mean()
    met = lif.simulate(NEURON, t, 0.25 + noise).rate
    assert met == pytest.approx(as_if_constant, rel=0.02)
    shown = numbers_at(explorer, I=0.25, tau=128)["very slow noise (theory)"]
    std = 0.04 / passes(128)
    assert shown == pytest.approx(notebook.namespace["slow_limit"](0.25, std))
    for tau, std in ((5, 0.06), (128, 0.03)):
        t = lif.time_grid(200_000, 0.2)
        V = lif.simulate(lif.MEMBRANE, t, lif.ou_noise(t, std, tau, seed=1)).V
        assert V[1000:].std() == pytest.approx(100 * std * passes(tau), rel=0.06)


def test_the_fano_factor(notebook):
    fano = notebook.namespace["fano"]
    trains = notebook.namespace["fano_trains"]
    memoryless = ["white noise, 0.12 nA", "white noise, 0.26 nA"]
    assert list(trains) == [*memoryless, "slow noise, 0.26 nA"]
    for train in trains.values():
        assert fano(train, 5) == pytest.approx(1, abs=0.16)  # "near 1"
    for name in memoryless:
        assert fano(trains[name], 1000) == pytest.approx(trains[name].cv ** 2, rel=0.2)
    outlives = trains["slow noise, 0.26 nA"]
    assert fano(outlives, 1000) > 2.5 * outlives.cv**2
    for seed in SEEDS:
        train = slow(100_000, 0.26, 3, 128, seed)
        assert fano(train, 1000) > 2 * train.cv**2
    for label, train in trains.items():
        squared, long = train.cv**2, fano(train, 1000)
        line = f"{label}: CV² = {squared:.2f}, Fano factor {long:.2f} in 1 s"
        assert line in notebook.printed["fano-trains"]
    counts = np.histogram(outlives.spike_times, np.arange(0, 1_000_001, 100))[0]
    assert fano(outlives, 100) == pytest.approx(counts.var() / counts.mean())
    (ax,) = TEXT.axes(notebook, "fano-figure")
    curves = {line.get_label(): line for line in ax.get_lines()}
    x, y = curves["slow noise, 0.26 nA"].get_data()
    assert y == pytest.approx([fano(outlives, window) for window in x])
    assert curves["$CV^2$"].get_ydata()[0] == pytest.approx(outlives.cv**2)


def test_a_weak_sine_passes_best_with_some_noise(notebook):
    t = lif.time_grid(1000)
    alone = 0.1 + lif.sine_current(t, 0.06, 2)
    quiet = lif.simulate(NEURON, t, alone)
    assert len(quiet.spike_times) == 0
    assert quiet.V.max() == pytest.approx(CREST, abs=0.1)
    follows = notebook.namespace["follows"]
    means, troughs = {}, {}
    for sigma_V in (2, 5, 12):
        found, low = [], []
        for seed in SEEDS:
            own = lif.white_noise(t, NEURON, sigma_V, seed=seed, trials=20)
            trains = lif.simulate(NEURON, t, alone + own).spike_times
            rates = np.histogram(np.concatenate(trains), np.arange(0, 1001, 25))[0] * 2
            found.append(follows(rates)[0])
            low.append(rates[[14, 15, 16, 34, 35, 36]].mean())
        means[sigma_V], troughs[sigma_V] = np.mean(found), np.mean(low)
    assert means[5] == pytest.approx(0.8, abs=0.03)
    assert means[2] < means[5] - 0.2
    assert means[12] == pytest.approx(0.72, abs=0.029)
    assert means[12] < means[5] - 0.07
    assert troughs[2] < troughs[5] < 2 < 8 < troughs[12]
    current_at = notebook.namespace["current_at"]
    late = (t > 500) & (t < 1000)
    again = lif.simulate(NEURON, lif.time_grid(2000), 0.1 + lif.sine_current(
        lif.time_grid(2000), 0.06, 2)).V[-10_001:][late[-10_001:]]  # fmt: skip
    assert -70 + 100 * current_at(t[late]) == pytest.approx(again, abs=0.1)
    explorer = notebook.explorers["explore-sine"]
    assert numbers_at(explorer, sigma_V=0)["correlation with the sine"] == "no spikes"
    shown = numbers_at(explorer, sigma_V=5)
    assert shown["ratio at the crest"] == pytest.approx((-50 - CREST) / 5, abs=0.05)


def test_common_mistakes_and_summary():
    """Two variances add; large fluctuations above the rheobase, and regular firing."""
    for r_I in (0, 1, 4):
        assert 10 * (5 * 0.3**2 + r_I * 0.3**2) >= 10 * 5 * 0.3**2
    assert ratio(0.4, 5) == -4
    assert lif.siegert_cv(NEURON, 0.4, 5) < 0.25
    assert lif.siegert_cv(NEURON, 0.1, 5) > 0.8


# ---- Printed and drawn ---------------------------------------------------------------

TIME, V, RATE = "time t (ms)", "V (mV)", "rate (Hz)"
FIGURES = {
    "explore-counts": [
        (TIME, "spikes / their mean", (0, 1000), (-0.4, 9)),
        ("number of inputs n", "relative width", (6, 1400), (0.07, 3)),
    ],
    "explore-jumps": [
        (TIME, V, (0, 500), (-88, -24)),
        ("density (1/mV)", "", (0, 0.8), (-88, -24)),
    ],
    "explore-dt": [("", V, (0, 500), (-105, -35)), (TIME, V, (0, 500), (-105, -35))],
    "explore-firing": [(TIME, V, (0, 1000), (-100, -20))],
    "explore-isi": [
        (TIME, "", (0, 3000), (0, 2.2)),
        ("interval / mean interval", "density", (0, 4), (0, 2.6)),
    ],
    "explore-fi": [("mean current I (nA)", "rate f (Hz)", (0, 0.4), (-1, 60))],
    "explore-trials": [
        ("", "trial", (0, 1000), (-1, 24)),
        (TIME, RATE, (0, 1000), (0, 215)),
    ],
    "explore-density": [(V, "density (1/mV)", (-104, -32), (0, 0.22))],
    "explore-ou": [
        ("", V, (0, 1000), (-90, -30)),
        (TIME, "I (nA)", (0, 1000), (-0.6, 0.95)),
    ],
    "explore-sine": [
        ("", "trial", (0, 1000), (-1, 28)),
        (TIME, RATE, (0, 1000), (0, 48)),
    ],
    "unseen-path": [(TIME, V, (0, 16.2), (-56.5, -48))],
    "fano-figure": [("window (ms)", "Fano factor", (4, 1600), (0.03, 2))],
}


@pytest.mark.parametrize("cell", FIGURES)
def test_axes_have_their_quantity_and_unit(notebook, cell):
    assert TEXT.axes_said(notebook, cell) == FIGURES[cell]


SLIDERS = {  # label, default, low, high, step; or label and options
    "explore-counts": {
        "n": ("n", 8, 3 * math.log10(2), 10 * math.log10(2), math.log10(2)),
        "c": ("c", 0, 0, 0.2, 0.01),
    },
    "explore-jumps": {
        "r_E": ("r_E (per ms)", 5, 3, 6, 0.5),
        "r_I": ("r_I (per ms)", 2, 0, 4, 0.5),
        "a": ("a (mV)", 0.3, 0.1, 0.3, 0.05),
    },
    "explore-dt": {
        "dt": ("dt (ms)", 0.8, math.log10(0.05), math.log10(3.2), math.log10(2))
    },
    "explore-firing": {
        "I": ("mean I (nA)", 0.15, 0, 0.3, 0.01),
        "sigma_V": ("σ_V (mV)", 4, 0, 8, 0.5),
    },
    "explore-isi": {
        "I": ("mean I (nA)", 0.12, 0.08, 0.26, 0.01),
        "sigma_V": ("σ_V (mV)", 5, 2, 8, 0.5),
    },
    "explore-fi": {"sigma_V": ("σ_V (mV)", 4, 0, 8, 0.5)},
    "explore-trials": {
        "frozen": ("frozen σ_V (mV)", 0, 0, 8, 0.5),
        "private": ("private σ_V (mV)", 1, 0, 4, 0.25),
    },
    "explore-density": {
        "I": ("mean I (nA)", 0.15, 0.08, 0.26, 0.01),
        "sigma_V": ("σ_V (mV)", 4, 2, 8, 0.5),
    },
    "explore-ou": {
        "held": ("held", ("σ_V", "std of I")),
        "tau": ("τ (ms)", 8, math.log10(2), 7 * math.log10(2), math.log10(2)),
        "I": ("mean I (nA)", 0.15, 0.1, 0.3, 0.01),
    },
    "explore-sine": {"sigma_V": ("σ_V (mV)", 2, 0, 12, 0.5)},
}


def test_sliders_have_their_quantity_unit_and_range(notebook):
    found = sliders(notebook)
    assert found.keys() == SLIDERS.keys()
    for cell, expected in SLIDERS.items():
        assert found[cell].keys() == expected.keys()
        for name, (label, *values) in expected.items():
            assert found[cell][name][0] == label
            if label == "held":
                assert list(found[cell][name][1:]) == values
            else:
                assert found[cell][name][1:] == pytest.approx(tuple(values))


NAMES = {
    "explore-counts": ["mean", "standard deviation", "relative width", "theory"],
    "explore-jumps": [
        "mean -?[−\\d.]+ mV",
        "mean \\(theory\\) −52.0 mV",
        "std of V [\\d.]+ mV",
        f"σ_V \\(theory\\) {math.sqrt(10 * 7) * 0.3:.2f} mV",
    ],
    "explore-dt": [
        "tempting: std of V [\\d.]+ mV",
        "theory 5.00 mV",
        "right: std of V",
    ],
    "explore-firing": [
        f"ratio {ratio(0.15, 4):.1f}",
        "rate [\\d.]+ Hz",
        "CV 0\\.\\d\\d",
    ],
    "explore-isi": [
        f"ratio {ratio(0.12, 5):.1f}",
        "rate [\\d.]+ Hz",
        "CV 0\\.\\d\\d",
        f"CV \\(theory\\) {lif.siegert_cv(NEURON, 0.12, 5):.2f}",
    ],
    "explore-fi": [
        f"at 0.15 nA: ratio {ratio(0.15, 4):.1f}",
        "rate [\\d.]+ Hz",
        f"theory {lif.siegert_rate(NEURON, 0.15, 4):.1f} Hz",
    ],
    "explore-trials": ["mean rate [\\d.]+ Hz", "highest bin after 500 ms \\d+ Hz"],
    "explore-density": [
        f"ratio {ratio(0.15, 4):.1f}",
        "mean of V −[\\d.]+ mV",
        "theory −",
    ],
    "explore-ou": [
        f"ratio {ratio(0.15, 4):.1f}",
        "σ_V \\(theory\\) 4.0 mV",
        "rate [\\d.]+ Hz",
        "CV",
        "very slow noise \\(theory\\) [\\d.]+ Hz",
    ],
    "explore-sine": [
        f"ratio at the crest {(-50 - CREST) / 2:.1f}",
        "mean rate [\\d.]+ Hz",
        "correlation with the sine 0\\.\\d\\d",
    ],
}


@pytest.mark.parametrize("cell", NAMES)
def test_the_numbers_of_a_figure_have_names_and_units(notebook, cell):
    notebook.explorers[cell].reset.click()
    line = notebook.explorers[cell].text.value
    assert re.search(" · .*".join(NAMES[cell]).replace(" · .*", ".* · "), line), line


MEANINGS = {  # of the colours
    "explore-counts": {
        "spikes in 20 ms": "excitation",
        "simulated": "V",
        "this n": "spikes",
        "theory": "theory",
    },
    "explore-jumps": {
        "V": "V",
        "theory: mean ± $σ_V$": "level",
        "simulated": "V",
        "theory": "theory",
    },
    "explore-dt": {
        "wanted: $σ_V$ = 5 mV": "level",
        "V, tempting recipe": "V",
        "V, right recipe": "V",
    },
    "explore-firing": {
        "V": "V",
        "spikes": "spikes",
        "theory: free mean ± $σ_V$": "level",
        "theory: free mean": "theory",
    },
    "explore-isi": {"spikes": "spikes", "simulated": "V", "theory: dice": "level"},
    "explore-fi": {
        "without noise": "level",
        "simulated": "V",
        "theory: Siegert": "theory",
    },
    "explore-trials": {"spikes": "spikes", "simulated": "V"},
    "explore-density": {
        "$V_{th}$": "level",
        "$V_{reset}$": "level",
        "without threshold": "level",
        "theory: with threshold": "theory",
        "simulated": "V",
    },
    "explore-ou": {"V": "V", "spikes": "spikes", "current I": "I"},
    "explore-sine": {
        "the sine in V": "I",
        "spikes": "spikes",
        "simulated": "V",
        "theory: Siegert": "theory",
    },
}


@pytest.mark.parametrize("cell", MEANINGS)
def test_the_colours_are_those_of_what_is_drawn(notebook, cell):
    assert meanings_first(notebook.explorers[cell]) == MEANINGS[cell]


def test_the_opening_picture_names_and_colours_its_inputs(notebook):
    names = notebook.namespace
    axes = names["opening_axes"]().axes
    names["draw_rain"](axes, 800)
    labels = [label.get_text() for label in axes[0].get_yticklabels()]
    at = dict(zip(labels, axes[0].get_yticks(), strict=True))
    rows = list(axes[0].collections)
    for kind, trains, color in (
        ("excitatory", names["rain_E"], "excitation"),
        ("inhibitory", names["rain_I"], "inhibition"),
    ):
        places = []
        for train in trains:
            row = rows.pop(0)
            assert row.get_positions() == pytest.approx(train)
            assert meaning(row) == color
            places.append(row.get_lineoffset())
        assert min(places) < at[kind] < max(places)
    assert rows == []


def test_each_spike_of_the_rain_makes_v_jump(notebook):
    names = notebook.namespace
    for kind, size in (("rain_E", 1), ("rain_I", -1.5)):
        current = names["jumps_of"](names[kind], size)
        jumps = current * 0.1 / NEURON.C
        assert jumps.sum() == pytest.approx(size * sum(map(len, names[kind])))
        first = np.flatnonzero(current)[0]
        V = lif.simulate(lif.MEMBRANE, names["rain_t"], current).V
        assert np.diff(V)[first] == pytest.approx(jumps[first], rel=0.01)
    assert names["rain_current"] == pytest.approx(
        names["jumps_of"](names["rain_E"], 1) + names["jumps_of"](names["rain_I"], -1.5)
    )


def band_of(ax):
    """The lower and the upper end of the grey band."""
    heights = [part.get_paths()[0].vertices[:, 1] for part in ax.collections]
    band = next(y for y in heights if len(y) > 2)
    return band.min(), band.max()


def test_theory_lies_on_the_simulation(notebook):
    curves = drawn(notebook, "draw_counts", 2, n=64, c=0.1)
    x, y = curves["theory"]
    assert y == pytest.approx([width(n, 0.1) for n in x])
    assert curves["simulated"][1] == pytest.approx(y, rel=0.1)
    assert curves["this n"][0] == 64
    curves = drawn(notebook, "draw_jumps", 2, r_E=4, r_I=1, a=0.2)
    y, x = curves["theory"]
    sigma_V = math.sqrt(10 * 5) * 0.2
    assert band_of(plt.gcf().axes[0]) == pytest.approx((-58 - sigma_V, -58 + sigma_V))
    z = (x + 70 - 20 * 3 * 0.2) / sigma_V
    assert y == pytest.approx(np.exp(-(z**2) / 2) / sigma_V / math.sqrt(2 * math.pi))
    _, ax = plt.subplots()
    notebook.namespace["draw_band"](ax, -60, 4, "band")
    (band,) = ax.collections
    y = band.get_paths()[0].vertices[:, 1]
    assert (y.min(), y.max()) == (-64, -56)
    _, axes = plt.subplots(2)
    notebook.namespace["draw_isi"](axes, 0.2, 4, 1)
    (dice,) = axes[1].get_lines()
    x, y = dice.get_data()
    assert y == pytest.approx(np.exp(-x))
    (bars,) = axes[1].patches
    assert bars.get_data().values.sum() * 0.1 == pytest.approx(1)
    spikes = [segment[0][0] for segment in axes[0].collections[0].get_segments()]
    expected = white(100_000, 0.2, 4, 1, 0.25).spike_times
    assert spikes == pytest.approx(expected[expected < 3000])
    _, ax = plt.subplots()
    notebook.namespace["draw_density"](ax, 0.15, 4, 1)
    assert ax.patches[0].get_data().values.sum() * 0.5 == pytest.approx(0.98, abs=0.02)
    often = lif.siegert_rate(NEURON, 0.26, 2, dt=0.1)
    _, ax_often = plt.subplots()
    notebook.namespace["draw_density"](ax_often, 0.26, 2, 1)
    shares = ax_often.patches[0].get_data().values * 0.5
    assert shares.sum() == pytest.approx(1 - often * 0.002, abs=0.004)
    curves = {line.get_label(): line.get_xydata().T for line in ax.get_lines()}
    x, y = curves["without threshold"]
    assert y.max() == pytest.approx(1 / 4 / math.sqrt(2 * math.pi), rel=1e-3)
    assert x[y.argmax()] == pytest.approx(-55, abs=0.11)
    curves = drawn(notebook, "draw_density", 1, I=0.2, sigma_V=3, seed=1)
    x, y = curves["without threshold"]
    assert y.max() == pytest.approx(1 / 3 / math.sqrt(2 * math.pi), rel=1e-3)
    assert x[y.argmax()] == pytest.approx(-50, abs=0.11)
    x, y = curves["theory: with threshold"]
    density = notebook.namespace["stationary_density"]
    assert y == pytest.approx(density(x, 0.2, 3))
    curves = drawn(notebook, "draw_ou", 2, held="std of I", tau=32, I=0.25, seed=2)
    V = slow(1000, 0.25, 6 * passes(32), 32, 2).V
    assert np.isin(V.round(6), curves["V"][1].round(6)).mean() > 0.999
    curves = drawn(notebook, "draw_sine", 2, sigma_V=5, seed=1)
    x, y = curves["theory: Siegert"]
    swing = 0.06 * GAIN * np.sin(2 * np.pi * 2 * x / 1000 + PHASE)
    assert y == pytest.approx(lif.siegert_rate(NEURON, 0.1 + swing, 5))
    axes = TEXT.axes(notebook, "explore-trials")
    recording = white(1000, 0.22, 0, 1)
    notebook.namespace["draw_raster"](axes, [recording.spike_times] * 20, 5)
    assert axes[1].patches[-1].get_data().values.max() == pytest.approx(200)


def test_listening_is_offered(notebook):
    for cell in ("explore-isi", "explore-firing"):
        explorer = notebook.explorers[cell]
        explorer.reset.click()
        assert explorer.listen.layout.visibility == "visible"


# ---- Exercises: wrong answers as a student comes to them -----------------------------

CURRENT = "def white_current(normal, dt, neuron, sigma_V):\n    return "
VARIATION = "def coefficient_of_variation(spike_times):\n    return "
MIX = 'answer_3 = {"mean": MEAN, "sigma_V": WIDTH}'
SLIP = "low, high = 0.5, 10.0\nfor _ in range(40):\n    middle = (low + high) / 2\n"
SLIP += "    if lif.siegert_rate(lif.Neuron(), 0.15, middle) < 5:\n"
SLIP += "        high = middle\n    else:\n        low = middle\nanswer_6 = high"
WRONG_VALUES = {
    1: {
        'answer_1 = {"mean": 800 * 5 * 5, "std": 800 * 0.025**0.5}': [
            "5 ms are 0.005 s",
            "not the standard deviations",
        ],
        'answer_1 = {"mean": 800 * 5, "std": 20}': ["in one second", "is the variance"],
        'answer_1 = {"mean": 800 * 5 * 0.02, "std": 0.025**0.5}': [
            "20 ms was the figure's",
            "for one input",
        ],
        'answer_1 = {"mean": 20, "std": (800 * 5 * 5) ** 0.5}': ["std: 5 ms are"],
        'answer_1 = {"mean": 20, "std": 1 / 20**0.5}': ["relative width"],
    },
    2: {
        "answer_2 = 1 + 19 * 0.2": ["this is the factor"],
        "answer_2 = 20 * (1 + 19 * 0.2)": ["divide by"],
        "answer_2 = 20 / (1 + 19 * 0.2) ** 0.5": ["under the root"],
        "answer_2 = 20 / (1 + 20 * 0.2)": ["n − 1 partners"],
        "answer_2 = 1 / 0.2": ["very many inputs"],
    },
    3: {
        MIX.replace("MEAN", "-70 + 20 * 0.5").replace("WIDTH", "10 * 7 * 0.5**2"): [
            "this is the mean itself",
            "is the variance",
        ],
        MIX.replace("MEAN", "20 * 7 * 0.5").replace("WIDTH", "(10 * 0.5**2) ** 0.5"): [
            "they take away",
            "variance of inhibition adds",
        ],
        MIX.replace("MEAN", "4 * 0.5 - 3 * 0.5").replace(
            "WIDTH", "(20 * 7 * 0.5**2) ** 0.5"
        ): ["multiply by τ_m", "factor of one half"],
        MIX.replace("MEAN", "10 * 0.5").replace("WIDTH", "(10 * 7) ** 0.5"): [
            "in the variance only",
            "the jumps are squared",
        ],
        MIX.replace("MEAN", "10").replace("WIDTH", "5.916"): ["factor of one half"],
        MIX.replace("MEAN", "10").replace("WIDTH", "10 ** 0.5 + 7.5 ** 0.5"): [
            "variances add"
        ],
    },
    4: {
        CURRENT + "sigma_V / neuron.R * normal": ["where is dt"],
        CURRENT + "sigma_V / neuron.R * normal * np.sqrt(dt / 2 / neuron.tau_m)": [
            "upside down"
        ],
        CURRENT + "sigma_V / neuron.R * normal * 2 * neuron.tau_m / dt": [
            "square root"
        ],
        CURRENT + "sigma_V / neuron.R * normal * np.sqrt(neuron.tau_m / dt)": [
            "factor of 2"
        ],
        CURRENT + "normal * np.sqrt(2 * neuron.tau_m / dt)": ["begin with `tempting`"],
        CURRENT + "sigma_V / 100 * normal * np.sqrt(2 * 20 / dt)": ["right at 2 of 3"],
    },
    5: {
        VARIATION + "np.std(spike_times) / np.mean(spike_times)": ["the spike times"],
        VARIATION + "np.mean(np.diff(spike_times)) / np.std(np.diff(spike_times))": [
            "upside down"
        ],
        VARIATION + "np.std(np.diff(spike_times))": ["divide it by the mean"],
        VARIATION + "np.var(np.diff(spike_times)) / np.mean(np.diff(spike_times))": [
            "take `np.std`"
        ],
        VARIATION
        + "(np.std(np.diff(spike_times)) / np.mean(np.diff(spike_times)))**2": [
            "this is CV²"
        ],
    },
    6: {
        "answer_6 = 2.798 * 2**0.5": ["factor of √2"],
        "answer_6 = 2.888": ["dt=0.1"],
        "answer_6 = 5": ["5 Hz is the rate"],
        SLIP: ["an end of your range"],
        "answer_6 = 5 / 2.798": ["this is the ratio"],
    },
    7: {
        "answer_7 = 0.5826 * 5 * np.sqrt(0.1 / 20)": ["factor of 2"],
        "answer_7 = 0.5826 * 5 * 2 * 0.1 / 20": ["square root"],
        "answer_7 = 0.5826 * np.sqrt(2 * 0.1 / 20)": ["multiply by sigma_V"],
        "answer_7 = 0.5826 * 5 * np.sqrt(20 / 0.1)": ["upside down"],
        "answer_7 = 0.5826 * 5 * np.sqrt(20 / 0.2)": ["upside down"],
        "answer_7 = 0.5826 * 5 * np.sqrt(2 * 20 / 0.1)": ["upside down"],
        "answer_7 = 5 * np.sqrt(2 * 0.1 / 20)": ["Chernoff's number"],
    },
    8: {
        "answer_8 = 100 * 0.06": ["very slow noise"],
        "answer_8 = 100 * 0.06 * 5 / 25": ["square root"],
        "answer_8 = 0.06 * np.sqrt(5 / 25)": ["multiply by R"],
        "answer_8 = 6 * np.sqrt(20 / 25)": ["noise on top"],
        "answer_8 = 6 * np.sqrt(5 / 20)": ["not τ_m alone"],
    },
    9: {
        'answer_9 = {"Fano": 14.4**0.5 / 40, "CV": 14.4 / 40}': [
            "here it is the variance",
            "CV is the root of F",
        ],
        'answer_9 = {"Fano": 40 / 14.4, "CV": 0.36**2}': [
            "upside down",
            "not its square",
        ],
        'answer_9 = {"Fano": 14.4 / 40**2, "CV": 14.4**0.5 / 40}': [
            "not by its square",
            "the CV is of the intervals",
        ],
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


def test_the_number_for_5_hz_is_siegerts():
    assert sigma_for(5, 0.15) == pytest.approx(2.7979, abs=0.00005)
    assert "    2.7979,\n" in TEXT.source("exercise-6-check")


# ---- The challenge -------------------------------------------------------------------


def test_the_challenge_is_met_by_its_solution_and_not_by_less(notebook, capsys):
    code = TEXT.solution("challenge")
    assert TEXT.verdict(notebook, "challenge", code, capsys).startswith("✓")
    for change, words in (
        ('clock = {"I": current_for(10.2, 4), "sigma_V": 4}', "less noise"),
        ('dice = {"I": current_for(10.5, 4), "sigma_V": 4}', "more noise"),
        ('clock = {"I": 0.3, "sigma_V": 1}', "look again at clock's rate"),
        ('dice = {"I": 0.1, "sigma_V": 4}', "look again at dice's rate"),
    ):
        answer = TEXT.verdict(notebook, "challenge", f"{code}\n{change}", capsys)
        assert answer.startswith("✗"), answer
        assert words in answer, answer
    check = TEXT.source("challenge-check")  # the goal is the one that is asked for
    assert '{"clock\'s rate": 10, "dice\'s rate": 10,' in check
    assert 'within={"clock\'s rate": 1, "dice\'s rate": 1}' in check
    assert "if first.cv < 0.45 else" in check
    assert "if second.cv > 0.75 else" in check
    untouched = TEXT.source("challenge-answer")
    assert TEXT.verdict(notebook, "challenge", untouched, capsys).startswith("○")


def test_the_challenges_goal_does_not_rest_on_the_noise(notebook):
    names = {"lif": lif, "np": np}
    exec(TEXT.solution("challenge"), names)
    clock, dice = names["clock"], names["dice"]
    assert 0.19 < clock["I"] < NEURON.rheobase  # "just below the threshold"
    assert dice["I"] < 0.1
    assert clock["sigma_V"] < dice["sigma_V"]
    for given in (clock, dice):
        siegert = lif.siegert_rate(NEURON, **given)
        assert 0.92 < lif.siegert_rate(NEURON, **given, dt=0.1) / siegert < 1
    for seed in SEEDS:
        clock = white(100_000, **names["clock"], seed=seed)
        dice = white(100_000, **names["dice"], seed=seed)
        assert clock.rate == pytest.approx(10, abs=1)
        assert dice.rate == pytest.approx(10, abs=1)
        assert clock.cv < 0.45
        assert dice.cv > 0.72  # a quarter of what the check simulates


def test_the_rate_alone_does_not_tell(notebook):
    """The opening neuron fires, below its rheobase in the mean."""
    mean = 20 * (24e-3 * 48 * 1 - 24e-3 * 16 * 1.5)
    assert mean < 20
    assert len(notebook.namespace["rain"].spike_times) >= 3


def test_the_settings_are_those_that_the_text_asks_for(notebook):
    """Each setting that a text names can be reached."""
    for cell, asked in {
        "explore-counts": [{"n": 1024}, {"c": 0.1}],
        "explore-firing": [{"I": 0.25, "sigma_V": 8}, {"I": 0.15, "sigma_V": 0}],
        "explore-isi": [{"I": 0.26, "sigma_V": 2}, {"I": 0.12, "sigma_V": 5}],
        "explore-trials": [{"frozen": 5, "private": 0}],
        "explore-ou": [{"held": "std of I", "I": 0.3}, {"I": 0.2}],
        "explore-sine": [{"sigma_V": 12}],
    }.items():
        for setting in asked:
            assert numbers_at(notebook.explorers[cell], **setting)


def test_pairs_of_noise_and_current_keep_their_order():
    """More noise never lowers the rate, at any mean current of the sliders."""
    currents = np.arange(0, 0.36, 0.01)
    rates = [lif.siegert_rate(NEURON, currents, s) for s in np.arange(0.5, 8.1, 0.5)]
    for less, more in itertools.pairwise(rates):
        assert (more >= less - 1e-9).all()
