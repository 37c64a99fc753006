import type { ShareCoder } from "./coder.js";
import { FamilyReference } from "./decisions.js";
import type { MixedSide } from "./parameters.js";

/** Values that stand in the chunk already, in plain loops: `mixing/kernel/repeats.ts`. */

const GOLDEN = 0x9e3779b97f4a7c15n;
const OTHER = 0xc2b2ae3d27d4eb4fn;
const CANDIDATES = 6;

export class RepeatsReference {
  private readonly family: FamilyReference;
  private readonly hashBits: number;
  private readonly byOne = new Map<bigint, number>();
  private readonly byTwo = new Map<bigint, number>();
  private readonly distances: number[][];
  private readonly hits: number[][];
  private recent = 0;
  private forward = -1;
  private backward = -1;
  private forwardLength = 0;
  private backwardLength = 0;

  constructor(
    coder: ShareCoder,
    side: MixedSide,
    count: number,
    private readonly bitsAt: (place: number) => bigint,
    private readonly isMasked: (place: number) => boolean,
  ) {
    const { outer, depth, height, width, phases, stride } = side;
    this.family = new FamilyReference(coder, 8, 13, 16, 512);
    this.hashBits = Math.min(18, Math.max(8, 32 - Math.clz32(count)));
    const last = outer * depth > 1 ? height * width : width + 1;
    this.distances = Array.from({ length: phases }, () => [
      1,
      stride > 1 ? stride : 2,
      width,
      last,
    ]);
    this.hits = Array.from({ length: phases }, () => new Array<number>(CANDIDATES).fill(0));
  }

  /** The place of the value that the one at `place` repeats. */
  code(
    place: number,
    phase: number,
    leftClass: number,
    level: number,
    expected: bigint,
    wanted: bigint | undefined,
  ): number | undefined {
    const tried: bigint[] = [];
    for (let k = 0; k < CANDIDATES; k++) {
      const candidate =
        k === 0 ? this.forward : k === 1 ? this.backward : place - this.distances[phase][k - 2];
      if (candidate < 0 || candidate >= place || this.isMasked(candidate)) continue;
      const bits = this.bitsAt(candidate);
      if (tried.includes(bits)) continue;
      const past = this.hits[phase][k];
      const contexts = [
        k * 64 +
          Math.min(k === 1 ? this.backwardLength : this.forwardLength, 15) * 4 +
          (this.recent & 3),
        k * 256 + (this.recent & 255),
        k * 1024 + (phase & 15) * 64 + Math.min(63, leftClass),
        k * 512 + level,
        k * 16 + (bits === expected ? 1 : 0),
        k * 256 + (past & 255),
        k,
      ];
      const sets = [k * 2 + (tried.length > 0 ? 1 : 0), k * 64 + (past & 63)];
      const hit = this.family.decide(contexts, sets[0], sets[1], bits === wanted ? 1 : 0);
      this.hits[phase][k] = (past * 2 + hit) >>> 0;
      this.recent = (this.recent * 2 + hit) >>> 0;
      if (hit) {
        this.moveToFront(phase, place - candidate);
        return candidate;
      }
      tried.push(bits);
    }
    return undefined;
  }

  learn(place: number, phase: number, repeated: boolean): void {
    const bits = this.bitsAt(place);
    const before = place > 0 ? this.bitsAt(place - 1) : 0n;
    const wrap = (value: bigint) => BigInt.asUintN(64, value);
    const top = BigInt(64 - this.hashBits);
    const one = wrap(bits * GOLDEN);
    const slot = one >> top;
    const slotOfTwo = wrap((one * 3n + before * OTHER) * GOLDEN) >> top;
    let last = this.byOne.get(slot) ?? -1;
    let lastOfTwo = this.byTwo.get(slotOfTwo) ?? -1;
    if (last >= 0 && this.bitsAt(last) !== bits) last = -1;
    const same = (at: number) =>
      at > 0 && this.bitsAt(at) === bits && this.bitsAt(at - 1) === before;
    if (!same(lastOfTwo)) lastOfTwo = -1;
    this.byOne.set(slot, place);
    this.byTwo.set(slotOfTwo, place);
    if (!repeated && last >= 0) this.moveToFront(phase, place - last);
    if (this.forward >= 0 && this.bitsAt(this.forward) === bits) {
      this.forwardLength++;
      this.forward++;
    } else {
      this.forwardLength = lastOfTwo >= 0 ? 2 : last >= 0 ? 1 : 0;
      this.forward = lastOfTwo >= 0 ? lastOfTwo + 1 : last >= 0 ? last + 1 : -1;
    }
    if (this.forwardLength < 2 && lastOfTwo >= 0) {
      this.forward = lastOfTwo + 1;
      this.forwardLength = 2;
    }
    if (this.backward >= 0 && this.bitsAt(this.backward) === bits) {
      this.backwardLength++;
      this.backward--;
    } else {
      this.backwardLength = 0;
      this.backward = last - 1;
    }
  }

  private moveToFront(phase: number, distance: number): void {
    const four = this.distances[phase];
    const at = four.indexOf(distance);
    four.splice(at < 0 ? 3 : at, 1);
    four.unshift(distance);
  }
}
