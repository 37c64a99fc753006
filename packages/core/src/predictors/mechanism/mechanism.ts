import { type Encoder, kindsOf } from "@fieldzip/kernels";
import { bytesOf, type FloatArray, type FloatType } from "../../array/data-type.js";
import { activityMap, learnClassModel } from "../../entropy/class-model.js";
import { type Section, sectionKinds } from "../../stream/header.js";
import type { Predictor } from "../predictor.js";
import { equationOf } from "./equation.js";
import { fitPlan } from "./fit.js";
import { geometryOf } from "./geometry.js";
import { readSideInformation, writeConstant, writeStencils } from "./side-information.js";

/**
 * The marching mechanism: every value is predicted by a linear difference operator, learned from the
 * chunk, over values that come before it; what it missed is coded as the difference of ordered
 * integers. After MeLLoC (NeurIPS 2024), in closed loop: no source term, no boundary data, no solver.
 */
export const mechanism: Predictor = {
  name: "mechanism",
  number: 1,
  encode(values, shape, kernels) {
    if (values.length === 0) return undefined;
    return encodeConstant(values) ?? encodeStencils(values, shape, kernels);
  },
  describe(stream, header) {
    const section = header.sections.find((entry) => entry.kind === sectionKinds.sideInformation);
    if (!section) return { mode: "unknown" };
    const bytes = stream.subarray(section.offset, section.offset + section.length);
    const side = readSideInformation(bytes, header.dataType);
    if (side.mode === "constant") return { mode: "constant" };
    const main = side.plan[Math.max(...kindsOf(side.geometry))]!;
    return {
      mode: "stencil",
      equation: equationOf(main, side.geometry),
      details: {
        neighbours: 2 + main.weights.length,
        contexts: side.model.contexts.length,
        stencils: kindsOf(side.geometry).length,
      },
    };
  },
};

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

function encodeStencils(values: FloatArray, shape: readonly number[], kernels: Encoder): Section[] {
  const dataType: FloatType = values instanceof Float32Array ? "float32" : "float64";
  const geometry = geometryOf(shape);
  const plan = fitPlan(values, geometry, kernels);
  const chunk = kernels.open(values, geometry);
  chunk.predict(plan);
  const model = learnClassModel(chunk.count());
  return [
    { kind: sectionKinds.sideInformation, bytes: writeStencils(geometry, plan, model, dataType) },
    {
      kind: sectionKinds.residualClasses,
      ...chunk.encodeClasses(activityMap(model), model.contexts),
    },
    { kind: sectionKinds.residualBits, ...chunk.packBits() },
  ];
}
