"""What the text of notebooks 04 and 05 says about directions of change, where no
printed number in them shows it.
"""

import re
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest

import lif_helpers as lif
from notebooks import PATHS, read, run

NEURON = lif.Neuron()


def names(number):
    """What a notebook defines, by name."""
    path = next(path for path in PATHS if path.name.startswith(number))
    return run(read(path), pytest.MonkeyPatch()).namespace


@pytest.fixture(scope="module")
def noise_notebook():
    return names("04")


@pytest.fixture(scope="module")
def synapse_notebook():
    return names("05")


def numbers(text):
    return [float(number) for number in re.findall(r"[-+]?\d+\.?\d*", text)]


def text_of(draw, panels, **values):
    """What a live figure says at one setting."""
    axes = plt.subplots(panels)[1]
    try:
        return draw(axes, **values)
    finally:
        plt.close("all")


# ---- 04 Noisy input ------------------------------------------------------------------


def test_more_inputs_fluctuate_more_and_relatively_less(noise_notebook):
    few, many = (text_of(noise_notebook["draw_counts"], 2, inputs=n) for n in (8, 1024))
    (mean, std, *_), (more, wider, *_) = numbers(few), numbers(many)
    assert wider > 10 * std
    assert wider / more < std / mean / 10


def test_the_tempting_noise_vanishes_with_dt_and_the_right_one_stays(noise_notebook):
    coarse, fine = (
        numbers(text_of(noise_notebook["draw_dt"], 2, dt=dt)) for dt in (0.8, 0.05)
    )
    assert coarse[0] == pytest.approx(5, rel=0.03)
    assert coarse[2] == pytest.approx(5, rel=0.03)
    assert fine[0] == pytest.approx(1.25, rel=0.03)
    assert fine[2] == pytest.approx(5, rel=0.03)


def test_width_and_memory_of_the_free_membrane_are_two_things(noise_notebook):
    def width_and_memory(**values):
        found = numbers(text_of(noise_notebook["draw_free"], 2, **values, seed=1))
        return found[0], found[3]

    default = width_and_memory(sigma_V=4, tau_m=20)
    wider, slower = (
        width_and_memory(sigma_V=8, tau_m=20),
        width_and_memory(sigma_V=4, tau_m=50),
    )
    assert wider == (
        pytest.approx(2 * default[0], rel=0.01),
        pytest.approx(default[1], abs=0.01),
    )
    assert slower[0] == pytest.approx(default[0], rel=0.05)
    assert slower[1] > default[1] + 0.2


def test_noise_fires_the_neuron_below_the_rheobase_and_quickens_it_above(
    noise_notebook,
):
    def rate(I, sigma_V):
        return noise_notebook["noisy"](100_000, I, sigma_V, seed=4).rate

    assert rate(0.15, 0) == 0
    assert 0 < rate(0.15, 1.5) < 0.5
    assert 0.5 < rate(0.15, 2) < 3
    assert rate(0.15, 8) > 15
    assert rate(0.25, 0) < rate(0.25, 4) < rate(0.25, 8)


def test_intervals_are_nearly_exponential_far_below_and_narrow_above_the_rheobase(
    noise_notebook,
):
    intervals = noise_notebook["noisy"](1_000_000, 0.08, 4, seed=5).isi
    assert intervals.std() / intervals.mean() > 0.9
    assert np.mean(intervals < 0.03 * intervals.mean()) < 0.5 * (
        1 - np.exp(-0.03)
    )  # very short ones are rare
    cvs = lif.siegert_cv(NEURON, 0.25, np.array([8, 4, 2, 1, 0.1]))
    assert (np.diff(cvs) < 0).all()
    assert cvs[-1] < 0.02


def test_noise_lifts_the_fi_curve_most_around_the_rheobase():
    for sigma_V in (2, 4, 8):
        currents = np.linspace(0, 1, 201)
        lift = lif.siegert_rate(NEURON, currents, sigma_V) - lif.fi_curve(
            NEURON, currents
        )
        assert abs(currents[lift.argmax()] - NEURON.rheobase) < 0.01
        assert lift[-1] < 0.2 * lift.max()
        assert (lift > -1e-9).all()


