"""The leaky integrate-and-fire (LIF) neuron: inputs, exact simulation and theory.

Units are coherent, so that no conversion factor stands in an equation: mV, ms, nA, MΩ,
nF, µS (nA·MΩ = mV, MΩ·nF = ms, nA/mV = µS); rates are in Hz. Times t are evenly spaced.
An input's value at sample k holds from t[k] to t[k+1]; V[k] is the potential at t[k].
"""

import functools
import math
from dataclasses import dataclass, field, fields, replace

import numpy as np

import lif_checks as checks
from lif_checks import generator

MS_PER_S = 1000.0

# ---- 1 The neuron --------------------------------------------------------------------


def parameter(default, symbol, unit, range, **bounds):
    """A field of Neuron (or Network) with all that is said of it anywhere.

    `range` is what is worth exploring (low, high, step); `bounds` are those that
    `checks.number` knows.
    """
    about = {"symbol": symbol, "unit": unit, "range": range, "bounds": bounds}
    return field(default=default, metadata=about)


@dataclass(frozen=True, repr=False)
class Neuron:
    """The parameters of a leaky integrate-and-fire neuron.

    tau_m    membrane time constant, ms
    R        membrane resistance, MΩ
    E_L      leak (resting) potential, mV
    V_th     threshold, mV; infinite for a membrane that never spikes
    V_reset  reset potential, mV
    t_ref    refractory period, ms

    Immutable: `dataclasses.replace(neuron, R=50)` gives a changed copy. Raises
    ValueError or TypeError, which names the parameter, for a value outside its bounds
    and for V_reset >= V_th; warns of values that look like V, s and Ω.
    """

    tau_m: float = parameter(20.0, "τ_m", "ms", range=(5, 50, 1), above=0)
    R: float = parameter(100.0, "R", "MΩ", range=(20, 200, 5), above=0)
    E_L: float = parameter(-70.0, "E_L", "mV", range=(-80, -61, 1))
    V_th: float = parameter(-50.0, "V_th", "mV", range=(-60, -40, 1), or_inf=True)
    V_reset: float = parameter(-75.0, "V_reset", "mV", range=(-90, -61, 1))
    t_ref: float = parameter(2.0, "t_ref", "ms", range=(0, 20, 0.5), least=0)

    def __post_init__(self):
        for name, about in PARAMETERS.items():
            value = checks.number(
                name, getattr(self, name), about["unit"], **about["bounds"]
            )
            object.__setattr__(self, name, value)
        if self.V_reset >= self.V_th:
            raise ValueError(
                f"V_reset = {self.V_reset:g} mV must lie below V_th = {self.V_th:g} mV"
            )
        checks.warn_of_SI_units(self)

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
        """The constant current (V_th - E_L) / R, nA, above which the neuron fires.

        At exactly this current it does not.
        """
        return (self.V_th - self.E_L) / self.R

    @property
    def _least_drive(self):
        """The drive R I (mV) that must be exceeded to fire.

        It is V_th - E_L and a little more, which covers the rounding of R I.
        """
        return self.V_th - self.E_L + 1e-15 * (abs(self.V_th) + abs(self.E_L))

    @property
    def _highest_V(self):  # where rounding lifts V to V_th: a run can go on from here
        return math.nextafter(self.V_th, -math.inf)


PARAMETERS = {parameter.name: parameter.metadata for parameter in fields(Neuron)}


# Wang (2002) Neuron 36:955-968: C = 0.5 nF and g_L = 25 nS for pyramidal cells, 0.2 nF
# and 20 nS for interneurons.
EXCITATORY = Neuron(tau_m=20, R=40, E_L=-70, V_th=-50, V_reset=-55, t_ref=2)
INHIBITORY = Neuron(tau_m=10, R=50, E_L=-70, V_th=-50, V_reset=-55, t_ref=1)
MEMBRANE = Neuron(V_th=math.inf)

# ---- 2 Inputs: arrays on t, which combine with +; a sample holds the input's mean ----


