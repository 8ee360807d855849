"""What notebook 01 says, recomputed: numbers, formulas, directions, hints, figures."""

import itertools
import math
import re
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
from claims import DIRECTION, Claims, drawn, grid, number, settings, sliders
from latex import compute, sides

import lif_helpers as lif
from notebooks import numbers_at, path_of

TEXT = Claims("01")
CELLS = TEXT.cells
NEURON = lif.Neuron()

GAS, FARADAY = 8.314462618, 96485.33212  # J/(mol K), C/mol (CODATA 2018)


def rt_over_f(celsius):
    """mV"""
    return 1000 * GAS * (celsius + 273.15) / FARADAY


def nernst(z, c_out, c_in):
    return rt_over_f(37) / z * math.log(c_out / c_in)


E_K, E_NA, E_CL = nernst(1, 5, 140), nernst(1, 145, 10), nernst(-1, 110, 10)
E_SQUID = round(rt_over_f(20), 2) * math.log(440 / 50)  # with the digits given
TAU_UNKNOWN = np.random.default_rng(7).uniform(8, 40)

pytestmark = pytest.mark.usefixtures("style")


@pytest.fixture
def notebook(runs):
    return runs(path_of("01"))


# ---- Numbers: whoever changes one must change it here, where it is computed ----------

# Of each cell the phrases that hold numbers. What is left of the cell has none.
SAID = {
    "title": ["# 1 · "],
    "about": ["Notebook 00", "(00_"],  # the minutes: a test of the anatomy
    "moves": ["From 50 to 250 ms"],
    "seen-first": [f"At {number(NEURON.rheobase, 2)} nA and below none"],
    "battery": [
        "R = 1/g",
        rf"\frac{{RT}}{{F}} = {number(rt_over_f(37), 2)}\ \text{{mV at 37 °C}}",
    ],
    "predict-ions": [f"At V = {number(NEURON.E_L)} mV"],
    "seen-ions": [
        "At −70 mV and 5 mM, K⁺ flows out",
        f"a driving force of about {number(round(-70 - E_NA, -1))} mV",
        f"its driving force is {number(-70 - E_CL)} mV",
        f"for K⁺ at {number(E_K)} mV",
        f"by {number(rt_over_f(37) * math.log(2), 1)} mV for each doubling",
    ],
    "exercise-1": [
        "**Exercise 1.**",
        "440 mM outside and 50 mM inside",
        f"at its 20 °C, RT/F is {number(rt_over_f(20), 2)} mV",
        "at V = −65 mV",
    ],
    "exercise-1-solution": [
        "E = 25.26 * np.log(440 / 50)",
        'answer_1 = {"E": E, "V - E": -65 - E, "effect": "depolarise"}',
        f"The logarithm of {440 / 50:g} is {number(math.log(440 / 50), 2)}",
        f"E is {number(E_SQUID, 2)} mV and V − E = {number(-65 - E_SQUID, 2)} mV",
    ],
    "exercise-2": [
        "**Exercise 2.**",
        "$g_K$ = 8 nS, $g_{Na}$ = 1 nS and $g_{Cl}$ = 1 nS",
    ],
    "exercise-2-solution": [
        f"answer_2 = (8 * {E_K:.1f} + 1 * {E_NA:.1f} + 1 * {E_CL:.1f}) / (8 + 1 + 1)",
        f"$E_L$ = {number((8 * E_K + E_NA + E_CL) / 10, 1)} mV",
    ],
    "predict-circuit": ["0.2 nA flow in", "V = −70 mV", "V = −50 mV"],
    "seen-circuit": [
        f"At {number(NEURON.E_L)} mV nothing leaks",
        f"At −50 mV {number((-50 - NEURON.E_L) / NEURON.R, 1)} nA leak out",
    ],
    "equation": [
        *(
            f"| {lif.PARAMETERS[name]['unit']} | `{name}` | {number(value)} |"
            for name, value in vars(NEURON).items()
        ),
        f"| nF | `C` | {NEURON.C:g} |",
        f"{1e-9 / 1e-12:.0f} pA for 1 nA",
        f"{1e-9 / 1e-12:.0f} pF for 1 nF",
        f"{1e-6 / 1e-9:.0f} nS for 1 µS",
    ],
    "leak": ["$dV/dt = 0$", "V_0 - V", "the goal of notebook 00"],
    "one-tau": [
        f"a factor 1/e of the distance is left, {number(100 / math.e)} %",
        f"So {number(100 - 100 / math.e)} % of the *change*",
    ],
    "area": [
        # 1 µF times 20 kΩ is 20 ms.
        f"about 1 µF and, in this course, 20 kΩ: again {1e-6 * 20e3 * 1000:g} ms",
        "starts at −50 mV",
    ],
    "exercise-3": ["**Exercise 3.**"],
    "exercise-3-solution": [
        "answer_3",
        "value = -70 + 20 / np.e",
        "63 % of the 20 mV",
        f"{number(20 / math.e, 1)} mV are left, at {number(-70 + 20 / math.e, 1)} mV",
        f"at {number(TAU_UNKNOWN)} ms",
    ],
    "spike": ["1. When", "2. Set", "3. Then"],
    "seen-spikes": [
        f"with $V_{{th}}$ = −50 mV this takes more than {NEURON.rheobase:g} nA"
    ],
    "exercise-4": [
        "**Exercise 4.**",
        f"leak conductance {1000 * lif.EXCITATORY.g_L:g} nS",
        f"capacitance {1000 * lif.EXCITATORY.C:g} pF",
        f"$E_L$ = {number(lif.EXCITATORY.E_L)} mV",
        f"$V_{{th}}$ = {number(lif.EXCITATORY.V_th)} mV",
    ],
    "exercise-4-solution": [
        f"g_L = {lif.EXCITATORY.g_L:g}  # µS",
        f"C = {lif.EXCITATORY.C:g}  # nF",
        'answer_4 = {"tau_m": C / g_L, "I": (-50 - (-70)) * g_L}',
        f"R = 1 / 0.025 µS = {1 / 0.025:g} MΩ",
        f"40 MΩ · 0.5 nF = {40 * 0.5:g} ms",
        f"more than 20 mV: 20 mV / 40 MΩ = {20 / 40:g} nA",
    ],
    "simulator": ["V_{k+1}", "notebook 00"],
    "exercise-5": ["**Exercise 5.**"],
    "exercise-6": ["**Exercise 6.**", "`t[k+1]`", "`t[k + 1]`", "notebook 00"],
    "exercise-7": ["**Exercise 7.**", "above 0, lower it by 1"],
    "factors": ["$1 - dt/"],
    "predict-euler": [f"τ_m is {NEURON.tau_m:g} ms", "at dt = 20 ms", "at 45 ms"],
    "seen-euler": [
        "Below 20 ms",
        "At 20 ms",
        "from 40 ms on",
        "above 40 ms",
    ],
    "exercise-8": ["**Exercise 8.**", "R = 50 MΩ and C = 0.2 nF"],
    "exercise-8-solution": [
        "answer_8 = 2 * 50 * 0.2",
        f"τ_m = {50 * 0.2:g} ms",
        f"1 − dt/τ_m is {number(1 - 2)} at twice",
    ],
    "convergence": [r"(2e\,"],
    "exact": ["V_{k+1}"],
    "summation": [f"C stays {NEURON.C:g} nF"],
    "predict-pulses": ["10 ms apart", "5 or 50 ms"],
    "seen-pulses": [
        f"by {0.8 * 25 * (1 - math.exp(-1 / 5)):.1f} to "
        f"{0.8 * 250 * (1 - math.exp(-1 / 50)):.0f} mV",
        "10 ms later",
    ],
    "exercise-9": ["**Exercise 9.**", "20 ms apart, and τ_m is 20 ms"],
    "exercise-9-solution": [
        "answer_9 = 1 + np.exp(-20 / 20)",
        f"a factor 1/e = {math.exp(-1):.2f} is left, and the second adds 1",
    ],
    "common-mistakes": [
        "to reach 63 % of the maximum",
        "time for 63 % of the *change*",
        f"From −50 to −70 mV this is at {number(-70 + 20 / math.e, 1)} mV",
        "300 in the place of 0.3 drives V towards nearly +30 000 mV",
    ],
    "challenge": [
        "at 100 ms and at 200 ms, each within 1 ms, with a charge of less than 10 pC"
    ],
    "challenge-solution": [
        "t = lif.time_grid(300)",
        "lif.step_current(t, 2.2, 98, 100)",
        "lif.step_current(t, 2.2, 198, 200)",
        f"{NEURON.C:g} nF · {NEURON.V_th - NEURON.E_L:g} mV = {0.2 * 20:g} pC",
        f"each pulse of {100 - 98} ms brings {2.2 * 2:g} pC",
    ],
    "next": ["Notebook 02", "(02_"],
}
SOURCES = {
    "Dayan and Abbott (2001)": "chapter 5",
    "Gerstner, Kistler, Naud and Paninski (2014)": "section 2.1",
    "Purves": "chapter 2",
    "Gentet, Stuart and Clements (2000)": "79:314–320",
    "section 1.3; with the refractory period": "section 5.4",
    "Lapicque (1907), translated by Brunel and van Rossum (2007)": "97:341–349",
    "Wang (2002)": "36:955–968",
}
DOIS = [
    "10.1016/S0006-3495(00)76293-X",
    "10.1007/s00422-007-0189-6",
    "10.1016/S0896-6273(02)01092-9",
]


