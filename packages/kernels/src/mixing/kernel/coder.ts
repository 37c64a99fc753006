/**
 * The binary range coder of the mixed model: `binary/kernel.ts` with 16-bit probabilities that a model
 * gives, and even bits several at a time. One model text codes and decodes: `encoding` says which.
 */
import { decodeShare, decodeUniform, encodeShare, encodeUniform, startDecoder, startEncoder } from "../../binary/kernel";

/** Even bits that are coded at once. */
const GROUP: u32 = 12;

let encoding: bool = false;

export function openCoder(toEncode: bool, bytes: usize, length: u32): bool {
  encoding = toEncode;
  if (toEncode) {
    startEncoder(bytes);
    return true;
  }
  return startDecoder(bytes, length);
}

// @ts-ignore: decorator
@inline
export function isEncoding(): bool {
  return encoding;
}

/** Codes a bit that is 1 with `probability` / 65536 (1 to 65535); returns it. */
// @ts-ignore: decorator
@inline
export function codeBit(probability: u32, bit: u32): u32 {
  if (encoding) {
    encodeShare(65536 - probability, bit);
    return bit;
  }
  return decodeShare(65536 - probability);
}

/** Codes `count` even bits, the highest first. */
export function codeEven(value: u64, count: u32): u64 {
  let left = count;
  let decoded: u64 = 0;
  while (left > 0) {
    const group = min<u32>(left, GROUP);
    left -= group;
    if (encoding) encodeUniform(<u32>(value >> left) & ((1 << group) - 1), group);
    else decoded = (decoded << group) | <u64>decodeUniform(group);
  }
  return encoding ? value : decoded;
}
