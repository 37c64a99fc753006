import type { Encoder } from "@fieldzip/kernels";
import type { FloatArray } from "../../array/data-type.js";
import { codeIntegers } from "../../entropy/coded-integers.js";
import { type Section, sectionKinds } from "../../stream/header.js";
import type { Mask } from "../mechanism/mask.js";
import { applyOperator, type Moments, type Operator, offsetOf, roundOperator } from "./operator.js";
import type { Grid, Precision } from "./precision.js";
import { ringPlaces } from "./ring.js";
import { type SectionGrid, writeSideInformation } from "./side-information.js";

/** What is masked, as a byte a value too. */
export interface SolveMask extends Mask {
  readonly bytes: Uint8Array;
}

/** A chunk as sections, before its precision is chosen. */
export interface SolvePlan {
  readonly values: FloatArray;
  /** The values with gaps filled in, in the units of their section's grid. */
  readonly field: Float64Array;
  readonly grids: readonly Grid[];
  readonly mask: SolveMask | undefined;
  readonly sections: number;
  readonly height: number;
  readonly width: number;
  readonly means: readonly number[];
  readonly moments: readonly Moments[];
  readonly spread: number;
  /** One of all sections, or one each. */
  readonly operators: readonly Operator[];
  /** The operator that fits all sections together. */
  readonly shared: Operator;
}

/**
 * Source term, boundary data and residual of all sections, coded. A section is taken to repeat itself, so
 * that f is known on its outermost values, too: there it holds the jumps from edge to edge, and takes the
 * place of the boundary data. By linearity u is L^-1 of f inside, plus L^-1 of f on the ring: a solution of
 * the homogeneous equation that one-dimensional data fixes.
 */
export function encodeSections(
  plan: SolvePlan,
  { step, bits, dropped }: Precision,
  kernels: Encoder,
): Section[] {
  const { values, sections, height, width } = plan;
  const area = height * width;
  const places = ringPlaces(height, width);
  const size = values.BYTES_PER_ELEMENT;
  const operators = plan.operators.map((operator) => roundOperator(operator, bits));
  const residuals = new Uint8Array(sections * area * size);
  const source = new IntegerRows(sections * (height - 2) * (width - 2));
  const boundary = new IntegerRows(sections * places.length);
  const grids: SectionGrid[] = [];
  const apart: Float64Array[] = [];
  const solver = kernels.openSolver(height, width);
  for (let s = 0; s < sections; s++) {
    const operator = operators[s % operators.length];
    const { rounded, level } = roundField(plan, s, step);
    const f = applyOperator(operator, rounded, height, width);
    // A constant in f is seen at frequency (0, 0) alone, which the level stands for.
    const offset = offsetOf(operator, plan.moments[s], step);
    for (let i = 0; i < area; i++) f[i] -= offset;
    let last = 0;
    for (const place of places) {
      boundary.push(f[place] - last);
      last = f[place];
    }
    const unit = 2 ** dropped;
    for (let y = 1; y < height - 1; y++) {
      for (let at = y * width + 1; at < (y + 1) * width - 1; at++) {
        const whole = Math.round(f[at] / unit);
        source.push(whole);
        f[at] = whole * unit;
      }
    }
    const part = values.subarray(s * area, (s + 1) * area);
    const grid = { level, origin: plan.grids[s].origin, step: plan.grids[s].step * step };
    const solved = solver.solve({ values: part, operator, rounded, source: f, ...grid });
    residuals.set(solved.residuals, s * area * size);
    grids.push(grid);
    apart.push(solved.apart);
  }
  const words =
    size === 4 ? new Uint32Array(residuals.buffer) : new BigUint64Array(residuals.buffer);
  const mask = plan.mask?.bytes;
  // What is masked is not coded: whatever stands there counts as a hit.
  if (mask)
    for (let i = 0; i < mask.length; i++) if (mask[i]) residuals.fill(0, i * size, (i + 1) * size);
  const box = { outer: 1, depth: sections, height, width };
  const codedResidual = codeIntegers(words, box, kernels, mask);
  const ring = { outer: 1, depth: sections, height: 1, width: places.length };
  const codedBoundary = codeIntegers(boundary.words(), ring, kernels);
  const inside = { outer: 1, depth: sections, height: height - 2, width: width - 2 };
  const codedSource = codeIntegers(source.words(), inside, kernels);
  const side = writeSideInformation({
    sections,
    height,
    width,
    dropped,
    operators,
    grids,
    fill: plan.mask?.pattern,
    models: {
      residual: codedResidual.model,
      boundary: codedBoundary.model,
      source: codedSource.model,
    },
  });
  const result: Section[] = [
    { kind: sectionKinds.sideInformation, bytes: side },
    { kind: sectionKinds.residualClasses, bytes: codedResidual.classes },
    { kind: sectionKinds.residualBits, bytes: codedResidual.bits },
    {
      kind: sectionKinds.sourceTerm,
      bytes: joined([lengths(codedSource.classes), codedSource.classes, codedSource.bits]),
    },
    {
      kind: sectionKinds.boundaryData,
      bytes: joined([
        lengths(codedBoundary.classes, codedBoundary.bits),
        codedBoundary.classes,
        codedBoundary.bits,
        ...apart.map((numbers) => new Uint8Array(numbers.buffer)),
      ]),
    },
  ];
  if (mask) result.push({ kind: sectionKinds.mask, ...kernels.codeMask(mask, box) });
  return result;
}

/** A section in whole steps, less the whole step nearest its mean, and its mean in steps. */
function roundField(
  { field, means, height, width }: SolvePlan,
  s: number,
  step: number,
): { rounded: Float64Array; level: number } {
  const area = height * width;
  const middle = Math.round(means[s] / step);
  const rounded = new Float64Array(area);
  let sum = 0;
  for (let i = 0; i < area; i++) {
    rounded[i] = Math.round(field[s * area + i] / step) - middle;
    sum += rounded[i];
  }
  return { rounded, level: sum / area + middle };
}

/** Whole numbers below 2^52 in magnitude, collected in their zigzag form. */
class IntegerRows {
  private readonly halves: Uint32Array;
  private at = 0;

  constructor(count: number) {
    this.halves = new Uint32Array(2 * count);
  }

  push(value: number): void {
    const zigzagged = value < 0 ? -2 * value - 1 : 2 * value;
    this.halves[this.at++] = zigzagged;
    this.halves[this.at++] = zigzagged / 2 ** 32;
  }

  words(): BigUint64Array {
    return new BigUint64Array(this.halves.buffer);
  }
}

function lengths(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4 * parts.length));
  parts.forEach((part, k) => {
    bytes.setUint32(4 * k, part.length, true);
  });
  return new Uint8Array(bytes.buffer);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
