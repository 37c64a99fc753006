import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Dataset, memoryVariable } from "@fieldzip/core";
import { describe, expect, it } from "vitest";
import { openNpy, writeNpy } from "../src/npy/index.js";
import {
  asArchive,
  bytesOfVariable,
  errorOf,
  noise,
  opened,
  temporaryFolder,
} from "./flat-support.js";

const root = await temporaryFolder();
let made = 0;

/** A `.npy` file of any version, with noise as values. */
function npyBytes(text: string, bytes: number, version = 1): Buffer {
  const start = version === 1 ? 10 : 12;
  const body = Buffer.from(text, version === 3 ? "utf8" : "latin1");
  const length = Math.ceil((start + body.length + 1) / 64) * 64 - start;
  const head = Buffer.alloc(start + length, " ");
  head.write("\x93NUMPY", "latin1");
  head[6] = version;
  head[7] = 0;
  if (version === 1) head.writeUInt16LE(length, 8);
  else head.writeUInt32LE(length, 8);
  body.copy(head, start);
  head[head.length - 1] = 0x0a;
  return Buffer.concat([head, noise(bytes, 3)]);
}

const headerOf = (descr: string, shape: string, fortran = "False") =>
  `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

async function makeFile(bytes: Uint8Array): Promise<string> {
  const path = join(root, `array${made++}.npy`);
  await writeFile(path, bytes);
  return path;
}

async function expectRoundTrip(bytes: Buffer): Promise<Dataset> {
  const path = await makeFile(bytes);
  const dataset = await opened(openNpy(path));
  for (const which of [dataset, asArchive(dataset)]) {
    const target = join(root, `copy${made++}.npy`);
    await writeNpy(which, target);
    expect((await readFile(target)).equals(bytes)).toBe(true);
  }
  return dataset;
}

describe("npy files", () => {
  for (const code of ["f4", "f8", "i2", "i4", "i8", "u2", "u4", "u8"]) {
    for (const mark of ["<", ">", "="]) {
      it(`gives back ${mark}${code} byte for byte`, async () => {
        const size = Number(code[1]);
        await expectRoundTrip(npyBytes(headerOf(`'${mark}${code}'`, "(3, 4)"), 12 * size));
      });
    }
  }
  for (const code of ["i1", "u1", "b1", "S1"]) {
    it(`gives back |${code} byte for byte`, async () => {
      await expectRoundTrip(npyBytes(headerOf(`'|${code}'`, "(5,)"), 5));
    });
  }
  for (const version of [1, 2, 3]) {
    it(`reads and gives back version ${version}`, async () => {
      await expectRoundTrip(npyBytes(headerOf("'<f4'", "(2, 3)"), 24, version));
    });
  }

  it("handles scalars, nothing, and the header of Python 2", async () => {
    expect(
      (await expectRoundTrip(npyBytes(headerOf("'<f8'", "()"), 8))).variables[0].shape,
    ).toEqual([]);
    expect(
      (await expectRoundTrip(npyBytes(headerOf("'<f8'", "(0, 4)"), 0))).variables[0].shape,
    ).toEqual([0, 4]);
    await expectRoundTrip(npyBytes(headerOf("'<f8'", "(2L, 1L)"), 16));
    await expectRoundTrip(npyBytes(`{"shape": [4], "descr": "<i4", "fortran_order": False}`, 16));
  });

  it("presents Fortran order with the axes reversed and their names kept", async () => {
    const dataset = await expectRoundTrip(npyBytes(headerOf("'<f4'", "(2, 3, 5)", "True"), 120));
    const [variable] = dataset.variables;
    expect(variable.shape).toEqual([5, 3, 2]);
    expect(variable.dimensions).toEqual(["dim_2", "dim_1", "dim_0"]);
    const path = await makeFile(npyBytes(headerOf("'<u1'", "(2, 3)", "True"), 6));
    const values = (await readFile(path)).subarray(-6);
    const small = await opened(openNpy(path));
    const column = await small.variables[0].read({ dim_0: 1 });
    expect([...column.data]).toEqual([values[1], values[3], values[5]]);
  });

  it("presents complex numbers as pairs", async () => {
    const dataset = await expectRoundTrip(npyBytes(headerOf("'>c8'", "(3,)"), 24));
    expect(dataset.variables[0].dimensions).toEqual(["dim_0", "complex"]);
    expect(dataset.variables[0].dataType).toBe("float32");
  });

  it("writes a header of its own that it reads again", async () => {
    for (const shape of [[], [4], [2, 3], [0]]) {
      const count = shape.reduce((a, b) => a * b, 1);
      const dataset = new Dataset({
        format: "netcdf",
        location: "test",
        dimensions: [],
        groups: [],
        variables: [
          memoryVariable(
            "T",
            "float64",
            shape.map((_, k) => `d${k}`),
            shape,
            new Float64Array(count).fill(1.5),
          ),
        ],
        close: async () => {},
      });
      const target = join(root, `new${made++}.npy`);
      await writeNpy(dataset, target);
      const bytes = await readFile(target);
      expect((bytes.length - 8 * count) % 64).toBe(0);
      const again = await opened(openNpy(target));
      expect(again.variables[0].shape).toEqual(shape);
      expect(await bytesOfVariable(again, again.variables[0].name)).toEqual(
        await bytesOfVariable(dataset, "T"),
      );
    }
  });

  it("makes a new header where the kept one no longer fits", async () => {
    const dataset = await opened(openNpy(await makeFile(npyBytes(headerOf("'>f4'", "(3,)"), 12))));
    for (const header of ["", "AAAA", "k05VTVBZAQD///8=", 5]) {
      const [source] = dataset.source.variables;
      const changed = new Dataset({
        ...dataset.source,
        variables: [{ ...source, original: { format: "npy", header } }],
      });
      const target = join(root, `fits${made++}.npy`);
      await writeNpy(changed, target);
      expect((await opened(openNpy(target))).variables[0].shape).toEqual([3]);
    }
  });

  it("refuses what it does not support, by name", async () => {
    for (const descr of [
      "'<f2'",
      "'<U5'",
      "'|S5'",
      "'|O'",
      "'<M8[ns]'",
      "'<c32'",
      "[('a', '<f4')]",
      "'|f4'",
    ]) {
      const path = await makeFile(npyBytes(headerOf(descr, "(3,)"), 12));
      expect((await errorOf(openNpy(path))).tag).toBe("unsupported");
    }
    const other = npyBytes(headerOf("'<f4'", "(3,)"), 12);
    other[6] = 4;
    expect((await errorOf(openNpy(await makeFile(other)))).tag).toBe("unsupported");
  });

  it("refuses damaged headers", async () => {
    const texts = [
      "",
      "{",
      "{'descr': '<f4'}",
      headerOf("'<f4'", "(3,)").replace("'shape'", "'shapes'"),
      headerOf("'<f4'", "(-3,)"),
      headerOf("'<f4'", "(3.0,)"),
      headerOf("'<f4'", "(99999999999999999999,)"),
      headerOf("'<f4'", "('a',)"),
      headerOf("'<f4'", "3"),
      headerOf("'<f4'", "(3,)", "0"),
      headerOf("'<f4'", "(3,)", "Falsehood"),
      headerOf("__import__('os')", "(3,)"),
      headerOf("5", "(3,)"),
      `${headerOf("'<f4'", "(3,)")} more`,
      `${"(".repeat(5000)}`,
      `{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3,)}`,
      headerOf("'<f4'", `(${"1, ".repeat(40)})`),
    ];
    for (const text of texts) {
      const error = await errorOf(openNpy(await makeFile(npyBytes(text, 12, 2))));
      expect(error.tag).toBe("format");
    }
  });

  it("refuses lengths and shapes that the file does not hold, without allocating", async () => {
    const tagOf = async (bytes: Uint8Array) => (await errorOf(openNpy(await makeFile(bytes)))).tag;
    const good = npyBytes(headerOf("'<f4'", "(3,)"), 12, 2);
    const long = Buffer.from(good);
    long.writeUInt32LE(0xffffffff, 8);
    expect(await tagOf(long)).toBe("limit");
    long.writeUInt32LE(100000, 8);
    expect(await tagOf(long)).toBe("truncated");
    expect(await tagOf(npyBytes(headerOf("'<f4'", "(1099511627776,)"), 12))).toBe("truncated");
    expect(await tagOf(npyBytes(headerOf("'<f4'", "(1099511627776, 1099511627776)"), 12))).toBe(
      "shape",
    );
    expect(await tagOf(Buffer.concat([good, Buffer.alloc(1)]))).toBe("shape");
    for (let length = 0; length < good.length; length += 7) {
      expect(["truncated", "format"]).toContain(await tagOf(good.subarray(0, length)));
    }
  });
});
