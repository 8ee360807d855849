"""What notebook 02 says, recomputed: numbers, formulas, directions, hints, figures."""

import ast
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
import lif_notebook as nb
from notebooks import numbers_at, path_of

TEXT = Claims("02")
CELLS = TEXT.cells
NEURON = lif.Neuron()
NO_PAUSE = lif.Neuron(t_ref=0)
HIDDEN = nb.mystery_neuron(7).reveal()
RNG = np.random.default_rng(2)

pytestmark = pytest.mark.usefixtures("style")


@pytest.fixture
def notebook(runs):
    return runs(path_of("02"))


def rate(I, **parameters):
    return float(lif.fi_curve(lif.Neuron(**parameters), I))


def interval(neuron, I):
    """The formula once more, as it is written in the text."""
    V_inf = neuron.E_L + neuron.R * I
    way = math.log((V_inf - neuron.V_reset) / (V_inf - neuron.V_th))
    return neuron.t_ref + neuron.tau_m * way


def rates_above(neuron, currents):
    """The same for many currents above the rheobase, as rates (Hz)."""
    V_inf = neuron.E_L + neuron.R * currents
    way = np.log((V_inf - neuron.V_reset) / (V_inf - neuron.V_th))
    return 1000 / (neuron.t_ref + neuron.tau_m * way)


def slope(neuron, I, step=1e-5):
    """Hz/nA"""
    rise = lif.fi_curve(neuron, I + step) - lif.fi_curve(neuron, I - step)
    return float(rise) / (2 * step)


def by_euler(neuron, I, dt):
    """The rate (Hz) of Euler's method: spikes on the grid, t_ref in whole steps."""
    V, pause, times = neuron.V_reset, round(neuron.t_ref / dt), [0]
    for k in range(1, round(100 / dt)):
        if k <= times[-1] + pause:
            continue
        V += dt * (-(V - neuron.E_L) + neuron.R * I) / neuron.tau_m
        if V >= neuron.V_th:
            V = neuron.V_reset
            times.append(k)
    return 1000 / (dt * (times[2] - times[1]))


def a_neuron():
    """A neuron at random."""
    E_L = RNG.uniform(-80, -60)
    return lif.Neuron(
        tau_m=RNG.uniform(5, 50),
        R=RNG.uniform(20, 200),
        E_L=E_L,
        V_th=E_L + RNG.uniform(5, 25),
        V_reset=E_L - RNG.uniform(0, 15),
        t_ref=RNG.uniform(0, 10),
    )


# The current (nA) of 95 % of the ceiling: the climb is then t_ref / 19.
_X = math.exp(NEURON.t_ref / 19 / NEURON.tau_m)
NEAR_CEILING = ((_X * -50 + 75) / (_X - 1) + 70) / 100
# V_reset of the challenge's solution.
V_RESET = -49 - (-49 + 50) * math.exp((25 - 2) / 20)


# ---- Numbers: whoever changes one must change it here, where it is computed ----------

# Of each cell the phrases that hold numbers. What is left of the cell has none.
SAID = {
    "title": ["# 2 · "],
    "about": ["Notebook 01", "(01_"],
    "recall": [
        "notebook 01",
        "0.1 nA flow into a membrane with R = 100 MΩ and E_L = −70 mV",
        f"At E_L + R I = {number(-70 + 100 * 0.1)} mV",
        f"τ_m = {NEURON.tau_m:g} ms",
        f"At {number(-60 - 10 / math.e, 1)} mV: {100 - 100 / math.e:.0f} % of the "
        f"{100 * 0.1:.0f} mV",
    ],
    "predict-rheobase": [f"a rheobase of {NEURON.rheobase:g} nA"],
    "seen-rheobase": ["At 0.2 nA there is no spike", "at 0.201 nA, the neuron fires"],
    "wait": ["500 ms", "100 s"],
    "exercise-1": ["**Exercise 1.**", "E_L = −65 mV, V_th = −52 mV and R = 80 MΩ"],
    "exercise-1-solution": [
        "answer_1 = (-52 - (-65)) / 80",
        f"{-52 + 65} mV have to be overcome, and 13 mV / 80 MΩ = {13 / 80:.4f} nA",
    ],
    "exercise-2": ["**Exercise 2.**"],
    "exercise-3": [
        "**Exercise 3.**",
        "at 0.3 nA",
        f"(τ_m = {NEURON.tau_m:g} ms, R = {NEURON.R:g} MΩ, E_L = {number(NEURON.E_L)} "
        f"mV, V_th = {number(NEURON.V_th)} mV, V_reset = {number(NEURON.V_reset)} mV, "
        f"t_ref = {NEURON.t_ref:g} ms.)",
    ],
    "exercise-3-solution": [
        "answer_3 = 20 * np.log((-40 + 70) / (-40 + 50))",
        f"V_∞ is {number(-70 + 100 * 0.3)} mV",
        f"The climb from −70 to −50 mV takes 20 ms · ln {30 / 10:g} = "
        f"{20 * math.log(3):.0f} ms",
    ],
    "predict-intervals": [f"the latency plus {NEURON.t_ref:g} ms"],
    "seen-intervals": [
        f"At V_reset = E_L = {number(NEURON.E_L)} mV",
        f"the latency plus {NEURON.t_ref:g} ms",
    ],
    "fi": [r"\frac{1}{t_{ref}", f"multiply by {lif.MS_PER_S:.0f} ms/s", "(n − 1)"],
    "notice-rates": [
        f"{1000 / 100:.0f} Hz in 100 ms, {1000 / 1000:.0f} Hz in 1 s",
    ],
    "exercise-4": ["**Exercise 4.**", "at 0.4 nA"],
    "exercise-4-solution": [
        "answer_4 = 1000 / (2 + 20 * np.log(45 / 20))",
        f"V_∞ is {number(-70 + 40)} mV, {-30 + 75} mV above V_reset and {-30 + 50} mV "
        "above V_th",
        f"The interval is {interval(NEURON, 0.4):.1f} ms, the rate {rate(0.4):.1f} Hz",
        "`lif.fi_curve(lif.Neuron(), 0.4)`",
    ],
    "fi-text": ["let 20 neurons run"],
    "notice-fi": [
        f"the neuron fires at {rate(0.201):.0f} Hz already",
        f"$1/t_{{ref}}$, here {1000 / NEURON.t_ref:.0f} Hz",
        f"95 % of it takes {NEAR_CEILING:.1f} nA",
    ],
    "exercise-5": ["**Exercise 5.**"],
    "exercise-5-solution": ["answer_5"],
    "exercise-6": ["**Exercise 6.**", "at 0.4 nA"],
    "exercise-6-solution": ["answer_6"],
    "two-r": ["`lif.Neuron(R=200)`", f"its value at {NEURON.R:g} MΩ"],
    "predict-parameters": ["it leaves 0"],
    "seen-parameters": [
        f"150 in the place of {NEURON.R:g} MΩ adds "
        f"{rate(0.6, R=150) - rate(0.6):.0f} Hz at 0.6 nA",
        f"adds only {rate(0.6, R=150, tau_m=30) - rate(0.6):.0f} Hz there",
    ],
    "seen-fit": ["At 0 nA V stays", f"from {HIDDEN.rheobase:.2f} nA on"],
    "exercise-7": ["**Exercise 7.**"],
    "exercise-7-solution": [
        "weak = mystery.record(t_record, 0.1)",
        "weak.V[0]",
        "weak.V[-1]",
        f"E_L + {1 - 1 / math.e:.3f} * change",
        'answer_7 = {"E_L": E_L, "R": change / 0.1, ',
        f"0.1 nA does not fire this neuron. V begins at E_L and rises by R I; "
        f"{100 - 100 / math.e:.0f} % of it",
    ],
    "exercise-8": ["**Exercise 8.**"],
    "exercise-8-solution": [
        "strong = mystery.record(t_record, 0.8)",
        "strong.spike_times[:2]",
        "answer_8",
        '"t_ref": 0.02 * held.sum()',
        "0.8 nA makes it fire",
    ],
    "cost": [
        f"{NEURON.C:g} nF · {NEURON.V_th - NEURON.V_reset:g} mV = "
        f"{NEURON.C * (NEURON.V_th - NEURON.V_reset):g} pC",
        "A current of 1 nA brings 1 pC per ms",
        f"it would pay for {1000 / 5:.0f} spikes per second",
        "With $t_{ref} = 0$",
        r"\frac{1}{\underbrace",
    ],
    "predict-slope": ["t_ref is 0", "with t_ref = 2 ms"],
    "seen-slope": [
        f"With t_ref = 0 the slope falls from {slope(NO_PAUSE, 0.25):.0f} Hz/nA at "
        f"0.25 nA to {slope(NO_PAUSE, 9):.0f} Hz/nA",
        f"{9 * 200 - rate(9, t_ref=0):.0f} Hz below it",
        f"where {((-75 - 50) / 2 + 70) / 100:g} nA leak out",
        "any t_ref > 0 the slope goes on falling, towards 0: with 2 ms it is "
        f"{slope(NEURON, 3):.0f} Hz/nA at 3 nA",
    ],
    "deeper": ["notebook 01"],
    "predict-euler": ["at dt = 1 ms"],
    "seen-euler": [
        "At 1 ms the stairs",
        f"at 3 nA the interval of {interval(NEURON, 3):.1f} ms becomes "
        f"{1000 / by_euler(NEURON, 3, 1):.0f} ms, and {rate(3):.1f} Hz become "
        f"{by_euler(NEURON, 3, 1):.0f} Hz",
        f"at dt = 1.5 ms it lasts {1.5 * round(2 / 1.5):g} ms in the place of "
        f"{NEURON.t_ref:g}",
        f"At 0.1 ms the dots are on the curve, nearly: "
        f"{by_euler(NEURON, 3, 0.1):.0f} Hz at 3 nA",
    ],
    "exercise-9": [
        "**Exercise 9.**",
        f"With dt = 1 ms Euler's method gives {by_euler(NEURON, 3, 1):.0f} Hz at 3 nA",
    ],
    "exercise-9-solution": [
        "answer_9 = 1000 / (4 - 1)",
        f"{by_euler(NEURON, 3, 1):.0f} Hz is an interval of {1000 / 250:g} ms",
        f"is {4 - 1} ms: {1000 / 3:.1f} Hz",
    ],
    "common-mistakes": [
        "at 210 pA",
        "steps of 10 pA",
        "In 100 ms n/T knows only 0, 10, 20, … Hz",
    ],
    "summary": ["$1/t_{ref}$"],
    "challenge": [
        "at 40 Hz within 0.5 Hz",
        "later than 60 ms",
        f"At 40 Hz the interval is {1000 / 40:g} ms",
    ],
    "challenge-solution": [
        "V_inf = -70 + 100 * 0.21",
        "V_reset = V_inf - (V_inf + 50) * np.exp((25 - 2) / 20)",
        "challenge_current = 0.21",
        f"at 0.21 nA after {lif.latency(NEURON, 0.21):.1f} ms",
        f"It must take 25 − 2 = {25 - 2} ms",
        f"V_reset = {number(V_RESET, 1)} mV",
        f"Wang's (2002) model of a pyramidal cell, `lif.EXCITATORY`, resets to "
        f"{number(lif.EXCITATORY.V_reset)} mV and rests at "
        f"{number(lif.EXCITATORY.E_L)} mV",
    ],
    "next": ["Notebook 03", "(03_"],
}
SOURCES = {
    "Dayan and Abbott (2001)": "The interval and the f–I curve",
    "section 5.4": "*Theoretical Neuroscience*",
    "Lapicque (1907), translated by Brunel and van Rossum (2007)": "97:341–349",
    "Wang (2002)": "36:955–968",
    "Benda and Herz (2003)": "15:2523–2564",
}
DOIS = [
    "10.1007/s00422-007-0189-6",
    "10.1016/S0896-6273(02)01092-9",
    "10.1162/089976603322385063",
]


