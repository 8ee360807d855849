"""`simulate` against closed forms, a slow reference, an Euler loop and, where
installed, Brian2.
"""

import dataclasses
import itertools
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peers import peer
from reference import reference

import lif_helpers as lif


def interval(neuron, current):
    """The interspike interval at constant current, from the equation."""
    V_inf = neuron.E_L + neuron.R * current
    return neuron.t_ref + neuron.tau_m * math.log(
        (V_inf - neuron.V_reset) / (V_inf - neuron.V_th)
    )


def floats(low, high):
    return st.floats(low, high, allow_nan=False)


@st.composite
def neurons(draw):
    E_L = draw(floats(-80, -60))
    V_th = E_L + draw(floats(1, 30))
    V_reset = V_th - draw(floats(1, 40))
    return lif.Neuron(
        draw(floats(1, 100)),
        draw(floats(5, 500)),
        E_L,
        V_th,
        V_reset,
        draw(floats(0, 20)),
    )


@pytest.mark.parametrize("dt", [0.01, 0.1, 1, 7.3])
@pytest.mark.parametrize("times_rheobase", [1.0001, 1.01, 1.5, 3, 10, 30, 100])
@pytest.mark.parametrize("t_ref", [0, 2, 5.55])
def test_constant_current_gives_the_interval_of_the_closed_form(
    dt, times_rheobase, t_ref
):
    neuron = lif.Neuron(t_ref=t_ref)
    current = times_rheobase * neuron.rheobase
    expected = interval(neuron, current)
    t = lif.time_grid(math.ceil(12 * expected / dt + 1) * dt, dt)
    first = neuron.tau_m * math.log1p(
        (neuron.V_th - neuron.E_L) / (neuron.R * current - (neuron.V_th - neuron.E_L))
    )
    for I in (current, np.full(len(t), current)):
        spikes = lif.simulate(neuron, t, I).spike_times
        assert len(spikes) >= 10
        np.testing.assert_allclose(np.diff(spikes), expected, rtol=1e-9)
        np.testing.assert_allclose(spikes[0], first, rtol=1e-9)


@pytest.mark.filterwarnings("ignore:I reaches")
@settings(deadline=None, max_examples=60)
@given(neurons(), floats(1.0001, 30), floats(0.01, 40))
def test_any_neuron_keeps_the_interval_of_the_closed_form(neuron, times_rheobase, dt):
    current = times_rheobase * neuron.rheobase
    expected = interval(neuron, current)
    samples = min(20_000, max(5, math.ceil(30 * expected / dt)))
    t = np.arange(samples) * dt
    for I in (current, np.full(samples, current)):
        spikes = lif.simulate(neuron, t, I).spike_times
        np.testing.assert_allclose(np.diff(spikes), expected, rtol=1e-9, atol=1e-9 * dt)


@pytest.mark.filterwarnings("ignore:(I|g_E|g_I) reaches")
@settings(deadline=None, max_examples=150)
@given(
    neuron=neurons(),
    dt=floats(0.01, 15),
    samples=st.integers(2, 400),
    drive=floats(0, 60),
    noise=floats(0, 60),
    conductance=st.sampled_from([0.0, 0.3, 3.0, 60.0]),
    varying=st.booleans(),
    constant=st.booleans(),
    seed=st.integers(0, 2**32),
)
def test_any_inputs_agree_with_the_slow_reference(
    neuron, dt, samples, drive, noise, conductance, varying, constant, seed
):
    rng = np.random.default_rng(seed)
    noise = 0 if constant else noise
    current = (drive + noise * rng.standard_normal(samples)) / neuron.R
    g_E, g_I = (
        conductance
        / neuron.R
        * rng.exponential(size=(2, samples if varying else 1))
        * np.ones((1, samples))
    )
    t = 3.3 + np.arange(samples) * dt
    given = (g_E, g_I) if varying else (g_E[0], g_I[0])
    I = current[0] if constant else current
    recording = lif.simulate(neuron, t, I, g_E=given[0], g_I=given[1], E_E=-5, E_I=-77)
    V, spikes = reference(neuron, t, current, g_E, g_I, E_E=-5, E_I=-77)
    assert len(recording.spike_times) == len(spikes)
    np.testing.assert_allclose(recording.spike_times, spikes, rtol=1e-9)
    np.testing.assert_allclose(recording.V, V, atol=1e-9 * (1 + drive + noise))


