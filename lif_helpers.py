"""The leaky integrate-and-fire (LIF) neuron: inputs, exact simulation and theory.

Units are coherent, so that no conversion factor stands in an equation: mV, ms, nA, MΩ,
nF, µS (nA·MΩ = mV, MΩ·nF = ms, nA/mV = µS); rates are in Hz. Time t is evenly spaced.
An input's value at sample k holds from t[k] up to t[k+1]; V[k] is the potential at
t[k].
"""

import functools
import math
import operator
import warnings
from dataclasses import dataclass, field, fields

import numpy as np

MS_PER_S = 1000.0

# ---- 1 The neuron --------------------------------------------------------------------


def _parameter(default, symbol, unit, range, **bounds):
    """A field of Neuron with all that is said of it anywhere: symbol, unit, slider
    (low, high, step) and bounds.
    """
    return field(
        default=default,
        metadata={"symbol": symbol, "unit": unit, "range": range, "bounds": bounds},
    )


@dataclass(frozen=True, repr=False)
class Neuron:
    """The parameters of a leaky integrate-and-fire neuron; `V_th=inf` makes a membrane
    that never spikes.

    Immutable: `dataclasses.replace(neuron, R=50)` gives a changed copy. Raises
    ValueError or TypeError, which names the parameter, for a value outside its bounds
    and for V_reset >= V_th.
    """

    tau_m: float = _parameter(
        20.0, "τ_m", "ms", (5, 50, 1), above=0
    )  # membrane time constant
    R: float = _parameter(
        100.0, "R", "MΩ", (20, 200, 5), above=0
    )  # membrane resistance
    E_L: float = _parameter(
        -70.0, "E_L", "mV", (-80, -61, 1)
    )  # leak (resting) potential
    V_th: float = _parameter(
        -50.0, "V_th", "mV", (-60, -40, 1), or_inf=True
    )  # threshold
    V_reset: float = _parameter(
        -75.0, "V_reset", "mV", (-90, -61, 1)
    )  # reset potential
    t_ref: float = _parameter(
        2.0, "t_ref", "ms", (0, 20, 0.5), least=0
    )  # refractory period

    def __post_init__(self):
        for name, about in PARAMETERS.items():
            object.__setattr__(
                self,
                name,
                _number(name, getattr(self, name), about["unit"], **about["bounds"]),
            )
        if self.V_reset >= self.V_th:
            raise ValueError(
                f"V_reset = {self.V_reset:g} mV must lie below V_th = {self.V_th:g} mV"
            )

    def __repr__(self):
        values = (
            f"{name}={getattr(self, name):g} {about['unit']}"
            for name, about in PARAMETERS.items()
        )
        return f"Neuron({', '.join(values)})"

    @property
    def C(self):
        """Membrane capacitance tau_m / R, nF."""
        return self.tau_m / self.R

    @property
    def g_L(self):
        """Leak conductance 1 / R, µS."""
        return 1 / self.R

    @property
    def rheobase(self):
        """The constant current (V_th - E_L) / R, nA, above which the neuron fires;
        at exactly this it does not.
        """
        return (self.V_th - self.E_L) / self.R

    @property
    def _least_drive(self):
        """The drive R I (mV) that must be exceeded to fire: V_th - E_L, and the
        rounding of this difference.
        """
        return self.V_th - self.E_L + 1e-15 * (abs(self.V_th) + abs(self.E_L))


def _number(name, value, unit, *, above=-math.inf, least=-math.inf, or_inf=False):
    """The value as a float; an error that names it, its unit and what it must be."""
    must = f"a finite number of {unit}"
    must += (
        f" above {above:g}"
        if above > -math.inf
        else f", {least:g} or above"
        if least > -math.inf
        else ""
    )
    try:
        if isinstance(value, (str, bool)) or np.ndim(value) != 0:
            raise TypeError
        number = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} = {value!r} must be {must}") from None
    if not (math.isfinite(number) and number > above and number >= least) and not (
        or_inf and number == math.inf
    ):
        raise ValueError(f"{name} = {number:g} {unit} must be {must}")
    return number


PARAMETERS = {parameter.name: parameter.metadata for parameter in fields(Neuron)}

