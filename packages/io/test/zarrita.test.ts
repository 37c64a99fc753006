import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ArchiveHeader, DataArray } from "@fieldzip/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as zarrita from "zarrita";
import { openStore } from "../src/store/open.js";
import type { ReadableStore } from "../src/store/store.js";
import { createArchive } from "../src/zarr/create-archive.js";
import { fieldzipCodec } from "../src/zarr/zarrita-codec.js";
import { bitsOf, type TestArray, valuesOf, writeAll } from "./support/small-archive.js";

const arrays: TestArray[] = [
  {
    path: "rho",
    dataType: "float32",
    shape: [5, 7],
    chunk: [2, 3],
    shard: [4, 6],
    dimensions: ["time", "x"],
    data: valuesOf("float32", [5, 7]),
    codec: "fieldzip",
    attributes: {
      units: { type: "char", values: ["kg m-3"] },
      _FillValue: { type: "float32", values: [-1] },
    },
  },
  {
    path: "grp/single",
    dataType: "float64",
    shape: [5, 7],
    chunk: [5, 7],
    dimensions: ["time", "x"],
    data: valuesOf("float64", [5, 7]),
    codec: "fieldzip",
  },
  {
    path: "time",
    dataType: "float64",
    shape: [5],
    chunk: [2],
    shard: [4],
    dimensions: ["time"],
    data: Float64Array.of(0, 0.5, 1, 1.5, 2),
    attributes: {
      units: { type: "char", values: ["s"] },
      missing_value: { type: "float64", values: [Number.NaN] },
      valid: { type: "int64", values: [-(2n ** 63n)] },
    },
  },
  {
    path: "count",
    dataType: "int16",
    shape: [5, 7],
    chunk: [2, 3],
    shard: [4, 6],
    dimensions: ["time", "x"],
    data: valuesOf("int16", [5, 7]),
    attributes: { _FillValue: { type: "int16", values: [-32767] } },
  },
  {
    path: "name",
    dataType: "string",
    shape: [7],
    chunk: [7],
    dimensions: ["x"],
    data: valuesOf("string", [7]),
  },
  {
    path: "letters",
    dataType: "char",
    shape: [7],
    chunk: [7],
    dimensions: ["x"],
    data: Uint8Array.from([102, 105, 101, 108, 100, 122, 0]),
    attributes: { _FillValue: { type: "char", values: ["\0"] } },
  },
  {
    path: "scalar",
    dataType: "float64",
    shape: [],
    chunk: [],
    dimensions: [],
    data: Float64Array.of(42),
  },
  {
    path: "joint_0",
    dataType: "float32",
    shape: [5, 2, 7],
    chunk: [2, 2, 7],
    shard: [4, 2, 7],
    dimensions: ["time", "joint_0_variable", "x"],
    data: valuesOf("float32", [5, 2, 7]),
    codec: "fieldzip",
    joint: {
      axis: 1,
      members: [
        { name: "vx1", attributes: {} },
        { name: "vx2", attributes: {} },
      ],
    },
  },
];
const header: ArchiveHeader = {
  format: "netcdf",
  dimensions: [
    { name: "time", size: 5, unlimited: true },
    { name: "x", size: 7 },
  ],
  groups: [
    { path: "", attributes: { title: { type: "char", values: ["a run"] } } },
    { path: "grp", attributes: {} },
  ],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fieldzip-zarrita-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function writeArchive(name: string): Promise<string> {
  const target = join(folder, name);
  const sink = await createArchive(target);
  for (const array of arrays) await writeAll(sink, array);
  await sink.publish(header);
  return target;
}

/** Our stores have the shape of zarrita's, but for the leading slash of its keys. */
function forZarrita(store: ReadableStore): zarrita.AsyncReadable {
  return {
    get: (key) => store.get(key.slice(1)),
    getRange: (key, range) => store.getRange(key.slice(1), range),
  };
}

describe.each(["run.zarr", "run.zip"])("zarrita on %s", (name) => {
  it("reads the same bits, coded or standard", async () => {
    zarrita.registry.set("fieldzip", async () => fieldzipCodec);
    const store = await openStore(await writeArchive(name));
    const root = zarrita.root(forZarrita(store));
    for (const array of arrays) {
      const opened = await zarrita.open.v3(root.resolve(array.path), { kind: "array" });
      expect(opened.shape).toEqual(array.shape);
      const found = await zarrita.get(opened);
      const data = array.shape.length === 0 ? Float64Array.of(found as never) : found.data;
      expect(bitsOf(data as DataArray)).toEqual(bitsOf(array.data));
      if (array.shape.length > 0) expect(found.shape).toEqual(array.shape);
    }
    const names = await zarrita.open.v3(root.resolve("joint_0_variable"), { kind: "array" });
    expect((await zarrita.get(names)).data).toEqual(["vx1", "vx2"]);
    await store.close();
  });
});

describe("zarrita codec", () => {
  it("tells apart what it cannot decode", async () => {
    const codec = fieldzipCodec.fromConfig({}, { dataType: "int32", shape: [2] });
    await expect(codec.decode(new Uint8Array(4))).rejects.toThrow(/float32 or float64/);
    const floats = fieldzipCodec.fromConfig({}, { dataType: "float32", shape: [2] });
    await expect(floats.decode(new Uint8Array(4))).rejects.toThrow(/chunk of shape \[2\]/);
    expect(() => floats.encode()).toThrow(/fieldzip compress/);
  });
});

describe("zarr-python", () => {
  const python = process.env.FIELDZIP_PYTHON;

  it("opens the metadata and reads the standard arrays", async (context) => {
    if (!python) {
      console.warn("skipped: set FIELDZIP_PYTHON to a Python that has zarr and xarray");
      context.skip("FIELDZIP_PYTHON is not set");
      return;
    }
    const target = await writeArchive("run.zarr");
    const script = `
import json, sys, warnings
warnings.simplefilter("ignore")
import numpy, zarr, zarr.registry
from zarr.abc.codec import ArrayBytesCodec

class Dummy(ArrayBytesCodec):
    is_fixed_size = False
    @classmethod
    def from_dict(cls, data): return cls()
    def to_dict(self): return {"name": "fieldzip", "configuration": {}}
    def compute_encoded_size(self, size, spec): raise NotImplementedError

zarr.registry.register_codec("fieldzip", Dummy)
group = zarr.open_group(sys.argv[1], mode="r", use_consolidated=True)
out = {
    "members": sorted(path for path, _ in group.members(max_depth=None)),
    "title": group.attrs["title"],
    "time": group["time"][:].tolist(),
    "count": group["count"][:].tolist(),
    "name": [str(one) for one in group["name"][:]],
    "letters": group["letters"][:].tobytes().decode(),
    "scalar": float(group["scalar"][()]),
    "joint": [str(one) for one in group["joint_0_variable"][:]],
    "valid": str(group["time"].attrs["valid"]),
}
try:
    import xarray
    data = xarray.open_zarr(sys.argv[1], consolidated=True)
    out["xarray"] = {
        "variables": sorted(str(name) for name in data.variables),
        "dims": dict(data.sizes),
        "coords": sorted(str(name) for name in data.coords),
        "fill": float(data["rho"].encoding["_FillValue"]),
        "count_fill": int(data["count"].encoding["_FillValue"]),
        "units": data["rho"].attrs["units"],
        "time": data["time"].values.tolist(),
        "count": numpy.nan_to_num(data["count"].values).tolist(),
    }
except ImportError:
    pass
print(json.dumps(out))
`;
    const out = JSON.parse(execFileSync(python, ["-c", script, target], { encoding: "utf8" }));
    const counts = Array.from({ length: 5 }, (_, i) => [
      ...(arrays[3].data as Int16Array).subarray(7 * i, 7 * i + 7),
    ]);
    expect(out.members).toEqual([
      ...["count", "grp", "grp/single", "joint_0", "joint_0_variable"],
      ...["letters", "name", "rho", "scalar", "time"],
    ]);
    expect(out.title).toBe("a run");
    expect(out.time).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(out.count).toEqual(counts);
    expect(out.name).toEqual(arrays[4].data);
    expect(out.letters).toBe("fieldz\0");
    expect(out.scalar).toBe(42);
    expect(out.joint).toEqual(["vx1", "vx2"]);
    expect(out.valid).toBe("-9223372036854775808");
    if (!out.xarray) return;
    expect(out.xarray.variables).toEqual([
      ...["count", "joint_0", "joint_0_variable", "letters", "name", "rho", "scalar", "time"],
    ]);
    expect(out.xarray.dims).toEqual({ time: 5, x: 7, joint_0_variable: 2 });
    expect(out.xarray.coords).toEqual(["joint_0_variable", "time"]);
    expect(out.xarray.fill).toBe(-1);
    expect(out.xarray.count_fill).toBe(-32767);
    expect(out.xarray.units).toBe("kg m-3");
    expect(out.xarray.time).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(out.xarray.count).toEqual(counts);
  });
});
