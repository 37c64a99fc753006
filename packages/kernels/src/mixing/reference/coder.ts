/** The range coder of the mixed model in plain loops; `spec/stream.md`, section 3.7. */
export interface ShareCoder {
  readonly encoding: boolean;
  /** Codes a bit that is 1 with `share` / 65536. */
  codeBit(share: number, bit: number): number;
  /** Codes `count` even bits, the highest first. */
  codeEven(value: bigint, count: number): bigint;
}

const GROUP = 12;

function groupsOf(count: number): number[] {
  const groups: number[] = [];
  for (let left = count; left > 0; left -= GROUP) groups.push(Math.min(left, GROUP));
  return groups;
}

export class ShareEncoder implements ShareCoder {
  readonly encoding = true;
  private readonly bytes: number[] = [0];
  private low = 0;
  private range = 0xffffffff;

  codeBit(share: number, bit: number): number {
    const bound = (this.range >>> 16) * (65536 - share);
    if (bit) {
      this.low += bound;
      this.range -= bound;
    } else {
      this.range = bound;
    }
    this.normalise();
    return bit;
  }

  codeEven(value: bigint, count: number): bigint {
    let left = count;
    for (const group of groupsOf(count)) {
      left -= group;
      this.range = Math.floor(this.range / 2 ** group);
      this.low += this.range * Number((value >> BigInt(left)) & BigInt(2 ** group - 1));
      this.normalise();
    }
    return value;
  }

  finish(): Uint8Array {
    for (let k = 0; k < 4; k++) this.shift();
    return Uint8Array.from(this.bytes);
  }

  private normalise(): void {
    while (this.range < 2 ** 24) {
      this.range *= 256;
      this.shift();
    }
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

export class ShareDecoder implements ShareCoder {
  readonly encoding = false;
  private code = 0;
  private at = 0;
  private range = 0xffffffff;

  constructor(private readonly section: Uint8Array) {
    for (let k = 0; k < 5; k++) this.next();
  }

  codeBit(share: number): number {
    const bound = (this.range >>> 16) * (65536 - share);
    const bit = this.code >= bound ? 1 : 0;
    if (bit) {
      this.code -= bound;
      this.range -= bound;
    } else {
      this.range = bound;
    }
    this.normalise();
    return bit;
  }

  codeEven(_value: bigint, count: number): bigint {
    let value = 0n;
    for (const group of groupsOf(count)) {
      this.range = Math.floor(this.range / 2 ** group);
      const part = Math.min(Math.floor(this.code / this.range), 2 ** group - 1);
      this.code -= part * this.range;
      value = (value << BigInt(group)) | BigInt(part);
      this.normalise();
    }
    return value;
  }

  /** Throws where the section does not end here. */
  finish(): void {
    if (this.at !== this.section.length) throw new RangeError("the section is damaged");
  }

  private normalise(): void {
    while (this.range < 2 ** 24) {
      this.range *= 256;
      this.next();
    }
  }

  private next(): void {
    if (this.at === this.section.length) throw new RangeError("the section is damaged");
    this.code = ((this.code * 256) % 2 ** 32) + this.section[this.at++];
  }
}
