import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  Dataset,
  type Dimension,
  memoryVariable,
  type NumericArray,
  textAttribute,
  type VariableSource,
} from "@fieldzip/core";
import { describe, expect, it } from "vitest";
import { type OpenOptions, openDataset as openAny, writeDataset } from "../src/index.js";
import { writeNpy } from "../src/npy/index.js";
import { compareNatural, splitName } from "../src/steps/names.js";
import {
  asArchive,
  bytesOfVariable,
  closing,
  contentsOf,
  errorOf,
  noise,
  temporaryFolder,
} from "./flat-support.js";

const root = await temporaryFolder();
let made = 0;

async function openDataset(path: string, options?: OpenOptions): Promise<Dataset> {
  return closing(await openAny(path, options));
}

async function newFolder(): Promise<string> {
  const folder = join(root, `steps${made++}`);
  await mkdir(folder);
  return folder;
}

function dataset(dimensions: Dimension[], variables: VariableSource[], title = "run"): Dataset {
  return new Dataset({
    format: "netcdf",
    location: "memory",
    dimensions,
    groups: [{ path: "", attributes: { title: textAttribute(title) } }],
    variables,
    close: async () => {},
  });
}

const floats = (count: number, seed: number) =>
  new Float32Array(noise(4 * count, seed).buffer as ArrayBuffer);

async function writeNpyFile(path: string, shape: number[], seed: number) {
  const count = shape.reduce((a, b) => a * b, 1);
  const axes = shape.map((_, axis) => `d${axis}`);
  await writeNpy(
    dataset([], [memoryVariable("a", "float32", axes, shape, floats(count, seed))]),
    path,
  );
}

/** A NetCDF-4 file with a grid, an optional unlimited time, and a title of its own. */
async function writeNetcdf(path: string, k: number, records?: number, x = [0, 1, 2, 3]) {
  const dimensions: Dimension[] = [
    ...(records === undefined ? [] : [{ name: "time", size: records, unlimited: true }]),
    { name: "y", size: 3 },
    { name: "x", size: 4 },
  ];
  const lead = records === undefined ? [] : [records];
  const axes = records === undefined ? ["y", "x"] : ["time", "y", "x"];
  const count = (records ?? 1) * 12;
  const variables = [
    memoryVariable("x", "float64", ["x"], [4], Float64Array.from(x)),
    memoryVariable("height", "float32", ["y", "x"], [3, 4], floats(12, 99)),
    memoryVariable("T", "float32", axes, [...lead, 3, 4], floats(count, k + 5)),
  ];
  if (records !== undefined) {
    const times = Float64Array.from({ length: records }, (_, i) => k * 10 + i);
    variables.push(memoryVariable("time", "float64", ["time"], [records], times));
  }
  await writeDataset(dataset(dimensions, variables, `step ${k}`), path, { to: "nc" });
}

