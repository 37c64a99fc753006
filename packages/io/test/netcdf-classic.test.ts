import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  bytesOf,
  countOf,
  type DatasetSource,
  extractBox,
  isFieldzipError,
  type NumericArray,
  wholeBox,
} from "@fieldzip/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openNetcdfClassic } from "../src/netcdf/index.js";
import { noise, temporaryFolder } from "./flat-support.js";
import { type ClassicFile, type ClassicType, classicFile } from "./support/classic-file.js";

const folder = await temporaryFolder();
let files = 0;

async function written(bytes: Uint8Array): Promise<string> {
  const path = join(folder, `${files++}.nc`);
  await writeFile(path, bytes);
  return path;
}

async function withFile<T>(
  bytes: Uint8Array,
  use: (source: DatasetSource) => Promise<T>,
): Promise<T> {
  const source = await openNetcdfClassic(await written(bytes));
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

function find(source: DatasetSource, name: string) {
  const variable = source.variables.find((each) => each.name === name);
  if (!variable) throw new Error(`no variable ${name}`);
  return variable;
}

const classicTypes: ClassicType[] = ["int8", "char", "int16", "int32", "float32", "float64"];
const newTypes: ClassicType[] = ["uint8", "uint16", "uint32", "int64", "uint64"];
const bytesPer = (type: ClassicType) => (type === "char" ? 1 : Number(type.replace(/\D+/, "")) / 8);

/** A file with every type as a fixed, a record and a scalar variable. */
function everything(version: 1 | 2 | 5): ClassicFile {
  const types = version === 5 ? [...classicTypes, ...newTypes] : classicTypes;
  return {
    version,
    dimensions: [
      ["time", 0],
      ["y", 3],
      ["x", 5],
    ],
    records: 4,
    attributes: [
      ["title", "char", "Grüße"],
      ["empty", "char", ""],
      ["latin", "char", "\udce9t\udce9"],
      ["numbers", "int16", bytesOf(Int16Array.of(1, -2, 3))],
      ["__proto__", "float64", bytesOf(Float64Array.of(0.1))],
    ],
    variables: types.flatMap((type, i) => [
      {
        name: `fixed_${type}`,
        type,
        dimensions: [1, 2],
        data: noise(15 * bytesPer(type), i + 1),
        attributes: [["units", "char", "m s-1"] as [string, ClassicType, string]],
      },
      {
        name: `record_${type}`,
        type,
        dimensions: [0, 2],
        data: noise(20 * bytesPer(type), i + 100),
      },
      { name: `scalar_${type}`, type, dimensions: [], data: noise(bytesPer(type), i + 200) },
    ]),
  };
}

test.each([1, 2, 5] as const)(
  "CDF-%i: every type, bit for bit, whole and in boxes",
  async (version) => {
    const file = everything(version);
    await withFile(classicFile(file), async (source) => {
      expect(source.dimensions).toEqual([
        { name: "time", size: 4, unlimited: true },
        { name: "y", size: 3 },
        { name: "x", size: 5 },
      ]);
      expect(source.format).toBe("netcdf");
      for (const { name, type, data } of file.variables) {
        const variable = find(source, name);
        expect(variable.dataType).toBe(type);
        const whole = (await variable.readBox(wholeBox(variable.shape))) as NumericArray;
        expect(Buffer.from(bytesOf(whole)).equals(data), name).toBe(true);
        if (variable.shape.length === 0) continue;
        for (let i0 = 0; i0 < variable.shape[0]; i0++) {
          for (const [start, length] of [
            [0, 5],
            [1, 3],
            [4, 1],
            [2, 0],
          ]) {
            const box = { start: [i0, start], shape: [variable.shape[0] - i0, length] };
            const expected = extractBox(type, whole, variable.shape, box) as NumericArray;
            const found = (await variable.readBox(box)) as NumericArray;
            expect(Buffer.from(bytesOf(found)).equals(bytesOf(expected))).toBe(true);
          }
        }
      }
    });
  },
);

test("attributes keep their type, their text and their order", async () => {
  await withFile(classicFile(everything(1)), async (source) => {
    const { attributes } = source.groups[0];
    expect(Object.keys(attributes)).toEqual(["title", "empty", "latin", "numbers", "__proto__"]);
    expect(attributes.title).toEqual({ type: "char", values: ["Grüße"], scalar: true });
    expect(attributes.empty).toEqual({ type: "char", values: [""], scalar: true });
    expect(attributes.latin).toEqual({ type: "char", values: ["\udce9t\udce9"], scalar: true });
    expect(attributes.numbers).toEqual({ type: "int16", values: [1, -2, 3] });
    expect(find(source, "fixed_int8").attributes.units.values).toEqual(["m s-1"]);
  });
});

test.each(["int8", "int16", "float64"] as const)(
  "a single record variable of %s is not padded, and streamed files count their records",
  async (type) => {
    const data = noise(7 * 3 * bytesPer(type));
    for (const streaming of [false, true]) {
      const bytes = classicFile({
        version: 2,
        dimensions: [
          ["t", 0],
          ["x", 3],
        ],
        records: 7,
        streaming,
        variables: [{ name: "v", type, dimensions: [0, 1], data }],
      });
      await withFile(bytes, async (source) => {
        expect(source.variables[0].shape).toEqual([7, 3]);
        const whole = (await source.variables[0].readBox(wholeBox([7, 3]))) as NumericArray;
        expect(Buffer.from(bytesOf(whole)).equals(data)).toBe(true);
      });
    }
  },
);

test("boxes whose rows lie far apart are read as those that lie close", async () => {
  const shape = [3, 50, 40_000];
  const data = noise(countOf(shape) * 2);
  const bytes = classicFile({
    version: 5,
    dimensions: [
      ["a", shape[0]],
      ["b", shape[1]],
      ["c", shape[2]],
    ],
    variables: [{ name: "v", type: "int16", dimensions: [0, 1, 2], data }],
  });
  await withFile(bytes, async (source) => {
    const all = new Int16Array(data.buffer as ArrayBuffer);
    for (const box of [
      { start: [1, 3, 39_990], shape: [2, 44, 10] },
      { start: [0, 0, 7], shape: [3, 50, 1] },
      { start: [2, 10, 0], shape: [1, 40, 40_000] },
      { start: [0, 0, 1], shape: [3, 50, 39_999] },
    ]) {
      const found = (await source.variables[0].readBox(box)) as NumericArray;
      const expected = extractBox("int16", all, shape, box) as NumericArray;
      expect(Buffer.from(bytesOf(found)).equals(bytesOf(expected))).toBe(true);
    }
  });
});

test("a header longer than one piece is read on", async () => {
  const file = everything(1);
  file.attributes?.push(["long", "char", "x".repeat(300_000)]);
  await withFile(classicFile(file), async (source) => {
    expect(source.groups[0].attributes.long.values[0]).toHaveLength(300_000);
    expect(source.variables).toHaveLength(file.variables.length);
  });
});

/** Opens and reads everything; only typed errors may come out, and nothing may take long. */
async function readOrRefuse(bytes: Uint8Array): Promise<string> {
  try {
    return await withFile(bytes, async (source) => {
      for (const variable of source.variables) {
        const box = { start: variable.shape.map(() => 0), shape: [...variable.shape] };
        // A flipped record count is legal and may ask for more than the file holds.
        await variable.readBox(box);
      }
      return "read";
    });
  } catch (error) {
    if (!isFieldzipError(error)) throw error;
    expect(error.message).toMatch(/: .+/);
    return error.tag;
  }
}

test("a file cut off anywhere is refused", async () => {
  const bytes = classicFile({ ...everything(2), variables: everything(2).variables.slice(0, 4) });
  for (let length = 0; length < bytes.length; length++) {
    expect(await readOrRefuse(bytes.subarray(0, length)), `${length} bytes`).toBe("truncated");
  }
  expect(await readOrRefuse(bytes)).toBe("read");
});

test("flipped bits give a typed error or a valid result", async () => {
  const whole = everything(5);
  const bytes = classicFile({ ...whole, variables: whole.variables.slice(0, 5) });
  const outcomes = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(Math.min(bytes.length, 700) - 1), fc.nat(7)), {
        minLength: 1,
        maxLength: 3,
      }),
      async (flips) => {
        const damaged = bytes.slice();
        for (const [at, bit] of flips) damaged[at] ^= 1 << bit;
        outcomes.add(await readOrRefuse(damaged));
      },
    ),
    { numRuns: 500, seed: 5 },
  );
  expect(outcomes.has("format") && outcomes.has("truncated")).toBe(true);
});

