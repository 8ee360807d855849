"""The theory against simulation and numerical solution."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lif_helpers as lif

NEURON = lif.Neuron()


def floats(low, high):
    return st.floats(low, high, allow_nan=False)


@pytest.mark.filterwarnings("ignore:I reaches")
@settings(deadline=None, max_examples=40)
@given(
    floats(1, 60),
    floats(10, 300),
    floats(1, 30),
    floats(1, 30),
    floats(0, 10),
    floats(1.001, 50),
)
def test_the_fi_curve_is_the_simulated_rate(
    tau_m, R, height, depth, t_ref, times_rheobase
):
    neuron = lif.Neuron(
        tau_m, R, V_th=-70 + height, V_reset=-70 + height - depth, t_ref=t_ref
    )
    current = times_rheobase * neuron.rheobase
    rate = lif.fi_curve(neuron, current)
    t = np.linspace(0, 12_000 / rate + 8 * tau_m, 2000)
    assert 1000 / np.mean(lif.simulate(neuron, t, current).isi) == pytest.approx(
        rate, rel=1e-8
    )


@settings(deadline=None)
@given(floats(-80, -60), floats(1, 30), floats(10, 300))
def test_the_fi_curve_is_zero_up_to_and_at_the_rheobase(E_L, height, R):
    neuron = lif.Neuron(R=R, E_L=E_L, V_th=E_L + height, V_reset=-100)
    currents = neuron.rheobase * np.array([-1, 0, 0.5, 1, 1.000001])
    rates = lif.fi_curve(neuron, currents)
    assert rates[:4].tolist() == [0] * 4
    assert rates[4] > 0


def test_the_fi_curve_ends_at_the_inverse_of_the_refractory_period():
    with pytest.warns(UserWarning, match="pA"):
        assert lif.fi_curve(NEURON, 1e9) == pytest.approx(500, rel=1e-6)
    assert isinstance(lif.fi_curve(NEURON, 0.3), float)
    assert lif.fi_curve(NEURON, [[0.1, 0.3]]).shape == (1, 2)
    assert lif.fi_curve(lif.Neuron(V_th=math.inf), 5.0) == 0


@settings(deadline=None, max_examples=40)
@given(floats(1.001, 50), floats(-90, -51), st.sampled_from([0.1, 3.0]))
def test_the_latency_is_the_time_of_the_first_simulated_spike(times, V0, dt):
    I = times * NEURON.rheobase
    for start, given_V0 in ((V0, V0), (NEURON.E_L, None)):
        latency = lif.latency(NEURON, I, V0=given_V0)
        assert lif.charging_curve(NEURON, latency, I, V0=start) == pytest.approx(-50)
        t = np.arange(2 + math.ceil(latency / dt)) * dt
        spikes = lif.simulate(NEURON, t, I, V0=given_V0).spike_times
        assert spikes[0] == pytest.approx(latency, rel=1e-9)


def test_the_latency_is_infinite_up_to_the_rheobase_and_has_the_shape_of_I():
    currents = np.array([[-1, 0.1, 0.2], [0.2000001, 0.3, 5]])
    latencies = lif.latency(NEURON, currents)
    assert (latencies[0] == math.inf).all()
    assert np.isfinite(latencies[1]).all()
    assert isinstance(lif.latency(NEURON, 0.3), float)
    assert lif.latency(lif.MEMBRANE, 5.0) == math.inf
    assert lif.latency(NEURON, 0.4, V0=-75) == pytest.approx(
        1000 / lif.fi_curve(NEURON, 0.4) - NEURON.t_ref
    )
    with pytest.raises(ValueError, match="V0 = -50 mV must lie below V_th = -50 mV"):
        lif.latency(NEURON, 0.3, V0=-50)


@pytest.mark.parametrize("width", [0.1, 1, 13.9, 200])
def test_strength_and_duration_mark_the_border_of_firing(width):
    t = lif.time_grid(400)
    threshold = lif.strength_duration(NEURON, width)
    for factor, spikes in ((0.9999, 0), (1.0001, 1)):
        pulse = lif.step_current(t, factor * threshold, 10, 10 + width)
        assert len(lif.simulate(NEURON, t, pulse).spike_times) == spikes


def test_the_chronaxie_is_tau_m_ln_2():
    assert lif.strength_duration(NEURON, 20 * math.log(2)) == pytest.approx(
        2 * NEURON.rheobase
    )
    assert lif.strength_duration(NEURON, [1.0, 1e9])[1] == NEURON.rheobase
    with pytest.raises(ValueError, match="width = 0 ms must be above 0"):
        lif.strength_duration(NEURON, [1, 0])


@pytest.mark.parametrize("frequency", [1, 8, 40, 300])
def test_gain_and_phase_are_those_of_a_simulated_sine(frequency):
    neuron = lif.Neuron(V_th=math.inf)
    t = lif.time_grid(2000 + 2000, 0.02)
    V = lif.simulate(neuron, t, lif.sine_current(t, 0.1, frequency)).V[100_000:-1] + 70
    angle = 2 * math.pi * frequency * t[100_000:-1] / 1000
    response = 2 * np.mean(V * np.exp(-1j * angle)) * 1j  # of a sine
    gain, phase = lif.gain_and_phase(neuron, frequency)
    assert abs(response) / (neuron.R * 0.1) == pytest.approx(gain, rel=1e-4)
    assert np.angle(response) == pytest.approx(phase, abs=1e-4)


def test_at_the_cut_off_gain_and_phase_are_one_over_root_two_and_an_eighth_of_a_turn():
    gain, phase = lif.gain_and_phase(NEURON, 1000 / (2 * math.pi * 20))
    assert (gain, phase) == (
        pytest.approx(1 / math.sqrt(2)),
        pytest.approx(-math.pi / 4),
    )
