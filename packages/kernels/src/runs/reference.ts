/** Runs of a mask in plain loops: the truth that `kernel.ts` is held to. Any number but 0 marks a masked value. */

export function encodeRunsReference(mask: ArrayLike<number>): Uint8Array {
  const bytes: number[] = [];
  let masked = false;
  for (let at = 0; at < mask.length; masked = !masked) {
    let run = 0;
    while (at < mask.length && (mask[at] !== 0) === masked) {
      run++;
      at++;
    }
    for (; run >= 128; run >>>= 7) bytes.push((run & 127) | 128);
    bytes.push(run);
  }
  return Uint8Array.from(bytes);
}

/** 1 for every masked value of `count`. */
export function decodeRunsReference(section: Uint8Array, count: number): Uint8Array {
  const mask = new Uint8Array(count);
  let masked = 0;
  for (let from = 0, at = 0; from < section.length; masked ^= 1) {
    let run = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = section[from++];
      run += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    mask.fill(masked, at, at + run);
    at += run;
  }
  return mask;
}
