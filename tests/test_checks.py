"""What a caller may give by mistake: refused by name and in words, or warned about."""

import datetime
import math
import warnings
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import lif_helpers as lif

NEURON = lif.Neuron()
T = lif.time_grid(10)
ROW = np.zeros(len(T))

# Every argument that is one number, and every one that may be an array.
NUMBERS = {
    **{
        name: lambda x, name=name: lif.Neuron(**{name: x})
        for name in ("tau_m", "R", "E_L", "V_th", "V_reset", "t_ref")
    },
    "duration": lif.time_grid,
    "dt": lambda x: lif.time_grid(10, x),
    "amplitude": lambda x: lif.step_current(T, x),
    "start": lambda x: lif.step_current(T, 1, x),
    "stop": lambda x: lif.step_current(T, 1, 0, x),
    "width": lambda x: lif.pulse_current(T, 1, 5, x),
    "frequency": lambda x: lif.sine_current(T, 1, x),
    "phase": lambda x: lif.sine_current(T, 1, 20, x),
    "sigma_V": lambda x: lif.white_noise(T, NEURON, x, seed=0),
    "std": lambda x: lif.ou_noise(T, x, 5, seed=0),
    "tau": lambda x: lif.ou_noise(T, 1, x, seed=0),
    "rate": lambda x: lif.poisson_spikes(x, 10, seed=0),
    "weight": lambda x: lif.synaptic_conductance(T, [1.0], x, 5),
    "E_E": lambda x: lif.simulate(NEURON, T, E_E=x),
    "E_I": lambda x: lif.simulate(NEURON, T, E_I=x),
    "V0": lambda x: lif.charging_curve(NEURON, T, 0.1, V0=x),
}
ARRAYS = {
    "t": lambda x: lif.simulate(NEURON, x),
    "I": lambda x: lif.simulate(NEURON, T, x),
    "g_E": lambda x: lif.simulate(NEURON, T, g_E=x),
    "g_I": lambda x: lif.simulate(NEURON, T, g_I=x),
    "V0": lambda x: lif.simulate(NEURON, T, V0=x),
    "refractory_left": lambda x: lif.simulate(NEURON, T, refractory_left=x),
    "times": lambda x: lif.pulse_current(T, 1, x, 1),
    "spike_times": lambda x: lif.synaptic_conductance(T, x, 0.001, 5),
    "sigma_V": lambda x: lif.siegert_rate(NEURON, 0.2, x),
    "width": lambda x: lif.strength_duration(NEURON, x),
    "frequency": lambda x: lif.gain_and_phase(NEURON, x),
}
NEEDS_NEURON = {
    "simulate": lambda neuron: lif.simulate(neuron, T),
    "white_noise": lambda neuron: lif.white_noise(T, neuron, 1, seed=0),
    "charging_curve": lambda neuron: lif.charging_curve(neuron, T, 0.1),
    "latency": lambda neuron: lif.latency(neuron, 0.3),
    "fi_curve": lambda neuron: lif.fi_curve(neuron, 0.3),
    "siegert_rate": lambda neuron: lif.siegert_rate(neuron, 0.3, 1),
    "siegert_cv": lambda neuron: lif.siegert_cv(neuron, 0.3, 1),
    "strength_duration": lambda neuron: lif.strength_duration(neuron, 1),
    "gain_and_phase": lambda neuron: lif.gain_and_phase(neuron, 1),
}


def of_table(calls):
    return pytest.mark.parametrize(("name", "call"), calls.items(), ids=calls.keys())


class OwnQuantity:
    """As pint has it: an object that turns into a float or an array on demand."""

    units = "second"

    def __init__(self, value):
        self.value = value

    def __float__(self):
        return float(self.value)

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.value, dtype=dtype)


class ArrayQuantity(np.ndarray):
    """As astropy has it: an array with an attribute."""

    unit = "s"


class BrianQuantity(np.ndarray):
    dimensions = "s"


