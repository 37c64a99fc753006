import type { Lattice } from "../encoder.js";
import { fromIndexReference, toIndexReference } from "../lattice/reference.js";
import { ShareDecoder, ShareEncoder } from "./reference/coder.js";
import { MaskReference } from "./reference/masking.js";
import { type MixedSide, readMixedSide } from "./reference/parameters.js";
import { type Neighbours, type Note, neighboursOf, regressorsOf } from "./reference/places.js";
import { PredictorsReference } from "./reference/predictors.js";
import { RepeatsReference } from "./reference/repeats.js";
import { logarithmOf, ResidualsReference } from "./reference/residuals.js";

/** The mixed model (mode 4 of `mechanism`) in plain loops: the truth that `mixing/kernel` is held to. */

type Floats = Float32Array | Float64Array;

/** The code of a chunk whose exceptions stand on their lattices. */
export function encodeMixedReference(
  values: Floats,
  mask: Uint8Array | undefined,
  side: Uint8Array,
  fields: readonly (Floats | undefined)[] = [],
): Uint8Array {
  const coder = new ShareEncoder();
  const hidden = mask?.slice() ?? new Uint8Array(values.length);
  new Model(values.slice(), hidden, side, coder, fields).run();
  return coder.finish();
}

/** The values of a code, masked ones as they are predicted from; the mask is filled in. */
export function decodeMixedReference(
  values: Floats,
  mask: Uint8Array,
  side: Uint8Array,
  code: Uint8Array,
  fields: readonly (Floats | undefined)[] = [],
): void {
  const coder = new ShareDecoder(code);
  new Model(values, mask, side, coder, fields).run();
  coder.finish();
}

class Model {
  private readonly side: MixedSide;
  private readonly width: 32 | 64;
  private readonly view: DataView;
  private readonly notes: Note[];
  private readonly predictors: PredictorsReference;
  private readonly residuals: ResidualsReference;
  private readonly masking: MaskReference | undefined;
  private readonly repeats: RepeatsReference | undefined;
  private lattice: Lattice | undefined;

  constructor(
    private readonly values: Floats,
    private readonly mask: Uint8Array,
    sideBytes: Uint8Array,
    private readonly coder: ShareEncoder | ShareDecoder,
    /** Other fields of a joint chunk, by number. */
    private readonly fields: readonly (Floats | undefined)[],
  ) {
    this.width = values instanceof Float32Array ? 32 : 64;
    this.side = readMixedSide(sideBytes, this.width / 8);
    this.view = new DataView(values.buffer, values.byteOffset, values.byteLength);
    this.notes = Array.from(values, () => ({
      ...{ errors: new Float32Array(8), logarithm: 0, kind: 0, sign: 0 },
    }));
    this.predictors = new PredictorsReference(this.side);
    this.residuals = new ResidualsReference(coder, this.width, this.notes);
    if (this.side.fill) this.masking = new MaskReference(coder, mask, this.notes);
    const isMasked = (place: number) => this.masking !== undefined && mask[place] === 1;
    const bitsAt = (place: number) => this.bitsAt(place);
    if (this.side.repeats) {
      this.repeats = new RepeatsReference(coder, this.side, values.length, bitsAt, isMasked);
    }
  }

