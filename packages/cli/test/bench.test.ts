import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openDataset } from "@fieldzip/io";
import { beforeAll, describe, expect, it } from "vitest";
import { type BenchReport, type BenchResult, bench } from "../src/bench/bench.js";
import { shuffle, unshuffle } from "../src/bench/codecs.js";
import { benchText } from "../src/bench/report.js";
import { sampleOf } from "../src/bench/sample.js";
import { placeLabels } from "../src/plot/labels.js";
import { frontOf, paretoPlot } from "../src/plot/pareto.js";
import { textWidth } from "../src/plot/svg.js";
import { build, fieldzip, fixtures, root, temporaryFolder } from "./helpers.js";

const folder = temporaryFolder();
const turbulence = join(fixtures, "pluto/turbulence");
const tos = join(fixtures, "netcdf/tos_cesm2fv2_192x200.nc");
const noPython = join(folder, "no-python");

/** A Python for tests: answers as `peers.py` does, from what it is told here. */
function fakePython(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `#!${process.execPath}
    const { statSync } = require("node:fs");
    const list = { codecs: ["half", "broken", "stubborn"], missing: { fpzip: "numpy fpzip", other: "numpy fpzip" }, versions: { python: "0" } };
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const request = JSON.parse(line);
      const say = (answer) => console.log(JSON.stringify(answer));
      ${body}
    });`,
  );
  chmodSync(path, 0o755);
  return path;
}

const fair = `if (request.list) return say(list);
  if (request.codec === "broken") return say({ codec: "broken", error: "no such floats" });
  const bytes = statSync(request.path).size;
  const count = request.shape.reduce((a, b) => a * b, 1) * (request.dtype === "float32" ? 4 : 8);
  if (bytes !== count) return say({ codec: request.codec, error: bytes + " bytes, not " + count });
  say({ codec: request.codec, bytes: bytes / 2, compress: bytes / 1e8, decompress: bytes / 4e8 });`;

async function benchOf(path: string, options: Parameters<typeof bench>[1]): Promise<BenchReport> {
  const dataset = await openDataset(path);
  try {
    return await bench(dataset, options);
  } finally {
    await dataset.close();
  }
}

describe("a sample", () => {
  it("is everything where the limit allows, else whole chunks spread over the variables", async () => {
    const dataset = await openDataset(turbulence);
    try {
      const all = sampleOf(dataset, { limit: 64e6 });
      expect(all.bytes).toBe(all.ofBytes);
      expect(all.chunks).toHaveLength(12);
      const some = sampleOf(dataset, { limit: all.bytes / 3 });
      expect(some.bytes).toBeLessThanOrEqual(all.bytes / 3);
      expect(some.bytes).toBeGreaterThan(all.bytes / 6);
      expect(some.ofBytes).toBe(all.ofBytes);
      const places = some.chunks.map(({ variable }) => all.variables.indexOf(variable.name));
      expect(Math.max(...places) - Math.min(...places)).toBeGreaterThan(places.length);
      expect(sampleOf(dataset, { limit: 1 }).chunks).toHaveLength(1);
    } finally {
      await dataset.close();
    }
  });

  it("says which variable is missing or has no floats", async () => {
    const dataset = await openDataset(join(fixtures, "netcdf/wrf_tip_d2.nc"));
    try {
      expect(() => sampleOf(dataset, { limit: 1, variables: ["nope"] })).toThrow(/nope/);
      expect(() => sampleOf(dataset, { limit: 1, variables: ["roi"] })).toThrow(/roi of int8/);
    } finally {
      await dataset.close();
    }
  });
});

