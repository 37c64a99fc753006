import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  Dataset,
  difference,
  type FloatArray,
  inlinePool,
  memoryVariable,
  powerSpectrum,
  runTask,
  structuralSimilarity,
  textAttribute,
  type VariableSource,
  type WorkerPool,
} from "@fieldzip/core";
import { beforeAll, describe, expect, it } from "vitest";
import { executablePath, launch, openPage } from "../../viewer/test/support/chromium.js";
import { compare } from "../src/compare/compare.js";
import { html } from "../src/compare/html/markup.js";
import { linePanel } from "../src/plot/line-panel.js";
import { build, fieldzip, fixtures, temporaryFolder } from "./helpers.js";

const folder = temporaryFolder();
const turbulence = join(fixtures, "pluto/turbulence");
const shape = [3, 12, 15, 16];
const count = 3 * 12 * 15 * 16;

function noise(seed: number): (i: number) => number {
  const numbers = new Float64Array(count);
  let state = seed;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    numbers[i] = state / 2 ** 31 - 1;
  }
  return (i) => numbers[i];
}

const [first, second] = [noise(1), noise(2)];
const rho = Float32Array.from({ length: count }, (_, i) => 10 + Math.sin(i / 50) + first(i));
const off = rho.map((value, i) => value + 0.01 * second(i));

function dataset(values: FloatArray, more: readonly VariableSource[] = []): Dataset {
  const units = { units: textAttribute("kg m-3") };
  const names = ["step", "z", "y", "x"];
  const type = values instanceof Float32Array ? "float32" : "float64";
  return new Dataset({
    format: "raw",
    location: "memory",
    dimensions: names.map((name, axis) => ({ name, size: shape[axis] })),
    groups: [],
    variables: [
      memoryVariable("rho", type, names, shape, values, units),
      memoryVariable("x", "float64", ["x"], [16], new Float64Array(16)),
      ...more,
    ],
    close: async () => {},
  });
}

