"""The published network in PyTorch: a contestant of bench/neural/frameworks.mjs (see contest.py)."""

import math

import torch
from contest import initial_parameters, serve

torch.set_num_threads(1)
torch.set_num_interop_threads(1)


def open_network(volume, setup):
    k, n, m = setup["k"], setup["n"], setup["m"]
    start = initial_parameters(volume.lengths, len(volume.scale), k, n, m)
    parameter = lambda array: torch.nn.Parameter(torch.from_numpy(array.copy()))
    frequencies, phases = parameter(start["frequencies"]), parameter(start["phases"])
    weights = [parameter(weight.T.copy()) for weight, _ in start["layers"]]
    biases = [parameter(bias) for _, bias in start["layers"][1:]]
    points, targets = torch.from_numpy(volume.points), torch.from_numpy(volume.targets)
    loss_weights = torch.from_numpy(volume.weights)

    def activate(z):
        if setup["activation"] == "gelu":
            return torch.nn.functional.gelu(z, approximate="tanh")
        return z * (1 + z * torch.rsqrt(math.pi / 2 + z * z)) * 0.5

    def forward(x):
        turns = 2 * math.pi * torch.addmm(phases, x, frequencies.t())
        y = torch.cat([torch.sin(turns), torch.cos(turns)], 1)
        y = y @ weights[0].t()
        for weight, bias in zip(weights[1:], biases):
            y = torch.nn.functional.linear(activate(y), weight, bias)
        return y

    def loss_of(x, target):
        return (((forward(x) - target) ** 2) * loss_weights).mean()

    if setup["compile"]:
        loss_of = torch.compile(loss_of)
    parameters = [frequencies, phases, *weights, *biases]
    optimiser = torch.optim.Adam(parameters, lr=1e-3, betas=(0.9, 0.99), eps=1e-8, fused=True)

    fresh = [parameter.detach().clone() for parameter in parameters]

    def reset():
        optimiser.state.clear()
        with torch.no_grad():
            for parameter, value in zip(parameters, fresh):
                parameter.copy_(value)

    def run(indices, rates, _):
        for batch, rate in zip(indices, rates):
            chosen = torch.from_numpy(batch)
            optimiser.param_groups[0]["lr"] = rate
            optimiser.zero_grad(set_to_none=True)
            loss_of(points[chosen], targets[chosen]).backward()
            optimiser.step()

    def evaluate(indices):
        with torch.no_grad():
            return forward(points[torch.from_numpy(indices)]).numpy()

    return run, evaluate, lambda: {"parameters": sum(p.numel() for p in parameters)}, reset


serve(f"PyTorch {torch.__version__}", open_network)
