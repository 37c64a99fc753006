// Streams of networks for scripts/freeze.mjs: small ones, trained for a moment, that between them have every part that
// a stream of a network can have.
import { encodeNeuralStream, layoutOfChunk, train } from "@fieldzip/neural";

const grid = (features) => ({
  ...{ kind: "grid", width: 12, hidden: 2, frequencies: 5 },
  levels: features.map((count, level) => ({ spacing: 8 >> level, features: count })),
});
const fourier = (more) => ({ kind: "fourier", frequencies: 9, width: 13, hidden: 1, ...more });
const exact = { kind: "exact" };
const best = { kind: "best-effort" };
const bounded = (...bounds) => ({ kind: "bounded", bounds });

/** Name, extents, type, guarantee, network, and what is special. */
const cases = [
  ["1d-exact-fourier", [300], "float32", exact, fourier()],
  [
    "1d-best-effort-fixed",
    [300],
    "float64",
    best,
    fourier({ mapping: "fixed", activation: "relu" }),
  ],
  ["2d-exact-grid", [30, 41], "float64", exact, grid([3, 2])],
  ["2d-best-effort-grid", [37, 40], "float32", best, grid([4, 3, 1]), { spoiled: true }],
  ["2d-bounded-coordinates", [25, 40], "float32", bounded(0.05), fourier({ mapping: "off" })],
  ["3d-bounded-grid", [7, 11, 19], "float32", bounded(0.01), grid([4, 2]), { spoiled: true }],
  ["3d-exact-float16", [7, 11, 13], "float32", exact, grid([2, 2]), { format: "float16" }],
  ["4d-bounded-fourier", [3, 4, 5, 23], "float64", bounded(0.1), fourier({ activation: "sine" })],
  ["4d-best-effort-float32", [3, 4, 5, 23], "float64", best, fourier(), { format: "float32" }],
  ["joint-exact", [3, 4, 8, 9], "float64", exact, grid([3, 2]), { variableAxis: 1, spoiled: true }],
  [
    "joint-bounded",
    [4, 5, 6, 17],
    "float32",
    bounded(0.1, 0.01, 0.5, 0.1),
    grid([2]),
    { variableAxis: 0 },
  ],
  [
    "joint-best-effort",
    [1, 4, 16, 17],
    "float32",
    best,
    fourier(),
    { variableAxis: 1, spoiled: true },
  ],
];

const FILL = 1e20;

/** Waves, a variable of 4 along the variables' axis a constant one. */
function valuesOf(shape, type, variableAxis, spoiled) {
  const { points, variables, inner } = layoutOfChunk(shape, variableAxis);
  const values = new (type === "float32" ? Float32Array : Float64Array)(points * variables);
  for (let i = 0; i < values.length; i++) {
    const variable = Math.floor(i / inner) % variables;
    values[i] = variable === 2 ? -2.5 : Math.sin(i / 9) + Math.cos(i / 61) * (variable + 1);
    if (spoiled && i % 50 > 43) values[i] = FILL;
    else if (spoiled && i % 31 === 7) values[i] = Number.NaN;
  }
  if (spoiled) values[3] = Number.NEGATIVE_INFINITY;
  return values;
}

/** [{ name, values, shape, bytes }] */
export async function neuralStreams(isFrozen) {
  const streams = [];
  for (const [kind, shape, type, guarantee, network, more = {}] of cases) {
    const name = `neural-${kind}-${type.slice(5)}`;
    if (isFrozen(`${name}.fzs`)) continue;
    const { variableAxis, spoiled, format = "integer" } = more;
    const layout = layoutOfChunk(shape, variableAxis);
    const values = valuesOf(shape, type, variableAxis, spoiled);
    const variables = Array.from({ length: layout.variables }, (_, v) =>
      values.filter((_, i) => Math.floor(i / layout.inner) % layout.variables === v),
    );
    const { stored } = await train(
      {
        lengths: layout.lengths,
        variables: variables.map((own) => own.map((value) => (value > 1e15 ? Number.NaN : value))),
      },
      { network, steps: 200, quantise: { format } },
    );
    const outputs = variables.flatMap((_, v) => (v === 2 ? [] : [v]));
    const { bytes } = encodeNeuralStream({
      ...{ values, shape, variableAxis, outputs, model: stored, guarantee, fillValues: [FILL] },
    });
    streams.push({ name, values, shape, bytes });
  }
  return streams;
}
