import { describe, expect, test } from "vitest";
import { compressChunk, describeStream, explainChunk } from "../src/index.js";
import { readHeader, sectionKinds } from "../src/stream/header.js";
import { fills, makeArray } from "./support/fields.js";

const shape = [3, 40, 50];

async function explained(
  fill: string,
  predictor: "mechanism" | "mechanism-solve" | "raw",
  effort: "fast" | "default" = "default",
) {
  const values = makeArray("float32", 6000);
  fills[fill](values, 50);
  const { bytes, predictor: used } = await compressChunk(values, shape, { predictor, effort });
  expect(used).toBe(predictor);
  const explanation = await explainChunk(bytes, { dataType: "float32", shape, where: fill });
  const { buffer } = explanation.values;
  expect(Buffer.compare(Buffer.from(buffer), Buffer.from(values.buffer))).toBe(0);
  return { bytes, values, explanation };
}

describe("explainChunk", () => {
  test.each(["smooth", "scaled integers with land", "decimals with strays"])(
    "residual classes are those of the stream's bits: %s",
    async (fill) => {
      const { bytes, explanation } = await explained(fill, "mechanism");
      expect(explanation.shows).toBe("residual classes");
      const stored = readHeader(bytes, fill).sections.find(
        ({ kind }) => kind === sectionKinds.residualBits,
      )!;
      let bits = 0;
      for (const one of explanation.picture) bits += one > 1 ? one - 1 : 0;
      expect(Math.ceil(bits / 8)).toBe(stored.length);
      expect(bits).toBeGreaterThan(0);
    },
  );

  test("masked values have no class", async () => {
    const { values, explanation } = await explained("scaled integers with land", "mechanism");
    const land = Math.fround(9.969209968386869e36);
    expect(
      describeStream((await explained("scaled integers with land", "mechanism")).bytes),
    ).toHaveProperty("details.masked");
    values.forEach((value, i) => {
      expect(Number.isNaN(explanation.picture[i])).toBe(value === land);
    });
  });

  test("packed streams: bits of every residual, none where masked", async () => {
    const smooth = await explained("smooth", "mechanism", "fast");
    expect(describeStream(smooth.bytes)).toMatchObject({ mode: "packed" });
    expect(smooth.explanation.shows).toBe("residual classes");
    const { picture } = smooth.explanation;
    const mean = picture.reduce((sum, bits) => sum + bits, 0) / picture.length;
    expect(mean).toBeGreaterThan(1);
    expect(mean).toBeLessThan(24);
    const { values, explanation } = await explained(
      "scaled integers with land",
      "mechanism",
      "fast",
    );
    const land = Math.fround(9.969209968386869e36);
    values.forEach((value, i) => {
      expect(Number.isNaN(explanation.picture[i])).toBe(value === land);
    });
  });

  test("what is predicted to the bit has class 0", async () => {
    const { explanation } = await explained("constant", "mechanism");
    expect(explanation.picture.every((one) => one === 0)).toBe(true);
  });

  test("the source term is L u, and nothing on the boundary", async () => {
    const { explanation } = await explained("smooth", "mechanism-solve");
    expect(explanation.shows).toBe("source term");
    let largest = 0;
    explanation.picture.forEach((f, i) => {
      const [y, x] = [Math.floor(i / 50) % 40, i % 50];
      const inside = y > 0 && y < 39 && x > 0 && x < 49;
      expect(Number.isFinite(f)).toBe(inside);
      if (inside) largest = Math.max(largest, Math.abs(f));
    });
    // The operator was learned to make f small: the values themselves reach 2.
    expect(largest).toBeGreaterThan(0);
    expect(largest).toBeLessThan(0.5);
  });

  test("without a prediction there is nothing to show", async () => {
    const { explanation } = await explained("random bits", "raw");
    expect(explanation.shows).toBe("nothing");
    expect(explanation.picture.every(Number.isNaN)).toBe(true);
  });

  test("a damaged stream is an error that says where", async () => {
    const { bytes } = await explained("smooth", "mechanism");
    bytes[bytes.length - 3] ^= 4;
    await expect(
      explainChunk(bytes, { dataType: "float32", shape, where: "here" }),
    ).rejects.toMatchObject({ tag: "checksum" });
  });
});
