import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { DataArray } from "@fieldzip/core";
import { openArchive, openDataset } from "@fieldzip/io";
import { beforeAll, describe, expect, it } from "vitest";
import * as zarrita from "zarrita";
import { bitsOf } from "../../io/test/support/small-archive.js";
import type { RunningServer } from "../src/index.js";
import { ask, root, serve, temporaryFolder, writeArchive } from "./support.js";

// What others read from the server: zarrita, zarr-python and xarray, with no plugin, and our own reader of the stored bytes.

const folder = temporaryFolder();
const winds = join(root, "fixtures/netcdf/navy_winds_6months.cdf");
let server: RunningServer;
/** Values by the names that are presented: joint members by themselves. */
const expected = new Map<string, { data: DataArray; shape: readonly number[] }>();

beforeAll(async () => {
  const archive = await writeArchive(join(folder, "run.zarr"));
  const zip = await writeArchive(join(folder, "one.zarr.zip"));
  server = await serve({ locations: [archive, zip, winds] });
  const dataset = await openArchive(archive);
  for (const { name, shape, readBox } of dataset.variables.map(({ source }) => source)) {
    const data = await readBox({ start: shape.map(() => 0), shape });
    expected.set(name, { data, shape });
  }
  await dataset.close();
});

describe.each(["run.zarr", "one.zarr"])("%s", (name) => {
  it("is plain Zarr to zarrita", async () => {
    const store = new zarrita.FetchStore(`${server.url}/zarr/${name}`);
    const top = zarrita.root(store);
    expect((await zarrita.open.v3(top, { kind: "group" })).attrs).toEqual({ title: "a run" });
    expect([...expected.keys()]).toEqual(
      expect.arrayContaining(["rho", "grp/single", "vx1", "vx2", "name", "scalar"]),
    );
    expect(expected.has("joint_0")).toBe(false);
    for (const [path, { data, shape }] of expected) {
      const array = await zarrita.open.v3(top.resolve(path), { kind: "array" });
      expect(array.shape).toEqual(shape);
      const found = await zarrita.get(array);
      const values = shape.length === 0 ? Float64Array.of(found as never) : found.data;
      expect([path, bitsOf(values as DataArray)]).toEqual([path, bitsOf(data)]);
    }
    const rho = await zarrita.open.v3(top.resolve("rho"), { kind: "array" });
    const slab = await zarrita.get(rho, [2, zarrita.slice(5, 7), zarrita.slice(9, 11)]);
    expect(slab.shape).toEqual([2, 2]);
    expect(rho.attrs).toMatchObject({ units: "kg m-3", missing_value: 1e20 });
    await expect(zarrita.open.v3(top.resolve("joint_0"), { kind: "array" })).rejects.toThrow();
  });

  it("names standard codecs alone, and consolidates what stands in each node", async () => {
    const document = async (key: string) =>
      JSON.parse((await ask(server.url, `/zarr/${name}/${key}`)).body.toString());
    const top = await document("zarr.json");
    const nodes = top.consolidated_metadata.metadata;
    expect(Object.keys(nodes).sort()).toEqual([...expected.keys(), "grp"].sort());
    for (const [path, node] of Object.entries(nodes)) {
      expect(await document(`${path}/zarr.json`)).toEqual(node);
      const { codecs = [] } = node as { codecs?: { name: string }[] };
      for (const codec of codecs) {
        expect(["bytes", "vlen-utf8", "gzip", "crc32c"]).toContain(codec.name);
      }
    }
    expect(JSON.stringify(top)).not.toContain("fieldzip");
  });
});

it("offers what it serves at /", async () => {
  const { body, headers } = await ask(server.url, "/");
  expect(headers["content-type"]).toBe("application/json");
  const { archives } = JSON.parse(body.toString());
  expect(archives).toMatchObject([
    { name: "run.zarr", zarr: "/zarr/run.zarr", raw: "/raw/run.zarr" },
    { name: "one.zarr", zarr: "/zarr/one.zarr", raw: "/raw/one.zarr.zip" },
    { name: "navy_winds_6months.cdf", raw: "/raw/navy_winds_6months.cdf" },
  ]);
});

