"""Networks of leaky integrate-and-fire neurons: connections, simulation and theory.

Units as in `lif_helpers`: mV, ms, nA; rates in Hz. Neurons 0, 1, ..., N_E - 1 are
excitatory, the N_I after them inhibitory. Symbols are those of Brunel (2000) J. Comput.
Neurosci. 8:183-208, but f is a rate here (his ν).
"""

import functools
import math
import time
import warnings
from dataclasses import dataclass, field, fields

import numpy as np

import lif_checks as checks
import lif_helpers as lif
from lif_helpers import MS_PER_S, parameter

# ---- 1 The network -------------------------------------------------------------------

# The neuron of Brunel (2000): V_th is 20 mV and V_reset 10 mV above E_L.
BRUNEL = lif.Neuron(V_reset=-60)


@dataclass(frozen=True)
class Network:
    """Excitatory and inhibitory neurons, connected at random.

    neuron   the Neuron that all of them are
    N_E, N_I numbers of excitatory and of inhibitory neurons
    C_E, C_I to how many others of each kind a neuron listens (its in-degree)
    fixed_in_degree  True: each neuron listens to exactly so many; False: each possible
             connection is made with the same probability, C_E / N_E and C_I / N_I
    J        by how much an excitatory spike raises V where it arrives, mV
    g        inhibition over excitation: an inhibitory spike lowers V by g J
    delay    from a spike to its arrival, ms
    f_ext    rate of the spikes that each neuron gets from outside, Hz: a Poisson
             process of its own, the sum of all its synapses from outside
    J_ext    by how much each of those changes V, mV
    I_ext    constant current into every neuron, nA
    seed     of the connections; required

    No neuron listens to itself (no autapses), nor twice to another (no multapses). With
    C_E = N_E it listens to all others. Networks that differ only in neuron, J, g, delay
    or input have the same connections.

    Immutable: `dataclasses.replace(network, g=6)` gives a changed copy. Raises
    ValueError or TypeError, which names the parameter, for a value outside its bounds.
    """

    neuron: lif.Neuron = BRUNEL
    N_E: int = parameter(1000, "N_E", "", range=(0, 1000, 50), least=0)
    N_I: int = parameter(250, "N_I", "", range=(0, 250, 50), least=0)
    C_E: int = parameter(100, "C_E", "", range=(0, 200, 10), least=0)
    C_I: int = parameter(25, "C_I", "", range=(0, 50, 5), least=0)
    fixed_in_degree: bool = True
    J: float = parameter(0.4, "J", "mV", range=(0, 1, 0.05), least=0)
    g: float = parameter(5.0, "g", "", range=(0, 8, 0.25), least=0)
    delay: float = parameter(1.5, "D", "ms", range=(0.5, 3, 0.5), above=0)
    f_ext: float = parameter(5000.0, "f_ext", "Hz", range=(0, 10_000, 250), least=0)
    J_ext: float = parameter(0.4, "J_ext", "mV", range=(0, 1, 0.05))
    I_ext: float = parameter(0.0, "I_ext", "nA", range=(0, 0.5, 0.01))
    seed: int = field(kw_only=True)

    def __post_init__(self):
        checks.require_neuron(self.neuron)
        for name, about in PARAMETERS.items():
            value = getattr(self, name)
            if type(about["default"]) is int:
                value = checks.whole(name, value, **about["bounds"])
            else:
                value = checks.number(name, value, about["unit"], **about["bounds"])
            object.__setattr__(self, name, value)
        if not isinstance(self.fixed_in_degree, bool):
            raise TypeError(
                f"fixed_in_degree = {self.fixed_in_degree!r} must be True or False"
            )
        if self.N == 0:
            raise ValueError("N_E = 0 and N_I = 0: a network has at least one neuron")
        for kind in "EI":
            C, N = getattr(self, f"C_{kind}"), getattr(self, f"N_{kind}")
            if C > N:
                raise ValueError(
                    f"C_{kind} = {C} must be at most N_{kind} = {N}: "
                    "a neuron listens to different neurons"
                )
        checks.generator(self.seed)

    @property
    def N(self):
        """Number of neurons, N_E + N_I."""
        return self.N_E + self.N_I

    @property
    def weights(self):
        """What a spike of each neuron adds to V where it arrives, mV, shape (N,)."""
        return np.repeat([self.J, -self.g * self.J], [self.N_E, self.N_I])

    @property
    def f_thr(self):
        """The rate (Hz) of spikes from outside that alone takes mean V to V_th.

        (V_th - E_L) / (J_ext tau_m), with tau_m in s; Brunel's C_E ν_thr.
        """
        seconds = self.neuron.tau_m / MS_PER_S
        if self.J_ext == 0:
            return math.inf
        return (self.neuron.V_th - self.neuron.E_L) / (self.J_ext * seconds)

    @property
    def eta(self):
        """Brunel's η: the input from outside, f_ext over f_thr."""
        return self.f_ext / self.f_thr

    def connections(self):
        """Whom each neuron reaches: a list of N arrays of neuron numbers, ascending.

        They are drawn once for a seed and kept; 4 bytes for each connection, and while
        they are drawn 20: 1250 neurons with 125 inputs take 1 MB, 12 500 neurons with
        1250 inputs 62 MB, and for 3 s 300.
        """
        return _targets(
            *(self.N_E, self.N_I, self.C_E, self.C_I), self.fixed_in_degree, self.seed
        )

    def start(self, *, seed):
        """Potentials at which `simulate_network` lets a run of this seed begin, mV.

        Evenly at random from V_reset to V_th; shape (N,).
        """
        rng = _streams(seed)[0]
        low, high = self.neuron.V_reset, self.neuron.V_th
        if high == math.inf:
            low = high = self.neuron.E_L
        return low + (high - low) * rng.random(self.N)

    def external_counts(self, duration, dt=0.1, *, seed):
        """How many spikes from outside reach each neuron in each step of a run.

        Whole numbers of shape (steps, N), mean f_ext dt; J_ext times them is by how
        much they change V (mV). They are those of `simulate_network` with this seed. A
        byte for each, or two: 1 s of 1250 neurons takes 12 MB.
        """
        dt = checks.number("dt", dt, "ms", above=0)
        steps = checks.steps("duration", duration, dt)
        return _external(self, dt, seed)(steps)


