import type { Encoder } from "@fieldzip/kernels";
import { type FloatArray, floatTypeOf } from "../../array/data-type.js";
import { type Section, sectionKinds } from "../../stream/header.js";
import { findLattices, mayHaveLattices } from "../mechanism/lattice.js";
import { findMask, maskBytes } from "../mechanism/mask.js";
import type { LocalPredictor } from "../predictor.js";
import { encodeSections, type SolveMask, type SolvePlan } from "./encode.js";
import { equationOf } from "./equation.js";
import { fieldOf } from "./field.js";
import { fitOperator, type Moments, momentsOf } from "./operator.js";
import {
  type Choice,
  chooseDropped,
  choosePrecision,
  type Grid,
  PLAIN,
  type Precision,
  type Sample,
} from "./precision.js";
import { readSideInformation } from "./side-information.js";

/** Extents of a section: what has no inside is no section, and the transform's tables are bounded. */
const LEAST_EXTENT = 3;
const MOST_EXTENT = 65536;
/** Sections that the search for the precision looks at. */
const SAMPLE_SECTIONS = 12;
/** Bits that an operator of its own costs a section. */
const OPERATOR_BITS = 36 * 8;

/**
 * MeLLoC as published (X. Luo, J. Cheng, Y. Chen, NeurIPS 2024): every section gets a 3 x 3 operator L by
 * least squares; the source term f = L u and the boundary data are stored, u is solved for again by
 * transforms of the periodic section, and what that misses is coded. Kept beside `mechanism` so that the
 * two can be compared; it is slower, and `auto` leaves it out.
 */
export const mechanismSolve: LocalPredictor = {
  kind: "local",
  name: "mechanism-solve",
  number: 2,
  guarantees: ["exact"],
  automatic: false,
  encode(values, shape, kernels) {
    const size = sizeOfSections(shape);
    if (!size) return undefined;
    const found = findMask(values);
    const mask = found && { ...found, bytes: maskBytes(values, found) };
    const lattices = latticesOf(values, mask, size, kernels);
    let best: { sections: Section[]; bytes: number } | undefined;
    for (const grids of lattices ? [undefined, lattices] : [undefined]) {
      const plan = planSections(values, mask, size, grids);
      for (const choice of plan ? precisionsOf(plan, kernels) : []) {
        const sections = encodeSections(choice.plan, choice.precision, kernels);
        const bytes = sections.reduce((sum, section) => sum + section.bytes.length, 0);
        if (!best || bytes < best.bytes) best = { sections, bytes };
      }
    }
    return best?.sections;
  },
  describe(stream, header) {
    const section = header.sections.find((entry) => entry.kind === sectionKinds.sideInformation);
    if (!section) return { mode: "unknown" };
    const bytes = stream.subarray(section.offset, section.offset + section.length);
    const side = readSideInformation(bytes, header.dataType);
    return {
      mode: "solve",
      equation: equationOf(side.operators[side.operators.length >> 1]),
      details: {
        sections: side.sections,
        operators: side.operators.length,
        step: side.grids[0].step,
        "rounded bits of f": side.dropped,
      },
    };
  },
};

interface SectionSize {
  readonly height: number;
  readonly width: number;
}

/** The last two axes that extend are those of a section; undefined where there is none. */
function sizeOfSections(shape: readonly number[]): SectionSize | undefined {
  const axes = shape.filter((extent) => extent !== 1);
  if (axes.length < 2 || axes.includes(0)) return undefined;
  const [height, width] = axes.slice(-2);
  if (Math.min(height, width) < LEAST_EXTENT || Math.max(height, width) > MOST_EXTENT)
    return undefined;
  return { height, width };
}