def test_the_cells_say_what_comes_out():
    assert TEXT.missing(SAID) == {}


def test_no_number_is_said_without_being_computed():
    assert TEXT.unsaid(SAID, run=["exercise-2-solution"]) == {}


def test_the_sources():
    text = CELLS["sources"].source
    assert TEXT.misplaced(SOURCES) == []
    assert TEXT.dois() == DOIS
    assert "Neuronal Dynamics" not in text  # section 1.3 has no f–I formula


# What is said in words about the sliders above it; the tests of the directions below
# show that it is so.
SENTENCES = {
    "enough": "The neuron fires only if the threshold lies before that end.",
    "seen-rheobase": "V comes ever closer to the threshold and never arrives. One step "
    "of the slider further, at 0.201 nA, the neuron fires, though late. Near the "
    "rheobase the last millivolts take most of the time.",
    "seen-intervals": "V_reset changes only the interval; the first spike knows "
    "nothing of it. At V_reset = E_L = −70 mV the interval is the latency plus 2 ms, "
    "the refractory period. A lower reset makes it longer. With a reset well above E_L "
    "the second spike can come sooner after the first than the first after the start.",
    "notice-rates": "n/T can be off by nearly one spike",
    "notice-fi": "the curve starts vertically: half a percent above the rheobase",
    "seen-parameters": "R, E_L and V_th move the foot. E_L shifts the whole curve and "
    "keeps its shape; R and V_th change the slope as well. τ_m, V_reset and t_ref "
    "leave the foot where it is: a slower membrane, a deeper reset and a longer "
    "refractory period lower the rate at every current above it.\n\nR at fixed τ_m "
    "stretches or squeezes the curve along I",
    "seen-fit": "At 0 nA V stays at E_L, and R and τ_m change nothing. A current too "
    "weak to fire the neuron, or a negative one, shows R by where V ends and τ_m by "
    "how fast it gets there; as long as your model does not fire either, the last "
    "three sliders do nothing. These three need spikes, from 0.24 nA on: V turns round "
    "at V_th, and is held at V_reset for t_ref.",
    "seen-slope": "the curve runs beside the dotted line, 15 Hz below it. This is what "
    "the leak costs: on average V is halfway between reset and threshold",
    "seen-euler": "The dots lie on stairs. At 1 ms the stairs are low at small rates, "
    "where one step is a small part of the interval, and high at large ones",
    "two-r": "When channels close, C stays, and τ_m grows with R. In code, "
    "`lif.Neuron(R=200)` keeps τ_m, so C shrinks",
    "exercise-9": "As I grows, the rate stays there for a while, then jumps.",
    "summary": "R, E_L and V_th move the rheobase; τ_m, V_reset and t_ref change only "
    "the rate.",
    "common-mistakes": "The first spike starts from E_L, the others from V_reset after "
    "a pause.",
}


@pytest.mark.parametrize("cell", SENTENCES)
def test_a_cell_says_what_the_tests_of_directions_show(cell):
    assert SENTENCES[cell] in CELLS[cell].source


# What else says a direction, by the test or the number that shows it.
ALSO_SHOWN = {
    "interval": [
        # Real neurons; test_the_dip_after_a_spike_is_V_reset
        "Many real neurons dip below rest after a spike",
        "$V_{reset}$ stands for its depth",
        "Then V climbs along the charging curve",  # test_rheobase_interval_latency_…
    ],
    # test_R_at_fixed_C_hardly_changes_…
    "two-r": ["a smaller cell with fewer open channels", "The buttons below choose"],
    "seen-parameters": ["the leak takes little of a strong current"],
    # test_what_each_current_shows_of_the_unknown_neuron
    "seen-fit": ["A small error of the interval adds up from spike to spike"],
    "exercise-7-solution": ["V begins at E_L and rises by R I"],
    "cost": ["the slope of the curve nears this value as I grows"],
    # test_the_slope_at_each_setting
    "seen-slope": ["the faster the neuron fires, the more of each second is lost"],
    # test_after_250_hz_eulers_rate_jumps
    "exercise-9-solution": ["The next shorter one is 3 ms"],
    "summary": [
        # test_rheobase_interval_latency_and_rate
        "An interval is the refractory period and a climb",
        # test_the_start_the_bend_and_the_ceiling_of_the_curve
        "starts vertically at the rheobase, then bends, and stays below the ceiling",
        # What the model leaves out
        "many real neurons fire fast at first and then more slowly",
    ],
    # test_the_challenge_needs_a_reset_above_rest_…
    "challenge-solution": [
        "Only a V_reset above E_L makes the next climb shorter",
        "the formula of the climb gives V_reset",
        "A reset above rest is no trick",
    ],
}