MAKERS = [
    OwnQuantity,
    lambda value: np.asarray(value, float).view(ArrayQuantity),
    lambda value: np.asarray(value, float).view(BrianQuantity),
]


@of_table(NUMBERS)
@pytest.mark.parametrize("make", MAKERS)
def test_a_number_with_a_unit_is_refused_by_name(name, call, make):
    with pytest.raises(TypeError, match=rf"^{name} = .* must .* not a quantity"):
        call(make(20.0))


@of_table(ARRAYS)
@pytest.mark.parametrize("make", MAKERS)
def test_an_array_with_a_unit_is_refused_by_name_also_within_a_list(name, call, make):
    for values in (make(ROW + 1), make(1.0), [make(1.0)] * len(T), (1.0, make(2.0))):
        with pytest.raises(TypeError, match=rf"^{name} must be numbers.* not a quant"):
            call(values)


@pytest.mark.parametrize("package", ["pint", "astropy.units", "brian2"])
def test_quantities_of_other_packages_are_refused(package):
    units = pytest.importorskip(package)
    if package == "pint":
        units = units.UnitRegistry()
    for value in (20 * units.ms, 0 * units.ms):
        with pytest.raises(TypeError, match=r"tau_m = .* not a quantity"):
            lif.Neuron(tau_m=value)
    for values in (ROW * units.ms, [1 * units.ms] * len(T)):
        with pytest.raises(TypeError, match="I must be numbers, in nA, not a quantity"):
            lif.simulate(NEURON, T, values)


ODD = {
    "not text": ["20", b"20", np.str_("20"), np.array("20", dtype=object)],
    "not True or False": [True, np.True_],
    "not complex numbers": [20 + 0j, np.complex64(20)],
    "not time spans with a unit": [np.timedelta64(20, "ms")],
    "not timedelta": [datetime.timedelta(milliseconds=20)],
    "not dates": [np.datetime64("2026-11-25")],
    "not masked": [np.ma.masked_array(20.0), np.ma.masked],
    "not None": [None],
    "not dict": [{}],
    "not function": [lambda: 20],
}
ODD = [(words, value) for words, values in ODD.items() for value in values]


@pytest.mark.parametrize(("words", "value"), ODD)
def test_what_is_no_plain_number_is_refused_everywhere(words, value):
    for name, call in NUMBERS.items():
        if name == "V0" and value is None:  # the default
            continue
        with pytest.raises(TypeError, match=rf"(?s)^{name} = .* must be .* {words}"):
            call(value)
    for name, call in ARRAYS.items():
        whole = [] if callable(value) or value in (None, {}) else [np.full(101, value)]
        if isinstance(value, np.ma.MaskedArray):
            whole = [np.ma.masked_array(ROW + 1)]
        for values in (*whole, [value] * 3, [1.0] * 100 + [value]):
            with pytest.raises(TypeError, match=f"^{name} must be numbers, .* {words}"):
                call(values)


def test_a_column_of_text_in_a_table_is_refused():
    class Column:
        def __array__(self, dtype=None, copy=None):
            return np.asarray(np.array(["0.3"] * len(T), dtype=object), dtype=dtype)

    with pytest.raises(TypeError, match="I must be numbers, in nA, not text"):
        lif.simulate(NEURON, T, Column())


@pytest.mark.parametrize(
    "values", [range(101), [0] * 101, tuple(ROW), [Decimal(0)] * 101, ROW.astype("f2")]
)
def test_what_holds_plain_numbers_is_taken(values):
    assert lif.simulate(NEURON, T, values).V.shape == (101,)
    for number in (20, np.float32(20), np.int8(20), Fraction(40, 2), np.array(20)):
        assert lif.Neuron(R=number) == lif.Neuron(R=20)


