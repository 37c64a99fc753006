import { type Box, countOf } from "./box.js";
import { slabsOf } from "./chunk-grid.js";
import { bytesPerValue } from "./data-type.js";
import type { VariableSource } from "./dataset.js";

/** Values of a slab at least, however many variables go side by side. */
const FEWEST_VALUES = 2 ** 18;

/**
 * Every slab of every variable, C order: variables of one shape, type and stored chunk side by side, slab by slab,
 * so that what is stored or computed for several of them together is decoded or computed once. Slabs of those
 * side by side have at most `bytes` together, or one chunk each.
 */
export function* slabsTogether<Source extends VariableSource>(
  sources: readonly Source[],
  bytes: number,
  /** What slabs are whole numbers of. Default: the stored chunk. */
  unitOf: (source: Source) => readonly number[] = unitOfSource,
): Generator<{ readonly source: Source; readonly box: Box }> {
  const groups = new Map<string, Source[]>();
  for (const source of sources) {
    const key = `${source.shape} / ${source.dataType} / ${unitOf(source)}`;
    groups.set(key, [...(groups.get(key) ?? []), source]);
  }
  for (const group of groups.values()) {
    const [first] = group;
    if (countOf(first.shape) === 0) continue;
    const values = bytes / bytesPerValue(first.dataType);
    const share = Math.max(Math.min(values, FEWEST_VALUES), values / group.length);
    for (const box of slabsOf(first.shape, unitOf(first), Math.max(1, Math.floor(share)))) {
      for (const source of group) yield { source, box };
    }
  }
}

function unitOfSource({ storedChunk, shape }: VariableSource): readonly number[] {
  return storedChunk ?? shape.map(() => 1);
}
