import type { ShareCoder } from "../../mixing/reference/coder.js";
import { FamilyReference } from "../../mixing/reference/decisions.js";

/** Coding of floats: `parameters/kernel/floats.ts` in plain loops. */
export class FloatsReference {
  private readonly exponents: FamilyReference;
  private readonly fractions: FamilyReference;

  constructor(private readonly coder: ShareCoder) {
    this.exponents = new FamilyReference(coder, 4, 13, 8, 1);
    this.fractions = new FamilyReference(coder, 4, 11, 8, 1);
  }

  /** `rest`: bits of a number's fraction below the three highest. */
  codeArray(values: Float32Array, features: number, rest: number): void {
    const numbers = new Uint32Array(values.buffer, values.byteOffset, values.length);
    const near = (i: number) => {
      const exponent = i < 0 ? 0 : (numbers[i] >>> 23) & 255;
      return (Math.max(exponent, 104) - 104) % 32;
    };
    for (let i = 0; i < numbers.length; i++) {
      numbers[i] = this.code(numbers[i], near(i - 1), near(i - features), rest);
    }
  }

  private code(bits: number, left: number, above: number, rest: number): number {
    let node = 1;
    for (let k = 1; k <= 8; k++) {
      const contexts = [node, 256 * left + node, 256 * above + node];
      node = 2 * node + this.exponents.decide(contexts, k - 1, 0, (bits >>> (31 - k)) & 1);
    }
    const exponent = node - 256;
    node = 1;
    for (let k = 1; k <= 3; k++) {
      const contexts = [node, 8 * exponent + node, 8 * above + node];
      node = 2 * node + this.fractions.decide(contexts, node, 0, (bits >>> (23 - k)) & 1);
    }
    const low = (bits % 2 ** 20) >>> (20 - rest);
    const even = Number(this.coder.codeEven(BigInt((bits >>> 31) * 2 ** rest + low), rest + 1));
    const sign = Math.floor(even / 2 ** rest);
    return (
      sign * 2 ** 31 +
      exponent * 2 ** 23 +
      (node - 8) * 2 ** 20 +
      (even % 2 ** rest) * 2 ** (20 - rest)
    );
  }
}
