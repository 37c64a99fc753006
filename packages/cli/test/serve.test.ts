import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { openArchive, openDataset } from "@fieldzip/io";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { build, fieldzip, finished, fixtures, start } from "./helpers.js";

const archive = join(fixtures, "frozen/v1/kelvin-helmholtz-joint.zarr.zip");
const original = join(fixtures, "netcdf/navy_winds_small_cdf5.nc");
let child: ChildProcess | undefined;

beforeAll(build);
afterEach(() => {
  child?.kill("SIGKILL");
});

/** Starts the command and resolves to what it printed once it listens. */
function serving(...args: string[]): Promise<string> {
  const running = start(["serve", ...args]);
  child = running;
  return new Promise((resolve, reject) => {
    let text = "";
    running.stdout?.setEncoding("utf8").on("data", (part) => {
      text += part;
      if (/Ctrl-C ends\.\n$|\n}\n$/.test(text)) resolve(text);
    });
    running.on("close", (code) => reject(new Error(`it ended with ${code}: ${text}`)));
  });
}

describe("fieldzip serve", () => {
  it("serves until Ctrl-C, which ends it cleanly", async () => {
    const Origin = "https://page.example";
    const flags = ["--port", "0", "--json", "--cors", `https://other.example,${Origin}`];
    const { url, archives } = JSON.parse(await serving(archive, original, ...flags));
    const { headers } = await fetch(url, { headers: { Origin } });
    expect(headers.get("access-control-allow-origin")).toBe(Origin);
    expect(archives.map((one: { name: string }) => one.name)).toEqual([
      "kelvin-helmholtz-joint.zarr",
      "navy_winds_small_cdf5.nc",
    ]);
    expect(archives[0]).toMatchObject({
      zarr: `${url}/zarr/kelvin-helmholtz-joint.zarr`,
      raw: `${url}/raw/kelvin-helmholtz-joint.zarr.zip`,
    });
    const [here, there, stored] = await Promise.all([
      openArchive(archive),
      openDataset(archives[0].zarr),
      openArchive(archives[0].raw),
    ]);
    for (const name of ["rho", "vx1", "prs"]) {
      const { data } = await here.variable(name).read();
      expect((await there.variable(name).read()).data).toEqual(data);
      expect((await stored.variable(name).read()).data).toEqual(data);
    }
    await Promise.all([here.close(), there.close(), stored.close()]);
    const end = finished(child!);
    const before = performance.now();
    child!.kill("SIGINT");
    expect(await end).toMatchObject({ code: 0, stderr: "" });
    expect(performance.now() - before).toBeLessThan(2000);
    await expect(fetch(url)).rejects.toThrow();
  });

  it("says where everything lies, and how xarray opens it", async () => {
    const text = await serving(archive, "--port", "0", "--threads", "0");
    expect(text).toMatch(/^kelvin-helmholtz-joint\.zarr, 13 variables\n/);
    expect(text).toMatch(
      /as plain Zarr {5}http:\/\/127\.0\.0\.1:\d+\/zarr\/kelvin-helmholtz-joint\.zarr\n/,
    );
    expect(text).toMatch(/as it is stored {3}http:\/\/127\.0\.0\.1:\d+\/raw\/.*\.zip\n/);
    expect(text).toMatch(/In Python: xarray\.open_zarr\("http:\/\/.*"\)\n/);
    const port = /127\.0\.0\.1:(\d+)/.exec(text)?.[1] ?? "";
    const second = await fieldzip("serve", archive, "--port", port);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/in use found: choose another with --port/);
  });

  it("is careful with whom it serves", async () => {
    for (const [args, message] of [
      [["--host", "0.0.0.0"], "--token, because others can reach this address"],
      [["--token", "short"], "8 to 512"],
      [["--port", "70000"], "--port: a whole number from 0 to 65535"],
      [["--memory", "much"], "--memory: a size"],
    ] as const) {
      const { code, stderr } = await fieldzip("serve", archive, ...args);
      expect([args, code]).toEqual([args, 2]);
      expect(stderr).toContain(message);
    }
    const missing = await fieldzip("serve", join(fixtures, "nothing.zarr"), "--port", "0");
    expect(missing.code).toBe(1);
    expect((await fieldzip("serve")).code).toBe(2);
  });
});
