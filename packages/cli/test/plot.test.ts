import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { countOf, FieldzipError, subset } from "@fieldzip/core";
import { openArchive, openDataset } from "@fieldzip/io";
import { beforeAll, describe, expect, it } from "vitest";
import { compress } from "../src/compress.js";
import { fieldPicture } from "../src/plot/field-picture.js";
import { paletteColour } from "../src/plot/palette.js";
import { type Colour, encodePng } from "../src/plot/png.js";
import { histogram, raster } from "../src/plot/raster.js";
import { type FieldSlice, readSlice } from "../src/plot/slice.js";
import { escapeXml, linearTicks, logarithmicTicks, tickLabel } from "../src/plot/svg.js";
import { build, fieldzip, fixtures, temporaryFolder } from "./helpers.js";

const folder = temporaryFolder();
const turbulence = join(fixtures, "pluto/turbulence");
const tos = join(fixtures, "netcdf/tos_cesm2fv2_192x200.nc");

/** Compresses a file and reads the slice of one variable out of the archive. */
async function sliceOf(
  file: string,
  name: string,
  options: Parameters<typeof compress>[2] = {},
): Promise<{ slice: FieldSlice; archive: string }> {
  const archive = join(folder, `${name}-${Object.values(options).join("-")}.zarr`);
  const input = await openDataset(file);
  try {
    const coordinates = input.variables.filter(({ shape }) => shape.length === 1);
    const wanted = [name, ...(options.joint ? ["vx2"] : []), ...coordinates.map((one) => one.name)];
    await compress(subset(input, wanted, {}), archive, {
      ...options,
      threads: 0,
      force: true,
    });
  } finally {
    await input.close();
  }
  const dataset = await openArchive(archive);
  try {
    return { slice: await readSlice(dataset, dataset.variable(name)), archive };
  } finally {
    await dataset.close();
  }
}

describe("a slice", () => {
  it("holds the values of the middle and the bits that were missed", async () => {
    const { slice } = await sliceOf(turbulence, "rho");
    const original = await openDataset(turbulence);
    const { data } = await original.variable("rho").read({ step: 1, z: 10 });
    await original.close();
    expect([slice.height, slice.width]).toEqual([24, 28]);
    expect([...slice.values]).toEqual([...(data as Float32Array)]);
    expect(slice.place).toBe("step = 1 of 2, z = 10 of 20");
    expect(slice.axes.map(({ name }) => name)).toEqual(["y", "x"]);
    expect(slice.shows).toBe("residual classes");
    expect(slice.equation).toContain("u[");
    expect(slice.missed.every((bits) => bits >= 0 && bits <= 32)).toBe(true);
    expect(new Set(slice.missed).size).toBeGreaterThan(3);
    expect(slice.absent.every((one) => one === 0)).toBe(true);
  });

  it("is the same out of small chunks and out of a joint array, value for value", async () => {
    const plain = (await sliceOf(turbulence, "vx1")).slice;
    for (const options of [{ chunkValues: 2100 }, { joint: "always" as const }]) {
      const { slice } = await sliceOf(turbulence, "vx1", options);
      expect(slice.values).toEqual(plain.values);
      expect(slice.missed.some(Number.isNaN)).toBe(false);
    }
  });

  it("knows masked values and fill values as absent", async () => {
    const { slice } = await sliceOf(tos, "tos");
    const land = slice.values.map((value) => (value > 1e19 ? 1 : 0));
    expect(land).toContain(1);
    expect([...slice.absent]).toEqual([...land]);
    slice.missed.forEach((bits, i) => {
      if (land[i]) expect(Number.isNaN(bits)).toBe(true);
    });
  });

  it("shows nothing where nothing was predicted", async () => {
    const { slice } = await sliceOf(turbulence, "rho", { predictor: "raw" });
    expect(slice.shows).toBe("nothing");
    expect(fieldPicture(slice, { archive: "a.zarr" })).toContain("no prediction paid");
  });

  it("shows the source term of mechanism-solve", async () => {
    const { slice } = await sliceOf(join(fixtures, "pluto/kelvin-helmholtz"), "rho", {
      predictor: "mechanism-solve",
    });
    expect(slice.shows).toBe("source term");
    const svg = fieldPicture(slice, { archive: "a.zarr" });
    expect(svg).toContain("source term f of the learned operator");
    expect(svg).toContain(escapeXml(slice.equation!));
  });

  it("needs an archive, and two axes", async () => {
    const file = await openDataset(tos);
    await expect(readSlice(file, file.variable("tos"))).rejects.toMatchObject({ tag: "usage" });
    await file.close();
    const { archive } = await sliceOf(turbulence, "rho");
    const dataset = await openArchive(archive);
    const flat = dataset.variables.find(({ shape }) => shape.length === 1)!;
    await expect(readSlice(dataset, flat)).rejects.toThrow(/two axes/);
    await dataset.close();
  });

  it("stops at its signal, and passes damage on", async () => {
    const { archive } = await sliceOf(turbulence, "rho");
    const dataset = await openArchive(archive);
    const signal = AbortSignal.abort();
    await expect(readSlice(dataset, dataset.variable("rho"), { signal })).rejects.toMatchObject({
      tag: "aborted",
    });
    await dataset.close();
    const shard = join(archive, "rho/c/0/0/0/0");
    const bytes = readFileSync(shard);
    bytes[bytes.length >> 1] ^= 1;
    writeFileSync(shard, bytes);
    const damaged = await openArchive(archive);
    await expect(readSlice(damaged, damaged.variable("rho"))).rejects.toBeInstanceOf(FieldzipError);
    await damaged.close();
  });
});

