import type { Encoder } from "@fieldzip/kernels";
import type { FloatType } from "../../array/data-type.js";
import { log2 } from "../../entropy/logarithm.js";
import { ClassCounter, classOfInteger, classOfResidual } from "./cost.js";
import { applyOperator, type Moments, type Operator, offsetOf, roundOperator } from "./operator.js";

/**
 * Precision control. The field is rounded to whole steps, the operator to whole numbers of 2^-bits; f, a
 * sum of products of both, is then a whole number, and the solver gives the rounded field back exactly.
 * Finer operators make f smaller but put more digits behind it; coarser ones cut the digits and let f
 * grow; the step moves digits between f and the residual. Beyond that, f itself can be rounded by
 * `dropped` bits, which the solver turns into errors of u that the residual takes up.
 */
export interface Precision {
  readonly step: number;
  readonly bits: number;
  readonly dropped: number;
}

/** The values of a section in units: value = origin + step * units. */
export interface Grid {
  readonly origin: number;
  readonly step: number;
}

/** Values as they are. */
export const PLAIN: Grid = { origin: 0, step: 1 };

/** A section as the search sees it. */
export interface SampleSection {
  /** In the units of the grid. */
  readonly field: Float64Array;
  readonly grid: Grid;
  readonly operator: Operator;
  readonly mean: number;
  readonly moments: Moments;
}

export interface Sample {
  readonly height: number;
  readonly width: number;
  readonly dataType: FloatType;
  readonly sections: readonly SampleSection[];
  /** Largest distance of a value from its section's mean, over the whole chunk. */
  readonly spread: number;
}

export const BITS = [0, 1, 2, 3, 4, 6, 8, 10, 13, 16, 20];
/** Rows of three that are looked at, and the values of each. */
const WINDOWS = 24;
const WINDOW_WIDTH = 128;
/** Largest f in magnitude: its sums are exact, and so are those of the transform's input. */
const MOST = 2 ** 49;
/** Side of the corner that rounding f is tried on. */
const CORNER = 64;

/** The steps that are tried: powers of two from below the last place of the largest values on, and decimal ones. */
export function stepsOf({ spread, dataType, sections }: Sample): number[] {
  if (!(spread > 0) || sections.some(({ grid }) => grid !== PLAIN)) return [1];
  const top = Math.floor(log2(spread));
  const finest = Math.max(-1000, top - (dataType === "float32" ? 28 : 44));
  const steps: number[] = [];
  for (let exponent = finest; exponent <= top - 2; exponent++) steps.push(2 ** exponent);
  for (const decimal of [1, 0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6]) {
    if (decimal < spread / 4 && decimal >= 2 ** finest) steps.push(decimal);
  }
  return steps;
}

/** What f and the residual take together, in bits a value, by step and bits; f is not rounded. */
export function costOf(sample: Sample, step: number, bits: readonly number[]): number[] {
  const windows = windowsOf(sample);
  const residual = new ClassCounter();
  const sources = bits.map(() => new ClassCounter());
  const operators = sample.sections.map(({ operator }) =>
    bits.map((precision) => roundOperator(operator, precision)),
  );
  const rounded = [0, 1, 2].map(() => new Float64Array(WINDOW_WIDTH + 2));
  let largest = 0;
  for (const { section, y, x, count } of windows) {
    const { field, mean, grid } = sample.sections[section];
    const middle = Math.round(mean / step);
    for (let row = 0; row < 3; row++) {
      const from = (y + row - 1) * sample.width + x - 1;
      for (let k = 0; k < count + 2; k++)
        rounded[row][k] = Math.round(field[from + k] / step) - middle;
    }
    for (let k = 1; k <= count; k++) {
      const value = grid.origin + field[y * sample.width + x - 1 + k] * grid.step;
      const predicted = grid.origin + (rounded[1][k] + middle) * (step * grid.step);
      residual.add(classOfResidual(value, predicted, sample.dataType));
    }
    const [above, at, below] = rounded;
    bits.forEach((_, n) => {
      const offset = offsetOf(operators[section][n], sample.sections[section].moments, step);
      const [a, b, c, d, e, f, g, h, i] = operators[section][n];
      for (let k = 1; k <= count; k++) {
        const source =
          a * above[k - 1] +
          b * above[k] +
          c * above[k + 1] +
          d * at[k - 1] +
          e * at[k] +
          f * at[k + 1] +
          g * below[k - 1] +
          h * below[k] +
          i * below[k + 1] -
          offset;
        sources[n].add(classOfInteger(source));
      }
    });
    largest += count;
  }
  return bits.map((_, n) => {
    // The boundary data takes the largest values that f can have.
    const most = operators.reduce(
      (most, all) =>
        Math.max(
          most,
          all[n].reduce((sum, weight) => sum + Math.abs(weight), 0),
        ),
      0,
    );
    if (most * (sample.spread / step + 2) > MOST) return Number.POSITIVE_INFINITY;
    return (residual.bits() + sources[n].bits()) / largest;
  });
}

