"""What the text of notebook 04 says about directions of change, where no
printed number in them shows it.
"""

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
def noise(runs):
    """The run of notebook 04."""
    return runs(path_of("04"))


def test_more_inputs_fluctuate_more_and_relatively_less(noise):
    figure = noise.explorers["explore-counts"]
    few = numbers_at(figure, inputs=8)
    many = numbers_at(figure, inputs=1024)
    assert few["std"] == pytest.approx(0.9, abs=0.05)
    assert many["std"] == pytest.approx(10, abs=0.5)
    assert few["std / mean (theory)"] == pytest.approx(112, abs=0.5)
    assert many["std / mean (theory)"] == pytest.approx(10, abs=0.5)
    for numbers in (few, many):
        assert numbers["mean"] == pytest.approx(numbers["mean (theory)"], rel=0.05)
        assert numbers["std"] == pytest.approx(numbers["std (theory)"], rel=0.05)


def test_the_tempting_noise_vanishes_with_dt_and_the_right_one_stays(noise):
    for dt, tempting in ((0.8, 5), (0.05, 1.25)):
        numbers = numbers_at(noise.explorers["explore-dt"], dt=dt)
        assert numbers["tempting std of V"] == pytest.approx(tempting, rel=0.03)
        assert numbers["tempting std of V (theory)"] == pytest.approx(tempting)
        assert numbers["right std of V"] == pytest.approx(5, rel=0.03)
        assert numbers["right std of V (theory)"] == pytest.approx(5)


def test_width_and_memory_of_the_free_membrane_are_two_things(noise):
    figure = noise.explorers["explore-free"]
    default = numbers_at(figure)
    wider = numbers_at(figure, sigma_V=8)
    slower = numbers_at(figure, tau_m=50)
    width, memory = "std of V", "left after 20 ms"
    assert wider[width] == pytest.approx(2 * default[width], rel=0.01)
    assert wider[memory] == pytest.approx(default[memory], abs=0.01)
    assert slower[width] == pytest.approx(default[width], rel=0.05)
    assert slower[memory] > default[memory] + 0.2


def test_noise_fires_the_neuron_below_the_rheobase_and_quickens_it_above(noise):
    def rate(I, sigma_V):
        return noise.namespace["noisy"](100_000, I, sigma_V, seed=4).rate

    assert rate(0.15, 0) == 0
    assert 0 < rate(0.15, 1.5) < 0.5
    assert 0.5 < rate(0.15, 2) < 3
    assert rate(0.15, 8) > 15
    assert rate(0.25, 0) < rate(0.25, 4) < rate(0.25, 8)


def test_intervals_are_nearly_exponential_far_below_and_narrow_above_the_rheobase(
    noise,
):
    intervals = noise.namespace["noisy"](1_000_000, 0.08, 4, seed=5).isi
    assert intervals.std() / intervals.mean() > 0.9
    very_short = np.mean(intervals < 0.03 * intervals.mean())
    assert very_short < 0.5 * (1 - np.exp(-0.03))
    cvs = lif.siegert_cv(NEURON, 0.25, np.array([8, 4, 2, 1, 0.1]))
    assert (np.diff(cvs) < 0).all()
    assert cvs[-1] < 0.02


@pytest.mark.parametrize(("I", "sigma_V"), [(0.08, 5), (0.15, 5), (0.15, 2), (0.26, 2)])
def test_the_histograms_cv_is_that_of_the_theory(noise, I, sigma_V):
    numbers = numbers_at(noise.explorers["explore-isi"], I=I, sigma_V=sigma_V)
    error = 3 / np.sqrt(numbers["intervals"])  # of a CV, by chance, at most
    assert numbers["CV"] == pytest.approx(numbers["CV (theory)"], rel=error)
    exact = lif.siegert_cv(NEURON, I, sigma_V)
    assert numbers["CV (theory)"] == pytest.approx(exact, rel=0.05)
    assert numbers["intervals"] >= 100


@pytest.mark.parametrize("sigma_V", [4, 8])
def test_the_dots_lie_below_siegerts_rate_further_for_larger_dt(noise, sigma_V):
    figure = noise.explorers["explore-fi"]
    steps = (0.1, 0.2, 0.4, 0.8)
    shown = [numbers_at(figure, sigma_V=sigma_V, dt=dt) for dt in steps]
    rates = np.array([numbers["rate at 0.16 nA"] for numbers in shown])
    theory = np.array([numbers["rate (theory)"] for numbers in shown])
    raised = [numbers["rate (theory, raised threshold)"] for numbers in shown]
    assert (rates < theory).all()
    assert (np.diff(rates) < 0).all()
    assert rates == pytest.approx(raised, rel=0.1)  # 20 s
    assert theory[0] == pytest.approx(lif.siegert_rate(NEURON, 0.16, sigma_V))


def test_noise_lifts_the_fi_curve_most_around_the_rheobase():
    for sigma_V in (2, 4, 8):
        currents = np.linspace(0, 1, 201)
        lift = lif.siegert_rate(NEURON, currents, sigma_V) - lif.fi_curve(
            NEURON, currents
        )
        assert abs(currents[lift.argmax()] - NEURON.rheobase) < 0.01
        assert lift[-1] < 0.2 * lift.max()
        assert (lift > -1e-9).all()


def test_slow_noise_raises_the_cv_and_changes_the_rate_by_where_the_mean_is(noise):
    taus = (2, 8, 32, 128)

    def rates_and_cvs(I, std):
        found = [noise.namespace["rate_and_cv"](I, std(tau), tau) for tau in taus]
        return np.array(found).T

    above_rate, above_cv = rates_and_cvs(0.25, lambda tau: 0.06)
    assert (np.diff(above_cv) > 0).all()
    assert (np.diff(above_rate) < 0).all()
    below_rate, below_cv = rates_and_cvs(0.15, lambda tau: 0.06)
    assert below_cv[0] > 0.9  # rare spikes
    assert below_cv[1] < 0.9
    assert below_cv[3] > 1.3
    assert below_rate[3] > below_rate[1] > below_rate[0]
    # With sigma_V fixed at 4 mV.
    _, fixed_cv = rates_and_cvs(0.15, lambda tau: 0.04 * np.sqrt((tau + 20) / tau))
    assert (np.diff(fixed_cv) > 0).all()


def test_trials_drift_apart_with_constant_current_and_stay_together_with_frozen_noise():
    t = lif.time_grid(1000)
    private = lif.white_noise(t, NEURON, 1, seed=3, trials=20)
    spikes = lif.simulate(NEURON, t, 0.22 + private).spike_times
    spread = [np.std([train[k] for train in spikes]) for k in (0, 4, 12)]
    assert spread[0] < spread[1] < spread[2]
    frozen = lif.white_noise(t, NEURON, 5, seed=4)
    same = lif.simulate(NEURON, t, 0.22 + frozen + 0 * private).spike_times
    assert all(np.array_equal(train, same[0]) for train in same)
