import { readdirSync, readFileSync } from "node:fs";
import {
  bytesOf,
  decompressBox,
  extractBox,
  type FloatArray,
  type FloatType,
} from "@fieldzip/core";
import { readHeader } from "@fieldzip/core/stream";
import { createDecoder } from "@fieldzip/kernels";
import { isSameShape } from "@fieldzip/kernels/network";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodedOf,
  describeNeuralStream,
  encodeNeuralStream,
  layoutOfChunk,
  type NeuralChunk,
  readNeuralStream,
  registerNeuralPredictor,
  type StreamGuarantee,
} from "../src/index.js";
import { formats, type ModelChoices, modelFor, numbers, shapesOf } from "./support/models.js";
import { decodeNeuralReference } from "./support/reference-decoder.js";

/**
 * Streams of networks that know nothing of the chunk: what comes back must not depend on how good a model is.
 */

const decoder = createDecoder();

function decode(stream: Uint8Array, type: FloatType, count: number): FloatArray {
  const { status, values } = decoder.decode(stream, type, count);
  expect(status).toBe(0);
  return values!;
}

interface Case {
  readonly shape: readonly number[];
  readonly variableAxis?: number;
  readonly outputs: readonly number[];
  readonly type: FloatType;
  readonly choices: ModelChoices;
  readonly seed: number;
  /** Shares of special values, by kind. */
  readonly spoiled: number;
}

