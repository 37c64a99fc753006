/** Little-endian numbers one after another. */

export interface Writer {
  bytes(bytes: Iterable<number>): void;
  /** Unsigned 32-bit integers. */
  whole(...numbers: readonly number[]): void;
  floats(...numbers: readonly number[]): void;
  doubles(...numbers: readonly number[]): void;
  finish(): Uint8Array;
}

export function createWriter(): Writer {
  const all: number[] = [];
  const scratch = new DataView(new ArrayBuffer(8));
  const put = (size: number) => {
    for (let k = 0; k < size; k++) all.push(scratch.getUint8(k));
  };
  return {
    bytes(bytes) {
      for (const byte of bytes) all.push(byte);
    },
    whole(...numbers) {
      for (const number of numbers) {
        scratch.setUint32(0, number, true);
        put(4);
      }
    },
    floats(...numbers) {
      for (const number of numbers) {
        scratch.setFloat32(0, number, true);
        put(4);
      }
    },
    doubles(...numbers) {
      for (const number of numbers) {
        scratch.setFloat64(0, number, true);
        put(8);
      }
    },
    finish: () => Uint8Array.from(all),
  };
}

/** Throws RangeError beyond the end. */
export interface Reader {
  bytes(count: number): Uint8Array;
  whole(count: number): number[];
  floats(count: number): Float32Array;
  doubles(count: number): number[];
  /** Bytes read, and still to be read. */
  at(): number;
  left(): number;
}

export function createReader(bytes: Uint8Array): Reader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const take = (length: number) => {
    if (length > bytes.length - at) throw new RangeError("the bytes end early");
    at += length;
    return at - length;
  };
  const list = <T>(count: number, size: number, read: (place: number) => T): T[] => {
    const from = take(count * size);
    return Array.from({ length: count }, (_, k) => read(from + k * size));
  };
  return {
    bytes(count) {
      const from = take(count);
      return bytes.subarray(from, from + count);
    },
    whole: (count) => list(count, 4, (place) => view.getUint32(place, true)),
    floats: (count) => Float32Array.from(list(count, 4, (place) => view.getFloat32(place, true))),
    doubles: (count) => list(count, 8, (place) => view.getFloat64(place, true)),
    at: () => at,
    left: () => bytes.length - at,
  };
}
