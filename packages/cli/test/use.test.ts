import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { extractBox, inlinePool, type WorkerPool } from "@fieldzip/core";
import { openArchive, openDataset } from "@fieldzip/io";
import { registerNeuralPredictor } from "@fieldzip/neural";
import { beforeAll, describe, expect, it } from "vitest";
import { formatPoints, parsePoints } from "../src/points-table.js";
import { build, fieldzip, fixtures, temporaryFolder } from "./helpers.js";

/** Archives at other places than the stored ones, one of networks and one of another predictor. */

const turbulence = join(fixtures, "pluto/turbulence");
const folder = temporaryFolder();
const networks = join(folder, "networks.zarr");
const exact = join(folder, "exact.zarr");

beforeAll(async () => {
  build();
  const flags = ["--predictor", "neural", "--guarantee", "best-effort", "--epochs", "2"];
  const trained = await fieldzip("compress", turbulence, networks, ...flags);
  expect([trained.code, trained.stderr]).toEqual([0, ""]);
  expect((await fieldzip("compress", turbulence, exact, "--effort", "fast")).code).toBe(0);
}, 120_000);

const target = (name: string) => join(mkdtempSync(join(folder, "out-")), name);

async function read(path: string, variable: string) {
  const dataset = await openDataset(path);
  try {
    const { shape } = dataset.variable(variable);
    return { shape, data: (await dataset.variable(variable).readBox()) as Float32Array };
  } finally {
    await dataset.close();
  }
}

describe("decompress at other places", () => {
  it("--shape of the original gives the archive's own bits", async () => {
    for (const archive of [networks, exact]) {
      const same = target("same.nc");
      const { stdout } = await fieldzip("decompress", archive, same, "--shape", "20,24,28");
      expect(stdout).not.toMatch(/network|interpolated/);
      const verified = await fieldzip("verify", archive, "--against", same);
      expect([verified.code, verified.stderr]).toEqual([0, ""]);
    }
  });

  it("--shape, --box and --time, and how values came about", async () => {
    const flags = ["--shape", "8,24,14", "--box", "4:8,0:24,0:28", "--time", "0.5"];
    const fine = target("fine.nc");
    const { code, stdout, stderr } = await fieldzip("decompress", networks, fine, ...flags);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^\d+ kB written to .*fine\.nc\n/);
    expect(stdout).toMatch(/^12 variables by their networks: rho, vx1, /m);
    const { shape, data } = await read(fine, "rho");
    expect(shape).toEqual([1, 8, 24, 14]);
    const mean = (list: Float32Array) => list.reduce((a, b) => a + b, 0) / list.length;
    const stored = (await read(networks, "rho")).data;
    expect(mean(data) / mean(stored)).toBeCloseTo(1, 0);
    const z = await read(fine, "z");
    const original = await read(networks, "z");
    expect(z.data[0]).toBeCloseTo(0.75 * original.data[4] + 0.25 * original.data[3], 6);
    const time = await read(fine, "step");
    expect([...time.data]).toEqual([8.5]);

    const other = target("other.nc");
    const interpolated = await fieldzip("decompress", exact, other, ...flags, "--json");
    expect(JSON.parse(interpolated.stdout).methods.interpolation).toContain("rho");
    const half = target("half.nc");
    await fieldzip("decompress", exact, half, "--time", "0.5");
    const [middle, whole] = [await read(half, "rho"), await read(exact, "rho")];
    const count = middle.data.length;
    middle.data.forEach((value, i) => {
      expect(value).toBe(Math.fround((whole.data[i] + whole.data[count + i]) / 2));
    });
  });

  it("other formats, and one box of a step", async () => {
    const corner = target("corner.npy");
    const flags = ["--variable", "rho", "--box", "2:6,3:7,4:8", "--time", "1"];
    await fieldzip("decompress", networks, corner, ...flags);
    const { data } = await read(corner, "corner");
    const whole = await read(networks, "rho");
    const expected = Float32Array.from({ length: 64 }, (_, i) => {
      const [z, y, x] = [2 + (i >> 4), 3 + ((i >> 2) & 3), 4 + (i & 3)];
      return whole.data[13440 + (z * 24 + y) * 28 + x];
    });
    expect(data).toEqual(expected);
    const run = target("run");
    const { code } = await fieldzip(
      "decompress",
      networks,
      run,
      "--to",
      "pluto",
      "--shape",
      "10,12,14",
    );
    expect(code).toBe(0);
    expect((await read(run, "rho")).shape).toEqual([2, 10, 12, 14]);
    const bounds = (await read(run, "x_bounds")).data;
    const original = (await read(turbulence, "x_bounds")).data;
    expect(bounds[0]).toBeCloseTo(original[0], 6);
    expect(bounds[1]).toBeCloseTo(original[3], 6);
    expect(bounds[27]).toBeCloseTo(original[55], 6);
  });

  it("what the grid does not have is refused, and nothing is left behind", async () => {
    const wrong: [string[], RegExp][] = [
      [["--time", "1.5"], /a step from 0 to 1 expected, 1\.5 found/],
      [["--time", "-1"], /--time: a number from 0 on/],
      [["--box", "0:4,0:4,0:29"], /0:28 along x expected/],
      [["--box", "0-4"], /--box: from:to/],
      [["--shape", "1,2,3,4,5"], /at most 4 axes/],
      [["--shape", "4,4,4", "--select", "step=0"], /--box and --time beside --shape/],
    ];
    for (const [flags, message] of wrong) {
      const out = target("none.nc");
      const { code, stderr } = await fieldzip("decompress", networks, out, ...flags);
      expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
      expect(existsSync(out)).toBe(false);
    }
  });
});

