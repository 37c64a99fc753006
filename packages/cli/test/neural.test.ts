import { cpSync, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { compressCommand } from "../src/commands/compress.js";
import { type Invocation, parseCommandLine } from "../src/program.js";
import { build, fieldzip, finished, fixtures, start, temporaryFolder } from "./helpers.js";

/** `compress --predictor neural`: guarantees, goals, and trainings that are killed and go on. */

/** One variable, and twelve at two steps. */
const rho = join(fixtures, "raw/rho_20x24x28.f32");
const rhoFlags = ["--shape", "20,24,28", "--dtype", "f32"];
const turbulence = join(fixtures, "pluto/turbulence");
const folder = temporaryFolder();
/** Small enough for a second. */
const short = ["--predictor", "neural", "--reproducible", "--epochs", "8", "--batch", "512"];
const bestEffort = ["--guarantee", "best-effort"];

beforeAll(build);

function compress(name: string, ...options: string[]) {
  return fieldzip("compress", rho, join(folder, name), ...rhoFlags, ...options);
}

/** Every file below a folder, by its path. */
function contentsOf(path: string): Map<string, Buffer> {
  const files = readdirSync(path, { recursive: true, withFileTypes: true });
  return new Map(
    files
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file.slice(path.length), readFileSync(file)]),
  );
}

async function reportOf(name: string, ...options: string[]) {
  const { code, stdout, stderr } = await compress(name, ...options, "--json", "--quiet");
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

function meanPsnr(report: { variables: { difference?: { psnr: number | null } }[] }): number {
  const psnrs = report.variables
    .map(({ difference }) => difference?.psnr ?? Number.NaN)
    .filter(Number.isFinite);
  return psnrs.reduce((sum, psnr) => sum + psnr, 0) / psnrs.length;
}

describe("guarantees", () => {
  it("exact: every bit comes back", async () => {
    const result = await compress("exact.zarr", ...short, "--verify");
    expect(result).toMatchObject({ code: 0, stderr: "" });
    expect(result.stdout).toMatch(/^rho_20x24x28 +float32 .* neural$/m);
    expect(result.stdout).toContain("every bit is that of");
  });

  it("bounded: no value is off by more, of any of twelve variables in one network", async () => {
    const target = join(folder, "bounded.zarr.zip");
    const asked = [...short, "--epochs", "2", "--bound", "1e-2", "--json", "--quiet"];
    const { stdout } = await fieldzip("compress", turbulence, target, ...asked);
    const report = JSON.parse(stdout);
    expect(report.guarantee).toEqual({ kind: "bounded", bound: 0.01, boundKind: "range" });
    const fields = report.variables.filter(
      ({ predictor }: { predictor: string }) => predictor === "neural",
    );
    expect(fields).toHaveLength(12);
    for (const { difference } of fields) {
      const { min, max, maxError } = difference;
      expect(maxError).toBeGreaterThan(0);
      expect(maxError).toBeLessThanOrEqual(0.01 * (max - min));
    }
  });

  it("best-effort: the metadata holds settings, inspect the network", async () => {
    const target = join(folder, "best.zarr");
    const asked = [...bestEffort, "--width", "24", "--seed", "7"];
    const { stdout } = await compress("best.zarr", ...short, ...asked);
    expect(stdout).toMatch(/^PSNR \d\d\.\d\d dB on average, \d\d\.\d\d dB at the least$/m);
    const { codecs } = JSON.parse(readFileSync(join(target, "rho_20x24x28/zarr.json"), "utf8"));
    expect(codecs).toEqual([
      {
        name: "fieldzip",
        configuration: {
          guarantee: { kind: "best-effort", goal: {} },
          predictor: "neural",
          settings: {
            network: { kind: "grid", width: 24 },
            ...{ weights: "8bit", loss: "range", sampling: "all", epochs: 8, batch: 512 },
            ...{ seed: 7, shares: 4, ghosts: 1, warmStart: true, reproducible: true },
          },
        },
      },
    ]);
    const inspected = await fieldzip("inspect", target, "--variable", "rho_20x24x28");
    expect(inspected.stdout).toMatch(/^ {2}predictor +neural, grid network$/m);
    expect(inspected.stdout).toMatch(/^ {2}guarantee +best-effort$/m);
    expect(inspected.stdout).toMatch(/layers +24 x 24 x 1, smooth/);
    const decompressed = await fieldzip("decompress", target, join(folder, "best.h5"));
    expect(decompressed).toMatchObject({ code: 0, stderr: "" });
  });

  it("the same bytes with any number of threads, others with another seed", async () => {
    const options = [...short, ...bestEffort, "--quiet"];
    await compress("threads-0.zarr", ...options, "--threads", "0");
    await compress("threads-3.zarr", ...options, "--threads", "3");
    await compress("seed-1.zarr", ...options, "--seed", "1");
    const [none, three, other] = ["threads-0", "threads-3", "seed-1"].map((name) =>
      contentsOf(join(folder, `${name}.zarr`)),
    );
    expect(three).toEqual(none);
    expect([...other.keys()]).toEqual([...none.keys()]);
    expect(other).not.toEqual(none);
  });
});

describe("goals", () => {
  it("--ratio is hit within 2 %, every byte counted", async () => {
    const report = await reportOf("ratio.zarr", ...short, "--ratio", "12");
    expect(Math.abs(report.originalBytes / report.archiveBytes / 12 - 1)).toBeLessThan(0.02);
    const bytes = [...contentsOf(join(folder, "ratio.zarr")).values()];
    expect(report.archiveBytes).toBe(bytes.reduce((sum, { length }) => sum + length, 0));
  });

  it("--psnr is reached, and not by much more", async () => {
    const report = await reportOf("psnr.zarr", ...short, "--epochs", "60", "--psnr", "38");
    expect(meanPsnr(report)).toBeGreaterThan(37.95);
    expect(meanPsnr(report)).toBeLessThan(39);
  });

  it("a goal that cannot be reached is told", async () => {
    const levels = ["--levels", "16:2", "--psnr", "80"];
    const { code, stdout } = await compress("missed.zarr", ...short, ...levels);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^goal missed: 80 dB asked for, \d\d\.\d\d dB reached$/m);
  });

  it("--time ends in time, about", async () => {
    const asked = [...short, "--epochs", "20000", "--time", "3s"];
    // Minutes without; room for a machine that has other things to do.
    expect((await reportOf("time.zarr", ...asked)).seconds).toBeLessThan(20);
  });
});

