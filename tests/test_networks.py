"""`lif_networks` against a plain step loop, NEST where installed, and theory."""

import dataclasses
import math
import tracemalloc

import numpy as np
import pytest
from peers import peer

import lif_helpers as lif
import lif_networks as net

# 250 neurons that run in a moment.
SMALL = net.Network(N_E=200, N_I=50, C_E=40, C_I=10, seed=1)
changed = dataclasses.replace
WITHOUT_INPUT = changed(SMALL, f_ext=0)


def reference_network(network, duration, dt=0.1, *, seed):
    """Spike times and senders by a plain loop over steps, as a student writes it."""
    neuron, targets = network.neuron, network.connections()
    kicks = network.J_ext * network.external_counts(duration, dt, seed=seed)
    delay, pause = round(network.delay / dt), round(neuron.t_ref / dt)
    arriving = np.zeros((len(kicks) + delay, network.N))
    V, held = network.start(seed=seed), np.zeros(network.N)
    V_inf = neuron.E_L + neuron.R * network.I_ext
    times, senders = [], []
    for k in range(len(kicks)):
        V = V_inf + (V - V_inf) * math.exp(-dt / neuron.tau_m)
        V += kicks[k] + arriving[k]
        V[held > 0] = neuron.V_reset
        held -= 1
        for i in np.flatnonzero(V >= neuron.V_th):
            V[i], held[i] = neuron.V_reset, pause
            arriving[k + delay, targets[i]] += network.weights[i]
            times.append((k + 1) * dt)
            senders.append(i)
    return times, senders


def assert_like_the_reference(network, duration, dt=0.1, seed=7):
    recording = net.simulate_network(network, duration, dt, seed=seed)
    times, senders = reference_network(network, duration, dt, seed=seed)
    assert len(times) > 20
    np.testing.assert_array_equal(recording.senders, senders)
    np.testing.assert_allclose(recording.spike_times, times, atol=1e-9 * duration)


# ---- The network ---------------------------------------------------------------------


def sources(network):
    """By whom each neuron is reached, as a matrix from source to target."""
    matrix = np.zeros((network.N, network.N), int)
    for source, targets in enumerate(network.connections()):
        np.add.at(matrix[source], targets, 1)
    return matrix


def test_each_neuron_listens_to_c_e_and_c_i_others_and_never_to_itself():
    matrix = sources(SMALL)
    assert matrix.max() == 1
    assert not matrix.diagonal().any()
    assert (matrix[:200].sum(axis=0) == 40).all()
    assert (matrix[200:].sum(axis=0) == 10).all()
    # Each source is as likely as any other: binomial out-degrees.
    assert abs(matrix.sum(axis=1).var() / (50 * 0.8) - 1) < 0.3


def test_with_a_probability_in_degrees_are_binomial():
    matrix = sources(changed(SMALL, fixed_in_degree=False))
    assert matrix.max() == 1
    assert not matrix.diagonal().any()
    for kind, C, N in ((matrix[:200], 40, 200), (matrix[200:], 10, 50)):
        in_degrees = kind.sum(axis=0)
        assert abs(in_degrees.mean() - C) < 4 * math.sqrt(C / 250)
        assert abs(in_degrees.var() / (C * (1 - C / N)) - 1) < 0.3


def test_with_all_neurons_as_sources_only_the_neuron_itself_is_missing():
    pair = net.Network(N_E=1, N_I=1, C_E=1, C_I=1, seed=0)
    assert [list(targets) for targets in pair.connections()] == [[1], [0]]
    full = net.Network(N_E=5, N_I=3, C_E=5, C_I=3, seed=0)
    np.testing.assert_array_equal(sources(full), 1 - np.eye(8))


def test_targets_come_in_order():
    for targets in net.Network(seed=0).connections():
        assert (np.diff(targets) > 0).all()


