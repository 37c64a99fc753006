import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { build, fieldzip, finished, fixtures, root, start, temporaryFolder } from "./helpers.js";

const winds = join(fixtures, "netcdf/navy_winds_6months.cdf");
const folder = temporaryFolder();

beforeAll(build);

describe("usage", () => {
  it("prints help that fits 80 columns", async () => {
    for (const args of [["--help"], ["help"], ["compress", "--help"], ["help", "verify"]]) {
      const { code, stdout, stderr } = await fieldzip(...args);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toMatch(/^Usage: fieldzip/);
      expect(stdout).toContain("Examples:");
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(90);
    }
  });
  it("prints its version", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "packages/cli/package.json"), "utf8"));
    expect((await fieldzip("--version")).stdout).toBe(`${version}\n`);
  });

  it.each([
    ["an unknown flag", ["compress", winds, "out.zarr", "--forse"], "did you mean --force?"],
    ["an unknown command", ["compres", winds, "out.zarr"], "did you mean compress?"],
    ["an argument too many", ["verify", "a.zarr", "b.zarr"], "too many arguments"],
    ["an argument too few", ["compress", winds], "missing required argument 'archive'"],
    ["a flag without its value", ["compress", winds, "out.zarr", "--threads"], "argument missing"],
    ["a wrong value", ["compress", winds, "out.zarr", "--threads", "two"], "--threads: a whole"],
    ["a wrong choice", ["compress", winds, "out.zarr", "--predictor", "best"], "--predictor: one"],
    ["a flag of another command", ["verify", "a.zarr", "--force"], "unknown option"],
  ])("%s is an error", async (_, args, message) => {
    const { code, stdout, stderr } = await fieldzip(...args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^fieldzip: /);
    expect(stderr).toContain(message);
    const json = await fieldzip(...args, "--json");
    if (args.at(-1) !== "--threads") {
      expect(json.code).toBe(2);
      expect(JSON.parse(json.stdout).error).toMatchObject({ tag: "usage" });
    }
  });

  it("no command is an error that shows what there is", async () => {
    const { code, stderr } = await fieldzip();
    expect(code).toBe(2);
    expect(stderr).toContain("fieldzip --help");
  });
});

describe("targets", () => {
  it("refuses an existing target and leaves it alone; --force replaces it", async () => {
    for (const [name, put] of [
      ["file.zarr", (path: string) => writeFileSync(path, "mine")],
      ["folder.zarr", (path: string) => mkdirSync(path)],
    ] as const) {
      const target = join(folder, name);
      put(target);
      const before = existsSync(join(target, "zarr.json"));
      const refused = await fieldzip("compress", winds, target);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain("--force");
      expect(existsSync(join(target, "zarr.json"))).toBe(before);
      if (name === "file.zarr") expect(readFileSync(target, "utf8")).toBe("mine");
      expect((await fieldzip("compress", winds, target, "--force")).code).toBe(0);
      expect((await fieldzip("verify", target, "--against", winds)).code).toBe(0);
      expect(leftovers(name)).toEqual([]);
    }
  });

  it("keeps the old target when --force fails half-way", async () => {
    const target = join(folder, "kept.zarr");
    expect((await fieldzip("compress", winds, target)).code).toBe(0);
    const broken = join(folder, "broken.nc");
    writeFileSync(broken, readFileSync(winds).subarray(0, 200_000));
    expect((await fieldzip("compress", broken, target, "--force")).code).not.toBe(0);
    expect((await fieldzip("verify", target, "--against", winds)).code).toBe(0);
    expect(leftovers("kept.zarr")).toEqual([]);
  });

  it("says where it may not write, before it works", async (context) => {
    const missing = await fieldzip("compress", winds, join(folder, "no/such/folder/out.zarr"));
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(/^fieldzip: .*no\/such\/folder.*: .*/);
    const closed = join(folder, "closed");
    mkdirSync(closed);
    chmodSync(closed, 0o500);
    // Nothing is closed to root; the user nobody is asked instead, where that one can read this folder.
    const user = process.getuid?.() === 0 ? { uid: 65534 } : {};
    chmodSync(folder, 0o755);
    const here = await finished(start(["--version"], user)).catch(() => undefined);
    if (here?.code !== 0) return context.skip("nothing is closed to root");
    const refused = await finished(start(["compress", winds, join(closed, "out.zarr")], user));
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("permission");
  });

  it("reports a full disk and leaves nothing", async (context) => {
    const mount = join(folder, "full");
    mkdirSync(mount);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=200k", "tmpfs", mount]);
    if (mounted.status !== 0) {
      return context.skip("no full disk: mounting a small tmpfs needs root");
    }
    try {
      for (const name of ["out.zarr", "out.zarr.zip"]) {
        const { code, stderr } = await fieldzip(
          "compress",
          winds,
          join(mount, name),
          "--predictor",
          "raw",
        );
        expect(code).toBe(1);
        expect(stderr).toMatch(/^fieldzip: .*ENOSPC.*the disk is full/);
        expect(readdirSync(mount)).toEqual([]);
      }
      const archive = join(folder, "winds.zarr");
      await fieldzip("compress", winds, archive);
      for (const name of ["out.nc", "out.h5", "UWND.npy", "UWND.raw"]) {
        const part = name.startsWith("UWND") ? ["--variable", "UWND"] : [];
        const { code, stderr } = await fieldzip("decompress", archive, join(mount, name), ...part);
        expect([name, code]).toEqual([name, 1]);
        expect(stderr).toMatch(/^fieldzip: .*(ENOSPC|disk is full)/);
        expect(readdirSync(mount)).toEqual([]);
      }
    } finally {
      execFileSync("umount", [mount]);
    }
  });
});

describe("a long compression", () => {
  const big = join(folder, "big.f32");
  const flags = ["--shape", "64,1024,1024", "--dtype", "f32"];

  beforeAll(() => {
    // 256 MiB of noise on a slope: some seconds of work.
    const plane = new Float32Array(1024 * 1024);
    let seed = 1;
    for (let i = 0; i < plane.length; i++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
      plane[i] = i * 1e-3 + seed * 1e-9;
    }
    const file = openSync(big, "w");
    for (let z = 0; z < 64; z++) writeSync(file, new Uint8Array(plane.buffer));
  });

  for (const threads of ["0", "2"]) {
    for (const name of ["run.zarr", "run.zarr.zip"]) {
      it(`ends at Ctrl-C within a second, leaving nothing (${name}, ${threads} threads)`, async () => {
        const target = join(folder, name);
        const child = start(["compress", big, target, ...flags, "--threads", threads]);
        const result = finished(child);
        await waitFor(() => leftovers(name).length > 0);
        await new Promise((resolve) => setTimeout(resolve, 500));
        expect(child.exitCode).toBeNull();
        const before = performance.now();
        child.kill("SIGINT");
        const { code, stderr } = await result;
        expect(performance.now() - before).toBeLessThan(1500);
        expect(code).toBe(130);
        expect(stderr).toContain("interrupted");
        expect(existsSync(target)).toBe(false);
        expect(leftovers(name)).toEqual([]);
      });
    }
  }

  it("survives a reader that goes away", async () => {
    const child = start(["--help"]);
    child.stdout?.destroy();
    const { code, stderr } = await finished(child);
    expect([code, stderr]).toEqual([0, ""]);
  });
});

/** What lies beside a target while it is being written. */
function leftovers(name: string): string[] {
  return readdirSync(folder).filter((entry) => entry.includes(name) && entry !== name);
}

async function waitFor(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(condition()).toBe(true);
}
