/** What network and constants do not say of a chunk: residuals, and values that are stored as they are. */
import { bytesOf, type FloatArray } from "@fieldzip/core";
import { type ChunkLayout, eachStretch } from "./chunk.js";
import { boundedCoder, exactResiduals, type Residuals } from "./residual.js";
import type { SpecialValues } from "./special-values.js";

/** What a stream promises of its values. `bounds`: by variable, in its units; those of constant ones are not looked at. */
export type StreamGuarantee =
  | { readonly kind: "exact" }
  | { readonly kind: "bounded"; readonly bounds: readonly number[] }
  | { readonly kind: "best-effort" };

export interface Misses {
  /** Zigzag integers in the values' places; none under best-effort. */
  readonly residuals?: Residuals;
  /** Places, ascending. */
  readonly exceptions: readonly number[];
}

export interface Predicted {
  readonly values: FloatArray;
  readonly layout: ChunkLayout;
  readonly special?: SpecialValues;
  /** By variable the bits of constant ones. */
  readonly constants: readonly (Uint8Array | undefined)[];
  /** Asked for only where it is needed. */
  predicted(): FloatArray;
}

/** The bits of every variable that has no output: those of its first value that is not special. */
export function constantsOf(
  values: FloatArray,
  layout: ChunkLayout,
  outputs: readonly number[],
  special: SpecialValues | undefined,
): (Uint8Array | undefined)[] {
  const size = values.BYTES_PER_ELEMENT;
  const bytes = bytesOf(values);
  const isOrdinary = (value: number) => Number.isFinite(value) && !special?.fills.includes(value);
  return Array.from({ length: layout.variables }, (_, variable) => {
    if (outputs.includes(variable)) return undefined;
    let first: number | undefined;
    eachPlace(layout, variable, (place) => {
      if (first === undefined && isOrdinary(values[place])) first = place;
    });
    return first === undefined
      ? new Uint8Array(size)
      : bytes.slice(first * size, (first + 1) * size);
  });
}

export function missesOf(chunk: Predicted, guarantee: StreamGuarantee): Misses {
  const { constants } = chunk;
  const exceptions: number[] = [];
  let residuals: Residuals | undefined;
  if (guarantee.kind === "exact") residuals = exactMisses(chunk);
  else if (guarantee.kind === "bounded")
    residuals = boundedMisses(chunk, guarantee.bounds, exceptions);
  else bestEffortMisses(chunk, exceptions);
  constants.forEach((bits, variable) => {
    if (bits) constantMisses(chunk, variable, bits, guarantee.kind === "exact", exceptions);
  });
  return { residuals, exceptions: exceptions.sort((a, b) => a - b) };
}

function exactMisses({ values, layout, special, constants, predicted }: Predicted): Residuals {
  const residuals = exactResiduals(values, predicted());
  const none = residuals instanceof Uint32Array ? 0 : 0n;
  const clear = (from: number, end: number) => {
    for (let i = from; i < end; i++) residuals[i] = none;
  };
  special?.mask.forEach((number, i) => {
    if (number > 0) residuals[i] = none;
  });
  constants.forEach((bits, variable) => {
    if (!bits) return;
    eachStretch(layout, variable, 0, layout.points, (_, place, length) => {
      clear(place, place + length);
    });
  });
  return residuals;
}

function boundedMisses(
  { values, layout, constants, special, predicted }: Predicted,
  bounds: readonly number[],
  exceptions: number[],
): Residuals {
  const { residuals, code } = boundedCoder(values, predicted(), special?.fills ?? []);
  const rare = new Set(special?.rare);
  constants.forEach((bits, variable) => {
    if (bits) return;
    const bound = bounds[variable];
    eachPlace(layout, variable, (place) => {
      if (special?.mask[place]) return;
      if ((rare.size > 0 && rare.has(place)) || !code(place, bound)) exceptions.push(place);
    });
  });
  return residuals;
}

/** Special values, and what would come back as one. */
function bestEffortMisses(
  { layout, constants, special, predicted }: Predicted,
  exceptions: number[],
): void {
  if (!special) return;
  const { rare, mask, fills } = special;
  const decoded = fills.length > 0 ? predicted() : undefined;
  const rarely = new Set(rare);
  constants.forEach((bits, variable) => {
    if (bits) return;
    eachPlace(layout, variable, (place) => {
      if (mask[place]) return;
      if (rarely.has(place) || (decoded && fills.includes(decoded[place]))) exceptions.push(place);
    });
  });
}

/** Values that are not the constant: other bits, or where that will do another number. */
function constantMisses(
  { values, layout, special }: Predicted,
  variable: number,
  bits: Uint8Array,
  exact: boolean,
  exceptions: number[],
): void {
  const size = values.BYTES_PER_ELEMENT;
  const bytes = bytesOf(values);
  const constant = new (size === 4 ? Float32Array : Float64Array)(bits.slice().buffer)[0];
  const same = (place: number) =>
    (!exact && values[place] === constant) ||
    bits.every((byte, k) => byte === bytes[place * size + k]);
  eachPlace(layout, variable, (place) => {
    if (!special?.mask[place] && !same(place)) exceptions.push(place);
  });
}

function eachPlace(layout: ChunkLayout, variable: number, visit: (place: number) => void): void {
  eachStretch(layout, variable, 0, layout.points, (_, place, length) => {
    for (let i = place; i < place + length; i++) visit(i);
  });
}