# Wang (2002) Neuron 36:955-968: C = 0.5 nF, g_L = 25 nS for pyramidal cells; 0.2 nF, 20
# nS for interneurons.
EXCITATORY = Neuron(tau_m=20, R=40, E_L=-70, V_th=-50, V_reset=-55, t_ref=2)
INHIBITORY = Neuron(tau_m=10, R=50, E_L=-70, V_th=-50, V_reset=-55, t_ref=1)

# ---- 2 Inputs: arrays on t, which combine with +; a sample holds the input's mean --


def time_grid(duration, dt=0.1):
    """Sample times 0, dt, ..., duration (ms), shape (samples,); the duration must be
    a whole number of steps.
    """
    duration, dt = (
        _number("duration", duration, "ms", above=0),
        _number("dt", dt, "ms", above=0),
    )
    steps = round(duration / dt)
    if steps < 1 or abs(steps * dt - duration) > 1e-6 * dt:
        raise ValueError(
            f"duration = {duration:g} ms must be a whole number of steps of dt = {dt:g} ms"
        )
    return np.linspace(0, duration, steps + 1)


def step_current(t, amplitude, start=0.0, stop=math.inf):
    """Current (nA) of `amplitude` from `start` (included) to `stop` (excluded; ms), 0
    outside; shape of t.

    A sample that the step covers in part holds its share of the amplitude.
    """
    t, dt = _check_time(t)
    amplitude, start = (
        _number("amplitude", amplitude, "nA"),
        _number("start", start, "ms"),
    )
    stop = _number("stop", stop, "ms", least=start, or_inf=True)
    # In samples, and rounded: an edge on the grid stays on it whatever the rounding of
    # t.
    first, last = (
        round((edge - t[0]) / dt, 6) if edge < math.inf else edge
        for edge in (start, stop)
    )
    sample_end = np.arange(1, len(t) + 1)
    return amplitude * (
        np.clip(sample_end - first, 0, 1) - np.clip(sample_end - last, 0, 1)
    )


def pulse_current(t, amplitude, times, width):
    """Current (nA) of rectangular pulses that start at `times` and last `width`
    (ms); overlaps add; shape of t.
    """
    width = _number("width", width, "ms", above=0)
    pulses = (
        step_current(t, amplitude, start, start + width)
        for start in _finite("times", times, "ms").flat
    )
    return sum(pulses, np.zeros(len(_check_time(t)[0])))


def ramp_current(t, amplitude, start=0.0, stop=None):
    """Current (nA) that rises evenly from 0 at `start` to `amplitude` at `stop` (ms;
    t's end) and stays; shape of t.
    """
    t, dt = _check_time(t)
    amplitude, start = (
        _number("amplitude", amplitude, "nA"),
        _number("start", start, "ms"),
    )
    rise = _number("stop", t[-1] if stop is None else stop, "ms", above=start) - start
    edges = np.append(t, t[-1] + dt) - start
    integral = np.clip(edges, 0, rise) ** 2 / (2 * rise) + np.clip(
        edges - rise, 0, None
    )
    return amplitude * np.diff(integral) / dt


def sine_current(t, amplitude, frequency, phase=0.0):
    """Current (nA) amplitude * sin(2 pi frequency t + phase), frequency in Hz and
    phase in rad; shape of t.
    """
    t, dt = _check_time(t)
    amplitude, phase = (
        _number("amplitude", amplitude, "nA"),
        _number("phase", phase, "rad"),
    )
    cycles_per_ms = _number("frequency", frequency, "Hz", least=0) / MS_PER_S
    return (
        amplitude
        * np.sinc(cycles_per_ms * dt)
        * np.sin(2 * math.pi * cycles_per_ms * (t + dt / 2) + phase)
    )


def white_noise(t, neuron, sigma_V, *, seed, trials=None):
    """White-noise current (nA) of mean 0, shape (samples,) or (trials, samples).

    `sigma_V` (mV) is the standard deviation that the neuron's free membrane potential
    gets from it, exactly, at any dt: the current's own is sigma_V / R * sqrt((1 + a) /
    (1 - a)) with a = exp(-dt / tau_m).
    """
    t, dt = _check_time(t)
    sigma_V = _number("sigma_V", sigma_V, "mV", least=0)
    return (
        sigma_V
        / neuron.R
        / math.sqrt(math.tanh(dt / (2 * neuron.tau_m)))
        * _normals(t, seed, trials)
    )


