import { FIRST_VARIABLE, type JointSource, kindsOf, LAW_FIELD } from "@fieldzip/kernels";
import { readHeader, sectionKinds } from "../../../stream/header.js";
import { fieldOf, MODE_JOINT_STENCIL, readSideInformation } from "../side-information.js";
import type { Relation } from "./order.js";
import { MODE_JOINT, readJoint } from "./side-information.js";

/**
 * What the variables of a joint stream turned out to say of each other, for other chunks of the same array: the
 * order, the laws, the rows of other fields. Undefined where the stream is not joint.
 */
export function relationsIn(stream: Uint8Array): Relation[] | undefined {
  const header = readHeader(stream, "sample");
  const section = header.sections.find(({ kind }) => kind === sectionKinds.sideInformation);
  const side = section && stream.subarray(section.offset, section.offset + section.length);
  if (header.predictor !== 1 || side?.[0] !== MODE_JOINT) return undefined;
  return readJoint(side).entries.map(({ variable, side }): Relation => {
    const nothing = { variable, helpers: [], gain: 0 };
    if (side[0] !== MODE_JOINT_STENCIL) return nothing;
    const information = readSideInformation(side, header.dataType);
    if (information.mode !== "stencil" || !information.law) return nothing;
    const { geometry, plan, law } = information;
    const main = plan[Math.max(...kindsOf(geometry))]!;
    const sources = main.sources.flatMap((source): JointSource[] =>
      fieldOf(source) > 0 ? [{ ...source, field: fieldOf(source) }] : [],
    );
    const fields = new Set(sources.map(({ field }) => field));
    return {
      variable,
      law: fields.has(LAW_FIELD) ? law : undefined,
      helpers: [...fields].filter((f) => f !== LAW_FIELD).map((f) => f - FIRST_VARIABLE),
      sources,
      gain: 0,
    };
  });
}
