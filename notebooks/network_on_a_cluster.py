"""The network of notebook 06 in NEST, on one machine or on many.

On a laptop, with two threads:

    python network_on_a_cluster.py --threads 2

On several processes, which may be machines (NEST must have been built with MPI):

    mpirun -n 4 python network_on_a_cluster.py --neurons 12500

On a cluster, in a batch file for SLURM, which you start by `sbatch job.sh`:

    #!/bin/bash
    #SBATCH --nodes=2
    #SBATCH --ntasks-per-node=1
    #SBATCH --cpus-per-task=32
    #SBATCH --time=00:30:00
    srun --cpus-per-task=32 python network_on_a_cluster.py --neurons 500000 --threads 32

It needs NEST and numpy, and no other file of the course. What it writes, a file in the
format JSON, holds the parameters, the seed, the versions, the spikes per second and
neuron (rate), the CV, the synchrony, and the seconds that passed while the network was
built and simulated; "processors" is the time that the processors of the first process's
threads worked in the latter.
"""

import argparse
import json
import os
import platform
import time
from pathlib import Path

import numpy as np

os.environ.setdefault("PYNEST_QUIET", "1")  # no banner
import nest

DT = 0.1  # ms
WARM_UP = 200.0  # ms, left out of the statistics
# Units of NEST: mV, ms, pF, and Hz.
NEURON = {
    "C_m": 200.0,
    "tau_m": 20.0,
    "E_L": -70.0,
    "V_m": -70.0,
    "V_th": -50.0,
    "V_reset": -60.0,
    "t_ref": 2.0,
}
NETWORK = {
    "C_E": 100,  # excitatory neurons to which each neuron listens
    "C_I": 25,
    "J": 0.4,  # mV
    "g": 5.0,
    "delay": 1.5,  # ms
    "f_ext": 5000.0,  # Hz
    "J_ext": 0.4,  # mV
}


def options(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--neurons", type=int, default=1250, help="four fifths excite")
    parser.add_argument("--threads", type=int, default=1, help="of each process")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--duration", type=float, default=1000.0, help="ms")
    parser.add_argument("--result", type=Path, default=Path("result.json"))
    chosen = parser.parse_args(arguments)
    if chosen.duration <= WARM_UP:
        parser.error(f"--duration must exceed the warm-up of {WARM_UP:g} ms")
    if chosen.neurons < 5 * (NETWORK["C_I"] + 1):
        parser.error(f"--neurons must be {5 * (NETWORK['C_I'] + 1)} at least")
    if not chosen.result.resolve().parent.is_dir():
        parser.error(f"--result: there is no folder {chosen.result.parent}")
    return chosen


def need_processes_that_talk():
    """Without MPI, `mpirun -n 4` would start four networks that do not know each
    other, and each would write the same file.
    """
    names = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_NTASKS")
    started = max(int(os.environ.get(name, 1)) for name in names)
    if started > nest.num_processes:
        raise SystemExit(
            f"{started} processes were started, but this NEST was built without MPI: "
            "install one with it, as from conda-forge (nest-simulator=*=mpi_openmpi*)."
        )


def build(neurons):
    """Make and connect the network; return its neurons and their spike recorder."""
    N_E = neurons * 4 // 5
    E = nest.Create("iaf_psc_delta", N_E, NEURON)
    I = nest.Create("iaf_psc_delta", neurons - N_E, NEURON)
    outside = nest.Create("poisson_generator", params={"rate": NETWORK["f_ext"]})
    recorder = nest.Create("spike_recorder")
    everyone = E + I
    J, delay = NETWORK["J"], NETWORK["delay"]
    for sources, C, weight in (
        (E, NETWORK["C_E"], J),
        (I, NETWORK["C_I"], -NETWORK["g"] * J),
    ):
        rule = {"rule": "fixed_indegree", "indegree": C}
        rule |= {"allow_autapses": False, "allow_multapses": False}
        synapse = {"weight": weight, "delay": delay}
        nest.Connect(sources, everyone, rule, synapse)
    synapse = {"weight": NETWORK["J_ext"], "delay": delay}
    nest.Connect(outside, everyone, syn_spec=synapse)
    nest.Connect(everyone, recorder)
    return everyone, recorder


def gathered(recorder, result):
    """Times and senders of all processes, and their number of connections: each writes
    its part beside the result, under its name; the first reads them.

    So nothing but a folder that all can see is needed. The other processes get None.
    """
    events, rank = recorder.events, nest.Rank()
    parts = [
        result.with_name(f"{result.stem}-part-{number}.npz")
        for number in range(nest.num_processes)
    ]
    own = {"times": events["times"], "senders": events["senders"]}
    np.savez(parts[rank], **own, connections=[nest.num_connections])
    nest.SyncProcesses()
    if rank:
        return None
    loaded = [dict(np.load(part)) for part in parts]
    times, senders, connections = (
        np.concatenate([part[name] for part in loaded])
        for name in ("times", "senders", "connections")
    )
    for part in parts:
        part.unlink()
    return times, senders, int(connections.sum())


def statistics(times, senders, neurons, duration):
    """Rate (Hz), mean CV, and synchrony, as in the course's NetworkRecording."""
    late = times > WARM_UP + DT / 2
    times, senders = times[late], senders[late]
    rate = len(times) / neurons / (duration - WARM_UP) * 1000
    order = np.lexsort((times, senders))
    times, senders = times[order], senders[order]
    own = senders[1:] == senders[:-1]
    isi, owner = np.diff(times)[own], senders[1:][own]
    count = np.bincount(owner)
    enough = count >= 10
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(owner, isi) / count
        variance = np.bincount(owner, (isi - mean[owner]) ** 2) / count
        cvs = np.sqrt(variance) / mean
    bins = int(duration - WARM_UP)
    places = np.ceil(times - WARM_UP - DT / 100).astype(int) - 1
    counts = np.bincount(places, minlength=bins)[:bins]
    synchrony = counts.var() / counts.mean() if counts.any() else float("nan")
    cv = cvs[enough].mean() if enough.any() else float("nan")
    return {"rate": float(rate), "CV": float(cv), "synchrony": float(synchrony)}


def run(chosen):
    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.resolution = DT
    nest.local_num_threads = chosen.threads
    nest.rng_seed = chosen.seed
    need_processes_that_talk()
    start = time.perf_counter()
    _, recorder = build(chosen.neurons)
    built, used = time.perf_counter(), time.process_time()
    nest.Simulate(chosen.duration)
    done, used = time.perf_counter(), time.process_time() - used
    found = gathered(recorder, chosen.result)
    if found is None:
        return None
    *spikes, connections = found
    return {
        "statistics": statistics(*spikes, chosen.neurons, chosen.duration),
        "seconds": {
            "build": built - start,
            "simulate": done - built,
            "processors": used,
        },
        "neurons": chosen.neurons,
        "duration": chosen.duration,
        "warm-up": WARM_UP,
        "dt": DT,
        "seed": chosen.seed,
        "threads": chosen.threads,
        "processes": nest.num_processes,
        "connections": connections,
        "neuron": NEURON,
        "network": NETWORK,
        "versions": {
            "nest": nest.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }


if __name__ == "__main__":
    chosen = options()
    result = run(chosen)
    if result:
        text = json.dumps(result, indent=2)
        chosen.result.write_text(text + "\n", encoding="utf-8")
        print(json.dumps(result["statistics"]), "in", chosen.result)
