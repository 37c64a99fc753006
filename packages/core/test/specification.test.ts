import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compressChunk, decompressChunk } from "../src/index.js";
import { decodeReference } from "./support/reference-decoder.js";

const text = readFileSync(new URL("../../../spec/stream.md", import.meta.url), "utf8");

test("the worked example of spec/stream.md decodes to what the text says, and is what we write", async () => {
  const hex = /```hex\n([^`]*)```/.exec(text)![1];
  const stream = Uint8Array.from(hex.trim().split(/\s+/), (byte) => Number.parseInt(byte, 16));
  const expected = Float32Array.from({ length: 48 }, (_, i) =>
    i < 24 ? i * 0.25 : 6 + (i - 24) * 0.5,
  );
  const options = { dataType: "float32", shape: [48], where: "example" } as const;
  expect(await decompressChunk(stream, options)).toEqual(expected);
  expect(decodeReference(stream)).toEqual(expected);
  expect((await compressChunk(expected, [48])).bytes).toEqual(stream);
});