def test_long_recordings_agree_with_the_slow_reference_across_blocks():
    neuron, t = lif.Neuron(), lif.time_grid(6_000)  # more than is summed at once
    current = 0.19 + lif.white_noise(t, neuron, 5.0, seed=3)
    g_E = lif.synaptic_conductance(t, lif.poisson_spikes(300, 6_000, seed=4), 0.002, 5)
    g_I = lif.synaptic_conductance(t, lif.poisson_spikes(100, 6_000, seed=5), 0.004, 10)
    for conductances in ((np.zeros_like(t), np.zeros_like(t)), (g_E, g_I)):
        recording = lif.simulate(
            neuron, t, current, g_E=conductances[0], g_I=conductances[1]
        )
        V, spikes = reference(neuron, t, current, *conductances)
        assert len(spikes) > 50
        np.testing.assert_allclose(recording.spike_times, spikes, rtol=1e-9)
        np.testing.assert_allclose(recording.V, V, atol=1e-9)


def test_a_refractory_period_longer_than_a_block_is_kept():
    neuron = lif.Neuron(t_ref=4_000.05)
    t = lif.time_grid(10_000)
    recording = lif.simulate(neuron, t, np.full(len(t), 0.5))
    np.testing.assert_allclose(
        np.diff(recording.spike_times), interval(neuron, 0.5), rtol=1e-9
    )
    held = (recording.t > recording.spike_times[0]) & (
        recording.t < recording.spike_times[0] + neuron.t_ref
    )
    assert held.sum() > 35_000
    assert (recording.V[held] == neuron.V_reset).all()


def euler(neuron, t, current):
    """The loop that a student writes, without refractory period."""
    dt, V, trace, spikes = t[1] - t[0], neuron.E_L, [neuron.E_L], []
    for k in range(len(t) - 1):
        V += dt * (-(V - neuron.E_L) + neuron.R * current[k]) / neuron.tau_m
        if neuron.V_th <= V:
            spikes.append(t[k + 1])
            V = neuron.V_reset
        trace.append(V)
    return np.array(trace), np.array(spikes)


def test_the_error_of_an_euler_loop_is_in_proportion_to_dt():
    neuron = lif.Neuron(V_th=math.inf)
    errors = []
    for dt in (0.2, 0.1, 0.05, 0.025):
        t = lif.time_grid(100, dt)
        current = lif.step_current(t, 0.15, 20, 70)
        errors.append(
            np.abs(
                euler(neuron, t, current)[0] - lif.simulate(neuron, t, current).V
            ).max()
        )
    np.testing.assert_allclose(np.divide(errors[:-1], errors[1:]), 2, rtol=0.02)


def test_an_euler_loop_with_small_dt_fires_at_the_same_times():
    neuron, t = lif.Neuron(t_ref=0), lif.time_grid(300, 0.002)
    current = lif.sine_current(t, 0.25, 8) + 0.15
    exact, loop = (
        lif.simulate(neuron, t, current).spike_times,
        euler(neuron, t, current)[1],
    )
    assert len(exact) == len(loop) > 4
    np.testing.assert_allclose(exact, loop, atol=0.03)


@settings(deadline=None)
@given(neurons())
def test_at_exactly_the_rheobase_there_is_no_spike_however_long(neuron):
    t = (
        np.arange(30_000) * neuron.tau_m / 20
    )  # 1500 time constants: V comes as near as float64 allows
    for current in (neuron.rheobase, np.full(len(t), neuron.rheobase)):
        recording = lif.simulate(neuron, t, current)
        assert len(recording.spike_times) == 0
        assert recording.V[-1] == pytest.approx(neuron.V_th, abs=1e-9)
        assert recording.V.max() < neuron.V_th
        longer = lif.simulate(neuron, t[:2], neuron.rheobase, V0=recording.V[-1])
        assert len(longer.spike_times) == 0