it("offers the stored bytes, from which our own reader reads the same", async () => {
  for (const path of ["/raw/run.zarr", "/raw/one.zarr.zip"]) {
    const archive = await openArchive(server.url + path);
    for (const [name, { data }] of expected) {
      expect(bitsOf(await archive.variable(name).readBox())).toEqual(bitsOf(data));
    }
    await archive.close();
  }
  const { body } = await ask(server.url, "/raw/one.zarr.zip");
  expect(body.equals(readFileSync(join(folder, "one.zarr.zip")))).toBe(true);
});

it("serves files that are no archives, cut into chunks", async () => {
  const dataset = await openDataset(winds);
  const served = await openDataset(`${server.url}/zarr/navy_winds_6months.cdf`);
  expect(served.format).toBe("zarr");
  for (const { name } of dataset.variables) {
    const found = await served.variable(name).readBox();
    expect(bitsOf(found)).toEqual(bitsOf(await dataset.variable(name).readBox()));
  }
  await served.close();
  await dataset.close();
});

it("serves networks as the values they decode to", async () => {
  const path = join(root, "fixtures/frozen/v1/kelvin-helmholtz-neural.zarr.zip");
  const own = await openArchive(path);
  const { url } = await serve({ locations: [path] });
  const top = zarrita.root(new zarrita.FetchStore(`${url}/zarr/kelvin-helmholtz-neural.zarr`));
  const fields = own.variables.filter(({ shape }) => shape.length === 4);
  expect(fields.length).toBeGreaterThan(1);
  for (const { name, source } of fields) {
    const array = await zarrita.open.v3(top.resolve(name), { kind: "array" });
    const { data } = await zarrita.get(array);
    const start = source.shape.map(() => 0);
    const values = await source.readBox({ start, shape: source.shape });
    expect([name, bitsOf(data as DataArray)]).toEqual([name, bitsOf(values)]);
  }
  await own.close();
});

describe("Python", () => {
  const python = process.env.FIELDZIP_PYTHON;

  it("zarr-python and xarray read it with no plugin", async (context) => {
    if (!python) {
      console.warn("skipped: set FIELDZIP_PYTHON to a Python that has zarr, xarray and aiohttp");
      context.skip("FIELDZIP_PYTHON is not set");
      return;
    }
    const script = `
import hashlib, json, sys, warnings
warnings.simplefilter("ignore")
import numpy, xarray, zarr
url, original = sys.argv[1:]
group = zarr.open_group(url + "/zarr/run.zarr", mode="r")
digest = lambda values: hashlib.sha256(numpy.ascontiguousarray(values).tobytes()).hexdigest()
out = {"zarr": {}, "xarray": {}}
for path, node in group.members(max_depth=None):
    if isinstance(node, zarr.Array):
        values = node[...]
        text = values.dtype.kind in "OT" or str(values.dtype).startswith("String")
        out["zarr"][path] = [str(one) for one in values] if text else digest(values)
out["part"] = digest(group["rho"][1:, 5:, ::3])
data = xarray.open_zarr(url + "/zarr/run.zarr", chunks=None, mask_and_scale=False)
for name in data.variables:
    if data[name].dtype.kind in "fiu":
        out["xarray"][name] = digest(data[name].values)
out["units"] = [data.rho.attrs["units"], data.vx1.attrs["units"]]
served = xarray.open_zarr(url + "/zarr/navy_winds_6months.cdf", chunks=None)
served = served.drop_encoding()
xarray.testing.assert_identical(served.load(), xarray.load_dataset(original).drop_encoding())
out["plugin"] = "fieldzip" in sys.modules
print(json.dumps(out))
`;
    const args = ["-c", script, server.url, winds];
    const { stdout } = await promisify(execFile)(python, args, { timeout: 60_000 });
    const out = JSON.parse(stdout);
    expect(out.plugin).toBe(false);
    expect(Object.keys(out.zarr).sort()).toEqual([...expected.keys()].sort());
    for (const [name, { data }] of expected) {
      expect([name, out.zarr[name]]).toEqual([name, digestOf(data)]);
    }
    expect(out.xarray.rho).toBe(digestOf(expected.get("rho")!.data));
    expect(out.xarray.vx2).toBe(digestOf(expected.get("vx2")!.data));
    expect(out.units).toEqual(["kg m-3", "m s-1"]);
  });
});

function digestOf(data: DataArray): unknown {
  if (Array.isArray(data)) return data;
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return createHash("sha256").update(bytes).digest("hex");
}
