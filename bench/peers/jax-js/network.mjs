/** The published network in jax-js, on its WebAssembly device: a contestant of bench/neural/frameworks.mjs. */

import { parametersOf } from "@fieldzip/kernels/network";
import {
  initialParameters,
  learningRateAt,
  lossWeightsOf,
  optimiserDefaults,
  scalingOf,
} from "@fieldzip/neural";
import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  numpy as np,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import {
  answer,
  cpuSeconds,
  meanPsnr,
  nextRequest,
  pointsOf,
  shuffled,
} from "../../neural/contest.mjs";
import { readRawVolume } from "../../neural/volume.mjs";

await init("wasm");
defaultDevice("wasm");
const { setup } = await nextRequest();
const { k, n, m, batch, learningRate } = setup;
const volume = await readRawVolume(setup.path, setup.shape);
const { lengths, variables } = volume;
const scalings = variables.map(scalingOf);
const outputs = variables.length;
const points = pointsOf(lengths, 1);
const count = variables[0].length;
const weightsOfLoss = np.array(Float32Array.from(lossWeightsOf(scalings, "range")));
const targets = new Float32Array(count * outputs);
variables.forEach((values, v) => {
  const { offset, scale } = scalings[v];
  for (let i = 0; i < count; i++) targets[i * outputs + v] = (values[i] - offset) / scale;
});
const [first, second, epsilon] = [0.9, 0.99, 1e-8];

/** Arrays in the order of `parametersOf`: B, p, weights, then weights and bias of every further layer. */
function forward(arrays, x) {
  const [frequencies, phases, weights, ...layers] = arrays;
  const turns = np
    .dot(x, np.transpose(frequencies))
    .add(phases)
    .mul(2 * Math.PI);
  let y = np.dot(np.concatenate([np.sin(turns.ref), np.cos(turns)], 1), weights);
  for (let at = 0; at < layers.length; at += 2) {
    y = np.dot(activate(y), layers[at]).add(layers[at + 1]);
  }
  return y;
}

function activate(z) {
  const gate = z.ref.div(np.sqrt(z.ref.mul(z.ref).add(Math.PI / 2))).add(1);
  return z.mul(gate).mul(0.5);
}

function lossOf(arrays, x, target) {
  const error = forward(arrays, x).sub(target);
  return np.mean(error.ref.mul(error).mul(weightsOfLoss.ref));
}

/** Adam; `corrections` are 1 - decay^step of both moments, and the learning rate. */
const step = jit((arrays, firsts, seconds, x, target, corrections) => {
  const [loss, gradients] = valueAndGrad(lossOf)(tree.ref(arrays), x, target);
  loss.dispose();
  const [c1, c2, rate] = [0, 1, 2].map((i) => corrections.ref.slice(i));
  corrections.dispose();
  const moments = gradients.map((g, i) => {
    const a = firsts[i].mul(first).add(g.ref.mul(1 - first));
    const b = seconds[i].mul(second).add(g.ref.mul(g).mul(1 - second));
    return [a, b];
  });
  const next = arrays.map((p, i) => {
    const [a, b] = moments[i];
    const up = a.ref.div(c1.ref);
    const down = np.sqrt(b.ref.div(c2.ref)).add(epsilon);
    return p.sub(up.div(down).mul(rate.ref));
  });
  for (const scalar of [c1, c2, rate]) scalar.dispose();
  return [next, moments.map(([a]) => a), moments.map(([, b]) => b)];
});
const predict = jit(forward);

const shape = {
  ...{ dimensions: lengths.length, outputs, levels: [], mapping: "learned", frequencies: k },
  ...{ widths: new Array(m + 1).fill(n), firstBias: false, activation: "smooth" },
};

function fresh() {
  const list = initialParameters(shape, { seed: 0, lengths, valuesPerWave: 48 });
  let at = 0;
  const arrays = parametersOf(shape).map((array) => {
    const length = array.shape.reduce((a, b) => a * b, 1);
    at += length;
    return np.array(list.slice(at - length, at)).reshape([...array.shape]);
  });
  const zeros = () => arrays.map((array) => np.zeros(array.shape));
  return [arrays, zeros(), zeros()];
}

let state = fresh();
let done = 0;
const order = shuffled(count);
function batchAt() {
  const x = new Float32Array(batch * lengths.length);
  const target = new Float32Array(batch * outputs);
  for (let i = 0; i < batch; i++) {
    const place = order[(done * batch + i) % count];
    x.set(
      points.subarray(place * lengths.length, (place + 1) * lengths.length),
      i * lengths.length,
    );
    target.set(targets.subarray(place * outputs, (place + 1) * outputs), i * outputs);
  }
  return [np.array(x).reshape([batch, lengths.length]), np.array(target).reshape([batch, outputs])];
}

async function run(rate) {
  done++;
  const corrections = np.array(Float32Array.of(1 - first ** done, 1 - second ** done, rate));
  state = step(...state, ...batchAt(), corrections);
  await blockUntilReady(state.map((arrays) => arrays[0]));
}

async function psnr(every) {
  const all = pointsOf(lengths, every);
  const size = all.length / lengths.length;
  const decoded = variables.map(() => new Float32Array(size));
  const part = 8192;
  for (let from = 0; from < size; from += part) {
    const x = new Float32Array(part * lengths.length);
    x.set(all.subarray(from * lengths.length, (from + part) * lengths.length));
    const y = await predict(tree.ref(state[0]), np.array(x).reshape([part, lengths.length])).data();
    for (let i = 0; i < Math.min(part, size - from); i++) {
      variables.forEach((_, v) => {
        decoded[v][from + i] = y[i * outputs + v] * scalings[v].scale + scalings[v].offset;
      });
    }
  }
  return meanPsnr(volume, scalings, decoded, every);
}

for (let i = 0; i < 4; i++) await run(0);
const before = cpuSeconds();
const trial = 6;
for (let i = 0; i < trial; i++) await run(0);
const steps = Math.max(20, Math.round(setup.seconds / ((cpuSeconds() - before) / trial)));
tree.dispose(state);
state = fresh();
done = 0;
answer({ version: "jax-js 0.1.25", steps });
let seconds = 0;
for (;;) {
  const { mark, of } = await nextRequest();
  const from = cpuSeconds();
  const options = { ...optimiserDefaults("fourier"), learningRate };
  while (done < Math.floor((steps * mark) / of)) await run(learningRateAt(done, steps, options));
  seconds += cpuSeconds() - from;
  answer({ seconds, step: done, psnr: await psnr(mark === of ? 1 : 7) });
}