def ou_noise(t, std, tau, *, seed, trials=None):
    """Ornstein-Uhlenbeck current (nA) of mean 0, shape (samples,) or (trials, samples).

    It has standard deviation `std` (nA) and correlation time `tau` (ms) at every
    sample, the first included.
    """
    t, dt = _check_time(t)
    std, decay = (
        _number("std", std, "nA", least=0),
        dt / _number("tau", tau, "ms", above=0),
    )
    kicks = std * _normals(t, seed, trials)
    kicks[..., 1:] *= math.sqrt(-math.expm1(-2 * decay))
    return _leaky_sum(kicks, decay)


def poisson_spikes(rate, duration, *, seed, trains=None):
    """Spike times (ms) of a Poisson process of `rate` (Hz) from 0 to `duration`
    (ms); a list of arrays for `trains`.
    """
    rate, duration = (
        _number("rate", rate, "Hz", least=0),
        _number("duration", duration, "ms", above=0),
    )
    rng = generator(seed)
    counts = np.ravel(rng.poisson(rate * duration / MS_PER_S, _shape("trains", trains)))
    spikes = [np.sort(rng.uniform(0, duration, count)) for count in counts]
    return spikes[0] if trains is None else spikes


def synaptic_conductance(t, spike_times, weight, tau):
    """Conductance (µS) that each presynaptic spike raises by `weight` (µS) and that
    decays with `tau` (ms); shape of t.

    Samples hold its mean, so that the area per spike is weight * tau at any dt.
    """
    t, dt = _check_time(t)
    weight, decay = (
        _number("weight", weight, "µS", least=0),
        dt / _number("tau", tau, "ms", above=0),
    )
    position = (_finite("spike_times", spike_times, "ms").ravel() - t[0]) / dt
    position = position[position < len(t)]
    next_sample = np.maximum(np.floor(position).astype(int) + 1, 0)
    # The spike's own sample gets what decays before the next one begins; the rest
    # decays on from there.
    left = np.exp(-decay * (next_sample - position))
    at_start = _leaky_sum(np.bincount(next_sample, left, len(t) + 1)[: len(t)], decay)
    within = np.bincount(next_sample, 1 - left, len(t) + 1)[1 : len(t) + 1]
    return weight / decay * (within - math.expm1(-decay) * at_start)


def _check_time(t):
    """The sample times as an array, and their spacing (ms)."""
    t = _finite("t", t, "ms")
    if t.ndim != 1 or len(t) < 2:
        raise ValueError(
            f"t of shape {t.shape} must be one row of at least two sample times, in ms"
        )
    dt = float(t[-1] - t[0]) / (len(t) - 1)
    blocks = (
        np.diff(t[k : k + _BLOCK + 1]) for k in range(0, len(t) - 1, _BLOCK)
    )  # they stay in the cache
    extremes = np.array([(steps.min(), steps.max()) for steps in blocks])
    shortest, longest = extremes.min(), extremes.max()
    if shortest <= 0 or longest - shortest > 1e-6 * dt + 8 * np.spacing(
        np.abs(t[[0, -1]]).max()
    ):
        raise ValueError(
            f"t must increase in even steps; its steps range from {shortest:g} to {longest:g} ms"
        )
    return t, dt


def _finite(name, values, unit):
    """The values as an array; an error that names the first that is not a finite
    number.
    """
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(
            f"{name} must be numbers, in {unit}; it is {type(values).__name__}"
        ) from None
    if array.size and not math.isfinite(array.min() + array.max()):
        at = tuple(map(int, np.argwhere(~np.isfinite(array))[0]))
        raise ValueError(
            f"{name}{list(at) if at else ''} = {array[at]:g} {unit} must be a finite number of {unit}"
        )
    return array


def generator(seed):
    try:
        return np.random.default_rng(operator.index(seed))
    except (TypeError, ValueError):
        raise TypeError(f"seed = {seed!r} must be a whole number, 0 or above") from None


def _shape(name, number, *more):
    """The shape of an array for a number of trials or trains, or for None of them."""
    if number is not None and (
        isinstance(number, bool)
        or not isinstance(number, (int, np.integer))
        or number < 1
    ):
        raise ValueError(f"{name} = {number!r} must be a whole number, 1 or above")
    return more if number is None else (number, *more)


