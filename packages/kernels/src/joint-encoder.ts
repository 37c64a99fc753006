import {
  addresses,
  type ChunkEncoder,
  type EncodeExports,
  type Encoder,
  encoderAt,
  type Mapping,
  openChunk,
} from "./encoder.js";
import { FIRST_VARIABLE, type Geometry, LAW_FIELD, type Law, MAX_TERMS } from "./geometry.js";
import { grow } from "./instance.js";

export interface JointExports {
  jointResidualsFloat32(...args: number[]): void;
  jointResidualsFloat64(...args: number[]): void;
  lawFloat32(fields: number, terms: number, count: number, values: number, to: number): void;
  lawFloat64(fields: number, terms: number, count: number, values: number, to: number): void;
}

/** The variables of a joint chunk in the encoder's memory, and the coding of one beside the others. */
export interface JointEncoder {
  /** An encoder that leaves the variables where they are. Its `open…` make `open` below start anew. */
  readonly encoder: Encoder;
  /** Makes a variable known, as others will see it. */
  setField(variable: number, values: Float32Array | Float64Array): void;
  /** Computes what a law over known variables says; it is a field for the variable coded next. Returns a copy. */
  setLaw(law: Law): Float32Array | Float64Array;
  /** As `Encoder.open`, for a variable whose stencils may use the other fields. */
  open(values: Float32Array | Float64Array, geometry: Geometry, mapping?: Mapping): ChunkEncoder;
}

const TERM_STRIDE = 32;
/** Fields in the table: the own one, the law's, and a variable for every number of a byte. */
const FIELDS = 258;

export function openJoint(
  kernel: EncodeExports,
  base: number,
  variables: number,
  count: number,
  type: "float32" | "float64",
): JointEncoder {
  const size = type === "float32" ? 4 : 8;
  const [table, terms, law, ...blocks] = addresses(base, [
    FIELDS * 4,
    MAX_TERMS * TERM_STRIDE,
    ...Array.from({ length: variables + 1 }, () => count * size),
  ]);
  const end = blocks[variables];
  grow(kernel.memory, end);
  const memory = () => kernel.memory.buffer;
  new Uint32Array(memory(), table, FIELDS).fill(0)[LAW_FIELD] = law;
  return {
    encoder: encoderAt(kernel, end),
    setField(variable, { buffer, byteOffset, byteLength }) {
      new Uint8Array(memory(), blocks[variable], count * size).set(
        new Uint8Array(buffer, byteOffset, byteLength),
      );
      new Uint32Array(memory(), table, FIELDS)[FIRST_VARIABLE + variable] = blocks[variable];
    },
    setLaw(entries) {
      const view = new DataView(memory(), terms, MAX_TERMS * TERM_STRIDE);
      entries.forEach(({ coefficient, factors }, k) => {
        const at = k * TERM_STRIDE;
        view.setFloat64(at, coefficient, true);
        view.setInt32(at + 8, factors.length, true);
        factors.forEach((variable, n) => {
          view.setInt32(at + 12 + 4 * n, FIRST_VARIABLE + variable, true);
        });
      });
      const evaluate = size === 4 ? kernel.lawFloat32 : kernel.lawFloat64;
      evaluate(table, terms, entries.length, count, law);
      const bytes = memory().slice(law, law + count * size);
      return size === 4 ? new Float32Array(bytes) : new Float64Array(bytes);
    },
    open: (values, geometry, mapping) =>
      openChunk(kernel, end, values, geometry, mapping ?? {}, table),
  };
}
