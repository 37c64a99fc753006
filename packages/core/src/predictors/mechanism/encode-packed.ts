import {
  bandHeight,
  type Encoder,
  type Geometry,
  type Lattice,
  type Source,
} from "@fieldzip/kernels";
import { bytesOf, type FloatArray, floatTypeOf } from "../../array/data-type.js";
import { type Section, sectionKinds } from "../../stream/header.js";
import { type FitSettings, fitPlan } from "./fit.js";
import { geometryOf } from "./geometry.js";
import { findPackedLattices } from "./packed-lattices.js";
import { guessMask } from "./packed-mask.js";
import { writePacked } from "./side-information.js";

/** An ordinary value that is masked saves about this many bits; its runs must cost less. */
const SAVED_BY_MASK = 3;

/**
 * Errors below this many digits cost the same. More than the data type holds: blocks without any error cost
 * nothing, so that what predicts exactly is better than what rounds to the value nearly always.
 */
const DIGITS = 28;
/** Kinds of a smaller share of the rows are edges. */
const LEAST_SHARE = 0.1;
/** A single row of fewer values stays one. */
const LEAST_DIVIDED = 256;

const settings: FitSettings = {
  samples: 1536,
  edgeSamples: 192,
  share: 1 / 96,
  judged: 1024,
  rounds: [0.5, 0.5, 1],
  sourcesOf: fewSourcesOf,
};

/**
 * Mode 3, "packed": what effort `fast` makes. Everything is decided from samples, nothing is tried, and
 * vectors do the rest. `lattice` is the one that values are known to lie on. The sections' bytes are the kernels' own memory: valid until the encoder is used again.
 */
export function encodePacked(
  values: FloatArray,
  shape: readonly number[],
  kernels: Encoder,
  lattice?: Lattice,
): Section[] {
  const geometry = packedGeometry(shape);
  const size = values.BYTES_PER_ELEMENT;
  const chunk = kernels.openPacked(values, geometry);
  const candidate = guessMask(values);
  let mask = candidate && chunk.mask(candidate.index);
  if (mask && candidate?.ordinary && mask.runs.bytes.length * 8 > mask.masked * SAVED_BY_MASK) {
    chunk.unmask();
    mask = undefined;
  }
  const lattices = findPackedLattices(values, chunk, geometry, lattice);
  chunk.fill();
  const inside = lattices !== undefined && !lattices.alike;
  const plan = fitPlan(chunk, geometry, size === 4 ? DIGITS : DIGITS + 29, {
    ...settings,
    ...(inside ? { sourcesOf: insideSlice } : {}),
    ...(lattices ? { least: 0.5 } : {}),
  });
  const blocks = chunk.pack(plan, lattices?.indexed);
  const fill =
    mask && candidate
      ? bytesOf(values).subarray(candidate.index * size, (candidate.index + 1) * size)
      : undefined;
  const side = writePacked(geometry, plan, floatTypeOf(values), {
    fill,
    lattices: lattices?.lattices,
  });
  const sections: Section[] = [
    { kind: sectionKinds.sideInformation, bytes: side },
    { kind: sectionKinds.residualBlocks, ...blocks },
  ];
  if (lattices && lattices.exceptions.length > 0) {
    sections.push({ kind: sectionKinds.exceptions, bytes: lattices.exceptions });
  }
  if (mask) sections.push({ kind: sectionKinds.mask, ...mask.runs });
  return sections;
}

/**
 * Values in a single row become four, which are restored at once: what no row before predicts loses nothing but
 * the three values at the starts.
 */
function packedGeometry(shape: readonly number[]): Geometry {
  const geometry = geometryOf(shape);
  const { outer, depth, height, width } = geometry;
  if (outer * depth * height > 1 || width % 4 !== 0 || width < LEAST_DIVIDED) return geometry;
  return { outer, depth, height: 4, width: width / 4, bands: 4 };
}

/**
 * Fewer rows than other efforts use: on MHD volumes the three that are left out give 2 % of ratio and take a third of the
 * time that prediction takes. Kinds that few rows are of (edges) get the nearest rows alone, which are learned sooner.
 */
function fewSourcesOf(geometry: Geometry, kind: number): Source[] {
  const above = (kind & 1) !== 0;
  const far = shareOf(geometry, kind) >= LEAST_SHARE;
  const sources: Source[] = [];
  const add = (dt: number, dz: number, dy: number) => sources.push({ dt, dz, dy });
  if (above) {
    add(0, 0, -1);
    if (far) add(0, 0, -2);
  }
  if (kind & 2) {
    add(0, -1, 0);
    if (far) add(0, -2, 0);
    if (above) add(0, -1, -1);
    if (geometry.height > 1) add(0, -1, 1);
  }
  if (kind & 4) {
    add(-1, 0, 0);
    if (far) add(-2, 0, 0);
  }
  return sources;
}

/** Share of the rows that are of a kind. */
function shareOf(geometry: Geometry, kind: number): number {
  const first = [bandHeight(geometry), geometry.depth, geometry.outer];
  return first.reduce(
    (share, rows, bit) => share * (kind & (1 << bit) ? 1 - 1 / rows : 1 / rows),
    1,
  );
}

/** Where slices count in steps of their own, none says anything about the next. */
function insideSlice(geometry: Geometry, kind: number): Source[] {
  return fewSourcesOf({ ...geometry, outer: 1, depth: 1 }, kind & 1);
}
