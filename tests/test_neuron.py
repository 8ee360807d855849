"""`Neuron`: derived quantities, immutability, and an error in words for every bad
parameter.
"""

import dataclasses
import math

import pytest

import lif_helpers as lif

UNITS = {
    "tau_m": "ms",
    "R": "MΩ",
    "E_L": "mV",
    "V_th": "mV",
    "V_reset": "mV",
    "t_ref": "ms",
}


def test_defaults_and_derived_quantities():
    neuron = lif.Neuron()
    assert dataclasses.astuple(neuron) == (20, 100, -70, -50, -75, 2)
    assert (neuron.C, neuron.g_L, neuron.rheobase) == (0.2, 0.01, 0.2)
    assert lif.MEMBRANE == dataclasses.replace(neuron, V_th=math.inf)
    assert neuron.R * neuron.C == neuron.tau_m


def test_pyramidal_cell_and_interneuron_have_the_parameters_of_wang_2002():
    assert (lif.EXCITATORY.C, lif.EXCITATORY.g_L, lif.EXCITATORY.t_ref) == (
        0.5,
        0.025,
        2,
    )
    assert (lif.INHIBITORY.C, lif.INHIBITORY.g_L, lif.INHIBITORY.t_ref) == (
        0.2,
        0.02,
        1,
    )
    for neuron in (lif.EXCITATORY, lif.INHIBITORY):
        assert (neuron.E_L, neuron.V_th, neuron.V_reset) == (-70, -50, -55)


def test_a_neuron_is_immutable_comparable_and_copied_with_changes():
    neuron = lif.Neuron()
    with pytest.raises(dataclasses.FrozenInstanceError):
        neuron.R = 5
    changed = dataclasses.replace(neuron, R=50)
    assert changed == lif.Neuron(R=50) != neuron
    assert hash(changed) == hash(lif.Neuron(R=50.0))
    assert isinstance(lif.Neuron(R=50).R, float)


def test_repr_shows_every_parameter_with_its_unit():
    assert repr(lif.Neuron()) == (
        "Neuron(tau_m=20 ms, R=100 MΩ, E_L=-70 mV, "
        "V_th=-50 mV, V_reset=-75 mV, t_ref=2 ms)"
    )


def test_every_parameter_declares_its_unit_and_range_once():
    assert {name: about["unit"] for name, about in lif.PARAMETERS.items()} == UNITS
    for name, about in lif.PARAMETERS.items():
        low, high, step = about["range"]
        assert low <= getattr(lif.Neuron(), name) <= high
        assert 0 < step < high - low
        for end in (low, high):
            dataclasses.replace(lif.Neuron(), **{name: end})


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("value", [math.nan, -math.inf, "20", None, [1.0], True, 1j])
def test_what_is_no_finite_number_is_refused(name, value):
    with pytest.raises(
        (ValueError, TypeError),
        match=rf"^{name} = .* must be a finite number of {UNITS[name]}",
    ):
        lif.Neuron(**{name: value})


@pytest.mark.parametrize("name", ["tau_m", "R"])
@pytest.mark.parametrize("value", [0, -1, math.inf])
def test_tau_m_and_R_must_be_positive(name, value):
    words = rf"{name} = {value:g} {UNITS[name]} must be a finite .* above 0"
    with pytest.raises(ValueError, match=words):
        lif.Neuron(**{name: value})


def test_t_ref_may_be_zero_but_not_negative_or_infinite():
    assert lif.Neuron(t_ref=0).t_ref == 0
    for value in (-0.1, math.inf):
        with pytest.raises(
            ValueError,
            match=rf"t_ref = {value:g} ms must be a finite number of ms, 0 or above",
        ):
            lif.Neuron(t_ref=value)


@pytest.mark.parametrize("V_reset", [-50, -49])
def test_V_reset_must_lie_below_V_th(V_reset):
    with pytest.raises(
        ValueError, match=rf"V_reset = {V_reset} mV must lie below V_th = -50 mV"
    ):
        lif.Neuron(V_reset=V_reset)


def test_only_the_threshold_may_be_infinite():
    assert lif.Neuron(V_th=math.inf).rheobase == math.inf
    for name in UNITS.keys() - {"V_th"}:
        with pytest.raises(ValueError, match=name):
            lif.Neuron(**{name: math.inf})