/** The grids of values that are whole numbers in disguise, where every section has one. */
function latticesOf(
  values: FloatArray,
  mask: SolveMask | undefined,
  { height, width }: SectionSize,
  kernels: Encoder,
): Grid[] | undefined {
  const depth = values.length / (height * width);
  const geometry = { outer: 1, depth, height, width, bands: 1 } as const;
  if (!mayHaveLattices(values, mask, geometry)) return undefined;
  const chunk = kernels.open(values, geometry, { pattern: mask?.pattern });
  const found = findLattices(chunk, values, mask, geometry)?.lattices;
  if (!found?.every((lattice) => lattice !== undefined)) return undefined;
  return found.map((lattice) =>
    "step" in lattice
      ? { origin: lattice.offset, step: lattice.step }
      : { origin: 0, step: 1 / lattice.divisor },
  );
}

/** Cuts a chunk into sections, in the units of their grids, and learns their operators. */
function planSections(
  values: FloatArray,
  mask: SolveMask | undefined,
  { height, width }: SectionSize,
  lattices: readonly Grid[] | undefined,
): SolvePlan | undefined {
  const area = height * width;
  const sections = values.length / area;
  const grids = lattices ?? new Array<Grid>(sections).fill(PLAIN);
  const field = fieldOf(values, mask?.bytes);
  const means: number[] = [];
  const moments: Moments[] = [];
  let spread = 0;
  for (let s = 0; s < sections; s++) {
    const part = field.subarray(s * area, (s + 1) * area);
    const { origin, step } = grids[s];
    let sum = 0;
    for (let i = 0; i < area; i++) {
      part[i] = (part[i] - origin) / step;
      sum += part[i];
    }
    const mean = sum / area;
    for (const value of part) spread = Math.max(spread, Math.abs(value - mean));
    means.push(mean);
    moments.push(momentsOf(part, height, width, mean));
  }
  // Sums that overflow leave nothing to be learned.
  if (!(spread < 1e300)) return undefined;
  const all = new Float64Array(81);
  for (const { products } of moments) for (let k = 0; k < all.length; k++) all[k] += products[k];
  const shared = fitOperator({ products: all });
  const operators = sections === 1 ? [shared] : moments.map(fitOperator);
  const size = { sections, height, width };
  return { values, field, mask, ...size, grids, means, moments, spread, operators, shared };
}

/** The precisions that are worth encoding with, under the operators that cost least: one for all sections, or one each. */
function precisionsOf(
  plan: SolvePlan,
  kernels: Encoder,
): { plan: SolvePlan; precision: Precision }[] {
  const tries =
    plan.operators.length === 1 ? [plan] : [plan, { ...plan, operators: [plan.shared] }];
  let best: { plan: SolvePlan; sample: Sample; precision: Choice; cost: number } | undefined;
  for (const candidate of tries) {
    const sample = sampleOf(candidate);
    const precision = choosePrecision(sample);
    if (!precision) continue;
    const operatorBits = OPERATOR_BITS * candidate.operators.length;
    const cost = precision.cost + operatorBits / candidate.values.length;
    if (!best || cost < best.cost) best = { plan: candidate, sample, precision, cost };
  }
  if (!best) return [];
  const { precision } = best;
  const rounded = chooseDropped(best.sample, precision, kernels);
  const all = rounded.dropped > 0 ? [precision, rounded] : [precision];
  return all.map((one) => ({ plan: best.plan, precision: one }));
}

/** A few sections for the search. */
function sampleOf(plan: SolvePlan): Sample {
  const { height, width, spread, operators } = plan;
  const area = height * width;
  const count = Math.min(SAMPLE_SECTIONS, plan.sections);
  return {
    height,
    width,
    spread,
    dataType: floatTypeOf(plan.values),
    sections: Array.from({ length: count }, (_, k) => {
      const s = Math.floor(((k + 0.5) * plan.sections) / count);
      return {
        field: plan.field.subarray(s * area, (s + 1) * area),
        grid: plan.grids[s],
        mean: plan.means[s],
        moments: plan.moments[s],
        operator: operators[s % operators.length],
      };
    }),
  };
}
