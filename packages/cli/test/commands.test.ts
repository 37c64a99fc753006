import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { build, fieldzip, fixtures, temporaryFolder } from "./helpers.js";

const turbulence = join(fixtures, "pluto/turbulence");
const winds = join(fixtures, "netcdf/navy_winds_6months.cdf");
const raw = join(fixtures, "raw/rho_20x24x28.f32");
const rawFlags = ["--shape", "20,24,28", "--dtype", "f32", "--dimensions", "z,y,x"];
const folder = temporaryFolder();
const archive = join(folder, "turbulence.zarr");
const rawArchive = join(folder, "rho.zarr");

beforeAll(async () => {
  build();
  const compressed = await fieldzip("compress", turbulence, archive);
  expect(compressed.stderr).toBe("");
  expect(compressed.code).toBe(0);
  await fieldzip("compress", raw, rawArchive, ...rawFlags);
});

describe("compress", () => {
  it("prints a line per variable, the total and where it went", async () => {
    const { code, stdout, stderr } = await fieldzip("compress", winds, join(folder, "winds.zarr"));
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^variable +type +shape +original +ratio +bits\/value +predictor\n/);
    expect(stdout).toMatch(/^UWND +float32 +6 x 73 x 144 +252 kB +\d+\.\d\d +\d+\.\d\d +\w+/m);
    expect(stdout).toMatch(/^\d variables, 506 kB -> \d+ kB: ratio \d\.\d\d, [\d.]+ MB\/s/m);
    expect(stdout).toContain(`written to ${join(folder, "winds.zarr")}`);
    expect(stdout).not.toMatch(/undefined|NaN|\[object/);
  });

  it("--json prints one object and nothing else", async () => {
    const target = join(folder, "json.zarr");
    const { code, stdout, stderr } = await fieldzip("compress", winds, target, "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const report = JSON.parse(stdout);
    expect(report.archive).toBe(target);
    expect(report.originalBytes).toBeGreaterThan(report.archiveBytes);
    expect(report.seconds).toBeGreaterThan(0);
    const wind = report.variables.find(({ name }: { name: string }) => name === "UWND");
    expect(wind).toMatchObject({
      dataType: "float32",
      shape: [6, 73, 144],
      originalBytes: 6 * 73 * 144 * 4,
    });
    expect(wind.archiveBytes).toBeGreaterThan(0);
    expect(typeof wind.predictor).toBe("string");
  });

  it("counts the archive's bytes as they are on disk", async () => {
    const target = join(folder, "size.zarr");
    const { stdout } = await fieldzip("compress", winds, target, "--json");
    expect(JSON.parse(stdout).archiveBytes).toBe(bytesBelow(target));
  });

  it("--quiet prints nothing", async () => {
    const result = await fieldzip("compress", winds, join(folder, "quiet.zarr"), "--quiet");
    expect(result).toMatchObject({ code: 0, stdout: "", stderr: "" });
  });

  it("--verify compares every bit", async () => {
    const target = join(folder, "verified.zarr.zip");
    const { code, stdout } = await fieldzip("compress", winds, target, "--verify");
    expect(code).toBe(0);
    expect(stdout).toContain(`every bit is that of ${winds}`);
  });

  it("writes the same bytes with 0, 1 and 3 threads", async () => {
    const contents = [];
    for (const threads of ["0", "1", "3"]) {
      const target = join(folder, `threads-${threads}.zarr`);
      const chunks = ["--chunk-values", "5000"];
      const result = await fieldzip("compress", winds, target, "--threads", threads, ...chunks);
      expect(result.code).toBe(0);
      contents.push(contentsOf(target));
    }
    expect(contents[1]).toEqual(contents[0]);
    expect(contents[2]).toEqual(contents[0]);
  });

  it("takes a raw file by its description, and says what does not fit", async () => {
    const big = await fieldzip(
      "compress",
      raw,
      join(folder, "no.zarr"),
      "--shape",
      "20,24,29",
      "--dtype",
      "f32",
    );
    expect(big.code).toBe(1);
    expect(big.stderr).toMatch(
      /^fieldzip: .*rho_20x24x28\.f32: .* expected, 53760 bytes.* found: /,
    );
    const missing = await fieldzip("compress", raw, join(folder, "no.zarr"), "--shape", "20,24,28");
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("--dtype");
  });
});

describe("compress --effort", () => {
  it("fast: packed streams, every bit back, and inspect and verify understand them", async () => {
    const target = join(folder, "fast.zarr");
    const made = await fieldzip("compress", raw, target, ...rawFlags, "--effort", "fast");
    expect([made.code, made.stderr]).toEqual([0, ""]);
    const back = join(folder, "fast.f32");
    expect((await fieldzip("decompress", target, back)).code).toBe(0);
    expect(Buffer.compare(readFileSync(back), readFileSync(raw))).toBe(0);
    expect((await fieldzip("verify", target)).code).toBe(0);
    const { code, stdout } = await fieldzip("inspect", target, "--json");
    expect(code).toBe(0);
    expect(stdout).toContain('"packed"');
  });

  it("refuses other words", async () => {
    const target = join(folder, "quick.zarr");
    const { code } = await fieldzip("compress", raw, target, ...rawFlags, "--effort", "quick");
    expect(code).toBe(2);
  });
});

describe("decompress", () => {
  it("gives the files of the simulation back, byte for byte", async () => {
    const target = join(folder, "turbulence");
    const { code, stdout, stderr } = await fieldzip("decompress", archive, target);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`written to ${target}`);
    for (const name of readdirSync(turbulence)) {
      expect(
        readFileSync(join(target, name)).equals(readFileSync(join(turbulence, name))),
        name,
      ).toBe(true);
    }
  });

  it("gives a raw file back, byte for byte", async () => {
    const target = join(folder, "rho.raw");
    const { code, stderr } = await fieldzip("decompress", rawArchive, target);
    expect([code, stderr]).toEqual([0, ""]);
    expect(readFileSync(target).equals(readFileSync(raw))).toBe(true);
  });

  it("writes a variable and a box of it", async () => {
    const target = join(folder, "part.npy");
    const part = ["--variable", "rho", "--select", "step=1,z=5:15"];
    const { code, stdout, stderr } = await fieldzip(
      "decompress",
      archive,
      target,
      ...part,
      "--json",
    );
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toMatchObject({ output: target, bytes: statSync(target).size });
    const npy = readFileSync(target);
    expect(npy.subarray(0, 128).toString("latin1")).toMatch(/'shape': \((1, )?10, 24, 28,?\)/);
    const step = readFileSync(join(turbulence, "data.0009.flt"));
    const layer = 24 * 28 * 4;
    const expected = step.subarray(5 * layer, 15 * layer);
    expect(npy.subarray(npy.length - expected.length).equals(expected)).toBe(true);
  });

  it("refuses what is not there", async () => {
    const target = join(folder, "none.npy");
    const variable = await fieldzip("decompress", archive, target, "--variable", "nope");
    expect(variable.code).toBe(1);
    expect(variable.stderr).toMatch(/a variable named nope expected, .*rho.* found/);
    const dimension = await fieldzip("decompress", archive, target, "--select", "w=3");
    expect(dimension.code).toBe(2);
    const outside = await fieldzip("decompress", archive, target, "--select", "z=0:21");
    expect(outside.code).toBe(2);
    expect(outside.stderr).toContain("0:21");
    expect(readdirSync(folder).filter((name) => name.includes("none.npy"))).toEqual([]);
  });
});