test.each<[string, Partial<ClassicFile>, RegExp]>([
  [
    "two record dimensions",
    {
      dimensions: [
        ["a", 0],
        ["b", 0],
      ],
    },
    /one record dimension/,
  ],
  [
    "a record dimension inside",
    {
      dimensions: [
        ["a", 2],
        ["b", 0],
      ],
    },
    /first axis only/,
  ],
  ["two variables of one name", {}, /distinct names/],
  ["a dimension that is not there", {}, /a number below 2/],
  [
    "a name with a slash",
    {
      dimensions: [
        ["a/b", 2],
        ["b", 2],
      ],
    },
    /without \//,
  ],
])("%s is refused", async (what, change, message) => {
  const variable = {
    name: "v",
    type: "int8" as const,
    dimensions: [0, 1],
    data: new Uint8Array(4),
  };
  const variables = what.startsWith("two variables") ? [variable, variable] : [variable];
  const file: ClassicFile = {
    version: 1,
    dimensions: [
      ["a", 2],
      ["b", 2],
    ],
    variables,
    ...change,
  };
  let bytes = classicFile(file);
  if (what.includes("not there")) {
    const at = Buffer.from(bytes).indexOf(Buffer.from([0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1]));
    bytes = bytes.slice();
    bytes[at + 11] = 9;
  }
  await expect(openNetcdfClassic(await written(bytes))).rejects.toThrow(message);
});

