import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  bytesOf,
  Dataset,
  type DatasetSource,
  extractBox,
  isFieldzipError,
  type Json,
  type NumericArray,
  type VariableSource,
  wholeBox,
} from "@fieldzip/core";
import { expect, test } from "vitest";
import { openHdf5, writeNetcdf4 } from "../src/hdf5/index.js";
import { openNetcdfClassic } from "../src/netcdf/index.js";
import { noise, temporaryFolder } from "./flat-support.js";
import { memoryVariable, richDataset, valuesOf } from "./support/hdf5-dataset.js";

const folder = await temporaryFolder();
const fixtures = join(import.meta.dirname, "../../../fixtures");
let files = 0;
const newPath = (extension = "nc") => join(folder, `${files++}.${extension}`);

async function opened<T>(path: string, use: (source: DatasetSource) => Promise<T>): Promise<T> {
  const source = await openHdf5(path);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

/** All that a reader says about a variable, without how the file stores it. */
function described({ name, dataType, shape, dimensions, attributes }: VariableSource) {
  return { name, dataType, shape, dimensions, attributes };
}

async function expectSame(found: DatasetSource, expected: DatasetSource): Promise<void> {
  expect(found.dimensions).toEqual(expected.dimensions);
  expect(found.groups).toEqual(expected.groups);
  expect(found.variables.map(described)).toEqual(expected.variables.map(described));
  for (const [i, variable] of expected.variables.entries()) {
    expect(await valuesOf(found.variables[i]), variable.name).toBe(await valuesOf(variable));
  }
}

/** Attributes as a NetCDF-4 file gives them back: text always says whether it is a scalar. */
function asStored(dataset: Dataset): DatasetSource {
  const attributes = (all: Dataset["attributes"]): Dataset["attributes"] =>
    Object.fromEntries(
      Object.entries(all).map(([name, attribute]) => [
        name,
        attribute.type === "char" ? { ...attribute, scalar: true } : attribute,
      ]),
    );
  return {
    ...dataset.source,
    groups: dataset.source.groups.map((g) => ({ ...g, attributes: attributes(g.attributes) })),
    variables: dataset.source.variables.map((v) => ({
      ...v,
      attributes: attributes(v.attributes),
    })),
  };
}

test("NetCDF-4 keeps dimensions, groups, attributes, their types and every bit", async () => {
  const path = newPath();
  const seen: number[] = [];
  await writeNetcdf4(richDataset(), path, {
    onProgress: ({ done, total, stage }) => {
      expect(stage).toBe("decompress");
      expect(done).toBeLessThanOrEqual(total);
      seen.push(done / total);
    },
  });
  expect(seen.at(-1)).toBe(1);
  await opened(path, async (source) => {
    expect(source.original).toMatchObject({ kind: "netcdf4" });
    await expectSame(source, asStored(richDataset()));
  });
});

test("what was read and written again is the same once more", async () => {
  const [first, second] = [newPath(), newPath()];
  await writeNetcdf4(richDataset(), first);
  await opened(first, async (source) => {
    await writeNetcdf4(new Dataset(source), second);
    await opened(second, (again) => expectSame(again, source));
  });
});

test.each([
  "o3_AERmon_MPI-ESM1-2-LR_historical_r1i1p1f1_gn_185001.nc",
  "tos_cesm2fv2_192x200.nc",
  "wrf_tip_d2.nc",
  "oisst_packed_180x300.nc",
])("%s comes back whole, with its chunks", async (name) => {
  const path = newPath();
  await opened(join(fixtures, "netcdf", name), async (source) => {
    expect(source.original).toMatchObject({ kind: "netcdf4" });
    await writeNetcdf4(new Dataset(source), path);
    await opened(path, async (again) => {
      await expectSame(again, source);
      for (const [i, { storedChunk }] of source.variables.entries()) {
        expect(again.variables[i].storedChunk).toEqual(storedChunk);
      }
    });
  });
});

test("a classic file becomes NetCDF-4 with the same values", async () => {
  const path = newPath();
  const classic = await openNetcdfClassic(join(fixtures, "netcdf/navy_winds_small_cdf5.nc"));
  await writeNetcdf4(new Dataset(classic), path);
  await opened(path, (source) => expectSame(source, asStored(new Dataset(classic))));
  await classic.close();
});

test("plain HDF5 shares made-up dimensions and is written without them", async () => {
  const path = newPath("h5");
  await opened(join(fixtures, "hdf5/rrmhd_turb_40x40x40.h5"), async (source) => {
    expect(source.original).toMatchObject({ kind: "hdf5" });
    const rho = source.variables.find((variable) => variable.name === "fields/rho");
    expect(rho?.dimensions).toEqual(["fields/dim_40_0", "fields/dim_40_1", "fields/dim_40_2"]);
    expect(rho?.storedChunk).toEqual([20, 40, 40]);
    expect(source.dimensions.map(({ name }) => name)).toContain("dim_41_0");
    await writeNetcdf4(new Dataset(source), path);
    await opened(path, async (again) => {
      expect(again.original).toMatchObject({ kind: "hdf5" });
      await expectSame(again, source);
    });
    expect((await readFile(path)).includes("DIMENSION_SCALE")).toBe(false);
    // Asked for NetCDF, the dimensions become real ones.
    const netcdf = newPath();
    await writeNetcdf4(new Dataset(source), netcdf, { netcdf: true });
    await opened(netcdf, async (again) => {
      expect(again.original).toEqual({ kind: "netcdf4" });
      expect(again.variables.map(described)).toEqual(source.variables.map(described));
    });
  });
});

test("links that are not followed are written again, and lead nowhere", async () => {
  const [secret, path] = [newPath("h5"), newPath("h5")];
  const base = richDataset();
  await writeNetcdf4(base, secret);
  const original: Json = {
    kind: "hdf5",
    softLinks: { alias: "/y", broken: "/nowhere" },
    externalLinks: { other: { file: secret, path: "/y" } },
  };
  await writeNetcdf4(new Dataset({ ...base.source, original }), path);
  await opened(path, async (source) => {
    expect(source.original).toMatchObject(original as object);
    expect(source.variables.some(({ name }) => name === "other" || name === "alias")).toBe(false);
  });
});

test("boxes of large, chunked and compressed variables hold what was written", async () => {
  const shape = [30, 200, 300];
  const data = new Float64Array(noise(30 * 200 * 300 * 8).buffer as ArrayBuffer);
  const variable = {
    ...memoryVariable("v", "float64", { z: 30, y: 200, x: 300 }, data),
    storedChunk: [7, 33, 300],
    original: { chunk: [4, 50, 100], deflate: 1 },
  };
  const source: DatasetSource = {
    format: "raw",
    location: "memory",
    dimensions: ["z", "y", "x"].map((name, axis) => ({ name, size: shape[axis] })),
    groups: [],
    variables: [variable],
    close: async () => {},
  };
  const path = newPath();
  await writeNetcdf4(new Dataset(source), path);
  await opened(path, async ({ variables: [found] }) => {
    expect(found.storedChunk).toEqual([4, 50, 100]);
    expect(found.original).toMatchObject({ deflate: 1 });
    for (const box of [
      wholeBox(shape),
      { start: [29, 199, 299], shape: [1, 1, 1] },
      { start: [3, 49, 99], shape: [5, 3, 150] },
      { start: [3, 49, 99], shape: [5, 0, 150] },
    ]) {
      const expected = extractBox("float64", data, shape, box) as NumericArray;
      const values = (await found.readBox(box)) as NumericArray;
      expect(Buffer.from(bytesOf(values)).equals(bytesOf(expected))).toBe(true);
    }
    await expect(found.readBox(wholeBox(shape), AbortSignal.abort())).rejects.toMatchObject({
      tag: "aborted",
    });
  });
});

test("nothing is left behind where writing fails, is stopped, or is refused", async () => {
  const path = newPath();
  await writeNetcdf4(richDataset(), path);
  const before = await readFile(path);
  await expect(writeNetcdf4(richDataset(), path)).rejects.toMatchObject({ tag: "exists" });
  const stop = new AbortController();
  const stopped = writeNetcdf4(richDataset(), path, {
    force: true,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await expect(stopped).rejects.toMatchObject({ tag: "aborted" });
  const failing: VariableSource = {
    ...memoryVariable("bad", "float32", { x: 5 }, new Float32Array(5)),
    readBox: () => Promise.reject(new Error("broken source")),
  };
  const source = { ...richDataset().source, variables: [failing] };
  await expect(writeNetcdf4(new Dataset(source), path, { force: true })).rejects.toThrow("broken");
  expect((await readFile(path)).equals(before)).toBe(true);
  expect((await readdir(folder)).filter((name) => name.includes("partial"))).toEqual([]);
});

test("an attribute name that HDF5 needs on a coordinate variable is refused by name", async () => {
  const coordinate = memoryVariable("x", "float32", { x: 5 }, new Float32Array(5), {
    CLASS: { type: "char", values: ["mine"] },
  });
  const source = { ...richDataset().source, variables: [coordinate] };
  await expect(writeNetcdf4(new Dataset(source), newPath())).rejects.toMatchObject({
    tag: "unsupported",
    message: expect.stringContaining("CLASS"),
  });
});

/** Opens and reads all that is not huge; what it throws must be typed. */
async function readOrRefuse(path: string): Promise<string> {
  try {
    return await opened(path, async (source) => {
      for (const variable of source.variables) {
        const count = variable.shape.reduce((all, size) => all * size, 1);
        if (count < 1e6) await variable.readBox(wholeBox(variable.shape));
      }
      return "read";
    });
  } catch (error) {
    if (!isFieldzipError(error)) throw error;
    return error.tag;
  }
}

test("garbage, other files and files cut off are refused without a word on stderr", async () => {
  const written: unknown[] = [];
  const { write } = process.stderr;
  const { error } = console;
  process.stderr.write = ((...items: unknown[]) => written.push(items)) as typeof write;
  console.error = (...items) => written.push(items);
  try {
    const path = newPath();
    const whole = await readFile(join(fixtures, "netcdf/wrf_tip_d2.nc"));
    for (let length = 0; length < whole.length; length += 9973) {
      await writeFile(path, whole.subarray(0, length));
      expect(["truncated", "format"]).toContain(await readOrRefuse(path));
    }
    const signature = whole.subarray(0, 8);
    for (const rest of [new Uint8Array(5000), noise(5000), whole.subarray(9)]) {
      await writeFile(path, Buffer.concat([signature, rest]));
      expect(["format", "truncated", "checksum"]).toContain(await readOrRefuse(path));
    }
    await writeFile(path, "this is a text");
    await expect(openHdf5(path)).rejects.toThrow("not an HDF5");
    await expect(openHdf5(folder)).rejects.toMatchObject({ tag: "io" });
    await expect(openHdf5(join(folder, "none"))).rejects.toMatchObject({ tag: "missing" });
  } finally {
    process.stderr.write = write;
    console.error = error;
  }
  expect(written).toEqual([]);
});

test("damaged bytes give a typed error or values, and the next file is read as ever", async () => {
  const [good, path] = [newPath(), newPath()];
  await writeNetcdf4(richDataset(), good);
  const whole = await readFile(good);
  const positions = noise(4 * 150, 3);
  const outcomes = new Set<string>();
  for (let i = 0; i < 150; i++) {
    const damaged = Buffer.from(whole);
    const at = new DataView(positions.buffer).getUint32(4 * i) % damaged.length;
    damaged[at] = i % 2 === 0 ? 0xff : damaged[at] ^ (1 << (i % 8));
    await writeFile(path, damaged);
    outcomes.add(await readOrRefuse(path));
  }
  expect(outcomes.size).toBeGreaterThan(1);
  await opened(good, (source) => expectSame(source, asStored(richDataset())));
});

test("a filter that is not built in is refused by number and name", async () => {
  const bytes = await readFile(join(fixtures, "hdf5/rrmhd_turb_40x40x40.h5"));
  // A filter's entry: number, length of the name, flags, count of parameters, name.
  for (let at = bytes.indexOf("deflate\0"); at > 0; at = bytes.indexOf("deflate\0", at + 1)) {
    bytes.writeUInt16LE(32015, at - 8);
  }
  const path = newPath("h5");
  await writeFile(path, bytes);
  await opened(path, async (source) => {
    const rho = source.variables.find((variable) => variable.name === "fields/rho");
    await expect(rho?.readBox(wholeBox([40, 40, 40]))).rejects.toMatchObject({
      tag: "unsupported",
      message: expect.stringMatching(/fields\/rho.*32015 \(zstd\)/),
    });
  });
});

const python = process.env.FIELDZIP_PYTHON;
const reader = `
import json, sys, netCDF4, numpy
data = netCDF4.Dataset(sys.argv[1])
out = {"dims": {}, "vars": {}, "attrs": {}}
def text(x):
    return x if isinstance(x, (str, list)) else [x.dtype.name, numpy.atleast_1d(x).tolist()]
def walk(group, prefix):
    for name in group.ncattrs(): out["attrs"][prefix + name] = text(group.getncattr(name))
    for name, d in group.dimensions.items(): out["dims"][prefix + name] = [len(d), d.isunlimited()]
    for name, v in group.variables.items():
        v.set_auto_maskandscale(False); v.set_auto_chartostring(False)
        values = numpy.asarray(v[...])
        plain = values.dtype.kind in "OUT"
        out["vars"][prefix + name] = [list(v.dimensions), values.dtype.name if not plain else "str",
            values.ravel().tolist() if plain else values.tobytes().hex()]
        for a in v.ncattrs(): out["attrs"][prefix + name + "@" + a] = text(v.getncattr(a))
    for name, g in group.groups.items(): walk(g, prefix + name + "/")
walk(data, "")
json.dump(out, sys.stdout, default=str)
`;

test.skipIf(!python)(
  "netCDF4-python reads what is written (set FIELDZIP_PYTHON to a Python with netCDF4)",
  async () => {
    const path = newPath();
    const dataset = richDataset();
    await writeNetcdf4(dataset, path);
    const { stdout } = await promisify(execFile)(python ?? "", ["-c", reader, path], {
      maxBuffer: 2 ** 26,
    });
    const seen = JSON.parse(stdout);
    const dims = dataset.dimensions.map((d) => [d.name, [d.size, d.unlimited ?? false]]);
    expect(Object.entries(seen.dims).sort()).toEqual([...dims].sort());
    expect(Object.keys(seen.vars)).toEqual(
      dataset.variables.map(({ name }) => name).filter((name) => name in seen.vars),
    );
    for (const { source } of dataset.variables) {
      const [dimensions, dtype, values] = seen.vars[source.name];
      const bases = source.dimensions.map((path) => path.slice(path.lastIndexOf("/") + 1));
      expect(dimensions, source.name).toEqual(bases);
      const expected = await valuesOf(source);
      if (source.dataType === "string") expect(JSON.stringify(values)).toBe(expected);
      else expect(values, source.name).toBe(expected);
      if (source.dataType === "char") expect(dtype).toBe("bytes8");
      else if (source.dataType !== "string") expect(dtype).toBe(source.dataType);
    }
    expect(seen.attrs).toMatchObject({
      title: "Grüße\nzwei Zeilen",
      empty: "",
      one: "ein Text",
      many: ["a", "", "dré"],
      none: ["float32", []],
      scalar: ["float32", [1.5]],
      "y@units": "m",
      "v_int16@_FillValue": ["int16", [7]],
    });
    expect(seen.attrs.long).toHaveLength(100_000);
    expect(seen.attrs.table[1]).toHaveLength(10_000);
  },
);
