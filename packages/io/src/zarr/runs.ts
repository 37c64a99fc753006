import { readerBudget } from "./limits.js";
import type { ChunkRange } from "./shard.js";

/** Groups chunks whose ranges follow one another into single reads of bounded size. */
export function* runsOf<Chunk extends { range: ChunkRange | undefined }>(
  chunks: readonly Chunk[],
): Generator<{ range: ChunkRange | undefined; chunks: Chunk[] }> {
  let run: { range: ChunkRange; chunks: Chunk[] } | undefined;
  const sorted = [...chunks].sort((a, b) => (a.range?.offset ?? 0) - (b.range?.offset ?? 0));
  for (const chunk of sorted) {
    const { range } = chunk;
    if (!range) {
      yield { range, chunks: [chunk] };
      continue;
    }
    const end = run ? run.range.offset + run.range.length : -1;
    if (run && end === range.offset && run.range.length + range.length <= readerBudget.runBytes) {
      run.range = { offset: run.range.offset, length: run.range.length + range.length };
      run.chunks.push(chunk);
      continue;
    }
    if (run) yield run;
    run = { range, chunks: [chunk] };
  }
  if (run) yield run;
}
