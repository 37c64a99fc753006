import { describe, expect, test } from "vitest";
import { countOf } from "../src/array/box.js";
import { bytesOf, type FloatType } from "../src/array/data-type.js";
import {
  compressChunk,
  decompressChunk,
  describeStream,
  type Effort,
  isFieldzipError,
  predictors,
} from "../src/index.js";
import { fills, makeArray, shapes } from "./support/fields.js";
import { decodeReference } from "./support/reference-decoder.js";

/**
 * The suite that every predictor gets by standing in the registry: every bit of every awkward field
 * in every awkward shape, by the WebAssembly decoder and by the plain one; damage; abort.
 */

const types: readonly FloatType[] = ["float32", "float64"];
const efforts: readonly Effort[] = ["fast", "default", "max"];
/** `mechanism` is three coders: each effort gets the suite. */
const ways = predictors.flatMap(({ name }) =>
  name === "mechanism"
    ? efforts.map((effort) => ({ predictor: name, effort }))
    : [{ predictor: name, effort: "default" as const }],
);

describe.each(ways)("predictor $predictor, effort $effort", (way) => {
  describe.each(types)("%s", (dataType) => {
    test.each(shapes.map((shape) => [shape.join("x") || "scalar", shape] as const))(
      "shape %s",
      async (_, shape) => {
        for (const [name, fill] of Object.entries(fills)) {
          const values = makeArray(dataType, countOf(shape));
          fill(values, shape[shape.length - 1] ?? 1);
          const original = bytesOf(values).slice();
          const { bytes } = await compressChunk(values, shape, way);
          expect(bytesOf(values), "the input is left alone").toEqual(original);
          const decoded = await decompressChunk(bytes, { dataType, shape, where: name });
          expect(Buffer.compare(bytesOf(decoded), original), `${name}: bits`).toBe(0);
          if (countOf(shape) <= 500) {
            expect(
              Buffer.compare(bytesOf(decodeReference(bytes)), original),
              `${name}: reference`,
            ).toBe(0);
          }
          const frame = 12 + 4 * shape.length + 3 * 12 + 4;
          expect(bytes.length, `${name}: size`).toBeLessThanOrEqual(
            original.length * 1.001 + frame,
          );
          expect(describeStream(bytes).shape).toEqual(shape);
        }
      },
    );
  });

  test("equal bytes on every run", async () => {
    const values = makeArray("float32", 5000);
    fills.smooth(values, 50);
    const first = await compressChunk(values, [2, 50, 50], way);
    const second = await compressChunk(values.slice(), [2, 50, 50], way);
    expect(second.bytes).toEqual(first.bytes);
  });

  test.each(["smooth", "fill values and NaN"])("truncation at every byte: %s", async (fill) => {
    const { stream, options } = await small(way, fill);
    for (let length = 0; length < stream.length; length++) {
      await expectTyped(decompressChunk(stream.slice(0, length), options));
    }
  });

  test.each(["smooth", "noise", "constant"])("every bit flipped: %s", async (fill) => {
    const { stream, options } = await small(way, fill);
    for (let bit = 0; bit < stream.length * 8; bit++) {
      const damaged = stream.slice();
      damaged[bit >> 3] ^= 1 << (bit & 7);
      await expectTyped(decompressChunk(damaged, options));
    }
  });

  test("an aborted signal stops it", async () => {
    const signal = AbortSignal.abort();
    const values = makeArray("float32", 100);
    const options = { dataType: "float32", shape: [100], where: "test", signal } as const;
    await expectTyped(compressChunk(values, [100], { ...way, signal }), "aborted");
    const { bytes } = await compressChunk(values, [100], way);
    await expectTyped(decompressChunk(bytes, options), "aborted");
  });
});

async function small(way: (typeof ways)[number], fill: string) {
  const shape = [3, 5, 9];
  const values = makeArray("float32", countOf(shape));
  fills[fill](values, 9);
  const { bytes } = await compressChunk(values, shape, way);
  return { stream: bytes, options: { dataType: "float32", shape, where: "test" } as const };
}

async function expectTyped(work: Promise<unknown>, tag?: string): Promise<void> {
  const outcome = await work.then(
    () => "no error",
    (error) => (isFieldzipError(error) ? error.tag : `not a FieldzipError: ${error}`),
  );
  if (tag) expect(outcome).toBe(tag);
  else expect(["truncated", "format", "checksum", "unsupported", "shape"]).toContain(outcome);
}
