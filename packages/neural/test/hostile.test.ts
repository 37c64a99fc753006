import { isFieldzipError, limits } from "@fieldzip/core";
import { readHeader, type StreamHeader, sectionKinds, writeStream } from "@fieldzip/core/stream";
import { createDecoder } from "@fieldzip/kernels";
import type { NetworkShape } from "@fieldzip/kernels/network";
import { describe, expect, test } from "vitest";
import { seeded } from "../../core/test/support/fields.js";
import { reseal } from "../../core/test/support/reseal.js";
import { decodeModule } from "../../kernels/src/modules.generated.js";
import { describeNeuralStream, readNeuralStream } from "../src/index.js";
import { writeSideInformation } from "../src/stream/side-information.js";
import { type Example, examples } from "./support/streams.js";

/**
 * Streams that were made up: the decoder ends with a status, the reader with an error of ours; neither traps, hangs
 * or takes memory that the stream has not earned.
 */

const decoder = createDecoder();
/** Largest status that there is. */
const LAST_STATUS = 21;

function statusOf({ type, shape }: Example, bytes: Uint8Array): number {
  const count = shape.reduce((product, extent) => product * extent, 1);
  const { status, values } = decoder.decode(bytes, type, count);
  expect(status).toBeGreaterThanOrEqual(0);
  expect(status).toBeLessThanOrEqual(LAST_STATUS);
  expect(values === undefined).toBe(status !== 0);
  return status;
}

/** Whether the reader takes it; an error that is not ours fails the test. */
function isRead(bytes: Uint8Array): boolean {
  try {
    readNeuralStream(bytes);
    describeNeuralStream(bytes, readHeader(bytes, "stream"));
    return true;
  } catch (error) {
    if (!isFieldzipError(error)) throw error;
    return false;
  }
}

function sectionOf(header: StreamHeader, kind: number) {
  return header.sections.find((section) => section.kind === kind)!;
}

describe.each(examples().map((example) => [example.name, example] as const))("%s", (_, example) => {
  const { bytes } = example;
  const header = readHeader(bytes, "test");
  const side = sectionOf(header, sectionKinds.sideInformation);

  test("is sound", () => {
    expect(statusOf(example, bytes)).toBe(0);
    expect(isRead(bytes)).toBe(true);
  });

  test("cut off anywhere", () => {
    for (let length = 0; length < bytes.length; length++) {
      const part = bytes.slice(0, length);
      expect(statusOf(example, part)).not.toBe(0);
      expect(isRead(part)).toBe(false);
    }
  });

  test("every section with any length", () => {
    const entry = 12 + 4 * example.shape.length;
    for (const [k, { kind, offset, length }] of header.sections.entries()) {
      // Fewer exceptions are good ones.
      if (kind === sectionKinds.exceptions) continue;
      for (let left = 0; left < length; left += 1 + (length >> 5)) {
        const shorter = new Uint8Array(bytes.length - length + left);
        shorter.set(bytes.subarray(0, offset + left));
        shorter.set(bytes.subarray(offset + length), offset + left);
        new DataView(shorter.buffer).setUint32(entry + 12 * k + 4, left, true);
        expect(statusOf(example, reseal(shorter))).not.toBe(0);
        isRead(shorter);
      }
    }
  });

  test("every byte of the side information set to every interesting value", () => {
    for (let at = side.offset; at < side.offset + side.length; at++) {
      for (const value of [0, 1, 4, 17, 127, 255]) {
        const mutated = bytes.slice();
        mutated[at] = value;
        statusOf(example, reseal(mutated));
        if (value === 255) isRead(mutated);
      }
    }
  });

  test("mutated anywhere", () => {
    const random = seeded(bytes.length);
    const started = performance.now();
    let accepted = 0;
    for (let round = 0; round < 1500; round++) {
      const mutated = bytes.slice();
      for (let k = 1 + Math.floor(random() * 4); k > 0; k--) {
        const within = random() < 0.5 ? side.length : bytes.length - side.offset;
        const at = side.offset + Math.floor(random() * within);
        mutated[at] =
          random() < 0.5 ? Math.floor(random() * 256) : [0, 1, 255, 128][Math.floor(random() * 4)];
      }
      if (statusOf(example, reseal(mutated)) === 0) accepted++;
    }
    expect(accepted).toBeLessThan(1500);
    expect(performance.now() - started, "no mutation makes decoding slow").toBeLessThan(30_000);
  });
});

