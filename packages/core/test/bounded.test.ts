import { describe, expect, test } from "vitest";
import { countOf } from "../src/array/box.js";
import { bytesOf, type FloatType } from "../src/array/data-type.js";
import { compressChunk, decompressChunk, describeStream } from "../src/index.js";
import { fills, makeArray, seeded } from "./support/fields.js";
import { decodeReference } from "./support/reference-decoder.js";

/** The guarantee `bounded` of predictors that are exact: values are moved to lattices before they see them. */

const efforts = ["fast", "default", "max"] as const;

describe.each(efforts)("effort %s", (effort) => {
  test.each<[FloatType, readonly number[]]>([
    ["float32", [3, 10, 16]],
    ["float64", [20, 13]],
    ["float32", [300]],
  ])("%s of shape %s: every value within every bound", async (dataType, shape) => {
    for (const [name, fill] of Object.entries(fills)) {
      const values = makeArray(dataType, countOf(shape));
      fill(values, shape[shape.length - 1]);
      const original = bytesOf(values).slice();
      for (const bound of [1e-6, 0.01, 1e4]) {
        const bounds = { byVariable: [bound], fillValues: [] };
        const { bytes } = await compressChunk(values, shape, {
          ...{ predictor: "mechanism", effort, bounds },
        });
        expect(bytesOf(values), "the input is left alone").toEqual(original);
        const decoded = await decompressChunk(bytes, { dataType, shape, where: name });
        const reference = decodeReference(bytes);
        expect(Buffer.compare(bytesOf(decoded), bytesOf(reference)), name).toBe(0);
        const size = values.BYTES_PER_ELEMENT;
        for (let i = 0; i < values.length; i++) {
          if (Number.isFinite(values[i])) {
            if (!(Math.abs(decoded[i] - values[i]) <= bound))
              expect.fail(`${name}, bound ${bound}: ${values[i]} became ${decoded[i]}`);
          } else {
            const at = i * size;
            expect(bytesOf(decoded).subarray(at, at + size)).toEqual(
              original.subarray(at, at + size),
            );
          }
        }
      }
    }
  });

  test("a coarser bound takes fewer bytes, and the stream says what it promises", async () => {
    const values = makeArray("float32", 8000);
    const random = seeded(1);
    for (let i = 0; i < values.length; i++) values[i] = 1000 * random();
    const sizes: number[] = [];
    for (const bound of [0.01, 1, 100]) {
      const bounds = { byVariable: [bound], fillValues: [] };
      const { bytes } = await compressChunk(values, [20, 20, 20], { effort, bounds });
      expect(describeStream(bytes).guarantee).toBe("bounded");
      sizes.push(bytes.length);
    }
    expect(sizes[1]).toBeLessThan(0.8 * sizes[0]);
    expect(sizes[2]).toBeLessThan(0.6 * sizes[1]);
  });

  test("fill values stay, and nothing else becomes one", async () => {
    const values = Float32Array.from({ length: 2400 }, (_, i) =>
      i % 7 === 3 ? 0 : 0.01 * Math.sin(i / 20),
    );
    const bounds = { byVariable: [0.004], fillValues: [0] };
    const { bytes } = await compressChunk(values, [40, 60], { effort, bounds });
    const decoded = await decompressChunk(bytes, {
      ...{ dataType: "float32", shape: [40, 60], where: "test" },
    });
    decoded.forEach((value, i) => {
      expect(value === 0, `value ${i}`).toBe(values[i] === 0);
      expect(Math.abs(value - values[i])).toBeLessThanOrEqual(0.004);
    });
  });

  test("variables of a joint chunk have bounds of their own", async () => {
    const shape = [2, 3, 12, 20];
    const values = makeArray("float64", countOf(shape));
    for (let i = 0; i < values.length; i++) {
      const variable = Math.floor(i / 240) % 3;
      values[i] = [1, 1000, 0][variable] * Math.sin(i / 31);
    }
    const byVariable = [0.01, 5, 0];
    const { bytes } = await compressChunk(values, shape, {
      ...{
        effort,
        variableAxis: 1,
        predictor: "mechanism",
        bounds: { byVariable, fillValues: [] },
      },
    });
    const decoded = await decompressChunk(bytes, { dataType: "float64", shape, where: "test" });
    const worst = [0, 0, 0];
    decoded.forEach((value, i) => {
      const variable = Math.floor(i / 240) % 3;
      worst[variable] = Math.max(worst[variable], Math.abs(value - values[i]));
    });
    for (const [k, bound] of byVariable.entries()) expect(worst[k]).toBeLessThanOrEqual(bound);
    expect(worst[1]).toBeGreaterThan(0.01);
  });
});
