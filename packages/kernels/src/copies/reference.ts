/** Copies in plain loops: the truth that `kernel.ts` is held to. */
import {
  BinaryDecoderReference,
  BinaryEncoderReference,
  probabilities,
} from "../binary/reference.js";
import type { Geometry } from "../geometry.js";

const NEW = 5;
const COPIED = 2;

/** The four distances used last, and the two choices before. */
function startOf({ height, width }: Geometry) {
  return {
    recent: [1, 2, width, height * width],
    context: 0,
    choices: probabilities(36 * 5),
    lengths: probabilities(32),
  };
}

function remember(recent: number[], distance: number, place: number): void {
  recent.splice(Math.min(place, 3), 1);
  recent.unshift(distance);
}

/** The copies section: `mask` has 2 where a value is copied, `distances` from how far. */
export function encodeCopiesReference(
  mask: ArrayLike<number>,
  distances: ArrayLike<number>,
  geometry: Geometry,
): Uint8Array {
  const state = startOf(geometry);
  const encoder = new BinaryEncoderReference();
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 1) continue;
    const place = state.recent.indexOf(distances[i]);
    const choice = mask[i] !== COPIED ? 0 : place < 0 ? NEW : place + 1;
    for (let k = 0; k < choice; k++) encoder.encode(state.choices, state.context * 5 + k, 1);
    if (choice < NEW) encoder.encode(state.choices, state.context * 5 + choice, 0);
    state.context = (state.context % 6) * 6 + choice;
    if (choice === 0) continue;
    if (choice === NEW) {
      const bits = distances[i].toString(2).slice(1);
      for (let k = 0; k < bits.length; k++) encoder.encode(state.lengths, k, 1);
      if (bits.length < 31) encoder.encode(state.lengths, bits.length, 0);
      for (const bit of bits) encoder.encodeEven(Number(bit));
    }
    remember(state.recent, distances[i], choice === NEW ? 4 : choice - 1);
  }
  return encoder.finish();
}

/** Sets the copied values in `mask` and returns all distances; throws where the section is damaged. */
export function decodeCopiesReference(
  section: Uint8Array,
  mask: Uint8Array,
  geometry: Geometry,
): Uint32Array {
  const state = startOf(geometry);
  const decoder = new BinaryDecoderReference(section);
  const distances = new Uint32Array(mask.length);
  for (let i = 0; i < mask.length; i++) {
    if (mask[i]) continue;
    let choice = 0;
    while (choice < NEW && decoder.decode(state.choices, state.context * 5 + choice)) choice++;
    state.context = (state.context % 6) * 6 + choice;
    if (choice === 0) continue;
    let distance = state.recent[choice - 1];
    if (choice === NEW) {
      let bits = 0;
      while (bits < 31 && decoder.decode(state.lengths, bits)) bits++;
      distance = 1;
      for (let k = 0; k < bits; k++) distance = 2 * distance + decoder.decodeEven();
    }
    remember(state.recent, distance, choice === NEW ? 4 : choice - 1);
    if (distance > i) throw new RangeError("the section is damaged");
    mask[i] = COPIED;
    distances[i] = distance;
  }
  decoder.finish();
  return distances;
}
