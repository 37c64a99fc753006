import { expect, it } from "vitest";
import { build, root } from "./helpers.js";

// What programs may import. A name that goes away or changes breaks them: change these on purpose only.

it("the names of fieldzip", async () => {
  build();
  expect(Object.keys(await import(`${root}packages/cli/dist/index.js`)).sort()).toEqual([
    "Dataset",
    "FieldzipError",
    "compare",
    "compress",
    "createThreadPool",
    "decompress",
    "derive",
    "gridPlaces",
    "isFieldzipError",
    "openArchive",
    "openDataset",
    "resample",
    "samplePoints",
    "samplerOf",
    "statistics",
    "subset",
    "verify",
    "writeDataset",
  ]);
});

it("the names of fieldzip/browser", async () => {
  build();
  expect(Object.keys(await import(`${root}packages/cli/dist/browser.js`)).sort()).toEqual([
    "Dataset",
    "FieldzipError",
    "compress",
    "compressChunk",
    "createArchiveIn",
    "decompressChunk",
    "describeStream",
    "isFieldzipError",
    "memoryStore",
    "openArchive",
    "openArchiveIn",
    "runTask",
    "subset",
  ]);
});

it("the names of @fieldzip/core", async () => {
  build();
  const core = await import(`${root}packages/core/dist/index.js`);
  expect(Object.keys(core).sort()).toMatchInlineSnapshot(`
    [
      "Dataset",
      "FieldzipError",
      "LeastRecentlyUsed",
      "Variable",
      "abortedError",
      "addAgreement",
      "addSimilarity",
      "allocate",
      "baseName",
      "bitAgreement",
      "bytesOf",
      "bytesPerValue",
      "checkOptions",
      "chunkBox",
      "chunksOf",
      "compareSpectra",
      "compress",
      "compressChunk",
      "conservedSum",
      "conservedSums",
      "countOf",
      "crc32c",
      "decompressChunk",
      "describeStream",
      "difference",
      "differenceSums",
      "explainChunk",
      "extractBox",
      "fillValuesOf",
      "floatTypeOf",
      "forEachRun",
      "gridOf",
      "groupOf",
      "indicesOf",
      "inlinePool",
      "insertBox",
      "intersect",
      "isCoordinate",
      "isFieldzipError",
      "isFloatType",
      "isStepAxis",
      "limits",
      "memoryVariable",
      "mergeDifferences",
      "noSimilarity",
      "numbersOf",
      "powerSpectra",
      "powerSpectrum",
      "predictors",
      "psnrOf",
      "registerPredictor",
      "registerTask",
      "relativeTo",
      "resolveSelection",
      "runTask",
      "similarityReport",
      "similaritySums",
      "similarityWindow",
      "slabsOf",
      "slabsTogether",
      "spectrumReport",
      "stridesOf",
      "structuralSimilarity",
      "subset",
      "swapBytes",
      "textAttribute",
      "throwIfAborted",
      "viewBytes",
      "wholeBox",
      "withoutFillValues",
    ]
  `);
});