def test_the_cells_say_what_comes_out():
    assert TEXT.missing(SAID) == {}


def test_no_number_is_said_without_being_computed():
    assert TEXT.unsaid(SAID, run=("exercise-6-solution", "exercise-7-solution")) == {}


# What is said in words about the sliders above it; the tests of the directions below
# show that it is so.
SENTENCES = {
    "seen-first": "With a weaker current V climbs more slowly, and the spikes stand "
    "further apart.",
    "driving-force": "A current through channels counts as positive when positive "
    "charge flows *out* of the cell. The injected current I counts as positive when it "
    "flows *in*. Positive charge that flows in **depolarises** the membrane: V rises. "
    "Positive charge that flows out **hyperpolarises** it: V falls.",
    "seen-ions": "K⁺ flows out. Na⁺ flows in, with a driving force of about −140 mV. "
    "Cl⁻ flows *out*: its driving force is −6 mV, the current inward, and the charge "
    "negative.",
    "seen-circuit": "The higher V, the more leaks out. At −50 mV 0.2 nA leak out: V "
    "stands still if as much flows in. Whatever I is, V rises below $E_L + R\\,I$ and "
    "falls above it.",
    "seen-step": "R takes V further from $E_L$, up or down, *and* makes it slower: it "
    "stands in $V_\\infty$ and in $\\tau_m$. C only makes it slower. I only sets how "
    "far V goes.\n\nThe slope at the first moment is I/C, whatever R is",
    "area": "C doubles, R halves, τ_m stays.",
    "seen-spikes": "A lower reset makes the way back up longer, and a longer "
    "refractory period the pause: the spikes stand further apart. The first spike "
    "stays where it is.",
    "seen-euler": "Below 20 ms the loop runs ahead of the true curve, since it follows "
    "each slope for too long. At 20 ms the first step lands on $V_\\infty$. Above, V "
    "zigzags, and from 40 ms on it never settles: above 40 ms each overshoot is larger "
    "than the one before, and V explodes.",
    "exact": "ten times smaller steps, ten times smaller error",
    "seen-pulses": "The slow membrane still remembers most of the first pulse when the "
    "second comes 10 ms later, and adds. The fast one has forgotten most of it. A slow "
    "membrane sums up; a fast one answers only to what comes together. Each further "
    "pulse adds less than the one before.",
    "summary": "The leak pulls V back to $E_L$, the input pushes it towards "
    "$E_L + R\\,I$, and V follows with the time constant $\\tau_m = R\\,C$.",
    "equation": "nA · MΩ = mV, MΩ · nF = ms, nA / mV = µS",
    "battery": "V pulls on its charge z",
}


@pytest.mark.parametrize("cell", SENTENCES)
def test_a_cell_says_what_the_tests_of_directions_show(cell):
    assert SENTENCES[cell] in CELLS[cell].source


# What else says a direction, by the test or the number that shows it.
ALSO_SHOWN = {
    # V is measured so in every model: a current into the cell lifts it.
    "moves": ["the voltage inside a neuron minus the voltage outside"],
    "seen-first": ["They do not get smaller"],  # test_spikes_are_all_alike
    "battery": [
        "The more are open, the higher are the membrane's",  # what the words mean
        "Pumps keep the concentrations inside and outside unequal",
        "it diffuses to where its kind is rarer",  # test_the_flow_of_each_ion
    ],
    "seen-ions": ["More K⁺ outside raises this E"],  # test_the_flow_of_each_ion
    "exercise-1-solution": [
        "the current is negative, positive charge flows in"
    ],  # test_nernst_and_driving_force
    "rest": ["add up to zero"],  # test_the_leak_potential_is_where_…
    "leak": [
        "The distance from there shrinks exponentially",  # test_charging_curve_…
        "as mV above $E_L$",  # test_every_line_follows_its_sliders
    ],
    # test_the_size_of_a_cell_does_not_change_tau
    "area": ["Twice the membrane holds twice the charge and has twice the channels"],
    "spike": ["V shoots up and falls back"],
    "seen-spikes": ["So $E_L + R\\,I$ must lie above it"],  # test_the_rule_at_…
    "exercise-4-solution": ["R I must make up"],
    "notice-dt": [  # test_what_the_cells_print
        "a large dt gives wrong numbers and no error",
        "if the result changes much, it was too large",
    ],
    "summation": ["A second pulse that comes soon starts higher"],  # test_pulses_add_up
    "summary": ["slow currents that tire a neuron"],
    "challenge": ["fire twice", "inward and outward current both count"],
    "challenge-solution": ["So be quick"],  # test_the_challenge_is_met_…
}


