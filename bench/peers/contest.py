"""What the frameworks of bench/neural/frameworks.mjs have in common: data, batches, learning rate, marks.

A contestant reads one JSON object a line from standard input and answers each with one on standard output:

    {"setup": {"path": "volume.raw", "shape": [12, 72, 96, 128], "seconds": 60, "batch": 2048, ...}}
        -> {"version": "...", "steps": 3000}
    {"mark": 3, "of": 8}    trains up to so much of the steps
        -> {"seconds": 22.5, "step": 1125, "psnr": 33.1}

The file holds float32 in C order, one variable after another. Steps are as many as take the CPU seconds, as a few
timed ones promise. Seconds are CPU time of this process, all its threads, of training alone: compiling and
evaluating are not counted. PSNR is the mean over variables, at every 7th value, at the last mark at all.
"""

import json
import math
import sys
import time

import numpy as np


class Volume:
    """Targets with mean 0 and deviation 1, coordinates from -1 to 1, weights of variables by their ranges."""

    def __init__(self, path, shape):
        values = np.fromfile(path, np.float32).reshape(shape[0], -1)
        self.lengths = shape[1:]
        self.count = values.shape[1]
        offset = values.mean(1, dtype=np.float64)
        self.scale = values.std(1, dtype=np.float64)
        self.range = (values.max(1) - values.min(1)).astype(np.float64)
        targets = (values - offset[:, None]) / self.scale[:, None]
        self.targets = np.ascontiguousarray(targets.T, np.float32)
        weights = (self.scale / self.range) ** 2
        self.weights = (weights / weights.mean()).astype(np.float32)
        axes = [np.linspace(-1, 1, length, dtype=np.float32) for length in self.lengths]
        self.points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, len(axes))

    def psnr(self, evaluate, every):
        indices = np.arange(0, self.count, every)
        squares = np.zeros(len(self.scale))
        for start in range(0, len(indices), 65536):
            part = indices[start : start + 65536]
            squares += ((evaluate(part) - self.targets[part]).astype(np.float64) ** 2).sum(0)
        rmse = self.scale * np.sqrt(squares / len(indices))
        return float(np.mean(20 * np.log10(self.range / rmse)))


def initial_parameters(lengths, outputs, k, n, m, values_per_wave=48, seed=0):
    """B, p, then weights and bias layer by layer: distributed as in packages/neural/src/initialise.ts."""
    random = np.random.default_rng(seed)
    waves = np.array(lengths) / values_per_wave
    uniform = lambda bound, shape: random.uniform(-bound, bound, shape).astype(np.float32)
    sizes = [(2 * k, n)] + [(n, n)] * m
    layers = [(uniform(math.sqrt(6 / i), (i, o)), np.zeros(o, np.float32)) for i, o in sizes]
    layers.append((uniform(math.sqrt(3 / n), (n, outputs)), np.zeros(outputs, np.float32)))
    frequencies = (random.standard_normal((k, len(lengths))) * waves / 2).astype(np.float32)
    return {"frequencies": frequencies, "phases": np.zeros(k, np.float32), "layers": layers}


def batches(count, batch, seed=0):
    """Indices of one batch after another, every epoch in another order."""
    random = np.random.default_rng(seed)
    while True:
        order = random.permutation(count).astype(np.int32)
        for start in range(0, count - batch + 1, batch):
            yield order[start : start + batch]


def rate_at(step, steps, rate, warm_up=200, final=0.01):
    rise = min(warm_up, steps // 10)
    cosine = (1 + math.cos(math.pi * step / max(steps, 1))) / 2
    return rate * (final + (1 - final) * cosine) * min(1, (step + 1) / (rise + 1))


def serve(version, open_network, group=1):
    """`open_network(volume, setup)` gives (run, evaluate, finish, reset): `run(indices, rates, progress)` takes `group`
    steps at once, progress being the share of steps done; `evaluate(indices)` gives targets; `finish()` what the
    last answer holds besides; after `reset()` the network is as new."""
    state = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "setup" in request:
                answer = set_up(version, open_network, group, request["setup"], state)
            else:
                answer = go(state, group, request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def set_up(version, open_network, group, setup, state):
    volume = Volume(setup["path"], setup["shape"])
    run, evaluate, finish, reset = open_network(volume, setup)
    source = batches(volume.count, setup["batch"])
    # Compiling and warming up, before and after quantisation.
    for progress in (0.0, 1.0, 0.0):
        run(take(source, group), [1e-5] * group, progress)
    best = math.inf
    for _ in range(3):
        start = time.process_time()
        taken = 0
        while time.process_time() - start < 0.7:
            run(take(source, group), [1e-5] * group, 0.0)
            taken += group
        best = min(best, (time.process_time() - start) / taken)
    steps = max(20, round(setup["seconds"] / best / group)) * group
    reset()
    state.update(volume=volume, setup=setup, run=run, evaluate=evaluate, finish=finish, steps=steps)
    state.update(source=batches(volume.count, setup["batch"]), done=0, seconds=0.0)
    return {"version": version, "steps": steps}


def go(state, group, request):
    steps, setup = state["steps"], state["setup"]
    until = steps * request["mark"] // request["of"]
    start = time.process_time()
    while state["done"] < until:
        done = state["done"]
        rates = [rate_at(done + i, steps, setup["learningRate"]) for i in range(group)]
        state["run"](take(state["source"], group), rates, done / steps)
        state["done"] += group
    state["seconds"] += time.process_time() - start
    last = request["mark"] == request["of"]
    psnr = state["volume"].psnr(state["evaluate"], 1 if last else 7)
    more = state["finish"]() if last else {}
    return {"seconds": state["seconds"], "step": state["done"], "psnr": psnr, **more}


def take(source, group):
    return np.stack([next(source) for _ in range(group)])
