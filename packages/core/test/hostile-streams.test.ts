import { createDecoder } from "@fieldzip/kernels";
import { describe, expect, test } from "vitest";
import { countOf } from "../src/array/box.js";
import { compressChunk } from "../src/index.js";
import { readHeader } from "../src/stream/header.js";
import { fills, makeArray, seeded } from "./support/fields.js";
import { reseal } from "./support/reseal.js";

/**
 * Streams whose checksums hold but whose content was made up: the decoder must end with a status, never
 * trap, hang or grow beyond what the chunk's size earns.
 */

const decoder = createDecoder();

async function streamOf(
  shape: number[],
  fill: string,
  type: "float32" | "float64",
  effort: "fast" | "default" | "max" = "default",
) {
  const values = makeArray(type, countOf(shape));
  fills[fill](values, shape[shape.length - 1]);
  return (await compressChunk(values, shape, { predictor: "mechanism", effort })).bytes;
}

describe("hostile streams with valid checksums", () => {
  test.each([
    [[40, 40], "smooth", "float32"],
    [[4, 6, 20], "smooth", "float32"],
    [[4, 6, 20], "fill values and NaN", "float64"],
    [[4, 6, 20], "scaled integers with land", "float32"],
    [[50, 20], "decimals with strays", "float64"],
    [[3, 3, 5, 10], "steps", "float64"],
    [[300], "smooth", "float64"],
    [[20, 40], "corners that cells share", "float64"],
    [[8, 8], "constant", "float32"],
    [[40, 40], "smooth", "float32", "fast"],
    [[4, 6, 20], "smooth", "float32", "fast"],
    [[9, 6, 20], "fill values and NaN", "float64", "fast"],
    [[8, 10, 20], "scaled integers with land", "float32", "fast"],
    [[8, 10, 20], "sparse, mostly zero", "float64", "fast"],
    [[50, 20], "decimals with strays", "float64", "fast"],
    [[50, 21], "decimals with strays", "float32", "fast"],
    [[3, 3, 5, 10], "steps", "float64", "fast"],
    [[300], "smooth", "float64", "fast"],
    [[12, 14], "smooth", "float32", "max"],
    [[3, 6, 20], "scaled integers with land", "float32", "max"],
    [[10, 20], "decimals with strays", "float64", "max"],
    [[2, 3, 5, 10], "steps", "float64", "max"],
    [[300], "smooth", "float64", "max"],
    [[10, 40], "corners that cells share", "float64", "max"],
  ] as const)("mutated %s %s %s %s", async (shape, fill, type, effort?: "fast" | "max") => {
    const stream = await streamOf([...shape], fill, type, effort);
    const random = seeded(countOf(shape));
    const header = readHeader(stream, "test");
    const side = header.sections[0];
    let accepted = 0;
    const started = performance.now();
    // A stream of mode 4 starts with tables of megabytes.
    const rounds = effort === "max" ? 1000 : 3000;
    for (let round = 0; round < rounds; round++) {
      const mutated = stream.slice();
      const edits = 1 + Math.floor(random() * 4);
      for (let k = 0; k < edits; k++) {
        // Most edits hit the side information, where the numbers are.
        const within = random() < 0.7 ? side.length : stream.length - side.offset;
        mutated[side.offset + Math.floor(random() * within)] =
          random() < 0.5 ? Math.floor(random() * 256) : [0, 1, 255, 128][Math.floor(random() * 4)];
      }
      const { status } = decoder.decode(reseal(mutated), type, countOf(shape));
      expect(status).toBeGreaterThanOrEqual(0);
      expect(status).toBeLessThanOrEqual(20);
      if (status === 0) accepted++;
    }
    expect(performance.now() - started, "no mutation makes decoding slow").toBeLessThan(30_000);
    // Some edits (a weight's last bit) give other values, and that is all a checksum can tell.
    expect(accepted).toBeLessThan(rounds);
  });

  test.each(["default", "max"] as const)(
    "every byte of the side information set to every interesting value, effort %s",
    async (effort) => {
      const stream = await streamOf([4, 6, 20], "smooth", "float32", effort);
      const side = readHeader(stream, "test").sections[0];
      for (let at = side.offset; at < side.offset + side.length; at++) {
        for (const value of [0, 1, 2, 3, 4, 16, 17, 64, 127, 128, 254, 255]) {
          const mutated = stream.slice();
          mutated[at] = value;
          const { status } = decoder.decode(reseal(mutated), "float32", 480);
          expect(status).toBeLessThanOrEqual(16);
        }
      }
    },
  );

  test("a header that announces sizes it has not got", async () => {
    const stream = await streamOf([4, 6, 20], "smooth", "float32");
    const view = () => new DataView(stream.slice().buffer);
    const cases: ((header: DataView) => void)[] = [
      (header) => header.setUint32(12, 0xffffffff, true),
      (header) => header.setUint32(12 + 12 + 4, 0xffffffff, true),
      (header) => header.setUint32(12 + 12 + 4, 0x80000000, true),
      (header) => header.setUint8(8, 255),
      (header) => header.setUint8(9, 255),
      (header) => header.setUint8(9, 0),
      (header) => header.setUint32(12 + 12, 0, true),
      (header) => header.setUint32(12 + 12, 4, true),
      (header) => header.setUint32(12 + 12, 2, true),
    ];
    for (const tamper of cases) {
      const header = view();
      tamper(header);
      const { status, values } = decoder.decode(
        reseal(new Uint8Array(header.buffer)),
        "float32",
        480,
      );
      expect(status).toBeGreaterThan(0);
      expect(values).toBeUndefined();
    }
  });
});