describe("a training that is interrupted", () => {
  const options = [...short, "--epochs", "60", "--psnr", "40", "--quiet"];
  const often = ["--checkpoint-every", "0.1s"];
  const whole = join(folder, "whole.zarr");

  beforeAll(async () => {
    expect(await compress("whole.zarr", ...options)).toMatchObject({ code: 0 });
    expect(existsSync(`${whole}.checkpoint`)).toBe(false);
  });

  /** Starts it, waits for a state of the training that was written at least `times` times, and ends it. */
  async function interrupted(name: string, signal: NodeJS.Signals, resume = false, times = 2) {
    const target = join(folder, name);
    const child = start([
      ...["compress", rho, target, ...rhoFlags, ...options, ...often],
      ...(resume ? ["--resume"] : []),
    ]);
    const end = finished(child);
    const state = join(`${target}.checkpoint`, "rho_20x24x28-0.0.0.training");
    const begun = existsSync(state) ? statSync(state).mtimeMs : 0;
    let [last, seen] = [begun, 0];
    while (seen < times && child.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const now = existsSync(state) ? statSync(state).mtimeMs : 0;
      if (now !== last) seen++;
      last = now;
    }
    child.kill(signal);
    return end;
  }

  it("killed twice and resumed it ends with the same bytes", async () => {
    const target = join(folder, "killed.zarr");
    expect((await interrupted("killed.zarr", "SIGKILL")).signal).toBe("SIGKILL");
    expect((await interrupted("killed.zarr", "SIGKILL", true, 5)).signal).toBe("SIGKILL");
    expect(existsSync(target)).toBe(false);

    // Not by accident, nor with other options.
    const again = await compress("killed.zarr", ...options);
    expect(again).toMatchObject({ code: 1 });
    expect(again.stderr).toContain("--resume");
    const other = await compress("killed.zarr", ...options, "--seed", "5", "--resume");
    expect(other).toMatchObject({ code: 2 });
    expect(other.stderr).toContain('"seed": 0');

    const resumed = await compress("killed.zarr", ...options, "--resume");
    expect(resumed).toMatchObject({ code: 0, stderr: "" });
    expect(contentsOf(target)).toEqual(contentsOf(whole));
    const left = readdirSync(folder).filter((name) => name.includes("killed.zarr"));
    expect(left).toEqual(["killed.zarr"]);
  });

  it("Ctrl-C keeps what was done and says how to go on", async () => {
    const stopped = await interrupted("stopped.zarr", "SIGINT");
    expect(stopped.code).toBe(130);
    const place = join(folder, "stopped.zarr.checkpoint");
    expect(stopped.stderr).toBe(
      `fieldzip: interrupted; ${place}: go on with the same command and --resume\n`,
    );
    cpSync(place, join(folder, "copy.zarr.checkpoint"), { recursive: true });
    expect(await compress("stopped.zarr", ...options, "--resume")).toMatchObject({ code: 0 });
    expect(contentsOf(join(folder, "stopped.zarr"))).toEqual(contentsOf(whole));

    // Begun afresh, the old state goes.
    const afresh = await compress("copy.zarr", ...short, ...bestEffort, "--force");
    expect(afresh).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(join(folder, "copy.zarr.checkpoint"))).toBe(false);
  });
});

