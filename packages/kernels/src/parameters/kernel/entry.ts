/** What an array's entry of the table says; see `offsets.ts`. */
import { PARAMETERS_EXTENTS, PARAMETERS_RANK } from "../offsets";

// @ts-ignore: decorator
@inline
export function extentAt(entry: usize, axis: i32): usize {
  return <usize>load<u32>(entry + PARAMETERS_EXTENTS + (<usize>axis << 2));
}

// @ts-ignore: decorator
@inline
export function rankOf(entry: usize): i32 {
  return load<i32>(entry, PARAMETERS_RANK);
}

export function countOf(entry: usize): usize {
  let count: usize = 1;
  for (let axis = 0; axis < rankOf(entry); axis++) count *= extentAt(entry, axis);
  return count;
}

/** Extent of the last axis. */
export function featuresOf(entry: usize): usize {
  return extentAt(entry, rankOf(entry) - 1);
}
