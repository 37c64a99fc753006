import type { ShareCoder } from "./coder.js";
import { FamilyReference } from "./decisions.js";
import type { Neighbours, Note } from "./places.js";

/** Coding of a mask value by value, in plain loops: `mixing/kernel/masking.ts`. */
export class MaskReference {
  private readonly family: FamilyReference;
  private recent = 0;

  constructor(
    coder: ShareCoder,
    private readonly mask: Uint8Array,
    private readonly notes: readonly Note[],
  ) {
    this.family = new FamilyReference(coder, 8, 13, 4, 256);
  }

  code(near: Neighbours, bit: number): number {
    const at = (place: number | undefined) => (place === undefined ? 2 : this.mask[place]);
    const classAt = (place: number | undefined) =>
      place === undefined || this.mask[place] ? 0 : Math.min(15, (this.notes[place].kind >> 1) + 1);
    const { west, above, before } = near;
    const [w, n, p, w2, n2] = [west, above, before, near.west2, near.above2].map(at);
    const around = w + 3 * n + 9 * p + 27 * at(near.northEast) + 81 * at(near.northWest);
    const east = at(near.beforeEast);
    const south = at(near.beforeSouth);
    const contexts = [
      around,
      (p + 3 * east + 9 * south + 27 * w + 81 * n) * 3 + w2,
      around * 9 + w2 * 3 + n2,
      classAt(west) + 16 * classAt(above) + 256 * p,
      (this.recent & 255) + 256 * w,
      (around * 3 + east) * 9 + n2 * 3 + south,
      this.recent & 4095,
    ];
    const hidden = this.family.decide(contexts, p, around, bit);
    this.recent = (this.recent * 2 + hidden) >>> 0;
    return hidden;
  }
}