describe("a box of a network's chunk", () => {
  it("is computed alone, for all variables at once, to the same bits", async () => {
    registerNeuralPredictor();
    const tasks: string[] = [];
    const pool: WorkerPool = {
      ...inlinePool,
      run(task, input, options) {
        tasks.push(task);
        return inlinePool.run(task, input, options);
      },
    };
    const archive = await openArchive(networks, { pool });
    try {
      const box = { start: [1, 3, 4, 5], shape: [1, 8, 7, 6] };
      const [rho, prs] = ["rho", "prs"].map((name) => archive.variable(name));
      const part = (await rho.readBox(box)) as Float32Array;
      const other = (await prs.readBox(box)) as Float32Array;
      // What one piece of work holds goes to no thread.
      expect(tasks).toEqual([]);
      for (const [variable, found] of [
        [rho, part],
        [prs, other],
      ] as const) {
        const whole = await variable.readBox();
        expect(extractBox("float32", whole, variable.shape, box)).toEqual(found);
      }
      expect(tasks).toEqual(["decode-chunk"]);
    } finally {
      await archive.close();
    }
  });

  it("on several threads the whole has the same bits", async () => {
    const [many, none] = [target("many.npy"), target("none.npy")];
    const flags = ["--variable", "Ex3"];
    const threads = await fieldzip("decompress", networks, many, ...flags, "--threads", "3");
    expect([threads.code, threads.stderr]).toEqual([0, ""]);
    await fieldzip("decompress", networks, none, ...flags, "--threads", "0");
    expect(readFileSync(many).equals(readFileSync(none))).toBe(true);
  });
});

