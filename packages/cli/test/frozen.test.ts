import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bytesOf, decompressChunk, type FloatType } from "@fieldzip/core";
import { openArchive, openDataset } from "@fieldzip/io";
import { describe, expect, test } from "vitest";
import { verify } from "../src/index.js";

/** What a release wrote, every later one reads, to the same bits. */

interface FrozenStream {
  readonly file: string;
  readonly dataType: FloatType;
  readonly shape: number[];
  readonly sha256: string;
}
interface FrozenArchive {
  readonly file: string;
  readonly original: string;
}

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe.each(["v1"])("frozen files of %s", (version) => {
  const folder = join(root, "fixtures/frozen", version);
  const manifest: (FrozenStream | FrozenArchive)[] = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  const streams = manifest.filter((entry): entry is FrozenStream => "sha256" in entry);
  const archives = manifest.filter((entry): entry is FrozenArchive => "original" in entry);

  test.each(streams)("$file", async ({ file, dataType, shape, sha256 }) => {
    const stream = new Uint8Array(readFileSync(join(folder, file)));
    const values = await decompressChunk(stream, { dataType, shape, where: file });
    expect(createHash("sha256").update(bytesOf(values)).digest("hex")).toBe(sha256);
  });

  test.each(archives)("$file", async ({ file, original }) => {
    const archive = await openArchive(join(folder, file));
    const dataset = await openDataset(join(root, original));
    try {
      const report = await verify(archive, { against: dataset });
      expect(report.differences).toEqual([]);
    } finally {
      await archive.close();
      await dataset.close();
    }
  });
});