def test_connections_belong_to_the_seed_and_stay_when_weights_change():
    other = changed(SMALL, J=0.3, g=2, delay=3, f_ext=0)
    for one, two in zip(SMALL.connections(), other.connections(), strict=True):
        np.testing.assert_array_equal(one, two)
    assert (sources(changed(SMALL, seed=2)) != sources(SMALL)).any()
    with pytest.raises(ValueError, match="read-only"):
        SMALL.connections()[0][0] = 3


def test_eta_is_the_input_from_outside_over_that_which_reaches_the_threshold():
    assert net.Network(seed=0).eta == pytest.approx(2)
    for J_ext in (0.1, 0.4):
        network = changed(SMALL, J_ext=J_ext)
        network = changed(network, f_ext=network.f_thr)
        mean, _ = net.input_of(network, 0.0)
        assert mean == pytest.approx(network.neuron.V_th)
    assert changed(SMALL, J_ext=0).eta == 0


# ---- Poisson input -------------------------------------------------------------------


@pytest.mark.parametrize("mean", [0, 3e-6, 0.01, 0.5, 2, 17.3, 254, 3000])
def test_counts_from_outside_are_poisson_at_any_mean(mean):
    network = net.Network(N_E=150, N_I=1, C_E=0, C_I=0, f_ext=mean * 1e4, seed=0)
    counts = network.external_counts(800, seed=5)
    n = counts.size
    assert counts.shape == (8000, 151)
    se = math.sqrt(mean / n)
    assert abs(counts.mean() - mean) <= 4 * se
    spread = counts.var(dtype=float)
    assert abs(spread - mean) <= 4 * math.sqrt((mean + 2 * mean**2) / n)
    if mean:
        seen, times = np.unique(counts, return_counts=True)
        for k, number in zip(seen.tolist(), times.tolist(), strict=True):
            p = math.exp(k * math.log(mean) - mean - math.lgamma(k + 1))
            assert abs(number - n * p) <= 5 * math.sqrt(n * p * (1 - p)) + 3
    steps = counts.astype(float) - mean
    between = [(steps[1:] * steps[:-1]).mean(), (steps[:, 1:] * steps[:, :-1]).mean()]
    assert np.abs(between).max() <= 4 * mean / math.sqrt(n) + 1e-12


