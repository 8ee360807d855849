"""A slow, independent solution of the neuron's equation: one exact step per sample
and event, in plain floats.
"""

import math


def reference(neuron, t, I, g_E, g_I, E_E=0.0, E_I=-80.0, V0=None):
    """V at each t and the spike times, for sequences of inputs that are constant from
    sample to sample.

    It steps from event to event (end of sample, spike, release), always with the
    equation in V itself.
    """
    V = neuron.E_L if V0 is None else V0
    trace, spikes = [V], []
    held_for = 0.0  # ms for which V will still be held at V_reset
    for k in range(len(t) - 1):
        left = t[k + 1] - t[k]
        total = 1 / neuron.R + g_E[k] + g_I[k]
        u = (neuron.E_L / neuron.R + I[k] + g_E[k] * E_E + g_I[k] * E_I) / total
        tau = neuron.tau_m / neuron.R / total
        while True:
            if held_for > left:
                held_for -= left
                break
            left -= held_for
            held_for = 0.0
            end = u + (V - u) * math.exp(-left / tau)
            if end < neuron.V_th or u - neuron.V_th < 1e-12:
                V = end
                break
            to_spike = tau * math.log((u - V) / (u - neuron.V_th))
            left -= to_spike
            spikes.append(t[k + 1] - left)
            V, held_for = neuron.V_reset, neuron.t_ref
        trace.append(V)
    return trace, spikes
