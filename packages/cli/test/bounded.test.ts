import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dataset, FloatArray, Guarantee, Variable } from "@fieldzip/core";
import { openArchive, openDataset } from "@fieldzip/io";
import { afterAll, expect, test } from "vitest";
import { compress } from "../src/index.js";

/** Archives whose values may be off, from real files: by the bound at the most, anywhere. */

const folder = mkdtempSync(join(tmpdir(), "fieldzip-bounded-"));
afterAll(() => rmSync(folder, { recursive: true }));
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../fixtures/${name}`, import.meta.url));

async function valuesOf(variable: Variable): Promise<FloatArray> {
  const box = { start: variable.shape.map(() => 0), shape: variable.shape };
  return (await variable.readBox(box)) as FloatArray;
}

const isFill = ({ attributes }: Variable, value: number) =>
  ["_FillValue", "missing_value"].some((name) => attributes[name]?.values.includes(value));

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
])("%s under %o", async (name, guarantee) => {
  const original = await openDataset(fixture(name));
  const [exact, bounded] = ["exact", "bounded"].map((kind) =>
    join(folder, `${name.replaceAll("/", "_")}-${kind}`),
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
  await archive.close();
  await original.close();
});