describe("joint storage and zip", () => {
  const joint = join(folder, "joint.zarr.zip");
  beforeAll(async () => {
    const result = await fieldzip("compress", turbulence, joint, "--joint", "always");
    expect([result.code, result.stderr]).toEqual([0, ""]);
  });

  it("comes back as the files that went in", async () => {
    const target = join(folder, "turbulence-joint");
    expect((await fieldzip("decompress", joint, target)).code).toBe(0);
    for (const name of readdirSync(turbulence)) {
      const same = readFileSync(join(target, name)).equals(readFileSync(join(turbulence, name)));
      expect(same, name).toBe(true);
    }
    expect((await fieldzip("verify", joint, "--against", turbulence)).code).toBe(0);
  });
  it("is shown, and its variables one by one", async () => {
    const { code, stdout } = await fieldzip("inspect", joint, "--variable", "rho");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}joint with {2}vx1, vx2/m);
    const { variables } = JSON.parse((await fieldzip("inspect", joint, "--json")).stdout);
    const rho = variables.find(({ name }: { name: string }) => name === "rho");
    expect(rho.stored.jointWith).toContain("vx1");
  });
  it("is checked chunk by chunk", async () => {
    const { stdout } = await fieldzip("verify", joint, "--json");
    const { ok, chunks, variables } = JSON.parse(stdout);
    expect(ok).toBe(true);
    // Twelve variables share one array: fewer chunks than variables.
    expect(chunks).toBeLessThan(variables.length);
    const damaged = join(folder, "damaged.zarr.zip");
    const bytes = readFileSync(joint);
    bytes[Math.floor(bytes.length / 2)] ^= 1;
    writeFileSync(damaged, bytes);
    const result = await fieldzip("verify", damaged);
    expect(result.code).toBe(3);
    expect(result.stdout).toMatch(/^damaged: /m);
  });
});