def test_a_stay_at_the_rheobase_between_stronger_currents_adds_no_spike():
    neuron, t = lif.Neuron(), lif.time_grid(2_000)
    at_rheobase = lif.step_current(t, neuron.rheobase, 0, 1_900)
    recording = lif.simulate(neuron, t, at_rheobase + lif.step_current(t, 0.4, 1_900))
    assert recording.spike_times[0] >= 1_900
    assert len(recording.spike_times) == pytest.approx(
        100 / interval(neuron, 0.4), abs=1
    )


@pytest.mark.filterwarnings("ignore:I reaches")
@settings(deadline=None)
@given(neurons(), floats(0.05, 5), st.integers(0, 999))
def test_V_never_passes_the_threshold_and_is_held_at_reset(neuron, dt, seed):
    t = np.arange(500) * dt
    recording = lif.simulate(
        neuron, t, neuron.rheobase + lif.white_noise(t, neuron, 10, seed=seed)
    )
    assert recording.V.max() < neuron.V_th
    for spike in recording.spike_times:
        held = (t > spike + 1e-9) & (t < spike + neuron.t_ref - 1e-9)
        assert (recording.V[held] == neuron.V_reset).all()
    assert (recording.isi >= neuron.t_ref * (1 - 1e-9)).all()


def test_spike_times_do_not_depend_on_dt():
    neuron = lif.Neuron()
    for dt in (0.01, 0.5, 5):
        t = lif.time_grid(500, dt)
        spikes = lif.simulate(neuron, t, lif.step_current(t, 0.35, 50, 300)).spike_times
        np.testing.assert_allclose(
            spikes[:3],
            50 + 20 * math.log(35 / 15) + np.arange(3) * interval(neuron, 0.35),
        )


def test_inputs_hold_from_their_sample_to_the_next():
    neuron, t = lif.Neuron(V_th=math.inf), lif.time_grid(1, 0.5)
    V = lif.simulate(neuron, t, np.array([0.1, 0.0, 99.0])).V
    assert V[1] == pytest.approx(-70 + 10 * (1 - math.exp(-0.5 / 20)))
    assert V[2] == pytest.approx(
        -70 + (V[1] + 70) * math.exp(-0.5 / 20)
    )  # the last value is never used


def test_rest_stays_at_rest_exactly():
    t = lif.time_grid(5_000)
    for I in (0.0, np.zeros(len(t)), np.zeros((2, 1))):
        assert (lif.simulate(lif.Neuron(), t, I).V == -70).all()
    step = lif.simulate(lif.Neuron(), t, lif.step_current(t, 0.3, 50))
    assert t[step.V > -70][0] == 50.1


def test_a_passive_membrane_never_fires():
    neuron = lif.Neuron(V_th=math.inf)
    recording = lif.simulate(neuron, lif.time_grid(200), 5.0)
    assert len(recording.spike_times) == 0
    np.testing.assert_allclose(
        recording.V, lif.charging_curve(neuron, recording.t, 5.0)
    )


def test_trials_are_single_runs_side_by_side():
    neuron, t = lif.Neuron(), lif.time_grid(400)
    noise = 0.2 + lif.white_noise(t, neuron, 4, seed=1, trials=5)
    g_E = lif.synaptic_conductance(t, [30.0, 200.0], 0.02, 5)
    g_I = np.array([[0.0], [0.001], [0.002], [0.003], [0.02]])
    together = lif.simulate(neuron, t, noise, g_E=g_E, g_I=g_I)
    assert together.V.shape == together.I.shape == (5, len(t))
    assert (
        len(together.spike_times)
        == len(together.rate)
        == len(together.isi)
        == len(together.cv)
        == 5
    )
    for k in range(5):
        alone = lif.simulate(neuron, t, noise[k], g_E=g_E, g_I=float(g_I[k, 0]))
        np.testing.assert_array_equal(together.V[k], alone.V)
        np.testing.assert_array_equal(together.spike_times[k], alone.spike_times)
        assert together.rate[k] == alone.rate