/** Pieces of rows, spread over the sections by a fixed rule. */
function windowsOf({ sections, height, width }: Sample) {
  const windows: { section: number; y: number; x: number; count: number }[] = [];
  const rows = Math.min(WINDOWS, (height - 2) * sections.length);
  for (let k = 0; k < rows; k++) {
    // The golden section spreads the rows whatever their number.
    const y = 1 + Math.floor(((k * 0.6180339887498949) % 1) * (height - 2));
    const count = Math.min(WINDOW_WIDTH, width - 2);
    const x = 1 + Math.floor(((k * 0.41421356237309515) % 1) * (width - 1 - count));
    windows.push({ section: k % sections.length, y, x, count });
  }
  return windows;
}

export interface Choice extends Precision {
  /** Estimated bits a value. */
  readonly cost: number;
}

/** The step and the precision of the operator with the least cost; f is not rounded. */
export function choosePrecision(sample: Sample): Choice | undefined {
  let best: Choice | undefined;
  for (const step of stepsOf(sample)) {
    costOf(sample, step, BITS).forEach((cost, n) => {
      if (cost < (best?.cost ?? Number.POSITIVE_INFINITY))
        best = { step, bits: BITS[n], dropped: 0, cost };
    });
  }
  return best;
}

/**
 * Whether it pays to round f as well: tried on a corner of the first section by solving it. Returns the
 * choice it was given where it does not.
 */
export function chooseDropped(sample: Sample, choice: Choice, kernels: Encoder): Choice {
  const height = Math.min(sample.height, CORNER);
  const width = Math.min(sample.width, CORNER);
  const section = sample.sections[sample.sections.length >> 1];
  const { dataType } = sample;
  const area = height * width;
  const exact = dataType === "float32" ? new Float32Array(area) : new Float64Array(area);
  const rounded = new Float64Array(area);
  const middle = Math.round(section.mean / choice.step);
  let sum = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = section.field[y * sample.width + x];
      exact[y * width + x] = section.grid.origin + value * section.grid.step;
      rounded[y * width + x] = Math.round(value / choice.step) - middle;
      sum += rounded[y * width + x];
    }
  }
  const level = sum / area + middle;
  const solver = kernels.openSolver(height, width);
  const trial = (bits: number, dropped: number): number => {
    const operator = roundOperator(section.operator, bits);
    const source = applyOperator(operator, rounded, height, width);
    const offset = offsetOf(operator, section.moments, choice.step);
    const counter = new ClassCounter();
    const unit = 2 ** dropped;
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1; x < width - 1; x++) {
        const whole = Math.round((source[y * width + x] - offset) / unit);
        counter.add(classOfInteger(whole));
        source[y * width + x] = whole * unit + offset;
      }
    }
    const { residuals } = solver.solve({
      values: exact,
      operator,
      rounded,
      source,
      level,
      origin: section.grid.origin,
      step: choice.step * section.grid.step,
    });
    const missed = new ClassCounter();
    const words = new Uint32Array(residuals.buffer);
    if (dataType === "float32") for (const word of words) missed.add(32 - Math.clz32(word));
    else
      for (let k = 0; k < words.length; k += 2) {
        const high = words[k + 1];
        missed.add(high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(words[k]));
      }
    return (counter.bits() + missed.bits()) / area;
  };
  const base = trial(choice.bits, 0);
  let best = choice;
  let least = base;
  for (const bits of BITS.filter((bits) => bits >= choice.bits && bits <= 10)) {
    // Fewer dropped bits than half of the operator's leave f as costly as it was.
    let before = Number.POSITIVE_INFINITY;
    for (let dropped = Math.max(1, bits >> 1); dropped <= bits + 3; dropped++) {
      const cost = trial(bits, dropped);
      if (cost > before) break;
      before = cost;
      if (cost < least * 0.995) {
        least = cost;
        best = { step: choice.step, bits, dropped, cost: choice.cost - base + cost };
      }
    }
  }
  return best;
}