test("an unknown version is refused by number", async () => {
  const bytes = classicFile(everything(1));
  bytes[3] = 3;
  await expect(openNetcdfClassic(await written(bytes))).rejects.toMatchObject({
    tag: "unsupported",
  });
});

test("a fired signal stops a read", async () => {
  await withFile(classicFile(everything(1)), async (source) => {
    const read = source.variables[0].readBox(wholeBox([3, 5]), AbortSignal.abort());
    await expect(read).rejects.toMatchObject({ tag: "aborted" });
  });
});

test("the same box of a model's field as CDF-1, CDF-2 and CDF-5", async () => {
  const fixtures = join(import.meta.dirname, "../../../fixtures/netcdf");
  const sources = await Promise.all(
    ["navy_winds_small_64bit_offset.nc", "navy_winds_small_cdf5.nc", "navy_winds_6months.cdf"].map(
      (name) => openNetcdfClassic(join(fixtures, name)),
    ),
  );
  const [offset, wide, original] = sources;
  for (const source of sources) expect(source.dimensions.some((d) => d.unlimited)).toBe(true);
  const winds = (source: DatasetSource) => find(source, "UWND");
  const bytesIn = async (source: DatasetSource) =>
    Buffer.from(
      bytesOf((await winds(source).readBox(wholeBox(winds(source).shape))) as NumericArray),
    );
  expect(winds(offset).shape).toEqual([3, 30, 41]);
  expect((await bytesIn(offset)).equals(await bytesIn(wide))).toBe(true);
  expect(winds(original).shape).toEqual([6, 73, 144]);
  const box = { start: [2, 40, 7], shape: [1, 1, 1] };
  expect(await winds(original).readBox(box)).toEqual(Float32Array.of(-0.7979918));
  await Promise.all(sources.map((source) => source.close()));
});