def test_one_current_per_trial_broadcasts():
    neuron, t = lif.Neuron(), lif.time_grid(300)
    recording = lif.simulate(neuron, t, np.array([[0.1], [0.3], [0.5]]))
    assert recording.V.shape == (3, len(t))
    assert list(recording.rate) == [
        lif.simulate(neuron, t, current).rate for current in (0.1, 0.3, 0.5)
    ]


def test_measures_of_a_recording():
    neuron, t = lif.Neuron(), lif.time_grid(500)
    recording = lif.simulate(neuron, t, 0.3)
    n = len(recording.spike_times)
    assert recording.rate == n / 0.5
    assert len(recording.isi) == n - 1
    assert recording.cv == pytest.approx(0, abs=1e-9)
    assert repr(recording) == f"Recording(500 ms, V of shape (5001,), {n} spikes)"
    assert math.isnan(
        lif.simulate(neuron, lif.time_grid(100), 0.3).cv
    )  # fewer than three intervals
    irregular = dataclasses.replace(
        recording, spike_times=np.array([0.0, 1.0, 3.0, 6.0])
    )
    assert irregular.cv == pytest.approx(math.sqrt(2 / 3) / 2)


def test_the_numbers_of_a_recording_have_units_and_a_CV_only_from_many_intervals():
    rng = np.random.default_rng(1)
    recording = lif.simulate(lif.Neuron(), lif.time_grid(2_000), 0.3)
    for intervals in (49, 50):
        spikes = np.cumsum(rng.exponential(20, intervals + 1))
        numbers = dataclasses.replace(recording, spike_times=spikes).numbers
        assert numbers["rate"] == ((intervals + 1) / 2, "Hz")
    cv = np.diff(spikes).std() / np.diff(spikes).mean()
    assert numbers["CV"] == (pytest.approx(cv), "", ".2f")
    assert recording.part(0, 100).numbers["CV"] == "from 50 intervals on"
    with pytest.raises(ValueError, match="numbers are of a single trial"):
        _ = lif.simulate(lif.Neuron(), T, [[0.1], [0.2]]).numbers


def test_the_callers_arrays_are_left_alone():
    neuron, t = lif.Neuron(), lif.time_grid(300)
    current, g = np.full(len(t), 0.4), np.full(len(t), 0.001)
    for array in (t, current, g):
        array.setflags(write=False)
    lif.simulate(neuron, t, current, g_E=g, g_I=g)


@pytest.mark.parametrize("trials", [None, 10])
@pytest.mark.parametrize("conductance", [0.0, 0.001])
def test_memory_stays_below_eight_times_V(trials, conductance):
    t = lif.time_grid(30_000)
    noise = lif.white_noise(t, lif.Neuron(), 4, seed=0, trials=trials)
    g = np.full(len(t), conductance) if conductance else 0.0
    tracemalloc.start()
    recording = lif.simulate(lif.Neuron(), t, noise, g_E=g, g_I=g)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * recording.V.nbytes