describe("pictures", () => {
  it("a PNG holds its pixels", () => {
    const palette: Colour[] = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    const png = Buffer.from(encodePng(3, 2, Uint8Array.of(0, 1, 1, 1, 0, 0), palette));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect(png.readUInt32BE(16)).toBe(3);
    expect(png.readUInt32BE(20)).toBe(2);
    const data = png.indexOf("IDAT");
    const rows = inflateSync(png.subarray(data + 4, data + 4 + png.readUInt32BE(data - 4)));
    expect([...rows]).toEqual([0, 0, 1, 1, 0, 1, 0, 0]);
    // The checksum of the block IEND, as every PNG ends.
    expect(png.subarray(-4).toString("hex")).toBe("ae426082");
  });

  it("a raster draws the first row at the bottom, unless its axis falls", () => {
    const grid = { values: Float64Array.of(0, 1, 2, Number.NaN), height: 2, width: 2 };
    const place = { left: 0, top: 0, width: 10, height: 10 };
    const pixels = (flipped: readonly [boolean, boolean]) => {
      const base64 = /base64,([^"]*)"/.exec(raster(grid, [0, 2], place, flipped))![1];
      const png = Buffer.from(base64, "base64");
      const data = png.indexOf("IDAT");
      const rows = inflateSync(png.subarray(data + 4, data + 4 + png.readUInt32BE(data - 4)));
      return [...rows.subarray(1, 3), ...rows.subarray(4, 6)];
    };
    expect(pixels([false, false])).toEqual([255, 0, 1, 128]);
    expect(pixels([true, false])).toEqual([1, 128, 255, 0]);
    expect(pixels([true, true])).toEqual([128, 1, 0, 255]);
  });

  it("a histogram counts every number once", () => {
    const values = [0, 0, 0, 1, 5, 5, Number.NaN];
    const place = { left: 0, top: 0, width: 60, height: 100 };
    const style = { label: "bits", whole: true, logarithmic: false };
    const svg = histogram(values, [0, 5], place, style).join("");
    const rises = [...svg.matchAll(/v-([\d.]+)h/g)].map((found) => Number(found[1]));
    expect(rises).toHaveLength(3);
    expect(rises[1] / rises[0]).toBeCloseTo(1 / 3, 2);
    expect(rises[2] / rises[0]).toBeCloseTo(2 / 3, 2);
  });

  it("constant and empty fields make a picture without NaN", async () => {
    const { slice } = await sliceOf(turbulence, "rho");
    const count = countOf([slice.height, slice.width]);
    for (const value of [7, Number.NaN]) {
      const svg = fieldPicture(
        {
          ...slice,
          values: new Float64Array(count).fill(value),
          absent: new Uint8Array(count).fill(Number.isNaN(value) ? 1 : 0),
          missed: new Float32Array(count),
        },
        { archive: "<&>.zarr" },
      );
      expect(svg.replace(/base64,[^"]*/g, "")).not.toMatch(/NaN|Infinity|undefined/);
      expect(svg).toContain("&lt;&amp;&gt;.zarr");
    }
  });

  it("ticks are few, round and inside", () => {
    expect(linearTicks(0, 10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(linearTicks(-0.13, 0.42, 5)).toEqual([-0.1, 0, 0.1, 0.2, 0.3, 0.4]);
    expect(linearTicks(3, 3)).toEqual([3]);
    for (const [low, high] of [
      [1.1, 1.7],
      [0.3, 4000],
      [90, 110],
    ]) {
      const ticks = logarithmicTicks(low, high);
      expect(ticks.length).toBeGreaterThanOrEqual(4);
      expect(ticks.length).toBeLessThan(16);
      expect(ticks.every((tick) => tick >= low && tick <= high)).toBe(true);
    }
    expect([0, 0.25, 1200, 3e-7, 1.5e9].map(tickLabel)).toEqual([
      "0",
      "0.25",
      "1200",
      "3e-7",
      "1.5e9",
    ]);
  });

  it("viridis runs from violet to yellow", () => {
    expect([-1, 0, 1].map((share) => paletteColour("viridis", share))).toEqual([
      [68, 1, 84],
      [68, 1, 84],
      [253, 231, 37],
    ]);
  });
});

describe("inspect --plot", () => {
  beforeAll(build);

  it("writes one self-contained SVG, and not over another one", async () => {
    const { archive } = await sliceOf(tos, "tos");
    const svg = join(folder, "tos.svg");
    const done = await fieldzip("inspect", archive, "--variable", "tos", "--plot", svg);
    expect([done.code, done.stderr]).toEqual([0, ""]);
    expect(done.stdout).toContain(`written to ${svg}`);
    const text = readFileSync(svg, "utf8");
    expect(text).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(text).toContain("degC");
    expect(text.match(/<image /g)).toHaveLength(2);
    expect(text).not.toMatch(/href="(?!data:)|<script|url\((?!#)/);
    expect((await fieldzip("inspect", archive, "--plot", svg)).code).toBe(1);
    const refused = await fieldzip("inspect", tos, "--plot", join(folder, "file.svg"));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("compress the file first");
  });
});