describe("what is shown", () => {
  it("--loss-curve keeps a picture", async () => {
    const picture = join(folder, "loss.svg");
    const asked = [...bestEffort, "--loss-curve", picture];
    expect(await compress("curve.zarr", ...short, ...asked)).toMatchObject({ code: 0 });
    const svg = readFileSync(picture, "utf8");
    expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(svg).toContain("PSNR of the samples");
    expect(svg).not.toContain("NaN");
    const again = await compress("curve2.zarr", ...short, ...asked);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain("loss.svg");
  });

  it.each([
    [["--psnr", "40", "--guarantee", "exact"], "--psnr"],
    [["--guarantee", "bounded"], "--guarantee bounded"],
    [["--bound", "1e-3", "--psnr", "40"], "--psnr"],
    [["--psnr", "40"], "predictor"],
    [["--predictor", "neural", "--sampling", "some"], "sampling"],
    [["--predictor", "neural", "--levels", "8"], "--levels"],
    [["--predictor", "neural", "--mapping", "fixed"], "neural, network grid"],
    [["--predictor", "neural", "--joint", "never"], "joint"],
    [["--predictor", "neural", "--bound", "1e-3", "--verify"], "--verify"],
    [["--resume"], "--resume"],
    [["--loss-curve", "a.svg"], "--loss-curve"],
    [["--width", "8"], "settings"],
    [["--time", "soon", "--predictor", "neural"], "--time"],
  ])("%j is refused", async (options, where) => {
    const target = join(folder, "refused.zarr");
    const line = ["compress", rho, target, ...rhoFlags, "--threads", "0", ...options];
    const asked = parseCommandLine(line, [compressCommand], "0") as Invocation;
    const context = { signal: new AbortController().signal, onProgress() {}, announce() {} };
    const run = compressCommand.run(asked.args, asked.options, context);
    await expect(run).rejects.toMatchObject({ tag: "usage", details: { where } });
    expect(existsSync(target)).toBe(false);
    expect(existsSync(`${target}.checkpoint`)).toBe(false);
  });
});