def time_grid(duration, dt=0.1):
    """Sample times 0, dt, ..., duration (ms), shape (samples,).

    Raises ValueError for a duration that is no whole number of steps.
    """
    duration = checks.number("duration", duration, "ms", above=0)
    dt = checks.number("dt", dt, "ms", above=0)
    return np.linspace(0, duration, checks.steps("duration", duration, dt, least=1) + 1)


def step_current(t, amplitude, start=0.0, stop=math.inf):
    """Current (nA) of `amplitude` from `start` (included) to `stop` (excluded; ms).

    It is 0 outside; a sample that the step covers in part holds its share of the
    amplitude. Shape of t.
    """
    t, dt = checks.times(t)
    amplitude = checks.number("amplitude", amplitude, "nA")
    start = checks.number("start", start, "ms")
    stop = checks.number("stop", stop, "ms", least=start, or_inf=True)
    return amplitude * (_begun(t, dt, start) - _begun(t, dt, stop))


def pulse_current(t, amplitude, times, width):
    """Current (nA) of rectangular pulses that start at `times` and last `width` (ms).

    Where pulses overlap they add. Shape of t.
    """
    t, dt = checks.times(t)
    amplitude = checks.number("amplitude", amplitude, "nA")
    times = checks.finite("times", times, "ms").ravel()
    width = checks.number("width", width, "ms", above=0)
    return amplitude * (_begun(t, dt, times) - _begun(t, dt, times + width))


def _begun(t, dt, edges):
    """How many of the edges (ms) lie before each sample's end; shape of t.

    An edge within a sample counts there with the share of the sample that is left.
    """
    # In samples, and rounded: an edge on the grid stays there however t was rounded.
    position = np.round((np.atleast_1d(edges) - t[0]) / dt, 6).clip(0, len(t))
    sample = position.astype(int)
    share = np.bincount(sample, sample + 1 - position, minlength=len(t) + 1)
    before = np.cumsum(np.bincount(sample + 1, minlength=len(t) + 1))
    return before[: len(t)] + share[: len(t)]


def ramp_current(t, amplitude, start=0.0, stop=None):
    """Current (nA) that rises evenly from 0 at `start` to `amplitude` at `stop` (ms).

    Then it stays; `stop` is the end of t unless given, and with stop = start the
    current rises at once, as a step. Shape of t.
    """
    t, dt = checks.times(t)
    amplitude = checks.number("amplitude", amplitude, "nA")
    start = checks.number("start", start, "ms")
    if stop is None:
        stop = max(start, t[-1])
    rise = checks.number("stop", stop, "ms", least=start) - start
    if rise == 0:
        return step_current(t, amplitude, start)
    edges = np.append(t, t[-1] + dt) - start
    area = np.clip(edges, 0, rise) ** 2 / (2 * rise) + np.maximum(edges - rise, 0)
    return amplitude * np.diff(area) / dt


def sine_current(t, amplitude, frequency, phase=0.0):
    """Current (nA) amplitude * sin(2 pi frequency t + phase); shape of t.

    The frequency is in Hz, the phase in rad.
    """
    t, dt = checks.times(t)
    amplitude = checks.number("amplitude", amplitude, "nA")
    phase = checks.number("phase", phase, "rad")
    cycles_per_ms = checks.number("frequency", frequency, "Hz", least=0) / MS_PER_S
    middle = 2 * math.pi * cycles_per_ms * (t + dt / 2) + phase
    return amplitude * np.sinc(cycles_per_ms * dt) * np.sin(middle)


def white_noise(t, neuron, sigma_V, *, seed, trials=None):
    """White-noise current (nA) of mean 0, shape (samples,) or (trials, samples).

    `sigma_V` (mV) is the standard deviation that the neuron's free membrane potential
    gets from it, exactly, at any dt: the current's own is sigma_V / R * sqrt((1 + a) /
    (1 - a)) with a = exp(-dt / tau_m).
    """
    checks.require_neuron(neuron)
    t, dt = checks.times(t)
    sigma_V = checks.number("sigma_V", sigma_V, "mV", least=0)
    std = sigma_V / neuron.R / math.sqrt(math.tanh(dt / (2 * neuron.tau_m)))
    return std * _normals(t, seed, trials)


