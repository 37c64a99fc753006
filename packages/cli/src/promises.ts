/** What an archive promises of its variables' values, and whether it holds. */
import {
  boundOf,
  type Dataset,
  type FloatArray,
  fillValuesOf,
  type Guarantee,
  rangesOf,
  type Variable,
} from "@fieldzip/core";
import { archiveIndex } from "@fieldzip/io";

/** Of one variable: that every bit is the original's, or how far a value may be off. */
export interface Promised {
  readonly kind: Guarantee["kind"];
  /** In the variable's units; infinite under best-effort. */
  readonly bound: number;
  /** What stands for missing values: it comes back to the bit, and nothing else as it. */
  readonly fillValues: readonly number[];
}

const EXACT: Promised = { kind: "exact", bound: 0, fillValues: [] };

/** By the name of a variable; all others are exact. */
export function guaranteesOf(archive: Dataset): Map<string, Guarantee> {
  const found = new Map<string, Guarantee>();
  for (const { codec, path, joint } of archiveIndex(archive)?.arrays ?? []) {
    if (codec.name !== "fieldzip") continue;
    const guarantee = guaranteeIn(codec.configuration.guarantee);
    for (const name of joint?.members.map((member) => member.name) ?? [path]) {
      if (guarantee) found.set(name, guarantee);
    }
  }
  return found;
}

/** Undefined for what is no promise of less than every bit. */
function guaranteeIn(configured: unknown): Guarantee | undefined {
  if (typeof configured !== "object" || configured === null) return undefined;
  const { kind, bound, boundKind } = configured as Record<string, unknown>;
  if (kind === "best-effort") return { kind, goal: {} };
  const known = boundKind === "absolute" || boundKind === "range";
  if (kind !== "bounded" || typeof bound !== "number" || !known) return undefined;
  return { kind, bound, boundKind };
}

/** What is promised of values of `original`; a bound relative to their range asks for a look at them all. */
export async function promisedOf(
  guarantee: Guarantee | undefined,
  original: Variable,
  signal?: AbortSignal,
): Promise<Promised> {
  if (!guarantee || guarantee.kind === "exact") return EXACT;
  const fillValues = fillValuesOf(original).map((fill) =>
    original.dataType === "float32" ? Math.fround(fill) : fill,
  );
  const { kind } = guarantee;
  if (kind === "best-effort") return { kind, bound: Number.POSITIVE_INFINITY, fillValues };
  const ranges =
    guarantee.boundKind === "range" ? await rangesOf([original], fillValues, signal) : [0];
  return { kind, bound: boundOf(guarantee, ranges[0]), fillValues };
}

/** Where the first value stands that is not what is promised; undefined where all are. Not for `exact`. */
export function firstBroken(
  expected: FloatArray,
  found: FloatArray,
  { bound, fillValues }: Promised,
): number | undefined {
  const bits = (values: FloatArray) =>
    values instanceof Float32Array
      ? new Uint32Array(values.buffer, values.byteOffset, values.length)
      : new BigUint64Array(values.buffer, values.byteOffset, values.length);
  const [a, b] = [bits(expected), bits(found)];
  const isSpecial = (value: number) => !Number.isFinite(value) || fillValues.includes(value);
  for (let i = 0; i < expected.length; i++) {
    if (a[i] === b[i]) continue;
    const near = Math.abs(found[i] - expected[i]) <= bound;
    if (!near || isSpecial(expected[i]) || isSpecial(found[i])) return i;
  }
  return undefined;
}
