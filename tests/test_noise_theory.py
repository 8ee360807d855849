"""The theory of noisy input against high-precision integrals and against long
simulations.
"""

import itertools
import math
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lif_helpers as lif

NEURON = lif.Neuron()


def floats(low, high):
    return st.floats(low, high, allow_nan=False)


def borders(neuron, I, sigma_V):
    mean, unit = (
        neuron.E_L + neuron.R * mpmath.mpf(I),
        mpmath.sqrt(2) * mpmath.mpf(sigma_V),
    )
    return (neuron.V_reset - mean) / unit, (neuron.V_th - mean) / unit


def pieces(low, high):
    """The borders of an integral and, between them, points where its integrand
    changes its nature.
    """
    return [
        low,
        *(x for x in (-300, -100, -30, -10, -3, 0, 3, 10, 20) if low < x < high),
        high,
    ]


def integrated_rate(neuron, I, sigma_V):
    """Siegert's formula as it is printed in books, with 30 digits."""
    with mpmath.workdps(30):
        a, b = borders(neuron, I, sigma_V)
        integral = mpmath.quad(
            lambda x: mpmath.exp(x * x) * mpmath.erfc(-x), pieces(a, b)
        )
        return float(
            1000 / (neuron.t_ref + neuron.tau_m * mpmath.sqrt(mpmath.pi) * integral)
        )


def integrated_cv(neuron, I, sigma_V):
    """Brunel's double integral for the coefficient of variation."""
    a, b = borders(neuron, I, sigma_V)

    def integral(f, cuts, nodes):
        return mpmath.quad(f, cuts, method="gauss-legendre", maxdegree=nodes)

    def inner(x):
        """exp(x²) times the integral of exp(y²) (1 + erf y)² up to x, y = x - u."""
        unit = 1 if x > -10 else 1 / abs(x)
        return integral(
            lambda u: (
                mpmath.exp(2 * x * u - u * u + 2 * (u - x) ** 2)
                * mpmath.erfc(u - x) ** 2
            ),
            [0, unit, 3 * unit, 10 * unit, 40 * unit],
            3,
        )

    f_tau = integrated_rate(neuron, I, sigma_V) * neuron.tau_m / 1000
    return float(f_tau * mpmath.sqrt(2 * mpmath.pi * integral(inner, pieces(a, b), 3)))


@settings(deadline=None, max_examples=40)
@given(
    floats(1, 60),
    floats(10, 300),
    floats(1, 30),
    floats(1, 30),
    floats(0, 10),
    floats(-1, 30),
    floats(0.01, 30),
)
def test_siegert_rate_is_the_integral(
    tau_m, R, height, depth, t_ref, times_rheobase, sigma_V
):
    neuron = lif.Neuron(
        tau_m, R, V_th=-70 + height, V_reset=-70 + height - depth, t_ref=t_ref
    )
    I = times_rheobase * neuron.rheobase
    expected = integrated_rate(neuron, I, sigma_V)
    if expected < 1e-280:
        assert lif.siegert_rate(neuron, I, sigma_V) < 1e-280
    else:
        assert lif.siegert_rate(neuron, I, sigma_V) == pytest.approx(
            expected, rel=1e-11
        )


@pytest.mark.parametrize(
    ("neuron", "I", "sigma_V"),
    [
        (NEURON, 0.1, 5),
        (NEURON, 0.2, 1),
        (NEURON, 0.25, 0.5),
        (NEURON, 1.0, 2),
        (NEURON, 0.2, 40),
        (lif.INHIBITORY, 0.35, 4),
        (replace(NEURON, t_ref=0, V_reset=-50.5), 0.15, 6),
    ],
)
def test_siegert_cv_is_the_double_integral(neuron, I, sigma_V):
    assert lif.siegert_cv(neuron, I, sigma_V) == pytest.approx(
        integrated_cv(neuron, I, sigma_V), rel=1e-6
    )