def _normals(t, seed, trials):
    return generator(seed).standard_normal(_shape("trials", trials, len(t)))


# ---- 3 Simulation --------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Recording:
    """What `simulate` returns: t (ms), I (nA), V (mV) and spike times (ms; a list of
    arrays for trials).
    """

    neuron: Neuron
    t: np.ndarray
    I: np.ndarray
    V: np.ndarray
    spike_times: np.ndarray | list[np.ndarray]

    def __repr__(self):
        spikes = (
            sum(self._per_trial(len)) if self.V.ndim == 2 else len(self.spike_times)
        )
        return f"Recording({self.t[-1] - self.t[0]:g} ms, V of shape {self.V.shape}, {spikes} spikes)"

    def _per_trial(self, measure):
        return (
            list(map(measure, self.spike_times))
            if self.V.ndim == 2
            else measure(self.spike_times)
        )

    @property
    def rate(self):
        """Number of spikes over the duration, Hz; an array, one value per trial, for
        trials.
        """
        seconds = float(self.t[-1] - self.t[0]) / MS_PER_S
        return np.array(self._per_trial(len))[()] / seconds

    @property
    def isi(self):
        """Interspike intervals, ms; a list, one array per trial, for trials."""
        return self._per_trial(np.diff)

    @property
    def cv(self):
        """Coefficient of variation of the intervals (standard deviation over mean), NaN
        for fewer than three.

        An array, one value per trial, for trials.
        """

        def variation(spikes):
            isi = np.diff(spikes)
            return float(isi.std() / isi.mean()) if len(isi) >= 3 else math.nan

        return np.array(self._per_trial(variation))[()]


def simulate(neuron, t, I=0.0, *, g_E=0.0, g_I=0.0, E_E=0.0, E_I=-80.0, V0=None):
    """Solve the neuron's equation exactly for inputs that are constant within each
    sample; return a Recording.

    tau_m dV/dt = -(V - E_L) + R [I - g_E (V - E_E) - g_I (V - E_I)]; V >= V_th is a
    spike: V is held at V_reset for t_ref. I (nA), g_E and g_I (µS) are numbers or
    arrays that broadcast to (samples,) or (trials, samples), the shape of V; E_E, E_I
    and V0 (the potential at t[0], E_L unless given) are in mV. Spike times do not lie
    on the grid. Raises ValueError or TypeError for inputs that are not finite or do not
    fit t, negative conductances and V0 >= V_th.
    """
    t, dt = _check_time(t)
    E_E, E_I = _number("E_E", E_E, "mV"), _number("E_I", E_I, "mV")
    V0 = _number("V0", neuron.E_L if V0 is None else V0, "mV")
    if V0 >= neuron.V_th:
        raise ValueError(f"V0 = {V0:g} mV must lie below V_th = {neuron.V_th:g} mV")
    inputs = [
        _finite("I", I, "nA"),
        _finite("g_E", g_E, "µS"),
        _finite("g_I", g_I, "µS"),
    ]
    try:
        shape = np.broadcast_shapes(t.shape, *(x.shape for x in inputs))
    except ValueError:
        shape = ()
    if len(shape) not in (1, 2) or shape[-1] != len(t) or 0 in shape:
        shapes = ", ".join(str(x.shape) for x in inputs)
        raise ValueError(
            f"I, g_E, g_I of shapes {shapes} must be numbers or fit ({len(t)},) or (trials, {len(t)})"
        )
    for name, g in (("g_E", inputs[1]), ("g_I", inputs[2])):
        if g.min() < 0:
            raise ValueError(f"{name} = {g.min():g} µS must be 0 or above")
    drive = neuron.R * max(inputs[0].max(), -inputs[0].min())
    if drive > 10_000:
        warnings.warn(
            f"R·|I| = {drive:g} mV: I is in nA, 1 nA = 1000 pA; was it given in pA?",
            stacklevel=2,
        )
    V, spike_times = np.zeros(shape), []
    for trial, row in enumerate(V.reshape(-1, len(t))):
        own = [(x[trial % len(x)] if x.ndim == 2 else x).squeeze() for x in inputs]
        spike_times.append(
            _simulate_trial(neuron, t, dt, V0 - neuron.E_L, own, (E_E, E_I), row)
        )
    return Recording(
        neuron,
        t,
        np.broadcast_to(inputs[0], shape),
        V,
        spike_times if V.ndim == 2 else spike_times[0],
    )


