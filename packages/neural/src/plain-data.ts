/**
 * Plain data (objects, arrays, numbers, text, typed arrays) as bytes and back: the length of a JSON text, the text, the
 * bytes of the typed arrays in order. Numbers that JSON has no word for come back, too.
 */

const kinds = { Float32Array, Float64Array, Int16Array, Uint32Array, Uint8Array };
type Kind = keyof typeof kinds;
type Packed = InstanceType<(typeof kinds)[Kind]>;

/** Stand-ins in the JSON: of a typed array, and of a number. */
interface ArrayMark {
  readonly $array: Kind;
  readonly count: number;
}
interface NumberMark {
  readonly $number: string;
}

/** Throws RangeError for what is no plain data. */
export function packPlain(value: unknown): Uint8Array {
  const arrays: Packed[] = [];
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === "number" && (!Number.isFinite(part) || Object.is(part, -0))) {
      return { $number: Object.is(part, -0) ? "-0" : String(part) } satisfies NumberMark;
    }
    if (!ArrayBuffer.isView(part)) return part;
    const name = part.constructor.name;
    if (!Object.hasOwn(kinds, name)) throw new RangeError(`no plain data: ${name}`);
    arrays.push(part as Packed);
    return { $array: name as Kind, count: (part as Packed).length } satisfies ArrayMark;
  });
  const json = new TextEncoder().encode(text);
  const length = arrays.reduce((sum, { byteLength }) => sum + byteLength, 4 + json.length);
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 4);
  let at = 4 + json.length;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return bytes;
}

/** Throws RangeError or SyntaxError where the bytes are none of `packPlain`. */
export function unpackPlain(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = 4 + view.getUint32(0, true);
  const text = new TextDecoder().decode(bytes.subarray(4, end));
  let at = end;
  const restore = (part: unknown): unknown => {
    if (part === null || typeof part !== "object") return part;
    if (Array.isArray(part)) return part.map(restore);
    if ("$number" in part) return Number((part as NumberMark).$number);
    if (!("$array" in part)) {
      return Object.fromEntries(Object.entries(part).map(([key, entry]) => [key, restore(entry)]));
    }
    const { $array, count } = part as ArrayMark;
    const size = count * kinds[$array].BYTES_PER_ELEMENT;
    if (at + size > bytes.length) throw new RangeError("the bytes end before their arrays do");
    const own = bytes.slice(at, at + size);
    at += size;
    return new kinds[$array](own.buffer);
  };
  return restore(JSON.parse(text));
}
