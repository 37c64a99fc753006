/** What network and constants do not say of a chunk: residuals, and values that are stored as they are. */
import { bytesOf, type FloatArray } from "@fieldzip/core";
import { type ChunkLayout, eachStretch } from "./chunk.js";
import { boundedCoder, exactResiduals, type Residuals } from "./residual.js";

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
  readonly mask?: Uint8Array;
  /** By variable the bits of constant ones. */
  readonly constants: readonly (Uint8Array | undefined)[];
  /** Asked for only where it is needed. */
  predicted(): FloatArray;
}

/** The bits of every variable that has no output: its first value that is not masked. */
export function constantsOf(
  values: FloatArray,
  layout: ChunkLayout,
  outputs: readonly number[],
  mask: Uint8Array | undefined,
): (Uint8Array | undefined)[] {
  const size = values.BYTES_PER_ELEMENT;
  const bytes = bytesOf(values);
  return Array.from({ length: layout.variables }, (_, variable) => {
    if (outputs.includes(variable)) return undefined;
    let first: number | undefined;
    eachPlace(layout, variable, (place) => {
      if (first === undefined && !mask?.[place]) first = place;
    });
    return first === undefined
      ? new Uint8Array(size)
      : bytes.slice(first * size, (first + 1) * size);
  });
}

export function missesOf(chunk: Predicted, guarantee: StreamGuarantee): Misses {
  const exceptions: number[] = [];
  const found = {
    exact: () => exactMisses(chunk),
    bounded: () =>
      boundedMisses(chunk, (guarantee as { bounds: readonly number[] }).bounds, exceptions),
    "best-effort": () => bestEffortMisses(chunk, exceptions),
  }[guarantee.kind]();
  chunk.constants.forEach((bits, variable) => {
    if (bits) constantMisses(chunk, variable, bits, guarantee.kind === "exact", exceptions);
  });
  return { residuals: found, exceptions: exceptions.sort((a, b) => a - b) };
}

function exactMisses({ values, layout, mask, constants, predicted }: Predicted): Residuals {
  const residuals = exactResiduals(values, predicted());
  const none = residuals instanceof Uint32Array ? 0 : 0n;
  if (mask) for (let i = 0; i < mask.length; i++) if (mask[i]) residuals[i] = none;
  constants.forEach((bits, variable) => {
    if (!bits) return;
    eachStretch(layout, variable, 0, layout.points, (_, place, length) => {
      for (let i = place; i < place + length; i++) residuals[i] = none;
    });
  });
  return residuals;
}

function boundedMisses(
  { values, layout, constants, mask, predicted }: Predicted,
  bounds: readonly number[],
  exceptions: number[],
): Residuals {
  const { residuals, code } = boundedCoder(values, predicted());
  constants.forEach((bits, variable) => {
    if (bits) return;
    const bound = bounds[variable];
    eachPlace(layout, variable, (place) => {
      if (!mask?.[place] && !code(place, bound)) exceptions.push(place);
    });
  });
  return residuals;
}

/** Only what is not finite. */
function bestEffortMisses(
  { values, layout, constants, mask }: Predicted,
  exceptions: number[],
): undefined {
  constants.forEach((bits, variable) => {
    if (bits) return;
    eachPlace(layout, variable, (place) => {
      if (values[place] - values[place] !== 0 && !mask?.[place]) exceptions.push(place);
    });
  });
}

/** Values that are not the constant: other bits, or where that will do another number. */
function constantMisses(
  { values, layout, mask }: Predicted,
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
    if (!mask?.[place] && !same(place)) exceptions.push(place);
  });
}

function eachPlace(layout: ChunkLayout, variable: number, visit: (place: number) => void): void {
  eachStretch(layout, variable, 0, layout.points, (_, place, length) => {
    for (let i = place; i < place + length; i++) visit(i);
  });
}