describe("compare", () => {
  it("measures every step as the plain functions do", async () => {
    const { variables, equal } = await compare(dataset(rho), dataset(off));
    expect(equal).toBe(false);
    const [found, x] = variables;
    expect(x).toMatchObject({ name: "x", equal: true });
    expect(found.units).toBe("kg m-3");
    expect(found.difference.psnr).toBeCloseTo(difference(rho, off).psnr, 8);
    expect(found.fields.map(({ at }) => at)).toEqual([{ step: 0 }, { step: 1 }, { step: 2 }]);
    const size = count / 3;
    found.fields.forEach((field, step) => {
      const [a, b] = [rho, off].map((values) => values.subarray(step * size, (step + 1) * size));
      const plain = difference(a, b);
      expect(field.difference).toEqual(plain);
      expect(field.similarity?.volume).toBeCloseTo(
        structuralSimilarity(a, b, shape.slice(1), plain.max - plain.min),
        9,
      );
      const [p, q] = [a, b].map((values) => powerSpectrum(values, shape.slice(1))!);
      const missed = p.slice(1).reduce((sum, power, k) => sum + Math.abs(power - q[k + 1]), 0);
      const power = p.slice(1).reduce((sum, value) => sum + value, 0);
      expect(field.spectrum?.error).toBeCloseTo(missed / power, 8);
      expect(Object.keys(field.similarity!.slices)).toEqual(["z", "y", "x"]);
    });
    expect(found.bits?.values).toBe(count);
    expect(found.bits?.differingValues).toBeGreaterThan(0.99 * count);
  });

  it("says plainly that bits are equal, without computing", async () => {
    const refuse: WorkerPool = { ...inlinePool, run: () => Promise.reject(new Error("no work")) };
    const found = await compare(dataset(rho), dataset(rho.slice()), { pool: refuse });
    expect(found).toMatchObject({ equal: true, facts: [] });
    expect(found.variables[0]).toMatchObject({
      equal: true,
      bits: { differingBits: 0 },
      similarity: { slice: 1, volume: 1 },
      spectrum: { error: 0, faithfulTo: 8 },
    });
    const negative = rho.slice();
    negative[5] = 0;
    const zero = negative.slice();
    zero[5] = -0;
    const almost = await compare(dataset(negative), dataset(zero));
    expect(almost.equal).toBe(false);
    expect(almost.variables[0]).toMatchObject({
      bits: { differingValues: 1, differingBits: 1 },
      difference: { mse: 0, psnr: Number.POSITIVE_INFINITY },
    });
  });

  it("counts missing values where they agree and where not", async () => {
    const [a, b] = [rho.slice(), off.slice()];
    for (const i of [0, 1, 2]) a[i] = Number.NaN;
    for (const i of [2, 3]) b[i] = Number.POSITIVE_INFINITY;
    const { variables } = await compare(dataset(a), dataset(b));
    expect(variables[0].missing).toEqual({ original: 3, decoded: 2, both: 1 });
    expect(variables[0].difference.lost).toBe(1);
    expect(variables[0].fields[0].spectrum).toBeUndefined();
    expect(variables[0].fields[1].spectrum).toBeDefined();
    expect(variables[0].similarity?.volume).toBeGreaterThan(0.9);
  });

  it("fill values are missing, not numbers", async () => {
    const filled = (values: Float32Array) => {
      const copy = values.slice();
      copy.fill(1e20, 0, 100);
      const attributes = { _FillValue: { type: "float32", values: [1e20], scalar: true } } as const;
      const source = memoryVariable(
        "T",
        "float32",
        ["z", "y", "x"],
        shape.slice(1),
        copy,
        attributes,
      );
      return dataset(rho, [{ ...source, shape: shape.slice(1) }]);
    };
    const { variables } = await compare(filled(rho), filled(off), { variables: ["T"] });
    const T = variables.find(({ name }) => name === "T")!;
    expect(T.difference.max).toBeLessThan(100);
    expect(T.missing).toEqual({ original: 100, decoded: 100, both: 100 });
  });

  it("compares types that differ by value, and names what cannot be compared", async () => {
    const text = (word: string): VariableSource => ({
      ...{ name: "name", dataType: "string", shape: [1], dimensions: ["one"], attributes: {} },
      readBox: async () => [word],
    });
    const wide = Float64Array.from(rho);
    const one = dataset(rho, [text("a")]);
    const two = dataset(wide, [text("b")]);
    const { facts, variables, equal } = await compare(one, two);
    expect(equal).toBe(false);
    expect(facts).toMatchObject([{ kind: "type", expected: "float32", found: "float64" }]);
    expect(variables[0]).toMatchObject({ equal: false, bits: undefined, difference: { mse: 0 } });
    expect(variables.at(-1)).toMatchObject({ name: "name", bits: { differingValues: 1 } });
    const other = new Dataset({ ...one.source, variables: [] });
    await expect(compare(one, other)).rejects.toMatchObject({ tag: "missing" });
  });

  it("a part of both, with places counted from the whole", async () => {
    const [a, b] = [dataset(rho), dataset(off)];
    const found = await compare(a, b, { variables: ["rho"], select: { step: 2, z: [1, 12] } });
    const size = count / 3;
    const from = 2 * size + 15 * 16;
    const [x, y] = [rho, off].map((values) => values.subarray(from, 3 * size));
    expect(found.variables[0].fields).toHaveLength(1);
    expect(found.variables[0].fields[0].at).toEqual({ step: 2 });
    expect(found.variables[0].difference.mse).toBe(difference(x, y).mse);
  });

  it("stops when it is told to, and reports progress to the end", async () => {
    const controller = new AbortController();
    const pool: WorkerPool = {
      ...inlinePool,
      async run<Input, Output>(task: string, input: Input) {
        controller.abort();
        return runTask(task, input) as Output;
      },
    };
    const { signal } = controller;
    await expect(compare(dataset(rho), dataset(off), { pool, signal })).rejects.toMatchObject({
      tag: "aborted",
    });
    const shares: number[] = [];
    await compare(dataset(rho), dataset(off), {
      onProgress: ({ done, total }) => shares.push(done / total),
    });
    expect(shares.at(-1)).toBeGreaterThan(0.99);
    expect(shares).toEqual([...shares].sort((p, q) => p - q));
  });
});

it("texts in markup are texts", () => {
  const name = '<script>alert("1")</script>&\u0000';
  const { markup } = html`<p title="${name}">${[html`<b>${name}</b>`, 7, undefined, false]}</p>`;
  expect(markup.match(/<script/g)).toBeNull();
  expect(markup).toMatch(
    /^<p title="&lt;script&gt;alert\(&quot;1&quot;\)&lt;\/script&gt;&amp;\ufffd"><b>/,
  );
  expect(markup).toMatch(/<\/b>7<\/p>$/);
});

