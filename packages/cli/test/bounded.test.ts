import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Dataset,
  type FloatArray,
  fillValuesOf,
  type Guarantee,
  type Variable,
} from "@fieldzip/core";
import { openArchive, openDataset } from "@fieldzip/io";
import { afterAll, expect, test } from "vitest";
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

test.each<[string, Guarantee]>([
  ["netcdf/wrf_tip_d2.nc", { kind: "bounded", bound: 1e-3, boundKind: "range" }],
  ["pluto/kelvin-helmholtz", { kind: "bounded", bound: 1e-4, boundKind: "range" }],
  ["netcdf/tos_cesm2fv2_192x200.nc", { kind: "bounded", bound: 0.01, boundKind: "absolute" }],
  // Its latitudes and longitudes hold NetCDF's fill value, which no attribute declares: no part of a range.
  ["netcdf/tos_cesm2fv2_192x200.nc", { kind: "bounded", bound: 1e-3, boundKind: "range" }],
])("%s under %o", async (name, guarantee) => {
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
  // Something was given up, and something was gained by it.
  expect([...found.values()].some(([worst]) => worst > 0)).toBe(true);
  expect(report.archiveBytes).toBeLessThan(0.8 * whole.archiveBytes);
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