def test_no_direction_is_said_without_being_shown():
    assert TEXT.missing(ALSO_SHOWN) == {}
    assert TEXT.unshown(SAID, ALSO_SHOWN, SENTENCES) == {}
    assert lif.EXCITATORY.V_reset > lif.EXCITATORY.E_L  # "no trick"


def test_the_dip_after_a_spike_is_V_reset():
    V = lif.simulate(NEURON, lif.time_grid(100), 0.3).V
    assert V.min() == NEURON.V_reset < NEURON.E_L


# The texts with numbers in the cells that check an answer.
SAID_BY_CHECKS = {
    "V_th − E_L is −52 − (−65): minus times minus is plus.",
    f"`np.log` is the natural logarithm; you used `np.log{10}`.",
    "With V_reset at E_L and t_ref = 0 the latency would equal the interval.",
    f"This is a count in 500 ms; the formula gives {rate(0.4):.1f} Hz.",
    f"this is the interval in ms; the rate is {lif.MS_PER_S:.0f} divided by it.",
    f"this is the rate per ms; a second has {lif.MS_PER_S:.0f} ms.",
    f"a count in 100 ms can only be {math.floor(rate(0.4) / 10) * 10} or "
    f"{math.ceil(rate(0.4) / 10) * 10} Hz; use the formula.",
    "wait for 63 % of the change, not for half of it.",
    "here 37 % of the change are done; wait for 63 %.",
    "this is the default neuron's; when are 63 % of the change done?",
    "this is a number of samples; one sample lasts 0.02 ms.",
    f"this is {lif.MS_PER_S:.0f} divided by it; the time in ms is asked for.",
    f"this is the next one below: an interval of {1000 / 200:g} ms.",
    f"this is the ceiling, 1/t_ref; after {1000 / 250:g} ms comes an interval of "
    f"{1000 / 250 - 1:g} ms.",
    "this is the exact rate at 3 nA.",
    "it has to come later than 60 ms. Near the rheobase it is late.",
}


def test_the_checks_say_what_comes_out():
    assert TEXT.said_by_checks() == SAID_BY_CHECKS


# Those with directions and no numbers; the hints of exercises 5 and 6 are below.
DIRECTIONS_BY_CHECKS = {
    "upside down: mV divided by MΩ is nA.",  # test_a_likely_mistake_gets_its_hint
    "the larger distance, V_inf − V_reset, stands on top.",
    "this is the interspike interval; the first climb starts at E_L.",
    "the first climb starts at E_L, not at V_reset.",
    "this is the default neuron's; V rises by R I.",
    "upside down: V rises by R I, so divide the rise by I.",
    "this is a number of samples; look up its time in `t_record`.",
    "this is E_L, where V started; V goes lower after a spike.",
    "A jump of a third: with such a step no fast rate can be trusted.",
    "Only a reset above rest makes an interval shorter than the latency.",
}
# What exercises 5 and 6 say to each wrong word; test_the_tables_of_directions shows it.
WRONG_WORDS = {
    (5, "up"): {
        "tau_m": "it decides how fast V climbs, not where it ends",
        "R": "a larger resistance makes more millivolts of the same current",
        "E_L": "from a higher rest the way to the threshold is shorter",
        "V_reset": "before the first spike there is no reset",
        "t_ref": "before the first spike there is no refractory period",
    },
    (5, "down"): {
        "tau_m": "it decides how fast V climbs, and not where it ends",
        "V_th": "to a higher threshold the way is longer",
        "V_reset": "no spike, no reset",
        "t_ref": "no spike, no refractory period",
    },
    (5, "same"): {
        "R": "R stands in the rheobase: mV per nA",
        "E_L": "the way to the threshold starts at E_L",
        "V_th": "the way ends at V_th",
    },
    (6, "up"): {
        "tau_m": "a slower membrane climbs more slowly",
        "V_th": "to a higher threshold the climb takes longer",
        "t_ref": "it makes each interval longer",
    },
    (6, "down"): {
        "R": "a larger resistance takes V higher, so it is sooner at V_th",
        "E_L": "from a higher E_L the same current takes V higher",
        "V_reset": "from a higher reset the way up is shorter",
    },
    (6, "same"): {
        "tau_m": "it stands in the interval, before the logarithm",
        "R": "R stands in V_∞, and so in the interval",
        "E_L": "E_L stands in V_∞, and so in the interval",
        "V_th": "the climb ends at V_th",
        "V_reset": "the climb starts at V_reset",
        "t_ref": "it is part of each interval",
    },
}


def test_the_checks_say_the_directions_that_are_shown():
    hints = {f"{hint}." for hints in WRONG_WORDS.values() for hint in hints.values()}
    said = TEXT.said_by_checks(DIRECTION) - SAID_BY_CHECKS - {"up", "down", "same"}
    assert said - hints == DIRECTIONS_BY_CHECKS


@pytest.mark.parametrize(("exercise", "word"), WRONG_WORDS)
def test_each_wrong_word_gets_its_hint(notebook, capsys, exercise, word):
    code = f"answer_{exercise} = dict.fromkeys({list(lif.PARAMETERS)}, {word!r})"
    answer = TEXT.verdict(notebook, exercise, code, capsys)
    hints = WRONG_WORDS[exercise, word]
    assert set(hints) == {n for n, right in answers(exercise).items() if right != word}
    said = "; ".join(f"at {name}: {hint}" for name, hint in hints.items())
    assert answer.strip().endswith(f"look again {said}."), answer


# What a right answer is told, by the test that shows it.
INSIGHTS = {
    "1": "The rheobase contains neither tau_m nor V_reset nor t_ref.",
    "2": "All other numbers of this notebook follow from this line.",
    "3": "With V_reset at E_L and t_ref = 0 the latency would equal the interval.",
    "4": "Twice the rheobase; yet τ_m, V_reset and t_ref decide on the rate, too.",
    "5": "Only the three parameters of (V_th − E_L)/R move the rheobase.",
    "6": "All six change the rate; three of them without touching the rheobase.",
    "7": "ΔV / I is what experimenters call the input resistance.",
    "8": "You know the neuron now as well as `mystery.reveal()` does.",
    "9": "A jump of a third: with such a step no fast rate can be trusted.",
    "challenge": "Only a reset above rest makes an interval shorter than the latency.",
}


def test_the_insights_say_what_is_shown():
    found = {
        call.args[0].value: keyword.value.value
        for name, cell in CELLS.items()
        if name.endswith("-check")
        for call in ast.walk(ast.parse(cell.source))
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "insight"
    }
    assert found == INSIGHTS
    by_rheobase, by_rate = answers(5), answers(6)
    unmoved = {name for name, way in by_rheobase.items() if way == "same"}
    assert unmoved == {"tau_m", "V_reset", "t_ref"}
    assert "same" not in by_rate.values()
    like = lif.Neuron(V_reset=NEURON.E_L, t_ref=0)
    assert interval(like, 0.3) == pytest.approx(lif.latency(like, 0.3))
    assert NEURON.rheobase * 2 == 0.4
    assert (1000 / 3) / by_euler(NEURON, 3, 1) == pytest.approx(1 + 1 / 3)


# ---- Formulas: what stands in the text is computed -----------------------------------


NEURONS = [NEURON, lif.Neuron(tau_m=8, R=60, E_L=-65, V_th=-52, V_reset=-71, t_ref=4)]


def symbols(neuron, I):
    V_inf = neuron.E_L + neuron.R * I
    return {name: getattr(neuron, name) for name in lif.PARAMETERS} | {"V_inf": V_inf}


