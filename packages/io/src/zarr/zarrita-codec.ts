import {
  allocate,
  countOf,
  type DataType,
  decompressChunk,
  describeStream,
  FieldzipError,
  type FloatArray,
  insertBox,
  isFloatType,
  stridesOf,
  wholeBox,
} from "@fieldzip/core";

/** What zarrita tells a codec about the chunks that it gets. */
interface ChunkMeta {
  readonly dataType: string;
  readonly shape: readonly number[];
  readonly fillValue?: unknown;
}

interface DecodedZarritaChunk {
  readonly data: FloatArray;
  readonly shape: number[];
  readonly stride: number[];
}

interface ZarritaCodec {
  readonly kind: "array_to_bytes";
  encode(): never;
  decode(bytes: Uint8Array): Promise<DecodedZarritaChunk>;
}

/**
 * The codec `fieldzip` for zarrita's registry:
 * `registry.set("fieldzip", async () => fieldzipCodec)`. Reads; archives are written with
 * `createArchive`. A stream holds the part of its chunk that lies inside the array, and Zarr wants
 * whole chunks: the rest is filled with the array's fill value.
 */
export const fieldzipCodec = {
  kind: "array_to_bytes" as const,
  // biome-ignore lint/suspicious/noExplicitAny: zarrita's registry types are not exported
  fromConfig(_configuration: unknown, meta: any): any {
    return codecFor(meta as ChunkMeta);
  },
};

function codecFor({ dataType, shape, fillValue }: ChunkMeta): ZarritaCodec {
  const where = `codec fieldzip, chunk of shape [${shape.join(",")}]`;
  return {
    kind: "array_to_bytes",
    encode() {
      throw new FieldzipError("unsupported", {
        where,
        found: "a write",
        remedy: "write archives with fieldzip compress",
      });
    },
    async decode(bytes) {
      if (!isFloatType(dataType as DataType)) {
        throw new FieldzipError("unsupported", {
          where,
          expected: "float32 or float64",
          found: dataType,
          remedy: "read it with a newer release of fieldzip",
        });
      }
      const type = dataType as "float32" | "float64";
      const stored = describeStream(bytes, where).shape;
      if (stored.length !== shape.length || stored.some((size, axis) => size > shape[axis])) {
        throw new FieldzipError("shape", {
          where,
          expected: "a stream that fits into the chunk",
          found: `shape [${stored.join(",")}]`,
          remedy: "the chunk belongs elsewhere; restore the archive from a copy",
        });
      }
      const values = await decompressChunk(bytes, { dataType: type, shape: stored, where });
      const stride = stridesOf(shape);
      if (values.length === countOf(shape)) return { data: values, shape: [...shape], stride };
      const data = allocate(type, countOf(shape)) as FloatArray;
      if (typeof fillValue === "number") data.fill(fillValue);
      insertBox(data, shape, wholeBox(stored), values);
      return { data, shape: [...shape], stride };
    },
  };
}
