import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { build, fixtures, root, temporaryFolder } from "./helpers.js";

// What a user installs: the packages as npm packs them, installed in an empty folder.

const packages = ["kernels", "core", "neural", "io", "server", "cli"];
const folder = temporaryFolder();
const home = join(folder, "home");
const tarballs = new Map<string, { filename: string; files: string[] }>();

beforeAll(() => {
  build();
  for (const name of packages) {
    const args = ["pack", "--json", "--pack-destination", folder];
    const listed = JSON.parse(npm(args, join(root, "packages", name)));
    const packed = Array.isArray(listed) ? listed[0] : Object.values(listed)[0];
    tarballs.set(name, {
      filename: join(folder, packed.filename),
      files: packed.files.map(({ path }: { path: string }) => path),
    });
  }
});

describe.each(packages)("the tarball of %s", (name) => {
  it("holds what runs and its types, and nothing else", () => {
    const files = tarballs.get(name)!.files;
    expect(files).toContain("dist/index.js");
    expect(files).toContain("dist/index.d.ts");
    if (name === "cli") expect(files).toContain("peers.py");
    if (name === "server") expect(files).toContain("page/index.html");
    const strange = files.filter(
      (path) =>
        !/^(package\.json|README\.md|LICENSE|peers\.py|dist\/.*\.(js|d\.ts|wasm)|page\/.*\.(html|js|css))$/.test(
          path,
        ),
    );
    expect(strange).toEqual([]);
    expect(files.filter((path) => /test|\.map$|tsbuildinfo/.test(path))).toEqual([]);
  });
  it("names what it exports and depends on as published", () => {
    const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
    expect(manifest).toMatchObject({ type: "module", license: "Apache-2.0", sideEffects: false });
    expect(manifest.engines.node).toBe(">=20");
    for (const version of Object.values(manifest.dependencies as Record<string, string>)) {
      expect(version).toMatch(/^\^?\d+\.\d+\.\d+$/);
    }
  });
});

describe("installed elsewhere", () => {
  beforeAll(() => {
    mkdirSync(home);
    writeFileSync(join(home, "package.json"), '{"private": true, "type": "module"}');
    const files = packages.map((name) => tarballs.get(name)!.filename);
    npm(["install", "--prefer-offline", "--no-audit", "--no-fund", ...files], home);
  });

  it("npx fieldzip runs", () => {
    expect(npx("fieldzip", "--help")).toMatch(/^Usage: fieldzip/);
    const original = join(fixtures, "netcdf/navy_winds_small_cdf5.nc");
    expect(npx("fieldzip", "compress", original, "winds.zarr")).toContain("written to winds.zarr");
    expect(npx("fieldzip", "verify", "winds.zarr", "--against", original)).toContain("every bit");
    expect(readdirSync(home)).toContain("winds.zarr");
  });

  it("the library works as the design says", () => {
    const original = join(fixtures, "netcdf/navy_winds_small_cdf5.nc");
    writeFileSync(
      join(home, "use.js"),
      `import { openDataset, compress, decompress, openArchive } from "fieldzip";
       const run = await openDataset(${JSON.stringify(original)});
       const seen = [];
       await compress(run, "library.zarr", { threads: 1, onProgress: ({ done }) => seen.push(done) });
       const expected = await run.variable("UWND").read({ TIME: 1, FNOCY: [10, 20] });
       await run.close();
       const archive = await openArchive("library.zarr");
       const slab = await archive.variable("UWND").read({ TIME: 1, FNOCY: [10, 20] });
       await archive.close();
       await decompress("library.zarr", "library.nc", { variables: ["UWND"] });
       const same = Buffer.compare(Buffer.from(slab.data.buffer), Buffer.from(expected.data.buffer)) === 0;
       console.log(JSON.stringify({ shape: slab.shape, same, progress: seen.length > 0 }));`,
    );
    const output = execFileSync(process.execPath, ["use.js"], { cwd: home, encoding: "utf8" });
    expect(JSON.parse(output)).toEqual({ shape: [10, 41], same: true, progress: true });
  });
});

function npm(args: string[], cwd: string): string {
  const options = { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] } as const;
  return execFileSync("npm", args, { ...options, shell: process.platform === "win32" });
}

function npx(...args: string[]): string {
  const options = { cwd: home, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] } as const;
  return execFileSync("npx", ["--no-install", ...args], {
    ...options,
    shell: process.platform === "win32",
  });
}