T = lif.time_grid(10)
ROW = np.zeros(len(T))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (
            {"I": np.append(ROW[:-1], math.nan)},
            ValueError,
            r"I\[100\] = nan nA must be a finite number",
        ),
        ({"I": math.inf}, ValueError, r"I = inf nA must be a finite number"),
        ({"I": "strong"}, TypeError, r"I must be numbers, in nA, not text"),
        (
            {"I": ROW[:-1]},
            ValueError,
            r"I, g_E, g_I of shapes \(100,\).* must be numbers or fit \(101,\)",
        ),
        (
            {"I": np.zeros((3, 4, 101))},
            ValueError,
            r"must be numbers or fit \(101,\) or \(trials, 101\)",
        ),
        ({"I": np.zeros((0, 101))}, ValueError, r"must be numbers or fit"),
        (
            {"I": np.zeros((2, 101)), "g_E": np.zeros((3, 101))},
            ValueError,
            r"must be numbers or fit",
        ),
        ({"g_E": -0.001}, ValueError, r"g_E = -0.001 µS must be 0 or above"),
        ({"g_I": ROW - 1}, ValueError, r"g_I = -1 µS must be 0 or above"),
        ({"g_I": [math.nan]}, ValueError, r"g_I\[0\] = nan µS must be a finite number"),
        ({"E_E": math.nan}, ValueError, r"E_E = nan mV must be a finite number of mV"),
        ({"E_I": "low"}, TypeError, r"E_I = 'low' must be a finite number of mV"),
        ({"V0": -50}, ValueError, r"V0 = -50 mV must lie below V_th = -50 mV"),
        (
            {"V0": [-60, -60]},
            ValueError,
            r"V0 of shape \(2,\) must be one number, or one per trial",
        ),
        (
            {"V0": np.full(101, -60)},
            ValueError,
            r"V0 of shape \(101,\) must be one number, or one per trial",
        ),
        (
            {"refractory_left": -1},
            ValueError,
            r"refractory_left = -1 ms must be 0 or above",
        ),
        (
            {"I": ROW[:, None]},
            ValueError,
            r"I is a column of shape \(101, 1\).* I.ravel\(\) makes it a row",
        ),
        ({"g_E": ROW[:, None]}, ValueError, r"g_E is a column of shape \(101, 1\)"),
        (
            {"t": [0.0]},
            ValueError,
            r"t of shape \(1,\) must be one row of at least two sample times, in ms",
        ),
        ({"t": np.zeros((2, 2))}, ValueError, r"t of shape \(2, 2\) must be one row"),
        (
            {"t": [0, 1, 3.0]},
            ValueError,
            r"t must increase in even steps; its steps range from 1 to 2 ms",
        ),
        ({"t": [0, 0, 0]}, ValueError, r"t must increase in even steps"),
        (
            {"t": [2, 1, 0]},
            ValueError,
            r"t must increase in even steps; its steps range from -1 to -1 ms",
        ),
        ({"t": [0, math.nan]}, ValueError, r"t\[1\] = nan ms must be a finite number"),
    ],
)
def test_bad_input_is_refused_in_words(arguments, error, words):
    with pytest.raises(error, match=words):
        lif.simulate(lif.Neuron(), **{"t": T, **arguments})


@pytest.mark.parametrize("E_L", [-50, -40])
def test_a_rest_above_the_threshold_needs_a_V0(E_L):
    neuron = lif.Neuron(E_L=E_L, V_reset=-60)
    words = f"E_L = {E_L} mV does not lie below V_th = -50 mV: give V0"
    for call in (lambda: lif.simulate(neuron, T), lambda: lif.latency(neuron, 0.1)):
        with pytest.raises(ValueError, match=words):
            call()
    fires = lif.simulate(neuron, lif.time_grid(200), V0=-60).spike_times
    assert len(fires) == (0 if E_L == -50 else 12)


# ---- Sample times --------------------------------------------------------------------


@pytest.mark.parametrize(
    "t",
    [
        lif.time_grid(10_000).astype(np.float32),
        np.round(np.arange(3000) / 30, 4),  # 30 kHz, with the digits of a file
        np.round(np.arange(3000) / 30, 3),
        np.round(7 + np.arange(3000) * 0.05, 2).tolist(),
    ],
)
def test_times_with_few_digits_are_taken_for_the_even_ones_that_they_mean(t):
    recording = lif.simulate(lif.Neuron(), t, 0.4)
    even = np.linspace(t[0], t[-1], len(t))
    exact = lif.simulate(lif.Neuron(), even, 0.4).spike_times
    assert len(exact) > 3
    np.testing.assert_allclose(recording.spike_times, exact, rtol=1e-12)
    np.testing.assert_array_equal(recording.t, np.asarray(t, float))


