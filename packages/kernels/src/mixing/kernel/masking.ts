/** Coding of a mask, value by value, under what is masked around and how large residuals are there. */
import { decide8, FAMILY, familySize, openFamily, setContext } from "./decisions";
import { masked } from "./parameters";
import {
  above, above2, before, beforeEast, beforeSouth, NOTE_CLASS, noteOf, northEast, northWest, west, west2,
} from "./places";

const BITS: u32 = 13;
const family: usize = memory.data(FAMILY, 16);
/** Mask bits of the values before. */
let recent: u32 = 0;

export function maskSize(): usize {
  return masked ? familySize(8, BITS, 4 + 256) : 0;
}

export function openMask(room: usize): void {
  openFamily(family, room, 8, BITS, 4, 256);
  recent = 0;
}

/** 0 or 1, and 2 outside the chunk. */
// @ts-ignore: decorator
@inline
function maskAt(mask: usize, place: i32): u32 {
  return place >= 0 ? <u32>load<u8>(mask + place) : 2;
}

/** 0 for none, masked or outside; else by the class. */
// @ts-ignore: decorator
@inline
function classAt(mask: usize, place: i32): u32 {
  if (place < 0 || load<u8>(mask + place)) return 0;
  return min<u32>(15, load<u32>(noteOf(place), NOTE_CLASS) / 2 + 1);
}

export function codeMask(mask: usize, place: i32, bit: u32): u32 {
  const w = maskAt(mask, west), n = maskAt(mask, above), p = maskAt(mask, before);
  const around = w + 3 * n + 9 * p + 27 * maskAt(mask, northEast) + 81 * maskAt(mask, northWest);
  const east = maskAt(mask, beforeEast), south = maskAt(mask, beforeSouth);
  const w2 = maskAt(mask, west2), n2 = maskAt(mask, above2);
  setContext(0, around);
  setContext(1, (p + 3 * east + 9 * south + 27 * w + 81 * n) * 3 + w2);
  setContext(2, around * 9 + w2 * 3 + n2);
  setContext(3, classAt(mask, west) + 16 * classAt(mask, above) + 256 * p);
  setContext(4, (recent & 255) + 256 * w);
  setContext(5, (around * 3 + east) * 9 + n2 * 3 + south);
  setContext(6, recent & 4095);
  const hidden = decide8(family, p, around, bit);
  recent = recent * 2 + hidden;
  return hidden;
}