PARAMETERS = {
    parameter.name: {**parameter.metadata, "default": parameter.default}
    for parameter in fields(Network)
    if parameter.metadata
}


@functools.lru_cache(maxsize=2)
def _targets(N_E, N_I, C_E, C_I, fixed_in_degree, seed):
    rng, N = checks.generator(seed), N_E + N_I
    sources = []  # of each neuron
    for neuron in range(N):
        E = _others(rng, N_E, neuron, C_E, fixed_in_degree)
        I = N_E + _others(rng, N_I, neuron - N_E, C_I, fixed_in_degree)
        sources.append(np.concatenate([E, I]).astype(np.int32))
    in_degrees = list(map(len, sources))
    sources = np.concatenate(sources)
    if N <= 2**16:
        sources = sources.astype(np.uint16)  # is sorted faster
    order = np.argsort(sources, kind="stable")
    listeners = np.repeat(np.arange(N, dtype=np.int32), in_degrees)[order]
    listeners.setflags(write=False)
    return np.split(listeners, np.cumsum(np.bincount(sources, minlength=N))[:-1])


def _others(rng, number, itself, C, fixed):
    """C of the numbers below `number`, or so many on average, but never `itself`."""
    others = number - (0 <= itself < number)
    if others == 0:
        return np.empty(0, int)
    if not fixed:
        C = rng.binomial(others, C / number)
    chosen = rng.choice(others, min(C, others), replace=False, shuffle=False)
    if others < number:
        chosen += chosen >= itself  # the numbers of the others have a gap
    return chosen


def _streams(seed):
    """Independent random numbers for the start and (two) for the input from outside."""
    return checks.generator(seed).spawn(3)


