"""The ten questions for a class: one answer of each is right, and it is computed."""

import math
import re

import numpy as np
import pytest

import lif_helpers as lif
from notebooks import ROOT

TEXT = (ROOT / "docs" / "ten_questions.md").read_text(encoding="utf-8")
NEURON = lif.Neuron()


def options(question):
    """The answers that a question offers: {letter: text}."""
    part = TEXT.partition(f"\n**{question}.** ")[2].partition("\n**")[0]
    return dict(re.findall(r"^- ([A-D])  (.+)$", part, flags=re.MULTILINE))


def right(question):
    """The text of the answer that the table for teachers calls right."""
    letter = re.search(rf"^\| {question} \| ([A-D]) \|", TEXT, re.MULTILINE).group(1)
    return options(question)[letter]


@pytest.mark.parametrize("question", range(1, 11))
def test_each_question_has_four_answers_and_every_wrong_one_its_misconception(
    question,
):
    row = re.search(rf"^\| {question} \| ([A-D]) \| (.+?) \| [\d, ]+ \|$", TEXT, re.M)
    told = set(re.findall(r"\b([A-D])(?=[,:])", row.group(2)))
    assert options(question).keys() == set("ABCD")
    assert told == set("ABCD") - {row.group(1)}


def test_the_neuron_is_the_courses():
    said = (
        "rests at E_L = −70 mV and fires at V_th = −50 mV. Its membrane resistance "
        "R is 100 MΩ, its membrane time constant τ_m 20 ms, its reset potential "
        "−75 mV, its refractory period 2 ms."
    )
    assert said in " ".join(TEXT.split())
    assert lif.Neuron(20, 100, -70, -50, -75, 2) == NEURON


def test_one_time_constant_after_the_current():
    V = NEURON.E_L + (-50 - NEURON.E_L) * math.exp(-1)
    assert f"−{-V:.1f} mV" in right(2)


def test_the_weakest_current():
    assert right(4) == f"All above {NEURON.rheobase:g} nA."
    t = lif.time_grid(2000)
    for tau_m in (5, 20, 100):
        neuron = lif.Neuron(tau_m=tau_m)
        assert lif.simulate(neuron, t, 0.199).rate == 0
        assert lif.simulate(neuron, t, 0.201).rate > 0


def test_how_long_twice_the_weakest_current_must_last():
    t = lif.time_grid(200)
    wanted = NEURON.tau_m * math.log(2)
    assert f"{wanted:.1f} ms" in TEXT
    assert f"about {wanted:.0f} ms" in right(5)
    for duration, fires in ((5, False), (wanted - 0.1, False), (wanted + 0.1, True)):
        I = lif.step_current(t, 0.4, 50, 50 + duration)
        assert (len(lif.simulate(NEURON, t, I).spike_times) > 0) == fires


def test_the_ceiling_of_the_rate():
    assert f"{1000 / NEURON.t_ref:.0f} Hz" in right(6)
    with pytest.warns(UserWarning, match="pA"):  # no one could inject as much
        rates = lif.fi_curve(NEURON, 0.3 * np.array([10, 100, 1000]))
    assert (np.diff(rates) > 0).all()
    assert rates[-1] == pytest.approx(500, rel=0.01)


def test_noise_fires_the_neuron_below_the_rheobase():
    assert "irregularly, if the noise is strong enough" in right(7)
    assert lif.siegert_rate(NEURON, 0.15, 0.5) < 0.001
    assert lif.siegert_rate(NEURON, 0.15, 5) > 5


def test_independent_inputs_average_out():
    counts = np.random.default_rng(1).poisson(2, (2000, 10_000))
    few, many = counts[:, :100].sum(axis=1), counts.sum(axis=1)
    ratio = (few.std() / few.mean()) / (many.std() / many.mean())
    assert ratio == pytest.approx(10, rel=0.1)
    assert "10 times smaller" in right(8)


def test_the_same_input_gives_the_same_spikes():
    assert right(9) == "The same spikes at the same times."
    t = lif.time_grid(2000)
    I = 0.15 + lif.white_noise(t, NEURON, 5, seed=1)
    first, second = (lif.simulate(NEURON, t, I).spike_times for _ in range(2))
    assert len(first) > 5
    assert first.tolist() == second.tolist()


def test_steady_inhibition_at_rest_shifts_the_curve():
    """With more leak the same rates need more current, by a similar amount."""
    assert "shifts the curve to higher currents, mainly" in right(10)
    inhibited = lif.Neuron(tau_m=20 / 1.5, R=100 / 1.5)
    I = np.linspace(0.2, 1.5, 300)
    plain, lower = lif.fi_curve(NEURON, I), lif.fi_curve(inhibited, I)
    wanted = np.linspace(20, 90, 20)
    shift = np.interp(wanted, lower, I) - np.interp(wanted, plain, I)
    assert (shift > 0.04).all()
    assert shift.max() < 2 * shift.min()
    weak, strong = np.interp([0.32, 1.2], I, lower) / np.interp([0.32, 1.2], I, plain)
    assert strong > 1.5 * weak  # so one number does not divide all rates
