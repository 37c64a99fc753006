/** Data types of variables, named as Zarr v3 names them. */
export type FloatType = "float32" | "float64";
export type IntegerType =
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64";
export type NumericType = FloatType | IntegerType;
/** `char` is NetCDF's 8-bit text (one byte a character); `string` is variable-length UTF-8. */
export type DataType = NumericType | "char" | "string";

export type FloatArray = Float32Array | Float64Array;
export type NumericArray =
  | FloatArray
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;
/** The values of a box, C order. `char` is a Uint8Array, `string` an array of strings. */
export type DataArray = NumericArray | string[];

const constructors = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  char: Uint8Array,
} as const;

export function isFloatType(type: DataType): type is FloatType {
  return type === "float32" || type === "float64";
}

export function floatTypeOf(values: FloatArray): FloatType {
  return values instanceof Float32Array ? "float32" : "float64";
}

/** Bytes of one value; a string counts as the 8 bytes of a reference. */
export function bytesPerValue(type: DataType): number {
  return type === "string" ? 8 : constructors[type].BYTES_PER_ELEMENT;
}

/** A new zeroed array for `count` values. */
export function allocate(type: DataType, count: number): DataArray {
  return type === "string" ? new Array<string>(count).fill("") : new constructors[type](count);
}

/**
 * The values that lie in `bytes` in the machine's byte order (little-endian everywhere that
 * JavaScript runs today). Copies only where the bytes are not aligned for the type.
 */
export function viewBytes(type: Exclude<DataType, "string">, bytes: Uint8Array): NumericArray {
  const Constructor = constructors[type];
  const size = Constructor.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  return new Constructor(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / size,
  );
}

/** The bytes of a numeric array, without a copy. */
export function bytesOf(data: NumericArray): Uint8Array {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

/** The values as doubles: a copy. 64-bit integers are rounded. */
export function numbersOf(data: NumericArray): Float64Array {
  const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
  return wide ? Float64Array.from(data as BigInt64Array, Number) : new Float64Array(data);
}

/** Reverses the byte order of every value, in place. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  if (size === 1) return;
  for (let start = 0; start + size <= bytes.length; start += size) {
    for (let low = start, high = start + size - 1; low < high; low++, high--) {
      const kept = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = kept;
    }
  }
}
