/** The mask's coder in plain loops: the truth that `kernel.ts` is held to. */
import {
  BinaryDecoderReference,
  BinaryEncoderReference,
  probabilities,
} from "../binary/reference.js";
import type { Geometry } from "../geometry.js";

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

/** The mask section. */
export function encodeMaskReference(mask: ArrayLike<number>, geometry: Geometry): Uint8Array {
  const table = probabilities(128);
  const encoder = new BinaryEncoderReference();
  for (let i = 0; i < mask.length; i++)
    encoder.encode(table, contextOf(mask, geometry, i), mask[i]);
  return encoder.finish();
}

/** The mask back; throws where the section does not end where it should. */
export function decodeMaskReference(
  section: Uint8Array,
  geometry: Geometry,
  count: number,
): Uint8Array {
  const table = probabilities(128);
  const decoder = new BinaryDecoderReference(section);
  const mask = new Uint8Array(count);
  for (let i = 0; i < count; i++) mask[i] = decoder.decode(table, contextOf(mask, geometry, i));
  decoder.finish();
  return mask;
}