@pytest.mark.parametrize(
    "shift", [0.4, 0.3, 0.2, 0.1, 0.06, -0.06, -0.1, -0.4, 1.0, 1e-3 + 1]
)
@pytest.mark.parametrize("which", [1, 50, 98, slice(1, 99, 2), slice(50, 99)])
def test_times_that_lie_beside_the_even_ones_are_refused(shift, which):
    for dt in (1.0, 0.1):
        t = np.arange(100.0)
        t[which] += shift
        with pytest.raises(ValueError, match="t must increase in even steps; its step"):
            lif.simulate(lif.Neuron(), 5 + dt * t, 0.4)


def test_a_lost_sample_and_a_slow_drift_are_refused():
    for t in (np.delete(np.arange(50_000.0), 49_990), np.linspace(0, 1, 99) ** 1.02):
        with pytest.raises(ValueError, match="t must increase in even steps"):
            lif.simulate(lif.Neuron(), t)


def test_a_recording_owns_what_it_holds():
    t, current = lif.time_grid(500), np.full(5001, 0.4)
    recording = lif.simulate(lif.Neuron(), t, current)
    before = recording.rate, recording.t.copy(), recording.I.copy()
    for array in (t, current):
        array /= 1000
    assert recording.rate == before[0]
    np.testing.assert_array_equal(recording.t, before[1])
    np.testing.assert_array_equal(recording.I, before[2])
    part = recording.part(100, 200)
    V = part.V.copy()
    recording.V[:] = 0
    np.testing.assert_array_equal(part.V, V)


# ---- Cut and continued ---------------------------------------------------------------


@settings(deadline=None, max_examples=150)
@given(
    neuron=neurons(),
    dt=floats(0.02, 8),
    samples=st.integers(4, 300),
    drive=floats(0, 60),
    noise=st.sampled_from([0.0, 40.0]),
    conductance=st.sampled_from([0.0, 1.0]),
    at_spike=st.booleans(),
    cuts=st.lists(floats(0, 1), min_size=1, max_size=3),
    seed=st.integers(0, 2**32),
)
def test_a_run_may_be_cut_anywhere_and_goes_on_exactly(
    neuron, dt, samples, drive, noise, conductance, at_spike, cuts, seed
):
    rng = np.random.default_rng(seed)
    t = 50 + np.arange(samples) * dt
    I = (drive + noise * rng.standard_normal(samples)) / neuron.R
    g = conductance / neuron.R * rng.exponential(size=samples)
    uncut = lif.simulate(neuron, t, I, g_E=g)
    places = (np.array(cuts) * samples).astype(int)
    if at_spike and len(uncut.spike_times):  # in the refractory period
        spikes = uncut.spike_times[: len(places)]
        places = np.searchsorted(t, spikes) + places[: len(spikes)] % 3
    borders = np.unique(np.clip([0, *places, samples - 1], 0, samples - 1))
    spikes, state = [], {}
    for begin, end in itertools.pairwise(borders):
        piece = slice(begin, end + 1)
        run = lif.simulate(neuron, t[piece], I[piece], g_E=g[piece], **state)
        state = {"V0": run.V[-1], "refractory_left": run.refractory_left}
        spikes.extend(run.spike_times)
        np.testing.assert_allclose(run.V[1:], uncut.V[piece][1:], atol=1e-9)
        same = uncut.part(t[begin], t[end])
        np.testing.assert_array_equal(same.t, t[piece])
        np.testing.assert_array_equal(same.V, uncut.V[piece])
        np.testing.assert_array_equal(same.I, I[piece])
        np.testing.assert_allclose(same.spike_times, run.spike_times, rtol=1e-9)
        assert same.refractory_left == pytest.approx(run.refractory_left, abs=1e-9)
    np.testing.assert_allclose(spikes, uncut.spike_times, rtol=1e-9)
    assert run.refractory_left == pytest.approx(uncut.refractory_left, abs=1e-9)


