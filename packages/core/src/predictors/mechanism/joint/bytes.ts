/** Numbers to little-endian bytes, one after another. */
export class ByteWriter {
  private readonly written: number[] = [];

  u8(value: number): void {
    this.written.push(value);
  }
  u32(value: number): void {
    this.written.push(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
  }
  bytes(values: Uint8Array): void {
    for (const value of values) this.written.push(value);
  }
  finish(): Uint8Array {
    return Uint8Array.from(this.written);
  }
}

/** The same backwards. */
export class ByteReader {
  private readonly view: DataView;

  constructor(
    private readonly from: Uint8Array,
    private at = 0,
  ) {
    this.view = new DataView(from.buffer, from.byteOffset, from.byteLength);
  }

  u8(): number {
    return this.view.getUint8(this.at++);
  }
  u32(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }
  bytes(length: number): Uint8Array {
    this.at += length;
    return this.from.slice(this.at - length, this.at);
  }
}