def test_without_noise_the_rate_is_the_fi_curve_and_the_cv_zero():
    currents = np.array([-1, 0.1, 0.2, 0.2000001, 0.3, 5])
    for sigma_V in (0, 0.0, -0.0):
        np.testing.assert_array_equal(
            lif.siegert_rate(NEURON, currents, sigma_V), lif.fi_curve(NEURON, currents)
        )
        np.testing.assert_array_equal(
            lif.siegert_cv(NEURON, currents, sigma_V), [math.nan] * 3 + [0] * 3
        )
    assert lif.siegert_rate(NEURON, 0.3, 1e-6) == pytest.approx(
        lif.fi_curve(NEURON, 0.3), rel=1e-9
    )


@pytest.mark.filterwarnings("ignore:I reaches")
def test_no_noise_is_too_large_or_too_small_and_shapes_broadcast():
    sigma_V = np.array([0, 5e-324, 1e-200, 1e-9, 1e-3, 1, 30, 1e6])[:, None]
    currents = np.array([-1000, -0.2, 0, 0.2, 0.21, 1000])
    for neuron in (
        NEURON,
        replace(NEURON, V_th=math.inf),
        replace(NEURON, V_reset=-1e6),
        lif.EXCITATORY,
    ):
        rates = lif.siegert_rate(neuron, currents, sigma_V)
        assert rates.shape == (8, 6)
        assert ((rates >= 0) & (rates <= 1000 / neuron.t_ref)).all()
        cvs = lif.siegert_cv(neuron, currents, sigma_V)
        assert (cvs[~np.isnan(cvs)] >= 0).all()
        assert (
            np.isnan(cvs[rates == 0]).sum() >= np.isnan(cvs).sum()
        )  # NaN only where it never fires
    assert isinstance(lif.siegert_rate(NEURON, 0.3, 2), float)
    assert isinstance(lif.siegert_cv(NEURON, 0.3, 2), float)


def test_samples_raise_the_threshold_by_chernoffs_constant():
    constant = float(-mpmath.zeta(0.5) / mpmath.sqrt(2 * mpmath.pi))
    for neuron, dt, sigma_V in ((NEURON, 0.1, 5), (lif.INHIBITORY, 0.8, 3)):
        raised = replace(
            neuron,
            V_th=neuron.V_th + constant * sigma_V * math.sqrt(2 * dt / neuron.tau_m),
        )
        for theory in (lif.siegert_rate, lif.siegert_cv):
            expected = theory(raised, 0.9 * neuron.rheobase, sigma_V)
            assert theory(
                neuron, 0.9 * neuron.rheobase, sigma_V, dt=dt
            ) == pytest.approx(expected, rel=1e-5)
            assert theory(neuron, 0.9 * neuron.rheobase, sigma_V) != pytest.approx(
                expected, rel=1e-3
            )


def test_a_membrane_without_threshold_has_no_intervals():
    assert lif.siegert_rate(replace(NEURON, V_th=math.inf), 0.3, 5) == 0
    assert math.isnan(lif.siegert_cv(replace(NEURON, V_th=math.inf), 0.3, 5))


def test_far_below_threshold_the_intervals_are_exponential():
    neuron = replace(NEURON, t_ref=0)
    for sigma_V in (1, 2, 3):
        assert lif.siegert_cv(neuron, 0.05, sigma_V) == pytest.approx(1, abs=0.002)


@pytest.mark.parametrize("theory", [lif.siegert_rate, lif.siegert_cv])
def test_bad_input_is_named(theory):
    for arguments, options, message in (
        (([], 1), {}, r"I is empty: at least one value is needed"),
        ((0.2, np.empty(0)), {}, r"sigma_V is empty: at least one value is needed"),
        ((0.2, -1), {}, r"sigma_V = -1 mV must be 0 or above"),
        (
            (0.2, [1, math.nan]),
            {},
            r"sigma_V\[1\] = nan mV must be a finite number of mV",
        ),
        ((math.inf, 1), {}, r"I = inf nA must be a finite number of nA"),
        (
            (0.2, 1),
            {"dt": -0.1},
            r"dt = -0.1 ms must be a finite number of ms, 0 or above",
        ),
    ):
        with pytest.raises(ValueError, match=message):
            theory(NEURON, *arguments, **options)


# ---- Simulation ----------------------------------------------------------------------


