"""The mystery neuron: the same for the same seed, secret, and possible to find out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lif_helpers as lif
import lif_notebook as nb


def test_a_mystery_neuron_is_the_same_for_the_same_seed_and_keeps_its_secret():
    mystery = nb.mystery_neuron(3)
    hidden = mystery.reveal()
    assert hidden == nb.mystery_neuron(3).reveal() != nb.mystery_neuron(4).reveal()
    recording = mystery.record(lif.time_grid(300), 0.4)
    np.testing.assert_array_equal(
        recording.V, lif.simulate(hidden, lif.time_grid(300), 0.4).V
    )
    assert recording.neuron is mystery
    shown = f"{mystery!r} {vars(mystery)} {dir(mystery)} {recording!r}"
    shown += f" {vars(recording)['neuron']}"
    for name in lif.PARAMETERS:
        assert not hasattr(mystery, name)
        assert f"{getattr(hidden, name):.1f}" not in shown


@given(st.integers(0, 10_000))
def test_every_mystery_neuron_can_be_found_out(seed):
    hidden = nb.mystery_neuron(seed).reveal()
    assert hidden.V_reset < hidden.E_L < hidden.V_th
    assert hidden.rheobase < 0.5


def test_a_part_of_a_mystery_recording_keeps_the_secret_too():
    mystery = nb.mystery_neuron(3)
    recording = mystery.record(lif.time_grid(300), 0.5)
    part = recording.part(100, 200)
    assert part.neuron is mystery
    assert len(part.spike_times) > 1
    with pytest.raises(AttributeError):
        _ = part.refractory_left  # it would tell t_ref
