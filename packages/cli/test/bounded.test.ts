import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type CompressReport,
  type Dataset,
  type FloatArray,
  fillValuesOf,
  type Guarantee,
  type Notice,
  type Variable,
} from "@fieldzip/core";
import { openArchive, openDataset } from "@fieldzip/io";
import { afterAll, expect, test } from "vitest";
import { noticeText } from "../src/compress-report.js";
import { compress, verify } from "../src/index.js";
import { firstBroken } from "../src/promises.js";

/** Archives whose values may be off, from real files: by the bound at the most, anywhere. */

const folder = mkdtempSync(join(tmpdir(), "fieldzip-bounded-"));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url));

async function valuesOf(variable: Variable): Promise<FloatArray> {
  const box = { start: variable.shape.map(() => 0), shape: variable.shape };
  return (await variable.readBox(box)) as FloatArray;
}

const isFill = (variable: Variable, value: number) => fillValuesOf(variable).includes(value);

/** Largest error by variable; fails where what is missing is not the same. */
async function errors(original: Dataset, archive: Dataset): Promise<Map<string, [number, number]>> {
  const found = new Map<string, [number, number]>();
  for (const variable of original.variables) {
    if (!variable.dataType.startsWith("float")) continue;
    const values = await valuesOf(variable);
    const decoded = await valuesOf(archive.variables.find(({ name }) => name === variable.name)!);
    let [worst, least, most] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    values.forEach((value, i) => {
      const missing = !Number.isFinite(value) || isFill(variable, value);
      if (missing !== (!Number.isFinite(decoded[i]) || isFill(variable, decoded[i])))
        expect.fail(`${variable.name}: ${value} became ${decoded[i]}`);
      if (missing) return;
      worst = Math.max(worst, Math.abs(decoded[i] - value));
      least = Math.min(least, value);
      most = Math.max(most, value);
    });
    found.set(variable.name, [worst, Math.max(0, most - least)]);
  }
  return found;
}

test.each<[string, readonly string[], Guarantee]>([
  ["netcdf/wrf_tip_d2.nc", ["T2"], { kind: "bounded", bound: 1e-3, boundKind: "range" }],
  [
    "pluto/kelvin-helmholtz",
    ["rho", "vx1", "prs"],
    { kind: "bounded", bound: 1e-4, boundKind: "range" },
  ],
  [
    "netcdf/tos_cesm2fv2_192x200.nc",
    ["tos"],
    { kind: "bounded", bound: 0.01, boundKind: "absolute" },
  ],
  ["netcdf/tos_cesm2fv2_192x200.nc", ["tos"], { kind: "bounded", bound: 1e-3, boundKind: "range" }],
])("%s, %j, under %o", async (name, fields, guarantee) => {
  const original = await openDataset(fixture(name));
  const [exact, bounded] = ["exact", "bounded"].map((kind) =>
    join(folder, `${name.replaceAll("/", "_")}-${kind}-${JSON.stringify(guarantee)}`),
  );
  const whole = await compress(original, exact, { threads: 0 });
  const report = await compress(original, bounded, { guarantee, threads: 0 });
  const archive = await openArchive(bounded);
  const { bound, boundKind } = guarantee as Extract<Guarantee, { kind: "bounded" }>;
  const found = await errors(original, archive);
  for (const [variable, [worst, range]] of found) {
    expect(worst, variable).toBeLessThanOrEqual(boundKind === "range" ? bound * range : bound);
  }
  // Something was given up, and something was gained by it: not where a field lies, but what it is there.
  const lossy = [...found].filter(([, [worst]]) => worst > 0).map(([variable]) => variable);
  expect(lossy).toEqual(fields);
  const bytesOf = ({ variables }: CompressReport) =>
    variables
      .filter((variable) => lossy.includes(variable.name))
      .reduce((sum, { archiveBytes }) => sum + archiveBytes, 0);
  expect(bytesOf(report)).toBeLessThan(0.8 * bytesOf(whole));
  const verified = await verify(archive, { against: original });
  expect(verified.differences).toEqual([]);
  expect(verified.guarantee).toBe("bounded");
  await archive.close();
  await original.close();
});

