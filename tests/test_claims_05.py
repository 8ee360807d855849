"""What the text of notebook 05 says about directions of change, where no
printed number in them shows it.
"""

from dataclasses import replace

import numpy as np
import pytest

import lif_helpers as lif
from notebooks import numbers_at, path_of, the_courses_style

NEURON = lif.Neuron()


@pytest.fixture(autouse=True)
def style():
    with the_courses_style():
        yield


@pytest.fixture
def synapses(runs):
    """The run of notebook 05."""
    return runs(path_of("05"))


def test_postsynaptic_potentials_follow_the_driving_force(synapses):
    def event(**values):
        return numbers_at(synapses.explorers["explore-event"], **values)

    at_rest, at_E_I, below = (event(V_before=V) for V in (-70, -80, -90))
    assert at_rest["IPSP"] < 0
    assert at_E_I["IPSP"] == pytest.approx(0, abs=0.005)  # as shown: 0.00
    assert below["IPSP"] > 0
    assert at_rest["EPSP"] < at_E_I["EPSP"] < below["EPSP"]
    assert at_rest["EPSP"] / -at_rest["IPSP"] == pytest.approx(7, abs=0.5)
    assert event(weight=3)["EPSP"] < 3 * event(weight=1)["EPSP"]
    assert at_rest["driving force E_E − V"] == 70
    assert at_rest["driving force E_I − V"] == -10


def test_a_conductance_saturates_where_a_current_does_not(synapses):
    t = lif.time_grid(500)
    for g in (0.0101, 0.02, 0.04):
        assert lif.simulate(lif.MEMBRANE, t, g * 70).V[-1] > 0
        assert lif.simulate(lif.MEMBRANE, t, g_E=g).V[-1] < 0
    with_conductance = synapses.namespace["with_conductance"]
    for g, tau in ((0, 20), (0.005, 20 / 1.5), (0.01, 10), (0.02, 20 / 3)):
        assert with_conductance(NEURON, g, 0).tau_m == pytest.approx(tau)


@pytest.mark.parametrize("E_I", [-90, -80, -70])
def test_steady_inhibition_shifts_the_fi_curve_and_does_not_divide_it(synapses, E_I):
    neuron, g, t = lif.Neuron(V_reset=-60), 0.005, lif.time_grid(10_000)
    inhibited = synapses.namespace["with_conductance"](neuron, g, E_I)
    shift = inhibited.rheobase - neuron.rheobase
    assert shift == pytest.approx(g * (neuron.V_th - E_I))
    shown = numbers_at(synapses.explorers["explore-inhibition"], g_I=5, E_I=E_I)
    assert shown["rheobase shift"] == pytest.approx(shift)
    rate = lif.fi_curve(inhibited, 1)
    assert shown["rate at 1 nA"] == pytest.approx(rate, abs=0.5)
    for current in (0.5, 0.8, 1.2):
        recording = lif.simulate(neuron, t, current, g_I=g, E_I=E_I)
        assert 1000 / recording.isi[5:].mean() == pytest.approx(
            lif.fi_curve(inhibited, current), rel=1e-6
        )
    fine = np.linspace(0, 3, 60_001)
    plain, shifted = lif.fi_curve(neuron, fine), lif.fi_curve(inhibited, fine)
    shifts = [
        np.interp(rate, shifted, fine) - np.interp(rate, plain, fine)
        for rate in (20, 50, 100, 200)
    ]
    # Division by 1.5 would multiply it by far more than the rate's tenfold.
    assert max(shifts) < 1.3 * min(shifts)
    assert shifts[1] == pytest.approx(g * (-55 - E_I), rel=0.15)


@pytest.mark.parametrize("rates", [(3, 5), (8, 20), (20, 20), (20, 60), (50, 97)])
def test_the_theory_of_the_bombarded_membrane(synapses, rates):
    membrane, t = lif.MEMBRANE, lif.time_grid(200_000)
    g_E, g_I = synapses.namespace["bombard"](t, *rates, seed=1)
    V = lif.simulate(membrane, t, g_E=g_E, g_I=g_I).V
    mean, sigma_V, tau = synapses.namespace["free_theory"](membrane, *rates)
    assert V[2000:].mean() == pytest.approx(mean, abs=0.3)
    assert V[2000:].std() == pytest.approx(sigma_V, rel=0.04)
    push = np.where(np.arange(len(t)) % 2500 == 0, 5 * membrane.C / 0.1, 0)
    pushed = lif.simulate(membrane, t, push, g_E=g_E, g_I=g_I).V
    left = (pushed - V)[1:].reshape(-1, 2500).mean(axis=0)
    assert left.sum() * 0.1 / left[0] == pytest.approx(tau, rel=0.1)


