"""The published network in JAX: a contestant of bench/neural/frameworks.mjs (see contest.py)."""

import math
import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import jax
import jax.numpy as jnp
import numpy as np
import optax
from contest import initial_parameters, serve

# Steps in one call: what it costs to call does not count then.
GROUP = 8


def activate(z):
    return z * (1 + z * jax.lax.rsqrt(math.pi / 2 + z * z)) * 0.5


def forward(parameters, x):
    turns = 2 * math.pi * (x @ parameters["frequencies"].T + parameters["phases"])
    first, *others = parameters["layers"]
    y = jnp.concatenate([jnp.sin(turns), jnp.cos(turns)], 1) @ first
    for weight, bias in others:
        y = activate(y) @ weight + bias
    return y


def open_network(volume, setup):
    start = initial_parameters(volume.lengths, len(volume.scale), setup["k"], setup["n"], setup["m"])
    start["layers"][0] = start["layers"][0][0]
    points, targets = jnp.asarray(volume.points), jnp.asarray(volume.targets)
    loss_weights = jnp.asarray(volume.weights)
    adam = optax.scale_by_adam(b1=0.9, b2=0.99, eps=1e-8)
    state = {}

    def reset():
        # Copies: a step takes over the memory of what it is given.
        parameters = jax.tree.map(jnp.array, start)
        state.update(parameters=parameters, adam=adam.init(parameters))

    reset()

    def loss_of(parameters, x, target):
        return jnp.mean((forward(parameters, x) - target) ** 2 * loss_weights)

    def step(carry, batch):
        parameters, moments = carry
        chosen, rate = batch
        gradients = jax.grad(loss_of)(parameters, points[chosen], targets[chosen])
        updates, moments = adam.update(gradients, moments)
        parameters = jax.tree.map(lambda p, u: p - rate * u, parameters, updates)
        return (parameters, moments), None

    many = jax.jit(lambda carry, chosen, rates: jax.lax.scan(step, carry, (chosen, rates))[0], donate_argnums=0)
    predict = jax.jit(forward)

    def run(indices, rates, _):
        carry = many((state["parameters"], state["adam"]), indices, np.asarray(rates, np.float32))
        state["parameters"], state["adam"] = jax.block_until_ready(carry)

    def evaluate(indices):
        return np.asarray(predict(state["parameters"], points[indices]))

    count = sum(p.size for p in jax.tree.leaves(start))
    return run, evaluate, lambda: {"parameters": count}, reset


serve(f"JAX {jax.__version__}, optax {optax.__version__}", open_network, GROUP)
