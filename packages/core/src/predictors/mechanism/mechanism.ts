import { type Encoder, kindsOf, type Lattice } from "@fieldzip/kernels";
import { bytesOf, type FloatArray, type FloatType } from "../../array/data-type.js";
import type { Effort } from "../../options.js";
import { roundChunk } from "../../quantise/round.js";
import { type Section, sectionKinds, sizeOfSections } from "../../stream/header.js";
import type { LocalPredictor, PredictorDescription } from "../predictor.js";
import { encodePacked } from "./encode-packed.js";
import { type Beside, encodeStencils } from "./encode-stencils.js";
import { equationOf } from "./equation.js";
import { geometryOf } from "./geometry.js";
import { describeJoint } from "./joint/describe.js";
import { encodeJoint, type JointCoders } from "./joint/encode.js";
import { unrelated } from "./joint/order.js";
import { MODE_JOINT } from "./joint/side-information.js";
import { describeMixed } from "./mixed/describe.js";
import { encodeMixed } from "./mixed/encode.js";
import { MODE_MIXED } from "./mixed/parameters.js";
import { type MappingInformation, readSideInformation, writeConstant } from "./side-information.js";
import { encodeViews } from "./views.js";

/**
 * The marching mechanism: every value is predicted by a linear difference operator, learned from the
 * chunk, over values that come before it; what it missed is coded as the difference of ordered
 * integers. After MeLLoC (NeurIPS 2024), in closed loop: no source term, no boundary data, no solver. Within bounds values are
 * first moved to lattices of twice these, which is all that is lost.
 */
export const mechanism: LocalPredictor = {
  kind: "local",
  name: "mechanism",
  number: 1,
  guarantees: ["exact", "bounded"],
  automatic: true,
  encode(original, shape, kernels, { effort, variableAxis, relations, bounds }) {
    if (original.length === 0) return undefined;
    const { values, lattices } = bounds
      ? roundChunk(original, shape, variableAxis, bounds)
      : { values: original, lattices: undefined };
    const constant = encodeConstant(values);
    if (constant) return constant;
    const alike = lattices?.every((other) => other?.step === lattices[0]?.step) ?? true;
    // Effort `fast` has no time to look for relations; variables of one lattice each are coded each by itself.
    const known =
      relations ?? (effort === "fast" && !alike ? unrelated(lattices!.length) : undefined);
    const joint =
      variableAxis === undefined || (effort === "fast" && !known)
        ? undefined
        : encodeJoint(values, shape, variableAxis, kernels, {
            ...coders[effort],
            ...{ relations: known, lattices },
          });
    if (joint) return joint;
    const lattice = alike ? lattices?.[0] : undefined;
    if (effort === "fast") return encodePacked(values, shape, kernels, lattice);
    const sections = encodeViews(values, shape, kernels, undefined, lattice);
    const mixed =
      effort === "max" ? encodeMixed(values, shape, kernels, undefined, lattice) : undefined;
    return mixed && sizeOfSections(mixed) < sizeOfSections(sections) ? mixed : sections;
  },
  describe(stream, header) {
    const section = header.sections.find((entry) => entry.kind === sectionKinds.sideInformation);
    if (!section) return { mode: "unknown" };
    const bytes = stream.subarray(section.offset, section.offset + section.length);
    return bytes[0] === MODE_JOINT
      ? describeJoint(bytes, header.dataType, describeSide)
      : describeSide(bytes, header.dataType);
  },
};

function describeSide(bytes: Uint8Array, dataType: FloatType): PredictorDescription {
  if (bytes[0] === MODE_MIXED) return describeMixed(bytes, dataType === "float32" ? 4 : 8);
  const side = readSideInformation(bytes, dataType);
  if (side.mode === "constant") return { mode: "constant" };
  const main = side.plan[Math.max(...kindsOf(side.geometry))]!;
  return {
    mode: side.mode,
    equation: equationOf(main, side.geometry),
    details: {
      neighbours: 2 + main.weights.length,
      ...(side.mode === "stencil" ? { contexts: side.model.contexts.length } : {}),
      stencils: kindsOf(side.geometry).length,
      ...describeMapping(side.mapping),
    },
  };
}

/** How the variables of joint chunks are coded. */
const coders: Readonly<Record<Effort, JointCoders>> = {
  fast: { encodeOne: encodeOneFast },
  default: { encodeOne },
  max: { encodeOne, encodeSlowly: encodeMixed },
};

/** By a law that says nearly all, or packed. */
function encodeOneFast(
  values: FloatArray,
  shape: readonly number[],
  kernels: Encoder,
  beside: Beside,
  lattice?: Lattice,
): Section[] {
  const constant = encodeConstant(values);
  if (constant) return constant;
  const geometry = geometryOf(shape);
  if (!lattice && beside.lawSuffices(values, geometry)) {
    return encodeStencils(values, { geometry }, kernels, beside);
  }
  // The bytes are the kernels' memory, which the next variable needs.
  return encodePacked(values, shape, kernels, lattice).map((section) => ({
    ...section,
    bytes: section.bytes.slice(),
  }));
}

function encodeOne(
  values: FloatArray,
  shape: readonly number[],
  kernels: Encoder,
  beside: Beside,
  lattice?: Lattice,
): Section[] {
  return encodeConstant(values) ?? encodeViews(values, shape, kernels, beside, lattice);
}

/** The mask's value and the first slice's lattice, for people. */
function describeMapping({ fill, lattices, copies }: MappingInformation): Record<string, string> {
  const facts: Record<string, string> = {};
  if (fill) {
    const view = new DataView(fill.buffer, fill.byteOffset, fill.length);
    facts.masked = String(fill.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true));
  }
  const first = lattices?.find((lattice) => lattice !== undefined);
  if (first) {
    facts.lattice =
      "step" in first ? `${first.offset} + k * ${first.step}` : `k / ${first.divisor}`;
  }
  if (copies) facts.copies = "of earlier values";
  return facts;
}

/** All values with the same bits. */
function encodeConstant(values: FloatArray): Section[] | undefined {
  const bytes = bytesOf(values);
  const words =
    bytes.byteOffset % 4 === 0
      ? new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
      : undefined;
  const size = values.BYTES_PER_ELEMENT;
  if (words) {
    const step = size / 4;
    for (let i = step; i < words.length; i++) if (words[i] !== words[i - step]) return undefined;
  } else {
    for (let i = size; i < bytes.length; i++) if (bytes[i] !== bytes[i - size]) return undefined;
  }
  return [{ kind: sectionKinds.sideInformation, bytes: writeConstant(bytes.slice(0, size)) }];
}