def test_a_cut_within_the_refractory_period_loses_and_adds_no_spike():
    neuron, t = lif.Neuron(t_ref=10), lif.time_grid(300)
    for I in (0.5, np.full(len(t), 0.5)):  # in closed form, and step by step
        uncut = lif.simulate(neuron, t, I)
        cut = np.searchsorted(t, uncut.spike_times[3]) + 40
        one, two = (I, I) if np.ndim(I) == 0 else (I[: cut + 1], I[cut:])
        first = lif.simulate(neuron, t[: cut + 1], one)
        assert first.refractory_left == pytest.approx(
            10 - (t[cut] - uncut.spike_times[3])
        )
        state = {"V0": first.V[-1], "refractory_left": first.refractory_left}
        second = lif.simulate(neuron, t[cut:], two, **state)
        joined = [*first.spike_times, *second.spike_times]
        np.testing.assert_allclose(joined, uncut.spike_times, rtol=1e-12)
        forgotten = lif.simulate(neuron, t[cut:], two, V0=first.V[-1])
        assert abs(forgotten.spike_times[0] - second.spike_times[0]) > 5


def test_trials_are_cut_and_continued_each_from_its_own_state():
    neuron, t = lif.Neuron(t_ref=8), lif.time_grid(400)
    noise = 0.25 + lif.white_noise(t, neuron, 4, seed=2, trials=12)
    uncut = lif.simulate(neuron, t, noise)
    first = lif.simulate(neuron, t[:2001], noise[:, :2001])
    assert 0 < np.count_nonzero(first.refractory_left) < 12
    second = lif.simulate(
        neuron,
        t[2000:],
        noise[:, 2000:],
        V0=first.V[:, -1],
        refractory_left=first.refractory_left,
    )
    for k in range(12):
        spikes = np.concatenate([first.spike_times[k], second.spike_times[k]])
        np.testing.assert_allclose(spikes, uncut.spike_times[k], rtol=1e-9)
    np.testing.assert_allclose(second.V, uncut.V[:, 2000:], atol=1e-9)
    part = uncut.part(200, 400)
    np.testing.assert_array_equal(part.V, uncut.V[:, 2000:])
    np.testing.assert_allclose(part.rate, second.rate)


def test_the_rest_of_a_refractory_period_may_outlast_the_run():
    neuron, t = lif.Neuron(), lif.time_grid(5)
    for I in (0.9, np.full(len(t), 0.9)):
        recording = lif.simulate(neuron, t, I, refractory_left=7.5)
        assert (recording.V == neuron.V_reset).all()
        assert recording.refractory_left == pytest.approx(2.5)
        assert recording.part(1, 2).refractory_left == pytest.approx(5.5)
        assert len(recording.spike_times) == 0


def test_a_part_has_both_its_ends_and_the_spikes_between_them():
    recording = lif.simulate(lif.Neuron(), lif.time_grid(500), 0.4)
    part = recording.part(100, 300)
    assert (part.t[0], part.t[-1], len(part.t)) == (100, 300, 2001)
    spikes = recording.spike_times
    assert part.spike_times.tolist() == spikes[(spikes > 100) & (spikes < 300)].tolist()
    assert part.rate == len(part.spike_times) / 0.2
    rest = recording.part(300)
    assert rest.t[-1] == 500
    assert len(recording.part(0, 300).spike_times) + len(rest.spike_times) == len(
        spikes
    )
    assert recording.part(99.96, 300.04).t.tolist() == part.t.tolist()
    for start, stop in ((600, 700), (100, 100), (100.02, 100.18)):
        with pytest.raises(
            ValueError, match=f"from {start} to {stop} ms there are few"
        ):
            recording.part(start, stop)
    with pytest.raises(ValueError, match=r"stop = 5 ms must be .*, 10 or above"):
        recording.part(10, 5)


@pytest.mark.parametrize("array", [False, True])
def test_a_spike_in_the_last_sample_counts_and_one_after_it_does_not(array):
    neuron = lif.Neuron()
    first = lif.latency(neuron, 0.4)
    for samples_to_spike, spikes in ((9.999, 1), (10.001, 0)):
        t = np.arange(11) * first / samples_to_spike
        I = np.full(11, 0.4) if array else 0.4
        recording = lif.simulate(neuron, t, I)
        assert len(recording.spike_times) == spikes
        assert recording.V[-1] == (
            neuron.V_reset if spikes else pytest.approx(-50, abs=0.1)
        )


