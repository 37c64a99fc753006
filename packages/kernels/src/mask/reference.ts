/** The mask's range coder in plain loops: the truth that `kernel.ts` is held to. */
import type { Geometry } from "../geometry.js";

const SHIFT = 4;

/** The context of the value at index `i`, from mask values before it. */
function contextOf(mask: ArrayLike<number>, { depth, height, width }: Geometry, i: number): number {
  const x = i % width;
  const y = Math.floor(i / width) % height;
  const slice = Math.floor(i / (width * height));
  const at = (inside: boolean, back: number) => (inside ? mask[i - back] : 0);
  const behind = slice % depth > 0 ? width * height : width * height * depth;
  return (
    at(x > 0, 1) +
    2 * at(x > 1, 2) +
    4 * at(y > 0, width) +
    8 * at(y > 0 && x > 0, width + 1) +
    16 * at(y > 0 && x + 1 < width, width - 1) +
    32 * at(y > 1, 2 * width) +
    64 * at(slice % depth > 0 || slice >= depth, behind)
  );
}

function adapt(probabilities: number[], context: number, bit: number): void {
  const p = probabilities[context];
  probabilities[context] = bit ? p - (p >> SHIFT) : p + ((4096 - p) >> SHIFT);
}

/** The mask section. */
export function encodeMaskReference(mask: ArrayLike<number>, geometry: Geometry): Uint8Array {
  const probabilities = new Array<number>(128).fill(2048);
  // The code as one long number, whose bytes are settled as they leave the range: carries ripple back.
  const bytes: number[] = [];
  const carry = () => {
    let k = bytes.length - 1;
    while (bytes[k] === 255) bytes[k--] = 0;
    bytes[k]++;
  };
  let low = 0;
  let range = 0xffffffff;
  const shift = () => {
    if (low >= 2 ** 32) {
      carry();
      low -= 2 ** 32;
    }
    bytes.push(Math.floor(low / 2 ** 24));
    low = (low % 2 ** 24) * 256;
  };
  bytes.push(0);
  for (let i = 0; i < mask.length; i++) {
    const context = contextOf(mask, geometry, i);
    const bound = (range >>> 12) * probabilities[context];
    if (mask[i]) {
      low += bound;
      range -= bound;
    } else {
      range = bound;
    }
    adapt(probabilities, context, mask[i]);
    while (range < 2 ** 24) {
      range *= 256;
      shift();
    }
  }
  for (let k = 0; k < 4; k++) shift();
  return Uint8Array.from(bytes);
}

/** The mask back; throws where the section does not end where it should. */
export function decodeMaskReference(
  section: Uint8Array,
  geometry: Geometry,
  count: number,
): Uint8Array {
  const probabilities = new Array<number>(128).fill(2048);
  const mask = new Uint8Array(count);
  let code = 0;
  let at = 0;
  const next = () => {
    if (at === section.length) throw new RangeError("the section is damaged");
    code = ((code * 256) % 2 ** 32) + section[at++];
  };
  for (let k = 0; k < 5; k++) next();
  let range = 0xffffffff;
  for (let i = 0; i < count; i++) {
    const context = contextOf(mask, geometry, i);
    const bound = (range >>> 12) * probabilities[context];
    mask[i] = code >= bound ? 1 : 0;
    if (mask[i]) {
      code -= bound;
      range -= bound;
    } else {
      range = bound;
    }
    adapt(probabilities, context, mask[i]);
    while (range < 2 ** 24) {
      range *= 256;
      next();
    }
  }
  if (at !== section.length) throw new RangeError("the section is damaged");
  return mask;
}
