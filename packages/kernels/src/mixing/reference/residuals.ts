import type { ShareCoder } from "./coder.js";
import { FamilyReference } from "./decisions.js";
import type { Neighbours, Note } from "./places.js";
import {
  accumulate,
  clearSums,
  decayAdd,
  emptySums,
  product,
  type Sums,
  solve,
} from "./regression.js";

/** Coding of residuals in plain loops: `mixing/kernel/residuals.ts`. */

const FEATURES = 10;

/** About log2 of x >= 1: the exponent, and the fraction as it is. */
export function logarithmOf(x: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  return (view.getUint32(0) - 1072693248) / 1048576;
}

const clamp = (value: number, least: number, most: number) =>
  Math.max(least, Math.min(most, Math.trunc(value)));

export class ResidualsReference {
  level = 0;
  private readonly classes: FamilyReference;
  private readonly signs: FamilyReference;
  private readonly bitsBelow: FamilyReference;
  private readonly sums: Sums = emptySums(FEATURES);
  private readonly newest: Sums = emptySums(FEATURES);
  private readonly weights = new Float64Array(FEATURES).fill(0.5, 0, 2);
  private count = 0;
  private features: number[] = [];
  private expected = 0;
  private start = 0;
  private near: Neighbours = {};

  constructor(
    private readonly coder: ShareCoder,
    private readonly bits: 32 | 64,
    private readonly notes: readonly Note[],
  ) {
    this.classes = new FamilyReference(coder, 8, bits === 32 ? 16 : 17, 40, 128);
    this.signs = new FamilyReference(coder, 4, 11, 64, 16);
    this.bitsBelow = new FamilyReference(coder, 4, 15, 256, 256);
  }

  expect(near: Neighbours, apart: bigint, local: bigint): void {
    this.near = near;
    const noted = (place: number | undefined, otherwise: number) =>
      place === undefined ? otherwise : this.notes[place].logarithm;
    const left = noted(near.west, 0);
    const up = noted(near.above, left);
    this.features = [
      left,
      up,
      noted(near.before, up),
      noted(near.northEast, up),
      noted(near.northWest, up),
      noted(near.west2, left),
      noted(near.above2, up),
      logarithmOf(Number(apart) + 1),
      logarithmOf(Number(local) + 1),
      4,
    ];
    const mean = product(this.features, this.weights, FEATURES);
    this.expected = mean > 0 ? Math.min(mean, this.bits) : 0;
    this.level = Math.min(511, Math.trunc(this.expected * 8));
    this.start = Math.min(Math.trunc(this.expected + 0.5), this.bits - 1);
  }

  learn(met: number): void {
    accumulate(this.newest, this.features, met);
    if (++this.count < 16) return;
    this.count = 0;
    decayAdd(this.sums, this.newest, 0.992);
    clearSums(this.newest);
    solve(this.sums, FEATURES, 0.0001, this.weights);
  }

  codeClass(actual: number, exponent: number): number {
    const { start, bits } = this;
    const step = (at: number, up: number, bit: boolean) =>
      this.codeStep(at, up, exponent, bit ? 1 : 0);
    let found = start;
    if (step(start, 1, actual > start)) {
      found = start + 1;
      while (found < bits && step(found, 1, actual > found)) found++;
      return found;
    }
    while (found > 0 && step(found, 0, actual < found)) found--;
    return found;
  }

  /** Sign and magnitude of a residual of class `found`, at least 1. */
  codeMagnitude(
    magnitude: bigint,
    negative: boolean,
    found: number,
    predicted: readonly number[],
    blended: number,
    local: number,
  ): { magnitude: bigint; negative: boolean } {
    const { west, above, before } = this.near;
    const inverse = 1 / (local + 1e-300);
    const side = (k: number) => {
      const apart = (predicted[k] - blended) * inverse;
      const far = [0.05, 0.2, 0.6, 1.5].filter((limit) => !(Math.abs(apart) < limit)).length;
      return far > 0 && apart < 0 ? far + 4 : far;
    };
    const signAt = (place: number | undefined) =>
      place === undefined ? 1 : this.notes[place].sign;
    const apart = clamp(found - this.start + 8, 0, 15);
    const around = signAt(west) + 3 * signAt(above);
    const signContexts = [
      around + 9 * signAt(before) + 27 * apart,
      (side(0) * 9 + side(3)) * 16 + apart,
      (side(1) * 9 + side(2)) * 16 + apart,
    ];
    const exact = Math.min(63, found);
    const sign = this.signs.decide(signContexts, exact, around, negative ? 1 : 0);
    let rest = found - 1;
    const modelled = Math.min(rest, 3);
    const fine = clamp(Math.trunc((found - this.expected) * 4) + 32, 0, 63);
    const close = clamp(found - this.start + 4, 0, 7);
    let node = 1;
    for (let k = 0; k < modelled; k++) {
      rest--;
      const contexts = [
        fine * 8 + node,
        ((this.level >> 3) * 64 + exact) * 8 + node,
        (this.coarse(7) * 8 + close) * 8 + node,
      ];
      const bit = Number((magnitude >> BigInt(rest)) & 1n);
      node = node * 2 + this.bitsBelow.decide(contexts, exact * 4 + k, fine * 4 + k, bit);
    }
    const low = rest > 0 ? this.coder.codeEven(magnitude & ((1n << BigInt(rest)) - 1n), rest) : 0n;
    return { magnitude: (BigInt(node) << BigInt(rest)) | low, negative: sign === 1 };
  }

  /** A feature in 32 levels. */
  private coarse(k: number): number {
    return Math.min(31, Math.trunc(this.features[k]) >> (this.bits === 64 ? 1 : 0));
  }

  private codeStep(step: number, up: number, exponent: number, bit: number): number {
    const { level, bits, near, notes } = this;
    const node = up * bits + step;
    const half = bits === 64 ? 2 : 1;
    const kindAt = (place: number | undefined, otherwise: number) =>
      place === undefined ? otherwise : notes[place].kind;
    const left = kindAt(near.west, 0);
    const above = kindAt(near.above, left);
    const before = kindAt(near.before, above);
    const halved = (kind: number) => Math.min(31, kind >> half);
    const contexts = [
      up * 256 + clamp(Math.trunc((step - this.expected) * 8) + 128, 0, 255),
      node * 512 + level,
      node * 1024 + halved(left) * 32 + halved(above),
      node * 1024 + halved(before) * 32 + halved(left),
      node * 1024 + this.coarse(7) * 32 + (level >> 4),
      node * 1024 + exponent * 32 + (level >> 4),
      node * 1024 + this.coarse(8) * 32 + this.coarse(3),
    ];
    const firstSet = clamp(step - this.start + 20, 0, 39);
    return this.classes.decide(contexts, firstSet, up * 64 + (level >> 3), bit);
  }
}