@pytest.mark.parametrize("neuron", NEURONS)
@pytest.mark.parametrize("I", [0.3, 0.9])
def test_rheobase_interval_latency_and_rate(neuron, I):
    given = symbols(neuron, I)
    assert compute(sides(TEXT.inline("enough", 0))[1], I=I, **given) == given["V_inf"]
    assert TEXT.right_side("enough", **given) == pytest.approx(neuron.rheobase)
    t = lif.time_grid(400)
    spikes = lif.simulate(neuron, t, I).spike_times
    climb = np.diff(spikes)[0] - neuron.t_ref
    V = TEXT.right_side("interval", 0, t=climb, **given)
    assert pytest.approx(neuron.V_th) == V
    left, right = TEXT.formulas("interval")[1].split(r"\quad\Rightarrow\quad")
    left, right = compute(sides(left)[1], **given), compute(sides(right)[1], **given)
    assert left == pytest.approx(math.exp(-climb / neuron.tau_m))
    assert right == pytest.approx(climb)
    found = TEXT.right_side("interval", 2, **given)
    assert found == pytest.approx(interval(neuron, I))
    assert found == pytest.approx(np.diff(spikes)[0])
    assert TEXT.right_side("latency", **given) == pytest.approx(spikes[0])
    f = 1000 * TEXT.right_side("fi", **given)
    assert f == pytest.approx(1000 / np.diff(spikes)[0])
    assert f == pytest.approx(lif.fi_curve(neuron, I))
    assert compute(TEXT.inline("notice-fi", 0), **given) == 1 / neuron.t_ref
    assert compute(TEXT.inline("summary", 0), **given) == neuron.rheobase


def test_the_words_below_the_braces():
    found = {
        cell: re.findall(r"\}_\{\\text\{(.+?)\}\}", text)
        for cell, text in TEXT.texts().items()
        if r"\underbrace" in text
    }
    assert found == {
        "enough": ["rheobase", "way to the threshold", "mV per nA"],
        "interval": ["held", "climb"],
        "cost": ["charge per spike"],
    }
    assert lif.PARAMETERS["R"]["unit"] == "MΩ"  # mV per nA


def test_the_slope_tends_to_one_spike_for_each_charge():
    for neuron in NEURONS:
        free = replace(neuron, t_ref=0)
        given = symbols(neuron, 1) | {"C": neuron.C}
        limit = 1000 * compute(TEXT.formulas("cost")[0].split(r"\to")[1], **given)
        assert slope(free, 9, 1e-3) == pytest.approx(limit, rel=1e-3)
        charge = compute(sides(TEXT.inline("cost", 0))[1], **given)
        assert charge == pytest.approx(1000 / limit)
        assert slope(neuron, 9, 1e-3) < 0.2 * limit


# ---- Directions: on the whole range of the sliders -----------------------------------


def test_near_the_rheobase(notebook):
    explorer = notebook.explorers["explore-rheobase"]
    t = lif.time_grid(500)
    latencies = []
    for I in grid(explorer, "I", 10**6):
        recording = lif.simulate(NEURON, t, I)
        assert (len(recording.spike_times) > 0) == (I > 0.2 + 1e-9)
        if I > 0.2 + 1e-9:
            latencies.append(recording.spike_times[0])
        else:
            assert recording.V.max() < -50
            assert (np.diff(recording.V) >= 0).all()
    assert (np.diff(latencies) < 0).all()
    assert latencies[0] > 100  # "though late"
    last_millivolts = lif.latency(NEURON, 0.201, V0=-52)
    assert last_millivolts > 0.5 * latencies[0]
    for I in (0.17, 0.2, 0.201, 0.23):
        recording = lif.simulate(NEURON, t, I)
        shown = numbers_at(explorer, I=I)
        assert shown["I / rheobase"] == pytest.approx(I / 0.2)
        assert shown["spikes"] == len(recording.spike_times)
        first = recording.spike_times[0] if I > 0.2 else "none"
        assert shown["first spike"] == first
    printed = notebook.printed["forever"]
    assert printed == (
        "1 × rheobase: 0 spikes in 100 s\n1.0001 × rheobase: 524 spikes in 100 s\n"
    )


def test_a_neuron_fires_only_above_its_rheobase():
    for _ in range(50):
        neuron = a_neuron()
        for factor, fires in ((0.999, False), (1.001, True)):
            V_inf = neuron.E_L + neuron.R * factor * neuron.rheobase
            assert (V_inf > neuron.V_th) == fires
            t = lif.time_grid(2000)
            recording = lif.simulate(neuron, t, factor * neuron.rheobase)
            assert (len(recording.spike_times) > 0) == fires


def test_latency_and_interval_at_each_setting(notebook):
    explorer = notebook.explorers["explore-intervals"]
    for setting in settings(explorer):
        I, V_reset = setting["I"], setting["V_reset"]
        neuron = lif.Neuron(V_reset=V_reset)
        spikes = lif.simulate(neuron, lif.time_grid(400), I).spike_times
        latency, found = spikes[0], spikes[1] - spikes[0]
        assert latency == pytest.approx(lif.latency(NEURON, I))
        if V_reset == -70:
            assert found == pytest.approx(latency + 2)
        else:
            assert (found > latency + 2) == (V_reset < -70)
        lower = interval(lif.Neuron(V_reset=V_reset - 1), I)
        assert lower > found
    for I in grid(explorer, "I", 10**6):  # "well above E_L"
        assert interval(lif.Neuron(V_reset=-61), I) < lif.latency(NEURON, I)
    for setting in settings(explorer, 20)[::9]:
        neuron = lif.Neuron(V_reset=setting["V_reset"])
        shown = numbers_at(explorer, **setting)
        assert shown["latency"] == pytest.approx(lif.latency(neuron, setting["I"]))
        assert shown["interval"] == pytest.approx(interval(neuron, setting["I"]))


def test_rates_counted_and_from_intervals(notebook):
    printed = notebook.printed["two-rates"]
    for T in (100, 1000, 10_000):
        recording = lif.simulate(NEURON, lif.time_grid(T), 0.3)
        n, spikes = len(recording.spike_times), recording.spike_times
        exact = 1000 * (n - 1) / (spikes[-1] - spikes[0])
        assert exact == pytest.approx(rate(0.3))
        assert f"{T} ms: n/T = {1000 * n / T:.1f} Hz" in printed
        assert f", by intervals {exact:.1f} Hz" in printed
        for I in np.arange(0.21, 1, 0.01):
            counted = lif.simulate(NEURON, lif.time_grid(T), I).rate
            assert abs(counted - rate(I)) < 1000 / T
            assert counted * T / 1000 == pytest.approx(round(counted * T / 1000))
    assert printed.endswith(f"formula: {rate(0.3):.1f} Hz\n")


def test_the_start_the_bend_and_the_ceiling_of_the_curve(notebook):
    assert slope(NEURON, 0.2 + 1e-6, 1e-8) > 1e5  # "starts vertically"
    assert 0.201 / NEURON.rheobase == pytest.approx(1.005)
    for neuron in (NEURON, *(a_neuron() for _ in range(30))):
        currents = neuron.rheobase * np.geomspace(1.01, 60, 60)
        rates = lif.fi_curve(neuron, currents)
        assert (rates < 1000 / neuron.t_ref).all()
        slopes = np.diff(rates) / np.diff(currents)
        assert (np.diff(slopes) < 1e-6 * slopes[0]).all()  # it bends down
    assert rate(NEAR_CEILING) == pytest.approx(0.95 * 500)
    assert NEURON.R * NEAR_CEILING > 4000  # mV: no neuron would survive it
    printed = [
        float(x) for x in re.findall(r"[\d.]+", notebook.printed["fi-simulated"])
    ]
    currents = np.linspace(0.05, 1, 20)
    assert printed == pytest.approx(lif.fi_curve(NEURON, currents), abs=0.5)