def simulated(neuron, I, sigma_V, dt, error, piece=1_000_000):
    """Rate (Hz) and CV, from so many runs that the rate's relative error is small."""
    intervals = np.empty(0)
    for seed in itertools.count(1000):
        t = np.arange(piece) * dt
        noise = lif.white_noise(t, neuron, sigma_V, seed=seed)
        isi = lif.simulate(neuron, t, I + noise).isi
        intervals = np.append(intervals, isi)
        cv = intervals.std() / intervals.mean()
        if cv / math.sqrt(len(intervals)) < error:
            return 1000 / intervals.mean(), cv


@pytest.mark.parametrize(
    "neuron", [NEURON, lif.INHIBITORY], ids=["default", "interneuron"]
)
@pytest.mark.parametrize(
    ("share", "sigma_V"), [(0.6, 6), (0.85, 3), (1, 1), (1, 8), (1.5, 5), (3, 8)]
)
def test_theory_with_the_raised_threshold_is_the_simulation(neuron, share, sigma_V):
    """Within 2 % wherever the rate exceeds 2 Hz; and without the correction it lies
    above by more than that error.
    """
    I, dt = share * neuron.rheobase, 0.1
    rate, cv = simulated(neuron, I, sigma_V, dt, error=0.006)
    expected = lif.siegert_rate(neuron, I, sigma_V, dt=dt)
    assert expected > 2
    assert rate == pytest.approx(expected, rel=0.02)
    assert cv == pytest.approx(lif.siegert_cv(neuron, I, sigma_V, dt=dt), rel=0.04)
    assert lif.siegert_rate(neuron, I, sigma_V) > expected


def test_the_gap_to_siegert_shrinks_with_the_root_of_dt():
    """With one noise for all dt, averaged within the longer samples, so that chance
    moves all rates alike.
    """
    dt, samples, runs = 0.1, 2_000_000, 8
    spikes = {share: 0 for share in (1, 2, 4)}
    fine = dt * np.arange(samples)
    for seed in range(runs):
        noise = lif.white_noise(fine, NEURON, 8, seed=seed)
        for share in spikes:
            coarse = noise.reshape(-1, share).mean(axis=1)
            recording = lif.simulate(NEURON, fine[::share], 0.3 + coarse)
            spikes[share] += len(recording.spike_times)
    seconds = runs * samples * dt / 1000
    siegert = lif.siegert_rate(NEURON, 0.3, 8)
    gaps = {share: 1 - n / seconds / siegert for share, n in spikes.items()}
    assert gaps[4] / gaps[2] == pytest.approx(math.sqrt(2), rel=0.12)
    assert gaps[4] / gaps[1] == pytest.approx(2, rel=0.15)


def test_where_the_mean_drives_the_rate_without_the_raised_threshold_is_nearer():
    rate, _ = simulated(NEURON, 0.36, 1, 0.8, error=0.0003)
    plain = lif.siegert_rate(NEURON, 0.36, 1)
    raised = lif.siegert_rate(NEURON, 0.36, 1, dt=0.8)
    assert raised < rate - 0.1
    assert abs(rate - plain) < abs(rate - raised)


def test_at_the_mean_the_intervals_follow_the_closed_form():
    """First passage to the mean: P(interval - t_ref > s) = erf(z / sqrt(exp(2 s /
    tau_m) - 1)); moments from it.
    """
    sigma_V, z = 3.0, 25 / (math.sqrt(2) * 3)
    s = np.linspace(1e-6, 2000, 400_001)
    longer = np.array(
        [math.erf(z / math.sqrt(math.expm1(min(2 * x / 20, 700)))) for x in s]
    )
    step = s[1] - s[0]
    mean = (longer.sum() - 0.5) * step  # the trapezoid rule
    variance = 2 * (s * longer).sum() * step - mean**2
    assert lif.siegert_rate(NEURON, 0.2, sigma_V) == pytest.approx(
        1000 / (2 + mean), rel=1e-6
    )
    assert lif.siegert_cv(NEURON, 0.2, sigma_V) == pytest.approx(
        math.sqrt(variance) / (2 + mean), rel=1e-6
    )