describe("inspect", () => {
  it("shows what an archive holds and what it learned", async () => {
    const { code, stdout, stderr } = await fieldzip("inspect", archive);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("rho");
    expect(stdout).toMatch(/step 2.*z 20.*y 24.*x 28/);
    expect(stdout).toMatch(/ratio \d+\.\d\d/);
    expect(stdout).toContain("equation");
    expect(stdout).not.toMatch(/undefined|NaN|\[object/);
  });
  it("shows one variable", async () => {
    const { code, stdout } = await fieldzip("inspect", archive, "--variable", "vx1");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^vx1 /m);
    expect(stdout).not.toMatch(/^rho /m);
    expect((await fieldzip("inspect", archive, "--variable", "nope")).code).toBe(1);
  });
  it("--json gives the same to programs", async () => {
    const { stdout } = await fieldzip("inspect", archive, "--json");
    const report = JSON.parse(stdout);
    expect(report.dimensions).toContainEqual(expect.objectContaining({ name: "z", size: 20 }));
    const rho = report.variables.find(({ name }: { name: string }) => name === "rho");
    expect(rho).toMatchObject({ dataType: "float32", shape: [2, 20, 24, 28] });
  });
  it("looks into a file that is no archive", async () => {
    const { code, stdout, stderr } = await fieldzip("inspect", winds);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^UWND +float32 +6 x 73 x 144/m);
    expect(stdout).not.toMatch(/undefined|NaN|\[object/);
  });
});