def test_the_slope_at_each_setting(notebook):
    explorer = notebook.explorers["explore-slope"]
    currents = grid(explorer, "I", 10**6)
    for t_ref in grid(explorer, "t_ref", 10**6):
        neuron = lif.Neuron(t_ref=t_ref)
        slopes = [slope(neuron, I) for I in currents]
        assert (np.diff(slopes) < 0).all()
        lost = lif.fi_curve(neuron, currents) * t_ref
        assert (np.diff(lost) > 0).all() or t_ref == 0
        if t_ref == 0:
            assert slopes[-1] == pytest.approx(200, abs=0.5)
            assert min(slopes) > 200
            for I in (1, 2, 3):
                assert 200 * I - rate(I, t_ref=0) == pytest.approx(15, abs=1.5)
        else:
            assert slopes[-1] < 0.5 * 200
            assert slope(neuron, 90, 1e-3) < 1  # towards 0
    # "On average V is halfway between reset and threshold": of a strong current
    V = lif.simulate(NO_PAUSE, lif.time_grid(50, 0.001), 3).V
    assert (V.mean() + 70) / 100 == pytest.approx(0.075, abs=0.01)
    for setting in settings(explorer, 20)[::7]:
        neuron = lif.Neuron(t_ref=setting["t_ref"])
        shown = numbers_at(explorer, **setting)
        assert shown["rate"] == pytest.approx(lif.fi_curve(neuron, setting["I"]))
        assert shown["slope"] == pytest.approx(slope(neuron, setting["I"]), rel=1e-4)


def neuron_at(setting):
    """The neuron, and its current, of a setting of the figure of all parameters."""
    values = {name: setting[name] for name in lif.PARAMETERS}
    if setting["fixed"] == "C":
        values["tau_m"] *= values["R"] / 100
    return lif.Neuron(**values), setting["I"]


def test_what_each_parameter_does_at_each_setting(notebook):
    explorer = notebook.explorers["explore-parameters"]
    above = np.linspace(1.02, 3, 7)
    for setting in settings(explorer):
        neuron, _ = neuron_at(setting)
        foot = neuron.rheobase
        currents = above * foot
        rates = rates_above(neuron, currents)
        # "leave the foot where it is", "lower the rate at every current above it"
        for name, change in (("tau_m", 2), ("V_reset", -2), ("t_ref", 1)):
            other = replace(neuron, **{name: getattr(neuron, name) + change})
            assert other.rheobase == foot
            assert (rates_above(other, currents) < rates).all()
        for name, change in (("R", -5), ("E_L", -1), ("V_th", 1)):
            other = replace(neuron, **{name: getattr(neuron, name) + change})
            assert other.rheobase > foot
        # E_L is a shift; R at a fixed tau_m is a change of scale
        other = replace(neuron, E_L=neuron.E_L + 1)
        shifted = rates_above(other, currents - 1 / neuron.R)
        assert np.allclose(shifted, rates, rtol=1e-6)
        other = replace(neuron, R=1.1 * neuron.R)
        scaled = rates_above(other, currents / 1.1)
        assert np.allclose(scaled, rates, rtol=1e-6)
        # V_th and R (at fixed C, too) change the slope at the same height over the foot
        for other in (
            replace(neuron, V_th=neuron.V_th + 1),
            replace(neuron, R=1.1 * neuron.R),
            replace(neuron, R=1.1 * neuron.R, tau_m=1.1 * neuron.tau_m),
        ):
            beyond = foot * (above - 1)
            moved = rates_above(other, other.rheobase + beyond)
            assert np.abs(moved / rates - 1).max() > 1e-3
    seen = settings(explorer, 20)
    for setting in [
        *seen[::150],
        *(seen[0] | {"R": R, "fixed": "C"} for R in (50, 150)),
    ]:
        neuron, I = neuron_at(setting)
        shown = numbers_at(explorer, **setting)
        assert shown["rheobase"] == pytest.approx(neuron.rheobase)
        assert shown["rate"] == pytest.approx(lif.fi_curve(neuron, I))
        assert shown["τ_m"] == pytest.approx(neuron.tau_m)
        assert shown["C"] == pytest.approx(neuron.C)
        if setting["fixed"] == "C":
            assert neuron.C == pytest.approx(setting["tau_m"] / 100)
        else:
            assert neuron.tau_m == setting["tau_m"]


def test_R_at_fixed_C_hardly_changes_the_rate_of_a_strong_current():
    """ "Charging the same C over the same way takes the same charge"."""
    at_tau, at_C = ({"R": 150}, {"R": 150, "tau_m": 30})
    assert lif.Neuron(**at_C).C == pytest.approx(NEURON.C)
    assert lif.Neuron(R=200).tau_m == NEURON.tau_m
    assert lif.Neuron(R=200).C == NEURON.C / 2
    for I in (0.6, 1, 3):
        assert abs(rate(I, **at_C) - rate(I)) < 0.06 * rate(I)
        assert rate(I, **at_tau) - rate(I) > 7 * (rate(I, **at_C) - rate(I))


DIRECTIONS = {1: "up", 0: "same", -1: "down"}


def answers(exercise):
    names = {}
    exec(TEXT.solution(exercise), names)
    return names[f"answer_{exercise}"]


def test_the_tables_of_directions():
    for neuron in (NEURON, *(a_neuron() for _ in range(20))):
        for name, right in answers(5).items():
            larger = replace(neuron, **{name: getattr(neuron, name) + 0.5})
            way = np.sign(round(larger.rheobase - neuron.rheobase, 9))
            assert DIRECTIONS[int(way)] == right, name
    for name, right in answers(6).items():
        for size in (0.1, 0.5, 2):
            larger = {name: getattr(NEURON, name) + size}
            assert DIRECTIONS[int(np.sign(rate(0.4, **larger) - rate(0.4)))] == right


def test_what_each_current_shows_of_the_unknown_neuron(notebook):
    explorer = notebook.explorers["explore-fit"]
    t = lif.time_grid(150)
    for setting in settings(explorer):
        values = {name: setting[name] for name in lif.PARAMETERS}
        model = lif.simulate(lif.Neuron(**values), t, setting["I"])
        recorded = lif.simulate(HIDDEN, t, setting["I"])
        assert (len(recorded.spike_times) > 0) == (setting["I"] > 0.235)
        silent = lif.simulate(lif.Neuron(**values), t, 0)
        assert (silent.V == values["E_L"]).all()
        if len(model.spike_times) == 0:
            others = values | {"V_reset": -80, "t_ref": 7, "V_th": values["V_th"] + 1}
            same = lif.simulate(lif.Neuron(**others), t, setting["I"])
            assert (same.V == model.V).all()
        elif len(model.spike_times) > 1:
            assert model.V.min() >= min(values["V_reset"], values["E_L"])
            held = np.count_nonzero(model.V == values["V_reset"])
            pauses = np.minimum(values["t_ref"], 150 - model.spike_times)
            assert held * 0.1 == pytest.approx(pauses.sum(), abs=0.1 * len(pauses))
            assert model.V.max() <= values["V_th"]
    for I in (-0.1, 0.05, 0.2):
        V = lif.simulate(HIDDEN, lif.time_grid(300), I).V
        assert (V[-1] - HIDDEN.E_L) / I == pytest.approx(HIDDEN.R, rel=1e-4)
        left = lif.simulate(HIDDEN, [0, HIDDEN.tau_m], I).V - V[-1]
        assert left[1] / left[0] == pytest.approx(1 / math.e, rel=1e-4)
    for setting in settings(explorer, 20)[::110]:
        values = {name: setting[name] for name in lif.PARAMETERS}
        model = lif.simulate(lif.Neuron(**values), t, setting["I"])
        recorded = lif.simulate(HIDDEN, t, setting["I"])
        shown = numbers_at(explorer, **setting)
        distance = np.abs(model.V - recorded.V).mean()
        assert shown["mean distance"] == pytest.approx(distance)
        assert shown["spikes recorded"] == len(recorded.spike_times)
        assert shown["of your model"] == len(model.spike_times)
    # "By hand you get as near as a slider's step", and a small error adds up
    near = {"E_L": -68.5, "R": 95, "tau_m": 17, "V_th": -45.5, "V_reset": -76}
    assert numbers_at(explorer, I=0.1, **near, t_ref=5.5)["mean distance"] < 0.1
    model = lif.simulate(lif.Neuron(**near, t_ref=5.5), t, 0.8).spike_times
    recorded = lif.simulate(HIDDEN, t, 0.8).spike_times[: len(model)]
    assert (np.diff(np.abs(model - recorded)) > 0).all()


