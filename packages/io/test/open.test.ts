import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Dataset, type FieldzipError, memoryVariable, type NumericArray } from "@fieldzip/core";
import { describe, expect, it } from "vitest";
import {
  type OpenOptions,
  openDataset as openAny,
  originalOf,
  writeDataset,
} from "../src/index.js";
import { formatGrid } from "../src/pluto/grid.js";
import {
  asArchive,
  bytesOfVariable,
  closing,
  errorOf,
  noise,
  temporaryFolder,
} from "./flat-support.js";

const root = await temporaryFolder();
const at = (name: string) => join(root, name);

function field(): Dataset {
  const values = new Float32Array(noise(96).buffer as ArrayBuffer);
  return new Dataset({
    format: "netcdf",
    location: "memory",
    dimensions: [
      { name: "y", size: 4 },
      { name: "x", size: 6 },
    ],
    groups: [{ path: "", attributes: {} }],
    variables: [memoryVariable("rho", "float32", ["y", "x"], [4, 6], values)],
    close: async () => {},
  });
}

async function openDataset(path: string, options?: OpenOptions): Promise<Dataset> {
  return closing(await openAny(path, options));
}

async function formatOf(path: string, options = {}): Promise<string> {
  const dataset = await openDataset(path, options);
  return dataset.format;
}