def test_no_direction_is_said_without_being_shown():
    assert TEXT.missing(ALSO_SHOWN) == {}
    assert TEXT.unshown(SAID, ALSO_SHOWN, SENTENCES) == {}


# The texts with numbers in the cells that check an answer.
SAID_BY_CHECKS = [
    "this is with 26.73 mV, at 37 °C; the squid is at 20 °C.",
    "E is positive here, and V − E is −65 minus E.",
    "ln is the natural logarithm, np.log; you used np.log10.",
    f"Nearly the {number(NEURON.E_L)} mV of this course; "
    f"{8 + 1 + 1} nS together are its {1 / 0.010:g} MΩ.",
    f"there {number(100 / math.e)} % of the change is done, and "
    f"{number(100 - 100 / math.e)} % are left.",
    "V is below this from the start: 63 % is a part of the change, not of V.",
    f"25 nS is not R: divide by R = 1 / {0.025 * 1000 * 1e-3:g} µS.",
    "there half of the change is done: this is the half-life, τ_m ln 2.",
    f"this is for R = {NEURON.R:g} MΩ; here R is 1 / 0.025 µS = {1 / 0.025:g} MΩ.",
    "V_th − E_L is −50 − (−70), which is positive.",
    "This current is called the rheobase. Notebook 02 begins with it.",
    f"this is for τ_m = {NEURON.tau_m:g} ms; this membrane has τ_m = R C.",
    "after one τ_m 63 % are gone, and 37 % are left.",
    "after one τ_m 63 % are gone; what is left, and what comes on top?",
    f"In a long train the sum goes on: 1 + 1/e + 1/e² + …, up to "
    f"{1 / (1 - math.exp(-1)):.2f}.",
    "10 pC or more; what is quick leaks less.",
    "t need not begin at 0: append `t[k + 1]`.",
]


def test_the_checks_say_what_comes_out():
    assert TEXT.said_by_checks() == set(SAID_BY_CHECKS)


# Those with directions and no numbers.
DIRECTIONS_BY_CHECKS = [
    "This inward current is what drives the upstroke of a real spike.",
    "the concentration outside stands on top of the fraction.",
    "V lies below E: sodium, which is positive, flows in.",
    "E of Na⁺ is positive.",
    "E of Cl⁻ is negative; its charge is in it already.",
    "this is E of K⁺ alone; the other two pull V up a little.",
    "this is the index of the sample; look up its time in t_unknown.",
    "upside down: τ_m = R C = C divided by the conductance.",
    "R I has to make up the distance: divide it by R.",
    "it finds no spike: is the rule inside the loop, with >=, `return` after it, and V "
    "reset at a spike only?",
    "it finds no spike: is the rule inside the loop, with >=, `return` after it, and "
    "the counter set at a spike only?",
    "The fastest process in a model decides how small dt has to be.",
    "they would add up fully only if nothing leaked in between.",
    "Short and strong: the leak has no time to take its part.",
]


def test_the_checks_say_the_directions_that_are_shown():
    answers = {"depolarise", "hyperpolarise"}
    said = TEXT.said_by_checks(DIRECTION) - set(SAID_BY_CHECKS) - answers
    assert said == set(DIRECTIONS_BY_CHECKS)
    assert -65 < E_SQUID  # V lies below E, and the current is inward
    assert -65 - E_SQUID < 0
    assert E_NA > 0 > E_CL
    assert (8 * E_K + E_NA + E_CL) / 10 > E_K  # the other two pull V up
    # Of two processes the fast one makes Euler's method explode: beyond twice its τ.
    for dt, explodes in ((9, False), (11, True)):
        factors = [abs(1 - dt / tau) for tau in (5, 20)]
        assert (max(factors) > 1) == explodes
        assert (factors[0] > 1) == explodes


def test_the_sources():
    text = CELLS["sources"].source
    assert TEXT.misplaced(SOURCES) == []
    assert TEXT.dois() == DOIS
    assert "exercise 4: Wang" in text
    assert "0.9 was measured by Gentet" in text


# ---- Formulas: what stands in the text is computed -----------------------------------


def test_nernst_and_driving_force():
    symbols = {"RT": 26.73, "zF": -1, "c_out": 110, "c_in": 10}
    assert TEXT.right_side("battery", **symbols) == pytest.approx(E_CL, rel=1e-3)
    assert TEXT.right_side("driving-force", g=0.002, V=-60, E=55) == pytest.approx(
        -0.23
    )


def test_the_leak_potential_is_where_the_currents_cancel():
    g = {"g_K": 8, "g_Na": 1.5, "g_Cl": 0.7}
    E = {"E_K": -89, "E_Na": 71, "E_Cl": -64}
    V = TEXT.right_side("rest", **g, **E)
    currents = [g[f"g_{ion}"] * (V - E[f"E_{ion}"]) for ion in ("K", "Na", "Cl")]
    assert sum(currents) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("neuron", [NEURON, lif.Neuron(tau_m=8, R=60, E_L=-65)])
@pytest.mark.parametrize(("V", "I"), [(-60, 0.15), (-75, -0.1), (-70, 0)])
def test_the_membrane_equation_in_each_of_its_forms(neuron, V, I):
    dt = 1e-4
    t = np.arange(3) * dt
    moved = lif.simulate(replace(neuron, V_th=math.inf), t, I, V0=V).V
    symbols = {"V": V, "I": I, "E_L": neuron.E_L, "R": neuron.R, "C": neuron.C}
    symbols |= {"tau_m": neuron.tau_m, "dVdt": (moved[1] - moved[0]) / dt}
    balance, membrane = TEXT.formulas("charge")[1], TEXT.formulas("equation")[0]
    for equation in (balance, membrane):
        left, right = (compute(side, **symbols) for side in sides(equation))
        assert left == pytest.approx(right, rel=1e-4, abs=1e-5)
    assert TEXT.right_side("charge", C=0.2, V=-70) == -14  # pC
    assert compute(sides(TEXT.formulas("equation")[1])[1], R=100, C=0.2) == 20
    symbols = {"V_k": V, "I_k": I, "E_L": neuron.E_L, "R": neuron.R}
    euler = TEXT.right_side("simulator", **symbols, tau_m=neuron.tau_m, dt=dt)
    assert euler == pytest.approx(moved[1], abs=1e-7)


