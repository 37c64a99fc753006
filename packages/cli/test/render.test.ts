import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { type NumericArray, numbersOf } from "@fieldzip/core";
import {
  boxEdges,
  cameraOf,
  castVolume,
  defaultCamera,
  opacityFor,
  pictureDifference,
  valueScale,
} from "@fieldzip/core/render";
import { openDataset } from "@fieldzip/io";
import { beforeAll, describe, expect, it } from "vitest";
import { renderViewOf, viewText } from "../src/compare/render-options.js";
import { encodeColourPng } from "../src/plot/png.js";
import { build, fieldzip, fixtures, temporaryFolder } from "./helpers.js";

const folder = temporaryFolder();
const turbulence = join(fixtures, "pluto/turbulence");

describe("flags of pictures", () => {
  it("say nothing where no pictures are asked for, and are refused without --render", () => {
    expect(renderViewOf({})).toBeUndefined();
    expect(() => renderViewOf({ map: "inferno" })).toThrow(/--map: --render beside it/);
  });

  it("are those of the viewer's links, which can be given whole", () => {
    const flags = { mode: "surface", camera: "60,-30,2,0.1,0", map: "inferno", range: "-1,2.5" };
    const view = renderViewOf({ render: true, ...flags, opacity: "0:0,0.5:0.25", shaded: "0" });
    expect(view).toMatchObject({
      mode: "surface",
      camera: { turn: 60, tilt: -30, zoom: 2, shift: [0.1, 0] },
      range: [-1, 2.5],
      opacity: [
        { place: 0, opacity: 0 },
        { place: 0.5, opacity: 0.25 },
      ],
      shaded: false,
    });
    const query = new URLSearchParams({ ...flags, opacity: "0:0,0.5:0.25", shaded: "0" });
    const link = `http://127.0.0.1:8080/view/?a=/raw/a&b=/raw/b#variable=rho&${query}`;
    expect(renderViewOf({ render: true, view: link })).toEqual(view);
    // A flag goes before the link.
    expect(renderViewOf({ render: true, view: link, map: "viridis" })?.map).toBe("viridis");
    expect(viewText(view!)).toBe(
      "mode=surface camera=60,-30,2,0.1,0 map=inferno reversed=0 range=-1,2.5 scale=linear surface=0.5 shaded=0",
    );
  });

  it.each([
    ["camera", "60,30"],
    ["map", "jet"],
    ["opacity", "0.5:2"],
    ["range", "2,1"],
    ["mode", "planes"],
    ["shaded", "yes"],
  ])("refuses --%s %s", (name, text) => {
    expect(() => renderViewOf({ render: true, [name]: text })).toThrow(new RegExp(`--${name}`));
  });
});

describe("a picture in colours as PNG", () => {
  it("holds red, green and blue of every pixel", () => {
    const rgba = Uint8Array.from({ length: 4 * 6 }, (_, i) => 7 * i);
    const png = Buffer.from(encodeColourPng(3, 2, rgba));
    expect([png.readUInt32BE(16), png.readUInt32BE(20), png[25]]).toEqual([3, 2, 2]);
    const at = png.indexOf("IDAT");
    const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
    expect([...rows.subarray(0, 10)]).toEqual([0, 0, 7, 14, 28, 35, 42, 56, 63, 70]);
    expect([...rows.subarray(10)]).toEqual([0, 84, 91, 98, 112, 119, 126, 140, 147, 154]);
  });
});

interface Measured {
  readonly name: string;
  readonly picture?: Record<string, number> & { readonly at: Record<string, number> };
}

