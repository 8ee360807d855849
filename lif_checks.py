"""What a caller gives to the science, as floats; or what is wrong with it, in words.

Each function takes a value with the name that the caller knows it by, and raises
TypeError or ValueError with a sentence that begins with this name.
"""

import math
import operator
import reprlib
import warnings

import numpy as np

# The largest number taken, so that no product of a few of them overflows.
_LARGEST = 1e100

# Kinds of numpy's arrays that are no real numbers, though some turn silently.
_KINDS = {
    "b": "True or False",
    "c": "complex numbers",
    "m": "time spans with a unit",
    "M": "dates",
    "U": "text",
    "S": "text",
}

# The times that were checked last, and their spacing.
_last_times = (np.empty(0), 0.0)


def number(name, value, unit, *, above=-math.inf, least=-math.inf, or_inf=False):
    """The value as a float, if it is one finite number within the bounds."""
    must = f"must be a finite number of {unit}" if unit else "must be a finite number"
    if above > -math.inf:
        must += f" above {above:g}"
    if least > -math.inf:
        must += f", {least:g} or above"
    try:
        array = _floats(value)
        if array.ndim:
            raise TypeError("not several")
    except (TypeError, ValueError) as refusal:
        given = reprlib.repr(value)
        raise type(refusal)(f"{name} = {given} {must}, {refusal}") from None
    x = float(array)
    if or_inf and x == math.inf:
        return x
    if _LARGEST < abs(x) < math.inf:
        must += f", at most {_LARGEST:g} in size"
    if not (above < x <= _LARGEST and max(least, -_LARGEST) <= x):
        given = f"{x:g} {unit}".rstrip()
        raise ValueError(f"{name} = {given} {must}")
    return x


def finite(name, values, unit):
    """The values as an array of floats, if all of them are finite numbers."""
    array = _array(name, values, unit)
    low, high = _extremes(array)
    if not -_LARGEST <= low <= high <= _LARGEST:
        at = tuple(map(int, np.argwhere(~(np.abs(array) <= _LARGEST))[0]))
        number(f"{name}{list(at)}" if at else name, array[at], unit)
    return array


def _extremes(array):
    """Lowest and highest value, or 0 for an empty array."""
    if array.ndim == 0:
        return float(array), float(array)
    return float(array.min(initial=0)), float(array.max(initial=0))


def _array(name, values, unit):
    try:
        return _floats(values)
    except (TypeError, ValueError) as refusal:
        raise type(refusal)(f"{name} must be numbers, in {unit}, {refusal}") from None


def _floats(values):
    """The values as an array of floats; an error says what they must not be."""
    for part in _parts(values):
        if type(part) in (float, int, np.float64):
            continue
        if any(hasattr(part, name) for name in ("unit", "units", "dimensions")):
            raise TypeError("not a quantity: give its value without the unit")
        if isinstance(part, np.ma.MaskedArray):
            raise TypeError("not masked: `.compressed()` leaves out what is masked")
        array = np.asarray(part)
        kind = array.dtype.kind
        if kind in _KINDS:
            raise TypeError(f"not {_KINDS[kind]}")
        if kind == "O" and (array.ndim or array is part):
            _floats(array.tolist())  # such as the text in a table's column
        elif kind not in "fiu" and not (kind == "O" and hasattr(part, "__float__")):
            raise TypeError(
                "not None" if part is None else f"not {type(part).__name__}"
            )
    try:
        return np.asarray(values, dtype=float)
    except OverflowError:
        raise ValueError(f"at most {_LARGEST:g} in size") from None
    except ValueError:
        raise ValueError("not rows of unequal length") from None


def _parts(values):
    """What nested lists hold, one by one; anything else is its own part."""
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _parts(value)
    else:
        yield values


def times(t):
    """The sample times as an array of floats that stays as it is, and their spacing.

    A time may lie beside the even grid by 5 % of a step, as float32 and the few digits
    of a file have it.
    """
    global _last_times
    t = _array("t", t, "ms")
    known, dt = _last_times
    if np.array_equal(t, known):  # most calls have the same times as the one before
        return known, dt
    if t.ndim != 1 or len(t) < 2:
        raise ValueError(
            f"t of shape {t.shape} must be one row of at least two sample times, in ms"
        )
    finite("t", t, "ms")
    dt = float(t[-1] - t[0]) / (len(t) - 1)
    if dt <= 0 or np.abs(t - (t[0] + dt * np.arange(len(t)))).max() > 0.05 * dt:
        steps = np.diff(t)
        raise ValueError(
            "t must increase in even steps; its steps range "
            f"from {steps.min():g} to {steps.max():g} ms"
        )
    t = t.copy()
    t.setflags(write=False)
    _last_times = t, dt
    return t, dt


def require_neuron(neuron):
    """Raise TypeError for anything but a neuron."""
    if isinstance(neuron, type):
        name = neuron.__name__
        raise TypeError(
            f"neuron is the class {name}: brackets make a neuron of it, {name}()"
        )
    if not hasattr(neuron, "rheobase"):
        raise TypeError(f"neuron must be a Neuron, not {type(neuron).__name__}")