def test_charging_curve_and_exact_step():
    for I, V_0, time in ((0.1, -70, 7), (-0.1, -60, 20), (0, -50, 33)):
        V_inf = TEXT.right_side("leak", 0, E_L=-70, R=100, I=I)
        V = TEXT.right_side("leak", 1, V_inf=V_inf, V_0=V_0, t=time, tau_m=20)
        exact = lif.charging_curve(lif.MEMBRANE, time, I, V0=V_0)
        assert V == pytest.approx(exact)
        step = TEXT.right_side("exact", V_inf=V_inf, V_k=V_0, dt=time, tau_m=20)
        assert step == pytest.approx(exact)


def test_the_factors_per_step(notebook):
    euler = notebook.namespace["euler"]
    assert TEXT.inline("factors", 0) == r"V_\infty"
    for dt in (0.5, 5, 20, 45):
        V = euler(lif.MEMBRANE, np.arange(4) * dt, 0.15)
        factor = (V[1] + 55) / (V[0] + 55)
        assert compute(TEXT.inline("factors", 1), dt=dt, tau_m=20) == pytest.approx(
            factor
        )
        exact = lif.charging_curve(lif.MEMBRANE, dt, 0.15)
        true = (exact + 55) / -15
        found = compute(TEXT.inline("factors", 2), dt=dt, tau_m=20)
        assert found == pytest.approx(true)


def test_the_error_of_eulers_method(notebook):
    formula = sides(TEXT.inline("convergence", 0))[1]
    euler = notebook.namespace["euler"]
    for dt, close in ((0.1, 0.01), (0.5, 0.02), (2, 0.06)):
        t = lif.time_grid(100, dt)
        exact = lif.charging_curve(lif.MEMBRANE, t, 0.15)
        error = np.abs(euler(lif.MEMBRANE, t, 0.15) - exact).max()
        said = compute(formula, R=100, I=0.15, dt=dt, tau_m=20)
        assert said == pytest.approx(error, rel=close)
    # "ten times smaller steps, ten times smaller error", and the alt text
    numbers = notebook.namespace["errors"]
    assert numbers[0] / numbers[2] == pytest.approx(10, rel=0.15)
    assert numbers[1] / numbers[3] == pytest.approx(10, rel=0.05)
    alt = CELLS["error-figure"].metadata["alt"]
    assert f"from {numbers[0]:.2f} mV at 5 ms to {numbers[3]:.3f} mV at 0.1 ms" in alt


# ---- Directions: on the whole range of the sliders -----------------------------------


def spikes_at(I, V_th=-50, V_reset=-75, t_ref=2, tau_m=20):
    neuron = lif.Neuron(tau_m=tau_m, V_th=V_th, V_reset=V_reset, t_ref=t_ref)
    t = lif.time_grid(300)
    return lif.simulate(neuron, t, lif.step_current(t, I, 50, 250)).spike_times


def test_a_weaker_current_sets_the_spikes_further_apart_until_they_end(notebook):
    explorer = notebook.explorers["explore-first"]
    currents = grid(explorer, "I", 10**6)
    assert currents[0] == 0
    assert currents[-1] == 0.5
    assert currents[1] == pytest.approx(0.01)
    trains = [spikes_at(I) for I in currents]
    for I, spikes in zip(currents, trains, strict=True):
        assert (len(spikes) > 0) == (I > 0.2 + 1e-9)
    for weak, strong in itertools.pairwise(trains):
        if len(weak) > 1:
            assert weak[1] - weak[0] > strong[1] - strong[0]
            assert len(weak) <= len(strong)
        if len(weak):
            assert weak[0] > strong[0]
    for I in (0, 0.2, 0.21, 0.5):
        assert numbers_at(explorer, I=I)["spikes"] == len(spikes_at(I))
    # However long one waits.
    assert len(lif.simulate(NEURON, lif.time_grid(10_000), 0.2).spike_times) == 0


def test_spikes_are_all_alike(notebook):
    """At each current that fires the neuron, the marks stand as high, and V too."""
    for I in (0.21, 0.25, 0.3, 0.5):
        curves = drawn(notebook, "draw_first", 2, I=I)
        marks = plt.gcf().axes[0].collections[0].get_segments()
        assert len(marks) == len(spikes_at(I))
        assert {(bottom, top) for (_, bottom), (_, top) in marks} == {(0.86, 0.97)}
        assert curves["V"][1].max() == pytest.approx(NEURON.V_th)


def test_the_flow_of_each_ion(notebook):
    explorer = notebook.explorers["explore-ions"]
    for ion, way, force in (
        ("K⁺", "out", -70 - E_K),
        ("Na⁺", "in", -70 - E_NA),
        ("Cl⁻", "out", -70 - E_CL),
    ):
        shown = numbers_at(explorer, ion=ion)
        assert shown["driving force"] == pytest.approx(force, abs=0.05)
        assert shown[f"net flow of {ion}"] == way
    assert "inward" in numbers_at(explorer, ion="Cl⁻")["current"]
    for setting in settings(explorer, 15)[::9]:
        z = {"K⁺": 1, "Na⁺": 1, "Cl⁻": -1}[setting["ion"]]
        E = {"K⁺": nernst(1, setting["K_out"], 140), "Na⁺": E_NA, "Cl⁻": E_CL}
        E = E[setting["ion"]]
        widget = explorer.sliders["V"]
        assert widget.min < E < widget.max  # the V where the flow ends can be reached
        shown = numbers_at(explorer, **setting)
        assert shown["E"] == pytest.approx(E, abs=0.05)
        way = shown[f"net flow of {setting['ion']}"]
        if abs(setting["V"] - E) > 1:
            assert way == ("out" if z * (setting["V"] - E) > 0 else "in")
    assert numbers_at(explorer, V=round(E_K))["net flow of K⁺"] == "none"
    # Without a voltage each goes to where its kind is rarer.
    for ion, way in (("K⁺", "out"), ("Na⁺", "in"), ("Cl⁻", "in")):
        assert numbers_at(explorer, ion=ion, V=0)[f"net flow of {ion}"] == way
    raised = [numbers_at(explorer, K_out=K)["E"] for K in (3, 5, 10, 20, 40)]
    assert (np.diff(raised) > 0).all()


def test_the_currents_of_the_circuit(notebook):
    explorer = notebook.explorers["explore-circuit"]
    assert explorer.sliders["I"].value == 0.2
    assert explorer.sliders["V"].value == -70
    before = -math.inf
    for setting in sorted(settings(explorer, 15)[::6], key=lambda values: values["V"]):
        V, I = setting["V"], setting["I"]
        shown = numbers_at(explorer, **setting)
        assert shown["leak"] == pytest.approx((V + 70) / 100)
        assert shown["leak"] >= before  # "the higher V, the more leaks out"
        before = shown["leak"]
        slope = shown["C dV/dt"] / 0.2
        assert slope == pytest.approx((-(V + 70) + 100 * I) / 20, abs=1e-9)
        # "V rises below E_L + R I and falls above it"
        assert np.sign(round(slope, 9)) == np.sign(round(-70 + 100 * I - V, 6))