describe("lines", () => {
  const place = { left: 0, top: 0, width: 100, height: 50 };
  const draw = (points: readonly (readonly [number, number])[]) => {
    const line = { label: "power", colour: "red", points };
    const parts = linePanel({
      ...{ lines: [line], place, title: "spectrum" },
      x: { label: "k", logarithmic: true },
      y: { label: "power", logarithmic: true },
    });
    return parts.find((part) => part.startsWith("<path"));
  };

  it("run from corner to corner, on logarithmic axes", () => {
    expect(
      draw([
        [1, 1e-4],
        [10, 1e-2],
        [100, 1],
      ]),
    ).toContain('d="M0 50L50 25L100 0"');
  });

  it("leave out what a logarithm has no place for, and what rounding left", () => {
    expect(
      draw([
        [0, 7],
        [1, 0],
        [1, 1],
        [10, Number.NaN],
        [100, 1e-40],
        [100, 100],
      ]),
    ).toContain('d="M0 ');
    expect(draw([])).toBeUndefined();
    expect(draw([[5, 3]])).not.toContain("NaN");
  });
});

describe("fieldzip compare", () => {
  const exact = join(folder, "exact.zarr");
  const bounded = join(folder, "bounded.zarr");

  beforeAll(async () => {
    build();
    await fieldzip("compress", turbulence, exact);
    const flags = ["--guarantee", "bounded", "--bound", "1e-2", "--bound-kind", "range"];
    await fieldzip("compress", turbulence, bounded, ...flags);
  });

  it("an exact archive is equal", async () => {
    const { code, stdout } = await fieldzip("compare", turbulence, exact, "--require-equal");
    expect(code).toBe(0);
    expect(stdout).toContain("every bit is equal: 22 variables");
    expect(stdout).toMatch(/an archive of ratio \d\.\d\d/);
  });

  it("prints tables, and fails only where it is asked to", async () => {
    const { code, stdout, stderr } = await fieldzip("compare", turbulence, bounded);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^variable +PSNR dB +RMSE +MSE +max error +of range +differing$/m);
    expect(stdout).toMatch(/^rho +4\d\.\d\d +[\d.e-]+ +[\d.e-]+ +[\d.e-]+ +[\d.]+ % +[\d.]+ %$/m);
    expect(stdout).toMatch(
      /^variable +SSIM across z .* SSIM 3-D +spectrum off +true to k +sum off$/m,
    );
    expect(stdout).toMatch(/^mean PSNR 4\d\.\d\d dB over 12 variables/m);
    expect(stdout).toMatch(/^equal bits: z, .*x/m);
    expect(stdout).not.toMatch(/undefined|NaN|\[object/);

    const strict = await fieldzip("compare", turbulence, bounded, "--require-equal", "--quick");
    expect(strict.code).toBe(3);
    expect(strict.stderr).toContain("not equal: 12 variables");
    const quick = ["--quick", "--variable", "rho,prs"];
    expect(
      (await fieldzip("compare", turbulence, bounded, ...quick, "--min-psnr", "40")).code,
    ).toBe(0);
    const poor = await fieldzip("compare", turbulence, bounded, ...quick, "--min-psnr", "80");
    expect([poor.code, poor.stderr]).toEqual([
      3,
      `fieldzip: ${bounded}: PSNR below 80 dB: rho, prs\n`,
    ]);
  });

  it("--json, --step and --variable", async () => {
    const flags = ["--json", "--step", "1", "--variable", "rho", "--threads", "1"];
    const { code, stdout } = await fieldzip("compare", turbulence, bounded, ...flags);
    expect(code).toBe(0);
    const report = JSON.parse(stdout);
    expect(report.ratio).toBeGreaterThan(10);
    const rho = report.variables.find(({ name }: { name: string }) => name === "rho");
    expect(rho.fields).toHaveLength(1);
    expect(rho.fields[0]).toMatchObject({ at: { step: 1 }, bits: { values: 20 * 24 * 28 } });
    expect(rho.difference.psnr).toBeGreaterThan(40);
    const equal = await fieldzip("compare", exact, turbulence, ...flags);
    const parsed = JSON.parse(equal.stdout);
    expect(parsed).toMatchObject({ equal: true, meanPsnr: "Infinity" });
  });

  it("--plot draws fields, difference and spectra, as SVG and as PNG", async () => {
    const svg = join(folder, "compare.svg");
    const png = join(folder, "compare.png");
    const flags = ["--variable", "rho,Bx1", "--quick", "--step", "0"];
    const drawn = await fieldzip("compare", turbulence, bounded, ...flags, "--plot", svg);
    expect([drawn.code, drawn.stderr]).toEqual([0, ""]);
    expect(drawn.stdout).toContain(`written to ${svg}`);
    const text = readFileSync(svg, "utf8").replace(/base64,[^"]*/g, "base64,");
    expect(text.match(/<image /g)).toHaveLength(6);
    expect(text.match(/>power spectra</g)).toHaveLength(2);
    expect(text).toContain(">bounded.zarr<");
    expect(text).toMatch(/PSNR 4\d\.\d\d dB/);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);

    expect((await fieldzip("compare", turbulence, exact, ...flags, "--plot", png)).code).toBe(0);
    const bytes = readFileSync(png);
    expect(bytes.subarray(1, 4).toString()).toBe("PNG");
    expect(bytes.readUInt32BE(16)).toBeGreaterThan(1500);
    const again = await fieldzip("compare", turbulence, exact, ...flags, "--plot", png);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("--force")]);
  });

  it("--report writes one page that asks for nothing, in words that cannot be markup", async () => {
    const html = join(folder, "compare.html");
    const written = await fieldzip("compare", turbulence, bounded, "--report", html);
    expect([written.code, written.stderr]).toEqual([0, ""]);
    const text = readFileSync(html, "utf8").replace(/base64,[^"]*/g, "base64,");
    expect(text).not.toMatch(
      /https?:|<script|<link|@import|url\((?!#)|="[^"]*NaN|>NaN<|undefined|\[object/,
    );
    expect(text.match(/<section id="variable-/g)).toHaveLength(12);
    expect(text.match(/<svg /g)).toHaveLength(12 * 6);
    expect(text).toContain("guarantee bounded, bound 0.01, boundKind range");
    expect(text).toContain("u[t,z,y,x] = ");
    expect(text).toMatch(/Every bit is equal: z, /);
    // Colours follow the page.
    expect(text).not.toMatch(/<svg[^>]*>[^<]*<text[^>]*fill="#/);
    expect(text.match(/ id="([^"]+)"/g)!.length).toBe(new Set(text.match(/ id="([^"]+)"/g)).size);
    const other = await fieldzip("compare", turbulence, bounded, "--report", join(folder, "a.pdf"));
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining(".html")]);
  });

  it.skipIf(!executablePath)(
    "the report fits a telephone and a screen, light and dark",
    async () => {
      const html = join(folder, "page.html");
      const flags = ["--variable", "rho,prs", "--report", html];
      expect((await fieldzip("compare", turbulence, exact, ...flags)).code).toBe(0);
      const browser = await launch();
      try {
        const complaints: string[] = [];
        for (const width of [390, 1440]) {
          for (const dark of [false, true]) {
            const page = await openPage(browser, `file://${html}`, complaints, { width, dark });
            page.on("request", (request) => complaints.push(request.url()));
            const seen = await page.evaluate(() => ({
              beyond: document.documentElement.scrollWidth - innerWidth,
              ground: getComputedStyle(document.body).backgroundColor,
              ink: getComputedStyle(document.querySelector("svg text")!).fill,
              pictures: [...document.querySelectorAll("image")].length,
            }));
            expect(seen).toMatchObject({ beyond: 0, pictures: 6 });
            const bright = (colour: string) => Number(/\d+/.exec(colour)![0]) > 128;
            expect([bright(seen.ground), bright(seen.ink)]).toEqual([!dark, dark]);
            await page.close();
          }
        }
        expect(complaints).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );

  it("says what cannot be compared", async () => {
    const missing = await fieldzip("compare", turbulence, bounded, "--variable", "T");
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("T")]);
    const flat = join(folder, "flat.f32");
    writeFileSync(flat, new Uint8Array(4 * 20 * 24));
    const raw = ["--shape", "20,24", "--dtype", "f32", "--name", "rho"];
    const shapes = await fieldzip("compare", turbulence, flat, ...raw);
    expect([shapes.code, shapes.stderr]).toEqual([1, expect.stringContaining("in the same shape")]);
    const step = await fieldzip("compare", flat, flat, ...raw, "--step", "1");
    expect([step.code, step.stderr]).toEqual([2, expect.stringContaining("--select")]);
    rmSync(flat);
  });
});
