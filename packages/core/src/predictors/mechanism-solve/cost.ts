import type { FloatType } from "../../array/data-type.js";
import { log2 } from "../../entropy/logarithm.js";

/** Counts classes of zigzag integers, and says about how many bits they take. */
export class ClassCounter {
  private readonly counts = new Float64Array(65);
  private below = 0;
  private values = 0;

  /** A class is the bit length of a zigzag integer. */
  add(magnitude: number): void {
    this.counts[magnitude]++;
    this.values++;
    if (magnitude > 1) this.below += magnitude - 1;
  }

  /** Bits: the classes at their entropy, and the bits below the leading ones. */
  bits(): number {
    let bits = this.below;
    for (const count of this.counts) if (count > 0) bits += count * log2(this.values / count);
    return bits;
  }
}

const exponentView = new DataView(new ArrayBuffer(8));

/** Class of a whole number below 2^52 in magnitude, in its zigzag form. */
export function classOfInteger(value: number): number {
  const zigzagged = value < 0 ? -2 * value - 1 : 2 * value;
  if (zigzagged === 0) return 0;
  if (zigzagged < 2 ** 31) return 32 - Math.clz32(zigzagged);
  exponentView.setFloat64(0, zigzagged);
  return (exponentView.getUint16(0) >> 4) - 1022;
}

const single = new Float32Array(1);
const singleBits = new Int32Array(single.buffer);
const double = new Float64Array(1);
const doubleBits = new BigInt64Array(double.buffer);

/** Class of the residual of a value under a prediction: of the difference of their ordered integers. */
export function classOfResidual(value: number, predicted: number, dataType: FloatType): number {
  if (dataType === "float32") {
    const difference = orderedSingle(value) - orderedSingle(predicted);
    return Math.min(32, classOfInteger(difference));
  }
  if (value === predicted) return 0;
  const ordered = orderedDouble(value) - orderedDouble(predicted);
  const magnitude = ordered < 0n ? -ordered : ordered;
  return Math.min(64, classOfInteger(Math.min(Number(magnitude), 2 ** 51)));
}

function orderedSingle(value: number): number {
  single[0] = value;
  const bits = singleBits[0];
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

function orderedDouble(value: number): bigint {
  double[0] = value;
  const bits = doubleBits[0];
  return bits < 0n ? bits ^ 0x7fffffffffffffffn : bits;
}