describe("sample", () => {
  it("gives the table back with a column a variable", async () => {
    const points = target("points.csv");
    writeFileSync(points, "# probes\nstep,z,y,x\n0,1,2,3\n0.5,1.5,2,3\n1,19,23,27\n");
    const flags = ["--points", points, "--index", "--variable", "rho,vx1"];
    const { code, stdout, stderr } = await fieldzip("sample", networks, ...flags);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toBe("step,z,y,x,rho,vx1");
    expect(lines.length).toBe(4);
    const rows = lines.slice(1).map((line) => line.split(",").map(Number));
    const rho = (await read(networks, "rho")).data;
    // At stored places the decoded values, to the bit.
    expect(Math.fround(rows[0][4])).toBe(rho[(1 * 24 + 2) * 28 + 3]);
    expect(Math.fround(rows[2][4])).toBe(rho[2 * 13440 - 1]);
    const json = JSON.parse((await fieldzip("sample", networks, ...flags, "--json")).stdout);
    expect(json.methods).toEqual({ rho: "network", vx1: "network" });
    expect(json.values.rho[1]).toBeCloseTo(rows[1][4], 6);
  });

  it("points in the dataset's coordinates; of another predictor interpolated", async () => {
    const at = async (name: string, i: number) => (await read(exact, name)).data[i];
    const [z, y, x] = [await at("z", 3), await at("y", 4), await at("x", 5)];
    const between = (x + (await at("x", 6))) / 2;
    const points = target("points.csv");
    writeFileSync(points, `step;z;y;x\n8;${z};${y};${x}\n9;${z};${y};${between}\n`);
    const { stdout } = await fieldzip("sample", exact, "--points", points, "--variable", "rho");
    const rho = (await read(exact, "rho")).data;
    const values = stdout
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => Number(line.split(",")[4]));
    const place = (3 * 24 + 4) * 28 + 5;
    expect(Math.fround(values[0])).toBe(rho[place]);
    expect(values[1]).toBeCloseTo((rho[13440 + place] + rho[13440 + place + 1]) / 2, 6);
  });

  it("refuses what is no table of points, and points outside", async () => {
    const wrong: [string, number, RegExp][] = [
      ["step,z,y,x\n0,1,2,300\n", 2, /point 1: x within half a cell of 0 to 27 expected, 300/],
      ["step,z,y\n0,1,2\n", 1, /a column x expected/],
      ["step,z,y,x,w\n0,1,2,3,4\n", 2, /w found/],
      ["step,z,y,x\n0,1,2\n", 1, /line 2: 4 finite numbers expected/],
      ["1,2,3,4\n", 1, /a line of column names/],
      ["", 1, /nothing found/],
    ];
    for (const [text, expected, message] of wrong) {
      const points = target("points.csv");
      writeFileSync(points, text);
      const { code, stderr } = await fieldzip("sample", networks, "--points", points, "--index");
      expect([code, stderr]).toEqual([expected, expect.stringMatching(message)]);
    }
    const none = await fieldzip("sample", networks);
    expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/--points/)]);
    const gone = await fieldzip("sample", networks, "--points", join(folder, "gone.csv"));
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringMatching(/gone\.csv/)]);
  });

  it("tables survive being written and read", () => {
    const columns = { z: Float64Array.of(0.1, 1e-30) };
    const values = [
      { name: "a,b", values: Float64Array.of(Math.fround(0.1), Number.NaN), single: true },
      { name: "c", values: Float64Array.of(1 / 3, -0), single: false },
    ];
    const text = formatPoints({ columns, count: 2 }, values);
    expect(text).toBe('z,"a,b",c\n0.1,0.100000001,0.3333333333333333\n1e-30,NaN,0');
    const again = parsePoints("z\tx\n0.1\t2\n1e-30\t3\n", "test");
    expect(again.columns.z).toEqual(columns.z);
  });
});