def test_eulers_rates_at_each_dt(notebook):
    explorer = notebook.explorers["explore-euler"]
    euler_interval = notebook.namespace["euler_interval"]
    currents = np.arange(0.25, 3.01, 0.05)
    for dt in grid(explorer, "dt", 10**6):
        found = [euler_interval(NEURON, I, dt) for I in currents]
        assert found == pytest.approx(dt * np.round(np.divide(found, dt)))
        for I in (0.3, 1, 3):
            rate_found = 1000 / euler_interval(NEURON, I, dt)
            assert rate_found == pytest.approx(by_euler(NEURON, I, dt))
        shown = numbers_at(explorer, dt=dt)
        assert shown["at 3 nA: Euler"] == pytest.approx(1000 / found[-1])
        assert shown["theory"] == pytest.approx(rate(3))
        assert shown["t_ref in whole steps"] == pytest.approx(dt * round(2 / dt))
    errors = np.abs([by_euler(NEURON, I, 1) - rate(I) for I in currents])
    assert errors[currents > 2].max() > 5 * errors[currents < 0.7].max()
    fine = np.abs([by_euler(NEURON, I, 0.1) - rate(I) for I in currents])
    assert (fine < 0.04 * lif.fi_curve(NEURON, currents)).all()
    for dt in (0.1, 1, 2):
        isi = lif.simulate(NEURON, lif.time_grid(500, dt), 3).isi
        assert 1000 / isi == pytest.approx(rate(3))


def test_after_250_hz_eulers_rate_jumps():
    rates = [by_euler(NEURON, I, 1) for I in np.arange(3, 6, 0.01)]
    assert [value for value, _ in itertools.groupby(np.round(rates, 6))] == (
        pytest.approx([250, 1000 / 3])
    )
    assert rates.count(rates[0]) > 100  # "stays there for a while"


# ---- Printed and drawn ---------------------------------------------------------------


FIGURES = {
    "explore-rheobase": [
        ("", "V (mV)", (0, 500), (-78, -34)),
        ("time t (ms)", "I (nA)", (0, 500), (0, 0.3)),
    ],
    "explore-intervals": [("time t (ms)", "V (mV)", (0, 200), (-96, -20))],
    "fi-figure": [("I (nA)", "rate (Hz)", (0, 1.02), (0, 150))],
    "explore-fit": [("time t (ms)", "V (mV)", (0, 150), (-102, -14))],
    "explore-slope": [("I (nA)", "rate (Hz)", (0, 3.05), (0, 640))],
    "explore-euler": [("I (nA)", "rate (Hz)", (0, 3.05), (0, 360))],
}


@pytest.mark.parametrize("cell", FIGURES)
def test_axes_have_their_quantity_and_unit(notebook, cell):
    assert TEXT.axes_said(notebook, cell) == FIGURES[cell]


def test_the_axes_of_the_panels(notebook):
    figures = (notebook.namespace["opening"], notebook.namespace["parameter_axes"]())
    found = [
        (ax.get_xlabel(), ax.get_ylabel(), ax.get_xlim(), ax.get_ylim())
        for figure in figures
        for ax in figure.axes
    ]
    assert found == [
        ("time t (ms)", "V (mV)", (0, 160), (-86, -36)),
        ("I (nA)", "rate (Hz)", (0, 0.65), (0, 100)),
        ("time t (ms)", "V (mV)", (0, 200), (-93, -12)),
        ("I (nA)", "rate (Hz)", (0, 0.62), (0, 250)),
    ]


SLIDERS = {  # label, default, low, high, step; or label and options
    "explore-rheobase": {"I": ("I (nA)", 0.19, 0.17, 0.23, 0.001)},
    "explore-intervals": {
        "I": ("I (nA)", 0.3, 0.21, 0.5, 0.01),
        "V_reset": ("V_reset (mV)", -75, -90, -61, 1),
    },
    "explore-parameters": {
        "I": ("I (nA)", 0.4, 0, 0.6, 0.01),
        "fixed": ("R at fixed", ("τ_m", "C")),
        "R": ("R (MΩ)", 100, 50, 150, 5),
        "tau_m": ("τ_m (ms)", 20, 12, 40, 1),
        "E_L": ("E_L (mV)", -70, -75, -65, 1),
        "V_th": ("V_th (mV)", -50, -54, -42, 1),
        "V_reset": ("V_reset (mV)", -75, -90, -70, 1),
        "t_ref": ("t_ref (ms)", 2, 2, 12, 0.5),
    },
    "explore-fit": {
        "I": ("I (nA)", 0.3, -0.1, 0.8, 0.01),
        "E_L": ("E_L (mV)", -70, -80, -61, 0.5),
        "R": ("R (MΩ)", 100, 20, 200, 5),
        "tau_m": ("τ_m (ms)", 20, 5, 50, 0.5),
        "V_th": ("V_th (mV)", -50, -60, -40, 0.5),
        "V_reset": ("V_reset (mV)", -75, -90, -61, 0.5),
        "t_ref": ("t_ref (ms)", 2, 0, 10, 0.5),
    },
    "explore-slope": {
        "I": ("I (nA)", 0.3, 0.25, 3, 0.05),
        "t_ref": ("t_ref (ms)", 0, 0, 10, 1),
    },
    "explore-euler": {"dt": ("dt (ms)", 1, 0.1, 2, 0.1)},
}


def test_sliders_have_their_quantity_unit_and_range(notebook):
    assert sliders(notebook) == SLIDERS


LINES = {
    "explore-rheobase": "I / rheobase 0.950 · spikes 0 in 500 ms · first spike none",
    "explore-intervals": f"latency {lif.latency(NEURON, 0.3):.1f} ms · "
    f"interval {interval(NEURON, 0.3):.1f} ms",
    "explore-parameters": f"rheobase 0.200 nA · rate {rate(0.4):.1f} Hz · "
    "τ_m 20.0 ms · C 0.200 nF",
    "explore-fit": "mean distance 10.10 mV · spikes recorded 4 · of your model 5",
    "explore-slope": f"rate {rate(0.3, t_ref=0):.1f} Hz · "
    f"slope {slope(NO_PAUSE, 0.3):.0f} Hz/nA",
    "explore-euler": f"at 3 nA: Euler {by_euler(NEURON, 3, 1):.1f} Hz · "
    f"theory {rate(3):.1f} Hz · t_ref in whole steps 2.0 ms",
}


@pytest.mark.parametrize("cell", LINES)
def test_the_numbers_of_a_figure_have_names_and_units(notebook, cell):
    notebook.explorers[cell].reset.click()
    assert LINES[cell] in notebook.explorers[cell].text.value


def test_the_climb_without_a_threshold_is_drawn(notebook):
    t = lif.time_grid(500)
    for I in (0.17, 0.23):
        curves = drawn(notebook, "draw_rheobase", 2, I=I)
        _, V = curves["theory: no threshold"]
        assert pytest.approx(lif.simulate(lif.MEMBRANE, t, I).V) == V


def test_the_expected_spikes_are_drawn_where_they_come(notebook):
    for I, V_reset in ((0.3, -75), (0.5, -61), (0.21, -90)):
        _, ax = plt.subplots()
        notebook.namespace["draw_intervals"](ax, I, V_reset)
        by_name = {lines.get_label(): lines for lines in ax.collections}
        marks = [
            [segment[0][0] for segment in by_name[name].get_segments()]
            for name in ("spikes", "theory: times of spikes")
        ]
        assert marks[0] == pytest.approx(marks[1])


def test_the_curve_and_the_place_of_the_trace_are_drawn(notebook):
    curves = drawn(notebook, "draw_place", 1, neuron=lif.Neuron(R=80), I=0.5)
    x, f = curves["this neuron"]
    assert f == pytest.approx(lif.fi_curve(lif.Neuron(R=80), x))
    assert curves["the trace"].ravel() == pytest.approx([0.5, rate(0.5, R=80)])
    default = notebook.namespace["parameter_axes"]().axes[1].get_lines()[0]
    assert default.get_label() == "default neuron"
    assert default.get_ydata() == pytest.approx(
        lif.fi_curve(NEURON, default.get_xdata())
    )


