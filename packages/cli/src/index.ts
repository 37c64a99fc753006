/** The library: what `import … from "fieldzip"` gives on Node. */
export {
  type Attribute,
  type Attributes,
  type CompressReport,
  Dataset,
  type DatasetSource,
  type DataType,
  type Dimension,
  FieldzipError,
  type Guarantee,
  isFieldzipError,
  type PredictorName,
  type Progress,
  type Selection,
  type Slab,
  subset,
  type Variable,
  type VariableSource,
} from "@fieldzip/core";
export {
  type OpenOptions,
  type OutputFormat,
  openArchive,
  openDataset,
  writeDataset,
} from "@fieldzip/io";
export {
  type DatasetPlan,
  type DeriveRequest,
  derive,
  type Exploration,
  exploreNetworks,
  type GridRequest,
  gridPlaces,
  type Places,
  planNetworks,
  resample,
  type Sampler,
  samplePoints,
  statistics,
  type VariableStatistics,
} from "@fieldzip/neural";
export {
  type CompareOptions,
  type Comparison,
  compare,
  type FieldComparison,
  type VariableComparison,
} from "./compare/compare.js";
export type { Difference } from "./compare/facts.js";
export { type CompressToOptions, compress } from "./compress.js";
export { type DecompressOptions, decompress } from "./decompress.js";
export { samplerOf } from "./sampling.js";
export { createThreadPool } from "./threads.js";
export { type VerifyOptions, type VerifyReport, verify } from "./verify.js";
