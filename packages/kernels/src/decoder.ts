import { compileEmbedded, instantiate, type KernelExports } from "./instance.js";
import { decodeModule } from "./modules.generated.js";

interface DecodeExports extends KernelExports {
  reserve(inputLength: number, outputLength: number): number;
  decode(inputLength: number, type: number, count: number): number;
  output(): number;
  detail(): number;
}

/** Decodes streams one after another, in its own WebAssembly memory. */
export interface Decoder {
  /**
   * Decodes a whole stream of `count` values. Status 0 is success; `detail` says what another status
   * is about (`assembly/status.ts`). The values are a copy.
   */
  decode(
    stream: Uint8Array,
    type: "float32" | "float64",
    count: number,
  ): { status: number; detail: number; values: Float32Array | Float64Array | undefined };
}

/** Status of a decoder whose engine refuses memory. */
const OUT_OF_MEMORY = 15;
/** Above this much memory the instance is dropped after use, so that one large chunk is not paid for ever. */
const KEEP_BYTES = 256 * 2 ** 20;

let module: WebAssembly.Module | undefined;

export function createDecoder(): Decoder {
  module ??= compileEmbedded(decodeModule);
  const compiled = module;
  let kernel: DecodeExports | undefined;
  return {
    decode(stream, type, count) {
      kernel ??= instantiate<DecodeExports>(compiled);
      const bytesPerValue = type === "float32" ? 4 : 8;
      // Addresses are 32 bits; the largest chunk that limits allow stays far below.
      if (stream.length + count * bytesPerValue > 2 ** 31) {
        return { status: OUT_OF_MEMORY, detail: 0, values: undefined };
      }
      const at = kernel.reserve(stream.length, count * bytesPerValue) >>> 0;
      if (at === 0) return { status: OUT_OF_MEMORY, detail: 0, values: undefined };
      new Uint8Array(kernel.memory.buffer, at, stream.length).set(stream);
      const status = kernel.decode(stream.length, bytesPerValue / 4, count);
      const detail = kernel.detail() >>> 0;
      if (status !== 0) return { status, detail, values: undefined };
      const from = kernel.output() >>> 0;
      const bytes = kernel.memory.buffer.slice(from, from + count * bytesPerValue);
      if (kernel.memory.buffer.byteLength > KEEP_BYTES) kernel = undefined;
      return {
        status,
        detail,
        values: type === "float32" ? new Float32Array(bytes) : new Float64Array(bytes),
      };
    },
  };
}