describe("fieldzip compare --render", () => {
  const [coarse, fine] = [join(folder, "coarse.zarr"), join(folder, "fine.zarr")];
  const compared = async (other: string, ...flags: string[]): Promise<Measured> => {
    const args = ["compare", turbulence, other, "--render", "--quick", "--json", ...flags];
    const { code, stdout, stderr } = await fieldzip(...args);
    expect([code, stderr]).toEqual([0, ""]);
    return JSON.parse(stdout).variables.find(({ name }: Measured) => name === "rho");
  };

  beforeAll(async () => {
    build();
    for (const [archive, bound] of [
      [coarse, "2e-2"],
      [fine, "1e-3"],
    ]) {
      const flags = ["--guarantee", "bounded", "--bound", bound, "--bound-kind", "range"];
      expect(await fieldzip("compress", turbulence, archive, ...flags)).toMatchObject({ code: 0 });
    }
  });

  it("measures what the ray caster draws of both, by the viewer's measures", async () => {
    const { picture } = await compared(coarse, "--variable", "rho", "--step", "1");
    expect(picture).toMatchObject({ mode: "volume", width: 384, height: 384, at: { step: 1 } });

    const fields = [];
    for (const location of [turbulence, coarse]) {
      const dataset = await openDataset(location);
      const { data } = await dataset.variable("rho").read({ step: 1 });
      fields.push(Float32Array.from(numbersOf(data as NumericArray)));
      await dataset.close();
    }
    const all = [...fields[0], ...fields[1]];
    const scale = valueScale("linear", [Math.min(...all), Math.max(...all)]);
    const edges = boxEdges([28, 24, 20]);
    const opacity = opacityFor({ values: fields[0] }, scale);
    const look = {
      scale,
      shaded: true,
      transfer: { map: "viridis", reversed: false, opacity },
    } as const;
    const [one, other] = fields.map((values) => {
      const volume = { values, shape: [20, 24, 28] as const, edges };
      const drawn = castVolume(volume, cameraOf(defaultCamera, edges, 1), 384, 384, look);
      return Uint8Array.from(drawn, (part, i) =>
        i % 4 === 3
          ? 255
          : Math.round(255 * part + (1 - drawn[i - (i % 4) + 3]) * [252, 252, 250][i % 4]),
      );
    });
    const { mse, psnr, ssim } = pictureDifference(one, other, 384, 384);
    expect(picture?.mse).toBeCloseTo(mse, 1);
    expect(picture?.psnr).toBeCloseTo(psnr, 1);
    expect(picture?.ssim).toBeCloseTo(ssim, 3);
  });

  it("finds more in a finer archive, in every mode", async () => {
    for (const mode of ["volume", "surface", "slice"]) {
      const flags = ["--variable", "rho", "--mode", mode];
      const [poor, good] = [await compared(coarse, ...flags), await compared(fine, ...flags)];
      expect(poor.picture?.mode).toBe(mode);
      expect(good.picture!.psnr).toBeGreaterThan(poor.picture!.psnr + 6);
      expect(good.picture!.ssim).toBeGreaterThan(poor.picture!.ssim);
    }
  });

  it("stands in the text, beside the fields of --plot, and in --report", async () => {
    const [svg, page] = [join(folder, "drawn.svg"), join(folder, "drawn.html")];
    const flags = [
      "--quick",
      "--variable",
      "rho",
      "--camera",
      "200,60,1.5,0,0",
      "--map",
      "cividis",
    ];
    const files = ["--plot", svg, "--report", page];
    const done = await fieldzip("compare", turbulence, coarse, "--render", ...flags, ...files);
    expect([done.code, done.stderr]).toEqual([0, ""]);
    expect(done.stdout).toMatch(/^variable +picture PSNR dB +picture MSE +picture SSIM +picture$/m);
    expect(done.stdout).toMatch(/^rho +\d\d\.\d\d +[\d.]+ +0\.9\d{5} +volume, 384 x 384, step 1$/m);
    expect(done.stdout).toContain("pictures with mode=volume camera=200,60,1.5,0,0 map=cividis");
    const drawing = readFileSync(svg, "utf8").replace(/base64,[^"]*/g, "base64,");
    expect(drawing.match(/<image /g)).toHaveLength(6);
    expect(drawing).toMatch(/>rho, drawn<.*384 x 384 pixels.*SSIM/s);
    const report = readFileSync(page, "utf8").replace(/base64,[^"]*/g, "base64,");
    expect(report).toContain("Of the rendered pictures");
    expect(report.match(/<image /g)).toHaveLength(6);
    expect(report).not.toMatch(/https?:|undefined|>NaN</);
  });

  it("draws flat fields as slices, and nothing where bits are equal", async () => {
    const ocean = join(fixtures, "netcdf/tos_cesm2fv2_192x200.nc");
    const archive = join(folder, "tos.zarr");
    const bound = ["--guarantee", "bounded", "--bound", "0.1", "--bound-kind", "absolute"];
    expect(await fieldzip("compress", ocean, archive, ...bound)).toMatchObject({ code: 0 });
    const args = ["--render", "--quick", "--variable", "tos", "--json"];
    const { stdout } = await fieldzip("compare", ocean, archive, ...args);
    const { variables } = JSON.parse(stdout);
    const tos = variables.find(({ name }: Measured) => name === "tos");
    expect(tos.picture).toMatchObject({ mode: "slice", width: 384 });
    expect(tos.picture.psnr).toBeGreaterThan(30);
    const equal = await fieldzip("compare", ocean, ocean, "--render", "--quick");
    expect([equal.code, equal.stdout]).toEqual([0, expect.not.stringContaining("picture")]);
  });

  it("refuses what makes no sense before any work", async () => {
    const wrong = await fieldzip("compare", turbulence, coarse, "--render", "--map", "jet");
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("viridis")]);
    const alone = await fieldzip("compare", turbulence, coarse, "--camera", "0,0,1,0,0");
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining("--render")]);
  });
});