def test_more_of_both_inputs_makes_the_membrane_faster_and_no_noisier(synapses):
    figure = synapses.explorers["explore-free"]
    pairs = ((6, 3), (14, 25), (38, 90))
    shown = [numbers_at(figure, rate_E=E, rate_I=I) for E, I in pairs]
    for numbers in shown:
        theory = numbers["free mean (theory)"]
        assert theory == pytest.approx(-58.5, abs=0.1)
        assert numbers["free mean"] == pytest.approx(theory, abs=0.3)
        assert numbers["σ_V"] == pytest.approx(numbers["σ_V (theory)"], rel=0.1)
    slow, middle, fast = (
        numbers["effective time constant (theory)"] for numbers in shown
    )
    assert slow > middle > fast
    assert shown[0]["σ_V (theory)"] < shown[1]["σ_V (theory)"]
    assert shown[1]["σ_V (theory)"] > shown[2]["σ_V (theory)"]


def test_balance_is_irregular_by_its_low_mean_and_by_the_memory_of_its_noise(synapses):
    figure = synapses.explorers["explore-balance"]
    driven = numbers_at(figure, rate_E=12, rate_I=0)
    balanced = numbers_at(figure, rate_E=51, rate_I=80)
    mean = balanced["free mean (theory)"]
    assert mean < NEURON.V_th < driven["free mean (theory)"]
    for numbers in (driven, balanced):
        assert numbers["rate"] == pytest.approx(30, abs=4)
    assert driven["CV"] == pytest.approx(0.4, abs=0.1)
    assert balanced["CV"] == pytest.approx(1, abs=0.15)
    tau = balanced["effective time constant (theory)"]
    sigma_V = balanced["σ_V (theory)"]
    bombarded = replace(NEURON, tau_m=tau, R=NEURON.R * tau / 20, E_L=mean)
    t = lif.time_grid(100_000)
    std = sigma_V / bombarded.R * np.sqrt((7 + tau) / 7)
    slow = lif.simulate(bombarded, t, lif.ou_noise(t, std, 7, seed=2)).cv
    fast = lif.simulate(bombarded, t, lif.white_noise(t, bombarded, sigma_V, seed=2)).cv
    assert slow > fast + 0.3


def test_the_time_constant_does_most_for_an_early_first_spike(synapses):
    def latency(**values):
        return numbers_at(synapses.explorers["explore-morph"], **values)["latency"]

    assert latency() == pytest.approx(19.6, abs=0.05)
    assert latency(tau_m=10) == pytest.approx(9.8, abs=0.05)
    assert latency(R=50) == pytest.approx(13.9, abs=0.05)
    assert latency(t_ref=1) == latency()
    assert latency(tau_m=10, R=50, t_ref=1) == pytest.approx(10 * np.log(2))
    assert latency(I=0.3) == "no spike"


def test_the_first_neuron_excites_or_silences_the_second(synapses):
    def spikes(first, weight):
        values = {"first": first, "weight": weight}
        numbers = numbers_at(synapses.explorers["explore-dale"], **values)
        return numbers["spikes of the first"], numbers["spikes of the second"]

    pyramidal, sped = spikes("pyramidal cell", 4)
    interneuron, silenced = spikes("interneuron", 4)
    _, alone = spikes("interneuron", 0)
    assert alone == 5
    assert sped > 2 * alone
    assert silenced <= 1
    assert abs(pyramidal - interneuron) <= 4


def test_late_inhibition_sets_a_window_that_grows_with_the_delay(synapses):
    def spikes(apart, delay, **weight):
        recording, _ = synapses.namespace["circuit"](apart, delay, **weight)
        return len(recording.spike_times)

    for delay in np.arange(2, 20, 0.5):
        assert (spikes(10, delay) > 0) == (delay >= 10)
    assert spikes(100, 2, weight_I=0) == 0  # each volley alone is too weak
    figure = synapses.explorers["explore-circuit"]
    for delay, verdict in ((9.5, "stays silent"), (10, "fires")):
        numbers = numbers_at(figure, delay=delay, apart=10)
        assert numbers["pyramidal cell"] == verdict
        assert numbers["without inhibition"] == "fires"
    windows = [synapses.namespace["window"](delay) for delay in (2, 5, 8, 12, 20)]
    assert (np.diff(windows) > 0).all()
    distances = np.arange(0, 25, 0.5)
    assert windows[-1] == max(x for x in distances if spikes(x, 2, weight_I=0))
