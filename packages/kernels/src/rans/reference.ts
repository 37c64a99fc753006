/** The range coder in plain loops: the truth that `kernel.ts` is held to. */
import { activityReference, spreadReference } from "../contexts/reference.js";
import { countOfGeometry, type Geometry, PROBABILITY_BITS } from "../geometry.js";

const TOTAL = 2 ** PROBABILITY_BITS;
const LOW = 2 ** 15;

interface Contexts {
  /** Context of every activity. */
  readonly map: ArrayLike<number>;
  /** Class frequencies of every context; they sum to TOTAL. */
  readonly frequencies: readonly ArrayLike<number>[];
}

function startOf(frequencies: ArrayLike<number>, symbol: number): number {
  let start = 0;
  for (let k = 0; k < symbol; k++) start += frequencies[k];
  return start;
}

/** Per value the frequencies that its class is coded with; undefined where it is masked and not coded. */
function frequenciesOf(
  classes: readonly number[],
  geometry: Geometry,
  contexts: Contexts,
  mask: ArrayLike<number> | undefined,
) {
  const known: number[] = [];
  return classes.map((symbol, i) => {
    const frequencies = contexts.frequencies[contexts.map[activityReference(known, geometry, i)]];
    known.push(mask?.[i] ? 0 : symbol);
    const { width } = geometry;
    if (mask && (i + 1) % width === 0) spreadReference(known, mask, i + 1 - width, width);
    return mask?.[i] ? undefined : frequencies;
  });
}

/** The residual classes section: eight states, then 16-bit words, little-endian. */
export function encodeClassesReference(
  classes: readonly number[],
  geometry: Geometry,
  contexts: Contexts,
  mask?: ArrayLike<number>,
): Uint8Array {
  const states = new Array<number>(8).fill(LOW);
  const words: number[] = [];
  const all = frequenciesOf(classes, geometry, contexts, mask);
  for (let i = classes.length - 1; i >= 0; i--) {
    const frequencies = all[i];
    if (!frequencies) continue;
    const k = (i % geometry.width) % 8;
    const frequency = frequencies[classes[i]];
    if (states[k] >= frequency * 2 ** (31 - PROBABILITY_BITS)) {
      words.unshift(states[k] % 65536);
      states[k] = Math.floor(states[k] / 65536);
    }
    states[k] =
      Math.floor(states[k] / frequency) * TOTAL +
      (states[k] % frequency) +
      startOf(frequencies, classes[i]);
  }
  const bytes = new DataView(new ArrayBuffer(32 + 2 * words.length));
  states.forEach((state, k) => {
    bytes.setUint32(4 * k, state, true);
  });
  words.forEach((word, k) => {
    bytes.setUint16(32 + 2 * k, word, true);
  });
  return new Uint8Array(bytes.buffer);
}

/** The classes back; throws where the section does not end where it should. */
export function decodeClassesReference(
  section: Uint8Array,
  geometry: Geometry,
  contexts: Contexts,
  mask?: ArrayLike<number>,
): number[] {
  const view = new DataView(section.buffer, section.byteOffset, section.byteLength);
  const states = Array.from({ length: 8 }, (_, k) => view.getUint32(4 * k, true));
  const classes: number[] = [];
  const known: number[] = [];
  const { width } = geometry;
  let at = 32;
  for (let i = 0; i < countOfGeometry(geometry); i++) {
    let symbol = 0;
    if (!mask?.[i]) {
      const k = (i % width) % 8;
      const frequencies = contexts.frequencies[contexts.map[activityReference(known, geometry, i)]];
      const slot = states[k] % TOTAL;
      let start = 0;
      while (start + frequencies[symbol] <= slot) start += frequencies[symbol++];
      states[k] = frequencies[symbol] * Math.floor(states[k] / TOTAL) + slot - start;
      if (states[k] < LOW) {
        states[k] = states[k] * 65536 + view.getUint16(at, true);
        at += 2;
      }
    }
    classes.push(symbol);
    known.push(symbol);
    if (mask && (i + 1) % width === 0) spreadReference(known, mask, i + 1 - width, width);
  }
  if (at !== section.length || states.some((state) => state !== LOW))
    throw new RangeError("the section is damaged");
  return classes;
}