def warn_of_SI_units(neuron):
    """Warn of parameters that look like V, s and Ω; called while a Neuron is made."""
    potentials = (neuron.E_L, neuron.V_th, neuron.V_reset)
    if all(0 < abs(E) < 0.2 or E == math.inf for E in potentials):
        looks = "E_L, V_th and V_reset look like V"
    elif neuron.tau_m < 0.05:
        looks = f"tau_m = {neuron.tau_m:g} looks like s"
    elif neuron.R > 1e5:
        looks = f"R = {neuron.R:g} looks like Ω"
    else:
        return
    warnings.warn(f"{looks}: a Neuron is in mV, ms and MΩ", stacklevel=4)


def current(neuron, I, stacklevel=3):
    """The current as an array (nA), with a warning where it looks like pA."""
    require_neuron(neuron)
    I = finite("I", I, "nA")
    strongest = max(map(abs, _extremes(I)))
    if strongest > 100 or neuron.R * strongest > 10_000:
        warnings.warn(
            f"I reaches {strongest:g} nA, R·|I| = {neuron.R * strongest:g} mV: "
            "1 nA = 1000 pA; was it given in pA?",
            stacklevel=stacklevel,
        )
    return I


def conductance(neuron, name, g):
    """The conductance as an array (µS), with a warning where it looks like nS."""
    g = finite(name, g, "µS")
    least, largest = _extremes(g)
    if least < 0:
        raise ValueError(f"{name} = {least:g} µS must be 0 or above")
    if neuron.R * largest > 30:
        warnings.warn(
            f"{name} reaches {largest:g} µS, {neuron.R * largest:.3g} times the leak: "
            "1 µS = 1000 nS; was it given in nS?",
            stacklevel=3,
        )
    return g


def start(neuron, V0):
    """The potential at the start (mV) as an array: E_L unless given, below V_th."""
    if V0 is None and neuron.E_L >= neuron.V_th:
        raise ValueError(
            f"E_L = {neuron.E_L:g} mV does not lie below V_th = {neuron.V_th:g} mV: "
            "give V0, the potential at the start, below V_th"
        )
    V0 = finite("V0", neuron.E_L if V0 is None else V0, "mV")
    highest = V0.max(initial=-math.inf)
    if highest >= neuron.V_th:
        raise ValueError(
            f"V0 = {highest:g} mV must lie below V_th = {neuron.V_th:g} mV"
        )
    return V0


def run_shape(t, inputs):
    """The shape of V: that of t, or one such row per trial."""
    for name, x in inputs.items():
        if x.shape == (len(t), 1):
            raise ValueError(
                f"{name} is a column of shape {x.shape}, one value below the other: "
                f"{name}.ravel() makes it a row, with one value per sample"
            )
    shapes = [x.shape for x in inputs.values()]
    try:
        shape = np.broadcast_shapes(t.shape, *shapes)
    except ValueError:
        shape = ()
    if len(shape) not in (1, 2) or shape[-1] != len(t) or 0 in shape:
        raise ValueError(
            f"I, g_E, g_I of shapes {', '.join(map(str, shapes))} must be numbers "
            f"or fit ({len(t)},) or (trials, {len(t)})"
        )
    return shape


def run_start(neuron, V0, refractory_left, trials):
    """V (mV) at t[0] and the rest of the refractory period (ms), of shape `trials`."""
    V0 = start(neuron, V0)
    left = finite("refractory_left", refractory_left, "ms")
    if left.min(initial=0) < 0:
        raise ValueError(f"refractory_left = {left.min():g} ms must be 0 or above")
    each = np.zeros(trials)
    for name, values in (("V0", V0), ("refractory_left", left)):
        if values.shape not in ((), trials):
            raise ValueError(
                f"{name} of shape {values.shape} must be one number, or one per trial"
            )
    return np.where(left > 0, neuron.V_reset, V0) + each, left + each


def shape(name, number, *more):
    """The shape of an array for a number of trials or trains, or for None of them."""
    if number is None:
        return more
    return (whole(name, number, least=1), *more)


def whole(name, value, *, least):
    """The value as an int, if it is a whole number not below `least`."""
    is_whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not is_whole or value < least:
        raise ValueError(f"{name} = {value!r} must be a whole number, {least} or above")
    return int(value)


def steps(name, duration, dt, *, least=0):
    """How many steps of dt (ms) a duration is, if it is a whole number of them."""
    duration = number(name, duration, "ms", least=0)
    count = round(duration / dt)
    if count < least or abs(count * dt - duration) > 1e-6 * dt:
        rest = ", at least one" if least else ""
        raise ValueError(
            f"{name} = {duration:g} ms must be a whole number of dt = {dt:g} ms{rest}"
        )
    return count


def generator(seed):
    """The random numbers of a seed, which is a whole number, 0 or above."""
    try:
        if isinstance(seed, bool):
            raise TypeError
        return np.random.default_rng(operator.index(seed))
    except (TypeError, ValueError):
        raise TypeError(f"seed = {seed!r} must be a whole number, 0 or above") from None


def endless_burst(V_inf):
    """The error for a drive so strong that a run would not end."""
    return ValueError(
        f"I or g_E drives V towards {V_inf:g} mV: over a million spikes per sample "
        "with t_ref = 0 ms"
    )