def test_R_C_and_I_in_the_response_to_a_step(notebook):
    explorer = notebook.explorers["explore-step"]
    for setting in settings(explorer):
        I, R, C = setting["I"], setting["R"], setting["C"]
        start = lif.Neuron(tau_m=R * C, R=R, V_th=math.inf)
        V_inf = lif.charging_curve(start, 50 * start.tau_m, I)
        assert V_inf == pytest.approx(-70 + R * I)
        larger = lif.Neuron(tau_m=2 * R * C, R=2 * R, V_th=math.inf)
        slower = lif.Neuron(tau_m=R * 2 * C, R=R, V_th=math.inf)
        end = lif.charging_curve(larger, 50 * larger.tau_m, I)
        assert abs(end + 70) == pytest.approx(2 * abs(V_inf + 70), abs=1e-9)
        assert np.sign(end + 70).round(9) == pytest.approx(np.sign(V_inf + 70), abs=1)
        same = lif.charging_curve(slower, 50 * slower.tau_m, I)
        assert same == pytest.approx(V_inf)
        for neuron in (start, larger):
            slope = (lif.charging_curve(neuron, 1e-6, I) + 70) / 1e-6
            assert slope == pytest.approx(I / C, abs=1e-4)
        left = lif.charging_curve(start, start.tau_m, 0, V0=-50) + 70
        assert left / 20 == pytest.approx(1 / math.e)
    for setting in settings(explorer, 20)[::5]:
        shown = numbers_at(explorer, **setting)
        assert shown["V_∞"] == pytest.approx(-70 + setting["R"] * setting["I"])
        assert shown["τ_m"] == pytest.approx(setting["R"] * setting["C"])


def test_the_rule_at_each_setting(notebook):
    explorer = notebook.explorers["explore-spikes"]
    for setting in settings(explorer):
        spikes = spikes_at(**setting)
        end = -70 + 100 * setting["I"]
        if len(spikes):
            assert end > setting["V_th"]
        lower = spikes_at(**setting | {"V_reset": setting["V_reset"] - 5})
        longer = spikes_at(**setting | {"t_ref": setting["t_ref"] + 1})
        for changed in (lower, longer):
            assert len(changed) <= len(spikes)
            assert changed[:1] == pytest.approx(spikes[:1])
            if len(changed) > 1:
                assert changed[1] - changed[0] > spikes[1] - spikes[0]
    for setting in settings(explorer, 20)[::7]:
        shown = numbers_at(explorer, **setting)
        assert shown["spikes"] == len(spikes_at(**setting))
        assert shown["V_∞"] == pytest.approx(-70 + 100 * setting["I"])


def test_eulers_method_at_each_dt(notebook):
    explorer = notebook.explorers["explore-euler"]
    euler = notebook.namespace["euler"]
    for dt in grid(explorer, "dt", 10**6):
        t = np.arange(0, 200.001, dt)
        distance = euler(lif.MEMBRANE, t, 0.15) + 55
        exact = -15 * np.exp(-t / 20)
        if dt < 20:
            assert (distance[1:] > exact[1:]).all()
            assert (distance < 1e-9).all()
        if dt == 20:
            assert distance[1] == pytest.approx(0, abs=1e-12)
        if dt > 20:
            assert (np.diff(np.sign(distance.round(12)))[:2] != 0).all()
        sizes = np.abs(distance[:5])
        if dt == 40:
            assert sizes == pytest.approx([15] * len(sizes))
        if dt > 40:
            assert (np.diff(sizes) > 0).all()
        elif dt < 40:
            assert sizes[-1] < 15
    for dt in (0.5, 5, 20, 45):
        shown = numbers_at(explorer, dt=dt)
        assert shown["factor per step"] == pytest.approx(1 - dt / 20)


def peaks(pulses, distance, tau_m):
    """The height (mV) above E_L at the end of each pulse."""
    membrane = lif.Neuron(tau_m=tau_m, R=tau_m / 0.2, V_th=math.inf)
    t = lif.time_grid(150)
    starts = 10 + distance * np.arange(pulses)
    V = lif.simulate(membrane, t, lif.pulse_current(t, 0.8, starts, 1)).V
    return np.array([V[round(10 * (start + 1))] + 70 for start in starts])


def test_pulses_add_up(notebook):
    explorer = notebook.explorers["explore-pulses"]
    for setting in settings(explorer):
        found = peaks(int(setting["pulses"]), setting["distance"], setting["tau_m"])
        assert 3.6 < found[0] < 4.0
        assert (np.diff(found) > 0).all()
        assert (np.diff(found, n=2, prepend=0) < 0).all()  # each adds less
    for setting in settings(explorer, 20)[::6]:
        found = peaks(int(setting["pulses"]), setting["distance"], setting["tau_m"])
        shown = numbers_at(explorer, **setting)
        assert shown["one pulse"] == pytest.approx(found[0])
        assert shown["highest"] == pytest.approx(found.max())
    assert peaks(2, 10, 50)[1] > peaks(2, 10, 5)[1] + 2
    left = [(peaks(2, 10, tau) / peaks(1, 10, tau))[1] - 1 for tau in (50, 5)]
    assert left[0] > 0.75  # most is remembered
    assert left[1] < 0.25  # most is forgotten


def test_the_size_of_a_cell_does_not_change_tau():
    capacitance, resistance = 1.0, 20.0  # µF/cm², kΩ cm²
    for area in (1e-5, 2e-4, 1e-3):  # cm²
        C, R = 1000 * capacitance * area, resistance / area / 1000  # nF, MΩ
        assert R * C == pytest.approx(NEURON.tau_m)
        if area == 2e-4:
            assert pytest.approx((NEURON.R, NEURON.C)) == (R, C)


# ---- Printed and drawn ---------------------------------------------------------------


def test_what_the_cells_print(notebook):
    spikes = spikes_at(0.3).round(1)
    assert notebook.printed["lines-code"] == f"spikes at {spikes} ms\n"
    values = [f"{E:.1f} mV" for E in (E_K, E_NA, E_CL)]
    assert re.findall(r"-?\d+\.\d mV", notebook.printed["nernst"]) == values
    assert "C = 0.2 nF" in notebook.printed["neuron"]
    printed = notebook.printed["compare-dt"]
    fifth = [float(time) for time in re.findall(r"Euler ([\d.]+) ms", printed)]
    exact = lif.simulate(NEURON, lif.time_grid(300), 0.22).spike_times[4]
    assert re.findall(r"simulate ([\d.]+) ms", printed) == [f"{exact:.1f}"] * 3
    errors = np.abs(np.array(fifth) - exact)
    assert (np.diff(errors) < 0).all()
    assert errors[0] > 5
    assert errors[-1] < 0.5
    values = re.findall(r"(-\d+\.\d+) mV", notebook.printed["exact-step"])
    times = [5, 10, 15, 20, 20]
    assert values == [f"{-55 - 15 * math.exp(-time / 20):.3f}" for time in times]