def test_counts_of_another_seed_are_others():
    one, same, other = (SMALL.external_counts(5, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    # Independent: no more alike than chance makes them.
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4 / math.sqrt(one.size)


def test_counts_do_not_depend_on_the_length_of_the_run():
    for N_E in (1, 2, 3, 4, 5):
        network = net.Network(N_E=N_E, N_I=0, C_E=0, C_I=0, f_ext=3000, seed=0)
        long, short = (network.external_counts(T, seed=3) for T in (5000, 100))
        np.testing.assert_array_equal(long[:1000], short)


# ---- Simulation ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("delay", "t_ref", "dt"),
    [
        (1.5, 2, 0.1),
        (0.1, 2, 0.1),
        (2.1, 2, 0.1),
        (2.3, 2, 0.1),  # in two blocks of different lengths
        (5, 0.7, 0.1),
        (1.5, 0, 0.1),
        (1.5, 0.5, 0.25),
        (3, 40, 0.5),
    ],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_every_spike_is_that_of_the_plain_loop(delay, t_ref, dt, seed):
    neuron = changed(SMALL.neuron, t_ref=t_ref)
    network = changed(SMALL, neuron=neuron, delay=delay, seed=seed)
    assert_like_the_reference(network, 150, dt, seed=seed + 10)


@pytest.mark.parametrize("number", range(12))
def test_every_spike_of_random_networks_is_that_of_the_plain_loop(number):
    rng = np.random.default_rng(number)
    N_E, N_I = rng.integers(0, 60, 2).tolist()
    network = net.Network(
        neuron=lif.Neuron(
            tau_m=rng.uniform(5, 30),
            V_reset=rng.uniform(-80, -55),
            t_ref=0.1 * rng.integers(0, 40),
        ),
        N_E=N_E + 1,
        N_I=N_I,
        C_E=rng.integers(0, N_E + 2).item(),
        C_I=rng.integers(0, N_I + 1).item(),
        fixed_in_degree=bool(number % 2),
        J=rng.uniform(0, 2),
        g=rng.uniform(0, 8),
        delay=0.1 * rng.integers(1, 50),
        f_ext=rng.uniform(0, 5000),
        J_ext=rng.uniform(-0.1, 1),
        I_ext=rng.uniform(0.1, 0.4),
        seed=number,
    )
    assert_like_the_reference(network, 200, seed=number)


def test_a_mean_far_above_threshold_fires_no_neuron_while_it_is_held():
    neuron = lif.Neuron(V_reset=-60, t_ref=4)
    network = changed(SMALL, neuron=neuron, I_ext=3.0, delay=2, f_ext=0)
    assert_like_the_reference(network, 60)
    recording = net.simulate_network(network, 60, seed=0)
    assert min(np.diff(train).min() for train in recording.raster(250)) > 4


def test_a_neuron_that_just_reaches_the_threshold_fires():
    neuron = lif.Neuron(E_L=-64, V_th=-48)  # 16 mV apart, without rounding
    network = changed(SMALL, neuron=neuron, J_ext=16, f_ext=5000)
    run = net.simulate_network(network, 0.1, V0=-64, warm_up=0, seed=0)
    reached = network.external_counts(0.1, seed=0)[0] > 0
    assert 0 < reached.sum() < 250
    np.testing.assert_array_equal(run.senders, np.flatnonzero(reached))


def test_unless_told_a_run_begins_evenly_between_reset_and_threshold():
    neuron = lif.Neuron(V_reset=-60)
    many = net.Network(neuron, 20_000, 0, 0, 0, seed=0)
    start = many.start(seed=3)
    evenly = np.linspace(-60, -50, 20_000)
    np.testing.assert_allclose(np.sort(start), evenly, atol=0.2)
    run = net.simulate_network(changed(many, N_E=50), 1, record=range(50), seed=3)
    np.testing.assert_array_equal(run.V[:, 0], changed(many, N_E=50).start(seed=3))


def test_a_pair_exchanges_spikes_one_delay_apart():
    # The first neuron starts so high that the pushes of the second alone keep it going.
    neuron = lif.Neuron(t_ref=1)
    pair = net.Network(neuron, 2, 0, 1, 0, J=30, delay=4, f_ext=0, I_ext=0.21, seed=0)
    recording = net.simulate_network(
        pair, 100, V0=[-50.0001, -70], seed=0, record=[0, 1]
    )
    first, second = recording.spike_trains([0, 1])
    assert len(first) > 5
    np.testing.assert_allclose(second[: len(first)] - first[: len(second)], 4)
    np.testing.assert_allclose(np.diff(first), 8)


def test_each_spike_reaches_all_its_targets_after_the_delay():
    silent = changed(SMALL.neuron, V_th=0.0)  # no neuron fires by what it hears
    loud = changed(SMALL, neuron=silent, J=0.5, g=3, C_E=20, delay=2.5, f_ext=0, seed=4)
    for sender in (0, 30, 210):
        V0 = np.full(250, -70.0)
        V0[sender] = -1e-6
        almost = changed(silent, E_L=-70.0, tau_m=1e6)  # V stays where it is
        network = changed(loud, neuron=almost, I_ext=0.7 + 1.0)
        recording = net.simulate_network(
            network, 4, V0=V0, seed=0, record=range(250), warm_up=0
        )
        assert recording.senders.tolist() == [sender]
        assert recording.spike_times == pytest.approx([0.1])
        jumps = np.diff(recording.V, axis=1)
        expected = np.zeros(250)
        expected[loud.connections()[sender]] = loud.weights[sender]
        arrival = 25  # from the sample at 2.5 ms to that at 2.6 ms
        np.testing.assert_allclose(jumps[:, arrival], expected, atol=1e-4)
        others = np.delete(np.delete(jumps, sender, axis=0), arrival, axis=1)
        assert np.abs(others).max() < 1e-4


def test_what_arrives_in_the_refractory_period_is_lost():
    neuron = lif.Neuron(V_reset=-60, t_ref=2)
    for delay, lost in ((1.9, True), (2.0, True), (2.1, False)):
        # Both fire in the first step, so that each is reached one delay later.
        pair = net.Network(neuron, 2, 0, 1, 0, J=5, delay=delay, f_ext=0, seed=0)
        run = net.simulate_network(pair, 3, V0=-50 - 1e-9, seed=0, record=[0])
        assert len(run.senders) == 0  # it relaxes away from V_th
        pair = changed(pair, I_ext=0.3)
        run = net.simulate_network(pair, 3, V0=-50 - 1e-9, seed=0, record=[0])
        assert run.spike_times == pytest.approx([0.1, 0.1])
        assert (run.V[0, 1:].max() < -57) == lost


def test_recorded_potentials_are_those_of_simulate():
    neuron = lif.Neuron()
    network = net.Network(neuron, 3, 0, 0, 0, f_ext=0, I_ext=0.3, delay=1.5, seed=0)
    run = net.simulate_network(network, 200, V0=-70, seed=0, record=[2, 0])
    assert run.recorded == (2, 0)
    assert run.V.shape == (2, len(run.t)) == (2, 2001)
    exact = lif.simulate(neuron, run.t, 0.3)
    first = run.t < 21
    np.testing.assert_allclose(run.V[0, first], exact.V[first], rtol=1e-12)
    np.testing.assert_array_equal(run.V[0], run.V[1])
    # On the grid a spike is late by at most a step.
    ours, theirs = run.spike_trains([2])[0], exact.spike_times
    late = ours - theirs[: len(ours)]
    assert ((late > 0) & (late <= 0.1 * np.arange(1, len(ours) + 1))).all()
    for spike in ours:
        at = round(spike / 0.1)
        assert (run.V[0, at : at + 21] == neuron.V_reset).all()
        assert run.V[0, at + 21] > neuron.V_reset


def test_a_run_depends_on_its_seeds_alone():
    one, same, other = (
        net.simulate_network(SMALL, 200, seed=seed) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(one.spike_times, same.spike_times)
    np.testing.assert_array_equal(one.senders, same.senders)
    assert (
        len(one.senders) != len(other.senders) or (one.senders != other.senders).any()
    )
    # What is recorded changes nothing, nor does a longer run.
    long = net.simulate_network(SMALL, 300, seed=3, record=[1, 2])
    assert long.duration == 300
    np.testing.assert_array_equal(long.spike_times[: len(one.senders)], one.spike_times)


def test_spikes_come_in_order_of_time_and_then_of_neurons():
    run = net.simulate_network(SMALL, 300, seed=3)
    key = np.round(run.spike_times / 0.1) * 250 + run.senders
    assert (np.diff(key) > 0).all()
    assert run.spike_times[0] > 0
    assert run.spike_times[-1] <= 300


# ---- Measures ------------------------------------------------------------------------


def recording_of(trains, duration=1000.0, warm_up=0.0):
    """A recording of these spike trains, two thirds of them excitatory."""
    times = np.concatenate(trains)
    senders = np.repeat(np.arange(len(trains)), list(map(len, trains)))
    order = np.argsort(times, kind="stable")
    N_I = len(trains) // 3
    network = net.Network(N_E=len(trains) - N_I, N_I=N_I, C_E=0, C_I=0, seed=0)
    none = np.empty((0, 1))
    return net.NetworkRecording(
        network, duration, warm_up, times[order], senders[order], (), none[:, 0], none
    )


def test_rates_and_cv_are_those_of_recordings_of_single_neurons():
    trains = lif.poisson_spikes(50, 1000, seed=1, trains=9)
    run = recording_of(trains, warm_up=200)
    late = [train[train > 200] for train in trains]
    np.testing.assert_allclose(run.rates, [len(train) / 0.8 for train in late])
    cvs = [np.diff(train).std() / np.diff(train).mean() for train in late]
    np.testing.assert_allclose(run.cvs, cvs)
    assert run.cv == pytest.approx(np.mean(cvs))
    assert run.rate == pytest.approx(run.rates.mean())
    assert run.rate_E == pytest.approx(run.rates[:6].mean())
    assert run.rate_I == pytest.approx(run.rates[6:].mean())
    for train, own in zip(trains, run.raster(9), strict=True):
        np.testing.assert_array_equal(train, own)
    assert run.numbers["rate"] == (run.rate, "Hz")


def test_a_raster_shows_neurons_evenly_from_first_to_last():
    run = net.simulate_network(SMALL, 200, seed=3)
    chosen = run.spike_trains(range(0, 250, 50))
    for train, own in zip(run.raster(5), chosen, strict=True):
        np.testing.assert_array_equal(train, own)
    assert len(run.raster(1000)) == 250


@pytest.mark.parametrize(("duration", "warm_up"), [(100, 20), (1000, 200), (1500, 200)])
def test_measures_leave_out_the_first_fifth_or_200_ms(duration, warm_up):
    run = net.simulate_network(SMALL, duration, seed=3)
    late = (run.spike_times > warm_up + 1e-6).sum()
    assert run.rate == pytest.approx(late / 250 / (duration - warm_up) * 1000)


def test_a_cv_needs_ten_intervals():
    run = recording_of([np.arange(1, 11) * 50.0, np.arange(1, 12) * 50.0, np.empty(0)])
    assert np.isnan(run.cvs).tolist() == [True, False, True]
    assert run.cv == pytest.approx(0, abs=1e-9)
    quiet = recording_of([np.empty(0)] * 3)
    assert math.isnan(quiet.cv)
    assert math.isnan(quiet.synchrony)
    assert quiet.rate == 0
    assert math.isnan(recording_of([np.empty(0)]).rate_I)


def test_synchrony_is_1_for_independent_neurons_and_nearly_n_for_volleys():
    independent = lif.poisson_spikes(20, 20_000, seed=2, trains=60)
    assert recording_of(independent, 20_000.0).synchrony == pytest.approx(1, abs=0.03)
    for share in (0.02, 0.5):  # of all bins, in which every neuron fires
        volleys = np.flatnonzero(np.random.default_rng(1).random(20_000) < share) + 0.5
        run = recording_of([volleys] * 60, 20_000.0)
        assert run.synchrony == pytest.approx(60 * (1 - run.rate / 1000))
        assert run.rate == pytest.approx(1000 * share, rel=0.1)


def test_the_population_rate_counts_every_spike_once():
    run = net.simulate_network(SMALL, 400, seed=3)
    for bin in (0.1, 1, 7):
        t, f = run.population_rate(bin)
        bins = int(400 / bin + 1e-6)
        assert t[:2] == pytest.approx([bin / 2, 3 * bin / 2])
        spikes = np.sum(run.spike_times <= bins * bin + 1e-6)
        assert f.sum() * 250 * bin / 1000 == pytest.approx(spikes)
    _, f_E = run.population_rate(1, slice(0, 200))
    _, f_I = run.population_rate(1, slice(200, 250))
    _, f = run.population_rate(1)
    np.testing.assert_allclose(0.8 * f_E + 0.2 * f_I, f)


# ---- Theory --------------------------------------------------------------------------


def test_without_weights_each_neuron_fires_at_siegerts_rate():
    alone = changed(SMALL, J=0, J_ext=0.1, f_ext=10_000)
    run = net.simulate_network(alone, 3000, seed=1)
    theory = net.self_consistent_rate(alone, dt=0.1)
    assert theory.f == pytest.approx(net.rate_out(alone, 1234.5, dt=0.1))
    se = run.cv * math.sqrt(run.rate / 2.8) / math.sqrt(250)
    assert abs(run.rate - theory.f) < 4 * se + 0.02 * theory.f
    cv = lif.siegert_cv(alone.neuron, 0.2, theory.sigma_V)
    assert run.cv == pytest.approx(cv, rel=0.05)
    assert run.synchrony == pytest.approx(1, abs=0.15)


def test_input_is_that_which_a_neuron_gets():
    mean, sigma_V = net.input_of(SMALL, np.array([0.0, 10.0]))
    assert mean[0] == pytest.approx(-70 + 0.02 * 0.4 * 5000)
    assert sigma_V[0] == pytest.approx(math.sqrt(0.01 * 0.4**2 * 5000))
    more = 10 * 0.4 * (40 - 5 * 10)
    assert mean[1] - mean[0] == pytest.approx(0.02 * more)
    assert sigma_V[1] ** 2 - sigma_V[0] ** 2 == pytest.approx(
        0.01 * 10 * 0.16 * (40 + 25 * 10)
    )


def test_the_self_consistent_rate_is_a_crossing_and_none_lies_below():
    for g, eta in ((5, 2), (5, 0.9), (3, 2), (8, 4), (0, 1)):
        network = changed(SMALL, g=g, f_ext=eta * SMALL.f_thr)
        f = net.self_consistent_rate(network).f
        assert net.rate_out(network, f) == pytest.approx(f, rel=1e-6)
        below = np.linspace(0, 0.999 * f, 500)
        assert (net.rate_out(network, below) > below).all()
    assert net.self_consistent_rate(WITHOUT_INPUT).f < 1e-6


def test_no_rate_keeps_up_where_excitation_has_no_limit():
    endless = changed(SMALL, g=0, J=2, neuron=lif.Neuron(t_ref=0))
    with pytest.raises(ValueError, match="no rate keeps up"):
        net.self_consistent_rate(endless)


# Networks of 1250 neurons in four moods; about the rate, CV and synchrony of each, and
# by how much theory may miss the rate.
MOODS = {
    "in between": (net.Network(seed=1), (67, 0.54, 22), 0.04),
    "irregular": (net.Network(g=8, seed=1), (31, 0.95, 11), 0.1),
    "regular": (
        net.Network(J=0.1, J_ext=0.1, f_ext=20_000, g=3, delay=2, seed=1),
        (117, 0.09, 7),
        0.03,
    ),
    "slow": (net.Network(f_ext=0.9 * 2500, seed=1), (12, 0.63, 14), 0.25),
}


@pytest.mark.parametrize("mood", MOODS)
def test_theory_gives_the_rate_of_networks_in_four_moods(mood):
    network, about, miss = MOODS[mood]
    run = net.simulate_network(network, 1200, seed=3)
    rate, cv, synchrony = about
    assert run.rate == pytest.approx(rate, rel=0.05)
    assert run.cv == pytest.approx(cv, rel=0.1)
    assert run.synchrony == pytest.approx(synchrony, rel=0.3)
    assert run.rate_E == pytest.approx(run.rate_I, rel=0.05)
    theory = net.self_consistent_rate(network)
    assert theory.f == pytest.approx(run.rate, rel=miss)
    # Siegert's CV is too high here: he takes the input for white and independent.
    I = (theory.mean - network.neuron.E_L) / network.neuron.R
    assert lif.siegert_cv(network.neuron, I, theory.sigma_V) > 1.05 * run.cv


# ---- NEST ----------------------------------------------------------------------------


def nest_network(network, duration, seed, dt=0.1, counts=None):
    """Spike times and senders of the same network in NEST, which starts at E_L.

    With the input from outside of these `counts`, in which case a run begins at 1 ms,
    or with one that NEST draws.
    """
    nest = peer("nest")
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution, nest.rng_seed = dt, seed + 1
    neuron = network.neuron
    about = {"tau_m": neuron.tau_m, "C_m": 1000 * neuron.C, "E_L": neuron.E_L}
    about |= {"V_th": neuron.V_th, "V_reset": neuron.V_reset, "t_ref": neuron.t_ref}
    about |= {"I_e": 1000 * network.I_ext, "V_m": neuron.E_L}
    population = nest.Create("iaf_psc_delta", network.N, about)
    number = np.array(population.tolist())
    reached = network.connections()
    out_degrees = list(map(len, reached))
    weights = np.repeat(network.weights, out_degrees)
    nest.Connect(
        np.repeat(number, out_degrees),
        number[np.concatenate(reached)],
        "one_to_one",
        {"weight": weights, "delay": np.full(len(weights), network.delay)},
    )
    if counts is None:
        outside = nest.Create("poisson_generator", params={"rate": network.f_ext})
        nest.Connect(
            outside, population, syn_spec={"weight": network.J_ext, "delay": dt}
        )
    else:
        for row, one in zip(counts.T, population, strict=True):
            steps = np.flatnonzero(row)
            times = {"spike_times": np.round(1 + steps * dt, 6)}
            times["spike_weights"] = network.J_ext * row[steps]
            outside = nest.Create("spike_generator", params=times)
            nest.Connect(outside, one, syn_spec={"delay": dt})
    recorder = nest.Create("spike_recorder")
    nest.Connect(population, recorder)
    nest.Simulate(duration + (counts is not None))
    times, senders = recorder.events["times"], recorder.events["senders"] - number[0]
    order = np.lexsort((senders, np.round(times / dt)))
    return times[order] - (counts is not None), senders[order]


@pytest.mark.parametrize(("delay", "t_ref"), [(1.5, 2), (2.3, 1), (0.1, 0.5)])
def test_nest_fires_the_same_spikes_from_the_same_input(delay, t_ref):
    neuron = changed(SMALL.neuron, t_ref=t_ref)
    network = net.Network(neuron, 40, 10, 8, 2, J=1, delay=delay, seed=3)
    counts = network.external_counts(200, seed=4)
    times, senders = nest_network(network, 200, 4, counts=counts)
    run = net.simulate_network(network, 200, V0=neuron.E_L, seed=4)
    assert len(senders) > 500
    np.testing.assert_array_equal(run.senders, senders)
    np.testing.assert_allclose(run.spike_times, times, atol=1e-9)


def test_nest_agrees_in_rate_cv_and_synchrony_over_ten_seeds():
    network = changed(SMALL, J=0.8, J_ext=0.8, f_ext=2500)
    measures = []
    for seed in range(10):
        run = net.simulate_network(network, 500, V0=-70, warm_up=150, seed=seed)
        times, senders = nest_network(network, 500, seed)
        theirs = changed(run, spike_times=times, senders=senders)
        measures.append([(r.rate, r.cv, r.synchrony) for r in (run, theirs)])
    ours, theirs = np.mean(measures, axis=0)
    error = np.sqrt(np.var(measures, axis=0).sum(axis=0) / 9)
    assert (np.abs(ours - theirs) < 3.5 * error).all()
    np.testing.assert_allclose(ours[:2], theirs[:2], rtol=0.03)


# ---- Errors, memory, progress --------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"N_E": 2.5}, "N_E = 2.5 must be a whole number, 0 or above"),
        ({"N_I": -1}, "N_I = -1 must be a whole number, 0 or above"),
        ({"C_E": 201}, "C_E = 201 must be at most N_E = 200: a neuron listens to"),
        ({"N_E": 0, "N_I": 0, "C_E": 0, "C_I": 0}, "has at least one neuron"),
        ({"J": -0.1}, "J = -0.1 mV must be a finite number of mV, 0 or above"),
        ({"g": math.nan}, "g = nan must be a finite number, 0 or above"),
        ({"delay": 0}, "delay = 0 ms must be a finite number of ms above 0"),
        ({"f_ext": -3}, "f_ext = -3 Hz must be a finite number of Hz, 0 or above"),
        ({"J_ext": None}, "J_ext = None must be a finite number of mV, not None"),
        ({"I_ext": "1"}, "I_ext = '1' must be a finite number of nA, not text"),
        ({"neuron": lif.Neuron}, "neuron is the class Neuron"),
        ({"neuron": 3}, "neuron must be a Neuron, not int"),
        ({"fixed_in_degree": 1}, "fixed_in_degree = 1 must be True or False"),
        ({"seed": None}, "seed = None must be a whole number"),
    ],
)
def test_a_network_says_what_is_wrong_with_it(change, sentence):
    with pytest.raises((TypeError, ValueError)) as error:
        changed(SMALL, **change)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("network", "given", "sentence"),
    [
        ({}, {"duration": 10.05}, "duration = 10.05 ms must be a whole number of dt"),
        ({}, {"duration": 0}, "whole number of dt = 0.1 ms, at least one"),
        ({"delay": 1.55}, {}, "delay = 1.55 ms must be a whole number of dt = 0.1 ms"),
        ({"delay": 0.04}, {}, "delay = 0.04 ms must be a whole number of dt = 0.1 ms"),
        ({"neuron": lif.Neuron(t_ref=0.25)}, {}, "t_ref = 0.25 ms must be a whole"),
        ({}, {"dt": 30, "duration": 30}, "dt = 30 ms must be at most tau_m = 20 ms"),
        ({}, {"warm_up": 10}, "warm_up = 10 ms must be shorter than duration = 10 ms"),
        ({}, {"V0": -50}, "V0 = -50 mV must lie below V_th = -50 mV"),
        ({}, {"V0": [-60, -61]}, "V0 of shape (2,) must be one number, or one per"),
        ({}, {"record": [250]}, "record names neuron 250 of 250"),
        ({}, {"record": [1.5]}, "record = 1.5 must be a whole number, 0 or above"),
        ({}, {"progress": True}, "progress = True must be a function"),
        ({}, {"seed": 0.5}, "seed = 0.5 must be a whole number"),
        ({"f_ext": 1e9}, {}, "f_ext = 1e+09 Hz gives 100000 spikes per dt = 0.1 ms"),
    ],
)
def test_a_run_says_what_is_wrong(network, given, sentence):
    given = {"duration": 10, "seed": 0, **given}
    with pytest.raises((TypeError, ValueError)) as error:
        net.simulate_network(changed(SMALL, **network), **given)
    assert sentence in str(error.value)


def test_only_a_network_can_be_simulated():
    with pytest.raises(TypeError, match="network must be a Network, not Neuron"):
        net.simulate_network(lif.Neuron(), 10, seed=0)


def test_a_long_run_reports_its_progress(monkeypatch):
    now = iter(np.arange(0, 1e6, 0.1))  # each look at the clock takes 0.1 s
    monkeypatch.setattr(net.time, "monotonic", lambda: next(now))
    shares = []
    net.simulate_network(SMALL, 150, seed=0, progress=shares.append)
    assert 10 < len(shares) < 30
    assert 0 < shares[0] < shares[-1] <= 1
    shares.clear()
    net.simulate_network(SMALL, 15, seed=0, progress=shares.append)
    assert shares == []


def test_a_run_takes_the_memory_that_is_said():
    SMALL.connections()
    long = changed(SMALL, delay=2)
    tracemalloc.start()
    run = net.simulate_network(long, 1000, seed=0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    said = 40 * 250 * 20 + 4 * 12 * len(run.senders) + 2e6
    assert peak < said