def ou_noise(t, std, tau, *, seed, trials=None):
    """Ornstein-Uhlenbeck current (nA) of mean 0, shape (samples,) or (trials, samples).

    It has standard deviation `std` (nA) and correlation time `tau` (ms) at every
    sample, the first included.
    """
    t, dt = checks.times(t)
    std = checks.number("std", std, "nA", least=0)
    decay = dt / checks.number("tau", tau, "ms", above=0)
    kicks = std * _normals(t, seed, trials)
    kicks[..., 1:] *= math.sqrt(-math.expm1(-2 * decay))
    return _leaky_sum(kicks, decay)


def poisson_spikes(rate, duration, *, seed, trains=None):
    """Spike times (ms) of a Poisson process of `rate` (Hz) from 0 to `duration` (ms).

    An array of shape (spikes,), or for `trains` a list of such arrays.
    """
    rate = checks.number("rate", rate, "Hz", least=0)
    duration = checks.number("duration", duration, "ms", above=0)
    rng = generator(seed)
    counts = rng.poisson(rate * duration / MS_PER_S, checks.shape("trains", trains))
    spikes = [np.sort(rng.uniform(0, duration, count)) for count in np.ravel(counts)]
    return spikes[0] if trains is None else spikes


def synaptic_conductance(t, spike_times, weight, tau):
    """Conductance (µS) that each presynaptic spike raises by `weight` (µS).

    From there it decays with `tau` (ms). Spike times (ms) are an array; those of a list
    of trains are joined by `np.concatenate`. Samples hold the mean, so that the area
    per spike is weight * tau at any dt. Shape of t.
    """
    t, dt = checks.times(t)
    if isinstance(spike_times, (list, tuple)) and any(
        isinstance(train, (list, tuple)) or getattr(train, "ndim", 0)
        for train in spike_times
    ):
        raise ValueError(
            "spike_times is a list of spike trains: "
            "np.concatenate(spike_times) joins them to one"
        )
    spike_times = checks.finite("spike_times", spike_times, "ms").ravel()
    weight = checks.number("weight", weight, "µS", least=0)
    decay = dt / checks.number("tau", tau, "ms", above=0)
    position = (spike_times - t[0]) / dt
    position = position[position < len(t)]
    next_sample = np.floor(np.maximum(position, -1)).astype(int) + 1
    # The spike's own sample gets what decays before the next one begins; the rest
    # decays on from there.
    left = np.exp(-decay * (next_sample - position))
    at_start = np.bincount(next_sample, left, len(t) + 1)[: len(t)]
    within = np.bincount(next_sample, 1 - left, len(t) + 1)[1 : len(t) + 1]
    decaying = -math.expm1(-decay) * _leaky_sum(at_start, decay)
    return weight / decay * (within + decaying)


def _normals(t, seed, trials):
    return generator(seed).standard_normal(checks.shape("trials", trials, len(t)))