FIGURES = {
    "explore-first": [
        ("", "V (mV)", (0, 300), (-80, -40)),
        ("time t (ms)", "I (nA)", (0, 300), (-0.05, 0.55)),
    ],
    "explore-step": [
        ("", "V (mV)", (0, 200), (-94, -26)),
        ("time t (ms)", "I (nA)", (0, 200), (-0.15, 0.25)),
    ],
    "explore-spikes": [
        ("", "V (mV)", (0, 300), (-92, -12)),
        ("time t (ms)", "I (nA)", (0, 300), (-0.05, 0.55)),
    ],
    "explore-euler": [("time t (ms)", "V (mV)", (-2, 202), (-94, -22))],
    "explore-pulses": [
        ("", "V (mV)", (0, 150), (-71, -54)),
        ("time t (ms)", "I (nA)", (0, 150), (-0.1, 1)),
    ],
    "unknown": [("time t (ms)", "V (mV)", (0, 100), (-72, -48))],
}


@pytest.mark.parametrize("cell", FIGURES)
def test_axes_have_their_quantity_and_unit(notebook, cell):
    assert TEXT.axes_said(notebook, cell) == FIGURES[cell]


SLIDERS = {  # label, default, low, high, step; or label and options
    "explore-first": {"I": ("I (nA)", 0.3, 0, 0.5, 0.01)},
    "explore-ions": {
        "ion": ("ion", ("K⁺", "Na⁺", "Cl⁻")),
        "V": ("V (mV)", -70, -110, 80, 1),
        "K_out": ("K⁺ out (mM)", 5, 3, 40, 1),
    },
    "explore-circuit": {
        "V": ("V (mV)", -70, -90, -40, 1),
        "I": ("I (nA)", 0.2, -0.1, 0.3, 0.01),
    },
    "explore-step": {
        "I": ("I (nA)", 0.1, -0.1, 0.2, 0.01),
        "R": ("R (MΩ)", 100, 20, 200, 5),
        "C": ("C (nF)", 0.2, 0.05, 0.5, 0.05),
    },
    "explore-spikes": {
        "I": ("I (nA)", 0.3, 0, 0.5, 0.01),
        "V_th": ("V_th (mV)", -50, -58, -40, 1),
        "V_reset": ("V_reset (mV)", -75, -90, -64, 1),
        "t_ref": ("t_ref (ms)", 2, 0, 20, 0.5),
    },
    "explore-euler": {"dt": ("dt (ms)", 5, 0.5, 45, 0.5)},
    "explore-pulses": {
        "pulses": ("pulses", (2, 4)),
        "distance": ("distance (ms)", 10, 2, 22, 1),
        "tau_m": ("τ_m (ms)", 20, 5, 50, 1),
    },
}


def test_sliders_have_their_quantity_unit_and_range(notebook):
    assert sliders(notebook) == SLIDERS


LINES = {
    "explore-first": f"I 0.30 nA · spikes {len(spikes_at(0.3))}",
    "explore-ions": f"E {number(E_K, 1)} mV · "
    f"driving force {number(-70 - E_K, 1)} mV · net flow of K⁺ out · "
    "current outward, positive",
    "explore-circuit": "I 0.200 nA · leak 0.000 nA · C dV/dt 0.200 nA · Q −14.0 pC",
    "explore-step": "V_∞ −60.0 mV · τ_m 20.0 ms",
    "explore-spikes": f"spikes {len(spikes_at(0.3))} · V_∞ −40.0 mV",
    "explore-euler": "largest error 0.77 mV · factor per step 0.750",
    "explore-pulses": f"one pulse {80 * (1 - math.exp(-1 / 20)):.2f} mV · "
    f"highest {80 * (1 - math.exp(-1 / 20)) * (1 + math.exp(-0.5)):.2f} mV above E_L",
}


@pytest.mark.parametrize("cell", LINES)
def test_the_numbers_of_a_figure_have_names_and_units(notebook, cell):
    notebook.explorers[cell].reset.click()
    assert LINES[cell] in notebook.explorers[cell].text.value


def test_theory_lies_on_the_simulation(notebook):
    for setting in ({"I": 0.2, "R": 200, "C": 0.5}, {"I": -0.1, "R": 40, "C": 0.1}):
        curves = drawn(notebook, "draw_step", 2, **setting)
        V = np.interp(curves["V"][0], *curves["theory: exponential"])
        assert curves["V"][1] == pytest.approx(V, abs=0.01)
        level = -70 + setting["R"] * setting["I"]
        assert curves["$V_∞$"][1] == pytest.approx(level)
    for setting in ({"pulses": 4, "distance": 2, "tau_m": 50},):
        curves = drawn(notebook, "draw_pulses", 2, **setting)
        V = np.interp(curves["V"][0], *curves["theory: sum of single pulses"])
        assert curves["V"][1] == pytest.approx(V, abs=0.01)
    setting = {"I": 0.3, "V_th": -50, "V_reset": -75, "t_ref": 2}
    x, y = drawn(notebook, "draw_spikes", 2, **setting)["theory: without the rule"]
    t = lif.time_grid(300)
    V = lif.simulate(lif.MEMBRANE, t, lif.step_current(t, 0.3, 50, 250)).V
    assert np.interp(t, x, y) == pytest.approx(V)
    assert TEXT.axes(notebook, "error-figure")[0].get_lines()[1].get_label() == (
        "theory: in proportion to dt"
    )
    (ax,) = TEXT.axes(notebook, "error-figure")
    assert ax.get_xlabel() == "dt (ms)"
    assert ax.get_ylabel() == "largest error (mV)"
    points, theory = ax.get_lines()[:2]
    assert theory.get_ydata() == pytest.approx(15 * theory.get_xdata() / (40 * math.e))
    assert points.get_ydata() == pytest.approx(notebook.namespace["errors"])
    trace = TEXT.axes(notebook, "unknown")[0].get_lines()[0]
    assert trace.get_label() == "V, measured"
    t, V = trace.get_data()
    assert pytest.approx(-70 + 20 * np.exp(-t / TAU_UNKNOWN)) == V
    curves = drawn(notebook, "draw_euler", 1, dt=5)
    x, y = curves["theory: exponential"]
    assert y == pytest.approx(-55 - 15 * np.exp(-x / 20))
    x, y = curves["Euler's method"]
    assert y == pytest.approx(-55 - 15 * 0.75 ** (x / 5))


def stepped(I, start, stop, duration):
    t = lif.time_grid(duration)
    return t, lif.step_current(t, I, start, stop)