test("what breaks a promise", () => {
  const broken = (found: number[], bound: number) =>
    firstBroken(Float64Array.of(1, Number.NaN, 1e20, 5), Float64Array.from(found), {
      ...{ kind: "bounded", bound, fillValues: [1e20] },
    });
  expect(broken([1.5, Number.NaN, 1e20, 4.5], 0.5)).toBeUndefined();
  expect(broken([1.6, Number.NaN, 1e20, 5], 0.5)).toBe(0);
  expect(broken([1, 0, 1e20, 5], 10)).toBe(1);
  expect(broken([1, Number.NaN, 0, 5], Number.POSITIVE_INFINITY)).toBe(2);
  expect(broken([1, Number.NaN, 1e20, Number.NaN], Number.POSITIVE_INFINITY)).toBe(3);
  expect(broken([1, Number.NaN, 1e20, 1e20], Number.POSITIVE_INFINITY)).toBe(3);
});

test("a network learns no coordinates: they stay exact on any number of axes", async () => {
  const original = await openDataset(fixture("netcdf/tos_cesm2fv2_192x200.nc"));
  const target = join(folder, "neural.zarr");
  const report = await compress(original, target, {
    ...{ threads: 0, predictor: "neural", settings: { epochs: 0.2 } },
    guarantee: { kind: "best-effort", goal: {} },
  });
  const predictors = report.variables.map(({ name, predictor }) => [name, predictor]);
  expect(Object.fromEntries(predictors)).toMatchObject({
    ...{ lat: "mechanism", lon: "mechanism", tos: "neural" },
    ...{ nlat: "standard", nlon: "standard", time: "standard" },
  });
  const archive = await openArchive(target);
  for (const name of ["lat", "lon"]) {
    const [before, after] = await Promise.all(
      [original, archive].map((dataset) => valuesOf(dataset.variable(name))),
    );
    expect(Buffer.from(after.buffer)).toEqual(Buffer.from(before.buffer));
  }
  expect((await verify(archive, { against: original })).differences).toEqual([]);
  await archive.close();
  await original.close();
});

test("a fill value that nothing declares is told of, and can be declared", async () => {
  const file = join(folder, "holes.f32");
  const values = Float32Array.from({ length: 4800 }, (_, i) => 280 + 10 * Math.sin(i / 50));
  values.fill(-9999, 1000, 1200);
  writeFileSync(file, values);
  const raw = { shape: [60, 80], dtype: "f32" };
  const notices: Notice[] = [];
  const compressAs = async (name: string, dataset: Dataset, guarantee: Guarantee) => {
    const onNotice = (notice: Notice) => notices.push(notice);
    const target = join(folder, name);
    await compress(dataset, target, { threads: 0, guarantee, onNotice });
    return openArchive(target);
  };
  const bounded: Guarantee = { kind: "bounded", bound: 1e-3, boundKind: "range" };
  const plain = await openDataset(file, raw);
  await compressAs("plain.zarr", plain, bounded);
  expect(notices).toMatchObject([
    { kind: "fill-value", variable: "holes", value: -9999, count: 200, values: 4800 },
  ]);
  expect(notices[0].range).toBeCloseTo(10289, 0);
  expect(notices[0].rangeWithout).toBeCloseTo(20, 1);
  expect(noticeText(notices[0])).toMatch(
    /^warning: holes: 200 of 4800 values are -9999 .* --fill-value holes=-9999$/,
  );

  // Nothing is relative to a range here.
  await compressAs("exact.zarr", plain, { kind: "exact" });
  await compressAs("absolute.zarr", plain, { ...bounded, boundKind: "absolute" });
  const declared = await openDataset(file, { ...raw, fillValues: { holes: -9999 } });
  const archive = await compressAs("declared.zarr", declared, bounded);
  expect(notices).toHaveLength(1);
  const decoded = await valuesOf(archive.variable("holes"));
  values.forEach((value, i) => {
    if (value === -9999) expect(decoded[i]).toBe(value);
    else expect(Math.abs(decoded[i] - value)).toBeLessThanOrEqual(0.0201);
  });
  expect(fillValuesOf(archive.variable("holes"))).toContain(-9999);
  expect((await verify(archive, { against: declared })).differences).toEqual([]);
  await expect(openDataset(file, { ...raw, fillValues: { hole: 0 } })).rejects.toThrow("holes");
});