@pytest.mark.parametrize("value", [1e308, -1e308, 10**400, -(10**400)])
def test_numbers_too_large_to_compute_with_are_refused(value):
    large = r"at most 1e\+100 in size"
    for name, call in NUMBERS.items():
        with pytest.raises(ValueError, match=rf"^{name} = .* must be .*{large}"):
            call(value)
    for name, call in ARRAYS.items():
        with pytest.raises(ValueError, match=rf"^{name}.* must be .*{large}"):
            call([value] * 101)


@of_table(ARRAYS)
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_the_first_value_that_is_not_finite_is_named(name, call, value):
    values = np.append(T[:-2] + 1, [value, math.nan])
    words = rf"^{name}\[99\] = {value:g} \S+ must be a finite number"
    with pytest.raises(ValueError, match=words):
        call(values)


@of_table(NEEDS_NEURON)
def test_a_class_or_anything_else_is_no_neuron(name, call):
    with pytest.raises(TypeError, match=r"neuron is the class Neuron: .*, Neuron\(\)"):
        call(lif.Neuron)
    for other, kind in ((None, "NoneType"), (T, "ndarray"), ({"R": 5}, "dict")):
        with pytest.raises(TypeError, match=f"neuron must be a Neuron, not {kind}"):
            call(other)


# ---- Units that look wrong -----------------------------------------------------------


def only_warning(call):
    """The one warning of a call, which must point at the line that the caller wrote."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    (warning,) = caught
    assert warning.filename == __file__
    return str(warning.message)


@pytest.mark.parametrize(
    ("R", "I"),
    [(100, -200), (20, 200), (20, [[0.0], [200.0]]), (200, 60), (5, 101)],
)
def test_a_current_that_looks_like_pA_is_warned_about_once(R, I):
    neuron = lif.Neuron(R=R)
    for call in (
        lambda: lif.simulate(neuron, T, I),
        lambda: lif.fi_curve(neuron, I),
        lambda: lif.latency(neuron, I),
        lambda: lif.charging_curve(neuron, 1.0, I),
        lambda: lif.siegert_rate(neuron, I, 2),
        lambda: lif.siegert_cv(neuron, I, 2),
    ):
        assert "1 nA = 1000 pA; was it given in pA?" in only_warning(call)
    words = only_warning(lambda: lif.fi_curve(NEURON, 300))
    assert words.startswith("I reaches 300 nA, R·|I| = 30000 mV")


@pytest.mark.parametrize("name", ["g_E", "g_I"])
def test_a_conductance_that_looks_like_nS_is_warned_about_once(name):
    words = only_warning(lambda: lif.simulate(NEURON, T, **{name: 5}))
    assert words.startswith(f"{name} reaches 5 µS, 500 times the leak: 1 µS = 1000 nS")
    for neuron in (lif.EXCITATORY, lif.INHIBITORY):
        only_warning(lambda neuron=neuron: lif.simulate(neuron, T, **{name: 1}))


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ((0.02, 1e8, -0.07, -0.05, -0.075, 0.002), "E_L, V_th and V_reset look like V"),
        ((20, 100, -0.07, math.inf, -0.075, 2), "E_L, V_th and V_reset look like V"),
        ((0.02,), "tau_m = 0.02 looks like s"),
        ((20, 1e8), r"R = 1e+08 looks like Ω"),
    ],
)
def test_parameters_that_look_like_SI_units_are_warned_about_once(parameters, words):
    message = only_warning(lambda: lif.Neuron(*parameters))
    assert message == f"{words}: a Neuron is in mV, ms and MΩ"


def test_what_the_course_uses_raises_no_warning():
    lif.fi_curve(NEURON, 100)
    lif.simulate(NEURON, T, np.geomspace(0.1, 100, 400)[::20, None])
    lif.simulate(NEURON, T, lif.pulse_current(T, 60, [1, 5], 0.1), g_E=0.28)
    lif.Neuron(tau_m=20, R=1, E_L=0, V_th=1, V_reset=-0.5)  # in units of its own
