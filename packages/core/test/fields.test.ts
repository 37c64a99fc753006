import { describe, expect, test } from "vitest";
import { type Attributes, Dataset, type VariableSource } from "../src/array/dataset.js";
import { declareFillValues } from "../src/array/declare-fill-values.js";
import { memoryVariable, textAttribute } from "../src/array/memory-variable.js";
import { checkOptions } from "../src/check-options.js";
import { treatmentOf } from "../src/fields.js";
import type { CompressOptions } from "../src/options.js";
import { fillValuesOf, rangesOf, surveyOf } from "../src/ranges.js";

/** What is a field, what only says where one lies, and which values are none. */

const shape = [40, 50];
const text = (attributes: Record<string, string>): Attributes =>
  Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, textAttribute(value)]));

function variable(
  name: string,
  attributes: Record<string, string> = {},
  { dimensions = ["y", "x"], extent = shape, type = "float32" as "float32" | "int32" } = {},
): VariableSource {
  const count = extent.reduce((product, size) => product * size, 1);
  const data = type === "int32" ? new Int32Array(count) : new Float32Array(count);
  return memoryVariable(name, type, dimensions, extent, data, text(attributes));
}

function datasetOf(variables: readonly VariableSource[], groups: Record<string, Attributes> = {}) {
  return new Dataset({
    ...{ format: "raw", location: "memory", dimensions: [], close: async () => {} },
    groups: Object.entries(groups).map(([path, attributes]) => ({ path, attributes })),
    variables,
  });
}

function treatments(dataset: Dataset, options: CompressOptions): Record<string, string> {
  const treatment = treatmentOf(dataset, checkOptions(options));
  return Object.fromEntries(dataset.variables.map((one) => [one.name, treatment(one)]));
}

const bounded = { guarantee: { kind: "bounded", bound: 1, boundKind: "absolute" } } as const;

describe("treatmentOf", () => {
  const grid = datasetOf(
    [
      variable("T", { coordinates: "lat ocean/lon missing", units: "K" }),
      variable("lat", { bounds: "lat_vertices" }),
      variable("ocean/lon"),
      variable("lat_vertices", {}, { dimensions: ["y", "x", "v"], extent: [40, 50, 4] }),
      variable("XLAT", { units: "degree_north" }),
      variable("direction", { units: "degrees" }),
      variable("level", {}, { dimensions: ["y", "x", "k"], extent: [40, 50, 2] }),
      variable("mesh", { node_coordinates: "nodes" }, { dimensions: [], extent: [] }),
      variable("nodes"),
      variable("count", {}, { type: "int32" }),
      variable("few", {}, { extent: [20, 50] }),
      variable("y", {}, { dimensions: ["y"], extent: [2000] }),
    ],
    { "": text({ coordinates: "level" }) },
  );
  const exactOnes = ["lat", "ocean/lon", "lat_vertices", "XLAT", "level", "nodes"];
  const standard = { mesh: "standard", count: "standard", few: "standard", y: "standard" };

  test("under a bound coordinates stay exact, however they are named as such", () => {
    expect(treatments(grid, bounded)).toEqual({
      ...{ T: "asked", direction: "asked", ...standard },
      ...Object.fromEntries(exactOnes.map((name) => [name, "exact"])),
    });
  });

  test("where every bit is asked for there is nothing to tell apart", () => {
    const all = treatments(grid, {});
    for (const name of exactOnes) expect(all[name], name).toBe("asked");
    expect(all).toMatchObject(standard);
  });

  test("names are looked for in the group, and in those around it", () => {
    const nested = datasetOf([
      variable("a/b/T", { coordinates: "lat lon /top" }),
      ...["a/b/lat", "a/lat", "lon", "top"].map((name) => variable(name)),
    ]);
    expect(treatments(nested, bounded)).toEqual({
      ...{ "a/b/T": "asked", "a/b/lat": "exact", "a/lat": "asked" },
      ...{ lon: "exact", top: "exact" },
    });
  });
});

describe("values that stand for none", () => {
  const survey = async (change: (values: Float32Array) => void) => {
    const values = Float32Array.from({ length: 2000 }, (_, i) => 5 + Math.sin(i));
    change(values);
    const source = memoryVariable("T", "float32", ["y", "x"], shape, values);
    const dataset = datasetOf([source]);
    return (await surveyOf(dataset.variables, fillValuesOf(source)))[0];
  };

  test.each([-9999, -99, 1e20, -1e30, 32767, 123456, 3.4028234663852886e38])(
    "%f that repeats and lies far from all others",
    async (fill) => {
      const { suspect, range } = await survey((values) => values.fill(fill, 10, 15));
      expect(suspect).toMatchObject({ value: Math.fround(fill), count: 5, values: 2000, range });
      expect(suspect!.rangeWithout).toBeCloseTo(2, 4);
    },
  );

  test.each<[string, (values: Float32Array) => void]>([
    ["an ordinary field", () => {}],
    ["one that saturates", (values) => values.fill(7, 10, 500)],
    ["a single outlier", (values) => values.fill(-9999, 3, 4)],
    ["a mask", (values) => values.fill(0).fill(-9999, 5, 50)],
    ["a round value near the others", (values) => values.fill(20, 10, 15)],
    [
      "NetCDF's own fill value, which is known",
      (values) => values.fill(9.969209968386869e36, 9, 99),
    ],
    ["infinities", (values) => values.fill(Number.NEGATIVE_INFINITY, 9, 99)],
  ])("%s is left alone", async (_, change) => {
    expect((await survey(change)).suspect).toBeUndefined();
  });

  test("NetCDF's own fill value and declared ones stretch no range", async () => {
    const values = Float32Array.from({ length: 2000 }, (_, i) => i % 11);
    values.fill(9.969209968386869e36, 0, 100).fill(-9999, 100, 200).fill(1e20, 200, 300);
    const source = memoryVariable("T", "float32", ["y", "x"], shape, values, {
      missing_value: { type: "float32", values: [-9999] },
    });
    const dataset = declareFillValues(datasetOf([source, variable("n", {}, { type: "int32" })]), {
      "*": 1e20,
    });
    const [field, integers] = dataset.variables;
    expect(field.attributes.missing_value.values).toEqual([-9999, Math.fround(1e20)]);
    expect(integers.attributes).toEqual({});
    expect(await rangesOf([field], fillValuesOf(field))).toEqual([10]);
    expect(declareFillValues(dataset, { T: -9999 })).toBe(dataset);
    expect(() => declareFillValues(dataset, { n: 1 })).toThrow("int32");
    expect(() => declareFillValues(dataset, { q: 1 })).toThrow("T, n");
  });
});
