import { FIRST_VARIABLE, kindsOf } from "@fieldzip/kernels";
import type { FloatType } from "../../../array/data-type.js";
import type { PredictorDescription, VariableDescription } from "../../predictor.js";
import { equationOf } from "../equation.js";
import { MODE_JOINT_STENCIL, readJoint, readJointStencils } from "./side-information.js";

/** What the side information of a joint chunk says; `describeAlone` that of a variable coded by itself. */
export function describeJoint(
  bytes: Uint8Array,
  dataType: FloatType,
  describeAlone: (bytes: Uint8Array, dataType: FloatType) => PredictorDescription,
): PredictorDescription {
  const { entries } = readJoint(bytes);
  const variables: VariableDescription[] = [];
  for (const { variable, side, parts } of entries) {
    const size = parts.reduce((sum, { length }) => sum + length, side.length);
    const found =
      side[0] === MODE_JOINT_STENCIL
        ? describeStencils(side, dataType)
        : describeAlone(side, dataType);
    variables[variable] = { ...found, bytes: size };
  }
  const laws = variables.filter(({ law }) => law !== undefined).length;
  return { mode: "joint", variables, details: { variables: variables.length, laws } };
}

function describeStencils(
  bytes: Uint8Array,
  dataType: FloatType,
): Omit<VariableDescription, "bytes"> {
  const { geometry, plan, model, law } = readJointStencils(bytes, dataType);
  const main = plan[Math.max(...kindsOf(geometry))]!;
  const helpers = main.sources.map(({ field }) => field - FIRST_VARIABLE).filter((v) => v >= 0);
  return {
    mode: "stencil",
    equation: equationOf(main, geometry),
    law: law.length > 0 ? law : undefined,
    helpers: [...new Set(helpers)],
    details: {
      neighbours: 2 + main.weights.length,
      contexts: model.contexts.length,
      stencils: kindsOf(geometry).length,
    },
  };
}
