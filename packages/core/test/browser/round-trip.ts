import {
  type ArchiveSink,
  bytesOf,
  compress,
  crc32c,
  Dataset,
  decompressChunk,
  extractBox,
  type FloatArray,
  type FloatType,
  type VariableSource,
} from "@fieldzip/core";

/** What both platforms must agree on: the streams by checksum, and whether every bit came back. */
export interface RoundTrip {
  readonly exact: boolean;
  readonly archiveBytes: number;
  readonly streams: Record<string, string>;
}

/** Compresses two fields with awkward values into memory and decompresses them again. */
export async function roundTrip(): Promise<RoundTrip> {
  const variables = [fieldOf("rho", "float32"), fieldOf("prs", "float64")];
  const dataset = new Dataset({
    format: "memory",
    location: "memory",
    dimensions: [
      { name: "z", size: 12 },
      { name: "y", size: 31 },
      { name: "x", size: 45 },
    ],
    groups: [{ path: "", attributes: {} }],
    variables,
    async close() {},
  });
  const chunks: { path: string; index: string; stream: Uint8Array }[] = [];
  const sink: ArchiveSink = {
    async writeArray(plan) {
      return {
        async writeShard(index, encoded) {
          let bytes = 0;
          encoded.forEach((stream, k) => {
            if (!(stream instanceof Uint8Array)) return;
            bytes += stream.length;
            chunks.push({ path: plan.path, index: `${index} ${k}`, stream });
          });
          return { bytes };
        },
      };
    },
    async size() {
      return 0;
    },
    async publish() {
      return { bytes: chunks.reduce((sum, { stream }) => sum + stream.length, 0) };
    },
    async discard() {},
  };
  const report = await compress(dataset, sink, { joint: "never" });
  let exact = true;
  const streams: Record<string, string> = {};
  for (const { path, index, stream } of chunks) {
    const variable = variables.find(({ name }) => name === path)!;
    // One chunk a variable: the fields are small.
    const values = await decompressChunk(stream, {
      dataType: variable.dataType as FloatType,
      shape: variable.shape,
      where: `${path} ${index}`,
    });
    const expected = (await variable.readBox({
      start: [0, 0, 0],
      shape: variable.shape,
    })) as FloatArray;
    const [a, b] = [bytesOf(values), bytesOf(expected)];
    exact &&= a.length === b.length && a.every((byte, i) => byte === b[i]);
    streams[`${path} ${index}`] = `${stream.length} bytes, crc32c ${crc32c(stream).toString(16)}`;
  }
  return { exact, archiveBytes: report.archiveBytes, streams };
}

/** A smooth field with NaN payloads, -0, subnormals and infinities in it; the same on every platform. */
function fieldOf(name: string, dataType: FloatType): VariableSource {
  const shape = [12, 31, 45];
  const count = 12 * 31 * 45;
  const values = dataType === "float32" ? new Float32Array(count) : new Float64Array(count);
  let seed = 7;
  for (let i = 0; i < count; i++) {
    const x = (i % 45) / 45;
    const y = (Math.floor(i / 45) % 31) / 31;
    const z = Math.floor(i / (45 * 31)) / 12;
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    values[i] = 1 + x * x * y - z * x + seed * 1e-14;
  }
  const bits = new Uint32Array(values.buffer);
  const stride = dataType === "float32" ? 1 : 2;
  const special = [0x7fc0beef, 0xffc00001, 0x80000000, 0x00000001, 0x7f800000, 0xff800000];
  special.forEach((pattern, k) => {
    bits[(500 + 977 * k) * stride + stride - 1] = pattern;
  });
  return {
    name,
    dataType,
    shape,
    dimensions: ["z", "y", "x"],
    attributes: {},
    readBox: async (box) => extractBox(dataType, values, shape, box),
  };
}