def test_slow_noise_raises_the_cv_and_changes_the_rate_by_where_the_mean_is(
    noise_notebook,
):
    below, above = (np.array([noise_notebook["rate_and_cv"](I, 0.06, tau) for tau in (2, 8, 32, 128)])
                    for I in (0.15, 0.25))  # fmt: skip
    assert (np.diff(above[:, 1]) > 0).all()
    assert (np.diff(above[:, 0]) < 0).all()
    assert below[0, 1] > 0.9  # rare spikes
    assert below[1, 1] < 0.9
    assert below[3, 1] > 1.3
    assert below[3, 0] > below[1, 0] > below[0, 0]
    fixed = np.array([noise_notebook["rate_and_cv"](0.15, 0.04 * np.sqrt((tau + 20) / tau), tau)[1]
                      for tau in (2, 8, 32, 128)])  # fmt: skip
    assert (np.diff(fixed) > 0).all()


def test_trials_drift_apart_with_constant_current_and_stay_together_with_frozen_noise():
    t = lif.time_grid(1000)
    private = lif.white_noise(t, NEURON, 1, seed=3, trials=20)
    spikes = lif.simulate(NEURON, t, 0.22 + private).spike_times
    spread = [np.std([train[k] for train in spikes]) for k in (0, 4, 12)]
    assert spread[0] < spread[1] < spread[2]
    frozen = lif.white_noise(t, NEURON, 5, seed=4)
    same = lif.simulate(NEURON, t, 0.22 + frozen + 0 * private).spike_times
    assert all(np.array_equal(train, same[0]) for train in same)


# ---- 05 Excitation and inhibition ----------------------------------------------------


def test_postsynaptic_potentials_follow_the_driving_force(synapse_notebook):
    def event(V_before, weight=2):
        return numbers(
            text_of(
                synapse_notebook["draw_event"],
                2,
                weight=weight,
                tau=5,
                V_before=V_before,
            )
        )[:2]

    (epsp, ipsp), (lower, none), (lowest, up) = event(-70), event(-80), event(-90)
    assert ipsp < 0
    assert none == pytest.approx(0, abs=0.001)
    assert up > 0
    assert epsp < lower < lowest
    assert epsp / -ipsp == pytest.approx(7, abs=0.5)
    assert event(-70, 3)[0] < 3 * event(-70, 1)[0]


def test_a_conductance_saturates_where_a_current_does_not(synapse_notebook):
    t, passive = lif.time_grid(500), replace(NEURON, V_th=np.inf)
    for g in (0.0101, 0.02, 0.04):
        assert lif.simulate(passive, t, g * 70).V[-1] > 0
        assert lif.simulate(passive, t, g_E=g).V[-1] < 0
    taus = [
        synapse_notebook["with_conductance"](NEURON, g, 0).tau_m
        for g in (0, 0.005, 0.01, 0.02)
    ]
    assert taus == pytest.approx([20, 20 / 1.5, 10, 20 / 3])


@pytest.mark.parametrize("E_I", [-90, -80, -70])
def test_steady_inhibition_shifts_the_fi_curve_and_does_not_divide_it(
    synapse_notebook, E_I
):
    neuron, g, t = lif.Neuron(V_reset=-60), 0.005, lif.time_grid(10_000)
    inhibited = synapse_notebook["with_conductance"](neuron, g, E_I)
    assert inhibited.rheobase - neuron.rheobase == pytest.approx(
        g * (neuron.V_th - E_I)
    )
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
    assert max(shifts) < 1.3 * min(
        shifts
    )  # division by 1.5 would multiply it by far more than the rate's tenfold
    assert shifts[1] == pytest.approx(g * (-55 - E_I), rel=0.15)