/** Chunks of 1 to 4 coordinates, joint ones and with axes of extent 1, in both types. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    lengths: fc.array(fc.integer({ min: 2, max: 7 }), { minLength: 1, maxLength: 4 }),
    variables: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    place: fc.nat({ max: 4 }),
    single: fc.boolean(),
    constant: fc.nat({ max: 7 }),
    type: fc.constantFrom<FloatType>("float32", "float64"),
    seed: fc.nat(),
    spoiled: fc.constantFrom(0, 0.03, 0.5),
  })
  .chain(({ lengths, variables, place, single, constant, ...rest }) => {
    const shape: number[] = [...lengths];
    const variableAxis = variables === undefined ? undefined : Math.min(place, lengths.length);
    if (variableAxis !== undefined) shape.splice(variableAxis, 0, variables!);
    if (single) shape.push(1);
    const count = variables ?? 1;
    // Some variables are constant, never all.
    const outputs = Array.from({ length: count }, (_, v) => v).filter(
      (v) => v === constant % count || !(constant & (1 << v)),
    );
    return fc.record({
      ...{ shape: fc.constant(shape), variableAxis: fc.constant(variableAxis) },
      ...{ outputs: fc.constant(outputs), type: fc.constant(rest.type) },
      ...{ seed: fc.constant(rest.seed), spoiled: fc.constant(rest.spoiled) },
      choices: fc.record({
        shape: shapesOf(lengths.length, outputs.length),
        formats: fc.array(fc.constantFrom(...formats), { minLength: 1, maxLength: 5 }),
        seed: fc.nat(),
        ghosts: fc.constant(lengths.map((_, axis) => axis % 3)),
      }),
    });
  });

const spoilers32 = [0x7fc00001, 0xff800001, 0x7f800000, 0xff800000, 0x80000000, 1, 0x60ad78ec];
const spoilers64 = [
  0x7ff8000000000001n,
  0xfff0000000000001n,
  0x7ff0000000000000n,
  0x8000000000000000n,
  1n,
  0x4415af1d78b58c40n,
];

function valuesOf({ shape, variableAxis, outputs, type, seed, spoiled }: Case): FloatArray {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const layout = layoutOfChunk(shape, variableAxis)!;
  const values = type === "float32" ? new Float32Array(count) : new Float64Array(count);
  const next = numbers(seed);
  const words =
    type === "float32" ? new Uint32Array(values.buffer) : new BigUint64Array(values.buffer);
  for (let i = 0; i < count; i++) {
    const variable = Math.floor(i / layout.inner) % layout.variables;
    values[i] = outputs.includes(variable) ? 10 * next() + Math.sin(i / 3) : 7;
    if (Math.abs(next()) >= spoiled) continue;
    const which = Math.floor(Math.abs(next()) * 6);
    if (words instanceof Uint32Array) words[i] = spoilers32[which];
    else words[i] = spoilers64[which];
  }
  return values;
}

function chunkOf(of: Case, guarantee: StreamGuarantee): NeuralChunk {
  const { shape, variableAxis, outputs, choices } = of;
  const layout = layoutOfChunk(shape, variableAxis)!;
  const model = modelFor(layout.lengths, choices);
  return { values: valuesOf(of), shape, variableAxis, outputs, model, guarantee };
}

const guarantees: fc.Arbitrary<StreamGuarantee> = fc.constantFrom(
  { kind: "exact" },
  { kind: "bounded", bounds: [0.1, 0.01, 0.3] },
  { kind: "best-effort" },
);

describe("streams of any model", () => {
  test("the plain decoder gives the same bits", () => {
    fc.assert(
      fc.property(cases, guarantees, (of, guarantee) => {
        const chunk = chunkOf(of, guarantee);
        const { bytes } = encodeNeuralStream(chunk);
        const decoded = decode(bytes, of.type, chunk.values.length);
        const plain = decodeNeuralReference(bytes);
        expect(Buffer.compare(bytesOf(decoded), bytesOf(plain))).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test("exact: every bit comes back", () => {
    fc.assert(
      fc.property(cases, (of) => {
        const chunk = chunkOf(of, { kind: "exact" });
        const original = bytesOf(chunk.values).slice();
        const { bytes } = encodeNeuralStream(chunk);
        const decoded = decode(bytes, of.type, chunk.values.length);
        expect(Buffer.compare(bytesOf(decoded), original)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  test("best-effort: what the model says, and special values", () => {
    fc.assert(
      fc.property(cases, (of) => {
        const chunk = chunkOf(of, { kind: "best-effort" });
        const layout = layoutOfChunk(of.shape, of.variableAxis)!;
        const decoded = decode(encodeNeuralStream(chunk).bytes, of.type, chunk.values.length);
        const predicted = decodedOf(chunk.model, layout, of.outputs, of.type);
        chunk.values.forEach((value, i) => {
          const variable = Math.floor(i / layout.inner) % layout.variables;
          if (!Number.isFinite(value)) expect(bitsAt(decoded, i)).toEqual(bitsAt(chunk.values, i));
          else if (!of.outputs.includes(variable)) expect(decoded[i] === value).toBe(true);
          else if (Math.abs(value) < 1e15) expect(decoded[i]).toBe(predicted[i]);
        });
      }),
      { numRuns: 60 },
    );
  });

  test("bounded: no value is off by more, special ones not at all", () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(1e-9, 1e-3, 0.1, 3), (of, bound) => {
        const bounds = Array.from({ length: 3 }, (_, v) => bound * (v + 1));
        const chunk = chunkOf(of, { kind: "bounded", bounds });
        const layout = layoutOfChunk(of.shape, of.variableAxis)!;
        const decoded = decode(encodeNeuralStream(chunk).bytes, of.type, chunk.values.length);
        chunk.values.forEach((value, i) => {
          const variable = Math.floor(i / layout.inner) % layout.variables;
          if (Number.isFinite(value))
            expect(Math.abs(decoded[i] - value)).toBeLessThanOrEqual(bounds[variable]);
          else expect(bitsAt(decoded, i)).toEqual(bitsAt(chunk.values, i));
        });
      }),
      { numRuns: 60 },
    );
  });

  test("a box has the bits that it has in the whole, wherever it can be had alone", async () => {
    registerNeuralPredictor();
    let alone = 0;
    await fc.assert(
      fc.asyncProperty(
        cases,
        guarantees,
        fc.boolean(),
        fc.infiniteStream(fc.nat({ max: 1000 })),
        async (drawn, guarantee, plain, places) => {
          const of = plain ? { ...drawn, spoiled: 0 } : drawn;
          const chunk = chunkOf(of, plain ? { kind: "best-effort" } : guarantee);
          const { bytes } = encodeNeuralStream(chunk);
          const start = of.shape.map((extent) => places.next().value! % extent);
          const shape = of.shape.map(
            (extent, axis) => 1 + (places.next().value! % (extent - start[axis])),
          );
          const options = { dataType: of.type, shape: of.shape, where: `seed ${of.seed}` };
          const part = await decompressBox(bytes, { start, shape }, options);
          if (plain) expect(part).toBeDefined();
          if (!part) return;
          alone++;
          const whole = decode(bytes, of.type, chunk.values.length);
          const expected = extractBox(of.type, whole, of.shape, { start, shape }) as FloatArray;
          expect(Buffer.compare(bytesOf(part), bytesOf(expected))).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
    expect(alone).toBeGreaterThan(5);
  });

  test("the model is read back as it was", () => {
    fc.assert(
      fc.property(cases, fc.boolean(), (of, best) => {
        const chunk = chunkOf(of, { kind: best ? "best-effort" : "exact" });
        const read = readNeuralStream(encodeNeuralStream(chunk).bytes);
        expect(read.model).toEqual(chunk.model);
        // The next step's network begins with it.
        expect(isSameShape(read.model.shape, chunk.model.shape)).toBe(true);
        expect(read.shape).toEqual(of.shape);
        expect(read.variableAxis).toBe(of.variableAxis);
        const outputs = read.variables.flatMap(({ kind }, v) => (kind === "output" ? [v] : []));
        expect(outputs).toEqual(of.outputs);
      }),
      { numRuns: 60 },
    );
  });
});

function bitsAt(values: FloatArray, i: number): Uint8Array {
  const size = values.BYTES_PER_ELEMENT;
  return bytesOf(values).slice(i * size, (i + 1) * size);
}

const frozen = new URL("../../../fixtures/frozen/v1/", import.meta.url);
const files = readdirSync(frozen).filter((name) => /^neural-.*\.fzs$/.test(name));

test.each(files)("the plain decoder gives the same bits: %s", (name) => {
  const stream = new Uint8Array(readFileSync(new URL(name, frozen)));
  const { dataType, shape } = readHeader(stream, name);
  const count = shape.reduce((product, extent) => product * extent, 1);
  const decoded = bytesOf(decode(stream, dataType, count));
  expect(Buffer.compare(decoded, bytesOf(decodeNeuralReference(stream)))).toBe(0);
});

describe("fill values", () => {
  const fill = -999;
  const shape = [6, 40];
  /** A network that says -999 everywhere. */
  const model = () => {
    const model = modelFor(shape, {
      shape: {
        ...{ dimensions: 2, outputs: 1, levels: [], mapping: "off", frequencies: 0 },
        ...{ widths: [8], firstBias: true, activation: "smooth" },
      },
      ...{ formats: ["oneStep"], seed: 1, ghosts: [0, 0] },
    });
    return { ...model, scalings: [{ offset: fill, scale: 0, range: 1 }] };
  };

  test.each([
    ["many", 5],
    ["few", 200],
  ])("%s come back to the bit, and nothing else as one", (_, every) => {
    const values = Float32Array.from({ length: 240 }, (_, i) =>
      i % every === 1 ? fill : fill + 0.25 + (i % 7),
    );
    for (const guarantee of [
      { kind: "best-effort" },
      { kind: "bounded", bounds: [1] },
      { kind: "exact" },
    ] as const) {
      const { bytes } = encodeNeuralStream({
        ...{ values, shape, model: model(), guarantee, fillValues: [fill] },
      });
      decode(bytes, "float32", 240).forEach((value, i) => {
        expect(value === fill, `${guarantee.kind}, value ${i}`).toBe(values[i] === fill);
      });
    }
  });
});