def pulsed(pulses, distance, **_):
    t = lif.time_grid(150)
    return t, lif.pulse_current(t, 0.8, 10 + distance * np.arange(int(pulses)), 1)


# Of each drawing of a recording: the neuron, and its times and input, by setting.
DRAWN = {
    "first": (lambda I: NEURON, lambda I: stepped(I, 50, 250, 300)),
    "step": (
        lambda I, R, C: lif.Neuron(tau_m=R * C, R=R, V_th=math.inf),
        lambda I, **_: stepped(I, 20, 120, 200),
    ),
    "spikes": (
        lambda I, **rule: lif.Neuron(**rule),
        lambda I, **_: stepped(I, 50, 250, 300),
    ),
    "pulses": (
        lambda tau_m, **_: lif.Neuron(tau_m=tau_m, R=tau_m / 0.2, V_th=math.inf),
        pulsed,
    ),
}


def free_and_levels(name, setting):
    """Which theory a figure draws, and its levels by name, at a setting."""
    return {
        "first": (None, {}),
        "step": (
            "theory: exponential",
            {"$V_∞$": -70 + setting.get("R", 0) * setting.get("I", 0)},
        ),
        "spikes": (
            "theory: without the rule",
            {"$V_{reset}$": setting.get("V_reset")},
        ),
        "pulses": ("theory: sum of single pulses", {}),
    }[name]


@pytest.mark.parametrize("name", DRAWN)
def test_every_line_follows_its_sliders(notebook, name):
    """A line that is right at the default alone is wrong."""
    neuron_of, input_of = DRAWN[name]
    for setting in settings(notebook.explorers[f"explore-{name}"], 12)[-12:]:
        neuron, (t, I) = neuron_of(**setting), input_of(**setting)
        curves = drawn(notebook, f"draw_{name}", 2, **setting)
        upper = plt.gcf().axes[0]
        recording = lif.simulate(neuron, t, I)
        assert curves["current I"] == pytest.approx(np.array([t, I])), setting
        # At a spike the drawn line goes up and down, at the end of a rest it bends.
        ends = np.concatenate(
            [recording.spike_times, recording.spike_times + neuron.t_ref]
        )
        calm = np.abs(t[:, None] - ends).min(axis=1, initial=math.inf) > 0.15
        V = np.interp(t, *curves["V"])
        assert V[calm] == pytest.approx(recording.V[calm], abs=1e-6), setting
        theory, levels = free_and_levels(name, setting)
        if theory:
            free = lif.simulate(replace(neuron, V_th=math.inf), t, I).V
            y = np.interp(t, *curves[theory])
            assert y == pytest.approx(free, abs=1e-6), setting
        for label, level in levels.items():
            assert curves[label][1] == pytest.approx(level), setting
        if "V_th" in setting:
            (label,) = (text for text in upper.texts if "V_{th}" in text.get_text())
            assert label.get_position()[1] == setting["V_th"]
            assert [setting["V_th"]] * 2 in [list(y) for _, y in curves.values()]
        plt.close()


def test_every_line_of_eulers_method_follows_its_slider(notebook):
    for setting in settings(notebook.explorers["explore-euler"], 12)[-12:]:
        curves = drawn(notebook, "draw_euler", 1, **setting)
        x, y = curves["theory: exponential"]
        assert y == pytest.approx(-55 - 15 * np.exp(-x / 20)), setting
        x, y = curves["Euler's method"]
        steps = np.arange(len(x))
        assert x == pytest.approx(steps * setting["dt"]), setting
        assert y == pytest.approx(-55 - 15 * (1 - setting["dt"] / 20) ** steps), setting
        plt.close()


# ---- Exercises: wrong answers as a student comes to them -----------------------------


