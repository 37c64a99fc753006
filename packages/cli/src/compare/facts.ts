import {
  type Attribute,
  type Attributes,
  type Box,
  bytesOf,
  bytesPerValue,
  type DataArray,
  type Dataset,
  type FloatArray,
  type NumericArray,
  type Variable,
} from "@fieldzip/core";
import { firstBroken, type Promised } from "../promises.js";

/** One fact in which an archive is not its original. */
export interface Difference {
  readonly kind: "variable" | "type" | "shape" | "dimensions" | "attribute" | "value";
  /** `variable rho, attribute units`, `variable rho, [3, 0, 17]`. */
  readonly where: string;
  /** What the original has. */
  readonly expected: string;
  /** What the archive has. */
  readonly found: string;
}

/** Everything but the values: which variables, their types, shapes, dimensions and attributes. */
export function compareMetadata(archive: Dataset, original: Dataset): Difference[] {
  const differences: Difference[] = [];
  const differs = (kind: Difference["kind"], where: string, expected: string, found: string) => {
    if (expected !== found) differences.push({ kind, where, expected, found });
  };
  const compareAttributes = (where: string, expected: Attributes, found: Attributes) => {
    for (const name of new Set([...Object.keys(expected), ...Object.keys(found)])) {
      const place = `${where}, attribute ${name}`;
      differs("attribute", place, attributeText(expected[name]), attributeText(found[name]));
    }
  };

  const groups = (dataset: Dataset) =>
    new Map(dataset.source.groups.map(({ path, attributes }) => [path, attributes]));
  const originalGroups = groups(original);
  const archiveGroups = groups(archive);
  for (const path of new Set([...originalGroups.keys(), ...archiveGroups.keys()])) {
    const where = path === "" ? "root group" : `group ${path}`;
    compareAttributes(where, originalGroups.get(path) ?? {}, archiveGroups.get(path) ?? {});
  }

  for (const variable of original.variables) {
    const where = `variable ${variable.name}`;
    const other = archive.variables.find(({ name }) => name === variable.name);
    if (!other) {
      differs("variable", where, "present", "absent");
      continue;
    }
    differs("type", where, variable.dataType, other.dataType);
    differs("shape", where, `[${variable.shape.join(", ")}]`, `[${other.shape.join(", ")}]`);
    differs("dimensions", where, variable.dimensions.join(", "), other.dimensions.join(", "));
    compareAttributes(where, variable.attributes, other.attributes);
  }
  for (const { name } of archive.variables) {
    if (!original.variables.some((variable) => variable.name === name)) {
      differs("variable", `variable ${name}`, "absent", "present");
    }
  }
  return differences;
}

/** The first value of `box` that is not what is promised, with its index in the variable. */
export function differenceOfValues(
  variable: Variable,
  box: Box,
  expected: DataArray,
  found: DataArray,
  promised: Promised,
): Difference | undefined {
  const place =
    promised.kind === "exact"
      ? firstDifference(variable, expected, found)
      : firstBroken(expected as FloatArray, found as FloatArray, promised);
  if (place === undefined) return undefined;
  const index = new Array<number>(box.shape.length);
  let rest = place;
  for (let axis = box.shape.length - 1; axis >= 0; axis--) {
    index[axis] = box.start[axis] + (rest % box.shape[axis]);
    rest = Math.floor(rest / box.shape[axis]);
  }
  return {
    kind: "value",
    where: `variable ${variable.name}, [${index.join(", ")}]`,
    expected: valueText(expected, place),
    found: valueText(found, place),
  };
}

function firstDifference(
  variable: Variable,
  expected: DataArray,
  found: DataArray,
): number | undefined {
  if (expected.length !== found.length) return Math.min(expected.length, found.length);
  if (Array.isArray(expected)) {
    const place = expected.findIndex((text, i) => text !== found[i]);
    return place < 0 ? undefined : place;
  }
  const a = bytesOf(expected);
  const b = bytesOf(found as NumericArray);
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return Math.floor(i / bytesPerValue(variable.dataType));
  }
  return undefined;
}

/** `0x7fc00001 (NaN)`: the bits, most significant first, and the value. */
function valueText(data: DataArray, place: number): string {
  if (place >= data.length) return "nothing";
  if (Array.isArray(data)) return JSON.stringify(data[place]);
  const size = data.BYTES_PER_ELEMENT;
  const bytes = bytesOf(data).subarray(place * size, (place + 1) * size);
  const hex = [...bytes].reverse().map((byte) => byte.toString(16).padStart(2, "0"));
  const value = data[place];
  return `0x${hex.join("")} (${Object.is(value, -0) ? "-0" : value})`;
}

function attributeText(attribute: Attribute | undefined): string {
  if (!attribute) return "absent";
  const values = attribute.values.map((value) =>
    typeof value === "string" ? JSON.stringify(value) : Object.is(value, -0) ? "-0" : `${value}`,
  );
  const text = attribute.scalar ? values[0] : `[${values.join(", ")}]`;
  return `${attribute.type} ${text}`;
}