describe("the bench", () => {
  it("measures ours and what Node brings, and lists peers that are missing", async () => {
    const python = fakePython("fair", fair);
    const seen: string[] = [];
    const report = await benchOf(tos, {
      python,
      onProgress: ({ variable, done, total }) => {
        expect(done).toBeLessThan(total);
        seen.push(variable!);
      },
    });
    const names = report.codecs.map(({ name }) => name);
    const efforts = ["fieldzip default", "fieldzip fast", "fieldzip max"];
    for (const name of [...efforts, "gzip -6", "shuffle + gzip -6", "half"]) {
      expect(names).toContain(name);
      expect(seen).toContain(name);
    }
    const ours = report.codecs.filter((codec) => codec.ours).map(({ name }) => name);
    expect(ours.sort()).toEqual(efforts);
    for (const { ratio, bitsPerValue, compress, decompress, bytes } of report.codecs) {
      expect(ratio).toBeCloseTo(report.bytes / bytes);
      expect(bitsPerValue).toBeCloseTo((8 * bytes) / report.values);
      expect(Math.min(compress, decompress)).toBeGreaterThan(0);
    }
    const ratios = report.codecs.map(({ ratio }) => ratio);
    expect(ratios).toEqual([...ratios].sort((a, b) => b - a));
    // What the fake said: half the bytes at 100 and 400 MB/s.
    const half = report.codecs.find(({ name }) => name === "half")!;
    expect(half.ratio).toBeCloseTo(2);
    expect(half.compress).toBeCloseTo(100);
    expect(half.decompress).toBeCloseTo(400);
    expect(report.failed).toEqual({ broken: "no such floats" });
    const text = benchText(report);
    for (const name of efforts) expect(text).toContain(`* ${name}`);
    expect(text).toContain("fpzip, other  not installed (pip install numpy fpzip)");
    expect(text).toContain("broken  failed: no such floats");
    expect(text).not.toContain("a sample of");
  });

  it("says that it measured a sample", async () => {
    const report = await benchOf(turbulence, { limit: 400_000, python: fakePython("fair", fair) });
    expect(report.bytes).toBeLessThanOrEqual(400_000);
    expect(benchText(report)).toContain("a sample of 323 kB of 1.29 MB in 3 chunks");
  });

  it("works without a Python, and refuses one that was named and does not run", async () => {
    const { PATH, FIELDZIP_PYTHON } = process.env;
    process.env.PATH = folder;
    delete process.env.FIELDZIP_PYTHON;
    try {
      const report = await benchOf(turbulence, { variables: ["rho"] });
      expect(report.noPeers).toContain("python3");
      expect(benchText(report)).toContain("--python");
      expect(report.codecs.length).toBeGreaterThanOrEqual(3);
    } finally {
      process.env.PATH = PATH;
      if (FIELDZIP_PYTHON !== undefined) process.env.FIELDZIP_PYTHON = FIELDZIP_PYTHON;
    }
    await expect(benchOf(turbulence, { python: noPython })).rejects.toMatchObject({
      tag: "usage",
      details: { where: `Python ${noPython}` },
    });
    const mute = fakePython("mute", "process.exit(3)");
    await expect(benchOf(turbulence, { python: mute })).rejects.toThrow(/ended with code 3/);
    const mad = fakePython("mad", 'console.log("hello")');
    await expect(benchOf(turbulence, { python: mad })).rejects.toThrow(/hello/);
  });

  it("a peer that dies is a result, and not the end", async () => {
    const python = fakePython("dying", "if (request.list) return say(list); process.exit(9);");
    const report = await benchOf(turbulence, { variables: ["rho"], python });
    expect(report.failed.half).toContain("ended with code 9");
    expect(report.codecs.map(({ name }) => name)).toContain("gzip -6");
  });

  it("ends with its signal although a peer never answers", async () => {
    const python = fakePython("slow", "if (request.list) return say(list);");
    const controller = new AbortController();
    const before = performance.now();
    const running = benchOf(turbulence, {
      variables: ["rho"],
      python,
      signal: controller.signal,
      onProgress: ({ variable }) => {
        if (variable === "half") setTimeout(() => controller.abort(), 50);
      },
    });
    await expect(running).rejects.toMatchObject({ tag: "aborted" });
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  it("the peers' script lists what a Python has, or says that it needs numpy", (context) => {
    const script = join(root, "packages/cli/peers.py");
    const { status, stdout } = spawnSync("python3", [script], {
      input: '{"list": true}\n{"codec": "nonsense"}\n',
      encoding: "utf8",
    });
    if (status === null) return context.skip("no python3");
    const [listing, refusal] = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect([...listing.codecs, ...Object.keys(listing.missing)]).toContain("fpzip");
    expect(refusal.error).toMatch(/nonsense/);
  });

  it("shuffles bytes and back", () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect([...shuffle(bytes, 4)]).toEqual([1, 5, 2, 6, 3, 7, 4, 8]);
    expect(unshuffle(shuffle(bytes, 4), 4)).toEqual(bytes);
  });
});

describe("the Pareto plot", () => {
  const codec = (name: string, ratio: number, speed: number, ours = false): BenchResult => ({
    name,
    ours,
    ratio,
    bitsPerValue: 32 / ratio,
    compress: speed,
    decompress: 10 * speed,
    bytes: 1e6 / ratio,
  });
  const codecs = [
    codec("fieldzip <mechanism>", 3, 20, true),
    codec("fpzip", 2.6, 80),
    codec("beaten", 2.5, 70),
    codec("fast", 1.5, 900),
    ...Array.from({ length: 14 }, (_, k) => codec(`crowd number ${k}`, 1.7 + k / 100, 100 + k)),
  ];

  it("has on its front what no other beats", () => {
    const names = frontOf(codecs.slice(0, 4), "compress").map(({ name }) => name);
    expect(names).toEqual(["fieldzip <mechanism>", "fpzip", "fast"]);
  });

  it("places labels where they meet neither each other nor points", () => {
    const points = codecs.map(({ name, ratio, compress }) => ({
      x: 100 + 60 * Math.log(compress),
      y: 500 - 150 * ratio,
      text: name,
    }));
    const inside = { left: 100, top: 0, right: 700, bottom: 500 };
    const boxes = placeLabels(points, inside, 12).map(({ text, textX, textY, anchor }) => {
      const width = textWidth(text, 12);
      const left =
        anchor === "start" ? textX : anchor === "end" ? textX - width : textX - width / 2;
      return { left, right: left + width, top: textY - 9, bottom: textY + 2 };
    });
    boxes.forEach((box, k) => {
      expect(box.left).toBeGreaterThanOrEqual(inside.left - 0.01);
      expect(box.right).toBeLessThanOrEqual(inside.right + 0.01);
      boxes.forEach((other, n) => {
        if (n <= k) return;
        const apart =
          box.right <= other.left ||
          other.right <= box.left ||
          box.bottom <= other.top ||
          other.bottom <= box.top;
        expect(apart, `${codecs[k].name} and ${codecs[n].name}`).toBe(true);
      });
    });
  });

  it("is one self-contained SVG that names every codec", () => {
    const svg = paretoPlot({
      location: "/data/run & <co>.nc",
      variables: ["rho"],
      chunks: 1,
      values: 250_000,
      bytes: 1e6,
      ofBytes: 2e6,
      codecs,
      failed: {},
      missing: {},
      versions: {},
    });
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).not.toMatch(/NaN|Infinity|undefined|<script|url\(http|href="http/);
    expect(svg).toContain("run &amp; &lt;co&gt;.nc");
    expect(svg).toContain("1.00 MB of 2.00 MB");
    for (const { name } of codecs) {
      expect(svg.split(`>${name.replace("<", "&lt;").replace(">", "&gt;")}</text>`)).toHaveLength(
        3,
      );
    }
    expect(svg.match(/class="front"/g)).toHaveLength(2);
  });
});

describe("the command", () => {
  beforeAll(build);

  it("prints a table, or JSON, and writes a plot once", async () => {
    const svg = join(folder, "bench.svg");
    const python = fakePython("fair", fair);
    const args = ["bench", tos, "--variable", "tos", "--python", python];
    const { code, stdout } = await fieldzip(...args, "--plot", svg);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\* fieldzip max +\d/m);
    expect(readFileSync(svg, "utf8")).toContain("</svg>");
    const refused = await fieldzip(...args, "--plot", svg);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("--force")]);
    const json = JSON.parse((await fieldzip(...args, "--limit", "100kB", "--json")).stdout);
    expect(json).toMatchObject({ variables: ["tos"], chunks: 1, bytes: 153_600 });
    expect(json.codecs[0]).toHaveProperty("ratio");
  });

  it.each([
    [["--limit", "many"], "--limit: a size"],
    [["--limit", "0"], "--limit: a size"],
    [["--plot", "out.pdf"], "ends in .svg"],
    [["--variable", "nope"], "nope"],
  ])("refuses %s", async (flags, message) => {
    const { code, stderr } = await fieldzip("bench", tos, ...flags);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain(message);
    expect(existsSync("out.png")).toBe(false);
  });
});
