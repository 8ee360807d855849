"""Measure what notebook 07 stores: the network of 06 in NEST and in `simulate_network`,
its statistics over twenty seeds, and seconds that pass against neurons and threads.

Usage: python tools/measure_networks.py     (needs NEST, and two processors that have
nothing else to do)
"""

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
import lif_networks as net  # noqa: E402

SCRIPT = ROOT / "notebooks" / "network_on_a_cluster.py"
NEURONS = (1250, 2500, 5000, 12_500)
DURATION = 1000  # ms
MEASURES = ("rate", "CV", "synchrony")


def in_nest(neurons, threads, seed):
    """The result of one run of the script, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        given = {"neurons": neurons, "threads": threads, "seed": seed}
        given |= {"duration": DURATION, "result": result}
        words = [word for name, x in given.items() for word in (f"--{name}", str(x))]
        command = [sys.executable, str(SCRIPT), *words]
        subprocess.run(command, check=True, capture_output=True)
        return json.loads(result.read_text(encoding="utf-8"))


def in_numpy(neurons, seed):
    """Statistics and seconds of `simulate_network`, without connecting."""
    N_I = neurons // 5
    network = replace(net.Network(seed=seed), N_E=neurons - N_I, N_I=N_I)
    network.connections()
    start = time.perf_counter()
    run = net.simulate_network(network, DURATION, V0=-70, warm_up=200, seed=seed)
    seconds = time.perf_counter() - start
    return {name: run.numbers[name][0] for name in MEASURES}, seconds


def by_measure(found):
    return {name: [round(one[name], 3) for one in found] for name in MEASURES}


def print_statistics():
    seeds = range(1, 21)
    print("NEST", by_measure([in_nest(1250, 1, s)["statistics"] for s in seeds]))
    print("numpy", by_measure([in_numpy(1250, seed)[0] for seed in seeds]))


def print_seconds():
    """Of three runs the quickest: the others were held up."""
    for neurons in NEURONS:
        seconds = {"numpy": min(in_numpy(neurons, 1)[1] for _ in range(3))}
        for threads in (1, 2):
            runs = [in_nest(neurons, threads, 1)["seconds"] for _ in range(3)]
            seconds[f"NEST, {threads} threads"] = min(run["simulate"] for run in runs)
        print(neurons, {name: round(value, 2) for name, value in seconds.items()})


if __name__ == "__main__":
    print_seconds()
    print_statistics()
