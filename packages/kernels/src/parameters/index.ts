/** Coding of network parameters: `@fieldzip/kernels/parameters`. */
import { compileEmbedded, grow, instantiate, type KernelExports } from "../instance.js";
import { countOfArray, type ParameterArray } from "../network/shape.js";
import { parametersModule } from "./modules.generated.js";
import {
  FORMAT_FLOAT16,
  FORMAT_FLOAT32,
  FORMAT_INTEGER,
  PARAMETERS_AT,
  PARAMETERS_EXTENTS,
  PARAMETERS_FORMAT,
  PARAMETERS_RANK,
  PARAMETERS_ROLE,
  PARAMETERS_STRIDE,
} from "./offsets.js";

/** An array of parameters, and how its numbers are stored. */
export interface CodedArray extends Pick<ParameterArray, "role" | "shape"> {
  readonly format: "integer" | "float32" | "float16";
}

/** Symbols where the format is `integer`; else numbers, with `float16` such as float16 has. */
export type CodedValues = Int16Array | Float32Array;

/** What fieldzip-parameters.wasm exports. */
export interface ParameterExports extends KernelExports {
  heap(): number;
  parametersScratch(table: number, arrays: number): number;
  encodeParameters(table: number, arrays: number, scratch: number, to: number): number;
  decodeParameters(
    table: number,
    arrays: number,
    scratch: number,
    from: number,
    length: number,
  ): number;
}

const ROLES = ["grid", "frequencies", "phases", "weights", "bias"];
const FORMATS = { integer: FORMAT_INTEGER, float32: FORMAT_FLOAT32, float16: FORMAT_FLOAT16 };
/** Bytes that a parameter takes at the most, and that a code takes in any case. */
const MOST_BYTES = 5;
const LEAST_ROOM = 64;

let module: WebAssembly.Module | undefined;

/** The arrays' code; `values` has an entry an array. Throws RangeError where they do not fit each other. */
export function encodeParameters(
  arrays: readonly CodedArray[],
  values: readonly CodedValues[],
): Uint8Array {
  const count = arrays.reduce((sum, array) => sum + countOfArray(array), 0);
  const { kernel, table, scratch, code, places } = layOut(arrays, MOST_BYTES * count + LEAST_ROOM);
  arrays.forEach((array, k) => {
    const isInteger = values[k] instanceof Int16Array;
    if (isInteger !== (array.format === "integer") || values[k].length !== countOfArray(array)) {
      throw new RangeError(
        `parameters: ${countOfArray(array)} numbers of format ${array.format} expected for array ${k}, ${values[k].length} in ${values[k].constructor.name} found`,
      );
    }
    const { buffer, byteOffset, byteLength } = values[k];
    new Uint8Array(kernel.memory.buffer, places[k], byteLength).set(
      new Uint8Array(buffer, byteOffset, byteLength),
    );
  });
  const end = kernel.encodeParameters(table, arrays.length, scratch, code) >>> 0;
  return new Uint8Array(kernel.memory.buffer, code, end - code).slice();
}

/** The values of a code, or undefined where it is damaged. */
export function decodeParameters(
  code: Uint8Array,
  arrays: readonly CodedArray[],
): CodedValues[] | undefined {
  const { kernel, table, scratch, code: from, places } = layOut(arrays, code.length);
  const memory = kernel.memory.buffer;
  new Uint8Array(memory).set(code, from);
  if (!kernel.decodeParameters(table, arrays.length, scratch, from, code.length)) return undefined;
  return arrays.map((array, k) => {
    const kind = array.format === "integer" ? Int16Array : Float32Array;
    return new kind(memory, places[k], countOfArray(array)).slice();
  });
}

/** A fresh instance: its memory goes with it. Table, arrays, code and scratch lie one after another. */
function layOut(arrays: readonly CodedArray[], codeBytes: number) {
  module ??= compileEmbedded(parametersModule);
  const kernel = instantiate<ParameterExports>(module);
  const table = kernel.heap();
  let end = table + aligned(arrays.length * PARAMETERS_STRIDE);
  const places = arrays.map((array) => {
    const place = end;
    end += aligned(countOfArray(array) * (array.format === "integer" ? 2 : 4));
    return place;
  });
  const code = end;
  const scratch = code + aligned(codeBytes);
  grow(kernel.memory, scratch);
  const view = new DataView(kernel.memory.buffer, table);
  arrays.forEach(({ role, shape, format }, k) => {
    const entry = k * PARAMETERS_STRIDE;
    view.setUint32(entry + PARAMETERS_ROLE, ROLES.indexOf(role), true);
    view.setUint32(entry + PARAMETERS_FORMAT, FORMATS[format], true);
    view.setUint32(entry + PARAMETERS_RANK, shape.length, true);
    shape.forEach((extent, axis) => {
      view.setUint32(entry + PARAMETERS_EXTENTS + 4 * axis, extent, true);
    });
    view.setUint32(entry + PARAMETERS_AT, places[k], true);
  });
  grow(kernel.memory, scratch + (kernel.parametersScratch(table, arrays.length) >>> 0));
  return { kernel, table, scratch, code, places };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

export { estimateParameterBytes } from "./estimate.js";