# ---- 3 Simulation --------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class Recording:
    """What `simulate` returns: t (ms), I (nA), V (mV) and spike times (ms).

    For trials, I and V have shape (trials, samples) and spike_times is a list of
    arrays; measures are then arrays (`isi` a list) with one value per trial.
    """

    neuron: Neuron
    t: np.ndarray
    I: np.ndarray
    V: np.ndarray
    spike_times: np.ndarray | list[np.ndarray]
    spike_before: float | np.ndarray = -math.inf  # the last one before t[0], ms

    def __repr__(self):
        duration, spikes = self.t[-1] - self.t[0], np.sum(self._per_trial(len))
        return f"Recording({duration:g} ms, V of shape {self.V.shape}, {spikes} spikes)"

    def _per_trial(self, measure):
        if self.V.ndim == 2:
            return [measure(spikes) for spikes in self.spike_times]
        return measure(self.spike_times)

    @property
    def rate(self):
        """Number of spikes over the duration, Hz."""
        seconds = float(self.t[-1] - self.t[0]) / MS_PER_S
        return np.array(self._per_trial(len))[()] / seconds

    @property
    def isi(self):
        """Interspike intervals, ms."""
        return self._per_trial(np.diff)

    @property
    def cv(self):
        """Coefficient of variation of the intervals: standard deviation over mean.

        NaN for fewer than three intervals.
        """

        def variation(spikes):
            isi = np.diff(spikes)
            return float(isi.std() / isi.mean()) if len(isi) >= 3 else math.nan

        return np.array(self._per_trial(variation))[()]

    @property
    def numbers(self):
        """Rate and CV of a single trial with their units, to be shown by name.

        A CV from fewer than 50 intervals is chance, and is left out.
        """
        if self.V.ndim == 2:
            raise ValueError("numbers are of a single trial; rate and cv of many")
        enough = len(self.isi) >= 50
        cv = (self.cv, "", ".2f") if enough else "from 50 intervals on"
        return {"rate": (self.rate, "Hz"), "CV": cv}

    @property
    def refractory_left(self):
        """Rest of the refractory period at the end of the recording, ms.

        With V0=recording.V[..., -1] and this, `simulate` goes on from there.
        """
        released = self._last_spike(self.t[-1]) + self.neuron.t_ref
        return np.maximum(released - self.t[-1], 0.0)

    def _last_spike(self, time):
        """The time of the last spike up to this time, ms."""

        def last(spikes):
            count = np.searchsorted(spikes, time, side="right")
            return spikes[count - 1] if count else -math.inf

        return np.maximum(self._per_trial(last), self.spike_before)

    def part(self, start, stop=math.inf):
        """The Recording from `start` to `stop` (ms), with the spikes between them.

        It has the samples at start and stop, and so a spike at start is none of its
        own. Raises ValueError for fewer than two samples.
        """
        start = checks.number("start", start, "ms")
        stop = checks.number("stop", stop, "ms", least=start, or_inf=True)
        beside = 1e-6 * (self.t[1] - self.t[0])  # rounding of t
        first = np.searchsorted(self.t, start - beside)
        end = np.searchsorted(self.t, stop + beside)
        if end - first < 2:
            raise ValueError(
                f"from {start:g} to {stop:g} ms there are fewer than two samples"
            )
        t = self.t[first:end].copy()
        return replace(
            self,
            t=t,
            I=self.I[..., first:end].copy(),
            V=self.V[..., first:end].copy(),
            spike_times=self._per_trial(lambda s: s[(s > t[0]) & (s <= t[-1])]),
            spike_before=self._last_spike(t[0]),
        )


def simulate(
    neuron,
    t,
    I=0.0,
    *,
    g_E=0.0,
    g_I=0.0,
    E_E=0.0,
    E_I=-80.0,
    V0=None,
    refractory_left=0.0,
):
    """Solve the neuron's equation and return a Recording.

    tau_m dV/dt = -(V - E_L) + R [I - g_E (V - E_E) - g_I (V - E_I)]; V >= V_th is a
    spike: V is held at V_reset for t_ref. The solution is exact for inputs that are
    constant within each sample; spike times do not lie on the grid.

    I (nA), g_E and g_I (µS) are numbers or arrays that broadcast to (samples,) or
    (trials, samples), the shape of V; a column of shape (trials, 1) is one constant per
    trial. E_E and E_I are in mV. V0 (mV; E_L unless given) is the potential at t[0];
    for the first `refractory_left` ms V is held at V_reset instead. A run that was cut
    goes on with V0=recording.V[..., -1] and the recording's `refractory_left`, both
    numbers or one value per trial.

    Raises ValueError or TypeError for inputs that are not finite or do not fit t,
    negative conductances and V0 >= V_th; warns of inputs that look like pA or nS.
    """
    I = checks.current(neuron, I)
    t, dt = checks.times(t)
    g_E = checks.conductance(neuron, "g_E", g_E)
    g_I = checks.conductance(neuron, "g_I", g_I)
    E_E = checks.number("E_E", E_E, "mV")
    E_I = checks.number("E_I", E_I, "mV")
    shape = checks.run_shape(t, {"I": I, "g_E": g_E, "g_I": g_I})
    V = np.empty(shape)
    V[..., 0], left = checks.run_start(neuron, V0, refractory_left, shape[:-1])
    spike_times = []
    for trial, row in enumerate(V.reshape(-1, len(t))):
        own = [x[trial % len(x)] if x.ndim == 2 else x for x in (I, g_E, g_I)]
        own = [x.item() if x.size == 1 else x for x in own]
        constant = all(isinstance(x, float) for x in own)
        run = _closed_form if constant else _from_spike_to_spike
        spikes = run(neuron, dt, left.item(trial), own, (E_E, E_I), row)
        spike_times.append(t[0] + spikes)
    return Recording(
        neuron,
        t,
        np.broadcast_to(I.copy(), shape),  # whatever the caller does to I later
        V,
        spike_times if V.ndim == 2 else spike_times[0],
        np.where(left > 0, t[0] + left - neuron.t_ref, -math.inf)[()],
    )


