import { expect, test } from "vitest";
import { compileEmbedded, grow, instantiate, type KernelExports } from "../src/instance.js";
import { encodeModule } from "../src/modules.generated.js";

interface CrcExports extends KernelExports {
  heap(): number;
  buildCrcTables(): void;
  crc32c(from: number, length: number): number;
}

/** Bit by bit, straight from the polynomial. */
function reference(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

test("checksums of every kind of length, folded and not", () => {
  const kernel = instantiate<CrcExports>(compileEmbedded(encodeModule));
  kernel.buildCrcTables();
  const from = (kernel.heap() >>> 0) + 64;
  grow(kernel.memory, from + 70_000);
  const bytes = new Uint8Array(kernel.memory.buffer, from, 65_536);
  let state = 1;
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  const lengths = [0, 1, 7, 8, 9, 100, 5275, 8191, 8192, 8193, 8200, 10_550, 13_467, 13_468];
  for (let length = 16_384; length < 16_420; length++) lengths.push(length);
  for (const length of [...lengths, 24_659, 40_000, 65_535]) {
    for (const start of [0, 1, 5]) {
      if (start + length > bytes.length) continue;
      const expected = reference(bytes.subarray(start, start + length));
      expect(kernel.crc32c(from + start, length) >>> 0, `${length} from ${start}`).toBe(expected);
    }
  }
  const check = new TextEncoder().encode("123456789");
  bytes.set(check);
  expect(kernel.crc32c(from, check.length) >>> 0).toBe(0xe3069283);
});