/** A decoder's instance: the memory it took can be seen. */
function bytesTakenBy(stream: Uint8Array, count: number): { status: number; bytes: number } {
  const module = new WebAssembly.Module(Buffer.from(decodeModule, "base64"));
  const kernel = new WebAssembly.Instance(module, {}).exports as unknown as {
    memory: WebAssembly.Memory;
    reserve(inputLength: number, outputLength: number): number;
    decode(inputLength: number, type: number, count: number): number;
  };
  const at = kernel.reserve(stream.length, 4 * count) >>> 0;
  new Uint8Array(kernel.memory.buffer, at, stream.length).set(stream);
  const status = kernel.decode(stream.length, 1, count);
  return { status, bytes: kernel.memory.buffer.byteLength };
}

describe("networks that are too large", () => {
  const small: NetworkShape = {
    ...{ dimensions: 2, outputs: 1, levels: [], mapping: "learned", frequencies: 4 },
    ...{ widths: [8], firstBias: true, activation: "relu" },
  };
  const grid = (features: number, nodes: number) => ({ features, nodes: [nodes, nodes] });
  test.each<[string, Partial<NetworkShape>]>([
    ["wide layers", { widths: [65536, 65536] }],
    ["wider layers than there may be", { widths: [65537] }],
    ["as many layers as there may be, all wide", { widths: new Array(32).fill(65536) }],
    ["more layers than there may be", { widths: new Array(33).fill(8) }],
    ["no layer", { widths: [] }],
    ["a layer of nothing", { widths: [0] }],
    ["many frequencies", { frequencies: 65536 }],
    ["fine grids", { levels: new Array(16).fill(grid(64, 2 ** 24)) }],
    ["finer grids than there may be", { levels: [grid(1, 2 ** 24 + 1)] }],
    ["grids whose size wraps", { levels: [grid(64, 2 ** 15), grid(64, 2 ** 15)] }],
    ["more grids than there may be", { levels: new Array(17).fill(grid(1, 1)) }],
    ["a grid without nodes", { levels: [grid(1, 0)] }],
    ["a grid without features", { levels: [grid(0, 1)] }],
    ["one parameter too many for the model's bytes", { levels: [grid(4, 256)] }],
  ])("%s", (_, change) => {
    const shape = { ...small, ...change };
    const side = writeSideInformation({
      variables: [{ kind: "output", scaling: { offset: 0, scale: 1, range: 1 } }],
      axes: [
        { length: 10, low: 0, total: 10 },
        { length: 10, low: 0, total: 10 },
      ],
      ...{ shape, masks: [] },
      formats: new Array(80).fill({ format: "integer", steps: Float32Array.of(1) }),
    });
    // A code of zeros says zeros, as many as are asked for.
    const stream = writeStream(
      "float32",
      3,
      [10, 10],
      [
        { kind: sectionKinds.sideInformation, bytes: side },
        { kind: sectionKinds.model, bytes: new Uint8Array(8) },
      ],
      "best-effort",
    );
    const { status, bytes } = bytesTakenBy(stream, 100);
    expect(status).toBe(12);
    expect(bytes).toBeLessThan(2 ** 22);
    expect(isRead(stream)).toBe(false);
  });

  test("a code of zeros is one of a network that is small enough", () => {
    expect(limits.network.parameters(100, 8)).toBe(2 ** 16 + 4096 * 8);
    expect(limits.network.weights(8)).toBe(2 ** 14 + 16 * 8);
  });
});