def _drive_and_decay(neuron, dt, inputs, reversals):
    """The drive u, to which V - E_L relaxes (mV), and the decay in a sample, dt / tau.

    Open channels pull towards their reversal potential and make the membrane faster.
    """
    I, g_E, g_I = inputs
    E_E, E_I = reversals
    opening = 1 + neuron.R * (g_E + g_I)  # total conductance over the leak's
    push = g_E * (E_E - neuron.E_L) + g_I * (E_I - neuron.E_L)
    R = neuron.R / opening
    u = I * R
    u += push * R
    return u, opening * (dt / neuron.tau_m)


def _closed_form(neuron, dt, refractory_left, inputs, reversals, V):
    """Fill V, shape (samples,), from V[0] on; return the spike times after t[0], ms.

    For I, g_E and g_I that are numbers: from spike to spike V is one exponential.
    """
    u, decay = _drive_and_decay(neuron, dt, inputs, reversals)
    tau = dt / decay
    V0, V_inf = V.item(0), neuron.E_L + u
    spikes = np.empty(0)
    if u > neuron._least_drive:
        beyond = u - (neuron.V_th - neuron.E_L)
        first = refractory_left + tau * math.log1p((neuron.V_th - V0) / beyond)
        rise = tau * math.log1p((neuron.V_th - neuron.V_reset) / beyond)
        interval = neuron.t_ref + rise
        if interval < 1e-6 * dt:
            raise checks.endless_burst(V_inf)
        count = math.floor((dt * (len(V) - 1) - first) / interval) + 1
        spikes = first + interval * np.arange(max(count, 0))
    # A stretch begins with the release from V_reset; the first one begins with the run.
    released = np.append(refractory_left, spikes + neuron.t_ref)
    origin = np.append(V0, np.full(len(spikes), neuron.V_reset))
    first_samples = np.ceil(spikes / dt).astype(int)
    lengths = np.diff(first_samples, prepend=0, append=len(V))
    since = dt * np.arange(len(V)) - np.repeat(released, lengths)
    left = np.exp(np.maximum(since, 0.0) / -tau)
    free = V_inf + np.repeat(origin - V_inf, lengths) * left
    np.minimum(free, neuron._highest_V, out=V)
    V[since <= 0] = neuron.V_reset
    V[0] = V0
    return spikes


# How `_from_spike_to_spike` works. Let y = V - E_L. Within a sample y relaxes
# exponentially towards the drive u, and its distance from u shrinks by exp(-decay).
# Multiplied by the growth w, which is 1 at first and grows by exp(decay) in each
# sample, the leak is gone: w·y changes by u·(increase of w), so that at the end of
# every sample
#
#     w·y = S + C
#
# with S, the cumulative sum of u·(increase of w), and C, a constant from one spike to
# the next. One cumulative sum thus serves a whole block of samples, spikes or not. The
# next spike comes in the sample at whose end S - w·(V_th - E_L) first reaches -C; where
# in the sample follows from the exponential. After the refractory period y starts from
# V_reset somewhere inside a sample, and y at that sample's end gives the new C.

# The decay in a block: the rounding of exp grows with its argument, to 1e-14 at 100.
_LONGEST_DECAY = 100.0
# The samples in a block: so few that its arrays stay in the processor's cache.
_BLOCK = 16384