test("what a stream says of itself", () => {
  const values = Float32Array.from({ length: 60 }, (_, i) => (i % 9 ? Math.sin(i) : Number.NaN));
  const model = modelFor([6, 10], {
    shape: {
      ...{ dimensions: 2, outputs: 1, levels: [{ features: 2, nodes: [3, 5] }] },
      ...{ mapping: "learned", frequencies: 4, widths: [8], firstBias: true },
      activation: "smooth",
    },
    ...{ formats: ["oneStep", "float16"], seed: 1, ghosts: [1, 0] },
  });
  const guarantee = { kind: "bounded", bounds: [0.25] } as const;
  const { bytes, modelBytes } = encodeNeuralStream({ values, shape: [6, 10], model, guarantee });
  const description = describeNeuralStream(bytes, readHeader(bytes, "stream"));
  // Grid 30, B 8, p 4, weights 10 x 8 and 8 x 1, biases 8 and 1.
  expect(description).toEqual({
    mode: "grid network",
    details: {
      features: "grids 2 at 3 x 5, 4 frequencies",
      layers: "8 x 1, smooth",
      parameters: 139,
      "stored as": "float16 69.1 %, integer 30.9 %",
      "bits a parameter": Number(((8 * modelBytes) / 139).toFixed(2)),
      bounds: "0.25",
      masked: "NaN",
    },
  });
});
