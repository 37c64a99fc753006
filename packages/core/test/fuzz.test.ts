import { readdirSync, readFileSync } from "node:fs";
import { createDecoder } from "@fieldzip/kernels";
import { expect, test } from "vitest";
import { countOf } from "../src/array/box.js";
import { readHeader, type StreamHeader } from "../src/stream/header.js";
import { seeded } from "./support/fields.js";
import { reseal } from "./support/reseal.js";

/**
 * Mutates the frozen streams again and again, half of them with checksums that hold, and decodes them:
 * every one must end with a status, soon, and none may trap. FIELDZIP_FUZZ_SECONDS sets how long
 * (default 5; continuous integration takes 60). A round is made from its number alone, so that a
 * failure can be repeated.
 */
const seconds = Number(process.env.FIELDZIP_FUZZ_SECONDS ?? 5);
const folder = new URL("../../../fixtures/frozen/v1/", import.meta.url);
const streams = readdirSync(folder)
  .filter((name) => name.endsWith(".fzs"))
  .map((name) => {
    const stream = new Uint8Array(readFileSync(new URL(name, folder)));
    return { name, stream, header: readHeader(stream, name) };
  });

function mutate(stream: Uint8Array, header: StreamHeader, random: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  let mutated = stream.slice();
  for (let k = 1 + below(6); k > 0; k--) {
    const section = header.sections[below(header.sections.length)];
    const at = random() < 0.2 ? below(mutated.length) : section.offset + below(section.length);
    const kind = random();
    if (kind < 0.5) mutated[at] = below(256);
    else if (kind < 0.75) mutated[at] ^= 1 << below(8);
    else if (kind < 0.9) mutated.fill([0, 255, 128, 1][below(4)], at, at + below(16));
    else if (kind < 0.95) mutated.copyWithin(at, below(mutated.length), below(mutated.length));
    else mutated = mutated.slice(0, 16 + below(mutated.length));
  }
  return random() < 0.5 ? reseal(mutated) : mutated;
}

test(
  "no mutation of a frozen stream traps, hangs or takes memory that its size does not earn",
  () => {
    const decoder = createDecoder();
    const statuses = new Map<number, number>();
    const end = performance.now() + 1000 * seconds;
    let round = 0;
    for (; performance.now() < end; round++) {
      const { name, stream, header } = streams[round % streams.length];
      const mutated = mutate(stream, header, seeded(round));
      const started = performance.now();
      const { status } = decoder.decode(mutated, header.dataType, countOf(header.shape));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (performance.now() - started > 2000)
        expect.fail(`round ${round}, ${name}: over two seconds`);
    }
    // The rounds reach the inner decoder, and not only the checksums.
    expect(statuses.get(9) ?? 0).toBeGreaterThan(0);
    expect(statuses.get(12) ?? 0).toBeGreaterThan(0);
    expect((statuses.get(13) ?? 0) + (statuses.get(14) ?? 0)).toBeGreaterThan(0);
    expect(Math.max(...statuses.keys())).toBeLessThanOrEqual(21);
  },
  (seconds + 30) * 1000,
);