def _external(network, dt, seed):
    """A function that gives the counts of so many more steps, shape (steps, N).

    A count is the number of values of the cumulative Poisson distribution that a
    uniform random number exceeds. Of its bits the first 16 choose an entry of a table;
    only where they do not yet settle the count, more of them are drawn.
    """
    N, (_, rng, more) = network.N, _streams(seed)
    mean = network.f_ext * dt / MS_PER_S
    if mean > 10_000:
        raise ValueError(
            f"f_ext = {network.f_ext:g} Hz gives {mean:g} spikes per dt = {dt:g} ms; "
            "10 000 at most can be drawn"
        )
    below = _poisson_below(mean)
    edges = np.searchsorted(below, np.arange(2**16 + 1) / 2**16, side="right")
    unsettled = len(below) + 1
    table = np.where(edges[:-1] == edges[1:], edges[:-1], unsettled)
    table = table.astype(np.min_scalar_type(unsettled))

    def draw(steps):
        # Whole words of 64 bits for each step, so that any cut into blocks draws the
        # same.
        words = rng.bit_generator.random_raw(steps * -(-N // 4))
        first = words.view(np.uint16).reshape(steps, -1)[:, :N]
        counts = table.take(first)
        place = np.flatnonzero(counts == unsettled)
        number = first[np.unravel_index(place, first.shape)] + more.random(len(place))
        counts.flat[place] = np.searchsorted(below, number / 2**16, side="right")
        return counts

    return draw


def _poisson_below(mean):
    """The probabilities that a Poisson number is 0, at most 1, at most 2, ..."""
    if mean == 0:
        return np.ones(1)
    highest = math.ceil(mean + 12 * math.sqrt(mean) + 20)
    ratios = mean / np.arange(1, highest + 1)  # of each probability to the one before
    return np.cumsum(np.exp(np.append(0, np.cumsum(np.log(ratios))) - mean))


# ---- 2 Simulation --------------------------------------------------------------------

_ROUNDING = 1e-6  # ms, of times on a grid


@dataclass(frozen=True, eq=False, repr=False)
class NetworkRecording:
    """What `simulate_network` returns.

    spike_times  of all neurons, ms, ascending; shape (spikes,)
    senders      the neuron that fired each of them; shape (spikes,)
    t, V         sample times (ms) and the potentials (mV) of the neurons `recorded`;
                 shapes (samples,) and (len(recorded), samples)
    warm_up      the measures (rates, cv, synchrony) leave out what comes up to here, ms
    """

    network: Network
    duration: float
    warm_up: float
    spike_times: np.ndarray
    senders: np.ndarray
    recorded: tuple
    t: np.ndarray
    V: np.ndarray

    def __repr__(self):
        return (
            f"NetworkRecording({self.duration:g} ms, {self.network.N} neurons, "
            f"{len(self.senders)} spikes)"
        )

    def _warm(self):
        """Spike times and senders after the warm-up."""
        first = np.searchsorted(self.spike_times, self.warm_up + _ROUNDING)
        return self.spike_times[first:], self.senders[first:]

    @property
    def rates(self):
        """Firing rate of each neuron, Hz, shape (N,)."""
        counts = np.bincount(self._warm()[1], minlength=self.network.N)
        return counts * (MS_PER_S / (self.duration - self.warm_up))

    @property
    def rate(self):
        """Mean firing rate of all neurons, Hz."""
        return float(self.rates.mean())

    @property
    def rate_E(self):
        """Mean firing rate of the excitatory neurons, Hz; NaN if there are none."""
        return _mean(self.rates[: self.network.N_E])

    @property
    def rate_I(self):
        """Mean firing rate of the inhibitory neurons, Hz; NaN if there are none."""
        return _mean(self.rates[self.network.N_E :])

    @property
    def cvs(self):
        """Coefficient of variation of each neuron's interspike intervals, shape (N,).

        Standard deviation over mean; NaN for fewer than ten intervals, which tell
        little.
        """
        times, senders = self._warm()
        order = np.argsort(senders, kind="stable")
        isi, owner = np.diff(times[order]), senders[order][1:]
        own = owner == senders[order][:-1]
        isi, owner = isi[own], owner[own]
        count = np.bincount(owner, minlength=self.network.N)
        enough = count >= 10
        count = np.maximum(count, 1)
        mean = np.bincount(owner, isi, self.network.N) / count
        squares = np.bincount(owner, (isi - mean[owner]) ** 2, self.network.N) / count
        return np.where(enough, np.sqrt(squares) / np.where(enough, mean, 1.0), np.nan)

    @property
    def cv(self):
        """Mean of `cvs` over the neurons that have one; NaN if there are none."""
        cvs = self.cvs
        return _mean(cvs[np.isfinite(cvs)])

    @property
    def synchrony(self):
        """Variance over mean of the number of all spikes in bins of 1 ms.

        1 if the neurons fire independently, as a Poisson process (less if each is
        regular); N (1 - f · 1 ms) if all fire in the same bins. It grows with N where
        spikes are correlated. NaN without spikes.
        """
        bins = int(self.duration - self.warm_up + _ROUNDING)
        counts = _binned(self._warm()[0] - self.warm_up, 1.0, bins)
        return float(counts.var() / counts.mean()) if counts.any() else math.nan

    def population_rate(self, bin=1.0, neurons=slice(None)):
        """Middles of bins of `bin` ms, and the mean rate (Hz) in each.

        Of all neurons or of those given, such as slice(0, network.N_E). A bin includes
        its end; a last one that would be cut is left out. Both of shape (bins,).
        """
        bin = checks.number("bin", bin, "ms", above=0)
        chosen = np.zeros(self.network.N, bool)
        chosen[neurons] = True
        bins = int((self.duration + _ROUNDING) / bin)
        counts = _binned(self.spike_times[chosen[self.senders]], bin, bins)
        f = counts * (MS_PER_S / bin / max(chosen.sum(), 1))
        return bin * (np.arange(bins) + 0.5), f

    def spike_trains(self, neurons):
        """The spike times (ms) of each of these neurons, a list of arrays."""
        return [self.spike_times[self.senders == neuron] for neuron in neurons]

    def raster(self, n=50):
        """The spike trains of n neurons at even distances, from the first on.

        So excitatory ones come first, and both kinds have their share; for
        `nb.plot_raster`.
        """
        n = min(checks.whole("n", n, least=1), self.network.N)
        return self.spike_trains(np.arange(n) * self.network.N // n)

    @property
    def numbers(self):
        """Rate, CV and synchrony with their units, to be shown by name."""
        return {
            "rate": (self.rate, "Hz"),
            "CV": (self.cv, "", ".2f"),
            "synchrony": (self.synchrony, "", ".1f"),
        }


def _binned(times, bin, bins):
    """How many of the times lie in each bin of `bin` ms, its end included."""
    places = np.ceil((times - _ROUNDING) / bin).astype(int) - 1
    return np.bincount(places, minlength=bins)[:bins]


def _mean(values):
    return float(values.mean()) if len(values) else math.nan


def simulate_network(
    network,
    duration,
    dt=0.1,
    *,
    V0=None,
    record=(),
    warm_up=None,
    progress=None,
    seed,
):
    """Simulate the network from 0 to `duration` (ms); return a NetworkRecording.

    In each step of dt (ms), in this order: every V relaxes exactly, as in
    tau_m dV/dt = -(V - E_L) + R I_ext; the spikes that arrive at the step's end change
    V by their weights at once; a neuron with V >= V_th fires, at the step's end. From
    then on V is held at V_reset for t_ref, and what arrives until then (that moment
    included) is lost, as in NEST's iaf_psc_delta. A spike arrives one delay later. So
    duration, delay and t_ref must be whole numbers of steps.

    V0 (mV) is the potential at 0, one number or one per neuron; unless given it is
    `network.start(seed=seed)`. `record` are the neurons whose V is kept. `warm_up` (ms)
    is left out of the measures: a fifth of the duration, at most 200 ms, unless given.
    `seed` is that of start and input from outside. `progress` is a function that is
    called with the share of the run that is done, from 0 to 1, every half second once 2
    s are over, such as `lambda share: print(f"{share:.0%}")`.

    Memory: the connections, 12 bytes for each spike, 8 for each sample of a recorded
    neuron, and about 40 for each neuron and step within one delay.
    """
    if not isinstance(network, Network):
        raise TypeError(f"network must be a Network, not {type(network).__name__}")
    neuron, N = network.neuron, network.N
    dt = checks.number("dt", dt, "ms", above=0)
    if dt > neuron.tau_m:
        raise ValueError(f"dt = {dt:g} ms must be at most tau_m = {neuron.tau_m:g} ms")
    steps = checks.steps("duration", duration, dt, least=1)
    if warm_up is None:
        warm_up = min(duration / 5, 200.0)
    warm_up = checks.number("warm_up", warm_up, "ms", least=0)
    if warm_up >= duration:
        raise ValueError(
            f"warm_up = {warm_up:g} ms must be shorter than duration = {duration:g} ms"
        )
    V = checks.start(neuron, network.start(seed=seed) if V0 is None else V0)
    if V.shape not in ((), (N,)):
        raise ValueError(f"V0 of shape {V.shape} must be one number, or one per neuron")
    record = np.array([checks.whole("record", i, least=0) for i in record], int)
    if record.max(initial=0) >= N:
        raise ValueError(
            f"record names neuron {record.max()} of {N}: they count from 0"
        )
    kept = np.empty((steps + 1, len(record)))
    kept[0] = np.broadcast_to(V, N)[record]
    report = _reporter(progress, steps)
    fired, senders = [np.empty(0, int)], [np.empty(0, np.int32)]
    for done, spike_steps, neurons, potentials in _blocks(
        network, steps, dt, V, record, _external(network, dt, seed)
    ):
        fired.append(spike_steps)
        senders.append(neurons)
        kept[done - len(potentials) + 1 : done + 1] = potentials
        report(done)
    return NetworkRecording(
        network,
        steps * dt,
        warm_up,
        np.concatenate(fired) * dt,
        np.concatenate(senders),
        tuple(record.tolist()),
        lif.time_grid(steps * dt, dt),
        kept.T,
    )


# How `_blocks` works. What arrives within one delay is known when it begins: it was
# fired before. So the run falls into blocks no longer than the delay, and each is done
# for all neurons at once, as if none fired: in a step y = V - V_inf, with V_inf = E_L +
# R I_ext, shrinks by exp(-dt / tau_m), and what arrives is added. Only then one looks
# where y first reached V_th - V_inf: there the neuron fired, and what y did after it
# does not count. For a block is so short that the refractory period lasts at least to
# its end, and a neuron fires at most once in it. As blocks of the same lengths return
# with each delay, all spikes of one arrive in one other.


def _blocks(network, steps, dt, V0, record, external):
    """Run block by block; after each yield the number of steps done, the spikes' steps
    and neurons in order of time, and V of the recorded neurons, shape (steps of the
    block, recorded).
    """
    neuron, N = network.neuron, network.N
    delay = checks.steps("delay", network.delay, dt, least=1)
    held_for = checks.steps("t_ref", neuron.t_ref, dt)
    V_inf = neuron.E_L + neuron.R * network.I_ext
    y_reset, threshold = neuron.V_reset - V_inf, neuron.V_th - V_inf
    shrink = math.exp(-dt / neuron.tau_m)
    targets = network.connections()
    lengths = _block_lengths(delay, held_for)
    arriving = [0.0 for _ in lengths]  # mV, for the next block of each length
    y_before = np.broadcast_to(V0 - V_inf, N).copy()
    released = np.zeros(N, int)  # the step up to which a neuron is held
    done = block = 0
    while done < steps:
        n = lengths[block]
        rows = np.arange(n)[:, None]
        y = np.multiply(external(n), network.J_ext, dtype=float)
        y += arriving[block]
        held = np.flatnonzero(released > done)
        free = np.zeros(N, int)  # the step of the block after which a neuron is free
        free[held] = np.minimum(released[held] - done, n)
        y[:, held] *= rows >= free[held]
        y[free[held] - 1, held] = y_reset
        y_before[held] = 0.0
        for now in y:
            y_before *= shrink
            now += y_before
            y_before[:] = now
        above = y >= threshold
        neurons = np.flatnonzero(above.any(axis=0))
        above = above[:, neurons] & (rows >= free[neurons])
        fires = above.any(axis=0)
        neurons, when = neurons[fires], above[:, fires].argmax(axis=0)
        y_before[neurons] = y_reset
        released[neurons] = done + when + 1 + held_for
        fired = np.full(N, n)  # the step in which a neuron fired, or the block's end
        fired[neurons] = when
        V = V_inf + y[:, record]
        V[(rows < free[record]) | (rows >= fired[record])] = neuron.V_reset
        order = np.argsort(when, kind="stable")
        neurons, when = neurons[order], when[order]
        arriving[block] = _arriving(network, targets, neurons, when, n)
        within = when < steps - done
        yield (
            min(done + n, steps),
            done + 1 + when[within],
            neurons[within].astype(np.int32),
            V[: steps - done],
        )
        done, block = done + n, (block + 1) % len(lengths)


def _block_lengths(delay, held_for):
    """Numbers of steps that add up to a delay.

    None exceeds the refractory period by more than 1, so that a neuron fires at most
    once in each.
    """
    number = math.ceil(delay / (held_for + 1))
    return np.diff(np.arange(number + 1) * delay // number).tolist()


def _arriving(network, targets, neurons, steps, n):
    """By how much these spikes change V (mV) in the n steps of the block in which they
    arrive, shape (n, N).
    """
    if len(neurons) == 0:
        return 0.0
    N, inhibitory = network.N, neurons >= network.N_E
    reached = [targets[neuron] for neuron in neurons]
    row = np.repeat((n * inhibitory + steps) * N, list(map(len, reached)))
    place = np.concatenate(reached) + row
    E, I = np.bincount(place, minlength=2 * n * N).reshape(2, n, N)
    return network.J * (E - network.g * I)


def _reporter(progress, steps):
    """A function that passes the share of the steps done on to `progress`."""
    if progress is not None and not callable(progress):
        raise TypeError(f"progress = {progress!r} must be a function, such as print")
    next_time = time.monotonic() + 2

    def report(done):
        nonlocal next_time
        if progress is not None and time.monotonic() > next_time:
            next_time = time.monotonic() + 0.5
            progress(done / steps)

    return report


# ---- 3 Theory ------------------------------------------------------------------------


def input_of(network, f):
    """Mean (mV) and standard deviation (mV) of a neuron's free potential.

    While every neuron of the network fires at f (Hz), independently: with tau_m in s,
    mean = E_L + R I_ext + tau_m (f_ext J_ext + f J (C_E - g C_I)) and
    sigma_V² = tau_m / 2 (f_ext J_ext² + f J² (C_E + g² C_I)). Shape of f.
    """
    f = checks.finite("f", f, "Hz")
    neuron, seconds = network.neuron, network.neuron.tau_m / MS_PER_S
    J, g, C_E, C_I = network.J, network.g, network.C_E, network.C_I
    drive = network.f_ext * network.J_ext + f * J * (C_E - g * C_I)
    noise = network.f_ext * network.J_ext**2 + f * J**2 * (C_E + g**2 * C_I)
    mean = neuron.E_L + neuron.R * network.I_ext + seconds * drive
    return mean, np.sqrt(seconds / 2 * noise)


def rate_out(network, f, *, dt=0.0):
    """Rate (Hz) at which a neuron fires when all that it listens to fire at f (Hz).

    Siegert's rate for `input_of(network, f)`, with its dt (ms): the curve whose
    crossing with the diagonal is `self_consistent_rate`. Shape of f.
    """
    mean, sigma_V = input_of(network, f)
    neuron = network.neuron
    with warnings.catch_warnings():  # no one gave this current, in pA or else
        warnings.filterwarnings("ignore", message="I reaches")
        return lif.siegert_rate(neuron, (mean - neuron.E_L) / neuron.R, sigma_V, dt=dt)


@dataclass(frozen=True)
class SelfConsistent:
    """A rate f (Hz) that a network keeps up, and the mean and sigma_V (mV) with it."""

    f: float
    mean: float
    sigma_V: float


def self_consistent_rate(network, *, dt=0.0):
    """The lowest rate at which `rate_out` is the rate put in, and what V is like there.

    Brunel (2000): inputs are taken for independent and white, as Poisson spikes are,
    the jumps J for small. Where neurons fire regularly, or all in waves, they are not,
    and rate and above all CV differ. There may be more crossings: look at the curve.
    Raises ValueError if there is none, as with much excitation and t_ref = 0.
    """
    t_ref = network.neuron.t_ref
    highest = MS_PER_S / t_ref if t_ref else 1e6
    f = np.append(0.0, np.geomspace(1e-6 * highest, highest, 400))
    for _ in range(5):  # each look is a hundred times closer
        falls_short = rate_out(network, f, dt=dt) <= f
        falls_short[0] &= f[0] == 0
        if not falls_short.any():
            raise ValueError(
                "the neurons answer every rate with a higher one: no rate keeps up"
            )
        first = int(falls_short.argmax())
        f = np.linspace(f[max(first - 1, 0)], f[first], 101)
    mean, sigma_V = input_of(network, f[-1])
    return SelfConsistent(float(f[-1]), float(mean), float(sigma_V))