@pytest.mark.filterwarnings("ignore:I reaches")
def test_an_endless_burst_is_refused():
    neuron = lif.Neuron(t_ref=0)
    for I in (1e15, np.full(len(T), 1e15)):
        with pytest.raises(ValueError, match="over a million spikes per sample with"):
            lif.simulate(neuron, T, I)


PEER_DT, PEER_DURATION = 0.01, 300


def peer_task():
    """A neuron, its current (nA), and the spike times (ms) that `simulate` gives."""
    neuron, t = lif.Neuron(), lif.time_grid(PEER_DURATION, PEER_DT)
    current = 0.25 + lif.sine_current(t, 0.1, 10)
    return neuron, current, lif.simulate(neuron, t, current).spike_times


def assert_as_close_as_the_grid_allows(peer, spike_times):
    """A peer puts each spike on its grid, up to a step late, and with it the
    refractory period that follows.
    """
    assert len(peer) == len(spike_times) > 4
    np.testing.assert_allclose(peer, spike_times, atol=2 * PEER_DT * len(spike_times))


@pytest.mark.filterwarnings("ignore")  # of the peer itself
def test_brian2_fires_at_the_same_times():
    brian2 = peer("brian2")
    brian2.prefs.codegen.target = "numpy"
    neuron, current, spike_times = peer_task()
    brian2.defaultclock.dt = PEER_DT * brian2.ms
    group = brian2.NeuronGroup(
        1,
        "dv/dt = (-(v - E_L) + R * values(t)) / (tau_m * ms) : 1 (unless refractory)",
        threshold="v >= V_th",
        reset="v = V_reset",
        refractory=neuron.t_ref * brian2.ms,
        method="exact",
        namespace={
            **dataclasses.asdict(neuron),
            "values": brian2.TimedArray(current, dt=PEER_DT * brian2.ms),
        },
    )
    group.v = neuron.E_L
    monitor = brian2.SpikeMonitor(group)
    brian2.Network(group, monitor).run(PEER_DURATION * brian2.ms)
    assert_as_close_as_the_grid_allows(np.asarray(monitor.t / brian2.ms), spike_times)


def nest_spikes(model, neuron, current):
    nest = peer("nest")
    nest.set_verbosity("M_ERROR")
    nest.ResetKernel()
    nest.resolution = PEER_DT
    cell = nest.Create(
        model,
        params={
            "tau_m": neuron.tau_m,
            "C_m": neuron.C * 1000,  # pF
            "E_L": neuron.E_L,
            "V_th": neuron.V_th,
            "V_reset": neuron.V_reset,
            "V_m": neuron.E_L,
            "t_ref": neuron.t_ref,
        },
    )
    # A current needs a step to arrive, so it is sent a step earlier.
    times = PEER_DT * np.arange(1, len(current) - 1)
    source = nest.Create(
        "step_current_generator",
        params={
            "amplitude_times": times,
            "amplitude_values": current[2:] * 1000,
            "allow_offgrid_times": True,
        },
    )
    recorder = nest.Create("spike_recorder")
    nest.Connect(source, cell, syn_spec={"delay": PEER_DT})
    nest.Connect(cell, recorder)
    nest.Simulate(PEER_DURATION)
    return recorder.events["times"]


@pytest.mark.filterwarnings("ignore")  # of the peer itself
def test_nest_fires_at_the_same_times():
    neuron, current, spike_times = peer_task()
    peer = nest_spikes("iaf_psc_delta", neuron, current)
    assert_as_close_as_the_grid_allows(peer, spike_times)


@pytest.mark.filterwarnings("ignore")  # of the peer itself
def test_nests_precise_model_fires_at_the_same_times_to_nine_digits():
    neuron, current, _ = peer_task()
    current[:2] = 0  # the peer has none before its first step
    t = lif.time_grid(PEER_DURATION, PEER_DT)
    spike_times = lif.simulate(neuron, t, current).spike_times
    peer = nest_spikes("iaf_psc_delta_ps", neuron, current)
    assert len(peer) == len(spike_times) > 4
    np.testing.assert_allclose(peer, spike_times, rtol=1e-9)
