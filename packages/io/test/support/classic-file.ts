import { encodeText } from "../../src/netcdf/text.js";

/** External types by name; sizes and DataView setters follow from them. */
const types = {
  int8: [1, 1],
  char: [2, 1],
  int16: [3, 2],
  int32: [4, 4],
  float32: [5, 4],
  float64: [6, 8],
  uint8: [7, 1],
  uint16: [8, 2],
  uint32: [9, 4],
  int64: [10, 8],
  uint64: [11, 8],
} as const;
export type ClassicType = keyof typeof types;

/** Little-endian (machine order) bytes of the values, or text. */
type Values = Uint8Array | string;

export interface ClassicFile {
  version: 1 | 2 | 5;
  /** Length 0 is the record dimension. */
  dimensions: [name: string, length: number][];
  records?: number;
  /** Writes "unknown" as the number of records. */
  streaming?: boolean;
  attributes?: [name: string, type: ClassicType, values: Values][];
  variables: {
    name: string;
    type: ClassicType;
    dimensions: number[];
    attributes?: [name: string, type: ClassicType, values: Values][];
    /** All values, C order, machine byte order. */
    data: Uint8Array;
  }[];
}

/** Writes a classic file straight from the text of the format specification. */
export function classicFile(file: ClassicFile): Uint8Array {
  const wide = file.version === 5;
  const records = file.records ?? 0;
  const slabBytes = (v: ClassicFile["variables"][number]) =>
    v.dimensions
      .filter((id) => file.dimensions[id][1] !== 0)
      .reduce((bytes, id) => bytes * file.dimensions[id][1], types[v.type][1] as number);
  const isRecord = (v: ClassicFile["variables"][number]) =>
    v.dimensions.length > 0 && file.dimensions[v.dimensions[0]][1] === 0;
  const padded = (bytes: number) => bytes + ((4 - (bytes % 4)) % 4);
  const recordVariables = file.variables.filter(isRecord);
  const share = (v: ClassicFile["variables"][number]) =>
    recordVariables.length === 1 ? slabBytes(v) : padded(slabBytes(v));

  const header = (begins: number[]): number[] => {
    const out: number[] = [];
    const number = (value: number | bigint, bytes: number) => {
      for (let i = bytes - 1; i >= 0; i--)
        out.push(Number((BigInt(value) >> BigInt(8 * i)) & 255n));
    };
    const count = (value: number | bigint) => number(value, wide ? 8 : 4);
    const pad = () => {
      while (out.length % 4 !== 0) out.push(0);
    };
    const name = (text: string) => {
      const bytes = encodeText(text);
      count(bytes.length);
      out.push(...bytes);
      pad();
    };
    const list = (tag: number, length: number) => {
      number(length === 0 ? 0 : tag, 4);
      count(length);
    };
    const attributes = (all: ClassicFile["attributes"] = []) => {
      list(0x0c, all.length);
      for (const [attribute, type, values] of all) {
        name(attribute);
        const bytes = typeof values === "string" ? encodeText(values) : values;
        number(types[type][0], 4);
        count(bytes.length / types[type][1]);
        for (const byte of reversed(bytes, types[type][1])) out.push(byte);
        pad();
      }
    };
    out.push(0x43, 0x44, 0x46, file.version);
    count(file.streaming ? (wide ? 2n ** 64n - 1n : 2 ** 32 - 1) : records);
    list(0x0a, file.dimensions.length);
    for (const [dimension, length] of file.dimensions) {
      name(dimension);
      count(length);
    }
    attributes(file.attributes);
    list(0x0b, file.variables.length);
    file.variables.forEach((variable, i) => {
      name(variable.name);
      count(variable.dimensions.length);
      for (const id of variable.dimensions) count(id);
      attributes(variable.attributes);
      number(types[variable.type][0], 4);
      count(padded(slabBytes(variable)));
      number(begins[i], file.version === 1 ? 4 : 8);
    });
    return out;
  };

  const begins = new Array<number>(file.variables.length).fill(0);
  let end = header(begins).length;
  file.variables.forEach((variable, i) => {
    if (isRecord(variable)) return;
    begins[i] = end;
    end += padded(slabBytes(variable));
  });
  const firstRecord = end;
  file.variables.forEach((variable, i) => {
    if (!isRecord(variable)) return;
    begins[i] = end;
    end += share(variable);
  });
  const recordBytes = end - firstRecord;
  const bytes = new Uint8Array(firstRecord + records * recordBytes);
  bytes.set(header(begins));
  file.variables.forEach((variable, i) => {
    const swapped = reversed(variable.data, types[variable.type][1]);
    if (!isRecord(variable)) {
      bytes.set(swapped, begins[i]);
      return;
    }
    const slab = slabBytes(variable);
    for (let record = 0; record < records; record++) {
      const part = swapped.subarray(record * slab, (record + 1) * slab);
      bytes.set(part, begins[i] + record * recordBytes);
    }
  });
  return bytes;
}

/** The bytes with those of each value in the opposite order. */
function reversed(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    out[i] = bytes[i - (i % size) + (size - 1 - (i % size))];
  }
  return out;
}