  run(): void {
    const { outer, depth, height, width, lattices } = this.side;
    let place = 0;
    for (let t = 0; t < outer; t++) {
      for (let z = 0; z < depth; z++) {
        this.lattice = lattices?.[t * depth + z];
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++, place++) this.codeValue(place, [t, z, y, x]);
        }
      }
    }
  }

  private codeValue(place: number, at: readonly [number, number, number, number]): void {
    const { side, coder, predictors, residuals, notes } = this;
    const [t, z, y, x] = at;
    const phase = x % side.phases;
    predictors.openBlock(y, x, place === 0);
    const near = neighboursOf(side, t, z, y, x);
    if (this.masking) {
      this.mask[place] = this.masking.code(near, coder.encoding ? this.mask[place] : 0);
      if (this.mask[place]) {
        this.skip(place, near);
        return;
      }
    }
    const reference = this.referenceOf(near);
    const relative = (from: number | undefined) =>
      from === undefined ? 0 : this.valueAt(from) - reference;
    const regressors = regressorsOf(
      side,
      (from, field) => this.valueAt(from, field),
      (field) => this.referenceOf(near, field),
      at,
    );
    const predicted = predictors.predict(regressors, phase, relative, place, near);
    const blended = predictors.blend(predicted, near, notes);
    const prediction = blended + reference;
    const middle = this.predictedInteger(prediction);
    const spread =
      Math.abs(predicted[0] - predicted[1]) +
      Math.abs(predicted[2] - predicted[1]) +
      Math.abs(predicted[3] - predicted[1]);
    const local = predictors.localError(near, notes) * 0.4;
    const span = (by: number) => this.magnitudeOf(this.predictedInteger(prediction + by) - middle);
    residuals.expect(near, span(spread), span(local));

    let seen: number | undefined;
    if (this.repeats) {
      const leftClass = near.west === undefined ? 0 : notes[near.west].kind;
      const expected = this.bitsOf(middle);
      const wanted = coder.encoding ? this.bitsAt(place) : undefined;
      seen = this.repeats.code(place, phase, leftClass, residuals.level, expected, wanted);
      if (seen !== undefined) this.setBits(place, this.bitsAt(seen));
    }
    let residual = 0n;
    if (seen !== undefined || coder.encoding) residual = this.wrap(this.integerAt(place) - middle);
    let kind = this.magnitudeOf(residual).toString(2).length;
    if (residual === 0n) kind = 0;
    if (seen === undefined) {
      kind = residuals.codeClass(kind, this.exponentOf(prediction));
      if (kind > 0) {
        const coded = residuals.codeMagnitude(
          ...[this.magnitudeOf(residual), residual < 0n, kind, predicted, blended, local],
        );
        residual = this.wrap(coded.negative ? -coded.magnitude : coded.magnitude);
      } else {
        residual = 0n;
      }
      if (!coder.encoding) this.setBits(place, this.bitsOf(this.wrap(middle + residual)));
    }
    const note = notes[place];
    note.logarithm = Math.fround(logarithmOf(Number(this.magnitudeOf(residual)) + 1));
    note.kind = kind;
    note.sign = residual < 0n ? 0 : residual === 0n ? 1 : 2;
    predictors.learn(predicted, regressors, this.valueAt(place) - reference, phase, note);
    residuals.learn(logarithmOf(Number(this.magnitudeOf(residual)) + 1));
    this.repeats?.learn(place, phase, seen !== undefined);
  }

  /** A masked value is that at its left, else that above, else 0; and so is what is noted of it. */
  private skip(place: number, near: Neighbours): void {
    const from = near.west ?? near.above;
    this.setBits(place, from === undefined ? 0n : this.bitsAt(from));
    if (from === undefined) return;
    const { errors, logarithm, kind, sign } = this.notes[from];
    this.notes[place] = { errors: errors.slice(), logarithm, kind, sign };
  }

  private valueAt(place: number, field = 0): number {
    const value = (field === 0 ? this.values : this.fields[field]!)[place];
    return Math.abs(value) < 1e100 ? value : 0;
  }

  private referenceOf({ west, above, before }: Neighbours, field = 0): number {
    if (west !== undefined && above !== undefined) {
      return 0.5 * (this.valueAt(west, field) + this.valueAt(above, field));
    }
    const place = west ?? above ?? before;
    return place === undefined ? 0 : this.valueAt(place, field);
  }

  private wrap(value: bigint): bigint {
    return BigInt.asIntN(this.width, value);
  }

  private magnitudeOf(difference: bigint): bigint {
    const wrapped = this.wrap(difference);
    return wrapped < 0n ? -wrapped : wrapped;
  }

  private bitsAt(place: number): bigint {
    return this.width === 32
      ? BigInt(this.view.getUint32(4 * place, true))
      : this.view.getBigUint64(8 * place, true);
  }

  private setBits(place: number, bits: bigint): void {
    if (this.width === 32) this.view.setUint32(4 * place, Number(bits), true);
    else this.view.setBigUint64(8 * place, bits, true);
  }

  /** The ordered integer of bits, and the bits of an ordered integer. */
  private ordered(bits: bigint): bigint {
    const signed = this.wrap(bits);
    return signed < 0n ? signed ^ ((1n << BigInt(this.width - 1)) - 1n) : signed;
  }

  private integerAt(place: number): bigint {
    if (this.lattice) return toIndexReference(this.values[place], this.lattice, this.width);
    return this.ordered(this.bitsAt(place)) >> BigInt(this.side.shift);
  }

  private predictedInteger(prediction: number): bigint {
    if (this.lattice) return toIndexReference(prediction, this.lattice, this.width);
    const rounded = this.rounded(prediction);
    if (!Number.isFinite(rounded)) return 0n;
    return this.ordered(this.bitsOfNumber(rounded)) >> BigInt(this.side.shift);
  }

  /** The bits of the value of an integer. */
  private bitsOf(integer: bigint): bigint {
    if (this.lattice)
      return this.bitsOfNumber(this.rounded(fromIndexReference(integer, this.lattice)));
    const shift = BigInt(this.side.shift);
    const low = integer < 0n ? (1n << shift) - 1n : 0n;
    return BigInt.asUintN(this.width, this.ordered(this.wrap((integer << shift) | low)));
  }

  private rounded(value: number): number {
    return this.width === 32 ? Math.fround(value) : value;
  }

  private bitsOfNumber(value: number): bigint {
    const view = new DataView(new ArrayBuffer(8));
    if (this.width === 32) view.setFloat32(0, value);
    else view.setFloat64(0, value);
    return this.width === 32 ? BigInt(view.getUint32(0)) : view.getBigUint64(0);
  }

  private exponentOf(prediction: number): number {
    const bits = this.bitsOfNumber(this.rounded(prediction));
    return Number((bits >> (this.width === 32 ? 23n : 52n)) & 31n);
  }
}
