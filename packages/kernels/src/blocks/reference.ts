/** Residual blocks in plain loops: the truth that `kernel.ts` is held to. Zigzag integers are BigInts, of 32 or 64 bits. */

const BLOCK = 16;
/** Symbol of a block of zeros after another width; after zeros it is 0. */
const ZEROS = 3;

/** A section "residual blocks" (`spec/stream.md`). */
export function encodeBlocksReference(residuals: readonly bigint[], bits: 32 | 64): Uint8Array {
  const lanes = 128 / bits;
  const widths: number[] = [];
  const quotients: number[] = [];
  const low: boolean[][] = Array.from({ length: lanes }, () => []);
  let before = 0;
  let afterZeros = false;
  for (let from = 0; from < residuals.length; from += BLOCK) {
    const block = Array.from({ length: BLOCK }, (_, k) => residuals[from + k] ?? 0n);
    if (block.every((value) => value === 0n)) {
      widths.push(afterZeros ? 0 : ZEROS);
      afterZeros = true;
      continue;
    }
    const width = widthFor(block, bits);
    const difference = (((width - before) % bits) + bits) % bits;
    const signed = difference >= bits / 2 ? difference - bits : difference;
    const zigzagged = signed < 0 ? -2 * signed - 1 : 2 * signed;
    widths.push(afterZeros || zigzagged >= ZEROS ? zigzagged + 1 : zigzagged);
    before = width;
    afterZeros = false;
    block.forEach((value, k) => {
      quotients.push(Number(value >> BigInt(width)));
      for (let bit = 0; bit < width; bit++) {
        low[k % lanes].push(((value >> BigInt(bit)) & 1n) === 1n);
      }
    });
  }
  return joinBlocks(low, unary(quotients), unary(widths), bits);
}

/** About log2 of the mean, less than the largest value's bits, and so large that no quotient is over 15. */
function widthFor(block: readonly bigint[], bits: number): number {
  const most = block.reduce((all, value) => all | value, 0n).toString(2).length;
  const dropped = most > bits - 5 ? 5n : 0n;
  const sum = block.reduce((total, value) => total + (value >> dropped), 0n);
  const mean = (sum + (sum >> 4n)) >> 4n;
  const best = (mean | 1n).toString(2).length - 1 + Number(dropped);
  return Math.max(Math.min(best, most - 1), Math.max(most - 4, 0));
}

function unary(numbers: readonly number[]): Uint8Array {
  const bits = numbers.flatMap((number) => [...new Array<boolean>(number).fill(false), true]);
  return bytesOfBits(bits);
}

function bytesOfBits(bits: readonly boolean[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, k) => {
    if (bit) bytes[k >> 3] |= 1 << (k & 7);
  });
  return bytes;
}

function joinBlocks(
  low: readonly boolean[][],
  quotients: Uint8Array,
  widths: Uint8Array,
  bits: number,
): Uint8Array {
  const words = Math.ceil(low[0].length / bits);
  const bytes = new Uint8Array(8 + words * 16 + quotients.length + widths.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, quotients.length, true);
  view.setUint32(4, widths.length, true);
  low.forEach((lane, j) => {
    const packed = bytesOfBits(lane);
    packed.forEach((byte, k) => {
      const word = Math.floor((8 * k) / bits);
      bytes[8 + word * 16 + (j * bits) / 8 + (k % (bits / 8))] = byte;
    });
  });
  bytes.set(quotients, 8 + words * 16);
  bytes.set(widths, 8 + words * 16 + quotients.length);
  return bytes;
}

/** The first `count` zigzag integers of a section, and how many bits were spent on each one's low bits and quotient. */
export function decodeBlocksReference(
  section: Uint8Array,
  count: number,
  bits: 32 | 64,
): { residuals: bigint[]; spent: number[] } {
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  const quotientsLength = view.getUint32(0, true);
  const widthsLength = view.getUint32(4, true);
  const lowEnd = section.length - quotientsLength - widthsLength;
  const blocks = Math.ceil(count / BLOCK);
  const symbols = numbersOf(section.subarray(lowEnd + quotientsLength), blocks);
  const quotients = numbersOf(section.subarray(lowEnd, lowEnd + quotientsLength));
  const lanes = 128 / bits;
  const lowBit = (lane: number, at: number) => {
    const byte = 8 + Math.floor(at / bits) * 16 + (lane * bits) / 8 + ((at % bits) >> 3);
    return BigInt((section[byte] >> (at & 7)) & 1);
  };
  const residuals: bigint[] = [];
  const spent: number[] = [];
  let width = 0;
  let afterZeros = false;
  let next = 0;
  let at = 0;
  for (const symbol of symbols) {
    if (symbol === (afterZeros ? 0 : ZEROS)) {
      afterZeros = true;
      for (let k = 0; k < BLOCK; k++) residuals.push(0n);
      for (let k = 0; k < BLOCK; k++) spent.push(0);
      continue;
    }
    const zigzagged = symbol - (afterZeros || symbol > ZEROS ? 1 : 0);
    const difference = zigzagged % 2 === 0 ? zigzagged / 2 : -(zigzagged + 1) / 2;
    width = (((width + difference) % bits) + bits) % bits;
    afterZeros = false;
    for (let k = 0; k < BLOCK; k++) {
      const from = at + Math.floor(k / lanes) * width;
      let value = 0n;
      for (let bit = 0; bit < width; bit++) value |= lowBit(k % lanes, from + bit) << BigInt(bit);
      const quotient = quotients[next++];
      residuals.push(BigInt.asUintN(bits, value | (BigInt(quotient) << BigInt(width))));
      spent.push(width + quotient + 1);
    }
    at += (BLOCK / lanes) * width;
  }
  return { residuals: residuals.slice(0, count), spent: spent.slice(0, count) };
}

/** Numbers of a unary stream: all, or the first `most`. */
function numbersOf(bytes: Uint8Array, most = Number.POSITIVE_INFINITY): number[] {
  const numbers: number[] = [];
  let zeros = 0;
  for (let bit = 0; bit < 8 * bytes.length && numbers.length < most; bit++) {
    if ((bytes[bit >> 3] >> (bit & 7)) & 1) {
      numbers.push(zeros);
      zeros = 0;
    } else {
      zeros++;
    }
  }
  return numbers;
}