describe("steps in a folder", () => {
  it("sorts by number and knows a step from a name", () => {
    const names = ["a_10.nc", "a_9.nc", "a_2.nc", "b.nc", "a.nc"];
    expect([...names].sort(compareNatural)).toEqual([
      "a.nc",
      "a_2.nc",
      "a_9.nc",
      "a_10.nc",
      "b.nc",
    ]);
    expect(splitName("out_0012.nc")).toEqual({ stem: "out", number: 12 });
    expect(splitName("out0012.nc")).toEqual({ stem: "out", number: 12 });
    expect(splitName("vx1.npy")).toEqual({ stem: "vx1" });
    expect(splitName("7.npy")).toEqual({ stem: "data", number: 7 });
  });

  it("joins .npy files along step and gives every file back byte for byte", async () => {
    const folder = await newFolder();
    for (const k of [0, 2, 10]) await writeNpyFile(join(folder, `out_${k}.npy`), [3, 5], k + 1);
    // One header is written otherwise than the others.
    const odd = await readFile(join(folder, "out_2.npy"));
    const text = odd.toString("latin1").replace("False, 'shape'", "False,'shape' ");
    await writeFile(join(folder, "out_2.npy"), Buffer.from(text, "latin1"));
    const steps = await openDataset(folder);
    const out = steps.variable("out");
    expect(out.shape).toEqual([3, 3, 5]);
    expect(out.dimensions).toEqual(["step", "dim_0", "dim_1"]);
    expect([...(await steps.variable("step").readBox())]).toEqual([0, 2, 10]);
    const part = await out.read({ step: [1, 3], dim_0: 2, dim_1: [1, 4] });
    const file = await readFile(join(folder, "out_10.npy"));
    const values = file.subarray(file.length - 60);
    const bytes = Buffer.from((part.data as NumericArray).buffer as ArrayBuffer);
    expect(bytes.subarray(12)).toEqual(values.subarray(44, 56));
    for (const which of [steps, asArchive(steps)]) {
      const target = join(root, `out${made++}`);
      const written = await writeDataset(which, target);
      expect(await contentsOf(target)).toEqual(await contentsOf(folder));
      expect(written.files.length).toBe(3);
      expect(written.bytes).toBe(3 * file.length);
    }
  });

  it("makes a variable of every stem, with and without steps", async () => {
    const folder = await newFolder();
    for (const k of [0, 1]) {
      await writeNpyFile(join(folder, `rho_000${k}.npy`), [2, 3], k + 1);
      await writeNpyFile(join(folder, `vx1_000${k}.npy`), [2, 4], k + 11);
    }
    await writeNpyFile(join(folder, "mask.npy"), [2, 3], 7);
    const steps = await openDataset(folder);
    expect(steps.variable("rho").dimensions).toEqual(["step", "dim_0", "dim_1"]);
    expect(steps.variable("vx1").shape).toEqual([2, 2, 4]);
    expect(steps.variable("mask").shape).toEqual([2, 3]);
    const sizes = new Map(steps.dimensions.map(({ name, size }) => [name, size]));
    for (const { shape, dimensions } of steps.variables) {
      expect(dimensions.map((name) => sizes.get(name))).toEqual([...shape]);
    }
    const target = join(root, `out${made++}`);
    await writeDataset(asArchive(steps), target);
    expect(await contentsOf(target)).toEqual(await contentsOf(folder));
  });

  it("stacks raw files where shape and type are given", async () => {
    const folder = await newFolder();
    for (const k of [0, 1, 2]) await writeFile(join(folder, `f.${k}.raw`), noise(5 + 24, k + 1));
    const steps = await openDataset(folder, { shape: [2, 3], dtype: ">f4", offset: 5 });
    expect(steps.variable("f").shape).toEqual([3, 2, 3]);
    const target = join(root, `out${made++}`);
    await writeDataset(asArchive(steps), target);
    expect(await contentsOf(target)).toEqual(await contentsOf(folder));
    expect((await errorOf(openDataset(folder))).tag).toBe("format");
  });

  it("stacks NetCDF files along a new step and splits them again", async () => {
    const folder = await newFolder();
    for (let k = 0; k < 12; k++) await writeNetcdf(join(folder, `out_${k}.nc`), k);
    const steps = await openDataset(folder);
    expect(steps.variable("T").dimensions).toEqual(["step", "y", "x"]);
    expect(steps.variable("T").shape).toEqual([12, 3, 4]);
    expect(steps.variable("x").shape).toEqual([4]);
    expect(steps.variable("height").shape).toEqual([3, 4]);
    const target = join(root, `out${made++}`);
    await writeDataset(asArchive(steps), target);
    for (const k of [0, 11]) {
      const before = await openDataset(join(folder, `out_${k}.nc`));
      const after = await openDataset(join(target, `out_${k}.nc`));
      expect(after.variables.map(({ name }) => name)).toEqual(
        before.variables.map(({ name }) => name),
      );
      for (const { name } of before.variables) {
        expect(await bytesOfVariable(after, name)).toEqual(await bytesOfVariable(before, name));
      }
      expect(after.attributes.title).toEqual(before.attributes.title);
      expect(after.attributes.title.values).toEqual([`step ${k}`]);
    }
    const one = join(root, `one${made++}.nc`);
    await writeDataset(asArchive(steps), one);
    const again = await openDataset(one);
    expect(await bytesOfVariable(again, "T")).toEqual(await bytesOfVariable(steps, "T"));
  });

  it("joins along the unlimited dimension, however long each file is", async () => {
    const folder = await newFolder();
    for (const [k, records] of [2, 1, 3].entries()) {
      await writeNetcdf(join(folder, `wrf_0${k}.nc`), k, records);
    }
    const steps = await openDataset(folder);
    expect(steps.variable("T").shape).toEqual([6, 3, 4]);
    expect([...(await steps.variable("time").readBox())]).toEqual([0, 1, 10, 20, 21, 22]);
    expect(steps.variable("height").shape).toEqual([3, 4]);
    const { data } = await steps.variable("T").read({ time: [1, 5], y: 1 });
    expect(data.length).toBe(16);
    const target = join(root, `out${made++}`);
    await writeDataset(asArchive(steps), target);
    for (const name of ["wrf_00.nc", "wrf_01.nc", "wrf_02.nc"]) {
      const before = await openDataset(join(folder, name));
      const after = await openDataset(join(target, name));
      for (const variable of before.variables) {
        expect(await bytesOfVariable(after, variable.name)).toEqual(
          await bytesOfVariable(before, variable.name),
        );
      }
    }
  });

  it("keeps coordinates of every step where they differ", async () => {
    const folder = await newFolder();
    await writeNetcdf(join(folder, "a_0.nc"), 0);
    await writeNetcdf(join(folder, "a_1.nc"), 1, undefined, [0, 1, 2, 4]);
    const steps = await openDataset(folder);
    expect(steps.variable("x").shape).toEqual([2, 4]);
  });

  it("refuses files that are built differently, naming both shapes", async () => {
    const folder = await newFolder();
    await writeNpyFile(join(folder, "o_0.npy"), [3, 5], 1);
    await writeNpyFile(join(folder, "o_1.npy"), [3, 6], 2);
    const error = await errorOf(openDataset(folder));
    expect(error.tag).toBe("shape");
    expect(error.message).toMatch(/o_1\.npy, variable.*\[dim_0 3, dim_1 5\].*\[dim_0 3, dim_1 6\]/);
    await writeFile(join(folder, "x.nc"), "CDF\x01");
    expect((await errorOf(openDataset(folder))).tag).toBe("usage");
    expect((await errorOf(openDataset(await newFolder()))).tag).toBe("format");
  });

  it("refuses an archive whose original is not to be trusted", async () => {
    const folder = await newFolder();
    for (const k of [0, 1]) await writeNpyFile(join(folder, `o_${k}.npy`), [3], k + 1);
    const archive = asArchive(await openDataset(folder));
    const series = (archive.source.original as { original: { series: object[] } }).original
      .series[0];
    for (const change of [
      { files: ["../a.npy", "b.npy"] },
      { files: ["a.npy", "a.npy"] },
      { files: ["a.npy"] },
      { files: [] },
      { files: [1, 2] },
      { format: 5 },
      { records: [1] },
    ]) {
      const original = { format: "steps", original: { series: [{ ...series, ...change }] } };
      const damaged = new Dataset({ ...archive.source, original: original as never });
      const error = await errorOf(writeDataset(damaged, join(root, "never")));
      expect(error.tag).toBe("format");
    }
    const part = new Dataset({ ...archive.source, original: undefined });
    expect((await errorOf(writeDataset(part, join(root, "never")))).tag).toBe("usage");
  });
});
