import type { ShareCoder } from "./coder.js";
import { reciprocals, squash, stretch } from "./tables.js";

/** Binary decisions under mixed contexts: `mixing/kernel/decisions.ts` in plain loops. */

const f = Math.fround;
const RATE = f(0.02);
const BIAS = f(0.4);
const LIMIT = 255;

export class FamilyReference {
  private readonly counters: Uint32Array[];
  private readonly first: Float32Array[];
  private readonly second: Float32Array[];

  /** `inputs` is 4 or 8: one less is the number of contexts. */
  constructor(
    private readonly coder: ShareCoder,
    private readonly inputs: 4 | 8,
    bits: number,
    firstSets: number,
    secondSets: number,
  ) {
    const sets = (count: number) =>
      Array.from({ length: count }, () => new Float32Array(inputs).fill(inputs === 4 ? 0.4 : 0.25));
    this.counters = Array.from({ length: inputs - 1 }, () =>
      new Uint32Array(2 ** bits).fill(0x80000000),
    );
    this.first = sets(firstSets);
    this.second = sets(secondSets);
  }

  decide(contexts: readonly number[], firstSet: number, secondSet: number, bit: number): number {
    const x = new Float32Array(this.inputs);
    contexts.forEach((context, k) => {
      x[k] = stretch[this.counters[k][context] >>> 20];
    });
    x[this.inputs - 1] = BIAS;
    const a = this.first[firstSet];
    const b = this.second[secondSet];
    const sumA = laneSum(a, x);
    const sumB = laneSum(b, x);
    const share = Math.trunc(f(squash(f(f(sumA + sumB) * 0.5)) * 65536));
    const coded = this.coder.codeBit(Math.max(1, Math.min(65535, share)), bit);
    const missedA = f(f(coded - squash(sumA)) * RATE);
    const missedB = f(f(coded - squash(sumB)) * RATE);
    for (let k = 0; k < this.inputs; k++) {
      a[k] = f(a[k] + f(missedA * x[k]));
      b[k] = f(b[k] + f(missedB * x[k]));
    }
    contexts.forEach((context, k) => {
      const counter = this.counters[k][context];
      const n = counter & 1023;
      const p = counter >>> 10;
      const moved = p + Math.floor((((coded ? 0x3fffff : 0) - p) * reciprocals[n]) / 65536);
      this.counters[k][context] = moved * 1024 + (n < LIMIT ? n + 1 : n);
    });
    return coded;
  }
}

/** Sum of products in four lanes. */
function laneSum(weights: Float32Array, x: Float32Array): number {
  const lanes = [0, 1, 2, 3].map((lane) => {
    const sum = f(weights[lane] * x[lane]);
    return x.length === 4 ? sum : f(sum + f(weights[lane + 4] * x[lane + 4]));
  });
  return f(f(lanes[0] + lanes[1]) + f(lanes[2] + lanes[3]));
}