@pytest.mark.parametrize(("fixed", "tau_m"), [("τ_m", 15), ("C", 12)])
def test_trace_and_threshold_follow_the_parameters(notebook, fixed, tau_m):
    others = {"E_L": -72, "V_th": -45, "V_reset": -80, "t_ref": 4}
    _, axes = plt.subplots(2)
    draw_parameters = notebook.namespace["draw_parameters"]
    draw_parameters(axes, 0.5, fixed, 80, 15, **others)
    neuron = lif.Neuron(tau_m, 80, **others)
    V, threshold = axes[0].get_lines()
    t = lif.time_grid(200)
    at_samples = np.isin(V.get_xdata(), t)  # the others are at spikes
    drawn_V = V.get_ydata()[at_samples]
    assert drawn_V == pytest.approx(lif.simulate(neuron, t, 0.5).V)
    assert list(threshold.get_ydata()) == [-45, -45]
    curve, dot = axes[1].get_lines()
    assert curve.get_ydata() == pytest.approx(lif.fi_curve(neuron, curve.get_xdata()))
    assert dot.get_ydata() == pytest.approx([lif.fi_curve(neuron, 0.5)])


def test_tangent_ceiling_and_dotted_line_are_drawn(notebook):
    curves = drawn(notebook, "draw_slope", 1, I=1.5, t_ref=2)
    x, f = curves["f–I curve"]
    assert f == pytest.approx(lif.fi_curve(NEURON, x))
    x, f = curves["tangent at I"]
    assert np.diff(f) / np.diff(x) == pytest.approx(slope(NEURON, 1.5), rel=1e-4)
    assert (x[1], f[1]) == pytest.approx((1.5, rate(1.5)))
    assert curves["ceiling 1/t_ref"][1] == pytest.approx(500)
    dotted = TEXT.axes(notebook, "explore-slope")[0].get_lines()[0]
    assert dotted.get_label() == "no leak, no pause: 200 Hz/nA"
    assert dotted.get_ydata() == pytest.approx(200 * dotted.get_xdata())


def test_eulers_rates_are_drawn(notebook):
    curves = drawn(notebook, "draw_euler", 1, dt=1)
    x, f = curves["theory: exact"]
    assert f == pytest.approx(lif.fi_curve(NEURON, x))
    x, f = curves["Euler's method"]
    assert f == pytest.approx([by_euler(NEURON, I, 1) for I in x])


def test_recording_and_model_are_drawn(notebook):
    setting = {"E_L": -66, "R": 80, "tau_m": 15, "V_th": -48, "V_reset": -72}
    curves = drawn(notebook, "draw_fit", 1, I=0.5, t_ref=3, **setting)
    model = lif.simulate(lif.Neuron(**setting, t_ref=3), lif.time_grid(150), 0.5)
    recorded = lif.simulate(HIDDEN, lif.time_grid(150), 0.5)
    assert curves["your model"][1] == pytest.approx(model.V)
    assert curves["recording"][1] == pytest.approx(recorded.V)


def test_the_figure_of_the_curve(notebook):
    (ax,) = TEXT.axes(notebook, "fi-figure")
    lines = {line.get_label(): line for line in ax.get_lines()}
    x, f = lines["simulated"].get_data()
    assert x == pytest.approx(np.linspace(0.05, 1, 20))
    counted = [lif.simulate(NEURON, lif.time_grid(2000, 1), I).rate for I in x]
    assert f == pytest.approx(counted)
    x, f = lines["theory: 1 / interval"].get_data()
    assert f == pytest.approx(lif.fi_curve(NEURON, x))
    assert lines["rheobase"].get_xdata() == [NEURON.rheobase] * 2
    alt = CELLS["fi-figure"].metadata["alt"]
    assert f"nothing up to {NEURON.rheobase:g} nA" in alt
    assert f"up to {rate(1):.0f} Hz at 1 nA" in alt


def test_the_moving_picture(notebook):
    sweep = notebook.namespace["SWEEP"]
    assert notebook.namespace["RATES"] == pytest.approx(lif.fi_curve(NEURON, sweep))
    assert len(notebook.pictures["opening"][0]) < 150_000
    _, axes = plt.subplots(2)
    last = len(sweep) - 1
    notebook.namespace["draw_sweep"](axes, last)
    x, f = axes[1].get_lines()[0].get_data()
    assert list(x) == sorted(set(sweep))
    assert ((f > 0) == (x > 0.2)).all()
    assert (np.diff(f[x >= 0.2]) > 0).all()
    assert axes[0].texts[0].get_text() == f"I = {sweep[last]:.2f} nA"
    assert 'alt="A neuron gets one constant current after the other; above 0.2 nA' in (
        CELLS["opening"].source
    )


# ---- Exercises: wrong answers as a student comes to them -----------------------------


