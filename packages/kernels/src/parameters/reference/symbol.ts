import type { ShareCoder } from "../../mixing/reference/coder.js";
import { FamilyReference } from "../../mixing/reference/decisions.js";

/** Coding of one symbol: `parameters/kernel/symbol.ts` in plain loops. */

export interface Expected {
  readonly predicted: number;
  /** What symbols were off by near there, and what this one is likely to be off by. */
  readonly near: number;
  readonly likely: number;
  readonly place: number;
  readonly sides: number;
}

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** Quarters of an octave: the exponent and two bits below, from 2^-6 on. */
function levelOf(error: number): number {
  single[0] = error + 0.015625;
  return Math.max(0, Math.min(63, (bits[0] >>> 21) - 484));
}

export class SymbolReference {
  private readonly zeros: FamilyReference;
  private readonly signs: FamilyReference;
  private readonly classes: FamilyReference;
  private readonly lows: FamilyReference;

  constructor(private readonly coder: ShareCoder) {
    this.zeros = new FamilyReference(coder, 4, 12, 32, 64);
    this.signs = new FamilyReference(coder, 4, 10, 1, 32);
    this.classes = new FamilyReference(coder, 4, 15, 512, 16);
    this.lows = new FamilyReference(coder, 4, 14, 16, 8);
  }

  /** Codes the symbol (of no meaning to a decoder), and returns it. */
  code(symbol: number, { predicted, near, likely, place, sides }: Expected): number {
    const middle = Math.floor(predicted + 0.5);
    const within = Math.trunc((predicted - middle + 0.5) * 16);
    const fraction = Math.max(0, Math.min(15, within));
    const aside = fraction < 8 ? 7 - fraction : fraction - 8;
    const value = 16 * (Math.max(-3, Math.min(3, middle)) + 3) + fraction;
    const level = levelOf(likely);
    const half = level >> 1;
    const around = levelOf(near);
    const magnitude = Math.abs(symbol - middle);

    const off = [8 * level + aside, 64 * place + around, 32 * value + half];
    if (!this.zeros.decide(off, half, place, magnitude !== 0 ? 1 : 0)) return middle;

    const side = [64 * fraction + level, value, 32 * sides + half];
    const negative = this.signs.decide(side, 0, half, symbol < middle ? 1 : 0);
    const lean = negative ? fraction : 15 - fraction;

    const wanted = 31 - Math.clz32(magnitude | 1);
    let step = 0;
    for (; step < 15; step++) {
      const contexts = [
        64 * step + level,
        32 * (64 * step + place) + (around >> 1),
        32 * (16 * step + lean) + half,
      ];
      if (!this.classes.decide(contexts, 32 * step + half, step, wanted > step ? 1 : 0)) break;
    }

    let node = 1;
    const modelled = Math.min(step, 3);
    for (let k = 1; k <= modelled; k++) {
      const at = 8 * step + node;
      const contexts = [64 * at + level, 64 * at + around, 16 * at + lean];
      node = 2 * node + this.lows.decide(contexts, step, node, (magnitude >> (step - k)) & 1);
    }
    const even = step - modelled;
    const rest = Number(this.coder.codeEven(BigInt(magnitude & (2 ** even - 1)), even));
    const decoded = node * 2 ** even + rest;
    return negative ? middle - decoded : middle + decoded;
  }
}