ANSWER_1 = 'answer_1 = {"E": E, "V - E": force, "effect": "EFFECT"}\n'
WRONG_VALUES = {
    1: {
        "E = 26.73 * np.log(440 / 50)\nforce = -65 - E\n"
        + ANSWER_1.replace("EFFECT", "depolarise"): ["E: this is with 26.73 mV"],
        "E = 25.26 * np.log(50 / 440)\nforce = -65 - E\n"
        + ANSWER_1.replace("EFFECT", "hyperpolarise"): [
            "on top of the fraction",
            "E is positive here",
            "V lies below E",
        ],
        "E = 25.26 * np.log10(440 / 50)\nforce = -65 - 26.73 * np.log(440 / 50)\n"
        + ANSWER_1.replace("EFFECT", "depolarise"): [
            "you used np.log10",
            "V - E: this is with 26.73 mV",
        ],
        "E = 25.26 * 440 / 50\nforce = 25.26 * np.log(440 / 50) + 65\n"
        + ANSWER_1.replace("EFFECT", "depolarise"): [
            "take the logarithm",
            "not E minus V",
        ],
    },
    2: {
        "answer_2 = (-89.1 + 71.5 - 64.1) / 3": ["plain mean"],
        "answer_2 = 8 * -89.1 + 71.5 - 64.1": ["sum of the three"],
        "answer_2 = 8 * -89.1 + 71.5 - 64.1 / 10": ["put it in brackets"],
        "answer_2 = (8 * -89.1 + 71.5 - 64.1) / 3": ["not by their number"],
        "answer_2 = (8 * -89.1 - 71.5 - 64.1) / 10": ["E of Na⁺ is positive"],
        "answer_2 = (8 * -89.1 + 71.5 + 64.1) / 10": ["E of Cl⁻ is negative"],
        "answer_2 = -89.1": ["E of K⁺ alone"],
    },
    3: {
        "answer_3 = np.argmax(V_unknown <= -70 + 20 / np.e)": ["index of the sample"],
        "answer_3 = -70 + 20 / np.e": ["when is it reached"],
        "answer_3 = lif.Neuron().tau_m": ["this membrane has another"],
        "answer_3 = t_unknown[np.argmax(V_unknown <= -50 - 0.37 * 20)]": ["37 %"],
        "answer_3 = t_unknown[np.argmax(V_unknown <= -60)]": ["half-life"],
        "answer_3 = t_unknown[np.argmax(V_unknown <= 0.63 * -70)]": ["not of V"],
    },
    4: {
        'answer_4 = {"tau_m": 500 * 25, "I": 20 / 100}': ["inverse", "R = 100 MΩ"],
        'answer_4 = {"tau_m": 0.5 * 0.025, "I": -50 / 40}': [
            "you multiplied",
            "only the distance",
        ],
        'answer_4 = {"tau_m": 0.02, "I": 20 * 40}': ["this is in s", "divide it by R"],
        'answer_4 = {"tau_m": ..., "I": 20 / 25}': ["25 nS is not R"],
        'answer_4 = {"tau_m": 0.025 / 0.5, "I": -20 / 40}': ["upside down", "positive"],
    },
    8: {
        "answer_8 = 50 * 0.2": ["it takes more to explode"],
        "answer_8 = 2 * 20": ["this membrane has"],
    },
    9: {
        "answer_9 = np.exp(-1)": ["comes on top"],
        "answer_9 = 1 + 0.63": ["37 % are left"],
        "answer_9 = 0.63": ["what comes on top"],
        "answer_9 = 2": ["nothing leaked"],
    },
}
STEP = "def euler_step(neuron, V, I, dt):\n    return "
WRONG_VALUES[5] = {
    STEP + "dt * (-(V - neuron.E_L) + neuron.R * I) / neuron.tau_m": ["add it to V"],
    STEP + "(-(V - neuron.E_L) + neuron.R * I) / neuron.tau_m": ["this is the slope"],
    STEP + "V + (-(V - neuron.E_L) + neuron.R * I) / neuron.tau_m": [
        "multiplied by dt"
    ],
    STEP + "V + dt * (-(V - neuron.E_L) + neuron.R * I)": ["divide by tau_m"],
    STEP + "V + dt * -(V - neuron.E_L) + neuron.R * I / neuron.tau_m": ["in brackets"],
    STEP + "V + dt * ((V - neuron.E_L) + neuron.R * I) / neuron.tau_m": ["pulls back"],
    STEP + "V + dt * (-V - neuron.E_L + neuron.R * I) / neuron.tau_m": [
        "whole bracket"
    ],
    STEP + "V + dt * (-(V - neuron.E_L) + I) / neuron.tau_m": ["multiplied by R"],
    STEP + "V + dt * (-(V + 70) + 100 * I) / 20": ["right at 1 of 2"],
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


CHANGES = {  # of the solutions of 6 and 7: (from, to, what is said)
    6: [
        ("V = neuron.V_reset", "V = neuron.E_L", "not to E_L"),
        ("            V = neuron.V_reset\n", "", "6808 numbers where 9 are right"),
        ("            V = neuron", "        V = neuron", "V reset at a spike only"),
        ("append(t[k + 1])", "append((k + 1) * dt)", "t need not begin at 0"),
        (">=", "==", "it finds no spike"),
        ("    return spike_times\n", "        return spike_times\n", "`return` after"),
        ("append(t[k + 1])", "append(k + 1)", "not the right ones"),
        ("V >= neuron.V_th", "V >= -50", "right at 1 of 2"),
        ("    return spike_times\n", "", "`return` is missing"),
        ("return spike_times", "return len(spike_times)", "this is one number"),
        ("return spike_times", "return ...", "not answered yet"),
        ("V = neuron.V_reset", "V = neuron.V_rest", "has no attribute"),
        (
            "        if V >= neuron.V_th:",
            "    if V >= neuron.V_th:",
            "1 number where 9",
        ),
    ],
    7: [
        ("rest = rest - 1", "pass", "it gives 1 number where"),
        ("rest = round(neuron.t_ref / dt)", "rest = 0", "does not rest"),
        ("rest = round(neuron.t_ref / dt)", "rest = neuron.t_ref", "too briefly"),
        ("rest = round(neuron.t_ref / dt)", "rest = round(2 / dt)", "right at 1 of 2"),
        ("V = neuron.V_reset", "V = neuron.E_L", "not to E_L"),
        (">=", "==", "it finds no spike"),
        ("            rest = round", "        rest = round", "set at a spike only"),
    ],
}


@pytest.mark.parametrize(
    ("exercise", "change"),
    [(exercise, change) for exercise, all_ in CHANGES.items() for change in all_],
)
def test_a_mistake_in_the_simulator_is_named(notebook, capsys, exercise, change):
    right, wrong, words = change
    code = TEXT.solution(exercise)
    assert right in code
    answer = TEXT.verdict(notebook, exercise, code.replace(right, wrong), capsys)
    assert words in answer, answer
    assert not answer.startswith("✓")


@pytest.mark.parametrize("exercise", [6, 7])
def test_other_right_simulators(notebook, capsys, exercise):
    code = TEXT.solution(exercise)
    for right, same in (
        ("append(t[k + 1])", "append(t[k])"),
        (">=", ">"),
        ("return spike_times", "return np.array(spike_times)"),
    ):
        answer = TEXT.verdict(notebook, exercise, code.replace(right, same), capsys)
        assert answer.startswith("✓"), answer


def test_the_reference_solution_is_the_courses_simulator():
    """The folded function is the solution of exercise 7 by another name."""
    course = CELLS["course-simulator"].source.split("\n", 1)[1].strip()
    assert course == TEXT.solution(7).strip().replace(
        "spikes_with_rest", "course_spikes"
    )


def test_what_notebook_00_does_not_teach_is_explained_where_it_first_stands():
    """A text with an f before it, and a print that goes on in its line."""
    open_cells = [
        cell.source
        for cell in CELLS.values()
        if cell.cell_type == "code"
        and not cell.metadata.get("jupyter", {}).get("source_hidden", False)
    ]
    for code, words in (('f"', "# After an f, what stands in {}"), ("end=", "# With")):
        first = next(source for source in open_cells if code in source)
        assert words in first.split(code)[0]


# ---- The challenge -------------------------------------------------------------------


def test_the_challenge_is_met_by_its_solution_and_not_by_less(notebook, capsys):
    def challenged(code):
        return TEXT.verdict(notebook, "challenge", code, capsys)

    code = TEXT.solution("challenge")
    assert challenged(code).startswith("✓")
    weak = "challenge_current = 0.3"
    slow = code.replace("2.2, 98, 100", "0.45, 88, 100").replace(
        "2.2, 198, 200", "0.45, 188, 200"
    )
    early = code.replace("98, 100", "95, 97")
    answer = challenged(weak)
    assert "number of spikes" in answer
    answer = challenged(slow)
    assert answer.startswith("✗")
    assert "leaks less" in answer
    answer = challenged(early)
    assert "look again at first spike" in answer
    untouched = challenged(CELLS["challenge-answer"].source)
    assert untouched.startswith("○")
    several = code.replace("first + second", "[first, second]")
    assert several != code
    assert "several currents: add them with +" in challenged(several)
    nothing = challenged("challenge_current = 0")
    assert nothing.startswith("✗")


def test_four_picocoulombs_take_the_membrane_to_its_threshold():
    t = lif.time_grid(10, 0.001)
    for charge, fires in ((3.99, False), (4.01, True)):
        I = lif.step_current(t, charge / 0.001, 5, 5.001)
        with pytest.warns(UserWarning, match="pA"):
            spikes = lif.simulate(NEURON, t, I).spike_times
        assert (len(spikes) > 0) == fires


def test_picoampere_for_nanoampere_warns():
    with pytest.warns(UserWarning, match="pA"):
        recording = lif.simulate(lif.MEMBRANE, lif.time_grid(400), 300)
    assert 29_000 < recording.V[-1] < 30_000