@pytest.mark.parametrize("rates", [(3, 5), (8, 20), (20, 20), (20, 60), (50, 97)])
def test_the_theory_of_the_bombarded_membrane(synapse_notebook, rates):
    passive, t = replace(NEURON, V_th=np.inf), lif.time_grid(200_000)
    g_E, g_I = synapse_notebook["bombard"](t, *rates, seed=1)
    V = lif.simulate(passive, t, g_E=g_E, g_I=g_I).V[2000:]
    mean, sigma_V, tau = synapse_notebook["free_theory"](passive, *rates)
    assert V.mean() == pytest.approx(mean, abs=0.3)
    assert V.std() == pytest.approx(sigma_V, rel=0.04)
    push = np.where(np.arange(len(t)) % 2500 == 0, 5 * passive.C / 0.1, 0)
    left = (
        lif.simulate(passive, t, push, g_E=g_E, g_I=g_I).V[1:]
        - lif.simulate(passive, t, g_E=g_E, g_I=g_I).V[1:]
    )
    left = left.reshape(-1, 2500).mean(axis=0)
    assert left.sum() * 0.1 / left[0] == pytest.approx(tau, rel=0.1)


def test_balance_is_irregular_by_its_low_mean_and_by_the_memory_of_its_noise(
    synapse_notebook,
):
    mean, sigma_V, tau = synapse_notebook["free_theory"](NEURON, 51, 80)
    assert mean < NEURON.V_th < synapse_notebook["free_theory"](NEURON, 12, 0)[0]
    bombarded, t = (
        replace(NEURON, tau_m=tau, R=NEURON.R * tau / 20, E_L=mean),
        lif.time_grid(100_000),
    )
    std = sigma_V / bombarded.R * np.sqrt((7 + tau) / 7)
    slow = lif.simulate(bombarded, t, lif.ou_noise(t, std, 7, seed=2)).cv
    fast = lif.simulate(bombarded, t, lif.white_noise(t, bombarded, sigma_V, seed=2)).cv
    assert slow > fast + 0.3


def test_the_time_constant_does_most_for_an_early_first_spike(synapse_notebook):
    def first(**changes):
        values = {"tau_m": 20, "R": 40, "t_ref": 2, "I": 0.8} | changes
        said = text_of(synapse_notebook["draw_morph"], 2, **values)
        return float(re.search(r"first spike after ([\d.]+) ms", said).group(1))

    assert [first(), first(tau_m=10), first(R=50), first(t_ref=1)] == [
        19.6,
        9.8,
        13.9,
        19.6,
    ]
    assert first(tau_m=10, R=50, t_ref=1) == pytest.approx(10 * np.log(2), abs=0.05)


def test_the_first_neuron_excites_or_silences_the_second(synapse_notebook):
    def counts(first, weight):
        return numbers(
            text_of(synapse_notebook["draw_dale"], 2, first=first, weight=weight)
        )[:2]

    (pyramidal, sped), (interneuron, silenced), (_, alone) = (
        counts("pyramidal cell", 4), counts("interneuron", 4), counts("interneuron", 0)
    )  # fmt: skip
    assert sped > 2 * alone
    assert alone == 5
    assert silenced <= 1
    assert abs(pyramidal - interneuron) <= 4


def test_late_inhibition_sets_a_window_that_grows_with_the_delay(synapse_notebook):
    circuit, window = synapse_notebook["circuit"], synapse_notebook["window"]
    fires = [
        len(circuit(10, delay)[0].spike_times) > 0 for delay in np.arange(2, 20, 0.5)
    ]
    assert fires == [delay >= 10 for delay in np.arange(2, 20, 0.5)]
    assert (
        len(circuit(100, 2, weight_I=0)[0].spike_times) == 0
    )  # each volley alone is too weak
    windows = [window(delay) for delay in (2, 5, 8, 12, 20)]
    assert (np.diff(windows) > 0).all()
    without = max(
        apart
        for apart in np.arange(0, 25, 0.5)
        if len(circuit(apart, 2, weight_I=0)[0].spike_times)
    )
    assert windows[-1] == without