INTERVAL = (
    "def interval(neuron, I):\n    V_inf = neuron.E_L + neuron.R * I\n"
    "    climb = neuron.tau_m * np.log((V_inf - neuron.V_reset) / "
    "(V_inf - neuron.V_th))\n    return neuron.t_ref + climb"
)
WRONG_VALUES = {
    1: {
        "answer_1 = -52 / 80": ["only the distance"],
        "answer_1 = (-52 - 65) / 80": ["minus times minus"],
        "answer_1 = lif.Neuron().rheobase": ["the default neuron"],
        "answer_1 = (-52 + 65) * 80": ["divide by R"],
        "answer_1 = 80 / (-52 + 65)": ["upside down"],
        "answer_1 = 1000 * (-52 + 65) / 80": ["in pA"],
        "answer_1 = (-65 + 52) / 80": ["the sign is not"],
    },
    2: {
        INTERVAL.replace("neuron.t_ref + ", ""): ["period is missing"],
        INTERVAL.replace("np.log", "np.log10"): ["you used `np.log10`"],
        INTERVAL.replace("V_inf - neuron.V_reset", "V_inf - neuron.E_L"): [
            "not from E_L"
        ],
        INTERVAL.replace(
            "(V_inf - neuron.V_reset) / (V_inf - neuron.V_th)",
            "(V_inf - neuron.V_th) / (V_inf - neuron.V_reset)",
        ): ["stands on top"],
        INTERVAL.replace("neuron.tau_m * ", ""): ["multiply the logarithm"],
        INTERVAL.replace("neuron.t_ref + ", "").replace(
            "V_inf - neuron.V_reset", "V_inf - neuron.E_L"
        ): ["the time of the first spike"],
        INTERVAL.replace(
            "((V_inf - neuron.V_reset) / (V_inf - neuron.V_th))",
            "(V_inf - neuron.V_reset / V_inf - neuron.V_th)",
        ): ["each needs its brackets"],
        INTERVAL.replace("return neuron", "return 1000 / (neuron") + ")": [
            "this is the rate"
        ],
        INTERVAL.replace(
            "V_inf = neuron.E_L + neuron.R * I", "V_inf = -70 + 100 * I"
        ): ["right at 2 of 3"],
        INTERVAL.replace("V_inf = neuron.E_L +", "V_inf ="): ["not yet"],
    },
    3: {
        "answer_3 = 1000 / lif.fi_curve(lif.Neuron(), 0.3)": ["interspike interval"],
        "answer_3 = 2 + 20 * np.log(30 / 10)": ["no refractory period"],
        "answer_3 = 20 * np.log(35 / 10)": ["not at V_reset"],
        "answer_3 = 20 * np.log10(30 / 10)": ["you used `np.log10`"],
        "answer_3 = np.log(30 / 10)": ["multiply the logarithm"],
        "answer_3 = 20 * 30 / 10": ["take the logarithm"],
        "answer_3 = 20 * np.log(10 / 30)": ["the sign is not"],
    },
    4: {
        "answer_4 = 2 + 20 * np.log(45 / 20)": ["this is the interval"],
        "answer_4 = 1 / (2 + 20 * np.log(45 / 20))": ["rate per ms"],
        "answer_4 = 1000 / (20 * np.log(45 / 20))": ["is part of the interval"],
        "answer_4 = 1000 / (2 + 20 * np.log(40 / 20))": ["not from E_L"],
        "answer_4 = 1000 / (2 + 20 * np.log10(45 / 20))": ["you used `np.log10`"],
        "answer_4 = lif.fi_curve(lif.Neuron(), 0.3) * 4 / 3": ["not in proportion"],
        "answer_4 = lif.simulate(lif.Neuron(), lif.time_grid(100), 0.4).rate": [
            "a count in 100 ms"
        ],
    },
    7: {
        "answer_7 = dict(E_L=lif.Neuron().E_L, R=lif.Neuron().R, tau_m=20)": [
            "E_L: this is the default",
            "R: this is the default",
            "tau_m: this is the default",
        ],
        "w = mystery.record(t_record, 0.1)\nd = w.V[-1] - w.V[0]\n"
        "k = np.argmax(w.V >= w.V[0] + 0.632 * d)\n"
        "answer_7 = dict(E_L=w.V[-1], R=1000 * 0.1 / d, tau_m=k)": [
            "look again at E_L",
            "R: upside down",
            "tau_m: this is a number of samples",
        ],
        "s = mystery.record(t_record, 0.8)\n"
        "w = mystery.record(t_record, 0.1)\nd = w.V[-1] - w.V[0]\n"
        "half = t_record[np.argmax(w.V >= w.V[0] + 0.5 * d)]\n"
        "answer_7 = dict(E_L=s.V.min(), R=w.V[-1] / 0.1, tau_m=half)": [
            "E_L: this is V_reset",
            "R",
            "not for half of it",
        ],
        "s = mystery.record(t_record, 0.8)\n"
        "w = mystery.record(t_record, 0.1)\nd = w.V[-1] - w.V[0]\n"
        "early = t_record[np.argmax(w.V >= w.V[0] + 0.37 * d)]\n"
        "answer_7 = dict(E_L=s.V.max(), R=d, tau_m=early)": [
            "E_L: this is V_th",
            "here 37 %",
        ],
    },
    8: {
        "s = mystery.record(t_record, 0.8)\nheld = s.V == s.V.min()\n"
        "held &= s.t < s.spike_times[1]\n"
        "answer_8 = dict(V_th=s.V.min(), V_reset=s.V.max(), t_ref=held.sum())": [
            "V_th: it is the highest V",
            "V_reset: it is the lowest V",
            "t_ref: this is a number of samples",
        ],
        "answer_8 = dict(V_th=-50, V_reset=-75, t_ref=2)": [
            "V_th: this is the default",
            "V_reset: this is the default",
            "t_ref: this is the default",
        ],
        "s = mystery.record(t_record, 0.8)\n"
        "answer_8 = dict(V_th=s.V.max(), V_reset=s.V[0], t_ref=1000 / 5.494)": [
            "1 of 3 is right",
            "V_reset: this is E_L",
            "1000 divided by it",
        ],
        "s = mystery.record(t_record, 0.8)\n"
        "answer_8 = dict(V_th=s.V.max(), V_reset=s.V.min(), t_ref=s.isi[0])": [
            "2 of 3 are right; look again at t_ref"
        ],
    },
    9: {
        "answer_9 = 251": ["the interval, not the rate"],
        "answer_9 = 4 - 1": ["this is the interval"],
        "answer_9 = 1000 / (4 + 1)": ["the next one below"],
        "answer_9 = 500": ["this is the ceiling"],
        "answer_9 = lif.fi_curve(lif.Neuron(), 3)": ["the exact rate"],
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


RIGHT = {
    3: ["22", "21.97", "lif.latency(lif.Neuron(), 0.3)"],
    4: [
        "55",
        "54.9",
        "54",
        "1000 / 18.2",
        "lif.simulate(lif.Neuron(), lif.time_grid(1000), 0.4).rate",
        "lif.simulate(lif.Neuron(), lif.time_grid(500), 0.4).rate",
    ],
    9: ["333", "333.3", "330"],
    # By hand, with the sliders; and with other currents than those of the solution
    7: ["dict(E_L=-68.5, R=95, tau_m=17)", "dict(E_L=-68.5, R=95, tau_m=16.5)"],
    8: ["dict(V_th=-45.5, V_reset=-76, t_ref=5.5)"],
}


@pytest.mark.parametrize(
    ("exercise", "value"),
    [(exercise, value) for exercise, values in RIGHT.items() for value in values],
)
def test_other_right_answers(notebook, capsys, exercise, value):
    code = f"answer_{exercise} = {value}"
    answer = TEXT.verdict(notebook, exercise, code, capsys)
    assert answer.startswith("✓"), answer


@pytest.mark.parametrize(
    ("exercise", "solutions_current", "others"),
    [(7, "0.1", ["0.03", "0.2", "-0.1", "-0.3"]), (8, "0.8", ["0.25", "0.4", "1.5"])],
)
def test_any_current_that_serves_is_accepted(
    notebook, capsys, exercise, solutions_current, others
):
    for current in others:
        code = TEXT.solution(exercise).replace(solutions_current, current)
        if current.startswith("-"):
            code = code.replace("weak.V >=", "weak.V <=")
        answer = TEXT.verdict(notebook, exercise, code, capsys)
        assert answer.startswith("✓"), (current, answer)


@pytest.mark.parametrize("current", ["0.25", "0.4", "0.8"])
def test_a_current_that_fires_the_neuron_does_not_show_R(notebook, capsys, current):
    code = TEXT.solution(7).replace("0.1", current)
    assert TEXT.verdict(notebook, 7, code, capsys).startswith("✗")


# ---- The challenge -------------------------------------------------------------------


def test_the_challenge_is_met_by_its_solution_and_not_by_less(notebook, capsys):
    code = TEXT.solution("challenge")
    assert TEXT.verdict(notebook, "challenge", code, capsys).startswith("✓")
    by_hand = "challenge_neuron = lif.Neuron(V_reset=-52.2)\nchallenge_current = 0.21"
    assert TEXT.verdict(notebook, "challenge", by_hand, capsys).startswith("✓")
    for late, verdict in ((59, "✗"), (61, "✓")):
        # From where the latency is this long; the climb to the next spike is 23 ms.
        beyond = 20 / (math.exp(late / 20) - 1)
        V_reset = -50 + beyond - beyond * math.exp(23 / 20)
        answer = (
            f"challenge_neuron = lif.Neuron(V_reset={V_reset})\n"
            f"challenge_current = {0.2 + beyond / 100}"
        )
        said = TEXT.verdict(notebook, "challenge", answer, capsys)
        assert said.startswith(verdict), said
    wrong = {
        "challenge_current = 0.21": "look again at rate",
        "challenge_current = 0.32": "first spike: it has to come later than 60 ms",
        "challenge_current = 0.1": "first spike: it has to come later",
        "challenge_current = lif.step_current(lif.time_grid(1000), 0.3174, 70)": (
            "current: one number"
        ),
    }
    for answer, words in wrong.items():
        answer = f"challenge_neuron = lif.Neuron()\n{answer}"
        said = TEXT.verdict(notebook, "challenge", answer, capsys)
        assert said.startswith("✗"), said
        assert words in said, said
    untouched = TEXT.verdict(
        notebook, "challenge", CELLS["challenge-answer"].source, capsys
    )
    assert untouched.startswith("○")


def test_the_challenge_needs_a_reset_above_rest_and_is_not_met_by_chance():
    for _ in range(200):
        neuron = a_neuron()  # whose reset lies below its rest
        I = neuron.rheobase * RNG.uniform(1.001, 5)
        assert interval(neuron, I) >= lif.latency(neuron, I)
    met = 0
    for _ in range(2000):
        neuron = lif.Neuron(V_reset=RNG.uniform(-90, -51))
        I = RNG.uniform(0.2, 0.5)
        late = lif.latency(neuron, I) > 60
        met += late and abs(1000 / interval(neuron, I) - 40) < 0.5
    assert met < 10