describe("derive", () => {
  it("writes gradients, divergence and curl with units and coordinates", async () => {
    const out = target("slopes.nc");
    const flags = ["--gradient", "rho", "--divergence", "Bx1,Bx2,Bx3", "--curl", "vx1,vx2,vx3"];
    const { code, stdout, stderr } = await fieldzip("derive", networks, out, ...flags);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^7 variables from the derivatives of their networks: rho, Bx1/m);
    const central = target("central.nc");
    const other = await fieldzip("derive", networks, central, "--gradient", "rho", "--index");
    expect(other.code).toBe(0);
    const [physical, cells] = [
      (await read(out, "gradient_rho_x")).data,
      (await read(central, "gradient_rho_x")).data,
    ];
    const x = (await read(out, "x")).data;
    const spacing = (x[27] - x[0]) / 27;
    const scale = physical.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    physical.forEach((value, i) => {
      expect(Math.abs(cells[i] / spacing - value)).toBeLessThan(1e-5 * scale);
    });
    // curl_vx3 = d vx2 / dx - d vx1 / dy, from other derivatives of the same networks.
    const parts = target("parts.nc");
    await fieldzip("derive", networks, parts, "--gradient", "vx1,vx2");
    const mean = await fieldzip(
      "derive",
      networks,
      target("m.nc"),
      "--gradient",
      "rho",
      "--average",
      "1",
    );
    expect(mean.stdout).toMatch(/networks, averaged over 1 cell: rho/);
    const [curl, first, second] = [
      (await read(out, "curl_vx3")).data,
      (await read(parts, "gradient_vx2_x")).data,
      (await read(parts, "gradient_vx1_y")).data,
    ];
    const size = first.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    curl.forEach((value, i) => {
      expect(Math.abs(value - (first[i] - second[i]))).toBeLessThan(1e-5 * size);
    });
  });

  it("of any archive, at other places, in other formats", async () => {
    const out = target("slope.npy");
    const flags = ["--gradient", "rho", "--shape", "5,6,7", "--time", "0"];
    const { code, stdout } = await fieldzip(
      "derive",
      exact,
      join(out, ".."),
      ...flags,
      "--to",
      "npy",
      "--force",
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/1 variable by central differences: rho/);
    expect((await read(join(out, "..", "gradient_rho_x.npy"), "gradient_rho_x")).shape).toEqual([
      1, 5, 6, 7,
    ]);
  });

  it("refuses what cannot be", async () => {
    const wrong: [string[], number, RegExp][] = [
      [[], 2, /one gradient, divergence or curl/],
      [["--gradient", "nothing"], 1, /a variable named nothing/],
      [["--curl", "vx1,vx2"], 2, /3 components expected/],
      [["--curl", "vx1,,vx2"], 2, /--curl: components/],
    ];
    for (const [flags, expected, message] of wrong) {
      const { code, stderr } = await fieldzip("derive", networks, target("none.nc"), ...flags);
      expect([code, stderr]).toEqual([expected, expect.stringMatching(message)]);
    }
  });
});

describe("statistics", () => {
  it("a line a variable, with a histogram, as a picture", async () => {
    const plot = target("histograms.svg");
    const flags = ["--variable", "rho,prs", "--histogram", "8", "--plot", plot];
    const { code, stdout, stderr } = await fieldzip("statistics", networks, ...flags);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^variable +values +missing +min +max +mean +deviation +histogram\n/);
    expect(stdout).toMatch(/^rho +26880 +0( +[\d.]+){4} +[▁-█ ]{1,8}$/m);
    expect(readFileSync(plot, "utf8")).toMatch(/^<svg .*Histograms of networks\.zarr/s);
    const json = JSON.parse(
      (await fieldzip("statistics", networks, "--histogram", "4", "--json")).stdout,
    );
    expect(json.variables.length).toBe(12);
    const { data } = await read(networks, "rho");
    const [rho] = json.variables;
    expect(rho).toMatchObject({ name: "rho", count: data.length, missing: 0 });
    expect(rho.min).toBe(data.reduce((a, b) => Math.min(a, b)));
    expect(rho.max).toBe(data.reduce((a, b) => Math.max(a, b)));
    expect(rho.mean).toBeCloseTo(data.reduce((a, b) => a + b, 0) / data.length, 6);
    expect(rho.histogram.reduce((a: number, b: number) => a + b, 0)).toBe(data.length);
  });

  it("of files that are no archives, too; a picture that exists stays", async () => {
    const plain = await fieldzip("statistics", turbulence, "--variable", "rho");
    const archived = await fieldzip("statistics", exact, "--variable", "rho");
    expect(plain.stdout).toBe(archived.stdout);
    const plot = target("there.svg");
    writeFileSync(plot, "mine");
    const { code } = await fieldzip("statistics", exact, "--plot", plot);
    expect(code).toBe(1);
    expect(readFileSync(plot, "utf8")).toBe("mine");
  });
});
