import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Dataset, type NumericArray, subset } from "@fieldzip/core";
import { describe, expect, it } from "vitest";
import { formatGrid, type Grid } from "../src/pluto/grid.js";
import { openPluto, writePluto } from "../src/pluto/index.js";
import { asArchive, contentsOf, errorOf, noise, opened, temporaryFolder } from "./flat-support.js";

const root = await temporaryFolder();
let made = 0;

interface RunDescription {
  cells?: [number, number, number];
  geometry?: Grid["geometry"];
  tables: Partial<Record<"flt" | "dbl", string>>;
  files: Record<string, number>;
}

function axis(count: number) {
  return {
    left: Float64Array.from({ length: count }, (_, i) => i / 4),
    right: Float64Array.from({ length: count }, (_, i) => (i + 1) / 4),
  };
}

/** A run of PLUTO with noise as values; `files` gives sizes in bytes. */
async function makeRun({
  cells = [5, 3, 2],
  geometry = "CARTESIAN",
  tables,
  files,
}: RunDescription) {
  const folder = join(root, `run${made++}`);
  await mkdir(folder);
  const grid: Grid = { geometry, axes: [axis(cells[0]), axis(cells[1]), axis(cells[2])] };
  await writeFile(join(folder, "grid.out"), formatGrid(grid));
  for (const [name, text] of Object.entries(tables)) {
    await writeFile(join(folder, `${name}.out`), text);
  }
  let seed = 7;
  for (const [name, size] of Object.entries(files)) {
    await writeFile(join(folder, name), noise(size, seed++));
  }
  return folder;
}

async function open(path: string, options = {}) {
  return opened(openPluto(path, options));
}

/** Writes what `path` gives, directly and as out of an archive, and compares every byte. */
async function expectRoundTrip(path: string, folder: string) {
  const before = await contentsOf(folder);
  for (const wrap of [(dataset: Dataset) => dataset, asArchive]) {
    const target = join(root, `out${made++}`);
    const dataset = await open(path);
    const written = await writePluto(wrap(dataset), target);
    expect(await contentsOf(target)).toEqual(before);
    const total = Object.values(before).reduce((sum, hex) => sum + hex.length / 2, 0);
    expect(written.bytes).toBe(total);
    expect(written.files.length).toBe(Object.keys(before).length);
  }
}

const line = (n: number, rest: string) =>
  `${n} ${n / 10}00000e-01 1.000000e-03 ${n * 7} ${rest} \n`;