# How `_simulate_trial` works. Let y = V - E_L. Within a sample y relaxes exponentially
# towards the drive u, and its distance from u shrinks by exp(-decay). Multiplied by the
# growth w, which is 1 at first and grows by exp(decay) in each sample, the leak is
# gone: w·y changes by u·(increase of w), so that at the end of every sample
#
#     w·y = S + C      S: the cumulative sum of u·(increase of w);      C: constant from one spike to the next.
#
# One cumulative sum thus serves a whole block of samples, spikes or not. The next spike
# comes in the sample at whose end S - w·(V_th - E_L) first reaches -C; where in the
# sample follows from the exponential. After the refractory period y starts from V_reset
# somewhere inside a sample, and y at that sample's end gives the new C.

_LONGEST_DECAY = 100.0  # of a block: the rounding of exp grows with its argument, to 1e-14 here; and e^-100 is nothing
_BLOCK = (
    16384  # samples: few enough for a block's arrays to stay in the processor's cache
)


def _simulate_trial(neuron, t, dt, y, inputs, reversals, V):
    """Fill V, shape (samples,), from y = V[0] - E_L and inputs I, g_E, g_I, 0-d or
    of V's shape; return spike times.
    """
    theta, y_reset, enough = (
        neuron.V_th - neuron.E_L,
        neuron.V_reset - neuron.E_L,
        neuron._least_drive,
    )
    V[0] = neuron.E_L + y
    start, last, span, interval, spikes = 0, len(t) - 1, _BLOCK, 0, []
    i, offset = (
        0,
        0.0,
    )  # the neuron is held until `offset` ms into the block's sample i, and free from y from then on
    while start < last:
        block = slice(start, min(start + span, last))
        u, decay, w, growth = _relaxation(
            neuron, dt, [x[block] if x.ndim else x for x in inputs], reversals, block
        )
        n = len(u)
        S = np.cumsum(u * growth)
        above = S - theta * w if u.max() > enough else None
        wy = V[
            start + 1 : start + n + 1
        ]  # w·y at the samples' ends; becomes V when the block is done
        held = [(0, i)]
        while i < n:
            u_i, decay_i = u.item(i), decay.item(i)
            y_end = u_i + (y - u_i) * math.exp(-decay_i * (1 - offset / dt))
            if y_end >= theta and u_i > enough:
                wait = max(0.0, dt / decay_i * math.log1p((theta - y) / (u_i - theta)))
                if neuron.t_ref == 0 and y == y_reset and wait < 1e-6 * dt:
                    towards = (
                        f"V towards {neuron.E_L + u_i:g} mV at t = {t[start + i]:g} ms"
                    )
                    raise ValueError(
                        f"I or g_E drives {towards}: over a million spikes per sample with t_ref = 0 ms"
                    )
                offset = min(offset + wait, dt)
                spikes.append(t.item(start + i) + offset)
                skipped, offset = divmod(offset + neuron.t_ref, dt)
                held.append((i, i + int(skipped)))
                i, y = i + int(skipped), y_reset
            else:  # no spike from the end of sample i up to the sample before the next hit
                C, first = w.item(i) * y_end - S.item(i), i
                i = n if above is None else _first_at_least(above, -C, i + 1, interval)
                np.add(S[first:i], C, out=wy[first:i])
                interval = i - first
                y, offset = wy.item(i - 1) / w.item(i - 1), 0.0
        wy /= w
        wy += neuron.E_L
        for first, end in held:
            wy[first:end] = neuron.V_reset
        start, i, span = start + n, i - n, min(_BLOCK, n + n // 2 + 1)
    return np.array(spikes)


def _first_at_least(values, bound, start, guess):
    """The first index from `start` on at which values >= bound, or their length;
    quickest if `guess` samples ahead.
    """
    width = guess + guess // 2 + 16
    while start < len(values):
        hits = values[start : start + width] >= bound
        first = int(hits.argmax())
        if hits[first]:
            return start + first
        start, width = start + width, 4 * width
    return len(values)


def _relaxation(neuron, dt, inputs, reversals, block):
    """Drive u (mV above E_L) and decay of each sample, w at its end and w's increase in
    it, for one block of samples.

    The block is cut where w would exceed exp(_LONGEST_DECAY). Inputs are 0-d or as long
    as the block.
    """
    opening = 1 + neuron.R * (
        inputs[1] + inputs[2]
    )  # total conductance over the leak's
    decay = opening * (dt / neuron.tau_m)
    n = max(
        1, min(block.stop - block.start, int(min(_BLOCK, _LONGEST_DECAY / decay.max())))
    )
    I, g_E, g_I, opening, decay = (
        x[:n] if x.ndim else x for x in (*inputs, opening, decay)
    )
    E_E, E_I = (E - neuron.E_L for E in reversals)
    u = (I + (g_E * E_E + g_I * E_I)) * (neuron.R / opening)
    w, growth = _growth(decay) if decay.ndim else _even_growth(float(decay), n)
    return np.broadcast_to(u, n), np.broadcast_to(decay, n), w, growth


def _growth(decay):
    w = np.exp(np.cumsum(np.minimum(decay, _LONGEST_DECAY)))
    return w, np.diff(w, prepend=1.0)


@functools.lru_cache(maxsize=4)
def _even_growth(decay, n):
    return _growth(np.full(n, decay))


def _leaky_sum(x, decay):
    """y[k] = exp(-decay) y[k-1] + x[k] along the last axis."""
    n = max(1, int(min(_BLOCK, _LONGEST_DECAY / decay)))
    w = _even_growth(decay, n)[0]
    y, before = np.empty(x.shape), np.zeros((*x.shape[:-1], 1))
    for start in range(0, x.shape[-1], n):
        piece = x[..., start : start + n]
        y_piece = y[..., start : start + n]
        y_piece[:] = (np.cumsum(piece * w[: piece.shape[-1]], axis=-1) + before) / w[
            : piece.shape[-1]
        ]
        before = y_piece[..., -1:]
    return y


# ---- 4 Theory ------------------------------------------------------------------------


def charging_curve(neuron, t, I, V0=None):
    """V(t) = V_inf + (V0 - V_inf) exp(-t / tau_m) with V_inf = E_L + R I: constant
    current (nA) without threshold.

    t (ms) counts from the moment when I begins and V is V0 (mV; E_L unless given);
    shape of t and I broadcast.
    """
    V0 = _number("V0", neuron.E_L if V0 is None else V0, "mV")
    V_inf = neuron.E_L + neuron.R * _finite("I", I, "nA")
    return V_inf + (V0 - V_inf) * np.exp(-_finite("t", t, "ms") / neuron.tau_m)


def fi_curve(neuron, I):
    """Firing rate (Hz) at constant current I (nA), 0 up to the rheobase; shape of I.

    1 / (t_ref + tau_m ln((E_L + R I - V_reset) / (E_L + R I - V_th))): Gerstner et al.
    (2014), section 1.3.
    """
    drive = neuron.R * _finite("I", I, "nA")
    fires = drive > neuron._least_drive
    beyond = np.where(fires, drive - (neuron.V_th - neuron.E_L), 1.0)
    interval = neuron.t_ref + neuron.tau_m * np.log1p(
        (neuron.V_th - neuron.V_reset) / beyond
    )
    return np.where(fires, MS_PER_S / interval, 0.0)[()]


def siegert_rate(neuron, I, sigma_V, *, dt=0.0):
    """Firing rate (Hz) at mean current I (nA) with white noise that gives the free
    potential sigma_V (mV).

    Shapes of I and sigma_V broadcast; without noise it is `fi_curve`. For noise in
    samples of dt (ms), whose crossings within samples go unseen, V_th is raised by
    Chernoff's 0.5826 sigma_V sqrt(2 dt / tau_m). Siegert (1951) Phys. Rev. 81:617-623;
    Brunel (2000) J. Comput. Neurosci. 8:183-208, whose sigma is sqrt(2) sigma_V.
    """
    _, f, scale, noisy = _passage(neuron, I, sigma_V, dt, highest=26)
    rate = MS_PER_S / (neuron.t_ref + neuron.tau_m * scale * f.sum(axis=-1))
    return np.where(
        noisy, np.where(scale < math.exp(26**2), rate, 0.0), fi_curve(neuron, I)
    )[()]


def siegert_cv(neuron, I, sigma_V, *, dt=0.0):
    """Coefficient of variation of the intervals that `siegert_rate` describes, NaN
    where the neuron never fires.

    Brunel (2000), appendix, where it is a double integral.
    """
    y, f, scale, noisy = _passage(
        neuron, I, sigma_V, dt, highest=6
    )  # above 6 the intervals are exponential
    K, power = (
        0.0,
        y,
    )  # K(y): the integral of exp(p²/2) sqrt(pi/2) erf(p/sqrt(2)) from 0 to y, a sum of powers
    for n in range(1, 600, 2):
        K, power = K + power * y / (n + 1), power * y * y / (n + 2)
    cv = (
        2
        * np.sqrt(scale * (f * K).sum(axis=-1))
        / (neuron.t_ref / neuron.tau_m + scale * f.sum(axis=-1))
    )
    steady = np.where(fi_curve(neuron, I) > 0, 0.0, math.nan)
    return np.where(noisy & (neuron.V_th < math.inf), cv, steady)[()]


# Let a and b be V_reset and V_th less the mean of the free potential, in units of
# sqrt(2) sigma_V, and f(y) = exp(-y²) (exp(2 b y) - exp(2 a y)) / y. From the release
# to the next spike it takes a time of mean tau_m ∫ f dy and of variance 4 tau_m² ∫ f K
# dy, y from 0 to infinity: the integrals of Siegert and Brunel in another order.


def _passage(neuron, I, sigma_V, dt, highest):
    """y, f(y) dy / scale, scale, and whether sigma_V > 0; b is at most `highest`, as
    exp(b²) would overflow.

    With y = log(1 + exp(s)) the trapezoid rule in s has an error that falls
    exponentially with the step.
    """
    mean, sigma_V = (
        neuron.E_L + neuron.R * _finite("I", I, "nA"),
        _finite("sigma_V", sigma_V, "mV"),
    )
    if np.min(sigma_V, initial=0) < 0:
        raise ValueError(f"sigma_V = {np.min(sigma_V):g} mV must be 0 or above")
    unseen = (
        0.5826
        * sigma_V
        * math.sqrt(2 * _number("dt", dt, "ms", least=0) / neuron.tau_m)
    )
    unit = math.sqrt(2) * np.maximum(sigma_V, 1e-150)
    b = np.minimum((neuron.V_th + unseen - mean) / unit, highest)[..., None]
    gap = np.minimum((neuron.V_th + unseen - neuron.V_reset) / unit, 1e155)[..., None]
    s = np.arange(
        -40 - math.log1p(np.max(gap) + np.max(np.abs(b))), 2 * highest + 8, 0.2
    )
    y, dy = np.logaddexp(0, s), 0.2 / (1 + np.exp(-s))
    peak = np.maximum(b, 0)
    f = np.exp(2 * b * y - y * y - peak * peak) * -np.expm1(-2 * gap * y) / y * dy
    return y, f, np.exp(peak[..., 0] ** 2), sigma_V > 0


def strength_duration(neuron, width):
    """The smallest current (nA) with which a pulse of this width (ms), from rest, takes
    V to V_th; shape of width.

    rheobase / (1 - exp(-width / tau_m)), Lapicque (1907).
    """
    width = _finite("width", width, "ms")
    if np.min(width, initial=math.inf) <= 0:
        raise ValueError(f"width = {width.min():g} ms must be above 0")
    return neuron.rheobase / -np.expm1(-width / neuron.tau_m)


def gain_and_phase(neuron, frequency):
    """Amplitude of V per amplitude of a sinusoidal current (MΩ), and phase of V after
    it (rad), below threshold.

    With w = 2 pi frequency (Hz): R / sqrt(1 + (w tau_m)^2) and -arctan(w tau_m); shape
    of frequency.
    """
    w_tau = (
        2 * math.pi * _finite("frequency", frequency, "Hz") * neuron.tau_m / MS_PER_S
    )
    return neuron.R / np.hypot(1, w_tau), -np.arctan(w_tau)
