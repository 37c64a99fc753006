import { FieldzipError } from "@fieldzip/core";
import type { RandomAccessFile } from "../files/file.js";
import { decodeText } from "./text.js";

/** A header is kept in memory as a whole, so a file that claims a larger one is refused. */
export const maximumHeaderBytes = 64 * 2 ** 20;
const firstPiece = 64 * 2 ** 10;

/**
 * Reads big-endian numbers and names from the front of a file. Bytes are fetched in pieces that
 * double in size, so that a short header costs one read and a long one few.
 */
export class HeaderCursor {
  private bytes = new Uint8Array(0);
  private view = new DataView(new ArrayBuffer(0));
  offset = 0;
  /** Bytes of a count or length: 4, and 8 in CDF-5. */
  countBytes: 4 | 8 = 4;

  constructor(
    private readonly file: RandomAccessFile,
    private readonly signal?: AbortSignal,
  ) {}

  get remaining(): number {
    return this.file.size - this.offset;
  }

  async take(length: number): Promise<Uint8Array> {
    await this.need(length);
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  async uint32(): Promise<number> {
    await this.need(4);
    this.offset += 4;
    return this.view.getUint32(this.offset - 4);
  }

  /** A 64-bit number as stored; all ones mean "unknown" where the format allows that. */
  async uint64(): Promise<bigint> {
    await this.need(8);
    this.offset += 8;
    return this.view.getBigUint64(this.offset - 8);
  }

  /** A count or length: never negative, exact in a JavaScript number. */
  async size(what: string): Promise<number> {
    const at = this.offset;
    const value = this.countBytes === 4 ? await this.uint32() : Number(await this.uint64());
    if (value > Number.MAX_SAFE_INTEGER) throw this.error(what, "at most 2^53", `${value}`, at);
    return value;
  }

  /** The number of items that follow, each of which takes at least `leastBytes` of the file. */
  async count(what: string, leastBytes: number): Promise<number> {
    const at = this.offset;
    const value = await this.size(what);
    if (value * leastBytes > this.remaining) {
      throw new FieldzipError("truncated", {
        where: `${this.file.path}, offset ${at}`,
        expected: `${value} ${what} of at least ${leastBytes} bytes`,
        found: `${this.remaining} bytes before the end of the file`,
        remedy: "the file is incomplete or damaged; fetch or write it again",
      });
    }
    return value;
  }

  async name(what: string): Promise<string> {
    const at = this.offset;
    const length = await this.count(`bytes of the name of a ${what}`, 1);
    const name = decodeText(await this.take(length));
    await this.take(paddingOf(length));
    if (name === "" || name.includes("/") || name.includes("\0")) {
      throw this.error(`the name of a ${what}`, "a name without / and NUL", `"${name}"`, at);
    }
    return name;
  }

  error(what: string, expected: string, found: string, offset = this.offset): FieldzipError {
    return new FieldzipError("format", {
      where: `${this.file.path}, offset ${offset}, ${what}`,
      expected,
      found,
      remedy: "the NetCDF header is damaged; fetch or write the file again",
    });
  }

  private async need(length: number): Promise<void> {
    const end = this.offset + length;
    if (end <= this.bytes.length) return;
    if (end > maximumHeaderBytes) {
      throw new FieldzipError("limit", {
        where: `${this.file.path}, offset ${this.offset}`,
        expected: `a header of at most ${maximumHeaderBytes} bytes`,
        found: `${end} bytes and more`,
        remedy: "the header is damaged, or holds data as attributes; move them into variables",
      });
    }
    const known = this.bytes.length;
    const wanted = Math.max(end, 2 * known, firstPiece);
    const size = Math.max(end, Math.min(this.file.size, wanted));
    const more = await this.file.read(known, size - known, this.signal);
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes);
    bytes.set(more, known);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
  }
}

/** Everything in a header is padded to a multiple of 4 bytes. */
export function paddingOf(bytes: number): number {
  return (4 - (bytes % 4)) % 4;
}
