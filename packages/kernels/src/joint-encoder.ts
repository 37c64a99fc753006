import {
  columnsFor,
  type FitPlace,
  type FitSamples,
  layOutSamples,
  samplesAt,
} from "./chunk-fit.js";
import {
  addresses,
  type ChunkEncoder,
  type EncodeExports,
  type Encoder,
  encoderAt,
  type Mapping,
  openChunk,
} from "./encoder.js";
import {
  bandHeight,
  FIRST_VARIABLE,
  type Geometry,
  type JointSource,
  LAW_FIELD,
  type Law,
  MAX_TERMS,
} from "./geometry.js";
import { grow } from "./instance.js";
import { codeMixedChunk } from "./mixed-encoder.js";

export interface JointExports {
  jointResidualsFloat32(...args: number[]): void;
  jointResidualsFloat64(...args: number[]): void;
  gatherJointFloat32(...args: number[]): number;
  gatherJointFloat64(...args: number[]): number;
  lawFloat32(fields: number, terms: number, count: number, values: number, to: number): void;
  lawFloat64(fields: number, terms: number, count: number, values: number, to: number): void;
}

/** The variables of a joint chunk in the encoder's memory, and the coding of one beside the others. */
export interface JointEncoder {
  /** An encoder that leaves the variables where they are. Its `open…` make `open` below start anew. */
  readonly encoder: Encoder;
  /** Makes a variable known, as others will see it. */
  setField(variable: number, values: Float32Array | Float64Array): void;
  /** Computes what a law over known variables says: a field for the variable coded next. */
  setLaw(law: Law): void;
  /** A copy of that, for tests. */
  lawField(): Float32Array | Float64Array;
  /** As `Encoder.codeMixed`, for a variable whose regressors may lie in fields that are known. */
  codeMixed: Encoder["codeMixed"];
  /** As `Encoder.open`, for a variable whose stencils may use the other fields. */
  open(values: Float32Array | Float64Array, geometry: Geometry, mapping?: Mapping): JointChunk;
}

/** A variable of a joint chunk that is being coded. */
export interface JointChunk extends ChunkEncoder {
  /** Makes the variable known as others will see it: masked values are those at their left. */
  keep(variable: number): void;
  /** As `samples`, with rows of several fields. */
  jointSamples(kind: number, sources: readonly JointSource[], wanted: number): JointSamples;
}

/** Samples whose columns are: the second value to the left, relative to the value at the left; three of every source, relative to the value at the left in its own field; if the law's field is among them, its value at the left minus that of the own field; at times an idle one; the value, relative to that at the left. */
export interface JointSamples extends Omit<FitSamples, "magnitude"> {
  /** Mean magnitude of the values of the own field, then of every source's. */
  readonly magnitudes: readonly number[];
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
  const setField: JointEncoder["setField"] = (variable, { buffer, byteOffset, byteLength }) => {
    const to = new Uint8Array(memory(), blocks[variable], count * size);
    to.set(new Uint8Array(buffer, byteOffset, byteLength));
    new Uint32Array(memory(), table, FIELDS)[FIRST_VARIABLE + variable] = blocks[variable];
  };
  return {
    encoder: encoderAt(kernel, end),
    setField,
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
    },
    lawField() {
      const bytes = memory().slice(law, law + count * size);
      return size === 4 ? new Float32Array(bytes) : new Float64Array(bytes);
    },
    codeMixed: (values, mask, side) =>
      codeMixedChunk(kernel, (sizes) => addresses(end, sizes), values, mask, side, table),
    open(values, geometry, mapping) {
      const chunk = openChunk(kernel, end, values, geometry, mapping ?? {}, table);
      return {
        ...chunk,
        keep(variable) {
          setField(variable, values);
          const { mask } = chunk.place;
          if (!mask) return;
          const { outer, depth, height, width } = geometry;
          const fill = size === 4 ? kernel.fillMasked32 : kernel.fillMasked64;
          fill(blocks[variable], mask, outer * depth, depth, height, width, bandHeight(geometry));
        },
        jointSamples: (kind, sources, wanted) =>
          gatherJoint(
            kernel,
            { ...chunk.place, fields: table, law },
            geometry,
            kind,
            sources,
            wanted,
          ),
      };
    },
  };
}

interface JointPlace extends FitPlace {
  readonly fields: number;
  readonly law: number;
}

function gatherJoint(
  kernel: EncodeExports,
  place: JointPlace,
  geometry: Geometry,
  kind: number,
  sources: readonly JointSource[],
  wanted: number,
): JointSamples {
  const lawful = sources.some(({ field }) => field === LAW_FIELD);
  const columns = columnsFor(1 + 3 * sources.length + (lawful ? 1 : 0));
  const at = layOutSamples(kernel, place.free, columns, wanted);
  const rows = new Int32Array(kernel.memory.buffer, at.sources, 4 * sources.length);
  sources.forEach(({ dt, dz, dy, field }, k) => {
    rows.set([dt, dz, dy, field], 4 * k);
  });
  const { outer, depth, height, width, bands } = geometry;
  const gather = place.size === 4 ? kernel.gatherJointFloat32 : kernel.gatherJointFloat64;
  const box = [outer, depth, height, width, bandHeight(geometry), bands];
  const count = gather(
    ...[place.fields, lawful ? place.law : 0, place.mask, ...box, kind],
    ...[at.sources, sources.length, columns, wanted, at.samples, at.magnitudes],
  );
  const sums = new Float64Array(kernel.memory.buffer, at.magnitudes, sources.length + 1);
  return {
    ...samplesAt(kernel, at, count, columns),
    magnitudes: [...sums].map((sum) => (count > 0 ? sum / count : 0)),
  };
}