describe("openDataset and writeDataset", () => {
  it("goes by the content, whatever the name", async () => {
    await writeDataset(field(), at("a.nc"));
    await writeDataset(field(), at("a.npy"));
    await copyFile(at("a.nc"), at("nc.npy"));
    await copyFile(at("a.npy"), at("npy.nc"));
    expect(await formatOf(at("nc.npy"))).not.toBe("npy");
    expect(await formatOf(at("npy.nc"))).toBe("npy");
    const classic = Buffer.alloc(32);
    classic.write("CDF\x01", "latin1");
    await writeFile(at("classic"), classic);
    expect(await formatOf(at("classic"))).toBe("netcdf");
  });

  it("finds HDF5 behind a block of the user's own", async () => {
    await writeDataset(field(), at("plain.h5"));
    for (const offset of [512, 1024, 4096]) {
      await writeFile(
        at(`behind${offset}`),
        Buffer.concat([Buffer.alloc(offset), await readFile(at("plain.h5"))]),
      );
      const { detect } = await import("../src/detect.js");
      expect(await detect(at(`behind${offset}`))).toBe("hdf5");
    }
  });

  it("carries a field through every format and back, to the bit", async () => {
    const before = await bytesOfVariable(field(), "rho");
    for (const name of ["b.nc", "b.h5", "b.npy", "b.raw", "b.f32"]) {
      await writeDataset(field(), at(name));
      const options = /raw|f32/.test(name) ? { shape: [4, 6], dtype: "f32" } : {};
      const dataset = await openDataset(at(name), options);
      const [variable] = dataset.variables.filter(({ shape }) => shape.length === 2);
      expect(Buffer.from(await bytesOfVariable(dataset, variable.name))).toEqual(
        Buffer.from(before),
      );
    }
    await writeDataset(field(), at("run"), { to: "pluto" });
    const run = await openDataset(at("run"));
    expect(run.format).toBe("pluto");
    expect(run.variable("rho").dimensions).toEqual(["step", "y", "x"]);
    expect(Buffer.from(await bytesOfVariable(run, "rho"))).toEqual(Buffer.from(before));
  });

  it("goes back to the first format where neither name nor option says another", async () => {
    await writeDataset(field(), at("first.npy"));
    const npy = asArchive(await openDataset(at("first.npy")));
    expect(originalOf(npy)?.format).toBe("npy");
    await writeDataset(npy, at("second"));
    expect(await readFile(at("second"))).toEqual(await readFile(at("first.npy")));
    await writeFile(at("bare"), noise(24));
    const raw = asArchive(await openDataset(at("bare"), { shape: [3], dtype: ">f8" }));
    await writeDataset(raw, at("bare2"));
    expect(await readFile(at("bare2"))).toEqual(await readFile(at("bare")));
    const part = new Dataset({ ...npy.source, original: undefined });
    expect(originalOf(part)).toBeUndefined();
    expect((await errorOf(writeDataset(part, at("third")))).tag).toBe("usage");
    expect((await errorOf(writeDataset(npy, at("third"), { to: "tiff" as never }))).tag).toBe(
      "usage",
    );
    expect((await errorOf(writeDataset(npy, at("first.npy")))).tag).toBe("exists");
    await writeDataset(npy, at("first.npy"), { force: true });
  });

  it("opens one PLUTO file as such, or as bare values where told so", async () => {
    await mkdir(at("pluto"));
    const unit = (n: number) => ({
      left: Float64Array.from({ length: n }, (_, i) => i),
      right: Float64Array.from({ length: n }, (_, i) => i + 1),
    });
    const grid = { geometry: "CARTESIAN", axes: [unit(4), unit(2), unit(1)] } as const;
    await writeFile(at("pluto/grid.out"), formatGrid(grid));
    await writeFile(at("pluto/flt.out"), "0 0.0 0.1 0 multiple_files little rho\n");
    await writeFile(at("pluto/rho.0000.flt"), noise(32));
    expect(await formatOf(at("pluto"))).toBe("pluto");
    expect(await formatOf(at("pluto/rho.0000.flt"))).toBe("pluto");
    expect(await formatOf(at("pluto/rho.0000.flt"), { shape: [8], dtype: "f32" })).toBe("raw");
    const run = asArchive(await openDataset(at("pluto/rho.0000.flt")));
    await writeDataset(run, at("again.flt"));
    expect(await readFile(at("again.flt"))).toEqual(await readFile(at("pluto/rho.0000.flt")));
  });

  it("says what a file without a header needs", async () => {
    await writeFile(at("values.dat"), noise(16));
    const tell = async (options: object): Promise<FieldzipError> =>
      errorOf(openDataset(at("values.dat"), options));
    expect((await tell({})).tag).toBe("usage");
    expect((await tell({})).message).toContain("--shape and --dtype");
    expect((await tell({ shape: [4] })).message).toMatch(/need --dtype/);
    expect((await tell({ shape: [4], dtype: "f64" })).tag).toBe("shape");
    expect((await errorOf(openDataset(at("nothing")))).tag).toBe("missing");
    await writeFile(at("empty"), "");
    expect((await errorOf(openDataset(at("empty")))).tag).toBe("usage");
    for (const magic of ["PK\x03\x04", "\x89HDF\r\n\x1a\n", "CDF\x02", "\x93NUMPY"]) {
      await writeFile(at("broken"), Buffer.from(magic, "latin1"));
      expect(await errorOf(openDataset(at("broken")))).toBeDefined();
    }
  });

  it("stops when it is told to", async () => {
    const stop = new AbortController();
    stop.abort();
    expect((await errorOf(openDataset(at("a.npy"), { signal: stop.signal }))).tag).toBe("aborted");
    for (const to of ["npy", "raw", "pluto"] as const) {
      const error = await errorOf(writeDataset(field(), at("x"), { to, signal: stop.signal }));
      expect(error.tag).toBe("aborted");
    }
  });

  it("keeps NaN payloads through a chain of files", async () => {
    const bits = Uint32Array.of(0x7fc00001, 0xffc12345, 0x7f800001, 0x80000000, 1, 0xff800000);
    await writeFile(at("bits.raw"), Buffer.from(bits.buffer));
    const dataset = await openDataset(at("bits.raw"), {
      shape: [6],
      dtype: "f32",
      byteOrder: "big",
    });
    await writeDataset(dataset, at("bits.npy"));
    const again = await openDataset(at("bits.npy"));
    const data = (await again.variables[0].readBox()) as NumericArray;
    const swapped = Buffer.from(bits.buffer.slice(0)).swap32();
    expect(Buffer.from(data.buffer as ArrayBuffer)).toEqual(swapped);
  });
});
