import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { planCommand } from "../src/commands/plan.js";
import { compressLine } from "../src/plan-report.js";
import { build, fieldzip, fixtures, temporaryFolder } from "./helpers.js";

const rho = join(fixtures, "raw/rho_20x24x28.f32");
const rhoFlags = ["--shape", "20,24,28", "--dtype", "f32"];
const turbulence = join(fixtures, "pluto/turbulence");
const folder = temporaryFolder();

beforeAll(build);

const plan = (...options: string[]) => fieldzip("plan", ...options, "--threads", "1");

describe("plan", () => {
  it("prints the network, its parameters by the published formula, bytes and time", async () => {
    const network = [
      "--network",
      "fourier",
      "--frequencies",
      "16",
      "--width",
      "24",
      "--hidden",
      "2",
    ];
    const { code, stdout, stderr } = await plan(turbulence, ...network, "--ratio", "40");
    expect([code, stderr]).toEqual([0, ""]);
    // d_out 12, k 16, d_in 4 (two steps), n 24, m 2.
    const count = 12 + 16 * 5 + 24 * (32 + 2 * 25 + 12);
    const lines = stdout.split("\n").map((line) => line.trim());
    expect(lines[0]).toBe("rho, vx1, vx2, vx3, Bx1, Bx2, Bx3, prs, tr1, Ex1, Ex2, Ex3: 1.29 MB");
    expect(lines).toContain("d_out + k (d_in + 1) + n (2k + m (n + 1) + d_out)");
    expect(lines).toContain("= 12 + 16 (4 + 1) + 24 (32 + 2 (24 + 1) + 12)");
    expect(lines).toContain(`= ${count}`);
    expect(stdout).toMatch(/ratio {7}about \d+ with 8bit weights, metadata not counted/);
    expect(stdout).toMatch(
      /time {8}about \d+:\d\d for training \([\d.]+ ms a step, measured here\)/,
    );
    expect(stdout).toMatch(/memory {6}about \d+ MB/);
    expect(stdout).toMatch(/exact {7}z, z_bounds, [\s\S]* stored as they are/);
  });

  it("the archive's network is the one that was planned", async () => {
    const flags = ["--levels", "8:4,4:2", "--width", "8", "--epochs", "3", "--batch", "512"];
    const planned = JSON.parse((await plan(rho, ...rhoFlags, ...flags, "--json")).stdout);
    const [{ parameters, steps, chunk }] = planned.arrays;
    const target = join(folder, "planned.zarr");
    const goal = ["--predictor", "neural", "--guarantee", "best-effort"];
    await fieldzip("compress", rho, target, ...rhoFlags, ...flags, ...goal);
    const { stdout } = await fieldzip("inspect", target, "--json");
    expect(stdout).toContain(`"parameters": ${parameters}`);
    expect(steps).toBe(Math.round((3 * 20 * 24 * 28) / 512));
    expect(chunk).toEqual([20, 24, 28]);
  });

  it("--explore recommends a command, which runs; --plot draws what was tried", async () => {
    const picture = join(folder, "work.svg");
    const asked = ["--ratio", "30", "--explore", "--time", "4s", "--plot", picture];
    const { code, stdout } = await plan(rho, ...rhoFlags, ...asked);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^length +all +\d+ +13\.4k +\d+/m);
    expect(stdout).toContain("- twice the work brought ");
    const line = stdout.trim().split("\n").at(-1)!.trim();
    expect(line).toMatch(
      /^fieldzip compress \S+ ARCHIVE --predictor neural --shape 20,24,28 --dtype f32 --ratio 30 --threads 1 --epochs [\d.]+/,
    );
    const target = join(folder, "recommended.zarr");
    const words = line
      .split(" ")
      .slice(1)
      .map((word) => (word === "ARCHIVE" ? target : word));
    const short = words.with(words.indexOf("--epochs") + 1, "1");
    expect(await fieldzip(...short)).toMatchObject({ code: 0 });
    const svg = readFileSync(picture, "utf8");
    expect(svg).toContain("Quality against work on rho_20x24x28.f32");
    expect(svg).not.toContain("NaN");
  });

  it("an interrupt ends an exploration and leaves nothing", async () => {
    const controller = new AbortController();
    const options = { explore: true, time: "5m", plot: join(folder, "never.svg"), threads: "0" };
    const interrupted = planCommand.run([turbulence], options, {
      signal: controller.signal,
      onProgress: ({ stage }) => stage === "explore" && controller.abort(new Error("interrupted")),
      ...{ warn() {}, announce() {} },
    });
    await expect(interrupted).rejects.toMatchObject({ tag: "aborted" });
    expect(readdirSync(folder).filter((name) => name.includes("never"))).toEqual([]);
  });

  it("refuses what makes no sense", async () => {
    const unexplored = await plan(rho, ...rhoFlags, "--plot", join(folder, "x.svg"));
    expect(unexplored).toMatchObject({ code: 2, stdout: "" });
    expect(unexplored.stderr).toContain("add --explore");
    expect(existsSync(join(folder, "x.svg"))).toBe(false);
    const netcdf = join(fixtures, "netcdf/navy_winds_6months.cdf");
    expect((await plan(netcdf, "--ratio", "0.5")).stderr).toContain("--ratio");
  });
});

it("a command to paste has all that was asked for, quoted", () => {
  const options = { explore: true, time: "2m", ratio: "90", chunkValues: "9", epochs: "7" };
  expect(compressLine("a", { warmStart: true, reproducible: true }, [])).toBe(
    "fieldzip compress a ARCHIVE --predictor neural --reproducible",
  );
  expect(compressLine("a", { warmStart: false }, [])).toMatch(/ --no-warm-start$/);
  expect(compressLine("my run's.nc", options, ["--epochs", "30"])).toBe(
    "fieldzip compress 'my run'\\''s.nc' ARCHIVE --predictor neural --ratio 90 --chunk-values 9 --epochs 30",
  );
});
