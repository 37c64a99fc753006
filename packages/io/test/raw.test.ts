import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Dataset, memoryVariable, type NumericArray } from "@fieldzip/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openRaw, parseDataType, writeRaw } from "../src/raw/index.js";
import { asArchive, contentsOf, errorOf, noise, opened, temporaryFolder } from "./flat-support.js";

const root = await temporaryFolder();
let made = 0;

async function makeFile(size: number): Promise<string> {
  const path = join(root, `field${made++}.bin`);
  await writeFile(path, noise(size, made));
  return path;
}

describe("raw files", () => {
  const types = ["f32", "f64", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64"];
  for (const dtype of types) {
    for (const byteOrder of ["little", "big"] as const) {
      it(`gives back ${dtype} byte for byte, ${byteOrder}-endian, with what stands before it`, async () => {
        const size = Number(dtype.slice(1)) / 8;
        const path = await makeFile(13 + 3 * 7 * 5 * size);
        const dataset = await opened(
          openRaw(path, { shape: [3, 7, 5], dtype, byteOrder, offset: 13 }),
        );
        for (const which of [dataset, asArchive(dataset)]) {
          const target = join(root, `copy${made++}.raw`);
          const written = await writeRaw(which, target);
          expect(await readFile(target)).toEqual(await readFile(path));
          expect(written).toEqual({ files: [target], bytes: 13 + 105 * size });
        }
      });
    }
  }

  it("reads any box as it lies in the file", async () => {
    const shape = [4, 6, 5, 3];
    const path = await makeFile(4 * 360);
    const values = new Uint32Array((await readFile(path)).buffer.slice(0) as ArrayBuffer, 0, 360);
    const dataset = await opened(openRaw(path, { shape, dtype: "u32" }));
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(...shape.map((size) => fc.tuple(fc.nat(size), fc.nat(size)))),
        async (ranges) => {
          const start = ranges.map(([a, b]) => Math.min(a, b));
          const extent = ranges.map(([a, b]) => Math.abs(a - b));
          const data = await dataset.variable(dataset.variables[0].name).readBox({
            start,
            shape: extent,
          });
          const expected: number[] = [];
          for (let a = 0; a < extent[0]; a++)
            for (let b = 0; b < extent[1]; b++)
              for (let c = 0; c < extent[2]; c++)
                for (let d = 0; d < extent[3]; d++)
                  expected.push(
                    values[
                      (((start[0] + a) * 6 + start[1] + b) * 5 + start[2] + c) * 3 + start[3] + d
                    ],
                  );
          expect([...(data as NumericArray)]).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("reads and writes boxes with large gaps and runs of several pieces", async () => {
    const shape = [3, 700, 2100];
    const path = await makeFile(shape[0] * shape[1] * shape[2] * 2);
    const dataset = await opened(openRaw(path, { shape, dtype: "i16", byteOrder: "big" }));
    const bytes = await readFile(path);
    const at = (z: number, y: number, x: number) =>
      bytes.readInt16BE(2 * ((z * 700 + y) * 2100 + x));
    const variable = dataset.variables[0];
    const thin = await variable.readBox({ start: [0, 0, 7], shape: [3, 700, 1] });
    expect([thin[0], thin[700], thin[2099]]).toEqual([at(0, 0, 7), at(1, 0, 7), at(2, 699, 7)]);
    const wide = await variable.readBox({ start: [1, 1, 0], shape: [2, 699, 2099] });
    expect([wide[0], wide[2099], wide[2 * 699 * 2099 - 1]]).toEqual([
      at(1, 1, 0),
      at(1, 2, 0),
      at(2, 699, 2098),
    ]);
    const target = join(root, `copy${made++}.raw`);
    const progress: number[] = [];
    await writeRaw(asArchive(dataset), target, {
      onProgress: ({ done, total }) => progress.push(done / total),
    });
    expect((await readFile(target)).equals(bytes)).toBe(true);
    expect(progress.at(-1)).toBe(1);
  });

  it("handles nothing, one value and a scalar", async () => {
    for (const [shape, size] of [
      [[0, 5], 0],
      [[1], 8],
      [[], 8],
    ] as const) {
      const path = await makeFile(size);
      const dataset = await opened(openRaw(path, { shape, dtype: "f64" }));
      const target = join(root, `copy${made++}.raw`);
      await writeRaw(dataset, target);
      expect(await readFile(target)).toEqual(await readFile(path));
    }
  });

  it("refuses a size that is not exactly right, with a remedy that fits", async () => {
    const cases: [number, object, RegExp][] = [
      [79, { shape: [4, 5], dtype: "f32" }, /80 bytes.*79 bytes/],
      [160, { shape: [4, 5], dtype: "f32" }, /perhaps the values are f64/],
      [80, { shape: [4, 5], dtype: "f64" }, /perhaps the values are f32/],
      [240, { shape: [4, 5], dtype: "f32" }, /--shape 3,4,5/],
      [92, { shape: [4, 5], dtype: "f32" }, /--offset 12/],
      [80, { shape: [2 ** 40, 2 ** 40], dtype: "f32" }, /found/],
    ];
    for (const [size, options, message] of cases) {
      const error = await errorOf(openRaw(await makeFile(size), options as never));
      expect(error.tag).toBe("shape");
      expect(error.message).toMatch(message);
    }
    const path = await makeFile(80);
    for (const options of [
      { shape: [-4, -5], dtype: "f32" },
      { shape: [4.5], dtype: "f32" },
      { shape: [20], dtype: "f16" },
      { shape: [20], dtype: "__proto__" },
      { shape: [20], dtype: "f32", dimensions: ["a", "b"] },
      { shape: [4, 5], dtype: "f32", dimensions: ["a", "a"] },
      { shape: [20], dtype: "f32", offset: -1 },
    ]) {
      expect((await errorOf(openRaw(path, options))).tag).toBe("usage");
    }
    expect((await errorOf(openRaw(join(root, "none"), { shape: [1], dtype: "f32" }))).tag).toBe(
      "missing",
    );
  });

  it("understands the usual names of types", () => {
    expect(parseDataType("f32")).toEqual({ dataType: "float32" });
    expect(parseDataType("Float64")).toEqual({ dataType: "float64" });
    expect(parseDataType(">f4")).toEqual({ dataType: "float32", byteOrder: "big" });
    expect(parseDataType("<i8")).toEqual({ dataType: "int64", byteOrder: "little" });
    expect(parseDataType("i8")).toEqual({ dataType: "int8" });
    expect(parseDataType("uint16")).toEqual({ dataType: "uint16" });
  });

  it("writes several variables into a folder, and one beside its coordinates into a file", async () => {
    const values = Float32Array.of(1, 2, 3);
    const dataset = (names: string[]) =>
      new Dataset({
        format: "netcdf",
        location: "test",
        dimensions: [{ name: "x", size: 3 }],
        groups: [],
        variables: names.map((name) => memoryVariable(name, "float32", ["x"], [3], values)),
        close: async () => {},
      });
    const folder = join(root, "several");
    const written = await writeRaw(dataset(["x", "rho", "grp/T"]), folder);
    expect(Object.keys(await contentsOf(folder))).toEqual(["grp/T.raw", "rho.raw", "x.raw"]);
    expect(written.bytes).toBe(36);
    const file = join(root, "one.raw");
    await writeRaw(dataset(["x", "rho"]), file);
    expect((await readFile(file)).length).toBe(12);
    expect((await errorOf(writeRaw(dataset(["a", "../b"]), join(root, "bad")))).tag).toBe("format");
    expect((await errorOf(writeRaw(dataset([]), join(root, "bad")))).tag).toBe("missing");
    expect(Object.keys(await contentsOf(root)).filter((name) => name.includes("bad"))).toEqual([]);
  });
});
