import type { FloatType } from "../../../array/data-type.js";

/** Numbers to little-endian bytes, one after another. */
export class ByteWriter {
  private readonly written: number[] = [];
  private readonly scratch = new DataView(new ArrayBuffer(8));

  constructor(private readonly type: FloatType = "float32") {}

  u8(value: number): void {
    this.written.push(value);
  }
  u32(value: number): void {
    this.scratch.setUint32(0, value, true);
    this.push(4);
  }
  f64(value: number): void {
    this.scratch.setFloat64(0, value, true);
    this.push(8);
  }
  /** A number of the stream's data type. */
  float(value: number): void {
    if (this.type === "float64") this.scratch.setFloat64(0, value, true);
    else this.scratch.setFloat32(0, value, true);
    this.push(this.type === "float64" ? 8 : 4);
  }
  bytes(values: Iterable<number>): void {
    for (const value of values) this.written.push(value);
  }
  finish(): Uint8Array {
    return Uint8Array.from(this.written);
  }

  private push(count: number): void {
    for (let k = 0; k < count; k++) this.written.push(this.scratch.getUint8(k));
  }
}

/** The same backwards. */
export class ByteReader {
  private readonly view: DataView;

  constructor(
    private readonly from: Uint8Array,
    public at = 0,
    private readonly type: FloatType = "float32",
  ) {
    this.view = new DataView(from.buffer, from.byteOffset, from.byteLength);
  }

  u8(): number {
    return this.view.getUint8(this.at++);
  }
  i8(): number {
    return this.view.getInt8(this.at++);
  }
  u32(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }
  f64(): number {
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }
  float(): number {
    if (this.type === "float64") return this.f64();
    this.at += 4;
    return this.view.getFloat32(this.at - 4, true);
  }
  bytes(length: number): Uint8Array {
    this.at += length;
    return this.from.slice(this.at - length, this.at);
  }
}