def _from_spike_to_spike(neuron, dt, refractory_left, inputs, reversals, V):
    """The same for I, g_E and g_I of which some are arrays of V's shape."""
    theta, y_reset = neuron.V_th - neuron.E_L, neuron.V_reset - neuron.E_L
    enough = neuron._least_drive
    y = V.item(0) - neuron.E_L
    spikes, interval = [], 0
    # The neuron is held until `offset` ms into sample i of the block, and free from y
    # from then on.
    i, offset = int(refractory_left // dt), refractory_left % dt
    for start, u, decay, w, S in _blocks(neuron, dt, inputs, reversals, len(V) - 1):
        n = len(S)
        fires = u.max() > enough
        rises = fires and u.min() > enough  # then `above` rises, too
        if fires:
            above = theta * w
            np.subtract(S, above, out=above)
        constants, lengths, held = [], [], [(0, i)]
        done = 0  # samples of the block that have their C
        while i < n:
            first, u_i, decay_i = i, u.item(i), decay.item(i)
            y_end = u_i + (y - u_i) * math.exp(-decay_i * (1 - offset / dt))
            if y_end >= theta and u_i > enough:
                wait = max(0.0, dt / decay_i * math.log1p((theta - y) / (u_i - theta)))
                if neuron.t_ref == 0 and y == y_reset and wait < 1e-6 * dt:
                    raise checks.endless_burst(neuron.E_L + u_i)
                offset = min(offset + wait, dt)
                spikes.append((start + i) * dt + offset)
                skipped, offset = divmod(offset + neuron.t_ref, dt)
                i, y = first + int(skipped), y_reset
                held.append((first, i))
            else:  # no spike from the end of sample i up to the sample before the next
                C = w.item(i) * y_end - S.item(i)
                if not fires:
                    i = n
                elif rises:
                    i = max(first + 1, int(above.searchsorted(-C)))
                else:
                    i = _first_at_least(above, -C, first + 1, interval)
                interval = i - first
                y, offset = (S.item(i - 1) + C) / w.item(i - 1), 0.0
                constants.append(C)
                lengths.append(i - done)
                done = i
        S[:done] += np.repeat(constants, lengths)
        free = np.divide(S, w, out=V[start + 1 : start + n + 1])
        free += neuron.E_L
        if free.max() >= neuron.V_th:  # by rounding, or where it is held
            np.minimum(free, neuron._highest_V, out=free)
        for first, end in held:
            free[first:end] = neuron.V_reset
        i -= n
    return np.array(spikes)


def _first_at_least(values, bound, start, guess):
    """The first index from `start` on at which values >= bound, or their length.

    It is found quickest if it lies `guess` samples ahead.
    """
    width = guess + guess // 2 + 16
    while start < len(values):
        hits = values[start : start + width] >= bound
        first = int(hits.argmax())
        if hits[first]:
            return start + first
        start, width = start + width, 4 * width
    return len(values)


def _blocks(neuron, dt, inputs, reversals, samples):
    """Cut the run into blocks; yield the first sample, u, decay, w and S of each.

    A block ends where w would exceed exp(_LONGEST_DECAY).
    """
    start, length = 0, _BLOCK
    while start < samples:
        block = slice(start, min(start + length, samples))
        now = [x if isinstance(x, float) else x[block] for x in inputs]
        u, decay = _drive_and_decay(neuron, dt, now, reversals)
        if isinstance(decay, float):
            n = min(block.stop - start, _longest_block(decay))
            decay, w, growth = _even_growth(decay, n)
        else:
            n = min(block.stop - start, _longest_block(decay.max()))
            decay, w, growth = _growth(decay[:n])
        u = u[:n]
        S = u * growth
        np.cumsum(S, out=S)
        yield start, u, decay, w, S
        start, length = start + n, n + n // 2 + 1


def _longest_block(decay):
    return max(1, int(min(_BLOCK, _LONGEST_DECAY / decay)))


def _growth(decay):
    """The decay of each sample, w at its end, and the increase of w in it."""
    w = np.exp(np.cumsum(np.minimum(decay, _LONGEST_DECAY)))
    return decay, w, np.diff(w, prepend=1.0)


@functools.lru_cache(maxsize=4)
def _even_growth(decay, n):
    return _growth(np.full(n, decay))


def _leaky_sum(x, decay):
    """y[k] = exp(-decay) y[k-1] + x[k] along the last axis."""
    n = _longest_block(decay)
    _, w, _ = _even_growth(decay, n)
    y, before = np.empty(x.shape), 0.0
    for start in range(0, x.shape[-1], n):
        piece = x[..., start : start + n]
        w = w[: piece.shape[-1]]
        sums = (np.cumsum(piece * w, axis=-1) + before) / w
        y[..., start : start + n] = sums
        before = sums[..., -1:]
    return y


# ---- 4 Theory ------------------------------------------------------------------------


def charging_curve(neuron, t, I, V0=None):
    """V(t) = V_inf + (V0 - V_inf) exp(-t / tau_m) with V_inf = E_L + R I, mV.

    This is the answer to a constant current I (nA) without threshold; t (ms) counts
    from the moment when I begins and V is V0 (mV; E_L unless given). Shapes of t and I
    broadcast.
    """
    I, t = checks.current(neuron, I), checks.finite("t", t, "ms")
    V0 = checks.number("V0", neuron.E_L if V0 is None else V0, "mV")
    V_inf = neuron.E_L + neuron.R * I
    return V_inf + (V0 - V_inf) * np.exp(-t / neuron.tau_m)


def latency(neuron, I, V0=None):
    """Time (ms) that a constant current I (nA) takes V from V0 to V_th; shape of I.

    tau_m ln((V_inf - V0) / (V_inf - V_th)) with V_inf = E_L + R I, infinite up to the
    rheobase. V0 (mV; E_L unless given) must lie below V_th.
    """
    I = checks.current(neuron, I)
    return _time_to_threshold(neuron, I, checks.start(neuron, V0))


def _time_to_threshold(neuron, I, V0):
    drive = neuron.R * I
    fires = drive > neuron._least_drive
    beyond = np.where(fires, drive - (neuron.V_th - neuron.E_L), 1.0)
    rise = np.where(fires, neuron.V_th - V0, 0.0)
    return np.where(fires, neuron.tau_m * np.log1p(rise / beyond), math.inf)[()]


def fi_curve(neuron, I):
    """Firing rate (Hz) at constant current I (nA), 0 up to the rheobase; shape of I.

    1 / (t_ref + tau_m ln((E_L + R I - V_reset) / (E_L + R I - V_th))): Dayan and Abbott
    (2001) Theoretical Neuroscience, section 5.4.
    """
    I = checks.current(neuron, I)
    interval = neuron.t_ref + _time_to_threshold(neuron, I, neuron.V_reset)
    return MS_PER_S / interval


def siegert_rate(neuron, I, sigma_V, *, dt=0.0):
    """Firing rate (Hz) at mean current I (nA) with white noise.

    The noise gives the free potential the standard deviation sigma_V (mV); without
    noise the rate is that of `fi_curve`. Shapes of I and sigma_V broadcast.

    Noise in samples of dt (ms) crosses the threshold within samples unseen: V_th is
    raised by Chernoff's 0.5826 sigma_V sqrt(2 dt / tau_m). This holds where noise makes
    the neuron fire; where the mean alone does, with little noise or long samples, the
    rate without it is nearer.

    Siegert (1951) Phys. Rev. 81:617-623; Brunel (2000) J. Comput. Neurosci. 8:183-208,
    whose sigma is sqrt(2) sigma_V.
    """
    I, _, f, scale, noisy = _passage(neuron, I, sigma_V, dt, highest=26)
    rate = MS_PER_S / (neuron.t_ref + neuron.tau_m * scale * f.sum(axis=-1))
    rate = np.where(scale < math.exp(26**2), rate, 0.0)
    steady = neuron.t_ref + _time_to_threshold(neuron, I, neuron.V_reset)
    return np.where(noisy, rate, MS_PER_S / steady)[()]


def siegert_cv(neuron, I, sigma_V, *, dt=0.0):
    """Coefficient of variation of the intervals that `siegert_rate` describes.

    NaN where the neuron never fires. Brunel (2000), appendix, where it is a double
    integral.
    """
    # With b above 6 the intervals are exponential.
    I, y, f, scale, noisy = _passage(neuron, I, sigma_V, dt, highest=6)
    # K(y), the integral of exp(p²/2) sqrt(pi/2) erf(p/sqrt(2)) from 0 to y, is a sum of
    # powers.
    K, power = 0.0, y
    for n in range(1, 600, 2):
        K = K + power * y / (n + 1)
        power = power * y * y / (n + 2)
    std = 2 * np.sqrt(scale * (f * K).sum(axis=-1))
    mean = neuron.t_ref / neuron.tau_m + scale * f.sum(axis=-1)
    fires = np.isfinite(_time_to_threshold(neuron, I, neuron.V_reset))
    steady = np.where(fires, 0.0, math.nan)
    return np.where(noisy & (neuron.V_th < math.inf), std / mean, steady)[()]


# Let a and b be V_reset and V_th less the mean of the free potential, in units of
# sqrt(2) sigma_V, and f(y) = exp(-y²) (exp(2 b y) - exp(2 a y)) / y. From the release
# to the next spike it takes a time of mean tau_m ∫ f dy and of variance 4 tau_m² ∫ f K
# dy, y from 0 to infinity: the integrals of Siegert and Brunel in another order.


def _passage(neuron, I, sigma_V, dt, highest):
    """I, y, f(y) dy / scale, scale, and whether sigma_V > 0.

    b is at most `highest`, as exp(b²) would overflow. With y = log(1 + exp(s)) the
    trapezoid rule in s has an error that falls exponentially with the step.
    """
    I = checks.current(neuron, I, stacklevel=4)
    sigma_V = checks.finite("sigma_V", sigma_V, "mV")
    for name, values in (("I", I), ("sigma_V", sigma_V)):
        if values.size == 0:
            raise ValueError(f"{name} is empty: at least one value is needed")
    if sigma_V.min() < 0:
        raise ValueError(f"sigma_V = {sigma_V.min():g} mV must be 0 or above")
    dt = checks.number("dt", dt, "ms", least=0)
    V_th = neuron.V_th + 0.5826 * sigma_V * math.sqrt(2 * dt / neuron.tau_m)
    unit = math.sqrt(2) * np.maximum(sigma_V, 1e-150)
    b = (V_th - neuron.E_L - neuron.R * I) / unit
    b = np.minimum(b, highest)[..., None]
    gap = np.minimum((V_th - neuron.V_reset) / unit, 1e155)[..., None]
    lowest = -40 - math.log1p(np.max(gap) + np.max(np.abs(b)))
    s = np.arange(lowest, 2 * highest + 8, 0.2)
    y, dy = np.logaddexp(0, s), 0.2 / (1 + np.exp(-s))
    peak = np.maximum(b, 0)
    f = np.exp(2 * b * y - y * y - peak * peak) * -np.expm1(-2 * gap * y) / y * dy
    return I, y, f, np.exp(peak[..., 0] ** 2), sigma_V > 0


def strength_duration(neuron, width):
    """The smallest current (nA) with which a pulse takes V from rest to V_th.

    rheobase / (1 - exp(-width / tau_m)), Lapicque (1907); width in ms; shape of width.
    """
    checks.require_neuron(neuron)
    width = checks.finite("width", width, "ms")
    if width.min(initial=math.inf) <= 0:
        raise ValueError(f"width = {width.min():g} ms must be above 0")
    return neuron.rheobase / -np.expm1(-width / neuron.tau_m)


def gain_and_phase(neuron, frequency):
    """Gain for a sinusoidal current, and the phase (rad) of V after the current.

    The gain is the amplitude of V over that of R I, without threshold. With w = 2 pi
    frequency (Hz): 1 / sqrt(1 + (w tau_m)^2) and -arctan(w tau_m); shape of frequency.
    """
    checks.require_neuron(neuron)
    per_ms = checks.finite("frequency", frequency, "Hz") / MS_PER_S
    w_tau = 2 * math.pi * per_ms * neuron.tau_m
    return 1 / np.hypot(1, w_tau), -np.arctan(w_tau)
