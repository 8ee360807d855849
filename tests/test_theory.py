"""The theory against simulation and numerical solution; rasters and sound."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lif_helpers as lif
import lif_notebook as nb

NEURON = lif.Neuron()


def floats(low, high):
    return st.floats(low, high, allow_nan=False)


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
    assert lif.fi_curve(NEURON, 1e9) == pytest.approx(500, rel=1e-6)
    assert isinstance(lif.fi_curve(NEURON, 0.3), float)
    assert lif.fi_curve(NEURON, [[0.1, 0.3]]).shape == (1, 2)
    assert lif.fi_curve(lif.Neuron(V_th=math.inf), 5.0) == 0


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
    assert abs(response) / 0.1 == pytest.approx(gain, rel=1e-4)
    assert np.angle(response) == pytest.approx(phase, abs=1e-4)


def test_at_the_cut_off_the_gain_is_R_over_root_two_and_the_phase_an_eighth_of_a_turn():
    gain, phase = lif.gain_and_phase(NEURON, 1000 / (2 * math.pi * 20))
    assert (gain, phase) == (
        pytest.approx(100 / math.sqrt(2)),
        pytest.approx(-math.pi / 4),
    )


def test_a_raster_has_a_row_of_marks_per_train():
    _, ax = nb.new_axes("t (ms)", "trial", (0, 100), (-1, 3))
    trains = [np.array([1.0, 50.0]), np.array([]), np.array([7.0])]
    nb.plot_raster(trains, ax)
    assert [row.get_positions() for row in ax.collections] == [[1, 50], [], [7]]
    plt.close("all")


def test_a_mystery_neuron_is_the_same_for_the_same_seed_and_keeps_its_secret():
    mystery = nb.mystery_neuron(3)
    hidden = mystery.reveal()
    assert hidden == nb.mystery_neuron(3).reveal() != nb.mystery_neuron(4).reveal()
    recording = mystery.record(lif.time_grid(300), 0.4)
    np.testing.assert_array_equal(
        recording.V, lif.simulate(hidden, lif.time_grid(300), 0.4).V
    )
    assert recording.neuron is mystery
    shown = f"{mystery!r} {vars(mystery)} {dir(mystery)} {recording!r} {vars(recording)['neuron']}"
    for name in lif.PARAMETERS:
        assert not hasattr(mystery, name)
        assert f"{getattr(hidden, name):.1f}" not in shown


@given(st.integers(0, 10_000))
def test_every_mystery_neuron_can_be_found_out(seed):
    hidden = nb.mystery_neuron(seed).reveal()
    assert hidden.V_reset < hidden.E_L < hidden.V_th
    assert hidden.rheobase < 0.5


def test_listen_plays_each_spike_where_it_is():
    recording = lif.simulate(NEURON, lif.time_grid(500), 0.3)
    audio = nb.listen(recording)
    sound = np.frombuffer(audio.data[44:], dtype="<i2")[:-1]
    assert len(sound) == 520 * 8 - 1
    loud = np.flatnonzero(np.abs(sound) > 2000)
    starts = loud[np.diff(loud, prepend=-999) > 50] / 8
    np.testing.assert_allclose(starts, recording.spike_times, atol=0.3)
    assert audio.autoplay is False
