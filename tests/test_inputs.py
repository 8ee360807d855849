"""Time grids, currents, noise and synaptic conductances against their definitions."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lif_helpers as lif

T = lif.time_grid(500)
NEURON = lif.Neuron()


def floats(low, high):
    return st.floats(low, high, allow_nan=False)


def charge(t, current):
    """nA ms, each sample lasting dt."""
    return current.sum() * (t[-1] - t[0]) / (len(t) - 1)


def test_time_grid_has_both_ends_and_even_steps():
    assert len(T) == 5001
    assert (T[0], T[-1]) == (0, 500)
    np.testing.assert_allclose(np.diff(T), 0.1)
    assert len(lif.time_grid(0.3, 0.1)) == 4  # although 0.3 / 0.1 is below 3 in float64


@pytest.mark.parametrize(
    ("duration", "dt"),
    [(10, 0.3), (0, 0.1), (-5, 0.1), (10, 0), (10, 20), (math.nan, 1), ("5", 1)],
)
def test_time_grid_refuses_what_is_no_whole_number_of_steps(duration, dt):
    with pytest.raises((ValueError, TypeError), match=r"duration|dt"):
        lif.time_grid(duration, dt)


@pytest.mark.parametrize("dt", [0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1])
def test_a_step_includes_its_start_and_excludes_its_stop(dt):
    t = lif.time_grid(500, dt)
    current = lif.step_current(t, 0.3, 100, 200)
    on = np.flatnonzero(current)
    assert set(current) == {0.0, 0.3}
    assert len(on) == round(100 / dt)
    np.testing.assert_allclose(t[on[[0, -1]]], [100, 200 - dt])


@pytest.mark.parametrize("offset", [0, 1e6 / 3])
def test_a_step_does_not_feel_how_t_was_rounded(offset):
    for t in (
        np.arange(5001) * 0.1,
        np.cumsum(np.full(5001, 0.1)) - 0.1,
        np.linspace(0, 500, 5001),
    ):
        current = lif.step_current(t + offset, 1.0, 100 + offset, 200 + offset)
        assert np.flatnonzero(current)[[0, -1]].tolist() == [1000, 1999]
        assert set(current) == {0.0, 1.0}


@settings(deadline=None)
@given(
    floats(0, 400), floats(0, 90), floats(-2, 2), st.sampled_from([0.03125, 0.1, 1, 5])
)
def test_a_step_carries_its_exact_charge(start, width, amplitude, dt):
    t = lif.time_grid(500, dt)
    assert charge(
        t, lif.step_current(t, amplitude, start, start + width)
    ) == pytest.approx(amplitude * width, abs=1e-5 * dt)


def test_a_step_without_end_lasts_to_the_last_sample():
    np.testing.assert_array_equal(lif.step_current(T, 0.2), np.full(len(T), 0.2))
    assert lif.step_current(T, 0.2, 600).sum() == 0


def test_pulses_add_and_carry_their_charge():
    pulses = lif.pulse_current(T, 0.5, [10, 12, 12.05, 400], 3)
    assert charge(T, pulses) == pytest.approx(4 * 0.5 * 3)
    assert pulses.max() == pytest.approx(1.5)
    assert lif.pulse_current(T, 0.5, [], 3).shape == T.shape
    np.testing.assert_array_equal(
        lif.pulse_current(T, 0.5, 10, 3), lif.step_current(T, 0.5, 10, 13)
    )


@settings(deadline=None)
@given(
    st.lists(floats(-30, 520), max_size=30),
    floats(0.001, 60),
    st.sampled_from([0.05, 0.1, 2.5]),
)
def test_pulses_are_the_sum_of_steps_and_exactly_zero_between_them(times, width, dt):
    t = -20 + lif.time_grid(500, dt)
    pulses = lif.pulse_current(t, 0.7, times, width)
    steps = [lif.step_current(t, 0.7, start, start + width) for start in times]
    np.testing.assert_allclose(pulses, sum(steps, np.zeros(len(t))), atol=1e-12)
    touched = [(t + dt > start - dt) & (t < start + width + dt) for start in times]
    assert (pulses[~np.any(touched, axis=0) if times else ...] == 0).all()


def test_a_ramp_rises_evenly_and_stays():
    ramp = lif.ramp_current(T, 0.4, 100, 300)
    middle = T + 0.05  # a sample holds its mean, the value in its middle
    np.testing.assert_allclose(
        ramp, np.interp(middle, [100, 300], [0, 0.4]), atol=1e-12
    )
    assert lif.ramp_current(T, 0.4)[-2] == pytest.approx(0.4, rel=1e-3)


def test_a_ramp_may_rise_at_once():
    for start in (100, 100.03, -5, 600):
        np.testing.assert_array_equal(
            lif.ramp_current(T, 0.4, start, start), lif.step_current(T, 0.4, start)
        )
    steep = lif.ramp_current(T, 0.4, 100, 100 + 1e-9)
    np.testing.assert_allclose(steep, lif.step_current(T, 0.4, 100), atol=1e-6)
    assert (lif.ramp_current(T, 0.4, 600) == 0).all()  # begins after the end of t


@pytest.mark.parametrize("frequency", [10, 800])
def test_samples_hold_the_mean_of_a_sine(frequency):
    omega = 2 * math.pi * frequency / 1000
    edges = np.append(T, T[-1] + 0.1)
    mean = -np.diff(np.cos(omega * edges + 0.5)) / omega / 0.1
    np.testing.assert_allclose(
        lif.sine_current(T, 0.4, frequency, phase=0.5), 0.4 * mean, atol=1e-10
    )
    assert lif.sine_current(T, 0.4, 0).tolist() == [0] * len(T)


@pytest.mark.parametrize("dt", [0.02, 0.5, 5])
@pytest.mark.parametrize("tau_m", [5, 20])
def test_white_noise_gives_the_free_potential_its_sigma_V_at_any_dt(dt, tau_m):
    neuron = lif.Neuron(V_th=math.inf, tau_m=tau_m)
    burn_in = round(8 * tau_m / dt)
    trials = 1000 if burn_in < 1500 else 40
    t = np.arange(burn_in + 400) * dt
    V = lif.simulate(
        neuron, t, lif.white_noise(t, neuron, 3.0, seed=1, trials=trials)
    ).V[:, burn_in:]
    independent = trials * (1 + 400 * dt / (2 * tau_m))
    assert V.std() == pytest.approx(3.0, rel=5 / math.sqrt(2 * independent))
    assert V.mean() == pytest.approx(-70, abs=5 * 3.0 * math.sqrt(2 / independent))


def test_white_noise_has_the_standard_deviation_of_its_formula():
    a = math.exp(-0.1 / 20)
    std = lif.white_noise(T, NEURON, 3.0, seed=1, trials=100).std()
    assert std == pytest.approx(3.0 / 100 * math.sqrt((1 + a) / (1 - a)), rel=0.01)


@pytest.mark.parametrize("tau", [0.01, 0.3, 10, 1e6])
def test_ou_noise_is_stationary_from_the_first_sample_with_its_correlation_time(tau):
    noise = lif.ou_noise(lif.time_grid(20, 0.5), 0.3, tau, seed=2, trials=40_000)
    np.testing.assert_allclose(noise.std(axis=0), 0.3, rtol=0.02)
    np.testing.assert_allclose(noise.mean(axis=0), 0, atol=0.3 * 5 / 200)
    correlation = (noise[:, :1] * noise).mean(axis=0) / 0.09
    np.testing.assert_allclose(
        correlation, np.exp(-np.arange(41) * 0.5 / tau), atol=0.035
    )


def test_ou_noise_follows_its_recursion_across_blocks():
    t = np.arange(40_000) * 0.1  # more than is summed at once
    decay = math.exp(-0.1 / 7)
    normals = np.random.default_rng(5).standard_normal(len(t))
    slow = [0.3 * normals[0]]
    for normal in normals[1:]:
        slow.append(decay * slow[-1] + 0.3 * math.sqrt(1 - decay**2) * normal)
    np.testing.assert_allclose(lif.ou_noise(t, 0.3, 7, seed=5), slow, atol=1e-12)


def test_noise_is_the_same_for_the_same_seed_and_only_then():
    for noise in (
        lambda s: lif.white_noise(T, NEURON, 2, seed=s),
        lambda s: lif.ou_noise(T, 0.1, 5, seed=s),
    ):
        np.testing.assert_array_equal(noise(0), noise(0))
        assert (noise(0) != noise(1)).all()
    before = np.random.get_state()[1].copy()
    lif.white_noise(T, NEURON, 2, seed=0)
    np.testing.assert_array_equal(before, np.random.get_state()[1])


def test_noise_shapes():
    assert lif.white_noise(T, NEURON, 2, seed=0).shape == (5001,)
    assert lif.ou_noise(T, 2, 5, seed=0, trials=3).shape == (3, 5001)
    assert lif.white_noise(T, NEURON, 0, seed=0).tolist() == [0] * 5001


def test_poisson_spikes_are_sorted_and_have_rate_and_variance_of_poisson():
    trains = lif.poisson_spikes(50, 2000, seed=3, trains=2000)
    counts = np.array([len(train) for train in trains])
    assert counts.mean() == pytest.approx(100, rel=0.01)
    assert counts.var() == pytest.approx(100, rel=0.15)
    assert all(
        (np.diff(train) > 0).all() and 0 <= train[0] and train[-1] < 2000
        for train in trains
    )
    assert lif.poisson_spikes(0, 100, seed=1).shape == (0,)
    intervals = np.concatenate([np.diff(train) for train in trains])
    assert intervals.std() / intervals.mean() == pytest.approx(1, abs=0.05)


@settings(deadline=None)
@given(
    st.lists(floats(-30, 300), max_size=20),
    floats(0.5, 50),
    st.sampled_from([0.05, 0.1, 1, 7]),
    st.sampled_from([0, -150, 33.3]),
)
def test_synaptic_conductance_is_the_mean_of_decaying_exponentials(
    spikes, tau, dt, begin
):
    t = begin + np.arange(round(200 / dt)) * dt
    edges = np.append(t, t[-1] + dt)
    area = np.zeros(len(edges))  # of each exponential from its spike to each edge
    for spike in spikes:
        area += 0.004 * tau * -np.expm1(-np.maximum(0, edges - spike) / tau)
    np.testing.assert_allclose(
        lif.synaptic_conductance(t, spikes, 0.004, tau),
        np.diff(area) / dt,
        rtol=1e-9,
        atol=1e-12,
    )


def test_synaptic_conductance_peaks_near_its_weight():
    g = lif.synaptic_conductance(T, [100.0], 0.004, 5)
    assert g[999] == 0
    assert g[1000] == pytest.approx(0.004, rel=0.011)
    assert g[1050] == pytest.approx(0.004 * math.exp(-1.01), rel=0.01)


def test_a_list_of_spike_trains_is_refused_and_an_array_of_any_shape_taken():
    for trains in (
        [np.array([1.0, 2.0]), np.array([3.0])],
        [np.array([1.0, 2.0]), np.array([3.0, 4.0])],  # of equal length
        ([1.0], [2.0]),
        lif.poisson_spikes(50, 500, seed=1, trains=1),
    ):
        with pytest.raises(ValueError, match=r"np\.concatenate\(spike_times\) joins"):
            lif.synaptic_conductance(T, trains, 0.001, 5)
    waves = np.array([[10.0, 20.0], [30.0, 40.0]])
    np.testing.assert_array_equal(
        lif.synaptic_conductance(T, waves, 0.001, 5),
        lif.synaptic_conductance(T, [10.0, 20.0, 30.0, 40.0], 0.001, 5),
    )


@pytest.mark.parametrize("seed", [1.5, "1", None, -1, math.nan, True])
@pytest.mark.parametrize(
    "draw",
    [
        lambda seed: lif.white_noise(T, NEURON, 1, seed=seed),
        lambda seed: lif.ou_noise(T, 1, 1, seed=seed),
        lambda seed: lif.poisson_spikes(1, 1, seed=seed),
    ],
)
def test_a_seed_must_be_a_whole_number(draw, seed):
    with pytest.raises(
        TypeError, match=r"seed = .* must be a whole number, 0 or above"
    ):
        draw(seed)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: lif.step_current(T, math.nan),
            "amplitude = nan nA must be a finite number of nA",
        ),
        (
            lambda: lif.step_current(T, 1, 20, 10),
            "stop = 10 ms must be a finite number of ms, 20 or above",
        ),
        (
            lambda: lif.pulse_current(T, 1, [5], 0),
            "width = 0 ms must be a finite number of ms above 0",
        ),
        (
            lambda: lif.pulse_current(T, 1, [math.nan], 1),
            r"times\[0\] = nan ms must be a finite number",
        ),
        (
            lambda: lif.ramp_current(T, 1, 10, 9),
            "stop = 9 ms must be a finite number of ms, 10 or above",
        ),
        (
            lambda: lif.sine_current(T, 1, -1),
            "frequency = -1 Hz must be a finite number of Hz, 0 or above",
        ),
        (
            lambda: lif.white_noise(T, NEURON, -1, seed=0),
            "sigma_V = -1 mV must be a finite number of mV, 0 or above",
        ),
        (
            lambda: lif.white_noise(T, NEURON, 1, seed=0, trials=0),
            "trials = 0 must be a whole number, 1 or above",
        ),
        (
            lambda: lif.white_noise(T, NEURON, 1, seed=0, trials=2.0),
            "trials = 2.0 must be a whole number",
        ),
        (
            lambda: lif.ou_noise(T, -1, 5, seed=0),
            "std = -1 nA must be a finite number of nA, 0 or above",
        ),
        (
            lambda: lif.ou_noise(T, 1, 0, seed=0),
            "tau = 0 ms must be a finite number of ms above 0",
        ),
        (
            lambda: lif.poisson_spikes(-1, 10, seed=0),
            "rate = -1 Hz must be a finite number of Hz, 0 or above",
        ),
        (
            lambda: lif.poisson_spikes(1, 0, seed=0),
            "duration = 0 ms must be a finite number of ms above 0",
        ),
        (
            lambda: lif.poisson_spikes(1, 1, seed=0, trains=-1),
            "trains = -1 must be a whole number, 1 or above",
        ),
        (
            lambda: lif.synaptic_conductance(T, [1], -1, 5),
            "weight = -1 µS must be a finite number of µS, 0 or above",
        ),
        (
            lambda: lif.synaptic_conductance(T, [1], 1, -5),
            "tau = -5 ms must be a finite number of ms above 0",
        ),
        (
            lambda: lif.synaptic_conductance(T, [math.inf], 1, 5),
            r"spike_times\[0\] = inf ms must be a finite number",
        ),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises((ValueError, TypeError), match=words):
        call()
