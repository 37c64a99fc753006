/** The encoder's looks at a chunk before it is predicted: masks, lattices, copies, samples. Exports of fieldzip-encode.wasm. */
import { findCopies } from "../copy-search/kernel";
import { fillMasked } from "../fill/kernel";
import { misfits } from "../lattice-fit/kernel";
import { markPattern } from "../pattern/kernel";
import { gatherSamples } from "../samples/kernel";

export function fillMasked32(
  values: usize, mask: usize, slices: i32, depth: i32, height: i32, width: i32, bandRows: i32,
): void {
  fillMasked<i32>(values, mask, slices, depth, height, width, bandRows);
}

export function fillMasked64(
  values: usize, mask: usize, slices: i32, depth: i32, height: i32, width: i32, bandRows: i32,
): void {
  fillMasked<i64>(values, mask, slices, depth, height, width, bandRows);
}

export function findCopies32(
  values: usize, kinds: usize, distances: usize, count: u32, height: i32, width: i32, tables: usize, bits: u32,
): u32 {
  return findCopies<u32>(values, kinds, distances, count, height, width, tables, bits);
}

export function findCopies64(
  values: usize, kinds: usize, distances: usize, count: u32, height: i32, width: i32, tables: usize, bits: u32,
): u32 {
  return findCopies<u64>(values, kinds, distances, count, height, width, tables, bits);
}

export function gatherSamplesFloat32(
  values: usize, mask: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32, bands: i32,
  kind: i32, sources: usize, count: i32, columns: i32, wanted: i32, samples: usize, magnitude: usize,
): i32 {
  return gatherSamples<f32>(
    values, mask, outer, depth, height, width, bandRows, bands, kind, sources, count, columns, wanted, samples, magnitude,
  );
}

export function gatherSamplesFloat64(
  values: usize, mask: usize, outer: i32, depth: i32, height: i32, width: i32, bandRows: i32, bands: i32,
  kind: i32, sources: usize, count: i32, columns: i32, wanted: i32, samples: usize, magnitude: usize,
): i32 {
  return gatherSamples<f64>(
    values, mask, outer, depth, height, width, bandRows, bands, kind, sources, count, columns, wanted, samples, magnitude,
  );
}

export function misfitsFloat32(values: usize, mask: usize, count: u32, lattice: usize, most: u32, places: usize): u32 {
  return misfits<f32>(values, mask, count, lattice, most, places);
}

export function misfitsFloat64(values: usize, mask: usize, count: u32, lattice: usize, most: u32, places: usize): u32 {
  return misfits<f64>(values, mask, count, lattice, most, places);
}

export function markPattern32(values: usize, count: usize, low: i32, high: i32, mask: usize): u32 {
  return markPattern<i32>(values, count, low, mask);
}

export function markPattern64(values: usize, count: usize, low: u32, high: u32, mask: usize): u32 {
  return markPattern<i64>(values, count, <i64>((<u64>high << 32) | <u64>low), mask);
}
