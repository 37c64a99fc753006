"""Multiresolution feature grids beside Fourier features, 8-bit, in PyTorch: a contestant of frameworks.mjs.

The layout of our default network. Grids and weights are trained as integers of 8 bits, straight through, in
the last 40 % of the steps. `bytes` in the last answer: order-0 entropy of the grids' symbols, two bytes for
every other parameter.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from contest import serve

torch.set_num_threads(1)
torch.set_num_interop_threads(1)

LEVELS = [(8, 16), (4, 8), (2, 4)]
FREQUENCIES, WIDTH, HIDDEN, LIMIT = 16, 64, 2, 127


def open_network(volume, setup):
    torch.manual_seed(0)
    outputs = len(volume.scale)
    nodes = lambda spacing: [min(length, max(2, -(-length // spacing))) for length in volume.lengths]
    grids = [torch.nn.Parameter(torch.randn(1, features, *nodes(spacing)) * 0.01) for spacing, features in LEVELS]
    waves = torch.tensor(volume.lengths, dtype=torch.float32) / 48 / 2
    frequencies = torch.nn.Parameter(torch.randn(FREQUENCIES, 3) * waves)
    inputs = sum(features for _, features in LEVELS) + 2 * FREQUENCIES
    sizes = [inputs] + [WIDTH] * HIDDEN
    layers = [module for a, b in zip(sizes, sizes[1:]) for module in (torch.nn.Linear(a, b), torch.nn.GELU("tanh"))]
    trunk = torch.nn.Sequential(*layers, torch.nn.Linear(WIDTH, outputs))
    # grid_sample takes x first.
    points = torch.from_numpy(volume.points[:, ::-1].copy())
    targets, loss_weights = torch.from_numpy(volume.targets), torch.from_numpy(volume.weights)
    rate = setup["learningRate"]
    parameters = [*grids, frequencies, *trunk.parameters()]
    optimiser = torch.optim.Adam(
        [{"params": grids}, {"params": parameters[len(grids) :]}],
        lr=rate, betas=(0.9, 0.99), eps=1e-12, fused=True,
    )
    quantised = [False]

    fresh = [parameter.detach().clone() for parameter in parameters]

    def reset():
        optimiser.state.clear()
        with torch.no_grad():
            for parameter, value in zip(parameters, fresh):
                parameter.copy_(value)

    def symbols(grid):
        step = grid.detach().abs().amax() / LIMIT + 1e-12
        return torch.round(grid.detach() / step), step

    def effective(grid):
        if not quantised[0]:
            return grid
        integers, step = symbols(grid)
        return grid + (integers * step - grid).detach()

    def forward(x):
        place = x.view(1, 1, 1, -1, 3)
        features = [F.grid_sample(effective(grid), place, align_corners=True)[0, :, 0, 0].t() for grid in grids]
        turns = 2 * math.pi * (x.flip(1) @ frequencies.t())
        return trunk(torch.cat([*features, torch.sin(turns), torch.cos(turns)], 1))

    def run(indices, rates, progress):
        quantised[0] = progress >= 0.6
        for batch, rate in zip(indices, rates):
            chosen = torch.from_numpy(batch)
            for group, factor in zip(optimiser.param_groups, (2, 1)):
                group["lr"] = factor * rate
            optimiser.zero_grad(set_to_none=True)
            (((forward(points[chosen]) - targets[chosen]) ** 2) * loss_weights).mean().backward()
            optimiser.step()

    def evaluate(indices):
        with torch.no_grad():
            return forward(points[torch.from_numpy(indices)]).numpy()

    def finish():
        bits = 0.0
        for grid in grids:
            _, counts = np.unique(symbols(grid)[0].numpy(), return_counts=True)
            share = counts / counts.sum()
            bits -= float((counts * np.log2(share)).sum())
        others = sum(p.numel() for p in parameters[len(grids) :])
        count = sum(p.numel() for p in parameters)
        return {"parameters": count, "bytes": round(bits / 8) + 2 * others}

    return run, evaluate, finish, reset


serve(f"PyTorch {torch.__version__}", open_network)