describe("PLUTO", () => {
  for (const order of ["little", "big"]) {
    it(`gives back a single-file run byte for byte, ${order}-endian`, async () => {
      const rest = `single_file ${order} rho vx1`;
      const folder = await makeRun({
        tables: { flt: line(3, rest) + line(4, rest) },
        files: { "data.0003.flt": 240, "data.0004.flt": 240 },
      });
      await expectRoundTrip(folder, folder);
    });
    it(`gives back a multiple-file run with flt and dbl, ${order}-endian`, async () => {
      const folder = await makeRun({
        tables: {
          flt: line(0, `multiple_files ${order} rho prs`),
          dbl: line(1, `multiple_files ${order} rho`),
        },
        files: { "rho.0000.flt": 120, "prs.0000.flt": 120, "rho.0001.dbl": 240 },
      });
      await expectRoundTrip(folder, folder);
    });
  }

  it("reads values where they lie, and boxes of them", async () => {
    const folder = await makeRun({
      tables: { flt: line(2, "single_file big a b") + line(10, "single_file big a b") },
      files: { "data.0002.flt": 240, "data.0010.flt": 240 },
    });
    const dataset = await open(folder);
    const b = dataset.variable("b");
    expect(b.shape).toEqual([2, 2, 3, 5]);
    expect(b.dimensions).toEqual(["step", "z", "y", "x"]);
    const file = await readFile(join(folder, "data.0010.flt"));
    const { data, shape } = await b.read({ step: 1, z: 1, y: [1, 3], x: [2, 4] });
    expect(shape).toEqual([2, 2]);
    const bits = new Uint32Array(data.buffer as ArrayBuffer);
    const at = (y: number, x: number) => file.readUInt32BE(120 + 4 * (15 + y * 5 + x));
    expect([...bits]).toEqual([at(1, 2), at(1, 3), at(2, 2), at(2, 3)]);
    expect([...(await dataset.variable("step").readBox())]).toEqual([2, 10]);
    expect([...(await dataset.variable("x").readBox())]).toEqual([
      0.125, 0.375, 0.625, 0.875, 1.125,
    ]);
    expect((await dataset.variable("x_bounds").readBox()).slice(0, 4)).toEqual(
      Float64Array.of(0, 0.25, 0.25, 0.5),
    );
    expect([...(await dataset.variable("nstep").readBox())]).toEqual([14, 70]);
  });

  it("names axes by the geometry and drops those of one cell", async () => {
    const one = { tables: { flt: line(0, "single_file little rho") } };
    const dimensionsOf = async (description: Partial<RunDescription>, bytes: number) =>
      (await open(await makeRun({ ...one, ...description, files: { "data.0000.flt": bytes } })))
        .variable("rho")
        .dimensions.join();
    expect(await dimensionsOf({ geometry: "SPHERICAL" }, 120)).toBe("step,phi,theta,r");
    expect(await dimensionsOf({ geometry: "POLAR" }, 120)).toBe("step,z,phi,r");
    expect(await dimensionsOf({ geometry: "CYLINDRICAL", cells: [5, 3, 1] }, 60)).toBe("step,z,r");
    expect(await dimensionsOf({ cells: [5, 1, 1] }, 20)).toBe("step,x");
    expect(await dimensionsOf({ cells: [1, 1, 1] }, 4)).toBe("step");
  });

  it("keeps flt at the root and dbl in its group; precision chooses", async () => {
    const folder = await makeRun({
      tables: { flt: line(0, "single_file little rho"), dbl: line(0, "single_file little rho") },
      files: { "data.0000.flt": 120, "data.0000.dbl": 240 },
    });
    const both = await open(folder);
    expect(both.variable("rho").dataType).toBe("float32");
    expect(both.variable("dbl/rho").dataType).toBe("float64");
    expect(both.variable("dbl/rho").dimensions).toEqual(["dbl/step", "z", "y", "x"]);
    expect((await open(folder, { precision: "dbl" })).variable("rho").dataType).toBe("float64");
    expect((await errorOf(openPluto(join(folder, "grid.out")))).tag).toBe("usage");
  });

  it("recognises staggered variables by size, in files of their own and in one", async () => {
    const own = await makeRun({
      tables: { dbl: line(0, "multiple_files little rho Bx1s Bx2s Bx3s") },
      files: {
        "rho.0000.dbl": 8 * 30,
        "Bx1s.0000.dbl": 8 * 36,
        "Bx2s.0000.dbl": 8 * 40,
        "Bx3s.0000.dbl": 8 * 45,
      },
    });
    const dataset = await open(own);
    expect(dataset.variable("Bx1s").dimensions).toEqual(["step", "z", "y", "x_edge"]);
    expect(dataset.variable("Bx3s").shape).toEqual([1, 3, 3, 5]);
    expect(dataset.variable("x_edge").shape).toEqual([6]);
    await expectRoundTrip(own, own);
    const single = await makeRun({
      tables: { dbl: line(0, "single_file little rho Bx1s Bx2s") },
      files: { "data.0000.dbl": 8 * (30 + 36 + 40) },
    });
    expect((await open(single)).variable("Bx2s").dimensions).toEqual(["step", "z", "y_edge", "x"]);
    await expectRoundTrip(single, single);
  });

  it("leaves out variables whose files are missing and says so", async () => {
    const folder = await makeRun({
      tables: {
        flt: line(0, "multiple_files little rho prs") + line(1, "multiple_files little rho prs"),
      },
      files: { "rho.0000.flt": 120, "rho.0001.flt": 120, "prs.0001.flt": 120 },
    });
    const dataset = await open(folder);
    expect(dataset.variable("rho").shape[0]).toBe(2);
    expect(dataset.variable("prs").dimensions[0]).toBe("step_prs");
    expect([...(await dataset.variable("step_prs").readBox())]).toEqual([1]);
    expect(dataset.attributes.missing_files.values).toEqual(["prs.0000.flt"]);
    await expectRoundTrip(folder, folder);
    for (const name of ["rho.0000.flt", "rho.0001.flt", "prs.0001.flt"])
      await rm(join(folder, name));
    const error = await errorOf(openPluto(folder));
    expect(error.tag).toBe("missing");
    expect(error.message).toContain("rho.0000.flt");
  });

  it("opens one file of a run and writes that file alone", async () => {
    const folder = await makeRun({
      tables: {
        flt: line(0, "single_file little rho prs") + line(1, "single_file little rho prs"),
        dbl: line(5, "multiple_files big rho prs"),
      },
      files: {
        "data.0000.flt": 240,
        "data.0001.flt": 240,
        "rho.0005.dbl": 240,
        "prs.0005.dbl": 240,
      },
    });
    const first = await open(join(folder, "data.0001.flt"));
    expect(first.variable("prs").shape[0]).toBe(1);
    const target = join(root, `one${made++}.flt`);
    expect((await writePluto(asArchive(first), target)).files).toEqual([target]);
    expect(await readFile(target)).toEqual(await readFile(join(folder, "data.0001.flt")));
    const second = await open(join(folder, "prs.0005.dbl"));
    expect(second.variables.map(({ name }) => name)).not.toContain("rho");
    const copy = join(root, `two${made++}`);
    await writePluto(second, copy);
    expect(Object.keys(await contentsOf(copy))).toEqual(["dbl.out", "grid.out", "prs.0005.dbl"]);
    expect(await readFile(join(copy, "prs.0005.dbl"))).toEqual(
      await readFile(join(folder, "prs.0005.dbl")),
    );
  });

  it("writes a part of a run as a new run that it reads again", async () => {
    const rest = "single_file little rho prs";
    const folder = await makeRun({
      tables: { flt: line(2, rest) + line(3, rest) },
      files: { "data.0002.flt": 240, "data.0003.flt": 240 },
    });
    const part = subset(await open(folder), ["prs"], { step: [1, 2], x: [1, 4] });
    const target = join(root, `part${made++}`);
    await writePluto(part, target);
    const again = await open(target);
    expect(again.variable("prs").shape).toEqual([1, 2, 3, 3]);
    expect([...(await again.variable("step").readBox())]).toEqual([3]);
    const bytes = (data: unknown) => Buffer.from((data as NumericArray).buffer as ArrayBuffer);
    expect(bytes(await again.variable("prs").readBox())).toEqual(
      bytes(await part.variable("prs").readBox()),
    );
    expect([...(await again.variable("x").readBox())]).toEqual([0.375, 0.625, 0.875]);
  });

  it("refuses a wrong size, naming both", async () => {
    const folder = await makeRun({
      tables: { flt: line(0, "single_file little rho") },
      files: { "data.0000.flt": 119 },
    });
    const error = await errorOf(openPluto(folder));
    expect(error.tag).toBe("shape");
    expect(error.message).toMatch(/120 bytes.*119 bytes/);
  });

  it("refuses damaged text files with the line", async () => {
    const good = {
      tables: { flt: line(0, "single_file little rho") },
      files: { "data.0000.flt": 120 },
    };
    const gridText = await readFile(join(await makeRun(good), "grid.out"), "utf8");
    const grids = [
      "",
      "garbage",
      "999999999\n 1 0 1\n",
      "99999999999999999999\n",
      "-1\n",
      "0\n0\n0\n",
      gridText.replace("CARTESIAN", "MINKOWSKI"),
      gridText.replace("\n 2 ", "\n 3 "),
      gridText.slice(0, -30),
      `${gridText}7\n`,
      gridText.replace("0.000000000000e+00", "nan"),
    ];
    for (const text of grids) {
      const folder = await makeRun(good);
      await writeFile(join(folder, "grid.out"), text);
      const error = await errorOf(openPluto(folder));
      expect(["format", "truncated"]).toContain(error.tag);
      expect(error.message).toContain("grid.out");
    }
    const tables = [
      "x",
      "0 0 0 0",
      line(0, "single_file little"),
      line(0, "one_file little rho"),
      line(0, "single_file middle rho"),
      line(0, "multiple_files little ../../etc/passwd"),
      line(0, "multiple_files little .."),
      line(0, "single_file little rho rho"),
      "-1 0 0 0 single_file little rho",
      "1e99 0 0 0 single_file little rho",
    ];
    for (const text of tables) {
      const folder = await makeRun(good);
      await writeFile(join(folder, "flt.out"), text);
      expect((await errorOf(openPluto(folder))).tag).toBe("format");
    }
  });

  it("refuses an archive whose original contradicts its variables", async () => {
    const folder = await makeRun({
      tables: { flt: line(0, "single_file little rho") },
      files: { "data.0000.flt": 120 },
    });
    const archive = asArchive(await open(folder));
    const damaged = (original: object) =>
      writePluto(
        new Dataset({
          ...archive.source,
          original: { format: "pluto", original: original as never },
        }),
        join(root, `bad${made++}`),
      );
    const kept = (archive.source.original as { original: Record<string, object> }).original;
    expect((await errorOf(damaged({ ...kept, grid: "!!" }))).tag).toBe("format");
    expect((await errorOf(damaged({ ...kept, grid: 7 }))).tag).toBe("format");
    const outputs = kept.outputs as { flt: object };
    const other = { flt: { ...outputs.flt, numbers: [1] } };
    expect((await errorOf(damaged({ ...kept, outputs: other }))).tag).toBe("format");
    const fewer = { flt: { ...outputs.flt, numbers: "x" } };
    expect((await errorOf(damaged({ ...kept, outputs: fewer }))).tag).toBe("format");
  });

  it("leaves nothing behind when it is stopped", async () => {
    const folder = await makeRun({
      tables: { flt: line(0, "single_file little rho") },
      files: { "data.0000.flt": 120 },
    });
    const dataset = await open(folder);
    const stop = new AbortController();
    stop.abort();
    const target = join(root, "stopped");
    const before = await contentsOf(root);
    expect((await errorOf(writePluto(dataset, target, { signal: stop.signal }))).tag).toBe(
      "aborted",
    );
    expect(await contentsOf(root)).toEqual(before);
    expect((await errorOf(writePluto(dataset, folder))).tag).toBe("exists");
  });
});