describe("verify", () => {
  it("decodes every chunk", async () => {
    const { code, stdout, stderr } = await fieldzip("verify", archive);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("every checksum holds");
    expect(stdout).toContain(`${archive}: good`);
  });

  it("compares every bit with the original", async () => {
    const { code, stdout } = await fieldzip("verify", archive, "--against", turbulence, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, damage: [], differences: [] });
  });

  it("names the first value that differs, and ends with 3", async () => {
    const changed = join(folder, "changed.f32");
    const bytes = readFileSync(raw);
    const place = (3 * 24 + 4) * 28 + 5;
    bytes.writeUInt32LE(0x7fc0beef, place * 4);
    writeFileSync(changed, bytes);
    const against = ["--against", changed, ...rawFlags, "--name", "rho_20x24x28"];
    const { code, stdout, stderr } = await fieldzip("verify", rawArchive, ...against);
    expect(code).toBe(3);
    expect(stdout).toContain("[3, 4, 5]: 0x7fc0beef (NaN)");
    expect(stderr).toMatch(/^fieldzip: .*1 difference/);
    const json = await fieldzip("verify", rawArchive, ...against, "--json");
    expect(json.code).toBe(3);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, differences: [{ kind: "value" }] });
  });

  it("names another type, another shape and a missing variable", async () => {
    const type = ["--shape", "20,24,28", "--dtype", "i32", "--dimensions", "z,y,x"];
    const other = await fieldzip("verify", rawArchive, "--against", raw, ...type);
    expect(other.code).toBe(3);
    expect(other.stdout).toContain(`int32 in ${raw}, float32 here`);
    const missing = await fieldzip("verify", rawArchive, "--against", turbulence);
    expect(missing.code).toBe(3);
    expect(missing.stdout).toMatch(/variable z: present in .*, absent here/);
  });

  it("finds damage wherever it lies, and ends with 3", async () => {
    const objects = filesBelow(archive).filter((path) => !path.endsWith(".json"));
    const largest = objects.sort((a, b) => statSync(b).size - statSync(a).size)[0];
    for (const share of [0.1, 0.5, 0.9]) {
      const damaged = join(folder, `damaged-${share}.zarr`);
      cpSync(archive, damaged, { recursive: true });
      const path = join(damaged, largest.slice(archive.length));
      const bytes = readFileSync(path);
      bytes[Math.floor(bytes.length * share)] ^= 0x10;
      writeFileSync(path, bytes);
      const { code, stdout, stderr } = await fieldzip("verify", damaged);
      expect(code).toBe(3);
      expect(stdout).toMatch(/^damaged: .*checksum/m);
      expect(stdout).toContain("NOT good");
      expect(stderr).toMatch(/^fieldzip: .*damaged chunk/);
    }
  });

  it("reads on over damaged chunks where asked to, and says what is missing", async () => {
    const damaged = join(folder, "damaged-0.5.zarr");
    const refused = await fieldzip("decompress", damaged, join(folder, "refused"));
    expect(refused.code).toBe(3);
    expect(existsSync(join(folder, "refused"))).toBe(false);
    const target = join(folder, "rest.nc");
    const result = await fieldzip("decompress", damaged, target, "--skip-damaged");
    expect(result.code).toBe(3);
    expect(result.stdout).toMatch(/^skipped: .*variable .*chunk .*checksum/m);
    expect(result.stderr).toContain("1 damaged chunk skipped");
    const compared = await fieldzip("verify", archive, "--against", target);
    expect(compared.stdout.match(/differs|first at|value/g)?.length ?? 0).toBeGreaterThan(0);
  });

  it("finds a cut object, and ends with 3", async () => {
    const cut = join(folder, "cut.zarr");
    cpSync(archive, cut, { recursive: true });
    const objects = filesBelow(cut).filter((path) => !path.endsWith(".json"));
    const largest = objects.sort((a, b) => statSync(b).size - statSync(a).size)[0];
    writeFileSync(largest, readFileSync(largest).subarray(0, 100));
    const { code, stdout } = await fieldzip("verify", cut, "--json");
    expect(code).toBe(3);
    expect(JSON.parse(stdout).ok).toBe(false);
  });

  it("refuses what is no archive", async () => {
    const none = await fieldzip("verify", join(folder, "nothing.zarr"), "--json");
    expect(none.code).toBe(1);
    expect(JSON.parse(none.stdout).error).toMatchObject({ tag: "missing" });
    mkdirSync(join(folder, "empty"), { recursive: true });
    const empty = await fieldzip("verify", join(folder, "empty"));
    expect(empty.code).toBe(1);
    expect(empty.stderr).toMatch(/^fieldzip: .*empty/);
    const file = await fieldzip("verify", winds);
    expect(file.code).toBe(1);
  });
});

function filesBelow(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function bytesBelow(path: string): number {
  return filesBelow(path).reduce((sum, file) => sum + statSync(file).size, 0);
}

function contentsOf(path: string): Record<string, string> {
  const entries = filesBelow(path).map((file) => [
    file.slice(path.length),
    readFileSync(file).toString("base64"),
  ]);
  return Object.fromEntries(entries.sort());
}
