/** The adaptive binary range coder in plain loops: the truth that `kernel.ts` is held to. */

const SHIFT = 4;
const HALF = 2048;

/** Probabilities of a 0, 12 bits; they adapt as they are used. */
export function probabilities(count: number): number[] {
  return new Array<number>(count).fill(HALF);
}

function adapt(table: number[], at: number, bit: number): void {
  const p = table[at];
  table[at] = bit ? p - (p >> SHIFT) : p + ((4096 - p) >> SHIFT);
}

export class BinaryEncoderReference {
  // The code as one long number, whose bytes are settled as they leave the range: carries ripple back.
  private readonly bytes: number[] = [0];
  private low = 0;
  private range = 0xffffffff;

  encode(table: number[], at: number, bit: number): void {
    const bound = (this.range >>> 12) * table[at];
    if (bit) {
      this.low += bound;
      this.range -= bound;
    } else {
      this.range = bound;
    }
    adapt(table, at, bit);
    while (this.range < 2 ** 24) {
      this.range *= 256;
      this.shift();
    }
  }

  /** A bit that is 0 or 1 alike likely. */
  encodeEven(bit: number): void {
    this.encode([HALF], 0, bit);
  }

  finish(): Uint8Array {
    for (let k = 0; k < 4; k++) this.shift();
    return Uint8Array.from(this.bytes);
  }

  private shift(): void {
    if (this.low >= 2 ** 32) {
      let k = this.bytes.length - 1;
      while (this.bytes[k] === 255) this.bytes[k--] = 0;
      this.bytes[k]++;
      this.low -= 2 ** 32;
    }
    this.bytes.push(Math.floor(this.low / 2 ** 24));
    this.low = (this.low % 2 ** 24) * 256;
  }
}

export class BinaryDecoderReference {
  private code = 0;
  private at = 0;
  private range = 0xffffffff;

  constructor(private readonly section: Uint8Array) {
    for (let k = 0; k < 5; k++) this.next();
  }

  decode(table: number[], at: number): number {
    const bound = (this.range >>> 12) * table[at];
    const bit = this.code >= bound ? 1 : 0;
    if (bit) {
      this.code -= bound;
      this.range -= bound;
    } else {
      this.range = bound;
    }
    adapt(table, at, bit);
    while (this.range < 2 ** 24) {
      this.range *= 256;
      this.next();
    }
    return bit;
  }

  decodeEven(): number {
    return this.decode([HALF], 0);
  }

  /** Throws where the section does not end here. */
  finish(): void {
    if (this.at !== this.section.length) throw new RangeError("the section is damaged");
  }

  private next(): void {
    if (this.at === this.section.length) throw new RangeError("the section is damaged");
    this.code = ((this.code * 256) % 2 ** 32) + this.section[this.at++];
  }
}
